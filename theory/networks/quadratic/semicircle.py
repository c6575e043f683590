"""Integrals of the semicircle above a threshold, in closed form and at both ends (theory.md N4, N5, N7).

Everything is in units of σ: density √(4 - y²)/(2π) on (-2, 2), Hilbert transform y/2, threshold x = t/σ. The bulk's
second moment ∫ (y - x)² μ and its share ∫ (y - x) H μ of the degrees of freedom carry the phases V, VI and the peak.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import sympy as sp

from ...derivation import Derivation, Step
from ...identities import DerivationError, proved

ratio = sp.Symbol("threshold_over_spread", real=True)
"""x = t/σ, the threshold in standard deviations of the semicircle; the edge is at x = 2."""
edge_distance = sp.Symbol("edge_distance", positive=True)
"""ε = 1 - t/(2σ), how far the threshold lies inside the bulk."""

_REFERENCES = ("biane1997free", "stein1981estimation")
_point = sp.Symbol("y", real=True)
_fraction = sp.Symbol("w", positive=True)


def density() -> sp.Expr:
    """The semicircle law of unit variance at y, |y| < 2.

    Examples
    --------
    >>> density().subs(_point, 0)
    1/pi
    """
    return sp.sqrt(4 - _point**2) / (2 * sp.pi)


def hilbert_transform() -> sp.Expr:
    """PV ∫ μ(dz)/(y - z) = y/2 inside the bulk, textbook.

    Examples
    --------
    >>> hilbert_transform()
    y/2
    """
    return _point / 2


@cache
def moment_above(order: int) -> sp.Expr:
    """∫_x^2 y^order μ(dy), orders 0 to 2, in closed form.

    Raises
    ------
    DerivationError
        If the closed form does not differentiate back to the integrand and vanish at the edge.

    Examples
    --------
    >>> moment_above(1)
    (4 - threshold_over_spread**2)**(3/2)/(6*pi)
    """
    root, angle = sp.sqrt(4 - ratio**2), sp.acos(ratio / 2)
    forms = {
        0: angle / sp.pi - ratio * root / (4 * sp.pi),
        1: root**3 / (6 * sp.pi),
        2: angle / sp.pi + ratio * (2 - ratio**2) * root / (8 * sp.pi),
    }
    value = forms[order]
    integrand = (density() * _point**order).subs(_point, ratio)
    slope = sp.simplify((sp.diff(value, ratio) + integrand) * root)
    if slope != 0 or value.subs(ratio, 2) != 0:
        raise DerivationError(f"moment {order}: {value} is no primitive of {integrand}")
    return value


def power_above() -> sp.Expr:
    """∫ (y - x)_+² μ(dy): the second moment of what the threshold leaves of the bulk, in units of σ².

    Examples
    --------
    >>> power_above().subs(ratio, 0), power_above().subs(ratio, 2)
    (1/2, 0)
    """
    return moment_above(2) - 2 * ratio * moment_above(1) + ratio**2 * moment_above(0)


def divergence_above() -> sp.Expr:
    """∫ (y - x)_+ H(y) μ(dy): degrees of freedom of the bulk, in units of d².

    Examples
    --------
    >>> divergence_above().subs(ratio, 0), divergence_above().subs(ratio, -2)
    (1/4, 1/2)
    """
    return (moment_above(2) - ratio * moment_above(1)) / 2


@dataclass(frozen=True)
class End:
    """coefficient · variable^power + next_coefficient · variable^next_power + ..., at one end of the thresholds."""

    coefficient: sp.Expr
    power: sp.Expr
    next_coefficient: sp.Expr
    next_power: sp.Expr


def _edge_end(factor: sp.Expr) -> End:
    """∫ factor(y) μ(dy) over (x, 2) with x = 2(1 - ε), y = 2(1 - εw): a series in ε by Beta integrals."""
    inside = {_point: 2 * (1 - edge_distance * _fraction), ratio: 2 * (1 - edge_distance)}
    # √(4 - y²) = 2 √(2εw) √(1 - εw/2), dy = 2ε dw; the last root is expanded to first order in ε.
    root = 1 - edge_distance * _fraction / 4
    polynomial = sp.Poly(sp.expand(factor.subs(inside) * root), edge_distance)
    lowest = min(power for (power,) in polynomial.monoms())
    width = 2 * sp.sqrt(2) / sp.pi  # 2ε · 2√(2ε w)/(2π) = width · ε^{3/2} √w
    values = []
    for order in (lowest, lowest + 1):
        shape = polynomial.coeff_monomial(edge_distance**order)
        values.append(sp.nsimplify(sp.integrate(sp.expand(shape * sp.sqrt(_fraction)), (_fraction, 0, 1))) * width)
    power = lowest + sp.Rational(3, 2)
    return End(values[0], power, values[1], power + 1)


@cache
def edge_power() -> End:
    """∫ (y - x)_+² μ just inside the edge, in powers of ε.

    Examples
    --------
    >>> edge_power().coefficient, edge_power().power
    (128*sqrt(2)/(105*pi), 7/2)
    """
    return _edge_end((_point - ratio) ** 2)


@cache
def edge_divergence() -> End:
    """∫ (y - x)_+ H μ just inside the edge, in powers of ε.

    Examples
    --------
    >>> edge_divergence().coefficient, edge_divergence().power
    (16*sqrt(2)/(15*pi), 5/2)
    """
    return _edge_end((_point - ratio) * hilbert_transform())


def centre_power() -> End:
    """∫ (y - x)_+² μ for a small threshold, in powers of x.

    Examples
    --------
    >>> centre_power()
    End(coefficient=1/2, power=0, next_coefficient=-8/(3*pi), next_power=1)
    """
    return _centre_end(power_above())


def centre_divergence() -> End:
    """∫ (y - x)_+ H μ for a small threshold, in powers of x.

    Examples
    --------
    >>> centre_divergence()
    End(coefficient=1/4, power=0, next_coefficient=-2/(3*pi), next_power=1)
    """
    return _centre_end(divergence_above())


def _centre_end(value: sp.Expr) -> End:
    slope = sp.simplify(sp.diff(value, ratio).subs(ratio, 0))
    return End(value.subs(ratio, 0), sp.S.Zero, slope, sp.S.One)


@cache
def stein_identity() -> Derivation:
    """Without a teacher the two forms of the risk agree: ∫ η² μ = ∫ min(y, x)² μ - 1 + 4 ∫ η H μ (SURE, in units of σ²).

    When this is wrong: never; it is the check that the divergence term carries the right factor.

    Raises
    ------
    DerivationError
        If the difference is not exactly zero.

    Examples
    --------
    >>> stein_identity().assumptions
    ()
    """
    capped = 1 - moment_above(2) + ratio**2 * moment_above(0)
    step = proved(
        "Stein's estimate of the bulk's risk is the risk.",
        power_above(),
        capped - 1 + 4 * divergence_above(),
        "closed forms, difference exactly zero",
    )
    steps = (
        Step("Law of the bulk.", density(), "semicircle of unit variance"),
        Step("Its Hilbert transform.", hilbert_transform(), "textbook"),
        step,
    )
    return Derivation("Stein's identity on the semicircle", steps, (), sp.sympify(step.formula), {}, _REFERENCES)
