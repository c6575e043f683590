"""Local exponents of the risk over the plane of control exponents (theory.md N5), from state evolution alone."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ...errors import real
from ...power_sums import Array
from ...refinement import filled
from ...solution import ErrorKind, Solution, Status
from ..exponent_map import ExponentMap
from ..inputs import finite_vector
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

REACH = 1.0
"""Distance in b beyond which a neighbour says nothing: the unknowns move by log(dim) times as much."""


def exponent_map(
    *, dim: float, decay: float, noise: float, a: ArrayLike, b: ArrayLike, executor: Executor | None = None
) -> Solution[ExponentMap]:
    """Measure the local exponent of the risk in dim at every point of a grid (p = d).

    At a solution x of f(x, log d) = 0 the exponent is that of log R along dx = -J^-1 df/d log d. Along b each point starts
    from its neighbours, and where a finer grid than `COARSE` finds nothing new it is filled by cubic interpolation
    (`refinement`).

    Parameters
    ----------
    dim, decay, noise : float
        As of a problem.
    a, b : arrays
        The axes.
    executor : concurrent.futures.Executor, optional
        Where the values of a go, each on its own; the result does not depend on it.

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
    columns, rows = finite_vector("a", a), finite_vector("b", b)
    centre = float(round(real("dim", dim, at_least=100)))
    QuadraticProblem(PowerLaw(centre, decay), centre, 1.0, noise, centre)
    work = partial(_column, centre, decay, noise, rows)
    found = list(map(work, columns) if executor is None else executor.map(work, columns))
    exponent, error, solved = (np.array(item) for item in zip(*found, strict=True))
    value = ExponentMap(columns, rows, exponent, error)
    finite = error[np.isfinite(error)]
    worst = float(finite.max()) if finite.size else np.inf
    told = {"missing": float(np.isnan(exponent).sum()), "solved": float(solved.sum())}
    return Solution(value, Status.CONVERGED, worst, ErrorKind.ESTIMATE, "implicit derivative", told)


def _column(dim: float, decay: float, noise: float, rows: Array, a: float) -> tuple[Array, Array, int]:
    """Exponents and errors along b at one a, and how many of them were solved for."""
    known: dict[int, _Near] = {}
    slopes: dict[int, float] = {}

    def solve(index: int) -> tuple[float, float]:
        place = float(rows[index])
        equations = _equations(dim, decay, noise, float(a), place)
        with np.errstate(all="ignore"):
            point = _solution(equations, _beside(known, rows, index), float(a), place)
            if point is None:
                return np.nan, np.nan
            slopes[index], known[index] = _local(equations, point, float(a), place)
        return slopes[index], known[index].log_risk

    exponent, doubt = filled(rows, solve)
    return exponent, np.where(np.isnan(exponent), np.inf, ACCURACY + 1.0 / dim + doubt), len(slopes)


def _beside(known: Mapping[int, _Near], rows: Array, index: int) -> list[_Near]:
    """Two solved neighbours, nearest last, moved so that the point sought is as far beyond the last as the first before it.

    Neighbours on both sides are interpolated, two on one side extrapolated.
    """
    near = sorted(known, key=lambda other: abs(rows[other] - rows[index]))[:2]
    if not near or abs(rows[near[0]] - rows[index]) > REACH:
        return []
    last = known[near[0]]
    if len(near) == 1 or rows[near[0]] == rows[near[1]]:
        return [last]
    share = (rows[index] - rows[near[0]]) / (rows[near[0]] - rows[near[1]])
    return [last._replace(point=last.point - share * (last.point - known[near[1]].point)), last]


def _equations(dim: float, decay: float, noise: float, a: float, b: float) -> Equations:
    return Equations(PowerLaw(dim, decay), Controls(dim**a, noise, dim ** (b + 0.5)))


class _Near(NamedTuple):
    """A neighbour's solution, Jacobian and risk."""

    point: Array
    jacobian: Array
    log_risk: float


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
    return float(slope), _Near(point, jacobian, float(np.log(state.risk)))
