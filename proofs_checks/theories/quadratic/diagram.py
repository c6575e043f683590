"""The phase diagram of the quadratic network in its public form, and the numeric local exponents to draw beneath it."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import replace
from functools import cache

import numpy as np
import sympy as sp

from scalecheck.numerics.networks.quadratic.exponent_map import exponent_map
from scalecheck.theory.networks.quadratic.diagram import (
    absent_phases,
    boundaries,
    boundaries_at,
    phase_diagram,
    phase_diagram_at,
    restored,
)
from scalecheck.theory.networks.quadratic.state_equations import DETERMINISTIC, GAUSSIAN_DESIGN, PROPORTIONAL_LIMIT
from scalecheck.theory.symbols import decay
from scalecheck.theory.symbols import dim as dim_symbol

from ...diagrams import BoundaryRow, Diagram, PhaseRow
from ...figures import MapData
from ...maps import overlay

ASSUMPTIONS = (PROPORTIONAL_LIMIT, GAUSSIAN_DESIGN, DETERMINISTIC)
FULL_WIDTH = "p = d: all laws are for a network as wide as its input"


@cache
def diagram(decay_value: str | None = None) -> Diagram:
    """The diagram out of the dominant-balance engine, for symbolic γ or at an exact value of it."""
    value = {} if decay_value is None else {decay: sp.Rational(decay_value)}
    derived = phase_diagram() if decay_value is None else phase_diagram_at(value[decay])
    found = boundaries() if decay_value is None else boundaries_at(value[decay])
    phases = tuple(
        PhaseRow(row.name, row.exponent, _plain(row.constant, value), row.log, tuple(row.region.inequalities))
        for row in derived.phases
    )
    lines = tuple(
        BoundaryRow(row.between, row.equation, row.along, row.continuous, row.exponent, row.constant, row.log)
        for row in found
    )
    notes = tuple(f"{name}: {reason}" for name, reason in sorted(absent_phases().items()))
    parameters = {symbol.name: str(number) for symbol, number in value.items()}
    assumptions = (*ASSUMPTIONS, FULL_WIDTH)
    return Diagram("quadratic", "risk", "dim", ("a", "b"), phases, lines, derived.tiles, notes, parameters, assumptions)


def _plain(constant: sp.Expr | None, value: dict[sp.Symbol, sp.Rational]) -> sp.Expr | None:
    """A constant in the symbols of theory.md, at the value of γ if there is one."""
    return None if constant is None else sp.powsimp(restored(constant).subs(value))


def phase_map(dim: float, decay_value: str, size: int = 80, executor: Executor | None = None) -> MapData:
    """Numeric local exponents of the risk over the plane, with the derived boundaries on top.

    The exponent is d log R / d log dim at fixed (a, b), from state evolution alone.
    """
    a_values = np.linspace(-1.0, 4.0, size)
    b_values = np.linspace(-2.0, 3.0, size)
    gamma = float(sp.Rational(decay_value))
    found = exponent_map(dim=dim, decay=gamma, noise=1.0, a=a_values, b=b_values, executor=executor).value
    lines, labels = overlay(_at_size(diagram(decay_value), dim), a_values, b_values)
    title = f"local exponent of the risk, dim = {dim:g}, γ = {decay_value}"
    return MapData(
        "a   (n = dim^(1 + a))", "b   (λ = dim^b)", list(a_values), list(b_values), found.exponent.T, title, lines, labels
    )  # fmt: skip


def _at_size(whole: Diagram, dim: float) -> Diagram:
    """The diagram with its one line that depends on dim, the peak at n = d²/4, where it is at this dim."""
    here = {dim_symbol: sp.Float(dim)}
    lines = tuple(
        replace(row, equation=sp.Eq(row.equation.lhs, row.equation.rhs.subs(here))) for row in whole.boundaries
    )
    return replace(whole, boundaries=lines)
