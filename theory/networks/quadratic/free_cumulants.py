"""Moments of a free convolution with a semicircle through free cumulants (theory.md N4), and against subordination.

Free cumulants add; a semicircle has the second one only. The recursion between moments and free cumulants is the sum over
non-crossing partitions, sorted by the block of the first element.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import sympy as sp

from ...derivation import Derivation, Step
from ...identities import proved
from .free_convolution import subordination
from .letters import spread

_PAPER = ("biane1997free",)


def free_cumulants(moments: Sequence[sp.Expr]) -> tuple[sp.Expr, ...]:
    """κ_1, ..., κ_n from m_1, ..., m_n by m_n = Σ_s κ_s [zⁿ⁻ˢ] M(z)ˢ, M = 1 + Σ m_k z^k (sum over non-crossing partitions).

    Examples
    --------
    The semicircle of variance 1 has a single free cumulant:

    >>> free_cumulants([0, 1, 0, 2, 0, 5])
    (0, 1, 0, 0, 0, 0)
    """
    known = [sp.S.One, *map(sp.sympify, moments)]
    found: list[sp.Expr] = []
    for n in range(1, len(known)):
        rest = sum(kappa * _power_coefficient(known, s, n - s) for s, kappa in enumerate(found, 1))
        found.append(sp.expand(known[n] - rest))
    return tuple(found)


def from_cumulants(cumulants: Sequence[sp.Expr]) -> tuple[sp.Expr, ...]:
    """m_1, ..., m_n from κ_1, ..., κ_n by the same recursion.

    Examples
    --------
    >>> from_cumulants([0, 1, 0, 0, 0, 0])
    (0, 1, 0, 2, 0, 5)
    """
    known = [sp.S.One]
    for n in range(1, len(cumulants) + 1):
        terms = (sp.sympify(kappa) * _power_coefficient(known, s, n - s) for s, kappa in enumerate(cumulants[:n], 1))
        known.append(sp.expand(sum(terms)))
    return tuple(known[1:])


def _power_coefficient(series: Sequence[sp.Expr], power: int, order: int) -> sp.Expr:
    """[z^order] (Σ series_k z^k)^power; only series_0..series_order enter."""
    product: list[sp.Expr] = [sp.S.One] + [sp.S.Zero] * order
    for _ in range(power):
        product = [sp.expand(sum(product[j] * series[i - j] for j in range(i + 1))) for i in range(order + 1)]
    return product[order]


def teacher_moment(order: int) -> sp.Symbol:
    """m_k = ∫ s^k μ_0(ds) as a symbol.

    Examples
    --------
    >>> teacher_moment(2)
    m_2
    """
    return sp.Symbol(f"m_{order}", real=True)


@cache
def moments(order: int) -> tuple[sp.Expr, ...]:
    """Moments 1, ..., order of μ_0 ⊞ semicircle in those of μ_0: only the second free cumulant changes, by σ² (N4).

    Examples
    --------
    >>> moments(3)[1:]
    (m_2 + spread**2, 3*m_1*spread**2 + m_3)
    """
    cumulants = list(free_cumulants([teacher_moment(k) for k in range(1, order + 1)]))
    if order > 1:
        cumulants[1] += spread**2
    return from_cumulants(cumulants)


@cache
def moment_derivation(order: int = 4) -> Derivation:
    """That these moments solve the subordination equation at infinity, order by order; mass 1.

    Raises
    ------
    DerivationError
        If a coefficient does not vanish.

    Examples
    --------
    >>> moment_derivation(3).result
    (m_1, m_2 + spread**2, 3*m_1*spread**2 + m_3)
    """
    found = moments(order)
    steps = [Step("Mass.", sp.Integer(1), "the transform begins with 1/z since that of the teacher does")]
    remaining = _subordinate_series([sp.S.One, *found])
    for k, moment in enumerate(found, 1):
        steps.append(
            proved(
                f"Moment {k}.",
                remaining[k],
                moment,
                "coefficient of the subordination equation at infinity against free cumulants",
            )
        )
    subject = "Moments of the free convolution with a semicircle"
    return Derivation(subject, tuple(steps), subordination().assumptions, sp.Tuple(*found), {}, _PAPER)


def _subordinate_series(series: Sequence[sp.Expr]) -> list[sp.Expr]:
    """Coefficients of z G_0(z - σ²G(z)) in w = 1/z, for G = w Σ series_k w^k: Σ_k m_k w^k/(1 - σ²wG)^{k+1}."""
    order = len(series) - 1
    inner = [sp.S.Zero, sp.S.Zero, *(spread**2 * m for m in series)][: order + 1]
    # 1/(1 - f) = Σ g_n wⁿ with g_n = Σ_{j≥1} f_j g_{n-j}.
    inverse = [sp.S.One]
    for n in range(1, order + 1):
        inverse.append(sp.expand(sum(inner[j] * inverse[n - j] for j in range(1, n + 1))))
    total, power = [sp.S.Zero] * (order + 1), [sp.S.One] + [sp.S.Zero] * order
    for k in range(order + 1):
        power = [sp.expand(sum(power[j] * inverse[n - j] for j in range(n + 1))) for n in range(order + 1 - k)]
        moment = teacher_moment(k) if k else sp.S.One
        total = [c + (moment * power[n - k] if n >= k else 0) for n, c in enumerate(total)]
    return [sp.expand(c) for c in total]
