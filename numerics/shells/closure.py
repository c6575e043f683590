"""How well a trajectory obeys the renormalised closure, and with which power law: measured, not assumed (claims S6, S13).

The closure says that the energy passing through an edge is v(λ, t) times the density of energy there. A budget has both;
their ratio is a velocity, to be fitted by a smooth function and by σ c λ^b t^m, and what neither explains is reported.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from ..errors import NotConverged, real, require
from ..solution import ErrorKind, Solution, Status
from .budget import Budget, budget, shell_edges
from .families import Array
from .training import Identities, Run, identities

# Share of the energy at the start that both shells at an edge must hold for their flux to be used.
SHARE = 1e-7
# Flux below this fraction of what decays in the same shells: nothing is transported that a fit could describe.
LAZY = 1e-2
# Unexplained part of the flux, root mean square, up to which the closure is said to hold; and the least net share of it.
EXPLAINED, ONE_WAY = 0.3, 0.8
RESAMPLES, LEAST_EDGES = 400, 4


class ClosureStatus(Enum):
    """Whether the closure describes the trajectory, in a sentence."""

    HOLDS = "The closure holds: a power-law velocity explains the flux between shells."
    SMOOTH = "A smooth velocity explains the flux, a power law does not: S6 holds on this run, S7 does not describe it."
    FAILS = "The closure does not hold: no smooth velocity explains the flux between shells on this run."
    NO_TRANSPORT = "No transport: the flux between shells is negligible beside the decay (lazy training)."
    TOO_FEW = "Too few shells hold energy to say anything: use narrower shells, or more residuals."


@dataclass(frozen=True)
class Interval:
    """A fitted number with its 95% interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Closure:
    """What a run says about S6.

    Parameters
    ----------
    status : ClosureStatus
        The finding.
    residual : float
        Root mean square of (flux - v ε) over that of the flux, v = σ c λ^b t^m fitted; 1 explains nothing.
    smooth_residual : float
        The same with the best v/λ that is a quadratic polynomial in (log λ, log t): what no power law could mend.
    one_way : float
        |net flux| over the sum of its sizes: 1 if energy moves one way at all edges and times.
    lazy_ratio : float
        Sum of sizes of the flux over the decay.
    sign : int
        σ of the net flux.
    power, time_power, rate : Interval
        b, m, c, from log|v|; NaN where the status says too few.
    points, edges : int
        Windows times edges that entered, and how many different edges.
    """

    status: ClosureStatus
    residual: float
    smooth_residual: float
    one_way: float
    lazy_ratio: float
    sign: int
    power: Interval
    time_power: Interval
    rate: Interval
    points: int
    edges: int


@dataclass(frozen=True, eq=False)
class _Points:
    log_rate: Array
    log_time: Array
    flux: Array
    carried: Array
    edge: NDArray[np.intp]


def _points(found: Budget) -> _Points:
    """Flux and density at every edge that stands between two shells of finite width, window by window."""
    y = np.log(found.edges)
    width = np.diff(y)
    begin, end = found.times[:-1], found.times[1:]
    low, high = found.energy[:, 1:-2], found.energy[:, 2:-1]  # shells on both sides of edges 1 .. K-3
    slope = 0.5 * np.log(np.maximum(high, 1e-300) / np.maximum(low, 1e-300))
    # Exact where the density is a power of λ inside the two shells.
    shape = np.divide(slope, np.sinh(np.clip(slope, -300, 300)), out=np.ones_like(slope), where=np.abs(slope) > 1e-8)
    density = np.sqrt(low * high) * shape / np.sqrt(width[:-1] * width[1:])
    carried = _over_window(density, begin, end)
    least = SHARE * float(found.energy[0].sum())
    used = (np.minimum(low, high) > least)[1:] & (np.minimum(low, high) > least)[:-1] & (begin > 0)[:, None]
    flux = found.flux[:, 1:-1]
    used &= flux != 0.0
    rows, columns = np.nonzero(used)
    middle = 0.5 * (np.log(np.maximum(begin, 1e-300)) + np.log(end))
    return _Points(y[1:-1][columns], middle[rows], flux[used], carried[used], columns)


