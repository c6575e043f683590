"""Whom a conjecture can be about: a theory or a system of the user's, with the names that mean something there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from ..controls import Control
from ..errors import InputError
from ..registry import theories
from ..theory_record import Theory
from .statements import UserSystem

SYSTEM = "system:"
"""How the `theory` of a conjecture names a system of the file."""


@dataclass(frozen=True)
class Subject:
    """Names of a theory or system.

    Parameters
    ----------
    name, large : str
        As in the file; the parameter that grows.
    observables, controls : tuple[str, ...]
        What can be asked for; every name that can be set or ranged over, without the large one.
    required : tuple[str, ...]
        Controls that must be given, since without them nothing says where on the plane one is.
    words : Mapping[str, Mapping[str, int]]
        Controls that are words, with the numbers that stand for them.
    defaults : Mapping[str, str]
        Values of controls that are not given.
    phases : tuple[str, ...]
        Names that phases can have, where they are known beforehand.
    held : tuple[str, ...]
        Controls that follow from the others, and cannot be set or ranged over.
    """

    name: str
    large: str
    observables: tuple[str, ...]
    controls: tuple[str, ...]
    required: tuple[str, ...] = ()
    words: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    phases: tuple[str, ...] = ()
    held: tuple[str, ...] = ()


def checkable() -> tuple[str, ...]:
    """Names of the theories that have laws: those with a phase diagram."""
    return tuple(name for name, record in theories().items() if record.phases is not None)


def of_theory(record: Theory) -> Subject:
    """The names of a theory.

    Examples
    --------
    >>> from scalecheck.proofs_checks.registry import theory
    >>> found = of_theory(theory("diagonal"))
    >>> found.large, found.controls, found.required
    ('dim', ('samples', 'weight_decay', 'decay', 'noise'), ('samples', 'weight_decay'))
    """
    large = large_of(record)
    controls = [c for c in record.controls if c.name != large and c.name not in record.scaling.held]
    words = {c.name: _numbers_of(record, c) for c in controls if c.domain.words}
    defaults = {c.name: str(c.default) for c in controls if c.default is not None}
    wanted = [c for c in controls if c.name in record.scaling.exponents or c.name in words or c.follows is not None]
    required = tuple(c.name for c in wanted if c.name not in defaults)
    phases = tuple(record.phase_names()) if record.phase_names is not None else ()
    return Subject(
        record.name,
        large,
        tuple(record.observables),
        tuple(c.name for c in controls),
        required,
        words,
        defaults,
        phases,
        tuple(record.scaling.held),
    )


def _numbers_of(record: Theory, control: Control) -> Mapping[str, int]:
    told = record.scaling.words.get(control.name)
    return told if told is not None else {word: index for index, word in enumerate(control.domain.words)}


@cache
def _diagram_large(name: str) -> str:
    phases = theories()[name].phases
    if phases is None:
        raise InputError("theory", name, "one of " + ", ".join(checkable()))
    return phases().large


def large_of(record: Theory) -> str:
    """The large parameter: as the record says, else that of the derived diagram."""
    return record.scaling.large or _diagram_large(record.name)


def of_system(system: UserSystem) -> Subject:
    """The names of a system."""
    names = (*system.parameters, *system.controls)
    return Subject(SYSTEM + system.id, system.large, system.positive, names, tuple(system.controls))
