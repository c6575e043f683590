"""The convex problem behind the quadratic network (theory.md N2), minimised and certified.

Accelerated proximal steps find the rank, Newton's method over a factor of that rank goes to the rounding floor, and
where the samples can nearly be interpolated a primal-dual interior-point method takes over. Whoever found it, a
duality gap with all rounding errors bounded decides whether the answer passes. Weight decay zero is the limit from
above: least squares over the cone, or the least trace among the matrices that interpolate.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import NotConverged, real
from ...solution import ErrorKind, Solution, Status
from ..inputs import finite_labels
from .coordinates import inner
from .designs import Design, QuadraticFeatures
from .duality import Certificate, certify, least_norm_multipliers, trace_gap
from .factored import newton
from .interior_point import Interior, interior_point
from .reduction import penalty_of

Array = NDArray[np.float64]

# Relative duality gap that a minimiser must reach: rank and spectrum are wrong by factors at the usual 1e-4. Measured on
# 777 random problems (d <= 30, n <= 600, both designs, noise 0 to 1, penalties from 1e-5 to 1.3 of the largest useful
# one): median 2e-13, worst 2.5e-9, none refused; the limit of zero weight decay of as many: median 2e-12, worst 3e-9.
TOLERANCE = 1e-8
# Proximal steps before Newton steps: at least, at most, and how long the rank has to stay. With a rank that is too high
# Newton wastes its steps. Newton steps in a row: the last ones of a run converge quadratically.
FIRST_BURST, LONGEST_BURST, SETTLED, NEWTON_STEPS = 40, 100, 15, 3
# Proximal steps, or products with a Hessian, before the interior-point method is tried, and where it cannot be: that
# method holds a samples x samples matrix, at 6,000 samples 0.3 GB.
SMALLEST_BUDGET, LARGEST_BUDGET, LARGEST_INTERIOR = 60.0, 5000.0, 6000
# At weight decay zero labels count as interpolated if the residual is below this fraction of them. Measured: 1e-11 to
# 1e-9 where they are, 1e-3 and more where they are not.
INTERPOLATED = 1e-6


@dataclass(frozen=True, eq=False)
class Minimiser:
    """A minimiser of ‖y - A(S)‖² + Λ Tr S over S ⪰ 0 together with its certificate.

    Parameters
    ----------
    factor : array of shape (dim, rank)
        V with S = V Vᵀ: orthogonal columns, longest first.
    penalty : float
        Λ = weight_decay √(width·dim) (0: the limit from above).
    objective : float
        ‖y - A(S)‖² + Λ Tr S.
    gap : float
        Relative duality gap.
    train_error : float
        Mean square residual, ‖y - A(S)‖²/n.
    tail : float
        Upper bound of the sum of the true minimiser's eigenvalues beyond the `rank` largest (infinite in the limit of
        zero weight decay, where none is computed).
    """

    factor: Array
    penalty: float
    objective: float
    gap: float
    train_error: float
    tail: float

    @property
    def matrix(self) -> Array:
        """S, of shape (dim, dim)."""
        return np.asarray(self.factor @ self.factor.T)

    @property
    def rank(self) -> int:
        """Number of positive eigenvalues; the true minimiser's others add up to no more than `tail`."""
        return int(self.factor.shape[1])

    @property
    def spectrum(self) -> Array:
        """All eigenvalues of S, descending; those beyond the rank are exactly zero."""
        values = np.zeros(self.factor.shape[0])
        values[: self.rank] = np.sum(self.factor**2, axis=0)
        return values


