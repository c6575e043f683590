"""What figures of the quadratic network share: derived formulas at points, and laws drawn where they are to hold."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import pairwise

import numpy as np
import sympy as sp
from numpy.typing import NDArray
from scipy.integrate import quad

from scalecheck.theory.networks.quadratic.decomposition_laws import PARTS, decomposition_laws
from scalecheck.theory.networks.quadratic.phases import phase, phases

from ...figures import Role, Series
from ...values import value_at

Array = NDArray[np.float64]
Point = Mapping[str, float]
Laws = Iterable[tuple[sp.Expr, sp.Basic]]
"""Laws of one quantity in a phase, each with the condition under which it is the leading one."""

MARGIN = 0.07
"""Distance from a boundary, in exponents, at which a law is no longer drawn."""
DECENT = 0.25
"""A law is drawn where what is derived beyond it adds up to less: a point that is off by more is not yet in its phase."""
SMALLEST = 1e-60
"""Smaller values are not drawn: they would set the scale of the axis."""


def value(formula: sp.Expr, point: Point) -> float:
    """A formula at a point, its symbols found by name; integrals without a closed form by quadrature.

    Examples
    --------
    >>> value(phase("VIb").leading, {"dim": 100.0, "samples": 1e6, "noise": 2.0})
    0.01
    """
    if formula.has(sp.Integral):
        formula = _without_integrals(formula, point["decay"])
    return value_at(formula, point)


@cache
def _without_integrals(formula: sp.Expr, decay_value: float) -> sp.Expr:
    """The formula at this decay, with the integrals that depend on nothing else as numbers."""
    here = formula.subs({s: sp.Float(decay_value) for s in formula.free_symbols if s.name == "decay"})
    outer = [item for item in here.atoms(sp.Integral) if not item.free_symbols]
    return here.xreplace({item: sp.Float(_integrated(item)) for item in outer})


def _integrated(integral: sp.Integral) -> float:
    """An integral over (0, ∞) of a function with a kink at one, which may hold a proper integral itself."""
    variable, low, high = integral.limits[0]
    inner = sorted(integral.function.atoms(sp.Integral), key=sp.default_sort_key)
    letters = sp.symbols(f"inner:{len(inner)}")
    outside = sp.lambdify((variable, *letters), integral.function.xreplace(dict(zip(inner, letters))), "math")
    insides = [
        (sp.lambdify((item.limits[0][0], variable), item.function, "math"), item.limits[0][1:]) for item in inner
    ]

    def at(v: float) -> float:
        parts = (quad(function, float(ends[0]), float(ends[1]), args=(v,))[0] for function, ends in insides)
        return float(outside(v, *parts))

    ends = sorted({float(low), 1.0, float(high)})
    return float(sum(quad(at, left, right)[0] for left, right in pairwise(ends)))


def exponents(point: Point) -> dict[str, float]:
    """a and b of n = dim^(1 + a) and λ = dim^b at a finite point."""
    scale = math.log(point["dim"])
    return {"a": math.log(point["samples"]) / scale - 1, "b": math.log(point["weight_decay"]) / scale}


def inside(relations: Iterable[sp.Basic], point: Point, margin: float = MARGIN) -> bool:
    """Whether a finite point lies in a region by a margin, by its exponents."""
    place = {**point, **exponents(point)}
    return all(_holds(item, place, margin) for item in relations)


def _holds(relation: sp.Basic, place: Point, margin: float) -> bool:
    if isinstance(relation, (sp.And, sp.Or)):
        told = [_holds(item, place, margin) for item in relation.args]
        return all(told) if isinstance(relation, sp.And) else any(told)
    if isinstance(relation, (sp.StrictLessThan, sp.StrictGreaterThan)):
        return value(relation.gts - relation.lts, place) > margin
    return relation is sp.true


def part_laws(name: str, part: str) -> Laws:
    """The laws of a part of the risk in a phase; none where it is zero or below every power."""
    return [(law.leading, law.condition) for law in decomposition_laws(name)[part] if law.leading != 0]


def settled(name: str, point: Point) -> bool:
    """Whether what is derived beyond the leading law is small: its first corrections, or else the lesser parts of the risk."""
    beyond = [value(item.expression, point) for item in phase(name).corrections]
    if not beyond:
        laws = (law for part in PARTS for law in part_laws(name, part) if law[0] != phase(name).leading)
        lead = value(phase(name).leading, point)
        beyond = [value(law, point) / lead for law, condition in laws if inside((condition,), point, 0.0)]
    return sum(map(abs, beyond)) < DECENT


def law_lines(
    laws: Callable[[str, Point], Laws], points: Sequence[Point], x: Sequence[float], label: str
) -> list[Series]:
    """One line a law over those of the points, whose abscissas are x, that lie in its region; absolute values.

    The label goes to the first line alone: one entry in the legend.
    """
    told: dict[sp.Expr, list[tuple[float, float]]] = {}
    for at, point in zip(x, points, strict=True):
        for found in phases():
            if inside(found.region, point) and settled(found.name, point):
                for formula, condition in laws(found.name, point):
                    size = abs(value(formula, point))
                    if inside((condition,), point) and size > SMALLEST:
                        told.setdefault(formula, []).append((at, size))
    lines = [line for line in told.values() if len(line) > 1]
    return [
        Series("" if number else label, Role.LAW, [u for u, _ in line], [v for _, v in line])
        for number, line in enumerate(lines)
    ]
