"""The explorer without a browser: what is shown for a state, as pure functions."""

import json
import math
import re
import socket
import threading
import time
from dataclasses import replace
from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from scalecheck import explorer
from scalecheck.cli import main
from scalecheck.explorer import exponents, points, views
from scalecheck.explorer.model import chart, chosen, explorable, knobs, numbers, plane_symbols, settled, window
from scalecheck.explorer.points import Law
from scalecheck.explorer.regions import Box, HalfPlane, area, clip, half_plane, polygon, segment
from scalecheck.numerics.errors import NotConverged
from scalecheck.proofs_checks.diagrams import Diagram, PhaseRow
from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.registry import theories, theory
from scalecheck.proofs_checks.theory_record import Scaling

SQUARE = Box(*map(Fraction, (-2, 2, -1, 3)))
small = st.fractions(min_value=-3, max_value=3, max_denominator=20)
half_planes = st.builds(HalfPlane, small, small, small)


def start(record, diagram, **values):
    return {**{knob.name: knob.start for knob in knobs(record, diagram.plane)}, **values}


@pytest.fixture(scope="module")
def diagonal():
    record = theory("diagonal")
    return record, record.phases()


@pytest.fixture
def bare(diagonal):
    """A record without what takes long, with the diagram at one value of the parameter."""
    record, diagram = diagonal
    return replace(record, spectrum=None), diagram


# --- regions ---------------------------------------------------------------------------------------------------------


@given(st.lists(half_planes, max_size=4), half_planes)
def test_a_line_cuts_a_polygon_into_parts_that_add_up(sides, cut):
    whole = polygon(sides, SQUARE)
    other = HalfPlane(-cut.x, -cut.y, -cut.offset)
    parts = area(clip(whole, cut)) + area(clip(whole, other))
    on_the_line = cut.x == cut.y == cut.offset == 0
    assert parts == (0 if on_the_line else area(whole))


@given(st.lists(half_planes, min_size=1, max_size=4))
def test_corners_lie_on_the_right_side(sides):
    assert all(side.at(corner) >= 0 for side in sides for corner in polygon(sides, SQUARE))


@given(half_planes, st.lists(half_planes, max_size=3))
def test_ends_of_a_segment_lie_on_its_line_and_inside(line, sides):
    for x, y in segment(line, sides, SQUARE):
        assert float(line.at((Fraction(x), Fraction(y)))) == pytest.approx(0, abs=1e-9)
        assert all(float(side.at((Fraction(x), Fraction(y)))) > -1e-9 for side in sides)


def test_a_curved_condition_is_no_half_plane():
    a, b = sp.symbols("a b", real=True)
    assert half_plane(a * b + 1, (a, b)) is None
    assert half_plane(2 * a - b, (a, b)) == HalfPlane(Fraction(2), Fraction(-1), Fraction(0))


# --- the chart -------------------------------------------------------------------------------------------------------


@given(data=st.data())
@settings(max_examples=10)
def test_the_regions_cover_the_window_at_every_position_of_the_sliders(diagonal, data):
    record, diagram = diagonal
    values = {k.name: data.draw(st.sampled_from(k.options)) for k in knobs(record, diagram.plane)}
    drawn = chart(record, diagram, values, window(record, diagram, values, start(record, diagram)))
    assert drawn.covered == pytest.approx(1, abs=1e-12)
    assert all(region.exact for region in drawn.regions)


def test_a_missing_phase_leaves_a_gap(diagonal):
    """The check above can fail."""
    record, diagram = diagonal
    gap = replace(diagram, phases=diagram.phases[1:])
    values = start(record, diagram)
    assert chart(record, gap, values, window(record, diagram, values, values)).covered < 0.95


@pytest.mark.parametrize("decay", ["0.75", "1", "2.35"])
def test_substituted_is_what_is_derived_there(diagonal, decay):
    record, diagram = diagonal
    values = start(record, diagram, decay=decay)
    box = window(record, diagram, values, values)
    there = chart(record, record.phases(decay=str(Fraction(decay))), values, box)
    here = chart(record, diagram, values, box)
    assert {(r.row.name, r.share) for r in here.regions} == {(r.row.name, r.share) for r in there.regions}


@given(x=st.floats(0.02, 3.4), y=st.floats(-1.9, 1.9), decay=st.sampled_from(["0.75", "1", "1.5"]))
@settings(max_examples=10)
def test_the_region_under_a_click_is_the_phase_of_the_law(diagonal, x, y, decay):
    record, diagram = diagonal
    values = start(record, diagram, decay=decay)
    at = points.place(record, diagram, values, tuple(map(points.snapped, (x, y))))
    law = points.law(record, diagram, values, at)
    where = dict(zip(plane_symbols(diagram), map(sp.Rational, at.where.values())))
    given_ = {**numbers(record, values)}
    inside = [
        region.row.name
        for region in chart(record, diagram, values, window(record, diagram, values, values)).regions
        if all(
            r.subs({s: given_.get(s.name, where.get(s)) for s in r.free_symbols}) == sp.true for r in region.row.region
        )
    ]
    if law.local is None or " | " in law.local.name:  # outside the plane, or where boundaries cross
        assert inside == []
    else:
        assert inside == [law.local.name]


