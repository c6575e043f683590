"""The stated range of a conjecture as strata, inside the domain of its theory; and everything a claim is compared on."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import sympy as sp

from ..controls import Control
from ..diagrams import Diagram
from ..theory_record import Theory
from .comparing import poles
from .derived import DerivedLaw, Setting, derived_diagram, setting, symbols_for
from .expressions import Monomial, positive_form, to_sympy
from .nodes import Relation
from .pieces import Piece, divide, each_once
from .statements import Place
from .strata import ROOT, Point, Stratum, UnresolvedError, restricted

OnWall = Callable[[Mapping[str, sp.Symbol], Setting, Stratum], tuple[list[DerivedLaw], str]]
"""The laws of a system on a wall of the range, derived there; and why there are none."""


LISTED = 240
"""Characters of the hypotheses that a reason lists."""


class NotApplicableError(ArithmeticError):
    """The range is empty, or leaves the domain of the theory."""


@dataclass(frozen=True)
class Ground:
    """What is known where a conjecture speaks: the theory, its laws on the path, the range, and which law holds where.

    Parameters
    ----------
    record, diagram, setting
        Whose laws, and how they look at this place.
    symbols : Mapping[str, Symbol]
        By name.
    strata : tuple[Stratum, ...]
        The range inside the domain.
    pieces : tuple[Piece, ...]
        The same, divided by laws.
    fixed : Mapping[str, Expr]
        Controls with a value.
    taken : tuple[str, ...]
        What was understood without being said: domains of parameters that are not mentioned.
    spread : float
        Decades that the constants of a user's equations span.
    edges : tuple[Piece, ...]
        The parts of the stated range on edges of the domain, where no law was derived; among the pieces, not the strata.
    """

    record: Theory
    diagram: Diagram
    setting: Setting
    symbols: Mapping[str, sp.Symbol]
    strata: tuple[Stratum, ...]
    pieces: tuple[Piece, ...]
    fixed: Mapping[str, sp.Expr]
    taken: tuple[str, ...]
    spread: float = 0.0
    edges: tuple[Piece, ...] = ()


def names_in(where: Sequence[Relation]) -> list[str]:
    """Every name that the range mentions."""
    return sorted(frozenset[str]().union(*(link.names() for link in where)))


def fixed_by(where: Sequence[Relation], controls: Sequence[str]) -> dict[str, sp.Expr]:
    """Controls that the range sets to a number, such as noise = 1."""
    found: dict[str, sp.Expr] = {}
    for link in where:
        for one, other in ((link.left, link.right), (link.right, link.left)):
            if link.sign == "=" and one.kind == "name" and one.value in controls and not other.names():
                found.setdefault(str(one.value), to_sympy(other, {}))
    return found


def ground_of(
    record: Theory, place: Place, where: Sequence[Relation], diagram: Diagram | None = None,
    domain: Sequence[Relation] = (), on_wall: OnWall | None = None, own_symbols: Mapping[str, sp.Symbol] | None = None,
) -> Ground:  # fmt: skip
    """Everything that is known on the range of a conjecture.

    `diagram`, `domain`, `on_wall` and `own_symbols` are given for systems, whose parameters have relations for a domain and
    not boxes, and which are derived again on walls.

    Raises
    ------
    NotApplicableError
        If the range is empty or leaves the domain.
    UnresolvedError
        If it cannot be decided exactly.
    """
    own_diagram, diagram = diagram is not None, diagram or derived_diagram(record.name)
    symbols = symbols_for(record, diagram, names_in(where), own_symbols)
    fixed = fixed_by(where, [c.name for c in record.controls if c.name not in place.controls])
    at_place = setting(record, place, diagram, symbols, fixed)
    values = {symbols[name]: value for name, value in at_place.values.items()}
    free = [
        c for c in record.controls
        if c.name not in (diagram.large, *record.scaling.held, *place.path, *at_place.values)
    ]  # fmt: skip
    own = [symbols[name] for name in names_in(where) if name not in {c.name for c in record.controls}]
    variables = (*own, *(symbols[c.name] for c in free))
    start = _without_roots(
        variables, frozenset(own), [form for law in at_place.laws for form in (*law.positive, *law.zero)]
    )
    strata = _range(start, where, symbols, values)
    _require_signs(record, where, symbols, values, place, domain)
    mentioned = {*names_in(where), *at_place.values}
    strata, edges, taken = _inside_domain(record, strata, symbols, values, place, mentioned, at_place)
    strata = _inside_relations(strata, domain, symbols, values, at_place, mentioned)
    _sound_path(strata, at_place, values)
    pieces = [piece for stratum in strata for piece in divide(stratum, at_place.laws)]
    if on_wall is None:
        pieces = [known for piece in pieces for known in _specialised(record, place, symbols, fixed, piece)]
    else:
        pieces = [known for piece in pieces for known in _on_wall(on_wall, symbols, at_place, piece)]
    outside = next((piece for piece in pieces if piece.outside), None)
    if outside is not None and not own_diagram:
        raise NotApplicableError(f"the range leaves the theory's domain: {told(outside.stratum.point())}")
    whole = (*each_once(pieces), *edges)
    return Ground(
        record, diagram, at_place, symbols, tuple(strata), whole, at_place.values, tuple(taken), edges=tuple(edges)
    )


def _without_roots(variables: Sequence[sp.Symbol], own: frozenset[sp.Symbol], forms: Sequence[sp.Expr]) -> Stratum:
    """All values of the variables; where roots of one occur, a root of it is the variable, and walls are polynomials."""
    kept: list[sp.Symbol] = []
    values: dict[sp.Symbol, sp.Expr] = {}
    for variable in variables:
        powers = [power.exp for form in forms for power in form.atoms(sp.Pow) if power.base == variable]
        degree = math.lcm(*(int(power.q) for power in powers if power.is_Rational))
        if degree > 1 and variable.is_positive:
            root = sp.Symbol(f"{ROOT}{degree}_of_{variable.name}", positive=True)
            kept.append(root)
            values[variable] = root**degree
        else:
            kept.append(variable)
    return Stratum(tuple(kept), (), values, own)


def _range(
    start: Stratum, where: Sequence[Relation], symbols: Mapping[str, sp.Symbol], values: Mapping[sp.Symbol, sp.Expr]
) -> list[Stratum]:
    strata = [start]
    forms = [positive_form(link, symbols) for link in where]
    for form, kind in sorted(forms, key=lambda pair: pair[1] != "="):  # equations first: fewer variables
        strata = restricted(strata, form.subs(values), kind)
    if not strata:
        hypotheses = textwrap.shorten(", ".join(dict.fromkeys(link.text() for link in where)), LISTED)
        raise NotApplicableError(f"nothing satisfies the hypotheses: the range is empty ({hypotheses})")
    return strata


def _require_signs(
    record: Theory, where: Sequence[Relation], symbols: Mapping[str, sp.Symbol], values: Mapping[sp.Symbol, sp.Expr],
    place: Place, domain: Sequence[Relation],
) -> None:  # fmt: skip
    """The range as it is written, in symbols that know no sign: -1 < source < 3 leaves a domain of positive numbers."""
    plain = {name: sp.Symbol(name, real=True) for name in symbols}
    swap = {symbol: plain[name] for name, symbol in symbols.items()}
    known = {swap[symbol]: value.subs(swap) for symbol, value in values.items()}
    free = [plain[name] for name in names_in(where) if plain[name] not in known]
    try:
        strata = _range(Stratum(tuple(free)), where, plain, known)
        for control in record.controls:
            if plain.get(control.name) in free and control.name not in place.path and control.domain.lower != -math.inf:
                _require_inside(strata, plain[control.name] - exact(control.domain.lower), control)
        for link in domain:
            _require_alone(where, link, plain, place)
    except UnresolvedError:
        return  # what the signs of the symbols do not settle is asked for again below


def _inside_domain(
    record: Theory, strata: list[Stratum], symbols: Mapping[str, sp.Symbol], values: Mapping[sp.Symbol, sp.Expr],
    place: Place, mentioned: set[str], at_place: Setting,
) -> tuple[list[Stratum], list[Piece], list[str]]:  # fmt: skip
    """The range inside the domain of every control; its edges, on which no law was derived, apart."""
    edges: list[Piece] = []
    taken: list[str] = []
    for control in record.controls:
        if control.name in place.path or control.domain.words or control.domain.lower == -sp.oo:
            continue
        if control.name in (at_place.large, *at_place.limits, *record.scaling.held):
            continue
        form = symbols[control.name].subs(values) - exact(control.domain.lower)
        if control.name in mentioned:
            for part in strata:
                poles(part, form)
            _require_inside(strata, form, control)
            for part in strata:
                reason = f"no law was derived on the edge {control.name} = {control.domain.lower:g} of the domain"
                edges += [Piece(zero, None, reason) for zero in restricted([part], form, "=")]
        else:
            taken.append(f"{control.name} not mentioned in the range: every {control.name} > {control.domain.lower:g}")
        strata = restricted(strata, form, ">")
    if not strata and not edges:
        raise NotApplicableError("nothing satisfies the hypotheses inside the theory's domain")
    return strata, edges, taken


def _sound_path(strata: Sequence[Stratum], at_place: Setting, values: Mapping[sp.Symbol, sp.Expr]) -> None:
    """Factors on a path must be positive, and exponents finite, on the whole range."""
    for name, monomial in at_place.path.items():
        factor, exponent = monomial.factor.subs(values), monomial.exponent.subs(values)
        for part in strata:
            poles(part, exponent)
            poles(part, factor)
            if monomial.vanishes or factor.is_positive:
                continue
            beyond = part.possible(-factor) or next(iter(part.zeros(factor)), None)
            if beyond is not None:
                raise NotApplicableError(f"the path of {name} is not positive at {told(beyond.point())}")


def _inside_relations(
    strata: list[Stratum], domain: Sequence[Relation], symbols: Mapping[str, sp.Symbol],
    values: Mapping[sp.Symbol, sp.Expr], at_place: Setting, mentioned: set[str],
) -> list[Stratum]:  # fmt: skip
    """The range inside a domain of relations: required of names that the range mentions, understood of the others."""
    for link in domain:
        form, kind = positive_form(link, symbols)
        form = form.subs(values)
        moving = link.names() & set(at_place.path)
        if moving:
            monomials = {symbols[name]: at_place.path[name] for name in moving}
            powers = {
                symbol: _sign_on(strata, monomial.exponent.subs(values)) for symbol, monomial in monomials.items()
            }
            found = _eventually(form, monomials, powers, link)
            if found is None:
                continue
            form = found
        if link.names() <= {*mentioned, *moving}:
            _require_relation(strata, form, kind, link)
        strata = restricted(strata, form, kind)
    return strata


def _require_alone(
    where: Sequence[Relation], link: Relation, plain: Mapping[str, sp.Symbol], place: Place
) -> None:  # fmt: skip
    """A relation of a domain about one name, against what the range says of that name and of those that it hangs on.

    Where equations alone speak of them, c = p, they name something, and bound nothing; and where an inequality sets another
    name beside it, s < 1/(1 + b), it is that one which is bounded, under whose name it stands.
    """
    if len(link.names()) != 1 or link.names() & set(place.path):
        return
    names = _tied(where, link.names())
    about = [other for other in where if other.names() and other.names() <= names]
    if not any(other.sign != "=" or len(other.names()) == 1 for other in about):
        return
    strata = _range(Stratum(tuple(plain[name] for name in sorted(names))), about, plain, {})
    _require_relation(strata, *positive_form(link, plain), link)


def _tied(where: Sequence[Relation], names: frozenset[str], own: frozenset[str] | None = None) -> frozenset[str]:
    """The names, all that equations of the range tie to them, and those by which they are bounded, as a by b in a = "b < a".

    What has no range of its own there bounds nothing directly: of q in p = "p >= q" the domain is understood.
    """
    own = names if own is None else own
    ranged = {other.about for other in where}
    for other in where:
        bounded = other.about in names and (other.about not in own or other.names() - own <= ranged)
        tied = bounded or (other.sign == "=" and other.names() & names)
        if tied and not other.names() <= names:
            return _tied(where, names | other.names(), own)
    return names


def _require_relation(strata: Sequence[Stratum], form: sp.Expr, kind: str, link: Relation) -> None:
    for part in strata:
        beyond = part.possible(-form) or (next(iter(part.zeros(form)), None) if kind == ">" else None)
        if beyond is not None:
            where = told(beyond.point())
            raise NotApplicableError(f"the range leaves the domain {link.text()} of the system at {where}")


def _sign_on(strata: Sequence[Stratum], value: sp.Expr) -> int | None:
    """The sign of an exponent, if it is one on the whole range."""
    for sign in (1, -1):
        if all(part.possible(-sign * value) is None and not list(part.zeros(value)) for part in strata):
            return sign
    return 0 if value == 0 else None


def _eventually(
    form: sp.Expr, moving: Mapping[sp.Symbol, Monomial], powers: Mapping[sp.Symbol, int | None], link: Relation
) -> sp.Expr | None:
    """A relation for controls on a path, once the large parameter is large enough; None where it always holds.

    `powers` are the signs of their exponents.

    Raises
    ------
    UnresolvedError
        If that depends on more than constants.
    """
    if all(form == symbol or monomial.exponent == 0 for symbol, monomial in moving.items()):
        positive = all(form == symbol for symbol in moving)
        return None if positive else form.subs({symbol: monomial.factor for symbol, monomial in moving.items()})
    if len(moving) == 1:
        (symbol,) = moving
        slope = sp.diff(form, symbol)
        if slope.is_number and powers[symbol]:
            return slope if powers[symbol] == 1 else form.subs(symbol, 0)
    raise UnresolvedError(f"whether the path stays in the domain {link.text()} cannot be told")


def _require_inside(strata: Sequence[Stratum], form: sp.Expr, control: Control) -> None:
    for part in strata:
        beyond = next(iter(restricted([part], -form, ">=" if control.domain.lower_open else ">")), None)
        if beyond is not None:
            where = told(beyond.point())
            raise NotApplicableError(
                f"the range leaves the theory's domain: {control.name} is {control.domain.describe()}, not {where}"
            )


def exact(number: float) -> sp.Rational:
    """A number of a record as the decimal it was written as."""
    return sp.Rational(repr(float(number)))


def told(point: Point | None) -> str:
    """A point in words."""
    shown = {name: value for name, value in (point or {}).items() if not name.startswith(ROOT)}
    return ", ".join(f"{name} = {value}" for name, value in sorted(shown.items())) or "the one point there is"


def _specialised(
    record: Theory, place: Place, symbols: Mapping[str, sp.Symbol], fixed: Mapping[str, sp.Expr], piece: Piece
) -> list[Piece]:
    """A piece without a law, once more with the diagram derived at the numbers that parameters have on it."""
    if piece.law is not None or piece.outside:
        return [piece]
    numbers = {
        name: piece.stratum.values.get(symbols[name], fixed.get(name))
        for name in record.phase_parameters if name in symbols
    }  # fmt: skip
    given = {name: value for name, value in numbers.items() if value is not None and value.is_Rational}
    if not given:
        return [piece]
    diagram = derived_diagram(record.name, tuple(sorted((name, str(value)) for name, value in given.items())))
    own = {**symbols_for(record, diagram), **symbols}
    at_numbers = setting(record, place, diagram, own, fixed)
    put = {symbols[name]: value for name, value in given.items()}
    start = Stratum(
        piece.stratum.variables, piece.stratum.positive, {**piece.stratum.values, **put}
    )  # the numbers are in the stratum already where an equation put them there
    try:
        return divide(start, at_numbers.laws)
    except UnresolvedError:
        return [piece]


def _on_wall(derive: OnWall, symbols: Mapping[str, sp.Symbol], at_place: Setting, piece: Piece) -> list[Piece]:
    """A wall without a law, divided by the laws that are derived on it; as it is where there are none."""
    if piece.law is not None:
        return [piece]
    laws, reason = derive(symbols, at_place, piece.stratum)
    if not laws:
        return [replace(piece, reason=f"{piece.reason}, and none was derived: {reason}" if reason else piece.reason)]
    found = []
    for part in divide(piece.stratum, laws):
        deeper = len(part.stratum.variables) < len(piece.stratum.variables)
        found += _on_wall(derive, symbols, at_place, part) if deeper else [part]
    return found
