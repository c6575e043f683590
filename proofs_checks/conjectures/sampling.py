"""Where the numeric witness looks: points of a range and scales of the large parameter, chosen before anything is solved.

Points are exact points of the pieces into which the derived laws divide the range, whatever is claimed there, a plain one
and one with nothing special about it. Scales follow from how far a point lies from the nearest wall, and from the edge of
the domain, since corrections die like large^(-distance).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sympy as sp

from .pieces import Piece
from .ranges import Ground
from .solving import number_at

MAX_POINTS = 4
"""Points at which a range is solved: at ten scales each this is a second for the networks."""
SCALES = 10
STEPS_ASIDE = tuple(sp.Rational(sign * 37, size) for size in (100, 190, 310, 530, 970, 1730) for sign in (1, -1))
"""From a first point to a further one, as shares of 1 + |value|, the largest that stay inside taken first."""
AS_FAR = 0.6
"""How far from the walls a further point is at least, as a share of the first one's distance."""
LEAST, MOST = 2.0, 6.0
"""Corrections like large^(-distance) are followed from 10^-2 to 10^-6."""
SHORTEST = 4.0
"""Decades of the large parameter, whatever the distance."""
LARGEST_DECADE, SMALLEST_DECADE = 14.0, 2.0
LEAST_LOG10 = 250.0
"""Observables stay above 10^-250, inside the range of doubles."""
EXPONENTIAL_DECADE = 1.6
"""exp(-n^gap) is followed until n^gap is 40, about 10^-17: what falls faster than every power leaves the doubles soon."""
CLOSE = 1.5
"""Distance times decades below which a point is too near a wall: corrections are then above 10^-1.5 at the largest scale."""
MANY_DECADES = 3.0
"""Of the constants of equations that the machine cannot read: with more, terms may take over beyond every scale."""


@dataclass(frozen=True)
class Chosen:
    """A point of a piece; a `further` one beside a first can contradict, and is no evidence missing where it cannot tell."""

    piece: Piece
    point: Mapping[str, sp.Expr]
    further: bool = False


def chosen(pieces: Sequence[Piece]) -> tuple[list[Chosen], bool]:
    """One point a piece, the widest pieces first, then a further one as long as points are left; and whether each has one."""
    known = [piece for piece in pieces if piece.law is not None]
    ordered = sorted(known, key=lambda piece: -len(piece.stratum.variables))
    plain = [Chosen(piece, point) for piece in ordered[:MAX_POINTS] if (point := plain_point(piece)) is not None]
    beside = [
        Chosen(at.piece, point, further=True)
        for at in plain[: MAX_POINTS - len(plain)]
        if (point := further_point(at.piece, at.point)) is not None
    ]
    return plain + beside, len(plain) == len(pieces)


def further_point(piece: Piece, first: Mapping[str, sp.Expr]) -> Mapping[str, sp.Expr] | None:
    """A second point of a piece, none of whose coordinates is special, about as far from the walls as the first one.

    At 1/2, 1 or 2, and where two parameters are equal, wrong formulas agree with right ones.
    """
    stratum = piece.stratum
    if not stratum.variables or not all(value.is_Rational for value in first.values()):
        return None
    spread = [(v, [first[v.name] + step * (1 + abs(first[v.name])) for step in STEPS_ASIDE]) for v in stratum.variables]
    for turn in range(len(STEPS_ASIDE)):
        # Each symbol takes another step, so that equal ones part.
        values = {v: several[(turn + 3 * place) % len(several)] for place, (v, several) in enumerate(spread)}
        inside = all(value > 0 for v, value in values.items() if v.is_positive)
        if inside and all(form.subs(values).is_positive for form in stratum.positive):
            solved = {s.name: sp.sympify(e).subs(values) for s, e in stratum.values.items()}
            point = {**{v.name: value for v, value in values.items()}, **solved}
            if distance(piece, point) >= AS_FAR * distance(piece, first):
                return point
    return None


def plain_point(piece: Piece) -> Mapping[str, sp.Expr] | None:
    """A point of the piece in short decimals near the one that the exact methods give, if there is one; else that one."""
    first = piece.stratum.point()
    if first is None or not all(value.is_Rational for value in first.values()):
        return first
    for size in (1, 2, 4, 5, 10, 20, 40, 50, 100):
        values = {v: sp.Rational(round(first[v.name] * size), size) for v in piece.stratum.variables}
        signed = all(value > 0 for v, value in values.items() if v.is_positive)
        if signed and all(form.subs(values).is_positive for form in piece.stratum.positive):
            solved = {s.name: sp.sympify(e).subs(values) for s, e in piece.stratum.values.items()}
            if all((1000 % value.q) == 0 for value in solved.values() if value.is_Rational):
                return {**{v.name: value for v, value in values.items()}, **solved}
    return first


