"""Random matrices Y = S* + τG drawn and diagonalised: Stein's estimate, spectra and overlaps without any limit (N4, N8).

What is here knows no free convolution and no state equation; it is what these are compared with. G is symmetric with unit
variance in orthonormal coordinates: variance 1 on the diagonal, 1/2 off it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import real, require
from ...solution import ErrorKind, Solution, Status
from .stein import divergence

Array = NDArray[np.float64]

# Step of central differences relative to the gaps between eigenvalues: their error is its square, rounding 1e-16 over it.
STEP = 1e-5


def gaussian_symmetric(dim: int, generator: np.random.Generator) -> Array:
    """A symmetric Gaussian matrix with unit variance in every orthonormal coordinate.

    Examples
    --------
    >>> drawn = gaussian_symmetric(3, np.random.default_rng(1))
    >>> bool((drawn == drawn.T).all())
    True
    """
    square = generator.standard_normal((dim, dim))
    return np.asarray((square + square.T) / 2)


def differentiated_divergence(eigenvalues: ArrayLike, threshold: float, seed: int) -> Solution[float]:
    """The divergence of S -> max(S - t, 0) at a matrix with these eigenvalues, differentiated coordinate by coordinate.

    Parameters
    ----------
    eigenvalues : array
        Distinct, none at the threshold.
    threshold : float
        t.
    seed : int
        Of the random basis: the divergence does not depend on it.

    Returns
    -------
    Solution of float
        `error` is relative, the difference between two steps.

    Examples
    --------
    >>> round(differentiated_divergence([2.0, -2.0], 0.0, seed=1).value, 6)
    1.5
    """
    values = np.asarray(eigenvalues, dtype=float)
    require(values.ndim == 1 and values.size > 0, "eigenvalues", eigenvalues, "a vector of numbers")
    basis = np.linalg.qr(np.random.default_rng(seed).standard_normal((values.size, values.size)))[0]
    matrix = basis @ np.diag(values) @ basis.T
    fine, coarse = (_central(matrix, threshold, step) for step in (STEP, 2 * STEP))
    error = abs(fine - coarse) / abs(fine) + 1e-9
    return Solution(fine, Status.CONVERGED, error, ErrorKind.ESTIMATE, "central differences", {}, seed)


def _central(matrix: Array, threshold: float, step: float) -> float:
    total = 0.0
    for i in range(matrix.shape[0]):
        for j in range(i + 1):
            direction = np.zeros_like(matrix)
            direction[i, j] = direction[j, i] = 1.0 if i == j else 1 / math.sqrt(2)
            ahead, behind = (_denoised(matrix + sign * step * direction, threshold) for sign in (1, -1))
            total += float((direction * (ahead - behind)).sum()) / (2 * step)
    return total


def _denoised(matrix: Array, threshold: float) -> Array:
    values, basis = np.linalg.eigh(matrix)
    return np.asarray((basis * np.maximum(values - threshold, 0.0)) @ basis.T)


@dataclass(frozen=True, eq=False)
class SteinTerms:
    """What Stein's identity is about, one entry a draw.

    Parameters
    ----------
    error : array
        ‖η(Y) - S*‖².
    distance : array
        ‖η(Y) - Y‖².
    degrees_of_freedom : array
        div η(Y).
    """

    error: Array
    distance: Array
    degrees_of_freedom: Array


def stein_terms(
    *, dim: int, decay: float, noise_level: float, threshold: float, draws: int, seed: int
) -> Solution[SteinTerms]:
    """Draw Y = S* + τG for the teacher s_k = √d k^-decay and measure the terms of Stein's estimate (N4).

    Examples
    --------
    >>> terms = stein_terms(dim=5, decay=1.0, noise_level=0.5, threshold=1.0, draws=3, seed=1).value
    >>> terms.error.shape, bool((terms.degrees_of_freedom >= 0).all())
    ((3,), True)
    """
    level = real("noise_level", noise_level, above=0)
    teacher = math.sqrt(dim) * np.arange(1, dim + 1, dtype=float) ** -decay
    generator = np.random.default_rng(seed)
    rows = []
    for _ in range(draws):
        values, basis = np.linalg.eigh(np.diag(teacher) + level * gaussian_symmetric(dim, generator))
        learned = np.maximum(values - threshold, 0.0)
        cross = float(((basis**2) @ learned) @ teacher)
        error = float(learned @ learned) - 2 * cross + float(teacher @ teacher)
        rows.append((error, float(((learned - values) ** 2).sum()), divergence(values, threshold)))
    value = SteinTerms(*np.array(rows).T)
    error = float(value.error.std() / math.sqrt(draws) / value.error.mean())
    return Solution(value, Status.CONVERGED, error, ErrorKind.ESTIMATE, f"{draws} random matrices", {}, seed)


@dataclass(frozen=True, eq=False)
class NoisySpectra:
    """Eigenvalues of Y, descending, one row a draw, and squared overlaps of the k-th eigenvector with the k-th spike."""

    eigenvalues: Array
    overlaps: Array


def noisy_spectra(*, teacher: ArrayLike, spread: float, draws: int, seed: int) -> Solution[NoisySpectra]:
    """Draw Y = diag(teacher) + τG with τ² = 2σ²/(d + 1), so that the mean square eigenvalue of τG is σ² at any d (N4).

    Parameters
    ----------
    teacher : array of shape (dim,)
        Eigenvalues of S*, descending.
    spread : float
        σ > 0.
    draws, seed : int
        Number of matrices, and the seed.

    Examples
    --------
    >>> drawn = noisy_spectra(teacher=[4.0, 0.0, 0.0], spread=0.1, draws=2, seed=1).value
    >>> drawn.eigenvalues.shape, bool((drawn.overlaps[:, 0] > 0.99).all())
    ((2, 3), True)
    """
    spikes = np.asarray(teacher, dtype=float)
    require(spikes.ndim == 1 and spikes.size > 0, "teacher", teacher, "a vector of numbers")
    level = real("spread", spread, above=0) * math.sqrt(2 / (spikes.size + 1))
    generator = np.random.default_rng(seed)
    values, overlaps = np.empty((draws, spikes.size)), np.empty((draws, spikes.size))
    for row in range(draws):
        found, basis = np.linalg.eigh(np.diag(spikes) + level * gaussian_symmetric(spikes.size, generator))
        values[row] = found[::-1]
        overlaps[row] = np.diag(basis[:, ::-1]) ** 2
    value = NoisySpectra(values, overlaps)
    return Solution(value, Status.CONVERGED, 0.0, ErrorKind.NONE, f"{draws} random matrices", {}, seed)
