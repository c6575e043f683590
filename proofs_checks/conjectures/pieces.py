"""Which derived law holds where in a stated range: the range divided by the rows of a diagram, walls included, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import sympy as sp

from .derived import DerivedLaw
from .glances import signs
from .strata import MAX_STRATA, Stratum, UnresolvedError, inequality, sign_of


@dataclass(frozen=True)
class Piece:
    """A part of the range on which one derived law holds; `law` None where none is known, with the `reason`."""

    stratum: Stratum
    law: DerivedLaw | None
    reason: str = ""
    outside: bool = False
    """Whether the part lies outside what the diagram covers."""


def divide(stratum: Stratum, laws: Sequence[DerivedLaw]) -> list[Piece]:
    """Divide a part of the range among derived laws.

    Open pieces first; on every wall between them the laws that hold on that wall are asked for, and so on downwards in
    dimension, so nothing of the range is left out.
    """
    done: list[Piece] = []
    pending = [stratum]
    while pending:
        current = pending.pop(0)
        try:
            pieces, walls = _open_pieces(current, laws)
        except UnresolvedError as error:
            if current is stratum:
                raise
            # A corner at irrational places is open, and leaves the rest known.
            pieces, walls = [Piece(current, None, str(error))], []
        done += pieces
        pending += walls
        if len(done) + len(pending) > MAX_STRATA:
            raise UnresolvedError(f"the range falls into more than {MAX_STRATA} parts")
    return done


def _open_pieces(stratum: Stratum, laws: Sequence[DerivedLaw]) -> tuple[list[Piece], list[Stratum]]:
    pieces: list[Piece] = []
    walls: list[Stratum] = []
    left = [stratum]
    for law in laws:
        if not all(_vanishes(stratum, form) for form in law.zero):
            continue
        remaining: list[Stratum] = []
        for part in left:
            inside, outside, edges, faults = _cut(part, law)
            walls += edges
            pieces += [Piece(part, None, text) for text in faults]
            if inside is None:
                remaining.append(part)
                continue
            pieces.append(_piece(inside, law))
            remaining += outside
        left = remaining
    pieces += [_uncovered(part, laws) for part in left]
    return pieces, _distinct(walls)


def _piece(inside: Stratum, law: DerivedLaw) -> Piece:
    if law.exponent is None:
        return Piece(inside, None, f"no law was derived on the boundary {law.name}")
    if law.exact_factors:
        return Piece(inside, None, f"the law on the boundary {law.name} holds for controls without factors only")
    return Piece(inside, law)


def _uncovered(part: Stratum, laws: Sequence[DerivedLaw]) -> Piece:
    """A part in no region: on a wall no law of its own is known, elsewhere the diagram ends."""
    for law in laws:
        for form in map(_cleared, law.positive):
            if _vanishes(part, form):
                return Piece(part, None, f"on the boundary of {law.name} no law is known")
    return Piece(part, None, _why_not(part, laws), outside=True)


MOST_ASKED = 8
"""Laws that are asked what they need where none holds: a reason is read, not searched."""


def _why_not(part: Stratum, laws: Sequence[DerivedLaw]) -> str:
    """What every derived law needs that a part of the range does not have."""
    if not laws:
        return "no balance of the equations is consistent on powers and logarithms of the large parameter"
    laws = laws[:MOST_ASKED]
    missing = [_missing(part, law) for law in laws]
    told = [f"{law.name.rstrip(': ')} needs {needs}" for law, needs in zip(laws, missing) if needs]
    listed = "; ".join([*dict.fromkeys(told)][:3])
    return f"no derived law reaches here ({listed})" if listed else "no derived law reaches here"


def _missing(part: Stratum, law: DerivedLaw) -> str:
    """The conditions of a law that hold nowhere on a part, in words of its symbols; nothing where each holds somewhere."""
    found = [f"{form} = 0" for form in law.zero if not _vanishes(part, form)]
    for form in map(_cleared, law.positive):
        try:
            if part.possible(form) is None:
                found.append("what never holds" if form.is_number else inequality(form))
        except UnresolvedError:
            continue
    return " and ".join(found)


@lru_cache(maxsize=1024)
def _cleared_forms(forms: tuple[sp.Expr, ...]) -> tuple[sp.Expr, ...]:
    """Polynomials of their signs, those first that were some: where b > 1 is known, (b - 1)*(1 - s*(b - 1)) is told shorter."""
    return tuple(sorted(map(_cleared, forms), key=lambda cleared: cleared not in forms))


@lru_cache(maxsize=8192)
def _cleared(form: sp.Expr) -> sp.Expr:
    """A polynomial of the sign of a rational form, 0 where the form has no value: s - (a - 1)/(b - 1) at a = b = 1."""
    if not form.is_rational_function(*form.free_symbols):
        return form
    above, below = sp.fraction(sp.together(form))
    return above * below if below.free_symbols else form


def _vanishes(stratum: Stratum, form: sp.Expr) -> bool:
    value = stratum.at(form)
    if value.has(sp.nan, sp.zoo):  # s - (a - 1)/(b - 1) where a = b = 1: no line goes by there
        return False
    if value.is_number:
        return sign_of(value) == 0
    if value.is_rational_function(*value.free_symbols):
        return not any(signs(value)) and bool(sp.cancel(value) == 0)
    return bool(sp.simplify(value) == 0)


def _cut(part: Stratum, law: DerivedLaw) -> tuple[Stratum | None, list[Stratum], list[Stratum], list[str]]:
    """A part inside the law's region, the parts outside, and the walls between them."""
    outside: list[Stratum] = []
    edges: list[Stratum] = []
    faults: list[str] = []
    current: Stratum | None = part
    for form in _cleared_forms(law.positive):
        if current is None or _vanishes(current, form):
            return None, [], [], []
        beyond = current.possible(-form)
        if beyond is current:
            return None, [], [], []
        inside = current.possible(form)
        if inside is not current:
            try:
                edges += list(current.zeros(form))
            except UnresolvedError as error:
                faults.append(str(error))
        outside += [beyond] if beyond is not None else []
        current = inside
    if current is None:
        return None, [], [], []
    return current, outside, edges, faults


def _distinct(walls: Sequence[Stratum]) -> list[Stratum]:
    """Walls by what they are: the same wall is met from every region that ends there."""
    found: dict[object, Stratum] = {}
    for wall in walls:
        found.setdefault(_set(wall), wall)
    return list(found.values())


def _set(stratum: Stratum) -> tuple[object, ...]:
    """What a stratum is, in whatever order its inequalities were found."""
    return stratum.variables, frozenset(stratum.positive), frozenset(stratum.values.items())


def each_once(pieces: Sequence[Piece]) -> list[Piece]:
    """Pieces by where they are and what is known there: a part whose wall cannot be solved for is divided once more."""
    found: dict[object, Piece] = {}
    for piece in pieces:
        found.setdefault((_set(piece.stratum), piece.law, piece.reason, piece.outside), piece)
    return list(found.values())
