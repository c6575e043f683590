"""A click in the plane: the controls there, the law beside the numeric witness, what was learned, and the command for it.

Each part is a function of its own, so that the cheap ones show at once. What cannot be told is told in one line, never as a
traceback and never as a NaN.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from scalecheck.numerics.errors import DomainError, NotConverged
from scalecheck.proofs_checks.conjectures.expressions import to_sympy
from scalecheck.proofs_checks.conjectures.grammar import parse_formula
from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.figures import FigureData, Role, Series

from ..points import Point, as_mapping
from .model import Values
from .regions import symbols_of, values_for

if TYPE_CHECKING:
    from scalecheck.proofs_checks.controls import Control, Value
    from scalecheck.proofs_checks.diagrams import BoundaryRow, Diagram, PhaseRow
    from scalecheck.proofs_checks.local_law import LocalLaw
    from scalecheck.proofs_checks.spectra import Spectrum
    from scalecheck.proofs_checks.theory_record import Theory

DIGITS = 12
"""Digits of a control that was computed from its exponent: the command shown repeats the very same double."""
NO_CONSTANT = "no closed form of the constant here, so the law has no value of its own"
PLACES = 100
"""Coordinates of a click are rounded to 1/100: exact, short to write, and finer than a hand aims."""
CURVE = (1.0, 14)
"""The curve against the law: decades on either side of the chosen size, and points."""
TOLD = (NotConverged, DomainError, InputError)
"""What means something to a person; all of these are one line."""


@dataclass(frozen=True)
class Place:
    """A point of the plane as exact text, with every control there; `trouble` says why there are none."""

    theory: str
    where: Mapping[str, str]
    controls: Mapping[str, Value]
    command: str
    trouble: str = ""


@dataclass(frozen=True)
class Law:
    """The law at a place and its value at the chosen size; either may be missing, and `trouble` says why."""

    local: LocalLaw | None
    formula: Any
    value: float | None
    trouble: str = ""


@dataclass(frozen=True)
class Solved:
    """The numeric witness at a place: the solved point, the observable of the diagram in it, and its ratio to the law."""

    point: Point | None
    observable: float | None
    ratio: float | None
    trouble: str = ""


@dataclass(frozen=True)
class Learned:
    """The learned spectrum at a place, or why there is none."""

    spectrum: Spectrum | None
    trouble: str = ""


@dataclass(frozen=True)
class Curve:
    """The observable over the large parameter along the path through a place, the law over it, and what was left out."""

    figure: FigureData
    trouble: str = ""


def one_line(error: BaseException) -> str:
    """An error as one line without its trailing stop."""
    return " ".join(str(error).split()).rstrip(".")


def snapped(x: float) -> str:
    """A coordinate as short exact text.

    Examples
    --------
    >>> snapped(0.7512), snapped(-1.0), snapped(-0.001)
    ('0.75', '-1', '0')
    """
    return f"{round(x * PLACES) / PLACES + 0.0:g}"


def place(record: Theory, diagram: Diagram, values: Values, coordinates: Sequence[str]) -> Place:
    """Every control at a point of the plane.

    Examples
    --------
    >>> from scalecheck.proofs_checks.registry import theory
    >>> record = theory("diagonal")
    >>> values = {"decay": "1", "noise": "1", "dim": "1e8"}
    >>> found = place(record, record.phases(decay="1"), values, ("0.75", "1/8"))
    >>> found.command
    'scalecheck solve diagonal --dim 100000000 --samples 1000000 --weight-decay 10 --decay 1 --noise 1'
    """
    where = dict(zip(diagram.plane, coordinates, strict=True))
    try:
        exponents = {name: _coordinate(name, text) for name, text in where.items()}
        controls = _controls(record, values, exponents)
    except InputError as error:
        return Place(record.name, where, {}, "", one_line(error))
    return Place(record.name, where, controls, command(record, record.command, controls))


def _coordinate(name: str, text: str) -> Fraction:
    try:
        if len(text) > 40:
            raise ValueError
        return Fraction(text.strip())
    except (ValueError, ZeroDivisionError):
        raise InputError(name, text, "a number as a decimal or a fraction") from None


def _controls(record: Theory, values: Values, exponents: Mapping[str, Fraction]) -> dict[str, Value]:
    """Controls along the path that the record states, the knobs, and the plane where it is made of controls itself."""
    large = float(values[record.scaling.large])
    given: dict[str, object] = {}
    for control in record.controls:
        if control.name in record.scaling.exponents:
            given[control.name] = _power(control, large, _exponent(record.scaling.exponents[control.name], exponents))
        elif control.name in exponents:
            given[control.name] = float(exponents[control.name])
        elif control.name in values:
            given[control.name] = values[control.name]
    return record.point(given)


def _exponent(text: str, exponents: Mapping[str, Fraction]) -> float:
    import sympy as sp

    node = parse_formula(text)
    symbols = {name: sp.Symbol(name, real=True) for name in node.names()}
    values = {
        symbols[name]: sp.Rational(x.numerator, x.denominator) for name, x in exponents.items() if name in symbols
    }
    return float(to_sympy(node, symbols).subs(values))


def _power(control: Control, large: float, exponent: float) -> float:
    """A power of the large parameter with so many digits that the command line repeats it to the bit."""
    logarithm = exponent * math.log10(large)
    if abs(logarithm) > 300:
        raise InputError(control.name, f"1e{logarithm:.0f}", control.domain.describe() + " that a double holds")
    return float(f"{large**exponent:.{DIGITS}g}")


def command(record: Theory, name: str, controls: Mapping[str, Value]) -> str:
    """The line that reproduces a point: what follows from other controls is left out."""
    words = ["scalecheck", name] + ([] if name == record.command != "solve" else [record.name])
    for control in record.controls:
        if control.follows is None or control.name in controls:
            words += [control.option, _text(controls[control.name])]
    held = {control.option for control in record.controls if control.name in record.scaling.held}
    kept = [i for i, word in enumerate(words) if word not in held and (i == 0 or words[i - 1] not in held)]
    return " ".join(words[i] for i in kept)


def _text(value: Value) -> str:
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)


def law(record: Theory, diagram: Diagram, values: Values, at: Place) -> Law:
    """The law at a place, exactly, and its leading term at the chosen size.

    Examples
    --------
    >>> from scalecheck.proofs_checks.registry import theory
    >>> record = theory("diagonal")
    >>> values = {"decay": "1", "noise": "1", "dim": "1e8"}
    >>> diagram = record.phases(decay="1")
    >>> found = law(record, diagram, values, place(record, diagram, values, ("0.75", "1/8")))
    >>> found.local.name, found.local.exponent, round(found.value, 9)
    ('II', -1/8, 0.2)
    """
    from .model import numbers

    told = {name: str(value) for name, value in numbers(record, values).items()}
    known = set(_names(diagram))
    given = {name: text for name, text in {**told, **at.where}.items() if name in known | set(diagram.plane)}
    given.pop(diagram.large, None)
    try:
        local = diagram.at(**{name: text for name, text in given.items() if name in known})
    except InputError as error:
        crossing = "no law is stated here: outside the plane of the diagram, or where boundaries cross"
        return Law(None, None, None, crossing if error.field == "point" else one_line(error))
    listed: list[PhaseRow | BoundaryRow] = [*diagram.phases, *diagram.boundaries]
    row = next((item for item in listed if _is(item, local, given)), None)
    formula = _formula(diagram, row, given)
    if formula is None:
        return Law(local, None, None, NO_CONSTANT)
    value = _number(formula, diagram.large, float(values[record.scaling.large]))
    return Law(local, formula, value, "" if value is not None else "the law has no finite value here")


def _names(diagram: Diagram) -> dict[str, set[Any]]:
    parts: list[Any] = []
    rows: list[PhaseRow | BoundaryRow] = [*diagram.phases, *diagram.boundaries]
    for row in rows:
        parts += [row.exponent, row.constant, row.log, *getattr(row, "region", ()), *getattr(row, "along", ())]
        parts.append(getattr(row, "equation", None))
    return symbols_of(part for part in parts if part is not None)


def _is(row: PhaseRow | BoundaryRow, local: LocalLaw, given: Mapping[str, str]) -> bool:
    """Whether the local law was read off this row: its name, and all its conditions hold."""
    import sympy as sp

    between = getattr(row, "between", None)
    if (row.name if between is None else " | ".join(between)) != local.name:
        return False
    relations = row.along if hasattr(row, "along") else row.region
    equations = (row.equation,) if hasattr(row, "equation") else ()
    exact = {name: sp.Rational(text) for name, text in given.items()}
    return all(item.subs(values_for([item], exact)) == sp.true for item in (*relations, *equations))


def _formula(diagram: Diagram, row: PhaseRow | BoundaryRow | None, given: Mapping[str, str]) -> Any:
    """What the observable tends to, as a formula in the large parameter alone; None where no constant is at hand.

    An integral without a closed form is left to the solver of its theory: SymPy may take for ever over it.
    """
    import sympy as sp

    if row is None or row.exponent is None or row.constant is None or row.constant.has(sp.Integral):
        return None
    large = sp.Symbol(diagram.large, positive=True)
    if row.law is not None and not row.exponent.is_finite:
        whole = row.law
    else:
        logarithm = sp.S.Zero if row.log is None else row.log
        whole = row.constant * large**row.exponent * sp.log(large) ** logarithm
    # SymPy looks for exact roots in powers of fractions, which takes hours where a float takes none.
    digits = {name: sp.Float(sp.Rational(text), 30) for name, text in given.items()}
    return whole.subs(values_for([whole], digits))


def _number(formula: Any, name: str, size: float) -> float | None:
    """A formula in numbers; None where it has no finite positive value."""
    import sympy as sp

    value = sp.N(formula.subs(values_for([formula], {name: sp.Float(size, 30)})))
    if not value.is_number or not value.is_real:
        return None
    number = float(value)
    return number if math.isfinite(number) and number > 0 else None


def completed(diagram: Diagram, found: Law, told: Solved, size: float) -> Law:
    """The law with the constant that its theory's own solver reports, where the diagram has none in closed form."""
    import sympy as sp

    constant = None if told.point is None else as_mapping(told.point.value).get("constant")
    local = found.local
    if found.formula is not None or local is None or local.exponent is None or not isinstance(constant, float):
        return found
    if not local.exponent.is_finite or not math.isfinite(constant):
        return found
    large = sp.Symbol(diagram.large, positive=True)
    formula = sp.Float(constant) * large**local.exponent * sp.log(large) ** (local.log or sp.S.Zero)
    return replace(found, formula=formula, value=_number(formula, diagram.large, size), trouble="")


