"""What `solve` returns: one point of a theory with its error, beside a simulation if one was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from scalecheck.proofs_checks.markup import table

from .documents import plain

MOST_RUNS = 1_000_000
"""Random problems that are minimised at one point at most: the standard error is then a thousandth of the scatter."""


@dataclass(frozen=True, repr=False)
class Point:
    """A solved point; the solved quantities are its attributes too: ``point.risk`` is ``point.value.risk``.

    Parameters
    ----------
    kind, theory : str
        The key under which the theory's name stands in JSON, and the name.
    controls : Mapping[str, object]
        Where the point is.
    solution : Solution
        From the numeric witness: value, status, error, kind of error.
    experiment : Solution or None
        Of the simulation, if one was asked for.
    """

    kind: str
    theory: str
    controls: Mapping[str, object]
    solution: Any
    experiment: Any = None

    @property
    def value(self) -> Any:
        """The solved quantities."""
        return self.solution.value

    def __getattr__(self, name: str) -> Any:
        """A solved quantity by name; asked only for what is no field of the point itself."""
        if not name.startswith("_") and name != "solution" and name in as_mapping(self.solution.value):
            value = self.solution.value
            return getattr(value, name) if is_dataclass(value) else value
        raise AttributeError(f"a point of {self.__dict__.get('theory', 'a theory')} has no {name!r}")

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *as_mapping(self.solution.value)})

    def to_json(self) -> dict[str, object]:
        """The document of the command line's ``--json``."""
        document: dict[str, object] = {self.kind: self.theory, **as_mapping(self.solution.value)}
        document |= {
            "status": self.solution.status.value,
            "error": self.solution.error,
            "error_kind": self.solution.error_kind.value,
        }
        if self.experiment is not None:
            document["simulation"] = as_mapping(self.experiment.value)
        cleaned: dict[str, object] = plain(document)
        return cleaned

    def rows(self) -> list[tuple[str, str]]:
        """Names and values for people, nested quantities with a dot."""
        return list(_flatten(self.to_json()))

    def __repr__(self) -> str:
        width = max(len(name) for name, _ in self.rows())
        return "\n".join(f"{name:{width}}  {value}" for name, value in self.rows())

    def _repr_html_(self) -> str:
        return table(["quantity", "value"], self.rows())

    def _repr_latex_(self) -> str:
        body = r" \\ ".join(rf"\text{{{name}}} & {value}" for name, value in self.rows() if name != "status")
        return r"$\begin{array}{ll}" + body.replace("_", r"\_") + r"\end{array}$"


def as_mapping(value: Any) -> dict[str, object]:
    """The public fields of a result; a dataclass below becomes a mapping of its own.

    A class may name the fields that are its public face in ``json_fields``.
    """
    if not is_dataclass(value):
        return {"value": value}
    chosen = getattr(value, "json_fields", None) or [item.name for item in fields(value)]
    return {name: _nested(getattr(value, name)) for name in chosen}


def _nested(value: Any) -> object:
    return as_mapping(value) if is_dataclass(value) else value


def _flatten(document: Mapping[str, object], prefix: str = "") -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for name, value in document.items():
        if isinstance(value, Mapping):
            rows += _flatten(value, f"{prefix}{name}.")
        else:
            rows.append((prefix + name, f"{value:.12g}" if isinstance(value, float) else str(value)))
    return rows
