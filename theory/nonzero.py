"""A quick proof that an expression is not identically zero: its value in ball arithmetic at one point keeps clear of zero.

Rewriting an expression to see that it does not vanish costs milliseconds to seconds, and most that are asked about do not.
A ball that excludes zero is a proof, as firm as any rewriting; one that holds zero says nothing, and neither does an
expression with a function or a sign that is not known here: then the caller reduces it as if nobody had asked.
"""

from __future__ import annotations

from functools import lru_cache

import sympy as sp
from flint import arb, fmpq

from .balls import NoBall, ball

_SHIFTS = ((8, 19), (41, 23))
"""Symbols are placed at k + p/q, k = 1, 2, ...: no point is special, and each is in the domain of a positive symbol."""


@lru_cache(maxsize=65536)
def surely_not_zero(expression: sp.Expr) -> bool:
    """Whether the value at some point of the symbols' domain is proved to be other than zero.

    Returns
    -------
    bool
        False is no statement: the expression may be zero, or not be understood.

    Examples
    --------
    >>> x = sp.Symbol("x", positive=True)
    >>> surely_not_zero(sp.sqrt(x) - x), surely_not_zero(sp.sqrt(x) ** 3 - x * sp.sqrt(x))
    (True, False)
    """
    symbols = sorted(expression.free_symbols, key=lambda symbol: symbol.name)
    if any(_is_special(symbol) for symbol in symbols):
        return False
    for p, q in _SHIFTS:
        point = {symbol: arb(fmpq(k * q + p, q)) for k, symbol in enumerate(symbols, 1)}
        try:
            value = ball(expression, point)
        except NoBall:
            continue
        if value.is_finite() and (value > 0 or value < 0):
            return True
    return False


def vanishes(expression: sp.Expr) -> bool:
    """Whether an expression is zero: a ball that excludes zero answers first, rewriting only where none does.

    Examples
    --------
    >>> x = sp.Symbol("x", positive=True)
    >>> vanishes(sp.sqrt(x) * (x + 1) - x * sp.sqrt(x) - sp.sqrt(x)), vanishes(x - 1)
    (True, False)
    """
    if expression.is_Rational:
        return bool(expression == 0)
    if surely_not_zero(expression):
        return False
    return bool(sp.expand(expression) == 0 or sp.simplify(expression) == 0)


def _is_special(symbol: sp.Symbol) -> bool:
    """Whether a symbol may not stand for a positive number that is no integer."""
    return not (symbol.is_real and symbol.is_integer is not True and symbol.is_nonpositive is not True)
