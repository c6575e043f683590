"""The teacher's spectrum cut in two at a level: nodes and weights that sum resolvents over either part.

In units of sqrt(dim) the teacher's eigenvalues are those of `teacher.Teacher` (k^-decay for a power law). State evolution
integrates along contours that leave the real axis at one level only, so that sums are needed of functions that are smooth
on the scale of the distance to that level: panels of the discrete Gauss rule (`power_sums`), graded towards it, make
the cost independent of the dimension.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...errors import require
from ...power_sums import ORDER, Array, Nodes, panels
from ..teacher import Atoms, PowerLaw, Teacher

# Up to this many eigenvalues every one is a node: the exact sums then cost no more than the panels.
EXACT_UP_TO = 256.0
# Ratio of the distances of a panel's ends from the level (a pole of the summand stands at the level's distance): 16
# Gauss nodes on [1, 4] with a pole at distance ~0.9 from either end leave 2.2^-32 = 1e-11. The refined rule takes the root.
GRADING = 4.0
# Eigenvalues this much smaller than the level are summed on panels of the full grading whatever the decay: the summand
# is a power series in their ratio.
NEGLIGIBLE = 1e-3


@dataclass(frozen=True, eq=False)
class Part:
    """Eigenvalues and how many each stands for.

    Parameters
    ----------
    values, weights : arrays
        Nodes, in units of sqrt(dim), and weights.
    """

    values: Array
    weights: Array

    @property
    def count(self) -> float:
        """Number of eigenvalues."""
        return float(self.weights.sum())

    @property
    def trace(self) -> float:
        """Sum of the eigenvalues."""
        return float(self.weights @ self.values)

    @property
    def power(self) -> float:
        """Sum of the squared eigenvalues."""
        return float(self.weights @ self.values**2)


@dataclass(frozen=True, eq=False)
class Split:
    """The spectrum cut at a level.

    Parameters
    ----------
    low, high : Part
        Eigenvalues at most the level, and above it.
    ceiling, floor : float
        The greatest of the low ones (-inf without) and the smallest of the high ones (+inf without).
    """

    low: Part
    high: Part
    ceiling: float
    floor: float

    @property
    def size(self) -> float:
        """Number of eigenvalues, d."""
        return self.low.count + self.high.count

    @property
    def largest(self) -> float:
        """The largest eigenvalue."""
        values = self.high.values if self.high.values.size else self.low.values
        return float(values.max())

    def distance(self, point: complex) -> float:
        """Distance of a point to the nearest eigenvalue, if it stands above the level; else a lower bound."""
        if not np.isfinite(self.ceiling) and point.real > self.floor:
            return abs(point.imag)
        return float(min(abs(point - self.ceiling), abs(point - self.floor)))


def split(teacher: Teacher, level: float, *, width: float = 0.0, refined: bool = False) -> Split:
    """Cut the spectrum at a level, with nodes graded towards it.

    Parameters
    ----------
    teacher : Teacher
        PowerLaw or Atoms.
    level : float
        Where to cut.
    width : float
        The summands are smooth on this scale at the level: the grading need not go below it.
    refined : bool
        Whether to halve the panels' logarithmic lengths, for an error estimate.

    Examples
    --------
    >>> parts = split(PowerLaw(1e12, 1.0), 1e-3)
    >>> round(parts.high.count), round(parts.low.trace + parts.high.trace, 9)  # 28.2082...: the harmonic number of 1e12
    (999, 28.208236781)
    """
    if isinstance(teacher, PowerLaw):
        return _split_power_law(teacher, level, width, refined)
    return _split_atoms(teacher, level)


def _split_atoms(teacher: Teacher, level: float) -> Split:
    require(isinstance(teacher, Atoms), "spectrum", teacher, "a PowerLaw or Atoms")
    values, counts = np.asarray(teacher.values), np.asarray(teacher.multiplicities)  # type: ignore[attr-defined]
    high = values > level
    return _joined(Part(values[~high], counts[~high]), Part(values[high], counts[high]))


def _joined(low: Part, high: Part) -> Split:
    ceiling = float(low.values.max()) if low.values.size else -np.inf
    floor = float(high.values.min()) if high.values.size else np.inf
    return Split(low, high, ceiling, floor)


def same_split(teacher: Teacher, level: float, width: float) -> bool:
    """Whether a split of this width is the split of no width, node by node."""
    if not isinstance(teacher, PowerLaw) or teacher.dim <= EXACT_UP_TO:
        return True
    return bool(width <= level and _nearest(teacher, level, width, _above(teacher, level)) == ORDER)


def _above(teacher: PowerLaw, level: float) -> float:
    """How many eigenvalues exceed the level."""
    return float(teacher.count_above(level)) if 0.0 < level < 1.0 else (teacher.dim if level <= 0.0 else 0.0)


def _nearest(teacher: PowerLaw, level: float, width: float, above: float) -> float:
    """Indices in the panels beside the level: the summand is smooth on the scale of the width."""
    dim, decay = teacher.dim, teacher.decay
    if above <= 0.0:  # nothing above the level, which may then be too large for its powers
        return float(ORDER)
    spacing = decay * max(level, dim**-decay) ** (1.0 + 1.0 / decay)
    return max(float(ORDER), float(0.25 * min(width / spacing, above)))


def _split_power_law(teacher: PowerLaw, level: float, width: float, refined: bool) -> Split:
    dim, decay = teacher.dim, teacher.decay
    above = _above(teacher, level)
    if dim <= EXACT_UP_TO:
        values = np.arange(1.0, dim + 1.0) ** -decay
        cut = int(above)
        return _joined(Part(values[cut:], np.ones(int(dim) - cut)), Part(values[:cut], np.ones(cut)))
    ratio = 1.0 + (GRADING - 1.0) / max(1.0, decay)
    if refined:
        ratio = ratio**0.5
    first = _nearest(teacher, level, width, above)
    rising, falling = _rising(above, first, ratio), _falling(above, dim, first, ratio, _deep(level, width, decay))
    nodes = panels(np.concatenate([rising, falling[1:]])[None, :])  # the level is an edge of both: one call does
    high, low = (_part(nodes, side, decay) for side in (slice(rising.size - 1), slice(rising.size - 1, None)))
    ends = (above + 1.0) ** -decay if above < dim else -np.inf, above**-decay if above > 0.0 else np.inf
    return Split(low, high, *ends)


def _deep(level: float, width: float, decay: float) -> float:
    """Index beyond which eigenvalues are negligible beside the level or the width."""
    with np.errstate(over="ignore", divide="ignore"):
        return float(np.float64(NEGLIGIBLE * max(level, width)) ** (-1.0 / decay))


def _geometric(start: float, end: float, ratio: float) -> Array:
    """Points start, start ratio, ... below end."""
    if not start < end:
        return np.empty(0)
    return np.asarray(start * ratio ** np.arange(0.0, np.ceil(np.log(end / start) / np.log(ratio))))


def _rising(above: float, first: float, ratio: float) -> Array:
    """Edges of panels on (0, above]: geometric from the largest eigenvalue, and towards the level."""
    middle = 0.5 * above
    head = _geometric(float(ORDER), middle, ratio)
    towards = above - _geometric(first, middle, ratio)
    return np.unique(np.floor(np.concatenate([[0.0, min(float(ORDER), above)], head, towards, [above]])))


def _falling(above: float, dim: float, first: float, ratio: float, deep: float) -> Array:
    """Edges on (above, dim]: geometric away from the level, then geometric, in long panels where values are negligible."""
    near = above + np.append(_geometric(first, above, ratio), first)
    reached = max(2.0 * above, above + first)
    far = _geometric(reached, min(deep, dim), ratio)
    last = max(reached, min(deep, dim))
    edges = np.concatenate([[above], near, far, _geometric(last, dim, GRADING), [dim]])
    return np.unique(np.floor(np.clip(edges, above, dim)))


def _part(nodes: Nodes, panels_of: slice, decay: float) -> Part:
    values, weights = nodes.values[panels_of], nodes.weights[panels_of]
    used = weights > 0.0
    return Part(values[used] ** -decay, weights[used])