def solved(record: Theory, diagram: Diagram, at: Place, found: Law) -> Solved:
    """The numeric witness at a place; what did not converge is said, never shown."""
    if at.trouble or record.solve is None:
        return Solved(None, None, None, at.trouble)
    try:
        solution = record.solve(**at.controls)
    except TOLD as error:
        return Solved(None, None, None, one_line(error))
    point = Point(record.kind, record.name, at.controls, solution)
    value = observable(diagram, solution.value)
    return compared(Solved(point, value, None), found)


def compared(told: Solved, found: Law) -> Solved:
    """What was solved, with its ratio to the law."""
    ratio = told.observable / found.value if told.observable is not None and found.value else None
    return replace(told, ratio=ratio)


def observable(diagram: Diagram, value: Any) -> float | None:
    """The observable of the diagram in what was solved; None where it is not there or not finite."""
    told = as_mapping(value)
    number = told.get(diagram.observable, value if "value" in told else None)
    if isinstance(number, int | float) and math.isfinite(number):
        return float(number)
    return None


def learned(record: Theory, at: Place) -> Learned:
    """The learned spectrum at a place."""
    if record.spectrum is None or at.trouble:
        return Learned(None, at.trouble or f"{record.name} has no learned spectrum")
    try:
        return Learned(record.spectrum(**at.controls))
    except TOLD as error:
        return Learned(None, one_line(error))


