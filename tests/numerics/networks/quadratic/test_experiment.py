"""Drawn problems: reproducible run by run, the same for minimiser and network, honest standard errors; Stein; bias."""

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scalecheck.numerics.errors import DomainError
from scalecheck.numerics.networks.quadratic.design_bias import design_bias
from scalecheck.numerics.networks.quadratic.experiment import draw, simulate
from scalecheck.numerics.networks.quadratic.stein import divergence, sample_stein
from scalecheck.numerics.solution import ErrorKind

POINT = {"dim": 5, "samples": 30, "weight_decay": 0.6, "decay": 1.0, "noise": 0.5}


@settings(max_examples=10)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 2**40), st.sampled_from(["real", "gaussian"]))
def test_run_i_does_not_depend_on_the_number_of_runs(first, second, seed, design):
    one, two = (simulate(**POINT, runs=runs, seed=seed, design=design).value for runs in (first, second))
    common = min(first, second)
    assert (one.risk[:common] == two.risk[:common]).all()
    assert (one.spectra[:common] == two.spectra[:common]).all()


def test_runs_seeds_and_designs_differ():
    value = simulate(**POINT, runs=6, seed=3).value
    assert len(set(value.risk)) == 6
    assert not set(value.risk) & set(simulate(**POINT, runs=6, seed=4).value.risk)
    assert not set(value.risk) & set(simulate(**POINT, runs=6, seed=3, design="gaussian").value.risk)


@pytest.mark.parametrize("method", ["minimiser", "network"])
def test_workers_do_not_change_the_result(method):
    alone = simulate(**POINT, runs=3, seed=5, method=method)
    with ThreadPoolExecutor(2) as threads:
        shared = simulate(**POINT, runs=3, seed=5, method=method, executor=threads)
    np.testing.assert_allclose(shared.value.risk, alone.value.risk, rtol=1e-12)


def test_network_and_minimiser_see_the_same_problems_and_agree():
    convex, network = (
        simulate(**POINT, width=7, runs=3, seed=9, method=method).value for method in ("minimiser", "network")
    )
    np.testing.assert_allclose(network.spectra, convex.spectra, atol=1e-5)
    np.testing.assert_allclose(network.risk, convex.risk, rtol=1e-5)
    assert (network.rank == convex.rank).all()
    elsewhere = simulate(**POINT, runs=3, seed=9).value  # another width is another Λ
    assert np.abs(network.risk / elsewhere.risk - 1).min() > 1e-4


def test_one_run_has_no_standard_error():
    solution = simulate(**POINT, runs=1, seed=0)
    assert solution.value.risk_stderr is None
    assert solution.value.spectrum_stderr is None
    assert solution.error_kind is ErrorKind.NONE
    assert solution.error == math.inf
    assert solution.seed == 0


def test_standard_error_is_the_spread_of_the_mean():
    batches = [simulate(**{**POINT, "dim": 2, "samples": 12}, runs=12, seed=seed) for seed in range(20)]
    means = np.array([batch.value.risk_mean for batch in batches])
    stated = np.array([batch.value.risk_stderr for batch in batches])
    assert 0.55 < means.std(ddof=1) / np.sqrt(np.mean(stated**2)) < 1.6  # 20 batches: ±16% (one sigma)
    assert batches[0].error == pytest.approx(stated[0] / means[0])
    assert batches[0].error_kind is ErrorKind.ESTIMATE


def test_risk_against_closed_forms():
    """λ → ∞ gives 2 Σ k^-2γ exactly; without noise and with many samples nothing is left."""
    heavy = simulate(**{**POINT, "weight_decay": 1e9}, runs=2, seed=1).value
    assert heavy.risk == pytest.approx(2 * np.sum(np.arange(1, 6) ** -2.0))
    assert not heavy.spectra.any()
    assert heavy.zero_mass_mean == 1.0
    clean = simulate(**{**POINT, "weight_decay": 0, "noise": 0}, runs=2, seed=1).value
    assert clean.risk.max() < 1e-10


def test_one_dimension_is_a_scalar_regression():
    """S = max(Σ y z - λ/2, 0)/Σ z² with z = x² - 1, on the very numbers that were drawn."""
    for seed in range(3):
        problem = draw(dim=1, samples=9, decay=1.0, noise=0.3, seed=seed)
        z = np.asarray(problem.design.inputs)[:, 0] ** 2 - 1
        expected = max(z @ problem.labels - 0.1, 0) / (z @ z)
        from scalecheck.numerics.networks.quadratic.minimiser import minimise

        found = minimise(problem.design, problem.labels, weight_decay=0.2).value.matrix[0, 0]
        assert found == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("kind", ["real", "gaussian"])
