"""Linear equations with coefficients that may hold symbols, solved by elimination.

A general solver of equations first finds out what kind of equations it has; these are known to be linear, and there are many.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from .nonzero import vanishes


def linear_solution(equations: Sequence[sp.Expr], unknowns: Sequence[sp.Symbol]) -> dict[sp.Symbol, sp.Expr] | None:
    """Where all expressions vanish; None where they do so nowhere, or not at one point alone.

    Raises
    ------
    ValueError
        If an equation is not linear in the unknowns.

    Examples
    --------
    >>> x, y, c = sp.symbols("x y c")
    >>> linear_solution([x + y - 3, x - y - c], [x, y])
    {x: c/2 + 3/2, y: 3/2 - c/2}
    >>> linear_solution([x - 1, x - 2], [x]) is None
    True
    """
    left = [sp.expand(equation) for equation in equations]
    found: dict[sp.Symbol, sp.Expr] = {}
    for unknown in unknowns:
        pivot = next((equation for equation in left if not vanishes(_slope(equation, unknown))), None)
        if pivot is None:
            return None
        left.remove(pivot)
        value = _root(pivot, unknown)
        left = [_tidy(equation.subs(unknown, value)) for equation in left]
        found = {symbol: _tidy(old.subs(unknown, value)) for symbol, old in found.items()} | {unknown: value}
    return found if all(vanishes(equation) for equation in left) else None


def _slope(equation: sp.Expr, unknown: sp.Symbol) -> sp.Expr:
    """The coefficient of an unknown."""
    slope = sp.diff(equation, unknown)
    if slope.has(unknown):
        raise ValueError(f"expected an equation linear in {unknown}, got {equation}")
    return slope


def _root(equation: sp.Expr, unknown: sp.Symbol) -> sp.Expr:
    return _tidy(-equation.subs(unknown, 0) / _slope(equation, unknown))


def _tidy(expression: sp.Expr) -> sp.Expr:
    """Multiplied out; where symbols stand below the line, over one denominator in factors if that is shorter."""
    expanded = sp.expand(expression)
    if sp.denom(sp.together(expanded)).is_number:
        return expanded
    factored = sp.factor(expanded)
    return factored if sp.count_ops(factored) < sp.count_ops(expanded) else expanded
