"""N5: where the boundaries of the quadratic network's diagram run, which phases meet there, and which of them jump."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import sympy as sp

from scalecheck.numerics.networks.quadratic.state_equations import StateEvolution
from scalecheck.theory.networks.quadratic.diagram import boundaries, phase_diagram
from scalecheck.theory.symbols import a, b, decay

from ...boundaries import BoundaryLaw, Crossing, from_boundaries
from ...claims import Claim, Source, Twin
from ...network_claims import FINITE_POWER, NOISY
from ...sides import by_sides
from .observing import ASSUMED, PAPERS, solved

HALF = sp.Rational(1, 2)
END_OF_SIGNAL = 4 * decay / (14 * decay - 5)

EXPONENTS: Mapping[str, sp.Expr] = {
    "Ia": sp.S.Zero,
    "Ib": sp.S.Zero,
    "II": (2 - 1 / decay) * (b + HALF - a),
    "III": 2 * (b + 1 - a),
    "IV": a * (1 / (2 * decay) - 1),
    "V": sp.Rational(2, 5) * (a - 1),
    "VIa": 1 - a,
    "VIb": 1 - a,
}
"""Exponents of dim in the risk, as N5 states them."""
RAISED = math.log(4.0)
"""The level of log t/σ that is followed: any number above the edge of the bulk at 2σ; in the exponent it makes no difference."""


def boundary_claims() -> tuple[Claim, ...]:
    """All eleven; the peak has claims of its own."""
    return tuple(_claim(law, wrong, level) for law, wrong, level in _laws())


def _law(
    first: str, second: str, line: sp.Eq, along: tuple[sp.Basic, ...], continuous: bool, *crossings: Crossing
) -> BoundaryLaw:
    return BoundaryLaw((first, second), line, along, continuous, (EXPONENTS[first], EXPONENTS[second]), crossings)


def _crossing(
    control: str, window: tuple[float, float], fixed: float, gamma: float, mark: str = "turn", noise: float = 1.0
) -> Crossing:
    return Crossing(control, window, fixed, (("decay", gamma), ("noise", noise)), mark)


Row = tuple[BoundaryLaw, tuple[str, str], str]


def _laws() -> tuple[Row, ...]:
    """Each boundary, a wrong pair of neighbours for its twin, and which level is followed across it (see `_level`)."""
    return (*_given_threshold(), *_threshold_meets_bulk(), *_no_penalty())


def _given_threshold() -> tuple[Row, ...]:
    """Where the threshold that the penalty sets passes the largest, then the smallest teacher eigenvalue."""
    largest = (_crossing("b", (0.9, 2.4), 2, 1.0), _crossing("b", (1.6, 3.3), 3, 2.0, noise=2.0))
    smallest = (_crossing("b", (2.6, 4.3), 5, 1.0), _crossing("b", (1.9, 3.3), 4, 0.75, noise=2.0))
    return (
        (_law("II", "Ib", sp.Eq(b, a - HALF), (a > 0,), True, *largest), ("III", "Ib"), "edge"),
        (_law("III", "II", sp.Eq(b, a - decay - HALF), (a > 2 * decay,), True, *smallest), ("VIb", "II"), "edge"),
    )


def _threshold_meets_bulk() -> tuple[Row, ...]:
    """b = (a - 1)/2, where the threshold passes the edge of the bulk: six stretches, on two of which the risk jumps."""
    line = sp.Eq(b, a / 2 - HALF, evaluate=False)
    few = (_crossing("b", (-1.4, 0.2), -0.5, 1.0, "level"),)
    # The level is reached up to R/Δ, which dies as slowly as u^(-1 + 1/(2γ)): loud noise makes it small from the start.
    signal = (
        _crossing("b", (-0.9, -0.1), 0.45, 0.75, "level", 10.0),
        _crossing("b", (-0.9, -0.05), 0.5, 0.65, "level", 10.0),
    )
    bulk = (_crossing("b", (-0.8, 0.1), 0.6, 3.0, "level"),)
    many = (_crossing("b", (0.1, 1.5), 2.5, 3.0, "level"), _crossing("b", (0.3, 1.9), 3, 2.5, "level", 2.0))
    below = (_crossing("b", (1.2, 2.9), 5, 1.0, noise=0.5), _crossing("b", (1.4, 3.2), 5.5, 1.5))
    return (
        (_law("Ia", "Ib", line, (a < 0,), True, *few), ("Ia", "II"), "edge"),
        (_law("IV", "II", line, (a > 0, a < END_OF_SIGNAL), True, *signal), ("V", "II"), "edge"),
        (_law("V", "II", line, (a > END_OF_SIGNAL, a < 1), False, *bulk), ("VIa", "II"), "edge"),
        (_law("VIa", "II", line, (a > 1, a < 2 * decay), False, *many), ("VIb", "III"), "edge"),
        (_law("VIb", "III", line, (a > 2 * decay,), True, *below), ("VIa", "II"), "edge"),
    )


def _no_penalty() -> tuple[Row, ...]:
    """Where the penalty is negligible: samples for the first spike, the bulk's turn, d² of them, and the last spike."""
    edge = -5 * (2 * decay - 1) / (2 * (14 * decay - 5))
    start = (_crossing("a", (-0.8, 0.3), -3, 1.25, "level"), _crossing("a", (-0.8, 0.28), -3, 1.5, "level", 2.0))
    turn = (_crossing("a", (0.25, 0.75), -3, 1.0, "level"), _crossing("a", (0.22, 0.7), -3, 1.5, "level", 0.5))
    dense = (_crossing("a", (0.62, 1.8), -3, 3.0), _crossing("a", (0.6, 1.7), -4, 2.5, noise=2.0))
    last = (_crossing("a", (1.6, 3.0), -0.5, 1.0, "level", 2.0), _crossing("a", (2.2, 4.0), 0.0, 1.5, "level"))
    return (
        (_law("Ia", "IV", sp.Eq(a, 0), (b < -HALF,), True, *start), ("Ia", "V"), "largest"),
        (_law("IV", "V", sp.Eq(a, END_OF_SIGNAL), (b < edge,), True, *turn), ("IV", "VIa"), "bulk"),
        (_law("V", "VIa", sp.Eq(a, 1), (b < 0,), True, *dense), ("IV", "VIa"), "edge"),
        (_law("VIa", "VIb", sp.Eq(a, 2 * decay), (b < decay - HALF,), True, *last), ("III", "VIb"), "smallest"),
    )


