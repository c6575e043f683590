"""Sets of parameters, exactly: strict inequalities on what is left after every equation has been solved for a variable.

A stated range with `<=`, `=`, minima and maxima becomes finitely many strata. Whether one is empty is decided by linear
programmes over the rationals, or, where a relation is not linear, by an open cylindrical decomposition: never by sampling.
What neither can decide raises `UnresolvedError`, and the court says undecided.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import sympy as sp

from ..regions import common_point
from .expressions import kink_resolved, without_kinks
from .formula_text import formula_text
from .glances import differ
from .removable import value_at

Point = dict[str, sp.Expr]
MAX_STRATA = 400
"""More pieces than that are not followed: the range is then undecided."""


class UnresolvedError(ArithmeticError):
    """A set that the exact methods cannot decide."""


def sign_of(number: sp.Expr) -> int:
    """The sign of a real number, exactly.

    Raises
    ------
    UnresolvedError
        If it is neither certainly nonzero nor zero by simplification.

    Examples
    --------
    >>> sign_of(sp.sqrt(2) * sp.sqrt(3) - sp.sqrt(6)), sign_of(sp.sqrt(2) - 2)
    (0, -1)
    """
    if number.is_Rational:
        return int(sp.sign(number))
    value = sp.N(number, 40)
    if not (value.is_Number and value.is_finite and value.is_real):
        raise UnresolvedError(f"{number} has no real value")
    if abs(value) > sp.Float("1e-25"):
        return 1 if value > 0 else -1
    if sp.simplify(number) == 0:
        return 0
    raise UnresolvedError(f"{number} is too close to zero to tell")


MOST_TURNS = 8
"""Zeros of a sine that are looked for on each side."""


@dataclass(frozen=True)
class Stratum:
    """{variables : every `positive` form > 0}, with `values` of the variables that equations have eliminated.

    Equations are solved for the `movable` ones first: an exponent on a path takes any value, while a system is read again
    where a parameter has one, and a spectrum k^(-(1-s)/s) is not read.
    """

    variables: tuple[sp.Symbol, ...]
    positive: tuple[sp.Expr, ...] = ()
    values: Mapping[sp.Symbol, sp.Expr] = field(default_factory=dict)
    movable: frozenset[sp.Symbol] = frozenset()

    def at(self, expression: sp.Expr) -> sp.Expr:
        """An expression on the stratum, in the variables that are left; where the stratum makes it 0/0, its limit there."""
        return value_at(sp.sympify(expression), self.values)

    def where(self, form: sp.Expr) -> Stratum | None:
        """The part on which the form is positive; None if it is a constant that is not."""
        found = _reduced(_tidy(self.at(form)), self.positive)
        if not found.free_symbols:
            return self if sign_of(found) > 0 else None
        if found.is_positive or found in self.positive:
            return self
        return None if found.is_nonpositive else replace(self, positive=(*self.positive, found))

    def possible(self, form: sp.Expr) -> Stratum | None:
        """The part on which the form is positive, if there is a point in it."""
        part = self.where(form)
        if part is self:
            return self
        return part if part is not None and part.point() is not None else None

    def within(self, forms: Sequence[sp.Expr]) -> Stratum | None:
        """The part on which all forms are positive, if there is a point in it."""
        part: Stratum | None = self
        for form in forms:
            part = None if part is None else part.possible(form)
        return part

    def point(self) -> Point | None:
        """Exact coordinates of a point by name, eliminated variables included; None if it is proved that there is none."""
        relations = [sp.StrictGreaterThan(form, 0) for form in self.positive]
        relations = [item for item in relations if item != sp.true]
        try:
            found = common_point(relations, [v.name for v in _jointly_affine(self.variables, self.positive)])
        except (ValueError, RuntimeError, NotImplementedError) as error:
            raise UnresolvedError(f"the range cannot be decided exactly: {error}") from error
        if found is None:
            return None
        values = {v: found.get(v.name, sp.S.One) for v in self.variables}
        solved = {v.name: value.subs(values) for v, value in self.values.items()}
        return {**{v.name: value for v, value in values.items()}, **solved}

    def zeros(self, form: sp.Expr) -> Iterator[Stratum]:
        """The parts on which the form vanishes, each with one variable less.

        Raises
        ------
        UnresolvedError
            If no variable can be eliminated.
        """
        found = _tidy(self.at(form))
        if not found.free_symbols:
            if sign_of(found) == 0:
                yield self
            return
        if isinstance(found, sp.sin | sp.cos | sp.tan):
            yield from self._zeros_of_wave(found)
            return
        numerator, _ = sp.fraction(sp.together(found))
        if not numerator.is_polynomial(*numerator.free_symbols):
            raise UnresolvedError(f"{found} = 0 is no polynomial equation")
        for factor, _ in sp.factor_list(numerator)[1]:
            if factor.is_positive is not True and factor.is_negative is not True:
                yield from self._on(factor)

    def _zeros_of_wave(self, wave: sp.Expr) -> Iterator[Stratum]:
        """Where sin(πr) or tan(πr) vanishes, r is an integer, where cos(πr) does, r - 1/2: few can lie in the range of r."""
        turns = sp.cancel(wave.args[0] / sp.pi) - (sp.Rational(1, 2) if isinstance(wave, sp.cos) else 0)
        here = self.point()
        if here is None:
            return
        first = int(sp.floor(turns.subs({symbol: here[symbol.name] for symbol in turns.free_symbols})))
        for way, start in ((1, first + 1), (-1, first)):
            for whole in range(start, start + way * MOST_TURNS, way):
                yield from self.zeros(turns - whole)
                if self.possible(way * (turns - whole)) is None:
                    break
            else:
                raise UnresolvedError(f"{wave} = 0 too often")

    def _on(self, factor: sp.Expr) -> Iterator[Stratum]:
        """Where an irreducible polynomial vanishes."""
        if self.where(factor) is self or self.where(-factor) is self:
            return
        if not self._meets(factor):
            return
        symbols = sorted(factor.free_symbols, key=lambda s: (not sp.diff(factor, s).is_number, s.name))
        lines = sorted(
            (s for s in symbols if sp.degree(factor, s) == 1), key=lambda s: not _value_shows_its_sign(factor, s)
        )
        linear = next((s for s in lines if s in self.movable and self._keeps_sign(sp.diff(factor, s))), None)
        linear = linear or next(iter(lines), None)
        if linear is None:
            yield from self._roots(factor, symbols)
            return
        slope, rest = sp.diff(factor, linear), factor.subs(linear, 0)
        if slope.is_number:
            yield from self.fixed(linear, -rest / slope)
            return
        for sign in (1, -1):
            part = self.possible(sign * slope)
            if part is not None:
                yield from part.fixed(linear, -rest / slope)
        for part in self.zeros(slope):
            yield from part.zeros(rest)

    def _keeps_sign(self, form: sp.Expr) -> bool:
        """Whether a form is of one sign, zeros apart."""
        return any(self.possible(sign * form) is None for sign in (1, -1))

    def _meets(self, factor: sp.Expr) -> bool:
        """A cheap look at a linear form first: whether it vanishes anywhere here at all."""
        everything = (*self.positive, factor)
        if len(_jointly_affine(self.variables, everything)) < len(self.variables):
            return True
        relations = [sp.StrictGreaterThan(form, 0) for form in self.positive]
        try:
            return common_point([*relations, sp.Eq(factor, 0)], [v.name for v in self.variables]) is not None
        except (ValueError, RuntimeError) as error:
            raise UnresolvedError(f"the range cannot be decided exactly: {error}") from error

    def _roots(self, factor: sp.Expr, symbols: Sequence[sp.Symbol]) -> Iterator[Stratum]:
        if len(symbols) > 1:
            raise UnresolvedError(f"{factor} = 0 cannot be solved for one of its symbols")
        for root in sp.real_roots(sp.Poly(factor, symbols[0])):
            yield from self.fixed(symbols[0], root)

    def fixed(self, symbol: sp.Symbol, value: sp.Expr) -> Iterator[Stratum]:
        """The stratum with symbol = value, if it has a point; the value in other variables of it."""
        given = sp.cancel(value) if value.free_symbols else value
        values = {s: v.subs(symbol, given) for s, v in self.values.items()} | {symbol: given}
        left = tuple(v for v in self.variables if v != symbol)
        part: Stratum | None = Stratum(left, (), values, self.movable - {symbol})
        for form in (*self.positive, *([symbol] if symbol.is_positive else [])):
            part = None if part is None else part.where(form.subs(symbol, given))
        if part is not None and part.point() is not None:
            yield part

    def essential(self) -> list[sp.Expr]:
        """The forms that say where it is: those that the rest implies are left out."""
        kept = list(self.positive)
        for form in self.positive:
            others = replace(self, positive=tuple(f for f in kept if f != form))
            try:
                if others.possible(-form) is None and not any(True for _ in others.zeros(form)):
                    kept.remove(form)
            except UnresolvedError:
                continue
        return kept

    def describe(self) -> str:
        """The set in words of its symbols: what is implied by the rest is left out."""
        kept = self.essential()
        tied = {s: v for s, v in self.values.items() if not (is_root(v) or s.name.startswith(ROOT))}
        equations = [f"{symbol} = {self.in_names(value)}" for symbol, value in tied.items()]
        return ", ".join([*equations, *(inequality(self.in_names(form)) for form in kept)]) or "everywhere"

    def shown(self, value: sp.Expr) -> sp.Expr:
        """A formula as it is on the stratum, in the user's symbols."""
        return self.in_names(self.at(value))

    def text(self, value: sp.Expr) -> str:
        """The same as text."""
        return formula_text(self.shown(value))

    def in_names(self, form: sp.Expr) -> sp.Expr:
        """A form in the user's symbols, where variables are roots of them."""
        return form.subs({v.base: symbol ** (1 / v.exp) for symbol, v in self.values.items() if is_root(v)})


