"""Few nodes for many far atoms: a binary tree of clusters, each with the Gauss rule of its own discrete measure.

A resolvent 1/(omega - s) is analytic around a cluster that omega keeps away from, so that the K-node Gauss rule of the
cluster's atoms (exact for polynomials of degree 2K - 1) replaces them to (rho)^(-2K), rho = kappa + sqrt(kappa^2 - 1) at a
distance of kappa half-widths from its centre. The weights stay positive: what replaces the spectrum is again a spectrum,
and every argument by monotonicity or concavity survives. Rules of larger clusters come from those of their halves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, final

import numpy as np

from ...power_sums import Array, Indices

# Nodes of a cluster and the distance kappa it must keep: 5.8^-20 = 5e-16; eight nodes would leave 6e-13. Measured against
# plain sums over 20,000 atoms: 4e-15 at most.
NODES = 10
DISTANCE = 3.0
# Atoms of a leaf, summed one by one where it is near. Fewer make a tree of the size of the spectrum.
LEAF = 16
# Clusters at the top, where every list starts: fewer would take two more levels and save ten nodes.
TOP = 8
# Below this a Lanczos vector is rounding.
BREAKDOWN = 1e-14
EPSILON = float(np.finfo(np.float64).eps)


class NodeList(NamedTuple):
    """Nodes at base + shift with weights; `base` is an atom, so that differences of neighbours keep their digits."""

    base: Array
    shift: Array
    weights: Array


class Level(NamedTuple):
    """Clusters of one size: interval [centre - half, centre + half] and where their nodes start in the table."""

    centre: Array
    half: Array
    start: Indices


@final
@dataclass(frozen=True, eq=False)
class Tree:
    """All clusters of a spectrum, from single atoms up: a table of nodes and the levels that point into it."""

    nodes: NodeList
    levels: tuple[Level, ...]

    def lists(self, low: Array, high: Array, height: Array) -> tuple[Indices, Indices]:
        """Return, for groups of points with real parts in [low, high] above `height`, the nodes that stand for all atoms.

        Returns
        -------
        index, ends : arrays of int
            Rows of the table, group after group; the nodes of group g are index[ends[g - 1]:ends[g]].
        """
        groups, cells = np.divmod(np.arange(low.size * self.levels[-1].centre.size), self.levels[-1].centre.size)
        owner, start, width = [], [], []
        for depth in range(len(self.levels) - 1, -1, -1):
            level = self.levels[depth]
            centre = level.centre[cells]
            away = np.maximum(0.0, np.maximum(centre - high[groups], low[groups] - centre))
            taken = np.hypot(away, height[groups]) > DISTANCE * level.half[cells]
            if depth == 0:
                taken[:] = True
            owner.append(groups[taken])
            start.append(level.start[cells[taken]])
            width.append(np.full(owner[-1].size, LEAF if depth == 0 else NODES))
            groups, cells = _children(groups[~taken], cells[~taken], depth, self.levels)
        return _flat(np.concatenate(owner), np.concatenate(start), np.concatenate(width), low.size)


def _children(groups: Indices, cells: Indices, depth: int, levels: tuple[Level, ...]) -> tuple[Indices, Indices]:
    """The halves of clusters; a leaf's rule (level 1) has the leaf's atoms (level 0) below it."""
    if depth <= 1:
        return groups, cells
    pairs, halves = np.repeat(groups, 2), np.stack([2 * cells, 2 * cells + 1], axis=1).ravel()
    exists = halves < levels[depth - 1].centre.size
    return pairs[exists], halves[exists]


def _flat(owner: Indices, start: Indices, width: Indices, count: int) -> tuple[Indices, Indices]:
    """Concatenate the ranges [start, start + width) in the order of their owners."""
    order = np.argsort(owner, kind="stable")
    start, width = start[order], width[order]
    stops = np.cumsum(width)
    index = np.arange(stops[-1]) + np.repeat(start - (stops - width), width)
    ends = np.cumsum(np.bincount(owner[order], weights=width, minlength=count)).astype(np.intp)
    return index, ends


def build(positions: Array, weights: Array) -> Tree:
    """Return the tree of atoms in ascending order."""
    leaves = -(-positions.size // LEAF)
    spare = leaves * LEAF - positions.size
    base = np.append(positions, np.full(spare, positions[-1])).reshape(leaves, LEAF)
    mass = np.append(weights, np.zeros(spare)).reshape(leaves, LEAF)
    tables = [NodeList(base, np.zeros_like(base), mass)]
    low, high = base[:, 0], base[:, -1]
    levels, used = [], 0
    while True:
        start = used + np.arange(low.size) * tables[-1].base.shape[1]
        # Half-widths are rounded upwards, by the rounding of the ends.
        half = 0.5 * (high - low) + 4.0 * EPSILON * np.maximum(np.abs(low), np.abs(high))
        levels.append(Level(0.5 * (low + high), np.where(high > low, half, 0.0), start))
        used += tables[-1].base.size
        if len(tables) > 1 and low.size <= TOP:
            break
        if len(tables) > 1:
            low, high = low[::2], np.append(high[1::2], high[-1:])[: -(-high.size // 2)]
        tables.append(_compressed(tables[-1] if len(tables) == 1 else _paired(tables[-1])))
    fields = (np.concatenate([table[i].ravel() for table in tables]) for i in range(3))
    return Tree(NodeList(*fields), tuple(levels))


def _paired(table: NodeList) -> NodeList:
    """Nodes of neighbouring clusters side by side; an odd one out is paired with itself at weight zero."""
    cells, width = table.base.shape
    if cells % 2:
        extra = NodeList(table.base[-1:], table.shift[-1:], np.zeros((1, width)))
        table = NodeList(*(np.concatenate(pair) for pair in zip(table, extra, strict=True)))
    return NodeList(*(field.reshape(-1, 2 * width) for field in table))


def _compressed(table: NodeList) -> NodeList:
    """The Gauss rule of each row, by the Lanczos process with full orthogonalisation on [-1, 1]."""
    base = table.base[:, table.base.shape[1] // 2, None]
    relative = (table.base - base) + table.shift
    low, high = relative.min(axis=1, keepdims=True), relative.max(axis=1, keepdims=True)
    half = np.where(high > low, 0.5 * (high - low), 1.0)
    centre = 0.5 * (low + high)
    total = table.weights.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore"):
        start = np.sqrt(np.where(total > 0.0, table.weights / total, 0.0))
    jacobi = _lanczos((relative - centre) / half, start)
    nodes, vectors = np.linalg.eigh(jacobi)
    return NodeList(np.broadcast_to(base, nodes.shape), centre + half * nodes, total * vectors[:, 0] ** 2)


def _lanczos(points: Array, start: Array) -> Array:
    """Jacobi matrices of the measures with weights start^2 at `points`, row by row."""
    basis = np.zeros((points.shape[0], NODES, points.shape[1]))
    jacobi = np.zeros((points.shape[0], NODES, NODES))
    vector = start
    for k in range(NODES):
        basis[:, k] = vector
        image = points * vector
        jacobi[:, k, k] = np.einsum("ij,ij->i", image, vector)
        for _ in range(2):
            overlap = np.einsum("ikj,ij->ik", basis[:, : k + 1], image)
            image = image - np.einsum("ik,ikj->ij", overlap, basis[:, : k + 1])
        norm = np.sqrt(np.einsum("ij,ij->i", image, image))
        # Fewer distinct points than nodes: the process ends, and the nodes left over get no weight.
        norm = np.where(norm > BREAKDOWN, norm, 0.0)
        vector = image / np.where(norm > 0.0, norm, np.inf)[:, None]
        if k + 1 < NODES:
            jacobi[:, k, k + 1] = jacobi[:, k + 1, k] = norm
    return jacobi
