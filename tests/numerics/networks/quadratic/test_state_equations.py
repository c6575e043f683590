"""State evolution of the quadratic network: right, honest about its error, and loud where there is nothing to return."""

import math
import tomllib
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scalecheck.numerics.errors import DomainError, NotConverged
from scalecheck.numerics.networks.quadratic import contours
from scalecheck.numerics.networks.quadratic.state_equations import QuadraticProblem, evolve, solve
from scalecheck.numerics.networks.teacher import Atoms, PowerLaw
from scalecheck.numerics.solution import ErrorKind, Status

TABLE = Path(__file__).resolve().parents[3] / "problems" / "quadratic_state_evolution.toml"
ROWS = {row["name"]: row for row in tomllib.loads(TABLE.read_text())["problem"]}
INPUTS = ("dim", "decay", "samples", "weight_decay", "noise", "width", "closure")


def solved(row):
    return solve(**{key: row[key] for key in INPUTS if key in row})


# --- the table of problems -------------------------------------------------------------------------------------------


def test_the_table_is_the_list_of_problems(reference):
    assert list(ROWS) == list(reference.PROBLEMS)
    for name, (problem, why) in reference.PROBLEMS.items():
        assert {key: ROWS[name][key] for key in problem} == problem
        assert ROWS[name]["why"] == why


def test_the_table_solves_the_equations_of_the_reference(reference):
    # The cheapest row; and a negative control: next to the solution the residuals are not small.
    row, (problem, _) = ROWS["pair"], reference.PROBLEMS["pair"]
    with mp.workdps(15):
        log_sigma = mp.log(mp.mpf(row["noise_level"]) / mp.sqrt(2))
        log_threshold = mp.log(mp.mpf(row["threshold"]) / mp.sqrt(row["dim"]))
        there = reference.residuals(problem, log_sigma, log_threshold)
        aside = reference.residuals(problem, log_sigma + 1e-3, log_threshold)
    assert max(abs(there[0]), abs(there[1])) < 1e-10
    assert max(abs(aside[0]), abs(aside[1])) > 1e-4


@pytest.mark.parametrize("name", ROWS)
def test_table_converges(name):
    solution = solved(ROWS[name])
    assert solution.status is Status.CONVERGED
    assert solution.error <= 1e-11
    assert solution.error_kind is ErrorKind.ESTIMATE


@pytest.mark.parametrize("name", ROWS)
def test_table_values_and_honest_errors(name):
    row, solution = ROWS[name], solved(ROWS[name])
    value = solution.value
    with mp.workdps(30):
        true_error = float(abs(mp.mpf(value.risk) / mp.mpf(row["risk"]) - 1))
    # The table itself is good to 1e-14.
    assert true_error <= solution.error + 2e-14
    assert value.noise_level == pytest.approx(float(row["noise_level"]), rel=1e-11)
    assert value.threshold == pytest.approx(float(row["threshold"]), rel=1e-10)
    assert value.degrees_of_freedom == pytest.approx(float(row["degrees_of_freedom"]), rel=1e-11)


# --- any problem -----------------------------------------------------------------------------------------------------

DECAYS = st.one_of(st.sampled_from([0.51, 1.0, 10.0]), st.floats(0.51, 5))
CLOSURES = st.sampled_from(["deterministic", "finite"])


