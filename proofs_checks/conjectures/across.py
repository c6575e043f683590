"""The numeric witness on monotony and boundaries: exponents measured at several places of the range and compared.

Monotony: at pairs of points that differ in the parameter alone, chosen from the pieces of the range without looking at the
claim, the ratio of the two solved observables is followed at the same scales; its exponent is the difference. Boundary:
controls are moved off the line to both sides, and the exponents measured there are continued to the line: a step in them is
a jump, a change of slope a boundary without one, neither is no boundary. Numbers know no names of phases, and place a line
within the step only, so they contradict a refuted boundary never, and a derived one where nothing happens.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import sympy as sp

from scalecheck.numerics.exponents import Convergence

from ..evidence import Evidence, Firmness, Outcome
from ..tables import Cell, Table
from .monotony import further
from .numeric import Curve, agrees, estimated, followed_at, quotient
from .pieces import Piece
from .ranges import Ground, told
from .sampling import plain_point, scales_at
from .statements import Boundary, Monotone, Place
from .strata import Point, Stratum, UnresolvedError

MAX_PAIRS = 4
STEPS = (0.4, 0.25)
"""Of a control's exponent off the line; the smaller one where other boundaries are near."""
SIDES = (1.0, 1.5, 2.0)
"""Multiples of the step on each side: two continue to the line, the third says whether that is a straight line."""
STRAIGHT = 0.02
"""How far the third exponent may be off the line through the other two."""
HALF_WIDTH = 0.012
"""Of the interval of an exponent, at most: else the witness is undecided."""
FIRST = 3
"""Of ten scales the first three are left out beside a line: corrections die slowly there, and seven give a slope."""
JUMP, NO_JUMP = 0.12, 0.06
"""A difference of the continued exponents above the first is a jump, below the second none; between them nothing is said."""
KINK, NO_KINK = 0.2, 0.08
"""The same for their slopes in the exponent of the control."""

Pair = tuple[Piece, Point, Piece, Point]


def hear_monotone(ground: Ground, place: Place, claim: Monotone, pairs: Sequence[Pair] | None = None) -> Evidence:
    """Ratios of the observable at pairs of points that differ in one parameter."""
    chosen = pairs_of(ground, claim.parameter) if pairs is None else list(pairs)
    rows: list[dict[str, Cell]] = []
    outcomes: list[Outcome] = []
    for low, one, high, two in chosen:
        outcome, cells = _pair(ground, place, claim.direction, (low, one), (high, two))
        outcomes.append(outcome)
        rows.append({"from": told(dict(one)), "to": told(dict(two)), **cells, "outcome": outcome.value})
    what = f"exponents of ratios at {len(rows)} pairs that differ in {claim.parameter}"
    return _weighed(what, outcomes, rows)


def pairs_of(ground: Ground, parameter: str) -> list[Pair]:
    """Pairs inside the widest pieces, then from each to the others, with all other coordinates the same."""
    symbol = ground.symbols[parameter]
    widest = max((len(piece.stratum.variables) for piece in ground.pieces), default=0)
    pieces = [p for p in ground.pieces if p.law is not None and len(p.stratum.variables) == widest]
    found: list[Pair] = []
    for low in pieces:
        point = plain_point(low)
        if point is None or symbol not in low.stratum.variables:
            continue
        inner = _beyond(low, symbol, point, -1)
        for high in [low, *(piece for piece in pieces if piece is not low)]:
            other = _beyond(high, symbol, point, 1)
            start = inner if high is low and inner is not None else dict(point)
            if other is not None:
                found.append((low, start, high, other))
    return found[:MAX_PAIRS]


def _beyond(piece: Piece, symbol: sp.Symbol, point: Mapping[str, sp.Expr], sign: int) -> Point | None:
    """A point of a piece on the line through another, further up (1) or down (-1)."""
    whole = piece.stratum
    fixed = {v: point[v.name] for v in whole.variables if v != symbol and v.name in point}
    values = {**{s: sp.sympify(v).subs(fixed) for s, v in whole.values.items()}, **fixed}
    line: Stratum | None = Stratum((symbol,), (), values)
    try:
        for form in (*whole.positive, sign * (symbol - point[symbol.name])):
            line = None if line is None else line.where(form.subs(fixed))
        return None if line is None else line.point()
    except UnresolvedError:
        return None


