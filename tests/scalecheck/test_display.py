"""What a notebook shows, the law at one point, shorter derivations, and what shells complete."""

import copy
import math
import pickle
from xml.etree import ElementTree

import pytest
import sympy as sp

import scalecheck
from scalecheck.cli import main
from scalecheck.derivations import Derivations
from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.markup import formula, table
from scalecheck.theory.derivation import Derivation


@pytest.fixture(scope="module")
def diagram():
    return scalecheck.phases("diagonal", decay=1)


@pytest.fixture(scope="module")
def point():
    return scalecheck.solve("diagonal", dim=100, samples=1000, weight_decay=0, decay=1, noise=1)


def well_formed(markup):
    """HTML of ours is XML too, once it has one root; a broken tag raises."""
    return ElementTree.fromstring(f"<all>{markup}</all>")


def test_text_is_escaped_and_formulas_are_not():
    found = well_formed(table(["a"], [["<script>"], [formula(sp.Symbol("x") ** 2)]]))
    assert found.find(".//td").text == "<script>"
    assert "<script" not in table(["a"], [["<script>"]])
    assert "<msup>" in formula(sp.Symbol("x") ** 2)


def test_tables_for_notebooks(diagram, point):
    checked = scalecheck.check(
        {
            "conjecture": [
                {
                    "id": "a.b",
                    "theory": "diagonal",
                    "observable": "risk",
                    "path": {"samples": "dim**(3/2)", "weight_decay": "1/dim"},
                    "exponent": "-1/2",
                }
            ]
        }
    )
    law = diagram.at(a="3/4", b="1/10")
    derived = scalecheck.derive("asymptotics")
    for item in (diagram, point, checked, law, derived):
        assert well_formed(item._repr_html_()) is not None
    rows = well_formed(diagram._repr_html_()).findall(".//tbody/tr")
    assert len(rows) == len(diagram.phases) + len(diagram.boundaries)
    assert "a.b" in checked._repr_html_()


def test_verdicts_in_a_notebook():
    run = scalecheck.verify(only=["N1"], quick=True, jobs=1, out=None)
    assert "proved" in run._repr_html_()


def test_solved_quantities_are_attributes(point):
    assert point.risk == point.value.risk
    assert "risk" in dir(point)
    assert not hasattr(point, "risc")
    assert pickle.loads(pickle.dumps(point.controls)) == point.controls
    assert copy.copy(point).risk == point.risk


def test_law_at_a_point(diagram):
    law = diagram.at(a="3/4", b="1/10", noise=1)
    assert (law.name, law.exponent, law.constant, law.log) == ("II", sp.Rational(-3, 20), 2, 0)
    assert law.value(1e10) == pytest.approx(2 * 1e10**-0.15)
    assert {side.between for side in law.sides} == {("II", "Ib"), ("II", "V")}
    assert law.to_json()["phase"] == "II"


def test_the_law_at_a_point_is_that_of_the_diagram(diagram):
    """At a middle point of every phase, found without the code under test."""
    places = {"II": (1, "1/4"), "III": (4, 2), "Ib": (1, 2), "V": ("1/2", -1), "VIa": ("3/2", -1), "VIb": (3, -1)}
    for name, (a, b) in places.items():
        assert diagram.at(a=a, b=b).name == name


def test_the_law_at_a_point_meets_the_state_equations(diagram):
    """Six decades above the sizes where II has set in, the leading term is within 3%; the neighbour's is not."""
    size, a, b = 1e12, 0.75, 0.1
    solved = scalecheck.solve("diagonal", dim=size, samples=size**a, weight_decay=size**b, decay=1, noise=1)
    law = diagram.at(a=a, b=b, noise=1)
    assert law.value(size) == pytest.approx(solved.risk, rel=0.03)
    assert diagram.at(a=a, b=-1, noise=1).value(size) != pytest.approx(solved.risk, rel=0.5)


