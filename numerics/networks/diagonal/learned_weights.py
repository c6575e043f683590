"""What the diagonal network learns: the distribution of its weights soft(theta*_k + tau z; t), summed (theory.md N8).

Counts are expected numbers of weights, signs as for a teacher of positive weights. Each is a sum over the teacher of a
Gaussian integral in closed form, at a cost that does not grow with the dimension.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from ...errors import NotConverged, real, require
from ...power_sums import Array
from ...solution import Solution
from ..teacher import Teacher, named_teacher
from .residuals import LARGEST_MU, cuts
from .soft_threshold import INVERSE_SQRT_2PI
from .state_equations import solve

# Beyond this many tau a Gaussian tail is zero in floating point.
FARTHEST = 39.0
# Bisection stops when its ends are neighbouring floats: 60 steps on values of one size, more only for tiny ones.
STEPS = 120


@final
@dataclass(frozen=True)
class LearnedWeights:
    """The law of the learned weights theta_k ~ soft(theta*_k + tau z; t), z ~ N(0, 1) (theory.md N8).

    Parameters
    ----------
    teacher : Teacher
        Target weights theta*.
    noise_level, threshold : float
        tau > 0 and t >= 0 of the state equations.

    Raises
    ------
    DomainError
        Outside these ranges.

    Notes
    -----
    Counts are good to a relative 1e-10. *When this is wrong*: expected counts below 1e-17 (tails more than nine tau
    from every weight of the teacher) are that small, but not resolved further.

    Examples
    --------
    >>> from scalecheck.numerics.networks.teacher import PowerLaw
    >>> weights = LearnedWeights(PowerLaw(1e12, 1.0), noise_level=1e-3, threshold=5e-3)
    >>> round(weights.zero_fraction, 9), round(float(weights.tail_count(0.1)))
    (0.999999426, 9)
    """

    teacher: Teacher
    noise_level: float
    threshold: float

    def __post_init__(self) -> None:
        require(isinstance(self.teacher, Teacher), "teacher", self.teacher, "a PowerLaw or Atoms")
        real("noise_level", self.noise_level, above=0)
        real("threshold", self.threshold, at_least=0)

    def _sum(self, size: Array, integrand: Callable[[Array, Array], Array], refined: bool = False) -> Array:
        """Sum over the teacher of integrand(mu, a), a = (t + |x|)/tau: mu is compared with a, not with alpha."""
        shape, flat = size.shape, np.abs(size).ravel()
        if flat.size == 0:
            return np.zeros(shape)
        ratio = (self.threshold + flat) / self.noise_level
        levels = cuts(np.full_like(ratio, self.noise_level), np.maximum(ratio, 1e-300))
        nodes = self.teacher.nodes(levels, refined=refined)
        mu = np.minimum(nodes.values / self.noise_level, LARGEST_MU)
        with np.errstate(under="ignore"):
            totals: Array = nodes.total(integrand(mu, ratio[nodes.owner, None]))[0]
        return totals.reshape(shape)

    def count_above(self, x: ArrayLike) -> Array:
        """Return the number of weights > x for x >= 0: sum_k Q((t + x)/tau - mu_k)."""
        return self._sum(_non_negative(x), lambda mu, a: ndtr(mu - a))

    def count_below(self, x: ArrayLike) -> Array:
        """Return the number of weights < -x for x >= 0: sum_k Q((t + x)/tau + mu_k)."""
        return self._sum(_non_negative(x), lambda mu, a: ndtr(-mu - a))

    def tail_count(self, x: ArrayLike) -> Array:
        """Return the number of weights of modulus > x, for x >= 0 (at 0: the degrees of freedom)."""
        return self._sum(_non_negative(x), lambda mu, a: ndtr(mu - a) + ndtr(-mu - a))

    @property
    def zero_count(self) -> float:
        """How many weights are exactly zero: sum_k P(|theta*_k + tau z| < t)."""
        zeroed = self._sum(np.zeros(1), lambda mu, a: ndtr(a - mu) - ndtr(-a - mu))
        return float(zeroed[0])

    @property
    def zero_fraction(self) -> float:
        """The share of weights that are exactly zero."""
        return self.zero_count / self.teacher.size

    def density(self, x: ArrayLike) -> Array:
        """Return the density per weight at x != 0, which integrates to 1 - zero_fraction; at 0, the limit from above."""
        at = np.asarray(x, dtype=np.float64)
        side = np.where(at < 0.0, -1.0, 1.0)

        def gaussian(signs: float) -> Array:
            return self._sum(
                at, lambda mu, a: INVERSE_SQRT_2PI * np.exp(-0.5 * np.minimum(np.abs(a - signs * mu), 1e3) ** 2)
            )

        return np.where(side > 0.0, gaussian(1.0), gaussian(-1.0)) / (self.noise_level * self.teacher.size)

    def cumulative(self, x: ArrayLike) -> Array:
        """Return P(weight <= x); it jumps by zero_fraction at 0."""
        at = np.asarray(x, dtype=np.float64)
        above, below = self.count_above(np.maximum(at, 0.0)), self._below(np.minimum(at, 0.0))
        return np.where(at < 0.0, below / self.teacher.size, 1.0 - above / self.teacher.size)

    def _below(self, x: Array) -> Array:
        return self.count_below(-x)

    def histogram(self, edges: ArrayLike) -> Array:
        """Return the expected number of weights in each bin (edges[i], edges[i + 1]]; the zeros are in the bin of 0."""
        cut = np.asarray(edges, dtype=np.float64)
        require(cut.ndim == 1 and bool((np.diff(cut) > 0).all()), "edges", edges, "increasing numbers")
        positive, negative = self.count_above(np.maximum(cut, 0.0)), self.count_below(np.maximum(-cut, 0.0))
        counts = -np.diff(positive) + np.diff(negative)
        zeros = (cut[:-1] < 0.0) & (cut[1:] >= 0.0)
        return np.asarray(counts + np.where(zeros, self.zero_count, 0.0))

    def ranked(self, rank: ArrayLike) -> Array:
        """Return the modulus exceeded by `rank` weights on average: 0 beyond the degrees of freedom.

        Raises
        ------
        DomainError
            Unless every rank is positive.
        """
        ranks = np.asarray(rank, dtype=np.float64)
        require(bool((ranks > 0).all()), "rank", rank, "positive numbers")
        return self._inverse(self.tail_count, ranks)

    def quantile(self, probability: ArrayLike) -> Array:
        """Return the smallest x with P(weight <= x) >= probability, for probabilities in (0, 1)."""
        p = np.asarray(probability, dtype=np.float64)
        require(bool(((p > 0) & (p < 1)).all()), "probability", probability, "numbers in (0, 1)")
        d = self.teacher.size
        return self._inverse(self.count_above, d * (1.0 - p)) - self._inverse(self.count_below, d * p)

    def _inverse(self, count: Callable[[Array], Array], target: Array) -> Array:
        """Where a decreasing count falls to `target`: bisection, on all targets at once; 0 where it starts below."""
        low = np.zeros_like(target)
        high = np.full_like(target, self.teacher.largest + FARTHEST * self.noise_level)
        for _ in range(STEPS):
            middle = 0.5 * (low + high)
            if ((middle <= low) | (middle >= high)).all():
                break
            above = count(middle) > target
            low, high = np.where(above, middle, low), np.where(above, high, middle)
        return np.where(count(np.zeros_like(target)) > target, 0.5 * (low + high), 0.0)


def learned_weights(
    *,
    samples: float,
    weight_decay: float,
    noise: float,
    dim: float | None = None,
    decay: float | None = None,
    teacher: Teacher | None = None,
) -> Solution[LearnedWeights]:
    """Solve the state equations and return the law of the learned weights (theory.md N8).

    Parameters, errors raised and the meaning of `error` are those of `solve`; `NotConverged` also where the teacher is
    recovered exactly, so that there is no law of learned weights.

    Examples
    --------
    >>> weights = learned_weights(dim=1e6, decay=1.0, samples=1e4, weight_decay=0.1, noise=1.0).value
    >>> bool(weights.tail_count(0.0) < 1e4)
    True
    """
    state = solve(samples=samples, weight_decay=weight_decay, noise=noise, dim=dim, decay=decay, teacher=teacher)
    if state.value.noise_level == 0:
        reason = "learned weights: the noise level vanishes here and the teacher is recovered exactly; raise noise"
        raise NotConverged(reason, state)
    law = LearnedWeights(named_teacher("teacher", teacher, dim, decay), state.value.noise_level, state.value.threshold)
    return Solution(law, state.status, state.error, state.error_kind, state.method, state.statistics)


def _non_negative(x: ArrayLike) -> Array:
    values = np.asarray(x, dtype=np.float64)
    require(bool((values >= 0).all()), "x", x, "numbers >= 0")
    return values
