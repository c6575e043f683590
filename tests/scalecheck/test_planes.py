"""`phases FILE`: planes of the user's own, held against the equations themselves at random points of every region."""

import json
import math
import random
from dataclasses import replace
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

import scalecheck
from scalecheck.cli import main
from scalecheck.proofs_checks.conjectures import soundings
from scalecheck.proofs_checks.conjectures.cells import Window, areas
from scalecheck.proofs_checks.conjectures.plane_maps import figure_of
from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.evidence import Outcome

TWO = {
    "id": "two", "large": "n", "positive": ["x"], "parameters": {"p": "p > 0", "q": "q > 0"},
    "equations": ["x**p + x**(1/q) = n"],
}  # fmt: skip
SPENT = {
    "id": "spent", "large": "n", "positive": ["loss"], "parameters": {"a": "a > 0", "b": "b > 0"},
    "controls": {"N": "N > 0", "D": "D > 0"}, "equations": ["loss = N**(-a) + D**(-b)"],
}  # fmt: skip
THREE = {
    "id": "three", "large": "n", "positive": ["x"], "parameters": {"p": "p > 0", "q": "q > 0"},
    "equations": ["x = n**(p**2) + n**q + n"],
}  # fmt: skip
ASKED = {"id": "curved", "theory": "system:two", "observable": "x"}
THIRDS = {"id": "thirds", "theory": "system:three", "observable": "x", "where": {"p": "0 < p <= 2", "q": "0 < q < 3"}}
SHARES = {
    "id": "shares", "theory": "system:spent", "observable": "loss", "path": {"N": "n**s", "D": "n**(1-s)"},
    "where": {"s": "0 < s < 1"},
}  # fmt: skip
ENDS = {"id": "ends", "theory": "system:two", "observable": "x", "where": {"p": "1/7 < p < 8", "q": "1/4 < q < 3"}}
ROUND = {
    "id": "round", "large": "n", "positive": ["x"], "parameters": {"u": "0 < u < 2", "v": "0 < v < 2"},
    "equations": ["x = n**(u**2 + v**2) + n"],
}  # fmt: skip
PEAK = {
    "id": "peak", "large": "n", "positive": ["z", "y"], "parameters": {"u": "u > 0"},
    "equations": ["z*(n**(-u) + n**(u-4)) = 1", "y = n + z"],
}  # fmt: skip
TWICE = {"id": "twice", "theory": "system:peak", "observable": "y"}
CIRCLE = {"id": "circle", "theory": "system:round", "observable": "x"}
FILE = {"system": [TWO, SPENT, THREE, ROUND, PEAK], "question": [ASKED, SHARES, THIRDS, ENDS, CIRCLE, TWICE]}
LOGS = (600.0, 900.0)
"""log n: beyond what doubles hold as n itself, so that corrections are gone."""


def log_x(p, q, log_n):
    """The logarithm of the unknown of x**p + x**(1/q) = n."""
    return brentq(lambda y: float(np.logaddexp(p * y, y / q)) - log_n, 0, log_n * max(1 / p, q))


def log_loss(a, b, s, log_n):
    return float(np.logaddexp(-a * s * log_n, -b * (1 - s) * log_n))


def log_three(p, q, log_n):
    top = max(p * p, q, 1.0)
    return top * log_n + math.log(sum(math.exp((each - top) * log_n) for each in (p * p, q, 1.0)))


def slope(logs):
    low, high = LOGS
    return (logs(high) - logs(low)) / (high - low)


NUMBERS = {
    "curved": ({"p": 4, "q": 4}, lambda at: slope(lambda log_n: log_x(at["p"], at["q"], log_n))),
    "thirds": ({"p": 2, "q": 3}, lambda at: slope(lambda log_n: log_three(at["p"], at["q"], log_n))),
    "shares": ({"s": 1, "b": 3}, lambda at: slope(lambda log_n: log_loss(1.0, at["b"], at["s"], log_n))),
}


def disagreements(diagram, name, seed):
    """Random points of the plane at which the law of the region is not what the equations themselves say; the regions met."""
    ends, measured = NUMBERS[name]
    drawn, met, wrong = random.Random(seed), set(), []
    for _ in range(60):
        point = {key: Fraction(drawn.randint(1, 96), 97) * end for key, end in ends.items()}
        try:
            law = diagram.at(**point)
        except InputError:  # on no region: exactly on a wall, or in a gap
            wrong.append((point, None))
            continue
        met.add(law.name)
        if abs(float(law.exponent) - measured({key: float(value) for key, value in point.items()})) > 0.02:
            wrong.append((point, law.name))
    return wrong, met


