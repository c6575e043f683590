"""Whether a curve carries a power of log x, and what the readings that the data allow add to an interval."""

from __future__ import annotations

import math

import numpy as np

from .scaling_estimates import LogStatus
from .scaling_fits import Nodes
from .scaling_profile import SYSTEMATIC, Profile, reach, rivals, tail_slope
from .scaling_readings import Form, Reading, close_powers

# Excess of the worse kind of model beyond which the data decide between logarithm and none.
DECISIVE = 10.0
# A logarithm is called absent if every acceptable power of it is below this.
NEGLIGIBLE_LOG = 0.25
# A power of a logarithm that nobody has a law for: precise data give a series in 1/log x some such power in place of rounding.
NO_LOG = 1e-3
# Relative errors up to which a power and a logarithm that the data allow are inside the interval. At errors of 1e-3 that takes
# the median half-width of a plain power from 0.0013 to 0.021, and leaves 3 of 12 answered where 11 were: there logarithms that
# vanish many lengths before the data are left out, and the notes of `estimate_exponent` say so.
PRECISE = 3e-4

Pair = tuple[float, float]


Told = tuple[LogStatus, float | None, Pair | None]


def logarithm(profile: Profile, found: tuple[Reading, ...]) -> Told:
    """Whether models with, without, or both kinds describe the data; the power where no others do."""
    told = _by_models(profile, found)
    return (LogStatus.UNDECIDED, None, None) if told[0] is LogStatus.ABSENT and _alone(found) else told


def _alone(found: tuple[Reading, ...]) -> bool:
    """Whether a logarithm describes what a plain power does not: farther before the data than the models look for one."""
    allowed = {item.form: item.log_interval for item in found if item.allowed}
    ends = allowed.get(Form.LOGARITHM)
    return Form.POWER not in allowed and ends is not None and max(map(abs, ends)) >= NEGLIGIBLE_LOG


def _by_models(profile: Profile, found: tuple[Reading, ...]) -> Told:
    if profile.votes:
        return _vote_on_logarithm(profile.votes), None, None
    margin = SYSTEMATIC if profile.systematic else DECISIVE
    with_log = [nodes for nodes in profile.nodes if nodes.has_log]
    plain = min(float(profile.excess(nodes).min()) for nodes in profile.nodes if not nodes.has_log)
    logged = min((float(profile.excess(nodes).min()) for nodes in with_log), default=math.inf)
    if logged > margin and not rivals(profile):
        return LogStatus.ABSENT, None, None
    ranges = [reach(profile, nodes, nodes.log_exponent, nodes.log_spread) for nodes in with_log]
    low, high = min(ends[0] for ends in ranges), max(ends[1] for ends in ranges)
    if -NEGLIGIBLE_LOG < low <= NO_LOG and -NO_LOG <= high < NEGLIGIBLE_LOG:
        return LogStatus.ABSENT, None, None  # a series in 1/log x with the power 0: no logarithm, however well it fits
    if plain > margin and not rivals(profile):
        best = min(with_log, key=lambda nodes: float(profile.excess(nodes).min()))
        return LogStatus.PRESENT, *_power(float(best.log_exponent[best.best]), (low, high), found)
    if -NEGLIGIBLE_LOG < low <= high < NEGLIGIBLE_LOG:
        return LogStatus.ABSENT, None, None
    return LogStatus.UNDECIDED, None, None


def _power(power: float, ends: Pair, found: tuple[Reading, ...]) -> tuple[float, Pair]:
    """The power of the logarithm, with what a logarithm alone allows: it is sought farther before the data."""
    alone = next((item for item in found if item.form is Form.LOGARITHM and item.allowed), None)
    if alone is None or alone.log_interval is None or alone.log_exponent is None:
        return power, ends
    return alone.log_exponent, (min(ends[0], alone.log_interval[0]), max(ends[1], alone.log_interval[1]))


def _vote_on_logarithm(votes: tuple[Nodes, ...]) -> LogStatus:
    """Without a model that fits, a logarithm can only be excluded, by no comparable model having one."""
    powers = [abs(float(nodes.log_exponent[nodes.best])) for nodes in votes]
    return LogStatus.ABSENT if max(powers) < NEGLIGIBLE_LOG else LogStatus.UNDECIDED


def without_logarithm(profile: Profile, status: LogStatus, level: float, known: bool) -> Pair | None:
    """The exponents of two close powers, where they describe what seemed to be a logarithm."""
    return close_powers(profile, level, known) if status is LogStatus.PRESENT else None


def allowed_ends(profile: Profile, found: tuple[Reading, ...]) -> list[Pair]:
    """The intervals of a plain power and a logarithm that the data allow, if the errors are small enough to say so."""
    errors = math.sqrt(profile.variance / float(np.mean(profile.curve.weight**2)))
    if errors > PRECISE:
        return []
    forms = (Form.POWER, Form.LOGARITHM)
    return [item.interval for item in found if item.form in forms and item.allowed and item.identified]


def turns_round(profile: Profile) -> bool:
    """Whether the curve falls at its end although every exponent is positive, or grows although every one is negative."""
    slope, error = tail_slope(profile)
    ends = profile.interval
    return (slope < -2 * error and ends[0] > 0) or (slope > 2 * error and ends[1] < 0)
