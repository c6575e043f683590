"""What a user reads: reasons in plain words, sines in exponents and constants, what monotone means."""

from fractions import Fraction

import pytest

import scalecheck
from scalecheck.numerics.errors import NotConverged
from scalecheck.proofs_checks.conjectures.expressions import NoValueError
from scalecheck.proofs_checks.conjectures.hearing import broken
from scalecheck.proofs_checks.conjectures.numeric import SeveralSolutionsError
from scalecheck.proofs_checks.conjectures.statements import Monotone
from scalecheck.proofs_checks.conjectures.strata import UnresolvedError
from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.evidence import Firmness, Outcome

from .systems_of_users import about

# ------------------------------------------------------------------------------------------------ reasons in plain words


@pytest.mark.parametrize("kind", [UnresolvedError, NoValueError, NotConverged, SeveralSolutionsError])
@pytest.mark.parametrize(("witness", "firmness"), [("symbolic", Firmness.EXACT), ("numeric", Firmness.NUMBERS)])
def test_what_was_foreseen_is_told_in_its_own_words(kind, witness, firmness):
    told = broken(witness, kind("the range meets a wall"))
    assert (told.outcome, told.firmness, told.reason) == (Outcome.UNDECIDED, firmness, "the range meets a wall")


@pytest.mark.parametrize("kind", [TypeError, ZeroDivisionError, NotImplementedError])
def test_of_anything_else_the_kind_of_error_is_told(kind):
    assert broken("symbolic", kind("it")).reason == f"broke down: {kind.__name__}: it"


def test_a_curved_range_is_told_by_what_may_stand_there(hearing):
    told = hearing(where={"decay": "1 < decay < 2", "noise": "noise > exp(decay)"}).judgement
    assert told.verdict.value == "undecided"
    assert "ranges are decided whose relations are linear in exponents and rational in parameters" in told.reason
    assert "broke down" not in told.reason
    assert "Error" not in told.reason


@pytest.mark.parametrize("equation", ["x**p + x + n = 0", "0 = x**p + n", "-x - n**p = x**2"])
def test_an_equation_with_all_terms_of_one_sign_has_no_positive_solution(hearing, equation):
    told = hearing(**about([equation], "1", parameters={"p": "p > 1"})).judgement
    assert told.verdict.value == "undecided"
    assert "no positive solution: all terms of" in told.reason
    assert "have one sign" in told.reason


def test_an_equation_with_terms_of_both_signs_is_read(hearing):
    told = hearing(**about(["x**p + x = n"], "1/p", parameters={"p": "p > 1"})).judgement
    assert told.verdict.value == "proved"
    assert "no positive solution" not in told.reason


def test_several_solutions_are_told_with_their_number_and_the_size(hearing):
    told = hearing(**about(["x**2 + n**7 + erf(x) = x*(n + n**6) + 1"], "1")).judgement
    assert told.verdict.value == "undecided"
    assert "the solver ends at 2 places at n =" in told.reason
    assert "SeveralSolutionsError" not in told.reason

    assert "an unknown more says which" in told.reason


@pytest.mark.parametrize(
    ("equations", "exponent"), [(["x*abs(x - n) = 1"], "1"), (["x = n + log(x)"], "2"), (["x = n + x**2/n**3"], "1/2")]
)
def test_where_there_may_be_another_solution_nothing_is_refuted(hearing, equations, exponent):
    """x |x - n| = 1 has two solutions like n beside the one like 1/n; x = n + log(x) one at exp(-n)."""
    told = hearing(**about(equations, exponent)).judgement
    assert told.verdict.value == "undecided"


def test_a_refutation_is_told_beside_what_is_not_shown_and_stands_where_it_is_vouched_for(hearing):
    told = hearing(**about(["x = n + log(x)"], "2")).judgement
    assert "the exponent is 1, not 2" in told.reason
    assert "no other positive value for x is not shown" in told.reason
    assert hearing(**about(["x = n + log(x)"], "2", one_solution=True)).judgement.verdict.value == "refuted"


def test_exponents_that_cannot_be_read_are_told_in_words():
    system = {
        "id": "s", "large": "n", "positive": ["x"], "parameters": {"p": "0 < p < 3", "q": "0 < q < 3"},
        "equations": ["x = n**min(p, q) + n**max(p - 1, 0)*erfc(n**(q - 1))"],
    }  # fmt: skip
    told = scalecheck.derive({"system": [system], "question": [{"id": "q", "theory": "system:s", "observable": "x"}]})
    assert "broke down" not in told.to_text()
    assert "Min(p, q) is no rational function" in told.to_text()


FLOOR = {"equations": ["x = E + n**(-p)"], "parameters": {"p": "p > 0", "E": "E > 0"}}


@pytest.mark.parametrize(
    ("exponent", "equations", "told"),
    [("-p", FLOOR["equations"], True), ("p", FLOOR["equations"], False), ("0", FLOOR["equations"], False),
     ("-p", ["x = E*n + n**(-p)"], False), ("-p", ["x = E*log(n) + n**(-p)"], False)],
)  # fmt: skip
def test_of_a_loss_above_a_floor_the_excess_is_to_be_claimed(hearing, exponent, equations, told):
    found = hearing(**about(**{**FLOOR, "equations": equations}, exponent=exponent)).judgement
    assert found.verdict.value == ("proved" if exponent == "0" else "refuted")
    assert ("a law of the excess" in found.reason) is told


