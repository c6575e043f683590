"""N8: the law of the learned weights, against minimised problems; and the power tail of their histogram, phase by phase."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import ClassVar

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from scalecheck.numerics.networks.diagonal.experiment import simulate
from scalecheck.numerics.networks.diagonal.learned_weights import LearnedWeights, learned_weights
from scalecheck.theory.networks.diagonal.learned_weights import weight, weight_law, weight_law_derivation, weight_tail
from scalecheck.theory.networks.diagonal.phases import phase
from scalecheck.theory.networks.diagonal.soft_threshold import atom
from scalecheck.theory.networks.diagonal.state_equations import PROPORTIONAL_LIMIT
from scalecheck.theory.symbols import a, b, decay, dim, noise, noise_level, samples, threshold, weight_decay

from ...boundaries import SCALES
from ...claims import Claim, Effort, Source, Twin
from ...evidence import Evidence, Firmness, Outcome
from ...formulas import Formula, decide_zero, from_derivation
from ...hypotheses import Hypothesis, failing
from ...laws import Path, region_outcome
from ...network_claims import NAMES, domain, path, point, region
from ...tables import Cell, Table
from .formulas import tail
from .observing import controls
from .points import solve_at

PAPER = ("defilippis2025scaling", "bayati2012lasso")
PENALTY = weight_decay * sp.sqrt(dim)
HALF = sp.Rational(1, 2)

PROBLEMS = (point(160.0, 120.0, 0.3, 1.0, 0.5), point(160.0, 320.0, 0.6, 0.75, 1.0))
RUNS = 160
LEVELS = (0.0, 0.5, 1.0, 2.0)
"""Sizes above which weights are counted, in units of the noise level τ."""
DEVIATIONS, REFUTED, BIAS = 4.0, 6.0, 0.01
"""A mean count must lie within so many standard errors of its expectation, plus this share of it for the finite size
(1/dim is 0.006); beyond the second number of standard errors the law is refuted."""

INSIDE = (HALF, sp.Rational(3, 4))
"""Where the tail's law must hold, as powers of the beginning of its window: in its middle, and nearer to its beginning."""
OUTSIDE = sp.Rational(3, 2)
"""Where it must fail: below the beginning."""
HOLDS, FAILS = 0.02, 0.06
"""Distance of log(count/law) from 0 at the largest dim in the middle that is accepted, and that refutes."""
NEARER = 0.35
"""The same near the beginning, where the threshold is still felt; outside, the law must be off by more than a factor 2."""


def weight_claims() -> tuple[Claim, ...]:
    """The law, and five tails."""
    return (_law(), *_tails())


def _law() -> Claim:
    above = tail((threshold + weight - atom) / noise_level)
    return Claim(
        id="N8.diagonal.weights",
        title="law of a learned weight",
        statement=r"A learned weight is distributed as $\mathrm{soft}(\theta^*_k + \tau z; t)$: $P(\theta_k > x) ="
        r" Q((t + x - \theta^*_k)/\tau)$ for $x \ge 0$.",
        source=Source(PAPER, "N8"),
        assumptions=(PROPORTIONAL_LIMIT,),
        assertion=Formula("share of weights above x", above),
        comparison=f"the derived law exactly; and the numbers of weights above {len(LEVELS)} sizes in {RUNS} minimised problems at"
        f" each of {len(PROBLEMS)} points: means within {DEVIATIONS:g} standard errors and 1%",
        symbolic=from_derivation(_derived_law, (PROPORTIONAL_LIMIT,)),
        numeric=_counted,
        rests_on=("N1.diagonal.penalty", "N3.diagonal.risk"),
        twins=(
            Twin("hard", "hard instead of soft threshold", Formula("share", tail((sp.Max(threshold, weight) - atom) / noise_level))),
            Twin("unshrunk", r"$\theta^*_k + \tau z$, not shrunk", Formula("share", tail((weight - atom) / noise_level))),
            Twin("threshold", "the threshold 10% higher", Formula("share", above.subs(threshold, threshold * sp.Rational(11, 10)))),
            Twin("noise", "the noise level 10% higher", Formula("share", above.subs(noise_level, noise_level * sp.Rational(11, 10)))),
            Twin("noiseless", "almost no noise: the teacher, shrunk", Formula("share", above.subs(noise_level, noise_level / 20))),
        ),
    )  # fmt: skip


