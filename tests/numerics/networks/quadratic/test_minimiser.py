"""The convex problem of the quadratic network: certificates, closed cases, the limit of zero weight decay, refusals."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scalecheck.numerics.errors import DomainError, NotConverged
from scalecheck.numerics.networks.quadratic import reduction
from scalecheck.numerics.networks.quadratic.coordinates import coordinates
from scalecheck.numerics.networks.quadratic.designs import GaussianFeatures, QuadraticFeatures
from scalecheck.numerics.networks.quadratic.duality import certify, distance_bound, trace_gap
from scalecheck.numerics.networks.quadratic.experiment import draw
from scalecheck.numerics.networks.quadratic.interior_point import interior_point
from scalecheck.numerics.networks.quadratic.minimiser import minimise
from scalecheck.numerics.solution import ErrorKind, Status


def violations(design, labels, matrix, penalty):
    """Distances to the conditions of a minimum that are not the gap: slack ⪰ 0, S ⪰ 0, slack·S = 0; relative."""
    slack = penalty * np.eye(design.dim) - 2 * design.adjoint(labels - design.measure(matrix))
    scale = max(penalty, np.linalg.norm(slack, 2))
    below = max(0.0, -np.linalg.eigvalsh(slack)[0]) / scale
    outside = max(0.0, -np.linalg.eigvalsh(matrix)[0])
    product = np.linalg.norm(slack @ matrix) / scale / max(1.0, np.linalg.norm(matrix))
    return max(below, outside, product)


problems = {
    "dim": st.integers(1, 8),
    "samples": st.integers(1, 50),
    "decay": st.floats(0.6, 3.0),
    "noise": st.sampled_from([0.0, 0.1, 2.0]),
    "seed": st.integers(0, 10**6),
    "design": st.sampled_from(["real", "gaussian"]),
}


@given(st.fixed_dictionaries(problems), st.floats(-2, 1), st.integers(0, 5))
def test_certificate_and_conditions_of_the_minimum(parameters, log_decay, wider):
    problem = draw(**parameters)
    dim = parameters["dim"]
    solution = minimise(problem.design, problem.labels, weight_decay=10**log_decay, width=dim + wider)
    value = solution.value
    assert solution.status is Status.CONVERGED
    assert solution.error_kind is ErrorKind.BOUND
    assert solution.error <= 1e-8
    assert value.penalty == pytest.approx(10**log_decay * math.sqrt(dim * (dim + wider)))
    assert violations(problem.design, problem.labels, value.matrix, value.penalty) < 1e-5
    np.testing.assert_allclose(np.linalg.eigvalsh(value.matrix)[::-1], value.spectrum, atol=1e-9)
    assert value.objective == pytest.approx(
        reduction.convex_objective(problem.design, problem.labels, value.matrix, value.penalty), rel=1e-9
    )


@given(st.fixed_dictionaries(problems), st.floats(-1, 0.5), st.floats(-3, -1))
def test_perturbed_minimisers_are_refused_by_the_gap(parameters, log_decay, log_size):
    """S grown by a share e of itself costs exactly e² ‖A(S)‖², as the terms linear in e cancel at the minimum."""
    problem = draw(**parameters)
    value = minimise(problem.design, problem.labels, weight_decay=10**log_decay).value
    if value.rank == 0:
        return
    grown = 1 + 10**log_size
    disturbed = value.factor * grown
    certificate = certify(problem.design, problem.labels, disturbed, value.penalty)
    excess = (grown**2 - 1) ** 2 * float(np.sum(problem.design.measure(value.matrix) ** 2))
    assert certificate.objective - value.objective == pytest.approx(excess, rel=1e-3, abs=3e-8 * value.objective)
    assert certificate.gap >= excess * (1 - 1e-3) - 3e-8 * value.objective


@given(st.fixed_dictionaries(problems), st.floats(-2, 0.5))
def test_gap_bounds_the_excess_of_any_matrix(parameters, log_decay):
    problem = draw(**parameters)
    value = minimise(problem.design, problem.labels, weight_decay=10**log_decay).value
    factor = np.random.default_rng(parameters["seed"] + 1).standard_normal((parameters["dim"], 2))
    certificate = certify(problem.design, problem.labels, factor, value.penalty)
    assert certificate.objective - value.objective <= certificate.gap * (1 + 1e-12)
    if certificate.gap < math.inf:
        assert certificate.slack_levels[0] >= -1e-12 * abs(certificate.slack_levels[-1])


@pytest.mark.parametrize("kind", ["real", "gaussian"])
@pytest.mark.parametrize("decay", [0.02, 0.3, 2.0])
def test_claimed_distance_and_tail_cover_the_truth(kind, decay):
    """Against the same problem solved to its rounding floor, from answers that were stopped early on purpose."""
    problem = draw(dim=8, samples=60, decay=1.0, noise=0.3, seed=4, design=kind)
    truth = minimise(problem.design, problem.labels, weight_decay=decay).value
    penalty = truth.penalty
    for size in (1e-3, 1e-6, 0.0):
        noise = np.random.default_rng(1).standard_normal(truth.factor.shape)
        factor = truth.factor + size * noise
        certificate = certify(problem.design, problem.labels, factor, penalty)
        bound = distance_bound(problem.design, problem.labels, factor, penalty, certificate)
        assert np.linalg.norm(factor @ factor.T - truth.matrix) <= bound
        assert truth.spectrum[2:].sum() <= certificate.tail_bound(2) * (1 + 1e-9)
    assert bound < 0.05  # of the order √gap, with nothing disturbed
    assert truth.tail < 1e-6


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=6), st.floats(0.01, 20), st.integers(0, 10**6))
def test_one_dimension_in_closed_form(inputs, decay, seed):
    features = np.array(inputs) ** 2 - 1
    if features @ features < 1e-3:
        return
    labels = np.random.default_rng(seed).standard_normal(features.size)
    expected = max(features @ labels - decay / 2, 0) / (features @ features)
    solution = minimise(np.array(inputs)[:, None], labels, weight_decay=decay)
    assert solution.value.matrix[0, 0] == pytest.approx(expected, rel=1e-7, abs=1e-9)
    limit = minimise(np.array(inputs)[:, None], labels, weight_decay=0).value.matrix[0, 0]
    assert limit == pytest.approx(max(features @ labels, 0) / (features @ features), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("label", [3.0, -2.0])
def test_one_sample_in_closed_form(label):
    """One Z of eigenvalues z: S is a multiple of the projector on the eigenvector whose z has the label's sign."""
    vector = np.array([2.0, 1.0, 0.5])
    levels, basis = np.linalg.eigh((np.outer(vector, vector) - np.eye(3)) / math.sqrt(3))
    best = levels[-1] if label > 0 else levels[0]
    decay = 0.1
    size = (label * best - 3 * decay / 2) / best**2
    value = minimise(vector[None, :], [label], weight_decay=decay).value
    assert np.trace(value.matrix) == pytest.approx(size, rel=1e-7)
    if label > 0:  # the negative eigenvalue is double: only the trace is determined
        np.testing.assert_allclose(value.matrix, size * np.outer(basis[:, -1], basis[:, -1]), atol=1e-7)
    limit = minimise(vector[None, :], [label], weight_decay=0)
    assert limit.status is Status.LIMIT
    assert np.trace(limit.value.matrix) == pytest.approx(label / best, rel=1e-7)


