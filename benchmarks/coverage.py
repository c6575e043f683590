"""How often the interval of `measure` contains the truth, family by family: `python -m benchmarks.coverage [--quick] [--json FILE]`.

Random curves whose exponent is known, with noise, as a user would measure them: no form stated, level 0.95, errors stated
for every other curve. A curve is *covered* if the interval contains its exponent, *missed* if it does not although the
curve was called settled or extrapolated (exit status 0). The second is what must not happen; of the first the share below
the level may be chance (60 curves: 53 or fewer have a chance of 3%). *Told* is the share of curves that got an answer at
all, *half-width* the median of theirs.

The whole takes about a quarter of an hour on one core, `--quick` a minute. Numbers do not depend on which families run.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scalecheck.numerics.exponents import Convergence, estimate_exponent

Array = NDArray[np.float64]
Random = np.random.Generator
NOISES = (1e-3, 1e-2, 5e-2)
POINTS = (8, 16, 40)
ANSWERED = (Convergence.SETTLED, Convergence.EXTRAPOLATED)


class Curve(NamedTuple):
    """Points of a curve without noise, and its exponent."""

    x: Array
    y: Array
    exponent: float


class Cell(NamedTuple):
    """One line of the table: what became of all curves of a family with one noise."""

    family: str
    noise: float
    curves: int
    covered: int
    missed: int
    told: int
    half_width: float | None


def _scales(random: Random, points: int) -> Array:
    first, decades = 10 ** random.uniform(1, 4), random.uniform(2, 5)
    return np.geomspace(first, first * 10**decades, points)


def _law(shape: Callable[[Random, Array, Array, float], Array]) -> Callable[[Random, int], Curve]:
    """A family of x^β times something: of the generator, x, t = x/x_first, and β."""

    def draw(random: Random, points: int) -> Curve:
        x, exponent = _scales(random, points), -float(random.uniform(0.1, 1.2))
        return Curve(x, x**exponent * shape(random, x, x / x[0], exponent), exponent)

    return draw


def _power(random: Random, x: Array, t: Array, exponent: float) -> Array:
    return np.ones_like(x)


def _correction(random: Random, x: Array, t: Array, exponent: float) -> Array:
    return 1 + random.uniform(-0.5, 1.5) * t ** -random.uniform(0.2, 1.5)


def _two_powers(random: Random, x: Array, t: Array, exponent: float) -> Array:
    """Another power before, equal to this one somewhere in the first two thirds of the decades."""
    place = t[-1] ** random.uniform(0.05, 0.67)
    return 1 + (t / place) ** -random.uniform(0.2, 1.0)


def _bend(random: Random, x: Array, t: Array, exponent: float) -> Array:
    """A smooth bend, up or down, in the first two thirds of the decades."""
    place, sharp = t[-1] ** random.uniform(0.05, 0.67), random.uniform(0.5, 3)
    return (1 + (t / place) ** -sharp) ** (random.choice([-1, 1]) * random.uniform(0.2, 0.8) / sharp)


def _logarithm(random: Random, x: Array, t: Array, exponent: float) -> Array:
    return np.log(x) ** random.choice([-2, -1, -0.5, 0.5, 1, 2])


def _logarithm_corrected(random: Random, x: Array, t: Array, exponent: float) -> Array:
    return _logarithm(random, x, t, exponent) * _correction(random, x, t, exponent)


def _plateau(random: Random, points: int) -> Curve:
    """A power above what it cannot fall below, a tenth to ten times its last value; the exponent is 0."""
    x, approach = _scales(random, points), -float(random.uniform(0.2, 1.2))
    t = x / x[0]
    return Curve(x, t**approach + 10 ** random.uniform(-1, 1) * t[-1] ** approach, 0.0)


def _state_evolution(random: Random, points: int) -> Curve:
    """The diagonal network along n at fixed dim: bumps and a peak, then noise dim/n."""
    from scalecheck.numerics.networks.diagonal.state_equations import solve_grid

    x = np.geomspace(10 ** random.uniform(1.5, 4.5), 10 ** random.uniform(6.5, 9), points)
    decay, penalty = random.uniform(0.7, 2), 10 ** random.uniform(-2, 1)
    grid = solve_grid(dim=1e4, decay=decay, noise=1.0, samples=x, weight_decay=[penalty])
    return Curve(x, np.asarray(grid.risk)[:, 0], -1.0)


FAMILIES: dict[str, Callable[[Random, int], Curve]] = {
    "power": _law(_power),
    "correction": _law(_correction),
    "two powers": _law(_two_powers),
    "bend": _law(_bend),
    "state evolution": _state_evolution,
    "logarithm": _law(_logarithm),
    "logarithm, correction": _law(_logarithm_corrected),
    "plateau": _plateau,
}
CORRELATED = ("power", "correction", "plateau")
"""Families that are drawn again with errors that are alike between neighbours, as along one training run."""


def _noise(random: Random, points: int, alike: float) -> Array:
    """Standard normal errors; a stationary autoregression of first order if they are alike."""
    fresh = random.standard_normal(points)
    errors = fresh.copy()
    for index in range(1, points):
        errors[index] = alike * errors[index - 1] + np.sqrt(1 - alike**2) * fresh[index]
    return errors


def heard(family: str, noise: float, number: int, correlated: bool, seed: int) -> tuple[bool, bool, float]:
    """One curve: is the truth inside, was an answer given, and the half-width."""
    random = np.random.default_rng([seed, *family.encode(), round(1e6 * noise), number, correlated])
    points = POINTS[number % len(POINTS)]
    curve = FAMILIES[family](random, points)
    alike = float(random.uniform(0.3, 0.9)) if correlated else 0.0
    scatter = np.exp(noise * _noise(random, points, alike))
    stated = noise if number % 2 else None
    found = estimate_exponent(curve.x, curve.y * scatter, errors=stated).value
    low, high = found.interval
    return low <= curve.exponent <= high, found.convergence in ANSWERED, found.half_width


def cells(count: int, noises: Sequence[float], names: Sequence[str], seed: int = 0) -> Iterator[Cell]:
    """The lines of the table, each as soon as it is known."""
    every = [(name, False) for name in FAMILIES] + [(name, True) for name in CORRELATED]
    for name, correlated in every:
        label = f"{name}, alike" if correlated else name
        for noise in noises if not names or label in names else ():
            rows = [heard(name, noise, number, correlated, seed) for number in range(count)]
            covered = sum(inside for inside, _, _ in rows)
            missed = sum(told and not inside for inside, told, _ in rows)
            widths = [width for _, told, width in rows if told]
            yield Cell(label, noise, count, covered, missed, len(widths), float(np.median(widths)) if widths else None)


def line(cell: Cell) -> str:
    """A cell for people."""
    width = "-" if cell.half_width is None else f"{cell.half_width:.2g}"
    shares = f"{cell.covered:4d}/{cell.curves}  {cell.missed:4d}/{cell.told}"
    return f"{cell.family:24} {cell.noise:6g}  {shares:>18}  {width:>10}"


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Options of the command line."""
    labels = [*FAMILIES, *(f"{name}, alike" for name in CORRELATED)]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.coverage", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="six curves and one noise a family")
    parser.add_argument("--count", type=int, default=60, metavar="K", help="curves a cell (default 60)")
    parser.add_argument("--only", action="append", default=[], choices=labels, metavar="FAMILY", help="; ".join(labels))
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="which curves are drawn")
    parser.add_argument("--json", type=Path, metavar="FILE", help="store the table")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; exit status 1 where more than a twentieth of the answers of a noise and family missed, by chance 3%."""
    options = parsed(arguments)
    count, noises = (6, NOISES[1:2]) if options.quick else (options.count, NOISES)
    print(f"{'family':24} {'noise':>6}  {'covered  missed/told':>18}  {'half-width':>10}")
    found = []
    for cell in cells(count, noises, options.only, options.seed):
        found.append(cell)
        print(line(cell), flush=True)
    if options.json:
        options.json.write_text(json.dumps([cell._asdict() for cell in found], indent=1) + "\n", encoding="utf-8")
    return 1 if any(beyond_chance(cell) for cell in found) else 0


def beyond_chance(cell: Cell, level: float = 0.95) -> bool:
    """Whether so many of the answers missed that chance at the level would do it less than three times in a hundred.

    Examples
    --------
    >>> [beyond_chance(Cell("power", 1e-2, 60, 50, missed, 50, 0.1)) for missed in (5, 7)]
    [False, True]
    """
    from scipy.special import bdtrc

    return cell.missed > 0 and bool(bdtrc(cell.missed - 1, cell.told, 1 - level) < 0.03)


if __name__ == "__main__":
    sys.exit(main())
