"""Checks a local exponent: the slope of log risk between two points of state evolution that are themselves certified."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .points import check_point, controls_of
from .reading import CertificateError, ball, fields, interval, listed, number, told, within


def check_exponent(document: Mapping[str, Any]) -> str:
    """Slope of log risk between two certified points, by the logarithm of the control named.

    Other controls may differ too (a path such as samples = dim^2); the statement names both points in full.
    """
    fields("certificate", document, "kind", "first", "second", "by", "exponent")
    points = [document["first"], document["second"]]
    for point in points:
        check_point(point)
    ends = [controls_of(point) for point in points]
    if points[0]["theory"] != points[1]["theory"]:
        raise CertificateError("first, second: points of two theories")
    name, stated = document["by"], interval(document["exponent"])
    if not isinstance(name, str) or name not in ends[0]:
        raise CertificateError(f"by: got {str(name)[:40]!r}, allowed is one of {', '.join(ends[0])}")
    risks = [ball(*interval(point["enclosures"]["risk"])) for point in points]
    scales = [ball(number(point["controls"][name])) for point in points]
    slope = (risks[1] / risks[0]).log() / (scales[1] / scales[0]).log()
    if not within(slope, stated):
        raise CertificateError(f"exponent: it is {slope.str(15)}, which is not inside {document['exponent']}")
    moved = [other for other in ends[0] if ends[0][other] != ends[1][other]]
    first, second = (listed(end) for end in ends)
    return (
        f"between two certified points of the {points[0]['theory']} network the risk goes with {name} to a power in "
        f"{told(stated)}, as {', '.join(moved)} "
        f"{'changes' if len(moved) == 1 else 'change'}: a secant, from {first} to {second}"
    )
