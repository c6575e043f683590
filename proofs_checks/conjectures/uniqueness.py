"""That a user's equations have one positive solution at most, shown by monotony; where it is not shown the verdict says so.

If after division by x^e every term on one side does not fall and every one on the other does not rise, one of them strictly,
both sides meet once at most. A system is taken in steps: equations that have as many unknowns between them as they are, none of
which is settled yet, one equation before several (`coupled`); where there are none, an explicit unknown is put into the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache
from itertools import combinations

from .coupled import meet_once
from .elasticities import Signs
from .nodes import Node, Relation
from .statements import Place, UserSystem

MOST_AT_ONCE = 4
"""Unknowns that are settled together."""


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


def not_shown_at(
    system: UserSystem, place: Place, where: Sequence[Relation], fixed: Iterable[str] = ()
) -> tuple[str, ...]:
    """The same where a conjecture speaks: controls that its path, its values or its range keep above zero hold what they hold.

    `fixed` are controls that are known to have a positive value there.
    """
    told = system.within(where)
    above = {name: (*links, *_said_of(name, told, place, where)) for name, links in told.controls.items()}
    above |= {name: (*above[name], _at_least(name, ">", 0)) for name in fixed if name in above}
    return not_shown(replace(told, controls=above))


def _said_of(name: str, system: UserSystem, place: Place, where: Sequence[Relation]) -> Iterator[Relation]:
    """What a place says of a control, as relations of a domain."""
    for link in where:
        if link.names() == {name}:
            yield link
            equal = next((side for side in (link.left, link.right) if link.sign == "=" and not side.names()), None)
            if equal is not None and _positive(equal, system.large):
                yield _at_least(name, ">", 0)
    value = place.path.get(name, place.controls.get(name))
    if isinstance(value, Node) and _positive(value, system.large):
        yield _at_least(name, ">", 0)
        if _grows(value, system.large):
            yield _at_least(name, ">=", 1)


def _at_least(name: str, sign: str, number: int) -> Relation:
    return Relation(Node("name", (), name), sign, Node("number", (), Fraction(number)))


def _positive(node: Node, large: str) -> bool:
    """Whether a value or a path is a product of powers of what is positive."""
    if node.kind in ("number", "name"):
        return node.value == large if node.kind == "name" else node.value > 0  # type: ignore[operator]
    bases = node.args[:1] if node.kind in ("**", "sqrt") else node.args
    return node.kind in ("*", "/", "**", "sqrt") and all(_positive(base, large) for base in bases)


def _grows(node: Node, large: str) -> bool:
    """Whether a path is above 1 once the large parameter is: a root or a power of it."""
    if node.kind in ("**", "sqrt"):
        power = node.args[-1] if node.kind == "**" else Node("number", (), Fraction(1))
        return _grows(node.args[0], large) and power.kind == "number" and power.value > 0  # type: ignore[operator]
    return node.kind == "name" and node.value == large


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
        """Settle some unknowns, or put an explicit one in; False where neither can be done."""
        for links in self.closed():
            names = sorted(self.open_of(links))
            if meet_once(links, names, self.given, self.signs):
                self.pending = [link for link in self.pending if link not in links]
                for name in names:
                    self.settle(name)
                return True
        for link in self.pending:
            for name, formula in _explicit(link):
                if self.free(name) and name not in self.open_in(formula.names()):
                    self.pending.remove(link)
                    self.given[name] = formula
                    return True
        return False

    def closed(self) -> Iterator[tuple[Relation, ...]]:
        """Equations that have as many open unknowns between them, few before many."""
        for size in range(1, MOST_AT_ONCE + 1):
            for links in combinations(self.pending, size):
                if len(self.open_of(links)) == size:
                    yield links

    def open_of(self, links: Sequence[Relation]) -> set[str]:
        """Unknowns of some equations that are not settled."""
        return set().union(*(self.open_in(link.names()) for link in links))

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


def _explicit(link: Relation) -> Iterator[tuple[str, Node]]:
    """Sides that are a name alone, with the other side."""
    for one, other in ((link.left, link.right), (link.right, link.left)):
        if one.kind == "name" and str(one.value) not in other.names():
            yield str(one.value), other
