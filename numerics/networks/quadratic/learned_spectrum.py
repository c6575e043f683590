"""What the quadratic network learns: the law of the eigenvalues of S = eta(Y), counted (theory.md N8).

The eigenvalues of the noisy teacher follow the free convolution of the teacher with a semicircle; those above the
threshold t are learned, less t. Counts are those of the deterministic law: smooth in the bulk, steps of one at outliers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np
from numpy.typing import ArrayLike

from ...errors import DomainError, NotConverged, real, require
from ...power_sums import Array
from ...solution import Solution
from ..teacher import PowerLaw, Teacher, named_teacher
from .decomposition import decompose, ranked_start
from .power_law_spectrum import split
from .spectral_integrals import Start, cut_at, integrals, inverse_sum, start_at
from .state_equations import solve

# Most steps of a search; a dozen are usual.
STEPS = 200
# Shares of a level between which its position mostly lies: half of it amid a semicircle, all of it beyond the noise.
NEARBY = (0.4, 1.1)
# Where the search for a position starts, in units of the spread: levels lie above it by far.
LOWEST = 1e-18
# Positions are found to this relative accuracy.
ACCURACY = 1e-12
# The tail is looked for where an outlier's position is within this of its teacher's eigenvalue.
FOLLOWING = 0.1


@dataclass(frozen=True)
class Outlier:
    """One learned eigenvalue outside the bulk.

    Parameters
    ----------
    rank : int
        k, from 1.
    value : float
        Mean position of its bump in Y, less the threshold.
    teacher : float
        s_k.
    overlap : float
        Squared overlap of its eigenvector with the teacher's.
    isolated : bool
        Whether its bump is separate from the rest of the spectrum. Then value and overlap are exact (to any order in the
        noise); else they are what perturbation theory says, and the spikes crowd (theory.md N8).
    """

    rank: int
    value: float
    teacher: float
    overlap: float
    isolated: bool


@dataclass(frozen=True)
class TailWindow:
    """The power tail of the learned spectrum, measured: density ~ x^exponent for lower < x < upper."""

    exponent: float
    lower: float
    upper: float
    carriers: float


@final
@dataclass(frozen=True)
class LearnedSpectrum:
    """The law of the eigenvalues of the learned S, on the scale of s_k = sqrt(d) k^-decay (theory.md N8).

    Parameters
    ----------
    teacher : Teacher
        Eigenvalues of the target divided by sqrt(dim).
    sigma : float
        sigma > 0, the standard deviation of the semicircle.
    threshold : float
        t >= 0.

    Raises
    ------
    DomainError
        Outside these ranges.

    Examples
    --------
    >>> from scalecheck.numerics.networks.teacher import PowerLaw
    >>> law = LearnedSpectrum(PowerLaw(1e8, 1.0), sigma=10.0, threshold=20.0)
    >>> first = law.outliers(1)[0]
    >>> round(first.value, 3), round(first.overlap, 6), first.isolated
    (9980.01, 0.999999, True)
    """

    teacher: Teacher
    sigma: float
    threshold: float

    def __post_init__(self) -> None:
        require(isinstance(self.teacher, Teacher), "teacher", self.teacher, "a PowerLaw or Atoms")
        real("sigma", self.sigma, above=0)
        real("threshold", self.threshold, at_least=0)

    @property
    def dim(self) -> float:
        """Number of eigenvalues."""
        return self.teacher.size

    @property
    def _scale(self) -> float:
        return float(self.dim**0.5)

    @property
    def _each(self) -> float:
        """Variance over dim, in units of dim."""
        return (self.sigma / self.dim) ** 2

    def _start(self, level: float) -> Start:
        """Biane's point that maps to a level of Y (units of sqrt(dim))."""
        spread = self.sigma / self._scale
        high = level + 2.0 * spread + self.teacher.largest
        low = LOWEST * min(high, spread)

        def position(u: float) -> Start:
            return start_at(split(self.teacher, u), u, self._each)

        return _increasing(position, level, low, high, ACCURACY * spread)

    def tail_count(self, x: ArrayLike) -> Array:
        """Return how many learned eigenvalues exceed x >= 0."""
        values = np.asarray(x, dtype=np.float64)
        require(bool((values >= 0).all()), "x", x, "numbers >= 0")
        return _each(self._count, values)

    def _count(self, x: float) -> float:
        start = self._start((self.threshold + x) / self._scale)
        parts, start = cut_at(self.teacher, start.omega.real, self._each)
        with np.errstate(all="ignore"):
            return min(max(integrals(parts, start, self._each).above, 0.0), self.dim)

    @cached_property
    def _floor(self) -> Start:
        """Where learning starts: the point that maps to the threshold."""
        return self._start(self.threshold / self._scale)

    @cached_property
    def learned_count(self) -> float:
        """How many eigenvalues are not zero."""
        return float(self.tail_count(0.0))

    @property
    def zero_fraction(self) -> float:
        """The share of eigenvalues that are exactly zero."""
        return max(0.0, 1.0 - self.learned_count / self.dim)

    def density(self, x: ArrayLike) -> Array:
        """Return the density per eigenvalue at x > 0, v/(pi sigma^2); it integrates to 1 - zero_fraction."""
        values = np.asarray(x, dtype=np.float64)
        require(bool((values >= 0).all()), "x", x, "numbers >= 0")
        return _each(self._density, values)

    def _density(self, x: float) -> float:
        start = self._start((self.threshold + x) / self._scale)
        return start.omega.imag * self._scale / (np.pi * self.sigma**2)

    def ranked(self, rank: ArrayLike) -> Array:
        """Return the eigenvalue exceeded by `rank` learned ones: 0 beyond the number learned."""
        ranks = np.asarray(rank, dtype=np.float64)
        require(bool((ranks > 0).all()), "rank", rank, "positive numbers")
        return _each(self._ranked, ranks)

    def _ranked(self, rank: float) -> float:
        """Where the count of Y falls to `rank`, searched along Biane's curve."""
        start = ranked_start(self.teacher, self._each, rank, self._floor.omega.real)
        return max(0.0, start.threshold * self._scale - self.threshold)

    def outliers(self, number: int) -> tuple[Outlier, ...]:
        """Return at most `number` of the largest learned eigenvalues with s_k > sigma.

        The bump of an isolated spike has mass one; its mean is s_k + (sigma^2/d) sum_{j != k} 1/(s_k - s_j) and its overlap
        1 - (sigma^2/d) sum_{j != k} 1/(s_k - s_j)^2, both exactly: contour integrals around it have no other residue. For
        s_k alone among zeros these are s + sigma^2/s and 1 - sigma^2/s^2.

        Raises
        ------
        DomainError
            For a teacher that is no power law.
        """
        if not isinstance(self.teacher, PowerLaw):
            raise DomainError("teacher", self.teacher, "a PowerLaw, whose eigenvalues are simple")
        spikes = min(int(number), int(self.teacher.count_above(self.sigma / self._scale)))
        found = (self._outlier(self.teacher, k) for k in range(1, spikes + 1))
        return tuple(item for item in found if item.value > 0.0)

    def _outlier(self, teacher: PowerLaw, rank: int) -> Outlier:
        place = float(rank) ** -teacher.decay
        first = second = 0.0
        parts = split(teacher, place)
        for part in (parts.low, parts.high):
            distance = place - part.values
            other = np.where(distance == 0.0, np.inf, distance)
            first += float(part.weights @ (1.0 / other))
            second += float(part.weights @ (1.0 / other**2))
        value = (place + self._each * first) * self._scale - self.threshold
        overlap = 1.0 - self._each * second
        sides = [0.5 * (place + k**-teacher.decay) for k in (rank - 1.0, rank + 1.0) if 1.0 <= k <= teacher.dim]
        isolated = all(inverse_sum(split(teacher, u), u, 0.0)[0] * self._each < 1.0 for u in sides)
        return Outlier(rank, value, place * self._scale, max(overlap, 0.0), isolated)

    @cached_property
    def bulk(self) -> dict[str, float]:
        """Share, number, upper edge and second moment (in units of the risk) of the learned eigenvalues that fit noise.

        Theory.md N9: those below the learned set, the |K| largest with K = {k : s_k > max(t, sigma)}.
        """
        level = max(self.threshold, self.sigma) / self._scale
        signal = float(split(self.teacher, level).high.count)
        noise = max(0.0, self.learned_count - signal)
        parts = decompose(teacher=self.teacher, variance=self.dim * self._each, start=self._floor, risk=0.0)
        edge = self._ranked(signal) if noise > 0.0 else 0.0
        return {"share": noise / self.dim, "count": noise, "edge": edge, "second_moment": parts.overfitting}

    def tail(self, points: int = 24) -> TailWindow | None:
        """Measure the power tail where learned eigenvalues follow the teacher's; None where fewer than ten do.

        The window: eigenvalues s of the teacher with threshold and pull below a tenth of s, down from the tenth largest.
        The exponent is that of the density, one below the slope of the counts.
        """
        lower = max(self.threshold, self.sigma) / FOLLOWING
        upper = float(np.max(split(self.teacher, 0.0).high.values)) * self._scale
        carriers = float(split(self.teacher, lower / self._scale).high.count)
        if not carriers >= 10.0:
            return None
        ranks = np.unique(np.round(np.geomspace(5.0, carriers, points)))
        sizes = self.ranked(ranks - 0.5)
        slope = float(np.polyfit(np.log(sizes), np.log(ranks), 1)[0])
        return TailWindow(slope - 1.0, lower, upper, carriers)