def test_a_wall_of_the_parameters_is_derived_again():
    record = theory("ridge")
    diagram = record.phases()
    values = start(record, diagram, source="1")
    box = window(record, diagram, values, start(record, diagram))
    assert chart(record, diagram, values, box).covered == 0
    assert settled(record, diagram, values, box).covered == pytest.approx(1)


def test_knobs_come_from_the_record(diagonal):
    record, diagram = diagonal
    decay, noise, dim = knobs(record, diagram.plane)
    assert (decay.name, decay.letter, decay.start) == ("decay", "γ", "1")
    assert all(Fraction(text) > Fraction(1, 2) for text in decay.options)
    assert all(float(text) > 0 for text in noise.options)
    assert [float(dim.options[0]), float(dim.options[-1])] == [100, 1e12]
    for knob in (decay, noise, dim):
        assert knob.start in knob.options
        assert len(set(knob.options)) == len(knob.options)


def test_every_theory_with_a_diagram_has_knobs_inside_their_domains():
    for record in explorable(theories()).values():
        plane = ("a", "b") if record.scaling.exponents else ("power", "time_power")
        domains = {control.name: control.domain for control in record.controls}
        for knob in knobs(record, plane):
            for text in knob.options:
                domains[knob.name].parse(knob.name, text)


# --- a click ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("x", "y"), [("0.75", "1/8"), ("0.4", "-1"), ("2.6", "-0.37"), ("1", "0.1")])
def test_the_command_shown_reproduces_the_point(bare, capsys, x, y):
    record, diagram = bare
    values = start(record, diagram, decay="1.35", noise="3e-1", dim="3e5")
    at = points.place(record, diagram, values, (x, y))
    found = points.solved(record, diagram, at, Law(None, None, None))
    assert main([*at.command.split()[1:], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["risk"] == found.observable


def test_the_command_of_a_theory_with_a_command_of_its_own(capsys):
    record = theory("shells")
    diagram = Diagram("shells", "loss", "time", ("power", "time_power"), (), (), True)
    values = {"source": "1", "rate": "1", "direction": "down", "time": "1e3"}
    at = points.place(record, diagram, values, ("2", "-1"))
    assert at.command.startswith("scalecheck shells --source 1 ")
    found = points.solved(record, diagram, at, Law(None, None, None))
    assert main([*at.command.split()[1:], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["loss"] == found.observable


def test_law_and_numbers_meet_deep_inside_a_phase(bare):
    record, diagram = bare
    values = start(record, diagram, dim="1e12")
    at = points.place(record, diagram, values, ("3", "-1.5"))
    law = points.law(record, diagram, values, at)
    found = points.solved(record, diagram, at, law)
    assert law.local.name == "VIb"
    assert found.ratio == pytest.approx(1, rel=1e-6)
    curve = points.curve(record, diagram, values, at, law).figure
    solved, stated = curve.series
    assert list(solved.y) == pytest.approx(list(stated.y), rel=1e-3)


@pytest.mark.parametrize(
    ("x", "y", "told"),
    [
        ("-1", "0", "no law is stated here"),
        ("ten", "0", "a: got 'ten'"),
        ("90", "0", "samples"),
        ("1/0", "0", "a: got"),
    ],
)
def test_what_cannot_be_told_is_one_line(bare, x, y, told):
    record, diagram = bare
    values = start(record, diagram)
    at = points.place(record, diagram, values, (x, y))
    law = points.law(record, diagram, values, at) if not at.trouble else Law(None, None, None)
    trouble = at.trouble or law.trouble
    assert told in trouble
    assert "\n" not in trouble
    assert 'role="status"' in views.notice(trouble)


def test_not_converged_is_said_and_nothing_else_is(bare):
    record, diagram = bare

    def fails(**_):
        raise NotConverged("no solution: iteration stalled.\ntry a larger dim")

    broken = replace(record, solve=fails)
    values = start(record, diagram)
    at = points.place(broken, diagram, values, ("0.75", "0.1"))
    law = points.law(broken, diagram, values, at)
    found = points.solved(broken, diagram, at, law)
    assert (found.point, found.observable, found.ratio) == (None, None, None)
    shown = views.law_view(broken, law, found, "risk")
    assert "no solution: iteration stalled. try a larger dim" in shown
    curve = points.curve(broken, diagram, values, at, law)
    assert curve.trouble
    assert not curve.figure.series[0].x
    assert math.isnan(exponents.local_exponent(broken, diagram, values, Fraction(1), Fraction(0)))


@given(x=st.floats(-2, 6), y=st.floats(-4, 4), data=st.data())
@settings(max_examples=15)
def test_no_click_shows_a_nan_or_raises(bare_session, x, y, data):
    record, diagram = bare_session
    values = {k.name: data.draw(st.sampled_from(k.options)) for k in knobs(record, diagram.plane)}
    at = points.place(record, diagram, values, tuple(map(points.snapped, (x, y))))
    shown = views.place_view(at)
    if not at.trouble:
        law = points.law(record, diagram, values, at)
        found = points.solved(record, diagram, at, law)
        shown += views.law_view(record, law, found, "risk") + views.solved_view(found, "risk")
    assert not re.search(r"\b(nan|inf|zoo|oo)\b", re.sub(r"<[^>]*>", " ", shown), re.IGNORECASE)


@pytest.fixture(scope="module")
def bare_session(diagonal):
    return diagonal


def test_what_was_learned(diagonal):
    record, diagram = diagonal
    at = points.place(record, diagram, start(record, diagram), ("0.75", "0.1"))
    shown = views.learned_view(points.learned(record, at))
    for part in ("zero mass", "bulk share", "largest, rank 1", "density ~ x^(-2)"):
        assert part in shown


def test_words_of_a_record_are_escaped(bare):
    record, diagram = bare
    row = replace(diagram.phases[0], name="<script>x</script>")
    drawn = chart(record, replace(diagram, phases=(row,), notes=("<b>",)), start(record, diagram), SQUARE)
    values = start(record, diagram)
    assert "<script>" not in views.legend(record, drawn, values) + views.tip(record, drawn, values, row)


# --- local exponents -------------------------------------------------------------------------------------------------


def test_measured_exponents_are_coarse_first_and_those_of_the_laws(bare, monkeypatch):
    monkeypatch.setattr(exponents, "LEVELS", (5, 15))
    record, diagram = bare
    maps = list(exponents.measured(record, diagram, start(record, diagram), Box(*map(Fraction, (3, 4, -2, -1)))))
    assert [m.exponents.shape[0] for m in maps[:5]] == [5] * 5
    assert (maps[4].done, maps[4].total) == (25, 25)
    assert maps[-1].done == maps[-1].total == 225
    columns = [3 + (2 * k + 1) / 30 for k in range(15)]
    assert maps[-1].exponents[7] == pytest.approx([1 - a for a in columns], abs=1e-3)


# --- theories from outside -------------------------------------------------------------------------------------------


def outside(toy):
    """The toy with a diagram: rate = time**a, so y = 1/(1 + time**(1 + a))."""
    a = sp.Symbol("a", real=True)
    one, zero = sp.S.One, sp.S.Zero
    rows = (PhaseRow("slow", zero, one, zero, (a < -1,)), PhaseRow("fast", -1 - a, one, zero, (a > -1,)))
    diagram = Diagram("toy", "value", "time", ("a", "b"), rows, (), True)
    return replace(toy, phases=lambda: diagram, scaling=Scaling({"rate": "a"}, large="time")), diagram


def test_a_theory_from_outside(toy):
    record, diagram = outside(toy)
    assert set(explorable({"toy": toy, "other": record})) == {"other"}
    values = start(record, diagram)
    drawn = chart(record, diagram, values, window(record, diagram, values, values))
    assert [region.row.name for region in drawn.regions] == ["slow", "fast"]
    values["time"] = "30"
    at = points.place(record, diagram, values, ("-0.5", "0"))
    law = points.law(record, diagram, values, at)
    found = points.solved(record, diagram, at, law)
    assert law.local.name == "fast"
    assert found.observable == pytest.approx(1 / (1 + 30**0.5), rel=1e-6)
    assert "toy has no learned spectrum" in points.learned(record, at).trouble


# --- the door --------------------------------------------------------------------------------------------------------


def test_a_theory_without_a_diagram_is_refused(toy, capsys):
    assert main(["explore", "toy", "--no-browser"]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "diagonal" in told
    with pytest.raises(InputError, match="theory"):
        chosen(theories(), "no such theory")


def test_a_missing_extra_is_one_line(monkeypatch, capsys):
    monkeypatch.setattr(explorer, "find_spec", lambda name: None)
    assert main(["explore", "--no-browser"]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "needs Panel, which is not installed: install it with pip install 'scalecheck[explorer]'" in told


@pytest.mark.parametrize("port", ["-1", "70000", "taken"])
def test_a_port_that_cannot_be_had_is_one_line(monkeypatch, capsys, port):
    import socket

    monkeypatch.setattr(explorer, "find_spec", lambda name: object())
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        number = str(holder.getsockname()[1]) if port == "taken" else port
        assert main(["explore", "--no-browser", "--port", number]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "port" in told


def test_a_notebook_gets_its_frame_when_the_server_listens_and_not_before():
    with socket.socket() as late:
        late.bind(("127.0.0.1", 0))
        begun = time.monotonic()
        timer = threading.Timer(0.3, late.listen)
        timer.start()
        explorer._await(late.getsockname()[1])
        assert time.monotonic() - begun >= 0.3


def test_a_server_that_never_listens_is_said_so(monkeypatch):
    monkeypatch.setattr(explorer, "PATIENCE", 0.0)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        with pytest.raises(InputError, match="port: got"):
            explorer._await(silent.getsockname()[1])
