"""N8: what the quadratic network learns. Outliers and overlaps, where they merge, and the spectrum phase by phase."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import sympy as sp

from scalecheck.numerics.networks.quadratic.learned_spectrum import LearnedSpectrum, learned_spectrum
from scalecheck.numerics.networks.quadratic.random_matrices import noisy_spectra
from scalecheck.numerics.networks.teacher import PowerLaw
from scalecheck.theory.networks.quadratic.learned_phases import phase_spectrum, rank, tail_of
from scalecheck.theory.networks.quadratic.letters import spike, spread
from scalecheck.theory.networks.quadratic.outliers import isolated, merging
from scalecheck.theory.networks.quadratic.phases import solve_corner
from scalecheck.theory.symbols import decay, dim, samples, weight_decay

from ...claims import Claim, Source, Twin
from ...formulas import Formula, Measured, NumericPoint, from_derivation, from_numbers
from ...laws import Law, Path, along_paths, from_phase, other_formulas
from ...network_claims import NAMES, domain, path, point, region
from .observing import ASSUMED, LARGE_SCALES, PAPERS, controls

OUTLIERS = ("benaych2011eigenvalues", *PAPERS)
PERCENT = sp.Rational(51, 50)
index = sp.Symbol("k", positive=True)


def spectra_claims() -> tuple[Claim, ...]:
    """Position, overlap, neighbours, ranks by phase, tails."""
    return (_position(), _overlap(), _hidden(), *_ranks(), *_tails())


SPIKES = (6.0, 4.0, 2.5, 1.8)
"""Isolated spikes of one matrix, in units of σ."""
SIZE, DRAWS = 400, 12


@lru_cache(maxsize=2)
def _drawn() -> tuple[tuple[float, float, float, float], ...]:
    """Mean and standard error of position and squared overlap of each spike, σ = 1."""
    teacher = np.concatenate([SPIKES, np.zeros(SIZE - len(SPIKES))])
    found = noisy_spectra(teacher=teacher, spread=1.0, draws=DRAWS, seed=21).value
    columns = (found.eigenvalues[:, : len(SPIKES)], found.overlaps[:, : len(SPIKES)])
    told = [(x.mean(axis=0), x.std(axis=0, ddof=1) / math.sqrt(DRAWS)) for x in columns]
    return tuple((*map(float, row),) for row in zip(told[0][0], told[0][1], told[1][0], told[1][1], strict=True))  # type: ignore[misc]


def _of_outliers(
    name: str, column: int, formula: sp.Expr, title: str, statement: str, twins: tuple[Twin, ...]
) -> Claim:
    def measure(point: NumericPoint) -> Measured:
        row = _drawn()[SPIKES.index(point["spike"])]
        # The correction at finite dim is of order 1/d beside the sampling error.
        return row[column], row[column + 1] + 2 / SIZE * abs(row[column])

    return Claim(
        id=f"N8.quadratic.{name}",
        title=title,
        statement=statement,
        source=Source(OUTLIERS, "N8"),
        assertion=Formula(name, formula),
        comparison=f"the pole and residue of the subordination equation, exactly; and {DRAWS} random matrices at $d = {SIZE}$, within"
        " sampling error, at most 3%",
        symbolic=from_derivation(lambda: isolated().values["location" if column == 0 else "overlap"]),
        numeric=from_numbers(measure, [{"spike": s, "spread": 1.0} for s in SPIKES], tolerance=0.03),
        rests_on=("N4.quadratic.edge",),
        twins=twins,
    )


def _position() -> Claim:
    formula = spike + spread**2 / spike
    wrong = {
        "bare": ("the spike itself", spike),
        "root": (r"$\sqrt{s^2 + \sigma^2}$... twice", sp.sqrt(spike**2 + 4 * spread**2)),
        "double": (r"$s + 2\sigma^2/s$", formula + spread**2 / spike),
    }
    return _of_outliers(
        "outlier",
        0,
        formula,
        "position of an outlier",
        r"A spike $s > \sigma$ among few shows at $y = s + \sigma^2/s$.",
        tuple(Twin(key, told, Formula("outlier", value)) for key, (told, value) in wrong.items()),
    )


def _overlap() -> Claim:
    formula = 1 - spread**2 / spike**2
    wrong = {
        "perfect": ("one", sp.S.One),
        "double": (r"$1 - 2\sigma^2/s^2$", formula - spread**2 / spike**2),
        "wishart": (
            r"$(1 - \sigma^4/s^4)/(1 + \sigma^2/s^2)^2$ as for covariances",
            (1 - spread**4 / spike**4) / (1 + spread**2 / spike**2) ** 2,
        ),
    }
    return _of_outliers(
        "overlap",
        2,
        formula,
        "squared overlap of an outlier with its spike",
        r"The eigenvector of an isolated outlier has squared overlap $1 - \sigma^2/s^2$ with the spike.",
        tuple(Twin(key, told, Formula("overlap", value)) for key, (told, value) in wrong.items()),
    )


CROWDS = ((1.0, 1e8, 0.1, 1000), (1.5, 1e9, 0.5, 300), (2.0, 1e10, 0.05, 200))
"""Decay, dim, σ and the rank whose neighbours are looked at: below the merging index, far above σ."""


@lru_cache(maxsize=8)
def _hidden_share(gamma: float, size: float, level: float, number: int) -> float:
    """What of an outlier's direction is hidden beyond σ²/s²: by the spikes next to it."""
    law = LearnedSpectrum(PowerLaw(size, gamma), sigma=level, threshold=0.0)
    found = law.outliers(number)[-1]
    return 1 - found.overlap - (level / found.teacher) ** 2


