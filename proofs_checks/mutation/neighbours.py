"""All mutants of one claim: its assertion with one thing changed, each known by construction to be true or false."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from typing import Any

import sympy as sp

from ..claims import Claim
from ..enclosed import Enclosed
from ..theory_record import Scaling
from .apart import Exactly, Judge, ToLeadingOrder
from .expressions import false_neighbours
from .mutants import Mutant
from .rewriting import reformulations
from .routes import growing, routes
from .slots import Slot, expressions, flags, region_of, regions
from .special import special
from .walls import empty, narrower, proved_walls, relation_of, same_region, wider

PER_OPERATOR = 3
"""Mutants of one operator on one value of one claim; a formula with many numbers in it would outvote the rest."""
WHY = {
    "exact": "the two expressions differ at a point, by mpmath at two precisions",
    "leading": "the ratio to the claim's law stays away from 1 along a path of the claim, up to 10^800",
    "same": "the two expressions agree to forty digits at points of the claim",
    "region": "the same points satisfy the relations",
    "part": "what is true of the whole region is true of a part of it",
    "wider": "a twin of the claim shows that the law is another beyond this wall",
    "empty": "no point satisfies the relations",
    "flag": "the claim's own value is the true one",
}


def mutants(claim: Claim, scalings: Iterable[Scaling], seed: int = 0) -> list[Mutant]:
    """All mutants of a claim, at most `PER_OPERATOR` of a kind on one value, chosen by the seed.

    Parameters
    ----------
    claim : Claim
        A true one.
    scalings : iterable of Scaling
        Those of the theories: how controls go along the paths of a law.
    seed : int
        The same seed and ledger give the same mutants.
    """
    draw = random.Random(f"{seed}{claim.id}")
    known = tuple(scalings)
    found: list[Mutant] = []
    # A value that is stated to within a deviation may be changed by less than that: enclosures have mutants of their own.
    for slot in () if isinstance(claim.assertion, Enclosed) else expressions(claim.assertion):
        found += _thinned(_of_expression(claim, slot, known, seed), draw)
    for slot in regions(claim.assertion):
        found += _thinned(_of_region(claim, slot), draw)
    for slot in flags(claim.assertion):
        found += _heard(slot, [("flag", str(not slot.value), not slot.value)], False, WHY["flag"])
    return found + _thinned(special(claim), draw)


def _thinned(found: Iterable[Mutant], draw: random.Random) -> list[Mutant]:
    """At most `PER_OPERATOR` of a kind, in their order."""
    kinds: dict[tuple[str, bool], list[Mutant]] = defaultdict(list)
    for mutant in found:
        kinds[mutant.operator, mutant.true].append(mutant)
    kept: list[Mutant] = []
    for group in kinds.values():
        chosen = sorted(draw.sample(range(len(group)), min(PER_OPERATOR, len(group))))
        kept += [group[index] for index in chosen]
    return kept


def _heard(
    slot: Slot, changes: Iterable[tuple[str, str, Any]], true: bool, why: str, numbers: bool = True
) -> Iterator[Mutant]:
    """Changed values put in their place; one that the assertion itself refuses is no mutant."""
    for operator, told, new in changes:
        try:
            assertion = slot.put(new)
        except (ValueError, TypeError):
            continue
        yield Mutant(operator, true, why, assertion, f"{slot.name}: {told}", numbers)


def _of_expression(claim: Claim, slot: Slot, scalings: tuple[Scaling, ...], seed: int) -> Iterator[Mutant]:
    yield from _heard(slot, reformulations(slot.value, _equal(claim, slot, seed)), True, WHY["same"])
    if slot.name in ("low", "high"):
        return  # a bound that is wider than another is true as well: intervals are moved as a whole
    judge, controls, leading = _judge(claim, slot, scalings, seed)
    found = false_neighbours(slot.value, judge, controls, PER_OPERATOR, f"{seed}{claim.id}{slot.name}")
    changes: Iterable[tuple[str, str, Any]]
    if slot.name in getattr(claim.assertion, "UP_TO_A_FACTOR", ()):
        changes = (change for change in found if change[0] == "power")
    else:
        changes = found
    yield from _heard(slot, changes, False, WHY["leading" if leading else "exact"])


def _judge(
    claim: Claim, slot: Slot, scalings: tuple[Scaling, ...], seed: int
) -> tuple[Judge, tuple[sp.Symbol, ...], bool]:
    """Of what "different" means for this value: exactly, or to leading order where symbols grow along the paths."""
    paths = getattr(claim.assertion, "paths", ())
    names = {symbol.name for symbol in slot.value.free_symbols}
    along = routes(paths, names, scalings)
    grow = growing(along)
    if not paths or (slot.value != 0 and not names & grow):
        return _equal(claim, slot, seed), (), False
    controls = tuple(s for s in sorted(slot.value.free_symbols, key=str) if s.name in grow)
    return ToLeadingOrder(along), controls, True


def _equal(claim: Claim, slot: Slot, seed: int) -> Exactly:
    """Equality as functions: at the claim's own points if it has any, else where its hypotheses hold."""
    points = getattr(claim.assertion, "points", ())
    own = tuple(tuple(point.items()) for point in points if hasattr(point, "items"))
    if own and all({symbol for symbol, _ in point} >= slot.value.free_symbols for point in own):
        return Exactly(own, seed=seed)
    return Exactly((), tuple(relation_of(item) for item in region_of(claim.assertion)), seed)


def _of_region(claim: Claim, slot: Slot) -> Iterator[Mutant]:
    yield from _heard(slot, (("region", *c) for c in same_region(slot.value)), True, WHY["region"])
    if slot.name not in ("hypotheses", "relations"):
        yield from _heard(
            slot, _too_wide(slot), False, "the stretch or region that is stated is the whole of it", False
        )
        return
    yield from _heard(slot, (("narrower", *c) for c in narrower(slot.value, _places(claim))), True, WHY["part"])
    twins = [twin.assertion for twin in claim.twins if _same_but_where(claim.assertion, twin.assertion)]
    walls = proved_walls(slot.value, [getattr(twin, slot.name) for twin in twins])
    yield from _heard(slot, wider(slot.value, walls), False, WHY["wider"], False)
    yield from _heard(slot, (("empty", *c) for c in empty(slot.value)), False, WHY["empty"], False)


def _too_wide(slot: Slot) -> Iterator[tuple[str, str, Any]]:
    """Of a stretch or region that is stated as the whole of it, every change is wrong."""
    yield from wider(slot.value, {relation_of(item): True for item in slot.value})


def _places(claim: Claim) -> list[dict[str, sp.Expr]]:
    """Exact points at which the numeric witness looks, by name; a narrower region must hold them."""
    paths = [path.place() for path in getattr(claim.assertion, "paths", ())]
    points = [point for point in getattr(claim.assertion, "points", ()) if hasattr(point, "items")]
    return paths + [{symbol.name: value for symbol, value in point.items()} for point in points]


def _same_but_where(one: Any, two: Any) -> bool:
    """Whether two assertions say the same of different regions."""
    where = ("hypotheses", "relations", "paths", "points")
    return type(one) is type(two) and all(
        getattr(one, field.name) == getattr(two, field.name) for field in fields(one) if field.name not in where
    )


def as_claim(claim: Claim, mutant: Mutant) -> Claim:
    """The claim with the mutant's assertion in its place, and the hypotheses that go with it."""
    hypotheses = tuple(getattr(mutant.assertion, "hypotheses", claim.hypotheses))
    return replace(claim, assertion=mutant.assertion, hypotheses=hypotheses)
