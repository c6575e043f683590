"""Local exponents d log L / d log t over the plane of the powers b and m, from characteristics alone (theory.md S10)."""

from __future__ import annotations

import math
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from ..errors import real, require
from ..solution import ErrorKind, Solution, Status
from .arrivals import arrival_edge
from .flow import Array, PowerLaw, forward
from .panels import GAUSS, KRONROD, nodes_of

STEP = 0.1
"""Half-width in log t of the centred difference: it is wrong by STEP²/6 = 0.2% of the third derivative of log L."""
TOLERANCE = 1e-7
"""Of the paths. Their error enters the difference as 1e-7 (1 + decay)/STEP, 1e-5 where the loss is not negligible."""
PANELS, DEPTH = 12, 36.0
"""Panels over the modes that matter, and how many e-folds below the largest of the integrand those end."""
UNRESOLVED = 0.02
"""Downwards with modes that reach 0 in finite time no panel ends at the edge of those still on their way, and both rules miss
its narrow layer alike: 0.008 was missed at b = 1/2, m = -2, t = 1e4 with a claim of 1e-6."""
DEEPEST, LIFTED = 1200.0, 40.0
"""-log λ_0 down to which the largest of the integrand is looked for; upwards with b < 1 that over a: the modes are lifted off
λ = 0, the deeper ones all on one path."""


@dataclass(frozen=True, eq=False)
class ExponentMap:
    """d log L / d log t at one time.

    Parameters
    ----------
    power, time_power : arrays
        The axes b and m.
    exponent : array of shape (power, time_power)
        -inf where the loss is below e^-2900: it falls faster than every power.
    error : array of shape (power, time_power)
        Absolute: what the two quadrature rules differ by, over the width of the difference.
    """

    power: Array
    time_power: Array
    exponent: Array
    error: Array


def exponent_map(
    *,
    source: float,
    rate: float,
    direction: str,
    time: float,
    power: ArrayLike,
    time_power: ArrayLike,
    executor: Executor | None = None,
) -> Solution[ExponentMap]:
    """Map the local exponent of the loss over (b, m) (claim S10).

    Formula: [log L(t e^h) - log L(t e^{-h})]/(2h), h = 0.1, both losses by one quadrature over log λ_0.

    Parameters
    ----------
    source, rate : float
        a > 0 and c > 0.
    direction : {"down", "up", "none"}
        σ.
    time : float
        t > 2, so that both times are after the start.
    power, time_power : arrays
        Values of b and of m.
    executor : concurrent.futures.Executor, optional
        Where the values of b go, each on its own; the result does not depend on it.

    Returns
    -------
    Solution of ExponentMap
        `error`: the largest finite one of the map, an estimate.

    Raises
    ------
    DomainError
        A parameter outside its domain.

    Notes
    -----
    When this is wrong: a few hundredths where modes arrive at 0 or ∞ at this very time, as the edge is not resolved; the
    error says so. For digits use `characteristics.loss`.

    Examples
    --------
    >>> found = exponent_map(source=1.0, rate=1.0, direction="down", time=1e6, power=[2.0], time_power=[-0.5, 0.0, 1.0])
    >>> (found.value.exponent.round(2) + 0.0).tolist()
    [[-1.0, -1.0, 0.0]]
    """
    exponent, last = real("source", source, above=0), real("time", time, above=2)
    columns, rows = (np.atleast_1d(np.asarray(values, dtype=float)) for values in (power, time_power))
    finite = bool(np.isfinite(columns).all() and np.isfinite(rows).all())
    require(finite, "power, time_power", (columns.tolist(), rows.tolist()), "finite numbers")
    work = partial(_column, exponent, rate, direction, last, rows)
    found = list(map(work, columns) if executor is None else executor.map(work, columns))
    pairs = np.array(found, dtype=float).reshape(columns.size, rows.size, 2)
    slopes, errors = pairs[..., 0], pairs[..., 1]
    worst = float(np.max(errors, initial=0.0, where=np.isfinite(errors)))
    method = "characteristics at two times, Gauss-Kronrod over the initial density in log λ"
    value = ExponentMap(columns, rows, slopes, errors)
    return Solution(value, Status.CONVERGED, worst, ErrorKind.ESTIMATE, method, {"points": float(slopes.size)})


