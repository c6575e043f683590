"""Ball arithmetic as the certificates use it: a stated precision, exact inputs, and balls as pairs of decimal strings.

The library keeps precision and series length in one context of the process; they are set for the length of a `with` only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction

from flint import arb, ctx, fmpq

DIGITS = 40
"""Decimal digits in documents: more than any box or enclosure needs, and radii are rounded up whatever their number."""


@contextmanager
def working(bits: int, order: int = 1) -> Iterator[None]:
    """Work at `bits` of precision with power series of `order` terms; both are put back afterwards."""
    before = ctx.prec, ctx.cap
    ctx.prec, ctx.cap = bits, order
    try:
        yield
    finally:
        ctx.prec, ctx.cap = before


def exact(text: str | float | Fraction) -> Fraction:
    """The rational number that a decimal text, a fraction or a float (by its shortest text) stands for.

    Examples
    --------
    >>> exact("1e-3"), exact(0.1)
    (Fraction(1, 1000), Fraction(1, 10))
    """
    return Fraction(text) if isinstance(text, str | Fraction) else Fraction(repr(text))


def ball(number: Fraction) -> arb:
    """A rational number as a ball at the working precision."""
    return arb(fmpq(number.numerator, number.denominator))


def between(low: Fraction, high: Fraction) -> arb:
    """The smallest ball, up to rounding outwards, that contains the interval."""
    return ball(low).union(ball(high))


def ends(value: arb) -> tuple[str, str]:
    """Decimal strings below and above everything in the ball.

    Examples
    --------
    >>> ends(arb(2) / 3)[0][:8]
    '6.666666'
    """
    return _rounded(value.lower(), down=True), _rounded(value.upper(), down=False)


def _rounded(number: arb, *, down: bool) -> str:
    """An exact ball as a decimal on one side of it."""
    mantissa, exponent = (int(part) for part in number.man_exp())
    value = Fraction(mantissa) * Fraction(2) ** exponent
    if value == 0:
        return "0"
    # Cut to DIGITS significant digits towards the wanted side.
    shift = DIGITS - _digits(abs(value))
    scaled = value * Fraction(10) ** shift
    whole = scaled.numerator // scaled.denominator
    if not down and whole != scaled:
        whole += 1
    sign, digits = ("-", str(-whole)) if whole < 0 else ("", str(whole))
    return f"{sign}{digits[0]}.{digits[1:]}e{len(digits) - 1 - shift}"


def _digits(value: Fraction) -> int:
    """Roughly the number of decimal digits before the point (negative for small values)."""
    return int((value.numerator.bit_length() - value.denominator.bit_length()) * 0.30103)
