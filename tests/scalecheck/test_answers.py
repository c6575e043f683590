"""`derive FILE`: laws of the user's own questions, which the judge of conjectures then proves, and whose neighbours it refutes."""

import json
from dataclasses import replace

import pytest
import sympy as sp

import scalecheck
from scalecheck.cli import main
from scalecheck.proofs_checks.conjectures import asking
from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.evidence import Outcome

FLOW = {
    "id": "flow", "large": "C", "positive": ["inside", "loss"], "parameters": {"a": "a > 1", "b": "b > 0"},
    "controls": {"N": "N > 0", "t": "t > 0"},
    "equations": ["inside = powersum(k**(-a)*exp(-2*t*k**(-b)), N)", "loss = inside + N**(1-a)/(a-1)"],
}  # fmt: skip
BUDGET = {
    "id": "budget", "theory": "system:flow", "observable": "loss", "path": {"N": "C**s", "t": "C**(1-s)"},
    "where": {"s": "0 < s < 1"},
}  # fmt: skip
ROOT = {"id": "s", "large": "n", "positive": ["x"], "parameters": {"p": "p > 1"}, "equations": ["x**p + x = n"]}
ASKED = {"id": "root", "theory": "system:s", "observable": "x"}
PHASES = {
    "id": "phases", "theory": "diagonal", "observable": "risk", "path": {"samples": "dim**a", "weight_decay": "1/dim"},
    "where": {"a": "0 < a < 3", "decay": "decay = 3/2", "noise": "noise = 1"},
}  # fmt: skip


@pytest.fixture(scope="module")
def budget():
    return scalecheck.derive({"system": [FLOW], "question": [BUDGET]})


def test_the_range_is_answered_wall_by_wall(budget):
    (row,) = budget.to_json()
    assert row["complete"]
    assert [law["exponent"] for law in row["laws"]] == ["-a*s + s", "a*s/b - a/b - s/b + 1/b", "-a/(b + 1) + 1/(b + 1)"]
    assert budget.exit_status == 0


def test_several_claims_about_one_law_have_one_answer():
    claims = [{**ASKED, "id": name, "exponent": "1/p"} for name in ("one", "two")]
    other = {**ASKED, "where": {"p": "p > 2"}}
    told = scalecheck.derive({"system": [ROOT], "question": [other], "conjecture": claims})
    heads = [line for line in told.to_text().splitlines() if not line.startswith(" ")]
    assert heads == ["root: x of system:s as n grows", "one, two: x of system:s as n grows"]
    assert len(told.to_json()) == 3


def test_a_part_beside_a_curve_that_cannot_be_solved_for_is_told_once():
    system = {
        "id": "s", "large": "n", "positive": ["x"], "parameters": {"a": "1/10 < a < 3", "b": "1/10 < b < 2"},
        "equations": ["n**(-a)*x**(b/(1+b)) = n**(a+b)*x**(1+a) + min(n**(a-b)*x**(b/(1+b)), n**(a-b))"],
    }  # fmt: skip
    laws = scalecheck.derive({"system": [system], "question": [ASKED]}).to_json()[0]["laws"]
    told = [(law["where"], law["reason"]) for law in laws]
    assert len(told) > 2
    assert len(set(told)) == len(told)


BESIDE = {
    "a wall that only the derivation sees": (
        "y = N**(-b) + n**(1 - a)/N", {"a": "a > 1", "b": "b > 0"}, {"controls": {"N": "N > 0"}},
        {"path": {"N": "n**s"}, "where": {"s": "s > 0"}}, 3),
    "a wall with another constant": ("y = n + n**(1 - (p - 1)**2)", {"p": "0 < p < 2"}, {}, {}, 3),
}  # fmt: skip


@pytest.mark.parametrize("name", BESIDE)
def test_parts_with_one_law_are_one_unless_a_wall_has_another(name):
    """Two laws and the wall between them, where b = 1 is none; but at p = 1 there are two terms of one size."""
    equation, parameters, more, place, count = BESIDE[name]
    system = {"id": "s", "large": "n", "positive": ["y"], "parameters": parameters, "equations": [equation], **more}
    asked = {**ASKED, "observable": "y", **place}
    laws = scalecheck.derive({"system": [system], "question": [asked]}).to_json()[0]["laws"]
    assert len(laws) == count
    for law in laws:
        claim = {**asked, "exponent": law["exponent"], "log_power": law["log"]}
        ranges = {**parameters, **place.get("where", {})}
        first = next(iter(ranges))
        claim["where"] = {**ranges, first: f"{ranges[first]}, {law['where']}"}
        found = scalecheck.check({"system": [system], "conjecture": [claim]})
        assert found.rows[0]["verdict"] == "proved", law


