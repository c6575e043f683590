"""What weight decay amounts to, measured on the weights themselves (theory.md N2): cost, penalty, risk, and narrow networks.

Nothing here uses the reduction to S that it is compared with, except where a trained network's matrix is looked at.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
from scipy.optimize import minimize

from ...errors import NotConverged
from ...solution import ErrorKind, Solution, Status
from .designs import Array
from .experiment import draw
from .reduction import matrix_of_weights, network_outputs
from .training import train

# Rounding of sums over a few thousand entries.
ROUNDING = 1e-12
# Eigenvalues of S above this share of the largest are learned directions.
LEARNED = 1e-6
# Allowed beside the spread, which is zero where one direction was learned. Seven networks of 3 to 20 inputs missed the
# formula by at most 3e-13, with spreads up to 7e-12.
TRAINED = 1e-11


def decay_cost(*, dim: int, width: int, weight_decay: float, trace: float, seed: int) -> Solution[float]:
    """λ ‖W‖_F² of random weights of shape (width, dim) whose matrix S = WᵀW/√(pd) has the given trace (N2).

    Examples
    --------
    >>> round(decay_cost(dim=4, width=9, weight_decay=0.5, trace=2.0, seed=1).value, 9)
    6.0
    """
    weights = np.random.default_rng(seed).standard_normal((width, dim))
    weights *= math.sqrt(trace / float(np.trace(matrix_of_weights(weights))))
    value = weight_decay * float(np.sum(weights**2))
    return Solution(value, Status.CONVERGED, ROUNDING, ErrorKind.ESTIMATE, "random weights", {}, seed)


def penalty_of_trained_network(
    *,
    dim: int,
    samples: int,
    weight_decay: float,
    width: int | None = None,
    decay: float = 1.0,
    noise: float = 0.5,
    seed: int = 3,
) -> Solution[float]:
    """The Λ that a trained network obeys: the eigenvalue of 2 Σ (y_i - f_i) Z_i along the directions it has learned (N2).

    At a minimum of Σ (y - Tr SZ)² + Λ Tr S that matrix is Λ on the range of S and at most Λ beyond it. Read off the
    network's outputs; λ enters through training alone.

    Returns
    -------
    Solution[float]
        The mean over the learned directions; the error is their relative spread, which measures how well trained it is.

    Raises
    ------
    NotConverged
        If no direction was learned, so that there is nothing to measure.

    Notes
    -----
    When this is wrong: the spread sees errors of training, not a wrong loss: compare with a formula to see that.

    Examples
    --------
    >>> round(penalty_of_trained_network(dim=4, samples=12, weight_decay=0.5, width=4).value, 5)
    2.0
    """
    problem = draw(dim=dim, samples=samples, decay=decay, noise=noise, seed=seed)
    network = train(problem.design, problem.labels, weight_decay=weight_decay, width=width, seed=seed).checked().value
    sizes, basis = np.linalg.eigh(network.matrix)
    learned = basis[:, sizes > max(float(sizes[-1]), 0.0) * LEARNED]
    pull = 2 * problem.design.adjoint(problem.labels - problem.design.measure(network.matrix))
    levels = np.linalg.eigvalsh(learned.T @ pull @ learned)
    if levels.size == 0 or network.rank == 0:
        raise NotConverged("penalty of a trained network: no direction was learned; lower the weight decay")
    mean = float(levels.mean())
    error = float(np.ptp(levels)) / mean + TRAINED
    facts = {"learned directions": float(levels.size)}
    return Solution(mean, Status.CONVERGED, error, ErrorKind.ESTIMATE, "gradient of a trained network", facts, seed)


def risk_of_weights(*, dim: int, width: int, distance: float, seed: int) -> Solution[float]:
    """E (f - f*)² of two random networks whose matrices are at the given Frobenius distance squared, by Gauss-Hermite (N2).

    Three nodes a coordinate integrate polynomials of degree five exactly; the integrand has degree four.

    Examples
    --------
    >>> round(risk_of_weights(dim=2, width=3, distance=3.0, seed=1).value, 9)
    3.0
    """
    generator = np.random.default_rng(seed)
    first, second = generator.standard_normal((2, width, dim))
    gap = float(np.sum((matrix_of_weights(first) - matrix_of_weights(second)) ** 2))
    scale = (distance / gap) ** 0.25
    nodes, weights = np.polynomial.hermite_e.hermegauss(3)
    points = np.array(list(itertools.product(nodes, repeat=dim)))
    masses = np.prod(np.array(list(itertools.product(weights / weights.sum(), repeat=dim))), axis=1)
    difference = network_outputs(points, scale * first) - network_outputs(points, scale * second)
    value = float(masses @ difference**2)
    return Solution(value, Status.CONVERGED, ROUNDING, ErrorKind.ESTIMATE, "Gauss-Hermite", {}, seed)


def best_narrow_fit(*, spike: float, dim: int = 2, seed: int = 1) -> Solution[float]:
    """Least ‖wwᵀ/√d - s·1‖_F² over one hidden unit w: what a network with p = 1 misses of a multiple of the identity (N2).

    Examples
    --------
    >>> round(best_narrow_fit(spike=2.0).value, 6)
    4.0
    """

    def loss(row: Array) -> float:
        return float(np.sum((np.outer(row, row) / math.sqrt(dim) - spike * np.eye(dim)) ** 2))

    starts = np.random.default_rng(seed).standard_normal((4, dim))
    found = sorted(float(minimize(loss, start, tol=1e-12).fun) for start in starts)
    return Solution(found[0], Status.CONVERGED, 1e-8, ErrorKind.ESTIMATE, "descent from four starts", {}, seed)