def counterexample(point: Mapping[str, sp.Expr], ground: Ground, parameter: str) -> Pair | None:
    """The pair of points that a refutation of monotony names, with the pieces that they lie in."""
    other = point.get(further(parameter))
    if other is None:
        return None
    lower = {name: value for name, value in point.items() if name != further(parameter)}
    upper = {**lower, parameter: other}
    pieces = [next((p for p in ground.pieces if p.law is not None and _holds(p, at)), None) for at in (lower, upper)]
    if pieces[0] is None or pieces[1] is None:
        return None
    return pieces[0], lower, pieces[1], upper


def _holds(piece: Piece, point: Mapping[str, sp.Expr]) -> bool:
    """Whether a point lies in a piece."""
    put = {symbol: point[symbol.name] for symbol in piece.stratum.variables if symbol.name in point}
    if len(put) < len(piece.stratum.variables):
        return False
    tied = all(sp.sympify(v).subs(put) == point.get(s.name) for s, v in piece.stratum.values.items() if s.name in point)
    return tied and all(form.subs(put).is_positive for form in piece.stratum.positive)


def _pair(
    ground: Ground, place: Place, direction: str, low: tuple[Piece, Point], high: tuple[Piece, Point]
) -> tuple[Outcome, dict[str, Cell]]:
    choices = [scales_at(ground, piece, point) for piece, point in (low, high)]
    scales = max((scales for scales, _ in choices), key=lambda told_: told_[-1])
    curves = [followed_at(ground, place, piece, point, scales) for piece, point in (low, high)]
    ratio = quotient(curves[1], curves[0])
    if not ratio.usable or any(near for _, near in choices):
        return Outcome.UNDECIDED, {"note": ratio.trouble or "too near a wall"}
    found = estimated(ratio, 0.0)
    cells: dict[str, Cell] = {"change": found.exponent, "low": found.interval[0], "high": found.interval[1]}
    if direction == "constant":
        return agrees(found, 0.0), cells
    if found.convergence in (Convergence.DRIFTING, Convergence.CURVED):
        return Outcome.UNDECIDED, cells
    rises, falls = found.interval[0] > 0, found.interval[1] < 0
    wanted, other = (rises, falls) if direction == "increasing" else (falls, rises)
    return (Outcome.HOLDS if wanted else Outcome.FAILS if other else Outcome.UNDECIDED), cells


def _weighed(what: str, outcomes: Sequence[Outcome], rows: list[dict[str, Cell]]) -> Evidence:
    if Outcome.FAILS in outcomes:
        return _said(Outcome.FAILS, f"{what}: contradicted", rows)
    if not outcomes or Outcome.UNDECIDED in outcomes:
        return _said(Outcome.UNDECIDED, f"{what}: some do not decide", rows)
    return _said(Outcome.HOLDS, what, rows)


def _said(outcome: Outcome, reason: str, rows: list[dict[str, Cell]]) -> Evidence:
    return Evidence("numeric", outcome, Firmness.NUMBERS, reason, Table.of(rows))


@dataclass(frozen=True)
class Crossing:
    """What numbers see when one control is moved across a line: the step and the kink of the exponent, or why nothing."""

    control: str
    step: float
    jump: float = 0.0
    kink: float = 0.0
    trouble: str = ""

    def seen(self, jumps: bool | None) -> Outcome:
        """Whether there is a boundary, of the kind that is claimed."""
        if self.trouble:
            return Outcome.UNDECIDED
        jumped, level = abs(self.jump) > JUMP, abs(self.jump) < NO_JUMP
        kinked, straight = abs(self.kink) > KINK, abs(self.kink) < NO_KINK
        if level and straight:
            return Outcome.FAILS
        if jumps is None:
            return Outcome.HOLDS if jumped or (level and kinked) else Outcome.UNDECIDED
        if jumps:
            return Outcome.HOLDS if jumped else Outcome.FAILS if level and kinked else Outcome.UNDECIDED
        return Outcome.HOLDS if level and kinked else Outcome.FAILS if jumped else Outcome.UNDECIDED


