"""The scale inside a sum as a user writes it, whatever it is made of; and what has none."""

import math

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from scalecheck.theory.asymptotics.chambers import ParameterDomain
from scalecheck.theory.asymptotics.scaled_sums import UnreadableSystem, inner_ratio, scaled_sum

k, n, t, x, y, ridge, noise, a, b, c = sp.symbols("k n t x y ridge noise a b c", positive=True)
u = inner_ratio
HALF = sp.Rational(1, 2)

SUMS = {  # summand: (scale, decay, weight, function)
    k**-a / (k**-a + x): (x, a, 0, u / (1 + u)),
    k ** (-2 * a) / (k**-a + x) ** 2: (x, a, 0, u**2 / (1 + u) ** 2),
    k ** (-1 - b) * x**2 / (k**-a + x) ** 2: (x, a, (1 + b) / a, u ** ((1 + b) / a) / (1 + u) ** 2),
    3 * noise * k**-3 / (ridge + k**-2): (ridge, 2, HALF, u ** sp.Rational(3, 2) / (1 + u)),
    2 * k**-a / (3 * k**-a + x): (x, a, 0, u / (1 + 3 * u)),
    k**-2 / (k**-2 + x * y): (x * y, 2, 0, u / (1 + u)),
    k**-2 / (k**-2 + x + 1 / t): (x + 1 / t, 2, 0, u / (1 + u)),
    x * k**-2 / (k**2 + x): (1 / x, 2, 1, u**2 / (1 + u)),
    k**-a * sp.exp(-2 * t * k**-b): (1 / (2 * t), b, a / b, u ** (a / b) * sp.exp(-u)),
    k**-a * sp.exp(-2 * t * k**-b / n**2): (n**2 / (2 * t), b, a / b, u ** (a / b) * sp.exp(-u)),
    k**-a * (1 - sp.exp(-t * k**-b)) ** 2: (1 / t, b, a / b, u ** (a / b) * (1 - sp.exp(-u)) ** 2),
    sp.exp(-k * x): (x, 1, 0, sp.exp(-1 / u)),
    sp.Min(k**-b, x) * k**-a: (x, b, 1 + a / b, u ** (a / b) * sp.Min(u, 1)),
    k**-a: (1, a, 0, u),
}


@pytest.mark.parametrize("summand", SUMS, ids=str)
def test_the_scale_inside_a_sum_is_found(summand):
    scale, decay, weight, function = SUMS[summand]
    found = scaled_sum(summand, k, (n, t, x, y, ridge))
    assert sp.simplify(found.scale - scale) == 0
    assert sp.simplify(found.decay - decay) == 0
    assert sp.simplify(found.weight - weight) == 0
    assert sp.simplify(found.function - function) == 0


@given(st.sampled_from(list(SUMS)), st.tuples(*[st.floats(0.3, 3.0)] * 8), st.integers(1, 50))
def test_what_was_found_is_the_summand(summand, values, place):
    """coefficient · scale^weight · function(k^(-decay)/scale), in numbers."""
    found = scaled_sum(summand, k, (n, t, x, y, ridge))
    given_values = dict(zip((n, t, x, y, ridge, noise, a, b), values, strict=True)) | {k: place}
    ratio = (k**-found.decay / found.scale).subs(given_values)
    again = (found.coefficient * found.scale**found.weight).subs(given_values) * found.function.subs(given_values).subs(
        u, ratio
    )
    assert math.isclose(float(again), float(summand.subs(given_values)), rel_tol=1e-9, abs_tol=1e-290)


@pytest.mark.parametrize(
    "summand",
    [
        sp.exp(-(k**-2)),
        sp.erf(k + x),
        k**-3 * sp.exp(-x / k) / (k**-1 + y),
        sp.exp(-x / k - y / k**2),
        k**-2 / (k**-2 + k**-x),
        k**-2 / (1 + k**-2) + k**-2 * x**3 / (1 + k**-4),
    ],
    ids=str,
)
def test_what_cannot_be_read_says_so(summand):
    with pytest.raises(UnreadableSystem):
        scaled_sum(summand, k, (x, y))


def test_powers_that_grow_are_powers_of_the_inverse_index_and_converge_to_nothing():
    found = scaled_sum(x * k**2, k, (x,))
    assert (found.coefficient, found.decay, found.function) == (x, 1, u**-2)
    assert not any(found.convergence())
    either = scaled_sum(k**c, k, (x,), ParameterDomain.of((c,), (c < 2,)))
    assert (either.decay, either.function) == (1, u**-c)


def test_steps_are_an_exponential_to_leading_order_and_say_so():
    found = scaled_sum(k**-a * (1 - k**-b / 2) ** (2 * t), k, (t,))
    assert (found.scale, found.function) == (1 / t, u ** (a / b) * sp.exp(-u))
    assert found.step == 1 - k**-b / 2
    assert scaled_sum(k**-a * sp.exp(-t * k**-b), k, (t,)).step is None


def test_steps_of_a_symbolic_rate_are_read_where_it_contracts():
    summand = (1 - c * k**-2) ** t
    inside = ParameterDomain.of((c,), (c < 1,))
    assert scaled_sum(summand, k, (t,), inside).function == sp.exp(-c * u)
    with pytest.raises(UnreadableSystem, match="no step"):
        scaled_sum(summand, k, (t,), ParameterDomain.of((c,), (c < 2,)))


@pytest.mark.parametrize(
    "summand",
    [
        (1 - 3 * k**-2) ** t,
        (1 + k**-2 / 2) ** t,
        (1 - k**-2 / 2) ** (2 * t) - (1 - k**-2) ** t,
        (1 - k**-2 / 2) ** (2 * t) - sp.exp(-t * k**-2),
        (1 - k**2 / 2) ** t,
    ],
    ids=str,
)
def test_steps_that_do_not_contract_or_would_cancel_are_refused(summand):
    with pytest.raises(UnreadableSystem):
        scaled_sum(summand, k, (t,))
