"""Processes: what is set up in a worker before it works."""

from __future__ import annotations

import gc
import os
import platform
import subprocess
import sys

import pytest

from scalecheck import parallel

FAULTS = """
import resource, sys
import numpy as np
from scalecheck.parallel import keep_memory
if sys.argv[1] == "kept":
    keep_memory()
def work():
    arrays = [np.ones(40_000) for _ in range(12)]
    return sum(float(array[0]) for array in arrays)
work()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(50):
    work()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def page_faults(how: str) -> int:
    told = subprocess.run([sys.executable, "-c", FAULTS, how], capture_output=True, text=True, check=True)
    return int(told.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the allocator of glibc is meant")
def test_work_arrays_do_not_go_back_to_the_kernel() -> None:
    assert page_faults("default") > 10_000  # 50 times 12 arrays of 79 pages are 47,000
    assert page_faults("kept") < 1_000


def test_nothing_is_asked_of_another_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    parallel.keep_memory()


def test_sympy_remembers_more_before_it_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    from sympy.core import cache

    from scalecheck.cli import main

    assert (
        str(cache.SYMPY_CACHE_SIZE) == os.environ["SYMPY_CACHE_SIZE"]
    )  # which the tests asked for as the command does
    monkeypatch.delenv("SYMPY_CACHE_SIZE")
    assert main(["--version"]) == 0
    assert os.environ["SYMPY_CACHE_SIZE"] == str(parallel.FORMULAS)
    monkeypatch.setenv("SYMPY_CACHE_SIZE", "500")
    parallel.remember_formulas()
    assert os.environ["SYMPY_CACHE_SIZE"] == "500"


def test_circular_garbage_is_looked_for_seldom() -> None:
    before = gc.get_threshold()
    try:
        parallel.collect_seldom()
        assert gc.get_threshold() == parallel.SELDOM
        assert gc.isenabled()
    finally:
        gc.set_threshold(*before)


def test_a_diagram_without_a_map_draws_no_progress() -> None:
    """What draws bars takes time to load, and nothing is measured then."""
    steps = "import sys; from scalecheck.terminal import steps\nwith steps('x', shown=False) as step: step('a', 1, 2)\n"
    told = subprocess.run(
        [sys.executable, "-c", steps + "print('rich' in sys.modules)"], capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == ["False"]
