"""Systems of equations in positive unknowns at a large parameter: solved in the logarithms of the unknowns, block by block.

Equations that determine one unknown from those already known are solved one after the other, by `grid_roots`, which counts
the solutions. What is left over is solved together by Newton's method in the logarithms from several starts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import root

from .equations import FINE_RATIO, RATIO, Array, Equation, scaled
from .errors import NotConverged
from .grid_roots import ACCEPTED, DISTINCT, REACH, all_roots, clearly_none
from .solution import ErrorKind, Solution, Status

STARTS = (0.0, -1.0, 1.0, -0.5, 0.5, -2.0)
"""Exponents of the large parameter from which Newton's method starts; each unknown gets the same."""

MOST_BRANCHES = 16
"""Of solutions that are followed through the equations; what is beyond counts as further solutions."""
UNDERFLOWS = (1e-290, 1e-250)
"""What stands for an unknown that is given by a formula too small for a double: the others must come out alike with both."""
UNMOVED = 1e-9
"""Relative change of the others that is none."""


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
            found = [np.array([root_]) for root_ in all_roots(block[0], values, unknowns[0], large)]
        else:
            found = _together(block, values, unknowns, large)
    except NotConverged:
        if alone:
            raise
        return [] if len(unknowns) == 1 and clearly_none(block[0], values, unknowns[0], large) else None
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
