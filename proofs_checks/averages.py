"""Claims that an average over random draws vanishes: identities between expectations, heard on one set of draws.

All terms are measured on the same draws, so that what they share cancels; the rest is compared with its own sampling error.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from .claims import Effort, Witness
from .evidence import Evidence, Firmness, Outcome
from .tables import Cell, Table

DEVIATIONS, REFUTED = 4.0, 8.0
"""Standard errors of the mean within which it vanishes, and beyond which it does not; nothing is decided between."""
RESOLVED = 0.02
"""Largest standard error relative to the mean of `scale`: with a wider one nothing is supported."""

Draws = Mapping[str, NDArray[np.float64] | float]
"""Values by symbol, arrays with an entry a draw, and numbers that all draws share."""


@dataclass(frozen=True)
class Average:
    """The assertion that E `formula` = 0; `scale` is the size of its terms."""

    formula: sp.Expr
    scale: sp.Expr

    YARDSTICKS: ClassVar[tuple[str, ...]] = ("scale",)

    def describe(self) -> str:
        """Say it in a line."""
        return f"E[{self.formula}] = 0"


def on_draws(measure: Callable[[int], Sequence[Draws]]) -> Witness:
    """A numeric witness: the mean of the formula over the draws at every place, in units of its standard error.

    Parameters
    ----------
    measure : callable
        Seed to draws, one mapping a place; called once a seed.
    """
    kept: dict[int, Sequence[Draws]] = {}

    def witness(assertion: Average, effort: Effort) -> Evidence:
        if effort.seed not in kept:
            kept[effort.seed] = measure(effort.seed)
        rows = [_row(assertion, draws) for draws in kept[effort.seed]]
        outcomes = {str(row["outcome"]) for row in rows}
        worst = next((item for item in (Outcome.FAILS, Outcome.UNDECIDED) if item.value in outcomes), Outcome.HOLDS)
        reason = f"mean over draws at {len(rows)} places within {DEVIATIONS:g} standard errors of zero, each below {RESOLVED:.0%} of the terms"
        return Evidence("numeric", worst if rows else Outcome.UNDECIDED, Firmness.NUMBERS, reason, Table.of(rows))

    return witness


def _row(assertion: Average, draws: Draws) -> dict[str, Cell]:
    values, scale = (_values(item, draws) for item in (assertion.formula, assertion.scale))
    size = float(np.mean(np.abs(scale)))
    if values.size < 2 or not size > 0 or not np.isfinite(values).all():
        return {"outcome": Outcome.UNDECIDED.value}
    mean, stderr = float(values.mean()) / size, float(values.std(ddof=1)) / math.sqrt(values.size) / size
    # Where the draws leave no scatter, rounding is what is left.
    off = abs(mean) / max(stderr, 1e-12)
    outcome = Outcome.HOLDS if off <= DEVIATIONS else Outcome.FAILS if off > REFUTED else Outcome.UNDECIDED
    if outcome is Outcome.HOLDS and stderr > RESOLVED:
        outcome = Outcome.UNDECIDED
    shared: dict[str, Cell] = {name: value for name, value in draws.items() if isinstance(value, float)}
    return {**shared, "mean": mean, "stderr": stderr, "draws": values.size, "outcome": outcome.value}


def _values(expression: sp.Expr, draws: Draws) -> NDArray[np.float64]:
    symbols = sorted(expression.free_symbols, key=lambda symbol: symbol.name)
    function = sp.lambdify(symbols, expression, "numpy")
    size = max(np.size(value) for value in draws.values())
    found = function(*(draws[symbol.name] for symbol in symbols))
    return np.broadcast_to(np.asarray(found, dtype=float), (size,))
