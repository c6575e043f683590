"""Positive roots shown by signs, against roots that are known: none is claimed where there is none."""

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from scalecheck.theory.asymptotics.scales import order_one
from scalecheck.theory.asymptotics.sign_changes import has_positive_root, one_equation

x, y, z = sp.symbols("x y z", positive=True)


@given(
    st.fractions("1/4", 3, max_denominator=4), st.fractions("1/10", 5, max_denominator=10),
    st.sampled_from([sp.erf, lambda u: 1 - sp.exp(-u), lambda u: sp.log(1 + u)]),
)  # fmt: skip
def test_a_root_is_shown_just_where_there_is_one(power, right, function):
    """f(x) x^p = c rises from 0: one root; f(x)/x = c falls from f'(0) to 0: one below it, else none."""
    power, right = (sp.Rational(v.numerator, v.denominator) for v in (power, right))
    value = order_one(function(x), x)
    assert has_positive_root(value * x**power - right)
    slope = sp.diff(function(x), x).subs(x, 0)
    if abs(sp.N(right - slope)) > 1e-3:
        assert has_positive_root(value / x - right) == bool(right < slope)


@pytest.mark.parametrize(
    "left",
    [
        x - z, sp.S.One, 1 / (x - 1) + 1, 1 / (1 - order_one(sp.erf(x), x)) - 3, sp.tan(x) - 1, sp.Max(x, 1) - 2, x**2 - 2 * x + 1,
        sp.log(x - 5) + 1,
    ],
    ids=str,
)  # fmt: skip
def test_what_is_not_surely_continuous_or_has_no_change_of_sign_is_not_shown(left):
    """1/(x - 1) + 1 and sin/cos change their signs at poles as well."""
    assert not has_positive_root(left)


def test_constants_are_put_in_only_where_they_are_positive():
    inside = order_one(1 - sp.exp(-z), z, below=1)
    left = one_equation([z - x, y - inside, x + y - 1])
    assert has_positive_root(left)
    assert one_equation([y - x**2 + 1, x**2 + y - 3]) is None
