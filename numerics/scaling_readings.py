"""What the exponent is if the form of the law is known: a plain power, one above a plateau, with a correction, with a logarithm.

`exponents` allows for every form at once. Whoever knows the form (a loss that cannot fall below its irreducible part, say)
may read a narrower interval here; each comes with a statement whether the data allow that form at all. Neighbouring
residuals that are alike, as along one training run, count as fewer points.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np

from .scaling_fits import FASTEST, LEAD, SLOWEST, Array, Curve, Nodes, solve
from .scaling_profile import PRICE, Profile, loss_of_points, neighbour_correlation

# Excess of a form over the best model, Akaike's price included, beyond which the data exclude it.
EXCLUDED = 10.0
# Rates of a plateau's approach, times the length of the data in log x, that are tried.
SLOWEST_APPROACH, FASTEST_APPROACH, APPROACHES = 0.05, 60.0, 600
# How many onsets of a logarithm are tried, and how far from the estimate an exponent with a correction is looked for.
LEADING, WIDEST = 200, 4.0
# Multiples of the quantile inside which the search for the latter is refined, round by round; the last is the interval.
ROUNDS = (9.0, 9.0, 4.0, 2.0, 1.0)


class Form(Enum):
    """Forms of a law that a user may know beforehand."""

    POWER = "power"
    PLATEAU = "plateau"
    CORRECTION = "correction"
    LOGARITHM = "logarithm"


@dataclass(frozen=True)
class Reading:
    """The exponent if the law has one form.

    Parameters
    ----------
    form : Form
        `PLATEAU` is y = y_inf + A x^β, where β is the exponent of the approach.
    exponent, interval : float, pair of floats
        β and its interval at the level of the estimate, if the form is right. An end is infinite where nothing bounds it.
    allowed : bool
        Whether the data allow the form.
    limit, limit_interval : float, pair of floats, or None
        The plateau y_inf.
    """

    form: Form
    exponent: float
    interval: tuple[float, float]
    allowed: bool
    limit: float | None = None
    limit_interval: tuple[float, float] | None = None


@dataclass(frozen=True)
class _Bench:
    """What every reading is judged by: the errors, the best of all models, and the quantile at each number of parameters."""

    curve: Curve
    variance: float
    lowest: float
    level: float
    known: bool

    def room(self, misfit: Array, parameters: int, spare: float = 1.0) -> Array:
        """How much of the quantile of the profile is left at each misfit."""
        from scipy.special import ndtri, stdtrit  # 0.1 s to import

        tail = 0.5 * (1 + self.level)
        freedom = max(1, self.curve.u.size - parameters)
        quantile = float(ndtri(tail) if self.known else stdtrit(freedom, tail)) ** 2
        return np.asarray(spare * self.variance * quantile - (misfit - misfit.min()))

    def allows(self, misfit: float, parameters: int) -> bool:
        """Whether a form is about as good as the best model."""
        return misfit / self.variance + PRICE * parameters - self.lowest <= EXCLUDED


def readings(profile: Profile, level: float, known: bool) -> tuple[Reading, ...]:
    """The exponent under each form, on the window of the profile."""
    variance = profile.variance * loss_of_points(neighbour_correlation(profile))
    lowest = min(float(nodes.misfit.min()) / variance + PRICE * nodes.parameters for nodes in profile.nodes)
    bench = _Bench(profile.curve, variance, lowest, level, known)
    leads = np.geomspace(*LEAD, LEADING)[:, None]
    plain = _linear(bench, Form.POWER, solve(bench.curve, "power", np.empty((1, 0))))
    logarithm = _linear(bench, Form.LOGARITHM, solve(bench.curve, "log", leads))
    return plain, _plateau(bench), _corrected(bench, profile.exponent), logarithm


def _linear(bench: _Bench, form: Form, nodes: Nodes) -> Reading:
    """The profile of a model that is linear once its shape is fixed."""
    room = bench.room(nodes.misfit, nodes.parameters)
    inside = room >= 0
    reach = nodes.spread[inside] * np.sqrt(room[inside])
    center = nodes.exponent[inside]
    interval = float((center - reach).min()), float((center + reach).max())
    allowed = bench.allows(float(nodes.misfit.min()), nodes.parameters)
    return Reading(form, float(nodes.exponent[nodes.best]), interval, allowed)


def _plateau(bench: _Bench) -> Reading:
    """y = y_inf + A x^β: the profile of β < 0 and of y_inf, which is negative where the curve falls faster than a power."""
    rates = np.geomspace(SLOWEST_APPROACH, FASTEST_APPROACH, APPROACHES) / bench.curve.span
    found = _two_powers(bench.curve, np.zeros(1), rates)
    misfit, limits, spreads = (part[0] for part in found)
    best = int(np.argmin(misfit))
    room = bench.room(misfit, 3)
    inside = np.flatnonzero(room >= 0)
    low = -math.inf if inside[-1] == rates.size - 1 else -float(rates[inside[-1] + 1])
    slow = inside[0] == 0
    high = 0.0 if slow else -float(rates[inside[0] - 1])
    reach = spreads[inside] * np.sqrt(room[inside])
    bottom = -math.inf if slow else float((limits[inside] - reach).min())
    ends = bottom, float((limits[inside] + reach).max())
    allowed = bench.allows(float(misfit[best]), 3)
    return Reading(Form.PLATEAU, -float(rates[best]), (low, high), allowed, float(limits[best]), ends)


def _corrected(bench: _Bench, center: float) -> Reading:
    """y = A x^β + B x^(β - δ): the profile of β, drawn coarsely and then where it matters."""
    rates = np.geomspace(SLOWEST, FASTEST, 50)
    exponents = center + WIDEST * np.linspace(-1, 1, 81) ** 3
    for spare in ROUNDS:
        table = _two_powers(bench.curve, exponents, rates)[0]
        misfit = table.min(axis=1)
        inside = np.flatnonzero(bench.room(misfit, 4, spare) >= 0)
        first, last = max(0, inside[0] - 1), min(exponents.size - 1, inside[-1] + 1)
        interval, best = (float(exponents[first]), float(exponents[last])), float(exponents[np.argmin(misfit)])
        used = np.argmin(table[first : last + 1], axis=1)
        slow, fast = rates[max(0, used.min() - 1)], rates[min(rates.size - 1, used.max() + 1)]
        exponents, rates = np.linspace(*interval, 81), np.geomspace(slow, fast, 50)
    return Reading(Form.CORRECTION, best, interval, bench.allows(float(misfit.min()), 4))


def _two_powers(curve: Curve, exponents: Array, rates: Array) -> tuple[Array, Array, Array]:
    """Misfits of log y to A x^β + B x^(β - δ) on a grid of β and δ, with A and its spread: least squares, reweighted thrice."""
    scale = math.exp(float(curve.v.mean()))
    y = np.exp(curve.v) / scale
    lead = np.exp(exponents[:, None, None] * (curve.u - curve.u[0]))
    decay = lead * np.exp(-rates[:, None] * (curve.u - curve.u[0]))
    fitted = np.broadcast_to(y, decay.shape)
    with np.errstate(
        over="ignore", divide="ignore", invalid="ignore"
    ):  # far from the data; such places count as misfits
        for _ in range(3):
            level, fitted, spread = _reweighted(curve, y, lead, decay, fitted)
        misfit = np.sum((curve.weight * (curve.v - math.log(scale) - np.log(fitted))) ** 2, axis=2)
    return np.where(np.isfinite(misfit), misfit, np.inf), scale * level, scale * spread


def _reweighted(curve: Curve, y: Array, lead: Array, decay: Array, fitted: Array) -> tuple[Array, Array, Array]:
    """Least squares in the two amplitudes with relative errors about what was fitted before: A, the new fit, A's spread."""
    weight = (curve.weight / fitted) ** 2
    one, first, second, target, mixed = (
        np.sum(weight * item, axis=2) for item in (lead**2, lead * decay, decay**2, lead * y, decay * y)
    )
    determinant = np.maximum(one * second - first**2, 1e-300)
    level = (second * target - first * mixed) / determinant
    other = (one * mixed - first * target) / determinant
    fit = np.maximum(level[..., None] * lead + other[..., None] * decay, 1e-3 * y)
    return level, fit, np.sqrt(second / determinant)
