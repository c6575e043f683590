"""Functions outside sums by their corners: what they say against the functions themselves, and where there is no corner."""

import mpmath
import pytest
import sympy as sp

from scalecheck.theory.asymptotics.scale_functions import (
    ERROR,
    FALLING,
    REST,
    RISING,
    ScaleFunction,
    corner_function,
    named_functions,
    without_negative_powers,
)
from scalecheck.theory.asymptotics.scaled_sums import UnreadableSystem
from scalecheck.theory.asymptotics.scales import unwrapped
from scalecheck.theory.asymptotics.systems import Tail

u, n, value, name = sp.symbols("u n value name", positive=True)
KINDS = [ERROR, REST, FALLING, RISING]
SIZES = {"SMALL": 1e-40, "ONE": 0.7, "LARGE": 1e40}


def corners(kind):
    return {corner.name: corner for corner in corner_function(ScaleFunction(kind, u), value, u, n).corners}


def true_value(kind, size):
    with mpmath.workdps(60):
        return mpmath.mpf(sp.N(ScaleFunction(kind, sp.Float(size, 60)).written, 50))


@pytest.mark.parametrize("kind", KINDS)
def test_corners_are_what_the_function_is_there(kind):
    for place, size in SIZES.items():
        corner = corners(kind).get(place)
        if corner is None:
            assert (kind, place) in ((REST, "LARGE"), (FALLING, "LARGE"))
            continue
        told = sp.N(unwrapped(corner.values[value]).subs(u, size), 30)
        assert abs(told / true_value(kind, size) - 1) < 1e-15


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


def named(expression, sign=lambda c: int(sp.sign(c)) if c.is_number else None):
    found = []

    def name_of(function):
        found.append((function.kind, function.argument))
        return sp.Symbol(f"f{len(found)}", positive=True)

    return named_functions(expression, (n, u), sign, name_of), found


f1 = sp.Symbol("f1", positive=True)


@pytest.mark.parametrize(
    ("expression", "expected", "found"),
    [
        (n * (1 - sp.exp(-2 * u)), n * f1, [(RISING, 2 * u)]),
        (3 - 3 * sp.exp(-u) + n, 3 * f1 + n, [(RISING, u)]),
        (sp.exp(u), 1 / f1, [(FALLING, u)]),
        (sp.exp(2 - u), sp.exp(2) * f1, [(FALLING, u)]),
        (sp.erf(-u / n), -f1, [(ERROR, u / n)]),
        (sp.erfc(u + 1), f1, [(REST, u + 1)]),
        (sp.erfc(-u), 2 - f1, [(REST, u)]),
        (sp.erf(u * sp.log(n)), f1, [(ERROR, u * sp.log(n))]),
        (sp.erf(sp.S.Half) * u, sp.erf(sp.S.Half) * u, []),
    ],
)
def test_functions_are_named_at_positive_quantities(expression, expected, found):
    told, at = named(expression)
    assert sp.expand(told - expected) == 0
    assert at == found


@pytest.mark.parametrize("inside", [u - n, u - 1])
def test_what_changes_its_sign_is_not_read(inside):
    with pytest.raises(UnreadableSystem, match="sign"):
        named(sp.erf(inside))


def test_a_coefficient_of_no_known_sign_is_not_read():
    with pytest.raises(UnreadableSystem, match="sign"):
        named(sp.erf(sp.Symbol("c") * u))


def test_nothing_is_divided_by_what_may_be_below_every_power():
    assert without_negative_powers(u / name**2 + name - 1, [name]) == u + name**3 - name**2
    assert without_negative_powers(u * name - 1, [name]) == u * name - 1
    power = sp.Symbol("power", real=True)
    assert without_negative_powers(u * name**power - 1, [name]) == u * name**power - 1
