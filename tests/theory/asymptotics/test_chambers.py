"""Chambers cover the domain, their walls are exact, and a special sample point proves nothing."""

from __future__ import annotations

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from scalecheck.theory.asymptotics import chambers as chambers_module
from scalecheck.theory.asymptotics.chambers import Arena, ParameterDomain, explore
from scalecheck.theory.asymptotics.exact import Field, fraction

g, h = sp.symbols("g h", positive=True)
polynomials = st.lists(st.lists(st.integers(-4, 4), min_size=1, max_size=4), min_size=1, max_size=3)


def test_walls_are_algebraic_and_exact() -> None:
    domain = ParameterDomain.of((g,), (g > sp.Rational(1, 2),))
    chambers = explore(domain, lambda arena: tuple(arena.sign(arena.field(e)) for e in (g - 1, g**2 - 3)))
    found = {c.outcome: c.intervals for c in chambers}
    assert found == {
        (-1, -1): ((sp.Rational(1, 2), 1),),
        (1, -1): ((1, sp.sqrt(3)),),
        (1, 1): ((sp.sqrt(3), sp.oo),),
    }


@given(polynomials, st.fractions(min_value=0, max_value=8, max_denominator=7))
@settings(max_examples=60, deadline=None)
def test_every_parameter_lies_in_a_chamber_with_its_signs(coefficients: list[list[int]], value: object) -> None:
    expressions = [sum(c * g**k for k, c in enumerate(row)) for row in coefficients]
    chambers = explore(
        ParameterDomain.of((g,), ()), lambda arena: tuple(arena.sign(arena.field(sp.sympify(e))) for e in expressions)
    )
    point = sp.Rational(value.numerator, value.denominator)  # type: ignore[attr-defined]
    truth = tuple(int(sp.sign(sp.sympify(e).subs(g, point))) for e in expressions)
    inside = [c for c in chambers if any(low < point < high for low, high in c.intervals)]
    identically_zero = [sp.expand(e) == 0 for e in expressions]
    if all(t != 0 or z for t, z in zip(truth, identically_zero)) and point > 0:
        assert [c.outcome for c in inside] == [truth]


def test_two_parameters_are_exhausted() -> None:
    domain = ParameterDomain.of((g, h), (g > 1, h < 2 * g))
    chambers = explore(domain, lambda arena: tuple(arena.sign(arena.field(e)) for e in (g - h, g * h - 2)))
    assert {c.outcome for c in chambers} == {(1, 1), (1, -1), (-1, 1), (-1, -1)}


def test_signs_of_another_chamber_are_not_adopted() -> None:
    ground = Field((g,))
    low, high = Arena(ground, (fraction(1),)), Arena(ground, (fraction(3),))
    low.sign(ground(g - 2))
    assert not high.adopt(low.signs)
    assert not high.signs


X, Y = sp.symbols("x y", positive=True)
WALLS = (X < 3, Y < X, X + Y > 1, X * Y < 2, X**2 + Y**2 > 1, Y > 2 * X - 3, X * Y - Y > 1)
FORMS = st.tuples(*[st.integers(-3, 3)] * 3).map(lambda c: c[0] * X + c[1] * Y + c[2])


@given(st.lists(st.sampled_from(WALLS), max_size=3, unique=True), FORMS)
def test_a_sign_on_a_domain_is_that_of_all_its_cells(walls: list[sp.Rel], form: sp.Expr) -> None:
    domain = ParameterDomain.of((X, Y), walls)
    polynomial = domain.field(form).numerator if form.free_symbols else None
    if polynomial is None:
        return
    cells = domain.open_cells([polynomial])
    values = [form.subs({X: sp.Rational(str(x)), Y: sp.Rational(str(y))}) for x, y in cells]
    signs = {int(sp.sign(value)) for value in values}
    assert domain.sign(form) == (signs.pop() if len(signs) == 1 else None)


def test_what_has_one_sign_on_planes_only_is_asked_of_the_whole_domain() -> None:
    domain = ParameterDomain.of((X, Y), (X * Y < 2, Y > 2, X < 3))
    assert domain.sign(1 - X) == 1
    assert domain.sign(sp.Rational(1, 2) - X) is None
    assert not domain._within_planes.keeps(domain.field(1 - X).numerator)


def test_too_many_cells_are_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chambers_module, "MOST_CELLS", 500)
    names = sp.symbols("a b c d e f g h", positive=True)
    domain = ParameterDomain.of(names, ())
    walls = [domain.field(one - two).numerator for k, one in enumerate(names) for two in names[k + 1 :]]
    with pytest.raises(RuntimeError, match="more than 500 cells"):
        domain.open_cells(walls)
