"""Sums over a power law, Σ_{k=1}^{d} f(k^{-γ}), enclosed in balls at a cost that hardly grows with d.

The indices are cut into panels. On a short panel the terms are added one by one. On a long one f is a Taylor polynomial in
s = k - middle, whose powers are summed exactly by Bernoulli polynomials, and Taylor's remainder is the last coefficient
taken over the whole panel in ball arithmetic: nothing is estimated, and a panel that is too wide only gives a wide ball.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from flint import arb, arb_series

from .balls import ball

Panel = tuple[int, int]
"""First and last index."""
Summand = Callable[[Any], Sequence[Any]]
"""Several functions of θ at once: of a ball, or of a power series of balls."""

ORDER = 20
"""Taylor terms a panel, even. On a panel an eighth of its index long the remainder of a function that varies on the scale
of the index is below 1e-24 of the term; 12, 16 and 28 terms took longer over the points of the tests."""
SHORT = 24
"""Up to so many indices are added one by one: about what one Taylor polynomial costs."""
GROWTH = Fraction(5, 4)
"""Ratio of last to first index of the panels one begins with; those that come out too wide are halved."""


def enclosed(summand: Summand, decay: Fraction, panels: Sequence[Panel]) -> list[arb]:
    """Balls that contain Σ f(k^{-γ}) over the panels, one for each function; precision and order are the context's."""
    return _total([panel_sum(summand, decay, panel) for panel in panels])


def partition(summand: Summand, decay: Fraction, dim: int, accuracy: float) -> list[Panel]:
    """Panels on which the radius of every sum is below `accuracy` of the sum, halved where they have to be.

    Only efficiency rests on the choice: whatever the panels, the balls contain the sums.
    """
    waiting = _first_panels(dim)
    sizes = [abs(total).upper() for total in _total([_crude(summand, decay, panel) for panel in waiting])]
    panels: list[Panel] = []
    while waiting:
        panel = waiting.pop()
        first, last = panel
        if last - first < SHORT or _narrow(panel_sum(summand, decay, panel), sizes, accuracy):
            panels.append(panel)
        else:
            middle = max(first, min(last - 1, int((first * last) ** 0.5)))
            waiting += [(first, middle), (middle + 1, last)]
    return sorted(panels)


def panel_sum(summand: Summand, decay: Fraction, panel: Panel) -> list[arb]:
    """Balls that contain the sums over one panel."""
    first, last = panel
    if last - first < SHORT:
        return _total([summand((-ball(decay) * arb(k).log()).exp()) for k in range(first, last + 1)])
    middle, half = arb(first + last) / 2, arb(last - first) / 2
    moments = [power_moment(last - first + 1, j) for j in range(0, ORDER + 1, 2)]
    at_centre = _taylor(summand, decay, middle)
    over_panel = _taylor(summand, decay, middle + arb(0, 1) * half)
    # Odd powers cancel. The remainder's coefficient lies in the ball over the panel, and its power is never negative.
    return [
        sum((centre[j] * moments[j // 2] for j in range(0, ORDER, 2)), over[ORDER] * moments[ORDER // 2])
        for centre, over in zip(at_centre, over_panel, strict=True)
    ]


def power_moment(count: int, power: int) -> arb:
    """Σ s^power over `count` values of s, one apart and symmetric about 0, for even powers.

    Examples
    --------
    >>> power_moment(3, 2) - 2
    0
    """
    return 2 * (arb(count + 1) / 2).bernoulli_poly(power + 1) / (power + 1)


def _taylor(summand: Summand, decay: Fraction, point: arb) -> Sequence[arb_series]:
    """Taylor coefficients in the index at a point, or over a ball of points."""
    return summand((arb_series([point, 1]).log() * (-ball(decay))).exp())


def _first_panels(dim: int) -> list[Panel]:
    panels, first = [], 1
    while first <= dim:
        last = min(dim, max(first + SHORT - 1, int(first * GROWTH)))
        panels.append((first, last))
        first = last + 1
    return panels


def _crude(summand: Summand, decay: Fraction, panel: Panel) -> list[arb]:
    first, last = panel
    return [abs(value) * (last - first + 1) for value in summand((-ball(decay) * (arb(first + last) / 2).log()).exp())]


def _narrow(sums: Sequence[arb], sizes: Sequence[arb], accuracy: float) -> bool:
    """Whether each radius is small beside its ball or beside the whole sum; one beyond every float is not."""
    radii = [float(value.rad()) if value.is_finite() else math.inf for value in sums]
    if not all(math.isfinite(radius) for radius in radii):
        return False
    return all(
        radius <= accuracy * max(float(abs(value).upper()), float(size) / 100)
        for radius, value, size in zip(radii, sums, sizes, strict=True)
    )


def _total(rows: Sequence[Sequence[Any]]) -> list[Any]:
    return [sum(column[1:], column[0]) for column in zip(*rows, strict=True)]
