"""The phase diagram of a question: the range in a plane of its names, divided into regions, the walls between them, and corners.

Regions and walls are the parts into which the derived laws divide the range (see `pieces`); which regions meet at a wall is
decided by the signs of their conditions on it. Nothing is sampled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import sympy as sp

from ..diagrams import BoundaryRow, Diagram, PhaseRow
from .pieces import Piece
from .ranges import Ground
from .statements import Question
from .strata import Stratum, UnresolvedError, is_root, sign_of, without_positive_factors

EDGE = "edge"
"""What lies on the other side where a wall belongs to the range and ends it."""
NO_LAW = "no law"
MOST_MERGED = 30
"""Parts beyond which none are put together: every pair is compared with every other part."""
NUMERALS = ((100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


@dataclass(frozen=True)
class Region:
    """An open part of the range on which one law holds; where none does, `piece.reason` says why.

    `parts` are those into which the derivation divides it: each with what else changes between them.
    """

    name: str
    piece: Piece
    parts: tuple[Piece, ...]

    @property
    def stratum(self) -> Stratum:
        """Where it is."""
        return self.piece.stratum


@dataclass(frozen=True)
class Wall:
    """Where two regions meet: the part of a wall that both of them touch.

    Parameters
    ----------
    between : tuple[str, str]
        Names of the regions on the lower and the upper side of `solved`.
    piece : Piece
        The wall, with the law on it.
    solved : Symbol
        The name in which it is an equation, in the user's words.
    continuous : bool or None
        Whether both sides have one exponent there; None where one of them has no law.
    same : bool
        Whether it has the law of both sides: only what is not asked for changes there.
    """

    between: tuple[str, str]
    piece: Piece
    solved: sp.Symbol
    continuous: bool | None
    same: bool


@dataclass(frozen=True)
class Plane:
    """The phase diagram of one question.

    Parameters
    ----------
    question : Question
        As it was asked, with the values that were given to names.
    ground : Ground or None
        All that is known on its range; None where nothing is, and `reason` says why.
    axes : tuple[str, ...]
        The two names of the plane, or the one of an interval.
    regions : tuple[Region, ...]
        Open parts of the range, those without a law last.
    walls : tuple[Wall, ...]
        Of codimension one.
    corners : tuple[Piece, ...]
        Where walls meet: of higher codimension.
    notes : tuple[str, ...]
        What could not be decided.
    assumptions : tuple[str, ...]
        Of the derivation, and what was understood.
    reason : str
        Why there is no diagram.
    """

    question: Question
    ground: Ground | None
    axes: tuple[str, ...]
    regions: tuple[Region, ...] = ()
    walls: tuple[Wall, ...] = ()
    corners: tuple[Piece, ...] = ()
    notes: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    reason: str = ""

    @property
    def complete(self) -> bool:
        """Whether every region, wall and corner has a law."""
        parts = [*(r.piece for r in self.regions), *(w.piece for w in self.walls), *self.corners]
        return not self.reason and not self.notes and bool(parts) and all(has_law(part) for part in parts)

    def diagram(self, large: str, parameters: Mapping[str, str]) -> Diagram:
        """Regions and walls that have names, as rows like those of the theories' diagrams."""
        place = self.question.place
        plane = (self.axes[0], self.axes[-1]) if self.axes else ("", "")
        return Diagram(
            place.theory, place.observable, large, plane,
            tuple(_phase_row(region, self.axes) for region in self.regions if has_law(region.piece)),
            tuple(_boundary_row(wall, self.axes) for wall in self.walls),
            bool(self.regions) and not self.notes and all(has_law(region.piece) for region in self.regions),
            self.notes, dict(parameters), self.assumptions,
        )  # fmt: skip


def has_law(piece: Piece) -> bool:
    """Whether a law, or that it is below every power, is known on a part."""
    return piece.law is not None and piece.law.exponent is not None


