"""N8: outliers against random matrices and against sums over a power-law teacher; false formulas are refused."""

import math

import numpy as np
import pytest
import sympy as sp
from scipy import optimize

from scalecheck.theory.identities import DerivationError, proved
from scalecheck.theory.networks.quadratic import outliers
from scalecheck.theory.networks.quadratic.letters import spike, spread
from scalecheck.theory.symbols import decay, dim

K = sp.Symbol("k", positive=True)


def number(formula, **values):
    """`formula` with symbols set by name."""
    return float(formula.subs({s: values[s.name] for s in formula.free_symbols}))


def noise(rng, size, sigma):
    """Symmetric Gaussian whose spectrum is a semicircle of standard deviation σ, at finite d (σ² = τ²(d+1)/2)."""
    raw = rng.normal(size=(size, size))
    return sigma * (raw + raw.T) / np.sqrt(2 * (size + 1))


def test_position_and_overlap_of_isolated_spikes():
    """20 matrices of d = 400, σ = 1, spikes 3 and 1.6 and 0.5: the last one does not show."""
    rng, size, runs = np.random.default_rng(1), 400, 20
    teacher = np.zeros(size)
    teacher[:3] = 3.0, 1.6, 0.5
    tops, overlaps = np.zeros((runs, 3)), np.zeros((runs, 3))
    for run in range(runs):
        values, vectors = np.linalg.eigh(np.diag(teacher) + noise(rng, size, 1.0))
        for k in range(3):
            tops[run, k], overlaps[run, k] = values[-1 - k], vectors[k, -1 - k] ** 2
    known = outliers.isolated().values
    for k, s in enumerate((3.0, 1.6)):
        for found, name in ((tops, "location"), (overlaps, "overlap")):
            stderr = found[:, k].std(ddof=1) / math.sqrt(runs)
            # 1/d = 0.0025 is the finite-size correction; it is larger near the spread.
            assert abs(found[:, k].mean() - number(known[name], spike=s, spread=1.0)) < 4 * stderr + 0.02
    wrong = 1 - spread / spike
    assert abs(overlaps[:, 0].mean() - number(wrong, spike=3.0, spread=1.0)) > 0.15
    assert tops[:, 2].mean() == pytest.approx(2.0, abs=0.1)
    assert overlaps[:, 2].mean() < 0.1


def test_false_formulas_are_refused():
    location, overlap = outliers.isolated().values["location"], outliers.isolated().values["overlap"]
    for wrong in (1 - spread / spike, 1 - spread**2 / (2 * spike**2)):
        with pytest.raises(DerivationError):
            proved("overlap", wrong, overlap, "twin")
        with pytest.raises(DerivationError):
            outliers._residue_step(location, wrong)
    with pytest.raises(DerivationError):
        outliers._pole_steps(spike + 2 * spread**2 / spike)


def sums(size, gamma, k):
    """near_sum and near_square_sum at the k-th of d power-law spikes, one by one."""
    teacher = math.sqrt(size) * np.arange(1.0, size + 1) ** -gamma
    gaps = teacher[k - 1] - np.delete(teacher, k - 1)
    return teacher[k - 1], (1 / gaps).sum() / size, (gaps**-2).sum() / size


def test_crowded_spikes_of_random_matrices():
    """60 matrices of d = 200, γ = 1, σ = 1: mean overlaps for k = 2..5 follow the corrected formula, not the simple one."""
    rng, size, gamma, sigma, runs = np.random.default_rng(2), 200, 1.0, 0.9, 60
    teacher = math.sqrt(size) * np.arange(1.0, size + 1) ** -gamma
    overlaps, tops = np.zeros((runs, 5)), np.zeros((runs, 5))
    for run in range(runs):
        values, vectors = np.linalg.eigh(np.diag(teacher) + noise(rng, size, sigma))
        overlaps[run] = [vectors[k, -1 - k] ** 2 for k in range(5)]
        tops[run] = values[::-1][:5]
    known, simple = outliers.crowded().values, outliers.isolated().values
    for k in range(2, 6):
        s, near, square = sums(size, gamma, k)
        numbers = {"spike": s, "spread": sigma, "near_sum": near, "near_square_sum": square, "dim": size}
        stderr = overlaps[:, k - 1].std(ddof=1) / math.sqrt(runs)
        # The next order is the square of what is hidden, times a few.
        hidden = 1 - number(known["overlap"], **numbers)
        assert abs(overlaps[:, k - 1].mean() - 1 + hidden) < 4 * stderr + 4 * hidden**2
        stderr = tops[:, k - 1].std(ddof=1) / math.sqrt(runs)
        assert abs(tops[:, k - 1].mean() - number(known["location"], **numbers)) < 4 * stderr + 0.01
    k5, stderr = overlaps[:, 4].mean(), overlaps[:, 4].std(ddof=1) / math.sqrt(runs)
    s = teacher[4]
    assert number(simple["overlap"], spike=s, spread=sigma) - k5 > 6 * stderr
    # Fluctuations of an outlier are those of one entry, of variance τ² = 2σ²/d: the bump's half width is √2 times two of them.
    half = number(known["half_width"], spread=sigma, dim=size, near_square_sum=sums(size, gamma, 1)[2])
    assert tops[:, 0].std(ddof=1) * math.sqrt(2) == pytest.approx(half, rel=0.3)


