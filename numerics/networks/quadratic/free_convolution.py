"""Free convolution of any discrete spectrum with a semicircle: density, Hilbert transform, support, mass, moments.

The spectrum of S + sigma G, with G a large symmetric Gaussian matrix whose semicircle has unit variance (theory.md N4),
for any diagonal S: atoms of any weights, from isolated bumps to one bulk. See `biane` for the equations, `support` for
why no bump is missed and `inversion` for why no point fails.

Relevant literature: Biane 1997 (free convolution with a semicircle).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, final

import numpy as np
from numpy.typing import ArrayLike

from ...errors import DomainError, real, require
from ...power_sums import Array
from ...solution import ErrorKind, Solution, Status
from .biane import Problem, cumulative, on_curve, scaled_problem
from .inversion import locate, locate_mass
from .spectrum import AtomicSpectrum as AtomicSpectrum
from .spectrum import PowerLawSpectrum as PowerLawSpectrum
from .spectrum import Spectrum
from .support import Components, components
from .uncertainty import EPSILON, ROUNDINGS, uncertainty

# Positions farther apart than this many standard deviations would leave the range of floats when squared twice.
LARGEST_SPAN = 1e70
# Highest moment: its terms stay floats, and their binomials exact enough.
LARGEST_ORDER = 60


@final
@dataclass(frozen=True, eq=False)
class PointValues:
    """The free convolution mu at given positions x, arrays of one shape, with absolute errors.

    Parameters
    ----------
    position : array
        x.
    density : array
        dmu/dx = v/(pi sigma^2).
    hilbert : array
        H(x) = PV of the integral of mu(dy)/(x - y).
    subordination : array
        u, the real part of omega = u + iv with x = omega + sigma^2 G_0(omega).
    height : array
        v(u), zero outside the support.
    density_error, hilbert_error : array
        Claimed absolute errors, from rounding carried through the equation (edges and mergings included) and the
        residual that was left.
    """

    position: Array
    density: Array
    hilbert: Array
    subordination: Array
    height: Array
    density_error: Array
    hilbert_error: Array


class Interval(NamedTuple):
    """One interval of the support: its edges, its mass, and the absolute error of either edge."""

    low: float
    high: float
    mass: float
    error: float


@final
@dataclass(frozen=True, eq=False)
class FreeConvolution:
    """The measure (spectrum) boxplus (semicircle of this variance), evaluated where it is asked.

    Made by `free_convolution`; every method solves one monotone scalar equation a point.

    Examples
    --------
    >>> law = free_convolution(AtomicSpectrum([0.0]), variance=1.0)  # the semicircle on [-2, 2]
    >>> [(round(part.low, 12), round(part.high, 12), part.mass) for part in law.support]
    [(-2.0, 2.0, 1.0)]
    >>> round(float(law.density(1.0).value), 12)  # sqrt(3)/(2 pi)
    0.275664447711
    """

    spectrum: Spectrum
    variance: float

    @cached_property
    def problem(self) -> Problem:
        """Atoms and variance in units of a power of two near sigma."""
        positions, weights = self.spectrum.resolved(self.variance)
        span = float(positions.max()) - float(positions.min())
        largest = LARGEST_SPAN * math.sqrt(self.variance)
        require(span <= largest, "variance", self.variance, f"at least (spread of the spectrum / {LARGEST_SPAN:g})^2")
        return scaled_problem(positions, weights, self.variance, self.spectrum.roundings)

    @cached_property
    def components(self) -> Components:
        """Intervals of the support in scaled units, as points of Biane's curve."""
        return components(self.problem)

    @property
    def support(self) -> tuple[Interval, ...]:
        """Intervals of the support in ascending order, each with the mass of the atoms that it comes from."""
        parts, problem = self.components, self.problem
        base = problem.atoms.positions
        low = problem.original(base[parts.low.atom] + parts.low_image)
        high = problem.original(base[parts.high.atom] + parts.high_image)
        error = problem.original(self._edge_errors())
        return tuple(Interval(*(float(x) for x in row)) for row in zip(low, high, parts.masses, error, strict=True))

    def at(self, positions: ArrayLike) -> PointValues:
        """Return density and Hilbert transform at any real positions, of any shape.

        Parameters
        ----------
        positions : array
            Finite real x.

        Returns
        -------
        PointValues
            Arrays of the shape of `positions`.

        Raises
        ------
        DomainError
            Positions that are not finite real numbers.

        Notes
        -----
        *When this is wrong*: the error claimed is for the float that was given; a bump narrower than the distance
        between neighbouring floats cannot be scanned.
        """
        given = _finite("positions", positions)
        problem = self.problem
        scale = math.ldexp(1.0, -problem.exponent)
        found = locate(problem, self.components, problem.scaled(given.ravel()))
        height = found.height
        radius, spread, rounding = uncertainty(problem, found)
        density = height / (np.pi * problem.variance)
        hilbert_error = radius * np.abs(1.0 - found.slope) / problem.variance + rounding / problem.variance
        columns = (
            scale * density,
            scale * found.hilbert,
            problem.original(problem.atoms.values(found.points)),
            problem.original(height),
            scale * (spread / (np.pi * problem.variance) + 4.0 * EPSILON * density),
            scale * hilbert_error,
        )
        return PointValues(given, *(column.reshape(given.shape) for column in columns))

    def density(self, positions: ArrayLike) -> Solution[Array]:
        """Return the density at `positions`; the error is the largest absolute one over the largest value.

        Examples
        --------
        >>> law = free_convolution(AtomicSpectrum([-10.0, 10.0]), variance=1.0)
        >>> law.density([0.0, 10.0]).value.round(9)  # between two bumps, and in one
        array([0.        , 0.22518474])
        """
        values = self.at(positions)
        return _solution(values.density, values.density_error, "density on Biane's curve")

    def hilbert(self, positions: ArrayLike) -> Solution[Array]:
        """Return PV of the integral of mu(dy)/(x - y) at `positions`; the error as for `density`.

        Examples
        --------
        >>> law = free_convolution(AtomicSpectrum([0.0]), variance=1.0)
        >>> law.hilbert([1.0, 2.5]).value.round(12)  # x/2 inside, (x - sqrt(x^2 - 4))/2 outside
        array([0.5, 0.5])
        """
        values = self.at(positions)
        return _solution(values.hilbert, values.hilbert_error, "Hilbert transform on Biane's curve")

    def cdf(self, positions: ArrayLike) -> Solution[Array]:
        """Return mu((-inf, x]), in closed form from the point of Biane's curve; the error is absolute.

        Examples
        --------
        >>> law = free_convolution(AtomicSpectrum([-10.0, 10.0], [0.25, 0.75]), variance=1.0)
        >>> law.cdf([-10.0, 0.0, 99.0]).value.round(4)
        array([0.131, 0.25 , 1.   ])
        """
        given = _finite("positions", positions)
        problem = self.problem
        found = locate(problem, self.components, problem.scaled(given.ravel()))
        height = found.height
        angles = problem.atoms.angles(found.points, found.square)
        value = np.clip(1.0 - (angles - height * found.hilbert) / np.pi, 0.0, 1.0)
        _, _, rounding = uncertainty(problem, found)
        # The mass changes by |G_0| |F' d omega|, and |F'| d omega is at most seven times the error of F.
        modulus = np.hypot(found.hilbert, height / problem.variance)
        error = 7.0 * (found.residual + rounding) * modulus + (ROUNDINGS + problem.roundings) * EPSILON
        method = "mass below a point of Biane's curve"
        return _solution(value.reshape(given.shape), error, method, scale=1.0)

    def quantile(self, masses: ArrayLike) -> Solution[Array]:
        """Return the least x with mu((-inf, x]) >= q for each q in [0, 1].

        The error is that of the mass: the exact mass below the returned x differs from q by no more.

        Examples
        --------
        >>> law = free_convolution(AtomicSpectrum([0.0]), variance=1.0)
        >>> law.quantile([0.0, 0.5, 1.0]).value.round(12) + 0.0
        array([-2.,  0.,  2.])
        """
        given = _finite("masses", masses)
        require(bool(((given >= 0.0) & (given <= 1.0)).all()), "masses", masses, "numbers from 0 to 1")
        problem, parts = self.problem, self.components
        base, flat = problem.atoms.positions, given.ravel()
        points, square = locate_mass(problem, parts, np.clip(flat, EPSILON, 1.0 - EPSILON))
        curve = on_curve(problem, points, square)
        x = base[points.atom] + curve.image
        x = np.where(flat == 0.0, base[parts.low.atom[0]] + parts.low_image[0], x)
        x = np.where(flat == 1.0, base[parts.high.atom[-1]] + parts.high_image[-1], x)
        inner = (flat > 0.0) & (flat < 1.0)
        miss = np.abs(cumulative(problem, points, curve) - flat)[inner]
        # A position is rounded to a float, which moves the mass by the density there.
        blur = (curve.height / (np.pi * problem.variance) * EPSILON * np.abs(x))[inner]
        error = miss + 2.0 * blur + (ROUNDINGS + problem.roundings) * EPSILON
        return _solution(problem.original(x).reshape(given.shape), error, "inverse of the cumulative mass", scale=1.0)

    def mass(self, low: float = -math.inf, high: float = math.inf) -> Solution[float]:
        """Return mu((low, high]); the error is absolute.

        Examples
        --------
        >>> law = free_convolution(AtomicSpectrum([-10.0, 10.0], [0.25, 0.75]), variance=1.0)
        >>> law.mass().value, law.mass(low=0.0).value
        (1.0, 0.75)
        """
        ends, error = [], 0.0
        for value, beyond in ((low, 0.0), (high, 1.0)):
            if math.isinf(value):
                ends.append(beyond if (value < 0) == (beyond == 0.0) else 1.0 - beyond)
                continue
            below = self.cdf(value)
            ends.append(float(below.value))
            error += below.error
        require(low <= high, "low", low, f"a number <= high={high!r}")
        kind = ErrorKind.ESTIMATE
        return Solution(ends[1] - ends[0], Status.CONVERGED, error, kind, "difference of cumulative masses")

    def moments(self, order: int) -> Solution[Array]:
        """Return the moments of degree 0, ..., order, by Lagrange inversion of F(omega) = omega + sigma^2 G_0(omega).

        With M(t) the power series of the spectrum's moments, moment n is the sum over k <= n/2 of
        binomial(n, k)/(k + 1) sigma^(2k) times the coefficient of t^(n-2k) in M(t)^(k+1): all terms positive for a
        positive spectrum. The error is relative to the same sum over absolute moments.

        Examples
        --------
        >>> free_convolution(AtomicSpectrum([-1.0, 1.0]), variance=1.0).moments(4).value
        array([1., 0., 2., 0., 7.])
        """
        allowed = f"an integer from 0 to {LARGEST_ORDER}"
        require(isinstance(order, (int, np.integer)) and 0 <= order <= LARGEST_ORDER, "order", order, allowed)
        problem = self.problem
        atoms, degrees = problem.atoms, np.arange(order + 1)
        with np.errstate(over="ignore", under="ignore"):
            series = np.array([atoms.weights @ atoms.positions**n for n in degrees])
            scaled = _lagrange(series, problem.variance)
            value = np.ldexp(scaled, problem.exponent * degrees)
        require(bool(np.isfinite(value).all()), "order", order, "moments inside the range of floats")
        error = EPSILON * (8.0 * order + ROUNDINGS + problem.roundings * max(1, order) + math.sqrt(atoms.count))
        return Solution(value, Status.CONVERGED, error, ErrorKind.ESTIMATE, "Lagrange inversion of the subordination")

    def _edge_errors(self) -> Array:
        """Absolute error of the edges of each interval, in scaled units: x is stationary there, so only rounding."""
        parts, base = self.components, self.problem.atoms.positions
        sizes = [
            np.abs(image) + np.abs(edge.offset) + EPSILON * np.abs(base[edge.atom])
            for edge, image in ((parts.low, parts.low_image), (parts.high, parts.high_image))
        ]
        rounded = EPSILON * np.maximum(np.abs(base[parts.low.atom]), np.abs(base[parts.high.atom]))
        spread = math.sqrt(self.problem.variance)
        return np.asarray(
            rounded
            + (ROUNDINGS + self.problem.roundings) * EPSILON * (np.maximum(*sizes) + spread * np.sqrt(parts.masses))
        )


