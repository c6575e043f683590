"""Where a phase diagram says what, in exact arithmetic of its own: phases at rational points, boxes proved to lie inside.

The conjecture's judge divides ranges by its own methods; here nothing of it is used. A point is in a region if every
inequality has the right sign there, as a rational number or as a ball away from zero; a box is in it if the ball of every
form over the whole box is positive.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy as sp
from flint import arb

from ..certificates.balls import ball, between, exact, working
from ..diagrams import BoundaryRow, Diagram, PhaseRow
from ..theory_record import Theory

Point = Mapping[str, sp.Rational]
BITS = 160
TRIES = 4000
"""Points that are drawn in search of one in a region; the narrowest region of the house takes a few hundred."""
SHARES = (2, 3, 4, 5, 10, 12)
"""Denominators of drawn points: in walls and resonances they meet small numbers as users write them."""
REACH = 3
"""Points are drawn up to this size where the domain of a control does not end earlier."""


@dataclass(frozen=True)
class Box:
    """A closed interval a coordinate; a single point where both ends agree.

    Parameters
    ----------
    low, high : Mapping[str, Rational]
        Ends by name of the coordinate.
    """

    low: Point
    high: Point

    @property
    def wide(self) -> tuple[str, ...]:
        """Coordinates that are ranged over."""
        return tuple(name for name in self.low if self.low[name] < self.high[name])

    def with_ends(self, name: str, low: sp.Rational, high: sp.Rational) -> Box:
        """The box with other ends in one coordinate."""
        return Box({**self.low, name: low}, {**self.high, name: high})


def point_box(point: Point) -> Box:
    """The box that is one point."""
    return Box(point, point)


def enclosure(form: sp.Expr, box: Box) -> arb | None:
    """A ball that contains all values of a form over a box; None where its functions are not known here.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> box = Box({"x": sp.Rational(1)}, {"x": sp.Rational(2)})
    >>> bool(enclosure(1 + 1/x, box) > sp.Rational(5, 4).p / 4), enclosure(sp.Max(x, 1), box) is None
    (True, True)
    """
    with working(BITS):
        try:
            found = _ball(sp.sympify(form), box)
        except (KeyError, NotImplementedError):
            return None
        return found if found.is_finite() else None


def _ball(form: sp.Expr, box: Box) -> arb:
    if form.is_Rational:
        return ball(exact(str(form)))
    if form.is_Symbol:
        return between(exact(str(box.low[form.name])), exact(str(box.high[form.name])))
    if form == sp.pi:
        return arb.pi()
    parts = [_ball(part, box) for part in form.args]
    if form.is_Add:
        return sum(parts[1:], parts[0])
    if form.is_Mul:
        product = parts[0]
        for part in parts[1:]:
            product = product * part
        return product
    if form.is_Pow:
        return parts[0] ** (int(form.exp) if form.exp.is_Integer else parts[1])
    known = {sp.exp: "exp", sp.log: "log", sp.gamma: "gamma", sp.zeta: "zeta", sp.erfc: "erfc", sp.sin: "sin"}
    if form.func not in known or len(parts) != 1:
        raise NotImplementedError(str(form.func))
    found: arb = getattr(parts[0], known[form.func])()
    return found


def sign_over(form: sp.Expr, box: Box) -> int | None:
    """The sign that a form has on the whole box; None where it is not one sign, or cannot be told."""
    if sp.sympify(form).is_Rational:
        return int(sp.sign(form))
    if not box.wide:
        value = sp.sympify(form).subs({s: box.low[s.name] for s in sp.sympify(form).free_symbols if s.name in box.low})
        if value.is_Rational:
            return int(sp.sign(value))
    found = enclosure(form, box)
    if found is None or found.contains(0):
        return None
    return 1 if found > 0 else -1


def differ_at(one: sp.Expr, two: sp.Expr, point: Point) -> bool:
    """Whether two formulas certainly differ at a point."""
    return sign_over(sp.sympify(one) - sp.sympify(two), point_box(point)) in (1, -1)


@dataclass(frozen=True)
class Chart:
    """A theory's diagram with coordinates for everything that a conjecture about it can set.

    Parameters
    ----------
    record : Theory
        Whose.
    diagram : Diagram
        As derived.
    """

    record: Theory
    diagram: Diagram

    @cached_property
    def moving(self) -> dict[str, tuple[sp.Expr, str]]:
        """Controls on the plane, each with its exponent there and the symbol that it is affine in."""
        found = {}
        for control, text in self.record.scaling.exponents.items():
            form = sp.sympify(text, locals={name: sp.Symbol(name) for name in self.diagram.plane})
            (symbol,) = form.free_symbols
            found[control] = (form, symbol.name)
        return found

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Controls that are words."""
        return tuple(self.record.scaling.words)

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """Controls that are ranged over or fixed, but do not move."""
        held = {self.diagram.large, *self.record.scaling.held, *self.moving, *self.words}
        return tuple(control.name for control in self.record.controls if control.name not in held)

    @cached_property
    def plane(self) -> tuple[str, ...]:
        """Names of the plane's symbols that a control moves."""
        return tuple(symbol for _, symbol in self.moving.values())

    def limits(self, name: str) -> tuple[sp.Rational, sp.Rational]:
        """Between which values a coordinate may lie, and points are drawn; open ends."""
        if name in self.plane:
            return sp.Rational(-REACH), sp.Rational(REACH)
        domain = next(control.domain for control in self.record.controls if control.name == name)
        low, high = (max(-REACH, domain.lower), min(REACH, domain.upper))
        return sp.Rational(repr(float(low))), sp.Rational(repr(float(high)))

    def draw(self, rng: random.Random, words: Mapping[str, int]) -> dict[str, sp.Rational]:
        """A rational point within the limits."""
        point = {name: sp.Integer(number) for name, number in words.items()}
        for name in (*self.plane, *self.parameters):
            low, high = self.limits(name)
            share = rng.choice(SHARES)
            first, last = int(low * share) + 1, int(high * share)
            point[name] = sp.Rational(rng.randint(first, max(first, last - 1)), share)
            if not low < point[name] < high:
                point[name] = (low + high) / 2
        return point

    def rows_at(self, point: Point) -> list[PhaseRow]:
        """Phases whose region certainly holds the point."""
        return [row for row in self.diagram.phases if inside(row.region, point_box(point))]

    def row_at(self, point: Point) -> PhaseRow | None:
        """The one phase that holds the point."""
        found = self.rows_at(point)
        return found[0] if len(found) == 1 else None

    def points_in(self, row: PhaseRow, rng: random.Random, most: int) -> Iterator[dict[str, sp.Rational]]:
        """Points of a phase, at most so many; fewer where its region is narrow."""
        test = _quick(row.region)
        found = 0
        for _ in range(TRIES):
            words = {
                name: rng.choice(sorted(set(numbers.values()))) for name, numbers in self.record.scaling.words.items()
            }
            point = self.draw(rng, words)
            if test(point) and self.row_at(point) == row:
                found += 1
                yield point
            if found >= most:
                return

    def box_in(self, row: PhaseRow, point: Point, names: Sequence[str], width: sp.Rational) -> Box | None:
        """A box about a point, ranging over these coordinates, that is proved to lie in the phase."""
        for _ in range(6):
            low, high = dict(point), dict(point)
            for name in names:
                least, most = self.limits(name)
                low[name] = max(point[name] - width, (point[name] + least) / 2)
                high[name] = min(point[name] + width, (point[name] + most) / 2)
            box = Box(low, high)
            if inside(row.region, box):
                return box
            width = width / 2
        return None


