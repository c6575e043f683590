"""Soundness of the judge of conjectures: true conjectures and false neighbours out of every diagram, and of files."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Executor
from functools import lru_cache
from pathlib import Path

from scalecheck.proofs_checks.conjectures.derived import derived_diagram
from scalecheck.proofs_checks.conjectures.subjects import checkable
from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.mutation.census import Heard
from scalecheck.proofs_checks.mutation.charts import Chart
from scalecheck.proofs_checks.mutation.judging import NUMBERS, judge, of_chart, of_file, parts_of, thinned
from scalecheck.proofs_checks.mutation.tables import Stated
from scalecheck.proofs_checks.registry import theories

from .census_runs import Listener, Part, Record, hear_parts
from .parallel import cores, one_thread, pool
from .soundness import Census, checked_options

AT_ONCE = 6
"""So many conjectures are heard between two signs of life: each takes a tenth of a second to a few seconds."""


def run_judgement(
    only: Sequence[str], files: Sequence[str | Path], *, sample: int | None, seed: int, jobs: int | None,
    listener: Listener,
) -> Census:  # fmt: skip
    """Conjectures out of the diagrams of the chosen theories, or of the files; see `api.census`."""
    checked_options(sample, jobs)
    sources = [str(file) for file in files] if files else _theories(only)
    for file in files:
        of_file(file)  # an unusable file is told before anything is heard
    of = {"conjectures": sources, "sample": sample, "seed": seed}
    record = Record(listener.record, of)
    start = time.perf_counter()
    with pool(cores() if jobs is None else jobs) as executor:
        parts = _parts(sources, bool(files), sample, seed, executor, listener)
        heard = hear_parts(parts, executor, record, listener)
    return Census(heard, time.perf_counter() - start)


def _theories(only: Sequence[str]) -> list[str]:
    """The chosen theories; all that have a diagram if none is chosen."""
    for name in only:
        if name not in checkable():
            raise InputError("only", name, "a theory with a phase diagram: " + ", ".join(checkable()))
    return list(dict.fromkeys(only)) or list(checkable())


def _parts(
    sources: Sequence[str], files: bool, sample: int | None, seed: int, executor: Executor | None, listener: Listener
) -> list[Part]:
    """A few conjectures each; how many there are is known only once the diagram is derived."""
    run = (lambda *given: _sizes(*given)) if executor is None else (lambda *given: executor.submit(_sizes, *given))
    waiting = [(name, run(name, files, sample, seed)) for name in sources]
    found: list[Part] = []
    for done, (name, pending) in enumerate(waiting, start=1):
        for which, size in pending if isinstance(pending, list) else pending.result():
            for first in range(0, size, AT_ONCE):
                given = (name, which, sample, seed, first)
                found.append(Part(f"{Path(name).name} {which} from {first}", _hear_some, given))
        if listener.progress is not None:
            listener.progress(f"(conjectures of {Path(name).name} made)", done, len(waiting))
    return found


def _sizes(name: str, file: bool, sample: int | None, seed: int) -> list[tuple[str, int]]:
    """How many conjectures are made of every part of a diagram or of a file."""
    parts = [FILE] if file else parts_of(_chart(name))
    return [(which, len(_stated(name, which, sample, seed)[0])) for which in parts]


FILE = "file"


def _chart(name: str) -> Chart:
    return Chart(theories()[name], derived_diagram(name))


@lru_cache(maxsize=64)
def _stated(name: str, which: str, sample: int | None, seed: int) -> tuple[Sequence[Stated], str]:
    """The conjectures of a part of a diagram or of a file, once a process."""
    if which == FILE:
        stated, systems = of_file(name)
        return thinned(stated, sample, seed), systems
    return thinned(of_chart(_chart(name), which, seed), sample, seed), ""


def _hear_some(name: str, which: str, sample: int | None, seed: int, first: int) -> list[Heard]:
    """Run in a worker: derive the diagram there, make the conjectures, hear a few of them."""
    with one_thread():
        stated, systems = _stated(name, which, sample, seed)
        return judge(stated[first : first + AT_ONCE], systems, numbers=NUMBERS)
