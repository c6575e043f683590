"""The laws on the boundaries of the ridge diagram as claims: where bias and noise are of one order, they add.

On these lines the effective ridge is the same on both sides; the boundaries on which it crosses over have no closed law.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import sympy as sp

from scalecheck.theory.networks.ridge import crossover as derived
from scalecheck.theory.networks.ridge.boundary_laws import with_law
from scalecheck.theory.networks.ridge.letters import c, capacity, ridge, source
from scalecheck.theory.networks.ridge.state_equations import DETERMINISTIC
from scalecheck.theory.symbols import b, samples

from ...claims import Claim, Source, Twin
from ...hypotheses import Hypothesis
from ...laws import Law, Path, along_paths, other_formulas
from ...line_laws import DerivedLine, from_line
from .crossover import (
    ABOVE,
    BELOW,
    COMPACT,
    GIVEN,
    MISSED,
    PAPER,
    PERCENT,
    ROUGH,
    SATURATED,
    SMOOTH,
    WINDOW,
)
from .points import SCALES, kernel_path, observe, on_path

POWERS = {ridge: samples**b}
"""What the control is in the plane of this diagram."""
SHIFT = sp.Rational(21, 20)
NOISE_PASSED = (1 - 1 / capacity) * WINDOW
"""Noise that a penalty lets through, in units of the bias's power where the two balance."""
Wrong = Mapping[str, tuple[str, sp.Expr]]


def line_claims() -> tuple[Claim, ...]:
    """The three boundaries between a noiseless regime and its noisy neighbour, and two of them past saturation."""
    return (_effective(), _regularised(), _over_regularised(), _effective_saturated(), _regularised_saturated())


def _between(sort: str, side: Hypothesis) -> Callable[[], DerivedLine | None]:
    """The derived boundary between the two regimes of one sort of effective ridge, on one side of saturation."""

    def found() -> DerivedLine | None:
        (half,) = [item for item in derived.sides() if item.relation == side.relation]
        regimes = tuple(p for p in derived.phases() if side.relation in p.region)
        wanted = {f"{sort}-noiseless", f"{sort}-noisy"}
        rows = [with_law(line, regimes) for line in half.diagram.boundaries if set(line.between) == wanted]
        return rows[0] if rows else None

    return found


def _claim(
    sort: str,
    title: str,
    statement: str,
    line: sp.Eq,
    side: Hypothesis,
    stretch: Sequence[sp.Basic],
    formula: sp.Expr,
    paths: tuple[Path, ...],
    wrong: Wrong,
    moved: tuple[sp.Eq, Path],
) -> Claim:
    """A law on a line, with twins: other formulas, and the line elsewhere on a path that lies on the false one."""
    where = tuple(Hypothesis(item, "which stretch of the line") for item in stretch)
    law = Law("risk", formula, (COMPACT, side, Hypothesis(line, "bias and noise are of one order"), *where), paths)
    false_line, false_path = moved
    elsewhere = tuple(replace(h, relation=false_line) if h.relation == line else h for h in law.hypotheses)
    saturated = "-saturated" if side == SATURATED else ""
    twins = [*other_formulas(law, wrong)]
    twins.append(Twin("line", "the line moved by 5%", replace(law, hypotheses=elsewhere, paths=(false_path,))))
    return Claim(
        id=f"R.ridge.line.{sort}{saturated}",
        title=title,
        statement=statement,
        source=Source(PAPER, "R", "derived"),
        hypotheses=law.hypotheses,
        assumptions=(DETERMINISTIC,),
        assertion=law,
        comparison=f"line, stretch and law as derived, exactly; and the solver along paths on the line to n = {SCALES[-1]:g}, ratio"
        " within 0.5% of 1",
        symbolic=from_line(_between(sort, side), (DETERMINISTIC,), powers=POWERS, large=samples),
        numeric=along_paths(observe, on_path, SCALES),
        rests_on=(f"R.ridge.{sort}-noiseless{saturated}", f"R.ridge.{sort}-noisy"),
        twins=tuple(twins),
    )


def _twins(bias: sp.Expr, variance: sp.Expr, power: sp.Expr, neighbour: sp.Expr) -> Wrong:
    """Either constant alone, squares added, a neighbour's exponent, and 2% both ways; all times a power of n and ridge."""
    whole = bias + variance
    return {
        "noiseless": ("the law of the noiseless regime alone", bias * power),
        "noisy": ("the law of the noisy regime alone", variance * power),
        "squares": ("as if squares added", sp.sqrt(bias**2 + variance**2) * power),
        "neighbour": ("the exponent of a neighbour", whole * neighbour),
        "two-percent": ("the constant too large by 2%", whole * power * PERCENT),
        "two-percent-less": ("the constant too small by 2%", whole * power / PERCENT),
    }


