"""Exact linear programming: is a system of strict and weak inequalities solvable, and a proof of the answer either way.

The simplex method runs on rationals at the point γ₀ of the arena. Its answer is then lifted to the field Q(γ): a point that
satisfies every row, or Farkas multipliers whose combination of the rows is a contradiction, with entries that are
polynomials in γ. Signs of those entries go to the arena, so the answer is proved on a whole chamber and not at γ₀ alone.
`check_infeasibility` and `check_witness` know nothing of the simplex: a proof is worth what the checker says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import flint
import sympy as sp

from .chambers import Arena, NonGenericError
from .exact import Form, Fraction, Number
from .tableau import minimise


class Kind(Enum):
    """What a row demands of its form."""

    EQUAL = "= 0"
    AT_LEAST = ">= 0"
    MORE = "> 0"


@dataclass(frozen=True)
class Row:
    """One demand on exponents: `form` = 0, >= 0 or > 0, with a word on where it comes from."""

    form: Form
    kind: Kind
    origin: str = ""

    def to_sympy(self) -> sp.Rel:
        """The demand as a SymPy relation."""
        relation = {Kind.EQUAL: sp.Eq, Kind.AT_LEAST: sp.Ge, Kind.MORE: sp.Gt}[self.kind]
        return relation(self.form.to_sympy(), 0, evaluate=False)


@dataclass(frozen=True)
class Infeasibility:
    """Farkas certificate: Σ multipliers × forms is a constant that contradicts the rows (claim A2).

    Multipliers of inequalities are >= 0. The constant is < 0; or it is 0 and a strict row has a positive multiplier.
    """

    rows: tuple[Row, ...]
    multipliers: tuple[Number, ...]


@dataclass(frozen=True)
class Witness:
    """A point of exponent space where every row holds, as rational functions of the parameters."""

    point: Mapping[sp.Symbol, Number]


def check_infeasibility(proof: Infeasibility, arena: Arena) -> bool:
    """Whether the multipliers really prove that no point satisfies the rows; independent of how they were found.

    Examples
    --------
    >>> from .exact import Field
    >>> x, ground = sp.Symbol("x"), Field()
    >>> rows = [Row(Form.of(ground, e, [x]), Kind.MORE) for e in (x - 1, -x)]
    >>> arena = Arena(ground, ())
    >>> proof = decide(rows, arena)
    >>> check_infeasibility(proof, arena)
    True
    >>> check_infeasibility(Infeasibility(proof.rows, (ground(1), ground(2))), arena)
    False
    """
    total = Form(arena.field, {}, arena.field.zero)
    strict = False
    for row, multiplier in zip(proof.rows, proof.multipliers, strict=True):
        total = total + row.form.times(multiplier)
        sign = arena.sign(multiplier) if row.kind is not Kind.EQUAL else 0
        if sign < 0:
            return False
        strict |= sign > 0 and row.kind is Kind.MORE
    value = arena.sign(total.constant)
    return total.is_constant and (value < 0 or (value == 0 and strict))


def check_witness(rows: Sequence[Row], witness: Witness, arena: Arena) -> bool:
    """Whether the point really satisfies every row, on the whole chamber."""
    for row in rows:
        if row.form.coefficients.keys() - witness.point.keys():
            return False
        if arena.sign(row.form.value(witness.point)) not in _HOLDS[row.kind]:
            return False
    return True


_HOLDS = {Kind.EQUAL: (0,), Kind.AT_LEAST: (0, 1), Kind.MORE: (1,)}
"""Signs of a form with which a row holds."""


def decide(rows: Sequence[Row], arena: Arena) -> Witness | Infeasibility:
    """A point that satisfies all rows, or a proof that there is none (claims A2, A3).

    Maximises the least slack s <= 1 of the strict rows by the simplex method on the dual, whose optimal basis is lifted
    from the point of the arena to Q(γ).

    Raises
    ------
    NonGenericError
        When the answer at the arena's point is not the one nearby; take another point.
    """
    variables = tuple(dict.fromkeys(v for row in rows for v in row.form.coefficients))
    equal = [row for row in rows if row.kind is Kind.EQUAL]
    demands = [row for row in rows if row.kind is not Kind.EQUAL]
    reduced = _Reduced(variables, equal, arena)
    if reduced.contradiction is not None:
        return _lift_infeasibility([equal[i] for i in reduced.contradiction], arena)
    columns = [reduced.apply(row.form.at(variables, arena.point)) for row in demands]
    strict = [row.kind is Kind.MORE for row in demands]
    basis, feasible = _least_slack(columns, strict, len(reduced.free))
    chosen = [demands[i] for i in basis if i < len(demands)]
    independent = [equal[i] for i in reduced.independent]
    if feasible:
        capped = len(demands) in basis
        return _lift_witness(chosen, independent, capped, rows, variables, arena)
    return _lift_infeasibility([*chosen, *independent], arena)


def _least_slack(columns: Sequence[Sequence[Fraction]], strict: Sequence[bool], free: int) -> tuple[list[int], bool]:
    """The dual: minimise c·λ + λ₀ over λ >= 0 with Σ λ r = 0 and Σ_strict λ + λ₀ = 1; λ₀ is the cap s <= 1.

    Returns the indices of the basis (optimal), or the support of a ray along which the minimum is -∞ (infeasible rows).
    """
    zero, one = flint.fmpq(0), flint.fmpq(1)
    matrix = [[column[k] for column in columns] + [zero] for k in range(free)]
    matrix.append([one if s else zero for s in strict] + [one])
    cost = [column[-1] for column in columns] + [one]
    outcome = minimise(matrix, cost, start=len(columns))
    if outcome.ray is not None:
        return outcome.ray, False
    if outcome.value > 0:
        return outcome.basis, True
    return outcome.support, False


class _Reduced:
    """Rows after eliminating the equalities at the point of the arena; remembers which equalities were independent."""

    def __init__(self, variables: Sequence[sp.Symbol], equal: Sequence[Row], arena: Arena) -> None:
        self.size = len(variables)
        self.echelon: list[tuple[int, list[Fraction]]] = []
        self.independent: list[int] = []
        self.contradiction: list[int] | None = None
        for index, row in enumerate(equal):
            reduced = self._eliminate(row.form.at(variables, arena.point))
            pivot = next((k for k in range(self.size) if reduced[k] != 0), None)
            if pivot is not None:
                self._insert(pivot, reduced)
                self.independent.append(index)
            elif reduced[-1] != 0 and self.contradiction is None:
                self.contradiction = [*self.independent, index]
        taken = {pivot for pivot, _ in self.echelon}
        self.free = [k for k in range(self.size) if k not in taken]

    def _eliminate(self, values: list[Fraction]) -> list[Fraction]:
        for pivot, row in self.echelon:
            factor = values[pivot]
            if factor != 0:
                values = [v - factor * r if r != 0 else v for v, r in zip(values, row)]
        return values

    def _insert(self, pivot: int, values: list[Fraction]) -> None:
        scale = values[pivot]
        values = [v / scale for v in values]
        self.echelon = [
            (p, [a - row[pivot] * b for a, b in zip(row, values)] if row[pivot] != 0 else row)
            for p, row in self.echelon
        ]
        self.echelon.append((pivot, values))

    def apply(self, values: list[Fraction]) -> list[Fraction]:
        """Coefficients in the free variables, then the constant."""
        reduced = self._eliminate(values)
        return [*(reduced[k] for k in self.free), reduced[-1]]


def _lift_infeasibility(rows: Sequence[Row], arena: Arena) -> Infeasibility:
    """Multipliers over Q(γ) for rows whose linear parts have one dependency at γ₀; entries cleared of denominators."""
    variables = tuple(dict.fromkeys(v for row in rows for v in row.form.coefficients))
    zero = arena.field.zero
    matrix = [[row.form.coefficients.get(v, zero) for row in rows] for v in variables]
    kernel = null_vector(matrix, len(rows), arena)
    forward = Infeasibility(tuple(rows), tuple(kernel))
    if check_infeasibility(forward, arena):
        return forward
    backward = Infeasibility(tuple(rows), tuple(-k for k in kernel))
    if check_infeasibility(backward, arena):
        return backward
    raise AssertionError(f"no Farkas certificate from {[row.to_sympy() for row in rows]}")


def null_vector(matrix: list[list[Number]], size: int, arena: Arena) -> list[Number]:
    """The vector v with matrix·v = 0, unique up to a factor, without denominators; NonGenericError if only at γ₀."""
    pivots, reduced = echelon(matrix, size, arena)
    free = [k for k in range(size) if k not in pivots]
    if not free:
        raise AssertionError("independent rows, though dependent at the arena's point where no pivot vanishes")
    vector = [arena.field.zero] * size
    vector[free[-1]] = arena.field.one
    for pivot, row in zip(pivots, reduced):
        vector[pivot] = -row[free[-1]]
    return _clear_denominators(vector, arena)


def echelon(matrix: Sequence[Sequence[Number]], size: int, arena: Arena) -> tuple[list[int], list[list[Number]]]:
    """Reduced row echelon form over Q(γ) with pivots in the first `size` columns, none of which vanishes at the arena's point."""
    plain = _echelon_of_numbers(matrix, size, arena)
    if plain is not None:
        return plain
    rows = [list(row) for row in matrix]
    pivots: list[int] = []
    done: list[list[Number]] = []
    for column in range(size):
        index = _pivot_row(rows, column, arena)
        if index is None:
            continue
        row = rows.pop(index)
        row = [value / row[column] if value else value for value in row]
        rows = [_subtract(other, row, column) for other in rows]
        done = [_subtract(other, row, column) for other in done]
        pivots.append(column)
        done.append(row)
    return pivots, [*done, *rows]


