"""N5 as a whole: eight phases tile the plane of the quadratic network, for every decay of the teacher."""

from __future__ import annotations

import math
from dataclasses import replace

import sympy as sp

from scalecheck.theory.networks.quadratic.diagram import phase_diagram
from scalecheck.theory.symbols import a, b, decay

from ...claims import Claim, Source, Twin
from ...extrapolation import Limit
from ...network_claims import FINITE_POWER, NOISY
from ...sides import EXPONENT, SCALES, settled
from ...tilings import DerivedPhase, Place, StatedPhase, Tiling, at_points, derived_phases, from_diagram
from .boundaries import END_OF_SIGNAL, EXPONENTS, HALF
from .observing import ASSUMED, PAPERS, solved

BULK_LEADS, THRESHOLD_LEADS = b < a / 2 - HALF, b > a / 2 - HALF
BELOW_ALL, ABOVE_ALL = a - decay - HALF, a - HALF

POINTS: tuple[Place, ...] = tuple(
    tuple(zip(("a", "b", "decay"), map(sp.Rational, row), strict=True))
    for row in (
        ("-1/2", "-2", "1"), ("-1/3", "-3/2", "2"),
        ("-1/2", "1/2", "1"), ("2", "2", "3/2"), ("1", "3/2", "3/4"),
        ("3/2", "3/5", "1"), ("5/2", "3/2", "2"), ("2", "1", "3/4"),
        ("4", "2", "1"), ("5", "11/4", "3/2"), ("3", "5/4", "3/4"),
        ("2/7", "-2", "1"), ("1/3", "-3/2", "3/4"),
        ("3/5", "-2", "3/2"), ("1/2", "-3", "3"), ("4/5", "-1", "1"),
        ("3/2", "-1/2", "3/2"), ("3", "0", "2"), ("5/2", "1/4", "3/2"),
        ("3", "0", "1"), ("5", "1", "2"), ("4", "-1", "3/4"),
    )
)  # fmt: skip
"""Exact points away from all boundaries, at least two a phase."""


def phase_plane_claims() -> tuple[Claim, ...]:
    """One claim: the diagram."""
    return (_diagram(),)


def _stated() -> tuple[StatedPhase, ...]:
    regions = {
        "Ia": (BULK_LEADS, a < 0),
        "Ib": (THRESHOLD_LEADS, b > ABOVE_ALL),
        "II": (THRESHOLD_LEADS, b < ABOVE_ALL, b > BELOW_ALL),
        "III": (THRESHOLD_LEADS, b < BELOW_ALL),
        "IV": (BULK_LEADS, a > 0, a < END_OF_SIGNAL),
        "V": (BULK_LEADS, a > END_OF_SIGNAL, a < 1),
        "VIa": (BULK_LEADS, a > 1, a < 2 * decay),
        "VIb": (BULK_LEADS, a > 2 * decay),
    }
    return tuple(StatedPhase(name, EXPONENTS[name], sp.S.Zero, region) for name, region in regions.items())


def _derived() -> list[DerivedPhase]:
    return derived_phases(phase_diagram().phases)


def _exponent(place: Place) -> Limit:
    """Exponent of the risk at a point, from slopes between four values of dim."""
    values = {name: float(value) for name, value in place}
    logs = []
    for size in SCALES:
        found = solved(size, size ** (values["a"] + 1), size ** values["b"], values["decay"], 1.0)
        logs.append(math.log(found.value.risk))
    return settled(logs)


def _diagram() -> Claim:
    stated = _stated()
    by_name = {phase.name: phase for phase in stated}

    def with_(**changed: StatedPhase | None) -> Tiling:
        return Tiling(tuple(p for name, old in by_name.items() if (p := changed.get(name, old)) is not None))

    def cut_at(end: sp.Expr) -> Tiling:
        """IV up to another end."""
        early = replace(by_name["IV"], region=(BULK_LEADS, a > 0, a < end))
        late = replace(by_name["V"], region=(BULK_LEADS, a > end, a < 1))
        return with_(IV=early, V=late)

    half = replace(by_name["V"], exponent=(a - 1) / 2)
    return Claim(
        id="N5.quadratic.diagram",
        title="eight phases tile the plane",
        statement=r"With $u = n/d = d^a$, $\lambda = d^b$: the open regions Ia, Ib, II, III, IV, V, VIa, VIb, each with its exponent,"
        r" cover the whole plane without gap or overlap, for every $\gamma > 1/2$; IV ends at $a = 4\gamma/(14\gamma - 5)$.",
        source=Source(PAPERS, "N5, A3", "derived"),
        hypotheses=(FINITE_POWER, NOISY),
        assumptions=ASSUMED,
        assertion=Tiling(stated),
        comparison="the derived diagram, exactly; the tiling of the stated regions proved, its certificate checked again; and"
        f" the exponent measured by state evolution at {len(POINTS)} points from slopes at dim to $10^{{15}}$, within {EXPONENT:g}",
        symbolic=from_diagram(_derived, (), (a, b), {decay: (decay > HALF,)}),
        numeric=at_points(_exponent, POINTS, EXPONENT),
        rests_on=("N4.quadratic.balances", "N4.quadratic.sure"),
        twins=(
            Twin("early", "IV ends at $a = 1/4$", cut_at(sp.Rational(1, 4))),
            Twin("diagonal", "no IV, as for the diagonal network: V from $u = 1$ on", cut_at(sp.S.Zero)),
            Twin("half", "V with $(u/d)^{1/2}$", with_(V=half)),
            Twin("gap", "without III", with_(III=None)),
            Twin("overlap", "VIa whatever the penalty", with_(VIa=replace(by_name["VIa"], region=(a > 1, a < 2 * decay)))),
            Twin("swap", "II with the exponent of III", with_(II=replace(by_name["II"], exponent=EXPONENTS["III"]))),
        ),
    )  # fmt: skip
