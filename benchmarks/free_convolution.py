"""Speed of the free convolution with a semicircle: run `python -m benchmarks.free_convolution`.

The rival is a plain vectorised Newton iteration on the subordination equation, written here as a user would: every
atom at every point, in complex numbers, followed down to the real line until it is as accurate as we are. Each ratio is
measured within one run, alternating the two sides, and the largest difference of the densities stands beside it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from scalecheck.numerics.networks.quadratic.free_convolution import free_convolution
from scalecheck.numerics.networks.quadratic.spectrum import AtomicSpectrum, PowerLawSpectrum

from . import rows as common

# Accuracy that both sides must reach: the largest difference of densities over the largest density.
ACCURACY = 1e-12


class Line(NamedTuple):
    """One line of the table of ratios that this file prints by itself."""

    what: str
    here: float
    rival: float
    ratio: float
    spread: tuple[float, float]
    difference: float


def plain_newton(values: np.ndarray, variance: float, x: np.ndarray) -> np.ndarray:
    """Density by Newton's method on x = omega + variance G_0(omega), all atoms at all points."""
    omega = x + 1j * np.sqrt(variance)
    for _ in range(200):
        inverse = 1.0 / (omega[:, None] - values)
        miss = omega + variance * inverse.mean(axis=1) - x
        step = miss / (1.0 - variance * (inverse * inverse).mean(axis=1))
        while np.any(below := (omega - step).imag < 0.0):
            step = np.where(below, 0.5 * step, step)
        omega = omega - step
        if np.max(np.abs(step)) < 1e-14 * np.sqrt(variance):
            break
    return omega.imag / (np.pi * variance)


def alternating(one: Callable[[], object], other: Callable[[], object], repeats: int) -> tuple[np.ndarray, np.ndarray]:
    """Processor times of two calls on one thread, taken in turns so that both meet the same machine."""
    times = np.empty((2, repeats))
    for i in range(repeats):
        for side, call in enumerate((one, other)):
            start = time.process_time()
            call()
            times[side, i] = time.process_time() - start
    return times[0], times[1]


def bulk_points(values: np.ndarray, variance: float, count: int) -> np.ndarray:
    """Points inside the support, where Newton's method from above converges."""
    law = free_convolution(AtomicSpectrum(values), variance)
    return np.asarray(law.quantile((np.arange(count) + 0.5) / count).value)


def against_newton(what: str, values: np.ndarray, variance: float, count: int, repeats: int) -> Line:
    """Everything from scratch on both sides: the support is part of our time."""
    x = bulk_points(values, variance, count)
    ours = free_convolution(AtomicSpectrum(values), variance).density(x).value
    theirs = plain_newton(values, variance, x)
    difference = float(np.max(np.abs(ours - theirs)) / np.max(ours))
    here, rival = alternating(
        lambda: free_convolution(AtomicSpectrum(values), variance).density(x),
        lambda: plain_newton(values, variance, x),
        repeats,
    )
    ratios = rival / here
    spread = (float(ratios.min()), float(ratios.max()))
    return Line(what, float(np.median(here)), float(np.median(rival)), float(np.median(ratios)), spread, difference)


def ratios(repeats: int) -> list[Line]:
    """1,000 atoms at 1,000 points, of several shapes."""
    rng = np.random.default_rng(0)
    normal, power = np.sort(rng.normal(size=1000)), np.arange(1.0, 1001.0) ** -1.0
    return [
        against_newton("normal atoms, variance 1", normal, 1.0, 1000, repeats),
        against_newton("normal atoms, variance 1e-2", normal, 1e-2, 1000, repeats),
        against_newton("k^-1, variance 1e-1", power, 1e-1, 1000, repeats),
        against_newton("normal atoms, variance 1e-4", normal, 1e-4, 1000, repeats),
        against_newton("  100 points, variance 1", normal, 1.0, 100, repeats),
    ]


def growth(repeats: int) -> list[tuple[str, int, float, float]]:
    """Seconds for n atoms at n points, in one bulk, in many bumps, and all isolated; and the local exponent."""
    rng, rows = np.random.default_rng(1), []
    for what, variance in (("one bulk", 1.0), ("many bumps", 1e-4), ("isolated", 1e-12)):
        before = None
        for count in (1000, 3162, 10_000, 31_623, 100_000):
            values = rng.normal(size=count)
            x = bulk_points(values, variance, count)
            call = lambda v=values, m=variance, p=x: free_convolution(AtomicSpectrum(v), m).density(p)  # noqa: E731
            seconds = float(np.median(alternating(call, lambda: None, 1 if count > 2e4 else repeats)[0]))
            slope = np.nan if before is None else np.log(seconds / before) / np.log(np.sqrt(10.0))
            rows.append((what, count, seconds, float(slope)))
            before = seconds
    return rows


def power_laws() -> list[tuple[str, int, float]]:
    """10^12 atoms k^-decay in the scaling of the quadratic network: nodes that stand for them, and seconds."""
    rows = []
    for decay in (0.6, 1.0, 2.0):
        start = time.process_time()
        law = free_convolution(PowerLawSpectrum(1e12, decay, 1e6), 5e11)
        law.density(np.linspace(law.support[0].low, law.support[-1].high, 1000))
        rows.append((f"k^-{decay:g}, dim 1e12", law.problem.atoms.count, time.process_time() - start))
    return rows


def rows(quick: bool) -> list[common.Row]:
    """For the common table: plain Newton on the same points, and growth with atoms and points together."""
    found = []
    for line in ratios(3 if quick else 7):
        note = f"plain Newton, densities differ by {line.difference:.0e}"
        note += "" if line.difference <= ACCURACY else " (it did not arrive in 200 steps)"
        name = "free_convolution." + line.what.strip().replace(", ", ".").replace(" ", "-")
        found.append(common.Row(name, line.here, line.rival, line.ratio, line.spread, note))

    def density(count: int) -> Callable[[], object]:
        values = np.random.default_rng(1).normal(size=count)
        x = bulk_points(values, 1.0, count)
        return lambda: free_convolution(AtomicSpectrum(values), 1.0).density(x)

    small, large = (1000, 4000) if quick else (1000, 31_623)
    found.append(common.growth(f"free_convolution.atoms-{large}", density(small), density(large), large / small))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--no-growth", action="store_true")
    arguments = parser.parse_args()
    print(f"{'1,000 atoms, 1,000 points':34}{'here':>10}{'Newton':>10}{'ratio':>8}{'spread':>16}{'difference':>12}")
    for row in ratios(arguments.repeats):
        spread = f"{row.spread[0]:.1f}-{row.spread[1]:.1f}"
        met = "" if row.ratio >= 5.0 else "  below 5"
        met += "" if row.difference <= ACCURACY else "  (Newton did not arrive in 200 steps)"
        print(f"{row.what:34}{row.here:9.4f}s{row.rival:9.4f}s{row.ratio:8.1f}{spread:>16}{row.difference:12.1e}{met}")
    if not arguments.no_growth:
        print(f"\n{'atoms = points':34}{'count':>10}{'seconds':>10}{'exponent':>10}")
        for what, count, seconds, slope in growth(3):
            print(f"{what:34}{count:10d}{seconds:10.3f}{slope:10.2f}")
    print(f"\n{'power laws at 1,000 points':34}{'nodes':>10}{'seconds':>10}")
    for what, count, seconds in power_laws():
        print(f"{what:34}{count:10d}{seconds:10.3f}")


if __name__ == "__main__":
    with threadpool_limits(limits=1):
        main()
