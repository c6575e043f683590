"""The risk of the quadratic network as an exact sum of three errors (theory.md N9)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..teacher import Teacher
from .power_law_spectrum import split
from .spectral_integrals import Start, inverse_sum, second_moment, start_at

# Bisection of the upper edge of the bulk: to neighbouring floats.
HALVINGS = 200


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

    The eigenvalues of the noisy teacher are cut where Biane's curve passes between the last spike of K and the next
    eigenvalue; the learned bulk is what lies between the threshold and that point. For isolated spikes the count above
    the cut is exactly |K|.

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
    if np.isfinite(parts.ceiling) and np.isfinite(parts.floor):
        end = start_at(parts, 0.5 * (parts.ceiling + parts.floor), each)
    elif np.isfinite(parts.ceiling):
        end = _upper_edge(teacher, start, each)
    else:
        return Decomposition(0.0, underfitting, risk - underfitting)
    over = 0.0
    if end.threshold > start.threshold and end.omega.real > start.omega.real:
        over = 2.0 * second_moment(teacher, start, end, each)
    return Decomposition(over, underfitting, risk - over - underfitting)


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
