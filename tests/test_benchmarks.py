"""The benchmarks' table: what is compared, what is flagged. Speed itself is measured in benchmarks/, never in a test."""

import importlib
import json

import numpy as np
import pytest


@pytest.fixture
def rows(root, monkeypatch):
    monkeypatch.syspath_prepend(str(root))
    return importlib.import_module("benchmarks.rows")


def test_every_benchmark_is_in_the_suite(root, rows):
    suite = importlib.import_module("benchmarks.__main__")
    no_speed = {
        "__init__",
        "__main__",
        "rows",
        "coverage",
    }  # how often intervals cover is measured by a command of its own
    files = {path.stem for path in (root / "benchmarks").glob("*.py")} - no_speed
    assert set(suite.BENCHMARKS) == files
    for path in (root / "benchmarks").glob("*.py"):
        assert path.stem not in suite.BENCHMARKS or "\ndef rows(quick: bool)" in path.read_text(), path


def test_the_baseline_is_a_table_of_ratios(root, rows):
    ratios = rows.read_baseline(root / "benchmarks" / "baseline.json")
    assert len(ratios) > 20
    assert all(ratio > 0 for ratio in ratios.values())


def row(rows, ratio):
    return rows.Row("a", 1.0, None if ratio is None else ratio, ratio, None, "")


@pytest.mark.parametrize(("ratio", "flagged"), [(10.0, False), (7.1, False), (6.9, True), (30.0, False), (None, False)])
def test_only_a_fall_by_more_than_30_percent_is_flagged(rows, ratio, flagged):
    assert bool(rows.fallen([row(rows, ratio)], {"a": 10.0})) is flagged
    assert rows.fallen([row(rows, ratio)], {"b": 10.0}) == {}


def test_what_is_written_is_read_again(rows, tmp_path):
    rows.write([row(rows, 3.0), rows.missing("b", "not installed: celer")], tmp_path / "now.json")
    assert rows.read_baseline(tmp_path / "now.json") == {"a": 3.0}
    rows.write([row(rows, 4.0)._replace(id="c"), row(rows, 5.0)], tmp_path / "now.json")
    assert rows.read_baseline(tmp_path / "now.json") == {"a": 5.0, "c": 4.0}
    (tmp_path / "other.json").write_text(json.dumps({"schema": "other"}))
    with pytest.raises(ValueError, match="no table of benchmarks"):
        rows.read_baseline(tmp_path / "other.json")


def test_a_missing_rival_is_a_row_that_says_so(rows):
    told = rows.table([rows.missing("minimisers.celer", "not installed: celer")])
    assert "not installed: celer" in told


def test_growth_and_race_count_units_not_seconds(rows):
    def spin(count):
        return lambda: sum(range(count))

    linear = rows.growth("g", spin(100_000), spin(1_000_000), 10.0, repeats=1)
    assert linear.ratio == pytest.approx(10 * linear.rival / linear.ours)
    assert "size^" in linear.note
    race = rows.race("r", spin(1000), spin(1000), repeats=1)
    assert race.ratio == pytest.approx(race.rival / race.ours)


def test_coverage_draws_curves_with_the_exponent_they_state(root, rows):
    """Every law is steeper or flatter than its exponent only by what dies out, or by a logarithm; each draw is repeated."""
    coverage = importlib.import_module("benchmarks.coverage")
    for name, draw in coverage.COMPUTED.items():
        one, two = (draw(np.random.default_rng(3), 16) for _ in range(2))
        assert np.array_equal(one.y, two.y), name
        assert np.all(np.isfinite(one.y) & (one.y > 0)), name
    cell = next(coverage.cells(2, [1e-2], ["power"]))
    assert (cell.family, cell.curves) == ("power", 2)
    assert cell.covered == 2
    assert "power" in coverage.line(cell)
    exact = next(coverage.cells(2, [0.0], ["two corrections"], computed=True))
    assert (exact.family, exact.covered) == ("two corrections", 2)
    assert next(coverage.cells(1, [1e-2], ["two corrections"]), None) is None


def test_misses_beyond_chance_fail_the_coverage(root, rows):
    coverage = importlib.import_module("benchmarks.coverage")
    assert not coverage.beyond_chance(coverage.Cell("power", 1e-2, 60, 60, 0, 0, None))
    assert coverage.beyond_chance(coverage.Cell("power", 1e-2, 60, 40, 20, 60, 0.1))


@pytest.mark.parametrize(
    ("family", "noise", "number", "seed"),
    [
        # A plateau that the data demand, read as a power with corrections: 0 was above the interval.
        ("plateau", 1e-2, 0, 0),
        ("plateau", 1e-2, 3, 0),
        # A second power that the errors hide: without room for it the answer was settled or extrapolated, and wrong.
        ("two powers", 1e-2, 5, 0),
        ("two powers", 1e-3, 0, 1),
    ],
)
def test_curves_that_were_missed_are_covered(root, rows, family, noise, number, seed):
    coverage = importlib.import_module("benchmarks.coverage")
    assert coverage.heard(family, noise, number, False, seed)[0]
