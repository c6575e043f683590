"""Mutants of conjectures: what the generator says of them holds by other means, and a sample is heard."""

import importlib
import random
from fractions import Fraction

import pytest
import sympy as sp

from scalecheck.proofs_checks.conjectures import grounds
from scalecheck.proofs_checks.conjectures.comparing import Compared
from scalecheck.proofs_checks.conjectures.derived import derived_diagram
from scalecheck.proofs_checks.conjectures.evaluation import evaluate
from scalecheck.proofs_checks.conjectures.files import read_bytes
from scalecheck.proofs_checks.conjectures.grammar import parse_formula
from scalecheck.proofs_checks.conjectures.hearing import Verdicts
from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.evidence import Outcome
from scalecheck.proofs_checks.mutation import judging
from scalecheck.proofs_checks.mutation.charted import same_law
from scalecheck.proofs_checks.mutation.charts import Box, Chart, inside, point_box, sign_over
from scalecheck.proofs_checks.mutation.claimed import claim_mutants
from scalecheck.proofs_checks.mutation.judging import judge, of_chart, of_file, parts_of, thinned
from scalecheck.proofs_checks.mutation.tables import as_toml, written
from scalecheck.proofs_checks.registry import theories
from scalecheck.proofs_checks.verdicts import Judgement, Verdict

x, y = sp.symbols("x y", real=True)
AT = {"decay": 1.37, "noise": 0.83, "a": 2.41}
LAW = {"exponent": "1 - a/decay", "log_power": "-1", "constant": "noise/(1 + a)"}


@pytest.fixture(scope="module")
def chart():
    return Chart(theories()["diagonal"], derived_diagram("diagonal"))


@pytest.fixture(scope="module")
def part_four(chart):
    """The conjectures of one part, for the tests that need any."""
    return of_chart(chart, "4", 0)


def value(text):
    return float(evaluate(parse_formula(text), AT, 4.0))


def test_mutants_of_a_law_differ_from_it_exactly_if_they_are_said_to_be_false():
    for item in claim_mutants("x", LAW):
        told = {**LAW, **item.table}
        parts = ("exponent",) if item.table.get("log") else tuple(key for key in LAW if key in item.table)
        same = all(value(told[key]) == pytest.approx(value(LAW[key]), rel=1e-9) for key in parts)
        dropped = "log_power" not in item.table and not item.table.get("log")
        assert (same and not dropped) == item.true, item


def test_false_neighbours_of_a_boundary_can_be_read_and_are_refuted():
    """A name that no phase has makes a file that is not read, and nothing false."""
    claim = {"between": ["II", "VIa"], "jumps": True}
    path = {"samples": "dim**a", "weight_decay": "dim**((a - 1)/2)"}
    told = {"id": "x", "theory": "diagonal", "observable": "risk", "path": path, "boundary": claim}
    told["where"] = {"a": "1 < a < 2*decay", "decay": "1/2 < decay < 3"}
    false = [item for item in claim_mutants("x", told) if not item.true]
    assert [item.table["boundary"]["between"] for item in false] == [["II", "VIa"], ["II", "II"], ["VIa", "VIa"]]
    heard = judge(false)
    assert [item.verdict for item in heard] == [Verdict.REFUTED] * 3, [item.reason for item in heard]


def test_phases_of_one_name_may_meet():
    """As those of a user's system do, whose balances differ and whose corners do not."""
    table = {"theory": "system:s", "boundary": {"between": ["balance", "sums over x: INSIDE"]}}
    assert [item.operator for item in claim_mutants("x", table)] == ["boundary turned"]


def test_a_box_is_inside_a_region_only_if_all_of_it_is():
    region = (x > y, x * y < 2)
    assert inside(region, Box({"x": sp.Rational(3, 2), "y": sp.S.One}, {"x": sp.Rational(19, 10), "y": sp.S.One}))
    assert not inside(region, Box({"x": sp.Rational(3, 2), "y": sp.S.One}, {"x": sp.Integer(2), "y": sp.S.One}))
    assert not inside(region, point_box({"x": sp.S.One, "y": sp.S.One}))


def test_a_sign_that_is_not_known_is_none():
    here = point_box({"x": sp.Integer(2)})
    assert sign_over(x - 2, here) == 0
    assert sign_over(x - sp.sqrt(5), here) == -1
    assert sign_over(sp.sqrt(x) ** 2 - x, here) == 0
    assert sign_over(sp.besselj(0, x), here) is None
    assert sign_over(x - 1, Box({"x": sp.S.Zero}, {"x": sp.Integer(2)})) is None


def test_points_lie_in_the_phase_by_plain_fractions(chart):
    """The regions once more, in Python's fractions, from the printed inequalities."""
    for row in chart.diagram.phases:
        for point in chart.points_in(row, random.Random(1), 5):
            names = {name: Fraction(int(number.p), int(number.q)) for name, number in point.items()}
            for item in row.region:
                left, right = (eval(str(side), {"__builtins__": {}}, names) for side in (item.gts, item.lts))  # noqa: S307
                assert left > right


