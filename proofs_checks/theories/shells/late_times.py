"""Witnesses for the classification S10: the derived phase at the claim's points, and the integrated loss at late times.

The acceptance intervals are fixed here, before any number is seen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import sympy as sp

from scalecheck.numerics.shells.characteristics import losses
from scalecheck.theory.identities import is_zero
from scalecheck.theory.shells.exponents import NotReal, TransportPhase, phase_of, value_at
from scalecheck.theory.shells.letters import CLOSURE, CONTROLS, CONVENTION, Direction, power, rate, time, time_power

from ...claims import Effort, Witness
from ...evidence import Evidence, Firmness, Outcome
from ...hypotheses import failing
from ...laws import settle
from ...tables import Cell, Table
from .assertions import Controls, TransportLaw

TOLERANCE = 0.005
"""Distance of the settled log ratio from 0. A constant wrong by 2% lies four times outside; at the times of the ledger
the true laws' own corrections are below it (worst measured: 0.004, a logarithm at log t = 640)."""
SLOW_TOLERANCE = 0.02
"""Distance from 1 of an extrapolated slope, for stretched laws with a logarithm in front: times end where the loss is
e^-2700, log t is below 50 there, and what is left after extrapolation is below it (worst measured 0.016)."""
SAME = 1e-9
"""Relative difference of two formulas evaluated at one point that rounding may leave; quadratures of constants are
good to 1e-10 or better."""
LARGEST = 1e60
"""A stated constant above this is an integral that diverges, cut off by the quadrature; those of the ledger are below 1e10."""
LOSS_ERROR = TOLERANCE / 10
"""Stated relative error of a loss above which it decides nothing."""
PATHS = 1e-10
"""Tolerance of the paths: it moves the logarithm of a loss of the ledger by 2e-8 at most (measured against 1e-12), at two
thirds of the cost. At 1e-9 the steps of a sequence that has long settled are noise of 4e-8, and nothing is concluded."""


# ------------------------------------------------------------------------------------------------ the symbolic witness


def from_transport() -> Witness:
    """A symbolic witness: the derived phase at every point of the claim has the stated law, and its region holds the stated one."""

    def witness(assertion: TransportLaw, effort: Effort) -> Evidence:
        phases = [_phase_at(point, assertion.direction) for point in assertion.points]
        rows = [_row(assertion, phase, point) for phase, point in zip(phases, assertion.points, strict=True)]
        if any(not row["same"] for row in rows):
            return _told(Outcome.FAILS, "the derived law is another one at a point of the stated region", rows)
        if not _identical(assertion, phases[0]):
            return _told(Outcome.UNDECIDED, "the laws agree in numbers, but are not reduced to each other", rows)
        beyond = _unproved(assertion, phases[0])
        if beyond is not None:
            return _told(Outcome.UNDECIDED, f"not shown that the stated region implies {beyond}", rows)
        reason = "exponent, logarithm, constant and action equal the derived ones, on a region inside the derived one"
        return _told(Outcome.HOLDS, reason, rows)

    return witness


def _phase_at(point: Controls, sigma: Direction) -> TransportPhase:
    a, b, m, c = (point[symbol] for symbol in CONTROLS)
    return phase_of(a, b, m, c, sigma)


def _told(outcome: Outcome, reason: str, rows: list[dict[str, Cell]]) -> Evidence:
    return Evidence("symbolic", outcome, Firmness.EXACT, reason, Table.of(rows), (CLOSURE, CONVENTION))


def _parts(law: TransportLaw | TransportPhase) -> tuple[sp.Expr, ...]:
    return law.exponent, law.log, law.constant, sp.S.Zero if law.action is None else law.action


def _row(assertion: TransportLaw, phase: TransportPhase, point: Controls) -> dict[str, Cell]:
    """Both laws in numbers at one point; what differs in numbers differs."""
    place = {**point, time: sp.Float(7, 30)}
    pairs = list(zip(_parts(assertion), _parts(phase), strict=True))
    same = all(_close(_value(one, place), _value(two, place)) for one, two in pairs)
    cells: dict[str, Cell] = {symbol.name: str(point[symbol]) for symbol in CONTROLS}
    return {**cells, "phase": phase.name, "derived": sp.sstr(phase.asymptote()), "same": same}


def _close(one: float, two: float) -> bool:
    return abs(one - two) <= SAME * max(1.0, abs(one), abs(two))


def _identical(assertion: TransportLaw, phase: TransportPhase) -> bool:
    """Whether the stated law reduces to the derived one, for all controls at once."""
    known = phase.case.equations()
    letters = _positive_letters(phase)
    stated, derived = ([part.subs(known).subs(letters) for part in _parts(law)] for law in (assertion, phase))
    additive = all(is_zero(stated[k] - derived[k]) for k in (0, 1))
    return additive and _same_factor(stated[2], derived[2]) and _same_factor(stated[3], derived[3])


