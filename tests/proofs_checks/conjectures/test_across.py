"""The numeric witness on monotony and boundaries: what it sees, what it leaves open, and that it contradicts what is wrong."""

from dataclasses import replace

import pytest

from scalecheck.proofs_checks.conjectures import across, symbolic
from scalecheck.proofs_checks.conjectures import hearing as court
from scalecheck.proofs_checks.conjectures.across import Crossing
from scalecheck.proofs_checks.evidence import Outcome

from .systems_of_users import about

ROOT = {"controls": {"r": "r > 0"}, "path": {"r": "n**c"}}
KINKED = about(["x = r + n"], None, **ROOT)


def numbers(found):
    return found.evidence[1].outcome.value


@pytest.mark.parametrize(
    ("direction", "where", "verdict", "seen"),
    [
        ("increasing", "1 < c < 3", "proved", "holds"),
        ("decreasing", "1 < c < 3", "refuted", "fails"),
        ("constant", "1 < c < 3", "refuted", "fails"),
        ("constant", "-3 < c < 1", "proved", "holds"),
        ("increasing", "-3 < c < 1", "refuted", "undecided"),
    ],
)
def test_monotony_is_measured(hearing, direction, where, verdict, seen):
    claim = {"monotone": {"parameter": "c", "direction": direction}}
    found = hearing(**{**KINKED, **claim, "where": {"c": where}})
    assert found.judgement.verdict.value == verdict, found.judgement.reason
    assert numbers(found) == seen
    assert {"from", "to", "outcome"} <= set(found.rows()[1]["table"][0])


def test_a_derivation_that_is_wrong_is_contradicted(hearing, monkeypatch):
    def says_so(ground, _):
        piece = ground.pieces[0]
        return [symbolic.Finding(piece.stratum, piece.law, Outcome.HOLDS, "said so")]

    monkeypatch.setattr(court, "on_monotone", says_so)
    claim = {"monotone": {"parameter": "c", "direction": "decreasing"}}
    found = hearing(**{**KINKED, **claim, "where": {"c": "1 < c < 3"}})
    assert found.judgement.conflict


BOUNDARY = {"exponent": None, "where": {"decay": "decay = 2", "noise": "noise = 1"}}


@pytest.mark.parametrize(
    ("path", "between", "jumps", "verdict", "seen"),
    [
        ({"samples": "dim**5", "weight_decay": "dim**(5/2)"}, ["II", "III"], False, "proved", "holds"),
        ({"samples": "dim**5", "weight_decay": "dim**(5/2)"}, ["II", "III"], True, "refuted", "fails"),
        ({"samples": "dim**2", "weight_decay": "dim**(-1)"}, ["II", "VIa"], None, "refuted", "fails"),
    ],
)
def test_boundaries_are_measured(hearing, path, between, jumps, verdict, seen):
    claim = {"between": between} if jumps is None else {"between": between, "jumps": jumps}
    found = hearing(**BOUNDARY, path=path, boundary=claim)
    assert found.judgement.verdict.value == verdict, found.judgement.reason
    assert numbers(found) == seen
    assert not found.judgement.conflict


SEEN = {
    (0.5, 1.0, None): Outcome.HOLDS,
    (0.5, 1.0, True): Outcome.HOLDS,
    (0.5, 1.0, False): Outcome.FAILS,
    (0.0, 1.0, None): Outcome.HOLDS,
    (0.0, 1.0, False): Outcome.HOLDS,
    (0.0, 1.0, True): Outcome.FAILS,
    (0.0, 0.0, None): Outcome.FAILS,
    (0.0, 0.0, False): Outcome.FAILS,
    (0.1, 1.0, True): Outcome.UNDECIDED,
    (0.0, 0.15, False): Outcome.UNDECIDED,
}


@pytest.mark.parametrize("case", SEEN)
def test_steps_and_kinks(case):
    jump, kink, jumps = case
    crossing = Crossing("r", 0.4, jump, kink)
    assert crossing.seen(jumps) is SEEN[case]
    assert replace(crossing, trouble="unsettled").seen(jumps) is Outcome.UNDECIDED


def test_the_bounds_leave_room_for_the_errors():
    """Two continued exponents of five half-widths each are off by less than what lies between a jump and none."""
    assert 5 * across.HALF_WIDTH < across.JUMP - across.NO_JUMP + across.HALF_WIDTH