def _each(function: Callable[[float], float], values: Array) -> Array:
    """A function of one number at every entry of an array."""
    return np.array([function(float(value)) for value in values.ravel()], dtype=np.float64).reshape(values.shape)


def _increasing(position: Callable[[float], Start], level: float, low: float, high: float, slack: float) -> Start:
    """The start whose threshold is `level`, up to `slack` below the search: Brent's method in the logarithm, half the steps of
    bisection and regula falsi in turn."""
    from scipy.optimize import brentq

    below = position(low)
    if below.threshold >= level:
        if below.threshold - level > slack:
            raise NotConverged(
                f"spectrum at level {level:.3g}: it lies below the search, which starts at {below.threshold:.3g}"
            )
        return below
    nearest = [below]

    def excess(log_real: float) -> float:
        found = position(math.exp(log_real))
        if abs(found.threshold - level) <= abs(nearest[0].threshold - level):
            nearest[0] = found
        return found.threshold - level

    ends = math.log(low), math.log(high) + ACCURACY
    # Mostly the point lies a little below its image.
    likely = [math.log(share * level) for share in NEARBY if low < share * level < high]
    for place in likely:
        ends = (place, ends[1]) if excess(place) < 0.0 else (ends[0], min(place, ends[1]))
    brentq(excess, *ends, xtol=ACCURACY, maxiter=STEPS)
    return nearest[0]


