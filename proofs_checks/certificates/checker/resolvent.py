"""The resolvent of a power law, g(ω) = Σ_{k<=d} 1/(ω - k^{-γ}), and integrals of its powers, in balls.

Far from ω a cluster of eigenvalues is a series in 1/(ω - centre), its remainder bounded by a geometric series; near it they
are added one by one. All below a share of |ω| are one such series about 0, whose coefficients are differences of Hurwitz zeta
functions: any dim costs the same. Integrals run by Gauss and
Legendre's rule along a path above the real axis; its error is Trefethen's bound from the largest value on an ellipse.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import pairwise

from flint import acb, acb_poly, arb, arb_poly, ctx

from .reading import CertificateError, ball

MOST_SINGLE = 200_000
"""Eigenvalues that are held as numbers: documents that need more are refused rather than waited for."""
FEW = 24
"""Up to so many eigenvalues are added one by one."""
NEAR = 1 / 3
"""Radius of a cluster over the distance below which it is a series."""
BELOW = 0.25
"""Share of |ω| below which eigenvalues are summed as a series."""
NODES = 30
STEP, ELLIPSE = 0.2, 4
"""Half a panel over its distance to the nearest eigenvalue, and the parameter ρ of the ellipse: 4 · 0.2 leaves a margin."""
MOST_PANELS = 2_000


@dataclass(frozen=True)
class Powers:
    """∫g, ∫g², ∫g³, ∫ωg², ∫ω²g from a point to the real axis beyond all eigenvalues."""

    first: acb
    second: acb
    third: acb
    lifted: acb
    twice: acb


@dataclass(frozen=True)
class Series:
    """Σ 1/(ω - s) over some s within a radius of a centre, as Σ_m M_m/(ω - centre)^{m+1}, with what it leaves out bounded.

    What is left out is at most a geometric series: last/(distance^terms (1 - radius/distance)), with last >= Σ |s - centre|^terms.
    """

    centre: arb
    radius: arb
    terms: int
    last: arb
    plain: acb_poly
    slope: acb_poly

    @classmethod
    def of(cls, centre: arb, radius: arb, moments: Sequence[arb], last: arb) -> Series:
        """From the moments M_0, M_1, ..., and a bound of the next."""
        slope = acb_poly([power * moment for power, moment in enumerate(moments, 1)])
        return cls(centre, radius, len(moments), last, acb_poly(list(moments)), slope)

    def at(self, omega: acb) -> acb:
        """The sum."""
        inverse = 1 / (omega - self.centre)
        return inverse * (self.plain(inverse) + _disc(self._rest(omega)))

    def derivative(self, omega: acb) -> acb:
        """The sum's derivative by ω: the terms get factors m + 1, and so does the geometric series."""
        inverse, ratio = 1 / (omega - self.centre), self.radius / (omega - self.centre).abs_lower()
        rest = self._rest(omega) * (self.terms + 1 + ratio / (1 - ratio))
        return -(inverse**2) * (self.slope(inverse) + _disc(rest))

    def _rest(self, omega: acb) -> arb:
        distance = (omega - self.centre).abs_lower()
        ratio = self.radius / distance
        return self.last * distance ** (-self.terms) / (1 - ratio) if ratio < 1 else arb("nan")


