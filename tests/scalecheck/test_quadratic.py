"""The quadratic network on the command line: a point, the diagram, the spectrum, derivations, and what is refused."""

import json

import pytest
import sympy as sp

from scalecheck.cli import main
from scalecheck.proofs_checks.conjectures.subjects import of_theory
from scalecheck.proofs_checks.registry import theory

POINT = {"--dim": "100", "--samples": "2000", "--weight-decay": "0.5", "--decay": "1", "--noise": "1"}


def words(**changes):
    """Options of a good point, with some changed."""
    options = {**POINT, **{"--" + name.replace("_", "-"): text for name, text in changes.items()}}
    return [word for pair in options.items() for word in pair]


def test_solve(capsys):
    assert main(["solve", "quadratic", *words(), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    wanted = {"network", "risk", "noise_level", "threshold", "degrees_of_freedom", "train_error", "decomposition"}
    assert wanted | {"status", "error", "error_kind"} <= set(document)
    assert set(document["decomposition"]) == {"overfitting", "underfitting", "approximation"}
    assert document["network"] == "quadratic"
    assert document["error"] < 1e-9
    assert document["width"] == 100


def test_width_is_dim_unless_given(capsys):
    risks = []
    for more in ([], ["--width", "100"], ["--width", "400"]):
        assert main(["solve", "quadratic", *words(), *more, "--json"]) == 0
        risks.append(json.loads(capsys.readouterr().out)["risk"])
    assert risks[0] == risks[1] != risks[2]


def test_simulation(capsys):
    options = words(dim="8", samples="40")
    assert main(["solve", "quadratic", *options, "--simulate", "3", "--seed", "7", "--json"]) == 0
    simulation = json.loads(capsys.readouterr().out)["simulation"]
    assert set(simulation) == {"risk_mean", "risk_stderr", "runs"}
    assert simulation["runs"] == 3


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"width": "99"}, "width"),
        ({"width": "100.5"}, "width"),
        ({"decay": "0.5"}, "decay"),
        ({"samples": "0"}, "samples"),
        ({"noise": "nan"}, "noise"),
        ({"dim": "0"}, "dim"),
        ({"weight_decay": "-1"}, "weight_decay"),
    ],
)
def test_values_outside_the_domain(capsys, changes, field):
    assert main(["solve", "quadratic", *words(**changes)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert field in captured.err


def test_width_belongs_to_this_network_only(capsys):
    assert main(["solve", "diagonal", *words(), "--width", "200"]) == 2
    assert "width" in capsys.readouterr().err


def test_phases_at_a_decay(capsys):
    assert main(["phases", "quadratic", "--decay", "3/2", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert {row["name"] for row in document["phases"]} == {"Ia", "Ib", "II", "III", "IV", "V", "VIa", "VIb"}
    assert document["tiles"] is True
    assert document["notes"] == []
    by_name = {row["name"]: row for row in document["phases"]}
    assert sp.sympify(by_name["V"]["exponent"]) == sp.sympify("2*a/5 - 2/5")
    assert all(row["constant"] is not None and "decay" not in row["constant"] for row in document["phases"])
    peaks = [row for row in document["boundaries"] if "log(dim)" in row["equation"]]
    assert [row["exponent"] for row in peaks] == ["-2*b/3", "1"]


def test_spectrum(capsys, tmp_path):
    options = words(dim="1e6", samples="1e9", weight_decay="10")
    assert main(["spectrum", "quadratic", *options, "--json", "--plot", str(tmp_path / "s.svg")]) == 0
    document = json.loads(capsys.readouterr().out)
    assert 0 <= document["zero_mass"] <= 1
    assert document["bulk"]["second_moment"] >= 0
    assert (tmp_path / "s.svg").exists()


def test_spectrum_with_a_tail(capsys):
    options = words(dim="1e12", samples="1e26", weight_decay="1e5", decay="1.5")
    assert main(["spectrum", "quadratic", *options, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["phase"] == "II"
    assert document["tail"]["exponent"] == pytest.approx(-1 - 1 / 1.5)
    first = document["outliers"][0]
    assert 0 < first["value"] < first["teacher"]
    assert first["overlap"] == pytest.approx(1.0, abs=1e-6)


def test_derive(capsys):
    assert main(["derive", "quadratic", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["theory"] == "quadratic"
    assert len(document["derivations"]) > 15


def test_conjectures_cannot_set_the_width():
    """All laws are for p = d; the record says so, and a file that sets a width is told."""
    found = of_theory(theory("quadratic"))
    assert found.required == ("samples", "weight_decay")
    assert "width" not in found.controls
