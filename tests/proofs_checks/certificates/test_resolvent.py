"""Clusters of eigenvalues as series: balls that hold the sum one by one, also where the series comes from two parts."""

import pytest
from flint import acb, arb, ctx
from hypothesis import given
from hypothesis import strategies as st

from scalecheck.proofs_checks.certificates.checker import resolvent
from scalecheck.proofs_checks.certificates.checker.resolvent import Cluster


@pytest.fixture(autouse=True)
def _bits():
    before, ctx.prec = ctx.prec, 96
    yield
    ctx.prec = before


def cluster(first, count, decay):
    return Cluster([(-arb(decay) * arb(k).log()).exp() for k in range(first, first + count)])


def one_by_one(of, omega):
    return sum((1 / (omega - value) for value in of.values), acb(0))


@given(st.integers(1, 50), st.integers(30, 400), st.floats(0.6, 3), st.floats(4, 50), st.floats(0, 6.28))
def test_the_series_holds_the_sum(first, count, decay, far, angle):
    """Of up to 63 eigenvalues from their powers, of more from the series of the two halves."""
    found = cluster(first, count, decay)
    omega = acb(found.centre) + found.radius * far * acb(0, angle).exp()
    series, exact = found.series.at(omega), one_by_one(found, omega)
    assert series.overlaps(exact)
    assert series.real.rad() < 1e-20 * found.series.plain(acb(0)).real.abs_upper() / found.radius
    slope = -sum((1 / (omega - value) ** 2 for value in found.values), acb(0))
    assert found.series.derivative(omega).overlaps(slope)


def test_a_series_of_halves_moved_the_wrong_way_does_not():
    found = cluster(1, 300, 1.0)
    omega = acb(found.centre) + found.radius * 5 * acb(0, 1).exp()
    for part in found.parts:
        assert part.series.terms > 60  # worked out about the centre that it has
        part.centre = 2 * found.centre - part.centre
    assert not found.series.at(omega).overlaps(one_by_one(found, omega))


def test_few_eigenvalues_are_not_taken_apart(monkeypatch):
    monkeypatch.setattr(resolvent.Cluster, "_from_parts", None)
    assert cluster(1, 60, 1.0).series.terms > 60
