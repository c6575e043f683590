"""The explorer's widgets, with Panel: they hold the state, ask the model what to show, and run slow things beside the page.

One thread computes for all pages, in order: SymPy and mpmath have global state. What has become stale is dropped.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import Future
from fractions import Fraction
from functools import cache, partial
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

from scalecheck.proofs_checks.registry import theories

from . import points, views
from .exponents import measured
from .figures import PlaneFigure, axis_names, figure_of
from .model import Chart, Knob, chart, chosen, explorable, knobs, settled, window

if TYPE_CHECKING:
    from scalecheck.proofs_checks.diagrams import Diagram
    from scalecheck.proofs_checks.figures import FigureData
    from scalecheck.proofs_checks.theory_record import Theory

Answer = TypeVar("Answer")

MEASURE = "measure local exponents"
GAP = 1e-3
"""Share of the window without a law above which a diagram is derived at the chosen values themselves."""
STYLE = """
:host, div { font-size: 14px; color: #222; }
h3 { margin: 2px 0 6px; font-size: 16px; }
p { margin: 4px 0; }
table { border-collapse: collapse; margin: 4px 0 10px; }
caption { text-align: left; font-weight: 600; padding: 2px 0; }
th, td { text-align: left; padding: 2px 12px 2px 0; vertical-align: baseline; font-weight: normal; }
thead th { border-bottom: 1px solid #888; }
.sc-rows th { color: #555; white-space: nowrap; }
.sc-rows td { overflow-wrap: anywhere; }
.sc-legend { overflow-x: auto; }
.sc-legend td { padding: 5px 14px 5px 0; white-space: nowrap; }
.sc-swatch { display: inline-block; width: 12px; height: 12px; margin-right: 7px; opacity: 0.75; box-sizing: border-box; }
.sc-notice { border-left: 4px solid #D55E00; background: #fdf1e8; padding: 5px 9px; overflow-wrap: anywhere; }
.sc-command { background: #f3f3f3; padding: 8px; white-space: pre-wrap; overflow-wrap: anywhere; font-size: 12.5px; }
.sc-say { font-weight: 600; }
"""


@cache
def pn() -> Any:
    """Panel, which is an extra: a module of the house can be imported without it."""
    import panel

    return panel


@cache
def _queue() -> SimpleQueue[Callable[[], None]]:
    """What the computing thread has to do; a daemon, so that Ctrl-C need not wait for a derivation."""
    tasks: SimpleQueue[Callable[[], None]] = SimpleQueue()

    def work() -> None:
        while True:
            tasks.get()()

    Thread(target=work, name="explorer", daemon=True).start()
    return tasks


async def beside(run: Callable[[], Answer]) -> Answer:
    """Run something slow in the one computing thread while the page stays alive."""
    promise: Future[Answer] = Future()

    def work() -> None:
        try:
            promise.set_result(run())
        except Exception as error:  # noqa: BLE001  # handed over whole, and raised where it was asked for
            promise.set_exception(error)

    _queue().put(work)
    return await asyncio.wrap_future(promise)


@cache
def _derived(record_name: str) -> Diagram:
    """The diagram for symbolic parameters, derived once a process."""
    record = theories()[record_name]
    assert record.phases is not None
    return record.phases()


class Explorer:
    """The whole application; `view` is what is laid out, `values` where the knobs stand."""

    def __init__(self, theory: str | None = None) -> None:
        self.record: Theory = chosen(theories(), theory)
        self.diagram: Diagram | None = None
        self.chart: Chart | None = None
        self.knobs: tuple[Knob, ...] = ()
        self.dials: dict[str, Any] = {}
        self.where: tuple[str, ...] | None = None
        self.turn = 0  # counts what was asked of the point panel: an answer to an older question is dropped
        self.measuring = 0
        self.closed = False
        self._make_parts()
        self._lay_out()
        page = pn().state.curdoc
        self.page = page if page is not None and page.session_context is not None else None
        if self.page is not None:
            pn().state.on_session_destroyed(self.stop)
        pn().state.execute(self._open)

    def _make_parts(self) -> None:
        names = list(explorable(theories()))
        html = partial(pn().pane.HTML, stylesheets=[STYLE], sizing_mode="stretch_width", margin=(0, 10))
        self.theory = pn().widgets.Select(
            name="theory", options=names, value=self.record.name, sizing_mode="stretch_width"
        )
        self.plane = PlaneFigure(lambda x, y: pn().state.execute(partial(self._clicked, x, y)))
        self.canvas = pn().pane.Bokeh(self.plane.figure, sizing_mode="stretch_width")
        self.coordinates = [pn().widgets.TextInput(name=name, width=90) for name in ("x", "y")]
        self.overlay = pn().widgets.Toggle(name=MEASURE, button_type="default", sizing_mode="stretch_width")
        self.progress, self.status, self.legend = html(""), html(""), html("")
        self.spinner = pn().indicators.LoadingSpinner(value=True, size=22, visible=True, margin=(4, 0, 0, 10))
        self.point, self.spectrum, self.solved, self.command = (html("") for _ in range(4))
        self.pictures = pn().Column(sizing_mode="stretch_width")
        self.sliders = pn().Column(sizing_mode="stretch_width")
        self.theory.param.watch(self._on_theory, "value")
        self.overlay.param.watch(self._on_overlay, "value")
        for text in self.coordinates:
            text.param.watch(self._on_coordinates, "value")

    def _lay_out(self) -> None:
        """Three columns, which are beside each other down to the width of a notebook's frame: an answer below is not seen."""
        hint = pn().pane.HTML("click the plane, or type exactly:", stylesheets=[STYLE], margin=(8, 10, 0, 10))
        left = pn().Column(
            self.theory, self.sliders, self.overlay, self.progress,
            pn().Row(self.spinner, self.status, sizing_mode="stretch_width"),
            styles={"flex": "1 1 190px", "max-width": "340px"}, min_width=190,
        )  # fmt: skip
        middle = pn().Column(
            self.canvas, self.legend,
            styles={"flex": "3 1 370px"}, min_width=300,
        )  # fmt: skip
        right = pn().Column(
            hint, pn().Row(*self.coordinates), self.point, self.pictures, self.command, self.spectrum, self.solved,
            styles={"flex": "2 1 300px"}, min_width=280,
        )  # fmt: skip
        self.view = pn().FlexBox(left, middle, right, align_items="flex-start", sizing_mode="stretch_width")

    def __panel__(self) -> Any:
        """What Panel displays, also as a part of a larger page."""
        return self.view

    @property
    def values(self) -> dict[str, str]:
        """Where the knobs stand, as exact text."""
        return {name: str(dial.value) for name, dial in self.dials.items()}

    @property
    def start(self) -> dict[str, str]:
        """Where the knobs began; words follow, as a window has none to grow with."""
        return {k.name: self.values[k.name] if k.words else k.start for k in self.knobs}

    async def _open(self) -> None:
        """Derive the diagram of a theory beside the page, then show it."""
        record, self.diagram, self.chart = self.record, None, None
        self._forget_point()
        self._say(f"deriving the phase diagram of {record.name}, once; it takes up to half a minute", busy=True)
        found = await self._or_say(partial(_derived, record.name))
        if record is not self.record or self.closed:
            return  # another theory was chosen meanwhile, or nobody looks any more
        self.diagram = found
        self._make_dials()
        for text, name in zip(self.coordinates, found.plane):
            text.name = name
        self._say("")
        self._draw()
        await self._fill_gap()

    def _make_dials(self) -> None:
        assert self.diagram is not None
        self.knobs = knobs(self.record, self.diagram.plane)
        self.dials = {knob.name: _dial(knob) for knob in self.knobs}
        for dial in self.dials.values():
            dial.param.watch(self._on_dial, "value")
            dial.param.watch(self._on_rest, "value_throttled" if hasattr(dial, "value_throttled") else "value")
        self.sliders[:] = list(self.dials.values())

    def _draw(self) -> None:
        """The plane at the state of the knobs; only substitutes."""
        assert self.diagram is not None
        box = window(self.record, self.diagram, self.values, self.start)
        self._show(chart(self.record, self.diagram, self.values, box))

    def _show(self, drawn: Chart) -> None:
        self.chart = drawn
        axes = axis_names(self.record, drawn.diagram.plane)
        self._paint(partial(self.plane.draw, self.record, drawn, self.values, axes))
        self.legend.object = views.legend(self.record, drawn, self.values)

    async def _fill_gap(self) -> None:
        """Where the symbolic regions leave a gap, on a wall of the parameters, the diagram is derived there."""
        drawn = self.chart
        if drawn is None or self.diagram is None or drawn.covered > 1 - GAP:
            return
        self._say("a wall between two ranges of the parameters: deriving the diagram on it", busy=True)
        found = await self._or_say(partial(settled, self.record, self.diagram, self.values, drawn.window))
        if drawn is self.chart:
            self._say("")
            self._show(found)

    async def _on_theory(self, event: Any) -> None:
        self.record = theories()[event.new]
        self._stop_measuring()
        await self._open()

    async def _on_dial(self, event: Any) -> None:
        """While a slider moves the plane follows; what costs more waits for its end."""
        if self.diagram is None:
            return
        self._stop_measuring()
        self._draw()
        await self._fill_gap()

    async def _on_rest(self, event: Any) -> None:
        await self._tell()

    async def _clicked(self, x: float, y: float) -> None:
        if self.chart is None:
            return  # the axes do not stand yet: nobody knows which point is meant
        self.where = (points.snapped(x), points.snapped(y))
        for box, text in zip(self.coordinates, self.where):
            box.value = text
        await self._tell()

    async def _on_coordinates(self, event: Any) -> None:
        typed = tuple(box.value for box in self.coordinates)
        if typed != self.where and all(typed):  # else it was the click that wrote them
            self.where = typed
            await self._tell()

    def _forget_point(self) -> None:
        self.turn += 1
        self.where = None
        for box in self.coordinates:
            box.value = ""
        for pane in (self.point, self.spectrum, self.solved, self.command, self.legend):
            pane.object = ""
        self.pictures[:] = []
        self._paint(self.plane.clear)

    async def _tell(self) -> None:
        """Everything about the chosen point, the cheap parts first; a newer question ends this one."""
        if self.where is None or self.diagram is None or self.chart is None:
            return
        self.turn += 1
        parts = self._parts(self.record, self.chart.diagram, self.values, self.where)
        turn = self.turn
        async for _ in parts:
            if turn != self.turn:
                await parts.aclose()
                return
        self._say("")

    async def _parts(
        self, record: Theory, diagram: Diagram, values: dict[str, str], where: tuple[str, ...]
    ) -> AsyncGenerator[None]:
        """One part of the answer after the other; between them the caller may stop."""
        turn = self.turn
        at = points.place(record, diagram, values, where)
        self.point.object = views.place_view(at)
        self.spectrum.object = self.solved.object = self.command.object = ""
        self.pictures[:] = []
        if at.trouble:
            return
        self._paint(partial(self.plane.point_at, *(float(Fraction(text)) for text in where)))
        self.command.object = views.command_view(_commands(record, at))
        self._say("solving the state at this point", busy=True)
        law = await self._or_say(partial(points.law, record, diagram, values, at))
        yield
        found = await self._or_say(partial(points.solved, record, diagram, at, law))
        yield
        law = points.completed(diagram, law, found, float(values[record.scaling.large]))
        found = points.compared(found, law)
        head = views.place_view(at)
        self.point.object = head + views.law_view(record, law, found, diagram.observable)
        self.solved.object = views.solved_view(found, diagram.observable)
        if record.spectrum is not None:
            self._say("the learned spectrum (the first one derives its tail, in some seconds)", busy=True)
            learned = await self._or_say(partial(points.learned, record, at))
            yield
            self.spectrum.object = views.learned_view(learned)
            if learned.spectrum is not None:
                self.pictures.append(_picture(learned.spectrum.figure))
        self._say("the curve against the law", busy=True)
        curve = await self._or_say(partial(points.curve, record, diagram, values, at, law))
        yield
        if turn == self.turn:
            self.pictures.append(_picture(curve.figure))
            self.pictures.append(pn().pane.HTML(views.notice(curve.trouble), stylesheets=[STYLE]))

    async def _on_overlay(self, event: Any) -> None:
        if not event.new or self.diagram is None or self.chart is None:
            self._stop_measuring()
            return
        self.measuring += 1
        turn, drawn = self.measuring, self.chart
        self.overlay.name = "stop, and show the phases"
        rows = measured(self.record, drawn.diagram, self.values, drawn.window)
        while turn == self.measuring:
            found = await self._or_say(partial(next, rows, None))
            if found is None or turn != self.measuring:
                break
            self.progress.object = f"<p>{found.told()}</p>"
            self._paint(partial(self.plane.show_exponents, found))

    def _stop_measuring(self) -> None:
        self.measuring += 1
        self.overlay.value, self.overlay.name = False, MEASURE
        self.progress.object = ""
        self._paint(partial(self.plane.show_exponents, None))

    def stop(self, session_context: Any) -> None:
        """The page was closed: nothing more is computed for it, and its figure is not to be touched."""
        self.closed, self.chart = True, None
        self.turn += 1
        self.measuring += 1

    def _paint(self, change: Callable[[], None]) -> None:
        """Change the plane's figure: on a served page with its lock held, in a notebook with the change sent after it."""
        if self.closed:
            return
        if self.page is not None:
            self.page.add_next_tick_callback(change)
        else:
            change()
            pn().io.push_notebook(self.canvas)

    async def _or_say(self, run: Callable[[], Answer]) -> Answer:
        """Run it beside the page; a defect is told in a line there, and raised for the terminal."""
        answered = False
        try:
            answer = await beside(run)
            answered = True
        finally:
            if not answered:
                self._say(
                    "this could not be computed: a defect of scalecheck; the terminal that serves has the details"
                )
        return answer

    def _say(self, text: str, busy: bool = False) -> None:
        self.status.object = f"<p>{text}</p>" if text else ""
        self.spinner.visible = busy


def _dial(knob: Knob) -> Any:
    """The widget of a knob: words in a list, numbers on a slider that stops at exact values."""
    name = f"{knob.name} {knob.letter}"
    if knob.words:
        return pn().widgets.Select(name=name, options=list(knob.options), value=knob.start, sizing_mode="stretch_width")
    return pn().widgets.DiscreteSlider(
        name=name, options=list(knob.options), value=knob.start, sizing_mode="stretch_width"
    )


def _commands(record: Theory, at: points.Place) -> list[str]:
    found = [at.command]
    if record.spectrum is not None:
        found.append(points.command(record, "spectrum", at.controls))
    return found


def _picture(data: FigureData) -> Any:
    return pn().pane.Bokeh(figure_of(data), sizing_mode="stretch_width")