def _effective() -> Claim:
    power = samples ** (-2 * capacity * source)
    bias, variance = capacity * MISSED * WINDOW ** (2 * capacity * source), capacity - 1
    line = sp.Eq(c, 2 * capacity * source)
    return _claim(
        "effective",
        "interpolation where noise and unresolved target balance",
        r"At $\Delta = n^{-2\alpha r}$, $\lambda \ll n^{1-\alpha}$, $r < 1$:"
        r" $R \simeq \left[\frac{\pi(1-2r)}{\sin 2\pi r}\left(\frac{\pi/\alpha}{\sin(\pi/\alpha)}\right)^{2\alpha r}"
        r" + \alpha - 1\right] n^{-2\alpha r}$.",
        line,
        ROUGH,
        (BELOW,),
        (bias + variance) * power,
        (
            kernel_path("2", "1/3", b="-2", c="4/3"),
            kernel_path("3/2", "3/4", b="-1", c="9/4"),
            kernel_path("4", "2/5", b="-4", c="16/5"),
        ),
        _twins(bias, variance, power, GIVEN ** (2 * source)),
        (sp.Eq(c, SHIFT * line.rhs), kernel_path("2", "1/3", b="-2", c="7/5")),
    )


def _regularised() -> Claim:
    power = GIVEN ** (2 * source)
    line = sp.Eq(c, b * (-2 * source - 1 / capacity) + 2 * source - 1 + 1 / capacity)
    return _claim(
        "regularised",
        "ridge regression where noise and bias of the penalty balance",
        r"At $\Delta = n (\lambda/n)^{2r + 1/\alpha}$, $n^{1-\alpha} \ll \lambda \ll n$, $r < 1$:"
        r" $R \simeq \left[\frac{\pi(1-2r)}{\alpha\sin 2\pi r} + \left(1-\frac1\alpha\right)"
        r"\frac{\pi/\alpha}{\sin(\pi/\alpha)}\right](\lambda/n)^{2r}$.",
        line,
        ROUGH,
        (ABOVE, b < 1),
        (MISSED + NOISE_PASSED) * power,
        (
            kernel_path("2", "1/3", b="0", c="1/6"),
            kernel_path("3", "1/5", b="-1", c="7/15"),
            kernel_path("2", "3/4", b="-1/4", c="3/2"),
        ),
        _twins(MISSED, NOISE_PASSED, power, samples ** (-2 * capacity * source)),
        (sp.Eq(c, SHIFT * line.rhs), kernel_path("2", "3/4", b="-1/4", c="63/40")),
    )


def _over_regularised() -> Claim:
    power, variance = sp.zeta(1 + 2 * capacity * source), sp.zeta(2 * capacity)
    line = sp.Eq(c, 1 - 2 * b)
    return _claim(
        "over-regularised",
        "nothing learned, and as much noise as target",
        r"At $\Delta = \lambda^2/n$, $\lambda \gg n$: $R \simeq \zeta(1 + 2\alpha r) + \zeta(2\alpha)$.",
        line,
        ROUGH,
        (b > 1,),
        power + variance,
        (kernel_path("2", "1/2", b="3/2", c="-2"), kernel_path("3/2", "1/4", b="2", c="-3")),
        _twins(power, variance, sp.S.One, GIVEN ** (2 * source)),
        (sp.Eq(c, SHIFT * line.rhs), kernel_path("2", "1/2", b="3/2", c="-21/10")),
    )


def _effective_saturated() -> Claim:
    power = samples ** (-2 * capacity)
    bias, variance = capacity * SMOOTH * WINDOW ** (2 * capacity), capacity - 1
    line = sp.Eq(c, 2 * capacity)
    return _claim(
        "effective",
        "interpolation of a smooth target where noise and unresolved modes balance",
        r"At $\Delta = n^{-2\alpha}$, $\lambda \ll n^{1-\alpha}$, $r > 1$:"
        r" $R \simeq \left[\alpha\,\zeta(1 + 2\alpha(r-1))\left(\frac{\pi/\alpha}{\sin(\pi/\alpha)}\right)^{2\alpha}"
        r" + \alpha - 1\right] n^{-2\alpha}$.",
        line,
        SATURATED,
        (BELOW,),
        (bias + variance) * power,
        (kernel_path("2", "3/2", b="-2", c="4"), kernel_path("3/2", "2", b="-1", c="3")),
        _twins(bias, variance, power, samples ** (-2 * capacity * source)),
        (sp.Eq(c, SHIFT * line.rhs), kernel_path("2", "3/2", b="-2", c="21/5")),
    )


def _regularised_saturated() -> Claim:
    power = GIVEN**2
    line = sp.Eq(c, b * (-2 - 1 / capacity) + 1 + 1 / capacity)
    return _claim(
        "regularised",
        "the qualification of ridge regression where noise and bias balance",
        r"At $\Delta = n (\lambda/n)^{2 + 1/\alpha}$, $n^{1-\alpha} \ll \lambda \ll n$, $r > 1$:"
        r" $R \simeq \left[\zeta(1 + 2\alpha(r-1)) + \left(1-\frac1\alpha\right)"
        r"\frac{\pi/\alpha}{\sin(\pi/\alpha)}\right](\lambda/n)^2$.",
        line,
        SATURATED,
        (ABOVE, b < 1),
        (SMOOTH + NOISE_PASSED) * power,
        (kernel_path("2", "3/2", b="0", c="3/2"), kernel_path("3/2", "2", b="1/4", c="1")),
        _twins(SMOOTH, NOISE_PASSED, power, GIVEN ** (2 * source)),
        (sp.Eq(c, SHIFT * line.rhs), kernel_path("2", "3/2", b="0", c="63/40")),
    )
