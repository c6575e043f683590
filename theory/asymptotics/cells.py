"""Enumeration of balances: which terms can dominate each constraint together, level by level of the lexicographic order.

At each level a sum that vanishes needs two terms of opposite sign of the same, largest scale (tropically: the maximum is
attained twice); a maximum needs one of its arguments on top; a special function needs one of its corners. Choices are made
one constraint after another; a linear programme discards a choice as soon as it contradicts earlier ones, and its Farkas
certificate is kept, so that nobody has to trust that a discarded balance does not exist. The first level compares powers of
L. Terms still tied go to the second, which compares powers of log L. What is tied there dominates together.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import combinations

import sympy as sp

from .chambers import Arena, NonGenericError
from .exact import Form, Polynomial
from .linear_programming import Infeasibility, Kind, Row, Witness, check_witness, decide, echelon
from .reader import Constraint, CornerConstraint, ExtremumConstraint, Relation, SumConstraint, without
from .scales import Term
from .systems import Order


@dataclass(frozen=True)
class Choice:
    """A constraint and what was chosen for it: the indices of its dominant terms, or of its corner."""

    constraint: Constraint
    dominant: tuple[int, ...]

    @property
    def label(self) -> str:
        """For derivations and for the record of discarded branches."""
        return f"{self.constraint.label}: {self.dominant}"


@dataclass(frozen=True)
class Discarded:
    """A branch that cannot be: the choices made, and the Farkas certificate against them."""

    choices: tuple[Choice, ...]
    proof: Infeasibility


Certificates = dict[tuple[str, ...], list[tuple[Infeasibility | Witness, dict[str, tuple[Polynomial, int]]]]]
"""Answers of the linear programme by branch, with the signs of polynomials they rest on."""


@dataclass
class Census:
    """Everything the enumeration saw: for derivations, for proofs of completeness, and shared between chambers.

    `known` maps a branch to certificates found in other chambers; one is used again where its signs hold.
    """

    discarded: list[Discarded] = field(default_factory=list)
    known: Certificates = field(default_factory=dict)

    def decide(self, branch: Branch, level: str, arena: Arena, before: tuple[Choice, ...] = ()) -> Branch | None:
        """The branch with a point at which all its rows hold; None if they contradict each other.

        A point that new rows leave in place is kept; else certificates are looked up before they are computed. The choices
        of the level above, `before`, belong to the branch's name.
        """
        if branch.witness and _still_holds(branch.unproved, branch.witness, arena):
            return replace(branch, unproved=())
        choices = (*before, *branch.choices)
        key = (level, *(c.label for c in choices), str(len(branch.rows)))
        for answer, signs in self.known.get(key, ()):
            if arena.adopt(signs):
                return self._note(answer, choices, branch)
        fresh = Arena(arena.field, arena.point, {}, arena._factored)
        answer = decide(branch.rows, fresh)
        arena.adopt(fresh.signs)
        self.known.setdefault(key, []).append((answer, fresh.signs))
        return self._note(answer, choices, branch)

    def tight(self, branch: Branch, solved: Solved, arena: Arena) -> tuple[Row, ...]:
        """Inequalities of a branch that can only hold as equalities, of those in which unknowns stand that its equalities leave free."""
        free = set(solved.free)
        weak = [row for row in branch.rows if free and row.kind is Kind.AT_LEAST]
        open_ = [row for row in weak if free & set(row.form.substitute(solved.values).coefficients)]
        return tuple(replace(row, kind=Kind.EQUAL) for row in open_ if not self._may_be_strict(branch, row, arena))

    def _may_be_strict(self, branch: Branch, row: Row, arena: Arena) -> bool:
        fresh = Arena(arena.field, arena.point, {}, arena._factored)
        answer = decide((*branch.rows, replace(row, kind=Kind.MORE)), fresh)
        arena.adopt(fresh.signs)
        return isinstance(answer, Witness)

    def _note(self, answer: Infeasibility | Witness, choices: tuple[Choice, ...], branch: Branch) -> Branch | None:
        if isinstance(answer, Infeasibility):
            self.discarded.append(Discarded(choices, answer))
            return None
        return replace(branch, witness=answer, unproved=())


def _still_holds(rows: Sequence[Row], witness: Witness, arena: Arena) -> bool:
    """Whether a point that satisfied all rows so far satisfies further ones; the signs count only if it does."""
    fresh = Arena(arena.field, arena.point, {}, arena._factored)
    try:
        holds = check_witness(rows, witness, fresh)
    except NonGenericError:
        return False
    return holds and arena.adopt(fresh.signs)


def sign_of(coefficient: sp.Expr, arena: Arena) -> int:
    """The sign of a coefficient; ValueError when neither SymPy nor the arena knows it.

    A product is judged factor by factor, so that √κ (2γ - 1) is positive where the arena says that 2γ - 1 is.
    """
    plain = _plain_sign(coefficient)
    if plain:
        return plain
    if isinstance(coefficient, sp.exp) and _in_parameters(
        coefficient.args[0], arena
    ):  # SymPy asks whether 1/(1 - m) is finite
        return 1
    try:
        return arena.sign(arena.field(coefficient))
    except TypeError:
        pass
    factored = coefficient if coefficient.is_Mul else sp.factor_terms(coefficient)
    if factored.is_Mul:
        return math.prod(sign_of(factor, arena) for factor in factored.args)
    if factored.is_Pow and factored.exp.is_real and sign_of(factored.base, arena) > 0:
        return 1
    alike = (_common_sign(coefficient, arena) or _sign_of_gap(coefficient, arena)) if coefficient.is_Add else 0
    if alike:
        return alike
    raise ValueError(f"the sign of the coefficient {coefficient} is unknown: declare its symbols positive")


def _common_sign(coefficient: sp.Expr, arena: Arena) -> int:
    """The sign that all terms of a sum have, those that differ by a rational factor in the parameters taken together; or 0."""
    found: dict[sp.Expr, sp.Expr] = {}
    for term in map(sp.expand_power_exp, coefficient.args):  # (b + 1)**(1 + 1/b) has a rational factor
        rational = sp.Mul(*(factor for factor in sp.Mul.make_args(term) if _in_parameters(factor, arena)))
        rest = term / rational
        found[rest] = found.get(rest, sp.S.Zero) + rational
    if coefficient in found:
        return 0
    try:
        signs = {_sign_of_product(rational, rest, arena) for rest, rational in found.items()} - {0}
    except ValueError:
        return 0
    return signs.pop() if len(signs) == 1 else 0


def _sign_of_gap(coefficient: sp.Expr, arena: Arena) -> int:
    """The sign of exp(A) - c exp(B), that of A - B where c <= 1 or c >= 1 go the same way, as of 2 - exp(-p); 0 for no such difference."""
    if len(coefficient.args) != 2 or not coefficient.has(sp.exp):
        return 0
    one, two = coefficient.args
    share, ratio = sp.powsimp(-one / two, combine="exp").as_coeff_Mul()
    if not isinstance(ratio, sp.exp) or not share.is_positive:
        return 0
    try:
        ways = {int(sp.sign(share - 1)), sign_of(ratio.args[0], arena)} - {0}
        return -ways.pop() * sign_of(two, arena) if len(ways) == 1 else 0
    except ValueError:
        return 0


def _sign_of_product(rational: sp.Expr, rest: sp.Expr, arena: Arena) -> int:
    sign = arena.sign(arena.field(rational))
    return sign if rest == 1 or not sign else sign * sign_of(rest, arena)


def _in_parameters(term: sp.Expr, arena: Arena) -> bool:
    try:
        arena.field(term)
    except TypeError:
        return False
    return True


@cache
def _plain_sign(coefficient: sp.Expr) -> int:
    """The sign as far as SymPy's assumptions go; 0 for unknown (asked thousands of times for the same few)."""
    forms = [coefficient]
    if coefficient.is_Add and coefficient.has(sp.Pow):
        forms.append(sp.together(coefficient))  # 1 - c/(c + sqrt(c**2 + 4)) is sqrt(c**2 + 4)/(c + sqrt(c**2 + 4))
    return next((1 if form.is_positive else -1 for form in forms if form.is_positive or form.is_negative), 0)


