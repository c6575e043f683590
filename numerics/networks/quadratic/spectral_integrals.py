"""Risk and degrees of freedom of eigenvalue thresholding, as contour integrals free of cancellation (theory.md N4, A2).

The noisy teacher Y has the spectrum of the teacher, freely convolved with a semicircle of variance w (units of
sqrt(dim); e = w/dim below). Biane's parametrisation x = omega + e g(omega), g(omega) = sum_k 1/(omega - s_k), makes every
resolvent explicit in omega: sum_k over eigenvectors of s_k of any function of the eigenvalue is
-(1/pi) Im of an integral of that function against dx/(omega - s_k) along the curve that maps to the real axis. The
integrands are analytic above that curve, so that the contour may leave it: it starts where x is the threshold and runs
at a distance from all eigenvalues of the order of its distance from the start. No eigenvalue bump is ever resolved.

Cancellation is removed by parts, not by digits. Cut the teacher at Re omega of the start, g = b + a with a the spikes
(above) and b the rest. What contains no a is analytic right of the cut: its contour shrinks to a short one down to the
real axis. What remains carries a factor e a, of the size of its contribution to the risk.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ...power_sums import Array
from ..teacher import Teacher
from .contours import Complex, down, imaginary, outward, straight
from .power_law_spectrum import Part, Split, same_split, split

# Entries of one block of resolvents. Measured between 2e3 and 6e4: below 1e4 the calls cost more than the arithmetic, above
# 4e4 the two work arrays leave the cache.
BLOCK = 20_000


class Start(NamedTuple):
    """Where the contour starts: x(omega) = threshold, on Biane's curve."""

    omega: complex
    threshold: float


class Integrals(NamedTuple):
    """What thresholding does to the noisy teacher, in units of sqrt(dim) for eigenvalues.

    risk is Tr (eta(Y) - S)^2; freedom is sum_x eta(x) H(x), the degrees of freedom over dim; above the number of
    eigenvalues above the threshold; freedom_slope the derivative of freedom in the threshold.
    """

    risk: float
    freedom: float
    above: float
    freedom_slope: float


def inverse_sum(parts: Split, real: float, height_squared: float) -> tuple[float, float]:
    """Return F = sum_k 1/((u - s_k)^2 + y) and -dF/dy."""
    totals = np.zeros(2)
    for part in (parts.low, parts.high):
        with np.errstate(divide="ignore", over="ignore"):
            inverse = 1.0 / ((real - part.values) ** 2 + height_squared)
            totals += part.weights @ inverse, part.weights @ inverse**2
    return totals[0], totals[1]


def curve_height(parts: Split, real: float, variance_each: float) -> float:
    """Return v >= 0 of Biane's curve above u: sum_k 1/((u - s_k)^2 + v^2) = 1/e, or 0 where the sum stays below.

    With y = v^2, 1/F(y) is concave and increasing (a harmonic mean of lines), so that Newton's method for 1/F = e from
    the left is monotone; a start at the nearest eigenvalue's own bump and steps in log y make it short.
    """
    if parts.distance(real) > 0.0 and inverse_sum(parts, real, 0.0)[0] * variance_each <= 1.0:
        return 0.0
    low, high = 0.0, variance_each * parts.size * (1 + 1e-12)
    y = max(high - real**2, 1e-3 * high, variance_each)  # of a semicircle around zero
    for _ in range(200):
        total, slope = inverse_sum(parts, real, y)
        gap = 1.0 / total - variance_each
        low, high = (y, high) if gap < 0.0 else (low, y)
        # Newton for log(1/F) in log y.
        step = np.log(total * variance_each) * total / (slope * y)
        new = y * float(np.exp(np.clip(step, -20.0, 20.0)))
        if abs(new - y) <= 1e-14 * y or high - low <= 4e-16 * high:
            return float(np.sqrt(new))
        if not low < new < high:
            new = float(np.sqrt(low * high)) if low > 0.0 else 1e-4 * high
        y = new
    return float(np.sqrt(y))


