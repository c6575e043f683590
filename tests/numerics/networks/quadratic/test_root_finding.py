"""Root finding for the quadratic network: the two methods agree, and brackets do what they say."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scalecheck.numerics.networks.quadratic import root_finding
from scalecheck.numerics.networks.quadratic.root_finding import (
    STRICT,
    Equations,
    begin,
    find_root,
    joint_newton,
    nested_bracket,
    rising_root,
    soft_root,
)
from scalecheck.numerics.networks.quadratic.starting_points import Controls
from scalecheck.numerics.networks.teacher import PowerLaw

POSITIVE = st.floats(1e-6, 1e6)


@given(POSITIVE, POSITIVE)
def test_the_soft_minimum_vanishes_on_the_product(a, b):
    scale = max(a, b)
    assert abs(soft_root(a, b, a * b)) <= 1e-12 * scale
    assert soft_root(a * 1.01, b, a * b) > 0 > soft_root(a * 0.99, b, a * b)


@given(st.floats(-10, 10), st.floats(-10, 10), st.floats(0, 10))
def test_the_soft_minimum_increases(a, b, product):
    here = soft_root(a, b, product)
    assert soft_root(a + 0.1, b, product) >= here - 1e-9
    assert soft_root(a, b + 0.1, product) >= here - 1e-9


@given(st.floats(-3, 3), st.floats(-4, 4))
def test_brackets_find_roots(root, start):
    found = rising_root(lambda x: math.sinh(3 * (x - root)), start, 0.1, 1e-12, (-5.0, 5.0))
    assert found == pytest.approx(root, abs=1e-11)


def test_brackets_return_the_limit_beyond_which_the_root_lies():
    assert rising_root(lambda x: x - 10, 0.0, 0.1, 1e-9, (-1.0, 2.0)) == 2.0
    assert rising_root(lambda x: x + 10, 0.0, 0.1, 1e-9, (-1.0, 2.0)) == -1.0


@pytest.mark.parametrize("finite", [False, True])
@pytest.mark.parametrize(
    ("dim", "ratio", "penalty"),
    [(40.0, 3.0, 0.5), (40.0, 30.0, 0.0), (1e6, 1e3, 1e-3), (1e6, 1e7, 1.0), (1e6, 1e2, 1e3)],
)
def test_newton_and_the_bracket_agree(dim, ratio, penalty, finite):
    equations = Equations(PowerLaw(dim, 1.0), Controls(ratio, 1.0, penalty), finite)
    with np.errstate(all="ignore"):
        start = begin(equations)
        newton, bracket = joint_newton(equations, start), nested_bracket(equations, start, STRICT)
    assert newton is not None
    assert newton == pytest.approx(bracket, abs=1e-6)


@given(st.floats(-2, 2), st.floats(0.05, 2))
@settings(max_examples=12)
def test_every_start_leads_to_the_same_root(shift, y):
    equations = Equations(PowerLaw(1e5, 1.0), Controls(200.0, 1.0, 0.3))
    with np.errstate(all="ignore"):
        right = joint_newton(equations, begin(equations))
        other = joint_newton(equations, right + np.array([shift, y - right[1]]))
    assert other is None or other == pytest.approx(right, abs=1e-5)


def test_where_the_noise_balance_dies_away_is_no_root(monkeypatch):
    """At n = d^2/4 and the least weight decay Newton ran off to this place on one processor: the residuals are 3e-14 there."""
    dim, ratio = 1e8, 2.5e7
    equations = Equations(PowerLaw(dim, 0.65), Controls(ratio, 1.0, dim**-1.5))
    ways = iter([lambda *_: np.array([20.857947299778793, 7.195217700193612e-15])])
    monkeypatch.setattr(root_finding, "joint_newton", lambda *told: next(ways, joint_newton)(*told))
    root = find_root(equations)
    assert root.error < 1e-9
    assert root.state.risk == pytest.approx(14.139551, rel=1e-6)
