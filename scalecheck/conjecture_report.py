"""The report on conjectures of the user's own: the same page, LaTeX, BibTeX and JSON as that of the ledger, beside their file.

What is accepted stands trial once more, with false twins: neighbours of the claim that would be wrong if it is right.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scalecheck.proofs_checks.conjectures.curves import figure_of, seen_of
from scalecheck.proofs_checks.conjectures.files import content_of, document_of
from scalecheck.proofs_checks.conjectures.hearing import BREAKDOWNS, Verdicts, broken
from scalecheck.proofs_checks.conjectures.latex import formula, hypotheses, letter_of, relation, statement, system_of
from scalecheck.proofs_checks.conjectures.nodes import Node
from scalecheck.proofs_checks.conjectures.statements import Conjecture, Law, Minimum, Ordering, Statements
from scalecheck.proofs_checks.conjectures.subjects import SYSTEM, large_of
from scalecheck.proofs_checks.mutation.census import Heard
from scalecheck.proofs_checks.mutation.claimed import claim_mutants
from scalecheck.proofs_checks.mutation.judging import NUMBERS, judge
from scalecheck.proofs_checks.mutation.tables import as_toml
from scalecheck.proofs_checks.registry import theories

from . import __version__
from .citations import citations, software
from .verification import label, run_header

FILE = "conjectures.toml"
"""The name under which the user's file lies in the report, so that the report can be run again."""
CAPTION = (
    "Numbers at the points at which the numeric witness was heard, of a claim about a minimum those at the minimum;"
    " dashed the derived law, dotted a claimed one that is another. Where no constant is known a law goes through the last number."
)
CERTAIN = frozenset({
    "exponent shifted", "logarithm", "logarithm dropped", "constant", "ordering", "monotony", "jump", "boundary names",
    "place shifted", "a power", "below every power",
})  # fmt: skip
"""Changes that make a true claim false whatever it says: the negative of an exponent may be the same."""
OF_EACH = 3
"""Twins of each kind: a census hears all of them."""


@dataclass(frozen=True)
class Source:
    """A conjecture file as its author wrote it: the text, and what TOML makes of it."""

    text: str
    document: Mapping[str, Any]


def source_of(file: str | Path | Mapping[str, Any]) -> Source:
    """The file, or the text that says what a mapping says."""
    if isinstance(file, Mapping):
        kinds = ("system", "question", "conjecture")
        parts = [as_toml(table, kind) for kind in kinds for table in file.get(kind, [])]
        return Source("\n\n".join(parts) + "\n", file)
    content = content_of(file)
    document = document_of(content, str(file))  # which says so if it is no text
    return Source(content.decode("utf-8"), document)


def twins_of(item: Verdicts, source: Source, advance: Callable[[], None]) -> tuple[Heard, ...]:
    """False neighbours of an accepted conjecture, heard by the judge that accepted it; none of any other."""
    if not item.judgement.verdict.accepts:
        return ()
    table = next(t for t in source.document["conjecture"] if t.get("id") == item.conjecture.id)
    systems = "\n".join(as_toml(system, "system") for system in source.document.get("system", []))
    made = Counter[str]()
    found: list[Heard] = []
    for mutant in claim_mutants(item.conjecture.id, table):
        made[mutant.operator] += 1
        if mutant.operator == "logarithm dropped" and not _surely_logs(item):
            continue
        if not mutant.true and mutant.operator in CERTAIN and made[mutant.operator] <= OF_EACH:
            advance()
            found += judge([mutant], systems, numbers=NUMBERS)
    return tuple(found)


def _surely_logs(item: Verdicts) -> bool:
    """Whether the power of the logarithm is a number other than zero: 1 - 1 is none."""
    claim = item.conjecture.claim
    law = claim.law if isinstance(claim, Minimum) else claim
    power = law.log_power if isinstance(law, Law) else None
    return power is not None and power.size.value not in (None, 0.0)


def record(item: Verdicts, statements: Statements, twins: Sequence[Heard]) -> dict[str, object]:
    """One conjecture as ``verdicts.json`` holds it, with the keys of the claims of the ledger."""
    conjecture = item.conjecture
    systems = statements.systems
    large = _large(conjecture, statements)
    links, letter = hypotheses(conjecture, systems), letter_of(conjecture.place)
    told = {
        "id": conjecture.id,
        "title": f"{conjecture.place.observable} of {conjecture.place.theory.removeprefix(SYSTEM)}",
        "statement": statement(conjecture, large, systems),
        "source": {"keys": _keys(conjecture), "label": "own conjecture", "status": "conjectured"},
        "hypotheses": [link.text() for link in links],
        "hypotheses_latex": [relation(link, letter) for link in links],
        "assumptions": list(item.assumptions),
        "assuming": list(dict.fromkeys(label(text) for text in item.assumptions)),
        "comparison": f"{conjecture.describe()}: over the whole range by the symbolic witness, at points of it by numbers.",
        "rests_on": [],
        "tex_values": _values(item),
        "verdict": item.judgement.verdict.value,
        "reason": item.judgement.reason,
        "conflict": item.judgement.conflict,
        "evidence": [_evidence(row) for row in item.rows()],
        "twins": [_twin(twin, number) for number, twin in enumerate(twins, 1)],
        "as_expected": item.judgement.verdict.accepts and not any(twin.false_accept for twin in twins),
    }
    return {**told, "hash": fingerprint(told)}


