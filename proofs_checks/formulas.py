"""Claims that a quantity equals a closed form: the derivation must reduce to it, and the numbers must agree with it."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import sympy as sp

from scalecheck.theory.identities import is_zero
from scalecheck.theory.nonzero import surely_not_zero

from .claims import Effort, Witness
from .evidence import Evidence, Firmness, Outcome
from .tables import Cell, Table

NumericPoint = Mapping[str, float]
Measured = tuple[float, float]
"""A value and its absolute error, from the numeric witness."""

POINTS = 12
"""Exact points at which a difference is looked at: one value certainly not zero disproves an identity. They prove
nothing, so their choice cannot make a false claim pass."""
BINDING = (sp.Integral, sp.Sum, sp.Product, sp.Derivative, sp.Subs, sp.Limit)
"""What may hold variables that are not free."""
EXPLAINED = 10.0
"""How many times its stated error a measurement may miss an exact formula by; estimates are good to about a factor."""
ROUNDING = 1e-9
"""Relative deviation that needs no explanation: rounding in the measurement and in evaluating the formula."""


@dataclass(frozen=True)
class Formula:
    """The assertion ``quantity = formula``; the symbols of the formula are the names of the numeric witness's points."""

    quantity: str
    formula: sp.Expr

    def describe(self) -> str:
        """Say it in a line."""
        return f"{self.quantity} = {self.formula}"


def decide_zero(difference: sp.Expr, where: Sequence[sp.Basic] = ()) -> Outcome:
    """Whether an expression is zero wherever the relations hold: disproved by an exact point, proved by reduction, or neither.

    Points come first: they are cheap, and most differences that are not zero show it at once.

    Examples
    --------
    >>> x = sp.Symbol("x", positive=True)
    >>> decide_zero(sp.sqrt(x)**2 - x), decide_zero(x - 2)
    (<Outcome.HOLDS: 'holds'>, <Outcome.FAILS: 'fails'>)
    """
    return _decided(difference, tuple(where))


@lru_cache(maxsize=4096)  # a claim and its twins ask the same of what they have in common
def _decided(difference: sp.Expr, where: tuple[sp.Basic, ...]) -> Outcome:
    if difference == 0:
        return Outcome.HOLDS
    if not where and surely_not_zero(difference):
        return Outcome.FAILS
    if any(_certainly_not_zero(difference, point) for point in _exact_points(difference, where)):
        return Outcome.FAILS
    if is_zero(difference) or is_zero(difference.rewrite(sp.erf)):
        return Outcome.HOLDS
    return Outcome.UNDECIDED


def _exact_points(expression: sp.Expr, where: Sequence[sp.Basic] = ()) -> list[dict[sp.Symbol, sp.Rational]]:
    """Rational points from 1/50 to 30 that satisfy the relations, the same in every run; fewer where that is hard.

    Powers and logarithms are taken apart as if their bases were positive. Outside the stated region they need not be, and
    what is zero inside is not there.
    """
    symbols = sorted(expression.free_symbols, key=lambda symbol: symbol.name)
    draw = random.Random(17)
    # Larger ones would send the tails of erfc below any working precision, and mpmath into the night.
    sizes = [sp.S.One, sp.S.One, sp.Rational(1, 5), sp.Integer(3)]
    known = [item for item in where if item.free_symbols <= set(symbols)]
    found: list[dict[sp.Symbol, sp.Rational]] = []
    for _ in range(POINTS * (1 + 9 * bool(known))):
        point = {s: draw.choice(sizes) * sp.Rational(draw.randint(11, 99), draw.randint(11, 99)) for s in symbols}
        if all(item.subs(point) == sp.true for item in known):
            found.append(point)
        if len(found) == (POINTS if symbols else 1):
            break
    return found


def _certainly_not_zero(expression: sp.Expr, point: Mapping[sp.Symbol, sp.Rational]) -> bool:
    """Whether the value stands out of the cancellation of its terms by fifteen digits."""
    # Replacing symbols outright is far cheaper than substitution, which only bound variables need.
    placed = expression.subs(point) if expression.has(*BINDING) else expression.xreplace(dict(point))
    value = sp.N(placed, 40)
    if not (value.is_number and value.is_finite):
        return False
    terms = [abs(sp.N(term, 15)) for term in sp.Add.make_args(placed)]
    largest = max((term for term in terms if term.is_finite), default=sp.S.One)
    return bool(abs(value) > sp.Float("1e-25") * largest)


