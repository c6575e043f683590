"""Figures of the interpolation peak of the quadratic network: how high it is, where it stops growing, and its shape."""

from __future__ import annotations

import numpy as np

from scalecheck.theory.networks.quadratic.peak import peak, peak_laws

from ...figures import FigureData, PanelData, Role, Series
from .figures_common import Array, inside, value
from .figures_risk import threshold_samples
from .points import solve_at

DECAY, NOISE = 0.75, 1.0
"""A decay below one: there the level at which the peak stops growing has its constant in closed form."""
DIMS = (8, 11, 14)
"""Powers of ten of dim."""
SHAPE_DECAYS = (-2, -4)
"""Powers of ten of the weight decay whose peaks are scaled onto one curve."""
SHAPE_DIM, SHAPE_DECAY = 1e12, 2.0
"""Where the teacher's mean eigenvalue moves those peaks by less than the width of a line."""


def heights() -> PanelData:
    """Height against weight decay with growth and saturation, and the shape of the peak on its derived scales."""
    return PanelData((("height at n = d²/4", _heights()), ("shape, on the derived scales", _shape())))


def _heights() -> FigureData:
    series: list[Series] = []
    for group, power in enumerate(DIMS):
        fixed = {"dim": 10.0**power, "decay": DECAY, "noise": NOISE, "samples": threshold_samples(10.0**power)}
        decays = np.geomspace(10.0 ** (-1.2 * power), 0.3, 16)
        risks = [solve_at({**fixed, "weight_decay": float(lam)}).value.risk for lam in decays]
        series.append(Series(f"$d = 10^{{{power}}}$", Role.SOLUTION, list(decays), risks, group))
        # Growth is one law for all dims: it is drawn once, where it is longest.
        laws = law_series(fixed, decays, "derived laws")
        series += laws if power == DIMS[-1] else laws[1:]
    return FigureData("weight decay λ", "excess risk R at n = d²/4", tuple(series))


def law_series(fixed: dict[str, float], decays: Array, label: str) -> list[Series]:
    """Growth like λ^(-2/3) and the level where it ends, each on its own side of the derived wall."""
    drawn: list[Series] = []
    for law in peak_laws():
        if law.constant is None or not inside((law.condition,), {**fixed, "weight_decay": 1.0}, 0.0):
            continue
        points = [{**fixed, "weight_decay": float(lam)} for lam in decays]
        kept = [point for point in points if inside(law.along, point, 0.0)]
        exponents = [np.log(point["weight_decay"]) / np.log(point["dim"]) for point in kept]
        told = [
            value(law.constant, point) * point["dim"] ** value(law.exponent, {**point, "b": b})
            for point, b in zip(kept, exponents)
        ]
        if len(kept) > 1:
            drawn.append(Series("" if drawn else label, Role.LAW, [p["weight_decay"] for p in kept], told))
    return drawn


def _shape() -> FigureData:
    """R over its derived height against ε = n/(d²/4) - 1 over its derived width."""
    series: list[Series] = []
    for group, power in enumerate(SHAPE_DECAYS):
        point = {"dim": SHAPE_DIM, "decay": SHAPE_DECAY, "noise": 1.0, "weight_decay": 10.0**power}
        height, width = value(peak().height, point), value(peak().width, point)
        places = 6 * np.sinh(np.linspace(-3, 3, 37)) / np.sinh(3)
        samples = threshold_samples(SHAPE_DIM) * (1 + width * places)
        risks = [solve_at({**point, "samples": float(n)}).value.risk / height for n in samples]
        series.append(Series(f"$\\lambda = 10^{{{power}}}$", Role.SOLUTION, list(places), risks, group))
    return FigureData(
        "(n/(d²/4) - 1)/derived width", "R/derived height", (*series, *curve()), x_scale="linear", y_scale="linear"
    )  # fmt: skip


def curve() -> list[Series]:
    """The derived curve ε = ± width √(depth² - √depth), depth = height/R."""
    equation = peak().equation
    levels = np.concatenate([[1.0], 1 + np.geomspace(1e-4, 6, 60)])
    point = {"weight_decay": 1.0, "noise": 1.0}
    width = value(peak().width, point)
    sides = (
        np.array([max(value(equation.rhs, {**point, "depth": float(depth)}), 0.0) for depth in levels]) ** 0.5 / width
    )
    kept = sides <= 6
    both = np.concatenate([-sides[kept][::-1], sides[kept]])
    heights_ = 1 / np.concatenate([levels[kept][::-1], levels[kept]])
    return [Series("derived curve", Role.LAW, list(both), list(heights_))]
