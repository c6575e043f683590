"""Solving the two state equations of the quadratic network: damped Newton, and a nested bracket that cannot fail.

Unknowns are log sigma and y = asinh(u/sigma), where the contour starts above u on Biane's curve and the threshold is
x(u): explicit, increasing in u, and zero or negative at u = 0. The first equation is log((noise + R)/(4 u sigma^2)) = 0 up
to the closure's factor. The second, Lambda' = 4 u t (1 - dof/n), is the root of a product ab = c of two increasing
functions of y, a = t/sigma and b = 1 - dof/n, with a + b >= 0: their soft minimum, smooth and increasing, and for c = 0 their
minimum. That is the limit of vanishing weight decay from above: t = 0, or interpolation, whichever comes last.

Existence: for every sigma the second equation has one root (its function runs from below 0 at y = 0 to infinity).
Along it the first residual is positive as sigma -> 0 and negative as sigma -> infinity, unless the equations degenerate
(`state_equations.solve` says where).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from ...power_sums import Array
from ..teacher import Teacher
from .spectral_integrals import Integrals, Start, cut_at, integrals
from .starting_points import Controls, starting_point

# Steps of finite differences: the integrals are good to 1e-13, their curvature is of order one, except in y near the edge
# of the bulk at u = sigma, where the degrees of freedom are a power 5/2 of the distance: there a share of it.
DIFFERENCE, SHARE, EDGE = 1e-7, 1e-3, float(np.arcsinh(1.0))
# Joint iterations before the nested bracket takes over; 5 to 12 are usual.
JOINT_ITERATIONS = 40
# Largest change of log sigma or y in one step.
LARGEST_STEP = 1.0
# A step this small ends the iteration: one more Newton step on the refined rule follows.
SMALL_STEP = 1e-6
# A larger residual with so small a step says that the updated Jacobian has gone astray.
SMALL_RESIDUAL = 1e-4
# Steps of one bracketed search.
BRACKET_ITERATIONS = 200
LARGEST_Y, LOWEST_LOG, LARGEST_LOG = 280.0, -250.0, 150.0
# Tolerances of the bracket: loose enough to hand back to Newton's method, and, should that fail again, final.
LOOSE, STRICT = 1e-4, 1e-13
# Corrections on the refined rule: the Jacobian by differences is good to 1e-6, so that two reach rounding.
REFINED_STEPS = 3
# An error of the risk beyond which a root of Newton's is compared with that of the bracket.
DOUBTFUL = 1e-6
# Relative rounding of the integrals: the two rules agree to 1e-14 ... 2e-13 where both have converged.
ROUNDING = 2e-13


class State(NamedTuple):
    """The equations evaluated at one trial point."""

    residual: Array
    """Logarithm of the noise balance, and the soft minimum of the penalty balance."""
    risk: float
    freedom: float
    """Degrees of freedom over dim."""
    start: Start
    sums: Integrals
    slack: float
    """1 - dof/n."""


@dataclass(frozen=True)
class Equations:
    """The state equations of one problem.

    Parameters
    ----------
    teacher : Teacher
        Spectrum in units of sqrt(dim).
    controls : Controls
        u = samples/dim, noise, Lambda'.
    finite : bool
        Whether the finite-d closure is meant (theory.md N4).
    """

    teacher: Teacher
    controls: Controls
    finite: bool = False
    evaluations: list[int] = field(default_factory=lambda: [0])

    def at(self, log_sigma: float, y: float, *, refined: bool = False) -> State:
        """Evaluate risk, degrees of freedom and both residuals."""
        self.evaluations[0] += 1
        sigma, dim = float(np.exp(log_sigma)), self.teacher.size
        variance = sigma**2
        parts, start = cut_at(self.teacher, sigma * float(np.sinh(y)), variance / dim, refined=refined)
        sums = integrals(parts, start, variance / dim, refined=refined)
        risk, freedom, factor = 2.0 * sums.risk, sums.freedom, 1.0
        if self.finite:
            risk += 4.0 * variance / (dim + 1.0) * (sums.above - 2.0 * sums.freedom)
            freedom, factor = freedom + 0.5 * sums.above / dim, dim / (dim + 1.0)
        ratio, noise, penalty = self.controls
        slack = 1.0 - freedom / ratio
        return State(
            np.array(
                [
                    np.log((noise + risk) / (4.0 * ratio * factor)) - 2.0 * log_sigma,
                    soft_root(start.threshold / sigma, slack, penalty / (4.0 * ratio * sigma)),
                ]
            ),
            risk,
            freedom,
            start,
            sums,
            slack,
        )


def soft_root(a: float, b: float, product: float) -> float:
    """Return a function increasing in a and b that vanishes exactly where ab = product with a + b >= 0.

    a + b - sqrt((a - b)^2 + 4 product); beyond a or b = -1 it grows by logarithms, so that steps from afar arrive.
    """
    b = b if b > 0.0 else -float(np.log1p(-b))
    total, gap = a + b, float(np.hypot(a - b, 2.0 * product**0.5))
    if total <= 0.0:
        return total - gap
    return 4.0 * (a * b - product) / (total + gap) if b > 0.0 else total - gap


def _step(jacobian: Array, residual: Array) -> Array:
    try:
        return np.asarray(-np.linalg.solve(jacobian, residual))
    except np.linalg.LinAlgError:
        return np.full(2, np.nan)


def joint_newton(equations: Equations, point: Array, jacobian: Array | None = None) -> Array | None:
    """Damped quasi-Newton iteration (Broyden's update between fresh Jacobians); None where it does not converge.

    A Jacobian of a nearby problem may be given to begin with.
    """
    point, fresh = point.copy(), False
    state = equations.at(*point)
    for _ in range(JOINT_ITERATIONS):
        if jacobian is None:
            jacobian, fresh = derivatives(equations, point, state)[0], True
        step = _step(jacobian, state.residual)
        largest = float(np.abs(step).max())
        if not np.isfinite(largest):
            return None
        if largest <= SMALL_STEP:
            if np.abs(state.residual).max() <= SMALL_RESIDUAL:
                return point + step
            if not fresh:
                jacobian = None
                continue
        step *= min(1.0, LARGEST_STEP / largest)
        new = point + step
        if new[1] < 0.0:
            new[1] = 0.5 * point[1]
            step = new - point
        following = equations.at(*new)
        if not np.isfinite(following.residual).all():
            return None
        before, after = np.abs(state.residual).max(), np.abs(following.residual).max()
        if (after > 0.3 * before and not fresh) or largest > 0.5:
            jacobian = None
        else:
            jacobian = jacobian + np.outer(following.residual - state.residual - jacobian @ step, step) / (step @ step)
        point, state, fresh = new, following, False
    return None


def rising_root(
    function: Callable[[float], float], start: float, step: float, tolerance: float, limits: tuple[float, float]
) -> float:
    """Return the root of an increasing function between limits, or the limit beyond which it lies.

    Bracket by growing steps, then regula falsi with bisection; the tolerance is absolute.
    """
    start = min(max(start, limits[0]), limits[1])
    low, high = start, start
    below = above = function(start)
    while below > 0.0 and low > limits[0]:
        high, above = low, below
        low = max(limits[0], low - step)
        below, step = function(low), 2.0 * step
    while above < 0.0 and high < limits[1]:
        low, below = high, above
        high = min(limits[1], high + step)
        above, step = function(high), 2.0 * step
    if above <= 0.0 or below >= 0.0:
        return high if above <= 0.0 else low
    side = 0
    for iteration in range(BRACKET_ITERATIONS):
        if high - low <= tolerance:
            break
        middle = (low * above - high * below) / (above - below)
        if iteration % 4 == 3 or not low < middle < high:
            middle = 0.5 * (low + high)
        value = function(middle)
        if value > 0.0:
            high, above = middle, value
            below, side = (0.5 * below if side > 0 else below), 1
        else:
            low, below = middle, value
            above, side = (0.5 * above if side < 0 else above), -1
    return 0.5 * (low + high)


def nested_bracket(equations: Equations, start: Array, tolerance: float) -> Array:
    """Bracket log sigma, with y bracketed inside: slow, and sure."""
    inner = float(start[1])

    def along(log_sigma: float) -> float:
        nonlocal inner

        def second(y: float) -> float:
            return float(equations.at(log_sigma, y).residual[1])

        inner = rising_root(second, inner, 0.05, 0.1 * tolerance, (0.0, LARGEST_Y - log_sigma))
        return -float(equations.at(log_sigma, inner).residual[0])

    outer = rising_root(along, float(start[0]), 0.2, tolerance, (LOWEST_LOG, LARGEST_LOG))
    along(outer)
    return np.array([outer, inner])


def begin(equations: Equations) -> Array:
    """The crude model's solution, as a starting point."""
    log_sigma, alpha = starting_point(equations.teacher, equations.controls)
    edge = 0.5 * alpha if alpha < 2.0 else 0.5 * (alpha + float(np.sqrt(alpha**2 - 4.0)))
    return np.array([log_sigma, float(np.arcsinh(edge))])


class Root(NamedTuple):
    """A solution and what it is worth."""

    point: Array
    state: State
    error: float
    """Relative, of the risk."""
    residual: float


def find_root(equations: Equations, start: Array | None = None) -> Root:
    """Solve, correct on the refined rule, and estimate the error of the risk."""
    with np.errstate(all="ignore"):
        found = None if start is None else joint_newton(equations, start)
        if found is None:
            found = joint_newton(equations, begin(equations))
        if found is None:
            return _bracketed(equations)
        root = polished(equations, found)
        if root.error <= DOUBTFUL:
            return root
        # Far out the noise balance dies away, at the threshold most of all: there Newton may end at what is no root.
        return min(root, _bracketed(equations), key=lambda either: either.error)


def _bracketed(equations: Equations) -> Root:
    """The root by the bracket, and by Newton from there where that converges."""
    crude = nested_bracket(equations, begin(equations), LOOSE)
    found = joint_newton(equations, crude)
    return polished(equations, nested_bracket(equations, crude, STRICT) if found is None else found)


def polished(equations: Equations, point: Array) -> Root:
    """Newton steps on the refined rule, and the error of the risk.

    To first order an error f of the residuals changes log R by -grad(log R) J^-1 f. What f is: what is left of the
    residuals, their rounding, and the distance of the two rules (claimed for the better one), which also moves R itself.
    """
    plain = equations.at(*point)
    jacobian, gradient = derivatives(equations, point, plain)
    state = equations.at(*point, refined=True)
    apart = np.abs(plain.residual - state.residual)
    change = abs(float(np.float64(plain.risk) / state.risk) - 1.0)
    for _ in range(REFINED_STEPS):
        step = _step(jacobian, state.residual)
        if not np.abs(step).max() > ROUNDING:
            break
        point = point + np.clip(np.nan_to_num(step), -0.1, 0.1)
        point[1] = max(point[1], 0.0)
        state = equations.at(*point, refined=True)
    leverage = np.abs(_step(jacobian.T, gradient))
    doubt = np.abs(state.residual) + apart + ROUNDING
    error = float(leverage @ doubt) + change + ROUNDING
    return Root(point, state, error if np.isfinite(error) else np.inf, float(np.abs(state.residual).max()))


def derivatives(
    equations: Equations, point: Array, state: State, difference: float = DIFFERENCE
) -> tuple[Array, Array]:
    """Jacobian of the residuals and gradient of log R, by differences."""
    columns, slopes = [], []
    for index in range(2):
        moved = point.copy()
        moved[index] += difference if index == 0 else min(difference, SHARE * abs(point[1] - EDGE) + 1e-11)
        made = moved[index] - point[index]
        following = equations.at(*moved)
        columns.append((following.residual - state.residual) / made)
        slopes.append(float(np.log(np.float64(following.risk) / state.risk)) / made)
    return np.stack(columns, axis=1), np.array(slopes)
