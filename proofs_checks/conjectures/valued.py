"""Whether the formulas of a conjecture have a value, as they are written, on the whole of its range.

Computer algebra cancels before anybody can look: to it the square of sqrt(x) is x, and the exponential of log(x) too. What has
no real value on part of a range claims nothing there, so the tree of the formula is asked, node by node. Where a
denominator vanishes at single points the limit decides, which is the business of `comparing.poles`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import sympy as sp

from .comparing import keeps
from .expressions import Symbols, to_sympy
from .nodes import INCOMPLETE, Node
from .ranges import Ground
from .statements import Conjecture, Law, Minimum, Place
from .strata import UnresolvedError

Need = tuple[Node, sp.Expr, str]
"""The node that asks, a form, and what it must be: > 0 or >= 0."""


def require_values(conjecture: Conjecture, ground: Ground, equations: Sequence[Node] = ()) -> None:
    """Every formula of a conjecture, of its path and its range, and of the equations it is about.

    Raises
    ------
    UnresolvedError
        With the part of a formula that has no value somewhere in the range, or of which that cannot be told.
    """
    nodes = [*_claimed(conjecture), *_written(conjecture.place)]
    nodes += [side for link in conjecture.where for side in (link.left, link.right)]
    _require(ground, [*nodes, *equations])


def require_values_at(place: Place, ground: Ground, equations: Sequence[Node] = ()) -> None:
    """The formulas of the other place of an ordering, and of the equations it is about."""
    _require(ground, [*_written(place), *equations])


def _claimed(conjecture: Conjecture) -> Iterator[Node]:
    claim = conjecture.claim
    law = claim.law if isinstance(claim, Minimum) else claim
    if isinstance(claim, Minimum):
        yield claim.at
    if isinstance(law, Law):
        yield from (node for node in (law.exponent, law.constant, law.log_power) if node is not None)


def _written(place: Place) -> Iterator[Node]:
    yield from place.path.values()
    yield from (value for value in place.controls.values() if isinstance(value, Node))


def _require(ground: Ground, nodes: Sequence[Node]) -> None:
    fixed = {ground.symbols[name]: value for name, value in ground.fixed.items() if name in ground.symbols}
    moving = {ground.setting.large, *ground.setting.path}
    known = {name: symbol for name, symbol in ground.symbols.items() if name not in moving}
    for asking, form, sense in (need for node in nodes for need in needs(node, known)):
        form = form.subs(fixed)
        for stratum in ground.strata:
            if not keeps(stratum, form, sense):
                text = f"{asking.text()} has no value everywhere in the range: {form} is not {_SENSES[sense]} there"
                raise UnresolvedError(text)


_SENSES = {">": "positive", ">=": "nonnegative"}


def needs(node: Node, known: Symbols) -> Iterator[Need]:
    """What must hold for a formula to have a value, of the parts that hold nothing that moves.

    Examples
    --------
    >>> from .grammar import parse_formula
    >>> x = sp.Symbol("x", real=True)
    >>> [(str(form), sense) for _, form, sense in needs(parse_formula("exp(log(x-2)) + sqrt(x)**2"), {"x": x})]
    [('x - 2', '>'), ('x', '>=')]
    """
    for arg in node.args:
        yield from needs(arg, known)
    for part, shift, sense in _asked(node, known):
        if part.names() <= known.keys():
            yield node, to_sympy(part, known) - shift, sense


def _asked(node: Node, known: Mapping[str, sp.Symbol]) -> list[tuple[Node, int, str]]:
    """The arguments of one node that must be of some sign."""
    if node.kind == "sqrt":
        return [(node.args[0], 0, ">=")]
    if node.kind == "log" or (node.kind == "gamma" and _is_number(node.args[0], known)):
        return [(node.args[0], 0, ">")]
    if node.kind == "zeta":
        return [(node.args[0], 1, ">")]
    if node.kind in INCOMPLETE:
        order, end = node.args
        return [(end, 0, ">"), *([(order, 0, ">")] if node.kind == "lowergamma" else [])]
    return _power(node.args[0], node.args[1], known) if node.kind == "**" else []


def _is_number(node: Node, known: Mapping[str, sp.Symbol]) -> bool:
    """Whether a formula in known names is a number, such as 0*decay."""
    return node.names() <= known.keys() and bool(to_sympy(node, known).is_number)


def _power(base: Node, exponent: Node, known: Mapping[str, sp.Symbol]) -> list[tuple[Node, int, str]]:
    if exponent.names():
        return [(base, 0, ">")]
    value = to_sympy(exponent, known)
    if value.is_integer:
        return []
    return [(base, 0, ">=" if value.is_positive else ">")]
