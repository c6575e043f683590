"""Mellin transforms by rule against numeric integration, against known values, and the functions that are refused."""

import mpmath
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from scalecheck.theory.asymptotics.mellin import (
    MellinMismatch,
    MellinUnknown,
    Strip,
    mellin_transform,
    mellin_variable,
)
from scalecheck.theory.asymptotics.special import HalfMoment, half_moment
from scalecheck.theory.asymptotics.transform_check import confirm_transform

u = sp.Symbol("u", positive=True)
beta = sp.Symbol("beta", positive=True)
R = sp.Rational

TABLE = [
    # function, strip, points (outside the strip too), parameters
    (u / (1 + u), Strip(sp.Integer(-1), sp.S.Zero), (-R(1, 2), -R(3, 2), R(1, 2)), {}),
    (1 / (1 + u) ** 2, Strip(sp.S.Zero, sp.Integer(2)), (R(1, 2), R(3, 2), -R(1, 2)), {}),
    (1 / (2 + 3 * u**2) ** R(3, 2), Strip(sp.S.Zero, sp.Integer(3)), (R(1, 2), R(5, 2)), {}),
    (1 / (2 + 3 / u**2) ** R(3, 2), Strip(sp.Integer(-3), sp.S.Zero), (-R(1, 2), -R(5, 2)), {}),
    (1 / (1 + beta / u), Strip(sp.Integer(-1), sp.S.Zero), (-R(1, 2), -R(3, 2), R(1, 2)), {beta: R(7, 5)}),
    (sp.Min(u, 1) ** 2, Strip(sp.Integer(-2), sp.S.Zero), (-R(1, 2), -R(5, 2), R(1, 2)), {}),
    (sp.Max(u, 2) - 2, Strip(sp.oo, sp.Integer(-1)), (-R(3, 2), -R(1, 2)), {}),
    (sp.exp(-u), Strip(sp.S.Zero, sp.oo), (R(1, 2), -R(1, 2)), {}),
    (u * sp.exp(-(u**beta)), Strip(sp.Integer(-1), sp.oo), (R(1, 2), -R(1, 2)), {beta: R(7, 5)}),
    (sp.exp(-1 / u), Strip(-sp.oo, sp.S.Zero), (-R(1, 2), R(1, 2)), {}),
    (sp.erfc(2 * u), Strip(sp.S.Zero, sp.oo), (R(1, 2), -R(1, 2)), {}),
    (sp.erf(u), Strip(sp.Integer(-1), sp.S.Zero), (-R(1, 2), R(1, 2)), {}),
    (u**2 * sp.erfc(u - beta), None, (-R(1, 2), -R(3, 2)), {beta: R(7, 5)}),
    (sp.exp(-((u - beta) ** 2)), Strip(sp.S.Zero, sp.oo), (R(1, 2), -R(1, 2)), {beta: R(7, 5)}),
    (sp.Piecewise((u**2, u < 2), (3 / u, True)), Strip(sp.Integer(-2), sp.S.One), (-R(1, 2), R(3, 2)), {}),
]


@pytest.mark.parametrize(("function", "strip", "points", "parameters"), TABLE, ids=[str(row[0]) for row in TABLE])
def test_rule_agrees_with_integration(function, strip, points, parameters):
    found = mellin_transform(function, u, 5)
    for point in points:
        assert confirm_transform(found, point, parameters) < 1e-5
    if strip is not None and strip.lower != sp.oo:
        assert found.strip == strip


def test_gamma_function_itself():
    assert mellin_transform(sp.exp(-u), u).formula == sp.gamma(mellin_variable)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(order=st.floats(0.1, 4), point=st.floats(-3, 3))
def test_half_moment_is_the_moment(order, point):
    def integrand(z):
        return (z + point) ** order * mpmath.npdf(z)

    expected = mpmath.quad(integrand, [-point, -point + 1, -point + 4, 14])
    assert float(half_moment(order, point)) == pytest.approx(float(expected), rel=1e-8)
    rewritten = HalfMoment(sp.Float(order), sp.Float(point)).rewrite(sp.hyper)
    assert float(rewritten) == pytest.approx(float(expected), rel=1e-7)


def test_half_moment_derivative_and_value_at_zero():
    x = sp.Symbol("x", real=True)
    assert sp.diff(HalfMoment(3, x), x) == 3 * HalfMoment(2, x)
    assert float(HalfMoment.at_zero(R(5, 2))) == pytest.approx(float(half_moment(2.5, 0)))


@pytest.mark.parametrize(
    "function",
    [sp.log(1 + u) ** 2, sp.sin(u), sp.exp(u), sp.erfc(u) * sp.exp(-u), 1 / (1 - u), sp.Min(u, sp.sin(u)), sp.gamma(u)],
)
def test_functions_without_a_rule_are_refused(function):
    with pytest.raises(MellinUnknown):
        mellin_transform(function, u)


@pytest.mark.parametrize("factor", [R(51, 50), R(49, 50)])
def test_a_wrong_transform_is_refused(factor):
    from dataclasses import replace

    right = mellin_transform(u / (1 + u), u)
    with pytest.raises(MellinMismatch):
        confirm_transform(replace(right, formula=right.formula * factor), -R(1, 2), {})


def test_duality_of_poles_and_end_expansions():
    """At s = -r the residue is (coefficient of u^r at 0) - (coefficient of u^r at ∞): a second way to both."""
    found = mellin_transform(u / (1 + u), u, 4)
    for monomial, sign in [(m, 1) for m in found.small] + [(m, -1) for m in found.large]:
        residue = sp.residue(found.formula, mellin_variable, -monomial.power)
        assert sp.simplify(residue - sign * monomial.coefficient) == 0


def test_strip_questions():
    assert Strip(sp.S.Zero, sp.S.Zero).is_empty
    assert Strip(-beta, sp.S.Zero).is_empty is False
    condition = Strip(-beta, 1 - beta).contains(-beta / 2)
    assert condition.subs(beta, R(1, 2)) == sp.true
    assert condition.subs(beta, 3) == sp.false
