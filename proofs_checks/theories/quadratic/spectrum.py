"""The learned spectrum of the quadratic network at one point (theory.md N8), in its public form."""

from __future__ import annotations

import math

import numpy as np
import sympy as sp

from scalecheck.numerics.networks.quadratic.learned_spectrum import LearnedSpectrum, learned_spectrum
from scalecheck.theory.networks.quadratic.learned_phases import phase_spectrum
from scalecheck.theory.networks.quadratic.phases import phases

from ...figures import FigureData, Role, Series
from ...spectra import Spectrum, Tail, no_tail

SHOWN = 5
"""Largest learned eigenvalues that are listed."""
Controls = dict[str, float]


def spectrum(*, dim: float, samples: float, weight_decay: float, decay: float, noise: float, width: float) -> Spectrum:
    """Zero mass, bulk, largest eigenvalues and power tail of the learned matrix S at one point."""
    point = {"dim": dim, "samples": samples, "weight_decay": weight_decay, "decay": decay, "noise": noise}
    solution = learned_spectrum(**point, width=width)  # type: ignore[arg-type]
    law = solution.value
    # Λ = λ√(pd): a wider network is one of full width with more weight decay.
    full = {**point, "weight_decay": weight_decay * math.sqrt(width / dim)}
    phase = phase_of(full)
    tail = _tail(phase, full)
    return Spectrum(
        "network", "quadratic", phase, law.zero_fraction, _bulk(law), _outliers(law), tail, solution, _figure(law, tail)
    )


def phase_of(point: Controls) -> str | None:
    """Name of the phase whose region contains the point's exponents, n = dim^(a + 1) and λ = dim^b at p = d."""
    if point["dim"] < 2 or point["weight_decay"] == 0 or point["noise"] == 0:
        return None
    scale = math.log(point["dim"])
    exponents = {"a": math.log(point["samples"]) / scale - 1, "b": math.log(point["weight_decay"]) / scale}
    values = {**point, **exponents}
    for row in phases():
        differences = (item.gts - item.lts for item in row.region)
        if all(_number(difference, values) > 0 for difference in differences):
            return row.name
    return None


def _bulk(law: LearnedSpectrum) -> dict[str, float | None]:
    """The part that fits noise: learned eigenvalues below those of N9's set K."""
    found = law.bulk
    return {
        "share": found["share"],
        "learned": law.learned_count,
        "edge": found["edge"],
        "second_moment": found["second_moment"],
    }


def _outliers(law: LearnedSpectrum) -> tuple[dict[str, float], ...]:
    """The largest learned eigenvalues outside the bulk, with the teacher's and the squared overlap with its direction."""
    return tuple(
        {"rank": float(item.rank), "value": item.value, "teacher": item.teacher, "overlap": item.overlap}
        for item in law.outliers(SHOWN)
    )


NAMES = ("exponent", "constant", "lower", "upper", "carriers")


def _tail(phase: str | None, point: Controls) -> Tail:
    if phase is None:
        return no_tail("the point lies in no open region of the diagram")
    derived = phase_spectrum(phase).tail
    if derived is None:
        return no_tail(f"in phase {phase} no eigenvalue of the teacher is learned")
    exponent, constant, lower, upper, carriers = (_number(getattr(derived, name), point) for name in NAMES)
    if not lower < upper:
        return no_tail(f"its window is empty at this point: {lower:.3g} to {upper:.3g}")
    return Tail(exponent, constant, lower, upper, carriers, sp.sstr(derived.exponent), f"derived for phase {phase}")


def _number(formula: sp.Expr, point: Controls) -> float:
    return float(formula.subs({s: sp.Float(point[s.name], 17) for s in formula.free_symbols}))


def _figure(law: LearnedSpectrum, tail: Tail) -> FigureData:
    """Number of learned eigenvalues above x, with the derived tail: rank plots hide no binning."""
    labels = ("size x of a learned eigenvalue", "number above x")
    top = float(law.ranked(np.array([0.5]))[0])
    if top <= 0:
        return FigureData(*labels, ())
    start = top * 1e-6 if tail.lower is None else min(top * 1e-6, tail.lower)
    sizes = np.geomspace(start, top, 120)
    series = [Series("learned eigenvalues", Role.SOLUTION, list(sizes), list(law.tail_count(sizes)))]
    if tail.exponent is not None and tail.constant is not None and tail.lower is not None and tail.upper is not None:
        window = np.geomspace(tail.lower, tail.upper, 50)
        power = tail.exponent + 1  # a density x^e is a count x^(e + 1) above x
        counts = tail.constant / -power * window**power
        series.append(Series(f"derived tail, x^({power:.3g})", Role.LAW, list(window), list(counts)))
    return FigureData(*labels, tuple(series))
