"""N2: weight decay on W is a penalty on the trace of S. Identity, measured penalty, risk, and networks narrower than their input."""

from __future__ import annotations

import sympy as sp

from scalecheck.numerics.networks.quadratic.measured_penalty import (
    best_narrow_fit,
    decay_cost,
    penalty_of_trained_network,
    risk_of_weights,
)
from scalecheck.theory.networks.quadratic.letters import spike
from scalecheck.theory.networks.quadratic.reduction import distance as squared_distance
from scalecheck.theory.networks.quadratic.reduction import (
    every_matrix_is_reached,
    local_minima,
    narrow_network,
    objective,
    risk,
    trace,
)
from scalecheck.theory.symbols import dim, weight_decay, width

from ...claims import Claim, Source, Twin
from ...formulas import Formula, Measured, NumericPoint, from_derivation, from_numbers
from .observing import PAPERS

ROOT = sp.sqrt(width * dim)


def reduction_claims() -> tuple[Claim, ...]:
    """The decay cost, the penalty that trained networks obey, the risk, and p < d."""
    return (_cost(), _penalty(), _risk(), _narrow())


def _cost() -> Claim:
    quantity = "decay cost"

    def measure(point: NumericPoint) -> Measured:
        found = decay_cost(
            dim=int(point["dim"]),
            width=int(point["width"]),
            weight_decay=point["weight_decay"],
            trace=point["trace"],
            seed=11,
        )
        return found.value, found.error * found.value

    points = [
        {"dim": 3.0, "width": 3.0, "weight_decay": 1.0, "trace": 1.0},
        {"dim": 10.0, "width": 25.0, "weight_decay": 0.3, "trace": 7.0},
        {"dim": 40.0, "width": 41.0, "weight_decay": 1e-3, "trace": 100.0},
        {"dim": 100.0, "width": 400.0, "weight_decay": 20.0, "trace": 0.01},
    ]
    cost = weight_decay * ROOT * trace
    return Claim(
        id="N2.quadratic.objective",
        title="weight decay is a penalty on the trace",
        statement=r"For every $W$ of shape $(p, d)$ and $S = W^T W/\sqrt{pd}$: $\lambda\|W\|_F^2 = \Lambda\,\mathrm{Tr}\,S$ with"
        r" $\Lambda = \lambda\sqrt{pd}$, and $f(x) = \mathrm{Tr}\,SZ$.",
        source=Source(PAPERS, "N2"),
        assertion=Formula(quantity, cost),
        comparison=r"exact; and random weights, within $10^{-8}$ relative",
        symbolic=from_derivation(lambda: objective().values["penalty"] * trace),
        numeric=from_numbers(measure, points),
        twins=(
            Twin("width", r"$\Lambda = \lambda d$ whatever the width", Formula(quantity, weight_decay * dim * trace)),
            Twin("root", r"$\Lambda = \lambda\sqrt{p}$", Formula(quantity, weight_decay * sp.sqrt(width) * trace)),
            Twin("double", r"$\Lambda = 2\lambda\sqrt{pd}$", Formula(quantity, 2 * cost)),
            Twin("power", r"$\Lambda(\mathrm{Tr}\,S)^2$", Formula(quantity, cost * trace)),
        ),
    )


