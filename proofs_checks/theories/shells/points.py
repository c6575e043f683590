"""One point of spectral transport: the loss in numbers from one witness, its law from the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import sympy as sp

from scalecheck.numerics.shells.characteristics import losses as integrated_losses
from scalecheck.numerics.solution import Solution
from scalecheck.theory.shells.exponents import NotSettled, TransportPhase, phase_of, value_at
from scalecheck.theory.shells.letters import CONTROLS, Direction, power
from scalecheck.theory.shells.letters import time as clock

SHORT = 1000
"""Largest denominator that a fraction is taken to be typed with; decimals of up to eleven digits are none of these by accident."""
KINDS = {"power": "", "log": " (logarithm)", "plateau": " (plateau)", "stretched": " (stretched exponential)"}


@dataclass(frozen=True)
class Exponent:
    """A formula in the controls and its value; None where the law is faster than any power."""

    formula: str
    value: float | None


@dataclass(frozen=True)
class SpectralPoint:
    """What is told of one point. `loss` is integrated; the rest is the derived law at large times, looked up when asked for.

    A numeric witness asks for the loss only: the law is none of its business, and its constant may take seconds.
    """

    json_fields: ClassVar[tuple[str, ...]] = (
        "loss", "log_loss", "exponent", "log", "regime", "constant", "law", "frontier", "frontier_kind"
    )  # fmt: skip

    loss: float
    log_loss: float
    controls: tuple[sp.Rational, sp.Rational, sp.Rational, sp.Rational] = field(repr=False)
    direction: Direction = field(repr=False)
    time: float = field(repr=False)

    @property
    def _phase(self) -> TransportPhase:
        return phase_of(*self.controls, self.direction)

    @property
    def _place(self) -> dict[sp.Symbol, sp.Expr]:
        return dict(zip(CONTROLS, self.controls))

    @property
    def exponent(self) -> Exponent:
        """Signed power of t in the law; minus infinity for a stretched exponential."""
        stretched = self._phase.action is not None
        formula = -sp.oo if stretched else self._phase.exponent
        return Exponent(str(formula), None if stretched else _number(formula, self._place))

    @property
    def log(self) -> float:
        """Power of log t in the law."""
        return _number(self._phase.log, self._place) or 0.0

    @property
    def regime(self) -> str:
        """Mechanism, and the kind of law where it is no power."""
        return self._phase.name + KINDS[self._phase.kind]

    @property
    def constant(self) -> float | None:
        """Factor of the law."""
        # At b = 2 and b = 3 the integral has a closed form: all digits, at once.
        phase, place = self._phase, self._place
        return _number(phase.law.extras.get(f"constant_at_power_{place[power]}", phase.constant), place)

    @property
    def law(self) -> str:
        """What the loss tends to, as a formula."""
        return str(self._phase.asymptote())

    @property
    def frontier(self) -> float | None:
        """Moving edge of the spectrum, where there is one."""
        edge = self._phase.frontier
        return None if edge is None or self.time == 0 else _number(edge, {**self._place, clock: exact(self.time)})

    @property
    def frontier_kind(self) -> str | None:
        """Which edge that is."""
        return None if self.frontier is None else self._phase.frontier_kind


def exact(value: float) -> sp.Rational:
    """The number that was typed: 0.1 is one tenth, not the double next to it.

    Examples
    --------
    >>> exact(0.1), exact(2.0), exact(1 / 3)
    (1/10, 2, 1/3)
    """
    decimal = sp.Rational(repr(float(value)))
    # 1/3 was typed as a fraction, not as sixteen decimals: a short fraction that is the same double is what was meant.
    short = decimal.limit_denominator(SHORT)
    return short if float(short) == float(value) else decimal


def controls_at(
    *, source: float, power: float, rate: float, time_power: float
) -> tuple[sp.Rational, sp.Rational, sp.Rational, sp.Rational]:
    """Exact a, b, m, c; a time power that is b - 2 to the last digit is b - 2.

    Examples
    --------
    >>> controls_at(source=1.0, power=1.1, rate=0.5, time_power=1.1 - 2)
    (1, 11/10, -9/10, 1/2)
    """
    steepness, clocked = exact(power), exact(time_power)
    similar = steepness - 2
    # The default m went through a double, and so may a user's own subtraction have: two roundings, each of half an ulp.
    same = abs(float(similar) - time_power) <= 4e-16 * max(1.0, abs(power))
    return exact(source), steepness, similar if same else clocked, exact(rate)


def solve(
    *, source: float, power: float, rate: float, time_power: float, direction: str, time: float
) -> Solution[SpectralPoint]:
    """The loss at a point and the regime it belongs to (claims S8, S10).

    Returns
    -------
    Solution of SpectralPoint
        `error` is that of the loss, as the numeric witness tells it.

    Raises
    ------
    NotConverged
        The quadrature did not settle.

    Notes
    -----
    When this is wrong: at a finite time the loss may be far from its law; the law says nothing of when it sets in.

    Examples
    --------
    >>> point = solve(source=1.0, power=2.0, rate=4.0, time_power=0.0, direction="down", time=100.0).value
    >>> point.exponent.value, point.regime, point.frontier
    (-0.5, 'frontier', 0.0025)
    """
    at = {"source": source, "power": power, "rate": rate, "time_power": time_power, "direction": direction}
    return _solved(at, [time])[0]


def solve_many(points: Sequence[Mapping[str, Any]]) -> list[Solution[SpectralPoint]]:
    """The same at several points; those that differ in the time alone share one batch of paths.

    Examples
    --------
    >>> where = {"source": 1.0, "power": 2.0, "rate": 1.0, "time_power": 0.0, "direction": "down"}
    >>> [round(item.value.loss, 12) for item in solve_many([{**where, "time": time} for time in (1.0, 3.0)])]
    [0.5, 0.25]
    """
    groups: dict[tuple[tuple[str, Any], ...], list[float]] = {}
    keys = [tuple((name, value) for name, value in point.items() if name != "time") for point in points]
    for key, point in zip(keys, points, strict=True):
        groups.setdefault(key, []).append(point["time"])
    found = {key: iter(_solved(dict(key), times)) for key, times in groups.items()}
    return [next(found[key]) for key in keys]


def _solved(at: Mapping[str, Any], times: Sequence[float]) -> list[Solution[SpectralPoint]]:
    """The loss at several times of one law."""
    values = controls_at(**{name: at[name] for name in ("source", "power", "rate", "time_power")})
    exactly = {**at, "time_power": float(values[2])}
    direction = Direction.named(at["direction"])
    found = integrated_losses(times=times, **exactly)
    return [
        Solution(
            SpectralPoint(item.value.loss, item.value.log_loss, values, direction, time),
            item.status, item.error, item.error_kind, item.method, item.statistics,
        )
        for time, item in zip(times, found, strict=True)
    ]  # fmt: skip


def _number(formula: sp.Expr, place: dict[sp.Symbol, sp.Expr]) -> float | None:
    """A formula in numbers; None where it is beyond the range of doubles."""
    # SymPy looks for exact roots in powers of fractions: with sixteen digits that takes hours.
    short = {s: sp.Float(v, 30) if v.is_Rational and v.q > 10**4 else v for s, v in place.items()}
    try:
        return value_at(formula, short)
    except (OverflowError, NotSettled):
        return None
