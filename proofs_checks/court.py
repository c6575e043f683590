"""A hearing: every witness is heard on the claim and on each of its twins, and the evidence is weighed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from .breakdowns import BROKE_DOWN, POSSIBLE, is_breakdown, no_evidence, told
from .claims import Claim, Effort, Twin, Witness
from .evidence import Evidence, Outcome
from .regions import common_point
from .verdicts import Judgement, Verdict, weigh


@dataclass(frozen=True)
class TwinHearing:
    """What became of a false twin. `caught` is what the ledger demands."""

    twin: Twin
    judgement: Judgement
    evidence: tuple[Evidence, ...]

    @property
    def caught(self) -> bool:
        """Whether the falsehood was refuted: undecided is not enough."""
        return self.judgement.verdict is Verdict.REFUTED

    @property
    def broken(self) -> tuple[str, ...]:
        """Witnesses that broke down on it."""
        return _broken(self.evidence)

    @property
    def passed(self) -> bool:
        """Whether the falsehood got past witnesses that work.

        One that broke down says nothing against the check; but none may say that the falsehood holds.
        """
        supported = any(item.outcome is Outcome.HOLDS for item in self.evidence)
        return not self.caught and (supported or not self.broken)


def _broken(evidence: Sequence[Evidence]) -> tuple[str, ...]:
    return tuple(item.witness for item in evidence if item.reason.startswith(BROKE_DOWN))


@dataclass(frozen=True)
class Hearing:
    """The record of one claim: verdict, evidence and the fate of its twins."""

    claim: Claim
    judgement: Judgement
    evidence: tuple[Evidence, ...]
    twins: tuple[TwinHearing, ...]
    seconds: float = 0.0

    @property
    def sound(self) -> bool:
        """Whether every twin was refuted."""
        return all(twin.caught for twin in self.twins)

    @property
    def toothless(self) -> tuple[str, ...]:
        """Witnesses that support the claim and contradicted none of its twins: they could not have said no."""
        supporting = {item.witness for item in self.evidence if item.outcome is Outcome.HOLDS}
        contradicting = {item.witness for twin in self.twins for item in twin.evidence if item.outcome is Outcome.FAILS}
        return tuple(sorted(supporting - contradicting))

    @property
    def silent(self) -> tuple[str, ...]:
        """Witnesses that decide nothing on the claim itself: an acceptance rests on the others alone."""
        return tuple(item.witness for item in self.evidence if item.outcome is Outcome.UNDECIDED)

    @property
    def broken(self) -> tuple[str, ...]:
        """Those among them that broke down: a solver that no longer converges must not pass for one that was not asked."""
        return _broken(self.evidence)

    @property
    def failed(self) -> bool:
        """Whether something is refuted, or contradictory, or the check of a witness that works could not have failed.

        A witness that broke down on a twin might have contradicted it: that it contradicts no other is not yet a fault.
        """
        silenced = {name for twin in self.twins for name in twin.broken}
        wrong = self.judgement.verdict is Verdict.REFUTED or self.judgement.conflict
        return wrong or any(twin.passed for twin in self.twins) or bool(set(self.toothless) - silenced)

    @property
    def as_expected(self) -> bool:
        """Whether the claim is accepted, every twin refuted, each witness supports the claim and refuted one of them.

        A witness that decides nothing is not as expected either: it is in the ledger to be heard, and if it can no longer
        tell, what it would have caught is caught no more.
        """
        return (
            self.judgement.verdict.accepts and self.sound and not self.toothless and not self.silent and not self.broken
        )

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Those of the claim and of every witness, each once."""
        told = [*self.claim.assumptions, *(text for item in self.evidence for text in item.assumptions)]
        return tuple(dict.fromkeys(told))

    def fingerprint(self, version: str) -> str:
        """Hash of statement, hypotheses, verdict and version: no floats, no timings."""
        hypotheses = [str(item.relation) for item in self.claim.hypotheses]
        told = [self.claim.id, self.claim.statement, hypotheses, self.judgement.verdict.value, version]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def testify(claim: Claim, effort: Effort) -> tuple[Judgement, tuple[Evidence, ...]]:
    """Hear every witness of one claim (or twin) and weigh what they say."""
    if holds_nowhere(claim):
        return Judgement(Verdict.NOT_APPLICABLE, "nothing satisfies the hypotheses"), ()
    evidence = tuple(statement(name, witness, claim, effort) for name, witness in claim.witnesses())
    return weigh(evidence), evidence


def holds_nowhere(claim: Claim) -> bool:
    """Whether it is proved that no point satisfies all hypotheses; an empty claim holds of nothing."""
    relations = [item.relation for item in claim.hypotheses]
    names = {symbol.name for relation in relations for symbol in relation.free_symbols}
    try:
        return bool(relations) and common_point(relations, sorted(names)) is None
    except ValueError:
        return False


def statement(name: str, witness: Witness, claim: Claim, effort: Effort) -> Evidence:
    """Hear one witness; one that breaks down decides nothing, and says so with the firmness it would have had."""
    try:
        return witness(claim.assertion, effort)
    except POSSIBLE as failure:
        if not is_breakdown(failure):
            raise
        return no_evidence(name, told(failure))


def hear(claim: Claim, effort: Effort | None = None) -> Hearing:
    """Hear a claim and all its twins.

    Parameters
    ----------
    claim : Claim
        The claim.
    effort : Effort, optional
        Defaults to the full effort.

    Returns
    -------
    Hearing
        Never raises because a claim is false: that is a verdict.
    """
    effort = effort or Effort()
    judgement, evidence = testify(claim, effort)
    twins = tuple(TwinHearing(twin, *testify(claim.twin_claim(twin), effort)) for twin in claim.twins)
    return Hearing(claim, judgement, evidence, twins)
