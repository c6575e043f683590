"""Phases of the quadratic network, each derived from one corner of N4 (theory.md N5, N7): the named laws.

Assume a corner; there R and dof are monomials (`corners`); the leading balances give σ, t and, at the edge of the bulk, ε;
the corner becomes strict linear inequalities in (a, b). Nothing is taken from the engine: `diagram` is the other way.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import sympy as sp

from ...asymptotics.power_sums import Position
from ...derivation import Derivation, Step
from ...linear import linear_solution
from ...symbols import a, b, decay, dim, noise, penalty, samples, threshold, weight_decay
from ..diagonal.phases import NOISY, Correction, NoSuchPhase, Phase
from ..diagonal.regions import Region, empty_reason, region_of
from . import semicircle
from .corners import (
    CornerSums,
    CornerTerm,
    Place,
    corner_sums,
    edge_exponent,
    spread_exponent,
    threshold_exponent,
)
from .letters import spread
from .semicircle import edge_distance
from .state_equations import (
    DETERMINISTIC,
    GAUSSIAN_DESIGN,
    PROPORTIONAL_LIMIT,
    balances,
    degrees_of_freedom,
    excess_risk,
    penalty_of,
)

__all__ = ["CORNERS", "Correction", "NoSuchPhase", "Phase", "Solved", "phase", "phases", "solve_corner", "to_controls"]

CORNERS: dict[str, tuple[Place, Position, str]] = {
    "Ia": (Place.EDGE, Position.ABOVE, "spikes"),
    "Ib": (Place.OUTSIDE, Position.ABOVE, "spikes"),
    "II": (Place.OUTSIDE, Position.INSIDE, "spikes"),
    "III": (Place.OUTSIDE, Position.BELOW, "spikes"),
    "IV": (Place.EDGE, Position.INSIDE, "spikes"),
    "V": (Place.EDGE, Position.INSIDE, "bulk"),
    "VIa": (Place.CENTRE, Position.INSIDE, "bulk"),
    "VIb": (Place.CENTRE, Position.BELOW, "bulk"),
}
"""N5's label of each corner, with what carries the risk there: attached before anything is solved."""

ASSUMPTIONS = (NOISY, DETERMINISTIC, GAUSSIAN_DESIGN, PROPORTIONAL_LIMIT)
REFERENCES = ("defilippis2025scaling", "erba2025nuclear")


@dataclass(frozen=True)
class Solved:
    """The leading solution in a corner.

    Parameters
    ----------
    sums, risk, dof
        The corner, and the leading terms of R and dof.
    exponents, values
        Exponents of σ, t, ε in (a, b); σ, t, ε in dim, samples, penalty.
    region : Region
        Where all assumptions hold.
    """

    sums: CornerSums
    risk: CornerTerm
    dof: CornerTerm | None
    exponents: dict[sp.Symbol, sp.Expr]
    values: dict[sp.Symbol, sp.Expr]
    region: Region


def corner_conditions(place: Place, position: Position) -> tuple[sp.Basic, ...]:
    """The corner as strict inequalities between the exponents of σ, t and ε.

    Examples
    --------
    >>> corner_conditions(Place.EDGE, Position.ABOVE)
    (x_edge < 0, x_spread > 1/2)
    """
    scale = threshold_exponent if place is Place.OUTSIDE else spread_exponent
    ratio = {
        Place.OUTSIDE: sp.Gt(threshold_exponent, spread_exponent),
        Place.EDGE: sp.Lt(edge_exponent, 0),
        Place.CENTRE: sp.Lt(threshold_exponent, spread_exponent),
    }[place]
    largest = sp.Rational(1, 2)
    places = {
        Position.ABOVE: (sp.Gt(scale, largest),),
        Position.INSIDE: (sp.Lt(scale, largest), sp.Gt(scale, largest - decay)),
        Position.BELOW: (sp.Lt(scale, largest - decay),),
    }
    return (ratio, *places[position])


@cache
def solve_corner(name: str) -> Solved:
    """Leading solution of the state equations in one corner, and the region of (a, b) where it is consistent (N5).

    Raises
    ------
    NoSuchPhase
        If the name is unknown, or the corner contradicts itself for every (a, b).

    Examples
    --------
    >>> solve_corner("III").values[threshold]
    dim*penalty/(4*samples)
    """
    if name not in CORNERS:
        raise NoSuchPhase(f"expected name in {sorted(CORNERS)}, got name={name!r}")
    place, position, source = CORNERS[name]
    sums = corner_sums(place, position)
    risk = next(term for term in sums.risk if term.source == source)
    dof = next((t for t in sums.dof if t.source == "bulk"), sums.dof[0] if sums.dof else None)
    values = _values(place, dof, risk)
    exponents = {exponent: _exponent(values[symbol]) for exponent, symbol in _SYMBOL_OF.items() if symbol in values}
    conditions = _conditions(sums, risk, dof, exponents)
    reason = empty_reason(conditions, (a, b))
    if reason is not None:
        raise NoSuchPhase(f"{name}: contradictory inequalities {reason}")
    return Solved(sums, risk, dof, exponents, values, region_of(conditions, (a, b)).irredundant())


