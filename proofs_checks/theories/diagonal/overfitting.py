"""N7 where laws carry logarithms: harmful overfitting (V), sharp and to leading order; and phase Ib, where nothing is learned.

The sharp law of V holds up to powers of d and is measured by state evolution. The leading law follows from it only as
log log d/log d, which no computer reaches in d; but it compares two functions of α alone, and α can be as large as one likes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import ClassVar

import mpmath
import sympy as sp

from scalecheck.theory.networks.diagonal.logarithmic import sharper_overfitting
from scalecheck.theory.networks.diagonal.phases import phase, phases
from scalecheck.theory.networks.diagonal.state_equations import PROPORTIONAL_LIMIT
from scalecheck.theory.symbols import a, b, dim, noise, samples, threshold_ratio

from ...claims import Claim, Effort, Source, Twin, Witness
from ...evidence import Evidence, Firmness, Outcome
from ...formulas import decide_zero
from ...laws import TOLERANCE, Law, along_paths, from_phase, region_outcome, settle
from ...network_claims import domain, path, region
from ...tables import Cell, Table
from .observing import controls, observe

RATIOS = (1e2, 1e3, 1e4, 1e5)
"""α at which the leading law is compared with the sharp one: d/n = e^{α²/2}, corrections log α²/α² below 1e-8 at the end."""
SETTINGS = ((1.0, 1.0), (1e3, 0.3), (1e6, 4.0))
"""Samples and noise at each ratio: the sharp law is noise times a function of d/n, and so must be the stated one."""
DIGITS = 60
"""The sharp law loses a relative 1/α⁴ by cancellation, 1e-20 at the largest α."""

PAPER = ("defilippis2025scaling", "bayati2012lasso")
REGION = region(
    (a > 0, "samples grow"), (a < 1, "fewer samples than weights"), (b < (a - 1) / 2, "the penalty is negligible")
)
PATHS = (path("3/5", "-1/2", "2"), path("1/2", "-3/4", "3"), path("7/10", "-1", "3/2", "1/2"))


def overfitting_claims() -> tuple[Claim, ...]:
    """Ib, V sharp, V to leading order."""
    return (_nothing_learned(), _sharp(), _leading())


def _nothing_learned() -> Claim:
    law = Law(
        "risk",
        sp.zeta(2 * sp.Symbol("decay", positive=True)),
        region((a > 0, "samples grow"), (b > a - sp.Rational(1, 2), "the threshold exceeds every teacher weight")),
        (path("1/2", "1/2", "1"), path("2", "2", "3/4"), path("1", "3/2", "2", "2")),
    )
    gamma = sp.Symbol("decay", positive=True)
    wrong = {
        "one": ("R = 1, as if the teacher's power were one", sp.S.One),
        "exponent": (r"$\zeta(\gamma + 1)$", sp.zeta(gamma + 1)),
        "noise": (r"$\zeta(2\gamma) + \Delta$", law.formula + noise),
        "two-percent": ("the constant too large by 2%", law.formula * sp.Rational(51, 50)),
    }
    return Claim(
        id="N7.diagonal.Ib",
        title="risk in phase Ib: the teacher's power",
        statement=r"For $n \gg 1$ and $\lambda\sqrt{d} \gg n$ nothing is learned: $R \simeq \zeta(2\gamma)$.",
        source=Source(PAPER[:1], "N5, N7", "derived"),
        hypotheses=law.hypotheses,
        assumptions=(PROPORTIONAL_LIMIT,),
        assertion=law,
        comparison="the derived law exactly; and state evolution along paths to dim $10^{12}$, ratio within 0.5% of 1",
        symbolic=from_phase(lambda: phase("Ib"), others=phases, domain=domain()),
        numeric=along_paths(observe, controls),
        rests_on=("N3.diagonal.risk", "N3.diagonal.degrees_of_freedom"),
        twins=tuple(Twin(k, told, Law("risk", f, law.hypotheses, law.paths)) for k, (told, f) in wrong.items()),
    )


def tail(x: sp.Expr) -> sp.Expr:
    """P(z > x), as the claims write it."""
    return sp.erfc(x / sp.sqrt(2)) / 2


def sharp(x: sp.Expr) -> sp.Expr:
    """The stated R of phase V at threshold ratio x: Δ q/(1 - q), q = ((1 + x²) Q - x φ)/Q."""
    density = sp.exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi)
    q = ((1 + x**2) * tail(x) - x * density) / tail(x)
    return noise * q / (1 - q)


@dataclass(frozen=True)
class SharpLaw(Law):
    """A law through an implicit ratio: R = `at_ratio` of α, with α from share·d·Q(α) = n.

    Raises
    ------
    ValueError
        If `formula` is anything else: both witnesses must hear the same statement.
    """

    at_ratio: sp.Expr = sp.S.Zero
    share: sp.Expr = sp.S.One
    RESTATED: ClassVar[tuple[str, ...]] = ("at_ratio", "share")
    """What may be stated otherwise; the formula follows."""

    def __post_init__(self) -> None:
        if self.formula != _explicit(self.at_ratio, self.share):
            raise ValueError("the formula of a sharp law is its risk at the ratio that its share gives")

    def restated(self, field: str, value: sp.Expr) -> SharpLaw:
        """The same law with another `at_ratio` or `share`."""
        parts = {"at_ratio": self.at_ratio, "share": self.share, field: value}
        return replace(self, formula=_explicit(**parts), **parts)


def _explicit(at_ratio: sp.Expr, share: sp.Expr) -> sp.Expr:
    ratio = sp.sqrt(2) * sp.erfinv(1 - 2 * samples / (share * dim))  # SymPy evaluates no erfcinv
    return at_ratio.subs(threshold_ratio, ratio)


def sharp_law(at_ratio: sp.Expr, share: sp.Expr) -> SharpLaw:
    """R as `at_ratio` of α, with α from share·d·Q(α) = n."""
    return SharpLaw("risk", _explicit(at_ratio, share), REGION, PATHS, at_ratio, share)


def _sharp() -> Claim:
    law = sharp_law(sharp(threshold_ratio), sp.Integer(2))
    wrong = {
        "one-sided": (r"$d\,Q(\alpha) = n$: one sign of the noise only", sharp_law(law.at_ratio, sp.Integer(1))),
        "self": (
            r"$R = \Delta q$: the noise does not act on itself",
            sharp_law(noise - noise**2 / (noise + law.at_ratio), sp.Integer(2)),
        ),
        "leading": (r"$R = 2\Delta/\alpha^2$", sharp_law(2 * noise / threshold_ratio**2, sp.Integer(2))),
        "two-percent": ("the constant too small by 2%", sharp_law(law.at_ratio * sp.Rational(49, 50), sp.Integer(2))),
    }
    return Claim(
        id="N7.diagonal.V.sharp",
        title="risk in phase V up to powers of d",
        statement=r"For $n \ll d$, $\lambda \ll \sqrt{n/d}$ (harmful overfitting): with $2 d\,Q(\alpha) = n$ and"
        r" $q = 1 + \alpha^2 - \alpha\varphi(\alpha)/Q(\alpha)$, $R \simeq \Delta\, q/(1 - q)$, corrections being powers of $d$.",
        source=Source(PAPER, "N7", "derived"),
        hypotheses=REGION,
        assumptions=(PROPORTIONAL_LIMIT,),
        assertion=law,
        comparison="the derived equation for the ratio and the derived risk, exactly; and state evolution along paths to"
        " dim $10^{12}$, ratio within 0.5% of 1",
        symbolic=_implicit_witness(sharper_overfitting),
        numeric=along_paths(observe, controls),
        rests_on=("N3.diagonal.risk", "N3.diagonal.degrees_of_freedom"),
        twins=tuple(Twin(key, told, assertion) for key, (told, assertion) in wrong.items()),
    )


def _implicit_witness(derived: Callable[[], tuple[sp.Eq, sp.Expr]]) -> Witness:
    """The stated ratio solves the derived equation, and the stated risk is the derived one, as functions of the ratio."""

    def witness(assertion: SharpLaw, effort: Effort) -> Evidence:
        equation, risk = derived()
        law = decide_zero(sp.simplify(risk - assertion.at_ratio))
        x = sp.Symbol("x", positive=True)
        stated = 2 * samples / (assertion.share * dim)
        # The stated ratio says erfc(ratio/√2) = stated: then the derived equation must hold.
        inserted = (equation.lhs - equation.rhs).subs(sp.erfc(threshold_ratio / sp.sqrt(2)), x)
        solves = decide_zero(inserted.subs(x, stated))
        place, where = region_outcome(assertion, [*phase("V").region, *domain()], phases)
        order = (Outcome.NOT_APPLICABLE, Outcome.FAILS, Outcome.UNDECIDED)
        worst = next((item for item in order if item in (law, solves, place)), Outcome.HOLDS)
        rows: list[dict[str, Cell]] = [
            {"equation": sp.sstr(equation), "derived": sp.sstr(risk), "stated": sp.sstr(assertion.at_ratio)}
        ]
        reason = f"equation for the ratio {solves.value}, risk at the ratio {law.value}; region: {where}"
        return Evidence("symbolic", worst, Firmness.EXACT, reason, Table.of(rows))

    return witness


def _leading() -> Claim:
    def law(formula: sp.Expr) -> Law:
        return Law("risk", formula, REGION, PATHS)

    log = sp.log(dim / samples)
    wrong = {
        "quadratic": (
            r"$\Delta (n/d)^{2/5}$, the law of the quadratic network",
            noise * (samples / dim) ** sp.Rational(2, 5),
        ),
        "squared": (r"$\Delta/\log(d/n)^2$", noise / log**2),
        "linear": (r"$\Delta n/d$", noise * samples / dim),
        "double": (r"$2\Delta/\log(d/n)$", 2 * noise / log),
        "two-percent": ("the constant too large by 2%", noise / log * sp.Rational(51, 50)),
    }
    return Claim(
        id="N7.diagonal.V",
        title="risk in phase V, constant included",
        statement=r"For $n \ll d$ and $\lambda \ll \sqrt{n/d}$: $R \simeq \Delta/\log(d/n)$.",
        source=Source(PAPER, "N5, N7", "derived"),
        hypotheses=REGION,
        assumptions=(PROPORTIONAL_LIMIT,),
        assertion=law(noise / log),
        comparison=r"the derived law exactly; and its ratio to the sharp law N7.diagonal.V.sharp, which state evolution"
        r" supports, at threshold ratios to $\alpha = 10^5$ ($d/n = e^{\alpha^2/2}$): within 0.5% of 1. Corrections are"
        r" $\log\log(d/n)/\log(d/n)$: at any $d$ that exists the leading law alone is off by tens of per cent",
        symbolic=from_phase(lambda: phase("V"), others=phases, domain=domain()),
        numeric=against_sharp,
        rests_on=("N7.diagonal.V.sharp",),
        twins=tuple(Twin(key, told, law(formula)) for key, (told, formula) in wrong.items()),
    )


@cache
def _sharp_at(ratio: float) -> tuple[mpmath.mpf, mpmath.mpf]:
    """d/n and R/Δ of the sharp law at a ratio."""
    with mpmath.workdps(DIGITS):
        value = sp.lambdify((threshold_ratio, noise), sharp(threshold_ratio), "mpmath")(
            mpmath.mpf(ratio), mpmath.mpf(1)
        )
        return 1 / mpmath.erfc(mpmath.mpf(ratio) / mpmath.sqrt(2)), value


def against_sharp(assertion: Law, effort: Effort) -> Evidence:
    """Ratio of the sharp law to the stated one as α grows; a law in n and d must be one in d/n."""
    rows: list[dict[str, Cell]] = []
    outcomes = []
    if not assertion.formula.free_symbols <= {dim, samples, noise}:
        text = "the sharp law knows samples, dim and noise only"
        return Evidence("numeric", Outcome.UNDECIDED, Firmness.NUMBERS, text, Table.of(rows))
    stated = sp.lambdify((dim, samples, noise), assertion.formula, "mpmath")
    for count, variance in SETTINGS:
        logs: list[float] = []
        for ratio in RATIOS:
            with mpmath.workdps(DIGITS):
                inverse, value = _sharp_at(ratio)
                law = stated(inverse * count, mpmath.mpf(count), mpmath.mpf(variance))
                logs.append(float(mpmath.log(value * variance / law)) if law > 0 else float("nan"))
            rows.append({"samples": count, "noise": variance, "threshold_ratio": ratio, "log_of_ratio": logs[-1]})
        outcomes.append(settle(logs, TOLERANCE)[0])
    outcome = next((o for o in (Outcome.FAILS, Outcome.UNDECIDED) if o in outcomes), Outcome.HOLDS)
    reason = f"sharp law over the stated one to threshold ratio {RATIOS[-1]:g}, accepted within {TOLERANCE:g} of 1"
    return Evidence("numeric", outcome, Firmness.NUMBERS, reason, Table.of(rows))