def _derived_law() -> sp.Expr:
    weight_law_derivation()  # raises unless the law is a probability with the degrees of freedom of N3
    return weight_law().above


@cache
def _counts(number: int, seed: int) -> tuple[tuple[float, ...], NDArray[np.float64]]:
    """Levels and, for every run, the numbers of learned weights above them."""
    at = PROBLEMS[number]
    level = solve_at(at).value.noise_level
    learned = simulate(
        dim=int(at["dim"]),
        samples=int(at["samples"]),
        weight_decay=at["weight_decay"],
        decay=at["decay"],
        noise=at["noise"],
        runs=RUNS,
        seed=seed,
    ).value.weights
    levels = tuple(share * level for share in LEVELS)
    return levels, np.array([(learned > x).sum(axis=1) for x in levels], dtype=float)


def _counted(assertion: Formula, effort: Effort) -> Evidence:
    rows: list[dict[str, Cell]] = []
    symbols = (atom, noise_level, threshold, weight)
    share = sp.lambdify(symbols, assertion.formula, ["scipy", "numpy"])
    for number, at in enumerate(PROBLEMS):
        levels, counts = _counts(number, effort.seed)
        state = solve_at(at).value
        teacher = np.arange(1, at["dim"] + 1) ** -at["decay"]
        for x, found in zip(levels, counts):
            expected = float(np.sum(share(teacher, state.noise_level, state.threshold, x)))
            mean, stderr = float(found.mean()), float(found.std(ddof=1)) / math.sqrt(RUNS)
            excess = max(0.0, abs(mean - expected) - BIAS * expected) / stderr
            outcome = (
                Outcome.HOLDS if excess <= DEVIATIONS else Outcome.FAILS if excess > REFUTED else Outcome.UNDECIDED
            )
            told: dict[str, Cell] = {"size": x, "expected": expected, "mean": mean, "stderr": stderr}
            rows.append({**at, **told, "outcome": outcome.value})
    reason = f"mean counts in {RUNS} problems within {DEVIATIONS:g} standard errors and {BIAS:.0%} of the law"
    return Evidence("numeric", _worst(rows), Firmness.NUMBERS, reason, Table.of(rows))


def _worst(rows: list[dict[str, Cell]]) -> Outcome:
    outcomes = {str(row["outcome"]) for row in rows}
    return next((item for item in (Outcome.FAILS, Outcome.UNDECIDED) if item.value in outcomes), Outcome.HOLDS)


@dataclass(frozen=True)
class TailLaw:
    """The assertion that weights have density constant·x^exponent for lower ≪ x ≪ 1, carried by so many of them."""

    phase: str
    exponent: sp.Expr
    constant: sp.Expr
    lower: sp.Expr
    carriers: sp.Expr
    hypotheses: tuple[Hypothesis, ...]
    paths: tuple[Path, ...]
    UP_TO_A_FACTOR: ClassVar[tuple[str, ...]] = ("lower", "carriers")
    """``x >> lower`` and the number of carriers mean orders of magnitude."""

    def describe(self) -> str:
        """Say it in a line."""
        return f"density {self.constant}*x**({self.exponent}) for x >> {self.lower} in {self.phase}"


THRESHOLD = (b > (a - 1) / 2, "the threshold exceeds the noise")
NOISE = (b < (a - 1) / 2, "the threshold is below the noise")


