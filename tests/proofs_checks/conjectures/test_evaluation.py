"""Formulas in floating point: what is remembered between two evaluations is what would be worked out anew."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp

from scalecheck.numerics.equations import Equation
from scalecheck.numerics.errors import NotConverged
from scalecheck.numerics.systems import solve
from scalecheck.proofs_checks.conjectures.evaluation import Memo, equation, evaluate
from scalecheck.proofs_checks.conjectures.grammar import parse_formula
from scalecheck.proofs_checks.conjectures.nodes import Relation

SUM = parse_formula("powersum(k**(-s), x)", sums=True)


@settings(max_examples=60, deadline=None)
@given(st.floats(0.2, 3), st.lists(st.floats(0, 60), min_size=2, max_size=6), st.sampled_from([2.0, 4.0, 16.0]))
def test_a_sum_that_ends_elsewhere_is_another_sum(power, ends, ratio):
    """Many ends have as many places, by which alone the terms were once remembered."""
    memo = Memo(frozenset({"s"}))
    for end in ends:
        values = {"s": power, "x": math.exp(end)}
        assert float(evaluate(SUM, values, ratio, memo)) == float(evaluate(SUM, values, ratio))


@settings(max_examples=20, deadline=None)
@given(st.floats(0.1, 3), st.floats(0.1, 5))
def test_incomplete_gamma_functions_add_up(order, x):
    upper, lower, whole = (
        float(evaluate(parse_formula(text, names=["s", "x"]), {"s": order, "x": x}, 4.0))
        for text in ("uppergamma(s, x)", "lowergamma(s, x)", "gamma(s)")
    )
    assert abs((upper + lower) / whole - 1) < 1e-12
    with mp.workdps(30):
        assert abs(upper / float(mp.quad(lambda t: t ** (order - 1) * mp.exp(-t), [x, x + 5, mp.inf])) - 1) < 1e-9


@settings(max_examples=20, deadline=None)
@given(st.floats(1.1, 3), st.lists(st.floats(1, 40), min_size=2, max_size=4))
def test_the_sums_are_those_of_zeta_functions(power, ends):
    memo = Memo(frozenset({"s"}))
    for end in ends:
        whole = math.floor(math.exp(end))
        found = float(evaluate(SUM, {"s": power, "x": math.exp(end)}, 4.0, memo))
        with mp.workdps(30):
            exact = mp.zeta(power) - mp.zeta(power, whole + 1)
        assert abs(found / float(exact) - 1) < 1e-11


def written(left, right):
    """An equation in x and y at large n, with p = 2."""
    sides = (parse_formula(side, sums=True) for side in (left, right))
    return equation(Relation(next(sides), "=", next(sides)), ("x", "y"), "n", {"p": 2.0})


SYSTEMS = {
    "a polynomial": ("x**p + x", "n*y"),
    "no value for large x": ("sqrt(n - x)", "exp(-x)*y"),
    "a side without x": ("n", "y**2"),
    "a minimum": ("min(x, x**2/n, y)", "1"),
    "a sum to n": ("powersum(x/(k**p + x), n)", "y"),
    "an infinite sum": ("powersum(k**(-p)*exp(-x*k**(-p)))", "x/(n*y)"),
    "a sum that converges for some x only": ("powersum(k**(-x))", "y"),
    "a sum from n on": ("powersum(k**(-p)*x/(k**(-p) + x)) - powersum(k**(-p)*x/(k**(-p) + x), n)", "1/n"),
    "steps": ("powersum(k**(-p)*(1 - k**(-p)/2)**x)", "y/n"),
    "a sum without x": ("x*powersum(k**(-p), n)", "n"),
}


@pytest.mark.parametrize("name", SYSTEMS)
def test_sides_at_many_places_are_those_at_each(name):
    """Also where they have no value; and 37 places are no whole number of what is worked out at once."""
    asked = written(*SYSTEMS[name])
    places, values = np.exp(np.linspace(-20, 20, 37)), np.array([np.nan, 3.0])
    found = asked.along(values, 0, places, 1e4, 16.0)
    alone = np.array([asked.sides(np.array([place, 3.0]), 1e4, 16.0) for place in places]).T
    assert np.allclose(found, alone, rtol=1e-13, atol=0, equal_nan=True)
    shifted = np.array([asked.sides(np.array([1.001 * place, 3.0]), 1e4, 16.0) for place in places]).T
    assert not np.allclose(found, shifted, rtol=1e-13, atol=0, equal_nan=True) or name == "a side without x"


@pytest.mark.parametrize("end", ["x", "n*y", "n + y"])
def test_a_sum_that_ends_at_an_unknown_is_worked_out_place_by_place(end):
    assert written(f"powersum(1/k, {end})", "n").along is None


def test_a_grid_of_many_places_at_once_is_what_is_solved_by():
    """Solutions are looked for where the sides at many places say, and nowhere else."""
    asked = written("x**3 + x", "n")
    assert solve([asked, written("y", "x")], 2, 1e6).value.values[0] == pytest.approx(1e2, rel=1e-4)
    blind = Equation(
        asked.sides, asked.unknowns, None, lambda _, __, places, *___: (np.full(len(places), 1e3), np.ones(len(places)))
    )
    with pytest.raises(NotConverged):
        solve([blind, written("y", "x")], 2, 1e6)
