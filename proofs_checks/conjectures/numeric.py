"""The numeric witness on a conjecture: the theory solved at growing scales along the path, at points chosen before looking.

Points and scales come from `sampling`, acceptance intervals are fixed here. A point too close to a wall, and a piece without a
point, leave the witness undecided.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import numpy as np
import sympy as sp

from scalecheck.numerics.errors import DomainError, NotConverged
from scalecheck.numerics.exponents import (
    Agreement,
    Convergence,
    ExponentEstimate,
    LogStatus,
    compared,
    estimate_exponent,
)

from ..errors import InputError
from ..evidence import Evidence, Firmness, Outcome
from ..laws import TOLERANCE, settle
from ..tables import Cell, Table
from .pieces import Piece
from .ranges import Ground, told
from .sampling import Chosen, chosen, scales_at
from .solving import number_at, solved, together
from .statements import Place

RESOLUTION = 0.04
"""Largest half-width of an interval that supports an exponent: neighbours at 1/10 then lie twice outside."""
MARGIN = 0.03
"""How far beyond its interval a claimed exponent must lie for numbers to speak against it."""
SLOWEST_LOG = 6.0
"""Of corrections 1/(log large)^p, which die by the share p of what 1/log does: p from 1/6 on, and several of them."""
PACE = 0.3
"""Of steps at equal distances in log large, the last over the one before: a rest that dies like 1/log keeps a third and more."""
WIDE = 0.1
"""Relative distance of an extrapolated constant of a law with logarithms, at least, before numbers speak against it."""


class SeveralSolutionsError(RuntimeError):
    """A user's system has more than one positive solution: whatever is proved of one, nothing says that it is meant."""


@dataclass(frozen=True)
class Curve:
    """An observable at growing scales at one point of the range; `near` says that a wall is too close to trust its slope."""

    point: Mapping[str, sp.Expr]
    scales: tuple[float, ...]
    values: tuple[float, ...]
    errors: tuple[float, ...]
    near: bool
    trouble: str = ""
    piece: Piece | None = None

    @property
    def usable(self) -> bool:
        """Whether enough points were solved."""
        return len(self.scales) >= 7


def followed(ground: Ground, place: Place, piece: Piece, point: Mapping[str, sp.Expr]) -> Curve:
    """The observable along the path at one point of the range."""
    scales, near = scales_at(ground, piece, point)
    return replace(followed_at(ground, place, piece, point, scales), near=near)


def followed_at(
    ground: Ground, place: Place, piece: Piece, point: Mapping[str, sp.Expr], scales: Sequence[float]
) -> Curve:
    """The observable at given scales, where it can be solved."""
    kept: list[tuple[float, float, float]] = []
    trouble = ""
    known = together(ground, place, point, scales)
    for scale in scales:
        try:
            kept.append((scale, *(known.get(scale) or solved(ground, place, point, scale))))
        except (NotConverged, DomainError, InputError, ArithmeticError) as error:
            trouble = f"at {ground.diagram.large} = {scale:g}: {error}"
    return Curve(point, *_columns(kept), False, trouble, piece)


Column = tuple[float, ...]


def _columns(rows: Sequence[tuple[float, float, float]]) -> tuple[Column, Column, Column]:
    """Scales, values and errors."""
    return tuple(r[0] for r in rows), tuple(r[1] for r in rows), tuple(r[2] for r in rows)


def hear(
    ground: Ground, place: Place, judge: Callable[[Curve], tuple[Outcome, dict[str, Cell]]], what: str,
    against: tuple[Ground, Place] | None = None, points: Sequence[Chosen] | None = None,
) -> Evidence:  # fmt: skip
    """Solve at the chosen points, or those given, and judge every curve; `against` divides by a second observable."""
    if ground.record.solve is None:
        return _said(Outcome.UNDECIDED, "the theory solves nothing at a point", [])
    points, complete = chosen(ground.pieces) if points is None else (points, True)
    rows: list[dict[str, Cell]] = []
    outcomes: list[Outcome] = []
    for at in points:
        curve = followed(ground, place, at.piece, at.point)
        if against is not None:
            curve = quotient(curve, followed(against[0], against[1], at.piece, at.point))
        outcome, cells = judge(curve) if curve.usable else (Outcome.UNDECIDED, {"note": FEW})
        if curve.near and outcome is Outcome.FAILS:
            outcome, cells = Outcome.UNDECIDED, {**cells, "note": NEAR}
        if at.further and outcome is Outcome.UNDECIDED:
            continue
        outcomes.append(outcome)
        reach = curve.scales[-1] if curve.scales else None
        notes = [str(cells.pop("note", "")), curve.trouble] if outcome is Outcome.UNDECIDED else [curve.trouble]
        note = "; ".join(text for text in notes if text)
        rows.append({"at": told(dict(at.point)), "scale": reach, **cells, "note": note, "outcome": outcome.value})
    if Outcome.FAILS in outcomes:
        return _said(Outcome.FAILS, f"{what}, at {len(rows)} points: contradicted", rows)
    if not outcomes or Outcome.UNDECIDED in outcomes or not complete:
        text = _why_undecided(rows) if complete else _not_followed(ground, len(points))
        return _said(Outcome.UNDECIDED, f"{what}, at {len(rows)} points: {text}", rows)
    return _said(Outcome.HOLDS, f"{what}, at {len(rows)} points", rows)


