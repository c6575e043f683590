"""The census: every mutant of a claim is heard by the claim's own witnesses, and what became of it is counted.

The symbolic witness hears all of them. The numeric one hears those of a sample, those on which the symbolic witness does
not say no, and all where there is no symbolic one: a mutant that one witness refutes cannot be accepted any more, whatever
the other says, so that no false accept is overlooked.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from ..claims import Claim, Effort, Witness
from ..court import holds_nowhere, statement
from ..evidence import Evidence, Firmness, Outcome
from ..tables import Table
from ..verdicts import Judgement, Verdict, weigh
from .mutants import Mutant
from .neighbours import as_claim


@dataclass(frozen=True)
class Heard:
    """What became of one mutant; without the mutant's expressions, so that it can be sent between processes."""

    claim: str
    operator: str
    true: bool
    told: str
    why: str
    verdict: Verdict
    reason: str
    witnesses: tuple[str, ...] = ()

    @property
    def false_accept(self) -> bool:
        """Whether a falsehood was accepted."""
        return not self.true and self.verdict.accepts

    @property
    def false_reject(self) -> bool:
        """Whether a truth was refuted."""
        return self.true and self.verdict is Verdict.REFUTED


@dataclass(frozen=True)
class Row:
    """One line of the census: a claim, an operator, and how many of its mutants got which verdict."""

    claim: str
    operator: str
    true: bool
    mutants: int
    accepted: int
    refuted: int
    undecided: int
    not_applicable: int


def tabulate(heard: Sequence[Heard]) -> list[Row]:
    """The rows of the census, in the order in which claims and operators first appear.

    Examples
    --------
    >>> one = Heard("X", "sign", False, "f: the other sign", "", Verdict.REFUTED, "")
    >>> tabulate([one, one])
    [Row(claim='X', operator='sign', true=False, mutants=2, accepted=0, refuted=2, undecided=0, not_applicable=0)]
    """
    groups: dict[tuple[str, str, bool], list[Verdict]] = {}
    for item in heard:
        groups.setdefault((item.claim, item.operator, item.true), []).append(item.verdict)
    return [
        Row(
            *key,
            mutants=len(verdicts),
            accepted=sum(verdict.accepts for verdict in verdicts),
            refuted=verdicts.count(Verdict.REFUTED),
            undecided=verdicts.count(Verdict.UNDECIDED),
            not_applicable=verdicts.count(Verdict.NOT_APPLICABLE),
        )
        for key, verdicts in groups.items()
    ]


def hear_mutants(
    claim: Claim, mutants: Sequence[Mutant], *, numeric: int = 1, seed: int = 0, effort: Effort | None = None
) -> list[Heard]:
    """Hear mutants of one claim.

    Parameters
    ----------
    claim : Claim
        Theirs.
    mutants : sequence of Mutant
        What is heard.
    numeric : int
        How many mutants of each truth value the numeric witness hears as well, though the symbolic one has decided.
    seed : int
        Of the sample.
    effort : Effort, optional
        Of the numeric witness; by default the quick one beside a symbolic witness, else the full one.

    Returns
    -------
    list of Heard
        One a mutant, in their order.
    """
    draw = random.Random(f"{seed}{claim.id}numeric")
    sample: set[int] = set()
    for truth in (True, False):
        seen = [index for index, mutant in enumerate(mutants) if mutant.true is truth and mutant.numbers]
        sample |= set(draw.sample(seen, min(numeric, len(seen))))
    # A quick hearing looks at every other point: enough beside a symbolic witness, not in its place.
    spent = effort or Effort(quick=claim.symbolic is not None)
    return [_heard(claim, mutant, index in sample, spent) for index, mutant in enumerate(mutants)]


def _heard(claim: Claim, mutant: Mutant, sampled: bool, effort: Effort) -> Heard:
    judgement, evidence = _judgement(as_claim(claim, mutant), mutant, sampled, effort)
    told = (claim.id, mutant.operator, mutant.true, mutant.told, mutant.why)
    return Heard(*told, judgement.verdict, judgement.reason, tuple(item.witness for item in evidence))


def _judgement(claim: Claim, mutant: Mutant, sampled: bool, effort: Effort) -> tuple[Judgement, tuple[Evidence, ...]]:
    if holds_nowhere(claim):
        return Judgement(Verdict.NOT_APPLICABLE, "nothing satisfies the hypotheses"), ()
    evidence: tuple[Evidence, ...] = ()
    for name, witness in claim.witnesses():
        settled = any(item.outcome is Outcome.FAILS for item in evidence)
        believed = mutant.true and any(item.outcome is Outcome.HOLDS for item in evidence)
        if name == "symbolic" or sampled or not (settled or believed):
            evidence = (*evidence, _statement(name, witness, claim, effort))
    return weigh(evidence), evidence


def _statement(name: str, witness: Witness, claim: Claim, effort: Effort) -> Evidence:
    """As in court; a witness that cannot read a mutant at all decides nothing, and the census says that it broke down."""
    try:
        return statement(name, witness, claim, effort)
    except (ArithmeticError, ValueError, TypeError, LookupError, AttributeError, NotImplementedError) as failure:
        firmness = Firmness.EXACT if name == "symbolic" else Firmness.NUMBERS
        reason = f"cannot read it: {type(failure).__name__}: {failure}"
        return Evidence(name, Outcome.UNDECIDED, firmness, reason, Table((), ()))
