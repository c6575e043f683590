"""Speed of state evolution, side by side with its targets: run `python -m benchmarks.state_evolution`.

Every ratio is measured within one run, by medians, and every comparison first checks that both sides agree.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq

from scalecheck.numerics.networks.diagonal.state_equations import solve, solve_grid
from scalecheck.numerics.networks.teacher import Atoms

from .rows import Row, growth, race


class Line(NamedTuple):
    """One line of the table that this file prints by itself."""

    what: str
    here: float
    reference: float
    ratio: float
    target: str
    met: bool


def seconds(call: Callable[[], object], repeats: int) -> float:
    """Median wall time of a call, after one to warm up."""
    call()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return float(np.median(times))


# Points in every phase of the diagonal network, as (samples, weight_decay) to the powers of dim below.
POINTS = ((0.5, -0.1), (0.5, -0.6), (0.8, -1.0), (1.0, -0.7), (1.5, -0.2), (1.5, -1.0))


def large_dimension(repeats: int) -> list[Line]:
    """dim 1e12 against dim 1e3, over the phases and three decays."""
    rows = []
    for decay in (0.55, 1.0, 3.0):
        times = {
            dim: seconds(
                lambda dim=dim, decay=decay: [
                    solve(dim=dim, decay=decay, samples=dim**a, weight_decay=dim**b, noise=1.0) for a, b in POINTS
                ],
                repeats,
            )
            / len(POINTS)
            for dim in (1e3, 1e12)
        }
        ratio = times[1e12] / times[1e3]
        rows.append(Line(f"dim 1e12 / dim 1e3, decay {decay:g}", times[1e12], times[1e3], ratio, "<= 3", ratio <= 3))
        rows.append(
            Line(
                f"  one solve at dim 1e12, decay {decay:g}",
                times[1e12],
                0.01,
                times[1e12] / 0.01,
                "< 1",
                times[1e12] < 0.01,
            )
        )
    return rows


def grid(repeats: int) -> Line:
    """A 100 x 100 grid at dim 1e4 in units of single solves at points of the same grid."""
    controls = dict(dim=1e4, decay=1.0, noise=1.0)
    samples, weight_decay = np.geomspace(10, 1e7, 100), np.geomspace(1e-6, 10, 100)
    rng = np.random.default_rng(0)
    chosen = rng.integers(100, size=(100, 2))

    def singles() -> list[float]:
        return [solve(samples=samples[i], weight_decay=weight_decay[j], **controls).value.risk for i, j in chosen]

    result = solve_grid(samples=samples, weight_decay=weight_decay, **controls)
    assert result.error.max() <= 1e-9
    assert np.allclose([result.risk[i, j] for i, j in chosen], singles(), rtol=1e-10, atol=0)
    whole = seconds(lambda: solve_grid(samples=samples, weight_decay=weight_decay, **controls), repeats)
    single = seconds(singles, repeats) / len(chosen)
    return Line("grid of 10,000 in single solves", whole, single, whole / single, "<= 2000", whole / single <= 2000)


def plain_method(values: np.ndarray, samples: float, penalty: float, noise: float) -> tuple[float, int]:
    """What one writes first: adaptive quadrature for every atom, a damped fixed point for tau, a root for t.

    The threshold solves its equation by Brent's method with the closed form of the kept fraction, which favours the plain
    method; tau^2 is iterated with damping 1/2 until it moves by less than a relative 1e-9.
    """
    tau, iterations = np.sqrt((noise + np.sum(values**2)) / samples), 0
    from scipy.special import ndtr

    def kept(threshold: float) -> float:
        return float(np.sum(ndtr((values - threshold) / tau) + ndtr((-values - threshold) / tau)))

    def error(z: float, value: float, threshold: float) -> float:
        y = value + tau * z
        return (np.sign(y) * max(abs(y) - threshold, 0.0) - value) ** 2 * np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)

    while True:
        iterations += 1
        top = penalty / samples + 40 * tau + float(np.max(values))
        threshold = brentq(lambda t: t * (samples - kept(t)) - penalty, 1e-12, top, xtol=1e-14)
        risk = 0.0
        for value in values:
            kinks = [z for z in ((-threshold - value) / tau, (threshold - value) / tau) if -9 < z < 9]
            risk += quad(error, -9, 9, args=(value, threshold), points=kinks or None, epsabs=1e-12, epsrel=1e-10)[0]
        new = np.sqrt(0.5 * tau**2 + 0.5 * (noise + risk) / samples)
        if abs(new / tau - 1) < 1e-9:
            return risk, iterations
        tau = new


def many_atoms(number: int, repeats: int) -> Line:
    """Distinct atoms, against the plain method on the same problem."""
    values = np.abs(np.random.default_rng(0).standard_normal(number)) * 0.1
    teacher, samples, weight_decay, noise = Atoms(values), 2.0 * number, 1.0, 1.0
    result = solve(teacher=teacher, samples=samples, weight_decay=weight_decay, noise=noise)
    start = time.perf_counter()
    risk, iterations = plain_method(values, samples, weight_decay * number**0.5, noise)
    plain = time.perf_counter() - start
    assert abs(risk / result.value.risk - 1) < 1e-7, (risk, result.value.risk)
    here = seconds(lambda: solve(teacher=teacher, samples=samples, weight_decay=weight_decay, noise=noise), repeats)
    what = f"{number:,} atoms: plain method ({iterations} iterations) / here"
    return Line(what, here, plain, plain / here, ">= 100", plain >= 100 * here)


def rows(quick: bool) -> list[Row]:
    """For the common table: growth with dim and with the points of a grid, and the plain method."""

    def phases(dim: float, decay: float) -> Callable[[], object]:
        return lambda: [solve(dim=dim, decay=decay, samples=dim**a, weight_decay=dim**b, noise=1.0) for a, b in POINTS]

    found = [
        growth(
            f"state_evolution.dim-1e12.decay-{decay:g}",
            phases(1e3, decay),
            phases(1e12, decay),
            1.0,
            note="against dim 1e3",
        )
        for decay in (0.55, 1.0, 3.0)
    ]

    def points(side: int) -> Callable[[], object]:
        axes = {"samples": np.geomspace(10, 1e7, side), "weight_decay": np.geomspace(1e-6, 10, side)}
        return lambda: solve_grid(dim=1e4, decay=1.0, noise=1.0, **axes)

    found.append(growth("state_evolution.grid-points-1e4", points(32), points(100), (100 / 32) ** 2))
    number = 300 if quick else 4000
    values = np.abs(np.random.default_rng(0).standard_normal(number)) * 0.1
    controls = dict(teacher=Atoms(values), samples=2.0 * number, weight_decay=1.0, noise=1.0)
    told = plain_method(values, 2.0 * number, number**0.5, 1.0)
    assert abs(told[0] / solve(**controls).value.risk - 1) < 1e-7, f"plain method: {told[0]}"
    found.append(
        race(
            f"state_evolution.plain.atoms-{number}",
            lambda: solve(**controls),
            lambda: plain_method(values, 2.0 * number, number**0.5, 1.0),
            repeats=3 if quick else 1,
            warm=False,
            note=f"plain fixed point with adaptive quadrature, {told[1]} iterations",
        )
    )
    return found


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--atoms", type=int, default=4000)
    options = parser.parse_args()
    lines = [*large_dimension(options.repeats), grid(3), many_atoms(options.atoms, options.repeats)]
    print(f"{'what':62s}{'here':>12s}{'reference':>12s}{'ratio':>10s}  target")
    for row in lines:
        times = f"{row.here * 1e3:10.2f}ms{row.reference * 1e3:10.2f}ms"
        print(f"{row.what:62s}{times}{row.ratio:10.2f}  {row.target:8s} {'met' if row.met else 'MISSED'}")


if __name__ == "__main__":
    main()
