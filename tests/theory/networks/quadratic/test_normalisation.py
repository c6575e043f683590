"""The factors of N4 follow from N3; the denoiser against a numeric minimum; wrong factors are refused."""

import numpy as np
import pytest
import sympy as sp
from scipy import optimize

from scalecheck.theory.identities import DerivationError, proved
from scalecheck.theory.networks.quadratic import normalisation as units
from scalecheck.theory.networks.quadratic.state_equations import degrees_of_freedom, state_equations
from scalecheck.theory.symbols import dim, samples, threshold


def test_the_factors_of_the_state_equations():
    derivation = units.normalisation()
    expected = 4 * samples / dim * threshold * (1 - degrees_of_freedom / samples)
    assert sp.expand(derivation.values["penalty"] - expected) == 0
    assert derivation.result[0] == state_equations().noise_balance
    assert units.STATE_EVOLUTION in derivation.assumptions


@pytest.mark.parametrize(("variance", "factor"), [(1 / dim, 1), (2 / dim, sp.Rational(1, 2)), (4 / dim, 1)])
def test_other_units_are_refused(variance, factor):
    general = units.rescaled().values["penalty"].subs({units.feature_variance: variance, units.loss_factor: factor})
    with pytest.raises(DerivationError):
        proved("wrong units", general, units.normalisation().values["penalty"], "twin")


def test_denoiser_minimises():
    """Over factors S = BBᵀ of 3 by 3 matrices, by a quasi-Newton method."""
    rng = np.random.default_rng(3)
    seen = rng.normal(size=(3, 3))
    seen, t = (seen + seen.T) * 1.5, 0.4

    def cost(flat):
        s = flat.reshape(3, 3) @ flat.reshape(3, 3).T
        return 0.5 * ((s - seen) ** 2).sum() + t * np.trace(s)

    best = optimize.minimize(cost, rng.normal(size=9), options={"gtol": 1e-8})
    found = best.x.reshape(3, 3) @ best.x.reshape(3, 3).T
    values, vectors = np.linalg.eigh(seen)
    assert (values > t).any()
    assert (values < t).any()
    (symbol,) = units.denoiser().result.free_symbols - {threshold}
    shrunk = [float(units.denoiser().result.subs({symbol: v, threshold: t})) for v in values]
    assert found == pytest.approx((vectors * shrunk) @ vectors.T, abs=1e-4)
    assert found != pytest.approx((vectors * np.maximum(values, 0)) @ vectors.T, abs=1e-2)


def test_rescaling_on_a_minimised_lasso():
    """One weight, closed form: the minimiser of cΣ(y - θz)² + Λ|θ| with z = √v g is that of unit features over √v."""
    rng = np.random.default_rng(4)
    g, y, v, c, penalty = rng.normal(size=50), rng.normal(size=50), 0.3, 2.0, 1.5

    def minimiser(x, factor, cost):
        correlation = 2 * factor * (x @ y)
        return np.sign(correlation) * max(abs(correlation) - cost, 0) / (2 * factor * (x @ x))

    assert minimiser(np.sqrt(v) * g, c, penalty) == pytest.approx(
        minimiser(g, 0.5, penalty / (2 * c * np.sqrt(v))) / np.sqrt(v)
    )