def stated(question, law):
    """The conjecture that states an answer, on its part of the range."""
    claim = {"exponent": law["exponent"], "log_power": law["log"], "constant": law["constant"]}
    if law["constant"] is None or "gamma" in law["constant"]:
        claim.pop("constant")
    names = {"a": law["where"]} if question["id"] == "phases" else {"s": law["where"]}
    return {**question, **claim, "where": {**question["where"], **names}}


@pytest.mark.parametrize("question", [BUDGET, PHASES], ids=["own equations", "a theory"])
def test_what_is_answered_is_what_the_judge_proves(question):
    systems = [FLOW] if question is BUDGET else []
    laws = scalecheck.derive({"system": systems, "question": [question]}).to_json()[0]["laws"]
    for law in laws:
        claim = stated(question, law)
        wrong = {**claim, "id": "wrong", "exponent": f"({law['exponent']}) + 1/10"}
        found = scalecheck.check({"system": systems, "conjecture": [claim, wrong]})
        assert [row["verdict"] for row in found.rows] == ["proved", "refuted"], law


def test_numbers_that_contradict_the_laws_fail_the_run(monkeypatch):
    said = asking.numeric.hear

    def contradict(*arguments, **more):
        return replace(said(*arguments, **more), outcome=Outcome.FAILS)

    monkeypatch.setattr(asking.numeric, "hear", contradict)
    assert scalecheck.derive({"system": [ROOT], "question": [ASKED]}).exit_status == 1


def test_a_wrong_law_is_contradicted_by_the_numbers(monkeypatch):
    """The numeric witness hears what was derived: with another exponent it says no."""
    real = asking.ground_at

    def off(*arguments):
        ground, unreadable = real(*arguments)
        pieces = tuple(
            replace(p, law=replace(p.law, exponent=p.law.exponent + sp.Rational(1, 10))) for p in ground.pieces
        )
        return replace(ground, pieces=pieces), unreadable

    monkeypatch.setattr(asking, "ground_at", off)
    found = scalecheck.derive({"system": [ROOT], "question": [ASKED]})
    assert found.answers[0].contradicted
    assert found.exit_status == 1


WITHOUT = {
    "what the machine cannot read": (
        {**ROOT, "parameters": {}, "equations": ["x + log(1 + log(1 + x)) = n"]},
        ASKED,
        "cannot read",
    ),
    "an empty range": (ROOT, {**ASKED, "where": {"p": "3 < p < 2"}}, "not applicable"),
    "a range that leaves the domain": (ROOT, {**ASKED, "where": {"p": "0 < p < 2"}}, "not applicable"),
}


@pytest.mark.parametrize("name", WITHOUT)
def test_where_there_is_no_law_the_reason_says_why(name):
    system, question, said = WITHOUT[name]
    found = scalecheck.derive({"system": [system], "question": [question]})
    assert found.exit_status == 3
    assert said in found.to_json()[0]["reason"]
    assert said.split()[-1] in str(found)
    assert found.to_latex()


def test_what_is_not_shown_to_be_the_only_solution_is_said():
    system = {**ROOT, "parameters": {}, "equations": ["x*powersum(k**(-2)*exp(-k*x/n**12)) = n"]}
    (row,) = scalecheck.derive({"system": [system], "question": [ASKED]}).to_json()
    assert row["laws"][0]["exponent"] == "1"
    assert any("is not shown" in text for text in row["assumptions"])
    (row,) = scalecheck.derive({"system": [ROOT], "question": [ASKED]}).to_json()
    assert not any("is not shown" in text for text in row["assumptions"])


def test_latex_has_the_walls_as_cases(budget):
    text = budget.to_latex()
    assert r"\begin{cases}" in text
    assert r"\frac{1}{a - 1} \, C^{- a s + s} & s > 0,\ a > 1,\ s < \frac{1}{b + 1}" in text
    assert r"\left(" in text  # a constant that is a sum
    shown = budget._repr_html_()
    assert shown.count("<math") == 2 * len(budget.answers[0].parts)  # where, and the law, in the letters of the report
    assert "<msup><mi>C</mi>" in shown


def test_conjectures_are_asked_as_well_whatever_they_claim():
    wrong = {**ASKED, "id": "wrong", "exponent": "7"}
    found = scalecheck.derive({"system": [ROOT], "conjecture": [wrong]})
    assert found.to_json()[0]["laws"][0]["exponent"] == "1/p"


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ({**ASKED, "exponent": "1"}, "exponent"),
        ({**ASKED, "observable": "z"}, "z"),
        ({**ASKED, "id": "two words"}, "two words"),
        ({**ASKED, "where": {"p": "p > "}}, "formula"),
    ],
)
def test_faults_name_the_field(question, told):
    with pytest.raises(InputError, match=told):
        scalecheck.derive({"system": [ROOT], "question": [question]})


