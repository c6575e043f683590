"""Shapes of formulas as they are written: what rises and then more slowly, and what is the negative of another."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import sympy as sp

from .expressions import to_sympy
from .nodes import Node


def saturating(node: Node) -> Node | None:
    """The u of log(c + u), c >= 1, and of 1 - exp(-u), which rise like u and then more slowly.

    (c + u) log(c + u) >= (1 + u) log(1 + u) > u: the elasticity of the logarithm is between 0 and that of u.
    """
    if node.kind == "log" and node.args[0].kind == "+":
        return _beside_one(_addends(node.args[0]))
    if node.kind == "-" and _is_one(node.args[0]) and node.args[1].kind == "exp":
        return negated(node.args[1].args[0])
    return None


def _addends(node: Node) -> list[Node]:
    return [part for arg in node.args for part in _addends(arg)] if node.kind == "+" else [node]


def _beside_one(addends: Sequence[Node]) -> Node | None:
    """What stands beside a number that is at least 1."""
    place = next((k for k, node in enumerate(addends) if _is_at_least_one(node)), None)
    if place is None:
        return None
    first, *others = (*addends[:place], *addends[place + 1 :])
    return reduce(lambda one, two: Node("+", (one, two)), others, first)


def _is_at_least_one(node: Node) -> bool:
    """Whether a number is surely at least 1: of power sums, and of some sums of roots, SymPy cannot tell."""
    return not node.names() and (to_sympy(node, {}) >= 1) == sp.true


def _is_one(node: Node) -> bool:
    return node.kind == "number" and node.value == 1


def negated(node: Node) -> Node | None:
    """The formula of which this is the negative, as it is written."""
    if node.kind == "neg":
        return node.args[0]
    if node.kind == "number" and node.value < 0:  # type: ignore[operator]
        return Node("number", (), -node.value)  # type: ignore[operator]
    if node.kind in ("*", "/"):
        one, two = node.args
        if (inner := negated(one)) is not None:
            return Node(node.kind, (inner, two))
        return None if (inner := negated(two)) is None else Node(node.kind, (one, inner))
    return None
