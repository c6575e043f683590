"""The trained quadratic network: lands on the minimiser it never saw, leaves saddles, refuses what is not attained."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalecheck.numerics.errors import DomainError, NotConverged
from scalecheck.numerics.networks.quadratic import reduction, training
from scalecheck.numerics.networks.quadratic.duality import certify
from scalecheck.numerics.networks.quadratic.experiment import draw
from scalecheck.numerics.networks.quadratic.factored import newton
from scalecheck.numerics.networks.quadratic.measured_penalty import penalty_of_trained_network
from scalecheck.numerics.networks.quadratic.minimiser import minimise


def problem(dim=6, samples=40, seed=3, noise=0.5):
    drawn = draw(dim=dim, samples=samples, decay=1.0, noise=noise, seed=seed)
    return np.asarray(drawn.design.inputs), drawn.labels


@given(
    st.integers(1, 7),
    st.integers(0, 4),
    st.integers(1, 50),
    st.floats(0.6, 3),
    st.sampled_from([0.0, 0.5]),
    st.floats(-0.7, 1),
    st.floats(-1, 0.5),
    st.integers(0, 10**6),
)
def test_network_lands_on_the_minimiser(dim, wider, samples, gamma, noise, log_decay, log_scale, seed):
    drawn = draw(dim=dim, samples=samples, decay=gamma, noise=noise, seed=seed)
    decay, width = 10**log_decay, dim + wider
    network = training.train(
        drawn.design, drawn.labels, weight_decay=decay, width=width, seed=seed, scale=10**log_scale
    )
    convex = minimise(drawn.design, drawn.labels, weight_decay=decay, width=width).value
    assert network.error <= 1e-8
    assert network.value.weights.shape == (width, dim)
    assert np.trace(network.value.matrix) == pytest.approx(np.trace(convex.matrix), abs=1e-3 * (1 + convex.spectrum[0]))
    levels = certify(drawn.design, drawn.labels, convex.factor, convex.penalty).slack_levels
    free = int(np.sum(levels < 1e-6 * levels[-1]))  # fewer samples than the symmetric matrices there: not unique
    if free * (free + 1) <= 2 * samples:
        np.testing.assert_allclose(network.value.matrix, convex.matrix, atol=1e-3 * (1 + convex.spectrum[0]))
    # N2: the network's loss is the convex objective, and S is what the weights say it is
    loss = reduction.network_loss(drawn.design.inputs, drawn.labels, network.value.weights, weight_decay=decay)
    assert loss == pytest.approx(network.value.loss, rel=1e-9)
    assert loss == pytest.approx(convex.objective, rel=3e-8)
    np.testing.assert_allclose(reduction.matrix_of_weights(network.value.weights), network.value.matrix, atol=1e-12)


@pytest.mark.parametrize("factor", [0.5, 0.9, 1.1, 2.0])
def test_wrong_normalisation_of_the_penalty_is_refused(factor):
    """The false twin of N2: with Λ off by a factor the network is not where the convex problem is."""
    inputs, labels = problem()
    network = training.train(inputs, labels, weight_decay=0.5, width=9).value
    other = minimise(inputs, labels, weight_decay=0.5 * factor, width=9).value
    assert np.abs(network.matrix - other.matrix).max() > 1e-2
    unit = (9 * 6) ** -0.25
    gap = certify(*_measured(inputs, labels), unit * network.weights.T, factor * 0.5 * math.sqrt(54)).relative_gap
    assert gap > 1e-4


def _measured(inputs, labels):
    from scalecheck.numerics.networks.quadratic.designs import QuadraticFeatures

    return QuadraticFeatures(inputs), labels


def test_saddle_at_zero_is_left():
    inputs, labels = problem()
    solution = training.train(inputs, labels, weight_decay=0.5, start=np.zeros((6, 6)))
    assert solution.statistics["pushes"] >= 1
    expected = minimise(inputs, labels, weight_decay=0.5).value.matrix
    np.testing.assert_allclose(solution.value.matrix, expected, atol=1e-6)


def test_partial_saddle_is_left():
    """One neuron alive: the others can only come alive through a push along the negative curvature."""
    inputs, labels = problem()
    start = np.zeros((6, 6))
    start[0, 0] = 1.0
    solution = training.train(inputs, labels, weight_decay=0.5, start=start)
    assert solution.statistics["pushes"] >= 1
    expected = minimise(inputs, labels, weight_decay=0.5).value
    assert expected.rank > 1
    np.testing.assert_allclose(solution.value.matrix, expected.matrix, atol=1e-6)


def test_without_pushes_the_saddle_is_refused_and_counted(monkeypatch):
    """Negative control of the certificate: at W = 0 the gradient vanishes, the gap does not."""
    monkeypatch.setattr(training._Training, "_pushed", lambda self, weights: (weights, 0))
    inputs, labels = problem()
    with pytest.raises(NotConverged, match="relative gap"):
        training.train(inputs, labels, weight_decay=0.5, start=np.zeros((6, 6)))


def test_every_start_lands_on_one_point():
    inputs, labels = problem()
    solution = training.train_repeatedly(inputs, labels, weight_decay=0.5, starts=4, seed=2, width=8)
    assert solution.value.refused == ()
    assert solution.value.spread < 1e-6
    elsewhere = training.train(inputs, labels, weight_decay=0.6, width=8).value.matrix
    assert np.linalg.norm(elsewhere - solution.value.networks[0].matrix) > 1e-2


def test_refused_starts_are_reported(monkeypatch):
    inputs, labels = problem()
    original, calls = training.train, []

    def sometimes(*arguments, **keywords):
        calls.append(keywords["seed"])
        if len(calls) == 2:
            raise NotConverged("quadratic network: relative gap 1e-3 above 1e-8")
        return original(*arguments, **keywords)

    monkeypatch.setattr(training, "train", sometimes)
    solution = training.train_repeatedly(inputs, labels, weight_decay=0.5, starts=3, seed=2)
    assert [index for index, _ in solution.value.refused] == [1]
    assert len(solution.value.networks) == 2
    assert solution.statistics["refused"] == 1
    monkeypatch.setattr(training, "train", original)
    with pytest.raises(NotConverged, match="all 2 starts"):
        training.train_repeatedly(inputs, labels, weight_decay=0.5, starts=2, seed=2, tolerance=1e-300)


def test_huge_weight_decay_gives_the_zero_network():
    inputs, labels = problem()
    network = training.train(inputs, labels, weight_decay=1e6).value
    assert np.abs(network.matrix).max() < 1e-12
    assert minimise(inputs, labels, weight_decay=1e6).value.rank == 0


def test_seed_decides_the_path_not_the_end():
    inputs, labels = problem()
    ends = [training.train(inputs, labels, weight_decay=0.7, seed=seed) for seed in (0, 0, 1)]
    assert (ends[0].value.weights == ends[1].value.weights).all()
    assert (ends[0].value.weights != ends[2].value.weights).any()
    assert ends[2].seed == 1
    np.testing.assert_allclose(ends[0].value.matrix, ends[2].value.matrix, atol=1e-7)


def test_gradient_against_differences():
    inputs, labels = problem(dim=3, samples=5)
    network = training._Training(*_measured(inputs, labels), 0.3, 0.3 * math.sqrt(12), 12**-0.25)
    generator = np.random.default_rng(0)
    point, step = generator.standard_normal((4, 3)), 1e-6
    assert network.loss(point)[0] == pytest.approx(
        reduction.network_loss(inputs, labels, point, weight_decay=0.3), rel=1e-12
    )
    for _ in range(5):
        direction = generator.standard_normal((4, 3))
        ahead, behind = (network.loss(point + sign * step * direction)[0] for sign in (1, -1))
        assert (ahead - behind) / (2 * step) == pytest.approx(np.sum(network.loss(point)[1] * direction), rel=1e-6)


def test_newton_converges_quadratically_and_never_climbs():
    inputs, labels = problem()
    design = _measured(inputs, labels)[0]
    start = np.random.default_rng(0).standard_normal((6, 6))

    def level(factor):
        return np.sum((labels - design.measure_factor(factor)) ** 2) + 3.0 * np.sum(factor**2)

    levels = [level(newton(design, labels, start, 3.0, steps=steps).factor) for steps in range(12)]
    assert all(later <= earlier * (1 + 1e-12) for earlier, later in pairwise(levels))
    good = minimise(inputs, labels, weight_decay=0.5).value.factor
    near = good * (1 + 1e-3)
    slopes = [newton(design, labels, near, 3.0, steps=steps).slope for steps in range(9)]
    assert slopes[-1] < 1e-9 * slopes[0]


def test_zero_weight_decay_is_out_of_domain_with_the_reason():
    with pytest.raises(DomainError, match="depends on its initial weights"):
        training.train(np.eye(2), np.ones(2), weight_decay=0)


@pytest.mark.parametrize(
    ("keywords", "field"),
    [
        ({"width": 5}, "width"),
        ({"weight_decay": -1}, "weight_decay"),
        ({"scale": 0}, "scale"),
        ({"start": np.zeros((3, 3))}, "start"),
        ({"start": np.full((6, 6), math.nan)}, "start"),
    ],
)
def test_unusable_arguments(keywords, field):
    inputs, labels = problem()
    with pytest.raises(DomainError) as failure:
        training.train(inputs, labels, **{"weight_decay": 1.0, **keywords})
    assert failure.value.field == field


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 5), st.integers(0, 10**6))
def test_weights_of_a_factor_give_it_back(dim, rank, wider, seed):
    factor = np.random.default_rng(seed).standard_normal((dim, min(rank, dim)))
    weights = reduction.weights_of_factor(factor, width=dim + wider)
    matrix = factor @ factor.T
    np.testing.assert_allclose(reduction.matrix_of_weights(weights), matrix, atol=1e-12 * (1 + np.abs(matrix).max()))
    penalty = reduction.penalty_of(weight_decay=0.3, dim=dim, width=dim + wider)
    assert 0.3 * np.sum(weights**2) == pytest.approx(penalty * np.trace(matrix), rel=1e-12)


@pytest.mark.parametrize(("dim", "width", "decay"), [(3, 3, 0.5), (4, 9, 0.2), (6, 7, 1.0)])
def test_penalty_measured_on_the_network(dim, width, decay):
    found = penalty_of_trained_network(dim=dim, samples=60, weight_decay=decay, width=width)
    assert found.value == pytest.approx(decay * math.sqrt(dim * width), rel=1e-6)
    assert found.value != pytest.approx(decay * dim, rel=1e-3) or width == dim
    with pytest.raises(NotConverged, match="no direction"):
        penalty_of_trained_network(dim=dim, samples=60, weight_decay=1e6, width=width)
