"""Draws the figures that theories plan: readable in print, in colour-blind palettes, the law over the numbers."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.figures import Drawing, FigureData, MapData, PanelData, PlaneData, Role, Series

from .documents import write_whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Okabe and Ito's colours, distinguishable under the common colour-vision deficiencies."""
MARKERS = ("o", "s", "^", "D", "v", "P")
INK = "#222222"
FORMATS = ("png", "pdf", "svg")
PANEL_SIZE = {1: (6.4, 4.2), 2: (4.6, 3.7), 3: (3.5, 2.9)}
"""Inches of a panel by the number of columns: text of 8 points stays readable on a page 6.5 inches wide."""


def draw(data: Drawing) -> Figure:
    """Return a Matplotlib figure; nothing global is touched."""
    from matplotlib.figure import Figure

    if isinstance(data, PanelData):
        return _draw_panels(data)
    if isinstance(data, PlaneData):
        from .plane_drawing import draw_plane

        return draw_plane(data)
    figure = Figure(figsize=(6.4, 4.6 if isinstance(data, MapData) else 4.2), layout="constrained")
    _draw_one(figure.add_subplot(), data)
    return figure


def _draw_panels(data: PanelData) -> Figure:
    """Small multiples, lettered so that a text can name them."""
    from matplotlib.figure import Figure

    columns = min(data.columns, len(data.panels))
    rows = -(-len(data.panels) // columns)
    width, height = PANEL_SIZE[min(columns, max(PANEL_SIZE))]
    figure = Figure(figsize=(width * columns, height * rows), layout="constrained")
    for place, (title, panel) in enumerate(data.panels):
        axes = figure.add_subplot(rows, columns, place + 1)
        _draw_one(axes, panel)
        if data.shared_legend and (own := axes.get_legend()) is not None:
            own.remove()
        axes.set_title(f"({chr(ord('a') + place)}) {title}", fontsize=9, loc="left")
    if data.shared_legend:
        found = [axes.get_legend_handles_labels() for axes in figure.axes]
        named = {label: handle for handles, labels in found for handle, label in zip(handles, labels)}
        figure.legend(
            named.values(), named.keys(), loc="outside lower center", ncols=2 * columns, frameon=False, fontsize=8
        )
    return figure


def _draw_one(axes: Axes, data: FigureData | MapData) -> None:
    if isinstance(data, MapData):
        _draw_map(axes, data)
    else:
        _draw_curves(axes, data)


def _draw_curves(axes: Axes, data: FigureData) -> None:
    """Curves and points, the laws on top."""
    order = [Role.SOLUTION, Role.SIMULATION, Role.LAW, Role.CLAIM]
    for role in order:
        for series in (item for item in data.series if item.role is role):
            _DRAW[role](axes, series)
    axes.set(xscale=data.x_scale, yscale=data.y_scale, xlabel=data.x_label, ylabel=data.y_label)
    if data.y_range is not None:
        axes.set_ylim(*data.y_range)
    axes.grid(True, which="major", linewidth=0.4, alpha=0.4)
    axes.spines[["top", "right"]].set_visible(False)
    named = sum(1 for series in data.series if series.label)
    if named and data.legend == "below":
        axes.legend(frameon=False, fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.18), ncols=min(named, 3))
    elif named and data.legend == "inside":
        axes.legend(frameon=False, fontsize=8)


def _draw_map(axes: Axes, data: MapData) -> None:
    """A map of numbers in a palette that survives grey printing, with derived lines and names over it."""
    x, y = _cell_edges(data.x, data.x_scale), _cell_edges(data.y, data.y_scale)
    low, high = data.z_range or (None, None)
    mesh = axes.pcolormesh(x, y, data.z, cmap="cividis", shading="flat", rasterized=True, vmin=low, vmax=high)
    ends = "neither" if data.z_range is None else "both"
    axes.figure.colorbar(mesh, ax=axes, label=data.z_label, extend=ends)
    for xs, ys in data.lines:
        axes.plot(xs, ys, color="white", linewidth=2.4)  # a light casing: the dark dashes show on every colour
        axes.plot(xs, ys, color=INK, linewidth=1.2, linestyle=(0, (4, 2)))
    box = {"boxstyle": "round,pad=0.2", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
    for left, low_end, text in data.labels:
        axes.text(left, low_end, text, color="#1c1c1c", ha="center", va="center", fontsize=9, bbox=box)
    axes.set(xscale=data.x_scale, yscale=data.y_scale, xlabel=data.x_label, ylabel=data.y_label)
    axes.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))