def from_derivation(derived: Callable[[], sp.Expr], assumptions: Sequence[str] = ()) -> Witness:
    """A symbolic witness: the derived expression minus the asserted one must reduce to exact zero."""

    def witness(assertion: Formula, effort: Effort) -> Evidence:
        found = derived()
        outcome = decide_zero(found - assertion.formula)
        reason = {
            Outcome.HOLDS: "derived expression minus stated one reduces to exact zero",
            Outcome.FAILS: "derived expression minus stated one is not zero at an exact point",
            Outcome.UNDECIDED: "the difference could be neither reduced to zero nor shown not to be",
        }[outcome]
        record: dict[str, Cell] = {"derived": sp.sstr(found), "stated": sp.sstr(assertion.formula)}
        return Evidence("symbolic", outcome, Firmness.EXACT, reason, Table.of([record]), tuple(assumptions))

    return witness


def from_numbers(
    measure: Callable[[NumericPoint], Measured], points: Sequence[NumericPoint], tolerance: float = 1e-8
) -> Witness:
    """A numeric witness: measured value against the formula at `points`.

    A measured relative error above `tolerance` decides nothing. Below it, the formula holds where the deviation is
    explained by that error (`EXPLAINED` times it, and rounding), and fails elsewhere: an exact formula that misses by
    more than the error of the measurement is wrong, however wide a tolerance was asked for.
    """

    def witness(assertion: Formula, effort: Effort) -> Evidence:
        chosen = points[::2] if effort.quick and len(points) > 3 else points
        rows = [_compare(assertion.formula, point, measure(point), tolerance) for point in chosen]
        outcomes = [Outcome(str(row["outcome"])) for row in rows]
        worst = max((float(str(row["deviation"])) for row in rows if "deviation" in row), default=math.nan)
        reason = f"measured against formula at {len(rows)} points: worst deviation {worst:.2g}, stated errors count"
        return Evidence("numeric", _overall(outcomes), Firmness.NUMBERS, reason, Table.of(rows))

    return witness


def _compare(formula: sp.Expr, point: NumericPoint, measured: Measured, tolerance: float) -> dict[str, Cell]:
    value, error = measured
    stated = evaluated(formula, point)
    if not all(math.isfinite(number) for number in (value, error, stated)) or error < 0:
        # What is no number is neither agreement nor disagreement.
        return {**point, "measured": value, "error": error, "stated": stated, "outcome": Outcome.UNDECIDED.value}
    scale = max(abs(stated), abs(value))
    deviation = abs(value - stated) / scale if scale else 0.0
    relative_error = error / scale if scale else 0.0
    if not relative_error <= tolerance or not scale < float("inf"):
        outcome = Outcome.UNDECIDED
    else:
        allowed = min(tolerance + relative_error, EXPLAINED * relative_error + ROUNDING)
        outcome = Outcome.HOLDS if deviation <= allowed else Outcome.FAILS
    told: dict[str, Cell] = {**point, "measured": value, "error": error, "stated": stated}
    return {**told, "deviation": deviation, "outcome": outcome.value}


def evaluated(formula: sp.Expr, point: NumericPoint) -> float:
    """A formula at a numeric point; NaN where it has no real value there, or holds a symbol that the point has not."""
    if any(symbol.name not in point for symbol in formula.free_symbols):
        return math.nan
    value = sp.N(formula.subs({symbol: sp.Float(point[symbol.name], 17) for symbol in formula.free_symbols}), 25)
    return float(value) if value.is_real and value.is_finite else math.nan


def _overall(outcomes: Sequence[Outcome]) -> Outcome:
    """One failing point refutes; all must hold for the whole to hold."""
    if Outcome.FAILS in outcomes:
        return Outcome.FAILS
    return Outcome.HOLDS if outcomes and set(outcomes) == {Outcome.HOLDS} else Outcome.UNDECIDED
