"""Taylor coefficients at zero, one by one: by recurrence for e^q and erfc(q) of a polynomial q, else by differentiating.

Differentiating such a factor five times and putting in zero takes ten times as long, and they stand in every sum over
Gaussian integrals. Both recurrences are the textbook differential equations (e^q)' = q' e^q, erfc(q)' = -2/√π q' e^{-q²}.
"""

from __future__ import annotations

from functools import cache

import sympy as sp


def taylor_coefficient(factor: sp.Expr, variable: sp.Symbol, order: int) -> sp.Expr:
    """The coefficient of variable^order of a function that is analytic at zero, multiplied out.

    Examples
    --------
    >>> u, x = sp.symbols("u x", positive=True)
    >>> [taylor_coefficient(sp.exp(u * x), u, order) for order in range(3)]
    [1, x, x**2/2]
    >>> taylor_coefficient(sp.erfc(u), u, 3)
    2/(3*sqrt(pi))
    >>> taylor_coefficient(sp.sqrt(x + u), u, 1)
    1/(2*sqrt(x))
    """
    if factor.is_Mul and all(isinstance(call, sp.exp) for call in factor.args):
        factor = sp.exp(sp.Add(*(call.args[0] for call in factor.args)))
    special = isinstance(factor, sp.exp | sp.erfc)
    known = _coefficients(factor.args[0] if special else factor, variable)
    if known is None:
        return sp.expand(_derivative(factor, variable, order).subs(variable, 0) / sp.factorial(order))
    if special:
        return (_exponential if isinstance(factor, sp.exp) else _error_function)(known, order)
    return known[order] if order < len(known) else sp.S.Zero


@cache
def _coefficients(polynomial: sp.Expr, variable: sp.Symbol) -> tuple[sp.Expr, ...] | None:
    """Coefficients from the lowest power on; None for what is no polynomial in the variable."""
    found: dict[int, list[sp.Expr]] = {0: []}
    for term in sp.Add.make_args(sp.expand(polynomial)):
        coefficient, power = term.as_independent(variable, as_Add=False)
        base, order = power.as_base_exp()
        if base not in (variable, sp.S.One) or not (order.is_Integer and order > 0):
            return None
        found.setdefault(int(order) if base == variable else 0, []).append(coefficient)
    return tuple(sp.Add(*found.get(order, [])) for order in range(max(found) + 1))


@cache
def _exponential(inner: tuple[sp.Expr, ...], order: int) -> sp.Expr:
    """n c_n = Σ_k k q_k c_{n-k}."""
    if order == 0:
        return sp.exp(inner[0])
    steps = range(1, min(order, len(inner) - 1) + 1)
    return sp.expand(sp.Add(*(k * inner[k] * _exponential(inner, order - k) for k in steps)) / order)


@cache
def _error_function(inner: tuple[sp.Expr, ...], order: int) -> sp.Expr:
    """n c_n = -2/√π Σ_k k q_k b_{n-k}, with b the coefficients of e^{-q²}."""
    if order == 0:
        return sp.erfc(inner[0])
    bell = tuple(
        sp.expand(-sp.Add(*(inner[j] * inner[n - j] for j in range(n + 1) if max(j, n - j) < len(inner))))
        for n in range(2 * len(inner) - 1)
    )
    steps = range(1, min(order, len(inner) - 1) + 1)
    slope = sp.Add(*(k * inner[k] * _exponential(bell, order - k) for k in steps))
    return sp.expand(-2 * slope / (sp.sqrt(sp.pi) * order))


@cache  # each the derivative of the last
def _derivative(factor: sp.Expr, variable: sp.Symbol, order: int) -> sp.Expr:
    return factor if order == 0 else sp.diff(_derivative(factor, variable, order - 1), variable)
