"""A maker of claims that breaks down leaves an undecided claim; what is no breakdown is raised."""

import pytest

from scalecheck.numerics.errors import DomainError, NotConverged
from scalecheck.proofs_checks.claims import Claim, Effort, Source, Unmade
from scalecheck.proofs_checks.conjectures.strata import UnresolvedError
from scalecheck.proofs_checks.court import hear
from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.making import made
from scalecheck.proofs_checks.verdicts import Verdict
from scalecheck.theory.asymptotics.confirm import ExpansionMismatch
from scalecheck.theory.asymptotics.mellin import MellinUnknown
from scalecheck.theory.asymptotics.power_sums import DivergentSum
from scalecheck.theory.asymptotics.tiling import NoTilingError
from scalecheck.theory.identities import DerivationError

BREAKDOWNS = [
    ExpansionMismatch("two expansions differ"),
    NotConverged("stopped after 100 steps"),
    UnresolvedError("no law"),
    DerivationError("step fails"),
    DivergentSum("the sum diverges"),
    MellinUnknown("no transform"),
    NoTilingError("a gap is left"),
    ZeroDivisionError("division by zero"),
]


def raising(failure):
    def some_claims():
        raise failure

    return some_claims


@pytest.mark.parametrize("failure", BREAKDOWNS, ids=lambda failure: type(failure).__name__)
def test_what_could_not_be_made_is_undecided_with_the_reason_and_the_rest_is_made(failure, toy):
    before, missing, after = made("toy", toy.claims, raising(failure), lambda: toy.claims()[0])
    assert before.id == after.id == "toy.decay"
    assert missing.unmade
    assert not before.unmade
    hearing = hear(missing, Effort())
    assert hearing.judgement.verdict is Verdict.UNDECIDED
    assert str(failure) in hearing.judgement.reason
    assert type(failure).__name__ in hearing.judgement.reason
    assert hearing.broken == ("symbolic",)
    assert not hearing.as_expected


@pytest.mark.parametrize(
    "failure",
    [
        InputError("claim", "x", "y"),
        ValueError("claim x has no false twin"),
        NotImplementedError(),
        TypeError(),
        KeyError(),
    ],
)
def test_bad_input_and_defects_are_raised(failure):
    with pytest.raises(type(failure)):
        made("toy", raising(failure))


def test_claims_that_are_made_one_by_one_break_down_together():
    """A maker that breaks down half way: which of its claims are missing cannot be told, so that one stands for all."""

    def half_way():
        yield from ()
        raise DerivationError("the second of two")

    (missing,) = made("toy", half_way)
    assert missing.id == "toy.half_way"


def test_a_claim_without_a_twin_is_refused_unless_it_asserts_nothing():
    told = {"id": "x", "title": "x", "statement": "x", "source": Source((), ""), "comparison": "", "symbolic": print}
    with pytest.raises(ValueError, match="no false twin"):
        Claim(assertion=None, twins=(), **told)
    assert Claim(assertion=Unmade("x", "y"), twins=(), **told).unmade


def test_a_value_outside_a_solvers_domain_is_a_breakdown():
    (missing,) = made("toy", raising(DomainError("dim", -1, "a number > 0")))
    assert "dim" in missing.assertion.describe()
