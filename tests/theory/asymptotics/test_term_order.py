"""What beats another term everywhere is larger wherever the scale stands in its place."""

import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from scalecheck.theory.asymptotics.chambers import ParameterDomain
from scalecheck.theory.asymptotics.power_sums import Position, Term
from scalecheck.theory.asymptotics.term_order import beats_everywhere

a = sp.Symbol("a", positive=True)
NUMBERS = st.fractions(-3, 3, max_denominator=3).map(lambda q: sp.Rational(q.numerator, q.denominator))
TERMS = st.builds(lambda x, y: Term("head", sp.S.One, x, y), NUMBERS, NUMBERS | st.just(sp.S.Zero))
PLACES = {Position.ABOVE: (0.0, 5.0), Position.INSIDE: (-1.0, 0.0), Position.BELOW: (-6.0, -1.0)}
"""Exponents of a scale with γ = 1."""
NOTHING = ParameterDomain.of((), ())


@given(TERMS, TERMS, st.sampled_from(Position), st.floats(0.001, 0.999))
def test_a_term_that_beats_another_is_larger(first, second, position, share):
    low, high = PLACES[position]
    place = low + share * (high - low)
    gap = float(first.order(sp.Float(place)) - second.order(sp.Float(place)))
    if beats_everywhere(first, second, position, sp.S.One, NOTHING):
        assert gap > 0
        assert not beats_everywhere(second, first, position, sp.S.One, NOTHING)


def test_a_logarithm_of_the_end_is_not_beaten_by_its_own_power():
    plain, log = Term("head", sp.S.One, -sp.S.One), Term("tail", sp.S.One, -sp.Rational(1, 2), count_log=1)
    assert not beats_everywhere(plain, log, Position.INSIDE, sp.S.One, NOTHING)


def test_what_depends_on_a_parameter_is_decided_on_its_whole_domain():
    first, second = Term("window", sp.S.One, -a), Term("head", sp.S.One, -sp.S.One)
    wide, narrow = ParameterDomain.of((a,), ()), ParameterDomain.of((a,), (a > 1,))
    assert not beats_everywhere(first, second, Position.INSIDE, sp.S.One, wide)
    assert beats_everywhere(first, second, Position.INSIDE, sp.S.One, narrow)
