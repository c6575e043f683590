"""When leading terms cancel: what the next order says, or that it says nothing.

Dominant pairs c₁m₁ + c₂m₂ + rest = 0 read log(c₁m₁/(-c₂m₂)) = log(1 + δ), δ = rest/(c₂m₂). If the pairs of several
constraints depend on each other (Σ n log(c₁m₁/(-c₂m₂)) = 0 identically), their leading order leaves an unknown free, and the
truth is in Σ n log(1 + δ) = 0, of which Σ n δ = 0 is the leading part: a new sum, in which the cancelled terms are gone.
For two constraints with n = (1, -1) this is exact (an S-polynomial: the step towards a tropical basis); otherwise it is
leading order as long as nothing cancels in it again, and that is checked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp

from .chambers import Arena
from .exact import Number
from .linear_programming import echelon
from .reader import SumConstraint
from .scales import Term, merge


@dataclass(frozen=True)
class Dominated:
    """A sum with the indices of its dominant terms."""

    constraint: SumConstraint
    dominant: tuple[int, ...]

    def ratio(self) -> Term:
        """c₁m₁/(-c₂m₂) of a dominant pair."""
        first, second = (self.constraint.terms[i] for i in self.dominant)
        negative = second.with_coefficient(-second.coefficient)
        return first * negative ** (-self.constraint.terms[0].ground.one)

    def correction(self) -> list[Term]:
        """δ = rest/(c₂m₂)."""
        inverse = self.constraint.terms[self.dominant[1]] ** (-self.constraint.terms[0].ground.one)
        return [t * inverse for i, t in enumerate(self.constraint.terms) if i not in self.dominant]


def next_order(sums: Sequence[Dominated], arena: Arena, depth: int) -> tuple[SumConstraint, str] | str:
    """The sum that decides where leading order does not, with the label of the sum whose place it takes.

    Or the reason why there is none, as a sentence.
    """
    pairs = [s for s in sums if len(s.dominant) == 2]
    weights = _dependency(pairs, arena)
    if weights is None:
        return "more than two terms tie in a dependent set of leading equations"
    involved = [(p, w) for p, w in zip(pairs, weights) if w]
    product = involved[0][0].ratio() ** involved[0][1]
    for pair, weight in involved[1:]:
        product = product * pair.ratio() ** weight
    if product.power or product.log_power:
        return "the dependent leading equations hold on a lower-dimensional set of control exponents only"
    if sp.simplify(product.coefficient) != 1:
        return "inconsistent: the leading coefficients of dependent equations contradict each other"
    if any(pair.constraint.truncated for pair, _ in involved):
        return "leading terms cancel, of sums whose smaller terms are not followed"
    terms = [t.with_coefficient(t.coefficient * w.to_sympy()) for p, w in involved for t in p.correction()]
    merged = merge(terms)
    if not merged:
        return "the equations are dependent: they leave an unknown free"
    if len(merged) < len(terms) and not _exact([w for _, w in involved]):
        return "terms cancel again at the next order"
    names = ", ".join(p.constraint.label for p, _ in involved)
    return SumConstraint(f"order {depth + 2} of ({names})", tuple(merged)), involved[-1][0].constraint.label


def _exact(weights: Sequence[Number]) -> bool:
    return len(weights) == 2 and weights[0] == -weights[1]


def _dependency(pairs: Sequence[Dominated], arena: Arena) -> list[Number] | None:
    """Weights n, not all zero, with Σ n · (exponents of unknowns in the pair's ratio) = 0."""
    ratios = [p.ratio() for p in pairs]
    unknowns = tuple(dict.fromkeys(u for r in ratios for u in r.unknowns))
    zero, one = arena.field.zero, arena.field.one
    matrix = [[r.unknowns.get(u, zero) for r in ratios] for u in unknowns]
    pivots, reduced = echelon(matrix, len(ratios), arena)
    free = [k for k in range(len(ratios)) if k not in pivots]
    if not free:
        return None
    weights = [zero] * len(ratios)
    weights[free[0]] = one
    for pivot, row in zip(pivots, reduced):
        weights[pivot] = -row[free[0]]
    return weights
