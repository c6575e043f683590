"""Exact questions about stated regions: are they empty, and do they stay where a derivation holds. Nothing is sampled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, count, islice

import sympy as sp

from scalecheck.theory.asymptotics.chambers import Arena, ParameterDomain, explore
from scalecheck.theory.asymptotics.exact import Field, Form, Fraction, Number, Polynomial, fraction
from scalecheck.theory.asymptotics.linear_programming import Kind, Row, Witness, decide

Point = dict[str, sp.Expr]

PLAIN = tuple(map(sp.Rational, ("1", "2", "1/2", "3", "3/2", "1/3", "4", "2/3", "5")))
"""Values at which parameters are tried first."""
MOST_TRIED = 80
LEAST_PARAMETERS = 2
"""With one parameter the chambers are intervals, and cheap."""
MOST_PRODUCTS = 120
"""Of two conditions each, beyond which no further ones are combined."""

STRICT = (sp.StrictGreaterThan, sp.StrictLessThan)
KINDS = {sp.GreaterThan: Kind.AT_LEAST, sp.LessThan: Kind.AT_LEAST, sp.Equality: Kind.EQUAL}


def common_point(relations: Sequence[sp.Basic], plane: Sequence[str]) -> Point | None:
    """A point that satisfies all relations, or None if it is proved that there is none.

    Parameters
    ----------
    relations : sequence of sympy relations
        Inequalities, strict or not, and equations. Affine in all their symbols, or else affine in those named in
        `plane` with coefficients in the others, whose own relations must then be strict inequalities.
    plane : sequence of str
        Names of the control exponents.

    Returns
    -------
    dict or None
        Exact coordinates by name. Symbols that SymPy knows to be positive are.

    Raises
    ------
    ValueError
        For relations that are not of this kind: then nothing is decided.

    Examples
    --------
    >>> a, b = sp.symbols("a b", real=True)
    >>> common_point([a > 1, a < b, b < 1], ["a", "b"]) is None
    True
    >>> common_point([a >= 1, a <= 1], ["a"])
    {'a': 1}
    """
    found = _common_point(tuple(relations), tuple(plane))
    return None if found is None else dict(found)


@lru_cache(maxsize=4096)
def _common_point(relations: tuple[sp.Basic, ...], plane: tuple[str, ...]) -> Point | None:
    """The same, once: the conjectures of a file, and the claims of a theory, are about few regions and many laws."""
    flat = [part for item in relations for part in (item.args if isinstance(item, sp.And) else (item,))]
    if any(item == sp.false for item in flat):
        return None
    kept = [item for item in flat if item != sp.true]
    symbols = sorted(set().union(*(item.free_symbols for item in kept)), key=lambda symbol: symbol.name)
    try:
        if all(_affine(item, symbols) for item in kept):
            return _joint(kept, symbols)
        return _by_chambers(kept, symbols, plane)
    except (TypeError, AttributeError) as error:  # no relation, or not affine
        raise ValueError(
            f"ranges are decided whose relations are linear in exponents and rational in parameters; {error}"
        ) from error


def surely_empty(forms: Sequence[sp.Expr], zero: Sequence[sp.Expr] = ()) -> bool:
    """Whether the affine ones among the forms cannot all be >= 0 where those of `zero` vanish; a quick answer, one way only.

    Examples
    --------
    >>> x, y = sp.symbols("x y", real=True)
    >>> surely_empty([x - 1, -x, x * y]), surely_empty([x - 1, x * y, -x * y - 1]), surely_empty([x, -x])
    (True, False, False)
    """
    kept = [*(sp.Ge(f, 0) for f in forms if _is_affine(f)), *(sp.Eq(f, 0) for f in zero if _is_affine(f))]
    try:
        return common_point(kept, ()) is None
    except ValueError:  # coefficients that are not rational
        return False


def _is_affine(form: sp.Expr) -> bool:
    symbols = sorted(form.free_symbols, key=str)
    return bool(symbols) and bool(form.is_polynomial(*symbols)) and sp.Poly(form, *symbols).total_degree() <= 1


def leaves(stated: Sequence[sp.Basic], derived: Sequence[sp.Basic], plane: Sequence[str]) -> Point | None:
    """A point of the stated region at which a derived strict inequality fails, or None if it is proved that none is.

    A stated region that only touches the wall of the derived one leaves it: on walls there are other laws.

    Examples
    --------
    >>> a, b = sp.symbols("a b", real=True)
    >>> leaves([a > 1, b < 0], [a > 0], ["a", "b"]) is None
    True
    >>> leaves([a > 0], [a > 1], ["a"])
    {'a': 1}
    >>> leaves([a >= 1], [a > 1], ["a"])
    {'a': 1}
    """
    said = {canonical(item) for item in stated if isinstance(item, STRICT)}
    for relation in derived:
        if canonical(relation) in said:
            continue
        point = common_point([*stated, relation.gts <= relation.lts], plane)
        if point is not None:
            return point
    return None


def canonical(relation: sp.Basic) -> sp.Expr:
    """What a strict inequality says is positive, up to a positive number."""
    content, primitive = sp.expand(relation.gts - relation.lts).as_content_primitive()
    return sp.expand(primitive * sp.sign(content))


def _affine(relation: sp.Basic, symbols: Sequence[sp.Symbol]) -> bool:
    form = sp.expand(relation.lhs - relation.rhs)
    return bool(form.is_polynomial(*symbols)) and int(sp.Poly(form, *symbols).total_degree()) <= 1


def _row(relation: sp.Basic, arena: Arena, variables: Sequence[sp.Symbol]) -> Row:
    kind = Kind.MORE if isinstance(relation, STRICT) else KINDS[type(relation)]
    form = relation.lhs - relation.rhs if kind is Kind.EQUAL else relation.gts - relation.lts
    return Row(Form.of(arena.field, form, variables), kind, "stated")


def _joint(relations: Sequence[sp.Basic], symbols: Sequence[sp.Symbol]) -> Point | None:
    """All symbols as coordinates of one rational linear programme."""
    arena = Arena(Field(), ())
    return _solved([_row(item, arena, symbols) for item in relations], symbols, arena)


def _solved(stated: Sequence[Row], symbols: Sequence[sp.Symbol], arena: Arena) -> Point | None:
    """A point on which all rows hold, with the signs that the symbols have."""
    rows = list(stated)
    for symbol in symbols:
        if symbol.is_nonnegative:
            kind = Kind.MORE if symbol.is_positive else Kind.AT_LEAST
            rows.append(Row(Form.of(arena.field, symbol, symbols), kind, "sign"))
    answer = decide(rows, arena)
    if not isinstance(answer, Witness):
        return None
    return {s.name: answer.point[s].to_sympy() if s in answer.point else sp.S.Zero for s in symbols}


def _by_chambers(relations: Sequence[sp.Basic], symbols: Sequence[sp.Symbol], plane: Sequence[str]) -> Point | None:
    """The plane's symbols as coordinates, the others as parameters on which the answer is found chamber by chamber."""
    variables = [symbol for symbol in symbols if symbol.name in plane]
    parameters = [symbol for symbol in symbols if symbol.name not in plane]
    of_parameters = [item for item in relations if not item.free_symbols & set(variables)]
    of_plane = [item for item in relations if item not in of_parameters]

    def inside(arena: Arena) -> Point | None:
        signs = [Row(Form.of(arena.field, v, variables), Kind.MORE, "sign") for v in variables if v.is_positive]
        answer = decide([*(_row(item, arena, variables) for item in of_plane), *signs], arena)
        if not isinstance(answer, Witness):
            return None
        values = dict(zip(parameters, map(_rational, arena.point), strict=True))
        place = {v.name: answer.point[v].to_sympy().subs(values) if v in answer.point else sp.S.Zero for v in variables}
        return {**place, **{symbol.name: value for symbol, value in values.items()}}

    quick = _at_plain_numbers(of_parameters, of_plane, parameters, variables)
    if quick is not None:
        return quick
    if _empty_by_products(relations, symbols):
        return None
    chambers = explore(ParameterDomain.of(parameters, of_parameters), inside, located=False)
    return next((chamber.outcome for chamber in chambers if chamber.outcome is not None), None)


