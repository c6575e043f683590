"""Mutants: true or false by construction, and heard. The whole ledger is heard by `scalecheck census`; here a sample."""

from dataclasses import dataclass, replace
from typing import ClassVar

import pytest
import sympy as sp

from scalecheck import ledger
from scalecheck.parallel import one_thread
from scalecheck.proofs_checks.agreement import Agreement
from scalecheck.proofs_checks.averages import Average
from scalecheck.proofs_checks.claims import Claim, Effort, Source, Twin
from scalecheck.proofs_checks.enclosed import Enclosed
from scalecheck.proofs_checks.evidence import Evidence, Firmness, Outcome
from scalecheck.proofs_checks.formulas import Formula, from_derivation
from scalecheck.proofs_checks.hypotheses import Hypothesis
from scalecheck.proofs_checks.laws import Path
from scalecheck.proofs_checks.mutation.apart import Exactly, ToLeadingOrder
from scalecheck.proofs_checks.mutation.census import Heard, hear_mutants, tabulate
from scalecheck.proofs_checks.mutation.expressions import false_neighbours
from scalecheck.proofs_checks.mutation.neighbours import mutants
from scalecheck.proofs_checks.mutation.rewriting import reformulations
from scalecheck.proofs_checks.mutation.routes import routes
from scalecheck.proofs_checks.mutation.slots import expressions
from scalecheck.proofs_checks.mutation.special import special
from scalecheck.proofs_checks.mutation.walls import empty, narrower, proved_walls, same_region, wider
from scalecheck.proofs_checks.registry import theories
from scalecheck.proofs_checks.tables import Table
from scalecheck.proofs_checks.theory_record import Scaling
from scalecheck.proofs_checks.verdicts import Verdict
from scalecheck.soundness import Census

x, y = sp.symbols("x y", positive=True)
TRUTH = 2 * x**2 + sp.sqrt(y) * sp.gamma(x)
HALF = sp.Rational(1, 2)


def made_once(name):
    """The claims of a theory, made once for all tests of a process."""
    return ledger.claims_of(name, theories()[name].claims)


def made(name, identifier):
    return next(item for item in made_once(name) if item.id == identifier)


def claim(symbolic, numeric=None):
    return Claim(
        id="T1", title="t", statement="s", source=Source((), "T1"), assertion=Formula("q", TRUTH), comparison="c",
        twins=(Twin("no", "no", Formula("q", x)),), symbolic=symbolic, numeric=numeric,
    )  # fmt: skip


def always(outcome, firmness=Firmness.EXACT):
    return lambda assertion, effort: Evidence("symbolic", outcome, firmness, "said so", Table((), ()))


def census(which):
    return hear_mutants(which, mutants(which, ()))


def test_an_honest_witness_accepts_all_truths_and_no_falsehood():
    heard = census(claim(from_derivation(lambda: TRUTH)))
    assert len(heard) > 15
    assert {item.true for item in heard} == {True, False}
    assert not any(item.false_accept or item.false_reject for item in heard)
    assert all(item.verdict.accepts for item in heard if item.true)


def test_a_witness_that_always_says_yes_is_found_out():
    heard = census(claim(always(Outcome.HOLDS)))
    assert all(item.false_accept for item in heard if not item.true)


def test_a_witness_that_always_says_no_is_found_out():
    heard = census(claim(always(Outcome.FAILS)))
    assert all(item.false_reject for item in heard if item.true)


def test_a_comparator_by_appearance_rejects_truths():
    def literal(assertion, effort):
        outcome = Outcome.HOLDS if assertion.formula == TRUTH else Outcome.FAILS
        return Evidence("symbolic", outcome, Firmness.EXACT, "as written", Table((), ()))

    assert any(item.false_reject for item in census(claim(literal)))


def test_a_comparator_with_a_tolerance_accepts_falsehoods():
    def loose(assertion, effort):
        gap = abs(float((assertion.formula / TRUTH).subs({x: 2, y: 3})) - 1)
        return Evidence(
            "symbolic", Outcome.HOLDS if gap < 0.03 else Outcome.FAILS, Firmness.EXACT, "about", Table((), ())
        )

    assert any(item.false_accept and item.operator == "constant" for item in census(claim(loose)))


