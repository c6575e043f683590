"""Both witnesses on a minimum: where along a name that the path holds an observable is least, and its law there.

This is how an optimum is stated: the compute-optimal size and time along n**s and n**(1 - s), the best weight decay along
n**(-s). Symbolically the range is cut at the stated place; on the cut the derived law must be the claimed one, and beside it
the observable must be of a larger order. Numbers are taken on the cut and beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import sympy as sp

from ..evidence import Evidence, Outcome
from ..tables import Cell, Table
from . import numeric
from .comparing import poles, signs
from .expressions import positive_form
from .formula_text import formula_text
from .nodes import Relation
from .numeric import MARGIN, Curve, agrees, estimated
from .pieces import Piece
from .ranges import Ground, told
from .solving import number_at
from .statements import Minimum, Place
from .strata import Stratum, UnresolvedError, smooth
from .symbolic import Finding, claimed, on_law, positive_constant


@dataclass(frozen=True)
class _Stated:
    """A claimed minimum in symbols: `over` is least at `at`, with an exponent and a power of the logarithm."""

    over: sp.Symbol
    at: sp.Expr
    exponent: sp.Expr
    logs: sp.Expr
    unique: bool
    with_logs: bool

    @classmethod
    def of(cls, ground: Ground, claim: Minimum) -> _Stated:
        law = claim.law
        logs = sp.S.Zero if law.log_power is None else claimed(ground, law.log_power)
        place, exponent = claimed(ground, claim.at), claimed(ground, law.exponent)
        return cls(ground.symbols[claim.over], place, exponent, logs, claim.unique, not law.log)


def on_minimum(ground: Ground, claim: Minimum, where: Sequence[Relation]) -> list[Finding]:
    """The place lies in the range; the law on it is as claimed; nowhere beside it is the observable as small."""
    stated = _Stated.of(ground, claim)
    for stratum in ground.strata:
        poles(stratum, stated.at)
        poles(stratum, stated.exponent)
    if not any(True for stratum in ground.strata for _ in _off(stratum, stated)):
        raise UnresolvedError(f"the range leaves {stated.over} one value, and so nothing that it could be less than")
    outside = list(_outside(ground, stated, where))
    if outside:
        return outside
    on_cut = on_law(cut(ground, stated.over, stated.at), claim.law)
    return [*on_cut, *(finding for piece in ground.pieces for finding in _beside(piece, stated))]


def _outside(ground: Ground, stated: _Stated, where: Sequence[Relation]) -> list[Finding]:
    """Parameters of the range for which the stated place is not in it."""
    values = {ground.symbols[name]: value for name, value in ground.fixed.items() if name in ground.symbols}
    found = []
    for link in where:
        if stated.over.name not in link.names():
            continue
        form, kind = positive_form(link, ground.symbols)
        form = form.subs(values)
        if kind == "=" and form.free_symbols - {stated.over}:
            raise UnresolvedError(f"{link.text()} ties {stated.over}, which cannot be moved alone: put it in instead")
        form = form.subs(stated.over, stated.at)
        for stratum in ground.strata:
            for part in _against(stratum, form, kind):
                reason = f"{stated.over} = {stated.at} is outside of the range {link.text()}; at {told(part.point())}"
                found.append(Finding(part, None, Outcome.FAILS, reason, part.point()))
    return found


def _against(stratum: Stratum, form: sp.Expr, kind: str) -> list[Stratum]:
    """The parts of a stratum on which a relation does not hold."""
    found: list[Stratum] = []
    ways = (-1, 1) if kind == "=" else (-1,)
    for part, value in smooth(stratum, form):
        found += [beyond for way in ways if (beyond := part.possible(way * value)) is not None]
        found += list(part.zeros(value)) if kind == ">" else []
    return found


def cut(ground: Ground, over: sp.Symbol, at: sp.Expr) -> Ground:
    """What is known where the name has the stated value."""
    pieces = [replace(piece, stratum=part) for piece in ground.pieces for part in _on(piece.stratum, over, at)]
    return replace(ground, strata=tuple(piece.stratum for piece in pieces), pieces=tuple(pieces))


def _on(stratum: Stratum, over: sp.Symbol, at: sp.Expr) -> Iterator[Stratum]:
    """The parts of a stratum on the cut; the name itself is what is eliminated, if it can be."""
    for part, value in smooth(stratum, at):
        free = over in part.variables and not value.has(over)
        yield from part.fixed(over, value) if free else part.zeros(over - value)


def _off(stratum: Stratum, stated: _Stated) -> Iterator[Stratum]:
    """The parts of a stratum on either side of the cut."""
    for part, value in smooth(stratum, stated.over - stated.at):
        yield from (side for sign in (1, -1) if (side := part.possible(sign * value)) is not None)


def _beside(piece: Piece, stated: _Stated) -> list[Finding]:
    """The order of the observable off the cut, against that on it."""
    found: list[Finding] = []
    for part in _off(piece.stratum, stated):
        if piece.law is None or piece.law.exponent is None:
            found.append(Finding(part, None, Outcome.UNDECIDED, piece.reason, part.point()))
        else:
            found += _compared(replace(piece, stratum=part), stated)
    return found


def _compared(piece: Piece, stated: _Stated) -> list[Finding]:
    law, part = piece.law, piece.stratum
    assert law is not None
    assert law.exponent is not None
    found: list[Finding] = []
    for place, sign in signs(part, law.exponent - stated.exponent):
        here = replace(piece, stratum=place)
        found += _as_large(here, stated) if sign == 0 else [_told(here, sign > 0, stated)]
    return found


def _as_large(piece: Piece, stated: _Stated) -> list[Finding]:
    """Where the powers are alike the logarithms decide; where these are too, the minimum is not the only one."""
    assert piece.law is not None
    parts = signs(piece.stratum, piece.law.log - stated.logs) if stated.with_logs else [(piece.stratum, 0)]
    found = []
    for place, sign in parts:
        here = replace(piece, stratum=place)
        if sign:
            found.append(_told(here, sign > 0, stated, f", the power of the logarithm {piece.law.log}"))
        else:
            found.append(_told(here, not stated.unique, stated, ": of one order"))
    return found


def _told(piece: Piece, holds: bool, stated: _Stated, more: str = "") -> Finding:
    """A larger order is one only if its constant does not vanish."""
    part, law, point = piece.stratum, piece.law, piece.stratum.point()
    assert law is not None
    here, least = (part.text(sp.factor(part.at(value))) for value in (law.exponent, stated.exponent))
    text = f"the exponent is {here}, that of the claimed minimum {least}{more}"
    if holds:
        sure = positive_constant(part, law)
        return replace(sure, reason=text) if sure.outcome is Outcome.HOLDS else sure
    reason = f"{text}; at {told(point)}" if point else text
    return Finding(part, law, Outcome.FAILS, reason, point)


MOST_PLACES = 12
"""Walls that are tried for where the least is instead."""


def least_instead(ground: Ground, claim: Minimum) -> str:
    """Where the observable is least on the whole range, if it is so on one wall; empty if on none."""
    stated = _Stated.of(ground, claim)
    found = (piece.stratum.values.get(stated.over) for piece in ground.pieces)
    for place in list(dict.fromkeys(value for value in found if value is not None))[:MOST_PLACES]:
        try:
            exponent = _least_at(ground, stated, place)
        except UnresolvedError:
            continue
        if exponent is not None:
            at, least = (formula_text(sp.factor(value)) for value in (place, exponent))
            return f"the least is at {stated.over} = {at}, where the exponent is {least}"
    return ""


def _least_at(ground: Ground, stated: _Stated, place: sp.Expr) -> sp.Expr | None:
    """The exponent at a place beside which the observable is of a larger order everywhere; None if it is not."""
    on_it = cut(ground, stated.over, place).pieces
    told_of = {None if p.law is None or p.law.exponent is None else p.stratum.at(p.law.exponent) for p in on_it}
    exponent = told_of.pop() if len(told_of) == 1 else None
    if exponent is None or exponent.is_finite is False:
        return None
    other = replace(stated, at=place, exponent=exponent, unique=True, with_logs=False)
    beside = [finding for piece in ground.pieces for finding in _beside(piece, other)]
    return exponent if beside and all(finding.outcome is Outcome.HOLDS for finding in beside) else None


def hear_minimum(ground: Ground, place: Place, claim: Minimum) -> Evidence:
    """Numbers on the cut, by the claimed law, and beside it, by an exponent that must lie above the claimed one."""
    stated = _Stated.of(ground, claim)
    constant = None if claim.law.constant is None else claimed(ground, claim.law.constant)
    law = numeric.judge_law(stated.exponent, constant, stated.logs, claim.law.log)
    on_it = numeric.hear(cut(ground, stated.over, stated.at), place, law, "exponents extrapolated at the minimum")
    aside = replace(ground, pieces=tuple(_sides(ground, stated)))
    beside = numeric.hear(aside, place, _judge_beside(stated), "exponents beside it")
    table = Table.of([*on_it.table.records(), *beside.table.records()])
    worst = min((on_it, beside), key=lambda item: _WORST.index(item.outcome))
    reason = f"{on_it.reason}; {beside.reason}" if worst.outcome is Outcome.HOLDS else worst.reason
    return replace(on_it, outcome=worst.outcome, reason=reason, table=table)


_WORST = (Outcome.FAILS, Outcome.UNDECIDED, Outcome.NOT_APPLICABLE, Outcome.HOLDS)


def _sides(ground: Ground, stated: _Stated) -> list[Piece]:
    """The pieces without the cut; walls with a law among them only where nothing wider is left."""
    known = [piece for piece in ground.pieces if piece.law is not None]
    pieces = [replace(piece, stratum=part) for piece in known for part in _off(piece.stratum, stated)]
    widest = max((len(piece.stratum.variables) for piece in pieces), default=0)
    return [piece for piece in pieces if len(piece.stratum.variables) == widest]


def _judge_beside(stated: _Stated) -> Callable[[Curve], tuple[Outcome, dict[str, Cell]]]:
    def judge(curve: Curve) -> tuple[Outcome, dict[str, Cell]]:
        least = number_at(stated.exponent, curve.point)
        found = estimated(curve, least)
        low, high = found.interval
        cells: dict[str, Cell] = {
            "exponent": found.exponent, "low": low, "high": high, "claimed": least,
            "logarithm": found.log_status.name.lower(),
        }  # fmt: skip
        if found.convergence in numeric.UNSETTLED:
            return Outcome.UNDECIDED, {**cells, "note": numeric.UNSETTLED[found.convergence]}
        if high < least - MARGIN:
            return Outcome.FAILS, cells
        if low > least:
            return Outcome.HOLDS, cells
        alike = agrees(found, least) is Outcome.HOLDS and not stated.unique
        note = "the exponent may be that at the minimum by its interval"
        return (Outcome.HOLDS if alike else Outcome.UNDECIDED), {**cells, "note": note}

    return judge