@cache
def plane(name, **given):
    return scalecheck.phases(FILE, question=name, **given)


@pytest.fixture(scope="module")
def planes():
    return {"curved": plane("curved"), "thirds": plane("thirds"), "shares": plane("shares", a=1)}


@pytest.mark.parametrize("name", list(NUMBERS))
def test_at_random_points_the_law_of_the_region_is_that_of_the_equations(planes, name):
    wrong, met = disagreements(planes[name].diagram, name, seed=1)
    assert not wrong
    assert met == {region.name for region in planes[name].plane.regions}


@pytest.mark.parametrize("name", list(NUMBERS))
def test_a_wall_that_is_misplaced_is_seen(planes, name):
    """The same comparison, with each condition in turn moved by 30%: if it did not notice, it would hold nothing."""
    diagram = planes[name].diagram
    moved = 0
    for row in diagram.phases:
        for condition in row.region:
            if condition.rhs.is_number and condition.rhs in (0, 2, 3):  # an end of the range, no wall
                continue
            # A region that reaches further is found before its neighbour only if it stands first.
            shifted = condition.func(condition.lhs, condition.rhs * sp.Rational(7, 10))
            region = tuple(shifted if item is condition else item for item in row.region)
            others = tuple(other for other in diagram.phases if other is not row)
            off = replace(diagram, phases=(replace(row, region=region), *others))
            if name == "shares" and condition.rhs == 1:
                continue
            wrong, _ = disagreements(off, name, seed=1)
            assert wrong, (row.name, condition)
            moved += 1
    assert moved >= 2


def test_regions_walls_and_corners_read_as_in_the_plane(planes):
    (one, two), (wall,) = planes["curved"].diagram.phases, planes["curved"].diagram.boundaries
    assert [str(row.exponent) for row in (one, two)] == ["1/p", "q"]
    assert str(wall.equation.rhs) == "1/q"
    assert (wall.between, wall.continuous, str(wall.constant)) == (("II", "I"), True, "2**(-q)")
    rows = planes["thirds"].to_json()
    assert [row["name"] for row in rows["phases"]] == ["I", "II", "III"]
    assert {(*row["between"], row["equation"]) for row in rows["boundaries"]} == {
        ("II", "III", "q = 1"), ("I", "III", "q = p**2"), ("II", "I", "p = 1"), ("I", "edge", "p = 2"),
    }  # fmt: skip
    assert {row["where"]: row["constant"] for row in rows["corners"]}["q = 1, p = 1"] == "3"


def test_a_wall_that_only_divides_is_none(planes):
    """The derivation orders the smaller terms as well: q = 1 above p = 1 changes nothing of x."""
    for row in planes["thirds"].diagram.boundaries:
        assert row.between[0] != row.between[1]
    assert sum(len(region.parts) for region in planes["thirds"].plane.regions) > 3


def test_symbols_without_a_value_stay(planes):
    found = plane("shares")
    assert found.plane.axes == ("s",)
    assert [str(row.equation.rhs) for row in found.diagram.boundaries] == ["b/(a + b)"]
    assert plane("shares", plane="s,b").plane.axes == ("s", "b")
    assert found.at(s="1/2", a=1, b=2).name == "I"
    assert found.at(s="2/3", a=1, b=2).name == "I | II"


@settings(max_examples=25, deadline=None)
@given(
    st.fractions(min_value=Fraction(1, 10), max_value=5, max_denominator=50),
    st.fractions(min_value=Fraction(1, 50), max_value=Fraction(49, 50), max_denominator=50),
)
def test_whatever_value_is_given_the_wall_is_where_both_terms_are_equal(b, s):
    found = plane("shares", a="3/2", b=str(b))
    (wall,) = found.diagram.boundaries
    assert sp.Rational(3, 2) * wall.equation.rhs == sp.Rational(b) * (1 - wall.equation.rhs)
    if s != Fraction(str(wall.equation.rhs)):
        at = found.at(s=s)
        assert at.exponent == max(-sp.Rational(3, 2) * sp.Rational(s), -sp.Rational(b) * (1 - sp.Rational(s)))


