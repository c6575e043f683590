"""Parabolas and one step of the grid, against integrals that are done otherwise: polynomials exactly, the step by quadrature."""

import numpy as np
import pytest
from scipy.integrate import quad

from scalecheck.numerics.shells import transport as scheme
from scalecheck.numerics.shells.flow import PowerLaw, backward, forward

COEFFICIENTS = [0.7, -0.4, 0.9]
"""Of a density that is positive on [-3, 1]: a parabola, which parabolas represent exactly."""
CELLS = 24
EDGES = np.linspace(-3.0, 1.0, CELLS + 1)
WIDTH = float(EDGES[1] - EDGES[0])
INNER = slice(4, CELLS - 4)
"""Cells whose stencils see no end of the grid."""


def density(x):
    return COEFFICIENTS[0] + COEFFICIENTS[1] * x + COEFFICIENTS[2] * x**2


def below(x):
    return COEFFICIENTS[0] * x + COEFFICIENTS[1] * x**2 / 2 + COEFFICIENTS[2] * x**3 / 3


MASS = np.diff(below(EDGES))


def test_parabolas_are_the_density_and_keep_their_average():
    left, right, curvature = (part[INNER] for part in scheme.parabolas(MASS))
    np.testing.assert_allclose(left, WIDTH * density(EDGES[:-1][INNER]), rtol=1e-12)
    np.testing.assert_allclose(right, WIDTH * density(EDGES[1:][INNER]), rtol=1e-12)
    for x in (0.25, 0.5, 0.9):
        inside = left + x * (right - left + curvature * (1 - x))
        np.testing.assert_allclose(inside, WIDTH * density(EDGES[:-1][INNER] + x * WIDTH), rtol=1e-12)


def test_parabolas_pulled_up_to_zero_keep_their_average_and_touch_it():
    """A valley that dips below zero between its edges: the lowest point by brute force."""
    average = np.array([9.0, 9.0, 9.0, 2.5, 0.1, 2.5, 9.0, 9.0, 9.0])
    left, right, curvature = scheme.parabolas(average)
    x = np.linspace(0.0, 1.0, 2001)[:, None]
    shape = left + x * (right - left + curvature * (1 - x))
    np.testing.assert_allclose(np.trapezoid(shape, x, axis=0), average, rtol=1e-6)
    assert shape.min() >= -1e-12
    assert left[4] == pytest.approx(right[4])
    assert left[4] > 0.1
    assert shape[:, 4].min() < 1e-6  # pulled up just enough
    plain = 6 * (average - (left + right) / 2)
    np.testing.assert_allclose(curvature, plain, atol=1e-12)  # average = (left + right)/2 + curvature/6


def test_the_mass_below_a_place_is_the_integral():
    places = np.linspace(4.0, CELLS - 4.0, 57)
    found = scheme.cumulative(MASS, places)
    np.testing.assert_allclose(found, below(EDGES[0] + WIDTH * places) - below(EDGES[0]), rtol=1e-12)


TOLERANCE = {"none": 1e-8, "down": 1e-4, "up": 1e-4}
"""Measured 4e-10 where nothing moves, else at most 1.4e-5: what has decayed is a parabola no more."""
LAWS = [
    # direction, power, rate, time power, begin, end; what moves farther than a cell among them
    ("none", 2.0, 1.0, 0.0, 0.0, 0.8),
    ("down", 2.0, 1.0, 0.0, 0.0, 0.3),
    ("down", 1.0, 0.5, -1.0, 1.0, 2.0),
    ("up", 1.0, 0.5, 0.0, 0.0, 0.5),
]


@pytest.mark.parametrize(("direction", "power", "rate", "time_power", "begin", "end"), LAWS)
def test_a_step_is_what_quadrature_along_the_paths_makes_of_it(direction, power, rate, time_power, begin, end):
    """What arrives in a cell started between the origins of its edges, and decayed on its way by what its own path says."""
    law = PowerLaw.checked(power=power, rate=rate, time_power=time_power, direction=direction)
    moved, *_ = scheme.step(law, EDGES, MASS, begin=begin, end=end)

    def kept(x):
        path = forward(law, np.array([x]), begin=begin, time=end, tolerance=1e-12, position_too=False)
        return density(x) * float(np.exp(-path.decay[0]))

    origin = backward(law, EDGES, begin=begin, time=end, tolerance=1e-12)
    chosen = [k for k in range(6, CELLS - 6, 3) if EDGES[4] < origin[k] and origin[k + 1] < EDGES[-5]]
    assert len(chosen) >= 3
    exact = [quad(kept, origin[k], origin[k + 1], epsabs=1e-11, epsrel=1e-11)[0] for k in chosen]
    np.testing.assert_allclose(moved[chosen], exact, rtol=TOLERANCE[direction])


BUGS = [
    # function, what stands there, what a bug makes of it
    ("parabolas", "6.0 * (average", "3.0 * (average"),
    ("parabolas", "6.0 * (average", "-6.0 * (average"),
    ("parabolas", "6.0 * (average", "6.06 * (average"),
    ("parabolas", "37.0 * (padded", "37.1 * (padded"),
    ("parabolas", "shrink * curvature", "curvature"),
    ("_lowest", "slope - curvature * x", "slope + curvature * x"),
    ("_lowest", "2.0 * curvature", "curvature"),
    ("step", "- curvature[live, None] * x", "+ curvature[live, None] * x"),
    ("step", "- curvature[live, None] * x", ""),
    ("step", "(right - left + curvature)[live, None]", "(right - left)[live, None]"),
    ("step", "np.exp(-decay)", "np.exp(-1.01 * decay)"),
    ("cumulative", "- x * curvature[cell] / 3.0", "+ x * curvature[cell] / 3.0"),
    ("cumulative", "- x * curvature[cell] / 3.0", ""),
    ("cumulative", "0.5 * (right - left + curvature)", "0.5 * (right - left)"),
]


@pytest.mark.parametrize(("name", "piece", "wrong"), BUGS)
def test_a_bug_is_seen(name, piece, wrong, plant):
    plant(f"numerics.shells.transport:{name}", piece, wrong)
    with pytest.raises(AssertionError):
        _all_of()


def _all_of():
    test_parabolas_are_the_density_and_keep_their_average()
    test_parabolas_pulled_up_to_zero_keep_their_average_and_touch_it()
    test_the_mass_below_a_place_is_the_integral()
    test_a_step_is_what_quadrature_along_the_paths_makes_of_it(*LAWS[0])
