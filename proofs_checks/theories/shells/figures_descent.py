"""Epoch-wise double descent in its parts: signal and label noise on three shells, with the predictions for far-apart shells (S12)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import sympy as sp

from scalecheck.numerics.shells.descent import Shells, descent
from scalecheck.theory.shells.descent import easy, fast, hard, middle, separated_shells, slow, wrong

from ...figures import FigureData, PanelData, Role, Series

RATES = {fast: 1e3, middle: 1.0, slow: 1e-3}
"""Eigenvalues of easy signal, label noise, hard signal."""


def parts() -> PanelData:
    """Risk, its signal part and its noise part; the first minimum wins on the left, the end on the right."""
    return PanelData(
        (
            ("s₃ = 0.3 < η = 0.8: stop early", _panel({easy: 1.0, wrong: 0.8, hard: 0.3})),
            ("s₃ = 0.8 > η = 0.3: train on", _panel({easy: 1.0, wrong: 0.3, hard: 0.8})),
        ),
        shared_legend=True,
    )


def _panel(energies: Mapping[sp.Symbol, float]) -> FigureData:
    rates = list(RATES.values())
    signal, noise = [energies[easy], 0.0, energies[hard]], [0.0, energies[wrong], 0.0]
    times = np.geomspace(1e-5, 1e4, 300)
    grid = list(times)
    learned = Shells.checked(rates, signal, [0.0] * 3).risk(times)
    fitted = Shells.checked(rates, [0.0] * 3, noise).risk(times)
    found = descent(rates, signal, noise).value
    marks = [(extremum.time, extremum.risk) for extremum in found.extrema]
    return FigureData(
        "time t",
        "in-sample excess risk",
        (
            Series("signal not learned yet", Role.SOLUTION, grid, list(learned), 4),
            Series("label noise fitted", Role.SOLUTION, grid, list(fitted), 2),
            Series("risk R, their sum", Role.SOLUTION, grid, list(learned + fitted)),
            Series("extrema of R", Role.SIMULATION, [t for t, _ in marks], [r for _, r in marks], 1),
            *_predictions(energies),
        ),
        y_scale="linear",
    )


def _predictions(energies: Mapping[sp.Symbol, float]) -> list[Series]:
    """Minimum, maximum and end as derived, each around the time that the derivation places it at."""
    law = separated_shells()
    told = {**RATES, **energies}
    early, late = 1 / sp.sqrt(fast * middle), 1 / sp.sqrt(middle * slow)
    spans = (
        (law.minimum, early / 100, early * 40),
        (law.maximum, late / 100, late * 40),
        (law.end, sp.Rational(1, 40) / slow, 10 / slow),
    )
    series: list[Series] = []
    for value, begin, end in spans:
        level = float(value.subs(told))
        label = "derived, shells far apart" if not series else ""
        series.append(Series(label, Role.LAW, [float(begin.subs(told)), float(end.subs(told))], [level, level]))
    return series