@pytest.mark.parametrize(
    ("name", "given"), [("curved", {}), ("thirds", {}), ("ends", {}), ("circle", {}), ("shares", {"a": 1, "b": 2})]
)
def test_what_is_filled_is_the_region(planes, name, given):
    """Every area that is drawn belongs to the region of its name, at places that are no part of how it was made."""
    found = plane(name, **given)
    data = figure_of(found.plane, found.large)
    assert {area.name for area in data.areas} == {region.name for region in found.plane.regions}
    if len(found.plane.axes) == 1:
        return
    covered = 0.0
    for area in data.areas:
        for k in (7, 23, 41):
            x, low, high = area.xs[k], area.lows[k], area.highs[k]
            if high - low < 1e-6:
                continue
            for share in (0.01, 0.5, 0.99):
                at = dict(zip(found.plane.axes, (x, low + share * (high - low))))
                assert (
                    found.at(**{key: Fraction(value).limit_denominator(10**9) for key, value in at.items()}).name
                    == area.name
                )
        covered += sum((area.xs[k + 1] - area.xs[k]) * (area.highs[k] - area.lows[k]) for k in range(len(area.xs) - 1))
    whole = math.prod(high - low for low, high in (data.x_range, data.y_range))
    assert covered == pytest.approx(whole, rel=0.02)  # these ranges fill their window


def test_areas_follow_the_conditions_that_they_are_given():
    """The figure draws what the regions say: with a misplaced wall it is misplaced."""
    p, q = sp.symbols("p q", positive=True)
    window = Window(Fraction(0), Fraction(2), Fraction(0), Fraction(2))
    right = areas({"I": [p * q - 1], "II": [1 - p * q]}, p, q, window)
    moved = areas({"I": [p * q - 2], "II": [2 - p * q]}, p, q, window)
    size = [sum((a.xs[1] - a.xs[0]) * sum(h - low for h, low in zip(a.highs, a.lows)) for a in found if a.name == "I") for found in (right, moved)]  # fmt: skip
    assert size[0] == pytest.approx(3 - 2 * math.log(2), rel=0.05)
    assert size[1] == pytest.approx(2 - 2 * math.log(2), rel=0.05)


@pytest.mark.parametrize("ending", ["png", "pdf", "svg"])
def test_a_plane_is_drawn_with_the_numbers_on_top(tmp_path, capsys, ending):
    path = tmp_path / "own.toml"
    path.write_text(TOML)
    out = tmp_path / f"plane.{ending}"
    assert main(["phases", str(path), "--plot", str(out), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert out.stat().st_size > 5000
    assert [row["outcome"] for row in document["numbers"]] == ["holds"] * 5
    assert {row["where"] for row in document["numbers"]} == {"I", "II", "II | I"}


TOML = """
[[system]]
id = "two"
large = "n"
positive = ["x"]
parameters = { p = "p > 0", q = "q > 0" }
equations = ["x**p + x**(1/q) = n"]
[[question]]
id = "curved"
theory = "system:two"
observable = "x"
"""


def test_a_law_that_the_equations_do_not_have_is_contradicted_on_the_plane(planes):
    """The numeric witness on a plane with another exponent in every region."""
    own = planes["curved"].plane

    def off(piece):
        return replace(piece, law=replace(piece.law, exponent=piece.law.exponent + sp.Rational(1, 10)))

    wrong = [replace(r, piece=off(r.piece), parts=tuple(map(off, r.parts))) for r in own.regions]
    heard = soundings.soundings(replace(own, regions=tuple(wrong), walls=()))
    assert {item.outcome for item in heard} == {Outcome.FAILS}
    right = soundings.soundings(own)
    assert {item.outcome for item in right} == {Outcome.HOLDS}


def test_contradictions_end_with_status_1(monkeypatch, tmp_path, capsys):
    real = soundings.numeric.hear
    monkeypatch.setattr(soundings.numeric, "hear", lambda *a, **k: replace(real(*a, **k), outcome=Outcome.FAILS))
    path = tmp_path / "own.toml"
    path.write_text(TOML)
    assert main(["phases", str(path), "--plot", str(tmp_path / "x.svg")]) == 1
    told = capsys.readouterr().out
    assert "contradicted at" in told
    assert f"figure: {tmp_path / 'x.svg'}" in told


def test_where_nothing_is_derived_the_status_is_3():
    unread = {
        "id": "u",
        "large": "n",
        "positive": ["x"],
        "parameters": {"p": "p > 0"},
        "equations": ["x**p + log(1 + log(1 + x)) = n"],
    }
    found = scalecheck.phases({"system": [unread], "question": [{"id": "q", "theory": "system:u", "observable": "x"}]})
    assert found.exit_status == 3
    assert "cannot read" in repr(found)
    empty = scalecheck.phases(FILE, question="curved", p="-1")
    assert empty.exit_status == 3
    assert "leaves the domain" in repr(empty)


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"question": "nothing"}, "question"),
        ({}, "question"),
        ({"question": "shares", "plane": "s,q"}, "plane"),
        ({"question": "shares", "plane": "s,a,b"}, "plane"),
        ({"question": "shares", "plane": "s,s"}, "plane"),
        ({"question": "shares", "c": 1}, "c"),
        ({"question": "shares", "a": "x"}, "a"),
        ({"question": "shares", "a": "1e999999999"}, "a"),  # a number of a gigabyte
        ({"question": "shares", "a": "1e300"}, "a"),
        ({"question": "shares", "N": "3"}, "N"),
        ({"question": "shares", "a": 1, "b": 1, "s": "1/3"}, "question"),
        ({"question": "shares", "dim": 100}, "dim"),
        ({"question": "shares", "jobs": 1}, "jobs"),
        ({"question": "shares", "plot": "x.docx"}, "plot"),
        ({"question": "shares", "plot": "x.png"}, "plot"),
    ],
)
def test_what_cannot_be_used_is_one_line(options, field):
    with pytest.raises(InputError) as told:
        scalecheck.phases(FILE, **options)
    assert told.value.field == field
    assert "\n" not in str(told.value)


