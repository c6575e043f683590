"""From positions x (or masses q) back to the points u of Biane's curve: bracketed Newton, then complex Newton.

x(u) and the cumulative mass increase along the curve, so that a bracket never fails. Inside an interval of the support
u and v(u)^2 are analytic functions of x up to and including its edges, and linear interpolation between the edges is
exact for an isolated atom.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...power_sums import Array, Indices
from .biane import Problem, cumulative, on_curve
from .kernel_sums import Mask, Points, Sums
from .support import Components

ComplexArray = NDArray[np.complex128]

# A step this small against |omega - s| leaves an error of its square, before the complex Newton step that follows.
SMALL_STEP = 1e-8
# Complex Newton steps before a point is bracketed: 5-9 in a bulk, more only beside edges.
NEWTON_STEPS = 14
# No start in a wide bulk lies lower than this share of sigma: at 0.02 two points of 1,000 beside edges did not arrive.
LOWEST_START = 0.6
# Share of the height that one step may take, so that it stays above the real line.
LARGEST_FALL, TINY = 0.8, 1e-300
# Near an edge a step must be small against the height too, but not as small.
SMALL_SHARE = 1e-3
# Bisection alone needs 60-110, from the width of the spectrum to the last bit of a bump of 1e-8 of it.
ITERATIONS = 200
# A residual below this, against the offsets that it is a difference of, is rounding; above, one more step is taken.
RESIDUAL = 4.0 * float(np.finfo(np.float64).eps)


class Located(NamedTuple):
    """Points omega = u + iv, with what their errors are made of."""

    points: Points
    square: Array
    target: Array
    """x, told from the atom of `points`."""
    sums: Sums
    residual: Array
    """|F(omega) - x|."""
    slope: ComplexArray
    """F'(omega)."""

    @property
    def hilbert(self) -> Array:
        """Real part of G_0(omega)."""
        return self.sums.first

    @property
    def height(self) -> Array:
        """v."""
        return np.asarray(np.sqrt(self.square))


def locate(problem: Problem, parts: Components, positions: Array) -> Located:
    """Return omega for each scaled position x.

    Inside the support complex Newton steps come first: where they end above the real line they are right, because
    x - m G_0 maps the half-plane into itself and has one fixed point there. All other points are bracketed.
    """
    interval, inside = which_interval(problem, parts, positions)
    low, high = _brackets(problem, parts, positions, interval, inside)
    points, square = Points(np.copy(low.atom), np.copy(low.offset)), np.zeros(positions.size)
    rows = np.flatnonzero(inside)
    if rows.size:
        share = _shares(problem, parts, positions[rows], interval[rows])
        found, height, arrived = _newton(problem, positions[rows], low.take(rows), high.take(rows), share)
        _place(points, square, rows[arrived], found.take(arrived), height[arrived] ** 2)
        rows, share = rows[~arrived], share[~arrived]
        found, y = _bracketed(problem, positions[rows], low.take(rows), high.take(rows), share)
        _place(points, square, rows, found, y)
    rows = np.flatnonzero(~inside)
    found, _ = _bracketed(problem, positions[rows], low.take(rows), high.take(rows), None)
    _place(points, square, rows, found, np.zeros(rows.size))
    return _polished(problem, positions, points, square)


def _place(points: Points, square: Array, rows: Indices, found: Points, values: Array) -> None:
    points.atom[rows], points.offset[rows], square[rows] = found.atom, found.offset, values


def _newton(problem: Problem, positions: Array, low: Points, high: Points, share: Array) -> tuple[Points, Array, Mask]:
    """Newton's method for F(omega) = x from above; points, heights, and which of them arrived."""
    points, height = _above(problem, positions, low, high, share)
    arrived = np.zeros(positions.size, dtype=np.bool_)
    active = np.arange(positions.size)
    for _ in range(NEWTON_STEPS):
        here, v = points.take(active), height[active]
        _, step = _evaluated(problem, positions[active], here, v * v)
        with np.errstate(all="ignore"):
            step = step * np.minimum(1.0, LARGEST_FALL * v / np.maximum(step.imag, TINY))
            small = np.abs(step) <= SMALL_STEP * np.minimum(np.hypot(here.offset, v), v / SMALL_SHARE)
        new = problem.atoms.anchored(Points(here.atom, here.offset - step.real))
        points.atom[active], points.offset[active] = new.atom, new.offset
        height[active] = v - step.imag
        arrived[active] = small
        active = active[~small & np.isfinite(height[active])]
        if not active.size:
            break
    return points, height, arrived


