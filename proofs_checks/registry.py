"""Discovery: theories are found, never listed. Those of the house are the modules of `theories/`; a package outside
registers one through the entry-point group ``scalecheck.theories`` (the object it names is a `Theory`).
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from importlib.metadata import entry_points

from .conjectures.hints import nearest
from .errors import InputError
from .theory_record import Theory

GROUP = "scalecheck.theories"


@cache
def theories() -> dict[str, Theory]:
    """All theories by name, those of the house first; entry points that do not work are left to `broken`."""
    return _discover()[0]


def broken() -> tuple[str, ...]:
    """One line for every registered theory that could not be loaded: who registered it, and what is wrong."""
    return _discover()[1]


@cache
def _discover() -> tuple[dict[str, Theory], tuple[str, ...]]:
    from . import theories as house

    found: dict[str, Theory] = {}
    for info in sorted(pkgutil.iter_modules(house.__path__), key=lambda item: item.name):
        module = importlib.import_module(f"{house.__name__}.{info.name}")
        _add(found, module.THEORY, info.name)
    faults = []
    for point in sorted(entry_points(group=GROUP), key=lambda item: item.name):
        try:
            _add(found, point.load(), point.value)
        except (ImportError, AttributeError, InputError) as error:
            package = point.dist.name if point.dist is not None else "unknown package"
            faults.append(f"theory {point.name!r} registered by {package} is left out: {error}")
    return found, tuple(faults)


def _add(found: dict[str, Theory], record: object, origin: str) -> None:
    if not isinstance(record, Theory):
        raise InputError("theory", origin, "a module or entry point that holds a Theory record")
    if record.name in found:
        raise InputError("theory", record.name, "a name that no other theory has")
    found[record.name] = record


def theory(name: str) -> Theory:
    """The theory of that name, or `InputError` with the names there are."""
    known = theories()
    if name not in known:
        raise InputError("theory", name, "one of " + ", ".join(known) + nearest(name, known))
    return known[name]