def _column(
    source: float, rate: float, direction: str, time: float, rows: Array, power: float
) -> list[tuple[float, float]]:
    return [_slope(_law(power, m, rate, direction), source, time) for m in rows]


def _law(power: float, time_power: float, rate: float, direction: str) -> PowerLaw:
    return PowerLaw.checked(power=float(power), rate=rate, time_power=float(time_power), direction=direction)


def _slope(law: PowerLaw, source: float, time: float) -> tuple[float, float]:
    """The local exponent and its error."""
    times = time * np.exp([-STEP, STEP])
    window = _window(law, source, time)
    if window is None:
        return -math.inf, math.inf
    low, high, top = window
    highs = [_end(law, high, float(moment)) for moment in times]
    nodes, half = (np.array(part) for part in zip(*(_nodes(min(low, end - 1.0), end) for end in highs)))
    # The lowest node stands for everything below: its survival is that of all slower modes.
    lowest = np.minimum(low, np.array(highs) - 1.0)
    y = np.concatenate([nodes.reshape(2, -1), lowest[:, None]], axis=1)
    ends = np.repeat(times, y.shape[1])
    decay = forward(law, y.ravel(), begin=law.begin, time=ends, tolerance=TOLERANCE, position_too=False).decay
    value = np.exp(source * y - decay.reshape(y.shape) - top)
    inside = value[:, :-1].reshape(nodes.shape)
    fine, rough = (((inside @ rule) * half).sum(axis=1) + value[:, -1] / source for rule in (KRONROD, GAUSS))
    if not (fine > 0).all():
        return -math.inf, math.inf
    one, two = (float(np.log(x[1] / x[0])) / (2 * STEP) if (x > 0).all() else math.inf for x in (fine, rough))
    unresolved = UNRESOLVED if law.sign < 0 and law.arrives else 0.0
    return one, abs(one - two) + TOLERANCE / STEP + unresolved


def _nodes(low: float, high: float) -> tuple[Array, Array]:
    """Panels that shrink towards the upper end, where modes may be about to leave."""
    edges = high - (high - low) * np.concatenate(
        [np.linspace(1.0, 0.1, PANELS), 0.1 * 0.15 ** np.arange(1.0, 4.0), [0.0]]
    )
    return nodes_of(edges[:-1], edges[1:])


def _end(law: PowerLaw, high: float, time: float) -> float:
    """The upper end of the modes that are left: upwards those above the arrival edge are gone."""
    if law.sign <= 0 or not law.arrives:
        return high
    edge = arrival_edge(law, begin=law.begin, time=time, tolerance=TOLERANCE)
    return high if edge is None else min(high, edge)


def _window(law: PowerLaw, source: float, time: float) -> tuple[float, float, float] | None:
    """Where in log λ_0 the integrand matters, and the logarithm of its largest value; None if all modes are dead."""
    places = _places(law, source)
    paths = forward(law, places, begin=law.begin, time=time, tolerance=1e-6, position_too=False)
    values = source * places - paths.decay
    top = float(values.max())
    if top == -math.inf:
        return None
    alive = np.flatnonzero(values > top - DEPTH)
    highest = float(places[max(int(alive[0]) - 2, 0)])  # two: the edge moves between the two times
    low = min((top - DEPTH) / source, highest - 1.0)
    below = float(places[int(np.argmax(values))])
    # Far below the largest value only the density's own power is left: it is integrated in closed form from there on.
    slow = places[(paths.decay < 1e-12) & (below - DEPTH / source > places)]
    return max(low, float(slow.max(initial=-math.inf))), highest, top


def _places(law: PowerLaw, source: float) -> Array:
    """log λ_0, downwards from 0."""
    deepest = LIFTED / source if law.sign > 0 and law.power < 1 else DEEPEST
    return -np.concatenate(
        [np.linspace(0.0, 8.0, 17), np.geomspace(8.5, max(deepest, 20.0), 55 if deepest > 100 else 16)]
    )