def test_a_witness_that_cannot_read_a_mutant_leaves_it_undecided():
    def fragile(assertion, effort):
        raise TypeError("no such form")

    heard = census(claim(fragile))
    assert {item.verdict.value for item in heard} == {"undecided"}
    assert all("cannot read it" in item.reason for item in heard)


def test_the_same_seed_gives_the_same_mutants():
    which = claim(always(Outcome.HOLDS))
    told = [[item.told for item in mutants(which, (), seed)] for seed in (1, 1, 2)]
    assert told[0] == told[1] != told[2]


def test_the_table_counts_every_mutant_once():
    heard = census(claim(from_derivation(lambda: TRUTH)))
    rows = tabulate(heard)
    assert sum(row.mutants for row in rows) == len(heard)
    assert all(row.mutants == row.accepted + row.refuted + row.undecided + row.not_applicable for row in rows)


@pytest.mark.parametrize("expression", [TRUTH, x / (1 + y), sp.erfc(x) * sp.exp(-y), sp.zeta(2 * x + 2) - HALF])
def test_false_neighbours_differ_and_reformulations_do_not(expression):
    points = [{x: sp.Rational(5, 3), y: sp.Rational(7, 4)}, {x: sp.Rational(2, 7), y: sp.Rational(9, 2)}]

    def distance(new):
        return max(abs(sp.N((new - expression).subs(point), 40)) for point in points)

    assert all(distance(new) > 1e-8 for _, _, new in false_neighbours(expression, Exactly(), most=4))
    rewritten = [new for _, _, new in reformulations(expression, Exactly())]
    assert len(rewritten) >= 4
    assert all(distance(new) < 1e-30 for new in rewritten)


def test_to_leading_order_corrections_are_no_difference():
    judge = ToLeadingOrder(routes([Path({"a": HALF}, {})], {"x"}, [Scaling({"x": "a"}, large="L")]))
    assert not judge.differ(x, x + sp.sqrt(x))
    assert not judge.differ(x, x * (1 + 1 / sp.log(x)))
    assert judge.differ(x, x * sp.log(x))
    assert judge.differ(x, x * sp.Rational(99, 100))
    assert judge.differ(x, x ** sp.Rational(11, 10))


def test_a_yardstick_is_no_statement():
    """Found by the census: a unit in which a deviation is measured was changed, and the claim stayed true."""
    stated = Average(x - y, x + y)
    assert [slot.name for slot in expressions(stated)] == ["formula"]
    assert "x + y" not in stated.describe()


def test_agreements_are_left_the_way_a_twin_shows():
    """Found by the census: a third of the penalty is as good a prediction as the penalty where the risk has its minimum."""
    found = made("quadratic", "N10.quadratic.gaussian.risk")
    factors = [next(iter(item.assertion.changes.items())) for item in special(found) if not item.true]
    assert ("weight_decay", 64) in factors
    assert all(factor > 1 for _, factor in factors)


def test_no_scaling_that_knows_the_controls_means_no_judgement():
    assert routes([Path({"b": HALF}, {})], {"x"}, [Scaling({"x": "a"}, large="L")]) == ()
    assert not ToLeadingOrder(()).differ(x, 2 * x)


def test_regions_in_other_words_hold_the_same_points():
    region = (Hypothesis(x > 2 * y, "a wall"), Hypothesis(x < 3, "another"))

    def holds(parts, point):
        return all(item.holds(point) for item in parts)

    grid = [{"x": sp.Rational(i, 3), "y": sp.Rational(j, 3)} for i in range(1, 12) for j in range(1, 9)]
    for _, words in same_region(region):
        assert all(holds(words, point) == holds(region, point) for point in grid)
    inside = {"x": sp.Integer(2), "y": HALF}
    for _, part in narrower(region, [inside]):
        assert holds(part, inside)
        assert all(holds(region, point) for point in grid if holds(part, point))
    for _, nothing in empty(region):
        assert not any(holds(nothing, point) for point in grid)


def test_walls_are_those_that_a_twin_shows():
    wall, other = Hypothesis(x > 2 * y, "a wall"), Hypothesis(x < 3, "another")
    walls = proved_walls((wall, other), [(other,)])
    assert walls == {wall.relation: True}
    wide = list(wider((wall, other), walls))
    assert {operator for operator, _, _ in wide} == {"wall dropped", "wall turned", "wall moved"}
    assert all(other in region for _, _, region in wide)
    assert proved_walls((wall, other), [(wall, other)]) == {}


