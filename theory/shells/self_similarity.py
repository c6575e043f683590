"""The self-similar flow at m = b - 2: fixed points, stability, profile, frontier (theory.md S9), and the lazy limit c → 0 (S11)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import sympy as sp

from ..derivation import Derivation, Step
from ..identities import DerivationError, proved
from .exponents import TransportPhase, value_at
from .letters import CLOSURE, REFERENCES, Direction, eigenvalue, power, rate, scaled, source, time
from .rigidity import rigid_time_power
from .transport import euler_lemma

loss_power = sp.Symbol("beta", positive=True)
"""β in L ~ t^{-β}."""


def flow(direction: Direction) -> sp.Expr:
    """t dx/dt as a function of x = λt (S9).

    Examples
    --------
    >>> flow(Direction.DOWN)
    -rate*x**power + x
    """
    speed = int(direction) * rate * eigenvalue**power * time ** rigid_time_power()
    moved = time * (eigenvalue + time * speed)  # d(λt)/d log t
    return sp.powsimp(sp.expand(sp.powsimp(sp.expand(moved.subs(eigenvalue, scaled / time)), force=True)), force=True)


@dataclass(frozen=True)
class FixedPoint:
    """A rest point of the flow in x = λt; `slope` < 0 attracts."""

    place: sp.Expr
    slope: sp.Expr

    @property
    def attracts_when(self) -> sp.Basic:
        """The condition on b."""
        return sp.Lt(self.slope, 0)


@cache
def fixed_points(direction: Direction) -> tuple[FixedPoint, ...]:
    """Positive rest points of the flow, with the rate at which neighbours leave or approach (S9).

    For σ = -1 and b ≠ 1 there is one, x* = c^{-1/(b-1)}: attracting for b > 1, repelling for b < 1. Otherwise there is none;
    x = 0 repels for b > 1 (the linear term rules there).

    Examples
    --------
    >>> [(p.place, p.slope) for p in fixed_points(Direction.DOWN)], fixed_points(Direction.UP)
    ([(rate**(-1/(power - 1)), 1 - power)], ())
    """
    if direction is not Direction.DOWN:  # x + c x^b has no positive root
        return ()
    rest = sp.Symbol("X", positive=True)
    # At a rest point c = X^{1-b}: linear in log X, so it is inverted for every b ≠ 1.
    told = flow(direction).subs(rate, rest ** (1 - power))
    proved("The flow rests there.", told.subs(scaled, rest), sp.S.Zero, "X = X^{1-b} X^b")
    slope = sp.expand(sp.powsimp(sp.diff(told, scaled).subs(scaled, rest)))
    size = sp.Symbol("log_X", real=True)
    place = sp.exp(sp.solve((1 - power) * size - sp.log(rate), size)[0])
    return (FixedPoint(sp.powdenest(sp.powsimp(place.rewrite(sp.Pow)), force=True), slope),)


def frontier() -> sp.Expr:
    """λ*(t) = x*/t: where every mode born above it is swept to (σ = -1, b > 1, m = b - 2; S9).

    Examples
    --------
    >>> frontier()
    1/(rate**(1/(power - 1))*time)
    """
    return fixed_points(Direction.DOWN)[0].place / time


@cache
def self_similar_profile(direction: Direction) -> Derivation:
    """ε = t^{1-β} f(λt) solves the transport equation at m = b - 2, b > 1, for every β (S9); β = a matches a λ^{a-1} at x → 0.

    f(x) = x^{β-1} (1 + σc x^{b-1})^{-1-β/(b-1)} exp(-2x ₂F₁(1, p; 1+p; -σc x^{b-1})), p = 1/(b-1). For σ = -1 it lives on
    x < x*, and it is integrable up to x* exactly if β < 2x*.

    Raises
    ------
    DerivationError
        If the profile does not solve its equation.

    Examples
    --------
    >>> self_similar_profile(Direction.DOWN).values["end_power"]
    -1 + (beta - 2/rate**(1/(power - 1)))/(1 - power)
    """
    gain, p = int(direction) * rate, 1 / (power - 1)
    spending = sp.Function("P")(scaled)  # P' = 2/(1 + σc x^{b-1})
    slope = 2 / (1 + gain * scaled ** (power - 1))
    bracket = 1 + gain * scaled ** (power - 1)
    shape = scaled ** (loss_power - 1) * bracket ** (-1 - loss_power * p) * sp.exp(-spending)
    equation = _reduced_equation(direction)
    # over f the equation has powers of x only: (g f)'/f = g' + g f'/f
    growth = sp.diff(sp.expand_log(sp.log(shape), force=True), scaled).subs(sp.diff(spending, scaled), slope)
    flow = scaled + gain * scaled**power
    balance = sp.diff(flow, scaled) + flow * growth - (loss_power - 2 * scaled)
    solved = proved("The profile solves it.", sp.cancel(sp.expand_power_exp(balance)), sp.S.Zero, "substitute")
    hyper = 2 * scaled * sp.hyper([1, p], [1 + p], -gain * scaled ** (power - 1))
    spent = Step(
        "P is a hypergeometric function.", sp.Eq(spending, hyper, evaluate=False), euler_lemma().steps[0].reason
    )
    profile = shape.subs(spending, hyper)
    values = {"profile": profile, "source_power": sp.simplify(loss_power - 1)}
    steps = [equation, solved, spent]
    if direction is Direction.DOWN:
        steps.append(_end_step())
        values["end_power"] = _end_power()
    return Derivation("Self-similar profile", tuple(steps), (CLOSURE,), profile, values, REFERENCES)


def _spending_reason(p: sp.Expr) -> str:
    """P' = 2/(1 - z) for P = 2x F(z), z = -σc x^{1/p}: x z' = z/p, and the Euler operator gives z F' = p ((1-z)^{-1} - F)."""
    value, z = sp.symbols("F z", positive=True)
    slope = p * (1 / (1 - z) - value)
    proved("Derivative of x F.", value + slope / p, 1 / (1 - z), euler_lemma().subject)
    return f"{euler_lemma().subject}, with β = p and α = 1"


