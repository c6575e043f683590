"""N4: the free convolution of a teacher with a semicircle. Moments, a density in closed form, the edge of the bulk."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import sympy as sp

from scalecheck.numerics.networks.quadratic.free_convolution import AtomicSpectrum, FreeConvolution, free_convolution
from scalecheck.numerics.networks.quadratic.random_matrices import noisy_spectra
from scalecheck.theory.networks.quadratic.free_convolution import no_teacher, position, two_atoms
from scalecheck.theory.networks.quadratic.free_cumulants import moment_derivation, moments, teacher_moment
from scalecheck.theory.networks.quadratic.letters import spike, spread
from scalecheck.theory.networks.quadratic.spectral_functions import deterministic
from scalecheck.theory.symbols import dim, noise_level

from ...averages import Average, Draws, on_draws
from ...claims import Claim, Effort, Source, Twin
from ...evidence import Evidence, Firmness, Outcome
from ...formulas import Formula, Measured, NumericPoint, decide_zero, from_derivation, from_numbers
from ...tables import Table
from .observing import PAPERS

FREE = ("biane1997free", *PAPERS)
M1, M2, M3, M4 = (teacher_moment(k) for k in range(1, 5))


def convolution_claims() -> tuple[Claim, ...]:
    """Fourth moment twice, the density of two atoms, the edge."""
    return (_moment(), _drawn(), _density(), _edge())


@lru_cache(maxsize=64)
def _law(atoms: tuple[float, ...], weights: tuple[float, ...], variance: float) -> FreeConvolution:
    return free_convolution(AtomicSpectrum(list(atoms), list(weights)), variance)


NODES = (400, 280)
"""Gauss-Legendre nodes on an interval of the support; fewer, to see what the number of them changes."""


def _integrated(law: FreeConvolution, nodes: int) -> Measured:
    """∫ x⁴ μ(dx) over the density on Biane's curve, in the angle in which the square roots at the edges are smooth."""
    angles, weights = np.polynomial.legendre.leggauss(nodes)
    total, error = 0.0, 0.0
    for part in law.support:
        middle, half = 0.5 * (part.low + part.high), 0.5 * (part.high - part.low)
        x = middle + half * np.sin(0.5 * np.pi * angles)
        measure = weights * 0.5 * np.pi * half * np.cos(0.5 * np.pi * angles) * x**4
        found = law.at(x)
        total += float(measure @ found.density)
        error += float(measure @ found.density_error)
    return total, error


FOURTH = M4 + 4 * spread**2 * M2 + 2 * spread**2 * M1**2 + 2 * spread**4
WRONG = {
    "classical": (
        r"independent Gaussian noise added to each eigenvalue",
        M4 + 6 * spread**2 * M2 + 3 * spread**4,
    ),
    "crossing": ("the crossing pairings counted", FOURTH + spread**4),
    "pure": (r"without the mean: $m_4 + 4\sigma^2 m_2 + 2\sigma^4$", FOURTH - 2 * spread**2 * M1**2),
}


def _fourth_derived() -> sp.Expr:
    moment_derivation(4)  # raises unless the moments solve the subordination equation
    return moments(4)[3]


TEACHERS = (
    ((0.0, 3.0), (0.5, 0.5), 1.0),
    ((-1.0, 0.0, 2.0), (0.2, 0.5, 0.3), 0.7),
    ((0.1, 0.2, 5.0), (0.6, 0.3, 0.1), 2.0),
)


def _moment() -> Claim:
    def measure(point: NumericPoint) -> Measured:
        atoms, weights, level = TEACHERS[int(point["case"])]
        law = _law(atoms, weights, level**2)
        (value, error), (coarser, _) = (_integrated(law, nodes) for nodes in NODES)
        return value, error + abs(value - coarser) + 1e-12 * abs(value)

    points = []
    for case, (atoms, weights, level) in enumerate(TEACHERS):
        known = {f"m_{k}": math.fsum(w * s**k for s, w in zip(atoms, weights)) for k in range(1, 5)}
        points.append({"case": float(case), "spread": level, **known})
    return Claim(
        id="N4.quadratic.moments",
        title="fourth moment of the free convolution",
        statement=r"Of $\mu_0 \boxplus$ semicircle of variance $\sigma^2$: $m_4 + 4\sigma^2 m_2 + 2\sigma^2 m_1^2 + 2\sigma^4$ is the"
        r" fourth moment, $m_k$ being those of $\mu_0$.",
        source=Source(FREE, "N4", "derived"),
        assertion=Formula("fourth moment", FOURTH),
        comparison=r"free cumulants against the subordination equation, exactly; and Biane's curve integrated, within $10^{-8}$ relative",
        symbolic=from_derivation(_fourth_derived),
        numeric=from_numbers(measure, points),
        twins=tuple(Twin(key, told, Formula("fourth moment", value)) for key, (told, value) in WRONG.items()),
    )


