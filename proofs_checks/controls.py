"""Controls of a theory: names, domains, and how a word on the command line becomes a value inside the domain."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .conjectures.hints import nearest
from .errors import InputError

Value = float | int | str


@dataclass(frozen=True)
class Domain:
    """A set of reals, integers or words.

    Examples
    --------
    >>> Domain(lower=0.5, upper=10, lower_open=True).describe()
    'a real number > 0.5 and <= 10'
    >>> Domain(lower=1, integer=True).parse("dim", "1e12")
    1000000000000
    """

    lower: float = -math.inf
    upper: float = math.inf
    lower_open: bool = False
    integer: bool = False
    words: tuple[str, ...] = ()

    def describe(self) -> str:
        """Say what is allowed, for error messages and help."""
        if self.words:
            return "one of " + ", ".join(self.words)
        parts = []
        if self.lower > -math.inf:
            parts.append(f"{'>' if self.lower_open else '>='} {self.lower:g}")
        if self.upper < math.inf:
            parts.append(f"<= {self.upper:g}")
        kind = "an integer" if self.integer else "a real number"
        return f"{kind} {' and '.join(parts)}".strip()

    def parse(self, field: str, text: object) -> Value:
        """Return the value that `text` stands for, or raise `InputError`."""
        if self.words:
            if text not in self.words:
                raise InputError(field, text, self.describe() + nearest(text, self.words))
            return str(text)
        number = _number(field, text, self.describe())
        if isinstance(number, float) and not math.isfinite(number):
            raise InputError(field, text, self.describe())
        below = number <= self.lower if self.lower_open else number < self.lower
        if below or number > self.upper or (self.integer and number != int(number)):
            raise InputError(field, text, self.describe())
        return int(number) if self.integer else float(number)


def _number(field: str, text: object, allowed: str) -> float | int:
    """Return `text` as an exact int where it is one, else as a float."""
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        try:
            return float(text)  # type: ignore[arg-type]  # NumPy scalars and SymPy numbers know how
        except (TypeError, ValueError):
            raise InputError(field, text, allowed) from None
    try:
        return int(text) if not isinstance(text, float) else text
    except ValueError:
        pass
    try:
        # A fraction, 1/3, is a number here as it is for phase diagrams.
        return float(Fraction(text)) if isinstance(text, str) and "/" in text else float(text)
    except (ValueError, OverflowError, ZeroDivisionError):
        raise InputError(field, text, allowed) from None


@dataclass(frozen=True)
class Control:
    """One thing the user sets: a parameter of the model or of the training.

    `default` None means required, unless the value `follows` from the controls before it; `option` is the name on the
    command line.
    """

    name: str
    letter: str
    help: str
    domain: Domain
    default: Value | None = None
    follows: Callable[[Mapping[str, Value]], Value] | None = None

    @property
    def option(self) -> str:
        """Name on the command line: ``weight_decay`` is ``--weight-decay``."""
        return "--" + self.name.replace("_", "-")


def whole_samples(point: Mapping[str, Any]) -> dict[str, Any]:
    """The controls of a simulation, which draws whole samples, or `InputError`.

    Examples
    --------
    >>> whole_samples({"samples": 30.0, "noise": 1})
    {'samples': 30, 'noise': 1}
    """
    samples = point["samples"]
    if samples != int(samples):
        raise InputError("samples", samples, "an integer >= 1 (a simulation draws whole samples)")
    return {**point, "samples": int(samples)}
