"""That a user's equations have one positive solution at most, shown by monotony; where it is not shown the verdict says so.

If after division by x^e every term on one side does not fall and every one on the other does not rise, one of them strictly,
both sides meet once at most. A system is taken equation by equation: one with a single unknown that is not settled yet, after
explicit ones have been put in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import sympy as sp

from .elasticities import FLAT, MOST_TERMS, Reading, Signs, Slopes, Term, expanded, turned
from .nodes import Node, Relation
from .statements import UserSystem


def shown_unique(system: UserSystem) -> bool:
    """Whether monotony shows that the equations have one positive solution at most.

    Examples
    --------
    >>> from .grammar import parse_relations
    >>> def asked(equation):
    ...     return shown_unique(UserSystem("s", "n", ("x",), {}, {}, tuple(parse_relations(equation, sums=True))))
    >>> asked("n*x = 1 + x*powersum(k**(-2)/(k**(-2) + x))"), asked("x = n + log(x)"), asked("x + 1/x = n")
    (True, False, False)
    """
    return not not_shown(system)


def not_shown(system: UserSystem) -> tuple[str, ...]:
    """The unknowns of which it is not shown that they have one value; empty if it is of all."""
    return _not_shown(_Asked(repr(system), system))


@dataclass(frozen=True)
class _Asked:
    """A system, told apart by how it is written, so that it is looked at once."""

    text: str
    system: UserSystem = field(compare=False)


@lru_cache(maxsize=256)
def _not_shown(asked: _Asked) -> tuple[str, ...]:
    search = _Search(asked.system)
    while search.step():
        pass
    return tuple(name for name in asked.system.positive if name not in search.settled)


class _Search:
    """What is settled of a system, equation by equation."""

    def __init__(self, system: UserSystem) -> None:
        self.pending = list(system.equations)
        self.unknowns = frozenset(system.positive)
        self.given: dict[str, Node] = {}
        self.settled: set[str] = set()
        self.signs = Signs(system)

    def step(self) -> bool:
        """Settle one unknown, or put an explicit one in; False where neither can be done."""
        for link in self.pending:
            open_ = self.open_in(link.names())
            if len(open_) == 1 and self.meets_once(link, next(iter(open_))):
                self.pending.remove(link)
                self.settle(next(iter(open_)))
                return True
        for link in self.pending:
            for name, formula in _explicit(link):
                if self.free(name) and name not in self.open_in(formula.names()):
                    self.pending.remove(link)
                    self.given[name] = formula
                    return True
        return False

    def free(self, name: str) -> bool:
        """Whether a name is an unknown of which nothing is known yet."""
        return name in self.unknowns and name not in self.given and name not in self.settled

    def open_in(self, names: frozenset[str]) -> set[str]:
        """Unknowns that are not settled, explicit ones replaced by those that they are made of."""
        found: set[str] = set()
        for name in names & self.unknowns - self.settled:
            found |= self.open_in(self.given[name].names()) if name in self.given else {name}
        return found

    def settle(self, name: str) -> None:
        """One value at most; and so of every explicit unknown that is made of settled ones."""
        self.settled.add(name)
        for other, formula in self.given.items():
            if other not in self.settled and not self.open_in(formula.names()):
                self.settle(other)

    def meets_once(self, link: Relation, name: str) -> bool:
        """Whether both sides of an equation meet once at most, as functions of one unknown."""
        reading = Reading(self.signs, self.given, name)
        terms = [*expanded(link.left, self.signs), *(turned(term) for term in expanded(link.right, self.signs))]
        if len(terms) > MOST_TERMS:
            return False
        slopes = [reading.of_term(term) for term in terms]
        if not any(reading.moves(term) for term in terms):
            return False
        candidates = {sp.S.Zero}
        candidates |= {value for slope in slopes if slope is not None for value in slope.lows | slope.highs}
        return any(
            _one_way(list(zip(terms, slopes, strict=True)), pivot, reading)
            for pivot in candidates
            if not pivot.is_infinite
        )


def _one_way(terms: Sequence[tuple[Term, Slopes | None]], pivot: sp.Expr, reading: Reading) -> bool:
    """Whether all terms over x^pivot go one way, and one of them strictly."""
    for way in (1, -1):
        turns = [_turn(term, slope, pivot, way, reading) for term, slope in terms]
        if all(turn is not None for turn in turns) and any(turns):
            return True
    return False


def _turn(term: Term, slope: Slopes | None, pivot: sp.Expr, way: int, reading: Reading) -> bool | None:
    """Whether a term over x^pivot surely goes in the direction `way`: strictly, not strictly (False), or not surely (None)."""
    signs = reading.signs
    if slope == FLAT and pivot == 0:
        return False
    if slope is None or term.sign is None:
        return True if pivot == 0 and reading.direction(term) == way else None
    upwards = term.sign * way > 0
    gaps = [low - pivot for low in slope.lows] if upwards else [pivot - high for high in slope.highs]
    if not all(signs.nonnegative(gap) for gap in gaps):
        return None
    strictly = (slope.above if upwards else slope.below) or all(signs.positive(gap) for gap in gaps)
    return strictly and not reading.may_vanish(term)


def _explicit(link: Relation) -> Iterator[tuple[str, Node]]:
    """Sides that are a name alone, with the other side."""
    for one, other in ((link.left, link.right), (link.right, link.left)):
        if one.kind == "name" and str(one.value) not in other.names():
            yield str(one.value), other
