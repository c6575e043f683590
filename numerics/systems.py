"""Systems of equations in positive unknowns at a large parameter: solved in the logarithms of the unknowns, block by block.

Equations that determine one unknown from those already known are solved one after the other: the sign of (left - right) is
followed on a grid of the logarithm that spans every power of the large parameter within reach, so all solutions on it are
found and counted, and each is refined by bracketing. What is left over is solved together by Newton's method in the
logarithms from several starts. Sums over k = 1, 2, ... use the Gram rule of `power_sums` on panels that double.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize_scalar, root

from .errors import NotConverged
from .power_sums import gram_rule, panels
from .solution import ErrorKind, Solution, Status

Array = NDArray[np.float64]

GRID_STEP = 1.0
"""Step of the logarithm of an unknown on the grid; two solutions closer than that are looked for where the residual dips."""
NEAR = 0.9
"""Scaled residual, in [-1, 1], below which it is said to dip."""
REACH = 5.0
"""The grid spans large^-REACH to large^REACH, and the inverse of `LEAST_REACH` to it at least."""
LEAST_REACH = 1e40
"""At small values of the large parameter: another solution that goes like n^7 is then seen, at n = 100 up to n^20."""
INTEGER_END = 2.0**50
"""Up to here panels end at integers; beyond, a sum over integers is the integral to 1e-15."""
SERIES_END = 2.0**880
"""End of an infinite sum, 10^265: k^-1.06 leaves 1e-16 beyond it; slower sums leave more, which the error counts."""
GRID_RATIO, RATIO, FINE_RATIO = 16.0, 4.0, 2.0
"""Of the ends of a panel: on the grid, where signs are enough; for the solution; the finest gives the error."""
ACCEPTED = 1e-9
"""Largest scaled residual (left - right)/(|left| + |right|) of a solution."""
PROBES, LEVEL = (0.25, 0.5, 0.75, 1.0), 1e-9
"""Shares of a step of the grid at which a residual is looked at that has the same value, to this share, beside them all."""
STARTS = (0.0, -1.0, 1.0, -0.5, 0.5, -2.0)
"""Exponents of the large parameter from which Newton's method starts; each unknown gets the same."""

CLEAR = 1e-3
"""Least scaled residual on the whole grid that says an equation has no solution there: rounding and coarse panels leave 1e-6."""
MOST_BRANCHES = 16
"""Of solutions that are followed through the equations; what is beyond counts as further solutions."""
UNDERFLOWS = (1e-290, 1e-250)
"""What stands for an unknown that is given by a formula too small for a double: the others must come out alike with both."""
UNMOVED = 1e-9
"""Relative change of the others that is none."""
DISTINCT = 1e-6
"""Distance in logarithms beyond which two results are two solutions."""

Rule = tuple[Array, Array]
Sides = Callable[[Array, float, float], tuple[float, float]]
"""(unknowns, large, ratio of panels) to (left, right) of one equation."""
Along = Callable[[Array, int, Array, float, float], tuple[Array, Array]]
"""(unknowns, index of one of them, its places, large, ratio of panels) to (left, right) at each place."""


@lru_cache(maxsize=256)
def summation_rule(count: float, ratio: float = RATIO) -> Rule:
    """Nodes and weights that sum a function that is smooth in log k over k = 1, ..., count; `count` may be infinite.

    Examples
    --------
    >>> nodes, weights = summation_rule(math.inf)
    >>> abs(float(np.sum(weights * nodes**-2.0)) - math.pi**2 / 6) < 1e-12
    True
    """
    whole = math.floor(count) if math.isfinite(count) else SERIES_END
    steps = math.ceil(math.log(min(whole, INTEGER_END)) / math.log(ratio)) + 1 if whole > 1 else 1
    edges = np.unique(np.floor(np.minimum(np.concatenate([[0.0], ratio ** np.arange(steps)]), min(whole, INTEGER_END))))
    edges = np.unique(np.append(edges, min(whole, INTEGER_END)))
    found = panels(edges[None, :])
    nodes, weights = [found.values[found.weights > 0]], [found.weights[found.weights > 0]]
    if whole > INTEGER_END:
        count_above = math.ceil(math.log(whole / INTEGER_END) / math.log(ratio))
        ends = np.exp(np.linspace(math.log(INTEGER_END), math.log(whole), count_above + 1))
        places, shares = gram_rule(0.0)
        middle, length = 0.5 * (ends[1:] + ends[:-1]), np.diff(ends)
        nodes.append((middle[:, None] + length[:, None] * places).ravel())
        weights.append((length[:, None] * shares).ravel())
    return np.concatenate(nodes), np.concatenate(weights)


