"""A plane of the user's own as a figure: regions filled, walls as curves, the laws written, the numbers on top."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np
import sympy as sp

from ..errors import InputError
from ..figures import Border, Filled, Key, Mark, PlaneData
from .cells import Window, areas, between, crossings, curves_of
from .latex import letter_of
from .pieces import Piece
from .planes import Plane, Region, Wall, has_law
from .soundings import Sounding
from .strata import Stratum, is_root

Span = tuple[Fraction, Fraction]
Line = tuple[list[float], list[float], Border, str]
Axis = tuple[sp.Symbol, int]
"""A variable of the strata, and the power of it that is the user's name."""
BEYOND = Fraction(2, 5)
"""How far a window goes beyond the last thing to be seen where the range does not end, as a share of what is seen."""
LONGEST = 46
"""Characters of LaTeX of a law that is written into its region; the legend has them all."""
ROOM = 0.08
"""Distance from everything that is drawn, as a share of the window, from which on a law is written beside a name."""
FINE = 400
"""Places at which a wall is traced."""


def figure_of(
    plane: Plane, large: str, heard: Sequence[Sounding] = (), window: Mapping[str, Span] | None = None
) -> PlaneData:
    """The figure of a plane with one or two names, all others of which have values.

    Raises
    ------
    InputError
        If a further name is free.
    UnresolvedError
        If its walls cannot be drawn exactly.
    """
    axes = [_axis(plane, name) for name in plane.axes]
    shown = window or {}
    return (
        _interval(plane, axes[0], large, heard, shown)
        if len(axes) == 1
        else _plane(plane, axes[0], axes[1], large, heard, shown)
    )


def _axis(plane: Plane, name: str) -> Axis:
    stratum = plane.regions[0].stratum
    names = {v: (v.name, 1) for v in stratum.variables}
    names |= {v.base: (s.name, int(v.exp)) for s, v in stratum.values.items() if is_root(v)}
    open_ = sorted(told for told, _ in names.values() if told not in plane.axes)
    if open_:
        raise InputError("plot", open_[0], f"a plane in which every other name has a value: --{open_[0]} NUMBER")
    return next((variable, power) for variable, (told, power) in names.items() if told == name)


def _conditions(plane: Plane) -> dict[str, Sequence[sp.Expr]]:
    return {region.name: region.stratum.positive for region in plane.regions}


def _plane(
    plane: Plane, x: Axis, y: Axis, large: str, heard: Sequence[Sounding], shown: Mapping[str, Span]
) -> PlaneData:
    conditions = _conditions(plane)
    curves = curves_of(conditions, x[0], y[0])
    seen = _seen(plane, heard)
    across = shown.get(plane.axes[0]) or _span(
        conditions, curves, x[0], y[0], [point[plane.axes[0]] for point in seen], x
    )
    up = shown.get(plane.axes[1]) or _span(conditions, curves, y[0], x[0], [point[plane.axes[1]] for point in seen], y)
    window = Window(*_in_variable(across, x), *_in_variable(up, y))
    found = [
        Filled(a.name, _powers(a.xs, x), _powers(a.lows, y), _powers(a.highs, y))
        for a in areas(conditions, x[0], y[0], window)
    ]
    letter = letter_of(plane.question.place)
    ranges = (_floats(across), _floats(up))
    marks = [Mark(float(s.point[plane.axes[0]]), float(s.point[plane.axes[1]]), s.outcome.value) for s in heard]
    return PlaneData(
        f"${letter(plane.axes[0])}$", f"${letter(plane.axes[1])}$", *ranges, found, _keys(plane, large), _title(plane, large),
        [line for wall in plane.walls for line in _lines(wall, plane, large, ranges)],
        _labels(plane, found, ranges, large, [(mark.x, mark.y) for mark in marks]), marks,
    )  # fmt: skip


def _in_variable(span: Span, axis: Axis) -> Span:
    """The ends of a name as ends of the variable that is a root of it."""
    low, high = (float(end) ** (1 / axis[1]) if axis[1] > 1 else end for end in span)
    return Fraction(low), Fraction(high)


def _powers(values: Sequence[float], axis: Axis) -> tuple[float, ...]:
    return tuple(value ** axis[1] for value in values)


def _floats(span: Span) -> tuple[float, float]:
    return float(span[0]), float(span[1])


def _seen(plane: Plane, heard: Sequence[Sounding]) -> list[dict[str, Fraction]]:
    """Places that a window must show: a point of every part, and where numbers were taken."""
    parts = [*(r.piece for r in plane.regions), *(w.piece for w in plane.walls), *plane.corners]
    points = [point for part in parts if (point := part.stratum.point()) is not None]
    points += [dict(item.point) for item in heard]
    return [{name: _fraction(point[name]) for name in plane.axes} for point in points]