def minimise(
    design: Design | ArrayLike,
    labels: ArrayLike,
    *,
    weight_decay: float,
    width: int | None = None,
    tolerance: float = TOLERANCE,
) -> Solution[Minimiser]:
    """Minimise ‖y - A(S)‖² + Λ Tr S over S ⪰ 0 with Λ = weight_decay √(width·dim) (claims N2 and N10).

    Equal to the network loss Σ (y - f)² + weight_decay ‖W‖² minimised over W of shape (width, dim), width ≥ dim.

    Parameters
    ----------
    design : Design, or array of shape (samples, dim)
        The measurements A, or the inputs x, one a row and not normalised, of the real ones: Tr[S (x xᵀ - 1)]/√dim.
    labels : array of shape (samples,)
        Labels y.
    weight_decay : float
        λ ≥ 0; 0 means the limit λ → 0 from above: least squares over the cone, and among several minimisers that
        interpolate the one of least trace.
    width : int, optional
        p ≥ dim, by default dim.
    tolerance : float
        Largest relative duality gap that passes.

    Returns
    -------
    Solution of Minimiser
        `error` is the relative duality gap, a proved bound (weak duality, rounding included) of how far the objective
        is above its minimum. In the limit with interpolation it is `trace_gap`, an estimate.

    Raises
    ------
    DomainError
        Empty, ragged, non-finite or mismatched arrays; a negative weight decay; width < dim.
    NotConverged
        The gap was not reached. When this is wrong: at penalties so small that they drown in the rounding of
        2 Σ y_i Z_i (below about 1e-8 of its largest eigenvalue) with labels that can be interpolated, ask for the
        limit, 0; at the interpolation threshold itself with zero weight decay there may be no way.

    Notes
    -----
    With fewer samples than dimensions and negative labels the minimiser need not be unique (the Z_i have a common
    eigenspace, on which only the trace of S is seen); then one of them is returned.

    Examples
    --------
    One dimension, z = x² - 1: S = max(Σ y z - Λ/2, 0)/Σ z².

    >>> minimise([[2.0], [0.0]], [3.0, -1.0], weight_decay=2.0).value.matrix.round(12)
    array([[0.9]])
    """
    measurements = design if isinstance(design, Design) else QuadraticFeatures(design)
    target = finite_labels(labels, measurements.samples)
    penalty = penalty_of(weight_decay=weight_decay, dim=measurements.dim, width=width)
    real("tolerance", tolerance, above=0)
    search = _Search(measurements, target, penalty, tolerance)
    found = search.limit() if penalty == 0 else search.penalised()
    if not found.gap <= tolerance:
        advice = "raise weight_decay, or ask for the limit, 0" if penalty > 0 else "use a positive weight_decay"
        raise NotConverged(f"{found.method}: relative gap {found.gap:.1e} above {tolerance:.1e}; {advice}")
    value = _assemble(measurements, target, penalty, found)
    status = Status.LIMIT if penalty == 0 else Status.CONVERGED
    kind = ErrorKind.BOUND if found.certificate is not None else ErrorKind.ESTIMATE
    statistics = {"steps": float(found.steps), "gap": found.gap}
    return Solution(value, status, found.gap, kind, found.method, statistics)


@dataclass(frozen=True, eq=False)
class _Found:
    """A candidate V, its relative gap, and the certificate behind it if there is one."""

    factor: Array
    gap: float
    certificate: Certificate | None
    steps: int
    method: str


def _assemble(design: Design, labels: Array, penalty: float, found: _Found) -> Minimiser:
    square = float(np.sum((labels - design.measure_factor(found.factor)) ** 2))
    objective = square + penalty * float(np.sum(found.factor**2))
    tail = math.inf if found.certificate is None else found.certificate.tail_bound(found.factor.shape[1])
    return Minimiser(found.factor, penalty, objective, found.gap, square / labels.size, tail)


