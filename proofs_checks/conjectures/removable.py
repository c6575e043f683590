"""Values of formulas at removable singularities: where putting numbers in gives 0/0 or 0·infinity, the limit, if there is one.

A constant such as gamma(a - 1)*(2**(1 - a) - 2) has no value at a = 0 by its parts and one as a whole. Only formulas that are
meromorphic there are asked: then what SymPy's limit finds on one side holds on the other too, and no jump can hide. The
limit is compared with the formula itself on both sides, along two directions: what does not agree has no value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import sympy as sp

Values = Mapping[sp.Symbol, sp.Expr]
INFINITE = (sp.nan, sp.zoo, sp.oo, -sp.oo)
STEP = sp.Rational(1, 10**9)
"""Distance at which a formula is compared with its limit; with forty digits a double zero over a double zero keeps twenty."""
CLOSE = 1e-6
"""Relative difference from the limit that is allowed there: a thousand times the step. Another branch or another
direction differs by something of order one."""
DIRECTIONS = ((29, 41, 17), (53, 97, 31))
"""Two ways through the place, so that the limit of (a - b)/(a + b) is none; not along a = b, where formulas may be 0/0."""
SAMPLES = (sp.Rational(7, 5), sp.Rational(12, 5), sp.Rational(31, 10), sp.Rational(2, 7), sp.Rational(-3, 11))
"""Values of the symbols that stay, tried in turn until the formula is real there."""


def finite(value: sp.Expr) -> bool:
    """Whether a formula holds no infinity and no 0/0."""
    return not value.has(*INFINITE)


def value_at(expression: sp.Expr, values: Values) -> sp.Expr:
    """A formula with values put in; at a removable singularity its limit, elsewhere what SymPy makes of it.

    Examples
    --------
    >>> a, b = sp.symbols("a b", real=True)
    >>> value_at(sp.gamma(a - 1) * (2 ** (1 - a) - 2), {a: sp.S.Zero})
    2*log(2)
    >>> value_at(sp.sin(a) / a**2, {a: sp.S.Zero}), value_at((a - b) / (a + b), {a: sp.S.Zero, b: sp.S.Zero})
    (nan, nan)
    """
    put = _put(expression, values)
    if finite(put) or not finite(expression):
        return put
    moved = tuple(
        (s, sp.sympify(v)) for s, v in sorted(values.items(), key=lambda pair: pair[0].name) if expression.has(s)
    )
    found = _limit(expression, moved)
    return sp.nan if found is None else found


def _put(expression: sp.Expr, values: Values) -> sp.Expr:
    """A formula with values put in all at once: one after the other would make 0 of 0/(b - 1) before b is put in."""
    if expression.has(sp.Integral):  # whose own variable may be called as one of the symbols
        return expression.subs(values, simultaneous=True)
    return expression.xreplace({symbol: sp.sympify(value) for symbol, value in values.items()})  # twenty times as fast


@lru_cache(maxsize=512)
def _limit(expression: sp.Expr, values: tuple[tuple[sp.Symbol, sp.Expr], ...]) -> sp.Expr | None:
    """The limit, symbol by symbol, if it is the formula's own value near by; None if there is none."""
    if not _is_meromorphic(expression, dict(values)):
        return None
    found = expression
    for symbol, value in values:
        put = found.subs(symbol, value)
        following = put if finite(put) else _of_sum(found, symbol, value)
        if following is None:
            return None
        found = following
    return found if _agrees(expression, values, found) else None


KINKED = (sp.Abs, sp.Max, sp.Min, sp.sign, sp.floor, sp.ceiling, sp.Piecewise, sp.Heaviside, sp.Integral)