def _fraction(value: sp.Expr) -> Fraction:
    return Fraction(str(sp.N(value, 25)))


def _span(
    conditions: Mapping[str, Sequence[sp.Expr]], curves: Sequence[sp.Expr], x: sp.Symbol, y: sp.Symbol | None,
    seen: Sequence[Fraction], axis: Axis,
) -> Span:  # fmt: skip
    """From end to end of the range, or a little beyond what is to be seen where it does not end."""
    places = _crossed(curves, x, y)
    samples = _samples(places)
    covered = [k for k, at in enumerate(samples) if _covers(conditions, curves, x, y, at)]
    first, last = min(covered), max(covered)
    low = _fraction(places[first - 1] ** axis[1]) if first > 0 else None
    high = _fraction(places[last] ** axis[1]) if last < len(places) else None
    kept = [*seen, *(end for end in (low, high) if end is not None)]
    size = max(kept) - min(kept) or Fraction(1)
    return (
        min(kept) - BEYOND * size if low is None else low,
        max(kept) + BEYOND * size if high is None else high,
    )


def _crossed(curves: Sequence[sp.Expr], x: sp.Symbol, y: sp.Symbol | None) -> list[sp.Expr]:
    if y is not None:
        return crossings(curves, x, y)
    roots = {root for curve in curves for root in sp.real_roots(sp.Poly(curve, x))}
    return sorted(roots, key=lambda root: sp.N(root, 30))


def _samples(places: Sequence[sp.Expr]) -> list[sp.Rational]:
    """A rational point before, between and after the places."""
    if not places:
        return [sp.S.One]
    low, high = sp.floor(places[0]) - 1, sp.ceiling(places[-1]) + 1
    return [low, *(between(a, b) for a, b in pairwise(places)), high]


def _covers(
    conditions: Mapping[str, Sequence[sp.Expr]], curves: Sequence[sp.Expr], x: sp.Symbol, y: sp.Symbol | None,
    at: sp.Rational,
) -> bool:  # fmt: skip
    """Whether some region has a point over a place."""
    if x.is_positive and at <= 0:
        return False
    if y is None:
        return any(all(form.subs(x, at) > 0 for form in forms) for forms in conditions.values())
    over = [curve.subs(x, at) for curve in curves]
    heights = _samples(_crossed([curve for curve in over if curve.has(y)], y, None))
    return any(
        all(form.subs({x: at, y: height}) > 0 for form in forms)
        for height in heights
        if not (y.is_positive and height <= 0)
        for forms in conditions.values()
    )


def _interval(plane: Plane, x: Axis, large: str, heard: Sequence[Sounding], shown: Mapping[str, Span]) -> PlaneData:
    """The exponent over one name: the exact formula of each region, walls upright, what was measured with its interval."""
    name, conditions = plane.axes[0], _conditions(plane)
    curves = curves_of(conditions, x[0], x[0])
    seen = [point[name] for point in _seen(plane, heard)]
    span = shown.get(name) or _span(conditions, curves, x[0], None, seen, x)
    low, high = _in_variable(span, x)
    ends = [sp.Rational(low.numerator, low.denominator), sp.Rational(high.numerator, high.denominator)]
    inner = [root for root in _crossed(curves, x[0], None) if ends[0] < root < ends[1]]
    strips, drawn = [], []
    for left, right in pairwise([ends[0], *inner, ends[1]]):
        at = between(left, right)
        region = next((r for r in plane.regions if all(f.subs(x[0], at) > 0 for f in r.stratum.positive)), None)
        if region is not None:
            strips.append((region, float(left) ** x[1], float(right) ** x[1]))
            drawn += _curve(region, x, float(left), float(right))
    marks = [
        Mark(float(s.point[name]), s.law if s.measured is None else s.measured, s.outcome.value, s.low, s.high)
        for s in heard
        if math.isfinite(s.law)
    ]
    points = [found for wall in plane.walls if (found := _point(wall, name)) is not None]
    heights = [*(y for _, ys in drawn for y in ys), *(m.y for m in marks), *(y for _, y in points)] or [0.0]
    room = 0.12 * (max(heights) - min(heights) or 1.0)
    bottom, top = min(heights) - room, max(heights) + 2 * room
    letter = letter_of(plane.question.place)
    return PlaneData(
        f"${letter(name)}$", f"exponent of ${letter(large)}$ in ${letter(plane.question.place.observable)}$",
        _floats(span), (bottom, top),
        [Filled(region.name, (left, right), (bottom, bottom), (top, top)) for region, left, right in strips],
        _keys(plane, large), _title(plane, large),
        [_upright(wall, plane, large, (bottom, top)) for wall in plane.walls],
        [((left + right) / 2, top - 0.7 * room, region.name) for region, left, right in strips],
        marks, drawn, points,
    )  # fmt: skip


