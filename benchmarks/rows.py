"""The common table of the benchmarks: ratios with their spread, never seconds alone, and the comparison with a baseline.

A ratio is the time of the reference over ours, so that more is better. The reference is a rival, or ourselves at a smaller
size, and then the ratio is that of the costs per unit: 1 is linear growth, less is worse. Both sides run in turns within
one process on one thread, so that a busy machine slows both, and times are those of the processor: the ratio is that of the
fastest repeat of each side, its spread that of the ratios repeat by repeat.
"""

from __future__ import annotations

import json
import math
import os
import platform
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

SCHEMA = "scalecheck-benchmarks-1"
# A ratio that fell by more than this share of the baseline's is flagged. On two cores shared by eight processes most rows
# repeat to 15%, those at sizes beyond the cache to 40%: make a baseline, and look at a flag, on a quiet machine.
FALL = 0.3
# Seconds that one timing takes at least: the clock of the processor ticks, and a call of microseconds is timed in batches.
SHORTEST = 0.02


class Row(NamedTuple):
    """One line of the table."""

    id: str
    ours: float | None
    rival: float | None
    ratio: float | None
    spread: tuple[float, float] | None
    note: str


class Timed(NamedTuple):
    """Seconds of each repeat of a call."""

    seconds: np.ndarray

    @property
    def least(self) -> float:
        """The fastest repeat: others using the machine can only make it slower."""
        return max(float(self.seconds.min()), 1e-9)


def _batch(call: Callable[[], object]) -> int:
    """How many calls make one timing; this also warms up."""
    call()
    start = time.process_time()
    call()
    return max(1, math.ceil(SHORTEST / max(time.process_time() - start, 1e-6)))


def _once(call: Callable[[], object], count: int) -> float:
    start = time.process_time()
    for _ in range(count):
        call()
    return (time.process_time() - start) / count


def in_turns(
    one: Callable[[], object], other: Callable[[], object], repeats: int, warm: bool = True
) -> tuple[Timed, Timed]:
    """Times of two calls, taken in turns; without `warm`, calls that are long or have a cache are made once a repeat."""
    counts = (_batch(one), _batch(other)) if warm else (1, 1)
    times = np.array([[_once(one, counts[0]), _once(other, counts[1])] for _ in range(repeats)])
    return Timed(times[:, 0]), Timed(times[:, 1])


def race(
    identifier: str,
    ours: Callable[[], object],
    rival: Callable[[], object],
    *,
    repeats: int = 5,
    warm: bool = True,
    note: str = "",
) -> Row:
    """Ours against a rival that does the same."""
    here, there = in_turns(ours, rival, repeats, warm)
    return _row(identifier, here, there, 1.0, note)


def growth(
    identifier: str,
    small: Callable[[], object],
    large: Callable[[], object],
    times: float,
    *,
    repeats: int = 5,
    warm: bool = True,
    note: str = "",
) -> Row:
    """Cost at a large size against that at a size `times` smaller, per unit of size; `times` 1 where it should not grow."""
    here, there = in_turns(large, small, repeats, warm)
    power = f"cost ~ size^{math.log(here.least / there.least) / math.log(times):.2f}" if times > 1 else ""
    return _row(identifier, here, there, times, ", ".join(text for text in (power, note) if text))


def _row(identifier: str, here: Timed, there: Timed, times: float, note: str) -> Row:
    ratios = times * there.seconds / np.maximum(here.seconds, 1e-9)
    spread = (float(ratios.min()), float(ratios.max()))
    return Row(identifier, here.least, there.least, times * there.least / here.least, spread, note)


def missing(identifier: str, why: str) -> Row:
    """A comparison that could not be made, and why."""
    return Row(identifier, None, None, None, None, why)


def table(rows: Sequence[Row], flags: dict[str, str] | None = None) -> str:
    """The table for people."""
    width = max((len(row.id) for row in rows), default=10)
    lines = [f"{'benchmark':{width}}  {'ours':>9}  {'reference':>9}  {'ratio':>8}  {'spread':>15}  note"]
    for row in rows:
        spread = "" if row.spread is None else f"{row.spread[0]:.3g} to {row.spread[1]:.3g}"
        ratio = "-" if row.ratio is None else f"{row.ratio:.3g}"
        flag = (flags or {}).get(row.id, "")
        note = f"{flag}; {row.note}" if flag and row.note else flag or row.note
        lines.append(
            f"{row.id:{width}}  {_time(row.ours):>9}  {_time(row.rival):>9}  {ratio:>8}  {spread:>15}  {note}".rstrip()
        )
    return "\n".join(lines)


def _time(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} us"


def write(rows: Sequence[Row], path: Path) -> None:
    """Store the table as JSON: ratios to compare with, seconds for orientation only.

    Rows that the file holds under other ids stay, so that one baseline serves quick runs and long ones.
    """
    held = {row["id"]: row for row in _document(path)["rows"]} if path.exists() else {}
    told = {
        "schema": SCHEMA,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "rows": list((held | {row.id: row._asdict() for row in rows}).values()),
    }
    path.write_text(json.dumps(told, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def _document(path: Path) -> Any:
    told = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(told, dict) or told.get("schema") != SCHEMA:
        raise ValueError(f"{path}: no table of benchmarks ({SCHEMA})")
    return told


def read_baseline(path: Path) -> dict[str, float]:
    """Ratios of a stored table by id; raises ValueError for a file that is none."""
    return {row["id"]: row["ratio"] for row in _document(path)["rows"] if row["ratio"] is not None}


def fallen(rows: Sequence[Row], baseline: dict[str, float]) -> dict[str, str]:
    """What to say of rows whose ratio fell by more than `FALL`, by id.

    Examples
    --------
    >>> fallen([Row("a", 1.0, 5.0, 5.0, (5.0, 5.0), ""), Row("b", 1.0, 5.0, 5.0, (5.0, 5.0), "")], {"a": 10.0, "b": 6.0})
    {'a': 'FELL from 10'}
    """
    return {
        row.id: f"FELL from {baseline[row.id]:.3g}"
        for row in rows
        if row.ratio is not None and row.id in baseline and row.ratio < (1 - FALL) * baseline[row.id]
    }
