"""Characteristics of dλ/dt = σ c λ^b t^m, integrated numerically for many starting points at once.

Nothing here knows that the equation separates. With u = log λ and s = log(t - begin) the flow is integrated along its
arc length ζ, du/dζ = σ g/(1+g), ds/dζ = 1/(1+g), g = c λ^{b-1} t^m (t - begin): both right-hand sides stay between -1
and 1 whatever the rates, through arrival at 0 or ∞ in finite time, and the survival exponent 2∫λ dt rides along.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..errors import NotConverged, real, require

Array = NDArray[np.float64]

DIRECTIONS = {"down": -1, "up": 1, "none": 0}
# What is too small to move a double: relative changes of λ, and 2∫λ dt, below this are dropped at the start of a path.
SMALL = 1e-17
# 2∫λ dt beyond which a mode counts as dead: e^-3000 underflows even beside the smallest double.
DEAD = 3000.0
# log(2λ(t - begin)/(1+g)) above which the exponent is only used to see that the mode is dead; e^30 does not overflow.
STEEP = 30.0
STEPS = 20_000
"""Steps a path may take. Worst of 300 random laws, |b|, |m| <= 6, c in [1e-3, 30], t in [1e-6, 1e12]: 1,247."""


@dataclass(frozen=True)
class PowerLaw:
    """The velocity v = σ c λ^b t^m (theory.md S8).

    Parameters
    ----------
    power, rate, time_power : float
        b, c > 0 and m.
    sign : int
        σ = -1, 0 or 1; 0 switches transport off.

    Examples
    --------
    >>> PowerLaw.checked(power=2, rate=1, time_power=None, direction="down").time_power
    0.0
    """

    power: float
    rate: float
    time_power: float
    sign: int

    @classmethod
    def checked(cls, *, power: float, rate: float, time_power: float | None, direction: str) -> PowerLaw:
        """Build it from what a user typed; m defaults to b - 2.

        Raises
        ------
        DomainError
            Rate <= 0, anything not finite, a direction that is none of down, up, none.
        """
        require(direction in DIRECTIONS, "direction", direction, " or ".join(map(repr, DIRECTIONS)))
        exponent = real("power", power, at_least=-100, at_most=100)
        clock = exponent - 2.0 if time_power is None else real("time_power", time_power, at_least=-100, at_most=100)
        return cls(exponent, real("rate", rate, above=0), clock, DIRECTIONS[direction])

    @property
    def begin(self) -> float:
        """Where the clock starts by convention (S10): 0 if t^m is integrable there, else 1."""
        return 0.0 if self.time_power > -1 else 1.0

    @property
    def arrives(self) -> bool:
        """Whether paths reach 0 or ∞ in a finite time if t^m allows it."""
        return self.sign * (self.power - 1.0) > 0

    def log_rate(self, u: Array, s: Array, begin: float) -> Array:
        """Log g, the relative change of λ over a doubling of t - begin."""
        if self.sign == 0:
            return np.full_like(u, -np.inf)
        drive = (self.power - 1.0) * u + math.log(self.rate)
        if begin == 0.0:
            return np.asarray(drive + (self.time_power + 1.0) * s)
        if self.time_power != 0.0:
            drive += self.time_power * np.logaddexp(math.log(begin), s)
        return np.asarray(drive + s)


@dataclass(frozen=True)
class Paths:
    """Where the paths ended.

    Parameters
    ----------
    log_position : array
        log λ; -inf at 0, inf at infinity.
    decay : array
        2∫λ dt along the path, the survival is exp(-decay); inf for a dead mode and for energy that left to λ = ∞.
    steps : int
        Steps of the longest path.
    """

    log_position: Array
    decay: Array
    steps: int


@dataclass(frozen=True)
class _Walk:
    """One integration: the law, where its clock begins, whether it runs forward, the end in s and the tolerance of each path."""

    law: PowerLaw
    begin: float
    forward: bool
    end: Array
    tolerance: Array
    position_too: bool

    def among(self, chosen: NDArray[np.intp] | NDArray[np.bool_]) -> _Walk:
        """The same for some of the paths."""
        return replace(self, end=self.end[chosen], tolerance=self.tolerance[chosen])

    def slope(self, state: Array, out: Array | None = None) -> Array:
        """d(u, s, decay)/dζ, into `out` if there is one: this is where the time goes, hence so few passes."""
        slope = np.empty_like(state) if out is None else out
        u, s, log_g = state[0], state[1], self.law.log_rate(state[0], state[1], self.begin)
        # g beyond e^700 moves nothing in s any more; only paths that have settled get there.
        g = np.exp(np.minimum(log_g, 700.0, out=log_g))
        pace = 1.0 / (1.0 + g)
        way = 1.0 if self.forward else -1.0
        np.multiply(g, pace * (way * self.law.sign), out=slope[0])
        np.multiply(pace, way, out=slope[1])
        if not self.forward:
            slope[2] = 0.0
            return slope
        drain = np.log(pace)
        drain += u
        drain += s
        np.multiply(np.exp(np.minimum(drain, STEEP, out=drain)), 2.0, out=slope[2])
        return slope

    def starts(self, u: Array) -> Array:
        """A log time so early that nothing has happened yet, to rounding."""
        law, tiny = self.law, math.log(SMALL)
        quiet = tiny - u
        if law.sign == 0:
            return np.asarray(quiet)
        drive = math.log(law.rate) + (law.power - 1.0) * u
        if self.begin == 0.0:
            growth = 1.0 + law.time_power
            return np.asarray(np.minimum(quiet, (tiny + math.log(min(1.0, growth)) - drive) / growth))
        log_begin = math.log(self.begin)
        return np.minimum(np.minimum(quiet, tiny - drive - law.time_power * log_begin), log_begin)

    def lifted(self, u: Array, s: Array) -> tuple[Array, Array]:
        """Later starts for paths that b < 1 lifts off λ = 0: where the lift has forgotten λ_0 and nothing has decayed yet.

        There d log g/ds = n - (1-b) g, n being m + 1 (1 if the clock begins later): g = n/(1-b) attracts, and 40/n after a path
        has met it, it is on it to e^-40. Followed from its start, a path from λ = e^-6000 takes tens of thousands of steps.
        """
        law, gap = self.law, 1.0 - self.law.power
        if law.sign <= 0 or gap <= 0:
            return u, s
        growth = 1.0 + law.time_power if self.begin == 0.0 else 1.0
        drive = math.log(law.rate) + (0.0 if self.begin == 0.0 else law.time_power * math.log(self.begin))
        level = math.log(growth / gap) - drive  # log g = drive - (1-b) u + n s
        met = (level + gap * u) / growth
        # On it u = (n s - level)/(1-b); 2λt is below SMALL up to here, and so is (t - begin)/begin where that matters.
        quiet = (math.log(SMALL) - 1.0 + level / gap) / (1.0 + growth / gap)
        latest = quiet if self.begin == 0.0 else min(quiet, math.log(SMALL * self.begin))
        later = np.minimum(latest, self.end)
        on_it = later > np.maximum(met + 40.0 / growth, s)
        return np.where(on_it, (growth * later - level) / gap, u), np.where(on_it, later, s)

    def settled(self, state: Array) -> NDArray[np.bool_]:
        """Paths on which nothing more can change."""
        u, s, decay = state
        log_g = self.law.log_rate(u, s, self.begin)
        gap = abs(self.law.power - 1.0)
        gone = log_g > -math.log(SMALL * gap) if gap > 0 else np.zeros(u.shape, dtype=bool)
        if not self.forward:
            growth = min(1.0, 1.0 + self.law.time_power) if self.begin == 0.0 else 1.0
            # A path that stays where g neither grows nor dies comes from λ = ∞ (or 0) at the very beginning.
            stuck = (np.abs(log_g) < 5.0) & (s < self.end - 300.0 / growth)
            early = log_g < math.log(SMALL * growth)
            return np.asarray(gone | early | stuck)
        dead = decay > DEAD
        # Downward, what is left of ∫λ dt is at most λ(t - begin) at the end.
        spent = u + self.end < math.log(SMALL) if self.law.sign <= 0 else np.zeros(u.shape, dtype=bool)
        return np.asarray(gone | (dead | spent if not self.position_too else False))


def _landing(walk: _Walk, state: Array, slope: Array) -> Array:
    """Newton's step in ζ to the end in s."""
    return np.asarray(np.abs(walk.end - state[1]) / np.maximum(np.abs(slope[1]), 1e-200))


