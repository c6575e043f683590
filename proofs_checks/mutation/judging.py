"""Mutants of conjectures before the judge of conjectures: written as files, read, heard, and what became of them."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Sequence
from pathlib import Path

from ..conjectures.files import MAX_BYTES, read_bytes
from ..conjectures.hearing import hear
from ..errors import InputError
from ..evidence import Outcome
from ..verdicts import Verdict
from .census import Heard
from .charted import of_phase
from .charts import Chart
from .claimed import claim_mutants, renamed
from .lines import of_lines
from .tables import Stated, as_toml

TRUE_NOTES = ("proved", "supported")
"""How the note of a conjecture begins whose author says that it is true."""
LINES = "boundaries"


def of_chart(chart: Chart, part: str, seed: int) -> list[Stated]:
    """Conjectures about one phase of a diagram, told by its place in the list, or about its lines.

    Parameters
    ----------
    chart : Chart
        Of a theory.
    part : str
        Number of a phase, or `LINES`.
    seed : int
        The same seed and diagram give the same conjectures.
    """
    rng = random.Random(f"{seed}{chart.record.name}{part}")
    return of_lines(chart, rng) if part == LINES else of_phase(chart, chart.diagram.phases[int(part)], rng)


def parts_of(chart: Chart) -> list[str]:
    """The parts of a diagram that conjectures are made of."""
    return [*map(str, range(len(chart.diagram.phases))), LINES]


def of_file(path: str | Path) -> tuple[list[Stated], str]:
    """Mutants of the conjectures of a file whose notes say that they are true; and the systems of the file.

    Raises
    ------
    InputError
        If the file cannot be read, or no note in it begins with proved or supported.
    """
    try:
        content = Path(path).read_bytes()[: MAX_BYTES + 1]
    except (OSError, ValueError) as error:
        raise InputError("file", str(path), f"a conjecture file ({error})") from None
    read_bytes(content, str(path))  # every fault of the file is named before anything is made of it
    document = tomllib.loads(content.decode())
    found: list[Stated] = []
    for table in document["conjecture"]:
        if str(table.get("note", "")).startswith(TRUE_NOTES):
            base = f"{Path(path).stem}.{table['id']}"
            found.append(Stated(base, "itself", True, table, "as written", "its note says so"))
            found += claim_mutants(base, table)
    if not found:
        raise InputError("file", str(path), "a file with a conjecture whose note begins with proved or supported")
    return found, "\n".join(as_toml(table, "system") for table in document.get("system", []))


def thinned(stated: Sequence[Stated], most: int | None, seed: int) -> list[Stated]:
    """At most so many, each table once, in their order."""
    once: dict[str, Stated] = {}
    for item in stated:
        once.setdefault(as_toml(item.table), item)
    found = list(once.values())
    if most is None or len(found) <= most:
        return found
    kept = sorted(random.Random(f"{seed}{found[0].base}").sample(range(len(found)), most))
    return [found[index] for index in kept]


NUMBERS = 8
"""Of so many conjectures one is heard by the numeric witness too where the symbolic one has said what is known of it."""


def judge(stated: Sequence[Stated], systems: str = "", *, numbers: int = 1) -> list[Heard]:
    """Write every conjecture as a file, read it, and hear it.

    Parameters
    ----------
    stated : sequence of Stated
        What is heard.
    systems : str
        Text of the systems that they are about.
    numbers : int
        The numeric witness hears one in so many, and every one of which the symbolic witness does not say what is known. A
        falsehood that one witness contradicts cannot be accepted, nor a truth refuted that one supports.

    Examples
    --------
    >>> law = {"theory": "system:s", "observable": "x", "exponent": "1/3"}
    >>> system = '[[system]]\\nid = "s"\\nlarge = "n"\\npositive = ["x"]\\nequations = ["x**3 + x = n"]'
    >>> [item.verdict.value for item in judge([Stated("s", "itself", True, law, "", "")], system)]
    ['proved']
    """
    return [_heard(item, systems, numbers) for item in stated]


def _heard(stated: Stated, systems: str, numbers: int) -> Heard:
    text = f"{as_toml(renamed(stated, 'mutant').table)}\n{systems}"
    sampled = numbers == 1 or random.Random(text).randrange(numbers) == 0
    known = Outcome.HOLDS if stated.true else Outcome.FAILS
    told = (stated.base, stated.operator, stated.true, f"{stated.told}: {text}", stated.why)
    try:
        statements = read_bytes(text.encode(), stated.base)
    except InputError as error:
        # What the grammar refuses is refused in a line, and accepted by nobody.
        return Heard(*told, Verdict.NOT_APPLICABLE, f"not read: {error}")
    found = hear(statements.conjectures[0], statements.systems, lambda item: sampled or item.outcome is not known)
    witnesses = tuple(item.witness for item in found.evidence)
    reason = ("the witnesses disagree: " if found.judgement.conflict else "") + found.judgement.reason
    return Heard(*told, found.judgement.verdict, reason, witnesses)
