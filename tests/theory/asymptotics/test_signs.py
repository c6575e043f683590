"""Signs of coefficients on a domain of parameters: products of powers of what is positive, held against their values."""

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from scalecheck.theory.asymptotics.chambers import ParameterDomain
from scalecheck.theory.asymptotics.scaled_sums import UnreadableSystem
from scalecheck.theory.asymptotics.signs import sign_on

c, d = sp.symbols("c d", real=True)
DOMAIN = ParameterDomain.of((c, d), (c > 0, d > 1))
POSITIVE = [c, d, d - 1, c + d, c / (d - 1)]
FACTORS = st.one_of(
    st.tuples(st.sampled_from(POSITIVE), st.sampled_from([sp.Rational(1, 2), -sp.Rational(3, 2), d, 1 - c])),
    st.tuples(st.sampled_from([*POSITIVE, 1 - d, sp.Integer(-2), sp.sqrt(2) - 2, sp.pi]), st.just(sp.S.One)),
).map(lambda pair: pair[0] ** pair[1])


@given(st.lists(FACTORS, min_size=1, max_size=4), st.floats(0.01, 9), st.floats(1.01, 9))
def test_a_product_of_powers_has_the_sign_of_its_value(factors, one, two):
    value = sp.Mul(*factors)
    assert sign_on(value, DOMAIN) == sp.sign(value.evalf(15, subs={c: one, d: two}))


@pytest.mark.parametrize("factor", [c - 1, (c - 1) * sp.sqrt(c)])
def test_what_has_both_signs_has_none(factor):
    assert sign_on(factor, DOMAIN) is None


@pytest.mark.parametrize("factor", [sp.sqrt(c - 1), sp.sqrt(1 - d), c**sp.I, sp.log(c), sp.sqrt(c) - 1])
def test_a_power_of_what_may_be_negative_and_what_is_no_power_are_not_known(factor):
    with pytest.raises(UnreadableSystem, match=r"the sign of .* is not known"):
        sign_on(factor, DOMAIN)
