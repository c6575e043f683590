"""Conjecture files: TOML into statements, with every fault of the file named at once.

Nothing is derived or solved here: a file is read in milliseconds, and a malformed one costs nothing else.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from . import hints
from .faults import Faults, FileError, known_keys, label_of, mapping_of, text_of
from .grammar import parse_formula
from .nodes import Node, Relation
from .place_files import mentioned, place_at, range_of, require_controls, subject_of
from .statements import (
    BelowPowers,
    Boundary,
    Claimed,
    Conjecture,
    Law,
    Minimum,
    Monotone,
    Ordering,
    Place,
    Question,
    Statements,
    UserSystem,
)
from .subjects import SYSTEM, Subject
from .system_files import read_systems

MAX_BYTES = 1_000_000
MAX_DOTS = 64
"""In one line: the standard reader takes time and memory quadratic in the parts of a dotted key (200,000 parts took
more memory than there was), and no formula has so many decimals."""
MAX_CONJECTURES = 5000
MAX_SYSTEMS = 50
LAW_KEYS = ("exponent", "constant", "log", "log_power")
BELOW = "below_powers"
KINDS = ("than", "monotone", "boundary", BELOW)
MINIMUM = "minimum"
"""Goes with a law, which is then that at the minimum."""
PLACE_KEYS = ("theory", "observable", "path", "controls")
QUESTION_KEYS = ("id", *PLACE_KEYS, "where", "note")
CONJECTURE_KEYS = ("id", *PLACE_KEYS, "where", *LAW_KEYS, *KINDS, MINIMUM, "relation", "note")
RELATIONS = ("less", "greater", "same", "equal")
DIRECTIONS = ("increasing", "decreasing", "constant")


def read_file(path: str | Path, asking: bool = False) -> Statements:
    """Read a conjecture file; with `asking` one that may hold questions alone.

    Raises
    ------
    FileError
        With every fault of the file.
    """
    return read_document(document_of(content_of(path), str(path)), str(path), asking)


def content_of(path: str | Path) -> bytes:
    """The bytes of a conjecture file.

    Raises
    ------
    FileError
        For a file that cannot be read, or is too large.
    """
    place = Path(path)
    fault = _unreadable(place)
    if fault is not None:
        raise FileError(str(path), [fault])
    try:
        return place.read_bytes()
    except OSError as error:
        raise FileError(str(path), [error.strerror or str(error)]) from None


def _unreadable(place: Path) -> str | None:
    """Why a file is not even opened: devices and pipes would be read for ever."""
    try:
        if not place.exists():
            return "no such file"
        if not place.is_file():
            return "a directory or device, allowed is a TOML file"
        size = place.stat().st_size
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        return getattr(error, "strerror", None) or str(error)
    return f"{size} bytes, allowed are {MAX_BYTES}" if size > MAX_BYTES else None


def read_bytes(content: bytes, name: str = "conjectures") -> Statements:
    """Read the content of a conjecture file.

    Raises
    ------
    FileError
        With every fault: unknown keys, wrong types, unknown theories, observables and controls, formulas with the place.
    """
    return read_document(document_of(content, name), name)


def document_of(content: bytes, name: str = "conjectures") -> dict[str, Any]:
    """What TOML makes of the content of a file, if that can be read in time.

    Raises
    ------
    FileError
        For content that is too large, or no TOML.
    """
    if len(content) > MAX_BYTES:
        raise FileError(name, [f"{len(content)} bytes, allowed are {MAX_BYTES}"])
    for number, line in enumerate(content.split(b"\n"), 1):
        if line.count(b".") > MAX_DOTS:
            raise FileError(name, [f"line {number} has {line.count(b'.')} dots, allowed are {MAX_DOTS}"])
    try:
        return tomllib.loads(content.decode("utf-8").replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        raise FileError(name, [f"not UTF-8 at byte {error.start}"]) from None
    except RecursionError:
        raise FileError(name, ["not TOML that can be read: nested too deeply"]) from None
    except ValueError as error:  # TOMLDecodeError, and integers of thousands of digits
        raise FileError(name, [f"not TOML: {hints.of_toml(str(error))}"]) from None


def read_document(document: Mapping[str, Any], name: str = "conjectures", asking: bool = False) -> Statements:
    """Read what a TOML parser, or a Python caller, made of a conjecture file; with `asking` questions are enough."""
    faults = Faults()
    for key in document:
        if key not in ("conjecture", "system", "question"):
            wanted = "the tables conjecture and system, or question, written [[conjecture]], [[system]], [[question]]"
            faults.add("file", key, wanted)
    described = _tables(document, "system", MAX_SYSTEMS, faults)
    systems = read_systems(described, faults)
    tables = {kind: _tables(document, kind, MAX_CONJECTURES, faults) for kind in ("conjecture", "question")}
    if not tables["conjecture"] and not (asking and tables["question"]) and not faults.found:
        hint = " or [[question]]" if asking else " (derive answers a [[question]])" if tables["question"] else ""
        faults.add("conjecture", None, f"at least one [[conjecture]]{hint}")
    # The name of a system that is there, but at fault itself, is no second fault.
    unread = frozenset(SYSTEM + str(table.get("id")) for table in described if str(table.get("id")) not in systems)
    seen: set[str] = set()
    given = (systems, seen, faults, unread)
    read = [_conjecture(table, number, *given) for number, table in enumerate(tables["conjecture"], 1)]
    asked = [_question(table, number, *given) for number, table in enumerate(tables["question"], 1)]
    if faults.found:
        raise FileError(name, faults.found)
    return Statements(tuple(c for c in read if c is not None), systems, tuple(q for q in asked if q is not None))


def _question(
    table: Mapping[str, Any], number: int, systems: Mapping[str, UserSystem], seen: set[str], faults: Faults,
    unread: frozenset[str],
) -> Question | None:  # fmt: skip
    """A place and a range, as of a conjecture."""
    label = label_of("question", table, number, seen, faults)
    known_keys(label, table, QUESTION_KEYS, faults)
    located = _located(label, table, systems, faults, unread)
    if located is None:
        return None
    subject, where, place = located
    require_controls(label, subject, place, {**where, **mentioned(table)}, faults)
    if place is None:
        return None
    return Question(str(table.get("id")), place, tuple(link for links in where.values() for link in links))


def _located(
    label: str, table: Mapping[str, Any], systems: Mapping[str, UserSystem], faults: Faults, unread: frozenset[str]
) -> tuple[Subject, dict[str, tuple[Relation, ...]], Place | None] | None:
    """Whom a table is about, on which range and at which place."""
    subject = None if str(table.get("theory")) in unread else subject_of(label, table, systems, faults)
    if subject is None:
        return None
    where = range_of(label, table, subject, faults)
    return subject, where, place_at(label, table, subject, tuple(where), faults)


def _tables(document: Mapping[str, Any], key: str, most: int, faults: Faults) -> list[Mapping[str, Any]]:
    value = document.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        faults.add(key, type(value).__name__, f"tables, written [[{key}]]")
        return []
    if len(value) > most:
        faults.add(key, len(value), f"at most {most} tables")
        return []
    return value


def _conjecture(
    table: Mapping[str, Any], number: int, systems: Mapping[str, UserSystem], seen: set[str], faults: Faults,
    unread: frozenset[str],
) -> Conjecture | None:  # fmt: skip
    label = label_of("conjecture", table, number, seen, faults)
    known_keys(label, table, CONJECTURE_KEYS, faults)
    located = _located(label, table, systems, faults, unread)
    if located is None:
        return None
    subject, where, place = located
    claim = _claim(label, table, subject, systems, place, tuple(where), faults)
    require_controls(label, subject, place, {**where, **mentioned(table)}, faults)
    if place is None or claim is None:
        return None
    return Conjecture(str(table.get("id")), place, tuple(link for links in where.values() for link in links), claim)


def _claim(
    label: str, table: Mapping[str, Any], subject: Subject, systems: Mapping[str, UserSystem], place: Place | None,
    ranged: tuple[str, ...], faults: Faults,
) -> Claimed | None:  # fmt: skip
    """What is claimed: exactly one kind."""
    kinds = [kind for kind in KINDS if kind in table]
    lawful = [key for key in LAW_KEYS if key in table]
    if len(kinds) + bool(lawful) != 1:
        told = ", ".join([*kinds, *lawful]) or None
        faults.add(
            f"{label}: claim",
            told,
            "one of exponent (with constant, log, log_power), than, monotone, boundary, below_powers",
        )
        return None
    fixed = [n for n in (*subject.controls, *ranged) if place is None or n not in place.path]
    names = [name for name in dict.fromkeys(fixed) if name not in subject.words]
    if "relation" in table and kinds != ["than"]:
        faults.add(f"{label}: relation", table["relation"], "nothing without than, the other observable")
        return None
    if MINIMUM in table:
        held = frozenset[str]().union(*(node.names() for node in place.path.values())) if place is not None else ranged
        own = [name for name in ranged if name not in subject.controls and name in held]
        return _minimum(label, table, [n for n in names if not _held_at(place, n)], own, faults)
    if lawful:
        return _law(label, table, names, faults)
    if kinds == ["than"]:
        return _ordering(label, table, subject, systems, ranged, faults)
    if kinds == [BELOW]:
        if table[BELOW] is not True:
            faults.add(f"{label}: {BELOW}", table[BELOW], "true")
        return BelowPowers()
    if kinds == ["monotone"]:
        return _monotone(label, table, names, faults)
    return _boundary(label, table, subject.phases, faults)


def _held_at(place: Place | None, name: str) -> bool:
    """Whether a control is set to a formula: where that holds the name that is moved, so does the control."""
    value = None if place is None else place.controls.get(name)
    return isinstance(value, Node) and bool(value.names())


def _law(label: str, table: Mapping[str, Any], names: Sequence[str], faults: Faults) -> Law | None:
    read: dict[str, Node | None] = {}
    for key in ("exponent", "constant", "log_power"):
        if key in table:
            text = text_of(table[key])
            read[key] = faults.attempt(lambda text=text, key=key: parse_formula(text, f"{label}: {key}", names))  # type: ignore[misc]
    log = table.get("log", False)
    if not isinstance(log, bool):
        faults.add(f"{label}: log", log, "true or false")
    if log is True and ("constant" in table or "log_power" in table):
        faults.add(f"{label}: log", True, "false beside constant or log_power, which say more")
    if any(value is None for value in read.values()):
        return None
    exponent = read.get("exponent") or parse_formula("0")
    return Law(exponent, read.get("constant"), log is True, read.get("log_power"))


def _minimum(
    label: str, table: Mapping[str, Any], names: Sequence[str], own: Sequence[str], faults: Faults
) -> Minimum | None:
    """Over a name of the user's own, which the path holds; neither its place nor the law there may hold that name."""
    told = mapping_of(label, MINIMUM, table, faults)
    known_keys(f"{label}: {MINIMUM}", told, ("over", "at", "unique"), faults)
    over, unique = told.get("over"), told.get("unique", True)
    if over not in own:
        faults.add(
            f"{label}: {MINIMUM}.over",
            over,
            f"a name of your own that the path holds, with a range in where{hints.nearest(over, own)}",
        )
    if not isinstance(unique, bool):
        faults.add(f"{label}: {MINIMUM}.unique", unique, "true or false")
    others, field = [name for name in names if name != over], f"{label}: {MINIMUM}.at"
    at = faults.attempt(lambda: parse_formula(text_of(told.get("at")), field, others))
    law = None
    if any(key in table for key in LAW_KEYS):
        law = _law(label, table, others, faults)
    else:
        faults.add(f"{label}: exponent", None, "the law at the minimum")
    if over not in own or at is None or law is None or not isinstance(unique, bool):
        return None
    return Minimum(law, str(over), at, unique)


