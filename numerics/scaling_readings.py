"""What the exponent is if the form of the law is known: a plain power, one above a plateau, with a correction, with a logarithm.

`exponents` allows for every form at once. Whoever knows the form (a loss that cannot fall below its irreducible part, say)
may read a narrower interval here; each comes with a statement whether the data allow that form at all. Neighbouring
residuals that are alike, as along one training run, count as fewer points.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from .scaling_digits import Sum, best_sum, last_digit, met, written_errors
from .scaling_fits import FASTEST, LEAD, SLOWEST, Array, Curve, Nodes, residuals, solve
from .scaling_powers import two_powers
from .scaling_profile import (
    MOST_ALIKE,
    PRICE,
    Profile,
    beyond_chance,
    correlation_of,
    loss_of_points,
    neighbour_correlation,
)

# Excess of a form over the best model, Akaike's price included, beyond which the data exclude it.
EXCLUDED = 10.0
# Rates of a plateau's approach, times the length of the data in log x, that are tried.
SLOWEST_APPROACH, FASTEST_APPROACH, APPROACHES = 0.05, 60.0, 600
# Onsets of a logarithm that are tried; farther before the data than `LEAD`, since log x + c vanishes at e^-c, for c = 200 many
# lengths before them.
ONSETS, LEADING = (LEAD[0], 100.0), 300
# Two powers nearer than this are a logarithm for every purpose: what a logarithm is held against before it is called present.
CLOSEST = 0.04
# How far from the estimate an exponent with a correction is looked for, at how many places, with how many rates each.
WIDEST, PLACES, RATES, RATE_ROUNDS = 4.0, 41, 12, 5
# A search narrows to what lies within this multiple of the quantile, until that is half of where it looked: curves of six
# or sixteen digits are then resolved as far as their digits go.
NARROW, MOST_ROUNDS = 4.0, 30
# Standard errors, of 1/sqrt(points), that a correlation of errors of unknown size is taken to be larger than it looks. Without
# them half of the curves of 16 points with a correlation of 0.8 were missed; independent errors pay 48% of width at 16 points
# and 16% at 100.
DOUBT = 1.5

_Scans = dict[bytes, tuple[Array, Array]]
"""Misfits, and by how much the first term leads, at places that were scanned before."""
_Read = tuple["Reading", Array | None, int]
"""A reading, the weighted residuals of its best fit (None where there is none), and its number of parameters."""


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
        Where the data do not identify β at all it is NaN, and both ends are infinite: a bound of the search is no answer.
    allowed : bool
        Whether the data allow the form.
    limit, limit_interval : float, pair of floats, or None
        The plateau y_inf.
    alike : float or None
        Correlation of neighbouring errors about this form, if it is more than chance.
    log_exponent, log_interval : float, pair of floats, or None
        The power p of the logarithm.
    """

    form: Form
    exponent: float
    interval: tuple[float, float]
    allowed: bool
    limit: float | None = None
    limit_interval: tuple[float, float] | None = None
    alike: float | None = None
    log_exponent: float | None = None
    log_interval: tuple[float, float] | None = None

    @property
    def identified(self) -> bool:
        """Whether the data say anything about β under this form."""
        return not math.isnan(self.exponent)


@dataclass(frozen=True)
class _Bench:
    """What every reading is judged by: the errors, the best of all models, and the quantile at each number of parameters."""

    curve: Curve
    variance: float
    judged: float
    lowest: float
    level: float
    known: bool
    last_digit: Array | None = None
    largest: float = 0.0
    """Sum of squares of errors that are known to be no larger: nothing within it is left out, whatever the quantile."""

    def room(self, misfit: Array, parameters: int, spare: float = 1.0) -> Array:
        """How much of the quantile of the profile is left at each misfit."""
        from scipy.special import ndtri, stdtrit  # 0.1 s to import

        tail = 0.5 * (1 + self.level)
        freedom = max(1, self.curve.u.size - parameters)
        quantile = float(ndtri(tail) if self.known else stdtrit(freedom, tail)) ** 2
        return np.asarray(spare * max(self.variance * quantile, self.largest) - (misfit - misfit.min()))

    def allows(self, misfit: float, parameters: int) -> bool:
        """Whether a form is about as good as the best model, by errors no smaller than what rounding leaves."""
        return misfit / self.judged + PRICE * parameters - self.lowest <= EXCLUDED

    def meets(self, left: Array) -> bool:
        """Whether what a form leaves is nowhere more than one in the last digit that was written: nothing then speaks against it."""
        return self.last_digit is not None and bool(np.all(np.abs(left) <= self.last_digit))


