"""The law at one point of a phase diagram: its phase, exponent and constant there, and how far its boundaries are."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from .conjectures.hints import nearest
from .errors import InputError
from .markup import formula, table

if TYPE_CHECKING:
    import sympy as sp

    from .diagrams import BoundaryRow, Diagram, PhaseRow


@dataclass(frozen=True)
class Side:
    """Where a point lies to one boundary of its phase: `distance` is left side minus right side of `equation` there."""

    between: tuple[str, str]
    equation: sp.Eq
    distance: sp.Expr

    def __str__(self) -> str:
        sign = "<" if self.distance < 0 else ">"
        gap = f"{float(abs(self.distance)):.6g}"
        return f"{' | '.join(self.between)}: {self.equation.lhs} {sign} {self.equation.rhs} by {gap}"


@dataclass(frozen=True, repr=False)
class LocalLaw:
    """What holds at a point: observable ~ constant · large^exponent · (log large)^log.

    Parameters
    ----------
    theory, observable, large : str
        Whose law, of what, and which parameter grows.
    point : Mapping[str, str]
        Where, as exact text.
    name : str
        The phase, or ``"II | V"`` on a boundary.
    exponent, constant, log : sympy.Expr or None
        At the point; None where the boundary has no law of its own or the constant is not known.
    sides : tuple[Side, ...]
        One for each boundary of the phase that faces the point; none on a boundary.
    """

    theory: str
    observable: str
    large: str
    point: Mapping[str, str]
    name: str
    exponent: sp.Expr | None
    constant: sp.Expr | None
    log: sp.Expr | None
    sides: tuple[Side, ...] = ()

    def value(self, large: float) -> float:
        """The law at a finite size: the leading term alone, without the corrections that state evolution has.

        When this is wrong: near a boundary and at small sizes; `solve` gives the observable itself.

        Raises
        ------
        InputError
            If the constant is not known or holds a symbol that was given no value.
        """
        import sympy as sp

        if self.exponent is None or self.constant is None or self.log is None or self.constant.free_symbols:
            raise InputError("constant", str(self.constant), "a number: give every parameter a value")
        return float(sp.N(self.constant * sp.Float(large) ** self.exponent * sp.log(sp.Float(large)) ** self.log))

    def to_json(self) -> dict[str, object]:
        """Formulas in SymPy syntax."""
        told = {name: getattr(self, name) for name in ("exponent", "constant", "log")}
        return {
            "theory": self.theory,
            "observable": self.observable,
            "large": self.large,
            "point": dict(self.point),
            "phase": self.name,
            **{name: None if item is None else str(item) for name, item in told.items()},
            "sides": [
                {
                    "between": list(s.between),
                    "equation": f"{s.equation.lhs} = {s.equation.rhs}",
                    "distance": float(s.distance),
                }
                for s in self.sides
            ],
        }

    def __repr__(self) -> str:
        where = ", ".join(f"{name} = {value}" for name, value in self.point.items())
        lines = [f"{self.theory} at {where}: {self.name}", f"  {self.observable} {_law_text(self)}"]
        return "\n".join([*lines, *(f"  {side}" for side in self.sides)])

    def _repr_latex_(self) -> str:
        import sympy as sp

        return rf"${self.observable} \sim {sp.latex(_law(self))}$"

    def _repr_html_(self) -> str:
        rows = [
            ["phase", self.name],
            *([name, formula(getattr(self, name))] for name in ("exponent", "constant", "log")),
        ]
        rows += [["boundary", str(side)] for side in self.sides]
        where = ", ".join(f"{name} = {value}" for name, value in self.point.items())
        return table(["", ""], rows, f"{self.theory} at {where}")


def _law(found: LocalLaw) -> Any:
    import sympy as sp

    if found.exponent is None:
        return sp.Symbol("unknown")
    large = sp.Symbol(found.large, positive=True)
    constant = sp.Symbol("constant") if found.constant is None else found.constant
    return constant * large**found.exponent * sp.log(large) ** found.log


def _law_text(found: LocalLaw) -> str:
    if found.exponent is None:
        return "has no law of its own derived here"
    number = (
        "" if found.constant is None or found.constant.free_symbols else f"  (constant {float(found.constant):.9g})"
    )
    return f"~ {_law(found)}{number}"


def law_at(diagram: Diagram, given: Mapping[str, object]) -> LocalLaw:
    """The law of `diagram` at the point `given`, in exact arithmetic; see `Diagram.at`."""
    values = {name: exact_number(name, value) for name, value in given.items()}
    known = _symbols(diagram)
    names = {*known, *(name for name in diagram.plane if name)}
    for name in values:
        if name not in names:
            raise InputError(name, given[name], "one of " + ", ".join(sorted(names)) + nearest(name, names))
    place = {symbol: values[name] for name in values for symbol in known.get(name, ())}
    _complete(diagram, place)
    told = {name: str(value) for name, value in values.items()}
    inside = [row for row in diagram.phases if _holds(row.region, place)]
    if inside:
        return _local(diagram, told, inside[0].name, inside[0], place, _sides(diagram, inside[0], place))
    on = [row for row in diagram.boundaries if _holds([row.equation, *row.along], place)]
    if not on:
        allowed = (
            "a point of the range in a phase, or on one boundary: where they cross, and outside, nothing is stated"
        )
        raise InputError("point", ", ".join(f"{k}={v}" for k, v in told.items()), allowed)
    return _local(diagram, told, " | ".join(on[0].between), on[0], place, ())


COMPARED: Mapping[str, Callable[[int, int], bool]] = {
    "==": operator.eq, "!=": operator.ne, ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
}  # fmt: skip
LONGEST, LARGEST = 40, 300
"""Characters of a coordinate, and its power of ten: 1e999999999 is a number of a gigabyte."""


def exact_number(name: str, value: object) -> sp.Rational:
    """A coordinate as it stands, 0.1 being a tenth."""
    import sympy as sp

    text = str(value).strip()
    if len(text) > LONGEST:
        raise InputError(name, value, f"a number of at most {LONGEST} characters")
    power = re.search(r"[eE]([+-]?\d+)$", text)
    if power is not None and abs(int(power.group(1))) > LARGEST:
        raise InputError(name, value, f"a number with a power of ten from -{LARGEST} to {LARGEST}")
    try:
        number = Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise InputError(name, value, "a number as a decimal or a fraction") from None
    return sp.Rational(number.numerator, number.denominator)


def _symbols(diagram: Diagram) -> dict[str, set[sp.Symbol]]:
    """Symbols by name: the witness may have several of one name with different assumptions."""
    found: dict[str, set[sp.Symbol]] = {}
    rows: list[PhaseRow | BoundaryRow] = [*diagram.phases, *diagram.boundaries]
    for row in rows:
        parts = [row.exponent, row.constant, row.log, *getattr(row, "region", ()), *getattr(row, "along", ())]
        parts.append(getattr(row, "equation", None))
        for symbol in {s for part in parts if part is not None for s in part.free_symbols}:
            if symbol.name != diagram.large:
                found.setdefault(symbol.name, set()).add(symbol)
    return found


def _complete(diagram: Diagram, place: Mapping[sp.Symbol, sp.Rational]) -> None:
    """Every symbol that a region depends on needs a value."""
    needed = {s.name for row in diagram.phases for item in row.region for s in item.free_symbols}
    missing = sorted(needed - {symbol.name for symbol in place})
    if missing:
        raise InputError(missing[0], None, f"a number (the regions depend on {', '.join(sorted(needed))})")


def _holds(relations: Sequence[sp.Rel], place: Mapping[sp.Symbol, sp.Rational]) -> bool:
    return all(_is_true(item, place) for item in relations)


def _is_true(relation: sp.Rel, place: Mapping[sp.Symbol, sp.Rational]) -> bool:
    """Whether a relation holds at a place; fractions are compared as such, without what SymPy knows about signs."""
    import sympy as sp

    if not relation.is_Relational:
        return bool(relation == sp.true)
    left, right = (side.subs(place) for side in relation.args)
    if left.is_Rational and right.is_Rational:
        return COMPARED[relation.rel_op](left.p * right.q, right.p * left.q)
    return bool(relation.func(left, right) == sp.true)


def _sides(diagram: Diagram, phase: PhaseRow, place: Mapping[sp.Symbol, sp.Rational]) -> tuple[Side, ...]:
    """Boundaries of a phase that face the point, with the signed distance; those that move with the size are left out."""
    found = []
    for row in diagram.boundaries:
        distance = (row.equation.lhs - row.equation.rhs).subs(place)
        if phase.name in row.between and _holds(row.along, place) and distance.is_number and distance != 0:
            found.append(Side(row.between, row.equation, distance))
    return tuple(found)


def _value(item: sp.Expr | None, place: Mapping[sp.Symbol, sp.Rational]) -> sp.Expr | None:
    """A formula at a point; where it is 0/0 there its limit, None where it has none."""
    from .conjectures.removable import finite, value_at

    found = None if item is None else value_at(item, {s: v for s, v in place.items() if item.has(s)})
    return found if found is None or finite(found) or found == item else None


def _local(
    diagram: Diagram,
    told: Mapping[str, str],
    name: str,
    row: PhaseRow | BoundaryRow,
    place: Mapping[sp.Symbol, sp.Rational],
    sides: tuple[Side, ...],
) -> LocalLaw:
    exponent, constant, log = (_value(item, place) for item in (row.exponent, row.constant, row.log))
    point = {**diagram.parameters, **told}
    return LocalLaw(diagram.theory, diagram.observable, diagram.large, point, name, exponent, constant, log, sides)
