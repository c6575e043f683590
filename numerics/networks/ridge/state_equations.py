"""Solving the state equations of ridge regression: one monotone equation for log κ, then the risk as a quotient of positive sums.

Existence and uniqueness. log(df1 + ridge/κ) falls strictly with log κ, from log(count) or infinity down to minus infinity, so that
it meets log n once, unless n >= count and ridge = 0, where κ = 0. All three forms below are free of cancellation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ...errors import real
from ...solution import ErrorKind, Solution, Status
from ..inputs import whole_dim
from .spectra import FiniteSpectrum, PowerSpectrum, Spectrum, Sums, power_sum

METHOD = "safeguarded Newton in log κ, then the risk as a quotient of positive sums"
# Newton is quadratic and the equation is smooth with slope of order one in logarithms: 4-10 steps from the upper bound; the
# bisections behind it need at most 60 on the whole range of floats.
ITERATIONS = 120
# A solution whose relative error is beyond this is not handed out as a number.
TOLERANCE = 1e-9
# The logarithmic derivative of the risk in κ is at most 2 (unlearned) or 2 (df2) plus 1 (the denominator).
SENSITIVITY = 3.0
# Below e^this a risk is not representable as a normal float.
LEAST_LOG = -708.0
EPSILON = 2.220446049250313e-16


@dataclass(frozen=True)
class RidgeEvolution:
    """A solved point.

    Parameters
    ----------
    risk : float
        R, the excess risk; the noise itself is not in it.
    effective_ridge : float
        κ.
    degrees_of_freedom : float
        df1 = sum λ/(λ+κ).
    bias, variance : float
        The parts of R that come from the target and from the label noise; they add up to R.
    train_error : float
        Mean square on the training set, (Δ + R)(1 - df1/n)².
    """

    risk: float
    effective_ridge: float
    degrees_of_freedom: float
    bias: float
    variance: float
    train_error: float


def solve(
    *, samples: float, ridge: float, noise: float, capacity: float, source: float, checked: bool = True
) -> Solution[RidgeEvolution]:
    """Solve kernel ridge regression with eigenvalues k^-capacity and target energies k^(-1 - 2 capacity source).

    Formula: n κ = ridge + κ df1, R = (sum energy κ²/(λ+κ)² + Δ df2/n)/(1 - df2/n).

    Parameters
    ----------
    samples : float
        n in [1e-3, 1e30].
    ridge, noise : float
        Penalty in Σ (y - f)² + ridge ‖θ‖² (0 is the limit from above), and label noise Δ; both in [0, 1e100].
    capacity, source : float
        alpha in (1, 10], r > 0 with 2 alpha r <= 20.
    checked : bool
        Whether to raise where the solution did not converge (the default).

    Returns
    -------
    Solution[RidgeEvolution]
        `error` is the relative error of the risk, an estimate.

    Raises
    ------
    DomainError
        A parameter outside its range.
    NotConverged
        A risk below the smallest float (noiseless, very many samples).

    Notes
    -----
    *When this is wrong*: the equations are the deterministic equivalent, leading order in n for Gaussian features
    (cui2021generalization); at n of order one they are an approximation, which the simulations measure.

    Examples
    --------
    >>> solution = solve(samples=1e6, ridge=1e-20, noise=0.5, capacity=2.0, source=0.5)
    >>> round(solution.value.risk, 6), solution.error < 1e-11  # (alpha - 1) Δ: the plateau of interpolated noise
    (0.5, True)
    """
    return evolve(PowerSpectrum(capacity, source), samples=samples, ridge=ridge, noise=noise, checked=checked)


def evolve(
    spectrum: Spectrum, *, samples: float, ridge: float, noise: float, checked: bool = True
) -> Solution[RidgeEvolution]:
    """Solve the state equations for any spectrum; parameters as in `solve`, samples up to 1e100 for a finite one.

    Examples
    --------
    >>> least_squares = evolve(FiniteSpectrum([1.0], [1.0], [10]), samples=30, ridge=0, noise=1)
    >>> least_squares.value.risk  # d Δ/(n - d)
    0.5
    """
    # κ ~ n^-alpha without a penalty, and it has to be a float.
    n = real("samples", samples, at_least=1e-3, at_most=1e30 if math.isinf(spectrum.count) else 1e100)
    penalty = real("ridge", ridge, at_least=0, at_most=1e100)
    variance = real("noise", noise, at_least=0, at_most=1e100)
    if penalty == 0 and n >= spectrum.count:
        solution = _unpenalised(n, variance, spectrum.count)
    else:
        log_kappa, step, iterations = _root(spectrum, n, penalty)
        solution = _evaluated(spectrum, n, penalty, variance, (log_kappa, step, iterations))
    return solution.checked() if checked else solution


def isotropic(
    *, dim: float, samples: float, ridge: float, decay: float, noise: float, checked: bool = True
) -> Solution[RidgeEvolution]:
    """Solve ridge regression on x ~ N(0, I_d) with the teacher of the diagonal network, θ*_k = k^-decay, k = 1 ... dim.

    Parameters other than `dim` (an integer from 1 to 2^53) and `decay` (in (1/2, 10]) are those of `solve`.

    Raises
    ------
    DomainError
        A parameter outside its range.
    NotConverged
        ridge = 0 at n = d exactly, with noise.

    Examples
    --------
    >>> round(isotropic(dim=1e4, samples=1e6, ridge=1.0, decay=1.0, noise=1.0).value.risk, 8)
    0.01010099
    """
    size = whole_dim(dim)
    exponent = 2.0 * real("decay", decay, above=0.5, at_most=10)
    spectrum = FiniteSpectrum([1.0], [power_sum(exponent, size) / size], [size])
    return evolve(spectrum, samples=samples, ridge=ridge, noise=noise, checked=checked)


def _unpenalised(n: float, noise: float, count: float) -> Solution[RidgeEvolution]:
    """ridge = 0 with at least as many samples as features: least squares, κ = 0."""
    if n == count and noise > 0:
        value = RidgeEvolution(math.inf, 0.0, count, 0.0, math.inf, 0.0)
        return Solution(value, Status.DIVERGES, math.inf, ErrorKind.NONE, "least squares at n = d")
    risk = noise * count / (n - count) if noise > 0 else 0.0
    value = RidgeEvolution(risk, 0.0, count, 0.0, risk, (noise + risk) * (1.0 - count / n) ** 2)
    return Solution(value, Status.LIMIT, 4.0 * EPSILON, ErrorKind.ESTIMATE, "least squares in closed form")


def _root(spectrum: Spectrum, n: float, ridge: float) -> tuple[float, float, int]:
    """log κ, the size of the last correction, and the number of iterations."""
    high = math.log((ridge + spectrum.trace) / n)
    low, width = high - 1.0, 1.0
    while _balance(spectrum.sums(low, refined=False), spectrum.count, n, ridge, low)[0] < 0.0:
        high, width = low, 2.0 * width
        low -= width
    x = low if width > 1.0 else 0.5 * (low + high)
    step = math.inf
    for iteration in range(1, ITERATIONS + 1):
        residual, slope = _balance(spectrum.sums(x, refined=False), spectrum.count, n, ridge, x)
        low, high = (x, high) if residual > 0 else (low, x)
        step = residual / slope
        if abs(step) <= 1e-14 * max(1.0, abs(x)):
            return x, abs(step), iteration
        x = x + step if low < x + step < high else 0.5 * (low + high)
        if high - low <= 4.0 * EPSILON * abs(x):
            return x, high - low, iteration
    return x, abs(step), ITERATIONS


def _balance(sums: Sums, count: float, n: float, ridge: float, x: float) -> tuple[float, float]:
    """A residual that falls with x = log κ, and minus its slope; three forms, so that nothing cancels."""
    given = math.exp(math.log(ridge) - x) if ridge > 0 else 0.0
    if n <= 0.5 * count:
        total = sums.dimension + given
        return math.log(total / n), (sums.gap + given) / total
    if n <= count:  # df1 close to the count: count - df1 = (count - n) + ridge/κ
        left = count - n + given
        return math.log(left / sums.spare), given / left + sums.gap / sums.spare
    left = n - count + sums.spare
    return math.log(given / left), 1.0 + sums.gap / left


def _evaluated(
    spectrum: Spectrum, n: float, ridge: float, noise: float, root: tuple[float, float, int]
) -> Solution[RidgeEvolution]:
    """Risk and its parts at the root, with the error that the root and the sums leave."""
    log_kappa, step, iterations = root
    sums = spectrum.sums(log_kappa)
    _, slope = _balance(sums, spectrum.count, n, ridge, log_kappa)
    given = math.exp(math.log(ridge) - log_kappa) if ridge > 0 else 0.0
    spare = given + sums.gap  # n - df2, since n - df1 = ridge/κ
    variance = noise * sums.squared / spare
    log_bias = sums.log_unlearned + math.log(n) - math.log(spare)
    bias = math.exp(log_bias) if log_bias > LEAST_LOG else 0.0
    risk = bias + variance
    shift = step + (sums.error + EPSILON * (4.0 + abs(log_kappa))) / slope
    error = SENSITIVITY * shift + 2.0 * sums.error + 8.0 * EPSILON
    value = RidgeEvolution(risk, math.exp(log_kappa), sums.dimension, bias, variance, (noise + risk) * (given / n) ** 2)
    statistics = {"iterations": float(iterations), "last_step": step}
    if risk < math.exp(LEAST_LOG):
        told = f"{METHOD}; the risk is below the smallest float: ask for fewer samples"
        return Solution(value, Status.STALLED, math.inf, ErrorKind.NONE, told, statistics)
    status = Status.CONVERGED if error <= TOLERANCE else Status.STALLED
    return Solution(value, status, error, ErrorKind.ESTIMATE, METHOD, statistics)