def _hidden() -> Claim:
    merge = (decay * dim / (sp.pi * spread)) ** (1 / (decay + 1))
    value = (index / merge) ** (2 + 2 * decay) / 3

    def derived() -> sp.Expr:
        hidden = merging().values["hidden"]
        return hidden.subs({symbol: index for symbol in hidden.free_symbols if symbol.name == "k"})

    def measure(point: NumericPoint) -> Measured:
        share = _hidden_share(point["decay"], point["dim"], point["spread"], int(point["k"]))
        # The lattice of neighbours bends: relative order 1/k; and rounding of 1 - overlap.
        return share, share * 3 / point["k"] + 1e-13

    points = [{"decay": g, "dim": d, "spread": s, "k": float(k)} for g, d, s, k in CROWDS]
    return Claim(
        id="N8.quadratic.merging",
        title="neighbouring spikes hide an outlier long before k = d",
        statement=r"Neighbours hide a share $\frac13(k/k_*)^{2+2\gamma}$ of the eigenvector of outlier $k$, $k_* = (\gamma d/(\pi\sigma))^{1/(1+\gamma)}$:"
        r" the overlap $1 - \sigma^2/s^2$ needs $k \ll k_*$, not only $k \ll d$.",
        source=Source(OUTLIERS, "N8", "derived"),
        assertion=Formula("hidden share", value),
        comparison="sums over a lattice of neighbours, exactly; and the sums over the whole power law at three places, within 3%",
        symbolic=from_derivation(derived),
        numeric=from_numbers(measure, points, tolerance=0.03),
        rests_on=("N8.quadratic.overlap",),
        twins=(
            Twin("paper", r"nothing is hidden for $k \ll d$", Formula("hidden share", sp.S.Zero)),
            Twin("dimension", r"$(k/d)^{2}$", Formula("hidden share", (index / dim) ** 2)),
            Twin("side", "neighbours on one side", Formula("hidden share", value / 2)),
            Twin("slope", r"$d/(\pi\sigma)$ without $\gamma$", Formula("hidden share", value * decay**2 * sp.Rational(11, 10))),
        ),
    )  # fmt: skip


@lru_cache(maxsize=256)
def _learned(*values: float) -> tuple[float, float]:
    """Number of learned eigenvalues and its relative error."""
    found = learned_spectrum(**point(*values))  # type: ignore[arg-type]
    return found.value.learned_count, 1e-9


def observe_rank(place: Mapping[str, float]) -> dict[str, Measured]:
    """The rank of S at a point."""
    count, error = _learned(*(place[name] for name in NAMES))
    return {"rank": (count, error * count)}


@dataclass(frozen=True)
class _Rank:
    leading: sp.Expr
    region: tuple[sp.Basic, ...]


def _ranks() -> tuple[Claim, ...]:
    share = samples / dim
    second = (4 * share / (sp.sqrt(dim) * weight_decay)) ** (1 / decay)
    rows = {
        "II": (second, (path("3/2", "3/5", "1"), path("2", "11/10", "3/4", "2")), r"(4u/(\lambda\sqrt d))^{1/\gamma}"),
        "III": (dim, (path("7/2", "7/4", "1", "2"), path("3", "7/5", "3/4")), "d"),
        "VIa": (dim / 2, (path("3/2", "-1/2", "5/4", "1/2"), path("3/2", "-1/2", "3/2", "2")), "d/2"),
        "VIb": (dim, (path("2", "0", "3/4"), path("3", "1/2", "1", "2")), "d"),
    }
    return tuple(_rank_claim(name, *row) for name, row in rows.items())


