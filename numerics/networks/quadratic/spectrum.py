"""Spectra before the noise: finitely many atoms with weights, or a power law of up to 2^53 atoms.

A spectrum's only duty is to hand out atoms that stand for it *at a given variance*: where the noise blurs neighbouring
atoms into one bulk, Gauss nodes of the discrete measure replace them, and nothing that the free convolution can show
tells the difference.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import ArrayLike

from ...errors import DomainError, real, require
from ...power_sums import ORDER, Array, panels
from ..inputs import finite_vector, whole_dim

# Weights must sum to one within this, times their number: rounding of a sum, no more.
WEIGHT_ROUNDING = 4.0 * float(np.finfo(np.float64).eps)
# Every omega on or above Biane's curve keeps this many half-widths away from the centre of a replaced panel; the 16-node
# rule then errs by (2 + sqrt 3)^-32 = 5e-19. At 1 half-width it would err by order one. See `PowerLawSpectrum.resolved`.
CLEARANCE = 2.0
# Longest panel, as a ratio of its ends: see `numerics/networks/teacher.py`.
LARGEST_RATIO = 4.0
# Gram nodes and weights are right to 2e-14 of their panel (`power_sums.TERMS`); as panels keep their distance from omega,
# sums over them are right to twice that: 200 roundings. With none, a claim at decay 6 was found too small (tests).
NODE_ROUNDINGS = 200.0
# Atoms that a power law may need one by one: so many still fit in memory.
LARGEST_HEAD = 2_000_000


class Spectrum(ABC):
    """A probability measure on the real line that is a sum of atoms."""

    @property
    @abstractmethod
    def roundings(self) -> float:
        """Roundings of positions and weights, in units of 2^-52."""

    @abstractmethod
    def resolved(self, variance: float) -> tuple[Array, Array]:
        """Return positions and weights that stand for the spectrum under semicircular noise of this variance."""


@final
@dataclass(frozen=True, eq=False)
class AtomicSpectrum(Spectrum):
    """Atoms at `values` with positive `weights`.

    Parameters
    ----------
    values : array, shape (atoms,)
        Real positions in any order; equal ones add their weights.
    weights : array, shape (atoms,), optional
        Positive, of sum one (within rounding); equal by default.

    Raises
    ------
    DomainError
        Nothing given, NaN or infinite entries, weights that are not positive, of another number, or of another sum.

    Examples
    --------
    >>> AtomicSpectrum([-1.0, 1.0]).resolved(variance=1.0)
    (array([-1.,  1.]), array([0.5, 0.5]))
    """

    values: ArrayLike
    weights: ArrayLike | None = None

    def __post_init__(self) -> None:
        values = finite_vector("values", self.values)
        given = np.full(values.size, 1.0 / values.size) if self.weights is None else self.weights
        weights = finite_vector("weights", given)
        require(weights.size == values.size, "weights", self.weights, f"{values.size} numbers, one for each value")
        require(bool((weights > 0.0).all()), "weights", self.weights, "positive numbers")
        total = math.fsum(weights)
        require(
            abs(total - 1.0) <= WEIGHT_ROUNDING * max(1, values.size),
            "weights",
            self.weights,
            f"numbers that sum to 1 (these sum to {total!r})",
        )
        for name, array in (("values", values), ("weights", weights / total)):
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    @property
    def roundings(self) -> float:
        """None: the atoms are the floats that were given."""
        return 0.0

    def resolved(self, variance: float) -> tuple[Array, Array]:
        """Return every atom as it is."""
        return np.asarray(self.values), np.asarray(self.weights)


@final
@dataclass(frozen=True)
class PowerLawSpectrum(Spectrum):
    """Atoms at scale * k^-decay, k = 1, ..., dim, of weight 1/dim each (theory.md N2).

    Parameters
    ----------
    dim : float
        Number of atoms, an integer (also written 1e12) from 1 to 2^53.
    decay : float
        Exponent in (0, 10].
    scale : float
        The largest atom, > 0: sqrt(dim) for the teacher of the quadratic network.

    Raises
    ------
    DomainError
        Outside these ranges.

    Examples
    --------
    >>> positions, weights = PowerLawSpectrum(dim=1e12, decay=1.0, scale=1e6).resolved(variance=5e11)
    >>> positions.size < 2e4, bool(abs(weights.sum() - 1.0) < 1e-12)
    (True, True)
    """

    dim: float
    decay: float
    scale: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "dim", whole_dim(self.dim))
        object.__setattr__(self, "decay", real("decay", self.decay, above=0, at_most=10))
        object.__setattr__(self, "scale", real("scale", self.scale, above=0, at_most=1e150))

    @property
    def roundings(self) -> float:
        """Those of the rule's nodes and weights: see NODE_ROUNDINGS."""
        return NODE_ROUNDINGS

    def resolved(self, variance: float) -> tuple[Array, Array]:
        """Return single atoms where they may be told apart, Gauss nodes of panels where they may not.

        A panel of n atoms of half-width h around c weighs n/dim, so that m (n/dim)/((|u-c| + h)^2 + v^2) <= 1 on Biane's
        curve: |omega - c|^2 >= m n/dim - h^2 - 2 h |u-c|. Hence m n/dim >= (CLEARANCE + 1)^2 h^2 keeps every omega on or
        above the curve CLEARANCE half-widths away from c, whatever the other atoms do.
        """
        nodes = panels(self._edges(variance)[None, :])
        kept = nodes.weights > 0.0
        with np.errstate(under="ignore"):
            return self.scale * nodes.values[kept] ** -self.decay, nodes.weights[kept] / self.dim

    def _edges(self, variance: float) -> Array:
        """Panel ends 0 = k_0 < k_1 < ... = dim; panels of at most 16 atoms are exact."""
        last, edges = 0.0, [0.0]
        # 2 h <= (width at the panel's upper end) * n, so that n <= longest is enough; in logarithms against overflow.
        constant = math.log(4.0 * variance / self.dim) - 2.0 * math.log((CLEARANCE + 1.0) * self.decay * self.scale)
        while last < self.dim:
            log_longest = constant + (2.0 + 2.0 * self.decay) * math.log(last) if last else -math.inf
            longest = math.floor(math.exp(min(log_longest, 40.0)))
            last = min(self.dim, last + max(float(ORDER), min(longest, (LARGEST_RATIO - 1.0) * last)))
            edges.append(math.floor(last))
            if ORDER * len(edges) > LARGEST_HEAD:
                raise DomainError(
                    "variance", variance, f"large enough to blur all but {LARGEST_HEAD} of dim={self.dim:g} atoms"
                )
        return np.array(edges)
