"""Spectra of the features with the target's energy on them, and the sums that the state equations need at one κ.

A power law is summed to infinity: panels that are exact for polynomials (`numerics.power_sums`) as far as k^-alpha is not yet
far below κ, and the geometric series in k^-alpha/κ beyond, term by term with its Euler-Maclaurin expansion. Logarithms throughout,
so that κ from 1e-300 to 1e300 is no special case.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import NamedTuple, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import real, require
from ...power_sums import bisected, panels
from ..inputs import finite_vector

Array = NDArray[np.float64]

# Ratio of the ends of a panel. u/(1+u) has poles at k_c exp(±iπ/alpha): at alpha = 10 they lie 0.31 k_c off the axis, for 1.5
# outside the Bernstein ellipse of parameter 3.4, error 3.4^-32 = 1e-17; at 2 it would be 2.3^-32 = 3e-12.
PANEL_RATIO = 1.5
# The tail starts where u = k^-alpha/κ is this small, and no earlier than LEAST_TAIL, where the Euler-Maclaurin terms (s/(2πK))^9
# of every exponent s that occurs are below rounding once weighted with u^j; SERIES terms leave 0.02^12 = 4e-21.
TAIL_RATIO, LEAST_TAIL, SERIES = 0.02, 256.0, 12
EPSILON = float(np.finfo(float).eps)


class Sums(NamedTuple):
    """Sums at one κ, each relative to a relative error `error`."""

    dimension: float
    """df1 = sum λ/(λ+κ)."""
    squared: float
    """df2 = sum λ²/(λ+κ)²."""
    gap: float
    """df1 - df2 = sum λκ/(λ+κ)², without the cancellation."""
    log_unlearned: float
    """log of sum energy κ²/(λ+κ)²."""
    spare: float
    """count - df1 = sum κ/(λ+κ); infinite for an infinite spectrum."""
    error: float
    """Relative error of all of them."""


class Spectrum(ABC):
    """Eigenvalues and target energies."""

    @property
    @abstractmethod
    def count(self) -> float:
        """Number of eigenvalues, multiplicities counted."""

    @property
    @abstractmethod
    def trace(self) -> float:
        """Sum of the eigenvalues."""

    @property
    @abstractmethod
    def log_power(self) -> float:
        """Log of the target's total energy."""

    @abstractmethod
    def sums(self, log_kappa: float, *, refined: bool = True) -> Sums:
        """All sums at κ = exp(log_kappa); the error is only known (not infinite) if `refined`."""