def readings(profile: Profile, level: float, known: bool, forms: Collection[Form] = tuple(Form)) -> tuple[Reading, ...]:
    """The exponent under each form, on the window of the profile; a pure power is always among them."""
    bench = _bench(profile, level, known)

    def power(at: _Bench) -> _Read:
        return _linear(at, Form.POWER, solve(at.curve, "power", np.empty((1, 0))))

    def logarithm(at: _Bench) -> _Read:
        return _linear(at, Form.LOGARITHM, _logarithms(at))

    scans: _Scans = {}

    def corrected(at: _Bench) -> _Read:
        return _corrected(at, profile.exponent, scans)

    ways = {Form.PLATEAU: _plateau, Form.CORRECTION: corrected, Form.LOGARITHM: logarithm}
    plain = _by_own_errors(bench, power)
    others = (_by_own_errors(bench, read) for form, read in ways.items() if form in forms)
    return plain, *(_with_smaller(plain, item) for item in others)


def _bench(profile: Profile, level: float, known: bool) -> _Bench:
    variance = profile.variance * loss_of_points(neighbour_correlation(profile))
    digit = last_digit(profile.curve)
    judged = variance if digit is None else max(variance, float(np.mean(digit**2)) / 12)
    lowest = min(float(nodes.misfit.min()) / judged + PRICE * nodes.parameters for nodes in profile.nodes)
    return _Bench(profile.curve, variance, judged, lowest, level, known, digit)


def close_powers(profile: Profile, level: float, known: bool) -> tuple[float, float] | None:
    """The larger exponents of two powers, however close down to `CLOSEST`, that describe the data; None where none do."""
    bench = _bench(profile, level, known)
    misfit, exponents, _, _ = _profile(bench, profile.exponent, {}, leading=False, closest=CLOSEST)
    if not (math.isfinite(misfit.min()) and bench.allows(float(misfit.min()), 4)):
        return None
    inside = exponents[bench.room(misfit, 4) >= 0]
    return float(inside.min()), float(inside.max())


def _by_own_errors(bench: _Bench, read: Callable[[_Bench], _Read]) -> Reading:
    """Read once by the errors about the best of all models, and again by those about the form itself, if they are larger.

    A rich model follows errors that are alike between neighbours, and what it leaves is small and independent. Whether the
    data allow the form is judged by the first. Where a form leaves nothing but rounding, the errors are those of rounding.
    """
    first, left, parameters = read(bench)
    if left is None:
        return first
    written = written_errors(bench.curve, bench.last_digit, bench.known)
    if met(left, written, parameters):
        stated = bench.variance if bench.known else 0.0
        return replace(read(replace(bench, variance=stated, largest=float(written @ written)))[0], allowed=True)
    if bench.meets(left):
        first = replace(first, allowed=True)
    ratio = float(np.sum(np.diff(left) ** 2)) / max(float(left @ left), 1e-300)
    correlation = correlation_of(ratio, left.size, parameters)
    alike = correlation if beyond_chance(ratio, left.size) else None
    own, doubt = 1.0, 0.0
    if not bench.known:  # nothing but the scatter tells the size of the errors: its correlation is not trusted
        own, doubt = float(left @ left) / max(1, left.size - parameters), DOUBT / math.sqrt(left.size)
    variance = max(bench.variance, own * loss_of_points(min(MOST_ALIKE, correlation + doubt)))
    if variance > bench.variance:
        first = replace(read(replace(bench, variance=variance))[0], allowed=first.allowed)
    return replace(first, alike=alike)


def _with_smaller(plain: Reading, larger: Reading) -> Reading:
    """A form that contains the plain power is allowed wherever that is; a plateau contains one only if it falls."""
    contains = larger.form is not Form.PLATEAU or plain.exponent < 0
    return replace(larger, allowed=larger.allowed or (plain.allowed and contains))


def _unknown(form: Form, allowed: bool) -> Reading:
    return Reading(form, math.nan, (-math.inf, math.inf), allowed)


def _logarithms(bench: _Bench) -> Nodes:
    """The logarithm over its onsets, looked at closer and closer."""
    leads = np.geomspace(*ONSETS, LEADING)
    for _ in range(MOST_ROUNDS):
        nodes = solve(bench.curve, "log", leads[:, None])
        closer = _closer(bench, leads, nodes.misfit, nodes.parameters)
        if closer is None:
            break
        leads = np.geomspace(*closer, LEADING)
    return nodes


