"""N5: where the boundaries of the diagonal network's diagram run, which phases meet there, and which of them jump."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import sympy as sp

from scalecheck.numerics.networks.diagonal.grid import GridEvolution
from scalecheck.numerics.networks.diagonal.state_equations import solve_grid
from scalecheck.theory.networks.diagonal.diagram import boundaries, phase_diagram
from scalecheck.theory.networks.diagonal.state_equations import PROPORTIONAL_LIMIT
from scalecheck.theory.symbols import a, b, decay

from ...boundaries import Array, BoundaryLaw, Crossing, by_crossing, from_boundaries
from ...claims import Claim, Source, Twin
from ...network_claims import FINITE_POWER, NOISY

HALF = sp.Rational(1, 2)
THRESHOLD_IS_NOISE = (a - 1) / 2
SECOND = (2 - 1 / decay) * (b + HALF - a)

EXPONENTS: Mapping[str, sp.Expr] = {
    "Ib": sp.S.Zero,
    "II": SECOND,
    "III": 2 * (b + 1 - a),
    "IV": a * (1 / (2 * decay) - 1),
    "V": sp.S.Zero,
    "VIa": 1 - a,
    "VIb": 1 - a,
}
"""Exponents of dim in the risk, as N5 states them."""


def boundary_claims() -> tuple[Claim, ...]:
    """All seven."""
    return tuple(_claim(law, wrong) for law, wrong in _laws())


def _law(
    first: str,
    second: str,
    line: sp.Eq,
    along: tuple[sp.Basic, ...],
    continuous: bool,
    *crossings: Crossing,
) -> BoundaryLaw:
    return BoundaryLaw((first, second), line, along, continuous, (EXPONENTS[first], EXPONENTS[second]), crossings)


def _crossing(
    control: str, window: tuple[float, float], fixed: float, gamma: float, mark: str = "turn", noise: float = 1.0
) -> Crossing:
    return Crossing(control, window, fixed, (("decay", gamma), ("noise", noise)), mark)


def _laws() -> tuple[tuple[BoundaryLaw, tuple[str, str]], ...]:
    """Each boundary, with a wrong pair of neighbours for its twin. Crossings end deep inside the two phases."""
    return (*_given_threshold(), *_noise_meets_threshold(), *_no_penalty())


def _given_threshold() -> tuple[tuple[BoundaryLaw, tuple[str, str]], ...]:
    """Where the threshold that the penalty sets passes the largest, then the smallest teacher weight."""
    largest = (_crossing("b", (0.9, 2.4), 2, 1.0), _crossing("b", (1.6, 3.1), 3, 2.0))
    smallest = (_crossing("b", (2.5, 4.3), 5, 1.0), _crossing("b", (1.8, 3.3), 4, 0.75, noise=2.0))
    return (
        (_law("II", "Ib", sp.Eq(b, a - HALF), (a > 0,), True, *largest), ("III", "Ib")),
        (_law("III", "II", sp.Eq(b, a - decay - HALF), (a > 2 * decay,), True, *smallest), ("VIb", "II")),
    )


def _noise_meets_threshold() -> tuple[tuple[BoundaryLaw, tuple[str, str]], ...]:
    """Where threshold and noise are of one size: below all weights the risk passes smoothly, else it jumps."""
    line = sp.Eq(b, THRESHOLD_IS_NOISE)
    below = (_crossing("b", (1.2, 2.9), 5, 1.0, noise=0.5), _crossing("b", (2.0, 3.4), 6.5, 1.5))
    many = (_crossing("b", (0.2, 1.4), 2.5, 3.0, "lowest"), _crossing("b", (0.3, 1.7), 3, 2.5, "lowest", 2.0))
    few = _crossing("b", (-0.9, -0.02), 0.5, 2.0, "lowest")
    return (
        (_law("VIb", "III", line, (a > 2 * decay,), True, *below), ("VIa", "II")),
        (_law("VIa", "II", line, (a > 1, a < 2 * decay), False, *many), ("VIb", "III")),
        (_law("V", "II", line, (a > 0, a < 1), False, few), ("VIa", "II")),
    )


def _no_penalty() -> tuple[tuple[BoundaryLaw, tuple[str, str]], ...]:
    """Where the penalty is negligible: the interpolation peak, and the noise passing the smallest teacher weight."""
    peak = (_crossing("a", (0.5, 2.1), -0.8, 2.0, "highest"), _crossing("a", (0.5, 1.9), -0.5, 1.5, "highest"))
    smallest = (_crossing("a", (1.6, 3.0), -0.5, 1.0, "level", 2.0), _crossing("a", (2.2, 4.0), 0.0, 1.5, "level"))
    return (
        (_law("V", "VIa", sp.Eq(a, 1), (b < 0,), True, *peak), ("II", "VIa")),
        (_law("VIa", "VIb", sp.Eq(a, 2 * decay), (b < decay - HALF,), True, *smallest), ("III", "VIb")),
    )


def _grid(dim: float, samples: Array, weight_decay: Array, parameters: Mapping[str, float]) -> GridEvolution:
    decay_value, noise_value = parameters["decay"], parameters["noise"]
    return solve_grid(dim=dim, samples=samples, weight_decay=weight_decay, decay=decay_value, noise=noise_value)


def log_risk(dim: float, samples: Array, weight_decay: Array, parameters: Mapping[str, float]) -> Array:
    """Log risk by state evolution."""
    return np.asarray(np.log(_grid(dim, samples, weight_decay, parameters).risk))


def log_noise_level(dim: float, samples: Array, weight_decay: Array, parameters: Mapping[str, float]) -> Array:
    """Log of the noise on a weight over the smallest teacher weight: between VIa and VIb the risk does not change its law."""
    found = _grid(dim, samples, weight_decay, parameters)
    return np.asarray(np.log(found.noise_level) + parameters["decay"] * np.log(dim))


_NUMERIC = by_crossing(log_risk, log_noise_level)


def _claim(law: BoundaryLaw, wrong: tuple[str, str]) -> Claim:
    kind = "the exponents agree on it" if law.continuous else "the exponent jumps there"
    stretch = ", ".join(sp.latex(item, symbol_names={decay: r"\gamma"}) for item in law.along)
    equation = sp.latex(law.line, symbol_names={decay: r"\gamma"})
    moved = {
        name: replace(law, line=sp.Eq(law.line.lhs, sp.expand(law.line.rhs * factor), evaluate=False))
        for name, factor in (("up", sp.Rational(21, 20)), ("down", sp.Rational(19, 20)))
    }
    neighbours = replace(law, between=wrong, exponents=(EXPONENTS[wrong[0]], EXPONENTS[wrong[1]]))
    other = "continuous" if not law.continuous else "a jump"
    return Claim(
        id=f"N5.diagonal.boundary.{law.between[0]}-{law.between[1]}",
        title=f"boundary of phases {law.between[0]} and {law.between[1]}",
        statement=f"With $n = d^a$, $\\lambda = d^b$, phases {law.between[0]} and {law.between[1]} meet on ${equation}$ where ${stretch}$, and {kind}.",
        source=Source(("defilippis2025scaling",), "N5", "derived"),
        hypotheses=(FINITE_POWER, NOISY),
        assumptions=(PROPORTIONAL_LIMIT,),
        assertion=law,
        comparison="the derived boundary, exactly; and state evolution on lines across it at dim $10^{4.5}$ to $10^{15}$: the place of"
        " what marks it, extrapolated in $1/\\log d$, within 2%, and the exponents on both sides within 0.1",
        symbolic=from_boundaries(boundaries, phases=lambda: phase_diagram().phases),
        numeric=_NUMERIC,
        rests_on=("N3.diagonal.risk", "N3.diagonal.degrees_of_freedom"),
        twins=(
            Twin("up", "the boundary 5% further up", moved["up"]),
            Twin("down", "the boundary 5% further down", moved["down"]),
            Twin("neighbours", f"between {wrong[0]} and {wrong[1]}", neighbours),
            Twin("kind", other, replace(law, continuous=not law.continuous)),
        ),
    )
