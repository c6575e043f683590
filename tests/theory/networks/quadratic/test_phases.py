"""The laws of N5 and N7: expected values stand here and nowhere in the code; a plain solver confirms them far out.

Provenance: V is N7's check; III, VIa, VIb by hand (least squares has R = Δ D/n with D = d²/2, or half its noise kept);
II is 2 Σ min(s, t)²/d; IV is 2 ∫ over spikes of v² (v < 1) and 6 - 8/v + 3/v² (v > 1).
"""

import warnings

import pytest
import sympy as sp

from scalecheck.theory.networks.quadratic.phases import CORNERS, NoSuchPhase, phase, phases
from scalecheck.theory.symbols import a, b, decay, dim, noise, samples, weight_decay

HALF = sp.Rational(1, 2)
EFFECTIVE = samples / dim
BARE = weight_decay * sp.sqrt(dim) / (4 * EFFECTIVE)
LEVEL = sp.sqrt(noise / (4 * EFFECTIVE))
END = 4 * decay / (14 * decay - 5)
LAWS = {
    "Ia": (2 * sp.zeta(2 * decay), {a < 0, b < a / 2 - HALF}),
    "Ib": (2 * sp.zeta(2 * decay), {b > a / 2 - HALF, b > a - HALF}),
    "II": (
        4 * decay / (2 * decay - 1) * BARE ** (2 - 1 / decay),
        {b > a / 2 - HALF, b < a - HALF, b > a - decay - HALF},
    ),
    "III": (2 * dim * BARE**2, {b > a / 2 - HALF, b < a - decay - HALF}),
    "IV": (
        48 * decay**3 / ((decay + 1) * (2 * decay - 1) * (2 * decay + 1)) * LEVEL ** (2 - 1 / decay),
        {a > 0, a < END, b < a / 2 - HALF},
    ),
    "V": (
        sp.Rational(2, 7) * (15 * sp.pi / 4) ** sp.Rational(2, 5) * noise * (EFFECTIVE / dim) ** sp.Rational(2, 5),
        {a > END, a < 1, b < a / 2 - HALF},
    ),
    "VIa": (noise * dim / (4 * EFFECTIVE), {a > 1, a < 2 * decay, b < a / 2 - HALF}),
    "VIb": (noise * dim / (2 * EFFECTIVE), {a > 2 * decay, b < a / 2 - HALF}),
}


@pytest.mark.parametrize("name", LAWS)
def test_law_and_region(name):
    found, (leading, region) = phase(name), LAWS[name]
    ratio = sp.expand_log(sp.log(found.leading) - sp.log(leading), force=True)
    assert sp.simplify(sp.expand(ratio)) == 0
    assert found.log == 0
    assert set(found.region) == region
    assert found.derivation.assumptions


@pytest.mark.parametrize("name", LAWS)
def test_exponent_and_constant_are_those_of_the_leading_law(name):
    found = phase(name)
    value = found.leading.subs({samples: dim ** (a + 1), weight_decay: dim**b})
    sample = {a: sp.Rational(6, 5), b: sp.Rational(1, 3), decay: sp.Rational(4, 3), noise: 2, dim: 1000}
    assert float((value / found.constant / dim**found.exponent).subs(sample)) == pytest.approx(1)


POINTS = [
    ("Ia", -0.5, -2, 1.5, 2.0, 1e30),
    ("Ib", 0.4, 0.5, 0.75, 2.0, 1e30),
    ("II", 0.6, -0.1, 0.75, 0.5, 1e30),
    ("II", 0.9, 0.1, 1.5, 0.5, 1e30),
    ("IV", 0.2, -2, 1.5, 2.0, 1e60),
    ("IV", 0.3, -2, 0.75, 0.5, 1e60),
    ("V", 0.8, -2, 1.5, 2.0, 1e60),
    ("V", 0.8, -2, 0.75, 0.3, 1e60),
]


@pytest.mark.parametrize(("name", "u", "decayed", "gamma", "delta", "size"), POINTS)
def test_far_out_the_solver_meets_law_and_correction(name, u, decayed, gamma, delta, size, isolated_spikes):
    found = phase(name)
    values = {dim: size, samples: size ** (u + 1), weight_decay: size**decayed, decay: sp.Float(gamma), noise: delta}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        truth = isolated_spikes.solve(size, size**u, size**decayed, gamma, delta)["risk"]
    law = float(found.leading.subs(values))
    corrected = law * (1 + sum(float(c.expression.subs(values)) for c in found.corrections))
    assert law == pytest.approx(truth, rel=1e-4)
    assert corrected == pytest.approx(truth, rel=1e-8)


def test_a_threshold_off_by_the_root_of_d_is_seen():
    """Controls: with another power of d in Λ, or twice the variance of the semicircle, the laws are different ones."""
    point = {dim: sp.Integer(10) ** 30, samples: sp.Integer(10) ** 48, decay: 1.5, noise: 1, weight_decay: 1}
    for control in ({weight_decay: sp.sqrt(dim)}, {noise: 2}):
        wrong = {
            **point,
            **{k: v.subs(point) if v.free_symbols else v for k, v in control.items() for v in [sp.sympify(v)]},
        }
        name = "II" if weight_decay in control else "IV"
        right, other = (float(phase(name).leading.subs(p)) for p in (point, wrong))
        assert abs(other / right - 1) > 0.5


@pytest.mark.parametrize("name", ["VI", "peak", ""])
def test_names_without_an_open_region_are_refused(name):
    with pytest.raises(NoSuchPhase, match="expected name in"):
        phase(name)


def test_every_phase_of_the_paper_has_an_open_region():
    assert [found.name for found in phases()] == list(CORNERS) == list(LAWS)
