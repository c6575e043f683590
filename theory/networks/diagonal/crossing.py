"""The line between phases II and V (theory.md N5, N7): a penalty that frees samples from harmful overfitting, n ≪ d.

At λ ≍ √(n/d) a penalty of the size of the noise leaves n - dof = n(1 - s) samples to spare. The sums over pure-noise weights are
exact in α, so state equations without the teacher give s, α and R up to powers of d, from V (s = 1) to II (s → 0).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import sympy as sp

from ...derivation import Derivation, Step
from ...identities import proved
from ...symbols import dim, noise, samples, threshold, threshold_ratio, weight_decay
from .logarithmic import overfitting_phase, sharper_overfitting
from .phases import NOISY
from .soft_threshold import exceedance, risk, scaled, signal_ratio
from .state_equations import PROPORTIONAL_LIMIT, degrees_of_freedom, excess_risk, state_equations

_REFERENCES = ("defilippis2025scaling", "bayati2012lasso")


@dataclass(frozen=True)
class Crossing:
    """From V to II at given n ≪ d.

    Parameters
    ----------
    equation : sympy.Eq
        For α, in dim, samples, weight_decay, noise.
    risk : sympy.Expr
        R as a function of α.
    profile : sympy.Expr
        R to leading order in α, in the controls: (1 - y) Δ/log(d/n) at λ = y √(2 Δ (n/d) log(d/n)), 0 <= y < 1.
    derivation : Derivation
    """

    equation: sp.Eq
    risk: sp.Expr
    profile: sp.Expr
    derivation: Derivation


@cache
def crossing() -> Crossing:
    """The law on the line and across it, on the scale of the logarithm (N7).

    When this is wrong: the teacher's part, (Δ α²/n)^{1-1/(2γ)}, is left out: a power of d below R while 1 - y ≫ that power.
    `profile` alone has corrections 1/α on the line.

    Examples
    --------
    >>> crossing().profile.subs(weight_decay, 0)
    noise/log(dim/samples)
    """
    equations = state_equations()
    learned = scaled(exceedance()).subs(signal_ratio, 0)
    excess = sp.expand(scaled(risk(), 2).subs(signal_ratio, 0))
    used, lifted = dim * learned / samples, dim * excess / samples
    squared = noise / samples / (1 - lifted)
    level = proved(
        "Noise level: the lifted weights carry the risk.",
        samples * squared,
        noise + dim * squared * excess,
        "noise balance with d weights of risk T(ratio) each, in units of the squared noise level; solved",
    )
    whole = noise * lifted / (1 - lifted)
    balance = equations.penalty_balance.rhs.subs(degrees_of_freedom, dim * learned)
    balance = balance.subs(threshold, threshold_ratio * sp.sqrt(squared))
    equation = sp.Eq(weight_decay * sp.sqrt(dim), balance)
    profile = _profile()
    steps = (
        Step("Noise balance.", equations.noise_balance, "state equation N3"),
        Step("Penalty balance.", equations.penalty_balance, "state equation N3"),
        Step("Share of the samples used up by lifted weights.", used, "pure-noise weights, exact in the ratio"),
        level,
        Step("The ratio.", equation, "insert"),
        Step("Risk.", sp.Eq(excess_risk, whole), "insert"),
        Step("Leading order across the line.", sp.Eq(excess_risk, profile), "used share 1 - y, ratio as in phase V"),
    )
    subject = "From harmful overfitting to phase II of the diagonal network"
    derivation = Derivation(subject, steps, (NOISY, PROPORTIONAL_LIMIT), profile, {"risk": whole}, _REFERENCES)
    return Crossing(equation, whole, profile, derivation)


def _profile() -> sp.Expr:
    """Leading order: R = s Δ q with q as in V, and 1 - s = λ√d/(α√(Δ n)), α² = 2 log(d/n) as there.

    A share s of order one moves log(d/n) by log s only.
    """
    fifth = overfitting_phase()
    ratio_equation, _ = sharper_overfitting()
    squared_ratio = 2 * sp.log(dim / samples)
    if ratio_equation.rhs != samples:
        raise ArithmeticError(f"the ratio of phase V should use up all samples, found {ratio_equation}")
    spare = weight_decay * sp.sqrt(dim) / (sp.sqrt(squared_ratio) * sp.sqrt(noise * samples))
    return fifth.leading * (1 - spare)
