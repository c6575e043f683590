"""Coefficients whose sign the domain of the parameters tells: 1 - m is positive where 0 < m < 1 is declared.

The rules for sums ask a symbol or a formula itself whether it is positive, and know of its assumptions only. So what parameters
add up to stands in a summand as a positive symbol of its own, and is put back as soon as the sum has been expanded.
Exponents are left as they are: how they compare with each other decides what leads.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from .chambers import ParameterDomain

NAME = "_positive"
"""Before the formula that a symbol stands for: the same formula has the same symbol everywhere."""


def with_signs_told(expression: sp.Expr, domain: ParameterDomain) -> tuple[sp.Expr, dict[sp.Symbol, sp.Expr]]:
    """An expression with a positive symbol, or minus one, for each sum of parameters that has a sign; and what they stand for.

    Examples
    --------
    >>> t, m = sp.symbols("t m", positive=True)
    >>> domain = ParameterDomain.of((m,), (m < 1,))
    >>> told, meaning = with_signs_told(sp.exp(t * (m - 1)), domain)
    >>> told.args[0].is_negative, list(meaning.values())
    (True, [1 - m])
    """
    parameters = set(domain.field.parameters)
    meaning: dict[sp.Symbol, sp.Expr] = {}
    if not parameters & expression.free_symbols:
        return expression, meaning
    return _told(expression, parameters, domain, meaning), meaning


def _told(
    part: sp.Expr, parameters: set[sp.Symbol], domain: ParameterDomain, meaning: dict[sp.Symbol, sp.Expr]
) -> sp.Expr:
    if not part.args or not part.free_symbols & parameters:
        return part
    if part.is_Add and part.free_symbols <= parameters:
        return _named(part, domain, meaning)
    if part.is_Pow:
        return _told(part.base, parameters, domain, meaning) ** part.exp
    return part.func(*(_told(arg, parameters, domain, meaning) for arg in part.args))


def _named(total: sp.Expr, domain: ParameterDomain, meaning: dict[sp.Symbol, sp.Expr]) -> sp.Expr:
    sign = domain.sign(total)
    if sign not in (1, -1):
        return total
    value = sp.expand(sign * total)
    symbol = sp.Symbol(f"{NAME}({value})", positive=True)
    meaning[symbol] = value
    return sign * symbol


def restored(expression: sp.Expr, meaning: Mapping[sp.Symbol, sp.Expr]) -> sp.Expr:
    """An expression with the formulas back in the place of their symbols.

    Examples
    --------
    >>> m, named = sp.Symbol("m"), sp.Symbol("_positive(1 - m)", positive=True)
    >>> restored(2 / named, {named: 1 - m})
    2/(1 - m)
    """
    return expression.xreplace(dict(meaning)) if meaning else expression
