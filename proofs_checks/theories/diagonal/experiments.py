"""N10 for the diagonal network: minimised problems and trained networks against the state equations."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import sympy as sp

from scalecheck.numerics.networks.diagonal.experiment import Experiment, simulate
from scalecheck.numerics.networks.diagonal.fluctuations import coordinate_spread
from scalecheck.theory.symbols import dim

from ...agreement import Agreement, Runs, against_experiment
from ...claims import Claim, Source, Twin
from ...network_claims import NAMES, point
from .points import solve_at


def experiment_claims() -> tuple[Claim, ...]:
    """Risk and training error of the minimiser, risk of the trained network."""
    minimised = [point(d, 0.75 * d, 0.5, 1.0, 0.5) for d in (32.0, 64.0, 128.0, 256.0, 512.0)]
    trained = [point(d, 1.5 * d, 0.5, 1.0, 0.5) for d in (20.0, 40.0, 80.0)]
    return (
        _claim("risk", "minimiser", "risk of LASSO minimisers", minimised, runs=240),
        _claim("train_error", "minimiser", "training error of LASSO minimisers", minimised, runs=240),
        _claim("risk", "network", "risk of trained diagonal networks", trained, runs=320),
    )


def _predict(observable: str, controls: Mapping[str, float]) -> float:
    return float(getattr(solve_at(controls).value, observable))


def _of_coordinates(controls: Mapping[str, float]) -> float:
    """Relative spread of the risk at given noise level and threshold: few strong weights carry most of it."""
    found = solve_at(controls).value
    return coordinate_spread(
        dim=controls["dim"], decay=controls["decay"], noise_level=found.noise_level, threshold=found.threshold
    ).value


@lru_cache(maxsize=64)  # the claim and its twins look at the same runs
def _experiment(method: str, runs: int, seed: int, *values: float) -> Experiment:
    size, samples, weight_decay, decay, noise = values
    return simulate(
        dim=int(size),
        samples=int(samples),
        weight_decay=weight_decay,
        decay=decay,
        noise=noise,
        runs=runs,
        seed=seed,
        method=method,
    ).value


def _claim(observable: str, method: str, title: str, points: list[dict[str, float]], runs: int) -> Claim:
    def drawn(name: str, controls: Mapping[str, float], seed: int) -> Runs:
        found = _experiment(method, runs, seed, *(controls[key] for key in NAMES))
        return Runs([float(value) for value in getattr(found, name)])

    # The residuals of the training error are alike, one a sample.
    terms = _of_coordinates if observable == "risk" else None
    rates = {"still": ("single runs scatter alike at every size", 0), "quick": ("they scatter as $1/d$", -1)}
    wrong_rates = [
        Twin(key, told, Agreement(observable, {}, sp.Integer(rate)))
        for key, (told, rate) in rates.items()
        if method == "minimiser"  # the trained networks are too small, and too few sizes, to refute a rate
    ]
    scatter = (
        " as the sum of unlike coordinates does at a given noise level, together with $n^{-1/2}$ of that level"
        if observable == "risk"
        else " as $d^{-1/2}$"
    )
    letter = {"risk": r"R", "train_error": r"(\Delta + R)(1 - \mathrm{dof}/n)^2"}[observable]
    subject = {"minimiser": "minimisers of the LASSO", "network": "trained diagonal networks"}[method]
    return Claim(
        id=f"N10.diagonal.{method}.{observable}",
        title=title,
        statement=f"Over random problems with $n/d$ fixed, the mean {observable.replace('_', ' ')} of {subject}"
        f" is ${letter}$ of the state equations, and single runs scatter about it{scatter}.",
        source=Source(("bayati2012lasso", "defilippis2025scaling"), "N10"),
        assertion=Agreement(observable, {}),
        comparison=f"{runs} runs at {len(points)} sizes: mean within 4 standard errors plus $2/d$, and the slope of the"
        " spread between that of its terms and $-1/2$, within 4 sampling errors",
        numeric=against_experiment(_predict, drawn, points, terms),
        rests_on=("N1.diagonal.penalty", "N3.diagonal.risk", "N3.diagonal.degrees_of_freedom"),
        twins=(
            Twin("no-root", r"$\Lambda = \lambda$", Agreement(observable, {"weight_decay": dim ** sp.Rational(-1, 2)})),
            Twin("half", r"$\Lambda = \lambda\sqrt{d}/2$", Agreement(observable, {"weight_decay": sp.Rational(1, 2)})),
            Twin("deviation", r"noise $\sqrt{\Delta}$ for $\Delta$", Agreement(observable, {"noise": sp.sqrt(2)})),
            Twin("twice", "twice the samples", Agreement(observable, {"samples": sp.Integer(2)})),
            *wrong_rates,
        ),
    )
