"""Error decomposition of harmful overfitting (phase V) up to powers of d, the ratio α kept implicit (theory.md N9, N7).

In V the threshold exceeds the noise by α = √(2 log(d/n)) only, so corrections to the leading parts are powers of 1/α. With α
from 2 d Q(α) = n and n τ² = Δ/(1 - q) all of them are summed: what is left out is a power of d.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import sympy as sp

from ...asymptotics.power_sums import Position
from ...asymptotics.two_scales import Corner
from ...derivation import Derivation, Step
from ...identities import proved
from ...symbols import decay, noise, noise_level, samples, threshold_ratio
from .decomposition import definitions, part_terms
from .logarithmic import sharper_overfitting
from .phases import NOISY
from .soft_threshold import exceedance, first_moment, risk, scaled, signal_ratio
from .state_equations import PROPORTIONAL_LIMIT

_REFERENCES = ("defilippis2025scaling", "bayati2012lasso")


@dataclass(frozen=True)
class SharpParts:
    """Each part as a function of α and the controls; α solves `equation`."""

    equation: sp.Eq
    parts: Mapping[str, sp.Expr]
    derivation: Derivation


def cut_window() -> tuple[sp.Expr, tuple[Step, ...]]:
    """A(α): the approximation is τ^{2-1/γ} A, up to powers of d; with the steps that bring it to fast integrals.

    A = (1/γ) [∫_α^∞ r(u) u^{-1/γ-1} du - 2 ∫_0^α η(u) u^{-1/γ} du], the window of the power-sum lemma with the cut at t: r is
    the risk of a learned weight, η the mean of one that is not. By parts, r' = 2 u P(not learned) falls like a Gaussian.

    Raises
    ------
    DerivationError
        If r' is not what it should be.

    Examples
    --------
    >>> len(cut_window()[0].atoms(sp.Integral))
    2
    """
    u, x = signal_ratio, threshold_ratio
    whole, mean, hidden = scaled(risk(), 2), scaled(first_moment(), 1), 1 - scaled(exceedance())
    slope = proved(
        "The risk of a weight grows by its chance of not being learned.",
        sp.diff(whole, u),
        2 * u * hidden,
        "difference exactly zero",
    )
    learned = sp.expand(whole.subs(u, x)) * x ** (-1 / decay) + sp.Integral(
        2 * u ** (1 - 1 / decay) * hidden, (u, x, sp.oo)
    )
    crossed = sp.Integral(mean * u ** (-1 / decay), (u, 0, x)) / decay
    window = learned - 2 * crossed
    steps = (
        Step("Learned weights and cross terms, with their cut.", definitions()["approximation"], "definition N9"),
        slope,
        Step("The window.", window, "window of the power-sum lemma A1, integrated by parts"),
    )
    return window, steps


@cache
def sharp_parts() -> SharpParts:
    """Underfitting and approximation in V: t^{2-1/γ}/(2γ-1) and τ^{2-1/γ} A(α) at τ² = Δ/((1-q) n), t = ατ.

    When this is wrong: corrections are n^{-1/(2γ)} from counting whole weights at the cut, n^{-1+1/(2γ)}, and
    (d n^{-1/(2γ)})^{1-2γ} from the end of the teacher; all powers of d.

    Examples
    --------
    >>> sorted(sharp_parts().parts)
    ['approximation', 'underfitting']
    """
    equation, excess = sharper_overfitting()
    squared = (noise + excess) / samples
    (term,) = (t for t in part_terms(Corner.LARGE, Position.INSIDE)["underfitting"] if t.dim_power == 0)
    # t^{2-1/γ} and τ^{2-1/γ} as powers of τ².
    half = term.threshold_power / 2
    under = term.coefficient * (threshold_ratio**2 * squared) ** half
    window, steps = cut_window()
    rest = squared**half * window
    parts = {"underfitting": under, "approximation": rest}
    chain = (
        Step("The ratio.", equation, "all samples are used up by weights that the noise has lifted"),
        Step("Noise level.", sp.Eq(noise_level**2, squared), "noise balance with the sharp risk of phase V"),
        Step("Underfitting.", under, "power-sum lemma with a cut, exact in the ratio"),
        *steps,
        Step("Approximation.", rest, "insert"),
    )
    subject = "Error decomposition of harmful overfitting up to powers of the dimension"
    result = sp.Tuple(*parts.values())
    return SharpParts(
        equation, parts, Derivation(subject, chain, (NOISY, PROPORTIONAL_LIMIT), result, parts, _REFERENCES)
    )