def _positive_letters(phase: TransportPhase) -> dict[sp.Symbol, sp.Expr]:
    """1 - b and m + 1 as signs times positive symbols, so that powers may be taken apart inside the region."""
    steep, clocked = sp.symbols("q mu", positive=True)
    point = next(phase.case.points())
    known = phase.case.equations()
    found: dict[sp.Symbol, sp.Expr] = {}
    if power not in known:
        found[power] = 1 - int(sp.sign(1 - point[power])) * steep
    if time_power not in known:
        found[time_power] = int(sp.sign(point[time_power] + 1)) * clocked - 1
    if sp.Gt(rate, 1) in phase.conditions:
        found[rate] = 1 + sp.Symbol("r", positive=True)
    return found


def _same_factor(stated: sp.Expr, derived: sp.Expr) -> bool:
    """Whether two positive formulas are equal: their logarithms cancel, or they are integrals over the same range whose integrands do."""
    if stated == derived or stated == 0 or derived == 0:
        return bool(stated == derived)
    if stated.has(sp.Integral) and derived.has(sp.Integral):
        (one, first), (two, second) = _as_integral(stated), _as_integral(derived)
        ends = all(_same_factor(x, y) for x, y in zip(first[1:], second[1:], strict=True))
        return ends and _same_factor(one, two.subs(second[0], first[0]))
    gap = sp.expand_log(
        sp.log(sp.powdenest(stated, force=True)) - sp.log(sp.powdenest(derived, force=True)), force=True
    )
    return any(is_zero(rule(gap)) for rule in (sp.expand, _loggamma, sp.simplify))


def _as_integral(formula: sp.Expr) -> tuple[sp.Expr, tuple[sp.Expr, ...]]:
    """A product with one integral as integrand and (variable, low, high)."""
    (integral,) = formula.atoms(sp.Integral)
    ((variable, low, high),) = integral.limits
    return formula / integral * integral.function, (variable, low, high)


def _loggamma(gap: sp.Expr) -> sp.Expr:
    """Arguments of gamma functions brought to one form, where sums of logarithms of them then cancel."""
    flat = gap.replace(lambda e: isinstance(e, sp.gamma), lambda e: sp.gamma(sp.factor(sp.together(e.args[0]))))
    return sp.expand(sp.expand_log(flat, force=True))


def _unproved(assertion: TransportLaw, phase: TransportPhase) -> sp.Basic | None:
    """A condition of the derived region that the stated one is not seen to imply, or None."""
    said = {_canonical(relation) for relation in assertion.relations}
    return next((item for item in phase.conditions if _canonical(item) not in said), None)


def _canonical(relation: sp.Rel) -> tuple[str, sp.Expr]:
    """What is positive, or zero, up to a positive number."""
    equal = isinstance(relation, sp.Equality)
    form = sp.expand(relation.lhs - relation.rhs if equal else relation.gts - relation.lts)
    content, primitive = form.as_content_primitive()
    turned = sp.expand(primitive * sp.sign(content))
    return ("=", min((turned, sp.expand(-turned)), key=str)) if equal else (">", turned)


# ------------------------------------------------------------------------------------------------- the numeric witness


def log_loss_at(
    exponent: float, steepness: float, clock_power: float, speed: float, sigma: int, log_time: float,
    among: tuple[float, ...] = (),
) -> tuple[float, float]:  # fmt: skip
    """log L and its absolute error (the loss's relative one); it costs less with the other times `among` which it is wanted."""
    return _log_losses(exponent, steepness, clock_power, speed, sigma, among or (log_time,))[log_time]


@lru_cache(maxsize=4096)  # a claim and its twins look at the same times
def _log_losses(
    exponent: float, steepness: float, clock_power: float, speed: float, sigma: int, log_times: tuple[float, ...]
) -> dict[float, tuple[float, float]]:
    found = losses(
        source=exponent, power=steepness, time_power=clock_power, rate=speed,
        times=[math.exp(x) for x in log_times], direction=Direction(sigma).name.lower(), tolerance=PATHS,
    )  # fmt: skip
    return {x: (item.value.log_loss, item.error) for x, item in zip(log_times, found, strict=True)}


def at_late_times(slow: bool = False) -> Witness:
    """A numeric witness: the log ratio of the integrated loss to the law settles at 0 at every point.

    With `slow` (a stretched law with a power of log t in front) the ratio tends to 1 like 1/log t, and log t cannot grow:
    there the root (L/(C t^e exp(-action)))^{1/log} is log t plus slower terms, and its slope in log t, extrapolated by
    Wynn's ρ algorithm, must be 1.
    """

    def witness(assertion: TransportLaw, effort: Effort) -> Evidence:
        rows: list[dict[str, Cell]] = []
        outcomes = []
        for point in assertion.points:
            broken = failing(assertion.hypotheses, {symbol.name: value for symbol, value in point.items()})
            if broken is not None:
                text = f"a point leaves the hypotheses: {broken.relation}"
                return Evidence("numeric", Outcome.NOT_APPLICABLE, Firmness.NUMBERS, text, Table.of(rows))
            if not 0 < _fixed(_parts(assertion)[:3], tuple(point.items()))[2] < LARGEST:
                text = f"the stated constant is no positive finite number at {dict(point)}, where the loss is one"
                return Evidence("numeric", Outcome.FAILS, Firmness.NUMBERS, text, Table.of(rows))
            ratios = [_log_ratio(assertion, point, moment) for moment in assertion.log_times]
            outcome, told = _slope_is_one(assertion, point, ratios) if slow else _settled(ratios)
            outcomes.append(outcome)
            rows += _ratio_rows(assertion, point, ratios, told, outcome)
        worst = next((item for item in (Outcome.FAILS, Outcome.UNDECIDED) if item in outcomes), Outcome.HOLDS)
        how = (
            f"extrapolated slope within {SLOW_TOLERANCE:g} of 1"
            if slow
            else f"log ratio settles within {TOLERANCE:g} of 0"
        )
        reason = (
            f"integrated loss against the law at {len(outcomes)} points, log t to {assertion.log_times[-1]:g}: {how}"
        )
        return Evidence("numeric", worst, Firmness.NUMBERS, reason, Table.of(rows))

    return witness


