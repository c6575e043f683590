"""Claims about boundaries of a phase diagram: where one runs, between which phases, and whether the exponent jumps there.

The symbolic witness compares with the derived boundary. The numeric one crosses the boundary on a line of the plane of
exponents at growing dim: what marks it on each line is located, and extrapolated; the exponents on both sides are measured.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Protocol

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from .claims import Effort, Witness
from .evidence import Evidence, Firmness, Outcome
from .extrapolation import Limit, limit
from .formulas import decide_zero
from .regions import canonical
from .tables import Cell, Table

Array = NDArray[np.float64]

SCALES = tuple(float(round(10.0 ** (4.5 + 1.5 * k))) for k in range(8))
"""Values of dim, to 1e15: the largest integers that floats hold are a factor 9 above."""
ACCEPTED = 0.02
"""Accepted distance of the extrapolated place from the stated one, relative to it. A boundary moved by 5% lies 3% outside."""
RESOLVED = 0.01
"""Relative error of the extrapolated place above which nothing is decided."""
EXPONENT = 0.1
"""Accepted distance of an extrapolated exponent from the stated one, and its largest error. Where the law is a power it is
met to 1e-3; beside harmful overfitting, R ~ 1/log(d/n), to 0.06. Neighbours differ by 0.4 and more on the ledger's lines."""
JUMP = (0.1, 0.25)
"""A difference of the exponents at the boundary below the first is none, above the second is a jump."""
SHARES = (0.0, 0.1, 0.93, 1.0)
"""Places on a crossing where exponents are measured: two on each side."""
COARSE, FINE = 41, 31
"""Points of the first grid on a crossing and of each finer one around the mark."""
SHARPEST = 1e-4
"""Step in log control at which refining ends: the mark is then known to 1e-6 in the exponent."""


@dataclass(frozen=True)
class Crossing:
    """A line of the plane of exponents that crosses the boundary: `control` runs over `window` at the other one `fixed`.

    `mark` is what marks the boundary there: "turn" (the slope of log risk is the mean of those at the ends), "lowest",
    "highest" (risk), or "level" (where a level that the theory names is 1). The window is not centred on anything stated.
    """

    control: str
    window: tuple[float, float]
    fixed: float
    parameters: tuple[tuple[str, float], ...]
    mark: str = "turn"


@dataclass(frozen=True)
class BoundaryLaw:
    """The assertion that two phases meet on `line`, in the plane (a, b), where `along` holds.

    Parameters
    ----------
    between : tuple[str, str]
        Names; the first phase is at smaller values of the control that crosses.
    line : sympy.Eq
        Equation for a or b.
    along : tuple of relations
        Which stretch of it.
    continuous : bool
        Whether the exponents agree on it.
    exponents : tuple of expressions
        Those of the two phases.
    crossings : tuple[Crossing, ...]
        Where the numeric witness looks.
    """

    between: tuple[str, str]
    line: sp.Eq
    along: tuple[sp.Basic, ...]
    continuous: bool
    exponents: tuple[sp.Expr, sp.Expr]
    crossings: tuple[Crossing, ...]

    def describe(self) -> str:
        """Say it in a line."""
        kind = "continuous" if self.continuous else "a jump"
        return f"{' | '.join(self.between)} at {self.line.lhs} = {self.line.rhs}, {kind}"


class DerivedBoundary(Protocol):
    """What the symbolic witness must offer of a boundary."""

    @property
    def between(self) -> tuple[str, str]: ...  # noqa: D102
    @property
    def equation(self) -> sp.Eq: ...  # noqa: D102
    @property
    def along(self) -> Sequence[sp.Basic]: ...  # noqa: D102
    @property
    def continuous(self) -> bool: ...  # noqa: D102


