"""Whether the terms of a user's equations have settled into their order: what numbers alone cannot see lies beyond the scales.

Numbers alone are heard on equations made of powers, error functions and the logarithm of the large parameter: other functions, and power sums
with an end or a window, may have scales of their own beyond those that are solved. At the solution every term is followed from
10^8 to 10^14. A term that is small there but catches up will take over at some larger scale, however large: then the solved
numbers say nothing of the limit. The argument of an error function must be far out, or vanishing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from .evaluation import prepared
from .nodes import Node, Relation

CLOSING = 1e-3
"""Change of the logarithm of a ratio of terms that counts as none: that by which ratios to a law may move as well."""
CANCELS = 1e-2
"""A sum below this part of its largest term cancels: what is left may be of any order."""
FAR_OUT, VANISHING = 6.0, 1e-3
"""Where an error function has settled: 1 - erf(6) is below rounding, and erf(x) is 2x/√π to 10^-6."""
OF_POWERS = ("+", "-", "*", "/", "neg", "**", "sqrt", "erf")
"""What numbers alone are heard on: powers have no scale of their own but where they are alike, which terms are asked about."""
RATIO = 4.0


@dataclass(frozen=True)
class Trail:
    """The solution at growing scales: the name of the large parameter, and all names with their values there."""

    large: str
    values: tuple[Mapping[str, float], ...]
    moving: frozenset[str]

    def of(self, node: Node) -> list[float]:
        """A formula at every scale."""
        with np.errstate(all="ignore"):  # what is no number is told by its value
            step = prepared(node)
            return [float(step(here, RATIO)) for here in self.values]

    def switched_off(self, node: Node) -> bool:
        """Whether a term is zero because a control or parameter is, and not by rounding."""
        return any(self.values[0].get(name) == 0.0 for name in node.names() - self.moving)


def beyond_powers(node: Node, trail: Trail) -> Iterator[str]:
    """Parts that have scales of their own, beyond those that are solved, as the end and the window of a sum, n^(49/50) beside n.

    Powers of what moves are asked for, error functions, the logarithm of the large parameter, and sums that are numbers.
    """
    if not node.names() & trail.moving:
        return
    if node.kind == "log" and node.args[0].kind == "name" and node.args[0].value == trail.large:
        return
    if node.kind != "name" and node.kind not in OF_POWERS:
        yield f"numbers alone do not speak for {node.text()}: it may have scales of its own beyond those that are solved"
        return
    for arg in node.args:
        yield from beyond_powers(arg, trail)


def unsettled(equations: Sequence[Relation], trail: Trail) -> list[str]:
    """Why the terms of the equations have not settled; empty if they have."""
    found: list[str] = []
    for link in equations:
        sides = (link.left, link.right)
        beyond = [text for side in sides for text in beyond_powers(side, trail)]
        found += beyond
        if not beyond:
            terms = [term for side in sides for term in _terms(side)]
            found += _catching_up(terms, trail)
            found += [text for term in terms for text in _inside(term, trail)]
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
    if not node.names() & trail.moving:
        return
    yield from _at_node(node, trail)
    for arg in node.args:
        yield from _inside(arg, trail)


def _at_node(node: Node, trail: Trail) -> Iterator[str]:
    if node.kind == "**" and node.args[1].names() & trail.moving:
        yield f"the exponent of {node.text()} moves"
    elif node.kind in ("+", "-"):
        yield from _in_terms(node, trail)
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
