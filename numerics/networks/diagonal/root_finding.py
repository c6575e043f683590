"""Solving the two state equations: joint damped Newton in logarithms, and a nested bracket that cannot fail.

Existence. The second equation decreases in log alpha from log((dof = d) or penalty = infinity) to -infinity, so that for
each tau it has one root alpha_2(tau). Along it the first residual h(tau) is positive as tau -> 0 and negative as
tau -> infinity (the soft threshold contracts: rho(0, alpha) < pi(0, alpha)), so h has a zero, which bracketing finds.
Uniqueness is known for noise > 0 (see `state_equations`), and what the tests probe from many starts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from ...power_sums import Array
from ..teacher import Teacher
from .residuals import ROUNDING, TINY, Balance, Points, balance

# Newton is quadratic: a step this small leaves an error of its square times a curvature of order one.
SMALL_STEP = 1e-6
# Largest change of log tau or log alpha in one step; 2 crosses any phase boundary without leaving its neighbourhood.
# Halved every TIRED iterations, to break cycles (seen near the interpolation peak).
LARGEST_STEP, TIRED = 2.0, 16
# Joint iterations before the bracketing takes over. Cold starts need 5-9 in the phases, 20-30 on the peak at n = d.
JOINT_ITERATIONS = 48
# Steps of one safeguarded one-dimensional search; bisection alone needs 60 on the whole range, crossing it by
# steps of 4 needs 300.
BRACKET_ITERATIONS = 500
# Logarithms stay inside the range of floats.
LOG_RANGE = 600.0
# A last correction of log tau or log alpha beyond this says that the iteration has not arrived.
LOOSE_STEP = 1e-5
# A correction beyond this is looked into: Newton's own remainder is SMALL_STEP^2, rounding mostly below 1e-12.
SMALL_ERROR = 1e-11
# Further corrections then; one is enough unless the equations are nearly singular.
POLISH_ITERATIONS = 2


class Roots(NamedTuple):
    """Roots and what they are worth, one row a point."""

    unknowns: Array
    """log tau, log alpha."""
    risk: Array
    """R = tau^2 sum rho."""
    kept: Array
    """sum pi, the degrees of freedom."""
    error: Array
    """Relative error of the risk: last correction plus propagated rounding."""
    residual: Array
    """Largest residual before that last correction."""
    iterations: Array


def starting_point(points: Points) -> Array:
    """Return a guess that is right within a few e-folds in every phase.

    alpha: a teacher of noise alone, plus the bias Lambda/n. tau: the risk of clipping the teacher at the threshold.
    """
    n = points.samples
    alpha = -ndtri(0.5 * np.minimum(1.0, 0.5 * n / points.teacher.size))
    risk = np.full_like(n, points.teacher.rough_power)
    with np.errstate(over="ignore"):
        for _ in range(2):
            log_tau = 0.5 * (np.log(points.noise + risk + TINY) - np.log(n))
            threshold = alpha * np.exp(log_tau) + points.penalty / n
            risk = _clipped_power(points.teacher, np.clip(threshold, 1e-150, 1e150))
        log_tau = 0.5 * (np.log(points.noise + risk + TINY) - np.log(n))
        log_alpha = np.log(alpha + np.exp(np.log(points.penalty + TINY) - np.log(n) - log_tau))
    return np.asarray(np.clip(np.stack([log_tau, log_alpha], axis=1), -LOG_RANGE, LOG_RANGE))


def _clipped_power(teacher: Teacher, threshold: Array) -> Array:
    """Sum of min(theta, threshold)^2."""
    nodes = teacher.nodes(threshold[:, None])
    return np.asarray(nodes.total(np.minimum(nodes.values, threshold[nodes.owner, None]) ** 2)[0])


def newton_step(state: Balance) -> Array:
    """Solve the 2 x 2 systems by Cramer's rule, rows scaled; NaN where singular."""
    (a, b), (c, d) = np.moveaxis(state.jacobian, 0, -1)
    r, s = state.residual.T
    with np.errstate(all="ignore"):
        determinant = a * d - b * c
        return np.stack([(b * s - d * r) / determinant, (c * r - a * s) / determinant], axis=1)


