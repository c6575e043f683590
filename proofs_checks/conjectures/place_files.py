"""Where a conjecture speaks, from its table: theory or system, observable, path, controls and the stated range."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..errors import InputError
from ..registry import theories
from . import hints
from .faults import NAME, Faults, mapping_of, text_of
from .grammar import parse_formula, parse_relations
from .nodes import ARITY, Node, Relation
from .statements import Place, UserSystem
from .subjects import SYSTEM, Subject, checkable, of_system, of_theory

UNREADABLE = " "
"""Stands for the controls of a table that is none: which they are is not known."""


def subject_of(
    label: str, table: Mapping[str, Any], systems: Mapping[str, UserSystem], faults: Faults
) -> Subject | None:
    """The theory or system of that name."""
    name = table.get("theory")
    options = [*checkable(), *(SYSTEM + key for key in systems)]
    allowed = "one of " + ", ".join(options) + hints.nearest(name, options)
    if not isinstance(name, str):
        faults.add(f"{label}: theory", name, allowed)
    elif name.startswith(SYSTEM) and name.removeprefix(SYSTEM) in systems:
        return of_system(systems[name.removeprefix(SYSTEM)])
    elif name in checkable():
        return of_theory(theories()[name])
    else:
        faults.add(f"{label}: theory", name, allowed)
    return None


def range_of(label: str, table: Mapping[str, Any], subject: Subject, faults: Faults) -> dict[str, tuple[Relation, ...]]:
    """Ranges by name; names that are no controls are exponents of a path, free to be ranged over."""
    given = mapping_of(label, "where", table, faults)
    path = mapping_of(label, "path", table, faults)
    names = [*(c for c in subject.controls if c not in path and c not in subject.words), *given]
    found: dict[str, tuple[Relation, ...]] = {}
    for key, text in given.items():
        field = f"{label}: where.{key}"
        if key in subject.held:
            faults.add(
                field, key, "a name of your own, or a parameter that the laws do not hold at the value that follows"
            )
            continue
        if NAME.fullmatch(key) is None or key == subject.large or (key in ARITY and key not in subject.controls):
            faults.add(field, key, f"a parameter, or a name of your own (not {subject.large}, no function)")
            continue
        if key in path or key in mapping_of(label, "controls", table, faults) or key in subject.words:
            faults.add(field, key, "a name that is not set in path or controls, and no word")
            continue
        links = faults.attempt(lambda text=text, field=field: parse_relations(text, field, names))  # type: ignore[misc]
        if links is not None and not any(key in link.names() for link in links):
            faults.add(field, text, f"relations in which {key} occurs")
        if links is not None:
            found[key] = tuple(replace(link, about=key) if key in link.names() else link for link in links)
    return found


def place_at(
    label: str, table: Mapping[str, Any], subject: Subject, ranged: tuple[str, ...], faults: Faults
) -> Place | None:
    """Observable, path and controls."""
    observable = table.get("observable")
    if observable not in subject.observables:
        near = hints.nearest(observable, subject.observables)
        faults.add(f"{label}: observable", observable, "one of " + ", ".join(subject.observables) + near)
    path, controls = (mapping_of(label, key, table, faults) for key in ("path", "controls"))
    fixed = [name for name in (*subject.controls, *ranged) if name not in path]
    read_path = _settings(label, "path", path, subject, [*fixed, subject.large, *path], faults)
    read_controls = _settings(label, "controls", controls, subject, [n for n in fixed if n not in controls], faults)
    for key in set(path) & set(controls):
        faults.add(f"{label}: controls.{key}", key, "a control that is not in path as well")
    if not isinstance(observable, str):
        return None
    names = {key: node for key, node in read_path.items() if isinstance(node, Node)}
    _powers_only(label, names, subject.large, faults)
    return Place(subject.name, observable, names, _with_defaults(subject, names, read_controls, ranged))


def _powers_only(label: str, path: Mapping[str, Node], large: str, faults: Faults) -> None:
    """A path is a constant times a power of the large parameter."""
    import sympy as sp

    from .expressions import NoValueError, resolve_path

    mentioned = frozenset[str]().union(*(node.names() for node in path.values()))
    try:
        resolve_path(path, large, {name: sp.Symbol(name, positive=True) for name in mentioned})
    except InputError as error:
        faults.found.append(f"{label}: {error}")
    except NoValueError as error:
        faults.add(f"{label}: path", str(error), f"constants times powers of {large}")


def _with_defaults(
    subject: Subject, path: Mapping[str, Node], controls: Mapping[str, Node | str], ranged: Sequence[str]
) -> dict[str, Node | str]:
    found = dict(controls)
    for name, text in subject.defaults.items():
        if name not in found and name not in path and name not in ranged:
            found[name] = text if name in subject.words else parse_formula(text)
    return found


def _settings(
    label: str, key: str, table: Mapping[str, Any], subject: Subject, names: Sequence[str], faults: Faults
) -> dict[str, Node | str]:
    """The values of path or controls: formulas, and words where a control is one."""
    found: dict[str, Node | str] = {}
    for name, value in table.items():
        field = f"{label}: {key}.{name}"
        if name not in subject.controls:
            allowed = f"a control of {subject.name}: {', '.join(subject.controls)}"
            grows = f" ({name} is what grows)" if name == subject.large else hints.nearest(name, subject.controls)
            faults.add(field, name, allowed + grows)
        elif name in subject.words:
            if key == "path" or value not in subject.words[name]:
                faults.add(field, value, f"one of {', '.join(subject.words[name])}, in controls")
            else:
                found[name] = str(value)
        else:
            seen = [other for other in names if other != name]
            node = faults.attempt(lambda v=value, f=field, s=seen: parse_formula(text_of(v), f, s))  # type: ignore[misc]
            if node is not None:
                found[name] = node
    return found


def require_controls(
    label: str, subject: Subject, place: Place | None, where: Mapping[str, object], faults: Faults
) -> None:
    """Controls without which nothing says where one is."""
    if place is None:
        return
    if where.keys() & {UNREADABLE}:
        return
    given = {*place.path, *place.controls, *where}
    for name in subject.required:
        if name not in given:
            faults.add(
                f"{label}: path.{name}",
                None,
                f"how {name} goes with {subject.large} (or a value in controls, or a range in where)",
            )


def mentioned(table: Mapping[str, Any]) -> dict[str, object]:
    """Controls that are given, readable or not: of one that is not readable nothing more is said."""
    tables = [table.get(key) for key in ("path", "controls", "where")]
    if any(item is not None and not isinstance(item, Mapping) for item in tables):
        return {UNREADABLE: None}
    return {str(name): None for item in tables if isinstance(item, Mapping) for name in item}
