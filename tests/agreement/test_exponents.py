"""Measured exponents of state-evolution curves against the phases' exponents, none of which the models contain.

The curves run along dim at fixed (a, b), n = dim^a, λ = dim^b, as a user of `scalecheck measure` would draw them.
"""

from functools import cache

import numpy as np
import pytest
import sympy as sp

from scalecheck.numerics.exponents import Convergence, estimate_exponent
from scalecheck.numerics.networks.diagonal.state_equations import solve
from scalecheck.theory.networks.diagonal.phases import phase
from scalecheck.theory.symbols import a, b, decay

# phase: (a, b, decay) inside it, by 0.1 and more from its edges
POINTS = {
    "Ib": [(0.5, 1.0, 1.2)],
    "II": [(2.0, 0.9, 1.5), (1.5, 0.5, 0.8)],
    "III": [(5.0, 2.3, 1.2), (4.0, 1.7, 0.8)],
    "V": [(0.5, -1.5, 1.0), (0.7, -1.0, 1.5), (0.35, -2.0, 0.8), (0.8, -2.0, 2.0)],
    "VIa": [(1.5, -1.0, 1.2), (2.0, -0.5, 2.0)],
    "VIb": [(4.0, 0.5, 1.2), (3.0, 0.0, 0.7)],
}
NOISES = (None, 1e-9, 1e-3)


def truth(name, place):
    """The exponent of the risk in dim that the theory derives, after checking that the point is inside."""
    point = dict(zip((a, b, decay), place, strict=True))
    found = phase(name)
    assert all(bool(inequality.subs(point)) for inequality in found.region), (name, place)
    return float(found.exponent.subs(point))


@cache
def curve(place):
    """Risk along dim, 24 points over five decades."""
    effective, strength, teacher = place
    dims = np.geomspace(1e3, 1e8, 24).round()
    risks = [
        solve(dim=d, samples=d**effective, weight_decay=d**strength, decay=teacher, noise=1.0).value.risk for d in dims
    ]
    return dims, np.array(risks)


@cache
def measured(place, noise):
    """Estimates for each point of a phase."""
    dims, risks = curve(place)
    scatter = np.exp((noise or 0.0) * np.random.default_rng(5).standard_normal(dims.size))
    return estimate_exponent(dims, risks * scatter, errors=noise, every_form=False).value


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("name", POINTS)
def test_interval_covers_the_exponent_of_the_phase(name, noise):
    for place in POINTS[name]:
        low, high = measured(place, noise).interval
        assert low <= truth(name, place) <= high, (place, low, high)


def test_a_miscalibrated_interval_would_be_seen():
    """Control: two standard errors of a plain power, as a script would take them, miss in most phases."""
    missed = []
    for name, places in POINTS.items():
        for place in places:
            naive = measured(place, None).windows[0]
            missed.append(abs(naive.slope - truth(name, place)) > 2 * naive.stderr)
    assert np.mean(missed) > 0.5


def test_phases_that_have_settled_are_measured_sharply():
    sharp = [measured(place, None).half_width for name in ("II", "VIb") for place in POINTS[name]]
    assert np.median(sharp) < 0.01


@pytest.mark.parametrize("place", POINTS["V"])
def test_the_logarithmic_phase_is_never_a_settled_narrow_power(place):
    """Phase V is 1/log(d/u): a power that excludes 0 is wrong, and one that pretends to be sure of it worse."""
    found = measured(place, None)
    assert sp.sign(phase("V").log) == -1
    unsure = found.convergence in (Convergence.DRIFTING, Convergence.CURVED) or found.half_width > 0.01
    assert unsure or abs(found.exponent) < 0.01
