"""Draws planes of the user's own: regions in light tints with their names, walls by their kind, the numbers on top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from scalecheck.proofs_checks.evidence import Outcome
from scalecheck.proofs_checks.figures import Border, Key, Mark, PlaneData

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend

INK = "#222222"
TINTS = ("#9ECAE9", "#F6C58F", "#B9E3D3", "#E9BFD6", "#F7EDB5", "#7FB3A6", "#C9C3E6", "#D9D9D9")
"""Light relatives of Okabe and Ito's colours: hues that stay apart under the common colour-vision deficiencies, and ink is legible
on all. Printed in grey some are alike: there the walls and the names tell regions apart."""
Style = Literal["-", ":", "-."]
STYLES: Mapping[Border, tuple[Style, float]] = {
    Border.CONTINUOUS: ("-", 1.3), Border.JUMPS: ("-", 2.8), Border.SAME: (":", 1.1), Border.UNKNOWN: ("-.", 1.1),
}  # fmt: skip
MARKS: Mapping[str, tuple[str, str, str]] = {
    Outcome.HOLDS.value: ("o", INK, "numbers agree"),
    Outcome.FAILS.value: ("X", "#D55E00", "numbers contradict"),
    Outcome.UNDECIDED.value: ("o", "white", "numbers cannot tell"),
}
"""Marker, face and words; what contradicts has a shape of its own, so that it shows without colour."""
LONGEST = 160
"""Characters of a law in the legend, signs of LaTeX among them."""
ROW = 0.18
"""Inches of a row of the legend."""
MOST_WALLS = 6
"""Walls that the legend tells one by one; of more it tells the kinds."""


def draw_plane(data: PlaneData) -> Figure:
    """A Matplotlib figure of a plane or an interval; nothing global is touched."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.6 + 0.14 * (len(data.keys) + len(data.lines))), layout="constrained")
    axes = figure.add_subplot()
    _fill(axes, data)
    for xs, ys, border, _ in data.lines:
        style, width = STYLES[border]
        axes.plot(xs, ys, color=INK, linewidth=width, linestyle=style, zorder=3)
    for curve_xs, curve_ys in data.curves:
        axes.plot(curve_xs, curve_ys, color=INK, linewidth=1.8, zorder=4)
    _mark_points(axes, data.points)
    for mark in data.marks:
        _mark(axes, mark)
    box = {"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}
    for x, y, text in data.labels:
        axes.text(x, y, settable(text), color=INK, ha="center", va="center", fontsize=9, bbox=box, zorder=6)
    axes.set(xlim=data.x_range, ylim=data.y_range, xlabel=settable(data.x_label), ylabel=settable(data.y_label))
    axes.set_title(settable(data.title), fontsize=10, loc="left")
    _legend(figure, [*(_key(key) for key in data.keys), *_kinds(data)])
    return figure


def _legend(figure: Figure, handles: Sequence[Artist]) -> None:
    """Below the axes in two columns, in one where two are wider than the figure."""

    def below(columns: int) -> Legend:
        return figure.legend(handles=handles, ncols=columns, loc="outside lower center", frameon=False, fontsize=8)

    legend = below(2)
    if legend.get_window_extent().width > figure.bbox.width:
        legend.remove()
        figure.set_figheight(figure.get_figheight() + ROW * len(handles) / 2)
        below(1)


def _fill(axes: Axes, data: PlaneData) -> None:
    groups = {key.name: key.group for key in data.keys}
    for area in data.areas:
        group = groups[area.name]
        colour = "white" if group is None else TINTS[group % len(TINTS)]
        # Hatches take the colour of the edge; edges of filled areas that of the face, so that no seams show.
        edge = "#8a8a8a" if group is None else colour
        axes.fill_between(
            area.xs, area.lows, area.highs, facecolor=colour, edgecolor=edge, linewidth=0.3,
            hatch=None if group is not None else "////", zorder=1,
        )  # fmt: skip


def _mark_points(axes: Axes, points: Sequence[tuple[float, float]]) -> None:
    if points:
        xs, ys = zip(*points, strict=True)
        axes.plot(xs, ys, linestyle="none", marker="D", markersize=5, color=INK, markerfacecolor=TINTS[4], zorder=4)


def _mark(axes: Axes, mark: Mark) -> None:
    marker, face, _ = MARKS[mark.outcome]
    if mark.low is not None and mark.high is not None:
        axes.vlines(mark.x, mark.low, mark.high, color=INK, linewidth=1.2, zorder=5)
    axes.plot(
        [mark.x], [mark.y], linestyle="none", marker=marker, markersize=7 if marker == "o" else 10,
        markerfacecolor=face, markeredgecolor="white" if face == INK else INK, markeredgewidth=1.0, zorder=7,
    )  # fmt: skip


def _key(key: Key) -> Artist:
    from matplotlib.patches import Patch

    colour = "white" if key.group is None else TINTS[key.group % len(TINTS)]
    hatch = "////" if key.group is None else None
    return Patch(
        facecolor=colour, edgecolor=INK, linewidth=0.6, hatch=hatch, label=settable(_cut(f"{key.name}: {key.law}"))
    )


def _cut(text: str) -> str:
    """A text that fits; mathematics that is cut would not be set, so it goes as a whole."""
    if len(text) <= LONGEST:
        return text
    return (text.split(":")[0] if "$" in text else text[: LONGEST - 3]) + "..."


def _kinds(data: PlaneData) -> list[Artist]:
    """Walls and points by what they are: those that there are."""
    from matplotlib.lines import Line2D

    found: list[Artist] = []
    walls = list(dict.fromkeys((border, words) for _, _, border, words in data.lines))
    if len(walls) > MOST_WALLS:
        walls = [(border, "wall") for border in dict.fromkeys(border for border, _ in walls)]
    for border, words in walls:
        style, width = STYLES[border]
        told = f"{settable(_cut(words))}; {border.value}"
        found.append(Line2D([], [], color=INK, linestyle=style, linewidth=width, label=told))
    if data.points:
        found.append(
            Line2D([], [], color=INK, linestyle="none", marker="D", markerfacecolor=TINTS[4], label="law on the wall")
        )
    for outcome in dict.fromkeys(mark.outcome for mark in data.marks):
        marker, face, words = MARKS[outcome]
        edge = "white" if face == INK else INK
        found.append(
            Line2D([], [], linestyle="none", marker=marker, markerfacecolor=face, markeredgecolor=edge, label=words)
        )
    return found


def settable(text: str) -> str:
    """Mathematics that Matplotlib can set, line by line; without the signs of LaTeX where it cannot."""
    return "\n".join(_settable(line) for line in text.split("\n"))


def _settable(line: str) -> str:
    from matplotlib.mathtext import MathTextParser

    try:
        MathTextParser("path").parse(line)
    except ValueError:
        return line.replace("$", "").replace("\\", "")
    return line
