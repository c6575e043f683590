"""Power sums with a logarithm of the scale: transforms, end expansions, sums against their terms, and false ones refused."""

from dataclasses import replace

import pytest
import sympy as sp

from scalecheck.theory.asymptotics.confirm import ExpansionMismatch, confirm, confirm_ends
from scalecheck.theory.asymptotics.logarithms import heads, tails, with_most_logarithms
from scalecheck.theory.asymptotics.mellin import MellinUnknown, Monomial, mellin_transform
from scalecheck.theory.asymptotics.power_sums import Position, PowerSum, Term, expand, unconfirmed
from scalecheck.theory.asymptotics.special import ZetaSlope, evaluate, zeta_slope
from scalecheck.theory.asymptotics.transform_check import confirm_transform
from scalecheck.theory.balls import settled
from scalecheck.theory.symbols import dim

u, a, s = sp.symbols("u a s", positive=True)
R = sp.Rational

FUNCTIONS = [
    sp.log(1 + u),
    sp.log(2 + 3 * u),
    sp.log(1 + 1 / u),
    u ** R(1, 3) * sp.log(1 + 5 / u**2),
    u * sp.log(1 + u**2),
    sp.log(3 + u ** R(1, 2)),
]
SUMS = [
    (sp.log(1 + u), R(3, 2), sp.oo),
    (sp.log(1 + 2 * u), sp.Integer(3), sp.oo),
    (u**a * sp.log(1 + 3 / u), R(13, 10), sp.oo),
    (u * sp.log(1 + u**2), R(13, 10), sp.oo),
    (sp.log(1 + u), R(6, 5), dim),
    (sp.log(1 + 1 / u), sp.Integer(2), dim),
    (u ** R(1, 3) * sp.log(2 + u), R(13, 10), dim),
]
SAMPLE = {a: R(9, 5)}


@pytest.mark.parametrize("function", FUNCTIONS, ids=str)
def test_the_end_expansions_hold(function):
    confirm_ends(mellin_transform(function, u))


@pytest.mark.parametrize("function", FUNCTIONS, ids=str)
def test_an_end_expansion_without_its_logarithm_is_refused(function):
    transform = mellin_transform(function, u)
    plain = [replace(m, log=0) for m in (*transform.small, *transform.large)]
    split = len(transform.small)
    with pytest.raises(ExpansionMismatch):
        confirm_ends(replace(transform, small=tuple(plain[:split]), large=tuple(plain[split:])))


@pytest.mark.parametrize("point", [-R(1, 3), -R(1, 2), -R(7, 10)])
def test_the_transform_is_the_integral(point):
    for function in (sp.log(1 + u), sp.log(1 + 7 * u)):
        assert confirm_transform(mellin_transform(function, u, 8), point, {}) < 1e-6


@pytest.mark.parametrize("position", Position)
@pytest.mark.parametrize(("function", "decay", "count"), SUMS, ids=str)
def test_sums_are_their_terms(function, decay, count, position):
    if count == sp.oo and position is Position.BELOW:
        pytest.skip("an infinite sum has no smallest atom")
    found = expand(PowerSum(function, u, decay, count=count), position, 2, SAMPLE)
    assert found.confirmed["rows"]


@pytest.mark.parametrize("change", ["two percent", "no logarithm", "sign", "slope"])
def test_a_false_term_is_refused(change):
    """Of Σ k^{-a} log(1 + 3/u) with the scale above all atoms: log τ ζ and ζ' lead."""
    found = unconfirmed(PowerSum(u**a * sp.log(1 + 3 / u), u, R(13, 10), count=sp.oo), Position.ABOVE, 2)
    (log,) = [term for term in found.terms if term.scale_log]
    changed = {
        "two percent": replace(log, coefficient=log.coefficient * R(51, 50)),
        "no logarithm": replace(log, scale_log=0),
        "sign": replace(log, coefficient=-log.coefficient),
    }
    plain = [term for term in found.terms if term.coefficient.has(ZetaSlope)]
    terms = [changed.get(change, term) if term is log else term for term in found.terms]
    if change == "slope":
        terms = [replace(t, coefficient=t.coefficient.subs(ZetaSlope, sp.zeta)) if t in plain else t for t in terms]
        terms = [t if t not in plain else replace(t, coefficient=-t.coefficient) for t in terms]
    with pytest.raises(ExpansionMismatch):
        confirm(replace(found, terms=tuple(terms)), SAMPLE)


def test_a_logarithm_that_meets_another_one_is_refused():
    with pytest.raises(MellinUnknown, match="meets another"):
        heads(Monomial(sp.Integer(1), sp.S.One, 1), sp.Integer(1))
    with pytest.raises(MellinUnknown, match="meets another"):
        tails(Monomial(sp.Integer(2), sp.S.One, 1), R(1, 2), lambda _: ())


@pytest.mark.parametrize(
    "function", [sp.log(u - 1), sp.log(1 + u + u**2), sp.log(1 + u) ** 2, sp.log(u) / (1 + u)], ids=str
)
def test_other_logarithms_have_no_rule(function):
    with pytest.raises(MellinUnknown):
        mellin_transform(function, u)


@pytest.mark.parametrize("place", [R(-3, 2), sp.Integer(0), R(1, 2), R(11, 10), sp.Integer(4)])
def test_the_slope_of_zeta(place):
    step = R(1, 10**6)
    difference = (evaluate(sp.zeta(place + step)) - evaluate(sp.zeta(place - step))) / (2 * evaluate(step))
    assert abs(zeta_slope(evaluate(place)) - difference) < 1e-6 * abs(difference)
    assert settled(ZetaSlope(place)) == pytest.approx(float(difference), rel=1e-6)


def test_only_the_most_logarithms_of_a_power_are_kept():
    plain, log = Term("head", s, R(1, 2)), Term("head", s, R(1, 2), count_log=1)
    other = Term("window", s, R(1, 3))
    assert with_most_logarithms([plain, log, other]) == [log, other]
