"""Explicit terms of equations: how they are read, where scales stand, and that nothing below a remainder is kept."""

import pytest
import sympy as sp

from scalecheck.theory.asymptotics.chambers import ParameterDomain
from scalecheck.theory.asymptotics.explicit import Power, leading, orders_of_rest, place_of
from scalecheck.theory.asymptotics.power_sums import Position, PowerSum
from scalecheck.theory.asymptotics.scaled_sums import UnreadableSystem

n, u, a = sp.symbols("n u a", positive=True)
NUMBERS = ParameterDomain.of((), ())
ABOVE_ONE = ParameterDomain.of((a,), (a > 1,))


@pytest.mark.parametrize(
    ("term", "coefficient", "power", "logs"),
    [
        (3 * n**2, 3, 2, 0),
        (sp.sqrt(4 / n), 2, -sp.Rational(1, 2), 0),
        (n / (a * n**a - n**a), 1 / (a - 1), 1 - a, 0),
        (n * sp.log(n) ** 2 / 5, sp.Rational(1, 5), 1, 2),
        (sp.zeta(a), sp.zeta(a), 0, 0),
    ],
)
def test_a_term_is_read(term, coefficient, power, logs):
    found = Power.of(term, n)
    assert found is not None
    assert [sp.simplify(x) for x in (found.coefficient - coefficient, found.power - power, found.logs - logs)] == [
        0,
        0,
        0,
    ]


@pytest.mark.parametrize("term", [sp.exp(n), n**n, sp.log(n + 1), n + 1, sp.sin(n)])
def test_anything_else_is_not(term):
    assert Power.of(term, n) is None


@pytest.mark.parametrize(
    ("scale", "count", "decay", "place"),
    [
        (1 / n, sp.oo, 2, Position.INSIDE),
        (n, sp.oo, 2, Position.ABOVE),
        (sp.S.One, n, 2, Position.ABOVE),
        (1 / n, n, 2, Position.INSIDE),
        (n**-3, n, 2, Position.BELOW),
        (n**-2, n, 2, None),  # at the end of the sum
        (sp.Integer(4), n, 2, None),  # of order one
        (n**-a, n, sp.S.One, Position.BELOW),
        (n**-a, n, sp.Integer(2), None),  # depends on a
    ],
)
def test_where_a_scale_stands(scale, count, decay, place):
    assert place_of(sp.sympify(scale), sp.sympify(count), sp.sympify(decay), n, ABOVE_ONE) is place


def powers(*triples):
    return [Power(*map(sp.sympify, triple)) for triple in triples]


def test_what_cancels_is_gone_and_what_is_left_is_the_largest():
    terms = powers((sp.pi, 1, 0), (-sp.pi, 1, 0), (2, 0, 0), (3, -1, 0))
    assert leading(terms, powers((1, -2, 0)), NUMBERS) == powers((2, 0, 0))


@pytest.mark.parametrize("rest", [(1, 0, 0), (1, sp.Rational(1, 2), 0), (0, 3, 0)])
def test_what_does_not_beat_the_rest_is_not_kept(rest):
    """Whatever the coefficient of the rest: that of the order which the expansion left out may vanish."""
    with pytest.raises(UnreadableSystem, match="leading terms cancel"):
        leading(powers((sp.pi, 1, 0), (-sp.pi, 1, 0), (2, 0, 0)), powers(rest), NUMBERS)


def test_a_power_that_cannot_be_compared_with_the_rest_is_not_kept():
    with pytest.raises(UnreadableSystem, match="leading terms cancel"):
        leading(powers((1, -a, 0)), powers((1, -2, 0)), ABOVE_ONE)


def test_the_rest_is_of_the_order_at_which_an_expansion_stops_even_where_its_coefficient_vanishes():
    several = 16 * sp.exp(-1 / u) - sp.exp(-2 / u)  # 16/4! = 2**4/4!
    assert orders_of_rest(PowerSum(several, u, sp.S.One, 1 / n, sp.oo), Position.INSIDE, 1 / n, sp.oo) == [n**-4]


def test_where_a_sum_ends_its_last_term_is_left_out():
    """Between whole numbers a sum stands still, and its expansion does not."""
    assert n**-a in orders_of_rest(PowerSum(u, u, a, sp.S.One, n), Position.ABOVE, sp.S.One, n)