ROOT = "_root_"
"""How the name of a variable begins that is a root of a symbol, so that walls with roots are polynomials."""


def is_root(value: sp.Expr) -> bool:
    """Whether a value is the power of such a variable: the symbol then is free, and what people want to read."""
    return bool(value.is_Pow and value.base.is_Symbol and value.base.name.startswith(ROOT))


def inequality(form: sp.Expr) -> str:
    """form > 0, solved for a symbol where that is a matter of a number; denominators and factors that are positive left out.

    Examples
    --------
    >>> x, y = sp.symbols("x y")
    >>> p = sp.Symbol("p", positive=True)
    >>> inequality(3 - 2 * x), inequality(1 - x * y), inequality((8 * p - 2) / p)
    ('x < 3/2', 'x*y < 1', 'p > 1/4')
    >>> inequality(1 - p * x - x)
    'x < 1/(p + 1)'
    """
    plain = without_positive_factors(form)
    for symbol in sorted(plain.free_symbols, key=lambda s: s.name):
        slope = sp.diff(plain, symbol)
        if slope.is_number and slope != 0:
            bound = sp.expand(-plain.subs(symbol, 0) / slope)
            return f"{symbol} {'>' if slope > 0 else '<'} {bound}"
    for symbol in sorted(plain.free_symbols, key=lambda s: s.name):
        slope = sp.diff(plain, symbol)
        if not slope.has(symbol) and (slope.is_positive or slope.is_negative):
            bound = sp.factor(-plain.subs(symbol, 0) / slope)
            return f"{symbol} {'>' if slope.is_positive else '<'} {bound}"
    moving = plain.as_independent(*plain.free_symbols, as_Add=True)[1]
    scale, body = moving.as_coeff_Mul()
    if not scale.is_number or scale == 0 or moving.is_Add:
        return f"{plain} > 0"
    return f"{body} {'>' if scale > 0 else '<'} {(moving - plain) / scale}"


