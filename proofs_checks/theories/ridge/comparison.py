"""Where, and by how much in exponent, the ℓ1-type diagonal network beats its ℓ2 counterpart: claims."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import sympy as sp

from scalecheck.theory.networks.diagonal.state_equations import PROPORTIONAL_LIMIT
from scalecheck.theory.networks.ridge import comparison as derived
from scalecheck.theory.networks.ridge.state_equations import DETERMINISTIC
from scalecheck.theory.symbols import a, b, decay, dim, noise, samples, weight_decay

from ...claims import Claim, Effort, Source, Twin, Witness
from ...evidence import Evidence, Firmness, Outcome
from ...hypotheses import Hypothesis, failing
from ...laws import Law, Path, along_paths, from_phase
from ...network_claims import FINITE_POWER, NOISY
from ...tables import Cell, Table
from .crossover import PERCENT
from .isotropic import POWER
from .points import dim_path, observe_advantage, observe_best_advantage, on_dim_path

KEYS = ("defilippis2025scaling", "cui2021generalization")
ASSUMED = (PROPORTIONAL_LIMIT, DETERMINISTIC)
DEEP = (1e9, 1e11, 1e13, 1e15)
"""Values of dim for laws with logarithms."""
SLOPE = 0.012
"""Largest accepted slope of log(advantage/law) against log dim at the end of a path. The law's own logarithm leaves corrections
log log d/(log d)², below 0.006 there; a twin's exponent is off by 0.05 at least."""
HEAD = 2 * decay / (2 * decay - 1)
BEST_NETWORK = HEAD * (2 * noise / samples * sp.log(dim * samples ** (-1 / (2 * decay)))) ** (1 - 1 / (2 * decay))


def comparison_claims() -> tuple[Claim, ...]:
    """Each at its optimum, in three intervals of n; then at equal weight decay, where either side wins."""
    return (_few(), _many(), _beyond(), *_equal())


def slopes_along_paths() -> Witness:
    """A numeric witness for laws with logarithms: advantage/law must become flat on a log scale, and ever flatter."""

    def witness(assertion: Law, effort: Effort) -> Evidence:
        rows: list[dict[str, Cell]] = []
        outcomes: list[Outcome] = []
        for path in assertion.paths:
            broken = failing(assertion.hypotheses, path.place())
            if broken is not None:
                text = f"a path leaves the hypotheses: {broken.relation}"
                return Evidence("numeric", Outcome.NOT_APPLICABLE, Firmness.NUMBERS, text, Table.of(rows))
            told = [_row(assertion, on_dim_path(path, scale)) for scale in DEEP]
            slopes = [_slope(first, second) for first, second in pairwise(told)]
            outcomes.append(judge(slopes))
            rows += [{**row, "slope": slope} for row, slope in zip(told[1:], slopes, strict=True)]
        reason = (
            f"slope of log(advantage/law) along {len(outcomes)} paths to dim {DEEP[-1]:g}, accepted within {SLOPE:g}"
        )
        worst = next((item for item in (Outcome.FAILS, Outcome.UNDECIDED) if item in outcomes), Outcome.HOLDS)
        return Evidence("numeric", worst if outcomes else Outcome.UNDECIDED, Firmness.NUMBERS, reason, Table.of(rows))

    return witness


def judge(slopes: Sequence[float]) -> Outcome:
    """Flat within `SLOPE` at the end and flattening: holds. Steeper than three times that and not halving: fails.

    Examples
    --------
    >>> judge([0.02, 0.01, 0.006]).value, judge([0.06, 0.055, 0.052]).value, judge([0.09, 0.05, 0.02]).value
    ('holds', 'fails', 'undecided')
    """
    last = abs(slopes[-1])
    if last <= SLOPE and last <= abs(slopes[0]) + SLOPE / 10:
        return Outcome.HOLDS
    return Outcome.FAILS if last > 3 * SLOPE and last > abs(slopes[0]) / 2 else Outcome.UNDECIDED


def _row(assertion: Law, point: Mapping[str, float]) -> dict[str, Cell]:
    value, error = observe_best_advantage(point)["advantage"]
    symbols = {symbol: sp.Float(point[symbol.name], 17) for symbol in assertion.formula.free_symbols}
    stated = float(sp.N(assertion.formula.subs(symbols), 20))
    return {**point, "advantage": value, "error": error, "law": stated, "ratio": value / stated}


def _slope(first: Mapping[str, Cell], second: Mapping[str, Cell]) -> float:
    rise = sp.log(sp.Float(second["ratio"]) / sp.Float(first["ratio"]))
    return float(rise / sp.log(sp.Float(second["dim"]) / sp.Float(first["dim"])))


def _gain(network: str, rigid: str, winner: str, optimal: bool) -> Callable[[], derived.Gain]:
    def found() -> derived.Gain:
        several = derived.gains_at_optimum() if optimal else derived.gains_at_equal_decay()
        (one,) = [g for g in several if (g.diagonal.name, g.ridge.name, g.winner) == (network, rigid, winner)]
        return one

    return found


