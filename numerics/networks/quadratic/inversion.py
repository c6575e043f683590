"""From positions x (or masses q) back to the points u of Biane's curve: bracketed Newton, then complex Newton.

x(u) and the cumulative mass increase along the curve, so that a bracket never fails. Inside an interval of the support
u and v(u)^2 are analytic functions of x up to and including its edges, and linear interpolation between the edges is
exact for an isolated atom.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...power_sums import Array, Indices
from .biane import Problem, cumulative, on_curve
from .kernel_sums import Points
from .support import Components

ComplexArray = NDArray[np.complex128]

# A step this small against |omega - s| leaves an error of its square, before the complex Newton step that follows.
SMALL_STEP = 1e-7
# Bisection alone needs 60-110, from the width of the spectrum to the last bit of a bump of 1e-8 of it.
ITERATIONS = 200
# Complex Newton steps at the end: the first leaves rounding, the second confirms it.
POLISH = 2


class Located(NamedTuple):
    """Points omega = u + iv, with what their errors are made of."""

    points: Points
    square: Array
    target: Array
    """x, told from the atom of `points`."""
    hilbert: Array
    residual: Array
    """|F(omega) - x|."""
    slope: ComplexArray
    """F'(omega)."""


def locate(problem: Problem, parts: Components, positions: Array) -> Located:
    """Return omega for each scaled position x."""
    interval, inside = which_interval(problem, parts, positions)
    low, high = _brackets(problem, parts, positions, interval, inside)
    points, square = np.copy(low.atom), np.zeros(positions.size)
    offset = np.copy(low.offset)
    for part in (inside, ~inside):
        rows = np.flatnonzero(part)
        if rows.size:
            share = _shares(problem, parts, positions[rows], interval[rows]) if part is inside else None
            found, y = _bracketed(problem, positions[rows], low.take(rows), high.take(rows), share)
            points[rows], offset[rows], square[rows] = found.atom, found.offset, y if part is inside else 0.0
    return _polished(problem, positions, Points(points, offset), square)


def which_interval(problem: Problem, parts: Components, positions: Array) -> tuple[Indices, Array]:
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
    problem: Problem, parts: Components, positions: Array, interval: Indices, inside: Array
) -> tuple[Points, Points]:
    """Brackets of u: the edges around, and beyond the last edge x itself (u - x has the sign of -G)."""
    here, after = np.clip(interval, 0, parts.count - 1), np.clip(interval + 1, 0, parts.count - 1)
    beside = problem.atoms.beside(positions)
    low = _chosen(inside, parts.low.take(here), parts.high.take(here))
    high = _chosen(inside, parts.high.take(here), parts.low.take(after))
    low = _chosen(interval < 0, beside, low)
    high = _chosen(~inside & (interval == parts.count - 1), beside, high)
    return low, high


def _chosen(mask: Array, yes: Points, no: Points) -> Points:
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
) -> tuple[Points, Array]:
    """Return Newton's points where they stay inside the brackets, else the middles; and which still move."""
    trial = Points(here.atom, here.offset + step)
    inside = (gaps(problem, low, trial) >= 0.0) & (gaps(problem, trial, high) >= 0.0) & np.isfinite(step)
    new = _chosen(inside, problem.atoms.anchored(trial), between(problem, low, high, 0.5))
    scale = np.sqrt(here.offset**2 + square)
    moved = np.where(inside, np.abs(step) > SMALL_STEP * scale, gaps(problem, low, high) > SMALL_STEP**2 * scale)
    return new, moved


def _polished(problem: Problem, positions: Array, points: Points, square: Array) -> Located:
    """Newton in the complex plane, accepted while it lowers the residual."""
    m, base = problem.variance, problem.atoms.positions
    best: Located | None = None
    for _ in range(POLISH + 1):
        sums = problem.atoms.sums(points, square)
        height = np.sqrt(square)
        target = positions - base[points.atom]
        with np.errstate(all="ignore"):
            miss = (points.offset + m * sums.first - target) + 1j * height * (1.0 - m * sums.inverse)
            slope = 1.0 - m * (sums.inverse - 2.0 * square * sums.square) + 2j * m * height * sums.skew
            found = Located(points, square, target, sums.first, np.abs(miss), slope)
            best = found if best is None else _better(best, found)
            step = np.where(square > 0.0, miss / slope, miss.real / slope.real)
            moved = np.where(np.abs(step) < 0.5 * np.hypot(points.offset, height), step, 0.0)
        points = problem.atoms.anchored(Points(points.atom, points.offset - moved.real))
        square = np.where(square > 0.0, np.maximum(height - moved.imag, 0.0) ** 2, 0.0)
    assert best is not None
    return best


def _better(old: Located, new: Located) -> Located:
    """The one with the smaller residual, point by point."""
    take = new.residual < old.residual
    points = _chosen(take, new.points, old.points)
    rest = (np.where(take, n, o) for n, o in zip(new[1:], old[1:], strict=True))
    return Located(points, *rest)


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
