"""A small checker of certificates that uses none of the code that made them: ball arithmetic and fractions, nothing else.

It trusts no number of a document. Panels only say where to cut a sum, boxes only where to look; what is stated about them
is worked out again here, from the equations as they stand in theory.md, with another operator (interval Newton's).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from flint import acb, arb, arb_series, ctx, fmpq

from .farkas import UnprovenError, check_refutations, check_tiling

NUMBER = re.compile(r"-?\d{1,60}(\.\d{1,60})?(e[+-]?\d{1,4})?(/\d{1,60})?")
LARGEST_DIM = 10**15
MOST_PANELS = 20_000
MOST_SINGLE = 200_000
"""Limits on the work that a document can ask for; honest ones stay a hundred times below."""
FEW = 32
"""Up to so many terms are added one by one."""


class CertificateError(ValueError):
    """A document that is no certificate, or one whose statement does not follow; the message says what."""


def check_certificate(document: Mapping[str, Any]) -> str:
    """Verify a certificate and say in a sentence what it proves.

    Raises
    ------
    CertificateError
        If the document is malformed or its statement could not be verified.
    """
    kinds: dict[str, Callable[[Mapping[str, Any]], str]] = {
        "state-evolution": _state_evolution,
        "local-exponent": _local_exponent,
        "transport-loss": _transport_loss,
        "tiling": check_tiling,
        "refutations": check_refutations,
    }
    kind = document.get("kind") if isinstance(document, Mapping) else None
    if not isinstance(kind, str) or kind not in kinds:
        raise CertificateError(f"kind: got {str(kind)[:40]!r}, allowed is one of {', '.join(kinds)}")
    precision, cap = ctx.prec, ctx.cap
    try:
        return kinds[kind](document)
    except UnprovenError as error:
        raise CertificateError(str(error)) from error
    except (KeyError, TypeError, IndexError, AttributeError, ValueError, ArithmeticError, RecursionError) as error:
        if isinstance(error, CertificateError):
            raise
        raise CertificateError(f"malformed: {type(error).__name__}: {error}") from error
    finally:
        ctx.prec, ctx.cap = precision, cap


def _number(text: object) -> Fraction:
    if not isinstance(text, str) or not NUMBER.fullmatch(text):
        raise CertificateError(
            f"number: got {str(text)[:40]!r}, allowed is a decimal or a fraction of at most 60 digits"
        )
    return Fraction(text)


def _interval(pair: Sequence[object]) -> tuple[Fraction, Fraction]:
    low, high = (_number(text) for text in pair)
    if low > high:
        raise CertificateError(f"interval: got {pair}, allowed is [low, high] with low <= high")
    return low, high


def _ball(low: Fraction, high: Fraction | None = None) -> arb:
    point = arb(fmpq(low.numerator, low.denominator))
    return point if high is None else point.union(_ball(high))


def _whole(document: Mapping[str, Any], name: str, low: int, high: int) -> int:
    value = document[name]
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise CertificateError(f"{name}: got {str(value)[:40]}, allowed is an integer from {low} to {high}")
    return value


# --- one solution of the state equations of the diagonal network -----------------------------------------------------


def _state_evolution(document: Mapping[str, Any]) -> str:
    ctx.prec = _whole(document, "bits", 64, 2048)
    order = _whole(document, "order", 2, 60)
    ctx.cap = order + 1
    controls = {
        name: _number(document["controls"][name]) for name in ("dim", "samples", "weight_decay", "decay", "noise")
    }
    _check_controls(document, controls)
    panels = _panels(document["panels"], int(controls["dim"]))
    wide, tight = (tuple(_interval(pair) for pair in document[name]) for name in ("unique", "inside"))
    if len(wide) != 2 or len(tight) != 2:
        raise CertificateError("unique, inside: two intervals each, for log noise_level and log threshold")
    if not all(w[0] <= t[0] and t[1] <= w[1] for w, t in zip(wide, tight, strict=True)):
        raise CertificateError("inside: the narrow box is not part of the box in which the solution is unique")
    for name, box in (("unique", wide), ("inside", tight)):
        if not _contracts(controls, panels, order, [_ball(*side) for side in box]):
            raise CertificateError(f"{name}: the Newton operator does not map this box into itself")
    _check_enclosures(document["enclosures"], controls, panels, order, [_ball(*side) for side in tight])
    told = ", ".join(f"{name} = {value}" for name, value in controls.items())
    return f"at {told} the state equations of the diagonal network have exactly one solution in the stated box, enclosed as stated"


def _check_controls(document: Mapping[str, Any], controls: Mapping[str, Fraction]) -> None:
    if document.get("theory") != "diagonal":
        raise CertificateError(f"theory: got {document.get('theory')!r}, allowed is 'diagonal'")
    dim = controls["dim"]
    if dim.denominator != 1 or not 1 <= dim <= LARGEST_DIM:
        raise CertificateError(f"dim: got {dim}, allowed is an integer from 1 to {LARGEST_DIM}")
    if controls["samples"] <= 0 or controls["weight_decay"] <= 0 or controls["noise"] < 0 or controls["decay"] * 2 <= 1:
        raise CertificateError("controls: samples and weight_decay > 0, noise >= 0, decay > 1/2")


def _panels(given: Sequence[Sequence[int]], dim: int) -> list[tuple[int, int]]:
    """The panels, which must follow each other from 1 to d without gap or overlap."""
    if len(given) > MOST_PANELS:
        raise CertificateError(f"panels: got {len(given)}, allowed are {MOST_PANELS}")
    panels, expected = [], 1
    for first, last in given:
        if type(first) is not int or type(last) is not int or first != expected or last < first:
            raise CertificateError(f"panels: got [{first}, {last}] where one must begin at {expected}")
        panels.append((first, last))
        expected = last + 1
    if expected != dim + 1:
        raise CertificateError(f"panels: they end at {expected - 1}, not at dim = {dim}")
    return panels


def _contracts(
    controls: Mapping[str, Fraction], panels: Sequence[tuple[int, int]], order: int, box: Sequence[arb]
) -> bool:
    """Interval Newton: N(X) = m - G'(X)⁻¹ G(m) inside X implies exactly one zero in X.

    Both G' and G are multiplied by the inverse of the middle of G' first, which changes no zero and keeps balls narrow.
    """
    middle = [side.mid() for side in box]
    values, _ = _equations(controls, panels, order, middle)
    _, slopes = _equations(controls, panels, order, box)
    (p, q), (r, s) = ((entry.mid() for entry in row) for row in slopes)
    (e, f), (g, h) = (
        (column[0] * s - column[1] * q, column[1] * p - column[0] * r) for column in zip(*slopes, strict=True)
    )
    right = (values[0] * s - values[1] * q, values[1] * p - values[0] * r)
    determinant = e * h - g * f
    if determinant.contains(0) or not determinant.is_finite():
        return False
    image = [
        middle[0] - (h * right[0] - g * right[1]) / determinant,
        middle[1] - (e * right[1] - f * right[0]) / determinant,
    ]
    return all(part.is_finite() and side.contains_interior(part) for side, part in zip(box, image, strict=True))


def _equations(
    controls: Mapping[str, Fraction], panels: Sequence[tuple[int, int]], order: int, logs: Sequence[arb]
) -> tuple[tuple[arb, arb], tuple[tuple[arb, arb], tuple[arb, arb]]]:
    """n τ² - Δ - R and t (n - dof) - Λ, each over its left-hand side's size, and their derivatives by log τ and log t."""
    tau, t = logs[0].exp(), logs[1].exp()
    n, penalty = _ball(controls["samples"]), _ball(controls["weight_decay"]) * _ball(controls["dim"]).sqrt()
    sums = _sums(tau, t, _ball(controls["decay"]), panels, order)
    risk, dof, risk_by_tau, risk_by_t, dof_by_tau, dof_by_t = sums
    first = n * tau**2 - _ball(controls["noise"]) - risk
    second = t * (n - dof) - penalty
    by_tau = (tau * (2 * n * tau - risk_by_tau), -t * tau * dof_by_tau)
    by_t = (-t * risk_by_t, t * (n - dof) - t**2 * dof_by_t)
    return (first, second), ((by_tau[0], by_t[0]), (by_tau[1], by_t[1]))


