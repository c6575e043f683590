"""The best ridge as claims: rates with constants on both sides of saturation, and when a first penalty helps without noise."""

from __future__ import annotations

import math

from scalecheck.numerics.networks.ridge.state_equations import solve
from scalecheck.theory.networks.ridge import optimum as derived
from scalecheck.theory.networks.ridge.letters import amplitude, c, capacity, source
from scalecheck.theory.networks.ridge.state_equations import DETERMINISTIC
from scalecheck.theory.symbols import samples

from ...claims import Claim, Source, Twin
from ...formulas import Formula, Measured, NumericPoint, from_derivation, from_numbers
from ...hypotheses import Hypothesis
from ...laws import Law, along_paths, from_phase, other_formulas
from .crossover import COMPACT, MISSED, PAPER, PERCENT, ROUGH, SATURATED, SMOOTH, WINDOW
from .points import SCALES, kernel_path, observe_least_risk, on_path

STEP = 1e-4
"""Step in log κ of the one-sided slope; two of them are extrapolated to none."""


def optimum_claims() -> tuple[Claim, ...]:
    """Least risk for r < 1 and r > 1, and the gain of a first penalty."""
    return (_least(saturated=False), _least(saturated=True), _first_penalty())


def _least(*, saturated: bool) -> Claim:
    power, missed = (2, SMOOTH) if saturated else (2 * source, MISSED)
    variance = amplitude / samples * (1 - 1 / capacity) * WINDOW
    # R(κ) = missed κ^power + variance κ^(-1/α), least where the two slopes cancel.
    kappa = (variance / (capacity * power * missed)) ** (1 / (power + 1 / capacity))
    formula = (1 + capacity * power) * missed * kappa**power
    edge = 2 * capacity if saturated else 2 * capacity * source
    side = SATURATED if saturated else ROUGH
    paths = (
        (kernel_path("2", "3/2", c="0"), kernel_path("3/2", "2", c="1/2"))
        if saturated
        else (kernel_path("2", "3/4", c="0"), kernel_path("3/2", "1/3", c="1/4"))
    )
    relations = (Hypothesis(c > -1, "there is less noise than samples"), Hypothesis(c < edge, "noise still matters"))
    law = Law("risk", formula, (COMPACT, side, *relations), paths)
    wrong = {
        "noiseless": (r"the noiseless rate $n^{-2\alpha \min(r, 1)}$", formula.subs(amplitude, samples**-edge)),
        "parametric": (r"the parametric rate $\Delta/n$", amplitude / samples),
        "bias-alone": ("the unlearned energy alone, half of the story", missed * kappa**power),
        "two-percent": ("the constant too large by 2%", formula * PERCENT),
    }
    return Claim(
        id="R.ridge.optimum-saturated" if saturated else "R.ridge.optimum",
        title="least risk over the ridge, " + ("r > 1" if saturated else "r < 1"),
        statement=r"At the best ridge, for $n^{-2\alpha s} \ll \Delta \ll n$ with $s = \min(r, 1)$:"
        r" $R \simeq (1 + 2\alpha s)\,C\,\kappa^{2s} \propto (\Delta/n)^{2\alpha s/(1 + 2\alpha s)}$, where"
        r" $\kappa^{2s + 1/\alpha} = \frac{\Delta}{n}\frac{(1 - 1/\alpha)\,\pi/\alpha}{2\alpha s\,C\sin(\pi/\alpha)}$ and $C$ is the"
        " constant of the regularised noiseless regime.",
        source=Source(PAPER, "R", "derived"),
        hypotheses=law.hypotheses,
        assumptions=(DETERMINISTIC,),
        assertion=law,
        comparison=f"the derived law exactly; and a search over the ridge along paths to n = {SCALES[-1]:g}, within 0.5%",
        symbolic=from_phase(lambda: derived.optimal_ridge(saturated), (DETERMINISTIC,)),
        numeric=along_paths(observe_least_risk, on_path, SCALES),
        rests_on=("R.ridge.regularised-noiseless" + "-saturated" * saturated, "R.ridge.regularised-noisy"),
        twins=other_formulas(law, wrong),
    )


def _first_penalty() -> Claim:
    slope = 2 * source - 1 + 1 / capacity

    def measure(point: NumericPoint) -> Measured:
        return _slope(point["capacity"], point["source"])

    points = [
        {"capacity": 2.0, "source": 0.1},
        {"capacity": 2.0, "source": 0.4},
        {"capacity": 4.0, "source": 0.2},
        {"capacity": 1.5, "source": 0.6},
    ]
    quantity = "slope of log risk in log κ at ridge 0"
    return Claim(
        id="R.ridge.first-penalty",
        title="when some ridge helps although there is no noise",
        statement=r"Without noise, $r < 1$, at $\lambda = 0$: $d\log R/d\log\kappa = 2r - 1 + 1/\alpha$. Interpolation is best where"
        r" $2\alpha r > \alpha - 1$; for rougher targets a ridge $\propto n^{1-\alpha}$ lowers the risk by a constant factor.",
        source=Source(PAPER, "R", "derived"),
        assumptions=(DETERMINISTIC,),
        assertion=Formula(quantity, slope),
        comparison="exact; and one-sided differences of the solver at n = $10^{14}$, within $10^{-4}$",
        symbolic=from_derivation(lambda: derived.gain_of_first_penalty().result, (DETERMINISTIC,)),
        numeric=from_numbers(measure, points, tolerance=1e-4),
        rests_on=("R.ridge.effective-noiseless",),
        twins=(
            Twin("bias", "the unlearned energy alone, always rising", Formula(quantity, 2 * source)),
            Twin("df1", r"$\mathrm{df}_1$ for $\mathrm{df}_2$", Formula(quantity, 2 * source - 1 / capacity)),
            Twin("two-percent", "larger by 2%", Formula(quantity, slope * PERCENT)),
        ),
    )


def _slope(alpha: float, smoothness: float) -> Measured:
    """d log R/d log κ at ridge = 0, from two one-sided differences extrapolated to step 0."""
    n = 1e14
    start = solve(samples=n, ridge=0.0, noise=0.0, capacity=alpha, source=smoothness)
    slopes = []
    for step in (STEP, STEP / 2):
        # d log κ/d ridge is close to α/(n κ) at ridge = 0; only the measured change of log κ enters.
        ridge = step * n * start.value.effective_ridge / alpha
        found = solve(samples=n, ridge=ridge, noise=0.0, capacity=alpha, source=smoothness)
        change = math.log(found.value.effective_ridge / start.value.effective_ridge)
        slopes.append(math.log(found.value.risk / start.value.risk) / change)
    value = 2 * slopes[1] - slopes[0]
    return value, 4 * start.error / STEP + abs(slopes[1] - slopes[0]) * STEP
