"""The power-sum lemma (theory.md A1): Σ_{k ≤ d} F(k^{-γ}/τ) as τ → 0 and d → ∞, for symbolic γ.

Shifting the contour of the Mellin representation, Σ_k (k^{-γ}/τ)^{-s} = ζ(-γ s) τ^s, leaves three kinds of terms.
With F ~ Σ c_p u^p for u → ∞ and F ~ Σ b_q u^q for u → 0:

- head (k ~ 1):           c_p ζ(γp) τ^{-p};
- window (k ~ τ^{-1/γ}):  F*(-1/γ) τ^{-1/γ}/γ, with F* continued analytically;
- tail (k ~ d):           -b_q τ^{-q} ζ(γq, d+1) = b_q τ^{-q} (d^{1-γq}/(1-γq) + d^{-γq}/2 - ...).

Where γp = 1 or γq = 1 two poles meet and a logarithm appears. Every expansion is compared with the sum itself at
two scales before it is returned.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import sympy as sp

from ..nonzero import vanishes
from ..symbols import decay as decay_symbol
from ..symbols import dim, noise_level
from . import logarithms
from .mellin import Break, Monomial, Transform
from .poles import coefficient_of, finite_part, is_singular, with_poles_apart
from .special import HalfMoment


class DivergentSum(ValueError):
    """The infinite sum does not converge: at small u the function does not fall faster than u^{1/γ}."""


class NoSuchPosition(ValueError):
    """An infinite sum has no smallest atom, so no scale lies below it."""


class Position(enum.Enum):
    """Where the scale stands among the atoms 1 ≥ k^{-γ} ≥ d^{-γ}."""

    ABOVE = "the scale lies above the largest atom"
    INSIDE = "the scale lies among the atoms"
    BELOW = "the scale lies below the smallest atom"


@dataclass(frozen=True)
class PowerSum:
    """Σ_{k=1}^{count} function(variable = k^{-decay}/scale).

    Parameters
    ----------
    function, variable : sympy.Expr, sympy.Symbol
        F and u (positive).
    decay : sympy.Expr
        γ > 0, symbolic or rational; logarithms at coincidences γp = 1 are seen only if it is a number.
    scale, count : sympy.Expr
        τ and d; `count` may be ``sympy.oo``.

    Examples
    --------
    >>> u = sp.Symbol("u", positive=True)
    >>> expand(PowerSum(sp.Min(u, 1) ** 2, u), Position.INSIDE).terms[1].coefficient
    2*decay/(2*decay - 1)
    """

    function: sp.Expr
    variable: sp.Symbol
    decay: sp.Expr = decay_symbol
    scale: sp.Expr = noise_level
    count: sp.Expr = dim


@dataclass(frozen=True)
class Term:
    """coefficient · scale^x · count^y · ratio^z (log scale)^i (log count)^j, and the condition on γ for it.

    `origin` is head, window, tail or edge: which atoms make the term (an edge is a point where F is not smooth).
    """

    origin: str
    coefficient: sp.Expr
    scale_power: sp.Expr
    count_power: sp.Expr = sp.S.Zero
    ratio_power: sp.Expr = sp.S.Zero
    scale_log: int = 0
    count_log: int = 0
    condition: sp.Basic = sp.true

    def expression(self, scale: sp.Expr, count: sp.Expr, ratio: sp.Expr = sp.S.One) -> sp.Expr:
        """The term as a formula.

        Examples
        --------
        >>> Term("tail", sp.Integer(2), sp.Integer(-1), sp.Integer(1)).expression(noise_level, dim)
        2*dim/noise_level
        """
        powers = scale**self.scale_power * ratio**self.ratio_power
        powers *= count**self.count_power if self.count_power != 0 else 1
        logs = sp.log(scale) ** self.scale_log * (sp.log(count) ** self.count_log if self.count_log else 1)
        return self.coefficient * powers * logs

    def order(self, scale_exponent: sp.Expr, count_exponent: sp.Expr = sp.S.One) -> sp.Expr:
        """Exponent of L in the term when scale = L^scale_exponent and count = L^count_exponent.

        Examples
        --------
        >>> Term("tail", sp.Integer(2), sp.Integer(-1), sp.Integer(1)).order(sp.Rational(-1, 2))
        3/2
        """
        return sp.expand(self.scale_power * scale_exponent + self.count_power * count_exponent)


@dataclass(frozen=True)
class Expansion:
    """Terms of a power sum, the first terms left out, and the numeric comparison that it passed.

    Parameters
    ----------
    problem, position : PowerSum, Position
        What was expanded, and where the scale stands.
    terms, omitted : tuple[Term, ...]
        Kept, and first omitted: the error is of the order of the largest omitted term (none: beyond all powers).
    confirmed : Mapping[str, object]
        Rows of the comparison with the sum itself.
    """

    problem: PowerSum
    position: Position
    terms: tuple[Term, ...]
    omitted: tuple[Term, ...]
    confirmed: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def expression(self) -> sp.Expr:
        """The sum of the kept terms."""
        return sp.Add(*(term.expression(self.problem.scale, self.problem.count) for term in self.terms))

    def leading_conditions(self, scale_exponent: sp.Expr) -> tuple[tuple[Term, sp.Basic], ...]:
        """Each term with the inequalities under which no other is larger, for scale = count^scale_exponent.

        Examples
        --------
        >>> u, x = sp.Symbol("u", positive=True), sp.Symbol("x", positive=True)
        >>> window = expand(PowerSum(sp.Min(u, 1) ** 2, u), Position.INSIDE).leading_conditions(-x)[1]
        >>> window[0].origin
        'window'
        """
        orders = [term.order(scale_exponent) for term in self.terms]
        return tuple(
            (term, sp.And(*(sp.Ge(order, other) for other in orders if other != order)))
            for term, order in zip(self.terms, orders)
        )


def _euler_maclaurin(s: sp.Expr) -> tuple[tuple[int, sp.Expr], ...]:
    """Upper edge of Σ k^{-s}: d^{1-s}/(1-s) + d^{-s}/2 - s d^{-s-1}/12, textbook; the next term is the omitted one."""
    first = sp.S.One if s == 1 else 1 / (1 - s)
    return ((1, first), (0, sp.Rational(1, 2)), (-1, -s / 12))


def _edge(origin: str, coefficient: sp.Expr, exponent: sp.Expr, scale_power: sp.Expr) -> tuple[list[Term], list[Term]]:
    """coefficient · τ^scale_power · (the edge at d of Σ k^{-exponent}), kept and omitted terms."""
    kept = []
    for shift, value in _euler_maclaurin(exponent):
        if exponent == 1 and shift == 1:
            kept.append(Term(origin, coefficient, scale_power, count_log=1))
            continue
        if value != 0:
            guard = _guard(exponent) if shift == 1 else sp.true
            kept.append(Term(origin, coefficient * value, scale_power, shift - exponent, condition=guard))
    rest = exponent * (exponent + 1) * (exponent + 2) / 720
    omitted = [Term(origin, coefficient * rest, scale_power, -exponent - 3)] if rest != 0 else []
    return kept, omitted


def expand(
    problem: PowerSum, position: Position, terms: int = 3, sample: Mapping[sp.Symbol, Any] | None = None
) -> Expansion:
    """Expand a power sum with `terms` powers at each end, compare it with the sum at two scales, and return it (A1).

    When this is wrong: the lemma needs the scale to be separated from both edges by a power; at τ ~ 1 or
    τ ~ d^{-γ} use `uniform_tail`, which is exact in the ratio. For symbolic γ a coincidence γp = 1 is excluded by the
    condition on the term; pass the rational γ to get its logarithm.

    Raises
    ------
    MellinUnknown
        If no rule gives the transform.
    DivergentSum, NoSuchPosition
        If `count` is infinite and the sum diverges, or if the scale is to lie below its atoms.
    ExpansionMismatch
        If the expansion does not agree with the sum at both scales to the first omitted order.

    Examples
    --------
    >>> u = sp.Symbol("u", positive=True)
    >>> found = expand(PowerSum(u / (1 + u), u, sp.Integer(2), count=sp.oo), Position.INSIDE)
    >>> found.terms[1].expression(noise_level, dim)
    pi/(2*sqrt(noise_level))
    """
    held = problem.function.free_symbols | problem.decay.free_symbols
    return _expand(problem, position, terms, tuple((s, value) for s, value in (sample or {}).items() if s in held))


@cache
def _expand(problem: PowerSum, position: Position, terms: int, sample: tuple[tuple[sp.Symbol, Any], ...]) -> Expansion:
    from .confirm import confirm

    return confirm(unconfirmed(problem, position, terms), dict(sample))


def unconfirmed(problem: PowerSum, position: Position, terms: int) -> Expansion:
    """The expansion before it is compared with numbers; for building larger ones that are compared as a whole."""
    transform = with_poles_apart(problem.function, problem.variable, problem.decay, terms)
    small, large = transform.small, transform.large
    if problem.count == sp.oo:
        if position is Position.BELOW:
            raise NoSuchPosition("position: an infinite sum has no smallest atom, so the scale cannot be below it")
        _require_convergence(transform, problem.decay)
    if position is Position.INSIDE:
        kept, omitted = _inside(problem, transform)
    else:
        ends = (small, transform.small_omitted) if position is Position.ABOVE else (large, transform.large_omitted)
        kept, omitted = _one_ended(problem, *ends)
    return Expansion(problem, position, tuple(kept), tuple(omitted))


def _require_convergence(transform: Transform, decay: sp.Expr) -> None:
    """Every power at u → 0 must fall faster than k^{-1}."""
    for monomial in (*transform.small, *transform.small_omitted):
        if sp.Gt(decay * monomial.power, 1) == sp.false:
            raise DivergentSum(f"expected decay*power > 1 for an infinite sum, got {decay * monomial.power}")


def _one_ended(
    problem: PowerSum, monomials: tuple[Monomial, ...], omitted: tuple[Monomial, ...]
) -> tuple[list[Term], list[Term]]:
    """All atoms on one side of the scale: each power is summed from 1 to d."""
    kept, left = [], []
    for place, monomial in enumerate((*monomials, *omitted)):
        parts, rest = _power_total(problem, monomial)
        if place < len(monomials):
            kept += parts
            left += rest
        else:
            left += parts[:2]
    return merged(kept), left


def merged(terms: list[Term]) -> list[Term]:
    """Terms of the same order added up, those that cancel dropped; the first origin and every condition stay."""
    found: dict[tuple[Any, ...], Term] = {}
    for term in terms:
        key = (term.scale_power, term.count_power, term.ratio_power, term.scale_log, term.count_log)
        if key in found:
            other = found[key]
            coefficient = sp.expand(other.coefficient + term.coefficient)
            found[key] = replace(other, coefficient=coefficient, condition=sp.And(other.condition, term.condition))
        else:
            found[key] = term
    return [term for term in found.values() if term.coefficient != 0]


def _power_total(problem: PowerSum, monomial: Monomial) -> tuple[list[Term], list[Term]]:
    """Σ_{k ≤ d} of one power: the constant and the edge at d."""
    head = _heads(monomial, problem.decay)
    if problem.count == sp.oo:
        return head, []
    edge, rest = _tails(monomial, problem.decay)
    return [*head, *edge], rest


def _heads(monomial: Monomial, gamma: sp.Expr) -> list[Term]:
    """The constant in Σ k^{-γp}, Euler's where the sum is a logarithm."""
    if monomial.log:
        return logarithms.heads(monomial, gamma)
    exponent = sp.expand(gamma * monomial.power)
    constant = sp.EulerGamma if vanishes(exponent - 1) else sp.zeta(exponent)
    return [Term("head", monomial.coefficient * constant, -monomial.power, condition=_guard(exponent))]


