"""Numbers against enclosures: exact bounds on both sides, and nothing is decided where they overlap in part."""

from fractions import Fraction

import mpmath
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from scalecheck.proofs_checks import enclosed
from scalecheck.proofs_checks.claims import Effort
from scalecheck.proofs_checks.enclosed import Enclosed, bounds, by_certificate, compared
from scalecheck.proofs_checks.evidence import Outcome
from scalecheck.theory.balls import NoBall

x, y = sp.symbols("x y", positive=True)


@pytest.mark.parametrize(
    "formula",
    [sp.sqrt(x) + y, sp.exp(-x) * sp.zeta(y + 1), sp.gamma(x / 7) ** y, sp.log(x) / sp.pi, x ** (y / 3), sp.Rational(1, 3) * x],
)  # fmt: skip
def test_bounds_hold_the_value_as_another_library_computes_it(formula):
    low, high = bounds(formula, {"x": "22/7", "y": "1.7"})
    with mpmath.workdps(60):
        value = sp.lambdify([x, y], formula, "mpmath")(mpmath.mpf(22) / 7, mpmath.mpf(17) / 10)
        assert mpmath.mpf(low.numerator) / low.denominator <= value * (1 + mpmath.mpf(10) ** -58)
        assert value * (1 - mpmath.mpf(10) ** -58) <= mpmath.mpf(high.numerator) / high.denominator
    assert 0 <= high - low < abs(high) / 10**45


def test_bounds_of_an_exact_number_are_that_number():
    assert bounds(sp.Rational(3, 8), {}) == (Fraction(3, 8), Fraction(3, 8))
    assert bounds(x + 1, {"x": "1e40"}) == (10**40 + 1, 10**40 + 1)


@pytest.mark.parametrize("formula", [sp.Function("f")(x), sp.log(x - 3), 1 / (x - 2)])
def test_what_has_no_ball_is_not_bounded(formula):
    with pytest.raises(NoBall):
        bounds(formula, {"x": "2"})


fractions = st.fractions(min_value=-3, max_value=3, max_denominator=50)


@given(
    fractions, fractions, fractions, fractions, st.fractions(min_value=0, max_value=Fraction(9, 10), max_denominator=20)
)
def test_what_is_decided_is_so_at_every_point_of_both_intervals(one, two, three, four, allowed):
    (low, high), (least, most) = sorted((one, two)), sorted((three, four))
    outcome = compared((low, high), (least, most), allowed)
    within = [
        abs(value - stated) <= abs(stated) * allowed
        for value in (low, (low + high) / 2, high)
        for stated in (least, (least + most) / 2, most)
    ]
    if outcome is Outcome.HOLDS:
        assert all(within)
    elif outcome is Outcome.FAILS:
        assert not any(within)


@given(fractions, fractions, st.fractions(min_value=0, max_value=Fraction(9, 10), max_denominator=20))
def test_between_exact_numbers_everything_is_decided(value, stated, allowed):
    outcome = compared((value, value), (stated, stated), allowed)
    assert outcome is (Outcome.HOLDS if abs(value - stated) <= abs(stated) * allowed else Outcome.FAILS)


@pytest.mark.parametrize("allowed", [sp.Rational(-1, 10), sp.Integer(1), sp.Float(0.5), sp.Symbol("x")])
def test_a_deviation_is_an_exact_number_below_one(allowed):
    with pytest.raises(ValueError, match="deviation"):
        Enclosed("risk", (), allowed)


def told(enclosure, formula, allowed="0"):
    """Evidence of a certificate that says so, where the checker accepts everything."""
    witness = by_certificate(lambda **controls: {"enclosures": {"risk": enclosure}})
    return witness(Enclosed("risk", (((("x", "2"),), formula),), sp.Rational(allowed)), Effort())


@pytest.fixture
def _credulous(monkeypatch):
    monkeypatch.setattr(enclosed, "check_certificate", lambda document: "")


@pytest.mark.usefixtures("_credulous")
def test_thirty_digits_do_not_decide_what_fifty_do():
    """Found by reading: the stated formula was rounded to thirty digits, and an enclosure narrower than that was believed."""
    root = "1.41421356237309504880168872420969807856967187537694807"  # of 2, cut
    up = root[:39] + "9"
    assert told([root, root], sp.sqrt(x)).outcome is Outcome.FAILS  # it is not that number
    assert told([root, root], sp.sqrt(x), "1e-45").outcome is Outcome.HOLDS
    assert told([up, up], sp.sqrt(x), "1e-45").outcome is Outcome.FAILS
    assert told([root, up], sp.sqrt(x), "1e-45").outcome is Outcome.UNDECIDED


@pytest.mark.usefixtures("_credulous")
def test_a_formula_without_a_ball_decides_nothing():
    evidence = told(["1", "1"], sp.Function("f")(x))
    assert evidence.outcome is Outcome.UNDECIDED
    assert "no ball encloses" in str(list(evidence.table.records()))


def test_a_certificate_that_is_refused_decides_nothing():
    evidence = told(["1", "1"], x)
    assert evidence.outcome is Outcome.UNDECIDED