def _sums(tau: arb, t: arb, decay: arb, panels: Sequence[tuple[int, int]], order: int) -> list[arb]:
    totals, singles = [arb(0)] * 6, 0
    for first, last in panels:
        count = last - first + 1
        if count <= FEW:
            singles += count
            shares = [_single(tau, t, decay, k) for k in range(first, last + 1)]
            parts = [sum(column, arb(0)) for column in zip(*shares, strict=True)]
        else:
            parts = _panel(tau, t, decay, first, last, order)
        if singles > MOST_SINGLE:
            raise CertificateError(f"panels: more than {MOST_SINGLE} terms to be added one by one")
        totals = [total + part for total, part in zip(totals, parts, strict=True)]
    return totals


def _single(tau: arb, t: arb, decay: arb, k: int) -> list[arb]:
    return list(_integrals(tau, t, arb(k) ** (-decay)))


def _panel(tau: arb, t: arb, decay: arb, first: int, last: int, order: int) -> list[arb]:
    """Taylor's polynomial about the middle, its remainder over the panel; the odd powers of s = k - middle cancel."""
    if order % 2:
        raise CertificateError(f"order: got {order}, allowed is an even number")
    count, middle = last - first + 1, arb(first + last) / 2
    here = _integrals(tau, t, arb_series([middle, 1]) ** (-decay))
    anywhere = _integrals(tau, t, arb_series([middle + arb(0, 1) * (arb(last - first) / 2), 1]) ** (-decay))
    edge = arb(count + 1) / 2
    moments = {
        j: (edge.bernoulli_poly(j + 1) - (1 - edge).bernoulli_poly(j + 1)) / (j + 1) for j in range(0, order + 1, 2)
    }
    return [
        sum((near[j] * moments[j] for j in range(0, order, 2)), far[order] * moments[order])
        for near, far in zip(here, anywhere, strict=True)
    ]


