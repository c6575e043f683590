"""A claim is data: what is asserted, under which hypotheses, who can testify, and the falsehoods that must fail.

The same witnesses are heard on the claim and on each of its false twins; only the assertion differs. A twin that is
not refuted shows that the check could not have failed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from .evidence import Evidence
from .hypotheses import Hypothesis


class Assertion(Protocol):
    """What a claim says, as data a witness can test: a formula, a law with its region, an agreement."""

    def describe(self) -> str:
        """Say it in a line."""
        ...


Witness = Callable[[Any, "Effort"], Evidence]
"""A witness hears (assertion, effort) and returns evidence; it never sees whether it hears a claim or a twin."""


@dataclass(frozen=True)
class Effort:
    """How much work the numeric witnesses may spend, and from which seed.

    `quick` halves sizes and points; it never widens an acceptance interval.
    """

    quick: bool = False
    seed: int = 20260101


@dataclass(frozen=True)
class Source:
    """Where a statement comes from: BibTeX keys and the claim id of theory.md. Never an equation number.

    `status` is ``"literature"`` (stated in the paper), ``"derived"`` (ours) or ``"conjectured"``.
    """

    keys: tuple[str, ...]
    label: str
    status: str = "literature"


@dataclass(frozen=True)
class Twin:
    """A false neighbour of a claim, which the claim's own witnesses must refute."""

    id: str
    falsehood: str
    assertion: Assertion


@dataclass(frozen=True)
class Unmade:
    """What a claim asserts that could not be made: nothing. `what` it stands for, and the `reason` of the breakdown."""

    what: str
    reason: str

    def describe(self) -> str:
        """Say it in a line."""
        return f"{self.what} could not be made: {self.reason}"


@dataclass(frozen=True)
class Claim:
    """One line of the ledger.

    Parameters
    ----------
    id : str
        Such as ``N7.diagonal.II``.
    title, statement : str
        A few words; the statement in LaTeX.
    source : Source
        Paper and claim id.
    hypotheses : tuple[Hypothesis, ...]
        Checked at every point at which a witness tests the claim.
    assumptions : tuple[str, ...]
        What is not checked; it travels with the verdict.
    assertion : Assertion
        The claim as data.
    symbolic, numeric : Witness or None
        The two independent witnesses.
    comparison : str
        How what they say is compared, with the acceptance interval.
    rests_on : tuple[str, ...]
        Ids of other claims.
    twins : tuple[Twin, ...]
        At least one, unless the claim stands for what could not be made: it asserts nothing, and is never accepted.

    Raises
    ------
    ValueError
        If there is no twin, no witness, or if the hypotheses are not those that the assertion carries to the witnesses.
    """

    id: str
    title: str
    statement: str
    source: Source
    assertion: Assertion
    comparison: str
    twins: tuple[Twin, ...]
    hypotheses: tuple[Hypothesis, ...] = ()
    assumptions: tuple[str, ...] = ()
    symbolic: Witness | None = None
    numeric: Witness | None = None
    rests_on: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.twins and not self.unmade:
            raise ValueError(f"claim {self.id} has no false twin: a check that cannot fail is not a check")
        if self.symbolic is None and self.numeric is None:
            raise ValueError(f"claim {self.id} has no witness")
        if tuple(self.hypotheses) != tuple(getattr(self.assertion, "hypotheses", self.hypotheses)):
            raise ValueError(f"claim {self.id} states hypotheses that its assertion is not tested under")

    @property
    def unmade(self) -> bool:
        """Whether this stands for claims that could not be made (see `making`)."""
        return isinstance(self.assertion, Unmade)

    def witnesses(self) -> tuple[tuple[str, Witness], ...]:
        """Those who testify, by name, the symbolic one first."""
        called = (("symbolic", self.symbolic), ("numeric", self.numeric))
        return tuple((name, witness) for name, witness in called if witness is not None)

    def twin_claim(self, twin: Twin) -> Claim:
        """The claim with the twin's falsehood in its place."""
        hypotheses = tuple(getattr(twin.assertion, "hypotheses", self.hypotheses))
        return replace(self, id=f"{self.id}~{twin.id}", assertion=twin.assertion, hypotheses=hypotheses)
