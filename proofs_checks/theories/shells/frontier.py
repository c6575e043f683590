"""S9: the self-similar flow at m = b - 2, its attracting point, the resolution frontier, and the profile that travels."""

from __future__ import annotations

import math
from functools import lru_cache

import sympy as sp

from scalecheck.numerics.shells.characteristics import characteristic
from scalecheck.numerics.shells.characteristics import frontier as followed
from scalecheck.theory.shells import self_similarity as derived
from scalecheck.theory.shells.letters import CLOSURE, CONVENTION, Direction, power, rate, scaled, source, time

from ...claims import Claim, Source, Twin
from ...formulas import Formula, Measured, NumericPoint, from_derivation, from_numbers
from .transport import density_at

a, b, c, x = source, power, rate, scaled
PAPER = ("zhang2025shell",)
LATE = 1e30
"""Time at which a path has settled on the frontier: t^{-(b-1)} is 1e-15 at b = 3/2, the flattest of the ledger."""


def frontier_claims() -> tuple[Claim, ...]:
    """S9."""
    return (_fixed_point(), _attraction(), _frontier(), _profile())


def _fixed_point() -> Claim:
    name, formula = "x*", c ** (-1 / (b - 1))
    return Claim(
        id="S9.fixed-point",
        title="the attracting point",
        statement=r"$\sigma=-1$, $b>1$, $m=b-2$: in $x=\lambda t$ the flow $t\dot x = x - cx^b$ rests at $x_* = c^{-1/(b-1)}$.",
        source=Source(PAPER, "S9"),
        assumptions=(CLOSURE,),
        assertion=Formula(name, formula),
        comparison=r"the rest point, exactly; and $\lambda t$ on the path from $\lambda_0=1$ at $t=10^{30}$, within $10^{-7}$",
        rests_on=("S7.time-power", "S8.characteristic"),
        symbolic=from_derivation(lambda: derived.fixed_points(Direction.DOWN)[0].place),
        numeric=from_numbers(
            settled, [{"power": p, "rate": r} for p, r in ((1.5, 0.5), (2.0, 4.0), (3.0, 0.2), (2.5, 1.7))], 1e-7
        ),
        twins=(
            Twin("steepness", r"$c^{-1/b}$", Formula(name, c ** (-1 / b))),
            Twin("inverse", r"$c^{1/(b-1)}$", Formula(name, 1 / formula)),
            Twin("off", r"$b$ off by 0.1", Formula(name, formula.subs(b, b + sp.Rational(1, 10)))),
        ),
    )


@lru_cache(maxsize=64)
def _edge(steepness: float, speed: float, moment: float) -> tuple[float, float]:
    found = followed(power=steepness, rate=speed, time=moment)
    return found.value.log_position, found.error * (1 + abs(found.value.log_position))


def settled(point: NumericPoint) -> Measured:
    """λt on the path from λ_0 = 1, late."""
    place, error = _edge(point["power"], point["rate"], LATE)
    value = math.exp(place + math.log(LATE))
    return value, value * (error + 10 * LATE ** (1 - point["power"]))


def _attraction() -> Claim:
    name = "power of t in |x - x*|"
    points = [{"power": p, "rate": r} for p, r in ((1.5, 0.5), (2.0, 4.0), (3.0, 0.2), (0.5, 1.0), (0.0, 2.0))]
    return Claim(
        id="S9.attraction",
        title="the point attracts for b > 1 and repels for b < 1",
        statement=r"Next to $x_*$ the distance changes as $t^{1-b}$.",
        source=Source(PAPER, "S9"),
        assumptions=(CLOSURE,),
        assertion=Formula(name, 1 - b),
        comparison=r"slope of the flow at $x_*$, exactly; and distances on integrated paths from both sides, within $10^{-5}$",
        rests_on=("S9.fixed-point",),
        symbolic=from_derivation(lambda: derived.fixed_points(Direction.DOWN)[0].slope),
        numeric=from_numbers(approach, points, 1e-5),
        twins=(
            Twin("repels", r"$b-1$: it repels for $b>1$", Formula(name, b - 1)),
            Twin("steeper", r"$-b$", Formula(name, -b)),
            Twin("off", r"$b$ off by 0.1", Formula(name, sp.Rational(9, 10) - b)),
        ),
    )


