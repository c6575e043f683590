"""Speed of the quadratic network's state evolution: run `python -m benchmarks.quadratic_state_evolution`.

CPU time of this process, by medians within one run; the comparison first checks that both sides agree.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq

from scalecheck.numerics.networks.quadratic.exponent_map import exponent_map
from scalecheck.numerics.networks.quadratic.state_equations import solve

from .rows import Row, growth, race


class Line(NamedTuple):
    """One line of the table that this file prints by itself."""

    what: str
    here: float
    reference: float
    target: float
    """Of here/reference."""


def seconds(call: Callable[[], object], repeats: int) -> float:
    """Median CPU time of a call, after one to warm up."""
    call()
    times = []
    for _ in range(repeats):
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return float(np.median(times))


# Points in every phase, as (samples/dim, weight_decay) to the powers of dim below.
POINTS = ((-0.3, -1.0), (0.5, -0.1), (0.5, -1.0), (0.8, -1.0), (1.3, -0.2), (2.5, -1.0), (0.5, 1.0))


def single(dim: float, decay: float, repeats: int) -> float:
    """Mean over the phases of one solve."""

    def phases() -> None:
        for a, b in POINTS:
            solve(dim=dim, decay=decay, samples=dim ** (1 + a), weight_decay=dim**b, noise=1.0)

    return seconds(phases, repeats) / len(POINTS)


def large_dimension(repeats: int) -> list[Line]:
    """dim 1e6 and 1e12 against dim 1e3, and one solve against 20 ms."""
    rows = []
    for decay in (0.75, 1.0, 2.0):
        base = single(1e3, decay, repeats)
        for dim in (1e6, 1e12):
            here = single(dim, decay, repeats)
            rows.append(Line(f"dim {dim:g} / dim 1e3, decay {decay:g}", here, base, 5.0))
            rows.append(Line("  one solve / 20 ms", here, 0.02, 1.0))
    return rows


def grid(side: int) -> Line:
    """A grid of samples and weight decays at dim 1e3, scaled to 50 x 50, against 60 s on two cores."""
    start = time.process_time()
    for samples in np.geomspace(1e3, 1e7, side):
        for weight_decay in np.geomspace(1e-6, 10, side):
            solve(dim=1e3, decay=1.0, noise=1.0, samples=float(samples), weight_decay=float(weight_decay))
    here = (time.process_time() - start) * (50 / side) ** 2
    return Line("grid of 50 x 50 at dim 1e3 / 120 s of CPU", here, 120.0, 1.0)


def local_exponents(side: int) -> Line:
    """The map of local exponents at dim 1e8, scaled to 200 x 200, against a minute on two cores."""
    start = time.process_time()
    exponent_map(dim=1e8, decay=1.0, noise=1.0, a=np.linspace(-0.5, 2.5, side), b=np.linspace(-2.5, 1, side))
    here = (time.process_time() - start) * (200 / side) ** 2
    return Line("map of 200 x 200 at dim 1e8 / 120 s of CPU", here, 120.0, 1.0)


def plain_convolution(values: np.ndarray, variance: float, grid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Density and Hilbert transform at every x of a grid: damped iteration of G = mean 1/(x - w G - s)."""
    g = 1 / (grid - 2j * variance**0.5)
    for _ in range(400):
        g = 0.5 * g + 0.5 * np.mean(1 / ((grid - variance * g)[:, None] - values), axis=1)
    return np.abs(g.imag) / np.pi, g.real


