"""Numeric local exponents under the diagram, coarse first: after every few cells there is something to look at, or to stop.

The exponent at (x, y) is the slope of log observable against log large between half and twice the chosen size, along the path
through the point: the numeric witness alone, through whatever solver the record has.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from .model import Values
from .points import Law, place, solved
from .regions import Box

if TYPE_CHECKING:
    from scalecheck.proofs_checks.diagrams import Diagram
    from scalecheck.proofs_checks.theory_record import Theory

PORTION = 5
"""Cells between two looks: a divisor of every level's number of cells; a click need not wait longer than for these."""
LEVELS = (5, 15, 45)
"""Cells a side. Each is three times the one before, so that the centres of the coarse cells are centres of fine ones."""
RATIO = 2


@dataclass(frozen=True)
class ExponentMap:
    """Exponents by cell, shape (y, x), NaN where the witness has none; `done` of `total` cells of this level are measured."""

    box: Box
    exponents: Any
    done: int
    total: int

    def told(self) -> str:
        """Progress in words."""
        side = self.exponents.shape[0]
        missing = int(np.isnan(self.exponents).sum())
        empty = f", {missing} without a value" if missing and self.done == self.total else ""
        return f"{side} × {side} cells: {self.done} of {self.total}{empty}"


def measured(record: Theory, diagram: Diagram, values: Values, box: Box) -> Iterator[ExponentMap]:
    """Maps that become finer and finer, one after every few cells; what is not yet measured shows the coarser value.

    Examples
    --------
    >>> from scalecheck.proofs_checks.registry import theory
    >>> record = theory("ridge")
    >>> values = {"capacity": "2", "source": "0.4", "samples": "1e8"}
    >>> box = Box(*map(Fraction, ("-1/2", "1/2", 1, 2)))
    >>> first = next(measured(record, record.phases(capacity="2", source="2/5"), values, box))
    >>> first.exponents.shape, first.done, first.total
    ((5, 5), 5, 25)
    """
    known: dict[tuple[Fraction, Fraction], float] = {}
    before = np.full((1, 1), np.nan)
    for level in LEVELS:
        shown = np.kron(before, np.ones((level // before.shape[0],) * 2))
        columns, rows = _centres(box.left, box.right, level), _centres(box.bottom, box.top, level)
        for j, y in enumerate(rows):
            for i, x in enumerate(columns):
                if (x, y) not in known:
                    known[x, y] = local_exponent(record, diagram, values, x, y)
                shown[j, i] = known[x, y]
                done = level * j + i + 1
                if done % PORTION == 0:
                    yield ExponentMap(box, shown.copy(), done, level**2)
        before = shown


def _centres(low: Fraction, high: Fraction, count: int) -> list[Fraction]:
    return [low + (high - low) * Fraction(2 * k + 1, 2 * count) for k in range(count)]


def local_exponent(record: Theory, diagram: Diagram, values: Values, x: Fraction, y: Fraction) -> float:
    """The slope at one point; NaN where the witness does not converge or the observable is zero.

    Examples
    --------
    >>> from scalecheck.proofs_checks.registry import theory
    >>> record = theory("diagonal")
    >>> values = {"decay": "1", "noise": "1", "dim": "1e8"}
    >>> found = local_exponent(record, record.phases(decay="1"), values, Fraction(3), Fraction(-1))
    >>> round(found, 3)  # VIb: 1 - a
    -2.0
    """
    ends = []
    name = record.scaling.large
    for factor in (Fraction(1, RATIO), Fraction(RATIO)):
        # The controls of the path are computed from the size that is solved: rounding it moves both ends alike.
        size = round(Fraction(values[name]) * factor)
        at = place(record, diagram, {**values, name: str(size)}, (str(x), str(y)))
        found = solved(record, diagram, at, Law(None, None, None)).observable
        if found is None or found <= 0:
            return math.nan
        ends.append((math.log(size), math.log(found)))
    (low, start), (high, end) = ends
    return (end - start) / (high - low)
