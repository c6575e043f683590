"""What lies beyond the end of a sum, against the sums themselves."""

import math

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from scalecheck.theory.asymptotics.chambers import ParameterDomain
from scalecheck.theory.asymptotics.edge_sums import compared_beyond, end_ratio, end_share, rest_share
from scalecheck.theory.asymptotics.power_sums import Position, PowerSum, expand
from scalecheck.theory.asymptotics.scaled_sums import Sum
from scalecheck.theory.asymptotics.special import evaluate
from scalecheck.theory.asymptotics.tails import place_of_whole, tail_of, with_tails

u, k, x, m, a, n = sp.symbols("u k x m a n", positive=True)
ABOVE_ONE = ParameterDomain.of((a,), (a > 1,))
ANY = ParameterDomain.of((a,), ())


def tail(function, decay, scale, count, position):
    problem = PowerSum(function, u, decay, scale, count)
    whole = PowerSum(function, u, decay, scale, sp.oo)
    return tail_of(expand(whole, place_of_whole(position)), expand(problem, position))


@settings(max_examples=25, deadline=None)
@given(st.fractions("9/8", 5, max_denominator=8), st.integers(6, 40))
def test_of_a_power_it_is_a_hurwitz_zeta_function(power, digits):
    power = sp.Rational(power.numerator, power.denominator)
    found = tail(u, power, sp.S.One, m, Position.ABOVE)
    with mpmath.workdps(60):
        count = mpmath.mpf(10) ** digits
        told = evaluate(found.expression().subs(m, sp.Integer(10) ** digits))
        exact = mpmath.zeta(mpmath.mpf(power.p) / power.q, count + 1)
        assert abs(told / exact - 1) < 10 / count**2 + 1e-20


CASES = [(u**2 * sp.exp(-u), 1), (u**2 / (1 + u), 1), (u / (1 + u), 2), (u ** sp.Rational(3, 2) / (1 + u) ** 2, 1)]


@pytest.mark.parametrize(("function", "decay"), CASES)
@pytest.mark.parametrize(
    ("position", "place"), [(Position.INSIDE, -0.5), (Position.BELOW, -1.5), (Position.ABOVE, 0.4)]
)
def test_of_a_scaled_sum_wherever_the_scale_is(function, decay, position, place):
    """From 3,000 on, one by one up to 100,000 and by the integral, over log y, and half of its first term beyond."""
    count, far = 3000, 100_000
    scale = float(count) ** (decay * place)
    found = tail(function, sp.Integer(decay), sp.Symbol("tau", positive=True), m, position)
    told = evaluate(found.expression().subs({sp.Symbol("tau", positive=True): sp.Float(scale, 30), m: count}))
    call = sp.lambdify(u, function, "numpy")
    each = lambda y: call(y ** (-decay) / scale)  # noqa: E731
    first = math.log(far)
    exact = np.sum(each(np.arange(count + 1, far, dtype=float))) + each(float(far)) / 2
    exact += quad(lambda t: each(math.exp(t)) * math.exp(t), first, first + 60, epsabs=0, epsrel=1e-9, limit=200)[0]
    assert abs(told / exact - 1) < 0.06, (told, exact)


@pytest.mark.parametrize(("function", "decay"), [CASES[0], *CASES[2:]])
@pytest.mark.parametrize("ratio", [sp.Rational(1, 3), sp.Integer(4)])
def test_shares_inside_and_beyond_the_end(function, decay, ratio):
    share = rest_share(function, u, sp.Integer(decay))
    assert compared_beyond(share, function, u, sp.Integer(decay), {}) == share
    call = sp.lambdify(u, function, "mpmath")
    expected = mpmath.quad(lambda y: call(y ** (-decay) / mpmath.mpf(ratio.p) * ratio.q), [1, 4, 20, 400, mpmath.inf])
    assert abs(evaluate(share.value.subs(end_ratio, ratio)) / expected - 1) < 1e-9
    with pytest.raises(ArithmeticError):
        compared_beyond(end_share(function, u, sp.Integer(decay)), function, u, sp.Integer(decay), {})


TAIL = Sum(k**-a, sp.oo, m)
WRITTEN = [
    (Sum(k**-a) - Sum(k**-a, m), TAIL, ABOVE_ONE),
    (3 * n * Sum(2 * k**-a) - 6 * n * Sum(k**-a, m), 6 * n * TAIL, ABOVE_ONE),
    (sp.zeta(a) - Sum(k**-a, m), TAIL, ABOVE_ONE),
    (n**-2 + sp.sqrt(Sum(k**-a) - Sum(k**-a, m)), n**-2 + sp.sqrt(TAIL), ABOVE_ONE),
    (1 - Sum(k**-a, m) / Sum(k**-a), TAIL / Sum(k**-a), ABOVE_ONE),
    (sp.zeta(a) - Sum(k**-a, m), None, ANY),
    (2 * Sum(k**-a) - Sum(k**-a, m), None, ABOVE_ONE),
    (Sum(k**-a) - Sum(k ** (-2 * a), m), None, ABOVE_ONE),
    (Sum(k**-a) + Sum(k**-a, m), None, ABOVE_ONE),
    (sp.zeta(a + 1) - Sum(k**-a, m), None, ABOVE_ONE),
]


@pytest.mark.parametrize(("value", "told", "domain"), WRITTEN)
def test_only_equal_sums_make_a_tail(value, told, domain):
    equation = sp.Eq(x, value, evaluate=False)
    found = with_tails(equation, k, domain)
    if told is None:
        assert found == equation
    else:
        assert sp.expand(found.lhs - found.rhs - x + told) == 0
