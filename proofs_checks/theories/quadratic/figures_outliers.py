"""Figures of the free convolution against large random matrices: bulk, outliers, and how much of a teacher they show."""

from __future__ import annotations

import math

import numpy as np
import sympy as sp

from scalecheck.numerics.networks.quadratic.experiment import simulate
from scalecheck.numerics.networks.quadratic.free_convolution import FreeConvolution, free_convolution
from scalecheck.numerics.networks.quadratic.learned_spectrum import LearnedSpectrum, learned_spectrum
from scalecheck.numerics.networks.quadratic.spectrum import AtomicSpectrum, PowerLawSpectrum
from scalecheck.numerics.networks.teacher import PowerLaw
from scalecheck.theory.networks.quadratic.free_convolution import two_atoms
from scalecheck.theory.networks.quadratic.outliers import isolated, merging

from ...figures import FigureData, PanelData, Role, Series
from .figures_common import Array, value

SEED = 5
DIM = 1000
ATOM, ATOM_SPREAD = 1.0, 0.8
"""Two atoms at ±1 under a semicircle that has not merged them yet: the case with a closed form."""
DECAY, SPREAD = 0.75, 2.5
SMALL_DIM, SMALL_SPREAD, DRAWS = 600, 0.3, 3
"""Matrices whose spikes crowd long before they end, k_merge ≪ (√d/σ)^{1/γ}."""
LEARNED = {"dim": 60, "samples": 4500, "weight_decay": 0.02, "decay": 2.0, "noise": 0.5}
LEARNED_RUNS = 8


def symmetric_noise(dim: int, spread: float, generator: np.random.Generator) -> Array:
    """A symmetric Gaussian matrix whose eigenvalues follow the semicircle of variance spread²."""
    matrix = generator.standard_normal((dim, dim))
    return (matrix + matrix.T) * (spread / math.sqrt(2.0 * dim))


def matrices() -> PanelData:
    """Spectra of large random matrices with the free convolution and what of it has a closed form."""
    bulk, ranks = _power_law()
    return PanelData(
        (("two atoms", _two_atoms()), ("power-law teacher: bulk", bulk), ("power-law teacher: by rank", ranks)),
        columns=3,
    )


