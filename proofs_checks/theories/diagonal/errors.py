"""N9: the exact decomposition of the risk, and the law of each part, phase by phase."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import sympy as sp

from scalecheck.theory.networks.diagonal.decomposition import NOTHING, decomposition
from scalecheck.theory.networks.diagonal.phases import phase
from scalecheck.theory.networks.diagonal.soft_threshold import atom, first_moment, risk, second_moment
from scalecheck.theory.networks.diagonal.state_equations import PROPORTIONAL_LIMIT
from scalecheck.theory.symbols import a, b, decay, dim, noise, samples, threshold_ratio, weight_decay

from ...claims import Claim, Effort, Source, Twin, Witness
from ...evidence import Evidence, Firmness, Outcome
from ...formulas import Formula, decide_zero
from ...hypotheses import Hypothesis
from ...laws import SCALES, Law, along_paths, from_phase, other_formulas
from ...network_claims import domain, path, region
from ...tables import Cell, Table
from .observing import controls, observe
from .overfitting import against_sharp, sharp_law
from .overfitting import sharp as sharp_risk
from .overfitting_parts import part_claims

HALF = sp.Rational(1, 2)
PENALTY = weight_decay * sp.sqrt(dim)
PARTS = ("overfitting", "underfitting", "approximation")
over, under, rest = sp.symbols(" ".join(PARTS), real=True)
"""The three parts, as the claim of their sum names them."""

THRESHOLD = (b > (a - 1) / 2, "the threshold exceeds the noise")
NOISE = (b < (a - 1) / 2, "the threshold is below the noise")
SECOND = (
    THRESHOLD,
    (b < a - HALF, "the threshold is below the largest teacher weight"),
    (b > a - HALF - decay, "the threshold exceeds the smallest teacher weight"),
)
SIXTH = (NOISE, (a > 1, "more samples than weights"), (a < 2 * decay, "the noise exceeds the smallest teacher weight"))
SUM_TOLERANCE = 1e-9
NOTHING_LEFT = 1e-12
"""A part said to be nothing must be below this share of the risk at the largest dim: it is then below d^{-1}."""


def error_claims() -> tuple[Claim, ...]:
    """The sum, and the parts."""
    in_fifth = part_claims(lambda part: _derived("V", part))
    return (_sum(), *_second(), *_sixth(), *_pure(), *in_fifth, _nothing())


def _sum() -> Claim:
    total = over + under + rest
    return Claim(
        id="N9.diagonal.sum",
        title="overfitting + underfitting + approximation is the risk",
        statement=r"With $K = \{k: \theta^*_k > \max(t, \tau)\}$, $R = \sum_{k\notin K} E\eta_k^2 + \sum_{k\notin K} \theta_k^{*2}"
        r" + \left[\sum_{k\in K} E(\eta_k - \theta^*_k)^2 - 2\sum_{k\notin K}\theta^*_k E\eta_k\right]$, identically.",
        source=Source(("defilippis2025scaling",), "N9"),
        assertion=Formula("risk", total),
        comparison=r"exact, weight by weight; and the three parts of state evolution against its risk, within $10^{-9}$ relative",
        symbolic=_sum_derived,
        numeric=_sum_measured,
        rests_on=("N3.diagonal.risk",),
        twins=(
            Twin("sign", "the approximation subtracted", Formula("risk", over + under - rest)),
            Twin("two", "the approximation forgotten", Formula("risk", over + under)),
            Twin("double", "overfitting counted twice", Formula("risk", total + over)),
        ),
    )


def _sum_derived(assertion: Formula, effort: Effort) -> Evidence:
    """The formula on one weight outside K and on one inside, against the closed form of its risk."""
    outside = {over: second_moment(), under: atom**2, rest: -2 * atom * first_moment()}
    inside = {over: 0, under: 0, rest: risk()}
    found = {
        name: decide_zero(assertion.formula.subs(parts) - risk())
        for name, parts in (("outside", outside), ("inside", inside))
    }
    worst = next((item for item in (Outcome.FAILS, Outcome.UNDECIDED) if item in found.values()), Outcome.HOLDS)
    reason = ", ".join(f"{name} K {outcome.value}" for name, outcome in found.items())
    rows: list[dict[str, Cell]] = [{"weight": name, "outcome": outcome.value} for name, outcome in found.items()]
    return Evidence("symbolic", worst, Firmness.EXACT, reason, Table.of(rows))


SUM_PLACES = (
    path("3/2", "3/5", "1"),
    path("2", "0", "3/2", "2"),
    path("3/5", "-1/2", "2"),
    path("3", "7/5", "3/4"),
    path("1", "-1/2", "1"),
)


def _sum_measured(assertion: Formula, effort: Effort) -> Evidence:
    rows: list[dict[str, Cell]] = []
    for place in SUM_PLACES:
        found = observe(controls(place, 1e6))
        parts = {symbol: found[symbol.name][0] for symbol in (over, under, rest)}
        stated, whole = float(assertion.formula.subs(parts)), found["risk"][0]
        outcome = Outcome.HOLDS if abs(stated - whole) <= SUM_TOLERANCE * whole else Outcome.FAILS
        rows.append(
            {
                **{symbol.name: value for symbol, value in parts.items()},
                "risk": whole,
                "stated": stated,
                "outcome": outcome.value,
            }
        )
    outcomes = {str(row["outcome"]) for row in rows}
    worst = Outcome.FAILS if Outcome.FAILS.value in outcomes else Outcome.HOLDS
    reason = f"parts against risk at {len(rows)} points in five phases, within {SUM_TOLERANCE:g}"
    return Evidence("numeric", worst, Firmness.NUMBERS, reason, Table.of(rows))


@dataclass(frozen=True)
class _DerivedPart:
    leading: sp.Expr
    region: tuple[sp.Basic, ...]


def _derived(name: str, part: str, extra: tuple[sp.Basic, ...] = ()) -> Callable[[], _DerivedPart]:
    """Law of a part with the region of its phase; what the law needs beyond the phase must be stated as well."""

    def found() -> _DerivedPart:
        parts = decomposition(name)
        condition = parts[part].condition
        needs = (condition,) if isinstance(condition, sp.StrictGreaterThan | sp.StrictLessThan) else ()
        return _DerivedPart(parts[part].leading, (*phase(name).region, *needs, *extra))

    return found


def _claim(
    name: str,
    part: str,
    statement: str,
    law: Law,
    wrong: Mapping[str, tuple[str, sp.Expr]],
    numeric: Witness | None = None,
    variant: str = "",
) -> Claim:
    twins = other_formulas(law, wrong)
    return Claim(
        id=".".join(filter(None, ("N9.diagonal", name, part, variant))),
        title=f"{part} in phase {name}, constant included",
        statement=statement,
        source=Source(("defilippis2025scaling",), "N9", "derived"),
        hypotheses=law.hypotheses,
        assumptions=(PROPORTIONAL_LIMIT,),
        assertion=law,
        comparison="the derived law exactly; and the part as state evolution gives it along paths to dim $10^{12}$, ratio"
        " within 0.5% of 1",
        symbolic=from_phase(_derived(name, part), domain=domain()),
        numeric=numeric or along_paths(observe, controls),
        rests_on=("N9.diagonal.sum", f"N7.diagonal.{name}"),
        twins=twins,
    )


def _off(formula: sp.Expr) -> dict[str, tuple[str, sp.Expr]]:
    return {
        "two-percent": ("the constant too large by 2%", formula * sp.Rational(51, 50)),
        "two-percent-less": ("the constant too small by 2%", formula * sp.Rational(49, 50)),
    }


def _second() -> tuple[Claim, ...]:
    where = region(*SECOND)
    paths = (path("3/2", "3/5", "1"), path("2", "11/10", "3/4", "2"), path("3/2", "1/2", "2", "1/2"))
    power = (PENALTY / samples) ** (2 - 1 / decay)
    under_law = Law("underfitting", power / (2 * decay - 1), where, paths)
    rest_law = Law("approximation", power, where, paths)
    third = dim * (PENALTY / samples) ** 2
    return (
        _claim("II", "underfitting", r"In II: underfitting $\simeq \frac{1}{2\gamma-1}(\lambda\sqrt d/n)^{2-1/\gamma}$.", under_law,
               {"whole": ("all of the risk", 2 * decay * under_law.formula), "III": ("the law of III", third), **_off(under_law.formula)}),
        _claim("II", "approximation", r"In II: approximation $\simeq (\lambda\sqrt d/n)^{2-1/\gamma}$.", rest_law,
               {"whole": ("all of the risk", 2 * decay / (2 * decay - 1) * power), "III": ("the law of III", third), **_off(power)}),
        _layer(),
    )  # fmt: skip


def _layer() -> Claim:
    """Overfitting in II comes from weights within τ of the threshold: its law needs many of them."""
    step = PENALTY / samples
    formula = sp.sqrt(2 / sp.pi) / (3 * decay) * (noise / samples) ** sp.Rational(3, 2) * step ** (-1 - 1 / decay)
    crowd = a / 2 + a / decay - b - b / decay - HALF - 1 / (2 * decay)
    where = region(*SECOND, (crowd > 0, "many weights lie within the noise of the threshold"))
    paths = (path("5/2", "6/5", "1"), path("5/2", "13/10", "3/4", "2"), path("3", "13/10", "2", "1/2"))
    law = Law("overfitting", formula, where, paths)
    tails = dim * noise / samples
    return _claim(
        "II", "overfitting",
        r"In II, where many weights lie within $\tau$ of $t$: overfitting $\simeq \frac{\sqrt{2/\pi}}{3\gamma}\,"
        r"(\Delta/n)^{3/2}\, (\lambda\sqrt d/n)^{-1-1/\gamma}$.",
        law,
        {"VI": ("the law of VI", tails), "square": ("a layer without its width", formula * sp.sqrt(samples) * step),
         **_off(formula)},
    )  # fmt: skip


def _sixth() -> tuple[Claim, ...]:
    where = region(*SIXTH)
    paths = (path("3/2", "-1/2", "1"), path("2", "0", "3/2", "2"), path("3", "1/2", "4"))
    tail = (noise / samples) ** (1 - 1 / (2 * decay))
    over_law = Law("overfitting", noise * dim / samples, where, paths)
    under_law = Law("underfitting", tail / (2 * decay - 1), where, paths)
    # Sign and size of the approximation depend on γ: it is nothing to leading order at γ = 3/2.
    steep = (*where, Hypothesis(decay > sp.Rational(3, 2), "below, the cross terms win and the part is negative"))
    shallow = (*where, Hypothesis(decay < sp.Rational(3, 2), "above, the learned weights win and the part is positive"))
    rest = (2 * decay - 3) / (2 * decay - 1) * tail
    rest_law = Law(
        "approximation", rest, steep, (path("5/2", "0", "3"), path("3", "1/2", "4"), path("2", "-1/2", "5/2", "2"))
    )
    negative = Law(
        "approximation",
        rest,
        shallow,
        (path("13/10", "-1/2", "1"), path("3/2", "-1/2", "5/4"), path("7/5", "-3/4", "11/10", "2")),
    )
    return (
        _claim("VIa", "overfitting", r"In VIa: overfitting $\simeq \Delta d/n$, all of the risk.", over_law,
               {"under": ("the law of underfitting", under_law.formula), "noise": ("without the noise, times 3", 3 * dim / samples), **_off(over_law.formula)}),
        _claim("VIa", "underfitting", r"In VIa: underfitting $\simeq \frac{1}{2\gamma-1} (\Delta/n)^{1-1/(2\gamma)}$.", under_law,
               {"over": ("the law of overfitting", over_law.formula), "II": (r"$2\gamma$ for 1", 2 * decay * under_law.formula), **_off(under_law.formula)}),
        _claim("VIa", "approximation", r"In VIa, $\gamma > 3/2$: approximation $\simeq \frac{2\gamma-3}{2\gamma-1} (\Delta/n)^{1-1/(2\gamma)}$.", rest_law,
               {"positive": (r"$2\gamma - 1$ for $2\gamma - 3$: the cross terms forgotten", tail), "over": ("the law of overfitting", over_law.formula), **_off(rest_law.formula)}),
        _claim("VIa", "approximation", r"In VIa, $\gamma < 3/2$: approximation $\simeq -\frac{3 - 2\gamma}{2\gamma-1} (\Delta/n)^{1-1/(2\gamma)}$.", negative,
               {"positive": ("the sign of the other side of 3/2", -rest), "cross": (r"the cross terms alone, $-2/(2\gamma - 1)$", rest - tail),
                "log": ("a logarithm more", rest * sp.log(dim)), **_off(rest)}, variant="shallow"),
    )  # fmt: skip


def _pure() -> tuple[Claim, ...]:
    """Phases in which one part is the whole risk."""
    third = dim * (PENALTY / samples) ** 2
    flat = noise * dim / samples
    below = (a > 2 * decay, "the noise is below every teacher weight")
    laws = {
        ("Ib", "underfitting"): (sp.zeta(2 * decay), region((a > 0, "samples grow"), (b > a - HALF, "the threshold exceeds every teacher weight")),
                                 (path("1/2", "1/2", "1"), path("2", "2", "3/4")), ("one", sp.S.One)),
        ("III", "approximation"): (third, region(THRESHOLD, (b < a - HALF - decay, "the threshold is below every teacher weight")),
                                   (path("3", "7/5", "3/4"), path("7/2", "7/5", "1", "2")), ("VI", flat)),
        ("VIb", "approximation"): (flat, region(NOISE, below), (path("2", "0", "3/4"), path("5/2", "1/4", "1", "1/2")), ("III", third)),
        ("V", "overfitting"): (noise / sp.log(dim / samples), region(NOISE, (a > 0, "samples grow"), (a < 1, "fewer samples than weights")), (), ("linear", noise * samples / dim)),
    }  # fmt: skip
    found = []
    for (name, part), (formula, where, paths, (key, wrong)) in laws.items():
        along = paths or (path("3/5", "-1/2", "2"), path("7/10", "-1", "3/2"))
        law = Law(part, formula, where, along)
        text = f"In {name}: {part} $\\simeq {sp.latex(formula, symbol_names=LETTERS)}$, all of the risk."
        false = {key: (f"the law {sp.sstr(wrong)}", wrong), **_off(formula)}
        claim = _claim(name, part, text, law, false, None if paths else _in_two_steps)
        told = (
            "the derived law exactly; the part as state evolution gives it over the sharp law of N7.diagonal.V.sharp, and that"
            r" law over the stated one at threshold ratios to $10^5$, both within 0.5% of 1"
        )
        found.append(claim if paths else replace(claim, comparison=told))
    return tuple(found)


LETTERS = {dim: "d", samples: "n", weight_decay: r"\lambda", decay: r"\gamma", noise: r"\Delta"}


def _in_two_steps(assertion: Law, effort: Effort) -> Evidence:
    """A law with a logarithm: state evolution against the sharp law up to powers of d, that one against the stated law."""
    sharp = sharp_law(sharp_risk(threshold_ratio), sp.Integer(2))
    first = along_paths(observe, controls)(
        replace(sharp, observable=assertion.observable, paths=assertion.paths), effort
    )
    steps = (first, against_sharp(assertion, effort))
    outcomes = [item.outcome for item in steps]
    worst = next((item for item in (Outcome.FAILS, Outcome.UNDECIDED) if item in outcomes), Outcome.HOLDS)
    reason = "; ".join(f"{item.reason}: {item.outcome.value}" for item in steps)
    rows = [row for item in steps for row in item.table.records()]
    return Evidence("numeric", worst, Firmness.NUMBERS, reason, Table.of(rows))


@dataclass(frozen=True)
class Vanishing:
    """The assertion that these parts, as (phase, part), are below every power of d."""

    ALL_OF: ClassVar = ("parts",)
    parts: tuple[tuple[str, str], ...]

    def describe(self) -> str:
        """Say it in a line."""
        return "beyond all powers: " + ", ".join(f"{part} in {name}" for name, part in self.parts)


PLACES = {
    "Ib": path("2", "2", "3/4"),
    "V": path("3/5", "-1/2", "2"),
    "III": path("3", "7/5", "3/4"),
    "VIa": path("3/2", "-1/2", "1"),
    "VIb": path("2", "0", "3/4"),
}


def _nothing() -> Claim:
    absent = (
        ("Ib", "overfitting"),
        ("Ib", "approximation"),
        ("III", "overfitting"),
        ("III", "underfitting"),
        ("VIb", "overfitting"),
        ("VIb", "underfitting"),
    )
    return Claim(
        id="N9.diagonal.nothing",
        title="parts of the risk below every power of d",
        statement="Overfitting and approximation in Ib, overfitting and underfitting in III and VIb are below every power of $d$.",
        source=Source(("defilippis2025scaling",), "N9", "derived"),
        hypotheses=region(),
        assumptions=(PROPORTIONAL_LIMIT,),
        assertion=Vanishing(absent),
        comparison=f"no power-law term in the derivation; and a share of the risk below {NOTHING_LEFT:g} at dim $10^{{12}}$",
        symbolic=_nothing_derived,
        numeric=_nothing_measured,
        rests_on=("N9.diagonal.sum",),
        twins=(
            Twin("V", "overfitting in V as well", Vanishing((*absent, ("V", "overfitting")))),
            Twin("VIa", "underfitting in VIa as well", Vanishing((*absent, ("VIa", "underfitting")))),
        ),
    )


def _nothing_derived(assertion: Vanishing, effort: Effort) -> Evidence:
    found = {(name, part): decomposition(name)[part] is NOTHING for name, part in assertion.parts}
    rows: list[dict[str, Cell]] = [
        {"phase": name, "part": part, "nothing": value} for (name, part), value in found.items()
    ]
    outcome = Outcome.HOLDS if all(found.values()) else Outcome.FAILS
    return Evidence(
        "symbolic",
        outcome,
        Firmness.EXACT,
        f"{sum(found.values())} of {len(found)} have no power-law term",
        Table.of(rows),
    )


def _nothing_measured(assertion: Vanishing, effort: Effort) -> Evidence:
    rows: list[dict[str, Cell]] = []
    for name, part in assertion.parts:
        found = observe(controls(PLACES[name], SCALES[-1]))
        share = abs(found[part][0]) / found["risk"][0]
        rows.append({"phase": name, "part": part, "share": share, "nothing": share < NOTHING_LEFT})
    outcome = Outcome.HOLDS if all(row["nothing"] for row in rows) else Outcome.FAILS
    return Evidence(
        "numeric",
        outcome,
        Firmness.NUMBERS,
        f"shares of the risk at dim {SCALES[-1]:.0e} below {NOTHING_LEFT:g}",
        Table.of(rows),
    )
