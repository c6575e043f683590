"""A plain numeric solver of N4 with isolated spikes, which shares nothing with the code under test.

Units of √d: teacher k^{-γ}, semicircle of deviation `spread`. Bulk by quadrature in the angle; spikes by Stein's estimate,
the first ones one by one, the rest as an integral. Good where few spikes stand above σ, at any size of d. Thresholds inside
the bulk are given by their distance to the edge, x = 2(1 - distance), which may be far below the precision of x.
"""

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import integrate, optimize

Array = NDArray[np.float64]

FIRST = 2000
NODES, WEIGHTS = (part / 2 for part in np.polynomial.legendre.leggauss(24))
NODES = NODES + 0.5


def bulk(distance: float) -> tuple[float, float]:
    """Integrals of (y - x)_+² and (y - x)_+ y/2 over the semicircle, without cancellation at the edge."""
    if distance <= 0:
        return 0.0, 0.0
    end = 2 * math.asin(math.sqrt(distance / 2))

    def above(angle: float) -> float:
        return 4 * math.sin((end - angle) / 2) * math.sin((end + angle) / 2)

    def over(function: Callable[[float], float]) -> float:
        scaled = lambda s: function(s * end) * 2 / math.pi * math.sin(s * end) ** 2  # noqa: E731
        return integrate.quad(scaled, 0, 1, epsabs=0, epsrel=1e-11)[0] * end

    return over(lambda u: above(u) ** 2), over(lambda u: above(u) * math.cos(u))


def each(v: Array, x: float) -> tuple[Array, Array]:
    """Risk (Stein) and divergence of each spike."""
    seen = (v > 1) & (v + 1 / v > x)
    return np.where(seen, 2 + 3 / v**2 + x * x - 4 * x / v, v * v), np.where(seen, (v + 1 / v - x) / v, 0.0)


def spikes(spread: float, x: float, gamma: float, dim: float) -> tuple[float, float]:
    """Sums over all spikes of the two."""
    lowest = (x + math.sqrt(x * x - 4)) / 2 if x > 2 else 1.0
    totals = [float(part.sum()) for part in each(np.arange(1.0, FIRST + 1) ** -gamma / spread, x)]
    top, bottom = (FIRST + 0.5) ** -gamma / spread, dim**-gamma / spread
    ends = sorted({top, bottom, *(e for e in (lowest,) if bottom < e < top)})
    for low, high in pairwise(ends):
        a, b = math.log(low) + 1e-12, math.log(high) - 1e-12
        cuts = np.linspace(a, b, 9)
        places = cuts[:-1, None] + np.diff(cuts)[:, None] * NODES
        shares = np.diff(cuts)[:, None] * WEIGHTS * np.exp(-places / gamma) * spread ** (-1 / gamma) / gamma
        for which, part in enumerate(each(np.exp(places), x)):
            totals[which] += float((part * shares).sum())
    return totals[0], totals[1]


def sums(spread: float, x: float, distance: float, gamma: float, dim: float) -> tuple[float, float]:
    """R and dof."""
    power, share = bulk(distance)
    risk, dof = spikes(spread, x, gamma, dim)
    return 2 * spread**2 * (dim * power + risk), dim**2 * share + dim * dof


def solve(dim: float, u: float, weight_decay: float, gamma: float, noise: float) -> dict[str, float]:
    """R at one point: bisection in t/σ or in the distance to the edge, inside it a root in log σ."""

    def level(x: float, distance: float) -> float:
        def gap(z: float) -> float:
            return math.log(4 * u) + 2 * z - math.log(noise + sums(math.exp(z), x, distance, gamma, dim)[0])

        start = 0.5 * math.log(noise / (4 * u))
        if gap(start + 8) < 0:  # more freedom than samples: no finite noise level
            return math.inf
        return math.exp(optimize.brentq(gap, start - 1e-9, start + 8, xtol=1e-12))

    def excess(x: float, distance: float) -> float:
        spread = level(x, distance)
        if spread == math.inf:
            return -math.inf
        dof = sums(spread, x, distance, gamma, dim)[1]
        return 4 * u * x * spread * (1 - dof / (u * dim)) - weight_decay * math.sqrt(dim)

    distance, x = 0.0, 2.0
    if excess(2.0, 0.0) > 0:
        z = _bisect(lambda z: excess(2 - 2 * math.exp(z), math.exp(z)), -120.0, -1e-9)
        distance, x = math.exp(z), 2 - 2 * math.exp(z)
    else:
        bare = weight_decay * math.sqrt(dim) / (4 * u) / math.sqrt(noise / (4 * u))
        x = optimize.brentq(lambda x: excess(x, 0.0), 2.0, 2 * bare + 4, xtol=1e-10)
    spread = level(x, distance)
    risk, dof = sums(spread, x, distance, gamma, dim)
    return {"risk": risk, "dof": dof, "ratio": x, "distance": distance, "spread": spread}


def _bisect(function: Callable[[float], float], positive: float, negative: float) -> float:
    for _ in range(45):
        middle = (positive + negative) / 2
        positive, negative = (middle, negative) if function(middle) > 0 else (positive, middle)
    return (positive + negative) / 2
