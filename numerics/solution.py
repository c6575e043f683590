"""The one type of numeric results: a value, its status, its error and what kind of error that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Generic, TypeVar

from .errors import NotConverged

Value = TypeVar("Value")


class Status(Enum):
    """How a computation ended, in a sentence that says what to do about it."""

    CONVERGED = "Converged: the residuals are at the level the error estimate states."
    LIMIT = "Converged to a limit in closed form: the equations themselves degenerate at this point."
    UNDERFLOW = "Too small to be followed: reported as 0, its logarithm as none; the truth is positive. Ask for an earlier time."
    STALLED = (
        "Stopped before its tolerance: the iteration stalled. Loosen the tolerance or move off the singular point."
    )
    DIVERGES = (
        "No finite solution: the quantity diverges at this point. Move the control off the stated singular value."
    )

    @property
    def converged(self) -> bool:
        """Whether the value may be used as a number."""
        return self in (Status.CONVERGED, Status.LIMIT, Status.UNDERFLOW)


class ErrorKind(Enum):
    """What stands behind an error figure."""

    BOUND = "bound"
    """Rigorous: the truth is inside, by a proof or by ball arithmetic."""
    ESTIMATE = "estimate"
    """Computed from a second, finer calculation; tested to cover the truth, not proved."""
    NONE = "none"
    """No error is known; the number must not be used as evidence."""


@dataclass(frozen=True)
class Solution(Generic[Value]):
    """A numeric result that carries its own error.

    Parameters
    ----------
    value : Value
        The result; a frozen dataclass or a float.
    status : Status
        How the computation ended.
    error : float
        Relative error of the headline quantity of `value` (say which in the docstring of the method).
    error_kind : ErrorKind
        Bound, estimate or none.
    method : str
        One line: what was done.
    statistics : Mapping[str, float]
        Iterations, evaluations, residuals.
    seed : int or None
        The seed of every random number that went in, None where there was none.

    Examples
    --------
    >>> Solution(2.0, Status.CONVERGED, 1e-12, ErrorKind.ESTIMATE, method="by hand").checked().value
    2.0
    """

    value: Value
    status: Status
    error: float
    error_kind: ErrorKind
    method: str
    statistics: Mapping[str, float] = field(default_factory=dict)
    seed: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "statistics", MappingProxyType(dict(self.statistics)))

    def checked(self) -> Solution[Value]:
        """Return itself if converged, else raise `NotConverged`: nothing unconverged passes for a number."""
        if not self.status.converged:
            raise NotConverged(f"{self.method}: {self.status.value}", self)
        return self
