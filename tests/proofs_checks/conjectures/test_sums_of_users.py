"""Power sums as theorists write them: gradient flow and its steps, finite size, ends, logarithms; true claims beside false ones."""

import math

import mpmath
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from scalecheck.numerics.grid_roots import REACH
from scalecheck.proofs_checks.conjectures import systems
from scalecheck.proofs_checks.conjectures.evaluation import evaluate
from scalecheck.proofs_checks.conjectures.files import read_document
from scalecheck.proofs_checks.conjectures.grammar import parse_formula

from .systems_of_users import about

RATES = {"a": "a > 1", "b": "b > 0"}
FLOW = (["x = powersum(k**(-a)*exp(-2*n*k**(-b)))"], "(1-a)/b")
STEPS = (["x = powersum(k**(-a)*(1 - k**(-b)/2)**(2*n))"], "(1-a)/b")
LEARNED = (["x = powersum((1 - exp(-n**3*k**(-2)))/k)"], "0")
FEATURES = {
    "parameters": {"alpha": "alpha > 1"},
    "controls": {"N": "N > 0", "ridge": "ridge > 0"},
    "positive": ["kappa", "x"],
    "where": {"alpha": "1 < alpha < 4"},
}
EQUATIONS = [
    "n*kappa = ridge + kappa*powersum(k**(-alpha)/(k**(-alpha) + kappa), N)",
    "x = powersum(k**(-2*alpha)/(k**(-alpha) + kappa)**2, N)",
]
MANY = {**FEATURES, "path": {"N": "n**2", "ridge": "n**(-10)"}}
FEW = {**FEATURES, "path": {"N": "sqrt(n)", "ridge": "1/n**2"}}
TRUNCATED = ["y = powersum(k**(-a)*exp(-2*t*k**(-b)), n)", "x = y + n**(1 - a)/(a - 1)"]
SIZE_AND_TIME = {
    "positive": ["y", "x"],
    "parameters": RATES,
    "controls": {"t": "t > 0"},
    "path": {"t": "n**s"},
}
BIAS_AND_VARIANCE = ["x = powersum(k**(-2)*exp(-2*t/k**2)) + powersum((1 - exp(-t/k**2))**2)/n"]
STOPPED = {"controls": {"t": "t > 0"}}
EIGENVALUE = (["powersum(k**(-1-a)/(k**(-1-a) + x)) = n**c"], "-c*(1+a)")
RANGES = {"parameters": {"a": "a > 0", "c": "0 < c < 1"}}

