"""Where two poles meet: more terms until the window's pole is kept, and a finite part that numbers agree with."""

import pytest
import sympy as sp

from scalecheck.theory.asymptotics.mellin import MellinUnknown, mellin_transform
from scalecheck.theory.asymptotics.poles import coefficient_of, finite_part, with_poles_apart
from scalecheck.theory.asymptotics.special import HalfMoment, evaluate

u = sp.Symbol("u", positive=True)


@pytest.mark.parametrize("power", range(3, 7))
def test_the_pole_of_the_window_is_among_the_terms_kept(power):
    found = with_poles_apart(sp.exp(-u), u, sp.Rational(1, power), 3)
    assert coefficient_of(found.small, sp.Integer(power)) == (-1) ** power / sp.factorial(power)


def test_a_pole_beyond_all_terms_tried_is_refused():
    with pytest.raises(MellinUnknown, match="poles meet"):
        with_poles_apart(sp.exp(-u), u, sp.Rational(1, 30), 3)


@pytest.mark.parametrize("function", [u / (1 + u), u**2 * sp.exp(-u), 1 / (1 + u) ** 2], ids=str)
@pytest.mark.parametrize("point", [-1, -2, -3])
def test_the_finite_part_is_the_mean_on_both_sides(function, point):
    transform = mellin_transform(function, u)
    step = sp.Rational(1, 10**4)
    mean = sum(evaluate(transform.at(point + side * step)) for side in (1, -1)) / 2
    assert abs(evaluate(finite_part(transform, sp.Integer(point))) - mean) < 1e-6


def test_half_moments_have_no_rule():
    with pytest.raises(MellinUnknown, match="half moment"):
        finite_part(mellin_transform(sp.erfc(u - 1), u), sp.Integer(0))
    assert mellin_transform(sp.erfc(u - 1), u).formula.has(HalfMoment)