def _tails(monomial: Monomial, gamma: sp.Expr) -> tuple[list[Term], list[Term]]:
    """The edge at d of one power."""
    if monomial.log:
        return logarithms.tails(monomial, gamma, _euler_maclaurin)
    return _edge("tail", monomial.coefficient, sp.expand(gamma * monomial.power), -monomial.power)


@cache
def _guard(exponent: sp.Expr) -> sp.Basic:
    """The condition that keeps two poles apart."""
    return sp.Ne(exponent, 1) if exponent.free_symbols else sp.true


def _inside(problem: PowerSum, transform: Transform) -> tuple[list[Term], list[Term]]:
    """Head, window and tail."""
    gamma = problem.decay
    kept: list[Term] = []
    omitted: list[Term] = []
    logarithms.refuse_meeting((*transform.small, *transform.large), gamma)
    meeting = [m.power for m in (*transform.small, *transform.large) if vanishes(gamma * m.power - 1)]
    for place, monomial in enumerate((*transform.large, *transform.large_omitted)):
        (kept if place < len(transform.large) else omitted).extend(_heads(monomial, gamma))
    kept += _window(problem, transform, meeting[0] if meeting else None)
    if problem.count != sp.oo:
        for place, monomial in enumerate((*transform.small, *transform.small_omitted)):
            parts, rest = _tails(monomial, gamma)
            kept += parts if place < len(transform.small) else []
            omitted += rest if place < len(transform.small) else parts[:2]
    omitted += [term for point in transform.breaks for term in break_terms(point, gamma)]
    return [t for t in kept if t.coefficient != 0], [t for t in omitted if t.coefficient != 0]


