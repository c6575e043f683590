"""The search for the shapes of a series: exact slopes, minima at least as low as a general solver's, the box, honesty."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import least_squares

from scalecheck.numerics import scaling_search
from scalecheck.numerics.exponents import estimate_exponent
from scalecheck.numerics.scaling_fits import KINDS, Curve, residuals
from scalecheck.numerics.scaling_search import Problem, search

SERIES = {name: kind for name, kind in KINDS.items() if "series" in name}


def curve(seed, noise=1e-6, points=20):
    """A power with two corrections and a logarithm, with errors."""
    generator = np.random.default_rng(seed)
    u = np.sort(generator.uniform(0, 9, points))
    total = 1 + generator.uniform(-0.4, 2, 2) @ np.exp(-np.outer(generator.uniform(0.2, 2, 2), u))
    v = 1 - 0.7 * u + np.log(total) + 0.3 * np.log(u - u[0] + 3) + noise * generator.standard_normal(points)
    return Curve(u, v, generator.uniform(0.5, 2, points) / noise)


def box(name):
    kind = SERIES[name]
    return tuple(kind.inside(np.array(side)) for side in np.array(kind.bounds).T)


def problem_of(data, name):
    kind = SERIES[name]
    terms = (len(kind.bounds) - kind.has_log) // 2
    return Problem.of(data.u, data.v, data.weight, has_log=kind.has_log, terms=terms)


def starts_of(name, seed, count=3):
    """Shapes that are far from the ends of the box."""
    generator = np.random.default_rng([seed, 7])
    kind = SERIES[name]
    terms = (len(kind.bounds) - kind.has_log) // 2
    rates, amplitudes = generator.uniform(-1.2, 1, (count, terms)), generator.uniform(-0.3, 1.5, (count, terms))
    return np.hstack([generator.uniform(-2, 0.5, (count, int(kind.has_log))), rates, amplitudes])


@pytest.mark.parametrize("name", SERIES)
@given(seed=st.integers(0, 10**6))
def test_residuals_are_those_of_the_models_and_slopes_are_their_derivatives(name, seed):
    data, shapes = curve(seed), starts_of(name, seed)
    problem = problem_of(data, name)
    left, slopes = problem.linearised(shapes)
    scale = np.abs(data.weight * data.v).max()
    np.testing.assert_allclose(left, residuals(data, name, SERIES[name].outside(shapes)), atol=1e-12 * scale)
    np.testing.assert_array_equal(left, problem.residuals(shapes))
    for index, step in enumerate(1e-5 * np.eye(shapes.shape[1])):
        change = (problem.residuals(shapes + step) - problem.residuals(shapes - step)) / 2e-5
        np.testing.assert_allclose(slopes[:, :, index], change, atol=1e-7 * np.abs(slopes).max() + 1e-9 * scale)


def test_slopes_vanish_where_the_curve_is_cut_off():
    data = curve(0)
    _, slopes = problem_of(data, "series 1").linearised(np.array([[-2.0, -20.0]]))
    assert np.all(slopes == 0)


def misfits_of_a_general_solver(problem, starts, lower, upper):
    """Sums of squares from every start, by the reflective trust region of SciPy with the same slopes."""
    ends = []
    for start in starts:

        def left(place):
            return problem.residuals(place[None, :])[0]

        def slope(place):
            return problem.linearised(place[None, :])[1][0]

        options = {"xtol": 1e-9, "ftol": 1e-5, "gtol": 1e-12, "max_nfev": 50}
        ends.append(2 * least_squares(left, start, slope, bounds=(lower, upper), **options).cost)
    return np.array(ends)


@pytest.mark.parametrize("name", SERIES)
def test_minima_are_as_low_as_those_of_a_general_solver(name):
    lower, upper = box(name)
    worse, better = 0, 0
    for seed in range(12):
        problem, starts = problem_of(curve(seed, noise=1e-4), name), starts_of(name, seed)
        ours = search(problem, starts, lower, upper)
        theirs = misfits_of_a_general_solver(problem, starts, lower, upper).min()
        worse += ours.misfit.min() > 1.02 * theirs
        better += ours.misfit.min() < 0.98 * theirs
        left = problem.residuals(ours.searched)
        np.testing.assert_allclose(np.sum(left**2, axis=1), ours.misfit, rtol=1e-9)
        assert np.all((ours.searched >= lower) & (ours.searched <= upper))
    assert worse <= 1
    assert better >= worse


@pytest.mark.parametrize("name", SERIES)
def test_what_has_converged_is_a_minimum_in_the_box(name):
    """No small step in any direction inside the box lowers the misfit by more than the search says is left to gain."""
    lower, upper = box(name)
    seen = 0
    for seed in range(6):
        problem = problem_of(curve(seed, noise=1e-3), name)
        ends = search(problem, starts_of(name, seed), lower, upper)
        directions = np.random.default_rng(seed).standard_normal((300, lower.size))
        for place, misfit in zip(ends.searched[ends.converged], ends.misfit[ends.converged], strict=True):
            around = np.clip(place + np.vstack([1e-4 * directions, 1e-2 * directions]), lower, upper)
            assert np.sum(problem.residuals(around) ** 2, axis=1).min() >= misfit * (1 - 2e-3)
            seen += 1
    assert seen >= 4


def test_a_minimum_outside_the_box_is_met_at_its_end():
    """A correction faster than the box allows: the rate ends at the bound, and the amplitude is the best one there."""
    u = np.linspace(0, 6, 25)
    data = Curve(u, -0.5 * u + np.log1p(0.5 * np.exp(-8.0 * u)), np.full(25, 1e3))
    lower, upper = box("series 1")
    ends = search(problem_of(data, "series 1"), np.array([[0.5, 0.1]]), lower, upper)
    assert ends.converged[0]
    assert ends.searched[0, 0] == pytest.approx(upper[0], abs=1e-5)
    amplitudes = ends.searched[0, 1] + np.linspace(-0.01, 0.01, 41)
    rows = np.stack([np.full(41, upper[0]), amplitudes], axis=1)
    assert 18 <= np.argmin(np.sum(problem_of(data, "series 1").residuals(rows) ** 2, axis=1)) <= 22


def test_an_exact_curve_is_met_to_rounding():
    u = np.linspace(0, 9, 24)
    data = Curve(u, -0.5 * u + np.log1p(0.8 * np.exp(-0.3 * u) - 0.3 * np.exp(-1.1 * u)), np.ones(24))
    lower, upper = box("series 2")
    problem = problem_of(data, "series 2")
    ends = search(problem, np.array([[np.log(0.5), np.log(0.85), 0.5, 0.01]]), lower, upper)
    assert ends.misfit[0] < 100 * problem.rounding
    np.testing.assert_allclose(np.sort(np.exp(ends.searched[0, :2])), [0.3, 1.1], rtol=1e-6)


@pytest.mark.parametrize("name", ["series 2", "log series 1"])
def test_starts_do_not_disturb_each_other(name):
    lower, upper = box(name)
    problem, starts = problem_of(curve(3, noise=1e-3), name), starts_of(name, 3, count=4)
    together = search(problem, starts, lower, upper)
    alone = [search(problem, start[None, :], lower, upper) for start in starts]
    np.testing.assert_allclose(together.misfit, [item.misfit[0] for item in alone], rtol=1e-6)
    again = search(problem, starts, lower, upper)
    np.testing.assert_array_equal(again.searched, together.searched)


def test_a_search_that_was_cut_short_says_so(monkeypatch):
    data = curve(1, noise=1e-3)
    x, y = np.exp(data.u), np.exp(data.v)
    plenty = estimate_exponent(x, y, errors=1e-3)
    monkeypatch.setattr(scaling_search, "MOST_STEPS", 2)
    lower, upper = box("series 2")
    ends = search(problem_of(data, "series 2"), starts_of("series 2", 1), lower, upper)
    assert not ends.converged.any()
    short = estimate_exponent(x, y, errors=1e-3)
    assert short.statistics["searches_not_converged"] > plenty.statistics["searches_not_converged"]