SAMPLED = ("A2.largest-power", "N3.diagonal.degrees_of_freedom", "N5.diagonal.IV-absent", "N7.diagonal.III",
           "N7.diagonal.peak", "R.ridge.effective-noisy", "S2.eigenvalues", "S5.flux", "S10.down.slow-clock", "S12.exponent")  # fmt: skip


@pytest.mark.parametrize("identifier", SAMPLED)
def test_a_sample_of_the_ledger(identifier):
    """No falsehood accepted, no truth refuted; only symbolic witnesses, and numbers where these do not say no."""
    (name,) = [name for name in ledger.holders(identifier) if any(c.id == identifier for c in made_once(name))]
    record, found = theories()[name], made(name, identifier)
    scalings = (record.scaling, *(other.scaling for other in theories().values()))
    with one_thread():
        heard = hear_mutants(found, mutants(found, scalings, 5)[::3], numeric=0, effort=Effort(quick=True))
    assert [item for item in heard if item.false_accept or item.false_reject] == []
    assert any(not item.true for item in heard)


SETS = ("S11.uniform", "S11.ratio", "S11.nonuniform", "S12.extrema.slow", "S12.extrema.even", "S12.extrema.quick")


@pytest.mark.parametrize("identifier", SETS)
def test_lists_of_cases_and_sets_of_numbers_have_other_forms_as_well(identifier):
    """Found by the census: it had no true reformulation of these, so that nothing was said of false rejects."""
    found = made("shells", identifier)
    heard = hear_mutants(found, mutants(found, (theories()["shells"].scaling,)), numeric=0)
    assert [item for item in heard if item.false_accept or item.false_reject] == []
    assert sum(item.true for item in heard) >= 3
    assert all(item.verdict.accepts is item.true for item in heard)


def test_a_claim_whose_witness_ignores_the_region_is_found_out():
    """The census would be empty of regions if no twin showed a wall: on this claim it is not."""
    record = theories()["diagonal"]
    found = made("diagonal", "N7.diagonal.III")
    blind = replace(found, symbolic=lambda assertion, effort: found.symbolic(found.assertion, effort))
    chosen = [m for m in mutants(found, (record.scaling,)) if m.operator in ("wall dropped", "wall moved")]
    assert chosen
    heard = hear_mutants(replace(blind, numeric=None), chosen, numeric=0)
    assert all(item.false_accept for item in heard)


@dataclass(frozen=True)
class Odd:
    """Names that are odd numbers, each a statement of its own."""

    ALL_OF: ClassVar = ("names",)
    names: tuple[int, ...]

    def describe(self):
        return f"odd: {self.names}"


def odd(assertion, effort):
    outcome = Outcome.HOLDS if all(name % 2 for name in assertion.names) else Outcome.FAILS
    return Evidence("symbolic", outcome, Firmness.EXACT, "counted", Table((), ()))


def lazy(assertion, effort):
    """Looks at the last name only."""
    return odd(Odd(assertion.names[-1:]), effort)


def test_a_list_of_statements_is_changed_in_every_place():
    stated = replace(claim(odd), assertion=Odd((1, 3, 5)), twins=(Twin("even", "two is odd", Odd((1, 3, 5, 2))),))
    heard = census(stated)
    assert {item.operator for item in heard} == {"order", "part", "one", "again", "beside one"}
    assert all(item.verdict.accepts == item.true for item in heard)
    assert {"part", "beside one"} == {
        item.operator for item in census(replace(stated, symbolic=lazy)) if item.false_accept
    }


@dataclass(frozen=True)
class Numbers:
    """What is true of the numbers from -3 to 3 that a rule admits, and of the numbers of a set."""

    ALL_OF: ClassVar = ("admitted",)
    rule: sp.Basic
    possible: frozenset
    admitted: tuple[int, ...]
    within: bool

    def describe(self):
        return str(self)