@pytest.mark.parametrize(("gamma", "sigma"), [(0.75, 1.0), (1.0, 0.1), (1.5, 0.3)])
def test_bumps_touch_where_derived(gamma, sigma):
    """d = 10^6: the first gap between s_k and s_{k+1} that is closed, by the criterion of the support summed one by one."""
    size = 10**6
    teacher = math.sqrt(size) * np.arange(1.0, size + 1) ** -gamma

    def closed(k):
        low, high = teacher[k], teacher[k - 1]
        fit = optimize.minimize_scalar(lambda u: (1 / np.square(u - teacher)).sum() / size, bounds=(low + 1e-3 * (high - low),
                                       high - 1e-3 * (high - low)), method="bounded")  # fmt: skip
        return fit.fun > 1 / sigma**2

    closing = sp.lambdify(K, outliers.merging().values["closing"].subs({decay: gamma, dim: size, spread: sigma}))
    predicted = optimize.brentq(lambda k: closing(k) - 1, 10, size)
    first, last = int(predicted / 2), int(predicted * 2)
    while last - first > 1:
        middle = (first + last) // 2
        first, last = (first, middle) if closed(middle) else (middle, last)
    assert last == pytest.approx(predicted, rel=0.01)  # neighbours are equidistant up to 1/k
    index = number(outliers.merging().values["merging_index"], decay=gamma, dim=size, spread=sigma)
    outlier_end = (math.sqrt(size) / sigma) ** (1 / gamma)
    assert last < min(index, outlier_end) * 1.01
    if index < outlier_end / 5:
        assert last == pytest.approx(index, rel=0.03)
        assert last != pytest.approx(index * math.pi ** (1 / (1 + gamma)), rel=0.2)  # "spacing σ/√d"


def test_share_hidden_by_neighbours():
    size, gamma, k = 10**6, 0.8, 300
    found = 1 - sums(size, gamma, k)[2]
    predicted = number(outliers.merging().values["overlap"], decay=gamma, dim=size, spread=1.0, k=k)
    assert 1 - found == pytest.approx(1 - predicted, rel=0.02)
    assert 1 - found > 1.3 * (
        1 - number(outliers.isolated().values["overlap"], spike=math.sqrt(size) * k**-gamma, spread=1.0)
    )
    # One third at the merging index, whatever σ.
    merging = outliers.merging().values
    third = merging["hidden"].subs(K, merging["merging_index"]).subs({decay: 1, spread: 2, dim: 10**4})
    assert float(third) == pytest.approx(1 / 3, rel=1e-12)


@pytest.mark.parametrize(
    ("gamma", "k", "within"), [(0.75, 200, 0.03), (1.5, 2000, 0.02), (2.0, 2000, 0.02), (3.0, 5000, 0.02)]
)
def test_shift_of_a_power_law(gamma, k, within):
    """Relative correction of the shift at d = 2·10^5, against the sum; next orders are (k/d)^{2γ-1} of it, and 1/k."""
    size = 2 * 10**5
    s, near, _ = sums(size, gamma, k)
    found = near * s - 1
    predicted = number(outliers.shift_correction().result, decay=gamma, dim=size, k=k)
    assert found == pytest.approx(predicted, rel=within, abs=3 / size)


def test_crowding_exponent_is_where_the_two_meet():
    values = outliers.merging().values
    at = {outliers.spread_exponent: values["crowding_spread_exponent"]}
    assert sp.simplify((values["merging_exponent"] - values["outlier_exponent"]).subs(at)) == 0
    # There half of the exponent of d is reached, for every decay.
    assert sp.simplify(values["outlier_exponent"].subs(at)) == sp.Rational(1, 2)


def test_merged_spikes_keep_their_density():
    """d = 10^5, γ = 1, σ = 10^-2: heights at spikes far beyond merging are π σ² ρ_0."""
    size, gamma, sigma = 10**5, 1.0, 1e-2
    teacher = math.sqrt(size) * np.arange(1.0, size + 1) ** -gamma
    merged = number(outliers.merging().values["merging_index"], decay=gamma, dim=size, spread=sigma)
    for k in (int(2 * merged), int(4 * merged)):
        u = (teacher[k - 1] + teacher[k]) / 2
        v = optimize.brentq(lambda v: (1 / ((u - teacher) ** 2 + v**2)).sum() / size - sigma**-2, 1e-9, 1.0)  # noqa: B023
        level = k / (gamma * size * u)
        predicted = number(outliers.continuum().values["height"], teacher_density=level, spike=u, spread=sigma)
        # Relative corrections: v/s, here about 1%, and what smaller spikes take from the far sum.
        assert v == pytest.approx(predicted, rel=0.03)
        bare = number(outliers.continuum().values["relative_height"], decay=gamma, dim=size, spread=sigma, k=k)
        assert bare == pytest.approx(math.pi * sigma**2 * level / u, rel=1e-3)
