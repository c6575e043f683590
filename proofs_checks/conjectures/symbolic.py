"""The symbolic witness on a conjecture: the derived laws against the claimed one, over the whole of the stated range."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp

from ..evidence import Evidence, Firmness, Outcome
from ..tables import Cell, Table
from .comparing import Compared, at_point, points_of, poles, signs, vanishes
from .derived import DerivedLaw
from .expressions import NoValueError, to_sympy
from .pieces import Piece
from .ranges import Ground, told
from .removable import finite, value_at
from .statements import OPEN_CONSTANT, Boundary, Law
from .strata import Stratum, UnresolvedError, sign_of


@dataclass(frozen=True)
class Finding:
    """What was found on one part of the range: the law there, how it compares, and why."""

    stratum: Stratum
    law: DerivedLaw | None
    outcome: Outcome
    reason: str
    point: dict[str, sp.Expr] | None = None

    def row(self) -> dict[str, Cell]:
        """For the table of the evidence."""
        law = self.law
        return {
            "where": self.stratum.describe(),
            "law": "" if law is None else law.name,
            "exponent": None if law is None else _text(self.stratum, law.exponent),
            "log": None if law is None else _text(self.stratum, law.log),
            "constant": None if law is None or law.constant is None else _text(self.stratum, law.constant),
            "outcome": self.outcome.value,
            "reason": self.reason,
            "point": "" if self.point is None else told(self.point),
        }


def _text(stratum: Stratum, value: sp.Expr | None) -> str | None:
    return None if value is None else stratum.text(value)


def claimed(ground: Ground, node: object) -> sp.Expr:
    """A formula of the claim, controls with a value put in."""
    values = {ground.symbols[name]: value for name, value in ground.fixed.items() if name in ground.symbols}
    written = to_sympy(node, ground.symbols)  # type: ignore[arg-type]
    value = value_at(written, values)
    if not finite(value):
        told_of = ", ".join(f"{symbol} = {number}" for symbol, number in values.items() if written.has(symbol))
        raise NoValueError(f"{sp.sstr(written)} has no finite value at {told_of}")
    return value


def on_law(ground: Ground, claim: Law) -> list[Finding]:
    """A law on every piece of the range."""
    exponent = claimed(ground, claim.exponent)
    constant = None if claim.constant is None else claimed(ground, claim.constant)
    logs = sp.S.Zero if claim.log_power is None else claimed(ground, claim.log_power)
    stated = [value for value in (exponent, constant, logs) if value is not None]
    fault = _without_value(ground, stated)
    try:
        found = [item for piece in ground.pieces for item in _on_piece(piece, claim, exponent, constant, logs)]
    except (ArithmeticError, ValueError, TypeError, NotImplementedError, RuntimeError) as error:
        raise (fault or error) from error
    if fault is None:
        return found
    # What may have no value somewhere claims nothing there; at a point where it has one it may be false nevertheless.
    failing = [item for item in found if item.outcome is Outcome.FAILS and item.point is not None]
    if not failing:
        raise fault
    return failing


def _without_value(ground: Ground, stated: Sequence[sp.Expr]) -> UnresolvedError | None:
    """Why what is claimed may have no value somewhere in the range; None if it has one everywhere."""
    try:
        for stratum in ground.strata:
            for value in stated:
                poles(stratum, value)
    except UnresolvedError as error:
        return error
    return None


def _on_piece(
    piece: Piece, claim: Law, exponent: sp.Expr, constant: sp.Expr | None, logs: sp.Expr
) -> Sequence[Finding]:
    return (
        [_open(piece)] if piece.law is None else compare_law(piece.stratum, piece.law, claim, exponent, constant, logs)
    )


def _open(piece: Piece) -> Finding:
    return Finding(piece.stratum, None, Outcome.UNDECIDED, piece.reason, piece.stratum.point())


def on_below_powers(ground: Ground) -> list[Finding]:
    """Faster than every power, on every piece of the range: the exponent that was derived is -oo."""
    found = []
    for piece in ground.pieces:
        if piece.law is None:
            found.append(_open(piece))
            continue
        holds = piece.law.exponent == -sp.oo
        text = "as derived" if holds else f"the exponent is {piece.stratum.text(sp.sympify(piece.law.exponent))}"
        outcome = Outcome.HOLDS if holds else Outcome.FAILS
        found.append(Finding(piece.stratum, piece.law, outcome, text, piece.stratum.point()))
    return found


def compare_law(
    stratum: Stratum, law: DerivedLaw, claim: Law, exponent: sp.Expr, constant: sp.Expr | None, logs: sp.Expr
) -> list[Finding]:
    """Exponent, logarithm and constant in this order; each only where what came before holds."""
    assert law.exponent is not None
    if law.exponent in (sp.oo, -sp.oo):
        reason = f"no power of the large parameter: the exponent is {law.exponent}"
        return [Finding(stratum, law, Outcome.FAILS, reason, stratum.point())]
    steps: list[tuple[str, sp.Expr, sp.Expr]] = [("exponent", law.exponent, exponent)]
    if not claim.log:
        steps.append(("power of the logarithm", law.log, logs))
    if constant is not None:
        if law.constant is None:
            return [Finding(stratum, law, Outcome.UNDECIDED, "no constant was derived", stratum.point())]
        steps.append(("constant", law.constant, constant))
    return _steps(stratum, law, steps)


def _steps(stratum: Stratum, law: DerivedLaw, steps: Sequence[tuple[str, sp.Expr, sp.Expr]]) -> list[Finding]:
    if not steps:
        return [positive_constant(stratum, law)]
    (what, derived, stated), *rest = steps
    found: list[Finding] = []
    for part in vanishes(stratum, derived - stated):
        if part.outcome is Outcome.HOLDS:
            found += _steps(part.stratum, law, rest)
        else:
            found.append(Finding(part.stratum, law, part.outcome, _difference(part, what, derived, stated), part.point))
    return found


def _difference(part: Compared, what: str, derived: sp.Expr, stated: sp.Expr) -> str:
    text = f"the {what} is {part.stratum.text(derived)}, not {part.stratum.text(stated)}"
    if part.outcome is Outcome.UNDECIDED:
        return part.reason
    if part.point is not None and part.point:
        here, there = (at_point(part.stratum.at(value), part.point) for value in (derived, stated))
        text += f"; at {told(part.point)}: {_number(here)} against {_number(there)}"
    return text


def _number(value: sp.Expr) -> str:
    if value.is_Rational:
        return str(value)
    return str(sp.N(value, 10))


def positive_constant(stratum: Stratum, law: DerivedLaw) -> Finding:
    """A law whose constant vanishes on the stratum says nothing of the leading order there."""
    point = stratum.point()
    if law.constant is not None and not law.constant.has(sp.Integral):
        found = _sign_somewhere(stratum, law.constant)
        if found is None:
            return Finding(stratum, law, Outcome.UNDECIDED, "the derived constant has no finite value here", point)
        if found <= 0:
            return Finding(stratum, law, Outcome.UNDECIDED, "the derived constant vanishes here", point)
    return Finding(stratum, law, Outcome.HOLDS, "as derived", point)


def _sign_somewhere(stratum: Stratum, constant: sp.Expr) -> int | None:
    """The sign of a constant at the first point where it has a value: closed forms have removable singularities."""
    for point in points_of(stratum):
        value = at_point(stratum.at(constant), point)
        try:
            return sign_of(value) if value.is_number else None
        except UnresolvedError:
            continue
    return None


def on_ordering(ground: Ground, other: Ground, relation: str) -> list[Finding]:
    """Two observables at the same parameters, on every common piece of the two divisions."""
    found: list[Finding] = []
    for piece in ground.pieces:
        if piece.law is None:
            found.append(_open(piece))
            continue
        for against in other.pieces:
            for part in common(piece.stratum, against.stratum):
                if against.law is None:
                    found.append(Finding(part, None, Outcome.UNDECIDED, against.reason, part.point()))
                else:
                    found += _compare_two(part, piece.law, against.law, relation)
    return found


def common(one: Stratum, two: Stratum) -> list[Stratum]:
    """The common part of two strata of one range."""
    parts = [one]
    for symbol, value in two.values.items():
        parts = [zero for part in parts for zero in part.zeros(symbol - value)]
    for form in two.positive:
        parts = [inside for part in parts if (inside := part.possible(form)) is not None]
    # An open piece of the one that holds a wall of the other keeps the wall: equations of the second were put in above.
    return parts


def _compare_two(part: Stratum, one: DerivedLaw, two: DerivedLaw, relation: str) -> list[Finding]:
    assert one.exponent is not None
    assert two.exponent is not None
    text = f"exponents {part.text(one.exponent)} and {part.text(two.exponent)}"
    if {one.exponent, two.exponent} & {sp.oo, -sp.oo} and one.exponent == two.exponent:
        return [Finding(part, one, Outcome.UNDECIDED, f"{text}: beyond powers nothing is compared", part.point())]
    found: list[Finding] = []
    for place, sign in signs(part, one.exponent - two.exponent):
        if sign:
            found.append(_judged(place, one, relation, sign, text))
        else:
            found += _equal_powers(place, one, two, relation, text)
    return found


def _judged(part: Stratum, law: DerivedLaw, relation: str, sign: int, text: str) -> Finding:
    """The ratio tends to 0 (sign -1), to infinity (1)."""
    holds = {"less": sign < 0, "greater": sign > 0}.get(relation, False)
    point = part.point()
    where = "" if holds or not point else f"; at {told(point)}"
    return Finding(part, law, Outcome.HOLDS if holds else Outcome.FAILS, text + where, point)


def _equal_powers(part: Stratum, one: DerivedLaw, two: DerivedLaw, relation: str, text: str) -> list[Finding]:
    found: list[Finding] = []
    for place, sign in signs(part, one.log - two.log):
        if sign:
            found.append(_judged(place, one, relation, sign, f"{text}, logarithms {one.log} and {two.log}"))
        elif relation != "equal":
            outcome = Outcome.HOLDS if relation == "same" else Outcome.FAILS
            found.append(Finding(place, one, outcome, f"{text}: the same order", place.point()))
        elif one.constant is None or two.constant is None:
            found.append(Finding(place, one, Outcome.UNDECIDED, "no constant was derived", place.point()))
        else:
            for c in vanishes(place, one.constant - two.constant):
                equal = c.outcome is Outcome.HOLDS  # an integral takes minutes to be told as a number
                reason = "equal" if equal else _difference(c, "constant", one.constant, two.constant)
                found.append(Finding(c.stratum, one, c.outcome, reason, c.point))
    return found


def on_boundary(ground: Ground, claim: Boundary) -> list[Finding]:
    """Every piece of the range must be a piece of a derived boundary between the two phases.

    Of names that no phase has, where a file could not be held to them beforehand, nothing is true or false: a slip.
    """
    if not ground.diagram.phases:  # of a system that is read where conjectures speak only
        return [_open(Piece(stratum, None, "the phases of the system are not known")) for stratum in ground.strata]
    names = {name for row in ground.diagram.phases for name in (row.name,)}
    missing = [name for name in claim.between if name not in names]
    if missing:
        reason = f"no phase {', '.join(missing)} (there are {', '.join(sorted(names))})"
        return [_open(Piece(stratum, None, reason)) for stratum in ground.strata]
    inside = [finding for stratum in ground.strata for finding in _on_boundaries(ground, stratum, claim)]
    return [*inside, *map(_open, ground.edges)]


def _on_boundaries(ground: Ground, stratum: Stratum, claim: Boundary) -> list[Finding]:
    left, found = [stratum], []
    for law in ground.setting.laws:
        if law.between is None or set(law.between) != set(claim.between):
            continue
        remaining = []
        for part in left:
            inside, outside = _within(part, law)
            found += [_boundary_finding(piece, law, claim) for piece in inside]
            remaining += outside
        left = remaining
    for part in left:
        reason = f"{' and '.join(claim.between)} do not meet here: at {told(part.point())}"
        found.append(Finding(part, None, Outcome.FAILS, reason, part.point()))
    return found


def _within(part: Stratum, law: DerivedLaw) -> tuple[list[Stratum], list[Stratum]]:
    """The part on the boundary, and what is left."""
    inside, outside = [part], []
    for form in law.zero:
        pieces = [(p, sign) for one in inside for p, sign in signs(one, form)]
        inside = [p for p, sign in pieces if sign == 0]
        outside += [p for p, sign in pieces if sign]
    for form in law.positive:
        pieces = [(p, sign) for one in inside for p, sign in signs(one, form)]
        inside = [p for p, sign in pieces if sign > 0]
        outside += [p for p, sign in pieces if sign <= 0]
    return inside, outside


def _boundary_finding(part: Stratum, law: DerivedLaw, claim: Boundary) -> Finding:
    agrees = claim.jumps is None or claim.jumps == (not law.continuous)
    kind = "continuous" if law.continuous else "jumps"
    return Finding(part, law, Outcome.HOLDS if agrees else Outcome.FAILS, f"derived there; {kind}", part.point())


MOST_TOLD = 6
"""Parts that a refutation lists, open ones first: all of those that hold together are the largest on which the claim does."""


def weighed(findings: Sequence[Finding], assumptions: Sequence[str], stated: str) -> Evidence:
    """One statement of the symbolic witness from what was found part by part."""
    table = Table.of([finding.row() for finding in findings])
    outcomes = [finding.outcome for finding in findings]
    if not findings:
        return _said(Outcome.UNDECIDED, "nothing was found", table, assumptions)
    if all(outcome is Outcome.NOT_APPLICABLE for outcome in outcomes):
        return _said(Outcome.NOT_APPLICABLE, findings[0].reason, table, assumptions)
    if Outcome.FAILS in outcomes:
        return _said(Outcome.FAILS, _refutation(findings), table, assumptions)
    if Outcome.UNDECIDED in outcomes or Outcome.NOT_APPLICABLE in outcomes:
        worst = next(f for f in findings if f.outcome in (Outcome.UNDECIDED, Outcome.NOT_APPLICABLE))
        text = f"open where {worst.stratum.describe()}: {worst.reason}"
        return _said(Outcome.UNDECIDED, text, table, assumptions)
    parts = "the whole range" if len(findings) == 1 else f"all {len(findings)} parts of the range"
    text = f"{stated} follows from the derived laws on {parts}{_constant_there(findings, stated)}"
    return _said(Outcome.HOLDS, text, table, assumptions)


def _constant_there(findings: Sequence[Finding], stated: str) -> str:
    """The constant that was derived, where none is stated and there is a single one to tell."""
    law = findings[0].law if len(findings) == 1 and OPEN_CONSTANT in stated else None
    if law is None or law.constant is None or law.constant.has(sp.Integral, sp.Piecewise):
        return ""
    return f"; the constant is {findings[0].stratum.text(law.constant)}"


def _said(outcome: Outcome, reason: str, table: Table, assumptions: Sequence[str]) -> Evidence:
    return Evidence("symbolic", outcome, Firmness.EXACT, reason, table, tuple(assumptions))


def _where(stratum: Stratum) -> str:
    text = stratum.describe()
    return text if text == "everywhere" else f"where {text}"


def _refutation(findings: Sequence[Finding]) -> str:
    """Where it fails with a counterexample, the widest failing part first, and the largest part on which it holds."""
    failing = sorted((f for f in findings if f.outcome is Outcome.FAILS), key=lambda f: -len(f.stratum.variables))
    holding = [f for f in findings if f.outcome is Outcome.HOLDS]
    told_of = [f"fails {_where(f.stratum)}: {f.reason}" for f in failing[:3]]
    if len(failing) > 3:
        told_of.append(f"and on {len(failing) - 3} more parts" if len(failing) > 4 else "and on another part")
    ordered = sorted(holding, key=lambda f: -len(f.stratum.variables))
    broken = {
        f.stratum.describe() for f in failing
    }  # of monotony a part may hold against one other and fail against the next
    parts = [part for part in dict.fromkeys(f.stratum.describe() for f in ordered) if part not in broken]
    more = f", and on more walls ({len(parts) - MOST_TOLD})" if len(parts) > MOST_TOLD else ""
    kept = (
        f"holds where {' or '.join(parts[:MOST_TOLD])}{more}"
        if parts
        else "no part of the range is known where it holds"
    )
    return "; ".join([*told_of, kept])
