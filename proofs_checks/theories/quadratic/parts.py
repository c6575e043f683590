"""N9: the risk of the quadratic network as overfitting + underfitting + approximation, and the law of each part by phase."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp

from scalecheck.theory.networks.quadratic.decomposition import (
    hidden_power,
    identity,
    learned_power,
    outlier_square,
    overlap_power,
    parts,
)
from scalecheck.theory.networks.quadratic.decomposition_laws import decomposition_laws
from scalecheck.theory.networks.quadratic.phases import solve_corner
from scalecheck.theory.symbols import a, b, decay, dim, noise, weight_decay

from ...claims import Claim, Effort, Source, Twin
from ...evidence import Evidence, Firmness, Outcome
from ...formulas import Formula, decide_zero, from_derivation
from ...hypotheses import Hypothesis
from ...laws import Law, Path, along_paths, from_phase, other_formulas
from ...network_claims import domain, path, region
from ...sides import EXPONENT, SCALES, settled
from ...tables import Cell, Table
from .laws import HEAVY, NOTHING, OVERFITTING, PERCENT, SECOND, SHARE, TAIL, THIRD, VARIANCE
from .observing import ASSUMED, LARGE_SCALES, PAPERS, controls, observe, solved


def parts_claims() -> tuple[Claim, ...]:
    """The identity, eleven laws, and the exponents of phase IV."""
    return (_identity(), *(_claim(*row) for row in _rows()), _signal())


def _identity() -> Claim:
    rest = 2 * (outlier_square + learned_power - 2 * overlap_power) / dim

    def derived() -> sp.Expr:
        identity()  # raises unless the parts add up to Stein's estimate, in which no overlap occurs
        return parts().approximation

    return Claim(
        id="N9.quadratic.identity",
        title="the three errors add up to the risk",
        statement=r"With $K = \{k: s_k > \max(t, \sigma)\}$: $R = \frac2d\sum_{\mathrm{bulk}}\eta^2 + \frac2d\sum_{k\notin K}s_k^2 +"
        r" \frac2d\left[\sum_{k\in K}(\eta_k^2 + s_k^2) - 2 E\,\mathrm{Tr}\,\eta(Y)S^*\right]$, exactly.",
        source=Source(PAPERS, "N9", "derived"),
        assertion=Formula("approximation", rest),
        comparison="exact: the sum, written through overlaps, is Stein's estimate identically",
        symbolic=from_derivation(derived),
        rests_on=("N4.quadratic.sure", "N4.quadratic.closures"),
        twins=(
            Twin("no-cross", "without the cross terms", Formula("approximation", rest + 4 * overlap_power / dim)),
            Twin("once", "cross terms once", Formula("approximation", rest + 2 * overlap_power / dim)),
            Twin("hidden", "with the power of all spikes", Formula("approximation", rest + 2 * hidden_power / dim)),
        ),
    )


CROWDED = a * (1 + 1 / decay) > b * (2 + 1 / decay) + 1 + 1 / (2 * decay)
CONDITIONS: Mapping[tuple[str, str], tuple[sp.Basic, ...]] = {("II", "overfitting"): (CROWDED,)}
"""Where in a phase a part has this law: many eigenvalues lie so close below the threshold that the bulk lifts them over."""

Row = tuple[str, str, sp.Expr, tuple[Path, ...], Mapping[str, tuple[str, sp.Expr]], str]


def _rows() -> tuple[Row, ...]:
    """Phase, part, law, paths, wrong laws, and the law in LaTeX."""
    hidden = 2 / (2 * decay - 1)
    crowd = hidden * VARIANCE ** (1 - 1 / (2 * decay))
    early = OVERFITTING / noise * (noise + NOTHING)
    second = (path("3/2", "3/5", "1"), path("2", "1", "3/2"))
    level, lift = (weight_decay * sp.sqrt(dim) / (4 * SHARE), 4 * SHARE * noise / (weight_decay**2 * dim))
    lifted = 2 / (3 * decay) * level ** (2 - 1 / decay) * lift**3
    layer = (path("3/2", "2/5", "1"), path("5/4", "1/4", "1"))
    idle = (path("1/2", "1/2", "1"), path("-1/2", "-1/2", "3/2", "2"))
    start = (path("-1/2", "-2", "1"), path("-1/2", "-3/2", "2", "1/2"))
    dense = (path("2", "0", "2"), path("2", "0", "2", "1/2"))
    edge = (path("1/2", "-2", "5"), path("1/2", "-2", "8", "1/2"))
    return (
        ("Ia", "overfitting", early, start, {"noise": ("without the teacher's power in the noise", OVERFITTING)},
         r"\frac27(\frac{15\pi}{4})^{2/5}(\Delta + 2\zeta(2\gamma))(u/d)^{2/5}"),
        ("Ia", "underfitting", NOTHING, start, {"half": ("half of the teacher", NOTHING / 2)}, r"2\zeta(2\gamma)"),
        ("Ib", "underfitting", NOTHING, idle, {"half": ("half of the teacher", NOTHING / 2), "noise": ("the noise added", NOTHING + noise)},
         r"2\zeta(2\gamma)"),
        ("II", "overfitting", lifted, layer, {"square": (r"$\kappa^2$ for $\kappa^3$", lifted / lift)},
         r"\frac{2}{3\gamma}(\frac{\lambda\sqrt d}{4u})^{2-1/\gamma}\kappa^3, \kappa = 4u\Delta/(\lambda^2 d)"),
        ("II", "underfitting", SECOND / (2 * decay), second, {"half": ("half of the risk", SECOND / 2 * sp.Rational(6, 5))}, r"R/(2\gamma)"),
        ("II", "approximation", SECOND * (1 - 1 / (2 * decay)), second, {"whole": ("all of the risk", SECOND)}, r"(1 - \frac{1}{2\gamma})R"),
        ("III", "approximation", THIRD, (path("7/2", "7/4", "1", "2"), path("4", "11/5", "1", "1/2")),
         {"half": ("half of the risk", THIRD / 2)}, r"\lambda^2d^2/(8u^2)"),
        ("V", "overfitting", OVERFITTING, edge, {"half": (r"$(u/d)^{1/2}$", OVERFITTING * (SHARE / dim) ** sp.Rational(1, 10))},
         r"\frac27(\frac{15\pi}{4})^{2/5}\Delta (u/d)^{2/5}"),
        ("VIa", "overfitting", HEAVY, dense, {"tail": ("the law of VIb", TAIL)}, r"\Delta d/(4u)"),
        ("VIa", "underfitting", crowd, dense, {"edge": (r"the threshold $2\sigma$ for $\sigma$", crowd * 4 ** (1 - 1 / (2 * decay)))},
         r"\frac{2}{2\gamma-1}(\frac{\Delta}{4u})^{1-1/(2\gamma)}"),
        ("VIb", "approximation", TAIL, (path("2", "0", "3/4"), path("5", "1", "2")), {"heavy": ("the law of VIa", HEAVY)}, r"\Delta d/(2u)"),
    )  # fmt: skip


@dataclass(frozen=True)
class _Part:
    leading: sp.Expr
    region: tuple[sp.Basic, ...]


def _derived(name: str, part: str) -> _Part:
    """The law of a part in a phase, and where it holds; of several, the one that is not zero."""
    (found,) = [item for item in decomposition_laws(name)[part] if item.leading != 0]
    condition = () if found.condition == sp.true else (found.condition,)
    return _Part(found.leading, (*solve_corner(name).region.inequalities, *condition))


def _claim(
    name: str, part: str, formula: sp.Expr, paths: tuple[Path, ...], wrong: Mapping[str, tuple[str, sp.Expr]], told: str
) -> Claim:
    relations = (*solve_corner(name).region.inequalities, *CONDITIONS.get((name, part), ()))
    where = region(*((relation, f"phase {name}: {relation}") for relation in relations))
    law = Law(part, formula, where, paths)
    others = {
        **wrong,
        "dimension": ("a factor dim too much", formula * dim),
        "two-percent": ("the constant too large by 2%", formula * PERCENT),
    }
    return Claim(
        id=f"N9.quadratic.{name}.{part}",
        title=f"{part} in phase {name}, constant included",
        statement=rf"In phase {name} the {part} is $\simeq {told}$.",
        source=Source(PAPERS, "N9, N7", "derived"),
        hypotheses=law.hypotheses,
        assumptions=ASSUMED,
        assertion=law,
        comparison="the derived law exactly; and the decomposition of state evolution along paths to dim $10^{15}$, ratio within 0.5% of 1",
        symbolic=from_phase(lambda: _derived(name, part), domain=domain()),
        numeric=along_paths(observe, controls, scales=LARGE_SCALES),
        rests_on=("N9.quadratic.identity", f"N7.quadratic.{name}"),
        twins=other_formulas(law, others),
    )


@dataclass(frozen=True)
class PartExponents:
    """The assertion of the exponents of two parts of the risk in phase IV."""

    underfitting: sp.Expr
    approximation: sp.Expr
    hypotheses: tuple[Hypothesis, ...]

    def describe(self) -> str:
        """Say it in a line."""
        return f"underfitting ~ dim**({self.underfitting}), approximation ~ dim**({self.approximation})"


SIGNAL_PATHS = (("2/5", "-2", "3/4"), ("3/10", "-2", "1"), ("1/4", "-2", "5/4"))


def _signal() -> Claim:
    where = region(*((relation, f"phase IV: {relation}") for relation in solve_corner("IV").region.inequalities))
    rate = a * (1 / (2 * decay) - 1)
    return Claim(
        id="N9.quadratic.IV",
        title="underfitting and approximation in phase IV",
        statement=r"In phase IV underfitting and approximation are both of the order of the risk, $u^{-1+1/(2\gamma)}$.",
        source=Source(PAPERS, "N9", "derived"),
        hypotheses=where,
        assumptions=ASSUMED,
        assertion=PartExponents(rate, rate, where),
        comparison="the derived exponents, exactly; and slopes of state evolution at dim to $10^{15}$ on three paths, within"
        f" {EXPONENT:g}",
        symbolic=_signal_derived,
        numeric=_signal_measured,
        rests_on=("N9.quadratic.identity", "N7.quadratic.IV"),
        twins=(
            Twin("under", "underfitting like $u^{-1/2}$... less by a factor $u^{1/4}$", PartExponents(rate - a / 4, rate, where)),
            Twin("small", "approximation is smaller by $u^{-1/(2\\gamma)}$", PartExponents(rate, rate - a / (2 * decay), where)),
            Twin("bulk", "approximation goes like the bulk", PartExponents(rate, sp.Rational(2, 5) * (a - 1), where)),
        ),
    )  # fmt: skip


def _signal_derived(assertion: PartExponents, effort: Effort) -> Evidence:
    laws = decomposition_laws("IV")
    rows: list[dict[str, Cell]] = []
    for part in ("underfitting", "approximation"):
        (found,) = laws[part]
        outcome = decide_zero(sp.expand(found.exponent - getattr(assertion, part)))
        rows.append({"part": part, "derived": sp.sstr(found.exponent), "outcome": outcome.value})
    return _told("symbolic", Firmness.EXACT, rows, "derived exponents against the stated")


def _signal_measured(assertion: PartExponents, effort: Effort) -> Evidence:
    rows: list[dict[str, Cell]] = []
    for x, y, gamma in SIGNAL_PATHS:
        place = {a: sp.Rational(x), b: sp.Rational(y), decay: sp.Rational(gamma)}
        values = [float(value) for value in place.values()]
        for part in ("underfitting", "approximation"):
            logs = [math.log(_part(part, size, *values)) for size in SCALES]
            found = settled(logs)
            outcome = found.against(float(getattr(assertion, part).subs(place)), EXPONENT, EXPONENT)
            told = {"part": part, "exponent": found.value, "error": found.error}
            rows.append({"a": values[0], "decay": values[2], **told, "outcome": outcome.value})
    return _told("numeric", Firmness.NUMBERS, rows, f"slopes on {len(SIGNAL_PATHS)} paths within {EXPONENT:g}")


def _part(part: str, size: float, a_value: float, b_value: float, gamma: float) -> float:
    found = solved(size, size ** (a_value + 1), size**b_value, gamma, 1.0).value
    return float(getattr(found.decomposition, part))


def _told(witness: str, firmness: Firmness, rows: list[dict[str, Cell]], reason: str) -> Evidence:
    outcomes = {str(row["outcome"]) for row in rows}
    worst = next((item for item in (Outcome.FAILS, Outcome.UNDECIDED) if item.value in outcomes), Outcome.HOLDS)
    return Evidence(witness, worst, firmness, reason, Table.of(rows))