@dataclass(frozen=True)
class Equation:
    """One equation: its sides as a function of all unknowns, and the indices of the unknowns that occur.

    `names` is the unknown that is the left side, where the equation only says what it is by others, if there is one.
    `along` is the sides at many places of one unknown in one call, where they can be had that way.
    """

    sides: Sides
    unknowns: frozenset[int]
    names: int | None = None
    along: Along | None = None


@dataclass(frozen=True)
class SystemState:
    """The unknowns at one value of the large parameter, and how many solutions the grid showed.

    Parameters
    ----------
    values : tuple[float, ...]
        In the order of the unknowns; 0 for one that is too small for a double, beside which the others are found.
    solutions : int
        More than one means that another solution exists, and that the one reported is no answer.
    """

    values: tuple[float, ...]
    solutions: int


def solve(equations: Sequence[Equation], count: int, large: float) -> Solution[SystemState]:
    """Solve a system of as many equations as positive unknowns.

    Parameters
    ----------
    equations : sequence of Equation
        In any order.
    count : int
        Number of unknowns.
    large : float
        The large parameter, > 1.

    Returns
    -------
    Solution
        `error` is the largest relative error of an unknown: what the finer summation rule changes, over the slope.

    Raises
    ------
    NotConverged
        If no positive solution is found.

    Notes
    -----
    When this is wrong: solutions outside large^±5 (and 10^±40) are not seen, nor more than two within a factor e^2, nor two that
    nearly meet; a sum whose terms are not smooth in log k is summed wrongly, which the error estimate mostly notices.

    Examples
    --------
    >>> square = Equation(lambda x, n, ratio: (x[0] ** 2, n), frozenset({0}))
    >>> shifted = Equation(lambda x, n, ratio: (x[1], x[0] + 1), frozenset({0, 1}))
    >>> [round(v, 9) for v in solve([shifted, square], 2, 1e4).value.values]
    [100.0, 101.0]
    """
    with np.errstate(all="ignore"):  # on the way to a solution sides may overflow; they are then no numbers
        return _solved(equations, count, large)


def _solved(equations: Sequence[Equation], count: int, large: float) -> Solution[SystemState]:
    found, small = _solved_beside(equations, count, large, UNDERFLOWS[0])
    if not small:
        return found
    again, too = _solved_beside(equations, count, large, UNDERFLOWS[1])
    pairs = [
        (a, b) for k, (a, b) in enumerate(zip(found.value.values, again.value.values, strict=True)) if k not in small
    ]
    if small != too or not all(abs(a - b) <= UNMOVED * a for a, b in pairs):
        raise NotConverged("an unknown is too small for a double, and others depend on how small it is")
    values = tuple(0.0 if k in small else value for k, value in enumerate(found.value.values))
    return replace(found, value=replace(found.value, values=values))


