"""What the digits of a curve say of its errors: a curve that was written down exactly has errors of rounding, and no others.

Their size is known, so that their correlation does not matter. A form that leaves nowhere more than rounding is met, and its
exponent is then any value for which the form stays as near to the curve as rounding of every point may have carried it: no
probability, hence nothing that correlation could narrow. That takes the best fit itself, not the nearest place of a grid.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .scaling_fits import FREEDOM, Array, Curve
from .scaling_powers import LEAST

# Numbers of significant digits that data count as rounded to; fewer are as likely exact counts.
WRITTEN = range(3, 12)
# Relative error of a value in double precision that a line of arithmetic computed; the fits here reach a third of it. A curve that a
# solver computed to 1e-12 has errors that are no rounding: they bend, and a wrong form bends like them.
EXACT = 1e-14
MOST_EVALUATIONS = 200


@dataclass(frozen=True)
class Sum:
    """The best fit of A x^β + B x^(β - δ): its exponent, its rate, how much A leads at the last point, what is left."""

    exponent: float
    rate: float
    leads: float
    left: Array

    @property
    def misfit(self) -> float:
        """Weighted sum of squared residuals."""
        return float(self.left @ self.left)


def last_digit(curve: Curve) -> Array | None:
    """One in the last digit of y as weighted change of log y, where y was written with few digits.

    The rich models bend after such errors by luck, most of all where points are few: one pure power in ten, rounded to 4 to 8
    digits, was excluded from its own form.
    """
    y = np.exp(curve.v)
    place = 10.0 ** np.floor(np.log10(y))
    for digits in WRITTEN:
        unit = place * 10.0 ** (1 - digits)
        if np.all(np.abs(y / unit - np.round(y / unit)) < 1e-14 * (1 + np.abs(curve.v)) * y / unit):
            return np.asarray(curve.weight * unit / y)
    return None


def written_errors(curve: Curve, digit: Array | None, known: bool) -> Array:
    """The largest weighted errors that writing the curve down has made; errors that are stated have other sources as well."""
    if digit is not None and not known:
        return digit
    return np.asarray(EXACT * curve.weight * np.maximum(1.0, np.abs(curve.v)))


def met(left: Array, largest: Array, parameters: int) -> bool:
    """Whether a form leaves no more than rounding, with points enough beyond its parameters for that to say something."""
    return left.size - parameters >= FREEDOM and bool(np.all(np.abs(left) <= largest))


def best_sum(
    curve: Curve, exponent: float, rate: float, amplitudes: tuple[float, float], *, plateau: bool
) -> Sum | None:
    """Minimise the misfit of log y from a place nearby; `plateau` holds the exponent. None where the search leaves.

    By orthogonal factors, not by the normal equations of a grid: powers that are close lose half of the digits there.
    """
    from scipy.optimize import least_squares  # 0.1 s to import

    u, scale = curve.u - curve.u[0], math.exp(float(curve.v.mean()))
    v = curve.v - math.log(scale)
    least = LEAST * np.exp(v)

    def terms(place: Array) -> tuple[float, Array, Array]:
        beta = exponent if plateau else place[3]
        return beta, place[0] * np.exp(beta * u), place[1] * np.exp((beta - place[2]) * u)

    def left(place: Array) -> Array:
        _, lead, other = terms(place)
        return np.asarray(curve.weight * (np.log(np.maximum(lead + other, least)) - v))

    def slopes(place: Array) -> Array:
        beta, lead, other = terms(place)
        columns = [np.exp(beta * u), np.exp((beta - place[2]) * u), -u * other]
        columns += [] if plateau else [u * (lead + other)]
        return np.asarray(np.stack(columns, axis=1) * (curve.weight / np.maximum(lead + other, least))[:, None])

    # A second term that no digit sees, in subnormal numbers at worst, only takes the search its scale.
    second = amplitudes[1] if abs(amplitudes[1]) > EXACT**2 * abs(amplitudes[0]) else 0.0
    start = np.array([amplitudes[0] / scale, second / scale, rate, *([] if plateau else [exponent])])
    with np.errstate(over="ignore", invalid="ignore"):
        if not (np.all(np.isfinite(left(start))) and np.all(np.isfinite(slopes(start)))):
            return None
        ends = dict.fromkeys(("xtol", "ftol", "gtol"), 1e-15)
        found = least_squares(left, start, slopes, method="lm", x_scale="jac", max_nfev=MOST_EVALUATIONS, **ends)
        beta, lead, other = terms(found.x)
        end = Sum(float(beta), float(found.x[2]), float(lead[-1] - abs(other[-1])), -left(found.x))
    return end if math.isfinite(end.misfit) else None
