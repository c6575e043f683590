"""N5 and N7 on the lines of the diagram: the interpolation peak, and the laws on boundaries, each with its constant."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sympy as sp

from scalecheck.theory.asymptotics.phase_diagram import Boundary
from scalecheck.theory.networks.diagonal.diagram import boundaries
from scalecheck.theory.networks.diagonal.logarithmic import interpolation_peak
from scalecheck.theory.networks.diagonal.state_equations import PROPORTIONAL_LIMIT
from scalecheck.theory.symbols import a, b, decay, dim, noise, samples, weight_decay

from ...claims import Claim, Source
from ...laws import Law, Path, along_paths, other_formulas
from ...line_laws import DerivedLine, from_line, line_between
from ...network_claims import path, region
from .observing import controls, observe

HALF = sp.Rational(1, 2)


def line_claims() -> tuple[Claim, ...]:
    """The peak and five boundaries."""
    return (
        _peak(),
        _second_and_sixth(),
        _third_and_sixth(),
        _second_and_third(),
        _first_and_second(),
        _within_sixth(),
    )


def _claim(
    name: str,
    title: str,
    statement: str,
    line: tuple[sp.Eq, str],
    along: tuple[tuple[sp.Basic, str], ...],
    formula: sp.Expr,
    paths: tuple[Path, ...],
    derived: Callable[[], DerivedLine | None],
    wrong: Mapping[str, tuple[str, sp.Expr]],
) -> Claim:
    law = Law("risk", formula, region(line, *along), paths)
    twins = other_formulas(law, wrong)
    return Claim(
        id=f"N7.diagonal.{name}",
        title=title,
        statement=statement,
        source=Source(("defilippis2025scaling",), "N5, N7", "derived"),
        hypotheses=law.hypotheses,
        assumptions=(PROPORTIONAL_LIMIT,),
        assertion=law,
        comparison="line, stretch and law as derived, exactly; and state evolution along paths on the line to dim"
        " $10^{12}$, ratio within 0.5% of 1",
        symbolic=from_line(derived),
        numeric=along_paths(observe, controls),
        rests_on=("N3.diagonal.risk", "N3.diagonal.degrees_of_freedom"),
        twins=twins,
    )


def _peak_line() -> Boundary:
    """The peak as `logarithmic` derives it, apart from the engine's diagram."""
    found = interpolation_peak()
    return Boundary(("V", "VIa"), sp.Eq(a, 1), found.region, True, found.exponent, found.log, found.constant)


def _peak() -> Claim:
    constant = (2 * sp.pi) ** sp.Rational(1, 3) / 4
    formula = constant * noise ** sp.Rational(4, 3) * weight_decay ** sp.Rational(-2, 3)
    return _claim(
        "peak",
        "risk at the interpolation peak, constant included",
        r"At $n = d$ and $\lambda \ll 1$: $R \simeq \frac{(2\pi)^{1/3}}{4} \Delta^{4/3} \lambda^{-2/3}$.",
        (sp.Eq(a, 1), "at the interpolation threshold"),
        ((b < 0, "the penalty is small"),),
        formula,
        (path("1", "-3/4", "2"), path("1", "-1/2", "3", "1/2"), path("1", "-1", "3/2", "2")),
        _peak_line,
        {
            "half": (r"$\lambda^{-1/2}$", constant * noise ** sp.Rational(4, 3) * weight_decay**-HALF),
            "one": (r"$\lambda^{-1}$", constant * noise ** sp.Rational(4, 3) / weight_decay),
            "noise": (r"$\Delta$ for $\Delta^{4/3}$", formula * noise ** sp.Rational(-1, 3) * sp.Rational(11, 10)),
            "V": ("the law of phase V just before it", noise / sp.log(dim)),
            "two-percent": ("the constant too large by 2%", formula * sp.Rational(51, 50)),
        },
    )


def _second_and_sixth() -> Claim:
    deviation = 1 / sp.sqrt(2 * noise)
    shape = (1 + 1 / noise) * sp.erfc(deviation) - sp.sqrt(2 / (sp.pi * noise)) * sp.exp(-1 / (2 * noise))
    formula = noise * shape * dim / samples
    return _claim(
        "II-VIa",
        "risk on the boundary of II and VIa, constant included",
        r"At $\lambda = \sqrt{n/d}$, $d \ll n \ll d^{2\gamma}$, where $\alpha = \Delta^{-1/2}$: $R \simeq \Delta\,"
        r" E\,\mathrm{soft}(z; \alpha)^2\, d/n$.",
        (sp.Eq(b, (a - 1) / 2), "the threshold is of the order of the noise"),
        ((a > 1, "more samples than weights"), (a < 2 * decay, "the noise exceeds the smallest teacher weight")),
        formula,
        (path("3/2", "1/4", "2"), path("2", "1/2", "2", "2"), path("5/2", "3/4", "3", "1/2")),
        line_between(boundaries, "II", "VIa"),
        {
            "VIa": ("the law of phase VIa", noise * dim / samples),
            "II": ("the law of phase II", 2 * decay / (2 * decay - 1) * samples ** (-1 + 1 / (2 * decay))),
            "hard": ("the bias of the threshold forgotten", noise * sp.erfc(deviation) * dim / samples),
            "two-percent": ("the constant too large by 2%", formula * sp.Rational(51, 50)),
        },
    )