def _solved_beside(
    equations: Sequence[Equation], count: int, large: float, least: float
) -> tuple[Solution[SystemState], frozenset[int]]:
    """The solution with `least` for what is too small for a double, and the unknowns that are."""
    order = blocks(equations, count)
    kept, unclear = [np.full(count, np.nan)], 0
    small: set[int] = set()
    for block, unknowns in order:
        if len(kept) == 1 and _said(block, kept[0], large) == 0.0:
            kept[0][unknowns[0]] = least
            small.add(unknowns[0])
            continue
        reached = [_continued(block, values, unknowns, large, alone=len(kept) == 1) for values in kept]
        unclear += sum(further is None for further in reached)
        kept = [values for further in reached for values in further or ()]
        unclear += len(kept[:-MOST_BRANCHES])
        kept = kept[-MOST_BRANCHES:]
        if not kept:
            raise NotConverged("no positive solution of all equations: each solution of some leaves others none")
    solutions, values = len(kept) + unclear, kept[-1]
    resolved = [(block, unknowns) for block, unknowns in order if not small & set(unknowns)]
    error = sum(_error(block, values, unknowns, large) for block, unknowns in resolved) + 1e-13
    told = f"block by block in logarithms, {len(equations)} equations"
    state = SystemState(tuple(float(v) for v in values), solutions)
    status = Status.CONVERGED if error < 0.05 and solutions == 1 else Status.STALLED
    if solutions > 1:
        told += f"; {solutions} solutions"
    return Solution(state, status, error, ErrorKind.ESTIMATE, told, {"solutions": float(solutions)}), frozenset(small)


def _said(block: Sequence[Equation], values: Array, large: float) -> float | None:
    """What a block says that its unknown is by a formula in known ones, if it does; 0 for a sum of exp(-10^4 k)."""
    (first, *others) = block
    if others or first.names is None or not np.isnan(values[first.names]):
        return None
    _, right = first.sides(values, large, RATIO)
    return right if math.isfinite(right) and right >= 0 else None


def _continued(
    block: Sequence[Equation], values: Array, unknowns: tuple[int, ...], large: float, alone: bool
) -> list[Array] | None:
    """What is known with the solutions of one more block put in; no item where it clearly has none, None where that is not clear.

    Of several solutions of the equations before, these then exclude one: y + n = x asks for x > n.
    """
    try:
        said = _said(block, values, large)
        if said:
            found = [np.array([said])]
        elif len(unknowns) == 1:
            found = [np.array([root_]) for root_ in _all_roots(block[0], values, unknowns[0], large)]
        else:
            found = _together(block, values, unknowns, large)
    except NotConverged:
        if alone:
            raise
        return [] if len(unknowns) == 1 and _clearly_none(block[0], values, unknowns[0], large) else None
    branches = [values.copy() for _ in found]
    for branch, root_ in zip(branches, found, strict=True):
        branch[list(unknowns)] = root_
    return branches


def blocks(equations: Sequence[Equation], count: int) -> list[tuple[list[Equation], tuple[int, ...]]]:
    """Equations in an order in which each block determines as many new unknowns as it has equations.

    Raises
    ------
    NotConverged
        If the equations do not determine the unknowns.
    """
    left, known = list(equations), frozenset[int]()
    found = []
    while left:
        block = min((_smallest(left, known, start) for start in left), key=lambda pair: len(pair[0]))
        if len(block[0]) != len(block[1]):
            raise NotConverged("the equations do not determine the unknowns: as many of each are needed in every part")
        found.append((block[0], tuple(sorted(block[1]))))
        left = [equation for equation in left if equation not in block[0]]
        known |= block[1]
    if known != frozenset(range(count)):
        raise NotConverged("an unknown occurs in no equation")
    return found


def _smallest(
    left: Sequence[Equation], known: frozenset[int], start: Equation
) -> tuple[list[Equation], frozenset[int]]:
    """The equations needed beside `start`, growing until they are as many as their new unknowns."""
    chosen, new = [start], start.unknowns - known
    while len(chosen) < len(new):
        others = [equation for equation in left if equation not in chosen]
        if not others:
            break
        best = min(others, key=lambda equation: len(equation.unknowns - known - new))
        chosen, new = [*chosen, best], new | (best.unknowns - known)
    return chosen, new


def scaled(sides: tuple[float, float]) -> float:
    """(left - right)/(|left| + |right|), in [-1, 1]; NaN where a side is no number."""
    left, right = sides
    size = abs(left) + abs(right)
    if not (math.isfinite(left) and math.isfinite(right)):
        return math.nan
    return (left - right) / size if size else 0.0