def _quick(region: Sequence[sp.Basic]) -> Any:
    """A test in floating point that spares exact arithmetic on points that are clearly outside."""
    forms = [item.gts - item.lts for item in region]
    names = sorted({symbol.name for form in forms for symbol in form.free_symbols})
    by_name = {s.name: s for form in forms for s in form.free_symbols}
    compiled = sp.lambdify([by_name[name] for name in names], forms, "math")

    def test(point: Point) -> bool:
        try:
            return all(value > -1e-9 for value in compiled(*(float(point[name]) for name in names)))
        except (ArithmeticError, ValueError, TypeError):
            return False

    return test


def inside(region: Sequence[sp.Basic], box: Box) -> bool:
    """Whether the whole box certainly satisfies every strict inequality."""
    return all(sign_over(item.gts - item.lts, box) == 1 for item in region)


def line_rows(diagram: Diagram) -> list[BoundaryRow]:
    """Boundaries that are one line of the plane for all large parameters, told by one of its symbols."""
    large = {symbol.name for row in diagram.phases for form in row.region for symbol in form.free_symbols}
    return [
        row
        for row in diagram.boundaries
        if row.equation.lhs.is_Symbol
        and not row.equation.rhs.has(row.equation.lhs)
        and {symbol.name for symbol in row.equation.free_symbols} <= large
        and not any(isinstance(item, sp.Eq) for item in row.along)
    ]