def _at_plain_numbers(
    of_parameters: Sequence[sp.Basic], of_plane: Sequence[sp.Basic], parameters: Sequence[sp.Symbol],
    variables: Sequence[sp.Symbol],
) -> Point | None:  # fmt: skip
    """A point whose parameters are plain numbers, if one is soon found: the chambers of many parameters take minutes."""
    if len(parameters) < LEAST_PARAMETERS:
        return None
    tried = islice((ranks for total in count() for ranks in _ranks(len(parameters), total)), MOST_TRIED)
    places = ([PLAIN[rank] for rank in ranks] for ranks in tried)
    try:
        conditions = _Conditions.of(of_parameters, of_plane, parameters, variables)
    except TypeError:  # no rational functions: at a number they may be
        return _by_substitution(of_parameters, of_plane, parameters, variables, places)
    return next(filter(None, map(conditions.point_over, places)), None)


@dataclass(frozen=True)
class _Conditions:
    """Relations as rows with coefficients in the parameters, which are read once and then have a value at any numbers."""

    parameters: tuple[sp.Symbol, ...]
    variables: tuple[sp.Symbol, ...]
    positive: tuple[Number, ...]
    rows: tuple[Row, ...]

    @classmethod
    def of(
        cls, of_parameters: Sequence[sp.Basic], of_plane: Sequence[sp.Basic], parameters: Sequence[sp.Symbol],
        variables: Sequence[sp.Symbol],
    ) -> _Conditions:  # fmt: skip
        """TypeError for what is not rational in the parameters and affine in the variables, and for weak relations of the former."""
        arena = Arena(Field(parameters), ())
        if not all(isinstance(item, STRICT) for item in of_parameters):
            raise TypeError("relations of parameters that are not strict")
        positive = tuple(arena.field(item.gts - item.lts) for item in of_parameters)
        return cls(tuple(parameters), tuple(variables), positive, tuple(_row(i, arena, variables) for i in of_plane))

    def point_over(self, values: Sequence[sp.Rational]) -> Point | None:
        """A point with these values of the parameters; none where a coefficient has none."""
        place, arena = [*map(fraction, values)], Arena(Field(), ())
        try:
            if any(number.at(place) <= 0 for number in self.positive):
                return None
            there = [Row(self._there(row.form, place, arena.field), row.kind) for row in self.rows]
        except ZeroDivisionError:
            return None
        found = _solved([row for row in there if not self._goes_without_saying(row)], self.variables, arena)
        return None if found is None else {**found, **{s.name: v for s, v in zip(self.parameters, values, strict=True)}}

    def _there(self, form: Form, place: Sequence[Fraction], field: Field) -> Form:
        *slopes, constant = map(field, form.at(self.variables, place))
        return Form(field, dict(zip(self.variables, slopes, strict=True)), constant)

    def _goes_without_saying(self, row: Row) -> bool:
        """Whether it holds by the signs of the symbols: a sum of what is positive."""
        terms = row.form.coefficients
        signed = all(v.is_positive and c.at(()) > 0 for v, c in terms.items()) and row.form.constant.at(()) >= 0
        return signed and row.kind is not Kind.EQUAL and bool(row.form)


