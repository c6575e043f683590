"""Figures as data: series with labels and roles, computed from the tables of evidence and drawn by the door."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Role(Enum):
    """What a series is, which decides how it is drawn: laws over numbers, never the reverse."""

    LAW = "symbolic law"
    CLAIM = "claimed law that differs"
    SOLUTION = "state evolution"
    SIMULATION = "simulation"


@dataclass(frozen=True)
class Series:
    """One curve or set of points; `group` shares a colour, `error` is one standard error."""

    label: str
    role: Role
    x: Sequence[float]
    y: Sequence[float]
    group: int = 0
    error: Sequence[float] | None = None


@dataclass(frozen=True)
class FigureData:
    """Axes and series, ready to be drawn.

    `legend` is where its lines stand: "inside", "below" the axes (where the data fill them), or "none". `y_range` cuts what would
    otherwise set the scale.
    """

    x_label: str
    y_label: str
    series: tuple[Series, ...]
    x_scale: str = "log"
    y_scale: str = "log"
    legend: str = "inside"
    y_range: tuple[float, float] | None = None


@dataclass(frozen=True)
class MapData:
    """A map of numbers over a plane, with lines and names derived elsewhere drawn on top.

    `z` has shape (y, x), NaN where there is nothing; `lines` are (xs, ys), `labels` are (x, y, text). With the scale "log" x and y
    are positive. `z_range` are the ends of the colours; what lies beyond takes the colour of the end.
    """

    x_label: str
    y_label: str
    x: Sequence[float]
    y: Sequence[float]
    z: Any
    z_label: str
    lines: Sequence[tuple[Sequence[float], Sequence[float]]] = ()
    labels: Sequence[tuple[float, float, str]] = ()
    x_scale: str = "linear"
    y_scale: str = "linear"
    z_range: tuple[float, float] | None = None


class Border(Enum):
    """What a wall between two regions is, which decides how it is drawn."""

    CONTINUOUS = "continuous"
    JUMPS = "the exponent jumps"
    SAME = "the law of both sides"
    UNKNOWN = "no law on one side"


@dataclass(frozen=True)
class Filled:
    """An area of a region: between two curves over x."""

    name: str
    xs: Sequence[float]
    lows: Sequence[float]
    highs: Sequence[float]


@dataclass(frozen=True)
class Key:
    """A region in the legend: its law; `group` shares a colour, None is hatched: no law there."""

    name: str
    law: str
    group: int | None


@dataclass(frozen=True)
class Mark:
    """A point at which the numeric witness was heard: whether it holds, fails or is undecided, with its interval in y."""

    x: float
    y: float
    outcome: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class PlaneData:
    """A plane that is divided into regions, or an interval with the exponent over it.

    `lines` are walls as (xs, ys, border, words for the legend), `labels` are (x, y, text), `curves` laws as (xs, ys) over an interval, `points` where a wall
    has a law of its own.
    """

    x_label: str
    y_label: str
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    areas: Sequence[Filled]
    keys: Sequence[Key]
    title: str = ""
    lines: Sequence[tuple[Sequence[float], Sequence[float], Border, str]] = ()
    labels: Sequence[tuple[float, float, str]] = ()
    marks: Sequence[Mark] = ()
    curves: Sequence[tuple[Sequence[float], Sequence[float]]] = ()
    points: Sequence[tuple[float, float]] = ()


@dataclass(frozen=True)
class PanelData:
    """Several drawings in one figure, each with its title, in rows of `columns`.

    With `shared_legend` one legend below all panels names every label once; then the panels have none of their own.
    """

    panels: tuple[tuple[str, FigureData | MapData], ...]
    columns: int = 2
    shared_legend: bool = False


Drawing = FigureData | MapData | PanelData | PlaneData
"""Everything the door can draw."""


@dataclass(frozen=True)
class FigurePlan:
    """A figure of the report: its caption, and the function that computes its data."""

    id: str
    title: str
    caption: str
    compute: Callable[[], Drawing]
