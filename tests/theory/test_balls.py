"""Ball arithmetic on formulas: enclosures contain the value, and what is zero is never said not to be."""

import mpmath
import pytest
import sympy as sp
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from scalecheck.theory.asymptotics.special import HalfMoment, half_moment
from scalecheck.theory.balls import NoBall, ball, settled, working
from scalecheck.theory.identities import is_zero
from scalecheck.theory.nonzero import surely_not_zero

x, y = sp.symbols("x y", positive=True)
R = sp.Rational

FORMULAS = (
    sp.exp(-x) * x ** R(1, 3) - sp.log(x),
    sp.gamma(x + R(1, 2)) / sp.zeta(x + 1),
    sp.zeta(x + 1, 3) + sp.erf(x) * sp.erfc(x / 2) + sp.pi * sp.EulerGamma + sp.E,
    sp.uppergamma(x, 2) + sp.lowergamma(x, 2),
    sp.betainc(x, -R(2, 5), 0, x / (x + 1)) + sp.betainc(R(1, 3), x, R(1, 5), R(1, 2)),
    sp.hyper([R(3, 2), x], [x + 1], -x) + sp.hyper([x], [x + 1], x / 2),
    sp.hyper([R(2, 3), R(2, 3)], [R(5, 3)], -(x**2) * 10**9),
    sp.hyper([x + R(1, 3), x], [x + R(4, 3)], -(10**6)),
    sp.hyper([R(1, 3), R(1, 7)], [R(10, 21)], x / (x + R(1, 1000))),
    sp.Float("0.1", 30) * x,
    sp.Abs(1 - x) * HalfMoment(-R(5, 3), x) + HalfMoment(x, -R(3, 2)),
)


@pytest.mark.parametrize("formula", FORMULAS, ids=str)
@pytest.mark.parametrize("place", [0.03125, 0.75, 2.5, 17.0])
def test_settled_values_are_those_of_mpmath(formula, place):
    with mpmath.workdps(60):
        expected = float(mpmath.re(sp.lambdify(x, formula, [{"HalfMoment": half_moment}, "mpmath"])(mpmath.mpf(place))))
    assert settled(formula, {x: place}) == pytest.approx(expected, rel=1e-14)


def test_a_pole_of_one_part_of_a_half_moment_has_no_ball():
    """Γ((ν+1)/2) has a pole at ν = -1, where the half moment itself has one too; at ν = -2 only its even part is finite."""
    assert settled(HalfMoment(sp.Integer(-1), x), {x: 1.0}) is None
    assert settled(HalfMoment(sp.Integer(-2), x), {x: 1.0}) is None


@given(st.fractions(min_value=R(1, 20), max_value=8), st.integers(2, 6), st.integers(2, 6))
@settings(max_examples=60, deadline=None)
def test_an_identity_is_never_said_to_fail(exponent, p, q):
    power = R(exponent.numerator, exponent.denominator)
    identities = (
        (x + y) ** p * (x + y) ** power - (x + y) ** (p + power),
        sp.gamma(x + 1) - x * sp.gamma(x),
        sp.zeta(x + q) - sp.zeta(x + q, 2) - 1,
        sp.log(x**p * y**q) - p * sp.log(x) - q * sp.log(y),
        sp.erf(x) + sp.erfc(x) - 1,
    )
    assert not any(surely_not_zero(identity) for identity in identities)
    assert all(surely_not_zero(identity + R(1, 10**12)) for identity in identities if identity != 0)


def test_no_statement_where_a_symbol_may_stand_for_no_such_number():
    n, below, free = sp.Symbol("n", integer=True), sp.Symbol("w", negative=True), sp.Symbol("z")
    assert not any(surely_not_zero(symbol - 5) for symbol in (n, below, free))
    assert is_zero(sp.sin(sp.pi * n))


@pytest.mark.parametrize(
    "formula",
    [sp.Function("f")(x), sp.log(-x), (-x) ** R(1, 2), sp.gamma(0 * x - 1 + x), y, sp.hyper([1, 2, 3], [4], x)],
)
def test_what_has_no_ball_has_no_value(formula):
    assert settled(formula, {x: 0.0 if formula.has(sp.gamma) else 1.0}) is None
    with pytest.raises(NoBall):
        ball(sp.Function("f")(x), {x: arb(1)})


def test_cancellation_raises_the_precision_and_underflow_is_zero():
    # n! is cancelled: at double precision nothing would be left.
    assert settled(sp.exp(x) - sum(x**k / sp.factorial(k) for k in range(20)), {x: 1e-3}) == pytest.approx(
        4.110e-79, rel=1e-3
    )
    assert settled(sp.exp(-x), {x: 1e40}) == 0.0
    assert settled(sp.exp(x), {x: 1e40}) is None


def test_the_precision_is_put_back():
    before = arb(1) / 3
    with pytest.raises(NoBall), working(500):
        raise NoBall
    assert (arb(1) / 3).rel_accuracy_bits() == before.rel_accuracy_bits()
