"""Certificates of the loss of spectral transport: an interval around the numeric value, verified by rigorous integration.

The value is the numeric witness's; that it is right to within the interval is shown by the checker, which integrates the
characteristics and the energy density again in ball arithmetic.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from scalecheck.numerics.shells.characteristics import loss

from .balls import exact
from .checker import check_certificate

WIDTH = Fraction(1, 10**7)
"""Relative half width of the interval stated: the numeric loss is good to about 1e-10."""


def certify_loss(
    *, source: Any, power: Any, rate: Any, time: Any, time_power: Any = None, direction: str = "down"
) -> dict[str, Any]:
    """A certificate that the loss at one time lies in a stated interval.

    Parameters
    ----------
    source, power, rate, time, time_power : number or decimal text
        As for `scalecheck.numerics.shells.characteristics.loss` (theory.md S8): energy density a λ^{a-1} on (0, 1].
    direction : str
        down, up or none.

    Returns
    -------
    dict
        The document; already verified.

    Raises
    ------
    CertificateError
        Where modes reach 0 or infinity in finite time, and if the numeric value were wrong.
    """
    numbers = {"source": exact(source), "power": exact(power), "rate": exact(rate), "time": exact(time)}
    numbers["time_power"] = numbers["power"] - 2 if time_power is None else exact(time_power)
    found = loss(**{name: float(value) for name, value in numbers.items()}, direction=direction).value
    value = Fraction(found.loss)
    document = {
        "kind": "transport-loss",
        "theory": "shells",
        "controls": {**{name: str(number) for name, number in numbers.items()}, "direction": direction},
        "loss": [_decimal(value * (1 - WIDTH)), _decimal(value * (1 + WIDTH))],
    }
    check_certificate(document)
    return document


def _decimal(value: Fraction) -> str:
    return f"{float(value):.15e}"
