"""Teachers: the target weights of a network, as a power law or as any list of values with multiplicities.

A teacher's only duty is to hand out nodes and weights that sum a function of its weights; everything else about a
network is a function of those sums.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import ArrayLike

from ..errors import DomainError, real, require
from ..power_sums import ORDER, Array, Nodes, bisected, panels
from .inputs import finite_vector, whole_dim

# Squares and their products with each other must stay floats.
LARGEST = 1e100
# Longest panel of a power law, as a ratio of its ends: k^-s on [1, 4] has its singularity on the Bernstein ellipse 3,
# so that 16 nodes leave 3^-32 = 5e-16. Ratio 8 would leave 6e-11.
LARGEST_RATIO = 4.0
# Below the last cut the summand is analytic in theta^2 on the scale of the cut. 16 nodes sum exp(-s) to rounding over
# 8 e-folds; each further panel may double, because its terms are smaller by what the earlier panels have decayed.
STEEPEST = np.exp(-4.0 * (2.0 ** np.arange(1, 6) - 1.0))


class Teacher(ABC):
    """Target weights theta_1, ..., theta_dim >= 0 of a network (their signs play no role)."""

    @property
    @abstractmethod
    def size(self) -> float:
        """Number of weights d, multiplicities counted."""

    @property
    @abstractmethod
    def rough_power(self) -> float:
        """Sum of the squared weights, to a few digits: used for starting values only."""

    @property
    @abstractmethod
    def largest(self) -> float:
        """Largest weight."""

    @property
    @abstractmethod
    def columns(self) -> int:
        """Roughly how many evaluations one sum costs."""

    @abstractmethod
    def above(self, level: float) -> Teacher | None:
        """Return the teacher of the weights strictly greater than `level` alone; None if there are none."""

    @abstractmethod
    def nodes(self, cuts: Array, *, refined: bool = False) -> Nodes:
        """Return nodes and weights for sums over the weights of functions that are smooth between `cuts`.

        Parameters
        ----------
        cuts : array, shape (sums, number of cuts), descending along each row
            The function is constant (in the scale of its sum) above the first cut, resolved by 16 nodes between
            neighbours, and analytic in theta^2 on the scale of the last cut below it. No node's cell crosses a cut.
        refined : bool
            Whether to bisect every panel, for an error estimate.
        """


@final
@dataclass(frozen=True)
class PowerLaw(Teacher):
    """The teacher theta_k = k^-decay, k = 1, ..., dim (theory.md N1).

    Parameters
    ----------
    dim : float
        Number of weights d, an integer (also written 1e12) from 1 to 2^53.
    decay : float
        Exponent gamma in (1/2, 10].

    Raises
    ------
    DomainError
        Outside these ranges.

    Examples
    --------
    >>> teacher = PowerLaw(dim=1e12, decay=1.0)
    >>> import numpy as np
    >>> nodes = teacher.nodes(np.array([[0.5]]))
    >>> round(float(nodes.total(nodes.values**2)[0, 0]), 9)  # pi^2/6 - 1e-12
    1.644934067
    """

    dim: float
    decay: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "dim", whole_dim(self.dim))
        object.__setattr__(self, "decay", real("decay", self.decay, above=0.5, at_most=10))

    @property
    def size(self) -> float:
        """Number of weights."""
        return self.dim

    @property
    def rough_power(self) -> float:
        """First weight plus the integral over the others."""
        slope = 2.0 * self.decay - 1.0
        return 1.0 - float(np.expm1(-slope * np.log(self.dim))) / slope

    @property
    def largest(self) -> float:
        """The first weight."""
        return 1.0

    @property
    def columns(self) -> int:
        """Some forty panels at most."""
        return 20 * ORDER

    def weights(self) -> Array:
        """The weights one by one, for problems that are drawn.

        Examples
        --------
        >>> PowerLaw(dim=2, decay=1.0).weights()
        array([1. , 0.5])
        """
        return np.asarray(np.arange(1.0, self.dim + 1.0) ** -self.decay)

    def count_above(self, level: ArrayLike) -> Array:
        """Return how many weights are strictly greater than `level`: an exact count, as floats.

        Examples
        --------
        >>> PowerLaw(dim=100, decay=1.0).count_above([0.25, 0.0, 2.0]).tolist()
        [3.0, 100.0, 0.0]
        """
        height = np.asarray(level, dtype=np.float64)
        with np.errstate(divide="ignore", over="ignore"):
            count = np.clip(np.floor(height ** (-1.0 / self.decay)), 1.0, self.dim)
            # The rounded power is off by at most one term (measured up to dim 1e12): settle it by the weights
            # themselves, so that panels break exactly where a set such as {theta > t} ends.
            count -= count**-self.decay <= height
            count += ((count + 1.0) ** -self.decay > height) & (count < self.dim)
        return np.asarray(count, dtype=np.float64)

    def above(self, level: float) -> PowerLaw | None:
        """Return the power law of the first weights, as far as they exceed the level."""
        count = float(self.count_above(level)) if level > 0.0 else self.dim
        return PowerLaw(count, self.decay) if level < 1.0 else None

    def nodes(self, cuts: Array, *, refined: bool = False) -> Nodes:
        """Tile 1, ..., dim by panels that break at the cuts, are not too long and not too steep."""
        edges = self._edges(cuts)
        tiles = panels(bisected(edges) if refined else edges)
        return Nodes(tiles.owner, tiles.values**-self.decay, tiles.weights)

    def _edges(self, cuts: Array) -> Array:
        points = cuts.shape[0]
        inner = self.count_above(cuts)
        octaves = LARGEST_RATIO ** np.arange(1.0, np.ceil(np.log(self.dim) / np.log(LARGEST_RATIO)))
        parts = [inner, np.broadcast_to(octaves, (points, octaves.size))]
        if LARGEST_RATIO ** (2.0 * self.decay) > np.e**8:
            parts.append(self.count_above(cuts[:, -1:] * STEEPEST))
        # Above the first cut one panel is enough; whatever would break it is moved to its end.
        merged = np.maximum(np.concatenate(parts, axis=1), inner[:, :1])
        merged.sort(axis=1)
        ends = np.full((points, 1), self.dim)
        return np.concatenate([np.zeros((points, 1)), merged, ends], axis=1)


@final
@dataclass(frozen=True, eq=False)
class Atoms(Teacher):
    """A teacher given as values with multiplicities; zeros are allowed.

    Parameters
    ----------
    values : array
        Target weights, at least one, up to 1e100 (their signs play no role).
    multiplicities : array, optional
        How many weights have each value: positive, not necessarily integers (a prior times the dimension will do).
        One each by default.

    Raises
    ------
    DomainError
        Empty or differently shaped arrays, values that are not finite, multiplicities that are not positive.

    Examples
    --------
    >>> Atoms([1.0, 0.0], [2, 998]).size
    1000.0
    """

    values: ArrayLike
    multiplicities: ArrayLike | None = None

    def __post_init__(self) -> None:
        values = finite_vector("values", self.values)
        given = np.ones_like(values) if self.multiplicities is None else self.multiplicities
        counts = finite_vector("multiplicities", given)
        require(counts.size == values.size, "multiplicities", self.multiplicities, f"{values.size} numbers, as values")
        require(bool((np.abs(values) <= LARGEST).all()), "values", self.values, f"numbers up to {LARGEST:g}")
        possible = bool(((counts >= 1 / LARGEST) & (counts <= LARGEST)).all())
        require(possible, "multiplicities", self.multiplicities, f"positive numbers, {1 / LARGEST:g} to {LARGEST:g}")
        order = np.argsort(-np.abs(values))
        for name, array in (("values", np.abs(values)[order]), ("multiplicities", counts[order])):
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    @property
    def size(self) -> float:
        """Number of weights, multiplicities counted."""
        return float(np.sum(np.asarray(self.multiplicities)))

    @property
    def rough_power(self) -> float:
        """Sum of the squared weights."""
        return float(np.sum(np.asarray(self.multiplicities) * np.asarray(self.values) ** 2))

    @property
    def largest(self) -> float:
        """Largest absolute value."""
        return float(np.asarray(self.values)[0])

    @property
    def columns(self) -> int:
        """One an atom."""
        return int(np.size(self.values))

    @property
    def zeros(self) -> float:
        """How many of the weights are zero."""
        return float(np.sum(np.asarray(self.multiplicities)[np.asarray(self.values) == 0.0]))

    def above(self, level: float) -> Atoms | None:
        """Return the atoms above the level."""
        kept = np.asarray(self.values) > level
        return Atoms(np.asarray(self.values)[kept], np.asarray(self.multiplicities)[kept]) if kept.any() else None

    def nodes(self, cuts: Array, *, refined: bool = False) -> Nodes:
        """Return every atom as a node of its own, whatever the cuts: the sums are exact."""
        points = cuts.shape[0]
        values, counts = np.asarray(self.values), np.asarray(self.multiplicities)
        shape = (points, values.size)
        return Nodes(np.arange(points), np.broadcast_to(values, shape), np.broadcast_to(counts, shape))


def named_teacher(field: str, given: Teacher | None, dim: float | None, decay: float | None) -> Teacher:
    """Return the teacher that was named: any, in the argument called `field`, or the power law of dim and decay.

    Examples
    --------
    >>> named_teacher("teacher", None, 100, 1.0)
    PowerLaw(dim=100.0, decay=1.0)
    """
    if given is not None:
        require(dim is None and decay is None, field, given, f"either a {field}, or dim and decay")
        require(isinstance(given, Teacher), field, given, "a PowerLaw or Atoms")
        return given
    if dim is None:
        raise DomainError("dim", dim, f"an integer from 1 to 2^53, or a {field}")
    if decay is None:
        raise DomainError("decay", decay, f"a real number in (1/2, 10], or a {field}")
    return PowerLaw(dim, decay)