def joint_newton(points: Points, start: Array) -> tuple[Array, Array]:
    """Damped Newton on all points at once; returns unknowns (NaN where it did not converge) and iterations used."""
    unknowns = start.copy()
    used = np.zeros(start.shape[0])
    active = np.arange(start.shape[0])
    for iteration in range(JOINT_ITERATIONS):
        step = newton_step(balance(points[active], unknowns[active]))
        largest = np.abs(step).max(axis=1)
        limit = LARGEST_STEP * 0.5 ** (iteration // TIRED)
        step *= np.minimum(1.0, limit / np.maximum(largest, 1e-300))[:, None]
        moved = unknowns[active] + step
        lost: NDArray[np.bool_] = np.logical_not((np.abs(moved) <= LOG_RANGE).all(axis=1))
        unknowns[active] = np.where(lost[:, None], np.nan, moved)
        used[active] += 1
        active = active[~lost & (largest > SMALL_STEP)]
        if active.size == 0:
            break
    unknowns[active] = np.nan
    return unknowns, used


def decreasing_root(function: Callable[[float], tuple[float, float]], start: float, tolerance: float) -> float:
    """Return the root of a decreasing function given with its slope: Newton inside a bracket, bisection where it is slow.

    Slow is a step of more than half of the one before. A step within the tolerance is the last, also where rounding takes it
    onto an end of the bracket, which would then be halved down to nothing.
    """
    low, high, x, reach, before = -np.inf, np.inf, start, 4.0, np.inf
    for _ in range(BRACKET_ITERATIONS):
        value, slope = function(x)
        low, high = (x, high) if value > 0.0 else (low, x)
        step = -value / slope if slope < 0.0 and np.isfinite(value) else np.copysign(reach, value)
        new = x + min(max(float(step), -reach), reach)
        bounded = low > -np.inf and high < np.inf and abs(new - x) > tolerance
        if bounded and (not low < new < high or abs(new - x) > 0.5 * before):
            new = 0.5 * (low + high)
        new = min(max(new, -LOG_RANGE), LOG_RANGE)
        reach *= 2.0  # a root may be hundreds away, in penalties or noises of 1e-250
        before = abs(new - x)
        if before <= tolerance:
            return new
        x = new
    return x


def nested_bracket(point: Points, start: Array) -> Array:
    """Solve one point by bracketing tau, with alpha_2(tau) bracketed inside: slow (some 10 ms), and sure."""
    inner = float(start[1])

    def second(log_tau: float) -> Callable[[float], tuple[float, float]]:
        def residual(log_alpha: float) -> tuple[float, float]:
            state = balance(point, np.array([[log_tau, log_alpha]]))
            return float(state.residual[0, 1]), float(state.jacobian[0, 1, 1])

        return residual

    def first(log_tau: float) -> tuple[float, float]:
        nonlocal inner
        inner = decreasing_root(second(log_tau), inner, 1e-12)
        state = balance(point, np.array([[log_tau, inner]]))
        (a, b), (c, d) = state.jacobian[0]
        return float(state.residual[0, 0]), float(a - b * c / d) if d != 0.0 else float(a)

    outer = decreasing_root(first, float(start[0]), 1e-9)
    first(outer)
    return np.array([outer, inner])


def _risk_gradient(state: Balance) -> Array:
    """Derivative of log R = 2 log tau + log sum rho."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.array([2.0, 0.0]) + state.sums.risk_slope / state.sums.risk[:, None]


def _rounding_error(state: Balance, gradient: Array) -> Array:
    """|gradient J^-1| times the rounding of the residuals: what no further step can remove."""
    (a, b), (c, d) = np.moveaxis(state.jacobian, 0, -1)
    with np.errstate(all="ignore"):
        determinant = a * d - b * c
        first = np.abs((gradient[:, 0] * d - gradient[:, 1] * c) / determinant)
        second = np.abs((gradient[:, 1] * a - gradient[:, 0] * b) / determinant)
    return np.asarray((first + second) * ROUNDING)


def _corrected(points: Points, unknowns: Array, iterations: Array) -> Roots:
    """One Newton step on the refined rule; `error` is that correction of the risk, and rounding."""
    state = balance(points, unknowns, refined=True)
    step, gradient = newton_step(state), _risk_gradient(state)
    correction = _risk_change(gradient, step)
    step = np.clip(np.nan_to_num(step), -0.1, 0.1)
    log_risk = 2.0 * unknowns[:, 0] + np.log(state.sums.risk) + (gradient * step).sum(axis=1)
    return Roots(
        unknowns=unknowns + step,
        risk=np.exp(log_risk),
        kept=state.sums.kept + (state.sums.kept_slope * step).sum(axis=1),
        error=correction + _rounding_error(state, gradient),
        residual=np.abs(state.residual).max(axis=1),
        iterations=iterations + 1,
    )


def _risk_change(gradient: Array, step: Array) -> Array:
    """Change of log R by a step: infinite where tau and alpha still move, lest a coincidence pass for convergence."""
    moving = ~(np.abs(step).max(axis=1) < LOOSE_STEP)
    return np.where(moving, np.inf, np.abs((gradient * step).sum(axis=1)))


def polish(points: Points, unknowns: Array, iterations: Array) -> Roots:
    """Correct roots of the plain rule on the refined one, and estimate what error is left.

    The first correction is the distance of the two rules' roots (plus what Newton had left): an estimate of the error of
    the plain rule, claimed for the better one. Where it is not small the correction is repeated to tell the two apart,
    and the distance of the rules is measured at the end, by the step back that the plain rule would take.
    """
    roots = _corrected(points, unknowns, iterations)
    rest = np.flatnonzero(~(roots.error <= SMALL_ERROR))
    for _ in range(POLISH_ITERATIONS if rest.size else 0):
        again = _corrected(points[rest], roots.unknowns[rest], roots.iterations[rest])
        for field, better in zip(roots, again, strict=True):
            field[rest] = better
    if rest.size:
        plain = balance(points[rest], roots.unknowns[rest])
        roots.error[rest] += _risk_change(_risk_gradient(plain), newton_step(plain))
    error = np.where(np.isnan(roots.error), np.inf, roots.error) + 32 * np.finfo(np.float64).eps
    return roots._replace(error=error)


def find_roots(points: Points, start: Array | None = None) -> Roots:
    """Solve every point: joint Newton, bracketing where that failed, then polish and estimate the error."""
    begin = starting_point(points) if start is None else start
    unknowns, used = joint_newton(points, begin)
    lost = np.flatnonzero(np.isnan(unknowns).any(axis=1))
    if start is not None and lost.size:
        begin[lost] = starting_point(points[lost])
        unknowns[lost], again = joint_newton(points[lost], begin[lost])
        used[lost] += again
        lost = lost[np.isnan(unknowns[lost]).any(axis=1)]
    for index in lost:
        unknowns[index] = nested_bracket(points[index : index + 1], begin[index])
    return polish(points, unknowns, used)