def test_formulas_without_words_are_not_written():
    assert written(sp.Integral(y, (y, 0, x))) is None
    assert written(sp.oo) is None
    assert value(written(sp.sin(sp.pi * sp.Symbol("decay")))) == pytest.approx(float(sp.sin(sp.pi * AT["decay"])))


def test_tables_are_files():
    table = {"id": "q", "theory": "diagonal", "observable": "risk", "exponent": "-1",
             "path": {"samples": "dim**2", "weight_decay": "1/dim"}, "where": {"decay": "decay = 1"}}  # fmt: skip
    assert read_bytes(as_toml(table).encode()).conjectures[0].id == "q"


def test_the_same_seed_gives_the_same_conjectures(chart):
    one, two, other = (of_chart(chart, "0", seed) for seed in (1, 1, 2))
    assert one == two != other


def test_each_phase_gives_truths_and_falsehoods_of_many_kinds(chart):
    for part in parts_of(chart):
        made = of_chart(chart, part, 0)
        assert {item.true for item in made} == {True, False}
        assert len({item.operator for item in made}) >= 5


def test_a_widened_range_holds_a_point_with_another_law(chart):
    made = [
        item for part in parts_of(chart)[:-1] for item in of_chart(chart, part, 3) if item.operator == "range too wide"
    ]
    assert made
    assert not any(item.true for item in made)


def test_two_phases_with_one_law_are_no_neighbours(chart):
    bulk, heavy = chart.diagram.phase("VIa"), chart.diagram.phase("VIb")
    point = {"a": sp.Integer(2), "b": sp.Integer(-1), "decay": sp.S.One, "noise": sp.S.One}
    assert same_law(chart, bulk, point, heavy) is True
    assert same_law(chart, bulk, point, chart.diagram.phase("II")) is False


def test_a_sample_of_a_diagram(chart):
    heard = [item for part in parts_of(chart) for item in judge(thinned(of_chart(chart, part, 11), 2, 0))]
    assert [item for item in heard if item.false_accept or item.false_reject] == []
    assert sum(item.verdict is Verdict.REFUTED for item in heard) > 3


@pytest.mark.parametrize(("name", "most"), [("conjectures", 8), ("systems", 5)])
def test_a_sample_of_the_gallery(root, name, most):
    made, systems = of_file(root / "examples" / f"{name}.toml")
    heard = judge(thinned(made, most, 0), systems)
    assert [item for item in heard if item.false_accept or item.false_reject] == []


@pytest.mark.parametrize(("verdict", "wrong"), [(Verdict.PROVED, "false_accept"), (Verdict.REFUTED, "false_reject")])
def test_a_judge_that_always_says_the_same_is_found_out(part_four, monkeypatch, verdict, wrong):
    def stuck(conjecture, systems, ask):
        return Verdicts(conjecture, Judgement(verdict, "as always"), ())

    monkeypatch.setattr(judging, "hear", stuck)
    heard = judge(thinned(part_four, 12, 0))
    assert {getattr(item, wrong) for item in heard} == {True, False}


def test_a_file_of_falsehoods_gives_nothing_to_go_by(tmp_path):
    table = {"id": "q", "theory": "diagonal", "observable": "risk", "exponent": "-1", "note": "refuted: no",
             "path": {"samples": "dim**2", "weight_decay": "1/dim"}}  # fmt: skip
    place = tmp_path / "false.toml"
    place.write_text(as_toml(table))
    with pytest.raises(InputError, match="begins with proved or supported"):
        of_file(place)
    with pytest.raises(InputError, match="file: got"):
        of_file(tmp_path / "missing.toml")


def yes(stratum, difference):
    return [Compared(stratum, Outcome.HOLDS, stratum.point())]


BROKEN = {
    "a comparison that cannot say no": ("symbolic.vanishes", lambda old: yes),
    "an exponent with the other sign": ("derived._exponent", lambda old: lambda *given: -old(*given)),
    "a constant off by two": ("derived._constant", lambda old: lambda *given: 2 * old(*given)),
}


def wrong(chosen):
    heard = judge(chosen)
    return [i for i in heard if i.false_accept or i.false_reject or i.reason.startswith("the witnesses disagree")]


@pytest.fixture(scope="module")
def judged_rightly(part_four):
    """A truth and two falsehoods about which the judge is right while nothing is broken."""
    stated = [item for item in part_four if item.base.endswith("point")]
    kinds = {"itself", "constant", "exponent shifted"}
    chosen = list({item.operator: item for item in stated if item.operator in kinds}.values())
    assert wrong(chosen) == []
    return chosen


def forget():
    for remembered in (grounds.theory_ground, grounds.system_ground):
        remembered.cache_clear()


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_judge_is_found_out(judged_rightly, monkeypatch, name):
    """Truths refused, falsehoods accepted, or the witnesses set against each other."""
    part, breaking = BROKEN[name]
    module, function = f"scalecheck.proofs_checks.conjectures.{part}".rsplit(".", 1)
    monkeypatch.setattr(f"{module}.{function}", breaking(getattr(importlib.import_module(module), function)))
    forget()
    assert wrong(judged_rightly) != []
    forget()  # what the broken judge worked out is for no other test
