"""Hearings: twins must be refuted, and every witness must show that it can say no."""

from dataclasses import replace

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
