"""Phases of the diagonal network, each derived from one corner of the state equations (theory.md N5, N7).

Assume a corner; there the sums of N3 are monomials (`corners`); solve the leading equations for τ and t; the corner then
becomes a set of strict linear inequalities in the exponents (a, b), and where that set is empty the corner does not exist.
Names are attached to corners before anything is solved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import sympy as sp

from ...asymptotics.power_sums import Position
from ...asymptotics.two_scales import Corner
from ...derivation import Derivation, Step
from ...linear import linear_solution
from ...symbols import a, b, decay, dim, noise, noise_level, penalty, samples, threshold, weight_decay
from .corners import CornerSums, CornerTerm, corner_sums, noise_exponent, threshold_exponent
from .regions import Region, empty_reason, region_of
from .state_equations import PROPORTIONAL_LIMIT, excess_risk, state_equations

CORNER_NAMES: dict[tuple[Corner, Position], str] = {
    (Corner.LARGE, Position.ABOVE): "Ib",
    (Corner.LARGE, Position.INSIDE): "II",
    (Corner.LARGE, Position.BELOW): "III",
    (Corner.SMALL, Position.INSIDE): "VIa",
    (Corner.SMALL, Position.BELOW): "VIb",
}
"""N5's label of each corner: threshold above all weights, among them, below them; noise among them, below them."""

NOISY = "label noise of order one, decay above 1/2"


class NoSuchPhase(ValueError):
    """The corner is inconsistent, or the name is no phase of the diagonal network; the message says which and why."""


@dataclass(frozen=True)
class Correction:
    """A relative correction to a leading law: R = leading (1 + expression + ...), and its exponent of d."""

    expression: sp.Expr
    exponent: sp.Expr


@dataclass(frozen=True)
class Phase:
    """One phase: R = constant · d^exponent · (log d)^log where every inequality of `region` holds.

    Parameters
    ----------
    name : str
        Label of N5.
    exponent, constant : sympy.Expr
        In a, b, decay, noise; n = dim**a, λ = dim**b.
    log : sympy.Expr
        Exponent of log(dim).
    region : tuple[sympy.Rel, ...]
        Strict inequalities, none redundant.
    leading : sympy.Expr
        The same law in dim, samples, weight_decay, decay, noise.
    corrections : tuple[Correction, ...]
        Candidates for the first relative correction: those that no other one beats on the whole region.
    derivation : Derivation
        How it comes out of N3.
    """

    name: str
    exponent: sp.Expr
    constant: sp.Expr
    log: sp.Expr
    region: tuple[sp.Rel, ...]
    leading: sp.Expr
    corrections: tuple[Correction, ...]
    derivation: Derivation


@dataclass(frozen=True)
class Solved:
    """The leading solution in a corner.

    Parameters
    ----------
    sums, risk, dof
        The corner, and the leading terms of its two sums.
    exponents, values
        x_noise and x_threshold in (a, b); τ and t in dim, samples, penalty.
    region : Region
        Where all assumptions hold.
    """

    sums: CornerSums
    risk: CornerTerm
    dof: CornerTerm | None
    exponents: dict[sp.Symbol, sp.Expr]
    values: dict[sp.Symbol, sp.Expr]
    region: Region


def leading_term(terms: Sequence[CornerTerm], conditions: Sequence[sp.Basic]) -> CornerTerm | None:
    """The term that is larger than every other one on the whole cone of conditions; None for an empty sum.

    Raises
    ------
    NoSuchPhase
        If no single term leads everywhere on the cone.

    Examples
    --------
    >>> sums = corner_sums(Corner.LARGE, Position.INSIDE)
    >>> leading_term(sums.dof, sums.conditions).expression
    threshold**(-1/decay)
    """
    return _leading_term(tuple(terms), tuple(conditions))


_GUESS = sp.Rational(19, 17)
"""γ at which a leading term is guessed before it is proved to lead for every γ > 1/2: no special value."""


@cache
def _leading_term(terms: tuple[CornerTerm, ...], conditions: tuple[sp.Basic, ...]) -> CornerTerm | None:
    if not terms:
        return None
    cone = region_of(conditions, (noise_exponent, threshold_exponent))
    place = {**cone.point(_GUESS), decay: _GUESS}
    guess = max(terms, key=lambda term: term.order.xreplace(place))
    if not all(cone.implied(tuple(guess.order - other.order for other in terms if other is not guess))):
        raise NoSuchPhase(f"no single leading term among {[t.expression for t in terms]} where {conditions}")
    return guess