def _echelon_of_numbers(
    matrix: Sequence[Sequence[Number]], size: int, arena: Arena
) -> tuple[list[int], list[list[Number]]] | None:
    """The same by the library's elimination, where no entry holds a parameter and no pivot lies beyond `size`.

    The reduced form is unique, so it does not matter who eliminates; rows that vanish are left out.
    """
    values = [[number.value for number in row] for row in matrix]
    field = arena.field
    if not values or (field.parameters and any(value is None for row in values for value in row)):
        return None
    reduced, rank = flint.fmpq_mat(values).rref()
    rows = reduced.tolist()[:rank]
    pivots = [next(j for j, value in enumerate(row) if value) for row in rows]
    if pivots and pivots[-1] >= size:
        return None
    return pivots, [[Number(field, value) if value else field.zero for value in row] for row in rows]


def _pivot_row(rows: Sequence[Sequence[Number]], column: int, arena: Arena) -> int | None:
    """A row whose entry vanishes neither identically nor at the arena's point (a number before a polynomial)."""
    candidates = [i for i, row in enumerate(rows) if row[column]]
    if not candidates:
        return None
    best = min(candidates, key=lambda i: (not rows[i][column].is_constant, rows[i][column].at(arena.point) == 0))
    if rows[best][column].at(arena.point) == 0:
        raise NonGenericError(rows[best][column].numerator)
    return best


