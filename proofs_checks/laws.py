"""Claims that an observable follows a law, constant included, in a region of the controls.

The symbolic witness compares with the derived phase; the numeric one follows paths into the region and watches the
ratio of the solved observable to the law settle at 1. The acceptance interval is fixed here, before any number is seen.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Protocol

import sympy as sp

from .claims import Effort, Twin, Witness
from .evidence import Evidence, Firmness, Outcome
from .formulas import Measured, decide_zero
from .hypotheses import Hypothesis, failing
from .regions import common_point, leaves
from .tables import Cell, Table

TOLERANCE = 0.005
"""Accepted distance of the settled ratio from 1. A constant wrong by 2% lies four times outside; the paths of the
ledger go so deep that the true law's own corrections are below a tenth of it."""

SCALES = (1e6, 1e8, 1e10, 1e12)
"""Values of the large parameter along a path; four are needed to tell settling from drifting."""


@dataclass(frozen=True)
class Path:
    """Controls along powers of the large parameter: samples = dim**a, weight_decay = dim**b, at fixed parameters."""

    exponents: Mapping[str, sp.Rational]
    parameters: Mapping[str, sp.Rational]

    def place(self) -> dict[str, sp.Expr]:
        """The exact point at which hypotheses are checked."""
        return {**self.exponents, **self.parameters}


@dataclass(frozen=True)
class Law:
    """The assertion that `observable` / `formula` tends to 1 wherever the hypotheses hold.

    Parameters
    ----------
    observable : str
        Name of an observable of the theory.
    formula : sympy.Expr
        Closed form in the controls.
    hypotheses : tuple[Hypothesis, ...]
        The region, in the exponents and parameters.
    paths : tuple[Path, ...]
        Where the numeric witness goes; each must satisfy the hypotheses.
    """

    observable: str
    formula: sp.Expr
    hypotheses: tuple[Hypothesis, ...]
    paths: tuple[Path, ...]

    def describe(self) -> str:
        """Say it in a line."""
        region = ", ".join(str(item.relation) for item in self.hypotheses)
        return f"{self.observable} ~ {self.formula} where {region}"


def other_formulas(law: Law, wrong: Mapping[str, tuple[str, sp.Expr]]) -> tuple[Twin, ...]:
    """False twins that state another formula in the same place; `wrong` holds, by name, what is false about it and the formula.

    Examples
    --------
    >>> law = Law("risk", sp.Integer(2), (), ())
    >>> [(twin.id, twin.assertion.formula) for twin in other_formulas(law, {"half": ("half of it", sp.Integer(1))})]
    [('half', 1)]
    """
    return tuple(Twin(name, told, replace(law, formula=formula)) for name, (told, formula) in wrong.items())


def beyond_wall(law: Law, reason: str, path: Path) -> Twin:
    """The law claimed beyond the wall whose hypothesis has that reason, where `path` goes."""
    kept = tuple(item for item in law.hypotheses if item.reason != reason)
    (wall,) = (item for item in law.hypotheses if item.reason == reason)
    wider = replace(law, hypotheses=kept, paths=(*law.paths, path))
    return Twin(f"beyond-{path.exponents['a']}-{path.exponents['b']}", f"also where not: {wall.reason}", wider)


class DerivedLaw(Protocol):
    """What the symbolic witness must offer of a phase."""

    @property
    def leading(self) -> sp.Expr: ...  # noqa: D102
    @property
    def region(self) -> Sequence[sp.Basic]: ...  # noqa: D102


def from_phase(
    derived: Callable[[], DerivedLaw],
    assumptions: Sequence[str] = (),
    others: Callable[[], Sequence[DerivedLaw]] = tuple,
    domain: Sequence[sp.Basic] = (),
) -> Witness:
    """A symbolic witness: the derived law equals the stated one on the whole of the stated region.

    Parameters
    ----------
    derived : callable
        Returns the phase that the claim is about.
    assumptions : sequence of str
        What the derivation took for granted.
    others : callable
        Returns the other phases of the diagram: where the stated region reaches into one with another law, the claim
        fails; where it leaves `derived` and meets no other phase, it stays undecided.
    """

    def witness(assertion: Law, effort: Effort) -> Evidence:
        phase = derived()
        stated = [item.relation for item in assertion.hypotheses]
        law = decide_zero(_log_ratio(phase.leading, assertion.formula), [*stated, *domain])
        outcome, where = (
            region_outcome(assertion, [*phase.region, *domain], others) if law is Outcome.HOLDS else (law, "not asked")
        )
        reason = f"law {law.value}; stated region against the derived one: {where}"
        record: dict[str, Cell] = {
            "derived": sp.sstr(phase.leading),
            "stated": sp.sstr(assertion.formula),
            "derived region": ", ".join(sp.sstr(item) for item in phase.region),
        }
        return Evidence("symbolic", outcome, Firmness.EXACT, reason, Table.of([record]), tuple(assumptions))

    return witness


