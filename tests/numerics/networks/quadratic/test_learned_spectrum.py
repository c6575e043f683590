"""The law of the learned eigenvalues: its parts add up, and random matrices follow it."""

import numpy as np
import pytest

from scalecheck.numerics.errors import DomainError, NotConverged
from scalecheck.numerics.networks.quadratic import learned_spectrum as spectrum_module
from scalecheck.numerics.networks.quadratic.learned_spectrum import LearnedSpectrum, learned_spectrum
from scalecheck.numerics.networks.quadratic.state_equations import solve
from scalecheck.numerics.networks.teacher import Atoms, PowerLaw

LAW = learned_spectrum(dim=200, samples=5000.0, weight_decay=0.3, decay=1.0, noise=1.0).value


def eigenvalues(law, draws, seed):
    """Learned eigenvalues of `draws` noisy teachers, sorted downwards, shape (draws, dim)."""
    rng, dim = np.random.default_rng(seed), int(law.dim)
    spectrum = np.sqrt(dim) * np.arange(1.0, dim + 1) ** -law.teacher.decay
    rows = []
    for _ in range(draws):
        noise = rng.standard_normal((dim, dim))
        y = np.diag(spectrum) + law.sigma * (noise + noise.T) / np.sqrt(2 * dim)
        rows.append(np.sort(np.maximum(np.linalg.eigvalsh(y) - law.threshold, 0))[::-1])
    return np.array(rows)


def test_the_density_integrates_to_what_is_learned():
    x = np.linspace(0, 16, 601)
    assert np.trapezoid(LAW.density(x), x) == pytest.approx(1 - LAW.zero_fraction, abs=2e-3)


def test_counts_start_at_the_learned_number_and_fall_by_one_at_outliers():
    sizes = np.array([0.0, 0.5, 1.0, 3.0, 4.5, 9.0, 14.0])
    counts = LAW.tail_count(sizes)
    assert counts[0] == LAW.learned_count
    assert (np.diff(counts) <= 0).all()
    assert counts[-3:] == pytest.approx([2, 1, 0], abs=1e-9)


def test_ranks_invert_counts():
    ranks = np.array([0.5, 1.5, 10.0, 30.0])
    assert LAW.tail_count(LAW.ranked(ranks)) == pytest.approx(ranks, abs=1e-4)
    assert LAW.ranked([150.0])[0] == 0.0


def test_outliers_are_where_their_bumps_are():
    for outlier in LAW.outliers(3):
        low, high = LAW.ranked([outlier.rank - 0.01, outlier.rank - 0.99])
        assert outlier.isolated
        assert low < outlier.value < high
        simple = outlier.teacher + LAW.sigma**2 / outlier.teacher - LAW.threshold
        assert outlier.value == pytest.approx(simple, rel=0.05)
        assert outlier.overlap == pytest.approx(1 - LAW.sigma**2 / outlier.teacher**2, abs=0.06)
    # Where spikes crowd, the law says so.
    assert not all(item.isolated for item in LAW.outliers(7))


def test_random_matrices_follow_the_law():
    found = eigenvalues(LAW, 60, 20260102)
    learned = (found > 0).sum(axis=1)
    assert learned.mean() == pytest.approx(LAW.learned_count, abs=1.0)
    mean, error = found[:, :3].mean(axis=0), found[:, :3].std(axis=0) / np.sqrt(60)
    values = np.array([item.value for item in LAW.outliers(3)])
    assert (np.abs(mean - values) < 4 * error + 0.01 * values).all()
    # The control: without the pull of noise (y = s) the first outlier is told apart.
    teacher = np.array([item.teacher for item in LAW.outliers(3)])
    assert (np.abs(mean - (teacher - LAW.threshold)) > 4 * error + 0.01 * values).any()
    bulk = LAW.bulk
    signal = round(LAW.learned_count - bulk["count"])
    moment = 2 / LAW.dim * (found[:, signal:] ** 2).sum(axis=1).mean()
    assert moment == pytest.approx(bulk["second_moment"], rel=0.05)


def test_the_bulk_is_the_overfitting_of_the_decomposition():
    value = solve(dim=200, samples=5000.0, weight_decay=0.3, decay=1.0, noise=1.0).value
    assert LAW.bulk["second_moment"] == pytest.approx(value.decomposition.overfitting, rel=1e-6)


@pytest.mark.parametrize("decay", [0.75, 1.0, 2.0])
def test_the_tail_has_the_exponent_of_the_teacher(decay):
    law = learned_spectrum(dim=1e10, samples=1e17, weight_decay=1e-3, decay=decay, noise=1.0).value
    tail = law.tail()
    assert tail.exponent == pytest.approx(-1 - 1 / decay, rel=0.05)
    assert tail.lower < tail.upper
    assert tail.carriers >= 10


def test_no_tail_where_too_few_follow():
    assert LAW.tail() is None


@pytest.mark.parametrize("dim", [1e5, 1e9, 1e11])
def test_everything_is_learned_far_in_the_last_phase(dim):
    """The noise is 1e-22 of the largest eigenvalue at dim 1e11: a search that starts above it once counted a hundredth."""
    found = learned_spectrum(dim=dim, samples=dim**6, weight_decay=dim, decay=2.0, noise=1.0).value
    assert found.learned_count == pytest.approx(dim, rel=1e-9)


def test_a_level_below_the_search_is_no_number(monkeypatch):
    law = LearnedSpectrum(PowerLaw(1e4, 1.0), sigma=1e-3, threshold=1e-4)
    assert law.learned_count == pytest.approx(1e4, rel=1e-3)
    monkeypatch.setattr(spectrum_module, "LOWEST", 1.0)
    with pytest.raises(NotConverged, match="below the search"):
        LearnedSpectrum(PowerLaw(1e4, 1.0), sigma=1e-3, threshold=1e-4).tail_count(0.0)


def test_what_is_refused():
    with pytest.raises(DomainError, match="sigma"):
        LearnedSpectrum(PowerLaw(10, 1.0), 0.0, 1.0)
    with pytest.raises(DomainError, match="threshold"):
        LearnedSpectrum(PowerLaw(10, 1.0), 1.0, -1.0)
    with pytest.raises(DomainError, match="rank"):
        LAW.ranked([0.0])
    with pytest.raises(DomainError, match="PowerLaw"):
        LearnedSpectrum(Atoms([1.0, 0.5]), 0.1, 0.1).outliers(1)
    with pytest.raises(NotConverged, match="recovered"):
        learned_spectrum(dim=10, samples=1000.0, weight_decay=0, decay=1.0, noise=0)
