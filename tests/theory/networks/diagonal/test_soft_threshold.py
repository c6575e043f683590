"""Closed forms of N3 against quadrature over the normal law, and identities that a wrong formula must break."""

import itertools
import math

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from scalecheck.theory.identities import DerivationError, is_zero, proved
from scalecheck.theory.networks.diagonal import soft_threshold as soft
from scalecheck.theory.symbols import noise_level, threshold

RULE = tuple(values.tolist() for values in np.polynomial.legendre.leggauss(60))


def estimate(y: float, t: float) -> float:
    """The definition of the soft threshold."""
    return math.copysign(max(abs(y) - t, 0.0), y)


def quadrature(function, atom: float, tau: float, t: float) -> float:
    """E function(z), cut where the soft threshold has its corners; the tail beyond 12 is below 1e-32."""
    corners = [z for z in ((t - atom) / tau, (-t - atom) / tau) if abs(z) < 12]
    cuts = sorted({-12.0, 0.0, 12.0, *corners})
    return math.fsum(
        gauss(lambda z: function(z) * math.exp(-z * z / 2), *ends) for ends in itertools.pairwise(cuts)
    ) / math.sqrt(2 * math.pi)


def gauss(function, low, high):
    """Gauss's rule between two cuts, where the function is smooth."""
    half, middle = (high - low) / 2, (high + low) / 2
    return half * math.fsum(w * function(middle + half * x) for x, w in zip(*RULE, strict=True))


TABLE = [
    ("risk", soft.risk, lambda z, th, tau, t: (estimate(th + tau * z, t) - th) ** 2),
    ("exceedance", soft.exceedance, lambda z, th, tau, t: float(abs(th + tau * z) > t)),
    ("first moment", soft.first_moment, lambda z, th, tau, t: estimate(th + tau * z, t)),
    ("second moment", soft.second_moment, lambda z, th, tau, t: estimate(th + tau * z, t) ** 2),
    ("covariance with the noise", soft.noise_covariance, lambda z, th, tau, t: z * estimate(th + tau * z, t)),
    (
        "distance to the observation",
        soft.distance_to_observation,
        lambda z, th, tau, t: (estimate(th + tau * z, t) - th - tau * z) ** 2,
    ),
]


@pytest.mark.parametrize(("name", "formula", "integrand"), TABLE, ids=[row[0] for row in TABLE])
@settings(max_examples=8, deadline=None, derandomize=True)
@given(th=st.floats(-2, 2), tau=st.floats(0.1, 2), t=st.floats(0.01, 3))
def test_closed_form_equals_quadrature(name, formula, integrand, th, tau, t):
    found = float(formula().subs({soft.atom: th, noise_level: tau, threshold: t}).evalf(20))
    expected = quadrature(lambda z: integrand(float(z), th, tau, t), th, tau, t)
    assert found == pytest.approx(expected, rel=1e-8, abs=1e-9), name


def test_stein_and_sure_are_exact():
    assert is_zero(soft.stein().result.lhs - soft.stein().result.rhs)
    assert is_zero(soft.sure().result.lhs - soft.sure().result.rhs)
    assert not soft.sure().assumptions


@pytest.mark.parametrize("factor", [sp.Rational(51, 50), sp.Rational(49, 50), 2])
def test_a_wrong_constant_in_sure_is_refused(factor):
    wrong = soft.distance_to_observation() - noise_level**2 + 2 * factor * noise_level**2 * soft.exceedance()
    with pytest.raises(DerivationError, match="step"):
        proved("wrong", soft.risk(), wrong, "twin")


def test_derivatives_have_their_closed_form():
    by_atom = 2 * soft.atom * (1 - soft.exceedance())
    assert is_zero(soft.sure().values["risk_by_atom"] - by_atom)


@pytest.mark.parametrize("order", range(5))
def test_tail_moments_over_the_whole_line_are_gaussian_moments(order):
    found = soft.tail_moment(order, sp.Integer(-40)).evalf(20)
    assert float(found) == pytest.approx(0 if order % 2 else float(sp.factorial2(order - 1)), abs=1e-12)


def test_scaling_refuses_a_wrong_degree():
    with pytest.raises(DerivationError, match="homogeneity"):
        soft.scaled(soft.risk(), 1)
