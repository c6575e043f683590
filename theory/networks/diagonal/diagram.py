"""The phase diagram of the diagonal network out of the dominant-balance engine (theory.md N5, A2, A3).

N3 goes in as it stands; the two sums enter by their corners, whose contents the power-sum lemma derives (`corners`). The
engine knows nothing of the network and finds every balance, its region, its constants, and the laws on the boundaries;
`phases` solves corner by corner. The two are compared in the tests.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import sympy as sp

from ...asymptotics.balance import Balance
from ...asymptotics.phase_diagram import Boundary, PhaseDiagram, phase_diagrams
from ...asymptotics.power_sums import Position, PowerSum, unconfirmed
from ...asymptotics.scales import order_one
from ...asymptotics.systems import (
    Condition,
    CornerFunction,
    System,
    Tail,
    less_by_power,
    much_less,
    same_scale,
)
from ...asymptotics.systems import Corner as EngineCorner
from ...asymptotics.two_scales import Corner
from ...nonzero import vanishes
from ...symbols import a, b, decay, dim, noise, noise_level, penalty, samples, threshold, threshold_ratio
from ..diagrams import NoSingleDiagram, dof_scale, positive_noise, put_back, single, teacher_power
from .corners import CornerTerm, corner_sums, threshold_exponent
from .logarithmic import tail_mass
from .phases import CORNER_NAMES, leading_term
from .soft_threshold import exceedance, risk, scaled, signal_ratio
from .state_equations import degrees_of_freedom, excess_risk, state_equations

_RATIO = threshold / noise_level


def _sum_of(terms: tuple[CornerTerm, ...]) -> sp.Expr:
    """Terms as an expression; Σ θ*² as a symbol."""
    total = sp.Add(*(term.expression for term in terms))
    return total.subs(sp.zeta(2 * decay), teacher_power)


def _kept(terms: tuple[CornerTerm, ...], conditions: tuple[sp.Basic, ...], small: bool) -> tuple[CornerTerm, ...]:
    """The leading term; where the ratio is small also the next one of all d weights, since at n = d the first cancels."""
    lead = leading_term(terms, conditions)
    if lead is None:
        return ()
    linear = [t for t in terms if small and t.dim_power == lead.dim_power == 1 and t.threshold_power == 1]
    return (lead, *linear)


def _place(position: Position, scale: sp.Expr) -> tuple[Condition, ...]:
    """The position of a scale among the weights."""
    below, above = much_less(scale, dim ** (-decay)), much_less(1, scale)
    inside = (much_less(dim ** (-decay), scale), much_less(scale, 1))
    return {Position.ABOVE: (above,), Position.INSIDE: inside, Position.BELOW: (below,)}[position]


def _label(prefix: str, position: Position) -> str:
    return f"{prefix} {position.name}"


def _power_corner(corner: Corner, position: Position) -> EngineCorner:
    """A corner in which τ and t differ by a power of d (large), or in which t ≪ τ (small)."""
    sums, large = corner_sums(corner, position), corner is Corner.LARGE
    ratio = less_by_power(noise_level, threshold) if large else much_less(threshold, noise_level)
    place = _place(position, threshold if large else noise_level)
    values = {
        excess_risk: _sum_of(_kept(sums.risk, sums.conditions, not large)),
        dof_scale: _sum_of(_kept(sums.dof, sums.conditions, not large)),
    }
    return EngineCorner(_label(corner.name, position), (ratio, *place), values)


def _tail_corner(position: Position) -> EngineCorner:
    """The corner α = √(2κ log d): the terms of a large ratio and the Gaussian tails beside them."""
    sums = corner_sums(Corner.LARGE, position)
    values = {}
    parts = {excess_risk: (sums.risk, sums.tail_risk), dof_scale: (sums.dof, sums.tail_dof)}
    for symbol, (terms, tail) in parts.items():
        tails = sp.S.Zero if tail is None else tail.expression * tail_mass
        values[symbol] = _sum_of(_kept(terms, sums.conditions, False)) + tails
    conditions = (Tail(_RATIO, tail_mass), *_place(position, threshold))
    return EngineCorner(_label("TAIL", position), conditions, values)


def _same_corner(position: Position) -> EngineCorner:
    """τ ≍ t: all d weights share one term, a function of α; the others are smaller by a power or absorbed in it."""
    values = {}
    for symbol, formula, power in ((excess_risk, risk(), 2), (dof_scale, exceedance(), 0)):
        terms = unconfirmed(PowerSum(scaled(formula, power), signal_ratio), position, 4).terms
        whole = next(term for term in terms if (term.scale_power, term.count_power) == (0, 1))
        shape = whole.coefficient.subs(threshold_ratio, _RATIO)
        constant = not whole.coefficient.has(sp.erfc, sp.exp)
        # Below the cut the shapes are 1 + α² and 1; else E soft(z; α)² and P(|z| > α), both between 0 and 1.
        factor = sp.expand(shape) if constant else order_one(shape, _RATIO, below=sp.S.One)
        values[symbol] = sp.expand(dim * noise_level**power * factor)
    conditions = (same_scale(threshold, noise_level), *_place(position, noise_level))
    return EngineCorner(_label("SAME", position), conditions, values)


def _edge_corner() -> EngineCorner:
    """Large ratio, the threshold at the smallest weight, t ≍ d^{-γ}: window and tail are of one order, a function of t d^γ.

    Above d^{-γ} the terms of the inside position hold, below it those of the position below; the two meet at 1.
    """
    inside, below = corner_sums(Corner.LARGE, Position.INSIDE), corner_sums(Corner.LARGE, Position.BELOW)
    distance = threshold * dim**decay
    at_edge = {threshold_exponent: -decay}
    values = {}
    for symbol, upper, lower in ((excess_risk, inside.risk, below.risk), (dof_scale, inside.dof, below.dof)):
        lead = leading_term(lower, below.conditions)
        if lead is None:
            raise NoSingleDiagram("the sums have no term below the smallest weight")
        order = lead.order.subs(at_edge)
        equal = [t for t in upper if vanishes(t.order.subs(at_edge) - order)]
        shares = [t.coefficient * _RESCALED ** (t.threshold_power - lead.threshold_power) for t in equal]
        # The engine puts the leading constant of t for t: with t = C d^{-γ}, t d^γ is C, so t itself stands for it.
        share = sp.Piecewise((sp.Add(*shares), _RESCALED > 1), (lead.coefficient, True)).subs(_RESCALED, threshold)
        # A share of the sum over all d weights: at most one.
        values[symbol] = lead.expression / lead.coefficient * order_one(share, distance, below=sp.Integer(2))
    conditions = (less_by_power(noise_level, threshold), same_scale(threshold, dim ** (-decay)))
    return EngineCorner("LARGE EDGE", conditions, values)


_RESCALED = sp.Symbol("rescaled_threshold", positive=True)
"""t d^γ."""


def _top_corner() -> EngineCorner:
    """Large ratio, the threshold at the largest weight, t ≍ 1: Σ min(θ*, t)² one by one, by Hurwitz's zeta function."""
    above = sp.floor(threshold ** (-1 / decay))
    total = above * threshold**2 + sp.zeta(2 * decay, above + 1)
    values = {excess_risk: order_one(total, threshold), dof_scale: order_one(above + 1, threshold)}
    conditions = (less_by_power(noise_level, threshold), same_scale(threshold, sp.S.One))
    return EngineCorner("LARGE TOP", conditions, values)


