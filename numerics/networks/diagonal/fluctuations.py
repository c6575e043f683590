"""How far the risk of one random problem lies from its mean, as far as the coordinates decide (theory.md N3, N10).

At given noise level τ and threshold t the risk is Σ_k (soft(θ*_k + τ z_k; t) - θ*_k)² with independent z_k. Its terms are not
alike: a teacher that falls like k^-γ leaves few of them with most of the sum, so that its spread relative to its mean does
not fall like dim^(-1/2) before the many small ones outweigh the few.
"""

from __future__ import annotations

import numpy as np
from scipy.special import erfc

from ...errors import real
from ...power_sums import Array
from ...solution import ErrorKind, Solution, Status

ROUNDING = 1e-10
"""Relative error: fourth moments are differences of terms that cancel at most four digits for t < 3τ."""


def coordinate_spread(*, dim: float, decay: float, noise_level: float, threshold: float) -> Solution[float]:
    """Standard deviation of Σ_k (soft(θ*_k + τ z_k; t) - θ*_k)² over its mean, the z_k independent and normal.

    When this is wrong as the spread of a risk: τ and t of a random problem fluctuate too, by 1/sqrt(samples) relative.

    Parameters
    ----------
    dim : float
        d, a whole number: one term each.
    decay : float
        γ of the teacher θ*_k = k^-γ.
    noise_level, threshold : float
        τ > 0 and t >= 0.

    Examples
    --------
    Four times as many coordinates halve the spread where they are alike; here they are not.

    >>> for size in (100, 400):
    ...     print(round(coordinate_spread(dim=size, decay=1.0, noise_level=0.05, threshold=0.06).value, 3))
    0.165
    0.131
    """
    size, gamma = int(real("dim", dim, at_least=1)), real("decay", decay, above=0)
    level, cut = real("noise_level", noise_level, above=0), real("threshold", threshold, at_least=0)
    teacher = np.arange(1.0, size + 1.0) ** -gamma
    second, fourth = _moments(teacher / level, cut / level)
    value = float(np.sqrt(np.sum(fourth - second**2)) / np.sum(second))
    return Solution(value, Status.CONVERGED, ROUNDING, ErrorKind.ESTIMATE, "partial moments of the normal law")


def _moments(teacher: Array, cut: float) -> tuple[Array, Array]:
    """E (soft(s + z; α) - s)² and its square's mean, in units of τ."""
    lower, upper = cut - teacher, cut + teacher
    silent = 1.0 - _tail(lower) - _tail(upper)
    second = teacher**2 * silent + _shifted(lower, cut, 2) + _shifted(upper, cut, 2)
    fourth = teacher**4 * silent + _shifted(lower, cut, 4) + _shifted(upper, cut, 4)
    return second, fourth


def _tail(x: Array) -> Array:
    return np.asarray(0.5 * erfc(x / np.sqrt(2.0)))


def _shifted(x: Array, cut: float, power: int) -> Array:
    """E[(z - α)^power; z > x] for power 2 or 4, from the partial moments of z."""
    density, tail = np.exp(-0.5 * x**2) / np.sqrt(2.0 * np.pi), _tail(x)
    first, second = density, x * density + tail
    if power == 2:
        return np.asarray(second - 2.0 * cut * first + cut**2 * tail)
    third, fourth = (x**2 + 2.0) * density, (x**3 + 3.0 * x) * density + 3.0 * tail
    return np.asarray(fourth - 4.0 * cut * third + 6.0 * cut**2 * second - 4.0 * cut**3 * first + cut**4 * tail)