@cache
def _tableau() -> tuple[tuple[Array, ...], Array, Array, Array]:
    """Dormand and Prince's 8(5,3) pair as SciPy has it: rows of A, B, and the two error estimates."""
    from scipy.integrate import DOP853

    rows = tuple(np.ascontiguousarray(DOP853.A[i, :i]) for i in range(DOP853.n_stages))
    return rows, DOP853.B, DOP853.E5[:-1], DOP853.E3[:-1]


def _attempt(walk: _Walk, state: Array, first: Array, step: Array) -> tuple[Array, Array]:
    """One step of Dormand and Prince's 8(5,3) pair for all paths, each with its own step; the state and its error."""
    rows, weights, fifth_order, third_order = _tableau()
    # Flat rows and plain products: np.tensordot costs as much as the right-hand side here.
    stages = np.empty((len(rows), *state.shape))
    flat = stages.reshape(len(rows), -1)
    stages[0] = first
    for i in range(1, len(rows)):
        trial = (rows[i] @ flat[:i]).reshape(state.shape)
        trial *= step
        trial += state
        walk.slope(trial, stages[i])
    new = (weights @ flat).reshape(state.shape)
    new *= step
    new += state
    scale = np.maximum(np.abs(state), np.abs(new))
    scale += 1.0
    scale *= walk.tolerance
    fifth = np.abs((fifth_order @ flat).reshape(state.shape) / scale).max(axis=0)
    third = np.abs((third_order @ flat).reshape(state.shape) / scale).max(axis=0)
    size = np.sqrt(fifth**2 + 0.01 * third**2)
    return new, np.asarray(step * np.divide(fifth**2, size, out=np.zeros_like(size), where=size > 0))


