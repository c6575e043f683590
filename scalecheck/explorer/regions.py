"""Exact regions of a phase diagram as polygons: half-planes with rational sides, clipped in rational arithmetic.

Conditions that are not affine in the plane, such as ``power*time_power + 1 > 0``, are contoured on a grid instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import sympy as sp

Corner = tuple[Fraction, Fraction]
Path = list[tuple[float, float]]
GRID = 241
"""Points a side of the grid for curved conditions: a cell is then narrower than two pixels of the picture."""


@dataclass(frozen=True)
class Box:
    """A rectangle of the plane."""

    left: Fraction
    right: Fraction
    bottom: Fraction
    top: Fraction

    def corners(self) -> list[Corner]:
        """The four corners, counter-clockwise."""
        left, right, bottom, top = self.left, self.right, self.bottom, self.top
        return [(left, bottom), (right, bottom), (right, top), (left, top)]

    def area(self) -> Fraction:
        """Width times height."""
        return (self.right - self.left) * (self.top - self.bottom)


@dataclass(frozen=True)
class HalfPlane:
    """Where x·X + y·Y + offset > 0; the line where it vanishes is its side."""

    x: Fraction
    y: Fraction
    offset: Fraction

    def at(self, corner: Corner) -> Fraction:
        """The left-hand side at a point."""
        return self.x * corner[0] + self.y * corner[1] + self.offset


def half_plane(form: sp.Expr, plane: Sequence[sp.Symbol]) -> HalfPlane | None:
    """The half-plane where `form` is positive, or None if the form is curved.

    Examples
    --------
    >>> import sympy as sp
    >>> a, b = sp.symbols("a b", real=True)
    >>> half_plane(b - a / 2 + 1, (a, b))
    HalfPlane(x=Fraction(-1, 2), y=Fraction(1, 1), offset=Fraction(1, 1))
    >>> half_plane(a * b + 1, (a, b)) is None
    True
    """
    import sympy as sp

    spread = sp.expand(form)
    slopes = [sp.diff(spread, symbol) for symbol in plane]
    offset = spread.subs({symbol: 0 for symbol in plane})
    numbers = (*slopes, offset)
    if not all(item.is_number and item.is_finite for item in numbers):
        return None
    return HalfPlane(*map(_fraction, numbers))


def _fraction(number: sp.Expr) -> Fraction:
    """Exactly where the number is rational; else the double next to it."""
    return Fraction(int(number.p), int(number.q)) if number.is_Rational else Fraction(float(number))


def clip(corners: Sequence[Corner], side: HalfPlane) -> list[Corner]:
    """What a half-plane leaves of a convex polygon (Sutherland and Hodgman), exactly.

    Examples
    --------
    >>> square = Box(*map(Fraction, (0, 2, 0, 2))).corners()
    >>> kept = clip(square, HalfPlane(Fraction(-1), Fraction(0), Fraction(1)))  # x < 1
    >>> area(kept)
    Fraction(2, 1)
    """
    kept: list[Corner] = []
    for place, here in enumerate(corners):
        before = corners[place - 1]
        was, now = side.at(before), side.at(here)
        if (was > 0) != (now > 0):
            share = was / (was - now)
            kept.append((before[0] + share * (here[0] - before[0]), before[1] + share * (here[1] - before[1])))
        if now > 0:
            kept.append(here)
    return kept if area(kept) > 0 else []


def area(corners: Sequence[Corner]) -> Fraction:
    """Area of a polygon whose corners run counter-clockwise."""
    pairs = zip(corners, [*corners[1:], *corners[:1]])
    return sum((x * v - u * y for (x, y), (u, v) in pairs), Fraction(0)) / 2


def centre(corners: Sequence[Corner]) -> tuple[float, float]:
    """Centre of mass of a polygon that has an area: inside it, as it is convex."""
    total = 6 * area(corners)
    pairs = list(zip(corners, [*corners[1:], *corners[:1]]))
    x = sum((x + u) * (x * v - u * y) for (x, y), (u, v) in pairs) / total
    y = sum((y + v) * (x * v - u * y) for (x, y), (u, v) in pairs) / total
    return float(x), float(y)


def polygon(sides: Iterable[HalfPlane], box: Box) -> list[Corner]:
    """The part of a box in which all sides are positive."""
    corners = box.corners()
    for side in sides:
        corners = clip(corners, side)
    return corners


def segment(line: HalfPlane, sides: Iterable[HalfPlane], box: Box) -> Path:
    """The part of a line inside a box and all half-planes: its two ends, or nothing.

    Examples
    --------
    >>> diagonal = HalfPlane(Fraction(1), Fraction(-1), Fraction(0))  # x = y
    >>> segment(diagonal, [], Box(*map(Fraction, (0, 2, 0, 1))))
    [(0.0, 0.0), (1.0, 1.0)]
    """
    if line.x == line.y == 0:
        return []
    norm = line.x**2 + line.y**2
    foot = (-line.offset * line.x / norm, -line.offset * line.y / norm)
    step = (-line.y, line.x)
    one = Fraction(1)
    walls = [HalfPlane(one, Fraction(0), -box.left), HalfPlane(-one, Fraction(0), box.right)]
    walls += [HalfPlane(Fraction(0), one, -box.bottom), HalfPlane(Fraction(0), -one, box.top)]
    low, high = Fraction(-(10**9)), Fraction(10**9)
    for side in (*walls, *sides):
        slope, start = side.x * step[0] + side.y * step[1], side.at(foot)
        if slope > 0:
            low = max(low, -start / slope)
        elif slope < 0:
            high = min(high, -start / slope)
        elif start < 0 or (start == 0 and side not in walls):
            return []
    if low >= high:
        return []
    ends = [(float(foot[0] + t * step[0]), float(foot[1] + t * step[1])) for t in (low, high)]
    return sorted(ends)


def contoured(forms: Sequence[sp.Expr], plane: Sequence[sp.Symbol], box: Box) -> list[Path]:
    """Outlines of where all `forms` are positive, curved ones among them, to the width of a cell of the grid."""
    from contourpy import contour_generator

    x, y, values = _on_grid(forms, plane, box)
    least = np.min(values, axis=0)
    outlines, _ = contour_generator(x, y, least).filled(0.0, np.inf)
    return [[(float(u), float(v)) for u, v in outline] for outline in outlines]


def traced(line: sp.Expr, sides: Sequence[sp.Expr], plane: Sequence[sp.Symbol], box: Box) -> list[Path]:
    """The curve where `line` vanishes, as far as all `sides` are positive on it."""
    from contourpy import contour_generator

    x, y, values = _on_grid([line], plane, box)
    inside = _evaluator(sides, plane) if sides else None
    found: list[Path] = []
    for outline in contour_generator(x, y, values[0]).lines(0.0):
        kept = np.ones(len(outline), dtype=bool)
        if inside is not None:
            kept = np.min(inside(outline[:, 0], outline[:, 1]), axis=0) > 0
        points = [(float(u), float(v)) for (u, v), keep in zip(outline, kept) if keep]
        found += [points] if len(points) > 1 else []
    return found


def _on_grid(forms: Sequence[sp.Expr], plane: Sequence[sp.Symbol], box: Box) -> tuple[Any, Any, Any]:
    x = np.linspace(float(box.left), float(box.right), GRID)
    y = np.linspace(float(box.bottom), float(box.top), GRID)
    return x, y, _evaluator(forms, plane)(*np.meshgrid(x, y))


def _evaluator(forms: Sequence[sp.Expr], plane: Sequence[sp.Symbol]) -> Any:
    import sympy as sp

    functions = [sp.lambdify(tuple(plane), form, "numpy") for form in forms]

    def evaluate(x: Any, y: Any) -> Any:
        with np.errstate(all="ignore"):  # a form may have no value outside its region: then it is not positive there
            told = [np.broadcast_to(np.asarray(f(x, y), dtype=float), np.shape(x)) for f in functions]
        return np.nan_to_num(np.stack(told), nan=-1.0, posinf=1e300, neginf=-1e300)

    return evaluate


def symbols_of(expressions: Iterable[Any]) -> dict[str, set[Any]]:
    """Symbols by name: a witness may have several of one name with different assumptions."""
    found: dict[str, set[Any]] = {}
    for expression in expressions:
        for symbol in expression.free_symbols:
            found.setdefault(symbol.name, set()).add(symbol)
    return found


def values_for(expressions: Iterable[Any], values: Mapping[str, Any]) -> dict[Any, Any]:
    """A substitution for all symbols of these names."""
    found = symbols_of(expressions)
    return {symbol: value for name, value in values.items() for symbol in found.get(name, ())}
