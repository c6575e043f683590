"""S12: early stopping and epoch-wise double descent on shells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import sympy as sp

from scalecheck.numerics.shells.descent import descent, early_stopping, trained_linear_model
from scalecheck.theory.shells import descent as derived
from scalecheck.theory.shells.descent import (
    FROZEN,
    HALF_LINE,
    easy,
    fast,
    hard,
    label_noise,
    middle,
    noise_power,
    signal,
    slow,
    wrong,
)
from scalecheck.theory.shells.letters import source, time

from ...claims import Claim, Effort, Source, Twin
from ...evidence import Evidence, Firmness, Outcome
from ...formulas import Formula, Measured, NumericPoint, evaluated, from_derivation, from_numbers
from ...regions import common_point
from ...tables import Cell, Table
from .assertions import Coefficients
from .residuals import ACCEPTED, Array, coefficients_from, numeric, of_terms

a, q, kappa = source, noise_power, label_noise
PAPER = ("zhang2025shell",)
POINTS = [{"source": s, "noise_power": n, "label_noise": k, "signal": 1.0}
          for s, n, k in ((1.0, 0.5, 1e-6), (0.5, 1.5, 1e-5), (2.0, 0.6, 1e-8), (1.5, 0.8, 1e-7))]  # fmt: skip
CUTOFF = 1e8
"""Largest rate of the power laws: the noise beyond it is κ Λ^{-q}/q, which the stated error of the risk counts."""
DRAWS = 60
"""Random energies a class of shells; in the middle of each class every possible number of extrema turns up many times."""


def descent_claims() -> tuple[Claim, ...]:
    """S12."""
    return (_stop(), _best(), _exponent(), _ridge(), _linear(), *_counts(), *_separated())


def fitted_noise() -> sp.Expr:
    """∫ z^{-1-q} (1 - e^{-z})² dz."""
    return (2**q - 2) * sp.gamma(-q)


def balance() -> sp.Expr:
    """t* to the power a + q."""
    return signal * a * sp.gamma(a) / (2**a * q * kappa * fitted_noise())


def _formula_claim(
    name: str, title: str, statement: str, comparison: str, quantity: str, truth: sp.Expr, symbolic: object,
    measured: object, twins: Mapping[str, tuple[str, sp.Expr]], rests_on: tuple[str, ...] = (),
) -> Claim:  # fmt: skip
    return Claim(
        id=f"S12.{name}",
        title=title,
        statement=statement,
        source=Source(PAPER, "S12", "derived"),
        assumptions=(FROZEN, HALF_LINE),
        assertion=Formula(quantity, truth),
        comparison=comparison,
        rests_on=rests_on,
        symbolic=from_derivation(symbolic, (FROZEN, HALF_LINE)),  # type: ignore[arg-type]
        numeric=measured,  # type: ignore[arg-type]
        twins=tuple(Twin(key, text, Formula(quantity, wrong)) for key, (text, wrong) in twins.items()),
    )


def _stop() -> Claim:
    formula = balance() ** (1 / (a + q))
    return _formula_claim(
        "stop", "when to stop",
        r"$t_* = \left[\frac{a\,\Gamma(a)}{2^a q\,\kappa\,(2^q-2)\Gamma(-q)}\right]^{1/(a+q)}$ for $s=\lambda^{a-1}$, $\eta=\kappa\lambda^{-1-q}$.",
        r"the time, exactly; and the root of $\dot R$ by quadrature, within $10^{-7}$", "stopping time", formula,
        lambda: derived.early_stopping().stop, from_numbers(_stopping_time, POINTS, 1e-7),
        {"power": (r"$\kappa^{-1/a}$", balance() ** (1 / a)), "half": (r"$\Gamma(a)t^{-a}$: the 2 forgotten", (2**a * balance()) ** (1 / (a + q))),
         "two_percent": ("2% later", formula * sp.Rational(51, 50))},
    )  # fmt: skip


def _stopping_time(point: NumericPoint) -> Measured:
    found = early_stopping(
        signal=point["source"], noise=point["noise_power"], strength=point["label_noise"], cutoff=CUTOFF
    )
    return found.value.time, found.value.time * (found.error + 1e-10)


def _best() -> Claim:
    left = signal * sp.gamma(a) * (2 * balance() ** (1 / (a + q))) ** -a
    return _formula_claim(
        "best", "the least risk",
        r"$R_* = (1+a/q)\,\Gamma(a)\,(2t_*)^{-a}$.",
        r"the risk, exactly; and $R$ at the root of $\dot R$ by quadrature, within $10^{-4}$", "least risk", (1 + a / q) * left,
        lambda: derived.early_stopping().best, from_numbers(_least_risk, POINTS, 1e-4),
        {"signal": ("the signal alone", left), "mirrored": (r"$1+q/a$", (1 + q / a) * left)}, ("S12.stop",),
    )  # fmt: skip


def _least_risk(point: NumericPoint) -> Measured:
    kappa_, power = point["label_noise"], point["noise_power"]
    found = early_stopping(signal=point["source"], noise=power, strength=kappa_, cutoff=CUTOFF)
    return found.value.risk, 1e-10 * found.value.risk + kappa_ * CUTOFF**-power / power


def _exponent() -> Claim:
    points = [{"source": s, "noise_power": n} for s, n in ((1.0, 0.5), (0.5, 1.5), (2.0, 0.9), (1.0, 1.0))]
    return _formula_claim(
        "exponent", "how the least risk falls with the noise",
        r"$R_* \asymp \kappa^{a/(a+q)}$.",
        r"the exponent, exactly; and its slope between $\kappa=10^{-8}$ and $10^{-9}$, within $10^{-3}$", "power of the noise", a / (a + q),
        lambda: derived.early_stopping().noise_exponent, from_numbers(_noise_slope, points, 1e-3),
        {"mirrored": (r"$q/(a+q)$", q / (a + q)), "one": (r"$1/(a+q)$: the stopping time's", 1 / (a + q)),
         "two": (r"$2a/(2a+q)$", 2 * a / (2 * a + q))}, ("S12.best",),
    )  # fmt: skip


def _noise_slope(point: NumericPoint) -> Measured:
    logs, errors = [], []
    for kappa_ in (1e-8, 1e-9):
        value, error = _least_risk({**point, "label_noise": kappa_})
        logs.append(np.log(value))
        errors.append(error / value)
    return float((logs[0] - logs[1]) / np.log(10.0)), float(sum(errors))


def _ridge() -> Claim:
    capacity, smooth = sp.symbols("capacity r", positive=True)
    points = [{"capacity": alpha, "r": r} for alpha, r in ((2.0, 0.4), (1.5, 0.7), (3.0, 0.25))]

    def measured(point: NumericPoint) -> Measured:
        return _noise_slope({"source": 2 * point["r"], "noise_power": 1 / point["capacity"]})

    truth = 2 * capacity * smooth / (2 * capacity * smooth + 1)
    return _formula_claim(
        "ridge", "early stopping of kernel regression",
        r"With spectrum $k^{-\alpha}$ and target energies $k^{-1-2\alpha r}$: $R_* \asymp (\Delta/n)^{2\alpha r/(2\alpha r+1)}$,"
        " the rate of the best ridge while it is not saturated.",
        r"the rate, exactly; and the slope in the noise with $a=2r$, $q=1/\alpha$, within $10^{-3}$", "power of Δ/n", truth,
        lambda: derived.ridge_dictionary().rate, from_numbers(measured, points, 1e-3),
        {"misspecified": (r"$2\alpha r/(2\alpha r+2)$", truth.subs(smooth, smooth / 2)), "source": (r"$\alpha r/(\alpha r + 2)$", truth.subs(smooth, smooth / 4))},
        ("S12.exponent",),
    )  # fmt: skip


# --------------------------------------------------------------------------------------- the risk of a trained model


def _linear() -> Claim:
    name = "in-sample risk of a trained linear model"
    one, zero = sp.S.One, sp.S.Zero

    def stated(kept: sp.Expr, fitted: sp.Expr, first: sp.Expr = zero) -> Coefficients:
        return Coefficients(name, {"signal left": kept, "noise fitted": fitted, "signal at half rate": first})

    def found() -> dict[str, sp.Expr]:
        """Coefficients of s and η in R(t), read off the three-shell risk."""
        risk = derived.three_shell_risk()
        rest = sp.exp(-derived.middle * time)
        kept = sp.simplify(sp.diff(risk, easy) / sp.exp(-2 * fast * time))
        return {
            "signal left": kept,
            "noise fitted": sp.simplify(sp.diff(risk, wrong) / (1 - rest) ** 2),
            "signal at half rate": zero,
        }

    return Claim(
        id="S12.trained",
        title="signal is learned, noise is fitted",
        statement=r"$R(t) = \sum s_i e^{-2\lambda_i t} + \sum \eta_i (1-e^{-\lambda_i t})^2$ in a frozen eigenbasis.",
        source=Source(PAPER, "S12"),
        assumptions=(FROZEN,),
        assertion=stated(one, one),
        comparison=f"the coefficients, exactly; and linear models trained on both signs of the noise, residual below {ACCEPTED:g}",
        rests_on=("S2.amplitudes",),
        symbolic=coefficients_from(found),
        numeric=of_terms(trained_risks),
        twins=(
            Twin("half", r"$e^{-\lambda t}$: the dissipation's 2 forgotten", stated(zero, one, one)),
            Twin("noiseless", "noise is never fitted", stated(one, zero)),
            Twin("two", "noise counted twice", stated(one, 2 * one)),
        ),
    )  # fmt: skip


def trained_risks(seed: int) -> list[tuple[str, Array, dict[str, Array]]]:
    """Mean in-sample excess risk of trained linear models over ±noise, and its three candidate terms."""
    rng = np.random.default_rng(np.random.SeedSequence([seed, 12]))
    times = np.geomspace(0.02, 5.0, 8)
    design, teacher, noise = rng.standard_normal((10, 5)), rng.standard_normal(5), rng.standard_normal(10)
    risk, shells = trained_linear_model(design, teacher, noise, times)
    root = np.exp(-np.multiply.outer(times, shells.rates))
    terms = {
        "signal left": root**2 @ shells.signal,
        "noise fitted": (1 - root) ** 2 @ shells.noise,
        "signal at half rate": root @ shells.signal,
    }
    return [("10 samples, 5 weights", risk, terms)]


# -------------------------------------------------------------------------------------------------------- three shells


@dataclass(frozen=True)
class Extrema:
    """The assertion that R(t) of signal, noise, signal has one of these numbers of extrema, each possible.

    `region` says how λ_3 stands against λ_2; it is the whole of where the set is this one.
    """

    region: tuple[sp.Basic, ...]
    possible: frozenset[int]

    def describe(self) -> str:
        """Say it in a line."""
        return f"extrema: {sorted(self.possible)} where {', '.join(map(str, self.region))}"


def _counts() -> tuple[Claim, ...]:
    cases = (
        ("slow", sp.Lt(2 * slow, middle), "none or two", (0, 2), r"2\lambda_3<\lambda_2", (0, 1, 2), (0,)),
        ("even", sp.Eq(2 * slow, middle), "none or one", (0, 1), r"2\lambda_3=\lambda_2", (0, 2), (0, 1, 2)),
        ("quick", sp.Gt(2 * slow, middle), "exactly one", (1,), r"2\lambda_3>\lambda_2", (0, 2), (1, 3)),
    )
    return tuple(
        Claim(
            id=f"S12.extrema.{name}",
            title=f"extrema of the three-shell risk: {told}",
            statement=rf"Signal, noise, signal at $\lambda_1>\lambda_2>\lambda_3$ with ${condition}$: $R$ has {told} on $t>0$.",
            source=Source(PAPER, "S12", "derived"),
            assumptions=(FROZEN,),
            assertion=Extrema((where,), frozenset(truth)),
            comparison=f"sign changes by Descartes' rule and parity, exactly; and the set of counts among {DRAWS} random draws of energies",
            rests_on=("S12.trained",),
            symbolic=counted,
            numeric=drawn,
            twins=(
                Twin("other", f"{one} instead", Extrema((where,), frozenset(one))),
                Twin("second", f"{two} instead", Extrema((where,), frozenset(two))),
            ),
        )
        for name, where, told, truth, condition, one, two in cases
    )


ORDERED = (fast > middle, middle > slow)
RATIOS = (sp.Rational(1, 10), sp.Rational(1, 2), sp.Rational(4, 5))
"""λ_3/λ_2 of the draws: the first that lies in the region."""


def counted(assertion: Extrema, effort: Effort) -> Evidence:
    """The derived numbers that are possible somewhere in the region."""
    met = [item for item in derived.extrema_counts() if common_point([*assertion.region, item.condition, *ORDERED], ())]
    if not met:
        return Evidence("symbolic", Outcome.NOT_APPLICABLE, Firmness.EXACT, "the region is empty", Table((), ()))
    same = frozenset().union(*(item.possible for item in met)) == assertion.possible
    rows: list[dict[str, Cell]] = [{"condition": str(i.condition), "derived": str(i.possible)} for i in met]
    outcome = Outcome.HOLDS if same else Outcome.FAILS
    return Evidence("symbolic", outcome, Firmness.EXACT, "possible numbers of extrema", Table.of(rows), (FROZEN,))


def drawn(assertion: Extrema, effort: Effort) -> Evidence:
    """Counts of random energies: one that is not stated refutes, and so does a stated one that sign changes forbid."""
    rng = np.random.default_rng(np.random.SeedSequence([effort.seed, 3]))
    ratio = next((x for x in RATIOS if all(item.subs({slow: x, middle: 1}) for item in assertion.region)), None)
    if ratio is None:
        told = "no draw lies in the region"
        return Evidence("numeric", Outcome.UNDECIDED, Firmness.NUMBERS, told, Table((), ()))
    seen: dict[int, int] = {}
    bound = 0
    for _ in range(DRAWS):
        s1, eta, s3 = 10.0 ** rng.uniform(-2.0, 1.0, 3)
        found = descent([20.0, 1.0, float(ratio)], [s1, 0.0, s3], [0.0, eta, 0.0]).value
        seen[len(found.extrema)] = seen.get(len(found.extrema), 0) + 1
        bound = max(bound, found.bound)
    rows: list[dict[str, Cell]] = [
        {"extrema": count, "draws": draws, "bound": bound} for count, draws in sorted(seen.items())
    ]
    unstated, unseen = set(seen) - assertion.possible, assertion.possible - set(seen)
    # Parity: from t = 0 to the end the sign of R' changes as often, modulo two, as any curve of the class shows.
    odd = {count % 2 for count in seen}
    forbidden = any(count > bound or (len(odd) == 1 and count % 2 not in odd) for count in unseen)
    outcome = Outcome.FAILS if unstated or forbidden else Outcome.UNDECIDED if unseen else Outcome.HOLDS
    return Evidence("numeric", outcome, Firmness.NUMBERS, f"counts among {DRAWS} random draws", Table.of(rows))


@dataclass(frozen=True)
class Enclosed:
    """The assertion that a feature of the three-shell risk lies between two formulas."""

    feature: str
    low: sp.Expr
    high: sp.Expr

    def describe(self) -> str:
        """Say it in a line."""
        return f"{self.low} <= {self.feature} <= {self.high}"


SEPARATED = [
    {"fast": 1.0, "middle": x, "slow": x * y, "easy": s1, "wrong": w, "hard": s3}
    for x, y, s1, w, s3 in ((1e-4, 1e-4, 1.0, 0.5, 1.0), (1e-5, 1e-6, 2.0, 1.0, 0.3), (1e-3, 1e-5, 0.5, 0.2, 0.7))
]


def _separated() -> tuple[Claim, ...]:
    late = sp.exp(-sp.sqrt(middle / slow))
    over = wrong * middle / fast + easy * sp.exp(-2 * sp.sqrt(fast / middle))
    under = 2 * hard * sp.sqrt(slow / middle)
    top = easy * sp.exp(-2 * sp.sqrt(fast / middle))
    first = Enclosed("first minimum", hard - under, hard + over)
    bump = Enclosed("interior maximum", hard + wrong - under - 2 * wrong * late, hard + wrong + top)
    return (
        _enclosure(
            "minimum", "the first minimum", r"$\lambda_1\gg\lambda_2\gg\lambda_3$: the first minimum is $s_3$, with bounds of order"
            r" $\lambda_2/\lambda_1$ above and $\sqrt{\lambda_3/\lambda_2}$ below.", first, lambda s: (s.minimum - s.minimum_below, s.minimum + s.minimum_above),
            Twin("noise", r"$\eta$: the end", Enclosed(first.feature, wrong - under, wrong + over)),
            Twin("zero", "nothing is left", Enclosed(first.feature, sp.S.Zero, over)),
        ),
        _enclosure(
            "maximum", "the interior maximum", r"$\lambda_1\gg\lambda_2\gg\lambda_3$: $R$ has an interior maximum, $s_3+\eta$ up to stated bounds"
            " (epoch-wise double descent).", bump, lambda s: (s.maximum - s.maximum_below, s.maximum + s.maximum_above),
            Twin("noise", r"$\eta$ alone", Enclosed(bump.feature, wrong - under, wrong + top)),
            Twin("twice", r"$s_3+2\eta$", Enclosed(bump.feature, hard + 2 * wrong - under, hard + 2 * wrong + top)),
        ),
        _enclosure(
            "order", "which is lower, the first minimum or the end", r"The first minimum lies below the end by $\eta-s_3$, up to the same bounds:"
            r" it wins exactly if $s_3<\eta$ there.", Enclosed("end less first minimum", wrong - hard - over, wrong - hard + under),
            lambda s: (s.end - s.minimum - s.minimum_above, s.end - s.minimum + s.minimum_below),
            Twin("mirrored", r"$s_3-\eta$", Enclosed("end less first minimum", hard - wrong - over, hard - wrong + under)),
            Twin("always", "the end is always lower", Enclosed("end less first minimum", -hard - wrong, sp.S.Zero)),
        ),
    )  # fmt: skip


def _enclosure(name: str, title: str, statement: str, truth: Enclosed, found: object, *twins: Twin) -> Claim:
    def symbolic(assertion: Enclosed, effort: Effort) -> Evidence:
        low, high = found(derived.separated_shells())  # type: ignore[operator]
        same = all(sp.simplify(x - y) == 0 for x, y in ((low, assertion.low), (high, assertion.high)))
        rows: list[dict[str, Cell]] = [{"low": str(low), "high": str(high)}]
        outcome = Outcome.HOLDS if same else Outcome.FAILS
        return Evidence(
            "symbolic", outcome, Firmness.EXACT, "derived bounds against stated ones", Table.of(rows), (FROZEN,)
        )

    return Claim(
        id=f"S12.separated.{name}",
        title=title,
        statement=statement,
        source=Source(PAPER, "S12", "derived"),
        assumptions=(FROZEN,),
        assertion=truth,
        comparison="both bounds, exactly; and extrema of the exact risk between them at three sets of shells",
        rests_on=("S12.extrema.slow",),
        symbolic=symbolic,
        numeric=enclosed,
        twins=twins,
    )


def enclosed(assertion: Enclosed, effort: Effort) -> Evidence:
    """The feature of the exact curve must lie between the stated formulas."""
    rows: list[dict[str, Cell]] = []
    for point in SEPARATED:
        value = _feature(assertion.feature, point)
        low, high = (evaluated(formula, point) for formula in (assertion.low, assertion.high))
        outcome = Outcome.HOLDS if low <= value <= high else Outcome.FAILS
        rows.append({**point, "low": low, "measured": value, "high": high, "outcome": outcome.value})
    return numeric(rows, f"{assertion.feature} at {len(rows)} sets of shells")


def _feature(name: str, point: NumericPoint) -> float:
    rates: Sequence[float] = [point["fast"], point["middle"], point["slow"]]
    found = descent(rates, [point["easy"], 0.0, point["hard"]], [0.0, point["wrong"], 0.0]).value
    lowest = next(item.risk for item in found.extrema if item.minimum)
    if name == "first minimum":
        return lowest
    if name == "interior maximum":
        return next(item.risk for item in found.extrema if not item.minimum)
    return found.end - lowest