def _integrate(walk: _Walk, state: Array) -> tuple[Array, int]:
    """Advance every path to the end in s, or until nothing changes on it any more."""
    final = state.copy()
    past = state[1] >= walk.end if walk.forward else state[1] < walk.end
    index = np.flatnonzero(~(past | walk.settled(state)))
    state, step, walk = state[:, index], np.full(index.size, 0.5), walk.among(index)
    slope = walk.slope(state)
    for count in range(STEPS):
        if index.size == 0:
            return final, count
        new, error = _attempt(walk, state, slope, step)
        close = 4e-16 * (1.0 + np.abs(walk.end))
        accepted = (error <= 1.0) & (~walk.forward | (new[1] <= walk.end + close))
        after = walk.slope(new)
        over = (error <= 1.0) & ~accepted
        growth = np.clip(0.9 * np.maximum(error, 1e-10) ** -0.125, 0.2, 5.0)
        pace = np.maximum(np.abs(after[1]), 1e-200)
        shorter = np.clip(step - (new[1] - walk.end) / pace, 0.02 * step, 0.999 * step)
        state, slope = np.where(accepted, new, state), np.where(accepted, after, slope)
        step = np.where(over, shorter, step * growth)
        final[:, index] = state
        reached = (state[1] >= walk.end - close) if walk.forward else np.zeros(index.size, dtype=bool)
        kept = ~(reached | walk.settled(state))
        if not walk.forward:
            # Backwards g = 1/(b-1) repels: a path that starts on it must be given steps on which it can leave.
            log_g = walk.law.log_rate(state[0], state[1], walk.begin)
            step = np.where(np.abs(log_g) < 5.0, np.minimum(step, 2.0), step)
        else:
            step = np.where(accepted, np.minimum(step, np.maximum(_landing(walk, state, slope), 1e-16)), step)
        if not kept.all():
            index, state, slope, step, walk = index[kept], state[:, kept], slope[:, kept], step[kept], walk.among(kept)
    raise NotConverged(f"characteristics: {index.size} paths unfinished after {STEPS} steps; raise source or power")