def test_an_empty_range_lists_what_leaves_nothing(hearing):
    told = hearing(**about(["x = n**p"], "p", parameters={"p": "p > 0"}, where={"p": "2 < p < 1"})).judgement
    assert told.verdict.value == "not-applicable"
    assert "(2 < p, p < 1)" in told.reason


def test_nothing_is_called_nothing():
    assert str(InputError("path.samples", None, "a formula")) == "path.samples: got nothing, allowed is a formula"
    assert str(InputError("path.samples", "None", "a formula")) == "path.samples: got 'None', allowed is a formula"


# ------------------------------------------------------------------------------------------------ sine, cosine, tangent

SUM = ["n*y = 1", "x = powersum(k**(-alpha)/(k**(-alpha) + y))"]
"""x n^(-1/alpha) tends to (pi/alpha)/sin(pi/alpha)."""


def summed(exponent, constant=None, **at):
    return about(
        SUM, exponent, positive=["x", "y"], parameters={"alpha": "alpha > 1"}, constant=constant, where=at or None
    )


TRUE = {
    "sine": summed("1/2", "pi/(2*sin(pi/2))", alpha="alpha = 2"),
    "sine of a sixth": summed("1/6", "pi/(6*sin(pi/6))", alpha="alpha = 6"),
    "cosine": summed("1/3", "pi/(3*cos(pi/6))", alpha="alpha = 3"),
    "tangent": summed("1/3", "2*pi/9*tan(pi/3)", alpha="alpha = 3"),
    "whole range": summed("1/alpha", "pi/(alpha*sin(pi/alpha))"),
    "whole range by the cosine": summed("1/alpha", "pi/(alpha*cos(pi/2 - pi/alpha))"),
    "exponent": summed("2*sin(pi/6)/alpha"),
    "cosine in the exponent": summed("2*cos(pi/3)/alpha"),
    "tangent in the exponent": summed("tan(pi/4)/alpha"),
}
FALSE = {
    "sine of another angle": summed("1/2", "pi/(2*sin(pi/3))", alpha="alpha = 2"),
    "cosine for sine": summed("1/6", "pi/(6*cos(pi/6))", alpha="alpha = 6"),
    "sine for cosine": summed("1/3", "pi/(3*sin(pi/6))", alpha="alpha = 3"),
    "tangent of another angle": summed("1/3", "2*pi/9*tan(pi/4)", alpha="alpha = 3"),
    "one per cent": summed("1/alpha", "1.01*pi/(alpha*sin(pi/alpha))"),
    "cosine for sine on a range": summed("1/alpha", "pi/(alpha*cos(pi/alpha))", alpha="alpha > 3"),
    "half of the exponent": summed("sin(pi/6)/alpha"),
}


@pytest.mark.parametrize("name", TRUE)
def test_a_sine_in_a_true_claim_is_proved(verdict, name):
    assert verdict(**TRUE[name]) == "proved"


@pytest.mark.parametrize("name", FALSE)
def test_a_sine_in_a_false_claim_is_refuted(verdict, name):
    assert verdict(**FALSE[name]) == "refuted"


@pytest.mark.parametrize("constant", ["pi/(alpha*cos(pi/alpha))", "pi/alpha*tan(pi/alpha)"])
def test_a_constant_that_is_infinite_inside_the_range_is_never_accepted(verdict, constant):
    """At alpha = 2."""
    assert verdict(**summed("1/alpha", constant, alpha="1 < alpha < 3")) in ("refuted", "undecided")


# ------------------------------------------------------------------------------------------------ incomplete gamma functions


def trained(constant, **more):
    """Gradient flow that has just reached the last of n modes: the sum is the end of an integral."""
    flow = {"parameters": {"a": "0 < a < 3"}, "controls": {"t": "t > 0"}, "path": {"t": "n"}}
    return about(["x = powersum(k**(-a)*exp(-t/k), n)"], "1 - a", constant=constant, **flow, **more)


ENDS = [
    (trained("uppergamma(a - 1, 1)"), "proved"),
    (trained("uppergamma(1, 1)", where={"a": "a = 2"}), "proved"),
    (trained("gamma(2) - lowergamma(2, 1)", where={"a": "a = 3 - 1/1000"}), "refuted"),
    (trained("1.02*uppergamma(a - 1, 1)"), "refuted"),
    (trained("uppergamma(a - 1, 2)"), "refuted"),
    (trained("uppergamma(a, 1)"), "refuted"),
    (trained("lowergamma(a - 1, 1)", where={"a": "1 < a < 3"}), "refuted"),
    (trained("uppergamma(a - 1, 1) + uppergamma(1/2, 1 - a) - uppergamma(1/2, 1 - a)"), "undecided"),
    (trained("uppergamma(a - 1, 1) + lowergamma(a - 1, 1) - lowergamma(a - 1, 1)"), "undecided"),
    (trained("uppergamma(a - 1, 1) + lowergamma(a, 1) - lowergamma(a, 1)"), "proved"),
    (trained("uppergamma(a - 1, 1) + lowergamma(1, a - 1) - lowergamma(1, a - 1)"), "undecided"),
]


