"""The diagonal network itself, f(x) = a·(w⊙x)/√d, trained over (a, w) with weight decay to its global minimum.

Nothing here knows the minimiser of the convex problem: random weights, L-BFGS-B on the non-convex loss, damped Newton
steps to the rounding floor, a push wherever a dead pair a_j = w_j = 0 turns out to be a saddle. The duality gap of the
LASSO at θ = a⊙w/√d (theory.md N1) then certifies that the network stands at its global minimum.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from ...errors import NotConverged, real, require
from ...solution import ErrorKind, Solution, Status
from .minimiser import checked_problem, duality_gap

Array = NDArray[np.float64]

# Largest relative duality gap of a trained network. Measured on 1,158 networks (n, d <= 150, noise 0 to 1, penalties
# from 1e-6 to 1.3 of max |Xᵀy|): median 3e-15, worst that passed 4e-10, one refused (penalty 6e-6, gap 1e-6).
TOLERANCE = 1e-8
# A dead pair is pushed if |x_j·r| exceeds the penalty by this fraction, to this size relative to the largest weight.
SADDLE_MARGIN, PUSH = 1e-9, 1e-3
# θ_j counts as zero below this fraction of the largest |x_k·y|/‖x_k‖². In the same networks the dead ones reached 2e-20 at most, the
# smallest one alive was 2e-8.
DEAD = 1e-12
# Rounds of descent, Newton and push; steps of damped Newton in each (12 to 20 were typical).
ROUNDS, NEWTON_STEPS = 20, 60
# Relative decrease of the loss at which descent hands over to Newton's method, and in later rounds, where that was too early.
# Measured at dim 20 to 80, n/d from 2/3 to 2: with the first, and steps remembered as far back as the third, descent takes half
# of the time that it takes to the second alone, and the risks are the same to 3e-14; at 1e-5 one was off by 2e-9.
HAND_OVER, STALLED, REMEMBERED = 1e-7, 1e-15, 10
# Annealing, where it is needed, starts at a penalty of this fraction of max |Xᵀy|: there descent always succeeded.
ANNEAL = 1e-2


@dataclass(frozen=True)
class TrainedNetwork:
    """A diagonal network at the global minimum of its regularised loss.

    Parameters
    ----------
    outer, inner : arrays of shape (dim,)
        The weights a and w.
    weights : array of shape (dim,)
        θ = a⊙w/√dim, the linear map that the network computes.
    loss : float
        Σ (y - f)² + weight_decay (‖w‖² + ‖a‖²).
    gap : float
        Relative duality gap of θ for the LASSO with Λ = weight_decay √dim.
    train_error : float
        Mean square residual.
    support : integer array
        Indices of the weights that are alive: |θ_j| above 1e-12 of max_k |x_k·y|/‖x_k‖², the scale of the problem.
    """

    outer: Array
    inner: Array
    weights: Array
    loss: float
    gap: float
    train_error: float
    support: NDArray[np.intp]


@dataclass(frozen=True)
class _Problem:
    """The loss, its gradient and Hessian as functions of the stacked weights (a, w)."""

    design: Array
    labels: Array
    weight_decay: float

    @property
    def dim(self) -> int:
        return int(self.design.shape[1])

    @property
    def penalty(self) -> float:
        return self.weight_decay * math.sqrt(self.dim)

    def theta(self, stacked: Array) -> Array:
        return stacked[: self.dim] * stacked[self.dim :] / math.sqrt(self.dim)

    def correlation(self, stacked: Array) -> Array:
        return self.design.T @ (self.labels - self.design @ self.theta(stacked))

    def loss(self, stacked: Array) -> tuple[float, Array]:
        """Loss and gradient."""
        residual = self.labels - self.design @ self.theta(stacked)
        pull = self.design.T @ residual / math.sqrt(self.dim)
        swapped = np.concatenate([stacked[self.dim :], stacked[: self.dim]])
        gradient = 2 * self.weight_decay * stacked - 2 * np.concatenate([pull, pull]) * swapped
        return float(residual @ residual + self.weight_decay * stacked @ stacked), gradient

    def hessian(self, stacked: Array) -> Array:
        """Second derivatives, shape (2 dim, 2 dim)."""
        outer, inner = stacked[: self.dim], stacked[self.dim :]
        jacobian = np.hstack([self.design * inner, self.design * outer]) / math.sqrt(self.dim)
        matrix = 2 * jacobian.T @ jacobian
        pull = 2 * self.correlation(stacked) / math.sqrt(self.dim)
        index = np.arange(self.dim)
        matrix[index, index + self.dim] -= pull
        matrix[index + self.dim, index] -= pull
        matrix[np.diag_indices_from(matrix)] += 2 * self.weight_decay
        return np.asarray(matrix)

    def gap(self, stacked: Array) -> float:
        return duality_gap(self.design, self.labels, self.theta(stacked), self.penalty)


def train(
    design: ArrayLike,
    labels: ArrayLike,
    *,
    weight_decay: float,
    seed: int | np.random.SeedSequence = 0,
    scale: float = 1.0,
    start: tuple[ArrayLike, ArrayLike] | None = None,
    tolerance: float = TOLERANCE,
) -> Solution[TrainedNetwork]:
    """Train f(x) = a·(w⊙x)/√dim on Σ (y - f)² + weight_decay (‖w‖² + ‖a‖²) to the global minimum (claims N1, N10).

    Parameters
    ----------
    design : array of shape (samples, dim)
        Inputs x, one a row, not normalised.
    labels : array of shape (samples,)
        Labels y.
    weight_decay : float
        λ > 0.
    seed : int or SeedSequence
        Of the random initial weights, N(0, scale²) each.
    scale : float
        Standard deviation of the initial weights.
    start : pair of arrays of shape (dim,), optional
        Initial (a, w) instead of random ones; may be the saddle a = w = 0.
    tolerance : float
        Largest relative duality gap that passes.

    Returns
    -------
    Solution of TrainedNetwork
        `error` is the relative duality gap of θ: no network, of any weights, has a loss lower by more than that
        fraction (weak duality, evaluated in double precision).

    Raises
    ------
    DomainError
        weight_decay = 0 (then every a⊙w with the same residual is a minimum, and which one training finds depends on
        the initial weights: not the limit from above), or unusable arrays.
    NotConverged
        Training stopped above the tolerance; typical for a penalty below about 1e-6 of max |Xᵀy|.

    Examples
    --------
    >>> import numpy as np
    >>> network = train(2 * np.eye(4), [8.0, 1.0, -4.0, 0.0], weight_decay=2.0).value
    >>> bool(np.allclose(network.weights, [3, 0, -1, 0])), network.support.tolist()
    (True, [0, 2])
    """
    matrix, target = checked_problem(design, labels)
    real("scale", scale, above=0)
    reason = "> 0: without weight decay the trained network depends on its initial weights"
    decay = real("weight_decay", weight_decay, at_least=0)
    require(decay > 0, "weight_decay", weight_decay, reason)
    problem = _Problem(matrix, target, decay)
    initial = _initial(problem, seed, scale, start)
    stacked, statistics = _descend(problem, initial, tolerance)
    if statistics["gap"] > tolerance:
        stacked, statistics = _anneal(problem, initial, tolerance)
    gap = statistics["gap"]
    method = "diagonal network: L-BFGS-B and damped Newton over (a, w), certified by the LASSO duality gap"
    if not gap <= tolerance:
        raise NotConverged(f"{method}: relative gap {gap:.1e} above {tolerance:.1e}; raise weight_decay")
    stored = seed if isinstance(seed, int) else None
    return Solution(
        _assemble(problem, stacked, gap), Status.CONVERGED, gap, ErrorKind.ESTIMATE, method, statistics, stored
    )


def _initial(
    problem: _Problem, seed: int | np.random.SeedSequence, scale: float, start: tuple[ArrayLike, ArrayLike] | None
) -> Array:
    if start is None:
        return scale * np.random.default_rng(seed).standard_normal(2 * problem.dim)
    outer, inner = (np.asarray(part, dtype=float) for part in start)
    shapes = outer.shape == inner.shape == (problem.dim,)
    require(shapes, "start", f"shapes {outer.shape} and {inner.shape}", f"two arrays of shape ({problem.dim},)")
    stacked = np.concatenate([outer, inner])
    require(bool(np.isfinite(stacked).all()), "start", "NaN or infinity", "finite real numbers")
    return stacked


def _assemble(problem: _Problem, stacked: Array, gap: float) -> TrainedNetwork:
    theta = problem.theta(stacked)
    square = float(np.sum((problem.labels - problem.design @ theta) ** 2))
    return TrainedNetwork(
        outer=stacked[: problem.dim],
        inner=stacked[problem.dim :],
        weights=theta,
        loss=problem.loss(stacked)[0],
        gap=gap,
        train_error=square / problem.labels.size,
        support=_alive(problem, theta),
    )


def _alive(problem: _Problem, theta: Array) -> NDArray[np.intp]:
    lengths = np.sum(problem.design**2, axis=0)
    single = np.abs(problem.design.T @ problem.labels) / np.where(lengths > 0, lengths, np.inf)
    return np.flatnonzero(np.abs(theta) > DEAD * float(single.max()))


def _descend(problem: _Problem, stacked: Array, tolerance: float) -> tuple[Array, dict[str, float]]:
    """Alternate descent, Newton and pushes off saddles until the certificate holds or nothing moves any more."""
    evaluations = newton = pushes = 0
    gap = math.inf
    for attempt in range(ROUNDS):
        pushed = _leave_saddles(problem, stacked)
        pushes += int(pushed.any())
        stacked = np.where(pushed != 0, pushed, stacked)
        stacked, count = _lbfgs(problem, stacked, STALLED if attempt else HAND_OVER)
        stacked, steps = _newton(problem, stacked)
        evaluations, newton = evaluations + count, newton + steps
        previous, gap = gap, problem.gap(stacked)
        if gap <= tolerance:
            break
        if attempt and gap >= previous and not _leave_saddles(problem, stacked).any():
            break
    counts = {"evaluations": float(evaluations), "newton_steps": float(newton), "pushes": float(pushes)}
    return stacked, {**counts, "gap": gap}


def _anneal(problem: _Problem, stacked: Array, tolerance: float) -> tuple[Array, dict[str, float]]:
    """Train again from the same initial weights, lowering the weight decay by factors of ten to its value.

    At tiny weight decay the loss is a flat valley of interpolating networks along which descent stalls; from the
    minimum at ten times the weight decay the way is short.
    """
    largest = float(np.abs(problem.design.T @ problem.labels).max())
    stages = max(0, math.ceil(math.log10(ANNEAL * largest / problem.penalty))) if largest > 0 else 0
    totals: dict[str, float] = {}
    for stage in range(stages, -1, -1):
        easier = _Problem(problem.design, problem.labels, problem.weight_decay * 10.0**stage)
        stacked, statistics = _descend(easier, stacked, tolerance)
        totals = {key: totals.get(key, 0.0) + count for key, count in statistics.items()}
        totals["gap"] = statistics["gap"]
    return stacked, {**totals, "annealing_stages": float(stages)}


def _leave_saddles(problem: _Problem, stacked: Array) -> Array:
    """New weights for dead pairs that violate |x_j·r| ≤ Λ, and zeros elsewhere.

    At a_j = w_j = 0 the gradient vanishes whatever r is; the curvature along a_j = ±w_j is 2(λ - |x_j·r|/√d) < 0 there.
    """
    theta, correlation = problem.theta(stacked), problem.correlation(stacked)
    largest = float(np.abs(stacked).max())
    size = PUSH * largest if largest > 0 else 1.0
    dead = np.abs(theta) * math.sqrt(problem.dim) < 0.01 * size**2
    escape = dead & (np.abs(correlation) > problem.penalty * (1 + SADDLE_MARGIN))
    return np.concatenate([np.where(escape, size, 0.0), np.where(escape, size * np.sign(correlation), 0.0)])


def _lbfgs(problem: _Problem, stacked: Array, decrease: float) -> tuple[Array, int]:
    from scipy.optimize import minimize  # 0.3 s to import

    settings = {"maxiter": 20_000, "maxfun": 40_000, "ftol": decrease, "gtol": 1e-9, "maxcor": REMEMBERED}
    result = minimize(problem.loss, stacked, jac=True, method="L-BFGS-B", options=settings)
    return np.asarray(result.x, dtype=float), int(result.nfev)


def _newton(problem: _Problem, stacked: Array) -> tuple[Array, int]:
    """Damped Newton steps: each lowers the loss, or, where the loss is at its rounding floor, the gradient."""
    value, gradient = problem.loss(stacked)
    shift = 0.0
    for step in range(NEWTON_STEPS):
        direction = _newton_direction(problem, stacked, gradient, shift)
        if direction is not None:
            trial = stacked - direction
            lower, slope = problem.loss(trial)
            floor = 1e-13 * value
            flat = abs(lower - value) <= floor
            if lower < value - floor or (flat and np.linalg.norm(slope) < np.linalg.norm(gradient)):
                stacked, value, gradient, shift = trial, lower, slope, 0.1 * shift
                continue
            if flat:  # neither the loss nor its gradient can be told from zero change: the rounding floor
                return stacked, step
        if shift > 1e6 * problem.weight_decay:
            return stacked, step
        shift = max(10 * shift, 0.01 * problem.weight_decay)
    return stacked, NEWTON_STEPS


def _newton_direction(problem: _Problem, stacked: Array, gradient: Array, shift: float) -> Array | None:
    """(H + shift)⁻¹ gradient, or None where that matrix is not positive definite (near a saddle)."""
    matrix = problem.hessian(stacked)
    matrix[np.diag_indices_from(matrix)] += shift
    try:
        return np.asarray(cho_solve(cho_factor(matrix), gradient))
    except LinAlgError:
        return None