def test_on_a_boundary_its_own_law(diagram):
    law = diagram.at(a="1/2", b="-1/4", noise=3)
    assert (law.name, law.constant, law.log) == ("II | V", 6, -1)
    assert law.sides == ()


@pytest.mark.parametrize(
    ("place", "field"),
    [
        ({"a": 1}, "b"),
        ({"a": 1, "b": 1, "colour": 2}, "colour"),
        ({"a": "nan", "b": 1}, "a"),
        ({"a": "1" * 50, "b": 1}, "a"),
        ({"a": 1, "b": 0, "dim": 5}, "dim"),
        ({"a": -1, "b": 0}, "point"),
    ],
)
def test_points_that_are_none(diagram, place, field):
    with pytest.raises(InputError, match=f"^{field}"):
        diagram.at(**place)


def test_a_symbol_left_open_is_no_number(diagram):
    law = diagram.at(a=2, b=-1)
    assert str(law.constant) == "noise"
    with pytest.raises(InputError):
        law.value(1e6)


def test_at_on_the_command_line(capsys):
    assert main(["phases", "diagonal", "--decay", "1", "--at", "a=3/4,b=0.1,noise=1"]) == 0
    assert capsys.readouterr().out.startswith("diagonal at decay = 1, a = 3/4, b = 1/10, noise = 1: II")


@pytest.mark.parametrize("place", ["a", "a=1,a=2", "", "a=1,b=x", "=3"])
def test_a_damaged_point_is_one_line(capsys, place):
    assert main(["phases", "diagonal", "--decay", "1", "--at", place]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.fixture
def derived():
    subjects = ("Phase II of it", "Phase III of it", "Peak")
    return Derivations(
        "toy", tuple(Derivation(name, (), (), sp.Symbol("x") ** k) for k, name in enumerate(subjects, 1))
    )


def test_only_means_whole_words(derived):
    assert [item.subject for item in derived.only("phase ii").derivations] == ["Phase II of it"]
    assert len(derived.only("phase").derivations) == 2
    with pytest.raises(InputError, match="Phase III of it"):
        derived.only("IV")


def test_results_come_first(derived):
    lines = derived.to_text().splitlines()
    assert lines[1:4] == ["  Phase II of it: x", "  Phase III of it: x**2", "  Peak: x**3"]


def test_only_on_the_command_line(capsys):
    assert main(["derive", "asymptotics", "--only", "no such"]) == 2
    assert "only" in capsys.readouterr().err


def test_help_lists_theories_with_a_diagram(capsys):
    assert main(["phases", "--help"]) == 0
    told = capsys.readouterr().out
    assert "diagonal" in told
    assert "asymptotics" not in told


@pytest.mark.parametrize("shell", ["zsh", "fish", "bash"])
def test_completion_scripts(capsys, shell):
    assert main(["completion", shell]) == 0
    assert "_SCALECHECK_COMPLETE" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "wanted", "unwanted"),
    [
        (["phases"], "diagonal", "asymptotics"),
        (["derive"], "asymptotics", "cubic"),
        (["solve"], "diagonal", "shells"),
        (["phases", "diagonal", "-"], "--decay", "--noise"),
        (["solve", "diagonal", "-"], "--weight-decay", "--plot"),
        ([], "completion", "diagonal"),
    ],
)
def test_what_shells_are_told(words, wanted, unwanted):
    from click.shell_completion import BashComplete

    from scalecheck.cli import commands

    known, incomplete = (words[:-1], words[-1]) if words and words[-1] == "-" else (words, "")
    found = BashComplete(commands, {}, "scalecheck", "_X").get_completions(known, incomplete)
    names = [item.value for item in found]
    assert wanted in names
    assert unwanted not in names


def test_a_law_without_a_constant_has_no_value(diagram):
    from dataclasses import replace

    law = replace(diagram.at(a="3/4", b=0, noise=1), constant=None)
    with pytest.raises(InputError):
        law.value(10.0)
    assert math.isfinite(diagram.at(a="3/4", b=0, noise=1).value(10.0))
