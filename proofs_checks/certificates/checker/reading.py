"""How the checker reads a document: every field known, every number exact, every interval ordered; and how it tells what it read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from typing import Any

from flint import arb, fmpq

NUMBER = re.compile(r"-?[0-9]{1,60}(\.[0-9]{1,60})?(e[+-]?[0-9]{1,4})?|-?[0-9]{1,60}/[0-9]{1,60}")
TOLD = 15
"""Significant digits of the numbers in a statement, rounded away from what they enclose."""

Interval = tuple[Fraction, Fraction]


class CertificateError(ValueError):
    """A document that is no certificate, or one whose statement does not follow; the message says what."""


def fields(name: str, item: object, *allowed: str) -> Mapping[str, Any]:
    """A part of a document that must have exactly these fields: one more would stand there unchecked."""
    if not isinstance(item, Mapping):
        raise CertificateError(f"{name}: got {str(item)[:40]!r}, allowed is an object")
    if set(item) != set(allowed):
        extra, missing = sorted(map(str, set(item) - set(allowed))), sorted(set(allowed) - set(item))
        raise CertificateError(f"{name}: unknown fields {[text[:30] for text in extra[:5]]}, missing fields {missing}")
    return item


def number(text: object) -> Fraction:
    """An exact number from its text."""
    if not isinstance(text, str) or not NUMBER.fullmatch(text):
        raise CertificateError(
            f"number: got {str(text)[:40]!r}, allowed is a decimal or a fraction of at most 60 digits"
        )
    return Fraction(text)


def interval(pair: Sequence[object]) -> Interval:
    """Two exact numbers in order."""
    if isinstance(pair, str) or len(pair) != 2:
        raise CertificateError(f"interval: got {str(pair)[:40]!r}, allowed is [low, high]")
    low, high = (number(text) for text in pair)
    if low > high:
        raise CertificateError(f"interval: got {pair}, allowed is [low, high] with low <= high")
    return low, high


def whole(document: Mapping[str, Any], name: str, low: int, high: int) -> int:
    """An integer field within limits."""
    value = document[name]
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise CertificateError(f"{name}: got {str(value)[:40]}, allowed is an integer from {low} to {high}")
    return value


def ball(low: Fraction, high: Fraction | None = None) -> arb:
    """A number, or an interval, as a ball at the working precision."""
    point = arb(fmpq(low.numerator, low.denominator))
    return point if high is None else point.union(ball(high))


def within(value: arb, stated: Interval) -> bool:
    """Whether a ball sticks out of an interval of exact numbers by nothing at all."""
    return bool(value - ball(stated[0]) >= 0 and ball(stated[1]) - value >= 0)


def strictly_within(value: arb, stated: Interval) -> bool:
    """Whether a ball lies inside an interval and touches neither end."""
    return bool(value.is_finite() and value - ball(stated[0]) > 0 and ball(stated[1]) - value > 0)


def told(stated: Interval) -> str:
    """An interval in few digits, rounded outwards: what is printed follows from what was verified."""
    low, high = (
        Context(prec=TOLD, rounding=rounding).divide(Decimal(end.numerator), Decimal(end.denominator))
        for end, rounding in zip(stated, (ROUND_FLOOR, ROUND_CEILING), strict=True)
    )
    return f"[{low.normalize()}, {high.normalize()}]"


def listed(numbers: Mapping[str, object]) -> str:
    """Names with their exact values."""
    return ", ".join(f"{name} = {value}" for name, value in numbers.items())


def check_enclosures(
    given: Mapping[str, Sequence[object]], truth: Mapping[str, arb], needed: str = "risk"
) -> dict[str, Interval]:
    """Every stated enclosure against a ball that contains the truth; `needed` must be among them."""
    if not isinstance(given, Mapping) or needed not in given or set(given) - set(truth):
        raise CertificateError(f"enclosures: got {str(list(given))[:90]}, allowed are {sorted(truth)}, with {needed}")
    stated = {name: interval(pair) for name, pair in given.items()}
    for name, pair in stated.items():
        if not within(truth[name], pair):
            raise CertificateError(f"enclosures.{name}: {list(given[name])} does not follow from the box")
    return stated
