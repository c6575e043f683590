"""The transport equation ∂_t ε + ∂_λ(v ε) = -2λ ε on a logarithmic grid, conservative and positive (claims S6, S8, S10).

Semi-Lagrangian: a step of any length decays each cell along its characteristics, found numerically (`flow`), rebuilds a
parabola a cell from the masses, and adds up what arrives between the edges. Nothing limits the step; decay and transport are
not split in time; the only discretisation is the parabola, of third order.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from ..errors import real, require
from ..solution import ErrorKind, Solution, Status
from .arrivals import arrival_edge
from .flow import Array, PowerLaw, backward, forward

# Tolerance of the characteristics; the parabolas of 10^4 shells are wrong by more.
TOLERANCE = 1e-10
# Gauss-Legendre points a cell for the decay; they integrate the parabola itself exactly.
_X, _W = (np.array([-math.sqrt(0.6), 0.0, math.sqrt(0.6)]), np.array([5.0, 8.0, 5.0]) / 18.0)
# Cells with less than this share of the energy are dropped into what has decayed.
EMPTY = 1e-25
# Loss below which errors are no longer relative, and what the tolerance of the paths adds (measured worst: 5.3e-8).
NEGLIGIBLE, PATHS = 1e-10, 1e-7
# Energy starting below λ = LOW/t neither decays nor moves: what it loses is below this, relative.
LOW = 1e-10
# Where energy collects within a cell the error is of first order and oscillates with the place of the edges: one coarser grid
# may agree by accident. With two of them, 59 of 60 random laws were within twice the larger difference, the last within 4.
SAFETY = 5.0
# Where upward transport lifts modes off λ = 0 itself, the grid starts where this share of the energy lies below.
LIFTED = 1e-12


@dataclass(frozen=True, eq=False)
class Transported:
    """Energy in shells in time.

    Parameters
    ----------
    times : array of shape (T,)
        Starting with the beginning.
    log_edges : array of shape (shells + 1,)
        Cell edges in log λ, uniform.
    mass : array of shape (T, shells)
        Energy in each cell, >= 0.
    at_zero, decayed, escaped : arrays of shape (T,)
        Energy below the lowest edge (it stays and counts), energy that has decayed, and energy that left above the
        highest edge (it is gone). With the mass they add up to 1.
    """

    times: Array
    log_edges: Array
    mass: Array
    at_zero: Array
    decayed: Array
    escaped: Array

    @property
    def loss(self) -> Array:
        """L(t): what is on the grid or at zero."""
        return np.asarray(self.mass.sum(axis=1) + self.at_zero)

    @property
    def imbalance(self) -> float:
        """Largest departure of the energy budget from its start, relative."""
        whole = self.loss + self.decayed + self.escaped
        return float(np.abs(whole / whole[0] - 1.0).max())


def parabolas(average: Array) -> tuple[Array, Array, Array]:
    """Left value, right value and curvature a6 of a non-negative parabola with the given average in each cell.

    Edge values are of sixth order; a parabola that would dip below zero is pulled towards its average just enough, which
    keeps the average and, where the density is smooth and positive, the order.

    Examples
    --------
    >>> left, right, curvature = parabolas(np.array([1.0, 4.0, 9.0, 16.0, 25.0, 36.0, 49.0, 64.0]) + 1 / 12)
    >>> float(left[4].round(9)), float(right[4].round(9))  # the squares between 4.5 and 5.5
    (20.25, 30.25)
    """
    held = np.flatnonzero(average > 0.0)
    if held.size == 0 or held[-1] - held[0] < 3:
        return average.copy(), average.copy(), np.zeros_like(average)
    if held[0] > 0 or held[-1] < average.size - 1:
        # Where the density ends it jumps: the stencils must not look across.
        parts = np.zeros((3, average.size))
        inside = slice(held[0], held[-1] + 1)
        parts[:, inside] = parabolas(average[inside])
        return parts[0], parts[1], parts[2]
    low = [4 * average[0] - 6 * average[1] + 4 * average[2] - average[3]]
    high = [4 * average[-1] - 6 * average[-2] + 4 * average[-3] - average[-4]]
    inner = np.concatenate([np.maximum(low, 0.0), average, np.maximum(high, 0.0)])
    padded = np.concatenate([inner[:1], inner[:1], inner, inner[-1:], inner[-1:]])
    edge = (
        37.0 * (padded[2:-3] + padded[3:-2]) - 8.0 * (padded[1:-4] + padded[4:-1]) + (padded[:-5] + padded[5:])
    ) / 60.0
    edge[[0, -1]] = (inner[0] + inner[1]) / 2, (inner[-1] + inner[-2]) / 2
    edge = np.maximum(edge, 0.0)
    left, right = edge[:-1], edge[1:]
    curvature = 6.0 * (average - 0.5 * (left + right))
    lowest = _lowest(left, right, curvature)
    shrink = np.divide(average, average - lowest, out=np.ones_like(average), where=lowest < 0.0)
    left, right = average + shrink * (left - average), average + shrink * (right - average)
    return left, right, shrink * curvature


def _lowest(left: Array, right: Array, curvature: Array) -> Array:
    """Smallest value of left + x (right - left + a6 (1 - x)) on [0, 1]."""
    slope = right - left + curvature
    inside = (curvature < 0) & (np.abs(right - left) < -curvature)
    x = np.divide(slope, 2.0 * curvature, out=np.zeros_like(left), where=inside)
    return np.where(inside, left + x * (slope - curvature * x), np.minimum(left, right))


def step(
    law: PowerLaw, log_edges: Array, mass: Array, *, begin: float, end: float
) -> tuple[Array, float, float, float]:
    """Carry the masses from `begin` to `end`: new masses, and what fell below, decayed, and left above."""
    width = float(log_edges[1] - log_edges[0])
    left, right, curvature = parabolas(mass)
    live = mass > EMPTY * float(mass.sum())
    x = 0.5 * (1.0 + _X)
    points = (log_edges[:-1][live, None] + width * x).ravel()
    decay = forward(law, points, begin=begin, time=end, tolerance=TOLERANCE, position_too=False).decay.reshape(-1, 3)
    shape = left[live, None] + x * ((right - left + curvature)[live, None] - curvature[live, None] * x)
    kept = np.zeros_like(mass)
    kept[live] = (_W * np.maximum(shape, 0.0) * np.exp(-decay)).sum(axis=1)
    origin = backward(law, log_edges, begin=begin, time=end, tolerance=TOLERANCE)
    # Where paths have run together at λ = 0 the tolerance may reverse their order, and with it the balance.
    origin = np.maximum.accumulate(origin)
    below = cumulative(kept, np.clip((origin - log_edges[0]) / width, 0.0, mass.size))
    moved = np.maximum(np.diff(below), 0.0)
    return moved, float(below[0]), float(mass.sum() - kept.sum()), float(kept.sum() - below[-1])


def cumulative(mass: Array, place: Array) -> Array:
    """Mass below places given in cells from the lowest edge."""
    left, right, curvature = parabolas(mass)
    cell = np.minimum(place.astype(np.intp), mass.size - 1)
    x = place - cell
    part = x * (left[cell] + x * (0.5 * (right - left + curvature)[cell] - x * curvature[cell] / 3.0))
    sums = np.concatenate([[0.0], np.cumsum(mass)])
    return np.asarray(sums[cell] + np.clip(part, 0.0, mass[cell]))


def evolve(law: PowerLaw, log_edges: Array, mass: Array, times: Array, *, at_zero: float = 0.0) -> Transported:
    """Carry any initial masses through the times, the first being the beginning.

    Raises
    ------
    DomainError
        A grid that is not uniform, masses that are negative or do not fit.
    """
    widths = np.diff(log_edges)
    uniform = log_edges.size >= 9 and bool(np.allclose(widths, widths[0], rtol=1e-6)) and widths[0] > 0
    require(uniform, "log_edges", f"{log_edges.size} edges", "8 or more cells of equal width in log λ")
    fits = mass.shape == widths.shape and bool(np.isfinite(mass).all() and (mass >= 0).all())
    require(fits, "mass", f"shape {mass.shape}", f"{widths.size} finite numbers >= 0")
    require(bool((np.diff(times) > 0).all()), "times", times, "increasing numbers")
    rows, books = [mass], [np.array([at_zero, 0.0, 0.0])]
    for begin, end in itertools.pairwise(times):
        moved, *booked = step(law, log_edges, rows[-1], begin=float(begin), end=float(end))
        rows.append(moved)
        books.append(books[-1] + np.array(booked))
    zero, decayed, escaped = np.array(books).T
    return Transported(times, log_edges, np.array(rows), zero, decayed, escaped)


def transport(
    *,
    source: float,
    power: float,
    rate: float,
    times: ArrayLike,
    time_power: float | None = None,
    direction: str = "down",
    shells: int = 2000,
) -> Solution[Transported]:
    """Transport the energy density a λ^{a-1} on (0, 1] (claims S6, S10).

    Parameters
    ----------
    source, power, rate, time_power, direction
        As in `characteristics.loss`.
    times : array
        Increasing times after the beginning (0 if m > -1, else 1), at which the shells are tabulated. Each is one step;
        few steps smear less than many.
    shells : int
        Cells, >= 16.

    Returns
    -------
    Solution of Transported
        `error` is relative, of the loss at its worst time: an estimate, five times what the loss moves with 2/3 and with half
        of the shells, the larger of the two. A loss below 1e-10 is compared with 1e-10: a grid does not follow it.

    Raises
    ------
    DomainError
        A parameter outside its domain.

    Notes
    -----
    When this is wrong: where the energy collects on a frontier narrower than a cell its position is known to a cell
    only, and the error falls like the width of a cell, not its cube.

    Examples
    --------
    >>> found = transport(source=1.0, power=2.0, rate=1.0, times=[1.0, 9.0], shells=500)
    >>> bool(abs(found.value.loss[-1] - 0.1) < 1e-4), found.value.imbalance < 1e-14
    (True, True)
    """
    exponent = real("source", source, above=0)
    law = PowerLaw.checked(power=power, rate=rate, time_power=time_power, direction=direction)
    grid = np.atleast_1d(np.asarray(times, dtype=float))
    good = grid.size >= 1 and bool(np.isfinite(grid).all() and (np.diff(grid, prepend=law.begin) > 0).all())
    require(good, "times", times, f"finite increasing times > {law.begin:g}")
    require(shells >= 16, "shells", shells, "an integer >= 16")
    span = np.concatenate([[law.begin], grid])
    low, high = _range(law, exponent, span)
    fine, *others = (_power_law(law, exponent, low, high, span, n) for n in (shells, 2 * shells // 3, shells // 2))
    moved = [np.abs(other.loss - fine.loss) / np.maximum(fine.loss, NEGLIGIBLE) for other in others]
    error = SAFETY * float(np.max(moved)) + PATHS
    method = "conservative semi-Lagrangian remap of parabolas in log λ along numerical characteristics"
    statistics = {"shells": float(shells), "imbalance": fine.imbalance, "steps": float(grid.size)}
    return Solution(fine, Status.CONVERGED, error, ErrorKind.ESTIMATE, method, statistics)


def _power_law(law: PowerLaw, source: float, low: float, high: float, times: Array, shells: int) -> Transported:
    """One run, λ = 1 on an edge: the density jumps there."""
    below = shells if high == 0.0 else min(shells - 1, round(shells * -low / (high - low)))
    width = -low / below
    edges = np.asarray(width * (np.arange(shells + 1) - below), dtype=np.float64)
    share = np.exp(source * np.minimum(edges, 0.0))
    found = evolve(law, edges, np.diff(share), times, at_zero=float(share[0]))
    return found if law.sign <= 0 else _lifted(law, found)


def _lifted(law: PowerLaw, found: Transported) -> Transported:
    """Upwards, what starts below the grid follows the path of its lowest edge (b < 1 lifts it off λ = 0 at once)."""
    start, first = found.log_edges[:1], float(found.times[0])
    paths = [forward(law, start, begin=first, time=float(time), tolerance=TOLERANCE) for time in found.times]
    left = found.at_zero[0] * np.exp(-np.array([float(path.decay[0]) for path in paths]))
    return replace(found, at_zero=left, decayed=found.decayed + found.at_zero - left)


def _range(law: PowerLaw, source: float, times: Array) -> tuple[float, float]:
    """Ends of the grid in log λ: below, nothing happens by the last time; above, nothing is alive."""
    still = np.array([math.log(LOW / max(float(times[-1]), 1.0))])
    if law.sign <= 0:
        return float(still[0]), 0.0
    low = float(backward(law, still, begin=law.begin, time=float(times[-1]))[0])
    if not math.isfinite(low):
        low = math.log(LIFTED) / source
    high = 0.0
    for time in times[1:]:
        edge = arrival_edge(law, begin=law.begin, time=float(time))
        start = np.linspace(low, 0.0, 300)
        if edge is not None:  # paths about to leave are still alive where b > 2, and stand anywhere
            start = np.sort(np.concatenate([start, np.minimum(edge - 10.0 ** -np.arange(1.0, 11.0), 0.0)]))
        paths = forward(law, start, begin=law.begin, time=float(time), tolerance=1e-6)
        alive = (paths.decay < 40.0) & np.isfinite(paths.log_position)
        high = max(high, float(paths.log_position[alive].max(initial=0.0)))
    return low, high
