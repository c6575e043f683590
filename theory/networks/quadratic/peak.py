"""The interpolation peak of the quadratic network: where it sits, how high and wide it is, and where it stops growing.

The positive semidefinite cone leaves d²/4 degrees of freedom to pure noise, so the peak is at n = d²/4 = (d/4) d. Near it,
with n = (d²/4)(1 + ε), both balances of N4 lose their leading terms and the next order decides (theory.md N5, N7). For
the cone, unlike for the diagonal network, a teacher with a trace shifts the threshold, and that caps the peak as λ → 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import sympy as sp

from ...asymptotics.power_sums import Position, PowerSum, expand
from ...derivation import Derivation, Step
from ...identities import DerivationError, proved
from ...symbols import b, decay, dim, noise, weight_decay
from . import semicircle
from .corners import Place, corner_sums, signal_ratio
from .phases import ASSUMPTIONS, REFERENCES
from .semicircle import ratio
from .state_equations import excess_risk

excess_samples = sp.Symbol("excess_samples", real=True)
"""ε = n/(d²/4) - 1."""
depth = sp.Symbol("depth", positive=True)
"""R_peak/R, 1 at the top."""
mean_spike = sp.Symbol("mean_spike", positive=True)
"""m = Tr S*/d, the mean teacher eigenvalue."""


@dataclass(frozen=True)
class Peak:
    """R near n = d²/4 at small λ.

    Parameters
    ----------
    samples : sympy.Expr
        n at the threshold, to leading order.
    height : sympy.Expr
        R there while m is negligible: (3πΔ²/(32 λ))^{2/3}.
    width : sympy.Expr
        Scale of ε on which R falls: ε² = width² (depth² - √depth), depth = height/R.
    half_width : sympy.Expr
        |ε| at which R is half its maximum.
    equation : sympy.Eq
        That curve.
    full_height : sympy.Eq
        The height with m kept, an equation for R: (Δ - c m √R)² = 4 c λ R^{3/2}, c = 8/(3π).
    shift : sympy.Expr
        ε at the top with m kept: c m/√R.
    cap : sympy.Expr
        Limit of the height as λ → 0: (Δ/(c m))².
    derivation : Derivation
    """

    samples: sp.Expr
    height: sp.Expr
    width: sp.Expr
    half_width: sp.Expr
    equation: sp.Eq
    full_height: sp.Eq
    shift: sp.Expr
    cap: sp.Expr
    derivation: Derivation


@dataclass(frozen=True)
class PeakLaw:
    """R = constant · d^exponent on n = d²/4 for λ = dim**b with b as in `along`; γ as in `condition`."""

    exponent: sp.Expr
    constant: sp.Expr | None
    along: tuple[sp.Rel, ...]
    condition: sp.Basic


def _slopes() -> tuple[sp.Expr, sp.Expr]:
    """c_R and c in R = σ²(1 - c_R x), dof = (d²/4)(1 - c x), from the corner of a small threshold."""
    sums = corner_sums(Place.CENTRE, Position.INSIDE)
    rise, fall = (-second.coefficient / first.coefficient for first, second in (sums.risk, sums.dof))
    return rise, fall


@cache
def peak() -> Peak:
    """The whole peak in closed form (N5, N7).

    When this is wrong: first order in x and ε, so λ^{2/3} ≪ 1; spikes above σ, few against d, are left out, which needs
    R ≪ d. With all spikes below σ, the teacher enters at this order by its trace alone.

    Raises
    ------
    DerivationError
        If a step does not reduce to exact zero.

    Examples
    --------
    >>> found = peak()
    >>> found.samples, found.height
    (dim**2/4, 6**(2/3)*pi**(2/3)*noise**(4/3)/(16*weight_decay**(2/3)))
    """
    rise, fall = _slopes()
    risk, x, epsilon = excess_risk, ratio, excess_samples
    spread_ = sp.sqrt(risk)
    noise_side = risk * (epsilon + rise * x) - noise
    penalty_side = x * spread_ * (epsilon + fall * (x - mean_spike / spread_)) - weight_decay
    inside = sp.expand(penalty_side.subs(epsilon, noise / risk - rise * x))
    best = sp.solve(sp.diff(inside, x), x)[0]
    shift = sp.simplify((noise / risk - rise * x).subs(x, best))
    full = sp.Eq((noise - fall * mean_spike * spread_) ** 2, 4 * fall * weight_decay * spread_**3)
    height = (noise**2 / (4 * fall * weight_decay)) ** sp.Rational(2, 3)
    width = noise / height
    steps = (
        *_shift_steps(),
        Step("Noise balance near the threshold.", sp.Eq(noise_side, 0), "the leading terms cancel against n"),
        Step("Penalty balance near the threshold.", sp.Eq(penalty_side, 0), "the leading terms cancel here too"),
        proved(
            "At the largest R for a given penalty the two roots meet.",
            inside.subs(x, best) * 4 * fall * spread_**3,
            full.lhs - full.rhs,
            "greatest penalty over the threshold at fixed R",
        ),
        proved("Its place.", shift, fall * mean_spike / spread_, "noise balance"),
        proved(
            "Without a trace.",
            full.lhs.subs({mean_spike: 0}),
            4 * fall * weight_decay * height ** sp.Rational(3, 2),
            "solve",
        ),
        *_profile_steps(rise, fall, height, width),
    )
    curve = sp.Eq(epsilon**2, width**2 * (depth**2 - sp.sqrt(depth)), evaluate=False)
    half = width * sp.sqrt((depth**2 - sp.sqrt(depth)).subs(depth, 2))
    cap = (noise / (fall * mean_spike)) ** 2
    threshold_samples = corner_sums(Place.CENTRE, Position.INSIDE).dof[0].expression
    values = {"height": height, "width": width, "half_width": half, "cap": cap, "shift": shift}
    subject = "Interpolation peak of the quadratic network"
    derivation = Derivation(subject, steps, ASSUMPTIONS, curve, values, REFERENCES)
    return Peak(threshold_samples, height, width, half, curve, full, fall * mean_spike / spread_, cap, derivation)


def _shift_steps() -> tuple[Step, Step]:
    """A teacher m·1 moves the bulk: dof sees t - m, but R at t = 0 is the same to first order in m (Stein)."""
    m = sp.Symbol("m", real=True)
    divergence = semicircle.divergence_above().subs(ratio, ratio - m)
    # ∫ min(y + m, x)² = ∫ min(y, x - m)² + 2m ∫ min(y, x - m) + m², by moments above x - m.
    m0, m1, m2 = (semicircle.moment_above(order).subs(ratio, ratio - m) for order in range(3))
    cut = ratio - m
    squares = 1 - m2 + cut**2 * m0
    means = -m1 + cut * m0
    risk = 2 * (squares + 2 * m * means + m**2 - 1 + 4 * divergence)
    at_zero = {ratio: 0, m: 0}
    _, fall = _slopes()
    return (
        proved(
            "To first order a trace of the teacher does not move the risk at a vanishing threshold.",
            sp.diff(risk, m).subs(at_zero),
            sp.S.Zero,
            "Stein's estimate with a shifted semicircle",
        ),
        proved(
            "It moves the degrees of freedom as a lower threshold would.",
            sp.diff(4 * divergence, m).subs(at_zero),
            fall,
            "shifted semicircle",
        ),
    )


def _profile_steps(rise: sp.Expr, fall: sp.Expr, height: sp.Expr, width: sp.Expr) -> tuple[Step, ...]:
    """Without a trace: x = x_0 (depth + s), ε = -width s with s² = depth² - √depth solves both equations."""
    if sp.simplify(rise - 2 * fall) != 0:
        raise DerivationError(f"expected the risk to fall twice as fast as the degrees of freedom, got {rise}, {fall}")
    side = sp.Symbol("side", real=True)
    top = noise / (rise * height)
    x, epsilon, risk = top * (depth + side), -width * side, height / depth
    given = {side: sp.sqrt(depth**2 - sp.sqrt(depth))}
    balance = x**2 * risk * (epsilon + fall * x) ** 2
    return (
        proved("Noise balance on the curve.", risk * (epsilon + rise * x), noise, "insert"),
        proved(
            "Penalty balance on the curve, squared.",
            sp.expand(balance.subs(given)),
            weight_decay**2,
            "side enters through its square alone",
        ),
    )


@cache
def trace_law() -> dict[sp.Basic, sp.Expr]:
    """m = Tr S*/d to leading order, by the power-sum lemma: γ < 1 (all spikes count) and γ > 1 (the first ones).

    Examples
    --------
    >>> list(trace_law().values())
    [-dim**(1/2 - decay)/(decay - 1), zeta(decay)/sqrt(dim)]
    """
    found = expand(PowerSum(signal_ratio, signal_ratio), Position.ABOVE).terms
    tail = next(t for t in found if t.count_power == 1 - decay)
    start = next(t for t in found if t.origin == "head")
    per_spike = 1 / sp.sqrt(dim)
    slow = sp.simplify(tail.coefficient) * dim ** (tail.count_power - sp.Rational(1, 2))
    return {sp.Lt(decay, 1): slow, sp.Gt(decay, 1): start.coefficient * per_spike}


@cache
def peak_laws() -> tuple[PeakLaw, ...]:
    """Laws on n = d²/4 exactly, for λ → 0 as a power of d: growth like λ^{-2/3}, then saturation (N5).

    The growth ends where c m √R reaches Δ: there λ = d^{-3(γ - 1/2)} for γ < 1 and d^{-3/2} for γ > 1. Below, R stays at
    (Δ/(2 c m))² on n = d²/4 (a quarter of the peak's own height, which is beside it). For γ > 1 that is of order d, where
    spikes and noise are of one size and the constant is only implicit.

    Examples
    --------
    >>> [law.exponent for law in peak_laws()]
    [-2*b/3, 2*decay - 1, -2*b/3, 1]
    """
    found, laws = peak(), []
    _, fall = _slopes()
    growth = sp.powsimp(sp.expand_power_base(found.height.subs(weight_decay, dim**b), force=True), force=True)
    exponent = _exponent_in_dim(growth)
    constant = sp.simplify(growth / dim**exponent)
    for condition, mean in trace_law().items():
        # At ε = 0 the noise balance has x = Δ/(c_R R); the penalty vanishes where Δ/(2R) = c m/√R.
        saturated = (noise / (2 * fall * mean)) ** 2
        level = _exponent_in_dim(sp.expand_power_base(saturated.subs(noise, 1), force=True))
        wall = sp.solve(exponent - level, b)[0]
        known = sp.simplify(saturated / dim**level) if isinstance(condition, sp.StrictLessThan) else None
        laws.append(PeakLaw(exponent, constant, (b < 0, b > wall), condition))
        laws.append(PeakLaw(level, known, (b < wall,), condition))
    return tuple(laws)


def _exponent_in_dim(monomial: sp.Expr) -> sp.Expr:
    logarithm = sp.expand_log(sp.log(monomial), force=True)
    return sp.expand(sp.simplify(dim * sp.diff(logarithm, dim)))
