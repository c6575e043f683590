"""The profile of an exponent: which values some model reaches almost as well as the best one does (theory.md A4)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from .scaling_fits import FREEDOM, GRIDS, Array, Curve, Nodes, fit_grid, grid_factors, residuals, solve
from .scaling_search import ROUNDING
from .scaling_series import fit_series

# Two per parameter: Akaike's price of a model, in the units of the weighted sum of squares.
PRICE = 2.0
# Factor on the quantile of the profile, over 1 for a single model known beforehand: the models were chosen by the data.
# 1.5 covered 27 of 30 in the worst of 28 cells (family x errors): logarithm and correction, errors 1e-3. Chosen on those
# curves; on fresh ones 2 covers 668 of 672, and 22 of 24 in that same worst cell.
CHOSEN = 2.0
# Excess of the best grid model over the best of all up to which the noise hides what richer models would add.
NEEDED = 4.0
# Share of the tails that the average of models leaves outside: its weights rest on priors, which are nobody's truth.
CAUTION = 0.1
# Weight below which a model says nothing.
NO_WEIGHT = 1e-9
# Where no model describes the data to their errors, the misfit is systematic and correlated: models count as possible
# up to this excess (in units of the best mean misfit).
SYSTEMATIC = 100.0
# No interval is narrower than this on either side: corrections that no model holds hide below the errors of very precise
# curves (measured: up to 4e-5 in curves with infinitely many corrections, errors 1e-10).
FINEST = 1e-4
# With a logarithm, corrections of relative size log log x/log x die too slowly to be seen: this share of the distance
# between the last local slope and the exponent is always inside the interval.
LOG_SHARE = 0.05
# Models at the end of their ladder, and the ratio of the sums of squares within which the other family is a rival.
# The interval then reaches past the rival by this share of the distance, since the rival is not exact either.
RICHEST, RIVAL, BEYOND_RIVAL = ("series 3", "log series 2"), 1e4, 0.25
# Share of the change between a model and the one with a correction less that goes into the interval where a series fits
# within the errors: the next correction is still hidden below them.
AT_ANY_TIME = 0.05
# Von Neumann's ratio below which residuals are systematic; 2 is expected of noise, more after many parameters. Those
# make systematic residuals rough as well: the limit follows them up to where noise itself would be called systematic.
SMOOTH, SMOOTH_AT_MOST = 0.7, 1.3
# Ratio of the mean misfit to the noise between neighbours beyond which the misfit is systematic.
BEYOND_NOISE = 3.0

# Von Neumann's ratio this many standard deviations below 2 is not left to chance: independent errors do it once in twenty.
UNLIKELY = 1.645
# Neighbours more alike than this leave no independent points to speak of.
MOST_ALIKE = 0.97


@dataclass(frozen=True)
class Profile:
    """All fitted models on one window, and which β they allow.

    `votes` where no window is described by any; `noisy` where the errors hide all but the simple models, and the interval
    is drawn from their average.
    """

    curve: Curve
    nodes: list[Nodes]
    best: Nodes
    variance: float
    systematic: bool
    quantile: float
    interval: tuple[float, float]
    votes: tuple[Nodes, ...] = ()
    noisy: bool = False

    def excess(self, nodes: Nodes) -> Array:
        """Misfit and price above the best, in units of the variance."""
        lowest = min(float(_score(other, self.variance).min()) for other in self.nodes)
        return _score(nodes, self.variance) - lowest

    @property
    def exponent(self) -> float:
        """β of the best model."""
        return float(self.best.exponent[self.best.best])


def _score(nodes: Nodes, variance: float) -> Array:
    return nodes.misfit / variance + PRICE * nodes.parameters


def fit_profile(curve: Curve, known: bool, level: float, noise: float | None = None) -> Profile:
    """Fit everything on one window and draw the interval; `noise` is a variance seen without a model."""
    grid = grid_factors(curve)
    simple = fit_grid(curve, grid)
    nodes = simple + fit_series(curve, simple, _variance(curve, simple, known)[1])
    best, variance = _variance(curve, nodes, known)
    # from here on with the priors, whose strength is that of the errors
    held = {model.kind: model for model in fit_grid(curve, grid, variance)}
    nodes = [held.get(model.kind, model) for model in nodes]
    best = held.get(best.kind, best)
    raw = float(best.misfit.min()) / max(1, curve.u.size - best.parameters)
    systematic = raw > _largest_noise(curve.u.size - best.parameters) if known else _is_smooth(curve, best)
    systematic |= noise is not None and raw > BEYOND_NOISE * noise
    systematic &= raw > rounding(curve)
    quantile = SYSTEMATIC if systematic else CHOSEN * _quantile(level, curve.u.size - best.parameters, known)
    best = min(nodes, key=lambda model: float(_score(model, variance).min()))
    profile = Profile(curve, nodes, best, variance, systematic, quantile, (math.nan, math.nan))
    interval = averaged(profile, level, known)
    return _with_interval(profile) if interval is None else replace(profile, interval=interval, noisy=True)


def _variance(curve: Curve, nodes: list[Nodes], known: bool) -> tuple[Nodes, float]:
    """The model with the smallest mean misfit, among those that leave freedom, and that misfit."""
    size = curve.u.size
    candidates = [model for model in nodes if model.parameters <= size - FREEDOM]
    best = min(candidates, key=lambda model: float(model.misfit.min()) / (size - model.parameters))
    variance = max(float(best.misfit.min()) / (size - best.parameters), rounding(curve), 1.0 if known else 0.0)
    return best, variance


def rounding(curve: Curve) -> float:
    """Variance of the weighted rounding errors of log y: what is met to these is described, however smooth they are."""
    return (ROUNDING * max(1.0, float(np.abs(curve.v).max()))) ** 2 * float(np.mean(curve.weight**2))


def _quantile(level: float, freedom: int, known: bool) -> float:
    """Square of the two-sided normal or Student quantile."""
    from scipy.special import ndtri, stdtrit  # 0.1 s to import

    tail = 0.5 * (1 + level)
    return float(ndtri(tail) if known else stdtrit(max(1, freedom), tail)) ** 2


def _largest_noise(freedom: int) -> float:
    """Mean misfit that noise of the stated size exceeds once in a thousand."""
    from scipy.special import chdtri

    return float(chdtri(max(1, freedom), 1e-3)) / max(1, freedom)


def _is_smooth(curve: Curve, best: Nodes) -> bool:
    """Whether neighbouring residuals are alike: the misfit is then systematic (von Neumann's ratio, 2 for noise)."""
    left = residuals(curve, best.kind, best.shapes[best.best][None, :])[0]
    power = float(left @ left)
    flexible = (math.pi * best.parameters / left.size) ** 2  # the ratio of a sine with as many zeros as parameters
    limit = min(max(SMOOTH, 1.3 * flexible), SMOOTH_AT_MOST)
    return left.size >= 10 and power > 0 and float(np.sum(np.diff(left) ** 2)) < limit * power


def averaged(profile: Profile, level: float, known: bool) -> tuple[float, float] | None:
    """The interval from the average of all grid models; None where rich ones are needed or nothing fits."""
    grid = [nodes for nodes in profile.nodes if nodes.kind in GRIDS]
    if profile.systematic or min(float(profile.excess(nodes).min()) for nodes in grid) > NEEDED:
        return None
    freedom = profile.curve.u.size - profile.best.parameters
    variance = profile.variance * loss_of_points(neighbour_correlation(profile))
    low, high = _mixture_interval(grid, variance, CAUTION * (1 - level), freedom, known)
    room = max(FINEST, LOG_SHARE * abs(tail_slope(profile)[0] - profile.exponent))
    return min(low, profile.exponent - room), max(high, profile.exponent + room)


def _mixture_interval(
    nodes: list[Nodes], variance: float, tail: float, freedom: int, known: bool
) -> tuple[float, float]:
    """The quantiles of β that leave half of `tail` on either side, over models weighed by their evidence."""
    logs = [_evidence(item, variance) for item in nodes]
    top = max(float(log.max()) for log in logs)
    weight = np.concatenate([np.exp(log - top) for log in logs])
    center = np.concatenate([item.exponent for item in nodes])
    wider = math.sqrt(_quantile(1 - tail, freedom, known) / _quantile(1 - tail, freedom, True))
    spread = np.concatenate([item.spread for item in nodes]) * math.sqrt(variance) * wider
    kept = weight > NO_WEIGHT
    return _quantiles(center[kept], spread[kept], weight[kept] / weight[kept].sum(), tail)


def _evidence(nodes: Nodes, variance: float) -> Array:
    """Log evidence of each node; the nodes of a kind share its prior evenly."""
    amplitudes = nodes.parameters - nodes.shapes.shape[1]
    log = -0.5 * nodes.misfit / variance + nodes.volume + 0.5 * amplitudes * math.log(variance)
    return np.asarray(np.where(np.isfinite(nodes.misfit), log - math.log(len(nodes.shapes)), -np.inf))


def _quantiles(center: Array, spread: Array, weight: Array, tail: float) -> tuple[float, float]:
    """Both tails of a mixture of normal distributions."""
    from scipy.optimize import brentq
    from scipy.special import ndtr

    def below(place: float) -> float:
        return float(weight @ ndtr((place - center) / spread))

    low, high = float((center - 9 * spread).min()), float((center + 9 * spread).max())
    return brentq(lambda p: below(p) - tail / 2, low, high), brentq(lambda p: below(p) - 1 + tail / 2, low, high)


def neighbour_correlation(profile: Profile) -> float | None:
    """Correlation of neighbouring residuals of the best model, if it is more than chance; None below ten points."""
    left = residuals(profile.curve, profile.best.kind, profile.best.shapes[profile.best.best][None, :])[0]
    size, power = left.size, float(left @ left)
    if size < 10 or power == 0:
        return None
    ratio = float(np.sum(np.diff(left) ** 2)) / power
    return correlation_of(ratio, size, 1) if beyond_chance(ratio, size) else None


def beyond_chance(ratio: float, size: int) -> bool:
    """Whether von Neumann's ratio of `size` residuals is below what independent errors reach once in twenty."""
    return ratio < 2 - UNLIKELY * 2 * math.sqrt((size - 2) / (size**2 - 1))


def correlation_of(ratio: float, size: int, parameters: int) -> float:
    """The correlation of neighbours behind von Neumann's ratio, with what the fitted parameters took away given back."""
    plain = 1 - 0.5 * ratio
    return float(min(MOST_ALIKE, max(0.0, plain + (parameters + 3 * max(plain, 0.0)) / size)))


def loss_of_points(alike: float | None) -> float:
    """Factor on variances where neighbouring errors are correlated like a first-order autoregression."""
    return 1.0 if alike is None else (1 + alike) / (1 - alike)


def _with_interval(profile: Profile) -> Profile:
    low, high = math.inf, -math.inf
    for nodes in profile.nodes:
        lows, highs = reach(profile, nodes, nodes.exponent, nodes.spread)
        low, high = min(low, lows), max(high, highs)
    room = max(FINEST, AT_ANY_TIME * _step(profile))
    if profile.best.has_log:
        room = max(room, LOG_SHARE * abs(tail_slope(profile)[0] - profile.exponent))
    values = [profile.exponent - room, profile.exponent + room, *rivals(profile)]
    return replace(profile, interval=(min(low, *values), max(high, *values)))


def rivals(profile: Profile) -> list[float]:
    """Where only the richest models are good enough, the exponent of the best one of the other family too.

    A curve that is in neither family (corrections x^-δ log x, say) may be met by the richest models of the wrong one.
    """
    best = profile.best
    if best.kind not in RICHEST:
        return []
    others = [nodes for nodes in profile.nodes if nodes.has_log != best.has_log and np.isfinite(nodes.misfit).any()]
    rival = min(others, key=lambda nodes: float(_score(nodes, profile.variance).min()), default=best)
    near = float(rival.misfit.min()) < RIVAL * float(best.misfit.min())
    other = float(rival.exponent[rival.best])
    return [other + BEYOND_RIVAL * (other - profile.exponent)] if near else []


def reach(profile: Profile, nodes: Nodes, center: Array, spread: Array) -> tuple[float, float]:
    """Smallest and largest value that a family of models reaches within the quantile."""
    allowed = profile.quantile - profile.excess(nodes)
    inside = allowed >= 0
    if not inside.any():
        return math.inf, -math.inf
    radius = spread[inside] * np.sqrt(profile.variance * allowed[inside])
    return float((center[inside] - radius).min()), float((center[inside] + radius).max())


def _step(profile: Profile) -> float:
    """Change of the exponent from the model with one correction less to the best one; zero where there is none."""
    family, _, order = profile.best.kind.rpartition(" ")
    lower = [nodes for nodes in profile.nodes if order.isdigit() and nodes.kind == f"{family} {int(order) - 1}"]
    return max((abs(float(nodes.exponent[0]) - profile.exponent) for nodes in lower), default=0.0)


def tail_slope(profile: Profile) -> tuple[float, float]:
    """Plain power on the last third of the window (three points at least), and its standard error."""
    curve = profile.curve
    size = curve.u.size
    tail = curve.window(size - max(3, size // 3), size)
    line = solve(tail, "power", np.empty((1, 0)))
    return float(line.exponent[0]), float(line.spread[0]) * math.sqrt(profile.variance)