def _reduced_equation(direction: Direction) -> Step:
    """The transport equation for ε = t^{1-β} f(λt), divided by t^{-β}: [(x + σc x^b) f]' = (β - 2x) f."""
    shape = sp.Function("f")
    field = time ** (1 - loss_power) * shape(eigenvalue * time)
    speed = int(direction) * rate * eigenvalue**power * time ** rigid_time_power()
    left = sp.diff(field, time) + sp.diff(speed * field, eigenvalue) + 2 * eigenvalue * field
    told = left.doit().subs(eigenvalue, scaled / time)
    slope = sp.Derivative(shape(scaled), scaled)
    told = told.replace(lambda e: isinstance(e, sp.Subs), lambda e: slope)
    told = told.replace(lambda e: isinstance(e, sp.Derivative) and e.expr.args[0] != scaled, lambda e: slope)
    current = sp.diff((scaled + int(direction) * rate * scaled**power) * shape(scaled), scaled)
    reduced = current - (loss_power - 2 * scaled) * shape(scaled)
    quotient = sp.powsimp(sp.expand(sp.expand_power_base(told * time**loss_power, force=True)), force=True)
    return proved("In x = λt the equation is ordinary.", quotient, sp.expand(reduced), "chain rule; t drops out")


def _end_power() -> sp.Expr:
    """Power of x* - x in the profile at x*: g = (x - c x^b) f obeys g'/g = (β - 2x)/(x - c x^b), a simple pole at x*."""
    point = fixed_points(Direction.DOWN)[0]
    return (loss_power - 2 * point.place) / point.slope - 1


def _end_step() -> Step:
    reason = "residue of (β - 2x)/(x - c x^b) at x*, less one for the factor; integrable exactly if β < 2 x*"
    return Step("Power of x* - x at the frontier.", _end_power(), reason)


