"""From the weights of the quadratic network to its matrix and back (theory.md N2), and the two losses side by side.

With W of shape (width, dim) the network is f(x) = Tr[S (x xᵀ - 1)]/√dim, S = Wᵀ W/√(width·dim).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import DomainError, real, require
from ..inputs import finite_matrix
from .designs import Design

Array = NDArray[np.float64]


def penalty_of(*, weight_decay: float, dim: int, width: int | None = None) -> float:
    """Return Λ = λ √(p d), the penalty of the trace that weight decay amounts to (claim N2).

    Parameters
    ----------
    weight_decay : float
        λ ≥ 0.
    dim, width : int
        d, and p ≥ d (default d).

    Raises
    ------
    DomainError
        A negative weight decay, or width < dim: then S cannot have full rank, and the problem is another one.

    Examples
    --------
    >>> penalty_of(weight_decay=0.5, dim=4, width=9)
    3.0
    """
    return real("weight_decay", weight_decay, at_least=0) * math.sqrt(dim * checked_width(width, dim))


def checked_width(width: int | None, dim: int) -> int:
    """Return the width p ≥ dim as an integer (default dim), or raise `DomainError`."""
    if width is None:
        return dim
    allowed = f"an integer >= dim = {dim}"
    try:
        whole = int(width) == width and not isinstance(width, bool)
    except (TypeError, ValueError, OverflowError):
        raise DomainError("width", width, allowed) from None
    require(whole and width >= dim, "width", width, allowed)
    return int(width)


def matrix_of_weights(weights: ArrayLike) -> Array:
    """Return S = Wᵀ W/√(p d) for W of shape (width, dim).

    Examples
    --------
    >>> matrix_of_weights([[2.0]])
    array([[4.]])
    """
    rows = finite_matrix("weights", weights)
    return np.asarray(rows.T @ rows / math.sqrt(rows.size))


def weights_of_factor(factor: ArrayLike, *, width: int | None = None) -> Array:
    """Return the balanced weights W of shape (width, dim) that compute S = V Vᵀ, V of shape (dim, rank).

    Examples
    --------
    >>> factor = np.array([[1.0], [2.0]])
    >>> np.allclose(matrix_of_weights(weights_of_factor(factor, width=3)), factor @ factor.T)
    True
    """
    columns = finite_matrix("factor", factor)
    dim, rank = columns.shape
    neurons = checked_width(width, dim)
    require(rank <= neurons, "width", width, f"at least the {rank} columns of the factor")
    weights = np.zeros((neurons, dim))
    weights[:rank] = (neurons * dim) ** 0.25 * columns.T
    return weights


def convex_objective(design: Design, labels: Array, matrix: Array, penalty: float) -> float:
    """Return ‖y - A(S)‖² + Λ Tr S.

    Examples
    --------
    >>> from .designs import QuadraticFeatures
    >>> convex_objective(QuadraticFeatures([[2.0]]), np.array([4.0]), np.eye(1), 0.5)
    1.5
    """
    return float(np.sum((labels - design.measure(matrix)) ** 2)) + penalty * float(np.trace(matrix))


def network_outputs(inputs: ArrayLike, weights: ArrayLike) -> Array:
    """Return f(x) for each input, neuron by neuron: Σ_j ((w_j·x)² - ‖w_j‖²)/(d √p).

    Examples
    --------
    >>> network_outputs([[2.0]], [[1.0]])
    array([3.])
    """
    rows, neurons = finite_matrix("inputs", inputs), finite_matrix("weights", weights)
    require(rows.shape[1] == neurons.shape[1], "weights", f"shape {neurons.shape}", f"{rows.shape[1]} columns")
    activations = (rows @ neurons.T) ** 2 - np.sum(neurons**2, axis=1)
    return np.asarray(activations.sum(axis=1) / (neurons.shape[1] * math.sqrt(neurons.shape[0])))


def network_loss(inputs: ArrayLike, labels: ArrayLike, weights: ArrayLike, *, weight_decay: float) -> float:
    """Return Σ (y - f)² + λ ‖W‖², from the neurons and not from S.

    Examples
    --------
    >>> network_loss([[2.0]], [4.0], [[1.0]], weight_decay=0.5)
    1.5
    """
    misfit = np.asarray(labels, dtype=float) - network_outputs(inputs, weights)
    return float(misfit @ misfit) + weight_decay * float(np.sum(np.asarray(weights, dtype=float) ** 2))


def risk_of(matrix: Array, teacher: Array) -> float:
    """Return the excess risk R = (2/d) ‖S - S*‖_F², the mean square of Tr[(S - S*) Z] over inputs x ~ N(0, 1).

    Examples
    --------
    >>> risk_of(np.diag([1.0, 0.0]), np.diag([0.0, 2.0]))
    5.0
    """
    return float(2 / matrix.shape[0] * np.sum((matrix - teacher) ** 2))
