"""The numeric witness on a conjecture: the theory solved at growing scales along the path, at points chosen before looking.

Points are exact points of the pieces into which the derived laws divide the range, whatever is claimed there, a plain one and
one with nothing special about it; scales are chosen from how far a point lies from the nearest wall, since corrections die like large^(-distance). Acceptance intervals
are fixed here. A point too close to a wall, and a piece without a point, leave the witness undecided.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import sympy as sp

from scalecheck.numerics.errors import DomainError, NotConverged
from scalecheck.numerics.exponents import (
    Agreement,
    Convergence,
    ExponentEstimate,
    LogStatus,
    compared,
    estimate_exponent,
)

from ..errors import InputError
from ..evidence import Evidence, Firmness, Outcome
from ..laws import TOLERANCE, settle
from ..tables import Cell, Table
from .pieces import Piece
from .ranges import Ground, told
from .solving import number_at, solved, together
from .statements import Place

MAX_POINTS = 4
"""Points at which a range is solved: at ten scales each this is a second for the networks."""
SCALES = 10
RESOLUTION = 0.04
"""Largest half-width of an interval that supports an exponent: neighbours at 1/10 then lie twice outside."""
MARGIN = 0.03
"""How far beyond its interval a claimed exponent must lie for numbers to speak against it."""
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
CLOSE = 1.5
"""Distance times decades below which a point is too near a wall: corrections are then above 10^-1.5 at the largest scale."""
MANY_DECADES = 3.0
"""Of the constants of equations that the machine cannot read: with more, terms may take over beyond every scale."""
STEADY = 1e-3
"""Change of log(observable/large^power) from 10^8 to 10^14 that is allowed where numbers are all there is: (log n)^(1/10)
changes by 0.056, log log n by 0.18, and the status of the logarithm excludes powers of 1/4 and more only."""
WIDE = 0.1
"""Relative distance of an extrapolated constant of a law with logarithms, at least, before numbers speak against it."""


class SeveralSolutionsError(RuntimeError):
    """A user's system has more than one positive solution: whatever is proved of one, nothing says that it is meant."""


@dataclass(frozen=True)
class Curve:
    """An observable at growing scales at one point of the range; `near` says that a wall is too close to trust its slope."""

    point: Mapping[str, sp.Expr]
    scales: tuple[float, ...]
    values: tuple[float, ...]
    errors: tuple[float, ...]
    near: bool
    trouble: str = ""
    piece: Piece | None = None

    @property
    def usable(self) -> bool:
        """Whether enough points were solved."""
        return len(self.scales) >= 7

    @property
    def unread(self) -> bool:
        """Whether numbers are all there is: the machine derived no law."""
        return self.piece is not None and self.piece.law is not None and self.piece.law.exponent is None


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
    return max(1e-3, min([1.0, *values, *plain]))


def scales_for(
    piece: Piece, point: Mapping[str, sp.Expr], largest: float, on_wall: bool = False, offset: float = 0.0
) -> tuple[tuple[float, ...], bool]:
    """Geometric scales for the expected rate of convergence, and whether they end too early for it.

    On a wall the rate is not known: there the largest scales are taken, and without a law all that there are. Factors move
    walls by `offset` decades of the controls, which only larger scales make up for.
    """
    gap = distance(piece, point)
    law = piece.law
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
    """Decades of the factors on the path, and of the constants of a user's equations, at a point."""
    factors = [number_at(m.factor, point) for m in ground.setting.path.values() if not m.vanishes]
    return ground.spread + sum(abs(math.log10(factor)) for factor in factors if factor > 0)


def followed(ground: Ground, place: Place, piece: Piece, point: Mapping[str, sp.Expr]) -> Curve:
    """The observable along the path at one point of the range."""
    scales, near = scales_at(ground, piece, point)
    return replace(followed_at(ground, place, piece, point, scales), near=near)


def scales_at(
    ground: Ground, piece: Piece, point: Mapping[str, sp.Expr], largest: bool = False
) -> tuple[tuple[float, ...], bool]:
    """The scales for a point of a piece, the largest that there are on walls; and whether they end too early."""
    control = next(c for c in ground.record.controls if c.name == ground.diagram.large)
    upper = control.domain.upper if math.isfinite(control.domain.upper) else 1e300
    widest = max((len(other.stratum.variables) for other in ground.pieces), default=0)
    on_wall = largest or len(piece.stratum.variables) < widest
    return scales_for(piece, point, upper, on_wall, _offset(ground, point))


def followed_at(
    ground: Ground, place: Place, piece: Piece, point: Mapping[str, sp.Expr], scales: Sequence[float]
) -> Curve:
    """The observable at given scales, where it can be solved."""
    kept: list[tuple[float, float, float]] = []
    trouble = ""
    known = together(ground, place, point, scales)
    for scale in scales:
        try:
            kept.append((scale, *(known.get(scale) or solved(ground, place, point, scale))))
        except (NotConverged, DomainError, InputError, ArithmeticError) as error:
            trouble = f"at {ground.diagram.large} = {scale:g}: {error}"
    return Curve(point, *_columns(kept), False, trouble, piece)