def _integrals(tau: arb, t: arb, weight: Any) -> tuple[Any, ...]:
    """E(soft(θ + τz; t) - θ)², P(|θ + τz| > t), and their derivatives by τ and t, from Gaussian moments over z > x."""
    risk, tails, risk_by_tau, risk_by_t, tails_by_tau, tails_by_t = (arb(0) for _ in range(6))
    for side in (1, -1):
        x = (t - side * weight) / tau  # above the threshold on this side: side * z > x
        zeroth = (x / arb(2).sqrt()).erfc() / 2
        first = (-(x**2) / 2).exp() / (2 * arb.pi()).sqrt()
        second = x * first + zeroth
        # there the estimate misses the weight by τ (side z) - t
        risk = risk + tau**2 * second - 2 * tau * t * first + t**2 * zeroth
        tails = tails + zeroth
        risk_by_tau = risk_by_tau + 2 * tau * second - 2 * t * first
        risk_by_t = risk_by_t + 2 * t * zeroth - 2 * tau * first
        tails_by_tau = tails_by_tau + x * first / tau
        tails_by_t = tails_by_t - first / tau
    return risk + weight**2 * (1 - tails), tails, risk_by_tau, risk_by_t, tails_by_tau, tails_by_t


def _check_enclosures(
    given: Mapping[str, Sequence[object]],
    controls: Mapping[str, Fraction],
    panels: Sequence[tuple[int, int]],
    order: int,
    box: Sequence[arb],
) -> None:
    tau, t = box[0].exp(), box[1].exp()
    risk, dof, *_ = _sums(tau, t, _ball(controls["decay"]), panels, order)
    penalty = _ball(controls["weight_decay"]) * _ball(controls["dim"]).sqrt()
    truth = {
        "risk": risk,
        "noise_level": tau,
        "threshold": t,
        "degrees_of_freedom": dof,
        "train_error": (penalty * tau / t) ** 2 / _ball(controls["samples"]),
    }
    if not given or set(given) - set(truth):
        raise CertificateError(f"enclosures: got {sorted(given)}, allowed are {sorted(truth)}")
    for name, pair in given.items():
        low, high = _interval(pair)
        # Claimed ends are exact decimals; the ball must not stick out of them by anything.
        if not (truth[name] - _ball(low) >= 0 and _ball(high) - truth[name] >= 0):
            raise CertificateError(f"enclosures.{name}: {list(pair)} does not follow from the box")


