"""Monotony of an exponent in one parameter, by its definition: at any two points of the range that differ in it alone.

The pieces of the range are taken in pairs, walls and pieces that do not touch among them, with a second copy of the
parameter further up; so jumps, holes in the range and closed ends need no cases of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sympy as sp

from ..evidence import Outcome
from .comparing import at_point, signs
from .pieces import Piece
from .ranges import Ground, told
from .statements import Monotone
from .strata import Stratum, UnresolvedError
from .symbolic import Finding


def further(name: str) -> str:
    """The name of the copy further up; none that a user can write, since theirs begin with a letter."""
    return f"_{name}_further"


WANTED = {"increasing": 1, "decreasing": -1, "constant": 0}


@dataclass(frozen=True)
class _Axis:
    """The coordinate that moves, its copy further up, all coordinates, and what the whole range eliminated."""

    symbol: sp.Symbol
    beyond: sp.Symbol
    variables: tuple[sp.Symbol, ...]
    ties: Mapping[sp.Symbol, sp.Expr]


def on_monotone(ground: Ground, claim: Monotone) -> list[Finding]:
    """The sign of exponent(further up) - exponent over every pair of pieces."""
    axis = _axis(ground, claim.parameter)
    if axis is None:
        reason = f"{claim.parameter} has a single value in the range, or is tied to others in it"
        return [Finding(s, None, Outcome.NOT_APPLICABLE, reason, s.point()) for s in ground.strata]
    unknown = [piece for piece in ground.pieces if piece.law is None or _infinite(piece)]
    if unknown:
        reasons = [piece.reason or "the exponent is infinite" for piece in unknown]
        return [
            Finding(p.stratum, None, Outcome.UNDECIDED, r, p.stratum.point())
            for p, r in zip(unknown, reasons, strict=True)
        ]
    found = []
    for low in ground.pieces:
        for high in ground.pieces:
            found += _pair(axis, low, high, WANTED[claim.direction])
    return found


def _infinite(piece: Piece) -> bool:
    return piece.law is None or piece.law.exponent is None or piece.law.exponent in (sp.oo, -sp.oo)


def _axis(ground: Ground, parameter: str) -> _Axis | None:
    """None where the parameter cannot move with everything else fixed."""
    symbol = ground.symbols[parameter]
    widest = max(len(stratum.variables) for stratum in ground.strata)
    tops = [stratum for stratum in ground.strata if len(stratum.variables) == widest]
    if parameter in ground.fixed or any(top.variables != tops[0].variables for top in tops):
        return None
    ties = dict(tops[0].values)
    if symbol in ties:  # a root of it may be the coordinate, and goes up with it
        root = next((v for v in tops[0].variables if ties[symbol].is_Pow and ties[symbol].base == v), None)
        if root is None:
            return None
        symbol = root
    others = [value for name, value in ties.items() if name != ground.symbols[parameter]]
    if any(value.has(symbol) for value in others) or any(dict(top.values) != ties for top in tops):
        return None
    beyond = sp.Symbol(further(symbol.name), **symbol.assumptions0)
    return _Axis(symbol, beyond, tops[0].variables, ties)


def _pair(axis: _Axis, low: Piece, high: Piece, wanted: int) -> list[Finding]:
    """All pairs of points, the lower in one piece and the upper in the other."""
    assert low.law is not None
    assert high.law is not None
    try:
        parts = _between(axis, low.stratum, high.stratum)
        gap = high.stratum.at(high.law.exponent).subs(axis.symbol, axis.beyond) - low.stratum.at(low.law.exponent)
        found = []
        for part in parts:
            for place, sign in signs(part, gap):
                outcome = Outcome.HOLDS if sign == wanted else Outcome.FAILS
                reason = "the exponents compare as claimed" if sign == wanted else _counterexample(axis, place, gap)
                found.append(Finding(low.stratum, low.law, outcome, reason, place.point()))
        return found
    except UnresolvedError as error:
        return [Finding(low.stratum, low.law, Outcome.UNDECIDED, _in_words(axis, str(error)), low.stratum.point())]


def _between(axis: _Axis, low: Stratum, high: Stratum) -> list[Stratum]:
    """The set of pairs: both conditions at the same other parameters, the second further up."""
    start = Stratum((*axis.variables, axis.beyond), (axis.beyond - axis.symbol,))
    above = {axis.symbol: axis.beyond}
    zero = [*_equations(axis, low), *(form.subs(above) for form in _equations(axis, high))]
    positive = [*low.positive, *(form.subs(above) for form in high.positive)]
    parts = [start]
    for form in zero:
        parts = [part for whole in parts for part in whole.zeros(form)]
    return [part for whole in parts if (part := _inside(whole, positive)) is not None]


def _inside(whole: Stratum, positive: Sequence[sp.Expr]) -> Stratum | None:
    """The part on which all forms are positive, asked for at once: most pairs of pieces have none."""
    part: Stratum | None = whole
    for form in positive:
        part = None if part is None else part.where(form)
    return None if part is None or part.point() is None else part


def _equations(axis: _Axis, stratum: Stratum) -> list[sp.Expr]:
    """What a wall adds to the equations of the whole range."""
    return [s.subs(axis.ties) - v for s, v in stratum.values.items() if axis.ties.get(s) != v]


def _counterexample(axis: _Axis, place: Stratum, gap: sp.Expr) -> str:
    point = place.point()
    text = f"from {axis.symbol} to a larger {axis.beyond} the exponent changes by {sp.sstr(gap)}"
    if point is not None:
        there = at_point(place.at(gap), point)
        text += f"; at {told(point)}" + ("" if there == gap else f" by {sp.sstr(there)}")
    return _in_words(axis, text)


def _in_words(axis: _Axis, text: str) -> str:
    """A text with p' for the copy of p further up."""
    return text.replace(axis.beyond.name, f"{axis.symbol}'")
