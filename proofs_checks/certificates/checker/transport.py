"""Checks certificates of the loss of spectral transport (theory.md S8), by rigorous integration of the shells."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from flint import acb, arb, ctx

from .reading import CertificateError, ball, fields, interval, listed, number, told, within

NAMES = ("source", "power", "rate", "time", "time_power")
SIGNS = {"down": -1, "up": 1, "none": 0}
LOSS_BITS = 96
TAIL = Fraction(1, 10**16)
"""Share of the initial energy, beside the stated loss, that the cut at small λ may leave to a crude bound."""


def check_transport_loss(document: Mapping[str, Any]) -> str:
    """The loss at one time lies in the stated interval.

    Raises
    ------
    CertificateError
        If the document is malformed or its statement could not be verified.
    """
    ctx.prec = LOSS_BITS
    fields("certificate", document, "kind", "theory", "controls", "loss")
    if document["theory"] != "shells":
        raise CertificateError(f"theory: got {str(document['theory'])[:40]!r}, allowed is 'shells'")
    given = fields("controls", document["controls"], *NAMES, "direction")
    numbers = {name: number(given[name]) for name in NAMES}
    sign = SIGNS.get(given["direction"])
    if sign is None:
        raise CertificateError(f"direction: got {str(given['direction'])[:40]!r}, allowed is down, up or none")
    start = 0 if numbers["time_power"] > -1 else 1
    if numbers["source"] <= 0 or numbers["rate"] <= 0 or not start < numbers["time"] <= 10**15:
        raise CertificateError(f"controls: source and rate > 0, time above {start} and at most 1e15")
    linear = numbers["power"] == 1 and numbers["time_power"] == -1
    if sign and not linear and not (sign < 0 and numbers["power"] > 1 and start == 0):
        raise CertificateError(
            "controls: covered are no drift; downward drift with power > 1 and time_power > -1; power = 1 with time_power = -1"
        )
    stated = interval(document["loss"])
    if stated[0] <= 0:
        raise CertificateError("loss: the lower end must be positive")
    loss = _Transport(numbers, sign, start).loss(stated[0])
    if not within(loss, stated):
        raise CertificateError(f"loss: the integral is {loss.str(15)}, which is not inside {document['loss']}")
    at = listed({**numbers, "direction": given["direction"]})
    return f"at {at} the loss lies between the ends of {told(stated)}"


class _Transport:
    """L = ∫ a λ^a S(λ) d log λ with S = exp(-2 I(λ)), where I is the integral of the rate along a characteristic."""

    def __init__(self, numbers: Mapping[str, Fraction], sign: int, start: int) -> None:
        self.a, self.b, self.c = (ball(numbers[name]) for name in ("source", "power", "rate"))
        self.grown = ball(numbers["time_power"]) + 1
        self.sign, self.start, self.time = sign, start, ball(numbers["time"])
        self.standing = 1 + sign * numbers["rate"] == 0  # decided exactly: a ball cannot tell
        self.closed = _constant_rate if sign == 0 else _proportional if start else _hypergeometric
        self.differences: dict[str, Fraction] = {}
        if self.closed is _hypergeometric:
            first, second = 1 / (numbers["power"] - 1), 1 / (numbers["time_power"] + 1)
            self.differences = {"ab": first - second, "ac": first - second - 1, "abc": first - 1}

    def loss(self, size: Fraction) -> arb:
        """The loss as a ball; `size` is roughly how large it is."""
        share = ball(size * TAIL)
        bottom = share.log() / self.a  # below it lies at most this share of the energy, of which some survives
        whole = acb.integral(self._shell, acb(bottom.lower()), acb(0), rel_tol=arb(2) ** -50)
        return whole.real + share.union(arb(0))

    def _shell(self, log_rate: acb, analytic: bool) -> acb:
        return self.a * (self.a * log_rate - 2 * self.closed(self, log_rate)).exp()


def _constant_rate(flow: _Transport, log_rate: acb) -> acb:
    """No drift: I = λ (t - start)."""
    return log_rate.exp() * (flow.time - flow.start)


def _proportional(flow: _Transport, log_rate: acb) -> acb:
    """λ(s) = λ s^{σc}: I = λ ∫_1^t s^{σc} ds."""
    grown = 1 + flow.sign * flow.c
    total = flow.time.log() if flow.standing else (flow.time**grown - 1) / grown
    return log_rate.exp() * total


def _hypergeometric(flow: _Transport, log_rate: acb) -> acb:
    """λ(s) = (λ^{1-b} + (b - 1) c s^{m+1}/(m + 1))^{-1/(b-1)}: I is λ t times Euler's integral of a 2F1."""
    steep, share = flow.b - 1, 1 / flow.grown
    swept = (steep * log_rate).exp() * (steep * flow.c * share * flow.time**flow.grown)
    if not (swept + 1).real > 0:
        return acb("nan")  # the branch cut is near: the integrator must look closer
    # b - c is -1; which other differences of the parameters are integers is known exactly, and the library must be told.
    whole = {name: value.denominator == 1 for name, value in flow.differences.items()}
    return log_rate.exp() * flow.time * (-swept).hypgeom_2f1(1 / steep, share, 1 + share, bc=True, **whole)
