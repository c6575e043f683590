"""Spectral shells side by side with SciPy: `python -m benchmarks.shells [--shells 10000] [--residuals 500]`.

Three comparisons, each checked for agreement first. (1) One loss at 1e-8 or better: the derived closed form and the integrated
characteristics against SciPy's stiff solvers, which are given the paths in log λ and the quadrature nodes, the cheapest way to
integrate the shells. Target: closed form 1,000 times faster than the best of them. (2) The transport equation on one grid: the
semi-Lagrangian scheme against BDF, LSODA and Radau on a third-order upwind discretisation with its exact banded Jacobian,
each at the tolerance named; the error is that of the loss. Target: 3 times faster than the best of them at an error no larger.
(3) A tanh network with 500 residuals, trained, with its whole budget. Target: under 60 s.

Ratios are taken repeat by repeat, ours and the rival's one after the other, so that a busy machine slows both; their range is
printed.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import mpmath
import numpy as np
import sympy as sp
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.sparse import csc_matrix, diags

from scalecheck.numerics.shells.characteristics import loss
from scalecheck.numerics.shells.closure import study
from scalecheck.numerics.shells.flow import PowerLaw
from scalecheck.numerics.shells.networks import network
from scalecheck.numerics.shells.training import train
from scalecheck.numerics.shells.transport import evolve
from scalecheck.proofs_checks.theories.shells.closed_loss import ClosedLoss, closed_loss
from scalecheck.theory.shells.letters import Direction

from . import rows as common

Array = NDArray[np.float64]
Timed = tuple[float, float]

# b = 2, m = 0, down; with a = c = 1 the loss is 1/(1 + t), in general 2F1(2/c, a; a + 1; -c t).
END, LOWEST = 1e6, 1e-16
SOLVERS = ("LSODA", "BDF", "Radau")
EVALUATIONS = 2000
"""Closed forms take microseconds: so many are timed together."""


def timed(call: Callable[[], float], count: int = 1) -> Timed:
    """Seconds a call, and the loss that came out."""
    start = time.perf_counter()
    for _ in range(count):
        value = call()
    return (time.perf_counter() - start) / count, value


def spread(ratios: list[float]) -> str:
    """Smallest to largest."""
    return f"{min(ratios):.3g} to {max(ratios):.3g}"


def race(ours: Callable[[], Timed], rivals: dict[str, Callable[[], Timed]], true: float, repeats: int) -> list[float]:
    """Time ours before every rival, print a line each, and return the ratios of the fastest of SciPy."""
    ratios: dict[str, list[float]] = {name: [] for name in rivals}
    seconds: dict[str, float] = {}
    errors: dict[str, float] = {}
    for _ in range(repeats):
        for name, rival in rivals.items():
            base, value = ours()
            spent, told = rival()
            ratios[name].append(spent / base)
            seconds[name], errors[name] = min(spent, seconds.get(name, spent)), abs(told / true - 1)
            seconds["ours"], errors["ours"] = min(base, seconds.get("ours", base)), abs(value / true - 1)
    for name in ("ours", *rivals):
        told = "" if name == "ours" else f"{spread(ratios[name])} x"
        print(f"  {name:38s} {seconds[name]:11.3e} s   error {errors[name]:.1e}   {told}", flush=True)
    stiff = [found for name, found in ratios.items() if name.startswith("SciPy")]
    return min(stiff, key=min)


def paths_by_scipy(method: str, rate: float, nodes: Array, weights: Array) -> float:
    """All paths and survivals as one system in t."""
    size = nodes.size

    def slope(_: float, state: Array) -> Array:
        level = np.exp(state[:size])
        return np.concatenate([-rate * level, 2 * level])

    def jacobian(_: float, state: Array) -> csc_matrix:
        level, zero = np.exp(state[:size]), np.zeros(size)
        parts = [np.concatenate([-rate * level, zero]), 2 * level]
        return csc_matrix(diags(parts, [0, -size], shape=(2 * size, 2 * size)))

    # LSODA knows no sparse Jacobian; these equations are decoupled, and it finds its own.
    more = {} if method == "LSODA" else {"jac": jacobian}
    start = np.concatenate([np.log(nodes), np.zeros(size)])
    found = solve_ivp(slope, (0, END), start, method=method, rtol=1e-9, atol=1e-10, t_eval=[END], **more)
    return float(weights @ np.exp(-found.y[size:, -1]))


def compare_losses(repeats: int) -> list[float]:
    """Comparison 1, at a = c = 1 and at numbers without a simpler form; the ratios of the fastest solver to the closed form."""
    began = time.perf_counter()
    closed = closed_loss(Direction.DOWN, sp.Integer(2), sp.Integer(0))
    print(f"  closed form {closed.formula.expression}, derived and compiled once: {time.perf_counter() - began:.2f} s")
    return min((compare_at(closed, a, c, repeats) for a, c in ((1.0, 1.0), (0.75, 1.5))), key=min)


def compare_at(closed: ClosedLoss, source: float, rate: float, repeats: int) -> list[float]:
    """One law; SciPy's solvers are given nodes and weights in log λ on (-40/a, 0)."""
    true = float(mpmath.hyp2f1(2 / mpmath.mpf(rate), source, source + 1, -rate * END))
    y, w = np.polynomial.legendre.leggauss(120)
    y, w = 20 / source * (y - 1), 20 / source * w
    nodes, weights = np.exp(y), source * w * np.exp(source * y)
    rivals: dict[str, Callable[[], Timed]] = {
        f"SciPy {m}, 120 paths": lambda m=m: timed(lambda: paths_by_scipy(m, rate, nodes, weights)) for m in SOLVERS
    }
    rivals["our characteristics, nodes found too"] = lambda: timed(
        lambda: loss(source=source, power=2.0, rate=rate, time=END).value.loss
    )
    print(f"  a = {source:g}, c = {rate:g}")
    return race(lambda: timed(lambda: float(closed(source, rate, END)), EVALUATIONS), rivals, true, repeats)