@dataclass(frozen=True, eq=False)
class _Search:
    """The problem, and the ways to look for its minimiser."""

    design: Design
    labels: Array
    penalty: float
    tolerance: float

    def penalised(self) -> _Found:
        """First-order steps and Newton, then the interior-point method where those crawl."""
        empty = np.zeros((self.design.dim, 0))
        nothing = self._judged(empty, 0, "the zero matrix")
        if nothing.gap <= self.tolerance:
            return nothing
        affordable = self.design.samples <= LARGEST_INTERIOR
        found = self._descended(self._budget() if affordable else LARGEST_BUDGET)
        if found.gap > self.tolerance and affordable:
            interior = interior_point(self.design, self.labels, cost=1.0, softness=self.penalty)
            found = min(found, self._polished(interior), key=lambda candidate: candidate.gap)
        return self._trimmed(found)

    def _trimmed(self, found: _Found, inward: Array | None = None) -> _Found:
        """Without the columns that belong to the slack, if the certificate allows."""
        if found.certificate is None or not found.factor.any():
            return found
        values, basis = _decomposed(found.factor)
        slack = (found.certificate.slack_basis * found.certificate.slack_levels) @ found.certificate.slack_basis.T
        kept = _rank(values, basis, slack)
        if kept == found.factor.shape[1]:
            return found
        dual = found.certificate.dual
        trimmed = self._judged(_factor(values, basis, kept), found.steps, found.method, dual, inward)
        return trimmed if trimmed.gap <= max(self.tolerance, found.gap) else found

    def _budget(self) -> float:
        """How many proximal steps cost as much as the interior-point method."""
        samples, dim = float(self.design.samples), float(self.design.dim)
        system = samples**3 / 3 + self.design.gram_work
        return min(max(24 * system / (4 * samples * dim**2 + 10 * dim**3), SMALLEST_BUDGET), LARGEST_BUDGET)

    def limit(self) -> _Found:
        """Weight decay zero: least squares over the cone, then the least trace if that interpolates."""
        if not self.labels.any():
            return self._judged(np.zeros((self.design.dim, 0)), 0, "the zero matrix")
        if self.design.samples > LARGEST_INTERIOR:
            return self._trimmed(self._descended(LARGEST_BUDGET))
        interior = interior_point(self.design, self.labels, cost=0.0, softness=1.0)
        residual = float(np.linalg.norm(self.labels - self.design.measure(interior.matrix)))
        if residual > INTERPOLATED * float(np.linalg.norm(self.labels)):
            # An early iterate, well inside the cone, is what the certificate moves towards.
            inward = interior_point(self.design, self.labels, cost=0.0, softness=1.0, tolerance=1e-2).multipliers
            return self._trimmed(self._polished(interior, inward), inward)
        if self._decided():
            return self._interpolated(interior.matrix, least_norm_multipliers(self.design), interior.steps)
        least = interior_point(self.design, self.labels, cost=1.0, softness=0.0)
        return self._interpolated(least.matrix, least.multipliers, least.steps)

    def _decided(self) -> bool:
        """Whether there are as many samples as coordinates of S, so that one matrix at most interpolates."""
        return 2 * self.design.samples >= self.design.dim * (self.design.dim + 1)

    def _interpolated(self, matrix: Array, multipliers: Array, steps: int) -> _Found:
        values, basis = np.linalg.eigh(matrix)
        slack = np.eye(self.design.dim) - self.design.adjoint(multipliers)
        sizes = [int(np.sum(values > 0)), _rank(values, basis, slack)]
        factors = [_factor(values, basis, size) for size in sizes]
        gaps = [trace_gap(self.design, self.labels, factor, multipliers) for factor in factors]
        # The low rank unless that costs accuracy which is needed.
        best = 1 if gaps[1] <= self.tolerance else int(np.argmin(gaps))
        return _Found(factors[best], gaps[best], None, steps, "least trace (interior point): the limit of zero decay")

    def _judged(
        self, factor: Array, steps: int, method: str, dual: Array | None = None, inward: Array | None = None
    ) -> _Found:
        certificate = certify(self.design, self.labels, factor, self.penalty, dual=dual, inward=inward)
        return _Found(factor, certificate.relative_gap, certificate, steps, method)

    def _descended(self, budget: float) -> _Found:
        """Alternate accelerated proximal steps, which set the rank, and Newton steps at that rank."""
        method = "accelerated proximal steps and Newton over a factor"
        factor, steps = np.zeros((self.design.dim, 0)), 0
        found = self._judged(factor, 0, method)
        while found.gap > self.tolerance and steps < budget:
            factor, burst = self._settled(factor)
            descent = newton(self.design, self.labels, factor, self.penalty, steps=NEWTON_STEPS)
            steps += burst + descent.products
            factor = descent.factor
            found = min(found, self._judged(factor, steps, method), key=lambda candidate: candidate.gap)
        if 0 < found.gap <= self.tolerance:  # S itself converges like the root of the gap: two more steps for digits
            descent = newton(self.design, self.labels, found.factor, self.penalty, steps=2)
            polished = self._judged(descent.factor, steps + descent.products, method)
            found = polished if polished.gap <= self.tolerance else found
        return found

    def _settled(self, start: Array) -> tuple[Array, int]:
        """Proximal steps until the rank has stayed the same for a while."""
        ranks: list[int] = []
        factor = start
        for factor in _proximal(self.design, self.labels, self.penalty, start):
            ranks.append(factor.shape[1])
            settled = len(ranks) >= FIRST_BURST and len(set(ranks[-SETTLED:])) == 1
            if settled or len(ranks) >= LONGEST_BURST:
                break
        return factor, len(ranks)

    def _polished(self, interior: Interior, inward: Array | None = None) -> _Found:
        """The interior point cut to its rank: after Newton's method there, or as it is, or not even cut."""
        values, basis = np.linalg.eigh(interior.matrix)
        dual = 0.5 * (self.penalty or 1.0) * interior.multipliers
        slack = self.penalty * np.eye(self.design.dim) - 2 * self.design.adjoint(dual)
        cut = _factor(values, basis, _rank(values, basis, slack))
        descent = newton(self.design, self.labels, cut, self.penalty, steps=10)
        whole = _factor(values, basis, int(np.sum(values > 0)))
        candidates: list[_Found] = []
        for factor, direction in ((descent.factor, None), (cut, dual), (whole, dual)):
            steps = interior.steps + descent.products
            method = "interior point and Newton over a factor"
            candidates.append(self._judged(factor, steps, method, direction, inward))
            if candidates[-1].gap <= self.tolerance:
                return candidates[-1]
        return min(candidates, key=lambda candidate: candidate.gap)


