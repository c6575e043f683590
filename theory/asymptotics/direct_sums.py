"""Power sums as they stand, term by term in doubles and added without rounding: what every expansion is compared with."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

import mpmath
import sympy as sp

from .special import evaluate, numeric, without_cancelling


def plain_function(
    function: sp.Expr, variable: sp.Symbol, values: Mapping[sp.Symbol, Any] | None = None
) -> Callable[[float], float]:
    """`function` in doubles where the standard library has everything it needs, else in mpmath."""
    known = values or {}
    exact = cache(lambda: numeric(sp.powsimp(function.subs(known), combine="exp"), variable))
    fast = _fast(function, variable, known)
    if fast is None:
        return lambda u: float(exact()(u))

    def call(u: float) -> float:
        try:
            return fast(u)
        except OverflowError:  # (exp(u) - 1)*exp(-2u), as SymPy likes to write it
            return float(exact()(u))

    return call


def _fast(function: sp.Expr, variable: sp.Symbol, values: Mapping[sp.Symbol, Any]) -> Callable[[float], float] | None:
    """The function in doubles; None where the standard library lacks something."""
    try:
        found = partial(_in_doubles(function, (*values, variable)), *map(float, values.values()))
        found(0.37)
    except (NameError, TypeError, ValueError, OverflowError):
        return None
    return found


@cache  # once for all sizes of a comparison
def _in_doubles(function: sp.Expr, symbols: tuple[sp.Symbol, ...]) -> Callable[..., float]:
    compiled: Callable[..., float] = sp.lambdify(
        symbols, without_cancelling(sp.powsimp(function, combine="exp")), modules=["math"], cse=True
    )
    return compiled


def finite_sum(
    function: sp.Expr,
    variable: sp.Symbol,
    gamma: sp.Expr,
    scale: sp.Expr,
    count: int,
    values: Mapping[sp.Symbol, Any] | None = None,
) -> float:
    """The sum itself, term by term, added without rounding.

    Examples
    --------
    >>> u = sp.Symbol("u", positive=True)
    >>> finite_sum(u, u, sp.Integer(1), sp.Integer(1), 3)
    1.8333333333333333
    """
    exponent, unit = -float(gamma), float(scale)
    fast = _fast(function, variable, values or {})
    try:
        if fast is not None:
            return math.fsum([fast(k**exponent / unit) for k in range(1, count + 1)])
    except OverflowError:
        pass
    call = plain_function(function, variable, values)
    return math.fsum([call(k**exponent / unit) for k in range(1, count + 1)])


def infinite_sum(function: sp.Expr, variable: sp.Symbol, gamma: sp.Expr, scale: sp.Expr, count: int) -> float:
    """The infinite sum: `count` terms one by one, the rest by Euler-Maclaurin with the integral done numerically."""
    call = numeric(without_cancelling(function), variable)
    unit, exponent = evaluate(scale), evaluate(-gamma)
    with mpmath.workdps(20):
        start = count**exponent / unit
        # In x = -log u the integrand falls like e^{-rate x}; the rate is measured, not taken from the transform.
        rate = mpmath.log(call(start / 2**40) / call(start / 2**41), 2) + 1 / exponent
        cuts = [start * mpmath.exp(-x / rate) for x in (0, 1, 3, 6, 12, 24, 60)]
        logs = [-mpmath.log(u) for u in cuts]
        rest = mpmath.quad(lambda x: call(mpmath.exp(-x)) * mpmath.exp(-x / exponent), logs)
        rest *= -(unit ** (1 / exponent)) / exponent
        slope = mpmath.diff(lambda k: call(k**exponent / unit), count)
        edge = call(count**exponent / unit)
    head = finite_sum(function, variable, gamma, scale, count)
    return head + float(rest - edge / 2 - slope / 12)