def _two_atoms() -> FigureData:
    signs = np.repeat([-ATOM, ATOM], DIM // 2)
    noise = symmetric_noise(DIM, ATOM_SPREAD, np.random.default_rng(SEED))
    eigenvalues = np.asarray(np.linalg.eigvalsh(np.diag(signs) + noise), dtype=np.float64)
    law = free_convolution(AtomicSpectrum([-ATOM, ATOM]), ATOM_SPREAD**2)
    low, high = law.support[0].low, law.support[-1].high
    sizes = np.linspace(low, high, 161)
    return FigureData(
        "eigenvalue", "density",
        (
            Series("free convolution", Role.SOLUTION, list(sizes), list(law.density(sizes).value)),
            density_points(eigenvalues, np.linspace(1.05 * low, 1.05 * high, 41), f"a matrix, d = {DIM}"),
            Series("derived", Role.LAW, *closed_form()),
        ),
        x_scale="linear", y_scale="linear", y_range=(0.0, 0.5),
    )  # fmt: skip


def closed_form() -> tuple[list[float], list[float]]:
    """Points and density of the case of two atoms, along the real part of the derived curve."""
    found = two_atoms()
    given = {"spread": ATOM_SPREAD, "spike": ATOM}
    letter = next(s for s in found.location.free_symbols if s.name not in given)
    square, places, heights = sp.expand(found.height**2), [], []
    for u in np.linspace(-1.6, 1.6, 161):
        point = {**given, letter.name: float(u)}
        height = math.sqrt(max(value(square, point), 0.0))
        if height > 0:
            places.append(value(found.location, point))
            heights.append(height / (math.pi * ATOM_SPREAD**2))
        else:
            places.append(math.nan)
            heights.append(math.nan)
    return places, heights


def density_points(eigenvalues: Array, edges: Array, label: str) -> Series:
    """A histogram as points."""
    heights = np.histogram(eigenvalues, edges)[0] / np.diff(edges) / eigenvalues.size
    return Series(label, Role.SIMULATION, list(0.5 * (edges[1:] + edges[:-1])), list(heights), 1)


def _power_law() -> tuple[FigureData, FigureData]:
    teacher: Array = math.sqrt(DIM) * np.arange(1.0, DIM + 1) ** -DECAY
    matrix = np.diag(teacher) + symmetric_noise(DIM, SPREAD, np.random.default_rng(SEED + 1))
    eigenvalues = np.asarray(np.linalg.eigvalsh(matrix)[::-1], dtype=np.float64)
    law = free_convolution(PowerLawSpectrum(DIM, DECAY, math.sqrt(DIM)), SPREAD**2)
    sizes = np.linspace(-2.3 * SPREAD, 3.6 * SPREAD, 240)
    bulk = FigureData(
        "eigenvalue", "density",
        (
            Series("free convolution", Role.SOLUTION, list(sizes), list(law.density(sizes).value)),
            density_points(eigenvalues, np.linspace(sizes[0], sizes[-1], 41), f"a matrix, d = {DIM}"),
            *outlier_marks(teacher, sizes[-1]),
        ),
        x_scale="linear", y_scale="linear", y_range=(0.0, 0.2),
    )  # fmt: skip
    return bulk, _ranks(teacher, eigenvalues, law)


def outlier_marks(teacher: Array, top: float) -> list[Series]:
    """Marks at the derived positions of outliers, y(s), below `top`."""
    location = isolated().values["location"]
    drawn: list[Series] = []
    for s in teacher[teacher > SPREAD]:
        place = value(location, {"spike": float(s), "spread": SPREAD})
        if place < top:
            drawn.append(Series("" if drawn else "derived outliers", Role.LAW, [place, place], [0.0, 0.012]))
    return drawn


def _ranks(teacher: Array, eigenvalues: Array, law: FreeConvolution) -> FigureData:
    """The largest eigenvalues by rank: quantiles of the law, and y(s) for each spike above the spread."""
    ranks = np.unique(np.round(np.geomspace(1, 60, 26)))
    places = law.quantile(1 - (ranks - 0.5) / DIM).value
    shown = teacher[teacher > SPREAD]
    derived = [value(isolated().values["location"], {"spike": float(s), "spread": SPREAD}) for s in shown]
    series = (
        Series("", Role.SOLUTION, list(ranks), list(places)),
        Series("", Role.SIMULATION, list(ranks), list(eigenvalues[ranks.astype(int) - 1]), 1),
        Series("derived, y(s) = s + σ²/s", Role.LAW, list(range(1, shown.size + 1)), derived),
    )
    return FigureData("rank k", "k-th largest eigenvalue", series)


def overlaps() -> PanelData:
    """Squared overlap of learned eigenvectors with the teacher's: where the simple formula holds, and where it ends."""
    return PanelData((("random matrices: spikes crowd", _crowded()), ("minimised problems: spikes end", _learned())))


def _crowded() -> FigureData:
    """Overlaps in random matrices whose bumps merge at k_merge while the spikes go on."""
    teacher = math.sqrt(SMALL_DIM) * np.arange(1.0, SMALL_DIM + 1) ** -1.0
    rows = []
    for draw in range(DRAWS):
        noise = symmetric_noise(SMALL_DIM, SMALL_SPREAD, np.random.default_rng([SEED, draw]))
        basis = np.linalg.eigh(np.diag(teacher) + noise)[1][:, ::-1]
        rows.append(np.diag(basis) ** 2)
    law = LearnedSpectrum(PowerLaw(SMALL_DIM, 1.0), SMALL_SPREAD, 0.0)
    ranks = np.arange(1, 61)
    measured = np.array(rows)[:, ranks - 1]
    found = law.outliers(60)
    series = (
        Series("sum over all other spikes", Role.SOLUTION, [o.rank for o in found], [o.overlap for o in found], 0),
        Series(
            f"{DRAWS} matrices, d = {SMALL_DIM}", Role.SIMULATION, list(ranks), list(measured.mean(axis=0)), 1,
            list(measured.std(axis=0, ddof=1) / math.sqrt(DRAWS)),
        ),
        *overlap_laws(SMALL_DIM, 1.0, SMALL_SPREAD, 60),
    )  # fmt: skip
    return FigureData("rank k", "squared overlap", series, y_scale="linear", y_range=(0.0, 1.08))


def overlap_laws(dim: float, decay: float, spread: float, ranks: int) -> list[Series]:
    """1 - σ²/s², the same less what neighbours hide, up to k_merge, and a line there."""
    merged, simple = merging().values, isolated().values["overlap"]
    given = {"dim": float(dim), "decay": decay, "spread": spread}
    end = value(merged["merging_index"], given)
    places = np.arange(1, ranks + 1)
    spikes = math.sqrt(dim) * places**-decay
    bare = [value(simple, {**given, "spike": float(s)}) for s in spikes]
    short = [float(k) for k in np.geomspace(1, end, 30)]
    whole = [value(merged["overlap"], {**given, "k": k}) for k in short]
    label = "derived: $1 - \\sigma^2/s^2$, neighbours, $k_{merge}$"
    kept = [(float(k), y) for k, y in zip(places, bare) if y > 0]
    drawn = [Series(label, Role.LAW, [k for k, _ in kept], [y for _, y in kept])]
    if end < ranks:
        drawn += [Series("", Role.LAW, short, whole), Series("", Role.LAW, [end, end], [0.0, 1.05])]
    return drawn


def _learned() -> FigureData:
    """Overlaps of networks' learned eigenvectors: the spikes end at σ before they crowd."""
    law = learned_spectrum(**LEARNED).value  # type: ignore[arg-type]
    runs = simulate(**LEARNED, runs=LEARNED_RUNS, seed=SEED).value  # type: ignore[arg-type]
    ranks = np.arange(1, 10)
    measured = runs.overlaps[:, ranks - 1]
    given = {"spread": law.sigma}
    spikes = math.sqrt(LEARNED["dim"]) * np.geomspace(1, 9, 200) ** -LEARNED["decay"]
    simple = isolated().values["overlap"]
    told = [max(value(simple, {**given, "spike": float(s)}), 0.0) for s in spikes]
    found = law.outliers(9)
    series = (
        Series("sum over all other spikes", Role.SOLUTION, [o.rank for o in found], [o.overlap for o in found], 0),
        Series(
            f"{LEARNED_RUNS} minimised problems, d = {LEARNED['dim']}", Role.SIMULATION, list(ranks),
            list(measured.mean(axis=0)), 1, list(measured.std(axis=0, ddof=1) / math.sqrt(LEARNED_RUNS)),
        ),
        Series("derived: $1 - \\sigma^2/s^2$, zero for $s < \\sigma$", Role.LAW, list(np.geomspace(1, 9, 200)), told),
    )  # fmt: skip
    return FigureData("rank k", "squared overlap", series, x_scale="linear", y_scale="linear", y_range=(0.0, 1.08))
