"""Certificates for trace-penalised regression over the cone (theory.md N2): a duality gap that is a proof.

For every u with 2 Σ u_i Z_i ⪯ Λ the least value of ‖y - A(S)‖² + Λ Tr S is at least 2 u·y - ‖u‖². The residual,
shrunk until it obeys that, is such a u; how far the objective at S lies above it is a sum of non-negative terms. Every
rounding error is bounded beforehand and added, and the inequality is verified by a Cholesky factorisation that runs
through, so the gap that is returned is an upper bound in exact arithmetic.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cholesky, eigh

from .coordinates import coordinates
from .designs import BLOCK, Design

Array = NDArray[np.float64]

UNIT = float(np.finfo(float).eps) / 2


@dataclass(frozen=True, eq=False)
class Certificate:
    """What is proved about V Vᵀ as a candidate for the least value of ‖y - A(S)‖² + Λ Tr S over S ⪰ 0.

    Parameters
    ----------
    objective : float
        ‖y - A(V Vᵀ)‖² + Λ ‖V‖².
    gap : float
        Upper bound of the objective's excess over the least value.
    dual : array of shape (samples,)
        The u that proves it.
    slack_levels, slack_basis : arrays of shape (dim,), (dim, dim)
        Eigenvalues, ascending, and eigenvectors of Λ - 2 Σ u_i Z_i, which is positive semidefinite.
    """

    objective: float
    gap: float
    dual: Array
    slack_levels: Array
    slack_basis: Array

    @property
    def relative_gap(self) -> float:
        """Gap relative to the objective; zero where both are zero."""
        return self.gap / self.objective if self.objective > 0 else (0.0 if self.gap == 0 else math.inf)

    def tail_bound(self, rank: int) -> float:
        """Return an upper bound of the sum of all but the `rank` largest eigenvalues of any true minimiser S.

        S pays at least its part outside the lowest `rank` directions of the slack times the next slack level, and it
        may pay no more than the gap. The bound is as true as those levels, which are computed in double precision.

        Examples
        --------
        >>> levels = np.array([0.0, 2.0])
        >>> Certificate(1.0, 1e-9, np.zeros(3), levels, np.eye(2)).tail_bound(1)
        5e-10
        """
        if rank >= self.slack_levels.size:
            return 0.0
        return self.gap / level if (level := float(self.slack_levels[rank])) > 0 else math.inf


def certify(
    design: Design,
    labels: Array,
    factor: Array,
    penalty: float,
    *,
    dual: Array | None = None,
    inward: Array | None = None,
) -> Certificate:
    """Bound the excess of ‖y - A(V Vᵀ)‖² + Λ ‖V‖² over its least value (claim N2).

    Parameters
    ----------
    design, labels : Design and array of shape (samples,)
        A and y.
    factor : array of shape (dim, rank)
        V; any matrix, good or bad.
    penalty : float
        Λ ≥ 0 (not the weight decay). At 0, least squares over the cone.
    dual : array of shape (samples,), optional
        A direction for u other than the residual.
    inward : array of shape (samples,), optional
        At Λ = 0, some v with Σ v_i Z_i negative definite, towards which u is moved until it is feasible; by default
        -A(1), which is one if there are many samples.

    Returns
    -------
    Certificate
        With r the residual its gap is ‖r - u‖² + Tr[V Vᵀ (Λ - 2 Σ u_i Z_i)] and the bound of its rounding.

    Examples
    --------
    One input of one dimension, z = x² - 1: the minimiser is (y z - Λ/2)/z².

    >>> from .designs import QuadraticFeatures
    >>> design, labels = QuadraticFeatures([[2.0]]), np.array([3.0])
    >>> certify(design, labels, np.sqrt([[8 / 9]]), 2.0).relative_gap < 1e-13
    True
    >>> certify(design, labels, np.sqrt([[0.88]]), 2.0).relative_gap > 1e-4
    True
    """
    residual = labels - design.measure_factor(factor)
    trace = float(np.sum(factor**2))
    objective = float(residual @ residual) + penalty * trace
    # |computed - true| of one residual: a chain of rounded operations on numbers of this size.
    blurred = _gamma(design.chain) * float(np.linalg.norm(np.abs(labels) + design.lengths * trace))
    point, pull, blur = _feasible(design, residual if dual is None else dual, penalty, inward)
    levels, basis = np.linalg.eigh(penalty * np.eye(design.dim) - pull)
    distance = float(np.linalg.norm(residual - point)) + blurred
    pulled = float(np.sum(factor * (pull @ factor)))
    rounding = _gamma(2 * design.dim + 5) * trace * (penalty + float(np.linalg.norm(pull))) + trace * blur
    gap = distance**2 + max(0.0, penalty * trace - pulled) + rounding if math.isfinite(blur) else math.inf
    return Certificate(objective, 0.0 if objective == 0 else gap, point, levels, basis)


def trace_gap(design: Design, labels: Array, factor: Array, multipliers: Array) -> float:
    """Return the relative error of V Vᵀ for: least Tr S subject to A(S) = y, S ⪰ 0 (claim N2, weight decay → 0+).

    With ν shrunk until Σ ν_i Z_i ⪯ 1 it is Tr[V Vᵀ (1 - Σ ν_i Z_i)]/Tr[V Vᵀ], the gap, plus ‖A(V Vᵀ) - y‖/‖y‖, the
    feasibility, which is never exactly zero: an estimate, not a bound.

    Examples
    --------
    >>> from .designs import QuadraticFeatures
    >>> trace_gap(QuadraticFeatures([[2.0]]), np.array([3.0]), np.array([[1.0]]), np.array([1 / 3]))
    0.0
    """
    trace, scale = float(np.sum(factor**2)), float(np.linalg.norm(labels))
    if scale == 0 or trace == 0:
        return 0.0 if scale == trace == 0 else 1.0
    pull = design.adjoint(multipliers)
    shrink = max(1.0, float(np.linalg.eigvalsh(pull)[-1]))
    slack = trace - float(np.sum(factor * (pull @ factor))) / shrink
    return max(0.0, slack) / trace + float(np.linalg.norm(design.measure_factor(factor) - labels)) / scale


def distance_bound(design: Design, labels: Array, factor: Array, penalty: float, certificate: Certificate) -> float:
    """Return a bound of ‖V Vᵀ - S‖_F for every true minimiser S, from strong convexity where it holds; else infinity.

    The objective grows like ‖A(S - S')‖². Outside the lowest `rank` directions of the slack the minimiser is small
    (`Certificate.tail_bound`); inside, A has a smallest singular value if there are at least rank (rank + 1)/2
    samples. Of the order √gap, hence crude; as true as that singular value in double precision.

    Parameters
    ----------
    design, labels, factor, penalty
        As for `certify`, with Λ > 0.
    certificate : Certificate
        What `certify` returned for them.

    Examples
    --------
    >>> from .designs import QuadraticFeatures
    >>> design, labels = QuadraticFeatures([[2.0]]), np.array([3.0])
    >>> factor = np.sqrt([[8 / 9 + 1e-6]])
    >>> 1e-6 < distance_bound(design, labels, factor, 2.0, certify(design, labels, factor, 2.0)) < 1e-2
    True
    """
    rank, root = factor.shape[1], math.sqrt(certificate.gap)
    tail = certificate.tail_bound(rank)
    if penalty <= 0 or not math.isfinite(tail) or rank == 0 or rank * (rank + 1) > 2 * design.samples:
        return math.inf if rank else certificate.tail_bound(0)
    # Tr S ≤ objective/Λ for the minimiser and for V Vᵀ alike; the off-diagonal block is at most √(Tr S · tail).
    outside = 2 * (math.sqrt(2 * certificate.objective / penalty * tail) + tail)
    least = float(np.linalg.svd(_restricted(design, certificate.slack_basis[:, :rank]), compute_uv=False)[-1])
    if least <= 0:
        return math.inf
    return outside + (2 * root + float(np.linalg.norm(design.lengths)) * outside) / least


def _restricted(design: Design, basis: Array) -> Array:
    """A on the symmetric matrices over the columns of `basis`, in orthonormal coordinates of those."""
    rank = basis.shape[1]
    columns = []
    for first in range(rank):
        tangent = design.tangent(basis[:, [first]])
        for second in range(first, rank):
            weight = 0.5 if first == second else 1 / math.sqrt(2)
            columns.append(weight * tangent.forward(basis[:, [second]]))
    return np.column_stack(columns)


def _chain(design: Design) -> int:
    """Longest chain of additions in `blockwise_adjoint`."""
    return min(BLOCK, design.samples) + design.samples // BLOCK + 10


def _gamma(operations: int) -> float:
    """Bound of the relative error of that many rounded operations in a row (Higham's γ)."""
    return operations * UNIT / (1 - operations * UNIT)


def _feasible(design: Design, direction: Array, penalty: float, inward: Array | None) -> tuple[Array, Array, float]:
    """A u near `direction` with 2 Σ u_i Z_i ⪯ Λ, that matrix as computed, and a bound of its error (inf: no u)."""
    chain = _chain(design)
    pull = 2 * design.blockwise_adjoint(direction)
    blur = 2 * _gamma(chain) * float(np.abs(direction) @ design.lengths)
    largest = _largest_eigenvalue(pull) + blur
    if largest <= penalty:
        return direction, pull, blur
    if penalty > 0:
        shrink = penalty / largest * (1 - 4 * UNIT)
        return shrink * direction, shrink * pull, shrink * blur * (1 + 8 * UNIT)
    return _inside(design, direction, pull, blur, -design.measure(np.eye(design.dim)) if inward is None else inward)


def _inside(design: Design, direction: Array, pull: Array, blur: float, inward: Array) -> tuple[Array, Array, float]:
    """At Λ = 0 shrinking does not help: move along a vector whose image is negative definite."""
    image = 2 * design.blockwise_adjoint(inward)
    chain = _chain(design)
    image_blur = 2 * _gamma(chain) * float(np.abs(inward) @ design.lengths)
    depth = -_largest_eigenvalue(image) - image_blur
    if depth <= 0:
        return direction, pull, math.inf
    amount = max(0.0, float(eigh(pull, -image, eigvals_only=True)[-1]))
    for _ in range(5):
        amount += 2 * (blur + amount * image_blur) / depth + 1e-15 * float(np.linalg.norm(pull)) / depth
        point, total = direction + amount * inward, pull + amount * image
        error = (blur + amount * image_blur) * (1 + 8 * UNIT)
        excess = _largest_eigenvalue(total) + error
        if excess <= 0:
            return point, total, error
        amount += 2 * excess / depth
    return direction, pull, math.inf


def _largest_eigenvalue(matrix: Array) -> float:
    """A rigorous upper bound of the largest eigenvalue of a symmetric matrix, close to it.

    If the Cholesky factorisation of b·1 - B runs through in floating point, then b·1 - B + c·1 is positive
    semidefinite for c a little more than the trace times (dim + 1) rounding units (Rump's criterion).
    """
    size = matrix.shape[0]
    scale = float(np.linalg.norm(matrix)) + float(np.finfo(float).tiny) / UNIT
    above = 2 * size * UNIT * scale
    estimate = float(np.linalg.eigvalsh(matrix)[-1])
    for _ in range(20):
        bound = estimate + above
        shifted = bound * np.eye(size) - matrix
        try:
            cholesky(shifted, lower=True)
        except LinAlgError:
            above *= 4
            continue
        rounding = 2 * (size + 3) * UNIT * float(np.abs(np.diag(shifted)).sum()) + 4 * UNIT * scale
        return float(bound + rounding)
    return float(scale)  # the norm is always a bound


def least_norm_multipliers(design: Design) -> Array:
    """Return ν with Σ ν_i Z_i = 1 as well as least squares can: the multipliers where the labels decide S alone."""
    return np.asarray(np.linalg.lstsq(design.expanded().T, coordinates(np.eye(design.dim)), rcond=None)[0])