def hear_boundary(ground: Ground, place: Place, claim: Boundary) -> Evidence | None:
    """Exponents on both sides of the line, at one point of the range; None where no control moves on a path."""
    controls = [name for name, monomial in ground.setting.path.items() if not monomial.vanishes]
    piece = next((Piece(stratum, None) for stratum in ground.strata), None)
    point = None if piece is None else plain_point(piece)
    if not controls or piece is None or point is None:
        return None
    rows: list[dict[str, Cell]] = []
    outcomes = []
    for control in controls:
        crossing = next(_crossings(ground, place, piece, point, control))
        outcomes.append(crossing.seen(claim.jumps))
        rows.append({
            "at": told(dict(point)), "control": control, "step": crossing.step, "jump": crossing.jump,
            "kink": crossing.kink, "note": crossing.trouble, "outcome": outcomes[-1].value,
        })  # fmt: skip
        if outcomes[-1] is Outcome.HOLDS:
            break
    what = f"exponents on both sides of the line, {len(rows)} controls moved"
    if Outcome.HOLDS in outcomes:
        return _said(Outcome.HOLDS, f"{what}: a boundary within {rows[-1]['step']} of it", rows)
    if Outcome.UNDECIDED in outcomes:
        return _said(Outcome.UNDECIDED, f"{what}: they do not decide", rows)
    return _said(Outcome.FAILS, f"{what}: contradicted", rows)


def _crossings(
    ground: Ground, place: Place, piece: Piece, point: Mapping[str, sp.Expr], control: str
) -> Iterator[Crossing]:
    """With the first step at which both sides are straight; else the last, with its trouble."""
    for step in STEPS:
        found = _crossing(ground, place, piece, point, control, step)
        if not found.trouble or step == STEPS[-1]:
            yield found


def _crossing(
    ground: Ground, place: Place, piece: Piece, point: Mapping[str, sp.Expr], control: str, step: float
) -> Crossing:
    sides = []
    for sign in (-1, 1):
        exponents = []
        for multiple in SIDES:
            value = _exponent(ground, place, piece, point, control, sign * multiple * step)
            if value is None:
                return Crossing(control, step, trouble="an exponent beside the line has not settled")
            exponents.append(value)
        if abs(exponents[2] - 2 * exponents[1] + exponents[0]) > STRAIGHT:
            return Crossing(control, step, trouble="another boundary is near")
        slope = (exponents[1] - exponents[0]) / ((SIDES[1] - SIDES[0]) * step)
        sides.append((exponents[0] - SIDES[0] * step * slope, sign * slope))
    return Crossing(control, step, sides[1][0] - sides[0][0], sides[1][1] - sides[0][1])


def _exponent(
    ground: Ground, place: Place, piece: Piece, point: Mapping[str, sp.Expr], control: str, shift: float
) -> float | None:
    """The exponent with a control moved, where it has settled."""
    monomial = ground.setting.path[control]
    moved = {**ground.setting.path, control: replace(monomial, exponent=monomial.exponent + sp.nsimplify(shift))}
    beside = replace(ground, setting=replace(ground.setting, path=moved))
    scales, _ = scales_at(ground, piece, point, largest=True)
    curve: Curve = followed_at(beside, place, piece, point, scales[FIRST:])
    if not curve.usable:
        return None
    found = estimated(curve, 0.0)
    settled = found.convergence not in (Convergence.DRIFTING, Convergence.CURVED)
    narrow = found.interval[1] - found.interval[0] <= 2 * HALF_WIDTH
    return found.exponent if settled and narrow else None