def _cell_edges(centres: Sequence[float], scale: str) -> Sequence[float]:
    """Edges half-way between the centres, in the scale of the axis."""
    import numpy as np

    places = np.log(centres) if scale == "log" else np.asarray(centres, dtype=float)
    middle = 0.5 * (places[1:] + places[:-1])
    edges = np.concatenate([[2 * places[0] - middle[0]], middle, [2 * places[-1] - middle[-1]]])
    return list(np.exp(edges) if scale == "log" else edges)


def save(data: Drawing, path: Path) -> None:
    """Draw and write a figure, whole or not at all; the format is the file's ending.

    Raises
    ------
    InputError
        For an ending that is no format of Matplotlib.
    """
    stream = io.BytesIO()
    draw(data).savefig(stream, format=check_format(path), dpi=200)
    write_whole(path, stream.getvalue())


def check_format(path: Path) -> str:
    """The format that a file's ending asks for, or `InputError` before any work is done."""
    kind = path.suffix.lstrip(".").lower()
    if kind not in FORMATS:
        raise InputError("plot", str(path), "a file name that ends in ." + ", .".join(FORMATS))
    if not path.absolute().parent.is_dir():
        raise InputError("plot", str(path), "a file in a folder that exists")
    return kind


def _draw_solution(axes: Axes, series: Series) -> None:
    axes.plot(series.x, series.y, color=_colour(series), linewidth=1.6, label=series.label)


def _draw_simulation(axes: Axes, series: Series) -> None:
    axes.errorbar(
        series.x,
        series.y,
        yerr=series.error,
        color=_colour(series),
        marker=MARKERS[series.group % len(MARKERS)],
        linestyle="none",
        markersize=4.5,
        capsize=2.5,
        label=series.label,
    )


def _draw_law(axes: Axes, series: Series) -> None:
    axes.plot(series.x, series.y, color=INK, linewidth=1.2, linestyle=(0, (4, 2)), zorder=5, label=series.label)


def _draw_claim(axes: Axes, series: Series) -> None:
    axes.plot(series.x, series.y, color=PALETTE[1], linewidth=1.6, linestyle=":", zorder=6, label=series.label)


_DRAW = {Role.CLAIM: _draw_claim, Role.SOLUTION: _draw_solution, Role.SIMULATION: _draw_simulation, Role.LAW: _draw_law}


def _colour(series: Series) -> str:
    return PALETTE[series.group % len(PALETTE)]


def svg(figure: Figure, name: str) -> str:
    """The figure as an SVG element whose ink follows the page's text colour, so that dark pages stay readable."""
    import matplotlib

    stream = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "path", "svg.hashsalt": name}):
        _lay_out(figure)
        figure.savefig(stream, format="svg", transparent=True, metadata={"Date": None, "Creator": "scalecheck"})
    text = stream.getvalue()
    body = text[text.index("<svg") :]
    for ink in (INK, "#000000", "#262626"):
        body = body.replace(ink, "currentColor")
    return body.replace("<g id=", f'<g data-figure="{name}" id=', 1)


def _lay_out(figure: Figure) -> None:
    """Place the axes once and for all; left to itself, Matplotlib draws a figure with a layout twice to save it once.

    Measured: a fifth of the time of a report's figures.
    """
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    engine = figure.get_layout_engine()
    if engine is None:
        return
    FigureCanvasSVG(figure)  # texts are measured as they will be drawn
    engine.execute(figure)
    with matplotlib.rc_context({"figure.autolayout": False, "figure.constrained_layout.use": False}):
        figure.set_layout_engine(None)
