"""A conjecture is heard: the symbolic witness over the whole range, the numeric one at points, and the verdict of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp

from scalecheck.numerics.errors import NotConverged
from scalecheck.theory.identities import DerivationError

from ..evidence import Evidence, Firmness, Outcome
from ..registry import theories
from ..tables import Table
from ..verdicts import Judgement, Verdict, weigh
from . import numeric, symbolic
from .expressions import NoValueError
from .ranges import Ground, NotApplicableError, ground_of
from .statements import Boundary, Conjecture, Law, Monotone, Ordering, UserSystem
from .strata import UnresolvedError
from .subjects import SYSTEM


@dataclass(frozen=True)
class Verdicts:
    """What became of one conjecture.

    Parameters
    ----------
    conjecture : Conjecture
        As it was stated.
    judgement : Judgement
        Verdict, reason, and whether the witnesses contradict each other.
    evidence : tuple[Evidence, ...]
        The symbolic statement first.
    taken : tuple[str, ...]
        What was understood without being said.
    """

    conjecture: Conjecture
    judgement: Judgement
    evidence: tuple[Evidence, ...]
    taken: tuple[str, ...] = ()

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Those of every witness and what was understood, each once."""
        told = [*(text for item in self.evidence for text in item.assumptions), *self.taken]
        return tuple(dict.fromkeys(told))

    def rows(self) -> list[dict[str, object]]:
        """The evidence as rows: who said what, how firmly, from which table."""
        return [
            {
                "witness": item.witness,
                "outcome": item.outcome.value,
                "firmness": item.firmness.value,
                "reason": item.reason,
                "table": item.table.records(),
            }
            for item in self.evidence
        ]


def hear(conjecture: Conjecture, systems: Mapping[str, UserSystem]) -> Verdicts:
    """Hear both witnesses on one conjecture; never raises because it is false, undecided or not applicable."""
    if conjecture.place.theory.startswith(SYSTEM):
        from .system_hearing import hear_system

        return hear_system(conjecture, systems[conjecture.place.theory.removeprefix(SYSTEM)])
    record = theories()[conjecture.place.theory]
    try:
        ground = ground_of(record, conjecture.place, conjecture.where)
        other = None
        if isinstance(conjecture.claim, Ordering):
            two = conjecture.claim.other
            other = ground_of(theories()[two.theory], two, conjecture.where)
    except NotApplicableError as error:
        return Verdicts(conjecture, Judgement(Verdict.NOT_APPLICABLE, str(error)), ())
    except (UnresolvedError, DerivationError, NoValueError, NotConverged) as error:
        return Verdicts(conjecture, Judgement(Verdict.UNDECIDED, str(error)), (broken("symbolic", error),))
    evidence = [_symbolic(ground, conjecture, other)]
    numbers = _numeric(ground, conjecture, other)
    evidence += [] if numbers is None else [numbers]
    return Verdicts(conjecture, weigh(evidence), tuple(evidence), ground.taken)


def broken(witness: str, error: Exception) -> Evidence:
    """The statement of a witness that broke down: it decides nothing."""
    firmness = Firmness.EXACT if witness == "symbolic" else Firmness.NUMBERS
    return Evidence(witness, Outcome.UNDECIDED, firmness, f"broke down: {error}", Table((), ()))


def _symbolic(ground: Ground, conjecture: Conjecture, other: Ground | None) -> Evidence:
    place, claim = conjecture.place, conjecture.claim
    if not isinstance(claim, Boundary) and place.observable != ground.diagram.observable:
        reason = f"no law of {place.observable} was derived (there is one of {ground.diagram.observable})"
        return Evidence("symbolic", Outcome.UNDECIDED, Firmness.EXACT, reason, Table((), ()))
    try:
        return symbolic.weighed(_findings(ground, claim, other), _assumptions(ground, other), claim.describe())
    except (UnresolvedError, DerivationError, NoValueError) as error:
        return broken("symbolic", error)


def _assumptions(ground: Ground, other: Ground | None) -> tuple[str, ...]:
    return (*ground.setting.assumptions, *(() if other is None else other.setting.assumptions))


def _findings(ground: Ground, claim: object, other: Ground | None) -> list[symbolic.Finding]:
    if isinstance(claim, Law):
        return symbolic.on_law(ground, claim)
    if isinstance(claim, Monotone):
        return symbolic.on_monotone(ground, claim)
    if isinstance(claim, Boundary):
        return symbolic.on_boundary(ground, claim)
    assert isinstance(claim, Ordering)
    assert other is not None
    if claim.other.observable != other.diagram.observable:
        raise UnresolvedError(f"no law of {claim.other.observable} was derived")
    return symbolic.on_ordering(ground, other, claim.relation)


def _numeric(ground: Ground, conjecture: Conjecture, other: Ground | None) -> Evidence | None:
    """Numbers on laws and orderings; on monotony and boundaries of the diagram they are not asked."""
    claim, place = conjecture.claim, conjecture.place
    try:
        if isinstance(claim, Law):
            exponent = symbolic.claimed(ground, claim.exponent)
            constant = None if claim.constant is None else symbolic.claimed(ground, claim.constant)
            logs = sp.S.Zero if claim.log_power is None else symbolic.claimed(ground, claim.log_power)
            judge = numeric.judge_law(exponent, constant, logs, claim.log)
            return numeric.hear(ground, place, judge, "exponents extrapolated along the path")
        if isinstance(claim, Ordering) and other is not None:
            judge = numeric.judge_ordering(claim.relation)
            return numeric.hear(ground, place, judge, "ratio followed along the path", (other, claim.other))
    except (NoValueError, NotConverged, TypeError, OverflowError) as error:
        return broken("numeric", error)
    return None
