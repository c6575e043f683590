"""The enumeration keeps a point that new rows leave in place, and gives up one that they rule out."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from scalecheck.theory.asymptotics.cells import Branch, Census, sign_of, solve_equalities
from scalecheck.theory.asymptotics.chambers import Arena, fraction
from scalecheck.theory.asymptotics.exact import Field, Form
from scalecheck.theory.asymptotics.linear_programming import Kind, Row, Witness, check_witness, decide

gamma = sp.Symbol("gamma", positive=True)
x, y = sp.symbols("x y", real=True)
ground = Field((gamma,))
FORMS = st.builds(
    lambda p, q, r, s: Form.of(ground, (p + s * gamma) * x + q * y + r, (x, y)), *(st.integers(-2, 2) for _ in range(4))
)
ROWS = st.lists(st.builds(Row, FORMS, st.sampled_from(list(Kind))), min_size=1, max_size=4)


def arena() -> Arena:
    return Arena(ground, (fraction(sp.Rational(13, 7)),))


def row(expression: sp.Expr, kind: Kind = Kind.MORE) -> Row:
    return Row(Form.of(ground, expression, (x, y)), kind)


@given(ROWS, ROWS)
def test_a_branch_is_kept_exactly_if_its_rows_can_hold(first: list[Row], second: list[Row]) -> None:
    here = arena()
    census = Census()
    start = census.decide(Branch((), tuple(first)), "power", here)
    assert (start is not None) == isinstance(decide(first, arena()), Witness)
    if start is None:
        return
    grown = replace(start, rows=(*first, *second), unproved=tuple(second))
    found = census.decide(grown, "power", here)
    assert (found is not None) == isinstance(decide([*first, *second], arena()), Witness)
    assert found is None or (check_witness(found.rows, found.witness, here) and not found.unproved)


def test_a_point_that_a_new_row_rules_out_is_not_kept() -> None:
    start = Census().decide(Branch((), (row(x),)), "power", arena())
    assert start is not None
    assert start.witness is not None
    place = start.witness.point[x].to_sympy()
    new = (row(x - place - 1),)
    moved = Census().decide(replace(start, rows=(*start.rows, *new), unproved=new), "power", arena())
    assert moved is not None
    assert moved.witness != start.witness


@pytest.mark.parametrize("new", [row(y - x), row(y, Kind.EQUAL)])
def test_a_point_says_nothing_about_a_variable_it_does_not_have(new: Row) -> None:
    here = arena()
    assert not check_witness((new,), Witness({x: ground(1)}), here)
    assert not here.signs


@given(ROWS)
def test_what_can_only_be_an_equality_is_one(rows: list[Row]) -> None:
    """With the equalities in, the rows hold just where they held; what is not tight holds strictly somewhere."""
    here = arena()
    branch = Census().decide(Branch((), tuple(rows)), "power", here)
    solved = solve_equalities(rows, [x, y], here)
    if branch is None or not solved.free:
        return
    tight = Census().tight(branch, solved, here)
    assert isinstance(decide([*rows, *tight], arena()), Witness)
    for weak in (item for item in rows if item.kind is Kind.AT_LEAST):
        strict = isinstance(decide([*rows, replace(weak, kind=Kind.MORE)], arena()), Witness)
        speaks = set(solved.free) & set(weak.form.substitute(solved.values).coefficients)
        assert (replace(weak, kind=Kind.EQUAL) in tight) == (bool(speaks) and not strict)


def test_two_inequalities_make_an_equality() -> None:
    here, rows = arena(), [row(x - y, Kind.AT_LEAST), row(y - x, Kind.AT_LEAST), row(x + 1, Kind.AT_LEAST)]
    branch = Census().decide(Branch((), tuple(rows)), "power", here)
    assert branch is not None
    tight = Census().tight(branch, solve_equalities(rows, [x, y], here), here)
    assert [item.form for item in tight] == [rows[0].form, rows[1].form]


def test_signs_that_a_point_needs_are_recorded() -> None:
    here = arena()
    known = Branch((), (row(x - gamma),), frozenset(), Witness({x: ground(2)}), (row(x - gamma),))
    found = Census().decide(known, "power", here)
    assert found is not None
    assert found.witness == Witness({x: ground(2)})
    assert here.conditions == (gamma < 2,)


@given(
    st.fractions("1/10", 4, max_denominator=10),
    st.fractions(-3, 3, max_denominator=5),
    st.fractions(-3, 3, max_denominator=5),
)
def test_signs_of_gaps_are_those_of_numbers(share: Fraction, one: Fraction, two: Fraction) -> None:
    a = sp.Symbol("a", positive=True)
    part, slow, fast = (sp.Rational(v.numerator, v.denominator) for v in (share, one, two))
    value = sp.exp(slow * a) - part * sp.exp(fast * a)
    try:
        found = sign_of(value, Arena(Field((a,)), (fraction(sp.Rational(3, 4)),)))
    except ValueError:
        return
    for place in (sp.Rational(1, 50), sp.S.One, sp.Integer(9)):
        assert found == sp.sign(sp.N(value.subs(a, place), 30)) or value == 0
