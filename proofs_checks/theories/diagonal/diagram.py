"""The phase diagram of the diagonal network in its public form, and the numeric local exponents to draw beneath it."""

from __future__ import annotations

from concurrent.futures import Executor
from functools import cache

import sympy as sp

from scalecheck.theory.networks.diagonal.diagram import absent_phases, phase_diagram, phase_diagram_at, restored
from scalecheck.theory.networks.diagonal.state_equations import PROPORTIONAL_LIMIT
from scalecheck.theory.symbols import decay

from ...diagrams import BoundaryRow, Diagram, PhaseRow
from ...figures import MapData


@cache
def diagram(decay_value: str | None = None) -> Diagram:
    """The diagram out of the dominant-balance engine, for symbolic γ or at an exact value of it."""
    value = {} if decay_value is None else {decay: sp.Rational(decay_value)}
    derived = phase_diagram() if decay_value is None else phase_diagram_at(value[decay])
    phases = tuple(
        PhaseRow(row.name, row.exponent, _plain(row.constant, value), row.log, tuple(row.region.inequalities))
        for row in derived.phases
    )
    lines = tuple(
        BoundaryRow(
            row.between,
            row.equation,
            row.along,
            row.continuous,
            row.exponent,
            _plain(row.constant, value),
            row.log,
        )
        for row in derived.boundaries
    )
    notes = tuple(f"{name}: {reason}" for name, reason in sorted(absent_phases().items()))
    parameters = {symbol.name: str(number) for symbol, number in value.items()}
    return Diagram(
        "diagonal", "risk", "dim", ("a", "b"), phases, lines, derived.tiles, notes, parameters, (PROPORTIONAL_LIMIT,)
    )


def _plain(constant: sp.Expr | None, value: dict[sp.Symbol, sp.Rational]) -> sp.Expr | None:
    """A constant in the symbols of theory.md, at the value of γ if there is one."""
    return None if constant is None else restored(constant).subs(value)


def phase_map(dim: float, decay_value: str, size: int = 120, executor: Executor | None = None) -> MapData:
    """Numeric local exponents of the risk over the plane, with the derived boundaries on top.

    The exponent is d log R / d log dim at fixed (a, b), from state evolution alone.
    """
    # Only who draws pays for the solvers: they take longer to import than a diagram at a number takes to be read.
    import numpy as np

    from scalecheck.numerics.networks.diagonal.exponent_map import exponent_map

    from ...maps import overlay

    a_values = np.linspace(4 / size, 4.0, size)  # with a = 1 on the grid, where the peak is, if 4 divides size
    b_values = np.linspace(-1.5, 3.0, size)
    gamma = float(sp.Rational(decay_value))
    found = exponent_map(dim=dim, decay=gamma, noise=1.0, a=a_values, b=b_values, executor=executor).value
    lines, labels = overlay(diagram(decay_value), a_values, b_values)
    title = f"local exponent of the risk, dim = {dim:g}, γ = {decay_value}"
    return MapData(
        "a   (n = dim^a)", "b   (λ = dim^b)", list(a_values), list(b_values), found.exponent.T, title, lines, labels
    )
