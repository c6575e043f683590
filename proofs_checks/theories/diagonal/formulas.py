"""N3: the Gaussian integrals of the state equations in closed form, Stein, SURE and the training error."""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from scalecheck.numerics.networks.diagonal.quadrature import expectation
from scalecheck.theory.networks.diagonal.soft_threshold import (
    atom,
    distance_to_observation,
    exceedance,
    noise_covariance,
    risk,
    second_moment,
    stein,
    sure,
)
from scalecheck.theory.networks.diagonal.state_equations import training_error
from scalecheck.theory.symbols import noise_level, penalty, samples, threshold, threshold_ratio

from ...claims import Claim, Source, Twin
from ...formulas import Formula, Measured, NumericPoint, from_derivation, from_numbers
from ...network_claims import point as place
from .points import solve_at

POINTS = [
    {"atom": 0.0, "noise_level": 1.0, "threshold": 1.5},
    {"atom": 0.7, "noise_level": 0.3, "threshold": 0.5},
    {"atom": 2.0, "noise_level": 1.0, "threshold": 0.2},
    {"atom": 0.05, "noise_level": 0.4, "threshold": 1.1},
    {"atom": 3.0, "noise_level": 2.0, "threshold": 4.0},
]

UPPER, LOWER = (threshold - atom) / noise_level, (threshold + atom) / noise_level


def tail(x: sp.Expr) -> sp.Expr:
    """P(z > x), as the claims write it."""
    return sp.erfc(x / sp.sqrt(2)) / 2


def density(x: sp.Expr) -> sp.Expr:
    """The normal density, as the claims write it."""
    return sp.exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi)


LEARNED = tail(UPPER) + tail(LOWER)
RISK = (
    (noise_level**2 + threshold**2) * LEARNED
    + atom**2 * (1 - LEARNED)
    - noise_level * ((threshold + atom) * density(UPPER) + (threshold - atom) * density(LOWER))
)


def formula_claims() -> tuple[Claim, ...]:
    """The claims of N3."""
    return (_risk(), _degrees_of_freedom(), _stein(), _sure(), _train_error())


def _by_quadrature(integrand: Callable[[float, float, float], float]) -> Callable[[NumericPoint], Measured]:
    """Measure E[integrand(z, soft(θ* + τ z; t), θ*)] from the definition."""

    def measure(point: NumericPoint) -> Measured:
        found = expectation(lambda z, learned: integrand(z, learned, point["atom"]), **point)
        return found.value, found.error * abs(found.value)

    return measure


def _claim(
    name: str,
    title: str,
    statement: str,
    formula: sp.Expr,
    derived: Callable[[], sp.Expr],
    integrand: Callable[[float, float, float], float],
    twins: tuple[tuple[str, str, sp.Expr], ...],
    keys: tuple[str, ...] = ("defilippis2025scaling", "bayati2012lasso"),
) -> Claim:
    return Claim(
        id=f"N3.diagonal.{name}",
        title=title,
        statement=statement,
        source=Source(keys, "N3"),
        assertion=Formula(name, formula),
        comparison=r"exact; and adaptive quadrature of the definition, within $10^{-8}$ relative",
        symbolic=from_derivation(derived),
        numeric=from_numbers(_by_quadrature(integrand), POINTS),
        twins=tuple(Twin(key, falsehood, Formula(name, wrong)) for key, falsehood, wrong in twins),
    )


def _risk() -> Claim:
    return _claim(
        "risk",
        "risk of one soft-thresholded weight",
        r"With $Q(x) = P(z > x)$, $u_\pm = (t \mp \theta^*)/\tau$ and $P = Q(u_+) + Q(u_-)$:"
        r" $E(\mathrm{soft}(\theta^* + \tau z; t) - \theta^*)^2 = (\tau^2 + t^2) P + \theta^{*2}(1 - P)"
        r" - \tau[(t + \theta^*)\varphi(u_+) + (t - \theta^*)\varphi(u_-)]$.",
        RISK,
        risk,
        lambda z, learned, teacher: (learned - teacher) ** 2,
        (
            ("no-bias", "the square of the threshold is forgotten", RISK - threshold**2 * LEARNED),
            ("one-sided", "the negative branch is forgotten", RISK.subs(tail(LOWER), 0)),
            (
                "sign",
                "the boundary terms with the other sign",
                RISK + 2 * noise_level * (threshold + atom) * density(UPPER),
            ),
        ),
    )


