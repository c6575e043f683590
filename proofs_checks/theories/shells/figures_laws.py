"""Loss curves of spectral transport with the derived laws over them, mechanism by mechanism (theory.md S10)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from scalecheck.numerics.shells.characteristics import losses
from scalecheck.theory.shells.cases import Case, Fact
from scalecheck.theory.shells.exponents import value_at
from scalecheck.theory.shells.laws import Law, law_of
from scalecheck.theory.shells.letters import CONTROLS, Direction
from scalecheck.theory.shells.letters import time as clock

from ...figures import FigureData, PanelData, Role, Series

SMALLEST = 1e-32
"""Losses below this are not drawn."""
PATHS = 1e-9
"""Tolerance of the paths: a millionth of a line's width, at half the cost of the finest."""


@dataclass(frozen=True)
class Curve:
    """Exact controls a, b, m, c of one curve, and how it is told apart in its panel."""

    label: str
    source: str
    power: str
    time_power: str
    rate: str
    direction: Direction = Direction.DOWN

    @property
    def exact(self) -> tuple[sp.Rational, ...]:
        """a, b, m, c as the symbolic witness takes them."""
        return tuple(sp.Rational(x) for x in (self.source, self.power, self.time_power, self.rate))


@cache
def law_at(curve: Curve) -> Law:
    """The derived law at a point: the case in which every control is a number."""
    facts = tuple(Fact(sp.expand(symbol - value), 0) for symbol, value in zip(CONTROLS, curve.exact))
    return law_of(Case(facts), curve.direction)


def predicted(curve: Curve, times: NDArray[np.float64]) -> list[float]:
    """The law at the times."""
    law, point = law_at(curve), dict(zip(CONTROLS, curve.exact))
    constant, exponent, log = (value_at(part, point) for part in (law.constant, law.exponent, law.log))
    actions = [0.0 if law.action is None else value_at(law.action, {**point, clock: sp.Float(t)}) for t in times]
    told = [e - s for e, s in zip(exponent * np.log(times), actions)]
    return [constant * math.log(t) ** log * math.exp(max(x, -700.0)) for x, t in zip(told, times)]


def measured(curve: Curve, times: NDArray[np.float64]) -> list[float]:
    """The loss at the times, by characteristics and quadrature."""
    a, b, m, c = (float(x) for x in curve.exact)
    word = curve.direction.name.lower()
    moments = [float(t) for t in times]
    found = losses(source=a, power=b, rate=c, times=moments, time_power=m, direction=word, tolerance=PATHS)
    return [item.value.loss for item in found]


def panel(
    curves: Sequence[Curve], *, start: float, end: float, points: int = 5, lowest: float | None = None
) -> FigureData:
    """Numbers as points from `start` to `end`, laws as dashes over the later part, where they are to hold."""
    series: list[Series] = []
    times = np.geomspace(start, end, points)
    later = np.geomspace(max(start, 3.0), end, 40)
    for group, curve in enumerate(curves):
        shown = times[np.array(predicted(curve, np.maximum(times, 2.0))) > SMALLEST]
        values = list(zip(shown, measured(curve, shown), strict=True))
        series.append(Series(curve.label, Role.SIMULATION, [t for t, _ in values], [v for _, v in values], group))
        law = [(t, v) for t, v in zip(later, predicted(curve, later)) if SMALLEST < v < 3.0]
        label = "derived law" if group == 0 else ""
        series.append(Series(label, Role.LAW, [t for t, _ in law], [v for _, v in law], group))
    return FigureData("time t", "loss L", tuple(series), y_range=None if lowest is None else (lowest, 1.4))


def downward() -> PanelData:
    """No drift and downward drift: lazy, frontier and its logarithm, plateaus, b = 1."""
    return PanelData(
        (
            ("no drift: lazy", panel(_lazy(), start=0.3, end=1e6)),
            ("down, b = 2, m = 0, c = 1: 2x* = 2", panel(_marginal(), start=0.3, end=1e6)),
            ("down, b = 3, c = 4, m ≠ b - 2", panel(_off_line(), start=0.3, end=1e6)),
            ("down, b = 1, m = -1, a = 1", panel(_clocks(), start=1.5, end=1e6)),
            ("down, b = 1/2, a = 1: arrival", panel(_arriving(), start=1.2, end=1e4, lowest=0.02)),
            ("down, b = 1, m ≠ -1, a = 1", panel(_proportional(), start=1.2, end=1e4)),
        ),
        columns=3,
    )


def upward() -> PanelData:
    """Upward drift: faster clocks, escape, stretched exponentials."""
    return PanelData(
        (
            ("up, b = 1, m = -1, a = 1: clocks", panel(_fast_clocks(), start=1.5, end=1e6)),
            ("up, b = 3, c = 1, a = 1", panel(_escape(), start=0.3, end=1e6)),
            ("up, b = 1, m > -1: runaway clock", panel(_runaway(), start=0.3, end=12.0)),
            ("up, b < 1: lifted off zero", panel(_lifted(), start=1.1, end=40.0)),
        ),
        columns=2,
    )


def _lazy() -> list[Curve]:
    return [Curve(f"a = {a}", a, "2", "0", "1", Direction.NONE) for a in ("1/2", "1", "2")]


def _marginal() -> list[Curve]:
    return [Curve(f"a = {a}{note}", a, "2", "0", "1") for a, note in (("1", ""), ("2", " (log)"), ("4", ""))]


def _off_line() -> list[Curve]:
    return [Curve(f"m = {m}", "1", "3", m, "4") for m in ("0", "3/2", "5/2")]


def _clocks() -> list[Curve]:
    return [Curve(f"c = {c}", "1", "1", "-1", c) for c in ("1/2", "1", "2")]


def _arriving() -> list[Curve]:
    return [Curve(f"m = {m}, c = {c}", "1", "1/2", m, c) for m, c in (("0", "1"), ("-1", "1"), ("-2", "1"))]


def _proportional() -> list[Curve]:
    return [Curve(f"m = {m}", "1", "1", m, "1") for m in ("-3/2", "0")]


def _fast_clocks() -> list[Curve]:
    return [Curve(f"c = {c}", "1", "1", "-1", c, Direction.UP) for c in ("1/4", "1", "3")]


def _escape() -> list[Curve]:
    return [Curve(f"m = {m}", "1", "3", m, "1", Direction.UP) for m in ("0", "1", "3")]


def _runaway() -> list[Curve]:
    return [Curve(f"m = {m}", "1", "1", m, "1", Direction.UP) for m in ("-1/2", "0", "1/2")]


def _lifted() -> list[Curve]:
    points = (("1/2", "0", "1/4"), ("1/2", "-1", "1"), ("-1", "2", "1/8"), ("0", "-2", "1/2"))
    return [Curve(f"b = {b}, m = {m}, c = {c}", "1", b, m, c, Direction.UP) for b, m, c in points]