def _law(formula: sp.Expr, relations: Sequence[sp.Basic], paths: Sequence[Path]) -> Law:
    region = tuple(Hypothesis(relation, "edge of the region") for relation in relations)
    return Law("advantage", formula, (FINITE_POWER, NOISY, *region), tuple(paths))


def _claim(
    name: str,
    title: str,
    statement: str,
    law: Law,
    witnesses: tuple[Witness, Witness],
    twins: Sequence[Twin],
    comparison: str,
    rests_on: tuple[str, ...],
) -> Claim:
    return Claim(
        id=f"X.l1-l2.{name}",
        title=title,
        statement=statement,
        source=Source(KEYS, "X", "derived"),
        hypotheses=law.hypotheses,
        assumptions=ASSUMED,
        assertion=law,
        comparison=comparison,
        symbolic=witnesses[0],
        numeric=witnesses[1],
        rests_on=rests_on,
        twins=tuple(twins),
    )


def _replaced(law: Law, **wrong: tuple[str, sp.Expr]) -> list[Twin]:
    return [Twin(key.replace("_", "-"), told, replace(law, formula=formula)) for key, (told, formula) in wrong.items()]


def _moved(law: Law, true: sp.Basic, moved: sp.Basic, path: Path) -> Twin:
    hypotheses = tuple(replace(h, relation=moved) if h.relation == true else h for h in law.hypotheses)
    return Twin("edge", f"the edge {true} moved to {moved}", replace(law, hypotheses=hypotheses, paths=(path,)))


LOGARITHMIC = (
    "the derived law exactly; and both penalties searched numerically: advantage/law flat on a log scale to d = 1e15"
)
SHARP = "the derived law exactly; and both solvers along paths to $d = 10^{12}$, ratio within 0.5% of 1"


def _few() -> Claim:
    formula = POWER / BEST_NETWORK
    law = _law(formula, (a > 0, a < 1), (dim_path("1", a="1/2"), dim_path("3/4", a="3/4"), dim_path("2", a="3/5")))
    twins = _replaced(
        law,
        many=("the law of n between d and its power 2γ", amplified(formula)),
        parametric=(r"exponent $a$, the parametric rate", POWER * samples),
        shifted=("the exponent too large by 0.05", formula * dim ** sp.Rational(1, 20)),
    )
    twins.append(_moved(law, a < 1, a < sp.Rational(6, 5), dim_path("2", a="23/20")))
    return _claim(
        "optimal.few",
        "fewer samples than weights: only the network learns",
        r"Each at its best penalty, $1 \ll n \ll d$: $R_2/R_1 \simeq \zeta(2\gamma)/R_1$ with"
        r" $R_1 \simeq \frac{2\gamma}{2\gamma-1}\left(\frac{2\Delta}{n}\log\frac{d}{n^{1/2\gamma}}\right)^{1 - 1/(2\gamma)}$:"
        r" the network wins by the exponent $a(1 - 1/(2\gamma))$, $n = d^a$.",
        law,
        (from_phase(_gain("optimal", "over-regularised", "diagonal", True), ASSUMED), slopes_along_paths()),
        twins,
        LOGARITHMIC,
        ("X.l2.few", "X.l2.optimal-ridge", "N7.diagonal.II"),
    )


def amplified(formula: sp.Expr) -> sp.Expr:
    """A law of few samples with the noise of d weights in the place of the teacher's power."""
    return formula / POWER * noise * dim / samples


def _many() -> Claim:
    formula = amplified(POWER / BEST_NETWORK)
    relations = (a > 1, a < 2 * decay)
    law = _law(formula, relations, (dim_path("1", a="3/2"), dim_path("2", a="3/2"), dim_path("3/2", a="6/5")))
    twins = _replaced(
        law,
        few=("the law of n below d", POWER / BEST_NETWORK),
        nothing=("no gain at all", sp.S.One),
        shifted=("the exponent too small by 0.05", formula * dim ** sp.Rational(-1, 20)),
    )
    return _claim(
        "optimal.many",
        "more samples than weights: the network still wins, up to n = d^{2γ}",
        r"Each at its best penalty, $d \ll n \ll d^{2\gamma}$: $R_2/R_1 \simeq (\Delta d/n)/R_1$, $R_1$ as in X.l1-l2.optimal.few:"
        r" the network wins by the exponent $1 - a/(2\gamma)$, $n = d^a$.",
        law,
        (from_phase(_gain("optimal", "noise", "diagonal", True), ASSUMED), slopes_along_paths()),
        twins,
        LOGARITHMIC,
        ("X.l2.noise", "X.l2.optimal-ridge", "N7.diagonal.II"),
    )


