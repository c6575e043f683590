"""A question instead of a conjecture: which laws hold on a range, wall by wall, when nothing is claimed yet.

The symbolic witness says them; the numeric one is heard on what it said, as on a claim.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import sympy as sp

from ..evidence import Evidence, Outcome
from . import numeric
from .grounds import ground_at
from .hearing import BREAKDOWNS, VOUCHED, broken
from .nodes import Relation
from .pieces import Piece
from .ranges import Ground, NotApplicableError
from .statements import Place, Question, Statements, UserSystem
from .subjects import SYSTEM
from .uniqueness import not_shown_at

UNSEEN = "one positive solution: that the equations leave no other value for {} is not shown"


@dataclass(frozen=True)
class Part:
    """One part of the range: where it is, the law there, or why there is none.

    Parameters
    ----------
    where : str
        In words of the user's names.
    exponent, log, constant : Expr or None
        observable ~ constant · large^exponent (log large)^log; a constant that is not known is None.
    reason : str
        Why there is no law.
    """

    where: str
    exponent: sp.Expr | None = None
    log: sp.Expr | None = None
    constant: sp.Expr | None = None
    reason: str = ""


@dataclass(frozen=True)
class Answer:
    """What was derived for one question.

    Parameters
    ----------
    question : Question
        As it was read.
    parts : tuple[Part, ...]
        The whole range, walls included.
    numbers : Evidence or None
        What the numeric witness says of these laws; None where nothing was asked of it.
    assumptions : tuple[str, ...]
        Of the derivation, and what was understood.
    reason : str
        Why there are no parts.
    """

    question: Question
    parts: tuple[Part, ...]
    numbers: Evidence | None = None
    assumptions: tuple[str, ...] = ()
    reason: str = ""

    @property
    def complete(self) -> bool:
        """Whether a law is known on every part."""
        return bool(self.parts) and all(part.exponent is not None for part in self.parts)

    @property
    def contradicted(self) -> bool:
        """Whether the numbers contradict the laws."""
        return self.numbers is not None and self.numbers.outcome is Outcome.FAILS


def questions_of(statements: Statements) -> tuple[Question, ...]:
    """The questions of a file, and its conjectures without what they claim."""
    asked = (Question(item.id, item.place, item.where) for item in statements.conjectures)
    return (*statements.questions, *asked)


def answer(question: Question, systems: Mapping[str, UserSystem]) -> Answer:
    """The laws on the range of a question; never raises because there are none."""
    try:
        ground, unreadable = ground_at(question.place, question.where, systems)
    except NotApplicableError as error:
        return Answer(question, (), reason=f"not applicable: {error}")
    except BREAKDOWNS as error:
        return Answer(question, (), reason=broken("symbolic", error).reason)
    if unreadable:
        return Answer(question, (), reason=f"the machine cannot read the system: {unreadable}")
    if question.place.observable != ground.diagram.observable:
        return Answer(question, (), reason=f"laws are derived of {ground.diagram.observable}")
    parts = tuple(_part(piece) for piece in ground.pieces)
    taken = (*ground.setting.assumptions, *ground.taken, *_one_solution(question.place, question.where, systems))
    return Answer(question, parts, _numbers(ground, question.place), tuple(dict.fromkeys(taken)))


def _part(piece: Piece) -> Part:
    where = piece.stratum.describe()
    if piece.law is None or piece.law.exponent is None:
        return Part(where, reason=piece.reason or "no law is known here")
    if piece.law.exponent.is_finite is False:
        return Part(
            where,
            reason="falls faster than every power" if piece.law.exponent == -sp.oo else "grows faster than every power",
        )
    law, shown = piece.law, piece.stratum.shown
    constant = None if law.constant is None else shown(law.constant)
    return Part(where, shown(law.exponent), shown(law.log), constant)


def _one_solution(place: Place, where: Sequence[Relation], systems: Mapping[str, UserSystem]) -> list[str]:
    if not place.theory.startswith(SYSTEM):
        return []
    system = systems[place.theory.removeprefix(SYSTEM)]
    names = ", ".join(not_shown_at(system, place, where))
    return [(VOUCHED if system.one_solution else UNSEEN).format(names)] if names else []


def _numbers(ground: Ground, place: Place) -> Evidence | None:
    if ground.record.solve is None:
        return None
    with_law = tuple(piece for piece in ground.pieces if piece.law is not None)
    judge = numeric.judge_derived(True, False)
    try:
        return numeric.hear(replace(ground, pieces=with_law), place, judge, "the derived laws along the path")
    except BREAKDOWNS as error:
        return broken("numeric", error)
