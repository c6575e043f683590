"""Signs that the domains of the parameters tell, as that of 1 - m where 0 < m < 1: in sums, in powers, in showing uniqueness."""

import mpmath
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from scalecheck.proofs_checks.conjectures.comparing import vanishes
from scalecheck.proofs_checks.conjectures.domains import shown_together
from scalecheck.proofs_checks.conjectures.grammar import parse_relations
from scalecheck.proofs_checks.conjectures.strata import Stratum
from scalecheck.theory.asymptotics.chambers import ParameterDomain
from scalecheck.theory.asymptotics.coefficients import restored, with_signs_told

from .systems_of_users import about

SPECTRUM = {"a": "a > 1", "b": "b > 0", "m": "0 < m < 1"}
MOMENTUM = {
    "equations": ["x = powersum(k**(-a)*exp(-2*t*eta*k**(-b)/(1 - m)))"], "parameters": {**SPECTRUM, "eta": "eta > 0"},
    "controls": {"t": "t > 0"}, "path": {"t": "n"},
}  # fmt: skip
TWO = {
    "equations": ["x = powersum(k**(-a)*(exp(-n*(1 + m)*k**(-b)) + exp(-n*(1 - m)*k**(-b))))"], "parameters": SPECTRUM,
}  # fmt: skip
BETWEEN = {
    "equations": ["x = powersum(k**(-a)*exp(-n*(c - d)*k**(-b)))"],
    "parameters": {"a": "a > 1", "b": "b > 0", "c": "c > d", "d": "d > 0"},
}  # fmt: skip
IN_EXPONENT = {
    "equations": ["x = powersum(k**(-a)*exp(-n*k**(-(1 - m))))"],
    "parameters": {"a": "a > 1", "m": "0 < m < 1"},
}
TOGETHER = {
    "equations": ["x = powersum(k**(-a)*(1 - exp(-n*k**(-b))))"], "parameters": {"a": "0 < a < 1", "b": "b > 1 - a"},
}  # fmt: skip
RIDGE = {
    "equations": ["n*(1 - m)*x = n**(-a) + x*powersum(k**(-a)/(k**(-a) + (1 - m)*x))"],
    "parameters": {"a": "a > 1", "m": "0 < m < 1"},
}  # fmt: skip
FINITE = {
    "equations": ["x = powersum(k**(-a)*exp(-n*(1 - m)/k), n)"], "parameters": {"a": "0 < a < 1", "m": "0 < m < 1"},
}  # fmt: skip
FLOW = "gamma((a - 1)/b)/b"

CLAIMS = [
    (MOMENTUM, "(1 - a)/b", f"{FLOW}*(2*eta/(1 - m))**((1 - a)/b)", "proved"),
    (MOMENTUM, "(1 - a)/b", f"{FLOW}*(2*eta*(1 - m))**((1 - a)/b)", "refuted"),
    (MOMENTUM, "(1 - a)/b", f"{FLOW}*(2*eta)**((1 - a)/b)", "refuted"),
    (MOMENTUM, "-a/b", None, "refuted"),
    (MOMENTUM, "(1 - a)/(b*(1 - m))", None, "refuted"),
    (TWO, "(1 - a)/b", f"{FLOW}*((1 + m)**((1 - a)/b) + (1 - m)**((1 - a)/b))", "proved"),
    (TWO, "(1 - a)/b", f"{FLOW}*(1 + m)**((1 - a)/b)", "refuted"),
    (TWO, "1 - a", None, "refuted"),
    (BETWEEN, "(1 - a)/b", f"{FLOW}*(c - d)**((1 - a)/b)", "proved"),
    (BETWEEN, "(1 - a)/b", f"{FLOW}*(c + d)**((1 - a)/b)", "refuted"),
    (IN_EXPONENT, "(1 - a)/(1 - m)", "gamma((a - 1)/(1 - m))/(1 - m)", "proved"),
    (IN_EXPONENT, "(1 - a)/(1 - m)", "gamma((a - 1)/(1 - m))", "refuted"),
    (IN_EXPONENT, "(1 - a)*(1 - m)", None, "refuted"),
    (TOGETHER, "(1 - a)/b", None, "proved"),
    (TOGETHER, "0", None, "refuted"),
    (RIDGE, "-a", None, "proved"),
    (RIDGE, "-1", None, "refuted"),
    (FINITE, "1 - a", None, "proved"),
    (FINITE, "-a", None, "refuted"),
]


