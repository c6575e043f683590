"""N7 on the lines of the diagram: laws on boundaries of the quadratic network where both sides are of one order."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from scalecheck.theory.networks.quadratic.diagram import boundaries
from scalecheck.theory.symbols import a, b, decay, dim, noise

from ...claims import Claim, Source
from ...laws import Law, Path, along_paths, other_formulas
from ...line_laws import from_line, line_between
from ...network_claims import path, region
from .laws import HALF, HEAVY, PERCENT, RESTS_ON, SECOND, SHARE, TAIL, THIRD
from .observing import ASSUMED, PAPERS, controls, observe


def line_claims() -> tuple[Claim, ...]:
    """Four boundaries."""
    return (_second_and_third(), _third_and_sixth(), _at_square(), _idle())


def _claim(
    name: str,
    title: str,
    statement: str,
    line: tuple[sp.Eq, str],
    along: tuple[tuple[sp.Basic, str], ...],
    formula: sp.Expr,
    paths: tuple[Path, ...],
    wrong: Mapping[str, tuple[str, sp.Expr]],
) -> Claim:
    law = Law("risk", formula, region(line, *along), paths)
    near = {"two-percent": ("the constant too large by 2%", formula * PERCENT)}
    first, second = name.split("-")
    return Claim(
        id=f"N7.quadratic.{name}",
        title=title,
        statement=statement,
        source=Source(PAPERS, "N5, N7", "derived"),
        hypotheses=law.hypotheses,
        assumptions=ASSUMED,
        assertion=law,
        comparison="line, stretch and law as derived, exactly; and state evolution along paths on the line to dim $10^{12}$, ratio"
        " within 0.5% of 1",
        symbolic=from_line(line_between(boundaries, first, second), count=a + 1),
        numeric=along_paths(observe, controls),
        rests_on=RESTS_ON,
        twins=other_formulas(law, {**wrong, **near}),
    )


def _second_and_third() -> Claim:
    return _claim(
        "II-III",
        "risk on the boundary of II and III, constant included",
        r"At $\lambda = u d^{-1/2-\gamma}$, $u \gg d^{2\gamma}$: $R \simeq d^{1-2\gamma}/8$, as in III; the constant of II jumps to it.",
        (sp.Eq(b, a - decay - HALF), "the threshold is a quarter of the smallest teacher eigenvalue"),
        ((a > 2 * decay, "the noise is below every teacher eigenvalue"),),
        dim ** (1 - 2 * decay) / 8,
        (path("4", "5/2", "1"), path("4", "11/4", "3/4", "2")),
        {
            "II": ("the law of phase II", SECOND.subs(sp.Symbol("weight_decay", positive=True), SHARE * dim ** (-HALF - decay))),
            "exponent": (r"$d^{-2\gamma}/8$", dim ** (-2 * decay) / 8),
        },
    )  # fmt: skip


def _third_and_sixth() -> Claim:
    value = (noise / 2 + sp.Rational(1, 8)) * dim / SHARE
    return _claim(
        "III-VIb",
        "risk on the boundary of III and VIb, constant included",
        r"At $\lambda = \sqrt{u/d}$, $u \gg d^{2\gamma}$: $R \simeq (\Delta/2 + 1/8)\, d/u$: bias and noise add.",
        (sp.Eq(b, a / 2 - HALF), "threshold and noise are of one order"),
        ((a > 2 * decay, "both are below every teacher eigenvalue"),),
        value,
        (path("3", "1", "1"), path("5/2", "3/4", "3/4", "2")),
        {"III": ("the law of phase III", THIRD.subs(sp.Symbol("weight_decay", positive=True), sp.sqrt(SHARE / dim))),
         "VIb": ("the law of phase VIb", TAIL)},
    )  # fmt: skip


def _at_square() -> Claim:
    value = noise / 3
    return _claim(
        "V-VIa",
        "risk at n = dim squared, beyond the peak",
        r"At $n = d^2$, $\lambda \ll 1$: $R \simeq \Delta/3$, since a quarter of the samples are used up.",
        (sp.Eq(a, 1), "as many samples as squared inputs"),
        ((b < 0, "the penalty is small"),),
        value,
        (path("1", "-3/4", "2"), path("1", "-1", "3", "2")),
        {"VIa": ("the law of phase VIa", HEAVY), "peak": ("the peak is here", noise * dim ** sp.Rational(1, 3))},
    )


def _idle() -> Claim:
    value = 2 * sp.zeta(2 * decay)
    return _claim(
        "Ia-Ib",
        "risk on the boundary of Ia and Ib",
        r"At $\lambda = \sqrt{u/d}$, $u \ll 1$: $R \simeq 2\zeta(2\gamma)$, as on both sides.",
        (sp.Eq(b, a / 2 - HALF), "threshold and noise are of one order"),
        ((a < 0, "fewer samples than inputs"),),
        value,
        (path("-1/2", "-3/4", "1"), path("-4/5", "-9/10", "3/2", "2")),
        {"half": ("half of it", value / 2), "noise": ("the noise added", value + noise)},
    )
