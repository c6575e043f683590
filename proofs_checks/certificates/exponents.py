"""Certified local exponents: the slope of log risk between two certified points of state evolution."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from flint import arb

from .balls import ball, ends, working
from .state_evolution import BITS, certify, enclosure


def certify_exponent(first: Mapping[str, Any], second: Mapping[str, Any], by: str) -> dict[str, Any]:
    """A certificate of d log R / d log `by` as a secant between two points of the diagonal network.

    Parameters
    ----------
    first, second : mapping
        Controls of the two points, as for `certify`.
    by : str
        The control whose logarithm is the abscissa, such as ``"dim"``.

    Returns
    -------
    dict
        The two certificates and the interval of the slope.

    Examples
    --------
    >>> from scalecheck.proofs_checks.certificates.checker import check_certificate
    >>> point = {"dim": 100, "samples": 10**6, "weight_decay": "0.01", "decay": 1, "noise": 1}
    >>> found = certify_exponent(point, {**point, "samples": 10**7}, "samples")
    >>> "the risk goes with samples" in check_certificate(found), round(float(found["exponent"][0]), 3)
    (True, -1.0)
    """
    points = [certify(**first), certify(**second)]
    with working(BITS):
        risks = [enclosure(point, "risk") for point in points]
        scales = [ball(Fraction(point["controls"][by])) for point in points]
        slope = (risks[1] / risks[0]).log() / (scales[1] / scales[0]).log()
        # Rounded outwards once more, so that a checker that rounds in another order still lands inside.
        stated = slope + arb(0, 1) * abs(slope) * arb(2) ** (-BITS // 2)
        return {
            "kind": "local-exponent",
            "first": points[0],
            "second": points[1],
            "by": by,
            "exponent": list(ends(stated)),
        }
