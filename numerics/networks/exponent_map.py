"""What a map of local exponents over the plane of control exponents holds, for any network (theory.md N5)."""

from __future__ import annotations

from dataclasses import dataclass

from ..power_sums import Array


@dataclass(frozen=True, eq=False)
class ExponentMap:
    """d log R / d log dim at fixed (a, b): effective samples dim^a, weight_decay = dim^b.

    The effective samples are n for the diagonal network, n/dim for the quadratic one.

    Parameters
    ----------
    a, b : arrays
        The axes.
    exponent : array of shape (a, b)
        Local exponents; NaN where state evolution has no solution.
    error : array of shape (a, b)
        Absolute, an estimate of each.
    """

    a: Array
    b: Array
    exponent: Array
    error: Array
