"""Tails of a spectrum from a control on, as a user writes them: the whole sum less the sum up to there."""

import mpmath
import pytest

from scalecheck.proofs_checks.conjectures.evaluation import evaluate
from scalecheck.proofs_checks.conjectures.grammar import parse_formula

from .systems_of_users import about

AT = {"controls": {"m": "m > 0"}, "path": {"m": "n**s"}, "where": {"s": "s > 0"}}
FALLS = {**AT, "parameters": {"a": "a > 1"}}
PLAIN = {"equations": ["x = powersum(k**(-a)) - powersum(k**(-a), m)"], **FALLS}
ZETA = {"equations": ["x = zeta(a) - powersum(k**(-a), m)"], **FALLS}
ROOT = {"equations": ["x = sqrt(3*powersum(k**(-a)) - 3*powersum(k**(-a), m))"], **FALLS}
SHARE = {"equations": ["x = 1 - powersum(k**(-a), m)/powersum(k**(-a))"], **FALLS}
FEATURES = {"equations": ["x = powersum(k**(-1-1/b)) - powersum(k**(-1-1/b), m)"], **AT, "parameters": {"b": "b > 0"}}
MIXED = {
    "equations": ["x = powersum(k**(-1-a)) - powersum(k**(-1-a), m) + D**(-b)"],
    "parameters": {"a": "a > 0", "b": "b > 0"}, "controls": {"m": "m > 0", "D": "D > 0"},
    "path": {"m": "n**s", "D": "n"}, "where": {"s": "s > 0"},
}  # fmt: skip
FLOW = "powersum(k**(-a)*exp(-t*k**(-b))"
TRAINED = {
    "equations": [f"x = {FLOW}) - {FLOW}, m)"], "parameters": {"a": "a > 1", "b": "b > 0"},
    "controls": {"m": "m > 0", "t": "t > 0"}, "path": {"m": "n**s", "t": "n"}, "where": {"s": "s > 0"},
}  # fmt: skip
WALL = {**TRAINED, "path": {"m": "n", "t": "n"}, "where": {"a": "a = 2", "b": "b = 1"}}
BOTH = {**TRAINED, "equations": [f"x = {FLOW}, m) + powersum(k**(-a)) - powersum(k**(-a), m)"]}

CLAIMS = [
    (PLAIN, "s*(1 - a)", "1/(a - 1)", "proved"),
    (PLAIN, "s*(1 - a)", "1/a", "refuted"),
    (PLAIN, "s*(1 - a)", "1.02/(a - 1)", "refuted"),
    (PLAIN, "-s*a", None, "refuted"),
    (PLAIN, "1 - a", None, "refuted"),
    ({**PLAIN, "where": {"s": "s > -1"}}, "s*(1 - a)", None, "undecided"),
    (ZETA, "s*(1 - a)", "1/(a - 1)", "proved"),
    (ZETA, "0", None, "refuted"),
    ({**ZETA, "where": {"a": "a = 5", "s": "s = 1"}}, "-4", "1/4", "proved"),
    ({**ZETA, "parameters": {"a": "0 < a < 1"}}, "s*(1 - a)", None, "undecided"),
    (ROOT, "s*(1 - a)/2", "sqrt(3/(a - 1))", "proved"),
    (ROOT, "s*(1 - a)/2", "3/(a - 1)", "refuted"),
    (ROOT, "s*(1 - a)", None, "refuted"),
    (SHARE, "s*(1 - a)", "1/((a - 1)*zeta(a))", "proved"),
    (SHARE, "s*(1 - a)", "1/(a - 1)", "refuted"),
    (FEATURES, "-s/b", "b", "proved"),
    (FEATURES, "-s/b", "1/b", "refuted"),
    (FEATURES, "-s*b", None, "refuted"),
    (MIXED, "-min(a*s, b)", None, "proved"),
    (MIXED, "-min((a + 1)*s, b)", None, "refuted"),
    (MIXED, "-max(a*s, b)", None, "refuted"),
    (TRAINED, "(1 - a)*max(s, 1/b)", None, "proved"),
    (TRAINED, "(1 - a)*min(s, 1/b)", None, "refuted"),
    (TRAINED, "(1 - a)/b", None, "refuted"),
    (WALL, "-1", "1 - exp(-1)", "proved"),
    (WALL, "-1", "exp(-1)", "refuted"),
    (WALL, "-1", "1", "refuted"),
    (BOTH, "(1 - a)*min(s, 1/b)", None, "proved"),
    (BOTH, "(1 - a)*max(s, 1/b)", None, "refuted"),
]


@pytest.mark.parametrize(("claim", "exponent", "constant", "verdict"), CLAIMS)
def test_claims(hearing, claim, exponent, constant, verdict):
    more = {} if constant is None else {"constant": constant}
    found = hearing(**about(exponent=exponent, **claim, **more)).judgement
    assert found.verdict.value == verdict, found.reason


@pytest.mark.parametrize("power", [1.5, 2.0, 4.0, 9.0])
@pytest.mark.parametrize("end", [1.0, 3.7, 100.0, 1e5, 3.3e9])
@pytest.mark.parametrize(
    "text", ["powersum(k**(-a)) - powersum(k**(-a), m)", "3*m - powersum(k**(-a), m) + zeta(a) - 3*m"]
)
def test_numbers_keep_the_digits_of_a_tail(power, end, text):
    """The two sums agree to all digits of a double where the tail is 1e-80."""
    if text.startswith("3*m") and power * 9 > 40:
        text = text.replace("3*m", "0*m")
    found = float(evaluate(parse_formula(text, sums=True), {"a": power, "m": end}, 4.0))
    exact = mpmath.zeta(power, int(end) + 1)
    lost = 3e-15 * 3 * end if "3*m" in text else 0
    assert abs(found - exact) <= 3e-8 * exact + lost  # of the coarser panels


def test_a_sum_that_diverges_has_no_tail_in_numbers():
    assert (
        str(evaluate(parse_formula("zeta(a) - powersum(k**(-a), m)", sums=True), {"a": 0.5, "m": 10.0}, 4.0)) == "nan"
    )