def _subtract(row: list[Number], pivot_row: list[Number], column: int) -> list[Number]:
    factor = row[column]
    if not factor:
        return row
    return [a - factor * b if b else a for a, b in zip(row, pivot_row)]


def _clear_denominators(vector: list[Number], arena: Arena) -> list[Number]:
    """The vector times the least common multiple of its polynomial denominators (plain fractions are left alone)."""
    common = arena.field.context.constant(1)
    for value in vector:
        if value.value is None:
            common = common * (value.denominator / common.gcd(value.denominator))
    if common.is_one():
        return vector
    factor = Number.reduced(arena.field, common, arena.field.context.constant(1))
    return [value * factor for value in vector]


def _lift_witness(
    tight: Sequence[Row],
    equal: Sequence[Row],
    capped: bool,
    rows: Sequence[Row],
    variables: Sequence[sp.Symbol],
    arena: Arena,
) -> Witness:
    """Solve the tight rows (form = s for strict ones, s = 1 if capped) over Q(γ) and check every row."""
    zero, one = arena.field.zero, arena.field.one
    matrix = []
    for row in [*tight, *equal]:
        slack = -one if row.kind is Kind.MORE else zero
        matrix.append([*(row.form.coefficients.get(v, zero) for v in variables), slack, -row.form.constant])
    if capped:
        matrix.append([*(zero for _ in variables), one, one])
    pivots, reduced = echelon(matrix, len(variables) + 1, arena)
    point = dict.fromkeys(variables, zero)
    point.update({variables[p]: row[-1] for p, row in zip(pivots, reduced) if p < len(variables)})
    witness = Witness(point)
    if not check_witness(rows, witness, arena):
        raise AssertionError(f"the simplex point {point} violates {[row.to_sympy() for row in rows]}")
    return witness
