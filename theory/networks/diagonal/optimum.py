"""The optimal weight decay without logarithms of logarithms (theory.md N6): the ratio α stays implicit, the rest is exact in it.

At given τ the risk of N3 is τ^{2-1/γ} M(α) + d τ² T(α) up to powers of d: a window of teacher weights and the tail of
pure-noise weights, both exact functions of α out of the power-sum lemma. At the optimum the derivative in α vanishes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import sympy as sp

from ...asymptotics.power_sums import Position, PowerSum, expand
from ...asymptotics.special import HalfMoment
from ...derivation import Derivation, Step
from ...identities import proved
from ...symbols import decay, dim, noise, noise_level, penalty, samples, threshold_ratio, weight_decay
from .phases import NOISY, NoSuchPhase
from .soft_threshold import density, risk, scaled, signal_ratio, upper_tail
from .state_equations import PROPORTIONAL_LIMIT, excess_risk, state_equations

_REFERENCES = ("defilippis2025scaling", "bayati2012lasso", "donoho2009message")
_POWERS = 4
"""Powers kept at each end of the power sum: window and tail are the first of them, the rest is omitted by powers of d."""


@dataclass(frozen=True)
class SharpOptimum:
    """λ_opt and R_opt through α, up to powers of d.

    Parameters
    ----------
    equation : sympy.Eq
        For α, in dim, samples, decay, noise: the noise put into pure-noise weights and the bias of the learned ones change
        at equal rates.
    weight_decay, risk : sympy.Expr
        λ_opt and R_opt as functions of α and the controls.
    derivation : Derivation
    """

    equation: sp.Eq
    weight_decay: sp.Expr
    risk: sp.Expr
    derivation: Derivation


def moment(order: sp.Expr) -> sp.Expr:
    """E|z + α|^order for a standard normal z.

    Examples
    --------
    >>> moment(sp.Symbol("s"))
    HalfMoment(s, -threshold_ratio) + HalfMoment(s, threshold_ratio)
    """
    return HalfMoment(order, threshold_ratio) + HalfMoment(order, -threshold_ratio)


@cache
def window_and_tail() -> tuple[sp.Expr, sp.Expr]:
    """M(α) and T(α): the risk at (τ, α) is τ^{2-1/γ} M + d τ² T, up to powers of d, for τ among the teacher's weights.

    Raises
    ------
    ExpansionMismatch
        If the expansion does not agree with the sum itself at two scales.
    NoSuchPhase
        If the sum has no such terms.

    Examples
    --------
    >>> window_and_tail()[1].subs(threshold_ratio, 0)
    1
    """
    problem = PowerSum(scaled(risk(), 2), signal_ratio)
    terms = expand(problem, Position.INSIDE, _POWERS, {threshold_ratio: sp.Rational(3, 2)}).terms
    windows = [t.coefficient for t in terms if (t.origin, t.count_power) == ("window", 0)]
    tails = [t.coefficient for t in terms if (t.scale_power, t.count_power) == (0, 1)]
    if len(windows) != 1 or len(tails) != 1:
        raise NoSuchPhase(f"expected one window and one tail, found {len(windows)} and {len(tails)}")
    return windows[0], tails[0]


def reduced(expression: sp.Expr) -> sp.Expr:
    """`expression` with its half moments brought to the orders -1/γ and 1 - 1/γ by integration by parts.

    W(ν, x) = x W(ν-1, x) + (ν-1) W(ν-2, x); two orders an argument are then left, and a sum of them with rational
    factors is zero only if it shows.
    """
    base = -1 / decay
    for _ in range(8):
        found = {w: sp.expand(w.args[0] - base) for w in expression.atoms(HalfMoment)}
        foreign = {w: k for w, k in found.items() if k not in (0, 1)}
        if not foreign:
            break
        expression = sp.expand(expression.xreplace({w: _moved(w, bool(k > 1)) for w, k in foreign.items()}))
    total = sp.collect(sp.expand(expression), sorted(expression.atoms(HalfMoment), key=str), sp.cancel)
    return sp.sympify(total)


def _moved(call: sp.Expr, down: bool) -> sp.Expr:
    """One step of the recurrence towards the basis."""
    order, x = (sp.expand(argument) for argument in call.args)
    if down:
        return x * HalfMoment(sp.expand(order - 1), x) + (order - 1) * HalfMoment(sp.expand(order - 2), x)
    above = HalfMoment(sp.expand(order + 2), x) - x * HalfMoment(sp.expand(order + 1), x)
    return above / (order + 1)


def rates() -> tuple[Step, Step, Step]:
    """M' = 2 E|z+α|^s, T' = -4 (φ - αQ) and M = 2/(s+1) E sgn(z+α) |z+α|^{s+1}, s = 1 - 1/γ: each proved.

    Raises
    ------
    DerivationError
        If a difference is not exactly zero.

    Examples
    --------
    >>> [step.statement for step in rates()][0]
    'The bias of the learned weights grows with the threshold.'
    """
    window, tail = window_and_tail()
    order, x = 1 - 1 / decay, threshold_ratio
    bias = proved(
        "The bias of the learned weights grows with the threshold.",
        reduced(sp.diff(window, x) - 2 * moment(order)) + 2 * moment(order),
        2 * moment(order),
        "derivative of the window of the power sum; half moments reduced by integration by parts, difference exactly zero",
    )
    lifted = proved(
        "The noise in pure-noise weights falls.",
        sp.diff(tail, x),
        -4 * (density(x) - x * upper_tail(x)),
        "derivative of the tail of the power sum",
    )
    closed = 2 * (HalfMoment(order + 1, x) - HalfMoment(order + 1, -x)) / (order + 1)
    whole = proved(
        "The window in closed form.",
        reduced(window - closed) + closed,
        closed,
        "half moments reduced by integration by parts, difference exactly zero",
    )
    return bias, lifted, whole


def _at_level(squared: sp.Expr, window: sp.Expr, tail: sp.Expr) -> sp.Expr:
    """The risk at a squared noise level, up to powers of d."""
    return squared ** (1 - 1 / (2 * decay)) * window + dim * squared * tail


def _stationary() -> Step:
    """At the optimum of R = G(τ, α), n τ² = Δ + R, the derivative of G in α vanishes at fixed τ."""
    x = threshold_ratio
    window, tail, squared = (sp.Function(name)(x) for name in ("M", "T", "v"))
    # n v' = dR/dα with v = τ²: where dR/dα = 0, v' = 0, and what is left of dR/dα is the partial derivative.
    total = sp.diff(_at_level(squared, window, tail), x).subs(sp.diff(squared, x), 0)
    partial = _at_level(squared, sp.diff(window, x), sp.diff(tail, x))
    reason = "noise balance differentiated: n v' = R' with v = tau^2; where R' = 0, v' = 0"
    return proved("At the optimum the risk is stationary in the ratio at fixed noise.", total, partial, reason)


@cache
def sharp_optimum() -> SharpOptimum:
    """λ_opt and R_opt up to powers of d, for 0 < a < 2γ (N6).

    α solves 4 d (φ(α) - α Q(α)) = 2 (Δ/n)^{-1/(2γ)} E|z + α|^{1-1/γ}; then λ = α √(Δ n/d) and
    R = (Δ/n)^{1-1/(2γ)} M(α) + (d Δ/n) T(α). To leading order in α this is `logarithmic.optimal_weight_decay`.

    When this is wrong: dof/n and R/Δ at the optimum are n^{-1+1/(2γ)} up to powers of α; the edges of the power sum,
    n^{-1/(2γ)} and (d n^{-1/(2γ)})^{1-2γ} Gaussian factors apart. All are powers of d, and small only for large d.

    Raises
    ------
    DerivationError
        If a step does not reduce to exact zero.

    Examples
    --------
    >>> sharp_optimum().weight_decay
    sqrt(noise)*sqrt(samples)*threshold_ratio/sqrt(dim)
    """
    bias, lifted, whole = rates()
    increase, decrease, window = (sp.sympify(step.formula).rhs for step in (bias, lifted, whole))
    _, tail = window_and_tail()
    squared = noise / samples
    equation = sp.Eq(sp.expand(-dim * decrease), squared ** (-1 / (2 * decay)) * increase)
    best = threshold_ratio * sp.sqrt(noise) * samples ** sp.Rational(1, 2) / sp.sqrt(dim)
    least = _at_level(squared, window, tail)
    equations = state_equations()
    at_level = _at_level(noise_level**2, sp.Symbol("M"), sp.Symbol("T"))
    steps = (
        Step("Noise balance.", equations.noise_balance, "state equation N3"),
        Step("Penalty balance.", equations.penalty_balance, "state equation N3"),
        Step("Risk at a noise level and a ratio.", sp.Eq(excess_risk, at_level), "power-sum lemma A1, up to powers"),
        _stationary(),
        bias,
        lifted,
        whole,
        Step("Noise level.", sp.Eq(noise_level**2, squared), "noise balance, the risk being smaller by a power"),
        Step("The ratio.", equation, "stationarity, insert"),
        Step("Optimal weight decay.", sp.Eq(weight_decay, best), f"{penalty} = n t, dof/n being smaller by a power"),
        Step("Risk there.", sp.Eq(excess_risk, least), "insert"),
    )
    subject = "Optimal weight decay of the diagonal network, up to powers of the dimension"
    derivation = Derivation(subject, steps, (NOISY, PROPORTIONAL_LIMIT), best, {"risk": least}, _REFERENCES)
    return SharpOptimum(equation, best, least, derivation)
