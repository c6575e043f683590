"""What a point of Biane's curve is worth: rounding and residual carried through the equation, edges included."""

from __future__ import annotations

import math

import numpy as np

from ...power_sums import Array
from .biane import Problem
from .inversion import Located

EPSILON = float(np.finfo(np.float64).eps)
# Roundings that one evaluation of F may collect, in units of EPSILON and of the sum of the moduli of its terms: a few for
# each kernel entry, the square root of the number of atoms for the sum. Measured against 40 digits on 900 points of 134 hard random
# spectra: the true error was at most half of what is claimed.
ROUNDINGS = 16.0
# Below this |F'| a point may be near an edge, and the second and third derivative are worth another sum.
NEARLY_SINGULAR = 0.05


def uncertainty(problem: Problem, found: Located) -> tuple[Array, Array, Array]:
    """Return bounds for the error of omega, for that of v alone, and the rounding of F.

    An error e of F moves the root of e + a_1 r + a_2 r^2 + a_3 r^3 by at most min_k (binomial(3, k) e/|a_k|)^(1/k): the
    coefficient of degree k over e is an elementary symmetric function of the reciprocal roots. The three cases are a
    regular point, an edge, and a merging of two edges; the last two are looked at where F' is small.
    """
    m, height = problem.variance, found.height
    nearest = np.hypot(found.points.offset, height)
    # Larger sums go through lists of about a thousand nodes.
    count = ROUNDINGS + problem.roundings + math.sqrt(min(problem.atoms.count, 1000))
    sizes = np.abs(found.points.offset) + np.abs(found.target) + m * _moduli(problem, found, nearest) + height
    rounding = count * EPSILON * sizes
    error, first = found.residual + rounding, np.abs(found.slope)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        second = m * found.sums.inverse / nearest  # upper bounds: no atom is nearer
        third, radius = second / nearest, 3.0 * error / first
        rows = np.flatnonzero(first < NEARLY_SINGULAR)
        if rows.size:
            cube, fourth = problem.atoms.higher(found.points.take(rows), found.square[rows])
            second[rows], third[rows] = m * cube, m * fourth
            others = np.minimum(np.sqrt(3.0 * error[rows] / second[rows]), np.cbrt(error[rows] / third[rows]))
            radius[rows] = np.minimum(radius[rows], others)
        # A real root stays real while no other comes near it.
        alone = (height == 0.0) & (12.0 * error * second < first**2) & (27.0 * error**2 * third < first**3)
    return radius, np.where(alone, 0.0, radius), rounding


def _moduli(problem: Problem, found: Located, nearest: Array) -> Array:
    """A bound for sum w |d|/|z|^2: the nearest atom by itself, the others by the inequality of Cauchy and Schwarz."""
    own = problem.atoms.weights[found.points.atom] / nearest**2
    others = np.maximum(found.sums.inverse - own, 8.0 * EPSILON * found.sums.inverse)
    return np.asarray(own * np.abs(found.points.offset) + np.sqrt(others))