@given(
    st.sampled_from([1, 2, 3, 17, 300, 1e6, 1e9, 1e12]),
    DECAYS,
    st.floats(-1, 1.5),
    st.one_of(st.just(0.0), st.floats(-8, 3).map(lambda x: 10.0**x)),
    st.one_of(st.just(0.0), st.just(1.0), st.floats(-6, 3).map(lambda x: 10.0**x)),
    st.sampled_from([1.0, 3.0]),
    CLOSURES,
)
@settings(max_examples=40)
def test_every_corner_is_solved_or_said_to_diverge(dim, decay, place, weight_decay, noise, wide, closure):
    # place: log(u)/log(dim) for large dim, log10(u) for small ones.
    ratio = (dim if dim > 10 else 10.0) ** place
    problem = QuadraticProblem(PowerLaw(dim, decay), ratio * dim, weight_decay, noise, wide * dim, closure)
    solution = evolve(problem)
    if solution.status is Status.DIVERGES:
        assert weight_decay == 0 or closure == "finite"
        return
    value, samples = solution.value, ratio * dim
    assert solution.status.converged, solution
    assert solution.error <= 1e-9
    assert value.risk >= 0
    largest = dim**2 / 2 if closure == "deterministic" else dim * (dim + 1) / 2
    assert -1e-9 <= value.degrees_of_freedom <= min(samples, largest) * (1 + 1e-6)
    assert 2 * samples * value.noise_level**2 == pytest.approx(dim * (noise + value.risk), rel=1e-9)
    slack = 1 - value.degrees_of_freedom / samples
    assert value.train_error == pytest.approx(
        (noise + value.risk) * slack**2, rel=1e-6, abs=1e-9 * (noise + value.risk)
    )
    if slack > 1e-3:
        penalty = weight_decay * math.sqrt(wide) * dim
        assert penalty == pytest.approx(4 * ratio * value.threshold * slack, rel=1e-7)
    parts = value.decomposition
    total = parts.overfitting + parts.underfitting + parts.approximation
    assert total == pytest.approx(value.risk, rel=1e-9, abs=1e-12 * (parts.underfitting + parts.overfitting))


@given(
    st.integers(257, 1500), DECAYS, st.floats(-0.5, 1.5), st.floats(-6, 1), st.sampled_from([0.0, 1e-3, 1.0]), CLOSURES
)
@settings(max_examples=12)
def test_power_laws_agree_with_their_atoms(dim, decay, place, log_weight_decay, noise, closure):
    controls = dict(samples=dim ** (1 + place), weight_decay=10.0**log_weight_decay, noise=noise, closure=closure)
    law = solve(dim=dim, decay=decay, **controls)
    atoms = solve(spectrum=Atoms(np.arange(1.0, dim + 1) ** -decay), **controls)
    assert law.value.risk == pytest.approx(atoms.value.risk, rel=law.error + atoms.error + 1e-9)


@given(st.floats(-2, 2), st.floats(1, 100), st.floats(-4, 1), st.sampled_from([0.0, 0.1, 1.0]), CLOSURES)
@settings(max_examples=10)
def test_rescaling_the_teacher_rescales_the_risk(log_scale, samples, log_weight_decay, noise, closure):
    # s -> c s, noise -> c^2 noise, Lambda -> c Lambda maps solutions to solutions, R -> c^2 R.
    scale, weight_decay = 10.0**log_scale, 10.0**log_weight_decay
    values, counts = np.array([1.0, 0.3, 0.0]), np.array([2.0, 5.0, 30.0])
    same = dict(samples=37 * samples, closure=closure)
    base = solve(spectrum=Atoms(values, counts), weight_decay=weight_decay, noise=noise, **same)
    other = solve(
        spectrum=Atoms(scale * values, counts), weight_decay=scale * weight_decay, noise=scale**2 * noise, **same
    )
    assert other.value.risk == pytest.approx(scale**2 * base.value.risk, rel=1e-9 + base.error + other.error)


def test_more_data_or_less_noise_never_hurts_much_of_the_plane():
    # Facts, not theorems, at a fixed useful weight decay: risk falls with samples and rises with noise.
    points = [
        solve(dim=1e4, decay=1.0, samples=1e4 * u, weight_decay=u**0.5 / 100, noise=1.0) for u in (1, 10, 1e2, 1e3)
    ]
    risks = [point.value.risk for point in points]
    assert risks == sorted(risks, reverse=True)
    noisy = [solve(dim=1e4, decay=1.0, samples=1e6, weight_decay=0.1, noise=x).value.risk for x in (0, 0.1, 1, 10)]
    assert noisy == sorted(noisy)


