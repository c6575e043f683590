"""Where work goes changes nothing: this process, processes, threads, a real Dask cluster; and what is refused."""

import json
import os
import pickle
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from inspect import signature

import numpy as np
import pytest

import scalecheck
from scalecheck import lanes as module
from scalecheck.cli import main
from scalecheck.lanes import Mapping, Place, lanes
from scalecheck.numerics.errors import DomainError, NotConverged, require
from scalecheck.parallel import processes
from scalecheck.proofs_checks.errors import InputError, MissingExtra
from scalecheck.proofs_checks.registry import theories

SOME = ["A2.logarithm", "N1", "N2.quadratic.risk"]
"""Of three theories, by derivations and by drawn numbers: cheap, since every process that comes derives them anew."""
FEW = SOME[:2]
POINT = {"dim": 12, "samples": 20, "weight_decay": 0.5, "decay": 1, "noise": 0.5}


@pytest.fixture(scope="module")
def cluster():
    """One cluster of two processes: each that starts imports everything and derives what it hears of."""
    distributed = pytest.importorskip("distributed", reason="the cluster is Dask's: pip install 'scalecheck[cluster]'")
    warnings.simplefilter("ignore")  # Dask's own, about ports and versions
    settings = {"n_workers": 2, "threads_per_worker": 2, "processes": True, "dashboard_address": None}
    with distributed.LocalCluster(**settings) as made:
        yield made
        warnings.simplefilter("ignore")


@pytest.fixture(scope="module")
def two():
    """Two processes of our own: those of a run import everything anew."""
    with processes(1) as one, processes(1) as other:
        yield one, other


@pytest.fixture
def kept(two, monkeypatch):
    """A run is given these two, however little its work is worth."""
    waiting = iter(two)
    monkeypatch.setattr(module, "processes", lambda jobs: nullcontext(next(waiting)))
    monkeypatch.setattr(module, "WORTH", 0.0)
    yield
    assert next(waiting, None) is None, "both were asked for"


def told(result):
    """All of a run that is not time."""
    document = json.loads(json.dumps(result.to_json(), default=str))
    del document["created"]
    for claim in document["claims"]:
        del claim["seconds"]
    return document


@pytest.fixture(scope="module")
def alone():
    """What one process says of a few claims."""
    return told(scalecheck.verify(only=SOME, quick=True, jobs=1, out=None))


@pytest.mark.parametrize("place", [{"jobs": 2}, {"executor": 3}])
def test_verdicts_and_evidence_do_not_depend_on_where(alone, place, request):
    if "jobs" in place:
        request.getfixturevalue("kept")
    seen = []
    with ThreadPoolExecutor(3) as pool:
        where = {"executor": pool} if "executor" in place else place
        found = scalecheck.verify(
            only=SOME, quick=True, out=None, progress=lambda hearing, done, total: seen.append((done, total)), **where
        )
    assert told(found) == alone
    assert seen == [(k + 1, len(alone["claims"])) for k in range(len(alone["claims"]))]


def test_a_cluster_says_the_same(alone, cluster):
    warnings.simplefilter("ignore")
    address = cluster.scheduler_address
    assert told(scalecheck.verify(only=SOME, quick=True, out=None, scheduler=address)) == alone
    here = scalecheck.solve("quadratic", simulate=3, seed=5, jobs=1, **POINT)
    there = scalecheck.solve("quadratic", simulate=3, seed=5, scheduler=address, **POINT)
    assert (there.experiment.value.risk == here.experiment.value.risk).all()
    assert np.array_equal(columns(Mapping(Place(scheduler=address))), columns(None), equal_nan=True)


def test_a_cluster_loses_a_worker_and_nothing_else(cluster):
    warnings.simplefilter("ignore")
    victim, killed = next(iter(cluster.workers.values())).pid, []

    def kill(hearing, done, total):
        if done == 1:
            os.kill(victim, 9)
            killed.append(victim)

    found = scalecheck.verify(only=FEW, quick=True, out=None, scheduler=cluster.scheduler_address, progress=kill)
    assert told(found) == told(scalecheck.verify(only=FEW, quick=True, jobs=1, out=None))
    assert killed


