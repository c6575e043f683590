"""Formulas in floating point: what is remembered between two evaluations is what would be worked out anew."""

import math

from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp

from scalecheck.proofs_checks.conjectures.evaluation import Memo, evaluate
from scalecheck.proofs_checks.conjectures.grammar import parse_formula

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