def _above(problem: Problem, positions: Array, low: Points, high: Points, share: Array) -> tuple[Points, Array]:
    """Starting points: exact for one atom; in a wide bulk the height pi m (density of atoms within sigma of x)."""
    atoms, sigma = problem.atoms, math.sqrt(problem.variance)
    width = gaps(problem, low, high)
    narrow = width <= 4.0 * sigma
    points = between(problem, low, high, share)
    points = _chosen(narrow, points, atoms.beside(positions))
    ends = [np.searchsorted(atoms.positions, positions + side * sigma) for side in (-1.0, 1.0)]
    height = np.pi * sigma * (atoms.masses[ends[1]] - atoms.masses[ends[0]])
    height = np.clip(height, LOWEST_START * sigma, sigma)
    return points, np.where(narrow, np.minimum(sigma, width * np.sqrt(share * (1.0 - share))), height)


def which_interval(problem: Problem, parts: Components, positions: Array) -> tuple[Indices, Mask]:
    """Return how many lower edges lie below each position, less one, and whether it lies inside that interval."""
    base = problem.atoms.positions
    lows = base[parts.low.atom] + parts.low_image
    interval = np.searchsorted(lows, positions, side="right") - 1
    # Edges rounded to floats may be off by one against exact offsets: look again at this one and the next.
    for candidate in (interval + 1, interval):
        here = np.clip(candidate, 0, parts.count - 1)
        above = positions - base[parts.low.atom[here]] > parts.low_image[here]
        interval = np.where((candidate == here) & above & (here > interval), here, interval)
        interval = np.where((candidate == here) & ~above & (here == interval), here - 1, interval)
    here = np.maximum(interval, 0)
    inside = (interval >= 0) & (positions - base[parts.high.atom[here]] < parts.high_image[here])
    return interval, inside


def _brackets(
    problem: Problem, parts: Components, positions: Array, interval: Indices, inside: Mask
) -> tuple[Points, Points]:
    """Brackets of u: the edges around, and beyond the last edge x itself (u - x has the sign of -G)."""
    here, after = np.clip(interval, 0, parts.count - 1), np.clip(interval + 1, 0, parts.count - 1)
    beside = problem.atoms.beside(positions)
    low = _chosen(inside, parts.low.take(here), parts.high.take(here))
    high = _chosen(inside, parts.high.take(here), parts.low.take(after))
    low = _chosen(interval < 0, beside, low)
    high = _chosen(~inside & (interval == parts.count - 1), beside, high)
    return low, high


def _chosen(mask: Mask, yes: Points, no: Points) -> Points:
    return Points(np.where(mask, yes.atom, no.atom), np.where(mask, yes.offset, no.offset))


def _shares(problem: Problem, parts: Components, positions: Array, interval: Indices) -> Array:
    """How far from the lower to the upper edge of its interval each position lies."""
    base = problem.atoms.positions
    low, high = parts.low.atom[interval], parts.high.atom[interval]
    width = (base[high] - base[low]) + (parts.high_image[interval] - parts.low_image[interval])
    return np.asarray(np.clip(((positions - base[low]) - parts.low_image[interval]) / width, 0.0, 1.0))


def between(problem: Problem, low: Points, high: Points, share: Array | float) -> Points:
    """Return the points low + share (high - low)."""
    gap = gaps(problem, low, high)
    # From the nearer end, so that a narrow bracket far from its first anchor keeps its digits.
    from_low = Points(low.atom, low.offset + share * gap)
    from_high = Points(high.atom, high.offset - (1.0 - share) * gap)
    nearer = np.abs(from_low.offset) <= np.abs(from_high.offset)
    return problem.atoms.anchored(_chosen(nearer, from_low, from_high))


def gaps(problem: Problem, low: Points, high: Points) -> Array:
    """Return high - low."""
    base = problem.atoms.positions
    return np.asarray((base[high.atom] - base[low.atom]) + (high.offset - low.offset))


def _bracketed(
    problem: Problem, positions: Array, low: Points, high: Points, share: Array | None
) -> tuple[Points, Array]:
    """Solve x(u) = positions inside the brackets."""
    points = between(problem, low, high, 0.5 if share is None else share)
    square = np.zeros(positions.size)
    active = np.arange(positions.size)
    for _ in range(ITERATIONS):
        here, start = points.take(active), square[active]
        curve = on_curve(problem, here, start)
        square[active] = curve.square
        miss = (positions[active] - problem.atoms.positions[here.atom]) - curve.image
        low, high = _tightened(low, high, here, active, miss)
        with np.errstate(all="ignore"):
            step = miss / curve.slope
        new, moved = safeguarded(problem, here, step, low.take(active), high.take(active), curve.square)
        points.atom[active], points.offset[active] = new.atom, new.offset
        active = active[moved]
        if not active.size:
            break
    return points, square


