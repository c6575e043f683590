"""How often the interval of `measure` contains the truth: `python -m benchmarks.coverage [--computed] [--quick] [--json FILE]`.

Random curves whose exponent is known, with noise, as a user would measure them: no form stated, level 0.95, errors stated
for every other curve. A curve is *covered* if the interval contains its exponent, *missed* if it does not although the
curve was called settled or extrapolated (exit status 0). The second is what must not happen; of the first the share below
the level may be chance (60 curves: 53 or fewer have a chance of 3%). *Told* is the share of curves that got an answer at
all, *half-width* the median of theirs.

With `--computed` the curves are exact, or have errors of 1e-9, as curves that were computed: the errors then hide nothing,
and what can make an interval wrong is a correction that no model contains. There the second column alone counts.

The whole takes some minutes on one core, `--quick` half of one. Numbers do not depend on which families run.
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
NOISES, COMPUTED_NOISES = (1e-3, 1e-2, 5e-2), (0.0, 1e-9)
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


def _two_corrections(random: Random, x: Array, t: Array, exponent: float) -> Array:
    """One of them slow, and together never all of the leading term."""
    slow, fast = t ** -random.uniform(0.15, 0.6), t ** -random.uniform(0.3, 2)
    return 1 + random.uniform(-0.45, 1.5) * slow + random.uniform(-0.45, 1.5) * fast


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


def _shifted_logarithm(random: Random, x: Array, t: Array, exponent: float) -> Array:
    """A power of log(x/x_0), x_0 anywhere before the data."""
    return np.log(x * 10 ** random.uniform(-0.7, 3)) ** random.uniform(-2, 2)


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


def _ridge(random: Random, points: int) -> Curve:
    """Ridge regression on the same teacher, which has the same end."""
    from scalecheck.numerics.networks.ridge.state_equations import isotropic

    x = np.geomspace(10 ** random.uniform(1, 3), 10 ** random.uniform(6, 8), points)
    decay, penalty = random.uniform(0.7, 2), 10 ** random.uniform(0, 2)
    risks = [isotropic(dim=1e3, samples=n, ridge=penalty, decay=decay, noise=1.0).value.risk for n in x]
    return Curve(x, np.array(risks), -1.0)


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
COMPUTED: dict[str, Callable[[Random, int], Curve]] = {
    **FAMILIES,
    "two corrections": _law(_two_corrections),
    "shifted logarithm": _law(_shifted_logarithm),
    "ridge": _ridge,
}
"""Families of curves that were computed."""
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
    level = round(1e6 * noise) if noise >= 1e-6 else round(1e15 * noise) + 1
    random = np.random.default_rng([seed, *family.encode(), level, number, correlated])
    points = POINTS[number % len(POINTS)]
    curve = COMPUTED[family](random, points)
    alike = float(random.uniform(0.3, 0.9)) if correlated else 0.0
    scatter = np.exp(noise * _noise(random, points, alike))
    stated = noise if noise and number % 2 else None
    found = estimate_exponent(curve.x, curve.y * scatter, errors=stated).value
    low, high = found.interval
    return low <= curve.exponent <= high, found.convergence in ANSWERED, found.half_width


def labelled(computed: bool) -> list[tuple[str, bool]]:
    """Families, and whether neighbouring errors are alike."""
    if computed:
        return [(name, False) for name in COMPUTED]
    return [(name, False) for name in FAMILIES] + [(name, True) for name in CORRELATED]


def cells(
    count: int, noises: Sequence[float], names: Sequence[str], seed: int = 0, *, computed: bool = False
) -> Iterator[Cell]:
    """The lines of the table, each as soon as it is known."""
    for name, correlated in labelled(computed):
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
    labels = [*COMPUTED, *(f"{name}, alike" for name in CORRELATED)]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.coverage", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--computed", action="store_true", help="curves without errors, or with errors of 1e-9")
    parser.add_argument("--quick", action="store_true", help="six curves and one noise a family")
    parser.add_argument("--count", type=int, default=60, metavar="K", help="curves a cell (default 60)")
    parser.add_argument("--only", action="append", default=[], choices=labels, metavar="FAMILY", help="; ".join(labels))
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="which curves are drawn")
    parser.add_argument("--json", type=Path, metavar="FILE", help="store the table")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; exit status 1 where more than a twentieth of the answers of a noise and family missed, by chance 3%."""
    options = parsed(arguments)
    every = COMPUTED_NOISES if options.computed else NOISES
    count, noises = (6, every[1:2]) if options.quick else (options.count, every)
    print(f"{'family':24} {'noise':>6}  {'covered  missed/told':>18}  {'half-width':>10}")
    found = []
    for cell in cells(count, noises, options.only, options.seed, computed=options.computed):
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
