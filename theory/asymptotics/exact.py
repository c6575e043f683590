"""Exact arithmetic below the tropical machine: rational functions of the parameters, and affine forms with such coefficients.

The exponents of a scaling law are affine in the control exponents (a, b, ...) and rational in the parameters (the decay γ, ...).
Both are kept exactly: numerator and denominator are integer polynomials of python-flint, reduced by their greatest common
divisor, so that equality is equality and zero is zero. SymPy is spoken at the border only; it would be a hundred times slower.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import add, mul
from typing import Any, TypeAlias

import flint
import sympy as sp

Fraction: TypeAlias = Any  # flint.fmpq: python-flint ships no types
Polynomial: TypeAlias = Any  # flint.fmpz_mpoly


_NOTHING = flint.fmpq(0)


def fraction(value: Any) -> Fraction:
    """An exact fraction from an int, a SymPy rational or a flint number; a float is refused, being no exact number."""
    if isinstance(value, float):
        raise TypeError(f"expected an exact number, got value={value!r} (type=float)")
    if isinstance(value, sp.Basic):
        if not isinstance(value, sp.Rational):
            raise TypeError(f"expected a rational number, got value={value} (type={type(value).__name__})")
        return flint.fmpq(int(value.p), int(value.q))
    return flint.fmpq(value)


def to_rational(value: Fraction) -> sp.Rational:
    """The SymPy rational equal to a flint fraction."""
    return sp.Rational(int(value.p), int(value.q))


class Field:
    """The field Q(parameters) in which coefficients of exponents live (claims A2, A3).

    Parameters
    ----------
    parameters : sequence of sympy.Symbol
        Symbols such as γ; with none of them this is Q.

    Examples
    --------
    >>> decay = sp.Symbol("decay", positive=True)
    >>> field = Field((decay,))
    >>> (field(1) - field(1 / (2 * decay))).to_sympy()
    1 - 1/(2*decay)
    """

    def __init__(self, parameters: Sequence[sp.Symbol] = ()) -> None:
        self.parameters = tuple(parameters)
        self.context = flint.fmpz_mpoly_ctx.get([s.name for s in self.parameters], flint.Ordering.lex)
        self.generators = dict(zip(self.parameters, self.context.gens()))
        self.zero = Number(self, flint.fmpq(0))
        self.one = Number(self, flint.fmpq(1))
        unit = self.context.constant(1)
        self._letters = {symbol: Number(self, None, letter, unit) for symbol, letter in self.generators.items()}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Field) and self.parameters == other.parameters

    def __hash__(self) -> int:
        return hash(self.parameters)

    def __call__(self, value: Any) -> Number:
        """The element equal to an int, a fraction or a SymPy expression rational in the parameters (else TypeError)."""
        if isinstance(value, Number):
            return value
        if isinstance(value, sp.Basic) and not isinstance(value, sp.Rational):
            return self._from_sympy(value)
        return Number(self, fraction(value))

    def _from_sympy(self, expression: sp.Basic) -> Number:
        found = self.folded(expression)
        return self._by_polynomials(expression) if found is None else found

    def folded(self, expression: sp.Basic) -> Number | None:
        """The element equal to what is written in parameters, rationals, sums, products and whole powers; None for others.

        Most coefficients are so written, and SymPy's polynomials take twenty times as long to read them.
        """
        if expression in self._letters:
            return self._letters[expression]
        if isinstance(expression, sp.Rational):
            return Number(self, fraction(expression))
        if expression.is_Add or expression.is_Mul:
            parts = [self.folded(part) for part in expression.args]
            known = [part for part in parts if part is not None]
            return reduce(add if expression.is_Add else mul, known) if len(known) == len(parts) else None
        if expression.is_Pow and expression.exp.is_Integer:
            base = self.folded(expression.base)
            return base.power(int(expression.exp)) if base else None
        return None

    def _by_polynomials(self, expression: sp.Basic) -> Number:
        numerator, denominator = sp.fraction(sp.together(expression))
        return Number.reduced(self, self._polynomial(numerator, expression), self._polynomial(denominator, expression))

    def _polynomial(self, expression: sp.Expr, whole: sp.Basic) -> Polynomial:
        stranger = f"{whole} is no rational function of {self.parameters or 'no parameters'} with rational coefficients"
        if not expression.free_symbols <= set(self.parameters):
            raise TypeError(stranger)
        if not self.parameters:
            expression = sp.nsimplify(expression) if not expression.is_Integer else expression
            if not expression.is_Integer:
                raise TypeError(stranger)
            return self.context.constant(int(expression))
        try:
            polynomial = sp.Poly(expression, *self.parameters, domain="ZZ")
        except (sp.PolynomialError, sp.CoercionFailed) as error:
            raise TypeError(stranger) from error
        return self.context.from_dict({powers: int(c) for powers, c in polynomial.as_dict().items()})

    def polynomial_to_sympy(self, polynomial: Polynomial) -> sp.Expr:
        """The SymPy expression of an integer polynomial in the parameters."""
        terms = []
        for powers, coefficient in polynomial.to_dict().items():
            factors = [symbol ** int(power) for symbol, power in zip(self.parameters, powers)]
            terms.append(sp.Integer(int(coefficient)) * sp.Mul(*factors))
        return sp.Add(*terms)


def evaluate(polynomial: Polynomial, point: Sequence[Fraction]) -> Fraction:
    """The value of an integer polynomial at a rational point."""
    total = flint.fmpq(0)
    for powers, coefficient in polynomial.to_dict().items():
        value = flint.fmpq(coefficient)
        for base, power in zip(point, powers):
            if power:
                value *= base ** int(power)
        total += value
    return total


class Number:
    """An element of a `Field`, reduced, with a positive leading coefficient below the line; immutable.

    Most coefficients are plain fractions even where parameters occur; these are kept as such (`value`), which is what makes
    the machine fast. The others are a numerator over a denominator.
    """

    __slots__ = ("_denominator", "_numerator", "field", "value")

    def __init__(
        self, field: Field, value: Fraction | None, numerator: Polynomial = None, denominator: Polynomial = None
    ):
        self.field, self.value, self._numerator, self._denominator = field, value, numerator, denominator

    @classmethod
    def reduced(cls, field: Field, numerator: Polynomial, denominator: Polynomial) -> Number:
        """numerator/denominator in lowest terms; ZeroDivisionError when the denominator vanishes identically."""
        if denominator.is_zero():
            raise ZeroDivisionError(f"the denominator of {numerator}/0 vanishes identically")
        divisor = numerator.gcd(denominator)
        if not divisor.is_one():
            numerator, denominator = numerator / divisor, denominator / divisor
        if denominator.leading_coefficient() < 0:
            numerator, denominator = -numerator, -denominator
        if numerator.is_constant() and denominator.is_constant():
            top = 0 if numerator.is_zero() else int(numerator.leading_coefficient())
            return cls(field, flint.fmpq(top, int(denominator.leading_coefficient())))
        return cls(field, None, numerator, denominator)

    @property
    def numerator(self) -> Polynomial:
        """Numerator in lowest terms."""
        return self._numerator if self.value is None else self.field.context.constant(int(self.value.p))

    @property
    def denominator(self) -> Polynomial:
        """Denominator in lowest terms, with a positive leading coefficient."""
        return self._denominator if self.value is None else self.field.context.constant(int(self.value.q))

    def __add__(self, other: Number) -> Number:
        if self.value is not None and other.value is not None:
            return Number(self.field, self.value + other.value)
        top = self.numerator * other.denominator + other.numerator * self.denominator
        return Number.reduced(self.field, top, self.denominator * other.denominator)

    def __neg__(self) -> Number:
        if self.value is not None:
            return Number(self.field, -self.value)
        return Number(self.field, None, -self._numerator, self._denominator)

    def __sub__(self, other: Number) -> Number:
        if self.value is not None and other.value is not None:
            return Number(self.field, self.value - other.value)
        return self + (-other)

    def __mul__(self, other: Number) -> Number:
        if self.value is not None and other.value is not None:
            return Number(self.field, self.value * other.value)
        return Number.reduced(self.field, self.numerator * other.numerator, self.denominator * other.denominator)

    def __truediv__(self, other: Number) -> Number:
        if self.value is not None and other.value is not None:
            return Number(self.field, self.value / other.value)
        return Number.reduced(self.field, self.numerator * other.denominator, self.denominator * other.numerator)

    def power(self, exponent: int) -> Number:
        """A whole power."""
        result = reduce(mul, [self] * abs(exponent), self.field.one)
        return result if exponent >= 0 else self.field.one / result

    def __bool__(self) -> bool:
        return self.value is None or bool(self.value != 0)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Number):
            return NotImplemented
        if self.value is not None or other.value is not None:
            return bool(self.value == other.value)
        return bool(self._numerator == other._numerator and self._denominator == other._denominator)

    def __hash__(self) -> int:
        return hash(self.value) if self.value is not None else hash((str(self._numerator), str(self._denominator)))

    def __repr__(self) -> str:
        return f"Number({self.to_sympy()})"

    def at(self, point: Sequence[Fraction]) -> Fraction:
        """Its value at a rational point of parameter space; ZeroDivisionError at a pole."""
        if self.value is not None:
            return self.value
        return evaluate(self._numerator, point) / evaluate(self._denominator, point)

    @property
    def is_constant(self) -> bool:
        """Whether no parameter occurs in it."""
        return self.value is not None

    def to_sympy(self) -> sp.Expr:
        """A readable SymPy expression: expanded over a monomial denominator (2 - 1/γ), else one fraction."""
        if self.value is not None:
            return to_rational(self.value)
        top = self.field.polynomial_to_sympy(self._numerator)
        bottom = self.field.polynomial_to_sympy(self._denominator)
        return sp.expand(top / bottom) if len(self._denominator) <= 1 else sp.factor(top) / sp.factor(bottom)


class Form:
    """An affine form Σ cᵢ vᵢ + c₀ in exponent variables vᵢ with coefficients in Q(parameters); immutable and hashable."""

    __slots__ = ("coefficients", "constant", "field")

    def __init__(self, field: Field, coefficients: Mapping[sp.Symbol, Number], constant: Number) -> None:
        self.field, self.constant = field, constant
        self.coefficients = {v: c for v, c in coefficients.items() if c}

    @classmethod
    def of(cls, field: Field, expression: Any, variables: Iterable[sp.Symbol]) -> Form:
        """The form of a SymPy expression; TypeError unless affine in `variables`, rational in the parameters."""
        written, order = sp.sympify(expression), tuple(variables)
        found = cls._folded(field, written, frozenset(order))
        if found is None:
            return cls._by_polynomials(field, written, order)
        return cls(field, {v: found.coefficients[v] for v in order if v in found.coefficients}, found.constant)

    @classmethod
    def _folded(cls, field: Field, expression: sp.Basic, variables: frozenset[sp.Symbol]) -> Form | None:
        """Sums of forms, and forms times numbers, read as they stand; None where more is needed."""
        if expression in variables:
            return cls(field, {expression: field.one}, field.zero)
        if not (expression.is_Add or expression.is_Mul):
            number = field.folded(expression)
            return None if number is None else cls(field, {}, number)
        parts = [cls._folded(field, part, variables) for part in expression.args]
        known = [part for part in parts if part is not None]
        if len(known) < len(parts):
            return None
        return reduce(add, known) if expression.is_Add else cls._product(field, known)

    @classmethod
    def _product(cls, field: Field, factors: Sequence[Form]) -> Form | None:
        rising = [factor for factor in factors if not factor.is_constant]
        number = reduce(mul, (factor.constant for factor in factors if factor.is_constant), field.one)
        if len(rising) > 1:
            return None
        return rising[0].times(number) if rising else cls(field, {}, number)

    @classmethod
    def _by_polynomials(cls, field: Field, expression: sp.Expr, variables: Sequence[sp.Symbol]) -> Form:
        expression = sp.expand(expression)
        wanted = tuple(v for v in variables if v in expression.free_symbols)
        if not wanted:
            return cls(field, {}, field(expression))
        try:
            polynomial = sp.Poly(expression, *wanted)
        except sp.PolynomialError as error:
            raise TypeError(f"the exponent {expression} is not affine in {wanted}") from error
        if polynomial.total_degree() > 1:
            raise TypeError(f"the exponent {expression} is not affine in {wanted}")
        coefficients = {v: field(polynomial.coeff_monomial(v)) for v in wanted}
        return cls(field, coefficients, field(polynomial.coeff_monomial(1)))

    def __add__(self, other: Form) -> Form:
        merged = dict(self.coefficients)
        for variable, value in other.coefficients.items():
            merged[variable] = merged[variable] + value if variable in merged else value
        return Form(self.field, merged, self.constant + other.constant)

    def __neg__(self) -> Form:
        return Form(self.field, {v: -c for v, c in self.coefficients.items()}, -self.constant)

    def __sub__(self, other: Form) -> Form:
        merged = dict(self.coefficients)
        for variable, value in other.coefficients.items():
            merged[variable] = merged[variable] - value if variable in merged else -value
        return Form(self.field, merged, self.constant - other.constant)

    def times(self, factor: Number) -> Form:
        """The form multiplied by a number."""
        return Form(self.field, {v: c * factor for v, c in self.coefficients.items()}, self.constant * factor)

    def substitute(self, values: Mapping[sp.Symbol, Form]) -> Form:
        """The form with variables replaced by forms."""
        kept = {v: c for v, c in self.coefficients.items() if v not in values}
        result = Form(self.field, kept, self.constant)
        for variable, value in self.coefficients.items():
            if variable in values:
                result = result + values[variable].times(value)
        return result

    def value(self, point: Mapping[sp.Symbol, Number]) -> Number:
        """The number that the form is at a point of exponent space, which has a value for each of its variables."""
        return reduce(add, (c * point[v] for v, c in self.coefficients.items()), self.constant)

    def at(self, variables: Sequence[sp.Symbol], point: Sequence[Fraction]) -> list[Fraction]:
        """Coefficients in the order of `variables`, then the constant, at a point of parameter space."""
        known = self.coefficients
        return [*(known[v].at(point) if v in known else _NOTHING for v in variables), self.constant.at(point)]

    @property
    def is_constant(self) -> bool:
        """Whether no variable occurs in it."""
        return not self.coefficients

    def __bool__(self) -> bool:
        return bool(self.coefficients) or bool(self.constant)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Form):
            return NotImplemented
        return self.coefficients == other.coefficients and self.constant == other.constant

    def __hash__(self) -> int:
        return hash((frozenset(self.coefficients.items()), self.constant))

    def __repr__(self) -> str:
        return f"Form({self.to_sympy()})"

    def to_sympy(self) -> sp.Expr:
        """The SymPy expression, collected by variable."""
        terms = [c.to_sympy() * v for v, c in self.coefficients.items()]
        return sp.Add(*terms, self.constant.to_sympy())
