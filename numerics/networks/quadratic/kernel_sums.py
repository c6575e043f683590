"""Sums over atoms of the resolvent kernel, with full relative accuracy however close a point is to an atom.

A point is a pair: an atom and an offset from it, because bumps may be narrower than the distance between neighbouring
floats at their position. Differences of atoms are formed first, then the offset is added: each has a relative error of
a few roundings as long as the pair names the nearest atom.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from ...power_sums import Array, Indices
from .far_field import Tree, build

Mask = NDArray[np.bool_]

# Kernel entries a block. Three such arrays stay in the cache, and products of this size are below what makes BLAS start
# threads, which then wait for each other: measured 10 times slower on two busy cores at 2^14.
BLOCK = 2**13
# Points that share one list of nodes: longer groups make longer lists, shorter ones more of them.
GROUP = 48
# Below either, the plain sum over all atoms is as fast.
SMALL_SPECTRUM, SMALL_SUM = 400, 2**17


class Points(NamedTuple):
    """Real points as nearest atom plus offset."""

    atom: Indices
    offset: Array

    def take(self, which: Indices | Mask) -> Points:
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

    @cached_property
    def masses(self) -> Array:
        """Total weight of the first 0, 1, ... atoms."""
        return np.concatenate([[0.0], np.cumsum(self.weights)])

    @cached_property
    def tree(self) -> Tree:
        """Clusters that stand for far atoms, made when the first large sum asks for them."""
        return build(self.positions, self.weights)

    def sums(self, points: Points, square: Array) -> Sums:
        """Return the four sums at u = points and y = square >= 0, shape (number of points,) each."""
        out = np.empty((4, points.offset.size))
        for rows, distance, weights in self._distances(points, square):
            kernel = distance * distance
            kernel += square[rows, None]
            np.reciprocal(kernel, out=kernel)
            out[0, rows] = weighted(kernel, weights)
            distance *= kernel
            out[1, rows] = weighted(distance, weights)
            distance *= kernel
            out[3, rows] = weighted(distance, weights)
            kernel *= kernel
            out[2, rows] = weighted(kernel, weights)
        return Sums(*out)

    def angles(self, points: Points, square: Array) -> Array:
        """Return the weighted sum of the arguments of u + i sqrt(y) - s, in [0, pi]."""
        out, height = np.empty(points.offset.size), np.sqrt(square)
        for rows, distance, weights in self._distances(points, square):
            out[rows] = weighted(np.arctan2(height[rows, None], distance), weights)
        return out

    def higher(self, points: Points, square: Array) -> tuple[Array, Array]:
        """Return |sum w/z^3| and |sum w/z^4| at z = u + i sqrt(y) - s, for error estimates beside edges."""
        out = np.empty((2, points.offset.size))
        for rows, distance, weights in self._distances(points, square):
            inverse = distance + 1j * np.sqrt(square[rows, None])
            np.reciprocal(inverse, out=inverse)
            power = inverse * inverse
            inverse *= power
            out[0, rows] = np.abs(np.einsum("ij,j->i", inverse, weights))
            power *= power
            out[1, rows] = np.abs(np.einsum("ij,j->i", power, weights))
        return out[0], out[1]

    def _distances(self, points: Points, square: Array) -> Iterator[tuple[Indices | slice, Array, Array]]:
        """Yield rows of points, their distances from all atoms or from nodes that stand for them, and the weights."""
        if self.count < SMALL_SPECTRUM or points.offset.size * self.count < SMALL_SUM:
            for block in blocks(points.offset.size, self.count):
                distance = self.positions[points.atom[block], None] - self.positions
                distance += points.offset[block, None]
                yield block, distance, self.weights
            return
        values, nodes = self.values(points), self.tree.nodes
        order = np.argsort(values)
        starts = np.arange(0, order.size, GROUP)
        lowest = np.sqrt(np.minimum.reduceat(square[order], starts))
        ends_at = np.minimum(starts + GROUP, order.size) - 1
        index, ends = self.tree.lists(values[order[starts]], values[order[ends_at]], lowest)
        for group, start in enumerate(starts):
            rows = order[start : start + GROUP]
            here = index[ends[group - 1] if group else 0 : ends[group]]
            distance = self.positions[points.atom[rows], None] - nodes.base[here]
            distance += points.offset[rows, None]
            distance -= nodes.shift[here]
            yield rows, distance, nodes.weights[here]


def weighted(kernel: Array, weights: Array) -> Array:
    """Return kernel @ weights, without the threads of BLAS where the product is large enough to start them."""
    return np.asarray(kernel @ weights if kernel.size <= BLOCK else np.einsum("ij,j->i", kernel, weights))


def blocks(count: int, columns: int) -> list[slice]:
    """Return slices of `count` rows, each of about BLOCK entries."""
    size = max(1, BLOCK // max(1, columns))
    return [slice(first, first + size) for first in range(0, count, size)]
