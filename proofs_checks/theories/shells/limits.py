"""S11: no drift is lazy training; in which sense a vanishing drift recovers it, and in which not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import ClassVar

import sympy as sp

from scalecheck.theory.shells.exponents import phase_of
from scalecheck.theory.shells.letters import CLOSURE, CONTROLS, CONVENTION, Direction, rate
from scalecheck.theory.shells.self_similarity import lazy_limit, uniform_limit

from ...claims import Claim, Effort, Source, Twin
from ...evidence import Evidence, Firmness, Outcome
from ...tables import Cell, Table
from .assertions import Controls, controls
from .late_times import log_loss_at
from .residuals import numeric

RATES = ("1/4", "1/16", "1/64")
SHRINKS, STAYS = 0.6, 0.9
"""Per step of c by 1/4: a supremum that tends to zero must fall below `SHRINKS` of the one before (a quarter is expected
where it is analytic in c); one that stays above `STAYS` of it, over times that grow like 1/c, does not tend to zero."""
REACH = 8.0
"""log t runs to REACH/c: far enough for an exponent of size c to show."""


@dataclass(frozen=True)
class LazyLimit:
    """The assertion that sup_t |L_c - L_0| (or sup_t |log L_c/L_0|) tends to 0 as c → 0, or does not, in each case.

    `cases` are (direction, a, b, m, c) with a c at which the phase is looked up.
    """

    ALL_OF: ClassVar[tuple[str, ...]] = ("cases",)

    of: str
    vanishes: bool
    cases: tuple[tuple[Direction, Controls], ...]

    def describe(self) -> str:
        """Say it in a line."""
        return f"sup over time of the {self.of} to the lazy loss {'tends' if self.vanishes else 'does not tend'} to 0 as c -> 0"


def limit_claims() -> tuple[Claim, ...]:
    """S11."""
    down, up = Direction.DOWN, Direction.UP
    slow, frozen = (down, controls("3/4", 1, -1, "1/4")), (down, controls("3/4", 2, 1, "1/4"))
    similar, escape = (down, controls("3/4", 2, 0, "1/4")), (up, controls("3/4", 2, 0, "1/4"))
    fast = (up, controls("3/4", 1, -1, "1/4"))
    return (
        _claim(
            "uniform",
            "the loss converges uniformly",
            r"$\sup_t |L_c - L_0| \to 0$ as $c\to0$, whatever the regime.",
            LazyLimit("difference", True, (slow, frozen, fast)),
            ("ratio", "the ratio does so as well", LazyLimit("ratio", True, (slow, frozen))),
        ),
        _claim(
            "ratio",
            "where the ratio converges too",
            r"On $m=b-2$, $b>1$, $a<2x_*$, $L_c/L_0\to1$ uniformly in $t$.",
            LazyLimit("ratio", True, (similar, escape)),
            ("slow", "on a slower clock too", LazyLimit("ratio", True, (similar, slow))),
            ("not", "it does not", LazyLimit("ratio", False, (similar,))),
        ),
        _claim(
            "nonuniform",
            "where the ratio does not converge",
            r"At $b=1$, $m=-1$ and where there is a plateau $L_c/L_0$ runs off in $t$ at every $c>0$.",
            LazyLimit("ratio", False, (slow, fast, frozen)),
            ("uniform", "it converges uniformly", LazyLimit("ratio", True, (slow, fast))),
            ("similar", "nor does it on the self-similar line", LazyLimit("ratio", False, (slow, similar))),
        ),
    )  # fmt: skip


def _claim(name: str, title: str, statement: str, truth: LazyLimit, *twins: tuple[str, str, LazyLimit]) -> Claim:
    return Claim(
        id=f"S11.{name}",
        title=title,
        statement=statement,
        source=Source(("zhang2025shell",), "S11", "derived"),
        assumptions=(CLOSURE, CONVENTION),
        assertion=truth,
        comparison=f"the table of phases as c tends to 0; and suprema over log t up to {REACH:g}/c at c = {', '.join(RATES)}: each"
        f" below {SHRINKS:g} of the one before, or above {STAYS:g} of it",
        rests_on=("S10.none.lazy",),
        symbolic=from_table,
        numeric=over_time,
        twins=tuple(Twin(*twin) for twin in twins),
    )


def from_table(assertion: LazyLimit, effort: Effort) -> Evidence:
    """The derived answer: the difference by monotony and dominated convergence, the ratio from the laws of both phases."""
    rows: list[dict[str, Cell]] = []
    for sigma, point in assertion.cases:
        a, b, m, c = (point[symbol] for symbol in CONTROLS)
        phase, lazy = (phase_of(a, b, m, c, direction) for direction in (sigma, Direction.NONE))
        difference = assertion.of == "difference"
        vanishes = uniform_limit().result == sp.true if difference else lazy_limit(phase, lazy).ratio_is_uniform
        rows.append({"direction": sigma.name.lower(), "phase": phase.name, "vanishes": bool(vanishes)})
    outcome = Outcome.HOLDS if all(row["vanishes"] is assertion.vanishes for row in rows) else Outcome.FAILS
    return Evidence("symbolic", outcome, Firmness.EXACT, f"{assertion.of}, {len(rows)} regimes", Table.of(rows))


def over_time(assertion: LazyLimit, effort: Effort) -> Evidence:
    """Suprema over a grid of times that reaches as 1/c, at three rates; at the two larger ones, with shorter times, if it is to be quick."""
    chosen = RATES[:2] if effort.quick else RATES
    rows: list[dict[str, Cell]] = []
    for sigma, point in assertion.cases:
        tops = [_supremum(assertion.of, sigma, {**point, rate: sp.Rational(value)}) for value in chosen]
        told: dict[str, Cell] = {f"supremum_at_{value}": top for value, top in zip(chosen, tops)}
        rows.append({"direction": sigma.name.lower(), "power": float(list(point.values())[1]), **told,
                     "outcome": _judged(tops, assertion.vanishes).value})  # fmt: skip
    return numeric(rows, f"suprema of the {assertion.of} over time at {len(chosen)} rates, {len(rows)} regimes")


def _judged(tops: Sequence[float], vanishes: bool) -> Outcome:
    if not all(math.isfinite(top) for top in tops):
        return Outcome.UNDECIDED
    shrinks = all(after <= SHRINKS * before for before, after in pairwise(tops))
    stays = all(after >= STAYS * before for before, after in pairwise(tops))
    if not shrinks and not stays:
        return Outcome.UNDECIDED
    return Outcome.HOLDS if shrinks is vanishes else Outcome.FAILS


def _supremum(of: str, sigma: Direction, point: Controls) -> float:
    a, b, m, c = (float(point[symbol]) for symbol in CONTROLS)
    return _top(of, sigma, a, b, m, c)


@lru_cache(maxsize=64)
def _top(of: str, sigma: Direction, a: float, b: float, m: float, c: float) -> float:
    begin = 0.5 if m <= -1 else -2.0
    last = REACH / c
    grid = (begin, 2.0, 5.0, last / 4, last / 2, last)
    pairs = [(log_loss_at(a, b, m, c, int(sigma), x, grid)[0], _lazy(a, m, x, grid)) for x in grid]
    if of == "difference":
        return max(abs(math.exp(one) - math.exp(two)) for one, two in pairs)
    return max(abs(one - two) for one, two in pairs)


def _lazy(a: float, m: float, moment: float, among: tuple[float, ...]) -> float:
    """log L_0 with the same start of time."""
    return log_loss_at(a, 2.0, m, 1.0, 0, moment, among)[0]
