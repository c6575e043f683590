"""Local exponents of the risk over the plane of control exponents (theory.md N5), from state evolution alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ...errors import real, require
from ...power_sums import Array
from ...solution import ErrorKind, Solution, Status
from ..teacher import PowerLaw
from .root_finding import Equations, begin, derivatives, joint_newton
from .starting_points import Controls
from .state_equations import QuadraticProblem, evolve

STEP = 1e-4
"""Relative step of dim in the one-sided derivative (at least one): its error is STEP/2 times a second derivative of order
one, and the integrals' 1e-12/STEP."""
GRADIENT_STEP = 1e-4
"""Step in log sigma and y. A contour that begins on an eigenvalue (threshold and s_k equal to rounding, as happens on grids
of round numbers) is off by 4e-8 on the plain rule: over this step that is 4e-4, over the solver's own 1e-7 it was 0.4."""
ACCURACY = 1e-3
"""Absolute error that a point is claimed to have: ten times that at dim 1e4 and above, where STEP is what is made; measured
against centred differences of solved risks (tests)."""


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
            trail: list[_Near] = []
            for j, y in enumerate(rows):
                equations = _equations(centre, decay, noise, float(x), float(y))
                point = _solution(equations, trail, float(x), float(y))
                if point is None:
                    trail = []
                    continue
                exponent[i, j], near = _local(equations, point, float(x), float(y))
                error[i, j] = ACCURACY + 1.0 / centre
                trail = [*trail[-1:], near]
    value = ExponentMap(columns, rows, exponent, error)
    finite = error[np.isfinite(error)]
    worst = float(finite.max()) if finite.size else np.inf
    missing = float(np.isnan(exponent).sum())
    return Solution(value, Status.CONVERGED, worst, ErrorKind.ESTIMATE, "implicit derivative", {"missing": missing})


def _equations(dim: float, decay: float, noise: float, a: float, b: float) -> Equations:
    return Equations(PowerLaw(dim, decay), Controls(dim**a, noise, dim ** (b + 0.5)))


class _Near(NamedTuple):
    """A neighbour's solution and Jacobian."""

    point: Array
    jacobian: Array


def _solution(equations: Equations, trail: list[_Near], a: float, b: float) -> Array | None:
    """The solution, started from the neighbours' extrapolated, from the crude model, or bracketed."""
    point = None
    if trail:
        start = 2.0 * trail[-1].point - trail[0].point
        start[1] = max(start[1], 0.5 * trail[-1].point[1])
        point = joint_newton(equations, start, trail[-1].jacobian)
    if point is None:
        point = joint_newton(equations, begin(equations))
    if point is None:
        teacher = equations.teacher
        dim = teacher.size
        found = evolve(QuadraticProblem(teacher, dim ** (1.0 + a), dim**b, equations.controls.noise, dim))
        if found.status.converged and "y" in found.statistics:
            point = np.array([found.statistics["log_sigma"], found.statistics["y"]])
    return point


def _local(equations: Equations, point: Array, a: float, b: float) -> tuple[float, _Near]:
    """Exponent at one solution, by the implicit derivative."""
    state = equations.at(*point)
    jacobian, gradient = derivatives(equations, point, state, GRADIENT_STEP)
    teacher = equations.teacher
    assert isinstance(teacher, PowerLaw)
    other = teacher.dim + max(1.0, float(round(STEP * teacher.dim)))
    made = np.log(other / teacher.dim)
    moved = _equations(other, teacher.decay, equations.controls.noise, a, b).at(*point)
    change = -np.linalg.solve(jacobian, (moved.residual - state.residual) / made)
    slope = np.log(moved.risk / state.risk) / made + gradient @ change
    return float(slope), _Near(point, jacobian)
