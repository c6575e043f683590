"""State evolution: right, honest about its error, unique, and loud where there is nothing to return."""

import math
import tomllib
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from scalecheck.numerics.errors import DomainError, NotConverged
from scalecheck.numerics.networks import teacher as teacher_module
from scalecheck.numerics.networks.diagonal.residuals import cuts
from scalecheck.numerics.networks.diagonal.state_equations import DiagonalProblem, evolve, solve
from scalecheck.numerics.networks.teacher import Atoms, PowerLaw
from scalecheck.numerics.solution import ErrorKind, Status

TABLE = Path(__file__).resolve().parents[3] / "problems" / "diagonal_state_evolution.toml"
ROWS = {row["name"]: row for row in tomllib.loads(TABLE.read_text())["problem"]}
INPUTS = ("dim", "decay", "samples", "weight_decay", "noise")


def solved(row):
    inputs = {key: row[key] for key in INPUTS if key in row}
    if "values" in row:
        inputs["teacher"] = Atoms(row["values"], row["multiplicities"])
    return solve(**inputs)


def bell(z):
    """Density of a standard normal variable."""
    return np.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)


def brute(teacher_values, samples, penalty, noise, noise_level, threshold, *, onsager=True, bias=True):
    """Residuals of both equations, term by term, with SciPy's normal distribution; breakable on purpose."""
    mu, alpha = np.asarray(teacher_values) / noise_level, threshold / noise_level
    inside = ndtr(alpha - mu) - ndtr(-alpha - mu)
    kept = ndtr(mu - alpha) + ndtr(-alpha - mu)
    edge = (alpha - mu) * bell(alpha + mu) + (alpha + mu) * bell(alpha - mu)
    square = alpha**2 if bias else 0.0
    risk = mu**2 * inside + (1 + square) * kept - edge
    active = kept.sum() if onsager else 0.0
    return (
        (noise / noise_level**2 + risk.sum()) / samples - 1,
        (penalty / threshold + active) / samples - 1,
    )


# --- the table of problems -------------------------------------------------------------------------------------------


def test_the_table_is_the_list_of_problems(reference):
    assert list(ROWS) == list(reference.PROBLEMS)
    for name, (problem, _, why) in reference.PROBLEMS.items():
        assert {key: ROWS[name][key] for key in problem} == problem
        assert ROWS[name]["why"] == why


@pytest.mark.parametrize("name", ["one-weight", "interpolation", "below-peak", "overregularised"])
def test_the_table_can_be_written_again(reference, name):
    row, (problem, digits, _) = ROWS[name], reference.PROBLEMS[name]
    with mp.workdps(digits):
        log_tau = round(float(mp.log(row["noise_level"])), 4)
        log_alpha = round(float(mp.log(row["threshold"]) - mp.log(row["noise_level"])), 4)
        again = reference.solve(problem, log_tau, log_alpha)
        assert abs(again["risk"] / mp.mpf(row["risk"]) - 1) < 1e-18


@pytest.mark.parametrize("name", ROWS)
def test_table_converges(name):
    solution = solved(ROWS[name])
    assert solution.status is Status.CONVERGED
    assert solution.error <= 1e-11
    assert solution.error_kind is ErrorKind.ESTIMATE


@pytest.mark.parametrize("name", ROWS)
def test_table_values(name):
    row, value = ROWS[name], solved(ROWS[name]).value
    assert value.risk == pytest.approx(float(row["risk"]), rel=1e-12)
    assert value.noise_level == pytest.approx(float(row["noise_level"]), rel=1e-12)
    assert value.threshold == pytest.approx(float(row["threshold"]), rel=1e-10)
    assert value.degrees_of_freedom == pytest.approx(float(row["degrees_of_freedom"]), rel=1e-11, abs=1e-14)


@pytest.mark.parametrize("name", ROWS)
def test_table_errors_are_honest(name):
    solution = solved(ROWS[name])
    with mp.workdps(30):
        true_error = float(abs(mp.mpf(solution.value.risk) / mp.mpf(ROWS[name]["risk"]) - 1))
    assert true_error <= solution.error


def test_an_independent_value_from_the_literature():
    # peers.md: prior eps = .2 at M = 1, delta = n/d = .64, sigma = .5, lambda = 1, for designs with columns of unit norm.
    # There y = A x + w with A = X/sqrt(n): x = sqrt(n) theta, tau_A^2 = n tau^2, lambda_A = Lambda/sqrt(n) and
    # MSE = n R/d. The prior is normalised to d = 1, so n = .64 and multiplicities are probabilities.
    samples, sigma = 0.64, 0.5
    teacher = Atoms([1 / math.sqrt(samples), 0.0], [0.2, 0.8])
    value = solve(teacher=teacher, samples=samples, weight_decay=math.sqrt(samples), noise=sigma**2).value
    assert value.threshold / value.noise_level == pytest.approx(1.76589985, abs=1e-8)
    assert samples * value.risk == pytest.approx(0.167514705512, rel=2e-10)