Column = tuple[float, ...]


def _columns(rows: Sequence[tuple[float, float, float]]) -> tuple[Column, Column, Column]:
    """Scales, values and errors."""
    return tuple(r[0] for r in rows), tuple(r[1] for r in rows), tuple(r[2] for r in rows)


def hear(
    ground: Ground, place: Place, judge: Callable[[Curve], tuple[Outcome, dict[str, Cell]]], what: str,
    against: tuple[Ground, Place] | None = None,
) -> Evidence:  # fmt: skip
    """Solve at the chosen points and judge every curve; `against` divides by a second observable."""
    if ground.record.solve is None:
        return _said(Outcome.UNDECIDED, "the theory solves nothing at a point", [])
    points, complete = chosen(ground.pieces)
    rows: list[dict[str, Cell]] = []
    outcomes: list[Outcome] = []
    for at in points:
        curve = followed(ground, place, at.piece, at.point)
        if against is not None:
            curve = quotient(curve, followed(against[0], against[1], at.piece, at.point))
        outcome, cells = judge(curve) if curve.usable else (Outcome.UNDECIDED, {})
        if curve.near and (outcome is Outcome.FAILS or curve.unread):
            outcome = Outcome.UNDECIDED
        if at.further and outcome is Outcome.UNDECIDED:
            continue
        outcomes.append(outcome)
        reach = curve.scales[-1] if curve.scales else None
        rows.append(
            {"at": told(dict(at.point)), "scale": reach, **cells, "note": curve.trouble, "outcome": outcome.value}
        )
    if Outcome.FAILS in outcomes:
        return _said(Outcome.FAILS, f"{what}, at {len(rows)} points: contradicted", rows)
    if not outcomes or Outcome.UNDECIDED in outcomes or not complete:
        text = "some points do not decide" if complete else "parts of the range could not be followed"
        return _said(Outcome.UNDECIDED, f"{what}, at {len(rows)} points: {text}", rows)
    return _said(Outcome.HOLDS, f"{what}, at {len(rows)} points", rows)


def _said(outcome: Outcome, reason: str, rows: list[dict[str, Cell]]) -> Evidence:
    return Evidence("numeric", outcome, Firmness.NUMBERS, reason, Table.of(rows))


def quotient(one: Curve, two: Curve) -> Curve:
    """One observable over another, where both were solved."""
    others = {scale: (value, error) for scale, value, error in zip(two.scales, two.values, two.errors, strict=True)}
    kept = [
        (scale, value / others[scale][0], error + others[scale][1])
        for scale, value, error in zip(one.scales, one.values, one.errors, strict=True)
        if scale in others
    ]
    return Curve(one.point, *_columns(kept), one.near or two.near, one.trouble or two.trouble, one.piece)


def estimated(curve: Curve, expect: float) -> ExponentEstimate:
    """The exponent of a curve with its interval, beside the expected one."""
    return compared(_estimated(curve.scales, curve.values, curve.errors), expect, RESOLUTION)


@lru_cache(maxsize=1024)  # conjectures about one path claim different exponents of the same curves
def _estimated(scales: Column, values: Column, errors: Column) -> ExponentEstimate:
    return estimate_exponent(scales, values, errors=errors, resolution=RESOLUTION, every_form=False).value


def agrees(found: ExponentEstimate, expect: float) -> Outcome:
    """Holds where the interval is narrow and contains it; fails where it lies clearly outside of a settled interval."""
    low, high = found.interval
    if found.convergence in (Convergence.DRIFTING, Convergence.CURVED):
        return Outcome.UNDECIDED
    if not low - MARGIN <= expect <= high + MARGIN:
        return Outcome.FAILS
    return Outcome.HOLDS if found.agreement is Agreement.AGREES else Outcome.UNDECIDED


