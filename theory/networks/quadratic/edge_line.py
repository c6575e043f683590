"""The line b = (a - 1)/2, on which the threshold enters the bulk: laws as functions of κ = λ/(4√(Δ u/d)) (theory.md N5, N6).

On this line t and σ are of one order and t/σ = 2κ as long as few samples are used up. At κ = 1 the threshold meets the
edge of the bulk: above it only spikes are learned, below it the bulk joins. All jumps of the diagram happen here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import sympy as sp

from ...derivation import Derivation, Step
from ...identities import proved
from ...symbols import a, decay, dim, samples, threshold, weight_decay
from .corners import (
    at_edge,
    signal_ratio,
    spike_law,
    window,
)
from .letters import spread
from .phases import ASSUMPTIONS, REFERENCES, phase, solve_corner, to_controls
from .semicircle import edge_divergence, edge_power, power_above, ratio

relative_decay = sp.Symbol("relative_weight_decay", positive=True)
"""κ = λ/λ_edge."""


@cache
def edge_weight_decay() -> sp.Expr:
    """λ at which the bare threshold Λd/(4n) stands at the edge 2σ of the bulk: 4√(Δ n)/d = 4√(Δ u/d).

    Examples
    --------
    >>> edge_weight_decay()
    4*sqrt(noise)*sqrt(samples)/dim
    """
    bare = to_controls(solve_corner("II").values[threshold])
    edge = 2 * solve_corner("II").values[spread]
    return sp.powsimp(sp.solve(bare - edge, weight_decay)[0])


def lowest_learned() -> sp.Expr:
    """Smallest v = s/σ whose outlier v + 1/v stands above x = t/σ ≥ 2.

    Examples
    --------
    >>> lowest_learned().subs(ratio, 2)
    1
    """
    return (ratio + sp.sqrt(ratio**2 - 4)) / 2


@cache
def spike_risk() -> Derivation:
    """C(x) in R = 2 (σ²/d)^{1 - 1/(2γ)} C(x): the spikes' risk for a threshold x = t/σ ≥ 2 outside the bulk.

    Below the lowest learned v a spike costs v², above it the risk of `spike_law`; integrated over k = (v√d/σ)^{-1/γ}...
    C rises with x, so among thresholds outside the bulk the edge is best.

    Raises
    ------
    DerivationError
        If the closed form does not meet the power-sum lemma at the edge, or its slope is not what it should be.

    Examples
    --------
    >>> sp.factor(spike_risk().values["at_edge"])
    24*decay**3/((decay + 1)*(2*decay - 1)*(2*decay + 1))
    """
    lowest = sp.Symbol("lowest", positive=True)
    weight = signal_ratio ** (-1 / decay - 1) / decay
    position = lowest + 1 / lowest
    risk = sp.expand(spike_law().values["risk"])
    below = lowest ** (2 - 1 / decay) / (2 * decay - 1)
    above = _tail(risk.subs(ratio, position), weight, lowest)
    value = sp.expand(below + above)
    slope = sp.diff(value, lowest) / sp.diff(position, lowest)
    direct = _tail(sp.expand(sp.diff(risk, ratio)).subs(ratio, position), weight, lowest)
    edge = window(signal_ratio**2, at_edge("risk"))
    steps = (
        Step("Risk of a learned spike.", risk, "N8 and Stein, proved to agree"),
        Step("A spike that is not learned costs its power.", signal_ratio**2, "definition"),
        Step("Lowest learned spike.", sp.Eq(ratio, position), "its outlier stands at the threshold"),
        proved("At the edge it is the constant of phase IV.", value.subs(lowest, 1), edge, "power-sum lemma A1"),
        proved("The boundary of the integral does not move the risk.", slope, direct, "the risk is continuous in v"),
        Step("The slope is positive.", slope, "2x - 4/v ≥ 0 for every learned v ≥ 1 and x ≥ 2"),
    )
    values = {"in_lowest": value, "slope_in_lowest": slope, "at_edge": edge, "slope_at_edge": direct.subs(lowest, 1)}
    # Collected in v_x it stays short; written out in x it does not.
    values["by_ratio"] = sp.factor(value / lowest ** (-1 / decay)).subs(
        lowest, lowest_learned()
    ) * lowest_learned() ** (-1 / decay)
    return Derivation("Risk of the spikes, threshold outside the bulk", steps, ASSUMPTIONS, value, values, REFERENCES)


def _tail(expression: sp.Expr, weight: sp.Expr, lowest: sp.Expr) -> sp.Expr:
    """∫_lowest^∞ of a sum of falling powers of v, term by term."""
    total = sp.S.Zero
    for part in sp.Add.make_args(sp.expand(expression)):
        coefficient, power = sp.powsimp(sp.expand(part * weight)).as_coeff_exponent(signal_ratio)
        total -= coefficient * lowest ** (power + 1) / (power + 1)
    return sp.expand(total)


@dataclass(frozen=True)
class LineLaw:
    """R = constant · d^exponent on the line b = (a - 1)/2, for λ = κ λ_edge with κ in `condition`, a in `along`."""

    exponent: sp.Expr
    constant: sp.Expr
    condition: sp.Basic
    along: tuple[sp.Rel, ...]


@cache
def line_laws() -> tuple[LineLaw, ...]:
    """All laws on the line, as functions of κ (N5, N7); in between they are continuous in κ, exponents jump at κ = 1.

    When this is wrong: within 1 - κ → 0 as d grows, where several parts are of one order (see `optimum`).

    Examples
    --------
    >>> sorted({law.condition for law in line_laws()}, key=str)
    [True, relative_weight_decay < 1, relative_weight_decay > 1]
    """
    outside, inside = sp.Gt(relative_decay, 1), sp.Lt(relative_decay, 1)
    signal, bulk, nothing = phase("IV"), phase("V"), phase("Ia")
    end = next(r.gts for r in signal.region if isinstance(r, sp.StrictLessThan) and r.lhs == a)
    share = spike_risk().values["by_ratio"].subs(ratio, 2 * relative_decay) / spike_risk().values["at_edge"]
    used = edge_power().power / edge_divergence().power
    last, most = 2 * decay, sp.Integer(1)
    half = phase("VIa").constant
    opened = sp.simplify(2 * power_above().subs(ratio, 2 * relative_decay))
    every = phase("VIb").constant
    return (
        LineLaw(nothing.exponent, nothing.constant, sp.true, (a < 0,)),
        LineLaw(signal.exponent, signal.constant * share, outside, (a > 0, a < last)),
        LineLaw(signal.exponent, signal.constant, inside, (a > 0, a < end)),
        LineLaw(bulk.exponent, bulk.constant * (1 - relative_decay) ** used, inside, (a > end, a < most)),
        LineLaw(phase("VIa").exponent, half * opened, inside, (a > most, a < last)),
        LineLaw(phase("VIb").exponent, every * (1 + 4 * relative_decay**2), sp.true, (a > last,)),
    )


def closed_laws(laws: list[LineLaw]) -> list[LineLaw]:
    """The two sides of κ = 1 with κ = 1 itself in the second, where both give one constant there (else neither has it).

    Examples
    --------
    >>> line = line_laws()
    >>> [law.condition for law in closed_laws([line[1], line[2]])]
    [relative_weight_decay > 1, relative_weight_decay <= 1]
    >>> [law.condition for law in closed_laws([line[1], line[4]])]
    [relative_weight_decay > 1, relative_weight_decay < 1]
    """
    if len(laws) < 2:
        return laws
    first, second = (law.constant.subs(relative_decay, 1) for law in laws)
    if sp.simplify(first - second) != 0:
        return laws
    return [laws[0], replace(laws[1], condition=sp.Le(laws[1].condition.lhs, laws[1].condition.rhs))]


def relative_decay_on(factor: sp.Expr = sp.S.One) -> sp.Expr:
    """κ for λ = factor · √(u/d), the representative of the line on which a diagram quotes constants.

    Examples
    --------
    >>> relative_decay_on()
    1/(4*sqrt(noise))
    """
    value = factor * sp.sqrt(samples) / dim / edge_weight_decay()
    return sp.simplify(value)