def _window(problem: PowerSum, transform: Transform, meeting: sp.Expr | None) -> list[Term]:
    """The window term, or, where its pole meets another one, the logarithm and the finite part that replace it."""
    gamma = problem.decay
    if meeting is None:
        powers = {m.power for m in (*transform.small, *transform.large)}
        guard = sp.And(*(_guard(sp.expand(gamma * power)) for power in powers))
        value = transform.at(-1 / gamma)
        if is_singular(value):  # poles of its parts that cancel, or the transform would not have been taken
            value = finite_part(transform, -1 / gamma)
        value /= gamma
        # Half moments are opened in powers of their second scale afterwards, and have no rules of simplification.
        value = value if value.has(HalfMoment) else sp.powsimp(sp.gammasimp(value))
        value = sp.factor(value) if value.is_rational_function() else value
        return [Term("window", value, -1 / gamma, condition=guard)] if value != 0 else []
    small, large = (coefficient_of(end, meeting) for end in (transform.small, transform.large))
    finite = finite_part(transform, -meeting)
    window = [
        Term("window", (small - large) / gamma, -meeting, scale_log=1),
        Term("window", finite / gamma, -meeting),
    ]
    return [term for term in window if term.coefficient != 0]


def break_terms(point: Break, gamma: sp.Expr) -> list[Term]:
    """What the sum can differ by because F is not smooth at a point: half a jump, and a twelfth of a jump in slope.

    The Euler-Maclaurin remainder of a jump is -B_{j+1}({k_0})/(j+1)! times it: bounded, and fluctuating with the
    position of the break between two atoms, so it belongs to no power and limits every expansion.
    """
    step, kink = point.jumps[0], point.jumps[1]
    terms = []
    if step != 0:
        terms.append(Term("edge", sp.Abs(step) / 2, sp.S.Zero))
    if kink != 0:
        value = sp.Abs(kink) * gamma * point.location ** (1 + 1 / gamma) / 12
        terms.append(Term("edge", value, 1 / gamma))
    return terms


