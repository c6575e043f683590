"""Faults of a conjecture file, collected one by one and told in one line; what all of its tables share."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from ..errors import InputError
from .hints import nearest

IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,79}")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")

T = TypeVar("T")


TABLE = re.compile(r"((?:conjecture|question|system) (?:'[^']*'|\d+)): (.*)", re.DOTALL)
"""A fault with the table that has it."""
ALLOWED, MEANT = ", allowed is ", "; did you mean"
LONG = 40
"""Characters from which on what is allowed is not said twice."""


class FileError(InputError):
    """A file that cannot be used; one line that names every fault (exit status 2), table by table."""

    def __init__(self, name: str, faults: Sequence[str]) -> None:
        super().__init__("file", name, "a conjecture file")
        self.faults = tuple(faults)
        told = faults[0] if len(faults) == 1 else f"{len(faults)} faults: {_by_table(faults)}"
        self.args = (f"{name}: {told}".replace("\n", " "),)


def _by_table(faults: Sequence[str]) -> str:
    """Numbered faults with the name of each table once, and what is allowed once where several faults share it.

    Examples
    --------
    >>> print(_by_table(["conjecture 'a': path: got 1", "conjecture 'a': claim: got 2", "system 3: id: got 4"]))
    conjecture 'a': (1) path: got 1; (2) claim: got 2 | system 3: (3) id: got 4
    """
    tables: dict[str, list[str]] = {}
    for fault in faults:
        found = TABLE.fullmatch(fault)
        head, text = (found.group(1), found.group(2)) if found else ("", fault)
        tables.setdefault(head, []).append(text)
    said: dict[str, int] = {}
    number = 0
    parts = []
    for head, several in tables.items():
        told = []
        for text in several:
            number += 1
            told.append(f"({number}) {_once(text, number, said)}")
        parts.append((f"{head}: " if head else "") + "; ".join(told))
    return " | ".join(parts)


def _once(text: str, number: int, said: dict[str, int]) -> str:
    """A fault that says what is allowed, or which fault says it already."""
    field, sign, rest = text.partition(ALLOWED)
    allowed, meant, hint = rest.partition(MEANT)
    if not sign or len(allowed) < LONG:
        return text
    first = said.setdefault(allowed, number)
    return text if first == number else f"{field}{ALLOWED}what ({first}) says{meant}{hint}"


class Faults:
    """Collects faults; `attempt` turns an `InputError` into one."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, where: str, value: object, allowed: str) -> None:
        """A fault: the field, what was given, what is allowed; each once."""
        told = str(InputError(where, value, allowed))
        if told not in self.found:
            self.found.append(told)

    def attempt(self, read: Callable[[], T]) -> T | None:
        """What `read` returns, or None and a fault."""
        try:
            return read()
        except InputError as error:
            self.found.append(str(error))
            return None


def label_of(kind: str, table: Mapping[str, Any], number: int, seen: set[str], faults: Faults) -> str:
    """The id of a table, checked; a stand-in for messages where there is none."""
    name = table.get("id")
    if not isinstance(name, str) or IDENTIFIER.fullmatch(name) is None:
        faults.add(f"{kind} {number}: id", name, "letters, digits and _.:- (at most 80, no spaces)")
        return f"{kind} {number}"
    if name in seen:
        faults.add(f"{kind} {number}: id", name, "an id that no other has")
    seen.add(name)
    return f"{kind} '{name}'"


def known_keys(label: str, table: Mapping[str, Any], known: Sequence[str], faults: Faults) -> None:
    """A fault for every key that is not known."""
    for key in table:
        if key not in known:
            faults.add(label, key, "one of the keys " + ", ".join(known) + nearest(key, known))


def text_of(value: object) -> object:
    """A number of TOML as the formula it stands for; anything else as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return repr(value)


def mapping_of(label: str, key: str, table: Mapping[str, Any], faults: Faults) -> Mapping[str, Any]:
    """A table inside a table; empty where it is none."""
    value = table.get(key, {})
    if not isinstance(value, Mapping):
        faults.add(f"{label}: {key}", value, f'a table, {key} = {{ name = "formula" }}')
        return {}
    return value
