"""N4: divergence, Stein's estimate, the two closures, and what the state equations say of pure noise."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import sympy as sp

from scalecheck.numerics.networks.quadratic.random_matrices import differentiated_divergence, stein_terms
from scalecheck.numerics.networks.quadratic.state_equations import StateEvolution, solve
from scalecheck.numerics.networks.teacher import Atoms
from scalecheck.theory.networks.quadratic import semicircle
from scalecheck.theory.networks.quadratic.normalisation import normalisation
from scalecheck.theory.networks.quadratic.semicircle import ratio
from scalecheck.theory.networks.quadratic.spectral_functions import (
    closures,
    deterministic,
    divergence,
    finite_dimension,
    mixing_defect,
    pair_slope,
    sure,
)
from scalecheck.theory.networks.quadratic.state_equations import GAUSSIAN_DESIGN, PROPORTIONAL_LIMIT, training_error
from scalecheck.theory.symbols import dim, noise_level, penalty, samples, threshold, threshold_ratio

from ...averages import Average, Draws, on_draws
from ...claims import Claim, Effort, Source, Twin
from ...evidence import Evidence, Firmness, Outcome
from ...formulas import Formula, Measured, NumericPoint, decide_zero, from_derivation, from_numbers
from ...tables import Table
from .observing import PAPERS

STEIN = ("stein1981estimation", *PAPERS)
first, second = sp.symbols("first second", positive=True)
"""Two eigenvalues, the first above the threshold, the second below it."""
error, distance, coordinates = sp.symbols("error distance coordinates", nonnegative=True)
dof = sp.Symbol("degrees_of_freedom", nonnegative=True)


def stein_claims() -> tuple[Claim, ...]:
    """Divergence, Stein, closures; risk and degrees of freedom of pure noise; balances; training error."""
    return (
        _divergence(),
        _sure(),
        _closures(),
        _mixing(),
        _noise_alone("risk"),
        _noise_alone("degrees_of_freedom"),
        _balances(),
        _train_error(),
    )


def _divergence() -> Claim:
    quantity = "divergence"
    value = 1 + (first - threshold) / (first - second)

    def derived() -> sp.Expr:
        divergence()
        pair = pair_slope()
        names = {symbol.name: symbol for symbol in pair.free_symbols}
        eta = {applied.func for applied in pair.atoms(sp.core.function.AppliedUndef)}.pop()
        # One eigenvalue is learned, with slope one; of the pair the first counts its excess.
        known = {eta(names["lambda_1"]): first - threshold, eta(names["lambda_2"]): 0}
        return 1 + pair.subs(known).subs({names["lambda_1"]: first, names["lambda_2"]: second})

    def measure(point: NumericPoint) -> Measured:
        found = differentiated_divergence([point["first"], point["second"]], point["threshold"], seed=7)
        return found.value, found.error * abs(found.value)

    points = [
        {"first": x, "second": y, "threshold": t} for x, y, t in ((2.0, 0.5, 1.0), (3.0, 1.0, 1.5), (1.2, 0.1, 0.9))
    ]
    return Claim(
        id="N4.quadratic.divergence",
        title="divergence of a function of the eigenvalues",
        statement=r"$\mathrm{div}\,\eta(Y) = \sum \eta'(\lambda_i) + \sum_{i<j} \frac{\eta(\lambda_i) - \eta(\lambda_j)}{\lambda_i - \lambda_j}$;"
        r" for two eigenvalues on both sides of $t$: $1 + (\lambda_1 - t)/(\lambda_1 - \lambda_2)$.",
        source=Source(STEIN, "N4"),
        assertion=Formula(quantity, value),
        comparison=r"exact; and central differences in every orthonormal direction, within $10^{-5}$ relative",
        symbolic=from_derivation(derived),
        numeric=from_numbers(measure, points, tolerance=1e-5),
        twins=(
            Twin("no-pairs", "the eigenvectors do not count", Formula(quantity, sp.S.One)),
            Twin("twice", "each pair twice", Formula(quantity, 2 * value - 1)),
            Twin("half", "each pair half: coordinates that are not orthonormal", Formula(quantity, (value + 1) / 2)),
        ),
    )  # fmt: skip


def _stein_draws(seed: int) -> Sequence[Draws]:
    found: list[Draws] = []
    for size, gamma, level, cut in ((12, 1.0, 0.5, 1.0), (30, 0.75, 0.3, 0.8), (30, 2.0, 0.2, 0.3)):
        drawn = stein_terms(dim=size, decay=gamma, noise_level=level, threshold=cut, draws=1500, seed=seed).value
        shared = {"dim": float(size), "noise_level": level, "threshold": cut}
        found.append(
            {**shared, "error": drawn.error, "distance": drawn.distance, "degrees_of_freedom": drawn.degrees_of_freedom}
        )
    return found  # fmt: skip


def _sure() -> Claim:
    whole = dim * (dim + 1) / 2
    estimate = distance - noise_level**2 * whole + 2 * noise_level**2 * dof
    truth = Average(error - estimate, error)

    def derived(assertion: Average, effort: Effort) -> Evidence:
        formula = sure().values["risk"]
        names = {symbol.name: symbol for symbol in formula.free_symbols}
        known = {
            names["coordinates"]: finite_dimension().coordinates,
            names["distance"]: distance,
            names["degrees_of_freedom"]: dof,
        }
        outcome = decide_zero(sp.expand(error - formula.subs(known) - assertion.formula))
        row = {"derived": sp.sstr(formula), "stated": sp.sstr(assertion.formula)}
        return Evidence("symbolic", outcome, Firmness.EXACT, f"derived estimate against the stated: {outcome.value}", Table.of([row]))  # fmt: skip

    return Claim(
        id="N4.quadratic.sure",
        title="Stein's unbiased risk estimate for symmetric matrices",
        statement=r"$E\|\eta(Y) - S^*\|^2 = E\|\eta(Y) - Y\|^2 - \tau^2 D + 2\tau^2 E\,\mathrm{div}\,\eta(Y)$, $D = d(d+1)/2$.",
        source=Source(STEIN, "N4"),
        assertion=truth,
        comparison="exact; and 1,500 random matrices at three places, the same draws for all terms: within 4 standard errors",
        symbolic=derived,
        numeric=on_draws(_stein_draws),
        rests_on=("N4.quadratic.divergence",),
        twins=(
            Twin("no-stein", "the divergence is forgotten", Average(truth.formula + 2 * noise_level**2 * dof, error)),
            Twin("once", "the divergence counts once", Average(truth.formula + noise_level**2 * dof, error)),
            Twin("mixed", "$D = d^2/2$ of the other closure", Average(truth.formula - noise_level**2 * dim / 2, error)),
            Twin("all", "$D = d^2$ coordinates", Average(truth.formula + noise_level**2 * (dim**2 - whole), error)),
        ),
    )


def _closures() -> Claim:
    quantity = "coordinates over the variance of the semicircle"
    value = dim / noise_level**2

    def derived() -> sp.Expr:
        closures()  # raises unless each closure is consistent with itself
        ratios = [found.coordinates / found.variance for found in (deterministic(), finite_dimension())]
        if decide_zero(sp.simplify(ratios[0] - ratios[1])) is not Outcome.HOLDS:
            raise ArithmeticError(f"the closures differ: {ratios}")
        return ratios[0]

    def measure(point: NumericPoint) -> Measured:
        # From pure noise with nothing thresholded: η = identity on a shifted spectrum has risk τ² D.
        return _coordinates_by_noise(point["dim"], point["noise_level"])

    points = [{"dim": d, "noise_level": t} for d, t in ((20.0, 1.0), (40.0, 0.3), (60.0, 2.0))]
    return Claim(
        id="N4.quadratic.closures",
        title="both closures are consistent with themselves",
        statement=r"In the deterministic closure ($\sigma^2 = \tau^2 d/2$, $D = d^2/2$) and in the finite one"
        r" ($\sigma^2 = \tau^2(d+1)/2$, $D = d(d+1)/2$) alike $D/\sigma^2 = d/\tau^2$, and Stein's estimate is bias squared plus"
        r" variance for a linear $\eta$.",
        source=Source(STEIN, "N4"),
        assertion=Formula(quantity, value),
        comparison="exact, for every linear function; and drawn noise: number of its coordinates over its mean square eigenvalue, within 2%",
        symbolic=from_derivation(derived),
        numeric=from_numbers(measure, points, tolerance=0.02),
        twins=(
            Twin("mixed", "finite $D$ over the deterministic variance", Formula(quantity, value * (dim + 1) / dim)),
            Twin("circle", r"$\sigma^2 = \tau^2 d$: every entry of unit variance", Formula(quantity, value / 2)),
        ),
    )


@cache
def _coordinates_by_noise(size: float, level: float) -> Measured:
    """Coordinates of a symmetric matrix over the mean square eigenvalue of drawn noise."""
    import numpy as np

    from scalecheck.numerics.networks.quadratic.random_matrices import gaussian_symmetric

    generator = np.random.default_rng(3)
    squares = [float(np.sum((level * gaussian_symmetric(int(size), generator)) ** 2)) / size for _ in range(1000)]
    mean, spread = float(np.mean(squares)), float(np.std(squares)) / 1000**0.5
    value = size * (size + 1) / 2 / mean
    return value, value * spread / mean


def _mixing() -> Claim:
    quantity = "defect of a mixture"
    value = -dim * noise_level**2 / 2

    def derived() -> sp.Expr:
        return sp.expand(mixing_defect(deterministic(), finite_dimension(), deterministic(), sp.S.Zero))

    return Claim(
        id="N4.quadratic.mixing",
        title="a mixture of the closures has negative risks",
        statement=r"With $\sigma^2$ of the deterministic closure and $D$ of the finite one, a network that learned nothing of a"
        r" teacher that is nothing has $E\|\eta(Y) - S^*\|^2 = -\tau^2 d/2$.",
        source=Source(STEIN, "N4", "derived"),
        assertion=Formula(quantity, value),
        comparison="exact; what goes wrong in a mixture is a matter of counting, and no number could say it better",
        symbolic=from_derivation(derived),
        rests_on=("N4.quadratic.closures",),
        twins=(
            Twin("none", "mixing does no harm", Formula(quantity, sp.S.Zero)),
            Twin("positive", r"$+\tau^2 d/2$", Formula(quantity, -value)),
        ),
    )


ALONE = ((1e3, 3e5, 1.5), (1e3, 1e5, 0.5), (1e3, 2e6, 3.0), (1e6, 1e11, 1e-2))
"""Dimension, samples, weight decay of a problem without a teacher: thresholds from near the edge of the bulk down to σ/10."""


@cache
def _alone() -> tuple[tuple[dict[str, float], StateEvolution], ...]:
    """State evolution without a teacher, with the points at which formulas are evaluated."""
    found = []
    for size, count, weight_decay in ALONE:
        state = solve(spectrum=Atoms([0.0], [size]), samples=count, weight_decay=weight_decay, noise=1.0).value
        above = state.threshold / state.noise_level / (size / 2) ** 0.5
        place = {"dim": size, "samples": count, "noise_level": state.noise_level, "threshold": state.threshold}
        place |= {ratio.name: above, "penalty": weight_decay * size, "degrees_of_freedom": state.degrees_of_freedom}
        found.append((place, state))
    return tuple(found)


def _solved(point: NumericPoint) -> StateEvolution:
    return next(state for place, state in _alone() if place == dict(point))


def _noise_alone(observable: str) -> Claim:
    root, angle = sp.sqrt(4 - ratio**2), sp.acos(ratio / 2)
    power = (1 + ratio**2) * angle / sp.pi - ratio * (26 + ratio**2) * root / (24 * sp.pi)
    share = angle / (2 * sp.pi) - ratio * (10 - ratio**2) * root / (48 * sp.pi)
    scale, formula, letters = {
        "risk": (dim * noise_level**2, power, r"R = \tau^2 d \int (y - x)_+^2 \mu(dy)"),
        "degrees_of_freedom": (dim**2, share, r"\mathrm{dof} = d^2 \int (y - x)_+ H(y) \mu(dy)"),
    }[observable]
    exact = {"risk": semicircle.power_above, "degrees_of_freedom": semicircle.divergence_above}[observable]

    def measure(point: NumericPoint) -> Measured:
        value = float(getattr(_solved(point), observable))
        return value, 1e-9 * value

    def law(value: sp.Expr) -> Formula:
        return Formula(observable, scale * value)

    return Claim(
        id=f"N4.quadratic.{observable}",
        title=f"{observable.replace('_', ' ')} of pure noise, in closed form",
        statement=r"Without a teacher, with $x = t/\sigma < 2$, $\sigma^2 = \tau^2 d/2$ and $\mu$ the semicircle of unit variance:"
        rf" ${letters}$, which is elementary.",
        source=Source(STEIN, "N4", "derived"),
        assumptions=(PROPORTIONAL_LIMIT, GAUSSIAN_DESIGN),
        assertion=law(formula),
        comparison=r"the integral over the semicircle, exactly; and solved state equations of a teacher at zero, within $10^{-7}$ relative",
        symbolic=from_derivation(lambda: scale * exact()),
        numeric=from_numbers(measure, [place for place, _ in _alone()], tolerance=1e-7),
        rests_on=("N4.quadratic.sure", "N4.quadratic.closures"),
        twins=(
            Twin("radius", r"a bulk of radius $\sqrt{2}\sigma$ in the place of $2\sigma$", law(formula.subs(ratio, sp.sqrt(2) * ratio))),
            Twin("half", "half of it", law(formula / 2)),
            Twin("two-percent", "too large by 2%", law(formula * sp.Rational(51, 50))),
        ),
    )  # fmt: skip


def _balances() -> Claim:
    value = 4 * samples / dim * threshold * (1 - dof / samples)

    def derived() -> sp.Expr:
        found = normalisation().values["penalty"]
        return found.subs({symbol: dof for symbol in found.free_symbols if symbol.name == dof.name})

    def measure(point: NumericPoint) -> Measured:
        return point["penalty"], 1e-9 * point["penalty"]

    def law(formula: sp.Expr) -> Formula:
        return Formula("penalty", formula)

    return Claim(
        id="N4.quadratic.balances",
        title="the two balances: factors 2 and 4",
        statement=r"$2n\tau^2 = d(\Delta + R)$ and $\Lambda = 4\frac{n}{d} t\left(1 - \frac{\mathrm{dof}}{n}\right)$: the equations"
        r" of N3 for features of variance $2/d$ and a loss without the factor one half.",
        source=Source(PAPERS, "N4"),
        assumptions=(PROPORTIONAL_LIMIT, GAUSSIAN_DESIGN),
        assertion=law(value),
        comparison=r"exact, by rescaling N3; and solved points, within $10^{-8}$ relative",
        symbolic=from_derivation(derived),
        numeric=from_numbers(measure, [place for place, _ in _alone()]),
        rests_on=("N2.quadratic.risk", "N2.quadratic.objective", "N3.diagonal.risk"),
        twins=(
            Twin("diagonal", r"$\Lambda = t(n - \mathrm{dof})$ as for the diagonal network", law(threshold * (samples - dof))),
            Twin("half", "a loss with one half", law(value / 2)),
            Twin("dof", "the degrees of freedom forgotten", law(4 * samples * threshold / dim)),
        ),
    )  # fmt: skip


def _train_error() -> Claim:
    value = penalty**2 * dim / (8 * threshold_ratio**2 * samples)

    def measure(point: NumericPoint) -> Measured:
        found = next(state.train_error for place, state in _alone() if place["samples"] == point["samples"])
        return found, 1e-8 * found

    points = [{**place, "threshold_ratio": place["threshold"] / place["noise_level"]} for place, _ in _alone()]

    def law(formula: sp.Expr) -> Formula:
        return Formula("train_error", formula)

    return Claim(
        id="N4.quadratic.train_error",
        title="training error",
        statement=r"The mean square on the training set is $(\Delta + R)(1 - \mathrm{dof}/n)^2 = \Lambda^2 d/(8\alpha^2 n)$,"
        r" $\alpha = t/\tau$.",
        source=Source(PAPERS, "N4", "derived"),
        assumptions=training_error().assumptions,
        assertion=law(value),
        comparison=r"exact; and $(\Delta + R)(1 - \mathrm{dof}/n)^2$ of solved points, within $10^{-6}$ relative",
        symbolic=from_derivation(lambda: training_error().values["by_penalty"]),
        numeric=from_numbers(measure, points, tolerance=1e-6),
        rests_on=("N4.quadratic.balances",),
        twins=(
            Twin("diagonal", r"$\Lambda^2/(\alpha^2 n)$", law(8 * value / dim)),
            Twin("threshold", r"$\Lambda^2 d/(8\alpha n)$", law(value * threshold_ratio)),
            Twin("sum", "the sum over samples", law(value * samples)),
        ),
    )
