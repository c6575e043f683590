"""Which of two terms of a power sum is larger, wherever the scale stands in its place."""

from __future__ import annotations

import sympy as sp

from .chambers import ParameterDomain
from .power_sums import Position, Term


def beats_everywhere(first: Term, second: Term, position: Position, decay: sp.Expr, domain: ParameterDomain) -> bool:
    """Whether a term is larger than another by a power, wherever the scale is in its place, for all parameters.

    With scale = count^(-y) the gap between the orders is affine in y: it is positive on an interval of y if it is
    so at both ends, or at one and growing.
    """
    if first.count_log < second.count_log and first.count_power == second.count_power:
        return False
    power, count = first.scale_power - second.scale_power, first.count_power - second.count_power
    ends: tuple[sp.Expr, ...] = {
        Position.INSIDE: (count, count - decay * power),
        Position.ABOVE: (count, power),
        Position.BELOW: (count - decay * power, -power),
    }[position]
    if first.count_power == second.count_power == 0 and position is not Position.BELOW:
        ends = (-power if position is Position.INSIDE else power,)
    signs = [domain.sign(sp.expand(end)) for end in ends]
    return all(sign in (0, 1) for sign in signs) and 1 in signs
