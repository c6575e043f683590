"""Sums of one power of the index up to an end: laws for every power at once, against the sums themselves."""

import math

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalecheck.proofs_checks.conjectures.files import read_document
from scalecheck.proofs_checks.conjectures.systems import prepared

from .systems_of_users import about

GROWS = {"equations": ["x = powersum(k**a, n)"], "parameters": {"a": "a > -1"}}
FALLS = {"equations": ["x = powersum(k**(-a), n)"], "parameters": {"a": "a > 0"}}


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ({**GROWS, "exponent": "1 + a", "constant": "1/(1 + a)"}, "proved"),
        ({**GROWS, "exponent": "1 + a", "constant": "1/(2 + a)"}, "refuted"),
        ({**GROWS, "exponent": "max(1, 1 + a)"}, "refuted"),
        ({**FALLS, "exponent": "max(0, 1 - a)", "log": True}, "proved"),
        ({**FALLS, "exponent": "max(0, 1 - a)"}, "refuted"),
        ({**FALLS, "exponent": "1 - a", "constant": "1/(1 - a)", "where": {"a": "0 < a < 1"}}, "proved"),
        ({"equations": ["x = powersum(1, n)"], "exponent": "1", "constant": "1"}, "proved"),
        ({"equations": ["x = n + powersum(k**a)"], "parameters": {"a": "a > -1"}, "exponent": "1"}, "undecided"),
        ({"equations": ["x = n + powersum(1)"], "exponent": "1"}, "undecided"),
    ],
)
def test_claims(hearing, claim, verdict):
    assert hearing(**about(**claim)).judgement.verdict.value == verdict


def _summed(power, count):
    """A thousand terms, and the integral from there on with half of both ends."""
    start = mpmath.mpf(1000)
    rest = mpmath.log(count / start) if power == -1 else (count ** (power + 1) - start ** (power + 1)) / (power + 1)
    return mpmath.fsum(mpmath.mpf(k) ** power for k in range(1, 1000)) + rest + (start**power + count**power) / 2


@given(st.fractions(-3, 3, max_denominator=6), st.fractions("1/4", 3, max_denominator=4))
def test_laws_are_those_of_the_sums(power, end):
    equation = f"x = powersum(3*k**({power}), n**({end}))"
    system = read_document(
        {"system": [{"id": "s", "large": "n", "positive": ["x"], "equations": [equation]}],
         "conjecture": [{"id": "c", "theory": "system:s", "observable": "x", "exponent": "0"}]}
    ).systems["s"]  # fmt: skip
    (law,) = prepared(system, "x", {}).diagram.phases
    count = mpmath.mpf(10) ** 30
    power_ = mpmath.mpf(power.numerator) / power.denominator
    exact = 3 * _summed(power_, count)
    large = count ** (mpmath.mpf(end.denominator) / end.numerator)
    told = (
        mpmath.mpf(float(law.constant)) * large ** mpmath.mpf(float(law.exponent)) * mpmath.log(large) ** float(law.log)
    )
    assert math.isclose(float(mpmath.log(told)), float(mpmath.log(exact)), abs_tol=0.02), (law, exact)


RANGES = [
    ("M > 1", "0 < s < 3", "max(1, s)", "proved"),
    ("M > 1", "0 < s < 3", "s", "refuted"),
    ("M > 1", "s < 0", "1", "not-applicable"),
    ("M > 1", "-1 < s < 1", "1", "undecided"),
    ("0 < M < 1", "s < 0", "1", "proved"),
    ("0 < M < 1", "s < 0", "s", "refuted"),
    ("0 < M < 1", "s > 0", "max(1, s)", "not-applicable"),
]


@pytest.mark.parametrize(("domain", "where", "exponent", "verdict"), RANGES)
def test_a_path_stays_in_a_domain_from_some_size_on(hearing, domain, where, exponent, verdict):
    claim = about(["x = n + M"], exponent, controls={"M": domain}, path={"M": "n**s"}, where={"s": where})
    assert hearing(**claim).judgement.verdict.value == verdict


RESOLVENT = {
    "equations": ["x = powersum(k**(-a)/(1 + q*k/n))"], "parameters": {"q": "q > 0", "a": "0 < a < 1"}, "exponent": "1 - a",
}  # fmt: skip
FINITE = {"equations": ["x = powersum(1/(1 + q*k/n), n)"], "parameters": {"q": "q > 0"}, "exponent": "1"}
RIDGE = {
    "equations": ["n*x = ridge + x*powersum(k**(-a)/(k**(-a) + x))"], "parameters": {"a": "a > 1"},
    "controls": {"ridge": "ridge > 0"}, "path": {"ridge": "n**(-2*a)"}, "exponent": "-a",
}  # fmt: skip
CONSTANTS = [
    (RESOLVENT, "q**(a - 1)*pi/sin(pi*a)", "q**a*pi/sin(pi*a)"),
    (FINITE, "log(1 + q)/q", "log(1 + q)"),
    (RIDGE, "(gamma(1/a)*gamma(1 - 1/a)/a)**a", "(gamma(1/a)*gamma(2 - 1/a)/a)**a"),
    (RIDGE, "(gamma(1 + 1/a)*gamma(1 - 1/a))**a", "(gamma(1 + 1/a)*gamma(1 - 1/a))**(a + 1)"),
    (RIDGE, "(beta(1/a, 1 - 1/a)/a)**a", "(beta(1/a, 1 - 1/a)/2)**a"),
]


@pytest.mark.parametrize(("claim", "true", "false"), CONSTANTS)
def test_coefficients_beside_the_index_and_constants_by_gamma_functions(hearing, claim, true, false):
    for constant, verdict in ((true, "proved"), (false, "refuted")):
        assert hearing(**about(**claim, constant=constant)).judgement.verdict.value == verdict, constant