@pytest.mark.parametrize(("claim", "exponent", "constant", "verdict"), CLAIMS)
def test_claims(hearing, claim, exponent, constant, verdict):
    more = {} if constant is None else {"constant": constant}
    found = hearing(**about(exponent=exponent, **claim, **more)).judgement
    assert found.verdict.value == verdict, found.reason


@pytest.mark.parametrize("m", ["m > 0", "0 < m < 2", "m > 1"])
def test_where_the_sign_is_open_or_the_other_one_nothing_is_told(hearing, m):
    claim = {**MOMENTUM, "parameters": {**MOMENTUM["parameters"], "m": m}}
    assert hearing(**about(exponent="(1 - a)/b", **claim)).judgement.verdict.value == "undecided"


def test_the_law_is_that_of_the_sum_at_a_large_scale():
    """Σ k^-a exp(-2 t η k^-b/(1 - m)) at t = 10^30, by the integral that it is to leading order."""
    a, b, m, eta, t = (mpmath.mpf(x) for x in ("1.7", "0.8", "0.6", "0.3", "1e30"))
    rate = 2 * t * eta / (1 - m)
    place = mpmath.log(rate) / b  # of log k, where the summand is largest
    cuts = mpmath.linspace(place - 8, place + 100, 109)
    integral = mpmath.quad(lambda y: mpmath.exp((1 - a) * y - rate * mpmath.exp(-b * y)), cuts)
    told = mpmath.gamma((a - 1) / b) / b * rate ** ((1 - a) / b)
    assert abs(mpmath.log(told / integral)) < 1e-9


m, c = sp.Symbol("m", real=True), sp.Symbol("c", real=True)


@pytest.mark.parametrize(
    ("domains", "value", "told"),
    [
        ({"m": "0 < m < 1"}, 1 - m, (True, True)),
        ({"m": "0 < m < 1"}, m - 1, (False, False)),
        ({"m": "0 < m <= 1"}, 1 - m, (True, False)),
        ({"m": "0 < m < 2"}, 1 - m, (False, False)),
        ({"m": "0 < m < 1", "c": "c > 2"}, c - 2 * m, (True, True)),
        ({"m": "m > 0", "c": "c > m"}, c - m, (True, True)),
        ({"m": "m >= 0, m**2*(m - 1) >= 0"}, m - 1, (False, False)),  # m = 0 is in the domain, far from the rest
        ({"m": "m > 1, m < 1"}, m, (False, False)),
    ],
)
def test_what_domains_show_together(domains, value, told):
    bounds = {name: parse_relations(text) for name, text in domains.items()}
    assert shown_together(value, {"m": m, "c": c}, bounds) == told


@settings(max_examples=40, deadline=None)
@given(st.integers(-4, 4), st.integers(-4, 4), st.fractions("1/50", "49/50", max_denominator=50))
def test_symbols_for_sums_of_parameters_change_no_value(one, slope, at):
    domain = ParameterDomain.of((m,), (m > 0, m < 1))
    t = sp.Symbol("t", positive=True)
    value = sp.exp(-t * (one + slope * m)) + (2 * one - 3 * slope * m + t) ** m / (slope * m - one + 9)
    told, meaning = with_signs_told(value, domain)
    assert restored(told, meaning) - value == 0 or sp.simplify(restored(told, meaning) - value) == 0
    assert all(sp.N(formula.subs(m, at)) > 0 for formula in meaning.values())


def test_what_differs_is_not_made_equal_by_symbols_for_its_bases():
    x = sp.Symbol("x", positive=True)
    inside = Stratum((m, x), (m, 1 - m))
    same = (2 * x / (1 - m)) ** x - (2 * x) ** x * (1 - m) ** (-x)
    other = (2 * x / (1 - m)) ** x - (2 * x) ** x * (1 - m) ** x
    assert [part.outcome.value for part in vanishes(inside, same)] == ["holds"]
    assert [part.outcome.value for part in vanishes(inside, other)] == ["fails"]
