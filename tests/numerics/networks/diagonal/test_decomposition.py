"""The decomposition sums to the risk, and each part is what it says."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from scalecheck.numerics.networks.diagonal.decomposition import decompose
from scalecheck.numerics.networks.diagonal.residuals import teacher_sums
from scalecheck.numerics.networks.teacher import Atoms, PowerLaw


@given(st.sampled_from([1, 10, 1000, 1e6, 1e12]), st.floats(0.51, 10), st.floats(-12, 3), st.floats(-30, 6))
def test_parts_sum_to_the_risk_at_any_state(dim, decay, log_tau, log_alpha):
    teacher, tau, alpha = PowerLaw(dim, decay), 10.0**log_tau, 10.0**log_alpha
    parts = decompose(teacher=teacher, noise_level=tau, threshold=tau * alpha)
    risk = tau**2 * teacher_sums(teacher, np.array([tau]), np.array([alpha])).risk[0]
    total = parts.overfitting + parts.underfitting + parts.approximation
    assert total == pytest.approx(risk, rel=1e-12, abs=1e-13 * (parts.overfitting + parts.underfitting))
    assert parts.overfitting >= 0
    assert parts.underfitting >= 0


@pytest.mark.parametrize(("tau", "threshold"), [(0.1, 0.3), (0.3, 0.1), (0.5, 2.0), (0.02, 0.0)])
def test_each_part_against_its_definition(tau, threshold):
    weights = np.arange(1.0, 31) ** -0.8
    learned = weights > max(tau, threshold)

    def average(function, weight):
        kinks = [(-threshold - weight) / tau, (threshold - weight) / tau]
        inside = [z for z in kinks if -9 < z < 9]
        return quad(lambda z: bell(z) * function(soft(weight + tau * z)), -9, 9, points=inside, epsabs=1e-13)[0]

    def bell(z):
        return math.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)

    def soft(y):
        return math.copysign(max(abs(y) - threshold, 0.0), y)

    parts = decompose(teacher=PowerLaw(30, 0.8), noise_level=tau, threshold=threshold)
    outside = weights[~learned]
    assert parts.overfitting == pytest.approx(sum(average(lambda e: e * e, w) for w in outside), abs=1e-9)
    assert parts.underfitting == pytest.approx((outside**2).sum(), abs=1e-13)
    rest = sum(average(lambda e, w=w: (e - w) ** 2, w) for w in weights[learned])
    rest -= 2 * sum(w * average(lambda e: e, w) for w in outside)
    assert parts.approximation == pytest.approx(rest, abs=1e-9)


def test_the_learned_set_is_strict():
    # The control: a weight equal to max(t, tau) is not learned; nudged above, it is.
    at = decompose(teacher=Atoms([1.0]), noise_level=1.0, threshold=0.5)
    above = decompose(teacher=Atoms([1.0 + 1e-12]), noise_level=1.0, threshold=0.5)
    assert at.underfitting == 1.0
    assert above.underfitting == above.overfitting == 0.0


@given(st.integers(1, 10**6), st.floats(0.51, 10), st.data())
def test_panels_break_where_the_learned_set_ends(dim, decay, data):
    k = data.draw(st.integers(1, min(dim, 2000)))
    tau = float(k) ** -decay
    parts = decompose(teacher=PowerLaw(dim, decay), noise_level=tau, threshold=0.25 * tau)
    weights = np.arange(1.0, dim + 1) ** -decay
    assert parts.underfitting == pytest.approx((weights[weights <= tau] ** 2).sum(), rel=1e-12)


@pytest.mark.parametrize("threshold", [0.0, 0.4])
def test_without_noise(threshold):
    parts = decompose(teacher=Atoms([1.0, 0.3, 0.0], [2, 3, 4]), noise_level=0.0, threshold=threshold)
    assert parts.overfitting == 0
    assert parts.underfitting == pytest.approx(0.27 if threshold else 0.0)
    assert parts.approximation == pytest.approx(2 * threshold**2)
