"""N4: divergence and Stein's estimate against finite differences, exact quadrature and simulation; mixing is caught."""

import itertools

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from scalecheck.theory.identities import DerivationError, proved
from scalecheck.theory.networks.quadratic import spectral_functions as spectral
from scalecheck.theory.networks.quadratic import state_equations as equations
from scalecheck.theory.symbols import dim, noise_level


def basis(size):
    return [np.array(e.tolist(), dtype=float) for e in spectral.orthonormal_basis(size)]


def apply(function, matrix):
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * function(values)) @ vectors.T


def formula(function, slope, values):
    total = slope(values).sum()
    for x, y in itertools.combinations(values, 2):
        total += (function(x) - function(y)) / (x - y)
    return total


@given(seed=st.integers(0, 10**6), t=st.floats(-1, 1))
def test_divergence_by_finite_differences(seed, t):
    matrix = np.random.default_rng(seed).normal(size=(4, 4))
    matrix = matrix + matrix.T
    values = np.linalg.eigvalsh(matrix)
    if min(np.abs(values - t).min(), np.diff(values).min()) < 1e-3:
        return
    soft = lambda x: np.maximum(x - t, 0)  # noqa: E731
    step = 1e-6
    found = sum(((apply(soft, matrix + step * e) - apply(soft, matrix - step * e)) * e).sum() for e in basis(4)) / (
        2 * step
    )
    assert found == pytest.approx(formula(soft, lambda x: (x > t) * 1.0, values), abs=1e-5)
    # Coordinates that are not orthonormal (the entries i ≤ j, as they stand) give another number.
    entries = [np.sign(e) for e in basis(4)]
    wrong = sum(((apply(soft, matrix + step * e) - apply(soft, matrix - step * e)) * e).sum() for e in entries) / (
        2 * step
    )
    assert abs(wrong - found) > 1e-2 or (values < t).all()


@pytest.mark.parametrize("order", [1, 2, 3])
def test_stein_in_exact_arithmetic(order):
    """E over three Gaussian coordinates by quadrature that is exact for these polynomials, S* = diag(2, 1), τ = 1/2."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(8)
    weights = weights / weights.sum()
    teacher, tau = np.diag([2.0, 1.0]), 0.5
    e = basis(2)
    risk = distance = dof = 0.0
    for p in itertools.product(range(8), repeat=3):
        weight = weights[list(p)].prod()
        seen = teacher + tau * sum(nodes[i] * m for i, m in zip(p, e))
        output = np.linalg.matrix_power(seen, order)
        sums = [2.0, *(np.trace(np.linalg.matrix_power(seen, k)) for k in range(1, order))]
        dof += weight * float(spectral.divergence_of_power(sums, order))
        risk += weight * ((output - teacher) ** 2).sum()
        distance += weight * ((output - seen) ** 2).sum()
    expression = spectral.sure().values["risk"]
    numbers = {"distance": distance, "coordinates": 3, "degrees_of_freedom": dof, "noise_level": tau}
    assert float(expression.subs({s: numbers[s.name] for s in expression.free_symbols})) == pytest.approx(risk)
    forgotten = distance - tau**2 * 3 + tau**2 * dof
    assert forgotten != pytest.approx(risk, rel=1e-2)


def test_closures_agree_with_the_state_equations():
    for mine, theirs in (
        (spectral.deterministic(), equations.Closure.DETERMINISTIC),
        (spectral.finite_dimension(), equations.Closure.FINITE_DIM),
    ):
        stated = equations.state_equations(theirs)
        assert sp.expand(mine.variance - stated.variance.rhs) == 0
        assert sp.expand(mine.coordinates - stated.coordinates) == 0
        pairs, learned = (mine.dof.coeff(s) for s in (spectral.hilbert_moment, spectral.slope_mass))
        integrals = stated.dof.atoms(sp.Integral)
        expected = {pairs, learned} if learned != 0 else {pairs}
        assert {stated.dof.coeff(i) for i in integrals} == expected


def test_mixing_closures_is_caught():
    leading, finite = spectral.deterministic(), spectral.finite_dimension()
    slope = sp.Symbol("slope", positive=True)
    for triple in itertools.product((leading, finite), repeat=3):
        defect = spectral.mixing_defect(*triple, slope)
        assert (defect == 0) == (len({c.name for c in triple}) == 1), triple
    with pytest.raises(DerivationError):
        proved("the finite closure from overlaps", finite.risk(), finite.risk_by_overlap(), "twin")
    with pytest.raises(DerivationError):
        proved(
            "half the variance", leading.risk().subs(noise_level, noise_level / 2), leading.risk_by_overlap(), "twin"
        )


def test_finite_dof_of_pure_noise_within_sampling_error():
    """The kept 1/d term is seen: 400 matrices of d = 40, η = max(· - t, 0) at t = σ/2, semicircle integrals by quadrature."""
    rng, size, runs = np.random.default_rng(11), 40, 400
    raw = rng.normal(size=(runs, size, size)) / np.sqrt(2)
    noise = (raw + raw.transpose(0, 2, 1)) / np.sqrt(2)  # unit variance in orthonormal coordinates
    assert noise[:, 0, 0].var() == pytest.approx(1.0, rel=0.25)
    values = np.linalg.eigvalsh(noise)
    sigma = np.sqrt((size + 1) / 2)
    t = sigma / 2
    eta, slope = np.maximum(values - t, 0), (values > t) * 1.0
    gaps = values[:, :, None] - values[:, None, :] + np.eye(size)
    pairs = ((eta[:, :, None] - eta[:, None, :]) / gaps).sum((1, 2)) / 2
    dof = slope.sum(1) + pairs
    y = np.linspace(t, 2 * sigma, 20001)
    law = np.sqrt(np.maximum(4 * sigma**2 - y**2, 0)) / (2 * np.pi * sigma**2)
    numbers = {
        spectral.hilbert_moment: np.trapezoid((y - t) * y / (2 * sigma**2) * law, y),
        spectral.slope_mass: np.trapezoid(law, y),
        dim: size,
    }
    stderr = dof.std(ddof=1) / np.sqrt(runs)
    finite, leading = (float(c.dof.subs(numbers)) for c in (spectral.finite_dimension(), spectral.deterministic()))
    # What the free convolution leaves out (1/d corrections of the law itself) is of order one, against 1.3 of 130 standard errors.
    assert abs(finite - dof.mean()) < 4 * stderr + 1.0
    assert abs(leading - dof.mean()) > 4 * stderr + 1.0