CLAIMS = {
    "gradient flow": (about(*FLOW, parameters=RATES, constant="gamma((a-1)/b)*2**((1-a)/b)/b"), "proved"),
    "gradient flow, two percent": (
        about(*FLOW, parameters=RATES, constant="51/50*gamma((a-1)/b)*2**((1-a)/b)/b"), "refuted"),
    "gradient flow, the spectrum forgotten": (about(FLOW[0], "1-a", parameters=RATES), "refuted"),
    "gradient flow, where the sum diverges": (about(*FLOW, parameters={**RATES, "a": "a > 1/2"}), "undecided"),
    "steps": (about(*STEPS, parameters=RATES, constant="gamma((a-1)/b)/b"), "proved"),
    "steps, the rate forgotten": (about(*STEPS, parameters=RATES, constant="gamma((a-1)/b)*2**((1-a)/b)/b"), "refuted"),
    "steps of any size": (
        about(["x = powersum(k**(-2)*(1 - c/k)**n)"], "-1", constant="1/c", parameters={"c": "0 < c < 1"}), "proved"),
    "steps of any size, two percent": (
        about(["x = powersum(k**(-2)*(1 - c/k)**n)"], "-1", constant="51/(50*c)", parameters={"c": "0 < c < 1"}),
        "refuted"),
    "steps that blow up": (about(["x = powersum(k**(-2)*(1 - 3*k**(-2))**n)"], "-1/2"), "undecided"),
    "what was learned": (
        about(["x = powersum(k**(-a)*(1 - exp(-n*k**(-b))))"], "0", constant="zeta(a)", parameters=RATES), "proved"),
    "what was learned of a flat target": (about(*LEARNED, log_power="1", constant="3/2"), "proved"),
    "the logarithm's factor": (about(*LEARNED, log_power="1", constant="1/2"), "refuted"),
    "the logarithm": (about(*LEARNED), "refuted"),
    "the harmonic sum": (about(["x = powersum(1/k, n**2)"], "0", log_power="1", constant="2"), "proved"),
    "the harmonic sum, its end forgotten": (
        about(["x = powersum(1/k, n**2)"], "0", log_power="1", constant="1"), "refuted"),
    "an end, a tail that grows": (
        about(["x = powersum(k**(-a), n)"], "1 - a", constant="1/(1-a)", parameters={"a": "0 < a < 1"}), "proved"),
    "an end, over the harmonic sum": (
        about(["x = powersum(k**(-a), n)"], "max(0, 1 - a)", parameters={"a": "0 < a < 2"}), "refuted"),
    "more features than samples": (about(EQUATIONS, "1", **MANY, constant="1 - 1/alpha"), "proved"),
    "fewer features than samples": (about(EQUATIONS, "1/2", **FEW, constant="1"), "proved"),
    "fewer features, all of them wrong": (about(EQUATIONS, "1", **FEW), "refuted"),
    "time limits": (about(TRUNCATED, "-s*(a-1)/b",
        **{**SIZE_AND_TIME, "where": {"b": "b > 0", "s": "0 < s < b"}}), "proved"),
    "size limits": (about(TRUNCATED, "1 - a", constant="1/(a-1)",
        **{**SIZE_AND_TIME, "where": {"b": "b > 0", "s": "s > b"}}), "proved"),
    "size limits, said too early": (about(TRUNCATED, "1 - a",
        **{**SIZE_AND_TIME, "where": {"b": "b > 0", "s": "b/2 < s < 2*b"}}), "refuted"),
    "stopped early": (about(BIAS_AND_VARIANCE, "-1/4", **STOPPED, path={"t": "sqrt(n)"}), "proved"),
    "stopped at the best": (about(BIAS_AND_VARIANCE, "-1/2", **STOPPED, path={"t": "n"}), "proved"),
    "stopped late": (about(BIAS_AND_VARIANCE, "-3/4", **STOPPED, path={"t": "n**(3/2)"}), "refuted"),
    "a scale of two parts": (
        about(["x = powersum(k**(-2)/(k**(-2) + 1/n + n**(-3/2)))"], "1/2", constant="pi/2"), "proved"),
    "a scale of two equal parts": (
        about(["x = powersum(k**(-2)/(k**(-2) + 1/n + 1/n))"], "1/2", constant="pi/2"), "refuted"),
    "a minimum": (about(["x = powersum(min(k**(-2), 1/n))"], "-1/2", constant="2"), "proved"),
    "an unknown in an exponential": (about(["n*x = powersum(exp(-k*x))"], "-1/2", constant="1"), "proved"),
    "an effective eigenvalue": (
        about(*EIGENVALUE, **RANGES, constant="(pi/((1+a)*sin(pi/(1+a))))**(1+a)"), "proved"),
    "an effective eigenvalue, a wrong sine": (
        about(*EIGENVALUE, **RANGES, constant="(pi/((1+a)*sin(pi/(2+a))))**(1+a)"), "refuted"),
    "an exponential that the computer algebra writes as a growing one": (
        about(["x = powersum(k**(-b)*exp(-n*k**(-b))*(1 - exp(-n*k**(-b))))"], "1/b - 1", parameters={"b": "b > 1"}),
        "proved"),
    "exponentially small": (
        about(["y = powersum(k**(-2)*exp(-n**3*k**(-2)), n)", "x = y + 1/n"], "-1", positive=["y", "x"],
              observable="y"), "refuted"),
    "a sum that grows": (about(["x = powersum(k**(-2)*exp(n*k**(-2)))"], "-1/2"), "undecided"),
}  # fmt: skip


@pytest.mark.parametrize("name", CLAIMS)
def test_claims(hearing, name):
    changes, expected = CLAIMS[name]
    found = hearing(**changes)
    assert found.judgement.verdict.value == expected, found.judgement.reason
    assert not found.judgement.conflict


