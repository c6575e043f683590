"""A smooth function on a fine axis, solved for on a coarse one and where that does not tell it (exponent maps).

Every second point of a level is predicted by a cubic through its four neighbours and then solved for. Where the prediction was
right, and right beside it as well, the rest is interpolated with the difference as its error: another halving makes the
error of a cubic sixteen times smaller, so that the difference is what a kink might hide, not what a smooth function leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from .power_sums import Array

COARSE = 0.4
"""Largest step at which solving begins, halved once in any case. Crossovers of exponents are a few 1/log(dim) wide, 0.1 at dim
1e12: their flanks reach further, and the logarithm of which they are the bend shows them at any distance. Measured on the
quadratic network at dim 1e4, 1e8, 1e12, 200 points on an axis of length 5: half of them are solved for, and what is
interpolated is off by 1.1e-3 at most, within its error; 0.8 saves another tenth."""
SETTLED, SETTLED_LOG = 2e-3, 5e-3
"""Differences up to which a prediction was right: of the exponent (what a map's colours can show is ten times as much), and
of the logarithm of which it is the slope: a layer too narrow for the step leaves a jump in it."""

LEAST = SETTLED / 10
"""Claimed of every interpolated value: a difference may vanish by chance, where the fourth derivative changes its sign."""


def filled(axis: Array, solve: Callable[[int], tuple[float, float]]) -> tuple[Array, Array]:
    """Values at every point of an axis, and what interpolation adds to their errors.

    Parameters
    ----------
    axis : array
        Increasing or decreasing; otherwise every point is solved for.
    solve : callable
        Index to the value and to a second one, smooth wherever the first is bounded; NaN where there is none.

    Examples
    --------
    >>> axis = np.linspace(0.0, 1.0, 201)
    >>> values, error = filled(axis, lambda k: (axis[k] ** 2, axis[k] ** 3))
    >>> bool(np.abs(values - axis**2).max() < 1e-12), bool(error.max() <= LEAST)
    (True, True)
    """
    told = np.full((2, axis.size), np.nan)
    doubt = np.zeros(axis.size)
    known: list[int] = []

    def ask(index: int) -> None:
        told[:, index] = solve(index)
        known.append(index)

    stride = _stride(axis)
    for index in dict.fromkeys([*range(0, axis.size, stride), axis.size - 1]):
        ask(index)
    open_ = _gaps(sorted(known))
    while open_:
        wrong = []
        for left, right in open_:
            middle = (left + right) // 2
            predicted = _cubic(axis, told, sorted(known), middle)
            ask(middle)
            wrong.append(np.abs(told[:, middle] - predicted))
        open_ = _unsettled(open_, np.array(wrong), doubt)
    _fill(axis, told[0], sorted(known))
    doubt[known] = 0.0
    return told[0], doubt


def _stride(axis: Array) -> int:
    """The largest power of two of steps within `COARSE`; one where the axis is short or not monotonic."""
    steps = np.diff(axis)
    if axis.size < 5 or not ((steps > 0).all() or (steps < 0).all()):
        return 1
    most = COARSE / float(np.abs(steps).max())
    return int(2 ** np.floor(np.log2(most))) if most >= 2.0 else 1


def _gaps(known: list[int]) -> list[tuple[int, int]]:
    return [(left, right) for left, right in pairwise(known) if right - left > 1]


def _unsettled(gaps: list[tuple[int, int]], wrong: Array, doubt: Array) -> list[tuple[int, int]]:
    """Halves of the gaps that a prediction failed in, or beside; the others get their doubt."""
    right = (wrong[:, 0] <= SETTLED) & (wrong[:, 1] <= SETTLED_LOG)  # NaN is never right
    failed = {gap[side] for gap, good in zip(gaps, right, strict=True) if not good for side in (0, 1)}
    halves = []
    for gap, good, differences in zip(gaps, right, wrong, strict=True):
        if good and gap[0] not in failed and gap[1] not in failed:
            doubt[gap[0] : gap[1] + 1] = np.maximum(doubt[gap[0] : gap[1] + 1], max(differences[0], LEAST))
        else:
            halves += _gaps([gap[0], sum(gap) // 2, gap[1]])
    return halves


def _cubic(axis: Array, told: Array, known: list[int], index: int) -> Array:
    """Lagrange's cubic through the four known points around one."""
    place = int(np.searchsorted(known, index))
    first = min(max(place - 2, 0), max(len(known) - 4, 0))
    nodes = known[first : first + 4]
    x = axis[nodes]
    weights = [np.prod([(axis[index] - v) / (u - v) for v in x if v != u]) for u in x]
    return np.asarray(told[:, nodes] @ np.array(weights))


def _fill(axis: Array, values: Array, known: list[int]) -> None:
    held = values.copy()
    for index in sorted(set(range(axis.size)) - set(known)):
        values[index] = _cubic(axis, held[None, :], known, index)[0]
