"""True conjectures made out of a phase diagram, and the false neighbours that its geometry gives.

Every phase gives laws at points and on boxes, orderings and monotonies; every line between two phases a boundary. What is
false is known from an exact point at which the diagram says otherwise.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

import sympy as sp

from ..diagrams import PhaseRow
from .charts import Box, Chart, Point, differ_at, point_box, sign_over
from .claimed import claim_mutants
from .tables import Stated, place_of, placed, written

WIDTH = sp.Rational(1, 3)
STEP = sp.Rational(1, 4)
PAST = sp.Rational(1, 24)
"""How far a widened range goes past the point at which the law is another."""
FACTORS = (sp.Integer(3), sp.Rational(2, 5))


def of_phase(chart: Chart, row: PhaseRow, rng: random.Random) -> list[Stated]:
    """Conjectures about one phase: at a point, on a box, orderings and monotonies, each with its mutants."""
    found: list[Stated] = []
    name = f"{chart.record.name}.{row.name}"
    for point in chart.points_in(row, rng, 2):
        found += _laws(chart, row, f"{name}: point", point, point_box(point), rng)
        names = rng.sample(list(chart.plane or chart.parameters), 1) + rng.sample(list(chart.parameters), 1)
        box = chart.box_in(row, point, tuple(dict.fromkeys(names)), WIDTH)
        if box is not None:
            found += _laws(chart, row, f"{name}: range", point, box, rng)
            found += _wider(chart, row, f"{name}: range", point, box)
        found += _orderings(chart, row, f"{name}: ordering", point, rng)
        found += _monotonies(chart, row, f"{name}: monotony", point)
    return found


def same_law(chart: Chart, row: PhaseRow, point: Point, other: PhaseRow) -> bool | None:
    """Whether the law of one phase and that of another agree at a point in exponent and logarithm; None if unknown."""
    one, two = (row.exponent, row.log), (other.exponent, other.log)
    for mine, theirs in zip(one, two, strict=True):
        if mine == theirs:
            continue
        if (mine == -sp.oo) != (theirs == -sp.oo) or differ_at(mine, theirs, point):
            return False
        if placed(mine - theirs, point_box(point)) != 0:
            return None
    return True


def law_of(row: PhaseRow, box: Box) -> dict[str, Any] | None:
    """The law of a phase on a box as keys of a conjecture; None where formulas have no words for it."""
    exponent, log = written(placed(row.exponent, box)), written(placed(row.log, box))
    if exponent is None or log is None:
        return None
    constant = written(placed(row.constant, box))
    return {
        "exponent": exponent,
        **({} if log == "0" else {"log_power": log}),
        **({} if constant is None else {"constant": constant}),
    }


def _stated(base: str, operator: str, true: bool, table: dict[str, Any], told: str, why: str) -> Stated:
    return Stated(base, operator, true, {key: value for key, value in table.items() if value is not None}, told, why)


def _laws(chart: Chart, row: PhaseRow, base: str, point: Point, box: Box, rng: random.Random) -> Iterator[Stated]:
    place, law = place_of(chart, box), law_of(row, box)
    if law is None:
        yield from _no_law(row, base, place)
        return
    table = {**place, **law}
    yield _stated(base, "itself", True, table, "as the diagram says", "the box lies in the region")
    yield _stated(
        base, "closed range", True, {**place_of(chart, box, closed=True), **law}, "<=", "the closed box lies in it"
    )
    yield from claim_mutants(base, table)
    yield from _neighbours(chart, row, base, table, point, box)
    yield from _moved(chart, row, base, law, point, rng)
    yield from _rescaled(chart, row, base, table, box)
    yield from _renamed(chart, base, table, box)
    yield from _unmentioned(chart, row, base, table)
    yield from _other_observable(chart, row, base, table, point, box)
    if box.wide:
        half = box.with_ends(box.wide[0], point[box.wide[0]], box.high[box.wide[0]])
        part = {**place_of(chart, half), **law}
        yield _stated(base, "part of the range", True, part, "upper half", "what is true of all is true of a part")


def _no_law(row: PhaseRow, base: str, place: dict[str, Any]) -> Iterator[Stated]:
    """No power of the large parameter, or none that can be written: any power is wrong where the law is none."""
    if row.exponent == -sp.oo:
        for exponent in ("0", "-1", "-50"):
            for log in (None, True):
                table = {**place, "exponent": exponent, "log": log}
                yield _stated(base, "a power", False, table, exponent, "it falls faster than every power")


def _neighbours(
    chart: Chart, row: PhaseRow, base: str, table: dict[str, Any], point: Point, box: Box
) -> Iterator[Stated]:
    """Exponent, and constant, of every other phase, where they are others at the point."""
    seen = set()
    for other in chart.diagram.phases:
        exponent = written(placed(other.exponent, box))
        if exponent is not None and exponent not in seen and differ_at(other.exponent, row.exponent, point):
            seen.add(exponent)
            changed = {**table, "exponent": exponent, "constant": None}
            yield _stated(
                base, "neighbour's exponent", False, changed, other.name, "the two differ at a point of the range"
            )
        constant = written(placed(other.constant, box))
        if "constant" not in table or constant is None or other.constant is None or row.constant is None:
            continue
        if constant not in seen and differ_at(other.constant, row.constant, point):
            seen.add(constant)
            changed = {**table, "constant": constant}
            yield _stated(
                base, "neighbour's constant", False, changed, other.name, "the two differ at a point of the range"
            )
    frozen = written(placed(row.exponent, point_box(point)))
    corner = {**point, **{name: box.high[name] for name in box.wide}}
    if frozen is not None and box.wide and differ_at(row.exponent, sp.sympify(frozen), corner):
        changed = {**table, "exponent": frozen, "constant": None}
        yield _stated(base, "exponent of a point", False, changed, frozen, "it differs at a corner of the range")


def _moved(
    chart: Chart, row: PhaseRow, base: str, law: dict[str, Any], point: Point, rng: random.Random
) -> Iterator[Stated]:
    """The law of the point claimed at points of other phases."""
    here = law_of(row, point_box(point))
    for other in chart.diagram.phases if here is not None else ():
        for there in chart.points_in(other, rng, 1):
            stated = sp.sympify(here["exponent"]) if here else sp.S.Zero
            if other.exponent == -sp.oo or differ_at(stated, other.exponent, there):
                table = {**place_of(chart, point_box(there)), **law_of_power(here)}
                yield _stated(base, "moved", False, table, f"into {other.name}", "another exponent is derived there")


def law_of_power(law: dict[str, Any] | None) -> dict[str, Any]:
    """The power of a law, without its constant."""
    return {key: value for key, value in (law or {}).items() if key != "constant"}


def _rescaled(chart: Chart, row: PhaseRow, base: str, table: dict[str, Any], box: Box) -> Iterator[Stated]:
    """A factor on a control: large^e becomes f^(e's slope) times that."""
    for (control, (form, symbol)), factor in zip(chart.moving.items(), FACTORS, strict=False):
        here = next((s for s in row.exponent.free_symbols if s.name == symbol), sp.Symbol(symbol))
        slope = sp.diff(row.exponent, here)
        power = written(placed(slope / sp.diff(form, sp.Symbol(symbol)), box))
        if power is None or slope.has(here):
            continue
        path = {**table["path"], control: f"{factor}*{table['path'][control]}"}
        bare = {**table, "path": path, "constant": None}
        told = f"{control} times {factor}"
        yield _stated(base, "factor", True, bare, told, "a factor changes no exponent")
        if "constant" in table:
            constant = f"({table['constant']})*({factor})**({power})"
            yield _stated(base, "factor", True, {**bare, "constant": constant}, told, "and the constant by its power")
            if sign_over(placed(slope, box) or sp.S.Zero, box) in (1, -1):
                forgotten = {**bare, "constant": table["constant"]}
                yield _stated(base, "factor forgotten", False, forgotten, told, "the constant changes with the factor")


def _renamed(chart: Chart, base: str, table: dict[str, Any], box: Box) -> Iterator[Stated]:
    """The same path in other words."""
    large = chart.record.scaling.large
    if not chart.moving:
        return
    control, text = next(iter(table["path"].items()))
    path = {**table["path"], control: f"{large}**2*{text}/({large}*{large})"}
    yield _stated(base, "path rewritten", True, {**table, "path": path}, path[control], "the same power")
    for name in box.wide:
        if name not in chart.plane:
            continue
        changed = {key: _other_name(value, name) for key, value in table.items()}
        yield _stated(base, "name of the path", True, changed, f"{name} called free_{name}", "a name of one's own")


def _other_name(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return {_other_name(key, name) if key == name else key: _other_name(item, name) for key, item in value.items()}
    if not isinstance(value, str):
        return value
    return re.sub(rf"\b{name}\b", f"free_{name}", value)


def _unmentioned(chart: Chart, row: PhaseRow, base: str, table: dict[str, Any]) -> Iterator[Stated]:
    """A parameter that matters nowhere may be left out: every value of it is meant then."""
    forms = [row.exponent, row.log, *(item.gts - item.lts for item in row.region)]
    names = {symbol.name for form in forms for symbol in form.free_symbols}
    for name in chart.parameters:
        control = next(c for c in chart.record.controls if c.name == name)
        if name not in names and control.default is None and control.follows is None:
            where = {key: text for key, text in table["where"].items() if key != name}
            law = {key: None if key == "constant" else value for key, value in table.items()}
            why = "neither region nor exponent depend on it"
            yield _stated(base, "not mentioned", True, {**law, "where": where}, name, why)


def _other_observable(
    chart: Chart, row: PhaseRow, base: str, table: dict[str, Any], point: Point, box: Box
) -> Iterator[Stated]:
    """The law of the risk claimed of the noise level: samples * noise_level^2 goes like noise + risk in both networks."""
    if "noise_level" not in chart.record.observables or chart.diagram.observable != "risk":
        return
    risk = placed(row.exponent, point_box(point))
    truth = (sp.Max(risk, 0) - point["a"]) / 2
    if risk is not None and sp.sympify(risk - truth) != 0:
        changed = {**table, "observable": "noise_level", "constant": None}
        yield _stated(base, "observable", False, changed, "noise_level", "its exponent is (max(risk's, 0) - a)/2")


def _wider(chart: Chart, row: PhaseRow, base: str, point: Point, box: Box) -> Iterator[Stated]:
    """A range that goes on into a phase with another law."""
    law = law_of(row, box)
    if law is None:
        return
    for name in box.wide:
        for up in (True, False):
            beyond = _beyond(chart, row, point, box, name, up)
            if beyond is not None:
                there, wide = beyond
                table = {**place_of(chart, wide), **law_of_power(law)}
                told = f"{name} from {wide.low[name]} to {wide.high[name]}"
                yield _stated(base, "range too wide", False, table, told, f"the law is another at {name} = {there}")


def _beyond(chart: Chart, row: PhaseRow, point: Point, box: Box, name: str, up: bool) -> tuple[sp.Rational, Box] | None:
    low, high = chart.limits(name)
    value = box.high[name] if up else box.low[name]
    while True:
        value = value + STEP if up else value - STEP
        edge = value + PAST if up else value - PAST
        if not low < edge < high:
            return None
        there = {**point, name: value}
        other = chart.row_at(there)
        if other is not None and same_law(chart, row, there, other) is False:
            ends = (box.low[name], edge) if up else (edge, box.high[name])
            return value, box.with_ends(name, *ends)


def _orderings(chart: Chart, row: PhaseRow, base: str, point: Point, rng: random.Random) -> Iterator[Stated]:
    """The observable at this point against the same at another place, with the same parameters."""
    place = place_of(chart, point_box(point))
    for _ in range(6):
        drawn = chart.draw(
            rng, {name: rng.choice(sorted(chart.record.scaling.words[name].values())) for name in chart.words}
        )
        there = {**point, **{name: drawn[name] for name in (*chart.plane, *chart.words)}}
        other = chart.row_at(there)
        relation = None if other is None else _relation(row, point, other, there)
        if relation is None:
            continue
        second = place_of(chart, point_box(there))
        than = {key: second[key] for key in ("path", "controls") if key in second}
        table = {**place, "than": than, "relation": relation}
        why = "exponents and logarithms at the two points compare so"
        yield _stated(base, "itself", True, table, relation, why)
        yield from claim_mutants(base, table)
        return


def _relation(row: PhaseRow, point: Point, other: PhaseRow, there: Point) -> str | None:
    for mine, theirs in ((row.exponent, other.exponent), (row.log, other.log)):
        one, two = placed(mine, point_box(point)), placed(theirs, point_box(there))
        if one is None or two is None or (one == -sp.oo and two == -sp.oo):
            return None
        gap = sp.oo if two == -sp.oo else -sp.oo if one == -sp.oo else one - two
        if gap.is_Rational or gap in (sp.oo, -sp.oo):
            if gap != 0:
                return "greater" if gap > 0 else "less"
        else:
            return None
    return "same"


def _monotonies(chart: Chart, row: PhaseRow, base: str, point: Point) -> Iterator[Stated]:
    """How the exponent goes with one coordinate within the phase."""
    if row.exponent == -sp.oo:
        return
    for name in (*chart.plane, *chart.parameters):
        box = chart.box_in(row, point, (name,), WIDTH)
        symbol = next((s for s in row.exponent.free_symbols if s.name == name), None)
        sign = 0 if symbol is None else None if box is None else sign_over(sp.diff(row.exponent, symbol), box)
        if box is None or sign is None:
            continue
        direction = {1: "increasing", -1: "decreasing", 0: "constant"}[sign]
        table = {**place_of(chart, box), "monotone": {"parameter": name, "direction": direction}}
        yield _stated(
            base, "itself", True, table, f"{direction} in {name}", "the sign of the derivative on the whole box"
        )
        yield from claim_mutants(base, table)
