"""What the two sums of the state equations do in each corner of (τ, t): the power-sum lemma applied to N3.

A corner says whether α = t/τ is large or small by a power of d, and where the step of the soft threshold stands among the
teacher's weights. In each, risk and degrees of freedom are sums of monomials in τ, t and d with constants.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import sympy as sp

from ...asymptotics.power_sums import Position, PowerSum
from ...asymptotics.two_scales import Corner, expand_ratio
from ...symbols import decay, dim, noise_level, threshold, threshold_ratio
from .soft_threshold import exceedance, risk, scaled, second_moment, signal_ratio

noise_exponent = sp.Symbol("x_noise", real=True)
"""Exponent of d in τ."""
threshold_exponent = sp.Symbol("x_threshold", real=True)
"""Exponent of d in t."""

_DEPTH = {Corner.SMALL: 3, Corner.LARGE: 2}
"""Powers of the ratio: a small one needs its square, at which weight decay starts to hurt where all weights are learned."""


@dataclass(frozen=True)
class CornerTerm:
    """coefficient · τ^noise_power · t^threshold_power · d^dim_power."""

    coefficient: sp.Expr
    noise_power: sp.Expr
    threshold_power: sp.Expr
    dim_power: sp.Expr

    @property
    def expression(self) -> sp.Expr:
        """The term as a formula."""
        powers = noise_level**self.noise_power * threshold**self.threshold_power * dim**self.dim_power
        return self.coefficient * powers

    @cached_property
    def order(self) -> sp.Expr:
        """Exponent of d, affine in those of τ and t."""
        return sp.expand(self.noise_power * noise_exponent + self.threshold_power * threshold_exponent + self.dim_power)


@dataclass(frozen=True)
class CornerSums:
    """Risk and degrees of freedom in one corner, with the Gaussian tails that a logarithmic α brings back.

    Parameters
    ----------
    corner, position
        Which corner: what the ratio does, and where the step stands (τ for a small ratio, t for a large one).
    risk, dof, power : tuple[CornerTerm, ...]
        Terms of R = Σ r, of dof = Σ P and of Σ E soft² (all largest and first corrections).
    tail_risk, tail_dof : CornerTerm or None
        Factors of e^{-α²/2} in the sums over weights far below the threshold.
    """

    corner: Corner
    position: Position
    risk: tuple[CornerTerm, ...]
    dof: tuple[CornerTerm, ...]
    tail_risk: CornerTerm | None
    tail_dof: CornerTerm | None

    @property
    def conditions(self) -> tuple[sp.Basic, ...]:
        """The corner as strict inequalities between the exponents of τ and t."""
        large = self.corner is Corner.LARGE
        step = threshold_exponent if large else noise_exponent
        ratio = sp.Gt(threshold_exponent, noise_exponent) if large else sp.Lt(threshold_exponent, noise_exponent)
        places = {
            Position.ABOVE: (sp.Gt(step, 0),),
            Position.INSIDE: (sp.Lt(step, 0), sp.Gt(step, -decay)),
            Position.BELOW: (sp.Lt(step, -decay),),
        }
        return (ratio, *places[self.position])


@cache
def corner_sums(corner: Corner, position: Position) -> CornerSums:
    """Expand both sums of N3 in one corner; each expansion is compared with the sum itself (A1).

    When this is wrong: at a boundary between corners, where two scales agree up to logarithms.

    Raises
    ------
    ExpansionMismatch
        If an expansion does not agree with the numbers.

    Examples
    --------
    >>> corner_sums(Corner.LARGE, Position.BELOW).dof[0].expression
    dim
    """
    parts = {"risk": (risk(), 2), "dof": (exceedance(), 0)}
    found = {name: _expanded(formula, power, corner, position) for name, (formula, power) in parts.items()}
    return CornerSums(corner, position, found["risk"][0], found["dof"][0], found["risk"][1], found["dof"][1])


def _expanded(
    formula: sp.Expr, power: int, corner: Corner, position: Position
) -> tuple[tuple[CornerTerm, ...], CornerTerm | None]:
    """Terms and Gaussian tail of Σ formula, where formula is homogeneous of degree `power` in (θ, τ, t)."""
    problem = PowerSum(scaled(formula, power), signal_ratio)
    found = expand_ratio(problem, threshold_ratio, corner, position, _DEPTH[corner])
    terms = [
        CornerTerm(t.coefficient, power + t.scale_power - t.ratio_power, t.ratio_power, t.count_power)
        for t in (*found.terms, *found.gaussian)
    ]
    count = len(found.terms)
    return tuple(terms[:count]), terms[count] if len(terms) > count else None


@cache
def learned_power(corner: Corner, position: Position) -> tuple[CornerTerm, ...]:
    """Terms of Σ E soft(θ*_k + τ z; t)², the squared norm of the learned weights, in one corner (N8).

    Examples
    --------
    >>> learned_power(Corner.LARGE, Position.INSIDE)[2].expression
    zeta(2*decay)
    """
    return _expanded(second_moment(), 2, corner, position)[0]
