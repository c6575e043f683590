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

from .certificates.checker import CertificateError, check_certificate
from .claims import Effort, Twin, Witness
from .evidence import Evidence, Firmness, Outcome
from .tables import Cell, Table

Controls = tuple[tuple[str, str], ...]
"""Controls by name as exact text: decimals or fractions."""


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
        Relative deviation from it.
    """

    observable: str
    values: tuple[tuple[Controls, sp.Expr], ...]
    allowed: sp.Rational

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
    low, high = (Fraction(end) for end in enclosures[assertion.observable])
    given = dict(controls)
    stated = sp.N(formula.subs({symbol: sp.Rational(given[symbol.name]) for symbol in formula.free_symbols}), 30)
    # Thirty digits of the formula against an interval that is wider by twenty orders: its rounding cannot matter.
    value, slack = Fraction(str(stated)), Fraction(str(assertion.allowed))
    bottom, top = value - abs(value) * slack, value + abs(value) * slack
    inside, apart = bottom <= low and high <= top, high < bottom or top < low
    outcome = Outcome.HOLDS if inside else Outcome.FAILS if apart else Outcome.UNDECIDED
    ratios = {"low": float(low / value), "high": float(high / value)}
    return {**told, "stated": float(value), **ratios, "outcome": outcome.value}
