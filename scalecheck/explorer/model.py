"""What the explorer shows, as pure functions of the state: knobs from a theory's record, regions at chosen parameters.

A diagram is derived once, for symbolic parameters; after that a slider only substitutes, which takes milliseconds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from scalecheck.proofs_checks.errors import InputError

from .regions import Box, Path, area, centre, contoured, half_plane, polygon, segment, traced, values_for

if TYPE_CHECKING:
    from scalecheck.proofs_checks.controls import Control
    from scalecheck.proofs_checks.diagrams import BoundaryRow, Diagram, PhaseRow
    from scalecheck.proofs_checks.theory_record import Theory

Values = Mapping[str, str]
"""Knob to exact text, as a person would type it: ``{"decay": "3/2", "dim": "1e8"}``."""

FAR = Box(Fraction(-1000), Fraction(1000), Fraction(-1000), Fraction(1000))
"""Where corners of regions are looked for; no diagram has one as far out as this."""
STEPS = 80
"""Positions of a slider: fine enough to land on 1/20ths, coarse enough to be hit with a mouse."""
SIZES = (2, 12)
"""Decades of the large parameter, those in which `phases --plot` measures."""
SPREAD = (-4, 4)
"""Decades of a positive control that has no bounds of its own, such as a variance."""
MARGIN, LEAST = Fraction(3, 4), Fraction(3, 2)
"""How far a window reaches beyond the corners of the diagram: by this share of their spread, and at least so far."""


@dataclass(frozen=True)
class Knob:
    """One thing to turn: its name, letter and help from the record, the texts it can stand at, and where it starts."""

    name: str
    letter: str
    help: str
    options: tuple[str, ...]
    start: str
    words: bool = False


def explorable(records: Mapping[str, Theory]) -> dict[str, Theory]:
    """Theories whose record has all that the explorer needs: a diagram, a solver, and how the two hang together.

    Examples
    --------
    >>> from scalecheck.proofs_checks.registry import theories
    >>> "diagonal" in explorable(theories())
    True
    """
    return {name: item for name, item in records.items() if item.phases and item.solve and item.scaling.large}


def chosen(records: Mapping[str, Theory], name: str | None) -> Theory:
    """The theory of that name, the first one if none is named.

    Raises
    ------
    InputError
        Where the theory cannot be explored, with the names of those that can.
    """
    found = explorable(records)
    wanted = next(iter(found), None) if name is None else name
    if wanted not in found:
        raise InputError("theory", name, "one with a phase diagram and a solver: " + ", ".join(found))
    return found[wanted]


def knobs(record: Theory, plane: Sequence[str]) -> tuple[Knob, ...]:
    """Everything of a theory that can be turned beside the two coordinates of the plane.

    Parameters of the diagram first, then the controls that do not move in the plane, then the large parameter.

    Examples
    --------
    >>> from scalecheck.proofs_checks.registry import theory
    >>> [knob.name for knob in knobs(theory("diagonal"), ("a", "b"))]
    ['decay', 'noise', 'dim']
    """
    large, moving = record.scaling.large, {*record.scaling.exponents, *record.scaling.held, *plane}
    still = [c for c in record.controls if c.name not in moving and c.name != large and c.follows is None]
    first = [c for c in still if c.name in record.phase_parameters]
    rest = [c for c in still if c.name not in record.phase_parameters]
    last = [c for c in record.controls if c.name == large]
    return tuple(
        [_parameter(c, record.phase_parameters[c.name]) for c in first]
        + [_free(c) for c in rest]
        + [_positive(c, range(*SIZES), "1e8") for c in last]
    )


def _parameter(control: Control, start: str) -> Knob:
    """A parameter of the diagram: exact fractions in equal steps, so that regions stay exact."""
    if control.domain.words:
        return Knob(control.name, control.letter, control.help, control.domain.words, start, words=True)
    default = Fraction(start)
    low, high = default - 4, max(4 * default, default + 1)
    low = max(low, Fraction(control.domain.lower)) if math.isfinite(control.domain.lower) else low
    high = min(high, Fraction(control.domain.upper)) if math.isfinite(control.domain.upper) else high
    step = max(Fraction(1, 20), Fraction(round((high - low) / STEPS * 20), 20))
    places = {low + k * step for k in range(int((high - low) / step) + 1)} | {default}
    texts = [_decimal(value) for value in sorted(places) if _allowed(control, float(value))]
    return Knob(control.name, control.letter, control.help, tuple(texts), _decimal(default))


def _free(control: Control) -> Knob:
    """A control that neither moves in the plane nor shapes it."""
    if control.domain.words:
        start = control.domain.words[0] if control.default is None else str(control.default)
        return Knob(control.name, control.letter, control.help, control.domain.words, start, words=True)
    return _positive(control, range(*SPREAD), "1" if control.default is None else f"{float(control.default):g}")


def _positive(control: Control, decades: range, start: str) -> Knob:
    """A positive number over decades: 1, 3, 10, 30, ..."""
    texts = [f"{digit}e{power}" if power else f"{digit}" for power in decades for digit in (1, 3)]
    texts = [text for text in [*texts, f"1e{decades.stop}"] if _allowed(control, text)]
    if start not in texts and _allowed(control, start):
        texts = sorted([*texts, start], key=float)
    first = start if start in texts else texts[len(texts) // 2]
    return Knob(control.name, control.letter, control.help, tuple(texts), first)


def _allowed(control: Control, value: object) -> bool:
    try:
        control.domain.parse(control.name, value)
    except InputError:
        return False
    return True


def _decimal(value: Fraction) -> str:
    """Short exact text: a decimal where it ends, else a fraction."""
    text = f"{float(value):g}"
    return text if Fraction(text) == value else str(value)


@dataclass(frozen=True)
class Region:
    """A phase at the chosen parameters: outlines inside the window, where its name stands, and its row."""

    row: PhaseRow
    outlines: tuple[Path, ...]
    label: tuple[float, float]
    share: float
    colour: int
    exact: bool


@dataclass(frozen=True)
class Chart:
    """All that is drawn: regions and boundaries over a window; `covered` is the share of the window that has a law."""

    diagram: Diagram
    window: Box
    regions: tuple[Region, ...]
    lines: tuple[tuple[str, Path], ...]
    covered: float


def numbers(record: Theory, values: Values) -> dict[str, Any]:
    """Exact values of the knobs; words by the numbers that stand for them in regions."""
    import sympy as sp

    told: dict[str, Any] = {}
    for name, text in values.items():
        words = record.scaling.words.get(name)
        fraction = Fraction(words[text]) if words else Fraction(text)
        told[name] = sp.Rational(fraction.numerator, fraction.denominator)
    return told


def plane_symbols(diagram: Diagram) -> tuple[Any, Any]:
    """The two coordinates as the symbols that the regions are written in."""
    import sympy as sp

    found = {s.name: s for row in diagram.phases for item in row.region for s in item.free_symbols}
    first, second = (found.get(name, sp.Symbol(name, real=True)) for name in diagram.plane)
    return first, second


def window(record: Theory, diagram: Diagram, values: Values, start: Values) -> Box:
    """The part of the plane to show: every corner of the diagram with a margin, here and at the starting values."""
    boxes = [_around(_corners(record, diagram, item)) for item in (start, values)]
    limits = _limits(record, diagram, values)
    return Box(
        max(min(box.left for box in boxes), limits.left),
        min(max(box.right for box in boxes), limits.right),
        max(min(box.bottom for box in boxes), limits.bottom),
        min(max(box.top for box in boxes), limits.top),
    )


def _corners(record: Theory, diagram: Diagram, values: Values) -> list[tuple[Fraction, Fraction]]:
    edge = {FAR.left, FAR.right}
    found = [corner for shape in _shapes(record, diagram, values) for corner in shape]
    return [corner for corner in found if not edge & set(corner)] or [(Fraction(0), Fraction(0))]


def _limits(record: Theory, diagram: Diagram, values: Values) -> Box:
    """Where the diagram ends, as the plane of a theory may have an edge; far out where it has none."""
    every = [corner for shape in _shapes(record, diagram, values) for corner in shape] or FAR.corners()
    x, y = [corner[0] for corner in every], [corner[1] for corner in every]
    return Box(min(x), max(x), min(y), max(y))


def _shapes(record: Theory, diagram: Diagram, values: Values) -> list[list[tuple[Fraction, Fraction]]]:
    """All regions by their straight sides alone, out to far away."""
    plane, given = plane_symbols(diagram), numbers(record, values)
    shapes = []
    for row in diagram.phases:
        forms = _positive_forms(row.region, given, diagram.plane)
        if forms is not None:
            sides = [half_plane(form, plane) for form in forms]
            shapes.append(polygon([side for side in sides if side is not None], FAR))
    return [shape for shape in shapes if shape]


def _around(corners: Sequence[tuple[Fraction, Fraction]]) -> Box:
    ends = [(min(c[k] for c in corners), max(c[k] for c in corners)) for k in (0, 1)]
    pads = [max(LEAST, MARGIN * (high - low)) for low, high in ends]
    (left, right), (bottom, top) = [(low - pad, high + pad) for (low, high), pad in zip(ends, pads)]
    return Box(left, right, bottom, top)


def _positive_forms(relations: Sequence[Any], given: Mapping[str, Any], plane: Sequence[str]) -> list[Any] | None:
    """What the strict inequalities say is positive at the given values; None where one of them is false there."""
    forms = []
    for relation in relations:
        form = (relation.gts - relation.lts).subs(values_for([relation], given))
        if {symbol.name for symbol in form.free_symbols} & set(plane):
            forms.append(form)
        elif not form > 0:
            return None
    return forms


def chart(record: Theory, diagram: Diagram, values: Values, box: Box) -> Chart:
    """Regions and boundaries of a diagram at the values of the knobs; nothing is derived.

    Examples
    --------
    >>> from scalecheck.proofs_checks.registry import theory
    >>> record = theory("diagonal")
    >>> values = {"decay": "1", "noise": "1", "dim": "1e8"}
    >>> drawn = chart(record, record.phases(decay="1"), values, Box(*map(Fraction, (0, 4, -1, 1))))
    >>> [region.row.name for region in drawn.regions], drawn.covered
    (['II', 'III', 'Ib', 'V', 'VIa', 'VIb'], 1.0)
    """
    given = numbers(record, values)
    plane = plane_symbols(diagram)
    names = list(dict.fromkeys(row.name for row in diagram.phases))
    found = [_region(row, names.index(row.name), given, plane, box) for row in diagram.phases]
    regions = tuple(item for item in found if item is not None)
    lines = tuple(line for row in diagram.boundaries for line in _lines(row, given, plane, box))
    return Chart(diagram, box, regions, lines, sum(item.share for item in regions))


def _region(row: PhaseRow, colour: int, given: Mapping[str, Any], plane: tuple[Any, Any], box: Box) -> Region | None:
    forms = _positive_forms(row.region, given, [symbol.name for symbol in plane])
    if forms is None:
        return None
    sides = [half_plane(form, plane) for form in forms]
    straight = [side for side in sides if side is not None]
    corners = polygon(straight, box)
    if not corners:
        return None
    if len(straight) == len(sides):
        outline = [(float(x), float(y)) for x, y in corners]
        return Region(row, (outline,), centre(corners), float(area(corners) / box.area()), colour, exact=True)
    outlines = contoured(forms, plane, box)
    if not outlines:
        return None
    largest = [(Fraction(x), Fraction(y)) for x, y in max(outlines, key=len)[:-1]]
    share = sum(abs(_area_of(outline)) for outline in outlines) / float(box.area())
    return Region(row, tuple(outlines), centre(largest), share, colour, exact=False)


def _area_of(outline: Path) -> float:
    return float(area([(Fraction(x), Fraction(y)) for x, y in outline]))


def _lines(row: BoundaryRow, given: Mapping[str, Any], plane: tuple[Any, Any], box: Box) -> list[tuple[str, Path]]:
    """A boundary inside the box; several equations make it a point, and a point is no line."""
    import sympy as sp

    told = " | ".join(row.between)
    names = [symbol.name for symbol in plane]
    along = [item for item in row.along if not isinstance(item, sp.Equality)]
    equal = [item for item in row.along if isinstance(item, sp.Equality)]
    if any((item.lhs - item.rhs).subs(values_for([item], given)) != 0 for item in equal):
        return []
    forms = _positive_forms(along, given, names)
    line = (row.equation.lhs - row.equation.rhs).subs(values_for([row.equation], given))
    if forms is None or not {symbol.name for symbol in line.free_symbols} & set(names):
        return []
    sides, straight = [half_plane(form, plane) for form in forms], half_plane(line, plane)
    if straight is None or None in sides:
        return [(told, path) for path in traced(line, forms, plane, box)]
    ends = segment(straight, [side for side in sides if side is not None], box)
    return [(told, ends)] if ends else []


def settled(record: Theory, diagram: Diagram, values: Values, box: Box) -> Chart:
    """The chart; where the symbolic regions leave a gap, as on a wall between two parameters' ranges, derived again there."""
    drawn = chart(record, diagram, values, box)
    if drawn.covered > 1 - 1e-3 or record.phases is None:
        return drawn
    parameters = {name: values[name] for name in record.phase_parameters if name in values}
    again = chart(record, record.phases(**parameters), values, box)
    return again if again.covered > drawn.covered else drawn
