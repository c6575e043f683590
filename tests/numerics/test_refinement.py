"""A coarse axis refined where it must be: smooth functions, kinks, layers, holes; never more error than it says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalecheck.numerics.refinement import SETTLED, filled

AXIS = np.linspace(-2.0, 3.0, 201)


def slope_and_value(place, width, height):
    """A crossover of a slope, and the function of which it is the slope."""
    z = (AXIS - place) / width
    return height * (1 + np.tanh(z)) / 2, height * width * (np.logaddexp(z, -z) + z) / 2


def asked(value, other):
    calls = []
    found, doubt = filled(AXIS, lambda k: calls.append(k) or (value[k], other[k]))
    assert len(calls) == len(set(calls))
    return found, doubt, len(calls)


@given(st.floats(-1.9, 2.9), st.floats(0.02, 1.0), st.floats(-3.0, 3.0))
def test_crossovers_are_within_the_error(place, width, height):
    value, other = slope_and_value(place, width, height)
    found, doubt, _ = asked(value, other)
    assert (np.abs(found - value) <= doubt + 1e-12).all()
    assert doubt.max() <= SETTLED


def test_smooth_functions_are_cheap():
    _, _, count = asked(*slope_and_value(0.5, 0.5, 1.0))
    assert count < 0.45 * AXIS.size


@given(st.integers(3, 197), st.floats(0.1, 5.0))
def test_a_layer_between_two_points_of_the_first_axis_is_found(index, jump):
    """The slope is a spike at one point: what betrays it is the jump of the function."""
    value, other = np.zeros(AXIS.size), np.where(np.arange(AXIS.size) > index, jump, 0.0)
    value[index] = 40.0 * jump
    found, _, _ = asked(value, other)
    assert found[index] == value[index]


def test_holes_stay_holes():
    value, other = slope_and_value(0.0, 0.3, 1.0)
    value[100:140] = other[100:140] = np.nan
    found, _, _ = asked(value, other)
    assert np.array_equal(np.isnan(found), np.isnan(value))


@pytest.mark.parametrize(
    "axis", [[1.0], [0.0, 1.0, 2.0], [0.0, 0.01, 0.01, 0.02, 0.03, 0.04], [3.0, 1.0, 2.0, 0.0, 5.0, 4.0]]
)
def test_short_and_unordered_axes_are_solved_whole(axis):
    found, doubt = filled(np.array(axis), lambda k: (float(k) ** 3, 0.0))
    assert (found == np.arange(len(axis)) ** 3.0).all()
    assert (doubt == 0.0).all()


def test_a_descending_axis_is_as_good():
    value, other = slope_and_value(0.5, 0.5, 1.0)
    found, _ = filled(AXIS[::-1], lambda k: (value[200 - k], other[200 - k]))
    np.testing.assert_allclose(found[::-1], asked(value, other)[0], atol=1e-12)
