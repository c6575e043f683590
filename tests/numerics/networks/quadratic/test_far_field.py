"""Sums through clusters against plain sums, and rules that are too coarse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalecheck.numerics.networks.quadratic import far_field, kernel_sums
from scalecheck.numerics.networks.quadratic.far_field import build
from scalecheck.numerics.networks.quadratic.kernel_sums import Atoms, Points, blocks


def spectra(rng):
    return {
        "normal": rng.normal(size=3000),
        "power law": np.arange(1.0, 3001.0) ** -1.0,
        "clusters": (rng.normal(size=(30, 1)) + 1e-9 * rng.normal(size=(30, 100))).ravel(),
        "far from zero": 1e6 + rng.normal(size=1001),
    }


@pytest.fixture(params=["normal", "power law", "clusters", "far from zero"])
def atoms(request):
    rng = np.random.default_rng(2)
    positions = np.sort(spectra(rng)[request.param])
    weights = rng.uniform(0.1, 1.0, size=positions.size)
    return Atoms(positions, weights / weights.sum())


def both(monkeypatch, call):
    """The result through the tree, and the plain one."""
    monkeypatch.setattr(kernel_sums, "SMALL_SPECTRUM", 0)
    monkeypatch.setattr(kernel_sums, "SMALL_SUM", 0)
    fast = call()
    monkeypatch.setattr(kernel_sums, "SMALL_SPECTRUM", 10**9)
    return fast, call()


def some_points(atoms, size):
    rng = np.random.default_rng(4)
    atom = rng.integers(0, atoms.count, 300)
    points = atoms.anchored(Points(atom, rng.normal(size=300) * size))
    return points, size**2 * rng.uniform(0.3, 1.0, size=300)


@pytest.mark.parametrize("size", [1e-9, 1e-4, 1e-1, 10.0])
def test_clusters_sum_like_atoms(atoms, size, monkeypatch):
    points, square = some_points(atoms, size)
    fast, plain = both(monkeypatch, lambda: atoms.sums(points, square))
    # The first sum may cancel: it is measured against the root of the inverse one, which bounds its moduli.
    scales = (plain.inverse, np.sqrt(plain.inverse), plain.square, np.sqrt(plain.inverse * plain.square))
    for one, other, scale in zip(fast, plain, scales, strict=True):
        assert np.max(np.abs(one - other) / scale) < 2e-14
    fast_angles, plain_angles = both(monkeypatch, lambda: atoms.angles(points, square))
    assert np.max(np.abs(fast_angles - plain_angles)) < 2e-14


def test_too_few_nodes_are_noticed(monkeypatch):
    """Negative control: with 4 nodes a cluster at the smallest distance is wrong in the seventh digit."""
    monkeypatch.setattr(far_field, "NODES", 4)
    rng = np.random.default_rng(2)
    atoms = Atoms(np.sort(rng.normal(size=3000)), np.full(3000, 1.0 / 3000))
    points, square = some_points(atoms, 1e-4)
    fast, plain = both(monkeypatch, lambda: atoms.sums(points, square))
    assert np.max(np.abs(fast.inverse / plain.inverse - 1.0)) > 1e-10


@given(st.integers(1, 200), st.integers(0, 5))
def test_rules_keep_their_moments(count, seed):
    """The Gauss rule of a cluster is exact for polynomials of degree 2 NODES - 1, and positive."""
    rng = np.random.default_rng(seed)
    positions = np.sort(rng.uniform(-1.0, 1.0, size=count))
    weights = rng.uniform(0.1, 1.0, size=count)
    tree = build(positions, weights)
    top = tree.levels[-1]
    if len(tree.levels) < 2:
        return
    index = (top.start[:, None] + np.arange(far_field.NODES)).ravel()
    nodes, shares = tree.nodes.base[index] + tree.nodes.shift[index], tree.nodes.weights[index]
    assert np.all(shares >= 0.0)
    for degree in range(2 * far_field.NODES):
        exact = float(weights @ positions**degree)
        assert float(shares @ nodes**degree) == pytest.approx(exact, abs=1e-12 * weights.sum())


def test_every_atom_is_counted_once():
    tree = build(np.arange(1000.0), np.full(1000, 1e-3))
    low = np.array([-5.0, 100.0, 500.2])
    index, ends = tree.lists(low, low + 3.0, np.array([0.0, 10.0, 0.0]))
    for first, last in zip([0, *ends[:-1]], ends, strict=True):
        assert tree.nodes.weights[index[first:last]].sum() == pytest.approx(1.0, abs=1e-13)
        assert last - first < 400


def test_points_are_told_from_the_nearest_atom():
    atoms = Atoms(np.array([0.0, 1.0, 5.0]), np.full(3, 1 / 3))
    found = atoms.anchored(Points(np.array([0, 0, 2]), np.array([0.9, 7.0, -4.9])))
    assert found.atom.tolist() == [1, 2, 0]
    assert found.offset == pytest.approx([-0.1, 2.0, 0.1], abs=1e-15)
    kept = atoms.anchored(Points(np.array([1]), np.array([1e-30])))
    assert (kept.atom[0], kept.offset[0]) == (1, 1e-30)


def test_blocks_cover_all_rows():
    assert [s.stop for s in blocks(10, 2**20)] == list(range(1, 11))
    assert blocks(0, 5) == []