def test_width_enters_through_the_penalty_only():
    controls = dict(dim=50, decay=1.0, samples=400.0, noise=1.0)
    wide = solve(width=200, weight_decay=0.1, **controls).value
    square = solve(width=50, weight_decay=0.2, **controls).value
    assert wide.risk == pytest.approx(square.risk, rel=1e-11)


# --- known constants and independent averages ------------------------------------------------------------------------


def test_the_constant_of_harmful_overfitting():
    # theory.md N7: quadratic V is (2/7)(15 pi/4)^(2/5) noise (u/d)^(2/5). Corrections: the next power of the edge, in
    # (u/d)^(2/5), and the spikes', which fall with u and the faster the steeper the teacher.
    constant = (2 / 7) * (15 * math.pi / 4) ** 0.4
    errors = []
    for dim, ratio in ((1e12, 1e9), (1e12, 1e8), (1e15, 1e10), (1e15, 1e8)):
        value = solve(dim=dim, decay=4.0, samples=dim * ratio, weight_decay=0, noise=0.5).value
        errors.append(value.risk / (0.5 * constant * (ratio / dim) ** 0.4) - 1)
    assert errors[-1] < 0.004
    falls = np.array(errors[:-1]) / errors[1:]
    assert falls == pytest.approx(10 ** (0.4 * np.array([1, 1, 2])), rel=0.1)


def test_many_samples_are_least_squares():
    # n >> d^2: d^2/2 parameters fitted to noise, once all eigenvalues stand above it.
    value = solve(dim=1e3, decay=0.75, samples=1e15, weight_decay=0, noise=1.0).value
    assert value.risk == pytest.approx(1e6 / 2 / 1e15, rel=1e-6)


def average(dim, sigma, threshold, draws, seed):
    """Mean and standard error of |eta(Y) - S*|^2 and div eta(Y), for s_k = sqrt(d)/k, over Gaussian orthogonal noise."""
    rng = np.random.default_rng(seed)
    spectrum = np.sqrt(dim) / np.arange(1, dim + 1)
    tau = sigma / math.sqrt((dim + 1) / 2)
    rows = []
    for _ in range(draws):
        noise = rng.standard_normal((dim, dim))
        noise = (noise + noise.T) / 2  # unit variance in orthonormal coordinates of symmetric matrices
        x, vectors = np.linalg.eigh(np.diag(spectrum) + tau * noise)
        eta = np.maximum(x - threshold, 0)
        error = np.sum(((vectors * eta) @ vectors.T - np.diag(spectrum)) ** 2)
        gaps = x[:, None] - x + np.eye(dim)
        divergence = np.sum(x > threshold) + np.sum(np.triu((eta[:, None] - eta) / gaps, 1))
        rows.append((error, divergence))
    return np.mean(rows, axis=0), np.std(rows, axis=0) / math.sqrt(draws)


@pytest.mark.parametrize(("samples", "weight_decay"), [(600.0, 0.3), (2500.0, 0.3)])
def test_finite_closure_against_random_matrices(samples, weight_decay):
    dim, seed = 64, 20260101
    finite = solve(dim=dim, decay=1.0, samples=samples, weight_decay=weight_decay, noise=1.0, closure="finite").value
    sigma = finite.noise_level * math.sqrt((dim + 1) / 2)
    mean, error = average(dim, sigma, finite.threshold, 150, seed)
    # What is left beyond sampling error is of relative order 1/d^2 in sums, more at the edge: 1% allowed, stated before.
    assert 2 / dim * mean[0] == pytest.approx(finite.risk, abs=4 * 2 / dim * error[0] + 0.01 * finite.risk)
    assert mean[1] == pytest.approx(finite.degrees_of_freedom, abs=4 * error[1] + 0.01 * finite.degrees_of_freedom)
    # The control: the deterministic dof at the same state misses the term (d/2) mu((t, oo)) and is told apart.
    other = solve(dim=dim, decay=1.0, samples=samples, weight_decay=weight_decay, noise=1.0).value
    assert abs(other.degrees_of_freedom / mean[1] - 1) > 0.01 or abs(other.risk * dim / 2 / mean[0] - 1) > 0.01


