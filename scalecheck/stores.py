"""Stores of sweeps: a folder of Parquet files, each written whole and renamed, beside one manifest in JSON.

Why Parquet and not NetCDF or Zarr. A sweep is a table: points finish in any order, grids are extended by points that lie
on no rectangle, some controls move in step, and a point may have words (why it did not converge) in place of numbers.
NetCDF is one file that is changed in place, and a kill in the middle of that leaves a file that HDF5 will not open; Zarr
survives a kill, but fixes the rectangle in advance, and a missing number in it is a NaN that looks like a result. Parquet has
nulls and words, knows columns, and a folder of it grows by files that nobody ever changes. pandas, Polars, DuckDB, R, Dask
and Spark open the folder directly; `Sweep.to_xarray` makes the rectangle where there is one. It costs one dependency,
pyarrow (Apache-2.0, several releases a year, about 170 MB installed), which therefore is an extra: ``scalecheck[sweeps]``.

What a kill can leave: whole parts, a whole manifest, and perhaps a temporary file whose name begins with a dot, which no
reader opens and the next writer removes. Rows that were finished but not yet in a part are computed again.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from scalecheck.proofs_checks.errors import InputError, MissingExtra

from .documents import dumps, write_whole

SCHEMA = "scalecheck-sweep-1"
MANIFEST = "_manifest.json"
LOCK = "_lock"
Row = Mapping[str, Any]


def arrow() -> Any:
    """Import pyarrow, or say in one line how to get it."""
    try:
        import pyarrow.dataset
        import pyarrow.parquet
    except ImportError:
        raise MissingExtra("store", "pyarrow", "sweeps") from None
    return pyarrow


class Store:
    """A store under the pen of one writer; `open_store` makes it.

    Parameters
    ----------
    path : Path
        The folder.
    manifest : dict
        Theory, seed, grids, versions, conventions, types of the columns.
    """

    def __init__(self, path: Path, manifest: dict[str, Any]) -> None:
        self.path, self.manifest = path, manifest
        for left in (*path.glob(".part-*"), *path.glob(f".{MANIFEST}.*")):
            left.unlink()
        self._conform()

    def names(self) -> np.ndarray[Any, np.dtype[np.bytes_]]:
        """Names of the points that the store holds, sorted: 32 bytes a point."""
        found = [np.array(batch["point"], dtype="S32") for batch in _batches(self.path, ["point"])]
        return np.unique(np.concatenate(found)) if found else np.empty(0, dtype="S32")

    def begin(self, grid: object) -> None:
        """Note what is about to be computed."""
        if grid not in self.manifest["grids"]:
            self.manifest["grids"].append(grid)
        self._save()

    def write(self, rows: Sequence[Row]) -> None:
        """Add rows as one more part, whole or not at all."""
        if not rows:
            return
        columns = self.manifest["columns"]
        wider = widened(columns, rows)
        if wider != columns:
            self.manifest["columns"] = wider
            self._save()
            self._conform()
        title = hashlib.blake2b("".join(str(row["point"]) for row in rows).encode(), digest_size=8).hexdigest()
        pa = arrow()
        self._put(
            f"part-{title}.parquet", pa.Table.from_pylist([_fit(row, wider) for row in rows], schema=self._schema())
        )

    def _put(self, title: str, table: Any) -> None:
        content = io.BytesIO()
        arrow().parquet.write_table(table, content)
        _write(self.path / title, content.getvalue())

    def _save(self) -> None:
        _write(self.path / MANIFEST, dumps(self.manifest).encode())

    def _schema(self) -> Any:
        pa = arrow()
        return pa.schema([(name, pa.type_for_alias(kind)) for name, kind in self.manifest["columns"].items()])

    def _conform(self) -> None:
        """Give older parts the columns and types that came later, so that any reader of the folder sees one table."""
        wanted, pa = self._schema(), arrow()
        for part in parts(self.path):
            if not _schema_of(part).equals(wanted):
                table = pa.parquet.read_table(part)
                columns = [
                    table[field.name].cast(field.type)
                    if field.name in table.column_names
                    else pa.nulls(len(table), field.type)
                    for field in wanted
                ]
                self._put(part.name, pa.Table.from_arrays(columns, schema=wanted))


WIDTHS = ("bool", "double", "string")
"""Types of columns that are no controls, as Arrow calls them, each able to hold those before it."""


def widened(columns: Mapping[str, str], rows: Sequence[Row]) -> dict[str, str]:
    """Types of the columns once these rows are in: all numbers that are no controls are doubles, the rest is text.

    Examples
    --------
    >>> widened({"dim": "int64", "constant": "double"}, [{"dim": 10, "constant": "1/2", "risk": 1}])
    {'dim': 'int64', 'constant': 'string', 'risk': 'double'}
    """
    found = dict(columns)
    for row in rows:
        for name, value in row.items():
            if value is not None and found.get(name) != "int64":
                kind = "bool" if isinstance(value, bool) else "double" if isinstance(value, int | float) else "string"
                found[name] = max(found.get(name, kind), kind, key=WIDTHS.index)
    return found


def _fit(row: Row, columns: Mapping[str, str]) -> Row:
    return {
        name: None if item is None else _converted(item, columns[name]) for name, item in row.items() if name in columns
    }


def _converted(value: Any, kind: str) -> Any:
    if kind == "string":
        return value if isinstance(value, str) else json.dumps(value)
    return float(value) if kind == "double" else value


@contextmanager
def open_store(path: Path, identity: Mapping[str, Any], columns: Mapping[str, str], *, resume: bool) -> Iterator[Store]:
    """Open the store at `path` for writing, or make it; it is ours alone until the block ends.

    Parameters
    ----------
    path : Path
        A folder that is empty, absent, or a store with the same `identity`.
    identity : Mapping[str, object]
        What all its rows share: theory, seed, simulation, hash of the source that computes.
    columns : Mapping[str, str]
        Types of the columns known in advance.
    resume : bool
        Whether an existing store may be continued.

    Raises
    ------
    InputError
        For a folder that holds something else, another sweep, or is written to by another process.
    """
    arrow()
    if path.exists() and not path.is_dir():
        raise InputError("store", str(path), "a folder, not a file")
    known = path / MANIFEST
    if path.is_dir() and any(path.iterdir()) and not known.exists() and not (path / LOCK).exists():
        raise InputError("store", str(path), "an empty folder or one that holds a sweep")
    if known.exists() and not resume:
        raise InputError("store", str(path), "a folder that holds no sweep yet, unless it is resumed")
    path.mkdir(parents=True, exist_ok=True)
    with _alone(path):
        fresh = {"schema": SCHEMA, **identity, "columns": dict(columns), "grids": []}
        manifest = read_manifest(path) if known.exists() else fresh
        _same(path, manifest, identity)
        yield Store(path, manifest)


def _same(path: Path, manifest: Mapping[str, Any], identity: Mapping[str, Any]) -> None:
    """One store holds rows of one kind, computed by one source; anything else would mix what cannot be compared."""
    for name in ("theory", "simulate", "seed", "source_hash"):
        if manifest.get(name) != identity[name]:
            held = f"{name} = {manifest.get(name)!r}, as in {path} (or another store)"
            raise InputError(name, identity[name], held)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the store's lock, which the system takes back when this process ends, however it ends."""
    try:
        import fcntl
    except ImportError:  # not on Windows
        yield
        return
    with open(path / LOCK, "w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError("store", str(path), "a store that no other process is writing to") from None
        yield


def _write(path: Path, content: bytes) -> None:
    """Write whole or not at all; a full disk is told with the name of the store."""
    try:
        write_whole(path, content)
    except OSError as error:
        raise OSError(error.errno, os.strerror(error.errno or 0), str(path.parent)) from None


def read_manifest(path: Path) -> dict[str, Any]:
    """Return the manifest of the store at `path`, or raise `InputError` where there is none."""
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise InputError("store", str(path), "a folder that holds a sweep") from None
    except ValueError:
        manifest = None
    if not isinstance(manifest, dict) or manifest.get("schema") != SCHEMA:
        raise InputError("store", str(path), f"a folder whose {MANIFEST} is of the kind {SCHEMA}")
    return manifest


def parts(path: Path) -> list[Path]:
    """Parquet files of a store, those of a write that was killed not among them."""
    return sorted(path.glob("part-*.parquet"))


def read_batches(path: Path, columns: Sequence[str]) -> Iterator[Any]:
    """Record batches with the named columns, one part in memory at a time."""
    pa = arrow()
    for part in parts(path):
        try:
            with pa.parquet.ParquetFile(part) as file:
                held = [name for name in columns if name in file.schema_arrow.names]
                yield from file.iter_batches(columns=held)
        except pa.ArrowInvalid as error:
            raise _broken(part, error) from None


def _batches(path: Path, columns: Sequence[str]) -> Iterator[dict[str, list[Any]]]:
    return (batch.to_pydict() for batch in read_batches(path, columns))


def _schema_of(part: Path) -> Any:
    pa = arrow()
    try:
        return pa.parquet.read_schema(part)
    except pa.ArrowInvalid as error:
        raise _broken(part, error) from None


def _broken(part: Path, error: Exception) -> InputError:
    return InputError("store", str(part), f"a Parquet file (remove it, and its points are computed again): {error}")
