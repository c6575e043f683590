"""What a conjecture file can say, as data: conjectures about theories or systems, and the users' own systems of equations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from .nodes import Node, Relation

OPEN_CONSTANT = "a constant in (0, oo)"
"""How a limit is told that is not stated."""


@dataclass(frozen=True)
class Law:
    """observable / (large**exponent · log(large)**log_power) tends to `constant`, or to some number in (0, ∞).

    With `log`, only the exponent of the leading power is claimed: log observable / log large tends to it.
    """

    exponent: Node
    constant: Node | None = None
    log: bool = False
    log_power: Node | None = None

    def describe(self) -> str:
        """Say it in a line."""
        if self.log:
            return f"log(observable)/log(large) tends to {self.exponent.text()}"
        logs = "" if self.log_power is None else f"*log(large)**{self.log_power.text()}"
        limit = OPEN_CONSTANT if self.constant is None else self.constant.text()
        return f"observable/(large**{self.exponent.text()}{logs}) tends to {limit}"


@dataclass(frozen=True)
class BelowPowers:
    """observable · large**p tends to 0 for every p: it falls exponentially, or like exp(-log(large)**2)."""

    def describe(self) -> str:
        """Say it in a line."""
        return "observable*large**p tends to 0 for every power p"


@dataclass(frozen=True)
class Ordering:
    """observable / (the other one) tends to 0 (`less`), to ∞ (`greater`), to a constant in (0, ∞) (`same`) or to 1 (`equal`)."""

    relation: str
    other: Place

    def describe(self) -> str:
        """Say it in a line."""
        limit = {"less": "0", "greater": "oo", "same": OPEN_CONSTANT, "equal": "1"}[self.relation]
        return f"observable/({self.other.observable} of {self.other.theory}) tends to {limit}"


@dataclass(frozen=True)
class Monotone:
    """The exponent of the observable is strictly `increasing` or `decreasing` in one of the parameters, or `constant`."""

    direction: str
    parameter: str

    def describe(self) -> str:
        """Say it in a line."""
        strictly = "" if self.direction == "constant" else "strictly "
        return f"the exponent is {strictly}{self.direction} in {self.parameter}"


@dataclass(frozen=True)
class Boundary:
    """Two phases meet on a line: on every point of the stated range the derived diagram has a boundary between them.

    `jumps` says whether the exponents of both sides differ on it (not claimed if None).
    """

    between: tuple[str, str]
    jumps: bool | None

    def describe(self) -> str:
        """Say it in a line."""
        kind = {None: "", True: ", and the exponent jumps", False: ", and the exponent is continuous"}[self.jumps]
        return f"the phases {self.between[0]} and {self.between[1]} meet there{kind}"


@dataclass(frozen=True)
class Minimum:
    """Along the name `over` the observable is of the smallest order at `at`, where it follows the `law`.

    `unique` says that it is of a larger order at every other value in the range.
    """

    law: Law
    over: str
    at: Node
    unique: bool = True

    def describe(self) -> str:
        """Say it in a line."""
        kind = "the least order" if self.unique else "no larger order than anywhere"
        return (
            f"at {self.over} = {self.at.text()} the observable has {kind} over {self.over}, and {self.law.describe()}"
        )


Claimed: TypeAlias = Law | Ordering | Monotone | Boundary | Minimum | BelowPowers


@dataclass(frozen=True)
class Place:
    """Whose observable, and how the controls go: `path` along powers of the large parameter, `controls` at fixed values."""

    theory: str
    observable: str
    path: Mapping[str, Node]
    controls: Mapping[str, Node | str] = field(default_factory=dict)


@dataclass(frozen=True)
class Conjecture:
    """One conjecture: what is claimed of what, for all parameters in the range `where`.

    Parameters
    ----------
    id : str
        Of its own in the file.
    place : Place
        Theory, observable, controls.
    where : tuple[Relation, ...]
        The hypotheses; an empty range makes the conjecture not applicable.
    claim : Law, Ordering, Monotone, Boundary, Minimum or BelowPowers
        What is claimed.
    """

    id: str
    place: Place
    where: tuple[Relation, ...]
    claim: Claimed

    def describe(self) -> str:
        """Say it in a line."""
        range_ = ", ".join(link.text() for link in self.where)
        return f"{self.claim.describe()}" + (f" for all {range_}" if range_ else "")


@dataclass(frozen=True)
class Question:
    """Which laws hold at a place, on a range? Nothing is claimed."""

    id: str
    place: Place
    where: tuple[Relation, ...]


@dataclass(frozen=True)
class UserSystem:
    """The user's own equations in positive unknowns; `powersum` sums over its index k = 1, 2, ...

    Parameters
    ----------
    id, large : str
        Name, and the parameter that grows.
    positive : tuple[str, ...]
        The unknowns.
    parameters, controls : Mapping[str, tuple[Relation, ...]]
        Names with the relations that are their domains; controls may lie on a path.
    equations : tuple[Relation, ...]
        Equalities.
    one_solution : bool
        Whether the author vouches that they have one positive solution, where that is not shown.
    """

    id: str
    large: str
    positive: tuple[str, ...]
    parameters: Mapping[str, tuple[Relation, ...]]
    controls: Mapping[str, tuple[Relation, ...]]
    equations: tuple[Relation, ...]
    one_solution: bool = False

    def within(self, where: Sequence[Relation]) -> UserSystem:
        """The same system with the inequalities of a range that are about its parameters alone among their domains."""
        found = {name: list(links) for name, links in self.parameters.items()}
        for link in where:
            names = sorted(link.names())
            if link.sign != "=" and names and set(names) <= set(found):
                found[names[0]] += [] if link in found[names[0]] else [link]
        return replace(self, parameters={name: tuple(links) for name, links in found.items()})

    def sharing(self, other: UserSystem) -> UserSystem:
        """The same system with what another says of parameters that both have."""
        own = set(self.parameters)
        told = {
            name: tuple(link for link in other.parameters.get(name, ()) if link.names() <= own and link not in links)
            for name, links in self.parameters.items()
        }
        return replace(self, parameters={name: (*links, *told[name]) for name, links in self.parameters.items()})


@dataclass(frozen=True)
class Statements:
    """Everything one file says."""

    conjectures: tuple[Conjecture, ...]
    systems: Mapping[str, UserSystem]
    questions: tuple[Question, ...] = ()
