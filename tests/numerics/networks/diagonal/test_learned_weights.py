"""The law of the learned weights against brute force, simulation and itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import ndtr

from scalecheck.numerics.errors import DomainError
from scalecheck.numerics.networks.diagonal.learned_weights import LearnedWeights, learned_weights
from scalecheck.numerics.networks.diagonal.state_equations import solve
from scalecheck.numerics.networks.teacher import Atoms, PowerLaw

# Expected counts below this are not resolved relatively; see LearnedWeights.
NEVER = 1e-17


@given(st.integers(1, 3000), st.floats(0.51, 10), st.floats(-4, 0), st.floats(0, 8), st.floats(-6, 0.3))
def test_counts_against_brute_force(dim, decay, log_tau, ratio, log_x):
    tau, x = 10.0**log_tau, 10.0**log_x
    law, weights = LearnedWeights(PowerLaw(dim, decay), tau, ratio * tau), np.arange(1.0, dim + 1) ** -decay
    for size in (0.0, x):
        above, below = (
            ndtr((weights - ratio * tau - size) / tau).sum(),
            ndtr(-(ratio * tau + size + weights) / tau).sum(),
        )
        assert law.count_above(size) == pytest.approx(above, rel=1e-10, abs=NEVER)
        assert law.count_below(size) == pytest.approx(below, rel=1e-10, abs=NEVER)
        assert law.tail_count(size) == pytest.approx(above + below, rel=1e-10, abs=NEVER)
    for signed in (x, -x):
        places = (signed + np.sign(signed) * ratio * tau - weights) / tau
        gauss = np.exp(-0.5 * places**2).sum() / np.sqrt(2 * np.pi) / tau / dim
        assert law.density(signed) == pytest.approx(gauss, rel=1e-10, abs=NEVER / tau)
    assert law.zero_count == pytest.approx((ndtr(ratio - weights / tau) - ndtr(-ratio - weights / tau)).sum(), abs=1e-9)


def test_a_histogram_of_simulated_weights():
    teacher, tau, threshold = PowerLaw(300, 0.8), 0.02, 0.03
    rng = np.random.default_rng(5)
    y = np.arange(1.0, 301) ** -0.8 + tau * rng.standard_normal((400, 300))
    drawn = np.sign(y) * np.maximum(np.abs(y) - threshold, 0)
    edges = np.array([-0.1, -0.02, -0.005, 0.0, 0.005, 0.02, 0.1, 1.2])
    expected = LearnedWeights(teacher, tau, threshold).histogram(edges)
    # Bins are closed on the right, numpy's on the left: the only atom, zero, is moved into its bin.
    counted = np.histogram(np.where(drawn == 0, -1e-9, drawn), edges)[0] / 400
    deviation = np.abs(counted - expected) / np.sqrt(expected / 400)
    assert deviation.max() < 4
    # The control: with half the threshold the same test fails.
    wrong = LearnedWeights(teacher, tau, threshold / 2).histogram(edges)
    assert (np.abs(counted - wrong) / np.sqrt(wrong / 400)).max() > 20


def test_density_integrates_to_what_is_not_zero():
    law = LearnedWeights(PowerLaw(1e6, 1.0), 0.01, 0.02)
    positive = quad(lambda x: float(law.density(x)), 1e-12, 0.1, limit=200)[0] + float(law.count_above(0.1)) / 1e6
    negative = quad(lambda x: float(law.density(x)), -0.2, -1e-12, limit=200)[0]
    assert positive + negative + law.zero_fraction == pytest.approx(1, abs=1e-9)


@given(st.lists(st.floats(1e-6, 1 - 1e-6), min_size=1, max_size=6))
def test_quantiles_invert_the_distribution(probabilities):
    law = LearnedWeights(PowerLaw(1000, 0.75), 0.05, 0.06)
    x = law.quantile(probabilities)
    at_zero = x == 0.0
    assert law.cumulative(x[~at_zero]) == pytest.approx(np.array(probabilities)[~at_zero], abs=1e-12)
    jump = law.cumulative(-1e-300), law.cumulative(0.0)
    assert (
        (jump[0] - 1e-12 <= np.array(probabilities)[at_zero]) & (np.array(probabilities)[at_zero] <= jump[1] + 1e-12)
    ).all()


def test_ranks_at_any_dimension():
    law = LearnedWeights(PowerLaw(1e12, 1.0), 1e-4, 3e-4)
    ranks = np.array([1.0, 30.0, 1000.0])
    assert law.tail_count(law.ranked(ranks)) == pytest.approx(ranks, rel=1e-9)
    assert law.ranked([1e12]) == 0.0


def test_the_law_of_a_solved_network():
    controls = dict(dim=1e8, decay=1.0, samples=1e5, weight_decay=1e-2, noise=1.0)
    law, state = learned_weights(**controls), solve(**controls)
    assert law.error == state.error
    assert float(law.value.tail_count(0.0)) == pytest.approx(state.value.degrees_of_freedom, rel=1e-10)
    assert law.value.zero_count + float(law.value.tail_count(0.0)) == pytest.approx(1e8, rel=1e-12)


def test_atoms_too():
    law = LearnedWeights(Atoms([1.0, 0.0], [10, 90]), 0.1, 0.2)
    assert law.zero_count == pytest.approx(90 * (1 - 2 * ndtr(-2)) + 10 * (ndtr(-8) - ndtr(-12)), rel=1e-13)


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda law: LearnedWeights(law.teacher, 0.0, 1.0), "noise_level"),
        (lambda law: LearnedWeights(law.teacher, 1.0, -1.0), "threshold"),
        (lambda law: LearnedWeights(3, 1.0, 1.0), "teacher"),
        (lambda law: law.tail_count(-1.0), "x"),
        (lambda law: law.count_above(np.nan), "x"),
        (lambda law: law.quantile(1.0), "probability"),
        (lambda law: law.ranked(0.0), "rank"),
        (lambda law: law.histogram([1.0, 0.0]), "edges"),
    ],
)
def test_bad_input_is_refused_by_name(call, field):
    with pytest.raises(DomainError) as caught:
        call(LearnedWeights(PowerLaw(10, 1.0), 0.1, 0.1))
    assert caught.value.field == field
