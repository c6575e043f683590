"""The loss under spectral transport by characteristics: paths integrated, then one quadrature (theory.md S8, S9, S10).

No closed form of a path, a survival or a loss is used; see `flow` for the paths. Conventions are those of S10: energy
density a λ^{a-1} on (0, 1], start at t = 0 for m > -1 and at t = 1 otherwise; energy that reaches λ = 0 stays there and
counts, energy that reaches λ = ∞ is gone.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..errors import real, require
from ..solution import ErrorKind, Solution, Status
from .arrivals import arrival_edges
from .flow import Array, PowerLaw, forward
from .panels import Integral, integration

PATH_TOLERANCE = 1e-12
# The same paths are integrated at a tolerance looser by this factor too, in one batch; see `loss` for what is made of the
# difference.
LOOSER = 100.0
# Tolerances, which are those of a step, that a path is off by the end where the two integrations agree by coincidence: up to 4 were
# seen where 1 was claimed.
STEPS_ADD = 10.0
# Tolerance of paths that only show where the integrand matters.
SIGHT = 1e-6
# Tolerance of the quadrature over that of its paths.
QUADRATURE = 1e3
# Looser than this a step may jump over all of a path's decay: at 1e-6 and upwards transport a loss was wrong by 1%, with a
# claimed error of 0.1%.
LOOSEST = 1e-9
# Energy this many e-folds below the largest of the integrand is left to the tail: e^-40 = 4e-18.
DEPTH = 40.0
# A loss below e^-2900 is not followed (dead modes are not distinguished there); it is far below the smallest double.
LOWEST = -2900.0
# Panels shrink by this factor towards an arrival edge, where the survival is a fractional power of the distance.
GRADING = 0.15
PANELS = 24


@dataclass(frozen=True)
class Loss:
    """The loss and its logarithm; the loss underflows to 0 where the logarithm is below -745."""

    loss: float
    log_loss: float


@dataclass(frozen=True)
class Characteristic:
    """Where a path is, and the share of its energy that is left.

    Parameters
    ----------
    position, log_position : float
        λ(t) and its logarithm (0 and -inf where it has arrived at 0; inf at infinity).
    survival, decay : float
        S = exp(-decay), decay = 2 ∫ λ dt along the path.
    """

    position: float
    log_position: float
    survival: float
    decay: float


def characteristic(
    *,
    start: float,
    power: float,
    rate: float,
    time: float,
    time_power: float | None = None,
    direction: str = "down",
    begin: float | None = None,
) -> Solution[Characteristic]:
    """Follow one path of dλ/dt = σ c λ^b t^m and its survival exp(-2∫λ dt) (claim S8).

    Parameters
    ----------
    start : float
        λ_0 > 0.
    power, rate, time_power : float
        b, c > 0, m (default b - 2).
    time : float
        t, not before `begin`.
    direction : {"down", "up", "none"}
        σ = -1, 1, 0.
    begin : float, optional
        When the path starts; by default 0 if m > -1, else 1.

    Returns
    -------
    Solution of Characteristic
        `error`: absolute error of log λ and of the decay, the larger one relative to 1 + its size; an estimate from a
        second integration at a tolerance 100 times looser.

    Raises
    ------
    DomainError
        A parameter outside its domain.

    Notes
    -----
    When this is wrong: a path that arrives at 0 or ∞ within a relative 1e-12 of `time` may be told on the wrong side.

    Examples
    --------
    >>> path = characteristic(start=1.0, power=2, rate=1, time=9.0)
    >>> round(path.value.position, 10), round(path.value.survival, 10)
    (0.1, 0.01)
    """
    law = PowerLaw.checked(power=power, rate=rate, time_power=time_power, direction=direction)
    first = law.begin if begin is None else _begin(law, begin)
    last = real("time", time, at_least=first)
    origin = np.array([math.log(real("start", start, above=0))])
    fine = forward(law, origin, begin=first, time=last, tolerance=PATH_TOLERANCE)
    rough = forward(law, origin, begin=first, time=last, tolerance=LOOSER * PATH_TOLERANCE)
    u, decay = float(fine.log_position[0]), float(fine.decay[0])
    gaps = (_gap(u, float(rough.log_position[0])), _gap(decay, float(rough.decay[0])))
    value = Characteristic(math.exp(u) if u < 709 else math.inf, u, math.exp(-decay), decay)
    method = "characteristic in log λ over log t along its arc length, Dormand-Prince 8(5,3)"
    statistics = {"steps": float(fine.steps)}
    return Solution(value, Status.CONVERGED, max(gaps) + 1e-12, ErrorKind.ESTIMATE, method, statistics)


def _begin(law: PowerLaw, begin: float) -> float:
    start = real("begin", begin, at_least=0)
    require(start > 0 or law.begin == 0, "begin", begin, "> 0 where time_power <= -1: t^m is not integrable at 0")
    return start


def _gap(fine: float, rough: float) -> float:
    return 0.0 if fine == rough else abs(fine - rough) / (1.0 + abs(fine))


def frontier(*, power: float, rate: float, time: float, time_power: float | None = None) -> Solution[Characteristic]:
    """Follow the resolution frontier: the path from the upper end of the initial energy, λ_0 = 1 (claim S9).

    For downward transport with b > 1 every path from well above the frontier ends on it.

    Raises
    ------
    DomainError
        power <= 1: paths do not collect, there is no frontier.

    Examples
    --------
    >>> round(frontier(power=2, rate=4, time=1e6).value.position * 1e6, 5)
    0.25
    """
    require(power > 1, "power", power, "> 1: below, paths do not collect on a frontier")
    return characteristic(start=1.0, power=power, rate=rate, time=time, time_power=time_power)


def loss(
    *,
    source: float,
    power: float,
    rate: float,
    time: float,
    time_power: float | None = None,
    direction: str = "down",
    tolerance: float = PATH_TOLERANCE,
) -> Solution[Loss]:
    """Integrate the loss L(t) = ∫_0^1 a λ_0^{a-1} S(λ_0, t) dλ_0 (claims S8, S10).

    Parameters
    ----------
    source : float
        a > 0.
    power, rate, time_power : float
        b, c > 0 and m of v = σ c λ^b t^m; m defaults to b - 2.
    time : float
        t >= 0, and >= 1 where m <= -1.
    direction : {"down", "up", "none"}
        σ = -1, 1, 0.
    tolerance : float
        Of the paths, from 1e-13 to 1e-9; the quadrature's is a thousand times that. At 1e-9 a loss costs less than half of
        what it does at 1e-12; `error` says what it is worth.

    Returns
    -------
    Solution of Loss
        `error` is relative, of the loss: an estimate, the sum of what the two quadrature rules differ by and of a tenth
        of the difference made by integrating the same paths at a tolerance 100 times looser, and ten tolerances.

    Raises
    ------
    DomainError
        A parameter outside its domain, in one line.
    NotConverged
        The quadrature did not settle.

    Notes
    -----
    When this is wrong: a loss below e^-2900 is returned as 0 with the status UNDERFLOW and a relative
    error of 1.

    Examples
    --------
    >>> found = loss(source=1.0, power=2.0, rate=1.0, time=9.0)   # ∫ (1 + 9x)^-2 dx = 1/10
    >>> round(found.value.loss, 12), found.error < 1e-8
    (0.1, True)
    """
    (found,) = losses(
        source=source, power=power, rate=rate, times=[time], time_power=time_power, direction=direction, tolerance=tolerance
    )  # fmt: skip
    return found


def losses(
    *,
    source: float,
    power: float,
    rate: float,
    times: Sequence[float],
    time_power: float | None = None,
    direction: str = "down",
    tolerance: float = PATH_TOLERANCE,
) -> list[Solution[Loss]]:
    """The loss at several times, as `loss` has it at each: one batch of paths costs far less than one for each time.

    Examples
    --------
    >>> found = losses(source=1.0, power=2.0, rate=1.0, times=[1.0, 3.0])   # 1/(1 + t)
    >>> [round(item.value.loss, 12) for item in found]
    [0.5, 0.25]
    """
    exponent = real("source", source, above=0)
    law = PowerLaw.checked(power=power, rate=rate, time_power=time_power, direction=direction)
    last = [real("time", time, at_least=law.begin) for time in times]
    wanted = real("tolerance", tolerance, at_least=1e-13, at_most=LOOSEST)
    arrivals = arrival_edges(law, begin=law.begin, times=last)
    integrands = [_Integrand(law, exponent, edge, wanted) for edge in arrivals]
    found: dict[int, Solution[Loss]] = {
        k: Solution(Loss(1.0, 0.0), Status.LIMIT, 0.0, ErrorKind.BOUND, "the start, where the loss is 1")
        for k, time in enumerate(last)
        if time == law.begin
    }
    courses = {k: integrand.course() for k, integrand in enumerate(integrands) if k not in found}
    asked = {k: next(course) for k, course in courses.items()}
    while asked:
        answers = _answered(law, exponent, {k: (last[k], request) for k, request in asked.items()})
        for k, values in answers.items():
            try:
                asked[k] = courses[k].send(values)
            except StopIteration as end:
                found[k] = end.value
                del asked[k]
    return [found[k].checked() for k in range(len(last))]


class _Request(NamedTuple):
    """Values of log λ_0 at which the integrand is wanted, and the tolerance of each path."""

    y: Array
    tolerance: Array


def _answered(law: PowerLaw, source: float, asked: dict[int, tuple[float, _Request]]) -> dict[int, Array]:
    """Logarithms of the integrand for requests at several times, all paths in one batch."""
    y = np.concatenate([request.y for _, request in asked.values()])
    tolerance = np.concatenate([request.tolerance for _, request in asked.values()])
    sizes = [request.y.size for _, request in asked.values()]
    ends = np.repeat([time for time, _ in asked.values()], sizes)
    decay = forward(law, y, begin=law.begin, time=ends, tolerance=tolerance, position_too=False).decay
    return dict(zip(asked, np.split(source * y - decay, np.cumsum(sizes)[:-1]), strict=True))


@dataclass(frozen=True)
class _Integrand:
    """a e^{a y} S(y, t) over y = log λ_0; `edge` is the start that arrives at the end of the spectrum just then."""

    law: PowerLaw
    source: float
    edge: float | None
    tolerance: float

    def course(self) -> Generator[_Request, Array, Solution[Loss]]:
        """The quadrature, which asks for values of the integrand's logarithm and is sent them."""
        edges, top = yield from self._support()
        if top == -math.inf:
            return Solution(Loss(0.0, -math.inf), Status.UNDERFLOW, 1.0, ErrorKind.ESTIMATE, "a loss below e^-2900: 0")
        course = integration(edges, tolerance=QUADRATURE * self.tolerance)
        # Below the lowest panel the survival is that of its lower end; 1e-6 of it is nothing beside the whole.
        both, end = self._twice(next(course)), _Request(edges[:1], np.array([SIGHT]))
        *first, lowest = yield _Request(*(np.concatenate(pair) for pair in zip(both, end, strict=True)))
        values = np.array(first)
        while True:
            try:
                nodes = course.send(np.exp(values.reshape(2, -1) - top))
            except StopIteration as stop:
                return self._solution(stop.value, math.exp(float(lowest) - top) / self.source, top)
            values = yield self._twice(nodes)

    def _twice(self, y: Array) -> _Request:
        """At both tolerances, one after the other."""
        return _Request(np.tile(y, 2), np.repeat([self.tolerance, LOOSER * self.tolerance], y.size))

    def _support(self) -> Generator[_Request, Array, tuple[Array, float]]:
        """Panels where the integrand matters, and the logarithm of its largest value seen."""
        edge = self.edge
        end = 0.0 if edge is None or self.law.sign < 0 else min(0.0, edge)
        for depth in (1.5 * DEPTH / self.source, -LOWEST / self.source):
            y = end - np.concatenate([np.linspace(0.0, 8.0, 17), np.geomspace(8.5, max(9.0, depth), 60)])
            values = yield _Request(y, np.full(y.size, SIGHT))
            top = float(values.max())
            if top > -DEPTH:  # else the loss is so small that its weight may lie deeper
                break
        if top < LOWEST:
            return y[:0], -math.inf
        # S <= 1, so below this the density itself is negligible; above, everything dead is skipped.
        low = min((top - DEPTH) / self.source, end - 1.0)
        alive = y[values > top - 3.0 * DEPTH]
        high = min(end, float(y[max(0, int(np.argmax(y <= alive.max())) - 1)]))
        cuts = [] if edge is None or not low < edge < high else [edge]
        marks = [low, *cuts, high]
        near = edge is not None and abs(edge - high) < 1e-9
        pieces = [_graded(a, b, a in cuts, b in cuts or (near and b == high)) for a, b in itertools.pairwise(marks)]
        return np.unique(np.concatenate(pieces)), top

    def _solution(self, found: Integral, tail: float, top: float) -> Solution[Loss]:
        """The loss out of the integral, of what lies below it, and of the same integral over looser paths."""
        total = found.value + tail
        change = abs(float(found.companions[0]) - found.value)
        error = (found.error + 0.1 * change) / total + STEPS_ADD * self.tolerance
        log_loss = top + math.log(self.source * total)
        status = Status.CONVERGED if found.converged else Status.STALLED
        value = Loss(math.exp(log_loss), log_loss)
        method = "characteristics by Dormand-Prince 8(5,3), adaptive Gauss-Kronrod over the initial density in log λ"
        statistics = {"paths": float(found.nodes)}
        return Solution(value, status, float(error), ErrorKind.ESTIMATE, method, statistics)


def _graded(low: float, high: float, left: bool, right: bool) -> Array:
    """Panel edges, uniform inside and shrinking geometrically towards the ends that are singular."""
    width = high - low
    # 24 panels are enough for most laws at once; halving 12 in a second round takes twice as long.
    edges = np.linspace(low, high, PANELS + 1)
    steps = width / PANELS * GRADING ** np.arange(1.0, 18.0)
    pieces = [edges, low + steps if left else edges[:0], high - steps if right else edges[:0]]
    return np.unique(np.concatenate(pieces))