@cache
def solve_corner(corner: Corner, position: Position) -> Solved:
    """Leading solution of the state equations in one corner, and the region of (a, b) where it is consistent.

    Raises
    ------
    NoSuchPhase
        If the corner contradicts itself for every (a, b); the message holds the inequalities.

    Examples
    --------
    >>> solve_corner(Corner.LARGE, Position.BELOW).values[threshold]
    penalty/samples
    """
    sums = corner_sums(corner, position)
    risk = leading_term(sums.risk, sums.conditions)
    dof = leading_term(sums.dof, sums.conditions)
    if risk is None:
        raise NoSuchPhase(f"the risk has no power-law term in the corner {corner.value}, {position.value}")
    failures: list[object] = []
    for noise_leads in _noise_balances(risk):
        try:
            exponents, values = _balance(risk, noise_leads)
        except NoSuchPhase as unsolvable:
            failures.append(str(unsolvable))
            continue
        conditions = _conditions(sums, risk, dof, noise_leads, exponents)
        reason = empty_reason(conditions, (a, b))
        if reason is None:
            return Solved(sums, risk, dof, exponents, values, region_of(conditions, (a, b)).irredundant())
        failures.append(reason)
    raise NoSuchPhase(f"corner {corner.value}, {position.value}: contradictory inequalities {failures}")


def _noise_balances(risk: CornerTerm) -> tuple[sp.Expr, ...]:
    """Candidates for the larger side of n τ² = Δ + R: noise, risk, or both when the risk is of order one itself."""
    if risk.order == 0:
        return (noise + risk.expression,)
    return (noise, risk.expression)


def _balance(risk: CornerTerm, larger: sp.Expr) -> tuple[dict[sp.Symbol, sp.Expr], dict[sp.Symbol, sp.Expr]]:
    """τ and t with dof ≪ n: n τ² = larger side, Λ = t n; exponents and values."""
    order = risk.order if larger == risk.expression else sp.S.Zero
    equations = [a + 2 * noise_exponent - order, b + sp.Rational(1, 2) - threshold_exponent - a]
    exponents = linear_solution(equations, [noise_exponent, threshold_exponent])
    bare = penalty / samples
    squared = _noise_squared(larger.subs(threshold, bare))
    if exponents is None or squared is None:
        raise NoSuchPhase(f"the leading equations have no solution when {larger} is the larger side")
    return exponents, {threshold: bare, noise_level: sp.sqrt(squared)}


def _noise_squared(larger: sp.Expr) -> sp.Expr | None:
    """τ² with n τ² = larger side; None where that has no positive solution."""
    level = sp.Symbol("level", positive=True)
    difference = samples * level - larger.subs(noise_level, sp.sqrt(level))
    if sp.diff(difference, level).has(level):
        return next(iter(sp.solve(difference, level)), None)
    value = (linear_solution([difference], [level]) or {}).get(level)
    return None if value is None or value.is_positive is False else value


def _conditions(
    sums: CornerSums, risk: CornerTerm, dof: CornerTerm | None, larger: sp.Expr, exponents: dict[sp.Symbol, sp.Expr]
) -> list[sp.Basic]:
    """Every assumption made on the way, as an inequality in (a, b)."""
    assumed = [sp.Gt(a, 0), *sums.conditions]
    if dof is not None:
        assumed.append(sp.Lt(dof.order, a))
    if larger == noise:
        assumed.append(sp.Lt(risk.order, 0))
    elif larger == risk.expression:
        assumed.append(sp.Gt(risk.order, 0))
    return [condition.subs(exponents) for condition in assumed]


def to_controls(expression: sp.Expr) -> sp.Expr:
    """`expression` with Λ = λ√d put in.

    Examples
    --------
    >>> to_controls(penalty / samples)
    sqrt(dim)*weight_decay/samples
    """
    return sp.powsimp(sp.expand_power_base(expression.subs(penalty, weight_decay * sp.sqrt(dim)), force=True))


@cache
def corner_phase(corner: Corner, position: Position) -> Phase:
    """The phase of one corner with its derivation (N5, N7).

    Raises
    ------
    NoSuchPhase
        If the corner is inconsistent.

    Examples
    --------
    >>> corner_phase(Corner.LARGE, Position.INSIDE).constant
    2*decay/(2*decay - 1)
    """
    solved = solve_corner(corner, position)
    name = CORNER_NAMES[corner, position]
    value = to_controls(solved.risk.expression.subs(solved.values))
    exponent = sp.expand(solved.risk.order.subs(solved.exponents))
    powers = {samples: dim**a, weight_decay: dim**b}
    constant = sp.simplify(sp.powsimp(sp.expand_power_base(value.subs(powers) / dim**exponent, force=True)))
    if dim in constant.free_symbols:
        raise NoSuchPhase(f"phase {name}: the law {value} is not a constant times dim**({exponent})")
    corrections = _corrections(solved)
    derivation = _derivation(name, solved, value, corrections)
    region = solved.region.inequalities
    return Phase(name, exponent, constant, sp.S.Zero, region, value, corrections, derivation)


