"""Sums whose scale stands at their end: closed forms against integrals and sums, and false ones that are refused."""

from dataclasses import replace

import mpmath
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from scalecheck.theory.asymptotics.confirm import ExpansionMismatch
from scalecheck.theory.asymptotics.edge_sums import compared, end_ratio, end_share
from scalecheck.theory.asymptotics.mellin import MellinUnknown
from scalecheck.theory.asymptotics.special import evaluate

u, a, gamma = sp.symbols("u a gamma", positive=True)
R = sp.Rational

SUMS = {
    "a wave": (sp.exp(-u), sp.Integer(2)),
    "gradient flow": (u**a * sp.exp(-2 * u), gamma),
    "gradient flow over a slow spectrum": (u ** R(1, 3) * sp.exp(-u), R(1, 2)),
    "what it has learned": (u ** R(1, 4) * (1 - sp.exp(-u)) ** 2, sp.Integer(1)),
    "an exponential in the index": (sp.exp(-1 / u), sp.Integer(1)),
    "a Gaussian in the index": (sp.exp(-3 / u**2), sp.Integer(1)),
    "degrees of freedom": (u / (1 + u), gamma),
    "of the second kind": (u**2 / (1 + 3 * u) ** 2, R(3, 2)),
    "a bias": (u ** R(1, 2) / (1 + u) ** 2, sp.Integer(1)),
}


@pytest.mark.parametrize("name", SUMS)
def test_a_share_is_confirmed(name):
    function, decay = SUMS[name]
    found = compared(end_share(function, u, decay), function, u, decay, {})
    assert not found.value.has(u)
    assert found.value.has(end_ratio)


@pytest.mark.parametrize("name", SUMS)
@pytest.mark.parametrize(
    "change",
    [lambda v: v * R(51, 50), lambda v: v * end_ratio ** R(1, 20), lambda v: v + R(1, 10**6), lambda v: -v],
    ids=["two percent", "another power", "a millionth", "sign"],
)
def test_a_false_share_is_refused(name, change):
    function, decay = SUMS[name]
    share = end_share(function, u, decay)
    with pytest.raises(ExpansionMismatch):
        compared(replace(share, value=change(share.value)), function, u, decay, {})


def test_the_sum_itself_is_compared_and_not_the_integral_alone(monkeypatch):
    """A share whose integral is right for another sum: with the integral believed, the sum refuses it."""
    from scalecheck.theory.asymptotics import edge_sums

    monkeypatch.setattr(edge_sums, "_integrated", lambda *_: None)
    wrong = end_share(sp.exp(-u), u, R(21, 10))
    with pytest.raises(ExpansionMismatch, match="expansion of sum"):
        compared(wrong, sp.exp(-u), u, sp.Integer(2), {})


@given(
    power=st.fractions(0, R(4, 5), max_denominator=5),
    rate=st.sampled_from([R(1, 2), 1, 2]),
    ratio=st.fractions(R(1, 5), 5, max_denominator=5),
)
@settings(max_examples=25, deadline=None)
def test_far_beyond_the_end_a_share_is_that_of_a_pure_power(power, rate, ratio):
    """For ρ → ∞ every atom is below the scale, F = u^q there, and the mean of x^{-γq} is 1/(1 - γq)."""
    q, place = R(power.numerator, power.denominator), 10**14 * R(ratio.numerator, ratio.denominator)
    share = end_share(u**q * sp.exp(-(u**rate)), u, sp.Integer(1)).value.subs(end_ratio, place)
    assert abs(evaluate(share * place**q * (1 - q)) - 1) < 1e-2


def test_the_powers_that_must_fall_are_told():
    assert end_share(u / (1 + u), u, gamma).growth == (0,)
    assert end_share(u**2 / (1 + u), u, gamma).growth == (gamma,)
    assert end_share(u**2 * sp.exp(-u), u, gamma).growth == ()
    assert end_share(u**a * (1 - sp.exp(-u)), u, gamma).growth == (a * gamma,)


@pytest.mark.parametrize("function", [sp.erfc(u), sp.Min(u, 1), u * sp.exp(-u) / (1 + u), 1 / (1 - u)], ids=str)
def test_what_has_no_rule_says_so(function):
    with pytest.raises(MellinUnknown):
        end_share(function, u, sp.Integer(1))


@settings(max_examples=25, deadline=None)
@given(
    st.fractions("1/5", 3, max_denominator=7),
    st.fractions("1/4", 6, max_denominator=9),
    st.sampled_from(["1/3", "1", "5/2"]),
)
def test_the_share_of_a_logarithm_is_its_integral(decay, slope, ratio):
    """The integral of log(1 + B x^(-decay)/ratio) over 0 < x < 1."""
    gamma, b, rho = (sp.Rational(str(v)) for v in (decay, slope, ratio))
    found = end_share(sp.log(1 + b * u), u, gamma).value.subs(end_ratio, rho)
    with mpmath.workdps(20):
        exact = mpmath.quad(
            lambda y: mpmath.log(1 + mpmath.mpf(str(float(b / rho))) * mpmath.exp(float(gamma) * y)) * mpmath.exp(-y),
            [0, 1, 5, 20, 80],
        )
        assert abs(evaluate(found) - exact) < 1e-9 * exact
