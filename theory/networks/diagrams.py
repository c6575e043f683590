"""What the phase diagrams of all networks with a power-law teacher share: the symbols in their systems, and one chamber for every γ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sympy as sp

from ..asymptotics.chambers import Chamber
from ..asymptotics.phase_diagram import PhaseDiagram

teacher_power = sp.Symbol("teacher_power", positive=True)
"""Σ k^{-2γ} = ζ(2γ), a constant; it is put back into the results."""
positive_noise = sp.Symbol("positive_noise", positive=True)
"""Δ > 0: the engine wants the sign of every term. Put back as well."""
dof_scale = sp.Symbol("dof_scale", positive=True)
"""dof as an unknown scale."""


class NoSingleDiagram(ArithmeticError):
    """The diagram differs between chambers of γ; the message lists them."""


def single(chambers: Sequence[Chamber[PhaseDiagram]]) -> PhaseDiagram:
    """The diagram that holds for every γ, or `NoSingleDiagram`."""
    if len(chambers) != 1:
        raise NoSingleDiagram(f"{len(chambers)} chambers: {[chamber.intervals for chamber in chambers]}")
    return chambers[0].outcome


def put_back(expression: sp.Basic, constants: Mapping[sp.Symbol, sp.Expr]) -> sp.Basic:
    """A result of the engine in the symbols of theory.md: constants that stood for their values, zeta functions expanded.

    Examples
    --------
    >>> put_back(teacher_power, {teacher_power: sp.zeta(2)})
    pi**2/6
    """
    return expression.subs(constants).replace(sp.zeta, lambda *args: sp.expand_func(sp.zeta(*args)))