def _small_edge_corner() -> EngineCorner:
    """Small ratio, the noise at the smallest weight: both neighbours have the same leading term."""
    below = _power_corner(Corner.SMALL, Position.BELOW)
    ratio = below.conditions[0]
    return EngineCorner("SMALL EDGE", (ratio, same_scale(noise_level, dim ** (-decay))), below.values)


@cache
def soft_threshold_corners() -> CornerFunction:
    """Risk and degrees of freedom of N3 in all corners of (τ, t), derived by the power-sum lemma.

    Examples
    --------
    >>> len(soft_threshold_corners().corners)
    15
    """
    corners = [_power_corner(corner, position) for corner in Corner for position in Position]
    corners += [_tail_corner(position) for position in Position] + [_same_corner(position) for position in Position]
    corners += [_edge_corner(), _top_corner(), _small_edge_corner()]
    return CornerFunction("soft threshold", tuple(corners))


def balance_system() -> System:
    """N3 as a system of balances in τ, t, R and dof, with n = dim**a, Λ = dim**(b + 1/2), γ > 1/2 (A2).

    Examples
    --------
    >>> balance_system().unknowns
    (noise_level, threshold, excess_risk, dof_scale)
    """
    exact = state_equations()
    renamed = {degrees_of_freedom: dof_scale, noise: positive_noise}
    # Λ = t (n - dof) with every term positive: t n = Λ + t dof.
    equations = (
        exact.noise_balance.subs(renamed),
        sp.Eq(threshold * samples, penalty + threshold * dof_scale),
    )
    return System(
        dim,
        (noise_level, threshold, excess_risk, dof_scale),
        {samples: dim**a, penalty: dim ** (b + sp.Rational(1, 2))},
        (a, b),
        equations,
        (sp.Gt(a, 0),),
        {decay: (sp.Gt(decay, sp.Rational(1, 2)),)},
        (soft_threshold_corners(),),
    )


