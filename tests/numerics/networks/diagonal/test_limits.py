"""Weight decay zero, no noise, hopeless penalties: closed forms, and their meeting with the regular equations."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import ndtr

from scalecheck.numerics.networks.diagonal.state_equations import solve
from scalecheck.numerics.networks.teacher import Atoms
from scalecheck.numerics.solution import Status


@given(st.integers(1, 10**6), st.floats(1.001, 1e6), st.floats(1e-9, 1e9))
def test_least_squares_above_the_threshold(dim, ratio, noise):
    # The classical risk of least squares in n -> infinity, d/n fixed: noise d/(n - d).
    samples = dim * ratio
    solution = solve(dim=dim, decay=1.0, samples=samples, weight_decay=0, noise=noise)
    assert solution.status is Status.LIMIT
    assert solution.value.risk == pytest.approx(noise * dim / (samples - dim), rel=1e-12)
    assert solution.value.degrees_of_freedom == dim
    assert solution.value.train_error == pytest.approx(noise * (samples - dim) / samples, rel=1e-12)


def worst_case(alpha, kept, zeros):
    """Noise left of a teacher of `kept` huge weights and `zeros` zeros, by the definition of the soft threshold."""
    bell = math.exp(-0.5 * alpha**2) / math.sqrt(2 * math.pi)
    return kept * (1 + alpha**2) + 2 * zeros * ((1 + alpha**2) * ndtr(-alpha) - alpha * bell)


@given(st.floats(1, 200), st.floats(1, 2000), st.floats(0.02, 1.5))
def test_exact_recovery_has_the_known_phase_boundary(kept, zeros, share):
    boundary = minimize_scalar(lambda a: worst_case(a, kept, zeros), bounds=(0, 40), method="bounded").fun
    samples = share * (kept + zeros)
    assume(abs(samples / boundary - 1) > 1e-3)
    solution = solve(teacher=Atoms([1.0, 0.0], [kept, zeros]), samples=samples, weight_decay=0, noise=0)
    if samples > boundary:
        assert (solution.status, solution.value.risk) == (Status.LIMIT, 0.0)
        assert kept * (1 - 1e-12) <= solution.value.degrees_of_freedom <= samples * (1 + 1e-12)
    else:
        assert solution.status is Status.CONVERGED
        assert solution.value.risk > 0
        assert solution.value.degrees_of_freedom == pytest.approx(samples, rel=1e-9)


def test_recovery_is_the_limit_of_small_penalties():
    controls = dict(teacher=Atoms([1.0, 0.3, 0.0], [5, 5, 90]), samples=60, noise=0)
    limit = solve(**controls, weight_decay=0).value
    for weight_decay in (1e-4, 1e-7, 1e-10):
        near = solve(**controls, weight_decay=weight_decay).value
        # Every weight is off by the threshold, which is proportional to the penalty.
        assert near.risk < 10 * weight_decay**2
        assert near.degrees_of_freedom == pytest.approx(limit.degrees_of_freedom, rel=100 * weight_decay)


@pytest.mark.parametrize("weight_decay", [1e-150, 1e-199, 1e-250, 1e-300])
@pytest.mark.parametrize("noise", [1e-250, 1e-150, 1.0])
@pytest.mark.parametrize("samples", [20.0, 20.1, 30.0, 1e30, 19.9])
def test_tiny_penalties_are_continuous(weight_decay, noise, samples):
    here, there = (
        solve(dim=20, decay=1.0, samples=samples, weight_decay=w, noise=noise).value
        for w in (weight_decay, weight_decay * 1.01)
    )
    # R depends on the penalty by a power between -2/3 (the peak) and 2.
    assert here.risk == pytest.approx(there.risk, rel=0.03)


@pytest.mark.parametrize("weight_decay", [1e90, 1e101, 1e200, 1e300, 1.7e308])
@pytest.mark.parametrize("dim", [1, 100, 1e12])
def test_hopeless_penalties_leave_the_teacher(weight_decay, dim):
    value = solve(dim=dim, decay=1.0, samples=10.0, weight_decay=weight_decay, noise=1.0).value
    expected = {1: 1.0, 100: 1.6349839001848928, 1e12: math.pi**2 / 6 - 1e-12}[dim]
    assert value.risk == pytest.approx(expected, rel=1e-13)
    assert value.degrees_of_freedom == 0
    assert value.decomposition.underfitting == pytest.approx(expected, rel=1e-13)


def test_the_limits_have_decompositions():
    for controls in (
        dict(dim=100, decay=1.0, samples=400, weight_decay=0, noise=1.0),
        dict(teacher=Atoms([1.0, 0.0], [5, 95]), samples=60, weight_decay=0, noise=0),
        dict(dim=100, decay=1.0, samples=10, weight_decay=1e200, noise=1.0),
    ):
        value = solve(**controls).value
        parts = value.decomposition
        total = parts.overfitting + parts.underfitting + parts.approximation
        assert total == pytest.approx(value.risk, rel=1e-13, abs=1e-15)
        assert np.isfinite([parts.overfitting, parts.underfitting, parts.approximation]).all()
