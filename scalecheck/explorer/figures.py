"""The explorer's pictures, with Bokeh: the plane with its phases, and figures of data as the report draws them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from scalecheck.proofs_checks.figures import FigureData, Role, Series

from ..drawing import INK, PALETTE
from .model import Chart
from .views import tip

if TYPE_CHECKING:
    from scalecheck.proofs_checks.theory_record import Theory

    from .exponents import ExponentMap
    from .model import Values

FILL = 0.45
"""Opacity of a region: dark text on any colour of the palette keeps a contrast above 4.5."""
SMALL = 0.006
"""Share of the window below which a region's name would not fit; the table and the hover have it."""
HATCHES = (" ", "/", "x")
"""Patterns for phases beyond the colours of the palette."""
WIDTH = 13
"""Characters of a line in a region."""
FONT = "13px"
LOG_FLOOR = 1e-280
"""Below this Bokeh's ticks have no room between doubles."""


class PlaneFigure:
    """The phase diagram as a Bokeh figure whose sources are replaced when the state changes; zoom and pan are the user's."""

    def __init__(self, on_click: Callable[[float, float], None]) -> None:
        from bokeh.events import Tap
        from bokeh.models import Range1d
        from bokeh.plotting import figure

        self.figure = figure(
            height=470, sizing_mode="stretch_width", tools="pan,wheel_zoom,box_zoom,reset,save", tags=["plane"], toolbar_location="above",
            x_range=Range1d(0, 1), y_range=Range1d(0, 1), min_width=300, min_border_top=12,
        )  # fmt: skip
        _polish(self.figure)
        self.regions, self.lines, self.names, self.mark, self.cells = _sources()
        self._draw_glyphs()
        self.figure.on_event(Tap, lambda event: on_click(event.x, event.y))

    def _draw_glyphs(self) -> None:
        from bokeh.models import ColorBar, HoverTool, LinearColorMapper
        from bokeh.palettes import Cividis256

        self.colours = LinearColorMapper(palette=Cividis256, nan_color="#ffffff")
        self.figure.image("z", "x", "y", "width", "height", source=self.cells, color_mapper=self.colours)
        self.bar = ColorBar(color_mapper=self.colours, title="measured exponent", visible=False, width=12)
        self.figure.add_layout(self.bar, "right")
        drawn = self.figure.patches(
            "xs", "ys", source=self.regions, fill_color="colour", fill_alpha="opacity", line_color=None,
            hatch_pattern="hatch", hatch_color=INK, hatch_alpha=0.18,
        )  # fmt: skip
        for colour, width, dash in (("white", 4, "solid"), (INK, 1.8, "solid")):
            self.figure.multi_line("xs", "ys", source=self.lines, line_color=colour, line_width=width, line_dash=dash)
        self.figure.text(
            "x", "y", "text", source=self.names, text_align="center", text_baseline="middle", text_color=INK,
            text_font_size="15px", text_font_style="bold",
        )  # fmt: skip
        self.figure.scatter("x", "y", source=self.mark, size=15, marker="circle_x", fill_color="white", line_color=INK,
                            fill_alpha=0.6, line_width=2.5)  # fmt: skip
        self.figure.add_tools(HoverTool(renderers=[drawn], tooltips="@tip{safe}", attachment="horizontal"))

    def draw(self, record: Theory, chart: Chart, values: Values, axes: tuple[str, str]) -> None:
        """Show regions, boundaries and names of a chart; the window moves only if the chart's did."""
        outlines = [(region, outline) for region in chart.regions for outline in region.outlines]
        tips = {id(region): tip(record, chart, values, region.row) for region in chart.regions}
        self.regions.data = {
            "xs": [[x for x, _ in outline] for _, outline in outlines],
            "ys": [[y for _, y in outline] for _, outline in outlines],
            "colour": [PALETTE[region.colour % len(PALETTE)] for region, _ in outlines],
            "hatch": [HATCHES[region.colour // len(PALETTE) % len(HATCHES)] for region, _ in outlines],
            "opacity": [0.02 if self.bar.visible else FILL for _ in outlines],
            "tip": [tips[id(region)] for region, _ in outlines],
        }
        paths = [path for _, path in chart.lines]
        self.lines.data = {
            "xs": [[x for x, _ in path] for path in paths],
            "ys": [[y for _, y in path] for path in paths],
        }
        named = [region for region in chart.regions if region.share > SMALL]
        self.names.data = {
            "x": [region.label[0] for region in named],
            "y": [region.label[1] for region in named],
            "text": [_folded(region.row.name) for region in named],
        }
        self._look_at(chart)
        self.figure.xaxis.axis_label, self.figure.yaxis.axis_label = axes

    def _look_at(self, chart: Chart) -> None:
        box = chart.window
        ends = (float(box.left), float(box.right)), (float(box.bottom), float(box.top))
        for limits, (low, high) in zip((self.figure.x_range, self.figure.y_range), ends):
            if (limits.reset_start, limits.reset_end) != (low, high):
                limits.update(start=low, end=high, reset_start=low, reset_end=high)

    def point_at(self, x: float, y: float) -> None:
        """Mark the chosen point."""
        self.mark.data = {"x": [x], "y": [y]}

    def clear(self) -> None:
        """Nothing is drawn: another theory is on its way."""
        for source in (self.regions, self.lines, self.names, self.mark, self.cells):
            source.data = {name: [] for name in source.data}

    def show_exponents(self, found: ExponentMap | None) -> None:
        """Put measured exponents under the boundaries, or take them away."""
        self.bar.visible = found is not None
        self.regions.data = {**self.regions.data, "opacity": [0.02 if found else FILL] * len(self.regions.data["xs"])}
        if found is None:
            self.cells.data = {name: [] for name in self.cells.data}
            return
        box, finite = found.box, found.exponents[~_is_nan(found.exponents)]
        if finite.size:
            self.colours.update(low=float(finite.min()), high=float(max(finite.max(), finite.min() + 1e-9)))
        self.cells.data = {
            "z": [found.exponents.astype("float32")],
            "x": [float(box.left)],
            "y": [float(box.bottom)],
            "width": [float(box.right - box.left)],
            "height": [float(box.top - box.bottom)],
        }


def _is_nan(values: Any) -> Any:
    import numpy as np

    return np.isnan(values)


def _sources() -> tuple[Any, ...]:
    from bokeh.models import ColumnDataSource

    columns = (
        ("xs", "ys", "colour", "hatch", "opacity", "tip"),
        ("xs", "ys"),
        ("x", "y", "text"),
        ("x", "y"),
        ("z", "x", "y", "width", "height"),
    )
    return tuple(ColumnDataSource({name: [] for name in names}) for names in columns)


def _folded(name: str) -> str:
    """A long name on short lines.

    Examples
    --------
    >>> _folded("arrested in finite clock").splitlines()
    ['arrested in', 'finite clock']
    """
    return "\n".join(wrap(name, WIDTH))


def _polish(figure: Any) -> None:
    """Legible at arm's length, and little ink that is not data."""
    figure.axis.axis_label_text_font_style = "normal"
    figure.axis.axis_label_text_font_size = figure.axis.major_label_text_font_size = FONT
    figure.axis.axis_label_text_color = figure.axis.major_label_text_color = INK
    figure.grid.grid_line_alpha = 0.35
    figure.outline_line_color = None
    figure.toolbar.logo = None


def axis_names(record: Theory, plane: Sequence[str]) -> tuple[str, str]:
    """The coordinates with what they mean: ``a   (samples = dim^a)``.

    Examples
    --------
    >>> from scalecheck.proofs_checks.registry import theory
    >>> axis_names(theory("quadratic"), ("a", "b"))
    ('a   (samples = dim^(a + 1))', 'b   (weight_decay = dim^b)')
    """
    first, second = (_axis_name(record, name) for name in plane)
    return first, second


def _axis_name(record: Theory, name: str) -> str:
    from scalecheck.proofs_checks.conjectures.grammar import parse_formula

    for control, text in record.scaling.exponents.items():
        if name in parse_formula(text).names():
            power = text if text.isalnum() else f"({text})"
            return f"{name}   ({control} = {record.scaling.large}^{power})"
    found = next((control for control in record.controls if control.name == name), None)
    return name if found is None else f"{name}   ({found.letter})"


def figure_of(data: FigureData) -> Any:
    """A figure of data with Bokeh: numbers as lines, laws dashed over them."""
    from bokeh.plotting import figure

    series = [_drawable(item, data) for item in data.series]
    drawn = figure(
        height=260, sizing_mode="stretch_width", min_width=300, tools="pan,wheel_zoom,reset,save", toolbar_location=None,
        x_axis_type=data.x_scale, y_axis_type=data.y_scale, x_axis_label=data.x_label, y_axis_label=data.y_label,
    )  # fmt: skip
    _polish(drawn)
    for item in sorted(series, key=lambda one: one.role is Role.LAW):
        if item.x:
            _draw(drawn, item)
    _frame(drawn, [item for item in series if item.role is not Role.LAW] or series, data)
    if drawn.legend:
        drawn.legend.update(label_text_font_size="12px", background_fill_alpha=0.75, border_line_color=None)
        drawn.add_layout(drawn.legend[0], "above")
        drawn.legend.orientation = "horizontal"
    return drawn


def _drawable(series: Series, data: FigureData) -> Series:
    """Without what a logarithmic axis cannot show."""
    low_x, low_y = (LOG_FLOOR if scale == "log" else -math.inf for scale in (data.x_scale, data.y_scale))
    kept = [(x, y) for x, y in zip(map(float, series.x), map(float, series.y)) if low_x < x and low_y < y < math.inf]
    return Series(series.label, series.role, [x for x, _ in kept], [y for _, y in kept], series.group)


def _draw(drawn: Any, series: Series) -> None:
    x, y = list(series.x), list(series.y)
    colour = PALETTE[series.group % len(PALETTE)]
    if series.role is Role.LAW:
        drawn.line(x, y, color=INK, line_width=2, line_dash=[7, 4], legend_label=series.label)
    elif series.role is Role.SIMULATION:
        drawn.scatter(x, y, color=colour, size=6, legend_label=series.label)
    else:
        drawn.line(x, y, color=colour, line_width=2.2, legend_label=series.label)
        if len(x) <= 30:
            drawn.scatter(x, y, color=colour, size=6)


def _frame(drawn: Any, series: Sequence[Series], data: FigureData) -> None:
    """Axes that fit the numbers: a law that runs off does not set the scale."""
    from bokeh.models import Range1d

    x = [value for item in series for value in item.x]
    y = [value for item in series for value in item.y]
    if not x or min(y) == max(y):
        return
    drawn.x_range = Range1d(*_ends(x, data.x_scale))
    drawn.y_range = Range1d(*(data.y_range or _ends(y, data.y_scale)))


def _ends(values: Sequence[float], scale: str) -> tuple[float, float]:
    low, high = min(values), max(values)
    if scale == "log":
        room = max(1.2, (high / low) ** 0.06)
        return low / room, high * room
    room = 0.06 * (high - low)
    return low - room, high + room