def _closer(bench: _Bench, grid: Array, misfit: Array, parameters: int) -> tuple[float, float] | None:
    """The part of a grid that is worth a closer look, two steps wider; None where that is most of it."""
    if not np.isfinite(misfit).any():
        return None
    inside = np.flatnonzero(bench.room(misfit, parameters, NARROW) >= 0)
    first, last = max(0, inside[0] - 2), min(grid.size - 1, inside[-1] + 2)
    wide = 2 * (last - first) >= grid.size or not grid[last] - grid[first] > 1e-14 * np.abs(grid).max()
    return None if wide else (float(grid[first]), float(grid[last]))


def _linear(bench: _Bench, form: Form, nodes: Nodes) -> _Read:
    """The profile of a model that is linear once its shape is fixed."""
    if not np.isfinite(nodes.misfit).any():
        return _unknown(form, False), None, nodes.parameters
    room = bench.room(nodes.misfit, nodes.parameters)
    inside = room >= 0
    reach = nodes.spread[inside] * np.sqrt(room[inside])
    center = nodes.exponent[inside]
    interval = float((center - reach).min()), float((center + reach).max())
    allowed = bench.allows(float(nodes.misfit.min()), nodes.parameters)
    left = residuals(bench.curve, nodes.kind, nodes.shapes[nodes.best][None, :])[0]
    found = Reading(form, float(nodes.exponent[nodes.best]), interval, allowed)
    if nodes.has_log:
        power, wide = nodes.log_exponent[inside], nodes.log_spread[inside] * np.sqrt(room[inside])
        ends = float((power - wide).min()), float((power + wide).max())
        found = replace(found, log_exponent=float(nodes.log_exponent[nodes.best]), log_interval=ends)
    return found, left, nodes.parameters


def _plateau(bench: _Bench) -> _Read:
    """y = y_inf + A x^β: the profile of β < 0 and of y_inf, which is negative where the curve falls faster than a power."""
    slowest, fastest = SLOWEST_APPROACH / bench.curve.span, FASTEST_APPROACH / bench.curve.span
    rates = np.geomspace(slowest, fastest, APPROACHES)
    for _ in range(MOST_ROUNDS):
        misfit, limits, spreads, _ = (part[0] for part in two_powers(bench.curve, np.zeros(1), rates[None, :])[:4])
        closer = _closer(bench, rates, misfit, 3)
        if closer is None:
            break
        rates = np.geomspace(*closer, APPROACHES)
    best = int(np.argmin(misfit))
    fit = _polished(bench.curve, 0.0, float(rates[best]), (slowest, fastest))
    allowed = bench.allows(fit.misfit, 3)
    if (
        not math.isfinite(misfit[best])
        or (best == 0 and rates[0] <= slowest)
        or (best == rates.size - 1 and rates[-1] >= fastest)
    ):
        return _unknown(Form.PLATEAU, allowed), None, 3
    room = bench.room(misfit, 3)
    inside = np.flatnonzero(room >= 0)
    ends = rates[max(0, inside[0] - 1)], rates[min(rates.size - 1, inside[-1] + 1)]
    slow = ends[0] <= slowest
    interval = -math.inf if ends[1] >= fastest else -float(ends[1]), 0.0 if slow else -float(ends[0])
    reach = spreads[inside] * np.sqrt(room[inside])
    with np.errstate(invalid="ignore"):  # a limit that nothing bounds is told as such
        bottom, top = float((limits[inside] - reach).min()), float((limits[inside] + reach).max())
    limit = -math.inf if slow or math.isnan(bottom) else bottom, math.inf if math.isnan(top) else top
    found = Reading(Form.PLATEAU, _between(-fit.rate, interval), interval, allowed, float(limits[best]), limit)
    return found, fit.left, 3


def _between(value: float, ends: tuple[float, float]) -> float:
    return min(max(value, ends[0]), ends[1])


def _polished(curve: Curve, exponent: float, rate: float, rates: tuple[float, float], *, plateau: bool = True) -> Sum:
    """The best two powers near these of a grid, or those of the grid where the best ones are none of the form."""
    _, level, _, leads, fitted = (part[0, 0] for part in two_powers(curve, np.array([exponent]), np.array([[rate]])))
    coarse = Sum(exponent, rate, float(leads), np.asarray(curve.weight * (curve.v - np.log(fitted))))
    fine = best_sum(curve, exponent, rate, (float(level), float(fitted[0] - level)), plateau=plateau)
    inside = fine is not None and rates[0] <= fine.rate <= rates[1] and (plateau or fine.leads > 0)
    return fine if fine is not None and inside and fine.misfit < coarse.misfit else coarse


