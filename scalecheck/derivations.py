"""What `derive` returns: the derivations of a theory, printable as text, LaTeX and JSON."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, replace
from typing import Any

from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.markup import formula, table

HEADLINE = 96
"""Characters of a result that still make a headline; longer ones stand with their steps only. A matter of taste: two
thirds of the house's results are shorter, and a line of a terminal holds subject and result."""


@dataclass(frozen=True)
class Derivations:
    """The derivations of one theory, in order."""

    theory: str
    derivations: tuple[Any, ...]

    def only(self, subject: str) -> Derivations:
        """Those whose subject holds these whole words: ``only("Phase II")`` is not phase III.

        Raises
        ------
        InputError
            If there are none, with the subjects there are.
        """
        wanted = re.compile(rf"(?<![\w-]){re.escape(subject.strip())}(?![\w-])", re.IGNORECASE)
        found = tuple(item for item in self.derivations if wanted.search(item.subject))
        if not found or not subject.strip():
            names = dict.fromkeys(item.subject for item in self.derivations)
            raise InputError("only", subject, "words of one of: " + "; ".join(names))
        return replace(self, derivations=found)

    def headlines(self) -> list[str]:
        """One line a derivation: its subject, and its result where that is short."""
        found = dict.fromkeys((item.subject, str(item.result)) for item in self.derivations)
        return [f"{subject}: {result}" if len(result) <= HEADLINE else f"{subject}: below" for subject, result in found]

    def to_text(self) -> str:
        """The results first, then numbered steps, each with the rule it uses."""
        head = "\n".join([f"{self.theory}: results", *(f"  {line}" for line in self.headlines())])
        return "\n\n".join([head, *(item.to_text() for item in self.derivations)])

    def to_latex(self) -> str:
        """LaTeX that needs amsmath and amssymb only."""
        return "\n\n".join(f"\\paragraph{{{item.subject}}}\n{item.to_latex()}" for item in self.derivations)

    def to_json(self) -> dict[str, object]:
        """Strings only, formulas in SymPy syntax."""
        return {"theory": self.theory, "derivations": [item.to_json() for item in self.derivations]}

    def __repr__(self) -> str:
        return self.to_text()

    def _repr_latex_(self) -> str:
        return "\n\n".join(f"{item.subject}: {item._repr_latex_()}" for item in self.derivations)

    def _repr_html_(self) -> str:
        return "".join(_folded(item) for item in self.derivations)


def _folded(item: Any) -> str:
    """Subject and result; the steps unfold."""
    rows = [
        [step.statement, "-" if step.formula is None else formula(step.formula), step.reason] for step in item.steps
    ]
    rows += [["assuming", assumption, ""] for assumption in item.assumptions]
    steps = table(["step", "formula", "by"], rows)
    head = f"{html.escape(item.subject)}: {formula(item.result)}"
    return f"<details><summary>{head}</summary>{steps}</details>"