def _penalty() -> Claim:
    def derived() -> sp.Expr:
        every_matrix_is_reached()
        local_minima()  # raises unless every local minimum is global, so that "trained" means "minimiser"
        return objective().values["penalty"]

    def measure(point: NumericPoint) -> Measured:
        found = penalty_of_trained_network(
            dim=int(point["dim"]),
            samples=int(point["samples"]),
            weight_decay=point["weight_decay"],
            width=int(point["width"]),
        )
        return found.value, found.error * found.value

    points = [
        {"dim": 6.0, "samples": 30.0, "weight_decay": 0.5, "width": 6.0},
        {"dim": 8.0, "samples": 24.0, "weight_decay": 0.3, "width": 20.0},
        {"dim": 12.0, "samples": 100.0, "weight_decay": 0.2, "width": 15.0},
    ]
    penalty = weight_decay * ROOT
    return Claim(
        id="N2.quadratic.penalty",
        title="a trained quadratic network is at the minimum of the convex problem",
        statement=r"For $p \geq d$ every $S \succeq 0$ is some $W^T W/\sqrt{pd}$, every local minimum over $W$ is global, and on the"
        r" range of $S$ the matrix $2\sum (y - f) Z$ is $\Lambda = \lambda\sqrt{pd}$.",
        source=Source(PAPERS, "N2"),
        assertion=Formula("penalty", penalty),
        comparison=r"exact; and the penalty read off networks trained from random weights, within $10^{-5}$ relative",
        symbolic=from_derivation(derived),
        numeric=from_numbers(measure, points, tolerance=1e-5),
        rests_on=("N2.quadratic.objective",),
        twins=(
            Twin("width", r"$\Lambda = \lambda d$ whatever the width", Formula("penalty", weight_decay * dim)),
            Twin("half", r"a loss $\frac12\sum(y - f)^2$: $\Lambda = \lambda\sqrt{pd}/2$", Formula("penalty", penalty / 2)),
            Twin("samples", r"a mean over samples", Formula("penalty", penalty * sp.Symbol("samples", positive=True))),
        ),
    )  # fmt: skip


def _risk() -> Claim:
    def measure(point: NumericPoint) -> Measured:
        found = risk_of_weights(dim=int(point["dim"]), width=6, distance=point["squared_distance"], seed=5)
        return found.value, found.error * found.value

    points = [{"dim": float(d), "squared_distance": gap} for d, gap in ((1, 0.5), (2, 3.0), (4, 1e-3), (5, 100.0))]
    value = 2 * squared_distance / dim
    return Claim(
        id="N2.quadratic.risk",
        title="excess risk is a squared distance of matrices",
        statement=r"For $x \sim N(0, I_d)$: $E(f(x) - f^*(x))^2 = \frac{2}{d}\|S - S^*\|_F^2$.",
        source=Source(PAPERS, "N2"),
        assertion=Formula("risk", value),
        comparison=r"exact; and Gauss-Hermite quadrature that is exact for quartics, within $10^{-8}$ relative",
        symbolic=from_derivation(lambda: risk().values["risk"]),
        numeric=from_numbers(measure, points),
        twins=(
            Twin("half", r"$\|S - S^*\|^2/d$", Formula("risk", value / 2)),
            Twin("dimension", r"$2\|S - S^*\|^2$", Formula("risk", value * dim)),
            Twin(
                "kurtosis", r"$3\|S - S^*\|^2/d$: the fourth moment of one coordinate", Formula("risk", value * 3 / 2)
            ),
        ),
    )


def _narrow() -> Claim:
    def measure(point: NumericPoint) -> Measured:
        found = best_narrow_fit(spike=point["spike"])
        return found.value, found.error * found.value

    points = [{"spike": s} for s in (0.1, 1.0, 7.0)]
    return Claim(
        id="N2.quadratic.narrow",
        title="with fewer hidden units than inputs the convex minimum can be missed",
        statement=r"For $p < d$ the rank of $S$ is at most $p$. With $p = 1$, $d = 2$ a multiple $s$ of the identity, which the"
        r" convex problem reaches, is missed by $\min_W \|S - s\|_F^2 = s^2$.",
        source=Source(PAPERS, "N2", "derived"),
        assertion=Formula("missed", spike**2),
        comparison=r"exact; and descent over the weights of one hidden unit, within $10^{-6}$ relative",
        symbolic=from_derivation(lambda: narrow_network().values["missed"]),
        numeric=from_numbers(measure, points, tolerance=1e-6),
        twins=(
            Twin("reached", "any width reaches every matrix", Formula("missed", sp.S.Zero)),
            Twin("all", "all of it is missed", Formula("missed", 2 * spike**2)),
        ),
    )
