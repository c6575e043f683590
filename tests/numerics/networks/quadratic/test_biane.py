"""Biane's curve against definitions alone: a bisection for v(u), plain sums, differences, quadrature, one semicircle."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from scalecheck.numerics.networks.quadratic.biane import cumulative, on_curve, scaled_problem

THREE = (np.array([-1.0, 0.25, 2.0]), np.array([0.2, 0.5, 0.3]))
SPECTRA = [(*THREE, 0.09), (*THREE, 0.6), (*THREE, 3.0), (np.array([0.0, 5.0]), np.array([0.75, 0.25]), 1.0)]
"""Atoms, weights, variance: three bulks, two, one, and two far apart."""


class Defined:
    """The curve of N4 by its definition, in original units and plain arithmetic."""

    def __init__(self, atoms, weights, variance):
        self.atoms, self.weights, self.variance = atoms, weights, variance

    def summed(self, u, y, power):
        """The sum of w (u - s)^power/((u - s)^2 + y)."""
        away = np.subtract.outer(u, self.atoms)
        with np.errstate(divide="ignore"):
            return np.sum(self.weights * away**power / (away**2 + np.expand_dims(y, -1)), axis=-1)

    def square(self, u):
        """v(u)^2, the least y >= 0 at which m times that sum (power 0) is at most 1: bisection."""
        low, high = np.zeros_like(u), np.full_like(u, self.variance)
        for _ in range(80):
            y = (low + high) / 2
            larger = self.variance * self.summed(u, y, 0) > 1.0
            low, high = np.where(larger, y, low), np.where(larger, high, y)
        return np.where(self.variance * self.summed(u, np.zeros_like(u), 0) > 1.0, high, 0.0)

    def hilbert(self, u):
        return self.summed(u, self.square(u), 1)

    def image(self, u):
        return u + self.variance * self.hilbert(u)

    def slope(self, u, step=1e-4):
        """dx/du by differences of fourth order."""
        near = [self.image(u + k * step) for k in (-2, -1, 1, 2)]
        return (near[0] - 8 * near[1] + 8 * near[2] - near[3]) / (12 * step)

    def below(self, u):
        """The mass below x(u): the density v/(pi m) summed over x by trapezoids, on a table of places along the curve."""
        table = np.linspace(self.atoms[0] - 1.1 * math.sqrt(self.variance), u, 20001)
        return float(np.trapezoid(np.sqrt(self.square(table)), self.image(table))) / (np.pi * self.variance)


def told(problem, values):
    points = problem.atoms.beside(problem.scaled(np.atleast_1d(np.asarray(values, dtype=float))))
    return points, on_curve(problem, points)


@pytest.mark.parametrize("spectrum", SPECTRA)
def test_the_curve_is_the_defined_one(spectrum):
    defined, problem = Defined(*spectrum), scaled_problem(*spectrum)
    u = np.linspace(-3.03, 7.01, 101)
    points, curve = told(problem, u)
    unit = 2.0**problem.exponent
    base = problem.original(problem.atoms.positions[points.atom])
    # The sums are those before the last of Newton's steps, which is below 1e-8 of v^2.
    np.testing.assert_allclose(curve.square * unit**2, defined.square(u), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(curve.height * unit, np.sqrt(defined.square(u)), rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(curve.hilbert / unit, defined.hilbert(u), rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(base + curve.image * unit, defined.image(u), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("spectrum", SPECTRA)
def test_the_slope_is_that_of_the_image(spectrum):
    defined, problem = Defined(*spectrum), scaled_problem(*spectrum)
    u = np.linspace(-3.03, 7.01, 101)
    away = (defined.square(u - 3e-4) > 0) == (defined.square(u + 3e-4) > 0)
    assert sum(away) > 90  # at an edge the slope jumps
    _, curve = told(problem, u[away])
    np.testing.assert_allclose(curve.slope, defined.slope(u[away]), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("spectrum", SPECTRA)
@pytest.mark.parametrize("u", [-0.9, 0.2, 1.0, 2.3])
def test_the_mass_below_is_the_integral_of_the_density(spectrum, u):
    points, curve = told(problem := scaled_problem(*spectrum), u)
    assert cumulative(problem, points, curve)[0] == pytest.approx(Defined(*spectrum).below(u), abs=2e-5)


@given(st.floats(-0.999, 0.999), st.floats(-3, 3), st.floats(-5, 5))
def test_one_atom_is_a_semicircle(share, log_sigma, centre):
    """v(u)^2 = m - u^2, x = 2u, and the mass below x by quadrature of the semicircle itself."""
    sigma = 10.0**log_sigma
    problem = scaled_problem(np.array([centre]), np.array([1.0]), sigma**2)
    unit = 2.0**problem.exponent
    points = type(problem.atoms.beside(np.zeros(1)))(np.zeros(1, dtype=np.intp), np.array([share * sigma / unit]))
    curve = on_curve(problem, points)
    assert curve.square[0] * unit**2 == pytest.approx(sigma**2 * (1 - share**2), rel=1e-9)
    assert curve.image[0] * unit == pytest.approx(2 * share * sigma, rel=1e-12)
    assert curve.slope[0] == pytest.approx(2.0, rel=1e-12)
    assert curve.hilbert[0] / unit == pytest.approx(share / sigma, rel=1e-12)
    below = quad(lambda x: math.sqrt(4 - x * x) / (2 * math.pi), -2.0, 2 * share)[0]
    assert cumulative(problem, points, curve)[0] == pytest.approx(below, abs=1e-8)


def test_outside_the_support_the_slope_is_that_of_the_resolvent():
    problem = scaled_problem(np.array([0.0]), np.array([1.0]), 1.0)
    _, curve = told(problem, [2.0, -2.0])
    np.testing.assert_allclose(curve.square, 0.0)
    np.testing.assert_allclose(curve.slope, 1 - 1 / 4)
    np.testing.assert_allclose(curve.image * 2.0**problem.exponent, [2.5, -2.5])


CURVE, BELOW = "on_curve", "cumulative"
BUGS = [
    # function, what stands there, what a bug makes of it (wrong slopes only make the solver slow)
    (CURVE, "inside = 2.0 * m", "inside = 2.02 * m"),
    (CURVE, "inside = 2.0 * m", "inside = m"),
    (CURVE, "+ sums.skew**2 / sums.square", "- sums.skew**2 / sums.square"),
    (CURVE, "+ sums.skew**2 / sums.square", ""),
    (CURVE, "outside = 1.0 - m", "outside = 1.0 + m"),
    (CURVE, "outside = 1.0 - m", "outside = 1.0 - 1.01 * m"),
    (CURVE, "points.offset + m", "points.offset - m"),
    (CURVE, "points.offset + m", "points.offset + 1.01 * m"),
    (CURVE, "slope, sums.first", "slope, 1.01 * sums.first"),
    (BELOW, "- curve.height", "+ curve.height"),
    (BELOW, " - curve.height * curve.hilbert", ""),
    (BELOW, "above / np.pi", "1.01 * above / np.pi"),
]


@pytest.mark.parametrize(("name", "piece", "wrong"), BUGS)
def test_a_bug_is_seen(name, piece, wrong, plant):
    plant(f"numerics.networks.quadratic.biane:{name}", piece, wrong)
    with pytest.raises(AssertionError):
        _all_of(SPECTRA[1])


def _all_of(spectrum):
    test_the_curve_is_the_defined_one(spectrum)
    test_the_slope_is_that_of_the_image(spectrum)
    test_the_mass_below_is_the_integral_of_the_density(spectrum, 0.2)