@final
@dataclass(frozen=True)
class PowerSpectrum(Spectrum):
    """Eigenvalues k^-capacity and target energies k^(-1 - 2 capacity source), k = 1, 2, ... without end.

    Parameters
    ----------
    capacity : float
        alpha in (1, 10].
    source : float
        r > 0 with beta = 2 alpha r at most 20.

    Raises
    ------
    DomainError
        Outside these ranges.

    Examples
    --------
    >>> sums = PowerSpectrum(2.0, 0.5).sums(0.0)  # κ = 1: sum 1/(1 + k²) = (π coth π - 1)/2
    >>> abs(sums.dimension - (math.pi / math.tanh(math.pi) - 1) / 2) < 1e-14
    True
    """

    capacity: float
    source: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "capacity", real("capacity", self.capacity, above=1, at_most=10))
        object.__setattr__(self, "source", real("source", self.source, above=0))
        require(self.smoothness <= 20, "source", self.source, "a real number > 0 with 2*capacity*source <= 20")

    @property
    def smoothness(self) -> float:
        """beta = 2 alpha r."""
        return 2.0 * self.capacity * self.source

    @property
    def count(self) -> float:
        """Infinite."""
        return math.inf

    @property
    def trace(self) -> float:
        """zeta(alpha)."""
        return _zeta(self.capacity)

    @property
    def log_power(self) -> float:
        """Log of zeta(1 + beta)."""
        return math.log(_zeta(1.0 + self.smoothness))

    def sums(self, log_kappa: float, *, refined: bool = True) -> Sums:
        """Head on panels, tail as a series; the error is the difference to panels cut in two, plus rounding."""
        edges = _edges(max(math.log(LEAST_TAIL), -(math.log(TAIL_RATIO) + log_kappa) / self.capacity))
        coarse = self._total(log_kappa, edges)
        if not refined:
            return Sums(*coarse, math.inf, math.inf)
        fine = self._total(log_kappa, bisected(edges))
        depth = (1.0 + self.capacity + self.smoothness) * math.log(float(edges[0, -1])) + abs(log_kappa)
        difference = max(abs(c - f) / f for c, f in zip(coarse[:3], fine[:3], strict=True) if f > 0.0)
        error = difference + abs(coarse[3] - fine[3]) + 2.0 * EPSILON * (16.0 + depth)
        return Sums(*fine, math.inf, error)

    def _total(self, log_kappa: float, edges: Array) -> tuple[float, float, float, float]:
        nodes = panels(edges)
        logs = np.log(nodes.values)
        log_u = -self.capacity * logs - log_kappa
        learned, missed = -np.logaddexp(0.0, -log_u), -np.logaddexp(0.0, log_u)
        energy = -(1.0 + self.smoothness) * logs + 2.0 * missed
        top = float(energy.max())
        with np.errstate(under="ignore"):
            rows = (np.exp(learned), np.exp(2.0 * learned), np.exp(learned + missed), np.exp(energy - top))
            head = nodes.total(*rows)[:, 0]
        tail = self._tail(log_kappa, float(edges[0, -1]), top)
        dimension, squared, gap, unlearned = (float(h) + t for h, t in zip(head, tail, strict=True))
        return dimension, squared, gap, top + math.log(unlearned)

    def _tail(self, log_kappa: float, last: float, top: float) -> tuple[float, float, float, float]:
        """Sums over k > last: 1/(1+u)^m as a geometric series, each power of k summed by Euler-Maclaurin."""
        powers = np.arange(1.0, SERIES + 1.0)
        signs = np.where(powers % 2 == 1, 1.0, -1.0)
        log_u = -self.capacity * math.log(last) - log_kappa
        with np.errstate(under="ignore"):
            terms = signs * np.exp(powers * log_u) * _scaled_zeta(self.capacity * powers, last)
            order = powers - 1.0
            energies = _scaled_zeta(1.0 + self.smoothness + self.capacity * order, last)
            unlearned = signs * powers * np.exp(order * log_u) * energies  # 1/(1+u)² = 1 - 2u + 3u² - ...
            scale = math.exp(max(-745.0, -(1.0 + self.smoothness) * math.log(last) - top))
        squared = -float(np.sum((powers - 1.0) * terms))
        return float(np.sum(terms)), squared, float(np.sum(powers * terms)), scale * float(np.sum(unlearned))


def _edges(log_last: float) -> Array:
    """Integer edges 0, 16, 24, 36, ... up to the first beyond exp(log_last)."""
    steps = max(1, math.ceil((log_last - math.log(16.0)) / math.log(PANEL_RATIO)))
    edges = np.floor(16.0 * PANEL_RATIO ** np.arange(steps + 1.0))
    return np.concatenate([[0.0], edges])[None, :]


def _scaled_zeta(exponents: Array, last: float) -> Array:
    """K^s times the sum of k^-s over k > K: K/(s-1) - 1/2 + s/(12K) - ... (Bernoulli numbers, textbook)."""
    s, inverse = exponents, 1.0 / last
    total = last / (s - 1.0) - 0.5
    rising = s * inverse
    for order, factor in enumerate((1 / 12, -1 / 720, 1 / 30240, -1 / 1209600)):
        total = total + factor * rising
        rising = rising * (s + 2 * order + 1) * (s + 2 * order + 2) * inverse**2
    return np.asarray(total)


