"""What numbers say of one curve, asked about several exponents; the curve itself is fitted once."""

import numpy as np
import pytest
import sympy as sp

from scalecheck.proofs_checks.conjectures import numeric
from scalecheck.proofs_checks.conjectures.derived import DerivedLaw
from scalecheck.proofs_checks.conjectures.numeric import Curve, agrees, estimated
from scalecheck.proofs_checks.conjectures.pieces import Piece
from scalecheck.proofs_checks.conjectures.sampling import AS_FAR, chosen, distance
from scalecheck.proofs_checks.conjectures.solving import number_at
from scalecheck.proofs_checks.conjectures.strata import Stratum, UnresolvedError
from scalecheck.proofs_checks.evidence import Outcome

from .systems_of_users import about

SCALES = tuple(np.geomspace(1e2, 1e7, 10))
CURVE = Curve({sp.Symbol("x"): sp.S.One}, SCALES, tuple(s**-0.5 for s in SCALES), (1e-9,) * 10, False)


@pytest.mark.parametrize(
    ("expect", "outcome"),
    [(-0.5, Outcome.HOLDS), (-0.51, Outcome.UNDECIDED), (-0.6, Outcome.FAILS), (0.5, Outcome.FAILS)],
)
def test_an_exponent_is_judged_by_what_is_expected_of_it(expect, outcome):
    assert agrees(estimated(CURVE, expect), expect) is outcome


def test_a_curve_is_fitted_once_and_another_curve_anew(monkeypatch):
    asked, fit = [], numeric.estimate_exponent
    monkeypatch.setattr(numeric, "estimate_exponent", lambda *a, **k: asked.append(a) or fit(*a, **k))
    numeric._estimated.cache_clear()
    for expect in (-0.5, -0.6, -0.5):
        estimated(CURVE, expect)
    assert len(asked) == 1
    steeper = Curve(CURVE.point, SCALES, tuple(s**-0.6 for s in SCALES), CURVE.errors, False)
    assert agrees(estimated(steeper, -0.6), -0.6) is Outcome.HOLDS
    assert len(asked) == 2


def piece_of(names, *positive, **values):
    """A piece with a law whose walls are those of the range."""
    a, b = symbols = tuple(sp.Symbol(name, real=True) for name in ("a", "b"))
    forms = tuple(sp.sympify(form, {"a": a, "b": b}) for form in positive)
    left = tuple(s for s in symbols if s.name in names)
    law = DerivedLaw("law", (), forms, -a, None, sp.S.Zero)
    return Piece(Stratum(left, forms, {a if k == "a" else b: sp.sympify(v) for k, v in values.items()}), law)


def test_a_range_is_seen_at_a_plain_point_and_at_one_with_nothing_special():
    piece = piece_of("ab", "a - 1", "b - 1", "3 - a", "3 - b")
    (plain, further), complete = chosen([piece])
    assert complete
    assert not plain.further
    assert further.further
    assert plain.point == {"a": 2, "b": 2}
    a, b = further.point["a"], further.point["b"]
    assert a != b
    assert not {a, b, a - b, a + b, a / b} & {sp.Rational(n, m) for n in range(-9, 10) for m in range(1, 5)}
    assert distance(piece, further.point) >= AS_FAR * distance(piece, plain.point)


def test_a_single_point_has_none_beside_it():
    points, complete = chosen([piece_of("", a=2, b=1)])
    assert complete
    assert len(points) == 1


def test_eliminated_parameters_follow():
    a = sp.Symbol("a", real=True)
    _, further = chosen([piece_of("a", "a - 1", "3 - a", b=2 * a)])[0]
    assert further.point["b"] == 2 * further.point["a"]


def test_a_constant_that_is_right_at_the_plain_point_only_is_contradicted_by_numbers(hearing):
    """At b = 2, the plain point of 1 < b < 3, it agrees; it did before there was a second point, and witnesses disagreed."""
    system = ["n*y = y*powersum(k**(-2)/(k**(-2) + y)) + 1/n**9", "x = powersum(k**(-1-b)*y**2/(k**(-2) + y)**2)"]
    more = {"positive": ["y", "x"], "parameters": {"b": "0 < b < 4"}, "where": {"b": "1 < b < 3"}}
    right = "(pi/2)**b*gamma(2-b/2)*gamma(b/2)/2"
    for constant, verdict in ((right, "proved"), (f"{right} + (b-2)**2", "refuted")):
        found = hearing(**about(system, "-b", **more, constant=constant))
        assert found.judgement.verdict.value == verdict, found.judgement.reason
        assert found.evidence[1].outcome is not Outcome.UNDECIDED


@pytest.mark.parametrize("value", ["1/p", "sqrt(-1 - p)", "log(p)", "zeta(1 + p)"])
def test_what_has_no_real_value_is_named_with_its_point(value):
    formula, p = sp.sympify(value), sp.Symbol("p")
    with pytest.raises(UnresolvedError, match="has no finite real value at p = 0"):
        number_at(formula, {p.name: sp.S.Zero})


@pytest.mark.parametrize(
    ("relation", "value", "told"),
    [
        ("less", lambda s: 1 + 1 / np.log(s), "may be 0"),
        ("greater", lambda s: 2 + s**-0.5, "may be 0"),
        ("same", lambda s: np.log(s), "logarithm"),
        ("equal", lambda s: 1 + s**-0.02, "not settled"),
        ("less", lambda s: np.exp(-(np.log(s) ** 2) / 9), ""),
    ],
)
def test_an_ordering_that_numbers_do_not_decide_has_a_reason(relation, value, told):
    ratio = Curve(CURVE.point, SCALES, tuple(float(value(s)) for s in SCALES), (1e-12,) * 10, False)
    outcome, cells = numeric.judge_ordering(relation)(ratio)
    if told:
        assert outcome is Outcome.UNDECIDED
    assert outcome is not Outcome.UNDECIDED or (told in str(cells["note"]) and cells["note"])


SLOW = {
    "a small power under a logarithm": ("x + x**(9/10)*log(1 + x)**2 = n", "1"),
    "no small power, under the square of a logarithm": (
        "x**(1/3)*n**(2/3)*log(1 + 2*x**2)**2 + x**(1/3)*n = n**2",
        "3",
    ),
    "a small power with a factor": ("x**(5/3) + x*n*log(1 + x)**2 = n**(8/3)", "8/5"),
}


@pytest.mark.parametrize("name", SLOW)
def test_scales_that_end_too_early_contradict_no_law(hearing, name):
    """The terms that are left out are smaller by n^(1/10), n^(1/3) and n^(1/15), and larger at every scale that is solved."""
    equation, exponent = SLOW[name]
    found = hearing(**about([equation], exponent, constant="1"))
    assert found.judgement.verdict.value == "proved", found.judgement.reason
    assert not found.judgement.conflict