def _tails() -> tuple[Claim, ...]:
    smallest = dim ** (-decay)
    level = sp.sqrt(noise / samples)
    lifted = sp.sqrt(2 * noise * sp.log(dim / samples) / samples)
    second = region(
        THRESHOLD,
        (b < a - HALF, "the threshold is below the largest teacher weight"),
        (b > a - HALF - decay, "the threshold exceeds the smallest teacher weight"),
    )
    third = region(THRESHOLD, (b < a - HALF - decay, "the threshold is below every teacher weight"))
    fifth = region(NOISE, (a > 0, "samples grow"), (a < 1, "fewer samples than weights"))
    sixth = region(
        NOISE, (a > 1, "more samples than weights"), (a < 2 * decay, "the noise exceeds the smallest teacher weight")
    )
    last = region(NOISE, (a > 2 * decay, "the noise is below every teacher weight"))
    step = PENALTY / samples
    return (
        _tail("II", step, step ** (-1 / decay), second, (path("2", "7/10", "1"), path("5/2", "1", "5/4", "2"))),
        _tail("III", smallest, dim, third, (path("3", "7/5", "3/4"), path("5", "9/4", "1", "2"))),
        _tail("V", lifted, lifted ** (-1 / decay), fifth, (path("9/10", "-1", "1"), path("4/5", "-1", "6/5", "1/2"))),
        _tail("VIa", level, level ** (-1 / decay), sixth, (path("9/5", "0", "1"), path("2", "0", "5/4", "2"))),
        _tail("VIb", smallest, dim, last, (path("3", "0", "1"), path("5/2", "1/4", "3/4", "1/2"))),
    )  # fmt: skip


LETTERS = {dim: "d", samples: "n", weight_decay: r"\lambda", decay: r"\gamma", noise: r"\Delta"}


def _tail(
    name: str, lower: sp.Expr, carriers: sp.Expr, where: tuple[Hypothesis, ...], paths: tuple[Path, ...]
) -> Claim:
    law = TailLaw(name, -1 - 1 / decay, 1 / decay, lower, carriers, where, paths)
    twins = (
        Twin("slow", r"density $x^{-1-1/(2\gamma)}$", replace(law, exponent=-1 - 1 / (2 * decay))),
        Twin("fast", r"density $x^{-1-2/\gamma}$", replace(law, exponent=-1 - 2 / decay)),
        Twin("constant", "the constant too large by 10%", replace(law, constant=law.constant * sp.Rational(11, 10))),
        Twin("late", "the window begins at the root of its beginning", replace(law, lower=sp.sqrt(lower))),
        Twin("early", "the window begins at the square of its beginning", replace(law, lower=lower**2)),
        Twin("carriers", "carried by as many weights as there are samples", replace(law, carriers=samples)),
    )
    return Claim(
        id=f"N8.diagonal.tail.{name}",
        title=f"tail of the learned weights in phase {name}",
        statement=f"In {name} the density of learned weights is $\\simeq \\gamma^{{-1}} x^{{-1-1/\\gamma}}$ for"
        f" ${sp.latex(lower, symbol_names=LETTERS)} \\ll x \\ll 1$, up to logarithms at its beginning, carried by"
        f" ${sp.latex(carriers, symbol_names=LETTERS)}$ weights.",
        source=Source(PAPER[:1], "N8", "derived"),
        hypotheses=where,
        assumptions=(PROPORTIONAL_LIMIT,),
        assertion=law,
        comparison="tail, window and carriers as derived, exactly; and expected numbers of weights of state evolution at dim"
        f" $10^{{15}}$: in the middle of the window within {HOLDS:.0%} of the law, below its beginning off by more than a factor 2",
        symbolic=_derived_tail,
        numeric=_tail_measured,
        rests_on=("N8.diagonal.weights",),
        twins=twins,
    )


