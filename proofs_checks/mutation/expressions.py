"""False neighbours of an expression: each is another expression; whether it is another *statement* a judge must say."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

import sympy as sp

from .apart import Judge

Change = tuple[str, str, sp.Expr]
"""Operator, the change in words, the new expression."""

FACTORS = tuple(sp.Rational(n, 100) for n in (101, 99, 102, 98, 110, 90, 200, 50))
TENTH = sp.Rational(1, 10)
EXCHANGED = {
    sp.erfc: sp.erf, sp.erf: sp.erfc, sp.sin: sp.cos, sp.cos: sp.sin, sp.exp: lambda x: 1 + x, sp.gamma: sp.loggamma,
    sp.Max: sp.Min, sp.Min: sp.Max,
}  # fmt: skip


def false_neighbours(
    expression: sp.Expr, judge: Judge, controls: Sequence[sp.Symbol] = (), most: int = 10**6, seed: object = 0
) -> Iterator[Change]:
    """Disturbances of an expression that the judge tells apart from it, at most so many of an operator.

    Parameters
    ----------
    judge : Judge
        Of what "different" means for the claim.
    controls : sequence of symbols
        Those that grow along the claim's paths, by whose powers a law may be wrong.
    most, seed : int
        How many of each operator, and from which seed they are chosen; a formula with many numbers would outvote others.

    Examples
    --------
    >>> from scalecheck.proofs_checks.mutation.apart import Exactly
    >>> x = sp.Symbol("x", positive=True)
    >>> sorted({operator for operator, _, _ in false_neighbours(1 + 2 * x**3, Exactly())})
    ['coefficient', 'constant', 'dropped', 'exponent', 'log', 'sign']
    """
    candidates = list(_candidates(expression, controls))
    random.Random(str(seed)).shuffle(candidates)
    kept: Counter[str] = Counter()
    for operator, told, new in candidates:
        possible = kept[operator] < most and new != expression and not new.has(sp.nan, sp.zoo, sp.oo)
        if possible and _certain(operator, expression, new, judge):
            kept[operator] += 1
            yield operator, told, new


def _certain(operator: str, old: sp.Expr, new: sp.Expr, judge: Judge) -> bool:
    """A factor or a sign on what is not zero needs no judge, where there is an integral that none can look at."""
    by_hand = old.has(sp.Integral) and operator in ("constant", "sign") and old != 0
    return by_hand or judge.differ(old, new)


def _candidates(expression: sp.Expr, controls: Sequence[sp.Symbol]) -> Iterator[Change]:
    yield from _whole(expression)
    for symbol in controls:
        for power in (TENTH, -TENTH):
            yield "power", f"times {symbol}**({power})", expression * symbol**power
        yield "log", f"times log({symbol})", expression * sp.log(symbol)
        yield "log", f"over log({symbol})", expression / sp.log(symbol)
    if not controls:
        for symbol in sorted(expression.free_symbols, key=lambda s: str(s.name))[:2]:
            yield "log", f"times log(e + {symbol})", expression * sp.log(sp.E + symbol)
    yield from _leaves(expression)
    yield from _nodes(expression)
    yield from _swaps(expression)


def _whole(expression: sp.Expr) -> Iterator[Change]:
    if expression == 0:
        for step in (TENTH, -TENTH, sp.S.One, -sp.S.One):
            yield "constant", f"{step} for 0", step
        return
    for factor in FACTORS:
        yield "constant", f"times {factor}", factor * expression
    yield "sign", "the other sign", -expression
    yield "constant", "plus 1/10", expression + TENTH
    yield "constant", "minus 1/10", expression - TENTH


def _leaves(expression: sp.Expr) -> Iterator[Change]:
    """Every rational number in the tree, moved by a tenth, by one and two per cent, and turned."""
    for value, in_exponent, put in _rationals(expression, False, lambda new: new):
        operator = "exponent" if in_exponent else "coefficient"
        others = [value + TENTH, value - TENTH, *(value * factor for factor in FACTORS[:4]), -value]
        for other in others:
            new = _built(put, other)
            if new is not None:
                yield operator, f"{other} for {value}", new


def _rationals(
    node: sp.Basic, in_exponent: bool, put: Callable[[sp.Basic], sp.Basic]
) -> Iterator[tuple[sp.Rational, bool, Callable[[sp.Basic], sp.Basic]]]:
    if isinstance(node, sp.Rational):
        yield node, in_exponent, put
        return
    if isinstance(node, sp.Integral | sp.Tuple):
        return  # a number under an integral sign has no value that a judge could look at
    for index, child in enumerate(node.args):
        inner = in_exponent or (isinstance(node, sp.Pow) and index == 1)
        yield from _rationals(child, inner, _placed(node, index, put))


def _placed(node: sp.Basic, index: int, put: Callable[[sp.Basic], sp.Basic]) -> Callable[[sp.Basic], sp.Basic]:
    return lambda new: put(node.func(*(new if k == index else child for k, child in enumerate(node.args))))


def _built(put: Callable[[sp.Basic], sp.Basic], new: sp.Basic) -> sp.Expr | None:
    try:
        found = put(new)
    except (ValueError, TypeError, ArithmeticError):  # such as a denominator that becomes zero
        return None
    return found if isinstance(found, sp.Expr) else None


def _nodes(expression: sp.Expr) -> Iterator[Change]:
    """Every term and factor dropped, every known function exchanged for its neighbour."""
    for node, put in _subtrees(expression, lambda new: new):
        if isinstance(node, sp.Add | sp.Mul) and not node.is_number:
            for index in range(len(node.args)):
                kept = [child for k, child in enumerate(node.args) if k != index]
                new = _built(put, node.func(*kept))
                if new is not None:
                    yield "dropped", f"without {node.args[index]}", new
        if node.func in EXCHANGED:
            new = _built(put, EXCHANGED[node.func](*node.args))
            if new is not None:
                yield "function", f"another function for {node.func.__name__}", new


def _subtrees(
    node: sp.Basic, put: Callable[[sp.Basic], sp.Basic]
) -> Iterator[tuple[sp.Basic, Callable[[sp.Basic], sp.Basic]]]:
    if isinstance(node, sp.Integral | sp.Tuple):
        return
    yield node, put
    for index, child in enumerate(node.args):
        yield from _subtrees(child, _placed(node, index, put))


def _swaps(expression: sp.Expr) -> Iterator[Change]:
    symbols = sorted(expression.free_symbols, key=lambda symbol: str(symbol.name))
    for one, two in combinations(symbols, 2):
        yield "swapped", f"{one} and {two} exchanged", expression.subs({one: two, two: one}, simultaneous=True)