def _third_and_sixth() -> Claim:
    formula = (1 + noise) * dim / samples
    return _claim(
        "III-VIb",
        "risk on the boundary of III and VIb, constant included",
        r"At $\lambda = \sqrt{n/d}$, $n \gg d^{2\gamma}$: $R \simeq (1 + \Delta)\, d/n$.",
        (sp.Eq(b, (a - 1) / 2), "the threshold is of the order of the noise"),
        ((a > 2 * decay, "both are below every teacher weight"),),
        formula,
        (path("3", "1", "1"), path("5/2", "3/4", "3/4", "2"), path("6", "5/2", "2", "1/2")),
        line_between(boundaries, "III", "VIb"),
        {
            "III": ("the law of phase III", dim / samples),
            "VIb": ("the law of phase VIb", noise * dim / samples),
            "VIa": (r"$\sqrt{1 + \Delta^2}$: as if squares added", sp.sqrt(1 + noise**2) * dim / samples),
            "two-percent": ("the constant too small by 2%", formula * sp.Rational(49, 50)),
        },
    )


def _second_and_third() -> Claim:
    formula = dim ** (1 - 2 * decay)
    return _claim(
        "II-III",
        "risk on the boundary of II and III, constant included",
        r"At $\lambda = n d^{-1/2-\gamma}$, $n \gg d^{2\gamma}$, the threshold is the smallest teacher weight and"
        r" $R \simeq d^{1-2\gamma}$: the constant is 1, not that of phase II.",
        (sp.Eq(b, a - decay - HALF), "the threshold is the smallest teacher weight"),
        ((a > 2 * decay, "the noise is below every teacher weight"),),
        formula,
        (path("4", "5/2", "1"), path("4", "11/4", "3/4", "2"), path("6", "7/2", "2")),
        line_between(boundaries, "II", "III"),
        {
            "II": ("the constant of phase II", formula * 2 * decay / (2 * decay - 1)),
            "exponent": (r"$d^{-2\gamma}$", formula / dim),
            "two-percent": ("the constant too small by 2%", formula * sp.Rational(49, 50)),
        },
    )


def _first_and_second() -> Claim:
    formula = sp.zeta(2 * decay)
    return _claim(
        "Ib-II",
        "risk on the boundary of Ib and II, constant included",
        r"At $\lambda = n d^{-1/2}$ the threshold is the largest teacher weight and $R \simeq \zeta(2\gamma)$, as in Ib.",
        (sp.Eq(b, a - HALF), "the threshold is the largest teacher weight"),
        ((a > 0, "samples grow"),),
        formula,
        (path("3/2", "1", "1"), path("2", "3/2", "3/4", "2"), path("3", "5/2", "2")),
        line_between(boundaries, "Ib", "II"),
        {
            "II": ("the law of phase II continued", 2 * decay / (2 * decay - 1)),
            "noise": (r"$\zeta(2\gamma)$ less the noise of one weight", formula - noise / 10),
            "two-percent": ("the constant too large by 2%", formula * sp.Rational(51, 50)),
        },
    )


def _within_sixth() -> Claim:
    formula = noise * dim / samples
    return _claim(
        "VIa-VIb",
        "risk on the boundary of VIa and VIb, constant included",
        r"At $n = d^{2\gamma}$, $\lambda \ll \sqrt{n/d}$: $R \simeq \Delta d/n$, as on both sides.",
        (sp.Eq(a, 2 * decay), "the noise is of the order of the smallest teacher weight"),
        ((b < decay - HALF, "the threshold is below the noise"),),
        formula,
        (path("2", "-1/2", "1"), path("3", "0", "3/2", "2"), path("8/5", "-1/2", "4/5")),
        line_between(boundaries, "VIa", "VIb"),
        {
            "sum": ("noise and smallest weight added", formula + dim ** (1 - 2 * decay)),
            "IV": (r"$n^{-1 + 1/(2\gamma)}$ with a constant of its own", formula * 2 * decay / (2 * decay - 1)),
            "two-percent": ("the constant too small by 2%", formula * sp.Rational(49, 50)),
        },
    )