def learned_spectrum(
    *,
    samples: float,
    weight_decay: float,
    noise: float,
    dim: float | None = None,
    decay: float | None = None,
    width: float | None = None,
    closure: str = "deterministic",
    spectrum: Teacher | None = None,
) -> Solution[LearnedSpectrum]:
    """Solve the state equations and return the law of the learned eigenvalues (theory.md N8).

    Parameters, errors raised and the meaning of `error` are those of `solve`; `NotConverged` also where the teacher is
    recovered exactly.

    Examples
    --------
    >>> law = learned_spectrum(dim=1e6, decay=1.0, samples=1e10, weight_decay=0.1, noise=1.0).value
    >>> 0.5 < law.zero_fraction < 1.0
    True
    """
    state = solve(
        samples=samples,
        weight_decay=weight_decay,
        noise=noise,
        dim=dim,
        decay=decay,
        width=width,
        closure=closure,
        spectrum=spectrum,
    )
    if state.value.noise_level == 0:
        reason = "learned spectrum: the noise level vanishes here and the teacher is recovered exactly; raise noise"
        raise NotConverged(reason, state)
    teacher = named_teacher("spectrum", spectrum, dim, decay)
    finite = 1.0 if closure == "finite" else 0.0
    sigma = state.value.noise_level * ((teacher.size + finite) / 2.0) ** 0.5
    law = LearnedSpectrum(teacher, sigma, state.value.threshold)
    return Solution(law, state.status, state.error, state.error_kind, state.method, state.statistics)
