"""Taylor coefficients by recurrence against differentiation, and against numbers."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from scalecheck.theory.asymptotics.taylor import taylor_coefficient

u, x = sp.symbols("u x", positive=True)
NUMBERS = st.fractions(min_value=-3, max_value=3, max_denominator=5).map(
    lambda q: sp.Rational(q.numerator, q.denominator)
)


def differentiated(function: sp.Expr, order: int) -> sp.Expr:
    return sp.diff(function, u, order).subs(u, 0) / sp.factorial(order)


@pytest.mark.parametrize("outer", [sp.exp, sp.erfc])
@settings(max_examples=30)
@given(c=st.tuples(NUMBERS, NUMBERS, NUMBERS), order=st.integers(0, 5))
def test_the_recurrence_is_the_derivative(outer: type, c: tuple[sp.Rational, ...], order: int) -> None:
    function = outer(c[0] * x + c[1] * u + c[2] * x * u**2)
    difference = sp.expand(taylor_coefficient(function, u, order) - differentiated(function, order))
    assert difference == 0 or sp.simplify(difference) == 0


@pytest.mark.parametrize(
    "function",
    [
        sp.erfc((x - u) / sp.sqrt(2)),
        sp.exp(-(u**2) / 2) * sp.exp(u * x),
        sp.exp(-u) * sp.erfc(u + x),
        (x + u) ** 3,
        1 / (x + u),
        sp.Integer(7),
    ],
)
@pytest.mark.parametrize("order", range(5))
def test_products_powers_and_constants(function: sp.Expr, order: int) -> None:
    with mpmath.workdps(40):
        expected = mpmath.taylor(sp.lambdify(u, function.subs(x, sp.Rational(7, 5)), "mpmath"), 0, order)[order]
        found = taylor_coefficient(function, u, order).subs(x, sp.Rational(7, 5))
        assert abs(mpmath.mpf(sp.N(found, 40)) - expected) < mpmath.mpf(10) ** -15


def test_the_argument_may_have_gaps_and_the_order_may_be_beyond_the_degree() -> None:
    assert [taylor_coefficient(sp.exp(u**3), u, order) for order in range(7)] == [1, 0, 0, 1, 0, 0, sp.Rational(1, 2)]
    assert taylor_coefficient(u**2, u, 5) == 0
