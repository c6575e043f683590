"""Claims about single points that a certificate decides: a number lies in an enclosure, or it does not.

The certificate is made, then checked again by the separate checker; only what passes is evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy as sp
from flint import arb

from scalecheck.theory.balls import NoBall, ball, working

from .certificates.checker import CertificateError, check_certificate
from .claims import Effort, Twin, Witness
from .evidence import Evidence, Firmness, Outcome
from .tables import Cell, Table

Controls = tuple[tuple[str, str], ...]
"""Controls by name as exact text: decimals or fractions."""
Interval = tuple[Fraction, Fraction]

BITS = 192
"""Of the balls around stated formulas: their bounds are some 50 digits apart, while certificates enclose to twenty."""


@dataclass(frozen=True)
class Enclosed:
    """The assertion that at each point `observable` is `formula` to within `allowed`, relatively.

    Parameters
    ----------
    observable : str
        Name of an enclosure in the certificate.
    values : tuple of (Controls, Expr)
        Points, and what the observable is said to be there: a formula in the controls.
    allowed : sympy.Rational
        Relative deviation from it, below 1.

    Raises
    ------
    ValueError
        For a deviation that is not exact or not between 0 and 1.
    """

    observable: str
    values: tuple[tuple[Controls, sp.Expr], ...]
    allowed: sp.Rational

    def __post_init__(self) -> None:
        if not self.allowed.is_Rational or not 0 <= self.allowed < 1:
            raise ValueError(f"a deviation is an exact number from 0 to 1, got {self.allowed}")

    def describe(self) -> str:
        """Say it in a line."""
        formulas = ", ".join(dict.fromkeys(str(formula) for _, formula in self.values))
        return f"{self.observable} within {self.allowed} of {formulas} at {len(self.values)} points"


def off_by_a_millionth(assertion: Enclosed) -> tuple[Twin, Twin]:
    """False twins of numbers that are enclosed far more narrowly: each a millionth higher, and a millionth lower."""
    return _moved("up", assertion, sp.Rational(1000001, 1000000)), _moved(
        "down", assertion, sp.Rational(999999, 1000000)
    )


def _moved(name: str, assertion: Enclosed, factor: sp.Rational) -> Twin:
    shifted = tuple((point, value * factor) for point, value in assertion.values)
    falsehood = f"the {assertion.observable} times {float(factor):.6f}"
    return Twin(name, falsehood, replace(assertion, values=shifted))


def off_by_two_percent(assertion: Enclosed) -> tuple[Twin, ...]:
    """False twins of laws: constants 2% off either way, and at each point the law of the point before."""
    formulas = [formula for _, formula in assertion.values]
    rows = {
        "up": ("constants 2% too large", [formula * sp.Rational(51, 50) for formula in formulas]),
        "down": ("constants 2% too small", [formula * sp.Rational(49, 50) for formula in formulas]),
        "shuffled": ("the laws of other phases", [formulas[-1], *formulas[:-1]]),
    }
    points = [point for point, _ in assertion.values]
    return tuple(
        Twin(name, falsehood, replace(assertion, values=tuple(zip(points, others, strict=True))))
        for name, (falsehood, others) in rows.items()
    )


def as_numbers(controls: Controls) -> dict[str, float]:
    """The controls of a point for a numeric solver."""
    return {name: float(sp.Rational(text)) for name, text in controls}


def by_certificate(make: Callable[..., dict[str, Any]]) -> Witness:
    """A witness that makes a certificate a point, has it checked, and compares enclosures with the formula.

    It holds where the whole enclosure is inside the stated interval, fails where they are disjoint, and is undecided
    where they overlap in part.
    """
    certified = lru_cache(maxsize=64)(lambda controls: _checked(make, controls))

    def witness(assertion: Enclosed, effort: Effort) -> Evidence:
        chosen = assertion.values[::2] if effort.quick else assertion.values
        rows = [_row(certified(controls), assertion, controls, formula) for controls, formula in chosen]
        outcomes = {Outcome(str(row["outcome"])) for row in rows}
        worst = next((item for item in (Outcome.FAILS, Outcome.UNDECIDED) if item in outcomes), Outcome.HOLDS)
        reason = f"enclosed by certificates, each checked again, at {len(rows)} points"
        return Evidence("certificate", worst, Firmness.ENCLOSURE, reason, Table.of(rows))

    return witness


def _checked(make: Callable[..., dict[str, Any]], controls: Controls) -> Mapping[str, Any] | str:
    """The enclosures at a point, or why there are none."""
    document = make(**dict(controls))
    try:
        check_certificate(document)
    except CertificateError as fault:
        return str(fault)
    enclosures: Mapping[str, Any] = document["enclosures"]
    return enclosures


def _row(
    enclosures: Mapping[str, Any] | str, assertion: Enclosed, controls: Controls, formula: sp.Expr
) -> dict[str, Cell]:
    told: dict[str, Cell] = dict(controls)
    if isinstance(enclosures, str):
        return {**told, "fault": enclosures, "outcome": Outcome.UNDECIDED.value}
    try:
        stated = bounds(formula, dict(controls))
    except NoBall:
        return {**told, "fault": f"no ball encloses {formula}", "outcome": Outcome.UNDECIDED.value}
    low, high = (Fraction(end) for end in enclosures[assertion.observable])
    outcome = compared((low, high), stated, Fraction(str(assertion.allowed)))
    middle = sum(stated) / 2
    ratios = {"low": float(low / middle), "high": float(high / middle)} if middle else {}
    return {**told, "stated": float(middle), **ratios, "outcome": outcome.value}


def bounds(formula: sp.Expr, controls: Mapping[str, str]) -> Interval:
    """Exact bounds of a formula at exact controls: dyadic numbers below and above it, from a ball.

    Raises
    ------
    NoBall
        For what has no finite ball: nothing is then known of it.

    Examples
    --------
    >>> low, high = bounds(sp.sqrt(sp.Symbol("dim")), {"dim": "2"})
    >>> low**2 < 2 < high**2, float(high - low) < 1e-55
    (True, True)
    """
    with working(BITS):
        names = {symbol: ball(sp.Rational(controls[symbol.name]), {}) for symbol in formula.free_symbols}
        value = ball(formula, names)
        if not value.is_finite():
            raise NoBall
        return _dyadic(value.lower()), _dyadic(value.upper())


def _dyadic(number: arb) -> Fraction:
    mantissa, exponent = (int(part) for part in number.man_exp())
    return Fraction(mantissa) * Fraction(2) ** exponent


def compared(enclosure: Interval, stated: Interval, allowed: Fraction) -> Outcome:
    """Whether an enclosure lies within a relative deviation of what is stated, wherever in its own bounds that may be.

    It holds if it does so of every value there, fails if it has no point in common with the allowed interval of any.

    Examples
    --------
    >>> compared((Fraction(1), Fraction(1)), (Fraction(99, 100), Fraction(101, 100)), Fraction(1, 50)).value
    'holds'
    >>> compared((Fraction(1), Fraction(1)), (Fraction(99, 100), Fraction(101, 100)), Fraction(1, 200)).value
    'undecided'
    """
    (low, high), (least, most) = enclosure, stated
    # Both ends of what is allowed grow with the stated value: its deviation is below 1.
    bottom, top = _ends(least, allowed), _ends(most, allowed)
    if bottom[0] > high or top[1] < low:
        return Outcome.FAILS
    return Outcome.HOLDS if top[0] <= low and high <= bottom[1] else Outcome.UNDECIDED


def _ends(value: Fraction, allowed: Fraction) -> Interval:
    return value - abs(value) * allowed, value + abs(value) * allowed
