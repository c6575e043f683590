"""The interpolation peak against equations solved by quadrature, against the engine at n = d²/4, and its cap by power sums."""

import math
from dataclasses import replace

import pytest
import sympy as sp
from scipy import optimize

from scalecheck.theory.asymptotics.phase_diagram import phase_diagrams
from scalecheck.theory.networks.quadratic.diagram import balance_system, corner_label, restored
from scalecheck.theory.networks.quadratic.peak import excess_samples, mean_spike, peak, peak_laws, trace_law
from scalecheck.theory.networks.quadratic.state_equations import excess_risk
from scalecheck.theory.symbols import a, b, decay, dim, noise, samples, weight_decay

DELTA = 0.7


def bulk_at(isolated_spikes, x, shift):
    """R/σ² and 4 dof/d² for the teacher m·1, m = shift σ, by Stein's estimate; bulk integrals by quadrature."""
    cut = x - shift
    power, share = isolated_spikes.bulk(1 - cut / 2)
    end = math.acos(cut / 2)
    # ∫ (y - c)_+ by elementary integrals in the angle; then min(y, c) = y - (y - c)_+.
    above = (math.sin(end) - math.sin(3 * end) / 3) / math.pi - cut * (end - math.sin(2 * end) / 2) / math.pi
    squares, means = 1 - power - 2 * cut * above, -above
    return 2 * (squares + 2 * shift * means + shift**2 - 1 + 4 * share), 4 * share


def top(isolated_spikes, lam, mean):
    """Largest R over n at fixed λ, in units with d large: R (e + 1 - r) = Δ, x √R (e + 1 - f) = λ."""

    def penalty(risk, x):
        r, f = bulk_at(isolated_spikes, x, mean / math.sqrt(risk))
        return x * math.sqrt(risk) * (DELTA / risk + r - f)

    def best(log_risk):
        risk = math.exp(log_risk)
        found = optimize.minimize_scalar(
            lambda z: -penalty(risk, math.exp(z)), bounds=(-16, -0.5), method="bounded", options={"xatol": 1e-7}
        )
        return -found.fun - lam

    return math.exp(optimize.brentq(best, 0.0, 25.0, xtol=1e-8))


@pytest.mark.parametrize("mean", [0.0, 1e-4])
def test_height_by_quadrature(mean, isolated_spikes):
    lam = 1e-6
    found = top(isolated_spikes, lam, mean)
    equation = peak().full_height.subs({weight_decay: lam, mean_spike: mean, noise: DELTA})
    expected = optimize.brentq(lambda r: float((equation.lhs - equation.rhs).subs(excess_risk, r)), 1, 1e6)
    assert found == pytest.approx(expected, rel=2e-3)
    plain = float(peak().height.subs({weight_decay: lam, noise: DELTA}))
    assert (abs(found / plain - 1) < 2e-3) == (mean == 0)


def test_a_trace_caps_the_peak(isolated_spikes):
    mean = 1e-2
    cap = float(peak().cap.subs({mean_spike: mean, noise: DELTA}))
    found = top(isolated_spikes, 1e-13, mean)
    assert found == pytest.approx(cap, rel=2e-2)
    assert float(peak().height.subs({weight_decay: 1e-13, noise: DELTA})) > 100 * cap


def test_the_engine_finds_the_growth_at_a_quarter_of_d_squared():
    system = balance_system()
    quarter = replace(system, controls={**system.controls, samples: dim ** (a + 1) / 4})
    line = quarter.at({decay: sp.Rational(3, 2)}).restricted({a: sp.S.One}, (b < 0, b > sp.Rational(-3, 2)))
    (chamber,) = phase_diagrams(line, excess_risk, corner_label, boundary_laws=False)
    (law,) = chamber.outcome.phases
    assert law.exponent == -2 * b / 3
    by_hand = peak_laws()[0]
    assert float((restored(law.constant) / by_hand.constant).subs(noise, 3)) == pytest.approx(1)
    # A control: without the quarter nothing cancels, and the law is V's and VIa's.
    plain = system.at({decay: sp.Rational(3, 2)}).restricted({a: sp.S.One}, (b < 0,))
    (chamber,) = phase_diagrams(plain, excess_risk, corner_label, boundary_laws=False)
    assert [p.exponent for p in chamber.outcome.phases] == [0]


def test_place_width_and_cap():
    found = peak()
    assert found.samples == dim**2 / 4
    ratio = found.half_width / found.width
    assert float(ratio) == pytest.approx(math.sqrt(4 - math.sqrt(2)))
    assert found.equation.lhs == excess_samples**2
    assert sp.simplify(found.width * found.height - noise) == 0


@pytest.mark.parametrize("gamma", [0.6, 0.8])
def test_laws_of_the_trace(gamma):
    slow, fast = trace_law()
    size = 10**6
    direct = sum(k**-gamma for k in range(1, size + 1)) / math.sqrt(size)
    assert float(trace_law()[slow].subs({decay: gamma, dim: size})) == pytest.approx(direct, rel=0.15)
    assert float(trace_law()[fast].subs({decay: 3, dim: 4})) == pytest.approx(float(sp.zeta(3)) / 2)


def test_growth_and_saturation_meet():
    laws = peak_laws()
    for growth, cap in zip(laws[::2], laws[1::2]):
        wall = next(r.gts if r.lts == b else r.lts for r in cap.along)
        assert sp.simplify(growth.exponent.subs(b, wall) - cap.exponent) == 0
        assert cap.condition == growth.condition
