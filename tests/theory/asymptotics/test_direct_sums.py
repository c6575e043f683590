"""Sums term by term: in doubles where they suffice, and by a slower method where these overflow or know no such function."""

import math

import mpmath
import pytest
import sympy as sp

from scalecheck.theory.asymptotics.direct_sums import finite_sum, infinite_sum, plain_function
from scalecheck.theory.asymptotics.special import HalfMoment

u, a = sp.symbols("u a", positive=True)


@pytest.mark.parametrize(
    "function",
    [u / (1 + u), (sp.exp(u) - 1) * sp.exp(-2 * u), sp.log(1 + u), sp.erfc(u), HalfMoment(sp.Rational(1, 2), u)],
    ids=str,
)
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_a_finite_sum_is_that_of_mpmath(function, scale):
    """At scale 1/1000 the second function overflows in doubles for its first atom."""
    with mpmath.workdps(30):
        call = sp.lambdify(u, function, [{"HalfMoment": lambda v, x: _half(v, x)}, "mpmath"])
        expected = mpmath.fsum(call(1 / mpmath.mpf(k) / scale) for k in range(1, 41))
    found = finite_sum(function, u, sp.Integer(1), sp.Float(scale, 25), 40)
    assert found == pytest.approx(float(expected), rel=1e-10)


def _half(order, point):
    from scalecheck.theory.asymptotics.special import half_moment

    return half_moment(order, point)


def test_parameters_are_put_in():
    assert finite_sum(u**a, u, sp.Integer(1), sp.Integer(1), 3, {a: 2}) == pytest.approx(1 + 1 / 4 + 1 / 9)
    assert plain_function((sp.exp(a * u) - 1) * sp.exp(-2 * u), u, {a: 2})(500.0) == pytest.approx(1)


@pytest.mark.parametrize(
    ("function", "decay", "expected"),
    [(u, 2, math.pi**2 / 6), (sp.log(1 + u), 2, math.log(math.sinh(math.pi) / math.pi)), (u, 1.1, 10.5844484649508)],
    ids=str,
)
def test_an_infinite_sum_goes_on_beyond_its_terms(function, decay, expected):
    found = infinite_sum(function, u, sp.nsimplify(decay), sp.Integer(1), 512)
    assert found == pytest.approx(expected, rel=1e-11)
