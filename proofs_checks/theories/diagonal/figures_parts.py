"""Figures of what is learned and of what the risk is made of: learned weights by rank, error parts across phases."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import sympy as sp

from scalecheck.numerics.networks.diagonal.experiment import simulate
from scalecheck.numerics.networks.diagonal.learned_weights import learned_weights
from scalecheck.theory.networks.diagonal.decomposition import NOTHING, PARTS, decomposition
from scalecheck.theory.networks.diagonal.learned_weights import weight_tail
from scalecheck.theory.networks.diagonal.phases import phases

from ...figures import FigureData, Role, Series
from ...values import value_at
from .points import solve_at

RANKED = {"dim": 600, "samples": 2400, "weight_decay": 0.3, "decay": 0.75, "noise": 0.25}
"""A point of phase VIa whose bulk and tail are both seen at a size that can be minimised."""
RUNS = 6
LINE_WEIGHT_DECAY, LINE_DIM, LINE_DECAY = 1e-3, 10**10, 1.25
"""The path of the decomposition: n grows at these; it goes through Ib, II, V, VIa and VIb."""


def ranked_weights() -> FigureData:
    """Numbers of weights above x: minimised problems, the law, the derived tail."""
    found = learned_weights(
        dim=RANKED["dim"],
        samples=RANKED["samples"],
        weight_decay=RANKED["weight_decay"],
        decay=RANKED["decay"],
        noise=RANKED["noise"],
    ).value
    runs = simulate(
        dim=int(RANKED["dim"]), samples=int(RANKED["samples"]), weight_decay=RANKED["weight_decay"], decay=RANKED["decay"],
        noise=RANKED["noise"], runs=RUNS, seed=17,
    ).value  # fmt: skip
    sizes = np.geomspace(1e-3, 0.97, 120)
    marks = np.geomspace(1.2e-3, 0.8, 16)
    counts = np.array([(np.abs(runs.weights) > x).sum(axis=1) for x in marks], dtype=float)
    means, errors = counts.mean(axis=1), counts.std(axis=1, ddof=1) / math.sqrt(RUNS)
    kept = means > 0
    tail = weight_tail("VIa")
    exponent, constant, lower = (value_at(item, RANKED) for item in (tail.exponent, tail.constant, tail.lower))
    window = np.geomspace(lower, 1.0, 40)
    law = constant / -(exponent + 1) * window ** (exponent + 1)
    return FigureData(
        "size x of a learned weight",
        "number of weights above x",
        (
            Series("law soft(θ* + τ z; t)", Role.SOLUTION, list(sizes), list(found.tail_count(sizes))),
            Series(
                f"{RUNS} minimised problems",
                Role.SIMULATION,
                list(marks[kept]),
                list(means[kept]),
                1,
                list(errors[kept]),
            ),
            Series(f"derived tail, number ~ x^({exponent + 1:.3g}), from x = τ on", Role.LAW, list(window), list(law)),
        ),
    )


def error_parts() -> FigureData:
    """Parts of the risk against samples, with the derived law of each in each phase."""
    controls = {"dim": float(LINE_DIM), "weight_decay": LINE_WEIGHT_DECAY, "decay": LINE_DECAY, "noise": 1.0}
    samples = np.geomspace(1e1, 1e29, 75)
    solved = [vars(solve_at({**controls, "samples": float(n)}).value.decomposition) for n in samples]
    series: list[Series] = []
    for group, part in enumerate(PARTS):
        values = np.array([abs(row[part]) for row in solved])
        shown = values > SMALLEST
        series.append(Series(part, Role.SOLUTION, list(samples[shown]), list(values[shown]), group))
        series += _part_laws(part, controls, samples, first=group == 0)
    return FigureData("samples n", "part of the risk (absolute value)", tuple(series))


SMALLEST = 1e-20
"""Parts below this are not drawn: they are below every power of d, and would set the scale of the axis."""
MARGIN = 0.06
"""Distance from a boundary, in exponents, at which a law is no longer drawn."""


def _part_laws(
    part: str, controls: Mapping[str, float], samples: np.ndarray[tuple[int], np.dtype[np.float64]], *, first: bool
) -> list[Series]:
    drawn: list[Series] = []
    for phase in phases():
        law = decomposition(phase.name)[part]
        if law is NOTHING:
            continue
        points = [{**controls, "samples": float(n)} for n in samples]
        needs = (*phase.region, *((law.condition,) if isinstance(law.condition, sp.StrictGreaterThan) else ()))
        inside = [point for point in points if _inside(needs, point)]
        values = [abs(value_at(law.leading, point)) for point in inside]
        kept = [(point["samples"], value) for point, value in zip(inside, values) if value > SMALLEST]
        if len(kept) > 1:
            label = "derived law" if first and not drawn else ""
            drawn.append(Series(label, Role.LAW, [x for x, _ in kept], [y for _, y in kept]))
    return drawn


def _inside(relations: tuple[sp.Rel, ...], point: Mapping[str, float]) -> bool:
    """Whether a finite point lies in a region by a margin, its exponents read off at its dim."""
    scale = math.log(point["dim"])
    place = {**point, "a": math.log(point["samples"]) / scale, "b": math.log(point["weight_decay"]) / scale}
    return all(value_at(item.gts - item.lts, place) > MARGIN for item in relations)
