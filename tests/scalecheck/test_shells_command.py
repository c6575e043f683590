"""`scalecheck shells`, `phases shells`, `derive shells`: documents, exit statuses, one line for every fault; the function of the same name."""

import inspect
import json
import math
from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import example, given, settings
from hypothesis import strategies as st

import scalecheck
from scalecheck.cli import main
from scalecheck.numerics.errors import NotConverged
from scalecheck.proofs_checks.errors import InputError
from scalecheck.theory.shells.letters import CONTROLS

GOOD = {"--source": "1", "--power": "2", "--rate": "4", "--time": "100"}


def words(**changes):
    options = {**GOOD, **{"--" + name.replace("_", "-"): value for name, value in changes.items()}}
    return ["shells", *(word for key, value in options.items() if value is not None for word in (key, value))]


def document(capsys, **changes):
    assert main([*words(**changes), "--json"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return json.loads(captured.out)


def test_the_document_of_the_contract(capsys):
    found = document(capsys)
    assert {"loss", "exponent", "log", "regime", "frontier", "status", "error"} <= set(found)
    assert found["exponent"]["value"] == -0.5
    assert "rate" in found["exponent"]["formula"]
    assert found["frontier"] == pytest.approx(0.0025)
    assert found["loss"] == pytest.approx(20 / 21 / 100**0.5, rel=0.01)
    assert found["theory"] == "shells"


@pytest.mark.parametrize(
    ("changes", "exponent", "log", "regime"),
    [
        ({"direction": "none"}, -1.0, 0.0, "lazy"),
        ({"source": "0.2"}, -0.2, 0.0, "self-similar"),
        ({"source": "0.5"}, -0.5, 1.0, "frontier with logarithm"),
        ({"time_power": "1"}, 0.0, 0.0, "frozen (plateau)"),
        ({"time_power": "-1"}, -1.0, 0.0, "lazy"),
        ({"power": "1", "rate": "1"}, 0.0, -1.0, "logarithmic clock (logarithm)"),
        ({"power": "1", "rate": "0.1"}, -0.9, 0.0, "slow clock"),
        ({"power": "1", "rate": "0.1", "direction": "up"}, -1.1, 0.0, "fast clock"),
        (
            {"power": "0.5", "time_power": "0", "direction": "up", "time": "3"},
            None,
            0.0,
            "lifted (stretched exponential)",
        ),
        ({"power": "0.5", "time_power": "0"}, 0.0, 0.0, "arrested (plateau)"),
    ],
)
def test_regimes(capsys, changes, exponent, log, regime):
    found = document(capsys, **changes)
    value = found["exponent"]["value"]
    assert (value is None) if exponent is None else math.isclose(value, exponent, rel_tol=1e-12, abs_tol=1e-15)
    assert (found["log"], found["regime"]) == (log, regime)


def test_walls_are_met_by_decimals(capsys):
    """0.1 and 1.1 are exact: m defaults to -0.9, on the self-similar line, not beside it."""
    assert document(capsys, power="1.1", rate="1", source="0.1")["regime"] == "self-similar"
    assert document(capsys, power="1.1", rate="1", source="0.1", time_power="-0.9")["regime"] == "self-similar"


@pytest.mark.parametrize("rate", ["1/3", "4/9", "8/9"])
def test_walls_are_met_by_fractions(capsys, rate):
    """At b = 2 the wall is a = 2/c; as sixteen decimals the fractions would lie beside it."""
    wall = str(2 / Fraction(rate))
    assert document(capsys, rate=rate, source=wall, time="10")["regime"] == "frontier with logarithm"
    beside = str(2 / Fraction(rate) - Fraction(1, 10**6))
    assert document(capsys, rate=rate, source=beside, time="10")["regime"] == "self-similar"


def test_a_fraction_is_the_decimal(capsys):
    assert document(capsys, rate="1/2") == document(capsys, rate="0.5")


def test_constants_with_a_closed_form_have_all_digits(capsys):
    """b = 3: k c^{-a/2} 2^{-a-1} B((k-a)/2, a+1) with k = 2/sqrt(c) = 3, a = 2: 27/4 · 1/8 · B(1/2, 3) = 9/10."""
    assert document(capsys, power="3", source="2", rate="4/9")["constant"] == pytest.approx(0.9, rel=1e-14)


@example(84, "1/2", "3")  # below 160 digits the constant cancels to zero
@given(st.integers(1, 100), st.sampled_from(["1", "1/2", "0"]), st.sampled_from(["3", "3/2", "40"]))
@settings(max_examples=8)
def test_plateaus_are_the_loss_at_late_times(source, power, rate):
    point = scalecheck.shells(source=source, power=power, rate=rate, time_power=0, time=1e9).value
    assert "plateau" in point.regime
    assert point.constant == pytest.approx(point.loss, rel=1e-9)


def test_a_loss_too_small_to_follow_says_so(capsys):
    found = document(capsys, power="0.5", time_power="0", direction="up", time="1e12", rate="1")
    assert (found["loss"], found["log_loss"], found["error"]) == (0.0, None, 1.0)
    assert found["status"].startswith("Too small to be followed")


def test_the_start(capsys):
    found = document(capsys, time="0")
    assert found["loss"] == 1.0
    assert found["frontier"] is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"source": "0"}, "source"),
        ({"source": "-1"}, "source"),
        ({"source": "nan"}, "source"),
        ({"rate": "0"}, "rate"),
        ({"rate": "-2"}, "rate"),
        ({"rate": "inf"}, "rate"),
        ({"rate": "1/0"}, "rate"),
        ({"rate": "-1/3"}, "rate"),
        ({"rate": "1/3/5"}, "rate"),
        ({"power": "inf"}, "power"),
        ({"power": "two"}, "power"),
        ({"power": "1e6"}, "power"),
        ({"time_power": "nan"}, "time_power"),
        ({"time": "-1"}, "time"),
        ({"time": "inf"}, "time"),
        ({"time": None}, "time"),
        ({"time": "0.5", "power": "1"}, "time"),
        ({"time": "0.5", "time_power": "-1.5"}, "time"),
        ({"direction": "sideways"}, "direction"),
    ],
)
def test_values_outside_the_domain(capsys, changes, field):
    assert main(words(**changes)) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert captured.err.startswith(f"scalecheck: {field}: got ")
    assert "allowed is" in captured.err


