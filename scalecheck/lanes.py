"""Where work goes: this process, processes of our own, any executor, or a Dask cluster; and `map` over all of them.

A lane takes one piece of work at a time and is, where that can be had, one process: what it derives serves what follows.
Values do not depend on where the work went: numerical threads are pinned, and random numbers come with the work.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from scalecheck.proofs_checks.errors import InputError

from .agenda import Task, perform
from .parallel import cores, lost_workers, one_thread, processes

LAYERS = ("theory", "numerics", "proofs_checks")
"""What remote workers must have in common with this process: all that a verdict depends on."""
WORTH = 2.0
"""Seconds of work below which no processes are started for it: they take about one to begin."""

Steps = Callable[[str, int, int], None]
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class Place:
    """Where work is to go, as the user says it: at most one of the last two.

    Parameters
    ----------
    jobs : int, optional
        Processes of our own; the number of cores by default.
    executor : concurrent.futures.Executor, optional
        Where the work goes instead; scalecheck must be installed there.
    scheduler : str, optional
        Address of a Dask scheduler; ``scalecheck[cluster]``.

    Raises
    ------
    InputError
        For a number of processes that is none, or two places at once.
    """

    jobs: int | None = None
    executor: Executor | None = None
    scheduler: str | None = None

    def __post_init__(self) -> None:
        if self.jobs is not None and (isinstance(self.jobs, bool) or not isinstance(self.jobs, int) or self.jobs < 1):
            raise InputError("jobs", self.jobs, "an integer >= 1")
        if self.executor is not None and self.scheduler is not None:
            raise InputError("scheduler", self.scheduler, "left out where an executor is given")
        if self.executor is not None and not callable(getattr(self.executor, "submit", None)):
            raise InputError("executor", self.executor, "a concurrent.futures.Executor")

    @property
    def here(self) -> bool:
        """Whether the work stays on this machine's cores."""
        return self.executor is None and self.scheduler is None


@contextmanager
def lanes(place: Place, tasks: int) -> Iterator[Sequence[Executor]]:
    """One executor a lane, at most as many as there are tasks; none where the work is to be done in this process.

    Raises
    ------
    InputError
        Where workers are lost for good, or a cluster cannot be used.
    """
    with ExitStack() as stack:
        losses: tuple[type[BaseException], ...] = ()
        if place.scheduler is not None:
            from .clusters import one_each

            found, losses = stack.enter_context(one_each(place.scheduler, LAYERS))
        elif place.executor is not None:
            found = [place.executor] * int(getattr(place.executor, "_max_workers", None) or cores())
        else:
            jobs = min(place.jobs or cores(), max(1, tasks))
            found = [stack.enter_context(processes(1)) for _ in range(jobs)] if jobs > 1 else []
        with _losses_named(place, losses):
            yield found[: max(1, tasks)]


@contextmanager
def _losses_named(place: Place, losses: tuple[type[BaseException], ...]) -> Iterator[None]:
    """Workers that die are the user's business: mostly for want of memory."""
    lost: tuple[type[BaseException], ...] = (BrokenExecutor, CancelledError, *losses)
    try:
        yield
    except lost as error:
        if place.here:
            raise lost_workers(place.jobs or cores(), error) from None
        told = " ".join(f"{type(error).__name__} {error}".split())[:200]
        name, value = ("scheduler", place.scheduler) if place.scheduler else ("executor", place.executor)
        raise InputError(name, value, f"one whose workers live ({told})") from None


def alone(call: Callable[..., Any], *arguments: Any) -> Any:
    """Run in a worker: one piece of work at a time in a process, whatever the threads of its executor, on one thread.

    The precision of arithmetic and the caches of a derivation belong to a process, not to a thread.
    """
    with _ONE_AT_A_TIME, one_thread():
        return call(*arguments)


class Mapping(Executor):
    """An executor for `map` alone, which goes where a `Place` says and tells how far it is.

    On this machine's cores the first piece of work is done here: if the rest would take less than it costs to start
    processes, they are not started.
    """

    def __init__(self, place: Place, progress: Steps | None = None) -> None:
        self.place, self.progress = place, progress

    def submit(self, *_: Any, **__: Any) -> Any:
        """Not offered: what needs more than `map` has no business here."""
        raise NotImplementedError("an executor for map alone")

    def map(
        self, fn: Callable[..., Any], *iterables: Iterable[Any], timeout: float | None = None, chunksize: int = 1,
        buffersize: int | None = None,
    ) -> Iterator[Any]:  # fmt: skip
        """All results, in order; `timeout` and the sizes are not used."""
        items = list(zip(*iterables))
        tasks = [Task(index, str(index), 1.0, alone, (fn, *item)) for index, item in enumerate(items)]
        found: dict[int, Any] = {}
        self._tell(0, len(tasks))
        for index, result in self._results(tasks):
            found[index] = result
            self._tell(len(found), len(tasks))
        return iter([found[index] for index in range(len(tasks))])

    def _results(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Any]]:
        if self.place.here:
            start = time.perf_counter()
            yield from _by_key(perform(tasks[:1], ()))
            tasks = tasks[1:]
            if (time.perf_counter() - start) * len(tasks) < WORTH:
                yield from _by_key(perform(tasks, ()))
                return
        with lanes(self.place, len(tasks)) as found:
            yield from _by_key(perform(tasks, found))

    def _tell(self, done: int, total: int) -> None:
        if self.progress is not None:
            self.progress("", done, total)


def _by_key(results: Iterable[tuple[Task, Any]]) -> Iterator[tuple[int, Any]]:
    return ((task.key, result) for task, result in results)
