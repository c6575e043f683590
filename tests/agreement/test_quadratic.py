"""Where the witnesses of the quadratic network meet: laws deep in the phases, parts of the risk, one point of the two closures.

Each test has a negative control: the same comparison must fail when one side is wrong.
"""

import math

import pytest
import sympy as sp
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from scalecheck.numerics.errors import DomainError
from scalecheck.numerics.networks.quadratic.random_matrices import divergence, stein_terms
from scalecheck.numerics.networks.quadratic.state_equations import solve
from scalecheck.theory.networks.quadratic.optimum import optimal_weight_decay
from scalecheck.theory.networks.quadratic.peak import peak
from scalecheck.theory.networks.quadratic.phases import phase, phases
from scalecheck.theory.networks.quadratic.spectral_functions import deterministic, finite_dimension
from scalecheck.theory.symbols import a, b, decay

SLOW = [HealthCheck.filter_too_much, HealthCheck.too_slow]
CONTROLS = ("dim", "samples", "weight_decay", "decay", "noise")


def value(expression, point):
    """A SymPy expression at a numeric point."""
    return float(expression.subs({s: sp.Float(point[s.name], 20) for s in expression.free_symbols}))


def depth(found, point):
    """Distance of a point from the nearest wall of a phase, in exponents; negative outside."""
    return min(value(item.gts - item.lts, point) for item in found.region)


def corrections(found, point):
    """The relative corrections that the derivation predicts at a point: their sum, and the sum of their sizes."""
    sizes = [value(item.expression, point) for item in found.corrections]
    return sum(sizes), sum(map(abs, sizes))


def range_of_b(found, a_value, decay_value):
    """Ends of the interval of b inside a phase at fixed a and decay, cut at +-5; empty where a itself is outside."""
    low, high = -5.0, 5.0
    for item in found.region:
        form = sp.Poly((item.gts - item.lts).subs({decay: sp.Float(decay_value), a: sp.Float(a_value)}), b)
        slope, offset = float(form.coeff_monomial(b)), float(form.coeff_monomial(1))
        if slope == 0 and offset <= 0:
            return 0.0, 0.0
        if slope > 0:
            low = max(low, -offset / slope)
        elif slope < 0:
            high = min(high, -offset / slope)
    return low, high


@st.composite
def deep_points(draw, names=("Ia", "Ib", "II", "III", "VIb")):
    """A phase, and a point far inside it at dim = 1e12."""
    name = draw(st.sampled_from(names))
    decay_value = draw(st.sampled_from([0.6, 0.75, 1.0, 1.25, 2.0, 3.0]))
    a_value = draw(st.floats(-0.9, -0.2) if name == "Ia" else st.floats(0.3, 6.0))
    low, high = range_of_b(phase(name), a_value, decay_value)
    assume(high - low > 0.4)
    b_value = low + draw(st.floats(0.1, 0.9)) * (high - low)
    point = {"dim": 1e12, "samples": 1e12 ** (a_value + 1), "weight_decay": 1e12**b_value, "decay": decay_value}
    return name, point | {"noise": draw(st.sampled_from([0.1, 1.0, 4.0])), "a": a_value, "b": b_value}


def risk_at(point):
    """Risk by state evolution and its relative error."""
    solved = solve(**{key: point[key] for key in CONTROLS})
    return solved.value.risk, solved.error


@settings(suppress_health_check=SLOW, max_examples=40)
@given(deep_points())
def test_law_with_its_corrections_against_state_evolution(drawn):
    """Leading law times one plus the derived corrections, up to their square and a little more."""
    name, point = drawn
    found = phase(name)
    assume(depth(found, point) > 0.12)
    total, size = corrections(found, point)
    assume(size < 3e-3)
    risk, error = risk_at(point)
    ratio = risk / value(found.leading, point)
    allowed = 0.3 * size + 1e-6 + error
    assert abs(ratio / (1 + total) - 1) <= allowed
    assert abs(1.02 * ratio / (1 + total) - 1) > allowed  # a constant off by 2% is seen


@settings(suppress_health_check=SLOW, max_examples=40)
@given(st.floats(-2, 6), st.floats(-4, 5), st.sampled_from([0.55, 0.75, 1.0, 1.5, 3.0]))
def test_exactly_one_phase_claims_a_point(a_value, b_value, decay_value):
    """The regions tile the plane: of a point off the walls exactly one phase is true."""
    point = {"a": a_value, "b": b_value, "decay": decay_value}
    depths = [depth(found, point) for found in phases()]
    assume(min(map(abs, depths)) > 1e-6)
    assert sum(item > 0 for item in depths) == 1


