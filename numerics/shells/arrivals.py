"""Where a path starts that arrives at the end of the spectrum at a given time: the edge at which the integrand of a loss breaks off."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from .flow import SMALL, PowerLaw, backward


def arrival_edge(law: PowerLaw, *, begin: float, time: float, tolerance: float = 1e-12) -> float | None:
    """Log of the starting point that arrives at 0 (down, b < 1) or ∞ (up, b > 1) exactly at `time`; None without one.

    The path is followed backwards from a place so near its end that the time left is below rounding.

    Examples
    --------
    >>> law = PowerLaw.checked(power=0, rate=1, time_power=0, direction="down")
    >>> round(arrival_edge(law, begin=0.0, time=0.5), 10) == round(float(np.log(0.5)), 10)
    True
    """
    return arrival_edges(law, begin=begin, times=[time], tolerance=tolerance)[0]


def arrival_edges(
    law: PowerLaw, *, begin: float, times: Sequence[float], tolerance: float = 1e-12
) -> list[float | None]:
    """The same at several times, all paths in one batch.

    Examples
    --------
    >>> law = PowerLaw.checked(power=0, rate=1, time_power=0, direction="down")
    >>> [round(math.exp(edge), 10) for edge in arrival_edges(law, begin=0.0, times=[0.5, 0.25])]
    [0.5, 0.25]
    """
    later = np.array([time for time in times if time > begin])
    if not law.arrives or not later.size:
        return [None] * len(times)
    gap = law.power - 1.0
    rest = law.log_rate(np.zeros(later.size), np.log(later - begin), begin)
    place = (-math.log(SMALL * abs(gap)) - 1e-6 - rest) / gap
    found = iter(backward(law, place, begin=begin, time=later, tolerance=tolerance))
    return [float(next(found)) if time > begin else None for time in times]
