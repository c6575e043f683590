"""Where logarithms decide: harmful overfitting (V), the optimal weight decay (N6), and the peak at n = d (N5).

With α = t/τ = √(2κ log d) a Gaussian tail has mass d^{-κ}, so tails balance powers. τ and t then agree as powers of d,
and what remains of their ratio are powers of α. All sums are those of `corners`; their tails are the ones set apart there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import sympy as sp

from ...asymptotics.power_sums import Position
from ...asymptotics.two_scales import Corner
from ...derivation import Derivation, Step
from ...linear import linear_solution
from ...symbols import a, b, decay, dim, noise, noise_level, penalty, samples, threshold, threshold_ratio, weight_decay
from .corners import CornerTerm, corner_sums, noise_exponent, threshold_exponent
from .phases import NOISY, NoSuchPhase, Phase, leading_term
from .regions import empty_reason, region_of
from .state_equations import PROPORTIONAL_LIMIT, excess_risk, state_equations

tail_exponent = sp.Symbol("kappa", positive=True)
"""κ: the Gaussian factor e^{-α²/2} is d^{-κ}."""
tail_mass = sp.Symbol("tail_mass", positive=True)
"""e^{-α²/2}."""

_REFERENCES = ("defilippis2025scaling", "bayati2012lasso", "donoho2009message")


def _tails() -> tuple[CornerTerm, CornerTerm]:
    """Factors of e^{-α²/2} in risk and degrees of freedom."""
    sums = corner_sums(Corner.LARGE, Position.INSIDE)
    if sums.tail_risk is None or sums.tail_dof is None:
        raise NoSuchPhase("the sums have no Gaussian tail")
    return sums.tail_risk, sums.tail_dof


def _in_ratio(term: CornerTerm) -> sp.Expr:
    """A term in τ and α."""
    return sp.powsimp(term.expression.subs(threshold, threshold_ratio * noise_level))


@cache
def overfitting_phase() -> Phase:
    """Phase V: all samples are used up by weights that the noise has lifted over the threshold (N5, N7).

    dof = n is carried by the Gaussian tail, 2Φ(-α) d = n; the same weights carry the risk. Solved with the state equations,
    R = 2 (Δ + R)/α², and α² = 2 log(d/n) to leading order.

    When this is wrong: corrections are only a power of log log d/log d smaller. `sharper` keeps α implicit.

    Raises
    ------
    NoSuchPhase
        If the corner is inconsistent.

    Examples
    --------
    >>> found = overfitting_phase()
    >>> found.leading, found.constant, found.region
    (noise/log(dim/samples), noise/(1 - a), (a > 0, a < 1, b < a/2 - 1/2))
    """
    tail_risk, tail_dof = _tails()
    # All samples in use: mass = n / (dof tail); then R from the risk tail, in units of n τ² = Δ + R.
    mass = samples / _in_ratio(tail_dof)
    share = sp.cancel(_in_ratio(tail_risk) * mass / (samples * noise_level**2))
    used_up = linear_solution([tail_dof.dim_power - tail_exponent - a], [tail_exponent])
    if used_up is None:
        raise NoSuchPhase("V: no tail is as large as the number of samples")
    exponent_of_mass = used_up[tail_exponent]
    conditions, assumed = _overfitting_conditions(exponent_of_mass)
    reason = empty_reason(conditions, (a, b))
    if reason is not None:
        raise NoSuchPhase(f"V: contradictory inequalities {reason}")
    region = region_of(conditions, (a, b)).irredundant().inequalities
    squared_ratio = 2 * sp.log(dim / samples)
    leading = noise * share.subs(threshold_ratio, sp.sqrt(squared_ratio))
    constant = noise * share.subs(threshold_ratio, sp.sqrt(2 * tail_exponent)).subs(tail_exponent, exponent_of_mass)
    derivation = _overfitting_derivation(mass, share, leading, assumed, region)
    return Phase("V", sp.S.Zero, constant, sp.Integer(-1), region, leading, (), derivation)


def _overfitting_conditions(kappa: sp.Expr) -> tuple[list[sp.Basic], tuple[sp.Basic, ...]]:
    """Assumptions of phase V in (a, b): few samples to spare, noise among the weights, signal parts smaller."""
    sums = corner_sums(Corner.LARGE, Position.INSIDE)
    same = {threshold_exponent: noise_exponent}
    cone = (sp.Lt(noise_exponent, 0), sp.Gt(noise_exponent, -decay))
    risk = leading_term(_at_same_scale(sums.risk), cone)
    dof = leading_term(_at_same_scale(sums.dof), cone)
    if risk is None or dof is None:
        raise NoSuchPhase("V: the sums have no power-law terms")
    assumed = (
        sp.Gt(kappa, 0),
        *cone,
        sp.Lt(b + sp.Rational(1, 2), noise_exponent + a),
        sp.Lt(risk.order.subs(same), 0),
        sp.Lt(dof.order.subs(same), a),
    )
    solved = linear_solution([a + 2 * noise_exponent], [noise_exponent]) or {}
    return [sp.Gt(a, 0), *(condition.subs(solved) for condition in assumed)], assumed


def _at_same_scale(terms: tuple[CornerTerm, ...]) -> tuple[CornerTerm, ...]:
    """Terms with t put on the scale of τ; on equal powers of d the highest power of α leads and stands for all."""
    best: dict[sp.Expr, CornerTerm] = {}
    for term in terms:
        order = sp.expand(term.order.subs(threshold_exponent, noise_exponent))
        if order not in best or sp.simplify(term.threshold_power - best[order].threshold_power) > 0:
            best[order] = term
    return tuple(
        CornerTerm(t.coefficient, sp.expand(t.noise_power + t.threshold_power), sp.S.Zero, t.dim_power)
        for t in best.values()
    )


def _overfitting_derivation(
    mass: sp.Expr, share: sp.Expr, leading: sp.Expr, assumed: tuple[sp.Basic, ...], region: tuple[sp.Rel, ...]
) -> Derivation:
    """The chain of phase V."""
    equations = state_equations()
    steps = (
        Step("Noise balance.", equations.noise_balance, "state equation N3"),
        Step("Penalty balance.", equations.penalty_balance, "state equation N3"),
        Step("The threshold exceeds the noise by the root of a logarithm.", sp.And(*assumed), "assumed, checked below"),
        Step("All samples are used up.", sp.Eq(tail_mass, mass), "penalty balance with a penalty that is negligible"),
        Step("The same weights carry the risk.", sp.Eq(excess_risk, share * (noise + excess_risk)), "tails of A1"),
        Step(
            "The ratio.", sp.Eq(threshold_ratio**2, 2 * sp.log(dim / samples)), "logarithm of the mass, leading order"
        ),
        Step("Risk.", sp.Eq(excess_risk, leading), "insert"),
        Step("All that was assumed holds here.", sp.And(*region), "exact linear programming"),
    )
    values = {"share": share, "mass": mass}
    return Derivation(
        "Phase V of the diagonal network", steps, (NOISY, PROPORTIONAL_LIMIT), leading, values, _REFERENCES
    )


def sharper_overfitting() -> tuple[sp.Eq, sp.Expr]:
    """Phase V without logarithms of logarithms: the equation for α, 2 d Φ(-α) = n, and R = Δ q/(1 - q) in α.

    q is the ratio of the two exact sums over pure-noise weights, divided by n τ²: the error is a power of d.

    Examples
    --------
    >>> equation, risk_at_ratio = sharper_overfitting()
    >>> equation
    Eq(dim*erfc(sqrt(2)*threshold_ratio/2), samples)
    """
    from .soft_threshold import exceedance, risk, scaled, signal_ratio

    learned = scaled(exceedance()).subs(signal_ratio, 0)
    excess = sp.expand(scaled(risk(), 2).subs(signal_ratio, 0))
    share = excess / learned
    return sp.Eq(dim * learned, samples), noise * share / (1 - share)


@dataclass(frozen=True)
class Optimum:
    """The weight decay of least risk at given n (N6), and the risk there; both with their logarithms.

    Parameters
    ----------
    weight_decay, risk : sympy.Expr
        λ_opt and R_opt in dim, samples, decay, noise.
    tail_exponent : sympy.Expr
        κ: the overfitting mass at the optimum is d^{-κ}.
    condition : sympy.Basic
        Where it holds.
    derivation : Derivation
    """

    weight_decay: sp.Expr
    risk: sp.Expr
    tail_exponent: sp.Expr
    condition: sp.Basic
    derivation: Derivation


@cache
def optimal_weight_decay() -> Optimum:
    """λ_opt = √(2 Δ (n/d) log(d n^{-1/(2γ)})), that is, κ = 1 - a/(2γ), for 0 < a < 2γ (N6).

    On the boundary of phase II the risk is t^{2-1/γ} (rising with α) plus a noise part d^{1-κ} τ² (falling like a power):
    the least risk is where the powers of d agree. For a > 2γ, κ would be negative: every λ ≪ √(n/d) is as good.

    When this is wrong: to leading order only; the noise part at the optimum is smaller by powers of log d.

    Raises
    ------
    NoSuchPhase
        If the powers never agree.

    Examples
    --------
    >>> optimal_weight_decay().tail_exponent
    -a/(2*decay) + 1
    """
    sums = corner_sums(Corner.LARGE, Position.INSIDE)
    signal = leading_term(sums.risk, sums.conditions)
    tail_risk, _ = _tails()
    if signal is None:
        raise NoSuchPhase("the risk of phase II is missing")
    scales = {noise_exponent: -a / 2, threshold_exponent: -a / 2}
    kappa = sp.expand(tail_risk.order.subs(scales) - signal.order.subs(scales))
    # a log d = log n.
    logarithm = sp.expand(kappa * sp.log(dim)).subs(a * sp.log(dim), sp.log(samples))
    ratio = sp.sqrt(2 * sp.logcombine(logarithm, force=True))
    level = sp.sqrt(noise / samples)
    best_threshold = ratio * level
    optimum = sp.simplify(best_threshold * samples / sp.sqrt(dim))
    risk = signal.expression.subs(threshold, best_threshold)
    steps = (
        Step("Risk at the edge of phase II.", signal.expression + _in_ratio(tail_risk) * tail_mass, "corner sums"),
        Step("Noise level.", sp.Eq(noise_level, level), "noise balance, the risk being small"),
        Step("Both parts have the same power of d.", sp.Eq(tail_exponent, kappa), "compare exponents"),
        Step("Optimal weight decay.", sp.Eq(weight_decay, optimum), "penalty balance"),
        Step("Risk there.", sp.Eq(excess_risk, risk), "insert"),
    )
    subject = "Optimal weight decay of the diagonal network"
    derivation = Derivation(subject, steps, (NOISY, PROPORTIONAL_LIMIT), optimum, {"risk": risk}, _REFERENCES)
    return Optimum(optimum, risk, kappa, sp.And(sp.Gt(a, 0), sp.Gt(kappa, 0)), derivation)


@cache
def interpolation_peak() -> Phase:
    """The peak at n = d (N5): a set of codimension one, a = 1, where n - dof is itself small (of order α d).

    There the leading terms cancel in both equations, and the next order in α decides. The `region` holds b < 0 and
    belongs to the line a = 1; the peak is of relative width |n/d - 1| ~ α ~ λ^{2/3}.

    Raises
    ------
    NoSuchPhase
        If the leading terms do not cancel at n = d.

    Examples
    --------
    >>> interpolation_peak().exponent
    -2*b/3
    """
    sums = corner_sums(Corner.SMALL, Position.INSIDE)
    lead, next_risk = _with_ratio_power(sums.risk, 0), _with_ratio_power(sums.risk, 1)
    full, next_dof = _with_ratio_power(sums.dof, 0), _with_ratio_power(sums.dof, 1)
    ratio, level = threshold_ratio, noise_level
    # n τ² - R and n - dof at n = d: the leading terms must cancel exactly.
    left = sp.expand(dim * level**2 - lead - next_risk)
    spare = sp.expand(dim - full - next_dof)
    if sp.Poly(left, ratio).nth(0) != 0 or sp.Poly(spare, ratio).nth(0) != 0:
        raise NoSuchPhase(f"the leading terms do not cancel at n = d: {left}, {spare}")
    squared = sp.solve(left - noise, level)[-1]
    solved = sp.solve((spare * ratio * level - penalty).subs(level, squared), ratio)
    best = sp.powsimp(solved[-1], force=True).subs(penalty, weight_decay * sp.sqrt(dim))
    risk = sp.simplify(sp.powsimp((dim * squared**2).subs(ratio, best), force=True))
    exponent = sp.simplify(sp.log(risk.subs(weight_decay, dim**b)).expand(force=True).coeff(sp.log(dim)))
    constant = sp.simplify(risk * weight_decay ** (-sp.S(exponent) / b))
    steps = (
        Step(
            "Noise balance at n = d.", sp.Eq(left, noise), "the leading terms cancel, the next order in the ratio stays"
        ),
        Step("Penalty balance at n = d.", sp.Eq(spare * ratio * level, penalty), "the leading terms cancel here too"),
        Step("The ratio.", sp.Eq(ratio, best), "solve"),
        Step("Risk at the peak.", sp.Eq(excess_risk, risk), "the risk is d times the squared noise level"),
    )
    values = {"ratio": best}
    subject = "Interpolation peak of the diagonal network"
    derivation = Derivation(subject, steps, (NOISY, PROPORTIONAL_LIMIT), risk, values, _REFERENCES)
    return Phase("peak", exponent, constant, sp.S.Zero, (sp.Lt(b, 0),), risk, (), derivation)


def _with_ratio_power(terms: tuple[CornerTerm, ...], power: int) -> sp.Expr:
    """The term carried by all d weights with a given power of the ratio, in τ and α."""
    chosen = [t for t in terms if t.threshold_power == power and t.dim_power == 1]
    return sp.Add(*(sp.expand(_in_ratio(term)) for term in chosen))


@cache
def end_of_signal_phase() -> sp.Expr:
    """Where phase IV gives way to V: n = (log d)^y with this y; on power scales IV is therefore no open region (N5).

    With n = (log d)^y the noise balance gives τ² = Δ/n, t² ~ log d/n; the teacher's part is of order t^{2-1/γ}, the tail
    of order 1/log d. Both are powers of log d, and equal at one y.

    Raises
    ------
    NoSuchPhase
        If the two parts never agree.

    Examples
    --------
    >>> end_of_signal_phase()
    (4*decay - 1)/(2*decay - 1)
    """
    sums = corner_sums(Corner.LARGE, Position.INSIDE)
    signal, tail = leading_term(sums.risk, sums.conditions), overfitting_phase()
    if signal is None:
        raise NoSuchPhase("the teacher's part is missing")
    size = sp.Symbol("y", real=True)
    found = linear_solution([signal.threshold_power * (1 - size) / 2 - tail.log], [size])
    if found is None:
        raise NoSuchPhase("the teacher's part and the tail never agree")
    return sp.factor(found[size])
