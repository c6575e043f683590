"""What `derive FILE` returns: the laws on the ranges of a user's questions, for people, LaTeX, notebooks and JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sympy as sp

from scalecheck.proofs_checks.conjectures.asking import Answer, Part, answer, questions_of
from scalecheck.proofs_checks.conjectures.files import read_document, read_file
from scalecheck.proofs_checks.conjectures.formula_text import formula_text
from scalecheck.proofs_checks.conjectures.grammar import parse_relations
from scalecheck.proofs_checks.conjectures.latex import letter_of, relation
from scalecheck.proofs_checks.conjectures.statements import Question, Statements
from scalecheck.proofs_checks.conjectures.subjects import SYSTEM, large_of
from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.markup import mathml, table
from scalecheck.proofs_checks.registry import theories

from . import exits
from .documents import plain


@dataclass(frozen=True)
class Answers:
    """The laws that hold on the ranges of questions.

    Parameters
    ----------
    answers : tuple[Answer, ...]
        One a question, in the order of the file, those of conjectures last.
    large : Mapping[str, str]
        The large parameter of each theory and system.
    """

    answers: tuple[Answer, ...]
    large: Mapping[str, str]

    @property
    def exit_status(self) -> int:
        """0 if a law is known on every part of every range, 1 if numbers contradict one, else 3."""
        if any(item.contradicted for item in self.answers):
            return exits.REFUTED
        return exits.HOLDS if all(item.complete for item in self.answers) else exits.UNDECIDED

    def to_json(self) -> list[dict[str, Any]]:
        """The document of the command line's ``--json``; formulas in SymPy syntax."""
        found: list[dict[str, Any]] = plain([self._row(item) for item in self.answers])
        return found

    def _row(self, item: Answer) -> dict[str, Any]:
        place, numbers = item.question.place, item.numbers
        return {
            "id": item.question.id,
            "theory": place.theory,
            "observable": place.observable,
            "large": self.large[place.theory],
            "laws": [_part_row(part) for part in item.parts],
            "complete": item.complete,
            "numbers": None if numbers is None else {"outcome": numbers.outcome.value, "reason": numbers.reason, "table": list(numbers.table.records())},
            "assumptions": list(item.assumptions),
            "reason": item.reason,
        }  # fmt: skip

    def to_text(self) -> str:
        """For a terminal: every part of the range with its law."""
        blocks: dict[tuple[str, ...], list[str]] = {}
        for item in self.answers:  # several claims about one law have one answer
            blocks.setdefault(tuple(self._lines(item)), []).append(item.question.id)
        return "\n".join(f"{', '.join(ids)}: " + "\n".join(lines) for lines, ids in blocks.items())

    def _lines(self, item: Answer) -> list[str]:
        """What is told of a question, but for its id."""
        place, large = item.question.place, self.large[item.question.place.theory]
        lines = [f"{place.observable} of {place.theory} as {large} grows"]
        for part in item.parts:
            lines += [f"  {_law(part, place.observable, large)}", f"      where {part.where}"]
        if item.reason:
            lines.append(f"  {item.reason}")
        if item.numbers is not None:
            lines.append(f"  numbers: {item.numbers.outcome.value}: {item.numbers.reason}")
        for text in item.assumptions:
            lines += textwrap.wrap(f"assuming: {text}", 108, initial_indent="  ", subsequent_indent="    ")
        return lines

    def to_latex(self) -> str:
        """LaTeX that needs amsmath and amssymb only: the laws of each question by cases."""
        return "\n\n".join(self._latex(item) for item in self.answers)

    def _latex(self, item: Answer) -> str:
        letter = letter_of(item.question.place)
        head = rf"\paragraph{{{item.question.id}}}".replace("_", r"\_")
        if not item.parts:
            return f"{head}\n{_prose(item.reason)}"
        seen, large = letter(item.question.place.observable), letter(self.large[item.question.place.theory])
        cases = [f"{_latex_law(part, large, letter)} & {_where(part.where, letter)}" for part in item.parts]
        return f"{head}\n\\[{seen} \\sim \\begin{{cases}}\n" + " \\\\\n".join(cases) + "\n\\end{cases}\\]"

    def __repr__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        return "".join(self._table(item) for item in self.answers)

    def _table(self, item: Answer) -> str:
        """The laws of one question as formulas, in the letters of the report."""
        place = item.question.place
        letter = letter_of(place)
        seen, large = letter(place.observable), letter(self.large[place.theory])
        rows = [
            [
                mathml(_where(part.where, letter)),
                part.reason if part.exponent is None else mathml(rf"{seen} \sim {_latex_law(part, large, letter)}"),
            ]
            for part in item.parts
        ]
        numbers = "" if item.numbers is None else f" Numbers: {item.numbers.outcome.value}."
        title = f"{item.question.id}: {place.observable} of {place.theory}. {item.reason}{numbers}"
        return table(["where", "law"], rows, title.strip())


