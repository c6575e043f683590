"""The roots: one root from wherever one starts, by either method."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scalecheck.numerics.networks.diagonal.residuals import Points, balance
from scalecheck.numerics.networks.diagonal.root_finding import (
    decreasing_root,
    find_roots,
    joint_newton,
    nested_bracket,
    starting_point,
)
from scalecheck.numerics.networks.teacher import Atoms, PowerLaw

TEACHERS = st.one_of(
    st.builds(PowerLaw, st.sampled_from([1, 5, 100, 1e4, 1e12]), st.floats(0.51, 5)),
    st.builds(
        lambda values, zeros: Atoms([*values, 0.0], [*np.ones(len(values)), zeros]),
        st.lists(st.floats(0.01, 10), min_size=1, max_size=5),
        st.floats(0.1, 1e4),
    ),
)


@st.composite
def problems(draw):
    teacher = draw(TEACHERS)
    samples = 10.0 ** draw(st.floats(-1, 8))
    penalty = 10.0 ** draw(st.floats(-6, 4))
    noise = draw(st.one_of(st.just(0.0), st.floats(-8, 2).map(lambda x: 10.0**x)))
    return Points(teacher, np.array([samples]), np.array([penalty]), np.array([noise]))


@given(problems(), st.lists(st.tuples(st.floats(-20, 20), st.floats(-20, 10)), min_size=3, max_size=3))
@settings(max_examples=15)
def test_one_root_from_many_starts(points, starts):
    # Uniqueness is proved for noise > 0 only (bayati2012lasso); here it is probed for all, by both methods.
    expected = find_roots(points)
    assert expected.error[0] < 1e-9
    for start in starts:
        bracketed = nested_bracket(points, np.array(start))
        assert bracketed == pytest.approx(expected.unknowns[0], abs=1e-6)
        found, _ = joint_newton(points, expected.unknowns + 0.1 * np.array([start]))
        if np.isfinite(found).all():
            assert found[0] == pytest.approx(expected.unknowns[0], abs=1e-5)


@given(problems(), st.floats(-3, 3), st.floats(-3, 3))
def test_jacobian_and_monotonicity(points, shift_tau, shift_alpha):
    x = starting_point(points) + np.array([[shift_tau, shift_alpha]])
    state = balance(points, x)
    step = 1e-6
    for column in range(2):
        change = np.zeros((1, 2))
        change[0, column] = step
        ahead, behind = balance(points, x + change).residual, balance(points, x - change).residual
        slope = (ahead - behind)[0] / (2 * step)
        scale = 1e-5 * (1 + np.abs(state.jacobian[0]).max()) + 1e-7 * np.abs(ahead).max()
        # Residuals change form where half of the weights are zeroed: the difference quotient may straddle that.
        if np.abs(ahead - behind).max() < 1e-3:
            assert slope == pytest.approx(state.jacobian[0, :, column], abs=max(scale, 1e-4))
    assert state.jacobian[0, 0, 0] <= 1e-12
    assert (state.jacobian[0, 1] <= 1e-12).all()


def test_a_wrong_jacobian_would_be_noticed():
    # The control of the test above.
    points = Points(PowerLaw(100, 1.0), np.array([50.0]), np.array([1.0]), np.array([1.0]))
    x = starting_point(points)
    ahead, behind = (balance(points, x + sign * np.array([[1e-6, 0.0]])).residual for sign in (1, -1))
    slope = (ahead - behind)[0] / 2e-6
    assert slope != pytest.approx(0.99 * balance(points, x).jacobian[0, :, 0], abs=1e-4)


@given(problems())
@settings(max_examples=15)
def test_brackets_exist(points):
    # h(tau) = first residual along the second equation: positive far below the root, negative far above.
    root = find_roots(points).unknowns[0]
    for shift, sign in ((-3.0, 1), (3.0, -1)):

        def second(log_alpha, log_tau=root[0] + shift):
            state = balance(points, np.array([[log_tau, log_alpha]]))
            return float(state.residual[0, 1]), float(state.jacobian[0, 1, 1])

        log_alpha = decreasing_root(second, root[1], 1e-12)
        assert sign * balance(points, np.array([[root[0] + shift, log_alpha]])).residual[0, 0] > 0


@given(st.floats(-500, 500), st.floats(0.01, 100), st.floats(-500, 500))
def test_decreasing_root(root, steepness, start):
    def function(x):
        return np.arctan(steepness * (root - x)), -steepness / (1 + (steepness * (root - x)) ** 2)

    assert decreasing_root(function, start, 1e-12) == pytest.approx(root, abs=1e-9)


@pytest.mark.parametrize("start", [-20.0, 3.0, 300.0])
@pytest.mark.parametrize("slope", [-2.0, -1 / 3, -49.7])
def test_a_step_onto_the_root_is_the_last(start, slope):
    """Rounding once took such a step onto an end of the bracket, which was then halved forty times down to nothing."""
    root, asked = -128.94673036645952, []

    def function(x):
        asked.append(x)
        return slope * (x - root) + 1e-14, slope

    assert decreasing_root(function, start, 1e-12) == pytest.approx(root, abs=1e-12)
    assert len(asked) < 12
