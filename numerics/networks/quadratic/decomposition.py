"""The risk of the quadratic network as an exact sum of three errors (theory.md N9)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..teacher import Teacher
from .power_law_spectrum import split
from .spectral_integrals import Start, inverse_sum, second_moment, start_at

# Steps of bisection, to neighbouring floats, and the relative accuracy of a quantile's u.
HALVINGS, ACCURACY = 200, 1e-12
# Counts below this share of a rank are as good as none, and a u below its 20th power of the largest is as good as 0.
LEAST_RATIO = 1e-6


@dataclass(frozen=True)
class Decomposition:
    """What the risk is made of, in the units of the risk.

    Parameters
    ----------
    overfitting : float
        (2/d) times the second moment of the learned bulk: the learned eigenvalues below those of the learned set.
    underfitting : float
        Power of the teacher outside the learned set, (2/d) sum over k not in K of s_k^2.
    approximation : float
        The remainder: the error of the learned features, and the cross terms outside. It may be negative.
    """

    overfitting: float
    underfitting: float
    approximation: float


def decompose(*, teacher: Teacher, variance: float, start: Start, risk: float) -> Decomposition:
    """Split the risk by the learned set K = {k : s_k > max(t, sigma)} (theory.md N9).

    The learned bulk is what lies between the threshold and the level exceeded by |K| eigenvalues of the noisy teacher: the
    gap below the last spike of K where spikes are isolated, a quantile of the bulk where they crowd.

    Parameters
    ----------
    teacher : Teacher
        Spectrum in units of sqrt(dim).
    variance : float
        Variance of the semicircle, in units of dim: w = sigma^2/dim.
    start : Start
        The threshold, and the point of Biane's curve that maps to it.
    risk : float
        R, in whose units the parts are.
    """
    level = max(start.threshold, variance**0.5)
    parts = split(teacher, level)
    underfitting = 2.0 * parts.low.power
    each = variance / teacher.size
    if not np.isfinite(parts.ceiling):
        return Decomposition(0.0, underfitting, risk - underfitting)
    if np.isfinite(parts.floor):
        end = start_at(parts, 0.5 * (parts.ceiling + parts.floor), each)
        if end.omega.imag > 0.0:
            end = ranked_start(teacher, each, round(parts.high.count), start.omega.real)
    else:
        end = _upper_edge(teacher, start, each)
    over = 0.0
    if end.threshold > start.threshold and end.omega.real > start.omega.real:
        over = 2.0 * second_moment(teacher, start, end, each)
    return Decomposition(over, underfitting, risk - over - underfitting)


def count_above(teacher: Teacher, real: float, each: float) -> tuple[float, Start]:
    """Return how many eigenvalues exceed x(u), and that point of Biane's curve.

    (1/pi) [sum arg(omega - s_k) - (x - u) v/e]: exact in exact arithmetic, with an absolute rounding of 1e-16 d.
    """
    parts = split(teacher, real)
    start = start_at(parts, real, each)
    height = start.omega.imag
    turns = sum(float(part.weights @ np.arctan2(height, real - part.values)) for part in (parts.low, parts.high))
    return (turns - (start.threshold - real) * height / each) / np.pi, start


def ranked_start(teacher: Teacher, each: float, rank: float, low: float) -> Start:
    """Return the point of Biane's curve whose image is exceeded by `rank` eigenvalues, or the one above `low` if fewer are."""
    from scipy.optimize import brentq

    def excess(log_real: float) -> float:
        counted = count_above(teacher, float(np.exp(log_real)), each)[0]
        return float(np.log(max(counted / rank, LEAST_RATIO)))

    high = max(low, teacher.largest) + 2.0 * (each * teacher.size) ** 0.5
    # The count falls about like a power of u: nearly a line in logarithms.
    ends = float(np.log(max(low, high * LEAST_RATIO**20))), float(np.log(high))
    if excess(ends[0]) <= 0.0 or excess(ends[1]) >= 0.0:
        return count_above(teacher, low if excess(ends[0]) <= 0.0 else high, each)[1]
    real = float(np.exp(brentq(excess, *ends, xtol=ACCURACY, maxiter=HALVINGS)))
    return count_above(teacher, real, each)[1]


def _upper_edge(teacher: Teacher, start: Start, each: float) -> Start:
    """Where the whole spectrum ends: the u right of every eigenvalue at which Biane's curve reaches the axis."""
    parts = split(teacher, teacher.largest)
    low, high = teacher.largest, teacher.largest + (each * teacher.size) ** 0.5
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        if not low < middle < high:
            break
        low, high = (middle, high) if inverse_sum(parts, middle, 0.0)[0] * each > 1.0 else (low, middle)
    return start_at(parts, high, each) if high > start.omega.real else start