def test_rules_sets_and_flags_of_a_list_have_neighbours_that_are_what_they_are_said_to_be():
    low, high = sp.symbols("low high", integer=True)
    stated = Numbers((high >= 1) & (low <= 0), frozenset({0, 1}), (1, 2), True)
    twins = (Twin("no", "no", replace(stated, within=False)),)
    found = list(special(replace(claim(odd), assertion=stated, twins=twins)))
    pairs = [(i, j) for i in range(-3, 4) for j in range(-3, 4)]
    admitted = {(i, j) for i, j in pairs if i >= 1 and j <= 0}
    for mutant in found:
        new = mutant.assertion
        rule = {(i, j) for i, j in pairs if new.rule.subs({high: i, low: j}) == sp.true} == admitted
        same = rule and new.possible == stated.possible and set(new.admitted) <= {1, 2} and new.within
        assert same is mutant.true
    assert {m.operator for m in found if not m.true} == {"rule", "joined", "set", "set moved", "contrary of one"}
    assert any(m.true and m.operator == "joined" for m in found)
    empty = list(special(replace(claim(odd), assertion=replace(stated, possible=frozenset()), twins=twins)))
    assert "set moved" not in {m.operator for m in empty}  # nothing that is moved is nothing still


FEW = {"quadratic": "N9.quadratic.nothing", "diagonal": "N9.diagonal.nothing N11.diagonal.beyond",
       "shells": "S5.flux S11.uniform S11.ratio S12.extrema.even"}  # fmt: skip


@pytest.mark.parametrize(("name", "identifier"), [(name, item) for name, ids in FEW.items() for item in ids.split()])
def test_claims_of_few_words_have_mutants_of_several_kinds(name, identifier):
    found = mutants(made(name, identifier), (theories()[name].scaling,))
    assert len(found) >= 8
    assert len({mutant.operator for mutant in found if not mutant.true}) >= 2


def test_an_interval_has_true_and_false_neighbours():
    @dataclass(frozen=True)
    class Between:
        low: float
        high: float

    found = [(m.true, m.assertion) for m in special(replace(claim(odd), assertion=Between(0.0, 1.0)))]
    assert {(true, item.low <= 0.0 and item.high >= 1.0) for true, item in found} == {(True, True), (False, False)}
    assert all(item.low > 1.0 or item.high < 0.0 for true, item in found if not true)


def test_an_enclosure_is_moved_at_every_point_and_at_single_ones():
    values = tuple(((("x", str(k)),), sp.Integer(k)) for k in (1, 2, 3))
    stated = Enclosed("risk", values, sp.Rational(1, 100))
    found = list(special(replace(claim(odd), assertion=stated)))
    assert {m.operator for m in found if not m.true} == {"constant", "one point", "sign"}
    for mutant in found:
        ratios = {points: formula / int(dict(points)["x"]) for points, formula in mutant.assertion.values}
        away = [bool(abs(ratio - 1) > 2 * stated.allowed) for ratio in ratios.values()]
        assert any(away) is not mutant.true
        assert sum(away) == 1 or mutant.operator != "one point"
        assert set(ratios) <= {points for points, _ in values}


def test_an_agreement_is_left_farther_the_way_its_twins_leave_it():
    twins = (
        Twin("more", "", Agreement("risk", {"noise": sp.Integer(2)})),
        Twin("less", "", Agreement("risk", {"samples": HALF})),
    )
    found = list(special(replace(claim(odd), assertion=Agreement("risk", {}), twins=twins)))
    false = [next(iter(m.assertion.changes.items())) for m in found if not m.true]
    assert {name for name, _ in false} == {"noise", "samples"}
    assert all(factor > 2 if name == "noise" else factor < HALF for name, factor in false)
    assert all(set(m.assertion.changes.values()) == {sp.S.One} for m in found if m.true)


def test_claims_without_mutants_are_told():
    heard = [Heard("A", "sign", truth, "", "", Verdict.REFUTED, "") for truth in (True, False)]
    found = Census((*heard, replace(heard[0], claim="B")), 1.0, ("A", "B", "C"))
    assert (found.without(False), found.without(True)) == (["B", "C"], ["C"])
    assert "2 of 3 claims without a false neighbour: B, C" in found.summary()
    assert found.to_json()["without_true"] == ["C"]


def test_terms_that_vanish_at_infinite_size_are_proved_too():
    """A wrong coefficient of a term of order 1/dim was proved, and random matrices could not tell: the whole census found it."""
    (entry,) = ledger.select(["N4.quadratic.moments.drawn"])
    found = [m for m in mutants(entry.claim, ()) if m.operator == "coefficient"]
    assert found
    assert all(entry.claim.symbolic(m.assertion, Effort()).outcome is Outcome.FAILS for m in found)
