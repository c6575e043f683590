"""The user's own curve: read from CSV with every fault named by line, measured by the numeric witness."""

from __future__ import annotations

import csv
import math
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from scalecheck.numerics.exponents import Agreement, Convergence, ExponentEstimate, Form, Reading, estimate_exponent
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
            value.convergence in (Convergence.DRIFTING, Convergence.CURVED, Convergence.WIDE, Convergence.ALIKE)
            or value.agreement is Agreement.UNDECIDED
        )
        return exits.UNDECIDED if open_ else exits.HOLDS

    def to_json(self) -> dict[str, object]:
        """The document of the command line's ``--json``."""
        document = dict(asdict(self.solution.value))
        document["readings"] = [_finite(row) for row in document["readings"]]
        document["exponent"], document["interval"] = _or_null(self.solution.value.exponent), _ends(document["interval"])
        extra = {"x": self.x, "y": self.y, "points": self.points, "status": self.solution.status.value}
        return {
            **document,
            **extra,
            "error": _or_null(self.solution.error),
            "error_kind": self.solution.error_kind.value,
        }

    def __repr__(self) -> str:
        value = self.solution.value
        lines = [
            self._headline(),
            f"  model        {_plain(value.model)}, from {self.x} = {value.x_min:.6g}, root mean square misfit of"
            f" log {self.y} {value.misfit:.2g}",
            f"  logarithm    {value.log_status.value}",
            f"  convergence  {self._converged()}",
        ]
        if value.log_interval is not None:
            lines.insert(
                3,
                f"  log power    {value.log_exponent:.4g} in [{value.log_interval[0]:.4g}, {value.log_interval[1]:.4g}]",
            )
        if value.correlation is not None:
            lines.append(
                f"  errors       alike between neighbours: correlation {value.correlation:.2f}, fewer points count"
            )
        if value.agreement is not None:
            lines.append(f"  expected     {value.expected:.6g}: {value.agreement.value}")
        lines.append("  if the form of the law is known (what --form would give):")
        lines += [f"    {_told(self.x, self.y, reading)}" for reading in value.readings]
        lines.append("  plain power fitted to windows (what a cut would have given):")
        lines += [
            f"    {w.x_min:10.4g} .. {w.x_max:10.4g}  {w.points:4d} points  {w.slope:.6g} ± {w.stderr:.2g}"
            for w in value.windows
        ]
        return "\n".join(lines)

    def _headline(self) -> str:
        """The exponent, or that the stated form is excluded or leaves it open."""
        value = self.solution.value
        low, high = value.interval
        if value.form is None:
            return f"{self.y} ~ {self.x}^{value.exponent:.6g}, {value.level:.0%} interval [{low:.6g}, {high:.6g}]"
        formula = FORMS[value.form].format(x=self.x, y=self.y)
        if not self._stated.allowed:
            return f"the data exclude the stated form: {formula}"
        if not self._stated.identified:
            return f"{formula}: b is not identified by these data"
        return (
            f"{self.y} ~ {self.x}^{value.exponent:.6g}, {value.level:.0%} interval [{low:.6g}, {high:.6g}],"
            f" if the form is {value.form.value}"
        )

    @property
    def _stated(self) -> Reading:
        value: ExponentEstimate = self.solution.value
        return next(reading for reading in value.readings if reading.form is value.form)

    def _converged(self) -> str:
        """The word on convergence; what asks for the form is not said to someone who stated it."""
        value: ExponentEstimate = self.solution.value
        if value.form is not None and value.convergence is Convergence.WIDE:
            return (
                f"Wide: even if the form is {value.form.value}. More decades or smaller errors would fix the exponent."
            )
        if value.form is not None and not self._stated.allowed:
            return "Excluded: this form does not describe the data. The other forms are below; or leave --form out."
        return value.convergence.value

    def _repr_latex_(self) -> str:
        value = self.solution.value
        low, high = value.interval
        if not math.isfinite(value.exponent):
            return r"$\beta$ is not identified by these data"
        return rf"$\beta = {value.exponent:.6g} \in [{low:.6g}, {high:.6g}]$"


FORMS = {
    Form.POWER: "{y} ~ {x}^b",
    Form.PLATEAU: "{y} ~ y_inf + A {x}^b",
    Form.CORRECTION: "{y} ~ A {x}^b + B {x}^(b-d)",
    Form.LOGARITHM: "{y} ~ {x}^b (log {x}/x_0)^p",
}

