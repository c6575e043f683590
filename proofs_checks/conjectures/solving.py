"""Observables in numbers: what the solver of a theory says at one scale of a path, or at all of them at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import sympy as sp

from scalecheck.numerics.errors import DomainError, NotConverged

from ..errors import InputError
from .comparing import at_point
from .ranges import Ground, told
from .statements import Place
from .strata import UnresolvedError

FLOOR = 1e-12
"""Relative error that is always allowed for: rounding, where a solver claims less."""


def solved(ground: Ground, place: Place, point: Mapping[str, sp.Expr], scale: float) -> tuple[float, float]:
    """Value and relative error of the observable at one scale.

    Raises
    ------
    InputError, DomainError, NotConverged, ArithmeticError
        Where the solver has no such point, or no positive number comes out.
    """
    assert ground.record.solve is not None
    given = ground.record.point(settings_at(ground, place, point, scale))
    return _solved(ground.record.solve, place.observable, tuple(given.items()))


def together(
    ground: Ground, place: Place, point: Mapping[str, sp.Expr], scales: Sequence[float]
) -> dict[float, tuple[float, float]]:
    """Values and errors at all scales at once, where the theory has a way to that; nothing if one of them has none."""
    if ground.record.solve_many is None:
        return {}
    try:
        given = [ground.record.point(settings_at(ground, place, point, scale)) for scale in scales]
        found = _solved_many(ground.record.solve_many, place.observable, tuple(tuple(at.items()) for at in given))
    except (NotConverged, DomainError, InputError, ArithmeticError):
        return {}  # asked one by one, those that have one are found, and the others' trouble is told
    return dict(zip(scales, found, strict=True))


@lru_cache(maxsize=1024)
def _solved_many(
    solve_many: Callable[..., Any], observable: str, given: tuple[tuple[tuple[str, Any], ...], ...]
) -> list[tuple[float, float]]:
    return [_read(solution, observable) for solution in solve_many([dict(point) for point in given])]


@lru_cache(maxsize=8192)
def _solved(solve: Callable[..., Any], observable: str, given: tuple[tuple[str, Any], ...]) -> tuple[float, float]:
    """The same, once: the conjectures of a file are often about one path, of which each claims something else."""
    return _read(solve(**dict(given)), observable)


def _read(solution: Any, observable: str) -> tuple[float, float]:
    solution = solution.checked()
    value = getattr(solution.value, observable, None)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise ArithmeticError(f"{observable} is no positive number ({value})")
    if not 0 <= solution.error < 0.1:
        raise ArithmeticError(f"the solver claims no useful error ({solution.error})")
    return float(value), max(float(solution.error), FLOOR)


def settings_at(ground: Ground, place: Place, point: Mapping[str, sp.Expr], scale: float) -> dict[str, object]:
    """Every control and parameter at one scale."""
    given: dict[str, object] = {name: number_at(value, point) for name, value in ground.setting.values.items()}
    given |= {name: word for name, word in place.controls.items() if isinstance(word, str)}
    given[ground.diagram.large] = scale
    for name, monomial in ground.setting.path.items():
        given[name] = number_at(monomial.factor, point) * scale ** number_at(monomial.exponent, point)
    names = {c.name for c in ground.record.controls}
    return given | {name: float(sp.N(v)) for name, v in point.items() if name in names and name not in given}


def solution_at(ground: Ground, given: Mapping[str, object]) -> Any:
    """What the theory solves there, converged."""
    assert ground.record.solve is not None
    return ground.record.solve(**ground.record.point(given)).checked()


def number_at(value: sp.Expr, point: Mapping[str, sp.Expr]) -> float:
    """A formula at a point, in floating point.

    Raises
    ------
    UnresolvedError
        If it has no finite real value there; at a removable singularity that is its limit.
    """
    found = sp.N(at_point(sp.sympify(value), dict(point)), 20)
    if not (found.is_Number and found.is_finite):
        raise UnresolvedError(f"{value} has no finite real value at {told(dict(point))}")
    return float(found)