def upwind(edges: Array) -> csc_matrix:
    """dm/dt = A m on cells in log λ: third-order upwind for the velocity -λ, and decay."""
    size, width = edges.size - 1, edges[1] - edges[0]
    speed = np.exp(edges)[:-1] / width
    # m at the left edge of a cell, seen from the right: (2 m_{k-1} + 5 m_k - m_{k+1})/6 leaves cell k for k - 1.
    rows = np.arange(size)
    leaving = csc_matrix(diags([np.full(size - 1, 2 / 6), np.full(size, 5 / 6), np.full(size - 1, -1 / 6)], [-1, 0, 1]))
    flux = diags(speed) @ leaving
    gain = csc_matrix((np.ones(size - 1), (rows[:-1], rows[1:])), shape=(size, size))
    return csc_matrix(gain @ flux - flux - diags(2 * np.exp(0.5 * (edges[1:] + edges[:-1]))))


def banded(matrix: csc_matrix) -> Array:
    """LSODA's storage, two bands below and above."""
    size = matrix.shape[0]
    stored = np.zeros((5, size))
    for offset in range(-2, 3):
        values = matrix.diagonal(offset)
        column = slice(max(offset, 0), max(offset, 0) + values.size)
        stored[2 - offset, column] = values
    return stored


def grid_by_scipy(method: str, tolerance: float, edges: Array, mass: Array) -> float:
    """The same cells by the method of lines."""
    matrix = upwind(edges)
    more = {"jac": matrix}
    if method == "LSODA":
        stored = banded(matrix)
        more = {"jac": lambda *_: stored, "lband": 2, "uband": 2}
    found = solve_ivp(
        lambda _, m: matrix @ m, (0, END), mass, method=method, rtol=tolerance, atol=1e-14, t_eval=[END], **more
    )
    return float(found.y[:, -1].sum()) + LOWEST


def compare_grids(shells: int, tolerances: list[float], repeats: int) -> list[float]:
    """Comparison 2; the ratios of the fastest solver."""
    edges = np.log(LOWEST) * (1 - np.arange(shells + 1) / shells)
    mass = np.diff(np.exp(edges))
    law = PowerLaw.checked(power=2.0, rate=1.0, time_power=0.0, direction="down")

    def ours(steps: int) -> float:
        times = np.concatenate([[0.0], np.geomspace(1.0, END, steps) if steps > 1 else [END]])
        return float(evolve(law, edges, mass, times, at_zero=LOWEST).loss[-1])

    true = 1 / (1 + END)
    rivals = {
        f"SciPy {m}, rtol {r:.0e}": lambda m=m, r=r: timed(lambda: grid_by_scipy(m, r, edges, mass))
        for r in tolerances
        for m in SOLVERS
    }
    seven = timed(lambda: ours(7))
    print(
        f"  {shells} shells to t = {END:g}; ours in one step (in 7: {seven[0]:.2f} s, error {abs(seven[1] / true - 1):.1e})"
    )
    return race(lambda: timed(lambda: ours(1)), rivals, true, repeats)


