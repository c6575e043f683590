"""Figures of the risk of the quadratic network: against samples with its derived laws over it, and in its parts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import sympy as sp

from scalecheck.numerics.networks.quadratic.experiment import simulate
from scalecheck.theory.networks.quadratic.decomposition_laws import PARTS
from scalecheck.theory.networks.quadratic.peak import peak
from scalecheck.theory.networks.quadratic.phases import phase

from ...figures import FigureData, PanelData, Role, Series
from .figures_common import DECENT, Array, Laws, Point, exponents, law_lines, part_laws, value
from .points import solve_at

MODERATE = {"dim": 30.0, "decay": 2.0, "noise": 1.0}
"""A size at which problems are minimised within a tenth of a second."""
WEIGHT_DECAYS = (0.02, 0.3, 4.0)
RUNS, SEED = 5, 20
MINIMISED = (30, 90, 225, 450, 1350)
DEEP = {"dim": 1e10, "decay": 1.0, "noise": 1.0}
LINE = {"dim": 1e10, "decay": 1.5, "noise": 1.0}
ROUNDING = 1e-12
"""The approximation error is the remainder of the risk: below this share of it there is only rounding."""
EXPONENT = "a, with $n = d^{1 + a}$"


def threshold_samples(dim: float) -> float:
    """Samples at the interpolation peak, the derived d²/4."""
    return value(peak().samples, {"dim": dim})


def grid(low: float, high: float, points: int, dim: float) -> Array:
    """Samples from low to high, closer to each other about the peak."""
    width = np.geomspace(0.004, 0.4, 4)
    factors = np.concatenate([1 - width, [1.0], 1 + width])
    about = [n for n in threshold_samples(dim) * factors if low < n < high]
    return np.unique(np.concatenate([np.geomspace(low, high, points), about]))


def leading(name: str, point: Point) -> Laws:
    """The law of the risk in a phase, the same at every point."""
    return ((phase(name).leading, sp.true),)


def moderate_risk() -> PanelData:
    """Risk against samples at a moderate size, with minimised problems of both designs."""
    samples = np.union1d(np.geomspace(12, 6000, 20), threshold_samples(MODERATE["dim"]) * np.linspace(0.8, 1.5, 7))
    lines = [series for group in range(len(WEIGHT_DECAYS)) for series in _moderate(samples, group)]
    panels = []
    for design, title in (
        ("gaussian", "Gaussian features of the same covariance"),
        ("real", "the network's own features"),
    ):
        points = [minimised(weight_decay, design, group) for group, weight_decay in enumerate(WEIGHT_DECAYS)]
        panels.append((title, FigureData("samples n", "excess risk R", (*lines, *points))))
    return PanelData(tuple(panels), shared_legend=True)


def _moderate(samples: Array, group: int) -> list[Series]:
    """State evolution with its laws, and where the peak is derived to be."""
    weight_decay = WEIGHT_DECAYS[group]
    points = [{**MODERATE, "samples": float(n), "weight_decay": weight_decay} for n in samples]
    risks = [solve_at(point).value.risk for point in points]
    series = [Series(f"λ = {weight_decay:g}", Role.SOLUTION, list(samples), risks, group)]
    series += law_lines(leading, points, list(samples), "derived law, derived place of the peak" if group == 0 else "")
    return [*series, *peak_mark(max(risks))] if group == 0 else series


def peak_mark(top: float) -> list[Series]:
    """A line where the peak is derived to be."""
    place = threshold_samples(MODERATE["dim"])
    return [Series("", Role.LAW, [place, place], [0.5 * top, 1.4 * top])]


def minimised(weight_decay: float, design: str, group: int) -> Series:
    """Mean risk of minimised problems with its standard error."""
    runs = [
        simulate(
            dim=int(MODERATE["dim"]), samples=n, weight_decay=weight_decay, decay=MODERATE["decay"],
            noise=MODERATE["noise"], runs=RUNS, seed=SEED, design=design,
        ).value
        for n in MINIMISED
    ]  # fmt: skip
    means, errors = [run.risk_mean for run in runs], [run.risk_stderr or 0.0 for run in runs]
    return Series(f"minimised, λ = {weight_decay:g}", Role.SIMULATION, list(MINIMISED), means, group, errors)


def deep_risk() -> PanelData:
    """Risk against samples deep in the phases, for small and large weight decay."""
    small, large = grid(3e8, 1e35, 30, DEEP["dim"]), np.geomspace(1e13, 1e50, 36)
    return PanelData((("small λ", _deep(small, (-6, -2))), ("large λ", _deep(large, (1, 12)))))


def _deep(samples: Array, powers: Sequence[int]) -> FigureData:
    series: list[Series] = []
    for group, power in enumerate(powers):
        points = [{**DEEP, "samples": float(n), "weight_decay": 10.0**power} for n in samples]
        places = [exponents(point)["a"] for point in points]
        risks = [solve_at(point).value.risk for point in points]
        series.append(Series(f"$\\lambda = 10^{{{power}}}$", Role.SOLUTION, places, risks, group))
        series += law_lines(leading, points, places, "derived law" if group == 0 else "")
    return FigureData(EXPONENT, "excess risk R", tuple(series), x_scale="linear")


def error_parts() -> PanelData:
    """Overfitting, underfitting and approximation along two paths, with the derived law of each in each phase."""
    small, large = grid(1e7, 1e46, 40, LINE["dim"]), np.geomspace(1e30, 1e60, 32)
    panels = (("$\\lambda = 10^{-8}$", _parts(1e-8, small)), ("$\\lambda = 10^{18}$", _parts(1e18, large)))
    return PanelData(panels, shared_legend=True)


def _parts(weight_decay: float, samples: Array) -> FigureData:
    points = [{**LINE, "weight_decay": weight_decay, "samples": float(n)} for n in samples]
    places = np.array([exponents(point)["a"] for point in points])
    solved = [solve_at(point).value for point in points]
    floor = np.array([ROUNDING * state.risk for state in solved])
    series: list[Series] = []
    for group, part in enumerate(PARTS):
        values = np.array([abs(getattr(state.decomposition, part)) for state in solved])
        shown = values > (floor if part == "approximation" else 1e-3 * floor)
        series.append(Series(part, Role.SOLUTION, list(places[shown]), list(values[shown]), group))
        series += law_lines(partial(settled_laws, part), points, list(places), "derived law" if group == 0 else "")
    return FigureData(EXPONENT, "part of the risk (absolute value)", tuple(series), x_scale="linear", legend="none")


def settled_laws(part: str, name: str, point: Point) -> Laws:
    """The laws of a part in a phase, but not that of overfitting in IV where the bulk's, which is that of V, is no less."""
    laws = part_laws(name, part)
    if (part, name) == ("overfitting", "IV"):
        bulk = value(phase("V").leading, point)
        return [(law, condition) for law, condition in laws if bulk < DECENT * value(law, point)]
    return laws
