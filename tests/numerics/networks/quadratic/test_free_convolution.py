"""The free convolution: exact values, honest errors, and the symmetries that it must have."""

from __future__ import annotations

import importlib.util
import math
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalecheck.numerics.errors import DomainError
from scalecheck.numerics.networks.quadratic import free_convolution as module
from scalecheck.numerics.networks.quadratic import uncertainty
from scalecheck.numerics.networks.quadratic.free_convolution import free_convolution
from scalecheck.numerics.networks.quadratic.spectrum import AtomicSpectrum

SQRT_2, SQRT_3 = math.sqrt(2.0), math.sqrt(3.0)


@pytest.fixture(scope="module")
def reference():
    """Load tests/problems/free_convolution_reference.py as a module: mpmath and Arb, independent of the package."""
    path = Path(__file__).resolve().parents[3] / "problems" / "free_convolution_reference.py"
    spec = importlib.util.spec_from_file_location("free_convolution_reference", path)
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def law_of(values, weights=None, variance=1.0):
    return free_convolution(AtomicSpectrum(values, weights), variance)


# --- exact values -----------------------------------------------------------------------------------------------------

# id, atoms, weights, variance, x, density, Hilbert transform. Provenance: "semicircle" is sqrt(4 v - x^2)/(2 pi v) and
# x/(2 v), outside (x - sqrt(x^2 - 4 v))/(2 v). "pair" are two atoms at -1 and 1: omega^3 - x omega^2 + (v - 1) omega + x
# = 0; at x = 0 its root is i sqrt(v - 1); at v = 2 and x = 2 it factors as (omega - 1/2 ...), see the test of the cubic.
TABLE = [
    ("semicircle-centre", [0.0], None, 1.0, 0.0, 1 / math.pi, 0.0),
    ("semicircle-inside", [0.0], None, 1.0, 1.0, SQRT_3 / (2 * math.pi), 0.5),
    ("semicircle-outside", [0.0], None, 1.0, 2.5, 0.0, 0.5),
    ("semicircle-outside-left", [0.0], None, 1.0, -2.5, 0.0, -0.5),
    ("semicircle-shifted", [3.0], None, 4.0, 5.0, SQRT_3 / (4 * math.pi), 0.25),
    ("semicircle-repeated-atoms", [3.0, 3.0, 3.0], [0.2, 0.3, 0.5], 4.0, 5.0, SQRT_3 / (4 * math.pi), 0.25),
    ("semicircle-tiny", [0.0], None, 1e-200, 1e-100, SQRT_3 / (2 * math.pi) * 1e100, 0.5e100),
    ("semicircle-huge", [0.0], None, 1e200, 1e100, SQRT_3 / (2 * math.pi) * 1e-100, 0.5e-100),
    ("pair-centre-merged", [-1.0, 1.0], None, 2.0, 0.0, 1 / (2 * math.pi), 0.0),
    ("pair-centre-touching", [-1.0, 1.0], None, 1.0, 0.0, 0.0, 0.0),
    ("pair-centre-apart", [-1.0, 1.0], None, 0.5, 0.0, 0.0, 0.0),
]


@pytest.mark.parametrize("row", TABLE, ids=[row[0] for row in TABLE])
def test_exact_values(row):
    _, atoms, weights, variance, x, density, hilbert = row
    found = law_of(atoms, weights, variance).at(x)
    scale = 1.0 / math.sqrt(variance)
    # A touching point is a triple root: there rounding itself moves the density by its cube root.
    tolerance = 1e-4 if row[0] == "pair-centre-touching" else 1e-14
    assert found.density == pytest.approx(density, rel=1e-14, abs=tolerance * scale)
    assert found.hilbert == pytest.approx(hilbert, rel=1e-14, abs=tolerance * scale)
    assert abs(found.density - density) <= found.density_error + 1e-16 * scale
    assert abs(found.hilbert - hilbert) <= found.hilbert_error + 1e-16 * scale


