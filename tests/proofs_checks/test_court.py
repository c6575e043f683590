"""Hearings: twins must be refuted, and every witness must show that it can say no."""

from dataclasses import replace

import pytest

from scalecheck.numerics.errors import NotConverged
from scalecheck.proofs_checks.claims import Claim, Source, Twin
from scalecheck.proofs_checks.court import hear
from scalecheck.proofs_checks.evidence import Evidence, Firmness, Outcome
from scalecheck.proofs_checks.tables import Table


def witness(name, answers):
    """A witness that answers by the assertion it hears."""
    return lambda assertion, effort: Evidence(name, answers[assertion], Firmness.NUMBERS, "told", Table((), ()))


def claim(symbolic, numeric):
    return Claim(
        id="X.claim",
        title="a claim",
        statement="$x$",
        source=Source(("k",), "X"),
        assertion="truth",
        comparison="told",
        symbolic=witness("symbolic", symbolic),
        numeric=witness("numeric", numeric),
        twins=(Twin("t", "false", "falsehood"),),
    )


HONEST = {"truth": Outcome.HOLDS, "falsehood": Outcome.FAILS}
YES = {"truth": Outcome.HOLDS, "falsehood": Outcome.HOLDS}
SHY = {"truth": Outcome.HOLDS, "falsehood": Outcome.UNDECIDED}


def test_honest_witnesses():
    hearing = hear(claim(HONEST, HONEST))
    assert hearing.as_expected
    assert hearing.toothless == ()


def test_a_witness_that_always_says_yes_is_found_out():
    hearing = hear(claim(HONEST, YES))
    assert not hearing.as_expected
    assert hearing.toothless == ("numeric",)


def test_a_witness_that_never_says_no_is_found_out():
    hearing = hear(claim(HONEST, SHY))
    assert hearing.sound  # the twin is refuted by the other witness
    assert hearing.toothless == ("numeric",)
    assert not hearing.as_expected


def collapsing(assertion, effort):
    """A witness that says no to falsehoods and breaks down on the claim."""
    if assertion == "truth":
        raise NotConverged("budget: it does not close")
    return Evidence("numeric", Outcome.FAILS, Firmness.NUMBERS, "told", Table((), ()))


def test_a_witness_that_breaks_down_is_no_silent_consent():
    hearing = hear(replace(claim(HONEST, HONEST), numeric=collapsing))
    assert hearing.judgement.verdict.accepts  # the symbolic witness alone
    assert (hearing.silent, hearing.broken) == (("numeric",), ("numeric",))
    assert not hearing.as_expected


def test_a_witness_that_decides_nothing_is_named():
    hearing = hear(claim(HONEST, {"truth": Outcome.UNDECIDED, "falsehood": Outcome.FAILS}))
    assert (hearing.silent, hearing.broken) == (("numeric",), ())
    assert hearing.judgement.verdict.accepts  # the symbolic witness alone
    assert not hearing.as_expected


def stopping(name, answers, on):
    """A witness that breaks down on one of the assertions."""
    answer = witness(name, answers)

    def says(assertion, effort):
        if assertion == on:
            raise NotConverged("budget: it does not close")
        return answer(assertion, effort)

    return says


UNSURE = {"truth": Outcome.UNDECIDED, "falsehood": Outcome.UNDECIDED}


def test_a_twin_on_which_a_witness_broke_down_has_not_passed():
    hearing = hear(replace(claim(HONEST, HONEST), symbolic=None, numeric=stopping("numeric", HONEST, "falsehood")))
    assert not hearing.sound
    assert hearing.toothless == ("numeric",)
    assert hearing.twins[0].broken == ("numeric",)
    assert not hearing.twins[0].passed
    assert not hearing.failed
    assert not hearing.as_expected


def test_that_the_other_witness_is_at_a_loss_is_no_failure_either():
    hearing = hear(replace(claim(UNSURE, HONEST), numeric=stopping("numeric", HONEST, "falsehood")))
    assert not hearing.failed
    assert not hearing.as_expected


def test_a_twin_that_a_working_witness_supports_has_passed_though_the_other_broke_down():
    for symbolic in (YES, {"truth": Outcome.UNDECIDED, "falsehood": Outcome.HOLDS}):
        hearing = hear(replace(claim(symbolic, HONEST), numeric=stopping("numeric", HONEST, "falsehood")))
        assert hearing.twins[0].passed
        assert hearing.failed


def test_a_twin_that_nobody_refuted_has_passed_if_nobody_broke_down():
    for symbolic, numeric in ((SHY, SHY), (UNSURE, SHY), (YES, YES), (HONEST, YES)):
        hearing = hear(claim(symbolic, numeric))
        assert hearing.twins[0].passed
        assert hearing.failed


def test_a_witness_that_contradicts_no_twin_fails_the_check_unless_it_broke_down_on_one():
    assert hear(claim(HONEST, SHY)).failed
    assert not hear(replace(claim(HONEST, SHY), numeric=stopping("numeric", SHY, "falsehood"))).failed


def test_a_breakdown_on_the_claim_alone_excuses_no_twin_that_passed():
    hearing = hear(replace(claim(SHY, HONEST), numeric=stopping("numeric", SHY, "truth")))
    assert hearing.twins[0].passed
    assert hearing.failed


def test_what_is_no_breakdown_is_raised():
    def defect(assertion, effort):
        raise ValueError("a defect")

    with pytest.raises(ValueError, match="a defect"):
        hear(replace(claim(HONEST, HONEST), numeric=defect))