# --- honesty of the error --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("nodes", [4, 6, 8])
def test_errors_stay_honest_with_a_bad_quadrature(monkeypatch, nodes):
    controls = [
        dict(dim=dim, decay=decay, samples=dim ** (1 + a), weight_decay=dim**b, noise=1.0)
        for dim, decay in ((300.0, 1.0), (1e8, 0.75))
        for a, b in ((0.3, -2.0), (0.5, -0.1), (1.3, -1.0))
    ]
    right = [solve(**point) for point in controls]
    monkeypatch.setattr(contours, "LEGENDRE", np.polynomial.legendre.leggauss(nodes))
    rough = [solve(**point, checked=False) for point in controls]
    true = np.array([abs(a.value.risk / b.value.risk - 1) for a, b in zip(rough, right)])
    claimed = np.array([a.error + b.error for a, b in zip(rough, right)])
    assert (true <= claimed).all()
    assert nodes > 4 or true.max() > 1e-8  # it was bad indeed


# --- what is refused, and limits -------------------------------------------------------------------------------------

GOOD = dict(dim=100, decay=1.0, samples=500.0, weight_decay=0.1, noise=1.0)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("dim", 0), ("dim", 1.5), ("dim", math.nan), ("dim", -1), ("dim", "x"), ("dim", None), ("dim", math.inf),
        ("decay", 0.5), ("decay", 10.001), ("decay", math.nan), ("decay", None),
        ("samples", 0.0), ("samples", -1.0), ("samples", math.inf), ("samples", None),
        ("weight_decay", -1e-9), ("weight_decay", math.nan), ("weight_decay", "a"),
        ("noise", -1e-9), ("noise", math.nan), ("noise", [1.0]),
        ("width", 99), ("width", 0), ("width", math.nan), ("closure", "mixed"),
        ("spectrum", Atoms([1.0])), ("spectrum", 3),
    ],
)  # fmt: skip
def test_bad_input_is_refused_by_name(field, value):
    with pytest.raises(DomainError) as caught:
        solve(**{**GOOD, field: value})
    assert caught.value.field == field
    assert "allowed is" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_few_hidden_units_are_outside_the_theory():
    with pytest.raises(DomainError, match="no theory covers it"):
        solve(**GOOD, width=99)


def test_noiseless_data_recover_the_teacher_from_half_its_square():
    recovered = solve(dim=20, decay=1.0, samples=200.0, weight_decay=0, noise=0)
    assert (recovered.status, recovered.value.risk) == (Status.LIMIT, 0.0)
    short = solve(dim=20, decay=1.0, samples=199.0, weight_decay=0, noise=0)
    assert short.status is Status.CONVERGED
    assert 0 < short.value.risk < 0.1
    # With the other closure the parameters are d (d + 1)/2.
    assert solve(dim=20, decay=1.0, samples=209.0, weight_decay=0, noise=0, closure="finite").value.risk > 0
    assert solve(dim=20, decay=1.0, samples=210.0, weight_decay=0, noise=0, closure="finite").value.risk == 0


def test_the_threshold_of_low_rank_recovery_is_the_edge_of_the_solutions():
    teacher = Atoms([1.0, 0.0], [3.0, 27.0])
    risks = {u: solve(spectrum=teacher, samples=30 * u, weight_decay=0, noise=0).value.risk for u in (4, 5, 6, 7, 8, 9)}
    assert risks[4] > 0
    assert risks[9] == 0
    edge = min(u for u, risk in risks.items() if risk == 0)
    near = solve(spectrum=teacher, samples=30 * edge, weight_decay=1e-7, noise=0).value.risk
    below = solve(spectrum=teacher, samples=30 * (edge - 1), weight_decay=1e-7, noise=0).value.risk
    assert near < 1e-6 < below


