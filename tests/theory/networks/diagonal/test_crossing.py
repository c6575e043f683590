"""The line between II and V: phase V is its limit, its profile is its leading order, and state equations agree by hand."""

import mpmath
import pytest
import sympy as sp

from scalecheck.theory.networks.diagonal.crossing import crossing
from scalecheck.theory.networks.diagonal.logarithmic import sharper_overfitting
from scalecheck.theory.symbols import dim, noise, samples, threshold_ratio, weight_decay

NAMES = (threshold_ratio, dim, samples, weight_decay, noise)


def function(expression):
    return sp.lambdify(NAMES, expression, "mpmath")


def point(ratio, share, count=1000, variance=0.7):
    """Controls at which a share of the samples is in use at this ratio, and the risk there."""
    found = crossing()
    size = count * mpmath.mpf(share) / mpmath.erfc(mpmath.mpf(ratio) / mpmath.sqrt(2))
    balance = function(found.equation.rhs)(ratio, size, count, 1, variance)
    values = (ratio, size, count, balance / mpmath.sqrt(size), variance)
    return values, function(found.risk)(*values)


def test_without_a_penalty_it_is_phase_five():
    """All samples in use: the right side of the equation vanishes, and the risk is the sharp one of V."""
    with mpmath.workdps(30):
        values, risk = point(mpmath.mpf(5), 1)
        assert abs(values[3]) < 1e-20
        assert risk == pytest.approx(float(function(sharper_overfitting()[1])(*values)), rel=1e-12)


@pytest.mark.parametrize("share", [0.2, 0.6, 0.9])
def test_state_equations_without_a_teacher_hold(share):
    values, risk = point(mpmath.mpf(4), share)
    ratio, size, count, penalty, variance = values
    level = mpmath.sqrt((variance + risk) / count)
    upper, density = mpmath.erfc(ratio / mpmath.sqrt(2)) / 2, mpmath.npdf(ratio)
    assert risk == pytest.approx(float(size * level**2 * 2 * ((1 + ratio**2) * upper - ratio * density)), rel=1e-9)
    spare = count - 2 * size * upper
    assert penalty * mpmath.sqrt(size) == pytest.approx(float(ratio * level * spare), rel=1e-9)
    assert risk * 1.02 != pytest.approx(
        float(size * level**2 * 2 * ((1 + ratio**2) * upper - ratio * density)), rel=1e-3
    )


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_profile_is_the_leading_order(share):
    with mpmath.workdps(50):
        values, risk = point(mpmath.mpf(10) ** 4, share)
        profile = function(crossing().profile)
        assert abs(risk / profile(*values) - 1) < 1e-5
        beside = (*values[:3], values[3] * mpmath.mpf("1.02"), values[4])
        assert abs(risk / profile(*beside) - 1) > 1e-3


def test_profile_reaches_both_phases():
    profile = crossing().profile
    assert profile.subs(weight_decay, 0) == noise / sp.log(dim / samples)
    edge = sp.sqrt(2 * noise * samples / dim * sp.log(dim / samples))
    at = {dim: sp.Integer(10) ** 6, samples: 100, noise: 2}
    assert abs(sp.N(profile.subs(weight_decay, edge).subs(at), 20)) < 1e-15
