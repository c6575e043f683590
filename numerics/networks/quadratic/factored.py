"""Newton's method over a factor V of S = V Vᵀ, for ‖y - A(V Vᵀ)‖² + Λ ‖V‖² (theory.md N2).

Shared by the minimiser, which polishes with it at the rank it has found, and by the training of the network, whose
weights are such a factor. The steps are preconditioned conjugate gradients on the Hessian, never formed, and an exact
line search: along a line the objective is a quartic polynomial.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .coordinates import inner
from .designs import Design

Array = NDArray[np.float64]

# Conjugate gradients stop once their residual is this fraction of the gradient, or below the rounding of the gradient,
# as a fraction of its terms before they cancel. Going on, they only move along the rotations V -> V Q that change
# nothing: measured, hundreds of products and a gradient a hundred times larger.
FORCING, ROUNDING = 1e-4, 3e-14


@dataclass(frozen=True)
class Descent:
    """Where Newton's method arrived, and what it cost.

    Parameters
    ----------
    factor : array of shape (dim, rank)
        V.
    slope : float
        Norm of the gradient with respect to V.
    steps, products : int
        Newton steps and products with the Hessian.
    """

    factor: Array
    slope: float
    steps: int
    products: int


def newton(design: Design, labels: Array, factor: Array, penalty: float, *, steps: int = 30) -> Descent:
    """Lower ‖y - A(V Vᵀ)‖² + Λ ‖V‖² from V until its gradient is at its rounding floor, or `steps` are used up.

    Parameters
    ----------
    design, labels : Design and array of shape (samples,)
        A and y.
    factor : array of shape (dim, rank)
        Starting V; columns are combined into orthogonal ones (V Vᵀ stays).
    penalty : float
        Λ ≥ 0.
    steps : int
        Largest number of Newton steps.

    Notes
    -----
    Directions of negative curvature are followed, so that saddles are left once the gradient is not exactly zero.
    """
    products, previous = 0, np.inf
    for step in range(steps):
        state = _State.at(design, labels, factor, penalty)
        slope = math.sqrt(inner(state.gradient, state.gradient))
        if slope <= ROUNDING * state.scale or (slope < 1e-9 * state.scale and slope > 0.5 * previous):
            return Descent(state.factor, slope, step, products)
        previous = slope
        direction, used = _direction(state)
        products += used
        factor = state.factor + _length(state, direction) * direction
    state = _State.at(design, labels, factor, penalty)
    return Descent(state.factor, math.sqrt(inner(state.gradient, state.gradient)), steps, products)


@dataclass(frozen=True, eq=False)
class _State:
    """The objective, its gradient and what the Hessian needs, at a V with orthogonal columns."""

    design: Design
    penalty: float
    factor: Array
    residual: Array
    gradient: Array
    slack: Array
    levels: Array
    basis: Array
    sizes: Array
    scale: float

    @classmethod
    def at(cls, design: Design, labels: Array, factor: Array, penalty: float) -> _State:
        left, values, _ = np.linalg.svd(factor, full_matrices=False)
        rotated = left * values
        residual = labels - design.measure_factor(rotated)
        pull = 2 * design.adjoint(residual)
        slack = penalty * np.eye(design.dim) - pull
        levels, basis = np.linalg.eigh(slack)
        scale = 2 * float(np.linalg.norm(values)) * (penalty + float(np.linalg.norm(design.lengths * labels)))
        return cls(
            design, penalty, rotated, residual, 2 * slack @ rotated, slack, levels, basis, values**2, max(scale, 1e-300)
        )


def _direction(state: _State) -> tuple[Array, int]:
    """Truncated, preconditioned conjugate gradients on H U = -gradient (Steihaug without a radius)."""
    tangent = state.design.tangent(state.factor)
    # For isotropic features Σ Z_i ⊗ Z_i is its mean, 2n/d times the identity; in the eigenbasis of the slack the
    # Hessian is then diagonal up to factors of at most two. Any positive diagonal is a valid preconditioner.
    stiffness = 8 * state.design.samples / state.design.dim * state.sizes[None, :]
    diagonal = stiffness + 2 * np.abs(state.levels)[:, None]
    diagonal = np.maximum(diagonal, 1e-12 * float(diagonal.max()))

    def solve(vector: Array) -> Array:
        return np.asarray(state.basis @ ((state.basis.T @ vector) / diagonal))

    def hessian(vector: Array) -> Array:
        return 2 * state.slack @ vector + 4 * tangent.backward(tangent.forward(vector))

    total, remainder = np.zeros_like(state.factor), -state.gradient
    search = scaled = solve(remainder)
    product = weight = inner(remainder, scaled)  # and the preconditioner's own form at the search direction
    start = math.sqrt(product)
    relative = math.sqrt(inner(state.gradient, state.gradient)) / state.scale
    forcing = max(FORCING, min(0.1, 1e3 * relative), min(0.5, ROUNDING / max(relative, ROUNDING)))
    for count in range(1, state.factor.size + 10):
        image = hessian(search)
        curvature = inner(search, image)
        if curvature <= 1e-14 * weight:
            return (search if count == 1 else total), count
        length = product / curvature
        total, remainder = total + length * search, remainder - length * image
        scaled = solve(remainder)
        product, last = inner(remainder, scaled), product
        if math.sqrt(product) <= forcing * start:
            return total, count
        share = product / last
        search, weight = scaled + share * search, product + share**2 * weight
    return total, state.factor.size + 10


def _length(state: _State, direction: Array) -> float:
    """The exact minimum along V + αU: the objective is a quartic in α, its slope a cubic."""
    tangent = state.design.tangent(state.factor)
    linear, square = tangent.forward(direction), state.design.measure_factor(direction)
    # ‖r - α a - α² b‖² + Λ ‖V + αU‖²; the first slope is the gradient's, which does not cancel.
    slope = inner(state.gradient, direction)
    second = float(linear @ linear - 2 * state.residual @ square) + state.penalty * inner(direction, direction)
    coefficients = [4 * float(square @ square), 6 * float(linear @ square), 2 * second, slope]
    roots = np.roots(coefficients)
    real = roots.real[np.abs(roots.imag) <= 1e-9 * np.abs(roots)]
    quartic = np.array([*np.array(coefficients) / np.array([4, 3, 2, 1]), 0.0])
    return float(real[np.argmin(np.polyval(quartic, real))]) if real.size else 0.0
