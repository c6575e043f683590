"""Witnesses for identities: a rate measured by differences or integrated over windows, against the stated right-hand side.

Intervals are fixed here: an identity holds if what is left over is below `ACCEPTED` of its largest term, and fails above
`REJECTED`. Differences of fourth order and integrators at 1e-12 leave 1e-8 or less on this ledger; a term that is missing
or has a wrong factor leaves parts of order one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import TypeVar

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from scalecheck.theory.shells.modes import c_i, c_j, lam_i, lam_j, rate_i, turn

from ...claims import Effort, Witness
from ...evidence import Evidence, Firmness, Outcome
from ...formulas import decide_zero
from ...tables import Cell, Table
from .assertions import Between, Coefficients, PairSum

Array = NDArray[np.float64]
ACCEPTED, REJECTED = 1e-5, 1e-2
QUICK = 2
"""Places measured if the effort is quick."""
LETTERS = (c_i, c_j, lam_i, lam_j, turn, rate_i)


def verdict(residual: float) -> Outcome:
    """Judge a residual relative to the largest term of its identity."""
    if not np.isfinite(residual):
        return Outcome.UNDECIDED
    return Outcome.HOLDS if residual <= ACCEPTED else Outcome.FAILS if residual >= REJECTED else Outcome.UNDECIDED


def numeric(rows: Sequence[dict[str, Cell]], reason: str) -> Evidence:
    """Evidence from rows that each carry an outcome."""
    outcomes = [str(row["outcome"]) for row in rows]
    worst = next((item for item in (Outcome.FAILS, Outcome.UNDECIDED) if item.value in outcomes), Outcome.HOLDS)
    worst = worst if outcomes else Outcome.UNDECIDED
    return Evidence("numeric", worst, Firmness.NUMBERS, reason, Table.of(list(rows)))


Row = TypeVar("Row")


def _chosen(measure: Callable[[int], Iterable[Row]], effort: Effort) -> Iterable[Row]:
    """What is measured; the first `QUICK` of it if the effort is quick. A measure that yields is not asked for more."""
    return islice(measure(effort.seed), QUICK if effort.quick else None)


# ------------------------------------------------------------------------------------------------------ sums over pairs


Measured = tuple[str, Array, Array, Array, Array, NDArray[np.bool_]]
"""Where, left-hand side per set, c, λ, Φᵀ M' Φ, and membership of the modes in the sets (sets x modes)."""


def right_side(assertion: PairSum, c: Array, levels: Array, drift: Array, sets: NDArray[np.bool_]) -> Array:
    """The stated right-hand side, one entry a set, summed over modes and pairs in floating point."""
    i, j = np.meshgrid(np.arange(c.size), np.arange(c.size), indexing="ij")
    # The diagonal is no pair: its gap is made 1 so that nothing divides by zero, and it is masked.
    apart = levels[j] + (i == j) * (1.0 + levels[j])
    values = (c[i], c[j], levels[i], apart, drift, np.diag(drift)[i])
    own, pair, inside = (
        np.broadcast_to(sp.lambdify(LETTERS, formula, "numpy")(*values), drift.shape)
        for formula in (assertion.own, assertion.pair, assertion.inside)
    )
    total = np.zeros(len(sets))
    for k, member in enumerate(sets):
        one, two = member[:, None] & (i != j), member[None, :]
        total[k] = np.diag(own)[member].sum() + pair[one & ~two].sum() + inside[one & two].sum()
    return total


def in_modes(measure: Callable[[int], Iterable[Measured]], weight: str = "") -> Witness:
    """A numeric witness of a `PairSum`: measured rates against the sum; with `weight` "amplitude" both sides times 2 c_i.

    Signs of eigenvectors are arbitrary, those of energies are not: amplitudes are compared through d(c_i²)/dt.
    """

    def witness(assertion: PairSum, effort: Effort) -> Evidence:
        rows: list[dict[str, Cell]] = []
        for where, left, c, levels, drift, sets in _chosen(measure, effort):
            right = right_side(assertion, c, levels, drift, sets)
            right = 2.0 * c * right if weight == "amplitude" else right
            scale = float(np.abs(left).max())
            residual = float(np.abs(left - right).max()) / scale
            rows.append(
                {"where": where, "largest_rate": scale, "residual": residual, "outcome": verdict(residual).value}
            )
        return numeric(
            rows, f"measured rates against the sum over modes at {len(rows)} places, accepted below {ACCEPTED:g}"
        )

    return witness