# ------------------------------------------------------------------------------------------------ the lazy limit (S11)


@dataclass(frozen=True)
class LazyLimit:
    """c → 0 at fixed controls: the loss converges uniformly in t; the ratio to the lazy loss only if `ratio` is 1."""

    phase: str
    ratio: sp.Expr
    ratio_is_uniform: bool
    derivation: Derivation


@cache
def uniform_limit() -> Derivation:
    """sup_t |L_c(t) - L_0(t)| → 0 as c → 0, for every sign, b and m (S11).

    Examples
    --------
    >>> len(uniform_limit().steps)
    4
    """
    born, moment = sp.symbols("born s", positive=True)
    steps = (
        Step(
            "At fixed t the loss converges.",
            sp.Eq(
                sp.Limit(born ** (1 - power) + rate * (1 - power) * moment, rate, 0),
                born ** (1 - power),
                evaluate=False,
            ),
            "characteristics depend continuously on c; survival is at most 1, so dominated convergence over a λ^{a-1}",
        ),
        Step("Each loss falls in t and is not negative.", None, "dissipation only removes, arrival at infinity too"),
        Step(
            "Beyond any time both losses lie between 0 and their values there.",
            None,
            "monotone: the difference beyond T is at most max(L_c(T), L_0(T)), and L_0(T) is small for large T",
        ),
        Step("On [t_0, T] convergence is uniform.", None, "monotone functions with a continuous limit (Pólya)"),
    )
    return Derivation("The lazy limit of the loss is uniform in time", steps, (CLOSURE,), sp.true, {}, REFERENCES)


def lazy_limit(phase: TransportPhase, lazy: TransportPhase) -> LazyLimit:
    """Whether L_c/L_0 → 1 uniformly in t: only if the phase's law becomes the lazy law as c → 0 (S11).

    In the other phases the ratio of the two laws runs off to 0 or infinity in t at every c > 0: by slowed or quickened clocks,
    plateaus, escape. Where the constant is an integral its limit is confirmed at two small c.

    Raises
    ------
    DerivationError
        If the numeric limit of a constant is not clear.

    Examples
    --------
    >>> from .exponents import transport_phases
    >>> (lazy,) = transport_phases(Direction.NONE)
    >>> lazy_limit(lazy, lazy).ratio
    1
    """
    same_power = sp.simplify(phase.exponent - lazy.exponent) == 0 and phase.log == 0 and phase.action is None
    if not same_power:
        ratio = phase.asymptote() / lazy.asymptote()
        told = "The ratio of the two laws depends on t at every c."
        return LazyLimit(phase.name, ratio, False, _limit_derivation(told, ratio))
    ratio = phase.constant / lazy.constant
    if not ratio.has(sp.Integral):
        uniform = sp.simplify(ratio.subs(rate, 0)) == 1
        return LazyLimit(phase.name, ratio, uniform, _limit_derivation("The constants' ratio at c = 0.", ratio))
    deviations = [abs(value_at(ratio, _point(phase, small)) - 1) for small in (sp.Rational(1, 20), sp.Rational(1, 80))]
    if not deviations[1] < deviations[0] * 0.6 or deviations[1] > 0.2:
        raise DerivationError(f"the constant of {phase.name} does not approach the lazy one: {deviations}")
    return LazyLimit(phase.name, ratio, True, _limit_derivation("The constants' ratio tends to 1.", ratio))


def _limit_derivation(statement: str, formula: sp.Expr) -> Derivation:
    step = Step(statement, formula, "the table of transport phases")
    return Derivation("Ratio to the lazy law", (*uniform_limit().steps, step), (CLOSURE,), formula, {}, REFERENCES)


def _point(phase: TransportPhase, small: sp.Expr) -> dict[sp.Symbol, sp.Expr]:
    chosen = next(p for p in phase.case.points())
    return {**chosen, rate: small, source: sp.Rational(3, 4)}