def curve(record: Theory, diagram: Diagram, values: Values, at: Place, found: Law) -> Curve:
    """The observable as the large parameter grows along the path through a place, with the law over it."""
    decades, count = CURVE
    name, middle = record.scaling.large, float(values[record.scaling.large])
    # Sizes below ten are not large; above, the path goes on for as long as the controls stay in their domains.
    low = max(math.log10(middle) - 3 * decades, 1.0)
    high = math.log10(middle) + decades
    sizes = [10 ** (low + (high - low) * k / (count - 1)) for k in range(count)]
    points: list[tuple[float, float]] = []
    left_out = ""
    for size in sizes:
        there = place(record, diagram, {**values, name: f"{round(size)}"}, tuple(at.where.values()))
        told = solved(record, diagram, there, Law(None, None, None))
        left_out = told.trouble or left_out
        if told.observable is not None and told.observable > 0:
            points.append((float(round(size)), told.observable))
    series = [Series(f"solved {diagram.observable}", Role.SOLUTION, *_columns(points))]
    if found.formula is not None:
        leading = [(size, _number(found.formula, diagram.large, size)) for size in sizes]
        series.append(Series("derived law", Role.LAW, *_columns([(x, y) for x, y in leading if y is not None])))
    return Curve(FigureData(name, diagram.observable, tuple(series)), left_out)


def _columns(points: Sequence[tuple[float, float]]) -> tuple[list[float], list[float]]:
    return [x for x, _ in points], [y for _, y in points]
