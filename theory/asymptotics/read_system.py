"""What a user's equations became: a system of balances, and what its positive symbols stand for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp

from .phase import Phase
from .systems import System


@dataclass(frozen=True)
class ReadSystem:
    """The system for the engine, what its positive symbols stand for: (value, when it is certainly positive), when
    its sums converge: where they do not there are no equations; and why sums have no law where their scale stands at
    their end."""

    system: System
    meaning: Mapping[sp.Symbol, tuple[sp.Expr, sp.Basic]]
    convergence: tuple[sp.Basic, ...] = ()
    open_ends: tuple[str, ...] = ()

    def restored(self, expression: sp.Expr) -> sp.Expr:
        """An expression of the engine with the coefficients put back."""
        return expression.subs({symbol: value for symbol, (value, _) in self.meaning.items()})

    def conditions(self, *expressions: sp.Expr | None) -> tuple[sp.Basic, ...]:
        """Under which the coefficients in some expressions are certainly positive; all coefficients for a None."""
        everything = None in expressions
        symbols = set().union(*(e.free_symbols for e in expressions if e is not None))
        found = [c for symbol, (_, c) in self.meaning.items() if everything or symbol in symbols]
        parts = (part for c in found for part in (c.args if isinstance(c, sp.And) else (c,)) if part != sp.true)
        return tuple(dict.fromkeys(parts))

    def holds_where(self, phase: Phase) -> tuple[sp.Basic, ...]:
        """Under which every unknown of a phase is certainly positive: without one of them there is no solution at all."""
        known = [constant for balance in phase.balances for constant in balance.constants.values()]
        open_ = [side for balance in phase.balances for link in balance.unsolved for side in link.args]
        if phase.constant is None and open_:  # the equations that its constant solves hold all that it is made of
            return self.conditions(*known, *open_)
        return self.conditions(phase.constant, *known)
