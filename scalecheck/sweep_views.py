"""What a sweep returns and `open_sweep` opens: its store seen as a table, as arrays on the grid, or batch by batch."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scalecheck.proofs_checks.errors import InputError, MissingExtra

from . import exits
from .stores import arrow, parts, read_batches, read_manifest

# A rectangle may have this many cells a point before it is no view of the store but mostly holes.
SPARSEST = 4


@dataclass(frozen=True, repr=False)
class Sweep:
    """The store of a sweep, open for reading; may be opened while the sweep runs.

    Numbers are missing (never NaN that passes for a result) where a point did not converge; the columns `outcome` and
    `status` say why. Outcomes: ``converged``, ``not-converged``, ``outside`` (the theory does not cover this combination),
    ``failed``.

    Parameters
    ----------
    path : Path
        The folder; ``pandas.read_parquet(path)`` opens it too.
    manifest : Mapping[str, object]
        Theory, controls, seed, versions, conventions.

    Notes
    -----
    When this is wrong: a point is solved as by `solve`, so its `error` says how far its numbers may be trusted.
    """

    path: Path
    manifest: Mapping[str, Any]

    def __len__(self) -> int:
        """Number of points in the store."""
        return sum(arrow().parquet.read_metadata(part).num_rows for part in parts(self.path))

    @property
    def controls(self) -> tuple[str, ...]:
        """Names of the controls, in the order of the theory."""
        return tuple(self.manifest["controls"])

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns."""
        return tuple(self.manifest["columns"])

    def outcomes(self) -> dict[str, int]:
        """How many points ended how; with a simulation, the worse of the two counts."""
        counts: Counter[str] = Counter()
        for batch in read_batches(self.path, ["outcome", "simulation.outcome"]):
            pairs = zip(*(column.to_pylist() for column in batch.columns), strict=True)
            counts.update(next((word for word in pair if word != "converged"), "converged") for pair in pairs)
        return dict(counts)

    @property
    def exit_status(self) -> int:
        """0 if every point converged, else 3."""
        return exits.HOLDS if self.outcomes().keys() <= {"converged"} else exits.UNDECIDED

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[Any]:
        """Arrow record batches, one part in memory at a time, in the order of the parts."""
        return read_batches(self.path, self._known(columns))

    def to_pandas(self, columns: Sequence[str] | None = None) -> Any:
        """All points as a data frame sorted by the controls; numbers that are missing are ``pandas.NA``.

        Parameters
        ----------
        columns : sequence of str, optional
            What to read beside the controls; everything by default.
        """
        try:
            import pandas as pd
        except ImportError:
            raise MissingExtra("to_pandas", "pandas", "sweeps") from None
        names = self._known(None if columns is None else [*self.controls, *columns])
        pa = arrow()
        held = [pa.Table.from_batches([batch]) for batch in read_batches(self.path, names)]
        table = pa.concat_tables(held, promote_options="permissive") if held else pa.table({name: [] for name in names})
        types = {pa.float64(): pd.Float64Dtype(), pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
        frame = table.to_pandas(types_mapper=types.get)
        return frame.sort_values(list(self.controls), ignore_index=True)

    def to_numpy(self, name: str) -> np.ma.MaskedArray[Any, Any]:
        """One column on the grid: shape and order of `axes`, masked where there is no number.

        Raises
        ------
        InputError
            For a column that is no number, or a store whose points do not fill a rectangle.
        """
        places, shape = self._places()
        column = self._column(name)
        numbers = np.full(math.prod(shape), np.nan)
        numbers[places] = column.filled(np.nan)
        return np.ma.MaskedArray(numbers, np.isnan(numbers)).reshape(shape)

    def axes(self) -> dict[str, np.ndarray[Any, Any]]:
        """Controls that take more than one value, with these values in ascending order."""
        found = {name: np.unique(self._held(name)) for name in self.controls}
        return {name: values for name, values in found.items() if values.size > 1}

    def to_xarray(self, columns: Sequence[str] | None = None) -> Any:
        """Numeric columns as an `xarray.Dataset` over the controls that vary; controls in step share ``point``.

        NaN stands where there is no number, for xarray knows nothing else; ``outcome`` is always among the variables.
        """
        try:
            import xarray as xr
        except ImportError:
            raise MissingExtra("to_xarray", "xarray", "sweeps") from None
        kinds = self.manifest["columns"]
        names = columns or [n for n in self.columns if kinds[n] in ("double", "int64") and n not in self.controls]
        attributes = {name: str(self.manifest[name]) for name in ("theory", "seed", "simulate", "scalecheck")}
        axes = self.axes()
        if math.prod(values.size for values in axes.values()) > SPARSEST * max(len(self), 1):
            rows: dict[str, Any] = {n: ("point", self._column(n).filled(np.nan)) for n in names}
            coordinates = {name: ("point", self._held(name)) for name in axes}
            return xr.Dataset({**rows, "outcome": ("point", self._held("outcome"))}, coordinates, attributes)
        variables: dict[str, Any] = {n: (tuple(axes), self.to_numpy(n).filled(np.nan)) for n in self._known(names)}
        places, shape = self._places()
        outcome = np.full(math.prod(shape), "", dtype=object)
        outcome[places] = self._held("outcome")
        return xr.Dataset({**variables, "outcome": (tuple(axes), outcome.reshape(shape))}, axes, attributes)

    def to_json(self) -> dict[str, object]:
        """The document of the command line's ``--json``."""
        kept = ("theory", "controls", "simulate", "seed", "scalecheck", "columns")
        told = {name: self.manifest[name] for name in kept}
        return {"store": str(self.path), **told, "points": len(self), "outcomes": self.outcomes()}

    def __repr__(self) -> str:
        counts = ", ".join(f"{number} {word}" for word, number in sorted(self.outcomes().items()))
        axes = " x ".join(f"{name} ({values.size})" for name, values in self.axes().items())
        return f"{self.manifest['theory']}: {len(self)} points, {counts or 'none'}\n{axes or 'one point'}\n{self.path}"

    def _known(self, names: Sequence[str] | None) -> list[str]:
        for name in names or ():
            if name not in self.columns:
                raise InputError("column", name, ", ".join(self.columns))
        return list(dict.fromkeys(self.columns if names is None else names))

    def _held(self, name: str) -> np.ndarray[Any, Any]:
        """A column without gaps, in the order of the parts."""
        found = [batch.column(0).to_numpy(zero_copy_only=False) for batch in read_batches(self.path, [name])]
        return np.concatenate(found) if found else np.empty(0)

    def _column(self, name: str) -> np.ma.MaskedArray[Any, Any]:
        """A numeric column, masked where it is missing, in the order of the parts."""
        if self.manifest["columns"].get(name) not in ("double", "int64"):
            numeric = [item for item, kind in self.manifest["columns"].items() if kind in ("double", "int64")]
            raise InputError("column", name, "one of numbers: " + ", ".join(numeric))
        numbers = [np.empty(0)]
        for batch in read_batches(self.path, ["point", name]):
            held = (
                batch.column(1).to_numpy(zero_copy_only=False) if batch.num_columns > 1 else np.full(len(batch), np.nan)
            )
            numbers.append(held.astype(float))  # a null becomes NaN here, and no row holds a NaN of its own
        column = np.concatenate(numbers)
        return np.ma.MaskedArray(column, np.isnan(column))

    def _places(self) -> tuple[np.ndarray[Any, Any], tuple[int, ...]]:
        """Where every point lies in the rectangle of the axes, laid out flat, and its shape."""
        axes = self.axes()
        shape = tuple(values.size for values in axes.values())
        if math.prod(shape) > SPARSEST * max(len(self), 1):
            allowed = "a store whose points fill a rectangle (see to_pandas)"
            raise InputError("store", str(self.path), allowed)
        steps = [np.searchsorted(values, self._held(name)) for name, values in axes.items()]
        return (np.ravel_multi_index(steps, shape) if shape else np.zeros(len(self), dtype=int)), shape


def open_sweep(path: str | Path) -> Sweep:
    """Open the store of a sweep for reading.

    Parameters
    ----------
    path : path
        The folder that `sweep` wrote.

    Raises
    ------
    InputError
        Where there is no such store.
    """
    arrow()
    return Sweep(Path(path), read_manifest(Path(path)))
