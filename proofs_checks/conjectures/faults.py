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


class FileError(InputError):
    """A file that cannot be used; one line that names every fault (exit status 2)."""

    def __init__(self, name: str, faults: Sequence[str]) -> None:
        super().__init__("file", name, "a conjecture file")
        self.faults = tuple(faults)
        told = faults[0] if len(faults) == 1 else " | ".join(f"({k}) {text}" for k, text in enumerate(faults, 1))
        count = "" if len(faults) == 1 else f"{len(faults)} faults: "
        self.args = (f"{name}: {count}{told}".replace("\n", " "),)


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
