"""S7: the two symmetries that leave v = σ c λ^b t^{b-2}, and nothing else."""

from __future__ import annotations

import math
from functools import lru_cache

import sympy as sp

from scalecheck.numerics.shells.characteristics import characteristic
from scalecheck.theory.shells.letters import eigenvalue, power, time
from scalecheck.theory.shells.rigidity import MEASURABLE, rigid_drift, rigid_time_power

from ...claims import Claim, Source, Twin
from ...formulas import Formula, Measured, NumericPoint, from_derivation, from_numbers

scale = sp.Symbol("scale", positive=True)
"""s in λ → sλ, t → t/s."""
PAPER = ("zhang2025shell", "zhang2025renormalize")
STEP = 1e-3


def rigidity_claims() -> tuple[Claim, ...]:
    """S7, both ways: the symmetries fix the power of time, and the result has them."""
    return (_time_power(), _covariance())


def _time_power() -> Claim:
    name = "the power of time"
    points = [{"power": b} for b in (0.5, 1.0, 2.5, 3.0)]
    return Claim(
        id="S7.time-power",
        title="gradient flow's scaling fixes the power of time",
        statement=r"$v(s\lambda, t/s) = s^2 v(\lambda, t)$ and $v(s\lambda,t)/(s\lambda) = \kappa(s)\,v(\lambda,t)/\lambda$"
        r" force $v = \sigma c\lambda^b t^{b-2}$.",
        source=Source(PAPER, "S7"),
        assumptions=(MEASURABLE,),
        assertion=Formula(name, power - 2),
        comparison=r"$m$ as a function of $b$, exactly; and the $m$ at which integrated paths are carried into each other by"
        r" $\lambda\to s\lambda$, $t\to t/s$, within $10^{-6}$",
        symbolic=from_derivation(rigid_time_power, (MEASURABLE,)),
        numeric=from_numbers(covariant_time_power, points, 1e-6),
        twins=(
            Twin("off", r"$b$ off by 0.1", Formula(name, power - sp.Rational(21, 10))),
            Twin("one", r"$m = b-1$", Formula(name, power - 1)),
            Twin("mirrored", r"$m = 2-b$", Formula(name, 2 - power)),
        ),
    )


def covariant_time_power(point: NumericPoint) -> Measured:
    """The m at which the path from (sλ_0, t_0/s) is s times the path from (λ_0, t_0), by integration of both."""
    return _covariant(point["power"]), 1e-9


@lru_cache(maxsize=16)  # a claim and its twins look at the same powers
def _covariant(steepness: float) -> float:
    from scipy.optimize import brentq

    factor, begin, end = 1.7, 1.3, 4.0

    def defect(clock: float) -> float:
        def moved(by: float) -> float:
            found = characteristic(
                start=0.4 * by, power=steepness, rate=0.3, time=end / by, time_power=clock, begin=begin / by
            )
            return found.value.log_position

        return moved(factor) - moved(1.0) - math.log(factor)

    guess = steepness - 2.0
    return float(brentq(defect, guess - 1.37, guess + 1.11, xtol=1e-11))


def _covariance() -> Claim:
    name = "v(sλ, t/s)/v(λ, t)"
    points = [{"power": b, "scale": s} for b, s in ((0.5, 2.0), (1.5, 0.5), (2.0, 3.0), (3.0, 1.5))]
    return Claim(
        id="S7.covariance",
        title="the rigid drift is covariant",
        statement=r"$v = \sigma c\lambda^b t^{b-2}$ has $v(s\lambda,t/s)/v(\lambda,t) = s^2$ for every $b$.",
        source=Source(PAPER, "S7"),
        assertion=Formula(name, scale**2),
        comparison=r"the ratio, exactly; and velocities of integrated paths by differences, within $10^{-6}$",
        rests_on=("S7.time-power",),
        symbolic=from_derivation(_ratio),
        numeric=from_numbers(velocity_ratio, points, 1e-6),
        twins=(
            Twin("power", r"$s^b$: time left alone", Formula(name, scale**power)),
            Twin("one", r"$s$", Formula(name, scale)),
        ),
    )


def _ratio() -> sp.Expr:
    found = rigid_drift().values["drift"]
    moved = found.subs({eigenvalue: scale * eigenvalue, time: time / scale}, simultaneous=True)
    return sp.simplify(sp.expand_power_base(moved / found, force=True))


def velocity_ratio(point: NumericPoint) -> Measured:
    """dλ/dt at (sλ, t/s) over that at (λ, t), from how far integrated paths get in short times."""
    factor = point["scale"]
    return _velocity(point["power"], 0.4 * factor, 1.3 / factor) / _velocity(point["power"], 0.4, 1.3), 1e-7


def _velocity(steepness: float, place: float, begin: float) -> float:
    """Three difference quotients at halved steps, extrapolated to zero."""

    def quotient(step: float) -> float:
        found = characteristic(
            start=place, power=steepness, rate=0.3, time=begin + step, time_power=steepness - 2, begin=begin
        )
        return place * math.expm1(found.value.log_position - math.log(place)) / step

    rough, finer, finest = (quotient(begin * STEP / 2**k) for k in range(3))
    return (8 * finest - 6 * finer + rough) / 3