def judge_law(
    exponent: sp.Expr, constant: sp.Expr | None, logs: sp.Expr, only_power: bool
) -> Callable[[Curve], tuple[Outcome, dict[str, Cell]]]:
    """How a claimed law is judged on a curve."""

    def judge(curve: Curve) -> tuple[Outcome, dict[str, Cell]]:
        power, log = number_at(exponent, curve.point), number_at(logs, curve.point)
        bare = Curve(
            curve.point, curve.scales,
            tuple(v / math.log(s) ** log for s, v in zip(curve.scales, curve.values, strict=True)),
            curve.errors, curve.near, piece=curve.piece,
        )  # fmt: skip
        found = estimated(bare, power)
        outcome = agrees(found, power)
        if not only_power and log == 0 and outcome is Outcome.HOLDS and found.log_status is not LogStatus.ABSENT:
            outcome = Outcome.FAILS if found.log_status is LogStatus.PRESENT else Outcome.UNDECIDED
        cells: dict[str, Cell] = {
            "exponent": found.exponent, "low": found.interval[0], "high": found.interval[1], "claimed": power,
            "logarithm": found.log_status.name.lower(),
        }  # fmt: skip
        if outcome is Outcome.HOLDS and not only_power and curve.unread and not steady(bare, power):
            outcome = Outcome.UNDECIDED
        if constant is None:
            return outcome, cells
        limit, more = _constant(bare, power, number_at(constant, curve.point), log != 0)
        worst = next((o for o in (Outcome.FAILS, Outcome.UNDECIDED) if o in (outcome, limit)), Outcome.HOLDS)
        # A ratio that settles says more than an interval of an exponent that is merely wide.
        return (limit if outcome is Outcome.UNDECIDED else worst), {**cells, **more}

    return judge


def judge_derived(with_constant: bool, only_power: bool) -> Callable[[Curve], tuple[Outcome, dict[str, Cell]]]:
    """How the derived law itself fares on a curve: only where it fails do numbers contradict the symbolic witness."""

    def judge(curve: Curve) -> tuple[Outcome, dict[str, Cell]]:
        piece = curve.piece
        if piece is None or piece.law is None or piece.law.exponent is None or piece.law.exponent.is_finite is False:
            return Outcome.UNDECIDED, {}
        at = piece.stratum.at
        known = piece.law.constant is not None and not piece.law.constant.has(sp.Integral)
        constant = at(piece.law.constant) if with_constant and known else None
        return judge_law(at(piece.law.exponent), constant, at(piece.law.log), only_power)(curve)

    return judge


def steady(curve: Curve, power: float) -> bool:
    """Whether observable/large^power stands still on the upper half of the scales: else a slow factor may be hidden in it."""
    pairs = list(zip(curve.scales, curve.values, strict=True))
    logs = [math.log(value) - power * math.log(scale) for scale, value in pairs[len(pairs) // 2 :]]
    return max(logs) - min(logs) <= STEADY


def _beyond_logs(curve: Curve, power: float, constant: float) -> Outcome:
    """A wrong constant of a law with logarithms, whose corrections die like 1/log large: polynomials in that, of two degrees."""
    pairs = list(zip(curve.scales, curve.values, strict=True))
    places = [1.0 / math.log(scale) for scale, _ in pairs]
    ratios = [value / (constant * scale**power) for scale, value in pairs]
    limits = [float(np.polynomial.Polynomial.fit(places, ratios, degree)(0.0)) for degree in (3, 4)]
    far = abs(limits[1] - 1.0) > max(WIDE, 4.0 * abs(limits[1] - limits[0]))
    return Outcome.FAILS if far else Outcome.UNDECIDED


def _constant(curve: Curve, power: float, constant: float, logs_: bool = False) -> tuple[Outcome, dict[str, Cell]]:
    """Whether observable/(large^power) settles at the constant, on four scales of the curve."""
    if not constant > 0:
        return Outcome.FAILS, {"constant_claimed": constant}
    pairs = list(zip(curve.scales, curve.values, strict=True))
    places = [round(k * (len(pairs) - 1) / 3) for k in range(4)]
    logs = [math.log(pairs[k][1] / constant) - power * math.log(pairs[k][0]) for k in places]
    outcome, _ = settle(logs, TOLERANCE)
    if logs_ and outcome is Outcome.FAILS:
        outcome = _beyond_logs(curve, power, constant)
    return outcome, {"constant_ratio": math.exp(min(700.0, logs[-1])), "constant_claimed": constant}


def judge_ordering(relation: str) -> Callable[[Curve], tuple[Outcome, dict[str, Cell]]]:
    """How a claimed ordering is judged on the quotient of two curves."""

    def judge(curve: Curve) -> tuple[Outcome, dict[str, Cell]]:
        found = estimated(curve, 0.0)
        low, high = found.interval
        cells: dict[str, Cell] = {"exponent_of_ratio": found.exponent, "low": low, "high": high}
        if relation == "equal":
            outcome, more = _constant(curve, 0.0, 1.0)
            return outcome, {**cells, **more}
        if found.convergence in (Convergence.DRIFTING, Convergence.CURVED):
            return Outcome.UNDECIDED, cells
        if relation == "same":
            outcome = agrees(found, 0.0)
            return (Outcome.UNDECIDED if found.log_status is not LogStatus.ABSENT else outcome), cells
        wanted, other = (high < 0, low > 0) if relation == "less" else (low > 0, high < 0)
        return (Outcome.HOLDS if wanted else Outcome.FAILS if other else Outcome.UNDECIDED), cells

    return judge