# --- a local exponent between two solutions ---------------------------------------------------------------------------


def _local_exponent(document: Mapping[str, Any]) -> str:
    """Slope of log risk between two certified points, by the logarithm of the control named."""
    points = [document["first"], document["second"]]
    for point in points:
        _state_evolution(point)
    name = document["by"]
    scales = [_ball(_number(point["controls"][name])) for point in points]
    risks = [_ball(*_interval(point["enclosures"]["risk"])) for point in points]
    slope = (risks[1] / risks[0]).log() / (scales[1] / scales[0]).log()
    low, high = _interval(document["exponent"])
    if not (slope - _ball(low) >= 0 and _ball(high) - slope >= 0):
        raise CertificateError(f"exponent: it is {slope.str(15)}, which is not inside {document['exponent']}")
    return f"between the two certified points the risk goes with {name} to a power from {float(low):.12g} to {float(high):.12g}"


# --- the loss of spectral transport ----------------------------------------------------------------------------------

LOSS_BITS = 96
TAIL = Fraction(1, 10**16)
"""Share of the initial energy, beside the stated loss, that the cut at small λ may leave to a crude bound."""


def _transport_loss(document: Mapping[str, Any]) -> str:
    ctx.prec = LOSS_BITS
    given = document["controls"]
    numbers = {name: _number(given[name]) for name in ("source", "power", "time_power", "rate", "time")}
    sign = {"down": -1, "up": 1, "none": 0}.get(given["direction"])
    if sign is None:
        raise CertificateError(f"direction: got {given['direction']!r}, allowed is down, up or none")
    start = 0 if numbers["time_power"] > -1 else 1
    if numbers["source"] <= 0 or numbers["rate"] <= 0 or not start < numbers["time"] <= 10**15:
        raise CertificateError(f"controls: source and rate > 0, time above {start} and at most 1e15")
    linear = numbers["power"] == 1 and numbers["time_power"] == -1
    if sign and not linear and not (sign < 0 and numbers["power"] > 1 and start == 0):
        raise CertificateError(
            "controls: covered are no drift; downward drift with power > 1 and time_power > -1; power = 1 with time_power = -1"
        )
    low, high = _interval(document["loss"])
    if low <= 0:
        raise CertificateError("loss: the lower end must be positive")
    loss = _Transport(numbers, sign, start).loss(low)
    if not (loss - _ball(low) >= 0 and _ball(high) - loss >= 0):
        raise CertificateError(f"loss: the integral is {loss.str(15)}, which is not inside {document['loss']}")
    told = ", ".join(f"{name} = {given[name]}" for name in given)
    return f"at {told} the loss lies between {float(low):.12g} and {float(high):.12g}"


class _Transport:
    """L = ∫ a λ^a S(λ) d log λ with S = exp(-2 I(λ)), where I is the integral of the rate along a characteristic."""

    def __init__(self, numbers: Mapping[str, Fraction], sign: int, start: int) -> None:
        self.a, self.b, self.c = (_ball(numbers[name]) for name in ("source", "power", "rate"))
        self.grown = _ball(numbers["time_power"]) + 1
        self.sign, self.start, self.time = sign, start, _ball(numbers["time"])
        self.closed = _constant_rate if sign == 0 else _proportional if start else _hypergeometric
        self.differences: dict[str, Fraction] = {}
        if self.closed is _hypergeometric:
            first, second = 1 / (numbers["power"] - 1), 1 / (numbers["time_power"] + 1)
            self.differences = {"ab": first - second, "ac": first - second - 1, "abc": first - 1}

    def loss(self, size: Fraction) -> arb:
        """The loss as a ball; `size` is roughly how large it is."""
        share = _ball(size * TAIL)
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
    total = flow.time.log() if grown.contains(0) else (flow.time**grown - 1) / grown
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