def test_options_of_files_are_none_of_theories():
    for name in ("question", "plane"):
        with pytest.raises(InputError, match=f"^{name}"):
            scalecheck.phases("diagonal", **{name: "a,b"})


def test_the_plane_of_a_theory_asked_for_in_a_file_is_that_theory_s():
    """The regions that the house derives, found again from a question about the same paths."""
    asked = {
        "id": "plane", "theory": "diagonal", "observable": "risk", "path": {"samples": "dim**a", "weight_decay": "dim**b"},
        "where": {"a": "0 < a < 4", "b": "-2 < b < 2", "decay": "decay = 3/2", "noise": "noise = 1"},
    }  # fmt: skip
    found, house = scalecheck.phases({"question": [asked]}), scalecheck.phases("diagonal", decay="3/2")
    drawn = random.Random(3)
    for _ in range(80):
        point = {"a": Fraction(drawn.randint(1, 400), 101), "b": Fraction(drawn.randint(-200, 200), 103)}
        if not 0 < point["a"] < 4 or not -2 < point["b"] < 2:
            continue
        one, two = found.at(**point), house.at(**point, noise=1)
        assert (one.exponent, one.log) == (two.exponent, two.log), point
    kinds = {(str(row.equation), str(row.along), row.continuous) for row in found.diagram.boundaries}
    assert {equation for equation, _, continuous in kinds if not continuous} == {"Eq(a, 2*b + 1)"}
    assert [
        continuous for equation, along, continuous in kinds if equation == "Eq(a, 2*b + 1)" and "b > 1" in along
    ] == [True]
    assert (
        sum(not row.continuous for row in found.diagram.boundaries) == 2
    )  # both sides of where a = 1 ends at the peak


def test_a_wall_that_cannot_be_followed_is_told(planes):
    """A circle is no name as a function of the other by one formula: the regions are known, of the wall it is said that it is open."""
    found = plane("circle")
    assert [str(row.exponent) for row in found.diagram.phases] == ["u**2 + v**2", "1"]
    assert found.exit_status == 3
    assert "a wall was not followed" in repr(found)
    assert "u**2 + v**2 < 1" in repr(found)
    assert not found.to_json()["tiles"]


def test_two_regions_of_one_law_with_another_between_are_two():
    """The exponent max(1, min(u, 4 - u)): what holds at both ends does not hold in the middle."""
    found = plane("twice")
    exponents = {row.name: str(row.exponent) for row in found.diagram.phases}
    assert sorted(exponents) == ["II", "III", "Ia", "Ib"]
    assert sorted(exponents.values()) == ["1", "1", "4 - u", "u"]
    assert sorted(str(row.equation.rhs) for row in found.diagram.boundaries) == ["1", "2", "3"]
    for u, exponent in (("1/2", 1), ("3/2", sp.Rational(3, 2)), ("5/2", sp.Rational(3, 2)), ("7/2", 1), (9, 1)):
        assert found.at(u=u).exponent == exponent
    data = figure_of(found.plane, found.large)
    assert [area.xs for area in data.areas] == [(0, 1), (1, 2), (2, 3), (3, data.x_range[1])]
    for xs, ys in data.curves:
        for x, y in zip(xs[::40], ys[::40], strict=True):
            assert y == pytest.approx(max(1, min(x, 4 - x)))