NEAR = "a wall is too near for the scales that can be solved"
FEW = "it was solved at fewer than seven scales"


def _why_undecided(rows: Sequence[Mapping[str, Cell]]) -> str:
    """That points do not decide, with the first reasons."""
    notes = [str(row["note"]) for row in rows if row["outcome"] == Outcome.UNDECIDED.value and row["note"]]
    return ": ".join(["some points do not decide", *list(dict.fromkeys(notes))[:1]])


def _not_followed(ground: Ground, points: int) -> str:
    """That parts of a range are without a point, and why."""
    unknown = sum(piece.law is None for piece in ground.pieces)
    parts = len(ground.pieces)
    more = f"the range has {parts} parts" if parts > points else "a part has no point"
    return f"parts of the range could not be followed: {more}" + (
        f", {unknown} of them without a law" if unknown else ""
    )


def _said(outcome: Outcome, reason: str, rows: list[dict[str, Cell]]) -> Evidence:
    return Evidence("numeric", outcome, Firmness.NUMBERS, reason, Table.of(rows))


def quotient(one: Curve, two: Curve) -> Curve:
    """One observable over another, where both were solved."""
    others = {scale: (value, error) for scale, value, error in zip(two.scales, two.values, two.errors, strict=True)}
    kept = [
        (scale, value / others[scale][0], error + others[scale][1])
        for scale, value, error in zip(one.scales, one.values, one.errors, strict=True)
        if scale in others
    ]
    return Curve(one.point, *_columns(kept), one.near or two.near, one.trouble or two.trouble, one.piece)


def estimated(curve: Curve, expect: float) -> ExponentEstimate:
    """The exponent of a curve with its interval, beside the expected one."""
    return compared(_estimated(curve.scales, curve.values, curve.errors), expect, RESOLUTION)


@lru_cache(maxsize=1024)  # conjectures about one path claim different exponents of the same curves
def _estimated(scales: Column, values: Column, errors: Column) -> ExponentEstimate:
    return estimate_exponent(scales, values, errors=errors, resolution=RESOLUTION, every_form=False).value


def agrees(found: ExponentEstimate, expect: float) -> Outcome:
    """Holds where the interval is narrow and contains it; fails where it lies clearly outside of a settled interval."""
    low, high = found.interval
    if found.convergence in (Convergence.DRIFTING, Convergence.CURVED):
        return Outcome.UNDECIDED
    if not low - MARGIN <= expect <= high + MARGIN:
        return Outcome.FAILS
    return Outcome.HOLDS if found.agreement is Agreement.AGREES else Outcome.UNDECIDED


UNSETTLED = {
    Convergence.DRIFTING: "the local exponents still drift",
    Convergence.CURVED: "no power with corrections describes the numbers",
}


def judge_law(
    exponent: sp.Expr, constant: sp.Expr | None, logs: sp.Expr, only_power: bool
) -> Callable[[Curve], tuple[Outcome, dict[str, Cell]]]:
    """How a claimed law is judged on a curve."""

    def judge(curve: Curve) -> tuple[Outcome, dict[str, Cell]]:
        power, log = number_at(exponent, curve.point), number_at(logs, curve.point)
        bare = Curve(
            curve.point, curve.scales,
            tuple(v / math.log(s) ** log for s, v in zip(curve.scales, curve.values, strict=True)),
            curve.errors, curve.near, piece=curve.piece,
        )  # fmt: skip
        found = estimated(bare, power)
        outcome = agrees(found, power)
        note = UNSETTLED.get(found.convergence, "the interval of the exponent is too wide to tell")
        if not only_power and log == 0 and outcome is Outcome.HOLDS and found.log_status is not LogStatus.ABSENT:
            outcome = Outcome.FAILS if found.log_status is LogStatus.PRESENT else Outcome.UNDECIDED
            note = "a logarithm cannot be excluded"
        cells: dict[str, Cell] = {
            "exponent": found.exponent, "low": found.interval[0], "high": found.interval[1], "claimed": power,
            "logarithm": found.log_status.name.lower(),
        }  # fmt: skip
        if constant is None:
            return outcome, {**cells, "note": note}
        limit, more = _constant(bare, power, number_at(constant, curve.point), log != 0)
        worst = next((o for o in (Outcome.FAILS, Outcome.UNDECIDED) if o in (outcome, limit)), Outcome.HOLDS)
        # A ratio that settles says more than an interval of an exponent that is merely wide.
        final = limit if outcome is Outcome.UNDECIDED else worst
        note = "the ratio to the claimed constant has not settled" if limit is Outcome.UNDECIDED else note
        return final, {**cells, **more, "note": note}

    return judge


