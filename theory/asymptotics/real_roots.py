"""Where the real roots of polynomials with rational coefficients are: disjoint intervals with rational ends."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from functools import partial
from typing import TypeAlias

import flint

from .exact import Fraction, fraction

Univariate: TypeAlias = flint.fmpq_poly


def isolating_intervals(polynomials: Sequence[Univariate]) -> list[tuple[Fraction, Fraction]]:
    """Disjoint rational intervals around the real roots, refined until there is room between neighbours.

    Their ends are whole multiples of 1/16, or of as small a power of two as it takes: what is computed at points between
    them has numbers as short as they can be. SymPy's bisection, which this replaced, took 26 s of a conjecture's 29 s.

    Examples
    --------
    >>> isolating_intervals([flint.fmpq_poly([-2, 0, 1]), flint.fmpq_poly([1, 0, 1])])
    [(-23/16, -11/8), (11/8, 23/16)]
    """
    if all(polynomial.degree() <= 1 for polynomial in polynomials):
        roots = {-p[0] / p[1] for p in polynomials if p.degree() == 1}
        enclosed = partial(_rounded, [(root, root) for root in roots])
    else:
        enclosed = partial(_enclosed_roots, coprime_parts(polynomials))
    bits = 4
    while True:
        found = enclosed(bits)
        if all(left < right for (_, left), (right, _) in itertools.pairwise(found)):
            return found
        bits *= 2


def _rounded(ends: Sequence[tuple[Fraction, Fraction]], bits: int) -> list[tuple[Fraction, Fraction]]:
    """Multiples of 2^-bits below the lower and above the upper of each two ends, ascending."""
    unit = 2**bits
    return sorted(
        (flint.fmpq((low * unit).floor(), unit), flint.fmpq((high * unit).ceil(), unit)) for low, high in ends
    )


def _enclosed_roots(parts: Sequence[Univariate], bits: int) -> list[tuple[Fraction, Fraction]]:
    """For each real root of squarefree polynomials, ascending, multiples of 2^-bits below and above it.

    Arb isolates all complex roots in disjoint balls, and sets the imaginary part of those that are real to 0 exactly. The
    ends of a ball are rounded to the precision that holds where they are asked for.
    """
    with flint.ctx.workprec(64 + 2 * bits):
        balls = [root.real for part in parts for root, _ in part.numer().complex_roots() if root.imag == 0]
        ends = [(_exactly(ball.lower()), _exactly(ball.upper())) for ball in balls]
    return _rounded(ends, bits)


def _exactly(number: flint.arb) -> Fraction:
    """The rational number that a ball of radius 0 is."""
    mantissa, exponent = (int(part) for part in number.man_exp())
    return fraction(mantissa) * fraction(2) ** exponent


def coprime_parts(polynomials: Iterable[Univariate]) -> list[Univariate]:
    """Squarefree polynomials that have the roots of all of them, each root in one of them.

    They are kept apart: the roots of a product of many take minutes where those of its factors take milliseconds.
    """
    parts: list[Univariate] = []
    for polynomial in polynomials:
        part = polynomial // polynomial.gcd(polynomial.derivative()) if polynomial.degree() > 0 else polynomial
        for other in parts:
            if part.degree() > 0:
                part = part // part.gcd(other)
        if part.degree() > 0:
            parts.append(part)
    return parts


def squarefree_product(polynomials: Iterable[Univariate]) -> Univariate | None:
    """A polynomial with the roots of all of them, each once; None where there is none to have roots."""
    parts = coprime_parts(polynomials)
    return math.prod(parts[1:], start=parts[0]) if parts else None
