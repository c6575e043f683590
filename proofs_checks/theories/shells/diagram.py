"""The phase diagram of spectral transport in its public form: every row of S10, open regions and what lies between them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import sympy as sp

from scalecheck.theory.shells.cases import Case, Fact
from scalecheck.theory.shells.exponents import TransportPhase, transport_phases
from scalecheck.theory.shells.letters import CLOSURE, CONVENTION, Direction

from ...diagrams import BoundaryRow, Diagram, PhaseRow

direction = sp.Symbol("direction", real=True)
"""σ in regions: -1 down, 0 none, 1 up."""
STEP = sp.Rational(1, 1000)
"""How far a point is moved off a wall to see which phases it separates; halved until both are found."""
HALVINGS = 12
NOTES = (
    "direction is -1 (down), 0 (none) or 1 (up); source and rate are positive",
    "exponent -oo: the loss falls faster than every power of time, `law` is the whole law (a stretched exponential)",
    "exponent 0 with log 0: a plateau, `constant` is its height",
    "rows among the boundaries with several equations have a higher codimension: the others stand under `along`",
)


@cache
def diagram() -> Diagram:
    """The complete table of S10, from the symbolic witness.

    Examples
    --------
    >>> found = diagram()
    >>> len(found.phases), len(found.boundaries), found.phase("escape").exponent
    (11, 16, -source*(time_power + 1)/(power - 1))
    """
    derived = transport_phases()
    phases = tuple(_phase_row(phase) for phase in derived if phase.is_open)
    boundaries = tuple(_boundary_row(phase, derived) for phase in derived if not phase.is_open)
    # The cases come from splitting the space of controls by signs until every question has an answer: they tile it.
    return Diagram(
        "shells", "loss", "time", ("power", "time_power"), phases, boundaries, True, NOTES, {}, (CLOSURE, CONVENTION)
    )


def signed(sigma: Direction) -> tuple[sp.Rel, ...]:
    """σ as strict inequalities.

    Examples
    --------
    >>> signed(Direction.NONE)
    (direction > -1, direction < 1)
    """
    told = {Direction.DOWN: (direction < 0,), Direction.UP: (direction > 0,)}
    return told.get(sigma, (direction > -1, direction < 1))


def reported(phase: TransportPhase) -> sp.Expr:
    """The exponent of the loss itself: a stretched law has none but -oo."""
    return phase.exponent if phase.action is None else -sp.oo


def _phase_row(phase: TransportPhase) -> PhaseRow:
    region = (*signed(phase.direction), *phase.conditions)
    return PhaseRow(phase.name, reported(phase), phase.constant, phase.log, region, phase.asymptote())


def _boundary_row(phase: TransportPhase, derived: tuple[TransportPhase, ...]) -> BoundaryRow:
    equations = [item for item in phase.conditions if isinstance(item, sp.Equality)]
    wall = equations[-1]
    along = (*signed(phase.direction), *(item for item in phase.conditions if item is not wall))
    sides = neighbours(phase, derived)
    return BoundaryRow(
        (sides[0].name, sides[1].name), wall, along, _continuous(phase, sides), reported(phase), phase.constant,
        phase.log, phase.name, phase.asymptote(),
    )  # fmt: skip


def neighbours(phase: TransportPhase, derived: tuple[TransportPhase, ...]) -> tuple[TransportPhase, TransportPhase]:
    """The phases on both sides of the last equation of a degenerate set, the others kept.

    Raises
    ------
    ValueError
        If a side is not found (it always is, if the cases tile).
    """
    facts = phase.case.facts
    wall = next(fact for fact in reversed(facts) if fact.sign == 0)
    kept = tuple(fact for fact in facts if fact is not wall)
    point = next(phase.case.points())
    below, above = (_side(Case((*kept, Fact(wall.expression, sign))), point, phase, derived) for sign in (-1, 1))
    return below, above


def _side(
    case: Case, point: Mapping[sp.Symbol, sp.Expr], phase: TransportPhase, derived: tuple[TransportPhase, ...]
) -> TransportPhase:
    """The phase next to the point in the direction in which the case's last fact opens."""
    opened = case.facts[-1]
    step = STEP
    for _ in range(HALVINGS):
        for control in sorted(opened.expression.free_symbols, key=lambda symbol: symbol.name):
            for way in (step, -step):
                place = {**point, control: point[control] + way}
                if all(fact.holds(place) for fact in case.facts):
                    return next(p for p in derived if p.direction is phase.direction and p.holds(place))
        step /= 2
    raise ValueError(f"expected a phase next to {phase.name} where {opened.relation()}, found none")


def _continuous(phase: TransportPhase, sides: tuple[TransportPhase, TransportPhase]) -> bool:
    """Whether the exponents of both sides meet on the wall."""
    below, above = (side.exponent.subs(phase.case.equations()) for side in sides)
    same_kind = (sides[0].action is None) == (sides[1].action is None)
    return bool(same_kind and (sides[0].action is not None or sp.simplify(below - above) == 0))
