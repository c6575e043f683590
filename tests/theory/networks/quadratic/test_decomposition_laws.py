"""The three errors: they add up, and each is what a plain sum over spikes gives."""

import math

import mpmath
import pytest
import sympy as sp

from scalecheck.theory.networks.quadratic.corners import signal_ratio
from scalecheck.theory.networks.quadratic.decomposition_laws import (
    PARTS,
    centre_function,
    decomposition_laws,
    over_spikes,
)
from scalecheck.theory.networks.quadratic.phases import NoSuchPhase, phase, phases
from scalecheck.theory.symbols import a, b, decay, dim, noise, samples, weight_decay

NAMES = ["Ia", "Ib", "II", "III", "IV", "V", "VIa", "VIb"]
INSIDE = {"Ia": (-1, -3), "Ib": (-1, 1), "II": (1, "1/5"), "III": (5, "5/2"), "IV": ("1/5", -3), "V": ("4/5", -3)}
INSIDE |= {"VIa": ("3/2", -3), "VIb": (4, -3)}


@pytest.mark.parametrize("name", NAMES)
def test_the_leading_parts_carry_the_risk(name):
    """At a point inside the phase the parts of R's exponent add up to R's constant; no other part is larger."""
    place = dict(zip((a, b), map(sp.Rational, INSIDE[name]))) | {decay: sp.Rational(3, 2), noise: sp.Rational(1, 3)}
    found, total = phase(name), 0.0
    assert all(bool(r.subs(place)) for r in found.region)
    for part in PARTS:
        (law,) = [p for p in decomposition_laws(name)[part] if p.condition.subs(place) == sp.true]
        gap = law.exponent.subs(place) - found.exponent.subs(place)
        assert gap <= 0
        if gap == 0:
            total += float(law.constant.subs(place))
    assert total == pytest.approx(float(found.constant.subs(place)))


def test_a_double_count_is_seen():
    laws = decomposition_laws("IV")
    value = {decay: sp.Rational(3, 2), noise: 1}
    wrong = sum(float(laws[p][0].constant.subs(value)) for p in PARTS) + float(
        laws["overfitting"][0].constant.subs(value)
    )
    assert abs(wrong / float(phase("IV").constant.subs(value)) - 1) > 1e-3


@pytest.mark.parametrize("gamma", [0.8, 1, 2])
def test_the_parts_of_phase_iv_one_spike_at_a_time(gamma, isolated_spikes):
    """K = {v > 2}; 1 < v < 2 is learned outside K. Integrals over v by quadrature."""
    weight = lambda v: v ** (-1 / gamma - 1) / gamma  # noqa: E731
    over = mpmath.quad(lambda v: ((v - 1) ** 2 / v) ** 2 * weight(v), [1, 2])
    under = mpmath.quad(lambda v: v**2 * weight(v), [0, 0.01, 1, 2])
    rest = mpmath.quad(lambda v: float(isolated_spikes.each(float(v), 2.0)[0]) * weight(v), [2, 10, mpmath.inf])
    rest += mpmath.quad(lambda v: -2 * (v - 1) ** 2 * (1 - v**-2) * weight(v), [1, 2])
    values = {decay: sp.nsimplify(gamma), noise: 4}  # σ²/d = 1/u
    for part, expected in zip(PARTS, (over, under, rest)):
        constant = float(decomposition_laws("IV")[part][0].constant.subs(values))
        assert constant == pytest.approx(2 * float(expected), rel=1e-5)


def test_overfitting_in_ii_one_spike_at_a_time():
    """Spikes within a relative σ²/t² below t, summed directly."""
    gamma, threshold, spread = 0.75, 1e-5, 1e-6
    first = int((threshold * (1 + 1e-9)) ** (-1 / gamma))
    total = 0.0
    for k in range(first, int(first * 1.02)):
        s = k**-gamma
        if s <= threshold:
            total += 2 * max(s + spread**2 / s - threshold, 0) ** 2
    u = 1 / (4 * spread**2)
    size = 1e30
    lam = threshold * 4 * u / math.sqrt(size)
    law = decomposition_laws("II")["overfitting"][0].leading
    value = float(law.subs({dim: size, samples: size * u, weight_decay: lam, decay: gamma, noise: 1}))
    assert total == pytest.approx(value, rel=2e-2)


@pytest.mark.parametrize("v", [0.3, 0.95, 1.4, 6.0])
def test_centre_function_by_quadrature(v):
    bulk = mpmath.quad(lambda y: y * mpmath.sqrt(4 - y * y) / (2 * mpmath.pi) / (1 - v * y + v * v), [0, 1, 1.9, 2])
    y = v + 1 / v
    learned = y * y - 2 * y * v * (1 - v**-2) + v * v if v > 1 else 0
    assert float(centre_function().subs(signal_ratio, v).evalf()) == pytest.approx(
        float(learned - 2 * v * bulk), rel=1e-8
    )


def test_the_wedge_of_v_lies_inside_v():
    """For γ < 1 weak spikes inside the bulk take over the approximation error of V near u = d."""
    own, weak = decomposition_laws("V")["approximation"]
    wall = next(r for r in sp.preorder_traversal(weak.condition) if getattr(r, "lhs", None) == a).rhs
    for gamma in (0.6, 0.75, 0.9):
        low, high = (float(sp.sympify(x).subs(decay, gamma)) for x in (4 * decay / (14 * decay - 5), 1))
        assert low < float(wall.subs(decay, gamma)) < high
    assert sp.simplify((own.exponent - weak.exponent).subs(a, wall)) == 0


def test_sums_over_ranges():
    assert sp.simplify(over_spikes(signal_ratio**2, sp.S.Zero, sp.S.One) - 1 / (2 * decay - 1)) == 0
    assert len(phases()) == len(NAMES)
    with pytest.raises(NoSuchPhase, match="expected name in"):
        decomposition_laws("VI")
