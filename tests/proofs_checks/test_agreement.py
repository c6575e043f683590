"""Theory against experiment: bias and wrong rates must not pass for agreement."""

import numpy as np
import pytest
import sympy as sp

from scalecheck.proofs_checks.agreement import Agreement, Runs, against_experiment
from scalecheck.proofs_checks.claims import Effort
from scalecheck.proofs_checks.evidence import Outcome
from scalecheck.theory.symbols import dim

POINTS = [{"dim": d, "samples": 2 * d} for d in (100.0, 200.0, 400.0, 800.0)]


def outcome(bias=0.0, rate=-0.5, changes=None, seed=3, stated=None, terms=None, runs=48):
    def simulate(observable, point, given):
        random = np.random.default_rng([given, int(point["dim"])])
        return Runs(list(point["samples"] * (1 + bias + point["dim"] ** rate * random.standard_normal(runs))))

    witness = against_experiment(lambda name, point: point["samples"], simulate, POINTS, terms)
    return witness(Agreement("risk", changes or {}, stated), Effort(seed=seed)).outcome


def test_agreement_holds():
    assert outcome() is Outcome.HOLDS


@pytest.mark.parametrize("bias", [0.2, -0.2])
def test_bias_is_refuted(bias):
    assert outcome(bias=bias) is Outcome.FAILS


@pytest.mark.parametrize("rate", [0.0, -1.5])
def test_a_wrong_rate_is_no_agreement(rate):
    assert outcome(rate=rate) is not Outcome.HOLDS


@pytest.mark.parametrize(
    ("true", "stated", "expected"),
    [
        (-0.5, None, Outcome.HOLDS),
        (-0.5, sp.Integer(-1), Outcome.FAILS),
        (-0.5, sp.Integer(0), Outcome.FAILS),
        (-1.0, None, Outcome.FAILS),
        (-0.25, None, Outcome.UNDECIDED),
    ],
)
def test_the_rate_of_the_spread(true, stated, expected):
    assert outcome(rate=true, stated=stated, runs=480) is expected


def test_terms_that_are_not_alike_set_their_own_rate():
    """A spread as dim^(-1/4) is right if the terms say so; between it and -1/2 too; -1 is not."""

    def terms(point):
        return point["dim"] ** -0.25

    for rate in (-0.25, -0.4, -0.5):
        assert outcome(rate=rate, terms=terms, runs=480) is Outcome.HOLDS
    assert outcome(rate=-1.0, terms=terms, runs=480) is Outcome.FAILS


def test_changed_controls_are_refuted():
    assert outcome(changes={"samples": sp.Integer(2)}) is Outcome.FAILS
    assert outcome(changes={"samples": dim ** sp.Rational(1, 2)}) is Outcome.FAILS
    assert outcome(changes={"samples": sp.Integer(1)}) is Outcome.HOLDS


def evidence(values, predicted=1.0):
    witness = against_experiment(lambda name, point: predicted, lambda *_: Runs(values), POINTS)
    return witness(Agreement("risk", {}), Effort()).outcome


@pytest.mark.parametrize("values", [[1.0], [1.0, 1.0, 1.0], []])
def test_runs_that_tell_nothing(values):
    assert evidence(values) is Outcome.UNDECIDED


@pytest.mark.parametrize("predicted", [0.0, -1.0, float("nan"), float("inf")])
def test_predictions_that_are_none(predicted):
    assert evidence([0.9, 1.1], predicted) is Outcome.UNDECIDED


def test_a_wide_interval_supports_nothing():
    """Runs that scatter by 60% about the truth: the mean agrees, but nothing could have disagreed."""
    spread = {point["dim"]: 0.6 * (100 / point["dim"]) ** 0.5 for point in POINTS}

    def simulate(observable, point, seed):
        return Runs([1 - spread[point["dim"]], 1 + spread[point["dim"]]] * 8)

    witness = against_experiment(lambda name, point: 1.0, simulate, POINTS)
    assert witness(Agreement("risk", {}), Effort()).outcome is Outcome.UNDECIDED


def test_a_control_that_is_none_is_a_defect():
    with pytest.raises(ValueError, match="weight-decay"):
        outcome(changes={"weight-decay": sp.Integer(2)})
