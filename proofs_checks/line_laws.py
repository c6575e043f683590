"""Claims of a law on a line of the plane of exponents: a boundary between two phases, or the peak inside one picture.

On such a line another law may hold than beside it. The numeric witness follows paths on the line and is that of `laws`;
the symbolic one compares line, stretch and law with what was derived there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import sympy as sp

from scalecheck.theory.symbols import a, dim, samples

from .boundaries import same_line
from .claims import Effort, Witness
from .evidence import Evidence, Firmness, Outcome
from .formulas import decide_zero
from .laws import Law, region_outcome
from .tables import Table


class DerivedLine(Protocol):
    """What the symbolic witness must offer of a line: observable ~ constant · dim^exponent · (log dim)^log on it."""

    @property
    def equation(self) -> sp.Eq: ...  # noqa: D102
    @property
    def along(self) -> Sequence[sp.Basic]: ...  # noqa: D102
    @property
    def exponent(self) -> sp.Expr | None: ...  # noqa: D102
    @property
    def constant(self) -> sp.Expr | None: ...  # noqa: D102
    @property
    def log(self) -> sp.Expr | None: ...  # noqa: D102


class NamedLine(DerivedLine, Protocol):
    """A line between two phases that have names."""

    @property
    def between(self) -> tuple[str, ...]: ...  # noqa: D102


def line_between(lines: Callable[[], Sequence[NamedLine]], first: str, second: str) -> Callable[[], NamedLine | None]:
    """What derives the boundary between two phases: the first of the lines between them, None without one."""
    return lambda: next((line for line in lines() if set(line.between) == {first, second}), None)


def from_line(
    derived: Callable[[], DerivedLine | None],
    assumptions: Sequence[str] = (),
    count: sp.Expr = a,
    powers: Mapping[sp.Symbol, sp.Expr] | None = None,
    large: sp.Symbol = dim,
) -> Witness:
    """A symbolic witness: the stated line and stretch are those derived, and so is the law on it, constant included.

    The formula may hold samples = dim**count, weight_decay and dim, or the controls in `powers` and `large`; on the line
    all of them are powers of the large parameter.
    """

    def witness(assertion: Law, effort: Effort) -> Evidence:
        line = derived()
        if line is None or line.constant is None or line.exponent is None:
            return _evidence(Outcome.UNDECIDED, "no law was derived on this line", Table((), ()), assumptions)
        place = _same_place(assertion, line)
        rate = large**line.exponent * sp.log(large) ** (line.log or 0)
        stated = on_line(assertion.formula, line.equation, count, powers)
        law = decide_zero(sp.powsimp(stated / rate) - line.constant)
        worst = next((item for item in (Outcome.FAILS, Outcome.UNDECIDED) if item in (place, law)), Outcome.HOLDS)
        row = {
            "line": str(line.equation),
            "along": ", ".join(map(str, line.along)),
            "derived": sp.sstr(line.constant * rate),
            "stated": sp.sstr(assertion.formula),
        }
        reason = f"line and stretch {place.value}, law on it {law.value}"
        return _evidence(worst, reason, Table.of([row]), assumptions)

    return witness


def _evidence(outcome: Outcome, reason: str, table: Table, assumptions: Sequence[str]) -> Evidence:
    return Evidence("symbolic", outcome, Firmness.EXACT, reason, table, tuple(assumptions))


def on_line(
    formula: sp.Expr, equation: sp.Eq, count: sp.Expr = a, powers: Mapping[sp.Symbol, sp.Expr] | None = None
) -> sp.Expr:
    """`formula` with its controls as powers of the large parameter, on the line.

    Examples
    --------
    >>> on_line(dim / samples, sp.Eq(sp.Symbol("b", real=True), a / 2))
    dim**(1 - a)
    """
    weight_decay = sp.Symbol("weight_decay", positive=True)
    of_networks = {samples: dim**count, weight_decay: dim ** sp.Symbol("b", real=True)}
    value = formula.subs(of_networks if powers is None else powers).subs(equation.lhs, equation.rhs)
    return sp.powsimp(sp.expand_power_base(value, force=True))


def _same_place(assertion: Law, line: DerivedLine) -> Outcome:
    """The line's equation must be a hypothesis, and the stated stretch of it must lie in the derived one: exactly."""
    equal = [item.relation for item in assertion.hypotheses if isinstance(item.relation, sp.Eq)]
    same = any(same_line(item, line.equation) is Outcome.HOLDS for item in equal)
    if not same:
        return Outcome.FAILS if equal else Outcome.UNDECIDED
    return region_outcome(assertion, line.along)[0]