def _by_substitution(
    of_parameters: Sequence[sp.Basic], of_plane: Sequence[sp.Basic], parameters: Sequence[sp.Symbol],
    variables: Sequence[sp.Symbol], places: Iterable[Sequence[sp.Rational]],
) -> Point | None:  # fmt: skip
    """The same for relations that SymPy has to read anew at every place."""
    for numbers in places:
        values = dict(zip(parameters, numbers, strict=True))
        if any(item.subs(values) != sp.true for item in of_parameters):
            continue
        there = [item.subs(values) for item in of_plane]
        if sp.false in there:
            continue
        found = _joint([item for item in there if item != sp.true], variables)
        if found is not None:
            return {**found, **{symbol.name: value for symbol, value in values.items()}}
    return None


def _ranks(length: int, total: int) -> Iterator[tuple[int, ...]]:
    """Places in the list of plain numbers that add up to a total, one for each parameter; none are listed beforehand.

    Examples
    --------
    >>> list(_ranks(2, 1)), list(islice(_ranks(30, 1), 1))[0][:2]
    ([(0, 1), (1, 0)], (0, 0))
    """
    if length == 1:
        yield from [(total,)] if total < len(PLAIN) else []
        return
    for first in range(min(total, len(PLAIN) - 1) + 1):
        yield from ((first, *rest) for rest in _ranks(length - 1, total - first))


def _empty_by_products(relations: Sequence[sp.Basic], symbols: Sequence[sp.Symbol]) -> bool:
    """Whether linear combinations of what is positive, and of products of two of it, show that nothing satisfies all of it.

    Every monomial counts as a coordinate of its own, so a yes is a proof, and a no says nothing.

    Examples
    --------
    >>> a, b, s = sp.symbols("a b s", positive=True)
    >>> _empty_by_products([a * s > b, b > 2 * a * s], [a, b, s]), _empty_by_products([a > b, s > 1, b * s > a * s], [a, b, s])
    (True, True)
    >>> _empty_by_products([a * s > b, 2 * b > a * s], [a, b, s])
    False
    """
    strict = [sp.expand(item.gts - item.lts) for item in relations if isinstance(item, STRICT)]
    strict += [symbol for symbol in symbols if symbol.is_positive]
    if not all(form.is_polynomial(*symbols) for form in strict):
        return False
    ground, arena = Field(symbols), Arena(Field(), ())
    numbers = [ground(form) for form in strict if form.free_symbols]
    # whole polynomials: their denominators are positive numbers
    positive = [number.numerator for number in numbers]
    pairs = [one * two for one, two in islice(combinations(positive, 2), MOST_PRODUCTS)]
    names: dict[tuple[int, ...], sp.Symbol] = {}
    rows = [Row(_in_monomials(form, arena.field, names), Kind.MORE, "product") for form in (*positive, *pairs)]
    return not isinstance(decide(rows, arena), Witness)


def _in_monomials(polynomial: Polynomial, field: Field, names: dict[tuple[int, ...], sp.Symbol]) -> Form:
    """A polynomial as a form in its monomials, for each of which there is a name."""
    terms = {tuple(map(int, powers)): field(int(c)) for powers, c in polynomial.to_dict().items()}
    constant = terms.pop((0,) * polynomial.context().nvars(), field.zero)
    for powers in terms:
        if powers not in names:
            names[powers] = sp.Dummy()
    return Form(field, {names[powers]: c for powers, c in terms.items()}, constant)


def _rational(value: object) -> sp.Rational:
    return sp.Rational(int(value.p), int(value.q))  # type: ignore[attr-defined]  # a flint fraction