def divided(question: Question, ground: Ground, axes: tuple[str, ...], assumptions: Sequence[str]) -> Plane:
    """The plane of a question from what is known on its range."""
    widest = max((len(piece.stratum.variables) for piece in ground.pieces), default=0)
    tops = [piece for piece in ground.pieces if len(piece.stratum.variables) == widest]
    solid, notes = _without_faults(tops)
    thinner = [piece for piece in ground.pieces if len(piece.stratum.variables) < widest]
    regions = _named(_merged(solid, thinner))
    bases = [piece.stratum.values for piece in tops]
    thin = [piece for piece in ground.pieces if len(piece.stratum.variables) == widest - 1]
    walls = tuple(wall for piece in thin for wall in _walls(piece, regions, bases))
    corners = tuple(piece for piece in ground.pieces if len(piece.stratum.variables) < widest - 1)
    return Plane(question, ground, axes, tuple(regions), walls, corners, tuple(notes), tuple(assumptions))


def _without_faults(tops: Sequence[Piece]) -> tuple[list[Piece], list[str]]:
    """Open parts that do not overlap: one with a law inside of one without says that a wall in there could not be followed."""
    known = [piece for piece in tops if has_law(piece)]
    solid, notes = list(known), list[str]()
    for piece in tops:
        if has_law(piece):
            continue
        if any(_overlap(piece.stratum, other.stratum) for other in known):
            notes.append(f"a wall was not followed: {piece.reason}")
        else:
            solid.append(piece)
    return solid, list(dict.fromkeys(notes))


def _overlap(one: Stratum, two: Stratum) -> bool:
    """Whether two open parts of one range have a point in common."""
    return _alike(one, two) and one.within(two.positive) is not None


def _alike(one: Stratum, two: Stratum) -> bool:
    return one.variables == two.variables and one.values == two.values


def _merged(pieces: Sequence[Piece], thinner: Sequence[Piece]) -> list[tuple[Piece, ...]]:
    """Parts that were divided although one law of the observable holds on them, together where that is one region.

    The whole comes first: the part of the range that is left when the conditions that tell two parts apart are dropped. It is
    one region if it meets no other part, and swallows no wall or corner that has another law.
    """
    found: list[tuple[Piece, ...]] = [(piece,) for piece in pieces]
    again = len(pieces) <= MOST_MERGED
    while again:
        again = False
        for one, two in combinations(found, 2):
            whole = whole_of(one[0], two[0], [other[0] for other in found if other not in (one, two)])
            if whole is not None and all(agrees(piece, whole) for piece in thinner):
                parts = [part for group in (one, two) for part in (group[1:] or group)]
                found = [(whole, *parts) if group is one else group for group in found if group is not two]
                again = True
                break
    return found


def whole_of(one: Piece, two: Piece, others: Sequence[Piece]) -> Piece | None:
    """Two parts as one, if the same law holds on both and the conditions that they share meet no other part."""
    if not has_law(one) or not _alike(one.stratum, two.stratum) or _told(one) != _told(two):
        return None
    try:
        kept = [*_shared(one.stratum, two.stratum), *_shared(two.stratum, one.stratum)]
        whole = replace(one.stratum, positive=tuple(dict.fromkeys(kept)))
        if any(_overlap(other.stratum, whole) for other in others):
            return None
    except UnresolvedError:
        return None
    return replace(one, stratum=whole)


def agrees(piece: Piece, whole: Piece) -> bool:
    """Whether a thinner part lies outside of a wider one, or has the law of that where it lies inside."""
    try:
        return piece.stratum.within(whole.stratum.positive) is None or same_law(piece, whole)
    except UnresolvedError:
        return False


def same_law(piece: Piece, whole: Piece) -> bool:
    """Whether two parts have one law on the thinner of them; constants that are not known may differ."""
    own, other = piece.law, whole.law
    if own is None or other is None:
        return False
    pairs = ((own.exponent, other.exponent), (own.log, other.log), (own.constant, other.constant))
    return all(is_equal(piece, one, two) for one, two in pairs)


def _shared(one: Stratum, two: Stratum) -> list[sp.Expr]:
    """The conditions of one part that hold on all of another, zeros apart."""
    return [form for form in one.positive if two.possible(form) is two or _holds(two, form)]


