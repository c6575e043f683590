"""The sharp optimum: window and tail against quadrature, the law against a minimum found by search, and its leading order."""

import mpmath
import numpy as np
import pytest
import sympy as sp
from scipy.special import ndtr

from scalecheck.theory.asymptotics.special import numeric
from scalecheck.theory.identities import DerivationError, proved
from scalecheck.theory.networks.diagonal import optimum
from scalecheck.theory.networks.diagonal.logarithmic import optimal_weight_decay
from scalecheck.theory.symbols import decay, dim, noise, samples, threshold_ratio


def value(expression, **values):
    """A formula with half moments at numbers."""
    symbols = sorted(expression.free_symbols, key=str)
    return numeric(expression, *symbols)(*(mpmath.mpf(values[s.name]) for s in symbols))


def hidden(u, alpha):
    """P(|u + z| <= α)."""
    return (mpmath.erf((alpha - u) / mpmath.sqrt(2)) + mpmath.erf((alpha + u) / mpmath.sqrt(2))) / 2


@pytest.mark.parametrize(("gamma", "alpha"), [(0.75, 2.0), (1.5, 3.0), (3.0, 1.0)])
def test_window_is_the_integral_of_the_bias(gamma, alpha):
    """The risk of a weight grows by 2 u P(|u + z| <= α) du, so M = ∫ 2 u^{1-1/γ} P du."""
    found = value(optimum.window_and_tail()[0], decay=gamma, threshold_ratio=alpha)
    exact = mpmath.quad(lambda u: 2 * u ** (1 - 1 / gamma) * hidden(u, alpha), [0, alpha, alpha + 4, alpha + 12])
    assert found == pytest.approx(float(exact), rel=1e-8)
    assert value(optimum.reduced(optimum.window_and_tail()[0]), decay=gamma, threshold_ratio=alpha) == pytest.approx(
        float(found), rel=1e-12
    )


def quick_risk(alpha, gamma, size, squared):
    """The risk at a threshold by Gauss's rule, with u = v^3 so that the powers are smooth: for a search of many steps."""
    nodes, weights = np.polynomial.legendre.leggauss(60)
    cuts = np.cbrt([0.0, alpha, alpha + 4.0, alpha + 12.0])
    half, middle = np.diff(cuts)[:, None] / 2, (cuts[1:] + cuts[:-1])[:, None] / 2
    v = middle + half * nodes
    hidden_share = ndtr(alpha - v**3) - ndtr(-alpha - v**3)
    bias = float(np.sum(half * weights * 2 * v ** (3 - 3 / gamma) * hidden_share * 3 * v**2))
    upper, density = ndtr(-alpha), np.exp(-(alpha**2) / 2) / np.sqrt(2 * np.pi)
    return squared ** (1 - 0.5 / gamma) * bias + size * squared * 2 * ((1 + alpha**2) * upper - alpha * density)


@pytest.mark.parametrize(
    ("gamma", "size", "count", "delta"), [(1.0, 1e12, 1e12, 1.0), (2.0, 1e9, 1e13, 0.5), (1.5, 1e14, 1e11, 2.0)]
)
def test_law_against_a_minimum_by_search(gamma, size, count, delta):
    """Golden section over α of the window by quadrature and the tail in closed form."""
    squared = delta / count

    def risk(alpha):
        bias = mpmath.quad(lambda u: 2 * u ** (1 - 1 / gamma) * hidden(u, alpha), [0, alpha, alpha + 4, alpha + 12])
        upper, density = mpmath.erfc(alpha / mpmath.sqrt(2)) / 2, mpmath.npdf(alpha)
        return squared ** (1 - 0.5 / gamma) * bias + size * squared * 2 * ((1 + alpha**2) * upper - alpha * density)

    low, high = 1.0, 12.0
    for _ in range(34):
        third = (high - low) * 0.381966
        left, right = (quick_risk(alpha, gamma, size, squared) for alpha in (low + third, high - third))
        low, high = (low, high - third) if left < right else (low + third, high)
    best = mpmath.mpf((low + high) / 2)
    assert quick_risk(float(best), gamma, size, squared) / risk(best) == pytest.approx(1, rel=1e-12)
    law = optimum.sharp_optimum()
    controls = {"dim": size, "samples": count, "decay": gamma, "noise": delta}
    gap = sp.log(law.equation.lhs / law.equation.rhs)
    # At the minimum both rates agree; half a per cent beside it they do not.
    assert abs(value(gap, threshold_ratio=best, **controls)) < 1e-4
    assert abs(value(gap, threshold_ratio=best * 1.005, **controls)) > 1e-2
    assert value(law.risk, threshold_ratio=best, **controls) / risk(best) == pytest.approx(1, rel=1e-8)


def test_leading_order_is_the_law_with_logarithms():
    """At α = 10^4 the two agree to 1e-5: what is between them is log α²/α²."""
    sharp, leading = optimum.sharp_optimum(), optimal_weight_decay()
    with mpmath.workdps(50):
        alpha, gamma = mpmath.mpf(10) ** 4, mpmath.mpf(2)
        at = {"threshold_ratio": alpha, "decay": gamma, "samples": 100, "noise": 1}
        size = value(sharp.equation.rhs, **at) / value(sharp.equation.lhs, dim=1, **at)
        for name in ("weight_decay", "risk"):
            ratio = value(getattr(sharp, name), dim=size, **at) / value(
                getattr(leading, name), dim=size, decay=gamma, samples=100, noise=1
            )
            assert abs(ratio - 1) < 1e-5


def test_what_is_left_out_stays_out():
    law = optimum.sharp_optimum()
    assert law.weight_decay.free_symbols == {dim, samples, noise, threshold_ratio}
    assert decay in law.risk.free_symbols
    assert len(law.derivation.steps) == 11


def test_a_wrong_rate_is_refused():
    """The window's derivative with one half moment missing does not reduce to zero."""
    window, _ = optimum.window_and_tail()
    order = 1 - 1 / decay
    right, wrong = 2 * optimum.moment(order), 2 * optimum.HalfMoment(order, threshold_ratio)
    slope = sp.diff(window, threshold_ratio)
    assert optimum.reduced(slope - right) == 0
    with pytest.raises(DerivationError):
        proved("Wrong.", optimum.reduced(slope - wrong), sp.S.Zero, "one side of the noise forgotten")
