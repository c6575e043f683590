"""The phase diagram of the quadratic network out of the dominant-balance engine (theory.md N5, A2, A3).

N4 goes in as it stands (deterministic closure, p = d); R and dof enter by their corners, whose contents `corners` derives.
The engine finds every balance, its region, its constants, and the laws on the boundaries; `phases` solves corner by
corner. The plane is all of (a, b): u = n/d = dim**a may be below one.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import sympy as sp
from sympy.core.function import AppliedUndef

from ...asymptotics.balance import Balance
from ...asymptotics.phase_diagram import Boundary, PhaseDiagram, phase_diagrams
from ...asymptotics.power_sums import Position
from ...asymptotics.scales import order_one
from ...asymptotics.systems import Condition, Corner, CornerFunction, System, much_less, same_scale
from ...symbols import a, b, decay, dim, noise, penalty, samples, threshold
from ..diagrams import dof_scale, positive_noise, put_back, single, teacher_power
from . import semicircle
from .corners import CornerSums, CornerTerm, Place, corner_sums, far_above
from .edge_line import closed_laws, line_laws, relative_decay, relative_decay_on
from .letters import spread
from .peak import peak, peak_laws, trace_law
from .semicircle import edge_distance
from .state_equations import balances, degrees_of_freedom, excess_risk

CORNER_NAMES: dict[tuple[Place, Position], str] = {
    (Place.EDGE, Position.ABOVE): "Ia",
    (Place.OUTSIDE, Position.ABOVE): "Ib",
    (Place.OUTSIDE, Position.INSIDE): "II",
    (Place.OUTSIDE, Position.BELOW): "III",
    (Place.EDGE, Position.INSIDE): "IV",
    (Place.CENTRE, Position.INSIDE): "VIa",
    (Place.CENTRE, Position.BELOW): "VIb",
}
"""N5's label of each corner. At the edge among the spikes it is IV where the spikes carry the risk, V where the bulk does."""


def constants() -> dict[sp.Symbol, sp.Expr]:
    """Positive symbols that stand for the coefficients of the corners, each with its value.

    Examples
    --------
    >>> constants()[teacher_power]
    zeta(2*decay)
    """
    return {teacher_power: sp.zeta(2 * decay), positive_noise: noise, **{s: v for v, s in _symbols().items()}}


@cache
def _symbols() -> dict[sp.Expr, sp.Symbol]:
    """A symbol for the size of each coefficient that is no rational number; that it is positive for γ > 1/2 a test proves."""
    found: dict[sp.Expr, sp.Symbol] = {}
    for place, position in CORNER_NAMES:
        sums = corner_sums(place, position)
        for term in (*sums.risk, *sums.dof):
            size = -term.coefficient if term.coefficient.could_extract_minus_sign() else term.coefficient
            if not size.is_Rational and not size.has(sp.zeta):
                found.setdefault(size, sp.Symbol(f"coefficient_{len(found) + 1}", positive=True))
    return found


def _sum_of(terms: tuple[CornerTerm, ...]) -> sp.Expr:
    """Terms as an expression, irrational coefficients as symbols."""
    total = sp.S.Zero
    for term in terms:
        sign = -1 if term.coefficient.could_extract_minus_sign() else 1
        name = _symbols().get(sign * term.coefficient, sign * term.coefficient)
        total += sign * name * term.expression / term.coefficient
    return total.subs(sp.zeta(2 * decay), teacher_power)


def _kept(sums: CornerSums) -> dict[sp.Symbol, sp.Expr]:
    """Leading terms; at the edge bulk and spikes, at the centre also the linear terms, which decide where the first cancel."""
    risk, dof = sums.risk, sums.dof
    if sums.place is Place.OUTSIDE or sums.position is Position.BELOW:
        risk, dof = risk[:1], dof[:1]
    return {excess_risk: _sum_of(risk), dof_scale: _sum_of(dof)}


_LARGEST = sp.sqrt(dim)
_SMALLEST = dim ** (sp.Rational(1, 2) - decay)


def _place(position: Position, scale: sp.Expr) -> tuple[Condition, ...]:
    """The position of a scale among the teacher's eigenvalues √d ... √d d^{-γ}."""
    below, above = much_less(scale, _SMALLEST), much_less(_LARGEST, scale)
    inside = (much_less(_SMALLEST, scale), much_less(scale, _LARGEST))
    return {Position.ABOVE: (above,), Position.INSIDE: inside, Position.BELOW: (below,)}[position]