@pytest.mark.parametrize("variance", [0.1, 0.9, 1.1, 2.0, 30.0])
def test_two_atoms_solve_their_cubic(variance):
    """Every root of omega^3 - x omega^2 + (v - 1) omega + x, from the companion matrix; the one above the line counts."""
    law = law_of([-1.0, 1.0], variance=variance)
    for x in np.linspace(-3.0, 3.0, 13) * max(1.0, math.sqrt(variance)):
        omega = max(np.roots([1.0, -x, variance - 1.0, x]), key=lambda root: root.imag)
        assert law.at(x).density == pytest.approx(max(omega.imag, 0.0) / (np.pi * variance), abs=1e-9)


@pytest.mark.parametrize("variance", [1e-6, 0.5, 0.99, 1 - 1e-9, 1.01, 5.0])
def test_edges_of_two_atoms(variance):
    """m (u^2 + 1) = (u^2 - 1)^2 is quadratic in u^2: the edges in closed form, at 40 digits."""
    with mpmath.workdps(40):
        m = mpmath.mpf(variance)
        root = mpmath.sqrt(m * m / 4 + 2 * m)
        squares = [1 + m / 2 + sign * root for sign in (-1, 1)]
        edges = sorted(u + m * u / (u * u - 1) for t in squares if t > 0 for u in (mpmath.sqrt(t), -mpmath.sqrt(t)))
    parts = law_of([-1.0, 1.0], variance=variance).support
    found = [edge for part in parts for edge in (part.low, part.high)]
    assert len(found) == len(edges) == (4 if variance < 1 else 2)
    errors = [part.error for part in parts for _ in range(2)]
    for value, exact, error in zip(found, edges, errors, strict=True):
        assert abs(value - float(exact)) <= error < 1e-13


def test_touching_bumps_are_one_interval():
    assert len(law_of([-1.0, 1.0], variance=1.0).support) == 1
    assert len(law_of([-1.0, 1.0], variance=1.0 - 1e-8).support) == 2


# --- 30 digits --------------------------------------------------------------------------------------------------------


