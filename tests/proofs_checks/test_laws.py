"""The rule by which numbers support or refute a law: it must accept the true and refuse the nearly true."""

import math

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from scalecheck.proofs_checks.claims import Effort
from scalecheck.proofs_checks.evidence import Outcome
from scalecheck.proofs_checks.hypotheses import Hypothesis
from scalecheck.proofs_checks.laws import SCALES, TOLERANCE, Law, Path, along_paths, from_phase, settle
from scalecheck.theory.symbols import a, b, decay, dim, samples

PATH = Path({"a": sp.Rational(1, 2)}, {"decay": sp.Integer(1)})
POSITIVE = Hypothesis(a > 0, "samples grow")


def curve(constant=1.0, exponent=0.0, correction=1.0, rate=0.5):
    """Log ratios of a curve with the given deviations from the law."""
    return [math.log(constant * scale**exponent * (1 + correction * scale**-rate)) for scale in SCALES]


@given(st.floats(0.25, 2), st.floats(-3, 3))
def test_truth_with_corrections_is_never_refuted(rate, correction):
    assert settle(curve(correction=correction, rate=rate), TOLERANCE)[0] is not Outcome.FAILS


@given(st.floats(0.5, 2), st.floats(-3, 3))
def test_deep_truth_is_accepted(rate, correction):
    assert settle(curve(correction=correction, rate=rate), TOLERANCE)[0] is Outcome.HOLDS


@given(st.floats(0.3, 2), st.floats(-1, 1), st.sampled_from([0.98, 1.02, 0.5, 2.0]))
def test_wrong_constant_is_refuted(rate, correction, constant):
    assert settle(curve(constant, correction=correction, rate=rate), TOLERANCE)[0] is Outcome.FAILS


@given(st.floats(0.5, 2), st.floats(-1, 1), st.floats(0.02, 2), st.sampled_from([-1, 1]))
def test_wrong_exponent_is_refuted(rate, correction, size, sign):
    assert settle(curve(exponent=sign * size, correction=correction, rate=rate), TOLERANCE)[0] is Outcome.FAILS


@pytest.mark.parametrize("values", [[1.38, 0.92, 0.46, 0.0], [0.3, 0.2, 0.1, 0.0], [-0.3, -0.2, -0.1, 0.004]])
def test_passing_through_is_not_settling(values):
    assert settle(values, TOLERANCE)[0] is not Outcome.HOLDS


@pytest.mark.parametrize("values", [[0.0, 0.0], [0.0, math.nan, 0.0], [math.inf] * 3])
def test_too_little_to_judge(values):
    assert settle(values, TOLERANCE)[0] is Outcome.UNDECIDED


def law(formula=dim, paths=(PATH,)):
    return Law("risk", formula, (POSITIVE,), paths)


def witness(risk=lambda point: point["dim"] * (1 + 1 / point["samples"]), error=1e-12):
    def controls(path, scale):
        return {"dim": scale, "samples": scale ** float(path.exponents["a"]), "decay": 1.0}

    return along_paths(lambda point: {"risk": (risk(point), error * risk(point))}, controls)


def test_numbers_support_and_refute():
    assert witness()(law(), Effort()).outcome is Outcome.HOLDS
    assert witness()(law(dim * sp.Rational(51, 50)), Effort()).outcome is Outcome.FAILS
    assert witness()(law(dim * samples), Effort()).outcome is Outcome.FAILS


def test_numbers_of_unknown_error_decide_nothing():
    assert witness(error=0.1)(law(), Effort()).outcome is Outcome.UNDECIDED


def test_a_path_outside_the_hypotheses_is_not_applicable():
    outside = Path({"a": sp.Integer(-1)}, {"decay": sp.Integer(1)})
    assert witness()(law(paths=(outside,)), Effort()).outcome is Outcome.NOT_APPLICABLE


def test_no_path_supports_nothing():
    assert witness()(law(paths=()), Effort()).outcome is Outcome.UNDECIDED


class Phase:
    """A derived phase."""

    leading = dim / samples
    region = (a > 0, b < a)


class Neighbour:
    """What lies beyond."""

    leading = dim**2 / samples
    region = (a > 0, b > a)


class Twin:
    """Beyond the other wall the law is the same."""

    leading = dim / samples
    region = (a < 0,)


@pytest.mark.parametrize(
    ("formula", "region", "outcome"),
    [
        (dim / samples, (a > 0, b < a), Outcome.HOLDS),
        (dim / samples, (-2 * a < 0, b - a < 0), Outcome.HOLDS),
        (dim / samples, (a > 1, b < 1), Outcome.HOLDS),
        (sp.sqrt(dim**2) / samples, (a > 1, b < 1), Outcome.HOLDS),
        (2 * dim / samples, (a > 1, b < 1), Outcome.FAILS),
        (dim**decay / samples, (a > 1, b < 1), Outcome.FAILS),
        (dim / samples, (a > 0, b < sp.Rational(21, 20) * a), Outcome.FAILS),
        (dim / samples, (a > 0,), Outcome.FAILS),
        (dim / samples, (a > -1, b < -2), Outcome.UNDECIDED),
        (dim / samples, (a > 1, a < 0), Outcome.NOT_APPLICABLE),
        (dim / samples, (a >= 0, b < a), Outcome.UNDECIDED),
        (dim / samples, (a > 0, b <= a), Outcome.UNDECIDED),
        (dim / samples, (a > 1, b**2 < 1), Outcome.UNDECIDED),
    ],
)
def test_symbolic_witness_over_the_whole_region(formula, region, outcome):
    stated = Law("risk", formula, tuple(Hypothesis(item, "stated") for item in region), ())
    witness = from_phase(Phase, others=lambda: [Neighbour, Twin])
    assert witness(stated, Effort()).outcome is outcome


def test_the_domain_of_the_parameters_is_part_of_the_region():
    stated = (Hypothesis(a > 1, "stated"), Hypothesis(b < 1, "stated"))
    witness = from_phase(Phase, domain=(decay > sp.Rational(1, 2),))
    assert witness(Law("risk", dim / samples, stated, ()), Effort()).outcome is Outcome.UNDECIDED
    bounded = (*stated, Hypothesis(decay > 1, "stated"))
    assert witness(Law("risk", dim / samples, bounded, ()), Effort()).outcome is Outcome.HOLDS


@given(st.fractions(0, 2, max_denominator=50), st.fractions(-1, 1, max_denominator=50))
def test_a_region_is_accepted_only_if_it_stays_inside(slope, offset):
    """b < slope a + offset for a > 1 stays below b = a exactly if it does at a = 1 and at infinity."""
    stated = (Hypothesis(a > 1, "stated"), Hypothesis(b < sp.Rational(slope) * a + sp.Rational(offset), "stated"))
    found = from_phase(Phase, others=lambda: [Neighbour])(Law("risk", dim / samples, stated, ()), Effort()).outcome
    assert found is (Outcome.HOLDS if slope <= 1 and slope + offset <= 1 else Outcome.FAILS)


def test_a_negative_law_is_met_and_a_wrong_sign_is_refuted():
    negative = witness(risk=lambda point: -point["dim"] * (1 + 1 / point["samples"]), error=-1e-12)
    assert negative(law(-dim), Effort()).outcome is Outcome.HOLDS
    assert negative(law(-dim * sp.Rational(51, 50)), Effort()).outcome is Outcome.FAILS
    assert negative(law(dim), Effort()).outcome is Outcome.FAILS