def _degrees_of_freedom() -> Claim:
    return _claim(
        "degrees_of_freedom",
        "chance that a weight is learned",
        r"$P(|\theta^* + \tau z| > t) = Q((t - \theta^*)/\tau) + Q((t + \theta^*)/\tau)$; its sum over the teacher is the"
        r" number of degrees of freedom.",
        LEARNED,
        exceedance,
        lambda z, learned, teacher: float(learned != 0),
        (
            ("one-sided", "only the positive side counts", tail(UPPER)),
            ("wide", "the noise is a variance instead of a deviation", LEARNED.subs(noise_level, noise_level**2)),
        ),
    )


def _stein() -> Claim:
    return _claim(
        "stein",
        "Stein's identity for the soft threshold",
        r"$E[z\,\mathrm{soft}(\theta^* + \tau z; t)] = \tau P(|\theta^* + \tau z| > t)$.",
        noise_level * LEARNED,
        lambda: (stein(), noise_covariance())[1],
        lambda z, learned, teacher: z * learned,
        (
            ("no-noise", "the factor of the noise is forgotten", LEARNED),
            ("variance", "the variance in the place of the deviation", noise_level**2 * LEARNED),
        ),
        ("stein1981estimation",),
    )


def _sure() -> Claim:
    unbiased = distance_to_observation() - noise_level**2 + 2 * noise_level**2 * exceedance()
    return _claim(
        "sure",
        "Stein's unbiased risk estimate",
        r"$E(\mathrm{soft}(y; t) - \theta^*)^2 = E(\mathrm{soft}(y; t) - y)^2 - \tau^2 + 2\tau^2 P(|y| > t)$ for"
        r" $y = \theta^* + \tau z$: the risk without the teacher.",
        unbiased,
        lambda: (sure(), risk())[1],
        lambda z, learned, teacher: (learned - teacher) ** 2,
        (
            ("no-stein", "the divergence is forgotten", unbiased - 2 * noise_level**2 * exceedance()),
            ("once", "the divergence counts once", unbiased - noise_level**2 * exceedance()),
            ("power", "the power of the estimate in the place of the residual", second_moment() - noise_level**2),
        ),
        ("stein1981estimation", "donoho2009message"),
    )


def _train_error() -> Claim:
    def measure(point: NumericPoint) -> Measured:
        solved = solve_at(point)
        found = solved.value
        share = 1 - found.degrees_of_freedom / point["samples"]
        value = (point["noise"] + found.risk) * share**2
        return value, 4 * (solved.error + 1e-12) * value / abs(share)

    points = [_solved(place(*row)) for row in TRAIN_POINTS]
    derived = training_error()
    return Claim(
        id="N3.diagonal.train_error",
        title="training error",
        statement=r"The mean square on the training set is $(\Delta + R)(1 - \mathrm{dof}/n)^2 = \Lambda^2/(\alpha^2 n)$.",
        source=Source(("bayati2012lasso", "donoho2009message"), "N3"),
        assertion=Formula("train_error", penalty**2 / (threshold_ratio**2 * samples)),
        comparison=r"exact; and $(\Delta + R)(1 - \mathrm{dof}/n)^2$ of solved state equations, within $10^{-8}$ relative",
        symbolic=from_derivation(lambda: training_error().values["by_penalty"], derived.assumptions),
        numeric=from_numbers(measure, points),
        rests_on=("N3.diagonal.risk", "N3.diagonal.degrees_of_freedom"),
        twins=(
            Twin("sum", "the sum instead of the mean", Formula("train_error", penalty**2 / threshold_ratio**2)),
            Twin(
                "threshold", r"$\Lambda^2/(\alpha n)$", Formula("train_error", penalty**2 / (threshold_ratio * samples))
            ),
        ),
    )


TRAIN_POINTS = [
    (100.0, 60.0, 0.3, 1.0, 1.0),
    (1000.0, 400.0, 0.05, 0.8, 0.5),
    (50.0, 500.0, 1.0, 2.0, 0.1),
    (1e6, 1e5, 2.0, 1.5, 1.0),
]


def _solved(controls: dict[str, float]) -> dict[str, float]:
    """A point with what the formula needs: the penalty by its definition, and the solved threshold ratio."""
    found = solve_at(controls).value
    ratio = found.threshold / found.noise_level
    return {**controls, "penalty": controls["weight_decay"] * controls["dim"] ** 0.5, "threshold_ratio": ratio}
