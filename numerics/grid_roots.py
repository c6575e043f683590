"""All solutions of one equation in one positive unknown: its sign is followed on a grid of the unknown's logarithm.

The grid spans every power of the large parameter within reach, so that all solutions on it are found and counted, and each
is refined by bracketing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise

import numpy as np
from scipy.optimize import brentq, minimize_scalar

from .equations import GRID_RATIO, RATIO, Array, Equation, scaled
from .errors import NotConverged

GRID_STEP = 1.0
"""Step of the logarithm of an unknown on the grid; two solutions closer than that are looked for where the residual dips."""
NEAR = 0.9
"""Scaled residual, in [-1, 1], below which it is said to dip."""
REACH = 5.0
"""The grid spans large^-REACH to large^REACH, and the inverse of `LEAST_REACH` to it at least."""
LEAST_REACH = 1e40
"""At small values of the large parameter: another solution that goes like n^7 is then seen, at n = 100 up to n^20."""
ACCEPTED = 1e-9
"""Largest scaled residual (left - right)/(|left| + |right|) of a solution."""
PROBES, LEVEL = (0.25, 0.5, 0.75, 1.0), 1e-9
"""Shares of a step of the grid at which a residual is looked at that has the same value, to this share, beside them all."""
CLEAR = 1e-3
"""Least scaled residual on the whole grid that says an equation has no solution there: rounding and coarse panels leave 1e-6."""
DISTINCT = 1e-6
"""Distance in logarithms beyond which two results are two solutions."""


def _followed(equation: Equation, values: Array, unknown: int, large: float) -> Callable[[float, float], float]:
    """The scaled residual as a function of the logarithm of one unknown and the ratio of panels."""

    def follow(log_value: float, ratio: float) -> float:
        trial = values.copy()
        trial[unknown] = math.exp(log_value)
        return scaled(equation.sides(trial, large, ratio))

    return follow


def grid_of(large: float) -> Array:
    """Logarithms of the places at which an unknown is looked for."""
    reach = max(REACH * math.log(large), math.log(LEAST_REACH))
    return np.linspace(-reach, reach, 2 * math.ceil(reach / GRID_STEP) + 1)


def _sizes(equation: Equation, values: Array, unknown: int, large: float) -> Array:
    """Scaled residuals on the grid of one unknown."""
    grid = grid_of(large)
    if equation.along is None:
        follow = _followed(equation, values, unknown, large)
        return np.array([follow(float(place), GRID_RATIO) for place in grid])
    left, right = equation.along(values, unknown, np.exp(grid), large, GRID_RATIO)
    size = np.abs(left) + np.abs(right)
    return np.where(np.isfinite(left) & np.isfinite(right), (left - right) / np.where(size == 0, 1.0, size), np.nan)


def clearly_none(equation: Equation, values: Array, unknown: int, large: float) -> bool:
    """Whether one side is the larger on the whole grid, by far more than rounding, and has a value everywhere on it."""
    sizes = _sizes(equation, values, unknown, large)
    return bool(np.all(sizes > CLEAR) or np.all(sizes < -CLEAR))


def all_roots(equation: Equation, values: Array, unknown: int, large: float) -> list[float]:
    """All solutions on the grid, ascending."""
    sized = _followed(equation, values, unknown, large)

    @cache
    def follow(log_value: float) -> float:
        return sized(log_value, RATIO)

    grid = grid_of(large)
    signs = _sizes(equation, values, unknown, large).tolist()
    brackets = [(float(grid[left]), float(grid[right])) for left, right in _changes(signs)]
    brackets += [pair for k in _dips(signs) for pair in _pair_around(follow, *map(float, grid[k - 1 : k + 2]))]
    found: list[float] = []
    for left, right in sorted(brackets):
        place = _bracketed(follow, left, right)
        new = not found or place - found[-1] > DISTINCT
        if new and abs(follow(place)) <= ACCEPTED:  # else a pole, at which the sign changes too
            found.append(place)
    if not found:
        raise NotConverged(f"no positive solution between large^-{REACH:g} and large^{REACH:g}")
    return [math.exp(place) for place in found]


def _changes(signs: Sequence[float]) -> list[tuple[int, int]]:
    """Neighbours of opposite sign, with one exact zero between them at most.

    More zeros are rounding: far out x + n = x, which solves nothing.
    """
    told = [k for k, sign in enumerate(signs) if sign != 0]
    pairs = [(a, b) for a, b in pairwise(told) if b - a <= 2]
    return [(a, b) for a, b in pairs if signs[a] * signs[b] < 0 and math.isfinite(signs[a] * signs[b])]


def _dips(signs: Sequence[float]) -> list[int]:
    """Where the residual comes near zero and turns back: between two places of the grid it may have crossed it twice.

    Not where it is rounding, which crosses zero as it likes.
    """
    sizes = np.abs(signs)
    return [
        k
        for k in range(1, len(signs) - 1)
        if sizes[k] < NEAR
        if ACCEPTED < min(sizes[k - 1], sizes[k + 1]) >= sizes[k]
        if signs[k - 1] * signs[k + 1] > 0 <= signs[k] * signs[k + 1]
    ]


def _pair_around(follow: Callable[[float], float], low: float, here: float, high: float) -> list[tuple[float, float]]:
    """Brackets of the two solutions between places where the residual has one sign; none if it keeps it in between."""
    level = follow(low)
    probes = (follow(a + (b - a) * share) for a, b in ((low, here), (here, high)) for share in PROBES)
    if all(abs(value - level) <= LEVEL * abs(level) for value in probes):
        return []  # far out one term of each side is left, and a search would wander about on the level
    sign = math.copysign(1.0, level)
    deepest = minimize_scalar(lambda place: sign * follow(place), bounds=(low, high), method="bounded")
    crossed = deepest.fun < -ACCEPTED and sign * follow(high) > 0
    return [(low, float(deepest.x)), (float(deepest.x), high)] if crossed else []


def _bracketed(follow: Callable[[float], float], low: float, high: float) -> float:
    """The root by Brent's method with the accurate rule; a root that the coarse one put on the wrong side by a hair."""
    left, right = follow(low), follow(high)
    if left == 0 or right == 0 or left * right > 0:
        return low if abs(left) < abs(right) else high
    return float(brentq(follow, low, high, xtol=1e-14, rtol=1e-14))