def _corrected(bench: _Bench, center: float, scans: _Scans, again: bool = True) -> _Read:
    """y = A x^β + B x^(β - δ), where the first term is the larger by the end of the data; else it is no leading term.

    Without that, any β above the data's own would do, with A next to nothing and B for all of the curve. Where such a fit
    is better than every one whose leading term leads, the end of the data has not seen the exponent.

    Powers that are close lose half of the digits on the grid, and the profile may settle beside the best fit: it is then
    drawn `again` about that one, and the interval holds it in any case.
    """
    # All profiles begin alike, and go on so where the best fit leads anyway: what was scanned serves all of them.
    free = _profile(bench, center, scans, leading=False)[0]
    misfit, exponents, (bottom, top), rates = _profile(bench, center, scans, leading=True)
    allowed = bench.allows(float(free.min()), 4)
    least = float(misfit.min())
    if not math.isfinite(free.min()):
        return _unknown(Form.CORRECTION, False), None, 4
    if not (math.isfinite(least) and bench.room(np.array([float(free.min()), least]), 4)[1] >= 0):
        return _unknown(Form.CORRECTION, allowed), None, 4
    inside = np.flatnonzero(bench.room(misfit, 4) >= 0)
    low, high = exponents[max(0, inside[0] - 1)], exponents[min(exponents.size - 1, inside[-1] + 1)]
    ends = float(low) if low > bottom else -math.inf, float(high) if high < top else math.inf
    if not all(map(math.isfinite, ends)):
        return _unknown(Form.CORRECTION, allowed), None, 4
    best = int(np.argmin(misfit))
    place = float(exponents[best]), float(rates[best])
    fit = _polished(bench.curve, *place, (SLOWEST, FASTEST), plateau=False)
    if not ends[0] <= fit.exponent <= ends[1]:
        if again:
            return _corrected(bench, fit.exponent, scans, again=False)
        ends = min(ends[0], fit.exponent), max(ends[1], fit.exponent)
    found = Reading(Form.CORRECTION, fit.exponent, ends, allowed or bench.allows(fit.misfit, 4))
    return found, fit.left, 4


def _profile(
    bench: _Bench,
    center: float,
    scans: _Scans,
    *,
    leading: bool,
    closest: float = SLOWEST,
) -> tuple[Array, Array, tuple[float, float], Array]:
    """Misfits over exponents, drawn coarsely and then where it matters, where they were looked for, and the best rates."""
    exponents = center + WIDEST * np.linspace(-1, 1, PLACES) ** 3
    ends = float(exponents[0]), float(exponents[-1])
    slow, fast = closest, FASTEST
    for _ in range(MOST_ROUNDS):
        misfit, used = _best_rates(bench.curve, exponents, slow, fast, scans, leading)
        closer = _closer(bench, exponents, misfit, 4)
        if closer is None:
            break
        kept = used[(exponents >= closer[0]) & (exponents <= closer[1])]
        wider = (fast / slow) ** 0.05  # the best rates move between the places
        slow, fast = max(closest, float(kept.min()) / wider), min(FASTEST, float(kept.max()) * wider)
        exponents = np.linspace(*closer, PLACES)
    return misfit, exponents, ends, used


def _best_rates(
    curve: Curve, exponents: Array, slow: float, fast: float, scans: _Scans, leading: bool
) -> tuple[Array, Array]:
    """The smallest misfit at each exponent, and the rate of its correction; what was scanned before is in `scans`."""
    low, high = (np.full(exponents.size, math.log(end)) for end in (slow, fast))
    every = np.arange(exponents.size)
    for _ in range(RATE_ROUNDS):
        logs = low[:, None] + (high - low)[:, None] * np.linspace(0, 1, RATES)
        place = exponents.tobytes() + logs.tobytes()
        if place not in scans:
            found = two_powers(curve, exponents, np.exp(logs))
            scans[place] = found[0], found[3]
        misfit, leads = scans[place]
        if leading:
            misfit = np.where(leads > 0, misfit, np.inf)
        best = np.argmin(misfit, axis=1)
        low, high = logs[every, np.maximum(best - 1, 0)], logs[every, np.minimum(best + 1, RATES - 1)]
    return misfit[every, best], np.exp(logs[every, best])
