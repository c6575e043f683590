"""What the numeric witness raises: a value outside its domain, or a computation that did not converge."""

from __future__ import annotations

import math


class DomainError(ValueError):
    """A value outside its domain, in one line that names the field, the value and what is allowed.

    Parameters
    ----------
    field : str
        Name of the offending parameter, as the user writes it.
    value : object
        What was given.
    allowed : str
        What would have been accepted.

    Examples
    --------
    >>> raise DomainError("decay", 0.3, "a real number in (1/2, 10]")
    Traceback (most recent call last):
        ...
    scalecheck.numerics.errors.DomainError: decay: got 0.3, allowed is a real number in (1/2, 10]
    """

    def __init__(self, field: str, value: object, allowed: str) -> None:
        super().__init__(f"{field}: got {value!r}, allowed is {allowed}")
        self.field, self.value, self.allowed = field, value, allowed

    def __reduce__(self) -> tuple[type[DomainError], tuple[str, object, str]]:
        """For the way back from another process: an exception is made again from its arguments."""
        return type(self), (self.field, self.value, self.allowed)


class NotConverged(ArithmeticError):
    """A computation that did not reach its tolerance; carries the best effort, which is no result.

    Raised by default wherever a `Solution` would otherwise have to pass for a number.

    Parameters
    ----------
    message : str
        One line: what failed and what to try.
    solution : object, optional
        The `Solution` that did not converge, so that its status can be reported.
    """

    def __init__(self, message: str, solution: object = None) -> None:
        super().__init__(message)
        self.solution = solution


def require(condition: bool, field: str, value: object, allowed: str) -> None:
    """Raise `DomainError` unless `condition` holds."""
    if not condition:
        raise DomainError(field, value, allowed)


def real(
    field: str,
    value: float,
    *,
    above: float | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
) -> float:
    """Return `value` as a finite float inside the stated interval, or raise `DomainError`.

    Examples
    --------
    >>> real("noise", 1, at_least=0)
    1.0
    """
    parts = [
        f"> {above:g}" if above is not None else "",
        f">= {at_least:g}" if at_least is not None else "",
        f"<= {at_most:g}" if at_most is not None else "",
    ]
    allowed = " and ".join(["a finite real number", *[part for part in parts if part]])
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise DomainError(field, value, allowed) from None
    inside = (
        math.isfinite(number)
        and (above is None or number > above)
        and (at_least is None or number >= at_least)
        and (at_most is None or number <= at_most)
    )
    require(inside, field, value, allowed)
    return number
