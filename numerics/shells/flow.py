"""Characteristics of dλ/dt = σ c λ^b t^m, integrated numerically for many starting points at once.

Nothing here knows that the equation separates. With u = log λ and s = log(t - begin) the flow is integrated along its
arc length ζ, du/dζ = σ g/(1+g), ds/dζ = 1/(1+g), g = c λ^{b-1} t^m (t - begin): both right-hand sides stay between -1
and 1 whatever the rates, through arrival at 0 or ∞ in finite time, and the survival exponent 2∫λ dt rides along.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from ..errors import NotConverged, real, require

Array = NDArray[np.float64]

DIRECTIONS = {"down": -1, "up": 1, "none": 0}
# What is too small to move a double: relative changes of λ, and 2∫λ dt, below this are dropped at the start of a path.
SMALL = 1e-17
# 2∫λ dt beyond which a mode counts as dead: e^-3000 underflows even beside the smallest double.
DEAD = 3000.0
# log(2λ(t - begin)/(1+g)) above which the exponent is only used to see that the mode is dead; e^30 does not overflow.
STEEP = 30.0
# Logarithms beyond which exponentials are not formed: g beyond e^700 moves nothing any more, and paths there have settled.
LARGEST_LOG = 700.0
STEPS = 20_000
"""Steps a path may take. Worst of 300 random laws, |b|, |m| <= 6, c in [1e-3, 30], t in [1e-6, 1e12]: 1,247."""

# Change of log g, or of log λ(t - begin), over the longest step on which that matters. Of 300,000 paths at tolerances of 1e-9 and
# 1e-7 none was off by more than 17 tolerances, before by up to 940,000; it takes a fifth longer.
CAUTIOUS = 3.0
# Of a tolerance: what λ(t - begin), or 1/g, is below where it cannot be seen.
UNSEEN = 1e-3


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
        rows, offset = _forms(self, begin)
        log_g = rows[0, 0] * u + rows[0, 1] * s + offset[0]
        return np.asarray(log_g + _bend(self, begin, s) if len(rows) > 2 else log_g)


@lru_cache(maxsize=64)
def _forms(law: PowerLaw, begin: float) -> tuple[Array, Array]:
    """What the right-hand side depends on, linear in (u, s): log g but for its bend, u + s, and s where there is a bend."""
    late = begin != 0.0 and law.time_power != 0.0 and law.sign != 0
    growth = law.time_power + 1.0 if begin == 0.0 else 1.0
    rows = np.array([[law.power - 1.0, growth], [1.0, 1.0], [0.0, 1.0]][: 3 if late else 2])
    offset = np.zeros((rows.shape[0], 1))
    offset[0] = math.log(law.rate) if law.sign else -np.inf
    return rows, offset


def _bend(law: PowerLaw, begin: float, s: Array) -> Array:
    """Log t^m where the clock begins later than 0: what in log g is not linear in log(t - begin)."""
    return np.asarray(law.time_power * np.logaddexp(math.log(begin), s))


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
    """One integration: the law, where its clock begins, whether it runs forward, and for each path what it is bounded by.

    `forms` are those of `_forms` along the path, where u and s grow by |du| and |ds|. The rows of `bounds` are the end in s, the
    tolerance, how near to the end rounding lets a path come, and the logarithm of what cannot be seen at its tolerance.
    """

    law: PowerLaw
    begin: float
    forward: bool
    position_too: bool
    forms: Array
    bounds: Array

    @classmethod
    def of(cls, law: PowerLaw, begin: float, forward: bool, end: Array, tolerance: Array, position_too: bool) -> _Walk:
        """The integration to these ends at these tolerances."""
        way = 1.0 if forward else -1.0
        bounds = np.stack([end, tolerance, 4e-16 * (1.0 + np.abs(end)), np.log(UNSEEN * tolerance)])
        return cls(law, begin, forward, position_too, _forms(law, begin)[0] * [way * law.sign, way], bounds)

    def among(self, chosen: NDArray[np.intp] | NDArray[np.bool_]) -> _Walk:
        """The same for some of the paths."""
        return _Walk(self.law, self.begin, self.forward, self.position_too, self.forms, self.bounds[:, chosen])

    @property
    def end(self) -> Array:
        """The end in s of each path."""
        return np.asarray(self.bounds[0])

    @staticmethod
    def drain(age: Array, pace: Array) -> Array:
        """d decay/dζ = 2λ(t - begin)/(1+g) at log λ(t - begin) and 1/(1+g)."""
        if age.size and age.max() > LARGEST_LOG:
            return np.asarray(2.0 * np.exp(np.minimum(age + np.log(pace), STEEP)))
        drain = np.exp(age)
        drain *= pace
        np.minimum(drain, math.exp(STEEP), out=drain)
        drain *= 2.0
        return drain

    def seen(self, state: Array) -> Array:
        """Log g, log λ(t - begin), g/(1+g) and 1/(1+g) where the paths are: all that the next step depends on."""
        rows, offset = _forms(self.law, self.begin)
        values = rows @ state[:2] + offset
        if len(rows) > 2:
            values[0] += _bend(self.law, self.begin, values[2])
        seen = np.empty((4, state.shape[1]))
        seen[:2] = values[:2]
        expit(values[0], out=seen[2])
        expit(-values[0], out=seen[3])
        return seen

    def longest(self, seen: Array) -> Array:
        """The longest step in ζ: a leap over where log g passes 0, or where λ(t - begin) comes to matter, would be CAUTIOUS.

        On such a leap both estimates of the error now and then vanish together, by a coincidence of its length: two paths in
        ten thousand were off by a thousand tolerances and more, one by a million.
        """
        unseen, found = self.bounds[3], np.full(seen.shape[1], np.inf)
        if self.law.sign:
            found = np.maximum(np.abs(seen[0]) + unseen, CAUTIOUS) / max(1.0, *np.abs(self.forms[0]).tolist())
        return np.minimum(found, np.maximum(unseen - seen[1], CAUTIOUS)) if self.forward else found

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

    def settled(self, state: Array, log_g: Array) -> NDArray[np.bool_]:
        """Paths on which nothing more can change."""
        u, s, decay = state
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


@cache
def _tableau() -> tuple[tuple[Array, ...], Array, Array]:
    """Dormand and Prince's 8(5,3) pair as SciPy has it: rows of A; where the stages are; and B with the two error estimates."""
    from scipy.integrate import DOP853

    rows = tuple(np.ascontiguousarray(DOP853.A[i, :i]) for i in range(DOP853.n_stages))
    return rows, DOP853.C[: DOP853.n_stages, None], np.stack([DOP853.B, DOP853.E5[:-1], DOP853.E3[:-1]])


