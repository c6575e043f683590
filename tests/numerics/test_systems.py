"""Users' systems solved in logarithms: exact values, honest errors, several solutions, no solution."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from scalecheck.numerics import grid_roots
from scalecheck.numerics.equations import Equation, summation_rule
from scalecheck.numerics.errors import NotConverged
from scalecheck.numerics.networks.ridge.state_equations import solve as solve_ridge
from scalecheck.numerics.solution import Status
from scalecheck.numerics.systems import blocks, solve

SUMS = {  # name: (summand, upper end, exact value)
    "zeta(2)": (lambda k: k**-2.0, math.inf, math.pi**2 / 6),
    "zeta(1.2)": (lambda k: k**-1.2, math.inf, float(special.zeta(1.2))),
    "coth": (lambda k: 1 / (1 + k * k), math.inf, (math.pi / math.tanh(math.pi) - 1) / 2),
    "window": (lambda k: 1 / (1 + 1e-12 * k * k), math.inf, (math.pi * 1e6 / math.tanh(math.pi * 1e6) - 1) / 2),
    "one term": (lambda k: k**-0.5, 1.0, 1.0),
    "ten terms": (lambda k: 1 / k, 10.0, 7381 / 2520),
    "finite": (lambda k: k, 1e6, 500000500000.0),
    "half a term more": (lambda k: k, 1e6 + 0.5, 500000500000.0),
}


@pytest.mark.parametrize("name", SUMS)
@pytest.mark.parametrize("ratio", [2.0, 4.0])
def test_sums_are_exact(name, ratio):
    summand, count, exact = SUMS[name]
    nodes, weights = summation_rule(count, ratio)
    with np.errstate(over="ignore"):
        assert float(np.sum(weights * summand(nodes))) == pytest.approx(exact, rel=2e-12)


def of(sides, *unknowns):
    return Equation(lambda x, n, ratio: sides(x, n), frozenset(unknowns))


def test_blocks_are_found_in_any_order():
    one, two, three = of(None, 0), of(None, 0, 1, 2), of(None, 1, 2)
    assert [block[1] for block in blocks([two, three, one], 3)] == [(0,), (1, 2)]


def test_equations_that_do_not_determine_are_refused():
    for equations in ([of(None, 0), of(None, 0)], [of(None, 0, 1)]):
        with pytest.raises(NotConverged):
            blocks(equations, 2)


@settings(max_examples=25, deadline=None)
@given(st.floats(0.2, 3), st.floats(-2, 2), st.floats(2, 14))
def test_powers_are_solved_and_the_error_is_honest(power, constant, decade):
    n = 10**decade
    found = solve([of(lambda x, n: (x[0] ** power, math.exp(constant) * n), 0)], 1, n) if decade < 5 * power else None
    if found is not None:
        exact = (math.exp(constant) * n) ** (1 / power)
        assert abs(found.value.values[0] / exact - 1) <= found.error + 1e-13


def test_coupled_equations_are_solved_together():
    first, second = of(lambda x, n: (x[0] * x[1], n), 0, 1), of(lambda x, n: (x[0] + x[1], 5 * x[1]), 0, 1)
    assert solve([first, second], 2, 1e6).checked().value.values == pytest.approx((2000, 500), rel=1e-9)


def test_coupled_equations_with_two_solutions_say_so():
    first, second = of(lambda x, n: (x[0] * x[1], n), 0, 1), of(lambda x, n: (x[0] + x[1], n + 1), 0, 1)
    with pytest.raises(NotConverged):
        solve([first, second], 2, 1e4).checked()


def test_several_solutions_do_not_pass_for_one():
    found = solve([of(lambda x, n: (x[0] ** 2 + n, (n + 1) * x[0]), 0)], 1, 1e4)  # x = 1 and x = n
    assert found.value.solutions == 2
    assert found.status is Status.STALLED
    with pytest.raises(NotConverged):
        found.checked()


def quintic(x, n):
    """x = 0.618 n, x = 1.27 n."""
    return x[0] ** 5 + 3 * n**5, 5 * x[0] * n**4


@settings(max_examples=20, deadline=None)
@given(st.floats(2.2, 12), st.sampled_from(["above", "below"]))
def test_a_solution_that_another_equation_excludes_is_none(decade, kept):
    """y is positive on one side of n only."""
    second = (lambda x, n: (x[1] + n, x[0])) if kept == "above" else (lambda x, n: (x[1] + x[0], n))
    found = solve([of(quintic, 0), of(second, 0, 1)], 2, 10**decade).checked()
    x, y = (value / 10**decade for value in found.value.values)
    exact = max(np.real(root) for root in np.roots([1, -1, 2, -3]) if abs(np.imag(root)) < 1e-9)
    assert x == pytest.approx(exact if kept == "above" else (math.sqrt(5) - 1) / 2, rel=1e-9)
    assert y == pytest.approx(abs(x - 1), rel=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.floats(-8, 8), st.floats(1e-3, 1.5), st.floats(2, 12))
def test_two_solutions_close_together_are_seen(place, distance, decade):
    """Both within one step of the grid, wherever they stand on it."""
    low, high = math.exp(place), math.exp(place + distance)
    found = solve([of(lambda x, n: (x[0] ** 2 + low * high, (low + high) * x[0]), 0)], 1, 10**decade)
    assert found.value.solutions == 2


@settings(max_examples=20, deadline=None)
@given(st.integers(-20, 20), st.floats(0.2, 0.8), st.floats(0.15, 0.4))
def test_two_solutions_between_places_of_the_grid_that_are_level_are_seen(cell, share, width):
    """The residual is a third to sixteen digits on the whole grid, but for a bump between two of its places."""
    equation, n = bump(cell, share, width)
    assert solve([equation], 1, n).value.solutions == 2


def bump(cell, share, width):
    n = 1e12
    places = grid_roots.grid_of(n)
    low, high = places[places.size // 2 + cell], places[places.size // 2 + cell + 1]
    centre = low + share * (high - low)
    return of(lambda x, n: (1.0, 0.5 + 4 * math.exp(-(((math.log(x[0]) - centre) / (0.2 * width)) ** 2))), 0), n


def test_without_a_look_between_them_they_are_not(monkeypatch):
    monkeypatch.setattr(grid_roots, "PROBES", (1.0,))
    equation, n = bump(3, 0.5, 0.3)
    with pytest.raises(NotConverged):
        solve([equation], 1, n)


CALLED_SEVERAL = {  # second equations that leave both solutions, or of which the solver cannot be sure that they leave one
    "both": lambda x, n: (x[1], x[0]),
    "excluded by rounding only": lambda x, n: (x[1] + n, x[0] / 0.6180339887498949),
    "a gap of a millionth": lambda x, n: (x[1] + n, x[0] / 0.618034),
    "no value beyond": lambda x, n: (x[1] + n, x[0] if x[1] < 1e30 else math.inf),
}


@pytest.mark.parametrize("name", CALLED_SEVERAL)
def test_what_is_not_clearly_excluded_still_counts(name):
    found = solve([of(quintic, 0), of(CALLED_SEVERAL[name], 0, 1)], 2, 1e6)
    assert found.value.solutions > 1
    assert found.status is Status.STALLED


def test_where_each_solution_is_excluded_there_is_none():
    equations = [of(quintic, 0), of(lambda x, n: (x[1] + 2 * n, x[0]), 0, 1)]
    with pytest.raises(NotConverged, match="leaves others none"):
        solve(equations, 2, 1e6)


def test_many_solutions_are_counted_although_few_are_followed():
    found = solve([of(lambda x, n, k=k: (x[k] ** 2 + n**3, (n + n**2) * x[k]), k) for k in range(5)], 5, 1e4)
    assert found.value.solutions == 32
    assert found.status is Status.STALLED


def named(formula, unknown, *others):
    """unknown = formula(unknowns, n)."""
    return Equation(lambda x, n, ratio: (x[unknown], formula(x, n)), frozenset({unknown, *others}), unknown)


def test_an_unknown_that_is_too_small_for_a_double_leaves_the_others():
    small = named(lambda x, n: math.exp(-n), 0)
    found = solve([small, of(lambda x, n: (x[1], x[0] + 1 / n), 0, 1)], 2, 1e6).checked()
    assert found.value.values == (0.0, pytest.approx(1e-6))


@pytest.mark.parametrize("factor", [1e290, 1e300, 1e250])
def test_not_where_they_depend_on_it(factor):
    small = named(lambda x, n: math.exp(-n), 0)
    with pytest.raises(NotConverged):
        solve([small, of(lambda x, n: (x[1], x[0] * factor + 1 / n), 0, 1)], 2, 1e6).checked()


def test_nor_where_they_are_its_multiples():
    with pytest.raises(NotConverged):
        solve([named(lambda x, n: math.exp(-n), 0), of(lambda x, n: (x[1], 2 * x[0]), 0, 1)], 2, 1e6).checked()


@settings(max_examples=30, deadline=None)
@given(st.floats(-280, 280))
def test_what_a_formula_says_needs_no_grid(decade):
    found = solve([named(lambda x, n: 10**decade, 0)], 1, 1e2).checked()
    assert found.value.values == (10**decade,)


def test_a_formula_without_a_positive_value_is_no_solution():
    for value in (-1.0, math.nan, math.inf):
        with pytest.raises(NotConverged):
            solve([named(lambda x, n, value=value: value, 0)], 1, 1e2)


def test_no_solution_is_an_error():
    with pytest.raises(NotConverged):
        solve([of(lambda x, n: (x[0] + n, x[0]), 0)], 1, 1e4)


def test_a_pole_is_no_solution():
    with pytest.raises(NotConverged):
        solve([of(lambda x, n: (1 / (x[0] - 2), 0.0), 0)], 1, 1e4)


@pytest.mark.parametrize(("n", "penalty", "noise"), [(1e4, 1.0, 1e-2), (1e12, 0.0, 0.0), (1e12, 1e3, 1e-9)])
def test_kernel_ridge_agrees_with_its_own_solver(n, penalty, noise):
    alpha, beta = 1.5, 1.2

    def kappa(x, size, ratio):
        k, w = summation_rule(math.inf, ratio)
        return size * x[0], penalty + x[0] * float(np.sum(w * k**-alpha / (k**-alpha + x[0])))

    def risk(x, size, ratio):
        k, w = summation_rule(math.inf, ratio)
        share = k**-alpha / (k**-alpha + x[0])
        df2, bias = float(np.sum(w * share**2)), float(np.sum(w * k ** (-1 - beta) * (1 - share) ** 2))
        return x[1] * (1 - df2 / size), bias + noise * df2 / size

    found = solve([Equation(risk, frozenset({0, 1})), Equation(kappa, frozenset({0}))], 2, n)
    known = solve_ridge(samples=n, ridge=penalty, noise=noise, capacity=alpha, source=beta / (2 * alpha)).value
    assert found.value.values == pytest.approx((known.effective_ridge, known.risk), rel=1e-6)


def test_a_second_solution_far_out_is_seen():
    found = solve([of(lambda x, n: (x[0] ** 2 + n**7, (n + n**6) * x[0]), 0)], 1, 1e2)  # x = n and x = n**6
    assert found.value.solutions == 2


def test_rounding_far_out_is_no_solution():
    found = solve(
        [of(lambda x, n: (x[0] ** 2 + n * x[0], x[0] ** 2 + n), 0)], 1, 1e2
    )  # x = 1; beyond 1e18 both are x**2
    assert found.value.solutions == 1
    assert found.value.values[0] == pytest.approx(1)
