"""Who does what next: groups stay together, nobody waits, everything is done once; whatever the number of workers."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalecheck.agenda import Agenda, Task, perform


def task(key, group="a", weight=1.0, call=abs, arguments=(0,)):
    return Task(key, group, weight, call, arguments)


@given(st.lists(st.sampled_from("abcd"), max_size=30), st.lists(st.integers(0, 4), min_size=200, max_size=200))
def test_everything_is_given_out_once(groups, workers):
    agenda = Agenda([task(k, group) for k, group in enumerate(groups)])
    given_out = [found.key for worker in workers if (found := agenda.next(worker)) is not None]
    assert sorted(given_out) == list(range(len(groups)))


def test_a_group_stays_with_its_worker_while_there_are_others_to_begin():
    agenda = Agenda([task(f"{group}{k}", group) for group in "abc" for k in range(4)])
    owners = {"a": set(), "b": set(), "c": set()}
    for turn in range(8):
        found = agenda.next(turn % 2)
        owners[found.group].add(turn % 2)
    assert owners == {"a": {0}, "b": {1}, "c": set()}


def test_the_heaviest_group_is_begun_first_and_the_last_tasks_are_taken_from_its_end():
    light, heavy = [task("l", "light")], [task(k, "heavy", 5.0) for k in range(4)]
    agenda = Agenda(light + heavy)
    assert [agenda.next(worker).key for worker in (0, 1, 1, 1)] == [0, "l", 3, 2]


@pytest.mark.parametrize("lanes", [0, 1, 2, 5])
def test_results_do_not_depend_on_the_number_of_lanes(lanes):
    with ThreadPoolExecutor(4) as pool:
        tasks = [task(k, str(k % 3), 1.0 + k, pow, (k, 2)) for k in range(20)]
        found = {done.key: result for done, result in perform(tasks, [pool] * lanes)}
    assert found == {k: k * k for k in range(20)}


def test_a_lane_has_one_task_at_a_time_and_none_waits():
    running, most = Counter(), Counter()
    lock = threading.Lock()

    def work():
        with lock:
            running["now"] += 1
            most["at once"] = max(most["at once"], running["now"])
        time.sleep(0.01)
        with lock:
            running["now"] -= 1

    with ThreadPoolExecutor(8) as pool:
        list(perform([task(k, call=work, arguments=()) for k in range(12)], [pool] * 3))
    assert most["at once"] == 3


def test_what_fails_ends_the_rest():
    done = []

    def work(k):
        if k == 1:
            raise ZeroDivisionError
        time.sleep(0.02)
        done.append(k)

    with ThreadPoolExecutor(1) as pool, pytest.raises(ZeroDivisionError):
        list(perform([task(k, call=work, arguments=(k,)) for k in range(10)], [pool]))
    assert done == [0]