fourth = sp.Symbol("fourth", real=True)


def _spectra(seed: int) -> list[Draws]:
    found: list[Draws] = []
    # In the last one noise is most of the moment, so that a wrong pairing of noise with noise stands out of the scatter.
    for atoms, weights, level in (*TEACHERS[:2], ((-0.5, 0.5), (0.5, 0.5), 1.0)):
        size = 120
        teacher = np.repeat(atoms, [round(size * w) for w in weights])[::-1]
        drawn = noisy_spectra(teacher=teacher, spread=level, draws=24, seed=seed).value
        known: dict[str, float] = {f"m_{k}": float(np.mean(teacher**k)) for k in range(1, 5)}
        found.append({"dim": float(size), "spread": level, **known, "fourth": (drawn.eigenvalues**4).mean(axis=1)})
    return found


SMALL = (1, 2)
"""Sizes at which the terms of order 1/dim are worked out entry by entry: at infinite dim they are gone."""


def _exact_at(size: int, formula: sp.Expr) -> bool:
    """Whether the mean of the formula is zero at a size, by the moments of the independent entries of G."""
    teacher = sp.symbols(f"s1:{size + 1}", real=True)
    entries = {(i, j): sp.Symbol(f"g{i}{j}", real=True) for i in range(size) for j in range(i, size)}
    level = spread / sp.sqrt(sp.Rational(size + 1, 2))  # sigma^2 = tau^2 (d + 1)/2
    noise = sp.Matrix(size, size, lambda i, j: entries[min(i, j), max(i, j)] / (1 if i == j else sp.sqrt(2)))
    power = sp.expand(((sp.diag(*teacher) + level * noise) ** 4).trace() / size)
    mean = sp.S.Zero
    for orders, coefficient in sp.Poly(power, *entries.values()).terms():
        if all(order % 2 == 0 for order in orders):
            mean += coefficient * sp.Mul(*(sp.factorial2(order - 1) for order in orders if order))
    known = {sp.Symbol(f"m_{k}").name: sum(s**k for s in teacher) / size for k in range(1, 5)}
    given = {item: known[item.name] for item in formula.free_symbols if item.name in known}
    return bool(sp.simplify(formula.subs(given).subs({dim: size, fourth: mean})) == 0)


def _drawn() -> Claim:
    truth = Average(fourth - FOURTH - _finite_size(), fourth)

    def derived(assertion: Average, effort: Effort) -> Evidence:
        difference = sp.limit(fourth - _fourth_derived() - assertion.formula, dim, sp.oo)
        outcome = decide_zero(sp.expand(difference))
        if outcome is Outcome.HOLDS and not all(_exact_at(size, assertion.formula) for size in SMALL):
            outcome = Outcome.FAILS
        told = ", ".join(map(str, SMALL))
        reason = f"free convolution at infinite dim, and moments of normal variables at dim {told}: {outcome.value}"
        return Evidence(
            "symbolic", outcome, Firmness.EXACT, reason, Table.of([{"derived": sp.sstr(_fourth_derived())}])
        )

    return Claim(
        id="N4.quadratic.moments.drawn",
        title="fourth moment of random matrices",
        statement=r"$E\frac1d \mathrm{Tr}(S^* + \tau G)^4$ with $\sigma^2 = \tau^2(d+1)/2$ is that of the free convolution up to terms of"
        r" order $1/d$, stated exactly.",
        source=Source(FREE, "N4", "derived"),
        assertion=truth,
        comparison="at infinite dim exactly; and 24 random matrices at $d = 120$ for three teachers: within 4 standard errors",
        symbolic=derived,
        numeric=on_draws(_spectra),
        rests_on=("N4.quadratic.moments",),
        twins=tuple(
            Twin(key, told, Average(fourth - value - _finite_size(), fourth)) for key, (told, value) in WRONG.items()
        ),
    )


