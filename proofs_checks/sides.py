"""Claims about boundaries, where laws are powers without logarithms: exponents on both sides, and where the two lines meet.

Four points on a line across the boundary, two deep in each phase, give the exponent as an affine function on each side; the
two functions meet at a boundary that is continuous. One that is not, or across which the exponent is the same, is found
where a quantity that the theory names passes a level. A few solutions a claim, where `boundaries.by_crossing` needs a thousand.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import sympy as sp
from scipy.optimize import brentq

from .boundaries import BoundaryLaw, Crossing
from .claims import Effort, Witness
from .evidence import Evidence, Firmness, Outcome
from .extrapolation import Limit
from .tables import Cell, Table

SCALES = (1e9, 1e11, 1e13, 1e15)
"""Values of dim: slopes between neighbours are three exponents, and their differences say how well they have settled."""
SHARES = (0.0, 0.1, 0.9, 1.0)
"""Places on a crossing: two on each side."""
ACCEPTED, RESOLVED = 0.02, 0.01
"""Accepted distance of the place from the stated one, and its largest error, relative to it (absolute at zero). A boundary
moved by 5% lies 3% outside."""
EXPONENT = 0.05
"""Accepted distance of an exponent from the stated one, and its largest error; neighbours differ by 0.1 and more."""
JUMP = (0.05, 0.1)
"""A difference of the exponents at the boundary below the first is none, above the second is a jump."""

Logs = Callable[[float, float, float, Mapping[str, float]], tuple[float, float]]
"""(dim, a, b, parameters) to the logarithms of the risk and of the level, whose sign changes at the boundary."""


@dataclass(frozen=True)
class Sides:
    """What was measured on a crossing: exponents at `SHARES`, and the place."""

    exponents: tuple[Limit, ...]
    positions: tuple[float, ...]
    place: Limit

    def gap(self, at: float) -> float:
        """Difference of the exponents of the two sides, continued to a place."""
        left, right = _pairs(self.exponents, self.positions)
        return _on_line(right, at) - _on_line(left, at)


def by_sides(logs: Logs) -> Witness:
    """A numeric witness: place, exponents on both sides and continuity, on every crossing.

    Parameters
    ----------
    logs : callable
        See `Logs`.
    """

    @cache
    def measured(crossing: Crossing) -> Sides:
        return _measure(crossing, logs)

    def witness(assertion: BoundaryLaw, effort: Effort) -> Evidence:
        rows: list[dict[str, Cell]] = []
        outcomes: list[Outcome] = []
        for crossing in assertion.crossings:
            found = measured(crossing)
            parts = _judge(assertion, crossing, found)
            outcomes += parts.values()
            told: dict[str, Cell] = {"control": crossing.control, "fixed": crossing.fixed, **dict(crossing.parameters)}
            told |= {"place": found.place.value, "error": found.place.error}
            told |= {f"exponent_{k}": item.value for k, item in enumerate(found.exponents)}
            rows.append({**told, **{name: outcome.value for name, outcome in parts.items()}})
        worst = next((item for item in (Outcome.FAILS, Outcome.UNDECIDED) if item in outcomes), Outcome.HOLDS)
        reason = (
            f"crossed on {len(rows)} lines at dim to {SCALES[-1]:.0e}: place within {ACCEPTED:.0%} (error below {RESOLVED:.0%}),"
            f" exponents on both sides within {EXPONENT:g}, jump above {JUMP[1]:g} or none below {JUMP[0]:g}"
        )
        return Evidence("numeric", worst if outcomes else Outcome.UNDECIDED, Firmness.NUMBERS, reason, Table.of(rows))

    return witness


def _measure(crossing: Crossing, logs: Logs) -> Sides:
    start, end = crossing.window
    positions = tuple(start + share * (end - start) for share in SHARES)

    def at(dim: float, place: float) -> tuple[float, float]:
        a_value, b_value = (place, crossing.fixed) if crossing.control == "a" else (crossing.fixed, place)
        return logs(dim, a_value, b_value, dict(crossing.parameters))

    exponents = tuple(settled([at(dim, place)[0] for dim in SCALES]) for place in positions)
    left, right = _pairs(exponents, positions)
    if crossing.mark == "level":
        place = _crossed(lambda dim, where: at(dim, where)[1], crossing.window)
    else:
        place = _meeting(left, right)
    return Sides(exponents, positions, place)


def settled(values: list[float], scales: tuple[float, ...] = SCALES) -> Limit:
    """The slope between the last two scales, one geometric step of convergence further; its error is that step."""
    logs = [math.log(scale) for scale in scales]
    slopes = [(values[k + 1] - values[k]) / (logs[k + 1] - logs[k]) for k in range(len(values) - 1)]
    before, step = slopes[-2] - slopes[-3], slopes[-1] - slopes[-2]
    shrinks = abs(step) < 0.9 * abs(before)
    further = step * step / (before - step) if shrinks else 0.0
    return Limit(slopes[-1] + further, abs(further) / 2 + 1e-6 if shrinks else abs(step) + 1e-6)


Pair = tuple[Limit, Limit, float, float]
"""Exponents at two places of one side, and the places."""


def _pairs(exponents: tuple[Limit, ...], positions: tuple[float, ...]) -> tuple[Pair, Pair]:
    (first, second, third, fourth), (one, two, three, four) = exponents, positions
    return (first, second, one, two), (third, fourth, three, four)


def _on_line(pair: Pair, at: float) -> float:
    first, second, here, there = pair
    return first.value + (second.value - first.value) / (there - here) * (at - here)


def _meeting(left: Pair, right: Pair) -> Limit:
    """Where the two affine functions meet; the error is that of their values there over the difference of their slopes."""
    slopes = [(pair[1].value - pair[0].value) / (pair[3] - pair[2]) for pair in (left, right)]
    if abs(slopes[0] - slopes[1]) < JUMP[0]:
        return Limit(math.nan, math.inf)
    place = left[2] + (_on_line(right, left[2]) - left[0].value) / (slopes[0] - slopes[1])
    errors = [_error_on(pair, place) for pair in (left, right)]
    return Limit(place, sum(errors) / abs(slopes[0] - slopes[1]))


def _error_on(pair: Pair, at: float) -> float:
    first, second, here, there = pair
    share = (at - here) / (there - here)
    return abs(1 - share) * first.error + abs(share) * second.error


def _crossed(level: Callable[[float, float], float], window: tuple[float, float]) -> Limit:
    """Where the level is passed at the last three scales, extrapolated in 1/log dim; nothing where it is not passed."""
    places = []
    for dim in SCALES[1:]:
        if level(dim, window[0]) * level(dim, window[1]) >= 0:
            return Limit(math.nan, math.inf)
        places.append(brentq(lambda where, dim=dim: level(dim, where), *window, xtol=1e-6))
    inverse = [1 / math.log(dim) for dim in SCALES[1:]]
    ends = [
        places[k + 1] - inverse[k + 1] * (places[k] - places[k + 1]) / (inverse[k] - inverse[k + 1]) for k in (0, 1)
    ]
    return Limit(ends[1], abs(ends[1] - ends[0]) + 1e-6)


def _judge(assertion: BoundaryLaw, crossing: Crossing, found: Sides) -> dict[str, Outcome]:
    """Place, exponents and continuity against what is stated."""
    symbols = {name: sp.Symbol(name, real=True) for name in ("a", "b")}
    fixed = {"a": "b", "b": "a"}[crossing.control]
    values = {symbols[fixed]: crossing.fixed} | {sp.Symbol(k, positive=True): v for k, v in crossing.parameters}
    outcomes = {"place": Outcome.FAILS}
    gap = math.nan
    if assertion.line.lhs == symbols[crossing.control]:
        stated = float(assertion.line.rhs.subs(values))
        size = 1.0 if stated == 0 else abs(stated)
        outcomes["place"] = found.place.against(stated, ACCEPTED * size, RESOLVED * size)
        gap = found.gap(stated)
    sides = [assertion.exponents[k] for k in (0, 0, 1, 1)]
    checks = [
        item.against(float(side.subs(values).subs(symbols[crossing.control], where)), EXPONENT, EXPONENT)
        for side, item, where in zip(sides, found.exponents, found.positions, strict=True)
    ]
    outcomes["sides"] = next((item for item in (Outcome.FAILS, Outcome.UNDECIDED) if item in checks), Outcome.HOLDS)
    unclear = not math.isfinite(gap) or JUMP[0] < abs(gap) < JUMP[1]
    smooth = abs(gap) <= JUMP[0]
    agrees = Outcome.HOLDS if smooth == assertion.continuous else Outcome.FAILS
    outcomes["kind"] = Outcome.UNDECIDED if unclear else agrees
    return outcomes
