"""Signs: of a function of a positive variable by what it is written with, nothing worked out; of a number by its digits."""

from __future__ import annotations

import sympy as sp

from .scaled_sums import UnreadableSystem

_CERTAIN = 1e-15
"""Size beyond which a coefficient worked out to 30 digits has the sign that it seems to have."""


def surely_positive(function: sp.Expr) -> bool:
    """Whether a function of u > 0 is nonnegative by the signs of what it is made of.

    Examples
    --------
    >>> u = sp.Symbol("u", positive=True)
    >>> surely_positive(u**2 * (1 - sp.exp(-u)) / (1 + u)), surely_positive(u - u**2)
    (True, False)
    """
    plain = function.replace(_is_positive_part, lambda part: sp.Dummy(positive=True))
    return bool(plain.replace(_is_gap, lambda part: sp.Dummy(positive=True)).is_nonnegative)


def _is_positive_part(part: sp.Basic) -> bool:
    """An error function, or a power u^(1/(b - 1)), of which SymPy does not know that the exponent is finite."""
    power = part.is_Pow and part.base.is_positive and part.exp.free_symbols and part.exp.is_rational_function()
    return bool(power and all(symbol.is_real for symbol in part.exp.free_symbols)) or _is_error_function(part)


def _is_error_function(part: sp.Basic) -> bool:
    """erfc, which is positive everywhere, or erf where it is; SymPy knows neither."""
    return bool(
        (isinstance(part, sp.erfc) and part.args[0].is_real) or (isinstance(part, sp.erf) and part.args[0].is_positive)
    )


def _is_gap(part: sp.Basic) -> bool:
    """A positive term less a share of itself, as c - c exp(-g) or exp(-u) - exp(-2u)/3."""
    if not (isinstance(part, sp.Add) and len(part.args) == 2):
        return False
    larger = [term for term in part.args if term.is_positive]
    if len(larger) != 1:
        return False
    share = sp.powsimp(-(part - larger[0]) / larger[0])
    size, falling = share.as_independent(sp.exp, as_Add=False)
    return bool(
        isinstance(falling, sp.exp) and falling.args[0].is_negative and size.is_positive and (1 - size).is_nonnegative
    )


def sign_of_number(coefficient: sp.Expr) -> int:
    """The sign of a coefficient without parameters, of a function that changes sign."""
    if coefficient.free_symbols:
        raise UnreadableSystem(f"the sign of {coefficient} is not known")
    value = sp.N(coefficient, 30)
    if not (value.is_real and abs(value) > _CERTAIN):
        raise UnreadableSystem(f"the sign of {coefficient} is not known")
    return 1 if value > 0 else -1
