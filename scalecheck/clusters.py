"""Clusters: a running Dask scheduler as an executor, with what its failures are called."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

from scalecheck.proofs_checks.errors import InputError, MissingExtra

# Seconds to wait for the scheduler to answer, and for its first worker.
PATIENCE = 10


Losses = tuple[type[BaseException], ...]


@contextmanager
def connected(address: str, layers: tuple[str, ...]) -> Iterator[tuple[Executor, int, Losses]]:
    """Connect to the Dask scheduler at `address`.

    Parameters
    ----------
    address : str
        Such as ``tcp://head:8786``.
    layers : tuple[str, ...]
        Layers of this package, the source of which the workers must share.

    Yields
    ------
    tuple
        An executor, the number of threads of the cluster, and the exceptions that mean that workers were lost. Dask itself
        gives the work of a dead worker to another one.

    Raises
    ------
    InputError
        Where Dask is missing, nobody answers, there is no worker, or the workers have another scalecheck.
    """
    with _cluster(address, layers) as (client, losses):
        executor = client.get_executor(pure=False)
        try:
            yield executor, sum(client.nthreads().values()), losses
        finally:
            executor.shutdown(wait=False)  # which cancels what is still to do


@contextmanager
def one_each(address: str, layers: tuple[str, ...]) -> Iterator[tuple[list[Executor], Losses]]:
    """As `connected`, with one executor a worker process, so that work can follow what that process has derived already.

    The work of a dead worker goes to the living ones.
    """
    with _cluster(address, layers) as (client, losses):
        lanes = [
            client.get_executor(pure=False, workers=[worker], allow_other_workers=True) for worker in client.nthreads()
        ]
        try:
            yield lanes, losses
        finally:
            for lane in lanes:
                lane.shutdown(wait=False)


@contextmanager
def _cluster(address: str, layers: tuple[str, ...]) -> Iterator[tuple[Any, Losses]]:
    distributed = _dask()
    losses = (distributed.scheduler.KilledWorker, distributed.client.FutureCancelledError)
    with _client(distributed, address) as client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise InputError("scheduler", address, f"one with a worker within {PATIENCE} s") from None
        _same_source(client, address, layers)
        yield client, losses


def _dask() -> Any:
    try:
        import distributed
        import distributed.client
        import distributed.scheduler
    except ImportError:
        raise MissingExtra("scheduler", "Dask", "cluster") from None
    return distributed


def _client(distributed: Any, address: str) -> Any:
    try:
        return distributed.Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError):
        raise InputError("scheduler", address, "the address of a running Dask scheduler, tcp://HOST:8786") from None


def _same_source(client: Any, address: str, layers: tuple[str, ...]) -> None:
    from .sweep_rows import source_hash

    source = source_hash(layers)
    allowed = f"one whose workers have the same scalecheck as here ({source[:8]})"
    try:
        found = client.run(source_hash, layers)
    except ImportError as error:
        raise InputError("scheduler", address, f"{allowed}: {error}") from None
    for worker, there in found.items():
        if there != source:
            raise InputError("scheduler", address, f"{allowed}; {worker} has {there[:8]}")
