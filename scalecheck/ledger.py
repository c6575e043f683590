"""Runs the ledger: which claims, on how many cores, with progress; and what the whole of it comes to."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, wait
from dataclasses import dataclass, replace
from typing import Any

from scalecheck.proofs_checks.claims import Claim, Effort
from scalecheck.proofs_checks.court import Hearing, TwinHearing, hear
from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.registry import theories
from scalecheck.proofs_checks.verdicts import Verdict

from . import exits
from .parallel import one_thread

Progress = Callable[[Hearing, int, int], None]


@dataclass(frozen=True)
class Entry:
    """A claim with the theory it belongs to."""

    theory: str
    claim: Claim


def entries() -> list[Entry]:
    """The whole ledger, theory by theory; ids are unique or `InputError` says which is not."""
    found = [Entry(name, claim) for name, record in theories().items() for claim in record.claims()]
    seen: set[str] = set()
    for entry in found:
        if entry.claim.id in seen:
            raise InputError("claim", entry.claim.id, "an id that no other claim has")
        seen.add(entry.claim.id)
    for entry in found:
        for other in entry.claim.rests_on:
            if other not in seen:
                raise InputError(f"claim {entry.claim.id} rests on", other, "the id of a claim in the ledger")
    return found


def select(only: Sequence[str]) -> list[Entry]:
    """The claims named by `only`: ids, or leading parts of ids such as ``S``, ``N7`` or ``N7.diagonal``; all if empty."""
    ledger = entries()
    if not only:
        return ledger
    for wanted in only:
        if not any(_matches(entry.claim.id, wanted) for entry in ledger):
            raise InputError("only", wanted, "the id, or the leading part of an id, of a claim in the ledger")
    return [entry for entry in ledger if any(_matches(entry.claim.id, wanted) for wanted in only)]


def _matches(identifier: str, wanted: str) -> bool:
    """Whole parts only, so that N1 is not N10; a letter alone, such as S, stands for all that begin with it."""
    rest = identifier.removeprefix(wanted) if wanted and identifier.startswith(wanted) else None
    return rest is not None and (rest == "" or rest[0] == "." or (wanted.isalpha() and rest[0].isdigit()))


def run(
    chosen: Sequence[Entry], effort: Effort, executor: Executor | None, progress: Progress | None = None
) -> list[Hearing]:
    """Hear every claim, here or on the workers, in any order; the result is in the order of the ledger."""
    done: dict[str, Hearing] = {}
    for hearing in _hearings(chosen, effort, executor):
        done[hearing.claim.id] = hearing
        if progress is not None:
            progress(hearing, len(done), len(chosen))
    return [done[entry.claim.id] for entry in chosen]


def _hearings(chosen: Sequence[Entry], effort: Effort, executor: Executor | None) -> Iterator[Hearing]:
    if executor is None:
        yield from (_timed(entry.claim, effort) for entry in chosen)
    else:
        yield from _collect(executor, chosen, effort)


def _collect(executor: Executor, chosen: Sequence[Entry], effort: Effort) -> Iterator[Hearing]:
    claims = {entry.claim.id: entry.claim for entry in chosen}
    pending = {executor.submit(_hear_by_id, entry.theory, entry.claim.id, effort) for entry in chosen}
    while pending:
        finished, pending = wait(pending, return_when=FIRST_COMPLETED)
        for future in finished:
            identifier, parts = future.result()
            yield _reattach(claims[identifier], *parts)


def _hear_by_id(theory_name: str, identifier: str, effort: Effort) -> tuple[str, Any]:
    """Run in a worker: find the claim there, hear it, and send back everything but the claim."""
    claim = next(claim for claim in theories()[theory_name].claims() if claim.id == identifier)
    hearing = _timed(claim, effort)
    twins = [(twin.twin.id, twin.judgement, twin.evidence) for twin in hearing.twins]
    return identifier, (hearing.judgement, hearing.evidence, twins, hearing.seconds)


def _reattach(claim: Claim, judgement: Any, evidence: Any, twins: Any, seconds: float) -> Hearing:
    by_id = {twin.id: twin for twin in claim.twins}
    heard = tuple(TwinHearing(by_id[name], verdict, told) for name, verdict, told in twins)
    return Hearing(claim, judgement, evidence, heard, seconds)


def _timed(claim: Claim, effort: Effort) -> Hearing:
    start = time.perf_counter()
    with one_thread():
        hearing = hear(claim, effort)
    return replace(hearing, seconds=time.perf_counter() - start)


def exit_status(hearings: Sequence[Hearing]) -> int:
    """0 if every claim is accepted and every twin refuted, 1 if something is refuted or contradictory, else 3."""
    if all(hearing.as_expected for hearing in hearings):
        return exits.HOLDS
    for hearing in hearings:
        broken = hearing.judgement.verdict is Verdict.REFUTED or hearing.judgement.conflict
        if broken or not hearing.sound or hearing.toothless:
            return exits.REFUTED
    return exits.UNDECIDED
