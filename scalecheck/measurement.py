"""The user's own curve: read from CSV with every fault named by line, measured by the numeric witness."""

from __future__ import annotations

import csv
import math
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from scalecheck.numerics.exponents import Agreement, Convergence, estimate_exponent
from scalecheck.proofs_checks.errors import InputError

from . import exits

LARGEST = 5000
"""Points that are read at most. An exponent needs decades, not points: thin longer files to equal steps in log x."""


@dataclass(frozen=True, repr=False)
class Measurement:
    """A measured exponent with its interval, windows and comparison."""

    x: str
    y: str
    points: int
    solution: Any

    @property
    def exit_status(self) -> int:
        """0 measured (and as expected), 1 the expected exponent is excluded, 3 undecided or not converged."""
        value = self.solution.value
        if value.agreement is Agreement.DISAGREES:
            return exits.REFUTED
        open_ = (
            value.convergence in (Convergence.DRIFTING, Convergence.CURVED) or value.agreement is Agreement.UNDECIDED
        )
        return exits.UNDECIDED if open_ else exits.HOLDS

    def to_json(self) -> dict[str, object]:
        """The document of the command line's ``--json``."""
        document = asdict(self.solution.value)
        extra = {"x": self.x, "y": self.y, "points": self.points, "status": self.solution.status.value}
        return {**document, **extra, "error": self.solution.error, "error_kind": self.solution.error_kind.value}

    def __repr__(self) -> str:
        value = self.solution.value
        low, high = value.interval
        lines = [
            f"{self.y} ~ {self.x}^{value.exponent:.6g}, {value.level:.0%} interval [{low:.6g}, {high:.6g}]",
            f"  model        {value.model}, from {self.x} = {value.x_min:.6g}, misfit {value.misfit:.2g}",
            f"  logarithm    {value.log_status.value}",
            f"  convergence  {value.convergence.value}",
        ]
        if value.log_interval is not None:
            lines.insert(
                3,
                f"  log power    {value.log_exponent:.4g} in [{value.log_interval[0]:.4g}, {value.log_interval[1]:.4g}]",
            )
        if value.agreement is not None:
            lines.append(f"  expected     {value.expected:.6g}: {value.agreement.value}")
        lines.append("  plain power fitted to windows (what a cut would have given):")
        lines += [
            f"    {w.x_min:10.4g} .. {w.x_max:10.4g}  {w.points:4d} points  {w.slope:.6g} ± {w.stderr:.2g}"
            for w in value.windows
        ]
        return "\n".join(lines)

    def _repr_latex_(self) -> str:
        value = self.solution.value
        low, high = value.interval
        return rf"$\beta = {value.exponent:.6g} \in [{low:.6g}, {high:.6g}]$"


def measure_file(path: Path, x: str | None, y: str | None, expect: float | None) -> Measurement:
    """Read two columns and measure the exponent of the second in the first."""
    names, rows = _table(path)
    first = x or names[0]
    second = y or next((name for name in names if name != first), None)
    if second is None:
        raise InputError("file", str(path), "a CSV file with a header line and at least two columns of different names")
    chosen = [_column("x", first, names), _column("y", second, names)]
    pairs = [[_cell(path, line, names[i], cells, i) for i in chosen] for line, cells in rows]
    solution = estimate_exponent([p[0] for p in pairs], [p[1] for p in pairs], expect=expect)
    return Measurement(names[chosen[0]], names[chosen[1]], len(pairs), solution)


def _table(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Header and numbered rows of a CSV file."""
    if "\0" in str(path) or (path.exists() and not path.is_file()):
        raise InputError("file", str(path), "a CSV file (not a folder, not a pipe)")
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.reader(stream)
            names = [name.strip() for name in next(reader, [])]
            filled = ((reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells))
            rows = list(islice(filled, LARGEST + 1))
    except OSError as error:
        raise InputError("file", str(path), f"a CSV file that can be read ({error.strerror})") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError("file", str(path), f"a CSV file in UTF-8 ({error})") from error
    if not names or any(_is_number(name) for name in names):
        raise InputError("file", str(path), "a CSV file whose first line names the columns")
    if len(rows) > LARGEST:
        raise InputError("file", str(path), f"at most {LARGEST} rows; thin the curve to equal steps in the logarithm")
    return names, rows


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _column(option: str, wanted: str, names: list[str]) -> int:
    if names.count(wanted) != 1:
        raise InputError(option, wanted, "one of the columns " + ", ".join(names))
    return names.index(wanted)


def _cell(path: Path, line: int, name: str, cells: list[str], index: int) -> float:
    text = cells[index] if index < len(cells) else ""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"{path.name} line {line}, column {name}", text, "a finite number")
    return value
