"""Spectra: power laws in few nodes against all of their atoms, and what is refused."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest

from scalecheck.numerics.errors import DomainError
from scalecheck.numerics.networks.quadratic import spectrum as module
from scalecheck.numerics.networks.quadratic.free_convolution import free_convolution
from scalecheck.numerics.networks.quadratic.spectrum import AtomicSpectrum, PowerLawSpectrum

CASES = [(0.6, 1.0, 1e-3), (1.0, 1.0, 1e-5), (1.0, 100.0, 0.5), (2.5, 1.0, 1e-4), (0.2, 1.0, 1e-2), (6.0, 1.0, 1e-12)]


def compared(dim, decay, scale, variance):
    """Both laws, and points over their support."""
    few = free_convolution(PowerLawSpectrum(dim, decay, scale), variance)
    all_atoms = free_convolution(AtomicSpectrum(scale * np.arange(1.0, dim + 1.0) ** -decay), variance)
    parts = all_atoms.support
    points = [part.low + share * (part.high - part.low) for part in parts[-40:] for share in (-0.01, 0.1, 0.7)]
    points += list(all_atoms.quantile(np.linspace(0.01, 0.99, 30)).value)
    return few, all_atoms, np.array(points)


@pytest.mark.parametrize(("decay", "scale", "variance"), CASES)
def test_nodes_stand_for_atoms(decay, scale, variance):
    few, all_atoms, points = compared(2e4, decay, scale, variance)
    one, other = few.at(points), all_atoms.at(points)
    assert few.problem.atoms.count < 0.5 * all_atoms.problem.atoms.count
    assert np.all(np.abs(one.density - other.density) <= one.density_error + other.density_error)
    assert np.all(np.abs(one.hilbert - other.hilbert) <= one.hilbert_error + other.hilbert_error)
    assert [part.mass for part in few.support] == pytest.approx([part.mass for part in all_atoms.support], rel=1e-10)


def test_without_clearance_nodes_do_not_stand_for_atoms(monkeypatch):
    """Negative control: panels five times as wide as the curve allows."""
    monkeypatch.setattr(module, "CLEARANCE", -0.8)
    few, all_atoms, points = compared(2e4, 1.0, 1.0, 1e-5)
    one, other = few.at(points), all_atoms.at(points)
    assert np.any(np.abs(one.density - other.density) > one.density_error + other.density_error)


def power_sum(exponent, count):
    """Sum of k^-exponent up to count, by mpmath's harmonic numbers and zeta functions."""
    with mpmath.workdps(30):
        if exponent == 1:
            return mpmath.harmonic(count)
        return mpmath.zeta(exponent) - mpmath.zeta(exponent, count + 1)


@pytest.mark.parametrize(("decay", "variance"), [(1.0, 5e11), (0.6, 1e10), (3.0, 1e6)])
def test_a_million_million_atoms(decay, variance):
    law = free_convolution(PowerLawSpectrum(1e12, decay, 1e6), variance)
    assert law.problem.atoms.count < 2e5
    exact = [float(power_sum(n * decay, 10**12)) for n in (1, 2)]
    moments = law.moments(2)
    assert moments.value[1] == pytest.approx(1e6 * exact[0] / 1e12, rel=1e-12)
    assert moments.value[2] == pytest.approx(1e12 * exact[1] / 1e12 + variance, rel=1e-12)
    assert law.mass().value == 1.0
    median = float(law.quantile(0.5).value)
    assert law.at(median).density > 0.0


def test_a_law_that_cannot_be_resolved_is_refused():
    with pytest.raises(DomainError, match="variance"):
        PowerLawSpectrum(1e15, 0.1).resolved(1e-30)


@pytest.mark.parametrize(
    ("field", "arguments"),
    [
        ("values", ([],)), ("values", ([1.0, math.nan],)), ("values", ([math.inf],)), ("values", (["x"],)),
        ("values", ([[1.0, 2.0]],)), ("weights", ([1.0, 2.0], [0.5])), ("weights", ([1.0, 2.0], [1.5, -0.5])),
        ("weights", ([1.0, 2.0], [0.5, 0.4])), ("weights", ([1.0, 2.0], [0.0, 1.0])),
        ("weights", ([1.0], [math.nan])),
    ],
)  # fmt: skip
def test_what_is_no_measure_is_refused(field, arguments):
    with pytest.raises(DomainError, match=field):
        AtomicSpectrum(*arguments)


@pytest.mark.parametrize(
    ("field", "arguments"),
    [
        ("dim", (0, 1.0)), ("dim", (10.5, 1.0)), ("dim", (1e17, 1.0)), ("decay", (10, 0.0)), ("decay", (10, 11.0)),
        ("decay", (10, math.nan)), ("scale", (10, 1.0, 0.0)), ("scale", (10, 1.0, math.inf)),
    ],
)  # fmt: skip
def test_what_is_no_power_law_is_refused(field, arguments):
    with pytest.raises(DomainError, match=field):
        PowerLawSpectrum(*arguments)


def test_values_are_private_copies():
    values = np.array([1.0, 2.0])
    spectrum = AtomicSpectrum(values)
    values[0] = 5.0
    assert spectrum.resolved(1.0)[0].tolist() == [1.0, 2.0]
