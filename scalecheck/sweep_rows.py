"""Rows of a sweep, as a worker computes them: the fields of `solve` and of the simulation, or the words that say why not."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scalecheck.numerics.errors import DomainError, NotConverged
from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.registry import theory as find_theory

from .documents import plain
from .grids import point_seed
from .parallel import one_thread
from .points import Point, as_mapping

if TYPE_CHECKING:
    from scalecheck.proofs_checks.controls import Value
    from scalecheck.proofs_checks.theory_record import Theory

Chunk = list[tuple[str, dict[str, "Value"]]]
Rows = list[dict[str, Any]]


def work(theory: str, simulate: int | None, seed: int, chunk: Chunk) -> tuple[float, Rows]:
    """Run in a worker: the rows of some points, and the seconds they took."""
    record, start = find_theory(theory), time.perf_counter()
    with one_thread():
        rows = [row(record, name, point, simulate, seed) for name, point in chunk]
    return time.perf_counter() - start, rows


def row(record: Theory, name: str, given: Mapping[str, Value], simulate: int | None, seed: int) -> dict[str, Any]:
    """Compute one row of the store: the point, how it ended, and the fields of `solve` and of the simulation."""
    found: dict[str, Any] = {"point": name, **given}
    assert record.solve is not None
    values, outcome = _outcome(lambda: _solved(record, record.point(given)))
    found |= {"outcome": outcome} | {key: value for key, value in values.items() if key not in found}
    if simulate is not None:
        found["simulation.seed"] = str(point_seed(seed, name))
        values, outcome = _outcome(lambda: _simulated(record, record.point(given), simulate, point_seed(seed, name)))
        found |= {f"simulation.{key}": value for key, value in {"outcome": outcome, **values}.items()}
    return found


def _outcome(compute: Callable[[], dict[str, Any]]) -> tuple[dict[str, Any], str]:
    """What was computed, or the sentence that says why there is nothing; only what a point may raise is caught."""
    try:
        return compute(), "converged"
    except NotConverged as error:
        outcome, told = "not-converged", str(error)
    except (InputError, DomainError) as error:
        outcome, told = "outside", str(error)
    except (ArithmeticError, ValueError) as error:
        outcome, told = "failed", f"{type(error).__name__}: {error}"
    return {"status": told, "error": None, "error_kind": "none"}, outcome


def _solved(record: Theory, point: dict[str, Value]) -> dict[str, Any]:
    assert record.solve is not None
    document = Point(record.kind, record.name, point, record.solve(**point).checked()).to_json()
    del document[record.kind]
    return dict(_flat(document))


def _simulated(record: Theory, point: dict[str, Value], runs: int, seed: int) -> dict[str, Any]:
    assert record.simulate is not None
    solution = record.simulate(runs=runs, seed=seed, **point).checked()
    return dict(_flat({**plain(as_mapping(solution.value)), "status": solution.status.value}))


def _flat(document: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Names and values, nested ones with a dot."""
    for name, value in document.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


NUMERIC = ("numerics",)
"""What the rows of a store depend on."""


@cache
def source_hash(layers: tuple[str, ...] = NUMERIC) -> str:
    """Hash of the source of some layers, by default the numeric witness: rows of one store were computed by the same formulas."""
    digest = hashlib.blake2b(digest_size=16)
    for layer in layers:
        folder = Path(next(iter(import_module(f"scalecheck.{layer}").__path__)))
        for file in sorted(folder.rglob("*.py")):
            digest.update(str(file.relative_to(folder).as_posix()).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