def test_what_has_no_law_is_told_and_hatched():
    """On the edge of a domain nothing was derived: a region with its reason, not an empty plane."""
    where = {"a": "0 < a < 4", "b": "-2 < b < 2", "decay": "decay = 3/2", "noise": "noise = 0"}
    path = {"samples": "dim**a", "weight_decay": "dim**b"}
    asked = {"id": "edge", "theory": "diagonal", "observable": "risk", "path": path, "where": where}
    found = scalecheck.phases({"question": [asked]})
    assert found.exit_status == 3
    (row,) = found.to_json()["without_law"]
    assert "edge noise = 0" in row["reason"]
    data = figure_of(found.plane, found.large)
    assert [key.group for key in data.keys] == [None]
    patches = found.figure().axes[0].collections
    assert any(patch.get_hatch() for patch in patches)
    assert not any(patch.get_hatch() for patch in plane("curved").figure().axes[0].collections)


def test_a_notebook_shows_the_figure_and_the_tables():
    shown = plane("curved")._repr_html_()
    assert shown.startswith("<svg")
    assert shown.count("<table") == 2
    assert plane("shares")._repr_html_().startswith("<table")  # a and b have no value: no figure
    assert "leaves the domain" in plane("curved", p="-1")._repr_html_()


HOSTILE = st.text(max_size=12) | st.sampled_from(
    ["1e999999999", "-1e-300", "nan", "inf", "0x1", "1/0", "s,s", ",", "a" * 50, "__import__('os')"]
)


def told(question, options):
    """What is answered, and the one line of a refusal."""
    try:
        return repr(plane(question, **options)), ""
    except InputError as refused:
        return "", str(refused)


@settings(max_examples=60, deadline=None)
@given(HOSTILE, HOSTILE, st.sampled_from(["shares", "curved"]))
def test_whatever_is_typed_is_answered_or_refused(names, value, question):
    """No traceback for anything a user can type."""
    for options in ({"plane": names}, {"a": value}, {"p": value}, {f"x{names}": value}):
        answer, refusal = told(question, options)
        assert answer or refusal
        assert "\n" not in refusal
    with pytest.raises(InputError):
        scalecheck.phases("diagonal", decay=1).at(a="1e999999999", b=0)


FLOW = {
    "id": "flow", "large": "n", "positive": ["inside"], "parameters": {"b": "b > 0"}, "controls": {"t": "t > 0"},
    "equations": ["inside = powersum(k**(-2)*exp(-2*t*k**(-b)), n)"],
}  # fmt: skip
LEFT = {
    "id": "left", "theory": "system:flow", "observable": "inside", "path": {"t": "n**s"},
    "where": {"s": "0 < s < 3", "b": "0 < b < 3"},
}  # fmt: skip


def test_regions_below_every_power_are_heard_as_such():
    found = scalecheck.phases({"system": [FLOW], "question": [LEFT]}).with_numbers()
    below = next(region.name for region in found.plane.regions if region.piece.law.exponent == -sp.oo)
    outcomes = {item.outcome for item in found.soundings if item.name == below}
    assert outcomes == {Outcome.HOLDS}
    assert "falls faster than every power" in repr(found)
    assert {row["law"] for row in found.to_json()["numbers"] if row["where"] == below} == {None}
    # A power is none of them: the judge of the one fails on the other.
    wrong = [
        replace(r, piece=replace(r.piece, law=replace(r.piece.law, exponent=-sp.oo)), parts=(replace(r.piece, law=replace(r.piece.law, exponent=-sp.oo)),))
        for r in found.plane.regions if r.name != below
    ]  # fmt: skip
    heard = soundings.soundings(replace(found.plane, regions=tuple(wrong), walls=()))
    assert heard
    assert not any(item.outcome is Outcome.HOLDS for item in heard)
    one = scalecheck.phases({"system": [FLOW], "question": [LEFT]}, b=1).with_numbers()
    assert all(math.isfinite(mark.y) for mark in figure_of(one.plane, one.large, one.soundings).marks)
    assert one.figure() is not None