def plain_method(values: np.ndarray, ratio: float, noise: float, penalty: float) -> tuple[float, int]:
    """What one writes first: convolution on a grid, SURE by the trapezoidal rule, a root for t, a damped iteration for tau."""
    dim, variance, iterations = len(values), (noise + 2 * float(np.sum(values**2))) / (4 * ratio), 0
    while True:
        iterations += 1
        spread = 2 * variance**0.5
        x = np.linspace(-1.3 * spread, 1.0 + 2 * spread, 1500)
        density, hilbert = plain_convolution(values, variance, x + 1e-4j * spread)

        def freedom(t: float, x: np.ndarray = x, d: np.ndarray = density, h: np.ndarray = hilbert) -> float:
            return dim * float(np.trapezoid(np.maximum(x - t, 0) * h * d, x))

        t = brentq(lambda t: 4 * ratio * t * (1 - freedom(t) / ratio) - penalty, 1e-6, 10)
        clipped = dim * float(np.trapezoid(np.minimum(x, t) ** 2 * density, x))
        risk = 2 * (clipped - dim * variance + 4 * variance * freedom(t))
        new = 0.5 * variance + 0.5 * (noise + risk) / (4 * ratio)
        if abs(new / variance - 1) < 1e-4:
            return risk, iterations
        variance = new


def rival(dim: int) -> Line:
    """The plain method at a moderate dimension, where it still works: 1% accuracy is asked of it."""
    ratio, weight_decay, noise = 0.15 * dim, 0.5, 1.0
    start = time.process_time()
    risk, iterations = plain_method(1.0 / np.arange(1, dim + 1), ratio, noise, weight_decay * dim**0.5)
    plain = time.process_time() - start
    controls = dict(dim=dim, decay=1.0, samples=ratio * dim, weight_decay=weight_decay, noise=noise)
    exact = solve(**controls).value.risk
    off = abs(risk / exact - 1)
    assert off < 0.03, (risk, exact)
    here = seconds(lambda: solve(**controls), 5)
    return Line(f"{dim} eigenvalues: here / plain ({iterations} iterations, {off:.1e} off)", here, plain, 0.01)


def rows(quick: bool) -> list[Row]:
    """For the common table: growth with dim and with the points of a map, and the plain method."""

    def phases(dim: float, decay: float) -> Callable[[], object]:
        return lambda: [
            solve(dim=dim, decay=decay, samples=dim ** (1 + a), weight_decay=dim**b, noise=1.0) for a, b in POINTS
        ]

    found = []
    for decay in (1.0,) if quick else (0.75, 1.0, 2.0):
        name = f"quadratic_state_evolution.dim-1e12.decay-{decay:g}"
        found.append(growth(name, phases(1e3, decay), phases(1e12, decay), 1.0, note="against dim 1e3"))

    def exponents(side: int) -> Callable[[], object]:
        axes = {"a": np.linspace(-0.5, 2.5, side), "b": np.linspace(-2.5, 1, side)}
        return lambda: exponent_map(dim=1e8, decay=1.0, noise=1.0, **axes)

    name, times = "quadratic_state_evolution.map-points-", 4.0
    side = 12 if quick else 40
    found.append(growth(f"{name}{side**2}", exponents(side // 2), exponents(side), times, repeats=1, warm=False))
    dim = 60 if quick else 200
    told = rival(dim)  # checks that both agree
    controls = dict(dim=dim, decay=1.0, samples=0.15 * dim * dim, weight_decay=0.5, noise=1.0)
    values = 1.0 / np.arange(1, dim + 1)
    found.append(
        race(
            f"quadratic_state_evolution.plain.d-{dim}",
            lambda: solve(**controls),
            lambda: plain_method(values, 0.15 * dim, 1.0, 0.5 * dim**0.5),
            repeats=1,
            warm=False,
            note=told.what,
        )
    )
    return found


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--side", type=int, default=12)
    options = parser.parse_args()
    lines = [*large_dimension(options.repeats), grid(options.side), local_exponents(options.side), rival(200)]
    print(f"{'what':70s}{'here':>12s}{'reference':>12s}{'ratio':>8s}  target")
    for row in lines:
        ratio = row.here / row.reference
        times = f"{row.here * 1e3:10.1f}ms{row.reference * 1e3:10.1f}ms"
        print(f"{row.what:70s}{times}{ratio:8.2f}  <= {row.target:g} {'met' if ratio <= row.target else 'MISSED'}")


if __name__ == "__main__":
    main()
