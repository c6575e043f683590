"""What the court raises when it is handed something it cannot use."""

from __future__ import annotations


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

    def __reduce__(self) -> tuple[type[InputError], tuple[str, object, str]]:
        """For the way back from another process: an exception is made again from its arguments."""
        return type(self), (self.field, self.value, self.allowed)