def _curve(region: Region, x: Axis, left: float, right: float) -> list[tuple[list[float], list[float]]]:
    """The exponent of a region over its interval; nothing where there is none."""
    law = region.piece.law
    if law is None or law.exponent is None or law.exponent.is_finite is False:
        return []
    inset = 1e-9 * (right - left)
    xs = np.linspace(left + inset, right - inset, FINE)
    value = sp.lambdify(x[0], region.stratum.at(law.exponent), "numpy")
    ys = np.broadcast_to(np.asarray(value(xs), dtype=float), xs.shape)
    return [([float(v) ** x[1] for v in xs], [float(v) for v in ys])]


def _point(wall: Wall, name: str) -> tuple[float, float] | None:
    """Where a wall has a law, as a point of an interval."""
    law, stratum = wall.piece.law, wall.piece.stratum
    if law is None or law.exponent is None or law.exponent.is_finite is False:
        return None
    return _coordinate(stratum, name), float(sp.N(stratum.at(law.exponent)))


def _coordinate(stratum: Stratum, name: str) -> float:
    return float(sp.N(next(value for symbol, value in stratum.values.items() if symbol.name == name)))


def _upright(wall: Wall, plane: Plane, large: str, ends: tuple[float, float]) -> Line:
    at = _coordinate(wall.piece.stratum, plane.axes[0])
    return [at, at], list(ends), _border(wall), _words(wall, plane, large)


def _words(wall: Wall, plane: Plane, large: str) -> str:
    """A wall for the legend: between what, where, the law on it."""
    letter, stratum = letter_of(plane.question.place), wall.piece.stratum
    where = f"${letter(wall.solved.name)} = {_latex(stratum.shown(wall.solved), letter)}$"
    law = _law(wall.piece, large, letter)
    return f"{' | '.join(wall.between)}, {where}: {law}"


def _border(wall: Wall) -> Border:
    if wall.same:
        return Border.SAME
    if wall.continuous is None:
        return Border.UNKNOWN
    return Border.CONTINUOUS if wall.continuous else Border.JUMPS


def _lines(
    wall: Wall, plane: Plane, large: str, ranges: tuple[tuple[float, float], tuple[float, float]]
) -> list[Line]:  # fmt: skip
    """A wall as curves in the plane: it is one name as a function of the other, on the part that its conditions leave."""
    stratum, axes = wall.piece.stratum, plane.axes
    if len(stratum.variables) != 1:
        return []
    (free,) = stratum.variables
    root = next(((s.name, int(v.exp)) for s, v in stratum.values.items() if is_root(v) and v.base == free), None)
    moving, power = root or (free.name, 1)
    low, high = ranges[axes.index(moving)]
    ts = _places(stratum, free, low, high, power)
    there = np.ones_like(ts, dtype=bool)
    for form in stratum.positive:
        there &= np.broadcast_to(sp.lambdify(free, form, "numpy")(ts), ts.shape) > 0
    columns = [_along(stratum, name, free, ts, power, moving) for name in axes]
    seen = np.ones_like(ts, dtype=bool)
    for column, (start, end) in zip(columns, ranges, strict=True):
        seen &= (column >= start) & (column <= end)
    seen[1:] |= seen[:-1].copy()  # a step beyond the window, so that no wall ends before it
    seen[:-1] |= seen[1:].copy()
    words, border = _words(wall, plane, large), _border(wall)
    return [([float(v) for v in xs], [float(v) for v in ys], border, words) for xs, ys in _runs(columns, there & seen)]


def _places(stratum: Stratum, free: sp.Symbol, low: float, high: float, power: int) -> np.ndarray:
    """Where a wall is traced: evenly, and just inside of its ends."""
    low, high = max(low, 0.0) ** (1 / power) if power > 1 else low, high ** (1 / power) if power > 1 else high
    ts = list(np.linspace(low, high, FINE))
    for form in stratum.positive:
        numerator = sp.fraction(sp.together(form))[0]
        if numerator.is_polynomial(free):
            step = 1e-9 * (high - low)
            ends = [float(root) for root in sp.real_roots(sp.Poly(numerator, free))]
            ts += [end + side * step for end in ends for side in (-1, 1)]
    return np.array(sorted(t for t in ts if low <= t <= high))


def _along(
    stratum: Stratum, name: str, free: sp.Symbol, ts: np.ndarray, power: int, moving: str
) -> np.ndarray:  # fmt: skip
    if name == moving:
        return np.asarray(ts**power)
    value = next(value for symbol, value in stratum.values.items() if symbol.name == name)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.broadcast_to(np.asarray(sp.lambdify(free, value, "numpy")(ts), dtype=float), ts.shape)


