"""A conjecture is heard: the symbolic witness over the whole range, the numeric one at points, and the verdict of both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import sympy as sp

from scalecheck.numerics.errors import NotConverged

from ..evidence import Evidence, Firmness, Outcome
from ..tables import Table
from ..verdicts import Judgement, Verdict, weigh
from . import across, numeric, symbolic
from .comparing import at_point
from .expressions import NoValueError
from .grounds import ground_at, sides_at, unread, with_shared_domains
from .least import hear_minimum, least_instead, on_minimum
from .monotony import on_monotone
from .pieces import Piece
from .ranges import Ground, NotApplicableError
from .sampling import MAX_POINTS, Chosen
from .statements import BelowPowers, Boundary, Conjecture, Law, Minimum, Monotone, Ordering, Place, UserSystem
from .strata import UnresolvedError
from .subjects import SYSTEM
from .uniqueness import not_shown_at
from .valued import require_values, require_values_at

BREAKDOWNS = (ArithmeticError, ValueError, TypeError, NotImplementedError, RuntimeError)
"""What SymPy, the engine and the solvers raise at formulas that nobody foresaw: a witness that breaks down decides nothing,
and its reason says how. (Unresolved ranges, failed derivations and computations that do not converge are among them.)"""


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
                "table": list(item.table.records()),
            }
            for item in self.evidence
        ]


def _always(_: Evidence) -> bool:
    return True


def hear(
    conjecture: Conjecture, systems: Mapping[str, UserSystem], ask: Callable[[Evidence], bool] = _always
) -> Verdicts:
    """Hear both witnesses on one conjecture; never raises because it is false, undecided or not applicable.

    `ask` tells, from what the symbolic witness said, whether the numeric one is heard as well: by default it always is.
    """
    systems = with_shared_domains(conjecture, systems)
    try:
        ground, unreadable = ground_at(conjecture.place, conjecture.where, systems)
        other = None
        if isinstance(conjecture.claim, Ordering):
            other, more = ground_at(conjecture.claim.other, conjecture.where, systems)
            unreadable = unreadable or more
        require_values(conjecture, ground, sides_at(conjecture.place, systems))
        if other is not None and isinstance(conjecture.claim, Ordering):
            require_values_at(conjecture.claim.other, other, sides_at(conjecture.claim.other, systems))
    except NotApplicableError as error:
        return Verdicts(conjecture, Judgement(Verdict.NOT_APPLICABLE, str(error)), ())
    except BREAKDOWNS as error:
        return Verdicts(conjecture, Judgement(Verdict.UNDECIDED, str(error)), (broken("symbolic", error),))
    try:
        return _of_the_one_solution(_heard(conjecture, ground, other, unreadable, ask), systems)
    except numeric.SeveralSolutionsError as error:
        return Verdicts(conjecture, Judgement(Verdict.UNDECIDED, str(error)), (broken("numeric", error),), ground.taken)


VOUCHED = "one positive solution: that the equations leave no other value for {}, as their author says"
OTHERS = "{}; but that the equations leave no other positive value for {} is not shown (one_solution = true in the system takes it for granted)"


def _of_the_one_solution(found: Verdicts, systems: Mapping[str, UserSystem]) -> Verdicts:
    """What holds, or fails, of a solution that goes like powers and logarithms does so of the unknown only if there is no other."""
    conjecture = found.conjecture
    places = [conjecture.place, *([conjecture.claim.other] if isinstance(conjecture.claim, Ordering) else [])]
    for system in dict.fromkeys(place.theory for place in places if place.theory.startswith(SYSTEM)):
        told = systems[system.removeprefix(SYSTEM)]
        open_ = set().union(
            *(not_shown_at(told, place, conjecture.where) for place in places if place.theory == system)
        )
        names = ", ".join(name for name in told.positive if name in open_)
        if names and told.one_solution:
            found = replace(found, taken=(*found.taken, VOUCHED.format(names)))
        elif names and (found.judgement.verdict.accepts or found.judgement.verdict is Verdict.REFUTED):
            reason = OTHERS.format(found.judgement.reason, names)
            found = replace(found, judgement=Judgement(Verdict.UNDECIDED, reason))
    return found


def _heard(
    conjecture: Conjecture, ground: Ground, other: Ground | None, unreadable: str, ask: Callable[[Evidence], bool]
) -> Verdicts:
    """Both witnesses; where the machine cannot read a system there is no law, and numbers are shown beside that."""
    evidence = [_unread(unreadable) if unreadable else _symbolic(ground, conjecture, other)]
    ground = unread(ground) if unreadable else ground
    numbers = _numeric(ground, conjecture, other) if ask(evidence[0]) else None
    evidence += [] if numbers is None else [_reconciled(ground, conjecture, other, evidence[0], numbers)]
    return Verdicts(conjecture, weigh(evidence), tuple(evidence), ground.taken)


def _reconciled(
    ground: Ground, conjecture: Conjecture, other: Ground | None, exact: Evidence, numbers: Evidence
) -> Evidence:
    """Numbers decide nothing alone, and contradict a refutation only if they contradict the derived law as well.

    A claimed exponent a millionth beside the derived one agrees with both. Where nothing was derived any scales end
    somewhere, and whatever wins beyond them is not seen: n^(11/10)/log(n)^6 beside n takes over at 10^260.
    """
    claim = conjecture.claim
    if exact.outcome is Outcome.UNDECIDED:
        return _shown(numbers)
    if exact.outcome is not Outcome.FAILS or numbers.outcome is not Outcome.HOLDS:
        return numbers
    if isinstance(claim, Ordering):
        return _of_ordering(ground, conjecture, claim, other, numbers)
    if isinstance(claim, Boundary):  # they know no names of phases, and place a line within a step only
        return replace(numbers, outcome=Outcome.UNDECIDED)
    if isinstance(claim, Monotone):
        return _at_counterexample(ground, conjecture.place, claim, numbers)
    points = _where_it_fails(ground, conjecture, None) if isinstance(claim, Minimum) else None
    law = claim.law if isinstance(claim, Minimum) else claim if isinstance(claim, Law) else None
    judge = numeric.judge_derived(law is not None and law.constant is not None, law is None or law.log)
    derived = numeric.hear(ground, conjecture.place, judge, "the derived law along the path", points=points)
    if derived.outcome is Outcome.FAILS:
        return numbers
    reason = f"{numbers.reason}; these numbers cannot tell the claimed law from the derived one"
    return replace(numbers, outcome=Outcome.UNDECIDED, reason=reason)


SAID = {Outcome.HOLDS: "agrees", Outcome.FAILS: "does not agree"}


def _shown(numbers: Evidence) -> Evidence:
    """What was solved, for the user to see: without a derivation no finite set of numbers tells a limit."""
    if numbers.outcome not in SAID:
        return numbers
    reason = f"numbers alone decide nothing: what was solved {SAID[numbers.outcome]} with the claim"
    return replace(numbers, outcome=Outcome.UNDECIDED, reason=f"{reason} ({numbers.reason})")


def _of_ordering(
    ground: Ground, conjecture: Conjecture, claim: Ordering, other: Ground | None, numbers: Evidence
) -> Evidence:
    """Numbers were taken where the first observable has its pieces; what counts is the part on which the ordering fails."""
    if other is None:
        return numbers
    points = _where_it_fails(ground, conjecture, other)
    judge, what = numeric.judge_ordering(claim.relation), "ratio followed where it fails"
    found = numeric.hear(ground, conjecture.place, judge, what, (other, claim.other), points)
    if claim.relation == "equal" and found.outcome is Outcome.HOLDS and _of_one_order(ground, other):
        reason = f"{found.reason}; these numbers cannot tell the ratio from one so near to it"
        return replace(found, outcome=Outcome.UNDECIDED, reason=reason)
    return found


def _of_one_order(ground: Ground, other: Ground) -> bool:
    """Whether two observables differ in their constants alone, by what was derived."""
    return all(found.outcome is Outcome.HOLDS for found in symbolic.on_ordering(ground, other, "same"))


def _where_it_fails(ground: Ground, conjecture: Conjecture, other: Ground | None) -> list[Chosen]:
    """The counterexamples of a refutation: what numbers must contradict to contradict it."""
    failing = [f for f in _findings(ground, conjecture, other) if f.outcome is Outcome.FAILS]
    known = [(Piece(f.stratum, f.law), f.point) for f in failing if f.law is not None and f.point is not None]
    return [Chosen(piece, point) for piece, point in known[:MAX_POINTS]]


def _at_counterexample(ground: Ground, place: Place, claim: Monotone, numbers: Evidence) -> Evidence:
    """Pairs that agree with a refuted monotony say nothing: what counts is the pair that the refutation names."""
    points = [f.point for f in on_monotone(ground, claim) if f.outcome is Outcome.FAILS and f.point is not None]
    pairs = [
        pair for point in points[:2] if (pair := across.counterexample(point, ground, claim.parameter)) is not None
    ]
    if not pairs:
        reason = f"{numbers.reason}; none of them is the counterexample"
        return replace(numbers, outcome=Outcome.UNDECIDED, reason=reason)
    return across.hear_monotone(ground, place, claim, pairs)


def _unread(unreadable: str) -> Evidence:
    """The statement of the symbolic witness on a system that it cannot read."""
    reason = f"the machine cannot read the system: {unreadable}"
    return Evidence("symbolic", Outcome.UNDECIDED, Firmness.EXACT, reason, Table((), ()))


def broken(witness: str, error: Exception) -> Evidence:
    """The statement of a witness that broke down: it decides nothing."""
    firmness = Firmness.EXACT if witness == "symbolic" else Firmness.NUMBERS
    # What was foreseen says why in words of its own; of anything else the kind of error is all that can be told.
    foreseen = isinstance(error, UnresolvedError | NoValueError | NotConverged | numeric.SeveralSolutionsError)
    reason = str(error) if foreseen else f"broke down: {type(error).__name__}: {error}"
    if isinstance(error, OverflowError):  # of polynomials that bound the parts of the range
        reason = "broke down: the numbers of the range and of the claim make walls whose coefficients are too long"
    return Evidence(witness, Outcome.UNDECIDED, firmness, reason, Table((), ()))


def _symbolic(ground: Ground, conjecture: Conjecture, other: Ground | None) -> Evidence:
    place, claim = conjecture.place, conjecture.claim
    if not isinstance(claim, Boundary) and place.observable != ground.diagram.observable:
        reason = f"no law of {place.observable} was derived (there is one of {ground.diagram.observable})"
        return Evidence("symbolic", Outcome.UNDECIDED, Firmness.EXACT, reason, Table((), ()))
    try:
        findings = _findings(ground, conjecture, other)
        found = symbolic.weighed(findings, _assumptions(ground, other), claim.describe())
        if isinstance(claim, Minimum) and found.outcome is Outcome.FAILS:
            found = replace(found, reason="; ".join(filter(None, [least_instead(ground, claim), found.reason])))
        if isinstance(claim, Law) and place.theory.startswith(SYSTEM) and _tends_to_a_floor(ground, claim, findings):
            found = replace(found, reason=f"{found.reason}; {FLOOR.format(place.observable)}")
        return found
    except BREAKDOWNS as error:
        return broken("symbolic", error)


FLOOR = "{0} tends to a constant: how it comes down to it is a law of the excess, an unknown in {0} = constant + excess"


def _tends_to_a_floor(ground: Ground, claim: Law, findings: Sequence[symbolic.Finding]) -> bool:
    """Whether a falling law is claimed of what tends to a constant wherever the claim fails."""
    failing = [item for item in findings if item.outcome is Outcome.FAILS]
    if not all(item.law is not None and item.law.exponent == 0 and item.law.log == 0 for item in failing):
        return False
    exponent = symbolic.claimed(ground, claim.exponent)
    return bool(failing) and all(at_point(item.stratum.at(exponent), item.point or {}).is_negative for item in failing)


def _assumptions(ground: Ground, other: Ground | None) -> tuple[str, ...]:
    return (*ground.setting.assumptions, *(() if other is None else other.setting.assumptions))


def _findings(ground: Ground, conjecture: Conjecture, other: Ground | None) -> list[symbolic.Finding]:
    claim = conjecture.claim
    if isinstance(claim, Law):
        return symbolic.on_law(ground, claim)
    if isinstance(claim, Minimum):
        return on_minimum(ground, claim, conjecture.where)
    if isinstance(claim, BelowPowers):
        return symbolic.on_below_powers(ground)
    if isinstance(claim, Monotone):
        return on_monotone(ground, claim)
    if isinstance(claim, Boundary):
        return symbolic.on_boundary(ground, claim)
    assert isinstance(claim, Ordering)
    assert other is not None
    if claim.other.observable != other.diagram.observable:
        raise UnresolvedError(f"no law of {claim.other.observable} was derived")
    return symbolic.on_ordering(ground, other, claim.relation)


def _numeric(ground: Ground, conjecture: Conjecture, other: Ground | None) -> Evidence | None:
    """Numbers on a claim of any kind; None where there is nothing to solve."""
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
        if isinstance(claim, BelowPowers):
            return numeric.hear(ground, place, numeric.judge_below_powers, "local exponents followed along the path")
        if isinstance(claim, Monotone) and ground.record.solve is not None:
            return across.hear_monotone(ground, place, claim)
        if isinstance(claim, Minimum) and ground.record.solve is not None:
            return hear_minimum(ground, place, claim)
        if isinstance(claim, Boundary) and ground.record.solve is not None:
            return across.hear_boundary(ground, place, claim)
    except numeric.SeveralSolutionsError:
        raise
    except BREAKDOWNS as error:
        return broken("numeric", error)
    return None
