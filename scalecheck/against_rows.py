"""The rows of evidence of an earlier run beside this one's: laws and parts of a range as they are written, numbers within their error.

What a referee reruns must say the same of every part of the range, and the same at every point: words beside it may differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeGuard

WORDS = frozenset({"note", "reason", "point", "law"})
"""Columns of words: why, an example, and how the machine names a balance. What they tell of stands in the other columns."""
NAMES = ("where", "at", "phase", "between")
"""Columns that say what a row is about, for people."""
STILL = 1e-6
"""Relative difference of numbers that come without an interval: they are of the same equations at the same scales, solved to
1e-9 and better; the constants that twins are moved by differ by 2%."""
MOST = 3
"""Differences of one witness that are told one by one."""


def row_differences(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """What the evidence on one claim says that differs, witness by witness; of evidence that is no such list nothing: that is told elsewhere."""
    then, today = was.get("evidence"), now.get("evidence")
    if then is None or today is None or not (_is_evidence(then) and _is_evidence(today) and len(then) == len(today)):
        return
    for one, two in zip(then, today, strict=True):
        told = list(_of_witness(one, two))
        yield from told[:MOST]
        if len(told) > MOST:
            yield f"{two['witness']} witness: {len(told) - MOST} further differences"


def row_counts(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """Which witness had another number of rows; what stands in them depends on the machine where networks are trained."""
    then, today = was.get("evidence"), now["evidence"]
    if then is None or not _is_evidence(then) or len(then) != len(today):
        return
    for one, two in zip(then, today, strict=True):
        rows = one.get("rows")
        if rows is None or not _is_evidence(rows):
            yield f"{two['witness']} witness: its rows are damaged"
        elif len(rows) != len(two["rows"]):
            yield f"{two['witness']} witness: {len(rows)} rows in the earlier run, {len(two['rows'])} in this one"


def _is_evidence(found: Any) -> bool:
    return isinstance(found, list) and all(isinstance(item, dict) for item in found)


def _of_witness(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    then, today = was.get("rows"), now["rows"]
    who = f"{now['witness']} witness"
    if not _is_evidence(then):
        yield f"{who}: its rows are damaged"
        return
    rows: Sequence[Mapping[str, Any]] = then or []
    if len(rows) != len(today):
        yield f"{who}: {len(rows)} rows in the earlier run, {len(today)} in this one"
        return
    for one, two in zip(rows, today, strict=True):
        for column in dict.fromkeys([*one, *two]):
            if column not in WORDS and not _same(one, two, column):
                yield f"{who}, {_about(two)}: {column} was {_shown(one.get(column))}, is {_shown(two.get(column))}"


def _same(was: Mapping[str, Any], now: Mapping[str, Any], column: str) -> bool:
    """Numbers within half of this run's interval, which no edit of the earlier one reaches; all else to the letter."""
    one, two = was.get(column), now.get(column)
    if (column in was) != (column in now):
        return False
    if not _is_number(one) or not _is_number(two):
        return type(one) is type(two) and one == two
    return abs(one - two) <= max(_half_width(now) if column in ("exponent", "low", "high") else 0.0, STILL * abs(two))


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _half_width(row: Mapping[str, Any]) -> float:
    low, high = row.get("low"), row.get("high")
    return max(0.0, (high - low) / 2) if _is_number(low) and _is_number(high) else 0.0


def _about(row: Mapping[str, Any]) -> str:
    return next((f"{name} {row[name]}" if name == "at" else str(row[name]) for name in NAMES if row.get(name)), "a row")


def _shown(value: Any) -> str:
    """A cell of either run, short, and no control sequence of a terminal."""
    text = f"{value:.9g}" if isinstance(value, float) else "nothing" if value is None else str(value)
    text = text if text.isprintable() else repr(text)
    return text if len(text) <= 60 else text[:57] + "..."
