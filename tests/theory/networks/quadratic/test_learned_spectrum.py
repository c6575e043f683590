"""N8: the pieces of the learned spectrum against integrals, explicit spikes and random matrices."""

import math
from functools import cache

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate

from scalecheck.theory.networks.quadratic import learned_spectrum as learned
from scalecheck.theory.networks.quadratic.learned_spectrum import NothingLearned, Regime
from scalecheck.theory.networks.quadratic.letters import spike, spread
from scalecheck.theory.symbols import decay, dim, threshold


@cache
def function(formula):
    """A formula as a function of the names of its symbols; substituting into it anew took most of the time here."""
    symbols = sorted(formula.free_symbols, key=lambda symbol: symbol.name)
    return [symbol.name for symbol in symbols], sp.lambdify(symbols, formula, "mpmath")


def number(formula, **values):
    names, evaluate = function(formula)
    return float(evaluate(*(mpmath.mpf(values[name]) for name in names)))


@given(sigma=st.floats(0.2, 3), share=st.floats(0.01, 0.99))
def test_mass_adds_up(sigma, share):
    t = 2 * sigma * share
    found = learned.learned_spectrum()
    density = sp.lambdify(learned.size, found.bulk_density.subs({spread: sigma, threshold: t}))
    bulk, _ = integrate.quad(density, 0, 2 * sigma - t)
    assert bulk + number(found.zero_mass, spread=sigma, threshold=t) == pytest.approx(1, abs=1e-6)


@given(t=st.floats(0.01, 4), x=st.floats(0.01, 5), gamma=st.floats(0.6, 3))
def test_count_inverts_the_outliers(t, x, gamma):
    """Spikes s with y(s) - t > x are those counted, at σ = 1."""
    if t + x < 2.01:
        return
    count = number(learned.count_above(), spread=1.0, threshold=t, size=x, decay=gamma, dim=1e6)
    s = 1e3 * count**-gamma
    assert s >= 1.0
    assert number(learned.learned_spectrum().outlier, spread=1.0, threshold=t, spike=s) == pytest.approx(x, rel=1e-6)
    step = 1e-5 * x
    ends = [
        number(learned.count_above(), spread=1.0, threshold=t, size=x + h, decay=gamma, dim=1e6) for h in (-step, step)
    ]
    density = number(learned.tail_density(), spread=1.0, threshold=t, size=x, decay=gamma, dim=1e6)
    if t + x > 2.1:
        assert (ends[0] - ends[1]) / (2 * step) == pytest.approx(density, rel=1e-4)


def test_smallest_spike_is_learned_just():
    smallest = learned.learned_spectrum().smallest_spike
    assert number(smallest, spread=1.0, threshold=1.3) == 1.0
    at = number(smallest, spread=1.0, threshold=3.0)
    assert at + 1 / at == pytest.approx(3.0)
    assert at > 1


PLACES = {Regime.ABOVE: (1.0, 1e-9), Regime.EDGE: (2.0, 1.0), Regime.BELOW: (1e-9, 1.0)}


@pytest.mark.parametrize("regime", list(Regime))
def test_tails_are_limits_of_the_density(regime):
    t, sigma = PLACES[regime]
    tail, gamma = learned.spectrum_tail(regime), 1.3
    fixed = {"threshold": t, "spread": sigma, "decay": gamma, "dim": 1e12}

    def density(x):
        return number(learned.tail_density(), size=x, **fixed)

    def law(x, stretch=1.0):
        return number(tail.constant, **fixed) * x ** (-1 + (number(tail.exponent, **fixed) + 1) * stretch)

    assert density(1e4) == pytest.approx(law(1e4), rel=1e-3)
    assert density(1e4) != pytest.approx(law(1e4, 2.0), rel=0.5)
    # At the beginning of the window the law fails by a factor, beyond it wholly.
    lower = number(tail.lower, **fixed)
    assert abs(math.log(density(lower + number(tail.start, **fixed)) / law(lower))) > 0.1
    start = number(tail.start, **fixed)
    assert density(start + 1e-5) == pytest.approx(number(tail.near, size=1e-5, **fixed), rel=0.01)
    assert number(tail.carriers, **fixed) == pytest.approx((1e6 / lower) ** (1 / gamma))


def test_the_exponent_is_one_formula_in_every_regime():
    exponents = {learned.spectrum_tail(regime).exponent for regime in Regime}
    assert exponents == {-1 - 1 / decay}
    assert [learned.spectrum_tail(r).lower for r in Regime] == [threshold, spread, spread]


@settings(max_examples=20)
@given(
    xt=st.fractions(-2, "1/4", max_denominator=8),
    xs=st.fractions(-2, "1/4", max_denominator=8),
    g=st.fractions("3/4", 3, max_denominator=4),
)
def test_exponents_against_counting(xt, xs, g):
    """Counting d = 10^60 spikes in logarithms."""
    lower, carriers = learned.tail_exponents(sp.Rational(xt), sp.Rational(xs))
    begin = float(lower.subs(decay, sp.Rational(g)))
    count = min(1.0, (0.5 - max(float(xt), float(xs))) / float(g))
    assert float(carriers.subs(decay, sp.Rational(g))) == pytest.approx(count)
    assert begin == pytest.approx(max(float(xt), float(xs), 0.5 - float(g)))


def test_nothing_is_learned_above_the_teacher():
    with pytest.raises(NothingLearned, match="allowed below 1/2"):
        learned.tail_exponents(sp.S.One, sp.S.Zero)


def test_random_matrices_have_this_spectrum():
    """10 matrices of d = 400, γ = 3/2, σ = 1, t = 1: mean count of learned eigenvalues above x, and the zero mass."""
    rng, size, runs = np.random.default_rng(4), 400, 10
    teacher = math.sqrt(size) * np.arange(1.0, size + 1) ** -1.5
    values = []
    for _ in range(runs):
        raw = rng.normal(size=(size, size))
        values.append(np.linalg.eigvalsh(np.diag(teacher) + (raw + raw.T) / np.sqrt(2 * (size + 1))) - 1.0)
    values = np.array(values)
    zero = (values <= 0).mean()
    # Seven spikes of 400 stand above the bulk, and the others shift it: a share of some per cent.
    expected = number(learned.learned_spectrum().zero_mass, spread=1.0, threshold=1.0)
    assert zero == pytest.approx(expected, abs=0.04)
    assert abs(zero - 0.5) > 0.2
    for x in (2.0, 4.0, 8.0):
        count = number(learned.count_above(), spread=1.0, threshold=1.0, size=x, decay=1.5, dim=size)
        # A number of spikes is rounded down.
        assert (values > x).sum(1).mean() == pytest.approx(count - 0.5, abs=0.7)


def test_outliers_merge_into_the_law_of_the_edge():
    """Independent of SymPy's limit: the inverse square root at t = 2σ from y - 2σ = (√s - σ/√s)²."""
    s = 1.0 + 1e-3
    x = (math.sqrt(s) - 1 / math.sqrt(s)) ** 2
    assert number(learned.learned_spectrum().outlier, spread=1.0, threshold=2.0, spike=s) == pytest.approx(x, rel=1e-6)
    slope = 1 - s**-2  # dy/ds
    near = number(learned.spectrum_tail(Regime.EDGE).near, spread=1.0, decay=2.0, dim=1.0, size=x)
    assert near == pytest.approx(s ** (-1 / 2 - 1) / 2 / slope, rel=5e-3)
    assert spike not in learned.spectrum_tail(Regime.EDGE).near.free_symbols
    assert dim in learned.spectrum_tail(Regime.EDGE).near.free_symbols
