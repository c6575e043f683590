"""The parts of the risk in harmful overfitting: their window against quadrature of the definition, and the leading order."""

import itertools

import mpmath
import numpy as np
import pytest
import sympy as sp

from scalecheck.theory.networks.diagonal.decomposition import decomposition
from scalecheck.theory.networks.diagonal.overfitting_parts import cut_window, sharp_parts
from scalecheck.theory.networks.diagonal.soft_threshold import signal_ratio
from scalecheck.theory.symbols import decay, dim, noise, samples, threshold_ratio

NODES, WEIGHTS = np.polynomial.legendre.leggauss(60)


def integral(function, *ends):
    """Gauss's rule from end to end, between which the function is smooth."""
    lengths = itertools.pairwise(ends)
    return sum((b - a) / 2 * (function((a + b) / 2 + (b - a) / 2 * NODES) @ WEIGHTS) for a, b in lengths)


def normal(z):
    return np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)


@np.vectorize
def learned_risk(u, x):
    """E (soft(u + z; x) - u)² by quadrature over z."""

    def soft(y):
        return np.sign(y) * np.maximum(np.abs(y) - x, 0)

    return integral(lambda z: (soft(u + z) - u) ** 2 * normal(z), -u - x - 12, -u - x, x - u, x - u + 12)


@np.vectorize
def mean(u, x):
    """E soft(u + z; x) by quadrature over z."""
    above = integral(lambda z: (z + u - x) * normal(z), x - u, x - u + 12)
    return above + integral(lambda z: (z + u + x) * normal(z), -x - u - 12, -x - u)


@pytest.mark.parametrize(("gamma", "x"), [(0.8, 2.0), (1.5, 3.0)])
def test_window_is_what_the_definition_says(gamma, x):
    window = cut_window()[0].subs({decay: sp.nsimplify(gamma), threshold_ratio: sp.Integer(int(x))})
    found = sum(_number(term) for term in sp.Add.make_args(sp.expand(window)))
    above = integral(lambda u: learned_risk(u, x) * u ** (-1 / gamma - 1), x, x + 2, x + 8)
    beyond = (1 + x**2) * gamma * (x + 8) ** (-1 / gamma)  # there the weight is learned for certain
    below = integral(lambda v: mean(v**4, x) * v ** (3 - 4 / gamma) * 4, 0, x**0.25)  # u = v^4
    assert found == pytest.approx(float((above + beyond - 2 * below) / gamma), rel=1e-5)
    assert found != pytest.approx(float((above + beyond) / gamma), rel=1e-2)


def _number(term):
    """A term with at most one integral, at numbers."""
    factor = mpmath.mpf(1)
    for item in sp.Mul.make_args(term):
        if not isinstance(item, sp.Integral):
            factor *= mpmath.mpf(sp.N(item, 20))
            continue
        _, low, high = item.limits[0]
        integrand = sp.lambdify(signal_ratio, item.function, "mpmath")
        factor *= mpmath.quad(integrand, [low, low + 4, low + 15] if high == sp.oo else [low, high])
    return float(factor)


def test_underfitting_has_the_leading_law_of_the_phase():
    """At α = 10^4 the sharp part is the leading one to 1e-6; with another constant it is not."""
    with mpmath.workdps(50):
        x, count = mpmath.mpf(10) ** 4, mpmath.mpf(100)
        size = count / mpmath.erfc(x / mpmath.sqrt(2))
        sharp = sp.lambdify((threshold_ratio, samples, noise, decay), sharp_parts().parts["underfitting"], "mpmath")
        law = sp.lambdify((dim, samples, noise, decay), decomposition("V")["underfitting"].leading, "mpmath")
        assert abs(sharp(x, count, 2, 1.5) / law(size, count, 2, 1.5) - 1) < 1e-6
        assert abs(sharp(x, count, 2, 1.5) / law(size, count, 2.04, 1.5) - 1) > 1e-2


def test_derivation_names_its_assumption():
    found = sharp_parts().derivation
    assert any("N11" in item for item in found.assumptions)
    assert len(found.steps) == 7
