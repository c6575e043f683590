"""The crossover diagram of kernel ridge regression in its public form, and numeric local exponents to draw beneath it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor

import numpy as np
import sympy as sp

from scalecheck.numerics.networks.ridge.exponent_map import exponent_map
from scalecheck.theory.asymptotics.phase_diagram import Boundary, PhaseDiagram
from scalecheck.theory.networks.ridge import crossover as derived
from scalecheck.theory.networks.ridge.boundary_laws import why_implicit, with_law
from scalecheck.theory.networks.ridge.letters import capacity as alpha
from scalecheck.theory.networks.ridge.letters import source as smoothness
from scalecheck.theory.networks.ridge.state_equations import DETERMINISTIC

from ...diagrams import BoundaryRow, Diagram, PhaseRow
from ...figures import MapData
from ...maps import overlay

Values = dict[sp.Symbol, sp.Rational]
NOTES = (
    "ridge = samples**b, noise = samples**(-c): a fixed noise crosses over where samples**(-c) equals it",
    "on the wall source = 1 the noiseless laws carry a logarithm: give source the value 1 to see them",
    "no open region is lost: for given capacity and source six regimes cover the plane",
    *why_implicit(),
)


def diagram(capacity: str | None = None, source: str | None = None) -> Diagram:
    """The diagram out of the dominant-balance engine, on both sides of saturation or at exact values of the parameters.

    Examples
    --------
    >>> [len(diagram(source=value).phases) for value in (None, "1/2", "1")]
    [12, 6, 6]
    """
    given = {alpha: capacity, smoothness: source}
    values = {symbol: sp.Rational(text) for symbol, text in given.items() if text is not None}
    on_wall = values.get(smoothness) == derived.saturation()
    found = derived.saturation_line() if on_wall else derived.phases()
    phases = tuple(_phase_row(p, values) for p in found if _possible(p.region, values))
    if on_wall:
        lines = _boundary_rows(derived.wall_diagram(), (), derived.saturation_line(), values)
    else:
        sides = [side for side in derived.sides() if _possible((side.relation,), values)]
        lines = []
        for side in sides:
            regimes = tuple(p for p in derived.phases() if side.relation in p.region)
            lines += _boundary_rows(side.diagram, (side.relation,), regimes, values)
    told = {symbol.name: str(value) for symbol, value in values.items()}
    # Every chamber's tiling was proved on the way; a diagram that does not tile is never returned by the witness.
    return Diagram("ridge", "risk", "samples", ("b", "c"), phases, tuple(lines), True, NOTES, told, (DETERMINISTIC,))


def _phase_row(found: derived.Phase, values: Values) -> PhaseRow:
    exponent, log = (sp.sympify(item).subs(values) for item in (found.exponent, found.log))
    constant = _at(found.constant, values)
    return PhaseRow(found.name, sp.expand(exponent), constant, log, _relations(found.region, values))


def _boundary_rows(
    diagram_of_side: PhaseDiagram, side: Sequence[sp.Rel], regimes: tuple[derived.Phase, ...], values: Values
) -> list[BoundaryRow]:
    return [_boundary_row(with_law(line, regimes), side, values) for line in diagram_of_side.boundaries]


def _boundary_row(line: Boundary, side: Sequence[sp.Rel], values: Values) -> BoundaryRow:
    """A line with its law, if it has one."""
    equation = sp.Eq(line.equation.lhs, line.equation.rhs.subs(values), evaluate=False)
    along = _relations((*line.along, *side), values)
    if line.exponent is None or line.constant is None:
        return BoundaryRow(line.between, equation, along, line.continuous, None)
    exponent = sp.expand(line.exponent.subs(values))
    constant = _at(line.constant, values)
    return BoundaryRow(line.between, equation, along, line.continuous, exponent, constant, sp.sympify(line.log))


def _at(constant: sp.Expr, values: Values) -> sp.Expr:
    """A constant at values of the parameters; at a removable point such as source = 1/2 by its limit."""
    first = constant.subs({alpha: values[alpha]}) if alpha in values else constant
    if smoothness not in values:
        return first
    value = first.subs(smoothness, values[smoothness])
    return sp.limit(first, smoothness, values[smoothness]) if value.has(sp.nan, sp.zoo) else sp.simplify(value)


def _possible(relations: Sequence[sp.Basic], values: Values) -> bool:
    return all(bool(r.subs(values) != sp.false) for r in relations)


def _relations(relations: Sequence[sp.Rel], values: Values) -> tuple[sp.Rel, ...]:
    """Relations at a value; those that then always hold are no relations any more."""
    return tuple(r for r in (item.subs(values) for item in relations) if r != sp.true)


def phase_map(samples: float, capacity: str, source: str, size: int = 120, executor: Executor | None = None) -> MapData:
    """Numeric local exponents of the risk over the plane, with the derived boundaries on top."""
    exponent = sp.Rational(capacity)
    low = float(1 - 2 * exponent)
    b_values, c_values = np.linspace(low, 3.0, size), np.linspace(-3.0, float(2 * exponent) + 1.0, size)
    found = exponent_map(
        samples=samples,
        capacity=float(exponent),
        source=float(sp.Rational(source)),
        b=b_values,
        c=c_values,
        executor=executor,
    ).value
    lines, labels = overlay(diagram(capacity, source), b_values, c_values)
    title = f"local exponent of the risk, n = {samples:.0e}, α = {capacity}, r = {source}"
    axes = ("b   (ridge = samples^b)", "c   (noise = samples^-c)")
    return MapData(*axes, list(b_values), list(c_values), found.exponent.T, title, lines, labels)