COUNTS = ("no", "one", "two", "three")
MODELS = {
    "log": "a power with a logarithm",
    "log and correction": "a power with a logarithm and one correction that dies as a power",
    "power": "a plain power",
    "correction": "a power with one correction that dies as a power",
    "two corrections": "a power with two corrections that die as powers",
    "crossover": "a power that takes over from a steeper one",
    "deficit": "a power with one negative correction that dies as a power",
}


def _plain(model: str) -> str:
    """A model's name in words: "log series 2" is a power with a logarithm and two corrections."""
    if model in MODELS:
        return MODELS[model]
    family, _, order = model.rpartition(" ")
    log = " with a logarithm and" if family.startswith("log") else " with"
    ending = "correction that dies as a power" if order == "1" else "corrections that die as powers"
    return f"a power{log} {COUNTS[int(order)]} {ending}"


def _told(x: str, y: str, reading: Reading) -> str:
    """One form in a line: the law, the exponent, the plateau, and whether the data exclude it."""
    formula = FORMS[reading.form].format(x=x, y=y)
    if not reading.allowed:
        return f"{reading.form.value:10s}  {formula}: excluded by the data"
    if not reading.identified:
        return f"{reading.form.value:10s}  {formula}: b is not identified by these data"
    low, high = reading.interval
    text = f"{reading.form.value:10s}  {formula}: b = {reading.exponent:.6g} in [{low:.6g}, {high:.6g}]"
    if reading.log_exponent is not None and reading.log_interval is not None:
        return (
            f"{text}, p = {reading.log_exponent:.4g} in [{reading.log_interval[0]:.4g}, {reading.log_interval[1]:.4g}]"
        )
    if reading.limit is None or reading.limit_interval is None:
        return text
    bottom, top = reading.limit_interval
    positive = "" if bottom > 0 else ", 0 not excluded" if top >= 0 else ", so it falls faster than a power"
    return f"{text}, y_inf = {reading.limit:.6g} in [{bottom:.6g}, {top:.6g}]{positive}"


def _or_null(number: float) -> float | None:
    """JSON has no infinity."""
    return number if math.isfinite(number) else None


def _ends(pair: tuple[float, float] | None) -> list[float | None] | None:
    return None if pair is None else [_or_null(end) for end in pair]


def _finite(row: dict[str, Any]) -> dict[str, Any]:
    """A reading for JSON: the name of the form, and null for an end that nothing bounds or what is not identified."""
    ends = {name: _ends(row[name]) for name in ("interval", "limit_interval")}
    return {**row, **ends, "form": row["form"].value, "exponent": _or_null(row["exponent"])}


def measure_file(
    path: Path,
    x: str | None,
    y: str | None,
    expect: float | None,
    error: str | None = None,
    form: str | None = None,
) -> Measurement:
    """Read two columns and measure the exponent of the second in the first; `error` names its standard errors."""
    names, rows = _table(path)
    first = x or names[0]
    second = y or next((name for name in names if name != first), None)
    if second is None:
        raise InputError(
            "file",
            str(path),
            "a CSV file, commas between, with a header line and at least two columns of different names",
        )
    chosen = [_column("x", first, names), _column("y", second, names)]
    if error is not None:
        chosen.append(_column("error", error, names))
    pairs = [[_cell(path, line, names[i], cells, i) for i in chosen] for line, cells in rows]
    columns = [list(column) for column in zip(*pairs, strict=True)] or [[] for _ in chosen]
    relative = None if error is None else _relative(columns[1], columns[2])
    solution = estimate_exponent(columns[0], columns[1], errors=relative, expect=expect, form=form)
    return Measurement(names[chosen[0]], names[chosen[1]], len(pairs), solution)


def _relative(values: list[float], errors: list[float]) -> list[float]:
    """Standard errors over the values, as the witness takes them."""
    return [error / value for value, error in zip(values, errors, strict=True)]


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
    for line, cells in rows:
        if any(cell.strip() for cell in cells[len(names) :]):
            raise InputError(f"{path.name} line {line}", f"{len(cells)} cells", f"{len(names)} cells, as in the header")
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
    if not (math.isfinite(value) and value > 0):
        raise InputError(f"{path.name} line {line}, column {name}", text, "a positive finite number")
    return value