def forward(
    law: PowerLaw,
    log_start: Array,
    *,
    begin: float,
    time: float | Array,
    tolerance: float | Array = 1e-12,
    position_too: bool = True,
) -> Paths:
    """Carry log λ from `begin` to `time` with the survival exponent 2∫λ dt.

    `time` is one number, or an array with one for each path, then all after `begin`; so may be `tolerance`. A call costs little
    more for a thousand paths than for one. With `position_too` false a path may stop where its survival can change no more, and its position is then not final.

    Examples
    --------
    >>> law = PowerLaw.checked(power=2, rate=3, time_power=0, direction="down")
    >>> paths = forward(law, np.array([0.0]), begin=0.0, time=5.0)
    >>> bool(abs(paths.log_position[0] + np.log(16)) < 1e-11), bool(abs(paths.decay[0] - 2 / 3 * np.log(16)) < 1e-11)
    (True, True)
    """
    last = _spread(time, log_start)
    if log_start.size == 0 or last.min() <= begin:
        return Paths(log_start.copy(), np.zeros_like(log_start), 0)
    walk = _Walk(law, begin, True, np.log(last - begin), _spread(tolerance, log_start), position_too)
    start = np.stack([*walk.lifted(log_start, walk.starts(log_start)), np.zeros_like(log_start)])
    final, steps = _integrate(walk, start)
    u, s, decay = final
    log_g = law.log_rate(u, s, begin)
    arrived = np.zeros(u.shape, dtype=bool)
    if law.arrives:
        arrived = log_g > -math.log(SMALL * abs(law.power - 1.0))
    dead = (decay > DEAD) | (arrived & (law.sign > 0))
    return Paths(np.where(arrived, law.sign * np.inf, u), np.where(dead, np.inf, decay), steps)


def _spread(value: float | Array, paths: Array) -> Array:
    """One number a path."""
    return np.broadcast_to(np.asarray(value, dtype=float), paths.shape)


def backward(law: PowerLaw, log_end: Array, *, begin: float, time: float, tolerance: float = 1e-12) -> Array:
    """Where the paths that stand at `log_end` at `time` were at `begin`; ±inf if they came from beyond every λ.

    Examples
    --------
    >>> law = PowerLaw.checked(power=2, rate=1, time_power=0, direction="down")
    >>> backward(law, np.log([0.25, 2.0]), begin=0.0, time=2.0).round(9).tolist()
    [-0.693147181, inf]
    """
    if law.sign == 0 or time <= begin or log_end.size == 0:
        return log_end.copy()
    walk = _Walk(law, begin, False, np.full_like(log_end, math.log(time - begin)), _spread(tolerance, log_end), True)
    state = np.stack([log_end, walk.end, np.zeros_like(log_end)])
    final, _ = _integrate(walk, state)
    log_g = law.log_rate(final[0], final[1], begin)
    far = -law.sign * np.inf
    lost = (log_g > -10.0) & (law.sign * (law.power - 1.0) < 0)
    return np.asarray(np.where(lost, far, final[0]))


def arrival_edge(law: PowerLaw, *, begin: float, time: float, tolerance: float = 1e-12) -> float | None:
    """Log of the starting point that arrives at 0 (down, b < 1) or ∞ (up, b > 1) exactly at `time`; None without one.

    The path is followed backwards from a place so near its end that the time left is below rounding.

    Examples
    --------
    >>> law = PowerLaw.checked(power=0, rate=1, time_power=0, direction="down")
    >>> round(arrival_edge(law, begin=0.0, time=0.5), 10) == round(float(np.log(0.5)), 10)
    True
    """
    if not law.arrives or time <= begin:
        return None
    gap = law.power - 1.0
    rest = float(law.log_rate(np.zeros(1), np.array([math.log(time - begin)]), begin)[0])
    place = (-math.log(SMALL * abs(gap)) - 1e-6 - rest) / gap
    return float(backward(law, np.array([place]), begin=begin, time=time, tolerance=tolerance)[0])