@given(st.floats(1e-9, 1e-4), st.sampled_from([0.05, 2.0]))
@settings(max_examples=6)
def test_the_limit_is_the_limit(weight_decay, place):
    # weight_decay = 0 against a small one, away from the interpolation threshold.
    controls = dict(dim=500, decay=1.0, samples=500.0**2 * place, noise=1.0)
    limit, near = solve(**controls, weight_decay=0), solve(**controls, weight_decay=weight_decay)
    assert near.value.risk == pytest.approx(limit.value.risk, rel=300 * weight_decay + 1e-9)


def test_divergence_is_raised_with_advice():
    # The finite closure has no solution at a few hundredths of a sample.
    hopeless = dict(dim=3, decay=1.0, samples=0.03, weight_decay=0, noise=1e-4, closure="finite")
    with pytest.raises(NotConverged, match="Move the control"):
        solve(**hopeless)
    assert solve(**hopeless, checked=False).status is Status.DIVERGES


ANY = st.one_of(st.just(0.0), st.just(5e-324), st.just(1.7e308), st.floats(-60, 60).map(lambda x: 10.0**x))


@given(st.lists(st.tuples(ANY, st.floats(0.5, 50)), min_size=1, max_size=3), ANY, ANY, ANY)
@settings(max_examples=40)
def test_any_floats_end_in_a_number_or_in_words(atoms, samples, weight_decay, noise):
    # Nothing else may escape (warnings are errors here), and a number is one: 2 n tau^2 = d (noise + R), R >= 0.
    try:
        value = solve(spectrum=Atoms(*zip(*atoms)), samples=samples, weight_decay=weight_decay, noise=noise).value
    except (DomainError, NotConverged):
        return
    assert math.isfinite(value.risk)
    assert value.risk >= 0
    assert math.isfinite(value.threshold)
    assert math.isfinite(value.train_error)


def test_a_teacher_of_zeros():
    quiet = solve(spectrum=Atoms([0.0], [100.0]), samples=2000.0, weight_decay=0.1, noise=0)
    assert (quiet.status, quiet.value.risk) == (Status.LIMIT, 0.0)
    # Noise alone, interpolated: dof = n, and t of the semicircle with that many.
    loud = solve(spectrum=Atoms([0.0], [100.0]), samples=2000.0, weight_decay=0, noise=1.0).value
    assert loud.degrees_of_freedom == pytest.approx(2000, rel=1e-10)
    assert loud.train_error == pytest.approx(0, abs=1e-20)
    # From a quarter of d^2 on the semidefinite cone alone fits the noise: t = 0 and 2 tau^2 (n - d^2/4) = d noise.
    free = solve(spectrum=Atoms([0.0], [100.0]), samples=3000.0, weight_decay=0, noise=1.0).value
    assert free.threshold == 0
    assert 2 * free.noise_level**2 * 500 == pytest.approx(100, rel=1e-10)


def test_many_distinct_eigenvalues_fit_in_memory():
    values = 1 / np.arange(1.0, 8001)
    controls = dict(samples=1e6, weight_decay=0.1, noise=1.0)
    atoms, law = solve(spectrum=Atoms(values), **controls), solve(dim=8000, decay=1.0, **controls)
    assert atoms.value.risk == pytest.approx(law.value.risk, rel=1e-10)


def test_the_peak_sits_at_a_quarter_of_the_square():
    # At weight decay 0 the risk is highest where the cone alone interpolates, n = d^2/4, and finite at finite d.
    risks = [
        solve(dim=1e5, decay=1.5, samples=share * 1e10, weight_decay=0, noise=1.0).value.risk
        for share in (0.2, 0.249, 0.25, 0.251, 0.3, 0.5)
    ]
    assert np.argmax(risks) == 2
    assert risks[2] > 1e3
    # Away from it, noise d^2/(4 n - d^2) or so: theory.md's d/u with its pole.
    assert risks[4] == pytest.approx(1 / (4 * 0.3 - 1), rel=0.02)