def power_sum(exponent: float, count: float) -> float:
    """Return the sum of k^-exponent for k = 1 ... count, on the same panels as everything else.

    Examples
    --------
    >>> power_sum(2.0, 4.0)  # 1 + 1/4 + 1/9 + 1/16
    1.4236111111111112
    """
    edges = _edges(math.log(max(count, LEAST_TAIL)))
    nodes = panels(np.unique(np.minimum(edges, count))[None, :])
    return float(nodes.total(nodes.values**-exponent)[0, 0])


def _zeta(exponent: float) -> float:
    """The sum of k^-exponent, by the same rule as everything else."""
    edges = _edges(math.log(LEAST_TAIL))
    nodes = panels(edges)
    last = float(edges[0, -1])
    tail = float(_scaled_zeta(np.array([exponent]), last)[0]) * last**-exponent
    return float(nodes.total(nodes.values**-exponent)[0, 0] + tail)


@final
@dataclass(frozen=True, eq=False)
class FiniteSpectrum(Spectrum):
    """Finitely many eigenvalues with target energies θ*² λ, each with a multiplicity.

    Parameters
    ----------
    eigenvalues : array
        Positive.
    energies : array
        Target energy of *one* mode of each kind, not negative, not all zero.
    multiplicities : array, optional
        Positive, not necessarily integers; one each by default.

    Raises
    ------
    DomainError
        Arrays empty, of different lengths, or with values outside these ranges.

    Examples
    --------
    >>> FiniteSpectrum([1.0], [0.25], [8]).sums(0.0).dimension
    4.0
    """

    eigenvalues: ArrayLike
    energies: ArrayLike
    multiplicities: ArrayLike | None = None

    def __post_init__(self) -> None:
        values = finite_vector("eigenvalues", self.eigenvalues)
        energies = finite_vector("energies", self.energies)
        given = np.ones_like(values) if self.multiplicities is None else self.multiplicities
        counts = finite_vector("multiplicities", given)
        require(bool((values > 0).all()), "eigenvalues", self.eigenvalues, "positive numbers")
        for name, array in (("energies", energies), ("multiplicities", counts)):
            require(array.size == values.size, name, getattr(self, name), f"{values.size} numbers, as eigenvalues")
        require(bool((energies >= 0).all() and energies.any()), "energies", self.energies, "numbers >= 0, not all zero")
        require(bool((counts > 0).all()), "multiplicities", self.multiplicities, "positive numbers")
        for name, array in (("eigenvalues", values), ("energies", energies), ("multiplicities", counts)):
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    def _arrays(self) -> tuple[Array, Array, Array]:
        return np.asarray(self.eigenvalues), np.asarray(self.energies), np.asarray(self.multiplicities)

    @property
    def count(self) -> float:
        """Sum of the multiplicities."""
        return float(np.sum(self._arrays()[2]))

    @property
    def trace(self) -> float:
        """Sum of the eigenvalues."""
        values, _, counts = self._arrays()
        return float(np.sum(counts * values))

    @property
    def log_power(self) -> float:
        """Log of the target's total energy."""
        _, energies, counts = self._arrays()
        return math.log(float(np.sum(counts * energies)))

    def sums(self, log_kappa: float, *, refined: bool = True) -> Sums:
        """Term by term, refined or not."""
        values, energies, counts = self._arrays()
        log_u = np.log(values) - log_kappa
        learned, missed = -np.logaddexp(0.0, -log_u), -np.logaddexp(0.0, log_u)
        with np.errstate(under="ignore", divide="ignore"):
            weights = np.log(counts) + np.log(energies) + 2.0 * missed
            top = float(weights.max())
            rows = (learned, 2.0 * learned, learned + missed, missed)
            dimension, squared, gap, spare = (float(np.sum(counts * np.exp(row))) for row in rows)
            log_unlearned = top + math.log(float(np.sum(np.exp(weights - top))))
        error = 4.0 * EPSILON * (16.0 + float(np.abs(log_u).max()))
        return Sums(dimension, squared, gap, log_unlearned, spare, error)