def _followed(equation: Equation, values: Array, unknown: int, large: float) -> Callable[[float, float], float]:
    """The scaled residual as a function of the logarithm of one unknown and the ratio of panels."""

    def follow(log_value: float, ratio: float) -> float:
        trial = values.copy()
        trial[unknown] = math.exp(log_value)
        return scaled(equation.sides(trial, large, ratio))

    return follow


def _grid(large: float) -> Array:
    reach = max(REACH * math.log(large), math.log(LEAST_REACH))
    return np.linspace(-reach, reach, 2 * math.ceil(reach / GRID_STEP) + 1)


def _sizes(equation: Equation, values: Array, unknown: int, large: float) -> Array:
    """Scaled residuals on the grid of one unknown."""
    grid = _grid(large)
    if equation.along is None:
        follow = _followed(equation, values, unknown, large)
        return np.array([follow(float(place), GRID_RATIO) for place in grid])
    left, right = equation.along(values, unknown, np.exp(grid), large, GRID_RATIO)
    size = np.abs(left) + np.abs(right)
    return np.where(np.isfinite(left) & np.isfinite(right), (left - right) / np.where(size == 0, 1.0, size), np.nan)


def _clearly_none(equation: Equation, values: Array, unknown: int, large: float) -> bool:
    """Whether one side is the larger on the whole grid, by far more than rounding, and has a value everywhere on it."""
    sizes = _sizes(equation, values, unknown, large)
    return bool(np.all(sizes > CLEAR) or np.all(sizes < -CLEAR))


def _all_roots(equation: Equation, values: Array, unknown: int, large: float) -> list[float]:
    """All solutions on the grid, ascending."""
    sized = _followed(equation, values, unknown, large)

    @cache
    def follow(log_value: float) -> float:
        return sized(log_value, RATIO)

    grid = _grid(large)
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


def _together(block: Sequence[Equation], values: Array, unknowns: tuple[int, ...], large: float) -> list[Array]:
    """Newton's method in the logarithms from several starts: every different solution that was reached."""
    bound = REACH * 2 * math.log(large)

    def residuals(logs: Array) -> Array:
        trial = values.copy()
        trial[list(unknowns)] = np.exp(np.clip(logs, -bound, bound))
        sizes = np.array([scaled(e.sides(trial, large, RATIO)) for e in block])
        return np.where(np.isnan(sizes), 1.0, sizes)

    found: list[Array] = []
    for exponent in STARTS:
        # Not all unknowns alike: where equations are symmetric that is a singular point.
        start = exponent * math.log(large) + 0.5 * np.arange(1, len(unknowns) + 1)
        place = np.asarray(root(residuals, start, method="hybr", options={"xtol": 1e-13}).x, dtype=np.float64)
        reached = float(np.max(np.abs(residuals(place)))) <= ACCEPTED
        if reached and all(float(np.max(np.abs(place - other))) > DISTINCT for other in found):
            found.append(place)
    if not found:
        raise NotConverged(f"no positive solution of {len(block)} equations together from {len(STARTS)} starts")
    return [np.asarray(np.exp(place)) for place in found]


def _error(block: Sequence[Equation], values: Array, unknowns: tuple[int, ...], large: float) -> float:
    """What the finer summation rule, and rounding, leave of the residual, over the slopes in the logarithms."""
    step = 1e-5
    places = list(unknowns)

    def residuals(logs: Array, ratio: float) -> Array:
        trial = values.copy()
        trial[places] = np.exp(logs)
        return np.array([scaled(e.sides(trial, large, ratio)) for e in block])

    logs = np.log(values[places])
    slopes = np.array([
        (residuals(logs + step * unit, RATIO) - residuals(logs - step * unit, RATIO)) / (2 * step)
        for unit in np.eye(len(places))
    ]).T  # fmt: skip
    left = np.abs(residuals(logs, FINE_RATIO)) + np.abs(residuals(logs, RATIO)) + 1e-15
    try:
        return float(np.max(np.abs(np.linalg.solve(slopes, left)))) * 2.0
    except np.linalg.LinAlgError:
        return math.inf
