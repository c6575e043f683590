"""Exponents from numbers (theory.md A4): a power law's exponent with an interval that is meant to be believed.

Plain powers, powers with corrections that die as powers, and powers with logarithms are all fitted; every exponent that
some model reaches almost as well as the best one is inside the interval. Local slopes and the dependence on the window
are reported beside it, as tables.

Coverage at level 0.95, no form stated: `python -m benchmarks.coverage --count 18 --seed 1`, 54 random curves a family (errors of
1e-3, 1e-2 and 5e-2; 8, 16 and 40 points over 2 to 5 decades; errors stated for every other curve). Answered: settled or
extrapolated; missed: the truth is outside although the curve was answered. Drawn with the constants that stand here.

                                          covered   missed of answered
    a plain power                          54/54      0/28
    with a correction                      54/54      0/7
    two powers, another before             53/54      1/8
    a smooth bend                          54/54      0/4
    state evolution, diagonal, along n     53/54      1/3
    a logarithm                            54/54      0/2
    a logarithm and a correction           52/54      1/1
    above a plateau (exponent 0)           50/54      0/2
    errors alike: power                    54/54      0/21
    errors alike: correction               54/54      0/11
    errors alike: plateau                  48/54      0/3

Together 580 of 594, and 3 of 90 answers missed. Answers are few where errors are of a per cent and the law is no plain power. Of the ten
plateaus missed nine are at errors of 5e-2, below what the errors show; none of the ten was answered.

Computed curves, exact or with errors of 1e-9: `--computed --count 24 --seed 1`, 48 of each family, as many of either kind.

                                          covered   missed of answered
    a plain power                          48/48      0/48
    with a correction                      48/48      0/48
    with two corrections, one slow         46/48      1/36
    two powers, another before             48/48      0/44
    a smooth bend                          47/48      1/17
    state evolution, diagonal, along n     48/48      0/11
    state evolution, ridge, along n        48/48      0/21
    a logarithm                            48/48      0/39
    a logarithm of x/x_0                   48/48      0/38
    a logarithm and a correction           43/48      0/27
    above a plateau (exponent 0)           48/48      0/11

Together 520 of 528, and 2 of 340 answers missed. All eight curves that were missed have eight points, and the two that were
answered no stated errors: nothing tells there that a smooth misfit is none of noise.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from .errors import DomainError, real, require
from .scaling_estimates import (
    Agreement,
    Convergence,
    ExponentEstimate,
    LogStatus,
    SlopeRow,
    WindowRow,
)
from .scaling_fits import Array, Curve, solve
from .scaling_logarithms import allowed_ends, logarithm, turns_round, without_logarithm
from .scaling_profile import Profile, neighbour_correlation, tail_slope
from .scaling_readings import Form, Reading, readings
from .scaling_tails import conclude
from .solution import ErrorKind, Solution, Status

__all__ = [
    "Agreement",
    "Convergence",
    "ExponentEstimate",
    "Form",
    "LogStatus",
    "Reading",
    "SlopeRow",
    "WindowRow",
    "compared",
    "estimate_exponent",
]

LEAST_POINTS = 5
# Length in log x below which steps are rounding; sizes of relative errors beyond which their fourth powers are no numbers.
SHORTEST, SMALLEST_ERROR, LARGEST_ERROR = 1e-3, 1e-30, 1e6
# Root mean square misfit in log y above which a systematic misfit is called curvature and not a higher correction.
CURVED = 3e-3
# Power of a logarithm, over the length of the data in log x, that an interval has room for where one cannot be excluded.
HIDDEN_LOG = 1.0
# The same room is no larger than this multiple of the interval: where all models meet, a logarithm has nowhere to hide.
HIDDEN_SHARE = 2.5
# Forms whose readings decide something: a plateau that the data demand ends the interval, or excuses an exponent outside;
# a power and a logarithm that precise data allow are inside it.
DECIDING = (Form.POWER, Form.PLATEAU, Form.LOGARITHM)


def estimate_exponent(
    x: ArrayLike,
    y: ArrayLike,
    *,
    errors: ArrayLike | None = None,
    level: float = 0.95,
    expect: float | None = None,
    resolution: float = 0.05,
    form: str | None = None,
    every_form: bool = True,
) -> Solution[ExponentEstimate]:
    """Estimate β in y ≍ x^β (log x)^p as x → ∞ (claim A4).

    Models: y = C x^β (1 + Σ_j c_j x^-δ_j) with up to three corrections, δ_j in [0.1, 4], alone or times log(x/x_0)^p,
    |p| ≤ 4. The interval is the profile of all of them together, each charged two per parameter (Akaike).

    Parameters
    ----------
    x, y : arrays of shape (points,)
        Positive, at least five points, no x twice; best spaced geometrically.
    errors : float or array of shape (points,), optional
        Relative standard errors of y (for computed curves: their numerical error). Without them the scatter about the
        best model is taken, with Student's quantiles.
    level : float
        Confidence level, in [0.5, 0.999].
    expect : float, optional
        Exponent to compare with.
    resolution : float
        Largest half-width of an interval that may agree with `expect`, or be called settled.
    form : {"power", "plateau", "correction", "logarithm"}, optional
        The form of the law, if it is known: the exponent, its interval and the comparison are then those of its reading.
    every_form : bool
        False leaves out the reading on which nothing else depends, the correction's, unless it is the form that is asked
        for. The exponent, its interval and the comparison are the same.

    Returns
    -------
    Solution of ExponentEstimate
        `error` is the half-width of the interval, absolute. The status is STALLED, and `checked()` raises, where the
        data are curved or drifting.

    Raises
    ------
    DomainError
        Too few points, values that are not positive and finite, duplicates, errors of the wrong shape.

    Notes
    -----
    When this is wrong: corrections slower than x^-0.1 (two powers that differ by less), or barely faster; oscillations in
    log x slower than the data are long; a crossover beyond the last point; errors that are correlated between points; for
    errors above 3e-4 a power of log x + c with c many times the length of the data in log x; a plateau that is approached as
    1/log x. A series in 1/log x, or a logarithm of x log x, is a logarithm whose power is some other one within the data. For
    x → 0 pass 1/x and change the sign.

    The interval follows from the longest window that some model describes (`scaling_tails`); where none does, from the
    spread of comparable models over the last windows. A curve that has not yet left an earlier phase shows that phase's
    exponent: no method sees what lies beyond the data. Coverage at level 0.95 is tabulated at the head of this module.
    Where the errors hide everything but simple models, the interval is that of their average, weighed by evidence
    (`scaling_profile.averaged`): a pure power over two to four decades gets a half-width of 0.03 for errors of 1%, and of
    0.12 for 5%, since neither a slow correction nor a logarithm can be excluded. Where the form is known, `form` says so.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.geomspace(1e2, 1e6, 25)
    >>> found = estimate_exponent(x, x**-0.5 * (1 + 2 * x**-0.3), errors=1e-9, expect=-0.5).value
    >>> round(found.exponent, 6), found.agreement.name, found.log_status.name, found.convergence.name
    (-0.5, 'AGREES', 'ABSENT', 'EXTRAPOLATED')
    >>> logarithmic = estimate_exponent(x, x**-0.5 * np.log(x), errors=1e-9).value
    >>> logarithmic.log_status.name, round(logarithmic.log_exponent, 6)
    ('PRESENT', 1.0)
    """
    curve, known = _curve(x, y, errors)
    real("level", level, at_least=0.5, at_most=0.999)
    real("resolution", resolution, above=0)
    require(form is None or form in {item.value for item in Form}, "form", form, " or ".join(f.value for f in Form))
    profile = conclude(curve, known, level)
    forms = tuple(item for item in Form if every_form or item in DECIDING or item.value == form)
    estimate = _describe(curve, profile, level, known, resolution, forms)
    if form is not None:
        estimate = _taken_for_granted(estimate, Form(form), resolution)
    if expect is not None:
        estimate = compared(estimate, expect, resolution)
    failed = estimate.convergence in (Convergence.DRIFTING, Convergence.CURVED)
    statistics = {
        "points": float(curve.u.size),
        "misfit": estimate.misfit,
        "relative_variance": profile.variance,
        "systematic": float(profile.systematic),
        "searches_not_converged": float(sum(not nodes.converged for nodes in profile.nodes)),
    }
    status = Status.STALLED if failed else Status.CONVERGED
    method = "profile of powers with corrections and logarithms"
    return Solution(estimate, status, estimate.half_width, ErrorKind.ESTIMATE, method, statistics)


def _curve(x: ArrayLike, y: ArrayLike, errors: ArrayLike | None) -> tuple[Curve, bool]:
    """Check the data; u ascending, weights one where no errors are given."""
    abscissa, ordinate = _positive("x", x), _positive("y", y)
    size = abscissa.size
    require(size >= LEAST_POINTS, "x", f"{size} points", f"at least {LEAST_POINTS} points")
    require(ordinate.size == size, "y", f"{ordinate.size} points", f"as many points as x ({size})")
    order = np.argsort(abscissa)
    u = np.log(abscissa[order])
    repeated = np.flatnonzero(np.diff(u) <= 0)
    if repeated.size:
        raise DomainError("x", float(abscissa[order][repeated[0]]), "no value twice")
    span = float(u[-1] - u[0])
    if span < SHORTEST:
        raise DomainError(
            "x", f"a factor of 1 + {math.expm1(span):.3g} from first to last", "a factor of 1.001 or more"
        )
    weight = np.ones(size) if errors is None else 1 / _relative(errors, size)[order]
    return Curve(u, np.log(ordinate[order]), weight), errors is not None


def _relative(errors: ArrayLike, size: int) -> Array:
    given = np.asarray(errors, dtype=float)
    require(given.shape in ((), (size,)), "errors", f"shape {given.shape}", f"one number or shape ({size},)")
    values = _positive("errors", given.reshape(-1))
    bad = np.flatnonzero((values < SMALLEST_ERROR) | (values > LARGEST_ERROR))
    allowed = f"relative errors from {SMALLEST_ERROR:g} to {LARGEST_ERROR:g}"
    require(bad.size == 0, "errors", float(values[bad[0]]) if bad.size else None, allowed)
    return np.broadcast_to(values, size)


def _positive(name: str, values: ArrayLike) -> Array:
    allowed = "a list of positive finite numbers"
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise DomainError(name, "something else", allowed) from None
    require(array.ndim == 1, name, f"an array of shape {array.shape}", allowed)
    bad = np.flatnonzero(~(np.isfinite(array) & (array > 0)))
    require(bad.size == 0, name, float(array[bad[0]]) if bad.size else None, allowed)
    return array


def _describe(
    curve: Curve, profile: Profile, level: float, known: bool, resolution: float, forms: tuple[Form, ...]
) -> ExponentEstimate:
    """Put the tables and the statements about logarithm and convergence beside the interval."""
    found = readings(profile, level, known, forms)
    status, power, log_interval = logarithm(profile, found)
    close = without_logarithm(profile, status, level, known)
    if close is not None:
        status, power, log_interval = LogStatus.UNDECIDED, None, None
    rms = math.sqrt(float(profile.best.misfit.min()) / float(np.sum(profile.curve.weight**2)))
    convergence = _convergence(profile, rms)
    allowed = [*allowed_ends(profile, found), *([] if close is None else [close])]
    low, high = _widened(curve, profile, status, convergence, allowed)
    if high < 0 and _demands_plateau(found):
        high = 0.0
    settled = convergence in (Convergence.SETTLED, Convergence.EXTRAPOLATED)
    if settled and high - low > 2 * resolution:
        convergence = Convergence.WIDE
    return ExponentEstimate(
        exponent=profile.exponent,
        interval=(low, high),
        level=level,
        log_status=status,
        log_exponent=power,
        log_interval=log_interval,
        convergence=convergence,
        model=profile.best.kind,
        misfit=rms,
        x_min=float(np.exp(profile.curve.u[0])),
        slopes=_slopes(curve, known),
        windows=_windows(curve, known),
        readings=found,
        correlation=neighbour_correlation(profile),
    )


def _widened(
    curve: Curve, profile: Profile, status: LogStatus, convergence: Convergence, allowed: list[tuple[float, float]]
) -> tuple[float, float]:
    """The interval of the profile with room for what hides, and for what else is allowed."""
    low, high = profile.interval
    slope, slope_error = tail_slope(profile)
    if status is LogStatus.UNDECIDED and not profile.noisy:
        room = min(HIDDEN_LOG / curve.span, HIDDEN_SHARE * (high - low))
        low, high = low - room, high + room
    if convergence in (Convergence.DRIFTING, Convergence.CURVED):
        reach_out = abs(slope - profile.exponent) + slope_error  # as far beyond the exponent as it is beyond the data
        low, high = min(low, profile.exponent - reach_out), max(high, profile.exponent + reach_out)
    room = _hidden_below_errors(profile) * abs(slope - profile.exponent)
    ends = [(low - room, high + room), *allowed]
    return min(end[0] for end in ends), max(end[1] for end in ends)


def _hidden_below_errors(profile: Profile) -> float:
    """The share of the way from the last slope to the exponent that errors σ leave open: √σ, 0.1 for errors of 1%.

    After a correction ε comes one of about ε², which errors hide where ε < √σ.
    """
    return math.sqrt(math.sqrt(profile.variance / float(np.mean(profile.curve.weight**2))))


def _demands_plateau(found: tuple[Reading, ...]) -> bool:
    """Whether a plateau describes the data, and only one above zero: then x^0 cannot be excluded."""
    plateau = next(item for item in found if item.form is Form.PLATEAU)
    return plateau.allowed and plateau.limit_interval is not None and plateau.limit_interval[0] > 0


def _taken_for_granted(estimate: ExponentEstimate, form: Form, resolution: float) -> ExponentEstimate:
    """The reading of one form in place of the interval that allows for all of them."""
    reading = next(item for item in estimate.readings if item.form is form)
    low, high = reading.interval
    convergence = Convergence.GRANTED if high - low <= 2 * resolution else Convergence.WIDE
    if reading.alike is not None and convergence is Convergence.GRANTED:
        convergence = Convergence.ALIKE
    if not reading.allowed:
        convergence = Convergence.CURVED
    return replace(estimate, exponent=reading.exponent, interval=reading.interval, convergence=convergence, form=form)


def _convergence(profile: Profile, rms: float) -> Convergence:
    slope, slope_error = tail_slope(profile)
    if profile.systematic and rms > CURVED:
        return Convergence.CURVED
    if turns_round(profile):
        return Convergence.DRIFTING
    distance = abs(slope - profile.exponent)
    half = 0.5 * (profile.interval[1] - profile.interval[0])
    if distance <= max(half, 2 * slope_error, 1e-3):
        return Convergence.SETTLED
    slopes = np.diff(profile.curve.v) / np.diff(profile.curve.u)
    moved = abs(slope - float(np.mean(slopes[: max(1, slopes.size // 3)])))
    return Convergence.DRIFTING if distance > max(0.1, moved) else Convergence.EXTRAPOLATED


def _slopes(curve: Curve, known: bool) -> tuple[SlopeRow, ...]:
    steps = np.diff(curve.u)
    slopes = np.diff(curve.v) / steps
    errors = np.hypot(1 / curve.weight[1:], 1 / curve.weight[:-1]) / steps
    centers = np.exp(0.5 * (curve.u[1:] + curve.u[:-1]))
    rows = zip(centers, slopes, errors, strict=True)
    return tuple(SlopeRow(float(x), float(slope), float(error) if known else None) for x, slope, error in rows)


def _windows(curve: Curve, known: bool) -> tuple[WindowRow, ...]:
    """Plain powers with up to two thirds of the points cut at the start, then at the end."""
    size = curve.u.size
    cuts = sorted({round(size * part) for part in (0.0, 1 / 6, 1 / 3, 1 / 2, 2 / 3)})
    spans = [(cut, size) for cut in cuts] + [(0, size - cut) for cut in cuts[1:]]
    return tuple(_window(curve.window(*span), known) for span in spans if span[1] - span[0] >= 3)


def _window(part: Curve, known: bool) -> WindowRow:
    line = solve(part, "power", np.empty((1, 0)))
    scatter = math.sqrt(float(line.misfit[0]) / (part.u.size - 2))
    stderr = float(line.spread[0]) * (max(1.0, scatter) if known else scatter)
    ends = float(np.exp(part.u[0])), float(np.exp(part.u[-1]))
    return WindowRow(*ends, part.u.size, float(line.exponent[0]), stderr)


def compared(estimate: ExponentEstimate, expect: float, resolution: float = 0.05) -> ExponentEstimate:
    """The estimate compared with an exponent, as `estimate_exponent` does it: one curve may be asked about several.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.geomspace(1e2, 1e6, 25)
    >>> found = estimate_exponent(x, x**-0.5, errors=1e-9).value
    >>> [compared(found, expect).agreement.name for expect in (-0.5, -0.6)]
    ['AGREES', 'DISAGREES']
    """
    expected = real("expect", expect)
    low, high = estimate.interval
    if estimate.convergence in (Convergence.DRIFTING, Convergence.CURVED, Convergence.ALIKE):
        verdict = Agreement.UNDECIDED
    elif not low <= expected <= high:
        verdict = Agreement.UNDECIDED if _above_plateau(estimate, expected) else Agreement.DISAGREES
    else:
        verdict = Agreement.AGREES if estimate.half_width <= resolution else Agreement.UNDECIDED
    return replace(estimate, expected=expected, agreement=verdict)


def _above_plateau(estimate: ExponentEstimate, expected: float) -> bool:
    """Whether the data allow a plateau that is approached with the expected exponent."""
    found: list[Reading] = [item for item in estimate.readings if item.form is Form.PLATEAU and item.allowed]
    return estimate.form is None and any(item.interval[0] <= expected <= item.interval[1] for item in found)
