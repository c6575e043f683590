"""Sweeps: what a kill leaves, what a resumed run computes, what workers and clusters change (nothing), what is refused."""

import errno
import json
import math
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

import scalecheck
from scalecheck import parallel, spreading, sweep_rows, sweeps
from scalecheck.cli import main
from scalecheck.grids import Axis, Grid, grid, point_name, point_seed, values
from scalecheck.proofs_checks.controls import Control, Domain
from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.registry import theory

pytest.importorskip("pyarrow", reason="stores are Parquet: pip install 'scalecheck[sweeps]'")
pytest.importorskip("pandas", reason="tables are read with pandas: pip install 'scalecheck[sweeps]'")

SMALL = {"dim": 20, "samples": [15, 40], "weight_decay": [0.1, 1.0], "decay": 1, "noise": [0.5, 1.0]}
REAL = Control("x", "x", "a number", Domain(lower=0))


def table(path):
    """Everything a store holds, in an order that does not depend on who wrote it when."""
    return scalecheck.open_sweep(path).to_pandas().sort_values("point", ignore_index=True)


def same(one, other):
    """Bit for bit, missing numbers and words included."""
    return table(one).equals(table(other))


# --- grids -----------------------------------------------------------------------------------------------------------


def test_a_grid_is_the_product_in_the_order_of_the_theory():
    points = grid(theory("diagonal"), {"noise": [0, 1], "samples": "1,2,3", "dim": 5, "decay": 1, "weight_decay": 0})
    assert len(points) == 6
    assert [points.point(i)["noise"] for i in range(3)] == [0.0, 1.0, 0.0]
    assert list(points.point(0)) == ["dim", "samples", "weight_decay", "decay", "noise"]


def test_controls_in_step_are_no_product():
    given = {"dim": [10, 20], "samples": [1, 2], "weight_decay": [0, 1, 2], "decay": 1, "noise": 1}
    points = grid(theory("diagonal"), given, [["dim", "samples"]])
    assert len(points) == 6
    assert {(p["dim"], p["samples"]) for p in map(points.point, range(6))} == {(10, 1.0), (20, 2.0)}


@given(st.lists(st.integers(1, 5), min_size=1, max_size=4))
def test_every_point_has_one_number(lengths):
    points = Grid(tuple(Axis((f"c{i}",), tuple((j,) for j in range(n))) for i, n in enumerate(lengths)))
    found = {tuple(points.point(i).values()) for i in range(len(points))}
    assert len(found) == len(points) == math.prod(lengths)


