"""Laws on the walls of a user's system: on a wall of parameters or controls the system is derived again, confined to it.

There terms are of one order that are not beside it, as x**p and x**q at p = q, so a wall has a law of its own; and it may be
a curve, as p = 1/q. What the wall fixes is put into the equations, controls become unknowns with their paths as equations,
and what is left of the parameters keeps the inequalities of the wall as its domain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import sympy as sp

from scalecheck.theory.asymptotics.phase_diagram import PhaseDiagram, phase_diagrams
from scalecheck.theory.asymptotics.read_system import ReadSystem
from scalecheck.theory.asymptotics.scaled_sums import OpenLogarithm, UnreadableSystem
from scalecheck.theory.asymptotics.user_systems import read_equations
from scalecheck.theory.identities import DerivationError

from .derived import DerivedLaw, Setting
from .expressions import NoValueError, index, to_sympy
from .pieces import divide
from .removable import unremarkable
from .statements import UserSystem
from .strata import Stratum, UnresolvedError
from .systems import require_settled

NONE = (
    "no balance is consistent there: nothing is expanded in powers where a scale lies at the end of its sum, "
    "or where a logarithm is one of what is of order one or goes like no power"
)
CONTROL = "_control_"
"""Before the name of a control where it is an unknown: its value may bear its name."""
FAILURES = (
    UnreadableSystem,
    DerivationError,
    UnresolvedError,
    NoValueError,
    ValueError,
    TypeError,
    ArithmeticError,
    RuntimeError,
)
"""What a derivation on a wall may end in: then no law is known there, as before it was tried."""


def wall_laws(
    system: UserSystem, observable: str, symbols: Mapping[str, sp.Symbol], at_place: Setting, stratum: Stratum
) -> tuple[list[DerivedLaw], str]:
    """The laws of an unknown on a stratum of parameters, and why there are none.

    Parameters
    ----------
    system, observable
        Whose law.
    symbols : Mapping[str, Symbol]
        By name, of the large parameter and the unknowns too; those of the stratum.
    at_place : Setting
        Paths and values of the controls.
    stratum : Stratum
        The wall.
    """
    try:
        known = _positive(stratum)
        laws = _with_logarithms(system, observable, symbols, at_place, _renamed(stratum, known))
    except FAILURES as error:
        return [], str(error).replace(CONTROL, "")
    back = {symbol: old for old, symbol in known.items()}
    return [_with(law, back) for law in laws], "" if laws else NONE


def _positive(stratum: Stratum) -> dict[sp.Symbol, sp.Symbol]:
    """Variables that the wall keeps positive, each with a symbol that says so: of the others no power of k is read."""
    kept = [
        v for v in stratum.variables if not v.is_positive and stratum.possible(-v) is None and v in stratum.positive
    ]
    return {v: sp.Symbol(v.name, positive=True) for v in kept}


def _renamed(stratum: Stratum, names: Mapping[sp.Symbol, sp.Symbol]) -> Stratum:
    """A stratum in other symbols, which also takes expressions in the old ones."""
    values = {**{s: v.subs(names) for s, v in stratum.values.items()}, **names}
    forms = [form.subs(names) for form in stratum.positive]
    return Stratum(
        tuple(names.get(v, v) for v in stratum.variables), tuple(f for f in forms if not f.is_positive), values
    )


def _with(law: DerivedLaw, names: Mapping[sp.Symbol, sp.Symbol]) -> DerivedLaw:
    """A law in other symbols."""
    exponent, constant = (None if v is None else v.subs(names) for v in (law.exponent, law.constant))
    positive = tuple(form.subs(names) for form in law.positive)
    return replace(law, positive=positive, exponent=exponent, constant=constant, log=law.log.subs(names))


def _with_logarithms(
    system: UserSystem, observable: str, symbols: Mapping[str, sp.Symbol], at_place: Setting, stratum: Stratum
) -> list[DerivedLaw]:
    """The laws on a wall; where the logarithm of another unknown stands, part by part with the power that this one has there."""
    try:
        return _derived(system, observable, symbols, at_place, stratum)
    except OpenLogarithm as error:
        others = [name for name in system.positive if name != observable]
        known = {name: parts for name in others if (parts := _powers(system, name, symbols, at_place, stratum))}
        if not known:
            raise
        found: list[DerivedLaw] = []
        for part, powers in _common_parts(stratum, known):
            laws = _derived(system, observable, symbols, at_place, part, powers)
            found += [replace(law, positive=(*law.positive, *part.positive)) for law in laws]
        if not found:
            raise UnresolvedError(str(error)) from error
        return found


def _powers(
    system: UserSystem, name: str, symbols: Mapping[str, sp.Symbol], at_place: Setting, stratum: Stratum
) -> list[tuple[Stratum, sp.Expr]]:
    """The exponents of an unknown on the open parts of a wall, where they have a sign; its logarithm is that of the power."""
    try:
        pieces = divide(stratum, _derived(system, name, symbols, at_place, stratum))
        found = [(piece.stratum, piece.law.exponent) for piece in pieces if piece.law is not None]
        open_ = [(part, power) for part, power in found if part.variables == stratum.variables]
        return [(part, power) for part, power in open_ if power is not None and _has_a_sign(part, power)]
    except FAILURES:
        return []


def _has_a_sign(part: Stratum, power: sp.Expr) -> bool:
    """Whether an exponent is finite, and of one sign on all of a part."""
    if power.is_finite is False or any(True for _ in part.zeros(power)):
        return False
    return len([sign for sign in (1, -1) if part.possible(sign * power) is not None]) == 1


def _common_parts(
    stratum: Stratum, known: Mapping[str, Sequence[tuple[Stratum, sp.Expr]]]
) -> list[tuple[Stratum, dict[str, sp.Expr]]]:
    """The parts on which the power of each unknown is one."""
    parts: list[tuple[Stratum, dict[str, sp.Expr]]] = [(stratum, {})]
    for name, several in known.items():
        joined = [
            (part.within(place.positive), {**powers, name: power}) for part, powers in parts for place, power in several
        ]
        parts = [(part, powers) for part, powers in joined if part is not None]
    return parts


def _derived(
    system: UserSystem, observable: str, symbols: Mapping[str, sp.Symbol], at_place: Setting, stratum: Stratum,
    powers: Mapping[str, sp.Expr] = MappingProxyType({}),
) -> list[DerivedLaw]:  # fmt: skip
    own = {name: sp.Symbol(name, positive=True) for name in (system.large, *system.positive)}
    own |= {name: sp.Symbol(CONTROL + name, positive=True) for name in system.controls}
    if set(own) & {symbol.name for symbol in stratum.variables if symbol.name not in system.controls}:
        raise UnresolvedError("a name of the range is that of an unknown")
    large, unknowns = own[system.large], [own[name] for name in system.positive]
    parameters = {name: stratum.at(at_place.values.get(name, symbols[name])) for name in system.parameters}
    small = {own[name]: sp.Symbol(f"_exponent_of_{name}", real=True) for name in sorted(at_place.limits)}
    moving = {n: _control(n, symbols, at_place, stratum, large) for n in system.controls if own[n] not in small}
    meaning = {**own, **parameters}
    written = [
        sp.Eq(to_sympy(link.left, meaning), to_sympy(link.right, meaning), evaluate=False) for link in system.equations
    ]
    written += [sp.Eq(own[name], value, evaluate=False) for name, value in moving.items()]
    point = stratum.point()
    if point is None:
        raise UnresolvedError("the wall is empty")
    used = _used(stratum, written)
    relations = [sp.StrictGreaterThan(form, 0) for form in stratum.positive if form.free_symbols <= set(used)]
    domain = {symbol: relations if symbol == used[0] else [] for symbol in used}
    sample = unremarkable({symbol: point[symbol.name] for symbol in used}, domain)
    solved = [*unknowns, *(own[n] for n in moving)]
    given = {own[name]: power for name, power in powers.items()}
    read = read_equations(written, large, solved, small, domain, index, sample, own[observable], powers=given)
    chambers = phase_diagrams(read.system, own[observable], lambda balance: ", ".join(balance.corners) or "balance")
    laws = [
        law for chamber in chambers for law in _laws(chamber.outcome, chamber.arena.conditions, read, chamber.others)
    ]
    if not laws and read.open_ends:
        raise UnreadableSystem("; ".join(read.open_ends))
    return [law for law in (_far_down(law, tuple(small.values())) for law in laws) if law is not None]


def _far_down(law: DerivedLaw, exponents: Sequence[sp.Symbol]) -> DerivedLaw | None:
    """A law where controls are below every power, as a limit taken first; None where it does not reach so far down."""
    positive = []
    for form in law.positive:
        slopes = {sp.diff(form, exponent) for exponent in exponents}
        if any(slope.free_symbols or slope > 0 for slope in slopes):
            return None
        if slopes <= {sp.S.Zero}:
            positive.append(form)
    told = (law.exponent, law.log, *(() if law.constant is None else (law.constant,)))
    if any(value is not None and value.has(*exponents) for value in told if exponents):
        raise UnresolvedError("the law has no limit as a control goes to zero")
    return replace(law, positive=tuple(positive))


def _control(
    name: str, symbols: Mapping[str, sp.Symbol], at_place: Setting, stratum: Stratum, large: sp.Symbol
) -> sp.Expr:
    """A control where the conjecture puts it."""
    if name not in at_place.path:
        return stratum.at(at_place.values.get(name, symbols[name]))
    monomial = at_place.path[name]
    return stratum.at(monomial.factor) * large ** sp.expand(stratum.at(monomial.exponent))


def _used(stratum: Stratum, written: Sequence[sp.Eq]) -> list[sp.Symbol]:
    """Variables of the wall that the equations hold, or that are tied to those by inequalities."""
    found = set().union(*(item.free_symbols for item in written)) & set(stratum.variables)
    tied = True
    while tied:
        tied = False
        for form in stratum.positive:
            if form.free_symbols & found and not form.free_symbols <= found:
                found |= form.free_symbols
                tied = True
    return [symbol for symbol in stratum.variables if symbol in found]


def _laws(
    diagram: PhaseDiagram, conditions: Sequence[sp.Rel], read: ReadSystem, others: Sequence[object]
) -> list[DerivedLaw]:
    """The phases of one chamber as laws where its conditions hold."""
    require_settled(diagram)
    arenas = [conditions, *(arena.conditions for arena in others)]  # type: ignore[attr-defined]
    found = []
    for part in arenas:
        for phase in diagram.phases:
            stated = [*phase.region.inequalities, *part, *read.convergence, *read.holds_where(phase)]
            if sp.false in stated:  # the phase asks for what the wall excludes
                continue
            positive = tuple(dict.fromkeys(r.gts - r.lts for r in stated if r != sp.true))
            constant = None if phase.constant is None else read.restored(phase.constant)
            log = sp.sympify(phase.log)
            found.append(DerivedLaw(phase.name, positive, (), sp.expand(phase.exponent), constant, log))
    return found