def _part_row(part: Part) -> dict[str, Any]:
    told = {name: getattr(part, name) for name in ("exponent", "log", "constant")}
    written = {name: None if value is None else formula_text(value) for name, value in told.items()}
    return {"where": part.where, **written, "reason": part.reason}


def _law(part: Part, seen: str, large: str) -> str:
    """A law in a line; a constant that is not known is C."""
    if part.exponent is None:
        return f"no law: {part.reason}"
    told = "C" if part.constant is None else formula_text(part.constant)
    constant = f"({told})" if part.constant is not None and part.constant.is_Add else told
    log = "" if part.log == 0 else f" * log({large})**({part.log})"
    return f"{seen} ~ {constant} * {large}**({formula_text(part.exponent)}){log}"


def _latex_law(part: Part, large: str, letter: Callable[[str], str]) -> str:
    if part.exponent is None:
        return r"\text{no law is known}"
    constant = "C" if part.constant is None else _formula(part.constant, letter)
    if part.constant is not None and part.constant.is_Add:
        constant = rf"\left({constant}\right)"
    log = "" if part.log == 0 else rf" (\log {large})^{{{_formula(part.log, letter)}}}"
    factor = "" if constant == "1" else rf"{constant} \, "
    return rf"{factor}{large}^{{{_formula(part.exponent, letter)}}}{log}"


def _formula(value: sp.Expr | None, letter: Callable[[str], str]) -> str:
    assert value is not None
    return str(sp.latex(value, symbol_names={symbol: letter(symbol.name) for symbol in value.free_symbols}))


def _where(text: str, letter: Callable[[str], str]) -> str:
    """Relations in LaTeX; what they are in words where the grammar of files does not have them."""
    try:
        return r",\ ".join(relation(link, letter) for link in parse_relations(text))
    except InputError:
        return rf"\text{{{_prose(text)}}}"


def _prose(text: str) -> str:
    from .report import tex_word

    return tex_word(text)


def derive_file(
    file: str | Path | Mapping[str, Any], only: str | None, progress: Callable[[str, int, int], None] | None = None,
    plot: Path | None = None,
) -> Answers:  # fmt: skip
    """Answer every question of a file, or those with the id `only`; `plot` is a file for the numbers of one, and its laws."""
    if plot is not None:
        from .drawing import check_format

        check_format(plot)
    statements = read_document(file, asking=True) if isinstance(file, Mapping) else read_file(file, asking=True)
    asked = [question for question in questions_of(statements) if only is None or question.id == only]
    if not asked:
        names = ", ".join(question.id for question in questions_of(statements))
        raise InputError("only", only, f"the id of a question or conjecture of the file: {names}")
    if plot is not None and len(asked) > 1:
        names = ", ".join(question.id for question in asked)
        raise InputError("plot", str(plot), f"a figure of one question: only (--only) says which of {names}")
    found = []
    for number, question in enumerate(asked):
        if progress is not None:
            progress(question.id, number, len(asked))
        found.append(answer(question, statements.systems))
    large = {SYSTEM + system.id: system.large for system in statements.systems.values()}
    large |= {name: large_of(theories()[name]) for q in asked if (name := q.place.theory) in theories()}
    if plot is not None:
        _plot(asked[0], statements, large[asked[0].place.theory], plot)
    return Answers(tuple(found), large)


def _plot(question: Question, statements: Statements, large: str, plot: Path) -> None:
    from scalecheck.proofs_checks.conjectures.curves import figure_of, seen_of

    from .drawing import save

    seen = seen_of(question, statements.systems)
    if not seen:
        raise InputError("plot", str(plot), f"nothing: there are no numbers on {question.id}")
    save(figure_of(seen, question.place, large), plot)
