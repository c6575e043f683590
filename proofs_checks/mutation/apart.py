"""Whether two expressions are certainly different, or equal as far as sixty digits tell: the judge of constructions.

The court's own comparator is what is on trial; here numbers are taken in another way, by mpmath at two precisions.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import mpmath
import sympy as sp

Point = Mapping[sp.Symbol, sp.Expr]

LOW, HIGH = 30, 60
"""Digits of the two evaluations. What differs by more than `APART` at both differs; rounding would not repeat itself."""
APART = 1e-12
EQUAL = 1e-40
"""Relative distance at `HIGH` digits below which values count as equal: twenty digits are left to cancellations."""
POINTS = 7
SETTLED = 0.004
"""Log of a ratio of laws that counts as not tending to 0: below the 1% of the smallest factor that mutants get."""
FAR = (200, 400, 800)
"""log10 of the large parameter at which laws are compared. A ratio that tends to 1 like 1/log halves from one to the next,
like a power it is gone; one that keeps nine tenths does not tend to 1."""


class Judge(Protocol):
    """Tells different expressions from equal ones in the sense of a claim: exactly, or to leading order."""

    def differ(self, old: sp.Expr, new: sp.Expr) -> bool:
        """Whether they are certainly different."""
        ...

    def same(self, old: sp.Expr, new: sp.Expr) -> bool:
        """Whether they agree as far as can be told."""
        ...


@dataclass(frozen=True)
class Exactly:
    """Equal as functions: compared at points that satisfy the relations."""

    points: tuple[tuple[tuple[sp.Symbol, sp.Expr], ...], ...] = ()
    relations: tuple[sp.Basic, ...] = ()
    seed: int = 0

    def differ(self, old: sp.Expr, new: sp.Expr) -> bool:
        """Whether at some point both precisions tell the values apart by the same amount.

        Examples
        --------
        >>> x = sp.Symbol("x", positive=True)
        >>> Exactly().differ(sp.sqrt(x)**2 + x, 2 * x), Exactly().differ(x, 1.001 * x)
        (False, True)
        """
        gaps = [[_gap(old, new, point, digits) for digits in (LOW, HIGH)] for point in self._places(old, new)]
        return any(
            low is not None and high is not None and high > APART and abs(low - high) < APART * high
            for low, high in gaps
        )

    def same(self, old: sp.Expr, new: sp.Expr) -> bool:
        """Whether they agree at all points, and there are enough."""
        gaps = [_gap(old, new, point, HIGH) for point in self._places(old, new)]
        known = [gap for gap in gaps if gap is not None]
        needed = min(3, len(self.points)) if self.points else 3 if (old.free_symbols | new.free_symbols) else 1
        return len(known) >= needed and all(gap < EQUAL for gap in known)

    def _places(self, old: sp.Expr, new: sp.Expr) -> Sequence[Point]:
        if self.points:
            return [dict(point) for point in self.points]
        symbols = sorted(old.free_symbols | new.free_symbols, key=lambda symbol: str(symbol.name))
        return _drawn(tuple(symbols), self.relations, self.seed)


@cache
def _drawn(symbols: tuple[sp.Symbol, ...], relations: tuple[sp.Basic, ...], seed: int) -> tuple[Point, ...]:
    """Rational points that satisfy the relations in these symbols; fewer than asked for where that is hard."""
    draw = random.Random(f"{seed}{symbols}")
    found: list[Point] = []
    for _ in range(40 * POINTS):
        point = {symbol: _number(symbol, draw) for symbol in symbols}
        if all(item.subs(point) != sp.false for item in relations):
            found.append(point)
        if len(found) == POINTS:
            break
    return tuple(found)


def _number(symbol: sp.Symbol, draw: random.Random) -> sp.Expr:
    if symbol.is_integer:
        return sp.Integer(draw.randint(2, 7))
    size = sp.Rational(draw.randint(7, 97), draw.randint(11, 53))
    return size if symbol.is_nonnegative or draw.random() < 0.5 else -size


def _gap(old: sp.Expr, new: sp.Expr, point: Point, digits: int) -> float | None:
    """Relative distance of two values; None where one has none."""
    with mpmath.workdps(digits):
        one, two = _value(old, point), _value(new, point)
        if one is None or two is None:
            return None
        scale = max(abs(one), abs(two))
        return float(abs(one - two) / scale) if scale else 0.0


def _value(expression: sp.Expr, point: Point) -> mpmath.mpc | None:
    """A value at the working precision, by mpmath's own functions; integrals are not tried."""
    if expression.has(sp.Integral):
        return None
    symbols = sorted(expression.free_symbols, key=lambda symbol: str(symbol.name))
    if any(symbol not in point for symbol in symbols):
        return None
    given = [mpmath.mpf(int(point[s].p)) / int(point[s].q) for s in symbols]
    try:
        value = mpmath.mpmathify(_compiled(expression, tuple(symbols))(*given))
    except (ValueError, TypeError, ArithmeticError, NameError, AttributeError, NotImplementedError):
        return None
    return value if mpmath.isfinite(value) else None