def _runs(columns: Sequence[np.ndarray], inside: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """The connected parts of a traced curve."""
    cuts = np.flatnonzero(np.diff(inside.astype(int))) + 1
    parts = zip(*(np.split(column, cuts) for column in columns), np.split(inside, cuts), strict=True)
    return [(xs, ys) for xs, ys, kept in parts if kept.size > 1 and kept[0]]


def _labels(
    plane: Plane, found: Sequence[Filled], ranges: tuple[tuple[float, float], tuple[float, float]], large: str,
    taken: Sequence[tuple[float, float]],
) -> list[tuple[float, float, str]]:  # fmt: skip
    """A name, and the law where it is short, in the roomiest place of every region."""
    letter = letter_of(plane.question.place)
    labels = []
    for region in plane.regions:
        places = [place for area in found if area.name == region.name for place in _rooms(area, ranges, taken)]
        if places:
            room, x, y = max(places)
            law = _law(region.piece, large, letter, with_constant=False)
            short = law if len(law) <= LONGEST and has_law(region.piece) and room > ROOM else ""
            labels.append((x, y, f"{region.name}\n{short}".strip()))
    return labels


def _rooms(
    area: Filled, ranges: tuple[tuple[float, float], tuple[float, float]], taken: Sequence[tuple[float, float]]
) -> Iterator[tuple[float, float, float]]:
    """How much room there is at places of an area: to its curves, to its ends, and to points that are drawn."""
    (left, right), (bottom, top) = ranges
    width, height = right - left, top - bottom
    for x, low, high in zip(area.xs, area.lows, area.highs, strict=True):
        for share in (0.3, 0.5, 0.7):
            y = low + share * (high - low)
            ends = min(2 * (x - area.xs[0]), 2 * (area.xs[-1] - x)) / width
            nearest = min((max(abs(x - u) / width, abs(y - v) / height) for u, v in taken), default=1.0)
            yield min(min(share, 1 - share) * (high - low) / height, ends, nearest), x, y


def _keys(plane: Plane, large: str) -> list[Key]:
    """The regions with their laws; those of one law share a colour."""
    letter = letter_of(plane.question.place)
    groups: dict[str, int] = {}
    found = []
    for region in plane.regions:
        if not has_law(region.piece):
            found.append(Key(region.name, region.piece.reason, None))
            continue
        numeral = region.name.rstrip("abcdefghijklmnopqrstuvwxyz")
        group = groups.setdefault(numeral, len(groups))
        found.append(Key(region.name, _law(region.piece, large, letter), group))
    return found


def _law(piece: Piece, large: str, letter: Callable[[str], str], with_constant: bool = True) -> str:
    """A law as mathematics that a figure can set."""
    law, shown = piece.law, piece.stratum.shown
    if law is None or law.exponent is None:
        return NOTHING
    if law.exponent.is_finite is False:
        return "falls faster than every power" if law.exponent == -sp.oo else "grows faster than every power"
    base, exponent = letter(large), shown(law.exponent)
    power = "" if exponent == 0 else base if exponent == 1 else rf"{base}^{{\,{_latex(exponent, letter)}}}"
    log = "" if law.log == 0 else rf"\,(\log {base})^{{\,{_latex(shown(law.log), letter)}}}"
    constant = "" if law.constant is None or not with_constant else _factor(shown(law.constant), letter)
    told = f"{constant}{power}{log}".removesuffix(r"\,").removesuffix(r"\cdot ")
    return f"${told}$" if told else "$1$" if law.constant is not None else "constant"


NOTHING = "no law is known"


def _factor(constant: sp.Expr, letter: Callable[[str], str]) -> str:
    """A constant in front; the word where it is too long for a figure: the text has it."""
    if constant == 1:
        return ""
    text = _latex(constant, letter, fold=constant.is_Rational is not True and not constant.is_Mul)
    if constant.has(sp.Integral, sp.uppergamma, sp.lowergamma) or len(text) > LONGEST:
        return r"\mathrm{const}\cdot "
    return rf"\left({text}\right)\," if constant.is_Add else rf"{text}\,"


def _latex(value: sp.Expr, letter: Callable[[str], str], fold: bool = True) -> str:
    """A formula; fractions in a line where what is below is one sign: 1/(2 b) would read 1/2 b."""
    names = {symbol: letter(symbol.name) for symbol in value.free_symbols}
    plain = all(sp.fraction(term)[1].is_Atom for term in sp.Add.make_args(value))
    return str(sp.latex(value, symbol_names=names, fold_short_frac=fold and plain))


def _title(plane: Plane, large: str) -> str:
    letter = letter_of(plane.question.place)
    return f"${letter(plane.question.place.observable)}$ as ${letter(large)}$ grows"
