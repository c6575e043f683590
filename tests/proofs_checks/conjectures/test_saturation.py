"""Laws with what saturates: precision N (1 - exp(-P)), repeated data D (1 - exp(-R)), error functions of a control."""

import pytest

from .systems_of_users import about

SIZES = {"controls": {"N": "N > 0"}, "path": {"N": "n**s"}, "where": {"s": "s > 0"}}
FIXED = {"equations": ["x = N*(1 - exp(-P))"], **SIZES, "parameters": {"P": "P > 0"}}
SPLIT = {
    "equations": ["x = N**(-a)*(1 - exp(-P/g))**(-a) + D**(-b)"], "controls": {"N": "N > 0", "D": "D > 0"},
    "path": {"N": "n", "D": "n"}, "parameters": {"P": "P > 0", "g": "g > 0", "a": "a > 0", "b": "b > 0"},
}  # fmt: skip
FEW = {**SPLIT, "where": {"a": "0 < a < b", "b": "b > 0"}}
MASKED = {**FIXED, "equations": ["x = N*(1 - exp(-P/(1 - m)))"], "parameters": {"P": "P > 0", "m": "0 < m < 1"}}
MOVING = {
    "equations": ["x = N*(1 - exp(-P))"], "controls": {"N": "N > 0", "P": "P > 0"}, "path": {"N": "n", "P": "n**s"},
    "where": {"s": "-1 < s < 1"},
}  # fmt: skip
SHALLOW, LINE, DEEP = ({**MOVING, "where": {"s": text}} for text in ("s < 0", "s = 0", "s > 0"))
TWICE = {**LINE, "path": {"N": "n", "P": "2*n**s"}}
REPEATED = {
    "equations": ["x = (U + U*r*(1 - exp(-R/r)))**(-b)"], "controls": {"U": "U > 0", "R": "R > 0"},
    "parameters": {"b": "b > 0", "r": "r > 0"}, "path": {"U": "n", "R": "n**s"}, "where": {"s": "-2 < s < 2"},
}  # fmt: skip
MANY = {**REPEATED, "where": {"s": "s > 0"}}
ONCE = {**REPEATED, "where": {"s": "s = 0"}}
DATA = {**REPEATED, "equations": ["x = (U*(1 - exp(-R)))**(-b)"], "parameters": {"b": "b > 0"}}
ERRORS = {
    "equations": ["x = n*erf(P)"],
    "controls": {"P": "P > 0"},
    "path": {"P": "n**s"},
    "where": {"s": "-1 < s < 1"},
}
UNKNOWN = {"equations": ["x + n*(1 - exp(-x/n)) = sqrt(n)"]}

GAP = {
    "equations": ["x = n*(1 - exp(-(p - q)*t)) + 1"], "parameters": {"p": "p > 0", "q": "q > 0"}, "controls": {"t": "t > 0"},
    "path": {"t": "n"}, "where": {"p": "p > q", "q": "q > 0"},
}  # fmt: skip
AT_ONE = {"equations": ["x + n*(1 - exp(-x/n)) = n"]}
ACROSS = {
    "equations": ["x + t*(1 - exp(-x/t)) = n"], "controls": {"t": "t > 0"}, "path": {"t": "n**s"}, "where": {"s": "0 < s < 2"},
}  # fmt: skip
OWN_LOG = {"equations": ["x*log(1 + 2*x/n) = n"]}

