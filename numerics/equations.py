"""An equation between positive unknowns as two numbers, and sums over k = 1, 2, ... by a rule of a few hundred nodes.

Sums use the Gram rule of `power_sums` on panels whose ends grow by a ratio: a coarser one gives signs, a finer one the error.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .power_sums import gram_rule, panels

Array = NDArray[np.float64]

INTEGER_END = 2.0**50
"""Up to here panels end at integers; beyond, a sum over integers is the integral to 1e-15."""
SERIES_END = 2.0**880
"""End of an infinite sum, 10^265: k^-1.06 leaves 1e-16 beyond it; slower sums leave more, which the error counts."""
GRID_RATIO, RATIO, FINE_RATIO = 16.0, 4.0, 2.0
"""Of the ends of a panel: on the grid, where signs are enough; for the solution; the finest gives the error."""

Rule = tuple[Array, Array]
Sides = Callable[[Array, float, float], tuple[float, float]]
"""(unknowns, large, ratio of panels) to (left, right) of one equation."""
Along = Callable[[Array, int, Array, float, float], tuple[Array, Array]]
"""(unknowns, index of one of them, its places, large, ratio of panels) to (left, right) at each place."""


@lru_cache(maxsize=256)
def summation_rule(count: float, ratio: float = RATIO) -> Rule:
    """Nodes and weights that sum a function that is smooth in log k over k = 1, ..., count; `count` may be infinite.

    Examples
    --------
    >>> nodes, weights = summation_rule(math.inf)
    >>> abs(float(np.sum(weights * nodes**-2.0)) - math.pi**2 / 6) < 1e-12
    True
    """
    whole = math.floor(count) if math.isfinite(count) else SERIES_END
    steps = math.ceil(math.log(min(whole, INTEGER_END)) / math.log(ratio)) + 1 if whole > 1 else 1
    edges = np.unique(np.floor(np.minimum(np.concatenate([[0.0], ratio ** np.arange(steps)]), min(whole, INTEGER_END))))
    edges = np.unique(np.append(edges, min(whole, INTEGER_END)))
    found = panels(edges[None, :])
    nodes, weights = [found.values[found.weights > 0]], [found.weights[found.weights > 0]]
    if whole > INTEGER_END:
        count_above = math.ceil(math.log(whole / INTEGER_END) / math.log(ratio))
        ends = np.exp(np.linspace(math.log(INTEGER_END), math.log(whole), count_above + 1))
        places, shares = gram_rule(0.0)
        middle, length = 0.5 * (ends[1:] + ends[:-1]), np.diff(ends)
        nodes.append((middle[:, None] + length[:, None] * places).ravel())
        weights.append((length[:, None] * shares).ravel())
    return np.concatenate(nodes), np.concatenate(weights)


@dataclass(frozen=True)
class Equation:
    """One equation: its sides as a function of all unknowns, and the indices of the unknowns that occur.

    `names` is the unknown that is the left side, where the equation only says what it is by others, if there is one.
    `along` is the sides at many places of one unknown in one call, where they can be had that way.
    """

    sides: Sides
    unknowns: frozenset[int]
    names: int | None = None
    along: Along | None = None


def scaled(sides: tuple[float, float]) -> float:
    """(left - right)/(|left| + |right|), in [-1, 1]; NaN where a side is no number."""
    left, right = sides
    size = abs(left) + abs(right)
    if not (math.isfinite(left) and math.isfinite(right)):
        return math.nan
    return (left - right) / size if size else 0.0