@settings(max_examples=25)
@given(
    dim=st.sampled_from([30.0, 1e3, 1e6]),
    share=st.floats(0.05, 20.0),
    weight_decay=st.floats(0.05, 5.0),
    gamma=st.floats(0.6, 3.0),
    noise=st.floats(0.05, 4.0),
)
def test_balances_and_parts(dim, share, weight_decay, gamma, noise):
    """N4's two balances and N9's sum hold at every solution; the degrees of freedom never exceed n or d²/2."""
    count = share * dim**1.5
    found = solve(dim=dim, samples=count, weight_decay=weight_decay, decay=gamma, noise=noise)
    state = found.value
    assert 2 * count * state.noise_level**2 == pytest.approx(dim * (noise + state.risk), rel=1e-8)
    left = 4 * count / dim * state.threshold * (1 - state.degrees_of_freedom / count)
    assert left == pytest.approx(weight_decay * dim, rel=1e-6)
    assert sum(vars(state.decomposition).values()) == pytest.approx(state.risk, rel=1e-9)
    assert 0 <= state.degrees_of_freedom <= min(count, dim**2 / 2) * (1 + 1e-9)
    assert left != pytest.approx(weight_decay * dim * 1.001, rel=1e-6)


@settings(max_examples=15)
@given(
    width=st.floats(1.0, 50.0),
    share=st.floats(0.2, 5.0),
    weight_decay=st.floats(0.05, 2.0),
    gamma=st.floats(0.6, 2.0),
)
def test_a_wider_network_is_one_with_more_weight_decay(width, share, weight_decay, gamma):
    """Λ = λ√(pd): width enters through the penalty alone."""
    controls = {"dim": 1e4, "samples": share * 1e6, "decay": gamma, "noise": 1.0}
    wide = solve(**controls, weight_decay=weight_decay, width=1e4 * width).value
    full = solve(**controls, weight_decay=weight_decay * math.sqrt(width)).value
    assert wide.risk == pytest.approx(full.risk, rel=1e-9)
    other = solve(**controls, weight_decay=weight_decay * width * 1.01).value
    assert other.threshold != pytest.approx(wide.threshold, rel=1e-6) or width == pytest.approx(1.0, abs=0.02)


def test_a_narrow_network_is_refused():
    with pytest.raises(DomainError, match="width"):
        solve(dim=100, samples=1000, weight_decay=0.5, decay=1.0, noise=1.0, width=99)


@settings(max_examples=10, deadline=None)
@given(st.integers(4, 16), st.floats(0.6, 2.0), st.floats(0.1, 1.0), st.floats(0.1, 2.0))
def test_stein_on_drawn_matrices(dim, gamma, level, cut):
    """The finite closure's coordinates; those of the other one are off by τ²d/2, which the draws see."""
    drawn = stein_terms(dim=dim, decay=gamma, noise_level=level, threshold=cut, draws=800, seed=3).value
    named = {"dim": dim, "noise_level": level}
    whole, leading = (
        float(found.coordinates.subs({s: named[s.name] for s in found.coordinates.free_symbols}))
        for found in (finite_dimension(), deterministic())
    )
    rest = drawn.error - drawn.distance - 2 * level**2 * drawn.degrees_of_freedom
    stderr = rest.std() / math.sqrt(rest.size)
    assert abs(rest.mean() + level**2 * whole) <= 5 * stderr
    assert whole - leading == pytest.approx(dim / 2)


@given(st.lists(st.floats(-3, 3), min_size=2, max_size=6, unique=True))
def test_divergence_of_the_identity_is_the_number_of_coordinates(values):
    """Below every eigenvalue η is a shift; above all of them it is zero."""
    import numpy as np

    eigenvalues = np.array(values)
    assume(float(np.min(np.abs(np.diff(np.sort(eigenvalues))))) > 1e-6)
    count = len(values) * (len(values) + 1) / 2
    assert divergence(eigenvalues, -4.0) == pytest.approx(count, rel=1e-6)
    assert divergence(eigenvalues, 4.0) == 0


@pytest.mark.parametrize(("gamma", "noise"), [(1.5, 1.0), (2.0, 0.5), (3.0, 2.0)])
def test_the_peak_stands_at_a_quarter_of_dim_squared(gamma, noise):
    """Height by its closed form; a hundredth to either side the risk is lower."""
    dim, weight_decay = 1e10, 1e-4
    point = {"weight_decay": weight_decay, "noise": noise}
    controls = {"dim": dim, "weight_decay": weight_decay, "decay": gamma, "noise": noise}
    top, below, above = (solve(samples=dim**2 / 4 * share, **controls).value.risk for share in (1.0, 0.9, 1.1))
    assert top == pytest.approx(value(peak().height, point), rel=0.02)
    assert top > 2 * max(below, above)


@pytest.mark.parametrize("gamma", [1.0, 1.5, 2.5])
def test_the_best_weight_decay_is_the_stated_one(gamma):
    """Twice and half of it are worse; and the least risk is of the stated size."""
    found = optimal_weight_decay()
    point = {"dim": 1e12, "samples": 1e21, "decay": gamma, "noise": 1.0}
    best = value(found.weight_decay, point) * (1 + value(found.weight_decay_correction, point))
    risks = [risk_at(point | {"weight_decay": best * factor})[0] for factor in (0.5, 1.0, 2.0)]
    assert risks[1] < min(risks[0], risks[2])
    stated = value(found.risk, point) * (1 + value(found.risk_correction, point))
    assert risks[1] == pytest.approx(stated, rel=0.02)
    assert risks[1] != pytest.approx(stated * 1.1, rel=0.02)
