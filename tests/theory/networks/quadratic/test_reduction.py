"""N2: the steps hold, exact numbers agree, and false versions are refused."""

import itertools

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize

from scalecheck.theory.identities import DerivationError, proved
from scalecheck.theory.networks.quadratic import letters, reduction
from scalecheck.theory.symbols import dim, weight_decay, width

rationals = st.fractions(-3, 3, max_denominator=7)


@given(entries=st.lists(rationals, min_size=6, max_size=6), x=st.tuples(rationals, rationals), label=rationals)
def test_objectives_agree_in_exact_arithmetic(entries, x, label):
    """The loss of one sample, by hand for p = 3 and d = 2, in Fractions times powers of √6 that are kept apart."""
    rows = [entries[0:2], entries[2:4], entries[4:6]]
    gram = [[sum(r[i] * r[j] for r in rows) for j in range(2)] for i in range(2)]  # √6 S
    network = sum((r[0] * x[0] + r[1] * x[1]) ** 2 - r[0] ** 2 - r[1] ** 2 for r in rows)  # √6 √2 f
    linear = sum(gram[i][j] * (x[i] * x[j] - (i == j)) for i in range(2) for j in range(2))
    assert network == linear
    matrix = sp.Matrix(3, 2, [sp.Rational(e) for e in entries])
    penalty = reduction.objective().values["penalty"].subs({dim: 2, width: 3, weight_decay: 1})
    assert sp.expand(penalty * reduction.effective_matrix(matrix).trace()) == sum(sp.Rational(e) ** 2 for e in entries)


def test_nothing_but_the_inputs_is_assumed():
    derivation = reduction.network_reduction()
    assert derivation.assumptions == ("inputs are Gaussian with identity covariance",)
    assert reduction.objective().assumptions == reduction.local_minima().assumptions == ()
    assert len(derivation.steps) >= 18


@given(entries=st.lists(st.integers(-4, 4), min_size=6, max_size=6))
def test_risk_by_exact_quadrature(entries):
    """Gauss-Hermite quadrature with five nodes an axis is exact for the fourth-degree polynomial (f - f*)²."""
    a = np.zeros((3, 3))
    for value, (i, j) in zip(entries, itertools.combinations_with_replacement(range(3), 2)):
        a[i, j] = a[j, i] = value
    nodes, weights = np.polynomial.hermite_e.hermegauss(5)
    weights = weights / weights.sum()
    total = 0.0
    for p in itertools.product(range(5), repeat=3):
        x = nodes[list(p)]
        total += weights[list(p)].prod() * ((x @ a @ x - np.trace(a)) / np.sqrt(3)) ** 2
    expected = reduction.risk().values["risk"].subs({dim: 3, reduction.distance: float((a**2).sum())})
    assert total == pytest.approx(float(expected), abs=1e-9)


def test_wrong_factors_are_refused():
    matrix = reduction.symmetric(2)
    square = sum(entry**2 for entry in matrix)
    with pytest.raises(DerivationError):
        proved("risk without the two", reduction._contracted(matrix), square, "twin")
    with pytest.raises(DerivationError):
        proved(
            "penalty of the diagonal network",
            weight_decay * sp.sqrt(dim),
            reduction.objective().values["penalty"],
            "twin",
        )


def test_patterns_are_counted_by_bell_numbers():
    assert [len(list(reduction.patterns(n))) for n in range(1, 6)] == [1, 2, 5, 15, 52]


def loss(flat, rows, z, y, decay):
    w = flat.reshape(rows, -1)
    s = w.T @ w / np.sqrt(rows * w.shape[1])
    residual = y - np.einsum("nij,ij->n", z, s)
    slope = decay * w - 2 * w @ np.einsum("n,nij->ij", residual, z) / np.sqrt(rows * w.shape[1])
    return float(residual @ residual + decay * (w**2).sum()), 2 * slope.ravel()


@pytest.mark.parametrize(("rows", "agree"), [(3, True), (5, True), (1, False)])
def test_trained_networks_reach_one_minimum_iff_wide(rows, agree):
    """p ≥ d: every start ends at the same convex minimum (λ scaled with √(pd) so that Λ is the same); p = 1 lies above."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=(40, 3))
    z = (x[:, :, None] * x[:, None, :] - np.eye(3)) / np.sqrt(3)
    y = np.einsum("nij,ij->n", z, np.diag([2.0, 1.5, 1.0])) + 0.1 * rng.normal(size=40)

    def ends(p):
        starts = rng.normal(size=(4, p * 3))
        fits = [
            optimize.minimize(loss, w, (p, z, y, 0.5 / np.sqrt(p)), jac=True, method="BFGS", options={"gtol": 1e-9})
            for w in starts
        ]
        return np.array([fit.fun for fit in fits])

    convex = ends(4).min()
    found = ends(rows)
    if agree:
        assert found == pytest.approx(np.full(4, convex), rel=1e-7)
    else:
        assert found.min() > convex * 1.5


def test_a_narrow_network_misses_the_identity():
    """min over w of ‖wwᵀ - s I‖² in two dimensions is s²."""
    spike = 1.7
    best = optimize.minimize(lambda w: ((np.outer(w, w) - spike * np.eye(2)) ** 2).sum(), [1.0, 0.3]).fun
    missed = reduction.narrow_network().values["missed"].subs(letters.spike, spike)
    assert best == pytest.approx(float(missed), rel=1e-6)
