"""The bulk's integrals against quadrature, at both ends against mpmath, and Stein's identity with controls that must fail."""

import math
from functools import cache

import mpmath
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from scalecheck.theory.identities import DerivationError, proved
from scalecheck.theory.networks.quadratic.semicircle import (
    centre_divergence,
    centre_power,
    divergence_above,
    edge_divergence,
    edge_power,
    moment_above,
    power_above,
    ratio,
    stein_identity,
)


@cache
def closed(form):
    """A closed form as a function of numbers: derived where it is used, not wherever tests are collected."""
    return sp.lambdify(ratio, form(), "mpmath")


def quadrature(weight, x):
    with mpmath.workdps(30):
        end = mpmath.acos(mpmath.mpf(x) / 2)
        return mpmath.quad(lambda u: weight(2 * mpmath.cos(u)) * 2 / mpmath.pi * mpmath.sin(u) ** 2, [0, end])


@given(st.floats(-1.95, 1.95))
def test_closed_forms_are_the_integrals(x):
    assert float(closed(power_above)(x)) == pytest.approx(
        float(quadrature(lambda y: (y - x) ** 2, x)), rel=1e-9, abs=1e-13
    )
    assert float(closed(divergence_above)(x)) == pytest.approx(
        float(quadrature(lambda y: (y - x) * y / 2, x)), rel=1e-9, abs=1e-13
    )


@pytest.mark.parametrize(("end", "weight"), [(edge_power, 0), (edge_divergence, 1)])
def test_edge_series(end, weight):
    found = end()
    with mpmath.workdps(40):
        epsilon = mpmath.mpf(10) ** -6
        x = 2 * (1 - epsilon)
        exact = quadrature((lambda y: (y - x) ** 2, lambda y: (y - x) * y / 2)[weight], x)
        lead = float(found.coefficient) * float(epsilon) ** float(found.power)
        more = float(found.next_coefficient) * float(epsilon) ** float(found.next_power)
        assert abs((lead + more) / float(exact) - 1) < 1e-11
        assert abs(lead / float(exact) - 1) > 1e-8


def test_centre_values():
    assert centre_power().coefficient == sp.Rational(1, 2)
    assert centre_divergence().coefficient == sp.Rational(1, 4)
    assert centre_power().next_coefficient == 4 * centre_divergence().next_coefficient


def test_steins_identity_needs_its_term():
    assert stein_identity().assumptions == ()
    capped = 1 - moment_above(2) + ratio**2 * moment_above(0)
    for wrong in (capped - 1, capped - 1 + 2 * divergence_above(), capped - sp.Rational(1, 2) + 4 * divergence_above()):
        with pytest.raises(DerivationError):
            proved("wrong", power_above(), wrong, "control")


def test_a_radius_off_by_the_root_of_two_is_seen():
    """With radius 2√2 for 2 the half of the second moment is 1, and VIa would have VIb's constant."""
    wide = float(quadrature(lambda y: (math.sqrt(2) * y) ** 2, 0))
    assert wide == pytest.approx(1)
    assert not math.isclose(wide, float(power_above().subs(ratio, 0)))