def _ordering(
    label: str, table: Mapping[str, Any], subject: Subject, systems: Mapping[str, UserSystem],
    ranged: tuple[str, ...], faults: Faults,
) -> Ordering | None:  # fmt: skip
    """The other observable; what it does not say of itself it shares."""
    relation, than = table.get("relation"), mapping_of(label, "than", table, faults)
    if relation not in RELATIONS:
        near = hints.nearest(relation, RELATIONS)
        faults.add(f"{label}: relation", relation, "one of " + ", ".join(RELATIONS) + near)
    shared = {key: table[key] for key in PLACE_KEYS if key in table}
    other_label = f"{label}: than"
    known_keys(other_label, than, PLACE_KEYS, faults)
    merged = {**shared, **than}
    other = subject_of(other_label, merged, systems, faults)
    if other is None:
        return None
    if other.large != subject.large:
        faults.add(f"{other_label}: theory", other.name, f"one whose large parameter is {subject.large} too")
    place = place_at(other_label, merged, other, ranged, faults)
    require_controls(other_label, other, place, {**dict.fromkeys(ranged), **mentioned(merged)}, faults)
    if place is None or relation not in RELATIONS:
        return None
    return Ordering(str(relation), place)


def _monotone(label: str, table: Mapping[str, Any], names: Sequence[str], faults: Faults) -> Monotone | None:
    if not isinstance(table["monotone"], Mapping):
        wanted = 'a table, monotone = { parameter = "decay", direction = "decreasing" }'
        faults.add(f"{label}: monotone", table["monotone"], wanted)
        return None
    told = table["monotone"]
    known_keys(f"{label}: monotone", told, ("parameter", "direction"), faults)
    parameter, direction = told.get("parameter"), told.get("direction")
    if parameter not in names:
        faults.add(f"{label}: monotone.parameter", parameter, "one of " + ", ".join(names))
    if direction not in DIRECTIONS:
        near = hints.nearest(direction, DIRECTIONS)
        faults.add(f"{label}: monotone.direction", direction, "one of " + ", ".join(DIRECTIONS) + near)
    if parameter not in names or direction not in DIRECTIONS:
        return None
    return Monotone(str(direction), str(parameter))


def _boundary(label: str, table: Mapping[str, Any], phases: Sequence[str], faults: Faults) -> Boundary | None:
    if not isinstance(table["boundary"], Mapping):
        faults.add(
            f"{label}: boundary", table["boundary"], 'a table, boundary = { between = ["II", "III"], jumps = false }'
        )
        return None
    told = table["boundary"]
    known_keys(f"{label}: boundary", told, ("between", "jumps"), faults)
    between, jumps = told.get("between"), told.get("jumps")
    if not (isinstance(between, list) and len(between) == 2 and all(isinstance(name, str) for name in between)):
        faults.add(f"{label}: boundary.between", between, 'the names of two phases, ["II", "III"]')
        return None
    if jumps is not None and not isinstance(jumps, bool):
        faults.add(f"{label}: boundary.jumps", jumps, "true or false")
        return None
    for name in between:
        if phases and name not in phases:
            faults.add(
                f"{label}: boundary.between", name, "one of " + ", ".join(sorted(phases)) + hints.nearest(name, phases)
            )
    return Boundary((between[0], between[1]), jumps)