def test_two_dimensions_by_brute_force():
    problem = draw(dim=2, samples=5, decay=1.0, noise=1.0, seed=3)
    value = minimise(problem.design, problem.labels, weight_decay=0.4).value

    def objective(factor):
        return np.sum((problem.labels - problem.design.measure_factor(factor)) ** 2) + 0.8 * np.sum(factor**2)

    generator, best = np.random.default_rng(0), math.inf
    for _ in range(20):  # a random descent that knows no theorem
        factor, size = generator.standard_normal((2, 2)), 1.0
        level = objective(factor)
        for _ in range(1500):
            trial = factor + size * generator.standard_normal((2, 2))
            if (lower := objective(trial)) < level:
                factor, level = trial, lower
            else:
                size = max(0.99 * size, 1e-9)
        best = min(best, level)
    assert value.objective <= best * (1 + 1e-12)
    assert best == pytest.approx(value.objective, rel=1e-5)


def test_isotropic_coordinates_are_eigenvalue_thresholding():
    """A complete orthonormal design: S is the symmetric matrix of the labels, its eigenvalues cut at Λ/2."""
    generator = np.random.default_rng(2)
    noisy = generator.standard_normal((5, 5))
    noisy = noisy + noisy.T
    values, basis = np.linalg.eigh(noisy)
    solution = minimise(GaussianFeatures(np.eye(15)), coordinates(noisy), weight_decay=0.2)
    expected = (basis * np.maximum(values - 0.5, 0)) @ basis.T
    np.testing.assert_allclose(solution.value.matrix, expected, atol=1e-10)
    assert solution.value.rank == np.sum(values > 0.5)