def free_convolution(spectrum: Spectrum, variance: float) -> FreeConvolution:
    """Return the free convolution of a spectrum with a semicircle (theory.md N4), to be evaluated where needed.

    Parameters
    ----------
    spectrum : Spectrum
        `AtomicSpectrum` or `PowerLawSpectrum`.
    variance : float
        sigma^2 > 0 of the semicircle, whose support is [-2 sigma, 2 sigma], in the squared units of the spectrum.

    Returns
    -------
    FreeConvolution
        Density, Hilbert transform, support, cumulative mass, quantiles and moments, each with an error estimate.

    Raises
    ------
    DomainError
        If `spectrum` is no spectrum, or the variance is not a positive number, or so small against the spectrum that
        single bumps leave the range of floats.

    Examples
    --------
    Eigenvalues of a large matrix with two eigenvalues -1 and 1, plus Gaussian noise: the two bumps have just merged.

    >>> law = free_convolution(AtomicSpectrum([-1.0, 1.0]), variance=1.0)
    >>> len(law.support), round(float(law.at(0.5).density), 9)
    (1, 0.207721317)

    Notes
    -----
    *When this is wrong*: for the spectrum of one finite matrix, whose eigenvalues fluctuate around this law and lie
    beyond its edges with small probability.
    """
    if not isinstance(spectrum, Spectrum):
        raise DomainError("spectrum", spectrum, "an AtomicSpectrum or a PowerLawSpectrum")
    try:
        variance = real("variance", variance, above=0)
    except DomainError:
        allowed = "a finite real number > 0 (at 0 the free convolution is the spectrum itself and has no density)"
        raise DomainError("variance", variance, allowed) from None
    law = FreeConvolution(spectrum, variance)
    law.problem  # noqa: B018  -- a variance out of range is refused here, not at first use
    return law


def _lagrange(series: Array, variance: float) -> Array:
    """Moments of the free convolution from those of the spectrum; see `FreeConvolution.moments`."""
    out, power = np.zeros(series.size), series.copy()
    for k in range(series.size // 2 + 1):
        for n in range(2 * k, series.size):
            out[n] += math.comb(n, k) / (k + 1) * variance**k * power[n - 2 * k]
        power = np.convolve(power, series)[: series.size]
    return out


def _finite(field: str, given: ArrayLike) -> Array:
    """Finite floats of any shape, as a private copy, or `DomainError`."""
    allowed = "finite real numbers"
    try:
        array = np.array(given, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise DomainError(field, given, allowed) from None
    require(bool(np.isfinite(array).all()), field, given, allowed)
    return array


def _solution(value: Array, error: Array, method: str, *, scale: float | None = None) -> Solution[Array]:
    """A result whose error is the largest absolute one over `scale`, by default the largest value."""
    largest = float(np.max(np.abs(value), initial=0.0)) if scale is None else scale
    worst = float(np.max(error, initial=0.0))
    relative = worst / largest if largest > 0.0 else worst
    return Solution(value, Status.CONVERGED, relative, ErrorKind.ESTIMATE, method)
