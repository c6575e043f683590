"""What is a breakdown, and what a defect: an error by which a witness says that it cannot tell, and any other.

A breakdown decides nothing, and what rests on it is undecided; a defect is raised.
"""

from __future__ import annotations

from .evidence import Evidence, Firmness, Outcome
from .tables import Table

BROKE_DOWN = "broke down"
"""How the reason of a witness begins that raised an error instead of saying something."""

POSSIBLE = (ArithmeticError, ValueError, NotImplementedError, RuntimeError)
"""What an ``except`` clause has to name; `is_breakdown` tells which of them are meant."""

WITNESSES = ("scalecheck.theory.", "scalecheck.numerics.", "scalecheck.proofs_checks.certificates.")


def is_breakdown(error: BaseException) -> bool:
    """Whether an error says that a computation could not be done: any of arithmetic, and those that a witness defines.

    Plain errors of type, key or value are defects, and what the court raises about its input is told to the user.

    Examples
    --------
    >>> from scalecheck.theory.asymptotics.power_sums import DivergentSum
    >>> is_breakdown(DivergentSum("the sum diverges")), is_breakdown(ValueError("no false twin"))
    (True, False)
    """
    return isinstance(error, ArithmeticError) or is_of_a_witness(error)


def is_of_a_witness(error: BaseException) -> bool:
    """Whether an error, or what it derives from, is defined by a witness (or is this house's own error of arithmetic)."""
    kinds = type(error).__mro__
    own = isinstance(error, ArithmeticError) and kinds[0].__module__ != "builtins"
    return own or any(kind.__module__.startswith(WITNESSES) for kind in kinds)


def told(error: BaseException) -> str:
    """The reason that a breakdown leaves behind."""
    return f"{BROKE_DOWN}: {type(error).__name__}: {error}"


def no_evidence(witness: str, reason: str) -> Evidence:
    """What a witness that broke down says: nothing, with the firmness that it would have had."""
    firmness = Firmness.EXACT if witness == "symbolic" else Firmness.NUMBERS
    return Evidence(witness, Outcome.UNDECIDED, firmness, reason, Table((), ()))