@given(st.floats(1e-6, 1e6), st.floats(1.5, 1e6), st.integers(2, 30))
def test_twice_the_intervals_meet_the_first_points(first, ratio, count):
    coarse = values(REAL, f"{first:g}:{first * ratio:g}:{count}log")
    fine = values(REAL, f"{first:g}:{first * ratio:g}:{2 * count - 1}log")
    missed = set(coarse) - set(fine)
    # The last bit may round two ways at the twelfth digit; that happens to about one point in a thousand.
    assert len(missed) <= max(1, len(coarse) // 10)


@pytest.mark.parametrize(
    "text",
    ["1:2", "1:2:0", "0:1:5log", "1:2:3:4", "1:two:3", "1:2:5cubic", "", "1,,2", "-1", "nan", "1:inf:3", "1:2:-3"],
)
def test_bad_ranges_name_the_control(text):
    with pytest.raises(InputError, match=r"^x: got .* allowed is "):
        values(REAL, text)


def test_names_and_seeds_depend_on_content_only():
    name = point_name("diagonal", {"dim": 10, "noise": 0.5})
    assert name == point_name("diagonal", {"noise": 0.5, "dim": 10})
    assert name not in (point_name("quadratic", {"dim": 10, "noise": 0.5}), point_name("diagonal", {"dim": 10}))
    assert point_seed(0, name) != point_seed(1, name)


# --- stores ----------------------------------------------------------------------------------------------------------


def test_workers_order_and_extension_change_nothing(tmp_path):
    whole = scalecheck.sweep("diagonal", store=tmp_path / "whole", simulate=2, seed=3, jobs=1, **SMALL)
    assert whole.outcomes() == {"converged": 8}
    scalecheck.sweep("diagonal", store=tmp_path / "grown", simulate=2, seed=3, jobs=1, **{**SMALL, "noise": [1.0]})
    with ThreadPoolExecutor(2) as pool:
        backwards = {**SMALL, "samples": [40, 15], "noise": [1.0, 0.5]}
        scalecheck.sweep("diagonal", store=tmp_path / "grown", simulate=2, seed=3, executor=pool, **backwards)
    assert same(tmp_path / "whole", tmp_path / "grown")
    scalecheck.sweep("diagonal", store=tmp_path / "other", simulate=2, seed=4, jobs=1, **SMALL)
    assert not same(tmp_path / "whole", tmp_path / "other")  # the comparison can fail


def test_a_row_is_what_solve_says(tmp_path):
    found = scalecheck.sweep("diagonal", store=tmp_path, simulate=2, jobs=1, **SMALL).to_pandas().iloc[3]
    controls = {name: found[name] for name in ("dim", "samples", "weight_decay", "decay", "noise")}
    seed = int(found["simulation.seed"])
    told = scalecheck.solve("diagonal", simulate=2, seed=seed, **{**controls, "samples": int(controls["samples"])})
    document = told.to_json()
    assert found["risk"] == document["risk"]
    assert found["decomposition.underfitting"] == document["decomposition"]["underfitting"]
    assert found["simulation.risk_mean"] == document["simulation"]["risk_mean"]
    assert found["status"] == document["status"]


def test_nothing_unconverged_passes_for_a_number(tmp_path, monkeypatch):
    from dataclasses import replace

    from scalecheck.numerics.errors import NotConverged

    record = theory("diagonal")

    def solve(**point):
        if point["noise"] == 1.0:
            raise NotConverged("Stopped: the iteration stalled.")
        return record.solve(**point)

    monkeypatch.setattr(sweep_rows, "find_theory", lambda name: replace(record, solve=solve))
    found = scalecheck.sweep("diagonal", store=tmp_path, jobs=1, **SMALL)
    assert found.outcomes() == {"converged": 4, "not-converged": 4}
    assert found.exit_status == 3
    assert found.to_numpy("risk").mask.sum() == 4
    frame = found.to_pandas()
    assert frame["risk"].isna().tolist() == (frame["outcome"] == "not-converged").tolist()
    assert set(frame["status"][frame["risk"].isna()]) == {"Stopped: the iteration stalled."}


def test_combinations_outside_the_theory_are_rows_that_say_so(tmp_path):
    found = scalecheck.sweep(
        "quadratic", store=tmp_path, jobs=1, dim=[5, 10], width=[7, 20], samples=30, weight_decay=1, decay=1, noise=1
    )
    assert found.outcomes() == {"converged": 3, "outside": 1}
    told = found.to_pandas().set_index(["dim", "width"]).loc[(10, 7)]
    assert "width" in told["status"]


def test_pandas_and_xarray_open_it(tmp_path):
    import pandas as pd

    found = scalecheck.sweep("diagonal", store=tmp_path, jobs=1, **SMALL)
    frame = pd.read_parquet(tmp_path)
    assert len(frame) == len(found) == 8
    assert found.to_numpy("risk").shape == (2, 2, 2)
    array = pytest.importorskip("xarray") and found.to_xarray(["risk"])
    assert float(array["risk"].sel(samples=15, weight_decay=1, noise=0.5)) == found.to_numpy("risk")[0, 1, 0]


def test_columns_that_come_later_reach_the_earlier_parts(tmp_path):
    import pandas as pd

    from scalecheck.stores import open_store

    identity = {"theory": "t", "simulate": None, "seed": 0, "source_hash": "h"}
    known = {"point": "string", "outcome": "string"}
    with open_store(tmp_path, identity, known, resume=True) as store:
        store.write([{"point": "a" * 32, "outcome": "not-converged"}])
        store.write([{"point": "b" * 32, "outcome": "converged", "risk": 1.5, "constant": 2}])
        store.write([{"point": "c" * 32, "outcome": "converged", "risk": 1, "constant": "pi"}])
    frame = pd.read_parquet(tmp_path).set_index("outcome")
    assert frame["risk"].isna().sum() == 1
    assert frame["constant"].loc["converged"].tolist() in (["2", "pi"], ["pi", "2"])


def test_one_point_and_controls_in_step_have_views(tmp_path):
    xarray = pytest.importorskip("xarray")
    one = {name: value[0] if isinstance(value, list) else value for name, value in SMALL.items()}
    found = scalecheck.sweep("diagonal", store=tmp_path / "one", jobs=1, **one)
    assert found.to_numpy("risk").shape == ()
    given = {**one, "dim": range(10, 20), "samples": range(30, 40)}
    found = scalecheck.sweep("diagonal", store=tmp_path / "step", jobs=1, zip=("dim", "samples"), **given)
    assert isinstance(found.to_xarray(), xarray.Dataset)
    assert found.to_xarray()["risk"].dims == ("point",)
    with pytest.raises(InputError, match="rectangle"):
        found.to_numpy("risk")


def test_leftovers_of_a_killed_write_are_not_read_and_are_removed(tmp_path):
    scalecheck.sweep("diagonal", store=tmp_path, jobs=1, **{**SMALL, "noise": 1})
    left = tmp_path / ".part-0123.parquet.abc"
    left.write_bytes(b"PAR1 half")
    assert len(scalecheck.open_sweep(tmp_path)) == 4
    scalecheck.sweep("diagonal", store=tmp_path, jobs=1, **SMALL)
    assert not left.exists()
    assert len(scalecheck.open_sweep(tmp_path)) == 8


# --- kills -----------------------------------------------------------------------------------------------------------

SLOW = {"dim": "80", "samples": "20:120:6int", "weight_decay": "0.01,0.1", "decay": "1", "noise": "0.5,1"}


def words(store, **more):
    options = {**SLOW, "store": str(store), "simulate": "8", **more}
    pairs = [[f"--{name.replace('_', '-')}", value] for name, value in options.items()]
    return ["sweep", "diagonal", *(word for pair in pairs for word in pair)]


def started(store, **more):
    """A sweep in a process of its own that writes a part after every chunk."""
    code = (
        "import sys; from scalecheck import spreading, sweeps; from scalecheck.cli import main\n"
        "sweeps.PART_SECONDS = sweeps.PART_FRACTION = 0.0; spreading.LARGEST_CHUNK = 1\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    return subprocess.Popen([sys.executable, "-c", code, *words(store, **more)], stderr=subprocess.PIPE)


def wait_for_parts(store, process, count):
    end = time.monotonic() + 60
    while len(list(store.glob("part-*.parquet"))) < count:
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    store = tmp_path_factory.mktemp("uninterrupted") / "store"
    assert main(words(store, jobs="1")) == 0
    return store


@pytest.mark.parametrize(("stop", "status"), [(signal.SIGKILL, -9), (signal.SIGINT, 130)])
def test_a_killed_sweep_resumes_to_the_same_bits(tmp_path, uninterrupted, stop, status, capsys):
    for attempt in range(3):  # once a sweep went on to its end: Python drops an interrupt that falls into a finaliser
        store = tmp_path / f"store{attempt}"
        process = started(store, jobs="1")
        wait_for_parts(store, process, 3)
        process.send_signal(stop)
        if process.wait(30) != 0:
            break
        process.stderr.close()
    assert process.returncode == status
    process.stderr.close()
    held = len(scalecheck.open_sweep(store))
    assert 3 <= held < 24
    assert main([*words(store, jobs="1"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["points"] == 24
    assert same(store, uninterrupted)


def test_a_killed_worker_is_replaced(tmp_path, uninterrupted, monkeypatch):
    from contextlib import contextmanager

    killed = []

    @contextmanager
    def watched(jobs):
        with parallel.processes(jobs) as executor:
            yield Fragile(executor, killed)

    monkeypatch.setattr(spreading, "processes", watched)
    assert main(words(tmp_path / "store", jobs="2")) == 0
    assert len(killed) == 1
    assert same(tmp_path / "store", uninterrupted)


class Fragile:
    """An executor, one of whose workers is killed while it works."""

    def __init__(self, executor, killed):
        self.executor, self.killed, self.submitted = executor, killed, 0

    def submit(self, *call):
        future = self.executor.submit(*call)
        self.submitted += 1
        if self.submitted == 6 and not self.killed:
            victim = next(iter(self.executor._processes))
            self.killed.append(victim)
            os.kill(victim, signal.SIGKILL)
        return future


def test_workers_that_keep_dying_end_the_sweep_in_one_line(tmp_path, monkeypatch, capsys):
    from concurrent.futures.process import BrokenProcessPool
    from contextlib import contextmanager

    class Dead:
        def submit(self, *_):
            raise BrokenProcessPool("killed")

    @contextmanager
    def dead(jobs):
        yield Dead()

    monkeypatch.setattr(spreading, "processes", dead)
    assert main(words(tmp_path / "store", jobs="2")) == 2
    assert capsys.readouterr().err.startswith("scalecheck: jobs: got 2")


def test_a_cluster_loses_a_worker_and_nothing_else(tmp_path, uninterrupted):
    distributed = pytest.importorskip("distributed", reason="the cluster is Dask's: pip install 'scalecheck[cluster]'")
    import threading
    import warnings

    warnings.simplefilter("ignore")  # Dask's own, about ports and versions
    settings = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with distributed.LocalCluster(**settings) as cluster:
        victim = next(iter(cluster.workers.values())).pid
        store = tmp_path / "store"
        killer = threading.Thread(target=kill_after, args=(victim, store))
        killer.start()
        found = scalecheck.sweep(
            "diagonal", store=store, simulate=8, scheduler=cluster.scheduler_address, progress=kill_after.told, **SLOW
        )
        killer.join()
    assert len(found) == 24
    assert same(store, uninterrupted)


def kill_after(pid, store):
    """Kill the process as soon as the sweep has some points, and not all."""
    while kill_after.done < 4:
        time.sleep(0.002)
    assert kill_after.done < 24
    os.kill(pid, signal.SIGKILL)


kill_after.done = 0
kill_after.told = lambda word, done, total: setattr(kill_after, "done", done)


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"samples": "1:2"}, "samples"),
        ({"samples": "0:10:3"}, "samples"),
        ({"decay": "0.5"}, "decay"),
        ({"colour": "3"}, "colour"),
        ({"progress": "3"}, "progress"),
        ({"theory": "diagonal"}, "theory"),
        ({"simulate": "0"}, "simulate"),
        ({"simulate": "1000001"}, "simulate"),
        ({"seed": "-1"}, "seed"),
        ({"jobs": "0"}, "jobs"),
        ({"zip": "samples,noise"}, "zip"),
        ({"zip": "samples,width"}, "zip"),
        ({"scheduler": "nowhere"}, "scheduler"),
    ],
)
def test_bad_input_is_one_line(tmp_path, capsys, changes, field):
    if field == "scheduler":
        pytest.importorskip("distributed", reason="the cluster is Dask's")
    assert main(words(tmp_path / "store", **changes)) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert told.err.startswith(f"scalecheck: {field}: got ")


def test_a_store_is_not_mixed_with_anything_else(tmp_path, capsys, uninterrupted):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.tex").write_text("mine")
    (tmp_path / "file").write_text("mine")
    for store in ("other", "file"):
        assert main(words(tmp_path / store)) == 2
        assert "store: got" in capsys.readouterr().err
    for changes, field in (({"seed": "9"}, "seed"), ({"simulate": "3"}, "simulate")):
        assert main(words(uninterrupted, **changes)) == 2
        assert f"{field}: got" in capsys.readouterr().err
    assert main([*words(uninterrupted), "--no-resume"]) == 2
    assert main(["sweep", "asymptotics", "--store", str(tmp_path / "new")]) == 2
    assert not (tmp_path / "new").exists()


def test_one_writer_at_a_time(tmp_path):
    pytest.importorskip("fcntl", reason="no advisory locks on this system")
    from scalecheck.stores import open_store

    identity = {"theory": "t", "simulate": None, "seed": 0, "source_hash": "h"}
    with open_store(tmp_path, identity, {}, resume=True):
        second = open_store(tmp_path, identity, {}, resume=True)
        with pytest.raises(InputError, match="no other process"):
            second.__enter__()


def test_a_full_disk_is_one_line_and_nothing_half_written(tmp_path, monkeypatch, capsys, uninterrupted):
    from scalecheck import stores

    store = tmp_path / "store"
    monkeypatch.setattr(sweeps, "PART_SECONDS", 0.0)
    monkeypatch.setattr(sweeps, "PART_FRACTION", 0.0)
    really = os.fsync

    def full(handle):
        if len(list(store.glob("part-*.parquet"))) >= 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        really(handle)

    monkeypatch.setattr("scalecheck.documents.os.fsync", full)
    assert main(words(store, jobs="1")) == 2
    told = capsys.readouterr().err
    assert told == f"scalecheck: {store}: {os.strerror(errno.ENOSPC)}\n"
    assert not list(store.glob(".*"))
    assert 2 <= len(scalecheck.open_sweep(store)) < 24
    monkeypatch.setattr("scalecheck.documents.os.fsync", really)
    assert main(words(store, jobs="1")) == 0
    assert same(store, uninterrupted)
    assert stores.parts(store)


@pytest.mark.parametrize(
    ("missing", "options", "extra"),
    [("pyarrow.dataset", {}, "sweeps"), ("distributed", {"scheduler": "tcp://x:1"}, "cluster")],
)
def test_a_missing_extra_is_named(tmp_path, monkeypatch, capsys, missing, options, extra):
    monkeypatch.setitem(sys.modules, missing, None)
    assert main(words(tmp_path / "store", **options)) == 2
    assert f"scalecheck[{extra}]" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("width", "axes"), [(1e3, {"samples"}), ("1e3", {"samples"}), ("1e2:1e3:2log", {"samples", "width"})]
)
def test_a_single_width_is_no_axis_and_a_range_of_them_is_one(tmp_path, width, axes):
    point = {"dim": 100, "weight_decay": 0.1, "decay": 1, "noise": 1}
    found = scalecheck.sweep("quadratic", store=tmp_path, jobs=1, samples=[1e4, 2e4], width=width, **point)
    assert set(found.axes()) == axes
