"""What a sweep costs beside the plain loop that it replaces, and growth with the points: `python -m benchmarks --only sweeps`."""

from __future__ import annotations

import resource
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

import scalecheck
from scalecheck import sweeps

from .rows import Row, growth, missing, race

POINT = {"dim": 1e4, "decay": 1.0, "noise": 1.0, "weight_decay": 1.0}


def swept(count: int) -> Callable[[], object]:
    """A sweep of so many points into a fresh store, on one core."""

    def run() -> object:
        with tempfile.TemporaryDirectory() as folder:
            samples = f"1e2:1e6:{count}log"
            return len(scalecheck.sweep("diagonal", store=Path(folder) / "store", jobs=1, samples=samples, **POINT))

    return run


def looped(count: int) -> Callable[[], object]:
    """What one writes instead, which keeps nothing if it is killed."""
    return lambda: [
        scalecheck.solve("diagonal", samples=float(n), **POINT).to_json() for n in np.geomspace(1e2, 1e6, count)
    ]


@contextmanager
def free_points() -> Iterator[None]:
    """Points that cost nothing, so that what remains is the sweep itself."""

    def work(theory: str, simulate: int | None, seed: int, chunk: sweeps.Chunk) -> tuple[float, sweeps.Rows]:
        return 1e-3, [{"point": name, "outcome": "converged", **point, "risk": 1.0} for name, point in chunk]

    really, sweeps.work = sweeps.work, work
    try:
        yield
    finally:
        sweeps.work = really


def rows(quick: bool) -> list[Row]:
    """For the common table."""
    try:
        import pyarrow
    except ImportError as absent:
        return [missing("sweeps", f"not installed: {absent.name}")]
    few, many = (100, 1000) if quick else (1000, 10_000)
    found = [
        race(
            f"sweeps.loop-{few}",
            swept(few),
            looped(few),
            repeats=3,
            warm=False,
            note=f"plain loop, pyarrow {pyarrow.__version__}",
        )
    ]
    with free_points():
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        row = growth(f"sweeps.points-{20 * many}", swept(2 * many), swept(20 * many), 10.0, repeats=3, warm=False)
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    found.append(row._replace(note=f"{row.note}, the sweep itself; memory grew by {grown:.0f} MB"))
    return found