def _derived_tail(assertion: TailLaw, effort: Effort) -> Evidence:
    found = weight_tail(assertion.phase)
    pairs = {
        name: (getattr(found, name), getattr(assertion, name)) for name in ("exponent", "constant", "lower", "carriers")
    }
    parts = {name: decide_zero(_difference(*pair)) for name, pair in pairs.items()}
    parts["region"], _ = region_outcome(assertion, [*phase(assertion.phase).region, *domain()])
    order = (Outcome.NOT_APPLICABLE, Outcome.FAILS, Outcome.UNDECIDED)
    worst = next((item for item in order if item in parts.values()), Outcome.HOLDS)
    rows: list[dict[str, Cell]] = [
        {"of": k, "derived": sp.sstr(x), "stated": sp.sstr(y), "outcome": parts[k].value} for k, (x, y) in pairs.items()
    ]
    reason = ", ".join(f"{name} {outcome.value}" for name, outcome in parts.items())
    return Evidence("symbolic", worst, Firmness.EXACT, reason, Table.of(rows))


def _difference(derived: sp.Expr, stated: sp.Expr) -> sp.Expr:
    """Zero if two monomials are equal: the log of their ratio, or their difference for exponents."""
    if not (derived.is_positive and stated.is_positive) and not (derived.free_symbols | stated.free_symbols) & {
        dim,
        samples,
    }:
        return derived - stated
    return sp.expand(sp.expand_log(sp.log(derived) - sp.log(stated), force=True))


@cache
def _learned(*values: float) -> LearnedWeights:
    size, count, penalty, gamma, variance = values
    return learned_weights(dim=size, samples=count, weight_decay=penalty, decay=gamma, noise=variance).value


def _tail_measured(assertion: TailLaw, effort: Effort) -> Evidence:
    rows: list[dict[str, Cell]] = []
    for along in assertion.paths:
        broken = failing(assertion.hypotheses, along.place())
        if broken is not None:
            text = f"a path leaves the hypotheses: {broken.relation}"
            return Evidence("numeric", Outcome.NOT_APPLICABLE, Firmness.NUMBERS, text, Table.of(rows))
        rows += _tail_rows(assertion, controls(along, SCALES[-1]))
    reason = f"counts at dim {SCALES[-1]:.0e} over the law, in the middle of the window within {HOLDS:g}; off below it; carriers"
    return Evidence("numeric", _worst(rows), Firmness.NUMBERS, reason, Table.of(rows))


def _tail_rows(assertion: TailLaw, at: Mapping[str, float]) -> list[dict[str, Cell]]:
    """Counts over the law inside the window and below it, and the number of teacher weights above its beginning."""
    weights = _learned(*(at[name] for name in NAMES))

    def value(formula: sp.Expr) -> float:
        return float(formula.subs({symbol: at[symbol.name] for symbol in formula.free_symbols}))

    lower, power = value(assertion.lower), value(assertion.exponent) + 1
    rows: list[dict[str, Cell]] = []
    for share in (*INSIDE, OUTSIDE):
        x = lower ** float(share)
        law = value(assertion.constant) / -power * x**power
        count = float(weights.count_above(np.array([x]))[0])
        distance = abs(math.log(count / law)) if count > 0 else math.inf
        if share == INSIDE[0]:
            outcome = Outcome.HOLDS if distance <= HOLDS else Outcome.FAILS if distance > FAILS else Outcome.UNDECIDED
        elif share == INSIDE[1]:
            outcome = Outcome.HOLDS if distance <= NEARER else Outcome.FAILS
        else:
            outcome = Outcome.HOLDS if distance > math.log(2) else Outcome.FAILS
        rows.append({"phase": assertion.phase, "size": x, "count": count, "law": law, "outcome": outcome.value})
    carried, stated = float(weights.teacher.count_above(lower)), value(assertion.carriers)  # type: ignore[attr-defined]
    near = abs(math.log(max(carried, 0.5) / stated)) <= FAILS
    outcome = Outcome.HOLDS if near else Outcome.FAILS
    rows.append({"phase": assertion.phase, "size": lower, "count": carried, "law": stated, "outcome": outcome.value})
    return rows