def _beyond() -> Claim:
    law = _law(sp.S.One, (a > 2 * decay,), (dim_path("3/4", a="3"), dim_path("1", "1/2", a="7/2")))
    twins = _replaced(
        law,
        gain=(r"exponent $1 - a/(2\gamma)$ for all $n \gg d$", dim * samples ** (-1 / (2 * decay))),
        two_percent=("ridge worse by 2%", PERCENT),
        half=("the network better by the number of weights above the noise", 1 + samples / dim),
    )
    return _claim(
        "optimal.beyond",
        "beyond n = d^{2γ} nobody wins, not even in the constant",
        r"Each at its best penalty, $n \gg d^{2\gamma}$: $R_2/R_1 \to 1$, both being $\Delta d/n$.",
        law,
        (
            from_phase(_gain("VIb", "noise", "neither", True), ASSUMED),
            along_paths(observe_best_advantage, on_dim_path, (1e2, 1e3, 1e4, 1e5)),
        ),
        twins,
        "the derived law exactly; and both penalties searched numerically, ratio within 0.5% of 1 at $d = 10^5$",
        ("X.l2.noise", "X.l2.optimal-ridge", "N7.diagonal.VIb"),
    )


def _equal() -> tuple[Claim, ...]:
    second = HEAD * (weight_decay * sp.sqrt(dim) / samples) ** (2 - 1 / decay)
    third = weight_decay**2 * dim**2 / samples**2
    turning = a * (decay - 1) / (2 * decay - 1) + 1 / (2 * (2 * decay - 1))
    return (
        _equal_claim(
            "II-few",
            "equal penalties, few samples: the network wins",
            r"At equal $\lambda$, $n \ll d$, in phase II: $R_2/R_1 \simeq \zeta(2\gamma)/R_{II}$.",
            _law(
                POWER / second,
                (b > a / 2 - sp.Rational(1, 2), b < a - sp.Rational(1, 2), a < 1),
                # n/d and σ/t must both become small: neither edge of the region may be near.
                (dim_path("1", a="7/10", b="-1/20"), dim_path("3/4", "1/4", a="3/5", b="-1/10")),
            ),
            _gain("II", "too-few-samples", "diagonal", False),
            noise * dim / samples / second,
        ),
        _equal_claim(
            "II-noise",
            "equal penalties, many samples: the network wins below a line",
            r"At equal $\lambda$, $n \gg d$, in phase II: $R_2/R_1 \simeq (\Delta d/n)/R_{II}$; the network wins for"
            r" $\lambda \ll n^{(\gamma-1)/(2\gamma-1)} d^{1/(4\gamma-2)}$.",
            _law(
                noise * dim / samples / second,
                (b > a / 2 - sp.Rational(1, 2), a > 1, b < turning),
                (dim_path("2", a="3/2", b="2/5"), dim_path("3", a="2", b="7/10")),
            ),
            _gain("II", "noise", "diagonal", False),
            POWER / second,
        ),
        _equal_claim(
            "III-noise",
            "equal penalties, very many samples: ridge wins",
            r"At equal $\lambda$, in phase III with $\lambda \ll \sqrt{nd}$: $R_2/R_1 \simeq \Delta n/(d\lambda^2)$; ridge wins.",
            _law(
                noise * dim / samples / third,
                (
                    b > a / 2 - sp.Rational(1, 2),
                    b < a - decay - sp.Rational(1, 2),
                    b < a / 2 + sp.Rational(1, 2),
                ),
                (dim_path("3/4", a="3", b="3/2"), dim_path("1", "2", a="7/2", b="8/5")),
            ),
            _gain("III", "noise", "ridge", False),
            noise * dim / samples / second,
        ),
        _equal_claim(
            "Ib-noise",
            "equal penalties, the network regularised away: ridge wins",
            r"At equal $\lambda \gg n/\sqrt d$, $n \gg d$, $\lambda \ll \sqrt{nd}$: $R_2/R_1 \simeq \Delta d/(\zeta(2\gamma) n)$.",
            _law(
                noise * dim / samples / POWER,
                (b > a - sp.Rational(1, 2), a > 1, b < a / 2 + sp.Rational(1, 2)),
                (dim_path("1", a="3/2", b="11/10"), dim_path("2", "2", a="5/4", b="1")),
            ),
            _gain("Ib", "noise", "ridge", False),
            sp.S.One,
        ),
    )


def _equal_claim(
    name: str, title: str, statement: str, law: Law, witness: Callable[[], derived.Gain], neighbour: sp.Expr
) -> Claim:
    twins = _replaced(
        law,
        neighbour=("the law of a neighbouring region", neighbour),
        power=(r"an exponent off by $1/10$", law.formula * dim ** sp.Rational(1, 10)),
        two_percent=("the constant too large by 2%", law.formula * PERCENT),
    )
    return _claim(
        f"equal.{name}",
        title,
        statement,
        law,
        (from_phase(witness, ASSUMED), along_paths(observe_advantage, on_dim_path)),
        twins,
        SHARP,
        ("X.l2.noise", "X.l2.few"),
    )