def hard_points(law, intervals=3):
    """Inside, at and beside the edges of some intervals, at the floats next to the edges, in gaps and far away."""
    points = []
    parts = law.support
    for part in parts[:: max(1, len(parts) // intervals)]:
        width = part.high - part.low
        points += [part.low + width * share for share in (-0.1, 1e-9, 1e-4, 0.31, 0.5, 1 - 1e-6, 1 + 1e-7)]
        points += [part.low, part.high, np.nextafter(part.low, np.inf), np.nextafter(part.high, np.inf)]
    return [*points, parts[-1].high + 10.0, parts[0].low - 1e3]


def worst_ratio(law, points, exact):
    """Largest true error over claimed error."""
    found, worst = law.at(points), 0.0
    for i, x in enumerate(points):
        density, hilbert = exact(x)
        rows = ((density, found.density, found.density_error), (hilbert, found.hilbert, found.hilbert_error))
        for truth, value, error in rows:
            if truth is None:
                continue
            # The reference itself is finite: 20 digits of what the law can be at most.
            floor = mpmath.mpf(10) ** -18 / mpmath.sqrt(law.variance)
            miss = abs(truth - float(value[i]))
            worst = max(worst, float(miss / (float(error[i]) + floor)))
    return worst


SPECTRA = {
    "one atom": ([0.7], None),
    "three": ([-1.0, 0.2, 1.5], [0.5, 0.3, 0.2]),
    "weak atom beside a strong one": ([0.0, 0.3, 2.0], [0.5, 1e-6, 0.499999]),
    "pair within 1e-9": ([1.0, 1.0 + 1e-9, 3.0], None),
    "far from zero": ([1e6, 1e6 + 1.0, 1e6 + 2.5], None),
}
VARIANCES = [1e-18, 1e-6, 0.3, 1.0, 1e16]


@pytest.mark.parametrize("variance", VARIANCES)
@pytest.mark.parametrize("name", SPECTRA)
def test_claims_cover_the_truth_with_all_roots(reference, name, variance):
    """Honesty, against a polynomial all of whose roots are known."""
    values, weights = SPECTRA[name]
    law = law_of(values, weights, variance)
    points = hard_points(law, 2)
    assert worst_ratio(law, points, lambda x: reference.by_roots(values, weights, variance, x)) <= 1.0


@pytest.mark.parametrize("variance", [1e-14, 1e-4, 0.09, 4.0])
def test_claims_cover_the_truth_with_many_atoms(reference, variance):
    """Honesty, against Newton's method at 40 digits followed down from far above the real line."""
    rng = np.random.default_rng(7)
    values, weights = rng.normal(size=25), rng.uniform(0.05, 1.0, size=25)
    weights /= weights.sum()
    law = law_of(values, weights, variance)
    points = hard_points(law, 1)[::2]
    assert worst_ratio(law, points, lambda x: reference.by_continuation(values, weights, variance, x)) <= 1.0


@pytest.mark.parametrize("variance", [1e-16, 1e-6, 1e-2, 1.0, 1e16])
def test_accurate_away_from_edges(variance):
    """Convergence, apart from honesty: relative 1e-10 is claimed wherever the density is not about to vanish."""
    rng = np.random.default_rng(11)
    law = law_of(rng.normal(size=1000), variance=variance)
    parts = law.support[:: max(1, len(law.support) // 50)]
    points = np.concatenate([np.linspace(part.low, part.high, 9)[1:-1] for part in parts])
    found = law.at(points)
    inner = found.density > 1e-3 * found.density.max()
    assert inner.mean() > 0.5
    assert np.max(found.density_error[inner] / found.density[inner]) < 1e-10
    assert np.max(found.hilbert_error[inner]) < 1e-10 * max(1.0, float(np.abs(found.hilbert).max()))


def test_without_roundings_the_claims_are_lies(reference, monkeypatch):
    """Negative control: an error that leaves rounding out does not cover the truth."""
    values, weights = SPECTRA["three"]
    for name, value in (("ROUNDINGS", 0.0), ("EPSILON", 1e-20)):
        monkeypatch.setattr(module, name, value)
        monkeypatch.setattr(uncertainty, name, value)
    law = law_of(values, weights, 0.3)
    assert worst_ratio(law, hard_points(law), lambda x: reference.by_roots(values, weights, 0.3, x)) > 1.0


def test_another_variance_is_noticed(reference):
    """Negative control: one part in 1e9 of the variance."""
    values, weights = SPECTRA["three"]
    law = law_of(values, weights, 0.3 * (1.0 + 1e-9))
    assert worst_ratio(law, [0.1, 0.5], lambda x: reference.by_roots(values, weights, 0.3, x)) > 1.0


# --- moments ----------------------------------------------------------------------------------------------------------


@cache
def partitions(n):
    """All partitions of 0, ..., n - 1 as tuples of blocks."""
    if n == 0:
        return ((),)
    out = []
    for smaller in partitions(n - 1):
        out.append((*smaller, (n - 1,)))
        out += [(*smaller[:i], (*smaller[i], n - 1), *smaller[i + 1 :]) for i in range(len(smaller))]
    return tuple(out)


def crossing(partition):
    """Whether some a < b < c < d have a, c in one block and b, d in another."""
    return any(
        a < b < c < d
        for one in partition
        for other in partition
        if one != other
        for a in one
        for c in one
        for b in other
        for d in other
    )


@cache
def non_crossing(n):
    return tuple(p for p in partitions(n) if not crossing(p))


def moment(cumulants, n):
    return sum((math.prod(cumulants[len(block)] for block in p) for p in non_crossing(n)), start=Fraction(0))


def exact_moments(values, weights, variance, order):
    """Free cumulants of the spectrum by inverting the sum over non-crossing partitions; the second gains the variance."""
    moments = [sum(w * s**n for s, w in zip(values, weights, strict=True)) for n in range(order + 1)]
    cumulants = {}
    for n in range(1, order + 1):
        cumulants[n] = Fraction(0)
        cumulants[n] = moments[n] - moment(cumulants, n)
    cumulants[2] = cumulants.get(2, Fraction(0)) + variance
    return [moment(cumulants, n) for n in range(order + 1)]


def test_catalan_numbers_count_the_partitions():
    assert [len(non_crossing(n)) for n in range(8)] == [1, 1, 2, 5, 14, 42, 132, 429]


@pytest.mark.parametrize(
    ("values", "weights", "variance"),
    [
        ([0], [1], 1),
        ([-1, 1], [Fraction(1, 2)] * 2, 2),
        ([-3, 1, 4], [Fraction(k, 8) for k in (5, 1, 2)], Fraction(1, 4)),
    ],
)
def test_moments_are_sums_over_non_crossing_partitions(values, weights, variance):
    exact = exact_moments([Fraction(s) for s in values], weights, Fraction(variance), 7)
    found = law_of(values, [float(w) for w in weights], float(variance)).moments(7)
    assert found.value == pytest.approx([float(m) for m in exact], rel=found.error, abs=1e-12)
    wrong = exact_moments([Fraction(s) for s in values], weights, Fraction(variance) + Fraction(1, 1000), 7)
    assert found.value[4] != pytest.approx(float(wrong[4]), rel=1e-6, abs=0)


def integral(law, function, nodes=400):
    """Integrate over the support by the midpoint rule in the angle, which square-root edges make exponentially exact."""
    angles = (np.arange(nodes) + 0.5) * np.pi / nodes
    total = 0.0
    for part in law.support:
        middle, half = 0.5 * (part.low + part.high), 0.5 * (part.high - part.low)
        x = middle + half * np.cos(angles)
        total += float(np.sum(law.density(x).value * function(x) * np.sin(angles)) * half * np.pi / nodes)
    return total


@pytest.mark.parametrize("variance", [1e-8, 0.05, 0.4, 1e6])
def test_density_integrates_to_mass_and_moments(variance):
    values, weights = [-1.0, 0.2, 1.5], [0.5, 0.3, 0.2]
    law = law_of(values, weights, variance)
    assert integral(law, np.ones_like) == pytest.approx(1.0, abs=1e-10)
    assert law.mass().value == 1.0
    moments = law.moments(6)
    for n in range(1, 7):
        size = max(1.0, abs(moments.value[n]))
        assert integral(law, lambda x, n=n: x**n) == pytest.approx(moments.value[n], abs=1e-9 * size)


def test_mass_of_a_component_is_that_of_its_atoms():
    law = law_of([-5.0, 0.0, 0.1, 7.0], [0.125, 0.25, 0.5, 0.125], 0.01)
    masses = [part.mass for part in law.support]
    assert masses == pytest.approx([0.125, 0.75, 0.125], abs=1e-15)
    for part, mass in zip(law.support, masses, strict=True):
        width = part.high - part.low
        assert law.mass(part.low - width, part.high + width).value == pytest.approx(mass, abs=1e-14)


# --- symmetries -------------------------------------------------------------------------------------------------------

atoms = st.lists(st.floats(-3, 3), min_size=1, max_size=12)
log_sigma = st.floats(-7, 4)


@given(atoms, log_sigma, st.floats(-1.2, 1.2))
def test_subordination_in_plain_complex_numbers(values, log_sigma, share):
    """G(x) = G_0(x - variance G(x)) with G = H - i pi density, and Newton's slope turns its miss into an error."""
    variance = 10.0 ** (2.0 * log_sigma)
    law = law_of(values, variance=variance)
    part = law.support[len(law.support) // 2]
    x = 0.5 * (part.low + part.high) + share * 0.5 * (part.high - part.low)
    found = law.at(x)
    transform = complex(found.hilbert, -math.pi * found.density)
    omega = x - variance * transform
    spacing = 1e-15 * (abs(x) + 3.0) / abs(min((omega - s for s in values), key=abs))
    again = sum(1.0 / (omega - s) for s in values) / len(values)
    assert abs(again - transform) <= (1e-11 + 100.0 * spacing) * max(abs(transform), abs(again))


@given(atoms, log_sigma)
def test_reflection_scaling_and_shift(values, log_sigma):
    variance = 10.0 ** (2.0 * log_sigma)
    law, values = law_of(values, variance=variance), np.array(values)
    points = np.array([part.low + 0.3 * (part.high - part.low) for part in law.support])
    there = law.at(points)
    mirrored = law_of(-values, variance=variance).at(-points)
    assert mirrored.density == pytest.approx(there.density, rel=1e-13, abs=0)
    assert np.all(np.abs(mirrored.hilbert + there.hilbert) <= mirrored.hilbert_error + there.hilbert_error)
    scaled = law_of(1024.0 * values, variance=1024.0**2 * variance).at(1024.0 * points)
    assert 1024.0 * scaled.density == pytest.approx(there.density, rel=1e-15, abs=0)
    shifted = law_of(values + 1.0, variance=variance).at(points + 1.0)
    # Adding 1 rounds x and the atoms, by as much as 1e-15 of a bump's width and more.
    slack = 1e-14 / (math.sqrt(variance / values.size) + 1e-14)
    assert shifted.density == pytest.approx(there.density, rel=1e-12 + 1e2 * slack, abs=0)


@given(atoms, log_sigma)
def test_support_holds_all_mass_and_every_atom_is_in_one_interval(values, log_sigma):
    law = law_of(values, variance=10.0 ** (2.0 * log_sigma))
    parts = law.support
    assert sum(part.mass for part in parts) == pytest.approx(1.0, abs=1e-14)
    assert all(part.low < part.high for part in parts)
    assert all(one.high < two.low for one, two in pairwise(parts))
    middle = law.at([0.5 * (part.low + part.high) for part in parts])
    assert np.all(middle.density > 0.0)
    ends = law.cdf([part.high for part in parts]).value
    assert ends == pytest.approx(np.cumsum([part.mass for part in parts]), abs=1e-12)


@given(atoms, log_sigma, st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_quantile_inverts_the_cumulative_mass(values, log_sigma, masses):
    law = law_of(values, variance=10.0 ** (2.0 * log_sigma))
    found = law.quantile(masses)
    back = law.cdf(found.value)
    assert np.all(np.abs(back.value - masses) <= found.error + back.error)
    order = np.argsort(masses)
    apart = np.diff(np.array(masses)[order]) > 2.0 * found.error
    assert np.all(np.diff(found.value[order])[apart] >= 0.0)


@given(atoms, st.floats(0.01, 10), st.floats(0.01, 10))
def test_semigroup(values, first, second):
    """Convolving with one semicircle after another adds the variances: moments, through the package's own inversion."""
    one = law_of(values, variance=first).moments(12).value
    both = law_of(values, variance=first + second).moments(12).value
    twice = module._lagrange(one, second)
    size = law_of(np.abs(values), variance=first + second).moments(12).value
    assert np.all(np.abs(twice - both) <= 1e-12 * size)


def test_extreme_masses_are_the_edges():
    law = law_of([-10.0, 10.0], [0.25, 0.75])
    (left, right), found = law.support, law.quantile([0.0, 0.25, 0.2500001, 1.0]).value
    assert found[[0, 3]] == pytest.approx([left.low, right.high], abs=0)
    assert found[1] == pytest.approx(left.high, abs=1e-9)
    assert found[2] > right.low - 1e-9


# --- bumps ------------------------------------------------------------------------------------------------------------


def test_no_isolated_bump_is_missed():
    """2,000 atoms and sigma 1e-9: every bump has its atom's weight and half-width 2 sigma sqrt(weight)."""
    rng = np.random.default_rng(3)
    values = np.sort(rng.permutation(10**6)[:2000]) * 1e-3
    weights = rng.uniform(0.1, 1.0, size=2000)
    weights /= weights.sum()
    parts = law_of(values, weights, 1e-18).support
    assert len(parts) == 2000
    assert [part.mass for part in parts] == pytest.approx(weights, rel=1e-13, abs=0)
    problem = law_of(values, weights, 1e-18)
    images = problem.components.high_image - problem.components.low_image
    half = 0.5 * problem.problem.original(images)
    assert half == pytest.approx(2e-9 * np.sqrt(weights), rel=1e-9, abs=0)


def test_gaps_open_one_after_the_other():
    """Equidistant atoms of growing spacing: the number of intervals is counted by a fine scan of the density."""
    values = np.cumsum(np.linspace(0.05, 0.5, 40))
    law = law_of(values, variance=0.04)
    scan = law.density(np.linspace(values[0] - 1.0, values[-1] + 1.0, 40001)).value > 0.0
    assert len(law.support) == np.count_nonzero(np.diff(scan.astype(int)) == 1)
    assert 1 < len(law.support) < 40


def test_multiplicity_is_weight():
    values = [0.0, 1.0, 1.0, 1.0, 4.0]
    one, two = law_of(values, variance=0.3), law_of([0.0, 1.0, 4.0], [0.2, 0.6, 0.2], 0.3)
    x = np.linspace(-2.0, 6.0, 50)
    assert one.density(x).value == pytest.approx(two.density(x).value, rel=1e-12, abs=1e-14)


def test_random_matrices():
    """Eigenvalues of diag(s) + noise at size 500 follow the law within a few level spacings (rigidity of eigenvalues)."""
    rng = np.random.default_rng(5)
    size, variance = 500, 0.2
    values = rng.choice([-1.0, 0.5, 2.0], size=size, p=[0.3, 0.3, 0.4])
    noise = rng.normal(size=(size, size))
    noise = (noise + noise.T) * math.sqrt(variance / (2 * size))
    eigenvalues = np.linalg.eigvalsh(np.diag(values) + noise)
    ranks = (np.arange(size) + 0.5) / size
    distance = np.abs(law_of(values, variance=variance).cdf(eigenvalues).value - ranks).max()
    assert distance < 4.0 / size
    wrong = np.abs(law_of(values, variance=1.5 * variance).cdf(eigenvalues).value - ranks).max()
    assert wrong > 8.0 / size


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("variance", [0.0, -1.0, math.nan, math.inf, "x", 1e-300])
def test_bad_variances_are_refused(variance):
    with pytest.raises(DomainError, match="variance"):
        free_convolution(AtomicSpectrum([0.0, 1.0]), variance)


def test_what_is_no_spectrum_is_refused():
    with pytest.raises(DomainError, match="spectrum"):
        free_convolution([0.0, 1.0], 1.0)


@pytest.mark.parametrize(
    ("method", "arguments", "field"),
    [
        ("at", (math.nan,), "positions"), ("density", ([0.0, math.inf],), "positions"), ("cdf", ("x",), "positions"),
        ("quantile", (1.5,), "masses"), ("quantile", (math.nan,), "masses"), ("moments", (-1,), "order"),
        ("moments", (2.5,), "order"), ("moments", (61,), "order"), ("mass", (1.0, 0.0), "low"),
    ],
)  # fmt: skip
def test_bad_arguments_are_refused(method, arguments, field):
    with pytest.raises(DomainError, match=field):
        getattr(law_of([0.0]), method)(*arguments)


def test_shapes_are_kept():
    law = law_of([0.0, 1.0])
    assert law.at(0.3).density.shape == ()
    assert law.at(np.zeros((2, 3))).hilbert.shape == (2, 3)
    assert law.quantile([[0.1, 0.2]]).value.shape == (1, 2)
    assert law.density([]).value.shape == (0,)
