"""N7 on the line between phases II and V, and across it on the scale of the logarithm.

On the line corrections are as slow as 1/√log(d/n). State evolution is compared with the law whose ratio α is implicit, and
that law with the leading ones as α grows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import mpmath
import sympy as sp
from scipy.optimize import brentq
from scipy.special import erfcinv

from scalecheck.theory.networks.diagonal.crossing import crossing
from scalecheck.theory.networks.diagonal.diagram import boundaries
from scalecheck.theory.networks.diagonal.state_equations import PROPORTIONAL_LIMIT
from scalecheck.theory.symbols import a, b, dim, noise, samples, threshold_ratio, weight_decay

from ...claims import Claim, Effort, Source, Twin
from ...evidence import Evidence, Firmness, Outcome
from ...formulas import decide_zero
from ...hypotheses import Hypothesis
from ...laws import SCALES, Law, Path, other_formulas
from ...line_laws import from_line
from ...network_claims import path, region
from ...tables import Cell, Table
from .observing import controls, observe
from .overfitting import DIGITS, PAPER, RATIOS, SETTINGS, tail
from .sharp_optimum import judged

HYPOTHESES = region(
    (sp.Eq(b, (a - 1) / 2), "the penalty is of the size of the noise"),
    (a > 0, "samples grow"),
    (a < 1, "fewer samples than weights"),
)
PATHS = (path("3/5", "-1/5", "2"), path("1/2", "-1/4", "3"), path("7/10", "-3/20", "3/2", "1/2"))
CONTROLS = (dim, samples, weight_decay, noise)
LARGEST = 60.0
"""Upper end of the bracket for the ratio: a tail of 1e-784."""
SHARES = (0.25, 0.5, 0.75)
"""Shares of the samples in use at which the profile is looked at."""
LARGER, SMALLER = sp.Rational(51, 50), sp.Rational(49, 50)


@dataclass(frozen=True)
class CrossingLaw:
    """The assertion that R is `risk` at the ratio that solves `equation`, up to powers of dim."""

    equation: sp.Eq
    risk: sp.Expr
    hypotheses: tuple[Hypothesis, ...] = HYPOTHESES
    paths: tuple[Path, ...] = PATHS

    def describe(self) -> str:
        """Say it in a line."""
        return f"risk {self.risk} where {self.equation.lhs} = {self.equation.rhs}"


def crossing_claims() -> tuple[Claim, ...]:
    """The sharp law, the law on the line, and the profile across it."""
    return (_sharp(), _on_line(), _across())


def shares() -> tuple[sp.Expr, sp.Expr]:
    """Share of the samples used up by lifted weights, and their power in units of n τ²."""
    x = threshold_ratio
    density = sp.exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi)
    return 2 * dim * tail(x) / samples, 2 * dim * ((1 + x**2) * tail(x) - x * density) / samples


def stated() -> CrossingLaw:
    """The claim: α √(Δ/(1 - sq)) (1 - s) √n = λ √d and R = Δ sq/(1 - sq)."""
    used, lifted = shares()
    balance = threshold_ratio * sp.sqrt(noise * samples / (1 - lifted)) * (1 - used)
    return CrossingLaw(sp.Eq(weight_decay * sp.sqrt(dim), balance), noise * lifted / (1 - lifted))


def _claim(name: str, title: str, statement: str, law: Any, told: str, **rest: Any) -> Claim:
    return Claim(
        id=f"N7.diagonal.II-V{name}",
        title=title,
        statement=statement,
        source=Source(PAPER[:1], "N5, N7", "derived"),
        hypotheses=HYPOTHESES,
        assumptions=(PROPORTIONAL_LIMIT,),
        assertion=law,
        comparison=told,
        **rest,
    )


def _sharp() -> Claim:
    law = stated()
    used, lifted = shares()
    wrong = {
        "V": (
            "the law of V: all samples in use",
            CrossingLaw(law.equation, noise * lifted / used / (1 - lifted / used)),
        ),
        "log-power": (r"$R$ with a factor $\alpha$ more", replace(law, risk=law.risk * threshold_ratio)),
        "two-percent": ("the constant too large by 2%", replace(law, risk=law.risk * LARGER)),
        "two-percent-less": ("the constant too small by 2%", replace(law, risk=law.risk * SMALLER)),
        "sign": ("the balance with the other sign", replace(law, equation=sp.Eq(law.equation.lhs, -law.equation.rhs))),
    }
    return _claim(
        ".sharp",
        "risk on the boundary of II and V up to powers of d",
        r"At $\lambda = \sqrt{n/d}$, $n \ll d$, with $s = 2dQ(\alpha)/n$ and $q = 1 + \alpha^2 - \alpha\varphi(\alpha)/Q(\alpha)$:"
        r" $R \simeq \Delta sq/(1 - sq)$ where $\alpha\sqrt{\Delta n/(1 - sq)}\,(1 - s) = \lambda\sqrt d$; corrections are powers of $d$.",
        law,
        "the derived equation and risk, exactly; and state evolution along paths on the line to dim $10^{12}$, ratio within"
        " 0.5% of 1",
        symbolic=_derived,
        numeric=_measured,
        rests_on=("N3.diagonal.risk", "N3.diagonal.degrees_of_freedom"),
        twins=tuple(Twin(key, told, assertion) for key, (told, assertion) in wrong.items()),
    )


@cache  # most twins share the equation, whose roots take seconds
def _difference(derived: sp.Expr, stated: sp.Expr) -> Outcome:
    """Whether they are the same; their squares would not see a sign."""
    return decide_zero(derived - stated)


def _derived(assertion: CrossingLaw, effort: Effort) -> Evidence:
    found = crossing()
    pairs = {
        "penalty": (found.equation.lhs, assertion.equation.lhs),
        "balance": (found.equation.rhs, assertion.equation.rhs),
        "risk": (found.risk, assertion.risk),
    }
    parts = {name: _difference(x, y) for name, (x, y) in pairs.items()}
    rows: list[dict[str, Cell]] = [
        {"of": k, "derived": sp.sstr(x), "stated": sp.sstr(y), "outcome": parts[k].value} for k, (x, y) in pairs.items()
    ]
    worst = next((item for item in (Outcome.FAILS, Outcome.UNDECIDED) if item in parts.values()), Outcome.HOLDS)
    reason = ", ".join(f"{name} {outcome.value}" for name, outcome in parts.items())
    return Evidence("symbolic", worst, Firmness.EXACT, reason, Table.of(rows))


@cache
def _function(expression: sp.Expr) -> Callable[..., Any]:
    call: Callable[..., Any] = sp.lambdify((threshold_ratio, *CONTROLS), expression, "mpmath")
    return call


def _measured(assertion: CrossingLaw, effort: Effort) -> Evidence:
    gap, risk = _function(assertion.equation.rhs - assertion.equation.lhs), _function(assertion.risk)

    def log_ratios(along: Path) -> dict[str, list[float]]:
        logs = []
        for scale in SCALES:
            point = controls(along, scale)
            values = [mpmath.mpf(point[symbol.name]) for symbol in CONTROLS]
            # Below this ratio more samples would be used than there are.
            least = float(2**0.5 * erfcinv(point["samples"] / scale)) * (1 + 1e-12)

            def followed(x: float, values: list[Any] = values) -> float:
                return float(gap(mpmath.mpf(x), *values))

            if followed(least) * followed(LARGEST) > 0:
                logs.append(float("nan"))
                continue
            ratio = brentq(followed, least, LARGEST, xtol=1e-13)
            logs.append(float(mpmath.log(observe(point)["risk"][0] / risk(mpmath.mpf(ratio), *values))))
        return {"risk": logs}

    with mpmath.workdps(30):
        return judged(assertion, log_ratios, f"state evolution over the law to dim {SCALES[-1]:.0e}")


def _on_line() -> Claim:
    log = sp.log(dim / samples)
    formula = noise / log
    wrong = {
        "peak": ("the law of the peak", noise ** sp.Rational(4, 3) * weight_decay ** sp.Rational(-2, 3)),
        "II": ("a power: the noise level squared", noise / samples),
        "log-power": (r"$\Delta/\sqrt{\log(d/n)}$", noise / sp.sqrt(log)),
        "squared": (r"$\Delta/\log(d/n)^2$", noise / log**2),
        "half": ("half the samples in use", formula / 2),
        "two-percent": ("the constant too large by 2%", formula * LARGER),
        "two-percent-less": ("the constant too small by 2%", formula * SMALLER),
    }
    law = Law("risk", formula, HYPOTHESES, PATHS)
    return _claim(
        "",
        "risk on the boundary of II and V, constant included",
        r"At $\lambda = \sqrt{n/d}$, $n \ll d$: $R \simeq \Delta/\log(d/n)$, the law of V, with corrections $1/\sqrt{\log(d/n)}$.",
        law,
        "line, stretch and law as derived by the dominant-balance engine, exactly; and the sharp law N7.diagonal.II-V.sharp over it"
        r" at threshold ratios to $10^5$: within 0.5% of 1",
        symbolic=from_line(lambda: next((row for row in boundaries() if set(row.between) == {"II", "V"}), None)),
        numeric=_against_sharp((None,)),
        rests_on=("N7.diagonal.II-V.sharp",),
        twins=other_formulas(law, wrong),
    )


def _across() -> Claim:
    log = sp.log(dim / samples)
    share = weight_decay / sp.sqrt(2 * noise * samples / dim * log)
    formula = noise / log * (1 - share)
    wrong = {
        "flat": ("the law of V throughout", noise / log),
        "squared": (r"$(1 - y)^2$", formula * (1 - share)),
        "even": (r"$1 - y^2$", noise / log * (1 - share**2)),
        "scale": (r"$y$ without the 2 under its root", noise / log * (1 - share / sp.sqrt(2))),
        "two-percent": ("the constant too large by 2%", formula * LARGER),
        "two-percent-less": ("the constant too small by 2%", formula * SMALLER),
    }
    law = Law("risk", formula, HYPOTHESES, PATHS)
    return _claim(
        ".profile",
        "risk across the boundary of II and V: a function of the ratio of the weight decays",
        r"At $\lambda = y\sqrt{2\Delta (n/d)\log(d/n)}$, $0 \le y < 1$, $n \ll d$: $R \simeq (1 - y)\,\Delta/\log(d/n)$.",
        law,
        "the derived profile exactly; and the sharp law N7.diagonal.II-V.sharp over it where 1/4, 1/2 and 3/4 of the samples are in"
        r" use, at threshold ratios to $10^5$: within 0.5% of 1",
        symbolic=_profile_derived,
        numeric=_against_sharp(SHARES),
        rests_on=("N7.diagonal.II-V.sharp",),
        twins=other_formulas(law, wrong),
    )


def _profile_derived(assertion: Law, effort: Effort) -> Evidence:
    found = crossing().profile
    outcome = decide_zero(found - assertion.formula)
    row: dict[str, Cell] = {"derived": sp.sstr(found), "stated": sp.sstr(assertion.formula)}
    return Evidence("symbolic", outcome, Firmness.EXACT, f"profile {outcome.value}", Table.of([row]))


def _against_sharp(used_shares: tuple[float | None, ...]) -> Callable[[Law, Effort], Evidence]:
    """The sharp law over the stated one as α grows: at given shares, or (None) on the line λ = √(n/d) itself."""

    def witness(assertion: Law, effort: Effort) -> Evidence:
        law = sp.lambdify(CONTROLS, assertion.formula, "mpmath")

        def log_ratios(along: Path) -> dict[str, list[float]]:
            variance = float(along.parameters["noise"])
            found = {}
            for share in used_shares:
                logs = []
                for ratio in RATIOS:
                    with mpmath.workdps(DIGITS):
                        values, risk = _sharp_point(ratio, variance, share)
                        stated_risk = law(*values)
                        positive = mpmath.im(stated_risk) == 0 and stated_risk > 0
                        logs.append(float(mpmath.log(risk / stated_risk)) if positive else float("nan"))
                found["line" if share is None else f"share {share:g}"] = logs
            return found

        return judged(assertion, log_ratios, f"sharp law over the stated one to threshold ratio {RATIOS[-1]:g}")

    return witness


@cache
def _sharp_point(ratio: float, variance: float, share: float | None) -> tuple[tuple[Any, ...], Any]:
    """Controls at which the stated sharp law has this ratio, and the risk there; with n fixed, d follows from s."""
    law, count = stated(), mpmath.mpf(SETTINGS[1][0])
    x = mpmath.mpf(ratio)
    per_share, lifted = (_function(item)(x, 1, 1, 1, 1) for item in shares())
    q = lifted / per_share
    if share is None:
        # α² Δ (1 - s)² = 1 - s q, which is λ = √(n/d).
        first = x**2 * variance
        spare = (q + mpmath.sqrt(q**2 + 4 * first * (1 - q))) / (2 * first)
    else:
        spare = 1 - mpmath.mpf(share)
    size = count * (1 - spare) / per_share
    balance = _function(law.equation.rhs)(x, size, count, 1, variance)
    values = (size, count, balance / mpmath.sqrt(size), mpmath.mpf(variance))
    return values, _function(law.risk)(x, *values)
