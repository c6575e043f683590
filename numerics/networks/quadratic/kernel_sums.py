"""Sums over atoms of the resolvent kernel, with full relative accuracy however close a point is to an atom.

A point is a pair: an atom and an offset from it, because bumps may be narrower than the distance between neighbouring
floats at their position. Differences of atoms are formed first, then the offset is added: each has a relative error of
a few roundings as long as the pair names the nearest atom.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, final

import numpy as np

from ...power_sums import Array, Indices

# Kernel entries a block: three arrays of 2^14 doubles stay in the second-level cache.
BLOCK = 2**14


class Points(NamedTuple):
    """Real points as nearest atom plus offset."""

    atom: Indices
    offset: Array

    def take(self, which: Indices | Array) -> Points:
        """Return the points that an index or a mask selects."""
        return Points(self.atom[which], self.offset[which])


class Sums(NamedTuple):
    """Weighted sums over the atoms, with d = u - s and q = 1/(d^2 + y)."""

    inverse: Array
    """Sum of w q."""
    first: Array
    """Sum of w d q: the real part of the Cauchy transform at u + i sqrt(y)."""
    square: Array
    """Sum of w q^2."""
    skew: Array
    """Sum of w d q^2."""


@final
@dataclass(frozen=True, eq=False)
class Atoms:
    """Distinct positions in ascending order with positive weights of sum one."""

    positions: Array
    weights: Array

    @property
    def count(self) -> int:
        """Number of distinct atoms."""
        return self.positions.size

    def values(self, points: Points) -> Array:
        """Return the points as plain floats."""
        return np.asarray(self.positions[points.atom] + points.offset)

    def anchored(self, points: Points) -> Points:
        """Return the same points, each told from its nearest atom."""
        values = self.values(points)
        right = np.clip(np.searchsorted(self.positions, values), 1, max(1, self.count - 1))
        right = np.minimum(right, self.count - 1)
        left = np.maximum(right - 1, 0)
        old = self.positions[points.atom]
        below, above = ((old - self.positions[atom]) + points.offset for atom in (left, right))
        nearer = np.abs(below) <= np.abs(above)
        # The given atom is kept where it is no farther: an offset must not pick up a rounding for nothing.
        keep = np.abs(points.offset) <= np.minimum(np.abs(below), np.abs(above))
        atom = np.where(keep, points.atom, np.where(nearer, left, right))
        return Points(atom, np.where(keep, points.offset, np.where(nearer, below, above)))

    def beside(self, values: Array) -> Points:
        """Return plain floats as points."""
        first = np.zeros(values.shape, dtype=np.intp)
        right = np.minimum(np.searchsorted(self.positions, values), self.count - 1)
        left = np.maximum(right - 1, first)
        below, above = values - self.positions[left], values - self.positions[right]
        nearer = np.abs(below) <= np.abs(above)
        return Points(np.where(nearer, left, right), np.where(nearer, below, above))

    def sums(self, points: Points, square: Array) -> Sums:
        """Return the four sums at u = points and y = square >= 0, shape (number of points,) each."""
        out = np.empty((4, points.offset.size))
        for rows in blocks(points.offset.size, self.count):
            distance = self._distances(points, rows)
            kernel = distance * distance
            kernel += square[rows, None]
            np.reciprocal(kernel, out=kernel)
            out[0, rows] = kernel @ self.weights
            distance *= kernel
            out[1, rows] = distance @ self.weights
            distance *= kernel
            out[3, rows] = distance @ self.weights
            kernel *= kernel
            out[2, rows] = kernel @ self.weights
        return Sums(*out)

    def angles(self, points: Points, height: Array) -> Array:
        """Return the weighted sum of the arguments of u + iv - s, in [0, pi]."""
        out = np.empty(points.offset.size)
        for rows in blocks(out.size, self.count):
            out[rows] = np.arctan2(height[rows, None], self._distances(points, rows)) @ self.weights
        return out

    def higher(self, points: Points, height: Array) -> tuple[Array, Array, Array]:
        """Return |sum w/z^3|, |sum w/z^4| and sum w |d|/|z|^2 at z = u + iv - s, for error estimates."""
        out = np.empty((3, points.offset.size))
        for rows in blocks(points.offset.size, self.count):
            distance = self._distances(points, rows)
            inverse = 1.0 / (distance + 1j * height[rows, None])
            square = inverse * inverse
            out[0, rows] = np.abs((square * inverse) @ self.weights)
            out[1, rows] = np.abs((square * square) @ self.weights)
            out[2, rows] = np.abs(inverse.real) @ self.weights
        return out[0], out[1], out[2]

    def _distances(self, points: Points, rows: slice) -> Array:
        distance = self.positions[points.atom[rows], None] - self.positions
        distance += points.offset[rows, None]
        return np.asarray(distance)


def blocks(count: int, columns: int) -> list[slice]:
    """Return slices of `count` rows, each of about BLOCK entries."""
    size = max(1, BLOCK // max(1, columns))
    return [slice(first, first + size) for first in range(0, count, size)]
