"""Formulas in ball arithmetic: a value with a proved bound on its error, for expressions in the functions listed here.

Where a function is not listed, or a ball comes out without a bound (at a pole, beyond a branch point), there is no value: the
caller then asks a slower method that knows more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol, runtime_checkable

import sympy as sp
from flint import arb, ctx, fmpq

Point = Mapping[sp.Symbol, arb]

PRECISIONS = (96, 192, 384, 768, 1536, 3072)
"""Bits that are tried in turn by `settled`."""
ENOUGH = 50
"""Bits of relative accuracy at which a value counts as settled: 1e-15."""

UNDERFLOW = arb((1, -1080))
"""Below every double: such a value is zero as one, however few of its own digits are known."""


class NoBall(ValueError):
    """The expression has no value here that a ball would enclose."""


@contextmanager
def working(bits: int) -> Iterator[None]:
    """Work at `bits` of precision; the library keeps it in one context of the process, and it is put back."""
    before = ctx.prec
    ctx.prec = bits
    try:
        yield
    finally:
        ctx.prec = before


@runtime_checkable
class Enclosed(Protocol):
    """A function of the house that knows its own ball."""

    def enclosed(self, *arguments: arb) -> arb:
        """The value at arguments that are balls themselves."""


def _hypergeometric(upper: sp.Tuple, lower: sp.Tuple, place: arb, point: Point) -> arb:
    """The hypergeometric functions with one lower parameter and at most two upper ones.

    Parameters that differ by exactly an integer are a limit to Arb, which balls around thirds cannot tell: it is told.
    """
    above, below = ([ball(item, point) for item in items] for items in (upper, lower))
    if len(below) != 1 or len(above) not in (1, 2):
        raise NoBall
    if len(above) == 1:
        return place.hypgeom_1f1(*above, *below)
    (a, b), (c,) = upper, lower
    exact = {"ab": a - b, "ac": a - c, "bc": b - c, "abc": a + b - c}
    return place.hypgeom_2f1(*above, *below, **{name: gap.is_Integer for name, gap in exact.items()})


_FUNCTIONS: Mapping[type[sp.Function], Callable[..., arb]] = {
    sp.exp: lambda x: x.exp(),
    sp.gamma: lambda x: x.gamma(),
    sp.uppergamma: lambda s, x: x.gamma_upper(s),
    sp.lowergamma: lambda s, x: x.gamma_lower(s),
    sp.zeta: lambda s, start=None: s.zeta() if start is None else s.zeta(start),
    sp.betainc: lambda a, b, low, high: high.beta_lower(a, b) - (0 if low == 0 else low.beta_lower(a, b)),
    sp.erf: lambda x: x.erf(),
    sp.erfc: lambda x: x.erfc(),
    sp.Abs: abs,
}
_CONSTANTS: Mapping[sp.Expr, Callable[[], arb]] = {
    sp.pi: arb.pi,
    sp.E: arb.const_e,
    sp.EulerGamma: arb.const_euler,
}


def ball(expression: sp.Expr, point: Point) -> arb:
    """The value at a point, enclosed at the working precision.

    Raises
    ------
    NoBall
        If a symbol has no value, or a function is not known here.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> ball(x**2 + 1, {x: arb(2)}) == 5
    True
    """
    if expression in point:
        return point[expression]
    if expression.is_Rational:
        return arb(fmpq(int(expression.p), int(expression.q)))
    if expression.is_Add:
        return sum((ball(part, point) for part in expression.args), arb(0))
    if expression.is_Mul:
        product = arb(1)
        for factor in expression.args:
            product *= ball(factor, point)
        return product
    if expression.is_Pow:
        return _power(ball(expression.base, point), expression.exp, point)
    return _value(expression, point)


def _power(base: arb, exponent: sp.Expr, point: Point) -> arb:
    """Real powers: an integer exponent of anything, any exponent of what is surely positive."""
    if exponent.is_Integer:
        return base ** int(exponent)
    if not base > 0:
        raise NoBall
    return (base.log() * ball(exponent, point)).exp()


def _value(expression: sp.Expr, point: Point) -> arb:
    if expression in _CONSTANTS:
        return _CONSTANTS[expression]()
    if expression.is_Float:
        sign, mantissa, exponent, _ = expression._mpf_
        return arb((int(-mantissa if sign else mantissa), int(exponent)))
    if isinstance(expression, sp.hyper):
        return _hypergeometric(expression.ap, expression.bq, ball(expression.argument, point), point)
    arguments = [ball(part, point) for part in expression.args]
    if expression.func is sp.log and len(arguments) == 1 and arguments[0] > 0:
        return arguments[0].log()
    if expression.func in _FUNCTIONS:
        return _FUNCTIONS[expression.func](*arguments)
    if isinstance(expression, Enclosed):
        return expression.enclosed(*arguments)
    raise NoBall


def settled(expression: sp.Expr, place: Mapping[sp.Symbol, float] | None = None) -> float | None:
    """The value at exact inputs to the last digits of a double, by raising the precision until the ball is that small.

    Returns
    -------
    float or None
        None where no precision tried gives such a ball, or the value is no number for a double.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> round(settled(sp.exp(x) - 1 - x, {x: 1e-12}) / 5e-25, 9)
    1.0
    >>> settled(sp.Function("f")(x), {x: 1.0}) is None
    True
    """
    exact = place or {}
    return settle(lambda: ball(expression, {symbol: arb(number) for symbol, number in exact.items()}))


def settle(compute: Callable[[], arb]) -> float | None:
    """The value of a computation in balls to the last digits of a double, by repeating it at rising precision.

    Returns
    -------
    float or None
        As for `settled`.

    Examples
    --------
    >>> settle(lambda: arb(2).sqrt() - 1)
    0.41421356237309503
    """
    for bits in PRECISIONS:
        with working(bits):
            try:
                value = compute()
            except NoBall:
                return None
            if not value.is_finite():
                return None
            if abs(value) < UNDERFLOW:
                return 0.0
            if value.rel_accuracy_bits() >= ENOUGH:
                found = float(value.mid())
                return found if abs(found) < float("inf") else None
    return None