def columns(executor):
    """A small map of local exponents."""
    from scalecheck.numerics.networks.quadratic.exponent_map import exponent_map

    a, b = np.linspace(-0.5, 2.5, 3), np.linspace(-1.5, 2.5, 9)
    return exponent_map(dim=1e6, decay=1.0, noise=1.0, a=a, b=b, executor=executor).value.exponent


@pytest.mark.parametrize("name", ["diagonal", "quadratic"])
@pytest.mark.usefixtures("kept")
def test_simulations_are_the_same_on_processes(name):
    seen = []
    here = scalecheck.solve(name, simulate=4, seed=5, jobs=1, **POINT)
    there = scalecheck.solve(name, simulate=4, seed=5, jobs=2, progress=lambda *step: seen.append(step), **POINT)
    assert (there.experiment.value.risk == here.experiment.value.risk).all()
    assert seen == [("", k, 4) for k in range(5)]
    other = scalecheck.solve(name, simulate=4, seed=6, jobs=1, **POINT)
    assert not (other.experiment.value.risk == here.experiment.value.risk).all()  # the comparison can fail


def test_ridge_simulations_are_the_same_in_threads():
    point = {"samples": 30, "ridge": 0.1, "noise": 0.1, "capacity": 2, "source": 0.5}
    with ThreadPoolExecutor(2) as pool:
        there = scalecheck.solve("ridge", simulate=4, seed=5, executor=pool, **point)
    here = scalecheck.solve("ridge", simulate=4, seed=5, jobs=1, **point)
    assert (there.experiment.value.risk == here.experiment.value.risk).all()


@pytest.mark.usefixtures("kept")
def test_maps_are_the_same_on_processes():
    assert np.array_equal(columns(Mapping(Place(2))), columns(None), equal_nan=True)


def test_every_theory_with_a_map_or_a_simulation_gives_it_away():
    for record in theories().values():
        for function in filter(None, (record.phase_map, record.simulate)):
            assert "executor" in signature(function).parameters


def test_little_work_starts_no_processes(monkeypatch):
    monkeypatch.setattr(module, "processes", lambda jobs: pytest.fail("processes for nothing"))
    assert list(Mapping(Place(4)).map(abs, [-1, 2, -3])) == [1, 2, 3]
    assert list(Mapping(Place(4)).map(pow, [2, 3], [3, 2])) == [8, 9]
    assert list(Mapping(Place(4)).map(abs, [])) == []


def test_workers_that_die_are_named():
    allowed = r"^jobs: got 2, allowed is a number that memory suffices for"
    with pytest.raises(InputError, match=allowed), lanes(Place(2), 2) as found:
        found[0].submit(os._exit, 1).result()


def test_errors_of_a_worker_come_back_as_they_are():
    with pytest.raises(DomainError, match="x: got 3, allowed is another"), lanes(Place(2), 2) as found:
        found[0].submit(require, False, "x", 3, "another").result()
    for error in (
        NotConverged("Stopped: as asked."),
        InputError("x", 3, "another"),
        MissingExtra("x", "Dask", "cluster"),
    ):
        copy = pickle.loads(pickle.dumps(error))
        assert (type(copy), str(copy), vars(copy)) == (type(error), str(error), vars(error))


def test_what_goes_nowhere_is_refused(capsys):
    with ThreadPoolExecutor(1) as pool, pytest.raises(InputError, match="scheduler"):
        Place(executor=pool, scheduler="tcp://x:1")
    with pytest.raises(InputError, match="executor"):
        scalecheck.verify(only=["N1"], out=None, executor="threads")
    for words in (
        ["verify", "--only", "N1", "--jobs", "0"],
        ["phases", "diagonal", "--jobs", "-1", "--plot", "x.png"],
        ["solve", "diagonal", *(f"--{name.replace('_', '-')}={value}" for name, value in POINT.items()), "--jobs", "0"],
    ):
        assert main(words) == 2
        assert capsys.readouterr().err.startswith("scalecheck: jobs: got ")


def test_a_theory_from_outside_need_not_know_of_executors(toy):
    assert scalecheck.verify(only=["toy"], quick=True, jobs=1, out=None).exit_status == 0
    assert "executor" not in signature(toy.simulate or toy.claims).parameters
