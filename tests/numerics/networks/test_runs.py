"""Repeated experiments: streams that depend on the seed and the run alone, and an error that says when it knows nothing."""

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import final

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scalecheck.numerics.networks.runs import Measurements, averaged, problem_and_start, repeated, standard_error
from scalecheck.numerics.solution import ErrorKind


@final
@dataclass(frozen=True, eq=False)
class Toy(Measurements):
    """Nothing but what every experiment measures."""


def first_number(stream):
    return int(stream.generate_state(1)[0])


@given(st.integers(1, 9), st.integers(0, 2**70))
def test_run_i_depends_on_the_seed_and_on_i_alone(runs, seed):
    whole = repeated(first_number, runs=9, seed=seed)
    assert repeated(first_number, runs=runs, seed=seed) == whole[:runs]
    assert len(set(whole)) == 9
    assert not set(whole) & set(repeated(first_number, runs=9, seed=seed + 1))


def test_workers_keep_the_order():
    with ThreadPoolExecutor(3) as threads:
        assert repeated(first_number, runs=9, seed=1, executor=threads) == repeated(first_number, runs=9, seed=1)


def test_problem_and_start_are_two_streams_and_do_not_count_up():
    stream = np.random.SeedSequence(3)
    problem, start = problem_and_start(stream)
    assert first_number(problem) != first_number(start)
    assert first_number(problem_and_start(stream)[0]) == first_number(problem)
    assert stream.n_children_spawned == 0


def test_the_error_is_that_of_the_mean():
    value = Toy(np.array([1.0, 3.0]), np.array([0.5, 0.5]))
    found = averaged(value, seed=5, method="two runs", gap=np.array([1e-9, 2e-9]))
    assert found.error == 0.5
    assert found.error_kind is ErrorKind.ESTIMATE
    assert found.seed == 5
    assert found.statistics == {"runs": 2.0, "largest_gap": 2e-9}
    assert (value.risk_mean, value.risk_stderr, value.train_error_mean, value.train_error_stderr) == (2, 1, 0.5, 0)


def test_one_run_and_no_risk_leave_no_error():
    for risk in ([1.0], [0.0, 0.0]):
        found = averaged(Toy(np.array(risk), np.array(risk)), seed=0, method="none")
        assert found.error == math.inf
        assert found.error_kind is ErrorKind.NONE
        assert "largest_gap" not in found.statistics
    assert standard_error(np.array([1.0])) is None
