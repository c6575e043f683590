"""Local exponents of the risk of kernel ridge regression over the plane of control exponents, from the solver alone."""

from __future__ import annotations

import math
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from ...errors import real
from ...solution import ErrorKind, Solution, Status
from ..inputs import finite_vector
from .spectra import Array
from .state_equations import solve

STEP = 0.1
"""Half-width in log(samples) of the centred difference; its error STEP²/6 times a third derivative of order one, 2e-3."""


@dataclass(frozen=True, eq=False)
class ExponentMap:
    """d log R / d log n at fixed (b, c): ridge = n^b, noise = n^-c.

    Parameters
    ----------
    b, c : arrays
        The axes.
    exponent : array of shape (b, c)
        Local exponents.
    error : array of shape (b, c)
        Absolute: half the difference of the one-sided slopes times the step, and the risks' errors.
    """

    b: Array
    c: Array
    exponent: Array
    error: Array


def exponent_map(
    *,
    samples: float,
    capacity: float,
    source: float,
    b: ArrayLike,
    c: ArrayLike,
    executor: Executor | None = None,
) -> Solution[ExponentMap]:
    """Measure the local exponent of the risk in n at every point of a grid.

    κ does not depend on the noise, so one solution a value of b serves a whole column of c.

    Parameters
    ----------
    samples, capacity, source : float
        n, alpha and r.
    b, c : arrays
        The axes.
    executor : concurrent.futures.Executor, optional
        Where the three values of n go that the difference needs; the result does not depend on it.

    Returns
    -------
    Solution[ExponentMap]
        `error` is the largest of its errors, absolute.

    Raises
    ------
    DomainError
        For axes that are no vectors of finite numbers, or controls outside their domain.

    Examples
    --------
    The plateau of interpolated noise, R ~ (alpha - 1) noise:

    >>> found = exponent_map(samples=1e12, capacity=2.0, source=0.5, b=[-3.0], c=[1.0]).value
    >>> round(float(found.exponent[0, 0]), 6)
    -1.0
    """
    rows, columns = finite_vector("b", b), finite_vector("c", c)
    centre = real("samples", samples, at_least=2, at_most=1e29)
    work = partial(_log_risks, capacity=capacity, source=source, b=rows, c=columns)
    places = [centre * math.exp(h) for h in (-STEP, 0.0, STEP)]
    (below, _), (middle, error), (above, _) = map(work, places) if executor is None else executor.map(work, places)
    slope = (above - below) / (2.0 * STEP)
    bend = np.abs(above - 2.0 * middle + below)  # the difference of the two one-sided slopes, times the step
    errors = bend + error[:, None] / STEP
    value = ExponentMap(rows, columns, slope, errors)
    return Solution(value, Status.CONVERGED, float(errors.max()), ErrorKind.ESTIMATE, "centred difference")


def _log_risks(n: float, capacity: float, source: float, b: Array, c: Array) -> tuple[Array, Array]:
    """Log risks on the grid at one n, and the relative error for each b."""
    solved = [solve(samples=n, ridge=n**x, noise=1.0, capacity=capacity, source=source) for x in b]
    bias = np.array([point.value.bias for point in solved])
    variance = np.array([point.value.variance for point in solved])
    with np.errstate(divide="ignore"):
        logs = np.logaddexp(np.log(bias)[:, None], np.log(variance)[:, None] - math.log(n) * c)
    return logs, np.array([point.error for point in solved])
