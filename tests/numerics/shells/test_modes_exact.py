"""Kato's equations where they have an exact solution: eigenvalues that stay or move evenly in a basis that turns evenly.

With M = R diag(λ) Rᵀ and R = exp(tA) the vector a = Rᵀe obeys a' = -(diag(λ) + A) a, whose solution is one exponential.
Modes of eigenvalue zero are the kernel.
"""

import numpy as np
import pytest
from scipy.linalg import expm

from scalecheck.numerics.errors import NotConverged
from scalecheck.numerics.shells.families import Family
from scalecheck.numerics.shells.modes import integrate_modes

GENERATOR = np.array(
    [[0.0, 0.7, -0.2, 0.4], [-0.7, 0.0, 0.5, -0.3], [0.2, -0.5, 0.0, 0.6], [-0.4, 0.3, -0.6, 0.0]]
)  # fmt: skip
ERROR = np.array([1.0, -0.5, 0.8, 0.3])
END = 1.3


class Turning(Family):
    """M(t) with eigenvalues start + slope t, those that are and stay 0 being the kernel."""

    def __init__(self, start, slope=0.0):
        self.start, self.slope = np.asarray(start), np.asarray(slope) * np.ones(len(start))

    @property
    def dim(self):
        return self.start.size

    @property
    def rank(self):
        return int(np.count_nonzero(self.start))

    def basis(self, time):
        return expm(time * GENERATOR[: self.dim, : self.dim])

    def values(self, time):
        return self.start + time * self.slope

    def matrix(self, time):
        return (self.basis(time) * self.values(time)) @ self.basis(time).T

    def derivative(self, time):
        product = GENERATOR[: self.dim, : self.dim] @ self.matrix(time)
        return product + product.T + (self.basis(time) * self.slope) @ self.basis(time).T


SPECTRA = [
    [0.4, 1.0, 2.5, 4.0],
    [0.0, 0.6, 1.5, 3.0],
    [0.0, 0.0, 1.0, 2.2],
    [0.0, 0.0, 0.0, 1.5],
    [0.0, 1.2],
    [0.5, 2.0],
]


def exactly(family, time):
    """Rᵀe at a time, for eigenvalues that stay."""
    return expm(-time * (np.diag(family.start) + GENERATOR[: family.dim, : family.dim])) @ ERROR[: family.dim]


@pytest.mark.parametrize("spectrum", SPECTRA, ids=str)
def test_amplitudes_kernel_and_vectors_are_those_of_the_exact_solution(spectrum):
    family = Turning(spectrum)
    solution = integrate_modes(family, ERROR[: family.dim], begin=0.0, end=END, samples=14)
    found, hidden = solution.value, family.dim - family.rank
    assert solution.error < 1e-8
    for row, time in enumerate(found.times):
        turned, basis = exactly(family, time), family.basis(time)
        sign = np.sign(np.sum(found.vectors[row] * basis[:, hidden:], axis=0))
        np.testing.assert_allclose(found.direct[row], basis @ turned, atol=1e-9)
        np.testing.assert_allclose(found.eigenvalues[row], family.start[hidden:], atol=1e-9)
        np.testing.assert_allclose(found.vectors[row] * sign, basis[:, hidden:], atol=1e-9)
        np.testing.assert_allclose(found.amplitudes[row] * sign, turned[hidden:], atol=1e-9)
        np.testing.assert_allclose(found.kernel[row], basis[:, :hidden] @ turned[:hidden], atol=1e-9)


@pytest.mark.parametrize(("start", "slope"), [([0.5, 1.0, 2.0, 3.0], [0.3, 0.1, -0.1, 0.4]), ([0.0, 1.0, 2.0], [0.0, 0.5, -0.1])])  # fmt: skip
def test_eigenvalues_that_move_evenly_are_followed_and_their_gaps_told(start, slope):
    family = Turning(start, slope)
    solution = integrate_modes(family, ERROR[: family.dim], begin=0.0, end=END, samples=40)
    found, hidden = solution.value, family.dim - family.rank
    wanted = np.array([family.values(time)[hidden:] for time in found.times])
    np.testing.assert_allclose(found.eigenvalues, wanted, atol=1e-9)
    levels = np.array([family.values(time)[min(hidden, 1) - 1 if hidden else 0 :] for time in found.times])
    assert found.smallest_gap == pytest.approx(np.diff(levels, axis=1).min(), abs=1e-9)


BUGS = [
    # function, what stands there, what a bug makes of it
    ("integrate_modes", "amplitudes = vectors.T @ start", "amplitudes = 1.01 * (vectors.T @ start)"),
    ("integrate_modes", "start - vectors @ amplitudes", "start"),
    ("integrate_modes", "-family.matrix(t) @ e", "-1.01 * family.matrix(t) @ e"),
    ("_slope", "omega @ amplitudes", "-omega @ amplitudes"),
    ("_slope", "change + outside.T @ kernel", "change - outside.T @ kernel"),
    ("_slope", "-outside @ amplitudes", "outside @ amplitudes"),
    ("_slope", "- vectors @ (outside.T @ kernel)", ""),
    ("_slope", "turn + outside", "turn - outside"),
    ("_slope", "vectors @ omega.T", "vectors @ omega"),
    ("_slope", "np.diag(drift), change", "1.01 * np.diag(drift), change"),
    ("_table", "values.min() if rank < dim else np.inf", "np.inf"),
]


@pytest.mark.parametrize(("name", "piece", "wrong"), BUGS)
def test_a_bug_is_seen(name, piece, wrong, plant):
    plant(f"numerics.shells.modes:{name}", piece, wrong)
    with pytest.raises((AssertionError, NotConverged)):
        _all_of()


def _all_of():
    test_amplitudes_kernel_and_vectors_are_those_of_the_exact_solution(SPECTRA[1])
    test_eigenvalues_that_move_evenly_are_followed_and_their_gaps_told([0.3, 1.0, 2.0], [0.1, 0.5, -0.1])
    test_eigenvalues_that_move_evenly_are_followed_and_their_gaps_told([0.0, 0.2, 2.0], [0.0, 0.1, -0.1])
