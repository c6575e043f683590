"""The phase diagram of spectral transport in its public form: every row of S10, open regions and what lies between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from functools import cache

import sympy as sp

from scalecheck.theory.shells.cases import Case, Fact
from scalecheck.theory.shells.exponents import TransportPhase, phase_of, transport_phases
from scalecheck.theory.shells.letters import CLOSURE, CONTROLS, CONVENTION, Direction
from scalecheck.theory.shells.letters import power as steepness
from scalecheck.theory.shells.letters import time_power as clock_power

from ...diagrams import BoundaryRow, Diagram, PhaseRow
from ...errors import InputError
from ...figures import MapData
from ...regions import common_point
from . import figures_transport

Values = Mapping[sp.Symbol, sp.Expr]
sigma = sp.Symbol("direction", real=True)
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
def diagram(
    source: str | None = None,
    power: str | None = None,
    time_power: str | None = None,
    rate: str | None = None,
    direction: str | None = None,
) -> Diagram:
    """The complete table of S10, from the symbolic witness; restricted to the values that are given, as exact text.

    Where a value makes an equation true, what was a boundary fills the rest: it stands among the phases then.

    Examples
    --------
    >>> (row,) = diagram(source="1/2", power="2", time_power="0", rate="8", direction="down").phases
    >>> row.name, row.exponent
    ('frontier', -1/4)
    """
    texts = {"source": source, "power": power, "time_power": time_power, "rate": rate}
    given = {symbol: sp.Rational(texts[symbol.name]) for symbol in CONTROLS if texts[symbol.name] is not None}
    told = {name: text for name, text in {**texts, "direction": direction}.items() if text is not None}
    ways = tuple(Direction) if direction is None else (_way(direction),)
    derived = _at_point(given, ways) if len(given) == len(CONTROLS) else transport_phases(*ways)
    phases, boundaries = [], []
    for phase in derived:
        left = restricted(phase.conditions, given)
        if left is None:
            continue
        region = (*(signed(phase.direction) if direction is None else ()), *left)
        if any(isinstance(item, sp.Equality) for item in left):
            boundaries.append(_boundary_row(phase, derived, given, region))
        else:
            phases.append(_phase_row(phase, given, region))
    # The cases come from splitting the space of controls by signs until every question has an answer: they tile it.
    return Diagram(
        "shells", "loss", "time", ("power", "time_power"), tuple(phases), tuple(boundaries), True, NOTES, told,
        (CLOSURE, CONVENTION),
    )  # fmt: skip


def _way(name: str) -> Direction:
    """A direction by its word, or by the number that stands for it in regions."""
    return Direction(int(name)) if name in ("-1", "0", "1") else Direction.named(name)


def _at_point(given: Values, ways: tuple[Direction, ...]) -> tuple[TransportPhase, ...]:
    """One phase a direction: nothing else is derived."""
    a, b, m, c = (given[symbol] for symbol in CONTROLS)
    return tuple(phase_of(a, b, m, c, way) for way in ways)


def restricted(conditions: Sequence[sp.Rel], given: Values) -> tuple[sp.Rel, ...] | None:
    """What is left of the conditions at given values, or None if they contradict each other there.

    Examples
    --------
    >>> from scalecheck.theory.shells.letters import power, time_power
    >>> restricted((power > 1, sp.Eq(time_power, power - 2)), {power: sp.Integer(2)})
    (Eq(time_power, 0),)
    """
    left: list[sp.Rel] = []
    # Short ones first: where they fail, as b > 1 does at b = 1, a longer one may have no value.
    for condition in sorted(conditions, key=lambda item: int(item.count_ops())):
        told = condition.subs(given)
        if told == sp.false:
            return None
        if told != sp.true:
            left.append(told)
    try:
        empty = (
            bool(given and left) and common_point(left, [symbol.name for symbol in (steepness, clock_power)]) is None
        )
    except ValueError:  # curved: nothing is decided, and a region that is empty does no harm
        empty = False
    kept = [condition.subs(given) for condition in conditions]
    return None if empty else tuple(item for item in kept if item in left)


def phase_map(
    time: float,
    source: str,
    rate: str,
    direction: str,
    power: str = "",
    time_power: str = "",
    executor: Executor | None = None,
) -> MapData:
    """Numeric local exponents over (b, m), with the derived walls and the laws' names on top.

    Raises
    ------
    InputError
        If one of the powers is given: the map is drawn over both.
    """
    for name, text in (("power", power), ("time_power", time_power)):
        if text:
            raise InputError(name, text, "no value with --plot: the picture is drawn over power and time_power")
    return figures_transport.phase_map(
        _way(direction), size=sp.Rational(source), speed=sp.Rational(rate), moment=time, executor=executor
    )


def signed(way: Direction) -> tuple[sp.Rel, ...]:
    """σ as strict inequalities.

    Examples
    --------
    >>> signed(Direction.NONE)
    (direction > -1, direction < 1)
    """
    told = {Direction.DOWN: (sigma < 0,), Direction.UP: (sigma > 0,)}
    return told.get(way, (sigma > -1, sigma < 1))


def reported(phase: TransportPhase) -> sp.Expr:
    """The exponent of the loss itself: a stretched law has none but -oo."""
    return phase.exponent if phase.action is None else -sp.oo


def _phase_row(phase: TransportPhase, given: Values, region: tuple[sp.Rel, ...]) -> PhaseRow:
    exponent, constant, log, law = _told(phase, given)
    return PhaseRow(phase.name, exponent, constant, log, region, law)


def _told(phase: TransportPhase, given: Values) -> tuple[sp.Expr, ...]:
    """Exponent, constant, logarithm and law at the given values; an integral is closed at the powers where it can be."""
    constant, law = phase.constant, phase.asymptote()
    closed = phase.law.extras.get(f"constant_at_power_{given.get(steepness)}")
    if closed is not None:
        law, constant = law.subs(constant, closed), closed
    return tuple(x.subs(given) for x in (reported(phase), constant, phase.log, law))


def _boundary_row(
    phase: TransportPhase, derived: tuple[TransportPhase, ...], given: Values, region: tuple[sp.Rel, ...]
) -> BoundaryRow:
    wall = next(item for item in reversed(region) if isinstance(item, sp.Equality))
    along = tuple(item for item in region if item is not wall)
    fact = next(f for f in reversed(phase.case.facts) if f.sign == 0 and f.relation().subs(given) == wall)
    sides = neighbours(phase, derived, fact)
    exponent, constant, log, law = _told(phase, given)
    return BoundaryRow(
        (sides[0].name, sides[1].name), wall, along, _continuous(phase, sides), exponent, constant, log, phase.name, law
    )


def neighbours(
    phase: TransportPhase, derived: tuple[TransportPhase, ...], wall: Fact
) -> tuple[TransportPhase, TransportPhase]:
    """The phases on both sides of one equation of a degenerate set, the others kept.

    Raises
    ------
    ValueError
        If a side is not found (it always is, if the cases tile).
    """
    facts = phase.case.facts
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
