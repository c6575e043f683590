"""Figures of what the quadratic network learns: spectra of minimised problems phase by phase, and their tails."""

from __future__ import annotations

import math

import numpy as np

from scalecheck.numerics.networks.quadratic.experiment import Experiment, simulate
from scalecheck.numerics.networks.quadratic.learned_spectrum import LearnedSpectrum, learned_spectrum
from scalecheck.theory.networks.quadratic.learned_phases import phase_spectrum, tail_of
from scalecheck.theory.networks.quadratic.learned_spectrum import count_above
from scalecheck.theory.networks.quadratic.learned_spectrum import learned_spectrum as derived_spectrum
from scalecheck.theory.networks.quadratic.semicircle import moment_above

from ...figures import FigureData, PanelData, Role, Series
from .figures_common import Array, Point, value

DIM = 60
RUNS, SEED = 5, 3
SHOWN = {
    "II": {"samples": 2000.0, "weight_decay": 2.0, "decay": 1.0, "noise": 0.25},
    "IV": {"samples": 500.0, "weight_decay": 0.02, "decay": 0.75, "noise": 0.5},
    "V": {"samples": 700.0, "weight_decay": 0.02, "decay": 1.5, "noise": 0.5},
    "VIa": {"samples": 4500.0, "weight_decay": 0.02, "decay": 1.0, "noise": 0.5},
}
"""Points that lie by their exponents in these phases, at a size that is minimised in half a second."""
BULKS = {
    "V": {"samples": 1000.0, "weight_decay": 0.02, "decay": 2.0, "noise": 1.0},
    "VIa": {"samples": 7000.0, "weight_decay": 0.02, "decay": 2.0, "noise": 1.0},
}
BULK_DIM, BINS = 80, 10
DEEP = {
    "II": {"samples": 1e20, "weight_decay": 1e2, "decay": 1.0, "noise": 1.0},
    "IV": {"samples": 1e13, "weight_decay": 1e-6, "decay": 1.0, "noise": 1.0},
    "V": {"samples": 1e16, "weight_decay": 1e-6, "decay": 1.0, "noise": 1.0},
    "VIa": {"samples": 1e22, "weight_decay": 1e-2, "decay": 1.0, "noise": 1.0},
}
DEEP_DIM = 1e10


def solved(point: Point, dim: int = DIM) -> tuple[LearnedSpectrum, Experiment]:
    """The law of the learned spectrum at a point, and minimised problems."""
    runs = simulate(
        dim=dim, samples=int(point["samples"]), weight_decay=point["weight_decay"], decay=point["decay"],
        noise=point["noise"], runs=RUNS, seed=SEED,
    ).value  # fmt: skip
    return learned_spectrum(dim=dim, **point).value, runs  # type: ignore[arg-type]


def spectra() -> PanelData:
    """Numbers of learned eigenvalues above x in four phases: minimised problems, free convolution, derived bulk and outliers."""
    return PanelData(tuple((f"phase {name}", _counts(point)) for name, point in SHOWN.items()), shared_legend=True)


def _counts(point: Point) -> FigureData:
    law, runs = solved(point)
    top = float(law.ranked(0.5)[()])
    sizes = np.geomspace(top / 300, 1.1 * top, 150)
    counts, derived = np.asarray(law.tail_count(sizes)), derived_count(law, point["decay"], sizes)
    shown = counts > 0.05
    series = (
        Series("free convolution", Role.SOLUTION, list(sizes[shown]), list(counts[shown])),
        counted(runs.spectra, np.geomspace(top / 250, top, 18)),
        Series("derived: semicircle and outliers", Role.LAW, list(sizes), derived),
    )
    return FigureData("learned eigenvalue x", "number above x", series, legend="none", y_range=(0.4, 1.3 * derived[0]))


def counted(spectra_: Array, marks: Array) -> Series:
    """Mean number of eigenvalues above each mark with its standard error."""
    counts = np.array([[float((row > x).sum()) for x in marks] for row in spectra_])
    means, errors = counts.mean(axis=0), counts.std(axis=0, ddof=1) / math.sqrt(len(counts))
    kept = means >= 1
    label = f"{len(counts)} minimised problems"
    return Series(label, Role.SIMULATION, list(marks[kept]), list(means[kept]), 1, list(errors[kept]))


