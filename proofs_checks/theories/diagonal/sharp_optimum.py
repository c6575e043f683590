"""N6 up to powers of dim: the weight decay of least risk through an implicit threshold ratio, and what follows from it.

State evolution's minimum is compared with the sharp law at sizes that exist, where it holds to half a per cent. The law in
logarithms is compared with the sharp one as the ratio grows, far beyond any dim.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import mpmath
import numpy as np
import sympy as sp
from scipy.optimize import brentq

from scalecheck.theory.asymptotics.special import HalfMoment, numeric
from scalecheck.theory.networks.diagonal.optimum import sharp_optimum
from scalecheck.theory.networks.diagonal.state_equations import PROPORTIONAL_LIMIT
from scalecheck.theory.symbols import a, decay, dim, noise, samples, threshold_ratio

from ...boundaries import Array, Crossing, locate
from ...claims import Claim, Effort, Source, Twin
from ...evidence import Evidence, Firmness, Outcome
from ...formulas import decide_zero
from ...hypotheses import Hypothesis, failing
from ...laws import TOLERANCE, Path, settle
from ...network_claims import path, region
from ...tables import Cell, Table
from .boundaries import log_risk
from .overfitting import DIGITS, RATIOS, tail

PATHS = (path("1", "0", "1"), path("3/2", "0", "2"), path("4/5", "0", "3/2", "2"))
"""The value of b is not used: it is what is looked for."""
HYPOTHESES = region((a > 0, "samples grow"), (a < 2 * decay, "beyond, every small penalty is as good as the best"))
SCALES = (1e6, 1e9, 1e12, 1e15)
"""Values of dim. Corrections are powers of it: measured at the last, at most 1.5e-4 in the risk and 5e-6 in the place."""
BRACKET = (0.5, 100.0)
"""Threshold ratios between which the root is looked for: at the upper one dim is beyond 10^2000."""
PARTS = ("weight_decay", "risk")


@dataclass(frozen=True)
class SharpOptimumLaw:
    """The assertion that the risk is least at `weight_decay`, and is `risk` there, at the ratio that solves `equation`.

    Both hold up to factors 1 + O(power of dim).
    """

    equation: sp.Eq
    weight_decay: sp.Expr
    risk: sp.Expr
    hypotheses: tuple[Hypothesis, ...] = HYPOTHESES
    paths: tuple[Path, ...] = PATHS

    def describe(self) -> str:
        """Say it in a line."""
        return f"least risk {self.risk} at weight_decay {self.weight_decay} where {self.equation.lhs} = {self.equation.rhs}"


def stated() -> SharpOptimumLaw:
    """The claim: bias and lifted noise change at equal rates."""
    x, order = threshold_ratio, 1 - 1 / decay
    squared = noise / samples
    density = sp.exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi)
    moment = HalfMoment(order, x) + HalfMoment(order, -x)
    signed = HalfMoment(order + 1, x) - HalfMoment(order + 1, -x)
    lifted = 2 * ((1 + x**2) * tail(x) - x * density)
    return SharpOptimumLaw(
        sp.Eq(4 * dim * (density - x * tail(x)), 2 * squared ** (-1 / (2 * decay)) * moment),
        x * sp.sqrt(noise * samples / dim),
        squared ** (1 - 1 / (2 * decay)) * 2 * signed / (order + 1) + dim * squared * lifted,
    )


def sharp_optimum_claim() -> Claim:
    """Place and value of the least risk, up to powers of dim."""
    law = stated()
    equation, best, least = law.equation, law.weight_decay, law.risk
    larger, smaller = sp.Rational(51, 50), sp.Rational(49, 50)
    window = (noise / samples) ** (1 - 1 / (2 * decay))
    wrong = {
        "place-two-percent": (r"$\lambda$ too large by 2%", SharpOptimumLaw(equation, best * larger, least)),
        "risk-two-percent": ("$R$ too small by 2%", SharpOptimumLaw(equation, best, least * smaller)),
        "log-power": (r"$\alpha^2$ for $\alpha$", SharpOptimumLaw(equation, best * threshold_ratio, least)),
        "exponent": ("$R$ times $n^{1/(2\\gamma)}$", SharpOptimumLaw(equation, best, least * samples ** (1 / (2 * decay)))),
        "mass": (
            "the noise counted by the weights it lifts, $2 d Q$, not by the rate at which their power falls",
            SharpOptimumLaw(sp.Eq(2 * dim * tail(threshold_ratio), equation.rhs), best, least),
        ),
        "hard": (
            "the learned weights without their bias: their number times the squared noise level",
            SharpOptimumLaw(equation, best, least - window * threshold_ratio ** (2 - 1 / decay)),
        ),
    }  # fmt: skip
    return Claim(
        id="N6.diagonal.optimum.sharp",
        title="optimal weight decay, up to powers of dim",
        statement=r"For $1 \ll n \ll d^{2\gamma}$ and $z \sim N(0,1)$, $s = 1 - 1/\gamma$: the risk is least at"
        r" $\lambda \simeq \alpha\sqrt{\Delta n/d}$ with $4d(\varphi(\alpha) - \alpha Q(\alpha)) ="
        r" 2(\Delta/n)^{-1/(2\gamma)} E|z + \alpha|^s$, and is there $R \simeq (\Delta/n)^{1 - 1/(2\gamma)}"
        r"\, \frac{2}{s+1} E\,\mathrm{sgn}(z + \alpha)|z + \alpha|^{s+1} + (d\Delta/n)\, 2((1 + \alpha^2) Q - \alpha\varphi)$,"
        r" corrections being powers of $d$.",
        source=Source(("defilippis2025scaling",), "N6, N7", "derived"),
        hypotheses=HYPOTHESES,
        assumptions=(PROPORTIONAL_LIMIT,),
        assertion=law,
        comparison="the derived equation, place and risk, exactly; and the minimum of state evolution at dim to $10^{15}$:"
        " ratios of its place and value to the law settle within 0.5% of 1",
        symbolic=_derived,
        numeric=_measured,
        rests_on=("N3.diagonal.risk", "N3.diagonal.degrees_of_freedom"),
        twins=tuple(Twin(key, told, assertion) for key, (told, assertion) in wrong.items()),
    )


def _derived(assertion: SharpOptimumLaw, effort: Effort) -> Evidence:
    """Both sides of the equation, place and value as derived."""
    found = sharp_optimum()
    pairs = {
        "increase": (found.equation.lhs, assertion.equation.lhs),
        "decrease": (found.equation.rhs, assertion.equation.rhs),
        "weight_decay": (found.weight_decay, assertion.weight_decay),
        "risk": (found.risk, assertion.risk),
    }
    parts = {name: decide_zero(sp.expand(sp.expand(x) - sp.expand(y))) for name, (x, y) in pairs.items()}
    worst = next((item for item in (Outcome.FAILS, Outcome.UNDECIDED) if item in parts.values()), Outcome.HOLDS)
    rows: list[dict[str, Cell]] = [
        {"of": k, "derived": sp.sstr(x), "stated": sp.sstr(y), "outcome": parts[k].value} for k, (x, y) in pairs.items()
    ]
    reason = ", ".join(f"{name} {outcome.value}" for name, outcome in parts.items())
    return Evidence("symbolic", worst, Firmness.EXACT, reason, Table.of(rows))


@cache
def minima(exponent: float, fixed: tuple[tuple[str, float], ...]) -> tuple[tuple[float, float, float], ...]:
    """(dim, best weight decay, least risk) with samples = dim**exponent, by state evolution; the window is wide and fixed."""
    parameters = dict(fixed)
    middle = (exponent - 1) / 2
    crossing = Crossing("b", (middle - 0.2, middle + 0.4), exponent, fixed, "lowest")
    found = []
    for size in SCALES:
        rows = np.array([size**exponent])

        def follow(places: Array, size: float = size, rows: Array = rows) -> Array:
            return np.ravel(log_risk(size, rows, size**places, parameters))

        place = locate(follow, crossing, float(np.log(size)))
        found.append((size, size**place, float(np.exp(follow(np.array([place]))[0]))))
    return tuple(found)


def _measured(assertion: SharpOptimumLaw, effort: Effort) -> Evidence:
    def log_ratios(along: Path) -> dict[str, list[float]]:
        fixed = tuple((name, float(value)) for name, value in along.parameters.items())
        exponent = float(along.exponents["a"])
        found: dict[str, list[float]] = {name: [] for name in PARTS}
        for size, *measured in minima(exponent, fixed):
            point = {"dim": size, "samples": size**exponent, **dict(fixed)}
            law = _at(assertion, point)
            for name, value in zip(PARTS, measured):
                found[name].append(float(np.log(value / law[name])) if law[name] > 0 else float("nan"))
        return found

    told = f"minimum of state evolution over the law at dim to {SCALES[-1]:.0e}"
    return judged(assertion, log_ratios, told)


def _at(assertion: SharpOptimumLaw, point: Mapping[str, float]) -> dict[str, float]:
    """The stated place and value at numbers, the ratio by a bracketed root; NaN where there is none."""
    names = tuple(point)
    rate = _function(sp.log(assertion.equation.lhs) - sp.log(assertion.equation.rhs), names)
    with mpmath.workdps(30):
        values = [mpmath.mpf(point[name]) for name in names]

        def followed(x: float) -> float:
            return float(rate(mpmath.mpf(x), *values))

        if followed(BRACKET[0]) * followed(BRACKET[1]) > 0:
            return dict.fromkeys(PARTS, float("nan"))
        ratio = mpmath.mpf(brentq(followed, *BRACKET, xtol=1e-12))
        return {name: float(_function(getattr(assertion, name), names)(ratio, *values)) for name in PARTS}


@cache
def _function(expression: sp.Expr, names: tuple[str, ...]) -> Callable[..., Any]:
    """An expression as an mpmath function of the ratio and the named controls."""
    known = {symbol.name: symbol for symbol in (dim, samples, decay, noise)}
    return numeric(expression, threshold_ratio, *(known[name] for name in names))


@cache
def sharp_values(along: tuple[tuple[str, sp.Rational], ...], ratio: float) -> tuple[Any, Any, Any]:
    """(dim, weight decay, risk) of the claim at a ratio, on a path samples = dim**a: the equation is affine in log dim."""
    law, fixed = stated(), dict(along)
    exponent = fixed.pop("a")
    on_path = {samples: dim**exponent, **{symbol: fixed[symbol.name] for symbol in (decay, noise)}}
    rate, *parts = (
        numeric(item.subs(on_path), threshold_ratio, dim)
        for item in (sp.log(law.equation.lhs) - sp.log(law.equation.rhs), law.weight_decay, law.risk)
    )
    with mpmath.workdps(DIGITS):
        x = mpmath.mpf(ratio)
        start = rate(x, mpmath.mpf(1))
        size = mpmath.exp(-start / (rate(x, mpmath.e) - start))
        return (size, *(part(x, size) for part in parts))


def against_sharp(assertion: Any, effort: Effort) -> Evidence:
    """Ratio of the sharp place and value to stated ones in the controls, as the ratio grows."""

    def log_ratios(along: Path) -> dict[str, list[float]]:
        exponent = along.exponents["a"]
        key = (("a", exponent), *along.parameters.items())
        found: dict[str, list[float]] = {name: [] for name in PARTS}
        controls = (dim, samples, decay, noise)
        for ratio in RATIOS:
            with mpmath.workdps(DIGITS):
                size, *sharp = sharp_values(key, ratio)
                values = (size, size ** _mp(exponent))
                fixed = tuple(_mp(along.parameters[symbol.name]) for symbol in (decay, noise))
                for name, value in zip(PARTS, sharp):
                    law = numeric(getattr(assertion, name), *controls)(*values, *fixed)
                    found[name].append(float(mpmath.log(value / law)))
        return found

    return judged(assertion, log_ratios, f"sharp law over the stated one to threshold ratio {RATIOS[-1]:g}")


def _mp(number: sp.Rational) -> Any:
    return mpmath.mpf(number.p) / number.q


def judged(assertion: Any, log_ratios: Callable[[Path], dict[str, list[float]]], told: str) -> Evidence:
    """Whether the log ratios of place and value settle at 0 on every path."""
    rows: list[dict[str, Cell]] = []
    for along in assertion.paths:
        broken = failing(assertion.hypotheses, along.place())
        if broken is not None:
            text = f"a path leaves the hypotheses: {broken.relation}"
            return Evidence("numeric", Outcome.NOT_APPLICABLE, Firmness.NUMBERS, text, Table.of(rows))
        for name, logs in log_ratios(along).items():
            outcome = settle(logs, TOLERANCE)[0]
            cells: dict[str, Cell] = {"of": name, "first_log_ratio": logs[0], "last_log_ratio": logs[-1]}
            rows.append({**_cells(along), **cells, "outcome": outcome.value})
    outcomes = {str(row["outcome"]) for row in rows}
    worst = next((item for item in (Outcome.FAILS, Outcome.UNDECIDED) if item.value in outcomes), Outcome.HOLDS)
    reason = f"{told} on {len(assertion.paths)} paths, accepted within {TOLERANCE:g} of 1"
    return Evidence("numeric", worst, Firmness.NUMBERS, reason, Table.of(rows))


def _cells(along: Path) -> dict[str, Cell]:
    return {"a": float(along.exponents["a"]), **{name: float(value) for name, value in along.parameters.items()}}