@dataclass(frozen=True)
class Level:
    """One level of the lexicographic order: how a term's exponent reads there."""

    name: str

    def form(self, term: Term) -> Form:
        """Exponent of L, or of log L."""
        return term.power_form() if self.name == "power" else term.log_form()


POWER, LOG = Level("power"), Level("log")


def balance_options(constraint: Constraint, tied: Sequence[int], level: Level, arena: Arena) -> Iterator[Choice]:
    """The ways a constraint can be dominated at this level by terms still `tied` (all of them, at the first)."""
    if isinstance(constraint, SumConstraint):
        signs = {i: sign_of(constraint.terms[i].coefficient, arena) for i in tied}
        for i, j in combinations(tied, 2):
            if signs[i] != signs[j]:
                yield Choice(constraint, (i, j))
    elif isinstance(constraint, ExtremumConstraint):
        yield from (Choice(constraint, (i,)) for i in tied)
    elif level is POWER:
        yield from (Choice(constraint, (i,)) for i in range(len(constraint.corners)))


def choice_rows(choice: Choice, tied: Sequence[int], level: Level) -> list[Row]:
    """What a choice demands of exponents at this level."""
    constraint, first = choice.constraint, choice.dominant[0]
    if isinstance(constraint, CornerConstraint):
        corner = constraint.corners[first]
        return [row for r in corner.relations for row in relation_rows(r, level, corner.name)]
    top = level.form(constraint.terms[first])
    sense = -1 if isinstance(constraint, ExtremumConstraint) and not constraint.largest else 1
    rows = [Row(top - level.form(constraint.terms[j]), Kind.EQUAL, constraint.label) for j in choice.dominant[1:]]
    if isinstance(constraint, ExtremumConstraint):
        rows.append(Row(level.form(constraint.symbol) - top, Kind.EQUAL, constraint.label))
    for k in tied:
        if k not in choice.dominant:
            gap = top - level.form(constraint.terms[k])
            rows.append(Row(gap if sense > 0 else -gap, Kind.AT_LEAST, constraint.label))
    return rows


