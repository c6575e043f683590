"""N6: the weight decay of least risk for the quadratic network, and the least risk, with constants and no logarithm."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import sympy as sp
from scipy.optimize import minimize_scalar

from scalecheck.theory.networks.quadratic.optimum import Optimum, optimal_weight_decay
from scalecheck.theory.symbols import a, decay, dim, noise

from ...claims import Claim, Source
from ...formulas import Measured
from ...laws import Law, Path, along_paths, from_phase, other_formulas
from ...network_claims import region
from .laws import PERCENT, SHARE, SIGNAL
from .observing import ASSUMED, PAPERS, solved

WHERE = region(
    (a > 0, "more samples than inputs"), (a < 2 * decay, "beyond, every small penalty is as good as the best")
)
SCALES = (1e9, 1e11, 1e13, 1e15)
WINDOW = 2.5
"""The minimum is looked for within this factor of √(Δu/d), times e: wide, and not centred on what is stated."""
PLACED = 4e-5
"""Accuracy of the logarithm of the weight decay at which the search ends."""


def optimum_claims() -> tuple[Claim, ...]:
    """Place and value."""
    best = 4 * sp.sqrt(noise * SHARE / dim)
    place = {
        "one": (r"$\sqrt{\Delta u/d}$", best / 4),
        "radius": (r"the edge at $\sqrt2\sigma$", best / sp.sqrt(2)),
        "log": (r"a logarithm, as for the diagonal network", best * sp.sqrt(sp.log(dim)) / 4),
        "power": ("$u/d$ for its root", best * sp.sqrt(SHARE / dim)),
        "two-percent": ("too large by 2%", best * PERCENT),
    }
    value = {
        "rate": (r"$u^{-1+1/(2\gamma)}$ with constant one", SHARE ** (1 / (2 * decay) - 1)),
        "exponent": (r"$u^{-1+1/\gamma}$", SIGNAL * SHARE ** (1 / (2 * decay))),
        "variance": (r"$\Delta/u$ for $\Delta/(4u)$", SIGNAL * 4 ** (1 - 1 / (2 * decay))),
        "two-percent": ("too large by 2%", SIGNAL * PERCENT),
    }
    return (
        _claim(
            "weight_decay",
            "optimal weight decay",
            r"For $1 \ll u \ll d^{2\gamma}$ the risk is least at $\lambda \simeq 4\sqrt{\Delta u/d}$, where the threshold stands at the edge"
            r" of the bulk; there is no logarithm.",
            best,
            lambda found: found.weight_decay,
            place,
        ),
        _claim(
            "risk",
            "risk at the optimal weight decay",
            r"The least risk over $\lambda$ is $\frac{48\gamma^3}{(\gamma+1)(4\gamma^2-1)}\left(\frac{\Delta}{4u}\right)^{1-1/(2\gamma)}$"
            r" for all $1 \ll u \ll d^{2\gamma}$: the law of phase IV, continued.",
            SIGNAL,
            lambda found: found.risk,
            value,
        ),
    )


@dataclass(frozen=True)
class _Derived:
    leading: sp.Expr
    region: tuple[sp.Basic, ...]


def _claim(
    name: str,
    title: str,
    statement: str,
    formula: sp.Expr,
    taken: Callable[[Optimum], sp.Expr],
    wrong: Mapping[str, tuple[str, sp.Expr]],
) -> Claim:
    def derived() -> _Derived:
        found = optimal_weight_decay()
        return _Derived(taken(found), tuple(sp.And.make_args(found.condition)))

    law = Law(f"optimal_{name}", formula, WHERE, (_path("5/3", "3", "1/2"),))
    return Claim(
        id=f"N6.quadratic.{name}",
        title=title,
        statement=statement,
        source=Source(PAPERS, "N6", "derived"),
        hypotheses=WHERE,
        assumptions=ASSUMED,
        assertion=law,
        comparison="the derived law exactly; and the minimum of state evolution over the weight decay along paths to dim $10^{15}$,"
        " ratio within 0.5% of 1",
        symbolic=from_phase(derived),
        numeric=along_paths(_observed, _controls, scales=SCALES),
        rests_on=("N7.quadratic.IV", "N5.quadratic.diagram"),
        twins=other_formulas(law, wrong),
    )


def _path(a_value: str, decay_value: str, noise_value: str = "1") -> Path:
    return Path({"a": sp.Rational(a_value)}, {"decay": sp.Rational(decay_value), "noise": sp.Rational(noise_value)})


def _controls(along: Path, scale: float) -> dict[str, float]:
    parameters = {name: float(value) for name, value in along.parameters.items()}
    return {"dim": scale, "samples": scale ** (float(along.exponents["a"]) + 1), **parameters}


@lru_cache(maxsize=64)
def _minimum(size: float, count: float, gamma: float, level: float) -> tuple[float, float]:
    """Weight decay of least risk, and that risk."""
    middle = math.log(math.sqrt(level * count) / size) + 1

    def height(log_decay: float) -> float:
        return math.log(solved(size, count, math.exp(log_decay), gamma, level).value.risk)

    bounds = (middle - math.log(WINDOW), middle + math.log(WINDOW))
    found = minimize_scalar(height, bounds=bounds, method="bounded", options={"xatol": PLACED})
    return math.exp(float(found.x)), math.exp(float(found.fun))


def _observed(place: Mapping[str, float]) -> dict[str, Measured]:
    best, least = _minimum(place["dim"], place["samples"], place["decay"], place["noise"])
    return {"optimal_weight_decay": (best, 10 * PLACED * best), "optimal_risk": (least, 1e-6 * least)}