def test_parts_that_were_not_heard_are_told(monkeypatch):
    monkeypatch.setattr(soundings, "MOST", 2)
    assert "numbers: not heard on II, II | I" in repr(plane("curved").with_numbers())


ROOTS = {
    "id": "roots", "theory": "diagonal", "observable": "risk", "path": {"samples": "dim**sqrt(decay)", "weight_decay": "dim**b"},
    "where": {"decay": "1/2 < decay < 3", "b": "-1 < b < 1", "noise": "noise = 1"},
}  # fmt: skip


@pytest.fixture(scope="module")
def rooted():
    return scalecheck.phases({"question": [ROOTS]})


def test_a_legend_of_long_laws_stays_inside_the_figure(rooted):
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure = rooted.figure()
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    shown = figure.legends[0].get_window_extent(renderer)
    assert figure.bbox.x0 <= shown.x0
    assert shown.x1 <= figure.bbox.x1


def test_walls_that_are_roots_are_drawn_where_they_are(rooted):
    """The plane is divided in a root of a name; what is drawn is the name."""
    found = rooted
    data = figure_of(found.plane, found.large)
    curved = [line for line in data.lines if "sqrt" in line[3].split(":")[0]]
    assert curved
    for xs, ys, _, words in curved:
        for b, decay in zip(xs[::30], ys[::30], strict=True):
            assert min(abs(b - (math.sqrt(decay) - 1) / 2), abs(b - math.sqrt(decay) + 0.5)) < 1e-9, words
    for area in data.areas:
        at = {"b": area.xs[30], "decay": (area.lows[30] + area.highs[30]) / 2}
        assert (
            found.at(**{key: Fraction(value).limit_denominator(10**9) for key, value in at.items()}).name == area.name
        )


P, PQ = {"p": "p > 0"}, {"p": "p > 0", "q": "q > 0"}
INSIDE = {  # walls with the same law on both sides and another one, or none, on them
    "twice on the wall": (["x = n**2 + n**(2 - (p-q)**2)"], PQ, {"p": "1", "q": "1"}, (2, 2, 0)),
    "a golden mean": (["x**2 = n**2 + x*n**(1 - (p-1)**2)"], P, {"p": "1"}, (1, sp.sympify("1/2 + sqrt(5)/2"), 0)),
    "a logarithm": (["x = powersum(k**(-1 - (p-q)**2)*exp(-k/n))"], PQ, {"p": "1", "q": "1"}, (0, 1, 1)),
    "no solution": (["x*n**((p-1)**2) = n + x"], P, {"p": "1"}, (None, None, None)),
    "a corner": (["x = n**p + n**q + n"], PQ, {"p": "1", "q": "1"}, (1, 3, 0)),
}  # fmt: skip


@pytest.mark.parametrize("name", INSIDE)
def test_no_region_swallows_a_wall_that_has_another_law(name):
    equations, parameters, point, expected = INSIDE[name]
    system = {"id": "s", "large": "n", "positive": ["x"], "parameters": parameters, "equations": equations}
    found = scalecheck.phases({"system": [system], "question": [{"id": "q", "theory": "system:s", "observable": "x"}]})
    law = found.at(**point)
    assert (law.exponent, law.constant, law.log) == expected
    assert "everywhere" not in found.to_text()


def test_a_point_beside_such_a_wall_has_the_law_of_its_region():
    equations, parameters, *_ = INSIDE["twice on the wall"]
    system = {"id": "s", "large": "n", "positive": ["x"], "parameters": parameters, "equations": equations}
    found = scalecheck.phases({"system": [system], "question": [{"id": "q", "theory": "system:s", "observable": "x"}]})
    assert [found.at(p=p, q=1).constant for p in ("1/2", "3/2")] == [1, 1]


def test_names_of_the_plane_are_taken_where_one_law_holds_everywhere():
    system = {"id": "s", "large": "n", "positive": ["x"], "parameters": PQ, "equations": ["x = n**2 + n*n**(-p-q)"]}
    found = scalecheck.phases({"system": [system], "question": [{"id": "q", "theory": "system:s", "observable": "x"}]})
    assert found.at(p=1, q=2).constant == 1
    with pytest.raises(InputError, match="one of p, q"):
        found.at(r=1)
