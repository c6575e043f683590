"""Attacks that once got through: accepted though false, refused though true, or setting the witnesses against each other."""

import math
from dataclasses import replace

import pytest
import sympy as sp

from scalecheck.proofs_checks.conjectures import hearing as hearing_module
from scalecheck.proofs_checks.conjectures import systems
from scalecheck.proofs_checks.conjectures.comparing import vanishes
from scalecheck.proofs_checks.conjectures.evaluation import evaluate
from scalecheck.proofs_checks.conjectures.faults import FileError
from scalecheck.proofs_checks.conjectures.files import read_document
from scalecheck.proofs_checks.conjectures.grammar import parse_formula
from scalecheck.proofs_checks.conjectures.grounds import Asked, theory_ground
from scalecheck.proofs_checks.conjectures.sampling import chosen, scales_at
from scalecheck.proofs_checks.conjectures.strata import Stratum
from scalecheck.proofs_checks.evidence import Evidence, Firmness, Outcome
from scalecheck.proofs_checks.tables import Table

from .systems_of_users import about, kernel_ridge

BULK = {"samples": "dim**2", "weight_decay": "1/dim"}
FOLLOWED = {"a": "a > 0", "c": "c > 0, a + c <= 1"}
MONOTONE = {"exponent": None, "observable": "risk"}


def monotone(parameter, direction, **changes):
    return {**MONOTONE, "monotone": {"parameter": parameter, "direction": direction}, **changes}


ON_THE_PATH = {
    "a parameter that grows": ({"decay": "dim"}, {}, "undecided"),
    "a parameter that falls": ({"noise": "1/dim"}, {}, "undecided"),
    "a constant": ({"noise": "2"}, {"constant": "2"}, "proved"),
    "a constant, and the wrong limit": ({"noise": "2"}, {"constant": "1"}, "refuted"),
    "a constant outside the domain": ({"decay": "1/4"}, {"where": None}, "not-applicable"),
}


@pytest.mark.parametrize("name", ON_THE_PATH)
def test_a_parameter_on_the_path_is_no_fixed_parameter(verdict, name):
    more, changes, expected = ON_THE_PATH[name]
    where = {} if "decay" in more else {"where": {"decay": "1 < decay < 2"}}
    changes = {"where": None, **where, **changes}
    assert verdict(path={**BULK, **more}, exponent="-1", **changes) == expected