def _attempt(walk: _Walk, state: Array, seen: Array, step: Array) -> tuple[Array, Array]:
    """One step of Dormand and Prince's 8(5,3) pair for all paths, each with its own step; the state and its error."""
    moved, way_off, decay_off = _change(walk, state, seen, step)
    new = state + moved
    scale = np.maximum(np.abs(state), np.abs(new))
    scale += 1.0
    scale *= walk.bounds[1]
    # What |u| has too much |s| has too little: the shares of both add up to 1.
    fifth, third = np.maximum(np.abs(way_off) / np.minimum(scale[0], scale[1]), np.abs(decay_off) / scale[2])
    fifth *= fifth
    size = np.sqrt(fifth + 0.01 * third * third)
    return new, np.asarray(step * np.divide(fifth, size, out=np.zeros_like(size), where=size > 0))


def _change(walk: _Walk, state: Array, seen: Array, step: Array) -> tuple[Array, Array, Array]:
    """Changes of (u, s, decay) over a step, and what their mean slopes may be off by, twice: that of |u| and |s|, and that of the decay.

    This is where the time goes, on some hundred paths mostly, hence few calls: g/(1+g) and 1/(1+g) add up to 1, so stages keep
    the first, of whose sums all that a stage depends on is a linear form; the rest is made for all stages at once.
    """
    (rows, places, weights), (matrix, offset) = _tableau(), _forms(walk.law, walk.begin)
    stages = (matrix @ state[:2] + offset)[:, None] + walk.forms[:, 1, None, None] * (places * step)
    lean = np.subtract(*walk.forms.T)[:, None] * step
    shares, sums = np.empty((2, len(rows), step.size))
    shares[0], sums[0] = seen[2], 0.0
    for i in range(1, len(rows)):
        np.dot(rows[i], shares[:i], out=sums[i])
        log_g = stages[0, i]
        log_g += lean[0] * sums[i]
        if len(matrix) > 2:
            log_g += _bend(walk.law, walk.begin, stages[2, i] + lean[2] * sums[i])
        expit(log_g, out=shares[i])
    stages[0, 0] = seen[0]
    paces = expit(-stages[0])
    off, decays = weights @ shares, np.zeros((3, step.size))
    if walk.forward:
        decays = weights @ walk.drain(stages[1] + lean[1] * sums, paces)
    way = 1.0 if walk.forward else -1.0
    moved = np.stack([way * walk.law.sign * off[0], way * (weights[0] @ paces), decays[0]])
    moved *= step
    return moved, off[1:], decays[1:]


