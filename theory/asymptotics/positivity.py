"""When a function of a positive variable is surely nonnegative: by the signs of what it is written with, nothing worked out."""

from __future__ import annotations

import sympy as sp


def surely_positive(function: sp.Expr) -> bool:
    """Whether a function of u > 0 is nonnegative by the signs of what it is made of.

    Examples
    --------
    >>> u = sp.Symbol("u", positive=True)
    >>> surely_positive(u**2 * (1 - sp.exp(-u)) / (1 + u)), surely_positive(u - u**2)
    (True, False)
    """
    return bool(function.replace(_is_gap, lambda part: sp.Dummy(positive=True)).is_nonnegative)


def _is_gap(part: sp.Basic) -> bool:
    """c - c exp(-g) with g > 0."""
    if not (isinstance(part, sp.Add) and len(part.args) == 2):
        return False
    falling = [term for term in part.args if term.has(sp.exp)]
    if len(falling) != 1:
        return False
    coefficient, exponential = falling[0].as_independent(sp.exp, as_Add=False)
    still = part - falling[0]
    return bool(
        isinstance(exponential, sp.exp)
        and exponential.args[0].is_negative
        and still.is_positive
        and still + coefficient == 0
    )
