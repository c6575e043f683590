"""Soundness, measured: false neighbours and true reformulations of the whole ledger, heard on as many cores as there are."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.mutation.census import Heard, Row, hear_mutants, tabulate
from scalecheck.proofs_checks.mutation.neighbours import mutants
from scalecheck.proofs_checks.registry import theories
from scalecheck.proofs_checks.verdicts import Verdict

from . import exits, ledger
from .census_runs import Listener, Part, Record, hear_parts
from .parallel import cores, one_thread, pool


@dataclass(frozen=True, repr=False)
class Census:
    """What became of all mutants.

    Parameters
    ----------
    heard : tuple[Heard, ...]
        One a mutant.
    seconds : float
        Of the whole run.
    claims : tuple[str, ...]
        Claims of which all mutants were made; none where a sample was drawn.
    unmade : tuple[str, ...]
        What stands for claims that could not be made: they have no mutants.
    """

    heard: tuple[Heard, ...]
    seconds: float = 0.0
    claims: tuple[str, ...] = ()
    unmade: tuple[str, ...] = ()

    @property
    def rows(self) -> list[Row]:
        """One a claim and operator."""
        return tabulate(self.heard)

    @property
    def false_accepts(self) -> list[Heard]:
        """Falsehoods that were accepted: there must be none."""
        return [item for item in self.heard if item.false_accept]

    @property
    def false_rejects(self) -> list[Heard]:
        """Truths that were refuted: there must be none."""
        return [item for item in self.heard if item.false_reject]

    @property
    def exit_status(self) -> int:
        """1 if a falsehood was accepted or a truth refuted, 3 if some claims could not be made, else 0."""
        if self.false_accepts or self.false_rejects:
            return exits.REFUTED
        return exits.UNDECIDED if self.unmade else exits.HOLDS

    def counts(self) -> dict[str, dict[str, int]]:
        """How many false and true mutants got which verdict."""
        found = {}
        for name, truth in (("false", False), ("true", True)):
            verdicts = Counter(item.verdict for item in self.heard if item.true is truth)
            accepted = sum(count for verdict, count in verdicts.items() if verdict.accepts)
            rest = (Verdict.REFUTED, Verdict.UNDECIDED, Verdict.NOT_APPLICABLE)
            found[name] = {"accepted": accepted, **{verdict.value: verdicts[verdict] for verdict in rest}}
        return found

    def reasons(self) -> list[tuple[str, str, int]]:
        """Why mutants stayed undecided: truth value, reason without its particulars, and how often."""
        told = Counter(
            ("true" if item.true else "false", _general(item.reason))
            for item in self.heard
            if item.verdict is Verdict.UNDECIDED
        )
        return [(*key, count) for key, count in told.most_common()]

    def without(self, truth: bool) -> list[str]:
        """Claims that have no true reformulation, or no false neighbour: the census says nothing of them on that side."""
        having = {item.claim for item in self.heard if item.true is truth}
        return [name for name in self.claims if name not in having]

    def summary(self) -> str:
        """Two lines, claims without mutants, and the time."""
        lines = []
        for name, verdicts in self.counts().items():
            told = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items())
            lines.append(f"{sum(verdicts.values())} {name} mutants: {told}")
        for told, missing in (("false neighbour", self.without(False)), ("true reformulation", self.without(True))):
            if self.claims:
                names = f": {', '.join(missing)}" if missing else ""
                lines.append(f"{len(missing)} of {len(self.claims)} claims without a {told}{names}")
        lines += [f"{name}: these claims could not be made, and have no mutants" for name in self.unmade]
        return "\n".join([*lines, f"{len(self.heard)} mutants in {self.seconds:.0f} s"])

    def to_json(self) -> dict[str, Any]:
        """The table, the totals, every false accept and reject, and why mutants stayed undecided."""
        wrong = [*self.false_accepts, *self.false_rejects]
        return {
            "mutants": len(self.heard),
            "claims": len(self.claims),
            "without_false": self.without(False),
            "without_true": self.without(True),
            "unmade": list(self.unmade),
            "counts": self.counts(),
            "rows": [asdict(row) for row in self.rows],
            "wrong": [{**asdict(item), "verdict": item.verdict.value} for item in wrong],
            "undecided": [{"of": of, "reason": reason, "mutants": count} for of, reason, count in self.reasons()],
        }

    def __repr__(self) -> str:
        return self.summary()


def _general(reason: str) -> str:
    """The beginning of a reason, so that like ones can be counted together."""
    return " ".join(reason.split())[:70]


def checked_options(sample: int | None, jobs: int | None) -> None:
    """Refuse numbers that mean nothing.

    Raises
    ------
    InputError
        For a sample or a number of processes below 1.
    """
    if sample is not None and sample < 1:
        raise InputError("sample", sample, "an integer of at least 1")
    if jobs is not None and jobs < 1:
        raise InputError("jobs", jobs, "an integer of at least 1")


def run_census(only: Sequence[str], *, sample: int | None, seed: int, jobs: int | None, listener: Listener) -> Census:
    """Mutants of the chosen claims, at most `sample` of each; see `api.census`."""
    checked_options(sample, jobs)
    entries = ledger.select(only)
    chosen = [entry for entry in entries if not entry.claim.unmade]
    parts = [Part(entry.claim.id, _of_claim, (entry.theory, entry.claim.id, sample, seed)) for entry in chosen]
    record = Record(listener.record, {"claims": list(only), "sample": sample, "seed": seed})
    start = time.perf_counter()
    with pool(min(cores() if jobs is None else jobs, max(1, len(parts)))) as executor:
        heard = hear_parts(parts, executor, record, listener)
    whole = () if sample is not None else tuple(part.label for part in parts)
    unmade = tuple(entry.claim.id for entry in entries if entry.claim.unmade)
    return Census(heard, time.perf_counter() - start, whole, unmade)


def _of_claim(theory: str, identifier: str, sample: int | None, seed: int) -> list[Heard]:
    """Run in a worker: find the claim there, make its mutants, hear them."""
    records = theories()
    claim = next(item for item in ledger.claims_of(theory, records[theory].claims) if item.id == identifier)
    others = [record.scaling for name, record in records.items() if name != theory]
    with one_thread():
        found = mutants(claim, (records[theory].scaling, *others), seed)
        if sample is not None and len(found) > sample:
            kept = sorted(random.Random(f"{seed}{identifier}").sample(range(len(found)), sample))
            found = [found[index] for index in kept]
        return hear_mutants(claim, found, seed=seed)
