"""How a census is run: part by part on as many cores as there are, each part told when it is heard, and kept in a record.

A part is a claim, or a few conjectures: little enough that something is told every few seconds, and that a run that was
ended loses little. A record is a file of JSON lines: one that says of which census it is, one a mutant, and one that
closes each part; a run that is started again with it hears only the parts that were not closed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, wait
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.mutation.census import Heard
from scalecheck.proofs_checks.verdicts import Verdict

Progress = Callable[[str, int, int], None]
Each = Callable[[Heard], None]
LAYERS = ("theory", "numerics", "proofs_checks")
"""Source on which a verdict depends: a record of other source is not gone on with."""


@dataclass(frozen=True)
class Part:
    """What one worker hears at a time: a label that no other part has, and the function and arguments that hear it."""

    label: str
    work: Callable[..., list[Heard]]
    arguments: tuple[Any, ...]


@dataclass(frozen=True)
class Listener:
    """Who is told what, while a census runs.

    Parameters
    ----------
    progress : callable, optional
        Called after each part with its label, the number done and the number in all.
    each : callable, optional
        Called with every mutant as soon as it is heard.
    record : path, optional
        File of JSON lines, gone on with if it is there.
    """

    progress: Progress | None = None
    each: Each | None = None
    record: Path | None = None


class Record:
    """The file of a census; `closed` are the parts of an earlier run in it."""

    def __init__(self, path: Path | None, of: Mapping[str, Any]) -> None:
        """Open or begin the record of the census that `of` describes; without a path nothing is kept.

        Raises
        ------
        InputError
            For a file that is no record of the same census of the same source, or that cannot be written.
        """
        from .sweep_rows import source_hash

        self.path = path
        self.closed: dict[str, list[Heard]] = {}
        if path is None:
            return
        head = json.dumps({"census": {**of, "source": source_hash(LAYERS)}})
        try:
            if path.exists() and path.stat().st_size:
                self.closed = _read(path, head)
            else:
                path.write_text(head + "\n", encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError("record", str(path), f"a file that can be read and written ({error})") from None

    def close(self, label: str, heard: Sequence[Heard]) -> None:
        """Append a part that was heard, in one piece."""
        if self.path is None:
            return
        lines = [json.dumps({"part": label, **_plain(item)}) for item in heard]
        lines.append(json.dumps({"closed": label, "mutants": len(heard)}))
        try:
            with self.path.open("a", encoding="utf-8") as file:
                # A line that a kill cut short is left behind as one that cannot be read.
                file.write("\n".join(["", *lines, ""]))
        except OSError as error:
            raise InputError("record", str(self.path), f"a file that can be written ({error})") from None


def _plain(item: Heard) -> dict[str, Any]:
    return {**asdict(item), "verdict": item.verdict.value}


def _read(path: Path, head: str) -> dict[str, list[Heard]]:
    """The closed parts of a record; what a kill cut short is heard again."""
    first, *rest = path.read_text(encoding="utf-8").split("\n")
    if first != head:
        told = "a file that is not there yet, or the record of a census with the same options and the same source"
        raise InputError("record", str(path), told)
    open_: dict[str, list[Heard]] = {}
    closed: dict[str, list[Heard]] = {}
    for line in rest:
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if "closed" in row:
            # Of a part that was begun twice the lines that were cut short come first.
            found, count = open_.pop(row["closed"], []), int(row["mutants"])
            if len(found) >= count:
                closed[row["closed"]] = found[len(found) - count :]
        else:
            label, verdict, witnesses = row.pop("part"), Verdict(row.pop("verdict")), tuple(row.pop("witnesses"))
            open_.setdefault(label, []).append(Heard(**row, verdict=verdict, witnesses=witnesses))
    return closed


def hear_parts(
    parts: Sequence[Part], executor: Executor | None, record: Record, listener: Listener
) -> tuple[Heard, ...]:
    """All parts, in their order, those of the record without being heard again."""
    found = {part.label: record.closed[part.label] for part in parts if part.label in record.closed}
    for label, heard in _results([part for part in parts if part.label not in found], executor):
        found[label] = heard
        record.close(label, heard)
        for item in heard if listener.each is not None else ():
            listener.each(item)  # type: ignore[misc]
        if listener.progress is not None:
            listener.progress(label, len(found), len(parts))
    return tuple(item for part in parts for item in found[part.label])


def _results(parts: Sequence[Part], executor: Executor | None) -> Iterator[tuple[str, list[Heard]]]:
    if executor is None:
        yield from ((part.label, part.work(*part.arguments)) for part in parts)
        return
    pending = {executor.submit(part.work, *part.arguments): part.label for part in parts}
    while pending:
        finished, _ = wait(pending, return_when=FIRST_COMPLETED)
        yield from ((pending.pop(future), future.result()) for future in finished)
