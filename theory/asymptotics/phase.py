"""One phase: a region of control exponents with one law; joining regions with the same law, finding overlaps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import sympy as sp

from .balance import Balance, Piece
from .exact import Form
from .polyhedra import Polyhedron


@dataclass(frozen=True)
class Phase:
    """A region with one law: observable = constant · L^exponent (log L)^log (1 + o(1)) (claim A3)."""

    name: str
    region: Polyhedron
    power: Form
    log: sp.Expr
    constant: sp.Expr | None
    balances: tuple[Balance, ...] = field(repr=False)

    @property
    def exponent(self) -> sp.Expr:
        """Exponent of L in the control exponents."""
        return self.power.to_sympy()

    @property
    def gap(self) -> sp.Expr:
        """The least power of L by which a term that does not lead is smaller, of those that are numbers; 1 at most."""
        powers = (power for balance in self.balances for item in balance.dominances for _, power, _ in item.gaps)
        numbers = (power.constant.to_sympy() for power in powers if power.is_constant)
        return sp.Min(1, *(value for value in numbers if value.is_Rational and value > 0))

    @property
    def law(self) -> tuple[object, ...]:
        """What two neighbouring regions must share to be one phase."""
        return self.name, self.power, self.log, self.constant


def phase_of(name: str, piece: Piece) -> Phase:
    """The phase of one piece of an observable."""
    return Phase(name, piece.region, piece.power, piece.log_power.to_sympy(), piece.constant, (piece.balance,))


def join_phases(phases: Sequence[Phase]) -> list[Phase]:
    """Regions with one name and law become one wherever their union is convex."""
    result = list(phases)
    merging = True
    while merging:
        merging = False
        for first, second in combinations(result, 2):
            union = first.region.joined(second.region) if first.law == second.law else None
            if union is not None:
                joined = Phase(
                    first.name, union, first.power, first.log, first.constant, first.balances + second.balances
                )
                result = [joined if p is first else p for p in result if p is not second]
                merging = True
                break
    return result


def find_overlaps(phases: Sequence[Phase]) -> Iterator[tuple[str, str, Polyhedron]]:
    """Pairs of phases whose regions share an open set: coexistence of balances, or a mistake in a region."""
    for first, second in combinations(phases, 2):
        common = first.region.intersection(second.region)
        if common.emptiness() is None:
            yield first.name, second.name, common.irredundant()
