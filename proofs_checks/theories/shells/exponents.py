"""S10: the phase diagram of spectral transport, one claim a row. What stands here is what is tried, not what derives.

The paper states the rows with m = b - 2 and b = 1, m = -1; the others and all constants are ours.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import sympy as sp

from scalecheck.theory.shells.letters import CLOSURE, CONVENTION, Direction, power, rate, source, time_power

from ...claims import Claim, Source, Twin
from .assertions import Controls, TransportLaw, controls
from .late_times import SLOW_TOLERANCE, TOLERANCE, at_late_times, from_transport

a, b, m, c = source, power, time_power, rate
NONE, DOWN, UP = Direction.NONE, Direction.DOWN, Direction.UP
LATE = (10.0, 20.0, 40.0, 80.0)
LATER = (80.0, 160.0, 320.0, 640.0)
PERCENT = sp.Rational(51, 50)
LAZY = a * sp.gamma(a) / 2**a
"""The constant of the lazy law."""


@dataclass(frozen=True)
class Row:
    """One row of the table with its points and its false neighbours; `wider` are regions too wide, with a point beyond."""

    id: str
    title: str
    statement: str
    law: TransportLaw
    neighbour: sp.Expr | None
    wider: tuple[tuple[str, tuple[sp.Rel, ...], Controls], ...] = ()
    others: tuple[Twin, ...] = field(default=())
    stated: bool = False
    slow: bool = False


def law_of_row(
    direction: Direction,
    relations: tuple[sp.Rel, ...],
    exponent: sp.Expr,
    constant: sp.Expr,
    *points: Controls,
    log: sp.Expr = sp.S.Zero,
    action: sp.Expr | None = None,
    times: tuple[float, ...] = LATE,
) -> TransportLaw:
    """A law with zeros filled in."""
    return TransportLaw(direction, relations, sp.sympify(exponent), sp.sympify(log), constant, points, times, action)


def claim_of(row: Row) -> Claim:
    """The claim of a row: the law, two witnesses, and its false neighbours."""
    accepted = (
        f"slope of the root in log t, extrapolated, within {SLOW_TOLERANCE:g} of 1"
        if row.slow
        else f"log of loss over law at four times settles within {TOLERANCE:g} of 0"
    )
    return Claim(
        id=f"S10.{row.law.direction.name.lower()}.{row.id}",
        title=row.title,
        statement=row.statement,
        source=Source(("zhang2025shell",), "S10", "literature" if row.stated else "derived"),
        assertion=row.law,
        hypotheses=row.law.hypotheses,
        assumptions=(CLOSURE, CONVENTION),
        comparison=f"exponent, logarithm, constant and region, exactly; and the integrated loss: {accepted}",
        symbolic=from_transport(),
        rests_on=("S8.characteristic", "S8.action"),
        numeric=at_late_times(row.slow),
        twins=twins_of(row),
    )


def twins_of(row: Row) -> tuple[Twin, ...]:
    """Constant off by 2% (a tenth where the approach is logarithmic), the neighbour's exponent, a power or logarithm too many, regions too wide."""
    law = row.law
    off = sp.Rational(11, 10) if row.slow else PERCENT
    twins = [
        Twin("constant", f"the constant too large by {'10%' if row.slow else '2%'}", replace(law, constant=law.constant * off)),
        Twin("power", "an exponent off by 1/10", replace(law, exponent=law.exponent + sp.Rational(1, 10))),
    ]  # fmt: skip
    if law.log == 0 and law.action is None:
        twins.append(Twin("logarithm", "a logarithm that is not there", replace(law, log=sp.S.One)))
    if law.log != 0:
        twins.append(Twin("no_logarithm", "the logarithm forgotten", replace(law, log=sp.S.Zero)))
    if row.neighbour is not None:
        text = "the exponent of a neighbouring row"
        twins.append(Twin("neighbour", text, replace(law, exponent=row.neighbour, log=sp.S.Zero)))
    for name, relations, point in row.wider:
        wide = replace(law, relations=relations, points=(*law.points, point))
        twins.append(Twin(name, "the region too wide", wide))
    return (*twins, *row.others)


def beta(x: sp.Expr, y: sp.Expr) -> sp.Expr:
    """Euler's beta function."""
    return sp.gamma(x) * sp.gamma(y) / sp.gamma(x + y)


def kept(size: sp.Expr, order: sp.Expr) -> sp.Expr:
    """∫_0^1 a x^{a-1} exp(-2 size x^order) dx: what a converging action leaves."""
    return a / order * (2 * size) ** (-a / order) * sp.lowergamma(a / order, 2 * size)


def exponent_claims() -> tuple[Claim, ...]:
    """The 27 rows."""
    from .exponents_down import arriving_rows, clock_rows, steep_rows
    from .exponents_up import lifted_rows, upward_rows

    rows = (_lazy(), *steep_rows(), *clock_rows(), *arriving_rows(), *upward_rows(), *lifted_rows())
    return tuple(claim_of(row) for row in rows)


def _lazy() -> Row:
    law = law_of_row(NONE, (), -a, LAZY, controls("3/4", 2, 0, 1))
    return Row(
        "lazy",
        "lazy training",
        r"Without drift $L \simeq a\,\Gamma(a)\,(2t)^{-a}$.",
        law,
        neighbour=-2 * a,
        others=(
            Twin("clock", r"$(t)^{-a}$: the dissipation's 2 forgotten", replace(law, constant=a * sp.gamma(a))),
            Twin("source", r"$\Gamma(a)$ without $a$", replace(law, constant=LAZY / a)),
        ),
        stated=True,
    )
