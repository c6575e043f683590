"""The systems of a conjecture file: names, domains and equations of the user's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .faults import NAME, Faults, known_keys, label_of, mapping_of
from .grammar import parse_relations
from .nodes import INDEX, PI, POWER_SUM, Relation
from .statements import UserSystem

MAX_UNKNOWNS = 8
EXPONENT = "exponent_of_"
"""Names of the exponents of controls in the diagram of a system."""
SYSTEM_KEYS = ("id", "large", "positive", "parameters", "controls", "equations", "one_solution", "note")


def read_systems(tables: Sequence[Mapping[str, Any]], faults: Faults) -> dict[str, UserSystem]:
    """All systems that can be read, by id."""
    seen: set[str] = set()
    read = [_system(table, number, seen, faults) for number, table in enumerate(tables, 1)]
    return {system.id: system for system in read if system is not None}


def _system(table: Mapping[str, Any], number: int, seen: set[str], faults: Faults) -> UserSystem | None:
    label = label_of("system", table, number, seen, faults)
    known_keys(label, table, SYSTEM_KEYS, faults)
    before = len(faults.found)
    large, positive = table.get("large"), table.get("positive")
    if not isinstance(large, str) or NAME.fullmatch(large) is None or large in (INDEX, PI):
        faults.add(f"{label}: large", large, f"a name (not {INDEX}, not {PI})")
    if not isinstance(positive, list) or not 1 <= len(positive) <= MAX_UNKNOWNS:
        faults.add(f"{label}: positive", positive, f"a list of one to {MAX_UNKNOWNS} names of unknowns")
        positive = []
    tables = {key: mapping_of(label, key, table, faults) for key in ("parameters", "controls")}
    names = [large, *positive, *tables["parameters"], *tables["controls"]]
    for name in names:
        if not isinstance(name, str) or NAME.fullmatch(name) is None or name in (INDEX, PI, POWER_SUM):
            faults.add(f"{label}: names", name, f"letters, digits and _, at most 40, not {INDEX}, {PI} or {POWER_SUM}")
        elif name.startswith(EXPONENT):
            faults.add(f"{label}: names", name, f"a name that does not begin with {EXPONENT}, as those of the plane do")
        elif names.count(name) > 1:
            faults.add(f"{label}: names", name, "a name that is used once")
    if len(faults.found) > before:
        return None
    domains = {key: _domains(f"{label}: {key}", told, faults) for key, told in tables.items()}
    one_solution = table.get("one_solution", False)
    if not isinstance(one_solution, bool):
        faults.add(f"{label}: one_solution", one_solution, "true or false")
    held = frozenset(map(str, [large, *positive]))
    equations = _equations(label, table.get("equations"), names, held, len(positive), faults)
    if len(faults.found) > before or not isinstance(table.get("id"), str):
        return None
    return UserSystem(
        str(table["id"]),
        str(large),
        tuple(positive),
        domains["parameters"],
        domains["controls"],
        equations,
        one_solution,
    )


def _domains(label: str, table: Mapping[str, Any], faults: Faults) -> dict[str, tuple[Relation, ...]]:
    found = {}
    for name, text in table.items():
        links = faults.attempt(lambda t=text, n=name: parse_relations(t, f"{label}.{n}", list(table)))  # type: ignore[misc]
        found[name] = links or ()
    return found


def _equations(
    label: str, given: object, names: Sequence[str], held: frozenset[str], count: int, faults: Faults
) -> tuple[Relation, ...]:
    if not isinstance(given, list) or len(given) != count:
        faults.add(f"{label}: equations", given, f"a list of {count} equations, as many as unknowns")
        return ()
    found: list[Relation] = []
    for number, text in enumerate(given, 1):
        field = f"{label}: equation {number}"
        links = faults.attempt(lambda t=text, f=field: parse_relations(t, f, names, sums=True, held=held))  # type: ignore[misc]
        if links is not None and (len(links) != 1 or links[0].sign != "="):
            faults.add(field, text, "one equation, left = right")
        elif links is not None:
            found += links
    return tuple(found)
