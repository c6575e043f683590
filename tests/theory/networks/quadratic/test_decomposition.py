"""N9: the parts add up on random matrices too, and the closed forms of one spike and the bulk are their averages."""

import math

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate

from scalecheck.theory.identities import DerivationError, proved
from scalecheck.theory.networks.quadratic import decomposition
from scalecheck.theory.networks.quadratic import spectral_functions as stein
from scalecheck.theory.networks.quadratic.letters import spike, spread
from scalecheck.theory.symbols import dim, threshold


def number(formula, **values):
    return float(formula.subs({s: values[s.name] for s in formula.free_symbols}))


def sample(rng, teacher, sigma):
    size = len(teacher)
    raw = rng.normal(size=(size, size))
    return np.linalg.eigh(np.diag(teacher) + sigma * (raw + raw.T) / np.sqrt(2 * (size + 1)))


def test_the_sum_is_an_identity():
    assert len(decomposition.identity().steps) > 5
    parts = decomposition.parts()
    without_cross = parts.total().subs(decomposition.overlap_power, decomposition.overlap_power / 2)
    with pytest.raises(DerivationError):
        proved("half the cross term", parts.total(), without_cross, "twin")
    # Stein's term forgotten once: the sum is not the estimate.
    closure = stein.deterministic()
    wrong = stein.ClosureFormulas("twin", closure.variance, closure.coordinates, closure.dof / 2)
    with pytest.raises(DerivationError):
        proved("half the divergence", closure.risk_by_overlap(), wrong.risk(), "twin")


def test_parts_add_up_on_a_random_matrix():
    """The definition on one matrix: d = 60, γ = 1, K from the teacher; exact to rounding."""
    size, sigma, t = 60, 0.8, 0.9
    teacher = math.sqrt(size) / np.arange(1.0, size + 1)
    values, vectors = sample(np.random.default_rng(6), teacher, sigma)
    eta = np.maximum(values - t, 0)
    inside = teacher > max(t, sigma)
    count = inside.sum()
    numbers = {
        "bulk_square": (eta[:-count] ** 2).sum(),
        "outlier_square": (eta[-count:] ** 2).sum(),
        "learned_power": (teacher[inside] ** 2).sum(),
        "hidden_power": (teacher[~inside] ** 2).sum(),
        "overlap_power": (eta * (vectors**2 * teacher[:, None]).sum(0)).sum(),
        "dim": size,
    }
    risk = 2 / size * (((vectors * eta) @ vectors.T - np.diag(teacher)) ** 2).sum()
    assert number(decomposition.parts().total(), **numbers) == pytest.approx(risk, rel=1e-12)


def test_error_of_one_feature_on_random_matrices():
    """20 matrices of d = 400, one spike s = 3 and σ = 1: ‖(y - t)φφᵀ - s eeᵀ‖² and what follows for two thresholds."""
    rng, size, runs = np.random.default_rng(7), 400, 20
    teacher = np.zeros(size)
    teacher[0] = 3.0
    draws = [sample(rng, teacher, 1.0) for _ in range(runs)]
    for t in (0.3, 2.5):
        errors = [((v[-1] - t) ** 2 - 2 * (v[-1] - t) * 3 * f[0, -1] ** 2 + 9) for v, f in draws]
        stderr = np.std(errors, ddof=1) / math.sqrt(runs)
        expected = number(decomposition.outlier_error().values["error"], spike=3.0, spread=1.0, threshold=t)
        assert abs(np.mean(errors) - expected) < 4 * stderr + 0.03
        diagonal = t**2 + 1.0  # as if the direction were known
        assert abs(np.mean(errors) - diagonal) > 4 * stderr + 0.03


def test_best_threshold_of_one_spike():
    known = decomposition.outlier_error().values
    assert sp.expand(known["error"] - known["bias"] - known["noise"]) == 0
    assert sp.simplify(known["bias"].subs(threshold, known["best_threshold"])) == 0


@given(share=st.floats(0.01, 0.99), sigma=st.floats(0.3, 3))
def test_second_moment_of_the_bulk(share, sigma):
    t = 2 * sigma * share
    law = lambda x: (x - t) ** 2 * math.sqrt(max(4 * sigma**2 - x * x, 0)) / (2 * math.pi * sigma**2)  # noqa: E731
    exact, _ = integrate.quad(law, t, 2 * sigma)
    found = number(decomposition.bulk().values["second_moment"], threshold=t, spread=sigma)
    assert found == pytest.approx(exact, abs=1e-8)
    assert number(decomposition.bulk().values["overfitting"], threshold=t, spread=sigma) == pytest.approx(
        2 * exact, abs=1e-8
    )


@pytest.mark.parametrize("s", [0.2, 0.7, 1.0, 1.4, 3.0])
def test_mass_of_a_spike_over_the_bulk(s):
    density = sp.lambdify(
        sp.Symbol("x", real=True), decomposition.bulk_view().values["density"].subs({spread: 1, spike: s})
    )
    found, _ = integrate.quad(density, -2, 2)
    name = "mass_above" if s > 1 else "mass_below"
    assert found == pytest.approx(number(decomposition.bulk_view().values[name], spike=s, spread=1.0), abs=1e-6)


@pytest.mark.parametrize("s", [0.6, 1.7])
def test_cross_term_with_the_bulk_on_random_matrices(s):
    """20 matrices of d = 400, t = σ/2: -2 s Σ_bulk η ⟨φ, e⟩², the outlier left out."""
    rng, size, runs, t = np.random.default_rng(9), 400, 20, 0.5
    teacher = np.zeros(size)
    teacher[0] = s
    terms = []
    for _ in range(runs):
        values, vectors = sample(rng, teacher, 1.0)
        last = size - 1 if s > 1 else size
        eta = np.maximum(values[:last] - t, 0)
        terms.append(-2 * s * (eta * vectors[0, :last] ** 2).sum())
    integrand = sp.lambdify(
        sp.Symbol("x", real=True), (decomposition.bulk_view().values["density"]).subs({spread: 1, spike: s})
    )
    expected, _ = integrate.quad(lambda x: -2 * s * (x - t) * integrand(x), t, 2)
    stderr = np.std(terms, ddof=1) / math.sqrt(runs)
    assert abs(np.mean(terms) - expected) < 4 * stderr + 0.01
    assert abs(expected) > 8 * stderr  # the term is seen
    assert dim not in decomposition.bulk_view().result.free_symbols
