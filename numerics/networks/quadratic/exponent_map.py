"""Local exponents of the risk over the plane of control exponents (theory.md N5), from state evolution alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ...errors import real, require
from ...power_sums import Array
from ...solution import ErrorKind, Solution, Status
from ..teacher import PowerLaw
from .root_finding import Equations, begin, derivatives, joint_newton
from .starting_points import Controls
from .state_equations import QuadraticProblem, evolve

STEP = 1e-3
"""Relative step of dim in the derivative: its error is STEP/2 times a second derivative of order one."""
ACCURACY = 1e-3
"""Absolute error that a point is claimed to have where no other estimate exceeds it: twice the step's."""


@dataclass(frozen=True, eq=False)
class ExponentMap:
    """d log R / d log dim at fixed (a, b), samples = dim^(1 + a) so that u = samples/dim = dim^a, weight_decay = dim^b.

    Parameters
    ----------
    a, b : arrays
        The axes.
    exponent : array of shape (a, b)
        Local exponents; NaN where state evolution has no solution.
    error : array of shape (a, b)
        Absolute, an estimate of each.
    """

    a: Array
    b: Array
    exponent: Array
    error: Array


def exponent_map(*, dim: float, decay: float, noise: float, a: ArrayLike, b: ArrayLike) -> Solution[ExponentMap]:
    """Measure the local exponent of the risk in dim at every point of a grid (p = d).

    At a solution x of f(x, log d) = 0 the exponent is that of log R along dx = -J^-1 df/d log d. A column starts each point
    from its neighbour.

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
    Many samples, R ~ noise dim^2/(2 samples):

    >>> found = exponent_map(dim=1e8, decay=1.0, noise=1.0, a=[4.0], b=[-1.0]).value
    >>> round(float(found.exponent[0, 0]), 3)
    -3.0
    """
    columns, rows = (np.asarray(axis, dtype=float) for axis in (a, b))
    for name, axis in (("a", columns), ("b", rows)):
        require(axis.ndim == 1 and axis.size > 0 and bool(np.isfinite(axis).all()), name, axis, "a vector of numbers")
    centre = float(round(real("dim", dim, at_least=100)))
    QuadraticProblem(PowerLaw(centre, decay), centre, 1.0, noise, centre)
    exponent, error = np.full((columns.size, rows.size), np.nan), np.full((columns.size, rows.size), np.inf)
    with np.errstate(all="ignore"):
        for i, x in enumerate(columns):
            near = None
            for j, y in enumerate(rows):
                exponent[i, j], error[i, j], near = _local(centre, decay, noise, float(x), float(y), near)
    value = ExponentMap(columns, rows, exponent, error)
    finite = error[np.isfinite(error)]
    worst = float(finite.max()) if finite.size else np.inf
    missing = float(np.isnan(exponent).sum())
    return Solution(value, Status.CONVERGED, worst, ErrorKind.ESTIMATE, "implicit derivative", {"missing": missing})


def _equations(dim: float, decay: float, noise: float, a: float, b: float) -> Equations:
    return Equations(PowerLaw(dim, decay), Controls(dim**a, noise, dim ** (b + 0.5)))


def _local(
    dim: float, decay: float, noise: float, a: float, b: float, near: Array | None
) -> tuple[float, float, Array | None]:
    """Exponent, its error and the solution at one point."""
    equations = _equations(dim, decay, noise, a, b)
    point = None if near is None else joint_newton(equations, near)
    if point is None:
        point = joint_newton(equations, begin(equations))
    if point is None:
        problem = QuadraticProblem(PowerLaw(dim, decay), dim ** (1.0 + a), dim**b, noise, dim)
        solution = evolve(problem)
        if not solution.status.converged or "y" not in solution.statistics:
            return np.nan, np.inf, None
        point = np.array([solution.statistics["log_sigma"], solution.statistics["y"]])
    state = equations.at(*point)
    jacobian, gradient = derivatives(equations, point, state)
    slopes = []
    for step in (-STEP, STEP):
        other = float(round(dim * np.exp(step)))
        moved = _equations(other, decay, noise, a, b).at(*point)
        made = np.log(other / dim)
        change = -np.linalg.solve(jacobian, (moved.residual - state.residual) / made)
        slopes.append(np.log(moved.risk / state.risk) / made + gradient @ change)
    return 0.5 * float(slopes[0] + slopes[1]), abs(float(slopes[1] - slopes[0])) + ACCURACY, point