# --- any problem -----------------------------------------------------------------------------------------------------

SMALL_DIMS = st.integers(1, 300)
DECAYS = st.floats(0.51, 10)


@given(SMALL_DIMS, DECAYS, st.floats(-1, 5), st.floats(-3, 3), st.floats(-3, 2))
def test_solutions_solve_the_equations(dim, decay, log_samples, log_weight_decay, log_noise):
    samples, weight_decay, noise = 10.0**log_samples, 10.0**log_weight_decay, 10.0**log_noise
    value = solve(dim=dim, decay=decay, samples=samples, weight_decay=weight_decay, noise=noise).value
    weights = np.arange(1.0, dim + 1) ** -decay
    state = (weights, samples, weight_decay * dim**0.5, noise, value.noise_level, value.threshold)
    scale = 1 + dim / samples + value.threshold**2 / value.noise_level**2 * min(1.0, dim / samples)
    assert brute(*state) == pytest.approx((0, 0), abs=1e-12 * scale)


@pytest.mark.parametrize("broken", [{"onsager": False}, {"bias": False}])
def test_broken_equations_are_noticed(broken):
    # The control: dropping the Onsager term, or the bias of the threshold, must not go through the same check.
    value = solve(dim=100, decay=1.0, samples=200, weight_decay=1.0, noise=1.0).value
    state = (np.arange(1.0, 101) ** -1.0, 200, 10.0, 1.0, value.noise_level, value.threshold)
    assert brute(*state) == pytest.approx((0, 0), abs=1e-12)
    assert max(map(abs, brute(*state, **broken))) > 1e-3


@given(
    st.sampled_from([1, 2, 17, 1000, 1e6, 1e9, 1e12, 1e15]),
    st.one_of(st.sampled_from([0.5001, 1.0, 10.0]), DECAYS),
    st.one_of(st.just(None), st.floats(-6, 30), st.sampled_from([1e-9, -1e-9, 1e-3])),
    st.one_of(st.just(0.0), st.floats(-300, 300).map(lambda x: 10.0**x), st.floats(-10, 3).map(lambda x: 10.0**x)),
    st.one_of(st.just(0.0), st.just(1.0), st.floats(-300, 10).map(lambda x: 10.0**x)),
)
@settings(max_examples=100)
def test_every_corner_is_solved_or_said_to_diverge(dim, decay, log_samples, weight_decay, noise):
    samples = dim if log_samples is None else 10.0**log_samples if abs(log_samples) > 2e-3 else dim * (1 + log_samples)
    solution = solve(dim=dim, decay=decay, samples=samples, weight_decay=weight_decay, noise=noise, checked=False)
    if solution.status is Status.DIVERGES:
        assert (samples, weight_decay == 0 or weight_decay < 1e-200) == (dim, True)
        return
    value = solution.value
    if value.risk < 1e-290:
        return  # Below what floats resolve: not a number to be relied on, and 0 only where recovery is exact.
    assert solution.status.converged, solution
    assert solution.error <= 1e-9
    assert all(map(math.isfinite, (value.risk, value.noise_level, value.threshold, value.train_error)))
    assert value.noise_level * (samples * value.noise_level) == pytest.approx(noise + value.risk, rel=1e-11)
    parts = value.decomposition
    scale = abs(parts.overfitting) + abs(parts.underfitting) + abs(parts.approximation)
    total = parts.overfitting + parts.underfitting + parts.approximation
    assert total == pytest.approx(value.risk, rel=1e-11, abs=1e-13 * scale)
    assert -1e-9 * dim <= value.degrees_of_freedom <= min(dim, samples) * (1 + 1e-9)
    # (noise + R)(1 - dof/n)^2, where it does not cancel.
    slack = 1 - value.degrees_of_freedom / samples
    if slack > 1e-3:
        assert value.train_error == pytest.approx((noise + value.risk) * slack**2, rel=1e-9, abs=1e-300)