class DerivedPhase(Protocol):
    """What the symbolic witness must offer of a phase beside a boundary."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def exponent(self) -> sp.Expr: ...  # noqa: D102


def from_boundaries(
    derived: Callable[[], Sequence[DerivedBoundary]],
    assumptions: Sequence[str] = (),
    phases: Callable[[], Sequence[DerivedPhase]] = tuple,
) -> Witness:
    """A symbolic witness: the stated phases meet, on that line, on that stretch of it, and in that way.

    With the derived `phases`, the exponents that are stated of both sides must be theirs.
    """

    def witness(assertion: BoundaryLaw, effort: Effort) -> Evidence:
        rows = [row for row in derived() if set(row.between) == set(assertion.between)]
        outcome, reason = (Outcome.FAILS, f"{' and '.join(assertion.between)} do not meet")
        if rows:
            outcome, reason = _compare(assertion, rows[0])
            sides = _sides(assertion, {phase.name: phase.exponent for phase in phases()})
            if outcome is Outcome.HOLDS and sides is not Outcome.HOLDS:
                outcome, reason = sides, f"{reason}, exponents beside it {sides.value}"
        record: list[dict[str, Cell]] = [
            {"derived": str(row.equation), "along": ", ".join(map(str, row.along)), "continuous": row.continuous}
            for row in rows
        ]
        return Evidence("symbolic", outcome, Firmness.EXACT, reason, Table.of(record), tuple(assumptions))

    return witness


def _sides(stated: BoundaryLaw, derived: Mapping[str, sp.Expr]) -> Outcome:
    """Whether the stated exponents of both sides are those of the derived phases; nothing is said of phases not given."""
    found = [
        decide_zero(sp.sympify(exponent - derived[name]))
        for name, exponent in zip(stated.between, stated.exponents, strict=True)
        if name in derived
    ]
    return next((item for item in (Outcome.FAILS, Outcome.UNDECIDED) if item in found), Outcome.HOLDS)


def _compare(stated: BoundaryLaw, found: DerivedBoundary) -> tuple[Outcome, str]:
    line = same_line(stated.line, found.equation)
    stretch = {canonical(item) for item in stated.along} == {canonical(item) for item in found.along}
    kind = stated.continuous == found.continuous
    agree = line is Outcome.HOLDS and stretch and kind
    reason = f"line {line.value}, stretch {'as' if stretch else 'not as'} derived, continuity {'as' if kind else 'not as'} derived"
    return (line if line is Outcome.UNDECIDED else Outcome.HOLDS if agree else Outcome.FAILS), reason


def same_line(stated: sp.Eq, derived: sp.Eq) -> Outcome:
    """Whether two equations of lines, derived solved for its left side, have the same solutions.

    Examples
    --------
    >>> a, b = sp.symbols("a b", real=True)
    >>> same_line(sp.Eq(2 * a, 4 * b), sp.Eq(a, 2 * b)), same_line(sp.Eq(b, a), sp.Eq(a, 2 * b))
    (<Outcome.HOLDS: 'holds'>, <Outcome.FAILS: 'fails'>)
    """
    if not isinstance(stated, sp.Eq):
        return Outcome.FAILS
    factor = sp.expand(stated.lhs - stated.rhs).coeff(derived.lhs)
    if not factor.is_number or factor == 0:
        return Outcome.FAILS
    return decide_zero((stated.lhs - stated.rhs) / factor - (derived.lhs - derived.rhs))


Risks = Callable[[float, Array, Array, Mapping[str, float]], Array]
"""(dim, samples, weight_decay, parameters) to log risk, on the product of the two axes."""


@dataclass(frozen=True)
class Measured:
    """What was measured on one crossing: place, exponents at `SHARES`, and their difference at the place."""

    place: Limit
    exponents: tuple[Limit, ...]
    positions: tuple[float, ...]
    gap: float
    located: tuple[float, ...]


def by_crossing(log_risk: Risks, log_level: Risks | None = None) -> Witness:
    """A numeric witness: crosses the boundary at growing dim."""

    @cache
    def measured(crossing: Crossing) -> Measured:
        return measure(crossing, log_risk, log_level or log_risk)

    def witness(assertion: BoundaryLaw, effort: Effort) -> Evidence:
        rows: list[dict[str, Cell]] = []
        outcomes: list[Outcome] = []
        for crossing in assertion.crossings:
            found = measured(crossing)
            parts = _judge(assertion, crossing, found)
            outcomes += parts.values()
            told: dict[str, Cell] = {"control": crossing.control, "fixed": crossing.fixed, **dict(crossing.parameters)}
            told |= {"place": found.place.value, "error": found.place.error, "gap": found.gap}
            told |= {f"exponent_{k}": item.value for k, item in enumerate(found.exponents)}
            rows.append({**told, **{name: outcome.value for name, outcome in parts.items()}})
        worst = next((item for item in (Outcome.FAILS, Outcome.UNDECIDED) if item in outcomes), Outcome.HOLDS)
        reason = (
            f"crossed on {len(assertion.crossings)} lines at dim to {SCALES[-1]:.0e}: place within {ACCEPTED:.0%} (error below"
            f" {RESOLVED:.0%}), exponents on both sides within {EXPONENT:g}, jump above {JUMP[1]:g} or none below {JUMP[0]:g}"
        )
        return Evidence("numeric", worst if outcomes else Outcome.UNDECIDED, Firmness.NUMBERS, reason, Table.of(rows))

    return witness


def _judge(assertion: BoundaryLaw, crossing: Crossing, found: Measured) -> dict[str, Outcome]:
    """Place, exponents and continuity against what is stated."""
    symbols = {symbol.name: symbol for symbol in (sp.Symbol("a", real=True), sp.Symbol("b", real=True))}
    fixed = {"a": "b", "b": "a"}[crossing.control]
    values = {symbols[fixed]: crossing.fixed} | {sp.Symbol(k, positive=True): v for k, v in crossing.parameters}
    outcomes = {"place": Outcome.FAILS}
    if assertion.line.lhs == symbols[crossing.control]:
        stated = float(assertion.line.rhs.subs(values))
        scale = abs(stated)
        outcomes["place"] = found.place.against(stated, ACCEPTED * scale, RESOLVED * scale)
    sides = (assertion.exponents[0], assertion.exponents[0], assertion.exponents[1], assertion.exponents[1])
    checks = [
        item.against(float(side.subs(values).subs(symbols[crossing.control], where)), EXPONENT, EXPONENT)
        for side, item, where in zip(sides, found.exponents, found.positions)
    ]
    outcomes["sides"] = next((item for item in (Outcome.FAILS, Outcome.UNDECIDED) if item in checks), Outcome.HOLDS)
    unclear = not np.isfinite(found.gap) or JUMP[0] < abs(found.gap) < JUMP[1]
    seen = None if unclear else abs(found.gap) <= JUMP[0]
    outcomes["kind"] = (
        Outcome.UNDECIDED if seen is None else Outcome.HOLDS if seen == assertion.continuous else Outcome.FAILS
    )
    return outcomes


def measure(crossing: Crossing, log_risk: Risks, log_level: Risks) -> Measured:
    """Locate the mark and measure the exponents on one crossing."""

    def on_line(of: Risks, dim: float, places: Array) -> Array:
        other = np.array([dim**crossing.fixed])
        moving = dim**places
        samples, weight_decay = (moving, other) if crossing.control == "a" else (other, moving)
        return np.ravel(of(dim, samples, weight_decay, dict(crossing.parameters)))

    positions = tuple(crossing.window[0] + share * (crossing.window[1] - crossing.window[0]) for share in SHARES)
    ends = [on_line(log_risk, dim, np.array(positions)) / np.log(dim) for dim in SCALES]
    exponents = tuple(limit(SCALES, [float(row[k]) for row in ends]) for k in range(len(SHARES)))
    followed = log_level if crossing.mark == "level" else log_risk
    located = tuple(locate(partial(on_line, followed, dim), crossing, float(np.log(dim))) for dim in SCALES)
    place = limit(SCALES, located)
    values = [item.value for item in exponents]
    left = _line(positions[:2], values[:2], place.value)
    return Measured(place, exponents, positions, _line(positions[2:], values[2:], place.value) - left, located)


def _line(places: Sequence[float], values: Sequence[float], at: float) -> float:
    """The straight line through two points; exponents are affine within a phase."""
    slope = (values[1] - values[0]) / (places[1] - places[0])
    return values[0] + slope * (at - places[0])


def locate(follow: Callable[..., Array], crossing: Crossing, log_scale: float) -> float:
    """The place of the mark at one dim: a grid over the window, then finer ones around it; NaN where it is not inside."""
    low, high, count, target = *crossing.window, COARSE, None
    while True:
        x = np.linspace(low, high, count)
        y = follow(x)
        if target is None:
            slopes = np.diff(y) / np.diff(x)
            target = (slopes[0] + slopes[-1]) / 2
        index, place = _mark(x, y, crossing.mark, target)
        step = x[1] - x[0]
        if not np.isfinite(place) or step * log_scale < SHARPEST:
            return place
        low, high, count = x[index] - 1.5 * step, x[index] + 1.5 * step, FINE


def _mark(x: Array, y: Array, mark: str, target: float) -> tuple[int, float]:
    """Index and interpolated place of the mark on a grid."""
    if mark in ("lowest", "highest"):
        index = int(np.argmin(y) if mark == "lowest" else np.argmax(y))
        if index in (0, len(x) - 1):
            return index, float("nan")
        before, here, after = y[index - 1 : index + 2]
        curvature = before - 2 * here + after
        return index, float(x[index] + 0.5 * (before - after) / curvature * (x[1] - x[0])) if curvature else float(
            x[index]
        )
    abscissa, ordinate = ((x[1:] + x[:-1]) / 2, np.diff(y) / np.diff(x) - target) if mark == "turn" else (x, y)
    changes = np.flatnonzero(np.diff(np.sign(ordinate)))
    if changes.size == 0:
        return 0, float("nan")
    k = int(changes[0])
    share = ordinate[k] / (ordinate[k] - ordinate[k + 1])
    place = float(abscissa[k] + share * (abscissa[k + 1] - abscissa[k]))
    return int(np.argmin(np.abs(x - place))), place