def _factor(values: Array, basis: Array, rank: int) -> Array:
    """The `rank` largest eigenvalues (given in ascending order) as orthogonal columns, longest first."""
    first = values.size - rank
    return np.ascontiguousarray((basis[:, first:] * np.sqrt(values[first:]))[:, ::-1])


def _decomposed(factor: Array) -> tuple[Array, Array]:
    """Eigenvalues of V Vᵀ, ascending, and eigenvectors, for as many columns as V has."""
    left, lengths, _ = np.linalg.svd(factor, full_matrices=False)
    return lengths[::-1] ** 2, left[:, ::-1]


def _rank(values: Array, basis: Array, slack: Array) -> int:
    """How many eigenvalues of S (ascending) exceed what the slack has in the same direction, each in its own unit."""
    levels = np.abs(np.einsum("ij,ij->j", basis, slack @ basis))
    largest = max(float(np.abs(np.linalg.eigvalsh(slack)).max()), float(np.finfo(float).tiny))
    return int(np.sum(values / max(float(values[-1]), float(np.finfo(float).tiny)) > levels / largest))


def _proximal(design: Design, labels: Array, penalty: float, factor: Array) -> Iterator[Array]:
    """Accelerated proximal gradient steps, without end: factors V, with step adaptation and restarts.

    The curvature that a step needs is measured (‖A(ΔS)‖² against ‖ΔS‖²) rather than bounded: along matrices of low
    rank it is several times less than the norm of A. It is lowered by a twentieth each step and raised when a step
    turns out too long.
    """
    dim = design.dim
    matrix, image = factor @ factor.T, design.measure_factor(factor)
    ahead, ahead_image, momentum, curvature = matrix, image, 1.0, 4 * design.samples / dim
    while True:
        gradient = 2 * design.adjoint(ahead_image - labels)
        gradient.flat[:: dim + 1] += penalty
        previous, previous_image = matrix, image
        while True:
            values, basis = np.linalg.eigh(ahead - gradient / curvature)
            factor = _factor(values, basis, int(np.sum(values > 0)))
            matrix, image = factor @ factor.T, design.measure_factor(factor)
            step, effect = matrix - ahead, image - ahead_image
            moved = 0.5 * curvature * inner(step, step)
            if inner(effect, effect) <= moved * (1 + 1e-10) or moved == 0:
                break
            curvature *= 1.5
        yield factor
        travelled = matrix - previous
        if inner(step, travelled) < 0:
            momentum = 1.0
        following = 0.5 * (1 + math.sqrt(1 + 4 * momentum**2))
        weight = (momentum - 1) / following
        ahead, ahead_image = matrix + weight * travelled, image + weight * (image - previous_image)
        momentum, curvature = following, 0.95 * curvature
