"""Figures of the diagonal network: risk against samples, with the derived laws over the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from scalecheck.numerics.networks.diagonal.experiment import simulate
from scalecheck.theory.networks.diagonal.phases import Phase, phases

from ...figures import FigureData, FigurePlan, Role, Series
from ...values import value_at
from .diagram import phase_map
from .figures_parts import error_parts, ranked_weights
from .points import solve_at

MARGIN = 0.03
"""Distance from a boundary, in exponents, at which a law is no longer drawn."""
MAP_DIMS = (4, 8, 12)
"""Powers of ten of dim at which the numeric exponents are mapped."""
MAP_SIZE = 32
"""Points a side of those maps; 4 divides it, so that n = d is on the grid."""


def figures() -> tuple[FigurePlan, ...]:
    """Risk at moderate dim and deep in the phases, parts of the risk, learned weights, maps of exponents."""
    return (
        FigurePlan(
            "diagonal-risk",
            "Risk against samples: laws, state evolution, minimised problems",
            "Diagonal network, $d = 400$, $\\gamma = 1$, $\\Delta = 0.5$. Lines are state evolution, points the mean over"
            " 8 minimised problems with one standard error, dashes the derived laws with their derived constants where"
            " their regions lie. Nothing is fitted.",
            _moderate,
        ),
        FigurePlan(
            "diagonal-deep",
            "The same, deep in the phases",
            "Diagonal network, $d = 10^{10}$, $\\gamma = 1$, $\\Delta = 1$. Lines are state evolution, dashes the derived"
            " laws with their derived constants, each within its derived region.",
            _deep,
        ),
        FigurePlan(
            "diagonal-parts",
            "What the risk is made of",
            "Diagonal network, $d = 10^{10}$, $\\gamma = 5/4$, $\\Delta = 1$, $\\lambda = 10^{-3}$, from phase Ib through V and VIa"
            " into VIb. Lines are state evolution, dashes the derived law of each part in each phase. Where the approximation"
            " changes its sign its absolute value dips.",
            error_parts,
        ),
        FigurePlan(
            "diagonal-weights",
            "Learned weights by size",
            "Diagonal network, $d = 600$, $n = 2400$, $\\lambda = 0.3$, $\\gamma = 3/4$, $\\Delta = 1/4$ (phase VIa). Points are numbers"
            " of learned weights in 6 minimised problems with one standard error, the line is their law"
            " $\\mathrm{soft}(\\theta^* + \\tau z; t)$, the dashes the derived tail. On the left noise is learned, on the right the teacher.",
            ranked_weights,
        ),
        *(_map(power) for power in MAP_DIMS),
    )


def _map(power: int) -> FigurePlan:
    return FigurePlan(
        f"diagonal-phases-{power}",
        f"Phase diagram over numeric exponents, dim = 10^{power}",
        f"Local exponent of the risk in $d$ at fixed $a$ and $b$ by state evolution at $d = 10^{{{power}}}$, $\\gamma = 1$, $\\Delta = 1$;"
        " dashes are the derived boundaries. The column at $a = 1$ is the interpolation peak.",
        partial(phase_map, 10.0**power, "1", MAP_SIZE),
    )


def _moderate() -> FigureData:
    return _data(400, 1.0, 0.5, (0.05, 0.5, 5.0), np.geomspace(10, 2e5, 70), simulated=(40, 120, 360, 1200))


def _deep() -> FigureData:
    return _data(10**10, 1.0, 1.0, (1e-3, 1e2, 1e6), np.geomspace(1e2, 1e25, 120))


def _data(
    dim: int,
    decay: float,
    noise: float,
    weight_decays: Sequence[float],
    samples: np.ndarray[tuple[int], np.dtype[np.float64]],
    simulated: Sequence[int] = (),
) -> FigureData:
    series: list[Series] = []
    for group, weight_decay in enumerate(weight_decays):
        controls = {"dim": dim, "weight_decay": weight_decay, "decay": decay, "noise": noise}
        risks = [solve_at({**controls, "samples": float(n)}).value.risk for n in samples]
        series.append(Series(f"λ = {weight_decay:g}", Role.SOLUTION, list(samples), risks, group))
        series += _laws(controls, samples, first=group == 0)
        if simulated:
            series.append(_simulated(controls, simulated, group))
    return FigureData("samples n", "excess risk R", tuple(series))


def _simulated(controls: dict[str, float], sizes: Sequence[int], group: int) -> Series:
    runs = [simulate(samples=n, runs=8, seed=11, **controls).value for n in sizes]  # type: ignore[arg-type]
    means, errors = [run.risk_mean for run in runs], [run.risk_stderr or 0.0 for run in runs]
    return Series("minimised problems" if group == 0 else "", Role.SIMULATION, list(sizes), means, group, errors)


def _laws(
    controls: dict[str, float], samples: np.ndarray[tuple[int], np.dtype[np.float64]], *, first: bool
) -> list[Series]:
    drawn: list[Series] = []
    for phase in phases():
        chosen = [float(n) for n in samples if _inside(phase, {**controls, "samples": float(n)})]
        if len(chosen) > 1:
            values = [value_at(phase.leading, {**controls, "samples": n}) for n in chosen]
            drawn.append(Series("derived law" if first and not drawn else "", Role.LAW, chosen, values))
    return drawn


def _inside(phase: Phase, point: dict[str, float]) -> bool:
    """Whether a finite point lies in the region by a margin, with its exponents read off at this dim."""
    logs = {
        "a": np.log(point["samples"]) / np.log(point["dim"]),
        "b": np.log(point["weight_decay"]) / np.log(point["dim"]),
    }
    values = {**point, **logs}
    return all(value_at(item.gts - item.lts, values) > MARGIN for item in phase.region)