def _rank_claim(name: str, formula: sp.Expr, paths: tuple[Path, ...], told: str) -> Claim:
    where = region(*((relation, f"phase {name}: {relation}") for relation in solve_corner(name).region.inequalities))
    law = Law("rank", formula, where, paths)
    wrong = {
        "half": ("half of it", formula / 2),
        "double": ("twice it", 2 * formula),
        "power": ("a root of it", sp.sqrt(formula)),
        "two-percent": ("too large by 2%", formula * PERCENT),
    }

    def derived() -> _Rank:
        # Half of the bulk, where it is learned; the spikes above σ come on top of it, a vanishing share.
        bulk = phase_spectrum(name).bulk_count
        leading = bulk if bulk != 0 else rank(name)
        return _Rank(leading, solve_corner(name).region.inequalities)

    return Claim(
        id=f"N8.quadratic.{name}.rank",
        title=f"number of learned eigenvalues in phase {name}",
        statement=rf"In phase {name} the rank of $S$ is $\simeq {told}$.",
        source=Source(PAPERS, "N8", "derived"),
        hypotheses=law.hypotheses,
        assumptions=ASSUMED,
        assertion=law,
        comparison="the derived law exactly; and the spectrum counted along paths to dim $10^{15}$, ratio within 0.5% of 1",
        symbolic=from_phase(derived, domain=domain()),
        numeric=along_paths(observe_rank, controls, scales=LARGE_SCALES),
        rests_on=(f"N7.quadratic.{name}", "N8.quadratic.outlier"),
        twins=other_formulas(law, wrong),
    )


TAILS = {
    "II": ((1e12, 1e26, 1e5, 1.0), (1e12, 1e26, 1e5, 1.5), (1e14, 1e32, 1e7, 2.0)),
    "VIa": ((1e12, 1e28, 1e-2, 1.5), (1e14, 1e38, 1.0, 2.0), (1e12, 1e32, 1.0, 2.5)),
}
"""Dimension, samples, weight decay, decay: points with tails over two decades or more."""


@lru_cache(maxsize=32)
def _tail_exponent(*values: float) -> float:
    size, count, penalty, gamma = values
    law = learned_spectrum(dim=size, samples=count, weight_decay=penalty, decay=gamma, noise=1.0).value
    found = law.tail()
    return math.nan if found is None else found.exponent


def _tails() -> tuple[Claim, ...]:
    return tuple(_tail_claim(name) for name in TAILS)


def _tail_claim(name: str) -> Claim:
    quantity, value = "minus the tail's exponent", 1 + 1 / decay

    def measure(point: NumericPoint) -> Measured:
        found = -_tail_exponent(point["dim"], point["samples"], point["weight_decay"], point["decay"])
        return found, 0.01 * found

    points = [dict(zip(("dim", "samples", "weight_decay", "decay"), row, strict=True)) for row in TAILS[name]]
    return Claim(
        id=f"N8.quadratic.{name}.tail",
        title=f"power tail of the learned spectrum in phase {name}",
        statement=rf"In phase {name} the density of learned eigenvalues falls as $x^{{-1-1/\gamma}}$ above the larger of threshold and"
        r" spread, up to the largest eigenvalue of the teacher.",
        source=Source(PAPERS, "N8"),
        assumptions=ASSUMED,
        assertion=Formula(quantity, value),
        comparison="exact; and the slope of the counted spectrum on that window at three points, within 3%",
        symbolic=from_derivation(lambda: -tail_of(name).exponent),
        numeric=from_numbers(measure, points, tolerance=0.03),
        rests_on=("N8.quadratic.outlier",),
        twins=(
            Twin("count", r"$x^{-1/\gamma}$: the count for the density", Formula(quantity, 1 / decay)),
            Twin("half", r"$x^{-1-1/(2\gamma)}$", Formula(quantity, 1 + 1 / (2 * decay))),
            Twin("fixed", "$x^{-2}$ for every decay", Formula(quantity, sp.Integer(2))),
        ),
    )