def fingerprint(told: Mapping[str, Any]) -> str:
    """Hash of id, statement (with the equations), hypotheses, verdict and version: no floats, no timings."""
    parts = [told["id"], told["statement"], told["hypotheses"], told["verdict"], __version__]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def _theories(item: Any) -> list[str]:
    """Theories of the house that a conjecture is about."""
    places = [item.place, *([item.claim.other] if isinstance(item.claim, Ordering) else [])]
    return list(dict.fromkeys(place.theory for place in places if not place.theory.startswith(SYSTEM)))


def _keys(item: Any) -> list[str]:
    return list(dict.fromkeys(key for name in _theories(item) for key in theories()[name].references))


def _values(item: Verdicts) -> dict[str, str]:
    """What an accepted conjecture states, in LaTeX; nothing of one that was not accepted."""
    claim = item.conjecture.claim
    if not item.judgement.verdict.accepts or not isinstance(claim, Law | Minimum):
        return {}
    letter = letter_of(item.conjecture.place)
    law = claim.law if isinstance(claim, Minimum) else claim
    parts: dict[str, Node | None] = {"exponent": law.exponent, "constant": law.constant, "log": law.log_power}
    if isinstance(claim, Minimum):
        parts["at"] = claim.at
    told = {name: formula(node, letter) for name, node in parts.items() if node is not None}
    return {**told, "value": told["exponent"]}


def _evidence(row: Mapping[str, object]) -> dict[str, object]:
    kept = {name: row[name] for name in ("witness", "outcome", "firmness", "reason")}
    return {**kept, "rows": row["table"]}


def _twin(twin: Heard, number: int) -> dict[str, object]:
    return {
        "id": f"{number}",
        "falsehood": f"{twin.operator}: {twin.told.partition(': [[')[0]}",
        "verdict": twin.verdict.value,
        "refuted": twin.verdict.value == "refuted",
        "reason": twin.reason,
    }


def document_for(
    records: Sequence[Mapping[str, Any]], exit_status: int, changes: Sequence[str], regressed: bool
) -> dict[str, object]:
    """The document ``verdicts.json``."""
    from .against import summary

    twins = [(twin["refuted"],) for told in records for twin in told["twins"]]
    return {
        **run_header(f"scalecheck check {FILE}"),
        "seed": None,
        "quick": False,
        "exit_status": exit_status,
        "summary": summary([str(told["verdict"]) for told in records], twins),
        "claims": list(records),
        "undrawn": [],
        "changes": list(changes),
        "regressed": regressed,
    }


def drawn(item: Conjecture, statements: Statements) -> dict[str, str] | None:
    """The figure of a conjecture for the page: the numbers that were heard on it and the laws over them; None without numbers."""
    from .drawing import draw, svg

    told = {"id": item.id, "claim": item.id, "title": item.id, "caption": CAPTION}
    try:
        seen = seen_of(item, statements.systems)
        picture = svg(draw(figure_of(seen, item.place, _large(item, statements))), item.id) if seen else ""
    except BREAKDOWNS as error:
        return {**told, "svg": "", "missing": broken("numeric", error).reason}
    return {**told, "svg": picture, "missing": ""} if picture else None


def _large(item: Conjecture, statements: Statements) -> str:
    system = system_of(item.place, statements.systems)
    return system.large if system is not None else large_of(theories()[item.place.theory])


def render_conjectures(
    document: Mapping[str, Any], verdicts: Sequence[Verdicts], source: Source, figures: Sequence[Mapping[str, str]] = ()
) -> dict[str, str]:
    """All files of the report by name."""
    from .against import MARKER
    from .report import page_and_tex

    names = list(dict.fromkeys(name for item in verdicts for name in _theories(item.conjecture)))
    heard = {str(claim["id"]) for claim in document["claims"]}
    context = {"run": document, "linked": True, "heard": heard, "figures": figures, "graph": "", "legend": ""}
    from .documents import dumps

    return {
        **page_and_tex(context, names),
        "references.bib": (citations(names) if names else software()) + "\n",
        MARKER: dumps(document) + "\n",
        FILE: source.text,
    }