def test_agrees_with_plain_proximal_steps():
    problem = draw(dim=6, samples=80, decay=1.0, noise=0.5, seed=8)
    matrix, penalty = np.zeros((6, 6)), 6 * 0.7
    step = 1 / (2 * np.linalg.norm(problem.design.expanded(), 2) ** 2)
    for _ in range(4000):
        moved = matrix + step * (2 * problem.design.adjoint(problem.labels - problem.design.measure(matrix)))
        values, basis = np.linalg.eigh(moved)
        matrix = (basis * np.maximum(values - step * penalty, 0)) @ basis.T
    np.testing.assert_allclose(
        minimise(problem.design, problem.labels, weight_decay=0.7).value.matrix, matrix, atol=1e-8
    )


def test_all_ways_to_the_minimum_agree():
    problem = draw(dim=6, samples=30, decay=1.0, noise=0.5, seed=5)
    value = minimise(problem.design, problem.labels, weight_decay=0.3).value
    interior = interior_point(problem.design, problem.labels, cost=1.0, softness=value.penalty)
    np.testing.assert_allclose(interior.matrix, value.matrix, atol=1e-6)
    np.testing.assert_allclose(
        0.5 * value.penalty * interior.multipliers, problem.labels - problem.design.measure(value.matrix), atol=1e-6
    )
    expanded = GaussianFeatures(problem.design.expanded())
    np.testing.assert_allclose(
        minimise(expanded, problem.labels, weight_decay=0.3).value.matrix, value.matrix, atol=1e-7
    )


@pytest.mark.parametrize("factor", [0.8, 1.25, 1 / math.sqrt(2)])
def test_wrong_normalisation_of_the_penalty_is_noticed(factor):
    problem = draw(dim=8, samples=60, decay=1.0, noise=0.5, seed=3)
    value = minimise(problem.design, problem.labels, weight_decay=0.5).value
    assert certify(problem.design, problem.labels, value.factor, factor * value.penalty).relative_gap > 1e-5
    wider = minimise(problem.design, problem.labels, weight_decay=0.5, width=16).value
    same = minimise(problem.design, problem.labels, weight_decay=0.5 * math.sqrt(2)).value
    np.testing.assert_allclose(wider.matrix, same.matrix, atol=1e-8)


@pytest.mark.parametrize("kind", ["real", "gaussian"])
@pytest.mark.parametrize(("dim", "samples"), [(1, 3), (4, 2), (6, 10), (6, 18), (6, 40), (3, 60)])
def test_zero_weight_decay_is_the_limit_from_above(kind, dim, samples):
    problem = draw(dim=dim, samples=samples, decay=1.0, noise=0.5, seed=11, design=kind)
    limit = minimise(problem.design, problem.labels, weight_decay=0)
    assert limit.status is Status.LIMIT
    distances = [
        np.linalg.norm(minimise(problem.design, problem.labels, weight_decay=decay).value.matrix - limit.value.matrix)
        for decay in (1e-2, 1e-3, 1e-4)
    ]
    assert distances[2] < 0.02 * distances[0] + 1e-5
    assert distances[2] < 0.03 * np.linalg.norm(limit.value.matrix)


def test_limit_without_noise_finds_the_teacher():
    problem = draw(dim=4, samples=30, decay=1.0, noise=0.0, seed=2)
    limit = minimise(problem.design, problem.labels, weight_decay=0).value
    np.testing.assert_allclose(limit.matrix, problem.teacher, atol=1e-6)


def test_interior_point_is_not_stopped_while_it_is_far_from_feasible():
    """Found by random search: the merit of the first iterates wandered, and the stall rule took that for rounding."""
    problem = draw(dim=8, samples=11, decay=2.9933038458941064, noise=1.0, seed=6, design="gaussian")
    limit = minimise(problem.design, problem.labels, weight_decay=0)
    assert limit.error < 1e-9
    np.testing.assert_allclose(problem.design.measure(limit.value.matrix), problem.labels, atol=1e-6)


def test_limit_certificate_refuses_other_interpolators():
    problem = draw(dim=6, samples=8, decay=1.0, noise=0.0, seed=5)
    best = minimise(problem.design, problem.labels, weight_decay=0).value
    teacher = np.sqrt(problem.teacher)  # interpolates too, with a larger trace
    assert np.trace(best.matrix) < 0.99 * np.trace(problem.teacher)
    duals = np.random.default_rng(0).standard_normal((100, 8))
    assert min(trace_gap(problem.design, problem.labels, teacher, dual) for dual in duals) > 0.01


def test_huge_weight_decay_gives_exact_zero():
    problem = draw(dim=5, samples=20, decay=1.0, noise=0.5, seed=1)
    solution = minimise(problem.design, problem.labels, weight_decay=1e9)
    assert solution.value.rank == 0
    assert not solution.value.matrix.any()
    assert solution.value.train_error == pytest.approx(np.mean(problem.labels**2))
    assert solution.value.tail < 1e-6