def corner_label(balance: Balance) -> str:
    """N5's label of the corner in which a balance was found; the corner's own name where N5 has none.

    The label V belongs to the corner of Gaussian tails among the weights.
    """
    name = balance.corners[0].removeprefix("soft threshold: ")
    return _labels().get(name, name)


def phase_labels() -> tuple[str, ...]:
    """N5's labels; whether there is such a phase is for the engine to say.

    Examples
    --------
    >>> "VIa" in phase_labels()
    True
    """
    return tuple(_labels().values())


def _labels() -> dict[str, str]:
    named = {_label(corner.name, position): label for (corner, position), label in CORNER_NAMES.items()}
    return named | {_label("TAIL", Position.INSIDE): "V"}


@cache
def phase_diagram() -> PhaseDiagram:
    """The phase diagram of the diagonal network for symbolic γ > 1/2, by the engine (N5, A3).

    Its constants contain `teacher_power` and `positive_noise`: see `restored`.

    Raises
    ------
    NoSingleDiagram
        If chambers of γ have different diagrams.

    Examples
    --------
    >>> sorted(found.name for found in phase_diagram().phases)
    ['II', 'III', 'Ib', 'V', 'VIa', 'VIb']
    """
    return single(phase_diagrams(balance_system(), excess_risk, corner_label))


@cache
def phase_diagram_at(value: sp.Rational) -> PhaseDiagram:
    """The phase diagram at one exact γ: the same system with a number in it, several times faster than for every γ.

    Examples
    --------
    >>> phase_diagram_at(sp.Rational(3, 2)).tiles
    True
    """
    return single(phase_diagrams(balance_system().at({decay: value}), excess_risk, corner_label))


def restored(expression: sp.Basic) -> sp.Basic:
    """A result of the engine in the symbols of theory.md.

    Examples
    --------
    >>> restored(teacher_power + positive_noise)
    noise + zeta(2*decay)
    """
    return put_back(expression, {teacher_power: sp.zeta(2 * decay), positive_noise: noise})


def boundaries() -> tuple[Boundary, ...]:
    """All boundaries of the diagram, the peak among them, in the symbols of theory.md (N5).

    Examples
    --------
    >>> [found.exponent for found in boundaries() if found.equation == sp.Eq(a, 1)]
    [-2*b/3]
    """
    return tuple(
        replace(found, constant=None if found.constant is None else restored(found.constant))
        for found in phase_diagram().boundaries
    )


def absent_phases() -> dict[str, str]:
    """Phases of the paper that have no open region for this network, with the reason (contract: `notes`).

    Examples
    --------
    >>> sorted(absent_phases())
    ['IV', 'Ia']
    """
    from .logarithmic import end_of_signal_phase

    end = end_of_signal_phase()
    return {
        "Ia": "effective samples are n itself, so n << 1 lies outside a > 0, where the state equations make no sense",
        "IV": (
            "where the penalty is negligible and n << d, the overfitting tail always beats the teacher's part by a power "
            f"of dim: IV needs n << log(dim)**({end}), which is no open region on power scales"
        ),
    }
