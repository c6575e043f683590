"""The best weight decay: exponents from the envelope, constants and corrections against a numeric minimum."""

import math

import pytest
import sympy as sp
from scipy import optimize

from scalecheck.theory.networks.quadratic.edge_line import (
    edge_weight_decay,
    line_laws,
    relative_decay,
    spike_risk,
)
from scalecheck.theory.networks.quadratic.optimum import envelope, optimal_exponent, optimal_weight_decay
from scalecheck.theory.networks.quadratic.semicircle import ratio
from scalecheck.theory.symbols import a, b, decay, dim, noise, samples

SIZE, EFFECTIVE, GAMMA, DELTA = 1e30, 1e21, 1.5, 0.4
VALUES = {dim: SIZE, samples: SIZE * EFFECTIVE, decay: GAMMA, noise: DELTA}


def risk_at(isolated_spikes, x, distance):
    """R with σ² = Δ/(4u); exact enough here, as R is below 1e-10 of Δ."""
    spread = math.sqrt(DELTA / (4 * EFFECTIVE))
    return isolated_spikes.sums(spread, x, distance, GAMMA, SIZE)[0]


def test_the_least_risk_is_just_inside_the_bulk(isolated_spikes):
    found = optimal_weight_decay()
    best = optimize.minimize_scalar(
        lambda z: risk_at(isolated_spikes, 2 - 2 * math.exp(z), math.exp(z)),
        bounds=(-25, -3),
        method="bounded",
        options={"xatol": 1e-6},
    )
    distance = float(found.distance.subs(VALUES))
    assert math.exp(best.x) == pytest.approx(distance, rel=2e-2)
    edge = risk_at(isolated_spikes, 2.0, 0.0)
    law = float(found.risk.subs(VALUES))
    assert edge == pytest.approx(law, rel=1e-3)
    gained = best.fun / edge - 1
    assert gained == pytest.approx(float(found.risk_correction.subs(VALUES)), rel=2e-2)
    assert gained < 0 < risk_at(isolated_spikes, 2.1, 0.0) / edge - 1


def test_envelope_and_exponents():
    pairs = {(sp.simplify(found.exponent), found.at) for found in envelope()}
    assert {p for p, at in pairs if at is not None and at.rhs == a / 2 - sp.Rational(1, 2)} >= {
        sp.simplify(-a + a / (2 * decay))
    }
    assert optimal_exponent() == a / 2 - sp.Rational(1, 2)
    assert optimal_weight_decay().condition == sp.And(a > 0, a < 2 * decay)
    assert sp.simplify(edge_weight_decay() - 4 * sp.sqrt(noise * samples) / dim) == 0
    assert b not in edge_weight_decay().free_symbols


@pytest.mark.parametrize("x", [2.0, 2.3, 5.0])
@pytest.mark.parametrize("gamma", [0.7, 1.5])
def test_spike_risk_outside_the_bulk(x, gamma, isolated_spikes):
    spread, size = 1e-9, 1e40
    expected = isolated_spikes.spikes(spread, x, gamma, size)[0] * spread ** (1 / gamma)
    value = spike_risk().values["by_ratio"].subs({ratio: x, decay: gamma})
    assert float(value) == pytest.approx(expected, rel=2e-4)


def test_laws_on_the_line_are_continuous_at_the_edge_where_exponents_are():
    outside = next(law for law in line_laws() if law.condition == sp.Gt(relative_decay, 1))
    inside = next(law for law in line_laws() if law.condition == sp.Lt(relative_decay, 1))
    value = {relative_decay: 1, decay: sp.Rational(5, 4), noise: 2}
    assert float((outside.constant / inside.constant).subs(value)) == pytest.approx(1)
    assert outside.exponent == inside.exponent
    rising = [float(outside.constant.subs({**value, relative_decay: k})) for k in (1, 1.2, 2, 4)]
    assert rising == sorted(rising)
