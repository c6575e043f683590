"""The second way: the loss by quadrature of the characteristics, in numbers, against every law before it is returned (S10).

Nothing here knows a closed form or an exponent. λ(λ_0, s) is the solution of the drift; the action is integrated in log s, the
loss in log λ_0. A law passes if loss over law tends to 1 from one time to a much later one. Plain doubles throughout: times reach
10^40 and quadratures are nested. The inner one, over times, takes all its nodes in one array.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import mpmath
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from ..identities import DerivationError
from .letters import Direction, power, rate, source, time_power

Array = NDArray[np.float64]

NODES = 8
"""Gauss-Legendre nodes a panel."""
WIDTH = 2.0
"""Panels in log λ_0 and log s are at most this wide. Measured against the numeric witness at
the edges of arrival, where it is worst (edge at 0.02 to 1.3, b from -2 to 3, m from -2 to 1): losses agree to 1e-6."""
ROUGH, HALVINGS = 1e-5, 10
"""A panel is halved, at most nine times, if its last Legendre coefficients exceed this part of the whole: the rule resolves twice
their degree, so what they leave out is about its square."""
DEPTH = 36.0
"""Integrals run e^{-36} below their end: beyond the digits of a double."""
NEARBY = 1.5
"""An arrival edge up to here makes the integrand steep at λ_0 = 1 already; beyond, plain panels do (3e-7 at 1.3 before)."""
TOLERANCE = 2e-3
"""Deviation from 1 allowed at the later time. A constant that is wrong by 1% is seen five times over."""


class LawMismatch(DerivationError):
    """A law does not agree with the loss at large times: a wrong exponent, constant or logarithm. Never caught here."""


@cache
def gauss_legendre(count: int) -> tuple[tuple[float, float], ...]:
    """Nodes and weights on (-1, 1)."""
    x = sp.Symbol("x")
    legendre = sp.Poly(sp.legendre(count, x), x)
    pairs = []
    with mpmath.workdps(30):
        roots = mpmath.polyroots([mpmath.mpf(sp.N(k, 40)) for k in legendre.all_coeffs()], maxsteps=200, extraprec=200)
        slope = [mpmath.mpf(sp.N(k, 40)) for k in legendre.diff(x).all_coeffs()]
        for root in roots:
            weight = 2 / ((1 - root**2) * mpmath.polyval(slope, root) ** 2)
            pairs.append((float(mpmath.re(root)), float(mpmath.re(weight))))
    return tuple(pairs)


def panels(low: float, high: float, function: Callable[[float], float]) -> float:
    """∫ over (low, high) by Gauss-Legendre on equal panels.

    Examples
    --------
    >>> abs(panels(0, 3, lambda x: x**5) - 121.5) < 1e-10
    True
    """
    if high <= low:
        return 0.0
    count = max(1, math.ceil((high - low) / WIDTH))
    half = (high - low) / (2 * count)
    total = 0.0
    for index in range(count):
        middle = low + (2 * index + 1) * half
        total += sum(weight * function(middle + half * node) for node, weight in gauss_legendre(NODES))
    return total * half


def _panels_at_once(low: float, high: float, function: Callable[[Array], Array]) -> float:
    """`panels` of a function of arrays; a step beyond the range of doubles is an error, as it is with single numbers."""
    if high <= low:
        return 0.0
    count = max(1, math.ceil((high - low) / WIDTH))
    half = (high - low) / (2 * count)
    nodes, weights = _rule()
    middles = low + (2 * np.arange(count) + 1) * half
    with np.errstate(over="raise", invalid="raise", divide="raise", under="ignore"):
        values = function((middles[:, None] + half * nodes).ravel())
    return float((values.reshape(count, NODES) @ weights).sum()) * half


@cache
def _rule() -> tuple[Array, Array]:
    """Nodes and weights as arrays."""
    nodes, weights = zip(*gauss_legendre(NODES))
    return np.array(nodes), np.array(weights)


def refined(low: float, high: float, function: Callable[[float], float]) -> float:
    """The same, panels halved where the last Legendre coefficients of the integrand are not small beside the whole.

    Survival is the exponential of an action: within one panel of log λ_0 it may die like an exponential of an exponential.

    Examples
    --------
    >>> abs(refined(-20, 2, lambda z: math.exp(z - math.exp(5 * z))) - math.gamma(1.2)) < 1e-8
    True
    """
    count = max(1, math.ceil((high - low) / WIDTH))
    step = (high - low) / count
    left = [(low + k * step, step / 2) for k in range(count if high > low else 0)]
    total = scale = 0.0
    for halving in range(HALVINGS):
        found = [_panel(start, half, function) for start, half in left]
        scale = scale or sum(abs(value) for value, _ in found)
        rough = [halving + 1 < HALVINGS and tail > ROUGH * scale for _, tail in found]
        total += sum(value for (value, _), halved in zip(found, rough) if not halved)
        parents = [panel for panel, halved in zip(left, rough) if halved]
        left = [(start + k * half, half / 2) for start, half in parents for k in (0, 1)]
    return total


def _panel(start: float, half: float, function: Callable[[float], float]) -> tuple[float, float]:
    """The integral over (start, start + 2 half) and how much its last two Legendre coefficients, by the same nodes, could hide."""
    values = [weight * function(start + half * (1 + node)) for node, weight in gauss_legendre(NODES)]
    last = (abs(sum(value * p[k] for value, p in zip(values, _last_two()))) for k in (0, 1))
    return half * sum(values), half * NODES * max(last)


@cache
def _last_two() -> tuple[tuple[float, float], ...]:
    """Legendre polynomials of the two highest degrees that the nodes resolve, at the nodes."""
    x = sp.Symbol("x")
    functions = [sp.lambdify(x, sp.legendre(NODES - k, x), "math") for k in (2, 1)]
    return tuple((functions[0](node), functions[1](node)) for node, _ in gauss_legendre(NODES))


@dataclass(frozen=True)
class Drift:
    """v = σ c λ^b t^m in numbers, with the source exponent a."""

    a: float
    b: float
    m: float
    c: float
    sigma: int

    @classmethod
    def at(cls, point: Mapping[sp.Symbol, sp.Expr], direction: Direction) -> Drift:
        """From exact values of the controls."""
        a, b, m, c = (float(point[s]) for s in (source, power, time_power, rate))
        return cls(a, b, m, c, int(direction))

    @property
    def start(self) -> int:
        """0 for m > -1, else 1."""
        return 0 if self.m > -1 else 1

    def clock(self, moment: float) -> float:
        """∫ s^m ds from the start."""
        if self.m == -1:
            return math.log(moment)
        if self.start:  # accurate next to the start
            return math.expm1((self.m + 1) * math.log(moment)) / (self.m + 1)
        return float(moment ** (self.m + 1) / (self.m + 1))

    def until(self, clock: float) -> float:
        """The time at which the clock shows this; infinity if it never does."""
        if self.m == -1:
            return math.exp(clock) if clock < 700 else math.inf
        base = (self.m + 1) * clock + self.start
        return float(base ** (1 / (self.m + 1))) if base > 0 else math.inf

    def place(self, born: float, moment: float) -> float:
        """λ(λ_0, s); 0 after arrival at 0."""
        shift = self.sigma * self.c * self.clock(moment)
        if self.b == 1:
            return born * math.exp(shift)
        q = 1 - self.b
        base = born**q + q * shift if self.sigma else born**q
        return float(base ** (1 / q)) if base > 0 else 0.0

    def gaps(self, born: float, moments: Array) -> Array:
        """λ(λ_0, s) less where λ_0 = 0 would be, at many s: without cancellation where that moves off zero (σ = 1, b < 1)."""
        q, clocks = 1 - self.b, self._clocks(moments)
        shifts = self.sigma * self.c * clocks
        if self.b == 1:
            return np.asarray(born * np.exp(shifts))
        if self.sigma > 0 and q > 0:
            base = q * shifts
            moved = np.where(base > 0, base, 1.0)
            return np.where(base > 0, moved ** (1 / q) * np.expm1(np.log1p(born**q / moved) / q), born)
        base = born**q + q * shifts
        return np.where(base > 0, np.where(base > 0, base, 1.0) ** (1 / q), 0.0)

    def _clocks(self, moments: Array) -> Array:
        """`clock` at many times at once."""
        if self.m == -1:
            return np.log(moments)
        if self.start:
            return np.asarray(np.expm1((self.m + 1) * np.log(moments)) / (self.m + 1))
        return np.asarray(moments ** (self.m + 1) / (self.m + 1))

    def arrival(self, born: float) -> float:
        """When the mode reaches 0 or infinity; infinity if it does not."""
        q = 1 - self.b
        return math.inf if self.sigma * q >= 0 else self.until(born**q / (-self.sigma * self.c * q))

    def edge(self, moment: float) -> float:
        """The λ_0 that arrives just now; 0 or infinity if none does."""
        q, clock = 1 - self.b, self.clock(moment)
        if self.sigma * q >= 0 or not clock:
            return 0.0 if self.sigma <= 0 else math.inf
        return float((-self.sigma * q * self.c * clock) ** (1 / q))

    def action(self, born: float, moment: float) -> float:
        """∫ of `gaps` from the start; panels in log s, and in log of the distance where an arrival is near."""
        if not self.sigma:
            return born * (moment - self.start)
        end = self.arrival(born)
        last = min(moment, end)
        if self.b == 1 and self.sigma > 0 and self.m > -1:  # an exponential of a power: all of it is next to the end
            end = last
        middle = last if end > 2 * moment else end / 2
        # The first times matter to e^{-2 I} as long as λ_0 s is not small.
        first = max(self.start, min(middle, 1 / born) * math.exp(-DEPTH))
        if self.start and middle <= 1:
            middle = first = 1.0
        total = self._plain(born, first, middle)
        if middle < last:
            far = math.log(max(end - last, end * math.exp(-DEPTH)))
            reach = math.log(end - middle)
            total += _panels_at_once(far, reach, lambda z: self.gaps(born, end - np.exp(z)) * np.exp(z))
        return total

    def _plain(self, born: float, first: float, last: float) -> float:
        if not self.start:
            low, high = math.log(first), math.log(last)
            return _panels_at_once(low, high, lambda z: self.gaps(born, np.exp(z)) * np.exp(z))
        # From t = 1 in the log of s - 1: a mode that starts at zero has an algebraic singularity there.
        if last <= 1:
            return 0.0
        high = math.log(last - 1)
        return _panels_at_once(min(high, 0.0) - DEPTH, high, lambda z: self.gaps(born, 1 + np.exp(z)) * np.exp(z))

    def loss(self, moment: float) -> float:
        """L(t) exp(2 I(0, t)), the second factor being 1 unless the mode λ_0 = 0 moves off zero.

        Examples
        --------
        >>> round(Drift(1.0, 2.0, 0.0, 2.0, -1).loss(50.0), 7)
        0.0461512
        """
        edge = self.edge(moment)
        if not 0 < edge < NEARBY:
            return self._over(moment, 0.0, 1.0)
        # Next to the edge the action may be singular, and what has just not arrived may be all that is left: on both sides panels
        # in the logarithm of the distance. Beyond the edge nothing is left if the modes went to infinity.
        below = self._over(moment, 0.0, edge / 2) + self._beside(moment, edge, -edge / 2, max(edge - 1.0, 0.0))
        return below if self.sigma > 0 or edge >= 1 else below + self._beside(moment, edge, 1.0 - edge)

    def _beside(self, moment: float, edge: float, reach: float, skipped: float = 0.0) -> float:
        """Modes from the edge to edge + reach, in the logarithm of their distance from it; the first `skipped` of it left out."""
        first = max(math.log(skipped / abs(reach)), -DEPTH) if skipped else -DEPTH
        modes = refined(first, 0.0, lambda z: self._mode(moment, edge + reach * math.exp(z)) * math.exp(z))
        return abs(reach) * modes

    def _mode(self, moment: float, born: float) -> float:
        return float(self.a * born ** (self.a - 1) * math.exp(-2 * self.action(born, moment)))

    def _over(self, moment: float, low: float, high: float) -> float:
        """Modes with λ_0 in (low, high), in log λ_0."""
        bottom = self._bottom(moment, high) if low == 0 else math.log(low)
        return refined(bottom, math.log(high), lambda z: self._mode(moment, math.exp(z)) * math.exp(z))

    def _bottom(self, moment: float, high: float) -> float:
        """log λ_0 below which the rest is below 1e-11 of what is above: halve until the action is small, then go deeper."""
        depth = math.log(high)
        while self.action(math.exp(depth), moment) > 1:
            depth -= 1
        return depth - 26 / self.a
