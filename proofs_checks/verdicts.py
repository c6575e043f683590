"""Verdicts, and the one rule by which evidence becomes one (rule 8 of the house).

The verdict is that of the firmest evidence, provided nothing contradicts it. Witnesses that disagree make it
undecided with that reason; evidence that decides nothing supports nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from .evidence import Evidence, Firmness, Outcome


class Verdict(Enum):
    """What the court finds of a claim."""

    PROVED = "proved"
    CERTIFIED = "certified"
    SUPPORTED = "supported"
    REFUTED = "refuted"
    UNDECIDED = "undecided"
    NOT_APPLICABLE = "not-applicable"

    @property
    def accepts(self) -> bool:
        """Whether the claim may be relied upon."""
        return self in (Verdict.PROVED, Verdict.CERTIFIED, Verdict.SUPPORTED)


OF_FIRMNESS = {
    Firmness.EXACT: Verdict.PROVED,
    Firmness.ENCLOSURE: Verdict.CERTIFIED,
    Firmness.NUMBERS: Verdict.SUPPORTED,
}


@dataclass(frozen=True)
class Judgement:
    """A verdict with its reason; `conflict` says that the witnesses contradict each other."""

    verdict: Verdict
    reason: str
    conflict: bool = False


def weigh(evidence: Sequence[Evidence]) -> Judgement:
    """Turn evidence into a verdict.

    Examples
    --------
    >>> from scalecheck.proofs_checks.tables import Table
    >>> exact = Evidence("symbolic", Outcome.HOLDS, Firmness.EXACT, "zero", Table((), ()))
    >>> weigh([exact]).verdict
    <Verdict.PROVED: 'proved'>
    >>> numbers = Evidence("numeric", Outcome.FAILS, Firmness.NUMBERS, "2 is not 1", Table((), ()))
    >>> weigh([exact, numbers])
    Judgement(verdict=<Verdict.UNDECIDED: 'undecided'>, reason='witnesses disagree: symbolic holds, numeric fails', \
conflict=True)
    """
    if any(item.outcome is Outcome.NOT_APPLICABLE for item in evidence):
        item = next(item for item in evidence if item.outcome is Outcome.NOT_APPLICABLE)
        return Judgement(Verdict.NOT_APPLICABLE, item.reason)
    holds = [item for item in evidence if item.outcome is Outcome.HOLDS]
    fails = [item for item in evidence if item.outcome is Outcome.FAILS]
    if holds and fails:
        told = ", ".join(f"{item.witness} {item.outcome.value}" for item in evidence)
        return Judgement(Verdict.UNDECIDED, f"witnesses disagree: {told}", conflict=True)
    if fails:
        return Judgement(Verdict.REFUTED, "; ".join(f"{item.witness}: {item.reason}" for item in fails))
    if holds:
        firmest = max(holds, key=lambda item: item.firmness.rank)
        doubtful = [item for item in evidence if item.outcome is Outcome.UNDECIDED]
        firmer = [item for item in doubtful if item.firmness.rank > firmest.firmness.rank]
        if firmer:
            # Numbers speak for the points at which they were taken. Where the witness for the whole range is at a loss,
            # they cannot speak for it.
            return Judgement(Verdict.UNDECIDED, f"{firmer[0].witness}: {firmer[0].reason}")
        return Judgement(OF_FIRMNESS[firmest.firmness], f"{firmest.witness}: {firmest.reason}")
    return Judgement(
        Verdict.UNDECIDED, "; ".join(dict.fromkeys(item.reason for item in evidence)) or "no evidence was heard"
    )