def _corrections(solved: Solved) -> tuple[Correction, ...]:
    """Next terms of R, the shift of t by the degrees of freedom, and the shift of τ by the risk; the undominated ones."""
    lead, values = solved.risk, solved.values
    found = [t.expression / lead.expression for t in solved.sums.risk if t is not lead]
    orders = [t.order - lead.order for t in solved.sums.risk if t is not lead]
    if solved.dof is not None and lead.threshold_power != 0:
        # Λ = t (n - dof) gives t = (Λ/n)(1 + dof/n + ...).
        found.append(lead.threshold_power * solved.dof.expression / samples)
        orders.append(solved.dof.order - a)
    if lead.noise_power != 0:
        # n τ² = Δ + R gives τ² = (Δ/n)(1 + R/Δ + ...).
        found.append(lead.noise_power / 2 * lead.expression / noise)
        orders.append(lead.order)
    exponents = [sp.expand(order.subs(solved.exponents)) for order in orders]
    alive = [i for i, beaten in enumerate(solved.region.dominated(exponents)) if not beaten]
    grouped: dict[sp.Expr, sp.Expr] = {}
    for i in alive:
        grouped[exponents[i]] = grouped.get(exponents[i], sp.S.Zero) + to_controls(found[i].subs(values))
    return tuple(Correction(sp.powsimp(value), order) for order, value in grouped.items())


def _derivation(name: str, solved: Solved, value: sp.Expr, corrections: tuple[Correction, ...]) -> Derivation:
    """The chain from N3 to the law."""
    equations, sums = state_equations(), solved.sums
    dof = sp.S.Zero if solved.dof is None else solved.dof.expression
    tau, step = sp.Eq(noise_level, solved.values[noise_level]), sp.Eq(threshold, solved.values[threshold])
    steps = (
        Step("Noise balance.", equations.noise_balance, "state equation N3"),
        Step("Penalty balance.", equations.penalty_balance, "state equation N3"),
        Step(
            f"Corner: {sums.corner.value}; {sums.position.value}.", sp.And(*sums.conditions), "assumed, checked below"
        ),
        Step("Leading risk.", sp.Eq(excess_risk, solved.risk.expression), "power-sum lemma A1, confirmed numerically"),
        Step("Leading degrees of freedom.", dof, "power-sum lemma A1, confirmed numerically"),
        Step("Threshold.", step, "penalty balance with few degrees of freedom per sample"),
        Step("Effective noise.", tau, "noise balance with the larger side alone"),
        Step("Risk.", sp.Eq(excess_risk, value), "insert"),
        Step("All that was assumed holds here.", sp.And(*solved.region.inequalities), "exact linear programming"),
    )
    values = {"threshold": solved.values[threshold], "noise_level": solved.values[noise_level]}
    values |= {f"correction {i}": c.expression for i, c in enumerate(corrections, 1)}
    references = ("defilippis2025scaling", "bayati2012lasso")
    return Derivation(
        f"Phase {name} of the diagonal network", steps, (NOISY, PROPORTIONAL_LIMIT), value, values, references
    )


def phase(name: str) -> Phase:
    """The phase with a label of N5.

    Raises
    ------
    NoSuchPhase
        If no open region of the diagonal network carries this label.

    Examples
    --------
    >>> phase("II").region
    (b > a/2 - 1/2, b < a - 1/2, b > a - decay - 1/2)
    """
    places = {label: place for place, label in CORNER_NAMES.items()}
    if name in places:
        return corner_phase(*places[name])
    by_name = {found.name: found for found in phases()}
    if name not in by_name:
        raise NoSuchPhase(f"expected name in {sorted(by_name)}, got name={name!r}")
    return by_name[name]


@cache
def phases() -> tuple[Phase, ...]:
    """All full-dimensional phases of the diagonal network (N5), in the order of their labels.

    Examples
    --------
    >>> [found.name for found in phases()]
    ['Ib', 'II', 'III', 'V', 'VIa', 'VIb']
    """
    from .logarithmic import overfitting_phase

    large, small = (
        [corner_phase(corner, position) for corner, position in CORNER_NAMES if corner is wanted]
        for wanted in (Corner.LARGE, Corner.SMALL)
    )
    return (*large, overfitting_phase(), *small)
