"""Contour integrals against integrals along the real axis, in the form that theory.md N4 writes, by independent code."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp

from scalecheck.numerics.networks.quadratic.decomposition import decompose
from scalecheck.numerics.networks.quadratic.power_law_spectrum import split
from scalecheck.numerics.networks.quadratic.spectral_integrals import (
    curve_height,
    cut_at,
    integrals,
    inverse_sum,
    second_moment,
    start_at,
)
from scalecheck.numerics.networks.teacher import Atoms, PowerLaw


def resolvent(x, values, variance):
    """G(x + i0) of the free convolution, as the root of its polynomial equation in the lower half-plane."""
    product = np.poly(values)
    left = np.polymul(product, [-1, x])
    right = variance / len(values) * np.polyder(product)
    roots = (x - np.roots(np.polysub(left, right))) / variance
    return roots[np.argmin(roots.imag)]


def along_the_axis(values, variance, threshold, ends, onsager=2.0):
    """Tr (eta - S)^2 by SURE, sum of eta H, and the count above: Gauss-Legendre in an angle between the support's ends."""
    dim = len(values)
    rule, shares = np.polynomial.legendre.leggauss(40)
    panels = 6
    nodes = ((2 * np.arange(panels) + 1)[:, None] + rule).ravel() / panels - 1
    weights = np.tile(shares, panels) / panels
    clipped = divergence = above = 0.0
    for low, high in ends:
        marks = [low, threshold, high] if low < threshold < high else [low, high]
        for a, b in pairwise(marks):
            angle = np.pi / 2 * (nodes + 1)
            x = 0.5 * (a + b) - 0.5 * (b - a) * np.cos(angle)
            step = np.pi / 2 * weights * 0.5 * (b - a) * np.sin(angle)
            g = np.array([resolvent(place, values, variance) for place in x])
            eta = np.maximum(x - threshold, 0)
            density = -dim * g.imag / np.pi * step
            clipped += density @ (eta - x) ** 2
            divergence += density @ (eta * g.real)
            above += density[eta > 0].sum()
    # In these units tau^2 D = dim w and 2 tau^2 dof = 4 w sum eta H.
    return clipped - dim * variance + 2 * onsager * variance * divergence, divergence, above


def support(teacher, variance):
    """Ends of the support, from sign changes of F(u) - 1/w on a fine grid refined by bisection."""
    values = np.asarray(teacher.values)
    each = variance / len(values)

    def outside(u):
        with np.errstate(divide="ignore"):
            return np.sum(1 / (np.asarray(u)[..., None] - values) ** 2, axis=-1) * each - 1

    grid = np.linspace(-3, 4, 200001) + 1e-7
    signs = outside(grid) > 0
    ends = []
    for i in np.flatnonzero(signs[1:] != signs[:-1]):
        low, high = grid[i], grid[i + 1]
        for _ in range(80):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if (outside(middle) > 0) == signs[i] else (low, middle)
        ends.append(low + each * np.sum(1 / (low - values)))
    return list(zip(ends[::2], ends[1::2]))


@pytest.mark.parametrize("variance", [1e-3, 0.008, 0.3])
@pytest.mark.parametrize("place", [0.4, 0.9, 1.6])
def test_contours_agree_with_the_real_axis(variance, place):
    teacher = Atoms([1.0, 0.5, 0.3, 0.1])
    parts, start = cut_at(teacher, place * variance**0.5, variance / 4)
    got = integrals(parts, start, variance / 4)
    ends = support(teacher, variance)
    risk, freedom, above = along_the_axis(np.array([1.0, 0.5, 0.3, 0.1]), variance, start.threshold, ends)
    assert got.risk == pytest.approx(risk, rel=1e-6)
    assert got.freedom == pytest.approx(freedom, rel=1e-6, abs=1e-9)
    assert got.above == pytest.approx(above, rel=1e-6, abs=1e-9)
    # The control: half of the Onsager term is noticed.
    wrong, _, _ = along_the_axis(np.array([1.0, 0.5, 0.3, 0.1]), variance, start.threshold, ends, onsager=1.0)
    assert freedom < 1e-6 or abs(got.risk / wrong - 1) > 1e-3


DECAYS = st.sampled_from([0.51, 0.75, 1.0, 2.0, 4.0])


@given(st.integers(257, 4000), DECAYS, st.floats(-4, 0.5), st.floats(-4, 1))
@settings(max_examples=40)
def test_panels_sum_resolvents(dim, decay, log_level, log_width):
    # At the start of a contour and along it, to 1e-9 of the sum of the moduli, graded and refined.
    values = np.arange(1.0, dim + 1) ** -decay
    level = 10.0**log_level
    width = level * 10.0**log_width
    for refined in (False, True):
        parts = split(PowerLaw(dim, decay), level if width < level else 0.0, width=width, refined=refined)
        for omega in (level + 1j * width, level + 3 * level * np.exp(1j * np.pi / 3), level + 3j):
            exact = 1 / (omega - values)
            got = sum((part.weights / (omega - part.values)).sum() for part in (parts.low, parts.high))
            assert abs(got - exact.sum()) <= 1e-9 * np.abs(exact).sum()


