"""For which values of the parameters does an exact computation keep its outcome? Sign bookkeeping and open cells.

A computation over Q(γ) that branches on signs is run at one rational point γ₀, and every polynomial whose sign was asked is
recorded. The outcome is then *proved* on the whole set where those polynomials keep the signs they have at γ₀: that set is a
chamber. Its ends are roots of recorded polynomials, hence algebraic, and found exactly. The domain is exhausted by running
again in each open cell that no chamber covers yet (an open cylindrical decomposition when there are several parameters).
The point γ₀ proves nothing by itself: a polynomial that vanishes there by accident makes the run start again elsewhere.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from dataclasses import field as entry
from functools import cached_property
from typing import Any, Generic, TypeVar

import flint
import sympy as sp

from .exact import Field, Fraction, Number, Polynomial, evaluate, fraction
from .real_roots import Univariate, isolating_intervals, squarefree_product

T = TypeVar("T")
_OFF_CENTRE = flint.fmpq(8, 19)
"""Where in a cell to compute: a plain midpoint such as γ = 1 is often special, and would cost a second run."""


class NonGenericError(ArithmeticError):
    """A recorded polynomial vanishes at the chosen point, though not identically: another point must be taken."""

    def __init__(self, polynomial: Polynomial) -> None:
        super().__init__(f"{polynomial} vanishes at the point of computation")
        self.polynomial = polynomial


@dataclass
class Arena:
    """One point of parameter space and the signs asked there; grows during a run, and is read when it ends.

    Examples
    --------
    >>> decay = sp.Symbol("decay", positive=True)
    >>> arena = Arena(Field((decay,)), (flint.fmpq(3, 4),))
    >>> arena.sign(arena.field(1 - decay)), arena.conditions
    (1, (decay < 1,))
    """

    field: Field
    point: tuple[Fraction, ...]
    signs: dict[str, tuple[Polynomial, int]] = entry(default_factory=dict)
    _factored: dict[str, tuple[int, tuple[tuple[str, Polynomial], ...]]] = entry(default_factory=dict)

    def sign(self, number: Number) -> int:
        """-1, 0 (identically zero) or 1; the polynomials it depends on are recorded. Raises NonGenericError."""
        if number.value is not None:
            return 0 if number.value == 0 else (1 if number.value > 0 else -1)
        return self._polynomial_sign(number.numerator) * self._polynomial_sign(number.denominator)

    def _polynomial_sign(self, polynomial: Polynomial) -> int:
        if polynomial.is_constant():
            return 1 if polynomial.leading_coefficient() > 0 else -1
        key = str(polynomial)
        if key not in self._factored:
            self._factored[key] = _odd_factors(polynomial)
        sign, factors = self._factored[key]
        for name, factor in factors:
            sign *= self._record(name, factor)
        return sign

    def _record(self, name: str, factor: Polynomial) -> int:
        if name not in self.signs:
            value = evaluate(factor, self.point)
            if value == 0:
                raise NonGenericError(factor)
            self.signs[name] = (factor, 1 if value > 0 else -1)
        return self.signs[name][1]

    def adopt(self, signs: dict[str, tuple[Polynomial, int]]) -> bool:
        """Take over conditions proved elsewhere if they hold at this point too; say whether they do."""
        for name, (polynomial, sign) in signs.items():
            known = self.signs[name][1] if name in self.signs else None
            if known is None:
                value = evaluate(polynomial, self.point)
                known = 0 if value == 0 else (1 if value > 0 else -1)
            if known != sign:
                return False
        self.signs.update(signs)
        return True

    def holds_at(self, point: Sequence[Fraction]) -> bool:
        """Whether every recorded polynomial has the recorded sign at `point`."""
        return all(evaluate(p, point) * s > 0 for p, s in self.signs.values())

    @property
    def conditions(self) -> tuple[sp.Rel, ...]:
        """The recorded signs as strict inequalities: the chamber as a basic semialgebraic set."""
        return tuple(_inequality(self.field, p, s) for p, s in self.signs.values())


def _odd_factors(polynomial: Polynomial) -> tuple[int, tuple[tuple[str, Polynomial], ...]]:
    """Sign of the content, and the irreducible factors; an even power is recorded twice, so that its zero shows."""
    content, factors = polynomial.factor()
    sign = 1 if content > 0 else -1
    repeated = [(str(f), f) for f, power in factors for _ in range(1 if power % 2 else 2)]
    return sign, tuple(repeated)


def _inequality(field_: Field, polynomial: Polynomial, sign: int) -> sp.Rel:
    expression = field_.polynomial_to_sympy(polynomial)
    if len(field_.parameters) == 1 and sp.degree(expression, field_.parameters[0]) == 1:
        symbol = field_.parameters[0]
        root = sp.solve(expression, symbol)
        rising = sp.Poly(expression, symbol).LC() > 0
        bound = root[0] if root else -sp.Poly(expression, symbol).nth(0) / sp.Poly(expression, symbol).LC()
        return symbol > bound if rising == (sign > 0) else symbol < bound
    return expression > 0 if sign > 0 else expression < 0


@dataclass(frozen=True)
class ParameterDomain:
    """An open domain in parameter space, given by polynomials that are positive on it.

    Examples
    --------
    >>> decay = sp.Symbol("decay", positive=True)
    >>> domain = ParameterDomain.of((decay,), (decay > sp.Rational(1, 2),))
    >>> domain.contains((fraction(1),))
    True
    """

    field: Field
    positive: tuple[Polynomial, ...]

    @classmethod
    def of(cls, parameters: Sequence[sp.Symbol], inequalities: Sequence[sp.Rel]) -> ParameterDomain:
        """From strict SymPy inequalities, such as `decay > 1/2`, and the positivity of the symbols; else ValueError."""
        ground = Field(parameters)
        positive = [ground(s).numerator for s in ground.parameters if s.is_positive]
        for relation in inequalities:
            if relation == sp.true:  # what SymPy makes of `x > 0` when x is declared positive
                continue
            if not isinstance(relation, (sp.StrictGreaterThan, sp.StrictLessThan)):
                raise ValueError(f"a parameter domain needs strict inequalities, got {relation!r}")
            number = ground(relation.gts - relation.lts)
            positive.append(number.numerator * number.denominator)
        return cls(ground, tuple(positive))

    def contains(self, point: Sequence[Fraction]) -> bool:
        """Whether a rational point lies in the open domain."""
        return all(evaluate(p, point) > 0 for p in self.positive)

    def sign(self, expression: sp.Expr) -> int | None:
        """The sign of a rational function that is the same at every point of the domain; None where that is not shown.

        Shown for products of factors that are affine or in one parameter alone: irreducible, such a factor changes sign where
        it vanishes, so one that has a single sign on all open cells vanishes nowhere in an open set.

        Examples
        --------
        >>> a, b = sp.symbols("a b", positive=True)
        >>> domain = ParameterDomain.of((a, b), (a > 1, b < a))
        >>> domain.sign((a - 1) / b), domain.sign(b - a), domain.sign(a - 2)
        (1, -1, None)
        """
        try:
            number = self.field(sp.sympify(expression))
        except TypeError:
            return None
        if number.value is not None:
            return int(number.value > 0) - int(number.value < 0)
        signs = [self._affine_signs(part) for part in (number.numerator, number.denominator)]
        return None if None in signs else math.prod(sign for sign in signs if sign is not None)

    def _affine_signs(self, polynomial: Polynomial) -> int | None:
        """The sign of a product of factors that change sign wherever they vanish, on the whole domain."""
        content, factors = polynomial.factor()
        sign = 1 if content > 0 else -1
        for factor, power in factors:
            in_one = sum(degree > 0 for degree in factor.degrees()) == 1
            if not (in_one or factor.total_degree() == 1):
                return None
            here = {evaluate(factor, cell) > 0 for cell in self._somewhere}
            if len(here) == 1 and not self._within_planes.keeps(factor):
                here = {evaluate(factor, cell) > 0 for cell in self.open_cells([factor])}
            if len(here) != 1:
                return None
            sign *= (1 if here.pop() else -1) ** int(power)
        return sign

    def keeps(self, polynomial: Polynomial) -> bool:
        """Whether a polynomial has one sign on all open cells."""
        return len({evaluate(polynomial, cell) > 0 for cell in self.open_cells([polynomial])}) == 1

    @cached_property
    def _somewhere(self) -> list[tuple[Fraction, ...]]:
        """A point of every open cell of the domain itself: what has both signs there has both."""
        return self.open_cells([])

    @cached_property
    def _within_planes(self) -> ParameterDomain:
        """The domain that the affine ones among the polynomials leave, which holds this one and has far fewer cells."""
        return ParameterDomain(self.field, tuple(p for p in self.positive if p.total_degree() == 1))

    def open_cells(self, polynomials: Sequence[Polynomial]) -> list[tuple[Fraction, ...]]:
        """One rational point of every open cell of the domain on which no given polynomial changes sign."""
        everything = [*polynomials, *self.positive]
        return [p for p in _sample_points(everything, len(self.field.parameters)) if self.contains(p)]


MOST_CELLS = 20_000
"""Cells of parameters that are gone through: the walls between eight exponents alone make 300,000, which takes an hour."""
MOST_WALLS = 200
"""Walls that are projected: every pair of them makes another one."""


def _sample_points(polynomials: Sequence[Polynomial], dimension: int) -> list[tuple[Fraction, ...]]:
    """Open cylindrical decomposition: project along the last variable, lift between the roots over each sample.

    Raises
    ------
    RuntimeError
        If there are too many cells.
    """
    if dimension == 0:
        return [()]
    factors = _irreducible(polynomials)
    variable = dimension - 1
    below = _sample_points(_project(factors, variable), variable) if variable else [()]
    points: list[tuple[Fraction, ...]] = []
    for base in below:
        univariate = [_restrict(f, base, variable) for f in factors]
        points += [(*base, value) for value in _between_roots(univariate)]
        if len(points) > MOST_CELLS:
            raise RuntimeError(TOO_MANY.format(f"more than {MOST_CELLS} cells"))
    return points


TOO_MANY = "the parameters divide their domain into {}: fix some of them to numbers"


def _irreducible(polynomials: Sequence[Polynomial]) -> list[Polynomial]:
    found = {str(f): f for p in polynomials if not p.is_constant() for f, _ in p.factor()[1]}
    return list(found.values())


def _project(factors: Sequence[Polynomial], variable: int) -> list[Polynomial]:
    """Leading coefficients, discriminants and pairwise resultants: between their zeros the root pattern is constant."""
    rising = [f for f in factors if f.degrees()[variable] > 0]
    if len(rising) > MOST_WALLS:
        raise RuntimeError(TOO_MANY.format(f"cells by more than {MOST_WALLS} walls"))
    projected = [f for f in factors if f.degrees()[variable] == 0]
    for index, factor in enumerate(rising):
        projected.append(_leading_coefficient(factor, variable))
        projected.append(factor.discriminant(variable))
        projected += [factor.resultant(other, variable) for other in rising[index + 1 :]]
    return projected


def _leading_coefficient(polynomial: Polynomial, variable: int) -> Polynomial:
    top = polynomial.degrees()[variable]
    terms = {
        tuple(0 if i == variable else e for i, e in enumerate(powers)): c
        for powers, c in polynomial.to_dict().items()
        if powers[variable] == top
    }
    return polynomial.context().from_dict(terms)


def _restrict(polynomial: Polynomial, base: Sequence[Fraction], variable: int) -> Univariate:
    """The polynomial on the line above `base`, as a polynomial in the variable alone."""
    coefficients = [fraction(0)] * (int(polynomial.degrees()[variable]) + 1)
    for powers, coefficient in polynomial.to_dict().items():
        value = fraction(coefficient)
        for place, power in zip(base, powers, strict=False):
            value *= place ** int(power)
        coefficients[int(powers[variable])] += value
    return flint.fmpq_poly(coefficients)


def _between_roots(polynomials: Sequence[Univariate]) -> Iterator[Fraction]:
    """A rational number in every open interval between neighbouring real roots, the two unbounded ones included."""
    intervals = isolating_intervals(polynomials)
    if not intervals:
        yield _OFF_CENTRE
        return
    yield intervals[0][0] - 1 - _OFF_CENTRE
    for (_, left), (right, _) in itertools.pairwise(intervals):
        yield left + (right - left) * _OFF_CENTRE
    yield intervals[-1][1] + 1 + _OFF_CENTRE


@dataclass(frozen=True)
class Chamber(Generic[T]):
    """A set of parameter values on which an outcome is proved.

    `conditions` are strict polynomial inequalities; with a single parameter `intervals` says the same as pairs of SymPy
    numbers (algebraic, or infinite). Nothing is claimed on chamber walls, nor on the zeros of `walls` where chambers with
    one outcome have been grouped (`others` are the arenas of the rest of the group).
    """

    outcome: T
    arena: Arena
    samples: tuple[tuple[Fraction, ...], ...]
    intervals: tuple[tuple[Any, Any], ...] = ()
    others: tuple[Arena, ...] = ()
    walls: tuple[sp.Expr, ...] = ()

    @property
    def conditions(self) -> tuple[sp.Rel, ...]:
        """Strict inequalities on the parameters: of the intervals if there are any, else those recorded."""
        if self.others:
            return (sp.Or(*(sp.And(*arena.conditions) for arena in (self.arena, *self.others))),)
        if not self.intervals:
            return self.arena.conditions
        (symbol,) = self.arena.field.parameters
        ends = [(low < symbol, symbol < high) for low, high in self.intervals]
        if len(ends) == 1:
            return tuple(r for r in ends[0] if r != sp.true)
        return (sp.Or(*(sp.And(*pair) for pair in ends)),)


def explore(
    domain: ParameterDomain, run: Callable[[Arena], T], limit: int = 400, located: bool = True
) -> tuple[Chamber[T], ...]:
    """Run until chambers cover every open cell of the domain (claim A2: nothing sampled in the result).

    The intervals of a single parameter are left out unless `located`: for who asks whether all chambers agree.

    Raises
    ------
    RuntimeError
        When more than `limit` runs do not suffice: the parameters enter in too complicated a way.
    """
    done: list[tuple[Arena, T]] = []
    polynomials: dict[str, Polynomial] = {}
    for _ in range(limit):
        cells = domain.open_cells(list(polynomials.values()))
        missing = next((c for c in cells if not any(arena.holds_at(c) for arena, _ in done)), None)
        if missing is None:
            return tuple(_chambers(domain, done, cells, list(polynomials.values()), located))
        arena = Arena(domain.field, missing)
        try:
            done.append((arena, run(arena)))
            polynomials.update({name: p for name, (p, _) in arena.signs.items()})
        except NonGenericError as accident:
            polynomials[str(accident.polynomial)] = accident.polynomial
    raise RuntimeError(f"{limit} runs left parts of the parameter domain uncovered: fix some parameters to numbers")


def _chambers(
    domain: ParameterDomain,
    done: Sequence[tuple[Arena, T]],
    cells: Sequence[tuple[Fraction, ...]],
    walls: Sequence[Any],
    located: bool,
) -> Iterator[Chamber[T]]:
    owner = [next(i for i, (arena, _) in enumerate(done) if arena.holds_at(cell)) for cell in cells]
    intervals = _cell_intervals(domain, cells, walls) if located and len(domain.field.parameters) == 1 else []
    for index, (arena, outcome) in enumerate(done):
        mine = [i for i, o in enumerate(owner) if o == index]
        if mine:
            pieces = join_intervals([intervals[i] for i in mine]) if intervals else ()
            yield Chamber(outcome, arena, tuple(cells[i] for i in mine), pieces)


def _cell_intervals(domain: ParameterDomain, cells: Sequence[Any], walls: Sequence[Any]) -> list[tuple[Any, Any]]:
    polynomials = [_restrict(f, (), 0) for f in _irreducible([*walls, *domain.positive])]
    product = squarefree_product(polynomials)
    roots = [] if product is None else _as_numbers(product)
    ends = [-sp.oo, *roots, sp.oo]
    found = []
    for (cell,) in cells:
        value = sp.Rational(int(cell.p), int(cell.q))
        index = next(i for i, end in enumerate(ends[1:], 1) if value < end)
        found.append((ends[index - 1], ends[index]))
    return found


def _as_numbers(product: Univariate) -> list[sp.Expr]:
    """The real roots of a polynomial, ascending, as SymPy's algebraic numbers."""
    coefficients = [sp.Rational(int(value.p), int(value.q)) for value in reversed(product.coeffs())]
    return list(sp.real_roots(sp.Poly(coefficients, sp.Dummy("x"), domain="QQ")))


def join_intervals(intervals: Sequence[tuple[Any, Any]]) -> tuple[tuple[Any, Any], ...]:
    """Neighbouring intervals with a common end become one (the end is then no wall of the outcome they share)."""
    joined: list[tuple[Any, Any]] = []
    for low, high in intervals:
        if joined and joined[-1][1] == low:
            joined[-1] = (joined[-1][0], high)
        else:
            joined.append((low, high))
    return tuple(joined)