def test_zero_labels_and_a_design_that_sees_nothing():
    for decay in (0.0, 1.0):
        assert not minimise(np.ones((3, 2)), np.zeros(3), weight_decay=decay).value.matrix.any()
    assert not minimise([[1.0]], [5.0], weight_decay=1.0).value.matrix.any()  # x² - 1 = 0


def test_not_converged_is_raised_not_returned():
    problem = draw(dim=6, samples=30, decay=1.0, noise=0.5, seed=1)
    with pytest.raises(NotConverged, match="relative gap"):
        minimise(problem.design, problem.labels, weight_decay=0.1, tolerance=1e-300)


@settings(max_examples=10)
@given(st.integers(1, 6), st.integers(1, 12), st.integers(0, 10**6), st.sampled_from(["real", "gaussian"]))
def test_designs_are_what_they_say(dim, samples, seed, kind):
    """Every product against the expanded matrices Z_i."""
    problem = draw(dim=dim, samples=samples, decay=1.0, noise=0.0, seed=seed, design=kind)
    design, generator = problem.design, np.random.default_rng(seed)
    rows = design.expanded()
    half, factor, change = (generator.standard_normal((dim, dim)) for _ in range(3))
    residual = generator.standard_normal(samples)
    matrix = half + half.T
    np.testing.assert_allclose(design.measure(matrix), rows @ coordinates(matrix), atol=1e-10)
    np.testing.assert_allclose(design.measure_factor(factor), design.measure(factor @ factor.T), atol=1e-10)
    np.testing.assert_allclose(coordinates(design.adjoint(residual)), residual @ rows, atol=1e-10)
    np.testing.assert_allclose(design.blockwise_adjoint(residual), design.adjoint(residual), atol=1e-10)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1) <= design.lengths * (1 + 1e-12), True)
    tangent = design.tangent(factor)
    product = change @ factor.T
    np.testing.assert_allclose(tangent.forward(change), design.measure(product + product.T), atol=1e-9)
    np.testing.assert_allclose(tangent.backward(residual), design.adjoint(residual) @ factor, atol=1e-9)
    scaled = [half.T @ design.rows(slice(i, i + 1)).adjoint(np.ones(1)) @ half for i in range(samples)]
    gram = np.array([[np.sum(one * other) for other in scaled] for one in scaled])
    np.testing.assert_allclose(design.gram(half), gram, atol=1e-8 * max(1.0, np.abs(gram).max()))


@pytest.mark.parametrize(
    ("design", "labels", "arguments", "field"),
    [
        (np.ones((2, 2)), np.ones(3), {}, "labels"),
        (np.ones((2, 2)), [1, math.nan], {}, "labels"),
        ([[1, math.inf]], [1], {}, "inputs"),
        (np.ones(3), np.ones(3), {}, "inputs"),
        (np.ones((0, 3)), np.ones(0), {}, "inputs"),
        ([[1, 2], [3]], [1, 2], {}, "inputs"),
        (np.ones((2, 2)), np.ones(2), {"weight_decay": -1}, "weight_decay"),
        (np.ones((2, 2)), np.ones(2), {"weight_decay": math.nan}, "weight_decay"),
        (np.ones((2, 2)), np.ones(2), {"width": 1}, "width"),
        (np.ones((2, 2)), np.ones(2), {"width": 2.5}, "width"),
    ],
)
def test_unusable_input_names_the_field(design, labels, arguments, field):
    with pytest.raises(DomainError) as failure:
        minimise(design, labels, **{"weight_decay": 1, **arguments})
    assert failure.value.field == field
    assert "\n" not in str(failure.value)


def test_gaussian_entries_must_fill_a_triangle():
    with pytest.raises(DomainError, match="entries"):
        GaussianFeatures(np.ones((2, 4)))


def test_gap_agrees_with_the_textbook_difference():
    problem = draw(dim=4, samples=15, decay=1.0, noise=0.5, seed=4)
    factor, penalty = 0.5 * np.eye(4), 2.0
    residual = problem.labels - problem.design.measure(factor @ factor.T)
    dual = residual * min(1, penalty / np.linalg.eigvalsh(2 * problem.design.adjoint(residual))[-1])
    textbook = residual @ residual + penalty - (2 * dual @ problem.labels - dual @ dual)
    assert certify(problem.design, problem.labels, factor, penalty).gap == pytest.approx(textbook, rel=1e-9)


def test_real_inputs_may_be_given_bare():
    inputs = np.random.default_rng(0).standard_normal((9, 3))
    labels = np.ones(9)
    one, other = (minimise(data, labels, weight_decay=0.1).value for data in (inputs, QuadraticFeatures(inputs)))
    assert (one.factor == other.factor).all()
