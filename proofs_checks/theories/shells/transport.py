"""S8: paths, survival, density and loss of power-law transport in closed form, against integration."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
import sympy as sp

from scalecheck.numerics.shells.characteristics import Characteristic, characteristic, loss
from scalecheck.numerics.shells.flow import PowerLaw, backward, forward
from scalecheck.numerics.shells.transport import transport
from scalecheck.theory.shells import transport as derived
from scalecheck.theory.shells.letters import (
    CLOSURE,
    CONVENTION,
    Direction,
    born,
    eigenvalue,
    power,
    rate,
    source,
    time,
    time_power,
)
from scalecheck.theory.shells.losses import loss_formula

from ...claims import Claim, Source, Twin
from ...formulas import Formula, Measured, NumericPoint, from_derivation, from_numbers

a, b, m, c, t = source, power, time_power, rate, time
DOWN, UP = Direction.DOWN, Direction.UP
PAPER = ("zhang2025shell",)
ASSUMED = (CLOSURE, CONVENTION)
EXAMPLE = {power: sp.Integer(2), time_power: sp.Integer(0)}
"""b = 2, m = 0, where everything is elementary."""
PATHS = [
    {"born": x, "power": b_, "time_power": m_, "rate": c_, "time": t_}
    for x, b_, m_, c_, t_ in ((0.7, 2.0, 0.0, 0.5, 40.0), (0.9, 3.0, 0.5, 2.0, 5.0), (0.5, 1.5, -0.5, 1.0, 200.0), (0.8, 0.5, 0.0, 0.3, 2.0))
]  # fmt: skip
TENTH = sp.Rational(1, 10)


def transport_claims() -> tuple[Claim, ...]:
    """S8."""
    return (*_paths(), _action(), _survival(), _mass(), _density(), _loss(), _grid())


def _path(point: NumericPoint) -> tuple[Characteristic, float]:
    direction = "up" if point.get("up") else "down"
    return _followed(point["born"], point["power"], point["time_power"], point["rate"], point["time"], direction)


@lru_cache(maxsize=256)
def _followed(
    start: float, steepness: float, clock: float, speed: float, moment: float, direction: str
) -> tuple[Characteristic, float]:
    found = characteristic(start=start, power=steepness, time_power=clock, rate=speed, time=moment, direction=direction)
    return found.value, found.error


def place(point: NumericPoint) -> Measured:
    """λ(t) on an integrated path."""
    found, error = _path(point)
    return found.position, found.position * error * (1 + abs(found.log_position))


def decay(point: NumericPoint) -> Measured:
    """2∫λ dt on an integrated path."""
    found, error = _path(point)
    return found.decay, error * (1 + found.decay)


def _claim_of_path(
    name: str, title: str, statement: str, formula: sp.Expr, geometry: derived.Geometry,
    points: Sequence[NumericPoint], twins: dict[str, tuple[str, sp.Expr]],
) -> Claim:  # fmt: skip
    quantity = "position"
    return Claim(
        id=f"S8.{name}",
        title=title,
        statement=statement,
        source=Source(PAPER, "S8"),
        assumptions=ASSUMED,
        assertion=Formula(quantity, formula),
        comparison=r"the characteristic, exactly; and paths integrated in $\log\lambda$, within $10^{-8}$",
        symbolic=from_derivation(
            lambda: derived.solution(geometry).values["characteristic"].subs(geometry.known), ASSUMED
        ),
        numeric=from_numbers(place, points),
        twins=tuple(Twin(key, text, Formula(quantity, wrong)) for key, (text, wrong) in twins.items()),
    )


def _paths() -> tuple[Claim, ...]:
    q, mu = 1 - b, m + 1
    moved = (born**q - c * q * t**mu / mu) ** (1 / q)
    late = (born**q + c * q * (t**mu - 1) / mu) ** (1 / q)
    late_points = [{**point, "time_power": -1.75, "up": 1.0, "rate": 0.1} for point in PATHS]
    clock_points = [{**point, "time_power": -1.0, "power": 1.0} for point in PATHS]
    geometry = derived.Geometry
    return (
        _claim_of_path("characteristic", "paths of the drift",
            r"$\lambda^{1-b} = \lambda_0^{1-b} + \sigma c(1-b)t^{m+1}/(m+1)$ for $b\ne1$, $m>-1$ (here $\sigma=-1$).", moved,
            geometry(DOWN, -1, 1), PATHS,
            {"off": (r"$b$ off by 0.1", moved.subs(b, b + TENTH)), "sign": ("upward", moved.subs(c, -c)),
             "clock": (r"the clock without $1/(m+1)$", (born**q - c * q * t**mu) ** (1 / q))}),
        _claim_of_path("late-start", "paths that start at t = 1",
            r"For $m<-1$ the clock starts at $t=1$ and stays below $1/|m+1|$ (here $\sigma=+1$).", late, geometry(UP, -1, -1), late_points,
            {"zero": ("started at zero", (born**q + c * q * t**mu / mu) ** (1 / q)), "off": (r"$b$ off by 0.1", late.subs(b, b + TENTH))}),
        _claim_of_path("log-clock", "paths that rescale the spectrum",
            r"$b=1$, $m=-1$: $\lambda = \lambda_0 t^{\sigma c}$ (here $\sigma=-1$).", born * t**-c, geometry(DOWN, 0, 0), clock_points,
            {"mirrored": (r"$c\to1-c$", born * t ** (c - 1)), "up": ("upward", born * t**c)}),
    )  # fmt: skip


def _action() -> Claim:
    q, mu = 1 - b, m + 1
    ratio = c * q * t**mu / (mu * born**q)
    formula = 2 * born * t * sp.hyper([1 / mu, -1 / q], [1 + 1 / mu], ratio)
    name = "decay"
    return Claim(
        id="S8.action",
        title="survival along a path",
        statement=r"$-\log S = 2\int\lambda\,dt = 2\lambda_0 t\; {}_2F_1\!\left(\tfrac1{m+1}, \tfrac1{b-1}; 1+\tfrac1{m+1};"
        r" \tfrac{c(1-b)t^{m+1}}{(m+1)\lambda_0^{1-b}}\right)$, $\sigma=-1$, $b>1$, $m>-1$.",
        source=Source(PAPER, "S8", "derived"),
        assumptions=ASSUMED,
        assertion=Formula(name, formula),
        comparison=r"the hypergeometric function, exactly; and $2\int\lambda\,dt$ integrated along paths, within $10^{-8}$",
        rests_on=("S8.characteristic",),
        symbolic=from_derivation(_doubled_action, ASSUMED),
        numeric=from_numbers(decay, PATHS[:3]),
        twins=(
            Twin("half", "the dissipation's 2 forgotten", Formula(name, formula / 2)),
            Twin("lazy", r"$2\lambda_0 t$: the path taken for a point", Formula(name, 2 * born * t)),
            Twin("off", r"$b$ off by 0.1", Formula(name, formula.subs(b, b + TENTH))),
        ),
    )  # fmt: skip


def _doubled_action() -> sp.Expr:
    found = 2 * derived.solution(derived.Geometry(DOWN, -1, 1)).values["action"]
    return found.replace(lambda e: isinstance(e, sp.hyper), lambda e: sp.hyper(e.ap, e.bq, _one_power(e.argument)))


def _one_power(argument: sp.Expr) -> sp.Expr:
    q, mu = 1 - b, m + 1
    shown = c * q * t**mu / (mu * born**q)
    return shown if sp.simplify(argument - shown) == 0 else argument


def _survival() -> Claim:
    name, formula = "survival", (1 + c * born * t) ** (-2 / c)
    points = [{**point, "power": 2.0, "time_power": 0.0} for point in PATHS]

    def measure(point: NumericPoint) -> Measured:
        found, error = _path(point)
        return found.survival, found.survival * error * (1 + found.decay)

    return Claim(
        id="S8.survival",
        title="survival at b = 2, m = 0",
        statement=r"$\sigma=-1$, $b=2$, $m=0$: $S = (1+c\lambda_0t)^{-2/c}$.",
        source=Source(PAPER, "S8"),
        assumptions=ASSUMED,
        assertion=Formula(name, formula),
        comparison=r"the survival, exactly; and along integrated paths, within $10^{-8}$",
        rests_on=("S8.action",),
        symbolic=from_derivation(lambda: _elementary(derived.survival(derived.Geometry(DOWN, -1, 1))), ASSUMED),
        numeric=from_numbers(measure, points),
        twins=(
            Twin("half", r"$-1/c$: the dissipation's 2 forgotten", Formula(name, formula.subs(c, 2 * c).subs(t, t / 2))),
            Twin("inverse", r"$-2c$", Formula(name, (1 + c * born * t) ** (-2 * c))),
            Twin("frozen", r"$e^{-2\lambda_0t}$: no transport", Formula(name, sp.exp(-2 * born * t))),
        ),
    )  # fmt: skip


def _elementary(formula: sp.Expr) -> sp.Expr:
    """At b = 2, m = 0, in elementary functions."""
    return sp.simplify(sp.hyperexpand(formula.subs(EXAMPLE)))


def _mass() -> Claim:
    name = "energy lost per unit of λε"
    return Claim(
        id="S8.mass",
        title="transport conserves, dissipation alone loses",
        statement=r"$\dot L = -2\int\lambda\,\varepsilon\,d\lambda$: the drift only moves energy.",
        source=Source(PAPER, "S6", "derived"),
        assumptions=ASSUMED,
        assertion=Formula(name, sp.Integer(2)),
        comparison=r"growth of $-\log S$ over $\lambda$ on a path, exactly; and $-\dot L/\int\lambda\varepsilon\,d\lambda$ from integrated"
        r" losses and paths, within $10^{-6}$",
        rests_on=("S8.action",),
        symbolic=from_derivation(_loss_rate, ASSUMED),
        numeric=from_numbers(dissipated, [{"source": 0.75, "power": 2.0, "rate": 0.5, "time": 3.0},
                                          {"source": 1.5, "power": 1.5, "rate": 1.0, "time": 8.0}], 1e-6),
        twins=(
            Twin("half", "mass balance without the dissipation's 2", Formula(name, sp.S.One)),
            Twin("leak", "the drift loses a tenth besides", Formula(name, sp.Rational(11, 5))),
        ),
    )  # fmt: skip


def _loss_rate() -> sp.Expr:
    geometry = derived.Geometry(DOWN, -1, 1)
    survived = _elementary(derived.survival(geometry))
    return sp.simplify(-sp.diff(sp.log(survived), t) / derived.characteristic(geometry).subs(EXAMPLE))


def dissipated(point: NumericPoint) -> Measured:
    """-dL/dt by fourth-order differences of integrated losses, over ∫ λ ε dλ = ∫ a λ_0^{a-1} λ S dλ_0 by Gauss-Legendre."""
    law = PowerLaw.checked(power=point["power"], rate=point["rate"], time_power=None, direction="down")
    step, moment = 2e-3 * point["time"], point["time"]
    values = [
        loss(source=point["source"], power=point["power"], rate=point["rate"], time=moment + k * step).value.loss
        for k in (-2, -1, 1, 2)
    ]
    slope = (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * step)
    nodes, weights = np.polynomial.legendre.leggauss(200)
    y = 20.0 * (nodes - 1.0)  # log λ_0 from -40 to 0
    paths = forward(law, y, begin=0.0, time=moment)
    carried = point["source"] * np.exp(point["source"] * y + paths.log_position - paths.decay)
    return -slope / (20.0 * float(weights @ carried)), 1e-7


def _density() -> Claim:
    name, remaining = "density", 1 - c * eigenvalue * t
    formula = a * eigenvalue ** (a - 1) * remaining ** (2 / c - a - 1)
    points = [{"source": s, "eigenvalue": x, "rate": r, "time": u, "power": 2.0}
              for s, x, r, u in ((0.75, 0.1, 0.5, 3.0), (1.5, 0.01, 2.0, 20.0), (0.5, 0.2, 1.0, 1.0))]  # fmt: skip
    return Claim(
        id="S8.density",
        title="energy density at b = 2, m = 0",
        statement=r"$\sigma=-1$, $b=2$, $m=0$: $\varepsilon = a\lambda^{a-1}(1-c\lambda t)^{2/c-a-1}$.",
        source=Source(PAPER, "S8", "derived"),
        assumptions=ASSUMED,
        assertion=Formula(name, formula),
        comparison=r"the density, exactly; and paths followed back, their Jacobian by differences, within $10^{-6}$",
        rests_on=("S8.survival",),
        symbolic=from_derivation(_plain_density, ASSUMED),
        numeric=from_numbers(density_at, points, 1e-6),
        twins=(
            Twin("jacobian", "the Jacobian forgotten", Formula(name, formula * remaining**2)),
            Twin("lazy", "no transport", Formula(name, a * eigenvalue ** (a - 1) * sp.exp(-2 * eigenvalue * t))),
            Twin("half", "the dissipation's 2 forgotten", Formula(name, formula * remaining ** (-1 / c))),
        ),
    )


def _plain_density() -> sp.Expr:
    """With 1 - cλt as one positive letter w, so that its powers join; λt = (1 - w)/c."""
    kept = sp.Symbol("w", positive=True)
    found = derived.density(derived.Geometry(DOWN, -1, 1)).subs(EXAMPLE)
    told = sp.hyperexpand(found.subs(t, (1 - kept) / (c * eigenvalue)))
    joined = sp.powsimp(sp.expand_power_base(sp.powdenest(sp.simplify(told), force=True), force=True), force=True)
    return sp.simplify(joined).subs(kept, 1 - c * eigenvalue * t)


def density_at(point: NumericPoint) -> Measured:
    """ε(λ, t): the initial density where the path came from, its Jacobian by differences, its survival."""
    law = PowerLaw.checked(power=point["power"], rate=point["rate"], time_power=None, direction="down")
    step, where = 1e-3, math.log(point["eigenvalue"])
    near = where + step * np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    origin = backward(law, near, begin=law.begin, time=point["time"])
    stretch = (origin[0] - 8 * origin[1] + 8 * origin[3] - origin[4]) / (12 * step)
    spent = forward(law, origin[2:3], begin=law.begin, time=point["time"]).decay[0]
    exponent = point["source"]
    value = exponent * math.exp(exponent * float(origin[2]) - where - float(spent)) * float(stretch)
    return value, 1e-8 * value


def _loss() -> Claim:
    formula = sp.hyper([a, 2 / c], [a + 1], -c * t)
    points = [
        {"source": s, "rate": r, "time": u, "power": 2.0}
        for s, r, u in ((0.75, 0.5, 10.0), (3.0, 2.0, 100.0), (1.0, 1.0, 9.0), (0.5, 4.0, 1e4))
    ]
    return _claim_of_loss(
        "loss", "the loss at b = 2, m = 0",
        r"$\sigma=-1$, $b=2$, $m=0$: $L = {}_2F_1(a, 2/c; a+1; -ct)$.",
        r"the integral of the surviving density, exactly; and the loss integrated over paths, within $10^{-8}$", formula,
        from_numbers(integrated_loss, points),
    )  # fmt: skip


def _grid() -> Claim:
    formula = sp.hyper([a, 2 / c], [a + 1], -c * t)
    points = [
        {"source": 0.75, "rate": 0.5, "time": 10.0, "power": 2.0},
        {"source": 1.0, "rate": 1.0, "time": 9.0, "power": 2.0},
    ]
    return _claim_of_loss(
        "grid", "the transport equation itself",
        r"$\partial_t\varepsilon + \partial_\lambda(v\varepsilon) = -2\lambda\varepsilon$, solved as a partial differential equation,"
        r" has the loss of the characteristics: $b=2$, $m=0$, $L = {}_2F_1(a, 2/c; a+1; -ct)$.",
        r"the same formula; and a conservative scheme on a grid, within $10^{-3}$", formula,
        from_numbers(grid_loss, points, 1e-3), ("S8.loss", "S8.density"),
    )  # fmt: skip


def _claim_of_loss(
    name: str, title: str, statement: str, comparison: str, formula: sp.Expr, numeric: Callable[..., object],
    rests_on: tuple[str, ...] = ("S8.survival",),
) -> Claim:  # fmt: skip
    quantity = "loss"
    return Claim(
        id=f"S8.{name}",
        title=title,
        statement=statement,
        source=Source(PAPER, "S8", "derived"),
        assumptions=ASSUMED,
        assertion=Formula(quantity, formula),
        comparison=comparison,
        rests_on=rests_on,
        symbolic=from_derivation(lambda: loss_formula(DOWN, sp.Integer(2), sp.Integer(0)).expression, ASSUMED),
        numeric=numeric,  # type: ignore[arg-type]
        twins=(
            Twin(
                "half",
                r"$1/c$: the dissipation's 2 forgotten",
                Formula(quantity, sp.hyper([a, 1 / c], [a + 1], -c * t)),
            ),
            Twin(
                "two_percent", "the rate too large by 2%", Formula(quantity, formula.subs(c, c * sp.Rational(51, 50)))
            ),
            Twin("source", r"$a+1$ for $a$", Formula(quantity, formula.subs(a, a + 1))),
        ),
    )


def integrated_loss(point: NumericPoint) -> Measured:
    """L(t) over integrated paths, m = b - 2."""
    found = loss(source=point["source"], power=point["power"], rate=point["rate"], time=point["time"])
    return found.value.loss, found.error * found.value.loss


def grid_loss(point: NumericPoint) -> Measured:
    """L(t) of the conservative scheme."""
    found = transport(
        source=point["source"],
        power=point["power"],
        rate=point["rate"],
        times=[point["time"] / 10, point["time"]],
        shells=600,
    )
    value = float(found.value.loss[-1])
    return value, found.error * value
