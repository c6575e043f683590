"""Grids of controls: lists and ranges as a user writes them, their product, and the name of every point.

A grid is never written out: a point is made when it is asked for, so that a grid of 10^6 points costs what its axes cost.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scalecheck.proofs_checks.errors import InputError

if TYPE_CHECKING:
    from scalecheck.proofs_checks.controls import Control, Value
    from scalecheck.proofs_checks.theory_record import Theory

RANGE = re.compile(r"([^:]+):([^:]+):(\d{1,7})(lin|log)?(int)?")
ALLOWED = "numbers as 1,2,5 or FIRST:LAST:COUNT, with log for equal ratios and int for whole numbers (1e2:1e6:50log)"
# Digits kept of the points of a range. 12 are far more than a picture or a fit can tell apart, and few enough for a range
# with twice the intervals to meet the points of the first exactly, so that extending a sweep recomputes none of them.
DIGITS = 12


@dataclass(frozen=True)
class Axis:
    """One direction of a grid: the controls that move along it together, and their values at every step."""

    names: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True)
class Grid:
    """The product of axes.

    Examples
    --------
    >>> grid = Grid((Axis(("dim",), ((10,), (20,))), Axis(("noise",), ((0.0,), (0.5,), (1.0,)))))
    >>> len(grid), grid.point(4)
    (6, {'dim': 20, 'noise': 0.5})
    """

    axes: tuple[Axis, ...]

    def __len__(self) -> int:
        """Number of points."""
        return math.prod(len(axis.rows) for axis in self.axes)

    def point(self, index: int) -> dict[str, Value]:
        """The point with this number; the last axis moves fastest."""
        found: list[tuple[str, Value]] = []
        for axis in reversed(self.axes):
            index, step = divmod(index, len(axis.rows))
            found += reversed(list(zip(axis.names, axis.rows[step], strict=True)))
        return dict(reversed(found))

    def to_json(self) -> list[dict[str, list[Value]]]:
        """Axes for the manifest: values by name of the control."""
        return [dict(zip(axis.names, map(list, zip(*axis.rows, strict=True)), strict=True)) for axis in self.axes]


def grid(record: Theory, given: Mapping[str, object], together: Sequence[Sequence[str]] = ()) -> Grid:
    """Build the grid of `given` controls, each checked against its domain.

    Parameters
    ----------
    record : Theory
        Whose controls they are.
    given : Mapping[str, object]
        A value, a sequence or array of values, or text as on the command line.
    together : sequence of sequences of str
        Controls that move in step, as `zip` does, instead of forming a product.

    Raises
    ------
    InputError
        For an unknown name, a value outside its domain, or controls in step that differ in length.

    Examples
    --------
    >>> from scalecheck.proofs_checks.registry import theory
    >>> controls = {"dim": 100, "samples": "10:1000:3log", "weight_decay": [0, 1], "decay": 1, "noise": 1}
    >>> len(grid(theory("diagonal"), controls))
    6
    """
    known = {control.name: control for control in record.controls}
    for name in given:
        if name not in known:
            raise InputError(name, given[name], f"a control of {record.name}: {', '.join(known)}")
    columns = {name: values(known[name], given[name]) for name in known if given.get(name) is not None}
    axes: list[Axis] = []
    for names in [*map(tuple, together), *((name,) for name in columns)]:
        if not any(set(names) & set(axis.names) for axis in axes):
            axes.append(_axis(names, columns))
    order = list(columns)
    return Grid(tuple(sorted(axes, key=lambda axis: order.index(axis.names[0]))))


def _axis(names: tuple[str, ...], columns: Mapping[str, tuple[Value, ...]]) -> Axis:
    for name in names:
        if name not in columns:
            raise InputError("zip", name, f"controls that are given: {', '.join(columns)}")
    lengths = {name: len(columns[name]) for name in names}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise InputError("zip", ",".join(names), f"controls with equally many values (here {told})")
    rows = zip(*(columns[name] for name in names), strict=True)
    return Axis(names, tuple(dict.fromkeys(rows)))


def values(control: Control, given: object) -> tuple[Value, ...]:
    """All values that `given` stands for, inside the domain of the control.

    Examples
    --------
    >>> from scalecheck.proofs_checks.controls import Control, Domain
    >>> values(Control("samples", "n", "samples", Domain(lower=0)), "1:100:5log,7")
    (1.0, 3.16227766017, 10.0, 31.6227766017, 100.0, 7.0)
    >>> values(Control("dim", "d", "inputs", Domain(lower=1, integer=True)), "1:100:3log")
    (1, 10, 100)
    """
    if isinstance(given, str):
        words = [word.strip() for word in given.split(",")]
        found = [value for word in words for value in _word(control, word)]
    elif isinstance(given, Iterable):
        found = [control.domain.parse(control.name, value) for value in given]
    else:
        found = [control.domain.parse(control.name, given)]
    if not found:
        raise InputError(control.name, given, "at least one value")
    return tuple(value + 0.0 if isinstance(value, float) else value for value in found)  # no minus zero


def _word(control: Control, word: str) -> list[Value]:
    if ":" not in word or control.domain.words:
        return [control.domain.parse(control.name, word)]
    matched = RANGE.fullmatch(word)
    if matched is None:
        raise InputError(control.name, word, ALLOWED)
    first, last = (float(control.domain.parse(control.name, matched[i])) for i in (1, 2))
    count, ratios = int(matched[3]), matched[4] == "log"
    if count < 1 or (ratios and not (first > 0 and last > 0)):
        raise InputError(control.name, word, ALLOWED + "; COUNT >= 1 and, for log, ends > 0")
    points = (np.geomspace if ratios else np.linspace)(first, last, count)
    whole = bool(matched[5]) or control.domain.integer
    rounded = (round(x) if whole else float(f"{x:.{DIGITS}g}") for x in points.tolist())
    return [control.domain.parse(control.name, value) for value in dict.fromkeys(rounded)]


def point_name(theory: str, point: Mapping[str, Value]) -> str:
    """Name a point by its content, 32 hexadecimal digits: the same in every grid, order and number of workers.

    Examples
    --------
    >>> point_name("diagonal", {"dim": 10, "noise": 0.5}) == point_name("diagonal", {"noise": 0.5, "dim": 10})
    True
    """
    told = json.dumps([theory, dict(point)], sort_keys=True, allow_nan=False)
    return hashlib.blake2b(told.encode(), digest_size=16).hexdigest()


def point_seed(seed: int, name: str) -> int:
    """Return the seed of a point's simulation: that of the stream spawned from `seed` under the point's name.

    Examples
    --------
    >>> name = point_name("diagonal", {"dim": 10})
    >>> point_seed(0, name) == point_seed(0, name), point_seed(0, name) == point_seed(1, name)
    (True, False)
    """
    key = tuple(int(name[start : start + 8], 16) for start in range(0, 32, 8))
    state = np.random.SeedSequence(seed, spawn_key=key).generate_state(4)
    return sum(int(word) << (32 * place) for place, word in enumerate(state))
