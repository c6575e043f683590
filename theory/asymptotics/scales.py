"""Scales L^x (log L)^y of one large parameter, and terms: a constant, a scale, and powers of unknowns.

Scales are ordered lexicographically: a power of L beats every power of log L. Passing from a sum of positive terms to the
largest of their scales is the passage from (+, ×) to (max, +): tropical geometry, in which an equation is a statement that
a maximum is attained at least twice. Constants are carried alongside, so that the leading coefficients can be solved for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property

import sympy as sp

from .exact import Field, Form, Number


@cache
def power_of(unknown: sp.Symbol) -> sp.Symbol:
    """The exponent x of L in the unknown's scale, as a variable."""
    return sp.Symbol(f"power[{unknown.name}]", real=True)


@cache
def log_power_of(unknown: sp.Symbol) -> sp.Symbol:
    """The exponent y of log L in the unknown's scale, as a variable."""
    return sp.Symbol(f"log_power[{unknown.name}]", real=True)


@cache
def constant_of(unknown: sp.Symbol) -> sp.Symbol:
    """The leading constant C in unknown = C L^x (log L)^y (1 + o(1)), as a positive symbol."""
    return sp.Symbol(f"C_{unknown.name}", positive=True)


def in_lowest_terms(expression: sp.Expr) -> sp.Expr:
    """Exponents that are quotients in parameters, in lowest terms: only so what is alike is seen to be.

    Examples
    --------
    >>> b, c = sp.symbols("b c", positive=True)
    >>> in_lowest_terms(c ** ((2 * b + 2) / (b + 1)))
    c**2
    """
    return expression.replace(_is_broken_power, lambda power: power.base ** _shorter(power.exp))


def _shorter(exponent: sp.Expr) -> sp.Expr:
    """An exponent in lowest terms if that is shorter: 2 - 1/b stays as it is."""
    found = sp.cancel(exponent)
    return found if found.count_ops() < exponent.count_ops() else exponent


def _is_broken_power(part: sp.Basic) -> bool:
    """Whether an exponent is no polynomial in parameters."""
    return isinstance(part, sp.Pow) and not part.exp.is_number and not part.exp.is_polynomial(*part.exp.free_symbols)


@dataclass(frozen=True)
class Scale:
    """L^power (log L)^log_power; exponents are SymPy expressions in control exponents and parameters.

    Examples
    --------
    >>> dim = sp.Symbol("dim", positive=True)
    >>> Scale(sp.Rational(1, 2), -1).of(dim)
    sqrt(dim)/log(dim)
    """

    power: sp.Expr
    log_power: sp.Expr

    def of(self, large: sp.Symbol) -> sp.Expr:
        """The scale as an expression in the large parameter."""
        return large**self.power * sp.log(large) ** self.log_power


class OrderOne(sp.Function):  # type: ignore[misc]
    """A positive quantity that depends on unknowns through ratios of order one only; made by `order_one`."""

    is_positive = True
    is_commutative = True

    @property
    def value(self) -> sp.Expr:
        """The quantity itself."""
        return self.args[0]

    @property
    def bounds(self) -> tuple[sp.Expr, sp.Expr]:
        """The open interval in which it lies."""
        return self.args[1], self.args[2]

    @property
    def ratios(self) -> tuple[sp.Expr, ...]:
        """The ratios that must be of order one."""
        return tuple(self.args[3:])


def order_one(value: sp.Expr, *ratios: sp.Expr, above: sp.Expr = sp.S.Zero, below: sp.Expr = sp.oo) -> OrderOne:
    """A positive quantity of order one, as part of a coefficient: a function of ratios of unknowns of order one.

    In the equations for the leading constants, unknowns inside `value` are replaced by their leading constants; each ratio is
    demanded to have scale one, which is what makes the replacement right. The caller vouches for above < value < below; a
    negative quantity is written as minus one of these.

    Examples
    --------
    >>> t, tau = sp.symbols("t tau", positive=True)
    >>> order_one(sp.erfc(t / tau), t / tau, below=1).bounds
    (0, 1)
    """
    return OrderOne(sp.sympify(value), sp.sympify(above), sp.sympify(below), *map(sp.sympify, ratios))


def unwrapped(expression: sp.Basic) -> sp.Basic:
    """The expression with quantities of order one written out."""
    return expression.replace(lambda e: isinstance(e, OrderOne), lambda e: e.value)


@dataclass(frozen=True)
class Term:
    """coefficient · L^power (log L)^log_power · Π unknown^exponent, the coefficient free of L and of scales.

    `source` is the term as the reader of a derivation should see it.
    """

    coefficient: sp.Expr
    power: Form
    log_power: Number
    unknowns: Mapping[sp.Symbol, Number] = field(default_factory=dict)

    @property
    def ground(self) -> Field:
        """The field of its exponents."""
        return self.power.field

    def power_form(self) -> Form:
        """Exponent of L, affine in control exponents and in the unknowns' exponents."""
        return self._power_form

    @cached_property
    def _power_form(self) -> Form:
        return self.power + Form(self.ground, {power_of(u): n for u, n in self.unknowns.items()}, self.ground.zero)

    def log_form(self) -> Form:
        """Exponent of log L, affine in the unknowns' log exponents."""
        return self._log_form

    @cached_property
    def _log_form(self) -> Form:
        return Form(self.ground, {log_power_of(u): n for u, n in self.unknowns.items()}, self.log_power)

    @property
    def monomial(self) -> tuple[object, ...]:
        """What two terms must share to be added."""
        return self.power, self.log_power, frozenset(self.unknowns.items())

    def with_coefficient(self, coefficient: sp.Expr) -> Term:
        """The same monomial with another coefficient."""
        return Term(coefficient, self.power, self.log_power, self.unknowns)

    def __mul__(self, other: Term) -> Term:
        powers = dict(self.unknowns)
        for unknown, exponent in other.unknowns.items():
            powers[unknown] = powers[unknown] + exponent if unknown in powers else exponent
        kept = {u: n for u, n in powers.items() if n}
        return Term(
            self.coefficient * other.coefficient, self.power + other.power, self.log_power + other.log_power, kept
        )

    def __pow__(self, exponent: Number) -> Term:
        powers = {u: n * exponent for u, n in self.unknowns.items()}
        coefficient = self.coefficient ** exponent.to_sympy()
        return Term(coefficient, self.power.times(exponent), self.log_power * exponent, powers)

    def to_sympy(self, large: sp.Symbol) -> sp.Expr:
        """The term as a SymPy expression."""
        powers = [u ** n.to_sympy() for u, n in self.unknowns.items()]
        scale = Scale(self.power.to_sympy(), self.log_power.to_sympy()).of(large)
        return self.coefficient * scale * sp.Mul(*powers)


def merge(terms: list[Term]) -> list[Term]:
    """Terms with the same monomial added; those that cancel exactly are gone, as they must before leading terms count."""
    merged: dict[tuple[object, ...], Term] = {}
    for term in terms:
        known = merged.get(term.monomial)
        total = term.coefficient if known is None else sp.expand(known.coefficient + term.coefficient)
        merged[term.monomial] = term.with_coefficient(total)
    return [term for term in merged.values() if term.coefficient != 0]
