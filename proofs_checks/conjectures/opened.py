"""Exponentials of what is positive by their series, exp(u) = 1 + u + the rest, and like terms of both sides cancelled.

exp(x) - x rises for x > 0, which no term of it shows: with the series x cancels, and what is left rises.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import sympy as sp

from .elasticities import REST, Signs, Term
from .expressions import to_sympy
from .nodes import POWER_SUM, Node, walk

ONE = Node("number", (), Fraction(1))


def opened(terms: Sequence[Term], signs: Signs) -> list[Term] | None:
    """The terms with such exponentials written out; None where there are none, or nothing cancels.

    Examples
    --------
    >>> from .elasticities import expanded
    >>> from .grammar import parse_formula
    >>> from .statements import UserSystem
    >>> signs = Signs(UserSystem("s", "n", ("x",), {}, {}, ()))
    >>> left = opened(expanded(parse_formula("exp(x) - x - n"), signs), signs)
    >>> [(term.written, [node.kind for node in term.above]) for term in left]
    [(1, ['exp(u) - 1 - u']), (1, ['number']), (-1, ['name'])]
    """
    parts = [part for term in terms for part in _series(term, signs)]
    if len(parts) == len(terms):
        return None
    left = _cancelled(parts, signs)
    return left if len(left) < len(parts) else None


def _series(term: Term, signs: Signs) -> list[Term]:
    """A term that is a multiple of exp(u), u > 0, as three; any other as it is."""
    factors = [part for node in term.above for part in _factors(node)]
    place = next((k for k, node in enumerate(factors) if _opens(node, signs)), None)
    if place is None:
        return [term]
    inner = factors[place].args[0]
    others = (*factors[:place], *factors[place + 1 :])
    return [replace(term, above=(*others, part)) for part in (ONE, inner, Node(REST, (inner,)))]


def _factors(node: Node) -> list[Node]:
    return [part for arg in node.args for part in _factors(arg)] if node.kind == "*" else [node]


def _opens(node: Node, signs: Signs) -> bool:
    return node.kind == "exp" and signs.of(node.args[0]) == 1


def _cancelled(terms: Sequence[Term], signs: Signs) -> list[Term]:
    """Terms that are numbers times one formula added up: of their sum only the sign matters here."""
    kept: list[Term] = []
    sums: dict[sp.Expr, tuple[sp.Expr, Term]] = {}
    for term in terms:
        nodes = (*term.above, *term.below)
        if term.own != 1 or any(part.kind in (REST, POWER_SUM) for node in nodes for part in walk(node)):
            kept.append(term)
            continue
        values = [to_sympy(node, signs.symbols) for node in nodes]
        whole = sp.Mul(*values[: len(term.above)]) / sp.Mul(*values[len(term.above) :])
        number, formula = whole.as_coeff_Mul()
        total, first = sums.get(formula, (sp.S.Zero, term))
        sums[formula] = total + term.written * number, first
    kept += [replace(first, written=int(sp.sign(total))) for total, first in sums.values() if total != 0]
    return kept
