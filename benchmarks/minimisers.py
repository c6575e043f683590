"""LASSO minimisers side by side, each judged by the same recomputed duality gap: `python -m benchmarks.minimisers`.

Columns: seconds, time relative to scalecheck, relative gap (each library's own `tol` means something else), support.
Libraries that are not installed are named as missing; `pip install '.[bench]'` brings them.
"""

from __future__ import annotations

import argparse
import math
import time
import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from scalecheck.numerics.networks.diagonal.experiment import Problem, draw
from scalecheck.numerics.networks.diagonal.minimiser import duality_gap, minimise
from scalecheck.numerics.networks.diagonal.training import train

from .rows import Row, growth, missing, race

Array = NDArray[np.float64]
Solver = Callable[[Array, Array, float], Array]

# CVXPY needs minutes beyond this many entries of the design.
LARGEST_CVXPY = 500_000


def scalecheck_minimiser(design: Array, labels: Array, penalty: float) -> Array:
    """Coordinate descent, active set, certificate."""
    return minimise(design, labels, weight_decay=penalty / math.sqrt(design.shape[1])).value.weights


def scalecheck_network(design: Array, labels: Array, penalty: float) -> Array:
    """The trained network."""
    return train(design, labels, weight_decay=penalty / math.sqrt(design.shape[1])).value.weights


def scikit_learn(design: Array, labels: Array, penalty: float) -> Array:
    from sklearn.linear_model import Lasso

    model = Lasso(alpha=penalty / labels.size, fit_intercept=False, tol=1e-10, max_iter=100_000)
    return np.asarray(model.fit(design, labels).coef_)


def celer(design: Array, labels: Array, penalty: float) -> Array:
    from celer import Lasso

    return np.asarray(Lasso(alpha=penalty / labels.size, fit_intercept=False, tol=1e-10).fit(design, labels).coef_)


def skglm(design: Array, labels: Array, penalty: float) -> Array:
    from skglm import Lasso

    return np.asarray(Lasso(alpha=penalty / labels.size, fit_intercept=False, tol=1e-10).fit(design, labels).coef_)


def cvxpy(design: Array, labels: Array, penalty: float) -> Array:
    import cvxpy as cp

    if design.size > LARGEST_CVXPY:
        raise NotImplementedError(f"skipped above {LARGEST_CVXPY} entries")
    theta = cp.Variable(design.shape[1])
    cp.Problem(cp.Minimize(cp.sum_squares(labels - design @ theta) / 2 + penalty * cp.norm1(theta))).solve()
    return np.asarray(theta.value)


SOLVERS: dict[str, Solver] = {
    "scalecheck": scalecheck_minimiser,
    "scikit-learn": scikit_learn,
    "celer": celer,
    "skglm": skglm,
    "CVXPY": cvxpy,
    "network (a, w)": scalecheck_network,
}
LARGEST_NETWORK = 400


def row(name: str, solver: Solver, design: Array, labels: Array, penalty: float, base: float) -> tuple[str, float]:
    """One line of the table and the seconds it took (NaN where there is no result)."""
    if name.startswith("network") and design.shape[1] > LARGEST_NETWORK:
        return f"{name:16s} skipped above dim {LARGEST_NETWORK} (dense Newton)", math.nan
    try:
        warm = 0.1 * float(np.abs(design[:8, :6].T @ labels[:8]).max())
        solver(design[:8, :6], labels[:8], warm)  # imports and compilation are not what is measured
        start = time.perf_counter()
        weights = solver(design, labels, penalty)
    except ImportError as missing:
        return f"{name:16s} not installed ({missing.name}): pip install '.[bench]'", math.nan
    except NotImplementedError as reason:
        return f"{name:16s} {reason}", math.nan
    seconds = time.perf_counter() - start
    gap, support = (
        duality_gap(design, labels, weights, penalty),
        int(np.sum(np.abs(weights) > 1e-12 * np.abs(weights).max())),
    )
    return (
        f"{name:16s} {seconds:9.4f} s {seconds / (base or seconds):8.2f} x   gap {gap:8.1e}   support {support}",
        seconds,
    )


def rows(quick: bool) -> list[Row]:
    """For the common table: every rival on the same problem, and growth with dim."""
    found: list[Row] = []
    for samples, dim, fraction in SIZES[:2] if quick else SIZES:
        problem = draw(dim=dim, samples=samples, decay=1.0, noise=0.25, seed=0)
        penalty = fraction * float(np.abs(problem.design.T @ problem.labels).max())
        case = (problem.design, problem.labels, penalty)
        for name, solver in SOLVERS.items():
            if name != "scalecheck" and not name.startswith("network"):
                found.append(against(f"minimisers.{name.lower()}.n-{samples}.penalty-{fraction:g}", solver, case))
    small, large = (
        draw(dim=dim, samples=dim // 2, decay=1.0, noise=0.25, seed=0) for dim in (200, 400 if quick else 2000)
    )

    def minimised(problem: Problem) -> Callable[[], object]:
        penalty = 0.01 * float(np.abs(problem.design.T @ problem.labels).max())
        return lambda: scalecheck_minimiser(problem.design, problem.labels, penalty)

    times = large.design.shape[1] / small.design.shape[1]
    found.append(
        growth(
            f"minimisers.dim-{large.design.shape[1]}",
            minimised(small),
            minimised(large),
            times,
            note="entries grow as dim^2",
        )
    )
    return found


def against(identifier: str, solver: Solver, case: tuple[Array, Array, float]) -> Row:
    """Ours against one rival, with the true gap that each reached."""
    design, labels, penalty = case
    try:
        warm = 0.1 * float(np.abs(design[:8, :6].T @ labels[:8]).max())
        solver(design[:8, :6], labels[:8], warm)
        gap = duality_gap(design, labels, solver(*case), penalty)
    except ImportError as absent:
        return missing(identifier, f"not installed: {absent.name}")
    except NotImplementedError as reason:
        return missing(identifier, str(reason))
    ours = duality_gap(design, labels, scalecheck_minimiser(*case), penalty)
    note = f"true gaps: ours {ours:.0e}, theirs {gap:.0e}"
    slow = identifier.startswith("minimisers.cvxpy")
    return race(
        identifier,
        lambda: scalecheck_minimiser(*case),
        lambda: solver(*case),
        repeats=1 if slow else 3,
        warm=not slow,
        note=note,
    )


SIZES = [(200, 400, 1e-1), (200, 400, 1e-4), (2000, 4000, 1e-1)]


def main() -> None:
    """Print the table for each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="the smallest size only")
    for samples, dim, fraction in SIZES[:1] if parser.parse_args().quick else SIZES:
        problem = draw(dim=dim, samples=samples, decay=1.0, noise=0.25, seed=0)
        penalty = fraction * float(np.abs(problem.design.T @ problem.labels).max())
        print(f"\nn = {samples}, d = {dim}, penalty = {fraction:g} of max |X'y|")
        base = 0.0
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # unconverged rivals complain; the gap in the table says it
            for name, solver in SOLVERS.items():
                line, seconds = row(name, solver, problem.design, problem.labels, penalty, base)
                base = base or seconds
                print(line, flush=True)


if __name__ == "__main__":
    main()
