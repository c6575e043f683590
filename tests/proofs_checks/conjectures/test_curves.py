"""Figures of conjectures and questions: the numbers are the witness's, the laws the derived and the claimed one."""

import math
import re

import pytest

import scalecheck
from scalecheck.cli import main
from scalecheck.proofs_checks.conjectures.curves import figure_of, seen_of
from scalecheck.proofs_checks.conjectures.files import read_document
from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.figures import Role

SYSTEM = {"id": "s", "large": "n", "positive": ["x"], "parameters": {"p": "p > 1"}, "equations": ["x**p + x = n"]}
LOGS = {"id": "l", "large": "n", "positive": ["y"], "parameters": {"r": "r > 0"}, "equations": ["y = n**r*log(n)"]}
SPENT = {
    "id": "spent", "large": "C", "positive": ["loss"], "parameters": {"a": "a > 0", "b": "b > 0"},
    "controls": {"N": "N > 0", "D": "D > 0"}, "equations": ["loss = N**(-a) + D**(-b)"],
}  # fmt: skip
ROOT = {"id": "root", "theory": "system:s", "observable": "x", "exponent": "1/p", "constant": 1}
FILE = {
    "system": [SYSTEM, LOGS, SPENT],
    "question": [{"id": "open", "theory": "system:s", "observable": "x"}],
    "conjecture": [
        ROOT,
        {**ROOT, "id": "off", "exponent": "1/p + 1/10"},
        {**ROOT, "id": "constant-off", "constant": "1.02"},
        {"id": "logs", "theory": "system:l", "observable": "y", "exponent": "r", "log_power": "1"},
        {
            "id": "best", "theory": "system:spent", "observable": "loss", "path": {"N": "C**s", "D": "C**(1-s)"},
            "minimum": {"over": "s", "at": "b/(a + b)"}, "exponent": "-a*b/(a + b)", "where": {"s": "0 < s < 1"},
        },
        {"id": "rising", "theory": "system:l", "observable": "y", "monotone": {"parameter": "r", "direction": "increasing"}},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def statements():
    return read_document(FILE, asking=True)


@pytest.fixture(scope="module")
def items(statements):
    return {item.id: item for item in (*statements.conjectures, *statements.questions)}


def test_the_points_are_those_of_the_evidence(statements, items):
    seen = seen_of(items["root"], statements.systems)
    row = scalecheck.check(FILE).rows[0]
    table = next(rows for rows in row["evidence"] if rows["witness"] == "numeric")["table"]
    assert [one.at for one in seen] == [cells["at"] for cells in table]
    assert [one.scales[-1] for one in seen] == [cells["scale"] for cells in table]


def test_values_solve_the_equations(statements, items):
    for one in seen_of(items["root"], statements.systems):
        p = float(eval_fraction(one.at))
        for scale, value in zip(one.scales, one.values, strict=True):
            assert value**p + value == pytest.approx(scale, rel=1e-9)


def eval_fraction(at):
    top, _, bottom = at.partition(" = ")[2].partition("/")
    return int(top) / int(bottom or 1)


@pytest.mark.parametrize(
    ("name", "differs"), [("root", False), ("off", True), ("constant-off", True), ("logs", False), ("best", False)]
)
def test_a_claim_that_differs_has_a_line_of_its_own(statements, items, name, differs):
    seen = seen_of(items[name], statements.systems)
    assert seen
    assert all(one.differs is differs for one in seen)
    data = figure_of(seen, items[name].place, "n")
    for _, panel in data.panels:
        roles = [series.role for series in panel.series]
        assert roles.count(Role.LAW) == len(seen)
        assert roles.count(Role.CLAIM) == (len(seen) if differs else 0)


def worst(data, role):
    """The largest ratio of the numbers to the nearest line of a role at the last scale, as a distance of logarithms."""
    (_, panel), _ = data.panels
    lines = [series for series in panel.series if series.role is role]
    numbers = [series for series in panel.series if series.role is Role.SIMULATION]
    return max(abs(math.log(one.y[-1] / line.y[-1])) for one, line in zip(numbers, lines, strict=True))


def test_the_law_lies_on_the_numbers_and_a_wrong_constant_beside_them(statements, items):
    seen = seen_of(items["constant-off"], statements.systems)
    data = figure_of(seen, items["constant-off"].place, "n")
    assert worst(data, Role.LAW) < 1e-3
    assert worst(data, Role.CLAIM) == pytest.approx(math.log(1.02), rel=0.05)


def test_the_local_exponent_of_a_law_with_a_logarithm_is_that_of_the_numbers(statements, items):
    """Without the logarithm the line would lie 1/log n below."""
    data = figure_of(seen_of(items["logs"], statements.systems), items["logs"].place, "n")
    _, (_, panel) = data.panels
    numbers = next(series for series in panel.series if series.role is Role.SIMULATION)
    law = next(series for series in panel.series if series.role is Role.LAW)
    for x, y in zip(numbers.x, numbers.y, strict=True):
        nearest = min(zip(law.x, law.y, strict=True), key=lambda pair: abs(math.log(pair[0] / x)))
        assert abs(nearest[1] - y) < 0.01
    assert max(law.y) - min(law.y) > 0.05  # a flat line would not have lain on them


def test_a_minimum_is_drawn_at_the_minimum(statements, items):
    for one in seen_of(items["best"], statements.systems):
        assert "s = " in one.at
        assert one.derived is not None
        assert one.derived.constant == 2


def test_what_is_about_several_curves_has_no_figure(statements, items):
    assert seen_of(items["rising"], statements.systems) == ()


def test_the_page_has_a_figure_for_each_claim_with_numbers(tmp_path):
    out = tmp_path / "report"
    kept = [claim for claim in FILE["conjecture"] if claim["id"] in ("root", "off", "rising")]
    scalecheck.check({**FILE, "conjecture": kept}, out=out)
    page = (out / "index.html").read_text()
    assert re.findall(r'<figure id="figure-([\w-]+)"', page) == ["root", "off"]
    assert 'href="#figure-root"' in page
    assert "Not drawn" not in page


def test_derive_draws_one_question(tmp_path, capsys):
    picture = tmp_path / "open.svg"
    scalecheck.derive({"system": [SYSTEM], "question": FILE["question"]}, plot=picture)
    assert picture.stat().st_size > 5000
    with pytest.raises(InputError, match="one question"):
        scalecheck.derive(FILE, plot=picture)
    with pytest.raises(InputError, match="plot"):
        scalecheck.derive("diagonal", plot=picture)
    assert main(["derive", "diagonal", "--plot", str(picture)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
