"""A user's system of equations as a theory of its own: its balances derived by the machine, its numbers solved from the equations.

It gets a record like the theories of the house, so conjectures about it are heard in the same way.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import sympy as sp

from scalecheck.numerics.errors import NotConverged
from scalecheck.numerics.systems import solve
from scalecheck.theory.asymptotics.boundaries import Boundary
from scalecheck.theory.asymptotics.chambers import Chamber, ParameterDomain
from scalecheck.theory.asymptotics.phase_diagram import PhaseDiagram, phase_diagrams
from scalecheck.theory.asymptotics.read_system import ReadSystem
from scalecheck.theory.asymptotics.scaled_sums import UnreadableSystem
from scalecheck.theory.asymptotics.user_systems import read_equations
from scalecheck.theory.asymptotics.vanishing import below_every_power
from scalecheck.theory.identities import DerivationError

from ..controls import Control, Domain
from ..diagrams import BoundaryRow, Diagram, PhaseRow
from ..theory_record import Scaling, Theory
from .evaluation import equation
from .expressions import NoValueError, index, positive_form, to_sympy
from .nodes import POWER_SUM, Relation, walk
from .numeric import SeveralSolutionsError
from .removable import unremarkable
from .statements import UserSystem
from .strata import Stratum, UnresolvedError
from .subjects import SYSTEM
from .system_files import EXPONENT

LARGEST = 1e14
"""Of the large parameter: sums keep their accuracy, and ten scales take a few seconds."""


@dataclass(frozen=True)
class Prepared:
    """A system as a record, with the diagram of one observable, or why there is none; and the decades of its constants."""

    record: Theory
    diagram: Diagram
    domain: tuple[Relation, ...]
    unreadable: str = ""
    spread: float = 0.0


def symbols_of(system: UserSystem) -> dict[str, sp.Symbol]:
    """One symbol a name: positive where it is an unknown, a control, or a parameter with a lower bound that is not negative."""
    found = {name: sp.Symbol(name, positive=True) for name in (system.large, *system.positive, *system.controls)}
    for name, links in system.parameters.items():
        positive = any(_bounded_below(name, link) for link in links)
        found[name] = sp.Symbol(name, positive=True) if positive else sp.Symbol(name, real=True)
    return found | {name: sp.Symbol(name, positive=True) for name in _kept_positive(system, found)}


def _kept_positive(system: UserSystem, symbols: Mapping[str, sp.Symbol]) -> Iterator[str]:
    """Parameters that the domains keep positive together, as b > 1 - a with a < 1 does; ends that belong to a domain show nothing."""
    links = [link for several in system.parameters.values() for link in several]
    open_ = [name for name in system.parameters if not symbols[name].is_positive]
    open_ = [name for name in open_ if any(name in link.names() and len(link.names()) > 1 for link in links)]
    if not open_ or any(link.sign not in ("<", ">") for link in links):
        return
    try:
        forms = [positive_form(link, symbols)[0] for link in links]
        domain = Stratum(tuple(symbols[name] for name in system.parameters)).within(forms)
        yield from (name for name in open_ if domain is not None and domain.possible(-symbols[name]) is None)
    except (UnresolvedError, NoValueError):
        return


def _bounded_below(name: str, link: Relation) -> bool:
    """Whether a relation says that the name exceeds a number that is not negative."""
    low, high = (link.left, link.right) if link.sign in ("<", "<=") else (link.right, link.left)
    value = low.size.value
    strict = link.sign in ("<", ">")
    return high.kind == "name" and high.value == name and value is not None and (value > 0 or (strict and value == 0))


Values = tuple[tuple[str, sp.Expr], ...]


class _Key:
    """A system and observable by their text, so that one system is derived once a process."""

    def __init__(self, system: UserSystem, observable: str, values: Values) -> None:
        self.system, self.observable, self.values = system, observable, values
        self.text = repr((system, observable, values))

    def __hash__(self) -> int:
        return hash(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and other.text == self.text


@lru_cache(maxsize=64)
def _prepared(key: _Key) -> Prepared:
    system, observable = key.system, key.observable
    symbols = {**symbols_of(system), **dict(key.values)}
    domain = tuple(link for links in (*system.parameters.values(), *system.controls.values()) for link in links)
    try:
        diagram, unreadable = _diagram(system, observable, symbols), ""
    except (
        UnreadableSystem,
        DerivationError,
        UnresolvedError,
        ValueError,
        TypeError,
        ArithmeticError,
        RuntimeError,
    ) as error:
        none = Diagram(
            SYSTEM + system.id, observable, system.large, ("", ""), (), (), False, assumptions=(USER_SYSTEM,)
        )
        diagram, unreadable = none, str(error)
    return Prepared(_record(system), diagram, domain, unreadable, _spread(system, dict(key.values)))


def _spread(system: UserSystem, values: Mapping[str, sp.Expr]) -> float:
    """Decades that the constants of the equations span: x = n + n**2/10**25 looks like x = n at every scale that is solved."""
    found = [abs(float(sp.log(abs(value), 10))) for value in values.values() if value != 0]
    pending = [side for link in system.equations for side in (link.left, link.right)]
    while pending:
        node = pending.pop()
        if node.size.value is None:
            pending += node.args
        elif node.size.value not in (0.0, math.inf):
            found.append(abs(math.log10(abs(node.size.value))))
    return sum(found)


def prepared(system: UserSystem, observable: str, fixed: Mapping[str, sp.Expr]) -> Prepared:
    """The record and diagram of a system, parameters that have a rational value put in; derived once a process."""
    values = {name: value for name, value in fixed.items() if name in system.parameters and value.is_Rational}
    return _prepared(_Key(system, observable, tuple(sorted(values.items(), key=lambda pair: pair[0]))))


def _record(system: UserSystem) -> Theory:
    controls = [Control(system.large, system.large, "large parameter", Domain(lower=2, upper=LARGEST))]
    controls += [Control(name, name, "control", Domain(lower=0)) for name in system.controls]
    controls += [Control(name, name, "parameter", Domain()) for name in system.parameters]
    return Theory(
        name=SYSTEM + system.id,
        title="the user's system",
        controls=tuple(controls),
        observables=dict.fromkeys(system.positive, "unknown"),
        conventions=(),
        derive=tuple,
        claims=tuple,
        references=(),
        kind="system",
        solve=lambda **point: _solve(system, **point),
        scaling=Scaling({name: EXPONENT + name for name in system.controls}, large=system.large),
    )


def _solve(system: UserSystem, **point: Any) -> Any:
    """All unknowns at one point, as attributes.

    Raises
    ------
    NotConverged
        If there is none that the solver sees.
    SeveralSolutionsError
        If there is more than one solution: the machine may have found one of them only.
    """
    given = {name: float(value) for name, value in point.items() if name != system.large}
    written = [equation(link, system.positive, system.large, given) for link in system.equations]
    try:
        found = solve(written, len(system.positive), float(point[system.large]))
    except NotConverged as error:
        if not str(error).startswith("no positive solution"):
            raise
        raise NotConverged(
            f"the solver sees {error}: there is none, or leading terms cancel below its digits"
        ) from error
    if found.value.solutions > 1:
        size = f"{system.large} = {point[system.large]:g}"
        raise SeveralSolutionsError(
            f"the solver ends at {found.value.solutions} places at {size}: there are several positive solutions, and nothing"
            f" says which is meant{_alternatives(system)}{CHOSEN}"
        )
    return replace(found, value=SimpleNamespace(**dict(zip(system.positive, found.value.values, strict=True))))  # type: ignore[arg-type]


def _alternatives(system: UserSystem) -> str:
    """What several places may mean beside several solutions, as the equations are made."""
    moving_end = any(
        node.kind == POWER_SUM and len(node.args) > 1 and node.args[1].names() & set(system.positive)
        for link in system.equations
        for side in (link.left, link.right)
        for node in walk(side)
    )
    others = (
        []
        if len(system.positive) == 1
        else ["the equation of one unknown has several, and whether those of others leave one is not clear"]
    )
    others += ["a sum that ends at an unknown goes up in steps"] if moving_end else []
    return "; or ".join(["", *others, "terms cancel so far that it cannot tell them apart"])


CANCEL = "leading terms cancel"
CHOSEN = "; an unknown more says which: y + n = x leaves the one with x > n"


def _diagram(system: UserSystem, observable: str, symbols: Mapping[str, sp.Symbol]) -> Diagram:
    """The diagram of one unknown; where leading terms cancel, once more with sums written out to a further order."""
    try:
        return _diagram_of(system, observable, symbols, written_out=False)
    except UnreadableSystem as error:
        if CANCEL not in str(error):
            raise
    return _diagram_of(system, observable, symbols, written_out=True)


def _diagram_of(system: UserSystem, observable: str, symbols: Mapping[str, sp.Symbol], written_out: bool) -> Diagram:
    """The diagram of one unknown in the exponents of the controls, chamber by chamber of the parameters.

    Raises
    ------
    UnreadableSystem
        If the machine cannot read the equations, or leaves something open.
    """
    parameters = {
        symbols[name]: _strict(links, symbols) for name, links in system.parameters.items() if symbols[name].is_Symbol
    }
    if any(relation == sp.false for several in parameters.values() for relation in several):
        raise UnreadableSystem("nothing satisfies the domains of the parameters")
    equations = [
        sp.Eq(to_sympy(link.left, symbols), to_sympy(link.right, symbols), evaluate=False) for link in system.equations
    ]
    exponents = {symbols[name]: sp.Symbol(EXPONENT + name, real=True) for name in system.controls}
    unknowns = [symbols[name] for name in system.positive]
    read = read_equations(
        equations, symbols[system.large], unknowns, exponents, parameters, index, _sample(parameters),
        symbols[observable], written_out,
    )  # fmt: skip
    chambers = phase_diagrams(read.system, symbols[observable], _name, boundary_laws=len(parameters) < 2)
    ends = tuple(relation for links in system.parameters.values() for relation in _without_ends(links, symbols))
    rows = [row for chamber in chambers for row in _rows(chamber, read, ends)]
    moving = (symbols[system.large], *unknowns, *exponents)
    domain = ParameterDomain.of(tuple(parameters), [r for several in parameters.values() for r in several])
    small = below_every_power(equations, symbols[observable], symbols[system.large], exponents, index, moving, domain)
    if small is not None:
        region = (*(sp.StrictGreaterThan(form, 0) for form in small), *ends)
        if sp.false not in region:
            rows.append(PhaseRow(BELOW_POWERS, -sp.oo, None, sp.S.Zero, tuple(r for r in region if r != sp.true)))
    if not rows and read.open_ends:
        raise UnreadableSystem("; ".join(read.open_ends))
    names = tuple(symbol.name for symbol in exponents.values())
    phases = tuple(row for row in rows if isinstance(row, PhaseRow))
    lines = tuple(row for row in rows if isinstance(row, BoundaryRow))
    return Diagram(SYSTEM + system.id, observable, system.large, names, phases, lines, True, (), {}, (USER_SYSTEM,))


BELOW_POWERS = "below every power"
USER_SYSTEM = "the user's equations as they stand: that they describe anything is not checked"


def _name(balance: Any) -> str:
    """A label: which corners the sums are in."""
    return ", ".join(balance.corners) or "balance"


def _strict(links: Sequence[Relation], symbols: Mapping[str, sp.Symbol]) -> tuple[sp.Rel, ...]:
    relations = [sp.StrictGreaterThan(positive_form(link, symbols)[0], 0) for link in links if link.sign != "="]
    return tuple(relation for relation in relations if relation != sp.true)


def _without_ends(links: Sequence[Relation], symbols: Mapping[str, sp.Symbol]) -> tuple[sp.Rel, ...]:
    """Where a law holds that was derived on an open domain: not at the ends that a <= leaves in the domain."""
    return tuple(r for r in _strict([link for link in links if link.sign in ("<=", ">=")], symbols) if r != sp.false)


def _sample(parameters: Mapping[sp.Symbol, Sequence[sp.Rel]]) -> dict[sp.Symbol, sp.Expr]:
    """Exact values of the parameters inside their domain, at which expansions are compared with sums."""
    stratum: Stratum | None = Stratum(tuple(parameters))
    for relations in parameters.values():
        for relation in relations:
            stratum = None if stratum is None else stratum.possible(relation.gts - relation.lts)
    point = None if stratum is None else stratum.point()
    if point is None:
        raise UnreadableSystem("nothing satisfies the domains of the parameters")
    return unremarkable({symbol: point[symbol.name] for symbol in parameters}, parameters)


def _rows(chamber: Chamber[PhaseDiagram], read: ReadSystem, ends: Sequence[sp.Rel]) -> list[PhaseRow | BoundaryRow]:
    """The phases of a chamber, with its conditions, and those under which sums converge and constants are positive.

    Where no balance is consistent (a gap) there is no phase, and the court finds no law.
    """
    diagram = chamber.outcome
    require_settled(diagram)
    found: list[PhaseRow | BoundaryRow] = []
    for part in _conditions(chamber):
        stated = (*part, *ends, *read.convergence)
        for phase in diagram.phases:
            constant = None if phase.constant is None else read.restored(phase.constant)
            region = (*phase.region.inequalities, *stated, *read.holds_where(phase))
            kept = tuple(dict.fromkeys(relation for relation in region if relation != sp.true))
            log = sp.sympify(phase.log)
            found.append(PhaseRow(phase.name, sp.expand(phase.exponent), constant, log, kept, gap=float(phase.gap)))
        found += [_boundary(line, read, stated) for line in diagram.boundaries]
    return found


def require_settled(diagram: PhaseDiagram) -> None:
    """Nothing is left open, and no two balances hold at once."""
    if diagram.undecided:
        raise UnreadableSystem(f"the balances do not settle everything: {diagram.undecided[0].reason}")
    if diagram.overlaps:
        one, two, region = diagram.overlaps[0]
        names = f", {one} and {two}," if one != two else ""
        where = ", ".join(str(item) for item in region.inequalities)
        told = f"two balances{names} hold at once{' where ' + where if where else ''}{CHOSEN}"
        raise UnreadableSystem(f"the equations have several solutions, or the machine cannot tell: {told}")


def _conditions(chamber: Chamber[PhaseDiagram]) -> list[tuple[sp.Rel, ...]]:
    """The parts of a chamber: intervals of a single parameter, joined over walls where nothing changes, or its arenas."""
    if not chamber.intervals:
        return [arena.conditions for arena in (chamber.arena, *chamber.others)]
    (symbol,) = chamber.arena.field.parameters
    ends = [(sp.StrictLessThan(low, symbol), sp.StrictLessThan(symbol, high)) for low, high in chamber.intervals]
    return [tuple(relation for relation in pair if relation != sp.true) for pair in ends]


def _boundary(line: Boundary, read: ReadSystem, conditions: Sequence[sp.Rel]) -> BoundaryRow:
    """What holds on a line between two phases, where the machine settles it."""
    constant = None if line.constant is None else read.restored(line.constant)
    along = tuple(dict.fromkeys(r for r in (*line.along, *conditions, *read.conditions(line.constant)) if r != sp.true))
    log = None if line.log is None else sp.sympify(line.log)
    exponent = None if line.exponent is None else sp.expand(line.exponent)
    return BoundaryRow(line.between, line.equation, along, line.continuous, exponent, constant, log)
