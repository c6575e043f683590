"""Boundaries and names of a phase diagram as things that can be drawn over a map of numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from .diagrams import BoundaryRow, Diagram
from .values import value_at

Array = NDArray[np.float64]
Line = tuple[list[float], list[float]]
Label = tuple[float, float, str]


def overlay(diagram: Diagram, x: Array, y: Array) -> tuple[list[Line], list[Label]]:
    """Boundaries as lines and names at the middle of what is visible of each region; all parameters must be numbers."""
    lines = [line for row in diagram.boundaries if (line := _line(diagram, row, x, y)) is not None]
    labels = [label for row in diagram.phases if (label := _label(diagram, row.name, row.region, x, y)) is not None]
    return lines, labels


def _line(diagram: Diagram, row: BoundaryRow, x: Array, y: Array) -> Line | None:
    """Points of a boundary inside the window: it is y = f(x), or x = constant."""
    names = diagram.plane
    fine_x, fine_y = np.linspace(x[0], x[-1], 400), np.linspace(y[0], y[-1], 400)
    if row.equation.lhs.name == names[1]:
        heights = [value_at(row.equation.rhs, {names[0]: float(v)}) for v in fine_x]
        points = list(zip(fine_x, heights, strict=True))
    else:
        points = [(float(row.equation.rhs), float(v)) for v in fine_y]
    kept = [(u, v) for u, v in points if y[0] <= v <= y[-1] and x[0] <= u <= x[-1] and _inside(row.along, names, u, v)]
    return ([float(u) for u, _ in kept], [float(v) for _, v in kept]) if len(kept) > 1 else None


def _label(diagram: Diagram, name: str, region: Sequence[sp.Rel], x: Array, y: Array) -> Label | None:
    grid = [(u, v) for u in x[::4] for v in y[::4] if _inside(region, diagram.plane, u, v)]
    if not grid:
        return None
    middle = np.mean(grid, axis=0)
    return float(middle[0]), float(middle[1]), name


def _inside(relations: Sequence[sp.Rel], names: tuple[str, str], u: float, v: float) -> bool:
    """Whether all strict inequalities hold; they are linear, so the difference of the sides is read off."""
    return all(_difference(item, names)(u, v) > 0 for item in relations)


@lru_cache(maxsize=1024)  # read off once, not at every point of a grid
def _difference(relation: sp.Rel, names: tuple[str, str]) -> Callable[[float, float], float]:
    """The larger side minus the smaller as a function of the plane."""
    form = sp.expand(relation.gts - relation.lts)
    slopes = [float(form.coeff(_symbol(form, name))) for name in names]
    offset = float(form.subs({_symbol(form, name): 0 for name in names}))
    return lambda u, v: slopes[0] * u + slopes[1] * v + offset


def _symbol(expression: sp.Expr, name: str) -> sp.Symbol:
    """The symbol of that name in an expression; a fresh one, that changes nothing, where it does not occur."""
    return next((symbol for symbol in expression.free_symbols if symbol.name == name), sp.Symbol(name, real=True))