def pairs_from(derived: Callable[[], PairSum], exchanged: bool = False) -> Witness:
    """A symbolic witness of a `PairSum`, pair by pair; with `exchanged`, and inside a set always, only the sum over both orders of a pair counts."""

    def witness(assertion: PairSum, effort: Effort) -> Evidence:
        found = derived()
        gaps = {
            "own": found.own - assertion.own,
            "pair": _both(found.pair - assertion.pair) if exchanged else found.pair - assertion.pair,
            "inside": _both(found.inside - assertion.inside),
        }
        outcomes = {name: decide_zero(gap) for name, gap in gaps.items()}
        told = list(outcomes.values())
        worst = next((item for item in (Outcome.FAILS, Outcome.UNDECIDED) if item in told), Outcome.HOLDS)
        rows: list[dict[str, Cell]] = [
            {
                "part": name,
                "derived": str(getattr(found, name)),
                "stated": str(getattr(assertion, name)),
                "outcome": o.value,
            }
            for name, o in outcomes.items()
        ]
        reason = "derived and stated summand of one generic pair of modes, exactly"
        return Evidence("symbolic", worst, Firmness.EXACT, reason, Table.of(rows))

    return witness


def _both(summand: sp.Expr) -> sp.Expr:
    swapped = summand.subs({c_i: c_j, c_j: c_i, lam_i: lam_j, lam_j: lam_i}, simultaneous=True)
    return sp.together(summand + swapped)


# --------------------------------------------------------------------------------------------------- coefficients


def coefficients_from(derived: Callable[[], Mapping[str, sp.Expr]]) -> Witness:
    """A symbolic witness of `Coefficients`: each equals the derived one, exactly."""

    def witness(assertion: Coefficients, effort: Effort) -> Evidence:
        found = derived()
        rows: list[dict[str, Cell]] = [
            {"term": name, "derived": str(value), "stated": str(assertion.terms[name])} for name, value in found.items()
        ]
        same = all(sp.simplify(value - assertion.terms[name]) == 0 for name, value in found.items())
        outcome = Outcome.HOLDS if same else Outcome.FAILS
        return Evidence("symbolic", outcome, Firmness.EXACT, "derived coefficients against stated ones", Table.of(rows))

    return witness


def of_terms(measure: Callable[[int], Iterable[tuple[str, Array, Mapping[str, Array]]]]) -> Witness:
    """A numeric witness of `Coefficients`: left-hand side minus the stated combination of measured terms."""

    def witness(assertion: Coefficients, effort: Effort) -> Evidence:
        rows: list[dict[str, Cell]] = []
        for where, left, terms in _chosen(measure, effort):
            right = sum((float(assertion.terms[name]) * term for name, term in terms.items()), np.zeros_like(left))
            scale = max(float(np.abs(term).max()) for term in (left, *terms.values()))
            residual = float(np.abs(left - right).max()) / scale
            rows.append(
                {"where": where, "largest_term": scale, "residual": residual, "outcome": verdict(residual).value}
            )
        return numeric(
            rows, f"both sides measured at {len(rows)} places, accepted below {ACCEPTED:g} of the largest term"
        )

    return witness


def in_interval(measure: Callable[[int], Iterable[tuple[str, float]]]) -> Witness:
    """A numeric witness of `Between`: every measured number inside, else it fails."""

    def witness(assertion: Between, effort: Effort) -> Evidence:
        rows: list[dict[str, Cell]] = []
        for where, value in _chosen(measure, effort):
            inside = assertion.low <= value <= assertion.high
            outcome = Outcome.UNDECIDED if not np.isfinite(value) else Outcome.HOLDS if inside else Outcome.FAILS
            rows.append({"where": where, "measured": value, "outcome": outcome.value})
        return numeric(rows, f"{len(rows)} measurements, accepted in [{assertion.low:g}, {assertion.high:g}]")

    return witness
