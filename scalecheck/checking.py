"""What `check` returns: one verdict a conjecture of the user's, in the order of the file, with evidence and assumptions."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scalecheck.proofs_checks.conjectures.files import read_document, read_file
from scalecheck.proofs_checks.conjectures.hearing import Verdicts, hear
from scalecheck.proofs_checks.conjectures.latex import claim_formula, system_of
from scalecheck.proofs_checks.conjectures.statements import Statements, UserSystem
from scalecheck.proofs_checks.conjectures.subjects import large_of
from scalecheck.proofs_checks.markup import mathml, table
from scalecheck.proofs_checks.mutation.census import Heard
from scalecheck.proofs_checks.registry import theories
from scalecheck.proofs_checks.verdicts import Verdict

from . import exits
from .documents import plain

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, repr=False)
class Checked:
    """Verdicts on the conjectures of one file.

    Parameters
    ----------
    verdicts : tuple[Verdicts, ...]
        One a conjecture, in the order of the file.
    twins : Mapping[str, tuple[Heard, ...]]
        False neighbours of those that were accepted, by id, where a report or a comparison was asked for.
    changes : tuple[str, ...]
        Differences to the run given as `against`.
    regressed : bool
        Whether a verdict, or anything that a conjecture states, differs from the earlier run's.
    out : Path or None
        Where the report was written.
    systems : Mapping[str, UserSystem]
        The user's own equations, by id.
    """

    verdicts: tuple[Verdicts, ...]
    twins: Mapping[str, tuple[Heard, ...]] = field(default_factory=dict)
    changes: tuple[str, ...] = ()
    regressed: bool = False
    out: Path | None = None
    systems: Mapping[str, UserSystem] = field(default_factory=dict)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One row a conjecture: id, verdict, evidence (rows), assumptions, reason."""
        return [
            {
                "id": item.conjecture.id,
                "verdict": item.judgement.verdict.value,
                "evidence": item.rows(),
                "assumptions": list(item.assumptions),
                "reason": item.judgement.reason,
            }
            for item in self.verdicts
        ]

    def to_json(self) -> list[dict[str, Any]]:
        """The document of the command line's ``--json``; numbers that are not finite are None."""
        found: list[dict[str, Any]] = plain(self.rows)
        return found

    @property
    def exit_status(self) -> int:
        """0 if every conjecture is accepted, 1 if one is refuted or its witnesses disagree, else 3.

        1 as well if a false twin was accepted, or something is not what it was in the run given as `against`.
        """
        if self.regressed or self.let_through:
            return exits.REFUTED
        if any(item.judgement.verdict is Verdict.REFUTED or item.judgement.conflict for item in self.verdicts):
            return exits.REFUTED
        if all(item.judgement.verdict.accepts for item in self.verdicts):
            return exits.HOLDS
        return exits.UNDECIDED

    @property
    def let_through(self) -> list[Heard]:
        """False twins that were accepted: there must be none."""
        return [twin for heard in self.twins.values() for twin in heard if twin.false_accept]

    def __repr__(self) -> str:
        return "\n".join(line for item in self.verdicts for line in _lines(item))

    def _repr_html_(self) -> str:
        rows = [[i.conjecture.id, self._claim(i), i.judgement.verdict.value, i.judgement.reason] for i in self.verdicts]
        return table(["conjecture", "claim", "verdict", "reason"], rows)

    def _claim(self, item: Verdicts) -> str:
        """What is claimed, as a formula where it is one."""
        system = system_of(item.conjecture.place, self.systems)
        large = system.large if system is not None else large_of(theories()[item.conjecture.place.theory])
        found = claim_formula(item.conjecture, large)
        return mathml(found) if found else item.conjecture.claim.describe()

    def _repr_latex_(self) -> str:
        told = (rf"\text{{{i.conjecture.id}}} & \text{{{i.judgement.verdict.value}}}" for i in self.verdicts)
        return r"$\begin{array}{ll}" + r" \\ ".join(told).replace("_", r"\_") + r"\end{array}$"


def _lines(item: Verdicts) -> list[str]:
    """A verdict for people: the statement, the reason, what it assumes."""
    head = f"{item.conjecture.id}: {item.judgement.verdict.value}"
    body = [f"claimed: {item.conjecture.describe()}", item.judgement.reason]
    body += [f"assuming: {text}" for text in item.assumptions]
    wrapped = [textwrap.wrap(text, 108, initial_indent="  ", subsequent_indent="    ") for text in body]
    return [head, *(line for lines in wrapped for line in lines)]


def check_statements(
    file: str | Path | Mapping[str, Any],
    progress: Progress | None = None,
    each: Callable[[Verdicts], None] | None = None,
    out: Path | None = None,
    against: Path | None = None,
) -> Checked:
    """Hear every conjecture of a file, or of what a TOML parser made of one; `each` is told every verdict as it falls.

    With `out` or `against` false twins of what is accepted are heard as well, and the report is written or compared.
    """
    if out is None and against is None:
        statements: Statements = read_document(file) if isinstance(file, Mapping) else read_file(file)
        return Checked(_heard(statements, progress, each), systems=statements.systems)
    return _reported(file, progress, each, out, against)


def _heard(
    statements: Statements, progress: Progress | None, each: Callable[[Verdicts], None] | None
) -> tuple[Verdicts, ...]:
    found = []
    total = len(statements.conjectures)
    for number, conjecture in enumerate(statements.conjectures):
        if progress is not None:
            progress(conjecture.id, number, total)
        found.append(hear(conjecture, statements.systems))
        if each is not None:
            each(found[-1])
    return tuple(found)


def _reported(
    file: str | Path | Mapping[str, Any], progress: Progress | None, each: Callable[[Verdicts], None] | None,
    out: Path | None, against: Path | None,
) -> Checked:  # fmt: skip
    """Inputs are looked at before any work is done, and everything is written at the end."""
    from .against import check_apart, compare, read_verdicts
    from .against_rows import row_differences
    from .conjecture_report import document_for, drawn, record, render_conjectures, source_of, twins_of
    from .report import check_target, write_folder

    earlier = None if against is None else read_verdicts(against)
    if out is not None:
        check_target(out)
        if against is not None:
            check_apart(against, out)
    source = source_of(file)
    statements = read_document(source.document, "conjectures" if isinstance(file, Mapping) else str(file))
    verdicts = _heard(statements, progress, each)
    twins: dict[str, tuple[Heard, ...]] = {}
    for number, item in enumerate(verdicts):

        def advance(name: str = f"{item.conjecture.id}: false twins", number: int = number) -> None:
            if progress is not None:
                progress(name, number, len(verdicts))

        twins[item.conjecture.id] = twins_of(item, source, advance)
    records = [record(item, statements, twins[item.conjecture.id]) for item in verdicts]
    changes, regressed = ((), False) if earlier is None else compare(earlier, records, rows=row_differences)
    result = Checked(verdicts, twins, changes, regressed, out, statements.systems)
    if out is not None:
        document = document_for(records, result.exit_status, changes, regressed)
        figures = []
        for number, item in enumerate(verdicts):
            if progress is not None:
                progress(f"{item.conjecture.id}: figure", number, len(verdicts))
            figures.append(drawn(item.conjecture, statements))
        kept = [figure for figure in figures if figure is not None]
        write_folder(render_conjectures(document, verdicts, source, kept), out)
    return result
