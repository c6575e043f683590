"""A primal-dual interior-point method for trace-penalised regression over the cone (theory.md N2), for hard points.

Where the labels can be interpolated and the penalty is small, first-order steps crawl along a valley. Here the number
of steps does not depend on the penalty, which may be zero: each solves one positive definite system with as many
unknowns as samples, and for the real design its matrix costs no more than the Gram matrix of the inputs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve, cholesky, svd

from .designs import Design

Array = NDArray[np.float64]

# Iterations typically 15 to 25; more means that the problem has no solution (labels outside the image of the cone).
ITERATIONS = 100
# Fraction of the way to the edge of the cone that a step may go: the second after a predictor that went all the way.
CAUTIOUS, BOLD = 0.9, 0.99
# Iterations without halving what is left to do, after which rounding has the last word.
STALLED = 6
# Only once the merit is this fraction of the objective: early on, far outside the affine constraints, it may wander.
LATE = 1e-3


@dataclass(frozen=True)
class Interior:
    """The last iterate: a primal-dual pair inside the cone.

    Parameters
    ----------
    matrix : array of shape (dim, dim)
        S, positive definite.
    multipliers : array of shape (samples,)
        ν, with cost·1 - Σ ν_i Z_i positive definite up to `residual`.
    complementarity : float
        Tr[S (cost·1 - Σ ν_i Z_i)]/dim.
    residual : float
        Relative residual of the equation A(S) + softness ν/2 = y.
    steps : int
        Iterations used.
    """

    matrix: Array
    multipliers: Array
    complementarity: float
    residual: float
    steps: int


def interior_point(
    design: Design, labels: Array, *, cost: float, softness: float, tolerance: float = 1e-11
) -> Interior:
    """Minimise cost Tr S + ‖y - A(S)‖²/softness over S ⪰ 0, by Nesterov-Todd steps with Mehrotra's correction.

    Parameters
    ----------
    design, labels : Design and array of shape (samples,)
        A and y.
    cost : float
        1, or 0 for least squares over the cone.
    softness : float
        Λ for the penalised problem with cost 1; 0: the least trace among the S with A(S) = y.
    tolerance : float
        Complementarity and infeasibility relative to the objective at which to stop, if rounding allows.
    """
    point = _Point.start(design, labels, cost, softness)
    best, best_merit, since = point, np.inf, 0
    steps = 0
    while steps < ITERATIONS:
        steps += 1
        try:
            point = point.advanced()
        except LinAlgError:  # the iterate is at the edge of the cone to rounding
            break
        merit = point.merit
        since = 0 if merit < 0.5 * best_merit else since + 1
        if merit < best_merit:
            best, best_merit = point, merit
        late = best_merit <= LATE * point.objective
        if merit <= tolerance * point.objective or (late and (since >= STALLED or not merit < 1e4 * best_merit)):
            break
    return Interior(best.matrix, best.multipliers, best.complementarity, best.relative_residual, steps)


@dataclass(frozen=True, eq=False)
class _Point:
    """One iterate (S, ν, M) and the problem it belongs to."""

    design: Design
    labels: Array
    cost: float
    softness: float
    matrix: Array
    multipliers: Array
    slack: Array

    @classmethod
    def start(cls, design: Design, labels: Array, cost: float, softness: float) -> _Point:
        size, zero = np.eye(design.dim), np.zeros(design.samples)
        # Size of the S that would explain the labels of an isotropic design, and of the slack that goes with it.
        reach = float(np.linalg.norm(labels)) / float(np.linalg.norm(design.lengths)) * design.dim + 1e-300
        weight = max(cost, reach * design.samples / design.dim / softness if softness > 0 else cost)
        return cls(design, labels, cost, softness, reach * size, zero, weight * size)

    @property
    def complementarity(self) -> float:
        return float(np.sum(self.matrix * self.slack)) / self.design.dim

    @property
    def primal(self) -> Array:
        return self.labels - self.design.measure(self.matrix) - 0.5 * self.softness * self.multipliers

    @property
    def relative_residual(self) -> float:
        return float(np.linalg.norm(self.primal)) / max(float(np.linalg.norm(self.labels)), 1e-300)

    @property
    def dual(self) -> Array:
        return self.cost * np.eye(self.design.dim) - self.design.adjoint(self.multipliers) - self.slack

    @property
    def merit(self) -> float:
        """Complementarity plus both infeasibilities, in units of the objective."""
        values = abs(self.complementarity) * self.design.dim
        values += float(np.linalg.norm(self.primal) * np.linalg.norm(self.multipliers))
        return values + float(np.linalg.norm(self.dual) * np.linalg.norm(self.matrix))

    @property
    def objective(self) -> float:
        """Cost Tr S + ‖r‖²/softness with r = softness ν/2; never less than what rounding leaves of the labels."""
        value = self.cost * float(np.trace(self.matrix)) + 0.25 * self.softness * float(np.sum(self.multipliers**2))
        rounding = 1e-20 * float(self.labels @ self.labels) / self.softness if self.softness > 0 else 0.0
        return value + rounding

    def advanced(self) -> _Point:
        """One predictor-corrector step."""
        lower, upper = cholesky(self.matrix, lower=True), cholesky(self.slack, lower=True)
        left, sizes, right = svd(upper.T @ lower)
        scaling = lower @ right.T / np.sqrt(sizes)
        inverse = (left / np.sqrt(sizes)).T @ upper.T
        system = self.design.gram(scaling)
        system.flat[:: system.shape[0] + 1] += 0.5 * self.softness
        # A relative shift at the level of rounding keeps the factorisation alive in the last steps.
        system.flat[:: system.shape[0] + 1] += 1e-15 * float(np.trace(system)) / system.shape[0]
        factor = cho_factor(system, lower=True, overwrite_a=True, check_finite=False)
        solver = _Step(self, scaling, inverse, sizes, factor, self.primal, scaling.T @ self.dual @ scaling)
        mu = float(np.mean(sizes**2))
        predictor = solver.solve(-np.diag(sizes**2))
        reach = solver.lengths(predictor, CAUTIOUS)
        ahead = self._complementarity_after(solver, predictor, reach)
        # The better the predictor's step, the less centring (Toh, Todd and Tütüncü's rule, as in SDPT3).
        centre = min(1.0, max(ahead / mu, 0.0)) ** max(1.0, 3 * min(reach) ** 2)
        product = predictor[1] @ predictor[2]
        target = centre * mu * np.eye(sizes.size) - np.diag(sizes**2) - 0.5 * (product + product.T)
        change = solver.solve(target)
        damping = CAUTIOUS + (BOLD - CAUTIOUS) * min(reach)
        return self._moved(solver, change, solver.lengths(change, damping))

    def _complementarity_after(
        self, solver: _Step, change: tuple[Array, Array, Array], lengths: tuple[float, float]
    ) -> float:
        _, primal, dual = change
        base = np.diag(solver.sizes)
        return float(np.sum((base + lengths[0] * primal) * (base + lengths[1] * dual))) / solver.sizes.size

    def _moved(self, solver: _Step, change: tuple[Array, Array, Array], lengths: tuple[float, float]) -> _Point:
        multipliers, primal, dual = change
        matrix = self.matrix + lengths[0] * solver.scaling @ primal @ solver.scaling.T
        slack = self.slack + lengths[1] * solver.inverse.T @ dual @ solver.inverse
        # The equation that ties ν to S through the softness is linear: ν moves with the slack it belongs to.
        moved = self.multipliers + lengths[1] * multipliers
        symmetric = 0.5 * (matrix + matrix.T), 0.5 * (slack + slack.T)
        return _Point(self.design, self.labels, self.cost, self.softness, symmetric[0], moved, symmetric[1])


@dataclass(frozen=True, eq=False)
class _Step:
    """The linear system of one iterate, in coordinates where S and M are the same diagonal matrix."""

    point: _Point
    scaling: Array
    inverse: Array
    sizes: Array
    factor: tuple[Array, bool]
    primal: Array
    dual: Array

    def solve(self, target: Array) -> tuple[Array, Array, Array]:
        """Changes of ν, S and M (the two scaled) for a target of the symmetrised product of S and M."""
        design = self.point.design
        sum_of_changes = 2 * target / (self.sizes[:, None] + self.sizes[None, :])
        known = sum_of_changes - self.dual
        right = self.primal - design.measure(self.scaling @ known @ self.scaling.T)
        multipliers = cho_solve(self.factor, right, check_finite=False)
        pulled = self.scaling.T @ design.adjoint(multipliers) @ self.scaling
        return multipliers, known + pulled, self.dual - pulled

    def lengths(self, change: tuple[Array, Array, Array], damping: float) -> tuple[float, float]:
        """Step lengths in S and M that stay inside the cone; with softness the two must be equal."""
        root = np.sqrt(self.sizes)
        limits = []
        for part in change[1:]:
            least = float(np.linalg.eigvalsh(part / root[:, None] / root[None, :])[0])
            limits.append(min(1.0, damping / -least) if least < 0 else 1.0)
        shortest = min(limits)
        return (shortest, shortest) if self.point.softness > 0 else (limits[0], limits[1])
