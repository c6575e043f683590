"""Where no closed form solves an equation for one leading constant: that it has a positive root, by signs in ball arithmetic.

The left side is continuous for positive constants; where it is surely positive at one and surely negative at another, it has a
root between them. That root stays one under small changes, so the exact equations have a solution of that scale.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp
from flint import arb

from ..balls import NoBall, ball, working
from .scales import OrderOne, unwrapped

BITS = 96
DECADES = 12
"""To both sides of 1, at which signs are looked at."""
STEPS = 4
"""Places in a decade."""
CONTINUOUS = (sp.exp, sp.erf, sp.erfc, sp.log)
"""Functions of which quantities of order one are made here: each is continuous where it has a value."""


def one_equation(lefts: Sequence[sp.Expr]) -> sp.Expr | None:
    """What is left of equations left = 0 when positive constants are put in that an equation gives by the others; None where more are left.

    Examples
    --------
    >>> x, y = sp.symbols("x y", positive=True)
    >>> one_equation([y - x**2, x + y - 1]), one_equation([y - x**2 + 1, x**2 + y - 3])
    (x**2 + x - 1, None)
    """
    if len(lefts) == 1:
        return lefts[0]
    for place, left in enumerate(lefts):
        for constant in sorted(left.free_symbols, key=str):
            value = _given(left, constant)
            if value is not None:
                others = [other.xreplace({constant: value}) for k, other in enumerate(lefts) if k != place]
                return one_equation(list(map(sp.expand, others)))
    return None


def _given(left: sp.Expr, constant: sp.Symbol) -> sp.Expr | None:
    """The positive value that left = 0 gives a constant by the others; None where it is none, or not surely positive."""
    factor = left.coeff(constant)
    rest = sp.expand(left - factor * constant)
    value = None if not factor.is_number or factor == 0 or rest.has(constant) else sp.expand(-rest / factor)
    return value if value is not None and value.is_positive else None


def has_positive_root(left: sp.Expr) -> bool:
    """Whether left = 0 surely has a positive root; False where that is not shown.

    Parameters
    ----------
    left : Expr
        Sum of products of powers of one positive constant and quantities of order one.

    Examples
    --------
    >>> x = sp.Symbol("x", positive=True)
    >>> has_positive_root(x + sp.exp(-x) - 2), has_positive_root(x + sp.exp(-x) - 1)
    (True, False)
    """
    plain, seen = unwrapped(left), set()
    if len(plain.free_symbols) != 1 or not _is_continuous(left):
        return False
    (constant,) = plain.free_symbols
    with working(BITS):
        for step in range(-DECADES * STEPS, DECADES * STEPS + 1):
            try:
                value = ball(plain, {constant: (arb(10).log() * step / STEPS).exp()})
            except NoBall:
                return False
            seen |= {1} if value > 0 else {-1} if value < 0 else set()
            if len(seen) == 2:
                return True
    return False


def _is_continuous(left: sp.Expr) -> bool:
    """Whether nothing is divided by what may vanish, and nothing jumps."""
    divided = (part.base for part in left.atoms(sp.Pow) if not part.exp.is_nonnegative)
    functions = (call for call in left.atoms(sp.Function) if not isinstance(call, OrderOne))
    return all(base.is_positive for base in divided) and all(isinstance(call, CONTINUOUS) for call in functions)