class Placed(Protocol):
    """A statement about a region, tested along paths."""

    @property
    def hypotheses(self) -> tuple[Hypothesis, ...]: ...  # noqa: D102
    @property
    def paths(self) -> tuple[Path, ...]: ...  # noqa: D102


def region_outcome(
    assertion: Placed, derived: Sequence[sp.Basic], others: Callable[[], Sequence[DerivedLaw]] = tuple
) -> tuple[Outcome, str]:
    """Whether the stated region stays where the law was derived; exact, over the whole of it.

    Not applicable where the stated region is empty; fails where it reaches into a phase with another law; undecided
    where it leaves the derived region and nothing is known of the law there.
    """
    plane = sorted({name for path in assertion.paths for name in path.exponents}) or ["a", "b"]
    stated = [item.relation for item in assertion.hypotheses]
    try:
        if common_point(stated, plane) is None:
            return Outcome.NOT_APPLICABLE, "the stated region is empty"
        beyond = leaves(stated, derived, plane)
        if beyond is None:
            return Outcome.HOLDS, "inside it, proved"
        for other in others():
            inside = common_point([*stated, *other.region], plane)
            if inside is not None and isinstance(assertion, Law) and _another(other, assertion):
                return Outcome.FAILS, f"reaches {inside}, where the law is {other.leading}"
    except (ValueError, RuntimeError) as error:
        return Outcome.UNDECIDED, f"cannot be compared ({error})"
    return Outcome.UNDECIDED, f"leaves it at {beyond}"


def _another(phase: DerivedLaw, assertion: Law) -> bool:
    """Whether the law of a phase is certainly another than the stated one."""
    return decide_zero(_log_ratio(phase.leading, assertion.formula)) is Outcome.FAILS


def _log_ratio(left: sp.Expr, right: sp.Expr) -> sp.Expr:
    """Log of a ratio of positive monomials, expanded so that equal laws cancel term by term."""
    return sp.expand(sp.expand_log(sp.log(left) - sp.log(right), force=True))


def along_paths(
    solve: Callable[[Mapping[str, float]], Mapping[str, Measured]],
    controls: Callable[[Path, float], dict[str, float]],
    scales: Sequence[float] = SCALES,
    tolerance: float = TOLERANCE,
) -> Witness:
    """A numeric witness: the ratio of the solved observable to the law must settle at 1 along every path."""

    def witness(assertion: Law, effort: Effort) -> Evidence:
        rows: list[dict[str, Cell]] = []
        outcomes: list[Outcome] = []
        for path in assertion.paths:
            broken = failing(assertion.hypotheses, path.place())
            if broken is not None:
                text = f"the path at {_told(path)} leaves the hypotheses: {broken.relation}"
                return Evidence("numeric", Outcome.NOT_APPLICABLE, Firmness.NUMBERS, text, Table.of(rows))
            told = [_ratio(assertion, solve, controls(path, scale), scale) for scale in scales]
            outcome, _ = settle([row[0] for row in told], tolerance)
            if all(float(str(row[1]["ratio"])) < 0 for row in told):
                outcome = Outcome.FAILS  # the wrong sign throughout
            outcomes.append(outcome)
            rows += [{**_cells(path), **row[1], "path": outcome.value} for row in told]
        reason = (
            f"ratio to the law along {len(outcomes)} paths to scale {scales[-1]:g}, accepted within {tolerance:g} of 1"
        )
        worst = next((item for item in (Outcome.FAILS, Outcome.UNDECIDED) if item in outcomes), Outcome.HOLDS)
        worst = Outcome.UNDECIDED if not outcomes else worst
        return Evidence("numeric", worst, Firmness.NUMBERS, reason, Table.of(rows))

    return witness