def _is_meromorphic(expression: sp.Expr, values: Values) -> bool:
    """Whether a formula is made at the place of quotients of functions that are analytic there, seen by its parts.

    Examples
    --------
    >>> a = sp.Symbol("a", real=True)
    >>> formulas = (sp.sin(a) / a, sp.Abs(a) / a, sp.sqrt(a**2 + a**3) / a, sp.exp(1 / a) * a)
    >>> [_is_meromorphic(formula, {a: sp.S.Zero}) for formula in formulas]
    [True, False, False, False]
    """
    if expression.has(*KINKED):
        return False
    for part in sp.preorder_traversal(expression):
        if isinstance(part, sp.Pow) and not part.exp.is_Integer:
            base, power = (side.subs(values, simultaneous=True) for side in part.args)
            if not (finite(base) and finite(power)) or sp.simplify(base) == 0:
                return False
        elif isinstance(part, sp.Function):
            puts = [arg.subs(values, simultaneous=True) for arg in part.args]
            if not all(map(finite, puts)) or (isinstance(part, sp.log) and sp.simplify(puts[0]) == 0):
                return False
    return True


def _of_sum(expression: sp.Expr, symbol: sp.Symbol, value: sp.Expr) -> sp.Expr | None:
    """The limit in one symbol, of each term by itself; of all together only where one has none."""
    if expression.is_Add:
        parts = [_of_sum(term, symbol, value) for term in expression.args]
        if all(part is not None for part in parts):
            return sp.Add(*parts)
    put = expression.subs(symbol, value)
    return put if finite(put) else _of_product(expression, symbol, value)


def _of_product(expression: sp.Expr, symbol: sp.Symbol, value: sp.Expr) -> sp.Expr | None:
    """The limit in one symbol, of the singular factors together: SymPy's series write the others in exponentials."""
    factors = {factor: factor.subs(symbol, value) for factor in sp.Mul.make_args(expression)}
    regular = [factor for factor, put in factors.items() if finite(put) and put != 0]
    singular = sp.Mul(*(factor for factor in factors if factor not in regular))
    try:
        if singular.is_rational_function(symbol):  # SymPy's series of these can take for ever
            found = sp.cancel(sp.together(singular)).subs(symbol, value)
        else:
            found = sp.limit(singular, symbol, value)
    except (NotImplementedError, ValueError, TypeError, ArithmeticError):
        return None
    if not finite(found) or found.has(sp.Limit, sp.AccumBounds):
        return None
    return found * sp.Mul(*(factors[factor] for factor in regular))


def _agrees(expression: sp.Expr, values: Sequence[tuple[sp.Symbol, sp.Expr]], limit: sp.Expr) -> bool:
    """Whether the formula is close to its limit on both sides along every direction, at one choice of the other symbols."""
    rest = sorted(expression.free_symbols - {symbol for symbol, _ in values}, key=lambda s: s.name)
    for first in range(len(SAMPLES) if rest else 1):
        chosen = {symbol: SAMPLES[(first + place) % len(SAMPLES)] for place, symbol in enumerate(rest)}
        expected = _number(limit.subs(chosen))
        near = [
            _number(
                expression.subs(
                    {s: v + way * share * STEP for (s, v), share in zip(values, shares * len(values))}
                ).subs(chosen)
            )
            for shares in DIRECTIONS
            for way in (1, -1)
        ]
        if expected is not None and None not in near:
            return all(abs(value - expected) <= CLOSE * (1 + abs(expected)) for value in near if value is not None)
    return False


def _number(value: sp.Expr) -> float | None:
    """A real number, or None."""
    found = sp.N(value, 40)
    return float(found) if found.is_Float or found.is_Rational else None


NUDGES = (sp.Rational(1, 53), sp.Rational(-1, 53), sp.Rational(1, 997), sp.Rational(-1, 997))


def unremarkable(
    point: Mapping[sp.Symbol, sp.Expr], parameters: Mapping[sp.Symbol, Sequence[sp.Rel]]
) -> dict[sp.Symbol, sp.Expr]:
    """A point beside the given one, still inside: at 1/2 or 2 constants are 0/0 that are finite on either side."""
    relations = [relation for several in parameters.values() for relation in several]
    found = dict(point)
    for place, symbol in enumerate(parameters, start=2):
        for nudge in NUDGES:
            size = found[symbol] or sp.S.One  # zero as well: there gamma functions have poles that cancel
            beside = {**found, symbol: found[symbol] + size * nudge / place}
            if all(relation.subs(beside) == sp.true for relation in relations):
                found = beside
                break
    return found
