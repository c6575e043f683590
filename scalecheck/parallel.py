"""Processes: how work is spread over cores, with numerical threads pinned so that no sum depends on their number."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

from scalecheck.proofs_checks.errors import InputError


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def processes(jobs: int) -> Iterator[Executor]:
    """A pool of fresh processes; on any exception, Ctrl-C included, they are ended at once.

    loky's workers, unlike those of the standard library, never import the caller's main module, so that a script
    without a guard and a program on standard input work.
    """
    from joblib.externals.loky import ProcessPoolExecutor

    executor = ProcessPoolExecutor(jobs, initializer=_pin)
    try:
        yield executor
    except BaseException:
        with _no_interrupt():
            _end(executor)
        raise
    executor.shutdown()


def _end(executor: Any) -> None:
    """End the workers at once. loky's own way asks another program which they are, which a second Ctrl-C stops half way."""
    for process in list((executor._processes or {}).values()):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    executor.shutdown(wait=False)


@contextmanager
def _no_interrupt() -> Iterator[None]:
    """Ctrl-C pressed again, by someone in a hurry, finds nothing to stop."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def pool(jobs: int) -> Iterator[Executor | None]:
    """One pool for a whole run, so that what a worker has derived for a claim serves its figures; None for one job."""
    if jobs <= 1:
        yield None
        return
    try:
        with processes(jobs) as executor:
            yield executor
    except BrokenExecutor as error:
        raise lost_workers(jobs, error) from None


def lost_workers(jobs: int, error: BaseException) -> InputError:
    """Processes that were killed from outside: mostly for want of memory."""
    told = " ".join(f"{type(error).__name__} {error}".split())[:200]
    return InputError("jobs", jobs, f"a number that memory suffices for ({told})")


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep the linear algebra of this process on one thread: more of them slow small problems down many times over."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield


# Parameters of glibc's allocator, as its malloc.h numbers them, and the largest size that it serves from its own heap.
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
KEPT, LARGEST_KEPT = 2**28, 2**25

SELDOM = (100_000, 20, 20)
"""New objects before the youngest are looked through, and how often that is done before older ones are."""


@cache
def keep_memory() -> None:
    """On Linux with glibc, keep the memory of arrays that are done with for the next ones; elsewhere, do nothing.

    By default what is freed at the top of the heap goes back to the kernel, which clears every page before it hands it
    out again: for work arrays of a few 100 kB that costs more than the arithmetic on them (measured: state evolution of the
    quadratic network took 2.3 times as long). Values do not depend on it.
    """
    import ctypes
    import sys

    adjust = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if adjust is not None:
        adjust(TRIM_THRESHOLD, KEPT)
        adjust(MMAP_THRESHOLD, LARGEST_KEPT)


FORMULAS = 20_000
"""Results that each function of SymPy remembers; its own choice is 1,000, fewer than one derivation asks for again."""


def remember_formulas() -> None:
    """Let SymPy, which reads this when it is imported, remember more of what it has worked out; who has chosen a number keeps it.

    Measured: conjectures about a dozen systems take a tenth less time, and 30 MB more.
    """
    os.environ.setdefault("SYMPY_CACHE_SIZE", str(FORMULAS))


def collect_seldom() -> None:
    """Look for circular garbage every so many objects only: formulas are many small objects that nothing refers back to.

    Measured: with Python's own thresholds a twentieth of a diagram's time goes into looking.
    """
    import gc

    gc.set_threshold(*SELDOM)


def _pin() -> None:
    """Pin the threads of a worker before its libraries load; Ctrl-C is the parent's business, and its death ours."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_with_parent()
    keep_memory()
    remember_formulas()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"


def _die_with_parent() -> None:
    """On Linux, ask the kernel to end this worker when its parent is killed; elsewhere workers end when idle."""
    import ctypes
    import sys

    if sys.platform == "linux":
        parent_death_signal, kill = 1, 9
        ctypes.CDLL(None).prctl(parent_death_signal, kill)