def _holds(part: Stratum, form: sp.Expr) -> bool:
    return part.possible(-form) is None and not any(True for _ in part.zeros(form))


def _named(groups: Sequence[tuple[Piece, ...]]) -> list[Region]:
    """Names as in the papers: a numeral a law of the observable, letters where several regions have it."""
    kinds: dict[object, list[tuple[Piece, ...]]] = {}
    for parts in groups:
        kinds.setdefault(_told(parts[0]), []).append(parts)
    found: list[Region] = []
    number = 0
    for group in sorted(kinds.values(), key=lambda several: not has_law(several[0][0])):
        lawful = has_law(group[0][0])
        number += lawful
        head = _numeral(number) if lawful else f"{NO_LAW} "
        letters = [""] if len(group) == 1 else [_letter(k) for k in range(len(group))]
        found += [
            Region(f"{head}{letter}".strip(), parts[0], parts[1:] or parts)
            for letter, parts in zip(letters, group, strict=True)
        ]
    return found


def _told(piece: Piece) -> object:
    """What is said of the observable on a part; parts without a law are all alike."""
    if piece.law is None or piece.law.exponent is None:
        return None
    shown = piece.stratum.shown
    constant = None if piece.law.constant is None else shown(piece.law.constant)
    return shown(piece.law.exponent), shown(piece.law.log), constant