def _name(place: Place, position: Position) -> str:
    return f"{place.name} {position.name}"


def _plain_corner(place: Place, position: Position) -> Corner:
    """A corner in which t ≫ σ, t = 2σ(1 - ε) or t ≪ σ."""
    ratio = {
        Place.OUTSIDE: (much_less(spread, threshold),),
        Place.CENTRE: (much_less(threshold, spread),),
        Place.EDGE: (much_less(edge_distance, 1),),
    }[place]
    where = _place(position, threshold if place is Place.OUTSIDE else spread)
    values = _kept(corner_sums(place, position))
    # t is tied to σ at the edge; elsewhere there is no ε, and one stands for it.
    values |= {threshold: 2 * spread} if place is Place.EDGE else {edge_distance: sp.S.One}
    return Corner(_name(place, position), (*ratio, *where), values)


def _inner_corner(position: Position) -> Corner:
    """t ≍ σ inside the bulk: R and dof of the bulk as functions of t/σ; all spikes learned if they stand above σ.

    The functions (`semicircle.power_above`, `divergence_above`) have names only: `edge_line` has the laws where they matter.
    """
    values: dict[sp.Symbol, sp.Expr] = {edge_distance: sp.S.One}
    if position is Position.BELOW:
        values |= {excess_risk: 2 * spread**2 + 2 * threshold**2, dof_scale: dim**2 / 2}
    else:
        ratio = threshold / spread
        values[excess_risk] = (
            2 * spread**2 * order_one(sp.Function("bulk_power")(threshold), ratio, below=sp.Rational(1, 2))
        )
        values[dof_scale] = dim**2 * order_one(sp.Function("bulk_share")(threshold), ratio, below=sp.Rational(1, 4))
    conditions = (same_scale(threshold, spread), *_place(position, spread))
    return Corner(f"INNER {position.name}", conditions, values)


def _bottom_corner() -> Corner:
    """t ≫ σ at the smallest teacher eigenvalue: Σ min(s, t)² over all d is t² d times a function of c = t/s_d."""
    shape = sp.Symbol("c", positive=True)
    learned = corner_sums(Place.OUTSIDE, Position.INSIDE).risk[0].coefficient / 2
    # Integral of min(k^{-γ}, T)²: the window minus the teacher beyond k = d.
    crowd = learned * shape ** (-1 / decay) - shape**-2 / (2 * decay - 1)
    value = sp.Piecewise((crowd, shape > 1), (1, True)).subs(shape, threshold)
    values = {
        excess_risk: 2 * threshold**2 * order_one(value, threshold / _SMALLEST, below=sp.Integer(1)),
        dof_scale: dim**2 * order_one(sp.Function("learned_share")(threshold), threshold / _SMALLEST, below=sp.S.Half),
        edge_distance: sp.S.One,
    }
    return Corner("OUTSIDE BOTTOM", (much_less(spread, threshold), same_scale(threshold, _SMALLEST)), values)


def _crossing_corner() -> Corner:
    """t ≪ σ at the smallest teacher eigenvalue: teacher and bulk merge, and the shares are no closed form, but of order one."""
    half = sp.Rational(1, 2)
    noise_share, learned = (sp.Function(name)(spread) for name in ("noise_share", "learned_share"))
    values = {
        excess_risk: 2 * spread**2 * order_one(noise_share, spread / _SMALLEST, above=half, below=sp.S.One),
        dof_scale: dim**2 * order_one(learned, spread / _SMALLEST, below=half),
        edge_distance: sp.S.One,
    }
    return Corner("CENTRE BOTTOM", (much_less(threshold, spread), same_scale(spread, _SMALLEST)), values)


def _top_corner() -> Corner:
    """t ≫ σ at the largest teacher eigenvalue: Σ min(s, t)² one by one, by Hurwitz's zeta function."""
    scale = threshold  # in the engine t stands for its constant, t/√d
    above = sp.floor(scale ** (-1 / decay))
    total = 2 * (above * scale**2 * far_above("risk") + sp.zeta(2 * decay, above + 1))
    values = {
        excess_risk: order_one(total, threshold / _LARGEST),
        dof_scale: dim * order_one(above + 1, threshold / _LARGEST),
        edge_distance: sp.S.One,
    }
    return Corner("OUTSIDE TOP", (much_less(spread, threshold), same_scale(threshold, _LARGEST)), values)