_SYMBOL_OF = {spread_exponent: spread, threshold_exponent: threshold, edge_exponent: edge_distance}


def _values(place: Place, dof: CornerTerm | None, risk: CornerTerm) -> dict[sp.Symbol, sp.Expr]:
    """σ, t and ε from the leading balances: Δ (and R, where it is of order one) sets σ; Λ, or dof = n, sets t."""
    constant = risk.order == 0
    larger = noise + (risk.expression if constant else 0)
    level = sp.sqrt(_root(balances().values["noise"].subs(noise + excess_risk, larger), spread**2))
    if place is Place.EDGE:
        if dof is None:
            raise NoSuchPhase("at the edge of the bulk the degrees of freedom have no leading term")
        distance = (samples / dof.coefficient / dim**dof.dim_power) ** (1 / dof.edge_power)
        return {spread: level, threshold: 2 * level, edge_distance: distance}
    bare = _root(balances().values["penalty"].subs(degrees_of_freedom, 0), threshold)
    return {spread: level, threshold: bare}


def _root(balance: sp.Eq, unknown: sp.Expr) -> sp.Expr:
    """The positive value of a quantity that a balance holds linearly."""
    symbol = sp.Symbol("unknown", positive=True)
    found = linear_solution([(balance.lhs - balance.rhs).subs(unknown, symbol)], [symbol])
    if found is None or found[symbol].is_positive is False:
        raise NoSuchPhase(f"the balance {balance} has no positive solution for {unknown}")
    return found[symbol]


def on_path(expression: sp.Expr) -> sp.Expr:
    """`expression` on n = dim**(a + 1), λ = dim**b.

    Examples
    --------
    >>> on_path(samples / dim)
    dim**a
    """
    plain = to_controls(expression).subs({samples: dim ** (a + 1), weight_decay: dim**b})
    return sp.powsimp(sp.expand_power_base(plain, force=True), force=True)


@cache
def _exponent(expression: sp.Expr) -> sp.Expr:
    """Exponent of dim of a monomial in the controls."""
    monomial = on_path(expression)
    powers = [factor.as_base_exp() for factor in sp.Mul.make_args(monomial) if factor.has(dim)]
    if all(base == dim and not power.has(dim) for base, power in powers):
        return sp.expand(sp.Add(*(power for _, power in powers)))
    logarithm = sp.expand(sp.expand_log(sp.log(monomial), force=True))
    found = logarithm.coeff(sp.log(dim))
    if sp.expand(logarithm - found * sp.log(dim)).has(dim):  # no plain product of powers: the derivative has to tell
        found = sp.simplify(dim * sp.diff(logarithm, dim))
    return sp.expand(found)


def _conditions(
    sums: CornerSums, risk: CornerTerm, dof: CornerTerm | None, exponents: dict[sp.Symbol, sp.Expr]
) -> list[sp.Basic]:
    """Every assumption made on the way, as an inequality in (a, b)."""
    assumed = list(corner_conditions(sums.place, sums.position))
    assumed += [sp.Gt(risk.order, other.order) for other in sums.risk if other.source != risk.source]
    if risk.order != 0:
        assumed.append(sp.Lt(risk.order, 0))
    if sums.place is Place.EDGE:
        # The penalty is negligible: Λ d ≪ n t, so dof = n; the spikes hold few of them.
        assumed.append(sp.Lt(b + 2, a + 1 + threshold_exponent))
        assumed += [sp.Lt(other.order, a + 1) for other in sums.dof if other is not dof]
    elif dof is not None:
        assumed.append(sp.Lt(dof.order, a + 1))
    return [condition.subs(exponents) for condition in assumed]


def to_controls(expression: sp.Expr) -> sp.Expr:
    """`expression` with Λ = λ√(pd) put in, p = d.

    Examples
    --------
    >>> to_controls(penalty / samples)
    dim*weight_decay/samples
    """
    return sp.powsimp(sp.expand_power_base(expression.subs(penalty, penalty_of()), force=True))


