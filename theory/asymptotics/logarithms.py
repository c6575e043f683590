"""Power sums of functions with a logarithm: log(A + B u^r) has a transform by rule, and at one end it goes like log u.

A term u^p log u of an end expansion is the derivative of u^p in p, and so is everything that a power sum makes of it: its
head is the derivative of ζ(γp) τ^{-p}, its tail that of the edge at d. Where γp = 1 three poles would meet; that is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import sympy as sp

from ..nonzero import vanishes
from .mellin import MellinUnknown, Monomial, mellin_variable
from .special import ZetaSlope

if TYPE_CHECKING:
    from .power_sums import Term


def logarithm_block(
    c: sp.Expr, power: sp.Expr, argument: sp.Expr, u: sp.Symbol, terms: int
) -> tuple[sp.Expr, tuple[Monomial, ...], tuple[Monomial, ...], bool, bool]:
    """c u^p log(A + B u^r): transform, both end expansions, and that both go on.

    Raises
    ------
    MellinUnknown
        If the argument is no such sum with A, B > 0.

    Examples
    --------
    >>> u = sp.Symbol("u", positive=True)
    >>> logarithm_block(sp.S.One, sp.S.Zero, 1 + u, u, 1)[2][:2]
    (Monomial(power=0, coefficient=1, log=1), Monomial(power=-1, coefficient=1, log=0))
    """
    constant, rest = argument.as_independent(u, as_Add=True)
    slope, monomial = rest.as_independent(u, as_Add=False)
    root, rate = monomial.as_base_exp()
    known = root == u and not rate.has(u) and constant.is_positive and slope.is_positive
    if not known or not (rate.is_positive or rate.is_negative):
        raise MellinUnknown(f"expected log(A + B u^r) with A, B > 0, got a logarithm of {argument}")
    if rate.is_negative:  # log(A + B u^r) = r log u + log(B + A u^{-r})
        formula, small, large, _, _ = logarithm_block(c, power, slope + constant * u**-rate, u, terms)
        pure = (Monomial(power, c * rate, 1),)
        return formula, pure + small, _merged(pure + large), True, True
    beta, shift = slope / constant, mellin_variable + power
    formula = -c * beta ** (-shift / rate) * sp.gamma(1 + shift / rate) * sp.gamma(-shift / rate) / shift
    level = [Monomial(power, c * sp.log(constant))] if constant != 1 else []
    orders = range(1, terms + 2)
    small = tuple(Monomial(power + rate * j, -c * (-beta) ** j / j) for j in orders)
    falling = tuple(Monomial(power - rate * j, -c * (-1 / beta) ** j / j) for j in orders)
    top = [Monomial(power, c * rate, 1), *([Monomial(power, c * sp.log(slope))] if slope != 1 else [])]
    return formula, (*level, *small), (*top, *falling), True, True


def _merged(monomials: Sequence[Monomial]) -> tuple[Monomial, ...]:
    """Like terms added, those that cancel dropped, in order."""
    found: dict[tuple[sp.Expr, int], sp.Expr] = {}
    for item in monomials:
        found[item.power, item.log] = found.get((item.power, item.log), sp.S.Zero) + item.coefficient
    return tuple(Monomial(power, value, log) for (power, log), value in found.items() if value != 0)


def refuse_meeting(monomials: Iterable[Monomial], gamma: sp.Expr) -> None:
    """Refuse a logarithm at γp = 1, where the sum of k^{-γp} is another one."""
    if any(item.log and vanishes(gamma * item.power - 1) for item in monomials):
        raise MellinUnknown("a logarithm meets another one where γp = 1: the law holds their product")


def heads(monomial: Monomial, gamma: sp.Expr) -> list[Term]:
    """What the first atoms make of c u^p log u: the derivative of c ζ(γp) τ^{-p} in p.

    Raises
    ------
    MellinUnknown
        If γp = 1.
    """
    from .power_sums import Term

    c, p, s = monomial.coefficient, monomial.power, sp.expand(gamma * monomial.power)
    refuse_meeting([monomial], gamma)
    apart = sp.Ne(s, 1) if s.free_symbols else sp.true
    return [
        Term("head", c * gamma * ZetaSlope(s), -p, condition=apart),
        Term("head", -c * sp.zeta(s), -p, scale_log=1, condition=apart),
    ]


def tails(
    monomial: Monomial, gamma: sp.Expr, edge: Callable[[sp.Expr], tuple[tuple[int, sp.Expr], ...]]
) -> tuple[list[Term], list[Term]]:
    """What the last atoms make of c u^p log u, kept and omitted: the derivative of the edge c w(γp) τ^{-p} d^{j-γp} in p.

    `edge` gives the pairs (j, w(s)) of Σ k^{-s}.
    """
    from .power_sums import Term

    c, p, s = monomial.coefficient, monomial.power, sp.expand(gamma * monomial.power)
    refuse_meeting([monomial], gamma)
    free, kept = sp.Dummy("s"), []
    for shift, weight in edge(free):
        value, slope = weight.subs(free, s), sp.diff(weight, free).subs(free, s)
        kept += [
            Term("tail", c * gamma * slope, -p, shift - s),
            Term("tail", -c * gamma * value, -p, shift - s, count_log=1),
            Term("tail", -c * value, -p, shift - s, scale_log=1),
        ]
    rest = c * (s + 1) * (s + 2) * (s + 3) / 720
    omitted = [Term("tail", rest, -p, -s - 3, **logs) for logs in ({}, {"count_log": 1}, {"scale_log": 1})]
    return [term for term in kept if term.coefficient != 0], omitted


def with_most_logarithms(terms: Sequence[Term]) -> list[Term]:
    """Of terms of one power that with the most logarithms: the others are smaller by one."""
    most: dict[tuple[sp.Expr, sp.Expr], int] = {}
    for term in terms:
        key = (term.scale_power, term.count_power)
        most[key] = max(most.get(key, 0), term.count_log)
    return [term for term in terms if term.count_log == most[term.scale_power, term.count_power]]
