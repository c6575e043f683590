"""What the court raises when it is handed something it cannot use."""

from __future__ import annotations

from typing import Any


class InputError(ValueError):
    """Unusable input, in one line that names the field, the value and what is allowed (exit status 2).

    Parameters
    ----------
    field : str
        The option, key or argument at fault.
    value : object
        What was given.
    allowed : str
        What would have been accepted.

    Examples
    --------
    >>> print(InputError("theory", "cubic", "one of diagonal, quadratic"))
    theory: got 'cubic', allowed is one of diagonal, quadratic
    """

    def __init__(self, field: str, value: object, allowed: str) -> None:
        text = "nothing" if value is None else repr(value)
        shown = text if len(text) <= 80 else f"{text[:60]}... ({len(text)} characters)"
        super().__init__(f"{field}: got {shown}, allowed is {allowed}".replace("\n", " "))
        self.field, self.value, self.allowed = field, value, allowed

    def __reduce__(self) -> tuple[Any, ...]:
        """For the way back from another process: an exception is made again from its arguments."""
        return type(self), (self.field, self.value, self.allowed)


class MissingExtra(InputError):
    """What needs a package that is not there: what to install instead of what is allowed (exit status 2 as well).

    Parameters
    ----------
    field : str
        The option, command or method that needs the package.
    package : str
        Its name for people.
    extra : str
        The extra of scalecheck that brings it.

    Examples
    --------
    >>> print(MissingExtra("explore", "Panel", "explorer"))
    explore: needs Panel, which is not installed: install it with pip install 'scalecheck[explorer]'
    """

    def __init__(self, field: str, package: str, extra: str) -> None:
        allowed = f"install it with pip install 'scalecheck[{extra}]'"
        super().__init__(field, None, allowed)
        self.args = (f"{field}: needs {package}, which is not installed: {allowed}",)
        self.package, self.extra = package, extra

    def __reduce__(self) -> tuple[Any, ...]:
        """As of `InputError`."""
        return type(self), (self.field, self.package, self.extra)
