"""N5 and N7 for the diagonal network: leading laws with their constants, phase by phase."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from scalecheck.theory.networks.diagonal.phases import phase, phases
from scalecheck.theory.networks.diagonal.state_equations import PROPORTIONAL_LIMIT
from scalecheck.theory.symbols import a, b, decay, dim, noise, samples, weight_decay

from ...claims import Claim, Source
from ...hypotheses import Hypothesis
from ...laws import Law, Path, along_paths, beyond_wall, from_phase, other_formulas
from ...network_claims import domain, path, region
from .observing import controls, observe

PENALTY = weight_decay * sp.sqrt(dim)


def law_claims() -> tuple[Claim, ...]:
    """The laws of phases II, III, VIa and VIb."""
    return (_second(), _third(), *_sixth())


def _claim(
    name: str,
    title: str,
    statement: str,
    law: Law,
    wrong: Mapping[str, tuple[str, sp.Expr]],
    beyond: Mapping[str, Path],
) -> Claim:
    """A law with its twins: `wrong` formulas, and regions without one of their walls, with a path `beyond` that wall."""
    twins = (*other_formulas(law, wrong), *(beyond_wall(law, *wall) for wall in beyond.items()))
    return Claim(
        id=f"N7.diagonal.{name}",
        title=title,
        statement=statement,
        source=Source(("defilippis2025scaling",), "N5, N7", "derived"),
        hypotheses=law.hypotheses,
        assumptions=(PROPORTIONAL_LIMIT,),
        assertion=law,
        comparison="the derived law exactly; and state evolution along paths to dim $10^{12}$, ratio within 0.5% of 1",
        symbolic=from_phase(lambda: phase(name), others=phases, domain=domain()),
        numeric=along_paths(observe, controls),
        rests_on=("N3.diagonal.risk", "N3.diagonal.degrees_of_freedom"),
        twins=twins,
    )


def _second() -> Claim:
    exponent = 2 - 1 / decay
    law = Law(
        "risk",
        2 * decay / (2 * decay - 1) * (PENALTY / samples) ** exponent,
        region(
            (b > (a - 1) / 2, "the threshold exceeds the noise"),
            (b > a - sp.Rational(1, 2) - decay, "the threshold exceeds the smallest teacher weight"),
            (b < a - sp.Rational(1, 2), "the threshold is below the largest teacher weight"),
        ),
        (
            path("3/2", "3/5", "1"),
            path("2", "11/10", "3/4", "2"),
            path("3/2", "1/2", "2", "1/2"),
            path("3", "5/4", "5"),
        ),
    )
    constant = law.formula
    return _claim(
        "II",
        "risk in phase II, constant included",
        r"For $\lambda \gg \sqrt{n/d}$ and $n d^{-1/2-\gamma} \ll \lambda \ll n d^{-1/2}$:"
        r" $R \simeq \frac{2\gamma}{2\gamma - 1}\left(\frac{\lambda\sqrt{d}}{n}\right)^{2 - 1/\gamma}$.",
        law,
        {
            "III": ("the law of phase III", dim * (PENALTY / samples) ** 2),
            "exponent": (r"exponent $2 - 1/(2\gamma)$", constant * (PENALTY / samples) ** (1 / (2 * decay))),
            "constant": (r"$2\gamma$ for $2\gamma/(2\gamma - 1)$", constant * (2 * decay - 1)),
            "two-percent": ("the constant too large by 2%", constant * sp.Rational(51, 50)),
        },
        {
            "the threshold exceeds the noise": path("2", "0", "2"),
            "the threshold exceeds the smallest teacher weight": path("3", "7/5", "3/4"),
            "the threshold is below the largest teacher weight": path("1", "1", "1"),
        },
    )


def _third() -> Claim:
    formula = weight_decay**2 * dim**2 / samples**2
    law = Law(
        "risk",
        formula,
        region(
            (b > (a - 1) / 2, "the threshold exceeds the noise"),
            (b < a - sp.Rational(1, 2) - decay, "the threshold is below every teacher weight"),
        ),
        (path("3", "7/5", "3/4"), path("7/2", "7/5", "1", "2"), path("6", "13/5", "2")),
    )
    return _claim(
        "III",
        "risk in phase III, constant included",
        r"For $\sqrt{n/d} \ll \lambda \ll n d^{-1/2-\gamma}$: $R \simeq \lambda^2 d^2/n^2$.",
        law,
        {
            "VI": ("the law of phase VI", noise * dim / samples),
            "exponent": (r"$\lambda^2 d/n^2$", formula / dim),
            "two-percent": ("the constant too small by 2%", formula * sp.Rational(49, 50)),
        },
        {
            "the threshold exceeds the noise": path("2", "0", "3/4"),
            "the threshold is below every teacher weight": path("3/2", "3/5", "1"),
        },
    )


def _sixth() -> tuple[Claim, ...]:
    below = (b < (a - 1) / 2, "the threshold is below the noise")
    many = (a > 1, "more samples than weights")
    heavy = (a < 2 * decay, "the noise exceeds the smallest teacher weight")
    light = (a > 2 * decay, "the noise is below every teacher weight")
    place = {
        "VIa": (
            region(below, many, heavy),
            (path("3/2", "-1/2", "1"), path("2", "0", "3/2", "2"), path("3", "1/2", "4")),
            {below[1]: path("3/2", "3/5", "1"), many[1]: path("1/2", "-1", "1")},
        ),
        "VIb": (
            region(below, many, light),
            (path("2", "0", "3/4"), path("5/2", "1/4", "1", "1/2"), path("5", "1", "2")),
            {below[1]: path("3", "7/5", "3/4")},
        ),
    }
    return tuple(_sixth_claim(name, *given) for name, given in place.items())


def _sixth_claim(
    name: str, where_it_holds: tuple[Hypothesis, ...], paths: tuple[Path, ...], beyond: Mapping[str, Path]
) -> Claim:
    formula = noise * dim / samples
    where = r"$n \ll d^{2\gamma}$" if name == "VIa" else r"$n \gg d^{2\gamma}$"
    return _claim(
        name,
        f"risk in phase {name}, constant included",
        r"For $\lambda \ll \sqrt{n/d}$, $n \gg d$ and " + where + r": $R \simeq \Delta d/n$.",
        Law("risk", formula, where_it_holds, paths),
        {
            "II": ("the law of phase II", 2 * decay / (2 * decay - 1) * (PENALTY / samples) ** (2 - 1 / decay)),
            "noise": (r"$d/n$ whatever the noise is, times 3", 3 * dim / samples),
            "IV": (r"$n^{-1 + 1/(2\gamma)}$", noise * samples ** (-1 + 1 / (2 * decay))),
            "two-percent": ("the constant too large by 2%", formula * sp.Rational(51, 50)),
        },
        beyond,
    )