@cache
def threshold_corners() -> CornerFunction:
    """R and dof of N4 in all corners of (σ, t), derived in `corners`.

    Examples
    --------
    >>> len(threshold_corners().corners)
    14
    """
    plain = [(p, q) for p in Place for q in Position if (p, q) != (Place.EDGE, Position.BELOW)]
    corners = [_plain_corner(*corner) for corner in plain] + [_inner_corner(position) for position in Position]
    return CornerFunction("threshold", (*corners, _bottom_corner(), _crossing_corner(), _top_corner()))


def balance_system() -> System:
    """N4 as a system of balances in σ, t, ε, R and dof: n = dim**(a + 1), Λ = λ d = dim**(b + 1), γ > 1/2 (A2).

    Examples
    --------
    >>> balance_system().unknowns
    (spread, threshold, edge_distance, excess_risk, dof_scale)
    """
    renamed = {degrees_of_freedom: dof_scale, noise: positive_noise}
    exact = balances().values
    return System(
        dim,
        (spread, threshold, edge_distance, excess_risk, dof_scale),
        {samples: dim ** (a + 1), penalty: dim ** (b + 1)},
        (a, b),
        (exact["noise"].subs(renamed), exact["penalty"].subs(renamed)),
        (),
        {decay: (sp.Gt(decay, sp.Rational(1, 2)),)},
        (threshold_corners(),),
    )


def corner_label(balance: Balance) -> str:
    """N5's label of the corner in which a balance was found; the corner's own name where N5 has none.

    V is the edge corner among the spikes where the learned bulk carries the risk.
    """
    name = balance.corners[0].removeprefix("threshold: ")
    label = {_name(*corner): label for corner, label in CORNER_NAMES.items()}.get(name, name)
    if label == "IV" and sp.expand(_bulk_order(balance) - balance.exponents[excess_risk]) == 0:
        return "V"
    return label


def _bulk_order(balance: Balance) -> sp.Expr:
    """Exponent of d in the bulk's part of R at the edge."""
    found = balance.exponents
    return 2 * found[spread] + semicircle.edge_power().power * found[edge_distance]