def test_the_command(tmp_path, capsys):
    place = tmp_path / "model.toml"
    place.write_text(
        '[[system]]\nid = "s"\nlarge = "n"\npositive = ["x"]\nequations = ["x**3 + x = n"]\n'
        '[[question]]\nid = "root"\ntheory = "system:s"\nobservable = "x"\n'
    )
    assert main(["derive", str(place)]) == 0
    assert "x ~ 1 * n**(1/3)" in capsys.readouterr().out
    assert main(["derive", str(place), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["numbers"]["outcome"] == "holds"
    assert main(["derive", str(place), "--latex"]) == 0
    assert r"\sqrt[3]" in (text := capsys.readouterr().out) or r"\frac{1}{3}" in text
    assert main(["derive", str(place), "--only", "nothing"]) == 2
    assert "root" in capsys.readouterr().err
    assert main(["check", str(place)]) == 2
    assert "derive answers" in capsys.readouterr().err
    assert main(["derive", str(tmp_path / "none.toml")]) == 2
    assert main(["derive", "3"]) == 2


def test_a_corner_where_a_wall_has_no_place_is_answered():
    """The wall s = (a - 1)/(b - 1) says nothing where a = b = 1; "nan has no real value" was the answer."""
    system = {
        "id": "s", "large": "n", "positive": ["x"], "parameters": {"a": "a > 0", "b": "b > 0"}, "controls": {"N": "N > 0"},
        "equations": ["x = n**(1 - a)/N + N**(-b)"],
    }  # fmt: skip
    asked = {**ASKED, "path": {"N": "n**s"}, "where": {"s": "s > 0"}}
    (row,) = scalecheck.derive({"system": [system], "question": [asked]}).to_json()
    assert row["complete"]
    claim = {**asked, "exponent": "max(1 - a - s, -b*s)"}
    wrong = {**claim, "id": "wrong", "exponent": "-b*s"}
    found = scalecheck.check({"system": [system], "conjecture": [claim, wrong]})
    assert [row["verdict"] for row in found.rows] == ["proved", "refuted"]


def test_a_path_without_a_value_has_no_law():
    system = {
        "id": "s", "large": "n", "positive": ["x"], "controls": {"N": "N > 0"}, "equations": ["x = n**(1/2) + N"],
    }  # fmt: skip
    asked = {**ASKED, "path": {"N": "n**(sqrt(b)**2)"}, "where": {"b": "-1 < b < 1"}}
    (row,) = scalecheck.derive({"system": [system], "question": [asked]}).to_json()
    assert not row["complete"]
    assert "has no value" in row["reason"]


def test_a_corner_at_an_irrational_place_leaves_the_rest_answered():
    system = {
        "id": "s", "large": "n", "positive": ["x"], "parameters": {"p": "1/2 < p <= 2"}, "controls": {"N": "N > 0", "M": "M > 0"},
        "equations": ["x = N + M + n**2"],
    }  # fmt: skip
    asked = {**ASKED, "path": {"N": "n**(s/p)", "M": "n**(s*s)"}, "where": {"s": "s > 0"}}
    (row,) = scalecheck.derive({"system": [system], "question": [asked]}).to_json()
    assert {"2", "s**2", "s/p"} <= {law["exponent"] for law in row["laws"]}


def test_eulers_number_is_no_letter_of_the_user():
    """Everybody's irreducible loss is called E; what is printed can be claimed again."""
    system = {"id": "s", "large": "n", "positive": ["y", "loss"], "parameters": {"E": "E > 0"},
              "equations": ["y = (1 + exp(-1))/n", "loss = E*y"]}  # fmt: skip
    question = {"id": "q", "theory": "system:s", "observable": "loss"}
    found = scalecheck.derive({"system": [system], "question": [question]})
    constant = found.to_json()[0]["laws"][0]["constant"]
    claim = {**question, "id": "c", "exponent": "-1", "constant": constant}
    assert "exp(1)" in constant
    assert scalecheck.check({"system": [system], "conjecture": [claim]}).rows[0]["verdict"] == "proved"
    wrong = {**claim, "constant": constant.replace("exp(1)", "E")}
    assert scalecheck.check({"system": [system], "conjecture": [wrong]}).rows[0]["verdict"] == "refuted"
