"""A quick proof that an expression is not identically zero: its value in ball arithmetic at one point keeps clear of zero.

Rewriting an expression to see that it does not vanish costs milliseconds to seconds, and most that are asked about do not.
A ball that excludes zero is a proof, as firm as any rewriting; one that holds zero says nothing, and neither does an
expression with a function or a sign that is not known here: then the caller reduces it as if nobody had asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

import sympy as sp
from flint import arb, fmpq

_SHIFTS = ((8, 19), (41, 23))
"""Symbols are placed at k + p/q, k = 1, 2, ...: no point is special, and each is in the domain of a positive symbol."""

Point = Mapping[sp.Symbol, arb]

_FUNCTIONS: Mapping[type[sp.Function], Callable[..., arb]] = {
    sp.exp: lambda x: x.exp(),
    sp.gamma: lambda x: x.gamma(),
    sp.zeta: lambda s, start=None: s.zeta() if start is None else s.zeta(start),
    sp.erf: lambda x: x.erf(),
    sp.erfc: lambda x: x.erfc(),
    sp.Abs: lambda x: abs(x),
}
_CONSTANTS: Mapping[sp.Expr, Callable[[], arb]] = {
    sp.pi: arb.pi,
    sp.E: arb.const_e,
    sp.EulerGamma: arb.const_euler,
}


class _Unknown(ValueError):
    """The expression has no value here that a ball would enclose."""


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
            value = _ball(expression, point)
        except _Unknown:
            continue
        if value.is_finite() and (value > 0 or value < 0):
            return True
    return False


def _is_special(symbol: sp.Symbol) -> bool:
    """Whether a symbol may not stand for a positive number that is no integer."""
    return not (symbol.is_real and symbol.is_integer is not True and symbol.is_nonpositive is not True)


def _ball(expression: sp.Expr, point: Point) -> arb:
    if expression.is_Rational:
        return arb(fmpq(int(expression.p), int(expression.q)))
    if expression in point:
        return point[expression]
    if expression.is_Add:
        return sum((_ball(part, point) for part in expression.args), arb(0))
    if expression.is_Mul:
        product = arb(1)
        for factor in expression.args:
            product *= _ball(factor, point)
        return product
    if expression.is_Pow:
        return _power(_ball(expression.base, point), expression.exp, point)
    return _value(expression, point)


def _power(base: arb, exponent: sp.Expr, point: Point) -> arb:
    """Real powers: an integer exponent of anything, any exponent of what is surely positive."""
    if exponent.is_Integer:
        return base ** int(exponent)
    if not base > 0:
        raise _Unknown
    return (base.log() * _ball(exponent, point)).exp()


def _value(expression: sp.Expr, point: Point) -> arb:
    if expression in _CONSTANTS:
        return _CONSTANTS[expression]()
    arguments = [_ball(part, point) for part in expression.args]
    if expression.func is sp.log and len(arguments) == 1 and arguments[0] > 0:
        return arguments[0].log()
    if expression.func not in _FUNCTIONS:
        raise _Unknown
    return _FUNCTIONS[expression.func](*arguments)
