"""The derived laws along the controls of a conjecture: the rows of a phase diagram, put on its path and into its parameters.

A control that goes like factor · large^exponent moves the plane's symbols to given places, at infinity for the limit from
above; its factor changes constants, and takes away the laws that hold on a line of the plane only when the factor is 1.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import sympy as sp

from ..diagrams import BoundaryRow, Diagram, PhaseRow
from ..regions import surely_empty
from ..theory_record import Theory
from .expressions import Monomial, resolve_path, to_sympy
from .grammar import parse_formula
from .nodes import Node
from .removable import value_at
from .statements import Place
from .strata import UnresolvedError


@dataclass(frozen=True)
class DerivedLaw:
    """One row on a path: observable ~ constant · large^exponent (log large)^log where all forms are positive, all `zero` vanish.

    `exponent` may be infinite; where it is None no law is known. `exact_factors` says that the law needs factors of 1, `gap` that
    corrections are not smaller than by this power, whatever the parameters.
    """

    name: str
    positive: tuple[sp.Expr, ...]
    zero: tuple[sp.Expr, ...]
    exponent: sp.Expr | None
    constant: sp.Expr | None
    log: sp.Expr
    exact_factors: bool = False
    between: tuple[str, str] | None = None
    continuous: bool | None = None
    gap: float = 1.0


@dataclass(frozen=True)
class Setting:
    """A theory at the place of a conjecture.

    Parameters
    ----------
    laws : tuple[DerivedLaw, ...]
        Phases and boundaries on the path.
    values : Mapping[str, Expr]
        Controls with a value, words as their numbers.
    path : Mapping[str, Monomial]
        Controls that go with the large parameter.
    assumptions : tuple[str, ...]
        Of the derivation.
    large : str
        The large parameter.
    limits : frozenset[str]
        Controls that are taken to zero from above first.
    """

    laws: tuple[DerivedLaw, ...]
    values: Mapping[str, sp.Expr]
    path: Mapping[str, Monomial]
    assumptions: tuple[str, ...]
    large: str
    limits: frozenset[str]


@cache
def derived_diagram(name: str, parameters: tuple[tuple[str, str], ...] = ()) -> Diagram:
    """The diagram of a theory, once a process and set of parameters."""
    from ..registry import theories

    phases = theories()[name].phases
    assert phases is not None  # files name only theories that have one
    return phases(**dict(parameters))


def symbols_for(
    record: Theory, diagram: Diagram | None, extra: Sequence[str] = (), own: Mapping[str, sp.Symbol] | None = None
) -> dict[str, sp.Symbol]:
    """One symbol a name: that of the diagram where it has one, positive where the domain says so, else real.

    `own` are those of the names of a user's system: another of its diagrams may hold a name that this one does not.
    """
    rows: list[PhaseRow | BoundaryRow] = [] if diagram is None else [*diagram.phases, *diagram.boundaries]
    found: dict[str, sp.Symbol] = {}
    for row in rows:
        for symbol in _free_symbols(row):
            found.setdefault(symbol.name, symbol)
    for name, symbol in (own or {}).items():
        found.setdefault(name, symbol)
    for control in record.controls:
        positive = control.domain.lower >= 0 and not control.domain.words
        found.setdefault(control.name, sp.Symbol(control.name, positive=True if positive else None, real=True))
    for name in extra:
        found.setdefault(name, sp.Symbol(name, real=True))
    return found


def _free_symbols(row: PhaseRow | BoundaryRow) -> set[sp.Symbol]:
    parts = [*(row.region if isinstance(row, PhaseRow) else (*row.along, row.equation))]
    parts += [item for item in (row.exponent, row.constant, row.log) if item is not None]
    return set().union(*(item.free_symbols for item in parts))


def values_at(record: Theory, place: Place, symbols: Mapping[str, sp.Symbol]) -> dict[str, sp.Expr]:
    """Values of the fixed controls; words as the numbers that stand for them."""
    found: dict[str, sp.Expr] = {}
    for name, given in place.controls.items():
        found[name] = to_sympy(given, symbols) if isinstance(given, Node) else sp.Integer(_word(record, name, given))
    return found


def _word(record: Theory, name: str, word: str) -> int:
    numbers = record.scaling.words.get(name)
    if numbers is not None:
        return numbers[word]
    control = next(c for c in record.controls if c.name == name)
    return control.domain.words.index(word)


def settled(place: Place, moving: Collection[str], large: str) -> Place:
    """The place with the constants of its path among the controls, where a control has no exponent in the plane.

    Raises
    ------
    UnresolvedError
        For a parameter that goes with the large one: the laws were derived for fixed values of it.
    """
    still = {name: node for name, node in place.path.items() if name not in moving}
    for name, node in still.items():
        if node.names() & {large, *place.path}:
            raise UnresolvedError(f"no law was derived for a path on which {name} goes with {large}")
    kept = {name: node for name, node in place.path.items() if name in moving}
    return replace(place, path=kept, controls={**place.controls, **still})


def setting(
    record: Theory, place: Place, diagram: Diagram, symbols: Mapping[str, sp.Symbol], fixed: Mapping[str, sp.Expr]
) -> Setting:
    """The diagram's rows at a place, with what the range fixes put in.

    Raises
    ------
    InputError
        For a path that is no power of the large parameter.
    """
    values = {**values_at(record, place, symbols), **fixed}
    known = {symbols[name]: value for name, value in values.items() if name in symbols}
    path = {
        name: Monomial(value_at(item.factor, known), value_at(item.exponent, known))
        for name, item in resolve_path(place.path, diagram.large, symbols).items()
    }
    plane = _plane(record, diagram, path, values, symbols)
    rows: list[DerivedLaw] = []
    listed: list[PhaseRow | BoundaryRow] = [*diagram.phases, *diagram.boundaries]
    for row in listed:
        law = _law(row, plane, {symbols[n]: v for n, v in values.items() if n in symbols})
        rows += [] if law is None else [law]
    # Of two lines at the same exponents the one that is told to its factor comes first: the interpolation peak beside a = 1.
    rows.sort(key=lambda law: law.exact_factors)
    limits = {control for control in record.scaling.exponents if _is_zero(control, path, values)}
    return Setting(tuple(rows), values, path, diagram.assumptions, diagram.large, frozenset(limits))


def _is_zero(control: str, path: Mapping[str, Monomial], values: Mapping[str, sp.Expr]) -> bool:
    return path[control].vanishes if control in path else values.get(control) == 0


@dataclass(frozen=True)
class _PlaneValue:
    """Where a symbol of the plane is (a limit: minus or plus infinity as -1, 1), and the shift that a factor means.

    A control = factor · large^exponent is large^(exponent + log factor/log large): `shift` is the coefficient of
    1/log large in the symbol.
    """

    symbol: sp.Symbol
    value: sp.Expr
    limit: int
    shift: sp.Expr


def _plane(
    record: Theory, diagram: Diagram, path: Mapping[str, Monomial], values: dict[str, sp.Expr],
    symbols: Mapping[str, sp.Symbol],
) -> list[_PlaneValue]:  # fmt: skip
    """The place in the plane, from every control that moves in it."""
    found = []
    for control, text in record.scaling.exponents.items():
        node = parse_formula(text)
        form = to_sympy(node, {**{name: sp.Symbol(name, real=True) for name in node.names()}, **symbols})
        (symbol,) = form.free_symbols
        slope = sp.diff(form, symbol)
        given = path.get(control) or Monomial(values.get(control, symbols[control]), sp.S.Zero)
        if given.vanishes:
            found.append(_PlaneValue(symbol, sp.S.Zero, -int(sp.sign(slope)), sp.S.Zero))
        else:
            value = sp.expand((given.exponent - form.subs(symbol, 0)) / slope)
            found.append(_PlaneValue(symbol, value, 0, sp.log(given.factor) / slope))
    return found


def _law(
    row: PhaseRow | BoundaryRow, plane: Sequence[_PlaneValue], values: Mapping[sp.Symbol, sp.Expr]
) -> DerivedLaw | None:
    """A row at the place; None where it certainly does not reach it. On the edge of a region nothing more is worked out."""
    relations = row.region if isinstance(row, PhaseRow) else (*row.along, row.equation)
    positive, zero = [], []
    if sp.false in relations:  # what the numbers that were put in exclude
        return None
    for relation in relations:
        if relation == sp.true:
            continue
        if isinstance(relation, sp.Equality):
            zero += [_placed(part, plane, values) for part in _parts(relation.lhs - relation.rhs, plane)]
        else:
            positive.append(_placed(relation.gts - relation.lts, plane, values))
    if any(f.is_number and f.is_negative for f in positive) or any(f.is_number and f.is_nonzero for f in zero):
        return None
    if sp.nan in positive or sp.nan in zero:
        raise UnresolvedError("several controls go to zero, and which of them first decides what holds")
    if any(f == 0 for f in positive):
        # On the edge others may have no value: rate**(-1/(power - 1)) at power = 1.
        edge, line = (tuple(f for f in forms if not f.has(sp.nan, sp.zoo)) for forms in (positive, zero))
        return DerivedLaw(row.name or "boundary", edge, line, None, None, sp.S.Zero)
    if surely_empty(positive, zero):
        return None  # not even on the edge: and its constant may be singular, with a limit that takes seconds
    lines = [f for r in relations if isinstance(r, sp.Equality) for f in [r.lhs - r.rhs] if not _large_in(f)]
    exact = any(item.shift != 0 and any(line.has(item.symbol) for line in lines) for item in plane)
    exponent = None if row.exponent is None else _exponent(row.exponent, plane, values)
    name = row.name or " | ".join(row.between) if isinstance(row, BoundaryRow) else row.name
    between = row.between if isinstance(row, BoundaryRow) else None
    continuous = row.continuous if isinstance(row, BoundaryRow) else None
    log = sp.S.Zero if row.log is None else sp.sympify(row.log)
    return DerivedLaw(
        name, tuple(positive), tuple(zero), exponent, _constant(row, plane, values), _placed(log, plane, values), exact,
        between, continuous, row.gap if isinstance(row, PhaseRow) else 1.0,
    )  # fmt: skip


def _large_in(form: sp.Expr) -> set[sp.Symbol]:
    """The large parameter, where a line of the plane is told to its factor: a = 1 - log(4)/log(dim)."""
    return {log.args[0] for log in form.atoms(sp.log) if log.args[0].is_Symbol}


def _parts(form: sp.Expr, plane: Sequence[_PlaneValue]) -> list[sp.Expr]:
    """What vanishes on a line: its exponents; and where it is told to its factor, the coefficient of 1/log large as well."""
    large = _large_in(form)
    if not large:
        return [form]
    pace = sp.log(*large)
    offset = sp.expand(form.coeff(1 / pace) if form.is_Add else sp.S.Zero)
    bare = sp.expand(form - offset / pace)
    moved = sum((sp.diff(bare, item.symbol) * item.shift for item in plane if not item.limit), offset)
    return [bare, sp.expand(moved)]


def _placed(form: sp.Expr, plane: Sequence[_PlaneValue], values: Mapping[sp.Symbol, sp.Expr]) -> sp.Expr:
    """A form at the place; infinitely far out its sign, as 1 or -1."""
    form = sp.sympify(form)
    # Infinitely far out the slope decides; where it vanishes the form does too, and no law is taken from there.
    slopes = {item.symbol: sp.diff(form, item.symbol).subs(values) * item.limit for item in plane if item.limit}
    steep = [slope if slope.free_symbols else sp.sign(slope) for slope in slopes.values() if slope != 0]
    if len(set(steep)) > 1 or (len(steep) > 1 and steep[0].free_symbols):
        return sp.nan  # nothing says which control goes to zero first, and it matters
    if steep:
        return steep[0]
    here = {item.symbol: item.value for item in plane if not item.limit}
    return form.subs(values).subs(here, simultaneous=True).subs(values)


def _exponent(form: sp.Expr, plane: Sequence[_PlaneValue], values: Mapping[sp.Symbol, sp.Expr]) -> sp.Expr | None:
    """The exponent at the place; infinite where it grows without bound on the way to the limit, None where that is open."""
    slopes = [sp.diff(form, item.symbol) * item.limit for item in plane if item.limit]
    steep = {sp.sign(slope) if slope.is_number else None for slope in slopes if slope != 0}
    if steep:
        (first, *others) = steep
        return None if others or first is None else first * sp.oo
    return sp.expand(_placed(form, plane, values)) if form.is_finite is not False else form


def _constant(
    row: PhaseRow | BoundaryRow, plane: Sequence[_PlaneValue], values: Mapping[sp.Symbol, sp.Expr]
) -> sp.Expr | None:
    """The constant with what the factors of the controls make of it: large^(e · log f/log large) = f^e."""
    if row.constant is None or row.exponent is None:
        return None
    constant = sp.sympify(row.constant)
    if any(item.limit and constant.has(item.symbol) for item in plane):
        return None
    here = {item.symbol: item.value for item in plane if not item.limit}
    put = _put(constant, values)
    if put is None:
        return None
    constant = put.subs(here, simultaneous=True).subs(values)
    for item in plane:
        if not item.limit and item.shift != 0:
            slope = sp.diff(row.exponent, item.symbol).subs(values)
            constant *= sp.exp(sp.expand(slope * item.shift)).simplify()
    return constant


def _put(constant: sp.Expr, values: Mapping[sp.Symbol, sp.Expr]) -> sp.Expr | None:
    """Values of parameters in a constant; at a removable singularity the limit, None where SymPy finds none."""
    for symbol, value in values.items():
        given = constant.subs(symbol, value)
        if given.has(sp.nan, sp.zoo):
            try:
                given = sp.limit(constant, symbol, value)
            except (NotImplementedError, ValueError):
                return None
            if given.has(sp.nan, sp.zoo, sp.oo, -sp.oo, sp.Limit):
                return None
        constant = given
    return constant
