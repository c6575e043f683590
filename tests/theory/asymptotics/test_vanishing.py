"""Where a sum is below every power: the region against numbers, and sums of which it is not said."""

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp

from scalecheck.theory.asymptotics.chambers import ParameterDomain
from scalecheck.theory.asymptotics.scaled_sums import Sum
from scalecheck.theory.asymptotics.vanishing import below_every_power

k, t, n, x, y = sp.symbols("k t n x y", positive=True)
s = sp.Symbol("s", real=True)


def region(value, unknown=x):
    domain = ParameterDomain.of((), ())
    return below_every_power([sp.Eq(x, value, evaluate=False)], unknown, n, {t: s}, k, (n, t, x, y), domain)


@settings(max_examples=20, deadline=None)
@given(
    st.fractions("1/2", 2, max_denominator=4), st.fractions("1/3", 1, max_denominator=4),
    st.fractions("1/4", 3, max_denominator=5),
)  # fmt: skip
def test_the_region_is_where_numbers_fall_faster(rate, end, place):
    """Σ exp(-t k^(-rate)) up to n^end at t = n^place: the local exponent doubles inside, and settles outside."""
    b, c, at = (sp.Rational(v.numerator, v.denominator) for v in (rate, end, place))
    forms = region(n**5 * Sum(sp.exp(-t * k**-b), n**c))
    inside = all(form.subs(s, at) > 0 for form in forms)
    assert inside == (at > b * c)
    last = [mp.mpf(size) ** (at - b * c) for size in (10**6, 10**12)]  # of the exponent at the last atom
    assert (last[1] > last[0]) == inside


NOT_SAID = {
    "a resolvent": Sum(k**-2 / (k**-2 + t), n),
    "no end, a power at large k": Sum(k**-2 * sp.exp(-t / k)),
    "of either sign": Sum(sp.exp(-2 * t / k), n) - Sum(sp.exp(-t / k), n),
    "an unknown as scale": Sum(sp.exp(-y / k), n),
    "an unknown before it": y * Sum(sp.exp(-t / k), n),
    "a power beside it": Sum(sp.exp(-t / k), n) + 1 / n,
    "what rises": Sum(1 - sp.exp(-t / k), n),
    "steps": Sum(k**-2 * (1 - k**-1 / 2) ** t, n),
    "a logarithm before it": sp.log(n) * Sum(sp.exp(-t / k), n),
}


@pytest.mark.parametrize("name", NOT_SAID)
def test_of_others_it_is_not_said(name):
    assert region(NOT_SAID[name]) is None


def test_nor_of_an_unknown_that_no_equation_gives():
    assert region(Sum(sp.exp(-t / k), n), y) is None


def test_without_an_end_the_scale_lies_above_all_atoms():
    """Σ k^3 exp(-t k^2) is that of its first terms: at t = n^s with s > 0 below every power, at s < 0 the power t^-2/2."""
    assert region(Sum(k**3 * sp.exp(-t * k**2))) == (s,)
    with mp.workdps(30):
        large, small = (
            mp.fsum(j**3 * mp.exp(-at * j**2) for j in range(1, 9000)) for at in (mp.mpf(1000), mp.mpf("1e-6"))
        )
        assert large < mp.mpf(10) ** -400
        assert abs(small * 2 * mp.mpf("1e-12") - 1) < 1e-3
