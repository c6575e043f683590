"""What is known where a conjecture speaks: of a theory once for many conjectures, of a user's system derived when it is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial

import sympy as sp

from ..registry import theories
from .derived import DerivedLaw, settled
from .expressions import to_sympy
from .nodes import Node, Relation
from .pieces import Piece
from .ranges import Ground, fixed_by, ground_of
from .statements import Conjecture, Ordering, Place, UserSystem
from .subjects import SYSTEM, large_of
from .systems import Prepared, prepared, symbols_of
from .walls import wall_laws


@dataclass(frozen=True)
class Asked:
    """A place and a range, told apart by how they are written."""

    text: str
    place: Place = field(compare=False)
    where: tuple[Relation, ...] = field(compare=False)
    system: UserSystem | None = field(default=None, compare=False)


@lru_cache(maxsize=64)
def theory_ground(asked: Asked) -> Ground:
    """What is known of a theory on a range, once: the conjectures of a file are often about one place."""
    record = theories()[asked.place.theory]
    return ground_of(record, settled(asked.place, record.scaling.exponents, large_of(record)), asked.where)


def ground_at(place: Place, where: Sequence[Relation], systems: Mapping[str, UserSystem]) -> tuple[Ground, str]:
    """What is known at a place; and why nothing is, of a system that the machine cannot read."""
    if not place.theory.startswith(SYSTEM):
        return theory_ground(Asked(repr((place, tuple(where))), place, tuple(where))), ""
    system = systems[place.theory.removeprefix(SYSTEM)]
    return system_ground(Asked(repr((system, place, tuple(where))), place, tuple(where), system))


@lru_cache(maxsize=64)
def system_ground(asked: Asked) -> tuple[Ground, str]:
    """The same of a user's system: a law, its twins and its constants are about one place."""
    system, where = asked.system, asked.where
    assert system is not None
    place = settled(asked.place, system.controls, system.large)
    given = {n: to_sympy(v, {}) for n, v in place.controls.items() if isinstance(v, Node) and not v.names()}
    found = _derived(system, place, where, {**fixed_by(where, list(system.parameters)), **given})
    on_wall = partial(wall_laws, system, place.observable)
    names = {name: symbol for name, symbol in symbols_of(system).items() if name in system.parameters}
    ground = ground_of(found.record, place, where, found.diagram, found.domain, on_wall, names)
    # What cannot be read in general may be read where the conjecture speaks, as on a wall.
    read_there = any(piece.law is not None for piece in ground.pieces)
    return replace(ground, spread=found.spread), "" if read_there else found.unreadable


def unread(ground: Ground) -> Ground:
    """The same range with its parts as they were stated, and a law on none of them: what numbers alone are heard on."""
    nothing = DerivedLaw("unread", (), (), None, None, sp.S.Zero)
    return replace(ground, pieces=tuple(Piece(stratum, nothing) for stratum in ground.strata))


def _derived(system: UserSystem, place: Place, where: Sequence[Relation], fixed: Mapping[str, sp.Expr]) -> Prepared:
    """A system with its laws on the whole of its domain; on what the range leaves of it where that cannot be read."""
    found = prepared(system, place.observable, fixed)
    narrowed = system.within(where)
    if not found.unreadable or narrowed == system:
        return found
    inside = prepared(narrowed, place.observable, fixed)
    return found if inside.unreadable else replace(inside, domain=found.domain)


def sides_at(place: Place, systems: Mapping[str, UserSystem]) -> list[Node]:
    """The sides of the user's own equations at a place."""
    system = systems.get(place.theory.removeprefix(SYSTEM)) if place.theory.startswith(SYSTEM) else None
    return [] if system is None else [side for link in system.equations for side in (link.left, link.right)]


def with_shared_domains(conjecture: Conjecture, systems: Mapping[str, UserSystem]) -> Mapping[str, UserSystem]:
    """Of two systems in an ordering each knows what the other says of a name that both have: it is one name."""
    if not isinstance(conjecture.claim, Ordering):
        return systems
    theories_ = [place.theory for place in (conjecture.place, conjecture.claim.other)]
    ids = [name.removeprefix(SYSTEM) for name in theories_ if name.startswith(SYSTEM)]
    if len(set(ids)) < 2:
        return systems
    one, two = (systems[name] for name in ids)
    return {**systems, one.id: one.sharing(two), two.id: two.sharing(one)}