@cache
def phase(name: str) -> Phase:
    """The phase with a label of N5, with its derivation (N5, N7).

    Raises
    ------
    NoSuchPhase
        If no open region of the quadratic network carries this label.

    Examples
    --------
    >>> phase("III").constant, phase("VIa").constant, phase("VIb").constant
    (1/8, noise/4, noise/2)
    >>> sorted(map(str, phase("V").region))
    ['a < 1', 'a > 4*decay/(14*decay - 5)', 'b < a/2 - 1/2']
    """
    solved = solve_corner(name)
    value = to_controls(solved.risk.expression.subs(solved.values))
    exponent = _exponent(value)
    constant = sp.simplify(sp.powsimp(on_path(value) / dim**exponent, force=True))
    if dim in constant.free_symbols:
        raise NoSuchPhase(f"phase {name}: the law {value} is not a constant times dim**({exponent})")
    corrections = _corrections(solved)
    region = solved.region.inequalities
    derivation = _derivation(name, solved, value, corrections)
    return Phase(name, exponent, constant, sp.S.Zero, region, value, corrections, derivation)


def _corrections(solved: Solved) -> tuple[Correction, ...]:
    """What the corner knows beyond leading order: the other terms of R, the next order at the edge, σ raised by R.

    At the edge ε itself has the correction that keeps dof = n; outside t is raised by dof/n. Undominated ones are kept.
    None where the bulk is learned whole among spikes: the spikes' own share there is known in exponent only.
    """
    lead, sums = solved.risk, solved.sums
    if (sums.place, sums.position) == (Place.CENTRE, Position.INSIDE):
        return ()
    found = [term.expression / lead.expression for term in (*sums.risk, *sums.further) if term is not lead]
    if lead.source == "bulk" and sums.place is Place.EDGE:
        found += _edge_corrections()
    if lead.threshold_power != 0 and solved.dof is not None:
        found.append(lead.threshold_power * solved.dof.expression / samples)
    if lead.spread_power != 0:
        # 4 n σ² = d² (Δ + R): σ² is raised by 1 + R/Δ.
        found.append(lead.spread_power / 2 * lead.expression / noise)
    values = [to_controls(expression.subs(solved.values)) for expression in found]
    exponents = [_exponent(value) for value in values]
    grouped: dict[sp.Expr, sp.Expr] = {}
    for value, order, beaten in zip(values, exponents, solved.region.dominated(exponents)):
        if not beaten:
            grouped[order] = grouped.get(order, sp.S.Zero) + value
    return tuple(Correction(sp.powsimp(value), order) for order, value in grouped.items())


def _edge_corrections() -> list[sp.Expr]:
    """At the edge: the next order in ε, with ε itself shifted by it, and what the penalty leaves of dof = n."""
    power, share = semicircle.edge_power(), semicircle.edge_divergence()
    stretch = power.power / share.power
    slope = power.next_coefficient / power.coefficient - stretch * share.next_coefficient / share.coefficient
    return [slope * edge_distance, -stretch * penalty * dim / (4 * samples * threshold)]


def _derivation(name: str, solved: Solved, value: sp.Expr, corrections: tuple[Correction, ...]) -> Derivation:
    """The chain from N4 to the law."""
    equations, sums = balances(), solved.sums
    dof = sp.S.Zero if solved.dof is None else solved.dof.expression
    corner = sp.And(*corner_conditions(sums.place, sums.position))
    found = (Step("Solved for it.", sp.Eq(s, v, evaluate=False), "leading balances") for s, v in solved.values.items())
    steps = (
        *equations.steps,
        Step(f"Corner: {sums.place.value}; {sums.position.value}.", corner, "assumed, checked below"),
        Step("Leading risk.", sp.Eq(excess_risk, solved.risk.expression), "semicircle, spikes, power-sum lemma A1"),
        Step("Leading degrees of freedom.", dof, "semicircle, spikes, power-sum lemma A1"),
        *found,
        Step("Risk.", sp.Eq(excess_risk, value), "insert"),
        Step("All that was assumed holds here.", sp.And(*solved.region.inequalities), "exact linear programming"),
    )
    names = {symbol.name: v for symbol, v in solved.values.items()}
    names |= {f"correction {i}": c.expression for i, c in enumerate(corrections, 1)}
    return Derivation(f"Phase {name} of the quadratic network", steps, ASSUMPTIONS, value, names, REFERENCES)


@cache
def phases() -> tuple[Phase, ...]:
    """All full-dimensional phases of the quadratic network (N5), in the order of their labels.

    Examples
    --------
    >>> [found.name for found in phases()]
    ['Ia', 'Ib', 'II', 'III', 'IV', 'V', 'VIa', 'VIb']
    """
    return tuple(phase(name) for name in CORNERS)