def relation_rows(relation: Relation, level: Level, origin: str) -> list[Row]:
    """A condition on two scales at the power level; ties under `≪` are left to the log level."""
    left, right = level.form(relation.left), level.form(relation.right)
    if level is LOG:
        return _log_rows(relation, left, right, origin)
    if relation.order is None:
        return [Row(left, Kind.EQUAL, origin), Row(-right, Kind.MORE, origin)]
    kind = {Order.LESS: Kind.AT_LEAST, Order.LESS_BY_POWER: Kind.MORE, Order.SAME: Kind.EQUAL}[relation.order]
    return [Row(right - left, kind, origin)]


def _log_rows(relation: Relation, left: Form, right: Form, origin: str) -> list[Row]:
    if relation.order is None:
        half = Form(left.field, {}, left.field.one / left.field(2))
        return [Row(left - half, Kind.EQUAL, origin)]
    if relation.order is Order.SAME:
        return [Row(right - left, Kind.EQUAL, origin)]
    return [Row(right - left, Kind.MORE, origin)]


@dataclass(frozen=True)
class Branch:
    """A set of choices at one level, with the rows they demand.

    `witness` is a point at which all rows but the `unproved` ones are known to hold.

    `superseded` are labels of sums whose leading order repeats others', and in whose place a next order stands.
    """

    choices: tuple[Choice, ...]
    rows: tuple[Row, ...]
    superseded: frozenset[str] = frozenset()
    witness: Witness | None = None
    unproved: tuple[Row, ...] = ()

    def grown(self, choice: Choice, rows: Sequence[Row]) -> Branch:
        """The branch with one more choice."""
        unproved = (*self.unproved, *rows)
        return Branch((*self.choices, choice), (*self.rows, *rows), self.superseded, self.witness, unproved)


def descend(pending: Sequence[Constraint], branch: Branch, census: Census, arena: Arena) -> Iterator[Branch]:
    """All complete sets of choices at the power level that the linear programme does not refute (depth first)."""
    if not pending:
        yield branch
        return
    constraint = min(pending, key=lambda c: _width(c))
    rest = [c for c in pending if c is not constraint]
    tied = range(len(constraint.terms)) if not isinstance(constraint, CornerConstraint) else ()
    for choice in balance_options(constraint, list(tied), POWER, arena):
        grown = branch.grown(choice, choice_rows(choice, list(tied), POWER))
        proved = census.decide(grown, POWER.name, arena)
        if proved is not None:
            opened, vanishing = _opened(choice)
            yield from descend([without(c, vanishing) for c in (*rest, *opened)], proved, census, arena)


def _width(constraint: Constraint) -> int:
    """Corners first (they decide most), then short sums."""
    return 0 if isinstance(constraint, CornerConstraint) else len(constraint.terms)


def _opened(choice: Choice) -> tuple[tuple[Constraint, ...], frozenset[sp.Symbol]]:
    """Constraints that come with a chosen corner, and values that vanish in it."""
    if isinstance(choice.constraint, CornerConstraint):
        corner = choice.constraint.corners[choice.dominant[0]]
        return corner.constraints, corner.vanishing
    return (), frozenset()


@dataclass(frozen=True)
class Solved:
    """Exponents solved from equalities: forms in the remaining variables; what stays free; relations between the rest."""

    values: dict[sp.Symbol, Form]
    free: tuple[sp.Symbol, ...]
    relations: tuple[Form, ...]


def solve_equalities(rows: Sequence[Row], wanted: Sequence[sp.Symbol], arena: Arena) -> Solved:
    """Solve the equality rows for the wanted variables (exact elimination over the field)."""
    equal = [row.form for row in rows if row.kind is Kind.EQUAL]
    others = tuple(dict.fromkeys(v for f in equal for v in f.coefficients if v not in set(wanted)))
    zero = arena.field.zero
    columns = (*wanted, *others)
    matrix = [[*(f.coefficients.get(v, zero) for v in columns), f.constant] for f in equal]
    pivots, reduced = echelon(matrix, len(wanted), arena)
    free = tuple(v for k, v in enumerate(wanted) if k not in pivots)
    values = {}
    for pivot, row in zip(pivots, reduced):
        tail = {v: -row[len(wanted) + k] for k, v in enumerate(others)}
        tail |= {v: -row[k] for k, v in enumerate(wanted) if v in free}
        values[wanted[pivot]] = Form(arena.field, tail, -row[-1])
    left = [Form(arena.field, dict(zip(others, row[len(wanted) : -1])), row[-1]) for row in reduced[len(pivots) :]]
    return Solved(values, free, tuple(f for f in left if f))
