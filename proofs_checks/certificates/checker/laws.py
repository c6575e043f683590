"""Checks enclosures of constants, and how far a certified point is from a law at its finite size.

A document does not say which phase its formula belongs to, for that is no statement about numbers: the formula itself is
told, and the reader compares.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from flint import ctx

from .formulas import evaluated, written
from .points import check_point, controls_of
from .reading import CertificateError, ball, fields, interval, listed, number, told, within
from .transport import NAMES, check_transport_loss

BITS = 160
NAME = re.compile(r"[a-z][a-z_]{0,30}")
MOST_PARAMETERS = 20


def check_constant(document: Mapping[str, Any]) -> str:
    """The value of a formula at stated parameters."""
    fields("certificate", document, "kind", "formula", "parameters", "value")
    given = document["parameters"]
    if not isinstance(given, Mapping) or len(given) > MOST_PARAMETERS:
        raise CertificateError(f"parameters: allowed is an object of at most {MOST_PARAMETERS} numbers")
    if any(not NAME.fullmatch(str(name)) or name == "pi" for name in given):
        raise CertificateError("parameters: allowed are names of small letters other than pi")
    names = {str(name): number(text) for name, text in given.items()}
    ctx.prec = BITS
    value, stated = evaluated(document["formula"], names), interval(document["value"])
    if not within(value, stated):
        raise CertificateError(f"value: the formula is {value.str(15)}, which is not inside {document['value']}")
    where = f"at {listed(names)} " if names else ""
    return f"{where}the value of {written(document['formula'])} lies in {told(stated)}"


def check_law(document: Mapping[str, Any]) -> str:
    """The ratio of what was certified at a point to a formula in its controls."""
    fields("certificate", document, "kind", "formula", "point", "value", "ratio")
    point = document["point"]
    statement, observable, names, observed = _point(point)
    ctx.prec = BITS
    value = evaluated(document["formula"], names)
    stated, ratio = interval(document["value"]), interval(document["ratio"])
    if not within(value, stated):
        raise CertificateError(f"value: the formula is {value.str(15)}, which is not inside {document['value']}")
    # Each end on its own: what lies between them has a ratio between theirs.
    shares = [ball(end) / value for end in observed]
    if not all(within(share, ratio) for share in shares):
        ends = " to ".join(share.str(15) for share in shares)
        raise CertificateError(f"ratio: it is {ends}, which is not inside {document['ratio']}")
    apart = max(abs(end - 1) for end in ratio)
    return (
        f"{statement}; there {written(document['formula'])} lies in {told(stated)}, and the {observable} is that times a "
        f"factor in {told(ratio)}, not farther from 1 than {told((Fraction(0), apart)).split(', ')[1][:-1]}"
    )


def _point(point: Mapping[str, Any]) -> tuple[str, str, Mapping[str, Fraction], tuple[Fraction, Fraction]]:
    """What is proved at the point, of what, at which controls, and its enclosure."""
    if isinstance(point, Mapping) and point.get("kind") == "transport-loss":
        statement = check_transport_loss(point)
        return statement, "loss", {name: number(point["controls"][name]) for name in NAMES}, interval(point["loss"])
    statement = check_point(point)
    return statement, "risk", controls_of(point), interval(point["enclosures"]["risk"])
