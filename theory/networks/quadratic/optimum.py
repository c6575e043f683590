"""The best weight decay of the quadratic network and the risk there (theory.md N6), with constants.

Exponents come from the lower envelope of the diagram; that the optimum sits at the edge of the bulk, with which constant,
and how far inside it lies, from the laws on the line b = (a - 1)/2.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import sympy as sp

from ...asymptotics.optimum import Optimum as Envelope
from ...asymptotics.optimum import optima
from ...asymptotics.power_sums import Position
from ...derivation import Derivation, Step
from ...symbols import a, b, decay, dim, noise, samples, weight_decay
from .corners import Place, corner_sums
from .diagram import phase_diagram
from .edge_line import edge_weight_decay, spike_risk
from .letters import spread
from .phases import ASSUMPTIONS, REFERENCES, phase, solve_corner, to_controls
from .semicircle import edge_distance, edge_power
from .state_equations import excess_risk


@dataclass(frozen=True)
class Optimum:
    """The weight decay of least risk at given n (N6), and the risk there.

    Parameters
    ----------
    weight_decay, risk : sympy.Expr
        λ_opt and R_opt in dim, samples, decay, noise, leading order.
    distance : sympy.Expr
        ε > 0: the best threshold is 2σ(1 - ε), just inside the bulk.
    weight_decay_correction, risk_correction : sympy.Expr
        Relative corrections to both from ε: λ_opt (1 + ...), R_opt (1 + ...).
    condition : sympy.Basic
        Where it holds, in a.
    derivation : Derivation
    """

    weight_decay: sp.Expr
    risk: sp.Expr
    distance: sp.Expr
    weight_decay_correction: sp.Expr
    risk_correction: sp.Expr
    condition: sp.Basic
    derivation: Derivation


def envelope() -> tuple[Envelope, ...]:
    """The least exponent over b for every a, from the engine's diagram.

    Examples
    --------
    >>> sorted({str(found.exponent) for found in envelope()})
    ['0', '1 - a', 'a*(-1 + 1/(2*decay))']
    """
    return optima(phase_diagram(), b)


@cache
def optimal_weight_decay() -> Optimum:
    """λ_opt = 4√(Δ u/d), R_opt = 48γ³/((γ+1)(4γ²-1)) (Δ/(4u))^{1 - 1/(2γ)} for 1 ≪ u ≪ d^{2γ} (N6).

    Outside the bulk the spikes' risk rises with t; inside it falls by C'(2)·2ε, linear in ε, while the bulk costs
    ε^{7/2}. Beyond u = d^{2γ} every λ ≪ √(u/d) gives VIb's risk; for u ≪ 1 nothing helps.

    When this is wrong: at leading order only; ε ≍ (u^{1/(2γ)}/d)^{2/5} must be small, and the corrections are the part
    that ε makes, beside others of relative order u^{-1+1/(2γ)} and u^{-1/(2γ)}.

    Examples
    --------
    >>> found = optimal_weight_decay()
    >>> found.weight_decay, found.condition
    (4*sqrt(noise)*sqrt(samples)/dim, (a > 0) & (a < 2*decay))
    """
    signal, sums = phase("IV"), corner_sums(Place.EDGE, Position.INSIDE)
    level = solve_corner("IV").values[spread]
    spikes = next(term for term in sums.risk if term.source == "spikes")
    bulk = next(term for term in sums.risk if term.source == "bulk")
    found = spike_risk().values
    # x = 2 - 2ε: the spikes' part falls by 2 C'(2) ε relative to C(2).
    gain = sp.factor(2 * found["slope_at_edge"] / found["at_edge"])
    cost = bulk.expression / spikes.expression / edge_distance**bulk.edge_power
    power = edge_power().power
    distance = (gain / (power * cost)) ** (1 / (power - 1))
    at_level = sp.powsimp(to_controls(distance.subs(spread, level)))
    risk_correction = -sp.factor(gain * (1 - 1 / power)) * at_level
    condition = sp.And(a > 0, a < 2 * decay)
    steps = (
        Step("Risk of the spikes outside the bulk rises with the threshold.", found["slope_in_lowest"], "edge_line"),
        Step("Relative gain per distance inside.", gain, "slope of the spikes' risk at the edge"),
        Step("Relative cost of the bulk.", cost * edge_distance**power, "edge series of the semicircle"),
        Step("Best distance.", sp.Eq(edge_distance, at_level), "least of -gain ε + cost ε^(7/2)"),
        Step("Optimal weight decay.", sp.Eq(weight_decay, edge_weight_decay()), "threshold at the edge of the bulk"),
        Step("Risk there.", sp.Eq(excess_risk, signal.leading), "law of phase IV, which needs u ≪ d^(2γ) only"),
    )
    values = {"risk": signal.leading, "distance": at_level, "risk correction": risk_correction}
    subject = "Optimal weight decay of the quadratic network"
    derivation = Derivation(subject, steps, ASSUMPTIONS, edge_weight_decay(), values, REFERENCES)
    return Optimum(edge_weight_decay(), signal.leading, at_level, -at_level, risk_correction, condition, derivation)


def optimal_exponent() -> sp.Expr:
    """Exponent of dim in λ_opt.

    Examples
    --------
    >>> optimal_exponent()
    a/2 - 1/2
    """
    on_path = sp.expand_log(sp.log(edge_weight_decay().subs(samples, dim ** (a + 1)).subs(noise, 1)), force=True)
    return sp.expand(sp.simplify(dim * sp.diff(on_path, dim)))
