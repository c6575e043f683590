"""Power sums that hold a logarithm of what moves, as in capacities and entropies: true claims beside false neighbours."""

import pytest

from scalecheck.proofs_checks.conjectures.evaluation import evaluate
from scalecheck.proofs_checks.conjectures.grammar import parse_formula

from .systems_of_users import about

CAPACITY = ["x = powersum(log(1 + n*k**(-b)))"]
RATE = {"parameters": {"b": "1 < b < 2"}}
AT = {**RATE, "where": {"b": "b = 3/2"}}
GROWING = ["x = powersum(k**(-a)*log(1 + n*k**b))"]
SPECTRUM = {"parameters": {"a": "1 < a < 3", "b": "0 < b < 2"}}
FIXED = {**SPECTRUM, "where": {"a": "a = 2", "b": "b = 1"}}
POWER = {**RATE, "controls": {"p": "p > 0"}, "equations": ["x = powersum(log(1 + p*k**(-b)))"]}
LOW = {"controls": {"p": "p > 0"}, "path": {"p": "1/n"}, **AT}
SOLVED = ["n = powersum(log(1 + x*k**(-b)))"]
MANY = ["x = powersum(log(1 + n**3/k), n)"]

CLAIMS = {
    "a capacity": (about(CAPACITY, "1/b", **RATE), "proved"),
    "a capacity, a twentieth off": (about(CAPACITY, "1/b + 1/20", **RATE), "refuted"),
    "its constant": (about(CAPACITY, "2/3", constant="pi/sin(2*pi/3)", **AT), "proved"),
    "its constant, two percent off": (about(CAPACITY, "2/3", constant="1.02*pi/sin(2*pi/3)", **AT), "refuted"),
    "at low power": (about(POWER["equations"], "-1", constant="zeta(3/2)", **LOW), "proved"),
    "at low power, two percent off": (about(POWER["equations"], "-1", constant="1.02*zeta(3/2)", **LOW), "refuted"),
    "at low power, that at high power": (about(POWER["equations"], "-2/3", **LOW), "refuted"),
    "a scale beyond every atom that is the large parameter itself": (
        about(["x = powersum(k**(-2)*log(1 + 1/(k*n)))"], "-1", constant="zeta(3)"), "proved"),
    "a scale beyond every atom, two percent off": (
        about(["x = powersum(k**(-2)*log(1 + 1/(k*n)))"], "-1", constant="1.02*zeta(3)"), "refuted"),
    "the power that a capacity needs": (about(SOLVED, "b", **RATE), "proved"),
    "its constant in closed form": (about(SOLVED, "3/2", constant="(sin(2*pi/3)/pi)**(3/2)", **AT), "proved"),
    "the power that a capacity needs, a twentieth off": (about(SOLVED, "b - 1/20", **RATE), "refuted"),
    "a logarithm of the large parameter": (about(GROWING, "0", log=True, **SPECTRUM), "proved"),
    "its power and constant": (about(GROWING, "0", log_power="1", constant="zeta(2)", **FIXED), "proved"),
    "its constant, two percent off, of a logarithm": (
        about(GROWING, "0", log_power="1", constant="1.02*zeta(2)", **FIXED), "refuted"),
    "the logarithm dropped": (about(GROWING, "0", **SPECTRUM), "refuted"),
    "another power of it": (about(GROWING, "0", log_power="2", **SPECTRUM), "refuted"),
    "a small power for a logarithm": (about(GROWING, "1/20", **SPECTRUM), "refuted"),
    "a logarithm a mode": (about(MANY, "1", log_power="1", constant="2"), "proved"),
    "a logarithm a mode, two percent off": (about(MANY, "1", log_power="1", constant="2.04"), "refuted"),
    "a logarithm a mode, dropped": (about(MANY, "1"), "refuted"),
}  # fmt: skip


@pytest.mark.parametrize("name", CLAIMS)
def test_claims(hearing, name):
    changes, expected = CLAIMS[name]
    found = hearing(**changes)
    assert found.judgement.verdict.value == expected, found.judgement.reason
    assert not found.judgement.conflict


@pytest.mark.parametrize(
    "name", ["a capacity", "its constant, two percent off", "at low power", "its constant in closed form"]
)
def test_both_witnesses_decide(hearing, name):
    changes, expected = CLAIMS[name]
    told = {item.witness: item.outcome.value for item in hearing(**changes).evidence}
    assert told == dict.fromkeys(("symbolic", "numeric"), "holds" if expected == "proved" else "fails")


LEFT_OPEN = {
    "the logarithm of an unknown leads": (about(["n = powersum(k**(-2)*log(1 + x*k))"], "1"), "that of x"),
    "a logarithm beside a fraction": (
        about(["x = powersum(log(1 + n*k**(-2))/(1 + n*k**(-2)))"], "1/2"), "no rule for a product"),
    "two logarithms meet": (about(["x = powersum(log(1 + n*k)/k, n)"], "0", log=True), "a logarithm meets"),
}  # fmt: skip


@pytest.mark.parametrize("name", LEFT_OPEN)
def test_what_is_left_open_says_why(hearing, name):
    changes, why = LEFT_OPEN[name]
    found = hearing(**changes)
    assert found.judgement.verdict.value == "undecided"
    assert why in found.judgement.reason


@pytest.mark.parametrize("exponent", ["-1", "-2", "1/20", "1"])
def test_leading_logarithms_that_cancel_prove_nothing_false(hearing, exponent):
    """Both sums are ζ(2) log n to leading order; their difference tends to ζ(2) log 2."""
    equations = ["x + powersum(k**(-2)*log(1 + n*k)) = powersum(k**(-2)*log(1 + 2*n*k))"]
    assert hearing(**about(equations, exponent)).judgement.verdict.value in ("refuted", "undecided")
    told = hearing(**about(equations, "0", log_power="1")).judgement.verdict.value
    assert told in ("refuted", "undecided")


def test_small_logarithms_and_gaps_keep_their_digits():
    for text, expected in (
        ("log(1 + x)", 1e-30),
        ("log(x + 1)", 1e-30),
        ("1 - exp(-x)", 1e-30),
        ("1 - exp(x)", -1e-30),
    ):
        assert float(evaluate(parse_formula(text, sums=True), {"x": 1e-30}, 4.0)) == pytest.approx(expected, rel=1e-12)
