"""What a few points say of a form before algebra is asked: that it is not zero, or that two are of different signs; never more."""

from __future__ import annotations

from functools import lru_cache

import sympy as sp

PLACES = tuple(sp.Rational(*pair) for pair in ((3, 7), (17, 11), (29, 6), (1, 23), (41, 37), (97, 3), (12, 13)))
"""Positive numbers with nothing special about them; each point takes the next ones for the symbols."""


@lru_cache(maxsize=8192)
def signs(form: sp.Expr, symbols: tuple[sp.Symbol, ...] = ()) -> tuple[int, ...]:
    """The signs of a form at as many points, where its symbols may be any positive numbers; 0 where that is not seen.

    With `symbols` the points are those of all of these, the same for every form that holds some of them.

    Examples
    --------
    >>> a, b = sp.symbols("a b", real=True)
    >>> signs(a - b), signs((a**2 - 1) - (a - 1) * (a + 1))
    ((-1, -1, 1, -1, -1, 1, 1), (0, 0, 0, 0, 0, 0, 0))
    """
    symbols = symbols or _in_order(form)
    if any(symbol.is_nonpositive or symbol.is_integer for symbol in symbols):
        return (0,) * len(PLACES)
    points = (dict(zip(symbols, (PLACES * 2)[first:])) for first in range(len(PLACES)))
    values = (form.xreplace(point) for point in points)
    return tuple(int(sp.sign(value)) if value.is_Rational else 0 for value in values)


def differ(one: sp.Expr, other: sp.Expr) -> bool:
    """Whether two forms are seen to be of different signs somewhere.

    Examples
    --------
    >>> a, b = sp.symbols("a b", real=True)
    >>> differ(a - 1, a - 2), differ(a - b, 2 * a - 2 * b), differ(b - 1, sp.Symbol("a", positive=True) * (b - 1))
    (True, False, False)
    """
    shared = _in_order(one, other)
    return any(left * right < 0 for left, right in zip(signs(one, shared), signs(other, shared), strict=True))


def _in_order(*forms: sp.Expr) -> tuple[sp.Symbol, ...]:
    found = set[sp.Symbol]().union(*(form.free_symbols for form in forms))
    return tuple(sorted(found, key=lambda symbol: symbol.name))
