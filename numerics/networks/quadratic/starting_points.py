"""A crude model of the state equations, solved first: where the Newton iteration for the true ones begins.

Noise alone gives a semicircle; a spike above max(t, sigma) costs its dimensions and t^2; the rest of the teacher is lost.
Nothing of this enters the result.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ...power_sums import Array
from ..teacher import Atoms, PowerLaw, Teacher

# Angles theta at which the semicircle x = 2 cos theta is tabulated, and how far beyond its edge thresholds are tried.
ANGLES, FARTHEST = 1000, 1e60
# Halvings of an interval of some 300: to 0.005, far below what separates the crude model from the equations.
HALVINGS = 16
LOWEST_LOG = -250.0


class Controls(NamedTuple):
    """What the equations are solved for: u = samples/dim, noise, and Lambda' = weight_decay sqrt(width)."""

    ratio: float
    noise: float
    penalty: float


@lru_cache(maxsize=1)
def _noise_alone() -> tuple[Array, Array, Array]:
    """alpha, half the integral of (x - alpha) x, and the integral of (x - alpha)^2, over the semicircle above alpha >= 0."""
    angle = np.concatenate([np.geomspace(1e-8, 1e-2, ANGLES // 2), np.linspace(1e-2, np.pi / 2, ANGLES // 2)[1:]])
    edges = np.concatenate([[0.0], angle])
    x, middle = 2.0 * np.cos(angle), 0.5 * (edges[1:] + edges[:-1])
    mass = 2.0 / np.pi * np.sin(middle) ** 2 * np.diff(edges)
    y = 2.0 * np.cos(middle)
    zeroth, first, second = np.cumsum(mass), np.cumsum(mass * y), np.cumsum(mass * y**2)
    freedom = np.maximum(0.5 * (second - x * first), 0.0)
    error = np.maximum(second - 2.0 * x * first + x**2 * zeroth, 0.0)
    beyond = 2.0 * np.geomspace(1.0 + 1e-9, FARTHEST, ANGLES // 4)
    alpha = np.concatenate([beyond[::-1], x])[::-1]
    padding = np.zeros(beyond.size)
    return alpha, np.concatenate([padding, freedom])[::-1], np.concatenate([padding, error])[::-1]


def _counts(teacher: Teacher, level: Array) -> tuple[Array, Array]:
    """How many eigenvalues exceed the level, and the power of the others, roughly."""
    if isinstance(teacher, PowerLaw):
        dim, slope = teacher.dim, 2.0 * teacher.decay - 1.0
        with np.errstate(over="ignore", divide="ignore"):
            count = np.clip(level ** (-1.0 / teacher.decay), 1.0, dim)
        lost = (count**-slope - dim**-slope) / slope
        return np.where(level < 1.0, count, 0.0), np.where(level < 1.0, lost, teacher_power(teacher))
    assert isinstance(teacher, Atoms)
    order = np.argsort(np.asarray(teacher.values))
    values, counts = np.asarray(teacher.values)[order], np.asarray(teacher.multiplicities)[order]
    below = np.searchsorted(values, level, side="right")
    power = np.concatenate([[0.0], np.cumsum(counts * values**2)])
    number = np.concatenate([[0.0], np.cumsum(counts)])
    return number[-1] - number[below], power[below]


def teacher_power(teacher: Teacher) -> float:
    """Sum of the squared eigenvalues, to a few digits."""
    if isinstance(teacher, PowerLaw):
        slope = 2.0 * teacher.decay - 1.0
        return 1.0 - float(np.expm1(-slope * np.log(teacher.dim))) / slope
    assert isinstance(teacher, Atoms)
    return float(np.asarray(teacher.multiplicities) @ np.asarray(teacher.values) ** 2)


def soft_minimum(first: Array, second: Array, product: Array) -> Array:
    """Return a + b - sqrt((a - b)^2 + 4c): smooth, increasing in a and b, zero exactly where ab = c and a + b >= 0."""
    gap = np.hypot(first - second, 2.0 * np.sqrt(product))
    total = first + second
    # For a, b > 0 by its conjugate, which does not cancel.
    with np.errstate(invalid="ignore", over="ignore"):
        return np.where(
            total > 0.0, 4.0 * (first * second - product) / np.where(total > 0, total + gap, 1.0), total - gap
        )


def _model(teacher: Teacher, sigma: float, controls: Controls) -> tuple[float, float]:
    """Threshold ratio alpha at this sigma, and log of (noise + R)/(4 u sigma^2)."""
    alpha, freedom, error = _noise_alone()
    dim = teacher.size
    spikes, lost = _counts(teacher, sigma * np.maximum(alpha, 1.0))
    own = spikes - 0.5 * spikes**2 / dim
    rest = (1.0 - spikes / dim) ** 2 * dim
    slack = 1.0 - (own + rest * freedom) / controls.ratio
    product = np.full_like(alpha, controls.penalty / (4.0 * controls.ratio * sigma))
    index = int(np.searchsorted(soft_minimum(alpha, slack, product), 0.0))
    index = min(index, alpha.size - 1)
    square = sigma**2
    parts = lost + square * (spikes * alpha**2 + 2.0 * own + rest * error)
    return float(alpha[index]), float(np.log((controls.noise + 2.0 * parts[index]) / (4.0 * controls.ratio * square)))


def starting_point(teacher: Teacher, controls: Controls) -> tuple[float, float]:
    """Return log sigma and alpha of the crude model."""
    largest = (
        float(np.log(controls.noise + 2.0 * teacher_power(teacher) + 1e-300) - np.log(4.0 * controls.ratio)) / 2 + 5
    )
    low, high = LOWEST_LOG, max(largest, 5.0)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if _model(teacher, float(np.exp(middle)), controls)[1] > 0.0 else (low, middle)
    return middle, _model(teacher, float(np.exp(middle)), controls)[0]
