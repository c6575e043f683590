"""Local exponents against differences of solved risks, deep in phases, and at the edges of the domain."""

import numpy as np
import pytest

from scalecheck.numerics.errors import DomainError
from scalecheck.numerics.networks.quadratic.exponent_map import exponent_map
from scalecheck.numerics.networks.quadratic.state_equations import solve


def difference(dim, decay, a, b, step=0.01):
    """Centred difference of log risk in log dim at fixed exponents."""
    dims = [float(round(dim * np.exp(h))) for h in (-step, step)]
    risks = [solve(dim=d, decay=decay, samples=d ** (1 + a), weight_decay=d**b, noise=1.0).value.risk for d in dims]
    return np.log(risks[1] / risks[0]) / np.log(dims[1] / dims[0])


@pytest.mark.parametrize(("a", "b"), [(0.4, -2.0), (0.7, -0.15), (1.4, -1.0), (0.5, 0.8)])
def test_exponents_are_the_derivative_of_the_risk(a, b):
    found = exponent_map(dim=1e7, decay=1.0, noise=1.0, a=[a], b=[b]).value
    assert found.exponent[0, 0] == pytest.approx(difference(1e7, 1.0, a, b), abs=found.error[0, 0] + 2e-3)


def test_a_grid_holds_the_points():
    a, b = [0.3, 1.6], [-2.0, -0.5, 0.3]
    whole = exponent_map(dim=1e6, decay=0.75, noise=1.0, a=a, b=b)
    assert whole.value.exponent.shape == (2, 3)
    assert whole.statistics["missing"] == 0
    for i, j in ((0, 2), (1, 1)):
        single = exponent_map(dim=1e6, decay=0.75, noise=1.0, a=[a[i]], b=[b[j]]).value.exponent[0, 0]
        assert whole.value.exponent[i, j] == pytest.approx(single, abs=1e-3)


def test_least_squares_and_nothing_learned():
    found = exponent_map(dim=1e8, decay=1.0, noise=1.0, a=[3.0], b=[-1.0, 6.0]).value
    assert found.exponent[0] == pytest.approx([-2.0, 0.0], abs=2e-3)


@pytest.mark.parametrize(("field", "value"), [("a", []), ("b", [[1.0]]), ("a", [np.nan]), ("dim", 10), ("decay", 0.5)])
def test_bad_input_is_refused_by_name(field, value):
    with pytest.raises(DomainError, match=field):
        exponent_map(**{**dict(dim=1e6, decay=1.0, noise=1.0, a=[0.5], b=[0.0]), field: value})


def test_a_threshold_on_an_eigenvalue_does_not_spoil_the_exponent():
    """On this grid the threshold is s_40000 to rounding; the exponent there was once -0.29 instead of -0.50."""
    a, b = 25 / 7, np.linspace(-2, 3, 36)[28:34]
    found = exponent_map(dim=1e8, decay=1.0, noise=1.0, a=[a], b=b).value
    slopes = [difference(1e8, 1.0, a, place, step=1e-3) for place in b]
    np.testing.assert_allclose(found.exponent[0], slopes, atol=2e-3)


@pytest.mark.parametrize("a", [0.4, 1.4])
def test_what_is_interpolated_is_as_good_as_what_is_solved(a):
    """On a fine axis most points are interpolated; alone each is solved for."""
    b = np.linspace(-1.0, 1.5, 101)
    found = exponent_map(dim=1e8, decay=1.0, noise=1.0, a=[a], b=b)
    assert found.statistics["solved"] < 75
    for j in range(2, 101, 9):
        single = exponent_map(dim=1e8, decay=1.0, noise=1.0, a=[a], b=[b[j]])
        assert single.statistics["solved"] == 1
        error = abs(found.value.exponent[0, j] - single.value.exponent[0, 0])
        assert error <= found.value.error[0, j]