def _over_window(density: Array, begin: Array, end: Array) -> Array:
    """∫ density dt over each window, exact where the density is a power of t; the first window may begin at 0."""
    start = np.maximum(begin, 1e-3 * end)[:, None]
    last = end[:, None]
    one, two = np.maximum(density[:-1], 1e-300), np.maximum(density[1:], 1e-300)
    power = 1.0 + np.log(two / one) / np.log(last / start)
    flat = np.abs(power) < 1e-6
    value = np.divide(two * last - one * start, power, out=np.zeros_like(one), where=~flat)
    return np.where(flat, one * start * np.log(last / start), value)


def closure(found: Budget, *, seed: int = 0) -> Solution[Closure]:
    """Measure the closure residual and fit b, c, m (claims S6, S13).

    Formula: w = flux/(density in log λ · Δt) = v/λ at each edge and window; log|w| = log c + (b - 1) log λ + m log t by
    least squares over the points that flow with the net flux. Intervals: bootstrap over edges, whose windows are
    correlated, widened by Student's quantile for their number.

    Returns
    -------
    Solution of Closure
        `error` is the closure residual itself; kind NONE where too few shells hold energy. A closure that fails is a
        finding, not a failure: the status of the solution is CONVERGED and `value.status` says what was found.

    Notes
    -----
    When this is wrong: with fewer than a few modes a shell the flux is a handful of jumps and the residual is theirs.

    Examples
    --------
    >>> from scalecheck.numerics.shells.families import fixed
    >>> from scalecheck.numerics.shells.trajectory import drive
    >>> path = drive(fixed(np.geomspace(0.1, 10, 20)), np.ones(20), begin=0.0, end=1.0)
    >>> times, edges = np.linspace(0, 1, 6), np.geomspace(0.05, 20, 9)
    >>> closure(budget(path, edges=edges, times=times).value).value.status.name
    'NO_TRANSPORT'
    """
    points = _points(found)
    total = float(np.abs(found.flux).sum())
    decay = float(found.decayed.sum())
    ratio = total / decay if decay > 0 else 0.0
    edges = int(np.unique(points.edge).size)
    method = "fluxes of a shell budget over densities, least squares in logarithms, bootstrap over edges"
    if ratio < LAZY or edges < LEAST_EDGES or points.flux.size < 12:
        status = ClosureStatus.NO_TRANSPORT if ratio < LAZY else ClosureStatus.TOO_FEW
        empty = Interval(math.nan, math.nan, math.nan)
        value = Closure(status, 1.0, 1.0, 0.0, ratio, 0, empty, empty, empty, int(points.flux.size), edges)
        return Solution(value, Status.CONVERGED, math.inf, ErrorKind.NONE, method, seed=seed)
    value = _fitted(points, ratio, edges, seed)
    statistics = {"points": float(value.points), "edges": float(edges)}
    return Solution(value, Status.CONVERGED, value.residual, ErrorKind.ESTIMATE, method, statistics, seed)


def _fitted(points: _Points, ratio: float, edges: int, seed: int) -> Closure:
    net = float(points.flux.sum())
    one_way, sign = abs(net) / float(np.abs(points.flux).sum()), int(np.sign(net)) or 1
    with_it = np.flatnonzero(np.sign(points.flux) == sign)
    best = _fit(points, with_it)
    intervals = _intervals(points, with_it, best, edges, seed)
    law = sign * np.exp(_columns(points, np.arange(points.flux.size)) @ best)
    residual = _unexplained(points.flux, law * points.carried)
    smooth = _smooth(points)
    status = ClosureStatus.FAILS
    if smooth < EXPLAINED:
        status = ClosureStatus.SMOOTH
    if residual < EXPLAINED and one_way > ONE_WAY:
        status = ClosureStatus.HOLDS
    rate = Interval(*(math.exp(min(max(x, -700.0), 700.0)) for x in intervals[0]))
    power = Interval(*(1.0 + x for x in intervals[1]))
    return Closure(
        status, residual, smooth, one_way, ratio, sign, power, Interval(*intervals[2]), rate, int(points.flux.size), edges
    )  # fmt: skip


def _columns(points: _Points, rows: NDArray[np.intp]) -> Array:
    return np.column_stack([np.ones(rows.size), points.log_rate[rows], points.log_time[rows]])


def _fit(points: _Points, rows: NDArray[np.intp]) -> Array:
    speed = np.log(np.abs(points.flux[rows]) / points.carried[rows])
    return np.asarray(np.linalg.lstsq(_columns(points, rows), speed, rcond=None)[0])