def _numeral(number: int) -> str:
    """A Roman numeral.

    Examples
    --------
    >>> [_numeral(number) for number in (1, 4, 9, 14, 40)]
    ['I', 'IV', 'IX', 'XIV', 'XL']
    """
    found = ""
    for size, sign in NUMERALS:
        found += sign * (number // size)
        number %= size
    return found


def _letter(index: int) -> str:
    """a to z, then aa and so on."""
    return (_letter(index // 26 - 1) if index >= 26 else "") + chr(ord("a") + index % 26)


def _walls(piece: Piece, regions: Sequence[Region], bases: Sequence[Mapping[sp.Symbol, sp.Expr]]) -> list[Wall]:
    """A wall by the pairs of regions that meet at it; none where it only divides a region with one law."""
    found_by = _solved(piece.stratum, bases)
    if found_by is None:
        return []
    solved, symbol = found_by
    below = [(r, part) for r in regions if (part := _facing(piece.stratum, r, solved, -1)) is not None]
    above = [(r, part) for r in regions if (part := _facing(piece.stratum, r, solved, 1)) is not None]
    if not below or not above:
        alone = [(r.name, part) for r, part in below or above]
        pairs = [((name, EDGE) if below else (EDGE, name), None, None, part) for name, part in alone]
        return [_wall(*pair[:3], replace(piece, stratum=pair[3]), symbol) for pair in pairs]
    found = []
    for one, at_one in below:
        for two, _ in above:
            part = _facing(at_one, two, solved, 1)
            if part is not None:
                wall = _wall((one.name, two.name), one, two, replace(piece, stratum=part), symbol)
                found += [] if one is two and wall.same else [wall]
    return found


def _solved(wall: Stratum, bases: Sequence[Mapping[sp.Symbol, sp.Expr]]) -> tuple[sp.Symbol, sp.Symbol] | None:
    """The variable that the equation of a wall has eliminated, and the user's symbol for it: it may be a root of that."""
    for base in bases:
        new = [symbol for symbol in wall.values if symbol not in base]
        if len(new) == 1 and base.keys() <= wall.values.keys():
            named = (s for s, value in base.items() if is_root(value) and value.base == new[0])
            return new[0], next(named, new[0])
    return None


def _facing(wall: Stratum, region: Region, solved: sp.Symbol, sign: int) -> Stratum | None:
    """The part of a wall that a region touches from the side on which `solved` is smaller (-1) or larger (1)."""
    part: Stratum | None = wall
    for form in region.stratum.positive:
        if part is None:
            return None
        value = part.at(form)
        if _is_zero(value):
            value = sign * part.at(sp.diff(form, solved))
        part = part.possible(value)
    return part


def _is_zero(value: sp.Expr) -> bool:
    if not value.free_symbols:
        return sign_of(value) == 0
    if value.is_rational_function(*value.free_symbols):
        return bool(sp.cancel(value) == 0)
    return bool(sp.simplify(value) == 0)


def _wall(between: tuple[str, str], one: Region | None, two: Region | None, piece: Piece, symbol: sp.Symbol) -> Wall:
    sides = [side.piece.law for side in (one, two) if side is not None and has_law(side.piece)]
    laws = [law for law in sides if law is not None]
    continuous = None if len(laws) < 2 else is_equal(piece, laws[0].exponent, laws[1].exponent)
    own = piece.law
    same = len(laws) == 2 and own is not None and all(
        is_equal(piece, own_part, side_part)
        for law in laws
        for own_part, side_part in ((own.exponent, law.exponent), (own.log, law.log), (own.constant, law.constant))
    )  # fmt: skip
    return Wall(between, piece, symbol, continuous, same)


def is_equal(piece: Piece, one: sp.Expr | None, two: sp.Expr | None) -> bool:
    """Whether two formulas are one on a wall; unknown ones are not."""
    if one is None or two is None:
        return False
    one, two = piece.stratum.at(one), piece.stratum.at(two)
    if one == two:
        return True
    return one.is_finite is not False and two.is_finite is not False and _is_zero(one - two)


def relations_of(stratum: Stratum, axes: Sequence[str]) -> tuple[sp.Rel, ...]:
    """Where a part of the range is, as single strict inequalities, solved for a name of the plane where that can be."""
    found = [_relation(stratum.in_names(form), axes) for form in stratum.essential()]
    return tuple(item for item in found if isinstance(item, sp.Rel))


def _relation(form: sp.Expr, axes: Sequence[str]) -> sp.Basic:
    """form > 0 as an inequality.

    Examples
    --------
    >>> a, s = sp.symbols("a s", positive=True)
    >>> _relation(1 - a * s - s, ["s"]), _relation(a * s**2 - 1, ["s"]), _relation(2 - a**2 - s**2, ["s"])
    (s < 1/(a + 1), a > s**(-2), a**2 + s**2 < 2)
    """
    plain = without_positive_factors(form)
    ordered = sorted(plain.free_symbols, key=lambda s: (s.name not in axes, s.name))
    for symbol in ordered:
        slope = sp.diff(plain, symbol)
        if slope.has(symbol) or not (slope.is_positive or slope.is_negative):
            continue
        bound = -plain.subs(symbol, 0) / slope
        bound = min((sp.factor(bound), sp.expand(bound)), key=lambda told: (told.count_ops(), str(told)))
        return symbol > bound if slope.is_positive else symbol < bound
    moving = plain.as_independent(*plain.free_symbols, as_Add=True)[1]
    rest = moving - plain
    downwards = all(part.could_extract_minus_sign() for part in sp.Add.make_args(moving))
    return -moving < -rest if downwards else moving > rest


def _phase_row(region: Region, axes: Sequence[str]) -> PhaseRow:
    law, shown = region.piece.law, region.stratum.shown
    assert law is not None
    assert law.exponent is not None
    constant = None if law.constant is None else shown(law.constant)
    return PhaseRow(region.name, shown(law.exponent), constant, shown(law.log), relations_of(region.stratum, axes))


def _boundary_row(wall: Wall, axes: Sequence[str]) -> BoundaryRow:
    law, stratum = wall.piece.law, wall.piece.stratum
    equation = sp.Eq(wall.solved, stratum.shown(wall.solved), evaluate=False)
    along = relations_of(stratum, axes)
    if law is None or law.exponent is None:
        return BoundaryRow(wall.between, equation, along, bool(wall.continuous), None)
    constant = None if law.constant is None else stratum.shown(law.constant)
    exponent, log = stratum.shown(law.exponent), stratum.shown(law.log)
    return BoundaryRow(wall.between, equation, along, bool(wall.continuous), exponent, constant, log)
