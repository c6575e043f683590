"""Learned spectra as the public surface shows them: zero mass, bulk, outliers, tail, and the figure that shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .figures import FigureData
from .markup import table


@dataclass(frozen=True)
class Tail:
    """A power tail: density ~ constant x^exponent for lower < x < upper, carried by so many weights or eigenvalues.

    Null where no tail is resolved at this point; then `reason` says why.
    """

    exponent: float | None
    constant: float | None
    lower: float | None
    upper: float | None
    carriers: float | None
    formula: str | None
    reason: str


def no_tail(reason: str) -> Tail:
    """No resolved tail, and why."""
    return Tail(None, None, None, None, None, None, reason)


@dataclass(frozen=True)
class Spectrum:
    """What was learned at one point.

    Parameters
    ----------
    kind, theory : str
        The key under which the theory's name stands, and the name.
    phase : str or None
        The phase in whose region the point lies by its exponents.
    zero_mass : float
        Share of the spectrum at zero.
    bulk : Mapping[str, float or None]
        Share, edge and second moment of the part that fits noise.
    outliers : tuple of mappings
        The largest learned values: rank, expected value, teacher's value.
    tail : Tail
        The power tail.
    solution : Solution
        For status, error and its kind.
    figure : FigureData
        Histogram with the derived tail.
    """

    kind: str
    theory: str
    phase: str | None
    zero_mass: float
    bulk: Mapping[str, float | None]
    outliers: tuple[Mapping[str, float], ...]
    tail: Tail
    solution: Any
    figure: FigureData

    def to_json(self) -> dict[str, object]:
        """The document of the command line's ``--json``."""
        return {
            self.kind: self.theory,
            "phase": self.phase,
            "zero_mass": self.zero_mass,
            "bulk": dict(self.bulk),
            "outliers": [dict(item) for item in self.outliers],
            "tail": dict(vars(self.tail)),
            "status": self.solution.status.value,
            "error": self.solution.error,
            "error_kind": self.solution.error_kind.value,
        }

    def __repr__(self) -> str:
        lines = [f"{self.theory}, phase {self.phase or 'on a boundary'}", f"  zero mass  {self.zero_mass:.12g}"]
        lines += [f"  bulk {name}  {value:.6g}" for name, value in self.bulk.items() if value is not None]
        lines += [
            f"  outlier {item['rank']:.0f}  {item['value']:.6g} (teacher {item['teacher']:.6g})"
            for item in self.outliers
        ]
        tail = self.tail
        if tail.exponent is None or tail.lower is None or tail.upper is None or tail.carriers is None:
            return "\n".join([*lines, f"  tail  none: {tail.reason}"])
        text = f"x^({tail.exponent:.6g}) for {tail.lower:.4g} < x < {tail.upper:.4g}, carried by {tail.carriers:.4g}"
        return "\n".join([*lines, f"  tail  {text}"])

    def _repr_html_(self) -> str:
        rows = [line.split("  ", 1) for line in (text.strip() for text in repr(self).splitlines()[1:])]
        return table(["", ""], rows, repr(self).splitlines()[0])
