"""Whether the terms of a user's equations have settled into their order: what numbers alone cannot see lies beyond the scales.

At the solution every term of every sum is followed from 10^8 to 10^14. A term that is small there but catches up will take
over at some larger scale, however large: then the solved numbers say nothing of the limit. The same is asked of the sides
of minima and maxima, of the argument of an error function (far out, or vanishing, or still), and inside a power sum along
k = large^s. Functions that grow faster than every power, or hide a scale of their own, are not judged at all.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations

import numpy as np

from .evaluation import prepared
from .nodes import INDEX, POWER_SUM, Node, Relation, Size, walk

CLOSING = 1e-3
"""Change of the logarithm of a ratio of terms that counts as none: that by which ratios to a law may move as well."""
CANCELS = 1e-2
"""A sum below this part of its largest term cancels: what is left may be of any order."""
FAR_OUT, VANISHING = 6.0, 1e-3
"""Where an error function has settled: 1 - erf(6) is below rounding, and erf(x) is 2x/√π to 10^-6."""
DECADES = 3.0
"""Of the constant in a ratio of terms inside a power sum."""
PLACES = (0.0, 0.5, 1.0, 2.0)
"""Exponents s of k = large^s at which terms inside power sums are compared."""
UNJUDGED = ("exp", "erfc", "gamma", "zeta", "beta")
RATIO = 4.0
ONE = Node("number", (), Fraction(1), size=Size(value=1.0))


@dataclass(frozen=True)
class Trail:
    """The solution at growing scales: the name of the large parameter, and all names with their values there."""

    large: str
    values: tuple[Mapping[str, float], ...]
    moving: frozenset[str]

    def along(self, place: float) -> Trail:
        """With the index of power sums at large^place."""
        return Trail(
            self.large,
            tuple({**here, INDEX: here[self.large] ** place} for here in self.values),
            self.moving | {INDEX},
        )

    def of(self, node: Node) -> list[float]:
        """A formula at every scale."""
        with np.errstate(all="ignore"):  # what is no number is told by its value
            step = prepared(node)
            return [float(step(here, RATIO)) for here in self.values]

    def switched_off(self, node: Node) -> bool:
        """Whether a term is zero because a control or parameter is, and not by rounding."""
        return any(self.values[0].get(name) == 0.0 for name in node.names() - self.moving)


def unsettled(equations: Sequence[Relation], trail: Trail) -> list[str]:
    """Why the terms of the equations have not settled; empty if they have."""
    found: list[str] = []
    for link in equations:
        terms = [*_terms(link.left), *_terms(link.right)]
        found += _catching_up(terms, trail)
        for term in terms:
            found += _inside(term, trail)
    return list(dict.fromkeys(found))


def _terms(node: Node) -> list[Node]:
    """The terms of a sum, signs left out."""
    if node.kind in ("+", "-"):
        return [term for arg in node.args for term in _terms(arg)]
    return _terms(node.args[0]) if node.kind == "neg" else [node]


def _catching_up(terms: Sequence[Node], trail: Trail) -> Iterator[str]:
    """Pairs of terms of which the smaller one grows beside the larger one."""
    values = [(term, trail.of(term)) for term in terms]
    for (one, first), (two, second) in combinations(values, 2):
        absent = [term for term, told in ((one, first), (two, second)) if 0.0 in told]
        if absent:
            yield from (f"{term.text()} is zero in floating point" for term in absent if not trail.switched_off(term))
            continue
        start, end = (math.log(abs(first[k])) - math.log(abs(second[k])) for k in (0, -1))
        if not (math.isfinite(start) and math.isfinite(end)):
            yield f"{one.text()} or {two.text()} has no finite value"
        elif (end < 0 and end - start > CLOSING) or (end > 0 and start - end > CLOSING):
            small, large = (one, two) if end < 0 else (two, one)
            yield f"{small.text()} is smaller than {large.text()} at every scale that was solved, but catches up with it"


def _inside(node: Node, trail: Trail) -> Iterator[str]:
    """Everything below a node that holds the large parameter or an unknown."""
    if not node.names() & trail.moving or node.kind == "name":
        return
    if node.kind == POWER_SUM:
        yield from _in_sum(node, trail)
        return
    yield from _at_node(node, trail)
    for arg in node.args:
        yield from _inside(arg, trail)


def _at_node(node: Node, trail: Trail) -> Iterator[str]:
    if node.kind in UNJUDGED:
        yield f"{node.text()} is no power, and may take over beyond every scale"
    elif node.kind == "**" and node.args[1].names() & trail.moving:
        yield f"the exponent of {node.text()} moves"
    elif node.kind == "log" and any(inner.kind == "log" for arg in node.args for inner in walk(arg)):
        yield f"{node.text()} is a logarithm of a logarithm"
    elif node.kind in ("+", "-"):
        yield from _in_terms(node, trail)
    elif node.kind in ("min", "max"):
        yield from _catching_up(node.args, trail)
    elif node.kind == "erf":
        yield from _error_function(node, trail)
    if node.kind in ("erf", "log") and _stands_still(node.args[0], trail):
        yield f"{node.text()} tends to a number that numbers do not tell from its neighbours"


def _stands_still(node: Node, trail: Trail) -> bool:
    """Whether what moves tends to a constant, as far as the scales show."""
    start, end = (trail.of(node)[k] for k in (0, -1))
    return abs(end - start) <= CLOSING * abs(end)


def _in_terms(node: Node, trail: Trail) -> Iterator[str]:
    """A sum inside something: its terms in their order, and none cancelling another."""
    terms = _terms(node)
    yield from _catching_up(terms, trail)
    largest = max(abs(trail.of(term)[-1]) for term in terms)
    if not abs(trail.of(node)[-1]) > CANCELS * largest:
        yield f"the terms of {node.text()} cancel each other"


def _error_function(node: Node, trail: Trail) -> Iterator[str]:
    start, end = (abs(trail.of(node.args[0])[k]) for k in (0, -1))
    grows, falls = end > start * (1 + CLOSING), end < start * (1 - CLOSING)
    if (grows and not end > FAR_OUT) or (falls and not end < VANISHING):
        yield f"{node.text()} is still on its way from one end to the other"


def _in_sum(node: Node, trail: Trail) -> Iterator[str]:
    """A power sum: products of powers, and sums whose terms differ by no large constant anywhere along the index."""
    for end in node.args[1:]:
        yield from _inside(end, trail)
    places = [trail.along(place) for place in PLACES]
    for inner in walk(node.args[0]):
        if inner.kind in ("+", "-"):
            bare = [_before_falling(term) for term in _terms(inner)]
            yield from (fault for place in places for fault in _constants(bare, place))
        elif inner.kind == "exp" or (inner.kind == "**" and inner.args[1].names() & trail.moving):
            yield from (fault for place in places for fault in _falling(inner, place))
        elif inner.args and inner.kind not in ("*", "/", "**", "neg", "sqrt") and inner.names() & places[0].moving:
            yield f"{inner.text()} inside a powersum is no power"


def _falling(exponential: Node, trail: Trail) -> Iterator[str]:
    """An exponential exp(-g) inside a power sum, or steps (1 - g/t)^t: g passes 1 at no scale that a constant hides."""
    argument = _decrement(exponential)
    if argument is None:
        yield f"the exponent of {exponential.text()} moves"
        return
    values = trail.of(argument)
    if not all(-math.inf < value <= 0 for value in values):
        yield f"{exponential.text()} inside a powersum does not fall"
    else:
        yield from _constants([argument, ONE], trail)


def _decrement(falling: Node) -> Node | None:
    """-g of exp(-g) or of (1 - x)^t, where it is -t x to leading order; None for other powers."""
    if falling.kind == "exp":
        return falling.args[0]
    base, power = falling.args
    if not (base.kind == "-" and base.args[0] == ONE and INDEX in base.args[1].names()):
        return None
    return Node("neg", (Node("*", (power, base.args[1])),), place=falling.place)


def _before_falling(node: Node) -> Node:
    """A term with its exponentials at their largest, 1: whether they have fallen is asked of their arguments."""
    if node.kind == "exp" or (node.kind == "**" and node.args[1].size.value is None and _decrement(node) is not None):
        return replace(ONE, place=node.place)
    return replace(node, args=tuple(map(_before_falling, node.args))) if node.args else node


def _constants(terms: Sequence[Node], trail: Trail) -> Iterator[str]:
    """Ratios of terms as C · large^e: a C of many decades hides where they cross."""
    sizes = [here[trail.large] for here in trail.values]
    for one, two in combinations(terms, 2):
        ratios = [abs(a / b) if b else math.nan for a, b in zip(trail.of(one), trail.of(two), strict=True)]
        if not all(0 < ratio < math.inf for ratio in ratios):
            yield f"the ratio of {one.text()} and {two.text()} cannot be followed"
            continue
        slope = math.log(ratios[-1] / ratios[0]) / math.log(sizes[-1] / sizes[0])
        if abs(math.log10(ratios[-1]) - slope * math.log10(sizes[-1])) > DECADES:
            yield f"{one.text()} and {two.text()} differ by a constant of more than {DECADES:g} decades"
