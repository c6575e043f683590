"""Systems of users that once stayed undecided though true and plain, each with the false neighbours that must be refuted."""

import mpmath
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from scalecheck.proofs_checks.conjectures.comparing import _reflected
from scalecheck.theory.asymptotics.positivity import surely_positive

from .systems_of_users import about

RATES = {"a": "a > 0", "b": "b > 0, a + b > 1"}
FLAT = {"parameters": RATES, "where": {"a": "a = 1", "b": "b > 0"}}
LEARNED = ["x = powersum(k**(-a)*(1 - exp(-n*k**(-b))))"]
ENDED = {"parameters": {"b": "b > 0, b*c > 1", "c": "c > 0"}}
BOTH = ["x = powersum(k**(-1)*(exp(-n*k**(-b)) + exp(-2*n*k**(-b))), n**c)"]
BETWEEN = ["x = powersum(k**(-a)*(exp(-n*k**(-b)) - exp(-2*n*k**(-b))))"]
SHARE = "gamma((a - 1)/b)*(1 - 2**((1 - a)/b))/b"
KERNEL = {
    "equations": [
        "n*kappa = 1 + kappa*powersum(k**(-alpha)/(k**(-alpha) + kappa))",
        "risk*(1 - powersum(k**(-2*alpha)/(k**(-alpha) + kappa)**2)/n) = powersum(k**(-1-beta)*kappa**2/(k**(-alpha) + kappa)**2)",
    ],
    "positive": ["kappa", "risk"],
    "parameters": {"alpha": "alpha > 1", "beta": "0 < beta < 2*alpha"},
    "where": {"alpha": "1 < alpha < 3", "beta": "0 < beta < 2*alpha"},
    "observable": "risk",
}


def kernel(constant, exponent="-beta/alpha"):
    return about(exponent=exponent, constant=constant, **KERNEL)


WINDOW = ["x = powersum(k**(-a)*exp(-k/n**c))"]
GROWING = {"parameters": {"a": "0 < a < 1", "c": "c > 0"}}
STRETCHED = ["x = powersum(exp(-k**b/n**c), n)"]
POWERS = {"parameters": {"b": "b > 0", "c": "c > 0"}}
CAPACITY = ["x = powersum(log(1 + n*k**(-b)), n)"]
AT_END = {"parameters": {"b": "b > 0"}, "where": {"b": "b = 1"}}
SHARED = ["x = powersum(k**(-a)*k**(-b)/(k**(-b) + n**(-b)), n)"]
WEIGHTS = {"parameters": {"a": "0 < a < 2", "b": "b > 0"}, "where": {"a": "0 < a < 1", "b": "b > 0"}}

SIZE = {
    "equations": ["inside = powersum(k**(-a)*exp(-t*k**(-b)), n)", "loss = inside + n**(1 - a)/(a - 1)"],
    "positive": ["inside", "loss"],
    "parameters": {"a": "a > 1", "b": "b > 0"},
    "controls": {"t": "t > 0"},
    "observable": "loss",
    "path": {"t": "n**s"},
}
"""The sum has a name, and is exponentially small where size limits the loss."""
LATE = {**SIZE, "where": {"a": "a = 2", "b": "b = 1", "s": "s = 2"}}
WALLS = {**SIZE, "where": {"a": "a > 1", "b": "b > 0", "s": "s > 0"}}