CANCELLING = {  # each once accepted, or would have been: what is left after the leading terms cancel was not looked at
    "two sums with one leading term, nothing positive left": about(
        ["y + powersum(k**(-2)/(k**(-2) + r)) = 2*powersum(k**(-4)/(k**(-2) + r)**2) + r**3", "x = max(y, n)"],
        "1", positive=["y", "x"], controls={"r": "r > 0"}, path={"r": "1/n"}),
    "two sums with one leading term": about(
        ["x + 2*powersum(k**(-4)/(k**(-2) + r)**2) = powersum(k**(-2)/(k**(-2) + r)) + r**3"],
        "-3", controls={"r": "r > 0"}, path={"r": "1/n"}),
    "a sum and the same with an end": about(
        ["x + powersum(k**(-2)/(k**(-2) + 1/n)) = powersum(k**(-2)/(k**(-2) + 1/n), n**2) + n**(-3)"], "-3"),
    "a small sum less something": about(
        ["y = powersum(k**(-2)*exp(-n**3*k**(-2)), n) - 1/n", "x = y + 1"], "0", positive=["y", "x"]),
    "two kinds of steps": about(
        ["x + powersum(k**(-2)*(1 - k**(-2)/2)**(2*n)) = powersum(k**(-2)*(1 - k**(-2))**n) + n**(-3)"], "-3"),
    "steps and flow": about(
        ["x + powersum(k**(-2)*(1 - k**(-2)/2)**(2*n)) = powersum(k**(-2)*exp(-n*k**(-2))) + n**(-3)"], "-3"),
    "a zeta function below 1": about(
        ["y + n**(1-a)/(1-a) = powersum(k**(-a), n)", "x = max(y, n)"], "1", positive=["y", "x"],
        parameters={"a": "0 < a < 1"}),
}  # fmt: skip


@pytest.mark.parametrize("name", CANCELLING)
def test_what_is_left_of_leading_terms_that_cancel_is_never_taken_for_known(hearing, name):
    found = hearing(**CANCELLING[name])
    assert found.judgement.verdict.value == "undecided", found.judgement.reason


@given(st.floats(1.2, 3.0), st.floats(0.5, 3.0), st.integers(4, 14))
def test_many_small_steps_keep_their_digits(a, b, decade):
    """(1 - k^-b/2)^(2t) in doubles beside 40 digits: 1 - x alone would leave t·10^-16 of error."""
    formula = parse_formula("(1 - k**(-b)/2)**(2*t)", sums=True)
    place = float(round(10 ** (decade / b)))
    with mpmath.workdps(40):
        exact = (1 - mpmath.mpf(place) ** -mpmath.mpf(b) / 2) ** (2 * mpmath.mpf(10) ** decade)
    found = float(evaluate(formula, {"k": place, "b": b, "t": 10.0**decade}, 4.0))
    assert found == pytest.approx(float(exact), rel=1e-12)


SHAPES = (
    "exp(-{c}*n*k**(-{b}))",
    "(1 - exp(-{c}*n*k**(-{b})))**2",
    "1/(1 + {c}*n*k**(-{b}))**2",
    "min(1, n*k**(-{b}))",
    "(1 - k**(-{b})/3)**({c}*n)",
    "exp(-{c}*k**{b}/n)",
)


@settings(max_examples=12)
@given(
    st.sampled_from(SHAPES), st.fractions(-1, 4, max_denominator=5), st.fractions("1/2", 3, max_denominator=4),
    st.sampled_from(("2", "1/3")), st.none() | st.fractions("1/4", 3, max_denominator=4),
)  # fmt: skip
def test_the_law_of_a_sum_is_what_its_numbers_approach(shape, energy, spectrum, rate, end):
    """Exponent, logarithm and constant as derived, beside the sum itself from 10^5 to 10^13; divergent sums have none."""
    body = shape.format(c=rate, b=f"({spectrum})")
    ends = "" if end is None else f", n**({end})"
    told = about([f"x = powersum(k**(-({energy}))*{body}{ends})"], "0")
    claim = {"id": "x", **{key: told[key] for key in ("theory", "observable", "exponent")}}
    system = read_document({"system": told["systems"], "conjecture": [claim]}).systems["s"]
    known = systems.prepared(system, "x", {})
    if known.unreadable or not known.diagram.phases:
        return
    (phase,) = known.diagram.phases
    if phase.exponent == -sp.oo:  # soon too small for a double
        return
    exponent, logs, constant = (float(sp.N(v)) for v in (phase.exponent, phase.log, phase.constant))
    if abs(exponent) >= REACH:  # of the solver's grid, which says that it sees nothing there
        return

    def missed(scale):
        value = systems._solve(system, n=scale).value.x
        return abs(math.log(value / constant) - exponent * math.log(scale) - logs * math.log(math.log(scale)))

    far, farther = missed(1e7), missed(1e13)
    assert farther < max(5e-3, (0.75 if logs else 0.6) * far), (system.equations, exponent, constant, far, farther)
