"""What of an assertion can be changed: its fields, read by their kind, so that no theory need be known here.

An assertion is a frozen dataclass. Expressions in its fields are values that it states; relations and hypotheses are its
region; a truth value is a claim of its own. A class whose fields depend on each other says how one of them is restated,
by a method ``restated(field, value)``, and which may be, by a class attribute ``RESTATED``; one with values that are
meant up to a factor names them in a class attribute ``UP_TO_A_FACTOR``; one with expressions that state nothing and only say
in what unit a deviation is measured, in ``YARDSTICKS``: another unit makes no claim false. A field that is a list of
statements, each made by itself, is named in ``ALL_OF``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import sympy as sp

from .walls import Region

REGIONS = ("hypotheses", "relations", "along", "region")
"""Fields that say where: a stretch of a line, a region of the plane, hypotheses of a law."""


@dataclass(frozen=True)
class Slot:
    """A value of an assertion, and how to put another in its place; `put` raises ValueError where it cannot stand."""

    name: str
    value: Any
    put: Callable[[Any], Any]


def expressions(assertion: Any) -> Iterator[Slot]:
    """All expressions that an assertion states, also inside tuples, mappings and stated parts."""
    names = getattr(assertion, "RESTATED", None)
    left_out = (*REGIONS, *getattr(assertion, "YARDSTICKS", ()))
    for field in fields(assertion):
        if field.name in left_out or (names is not None and field.name not in names) or not field.init:
            continue
        yield from _inside(field.name, getattr(assertion, field.name), _putter(assertion, field.name))


def _putter(assertion: Any, name: str) -> Callable[[Any], Any]:
    restated = getattr(assertion, "restated", None)
    if restated is not None and name in assertion.RESTATED:
        return lambda value: restated(name, value)
    return lambda value: replace(assertion, **{name: value})


def _inside(name: str, value: Any, put: Callable[[Any], Any]) -> Iterator[Slot]:
    if isinstance(value, sp.Eq):
        yield from _inside(f"{name}.rhs", value.rhs, lambda new: put(sp.Eq(value.lhs, new, evaluate=False)))
    elif isinstance(value, sp.Expr):
        yield Slot(name, value, put)
    elif isinstance(value, Mapping) and not any(isinstance(key, sp.Basic) for key in value):
        for key in value:
            yield from _inside(f"{name}.{key}", value[key], _in_mapping(value, key, put))
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _inside(f"{name}.{index}", item, _in_tuple(value, index, put))
    elif hasattr(value, "__dataclass_fields__") and hasattr(value, "region"):
        for field in fields(value):
            if field.name not in REGIONS:
                yield from _inside(
                    f"{name}.{field.name}", getattr(value, field.name), _in_record(value, field.name, put)
                )


def _in_mapping(value: Mapping[Any, Any], key: Any, put: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda new: put({**value, key: new})


def _in_tuple(value: tuple[Any, ...], index: int, put: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda new: put((*value[:index], new, *value[index + 1 :]))


def _in_record(value: Any, name: str, put: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda new: put(replace(value, **{name: new}))


def regions(assertion: Any) -> Iterator[Slot]:
    """All regions that an assertion states."""
    for field in fields(assertion):
        value = getattr(assertion, field.name)
        if field.name in REGIONS and isinstance(value, tuple):
            yield Slot(field.name, value, _putter(assertion, field.name))
        elif isinstance(value, tuple) and value and all(hasattr(item, "region") for item in value):
            for index, item in enumerate(value):
                put = _in_record(item, "region", _in_tuple(value, index, _putter(assertion, field.name)))
                yield Slot(f"{field.name}.{index}.region", item.region, put)


def flags(assertion: Any) -> Iterator[Slot]:
    """All truth values that an assertion states."""
    for field in fields(assertion):
        if isinstance(getattr(assertion, field.name), bool):
            yield Slot(field.name, getattr(assertion, field.name), _putter(assertion, field.name))


def region_of(assertion: Any) -> Region:
    """The region of an assertion that has one field for it, else nothing."""
    for name in ("hypotheses", "relations"):
        value = getattr(assertion, name, ())
        if isinstance(value, tuple) and value:
            return value
    return ()
