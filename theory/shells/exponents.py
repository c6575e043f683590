"""The phase diagram of spectral transport: every sign, every b and m, each law confirmed by numbers before it is returned (theory.md S10).

`laws` derives, `cases` finds the walls, `confirm` integrates characteristics at two times far apart. Here the three meet.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

import mpmath
import sympy as sp

from ..asymptotics.special import numeric
from ..balls import settled
from ..derivation import Derivation, Step
from ..identities import DerivationError
from .cases import Case, Leaf, explore, joined
from .confirm import TOLERANCE, Drift, LawMismatch, panels
from .laws import Law, law_of
from .letters import CLOSURE, CONTROLS, CONVENTION, REFERENCES, Direction, rate, source, time

LOG_TIMES = (35.0, 70.0)
"""log t at which laws are compared with the loss: t = 10^15 and 10^30."""
DIGITS, SAME = (20, 40, 80, 160, 320, 640), 1e-14
"""Digits at which a formula is evaluated in turn, and the relative difference that ends it. The first pair is enough for most;
a plateau at source = 30 needs 80 (at 20 digits it is 1e11 instead of 0.38)."""
LOG_RANGE = 600.0
"""Losses stay above e^{-600}, inside the range of doubles; times are shortened for laws that fall faster."""


class NotSettled(DerivationError):
    """A formula whose value is lost in cancellation at every precision tried."""


class NotReal(NotSettled):
    """A formula that has no real value where it is asked for: its real part says nothing."""


@dataclass(frozen=True)
class TransportPhase:
    """One regime: where it holds, and L(t) ~ constant · t^exponent · (log t)^log · exp(-action) there (claim S10).

    Parameters
    ----------
    name : str
        The mechanism.
    direction : Direction
        σ.
    conditions : tuple[sympy.Rel, ...]
        Strict inequalities in source, power, time_power, rate; equations on degenerate sets.
    kind : str
        power, log, plateau or stretched.
    exponent, log, constant : sympy.Expr
        Signed power of t, power of log t, factor (a plateau's value).
    action : sympy.Expr or None
        For stretched laws.
    frontier : sympy.Expr or None
        The moving edge of the spectrum; `frontier_kind` says which edge.
    derivation : Derivation
        The argument.
    confirmed : tuple
        (point, time, loss over law) for the two times of the comparison.
    """

    name: str
    direction: Direction
    conditions: tuple[sp.Rel, ...]
    kind: str
    exponent: sp.Expr
    log: sp.Expr
    constant: sp.Expr
    action: sp.Expr | None
    frontier: sp.Expr | None
    frontier_kind: str
    derivation: Derivation = field(repr=False)
    case: Case = field(repr=False)
    law: Law = field(repr=False)
    confirmed: tuple[tuple[float, float], ...] = field(repr=False, compare=False)

    @property
    def is_open(self) -> bool:
        """Whether the regime fills an open set of (source, power, time_power, rate)."""
        return not any(isinstance(c, sp.Equality) for c in self.conditions)

    def asymptote(self) -> sp.Expr:
        """The law as a function of time."""
        decay = sp.exp(-self.action) if self.action is not None else sp.S.One
        return self.constant * time**self.exponent * sp.log(time) ** self.log * decay

    def holds(self, point: Mapping[sp.Symbol, sp.Expr]) -> bool:
        """Whether the conditions hold at a point (exact)."""
        return all(fact.holds(point) for fact in self.case.facts)


@cache
def transport_phases(*directions: Direction) -> tuple[TransportPhase, ...]:
    """The complete table for the given directions (default all), derived and confirmed (S10).

    The cases tile the space of controls: they come from splitting it by signs until every question has an answer.

    When this is wrong: where the initial density is no power down to λ = 0 (every law but the plateaus reads λ → 0), and for the
    stretched laws if it is cut off below. At finite time near a wall the approach to the law is slow.

    Raises
    ------
    LawMismatch
        If a law and the quadrature disagree.
    UndecidedCase
        If a case is neither empty nor has a point.

    Examples
    --------
    >>> [phase.name for phase in transport_phases(Direction.NONE)]
    ['lazy']
    """
    wanted = directions or tuple(Direction)
    return tuple(_phase(direction, index) for direction in wanted for index in range(len(regimes(direction))))


@cache
def regimes(direction: Direction) -> tuple[Leaf[Law], ...]:
    """The cases that the derivation distinguishes, neighbours of one law joined.

    Examples
    --------
    >>> [leaf.outcome.name for leaf in regimes(Direction.NONE)]
    ['lazy']
    """
    leaves = explore(lambda case: law_of(case, direction))
    return joined(leaves, lambda one, two: one.signature == two.signature)


@cache
def _phase(direction: Direction, index: int) -> TransportPhase:
    leaf = regimes(direction)[index]
    law, point = leaf.outcome, next(leaf.case.points())
    rows = confirm_law(law, direction, point)
    checked = Step(
        "Loss over law, by quadrature, at two times.", None, "; ".join(f"log t = {t:.0f}: {r:.5f}" for t, r in rows)
    )
    asymptote = law.constant * time**law.exponent * sp.log(time) ** law.log
    derivation = Derivation(
        f"Transport {direction.name.lower()}: {law.name}",
        (*law.steps, checked),
        (CLOSURE, CONVENTION),
        asymptote if law.action is None else asymptote * sp.exp(-law.action),
        {"exponent": law.exponent, "constant": law.constant, "log": law.log, **law.extras},
        REFERENCES,
    )
    return TransportPhase(
        law.name, direction, leaf.case.conditions(), law.kind, law.exponent, law.log, law.constant, law.action,
        law.frontier, law.frontier_kind, derivation, leaf.case, law, rows,
    )  # fmt: skip


def phase_of(
    source_value: sp.Expr, power_value: sp.Expr, time_value: sp.Expr, rate_value: sp.Expr, direction: Direction
) -> TransportPhase:
    """The regime at exact values of the controls; its formulas stay symbolic (S10).

    Raises
    ------
    ValueError
        If source or rate is not positive, or a value is no exact real number.

    Examples
    --------
    >>> half = sp.Rational(1, 2)
    >>> found = phase_of(half, sp.Integer(2), sp.Integer(0), sp.Integer(8), Direction.DOWN)
    >>> found.name, found.exponent.subs(dict(zip(CONTROLS, (half, 2, 0, 8))))
    ('frontier', -1/4)
    """
    point = dict(zip(CONTROLS, (source_value, power_value, time_value, rate_value)))
    for symbol, value in point.items():
        if not (isinstance(value, sp.Expr) and value.is_number and value.is_real) or value.has(sp.Float):
            raise ValueError(f"expected an exact real number, got {symbol}={value!r} (type={type(value).__name__})")
        if symbol in (source, rate) and not value.is_positive:
            raise ValueError(f"expected a positive number, got {symbol}={value}")
    leaves = regimes(direction)
    index = next(k for k, leaf in enumerate(leaves) if all(fact.holds(point) for fact in leaf.case.facts))
    return _phase(direction, index)


def confirm_law(law: Law, direction: Direction, point: Mapping[sp.Symbol, sp.Expr]) -> tuple[tuple[float, float], ...]:
    """(log t, loss over law) at two times; for a power of log t, the growth of the ratio's root against log t instead.

    With a logarithm the ratio tends to 1 only like 1/log t, which would hide a wrong constant. There (loss/(C t^e))^{1/l} is
    log t plus a constant or a log log t, and its slope in log t is compared with 1.

    Raises
    ------
    LawMismatch
        If the later value is not within `TOLERANCE` of 1.

    Examples
    --------
    >>> rows = confirm_law(law_of(Case(), Direction.NONE), Direction.NONE, next(Case().points()))
    >>> abs(rows[1][1] - 1) < 1e-6
    True
    """
    drift = Drift.at(point, direction)
    if law.action is not None:
        _confirm_action(law, drift, point)
    times = list(_times(law, drift, point))
    log_constant = math.log(value_at(law.constant, point))
    exponent, log = (float(value_at(e, point)) for e in (law.exponent, law.log))
    if log:
        times = [times[0] / 2, *times]
    excess = [_log_loss(law, drift, moment, point) - log_constant - exponent * moment for moment in times]
    values = _slopes(times, [math.exp(value / log) for value in excess]) if log else [math.exp(v) for v in excess]
    if law.action is not None and drift.b == 1:
        # The approach is like 1/φ with φ the exponent, and φ grows e-fold between the two times.
        values[1] = (math.e * values[1] - values[0]) / (math.e - 1)
    rows = ((times[-2], values[0]), (times[-1], values[1]))
    if not abs(rows[1][1] - 1) < TOLERANCE:
        raise LawMismatch(f"{law.name}: loss over law is {rows} at {dict(point)}, expected to approach 1")
    return rows


def _slopes(times: Sequence[float], roots: Sequence[float]) -> list[float]:
    """Slope of the root in log t, then the same with its correction κ/log t (from a log log t) extrapolated away."""
    early, late = ((roots[k + 1] - roots[k]) / (times[k + 1] - times[k]) for k in (0, 1))
    return [late, 2 * late - early]


def _times(law: Law, drift: Drift, point: Mapping[sp.Symbol, sp.Expr]) -> tuple[float, float]:
    """log t, as late as doubles allow."""
    steep = abs(float(value_at(law.exponent, point)))
    # A logarithm is slow: twice the range, as far as t^{m+1} stays a double.
    far = min(2 * LOG_TIMES[1], LOG_RANGE / max(1.0, drift.m + 1)) if law.log != 0 else LOG_TIMES[1]
    late = min(far, LOG_RANGE / max(steep, 1e-9))
    if law.action is not None and drift.b == 1:  # e^{-action} itself must not underflow
        growth = drift.m + 1
        late = math.log(LOG_RANGE / 2 * growth / (drift.c * max(drift.a, 1.0))) / growth
        return late - 1.0 / growth, late
    return late / 2, late


@cache
def _loss(drift: Drift, moment: float) -> float:
    """The loss at log t: the same for a law and for its false twins."""
    return drift.loss(math.exp(moment))


def _log_loss(law: Law, drift: Drift, moment: float, point: Mapping[sp.Symbol, sp.Expr]) -> float:
    """log L, with the stretched factor taken out."""
    found = math.log(_loss(drift, moment))
    if law.action is not None and drift.b == 1:
        found += float(value_at(law.action, {**point, time: sp.Float(math.exp(moment), 30)}))
    return found


def _confirm_action(law: Law, drift: Drift, point: Mapping[sp.Symbol, sp.Expr]) -> None:
    """The stretched factor of modes born at zero against a quadrature of their path."""
    if drift.b == 1 or law.action is None:
        return
    for moment in (2.0, 30.0):
        first = drift.start
        total = panels(-40.0, math.log(moment - first), partial(_bottom_path, drift))
        told = float(value_at(law.action, {**point, time: sp.Float(moment, 30)}))
        if abs(2 * total / told - 1) > 1e-6:
            raise LawMismatch(f"{law.name}: the action is {2 * total} at t = {moment}, the formula says {told}")


def _bottom_path(drift: Drift, logged: float) -> float:
    """λ(0, s) (s - start), in the logarithm of s - start."""
    return drift.place(0.0, drift.start + math.exp(logged)) * math.exp(logged)


def value_at(expression: sp.Expr, point: Mapping[sp.Symbol, sp.Expr]) -> float:
    """A formula in numbers; an integral by quadrature in the logarithm of its variable, graded at a finite end.

    Examples
    --------
    >>> round(value_at(sp.Integral(sp.exp(-time), (time, 0, sp.oo)), {}), 8)
    1.0
    """
    told = expression.subs(point)
    for integral in told.atoms(sp.Integral):
        told = told.subs(integral, sp.Float(_integrated(integral), 17))
    enclosed = settled(told)
    return _steady(numeric(told)) if enclosed is None else enclosed


def _steady(function: Callable[..., Any], *places: float) -> float:
    """A formula at working precisions that double until two agree: γ(n, z) of an integer n is a sum that cancels n! away.

    Two zeros agree only at the last precision: where all digits cancel, both of two low precisions give zero.
    """
    before = None
    for digits in DIGITS:
        with mpmath.workdps(digits):
            found = function(*map(mpmath.mpf, places))
            if isinstance(found, int):
                return float(found)
            value = mpmath.re(found)
            settled = before is not None and abs(value - before) <= SAME * abs(value)
            if settled and abs(mpmath.im(found)) > SAME * abs(found):
                raise NotReal(f"expected a real value, got {mpmath.nstr(found, 8)}")
            if settled and (value != 0 or digits == DIGITS[-1]):
                return float(value)
            before = value
    raise NotSettled(f"expected a formula that settles within {DIGITS[-1]} digits, got {mpmath.nstr(before, 8)} there")


def _elementary(expression: sp.Expr) -> sp.Expr:
    """Hypergeometric functions in elementary ones, where SymPy knows them."""
    return expression.replace(sp.hyper, lambda *args: sp.hyperexpand(sp.hyper(*args)))


@cache
def _integrated(integral: sp.Integral) -> float:
    ((variable, low, high),) = integral.limits
    if low != 0:
        raise ValueError(f"expected an integral from 0, got {integral}")
    integrand = integral.function
    # In elementary functions where it has them: a hypergeometric series beyond its circle took 60 times as long.
    slowly = cache(lambda: numeric(_elementary(integrand), variable))

    def at(place: float) -> float:
        enclosed = settled(integrand, {variable: place})
        return _steady(slowly(), place) if enclosed is None else enclosed

    if high == sp.oo:
        return panels(-120.0, 120.0, lambda z: at(math.exp(z)) * math.exp(z))
    end = float(high)
    lower = panels(math.log(end / 2) - 60, math.log(end / 2), lambda z: at(math.exp(z)) * math.exp(z))
    return lower + panels(-34.0, 0.0, lambda z: at(end - end / 2 * math.exp(z)) * end / 2 * math.exp(z))
