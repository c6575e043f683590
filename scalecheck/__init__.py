"""scalecheck: derive, check and cite neural scaling laws.

Every command of the command line is a function here of the same name with the same keywords. Nothing heavy is loaded
until a function is used, and importing a witness (`scalecheck.theory`, `scalecheck.numerics`) loads neither the court
nor the door.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from .api import (
        census,
        certify,
        check,
        cite,
        conventions,
        derive,
        explore,
        measure,
        phases,
        solve,
        spectrum,
        theories,
        verify,
    )
    from .sweeps import open_sweep, sweep

__all__ = [
    "__version__",
    "census",
    "certify",
    "check",
    "cite",
    "conventions",
    "derive",
    "explore",
    "measure",
    "open_sweep",
    "phases",
    "solve",
    "spectrum",
    "sweep",
    "theories",
    "verify",
]


def __getattr__(name: str) -> object:
    if name in ("open_sweep", "sweep"):
        from . import sweeps

        return getattr(sweeps, name)
    if name in __all__ or _may_be_a_command(name):
        from . import api

        return getattr(api, name)
    raise AttributeError(f"module 'scalecheck' has no attribute {name!r}")


def _may_be_a_command(name: str) -> bool:
    """Whether a theory may solve under this name; names of modules never load the court."""
    from importlib.util import find_spec

    return not name.startswith("_") and find_spec(f"{__name__}.{name}") is None


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
