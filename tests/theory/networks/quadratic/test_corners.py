"""What the corners hold: spikes by random matrices, power sums by brute force, coefficients positive for every decay."""

import math

import numpy as np
import pytest
import sympy as sp

from scalecheck.theory.asymptotics.power_sums import Position
from scalecheck.theory.identities import DerivationError, proved
from scalecheck.theory.networks.diagonal.regions import for_all_decays
from scalecheck.theory.networks.quadratic.corners import (
    Place,
    at_edge,
    corner_sums,
    head,
    signal_ratio,
    spike_law,
    window,
)
from scalecheck.theory.networks.quadratic.diagram import constants, teacher_power
from scalecheck.theory.networks.quadratic.semicircle import ratio
from scalecheck.theory.symbols import decay, noise

PLACES = [(p, q) for p in Place for q in Position if (p, q) != (Place.EDGE, Position.BELOW)]


@pytest.mark.parametrize("size", [1.3, 2.0, 5.0])
def test_a_spike_in_a_random_matrix(size, isolated_spikes):
    """E‖η(Y) - S*‖² for one spike and t at the edge, at d = 300 in units of σ²; the bulk beside it is subtracted."""
    rng, dim, total = np.random.default_rng(7), 300, []
    for _ in range(30):
        gauss = rng.standard_normal((dim, dim))
        matrix = (gauss + gauss.T) / math.sqrt(2 * dim)
        risks = []
        for spike in (size, 0.0):
            teacher = np.zeros((dim, dim))
            teacher[0, 0] = spike
            values, vectors = np.linalg.eigh(matrix + teacher)
            learned = (vectors * np.maximum(values - 2.1, 0)) @ vectors.T
            risks.append(np.sum((learned - teacher) ** 2))
        total.append(risks[0] - risks[1])
    error = np.std(total) / math.sqrt(len(total))
    expected = float(spike_law().values["risk"].subs({signal_ratio: size, ratio: 2.1}))
    if size + 1 / size < 2.1:
        expected = size**2
    assert abs(np.mean(total) - expected) < 5 * error + 0.05 * expected
    assert isolated_spikes.each(size, 2.1)[0] == pytest.approx(expected)


def test_forgetting_steins_term_is_refuted():
    values = spike_law().values
    place = signal_ratio + 1 / signal_ratio
    with pytest.raises(DerivationError):
        proved("wrong", values["risk"], signal_ratio**2 - place**2 + ratio**2, "without the divergence")


@pytest.mark.parametrize("gamma", [0.6, 1.0, 2.5])
def test_window_and_head_against_the_sum(gamma):
    scale, above = 1e-6 if gamma > 2 else 1e-3, at_edge("risk")
    count = int(scale ** (-1 / gamma) * 60)
    f = sp.lambdify(signal_ratio, above)
    k = np.arange(1, count + 1, dtype=float)
    v = k**-gamma / scale
    direct = np.sum(np.where(v > 1, f(np.maximum(v, 1)), v**2))
    # The rest of the sum, beyond the last k, as an integral.
    direct += (count + 0.5) ** (1 - 2 * gamma) / (2 * gamma - 1) / scale**2
    value = float(window(signal_ratio**2, above).subs(decay, gamma)) * scale ** (-1 / gamma)
    start = float(head(signal_ratio**2, above))
    assert direct == pytest.approx(value + start, rel=2e-3)
    assert abs(direct - value - start) < abs(direct - value)


def test_only_continuous_functions_are_summed():
    with pytest.raises(DerivationError):
        window(signal_ratio**2, sp.Integer(2))


def test_coefficients_are_positive_for_every_decay():
    """The engine is told that its symbols are positive; here that is proved on all of γ > 1/2."""
    values = [v for s, v in constants().items() if s != teacher_power and v != noise]
    assert values
    for value in values:
        if not value.has(decay):
            assert value.is_positive
            continue
        assert for_all_decays(lambda arena, value=value: arena.sign(arena.field(value))) > 0


@pytest.mark.parametrize(("place", "position"), PLACES)
def test_leading_terms_lead(place, position):
    sums = corner_sums(place, position)
    assert sums.risk
    assert all(term.expression.free_symbols for term in sums.dof)


def test_no_edge_when_all_spikes_stand_above_the_noise():
    with pytest.raises(ValueError, match="no semicircle"):
        corner_sums(Place.EDGE, Position.BELOW)