CLAIMS = [
    (FIXED, "s", "1 - exp(-P)", "proved"),
    (FIXED, "s", "1 - exp(-2*P)", "refuted"),
    (FIXED, "s", "exp(-P)", "refuted"),
    (FIXED, "s + 1/20", None, "refuted"),
    (SPLIT, "-min(a, b)", None, "proved"),
    (SPLIT, "-max(a, b)", None, "refuted"),
    (FEW, "-a", "(1 - exp(-P/g))**(-a)", "proved"),
    (FEW, "-a", "(1 - exp(-P/g))**a", "refuted"),
    (FEW, "-a", "(1 - exp(-P*g))**(-a)", "refuted"),
    (MASKED, "s", "1 - exp(-P/(1 - m))", "proved"),
    (MASKED, "s", "1 - exp(-P*(1 - m))", "refuted"),
    (MOVING, "1 + min(0, s)", None, "proved"),
    (MOVING, "1", None, "refuted"),
    (MOVING, "1 + s", None, "refuted"),
    (SHALLOW, "1 + s", "1", "proved"),
    (SHALLOW, "1 + s", "1/2", "refuted"),
    (DEEP, "1", "1", "proved"),
    (DEEP, "1", "1 - exp(-1)", "refuted"),
    (LINE, "1", "1 - exp(-1)", "proved"),
    (LINE, "1", "1", "refuted"),
    (TWICE, "1", "1 - exp(-2)", "proved"),
    (TWICE, "1", "1 - exp(-1)", "refuted"),
    (REPEATED, "-b", None, "proved"),
    (REPEATED, "-b*(1 + min(s, 0))", None, "refuted"),
    (REPEATED, "-b*(1 + max(s, 0))", None, "refuted"),
    (MANY, "-b", "(1 + r)**(-b)", "proved"),
    (MANY, "-b", "1", "refuted"),
    (ONCE, "-b", "(1 + r*(1 - exp(-1/r)))**(-b)", "proved"),
    (ONCE, "-b", "(1 + r)**(-b)", "refuted"),
    (DATA, "-b*(1 + min(s, 0))", None, "proved"),
    (DATA, "-b", None, "refuted"),
    (ERRORS, "1 + min(s, 0)", None, "proved"),
    (ERRORS, "1", None, "refuted"),
    ({**ERRORS, "where": {"s": "s < 0"}}, "1 + s", "2/sqrt(pi)", "proved"),
    ({**ERRORS, "where": {"s": "s < 0"}}, "1 + s", "1", "refuted"),
    (UNKNOWN, "1/2", "1/2", "proved"),
    (UNKNOWN, "1/2", "1", "refuted"),
    (GAP, "1", "1", "proved"),
    (GAP, "1", "p - q", "refuted"),
    ({**GAP, "where": {"p": "p > 0", "q": "q > 0"}}, "1", None, "undecided"),
    (AT_ONE, "1", None, "proved"),
    (AT_ONE, "11/10", None, "refuted"),
    (ACROSS, "1", None, "proved"),
    (ACROSS, "1", "1", "refuted"),
    (OWN_LOG, "1", None, "proved"),
    (OWN_LOG, "9/10", None, "refuted"),
]


@pytest.mark.parametrize(("claim", "exponent", "constant", "verdict"), CLAIMS)
def test_claims(hearing, claim, exponent, constant, verdict):
    more = {} if constant is None else {"constant": constant}
    found = hearing(**about(exponent=exponent, **claim, **more)).judgement
    assert found.verdict.value == verdict, found.reason


OPEN = {
    "a sign that the domain leaves open": {**FIXED, "parameters": {"P": "P > -1"}, "exponent": "s"},
    "terms that cancel beyond the leading one": {**SHALLOW, "equations": ["x = P - 1 + exp(-P)"], "exponent": "2*s"},
    "an exponential of a logarithm": {
        "equations": ["x = n*exp(-y) + 1", "y = log(n)"],
        "positive": ["x", "y"],
        "exponent": "0",
    },
    "an unknown that is a logarithm": {"equations": ["x = n*exp(-x)"], "exponent": "0"},
    "no solution for some parameters": {
        "equations": ["y + 1 - exp(-y) = 2", "x + 1 - exp(-y) = p"],
        "positive": ["x", "y"],
        "parameters": {"p": "0 < p < 1/2"},
        "exponent": "0",
    },
    "no solution at all": {"equations": ["x + n*exp(-x/n) = n"], "exponent": "1"},
    "a constant without a closed form": {
        "equations": ["x + n*(1 - exp(-x/n)) = n"],
        "exponent": "1",
        "constant": "1/2",
    },
}


@pytest.mark.parametrize("name", OPEN)
def test_what_is_not_known_is_not_accepted(hearing, name):
    claim = dict(OPEN[name])
    assert hearing(**about(exponent=claim.pop("exponent"), **claim)).judgement.verdict.value not in (
        "proved",
        "supported",
    )