def approach(point: NumericPoint) -> Measured:
    """log of the ratio of distances from x* at t = e and t = 1, mean of the two sides: quadratic terms cancel."""
    steepness, speed = point["power"], point["rate"]
    star, offset = speed ** (-1.0 / (steepness - 1.0)), 1e-4
    ends = []
    for side in (offset, -offset):
        path = characteristic(
            start=star * math.exp(side), power=steepness, rate=speed, time=math.e, time_power=steepness - 2, begin=1.0
        )
        ends.append(path.value.log_position + 1.0 - math.log(star))
    return math.log((ends[0] - ends[1]) / (2 * offset)), 1e-7


def _frontier() -> Claim:
    name = "power of t in the frontier"
    return Claim(
        id="S9.frontier",
        title="a moving resolution frontier",
        statement=r"$\sigma=-1$, $b>1$, $m=b-2$: every mode born above it is swept to $\lambda_*(t) = x_*/t$.",
        source=Source(PAPER, "S9"),
        assumptions=(CLOSURE,),
        assertion=Formula(name, -sp.S.One),
        comparison=r"logarithmic derivative, exactly; and slope of the path from $\lambda_0=1$ between $10^{28}$ and $10^{30}$, within $10^{-7}$",
        rests_on=("S9.fixed-point", "S9.attraction"),
        symbolic=from_derivation(lambda: sp.simplify(time * sp.diff(sp.log(derived.frontier()), time))),
        numeric=from_numbers(
            frontier_slope, [{"power": p, "rate": r} for p, r in ((1.5, 0.5), (2.0, 4.0), (3.0, 0.2))], 1e-7
        ),
        twins=(
            Twin("diffusive", r"a frontier $t^{-1/2}$", Formula(name, -sp.Rational(1, 2))),
            Twin("steepness", r"$t^{-1/(b-1)}$: the frontier at $m=0$", Formula(name, -1 / (b - 1))),
        ),
    )


def frontier_slope(point: NumericPoint) -> Measured:
    """Slope of log λ in log t on the path from the upper end."""
    (early, _), (late, error) = (_edge(point["power"], point["rate"], moment) for moment in (LATE / 100, LATE))
    return (late - early) / math.log(100.0), error


def _profile() -> Claim:
    name, p = "ε t^{a-1}", 1 / (b - 1)
    bracket = 1 - c * x ** (b - 1)
    hyper = sp.hyper([1, p], [1 + p], c * x ** (b - 1))
    formula = a * x ** (a - 1) * bracket ** (-1 - a * p) * sp.exp(-2 * x * hyper)
    points = [
        {"source": s, "power": q, "rate": r, "x": z}
        for s, q, r, z in ((0.75, 2.0, 0.5, 0.4), (1.5, 1.5, 1.0, 0.3), (0.5, 3.0, 2.0, 0.5))
    ]
    return Claim(
        id="S9.profile",
        title="the profile that travels",
        statement=r"$\varepsilon = t^{1-a} f(\lambda t)$ with $f = a x^{a-1}(1-cx^{b-1})^{-1-a/(b-1)}\exp(-2x\,{}_2F_1(1,p;1+p;cx^{b-1}))$,"
        r" $p=1/(b-1)$, on $x<x_*$.",
        source=Source(PAPER, "S9", "derived"),
        assumptions=(CLOSURE, CONVENTION),
        assertion=Formula(name, formula),
        comparison=r"the profile, exactly; and the density along integrated paths at $t=50$, within $10^{-6}$",
        rests_on=("S9.fixed-point", "S8.density"),
        symbolic=from_derivation(_derived_profile, (CLOSURE, CONVENTION)),
        numeric=from_numbers(scaled_density, points, 1e-6),
        twins=(
            Twin("lazy", r"$a x^{a-1}e^{-2x}$: the lazy profile", Formula(name, a * x ** (a - 1) * sp.exp(-2 * x))),
            Twin("end", r"the power at $x_*$ off by one", Formula(name, formula * bracket)),
            Twin("half", "the dissipation's 2 forgotten", Formula(name, formula * sp.exp(x * hyper))),
        ),
    )  # fmt: skip


def _derived_profile() -> sp.Expr:
    """With β = a, which matches the initial density at x → 0; that fixes the factor a too."""
    values = derived.self_similar_profile(Direction.DOWN).values
    return a * values["profile"].subs(derived.loss_power, a)


def scaled_density(point: NumericPoint) -> Measured:
    """ε(x/t, t) t^{a-1} at t = 50."""
    moment = 50.0
    value, error = density_at({**point, "eigenvalue": point["x"] / moment, "time": moment})
    factor = moment ** (point["source"] - 1)
    return value * factor, error * factor