def _tightened(low: Points, high: Points, here: Points, active: Indices, miss: Array) -> tuple[Points, Points]:
    """Move the end of each active bracket that its point replaces."""
    for end, mask in ((low, miss >= 0.0), (high, miss < 0.0)):
        end.atom[active[mask]], end.offset[active[mask]] = here.atom[mask], here.offset[mask]
    return low, high


def safeguarded(
    problem: Problem, here: Points, step: Array, low: Points, high: Points, square: Array
) -> tuple[Points, Mask]:
    """Return Newton's points where they stay inside the brackets, else the middles; and which still move."""
    trial = Points(here.atom, here.offset + step)
    inside = (gaps(problem, low, trial) >= 0.0) & (gaps(problem, trial, high) >= 0.0) & np.isfinite(step)
    new = _chosen(inside, problem.atoms.anchored(trial), between(problem, low, high, 0.5))
    scale = np.sqrt(here.offset**2 + square)
    moved = np.where(inside, np.abs(step) > SMALL_STEP * scale, gaps(problem, low, high) > SMALL_STEP**2 * scale)
    return new, moved


def _evaluated(problem: Problem, positions: Array, points: Points, square: Array) -> tuple[Located, ComplexArray]:
    """The sums at omega with what they say, and Newton's step from there."""
    m, height = problem.variance, np.sqrt(square)
    sums = problem.atoms.sums(points, square)
    target = positions - problem.atoms.positions[points.atom]
    with np.errstate(all="ignore"):
        miss = (points.offset + m * sums.first - target) + 1j * height * (1.0 - m * sums.inverse)
        slope = 1.0 - m * (sums.inverse - 2.0 * square * sums.square) + 2j * m * height * sums.skew
        step = np.where(square > 0.0, miss / slope, miss.real / slope.real)
    return Located(points, square, target, sums, np.abs(miss), slope), step


def _polished(problem: Problem, positions: Array, points: Points, square: Array) -> Located:
    """The points evaluated, after one more Newton step where that lowers a residual above rounding."""
    found, step = _evaluated(problem, positions, points, square)
    size = np.abs(points.offset) + np.abs(found.target) + found.height
    rows = np.flatnonzero(
        (found.residual > RESIDUAL * size) & (np.abs(step) < 0.5 * np.hypot(points.offset, found.height))
    )
    if not rows.size:
        return found
    height = np.maximum(found.height[rows] - step.imag[rows], 0.0)
    moved = problem.atoms.anchored(Points(points.atom[rows], points.offset[rows] - step.real[rows]))
    new, _ = _evaluated(problem, positions[rows], moved, np.where(square[rows] > 0.0, height**2, 0.0))
    better = new.residual < found.residual[rows]
    rows = rows[better]
    for old, fresh in zip(_columns(found), _columns(new), strict=True):
        old[rows] = fresh[better]
    return found


def _columns(found: Located) -> tuple[NDArray[np.generic], ...]:
    """Every array of a result."""
    return (*found.points, found.square, found.target, *found.sums, found.residual, found.slope)


def locate_mass(problem: Problem, parts: Components, masses: Array) -> tuple[Points, Array]:
    """Return u and v(u)^2 where the cumulative mass is `masses`, in (0, 1)."""
    below = np.cumsum(parts.masses)
    interval = np.minimum(np.searchsorted(below, masses), parts.count - 1)
    start = np.concatenate([[0.0], below])[interval]
    share = np.clip((masses - start) / parts.masses[interval], 0.0, 1.0)
    low, high = parts.low.take(interval), parts.high.take(interval)
    points, square = between(problem, low, high, share), np.zeros(masses.size)
    active = np.arange(masses.size)
    for _ in range(ITERATIONS):
        here = points.take(active)
        curve = on_curve(problem, here, square[active])
        square[active] = curve.square
        miss = masses[active] - cumulative(problem, here, curve)
        low, high = _tightened(low, high, here, active, miss)
        with np.errstate(all="ignore"):
            step = miss * np.pi * problem.variance / (curve.height * curve.slope)
        new, moved = safeguarded(problem, here, step, low.take(active), high.take(active), curve.square)
        points.atom[active], points.offset[active] = new.atom, new.offset
        active = active[moved]
        if not active.size:
            break
    return points, on_curve(problem, points, square).square
