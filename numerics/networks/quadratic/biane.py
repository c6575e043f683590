"""The core of the free convolution with a semicircle: Biane's curve u -> (v(u), x(u)), in scaled units.

With mu_0 = sum w_j delta_{s_j} and variance m, v(u) is the least v >= 0 with m sum w_j/((u-s_j)^2 + v^2) <= 1, and
x(u) = u + m sum w_j (u-s_j)/((u-s_j)^2 + v(u)^2) increases from -infinity to infinity. At x(u) the free convolution has
density v(u)/(pi m) and Hilbert transform (x(u) - u)/m (Biane 1997; theory.md N4). Everything is a sum over the atoms at
omega = u + iv, which solves x = omega + m G_0(omega) =: F(omega): no complex iteration is needed to find it.

Units: positions are divided by the power of two next above sqrt(variance), which is exact; then 1/4 <= m < 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple, final

import numpy as np

from ...power_sums import Array
from .kernel_sums import Atoms, Points, Sums

# Newton on a concave function from the left: after a relative step this small the next one is of its square.
SMALL_STEP = 1e-8
# Iterations for v(u). Single atoms take one step; in a bulk each halves the logarithm of the ratio to the solution, so
# that 10 cross the range of floats, and the rest is reserve.
ITERATIONS = 100


@final
@dataclass(frozen=True, eq=False)
class Problem:
    """Atoms and variance in scaled units: original = scaled * 2^exponent."""

    atoms: Atoms
    variance: float
    exponent: int
    roundings: float = 0.0
    """Roundings that positions and weights carry when they come, in units of the machine's."""

    def scaled(self, values: Array) -> Array:
        """Return original positions in scaled units; exact inside the range of floats."""
        return np.asarray(np.ldexp(values, -self.exponent))

    def original(self, values: Array) -> Array:
        """Return scaled positions in original units."""
        return np.asarray(np.ldexp(values, self.exponent))


def scaled_problem(positions: Array, weights: Array, variance: float, roundings: float = 0.0) -> Problem:
    """Return the problem in units of the power of two next above sqrt(variance), equal atoms merged."""
    exponent = math.frexp(math.sqrt(variance))[1]
    distinct, which = np.unique(np.ldexp(positions, -exponent), return_inverse=True)
    merged = np.bincount(which.ravel(), weights, minlength=distinct.size)
    return Problem(Atoms(distinct, merged / merged.sum()), math.ldexp(variance, -2 * exponent), exponent, roundings)


class Curve(NamedTuple):
    """What Biane's curve says at real points u, in scaled units."""

    square: Array
    """v(u)^2; zero outside the image of the support."""
    image: Array
    """x(u), from the atom that the point is told from."""
    slope: Array
    """dx/du, along the curve."""
    hilbert: Array
    """(x(u) - u)/m, as a sum: no cancellation."""
    sums: Sums

    @property
    def height(self) -> Array:
        """v(u)."""
        return np.asarray(np.sqrt(self.square))


def squared_heights(problem: Problem, points: Points, start: Array | None = None) -> tuple[Array, Sums]:
    """Return v(u)^2 and the sums there.

    f(y) = m sum w/(d^2 + y) has a concave reciprocal (a harmonic mean), so that Newton's method for 1/f = 1 climbs to
    the root from any point left of it, and lands left of it from any other. For one atom 1/f is linear: one step.
    """
    least = np.maximum(0.0, problem.variance * problem.atoms.weights[points.atom] - points.offset**2)
    square = least if start is None else np.maximum(least, start)
    out = np.empty((4, square.size))
    active = np.arange(square.size)
    square = square.copy()
    with np.errstate(all="ignore"):
        for _ in range(ITERATIONS):
            sums = problem.atoms.sums(points.take(active), square[active])
            out[:, active] = sums
            ratio = problem.variance * sums.inverse
            step = ratio * (ratio - 1.0) / (problem.variance * sums.square)
            new = np.maximum(square[active] + step, least[active])
            moved = np.abs(new - square[active]) > SMALL_STEP * new
            square[active] = new
            active = active[moved]
            if not active.size:
                break
    return square, Sums(*out)


def on_curve(problem: Problem, points: Points, start: Array | None = None) -> Curve:
    """Return height, image and slope of the curve at u = points (optionally from a guess of v(u)^2)."""
    m = problem.variance
    square, sums = squared_heights(problem, points, start)
    with np.errstate(all="ignore"):
        inside = 2.0 * m * (square * sums.square + sums.skew**2 / sums.square)
    outside = 1.0 - m * sums.inverse
    slope = np.where(square > 0.0, inside, outside)
    return Curve(square, points.offset + m * sums.first, slope, sums.first, sums)


def cumulative(problem: Problem, points: Points, curve: Curve) -> Array:
    """Return the mass of the free convolution below x(u), in closed form.

    Integrating G(z) dz = G_0(omega) F'(omega) domega gives sum w log(omega - s) + m G_0^2/2, whose imaginary part is
    sum w arg(omega - s) - v (x - u)/m; the mass above x(u) is that over pi.
    """
    above = problem.atoms.angles(points, curve.square) - curve.height * curve.hilbert
    return np.asarray(np.clip(1.0 - above / np.pi, 0.0, 1.0))