def log_risk_and_level(
    level: str, dim: float, place: tuple[float, float], parameters: Mapping[str, float]
) -> tuple[float, float]:
    """Log risk, and the log of the level that is followed."""
    gamma, noise = parameters["decay"], parameters["noise"]
    found = solved(dim, dim ** (place[0] + 1), dim ** place[1], gamma, noise).value
    return math.log(found.risk), _level(level, found, dim, gamma)


def _level(name: str, found: StateEvolution, dim: float, gamma: float) -> float:
    """Log of a ratio that is one at the boundary.

    "edge": threshold over the raised edge of the bulk. "largest", "smallest": σ over that eigenvalue of the teacher.
    "bulk": overfitting over the rest of the risk; in IV both are of one order and the ratio below one, in V it grows.
    """
    log_spread = math.log(found.noise_level) + 0.5 * math.log(dim / 2)
    if name == "edge":
        return math.log(found.threshold) - log_spread - RAISED
    if name == "bulk":
        parts = found.decomposition
        return math.log(parts.overfitting) - math.log(parts.underfitting + parts.approximation)
    return log_spread - {"largest": 0.5, "smallest": 0.5 - gamma}[name] * math.log(dim)


def _claim(law: BoundaryLaw, wrong: tuple[str, str], level: str) -> Claim:
    def logs(dim: float, a_value: float, b_value: float, parameters: Mapping[str, float]) -> tuple[float, float]:
        return log_risk_and_level(level, dim, (a_value, b_value), parameters)

    kind = "the exponents agree on it" if law.continuous else "the exponent jumps there"
    stretch = ", ".join(sp.latex(item, symbol_names={decay: r"\gamma"}) for item in law.along)
    equation = sp.latex(law.line, symbol_names={decay: r"\gamma"})
    neighbours = replace(law, between=wrong, exponents=(EXPONENTS[wrong[0]], EXPONENTS[wrong[1]]))
    return Claim(
        id=f"N5.quadratic.boundary.{law.between[0]}-{law.between[1]}",
        title=f"boundary of phases {law.between[0]} and {law.between[1]}",
        statement=f"With $u = n/d = d^a$, $\\lambda = d^b$, phases {law.between[0]} and {law.between[1]} meet on ${equation}$ where"
        f" ${stretch}$, and {kind}.",
        source=Source(PAPERS, "N5", "derived"),
        hypotheses=(FINITE_POWER, NOISY),
        assumptions=ASSUMED,
        assertion=law,
        comparison="the derived boundary, exactly; and state evolution at four points on lines across it at dim to $10^{15}$: where the"
        " exponents meet (or a named level is passed) within 2%, and the exponents on both sides within 0.05",
        symbolic=from_boundaries(boundaries, phases=lambda: phase_diagram().phases),
        numeric=by_sides(logs),
        rests_on=("N4.quadratic.balances", "N4.quadratic.sure"),
        twins=(
            Twin("up", "the boundary 5% further up", _moved(law, 1)),
            Twin("down", "the boundary 5% further down", _moved(law, -1)),
            Twin("neighbours", f"between {wrong[0]} and {wrong[1]}", neighbours),
            Twin("kind", "the other kind", replace(law, continuous=not law.continuous)),
        ),
    )  # fmt: skip


def _moved(law: BoundaryLaw, sign: int) -> BoundaryLaw:
    """The line 5% away; the line a = 0 by as much as one at one would be."""
    shift = sp.Rational(sign, 20)
    right = shift if law.line.rhs == 0 else sp.expand(law.line.rhs * (1 + shift))
    return replace(law, line=sp.Eq(law.line.lhs, right, evaluate=False))
