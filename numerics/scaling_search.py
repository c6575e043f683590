"""The best shapes of a series of corrections: damped Gauss-Newton steps in a box, from all starts at once.

The problems are tiny (some tens of points, up to six shapes, four starts), and a general solver spends its time between them.
Here a step is one decomposition for all starts; each tries several dampings at once and keeps the best. What is linear is
eliminated, with exact slopes (variable projection). Corrections of nearly equal rates make curved valleys, which a step
follows by its second order. The box is searched by angles, place = middle + half-width · sin(angle), as Minuit does: steps
that were cut at the ends of the box instead ended in one search of ten beside the minimum.

Golub and Pereyra, SIAM J. Numer. Anal. 10 (1973) 413; Marquardt, J. SIAM 11 (1963) 431; Transtrum, Machta and Sethna,
Phys. Rev. E 83 (2011) 036701, on the second order of a step; James and Roos, Comput. Phys. Commun. 10 (1975) 343.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Where 1 + Σ a e^{-δu} is cut off: the floor keeps the search inside the domain of its logarithm.
FLOOR = 1e-3
# Dampings tried at each step, as multiples of the one before; where they begin and end, as shares of the largest curvature.
TRIES = 10.0 ** np.array([-2.0, -1, 0, 1, 2])
FIRST, LEAST, MOST = 1e-2, 1e-14, 1e6
# Share of a step that is tried to see how far it bends, and the largest bend, as a share of the step. Between 0.03 and 0.3,
# and between 0.25 and 2, nothing changes (790 searches); without the bend one in two does not converge.
AHEAD, LARGEST_BEND = 0.1, 0.5
# A search has converged where a step, or the linear model, gains less than this share of the misfit; one that needs more
# steps than this is told as not converged: it has left for infinity, or corrections nearly cancel.
GAIN, MOST_STEPS = 1e-5, 80
# Shapes whose slopes are smaller than this share of the largest are unknown, and gain nothing.
SMALLEST_SLOPE = 1e-10
# How far from an end of the box a start is at least, as a share of its half-width.
EDGE = 1e-6
# Relative size of rounding errors in log y: there is nothing below them to improve.
ROUNDING = 1e-15


@dataclass(frozen=True)
class Ends:
    """Where the searches ended, one row for each start: shapes as searched, sums of squares, and whether they converged."""

    searched: Array
    misfit: Array
    converged: Flags


@dataclass(frozen=True)
class Problem:
    """Weighted residuals of log y = c + βu [+ p log(u + x_0)] + log(1 + Σ a e^{-δu}), over [log x_0,] log δ and a.

    Parameters
    ----------
    u, weight : arrays of shape (points,)
        Places from the first one, and weights.
    target : array of shape (points,)
        Weighted log y, without what a plain power can do.
    plain : array of shape (points, 2)
        Orthonormal basis of what a plain power can do.
    span : float
        Length of the data, the unit of x_0.
    has_log : bool
        Whether the first shape is log x_0.
    terms : int
        Number of corrections.
    rounding : float
        Misfit of rounding errors.
    """

    u: Array
    weight: Array
    target: Array
    plain: Array
    span: float
    has_log: bool
    terms: int
    rounding: float

    @classmethod
    def of(cls, u: Array, v: Array, weight: Array, *, has_log: bool, terms: int) -> Problem:
        """The problem of a curve in logarithmic variables."""
        places = u - u[0]
        plain, _ = np.linalg.qr(np.stack([weight, weight * places], axis=1))
        target = weight * (v - v.mean())
        for _ in range(2):  # once more for what rounding left
            target = target - plain @ (plain.T @ target)
        rounding = float(np.sum(weight**2)) * (ROUNDING * max(1.0, float(np.abs(v).max()))) ** 2
        return cls(places, weight, target, plain, float(places[-1]), has_log, terms, rounding)

    def residuals(self, searched: Array) -> Array:
        """Weighted residuals (starts, points) after the linear part was fitted."""
        left = self._without_series(self._decays(searched)[1])
        return _without(left, self._logarithm(searched)[0]) if self.has_log else left

    def linearised(self, searched: Array) -> tuple[Array, Array]:
        """Residuals (starts, points) and their slopes (starts, points, shapes)."""
        decays, total = self._decays(searched)
        left = self._without_series(total)
        rates, amplitudes = self._split(searched)
        relative = np.where(total > FLOOR, self.weight / np.maximum(total, FLOOR), 0.0)[:, None, :] * decays
        series = self._bent(np.concatenate([rates * amplitudes * self.u * relative, -relative], axis=1))
        if not self.has_log:
            return left, series.swapaxes(1, 2)
        column, length = self._logarithm(searched)
        ahead = self.span * np.exp(searched[:, :1])
        change = self.weight * ahead / (self.u + ahead) / length
        power, left = _along(left, column), _without(left, column)
        slopes = np.concatenate([-power[:, None, None] * self._bent(change[:, None, :]), series], axis=1)
        slopes -= (slopes @ column[:, :, None]) * column[:, None, :]
        slopes[:, 0] -= column * _along(change, left)[:, None]  # the logarithm's own column turns as well
        return left, slopes.swapaxes(1, 2)

    def _split(self, searched: Array) -> tuple[Array, Array]:
        """Rates and amplitudes, shape (starts, terms, 1)."""
        first = int(self.has_log)
        rates, amplitudes = searched[:, first : first + self.terms], searched[:, first + self.terms :]
        return np.exp(rates)[:, :, None], amplitudes[:, :, None]

    def _decays(self, searched: Array) -> tuple[Array, Array]:
        """Each e^{-δu}, and 1 + Σ a e^{-δu}."""
        rates, amplitudes = self._split(searched)
        decays = np.exp(-rates * self.u)
        return decays, 1.0 + np.sum(amplitudes * decays, axis=1)

    def _bent(self, rows: Array) -> Array:
        """What a plain power cannot do of each row."""
        return np.asarray(rows - (rows @ self.plain) @ self.plain.T)

    def _without_series(self, total: Array) -> Array:
        return self.target - self._bent(self.weight * np.log(np.maximum(total, FLOOR)))

    def _logarithm(self, searched: Array) -> tuple[Array, Array]:
        """The unit column of the logarithm beside a plain power, and its length."""
        column = self._bent(self._bent(self.weight * np.log(self.u + self.span * np.exp(searched[:, :1]))))
        length = np.sqrt(_along(column, column))[:, None]
        return column / length, length


def _along(one: Array, other: Array) -> Array:
    """Products of rows."""
    return np.asarray(np.einsum("sm,sm->s", one, other))


def _without(left: Array, column: Array) -> Array:
    """Rows without their part along unit rows."""
    return left - _along(left, column)[:, None] * column


@dataclass(frozen=True)
class _Box:
    """A problem by angles: the ends of the box are where the sine turns."""

    problem: Problem
    middle: Array
    half: Array

    def angles(self, searched: Array) -> Array:
        """The inverse of `places`; a start at an end is moved inside, since nothing has a slope there."""
        return np.arcsin(np.clip((searched - self.middle) / self.half, EDGE - 1, 1 - EDGE))

    def places(self, angles: Array) -> Array:
        """Shapes as the problem knows them."""
        return np.asarray(self.middle + self.half * np.sin(angles))

    def residuals(self, angles: Array) -> Array:
        """Those of the problem at angles of shape (starts, tries, shapes)."""
        left = self.problem.residuals(self.places(angles.reshape(-1, angles.shape[2])))
        return left.reshape(*angles.shape[:2], -1)

    def linearised(self, angles: Array) -> tuple[Array, Array]:
        """Residuals, and their slopes along the angles."""
        left, slopes = self.problem.linearised(self.places(angles))
        return left, slopes * (self.half * np.cos(angles))[:, None, :]


def search(problem: Problem, starts: Array, lower: Array, upper: Array) -> Ends:
    """Minimise the misfit from every start, inside the box."""
    box = _Box(problem, 0.5 * (lower + upper), 0.5 * (upper - lower))
    here, count = box.angles(starts), len(starts)
    misfit, damping, converged = np.full(count, np.inf), np.full(count, FIRST), np.zeros(count, dtype=bool)
    for _ in range(MOST_STEPS):
        moving = np.flatnonzero(~converged)
        if not moving.size:
            break
        left, slopes = box.linearised(here[moving])
        before = _along(left, left)
        moves, promised = _moves(box, here[moving], left, slopes, damping[moving])
        places, after, which = _best(box, here[moving][:, None, :] + moves)
        better = after < before
        here[moving] = np.where(better[:, None], places, here[moving])
        misfit[moving] = np.where(better, after, before)
        damping[moving] = np.maximum(LEAST, damping[moving] * np.where(better, TRIES[which], TRIES[-1] ** 2))
        enough = np.where(better, before - after <= GAIN * before, damping[moving] > MOST)
        converged[moving] = enough | (promised <= GAIN * before) | (misfit[moving] <= problem.rounding)
    return Ends(box.places(here), misfit, converged)


def _best(box: _Box, angles: Array) -> tuple[Array, Array, NDArray[np.intp]]:
    """The angles with the least misfit among those of each start, that misfit, and their number."""
    left = box.residuals(angles)
    misfits = np.einsum("stm,stm->st", left, left)
    best, every = np.argmin(misfits, axis=1), np.arange(len(angles))
    return angles[every, best], misfits[every, best], best


def _moves(box: _Box, here: Array, left: Array, slopes: Array, damping: Array) -> tuple[Array, Array]:
    """Moves (starts, dampings, shapes) to second order, and what the undamped one gains if the slopes are constant."""
    across, sizes, along = np.linalg.svd(slopes, full_matrices=False)
    squares, largest = sizes**2, sizes[:, :1] ** 2
    factors = sizes[:, None, :] / (squares[:, None, :] + (damping[:, None] * TRIES * largest)[:, :, None] + 1e-300)
    shares = left[:, None, :] @ across
    steps = -(factors * shares) @ along
    bends = -0.5 * (factors * (_second_order(box, here, left, slopes, steps) @ across)) @ along
    lengths, steps_lengths = (np.linalg.norm(rows, axis=2, keepdims=True) for rows in (bends, steps))
    bends *= np.minimum(1.0, LARGEST_BEND * steps_lengths / np.maximum(lengths, 1e-300))
    known = sizes > SMALLEST_SLOPE * sizes[:, :1]
    return steps + bends, np.sum(np.where(known, shares[:, 0], 0.0) ** 2, axis=1)


def _second_order(box: _Box, here: Array, left: Array, slopes: Array, steps: Array) -> Array:
    """Second derivatives of the residuals (starts, dampings, points) along each step."""
    ahead = box.residuals(here[:, None, :] + AHEAD * steps)
    return np.asarray(2 / AHEAD * ((ahead - left[:, None, :]) / AHEAD - steps @ slopes.swapaxes(1, 2)))
