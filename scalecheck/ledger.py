"""Runs the ledger: which claims, on how many cores, with progress; and what the whole of it comes to."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from scalecheck.proofs_checks.breakdowns import POSSIBLE, is_breakdown, told
from scalecheck.proofs_checks.claims import Claim, Effort
from scalecheck.proofs_checks.conjectures.hints import nearest
from scalecheck.proofs_checks.court import Hearing, TwinHearing, hear
from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.figures import FigurePlan
from scalecheck.proofs_checks.making import made
from scalecheck.proofs_checks.registry import theories, theory
from scalecheck.proofs_checks.theory_record import Theory

from . import exits
from .agenda import Task, perform
from .lanes import Steps, alone

Progress = Callable[[Hearing, int, int], None]


@dataclass(frozen=True)
class Entry:
    """A claim with the theory it belongs to."""

    theory: str
    claim: Claim


@lru_cache(maxsize=64)
def claims_of(name: str, make: Callable[[], Sequence[Claim]]) -> tuple[Claim, ...]:
    """The claims of a theory, built once a process: statements are derived, and a report asks for them claim by claim.

    What could not be made is among them as an undecided claim, even where a theory breaks down as a whole.
    """
    return made(name, make)


def entries() -> list[Entry]:
    """The whole ledger, theory by theory; ids are unique or `InputError` says which is not.

    A claim may rest on one that is not there only if some could not be made.
    """
    found = _entries_of(theories())
    seen: set[str] = set()
    for entry in found:
        if entry.claim.id in seen:
            raise InputError("claim", entry.claim.id, "an id that no other claim has")
        seen.add(entry.claim.id)
    if not any(entry.claim.unmade for entry in found):
        _check_foundations(found, seen)
    return found


def _check_foundations(found: Sequence[Entry], ids: Collection[str]) -> None:
    for entry in found:
        for other in entry.claim.rests_on:
            if other not in ids:
                raise InputError(f"claim {entry.claim.id} rests on", other, "the id of a claim in the ledger")


def _entries_of(names: Iterable[str]) -> list[Entry]:
    return [Entry(name, claim) for name in names for claim in claims_of(name, theory(name).claims)]


def select(only: Sequence[str]) -> list[Entry]:
    """The claims named by `only`: ids, leading parts of ids such as ``S``, ``N7`` or ``N7.diagonal``, theories; all if empty.

    Claims are made, and their statements derived, of those theories alone that may have them. What could not be made of
    these comes with them: the claims that were named may be among it.
    """
    if not only:
        return entries()
    places = {wanted: holders(wanted) for wanted in only}
    for wanted, names in places.items():
        if not names and wanted in _labels():
            raise _unknown(wanted, [entry.claim.id for entry in entries()])
        if not names:
            raise _unknown(wanted, [family for record in theories().values() for family in record.families])
    ledger = _entries_of(name for name in theories() if any(name in names for names in places.values()))
    for wanted in only:
        if not any(_is_meant(entry, wanted) for entry in ledger):
            raise _unknown(wanted, [entry.claim.id for entry in ledger])
    return [entry for entry in ledger if any(_is_meant(entry, wanted) for wanted in only)]


def _is_meant(entry: Entry, wanted: str) -> bool:
    """Whether a claim bears a name that was asked for, is of that theory, or stands for missing ones that may be meant."""
    named = wanted == entry.theory or _matches(entry.claim.id, wanted)
    return named or (entry.claim.unmade and entry.theory in holders(wanted))


def _labels() -> set[str]:
    """The labels of all phases: the end of many an id, mistaken for one."""
    return {label for record in theories().values() if record.phase_names is not None for label in record.phase_names()}


NAMED = 6
"""Ids that a hint names: more do not help."""


def _unknown(wanted: str, ids: Sequence[str]) -> InputError:
    allowed = "the id, or the leading part of an id, of a claim in the ledger, or a theory"
    close = [name for name in ids if name.startswith(wanted)] or [name for name in ids if _ends_alike(name, wanted)]
    if len(close) <= 1:
        return InputError("only", wanted, allowed + nearest(wanted, ids))
    told = ", ".join(close[:NAMED]) + (f" or {len(close) - NAMED} more" if len(close) > NAMED else "")
    return InputError("only", wanted, f"{allowed}; did you mean one of {told}?")


def _ends_alike(identifier: str, wanted: str) -> bool:
    """Whether an id has the last part of what was wanted, and its theory where one was named."""
    *before, last = wanted.split(".")
    *parts, end = identifier.split(".")
    return last == end and all(part in parts for part in before[1:])


def holders(identifier: str) -> list[str]:
    """The theories that may have a claim of that id or of one that begins so; all that do not name their families.

    What is missing of a theory bears the theory's name, so that a theory may have what begins with it.
    """
    found = theories().items()
    return [name for name, record in found if _may_hold(record, identifier) or _matches(identifier, name)]


def _may_hold(record: Theory, identifier: str) -> bool:
    families = record.families
    return not families or any(_matches(f, identifier) or _matches(identifier, f) for f in families)


def scope(only: Sequence[str]) -> Callable[[str], bool]:
    """Whether an id is among those that `only` names, in the ledger or not."""
    return lambda identifier: not only or any(_is_named(identifier, wanted) for wanted in only)


def _is_named(identifier: str, wanted: str) -> bool:
    families = theories()[wanted].families if wanted in theories() else ()
    return any(_matches(identifier, leading) for leading in (wanted, *families))


def _matches(identifier: str, wanted: str) -> bool:
    """Whole parts only, so that N1 is not N10; a letter alone, such as S, stands for all that begin with it."""
    rest = identifier.removeprefix(wanted) if wanted and identifier.startswith(wanted) else None
    return rest is not None and (rest == "" or rest[0] == "." or (wanted.isalpha() and rest[0].isdigit()))


@dataclass(frozen=True)
class Drawn:
    """A figure of the report: its plan, and what was drawn."""

    theory: str
    plan: FigurePlan
    svg: str
    missing: str = ""
    """Why it could not be drawn, if so; `svg` is empty then."""


def run(
    chosen: Sequence[Entry],
    effort: Effort,
    lanes: Sequence[Executor] = (),
    progress: Progress | None = None,
    *,
    drawing: Sequence[str] = (),
    drawn: Steps | None = None,
) -> tuple[list[Hearing], list[Drawn]]:
    """Hear every claim and draw every figure of the theories in `drawing`, here or in the lanes, in any order.

    Hearings come back in the order of the ledger, figures in that of the theories and their plans. What stands for claims
    that could not be made says so here: a worker may be able to make them, and another not.
    """
    claims = {entry.claim.id: entry.claim for entry in chosen}
    figures = [(name, index, plan) for name in drawing for index, plan in enumerate(_plans(name))]
    tasks = [_hearing_task(entry, effort) for entry in chosen if not entry.claim.unmade]
    tasks += [_figure_task(name, index) for name, index, _ in figures]
    heard = {name: hear(claim, effort) for name, claim in claims.items() if claim.unmade}
    shown: dict[tuple[str, int], tuple[str, str]] = {}
    for task, result in perform(tasks, lanes):
        if task.key in claims:
            heard[task.key] = hearing = _reattach(claims[task.key], *result)
            if progress is not None:
                progress(hearing, len(heard), len(chosen))
        else:
            shown[task.key] = result
            if drawn is not None:
                drawn(_plans(task.group)[task.key[1]].title, len(shown), len(figures))
    hearings = [heard[entry.claim.id] for entry in chosen]
    return hearings, [Drawn(name, plan, *shown[name, index]) for name, index, plan in figures]


FIGURE_WEIGHT = 20.0
"""A figure is about as much work as so many hearings of a claim or of a twin (measured: 10 s and half a second)."""


def _hearing_task(entry: Entry, effort: Effort) -> Task:
    arguments = (_hear_by_id, entry.theory, entry.claim.id, effort)
    return Task(entry.claim.id, entry.theory, 1.0 + len(entry.claim.twins), alone, arguments)


def _figure_task(name: str, index: int) -> Task:
    return Task((name, index), name, FIGURE_WEIGHT, alone, (_draw, name, index))


def _draw(name: str, index: int) -> tuple[str, str]:
    """Run in a worker: one figure, computed and drawn, or why not; the place of its plan can be sent to another process."""
    from .drawing import draw, svg

    plan = _plans(name)[index]
    try:
        return svg(draw(plan.compute()), plan.id), ""
    except POSSIBLE as failure:
        if not is_breakdown(failure):
            raise
        return "", told(failure)


def _plans(name: str) -> Sequence[FigurePlan]:
    planned = theory(name).figures
    return () if planned is None else planned()


def _hear_by_id(theory_name: str, identifier: str, effort: Effort) -> tuple[Any, ...]:
    """Run in a worker: find the claim there, hear it, and send back everything but the claim."""
    start = time.perf_counter()
    hearing = hear(_made_again(theory_name, identifier), effort)
    twins = [(twin.twin.id, twin.judgement, twin.evidence) for twin in hearing.twins]
    return hearing.judgement, hearing.evidence, twins, time.perf_counter() - start


def _made_again(theory_name: str, identifier: str) -> Claim:
    """The claim as a worker makes it; what stands for it there if it could not be made."""
    claims = claims_of(theory_name, theory(theory_name).claims)
    found = next((claim for claim in claims if claim.id == identifier), None)
    return found or next(claim for claim in claims if claim.unmade)


def _reattach(claim: Claim, judgement: Any, evidence: Any, twins: Any, seconds: float) -> Hearing:
    by_id = {twin.id: twin for twin in claim.twins}
    heard = tuple(TwinHearing(by_id[name], verdict, told) for name, verdict, told in twins)
    return Hearing(claim, judgement, evidence, heard, seconds)


def exit_status(hearings: Sequence[Hearing]) -> int:
    """0 if every claim is accepted and every twin refuted, 1 if something is refuted or contradictory, else 3.

    A twin that a witness which works did not refute counts as refuted: the check would have let a falsehood pass.
    """
    if all(hearing.as_expected for hearing in hearings):
        return exits.HOLDS
    return exits.REFUTED if any(hearing.failed for hearing in hearings) else exits.UNDECIDED
