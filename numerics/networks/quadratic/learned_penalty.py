"""The penalty of the trace that weight decay amounts to (theory.md N2), measured on a trained network."""

from __future__ import annotations

import numpy as np

from ...errors import NotConverged
from ...solution import ErrorKind, Solution, Status
from .experiment import draw
from .training import DEAD, train


def penalty_of_trained_network(
    *,
    dim: int,
    samples: int,
    weight_decay: float,
    width: int | None = None,
    decay: float = 1.0,
    noise: float = 0.1,
    seed: int = 0,
) -> Solution[float]:
    """The Λ that a trained network obeys: the eigenvalue of 2 Σ (y_i - f_i) Z_i along the directions it has learned.

    At a minimum of ‖y - A(S)‖² + Λ Tr S it is Λ in each of them. Nothing in here knows how Λ follows from the weight
    decay.

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
    >>> found = penalty_of_trained_network(dim=4, samples=40, weight_decay=0.5, width=9)
    >>> abs(found.value - 3.0) < 1e-6
    True
    """
    problem = draw(dim=dim, samples=samples, decay=decay, noise=noise, seed=seed)
    network = train(problem.design, problem.labels, weight_decay=weight_decay, width=width, seed=seed).checked().value
    sizes, basis = np.linalg.eigh(network.matrix)
    learned = basis[:, sizes > max(float(sizes[-1]), 0.0) * DEAD]
    pull = 2 * problem.design.adjoint(problem.labels - problem.design.measure(network.matrix))
    levels = np.einsum("ij,ij->j", learned, pull @ learned)
    if levels.size == 0 or network.rank == 0:
        raise NotConverged("penalty of a trained network: no direction was learned; lower the weight decay")
    mean = float(levels.mean())
    spread = float(np.max(np.abs(levels - mean))) / mean
    facts = {"learned directions": float(levels.size)}
    return Solution(mean, Status.CONVERGED, spread, ErrorKind.ESTIMATE, "eigenvalues of the residual", facts, seed)
