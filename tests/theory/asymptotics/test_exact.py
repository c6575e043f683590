"""Reading rational functions and affine forms: the quick way and SymPy's polynomials give the same element."""

from __future__ import annotations

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from scalecheck.theory.asymptotics.exact import Field, Form

decay, rate = sp.symbols("decay rate", positive=True)
x, y = sp.symbols("x y", real=True)
field = Field((decay, rate))


def _inverse(value: sp.Expr) -> sp.Expr:
    return value if value == 0 else 1 / value


LEAVES = st.sampled_from([decay, rate]) | st.fractions(min_value=-4, max_value=4, max_denominator=6).map(
    lambda q: sp.Rational(q.numerator, q.denominator)
)
RATIONAL = st.recursive(
    LEAVES,
    lambda inner: (
        st.tuples(inner, inner).map(sum) | st.tuples(inner, inner).map(lambda p: p[0] * p[1]) | inner.map(_inverse)
    ),
    max_leaves=8,
)


@given(RATIONAL)
def test_both_ways_give_one_element(expression: sp.Expr) -> None:
    quick = field.folded(sp.sympify(expression))
    slow = field._by_polynomials(sp.sympify(expression))
    assert quick is None or quick == slow
    assert field(expression) == slow


@given(RATIONAL, RATIONAL, RATIONAL)
def test_affine_forms_are_read_both_ways(p: sp.Expr, q: sp.Expr, r: sp.Expr) -> None:
    expression = p * (x + 2 * y) + q * y + r
    assert Form.of(field, expression, (x, y)) == Form._by_polynomials(field, sp.sympify(expression), (x, y))


def test_the_order_of_variables_is_the_callers() -> None:
    assert list(Form.of(field, y + decay * x, (y, x)).coefficients) == [y, x]


@pytest.mark.parametrize("expression", [x * y, x**2, sp.sqrt(x), x * decay**sp.pi, sp.exp(x), x + sp.sqrt(2)])
def test_what_is_not_affine_is_refused(expression: sp.Expr) -> None:
    with pytest.raises(TypeError):
        Form.of(field, expression, (x, y))


def test_a_denominator_that_cancels_to_nothing_is_no_element() -> None:
    gone = sp.Pow(sp.Add(decay, sp.Mul(-1, decay, evaluate=False), evaluate=False), -1, evaluate=False)
    assert field.folded(gone) is None


def test_values_of_a_form() -> None:
    form = Form.of(field, decay * x - y + 1, (x, y))
    assert form.value({x: field(2), y: field(1 / decay)}) == field(2 * decay - 1 / decay + 1)
