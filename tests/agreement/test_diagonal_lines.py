"""The witnesses of the diagonal network on lines and under logarithms, at random controls: peak, boundaries, phase V, parts.

Each comparison has a negative control: with one constant changed by 2% it must fail.
"""

import math
from functools import cache

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import erfcinv

from scalecheck.numerics.networks.diagonal.state_equations import solve
from scalecheck.theory.networks.diagonal.decomposition import NOTHING, PARTS, decomposition
from scalecheck.theory.networks.diagonal.diagram import boundaries
from scalecheck.theory.networks.diagonal.logarithmic import sharper_overfitting
from scalecheck.theory.networks.diagonal.peak import depth, excess_samples, peak_profile
from scalecheck.theory.symbols import a, b, decay, noise, threshold_ratio

DIM = 1e12
noises, decays = st.floats(0.3, 3.0), st.floats(0.8, 2.5)


def at(expression, **values):
    """A SymPy expression at numbers."""
    return float(expression.subs({s: values[s.name] for s in expression.free_symbols}))


def agree(found, stated, tolerance):
    """Within the tolerance, and seen to be off if the statement is changed by 2% and the tolerance allows to see it."""
    assert abs(found / stated - 1) <= tolerance
    assert abs(found / (1.02 * stated) - 1) > tolerance or tolerance > 0.009


def teachers_part(gamma, squared_threshold):
    """What the law of phase II leaves of the teacher at this threshold: the first correction where noise leads."""
    return 2 * gamma / (2 * gamma - 1) * squared_threshold ** (1 - 1 / (2 * gamma))


@settings(max_examples=20)
@given(st.floats(0.4, 0.8), st.floats(1.5, 3.0), noises)
def test_sharp_law_of_harmful_overfitting(exponent, gamma, variance):
    count = DIM**exponent
    found = solve(dim=DIM, samples=count, weight_decay=DIM**-1.0, decay=gamma, noise=variance).value.risk
    ratio = math.sqrt(2) * float(erfcinv(count / DIM))
    stated = at(sharper_overfitting()[1], threshold_ratio=sp.Float(ratio, 30), noise=variance)
    agree(found, stated, 3 * teachers_part(gamma, ratio**2 * variance / count) / stated + 1e-4)


@settings(max_examples=20)
@given(st.floats(-0.9, -0.5), st.floats(1.5, 4.0), noises, st.sampled_from([-1, 1]))
def test_the_peak_is_one_curve(exponent, sigma, variance, side):
    """At the depth σ below the top, ε² = w² (σ² - √σ) on both sides."""
    controls = {"dim": DIM, "weight_decay": DIM**exponent, "decay": 2.0, "noise": variance}
    profile = peak_profile()
    values = {"weight_decay": controls["weight_decay"], "noise": variance}
    height = solve(samples=DIM, **controls).value.risk
    agree(height, at(profile.height, **values), 5e-3)
    squared = at(profile.equation.rhs, **values, depth=sigma)
    assert profile.equation.lhs == excess_samples**2
    assert depth in profile.equation.rhs.free_symbols
    found = solve(samples=DIM * (1 + side * math.sqrt(squared)), **controls).value.risk
    agree(height / found, sigma, 8e-3)


@cache
def continuous():
    """Boundaries that are lines b = ... without a logarithm; derived when a test first asks, not when it is collected."""
    return [row for row in boundaries() if row.log == 0 and row.equation.lhs == b]


@settings(max_examples=25)
@given(st.deferred(lambda: st.sampled_from(continuous())), decays, st.floats(0.25, 0.75), noises)
def test_laws_on_boundaries(row, gamma, share, variance):
    low, high = stretch(row, gamma)
    place = low + share * (high - low)
    height = at(row.equation.rhs, a=place, decay=gamma)
    controls = {"samples": DIM**place, "weight_decay": DIM**height, "decay": gamma, "noise": variance}
    found = solve(dim=DIM, **controls).value.risk
    stated = at(row.constant, noise=variance, decay=gamma) * DIM ** at(row.exponent, a=place, decay=gamma)
    depth_inside = min(place - low, high - place)
    allowed = 20 * DIM ** (-depth_inside / (2 * gamma)) + 8 * DIM ** (1 - 2 * gamma) + 1e-4
    if "VIa" in row.between:
        allowed += 3 * teachers_part(gamma, max(1.0, variance) / controls["samples"]) / stated
    agree(found, stated, allowed)


def stretch(row, gamma):
    """Ends of a boundary in a, cut so that the risk stays in the range of floats."""
    low, high = 0.0, 2 * gamma + 3
    for item in row.along:
        form = sp.Poly((item.gts - item.lts).subs(decay, gamma), a)
        slope, offset = float(form.coeff_monomial(a)), float(form.coeff_monomial(1))
        low, high = (max(low, -offset / slope), high) if slope > 0 else (low, min(high, -offset / slope))
    return low, high


PURE = {"II": (2.5, 1.0), "VIa": (1.6, -0.2), "III": (4.5, 1.9), "VIb": (4.5, 0.5)}


@pytest.mark.parametrize("name", PURE)
@pytest.mark.parametrize("part", PARTS)
def test_parts(name, part):
    place, height = PURE[name]
    controls = {"samples": DIM**place, "weight_decay": DIM**height, "decay": 1.25, "noise": 0.7}
    found = vars(solve(dim=DIM, **controls).value.decomposition)
    law, measured = decomposition(name)[part], found[part]
    if law is NOTHING:
        assert abs(measured) < 1e-12 * sum(found.values())
        return
    agree(measured, at(law.leading, dim=DIM, **controls), 5e-3)


@pytest.mark.parametrize("variance", [0.5, 2.0])
def test_half_the_peak_is_where_it_was_derived(variance):
    controls = {"dim": DIM, "weight_decay": 1e-9, "decay": 2.0, "noise": variance}
    half = solve(samples=DIM, **controls).value.risk / 2
    excess = brentq(lambda x: solve(samples=DIM * (1 + x), **controls).value.risk - half, 1e-8, 1e-2)
    agree(excess, at(peak_profile().half_width, weight_decay=1e-9, noise=variance), 5e-3)


def test_symbols_are_those_of_the_formulas():
    """A risk law in phase V holds the ratio and the noise, nothing else."""
    assert sharper_overfitting()[1].free_symbols == {threshold_ratio, noise}
