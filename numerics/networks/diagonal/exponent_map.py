"""Local exponents of the risk over the plane of control exponents (theory.md N5), from state evolution alone."""

from __future__ import annotations

from concurrent.futures import Executor
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from ...errors import real
from ...power_sums import Array
from ...solution import ErrorKind, Solution, Status
from ..exponent_map import ExponentMap
from ..inputs import finite_vector
from .state_equations import solve_grid

STEP = 0.05
"""Half-width in log(dim) of the centred difference. Its error is STEP²/6 times the third derivative of log R, which is of
order one in a crossover: 4e-4 in the exponent; rounding of the risks (1e-12) adds 1e-11."""

TOGETHER = 16
"""Columns that are solved together: fewer start worse from each other, more leave less to share out among workers."""


def exponent_map(
    *, dim: float, decay: float, noise: float, a: ArrayLike, b: ArrayLike, executor: Executor | None = None
) -> Solution[ExponentMap]:
    """Measure the local exponent of the risk in dim at every point of a grid.

    Parameters
    ----------
    dim, decay, noise : float
        As of a problem.
    a, b : arrays
        The axes.
    executor : concurrent.futures.Executor, optional
        Where the grid goes, a few values of a at a time; the result does not depend on it.

    Returns
    -------
    Solution of ExponentMap
        `error` is the largest of its errors, absolute.

    Raises
    ------
    DomainError
        For axes that are no vectors of finite numbers, or controls outside their domain.

    Examples
    --------
    Least squares far above the threshold, R ~ noise dim/samples:

    >>> found = exponent_map(dim=1e8, decay=1.0, noise=1.0, a=[2.0], b=[-1.0]).value
    >>> round(float(found.exponent[0, 0]), 6)
    -1.0
    """
    columns, rows = finite_vector("a", a), finite_vector("b", b)
    centre = real("dim", dim, at_least=2)
    work = partial(_slopes, centre, decay, noise, rows)
    pieces = [columns[first : first + TOGETHER] for first in range(0, columns.size, TOGETHER)]
    found = list(map(work, pieces) if executor is None else executor.map(work, pieces))
    slope, error = (np.concatenate(parts) for parts in zip(*found, strict=True))
    value = ExponentMap(columns, rows, slope, error)
    worst = float(np.nanmax(error)) if np.isfinite(error).any() else np.inf
    missing = float(np.isnan(slope).sum())
    return Solution(value, Status.CONVERGED, worst, ErrorKind.ESTIMATE, "centred difference", {"missing": missing})


def _slopes(centre: float, decay: float, noise: float, rows: Array, columns: Array) -> tuple[Array, Array]:
    """Exponents and their errors on a piece of the grid."""
    logs, errors = zip(*(_log_risk(round(centre * np.exp(h)), decay, noise, columns, rows) for h in (-STEP, 0, STEP)))
    # The dimension is an integer: what counts is the step that was really made.
    place = np.log([float(round(centre * np.exp(h))) for h in (-STEP, 0, STEP)])
    left, right = (logs[1] - logs[0]) / (place[1] - place[0]), (logs[2] - logs[1]) / (place[2] - place[1])
    slope = (logs[2] - logs[0]) / (place[2] - place[0])
    return slope, np.abs(right - left) * STEP + (errors[0] + errors[2]) / (place[2] - place[0])


def _log_risk(dim: float, decay: float, noise: float, a: Array, b: Array) -> tuple[Array, Array]:
    """Log risk and its error on the grid at one dim; NaN where there is no solution."""
    grid = solve_grid(
        dim=dim, decay=decay, noise=noise, samples=float(dim) ** a, weight_decay=float(dim) ** b, checked=False
    )
    usable = np.array([[status.converged for status in row] for row in grid.status])
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(usable, np.log(grid.risk), np.nan), np.where(usable, grid.error, np.inf)
