"""Formulas as functions of floats against SymPy's own arithmetic, and what is missing is not guessed."""

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from scalecheck.proofs_checks.values import value_at

x, y = sp.symbols("x y", positive=True)
FORMULAS = (x**y, sp.sqrt(x / y) + sp.log(x) * sp.pi, sp.zeta(1 + y) * x, sp.gamma(1 + y) - sp.exp(-x), sp.Integer(3))


@given(st.sampled_from(FORMULAS), st.floats(0.1, 20), st.floats(0.1, 20))
def test_values_are_those_of_sympy_and_belong_to_names(formula, first, second):
    exact = formula.subs({x: sp.Float(first, 30), y: sp.Float(second, 30)})
    tolerance = 1e-12 * (1 + abs(float(exact)))
    assert value_at(formula, {"y": second, "x": first, "unused": 7.0}) == pytest.approx(float(exact), abs=tolerance)


def test_a_symbol_without_a_value_is_no_number():
    with pytest.raises(KeyError, match="y"):
        value_at(x + y, {"x": 1.0})