@lru_cache(maxsize=8192)
def without_positive_factors(form: sp.Expr) -> sp.Expr:
    """A polynomial of the sign of a rational form."""
    if not form.is_rational_function(*form.free_symbols):
        return form
    number, factors = _factors(form)
    kept = [factor**power for factor, power in factors if not factor.is_positive]
    return sp.expand(number * sp.Mul(*kept))


@lru_cache(maxsize=8192)
def _factors(form: sp.Expr) -> tuple[sp.Expr, tuple[tuple[sp.Expr, int], ...]]:
    """A number and the factors of a rational form's numerator and denominator; whatever else is known where it is asked for."""
    numerator, denominator = sp.fraction(sp.together(form))
    number, factors = sp.factor_list(numerator * denominator)
    return number, tuple(factors)


@lru_cache(maxsize=8192)
def _reduced(form: sp.Expr, known: tuple[sp.Expr, ...]) -> sp.Expr:
    """A form of the same sign without the factors that are positive: (a - 1)(2s - 1) where a > 1 is bilinear for nothing.

    Examples
    --------
    >>> a, s = sp.symbols("a s")
    >>> _reduced((a - 1) * (2 * s - 1), (a - 1,)), _reduced((1 - a) * s, (a - 1,)), _reduced(a * s, (a - 1,))
    (2*s - 1, -s, a*s)
    """
    if not (form.free_symbols and form.is_rational_function(*form.free_symbols)):
        return form
    number, factors = _factors(form)
    sign, kept = sp.sign(number), list[sp.Expr]()
    for factor, power in factors:
        ways = [way for way in (1, -1) if (way * factor).is_positive or _is_known(way * factor, known)]
        if ways:
            sign *= ways[0] ** power
        else:
            kept.append(factor if power % 2 else factor**2)
    return form if len(kept) == len(factors) else sp.expand(sign * sp.Mul(*kept))