def settle(log_ratios: Sequence[float], tolerance: float) -> tuple[Outcome, float]:
    """Judge log ratios at geometric scales: settled at 0, settled elsewhere or drifting, or open.

    Holds if the last is within `tolerance` and no farther out than the one before it. Fails if all steps have one sign
    and either they do not decrease, leading away from 0 (a wrong exponent), or Aitken's limits of the last two triples
    agree on a value farther from 0 than the tolerance and than twice its own distance from the last ratio (a wrong
    constant). Anything else is undecided: slow corrections, logarithms, oscillations from counting whole weights.

    Returns
    -------
    tuple[Outcome, float]
        The outcome, and the limit where one could be told, else NaN.

    Examples
    --------
    >>> settle([0.1, 0.01, 0.001, 0.0001], 0.005)[0]
    <Outcome.HOLDS: 'holds'>
    >>> settle([0.12, 0.03, 0.021, 0.0201], 0.005)[0]
    <Outcome.FAILS: 'fails'>
    >>> settle([0.1, 0.2, 0.3, 0.4], 0.005)[0]
    <Outcome.FAILS: 'fails'>
    >>> settle([0.3, 0.2, 0.1, 0.02], 0.005)[0]
    <Outcome.UNDECIDED: 'undecided'>
    """
    if len(log_ratios) < 4 or not all(math.isfinite(value) for value in log_ratios):
        return Outcome.UNDECIDED, math.nan
    values = log_ratios[-4:]
    last, steps = values[-1], [after - before for before, after in pairwise(values)]
    if abs(last) <= tolerance and abs(last) <= abs(values[-2]) + tolerance / 10:
        # A curve that merely passes through 1 at the last scale has not settled there.
        arrived = (
            abs(steps[-1]) <= max(3 * tolerance, abs(steps[-2]) / 2)
            and abs(_aitken(values[-3:], tolerance)) <= 2 * tolerance
        )
        return (Outcome.HOLDS if arrived else Outcome.UNDECIDED), last
    if _drifts(steps, last, tolerance):
        return Outcome.FAILS, math.copysign(math.inf, last)
    limits = [_aitken(values[k : k + 3], tolerance) for k in (0, 1)]
    agree = abs(limits[0] - limits[1]) <= abs(limits[1]) / 4
    far = abs(limits[1]) > max(tolerance, 2 * abs(limits[1] - last))
    steady = min(steps) * max(steps) >= 0 or max(abs(step) for step in steps) <= tolerance / 10
    return (Outcome.FAILS if agree and far and steady else Outcome.UNDECIDED), limits[1]


def _drifts(steps: Sequence[float], last: float, tolerance: float) -> bool:
    """Whether the ratio walks away from 1 at a rate that does not decrease: the sign of a wrong exponent."""
    away = all(step * last > 0 for step in steps)
    kept = all(abs(after) >= 0.95 * abs(before) for before, after in pairwise(steps))
    return away and kept and abs(last) > tolerance and abs(steps[-1]) > tolerance / 10


def _aitken(values: Sequence[float], tolerance: float) -> float:
    """Aitken's limit of three values whose distance from it shrinks geometrically; the last if they stand still."""
    before, step = values[1] - values[0], values[2] - values[1]
    if abs(step) <= tolerance / 100:
        return values[2]
    return values[2] - step * step / (step - before) if step != before else math.inf


def _ratio(
    assertion: Law,
    solve: Callable[[Mapping[str, float]], Mapping[str, Measured]],
    point: dict[str, float],
    scale: float,
) -> tuple[float, dict[str, Cell]]:
    """Log ratio of the solved observable to the law at one point, with the row that records it."""
    value, error = solve(point)[assertion.observable]
    symbols = {symbol: sp.Float(point[symbol.name], 17) for symbol in assertion.formula.free_symbols}
    stated = float(sp.N(assertion.formula.subs(symbols), 20))
    ratio = value / stated if stated != 0 else math.nan  # both may be negative
    row: dict[str, Cell] = {"scale": scale, "solved": value, "law": stated, "ratio": ratio, "error": error}
    usable = ratio > 0 and error <= TOLERANCE * abs(value) / 10
    return (math.log(ratio) if usable else math.nan), row


def _cells(path: Path) -> dict[str, Cell]:
    return {name: float(value) for name, value in path.place().items()}


def _told(path: Path) -> str:
    return ", ".join(f"{name} = {value}" for name, value in path.place().items())
