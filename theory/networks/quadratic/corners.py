"""What R and dof of N4 do in each corner of (σ, t): bulk in closed form, spikes by N8, summed by the power-sum lemma.

A spike s > σ among few (k ≪ d) makes an eigenvalue y = s + σ²/s outside the bulk; the bulk stays the semicircle of radius
2σ. Where all d teacher eigenvalues stand above σ and t, nothing is cut off and Y - t is the teacher, shifted, plus noise.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from functools import cache

import sympy as sp

from ...asymptotics.power_sums import Position, PowerSum, expand
from ...derivation import Derivation, Step
from ...identities import DerivationError, proved
from ...symbols import decay, dim, threshold
from . import semicircle
from .letters import spread

signal_ratio = sp.Symbol("signal_ratio", positive=True)
"""v = s/σ (or s/t where t ≫ σ), one teacher eigenvalue."""
spread_exponent = sp.Symbol("x_spread", real=True)
"""Exponent of d in σ."""
threshold_exponent = sp.Symbol("x_threshold", real=True)
"""Exponent of d in t."""
edge_exponent = sp.Symbol("x_edge", real=True)
"""Exponent of d in ε = 1 - t/(2σ)."""

ratio, edge_distance = semicircle.ratio, semicircle.edge_distance
_HALF = sp.Rational(1, 2)


class Place(enum.Enum):
    """Where the threshold stands with respect to the noise bulk."""

    OUTSIDE = "the threshold is far above the bulk"
    EDGE = "the threshold is just inside the edge of the bulk"
    CENTRE = "the threshold is small against the bulk"


@dataclass(frozen=True)
class CornerTerm:
    """coefficient · σ^spread_power · t^threshold_power · ε^edge_power · d^dim_power; `source` is bulk or spikes."""

    coefficient: sp.Expr
    spread_power: sp.Expr
    threshold_power: sp.Expr
    edge_power: sp.Expr
    dim_power: sp.Expr
    source: str

    @property
    def expression(self) -> sp.Expr:
        """The term as a formula."""
        powers = spread**self.spread_power * threshold**self.threshold_power * edge_distance**self.edge_power
        return self.coefficient * powers * dim**self.dim_power

    @property
    def order(self) -> sp.Expr:
        """Exponent of d, affine in those of σ, t and ε."""
        own = self.spread_power * spread_exponent + self.threshold_power * threshold_exponent
        return sp.expand(own + self.edge_power * edge_exponent + self.dim_power)


@dataclass(frozen=True)
class CornerSums:
    """R and dof in one corner, as sums of monomials; `position` is that of t (outside) or σ among the spikes.

    `further` holds the next terms of R: where the power sum starts (k = 1) and ends (k = d), noise on learned spikes.
    """

    place: Place
    position: Position
    risk: tuple[CornerTerm, ...]
    dof: tuple[CornerTerm, ...]
    further: tuple[CornerTerm, ...] = ()


@cache
def spike_law() -> Derivation:
    """Risk and divergence of one learned spike, in units of σ², by N8, and again by Stein's estimate (N4).

    With y = v + 1/v, overlap 1 - 1/v², η = y - x: risk η² - 2ηv(1 - 1/v²) + v², divergence η/v (times d), since
    the Cauchy transform at an outlier is 1/s. Stein: what all eigenvalues below and at x lose, Σ min(y, x)² - d + 4 η/v.

    When this is wrong: for spikes that crowd (k ≳ d), or within the bulk's threshold window (s - σ ≲ σ/√d).

    Raises
    ------
    DerivationError
        If the two do not agree exactly.

    Examples
    --------
    >>> sp.expand(spike_law().values["risk"])
    threshold_over_spread**2 + 2 - 4*threshold_over_spread/signal_ratio + 3/signal_ratio**2
    """
    place, overlap = signal_ratio + 1 / signal_ratio, 1 - signal_ratio**-2
    kept = place - ratio
    risk = kept**2 - 2 * kept * signal_ratio * overlap + signal_ratio**2
    divergence = kept / signal_ratio
    # Σ y² = d + v² in units of σ², so the bulk's eigenvalues lose y² - v² to the outlier, which keeps x².
    stein = signal_ratio**2 - place**2 + ratio**2 + 4 * divergence
    steps = (
        Step("Position of the outlier.", place, "N8, isolated spike"),
        Step("Squared overlap with the teacher's direction.", overlap, "N8, isolated spike"),
        Step("Divergence over the dimension.", divergence, "Cauchy transform of the bulk at the outlier is 1/s"),
        proved("Direct risk and Stein's estimate agree.", risk, stein, "difference exactly zero"),
    )
    values = {"risk": risk, "divergence": divergence, "position": place, "overlap": overlap}
    references = ("benaych2011eigenvalues", "stein1981estimation")
    return Derivation("One learned spike", steps, (), risk, values, references)


def at_edge(quantity: str) -> sp.Expr:
    """`spike_law` with the threshold at the edge of the bulk, where every spike above σ is learned.

    Examples
    --------
    >>> sp.expand(at_edge("risk"))
    6 - 8/signal_ratio + 3/signal_ratio**2
    """
    return sp.expand(spike_law().values[quantity].subs(ratio, 2))


def far_above(quantity: str) -> sp.Expr:
    """`spike_law` for t ≫ σ, in units of t² (risk) and 1 (divergence), with v = s/t.

    Examples
    --------
    >>> far_above("risk"), far_above("divergence")
    (1, (signal_ratio - 1)/signal_ratio)
    """
    unit = ratio**2 if quantity == "risk" else sp.S.One
    scaled = sp.expand(spike_law().values[quantity].subs(signal_ratio, signal_ratio * ratio) / unit)
    return sp.limit(scaled, ratio, sp.oo)


def window(below: sp.Expr, above: sp.Expr) -> sp.Expr:
    """Coefficient of scale^{-1/γ} in Σ F(k^{-γ}/scale), F = `below` for u < 1 and `above` (powers of 1/u) beyond.

    F is cut into pieces with a kink at 1, each expanded and compared with its sum by the lemma (A1).

    Examples
    --------
    >>> window(signal_ratio**2, sp.S.One)
    2*decay/(2*decay - 1)
    """
    return sp.factor(_by_origin(below, above, "window"))


def head(below: sp.Expr, above: sp.Expr) -> sp.Expr:
    """The constant that the discreteness of k leaves in the same sum: F(∞) ζ(0).

    Examples
    --------
    >>> head(signal_ratio**2, sp.S.One)
    -1/2
    """
    return sp.factor(_by_origin(below, above, "head"))


def _by_origin(below: sp.Expr, above: sp.Expr, origin: str) -> sp.Expr:
    u, value = signal_ratio, above.subs(signal_ratio, 1)
    if below.subs(u, 1) != value:
        raise DerivationError(f"expected a continuous function, got {below} below and {above} above 1")
    total = sp.S.Zero
    if value != 0:
        total += value * _piece(sp.Piecewise((below / value, u < 1), (sp.S.One, True)), origin)
    for power, coefficient in sp.Poly(sp.expand(above).subs(u, 1 / u), u).as_dict().items():
        if power[0] != 0:
            total += coefficient * _piece(sp.Piecewise((sp.S.Zero, u < 1), (u ** -power[0] - 1, True)), origin)
    return total


@cache
def _piece(function: sp.Expr, origin: str) -> sp.Expr:
    found = expand(PowerSum(function, signal_ratio), Position.INSIDE)
    wanted = -1 / decay if origin == "window" else sp.S.Zero
    return sp.Add(*(t.coefficient for t in found.terms if t.origin == origin and t.scale_power == wanted))


def _spike_term(coefficient: sp.Expr, units: int, in_threshold: bool, more_dim: int) -> CornerTerm:
    """coefficient · (scale/√d)^{units - 1/γ} · d^more_dim, with scale t or σ."""
    power = units - 1 / decay
    powers = (sp.S.Zero, power) if in_threshold else (power, sp.S.Zero)
    return CornerTerm(coefficient, *powers, sp.S.Zero, sp.expand(more_dim - power / 2), "spikes")


def _bulk_term(coefficient: sp.Expr, power: sp.Expr, edge: bool, risk: bool) -> CornerTerm:
    """coefficient · (2σ² or d²) · (ε or t/σ)^power: R = 2 ∫ η² and dof = d² ∫ η H over the bulk."""
    front, spread_power, dim_power = (2, 2, 0) if risk else (1, 0, 2)
    if edge:
        return CornerTerm(
            front * coefficient, sp.Integer(spread_power), sp.S.Zero, power, sp.Integer(dim_power), "bulk"
        )
    return CornerTerm(front * coefficient, spread_power - power, power, sp.S.Zero, sp.Integer(dim_power), "bulk")


def _monomial(
    coefficient: sp.Expr,
    source: str,
    spread_power: sp.Expr = sp.S.Zero,
    threshold_power: sp.Expr = sp.S.Zero,
    dim_power: sp.Expr = sp.S.Zero,
) -> CornerTerm:
    """A term without ε."""
    return CornerTerm(coefficient, spread_power, threshold_power, sp.S.Zero, dim_power, source)


def _unlearned() -> CornerTerm:
    """Nothing is learned: R = (2/d) ‖S*‖² = 2 ζ(2γ)."""
    return _monomial(2 * sp.zeta(2 * decay), "spikes")


def _beyond_teacher() -> CornerTerm:
    """The teacher stops at k = d: its unlearned power lacks 2 Σ_{k > d} k^{-2γ}, the tail term of the lemma."""
    found = expand(PowerSum(signal_ratio**2, signal_ratio), Position.ABOVE)
    tail = next(t.coefficient for t in found.terms if t.origin == "tail" and t.count_power == 1 - 2 * decay)
    return _monomial(2 * tail, "spikes", dim_power=1 - 2 * decay)


def _start(coefficient: sp.Expr, in_threshold: bool) -> CornerTerm:
    """2 · coefficient · scale²/d, what the first spikes differ by from the integral over k."""
    powers = (sp.S.Zero, sp.Integer(2)) if in_threshold else (sp.Integer(2), sp.S.Zero)
    return CornerTerm(2 * coefficient, *powers, sp.S.Zero, sp.S.NegativeOne, "spikes")


def _learned_noise() -> CornerTerm:
    """The next order of the risk of spikes above t ≫ σ, in units of σ²: 2 - 4/w at w = s/t, integrated over w > 1."""
    risk = sp.expand(spike_law().values["risk"].subs(signal_ratio, signal_ratio * ratio))
    next_order = sp.limit(risk - ratio**2 * far_above("risk"), ratio, sp.oo)
    density = signal_ratio ** (-1 / decay - 1) / decay
    total = sp.factor(sp.Add(*(_tail_integral(part * density) for part in sp.Add.make_args(sp.expand(next_order)))))
    inverse = -1 / decay
    return CornerTerm(2 * total, sp.Integer(2), inverse, sp.S.Zero, sp.expand(-1 - inverse / 2), "spikes")


def _tail_integral(monomial: sp.Expr) -> sp.Expr:
    """∫_1^∞ of a falling power."""
    coefficient, power = sp.powsimp(monomial).as_coeff_exponent(signal_ratio)
    return sp.simplify(-coefficient / (power + 1))


def _all_learned(place: Place) -> tuple[tuple[CornerTerm, ...], tuple[CornerTerm, ...]]:
    """η = · - t on all of Y: E‖τG - t‖² = τ²D + t²d, so R = 2σ² + 2t² exactly, and every coordinate is free, dof = d²/2."""
    noise = _monomial(sp.Integer(2), "bulk", spread_power=sp.Integer(2))
    bias = _monomial(sp.Integer(2), "spikes", threshold_power=sp.Integer(2))
    order = (bias, noise) if place is Place.OUTSIDE else (noise, bias)
    return order, (_monomial(_HALF, "bulk", dim_power=sp.Integer(2)),)


def _bulk(end: semicircle.End, edge: bool, risk: bool) -> tuple[CornerTerm, ...]:
    first = _bulk_term(end.coefficient, end.power, edge, risk)
    return (first,) if edge else (first, _bulk_term(end.next_coefficient, end.next_power, edge, risk))


@cache
def corner_sums(place: Place, position: Position) -> CornerSums:
    """R and dof in one corner, leading terms of bulk and spikes.

    When this is wrong: on lines between corners, where two scales agree; and where the bulk is learned whole (CENTRE,
    INSIDE) the spikes' own share is left out, of relative size (number of spikes)/d.

    Raises
    ------
    ExpansionMismatch
        If a power sum does not agree with its expansion.

    Examples
    --------
    >>> corner_sums(Place.OUTSIDE, Position.BELOW).risk[0].expression
    2*threshold**2
    >>> [term.source for term in corner_sums(Place.EDGE, Position.INSIDE).risk]
    ['spikes', 'bulk']
    """
    if position is Position.BELOW:
        if place is Place.EDGE:
            raise ValueError("place: with all spikes above the noise the bulk is no semicircle and has no edge at 2σ")
        return CornerSums(place, position, *_all_learned(place))
    if place is Place.OUTSIDE:
        learned = (_start(head(signal_ratio**2, far_above("risk")), True), _learned_noise())
        more = learned if position is Position.INSIDE else ()
        return CornerSums(place, position, *_outside(position), (*more, _beyond_teacher()))
    if place is Place.EDGE:
        bulk_risk, bulk_dof = (_bulk(e, True, r) for e, r in _edges())
        inside = position is Position.INSIDE
        spikes = _edge_spikes() if inside else ((_unlearned(),), ())
        start = (_start(head(signal_ratio**2, at_edge("risk")), False),) if inside else ()
        further = (*start, _beyond_teacher())
        return CornerSums(place, position, (*spikes[0], *bulk_risk), (*spikes[1], *bulk_dof), further)
    bulk_risk, bulk_dof = (_bulk(e, False, r) for e, r in _centres())
    return CornerSums(place, position, bulk_risk, bulk_dof)


# Derived when asked for, not when this module is loaded: the names of the phases are wanted without.
@cache
def _edges() -> tuple[tuple[semicircle.End, bool], ...]:
    return (semicircle.edge_power(), True), (semicircle.edge_divergence(), False)


@cache
def _centres() -> tuple[tuple[semicircle.End, bool], ...]:
    return (semicircle.centre_power(), True), (semicircle.centre_divergence(), False)


def _outside(position: Position) -> tuple[tuple[CornerTerm, ...], tuple[CornerTerm, ...]]:
    if position is Position.ABOVE:
        return (_unlearned(),), ()
    bias = window(signal_ratio**2, far_above("risk"))
    learned = window(sp.S.Zero, far_above("divergence"))
    return (_spike_term(2 * bias, 2, True, 0),), (_spike_term(learned, 0, True, 1),)


def _edge_spikes() -> tuple[tuple[CornerTerm, ...], tuple[CornerTerm, ...]]:
    risk = window(signal_ratio**2, at_edge("risk"))
    learned = window(sp.S.Zero, at_edge("divergence"))
    return (_spike_term(2 * risk, 2, False, 0),), (_spike_term(learned, 0, False, 1),)
