"""Claims about a whole phase diagram: names, exponents and regions, and that the regions tile the plane.

The symbolic witness compares with the derived diagram and has the tiling of the *stated* regions proved and its certificate
checked again by the small checker. The numeric one measures exponents at points spread over the plane.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import sympy as sp

from scalecheck.theory.asymptotics.certificates import check_document, tiling_document
from scalecheck.theory.asymptotics.chambers import Arena, ParameterDomain, explore
from scalecheck.theory.asymptotics.polyhedra import Polyhedron
from scalecheck.theory.asymptotics.tiling import NoTilingError, prove_tiling

from .certificates.checker import CertificateError, check_certificate
from .claims import Effort, Witness
from .evidence import Evidence, Firmness, Outcome
from .extrapolation import Limit
from .formulas import decide_zero
from .regions import canonical
from .tables import Cell, Table

Place = tuple[tuple[str, sp.Rational], ...]
"""Names and exact values of the control exponents and parameters."""


class PhaseLike(Protocol):
    """A phase, stated or derived."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def exponent(self) -> sp.Expr: ...  # noqa: D102
    @property
    def log(self) -> sp.Expr: ...  # noqa: D102
    @property
    def region(self) -> Sequence[sp.Basic]: ...  # noqa: D102


class NamedPhase(Protocol):
    """What a phase diagram holds of a phase."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def exponent(self) -> sp.Expr: ...  # noqa: D102
    @property
    def log(self) -> sp.Expr: ...  # noqa: D102
    @property
    def region(self) -> Bounded: ...  # noqa: D102


class Bounded(Protocol):
    """A region as inequalities."""

    @property
    def inequalities(self) -> Sequence[sp.Basic]: ...  # noqa: D102


@dataclass(frozen=True)
class DerivedPhase:
    """A phase of a derived diagram, its region as inequalities."""

    name: str
    exponent: sp.Expr
    log: sp.Expr
    region: Sequence[sp.Basic]


def derived_phases(phases: Sequence[NamedPhase]) -> list[DerivedPhase]:
    """The phases of a derived diagram as `from_diagram` compares them."""
    return [DerivedPhase(p.name, p.exponent, p.log, p.region.inequalities) for p in phases]


@dataclass(frozen=True)
class StatedPhase:
    """A phase as the ledger states it."""

    name: str
    exponent: sp.Expr
    log: sp.Expr
    region: tuple[sp.Basic, ...]


@dataclass(frozen=True)
class Tiling:
    """The assertion that these phases, and no others, tile the plane."""

    phases: tuple[StatedPhase, ...]

    def describe(self) -> str:
        """Say it in a line."""
        return "the plane is tiled by " + ", ".join(phase.name for phase in self.phases)

    def at(self, place: Place) -> list[StatedPhase]:
        """The phases whose stated region contains a point."""
        return [phase for phase in self.phases if all(_holds(item, place) for item in phase.region)]


def _holds(relation: sp.Basic, place: Place) -> bool:
    return bool(evaluate(relation, place))


def evaluate(expression: sp.Basic, place: Place) -> sp.Basic:
    """An expression at an exact point."""
    values = dict(place)
    return expression.subs({symbol: values[symbol.name] for symbol in expression.free_symbols})


def from_diagram(
    derived: Callable[[], Sequence[PhaseLike]],
    domain: tuple[sp.Basic, ...],
    variables: tuple[sp.Symbol, ...],
    parameters: Mapping[sp.Symbol, tuple[sp.Basic, ...]],
    assumptions: Sequence[str] = (),
) -> Witness:
    """A symbolic witness: the stated phases are those derived, and they tile the domain in every chamber of the parameters."""

    def witness(assertion: Tiling, effort: Effort) -> Evidence:
        found = {phase.name: phase for phase in derived()}
        rows: list[dict[str, Cell]] = [
            {"phase": phase.name, "as_derived": _same(phase, found.get(phase.name))} for phase in assertion.phases
        ]
        complete = {phase.name for phase in assertion.phases} == set(found)
        tiles = all(_tiles(arena, domain, variables, assertion) for arena in _arenas(parameters))
        holds = complete and tiles and all(row["as_derived"] for row in rows)
        reason = f"names {'as' if complete else 'not as'} derived; regions {'tile' if tiles else 'do not tile'} the plane, certificate checked"
        outcome = Outcome.HOLDS if holds else Outcome.FAILS
        return Evidence("symbolic", outcome, Firmness.EXACT, reason, Table.of(rows), tuple(assumptions))

    return witness


def _same(stated: StatedPhase, found: PhaseLike | None) -> bool:
    """Whether exponent, logarithm and region are those derived."""
    if found is None or {canonical(r) for r in stated.region} != {canonical(r) for r in found.region}:
        return False
    differences = (stated.exponent - found.exponent, stated.log - found.log)
    return all(decide_zero(sp.sympify(item)) is Outcome.HOLDS for item in differences)


def _arenas(parameters: Mapping[sp.Symbol, tuple[sp.Basic, ...]]) -> list[Arena]:
    """One arena a chamber of the parameters; there is a single one as long as no sign depends on them."""
    conditions = tuple(item for items in parameters.values() for item in items)
    chambers = explore(ParameterDomain.of(tuple(parameters), conditions), lambda arena: arena)
    return [chamber.outcome for chamber in chambers]


def _tiles(arena: Arena, domain: tuple[sp.Basic, ...], variables: tuple[sp.Symbol, ...], stated: Tiling) -> bool:
    regions = [Polyhedron.of(arena, variables, phase.region) for phase in stated.phases]
    try:
        proof = prove_tiling(Polyhedron.of(arena, variables, domain), regions)
    except NoTilingError:
        return False
    document = tiling_document(proof)
    try:
        check_certificate(document)
    except CertificateError:
        return False
    return check_document(document)


def at_points(measure: Callable[[Place], Limit], points: Sequence[Place], accepted: float) -> Witness:
    """A numeric witness: the measured exponent at every point is that of the one stated phase that contains it."""
    measured = cache(measure)

    def witness(assertion: Tiling, effort: Effort) -> Evidence:
        rows: list[dict[str, Cell]] = []
        for place in points:
            found, phases = measured(place), assertion.at(place)
            verdicts = {found.against(float(evaluate(p.exponent, place)), accepted, accepted) for p in phases}
            outcome = next((item for item in (Outcome.FAILS, Outcome.UNDECIDED) if item in verdicts), Outcome.HOLDS)
            outcome = Outcome.FAILS if not phases else outcome
            told: dict[str, Cell] = {name: float(value) for name, value in place}
            told |= {"phases": ", ".join(p.name for p in phases), "exponent": found.value, "error": found.error}
            rows.append({**told, "outcome": outcome.value})
        outcomes = {str(row["outcome"]) for row in rows}
        worst = next((item for item in (Outcome.FAILS, Outcome.UNDECIDED) if item.value in outcomes), Outcome.HOLDS)
        reason = f"exponents extrapolated at {len(rows)} points, accepted within {accepted:g} of those stated there"
        return Evidence("numeric", worst, Firmness.NUMBERS, reason, Table.of(rows))

    return witness