@given(st.integers(1, 20), DECAYS, st.floats(-2, 3), st.floats(-6, 2), st.one_of(st.just(0.0), st.floats(0.01, 2)))
@settings(max_examples=6)
def test_errors_are_honest_anywhere(reference, dim, decay, log_samples, log_weight_decay, noise):
    problem = dict(dim=dim, decay=decay, samples=10.0**log_samples, weight_decay=10.0**log_weight_decay, noise=noise)
    solution = solve(**problem)
    with mp.workdps(80):
        start = solution.value
        log_tau = round(float(mp.log(start.noise_level)), 6)
        exact = reference.solve(problem, log_tau, round(float(mp.log(start.threshold / mp.mpf(start.noise_level))), 6))
        true_error = float(abs(start.risk / exact["risk"] - 1))
    assert true_error <= solution.error <= 1e-10


@pytest.mark.parametrize("ratio", [8.0, 16.0, 64.0, 1e3, 1e6])
def test_errors_stay_honest_with_panels_that_are_too_long(monkeypatch, ratio):
    # The control: a quadrature that is bad on purpose must say so (an earlier version of `polish` did not).
    controls = [
        dict(dim=1e9, decay=decay, samples=1e9**a, weight_decay=1e9**b, noise=1.0)
        for decay in (0.55, 1.0, 2.0)
        for a, b in ((0.5, -0.6), (0.8, -1.0), (1.0, -0.7), (1.5, -0.2), (1.5, -1.0))
    ]
    right = [solve(**point) for point in controls]
    monkeypatch.setattr(teacher_module, "LARGEST_RATIO", ratio)
    rough = [solve(**point, checked=False) for point in controls]
    true = np.array([abs(a.value.risk / b.value.risk - 1) for a, b in zip(rough, right)])
    claimed = np.array([a.error + b.error for a, b in zip(rough, right)])
    assert (true <= claimed).all()
    assert ratio < 1e3 or true.max() > 1e-9  # it was bad indeed
    assert all(solution.status is Status.STALLED for solution in np.array(rough)[true > 1e-9])


@given(st.integers(300, 200_000), DECAYS, st.floats(1, 6), st.floats(-6, 1), st.sampled_from([0.0, 1e-3, 1.0]))
def test_power_laws_agree_with_their_atoms(dim, decay, log_samples, log_weight_decay, noise):
    controls = dict(samples=10.0**log_samples, weight_decay=10.0**log_weight_decay, noise=noise)
    law, atoms = (
        solve(dim=dim, decay=decay, **controls),
        solve(teacher=Atoms(np.arange(1.0, dim + 1) ** -decay), **controls),
    )
    assert law.value.risk == pytest.approx(atoms.value.risk, rel=law.error + atoms.error)
    assert law.value.threshold == pytest.approx(atoms.value.threshold, rel=1e-9)


@given(st.floats(-3, 3), st.floats(0.1, 1e3), st.floats(-6, 2), st.sampled_from([0.0, 0.1, 1.0]))
def test_rescaling_the_teacher_rescales_the_risk(log_scale, samples, log_weight_decay, noise):
    # theta -> c theta, noise -> c^2 noise, Lambda -> c Lambda maps solutions to solutions, R -> c^2 R.
    scale, weight_decay = 10.0**log_scale, 10.0**log_weight_decay
    values, counts = np.array([1.0, 0.3, 0.0]), np.array([2.0, 5.0, 30.0])
    base = solve(teacher=Atoms(values, counts), samples=samples, weight_decay=weight_decay, noise=noise)
    scaled = solve(
        teacher=Atoms(scale * values, counts),
        samples=samples,
        weight_decay=scale * weight_decay,
        noise=scale**2 * noise,
    )
    assert scaled.value.risk == pytest.approx(scale**2 * base.value.risk, rel=1e-9 + 4 * (base.error + scaled.error))


def test_splitting_atoms_changes_nothing():
    controls = dict(samples=30.0, weight_decay=0.3, noise=0.5)
    whole = solve(teacher=Atoms([1.0, -0.5, 0.0], [3, 4, 60]), **controls)
    split = solve(teacher=Atoms([0.0, 1.0, 1.0, 0.5, 0.0], [59.5, 1, 2, 4, 0.5]), **controls)
    assert split.value.risk == pytest.approx(whole.value.risk, rel=1e-13)


def test_a_teacher_of_zeros_learns_nothing_but_noise():
    value = solve(teacher=Atoms([0.0], [100.0]), samples=200.0, weight_decay=0.5, noise=1.0).value
    assert brute(np.zeros(100), 200.0, 5.0, 1.0, value.noise_level, value.threshold) == pytest.approx((0, 0), abs=1e-12)
    quiet = solve(teacher=Atoms([0.0], [100.0]), samples=200.0, weight_decay=0.5, noise=0.0)
    assert (quiet.status, quiet.value.risk) == (Status.LIMIT, 0.0)


