"""Repeated experiments on random problems: their streams of random numbers, what every run measures, and the mean's error.

Run i sees the same random numbers whatever the number of runs and of workers.
"""

from __future__ import annotations

import math
from abc import ABC
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import ClassVar, TypeVar

import numpy as np

from ..power_sums import Array
from ..solution import ErrorKind, Solution, Status

Stream = np.random.SeedSequence
Result = TypeVar("Result")
Measured = TypeVar("Measured", bound="Measurements")


@dataclass(frozen=True, eq=False)
class Measurements(ABC):
    """What the runs of an experiment measured, one entry a run.

    Parameters
    ----------
    risk : array of shape (runs,)
        Excess risk.
    train_error : array of shape (runs,)
        Mean square residual on the training set.
    """

    risk: Array
    train_error: Array

    json_fields: ClassVar[tuple[str, ...]] = ("risk_mean", "risk_stderr", "runs")
    """What a JSON document shows of an experiment."""

    @property
    def runs(self) -> int:
        """Number of runs."""
        return int(self.risk.size)

    @property
    def risk_mean(self) -> float:
        """Mean risk."""
        return float(self.risk.mean())

    @property
    def risk_stderr(self) -> float | None:
        """Standard error of the mean risk; None for a single run."""
        return standard_error(self.risk)

    @property
    def train_error_mean(self) -> float:
        """Mean training error."""
        return float(self.train_error.mean())

    @property
    def train_error_stderr(self) -> float | None:
        """Standard error of the mean training error; None for a single run."""
        return standard_error(self.train_error)


def standard_error(values: Array) -> float | None:
    """Return the standard error of the mean, or None where one value leaves it undefined.

    Examples
    --------
    >>> standard_error(np.array([1.0, 3.0])), standard_error(np.array([1.0]))
    (1.0, None)
    """
    return float(values.std(ddof=1) / math.sqrt(values.size)) if values.size > 1 else None


def repeated(
    run: Callable[[Stream], Result], *, runs: int, seed: int, executor: Executor | None = None
) -> list[Result]:
    """Return what `run` makes of the first `runs` streams spawned from the seed, in their order, wherever they run.

    Examples
    --------
    >>> first, second = (repeated(lambda stream: stream.generate_state(1)[0], runs=n, seed=7) for n in (2, 3))
    >>> first == second[:2]
    True
    """
    streams = np.random.SeedSequence(seed).spawn(runs)
    return list(map(run, streams) if executor is None else executor.map(run, streams))


def problem_and_start(stream: Stream) -> tuple[Stream, Stream]:
    """Return two streams of a run: for its problem, and for the weights a network starts from.

    The sequence is rebuilt from its key: spawning from the one handed in would count up inside it, so that a second use of the
    same object would see other numbers.

    Examples
    --------
    >>> stream = np.random.SeedSequence(7)
    >>> [problem_and_start(stream)[0].spawn_key for _ in range(2)]
    [(0,), (0,)]
    """
    data, start = np.random.SeedSequence(stream.entropy, spawn_key=stream.spawn_key).spawn(2)
    return data, start


def averaged(value: Measured, *, seed: int, method: str, gap: Array | None = None) -> Solution[Measured]:
    """Return measurements as a `Solution` whose error is the relative standard error of the mean risk.

    With one run, or a risk of exactly zero, none is known. `gap` holds the relative duality gaps of the runs, if they have any.
    """
    stderr, mean = value.risk_stderr, value.risk_mean
    statistics = {"runs": float(value.runs)} | ({} if gap is None else {"largest_gap": float(gap.max())})
    if stderr is None or not mean > 0:
        return Solution(value, Status.CONVERGED, math.inf, ErrorKind.NONE, method, statistics, seed)
    return Solution(value, Status.CONVERGED, stderr / mean, ErrorKind.ESTIMATE, method, statistics, seed)
