"""N7: the law of the risk in each of the eight phases of the quadratic network, constants included.

Where the corrections to a law die as slowly as dim^(-1/7), in IV and V, the claim states them as well, and numbers are
compared with both together: the law alone would be off by per cents at any dim that a computer holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import ClassVar

import sympy as sp

from scalecheck.theory.networks.quadratic.phases import phase, phases
from scalecheck.theory.symbols import a, b, decay, dim, noise, samples, weight_decay

from ...claims import Claim, Effort, Source, Twin, Witness
from ...evidence import Evidence, Firmness, Outcome
from ...formulas import decide_zero
from ...hypotheses import Hypothesis
from ...laws import Law, Path, along_paths, beyond_wall, from_phase, other_formulas, region_outcome
from ...network_claims import domain, path, region
from ...tables import Table
from .observing import ASSUMED, LARGE_SCALES, PAPERS, controls, observe

HALF = sp.Rational(1, 2)
SHARE = samples / dim
"""u, the effective samples."""
THRESHOLD = weight_decay * dim / (4 * SHARE) / sp.sqrt(dim)
"""t/√d where few degrees of freedom are used up."""
VARIANCE = noise / (4 * SHARE)
"""σ²/d where R is small against the noise."""
NOISE_LEADS, THRESHOLD_LEADS = (
    (b < (a - 1) / 2, "the threshold is below the noise"),
    (b > (a - 1) / 2, "the threshold exceeds the noise"),
)
END_OF_SIGNAL = 4 * decay / (14 * decay - 5)
"""Where the overfitting of the bulk overtakes the error on the teacher."""

SECOND = 4 * decay / (2 * decay - 1) * THRESHOLD ** (2 - 1 / decay)
THIRD = 2 * THRESHOLD**2 * dim
SIGNAL = 48 * decay**3 / ((decay + 1) * (2 * decay - 1) * (2 * decay + 1)) * VARIANCE ** (1 - 1 / (2 * decay))
OVERFITTING = sp.Rational(2, 7) * (15 * sp.pi / 4) ** sp.Rational(2, 5) * noise * (SHARE / dim) ** sp.Rational(2, 5)
HEAVY, TAIL = noise * dim / (4 * SHARE), noise * dim / (2 * SHARE)
NOTHING = 2 * sp.zeta(2 * decay)
PERCENT = sp.Rational(51, 50)

RESTS_ON = ("N4.quadratic.risk", "N4.quadratic.degrees_of_freedom", "N4.quadratic.balances")


def law_claims() -> tuple[Claim, ...]:
    """All eight phases."""
    return (*_first(), _second(), _third(), _fourth(), _fifth(), *_sixth())


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
        id=f"N7.quadratic.{name}",
        title=title,
        statement=statement,
        source=Source(PAPERS, "N5, N7", "derived"),
        hypotheses=law.hypotheses,
        assumptions=ASSUMED,
        assertion=law,
        comparison="the derived law exactly; and state evolution along paths to dim $10^{12}$, ratio within 0.5% of 1",
        symbolic=from_phase(lambda: phase(name), others=phases, domain=domain()),
        numeric=along_paths(observe, controls),
        rests_on=RESTS_ON,
        twins=twins,
    )


def _first() -> tuple[Claim, ...]:
    few, loud = (a < 0, "fewer samples than inputs"), (b > a - HALF, "the threshold exceeds every teacher eigenvalue")
    wrong = {
        "diagonal": (r"$\zeta(2\gamma)$, the law of the diagonal network", NOTHING / 2),
        "trace": (r"$2\zeta(\gamma + 1)$", 2 * sp.zeta(decay + 1)),
        "noise": (r"$2\zeta(2\gamma) + \Delta$", NOTHING + noise),
        "two-percent": ("the constant too large by 2%", NOTHING * PERCENT),
    }
    early = (path("-1/2", "-2", "1"), path("-1/2", "-3/2", "2", "1/2"), path("-4/5", "-2", "3/2", "2"))
    heavy = (path("-1/2", "1/2", "1"), path("1", "2", "3/4", "2"), path("1/2", "3/2", "5/4", "1/2"))
    return (
        _claim(
            "Ia",
            "risk in phase Ia: too few samples",
            r"For $n \ll d$ and $\lambda \ll \sqrt{u/d}$ nothing of the teacher is learned: $R \simeq 2\zeta(2\gamma)$.",
            Law("risk", NOTHING, region(few, NOISE_LEADS), early),
            wrong,
            {few[1]: path("1/2", "-2", "5")},
        ),
        _claim(
            "Ib",
            "risk in phase Ib: regularised away",
            r"For $\lambda \gg \sqrt{u/d}$ and $\lambda\sqrt{d} \gg u$ the network is zero: $R \simeq 2\zeta(2\gamma)$.",
            Law("risk", NOTHING, region(THRESHOLD_LEADS, loud), heavy),
            wrong,
            {loud[1]: path("3/2", "3/5", "1")},
        ),
    )


def _second() -> Claim:
    law = Law(
        "risk",
        SECOND,
        region(
            THRESHOLD_LEADS,
            (b > a - HALF - decay, "the threshold exceeds the smallest teacher eigenvalue"),
            (b < a - HALF, "the threshold is below the largest teacher eigenvalue"),
        ),
        (
            path("3/2", "3/5", "1"),
            path("3/2", "1/2", "2", "1/2"),
            path("2", "1", "3/2"),
            path("2", "11/10", "3/4", "2"),
        ),
    )
    return _claim(
        "II",
        "risk in phase II, constant included",
        r"For $\lambda \gg \sqrt{u/d}$ and $u d^{-1/2-\gamma} \ll \lambda \ll u d^{-1/2}$:"
        r" $R \simeq \frac{4\gamma}{2\gamma - 1}\left(\frac{\lambda\sqrt{d}}{4u}\right)^{2 - 1/\gamma}$.",
        law,
        {
            "diagonal": ("the constant of the diagonal network", SECOND / 2),
            "III": ("the law of phase III", THIRD),
            "exponent": (r"exponent $2 - 1/(2\gamma)$", SECOND * THRESHOLD ** (1 / (2 * decay))),
            "penalty": (r"$\Lambda d/(2n)$ for the threshold", SECOND * 2 ** (2 - 1 / decay)),
            "two-percent": ("the constant too large by 2%", SECOND * PERCENT),
        },
        {
            "the threshold exceeds the noise": path("2", "0", "2"),
            "the threshold exceeds the smallest teacher eigenvalue": path("7/2", "7/4", "3/4"),
            "the threshold is below the largest teacher eigenvalue": path("1", "1", "1"),
        },
    )


def _third() -> Claim:
    law = Law(
        "risk",
        THIRD,
        region(THRESHOLD_LEADS, (b < a - HALF - decay, "the threshold is below every teacher eigenvalue")),
        (path("3", "7/5", "3/4"), path("7/2", "7/4", "1", "2"), path("6", "3", "2", "1/2")),
    )
    return _claim(
        "III",
        "risk in phase III, constant included",
        r"For $\sqrt{u/d} \ll \lambda \ll u d^{-1/2-\gamma}$: $R \simeq \lambda^2 d^2/(8u^2)$.",
        law,
        {
            "VIb": ("the law of phase VIb", TAIL),
            "diagonal": ("without the eighth: the law of the diagonal network", 8 * THIRD),
            "exponent": (r"$\lambda^2 d/(8u^2)$", THIRD / dim),
            "two-percent": ("the constant too small by 2%", THIRD * sp.Rational(49, 50)),
        },
        {
            "the threshold exceeds the noise": path("2", "0", "3/4"),
            "the threshold is below every teacher eigenvalue": path("2", "1", "3/2"),
        },
    )


def _sixth() -> tuple[Claim, ...]:
    many = (a > 1, "more samples than coordinates of the cone")
    crowd = (a < 2 * decay, "the noise exceeds the smallest teacher eigenvalue")
    light = (a > 2 * decay, "the noise is below every teacher eigenvalue")
    half = (path("3/2", "-1/2", "3/2"), path("2", "0", "2", "2"), path("3", "1/2", "4", "1/2"))
    whole = (path("2", "0", "3/4"), path("5/2", "1/4", "1", "1/2"), path("5", "1", "2"))
    wrong = {
        "diagonal": (r"$\Delta d/u$, the law of the diagonal network", noise * dim / SHARE),
        "V": ("the law of phase V continued", OVERFITTING),
        "noise": (r"$d/u$ whatever the noise is, times a third", dim / SHARE / 3),
        "IV": (r"$u^{-1 + 1/(2\gamma)}$", SIGNAL),
    }
    claims = []
    places = (
        ("VIa", HEAVY, TAIL, region(NOISE_LEADS, many, crowd), half, r"d \ll u \ll d^{2\gamma}", "4"),
        ("VIb", TAIL, HEAVY, region(NOISE_LEADS, light), whole, r"u \gg d^{2\gamma}", "2"),
    )
    walls = {
        "VIa": {NOISE_LEADS[1]: path("3/2", "3/5", "1"), many[1]: path("1/2", "-2", "5"), crowd[1]: path("2", "0", "3/4")},
        "VIb": {NOISE_LEADS[1]: path("3", "7/5", "3/4"), light[1]: path("2", "0", "2")},
    }  # fmt: skip
    for name, formula, other, where, paths, told, factor in places:
        neighbour = {"neighbour": ("the constant of the other half of VI", other)}
        near = {"two-percent": ("the constant too large by 2%", formula * PERCENT)}
        claims.append(
            _claim(
                name,
                f"risk in phase {name}, constant included",
                rf"For $\lambda \ll \sqrt{{u/d}}$ and ${told}$: $R \simeq \Delta d/({factor}u)$.",
                Law("risk", formula, where, paths),
                {**neighbour, **wrong, **near},
                walls[name],
            )
        )
    return tuple(claims)


@dataclass(frozen=True)
class CorrectedLaw(Law):
    """A law with its first corrections: observable ~ leading · (1 + corrections), which are relative and tend to zero.

    Raises
    ------
    ValueError
        If `formula` is not that product: both witnesses must hear the same statement.
    """

    leading: sp.Expr = sp.S.One
    corrections: sp.Expr = sp.S.Zero
    RESTATED: ClassVar[tuple[str, ...]] = ("leading", "corrections")
    """What may be stated otherwise; the formula follows."""

    def __post_init__(self) -> None:
        if self.formula != self.leading * (1 + self.corrections):
            raise ValueError("the formula of a corrected law is its leading term times one plus the corrections")

    def restated(self, field: str, value: sp.Expr) -> CorrectedLaw:
        """The same law with another `leading` or other `corrections`."""
        parts = {"leading": self.leading, "corrections": self.corrections, field: value}
        return replace(self, formula=parts["leading"] * (1 + parts["corrections"]), **parts)


def corrected(
    leading: sp.Expr, corrections: sp.Expr, where: tuple[Hypothesis, ...], paths: tuple[Path, ...]
) -> CorrectedLaw:
    """R as leading · (1 + corrections)."""
    return CorrectedLaw("risk", leading * (1 + corrections), where, paths, leading, corrections)


@cache  # twins that change something else state the same corrections
def _corrections(name: str, stated: sp.Expr) -> tuple[sp.Expr, Outcome]:
    """The derived corrections, and whether those stated are the same."""
    found = sp.Add(*(item.expression for item in phase(name).corrections))
    difference = sp.powsimp(sp.expand_power_base(found - stated, force=True), force=True)
    return found, decide_zero(sp.expand(difference))


def from_corrected(name: str) -> Witness:
    """A symbolic witness: leading law, corrections and region are those derived in the corner of that name."""

    def witness(assertion: CorrectedLaw, effort: Effort) -> Evidence:
        derived = phase(name)
        ratio = sp.expand_log(sp.log(derived.leading) - sp.log(assertion.leading), force=True)
        law = decide_zero(sp.expand(ratio))
        found, small = _corrections(name, assertion.corrections)
        place, where = region_outcome(assertion, [*derived.region, *domain()], phases)
        order = (Outcome.NOT_APPLICABLE, Outcome.FAILS, Outcome.UNDECIDED)
        worst = next((item for item in order if item in (law, small, place)), Outcome.HOLDS)
        row = {
            "derived": sp.sstr(derived.leading),
            "stated": sp.sstr(assertion.leading),
            "derived corrections": sp.sstr(found),
            "stated corrections": sp.sstr(assertion.corrections),
        }
        reason = f"leading law {law.value}, corrections {small.value}; region: {where}"
        return Evidence("symbolic", worst, Firmness.EXACT, reason, Table.of([row]))

    return witness


def _corrected_claim(
    name: str,
    title: str,
    statement: str,
    law: CorrectedLaw,
    wrong: Mapping[str, tuple[str, CorrectedLaw]],
    beyond: Mapping[str, Path],
) -> Claim:
    twins = [Twin(key, told, assertion) for key, (told, assertion) in wrong.items()]
    twins += [beyond_wall(law, *wall) for wall in beyond.items()]
    return Claim(
        id=f"N7.quadratic.{name}",
        title=title,
        statement=statement,
        source=Source(PAPERS, "N5, N7", "derived"),
        hypotheses=law.hypotheses,
        assumptions=ASSUMED,
        assertion=law,
        comparison="leading law and first corrections as derived, exactly; and state evolution along paths to dim $10^{15}$,"
        " its ratio to the law with these corrections within 0.5% of 1",
        symbolic=from_corrected(name),
        numeric=along_paths(observe, controls, scales=LARGE_SCALES),
        rests_on=RESTS_ON,
        twins=tuple(twins),
    )


LAST_SPIKES = -2 * dim ** (1 - 2 * decay) / (2 * decay - 1)
"""The teacher ends at k = d: what an endless one would have beyond."""


def _scaled(law: CorrectedLaw, factor: sp.Expr) -> CorrectedLaw:
    """The same with another constant."""
    return replace(law, formula=factor * law.leading * (1 + law.corrections), leading=factor * law.leading)


def _fourth() -> Claim:
    where = region(
        (a > 0, "more samples than inputs"),
        NOISE_LEADS,
        (a < END_OF_SIGNAL, "the teacher's part exceeds the bulk's"),
    )
    whole = -6 * VARIANCE
    raised = (1 - 1 / (2 * decay)) * SIGNAL**2 / noise
    corrections = (OVERFITTING + whole + LAST_SPIKES + raised) / SIGNAL
    paths = (path("2/7", "-2", "1"), path("3/10", "-2", "1", "2"), path("1/4", "-2", "3/2"), path("3/10", "-2", "4/5"))
    law = corrected(SIGNAL, corrections, where, paths)
    rate = SHARE ** (1 / (2 * decay) - 1)
    wrong = {
        "two-percent": ("the constant too large by 2%", _scaled(law, PERCENT)),
        "rate": ("the constant one", corrected(rate, corrections, where, paths)),
        "variance": (r"$\Delta/u$ for $\Delta/(4u)$", _scaled(law, 4 ** (1 - 1 / (2 * decay)))),
        "exponent": (r"$u^{-1+1/\gamma}$", corrected(SIGNAL * SHARE ** (1 / (2 * decay)), corrections, where, paths)),
        "V": ("the law of phase V", corrected(OVERFITTING, corrections, where, paths)),
        "bare": ("no corrections", corrected(SIGNAL, sp.S.Zero, where, paths)),
    }
    return _corrected_claim(
        "IV",
        "risk in phase IV, constant and first corrections included",
        r"For $\lambda \ll \sqrt{u/d}$ and $1 \ll u \ll d^{4\gamma/(14\gamma-5)}$: $R \simeq \frac{48\gamma^3}"
        r"{(\gamma+1)(4\gamma^2-1)}\left(\frac{\Delta}{4u}\right)^{1-1/(2\gamma)}$; to it add the law of V for the bulk,"
        r" $-\frac{3\Delta}{2u}$ since spikes are whole, $-\frac{2}{2\gamma-1} d^{1-2\gamma}$ since they end, and"
        r" $(1-\frac{1}{2\gamma})R^2/\Delta$ since $R$ adds to the noise.",
        law,
        wrong,
        {"more samples than inputs": path("-1/2", "-2", "1")},
    )


def _fifth() -> Claim:
    beyond_signal, few = (
        (a > END_OF_SIGNAL, "the bulk's part exceeds the teacher's"),
        (a < 1, "fewer samples than coordinates of the cone"),
    )
    where = region(NOISE_LEADS, beyond_signal, few)
    raised = sp.Rational(13, 6) * OVERFITTING**2 / noise
    left = -sp.Rational(7, 20) * weight_decay * sp.sqrt(dim / (SHARE * noise))
    corrections = (SIGNAL + raised) / OVERFITTING + left
    paths = (path("1/2", "-2", "5"), path("1/2", "-2", "3", "1/2"), path("3/5", "-3", "2"))
    law = corrected(OVERFITTING, corrections, where, paths)

    def power(value: sp.Rational) -> CorrectedLaw:
        return corrected(OVERFITTING * (SHARE / dim) ** (value - sp.Rational(2, 5)), corrections, where, paths)

    wrong = {
        "half": (r"$(u/d)^{1/2}$", power(HALF)),
        "four-thirds": (r"$(u/d)^{4/3}$", power(sp.Rational(4, 3))),
        "diagonal": (r"$\Delta/\log(d/u)$, the law of the diagonal network", corrected(noise / sp.log(dim / SHARE), corrections, where, paths)),
        "two-percent": ("the constant too small by 2%", _scaled(law, sp.Rational(49, 50))),
        "semicircle": (r"a semicircle of radius $\sqrt{2}\sigma$", _scaled(law, sp.Rational(1, 2))),
        "IV": ("the law of phase IV", corrected(SIGNAL, corrections, where, paths)),
        "bare": ("no corrections", corrected(OVERFITTING, sp.S.Zero, where, paths)),
    }  # fmt: skip
    return _corrected_claim(
        "V",
        "risk in phase V, harmful overfitting, constant and first corrections included",
        r"For $\lambda \ll \sqrt{u/d}$ and $d^{4\gamma/(14\gamma-5)} \ll u \ll d$: $R \simeq \frac27"
        r"\left(\frac{15\pi}{4}\right)^{2/5} \Delta\,(u/d)^{2/5}$; to it add the law of IV for the teacher,"
        r" $\frac{13}{6}R^2/\Delta$, and $-\frac{7}{20}\lambda\sqrt{d/(u\Delta)}\,R$ for the penalty.",
        law,
        wrong,
        {beyond_signal[1]: path("2/7", "-2", "1"), few[1]: path("2", "0", "2")},
    )