def _next_step(walk: _Walk, state: Array, seen: Array, accepted: NDArray[np.bool_], step: Array) -> Array:
    """Accepted paths do not overshoot the end, by Newton's step to it; those that run backwards keep their feet."""
    if walk.forward:
        landing = np.abs(walk.end - state[1]) / np.maximum(seen[3], 1e-200)
        return np.where(accepted, np.minimum(step, np.maximum(landing, 1e-16)), step)
    # Backwards g = 1/(b-1) repels: a path that starts on it must be given steps on which it can leave.
    return np.where(np.abs(seen[0]) < 5.0, np.minimum(step, 2.0), step)


def _integrate(walk: _Walk, state: Array) -> tuple[Array, int]:
    """Advance every path to the end in s, or until nothing changes on it any more."""
    final, seen = state.copy(), walk.seen(state)
    past = state[1] >= walk.end if walk.forward else state[1] < walk.end
    index = np.flatnonzero(~(past | walk.settled(state, seen[0])))
    state, seen, step, walk = state[:, index], seen[:, index], np.full(index.size, 0.5), walk.among(index)
    for count in range(STEPS):
        if index.size == 0:
            return final, count
        end, close = walk.bounds[0], walk.bounds[2]
        step = np.minimum(step, walk.longest(seen))
        new, error = _attempt(walk, state, seen, step)
        after, fits = walk.seen(new), error <= 1.0
        accepted = fits & (new[1] <= end + close) if walk.forward else fits
        longer = step * np.minimum(np.maximum(0.9 * np.maximum(error, 1e-10) ** -0.125, 0.2), 5.0)
        beyond = fits & ~accepted
        if beyond.any():
            shorter = step - (new[1] - end) / np.maximum(after[3], 1e-200)
            longer[beyond] = np.minimum(np.maximum(shorter, 0.02 * step), 0.999 * step)[beyond]
        step = longer
        np.copyto(state, new, where=accepted)
        np.copyto(seen, after, where=accepted)
        step = _next_step(walk, state, seen, accepted, step)
        done = walk.settled(state, seen[0])
        if walk.forward:
            done |= state[1] >= end - close
        if done.any():
            final[:, index[done]] = state[:, done]
            kept = ~done
            index, state, seen, step, walk = index[kept], state[:, kept], seen[:, kept], step[kept], walk.among(kept)
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
    walk = _Walk.of(law, begin, True, np.log(last - begin), _spread(tolerance, log_start), position_too)
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


def backward(law: PowerLaw, log_end: Array, *, begin: float, time: float | Array, tolerance: float = 1e-12) -> Array:
    """Where the paths that stand at `log_end` at `time` were at `begin`; ±inf if they came from beyond every λ.

    `time` is one number, or an array with one for each path, then all after `begin`.

    Examples
    --------
    >>> law = PowerLaw.checked(power=2, rate=1, time_power=0, direction="down")
    >>> backward(law, np.log([0.25, 2.0]), begin=0.0, time=2.0).round(9).tolist()
    [-0.693147181, inf]
    """
    last = _spread(time, log_end)
    if law.sign == 0 or log_end.size == 0 or last.min() <= begin:
        return log_end.copy()
    walk = _Walk.of(law, begin, False, np.log(last - begin), _spread(tolerance, log_end), True)
    state = np.stack([log_end, walk.end, np.zeros_like(log_end)])
    final, _ = _integrate(walk, state)
    log_g = law.log_rate(final[0], final[1], begin)
    far = -law.sign * np.inf
    lost = (log_g > -10.0) & (law.sign * (law.power - 1.0) < 0)
    return np.asarray(np.where(lost, far, final[0]))
