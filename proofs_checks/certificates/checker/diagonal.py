"""Checks certificates of the diagonal network's state equations (theory.md N3), with interval Newton.

The maker uses Krawczyk's operator and other formulas for the same Gaussian integrals; nothing of it is used here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from flint import arb, arb_series, ctx

from .newton import boxes, one_solution, one_zero
from .reading import CertificateError, ball, check_enclosures, fields, number, whole

NAMES = ("dim", "samples", "weight_decay", "decay", "noise")
LARGEST_DIM = 10**15
MOST_PANELS = 20_000
MOST_SINGLE = 200_000
"""Limits on the work that a document can ask for; honest ones stay a hundred times below."""
FEW = 32
"""Up to so many terms are added one by one."""


def check_diagonal(document: Mapping[str, Any]) -> str:
    """One solution of the state equations in a box, and what it is close to.

    Raises
    ------
    CertificateError
        If the document is malformed or its statement could not be verified.
    """
    names = ("kind", "theory", "controls", "bits", "order", "panels", "unique", "inside", "enclosures")
    fields("certificate", document, *names)
    ctx.prec = whole(document, "bits", 64, 2048)
    order = whole(document, "order", 2, 60)
    ctx.cap = order + 1
    controls = diagonal_controls(document)
    panels = _panels(document["panels"], int(controls["dim"]))
    wide, tight = boxes(document["unique"], document["inside"])
    for name, box in (("unique", wide), ("inside", tight)):
        one_zero(name, lambda logs: _equations(controls, panels, order, logs), box)
    truth = _truth(controls, panels, order, [ball(*side) for side in tight])
    stated = check_enclosures(document["enclosures"], truth)
    return one_solution("diagonal", controls, wide, stated)


def diagonal_controls(document: Mapping[str, Any]) -> dict[str, Fraction]:
    """The controls of a point of the diagonal network, in its domain."""
    if document["kind"] != "state-evolution" or document["theory"] != "diagonal":
        raise CertificateError(
            f"theory: got {str(document['theory'])[:40]!r}, allowed is 'diagonal', by state-evolution"
        )
    controls = {name: number(text) for name, text in fields("controls", document["controls"], *NAMES).items()}
    dim = controls["dim"]
    if dim.denominator != 1 or not 1 <= dim <= LARGEST_DIM:
        raise CertificateError(f"dim: got {dim}, allowed is an integer from 1 to {LARGEST_DIM}")
    if controls["samples"] <= 0 or controls["weight_decay"] <= 0 or controls["noise"] < 0 or controls["decay"] * 2 <= 1:
        raise CertificateError("controls: samples and weight_decay > 0, noise >= 0, decay > 1/2")
    return {name: controls[name] for name in NAMES}


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


def _equations(
    controls: Mapping[str, Fraction], panels: Sequence[tuple[int, int]], order: int, logs: Sequence[arb]
) -> tuple[tuple[arb, arb], tuple[tuple[arb, arb], tuple[arb, arb]]]:
    """n τ² - Δ - R and t (n - dof) - Λ, each over its left-hand side's size, and their derivatives by log τ and log t."""
    tau, t = logs[0].exp(), logs[1].exp()
    n, penalty = ball(controls["samples"]), ball(controls["weight_decay"]) * ball(controls["dim"]).sqrt()
    sums = _sums(tau, t, ball(controls["decay"]), panels, order)
    risk, dof, risk_by_tau, risk_by_t, dof_by_tau, dof_by_t = sums
    first = n * tau**2 - ball(controls["noise"]) - risk
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
    zeroth, first, second = arb(0), arb(0), arb(0)
    root, density, per_tau = arb(1) / arb(2).sqrt(), 1 / (2 * arb.pi()).sqrt(), 1 / tau
    for side in (1, -1):
        x = per_tau * (t - side * weight)  # above the threshold on this side: side * z > x
        gauss = (x * x * arb(-0.5)).exp()
        zeroth = zeroth + (root * x).erfc()
        first = first + gauss
        second = second + x * gauss
    zeroth, first, second = arb(0.5) * zeroth, density * first, density * second
    # E(z; z > x) and, but for the zeroth, E(z²; z > x); there the estimate misses the weight by τ (side z) - t
    risk = tau**2 * (second + zeroth) - 2 * tau * t * first + t**2 * zeroth
    risk_by_tau = 2 * tau * (second + zeroth) - 2 * t * first
    risk_by_t = 2 * t * zeroth - 2 * tau * first
    return risk + weight * weight * (1 - zeroth), zeroth, risk_by_tau, risk_by_t, per_tau * second, -per_tau * first


def _truth(
    controls: Mapping[str, Fraction], panels: Sequence[tuple[int, int]], order: int, box: Sequence[arb]
) -> dict[str, arb]:
    """Balls of everything that may be stated, over the narrow box."""
    tau, t = box[0].exp(), box[1].exp()
    risk, dof, *_ = _sums(tau, t, ball(controls["decay"]), panels, order)
    penalty = ball(controls["weight_decay"]) * ball(controls["dim"]).sqrt()
    return {
        "risk": risk,
        "noise_level": tau,
        "threshold": t,
        "degrees_of_freedom": dof,
        "train_error": (penalty * tau / t) ** 2 / ball(controls["samples"]),
    }