@given(st.integers(2, 300), DECAYS, st.floats(-6, 1), st.floats(0.01, 3))
@settings(max_examples=30)
def test_the_curve_solves_its_equation(dim, decay, log_variance, place):
    variance = 10.0**log_variance
    real = place * variance**0.5
    parts = split(PowerLaw(dim, decay), real)
    height = curve_height(parts, real, variance / dim)
    total, _ = inverse_sum(parts, real, height**2)
    assert total * variance / dim <= 1 + 1e-12
    if height > 0:
        assert total * variance / dim == pytest.approx(1, rel=1e-12)


@given(st.sampled_from([50.0, 1e5, 1e10]), DECAYS, st.floats(-10, 0), st.floats(0.05, 3))
@settings(max_examples=25)
def test_derivative_in_the_threshold(dim, decay, log_variance, place):
    # d freedom/dt against the difference of two starts; the count is between its limits.
    variance = 10.0**log_variance
    each, teacher = variance / dim, PowerLaw(dim, decay)
    found = []
    for step in (0.0, 1e-6):
        parts, start = cut_at(teacher, place * variance**0.5 * (1 + step), each)
        found.append((start.threshold, integrals(parts, start, each)))
    (t0, first), (t1, second) = found
    slope = (second.freedom - first.freedom) / (t1 - t0)
    scale = abs(first.freedom) / variance**0.5
    assert slope == pytest.approx(0.5 * (first.freedom_slope + second.freedom_slope), rel=1e-3, abs=2e-5 * scale)
    assert -1e-6 <= first.above <= dim * (1 + 1e-9)
    assert first.risk > 0


def test_noise_alone_is_a_semicircle():
    # Closed forms at t = 0: half the semicircle's second moment, a quarter dof, half the count.
    parts, start = cut_at(Atoms([0.0], [1000.0]), 0.0, 0.25 / 1000)
    got = integrals(parts, start, 0.25 / 1000)
    assert got.risk == pytest.approx(1000 * 0.25 / 2, rel=1e-10)
    assert got.freedom == pytest.approx(250, rel=1e-10)
    assert got.above == pytest.approx(500, rel=1e-10)


def test_overfitting_is_the_second_moment_of_the_bulk():
    # A rank-one spike: the bulk's (x - t)^2 on the real axis, against the decomposition.
    teacher, variance = Atoms([1.0, 0.0], [1.0, 399.0]), 0.04
    _, start = cut_at(teacher, 0.8 * variance**0.5, variance / 400)
    parts = decompose(teacher=teacher, variance=variance, start=start, risk=1.0)
    x = start.threshold + (2 * variance**0.5 - start.threshold) * np.linspace(0, 1, 200001)
    bulk = np.sqrt(np.maximum(4 * variance - x**2, 0)) / (2 * np.pi * variance) * (x - start.threshold) ** 2
    assert parts.overfitting == pytest.approx(2 * 400 * np.trapezoid(bulk, x), rel=0.04)  # 1/d effects
    assert parts.underfitting == pytest.approx(0.0, abs=1e-15)
    assert parts.overfitting + parts.underfitting + parts.approximation == pytest.approx(1.0)


@pytest.mark.parametrize("ends", [(0.3, 0.9), (0.45, 0.7), (0.55, 1.2)])
def test_second_moment_between_two_points_of_a_connected_bulk(ends):
    # Atoms below, between and above the two points: both halves of the cut spectrum are in it.
    values, variance = [0.05, 0.2, 0.5, 0.62, 1.0], 0.3
    teacher = Atoms(values, np.ones(5))
    start, end = (cut_at(teacher, real, variance / 5)[1] for real in ends)
    nodes, shares = np.polynomial.legendre.leggauss(60)
    x = start.threshold + 0.5 * (end.threshold - start.threshold) * (1 + nodes)
    density = np.array([-resolvent(place, values, variance).imag / np.pi for place in x])
    wanted = 5 * 0.5 * (end.threshold - start.threshold) * float((shares * density) @ (x - start.threshold) ** 2)
    assert second_moment(teacher, start, end, variance / 5) == pytest.approx(wanted, rel=1e-8)


