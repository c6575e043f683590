"""Stein's unbiased risk estimate for eigenvalue thresholding, against Monte Carlo (theory.md N4).

The state equations of the quadratic network rest on it: Y = S* + τ G with G symmetric Gaussian, of unit variance in
orthonormal coordinates, is thresholded by η = max(· - t, 0) on its eigenvalues, and the error is known without S*.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import DomainError, real, require
from ...solution import ErrorKind, Solution, Status
from ..inputs import integer
from ..runs import standard_error
from .coordinates import symmetric

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SteinSample:
    """One row a draw.

    Parameters
    ----------
    loss : array of shape (runs,)
        ‖η(Y) - S*‖_F².
    divergence : array of shape (runs,)
        div η(Y) = Σ η'(λ_i) + Σ_{i<j} (η(λ_i) - η(λ_j))/(λ_i - λ_j).
    estimate : array of shape (runs,)
        ‖η(Y) - Y‖² - τ² D + 2 τ² div η(Y), D = dim (dim + 1)/2.
    """

    loss: Array
    divergence: Array
    estimate: Array

    @property
    def bias(self) -> float:
        """Mean of estimate - loss: zero in expectation."""
        return float(np.mean(self.estimate - self.loss))

    @property
    def bias_stderr(self) -> float | None:
        """Standard error of `bias`, from the paired differences."""
        return standard_error(self.estimate - self.loss)


def divergence(eigenvalues: ArrayLike, threshold: float) -> float:
    """Return div η of the matrix with these eigenvalues, η = max(· - threshold, 0).

    Examples
    --------
    >>> divergence([2.0, 0.0], 1.0)  # one of two eigenvalues kept: 1 + (1 - 0)/(2 - 0)
    1.5
    """
    values = np.sort(np.asarray(eigenvalues, dtype=float))
    kept = values > threshold
    above, below = values[kept], values[~kept]
    # Both kept: the quotient is 1, both cut: 0, whatever their distance; only pairs across the threshold are computed.
    pairs = 0.5 * above.size * (above.size - 1)
    across = (above[:, None] - threshold) / (above[:, None] - below[None, :])
    return float(above.size + pairs + np.sum(across))


def sample_stein(
    teacher: ArrayLike, *, noise_level: float, threshold: float, runs: int, seed: int
) -> Solution[SteinSample]:
    """Draw Y = S* + τ G and compare the error of thresholding with its estimate (claim N4).

    Parameters
    ----------
    teacher : array of shape (dim,)
        Eigenvalues of S*.
    noise_level, threshold : float
        τ ≥ 0 and t ≥ 0.
    runs, seed : int
        Number of draws, and the seed of all of them.

    Returns
    -------
    Solution of SteinSample
        `error` is the standard error of the mean loss relative to it.

    Raises
    ------
    DomainError
        Arguments outside these ranges.

    Examples
    --------
    >>> sample = sample_stein([3.0, 1.0, 0.0], noise_level=0.5, threshold=0.4, runs=200, seed=1).value
    >>> abs(sample.bias) < 4 * sample.bias_stderr
    True
    """
    try:
        values = np.array(teacher, dtype=np.float64, ndmin=1)
    except (TypeError, ValueError, OverflowError):
        raise DomainError("teacher", teacher, "a non-empty list of finite real numbers") from None
    usable = values.ndim == 1 and values.size > 0 and bool(np.isfinite(values).all())
    require(usable, "teacher", teacher, "a non-empty list of finite real numbers")
    level, cut = real("noise_level", noise_level, at_least=0), real("threshold", threshold, at_least=0)
    generator = np.random.default_rng(integer("seed", seed, 0))
    rows = np.array([_draw(np.diag(values), level, cut, generator) for _ in range(integer("runs", runs, 1))])
    sample = SteinSample(rows[:, 0], rows[:, 1], rows[:, 2])
    stderr, mean = standard_error(sample.loss), float(sample.loss.mean())
    known = stderr is not None and mean > 0
    error = stderr / mean if stderr is not None and mean > 0 else math.inf
    kind = ErrorKind.ESTIMATE if known else ErrorKind.NONE
    return Solution(sample, Status.CONVERGED, error, kind, f"{len(rows)} draws of S* + τ G", {}, seed)


def _draw(teacher: Array, level: float, threshold: float, generator: np.random.Generator) -> tuple[float, float, float]:
    dim = teacher.shape[0]
    size = dim * (dim + 1) // 2
    observed = teacher + level * symmetric(generator.standard_normal(size), dim)
    values, basis = np.linalg.eigh(observed)
    kept = np.maximum(values - threshold, 0)
    div = divergence(values, threshold)
    loss = float(np.sum(((basis * kept) @ basis.T - teacher) ** 2))
    estimate = float(np.sum((kept - values) ** 2)) - level**2 * size + 2 * level**2 * div
    return loss, div, estimate
