"""Regions of a plane as areas that can be filled: a cylindrical decomposition, so that every area belongs to one region as a whole.

Between two neighbouring places where walls cross or turn back, the roots of the conditions over a column are curves in a fixed
order; which region lies between two of them is decided at one exact point. Numbers only trace the curves for the eye.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import combinations, pairwise

import numpy as np
import sympy as sp

from .strata import UnresolvedError

COLUMNS = 60
"""Places at which curves are traced between two crossings."""
INSET = 1e-9
"""How near to a crossing, as a share of the strip: at it two curves are one."""
MOST_FORMS = 60


@dataclass(frozen=True)
class Area:
    """What lies between two curves over an interval: x, and the lower and upper end there."""

    name: str
    xs: tuple[float, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]


@dataclass(frozen=True)
class Window:
    """What is shown of the plane."""

    left: Fraction
    right: Fraction
    bottom: Fraction
    top: Fraction


def curves_of(regions: Mapping[str, Sequence[sp.Expr]], x: sp.Symbol, y: sp.Symbol) -> list[sp.Expr]:
    """The irreducible polynomials on which a condition of some region changes its sign.

    Raises
    ------
    UnresolvedError
        For conditions that are no polynomials over the rationals in the two, or too many of them.
    """
    found: dict[sp.Expr, None] = {}
    forms = [*(form for several in regions.values() for form in several), *(v for v in (x, y) if v.is_positive)]
    for form in forms:
        for factor in _factors(form, x, y):
            found[factor] = None
    if len(found) > MOST_FORMS:
        raise UnresolvedError(f"the walls are {len(found)} curves, more than the {MOST_FORMS} that are drawn")
    return list(found)


@lru_cache(maxsize=1024)
def _factors(form: sp.Expr, x: sp.Symbol, y: sp.Symbol) -> tuple[sp.Expr, ...]:
    parts = sp.fraction(sp.together(form))
    found = []
    for part in parts:
        if not part.free_symbols <= {x, y} or not part.is_polynomial(x, y):
            raise UnresolvedError(f"the wall {form} = 0 is no polynomial in {x} and {y}")
        poly = sp.Poly(part, *dict.fromkeys((x, y)))
        if not all(c.is_Rational for c in poly.coeffs()):
            raise UnresolvedError(f"the wall {form} = 0 has coefficients that are no rational numbers")
        found += [factor.as_expr() for factor, _ in poly.factor_list()[1]]
    return tuple(found)


def crossings(curves: Sequence[sp.Expr], x: sp.Symbol, y: sp.Symbol) -> list[sp.Expr]:
    """Places on the x axis where curves cross, turn back, end or stand upright: exact, in order."""
    found: set[sp.Expr] = set()
    for curve in curves:
        poly = sp.Poly(curve, y)
        found |= _roots(poly.LC() if poly.degree() else curve, x)
        if poly.degree() > 1:
            found |= _roots(poly.discriminant(), x)
    for one, two in combinations([curve for curve in curves if curve.has(y)], 2):
        found |= _roots(sp.resultant(one, two, y), x)
    return sorted(found, key=lambda root: sp.N(root, 30))


def _roots(value: sp.Expr, x: sp.Symbol) -> set[sp.Expr]:
    """Real roots of a polynomial; none of a constant."""
    value = sp.expand(value)
    return set(sp.real_roots(sp.Poly(value, x))) if value.has(x) else set()


def areas(
    regions: Mapping[str, Sequence[sp.Expr]], x: sp.Symbol, y: sp.Symbol, window: Window
) -> list[Area]:  # fmt: skip
    """The window divided among the regions; what is in none is left out."""
    # As polynomials in lowest terms, like the conditions: an end of the range is one curve and not two.
    ends = [factor for end in (window.bottom, window.top) for factor in _factors(y - _exact(end), x, y)]
    curves = list(dict.fromkeys([*curves_of(regions, x, y), *ends]))
    inside = [root for root in crossings(curves, x, y) if _exact(window.left) < root < _exact(window.right)]
    edges = [_exact(window.left), *inside, _exact(window.right)]
    return [area for left, right in pairwise(edges) for area in _strip(regions, curves, x, y, left, right, window)]


def _exact(value: Fraction) -> sp.Rational:
    return sp.Rational(value.numerator, value.denominator)


def between(left: sp.Expr, right: sp.Expr) -> sp.Rational:
    """A rational number between two real ones, a short one."""
    low, high = Fraction(str(sp.N(left, 30))), Fraction(str(sp.N(right, 30)))
    size = 1
    while True:
        middle = Fraction(round((low + high) / 2 * size), size)
        if low < middle < high:
            return _exact(middle)
        size *= 10


def _strip(
    regions: Mapping[str, Sequence[sp.Expr]], curves: Sequence[sp.Expr], x: sp.Symbol, y: sp.Symbol,
    left: sp.Expr, right: sp.Expr, window: Window,
) -> Iterator[Area]:  # fmt: skip
    """Areas over one strip, neighbours of one region as one."""
    at = between(left, right)
    heights = sorted(
        {root for curve in curves for root in _roots(curve.subs(x, at), y)}, key=lambda root: sp.N(root, 30)
    )
    owners = [
        next((name for name, forms in regions.items() if _holds(forms, {x: at, y: between(low, high)})), None)
        for low, high in pairwise(heights)
    ]
    width = float(right - left)
    xs = np.linspace(float(left) + INSET * width, float(right) - INSET * width, COLUMNS)
    traced = np.array([_heights(curves, x, y, float(column), len(heights)) for column in xs])
    low_end, high_end = float(window.bottom), float(window.top)
    start = 0
    for index, owner in enumerate(owners):
        if index + 1 < len(owners) and owners[index + 1] == owner:
            continue
        lows, highs = (np.clip(traced[:, place], low_end, high_end) for place in (start, index + 1))
        start = index + 1
        if owner is not None and float(np.max(highs - lows)) > 0.0:
            yield Area(owner, tuple(map(float, xs)), tuple(map(float, lows)), tuple(map(float, highs)))


def _holds(forms: Sequence[sp.Expr], point: Mapping[sp.Symbol, sp.Rational]) -> bool:
    signed = all(value > 0 for symbol, value in point.items() if symbol.is_positive)
    return signed and all(bool(form.subs(point) > 0) for form in forms)


@lru_cache(maxsize=1024)
def _coefficients(curve: sp.Expr, x: sp.Symbol, y: sp.Symbol) -> tuple[tuple[float, ...], ...]:
    """The coefficients of the powers of y, each as the numbers of a polynomial in x: read once for all columns."""
    return tuple(tuple(map(float, sp.Poly(c, x).all_coeffs())) for c in sp.Poly(curve, y).all_coeffs())


def _heights(curves: Sequence[sp.Expr], x: sp.Symbol, y: sp.Symbol, at: float, count: int) -> list[float]:
    """The real roots over one column in order: as many as there are at the exact point of the strip.

    A float may split a double root, or lose one beside a crossing; of more the least complex ones are kept, and a missing
    one is where its neighbour is.
    """
    found: list[tuple[float, float]] = []
    for curve in curves:
        roots = np.roots([np.polyval(c, at) for c in _coefficients(curve, x, y)])
        found += [(abs(root.imag), float(root.real)) for root in roots if abs(root.imag) <= 1e-6 * (1 + abs(root))]
    kept = sorted(real for _, real in sorted(found)[:count])
    return kept + [kept[-1] if kept else 0.0] * (count - len(kept))
