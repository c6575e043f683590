"""Networks that were really trained: the energy budget of their shells, and how far the closure describes them (S5, S6, S13)."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from scalecheck.numerics.shells.budget import Budget, budget, shell_edges
from scalecheck.numerics.shells.closure import EXPLAINED, LAZY, ClosureStatus, study
from scalecheck.numerics.shells.networks import KINDS, network
from scalecheck.numerics.shells.training import Run, train

from ...figures import FigureData, PanelData, Role, Series

Array = NDArray[np.float64]

SAMPLES, DIM, SEED = 20, 6, 1
TIME = 300.0
"""Length of a run in units of 1/λ_max at the start."""
SCALES = (0.3, 1.0, 3.0, 10.0)
"""Output scales, from feature learning to lazy."""
WINDOWS = ((0.3, 1.0), (3.0, 10.0), (30.0, 100.0))
"""Windows of time whose budgets are drawn, in units of 1/λ_max at the start."""
MEASURED = (ClosureStatus.HOLDS, ClosureStatus.SMOOTH, ClosureStatus.FAILS)


@cache
def trained(kind: str, scale: float, width: int) -> tuple[Run, float]:
    """The run, and its largest eigenvalue at the start. One task for all: a smooth function of decaying inputs."""
    generator = np.random.default_rng(SEED)
    inputs = generator.standard_normal((SAMPLES, DIM)) * np.arange(1, DIM + 1) ** -0.5
    labels = np.sin(inputs @ generator.standard_normal(DIM)) + 0.3 * inputs[:, 0] ** 2
    net = network(kind, inputs, width=width, scale=scale)
    top = float(np.linalg.norm(net.jacobian(net.initial(0)), 2)) ** 2
    return train(net, labels, time=TIME / top).value, top


def energy_budget() -> PanelData:
    """What each shell loses and gains in three windows of a run, and what is left of the balance."""
    run, top = trained("tanh", 0.3, 8)
    edges = shell_edges(floor=1e-4 * top, top=30.0 * top, width=1.0)
    times = np.array(sorted({0.0, *(end / top for window in WINDOWS for end in window)}))
    found = budget(run, edges=edges, times=times).value
    panels = [(f"$t\\lambda_{{max}}$ from {begin:g} to {end:g}", _window(found, begin / top)) for begin, end in WINDOWS]
    return PanelData((*panels, ("what is left of the balance", _residual(found, top))), shared_legend=True)


def _places(found: Budget) -> Array:
    """Middles of the shells; the lowest, open below, one width under its edge."""
    width = found.edges[1] / found.edges[0]
    return np.concatenate([[found.edges[0] / np.sqrt(width)], found.edges * np.sqrt(width)])


def _window(found: Budget, begin: float) -> FigureData:
    """Both sides of dE/dt = -D + (flux in) - (flux out), integrated over a window, relative to the energy at its start."""
    index = int(np.argmin(np.abs(found.times - begin)))
    whole = float(found.energy[index].sum())
    change = (found.energy[index + 1] - found.energy[index]) / whole
    decayed = -found.decayed[index] / whole
    flux = np.concatenate([[0.0], found.flux[index], [0.0]]) / whole
    net = flux[:-1] - flux[1:]
    places = _places(found)
    x = list(places)
    return FigureData(
        "eigenvalue λ of the shell",
        "share of the energy",
        (
            Series("decayed, -∫D dt", Role.SOLUTION, x, list(decayed), 1),
            Series("flux in less flux out", Role.SOLUTION, x, list(net), 2),
            Series("change of energy", Role.SIMULATION, x, list(change), 0),
            Series("derived: decay and fluxes together", Role.LAW, x, list(decayed + net)),
        ),
        y_scale="linear",
        legend="none",
    )


def _residual(found: Budget, top: float) -> FigureData:
    """The largest closure of any shell in each window beside the largest flux."""
    middle = [float(t) for t in np.sqrt(np.maximum(found.times[:-1], 0.1 * found.times[1]) * found.times[1:]) * top]
    scale = float(found.energy[0].sum())
    closure = np.abs(found.closure).max(axis=1)
    flux = np.abs(found.flux).max(axis=1) / scale
    return FigureData(
        "time $t\\lambda_{max}$",
        "share of the energy at the start",
        (
            Series("largest flux through an edge", Role.SIMULATION, middle, list(flux), 4),
            Series("largest residual of the balance", Role.SIMULATION, middle, list(np.maximum(closure, 1e-17)), 3),
        ),
        legend="none",
    )


def closure_residuals() -> PanelData:
    """How much energy is transported, and how much of it a velocity explains, from feature learning to lazy."""
    amounts: list[Series] = []
    residuals: list[Series] = []
    for group, kind in enumerate(KINDS):
        width = DIM if kind == "diagonal" else 8
        found = [study(trained(kind, scale, width)[0]).closure.value for scale in SCALES]
        amounts.append(Series(kind, Role.SIMULATION, list(SCALES), [row.lazy_ratio for row in found], group))
        kept = [(scale, row) for scale, row in zip(SCALES, found) if row.status in MEASURED]
        scales = [scale for scale, _ in kept]
        residuals.append(Series("", Role.SIMULATION, scales, [row.residual for _, row in kept], group))
        residuals.append(Series("", Role.SOLUTION, scales, [row.smooth_residual for _, row in kept], group))
    ends = [SCALES[0], SCALES[-1]]
    amounts.append(Series("", Role.LAW, ends, [LAZY, LAZY]))
    residuals.append(Series("", Role.LAW, ends, [EXPLAINED, EXPLAINED]))
    return PanelData(
        (
            ("below the dashes there is no transport", FigureData("output scale", "Σ|flux| / Σ decay", tuple(amounts), legend="none")),
            (
                "closure residual; it holds below the dashes",
                FigureData("output scale", "unexplained share of the flux", tuple(residuals), y_scale="linear", legend="none",
                           y_range=(0.0, 2.2)),
            ),
        ),
        shared_legend=True,
    )  # fmt: skip
