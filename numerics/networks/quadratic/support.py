"""Where the free convolution lives: the gaps between atoms that stay open, and the edges of what lies between them.

On one gap between neighbouring atoms h(u) = (m sum w_j/(u-s_j)^2)^(-1/2) is *concave* (a power mean of exponent -2 of
the distances, which are linear there). It vanishes at both atoms; the gap of the support is where h > 1. Newton's method
for h = 1 from either side therefore climbs monotonically to the edge if there is one, and the chains meet or find a
falling slope if there is none: no gap is missed and none is invented, however narrow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from ...power_sums import Array, Indices
from .biane import Problem
from .kernel_sums import Mask, Points

# Atoms a side whose sum decides most gaps before the whole spectrum is asked.
NEIGHBOURS = 8
# Newton steps of one chain. Quadratic, so that 5-10 are usual; at a merging (a double root) the distance halves at each
# step, and 30 reach the square root of rounding, where open and closed can no longer be told apart.
CHAIN = 60
# Steps below this, relative to the distance from the atom, are rounding.
ROUNDING = 4.0 * float(np.finfo(np.float64).eps)


@final
@dataclass(frozen=True, eq=False)
class Components:
    """Intervals of the support in scaled units, in ascending order; edges as points u and as images x.

    Edge images are floats rounded once, and also offsets from the atom that the edge is told from.
    """

    low: Points
    high: Points
    low_image: Array
    high_image: Array
    first: Indices
    """First atom of each interval; its last is the one before the next interval's first."""
    masses: Array

    @property
    def count(self) -> int:
        """Number of intervals."""
        return self.masses.size


def components(problem: Problem) -> Components:
    """Return the intervals of the support."""
    atoms = problem.atoms
    last = atoms.count - 1
    right, left = _open_gaps(problem)
    # At a merging the images of both edges agree to rounding: that gap is closed.
    base, images = atoms.positions, (_images(problem, right), _images(problem, left))
    open_ = (base[left.atom] - base[right.atom]) + (images[1] - images[0]) > ROUNDING * (
        np.abs(images[0]) + np.abs(images[1])
    )
    right, left = right.take(open_), left.take(open_)
    low = Points(np.concatenate([[0], left.atom]), np.concatenate([[0.0], left.offset]))
    high = Points(np.concatenate([right.atom, [last]]), np.concatenate([right.offset, [0.0]]))
    outer = Points(np.array([0, last]), np.zeros(2))
    outer, _ = _chains(problem, outer, np.array([-1.0, 1.0]), np.full(2, np.inf), local=False)
    low.offset[0], high.offset[-1] = outer.offset
    first = np.concatenate([[0], right.atom + 1]).astype(np.intp)
    totals = np.add.reduceat(atoms.weights, first)
    return Components(low, high, _images(problem, low), _images(problem, high), first, totals)


def _open_gaps(problem: Problem) -> tuple[Points, Points]:
    """Upper edges left of open gaps, told from the atom left of the gap, and lower edges right of them."""
    positions = problem.atoms.positions
    gap = np.arange(positions.size - 1)
    left, right = Points(gap, np.zeros(gap.size)), Points(gap + 1, np.zeros(gap.size))
    for local in (True, False):
        width = positions[left.atom + 1] - positions[left.atom]
        count = width.size
        both = Points(np.concatenate([left.atom, right.atom]), np.concatenate([left.offset, right.offset]))
        side = np.repeat([1.0, -1.0], count)
        both, falling = _chains(problem, both, side, np.tile(width, 2), local=local)
        left, right = both.take(np.arange(count)), both.take(np.arange(count, 2 * count))
        with np.errstate(invalid="ignore"):
            keep = ~(falling[:count] | falling[count:]) & (left.offset - right.offset < width)
        left, right = left.take(keep), right.take(keep)
    return left, right


def _chains(problem: Problem, start: Points, side: Array, width: Array, *, local: bool) -> tuple[Points, Mask]:
    """Climb from each point towards `side` to h = 1; also whether the slope fell before."""
    own = np.sqrt(problem.variance * problem.atoms.weights[start.atom])
    offset = side * np.maximum(np.abs(start.offset), own)
    falling = np.abs(offset) >= width
    active = np.flatnonzero(~falling)
    for _ in range(CHAIN):
        if not active.size:
            break
        points = Points(start.atom[active], offset[active])
        inverse, cube = _local_sums(problem, points) if local else _full_sums(problem, points)
        ratio, slope = problem.variance * inverse, side[active] * problem.variance * cube
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            step = ratio * (ratio - 1.0) / (slope * (np.sqrt(ratio) + 1.0))
        arrived = (ratio <= 1.0) | (np.abs(step) <= ROUNDING * np.abs(offset[active]))
        lost = ~arrived & ~((slope > 0.0) & (np.abs(offset[active]) + step < width[active]))
        falling[active] = lost
        going = ~(arrived | lost)
        offset[active[going]] += (side[active] * step)[going]
        active = active[going]
    return Points(start.atom, offset), falling


def _full_sums(problem: Problem, points: Points) -> tuple[Array, Array]:
    sums = problem.atoms.sums(points, np.zeros(points.offset.size))
    return sums.inverse, sums.skew


def _local_sums(problem: Problem, points: Points) -> tuple[Array, Array]:
    """The sums over the nearest atoms only: no larger, so that a gap closed for them is closed."""
    atoms = problem.atoms
    reach = np.arange(-NEIGHBOURS, NEIGHBOURS + 1)
    near = points.atom[:, None] + reach
    weights = np.where((near >= 0) & (near < atoms.count), atoms.weights[np.clip(near, 0, atoms.count - 1)], 0.0)
    near = np.clip(near, 0, atoms.count - 1)
    distance = (atoms.positions[points.atom, None] - atoms.positions[near]) + points.offset[:, None]
    with np.errstate(divide="ignore"):
        inverse = 1.0 / distance
    terms = weights * inverse**2
    return terms.sum(axis=1), (terms * inverse).sum(axis=1)


def _images(problem: Problem, edges: Points) -> Array:
    """x at real edges, from the atom that each is told from."""
    first = problem.atoms.sums(edges, np.zeros(edges.offset.size)).first
    return np.asarray(edges.offset + problem.variance * first)