def test_nothing_is_simulated(capsys):
    assert main([*words(), "--simulate", "3"]) == 2
    assert "--simulate" in capsys.readouterr().err


def test_what_does_not_converge_is_null(capsys, monkeypatch):
    def refused(**_):
        raise NotConverged("characteristics: paths unfinished; raise source")

    monkeypatch.setattr("scalecheck.proofs_checks.theories.shells.points.integrated_losses", refused)
    assert main([*words(), "--json"]) == 3
    found = json.loads(capsys.readouterr().out)
    assert found["loss"] is None
    assert found["exponent"] is None
    assert "unfinished" in found["status"]


def test_phases_and_derive(capsys):
    assert main(["phases", "shells", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["large"] == "time"
    assert {"name", "exponent", "constant", "log", "region"} <= set(found["phases"][0])
    assert {"between", "equation", "continuous", "exponent"} <= set(found["boundaries"][0])
    assert all("Eq(" not in item for row in found["phases"] for item in row["region"])
    assert (
        len({row["name"] for row in (*found["phases"], *found["boundaries"])}) == 23
    )  # four names serve two directions or more
    assert main(["derive", "shells", "--json"]) == 0
    derived = json.loads(capsys.readouterr().out)
    assert len(json.dumps(derived)) > 10_000


@pytest.mark.parametrize(
    ("given", "name", "exponent"),
    [
        ({"source": "1/2", "power": "2", "time_power": "0", "rate": "8", "direction": "down"}, "frontier", "-1/4"),
        ({"source": "1/2", "power": "2", "time_power": "0", "rate": "4", "direction": "down"}, "frontier with logarithm", "-1/2"),
        ({"source": "1/2", "power": "1", "time_power": "-1", "rate": "1/3", "direction": "up"}, "fast clock", "-2/3"),
        ({"source": "2", "power": "0", "time_power": "0", "rate": "1", "direction": "down"}, "arrested", "0"),
    ],
)  # fmt: skip
def test_the_one_law_at_a_point(capsys, given, name, exponent):
    options = [word for key, value in given.items() for word in ("--" + key.replace("_", "-"), value)]
    assert main(["phases", "shells", *options, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    (row,) = found["phases"]
    assert (row["name"], row["exponent"], found["boundaries"]) == (name, exponent, [])
    assert found["parameters"] == given


@given(
    st.sampled_from(["2", "1", "1/2", "5/2", None]),
    st.sampled_from(["0", "-1", "1/2", "-3/2", None]),
    st.sampled_from(["1", "1/3", "3", None]),
    st.sampled_from(["down", "up"]),
)
@settings(max_examples=12)
def test_restricted_diagrams_say_what_the_point_says(power, time_power, rate, direction):
    """At a random point exactly one row of the restricted diagram holds, and it is the law of the point."""
    given = {"power": power, "time_power": time_power, "rate": rate, "direction": direction}
    told = scalecheck.phases("shells", **given)
    point = {"source": "3/4", "power": power or "9/4", "time_power": time_power or "1/4", "rate": rate or "2/3"}
    (own,) = scalecheck.phases("shells", **point, direction=direction).phases
    values = {symbol: sp.Rational(point[symbol.name]) for symbol in CONTROLS}
    rows = [(row, row.region) for row in told.phases]
    rows += [(row, (row.equation, *row.along)) for row in told.boundaries]
    (row,) = [row for row, region in rows if all(item.subs(values) == sp.true for item in region)]
    assert row.name == own.name
    assert sp.simplify(row.exponent.subs(values) - own.exponent) == 0 or row.exponent == own.exponent


@pytest.mark.parametrize(
    ("options", "field"),
    [
        (["--rate", "0"], "rate"),
        (["--rate", "one"], "rate"),
        (["--direction", "sideways"], "direction"),
        (["--time", "3"], "time"),
        (["--power", "2", "--plot", "no.png"], "power"),
    ],
)
def test_parameters_of_the_diagram_that_are_none(capsys, options, field):
    assert main(["phases", "shells", *options]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert captured.err.startswith(f"scalecheck: {field}: got ")


def test_the_function_has_the_name_and_keywords_of_the_command():
    signature = inspect.signature(scalecheck.shells)
    assert list(signature.parameters) == ["source", "power", "rate", "time", "time_power", "direction"]
    point = scalecheck.shells(source=1, power=2, rate=4, time=100)
    assert point.to_json() == scalecheck.solve("shells", source=1, power=2, rate=4, time=100).to_json()
    assert "frontier" in repr(point)
    with pytest.raises(InputError, match=r"^rate: got"):
        scalecheck.shells(source=1, power=2, rate=-1, time=100)
    with pytest.raises(AttributeError):
        scalecheck.no_such_command  # noqa: B018


def test_whoever_asks_for_the_loss_alone_derives_no_law(monkeypatch):
    """The numeric witness of a conjecture looked up the law at every time, constants by quadrature included."""
    from scalecheck.proofs_checks.theories.shells import points

    def refused(*_):
        raise AssertionError("the law was looked up")

    where = {"source": 1.0, "power": 2.0, "rate": 4.0, "time_power": 0.0, "direction": "down", "time": 100.0}
    whole = points.solve(**where).value
    monkeypatch.setattr(points, "phase_of", refused)
    alone = points.solve(**where).value
    assert (alone.loss, alone.log_loss) == (whole.loss, whole.log_loss)
    with pytest.raises(AssertionError, match="looked up"):
        _ = alone.regime


@pytest.mark.parametrize("direction", ["down", "up", "none"])
@pytest.mark.parametrize(("power", "time_power"), [(2.0, 0.0), (0.5, 0.5), (2.5, -2.0)])
def test_points_solved_together_are_those_solved_alone(direction, power, time_power):
    from scalecheck.proofs_checks.theories.shells import points

    where = {"source": 1.5, "power": power, "rate": 0.7, "time_power": time_power, "direction": direction}
    asked = [{**where, "time": time, "rate": rate} for time in (2.0, 30.0, 1.0, 1e4) for rate in (0.7, 1.1)]
    for point, found in zip(asked, points.solve_many(asked), strict=True):
        alone = points.solve(**point)
        assert (found.value.time, found.status) == (point["time"], alone.status)
        assert found.value.log_loss == pytest.approx(alone.value.log_loss, rel=1e-11, abs=1e-11)
        assert found.value.regime == alone.value.regime
        assert found.error == pytest.approx(alone.error, rel=1e-2, abs=1e-12)
