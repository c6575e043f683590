"""Claims that the state equations predict what really minimised problems do (theory.md N10).

Two things are demanded at once, both fixed here beforehand: at every size the mean over the runs lies within sampling
error of the prediction, and the spread of single runs about it shrinks with the size at the expected rate.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import sympy as sp

from .claims import Effort, Witness
from .evidence import Evidence, Firmness, Outcome
from .tables import Cell, Table

DEVIATIONS = 4.0
"""Standard errors within which a mean must lie: by chance once in 16,000 tests if the errors are normal."""
BIAS = 2.0
"""Allowed bias in units of 1/dim, the order of the finite-size correction of a mean; measured below 1 on this ledger."""
REJECT = 8.0
"""Standard errors (beyond the bias) at which the prediction is refuted; between the two nothing is decided."""
WIDEST = 0.08
"""Largest relative half-width of the acceptance interval at the largest size: a wider one supports nothing."""
SPREAD_SLOPE = (-0.8, -0.2)
"""Where the log-log slope of the spread against dim must lie in any case."""
EQUAL_TERMS = -0.5
"""Slope of the spread of a sum over dim independent terms that are alike, and of what else fluctuates over the samples."""
KURTOSIS = 7.0
"""Fourth moment over squared second of single runs; measured to 5 on average over the sizes of an
experiment, to 8.8 at the smallest. It sets the sampling error of a spread."""


@dataclass(frozen=True)
class Agreement:
    """The assertion that the mean of `observable` over random problems is what theory predicts at changed controls.

    `changes` are factors on the controls, in the symbols `dim`, ...; the truth changes nothing. `rate` is the exponent of dim
    in the spread of single runs; None stands for the one that the witness predicts.
    """

    observable: str
    changes: Mapping[str, sp.Expr]
    rate: sp.Expr | None = None

    def describe(self) -> str:
        """Say it in a line."""
        told = ", ".join(f"{name} times {factor}" for name, factor in self.changes.items())
        rate = "" if self.rate is None else f", spread as dim**({self.rate})"
        return f"simulated {self.observable} agrees with theory" + (f" at {told}" if told else "") + rate


@dataclass(frozen=True)
class Runs:
    """What a simulation returns for one size: one value a run."""

    values: Sequence[float]

    @property
    def mean(self) -> float:
        """Mean over the runs."""
        return math.fsum(self.values) / len(self.values)

    def spread(self, about: float) -> float:
        """Root mean square distance of single runs from `about`, relative to it."""
        return math.sqrt(math.fsum((value / about - 1) ** 2 for value in self.values) / len(self.values))

    @property
    def stderr(self) -> float:
        """Standard error of the mean."""
        mean, count = self.mean, len(self.values)
        return math.sqrt(math.fsum((value - mean) ** 2 for value in self.values) / (count - 1) / count)


def against_experiment(
    predict: Callable[[str, Mapping[str, float]], float],
    simulate: Callable[[str, Mapping[str, float], int], Runs],
    points: Sequence[Mapping[str, float]],
    terms: Callable[[Mapping[str, float]], float] | None = None,
) -> Witness:
    """A numeric witness: prediction against simulated runs at growing sizes.

    Parameters
    ----------
    predict : callable
        (observable, controls) to the predicted value.
    simulate : callable
        (observable, controls, seed) to the runs.
    points : sequence of mappings
        Controls at growing `dim`.
    terms : callable, optional
        Controls to the relative spread of independent terms that are not alike. Beside it fluctuates what all terms share, as
        dim^(-1/2): whatever the shares of the two, the slope lies between theirs. Without it all terms are alike.
    """

    def witness(assertion: Agreement, effort: Effort) -> Evidence:
        # The ends stay: the spread's slope needs them apart, and at the largest size intervals are narrow enough to decide.
        chosen = [*points[:-2], points[-1]] if effort.quick and len(points) > 3 else points
        rows = [_row(assertion, predict, simulate, point, effort.seed) for point in chosen]
        outcomes = {str(row["outcome"]) for row in rows}
        if len(rows) < 3 or (Outcome.UNDECIDED.value in outcomes and any(row["ratio"] is None for row in rows)):
            return _told(Outcome.UNDECIDED, "too few sizes or runs, or numbers that cannot be compared", rows)
        slope = _slope([(float(str(row["dim"])), float(str(row["spread"]))) for row in rows])
        expected, error = _rates(assertion, chosen, terms), _slope_error(rows)
        low, high = (
            max(SPREAD_SLOPE[0], expected[0] - DEVIATIONS * error),
            min(SPREAD_SLOPE[1], expected[1] + DEVIATIONS * error),
        )
        width = float(str(rows[-1]["half_width"]))
        good = outcomes == {Outcome.HOLDS.value} and width <= WIDEST and low <= slope <= high
        far = not expected[0] - REJECT * error <= slope <= expected[1] + REJECT * error
        failed = far or Outcome.FAILS.value in outcomes
        outcome = Outcome.FAILS if failed else Outcome.HOLDS if good else Outcome.UNDECIDED
        reason = (
            f"mean within {DEVIATIONS:g} standard errors + {BIAS:g}/dim at {len(rows)} sizes, {width:.1%} at the largest"
            f" (at most {WIDEST:.0%}); spread shrinks as dim^{slope:.2f}, expected in [{expected[0]:.3g}, {expected[1]:.3g}],"
            f" accepted in [{low:.3g}, {high:.3g}]"
        )
        return _told(outcome, reason, rows)

    return witness


def _rates(
    assertion: Agreement, points: Sequence[Mapping[str, float]], terms: Callable[[Mapping[str, float]], float] | None
) -> tuple[float, float]:
    """Between which slopes that of the spread is expected."""
    if assertion.rate is not None:
        return float(assertion.rate), float(assertion.rate)
    own = EQUAL_TERMS if terms is None else _slope([(point["dim"], terms(point)) for point in points])
    return min(own, EQUAL_TERMS), max(own, EQUAL_TERMS)


def _slope_error(rows: Sequence[Mapping[str, Cell]]) -> float:
    """Standard error of the slope of the spread: known from the numbers of runs and sizes alone, before any is measured."""
    logs = [math.log(float(str(row["dim"]))) for row in rows]
    middle = math.fsum(logs) / len(logs)
    lever = math.fsum((x - middle) ** 2 for x in logs)
    variance = (KURTOSIS - 1) / 4 / min(int(str(row["runs"])) for row in rows)
    return math.sqrt(variance / lever)


def _told(outcome: Outcome, reason: str, rows: list[dict[str, Cell]]) -> Evidence:
    return Evidence("numeric", outcome, Firmness.NUMBERS, reason, Table.of(rows))


def _row(
    assertion: Agreement,
    predict: Callable[[str, Mapping[str, float]], float],
    simulate: Callable[[str, Mapping[str, float], int], Runs],
    point: Mapping[str, float],
    seed: int,
) -> dict[str, Cell]:
    """One size. Without at least two runs that differ, or without a positive prediction, nothing is compared."""
    predicted = predict(assertion.observable, _changed(point, assertion.changes))
    runs = simulate(assertion.observable, point, seed)
    stderr = runs.stderr / predicted if len(runs.values) > 1 and predicted > 0 else math.nan
    if not 0 < stderr < math.inf:
        return {**point, "predicted": predicted, "ratio": None, "outcome": Outcome.UNDECIDED.value}
    ratio, bias = runs.mean / predicted, BIAS / point["dim"]
    excess = max(0.0, abs(ratio - 1) - bias) / stderr
    outcome = Outcome.HOLDS if excess <= DEVIATIONS else Outcome.FAILS if excess > REJECT else Outcome.UNDECIDED
    return {
        **point,
        "predicted": predicted,
        "mean": runs.mean,
        "stderr": runs.stderr,
        "ratio": ratio,
        "half_width": DEVIATIONS * stderr + bias,
        "spread": runs.spread(predicted),
        "runs": len(runs.values),
        "outcome": outcome.value,
    }


def _changed(point: Mapping[str, float], changes: Mapping[str, sp.Expr]) -> dict[str, float]:
    """`point` with every control multiplied by its factor; ValueError for a control that the point has not."""
    unknown = set(changes) - set(point)
    if unknown:
        raise ValueError(f"agreement changes {', '.join(sorted(unknown))}, which is no control of {', '.join(point)}")
    values = {name: sp.Float(value) for name, value in point.items()}
    factors = {name: factor.subs({s: values[s.name] for s in factor.free_symbols}) for name, factor in changes.items()}
    return {name: value * float(factors.get(name, 1)) for name, value in point.items()}


def _slope(pairs: Sequence[tuple[float, float]]) -> float:
    """Least-squares slope of log y against log x."""
    logs = [(math.log(x), math.log(y)) for x, y in pairs]
    x_mean = math.fsum(x for x, _ in logs) / len(logs)
    y_mean = math.fsum(y for _, y in logs) / len(logs)
    return math.fsum((x - x_mean) * (y - y_mean) for x, y in logs) / math.fsum((x - x_mean) ** 2 for x, _ in logs)
