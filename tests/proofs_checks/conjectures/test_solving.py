"""Scales solved together, and one by one where that fails: the curve and its trouble are the same."""

from dataclasses import replace

import pytest

from scalecheck.numerics.errors import NotConverged
from scalecheck.proofs_checks.conjectures import grounds, solving
from scalecheck.proofs_checks.registry import theories

CLAIM = {
    "theory": "shells",
    "observable": "loss",
    "path": None,
    "controls": {"power": "2", "time_power": "0", "direction": "down"},
    "exponent": "-1",
    "where": {"source": "source = 1", "rate": "rate = 1"},
}


@pytest.fixture(autouse=True)
def _nothing_remembered():
    caches = (solving._solved, solving._solved_many, grounds.theory_ground)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


def table_of(found):
    (numbers,) = [item for item in found.evidence if item.witness == "numeric"]
    return numbers.outcome, [dict(row) for row in numbers.table.records()]


def without(monkeypatch, **changes):
    monkeypatch.setitem(theories(), "shells", replace(theories()["shells"], **changes))
    solving._solved.cache_clear()
    solving._solved_many.cache_clear()
    grounds.theory_ground.cache_clear()


def test_it_is_the_same_curve(hearing, monkeypatch):
    together, rows = table_of(hearing(**CLAIM))
    without(monkeypatch, solve_many=None)
    alone, others = table_of(hearing(**CLAIM))
    assert together is alone
    for one, two in zip(rows, others, strict=True):
        assert one.keys() == two.keys()
        assert one == {k: pytest.approx(v, rel=1e-7) if isinstance(v, float) else v for k, v in two.items()}


def test_the_solver_of_single_points_is_not_asked_where_all_are_there(hearing, monkeypatch):
    def refused(**_):
        raise AssertionError("asked")

    without(monkeypatch, solve=refused)
    assert hearing(**CLAIM).judgement.verdict.value == "proved"


def test_one_point_that_fails_costs_that_point_alone(hearing, monkeypatch):
    solve = theories()["shells"].solve

    def refused(points):
        raise NotConverged("all of them")

    def failing(**point):
        if point["time"] > 1e5:
            raise NotConverged("far out")
        return solve(**point)

    without(monkeypatch, solve=failing, solve_many=refused)
    _, rows = table_of(hearing(**CLAIM))
    assert "far out" in str(rows)
    assert "all of them" not in str(rows)