def cut_at(teacher: Teacher, real: float, variance_each: float, *, refined: bool = False) -> tuple[Split, Start]:
    """Cut the spectrum for a contour that starts above u, and return that start.

    Where the curve stands higher than u itself every eigenvalue is called a spike: the short contour would otherwise run
    through a crowd of poles whose contributions cancel (measured: 1e-5 of the risk at v = 50 u, dim 40).
    """
    parts = split(teacher, real, refined=refined)
    start = start_at(parts, real, variance_each)
    height = start.omega.imag
    if height < real and same_split(teacher, real, height):
        return parts, start
    return split(teacher, real if height < real else 0.0, width=height, refined=refined), start


def start_at(parts: Split, real: float, variance_each: float) -> Start:
    """Return the point of Biane's curve above u, and the threshold x(u) = u + e sum (u - s_k)/((u - s_k)^2 + v^2)."""
    height = curve_height(parts, real, variance_each)
    shift = 0.0
    for part in (parts.low, parts.high):
        distance = real - part.values
        shift += float(part.weights @ (distance / (distance**2 + height**2)))
    return Start(complex(real, height), real + variance_each * shift)


def _sums(points: Complex, part: Part, *numerators: Array) -> tuple[Complex, ...]:
    """Return sum 1/(omega - s), its derivative, and the sums with the given numerators."""
    columns = np.stack([part.weights, *(part.weights * numerator for numerator in numerators)], axis=1)
    values = np.zeros((points.size, columns.shape[1]), dtype=np.complex128)
    slopes = np.zeros(points.size, dtype=np.complex128)
    rows = max(1, BLOCK // max(1, part.values.size))
    work = np.empty((2, min(rows, points.size), part.values.size))
    for first in range(0, points.size if part.values.size else 0, rows):
        block = slice(first, first + rows)
        values[block], slopes[block] = _block_sums(points[block], part, columns, work)
    return (values[:, 0], slopes, *values[:, 1:].T)


def _block_sums(points: Complex, part: Part, columns: Array, work: Array) -> tuple[Complex, Complex]:
    """The sums with the weights in `columns`, and the derivative of the first, in two work arrays.

    Real arithmetic, with 1/(omega - s) = a - ib: complex division and complex products with real weights take twice as
    long. Of 1/(omega - s)^2 the real part a^2 - b^2 is q - 2b^2, q = |omega - s|^-2, whose sum is had already.
    """
    a, q = work[:, : points.size]
    height = points.imag[:, None]
    np.subtract(points.real[:, None], part.values, out=a)
    np.multiply(a, a, out=q)
    q += height * height
    np.reciprocal(q, out=q)
    moduli = q @ columns
    a *= q
    values = a @ columns - 1j * (height * moduli)
    q *= height
    a *= q
    q *= q
    return values, 2.0 * (q @ part.weights) - moduli[:, 0] + 2j * (a @ part.weights)


def _apart(part: Part, point: complex, variance_each: float) -> tuple[Array, Array]:
    """Real part of variance/(point - s), and the negative of its imaginary part.

    On the curve the variance is at most |point - s|^2, which keeps both in range where the inverse alone is not.
    """
    across = point.real - part.values
    scale = variance_each / (across * across + point.imag**2)
    return across * scale, point.imag * scale


def _rise(points: Complex, start: Start, real: Complex, imaginary: Complex) -> Complex:
    """x(omega) - x(omega_0) from the sums of 1/(omega - s) times either part of variance/(omega_0 - s), see `_apart`.

    Where the threshold stands just inside an edge, x - t is of second order in the distance of omega: as a difference of
    two images it lost all but three digits of the degrees of freedom at dim 1e15.
    """
    return np.asarray((points - start.omega) * (1.0 - (real - 1j * imaginary)))


def _short(parts: Split, start: Start, variance_each: float, refined: bool) -> Array:
    """Integrals of what contains no spike: from the start straight down."""
    if start.omega.imag == 0.0:
        return np.zeros(4)
    path = down(parts, start.omega, refined=refined)
    near = _apart(parts.low, start.omega, variance_each)
    low, low_slope, low_trace, *along = _sums(path.points, parts.low, parts.low.values, *near)
    spikes = np.array(_apart(parts.high, start.omega, variance_each)) @ parts.high.weights
    excess = _rise(path.points, start, *along) - complex(spikes[0], -spikes[1])
    stretch = 1.0 + variance_each * low_slope
    dim = parts.size
    total = imaginary(
        path,
        excess * (excess * low - 2.0 * low_trace) * stretch,
        excess * low**2 * stretch / (2.0 * dim),
        low * stretch,
        -(low**2) * stretch / (2.0 * dim),
    )
    if parts.high.values.size:
        # Spikes below the threshold, the part analytic left of them (see `_below`); the path runs the other way.
        _, high_slope, high_trace = _sums(path.points, parts.high, parts.high.values)
        total[0] -= imaginary(path, high_trace * path.points * variance_each * high_slope)[0]
    return total


def _spiked(parts: Split, start: Start, variance_each: float, refined: bool) -> Array:
    """Integrals of what contains a spike: from the start round all spikes."""
    if parts.high.values.size == 0:
        return np.zeros(4)
    path = outward(parts, start.omega, right=True, refined=refined)
    low, low_slope, low_trace = _sums(path.points, parts.low, parts.low.values)
    high, high_slope = _sums(path.points, parts.high)
    dim = parts.size
    excess = path.points - start.threshold + variance_each * low
    spike, spike_slope = variance_each * high, variance_each * high_slope
    stretch, whole, error = 1.0 + variance_each * low_slope, low + high, excess + spike
    bulk = (spike * (excess + error) * low - 2.0 * spike * low_trace) * stretch
    bulk += error * (error * low - 2.0 * low_trace) * spike_slope
    own = (variance_each * whole - start.threshold) ** 2 * high * (stretch + spike_slope)
    square = high * (low + whole)
    freedom = (excess * square + spike * whole**2) * stretch + error * whole**2 * spike_slope
    slope = square * stretch + whole**2 * spike_slope
    count = high * stretch + whole * spike_slope
    return imaginary(path, bulk + own, freedom / (2.0 * dim), count, -slope / (2.0 * dim))


def _angles(parts: Split, start: complex) -> float:
    """Sum over all eigenvalues of arg(omega - s_k), in [0, pi]."""
    both = (parts.low, parts.high)
    return sum(float(part.weights @ np.arctan2(start.imag, start.real - part.values)) for part in both)


def _spikes_in_closed_form(parts: Split, start: Start, variance_each: float) -> float:
    """What of the spikes' own error above the threshold integrates in closed form."""
    omega, count = start.omega, parts.high.count
    boundary = omega.imag * (omega.real - start.threshold)
    return count * (boundary + variance_each * _angles(parts, omega)) / np.pi


def _below(parts: Split, start: Start, variance_each: float, refined: bool) -> float:
    """Sum over spikes of s^2 times the mass of their direction below the threshold.

    sum s^2/(omega - s) = -sum s + sum s omega/(omega - s): the first term integrates to the height of the start times
    the trace of the spikes, which would swamp the rest, and cancels in closed form.
    """
    height, values, weights = start.omega.imag, parts.high.values, parts.high.weights
    gap = values - start.omega.real
    angle = np.arctan2(height, gap)
    # s^2 angle - s v, without cancellation where v << s - u.
    small = height < 0.5 * gap
    safe = np.where(small, height / np.where(small, gap, 1.0), 0.0)
    bent = values**2 * _arctan_tail(safe) + values * safe * start.omega.real
    closed = weights @ np.where(small, bent, values**2 * angle - values * height)
    if parts.low.values.size == 0:
        return float(closed) / np.pi
    path = outward(parts, start.omega, right=False, refined=refined)
    low_slope = _sums(path.points, parts.low)[1]
    scaled = _sums(path.points, parts.high, values)[2] * path.points
    # The path runs from the start outwards, the integral inwards.
    return float(closed) / np.pi - float(imaginary(path, scaled * variance_each * low_slope)[0])


def _arctan_tail(y: Array) -> Array:
    """arctan(y) - y for |y| <= 1/2, by its series."""
    square, total = y * y, np.zeros_like(y)
    for n in range(27, 0, -1):
        total = square * ((-1.0) ** n / (2 * n + 1) + total)
    return y * total


def integrals(parts: Split, start: Start, variance_each: float, *, refined: bool = False) -> Integrals:
    """Return risk, degrees of freedom and count for one cut spectrum, start and variance e."""
    risk, freedom, count, slope = _short(parts, start, variance_each, refined) + _spiked(
        parts, start, variance_each, refined
    )
    risk += parts.low.power
    if parts.high.values.size:
        risk += _spikes_in_closed_form(parts, start, variance_each) + _below(parts, start, variance_each, refined)
    return Integrals(float(risk), float(freedom), float(count), float(slope))


def second_moment(teacher: Teacher, start: Start, end: Start, variance_each: float, *, refined: bool = False) -> float:
    """Return the sum of (x - t)^2 over eigenvalues between the images of two points of Biane's curve.

    As for the risk, what contains no spike is analytic right of the start: of it, only two short contours down to the real
    axis are left. On one contour round everything, the d eigenvalues of the bulk cancelled against each other: at dim 1e15
    all that was below 1e-5 of the risk was rounding.
    """
    parts, _ = cut_at(teacher, start.omega.real, variance_each, refined=refined)
    frame = _Frame(parts, start, variance_each)
    bare = Split(parts.low, Part(np.empty(0), np.empty(0)), parts.ceiling, np.inf)
    total = 0.0
    for corner, place, sign in ((start.omega, parts, 1.0), (end.omega, bare, -1.0)):
        if corner.imag > 0.0 and parts.low.values.size:
            path = down(place, corner, refined=refined)
            total += sign * float(imaginary(path, frame.without_spikes(path.points))[0])
    above = teacher.above(parts.ceiling)
    if above is None:
        return total
    length = end.omega.real - start.omega.real
    top = complex(start.omega.real + 0.5 * length, max(length, start.omega.imag, end.omega.imag))
    spikes = split(above, end.omega.real, width=end.omega.imag, refined=refined)
    for corner, place, sign in ((start.omega, parts, 1.0), (end.omega, spikes, -1.0)):
        path = straight(corner, top, max(0.5 * place.distance(corner), 1e-290), abs(top - corner), refined)
        beside = (parts.high,) if sign > 0.0 else (spikes.low, spikes.high)
        total += sign * float(imaginary(path, frame.with_spikes(path.points, *beside))[0])
    return total


class _Frame(NamedTuple):
    """Integrands of (x - t)^2 with x - t as a rise from the start, of the bulk b and of the spikes a: see the module."""

    parts: Split
    start: Start
    variance_each: float

    def _bulk(self, points: Complex) -> tuple[Complex, Complex, Complex]:
        """Sum b, its derivative, and what x - t is without the spikes at the points."""
        near = _apart(self.parts.low, self.start.omega, self.variance_each)
        low, low_slope, *along = _sums(points, self.parts.low, *near)
        spikes = np.array(_apart(self.parts.high, self.start.omega, self.variance_each)) @ self.parts.high.weights
        return low, low_slope, _rise(points, self.start, *along) - complex(spikes[0], -spikes[1])

    def without_spikes(self, points: Complex) -> Complex:
        low, low_slope, excess = self._bulk(points)
        return np.asarray(excess**2 * low * (1.0 + self.variance_each * low_slope))

    def with_spikes(self, points: Complex, *beside: Part) -> Complex:
        """The whole integrand less `without_spikes`, every term with a factor e a; `beside` are the spikes."""
        low, low_slope, excess = self._bulk(points)
        sums = [_sums(points, part)[:2] for part in beside]
        high, high_slope = (sum(column) for column in zip(*sums, strict=True))
        spike, error = self.variance_each * high, excess + self.variance_each * high
        stretch = 1.0 + self.variance_each * low_slope
        whole = error**2 * (high * stretch + (low + high) * self.variance_each * high_slope)
        return np.asarray(spike * (excess + error) * low * stretch + whole)