@pytest.mark.parametrize(("claim", "expected"), ENDS)
def test_constants_at_the_end_of_a_sum(hearing, claim, expected):
    told = hearing(**claim).judgement
    assert told.verdict.value == expected, told.reason


# ------------------------------------------------------------------------------------------------ monotone


@pytest.mark.parametrize(
    ("direction", "told"),
    [("increasing", "strictly increasing"), ("decreasing", "strictly decreasing"), ("constant", "constant")],
)
def test_monotone_says_that_it_means_strictly(direction, told):
    assert Monotone(direction, "alpha").describe() == f"the exponent is {told} in alpha"


LARGER = ["x = n**alpha + n**2"]
"""The exponent is max(alpha, 2): flat, then rising."""
SMALLER = ["1/x = n**alpha + n**2"]
MONOTONE = [
    # equations, range, direction, whether it is so
    (LARGER, "2 < alpha < 3", "increasing", True),
    (LARGER, "1 < alpha < 3", "increasing", False),
    (LARGER, "1 < alpha < 2", "increasing", False),
    (LARGER, "1 < alpha < 2", "decreasing", False),
    (LARGER, "1 < alpha < 2", "constant", True),
    (LARGER, "1 < alpha < 3", "constant", False),
    (SMALLER, "2 < alpha < 3", "decreasing", True),
    (SMALLER, "1 < alpha < 3", "decreasing", False),
    (SMALLER, "2 < alpha < 3", "increasing", False),
]


@pytest.mark.parametrize(("equations", "where", "direction", "true"), MONOTONE)
def test_what_is_flat_somewhere_is_neither_increasing_nor_decreasing(verdict, equations, where, direction, true):
    claim = about(
        equations, None, parameters={"alpha": "alpha > 1"}, where={"alpha": where},
        monotone={"parameter": "alpha", "direction": direction},
    )  # fmt: skip
    assert verdict(**claim) == ("proved" if true else "refuted")


def test_a_monotony_is_told_in_letters_of_the_user(hearing):
    system = {
        "id": "s",
        "large": "n",
        "positive": ["x"],
        "parameters": {"p": "p > 0"},
        "equations": ["x = n**(p**2 - 3*p)"],
    }
    claim = {"theory": "system:s", "observable": "x", "path": None, "where": None, "exponent": None}
    found = hearing([system], **claim, monotone={"parameter": "p", "direction": "increasing"}).judgement
    assert found.verdict.value == "refuted"
    assert "from p to a larger p'" in found.reason
    assert "further" not in found.reason


# ------------------------------------------------------------------------- where a refuted claim holds, and where it does not

KINKED = about(["x = n**p + n**2"], None, parameters={"p": "0 < p < 3"})


def test_where_monotony_fails_is_not_told_as_where_it_holds(hearing):
    """A part may hold against points further up and fail against those of its own."""
    told = hearing(**KINKED, monotone={"parameter": "p", "direction": "increasing"}).judgement
    assert told.verdict.value == "refuted"
    assert "fails where p < 2: from p to a larger p' the exponent changes by 0; at" in told.reason
    assert told.reason.endswith("; holds where p < 3, p > 2 or p = 2")


def test_a_change_of_the_exponent_is_told_with_its_value_at_the_counterexample(hearing):
    told = hearing(**KINKED, monotone={"parameter": "p", "direction": "decreasing"}).judgement
    assert told.verdict.value == "refuted"
    assert "the exponent changes by p' - 2; at p' = " in told.reason
    steps = [part.partition("; at p' = ")[2].split("; ")[0] for part in told.reason.split("changes by p' - 2")[1:]]
    assert steps
    for step in steps:
        place, _, change = step.partition(" by ")
        assert Fraction(place.split(",")[0]) - 2 == Fraction(change)


def test_a_claim_that_holds_at_a_single_place_is_not_said_to_hold_nowhere(hearing):
    told = hearing(**about(["x = n**p"], "1", parameters={"p": "0 < p < 3"})).judgement
    assert told.verdict.value == "refuted"
    assert "no part of the range is known where it holds" in told.reason


def test_the_order_at_a_claimed_minimum_is_told_as_claimed(hearing):
    """The law on the cut is another one than was claimed: what is compared beside it is the claim."""
    claim = {"minimum": {"over": "s", "at": "1/2"}, "path": {"u": "n**s"}, "where": {"s": "0 < s < 1"}}
    system = {"equations": ["x = u + n/u + n**(2/3)"], "controls": {"u": "u > 0"}}
    told = hearing(**about(exponent="3/4", **system, **claim)).judgement
    assert told.verdict.value == "refuted"
    assert "the exponent is 2/3, that of the claimed minimum 3/4" in told.reason
