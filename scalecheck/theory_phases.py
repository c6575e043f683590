"""The phase diagram of a theory with the values that its parameters were given, drawn over numbers if asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import replace
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scalecheck.proofs_checks.conjectures.hints import nearest
from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.registry import theories

if TYPE_CHECKING:
    from scalecheck.proofs_checks.diagrams import Diagram
    from scalecheck.proofs_checks.theory_record import Theory


def diagram_of(
    record: Theory, dim: float | None, plot: Path | None, spread: Executor, parameters: Mapping[str, object]
) -> Diagram:
    """The diagram; `plot` is a file for it over local exponents, measured at the size `dim` where `spread` puts the work."""
    if record.phases is None:
        found = [name for name, item in theories().items() if item.phases]
        raise InputError("theory", record.name, "one with a phase diagram: " + ", ".join(found))
    given = {name: _exact(record, name, value) for name, value in parameters.items() if value is not None}
    size = 1e8 if dim is None else float(_number_of("dim", dim, 100.0, 1e12))
    if plot is not None:
        _plot_phases(record, plot, size, given, spread)
    return replace(record.phases(**given), scaling=record.scaling.exponents)


def _plot_phases(record: Theory, path: Path, dim: float, given: dict[str, str], spread: Executor) -> None:
    from .drawing import check_format, save

    if record.phase_map is None:
        raise InputError("plot", str(path), f"nothing: {record.name} has no map of numeric exponents")
    check_format(path)
    where = where_of(record.phase_map, spread)
    save(record.phase_map(dim, **where, **{**record.phase_parameters, **given}), path)


def _exact(record: Theory, name: str, value: object) -> str:
    """A parameter of a diagram as exact text; "3/2" and 1.5 are the same number."""
    from fractions import Fraction

    if name not in record.phase_parameters:
        allowed = f"a parameter of the diagram of {record.name}: {', '.join(record.phase_parameters)}"
        allowed += nearest(name, record.phase_parameters)
        raise InputError(name, value, allowed)
    domain = next(control.domain for control in record.controls if control.name == name)
    text = str(value).strip()
    if domain.words:
        return str(domain.parse(name, text))
    if len(text) > 40 or "e" in text.lower():
        raise InputError(name, value, domain.describe() + ", as a decimal or a fraction")
    try:
        number = Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise InputError(name, value, domain.describe() + ", as a decimal or a fraction") from None
    domain.parse(name, float(number))
    return str(number)


def _number_of(field: str, value: object, low: float, high: float) -> float:
    from scalecheck.proofs_checks.controls import Domain

    return float(Domain(lower=low, upper=high).parse(field, value))


def where_of(function: Callable[..., Any], spread: Executor) -> dict[str, Executor]:
    """The executor, for functions of a theory that take one: those of a theory from outside need not."""
    return {"executor": spread} if "executor" in signature(function).parameters else {}