TRUE = {
    "beside a sum that underflows": about(exponent="-1", constant="1", **LATE),
    "across the wall of a named sum": about(exponent="-min(s, b)*(a - 1)/b", **WALLS),
    "a window of n**c atoms": about(WINDOW, "c*(1 - a)", constant="gamma(1 - a)", **GROWING),
    "a stretched window, across the end": about(STRETCHED, "min(1, c/b)", **POWERS),
    "a capacity at the end of its sum": about(CAPACITY, "1", constant="2*log(2)", **AT_END),
    "the exponent of a capacity on both sides": about(CAPACITY, "min(1, 1/b)", log=True, parameters={"b": "b > 0"}),
    "a scale at the end of its sum, for every spectrum": about(SHARED, "1 - a", **WEIGHTS),
    "what was learned of a flat target, for every spectrum": about(LEARNED, "0", log_power="1", constant="1/b", **FLAT),
    "its order across the flat target": about(LEARNED, "max(0, (1 - a)/b)", log=True, parameters=RATES),
    "logarithms of two exponentials up to an end": about(BOTH, "0", log_power="1", constant="2*(c - 1/b)", **ENDED),
    "what is learned between two times": about(BETWEEN, "(1 - a)/b", constant=SHARE, parameters=RATES),
    "the same of a flat target": about(BETWEEN, "0", constant="log(2)/b", **FLAT),
    "a bias by two gamma functions": kernel("gamma(2 - beta/alpha)*gamma(beta/alpha)/alpha"),
    "the same by a sine": kernel("(1 - beta/alpha)*gamma(1 - beta/alpha)*gamma(beta/alpha)/alpha"),
}
FALSE = {
    "beside a sum that underflows, two per cent": about(exponent="-1", constant="1.02", **LATE),
    "beside a sum that underflows, an exponent beside": about(exponent="-1 + 1/20", **LATE),
    "a named sum, its wall forgotten": about(exponent="-s*(a - 1)/b", **WALLS),
    "a window, two per cent": about(WINDOW, "c*(1 - a)", constant="1.02*gamma(1 - a)", **GROWING),
    "a window, an exponent beside": about(WINDOW, "c*(1 - a) + 1/20", **GROWING),
    "a window of n atoms": about(WINDOW, "1 - a", **GROWING),
    "a stretched window, its end forgotten": about(STRETCHED, "c/b", **POWERS),
    "a capacity, two per cent": about(CAPACITY, "1", constant="2.04*log(2)", **AT_END),
    "a capacity, an exponent beside": about(CAPACITY, "1 + 1/20", **AT_END),
    "a capacity, a logarithm": about(CAPACITY, "1", log_power="1", **AT_END),
    "a scale at the end, an exponent beside": about(SHARED, "1 - a - 1/20", **WEIGHTS),
    "flat, two per cent": about(LEARNED, "0", log_power="1", constant="1.02/b", **FLAT),
    "flat, no logarithm": about(LEARNED, "0", **FLAT),
    "flat, its square": about(LEARNED, "0", log_power="2", **FLAT),
    "flat, an exponent beside": about(LEARNED, "1/20", log_power="1", **FLAT),
    "two exponentials, one forgotten": about(BOTH, "0", log_power="1", constant="c - 1/b", **ENDED),
    "between two times, two per cent": about(BETWEEN, "(1 - a)/b", constant=f"1.02*{SHARE}", parameters=RATES),
    "between two times, an exponent beside": about(BETWEEN, "(1 - a)/b + 1/20", parameters=RATES),
    "between two times, a logarithm": about(BETWEEN, "0", log_power="1", **FLAT),
    "two gamma functions, one shifted": kernel("gamma(1 - beta/alpha)*gamma(beta/alpha)/alpha"),
    "two gamma functions, two per cent": kernel("1.02*gamma(2 - beta/alpha)*gamma(beta/alpha)/alpha"),
    "two gamma functions, an exponent beside": kernel(None, "-beta/alpha + 1/20"),
}


@pytest.mark.parametrize("name", TRUE)
def test_reached(hearing, name):
    found = hearing(**TRUE[name]).judgement
    assert found.verdict.value == "proved", found.reason


@pytest.mark.parametrize("name", FALSE)
def test_false_neighbours_are_refuted(hearing, name):
    found = hearing(**FALSE[name]).judgement
    assert found.verdict.value == "refuted", found.reason


x, u = sp.Symbol("x", positive=True), sp.Symbol("u", positive=True)


@settings(max_examples=40, deadline=None)
@given(st.integers(-4, 5), st.integers(-3, 3), st.fractions(-3, 3, max_denominator=40), st.sampled_from([1, -1]))
def test_reflection_changes_no_value(whole, shift, place, sign):
    """Gamma functions of x and m - x, sines of pi x and pi (m +- x), at places that are no whole numbers."""
    if place.denominator == 1:
        return
    value = (
        sp.gamma(x) * sp.gamma(whole - x)
        + 3 * sp.sin(sp.pi * x)
        - 2 * sp.sin(sp.pi * (shift + sign * x), evaluate=False)
    )
    reflected = _reflected(value)
    assert len(reflected.atoms(sp.gamma)) <= 1
    at = sp.Rational(place.numerator, place.denominator)
    with mpmath.workdps(30):
        one, other = (mpmath.mpf(sp.N(form.subs(x, at), 30)) for form in (value, reflected))
        assert abs(one - other) <= 1e-20 * (1 + abs(one))


@settings(max_examples=60, deadline=None)
@given(
    st.fractions("1/4", 4, max_denominator=9), st.fractions("1/4", 4, max_denominator=9),
    st.fractions("1/4", 2, max_denominator=9), st.sampled_from([sp.S.Zero, sp.Rational(1, 2), sp.S(2)]),
)  # fmt: skip
def test_a_gap_that_is_taken_for_positive_is(slow, fast, share, power):
    """u^p (exp(-su) - c exp(-fu)): positive for all u if and only if c <= 1 and s <= f."""
    slow_, fast_, share_ = (sp.Rational(v.numerator, v.denominator) for v in (slow, fast, share))
    function = sp.expand(u**power * (sp.exp(-slow_ * u) - share_ * sp.exp(-fast_ * u)))
    everywhere = share <= 1 and slow <= fast
    assert not surely_positive(function) or everywhere or function == 0
    if share < 1 and slow < fast:
        assert surely_positive(function)


@pytest.mark.parametrize("name", ["beside a sum that underflows", "across the wall of a named sum"])
def test_numbers_see_a_law_beside_a_sum_that_underflows(hearing, name):
    """The sum was no positive number, and numbers decided nothing."""
    assert hearing(**TRUE[name]).evidence[1].outcome.value == "holds"


def test_the_sum_that_underflows_is_itself_no_number(hearing):
    claim = {**LATE, "observable": "inside"}
    found = hearing(**about(exponent="-1", **claim))
    assert found.judgement.verdict.value != "proved"
    assert found.evidence[-1].outcome.value != "holds"
