"""From SymPy expressions to terms and constraints: the only place where the shape of an expression is looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import sympy as sp

from .exact import Field, Form, Number
from .scales import OrderOne, Term, constant_of, merge, order_one
from .systems import Comparison, Corner, CornerFunction, Order, System, Tail, same_scale

_MAXIMAL_EXPANSION = 64
"""Products of sums are multiplied out up to so many terms; beyond, powers of sums get a name of their own, which says the same."""


@dataclass(frozen=True)
class SumConstraint:
    """Σ terms = 0; `truncated` where smaller terms, of which nothing is known, were left out."""

    label: str
    terms: tuple[Term, ...]
    truncated: bool = False


@dataclass(frozen=True)
class ExtremumConstraint:
    """symbol = max(terms) or min(terms)."""

    label: str
    symbol: Term
    terms: tuple[Term, ...]
    largest: bool


@dataclass(frozen=True)
class Relation:
    """A read condition: two terms in an order, or (tail) a ratio and the mass exp(-ratio²/2)."""

    left: Term
    order: Order | None
    right: Term


@dataclass(frozen=True)
class ReadCorner:
    """A corner whose conditions and values have been read; `vanishing` are values below every power there."""

    name: str
    relations: tuple[Relation, ...]
    constraints: tuple[Constraint, ...]
    vanishing: frozenset[sp.Symbol] = frozenset()


@dataclass(frozen=True)
class CornerConstraint:
    """One of the corners holds, with its conditions and values."""

    label: str
    corners: tuple[ReadCorner, ...]


Constraint = SumConstraint | ExtremumConstraint | CornerConstraint


def without(constraint: Constraint, vanishing: frozenset[sp.Symbol]) -> Constraint:
    """A sum without the terms in which a vanishing symbol is a factor. Raises ValueError where it cannot be dropped."""
    if not vanishing or isinstance(constraint, CornerConstraint):
        return constraint
    touched = [t for t in constraint.terms if vanishing & set(t.unknowns)]
    if not touched:
        return constraint
    powers = [t.unknowns[u].value for t in touched for u in vanishing & set(t.unknowns)]
    falling = any(power is None or power < 0 for power in powers)
    if falling or not isinstance(constraint, SumConstraint):
        raise ValueError(
            f"{constraint.label}: {sorted(map(str, vanishing))} vanishes in a corner and cannot be dropped here"
        )
    return replace(constraint, terms=tuple(t for t in constraint.terms if t not in touched))


@dataclass
class Reader:
    """Reads expressions of one system; collects auxiliary constraints and the conditions that coefficients imply."""

    system: System
    constraints: list[Constraint] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    auxiliaries: list[sp.Symbol] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ground = Field(tuple(self.system.parameters))
        functions = [s for f in self.system.functions for s in (*f.symbols, *f.in_tails)]
        given = {self.system.large, *self.system.controls}
        self.unknowns = tuple(s for s in dict.fromkeys([*self.system.unknowns, *functions]) if s not in given)
        self._auxiliary_of: dict[sp.Expr, sp.Symbol] = {}

    def constant(self, coefficient: sp.Expr) -> Term:
        """A term of scale one."""
        return Term(coefficient, Form(self.ground, {}, self.ground.zero), self.ground.zero)

    def read(self, expression: sp.Expr) -> list[Term]:
        """The expression as a sum of terms, like terms merged. Raises ValueError for what is no sum of scales."""
        return merge(self._read(sp.sympify(expression)))

    def _read(self, expression: sp.Expr) -> list[Term]:
        if isinstance(expression, OrderOne):
            return [self._order_one(expression)]
        if isinstance(expression, sp.Add):
            return [term for part in expression.args for term in self._read(part)]
        if isinstance(expression, sp.Mul):
            return self._product([self.read(part) for part in expression.args])
        if not self._scaling(expression):
            return [self.constant(expression)]
        if isinstance(expression, sp.Symbol):
            return self._symbol(expression)
        if isinstance(expression, sp.Pow):
            return self._power(*expression.as_base_exp())
        if isinstance(expression, (sp.Max, sp.Min)):
            return self._symbol(self._extremum(expression))
        if expression == sp.log(self.system.large):
            return [Term(sp.S.One, Form(self.ground, {}, self.ground.zero), self.ground.one)]
        raise ValueError(f"{expression} is no sum, product, power, minimum or maximum of scales")

    def _scaling(self, expression: sp.Expr) -> bool:
        scaling = {self.system.large, *self.unknowns, *self.system.controls, *self.auxiliaries}
        return bool(expression.free_symbols & scaling)

    def _symbol(self, symbol: sp.Symbol) -> list[Term]:
        if symbol in self.system.controls:
            return self._read(sp.sympify(self.system.controls[symbol]))
        if symbol == self.system.large:
            return self._power(symbol, sp.S.One)
        zero = Form(self.ground, {}, self.ground.zero)
        return [Term(sp.S.One, zero, self.ground.zero, {symbol: self.ground.one})]

    def _order_one(self, expression: OrderOne) -> Term:
        for ratio in expression.ratios:
            self.relations.append(self.relation(same_scale(ratio, sp.S.One)))
        names = {u: constant_of(u) for u in (*self.unknowns, *self.auxiliaries)}
        value = expression.value.xreplace(names)
        return self.constant(order_one(value, above=expression.bounds[0], below=expression.bounds[1]))

    def _product(self, factors: Sequence[list[Term]]) -> list[Term]:
        result = [self.constant(sp.S.One)]
        for factor in factors:
            result = merge([left * right for left in result for right in factor])
        return result

    def _power(self, base: sp.Expr, exponent: sp.Expr) -> list[Term]:
        if base == self.system.large:
            power = Form.of(self.ground, exponent, self.system.exponents)
            return [Term(sp.S.One, power, self.ground.zero)]
        number = self._exponent(base, exponent)
        terms = self.read(base)
        if len(terms) == 1:
            return [terms[0] ** number]
        if exponent.is_Integer and exponent > 0 and len(terms) ** int(exponent) <= _MAXIMAL_EXPANSION:
            return self._product([terms] * int(exponent))
        return [self._symbol(self._name_sum(base, terms))[0] ** number]

    def _exponent(self, base: sp.Expr, exponent: sp.Expr) -> Number:
        try:
            return self.ground(exponent)
        except TypeError as error:
            raise ValueError(f"the exponent of {base}**({exponent}) is not rational in the parameters") from error

    def _name_sum(self, expression: sp.Expr, terms: list[Term]) -> sp.Symbol:
        """An auxiliary unknown s with s = expression."""
        if expression not in self._auxiliary_of:
            symbol = self._auxiliary(expression)
            negated = [t.with_coefficient(-t.coefficient) for t in terms]
            constraint = SumConstraint(f"{symbol} = {expression}", (*self._symbol(symbol), *negated))
            self.constraints.append(constraint)
        return self._auxiliary_of[expression]

    def _extremum(self, expression: sp.Max | sp.Min) -> sp.Symbol:
        if expression not in self._auxiliary_of:
            arguments = tuple(self.single(argument) for argument in expression.args)
            symbol = self._auxiliary(expression)
            term = self._symbol(symbol)[0]
            largest = isinstance(expression, sp.Max)
            self.constraints.append(ExtremumConstraint(f"{symbol} = {expression}", term, arguments, largest))
        return self._auxiliary_of[expression]

    def _auxiliary(self, expression: sp.Expr) -> sp.Symbol:
        symbol = sp.Symbol(f"_s{len(self.auxiliaries) + 1}", positive=True)
        self.auxiliaries.append(symbol)
        self._auxiliary_of[expression] = symbol
        return symbol

    def single(self, expression: sp.Expr) -> Term:
        """The expression as one term; a sum gets a name."""
        terms = self.read(expression)
        return terms[0] if len(terms) == 1 else self._symbol(self._name_sum(expression, terms))[0]

    def relation(self, condition: Comparison | Tail) -> Relation:
        """A condition of a corner on terms."""
        if isinstance(condition, Tail):
            return Relation(self.single(condition.ratio), None, self.single(condition.mass))
        return Relation(self.single(condition.left), condition.order, self.single(condition.right))

    def equation(self, label: str, left: sp.Expr, right: sp.Expr) -> SumConstraint:
        """left = right as a sum that vanishes; ValueError if it is an identity."""
        negated = [t.with_coefficient(-t.coefficient) for t in self.read(right)]
        return _proper(SumConstraint(label, tuple(merge([*self.read(left), *negated]))))

    def function(self, function: CornerFunction) -> CornerConstraint:
        """A special function: a choice between its corners."""
        return CornerConstraint(function.name, tuple(self._corner(function.name, c) for c in function.corners))

    def _corner(self, name: str, corner: Corner) -> ReadCorner:
        inner = Reader(self.system)
        inner.auxiliaries, inner._auxiliary_of = self.auxiliaries, dict(self._auxiliary_of)
        relations = [inner.relation(condition) for condition in corner.conditions]
        vanishing = frozenset(s for s, v in corner.values.items() if v == 0)
        kept = {s: v for s, v in corner.values.items() if v != 0}
        values = [
            replace(inner.equation(f"{s} in corner {corner.name}", s, v), truncated=s in corner.truncated)
            for s, v in kept.items()
        ]
        label = ": ".join(part for part in (name, corner.name) if part)
        return ReadCorner(label, (*relations, *inner.relations), (*values, *inner.constraints), vanishing)


def read_system(system: System) -> Reader:
    """All equations and functions of a system as constraints (in the reader, with implied and assumed conditions)."""
    reader = Reader(system)
    equations = [
        reader.equation(f"equation {i}: {e.lhs} = {e.rhs}", e.lhs, e.rhs) for i, e in enumerate(system.equations, 1)
    ]
    functions = [reader.function(f) for f in system.functions]
    reader.relations += [reader.relation(condition) for condition in system.assume]
    reader.constraints = [*equations, *reader.constraints, *functions]
    return reader


def confined(reader: Reader, values: Mapping[sp.Symbol, sp.Expr]) -> Reader:
    """The reader of the system on a linear subspace of control exponents; terms that become alike are merged.

    Raises ValueError if an equation becomes an identity there.
    """
    system = reader.system.restricted(values)
    result = Reader(system)
    forms = {v: Form.of(reader.ground, e, system.exponents) for v, e in values.items()}
    put = _Confinement(dict(values), forms)
    result.constraints = [put.constraint(c) for c in reader.constraints]
    result.relations = [put.relation(r) for r in reader.relations]
    result.auxiliaries = list(reader.auxiliaries)
    return result


@dataclass(frozen=True)
class _Confinement:
    """Puts values of control exponents into what has been read."""

    values: Mapping[sp.Symbol, sp.Expr]
    forms: Mapping[sp.Symbol, Form]

    def term(self, term: Term) -> Term:
        coefficient = term.coefficient.subs(self.values) if term.coefficient.free_symbols else term.coefficient
        return Term(coefficient, term.power.substitute(self.forms), term.log_power, term.unknowns)

    def relation(self, relation: Relation) -> Relation:
        return Relation(self.term(relation.left), relation.order, self.term(relation.right))

    def constraint(self, constraint: Constraint) -> Constraint:
        if isinstance(constraint, CornerConstraint):
            return CornerConstraint(constraint.label, tuple(self.corner(c) for c in constraint.corners))
        terms = tuple(self.term(t) for t in constraint.terms)
        if isinstance(constraint, ExtremumConstraint):
            return ExtremumConstraint(constraint.label, self.term(constraint.symbol), terms, constraint.largest)
        return _proper(replace(constraint, terms=tuple(merge(list(terms)))))

    def corner(self, corner: ReadCorner) -> ReadCorner:
        relations = tuple(self.relation(r) for r in corner.relations)
        return ReadCorner(corner.name, relations, tuple(map(self.constraint, corner.constraints)), corner.vanishing)


def _proper(constraint: SumConstraint) -> SumConstraint:
    if not constraint.terms:
        raise ValueError(f"{constraint.label}: holds identically, and says nothing about the unknowns")
    return constraint