def derived_count(law: LearnedSpectrum, decay: float, sizes: Array) -> list[float]:
    """Outliers above x by the inverse of y(s) - t, and what of the semicircle is above x + t, in closed form."""
    above, outliers = moment_above(0), count_above()
    given = {"spread": law.sigma, "threshold": law.threshold, "dim": float(DIM), "decay": decay}
    edge = 2 * law.sigma - law.threshold
    told = []
    for x in sizes:
        ratio = min((law.threshold + float(x)) / law.sigma, 2.0)
        bulk = DIM * value(above, {"threshold_over_spread": ratio})
        told.append(bulk + value(outliers, {**given, "size": max(float(x), edge)}))
    return told


def bulks() -> PanelData:
    """Density of the part that fits noise, with the derived semicircle, shifted by the threshold and cut at zero."""
    panels = tuple((f"phase {name}", _bulk(point)) for name, point in BULKS.items())
    return PanelData(panels, shared_legend=True)


def _bulk(point: Point) -> FigureData:
    law, runs = solved(point, BULK_DIM)
    edge = 2 * law.sigma - law.threshold
    sizes = np.linspace(0.004, 1.4, 220) * edge
    series = (
        Series("free convolution", Role.SOLUTION, list(sizes), list(BULK_DIM * law.density(sizes))),
        histogram(runs.spectra, np.linspace(0.0, 1.4 * edge, BINS + 1)),
        *semicircle(law, edge),
    )
    labels = ("learned eigenvalue x", "eigenvalues per unit of x")
    return FigureData(*labels, series, x_scale="linear", y_scale="linear", legend="none")


def histogram(spectra_: Array, edges: Array) -> Series:
    """Mean number of positive eigenvalues per unit of x in each bin with its standard error."""
    positive = [row[row > 0] for row in spectra_]
    counts = np.array([np.histogram(row, edges)[0] for row in positive]) / np.diff(edges)
    means, errors = counts.mean(axis=0), counts.std(axis=0, ddof=1) / math.sqrt(len(counts))
    middle = 0.5 * (edges[1:] + edges[:-1])
    return Series(f"{len(counts)} minimised problems", Role.SIMULATION, list(middle), list(means), 1, list(errors))


def semicircle(law: LearnedSpectrum, edge: float) -> list[Series]:
    """The shifted cut semicircle, and a mark at y(s) - t for each outlier near it."""
    found = derived_spectrum()
    given = {"spread": law.sigma, "threshold": law.threshold}
    sizes = edge * np.linspace(0.0, 1.0, 80)
    heights = [law.dim * value(found.bulk_density, {**given, "size": min(float(x), edge * (1 - 1e-12))}) for x in sizes]
    drawn = [Series("derived: shifted semicircle, outliers at y(s) - t", Role.LAW, list(sizes), heights)]
    places = [value(found.outlier, {**given, "spike": item.teacher}) for item in law.outliers(BULK_DIM)]
    return drawn + [Series("", Role.LAW, [x, x], [0.0, 0.25 * heights[0]]) for x in places if edge < x < 1.4 * edge]


def tails() -> PanelData:
    """Number of learned eigenvalues above x deep in four phases, with the derived tail in its window and the bulk's number."""
    panels = tuple((f"phase {name}", _tail(name, {"dim": DEEP_DIM, **point})) for name, point in DEEP.items())
    return PanelData(panels, shared_legend=True)


def _tail(name: str, point: Point) -> FigureData:
    law = learned_spectrum(**point).value  # type: ignore[arg-type]
    top = float(law.ranked(0.5)[()])
    marks = [value(phase_spectrum(name).bulk_edge, point), value(tail_of(name).lower, point)]
    sizes = np.geomspace(0.02 * min(x for x in marks if x > 0), top, 45)
    series = [Series("learned eigenvalues", Role.SOLUTION, list(sizes), list(law.tail_count(sizes)))]
    series += tail_lines(name, point, float(sizes[0]))
    return FigureData("learned eigenvalue x", "number above x", tuple(series), legend="none")


def tail_lines(name: str, point: Point, smallest: float) -> list[Series]:
    """The derived tail over its window; the derived number of learned eigenvalues of the bulk up to their derived size."""
    tail, spectrum = tail_of(name), phase_spectrum(name)
    exponent, constant = value(tail.exponent, point), value(tail.constant, point)
    window = np.geomspace(value(tail.lower, point), value(tail.upper, point), 30)
    drawn = [
        Series(
            "derived: tail, number in the bulk",
            Role.LAW,
            list(window),
            list(constant / -(exponent + 1) * window ** (exponent + 1)),
        )
    ]
    number, edge = value(spectrum.bulk_count, point), value(spectrum.bulk_edge, point)
    if number > 0:
        drawn.append(Series("", Role.LAW, [smallest, edge], [number, number]))
    return drawn
