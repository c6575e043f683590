"""Trace-penalised regression over the cone, side by side, one duality gap for all: `python -m benchmarks.quadratic_minimisers`.

Columns: wall seconds, time relative to scalecheck, relative gap (recomputed and proved by the same certificate), rank.
Options: `--quick` (d = 30 only), `--long` (CVXPY at d = 100 as well: many minutes). CVXPY that is not installed is
named as missing; `pip install '.[bench]'` brings it.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from scalecheck.numerics.networks.quadratic.designs import QuadraticFeatures
from scalecheck.numerics.networks.quadratic.duality import certify
from scalecheck.numerics.networks.quadratic.experiment import draw
from scalecheck.numerics.networks.quadratic.minimiser import minimise
from scalecheck.numerics.networks.quadratic.training import train

from .rows import Row, growth, missing, race

Array = NDArray[np.float64]
Solver = Callable[[Array, Array, float], Array]

TARGET = 1e-8


def scalecheck_minimiser(inputs: Array, labels: Array, penalty: float) -> Array:
    """Proximal steps, Newton over a factor, interior point, certificate."""
    return minimise(inputs, labels, weight_decay=penalty / inputs.shape[1]).value.factor


def scalecheck_network(inputs: Array, labels: Array, penalty: float) -> Array:
    """The trained network, width = dim."""
    return train(inputs, labels, weight_decay=penalty / inputs.shape[1]).value.weights.T / math.sqrt(inputs.shape[1])


def plain(inputs: Array, labels: Array, penalty: float) -> Array:
    """What one writes down in an hour: FISTA with the step from a power iteration, its gap looked at every ten steps."""
    dim = inputs.shape[1]
    root = math.sqrt(dim)

    def measure(matrix: Array) -> Array:
        return ((inputs @ matrix * inputs).sum(axis=1) - np.trace(matrix)) / root

    def adjoint(residual: Array) -> Array:
        return (inputs.T @ (residual[:, None] * inputs) - residual.sum() * np.eye(dim)) / root

    probe = np.eye(dim)
    for _ in range(20):
        probe = adjoint(measure(probe))
        curvature = float(np.linalg.norm(probe))
        probe /= curvature
    curvature *= 2.1  # twice, for the gradient of a square, and a margin
    matrix = ahead = np.zeros((dim, dim))
    momentum = 1.0
    for step in range(1, 5001):
        gradient = penalty * np.eye(dim) - 2 * adjoint(labels - measure(ahead))
        values, basis = np.linalg.eigh(ahead - gradient / curvature)
        factor = basis * np.sqrt(np.maximum(values, 0))
        previous, matrix = matrix, factor @ factor.T
        following = 0.5 * (1 + math.sqrt(1 + 4 * momentum**2))
        ahead = matrix + (momentum - 1) / following * (matrix - previous)
        momentum = following
        if step % 10 == 0:
            residual = labels - measure(matrix)
            pull = 2 * adjoint(residual)
            shrink = min(1.0, penalty / float(np.linalg.eigvalsh(pull)[-1]))
            objective = float(residual @ residual) + penalty * float(np.trace(matrix))
            bound = 2 * shrink * float(residual @ labels) - shrink**2 * float(residual @ residual)
            if objective - bound <= TARGET * objective:
                break
    return factor[:, values > 0]


def cvxpy_with(solver: str, **options: float) -> Solver:
    """CVXPY with one of its conic solvers."""

    def solve(inputs: Array, labels: Array, penalty: float) -> Array:
        import cvxpy as cp

        dim = inputs.shape[1]
        products = (inputs[:, :, None] * inputs[:, None, :] - np.eye(dim)).reshape(-1, dim * dim) / math.sqrt(dim)
        matrix = cp.Variable((dim, dim), PSD=True)
        misfit = labels - products @ cp.vec(matrix, order="C")
        cp.Problem(cp.Minimize(cp.sum_squares(misfit) + penalty * cp.trace(matrix))).solve(solver=solver, **options)
        values, basis = np.linalg.eigh(0.5 * (matrix.value + matrix.value.T))
        return np.asarray(basis * np.sqrt(np.maximum(values, 0)))

    return solve


SOLVERS: dict[str, Solver] = {
    "scalecheck": scalecheck_minimiser,
    "network W": scalecheck_network,
    "plain FISTA": plain,
    "CVXPY, Clarabel": cvxpy_with("CLARABEL"),
    "CVXPY, SCS": cvxpy_with("SCS", eps_abs=1e-9, eps_rel=1e-9, max_iters=100_000),
}
LARGEST_CVXPY = 50


def row(name: str, solver: Solver, inputs: Array, labels: Array, penalty: float, base: float) -> tuple[str, float]:
    """One line of the table and the seconds it took (NaN where there is no result)."""
    try:
        solver(inputs[:40, :5], labels[:40], 0.3 * penalty)  # imports and compilation are not what is measured
        start = time.perf_counter()
        factor = solver(inputs, labels, penalty)
    except ImportError as missing:
        return f"{name:16s} not installed ({missing.name}): pip install '.[bench]'", math.nan
    seconds = time.perf_counter() - start
    gap = certify(QuadraticFeatures(inputs), labels, factor, penalty).relative_gap
    sizes = np.linalg.svd(factor, compute_uv=False) ** 2
    rank = int(np.sum(sizes > 1e-6 * sizes[0]))
    return f"{name:16s} {seconds:9.3f} s {seconds / (base or seconds):9.2f} x   gap {gap:8.1e}   rank {rank}", seconds


def rows(quick: bool) -> list[Row]:
    """For the common table: every rival on the same problem with the same recomputed gap, and growth with dim."""
    found = []
    for dim, samples, decay in ((30, 400, 1.0),) if quick else ((30, 400, 1.0), (30, 400, 0.1), (100, 3000, 1.0)):
        case = drawn(dim, samples, decay)
        for name, solver in SOLVERS.items():
            if name != "scalecheck" and not name.startswith("network"):
                identifier = (
                    f"quadratic_minimisers.{name.lower().replace(', ', '-').replace(' ', '-')}.d-{dim}.decay-{decay:g}"
                )
                large = name.startswith("CVXPY") and dim > LARGEST_CVXPY
                found.append(
                    missing(identifier, "takes minutes: left out") if large else against(identifier, solver, case)
                )
    small, big = 30, 60 if quick else 100
    less, more = (drawn(dim, dim * dim // 3, 1.0) for dim in (small, big))
    call = (lambda: scalecheck_minimiser(*less)), (lambda: scalecheck_minimiser(*more))
    found.append(growth(f"quadratic_minimisers.dim-{big}", *call, big / small, note="n = d^2/3"))
    return found


def drawn(dim: int, samples: int, decay: float) -> tuple[Array, Array, float]:
    """Inputs, labels, penalty."""
    problem = draw(dim=dim, samples=samples, decay=1.0, noise=0.25, seed=0)
    assert isinstance(problem.design, QuadraticFeatures)
    return np.asarray(problem.design.inputs), problem.labels, dim * decay


def against(identifier: str, solver: Solver, case: tuple[Array, Array, float]) -> Row:
    """Ours against one rival, with the true gap that each reached."""
    inputs, labels, penalty = case
    try:
        solver(inputs[:40, :5], labels[:40], 0.3 * penalty)
        theirs = certify(QuadraticFeatures(inputs), labels, solver(*case), penalty).relative_gap
    except ImportError as absent:
        return missing(identifier, f"not installed: {absent.name}")
    ours = certify(QuadraticFeatures(inputs), labels, scalecheck_minimiser(*case), penalty).relative_gap
    note = f"true gaps: ours {ours:.0e}, theirs {theirs:.0e}"
    slow = "cvxpy" in identifier
    return race(
        identifier,
        lambda: scalecheck_minimiser(*case),
        lambda: solver(*case),
        repeats=1 if slow else 3,
        warm=not slow,
        note=note,
    )


def main() -> None:
    """Print the table for each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="d = 30 only")
    parser.add_argument("--long", action="store_true", help="CVXPY at d = 100 as well")
    options = parser.parse_args()
    sizes = [(30, 400, 1.0), (30, 400, 0.1), (100, 3000, 1.0), (100, 3000, 0.1), (200, 8000, 1.0)]
    for dim, samples, decay in sizes[:2] if options.quick else sizes:
        problem = draw(dim=dim, samples=samples, decay=1.0, noise=0.25, seed=0)
        assert isinstance(problem.design, QuadraticFeatures)
        print(f"\nd = {dim}, n = {samples}, weight decay = {decay:g}")
        base = 0.0
        for name, solver in SOLVERS.items():
            if name.startswith("CVXPY") and dim > LARGEST_CVXPY and not (options.long and dim <= 100 and decay == 1):
                print(f"{name:16s} left out at this size (--long: at d = 100)")
                continue
            line, seconds = row(name, solver, np.asarray(problem.design.inputs), problem.labels, dim * decay, base)
            base = base or seconds
            print(line, flush=True)


if __name__ == "__main__":
    main()
