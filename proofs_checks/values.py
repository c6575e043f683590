"""Derived formulas as functions of floats, for figures: a curve asks for one formula at a hundred points."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

import sympy as sp
from scipy.special import zeta


def value_at(formula: sp.Expr, point: Mapping[str, float]) -> float:
    """A formula at a point, its symbols found by name, in double precision.

    Examples
    --------
    >>> a, b = sp.symbols("a b")
    >>> value_at(a / 4 + b, {"a": 2.0, "b": 1.0, "c": 7.0})
    1.5
    """
    names, function = _compiled(formula)
    return float(function(*(point[name] for name in names)))


@lru_cache(maxsize=1024)
def _compiled(formula: sp.Expr) -> tuple[tuple[str, ...], Callable[..., float]]:
    """A formula as a function of floats, and the names of its arguments."""
    symbols = sorted(formula.free_symbols, key=lambda symbol: symbol.name)
    return tuple(symbol.name for symbol in symbols), sp.lambdify(symbols, formula, modules=[{"zeta": zeta}, "math"])
