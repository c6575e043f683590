"""What `check` returns: one verdict a conjecture of the user's, in the order of the file, with evidence and assumptions."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scalecheck.proofs_checks.conjectures.files import read_document, read_file
from scalecheck.proofs_checks.conjectures.hearing import Verdicts, hear
from scalecheck.proofs_checks.conjectures.statements import Statements
from scalecheck.proofs_checks.markup import table
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
    """

    verdicts: tuple[Verdicts, ...]

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
        """0 if every conjecture is accepted, 1 if one is refuted or its witnesses disagree, else 3."""
        if any(item.judgement.verdict is Verdict.REFUTED or item.judgement.conflict for item in self.verdicts):
            return exits.REFUTED
        if all(item.judgement.verdict.accepts for item in self.verdicts):
            return exits.HOLDS
        return exits.UNDECIDED

    def __repr__(self) -> str:
        return "\n".join(line for item in self.verdicts for line in _lines(item))

    def _repr_html_(self) -> str:
        rows = [[row["id"], row["verdict"], row["reason"]] for row in self.rows]
        return table(["conjecture", "verdict", "reason"], rows)

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
) -> Checked:
    """Hear every conjecture of a file, or of what a TOML parser made of one; `each` is told every verdict as it falls."""
    statements: Statements = read_document(file) if isinstance(file, Mapping) else read_file(file)
    found = []
    total = len(statements.conjectures)
    for number, conjecture in enumerate(statements.conjectures):
        if progress is not None:
            progress(conjecture.id, number, total)
        found.append(hear(conjecture, statements.systems))
        if each is not None:
            each(found[-1])
    return Checked(tuple(found))