class Cluster:
    """Eigenvalues in decreasing order: added one by one where ω is near, a series about their middle where it is far."""

    def __init__(self, values: Sequence[arb]) -> None:
        self.values = values
        low, high = values[-1], values[0]
        self.centre = ((low + high) / 2).mid()
        self.radius = (high - self.centre).union(self.centre - low).upper()
        self.place = float(self.centre), float(self.radius)
        self._series: Series | None = None
        self._coefficients: Sequence[arb] | None = None
        self._parts: tuple[Cluster, Cluster] | None = None

    def at(self, omega: acb) -> acb:
        """Σ 1/(ω - s)."""
        if len(self.values) <= FEW:
            return sum((1 / (omega - value) for value in self.values), acb(0))
        if self._far(omega):
            return self.series.at(omega)
        return sum((part.at(omega) for part in self.parts), acb(0))

    def derivative(self, omega: acb) -> acb:
        """-Σ 1/(ω - s)²."""
        if len(self.values) <= FEW:
            return -sum((1 / (omega - value) ** 2 for value in self.values), acb(0))
        if self._far(omega):
            return self.series.derivative(omega)
        return sum((part.derivative(omega) for part in self.parts), acb(0))

    def largest(self, omega: acb) -> arb:
        """A bound of |Σ 1/(ω - s)| over a wide ball, in which a series would overestimate."""
        if self._far(omega):
            return len(self.values) / ((omega - self.centre).abs_lower() - self.radius)
        if len(self.values) <= FEW:
            return sum((1 / (omega - value).abs_lower() for value in self.values), arb(0))
        return sum((part.largest(omega) for part in self.parts), arb(0))

    def _far(self, omega: acb) -> bool:
        """Whether the series is short; only the work rests on the answer."""
        distance = float((omega - self.centre).abs_lower())
        return distance * NEAR > self.place[1]

    @property
    def series(self) -> Series:
        """The series, made when it is first wanted."""
        if self._series is None:
            terms = int(ctx.prec / -math.log2(NEAR)) + 2
            moments = [coefficient * _factorial(m) for m, coefficient in enumerate(self._exponential(terms))]
            self._series = Series.of(self.centre, self.radius, moments, len(self.values) * self.radius**terms)
        return self._series

    def _exponential(self, terms: int) -> Sequence[arb]:
        """Coefficients of Σ exp((s - centre) z), M_m/m!: of many eigenvalues from those of the two parts, moved to this centre."""
        if self._coefficients is None:
            self._coefficients = self._one_by_one(terms) if len(self.values) <= terms else self._from_parts(terms)
        return self._coefficients

    def _one_by_one(self, terms: int) -> list[arb]:
        offsets = [value - self.centre for value in self.values]
        powers, found = [arb(1)] * len(offsets), []
        for m in range(terms):
            found.append(sum(powers, arb(0)) / _factorial(m))
            powers = [power * offset for power, offset in zip(powers, offsets, strict=True)]
        return found

    def _from_parts(self, terms: int) -> list[arb]:
        total = arb_poly([0])
        for part in self.parts:
            step, power, moved = part.centre - self.centre, arb(1), []
            for m in range(terms):
                moved.append(power / _factorial(m))
                power *= step
            total += arb_poly(part._exponential(terms)) * arb_poly(moved)
        return [total[m] for m in range(terms)]

    @property
    def parts(self) -> tuple[Cluster, Cluster]:
        """The eigenvalues above and below the centre."""
        if self._parts is None:
            above = sum(1 for value in self.values if value > self.centre)
            above = min(max(above, 1), len(self.values) - 1)
            self._parts = Cluster(self.values[:above]), Cluster(self.values[above:])
        return self._parts


