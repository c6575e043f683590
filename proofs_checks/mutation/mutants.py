"""A mutant: another assertion near a true claim's, of which it is known by construction whether it is true."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Mutant:
    """An assertion for the witnesses of a claim.

    Parameters
    ----------
    operator : str
        Kind of the change, such as ``"coefficient"``.
    true : bool
        Whether the assertion is true; the ledger's claim is taken to be.
    why : str
        What makes it certainly true or certainly false, without asking the witnesses.
    assertion : Assertion
        What is heard.
    told : str
        The change, in a line.
    numbers : bool
        Whether numbers can tell the mutant from the claim: those of the claim's own points cannot see a wall that was
        moved where none of them stands.
    """

    operator: str
    true: bool
    why: str
    assertion: Any
    told: str
    numbers: bool = True
