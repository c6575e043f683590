"""Soundness of the judge of conjectures: true conjectures and false neighbours out of every diagram, and of files."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, wait
from pathlib import Path

from scalecheck.proofs_checks.conjectures.derived import derived_diagram
from scalecheck.proofs_checks.conjectures.subjects import checkable
from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.mutation.census import Heard
from scalecheck.proofs_checks.mutation.charts import Chart
from scalecheck.proofs_checks.mutation.judging import judge, of_chart, of_file, parts_of, thinned
from scalecheck.proofs_checks.registry import theories

from .parallel import cores, one_thread, pool
from .soundness import Census, Progress, checked_options

SLICES = 4
"""In so many parts the phases of a theory are heard: each is work for one core, which has to derive the theory first."""
Part = tuple[str, int | None]
"""A theory and a slice of its phases, or the path of a file and nothing."""


def run_judgement(
    only: Sequence[str], files: Sequence[str | Path], *, sample: int | None, seed: int, jobs: int | None,
    progress: Progress | None,
) -> Census:  # fmt: skip
    """Conjectures out of the diagrams of the chosen theories, or of the files; see `api.census`."""
    checked_options(sample, jobs)
    parts: list[Part] = [(str(file), None) for file in files] if files else _parts(only)
    for file in files:
        of_file(file)  # an unusable file is told before anything is heard
    start = time.perf_counter()
    found: dict[Part, list[Heard]] = {}
    with pool(min(cores() if jobs is None else jobs, len(parts))) as executor:
        for part, heard in _results(parts, sample, seed, executor):
            found[part] = heard
            if progress is not None:
                progress(part[0], len(found), len(parts))
    return Census(tuple(item for part in parts for item in found[part]), time.perf_counter() - start)


def _parts(only: Sequence[str]) -> list[Part]:
    """Slices of the chosen theories; of all that have a diagram if none is chosen."""
    for name in only:
        if name not in checkable():
            raise InputError("only", name, "a theory with a phase diagram: " + ", ".join(checkable()))
    return [(name, part) for name in only or checkable() for part in range(SLICES)]


def _results(
    parts: Sequence[Part], sample: int | None, seed: int, executor: Executor | None
) -> Iterator[tuple[Part, list[Heard]]]:
    if executor is None:
        yield from (_of_part(part, sample, seed) for part in parts)
        return
    pending = {executor.submit(_of_part, part, sample, seed) for part in parts}
    while pending:
        finished, pending = wait(pending, return_when=FIRST_COMPLETED)
        yield from (future.result() for future in finished)


def _of_part(part: Part, sample: int | None, seed: int) -> tuple[Part, list[Heard]]:
    """Run in a worker: derive the diagram there, make the conjectures, hear them."""
    name, slice_ = part
    with one_thread():
        if slice_ is None:
            stated, systems = of_file(name)
            return part, judge(thinned(stated, sample, seed), systems)
        chart = Chart(theories()[name], derived_diagram(name))
        made = [thinned(of_chart(chart, which, seed), sample, seed) for which in parts_of(chart)[slice_::SLICES]]
        return part, [item for stated in made for item in judge(stated)]