class Resolvent:
    """g and its derivative, wherever |ω| is at least about a reach that is given."""

    def __init__(self, dim: int, decay: Fraction, reach: float) -> None:
        self.dim, self.decay = dim, decay
        single = dim if dim <= FEW else min(float(dim), (BELOW * reach) ** (-1 / float(decay)) + 1)
        if not single <= MOST_SINGLE:
            raise CertificateError(
                f"dim: the point needs {single:.3g} eigenvalues one by one, allowed are {MOST_SINGLE}"
            )
        self.single = int(single)
        self.cluster = Cluster([self._value(k) for k in range(1, self.single + 1)])
        self.tail = self._tail() if self.single < dim else None

    def _value(self, k: int) -> arb:
        return (-ball(self.decay) * arb(k).log()).exp()

    def _tail(self) -> Series:
        terms = ctx.prec // 2 + 4
        moments = [self._moment(power) for power in range(terms + 1)]
        return Series.of(arb(0), self._value(self.single + 1).upper(), moments[:-1], moments[-1])

    def _moment(self, power: int) -> arb:
        """Σ over the eigenvalues below the cut of their power."""
        first, end = arb(self.single + 1), arb(self.dim + 1)
        if power == 0:
            return arb(self.dim - self.single)
        if self.decay * power == 1:
            return end.digamma() - first.digamma()
        order = ball(self.decay * power)
        return order.zeta(first) - order.zeta(end)

    def squares(self) -> arb:
        """Σ of all squares."""
        order = ball(2 * self.decay)
        return order.zeta(arb(1)) - order.zeta(arb(self.dim + 1))

    def at(self, omega: acb) -> acb:
        """g(ω)."""
        total = self.cluster.at(omega)
        return total if self.tail is None else total + self.tail.at(omega)

    def derivative(self, omega: acb) -> acb:
        """g'(ω)."""
        total = self.cluster.derivative(omega)
        return total if self.tail is None else total + self.tail.derivative(omega)

    def largest(self, omega: acb) -> arb:
        """A bound of |g| over a wide ball."""
        total = self.cluster.largest(omega)
        if self.tail is None:
            return total
        room = omega.abs_lower() - self.tail.radius
        return total + (self.dim - self.single) / room if room > 0 else arb("nan")

    def distance(self, point: complex) -> float:
        """About how far the nearest eigenvalue is; only the panels are chosen by it."""
        if point.real <= 0:
            return abs(point)
        near = point.real ** (-1 / float(self.decay))
        beside = {max(1, min(self.dim, k)) for k in (math.floor(near), math.ceil(near))} if near < 1e300 else {self.dim}
        return min(abs(point - math.pow(k, -float(self.decay))) for k in beside)

    def powers(self, start: acb) -> Powers:
        """The integrals from an exact point in the upper half-plane, or on the real axis between eigenvalues.

        From a point to the right of all eigenvalues they are real, and their imaginary parts are all that is used.
        """
        if start.imag == 0 and start.real > 1:
            return Powers(*[acb(0)] * 5)
        real, imaginary = float(start.real), float(start.imag)
        corner = complex(real, max(1.0, 2 * imaginary))
        far = complex(2 + 2 * abs(real))
        totals = [acb(0)] * 5
        for path_start, path_end in (
            (start, acb(corner.real, corner.imag)),
            (acb(corner.real, corner.imag), acb(far.real)),
        ):
            for low, high in self._panels(path_start, path_end):
                parts = self._panel(low, high)
                totals = [total + part for total, part in zip(totals, parts, strict=True)]
        return Powers(*totals)

    def _panels(self, start: acb, end: acb) -> list[tuple[acb, acb]]:
        """Exact points from start to end, each step short beside the distance to the nearest eigenvalue."""
        points, here = [start], complex(float(start.real), float(start.imag))
        goal = complex(float(end.real), float(end.imag))
        while True:
            step, left = 2 * STEP * self.distance(here), abs(goal - here)
            if step >= left:
                break
            here += (goal - here) * (step / left)
            points.append(acb(here.real, here.imag))
            if len(points) > MOST_PANELS or not step > 0:
                raise CertificateError("start: too near to an eigenvalue")
        points.append(end)
        return list(pairwise(points))

    def _panel(self, low: acb, high: acb) -> list[acb]:
        middle, half = (low + high) / 2, (high - low) / 2
        totals = [acb(0)] * 5
        for node, weight in rule(ctx.prec):
            omega = middle + half * node
            here = _integrands(self.at(omega), omega)
            totals = [total + weight * value for total, value in zip(totals, here, strict=True)]
        wide, high_axis = (arb(ELLIPSE) + arb(1) / ELLIPSE) / 2, (arb(ELLIPSE) - arb(1) / ELLIPSE) / 2
        around = middle + half * acb(arb(0, 1) * wide, arb(0, 1) * high_axis)
        share = arb(64) / 15 / (1 - arb(ELLIPSE) ** -2) * arb(ELLIPSE) ** (-2 * (NODES - 1))
        largest = _integrands(acb(self.largest(around)), acb(around.abs_upper()))
        return [half * (total + _disc(share * size.real)) for total, size in zip(totals, largest, strict=True)]


def _integrands(g: acb, omega: acb) -> list[acb]:
    """What is integrated, in the order of `Powers`; of bounds of g and ω, bounds."""
    square = g**2
    return [g, square, square * g, omega * square, omega**2 * g]


@cache
def _factorial(m: int) -> int:
    return math.factorial(m)


def _disc(radius: arb) -> acb:
    spread = arb(0, 1) * radius.upper()
    return acb(spread, spread)


_RULES: dict[int, list[tuple[arb, arb]]] = {}


def rule(bits: int) -> list[tuple[arb, arb]]:
    """Nodes and weights of Gauss and Legendre's rule on [-1, 1], in balls."""
    if bits not in _RULES:
        _RULES[bits] = [arb.legendre_p_root(NODES, k, weight=True) for k in range(NODES)]
    return _RULES[bits]