def _is_known(factor: sp.Expr, known: tuple[sp.Expr, ...]) -> bool:
    """Whether a factor is a positive multiple of a form that is known to be positive."""
    return any(other.free_symbols == factor.free_symbols and _is_positive_multiple(other, factor) for other in known)


@lru_cache(maxsize=8192)
def _is_positive_multiple(form: sp.Expr, factor: sp.Expr) -> bool:
    """Asked of each pair once: a range brings the same few forms together over and over, of which most differ at a glance."""
    return form == factor or (not differ(form, factor) and bool(sp.cancel(form / factor).is_positive))


@lru_cache(maxsize=8192)
def _tidy(form: sp.Expr) -> sp.Expr:
    """A form brought over one denominator, its factors kept."""
    if not form.free_symbols:
        return form
    return sp.cancel(form) if form.is_rational_function(*form.free_symbols) else form


def _value_shows_its_sign(factor: sp.Expr, symbol: sp.Symbol) -> bool:
    """Whether 2a - b + 1 = 0 solved for a symbol has a sign that one sees: b = 2a + 1, not a = (b - 1)/2."""
    slope = sp.diff(factor, symbol)
    return bool(slope.is_number and (-factor.subs(symbol, 0) / slope).is_positive)


def _jointly_affine(variables: Sequence[sp.Symbol], forms: Sequence[sp.Expr]) -> list[sp.Symbol]:
    """Variables in which all forms are affine together, the others as coefficients; as many as come easily."""
    chosen: list[sp.Symbol] = []
    for variable in variables:
        trial = [*chosen, variable]
        if all(_affine(f, tuple(trial)) for f in forms):
            chosen = trial
    return chosen


@lru_cache(maxsize=8192)
def _affine(form: sp.Expr, variables: tuple[sp.Symbol, ...]) -> bool:
    return bool(form.is_polynomial(*variables) and sp.Poly(form, *variables).total_degree() <= 1)


def split(stratum: Stratum, form: sp.Expr) -> Iterator[tuple[Stratum, int]]:
    """The non-empty parts on which a form is positive, negative, zero."""
    for sign in (1, -1):
        part = stratum.possible(sign * form)
        if part is not None:
            yield part, sign
            if part is stratum:
                return
    for part in stratum.zeros(form):
        yield part, 0


def smooth(stratum: Stratum, expression: sp.Expr) -> Iterator[tuple[Stratum, sp.Expr]]:
    """The parts on which an expression has no minimum, maximum or absolute value left, with what it is there."""
    value = stratum.at(expression)
    difference = without_kinks(value)
    if difference is None:
        yield stratum, value
        return
    for part, sign in split(stratum, difference):
        yield from smooth(part, kink_resolved(value, difference, sign))


def restricted(strata: Sequence[Stratum], form: sp.Expr, kind: str) -> list[Stratum]:
    """The parts of several strata on which form > 0, form >= 0 or form = 0."""
    found: list[Stratum] = []
    for stratum in strata:
        for part, value in smooth(stratum, form):
            inside = part.possible(value) if kind != "=" else None
            found += [inside] if inside is not None else []
            if kind != ">" and inside is not part:
                found += list(part.zeros(value))
    if len(found) > MAX_STRATA:
        raise UnresolvedError(f"the range falls into more than {MAX_STRATA} parts")
    return found
