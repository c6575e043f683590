"""The laws of N5 and N7: expected values stand here and nowhere in the code, and a brute-force solver confirms them.

Provenance: II, III, VI of theory.md (N5, N7); the others by hand: Ib is the whole teacher power, V from
R = 2(Δ + R)/α² with 2 d Φ(-α) = n, the peak from n τ² = Δ + d τ² (1 - 4φ(0) α) and Λ = d α² τ 2φ(0).
"""

import math

import numpy as np
import pytest
import sympy as sp
from scipy import optimize, special

from scalecheck.theory.asymptotics.power_sums import Position
from scalecheck.theory.asymptotics.two_scales import Corner
from scalecheck.theory.networks.diagonal.phases import NoSuchPhase, phase, phases, solve_corner
from scalecheck.theory.symbols import a, b, decay, dim, noise, samples, weight_decay

HALF = sp.Rational(1, 2)
LAWS = {
    "Ib": (sp.zeta(2 * decay), 0, {a > 0, b > a - HALF}),
    "II": (
        2 * decay / (2 * decay - 1) * (weight_decay * sp.sqrt(dim) / samples) ** (2 - 1 / decay),
        0,
        {b > a / 2 - HALF, b < a - HALF, b > a - decay - HALF},
    ),
    "III": (weight_decay**2 * dim**2 / samples**2, 0, {b > a / 2 - HALF, b < a - decay - HALF}),
    "V": (noise / sp.log(dim / samples), -1, {a > 0, a < 1, b < a / 2 - HALF}),
    "VIa": (noise * dim / samples, 0, {b < a / 2 - HALF, a > 1, a < 2 * decay}),
    "VIb": (noise * dim / samples, 0, {b < a / 2 - HALF, a > 2 * decay}),
}


@pytest.mark.parametrize("name", LAWS)
def test_law_region_and_logarithm(name):
    found = phase(name)
    leading, log, region = LAWS[name]
    ratio = sp.expand_log(sp.log(found.leading) - sp.log(leading), force=True)
    assert sp.simplify(sp.expand(ratio)) == 0
    assert found.log == log
    assert set(found.region) == region
    assert found.derivation.assumptions


def test_exponent_and_constant_are_those_of_the_leading_law():
    for found in phases():
        if found.log == 0:
            value = found.leading.subs({samples: dim**a, weight_decay: dim**b})
            rebuilt = found.constant * dim**found.exponent
            sample = {a: sp.Rational(6, 5), b: sp.Rational(1, 3), decay: sp.Rational(4, 3), noise: 2, dim: 1000}
            assert float((value / rebuilt).subs(sample)) == pytest.approx(1)


def test_phases_tile_the_half_plane():
    """Every generic point with a > 0 lies in exactly one phase, for several γ."""
    inside = {p.name: sp.lambdify((a, b, decay), list(p.region), modules=["math"]) for p in phases()}
    for gamma in (0.6, 1.0, 3.5):
        for i in range(1, 40):
            for j in range(-40, 40):
                point = ((i * 10 + 1) / 97, (j * 10 + 3) / 89, gamma)
                found = [name for name, relations in inside.items() if all(relations(*point))]
                assert len(found) == 1, (point, found)


@pytest.mark.parametrize("name", ["Ia", "IV", "VI", ""])
def test_names_without_an_open_region_are_refused(name):
    with pytest.raises(NoSuchPhase, match="expected name in"):
        phase(name)


def test_the_corner_with_all_weights_below_a_large_noise_contradicts_itself():
    with pytest.raises(NoSuchPhase, match="contradictory"):
        solve_corner(Corner.SMALL, Position.ABOVE)


def solve_numbers(d: int, n: float, lam: float, gamma: float, delta: float = 1.0) -> float:
    """The state equations by bracketing in α, inner fixed point in τ²; an implementation that shares nothing."""
    theta = np.arange(1.0, d + 1) ** -gamma

    def phi(x: np.ndarray) -> np.ndarray:
        return np.exp(-x * x / 2) / math.sqrt(2 * math.pi)

    def tail(x: np.ndarray) -> np.ndarray:
        return 0.5 * special.erfc(x / math.sqrt(2))

    def sums(tau: float, alpha: float) -> tuple[float, float]:
        m = theta / tau
        up, low = tail(alpha - m), tail(alpha + m)
        risk = m * m * (1 - up - low) + (1 + alpha**2) * (up + low)
        risk -= (m + alpha) * phi(alpha - m) + (alpha - m) * phi(alpha + m)
        return float(risk.sum()) * tau**2, float((up + low).sum())

    def tau_of(alpha: float) -> float:
        return optimize.brentq(
            lambda s: n * math.exp(2 * s) - delta - sums(math.exp(s), alpha)[0], -12, 12, xtol=1e-13, rtol=1e-13
        )

    def gap(log_alpha: float) -> float:
        alpha = math.exp(log_alpha)
        try:
            s = tau_of(alpha)
        except ValueError:
            return -1.0
        tau = math.exp(s)
        return alpha * tau * (n - sums(tau, alpha)[1]) - lam * math.sqrt(d)

    low, high = -8.0, 8.0
    while high - low > 1e-12:
        middle = (low + high) / 2
        low, high = (middle, high) if gap(middle) < 0 else (low, middle)
    tau = math.exp(tau_of(math.exp(high)))
    return sums(tau, math.exp(high))[0]


@pytest.mark.parametrize(
    ("name", "n", "lam", "gamma", "within"),
    [
        ("Ib", 50, 60.0, 1.5, 2e-2),
        ("II", 20000, 60.0, 1.25, 2e-2),
        ("III", 1e6, 600.0, 0.75, 2e-2),
        ("VIa", 1e5, 1e-2, 2.0, 2e-2),
        ("VIb", 1e6, 1e-2, 0.75, 2e-2),
    ],
)
def test_corrections_bring_the_law_closer(name, n, lam, gamma, within):
    """At 300 weights the leading law is some way off; with its corrections it must be nearer, and near."""
    found, size = phase(name), 300
    values = {dim: size, samples: n, weight_decay: lam, decay: gamma, noise: 1}
    law = float(found.leading.subs(values))
    corrected = law * (1 + sum(float(c.expression.subs(values)) for c in found.corrections))
    truth = solve_numbers(size, n, lam, gamma)
    assert abs(corrected - truth) < abs(law - truth)
    assert corrected == pytest.approx(truth, rel=within)