class Harmonic:
    """The teacher 1/k, k = 1 ... dim, in many digits: its resolvent is a difference of digamma functions."""

    def __init__(self, dim, variance_each):
        self.dim, self.each = mp.mpf(dim), mp.mpf(variance_each)

    def resolvent(self, omega):
        """Sum of 1/(omega - 1/k), and its derivative."""
        z = 1 / omega
        first = mp.digamma(self.dim + 1 - z) - mp.digamma(1 - z)
        second = mp.psi(1, self.dim + 1 - z) - mp.psi(1, 1 - z)
        return self.dim * z + first * z**2, -self.dim * z**2 - 2 * first * z**3 + second * z**4

    def on_curve(self, start):
        """The point of Biane's curve above Re omega, and its image."""
        real, height = mp.mpf(start.omega.real), mp.mpf(start.omega.imag)
        if height > 0:

            def gap(log):
                return mp.log(-self.each * self.resolvent(mp.mpc(real, mp.exp(log)))[0].imag) - log

            height = mp.exp(mp.findroot(gap, (mp.log(height), mp.log(height) + mp.mpf(1e-8)), tol=1e-50))
        omega = mp.mpc(real, height)
        return omega, (omega + self.each * self.resolvent(omega)[0]).real

    def second_moment(self, start, end):
        """On one contour round everything, whose cancellation the digits outlast."""
        (first, threshold), (last, _) = self.on_curve(start), self.on_curve(end)
        length = last.real - first.real
        top = mp.mpc(first.real + length / 2, max(length, first.imag, last.imag))

        def integrand(omega):
            whole, slope = self.resolvent(omega)
            return (omega - threshold + self.each * whole) ** 2 * whole * (1 + self.each * slope)

        def leg(corner):
            marks = [corner, *(corner + (top - corner) / mp.mpf(2) ** k for k in range(8, -1, -1))]
            return mp.quad(integrand, marks, method="gauss-legendre", maxdegree=4)

        return -(leg(first) - leg(last)).imag / mp.pi


@pytest.mark.parametrize(("dim", "sigma", "below"), [(1e6, 0.03, 1e-3), (1e15, 0.0068, 4e-5)])
def test_a_small_second_moment_keeps_its_digits(dim, sigma, below):
    """Just inside the edge of the bulk, with outliers up to twice the threshold counted in (as deep in phase IV).

    With one contour for bulk and spikes together, 1e-3 of it was rounding at dim 1e15, 5e-6 of the risk.
    """
    teacher, each = PowerLaw(dim, 1.0), sigma**2 / dim
    rank = math.floor(1 / (2 * sigma))
    end = start_at(split(teacher, 2 * sigma), 0.5 * (1 / rank + 1 / (rank + 1)), each)
    start = cut_at(teacher, sigma * (1 - below), each)[1]
    assert start.omega.imag > 0 == end.omega.imag
    with mp.workdps(40):
        wanted = float(Harmonic(dim, each).second_moment(start, end))
    assert second_moment(teacher, start, end, each) == pytest.approx(wanted, rel=1e-11)


@given(st.sampled_from([5.0, 60.0, 300.0, 1e5, 1e9]), DECAYS, st.floats(-8, 1), st.floats(0.3, 1.2))
@settings(max_examples=60)
def test_wherever_the_spectrum_is_cut_the_integrals_are_the_same(dim, decay, log_variance, place):
    # Any cut is exact; another one takes other contours, other closed forms and other panels. (A first version ended one
    # contour among the smallest eigenvalues when the start stood as high as it was far: both its rules were wrong alike.)
    variance = 10.0**log_variance
    each, teacher = variance / dim, PowerLaw(dim, decay)
    real = place * variance**0.5
    parts, start = cut_at(teacher, real, each)
    height = start.omega.imag
    right = integrals(parts, start, each)
    # Both rules of the package are tried around the point where it passes from one to the other, v = u.
    for level in [real] * (height < 1.5 * real) + [0.0] * (height > 0.7 * real):
        moved = integrals(split(teacher, level, width=height), start, each, refined=True)
        assert moved.risk == pytest.approx(right.risk, rel=1e-7)
        assert moved.freedom == pytest.approx(right.freedom, rel=1e-7, abs=1e-9 * dim)


@pytest.mark.parametrize("height", [1e-3, 1e-4, 3e-5])
def test_freedom_beside_the_edge_keeps_its_digits(height):
    """Without a teacher: 16 sqrt(2)/(15 pi) eps^(5/2) of the semicircle, eps its threshold's distance from the edge.

    With x - t as a difference of two images this was off by 1.5e-3 at the lowest height.
    """
    dim = 1e6
    parts, start = cut_at(Atoms([0.0], [dim]), np.sqrt(1 - height**2), 1 / dim)
    eps = 2 * np.sin(np.arcsin(start.omega.imag) / 2) ** 2
    law = 16 * np.sqrt(2) / (15 * np.pi) * eps**2.5
    assert abs(integrals(parts, start, 1 / dim).freedom / dim / law - 1) < eps + 1e-6


def test_a_level_far_above_every_eigenvalue_has_none():
    """Its powers are no numbers: 1e151 ** 3 stopped a point with a penalty of 1e100."""
    parts = split(PowerLaw(1e15, 0.500001), 1e250)
    assert parts.high.count == 0
    assert parts.size == pytest.approx(1e15)
