"""A question instead of a conjecture: which laws hold on a range, wall by wall, when nothing is claimed yet.

The symbolic witness says them; the numeric one is heard on what it said, as on a claim.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import sympy as sp

from ..errors import InputError
from ..evidence import Evidence, Outcome
from ..local_law import exact_number
from ..registry import theories
from . import numeric
from .gathering import gathered
from .grammar import parse_relations
from .grounds import ground_at, sides_at
from .hearing import BREAKDOWNS, VOUCHED, broken
from .hints import nearest
from .nodes import Relation
from .pieces import Piece
from .planes import Plane, divided
from .ranges import Ground, NotApplicableError, names_in
from .statements import Place, Question, Statements, UserSystem
from .strata import is_root
from .subjects import SYSTEM, of_theory
from .uniqueness import not_shown_at
from .valued import require_values_at

UNSEEN = "one positive solution: that the equations leave no other value for {} is not shown"
MOST_AXES = 2


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
    ground, reason = _known(question, systems)
    if ground is None:
        return Answer(question, (), reason=reason)
    parts = tuple(_part(piece) for piece in gathered(ground.pieces))
    return Answer(question, parts, _numbers(ground, question.place), _taken(question, ground, systems))


def _known(question: Question, systems: Mapping[str, UserSystem]) -> tuple[Ground | None, str]:
    """What is known on the range of a question, or why nothing is."""
    try:
        ground, unreadable = ground_at(question.place, question.where, systems)
        sides = [side for link in question.where for side in (link.left, link.right)]
        require_values_at(question.place, ground, [*sides, *sides_at(question.place, systems)])
    except NotApplicableError as error:
        return None, f"not applicable: {error}"
    except BREAKDOWNS as error:
        return None, broken("symbolic", error).reason
    if unreadable:
        return None, f"the machine cannot read the system: {unreadable}"
    if question.place.observable != ground.diagram.observable:
        return None, f"laws are derived of {ground.diagram.observable}"
    return ground, ""


def _taken(question: Question, ground: Ground, systems: Mapping[str, UserSystem]) -> tuple[str, ...]:
    """What the laws assume, and what was understood."""
    taken = (*ground.setting.assumptions, *ground.taken, *_one_solution(question.place, question.where, systems))
    return tuple(dict.fromkeys(taken))


def plane(
    question: Question, systems: Mapping[str, UserSystem], axes: Sequence[str] = (),
    given: Mapping[str, str] | None = None,
) -> Plane:  # fmt: skip
    """The phase diagram of a question: regions, the walls between them, corners; never raises because there is none.

    Parameters
    ----------
    question : Question
        Its range is what is divided.
    systems : Mapping[str, UserSystem]
        The user's own, by id.
    axes : sequence of str
        Two names that the range leaves free, or one; those that there are, or those on the path, if none are named.
    given : Mapping[str, str], optional
        Values of names, as a decimal or a fraction each.

    Raises
    ------
    InputError
        For a name that is not free, or if it has to be said which two are meant.
    """
    question = _at_values(question, systems, given or {})
    ground, reason = _known(question, systems)
    if ground is None:
        return Plane(question, None, tuple(axes), reason=reason)
    chosen = _axes(question, ground, axes)
    try:
        return divided(question, ground, chosen, _taken(question, ground, systems))
    except BREAKDOWNS as error:
        return Plane(question, None, chosen, reason=broken("symbolic", error).reason)


def _at_values(question: Question, systems: Mapping[str, UserSystem], given: Mapping[str, str]) -> Question:
    """The question with the values that names were given among its hypotheses."""
    own = systems.get(question.place.theory.removeprefix(SYSTEM))
    if question.place.theory.startswith(SYSTEM) and own is not None:
        known = (*own.parameters, *own.controls)
    else:
        known = of_theory(theories()[question.place.theory]).controls
    names = [name for name in dict.fromkeys((*known, *names_in(question.where))) if name not in question.place.path]
    for name, value in given.items():
        if name not in names:
            raise InputError(name, value, "a name of the question: " + ", ".join(names) + nearest(name, names))
    links = [link for name, value in given.items() for link in _equality(name, value)]
    return replace(question, where=(*question.where, *links))


def _equality(name: str, value: str) -> tuple[Relation, ...]:
    number = exact_number(name, value)
    return parse_relations(f"{name} = {number}" if number >= 0 else f"{name} = 0 - {-number}", name)


def _axes(question: Question, ground: Ground, axes: Sequence[str]) -> tuple[str, ...]:
    """The names of the plane: as they were asked for, else those that are free, else those on the path."""
    free = _free(ground)
    for name in axes:
        if name not in free:
            raise InputError("plane", name, f"names that the range leaves free: {', '.join(free)}{nearest(name, free)}")
    if axes:
        if len(axes) > MOST_AXES or len(set(axes)) < len(axes):
            raise InputError("plane", ",".join(axes), "one name or two different ones")
        return tuple(axes)
    if not free:
        raise InputError("question", question.id, "one whose range leaves one name free or more: it is a point")
    held = frozenset[str]().union(*(node.names() for node in question.place.path.values()))
    moving = [name for name in free if name in held]
    found = free if len(free) <= MOST_AXES else moving
    if not 1 <= len(found) <= MOST_AXES:
        raise InputError("plane", None, f"two of the names that the range leaves free: {', '.join(free)}")
    return tuple(found)


def _free(ground: Ground) -> list[str]:
    """Names that vary on the open parts of the range; of a variable that is a root of a name, that name."""
    strata = [piece.stratum for piece in ground.pieces]
    widest = max((len(stratum.variables) for stratum in strata), default=0)
    found: dict[str, None] = {}
    for stratum in strata:
        if len(stratum.variables) == widest:
            roots = {value.base: symbol.name for symbol, value in stratum.values.items() if is_root(value)}
            found |= dict.fromkeys(roots.get(symbol, symbol.name) for symbol in stratum.variables)
    return list(found)


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
    constant = None if law.constant is None else _tidy(shown(law.constant))
    return Part(where, shown(law.exponent), shown(law.log), constant)


def _tidy(constant: sp.Expr) -> sp.Expr:
    """A rational constant without what cancels, 1/(1 - a) and not -1/(a - 1); of others nothing is touched."""
    if not constant.is_rational_function(*constant.free_symbols):
        return constant
    above, below = sp.fraction(sp.factor(sp.cancel(constant)))
    return (-above) / (-below) if below.is_Add and above.could_extract_minus_sign() else above / below


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