def judge_derived(with_constant: bool, only_power: bool) -> Callable[[Curve], tuple[Outcome, dict[str, Cell]]]:
    """How the derived law itself fares on a curve: only where it fails do numbers contradict the symbolic witness."""

    def judge(curve: Curve) -> tuple[Outcome, dict[str, Cell]]:
        piece = curve.piece
        if piece is None or piece.law is None or piece.law.exponent is None or piece.law.exponent.is_finite is False:
            return Outcome.UNDECIDED, {}
        at = piece.stratum.at
        known = piece.law.constant is not None and not piece.law.constant.has(sp.Integral)
        constant = at(piece.law.constant) if with_constant and known else None
        return judge_law(at(piece.law.exponent), constant, at(piece.law.log), only_power)(curve)

    return judge


def _beyond_logs(curve: Curve, power: float, constant: float) -> Outcome:
    """A wrong constant of a law with logarithms, whose corrections die like 1/log large: polynomials in that, of two degrees."""
    pairs = list(zip(curve.scales, curve.values, strict=True))
    places = [1.0 / math.log(scale) for scale, _ in pairs]
    ratios = [value / (constant * scale**power) for scale, value in pairs]
    limits = [float(np.polynomial.Polynomial.fit(places, ratios, degree)(0.0)) for degree in (3, 4)]
    far = abs(limits[1] - 1.0) > max(WIDE, 4.0 * abs(limits[1] - limits[0]))
    return Outcome.FAILS if far else Outcome.UNDECIDED


def _constant(curve: Curve, power: float, constant: float, logs_: bool = False) -> tuple[Outcome, dict[str, Cell]]:
    """Whether observable/(large^power) settles at the constant, on four scales of the curve."""
    if not constant > 0:
        return Outcome.FAILS, {"constant_claimed": constant}
    pairs = list(zip(curve.scales, curve.values, strict=True))
    places = [round(k * (len(pairs) - 1) / 3) for k in range(4)]
    logs = [math.log(pairs[k][1] / constant) - power * math.log(pairs[k][0]) for k in places]
    outcome, _ = settle(logs, TOLERANCE)
    if outcome is Outcome.FAILS and logs_:
        outcome = _beyond_logs(curve, power, constant)
    elif outcome is Outcome.FAILS and _logs_may_hide(pairs[-1][0], pairs[places[2]][0], logs):
        outcome = Outcome.UNDECIDED
    return outcome, {"constant_ratio": math.exp(min(700.0, logs[-1])), "constant_claimed": constant}


def _logs_may_hide(last: float, before: float, logs: Sequence[float]) -> bool:
    """Whether what is left of a ratio may die like a power of 1/log: such a rest moves by a share of itself that is known."""
    if abs(logs[-1] - logs[-2]) < PACE * abs(logs[-2] - logs[-3]):
        return False  # a power dies faster
    share = math.log(last) / math.log(before) - 1.0
    return abs(logs[-1]) <= SLOWEST_LOG * abs(logs[-1] - logs[2]) / share


def judge_below_powers(curve: Curve) -> tuple[Outcome, dict[str, Cell]]:
    """Local exponents that fall and fall: by half of the scales they have doubled; those of a power settle."""
    pairs = [(math.log(scale), math.log(value)) for scale, value in zip(curve.scales, curve.values, strict=True)]
    slopes = [(two[1] - one[1]) / (two[0] - one[0]) for one, two in pairwise(pairs)]
    cells: dict[str, Cell] = {"exponent": slopes[-1]}
    falling = all(b < a for a, b in pairwise(slopes))
    if falling and slopes[-1] < 2.0 * slopes[len(slopes) // 2] < 0.0 and slopes[-1] < -1.0:
        return Outcome.HOLDS, cells
    found = estimated(curve, slopes[-1])
    if found.convergence is Convergence.SETTLED:
        return Outcome.FAILS, {**cells, "low": found.interval[0], "high": found.interval[1]}
    return Outcome.UNDECIDED, {**cells, "note": "the local exponents neither settle nor double"}


def judge_ordering(relation: str) -> Callable[[Curve], tuple[Outcome, dict[str, Cell]]]:
    """How a claimed ordering is judged on the quotient of two curves."""

    def judge(curve: Curve) -> tuple[Outcome, dict[str, Cell]]:
        found = estimated(curve, 0.0)
        low, high = found.interval
        cells: dict[str, Cell] = {"exponent_of_ratio": found.exponent, "low": low, "high": high}
        if relation == "equal":
            outcome, more = _constant(curve, 0.0, 1.0)
            return outcome, {**cells, **more, "note": "the ratio of the two has not settled"}
        if found.convergence in UNSETTLED:
            return Outcome.UNDECIDED, {**cells, "note": UNSETTLED[found.convergence]}
        if relation == "same":
            if found.log_status is not LogStatus.ABSENT:
                return Outcome.UNDECIDED, {**cells, "note": "a logarithm cannot be excluded"}
            return agrees(found, 0.0), {**cells, "note": "the interval of the exponent is too wide to tell"}
        wanted, other = (high < 0, low > 0) if relation == "less" else (low > 0, high < 0)
        outcome = Outcome.HOLDS if wanted else Outcome.FAILS if other else Outcome.UNDECIDED
        return outcome, {**cells, "note": "the exponent of the ratio may be 0 by its interval"}

    return judge
