"""Figures as data: series with labels and roles, computed from the tables of evidence and drawn by the door."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Role(Enum):
    """What a series is, which decides how it is drawn: laws over numbers, never the reverse."""

    LAW = "symbolic law"
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


@dataclass(frozen=True)
class PanelData:
    """Several drawings in one figure, each with its title, in rows of `columns`.

    With `shared_legend` one legend below all panels names every label once; then the panels have none of their own.
    """

    panels: tuple[tuple[str, FigureData | MapData], ...]
    columns: int = 2
    shared_legend: bool = False


Drawing = FigureData | MapData | PanelData
"""Everything the door can draw."""


@dataclass(frozen=True)
class FigurePlan:
    """A figure of the report: its caption, and the function that computes its data."""

    id: str
    title: str
    caption: str
    compute: Callable[[], Drawing]