SHAPES = {
    "a jump hidden behind a second name": (
        monotone("c", "constant", path={"samples": "dim**(a + c)", "weight_decay": "1/dim"}, where=FOLLOWED),
        "refuted",
    ),
    "a range with its end": (
        monotone("a", "decreasing", path={"samples": "dim**a", "weight_decay": "1/dim"},
                 where={"a": "1 < a <= 3", "decay": "decay = 1", "noise": "noise = 1"}),
        "proved",
    ),
    "a hole in the range where the exponent jumps up": (
        monotone("a", "decreasing", path={"samples": "dim**a", "weight_decay": "sqrt(dim)"},
                 where={"a": "3/2 < a < 5/2, abs(a - 2) > 0", "decay": "decay = 2", "noise": "noise = 1"}),
        "refuted",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_monotony_is_of_any_two_points(verdict, name):
    changes, expected = SHAPES[name]
    assert verdict(**changes) == expected


def test_a_control_with_a_pole_in_the_range_claims_nothing(verdict):
    assert verdict(controls={"noise": "1/(3/2 - decay)**2"}) == "undecided"
    assert verdict(controls={"noise": "1/(5/2 - decay)**2"}) == "proved"


def test_a_name_that_the_range_keeps_positive_is_positive(verdict):
    second = {"samples": "c*dim**(3/2)", "weight_decay": "dim**(3/5)"}
    limit = "2*decay/(2*decay - 1)*c**(1/decay - 2)"
    where = {"decay": "1 < decay < 3", "c": "1/2 < c < 5"}
    changes = {"path": second, "exponent": "-2/5*(2 - 1/decay)", "where": where}
    assert verdict(**changes, constant=limit) == "proved"
    assert verdict(**changes, constant="2*decay/(2*decay - 1)*c**(-2)") == "refuted"


def test_numbers_do_not_contradict_a_constant_that_logarithms_hide(verdict):
    changes = {"path": {"samples": "5*dim**a", "weight_decay": "1/dim"}, "exponent": "0", "log_power": "-1"}
    assert verdict(**changes, constant="noise/(1 - a)", where={"decay": "1 < decay < 2", "a": "0 < a < 1"}) == "proved"


def test_a_factor_that_moves_the_wall_beyond_every_scale_decides_nothing_numerically(hearing):
    found = hearing(path={"samples": "dim**(3/2)/10**12", "weight_decay": "1/dim"})
    assert found.judgement.verdict.value == "proved"
    assert not found.judgement.conflict


DIVERGES = "n*x = r + x*powersum(k**(-alpha)/(k**(-alpha) + x))"
HALF = {"parameters": {"alpha": "alpha > 1/2"}, "controls": {"r": "r > 0"}, "path": {"r": "sqrt(n)"}}
SYSTEMS = {
    "a sum that diverges on part of the range": (
        about([DIVERGES], "-1/2", **HALF, where={"alpha": "3/4 < alpha < 3"}), "undecided"),
    "the part on which it converges": (about([DIVERGES], "-1/2", **HALF, where={"alpha": "1 < alpha < 3"}), "proved"),
    "a sum without a value": (about(["x = n*powersum(1/k)"], "1"), "undecided"),
    "a sum with one": (about(["x = n*powersum(1/k**2)"], "1", constant="zeta(2)"), "proved"),
    "a small power of the logarithm": (about(["x + erf(x) = n*log(n)**(1/10)"], "1"), "refuted"),
    "a crossover beyond every scale": (about(["x + erf(x) = n + n**2/10**25"], "1"), "refuted"),
    "the same where the machine reads it": (about(["x = n + n**2/10**25"], "2"), "proved"),
    "a change within the scales": (about(["x + erf(x) = n*(2 + erf(n/100000000))"], "1", constant="2"), "refuted"),
    "names of the machine": (
        about(["n*u = sqrt(n) + u*powersum(k**(-2)/(k**(-2) + u))", "sum1 = sqrt(u)"],
              "-1/4", positive=["sum1", "u"], observable="sum1"), "proved"),
    "a second solution, of order one, between the corners": (
        about(["y + z = n", "z = sqrt(n)*powersum(1/(k**2*(k**(-2) + x)))", "x*n = y"],
              "0", positive=["y", "z", "x"], observable="y"), "undecided"),
    "a path outside the domain of a control": (
        about(["x = r*n"], "0", controls={"r": "1 < r"}, path={"r": "1/n"}), "not-applicable"),
    "a path inside it": (about(["x = r*n"], "2", controls={"r": "1 < r"}, path={"r": "n"}), "proved"),
    "a path through the quotient of parameters that are not mentioned": (
        about(["x = t + 1"], "b/a", parameters={"a": "a > 1", "b": "b > 1"}, controls={"t": "t > 0"},
              path={"t": "n**(b/a)"}), "proved"),
    "of one that is fixed": (
        about(["x = t + 1"], "b/a", parameters={"a": "a > 1", "b": "b > 1"}, controls={"t": "t > 0"},
              path={"t": "n**(b/a)"}, where={"a": "a = 2"}), "proved"),
    "of one that may be zero": (
        about(["x = t + 1"], "1/a", parameters={"a": "-1 < a < 1"}, controls={"t": "t > 0"},
              path={"t": "n**(1/a)"}), "undecided"),
    "two controls at zero, one over the other": (
        about(["x = r/q + 1/n"], "-1", controls={"r": "r > 0", "q": "q > 0"}, path={"r": "0", "q": "0"}), "undecided"),
    "the same, listed the other way round": (
        about(["x = r/q + 1/n"], "-1", controls={"q": "q > 0", "r": "r > 0"}, path={"q": "0", "r": "0"}), "undecided"),
    "two controls at zero that agree": (
        about(["x = r + q + 1/n"], "-1", controls={"r": "r > 0", "q": "q > 0"}, path={"r": "0", "q": "0"}), "proved"),
    "the logarithm of a sum": (
        about(["y = powersum(k**(-2)*exp(-2*n**2*k**(-1)), n)", "x = -log(y)"], "1", positive=["y", "x"]), "undecided"),
    "no balance elsewhere on the plane": (
        about(["x + r = n"], "1", controls={"r": "r > 0"}, path={"r": "n**c"}, where={"c": "-2 < c < 1"}), "proved"),
    "no balance on part of the range": (
        about(["x + r = n"], "1", controls={"r": "r > 0"}, path={"r": "n**c"}, where={"c": "0 < c < 2"}), "undecided"),
}  # fmt: skip


@pytest.mark.parametrize("name", SYSTEMS)
def test_systems(hearing, name):
    changes, expected = SYSTEMS[name]
    found = hearing(**changes)
    assert found.judgement.verdict.value == expected, found.judgement.reason
    assert not found.judgement.conflict


def test_names_of_the_plane_are_reserved(hearing):
    with pytest.raises(FileError, match="exponent_of_"):
        hearing(**about(["x*n**exponent_of_r = r"], "1", parameters={"exponent_of_r": "exponent_of_r > 0"}))


def test_a_divergent_sum_is_no_number():
    def value(text):
        return float(evaluate(parse_formula(text, sums=True), {}, 4.0))

    assert math.isnan(value("powersum(1/k)"))
    assert math.isnan(value("powersum(k**(-1.01))"))
    assert value("powersum(k**(-1.1))") == pytest.approx(10.584448464950803, rel=1e-8)  # zeta(1.1)
    assert value("powersum(1/k, 10)") == pytest.approx(7381 / 2520)


def test_evidence_is_rows(hearing):
    (row, *_) = hearing().rows()
    assert isinstance(row["table"], list)
    assert row["table"][0]["outcome"] == "holds"


def test_an_integral_without_closed_form_is_not_worked_out_to_forty_digits():
    x, y = sp.symbols("x y", positive=True)
    open_ = sp.Integral(y ** sp.Rational(-1, 2) / (1 + y), (y, 0, x))
    (found,) = vanishes(Stratum((x,), (1 - x,)), open_ - 1)
    assert found.outcome is Outcome.UNDECIDED
    assert "integral" in found.reason


@pytest.mark.usefixtures("nothing_remembered")
@pytest.mark.parametrize("broken", ["theory", "numbers"])
def test_either_witness_broken_sets_them_against_each_other(hearing, monkeypatch, broken):
    rows, solve = systems._rows, systems.solve

    def steeper(*given):
        return [replace(row, exponent=row.exponent + sp.Rational(1, 10)) for row in rows(*given)]

    def lifted(equations, count, large):
        found = solve(equations, count, large)
        values = tuple(value * large**0.1 for value in found.value.values)
        return replace(found, value=replace(found.value, values=values))

    monkeypatch.setattr(systems, *(("_rows", steeper) if broken == "theory" else ("solve", lifted)))
    systems._prepared.cache_clear()
    found = hearing(**about(["x**3 + x = n"], "1/3"))
    systems._prepared.cache_clear()
    assert found.judgement.conflict


def test_a_range_that_reaches_negative_values_leaves_a_domain_of_positive_ones(verdict):
    ridge = {"theory": "ridge", "path": {"ridge": "sqrt(samples)"}, "exponent": "-1/2"}
    fixed = {"source": "source = 1/2", "capacity": "capacity = 2"}
    assert verdict(**ridge, where={**fixed, "noise": "-1 < noise < 2"}) == "not-applicable"
    assert verdict(**ridge, where={**fixed, "noise": "noise < 2"}) == "not-applicable"


KERNEL_RIDGE = {
    "id": "s",
    "large": "n",
    "positive": ["kappa", "risk"],
    "parameters": {"alpha": "alpha > 1", "r": "0 < r < 1"},
    "controls": {"ridge": "ridge >= 0", "noise": "noise >= 0"},
    "equations": kernel_ridge(target="k**(-1-2*r*alpha)", noise="noise*"),
}
SOURCES = {  # at r = 1/2, inside the domain, the constant is 0/0: there the sums cannot be compared with their expansions
    "effective": ("n**(-2)", "-2*alpha*r", "proved"),
    "half of it": ("n**(-2)", "-alpha*r", "refuted"),
    "over the wall": ("n**(-1/2)", "-2*alpha*r", "refuted"),
}


@pytest.mark.parametrize("name", SOURCES)
def test_kernel_ridge_regression_with_a_source_is_read(verdict, name):
    ridge, exponent, expected = SOURCES[name]
    where = {"alpha": "alpha = 2", "r": "1/4 < r < 2/5"}
    given = {"theory": "system:s", "path": {"ridge": ridge}, "controls": {"noise": "0"}, "where": where}
    assert verdict(systems=(KERNEL_RIDGE,), exponent=exponent, **given) == expected


SQUARE = {"path": {"samples": "dim**2", "weight_decay": "1/dim"}, "where": {"decay": "1 < decay < 3"}}
WITHOUT_A_VALUE = [
    "-1 + exp(log(decay-2)) - decay + 2",
    "-1 + sqrt(decay-2)**2 - decay + 2",
    "-abs((-1)**decay)",
    "-1 - 1/gamma(0*decay)",
    "-1 + log(1-decay) - log(1-decay)",
    "-(1-decay)**decay/(1-decay)**decay",
    "-1 + sqrt(1-decay)*sqrt(1-decay) + decay - 1",
]


@pytest.mark.parametrize("exponent", WITHOUT_A_VALUE)
def test_a_formula_that_has_no_value_somewhere_claims_nothing_though_algebra_cancels_it(hearing, exponent):
    found = hearing(exponent=exponent, **SQUARE)
    assert found.judgement.verdict.value == "undecided"
    assert "value" in found.judgement.reason


@pytest.mark.parametrize(
    "changes",
    [
        {"exponent": "-1", "constant": "noise*(sqrt(decay-2)**2-decay+3)"},
        {"exponent": "-1", "where": {"decay": "1 < decay < 3", "c": "c > sqrt(decay-2)**2"}},
        {"exponent": "-1", "path": {"samples": "dim**(2+sqrt(decay-2)**2-decay+2)", "weight_decay": "1/dim"}},
    ],
)
def test_nor_in_a_constant_a_range_or_a_path(verdict, changes):
    assert verdict(**{**SQUARE, **changes}) == "undecided"


@pytest.mark.parametrize(
    ("exponent", "expected"),
    [("-1 + 1/(decay-2) - 1/(decay-2)", "proved"), ("-1 + 1/(decay-2) - 2/(decay-2)", "refuted"),
     ("-9/10 + 1/(decay-2) - 1/(decay-2)", "refuted")],
)  # fmt: skip
def test_at_a_single_point_without_a_value_the_limit_decides(verdict, exponent, expected):
    assert verdict(exponent=exponent, **SQUARE) == expected


def test_the_same_formulas_with_a_value_everywhere_are_heard(verdict):
    above = {**SQUARE, "where": {"decay": "2 < decay < 3"}}
    assert verdict(exponent=WITHOUT_A_VALUE[0], **above) == "proved"
    assert verdict(exponent="-11/10 + exp(log(decay-2)) - decay + 2", **above) == "refuted"
    assert verdict(exponent="-1", constant="exp(log(noise))", **SQUARE) == "proved"


@pytest.mark.parametrize("name", ["q_beyond", "_q_further"])
def test_no_name_of_the_users_is_one_of_the_judges(hearing, name):
    """q_beyond was: pairs of points were then compared where the upper one is the user's parameter, and q rose beyond it."""
    path = {"samples": f"dim**(3+q*(2*{name}-q)/10)", "weight_decay": "1/dim"}
    where = {"q": "0 < q < 1", name: f"9/10 < {name} < 1", "decay": "decay = 2", "noise": "noise = 1"}
    claim = monotone("q", "decreasing", path=path, where=where)
    if name[0] == "_":
        with pytest.raises(FileError):
            hearing(**claim)
    else:
        assert hearing(**claim).judgement.verdict.value == "refuted"


@pytest.mark.parametrize("noise", [{"noise": "0 <= noise <= 1"}, {"noise": "noise >= 0"}])
def test_a_boundary_is_not_proved_on_the_edge_of_the_domain(hearing, noise):
    path = {"samples": "dim**a", "weight_decay": "dim**((a-1)/2)"}
    claim = {"exponent": None, "boundary": {"between": ["II", "VIa"], "jumps": True}, "path": path}
    where = {"a": "a = 3/2", "decay": "decay = 1", **noise}
    found = hearing(**claim, where=where)
    assert found.judgement.verdict.value == "undecided"
    assert "edge" in found.judgement.reason
    assert hearing(**claim, where={**where, "noise": "0 < noise < 1"}).judgement.verdict.value == "proved"


def test_what_the_laws_hold_cannot_be_ranged_over(hearing):
    path = {"samples": "dim**3", "weight_decay": "dim**(7/10)"}
    with pytest.raises(FileError, match=r"where\.width"):
        hearing(theory="quadratic", path=path, exponent="-3/5", where={"width": "width = 100"})


def test_a_relation_without_the_other_observable_is_a_fault(hearing):
    with pytest.raises(FileError, match="relation"):
        hearing(relation="less")


SLOW = {
    "a logarithm in the corrections": {
        "observable": "noise_level", "path": {"samples": "sqrt(dim)", "weight_decay": "1/dim"}, "exponent": "-1/4",
        "constant": "1", "where": {"decay": "decay = 1", "noise": "noise = 1"}},
    "a sum that hardly converges": {
        "path": {"samples": "sqrt(dim)", "weight_decay": "dim"}, "exponent": "0", "constant": "zeta(2*decay)",
        "where": {"decay": "1/2 < decay < 101/200", "noise": "noise >= 0"}},
    "noise that is felt late": {
        "path": {"samples": "dim**(3/2)", "weight_decay": "dim**(1/10)"}, "exponent": "-1/2 + max(0, -sin(c))",
        "where": {"decay": "decay = 2", "noise": "noise = 1/10**20", "c": "0 < c < 1"}},
}  # fmt: skip


@pytest.mark.parametrize("name", SLOW)
def test_numbers_alone_do_not_refute_what_they_have_not_reached(verdict, name):
    assert verdict(**SLOW[name]) == "undecided"


@pytest.mark.parametrize("noise", ["1/10**20", "10**20"])
def test_noise_of_many_decades_moves_the_scales_and_sets_no_witnesses_against_each_other(hearing, noise):
    path = {"samples": "dim**(3/2)", "weight_decay": "dim**(1/10)"}
    found = hearing(path=path, exponent="-1/2", where={"decay": "decay = 2", "noise": f"noise = {noise}"})
    assert not found.judgement.conflict
    assert found.judgement.verdict.value == "proved"


def test_an_ordering_is_looked_at_where_it_fails(hearing):
    """At a = c = 1/2, the plain point, the two are equal."""
    path, than = ({"samples": f"dim**{name}", "weight_decay": "1/dim"} for name in "ac")
    where = {"decay": "1 < decay < 3", "a": "0 < a < 1", "c": "0 < c < 1"}
    found = hearing(exponent=None, path=path, than={"path": than}, relation="equal", where=where)
    assert found.judgement.verdict.value == "refuted"
    assert not found.judgement.conflict


def test_a_wall_that_excludes_a_phase_is_no_defect(verdict):
    claim = about(["x = powersum(k**(-a)*(1-exp(-n*k**(-b))))"], "0", log_power="1", constant="1/b",
                  parameters={"a": "a > 0", "b": "b > 0, a + b > 1"})  # fmt: skip
    claim["where"] = {"a": "a = 1"}
    assert verdict(**claim) != "refuted"
    assert verdict(**{**claim, "constant": "2/b"}) != "proved"


@pytest.mark.parametrize("moving", ["gamma(1+1/n)", "gamma(1+1/log(n))"])
def test_a_gamma_function_of_what_moves_is_no_defect(verdict, moving):
    assert verdict(**about([f"x = n*{moving}"], "1")) == "undecided"


def test_nor_is_a_formula_without_a_value_in_the_other_system_of_an_ordering(hearing):
    systems = [
        {"id": name, "large": "n", "positive": ["x"], "equations": [equation], "parameters": {"c": "c > 0"}}
        for name, equation in (("one", "x = n"), ("two", "x = n*sqrt(c-2)**2/(c-2)"))
    ]
    claim = {"theory": "system:one", "observable": "x", "path": None, "exponent": None, "where": {"c": "1 < c < 3"}}
    found = hearing(systems, **claim, than={"theory": "system:two"}, relation="equal")
    assert found.judgement.verdict.value == "undecided"
    assert "sqrt((c - 2)) has no value" in found.judgement.reason


OPEN = {"path": SQUARE["path"], "exponent": "-1 + max(0, -sin(c))", "where": {"decay": "decay = 2", "c": "0 < c < 1"}}


@pytest.mark.parametrize("outcome", [Outcome.FAILS, Outcome.HOLDS])
def test_numbers_decide_nothing_where_the_derivation_is_at_a_loss(monkeypatch, verdict, outcome):
    numbers = Evidence("numeric", outcome, Firmness.NUMBERS, "as they are", Table((), ()))
    monkeypatch.setattr(hearing_module, "_numeric", lambda *_: numbers)
    assert verdict(**OPEN) == "undecided"


@pytest.mark.parametrize(("decay", "near"), [("decay = 101/200", True), ("decay = 2", False)])
def test_a_point_beside_the_edge_of_the_domain_is_too_near_for_numbers(decay, near):
    """Sums of k^(-2 decay) converge like dim^(1 - 2 decay) there."""
    table = {**BULK_LAW, "where": {"decay": decay, "noise": "noise = 1"}}
    (conjecture,) = read_document({"conjecture": [table]}).conjectures
    ground = theory_ground(Asked(decay, conjecture.place, conjecture.where))
    ((at, *_), _) = chosen(ground.pieces)
    assert scales_at(ground, at.piece, at.point)[1] is near


BULK_LAW = {"id": "x", "theory": "diagonal", "observable": "risk", "exponent": "0",
            "path": {"samples": "sqrt(dim)", "weight_decay": "dim"}}  # fmt: skip
