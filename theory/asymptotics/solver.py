"""The engine: from constraints to balances, cell by cell, in the lexicographic order of scales (claim A2).

For every branch that survives at the power level: solve its equalities for the unknowns' exponents, read the region of
control exponents off its inequalities, settle ties at the log level, solve for the constants. A branch whose leading order
leaves an unknown free, or repeats itself, is taken to the next order; if that does not decide either, it is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import sympy as sp

from .balance import Balance, Dominance, Solution, Undecided
from .cells import (
    LOG,
    POWER,
    Branch,
    Census,
    Certificates,
    Choice,
    balance_options,
    choice_rows,
    descend,
    relation_rows,
    solve_equalities,
)
from .chambers import Arena, Chamber, explore
from .constants import ConstantSystem, Monomial, Outcome
from .exact import Form, Number
from .linear_programming import Kind, Row
from .next_order import Dominated, next_order
from .polyhedra import Polyhedron, normalised
from .reader import CornerConstraint, ExtremumConstraint, Reader, Relation, SumConstraint, read_system
from .scales import Term, log_power_of, power_of, unwrapped
from .systems import Order, System

_DEPTH = 3
"""How many orders beyond the leading one are looked at before a balance is reported as undecided."""


def solve(system: System) -> tuple[Chamber[Solution], ...]:
    """All consistent balances of a system, chamber by chamber of its parameters (claim A2).

    Returns
    -------
    tuple of Chamber
        Each with a `Solution`: balances, undecided branches, refuted branches with their certificates.

    Raises
    ------
    ValueError
        When an expression is no sum of scales, or the sign of a coefficient is unknown.
    RuntimeError
        When the parameters enter in too complicated a way to exhaust their domain.

    Examples
    --------
    >>> L, x = sp.symbols("L x", positive=True)
    >>> a, b = sp.symbols("a b", real=True)
    >>> (chamber,) = solve(System(L, (x,), {}, (a, b), (sp.Eq(x, L**a + L**b),)))
    >>> sorted((str(m.exponents[x]), str(m.region.inequalities)) for m in chamber.outcome.balances)
    [('a', '(b < a,)'), ('b', '(b > a,)')]
    """
    return explore(system.parameter_domain, solver_of(read_system(system)))


def solver_of(reader: Reader) -> Callable[[Arena], Solution]:
    """The solution of a system that was read, as a function of the arena.

    Certificates found in one chamber are tried first in the next.
    """
    known: Certificates = {}
    return lambda arena: _Solver(reader, arena, Census(known=known)).run()


def solve_balances(system: System) -> tuple[Balance, ...]:
    """All balances of all chambers, one after the other; see `solve` for what is undecided."""
    return tuple(balance for chamber in solve(system) for balance in chamber.outcome.balances)


@dataclass
class _Cell:
    """A branch at the power level with exponents solved and the sets of tied terms found."""

    branch: Branch
    powers: dict[sp.Symbol, Form]
    free: tuple[sp.Symbol, ...]
    ties: tuple[tuple[int, ...], ...]


class _Solver:
    def __init__(self, reader: Reader, arena: Arena, census: Census) -> None:
        self.reader, self.arena, self.census = reader, arena, census
        self.system = reader.system
        self.balances: list[Balance] = []
        self.undecided: list[Undecided] = []
        self.rejected: list[tuple[tuple[str, ...], str]] = []
        self.lines: dict[Form, None] = {}
        self._seen: set[object] = set()

    def run(self) -> Solution:
        forms = [Form.of(self.arena.field, r.gts - r.lts, self.system.exponents) for r in self.system.domain]
        self.domain = Polyhedron(self.arena, self.system.exponents, tuple(forms))
        rows = [Row(f, Kind.MORE, "domain") for f in forms]
        rows += [row for r in self.reader.relations for row in relation_rows(r, POWER, "assumed")]
        for branch in descend(self.reader.constraints, Branch((), tuple(rows)), self.census, self.arena):
            self._cell(branch, 0)
        return Solution(
            self.system,
            self.arena,
            self.domain,
            tuple(self.balances),
            tuple(self.undecided),
            tuple(self.rejected),
            tuple(self.census.discarded),
            tuple(self.lines),
        )

    def _unknowns(self, branch: Branch) -> tuple[sp.Symbol, ...]:
        """Unknowns that occur on this branch, the system's own first; not those that vanish in a corner."""
        present = {v for row in branch.rows for v in row.form.coefficients}
        used = [u for u in (*self.reader.unknowns, *self.reader.auxiliaries) if power_of(u) in present]
        gone = _vanishing(branch)
        return tuple(u for u in dict.fromkeys([*self.system.unknowns, *used]) if u not in gone)

    def _cell(self, branch: Branch, depth: int) -> None:
        """Solve one branch at the power level; keep it if it holds on an open set of control exponents."""
        unknowns = self._unknowns(branch)
        solved = solve_equalities(branch.rows, [power_of(u) for u in unknowns], self.arena)
        if solved.relations:
            self._note_line(solved.relations)
            return
        tight = self.census.tight(branch, solved, self.arena)
        if tight:
            self._cell(replace(branch, rows=(*branch.rows, *tight)), depth)
            return
        ties = tuple(_tied(choice, solved.values, POWER) for choice in branch.choices)
        key = (tuple((c.constraint.label, t) for c, t in zip(branch.choices, ties)), branch.superseded)
        if key in self._seen:
            return
        self._seen.add(key)
        cell = _Cell(branch, solved.values, solved.free, ties)
        region = None if solved.free else self._region(branch, solved.values)
        if solved.free or region is not None:
            for exponents, dominant in self._log_cells(cell, unknowns):
                self._settle(cell, region, exponents, dominant, depth)

    def _note_line(self, relations: Sequence[Form]) -> None:
        """Remember a branch that lives on a set of codimension one, by the form that vanishes there."""
        forms = {normalised(f, self.arena) for f in relations if not f.is_constant}
        if len(forms | {-f for f in forms}) == 2 and not any(f in self.lines or -f in self.lines for f in forms):
            self.lines[forms.pop()] = None

    def _region(self, branch: Branch, values: Mapping[sp.Symbol, Form]) -> Polyhedron | None:
        """The open region of control exponents where the branch's inequalities hold; None if it has no interior."""
        forms = list(self.domain.forms)
        for row in branch.rows:
            if row.kind is Kind.EQUAL:
                continue
            form = row.form.substitute(values)
            if not form.is_constant:
                forms.append(normalised(form, self.arena))
            elif self.arena.sign(form.constant) < (1 if row.kind is Kind.MORE else 0):
                return None
        region = Polyhedron(self.arena, self.system.exponents, tuple(dict.fromkeys(forms)))
        return None if region.emptiness() is not None else region.irredundant()

    def _log_cells(
        self, cell: _Cell, unknowns: Sequence[sp.Symbol]
    ) -> Iterator[tuple[tuple[dict[sp.Symbol, Form], tuple[sp.Symbol, ...]], tuple[tuple[int, ...], ...]]]:
        """Log exponents and the terms that dominate at both levels; each combination once."""
        rows = [row for r in self._relations(cell) for row in relation_rows(r, LOG, "log level")]
        pending = [(c, t) for c, t in zip(cell.branch.choices, cell.ties)]
        seen: set[object] = set()
        for found in self._log_descend(pending, Branch((), tuple(rows)), cell.branch.choices):
            solved = solve_equalities(found.rows, [log_power_of(u) for u in unknowns], self.arena)
            dominant = tuple(
                _tied(c, solved.values, LOG, among) for c, among in zip(found.choices, (t for _, t in pending))
            )
            if dominant not in seen:
                seen.add(dominant)
                yield (solved.values, solved.free), dominant

    def _relations(self, cell: _Cell) -> list[Relation]:
        """Conditions that still matter at the log level: those of equality, and strict ones tied at the power level."""
        corners = [c for c in cell.branch.choices if isinstance(c.constraint, CornerConstraint)]
        everything = [r for c in corners for r in c.constraint.corners[c.dominant[0]].relations]  # type: ignore[union-attr]
        everything += self.reader.relations
        return [r for r in everything if r.order is not Order.LESS_BY_POWER and _level_tied(r, cell.powers)]

    def _log_descend(
        self, pending: Sequence[tuple[Choice, tuple[int, ...]]], branch: Branch, power: tuple[Choice, ...]
    ) -> Iterator[Branch]:
        if not pending:
            if self.census.decide(branch, LOG.name, self.arena, power):
                yield branch
            return
        (chosen, tied), rest = pending[0], pending[1:]
        if isinstance(chosen.constraint, CornerConstraint):
            yield from self._log_descend(rest, branch.grown(chosen, ()), power)
            return
        for choice in balance_options(chosen.constraint, tied, LOG, self.arena):
            grown = branch.grown(choice, choice_rows(choice, tied, LOG))
            proved = grown if not rest else self.census.decide(grown, LOG.name, self.arena, power)
            if proved is not None:
                yield from self._log_descend(rest, proved, power)

    def _settle(
        self,
        cell: _Cell,
        region: Polyhedron | None,
        logs: tuple[dict[sp.Symbol, Form], tuple[sp.Symbol, ...]],
        dominant: tuple[tuple[int, ...], ...],
        depth: int,
    ) -> None:
        """Solve for the constants; accept, reject, or go to the next order."""
        start, kappas = self._constants(cell, dominant)
        labels = tuple(c.label for c in cell.branch.choices)
        for constants in start.solve():
            if constants.outcome is Outcome.INCONSISTENT:
                self.rejected.append((labels, constants.reason))
            elif region is None or logs[1] or constants.outcome is Outcome.DEPENDENT:
                self._next_order(cell, dominant, depth, region)
            else:
                self.balances.append(self._balance(cell, region, logs[0], dominant, constants, kappas))

    def _constants(
        self, cell: _Cell, dominant: tuple[tuple[int, ...], ...]
    ) -> tuple[ConstantSystem, dict[sp.Symbol, sp.Expr]]:
        sums: list[list[Monomial]] = []
        extrema: list[tuple[Monomial, list[Monomial], bool]] = []
        for choice, indices in zip(cell.branch.choices, dominant):
            constraint = choice.constraint
            if constraint.label in cell.branch.superseded:
                continue
            if isinstance(constraint, SumConstraint):
                sums.append([_monomial(constraint.terms[i]) for i in indices])
            elif isinstance(constraint, ExtremumConstraint):
                arguments = [_monomial(constraint.terms[i]) for i in indices]
                extrema.append((_monomial(constraint.symbol), arguments, constraint.largest))
        kappas: dict[sp.Symbol, sp.Expr] = {}
        for relation in self._relations(cell):
            if relation.order is None:
                kappa = sp.Dummy("kappa", positive=True)
                kappas[kappa] = (-relation.right.power_form().substitute(cell.powers)).to_sympy()
                sums.append([_monomial(relation.left), (-sp.sqrt(2 * kappa), {})])
        return ConstantSystem(self.arena, sums, extrema), kappas

    def _balance(
        self,
        cell: _Cell,
        region: Polyhedron,
        logs: Mapping[sp.Symbol, Form],
        dominant: tuple[tuple[int, ...], ...],
        constants: ConstantSystem,
        kappas: Mapping[sp.Symbol, sp.Expr],
    ) -> Balance:
        unknowns = self._unknowns(cell.branch)
        zero = Form(self.arena.field, {}, self.arena.field.zero)
        return Balance(
            self.system,
            {u: cell.powers[power_of(u)] for u in unknowns},
            {u: logs.get(log_power_of(u), zero).constant for u in unknowns},
            {u: unwrapped(c.xreplace(dict(kappas))) for u, c in constants.closed_forms().items()},
            tuple(unwrapped(e.xreplace(dict(kappas))) for e in constants.equations()),
            region,
            tuple(_dominance(c, d, cell.powers, logs) for c, d in zip(cell.branch.choices, dominant)),
            _vanishing(cell.branch),
            constants.existence,
        )

    def _next_order(
        self, cell: _Cell, dominant: tuple[tuple[int, ...], ...], depth: int, region: Polyhedron | None
    ) -> None:
        """Leading order does not decide: add what the next order demands, or say why that is impossible."""
        labels = tuple(c.label for c in cell.branch.choices)
        sums = [
            Dominated(c.constraint, d)
            for c, d in zip(cell.branch.choices, dominant)
            if isinstance(c.constraint, SumConstraint) and c.constraint.label not in cell.branch.superseded
        ]
        found = next_order(sums, self.arena, depth) if depth < _DEPTH else "terms cancel order after order"
        if isinstance(found, str):
            if found.startswith("inconsistent"):
                self.rejected.append((labels, found))
            elif not found.startswith("the dependent leading equations hold on a lower"):
                determined = [u for u in self._unknowns(cell.branch) if not cell.free]
                exponents = {u: cell.powers[power_of(u)].to_sympy() for u in determined}
                self.undecided.append(Undecided(labels, found, exponents, region))
            return
        addition, superseded = found
        start = replace(cell.branch, superseded=cell.branch.superseded | {superseded})
        for branch in descend([addition], start, self.census, self.arena):
            self._cell(branch, depth + 1)