def _intervals(
    points: _Points, rows: NDArray[np.intp], best: Array, edges: int, seed: int
) -> list[tuple[float, float, float]]:
    from scipy.special import stdtrit  # `scipy.stats` takes 0.4 s to import

    generator = np.random.default_rng(seed)
    groups = [rows[points.edge[rows] == edge] for edge in np.unique(points.edge[rows])]
    draws = []
    for _ in range(RESAMPLES):
        chosen = [groups[i] for i in generator.integers(len(groups), size=len(groups))]
        draws.append(_fit(points, np.concatenate(chosen)))
    half = float(stdtrit(max(edges - 1, 1), 0.975)) * np.std(draws, axis=0, ddof=1)
    return [(float(x), float(x - h), float(x + h)) for x, h in zip(best, half)]


def _smooth(points: _Points) -> float:
    """Residual with the best quadratic polynomial for v/λ, its sign free."""
    y = points.log_rate - points.log_rate.mean()
    s = points.log_time - points.log_time.mean()
    columns = np.column_stack([np.ones_like(y), y, s, y * y, y * s, s * s]) * points.carried[:, None]
    scale = np.abs(columns).max(axis=0)
    scale[scale == 0] = 1.0
    fit = np.linalg.lstsq(columns / scale, points.flux, rcond=None)[0]
    return _unexplained(points.flux, columns / scale @ fit)


def _unexplained(flux: Array, model: Array) -> float:
    return float(np.sqrt(np.sum((flux - model) ** 2) / np.sum(flux**2)))


def energy_frontier(found: Budget, *, share: float = 0.9) -> Array:
    """λ below which `share` of the energy stands, at each time (claims S9, S13); NaN where it stands below all edges.

    Inside a shell the energy is taken as uniform in log λ: the answer is good to a shell's width.

    Examples
    --------
    >>> from scalecheck.numerics.shells.families import fixed
    >>> from scalecheck.numerics.shells.trajectory import drive
    >>> path = drive(fixed(np.geomspace(0.01, 10, 40)), np.ones(40), begin=0.0, end=10.0)
    >>> found = budget(path, edges=np.geomspace(0.005, 20, 20), times=np.linspace(0, 10, 3)).value
    >>> bool((np.diff(energy_frontier(found)) < 0).all())
    True
    """
    real("share", share, above=0)
    require(share < 1, "share", share, "a real number in (0, 1)")
    y = np.log(found.edges)
    result = np.full(found.times.size, np.nan)
    for i, energy in enumerate(found.energy):
        sums = np.cumsum(energy)
        shell = int(np.searchsorted(sums, share * sums[-1]))
        if 0 < shell < y.size:
            part = (share * sums[-1] - sums[shell - 1]) / energy[shell]
            result[i] = math.exp(y[shell - 1] + part * (y[shell] - y[shell - 1]))
    return result


@dataclass(frozen=True, eq=False)
class Study:
    """Everything measured on one run (claim S13)."""

    identities: Identities
    budget: Solution[Budget]
    closure: Solution[Closure]
    frontier: Array


def study(run: Run, *, width: float = 0.7, decades: float = 7.0, windows: int = 20, seed: int = 0) -> Study:
    """Verify S1 to S5 along a network's run, measure S6, track the frontier (claim S13).

    Shells of `width` in log λ cover `decades` below ten times the largest eigenvalue at the start; the windows are
    geometric in time from a tenth of the fastest decay on.

    Raises
    ------
    NotConverged
        The budget does not close.

    Examples
    --------
    >>> from scalecheck.numerics.shells.networks import network
    >>> from scalecheck.numerics.shells.training import train
    >>> rng = np.random.default_rng(0)
    >>> run = train(network("tanh", rng.standard_normal((12, 4)), width=6), rng.standard_normal(12), time=3.0).value
    >>> found = study(run)
    >>> found.identities.worst < 1e-7, found.budget.error < 1e-5
    (True, True)
    """
    top = float(run.at(run.begin).eigenvalues[-1])
    if not top > 0:
        raise NotConverged("study: the Jacobian vanishes at the start; train from other weights")
    edges = shell_edges(floor=10.0 * top * 10.0**-decades, top=10.0 * top, width=width)
    first = min(0.1 / top, 0.1 * run.end)
    times = np.concatenate([[run.begin], np.geomspace(first, run.end, windows)])
    found = budget(run, edges=edges, times=times, tolerance=1e-7)
    spread = np.geomspace(first, 0.9 * run.end, 3)
    return Study(identities(run, spread), found, closure(found.value, seed=seed), energy_frontier(found.value))