def training(residuals: int) -> float:
    """Comparison 3; seconds of wall clock."""
    rng = np.random.default_rng(0)
    inputs = rng.standard_normal((residuals, 8)) * np.arange(1, 9) ** -0.5
    labels = np.sin(inputs @ rng.standard_normal(8)) + 0.3 * inputs[:, 0] ** 2
    net = network("tanh", inputs, width=16)
    top = float(np.linalg.norm(net.jacobian(net.initial(0)), 2)) ** 2
    start, processor = time.perf_counter(), time.process_time()
    run = train(net, labels, time=300.0 / top)
    middle = time.perf_counter()
    found = study(run.value)
    done = time.perf_counter()
    print(
        f"  tanh, {residuals} residuals, {net.size} weights: trained {middle - start:.1f} s, budget {done - middle:.1f} s "
        f"({time.process_time() - processor:.1f} s of processor); S5 closes to {found.budget.error:.0e}, "
        f"S1-S3 to {found.identities.worst:.0e}; {found.closure.value.status.name}"
    )
    return done - start


def rows(quick: bool) -> list[common.Row]:
    """For the common table: the closed form and the transport scheme against SciPy's stiff solvers, growth with shells."""
    closed = closed_loss(Direction.DOWN, sp.Integer(2), sp.Integer(0))
    y, w = np.polynomial.legendre.leggauss(120)
    nodes, weights = np.exp(20 * (y - 1)), 20 * w * np.exp(20 * (y - 1))
    true = 1 / (1 + END)
    found = []
    for method in SOLVERS[:1] if quick else SOLVERS:
        scipy = lambda m=method: paths_by_scipy(m, 1.0, nodes, weights)  # noqa: E731
        note = f"errors: ours {abs(closed(1.0, 1.0, END) / true - 1):.0e}, theirs {abs(scipy() / true - 1):.0e}"
        closed_form = lambda: closed(1.0, 1.0, END)  # noqa: E731
        found.append(common.race(f"shells.closed-form.solve_ivp-{method}", closed_form, scipy, repeats=3, note=note))
    shells = 1000 if quick else 10_000
    edges, mass = cells(shells)
    for method in ("BDF",) if quick else SOLVERS:
        scipy = lambda m=method: grid_by_scipy(m, 1e-4, edges, mass)  # noqa: E731
        note = f"errors: ours {abs(transported(shells)() / true - 1):.0e}, theirs {abs(scipy() / true - 1):.0e}"
        name = f"shells.transport-{shells}.solve_ivp-{method}"
        found.append(common.race(name, transported(shells), scipy, repeats=1, warm=False, note=note))
    found.append(common.growth(f"shells.shells-{10 * shells}", transported(shells), transported(10 * shells), 10.0))
    return found


def cells(shells: int) -> tuple[Array, Array]:
    """Edges in log λ and the energy between them at the start."""
    edges = np.log(LOWEST) * (1 - np.arange(shells + 1) / shells)
    return edges, np.diff(np.exp(edges))


def transported(shells: int) -> Callable[[], float]:
    """The loss at the end by the semi-Lagrangian scheme in one step."""
    edges, mass = cells(shells)
    law = PowerLaw.checked(power=2.0, rate=1.0, time_power=0.0, direction="down")
    return lambda: float(evolve(law, edges, mass, np.array([0.0, END]), at_zero=LOWEST).loss[-1])


def main() -> None:
    """Run the three comparisons and print what was reached."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shells", type=int, default=10_000)
    parser.add_argument("--residuals", type=int, default=500)
    parser.add_argument("--repeats", type=int, default=3, help="of the first comparison")
    parser.add_argument("--grid-repeats", type=int, default=1, help="of the second, whose rivals take minutes")
    parser.add_argument("--tolerances", type=float, nargs="*", default=[1e-4])
    options = parser.parse_args()
    loss(source=1.0, power=2.0, rate=1.0, time=2.0)  # nobody pays for the first import
    print("1. one loss at t = 1e6")
    closed = compare_losses(options.repeats)
    print("2. the transport equation")
    scheme = compare_grids(options.shells, options.tolerances, options.grid_repeats)
    print("3. a network and its budget")
    seconds = training(options.residuals)
    print(f"\n{'figure':58s} {'target':>10s}   measured")
    lines = (
        ("closed form against the fastest stiff solver", "1,000 x", spread(closed) + " x", min(closed) >= 1000),
        ("transport scheme against the fastest stiff solver", "3 x", spread(scheme) + " x", min(scheme) >= 3),
        (f"training and budget, {options.residuals} residuals", "60 s", f"{seconds:.1f} s", seconds < 60),
    )
    for name, target, found, reached in lines:
        print(f"{name:58s} {target:>10s}   {found}{'' if reached else '   NOT REACHED'}")


if __name__ == "__main__":
    main()
