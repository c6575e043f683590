"""Functions outside sums by their corners: what they say against the functions themselves, and where there is no corner."""

import mpmath
import pytest
import sympy as sp

from scalecheck.theory.asymptotics.scale_functions import (
    DECLINE,
    ERROR,
    FALLING,
    GROWTH,
    REST,
    RISING,
    SHIFTED,
    ScaleFunction,
    corner_function,
)
from scalecheck.theory.asymptotics.scales import unwrapped
from scalecheck.theory.asymptotics.systems import Tail

u, n, value = sp.symbols("u n value", positive=True)
PLAIN = {
    ERROR: ["SMALL", "ONE", "LARGE"], RISING: ["SMALL", "ONE", "LARGE"], REST: ["SMALL", "ONE"], FALLING: ["SMALL", "ONE"],
    SHIFTED: ["SMALL", "ONE"], GROWTH: ["SMALL"], DECLINE: ["LARGE"],
}  # fmt: skip
SIZES = {"SMALL": 1e-40, "ONE": 0.7, "LARGE": 1e40}


def corners(kind):
    return {corner.name: corner for corner in corner_function(ScaleFunction(kind, u), value, u, n).corners}


def true_value(kind, size):
    with mpmath.workdps(60):
        return mpmath.mpf(sp.N(ScaleFunction(kind, sp.Float(size, 60)).written, 50))


@pytest.mark.parametrize("kind", PLAIN)
def test_corners_are_what_the_function_is_there(kind):
    for place in PLAIN[kind]:
        told = sp.N(unwrapped(corners(kind)[place].values[value]).subs(u, SIZES[place]), 30)
        assert abs(told - true_value(kind, SIZES[place])) <= 1e-15 * abs(told)


@pytest.mark.parametrize(("kind", "place"), [(GROWTH, "LARGE"), (DECLINE, "SMALL"), (SHIFTED, "LARGE")])
def test_logarithms_are_tails_read_backwards(kind, place):
    corner = corners(kind)[place]
    (condition,) = corner.conditions
    told = sp.Float(true_value(kind, SIZES[place]), 40)
    ratio = condition.ratio.subs(corner.values[value], told)
    assert abs(sp.exp(-(ratio**2) / 2) / condition.mass.subs(u, SIZES[place]) - 1) < 1e-14


@pytest.mark.parametrize("kind", [GROWTH, DECLINE])
def test_the_logarithm_of_what_is_of_order_one_has_no_corner(kind):
    assert set(corners(kind)) == {"SMALL", "LARGE"}


@pytest.mark.parametrize(("kind", "size"), [(REST, 30.0), (FALLING, 800.0)])
def test_tails_are_their_mass_over_what_stands_below(kind, size):
    corner = corners(kind)["TAIL"]
    (condition,) = corner.conditions
    assert isinstance(condition, Tail)
    with mpmath.workdps(60):
        mass = mpmath.exp(-(mpmath.mpf(sp.N(condition.ratio.subs(u, size), 50)) ** 2) / 2)
        told = corner.values[value].subs({condition.mass: sp.Float(mass, 50), u: size})
        assert abs(sp.N(told, 30) / true_value(kind, size) - 1) < 1e-3  # erfc: up to 1/(2 u^2)


@pytest.mark.parametrize("kind", [ERROR, RISING])
def test_what_rises_to_one_has_no_tail(kind):
    assert list(corners(kind)) == ["SMALL", "ONE", "LARGE"]
