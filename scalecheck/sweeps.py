"""Sweeps: many points of a theory, on every core or a cluster, into a store that survives a kill at any moment.

The numbers of a point depend on the point and on nothing else: it is solved as by `solve`, on one thread, and the random
numbers of its simulation come from the stream spawned from the seed under the name of the point (a hash of its content).
So neither the order nor the number of workers nor an interruption can be seen in the results, and a larger grid keeps
the points of a smaller one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.registry import theories
from scalecheck.proofs_checks.registry import theory as find_theory

from . import __version__
from .grids import Grid, grid, point_name
from .parallel import cores
from .points import MOST_RUNS
from .spreading import Pace, workers
from .stores import Store, open_store
from .sweep_rows import Chunk, Rows, source_hash, work
from .sweep_views import Sweep, open_sweep

if TYPE_CHECKING:
    from scalecheck.proofs_checks.controls import Control, Value
    from scalecheck.proofs_checks.theory_record import Theory

__all__ = ["open_sweep", "sweep"]

Progress = Callable[[str, int, int], None]

# A part is written after five seconds, later after 2% of the time since the start: a kill costs no more than that, and the
# number of files grows with the logarithm of the time (a week is about 600 parts). Rows bound the memory.
PART_SECONDS, PART_FRACTION, PART_ROWS = 5.0, 0.02, 20_000


def sweep(
    theory: str,
    *,
    store: str | Path,
    simulate: int | None = None,
    seed: int = 0,
    jobs: int | None = None,
    executor: Executor | None = None,
    scheduler: str | None = None,
    resume: bool = True,
    zip: Sequence[str] | Sequence[Sequence[str]] = (),
    progress: Progress | None = None,
    **controls: object,
) -> Sweep:
    """Solve, and with `simulate` really minimise, a theory at all points of a grid of controls.

    Parameters
    ----------
    theory : str
        Such as ``"diagonal"``.
    store : path
        A folder for the results: new, empty, or of an earlier sweep of the same theory, simulation and seed, whose
        points are kept.
    simulate : int, optional
        Random problems to minimise at every point.
    seed : int
        From which the stream of every point is spawned.
    jobs : int, optional
        Processes; the number of cores by default.
    executor : concurrent.futures.Executor, optional
        Where the work goes instead; scalecheck must be installed there.
    scheduler : str, optional
        Address of a Dask scheduler, instead of `jobs` and `executor`; ``scalecheck[cluster]``.
    resume : bool
        Whether a store with points in it may be continued.
    zip : sequence of str, or of such sequences
        Controls that move in step instead of forming a product.
    progress : callable, optional
        Called with a word, the number of points done and the number in all.
    **controls
        A value, a sequence or array of values, or text as on the command line (``"1e2:1e6:50log"``).

    Returns
    -------
    Sweep
        The store, open for reading: `to_pandas`, `to_xarray`, `to_numpy`.

    Raises
    ------
    InputError
        For an unknown name, a value outside its domain, a store that holds something else, a missing library, or workers
        that keep dying.
    OSError
        When the store cannot be written; what it holds stays whole.

    Notes
    -----
    Points that do not converge, or combinations that the theory does not cover, are rows that say so, without numbers.
    Every point is solved from scratch: values that depend on their neighbours could not be resumed bit by bit.

    When this is wrong: bits may differ between versions of NumPy and SciPy, or between processors; the manifest has the versions.

    Examples
    --------
    >>> sweep("diagonal", store="unused", dim=10, samples=[5, "many"], weight_decay=0, decay=1, noise=1)
    Traceback (most recent call last):
        ...
    scalecheck.proofs_checks.errors.InputError: samples: got 'many', allowed is a real number >= 1e-100 and <= 1e+100
    """
    return run(
        theory,
        controls,
        _together(zip),
        store=Path(store),
        simulate=simulate,
        seed=seed,
        jobs=jobs,
        executor=executor,
        scheduler=scheduler,
        resume=resume,
        progress=progress,
    )


def run(
    theory: str,
    controls: Mapping[str, object],
    together: Sequence[Sequence[str]],
    *,
    store: Path,
    simulate: int | None = None,
    seed: int = 0,
    jobs: int | None = None,
    executor: Executor | None = None,
    scheduler: str | None = None,
    resume: bool = True,
    progress: Progress | None = None,
) -> Sweep:
    """As `sweep`, with the controls apart from the options, for names that come from outside."""
    record = _sweepable(theory, simulate)
    points = grid(record, controls, together)
    _complete(record, points)
    if isinstance(simulate, int) and simulate > MOST_RUNS:
        raise InputError("simulate", simulate, f"an integer from 1 to {MOST_RUNS}")
    for field, value, least in (("simulate", simulate, 1), ("seed", seed, 0), ("jobs", jobs, 1)):
        _integer(field, value, least)
    if executor is not None and scheduler is not None:
        raise InputError("scheduler", scheduler, "left out where an executor is given")
    with open_store(store, _identity(record, simulate, seed), _known_columns(record), resume=resume) as opened:
        opened.begin(points.to_json())
        call = partial(work, record.name, simulate, seed)
        with workers(min(jobs or cores(), len(points)), executor, scheduler, call) as spread:
            _fill(opened, record, points, spread, progress)
    return open_sweep(store)


def _sweepable(name: str, simulate: int | None) -> Theory:
    record = find_theory(name)
    if record.solve is None:
        found = [item for item, other in theories().items() if other.solve]
        raise InputError("theory", name, "one that can be solved at a point: " + ", ".join(found))
    if simulate is not None and record.simulate is None:
        raise InputError("simulate", simulate, f"nothing: {name} has no problem to minimise")
    return record


def _complete(record: Theory, points: Grid) -> None:
    """Fail at once where a control is missing, rather than at every point; other faults of a point are its own row."""
    try:
        record.point(points.point(0))
    except InputError as error:
        if error.value is None:
            raise


def _together(given: str | Sequence[str] | Sequence[Sequence[str]]) -> list[list[str]]:
    """Groups of names that move in step; one group may be given without its brackets, or as text with commas."""
    if isinstance(given, str):
        return [[name.strip() for name in given.split(",")]]
    names = [item for item in given if isinstance(item, str)]
    return [names] if names else [list(group) for group in given]


def _integer(field: str, value: object, least: int) -> None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < least):
        raise InputError(field, value, f"an integer >= {least}")


def _identity(record: Theory, simulate: int | None, seed: int) -> dict[str, Any]:
    from .verification import versions

    return {
        "theory": record.name,
        "title": record.title,
        "controls": [control.name for control in record.controls],
        "simulate": simulate,
        "seed": seed,
        "scalecheck": __version__,
        "source_hash": source_hash(),
        "versions": versions(),
        "conventions": [[item.letter, item.name, item.meaning] for item in record.conventions],
        "observables": dict(record.observables),
    }


def _known_columns(record: Theory) -> dict[str, str]:
    first = {"point": "string", "outcome": "string"}
    return first | {control.name: _kind(control) for control in record.controls}


def _kind(control: Control) -> str:
    if control.domain.words:
        return "string"
    return "int64" if control.domain.integer and control.domain.upper < 2**63 else "double"


def _fill(store: Store, record: Theory, points: Grid, run: Callable[..., Any], progress: Progress | None) -> None:
    """Compute what the store lacks; whatever ends this, the rows that are finished are written."""
    pace, buffer = Pace(), Buffer(store)
    todo = Todo(record, points, store.names(), pace)
    with buffer, closing(run(todo)) as results:
        for seconds, rows in results:
            pace.learn(seconds, len(rows))
            buffer.add(rows)
            if progress is not None:
                progress("", todo.kept + buffer.count, len(points))


class Todo:
    """Chunks of the points that a store lacks, made when they are asked for; `kept` counts those it had."""

    def __init__(self, record: Theory, points: Grid, held: np.ndarray[Any, Any], pace: Pace) -> None:
        self.record, self.points, self.held, self.pace = record, points, held, pace
        self.kept = 0

    def __iter__(self) -> Iterator[Chunk]:
        chunk: Chunk = []
        for index in range(len(self.points)):
            point = self._filled(self.points.point(index))
            name = point_name(self.record.name, point)
            if self._has(name):
                self.kept += 1
                continue
            chunk.append((name, point))
            if len(chunk) >= self.pace.size:
                yield chunk
                chunk = []
        if chunk:
            yield chunk

    def _filled(self, given: dict[str, Value]) -> dict[str, Value]:
        """With defaults; a combination outside the theory stays as it was given, and its row will say so."""
        try:
            return self.record.point(given)
        except InputError:
            return given

    def _has(self, name: str) -> bool:
        place = int(np.searchsorted(self.held, name.encode()))
        return place < self.held.size and bool(self.held[place] == name.encode())


class Buffer:
    """Rows on their way into the store, written in parts; at the end, however it comes, the rest."""

    def __init__(self, store: Store) -> None:
        self.store, self.count = store, 0
        self.rows: Rows = []
        self.start = self.last = time.monotonic()

    def add(self, rows: Rows) -> None:
        """Take rows, and write a part if it is time."""
        self.rows += rows
        self.count += len(rows)
        now = time.monotonic()
        if len(self.rows) >= PART_ROWS or now - self.last > max(PART_SECONDS, PART_FRACTION * (now - self.start)):
            self._flush()

    def _flush(self) -> None:
        rows, self.rows, self.last = self.rows, [], time.monotonic()
        self.store.write(rows)

    def __enter__(self) -> Buffer:
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()