@cache
def _compiled(expression: sp.Expr, symbols: tuple[sp.Symbol, ...]) -> Callable[..., Any]:
    found: Callable[..., Any] = sp.lambdify(symbols, expression, "mpmath")
    return found


@dataclass(frozen=True)
class ToLeadingOrder:
    """Equal up to a factor 1 + o(1), along `routes`: for every symbol its power of the large parameter, or its value.

    Parameters
    ----------
    routes : tuple
        Pairs (powers, values) by name of a symbol.
    """

    routes: tuple[tuple[tuple[tuple[str, sp.Expr], ...], tuple[tuple[str, sp.Expr], ...]], ...]

    def differ(self, old: sp.Expr, new: sp.Expr) -> bool:
        """Whether along some route the log of the ratio stays away from 0, however large the parameter.

        Examples
        --------
        >>> n = sp.Symbol("n", positive=True)
        >>> judge = ToLeadingOrder((((("n", sp.Integer(2)),), ()),))
        >>> judge.differ(n, n + 1), judge.differ(n, n * sp.Rational(101, 100)), judge.differ(n, n + n / sp.log(n))
        (False, True, False)
        """
        return any(_stays_away(self._log_ratios(old, new, route)) for route in range(len(self.routes)))

    def same(self, old: sp.Expr, new: sp.Expr) -> bool:
        """Whether the ratio is 1 along every route, to all digits."""
        found = [self._log_ratios(old, new, route) for route in range(len(self.routes))]
        return bool(found) and all(len(row) == len(FAR) and max(map(abs, row)) < APART for row in found)

    def _log_ratios(self, old: sp.Expr, new: sp.Expr, route: int) -> list[float]:
        powers, values = map(dict, self.routes[route])
        found = []
        with mpmath.workdps(HIGH):
            for log10 in FAR:
                large = mpmath.mpf(10) ** log10
                given = {name: large ** _number_of(power) for name, power in powers.items()}
                given |= {name: _number_of(value) for name, value in values.items()}
                one, two = _real(old, given), _real(new, given)
                if one is None or two is None:
                    return []
                if one == 0 or two / one <= 0:
                    return [float("inf")] * len(FAR)
                found.append(float(mpmath.log(two / one)))
        return found


def _number_of(value: sp.Expr) -> mpmath.mpf:
    return mpmath.mpf(int(value.p)) / int(value.q)


def _real(expression: sp.Expr, given: Mapping[str, mpmath.mpf]) -> mpmath.mpf | None:
    symbols = tuple(sorted(expression.free_symbols, key=lambda symbol: str(symbol.name)))
    if expression.has(sp.Integral) or any(symbol.name not in given for symbol in symbols):
        return None
    try:
        value = mpmath.mpmathify(_compiled(expression, symbols)(*(given[s.name] for s in symbols)))
    except (ValueError, TypeError, ArithmeticError, NameError, AttributeError, NotImplementedError):
        return None
    return value if mpmath.isfinite(value) and mpmath.im(value) == 0 else None


def _stays_away(logs: Sequence[float]) -> bool:
    if not logs:
        return False
    sizes = [abs(value) for value in logs]
    return all(size > SETTLED for size in sizes) and all(b >= 0.9 * a for a, b in itertools.pairwise(sizes))
