"""N5 as a whole: six phases tile the plane; and phase IV of the paper, which is no open region for this network."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import sympy as sp

from scalecheck.theory.networks.diagonal.diagram import phase_diagram
from scalecheck.theory.networks.diagonal.logarithmic import end_of_signal_phase
from scalecheck.theory.networks.diagonal.state_equations import PROPORTIONAL_LIMIT
from scalecheck.theory.symbols import a, b, decay

from ...boundaries import EXPONENT, SCALES, Crossing, locate
from ...claims import Claim, Effort, Source, Twin
from ...evidence import Evidence, Firmness, Outcome
from ...extrapolation import Limit, limit
from ...formulas import Formula, decide_zero, from_derivation
from ...network_claims import FINITE_POWER, NOISY
from ...tables import Cell, Table
from ...tilings import DerivedPhase, Place, StatedPhase, Tiling, at_points, derived_phases, from_diagram
from .boundaries import EXPONENTS, HALF, log_risk

PAPER = ("defilippis2025scaling",)
NOISE_LEADS, THRESHOLD_LEADS = b < (a - 1) / 2, b > (a - 1) / 2
BELOW_ALL, ABOVE_ALL = a - decay - HALF, a - HALF
EDGE, RESOLVED_EDGE = 0.1, 0.15
"""Accepted distance of the edge of IV from the stated one, in the exponent, and the largest error of its extrapolation: it
moves from 0.7 to 0.4 over the scales that can be reached, since corrections are log log d/log d."""

POINTS: tuple[Place, ...] = tuple(
    tuple(zip(("a", "b", "decay"), map(sp.Rational, row)))
    for row in (
        ("1/2", "1/2", "1"), ("2", "2", "3/2"), ("1", "3/2", "3/4"),
        ("3/2", "7/10", "1"), ("5/2", "3/2", "2"), ("4", "13/4", "1"), ("1/2", "-1/10", "2"),
        ("4", "2", "1"), ("5", "11/4", "3/2"), ("3", "5/4", "3/4"),
        ("7/10", "-3/4", "1"), ("13/20", "-1", "3/2"), ("3/4", "-1", "3/4"),
        ("3/2", "-1/2", "1"), ("3", "0", "2"), ("5/2", "1/4", "3/2"),
        ("3", "0", "1"), ("5", "1", "2"), ("4", "-1", "3/4"),
    )
)  # fmt: skip
"""Exact points away from all boundaries, at least two a phase."""


def phase_plane_claims() -> tuple[Claim, ...]:
    """The diagram, and what becomes of IV."""
    return (_diagram(), _no_fourth(), _end_of_fourth())


def _stated() -> tuple[StatedPhase, ...]:
    regions = {
        "Ib": (a > 0, b > ABOVE_ALL),
        "II": (THRESHOLD_LEADS, b < ABOVE_ALL, b > BELOW_ALL),
        "III": (THRESHOLD_LEADS, b < BELOW_ALL),
        "V": (NOISE_LEADS, a > 0, a < 1),
        "VIa": (NOISE_LEADS, a > 1, a < 2 * decay),
        "VIb": (NOISE_LEADS, a > 2 * decay),
    }
    logs = {"V": sp.Integer(-1)}
    return tuple(
        StatedPhase(name, EXPONENTS[name], logs.get(name, sp.S.Zero), region) for name, region in regions.items()
    )


def _derived() -> list[DerivedPhase]:
    return derived_phases(phase_diagram().phases)


def _exponent(place: Place) -> Limit:
    """Exponent of the risk at a point, extrapolated: log R/log d is exact up to log log d/log d."""
    values = {name: float(value) for name, value in place}
    parameters = {"decay": values["decay"], "noise": 1.0}
    points = [(dim, np.array([dim ** values["a"]]), np.array([dim ** values["b"]])) for dim in SCALES]
    return limit(SCALES, [float(log_risk(*point, parameters)[0, 0]) / float(np.log(point[0])) for point in points])


def _diagram() -> Claim:
    stated = _stated()
    by_name = {phase.name: phase for phase in stated}

    def with_(**changed: StatedPhase | None) -> Tiling:
        return Tiling(tuple(p for name, old in by_name.items() if (p := changed.get(name, old)) is not None))

    fourth = replace(by_name["V"], name="IV", exponent=EXPONENTS["IV"], log=sp.S.Zero)
    early = replace(by_name["VIa"], region=(NOISE_LEADS, a > HALF, a < 2 * decay))
    late = replace(by_name["V"], region=(NOISE_LEADS, a > 0, a < HALF))
    return Claim(
        id="N5.diagonal.diagram",
        title="six phases tile the plane",
        statement=r"With $n = d^a$, $\lambda = d^b$, $a > 0$: the open regions Ib, II, III, V, VIa, VIb, each with its exponent,"
        r" cover the plane without gap or overlap, for every $\gamma > 1/2$.",
        source=Source(PAPER, "N5, A3", "derived"),
        hypotheses=(FINITE_POWER, NOISY),
        assumptions=(PROPORTIONAL_LIMIT,),
        assertion=Tiling(stated),
        comparison="the derived diagram, exactly; the tiling of the stated regions proved, its certificate checked again; and"
        f" the exponent measured by state evolution at {len(POINTS)} points, extrapolated from dim up to $10^{{15}}$, within {EXPONENT:g}",
        symbolic=from_diagram(_derived, (a > 0,), (a, b), {decay: (decay > HALF,)}),
        numeric=at_points(_exponent, POINTS, EXPONENT),
        rests_on=("N3.diagonal.risk", "N3.diagonal.degrees_of_freedom"),
        twins=(
            Twin("IV", "IV, not V, below the noise for $n \\ll d$", with_(V=fourth)),
            Twin("early", "VIa begins at $n = d^{1/2}$", with_(V=late, VIa=early)),
            Twin("gap", "without III", with_(III=None)),
            Twin("overlap", "V whatever the penalty", with_(V=replace(by_name["V"], region=(a > 0, a < 1)))),
            Twin("swap", "II with the exponent of III", with_(II=replace(by_name["II"], exponent=EXPONENTS["III"]))),
        ),
    )


@dataclass(frozen=True)
class SignalEdge:
    """The assertion that, the penalty being negligible, the risk falls with n until n = d^edge up to logarithms (phase IV)."""

    edge: sp.Expr

    def describe(self) -> str:
        """Say it in a line."""
        return f"phase IV ends at a = {self.edge}"


def _no_fourth() -> Claim:
    return Claim(
        id="N5.diagonal.IV-absent",
        title="phase IV is no open region of the plane",
        statement=r"For $\lambda \to 0$ and $n \ll d$ the teacher's part $n^{-1+1/(2\gamma)}$ of the risk is beaten by the"
        r" overfitting tail from $n = d^{o(1)}$ on: IV occupies $a = 0$ only.",
        source=Source(PAPER, "N5", "derived"),
        hypotheses=(FINITE_POWER, NOISY),
        assumptions=(PROPORTIONAL_LIMIT,),
        assertion=SignalEdge(sp.S.Zero),
        comparison="no phase IV among those derived; and the place of the least risk over n at a negligible penalty, as an exponent"
        f" of dim, extrapolated to dim $= \\infty$ for two decays, within {EDGE:g} (at dim $= 10^{{15}}$ it is still 0.4)",
        symbolic=_edge_derived,
        numeric=_edge_measured,
        rests_on=("N5.diagonal.diagram",),
        twins=(
            Twin(
                "half", "IV up to $n = d^{1/2}$, V from there (as a diagram with both would have it)", SignalEdge(HALF)
            ),
            Twin("quarter", "IV up to $n = d^{1/4}$", SignalEdge(HALF / 2)),
            Twin("everywhere", "IV for all $n \\ll d$", SignalEdge(sp.S.One)),
        ),
    )


def _edge_derived(assertion: SignalEdge, effort: Effort) -> Evidence:
    """Without an open region IV ends where the plane begins, at a = 0: neither above nor below.

    With one, its edge would have to be read off its region, which is not done: then nothing is decided.
    """
    names = [phase.name for phase in phase_diagram().phases]
    outcome = decide_zero(sp.sympify(assertion.edge)) if "IV" not in names else Outcome.UNDECIDED
    row: dict[str, Cell] = {"phases": ", ".join(names), "stated edge": str(assertion.edge)}
    return Evidence("symbolic", outcome, Firmness.EXACT, f"derived phases: {', '.join(names)}", Table.of([row]))


@cache
def _edges() -> tuple[tuple[float, Limit, tuple[float, ...]], ...]:
    """Where the risk is least over n below d, as an exponent, by decay."""
    found = []
    for gamma in (1.0, 3 / 2):
        crossing = Crossing("a", (0.1, 0.9), -1.5, (("decay", gamma), ("noise", 1.0)), "lowest")

        def follow(
            places: np.ndarray[tuple[int], np.dtype[np.float64]], dim: float, at: Crossing = crossing
        ) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
            return np.ravel(log_risk(dim, dim**places, np.array([dim**at.fixed]), dict(at.parameters)))

        places = tuple(locate(lambda x, dim=dim: follow(x, dim), crossing, float(np.log(dim))) for dim in SCALES)
        found.append((gamma, limit(SCALES, places), places))
    return tuple(found)


def _edge_measured(assertion: SignalEdge, effort: Effort) -> Evidence:
    rows: list[dict[str, Cell]] = []
    for gamma, found, places in _edges():
        outcome = found.against(float(assertion.edge), EDGE, RESOLVED_EDGE)
        last: dict[str, Cell] = {"edge_at_largest_dim": places[-1], "extrapolated": found.value, "error": found.error}
        rows.append({"decay": gamma, **last, "outcome": outcome.value})
    outcomes = {str(row["outcome"]) for row in rows}
    worst = next((item for item in (Outcome.FAILS, Outcome.UNDECIDED) if item.value in outcomes), Outcome.HOLDS)
    reason = f"exponent of the least-risk n extrapolated from dim up to {SCALES[-1]:.0e}, accepted within {EDGE:g}"
    return Evidence("numeric", worst, Firmness.NUMBERS, reason, Table.of(rows))


def _end_of_fourth() -> Claim:
    power = (4 * decay - 1) / (2 * decay - 1)
    quantity = "power of log d"
    return Claim(
        id="N5.diagonal.IV-end",
        title="where IV gives way to V: a power of the logarithm",
        statement=r"The teacher's part of the risk and the overfitting tail are of one order at $n = (\log d)^{y}$,"
        r" $y = (4\gamma - 1)/(2\gamma - 1)$.",
        source=Source(PAPER, "N5", "derived"),
        hypotheses=(FINITE_POWER, NOISY),
        assumptions=(PROPORTIONAL_LIMIT,),
        assertion=Formula(quantity, power),
        comparison="exact; no numeric witness: at dim $= 10^{15}$ the measured power is still twice as large, and moves",
        symbolic=from_derivation(end_of_signal_phase),
        rests_on=("N5.diagonal.IV-absent",),
        twins=(
            Twin(
                "flat",
                r"$y = 2\gamma/(2\gamma - 1)$: the tail taken as constant",
                Formula(quantity, 2 * decay / (2 * decay - 1)),
            ),
            Twin("exponent", r"$y = (4\gamma - 1)/(2\gamma)$", Formula(quantity, (4 * decay - 1) / (2 * decay))),
        ),
    )