def _ratio_rows(
    assertion: TransportLaw, point: Controls, ratios: Sequence[float], told: float, outcome: Outcome
) -> list[dict[str, Cell]]:
    cells: dict[str, Cell] = {symbol.name: float(value) for symbol, value in point.items()}
    return [
        {**cells, "log_time": moment, "log_ratio": ratio, "limit": told, "point": outcome.value}
        for moment, ratio in zip(assertion.log_times, ratios, strict=True)
    ]


def _log_ratio(assertion: TransportLaw, point: Controls, moment: float) -> float:
    """log L - log law; NaN where the loss is not known well enough."""
    a, b, m, c = (float(point[symbol]) for symbol in CONTROLS)
    measured, error = log_loss_at(a, b, m, c, int(assertion.direction), moment, tuple(assertion.log_times))
    exponent, log, constant = _fixed(_parts(assertion)[:3], tuple(point.items()))
    if error > LOSS_ERROR or not math.isfinite(measured):
        return math.nan
    action = 0.0
    if assertion.action is not None:
        action = _value(assertion.action, {**point, time: sp.exp(sp.Float(moment, 30))})
    return measured - (math.log(constant) + exponent * moment + log * math.log(moment) - action)


@lru_cache(maxsize=512)
def _fixed(law: tuple[sp.Expr, ...], point: tuple[tuple[sp.Symbol, sp.Expr], ...]) -> tuple[float, float, float]:
    """Exponent, logarithm and constant at a point: what does not depend on time."""
    exponent, log, constant = (_value(part, dict(point)) for part in law)
    return exponent, log, constant


def _value(formula: sp.Expr, place: Controls) -> float:
    """A formula in numbers; NaN where it has no finite real value (a stated law outside its region)."""
    known = {symbol: value for symbol, value in place.items() if symbol in formula.free_symbols}
    try:
        return math.nan if formula.subs(known).has(sp.zoo, sp.nan) else value_at(formula, known)
    except NotReal:
        return math.nan


def _settled(ratios: Sequence[float]) -> tuple[Outcome, float]:
    return settle(ratios, TOLERANCE)


def _slope_is_one(assertion: TransportLaw, point: Controls, ratios: Sequence[float]) -> tuple[Outcome, float]:
    """The root's slope, extrapolated; a law that has no logarithm to take the root of must settle like any other."""
    log = _fixed(_parts(assertion)[:3], tuple(point.items()))[1]
    if not log:
        return _settled(ratios)
    times = assertion.log_times
    roots = [math.exp(ratio / log) * moment for ratio, moment in zip(ratios, times, strict=True)]
    slopes = [(two - one) / (late - early) for (one, two), (early, late) in zip(pairwise(roots), pairwise(times))]
    if _runs_off(slopes):
        return Outcome.FAILS, slopes[-1]
    before, limit = _wynn(times[1:-1], slopes[:-1]), _wynn(times[2:], slopes[1:])
    doubt = abs(limit - before)
    distance = abs(limit - 1.0)
    if distance <= SLOW_TOLERANCE and doubt <= 2 * SLOW_TOLERANCE:
        return Outcome.HOLDS, limit
    return (Outcome.FAILS if distance > SLOW_TOLERANCE + 2 * doubt else Outcome.UNDECIDED), limit


def _runs_off(slopes: Sequence[float]) -> bool:
    """Whether the slopes leave 1 farther and farther behind: the sign of a wrong exponent."""
    gaps = [abs(slope - 1.0) for slope in slopes]
    return gaps[-1] > 5 * SLOW_TOLERANCE and all(after >= before for before, after in pairwise(gaps))


def _wynn(times: Sequence[float], values: Sequence[float]) -> float:
    """One step of Wynn's ρ algorithm from the last three values: exact for s + κ/(log t + k)."""
    (x, y, z), (early, middle, late) = values[-3:], times[-3:]
    if x == y or y == z or (late - middle) / (z - y) == (middle - early) / (y - x):
        return z
    return y + (late - early) / ((late - middle) / (z - y) - (middle - early) / (y - x))
