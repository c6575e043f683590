"""Checks certificates of the quadratic network's state equations (theory.md N4, deterministic closure), with interval Newton.

Units of √d for eigenvalues: s_k = k^{-γ}, w = τ²/2 and e = w/d. Biane's map z = ω + e g(ω) turns an integral over the
spectrum of Y above t into -(1/π) Im of a path integral in ω that starts where z = t and ends on the real axis beyond all
eigenvalues; everything in it is explicit. By parts, five integrals of powers of g that do not depend on τ or t are left, and
with the equation of free diffusion ∂g/∂e = -g ∂g/∂z all derivatives are made of the same five. None of the edges of the
spectrum has to be found, and none of the numeric witness's formulas is used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import acb, arb, ctx

from .newton import Box, Pair, boxes, one_solution, one_zero
from .reading import CertificateError, ball, check_enclosures, fields, number, whole
from .resolvent import Powers, Resolvent

NAMES = ("dim", "samples", "weight_decay", "decay", "noise", "width")
LARGEST_DIM = 10**15
POLISHING = 12
"""Newton steps from the stated start to where z = t; only where to look rests on them."""
INFLATIONS = (1.5, 2, 4, 16)
"""Factors tried for the disc that is to hold ω."""


def check_quadratic(document: Mapping[str, Any]) -> str:
    """One solution of the state equations in a box, and what it is close to.

    Raises
    ------
    CertificateError
        If the document is malformed or its statement could not be verified.
    """
    names = ("kind", "theory", "closure", "controls", "bits", "start", "unique", "inside", "enclosures")
    fields("certificate", document, *names)
    ctx.prec = whole(document, "bits", 64, 2048)
    controls = quadratic_controls(document)
    wide, tight = boxes(document["unique"], document["inside"])
    equations = _Equations.of(controls, document["start"], tight)
    for name, box in (("unique", wide), ("inside", tight)):
        one_zero(name, equations, box)
    stated = check_enclosures(document["enclosures"], equations.truth([ball(*side) for side in tight]))
    return one_solution("quadratic", {**controls, "closure": "deterministic"}, wide, stated)


def quadratic_controls(document: Mapping[str, Any]) -> dict[str, Fraction]:
    """The controls of a point of the quadratic network, in its domain."""
    if document["closure"] != "deterministic":
        raise CertificateError(f"closure: got {str(document['closure'])[:40]!r}, allowed is 'deterministic'")
    controls = {name: number(text) for name, text in fields("controls", document["controls"], *NAMES).items()}
    dim, width = controls["dim"], controls["width"]
    if dim.denominator != 1 or not 1 <= dim <= LARGEST_DIM:
        raise CertificateError(f"dim: got {dim}, allowed is an integer from 1 to {LARGEST_DIM}")
    if width.denominator != 1 or width < dim:
        raise CertificateError(f"width: got {width}, allowed is an integer >= dim")
    if controls["samples"] <= 0 or controls["weight_decay"] <= 0 or controls["noise"] < 0:
        raise CertificateError("controls: samples and weight_decay > 0, noise >= 0")
    if not Fraction(1, 2) < controls["decay"] <= 100:
        raise CertificateError(f"decay: got {controls['decay']}, allowed is a number above 1/2, up to 100")
    return {name: controls[name] for name in NAMES}


@dataclass(frozen=True)
class _State:
    """R and f = dof/d over a box, with their derivatives by e and by t."""

    e: arb
    t: arb
    risk: arb
    risk_by_e: arb
    risk_by_t: arb
    freedom: arb
    freedom_by_e: arb
    freedom_by_t: arb


@dataclass(frozen=True)
class _Equations:
    """4uw - Δ - R and 4t(u - f) - λ√p over boxes of (log τ, log t), from integrals known at one point ω."""

    dim: arb
    ratio: arb
    noise: arb
    penalty: arb
    resolvent: Resolvent
    centre: acb
    powers: Powers
    squares: arb

    @classmethod
    def of(cls, controls: Mapping[str, Fraction], start: Sequence[object], box: Box) -> _Equations:
        """The equations, their integrals taken at the ω that belongs to the middle of the box."""
        if len(start) != 2:
            raise CertificateError("start: two numbers, real and imaginary part")
        guess = [ball(number(text)) for text in start]
        if not guess[0] > 0 or not guess[1] >= 0:
            raise CertificateError("start: a point in the first quadrant")
        dim = ball(controls["dim"])
        reach = float(acb(*guess).abs_lower())
        resolvent = Resolvent(int(controls["dim"]), controls["decay"], reach)
        middle = [ball(*side).mid() for side in box]
        centre = _polished(resolvent, acb(*guess), *_scales(dim, middle))
        return cls(
            dim,
            ball(controls["samples"]) / dim,
            ball(controls["noise"]),
            ball(controls["weight_decay"]) * ball(controls["width"]).sqrt(),
            resolvent,
            centre,
            resolvent.powers(centre),
            resolvent.squares(),
        )

    def __call__(self, logs: Sequence[arb]) -> tuple[Pair, tuple[Pair, Pair]]:
        """Values and derivatives by log τ and log t; e goes with τ²."""
        at = self.state(logs)
        left, size = self.ratio - at.freedom, 4 * self.ratio * self.dim * at.e
        values = (size - self.noise - at.risk, 4 * at.t * left - self.penalty)
        by_tau = (2 * size - 2 * at.e * at.risk_by_e, -8 * at.t * at.e * at.freedom_by_e)
        by_t = (-at.t * at.risk_by_t, 4 * at.t * left - 4 * at.t**2 * at.freedom_by_t)
        return values, ((by_tau[0], by_t[0]), (by_tau[1], by_t[1]))

    def state(self, logs: Sequence[arb]) -> _State:
        """Risk, degrees of freedom and derivatives over a box."""
        e, t = _scales(self.dim, logs)
        omega = _start(self.resolvent, self.centre, e, t)
        powers, g = self._moved(omega)
        # ∫g dz, ∫g² dz, ∫g³ dz and ∫z g² dz, with dz = (1 + e g') dω by parts: boundary terms at ω, real ones left out
        one = powers.first - e * g**2 / 2
        two = powers.second - e * g**3 / 3
        three = powers.third - e * g**4 / 4
        lifted = powers.lifted + 2 * e / 3 * powers.third - (e * omega * g**3 / 3 + e**2 * g**4 / 4)
        twice = powers.twice + e * powers.lifted + e**2 / 3 * powers.third
        twice -= e * omega**2 * g**2 / 2 + 2 * e**2 / 3 * omega * g**3 + e**3 * g**4 / 4
        shrunk, cut = lifted - t * two, twice - t**2 * one
        pi, d = arb.pi(), self.dim
        return _State(
            e,
            t,
            2 * (self.squares + (cut - 2 * e * shrunk).imag / pi),
            2 * (lifted - 2 * shrunk - 4 * e / 3 * three).imag / pi,
            4 * (e * two - t * one).imag / pi,
            -shrunk.imag / (2 * pi * d),
            -three.imag / (3 * pi * d),
            two.imag / (2 * pi * d),
        )

    def _moved(self, omega: acb) -> tuple[Powers, acb]:
        """The five integrals from ω instead of the centre, and g(ω): a step times the integrand's values between them."""
        step, between = omega - self.centre, omega.union(self.centre)
        g, near, known = self.resolvent.at(omega), self.resolvent.at(between), self.powers
        return Powers(
            known.first - step * near,
            known.second - step * near**2,
            known.third - step * near**3,
            known.lifted - step * between * near**2,
            known.twice - step * between**2 * near,
        ), g

    def truth(self, box: Sequence[arb]) -> dict[str, arb]:
        """Balls of everything that may be stated, over the narrow box, by the mean value theorem."""
        middle = [side.mid() for side in box]
        steps = [side - centre for side, centre in zip(box, middle, strict=True)]
        at, over = self.state(middle), self.state(box)
        tau, t = box[0].exp(), box[1].exp()
        risk = at.risk + 2 * over.e * over.risk_by_e * steps[0] + over.t * over.risk_by_t * steps[1]
        freedom = at.freedom + 2 * over.e * over.freedom_by_e * steps[0] + over.t * over.freedom_by_t * steps[1]
        return {
            "risk": risk,
            "noise_level": tau,
            "threshold": t,
            "degrees_of_freedom": self.dim * freedom,
            "train_error": 2 * self.ratio * (tau * self.penalty / (4 * self.ratio * over.t)) ** 2,
        }


