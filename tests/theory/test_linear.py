"""Linear equations by elimination: against SymPy's own solver, and what has no single solution."""

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from scalecheck.theory.linear import linear_solution

x, y, c = sp.symbols("x y c", real=True)
NUMBERS = st.fractions(-5, 5, max_denominator=6).map(lambda value: sp.Rational(value.numerator, value.denominator))


@given(st.lists(NUMBERS, min_size=6, max_size=6))
def test_agrees_with_a_general_solver(numbers):
    p, q, r, s, t, u = numbers
    equations = [p * x + q * y - t * c, r * x + s * y - u]
    found = linear_solution(equations, [x, y])
    if p * s - q * r != 0:
        assert found == {key: sp.expand(value) for key, value in sp.solve(equations, [x, y]).items()}
    else:
        assert found is None


def test_a_symbol_in_front_of_an_unknown():
    found = linear_solution([c * x - y, x + y - 1], [x, y])
    assert all(sp.simplify(e.subs(found)) == 0 for e in (c * x - y, x + y - 1))


@pytest.mark.parametrize("equations", [[x - 1, x - 2], [x - y], [sp.Integer(1)]])
def test_no_single_point(equations):
    assert linear_solution(equations, [x, y] if len(equations) == 1 else [x]) is None


def test_what_is_not_linear_is_refused():
    with pytest.raises(ValueError, match="linear"):
        linear_solution([x**2 - 1], [x])