def distance(piece: Piece, point: Mapping[str, sp.Expr]) -> float:
    """How far a point lies from the walls of its law, in exponents."""
    forms = [] if piece.law is None else piece.law.positive
    values = [number_at(piece.stratum.at(form), point) for form in forms if form.free_symbols]
    plain = [float(form) for form in forms if form.is_number and form.is_finite and abs(form) != 1]
    gap = 1.0 if piece.law is None else piece.law.gap
    return max(1e-3, min([1.0, gap, *values, *plain]))


def scales_for(
    piece: Piece,
    point: Mapping[str, sp.Expr],
    largest: float,
    on_wall: bool = False,
    offset: float = 0.0,
    edge: float = 1.0,
) -> tuple[tuple[float, ...], bool]:
    """Geometric scales for the expected rate of convergence, and whether they end too early for it.

    On a wall the rate is not known: there the largest scales are taken, and without a law all that there are. Factors move
    walls by `offset` decades of the controls, which only larger scales make up for. `edge` is the distance from the edge of
    the domain, where sums cease to converge.
    """
    gap = min(distance(piece, point), edge)
    law = piece.law
    if law is not None and law.exponent == -sp.oo and not on_wall:
        last = min(LARGEST_DECADE, math.log10(largest), EXPONENTIAL_DECADE / gap)
        return tuple(dict.fromkeys(_geometric(max(0.4, last / SHORTEST), last))), False
    exponent = 0.0
    if law is not None and law.exponent is not None and law.exponent.is_finite is not False:
        exponent = abs(number_at(piece.stratum.at(law.exponent), point))
    cap = min(LARGEST_DECADE, math.log10(largest), LEAST_LOG10 / max(exponent, 1e-9))
    unread = law is not None and law.exponent is None
    high = cap if on_wall or unread else min(cap, max((MOST + offset) / gap, SMALLEST_DECADE + SHORTEST))
    low = max(
        min((LEAST + offset) / gap, high - SHORTEST), SMALLEST_DECADE if high - SHORTEST >= SMALLEST_DECADE else 0.5
    )
    if unread:
        low = SMALLEST_DECADE
        return _geometric(low, high), offset > MANY_DECADES
    return _geometric(low, high), gap * high - offset < CLOSE


def _geometric(low: float, high: float) -> tuple[float, ...]:
    steps = [10 ** (low + (high - low) * k / (SCALES - 1)) for k in range(SCALES)]
    return tuple(float(round(step)) if step < 1e15 else step for step in steps)


def _offset(ground: Ground, point: Mapping[str, sp.Expr]) -> float:
    """Decades of the factors on the path, of controls beyond one decade, and of the constants of a user's equations."""
    factors = [number_at(m.factor, point) for m in ground.setting.path.values() if not m.vanishes]
    controls = {c.name for c in ground.record.controls if not c.domain.words}
    given = {name: value for name, value in {**point, **ground.setting.values}.items() if name in controls}
    sizes = [abs(math.log10(value)) for name in given if (value := number_at(given[name], point)) > 0]
    return (
        ground.spread
        + sum(abs(math.log10(factor)) for factor in factors if factor > 0)
        + sum(max(0.0, size - 1.0) for size in sizes)
    )


def scales_at(
    ground: Ground, piece: Piece, point: Mapping[str, sp.Expr], largest: bool = False
) -> tuple[tuple[float, ...], bool]:
    """The scales for a point of a piece, the largest that there are on walls; and whether they end too early."""
    control = next(c for c in ground.record.controls if c.name == ground.diagram.large)
    upper = control.domain.upper if math.isfinite(control.domain.upper) else 1e300
    widest = max((len(other.stratum.variables) for other in ground.pieces), default=0)
    on_wall = largest or len(piece.stratum.variables) < widest
    return scales_for(piece, point, upper, on_wall, _offset(ground, point), _from_edge(ground, point))


def _from_edge(ground: Ground, point: Mapping[str, sp.Expr]) -> float:
    """How far the exponents that are parameters lie above the lower ends of their domains; Σ k^-2γ converges like d^(1-2γ)."""
    shapes = [c for c in ground.record.controls if c.name in ground.record.phase_parameters and not c.domain.words]
    given = {**point, **ground.setting.values}
    gaps = [2.0 * (number_at(given[c.name], point) - c.domain.lower) for c in shapes if c.name in given]
    return max(1e-3, min([1.0, *gaps]))
