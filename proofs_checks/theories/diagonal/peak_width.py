"""N5: how wide the interpolation peak is, from the derived curve of the whole peak, and by walking down both sides of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import sympy as sp
from scipy.optimize import brentq

from scalecheck.theory.networks.diagonal.peak import peak_profile
from scalecheck.theory.networks.diagonal.state_equations import PROPORTIONAL_LIMIT
from scalecheck.theory.symbols import b, noise, weight_decay

from ...claims import Claim, Source
from ...formulas import Measured
from ...laws import Law, along_paths, from_phase, other_formulas
from ...network_claims import NAMES, path, point, region
from .observing import controls
from .points import solve_at

WINDOW = (1e-9, 0.5)
"""|n/d - 1| between which half the peak's height is looked for."""
FOUND = 1e-7
"""Relative accuracy of the place where it is found."""


def peak_width_claims() -> tuple[Claim, ...]:
    """One claim."""
    constant = 2 * (4 / sp.pi) ** sp.Rational(1, 3) * sp.sqrt(4 - sp.sqrt(2))
    formula = constant * (weight_decay**2 / noise) ** sp.Rational(1, 3)
    where = region((b < 0, "the penalty is small"))
    law = Law("half_width", formula, where, (path("1", "-3/4", "2"), path("1", "-4/5", "5/2", "1/2")))
    wrong = {
        "root": (r"width $\lambda^{1/2}$", constant * sp.sqrt(weight_decay)),
        "linear": (r"width $\lambda$", constant * weight_decay),
        "noise": (r"$\Delta^{-1/2}$ for $\Delta^{-1/3}$, times 1.1", formula * noise ** sp.Rational(-1, 6) * sp.Rational(11, 10)),
        "lorentz": (r"$\sqrt{4 - 1}$ for $\sqrt{4 - \sqrt{2}}$: $\sigma^2 - 1$ for $\sigma^2 - \sqrt\sigma$",
                    formula * sp.sqrt(3 / (4 - sp.sqrt(2)))),
        "two-percent": ("the constant too large by 2%", formula * sp.Rational(51, 50)),
    }  # fmt: skip
    claim = Claim(
        id="N5.diagonal.peak.width",
        title="width of the interpolation peak",
        statement=r"For $\lambda \ll 1$ the risk is half its height at $n = d$ where $|n/d - 1| \simeq 2\,(4/\pi)^{1/3}\sqrt{4-\sqrt2}\,"
        r"(\lambda^2/\Delta)^{1/3}$, on both sides.",
        source=Source(("defilippis2025scaling", "bayati2012lasso"), "N5", "derived"),
        hypotheses=where,
        assumptions=(PROPORTIONAL_LIMIT,),
        assertion=law,
        comparison="the derived curve exactly; and half of the distance between the two sides of the peak of state evolution along"
        " paths to dim $10^{12}$, ratio within 0.5% of 1",
        symbolic=from_phase(_derived),
        numeric=along_paths(half_width, controls),
        rests_on=("N7.diagonal.peak", "N5.diagonal.boundary.V-VIa"),
        twins=other_formulas(law, wrong),
    )
    return (claim,)


@dataclass(frozen=True)
class _Width:
    leading: sp.Expr
    region: tuple[sp.Basic, ...]


def _derived() -> _Width:
    return _Width(peak_profile().half_width, (b < 0,))


@lru_cache(maxsize=64)
def _sides(*values: float) -> tuple[float, float]:
    """|n/d - 1| at which the risk is half of that at n = d, below and above."""
    place = point(*values)
    half = math.log(solve_at({**place, "samples": place["dim"]}).value.risk / 2)

    def excess(log_distance: float, sign: float) -> float:
        count = place["dim"] * (1 + sign * math.exp(log_distance))
        return math.log(solve_at({**place, "samples": count}).value.risk) - half

    ends = (math.log(WINDOW[0]), math.log(WINDOW[1]))
    below, above = (math.exp(brentq(excess, *ends, args=(sign,), xtol=FOUND)) for sign in (-1.0, 1.0))
    return below, above


def half_width(place: Mapping[str, float]) -> dict[str, Measured]:
    """Half of the distance between the sides; a peak that leans by more than 2% is not of the stated shape."""
    below, above = _sides(*(place[name] for name in NAMES))
    mean = (below + above) / 2
    leaning = abs(below - above) / mean
    return {"half_width": (mean if leaning < 0.02 or place["dim"] < 1e9 else math.nan, 10 * FOUND * mean)}