def uniform_tail(problem: PowerSum) -> tuple[sp.Expr, sp.Expr]:
    """The edge at k ~ d, exact in u_d = d^{-γ}/τ: -∫_d^∞ F dk + F(u_d)/2 - (γ/12d) u F'(u_d), as a pair with the rest.

    Add the first entry to the head and window terms of the infinite sum in place of the tail terms: it holds
    at τ ~ d^{-γ} as well. The second entry is the size of the first omitted term. k-integration is written in u.

    Examples
    --------
    >>> u = sp.Symbol("u", positive=True)
    >>> uniform_tail(PowerSum(u**2, u, sp.Integer(1)))[0].doit().expand()
    -1/(dim*noise_level**2) + 1/(2*dim**2*noise_level**2) - 1/(6*dim**3*noise_level**2)
    """
    u, gamma, tau, count = problem.variable, problem.decay, problem.scale, problem.count
    edge = count ** (-gamma) / tau
    integral = sp.Integral(problem.function * u ** (-1 / gamma - 1), (u, 0, edge)) * tau ** (-1 / gamma) / gamma
    euler = u * sp.diff(problem.function, u)
    correction = problem.function / 2 - gamma / count * euler / 12
    third = gamma**3 * u * sp.diff(u * sp.diff(euler, u), u) / (720 * count**3)
    return -integral + correction.subs(u, edge), sp.Abs(third.subs(u, edge))