def test_dimension_may_be_written_as_a_float():
    controls = dict(decay=1.0, samples=1e5, weight_decay=1e-3, noise=1.0)
    assert solve(dim=10**12, **controls).value == solve(dim=1e12, **controls).value


@pytest.mark.parametrize("decay", [0.5001, 1.0, 3.0, 10.0])
@pytest.mark.parametrize("log_tau", [-6, -3, 0])
@pytest.mark.parametrize("alpha", [1e-30, 0.01, 2.0, 7.0, 1e6])
def test_the_cost_does_not_grow_with_dim(decay, log_tau, alpha):
    level, ratio = np.array([10.0**log_tau]), np.array([alpha])
    evaluations = [PowerLaw(dim, decay).nodes(cuts(level, ratio)).values.size for dim in (1e3, 1e12)]
    assert evaluations[1] <= max(3 * evaluations[0], 560)


# --- what is refused -------------------------------------------------------------------------------------------------

GOOD = dict(dim=100, decay=1.0, samples=50.0, weight_decay=0.1, noise=1.0)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("dim", 0), ("dim", 1.5), ("dim", math.nan), ("dim", -1), ("dim", "x"), ("dim", None), ("dim", math.inf),
        ("decay", 0.5), ("decay", 10.001), ("decay", math.nan), ("decay", -1.0), ("decay", None),
        ("samples", 0.0), ("samples", -1.0), ("samples", math.inf), ("samples", math.nan), ("samples", None),
        ("weight_decay", -1e-9), ("weight_decay", math.nan), ("weight_decay", math.inf), ("weight_decay", "a"),
        ("noise", -1e-9), ("noise", math.nan), ("noise", math.inf), ("noise", [1.0]),
        ("teacher", Atoms([1.0])), ("teacher", 3),
    ],
)  # fmt: skip
def test_bad_input_is_refused_by_name(field, value):
    with pytest.raises(DomainError) as caught:
        solve(**{**GOOD, field: value})
    assert caught.value.field == field
    assert "allowed is" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_bad_problems_are_refused_too():
    with pytest.raises(DomainError, match=r"^teacher"):
        DiagonalProblem("power law", 1.0, 1.0, 1.0)


def test_divergence_is_raised_with_advice():
    with pytest.raises(NotConverged, match=r"samples = dim.*[Mm]ove"):
        solve(dim=100, decay=1.0, samples=100, weight_decay=0, noise=1.0)
    solution = solve(dim=100, decay=1.0, samples=100, weight_decay=0, noise=1.0, checked=False)
    assert solution.status is Status.DIVERGES
    assert solution.error_kind is ErrorKind.NONE
    assert math.isinf(solution.value.risk)


@given(st.floats(1e-12, 1e-3), st.floats(0.1, 10))
def test_the_limit_is_the_limit(weight_decay, ratio):
    # weight_decay = 0 against a small one: they differ by O(weight_decay) away from n = d.
    assume(abs(ratio - 1) > 0.1)
    controls = dict(dim=1000, decay=1.0, samples=1000 * ratio, noise=1.0)
    limit, near = (evolve(DiagonalProblem(PowerLaw(1000, 1.0), 1000 * ratio, w, 1.0)) for w in (0.0, weight_decay))
    assert solve(**controls, weight_decay=0).value.risk == limit.value.risk
    assert near.value.risk == pytest.approx(limit.value.risk, rel=100 * weight_decay + 1e-9)


ANY = st.one_of(st.just(0.0), st.just(5e-324), st.just(1.7e308), st.floats(-300, 300).map(lambda x: 10.0**x))


@given(st.lists(st.tuples(ANY, ANY), min_size=1, max_size=4), ANY, ANY, ANY)
@settings(max_examples=100)
def test_any_floats_end_in_a_number_or_in_words(atoms, samples, weight_decay, noise):
    # Nothing else may escape (warnings are errors here), and a number is one: n tau^2 = noise + R.
    try:
        value = solve(teacher=Atoms(*zip(*atoms)), samples=samples, weight_decay=weight_decay, noise=noise).value
    except (DomainError, NotConverged):
        return
    assert math.isfinite(value.risk)
    with np.errstate(all="ignore"):
        balance = np.float64(samples) * np.float64(value.noise_level) ** 2
    if 1e-280 < balance < 1e280 and value.noise_level > 1e-140:
        assert balance == pytest.approx(noise + value.risk, rel=1e-9)
