"""Where an unknown that is given by sums is below every power of the large parameter: all their atoms lie above the scale.

Σ_{k ≤ d} F(k^(-γ)/τ) with an F that falls faster than every power at large arguments is at most d times F at the last atom,
and the last atom lies above the scale by a power: exp(-t k^(-b)) up to d << t^(1/b). What stands before the sum may be
any power. Without an end it is so where the scale lies above all atoms, exp(-t k^b) with a t that grows, and F falls faster than
every power at small arguments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sympy as sp

from .chambers import ParameterDomain
from .mellin import MellinUnknown, mellin_transform
from .positivity import surely_positive
from .scaled_sums import Sum, UnreadableSystem, inner_ratio, scaled_sum


def below_every_power(
    equations: Sequence[sp.Eq], unknown: sp.Symbol, large: sp.Symbol, exponents: Mapping[sp.Symbol, sp.Expr],
    index: sp.Symbol, moving: Sequence[sp.Symbol], domain: ParameterDomain,
) -> tuple[sp.Expr, ...] | None:  # fmt: skip
    """Forms that are positive where the unknown falls faster than every power; None where that is not known.

    Parameters
    ----------
    equations : sequence of sympy.Eq
        With `Sum`; one of them must say what the unknown is.
    unknown, large : Symbol
        Of which the law is asked.
    exponents : mapping
        Of controls, the symbols of their exponents.
    index, moving, domain
        As `scaled_sum` takes them.

    Examples
    --------
    >>> k, t, n, x = sp.symbols("k t n x", positive=True)
    >>> place = sp.Symbol("s", real=True)
    >>> flow = sp.Eq(x, Sum(k**-2 * sp.exp(-t / k), n))
    >>> below_every_power([flow], x, n, {t: place}, k, (n, t, x), ParameterDomain.of((), ()))
    (s - 1,)
    >>> window = sp.Eq(x, Sum(k**-2 * sp.exp(-t * k)))
    >>> below_every_power([window], x, n, {t: place}, k, (n, t, x), ParameterDomain.of((), ()))
    (s,)
    """
    value = next((item.rhs for item in equations if item.lhs == unknown and not item.rhs.has(unknown)), None)
    if value is None:
        return None
    found: dict[sp.Expr, None] = {}
    for term in sp.Add.make_args(sp.expand(value)):
        forms = _of_term(term, large, exponents, index, moving, domain)
        if forms is None:
            return None
        found |= dict.fromkeys(forms)
    return tuple(form for form in found if form.is_positive is not True)


def _of_term(
    term: sp.Expr, large: sp.Symbol, exponents: Mapping[sp.Symbol, sp.Expr], index: sp.Symbol,
    moving: Sequence[sp.Symbol], domain: ParameterDomain,
) -> tuple[sp.Expr, ...] | None:  # fmt: skip
    """A power times one sum: that its end grows and its last atom lies above the scale, or without an end its first one below."""
    sums = [factor for factor in sp.Mul.make_args(term) if isinstance(factor, Sum)]
    if len(sums) != 1 or len(sums[0].args) > 2 or term.count(Sum) != 1:
        return None
    try:
        found = scaled_sum(sums[0].args[0], index, moving, domain)
        transform = mellin_transform(found.function, inner_ratio, 2)
    except (UnreadableSystem, MellinUnknown):
        return None
    factor = (found.coefficient * term / sums[0]).as_independent(*moving, as_Add=False)[0]
    if not surely_positive(found.function) or not (factor.is_positive or domain.sign(factor) == 1):
        return None  # the unknown may be negative, and no solution
    if len(sums[0].args) == 1:
        powers = [_power(part, large, exponents, moving) for part in (found.scale, found.coefficient, term / sums[0])]
        falls = not (transform.small or transform.small_omitted or found.step is not None)
        return (sp.expand(powers[0]),) if falls and None not in powers else None
    parts = (sums[0].args[1], found.scale, found.coefficient, term / sums[0])
    end, scale, *before = (_power(part, large, exponents, moving) for part in parts)
    if transform.large or transform.large_omitted or found.step is not None:
        return None
    return None if end is None or scale is None or None in before else (end, sp.expand(-scale - found.decay * end))


def _power(
    expression: sp.Expr, large: sp.Symbol, exponents: Mapping[sp.Symbol, sp.Expr], moving: Sequence[sp.Symbol]
) -> sp.Expr | None:
    """The power of the large parameter that a product of powers goes like; None for anything else that moves."""
    places = {large: sp.S.One, **exponents}
    total = sp.S.Zero
    for factor in sp.Mul.make_args(sp.powsimp(sp.expand_power_base(expression), combine="exp")):
        base, power = factor.as_base_exp()
        if base in places and not power.free_symbols & set(moving):
            total += power * places[base]
        elif factor.free_symbols & set(moving) or factor.has(sp.Function):
            return None
    return sp.expand(total)