def _vanishing(branch: Branch) -> frozenset[sp.Symbol]:
    """Values of special functions that are below every power in the corners chosen."""
    corners = [
        c.constraint.corners[c.dominant[0]] for c in branch.choices if isinstance(c.constraint, CornerConstraint)
    ]
    return frozenset(symbol for corner in corners for symbol in corner.vanishing)


def _monomial(term: Term) -> Monomial:
    return term.coefficient, term.unknowns


def _tied(
    choice: Choice,
    values: Mapping[sp.Symbol, Form],
    level: object,
    among: Sequence[int] | None = None,
) -> tuple[int, ...]:
    """Indices of the terms whose exponent equals the dominant one's identically."""
    constraint = choice.constraint
    if isinstance(constraint, CornerConstraint):
        return choice.dominant
    read = POWER.form if level is POWER else LOG.form
    top = read(constraint.terms[choice.dominant[0]]).substitute(values)
    indices = range(len(constraint.terms)) if among is None else among
    return tuple(i for i in indices if not (read(constraint.terms[i]).substitute(values) - top))


def _level_tied(relation: Relation, powers: Mapping[sp.Symbol, Form]) -> bool:
    if relation.order is not Order.LESS:
        return True
    return not (relation.left.power_form() - relation.right.power_form()).substitute(powers)


def _dominance(
    choice: Choice, dominant: tuple[int, ...], powers: Mapping[sp.Symbol, Form], logs: Mapping[sp.Symbol, Form]
) -> Dominance:
    constraint = choice.constraint
    if isinstance(constraint, CornerConstraint):
        return Dominance(constraint.corners[dominant[0]].name, constraint, dominant, ())
    first = constraint.terms[dominant[0]]
    gaps: list[tuple[int, Form, Number]] = []
    for index, term in enumerate(constraint.terms):
        if index not in dominant:
            power = (first.power_form() - term.power_form()).substitute(powers)
            log = (first.log_form() - term.log_form()).substitute(logs)
            gaps.append((index, power, log.constant))
    return Dominance(constraint.label, constraint, dominant, tuple(gaps))
