"""Conjectures about the lines between phases: names, jumps and place, known from the regions on both sides alone."""

from __future__ import annotations

import random
from collections.abc import Iterator

import sympy as sp

from ..diagrams import BoundaryRow, PhaseRow
from .charts import TRIES, Chart, Point, inside, line_rows, point_box
from .claimed import claim_mutants
from .tables import Stated, place_of, placed

NUDGE = sp.Rational(1, 1000)
BESIDE = sp.Rational(1, 20)


def of_lines(chart: Chart, rng: random.Random) -> list[Stated]:
    """One conjecture for every line of the diagram that a rational point was found on, with its mutants."""
    return [item for row in line_rows(chart.diagram) for item in _of_line(chart, row, rng)]


def _of_line(chart: Chart, row: BoundaryRow, rng: random.Random) -> Iterator[Stated]:
    found = _point_on(chart, row, rng)
    if found is None:
        return
    point, below, above = found
    name = row.equation.lhs.name
    base = f"{chart.record.name}.{below.name}|{above.name}: boundary"
    place = place_of(chart, point_box(point))
    claim = {"between": [below.name, above.name], "jumps": _jumps(point, below, above)}
    why = "a thousandth to either side lie the two phases, in exact arithmetic"
    table = {**place, "boundary": claim}
    yield Stated(base, "itself", True, table, f"at {name} = {point[name]}", why)
    yield from claim_mutants(base, table)
    for other in chart.diagram.phases:
        if other.name not in (below.name, above.name):
            named = {**place, "boundary": {"between": [below.name, other.name]}}
            yield Stated(base, "boundary names", False, named, other.name, f"{other.name} is not on either side")
    for shift in (BESIDE, -BESIDE):
        beside = {**point, name: point[name] + shift}
        if chart.row_at(beside) is not None:
            moved = {**place_of(chart, point_box(beside)), "boundary": claim}
            yield Stated(base, "boundary moved", False, moved, f"{name} by {shift}", "the point lies inside of a phase")


def _point_on(chart: Chart, row: BoundaryRow, rng: random.Random) -> tuple[Point, PhaseRow, PhaseRow] | None:
    """A rational point on the line, away from its ends, with the phases below and above."""
    lhs = row.equation.lhs.name
    for _ in range(TRIES // 10):
        words = {
            name: rng.choice(sorted(set(numbers.values()))) for name, numbers in chart.record.scaling.words.items()
        }
        point = chart.draw(rng, words)
        value = placed(row.equation.rhs, point_box(point))
        low, high = chart.limits(lhs)
        if value is None or not value.is_Rational or not low < value < high:
            continue
        point[lhs] = value
        sides = [chart.row_at({**point, lhs: value + shift}) for shift in (-NUDGE, NUDGE)]
        below, above = sides
        if below is None or above is None or below.name == above.name:
            continue
        if {below.name, above.name} == set(row.between) and inside(row.along, point_box(point)):
            return point, below, above
    return None


def _jumps(point: Point, below: PhaseRow, above: PhaseRow) -> bool:
    """Whether the exponents of the two sides differ on the line."""
    one, two = (placed(row.exponent, point_box(point)) for row in (below, above))
    return bool(one != two)
