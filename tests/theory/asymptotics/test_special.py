"""The incomplete beta function in elementary terms where it has them, against integration; and exponentials beside numbers."""

import mpmath
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from scalecheck.theory.asymptotics.special import evaluate, incomplete_beta, without_cancelling

z, u = sp.symbols("z u", positive=True)
HALVES = st.integers(1, 9).map(lambda n: sp.Rational(n, 2))


@given(
    a=HALVES,
    b=st.integers(-6, 9).map(lambda n: sp.Rational(n, 2)) | st.sampled_from([sp.Rational(1, 3), -sp.Rational(7, 5)]),
    odds=st.fractions(sp.Rational(1, 9), 9, max_denominator=9),
)
@settings(max_examples=60, deadline=None)
def test_it_is_the_integral(a, b, odds):
    place = sp.Rational(odds.numerator, odds.denominator)
    with mpmath.workdps(25):
        p, q, end = (mpmath.mpf(v.p) / v.q for v in (a, b, place / (1 + place)))
        expected = mpmath.quad(lambda w: w ** (p - 1) * (1 - w) ** (q - 1), [0, end / 2, end])
    assert abs(evaluate(incomplete_beta(a, b, z).subs(z, place)) - expected) < 1e-9 * expected


@pytest.mark.parametrize(("a", "b"), [(2, 3), (2, -2), (1, 0), (0.5, 0.5), (1.5, -0.5), (3.5, 1.5)])
def test_integers_and_halves_are_elementary(a, b):
    assert not incomplete_beta(sp.nsimplify(a), sp.nsimplify(b), z).has(sp.betainc)


def test_an_exponential_beside_a_number_keeps_its_digits_beside_an_error_function_too():
    cancelling = sp.erfc(u) * (1 - sp.exp(-u))
    assert without_cancelling(cancelling) != cancelling
    calm = sp.erfc(u) + u * sp.exp(-(u**2)) + 1
    assert without_cancelling(calm) == calm
