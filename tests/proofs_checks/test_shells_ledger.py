"""The ledger of shells: its shape, a sample of hearings, and layers that are broken on purpose."""

from __future__ import annotations

import dataclasses
from functools import cache

import pytest
import sympy as sp

from scalecheck.proofs_checks.claims import Effort
from scalecheck.proofs_checks.court import hear
from scalecheck.proofs_checks.court import testify as hear_witnesses
from scalecheck.proofs_checks.evidence import Outcome
from scalecheck.proofs_checks.registry import theory
from scalecheck.proofs_checks.theories.shells import late_times, limits, residuals, trained
from scalecheck.proofs_checks.theories.shells.assertions import Between, PairSum
from scalecheck.theory.shells.confirm import LawMismatch
from scalecheck.theory.shells.modes import c_i, c_j, coupling, lam_i

SAMPLE = [
    "S1", "S2.amplitudes", "S2.crossing", "S3", "S4", "S5.balance", "S5.flux", "S7.covariance", "S8.density",
    "S9.frontier", "S9.attraction", "S10.none.lazy", "S10.down.frontier", "S10.down.log-clock", "S10.down.frozen",
    "S10.up.escape", "S10.up.runaway", "S12.stop", "S12.extrema.slow", "S12.separated.order", "S13.balance",
]  # fmt: skip


INTERVALS = ["S2.regular", "S6.networks", "S6.constructed", "S13.identities", "S13.lazy", "S13.power"]
LIFTED = [
    "S8.characteristic", "S8.late-start", "S8.log-clock", "S8.action", "S8.survival", "S8.mass", "S8.density", "S8.loss",
    "S8.grid", "S10.down.arrested", "S10.down.arrested-log", "S10.down.arrested-finite", "S10.down.arrested-edge",
    "S10.down.arrested-wall", "S10.up.lifted", "S10.up.lifted-wall", "S10.up.lifted-together", "S10.up.lifted-log",
    "S10.up.lifted-floor",
]  # fmt: skip


@cache
def claims():
    """All claims about shells by their ids: made when a test asks, not when tests are collected, which every process does."""
    return {claim.id: claim for claim in theory("shells").claims()}


def test_none_is_left_out_of_what_is_asked_of_a_kind():
    assert [name for name, claim in claims().items() if isinstance(claim.assertion, Between)] == INTERVALS
    assert [name for name in claims() if name.startswith(("S8.", "S10.up.lift", "S10.down.arr"))] == LIFTED


def test_the_ledger_covers_the_theory():
    subjects = {identifier.split(".")[0] for identifier in claims()}
    assert subjects == {f"S{k}" for k in range(1, 14)}
    rows = [identifier for identifier in claims() if identifier.startswith("S10.")]
    assert len(rows) == 27
    for claim in claims().values():
        assert claim.numeric is not None
        assert set(claim.rests_on) <= set(claims())


@pytest.mark.parametrize("identifier", SAMPLE)
def test_a_sample_is_accepted_and_every_twin_refuted_by_both(identifier):
    found = hear(claims()[identifier], Effort(quick=True))
    assert found.as_expected, found.judgement.reason
    for twin in found.twins:
        assert {item.outcome for item in twin.evidence} == {Outcome.FAILS}, twin.twin.id


@pytest.mark.parametrize("identifier", ["S10.none.lazy", "S10.down.frontier", "S10.up.fast-clock"])
def test_losses_off_by_two_percent_are_noticed(monkeypatch, identifier):
    true = late_times.log_loss_at
    monkeypatch.setattr(late_times, "log_loss_at", lambda *a: (true(*a)[0] + 0.02, true(*a)[1]))
    judgement, evidence = hear_witnesses(claims()[identifier], Effort())
    assert not judgement.verdict.accepts
    assert [item.outcome for item in evidence] == [Outcome.HOLDS, Outcome.FAILS]


def test_a_broken_derivation_is_noticed(monkeypatch):
    true = late_times.phase_of

    def broken(*a):
        phase = true(*a)
        return dataclasses.replace(phase, constant=phase.constant * sp.Rational(51, 50))

    monkeypatch.setattr(late_times, "phase_of", broken)
    _, evidence = hear_witnesses(claims()["S10.down.frozen"], Effort())
    assert [item.outcome for item in evidence] == [Outcome.FAILS, Outcome.HOLDS]


