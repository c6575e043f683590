"""Case distinctions that are found, not typed in: a question is asked of a case, and the case splits where a sign is open.

A question is a function that may ask for the sign of any expression in the controls. Where the facts of the case decide the
sign, it is answered; else the run stops and is started again on each sign. So the leaves tile the whole space of controls
by construction: nothing can be left as "otherwise".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Generic, TypeVar

import sympy as sp

from ..asymptotics.chambers import Arena
from ..asymptotics.exact import Field
from ..asymptotics.polyhedra import Polyhedron
from .letters import power, rate, source, time_power

T = TypeVar("T")
PLANE = (power, time_power)
SOLVED_FOR = (rate, source, time_power, power)
"""The order in which an equation is solved for a control: the first in which it is affine."""
TRIALS: Mapping[sp.Symbol, tuple[sp.Rational, ...]] = {
    power: tuple(map(sp.Rational, ("5/2", "3/2", "2", "1/2", "-1/2", "-1", "-2", "3"))),
    time_power: tuple(map(sp.Rational, ("1/2", "-1/4", "0", "1/4", "3/2", "3", "-3/2", "-7/4", "-2", "-3"))),
    rate: tuple(map(sp.Rational, ("1/2", "3/4", "3/2", "1/8", "4"))),
    source: tuple(map(sp.Rational, ("3/4", "3/2", "1/3", "6", "20"))),
}
"""Points tried for a witness of a case: for showing that it is not empty and for comparing laws with numbers, nothing else."""


class UndecidedCase(ArithmeticError):
    """A case is neither proved empty nor shown to hold a point."""


class _Split(Exception):
    """Control flow inside `explore` only."""

    def __init__(self, expression: sp.Expr) -> None:
        super().__init__(str(expression))
        self.expression = expression


@dataclass(frozen=True)
class Fact:
    """`expression` has this sign: -1, 0 or 1."""

    expression: sp.Expr
    sign: int

    def relation(self) -> sp.Rel:
        """As an equation or a strict inequality, solved for one control where that is a matter of signs of numbers."""
        left, right = _presented(self.expression)
        kind = {1: sp.Gt, 0: sp.Eq, -1: sp.Lt}[self.sign]
        return kind(left, right, evaluate=False)

    def holds(self, point: Mapping[sp.Symbol, sp.Expr]) -> bool:
        """Whether it holds at a point."""
        letters = _letters(self.expression)
        return _sign_at(self.expression, tuple((s, point[s]) for s in letters if s in point)) == self.sign


@lru_cache(maxsize=4096)
def _letters(expression: sp.Expr) -> tuple[sp.Symbol, ...]:
    return tuple(sorted(expression.free_symbols, key=str))


@lru_cache(maxsize=65536)
def _sign_at(expression: sp.Expr, place: tuple[tuple[sp.Symbol, sp.Expr], ...]) -> int:
    """Of a wall at a trial point, once: all cases are bounded by few walls, and tried at the same points."""
    value = expression.subs(dict(place))
    return int(sp.sign(value if value.is_Rational else sp.simplify(value)))


def _presented(expression: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    for control in (source, time_power, power, rate):
        if expression.has(control) and sp.diff(expression, control) == 1:
            return control, sp.expand(control - expression)
    return expression, sp.S.Zero


@dataclass(frozen=True)
class Case:
    """Facts that hold together, and the signs that follow from them.

    Examples
    --------
    >>> case = Case((Fact(power - 1, 1), Fact(time_power + 1, -1)))
    >>> case.sign(time_power - power + 2)
    -1
    """

    facts: tuple[Fact, ...] = ()

    def sign(self, expression: sp.Expr) -> int:
        """-1, 0 or 1 if the facts decide, else the run of `explore` splits here."""
        told = self._told(expression)
        if told is not None:
            return told
        expression = self.reduced(expression)
        rational = expression.is_rational_function(*SOLVED_FOR)
        result = 1
        for part in sp.fraction(sp.together(expression)) if rational else (expression,):
            coefficient, factors = sp.factor_list(part) if rational else (sp.S.One, [(part, 1)])
            for factor, times in factors:
                result *= self._factor_sign(factor) ** times
            result *= int(sp.sign(coefficient))
        return result

    def _told(self, expression: sp.Expr) -> int | None:
        """The sign if every factor is a fact or positive by nature: before equations make the expression unrecognisable."""
        if not expression.is_rational_function(*SOLVED_FOR):
            return next((f.sign for f in self.facts if f.expression == expression), None)
        signs = {fact.expression: fact.sign for fact in self.facts}
        result = 1
        for part in sp.fraction(sp.together(expression)):
            coefficient, factors = sp.factor_list(part)
            result *= int(sp.sign(coefficient))
            for factor, times in factors:
                oriented, turn = _oriented(factor)
                sign = 1 if factor.is_positive else signs.get(oriented, 2) * turn
                if abs(sign) == 2:
                    return None
                result *= sign**times
        return result

    def reduced(self, expression: sp.Expr) -> sp.Expr:
        """The expression on the set where the equations among the facts hold."""
        return sp.sympify(expression).subs(self.equations())

    def equations(self) -> dict[sp.Symbol, sp.Expr]:
        """Controls given by the equations among the facts."""
        return dict(_equations(self.facts))

    def _factor_sign(self, factor: sp.Expr) -> int:
        if factor.is_positive or factor.is_negative or factor.is_zero:
            return 1 if factor.is_positive else (-1 if factor.is_negative else 0)
        oriented, turn = _oriented(factor)
        for fact in self.facts:
            if fact.expression == oriented:
                return turn * fact.sign
        open_signs = [s for s in (-1, 0, 1) if not self.plus(Fact(oriented, s)).is_empty()]
        if len(open_signs) == 1:
            return turn * open_signs[0]
        raise _Split(oriented)

    def plus(self, fact: Fact) -> Case:
        """The case with one fact more."""
        return Case((*self.facts, fact))

    def is_empty(self) -> bool:
        """Whether the facts that are affine in (power, time_power) already contradict each other (exact)."""
        return _contradictory(self.facts)

    def points(self) -> Iterator[dict[sp.Symbol, sp.Expr]]:
        """Points at which every fact holds."""
        known = self.equations()
        free = [s for s in TRIALS if s not in known]
        for values in product(*(TRIALS[s] for s in free)):
            point = dict(zip(free, values))
            solved = {s: sp.simplify(v.subs(point)) for s, v in known.items()}
            full = {**point, **solved}
            positive = all(full[s].is_positive for s in (rate, source))
            if positive and all(fact.holds(full) for fact in self.facts):
                yield full

    def conditions(self) -> tuple[sp.Rel, ...]:
        """The facts as equations and single strict inequalities."""
        return tuple(fact.relation() for fact in self.facts)


@lru_cache(maxsize=16384)
def _equations(facts: tuple[Fact, ...]) -> dict[sp.Symbol, sp.Expr]:
    """Controls given by the equations among the facts."""
    found: dict[sp.Symbol, sp.Expr] = {}
    for fact in facts:
        equation = sp.expand(fact.expression.subs(found)) if fact.sign == 0 else sp.S.Zero
        if not equation.is_number and not equation.has(
            sp.nan, sp.zoo
        ):  # a number is either trivial or a contradiction, which `is_empty` sees
            affine = (s for s in SOLVED_FOR if equation.has(s) and not sp.diff(equation, s).has(s))
            control = next(affine, None)
            if control is None:  # on the other equations it has become curved: it decides nothing by substitution
                continue
            found = {s: v.subs(control, _root(equation, control)) for s, v in found.items()}
            found[control] = _root(equation, control)
    return found


@lru_cache(maxsize=16384)
def _contradictory(facts: tuple[Fact, ...]) -> bool:
    """`Case.is_empty`, worked out once for each set of facts: cases are asked again and again while they are relaxed."""
    known = _equations(facts)
    inequalities = []
    for fact in facts:
        expression = sp.expand(fact.expression.subs(known))
        if expression.has(sp.nan, sp.zoo, sp.oo):
            continue  # the fact means nothing on this set, so it decides nothing
        if expression.is_number:
            if int(sp.sign(expression)) != fact.sign:
                return True
        elif fact.sign and _affine(expression):
            inequalities.append(sp.Gt(fact.sign * expression, 0))
    if any(i == sp.false for i in inequalities):
        return True
    proper = [i for i in inequalities if i != sp.true]
    return Polyhedron.of(Arena(Field(), ()), PLANE, proper).emptiness() is not None


def _root(equation: sp.Expr, control: sp.Symbol) -> sp.Expr:
    slope = sp.diff(equation, control)
    return sp.factor(sp.expand(-equation.subs(control, 0) / slope))


def _oriented(factor: sp.Expr) -> tuple[sp.Expr, int]:
    """The factor up to a number, so that it rises in the first control that it is affine in; and the sign taken out."""
    for control in (source, time_power, power, rate):
        slope = sp.diff(factor, control)
        if slope.is_number and slope != 0:
            return sp.expand(factor / slope), int(sp.sign(slope))
    return factor, 1


def _affine(expression: sp.Expr) -> bool:
    plane = expression.free_symbols <= set(PLANE) and expression.is_polynomial(*PLANE)
    return bool(plane and sp.Poly(expression, *PLANE).total_degree() <= 1)


@dataclass(frozen=True)
class Leaf(Generic[T]):
    """A case on which the run went through, and what came out."""

    case: Case
    outcome: T


def explore(question: Callable[[Case], T], start: Case | None = None) -> tuple[Leaf[T], ...]:
    """All cases that the question distinguishes; together they are everything.

    Raises
    ------
    UndecidedCase
        If a case is not proved empty and no point of it is found.

    Examples
    --------
    >>> leaves = explore(lambda case: case.sign(power - 1))
    >>> [leaf.outcome for leaf in leaves]
    [-1, 0, 1]
    """
    start = start or Case()
    try:
        outcome = question(start)
    except _Split as split:
        branches = [start.plus(Fact(split.expression, sign)) for sign in (-1, 0, 1)]
        return tuple(leaf for branch in branches if not branch.is_empty() for leaf in explore(question, branch))
    if next(start.points(), None) is None:
        raise UndecidedCase(
            f"expected a point where {start.conditions()}, found none, and the case is not proved empty"
        )
    return (Leaf(start, outcome),)


def joined(leaves: Sequence[Leaf[T]], same: Callable[[T, T], bool]) -> tuple[Leaf[T], ...]:
    """Leaves with the same outcome become one wherever their facts can be relaxed without touching another outcome.

    Facts that follow are added first, then every fact is dropped without which the case still avoids all other outcomes.
    """
    walls = tuple(dict.fromkeys(fact.expression for leaf in leaves for fact in leaf.case.facts))
    result: list[Leaf[T]] = []
    for leaf in leaves:
        others = [other.case for other in leaves if not same(other.outcome, leaf.outcome)]
        completed = _completed(leaf.case, walls)
        # Alone, a leaf keeps the facts it was found by; among several of one law, those that they have in common.
        shared = len(others) < len(leaves) - 1
        relaxed = _relaxed(completed, others, completed.facts if shared else completed.facts[::-1])
        if not any(set(relaxed.facts) == set(kept.case.facts) for kept in result):
            result.append(Leaf(relaxed, leaf.outcome))
    return tuple(result)


def _completed(case: Case, walls: Sequence[sp.Expr]) -> Case:
    """With the signs of other walls that follow (only those affine in the exponents can)."""
    for wall in walls:
        if _affine(wall) and all(fact.expression != wall for fact in case.facts):
            signs = [s for s in (-1, 0, 1) if not case.plus(Fact(wall, s)).is_empty()]
            if len(signs) == 1:
                case = case.plus(Fact(wall, signs[0]))
    return case


def _relaxed(case: Case, others: Sequence[Case], order: Sequence[Fact]) -> Case:
    facts = list(case.facts)
    for fact in order:
        fewer = Case(tuple(f for f in facts if f != fact))
        if all(_disjoint(fewer, other) for other in others):
            facts.remove(fact)
    return Case(tuple(facts))


def _disjoint(first: Case, second: Case) -> bool:
    """Whether a contradiction is proved: the same expression with two signs, or no common exponents."""
    signs = {fact.expression: fact.sign for fact in first.facts}
    if any(signs.get(fact.expression, fact.sign) != fact.sign for fact in second.facts):
        return True
    union = Case(tuple(dict.fromkeys((*first.facts, *second.facts))))
    return union.is_empty()