def test_both_designs_have_the_stated_moments(kind):
    """Covariance 2/d on every orthonormal coordinate and none between them; hence R = (2/d) ‖S - S*‖²."""
    problem = draw(dim=3, samples=40_000, decay=2.0, noise=3.0, seed=2, design=kind)
    rows = problem.design.expanded()
    assert np.abs(rows.mean(axis=0)).max() < 0.02
    np.testing.assert_allclose(rows.T @ rows / 40_000, np.eye(6) * 2 / 3, atol=0.06)
    np.testing.assert_allclose(np.diag(problem.teacher), math.sqrt(3) * np.array([1, 1 / 4, 1 / 9]))
    assert np.var(problem.labels - problem.design.measure(problem.teacher)) == pytest.approx(3.0, rel=0.05)


def test_the_designs_differ_beyond_their_covariance():
    """Negative control: the fourth moments tell them apart, so equal risks are no matter of course."""
    fourth = [
        np.mean(draw(dim=3, samples=20_000, decay=1.0, noise=0.0, seed=1, design=kind).design.expanded() ** 4)
        for kind in ("real", "gaussian")
    ]
    assert fourth[0] > 2 * fourth[1]


def test_stein_estimate_is_unbiased_and_a_wrong_one_is_noticed():
    teacher = 3.0 * np.arange(1, 7) ** -1.0
    sample = sample_stein(teacher, noise_level=0.6, threshold=0.7, runs=3000, seed=1).value
    assert abs(sample.bias) < 4 * sample.bias_stderr
    wrong = sample.bias + 0.6**2 * (21 - 18)  # D = d²/2 of the leading order, mixed with the finite sum
    assert abs(wrong) > 4 * sample.bias_stderr


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=6), st.floats(0, 3))
def test_divergence_is_between_none_and_all(eigenvalues, threshold):
    size = len(eigenvalues)
    assert 0 <= divergence(eigenvalues, threshold) <= size * (size + 1) / 2 + 1e-9
    assert divergence(eigenvalues, 6.0) == 0
    assert divergence(eigenvalues, -6.0) == pytest.approx(size * (size + 1) / 2)


def test_divergence_against_differences():
    generator = np.random.default_rng(0)
    half = generator.standard_normal((4, 4))
    matrix, step = half + half.T, 1e-6

    def thresholded(symmetric_matrix):
        values, basis = np.linalg.eigh(symmetric_matrix)
        return (basis * np.maximum(values - 0.3, 0)) @ basis.T

    total = 0.0
    for row in range(4):
        for column in range(row, 4):
            unit = np.zeros((4, 4))
            unit[row, column] = unit[column, row] = 1 if row == column else 1 / math.sqrt(2)
            change = thresholded(matrix + step * unit) - thresholded(matrix - step * unit)
            total += np.sum(change * unit) / (2 * step)
    assert divergence(np.linalg.eigvalsh(matrix), 0.3) == pytest.approx(total, rel=1e-6)


def test_bias_of_the_real_design_is_seen():
    """At few samples a dimension the two risks differ by far more than sampling; at huge λ not at all."""
    bias = design_bias(**{**POINT, "dim": 10, "samples": 40, "noise": 0.25}, runs=100, seed=1)
    assert bias.value.ratio > 1 + 3 * bias.value.ratio_stderr
    assert bias.error == pytest.approx(bias.value.ratio_stderr / bias.value.ratio)
    same = design_bias(**{**POINT, "weight_decay": 1e9}, runs=3, seed=1).value
    assert same.ratio == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"samples": 2.5}, "samples"),
        ({"samples": 20.0}, "samples"),
        ({"samples": 0}, "samples"),
        ({"dim": 0}, "dim"),
        ({"samples": 10**12}, "samples"),
        ({"decay": 0.5}, "decay"),
        ({"noise": -1}, "noise"),
        ({"noise": math.nan}, "noise"),
        ({"weight_decay": -1}, "weight_decay"),
        ({"weight_decay": 0, "method": "network"}, "weight_decay"),
        ({"width": 4}, "width"),
        ({"runs": 0}, "runs"),
        ({"runs": True}, "runs"),
        ({"seed": -1}, "seed"),
        ({"seed": None}, "seed"),
        ({"method": "sgd"}, "method"),
        ({"design": "rademacher"}, "design"),
    ],
)
def test_domain(change, field):
    with pytest.raises(DomainError) as failure:
        simulate(**{**POINT, "runs": 2, "seed": 0, **change})
    assert failure.value.field == field
