"""A power sum whose scale stands at its end: Σ_{k ≤ d} F(k^{-γ}/τ) with τ = ρ d^{-γ}, as d → ∞ at fixed ρ (theory.md A1).

The window then reaches the last atom, and its Mellin integral ends there: the sum is d ∫_0^1 F(x^{-γ}/ρ) dx to leading order,
as long as the atoms far above the scale add less, F = O(u^p) with γp < 1 as u → ∞. In u this is ρ^{-1/γ}/γ times an
integral from 1/ρ on, of which only those of the building blocks are typed in. `compared` compares the closed form
with a numeric integral and with the sum itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import mpmath
import sympy as sp

from .confirm import ExpansionMismatch, sample_values, tried
from .direct_sums import finite_sum, infinite_sum
from .mellin import MellinUnknown, Monomial, mellin_transform, parts, taken_apart
from .poles import is_singular
from .special import evaluate, incomplete_beta, numeric

end_ratio = sp.Symbol("_end_ratio", positive=True)
"""ρ = τ d^γ."""

_RATIOS = (sp.Rational(3, 7), sp.Rational(16, 5))
"""Values of ρ at which a share is tried: the scale below the last atom, and above it."""

_AGREEMENT = 1e-9
"""Relative difference allowed between the closed form and the numeric integral, which is good to 1e-15 or so."""


@dataclass(frozen=True)
class EndShare:
    """The sum over its number of terms, in the limit.

    Parameters
    ----------
    value : sympy.Expr
        ∫_0^1 F(x^{-γ}/ρ) dx in `end_ratio`.
    growth : tuple[sympy.Expr, ...]
        γp for every power p of a building block at large u: where all are below 1 the share is the leading order.
    """

    value: sp.Expr
    growth: tuple[sp.Expr, ...]


def end_share(function: sp.Expr, variable: sp.Symbol, decay: sp.Expr) -> EndShare:
    """The share in closed form.

    Raises
    ------
    MellinUnknown
        If a building block has no rule.

    Examples
    --------
    >>> u = sp.Symbol("u", positive=True)
    >>> end_share(sp.exp(-1 / u), u, sp.Integer(1)).value
    (1 - exp(-_end_ratio))/_end_ratio
    >>> end_share(sp.exp(-u), u, sp.Rational(3, 4)).value.subs(end_ratio, 1)
    4*uppergamma(-4/3, 1)/3
    """
    total = sp.S.Zero
    growth: list[sp.Expr] = []
    for part in parts(function, variable):
        value, powers = _from_the_end(part, variable, decay)
        total += value
        growth += [sp.expand(decay * power) for power in powers]
    front = end_ratio ** (-1 / decay) / decay
    return EndShare(sp.powsimp(sp.expand_power_base(front * total)), tuple(dict.fromkeys(growth)))


def rest_share(function: sp.Expr, variable: sp.Symbol, decay: sp.Expr) -> EndShare:
    """Of what lies beyond the end, over the number of terms up to there: ∫_1^∞ F(x^{-γ}/ρ) dx, the window less the share.

    Raises
    ------
    MellinUnknown
        If a building block has no rule, or the window is a logarithm.

    Examples
    --------
    >>> u = sp.Symbol("u", positive=True)
    >>> found = rest_share(u**2 * sp.exp(-u), u, sp.Integer(1))
    >>> sp.simplify(found.value.rewrite(sp.exp) - (1 - sp.exp(-1 / end_ratio)) / end_ratio)
    0
    """
    whole = mellin_transform(function, variable, 2).at(-1 / decay)
    if is_singular(whole):
        raise MellinUnknown(f"the window of {function} meets another term: a logarithm stands")
    inside = end_share(function, variable, decay).value
    return EndShare(whole * end_ratio ** (-1 / decay) / decay - inside, ())


def _from_the_end(part: sp.Expr, u: sp.Symbol, decay: sp.Expr) -> tuple[sp.Expr, tuple[sp.Expr, ...]]:
    """∫_{1/ρ}^∞ of one block times u^{-1/γ-1}, and its power at large u, none where it falls faster."""
    if part.has(sp.Min, sp.Max, sp.Piecewise):
        raise MellinUnknown(f"no rule for an integral that ends in the middle of part={part}")
    coefficient, power, exponent, special = taken_apart(part, u)
    shift, start = power - 1 / decay, 1 / end_ratio
    if exponent == 0 and not special:
        return -coefficient * start**shift / shift, (power,)
    if exponent != 0 and not special:
        return _exponential(coefficient, power, shift, exponent, u)
    if exponent == 0 and len(special) == 1 and isinstance(special[0], sp.log):
        return _logarithm(coefficient, power, shift, special[0], u)
    if exponent == 0 and len(special) == 1:
        return _binomial(coefficient, power, shift, special[0], u)
    raise MellinUnknown(f"no rule for an integral that ends in the middle of part={part}")


def _exponential(
    c: sp.Expr, power: sp.Expr, shift: sp.Expr, exponent: sp.Expr, u: sp.Symbol
) -> tuple[sp.Expr, tuple[sp.Expr, ...]]:
    """c u^q exp(free - β u^r), q being the shift: an incomplete gamma function, of y = β u^r."""
    free, rest = exponent.as_independent(u, as_Add=True)
    slope, monomial = rest.as_independent(u, as_Add=False)
    root, rate = monomial.as_base_exp()
    if root != u or rate.has(u) or not slope.is_negative or not (rate.is_positive or rate.is_negative):
        raise MellinUnknown(f"expected exp(-β u^r) with β > 0, got exponent={exponent}")
    order, last = shift / rate, -slope * end_ratio ** (-rate)
    gamma = sp.uppergamma(order, last) if rate.is_positive else sp.lowergamma(order, last)
    value = c * sp.exp(free) * (-slope) ** (-order) * gamma / sp.Abs(rate)
    return value, () if rate.is_positive else (power,)


def _binomial(
    c: sp.Expr, power: sp.Expr, shift: sp.Expr, factor: sp.Expr, u: sp.Symbol
) -> tuple[sp.Expr, tuple[sp.Expr, ...]]:
    """c u^q (A + B u^r)^{-m}, q being the shift: an incomplete beta function, of y = A/(A + B u^r)."""
    base, exponent = factor.as_base_exp()
    found = _sum_of_two(base, u)
    if found is None or exponent.has(u):
        raise MellinUnknown(f"expected (A + B u^r)^m with A, B, r > 0, got factor={factor}")
    constant, slope, rate = found
    m, rest_order = -exponent, shift / rate
    order, last = m - rest_order, constant * end_ratio**rate
    share = incomplete_beta(order, rest_order, last / slope)
    return c * slope ** (-m) * (slope / constant) ** order * share / rate, (power - rate * m,)


def _logarithm(
    c: sp.Expr, power: sp.Expr, shift: sp.Expr, factor: sp.Expr, u: sp.Symbol
) -> tuple[sp.Expr, tuple[sp.Expr, ...]]:
    """c u^q log(A + B u^r), q < 0 being the shift: by parts, an integral of u^(q+r) (A + B u^r)^(-1)."""
    found = _sum_of_two(factor.args[0], u)
    if found is None:
        raise MellinUnknown(f"expected log(A + B u^r) with A, B, r > 0, got factor={factor}")
    constant, slope, rate = found
    start = 1 / end_ratio
    edge = -(start**shift) * sp.log(constant + slope * start**rate) / shift
    rest, _ = _binomial(slope * rate / shift, power + rate, shift + rate, 1 / factor.args[0], u)
    return c * (edge - rest), (power,)


def _sum_of_two(base: sp.Expr, u: sp.Symbol) -> tuple[sp.Expr, sp.Expr, sp.Expr] | None:
    """(A, B, r) of A + B u^r, all positive; None for anything else."""
    constant, rest = base.as_independent(u, as_Add=True)
    slope, monomial = rest.as_independent(u, as_Add=False)
    root, rate = monomial.as_base_exp()
    known = base.is_Add and root == u and not rate.has(u)
    positive = constant.is_positive and slope.is_positive and rate.is_positive
    return (constant, slope, rate) if known and positive else None


def compared(
    share: EndShare, function: sp.Expr, variable: sp.Symbol, decay: sp.Expr, sample: Mapping[sp.Symbol, Any]
) -> EndShare:
    """The same share after a comparison with a numeric integral and, at two sizes, with the sum.

    Raises
    ------
    ExpansionMismatch
        If a number disagrees.

    Examples
    --------
    >>> u = sp.Symbol("u", positive=True)
    >>> share = end_share(sp.exp(-u), u, sp.Integer(2))
    >>> compared(share, sp.exp(-u), u, sp.Integer(2), {}) == share
    True
    """
    values = sample_values(function.free_symbols | decay.free_symbols, variable, sample)
    gamma, numbers = decay.subs(values), function.subs(values)
    large = [m for m in mellin_transform(numbers, variable, 2).large if sp.Ge(gamma * m.power, 1) != sp.true]
    for ratio in _RATIOS:
        value = evaluate(share.value.subs(values).subs(end_ratio, ratio))
        _integrated(value, numbers, variable, gamma, ratio)
        tried(lambda count: _row(float(value), large, numbers, variable, gamma, ratio, count), function)  # noqa: B023
    return share


def compared_beyond(
    share: EndShare, function: sp.Expr, variable: sp.Symbol, decay: sp.Expr, sample: Mapping[sp.Symbol, Any]
) -> EndShare:
    """The same for what lies beyond the end: the share after a comparison with the infinite sum less the finite one.

    Raises
    ------
    ExpansionMismatch
        If a number disagrees.

    Examples
    --------
    >>> u = sp.Symbol("u", positive=True)
    >>> share = rest_share(u**2 * sp.exp(-u), u, sp.Integer(1))
    >>> compared_beyond(share, u**2 * sp.exp(-u), u, sp.Integer(1), {}) == share
    True
    """
    values = sample_values(function.free_symbols | decay.free_symbols, variable, sample)
    gamma, numbers = decay.subs(values), function.subs(values)
    for ratio in _RATIOS:
        value = float(evaluate(share.value.subs(values).subs(end_ratio, ratio)))
        tried(lambda count: _row_beyond(value, numbers, variable, gamma, ratio, count), function)  # noqa: B023
    return share


def _row_beyond(
    value: float, function: sp.Expr, u: sp.Symbol, gamma: sp.Expr, ratio: sp.Expr, count: int
) -> dict[str, float]:
    """One comparison; what is left out is half of the last term and a little of its slope."""
    scale = sp.Float(ratio, 25) * sp.Float(count, 25) ** (-gamma)
    last = float(abs(function.subs(u, 1 / sp.Float(ratio, 25))))
    whole, head = (total(function, u, gamma, scale, count) for total in (infinite_sum, finite_sum))
    return {
        "count": count,
        "exact": whole - head,
        "approximate": count * value,
        "omitted": last / 2,
        "size": 1.0 + abs(whole),
    }


def _integrated(value: Any, function: sp.Expr, variable: sp.Symbol, gamma: sp.Expr, ratio: sp.Expr) -> None:
    call = numeric(function.subs(variable, variable ** (-gamma) / ratio), variable)
    with mpmath.workdps(20):
        expected = mpmath.quad(call, [0, mpmath.mpf("0.01"), mpmath.mpf("0.2"), 1])
        if not abs(value - expected) <= _AGREEMENT * abs(expected):
            raise ExpansionMismatch(f"share of {function} at ratio={ratio}: {value}, by integration {expected}")


def _head(monomial: Monomial, gamma: sp.Expr, scale: sp.Expr) -> sp.Expr:
    """Size of the first atoms' constant, ζ(γp); with a logarithm that of its derivative in p."""
    order = gamma * monomial.power
    value = sp.Abs(sp.zeta(order))
    if not monomial.log:
        return value
    slope = mpmath.zeta(mpmath.mpf(sp.N(order, 20)), 1, 1)
    return value * sp.Abs(sp.log(scale)) + gamma * sp.Abs(sp.Float(str(slope), 20))


def _row(
    value: float, large: list[Monomial], function: sp.Expr, u: sp.Symbol, gamma: sp.Expr, ratio: sp.Expr, count: int
) -> dict[str, float]:
    """One comparison with the sum; what is left out are the atoms near the first and half of the last one."""
    scale = sp.Float(ratio, 25) * sp.Float(count, 25) ** (-gamma)
    heads = [abs(m.coefficient * scale ** (-m.power)) * _head(m, gamma, scale) for m in large]
    last = abs(function.subs(u, 1 / sp.Float(ratio, 25))) / 2
    omitted = float(sp.N(sp.Add(last, *heads)))
    exact = finite_sum(function, u, gamma, scale, count)
    return {"count": count, "exact": exact, "approximate": count * value, "omitted": omitted}