def _scales(dim: arb, logs: Sequence[arb]) -> Pair:
    """e = τ²/(2d), and the threshold in units of √d."""
    return (2 * logs[0]).exp() / (2 * dim), logs[1].exp() / dim.sqrt()


def _polished(resolvent: Resolvent, point: acb, e: arb, t: arb) -> acb:
    """Newton's method for ω + e g(ω) = t, middles only: an exact point, real if the start is."""
    real = point.imag == 0
    for _ in range(POLISHING):
        step = (point + e * resolvent.at(point) - t) / (1 + e * resolvent.derivative(point))
        point = acb((point - step).real.mid(), 0 if real else (point - step).imag.mid())
        if not point.is_finite():
            raise CertificateError("start: no point of Biane's curve is near")
        if step.abs_upper() < point.abs_lower() * arb(2) ** (8 - ctx.prec):
            break
    return point


def _start(resolvent: Resolvent, centre: acb, e: arb, t: arb) -> acb:
    """A ball that holds, for all e and t in their balls, the ω on Biane's curve with z = t, and nothing else that maps to t.

    Newton's operator shows that each (e, t) has one zero in it. If it lies above the real axis, Im z = 0 says that it is on
    the curve; if it is real and dz/dω > 0 there, the curve is on the axis. The map along the curve is increasing, so that
    there is no other.
    """
    real = centre.imag == 0
    gap = centre + e * resolvent.at(centre) - t
    first = gap / (1 + e * resolvent.derivative(centre))
    for factor in INFLATIONS:
        reach = arb(0, 1) * (factor * first.abs_upper() + centre.abs_upper() * arb(2) ** (8 - ctx.prec)).upper()
        trial = acb(centre.real + reach, 0 if real else centre.imag + reach)
        slope = 1 + e * resolvent.derivative(trial)
        if not slope.is_finite() or slope.contains(0):
            continue
        image = centre - gap / slope
        inside = image.is_finite() and trial.real.contains_interior(image.real)
        if real and inside and slope.real > 0:
            return acb(image.real, 0)
        if not real and inside and trial.imag.contains_interior(image.imag) and image.imag > 0:
            return image
    raise CertificateError("start: no point of Biane's curve can be enclosed for this box")