def _finite_size() -> sp.Expr:
    """E Tr(S + τG)⁴/d minus the free value, from E GAG = (A + Tr A)/2 and E G⁴ by Wick's theorem, τ² = 2σ²/(d + 1).

    E Tr G⁴/d = (2d² + 5d + 5)/4; E Tr(G²S² terms)/d = 4 m_2 τ²(d + 1)/2 + 2 τ²(m_2 + d m_1²)/2.
    """
    level = 2 * spread**2 / (dim + 1)
    noise = level**2 * (2 * dim**2 + 5 * dim + 5) / 4
    cross = level * (4 * M2 * (dim + 1) / 2 + 2 * (M2 + dim * M1**2) / 2)
    return noise + cross + M4 - FOURTH


def _density() -> Claim:
    quantity = "density"
    # At x = 0 the curve is at u = 0: v² = σ² - s², and μ'(0) = v/(πσ²).
    value = sp.sqrt(spread**2 - spike**2) / (sp.pi * spread**2)

    def derived() -> sp.Expr:
        no_teacher()
        found = two_atoms()
        if found.location.subs(position, 0) != 0:
            raise ArithmeticError("the middle of two equal atoms is not the middle of the curve")
        return found.height.subs(position, 0) / (sp.pi * spread**2)

    def measure(point: NumericPoint) -> Measured:
        found = _law((-point["spike"], point["spike"]), (0.5, 0.5), point["spread"] ** 2).density(0.0)
        value = float(found.value)
        return value, max(found.error, 1e-13) * abs(value)

    points = [{"spike": s, "spread": v} for s, v in ((0.1, 1.0), (0.9, 1.0), (1.0, 3.0), (0.999, 1.0))]
    return Claim(
        id="N4.quadratic.density",
        title="density between two atoms",
        statement=r"For atoms at $\pm s$, a half each, the density at zero is $\sqrt{\sigma^2 - s^2}/(\pi\sigma^2)$: the bulk splits at"
        r" $s = \sigma$.",
        source=Source(FREE, "N4", "derived"),
        assertion=Formula(quantity, value),
        comparison=r"from the cubic equation, exactly; and the subordination equation solved, within $10^{-8}$ relative",
        symbolic=from_derivation(derived),
        numeric=from_numbers(measure, points),
        twins=(
            Twin("sum", "two semicircles side by side", Formula(quantity, sp.sqrt(4 * spread**2 - spike**2) / (2 * sp.pi * spread**2))),
            Twin("flat", r"$1/(\pi\sigma)$, as without a teacher", Formula(quantity, 1 / (sp.pi * spread))),
            Twin("radius", r"a semicircle of radius $\sqrt{2}\sigma$", Formula(quantity, value.subs(spread, spread / sp.sqrt(2)))),
        ),
    )  # fmt: skip


def _edge() -> Claim:
    value = sp.sqrt(2 * dim) * noise_level

    def derived() -> sp.Expr:
        ends = sp.solve(no_teacher().height, position)
        variance = deterministic().variance
        return no_teacher().location.subs(position, max(ends, key=str)).subs(spread, sp.sqrt(variance))

    def measure(point: NumericPoint) -> Measured:
        size = int(point["dim"])
        spread_value = point["noise_level"] * math.sqrt((size + 1) / 2)
        drawn = noisy_spectra(teacher=np.zeros(size), spread=spread_value, draws=2, seed=9).value
        found = float(drawn.eigenvalues[:, 0].mean())
        return found, 2 * spread_value * size ** (-2 / 3)

    points = [{"dim": d, "noise_level": t} for d, t in ((200.0, 1.0), (300.0, 0.1))]
    return Claim(
        id="N4.quadratic.edge",
        title="edge of the bulk",
        statement=r"Without a teacher the largest eigenvalue of $\tau G$ is $2\sigma = \sqrt{2d}\,\tau$.",
        source=Source(FREE, "N4"),
        assertion=Formula("edge", value),
        comparison="exactly; and random matrices at $d = 200$ and $300$: within 3%, fluctuations being of order $d^{-2/3}$",
        symbolic=from_derivation(derived),
        numeric=from_numbers(measure, points, tolerance=0.03),
        twins=(
            Twin("radius", r"off by $\sqrt{2}$: $\sigma^2 = \tau^2 d$", Formula("edge", sp.sqrt(2) * value)),
            Twin("width", r"$\sigma$ for $2\sigma$", Formula("edge", value / 2)),
        ),
    )