@cache
def phase_diagram() -> PhaseDiagram:
    """The phase diagram of the quadratic network for symbolic γ > 1/2, by the engine (N5, A3).

    Its constants contain symbols of `constants`: see `restored`.

    Raises
    ------
    NoSingleDiagram
        If chambers of γ have different diagrams.

    Examples
    --------
    >>> sorted(found.name for found in phase_diagram().phases)
    ['II', 'III', 'IV', 'Ia', 'Ib', 'V', 'VIa', 'VIb']
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
    return put_back(expression, constants())


@cache
def boundaries() -> tuple[Boundary, ...]:
    """All boundaries of the diagram, the peak among them, in the symbols of theory.md (N5).

    `constant` is that of u = dim**a, λ = dim**b exactly. On b = (a - 1)/2 the laws of `edge_line` stand at
    κ = 1/(4√Δ): where the exponent jumps there, it depends on whether κ exceeds one, and is left out.

    Examples
    --------
    >>> [found.exponent for found in boundaries() if found.equation.lhs == a and found.equation.rhs.has(sp.log)]
    [-2*b/3, Min(1, 2*decay - 1)]
    """
    return _boundaries(phase_diagram(), _SAMPLE)


@cache
def boundaries_at(value: sp.Rational) -> tuple[Boundary, ...]:
    """The boundaries at one exact γ, several times faster than for every γ.

    When this is wrong: at γ = 1 the saturated peak has a factor (log dim)^-2, and its `log` is left out.

    Examples
    --------
    >>> [found.exponent for found in boundaries_at(sp.Integer(2)) if found.equation.rhs.has(sp.log)]
    [-2*b/3, 1]
    """
    return tuple(_at(found, value) for found in _boundaries(phase_diagram_at(value), value))


def _at(found: Boundary, value: sp.Rational) -> Boundary:
    """γ put in."""
    exponent, constant, log = (
        None if item is None else item.subs(decay, value) for item in (found.exponent, found.constant, found.log)
    )
    if value == 1 and found.constant is None and found.equation.rhs.has(sp.log):
        log = None
    along = tuple(item.subs(decay, value) for item in found.along)
    equation = found.equation.subs(decay, value)
    return replace(found, equation=equation, along=along, exponent=exponent, constant=constant, log=log)


def _boundaries(diagram: PhaseDiagram, sample: sp.Rational) -> tuple[Boundary, ...]:
    found = [_restored_boundary(boundary, diagram, sample) for boundary in diagram.boundaries]
    return (*found, *_peak_boundaries())


def _restored_boundary(found: Boundary, diagram: PhaseDiagram, sample: sp.Rational) -> Boundary:
    """Symbols put back; laws on the line where the threshold enters the bulk from `edge_line`; undefined shares left out."""
    if found.constant is not None:
        value = restored(found.constant)
        return replace(found, constant=None if value.has(AppliedUndef) else value)
    if found.equation == _BULK_LINE:
        return _on_bulk_line(found, sample)
    if found.equation == sp.Eq(a, 0, evaluate=False):
        # 4σ² = d(Δ + 2(σ²/d) Σ f) has a root: at small σ the right side is larger, at large σ it is at most d(Δ + 2ζ(2γ)).
        exponents = {p.exponent.subs(a, 0) for p in diagram.phases if p.name in found.between}
        return replace(found, exponent=exponents.pop(), log=sp.S.Zero) if len(exponents) == 1 else found
    return found


_BULK_LINE = sp.Eq(b, a / 2 - sp.Rational(1, 2), evaluate=False)


def _on_bulk_line(found: Boundary, sample: sp.Rational) -> Boundary:
    """A continuous boundary on the line, with its constant; both sides of κ = 1 where the law is not the same."""
    place = {a: _inside(found.along, sample)}
    laws = [law for law in line_laws() if all(bool(r.subs(place).subs(decay, sample)) for r in law.along)]
    if len({law.exponent for law in laws}) != 1:
        return found
    ratio = {relative_decay: relative_decay_on()}
    pieces = [(law.constant.subs(ratio), law.condition.subs(ratio)) for law in closed_laws(laws)]
    constant = pieces[0][0] if len(pieces) == 1 else sp.Piecewise(*pieces)
    return replace(found, exponent=laws[0].exponent, log=sp.S.Zero, constant=constant)


_SAMPLE = sp.Rational(19, 17)
"""γ at which the segments of the line are matched; they are the same for every γ > 1/2, since the diagram is."""


def _inside(along: tuple[sp.Rel, ...], sample: sp.Rational) -> sp.Expr:
    """A value of a inside a segment, at one γ."""
    ends = [(r.gts if r.lts == a else r.lts, r.lts == a) for r in (relation.subs(decay, sample) for relation in along)]
    upper = [end for end, is_upper in ends if is_upper]
    lower = [end for end, is_upper in ends if not is_upper]
    if upper and lower:
        return (min(upper) + max(lower)) / 2
    return min(upper) - 1 if upper else max(lower) + 1


def _peak_boundaries() -> tuple[Boundary, Boundary]:
    """The line n = d²/4: growth of the peak with falling λ, and where the trace of the teacher stops it.

    At γ = 1 exactly the second has a factor (log d)^{-2}.
    """
    laws = {condition: [law for law in peak_laws() if law.condition == condition] for condition in trace_law()}
    growths, caps = zip(*laws.values())
    level = sp.Min(*(law.exponent for law in caps))
    wall = sp.solve(growths[0].exponent - sp.Symbol("level"), b)[0].subs(sp.Symbol("level"), level)
    offset = sp.log(dim**2 / peak().samples) / sp.log(dim)
    equation = sp.Eq(a, 1 - offset, evaluate=False)
    grown = Boundary(_ACROSS, equation, (b < 0, b > wall), True, growths[0].exponent, sp.S.Zero, growths[0].constant)
    return grown, Boundary(_ACROSS, equation, (b < wall,), True, level, sp.S.Zero, None)


_ACROSS = ("V", "VIa")


def absent_phases() -> dict[str, str]:
    """Phases of the paper that have no open region for this network, with the reason (contract: `notes`): there are none.

    Examples
    --------
    >>> absent_phases()
    {}
    """
    return {}
