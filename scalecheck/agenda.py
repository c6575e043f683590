"""What a worker does next: work in groups that share what was derived, given out so that nobody waits and little is derived twice.

A group goes to one worker as long as there are others to begin; a worker with nothing left of its own begins another, and
where none is left takes from the end of the one with most to do. So the end of a group is where long pieces of work belong
that need little of the rest: they are taken first, and the last to be done are short. No timings are kept: what is known
beforehand is the weight of a task, and what it computes depends on neither the order nor the number of workers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Task:
    """A call that can be sent to another process.

    Parameters
    ----------
    key : object
        By which its result is known.
    group : str
        Tasks of a group share what they derive.
    weight : float
        Roughly how much work it is, in any unit.
    call, arguments
        The function, of a module, and what it is given.
    """

    key: Any
    group: str
    weight: float
    call: Callable[..., Any]
    arguments: tuple[Any, ...]


class Agenda:
    """Tasks still to be begun, by group.

    Examples
    --------
    >>> tasks = [Task(f"{group}{k}", group, 1.0, str, ()) for group in "ab" for k in range(3)]
    >>> agenda = Agenda(tasks)
    >>> [agenda.next(worker).key for worker in (0, 1, 0, 0, 0, 1)]
    ['a0', 'b0', 'a1', 'a2', 'b2', 'b1']
    """

    def __init__(self, tasks: Sequence[Task]) -> None:
        self.groups: dict[str, deque[Task]] = {}
        for task in tasks:
            self.groups.setdefault(task.group, deque()).append(task)
        self.untouched = deque(sorted(self.groups, key=self._left, reverse=True))
        self.own: dict[int, str] = {}

    def _left(self, group: str) -> float:
        return sum(task.weight for task in self.groups[group])

    def next(self, worker: int) -> Task | None:
        """The next task of a worker, or None where nothing is left to begin."""
        mine = self.groups.get(self.own.get(worker, ""))
        if mine:
            return mine.popleft()
        if self.untouched:
            self.own[worker] = self.untouched.popleft()
            return self.groups[self.own[worker]].popleft()
        richest = max(self.groups, key=self._left, default=None)
        return self.groups[richest].pop() if richest is not None and self.groups[richest] else None


def perform(tasks: Sequence[Task], lanes: Sequence[Executor]) -> Iterator[tuple[Task, Any]]:
    """Results as they come, one task at a time in each lane; without lanes here, group by group."""
    agenda = Agenda(tasks)
    if not lanes:
        while (task := agenda.next(0)) is not None:
            yield task, task.call(*task.arguments)
        return
    running: dict[Future[Any], tuple[int, Task]] = {}

    def begin(lane: int) -> None:
        task = agenda.next(lane)
        if task is not None:
            running[lanes[lane].submit(task.call, *task.arguments)] = lane, task

    try:
        for lane in range(len(lanes)):
            begin(lane)
        while running:
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                lane, task = running.pop(future)
                result = future.result()
                begin(lane)  # before the caller has its turn: no worker waits for it
                yield task, result
    finally:
        for future in running:
            future.cancel()
