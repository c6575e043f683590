"""Chunks of work on many workers: a bounded number under way, sized by the time they take, and workers that may die."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from contextlib import contextmanager
from typing import Any

from scalecheck.proofs_checks.errors import InputError

from .parallel import cores, processes
from .sweep_rows import Chunk, Rows

# A chunk should take a second: long beside the millisecond of sending it, short beside the patience of whoever watches.
CHUNK_SECONDS, LARGEST_CHUNK = 1.0, 1000
# Workers that die (mostly for want of memory) are replaced; so many deaths without one finished chunk end the sweep.
LOSSES = 3


Run = Callable[[Iterable[Chunk]], Iterator[tuple[float, Rows]]]
Work = Callable[[Chunk], tuple[float, Rows]]


class Pace:
    """How many points make a chunk: one at first, then as many as take a second, at most four times as many as before."""

    def __init__(self) -> None:
        self.size = 1

    def learn(self, seconds: float, count: int) -> None:
        """Hear how long a chunk took."""
        wanted = CHUNK_SECONDS * count / max(seconds, 1e-9)
        self.size = int(max(1, min(wanted, 4 * self.size, LARGEST_CHUNK)))


@contextmanager
def workers(jobs: int, executor: Executor | None, scheduler: str | None, call: Work) -> Iterator[Run]:
    """The function that turns chunks into rows: here, on processes, on an executor, on a cluster."""
    if scheduler is not None:
        from .clusters import connected
        from .sweep_rows import NUMERIC

        with connected(scheduler, NUMERIC) as (remote, slots, losses):
            yield lambda todo: _elsewhere(remote, slots, todo, call, ("scheduler", scheduler), losses)
    elif executor is not None:
        slots = int(getattr(executor, "_max_workers", None) or cores())
        yield lambda todo: _elsewhere(executor, slots, todo, call, ("executor", executor), ())
    elif jobs > 1:
        yield lambda todo: _on_cores(jobs, todo, call)
    else:
        yield lambda todo: (call(chunk) for chunk in todo)


def _elsewhere(
    executor: Executor, slots: int, todo: Iterable[Chunk], call: Work, who: tuple[str, object], losses: tuple[Any, ...]
) -> Iterator[tuple[float, Rows]]:
    try:
        yield from _spread(executor, slots, iter(todo), call, [])
    except (BrokenExecutor, CancelledError, *losses) as error:
        told = " ".join(f"{type(error).__name__} {error}".split())[:200]
        raise InputError(
            *who, f"one whose workers live; the store keeps what was finished, run again to resume ({told})"
        ) from None


def _on_cores(jobs: int, todo: Iterable[Chunk], call: Work) -> Iterator[tuple[float, Rows]]:
    """Processes of our own; those that are killed are replaced, and what they had is cut in halves and done again."""
    source, lost, deaths = iter(todo), list[Chunk](), 0

    def feed() -> Iterator[Chunk]:
        while chunk := lost.pop() if lost else next(source, None):
            yield chunk

    while True:
        try:
            with processes(jobs) as executor:
                for found in _spread(executor, jobs, feed(), call, lost):
                    deaths = 0
                    yield found
                return
        except BrokenExecutor:
            deaths += 1
            if deaths >= LOSSES:
                allowed = (
                    f"a number that memory suffices for: workers were killed {deaths} times in a row; the rest is kept"
                )
                raise InputError("jobs", jobs, allowed) from None
            lost[:] = [half for chunk in lost for half in (chunk[: len(chunk) // 2], chunk[len(chunk) // 2 :]) if half]


def _spread(
    executor: Executor, slots: int, todo: Iterator[Chunk], call: Work, lost: list[Chunk]
) -> Iterator[tuple[float, Rows]]:
    """Keep two chunks a worker under way, no more, whatever the size of the grid; `lost` gets those that never came back."""
    pending: dict[Future[tuple[float, Rows]], Chunk] = {}
    try:
        for chunk in todo:
            try:
                pending[executor.submit(call, chunk)] = chunk
            except BrokenExecutor:
                lost.append(chunk)
                raise
            while len(pending) >= 2 * slots:
                yield from _finished(pending)
        while pending:
            yield from _finished(pending)
    finally:
        for future in pending:
            future.cancel()
        lost += pending.values()


def _finished(pending: dict[Future[tuple[float, Rows]], Chunk]) -> Iterator[tuple[float, Rows]]:
    """Results of the chunks that are done; one that failed stays pending, for it is not done."""
    for future in wait(pending, return_when=FIRST_COMPLETED).done:
        found = future.result()
        del pending[future]
        yield found