def test_pairs_are_summed_as_they_stand():
    """Two modes by hand: λ = 1, 3, c = 2, 5, <φ_2, M'φ_1> = 0.4."""
    import numpy as np

    drift = np.array([[0.1, 0.4], [0.4, 0.2]])
    rule = PairSum("an amplitude", -lam_i * c_i, coupling() * c_j)
    found = residuals.right_side(rule, np.array([2.0, 5.0]), np.array([1.0, 3.0]), drift, np.eye(2, dtype=bool))
    assert found == pytest.approx([-2.0 + 0.4 / -2.0 * 5.0, -15.0 + 0.4 / 2.0 * 2.0])


@pytest.mark.parametrize(
    ("residual", "outcome"),
    [(1e-9, Outcome.HOLDS), (1e-3, Outcome.UNDECIDED), (0.5, Outcome.FAILS), (float("nan"), Outcome.UNDECIDED)],
)
def test_residuals_are_judged_against_two_thresholds(residual, outcome):
    assert residuals.verdict(residual) is outcome


def test_an_interval_needs_numbers():
    witness = residuals.in_interval(lambda _: [("nowhere", float("nan"))])
    assert witness(Between("nothing", 0.0, 1.0), Effort()).outcome is Outcome.UNDECIDED
    empty = residuals.in_interval(lambda _: [])
    assert empty(Between("nothing", 0.0, 1.0), Effort()).outcome is Outcome.UNDECIDED


def test_slow_logarithms_are_extrapolated():
    """Slopes 1 + κ/(x + k) are extrapolated exactly; a slope of 1.1 stays 1.1."""
    times = [5.0, 5.7, 6.4]
    values = [1 + 0.4 / (x + 1.0) for x in times]
    assert late_times._wynn(times, values) == pytest.approx(1.0, abs=1e-12)
    assert late_times._wynn(times, [1.1 * value for value in values]) == pytest.approx(1.1, abs=1e-12)


def test_a_law_that_numbers_deny_is_no_traceback(monkeypatch):
    """The derivation's own comparison with the loss may fail: a witness that breaks down, not a run that does."""

    def refused(*_):
        raise LawMismatch("frozen: loss over law is 2")

    monkeypatch.setattr(late_times, "phase_of", refused)
    judgement, evidence = hear_witnesses(claims()["S10.down.frozen"], Effort(quick=True))
    assert not judgement.verdict.accepts or judgement.verdict.value == "supported"
    assert "LawMismatch" in evidence[0].reason


@pytest.mark.parametrize("identifier", INTERVALS)
def test_intervals_exclude_what_the_twins_say(identifier):
    """An interval so wide that it holds a twin's accepts anything."""
    claim = claims()[identifier]
    for twin in claim.twins:
        assert twin.assertion.low > claim.assertion.high or twin.assertion.high < claim.assertion.low, twin.id


def test_the_closure_is_found_where_it_holds_by_what_denies_it_elsewhere():
    assert trained.unexplained(trained.constructed()) < claims()["S6.networks"].assertion.low / 2


@pytest.mark.parametrize(
    ("tops", "vanishes", "outcome"),
    [
        ((1.0, 0.5, 0.2), True, Outcome.HOLDS),
        ((1.0, 0.5, 0.2), False, Outcome.FAILS),
        ((1.0, 0.95, 0.95), False, Outcome.HOLDS),
        ((1.0, 0.95, 0.95), True, Outcome.FAILS),
        ((1.0, 0.75, 0.55), True, Outcome.UNDECIDED),
        ((1.0, 0.75, 0.55), False, Outcome.UNDECIDED),
        ((1.0, float("nan"), 0.1), True, Outcome.UNDECIDED),
    ],
)
def test_suprema_are_judged_by_both_thresholds(tops, vanishes, outcome):
    assert limits._judged(tops, vanishes) is outcome


def test_a_region_must_imply_the_derived_one():
    """The same law at the same points, said of every b and m: nothing fails at the points, the region decides."""
    claim = claims()["S10.down.frozen"]
    wide = dataclasses.replace(claim.assertion, relations=claim.assertion.relations[:1])
    found = claim.symbolic(wide, Effort(quick=True))
    assert found.outcome is Outcome.UNDECIDED
    assert "implies" in found.reason


@pytest.mark.parametrize("identifier", LIFTED)
def test_no_witness_is_silent(identifier):
    """A witness that decides nothing leaves the verdict to the other: numbers gone wrong would pass for caution."""
    _, evidence = hear_witnesses(claims()[identifier], Effort(quick=True))
    assert {item.outcome for item in evidence} == {Outcome.HOLDS}
