"""The convex problem behind the diagonal network (theory.md N1): the LASSO, minimised and certified.

scikit-learn's coordinate descent comes close, a primal active-set method solves the optimality conditions exactly on
support and signs, and a duality gap that is recomputed here, as a sum of non-negative terms, decides whether the
answer passes. Weight decay zero is the limit from above: basis pursuit, or least squares if the design has full
rank.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve, lstsq, qr, solve_triangular, svd

from ...errors import NotConverged, real
from ...solution import ErrorKind, Solution, Status
from ..inputs import finite_labels, finite_matrix

Array = NDArray[np.float64]

# Relative duality gap that a minimiser must reach. Measured on 1,059 random problems (n, d <= 300, noise 0 to 1,
# penalties from 1e-8 to 1.3 of max |Xᵀy|): median 2e-16, worst 3e-13, none refused.
TOLERANCE = 1e-10
# A gap at which the coarse start need not be asked whether its own is smaller: its gap was 3e-12 and more.
SHARP = 1e-13
# Coordinate descent is only asked for penalties above this fraction of the largest useful one: below, it crawls, and
# the active-set method gets there from the coarse start in a number of steps of the order of the support.
COARSE = 1e-3
# scikit-learn's own tolerance is relative to ‖y‖². Tighter (1e-8) gained nothing, since the active set ends the job
# exactly, and was not always reached at n close to d.
DESCENT_TOLERANCE = 1e-5
# A squared Cholesky pivot below this fraction of the largest diagonal entry calls for the singular value route.
PIVOT = 1e-12
# Below this fraction of max |Xᵀy| the rounding of the residual (1e-14) is visible in signs that the penalty decides.
CANCELLING = 1e-5
EPS = float(np.finfo(float).eps)


@dataclass(frozen=True)
class Minimiser:
    """A minimiser of ½‖y - Xθ‖² + Λ‖θ‖₁ together with its certificate.

    Parameters
    ----------
    weights : array of shape (dim,)
        The minimiser θ; entries outside the support are exactly zero.
    penalty : float
        Λ = weight_decay √dim (0: the limit from above).
    objective : float
        ½‖y - Xθ‖² + Λ‖θ‖₁.
    gap : float
        Relative duality gap, `duality_gap`; in the limit the relative error of `basis_pursuit_gap`, or the relative
        residual of the normal equations.
    train_error : float
        Mean square residual, ‖y - Xθ‖²/n.
    """

    weights: Array
    penalty: float
    objective: float
    gap: float
    train_error: float

    @property
    def support(self) -> NDArray[np.intp]:
        """Indices of the weights that are not zero, ascending."""
        return np.flatnonzero(self.weights)

    @property
    def degrees_of_freedom(self) -> int:
        """Size of the support: the unbiased estimate of the degrees of freedom where the minimiser is unique."""
        return int(self.support.size)


def minimise(
    design: ArrayLike, labels: ArrayLike, *, weight_decay: float, tolerance: float = TOLERANCE
) -> Solution[Minimiser]:
    """Minimise ½‖y - Xθ‖² + Λ‖θ‖₁ with Λ = weight_decay √dim (claims N1 and N10).

    Equal to half the network loss Σ (y - f)² + weight_decay (‖w‖² + ‖a‖²) minimised over a⊙w = √dim θ.

    Parameters
    ----------
    design : array of shape (samples, dim)
        Inputs x, one a row, not normalised.
    labels : array of shape (samples,)
        Labels y.
    weight_decay : float
        λ ≥ 0; 0 means the limit λ → 0 from above: the shortest vector (in ℓ1) among the least-squares solutions.
    tolerance : float
        Largest relative duality gap that passes.

    Returns
    -------
    Solution of Minimiser
        `error` is the relative duality gap: by weak duality the objective exceeds its minimum by at most that fraction
        of itself. An estimate, not a bound, only because it is evaluated in double precision.

    Raises
    ------
    DomainError
        Empty, ragged, non-finite or mismatched arrays; a negative weight decay.
    NotConverged
        The gap was not reached. When this is wrong: at positive weight decay so small that Λ drowns in the rounding
        of Xᵀy (below about 1e-13 of it, with fewer samples than dimensions); ask for the limit, 0, instead.

    Notes
    -----
    Where the minimiser is not unique (a repeated column, say) one minimiser with independent columns is returned.

    Examples
    --------
    The design √n·1 is orthogonal, so the minimiser is the soft threshold of Xᵀy/n at Λ/n:

    >>> import numpy as np
    >>> minimise(2 * np.eye(4), [8.0, 1.0, -4.0, 0.0], weight_decay=2.0).value.weights
    array([ 3.,  0., -1.,  0.])
    """
    matrix, target = checked_problem(design, labels)
    decay = real("weight_decay", weight_decay, at_least=0)
    real("tolerance", tolerance, above=0)
    penalty = decay * math.sqrt(matrix.shape[1])
    if penalty == 0:
        weights, gap, steps, method = _limit(matrix, target)
    else:
        weights, gap, steps = _penalised(matrix, target, penalty)
        method = "LASSO: coordinate descent (scikit-learn), then an active set; gap recomputed"
    if not gap <= tolerance:
        advice = "use weight_decay = 0, the limit from above" if penalty > 0 else "rescale the design"
        raise NotConverged(f"{method}: relative gap {gap:.1e} above {tolerance:.1e}; if the penalty is tiny, {advice}")
    value = _assemble(matrix, target, weights, penalty, gap)
    status = Status.LIMIT if penalty == 0 else Status.CONVERGED
    return Solution(value, status, gap, ErrorKind.ESTIMATE, method, {"steps": float(steps), "gap": gap})


def duality_gap(design: Array, labels: Array, weights: Array, penalty: float, *, dual: Array | None = None) -> float:
    """Return the relative duality gap of any θ for ½‖y - Xθ‖² + Λ‖θ‖₁ (claim N1).

    With u the residual r = y - Xθ (or `dual`) shrunk until ‖Xᵀu‖_∞ ≤ Λ, the gap is
    ½‖r - u‖² + Σ_j (Λ|θ_j| - (Xᵀu)_j θ_j), terms that are all non-negative, so nothing cancels; it is divided by the
    objective.

    Parameters
    ----------
    design, labels, weights : arrays of shape (samples, dim), (samples,), (dim,)
        X, y, θ.
    penalty : float
        Λ > 0 (not the weight decay).
    dual : array of shape (samples,), optional
        A direction for the dual point other than the residual.

    Examples
    --------
    >>> import numpy as np
    >>> duality_gap(np.eye(2), np.array([3.0, 0.5]), np.array([2.0, 0.0]), 1.0)
    0.0
    >>> duality_gap(np.eye(2), np.array([3.0, 0.5]), np.array([2.1, 0.0]), 1.0) > 1e-3
    True
    """
    residual = labels - design @ weights
    objective = 0.5 * float(residual @ residual) + penalty * float(np.abs(weights).sum())
    if objective == 0:
        return 0.0
    point = residual if dual is None else dual
    correlation = design.T @ point
    steepest = float(np.abs(correlation).max())
    shrink = min(1.0, penalty / steepest) if steepest > 0 else 1.0
    slack = penalty * np.abs(weights) - shrink * correlation * weights
    distance = residual - shrink * point
    return max(0.0, 0.5 * float(distance @ distance) + float(slack.sum())) / objective


def basis_pursuit_gap(rows: Array, target: Array, weights: Array, dual: Array) -> float:
    """Return the relative error certificate of θ for: minimise ‖θ‖₁ subject to Aθ = b (claim N1, weight decay → 0+).

    With ν the dual vector shrunk until ‖Aᵀν‖_∞ ≤ 1 it is 1 - ν·Aθ/‖θ‖₁ (the gap) plus ‖Aθ - b‖/‖b‖ (feasibility).

    Examples
    --------
    >>> import numpy as np
    >>> basis_pursuit_gap(np.array([[1.0, 2.0]]), np.array([4.0]), np.array([0.0, 2.0]), np.array([0.5]))
    0.0
    """
    length = float(np.abs(weights).sum())
    scale = float(np.linalg.norm(target))
    if scale == 0:
        return 0.0 if length == 0 else 1.0
    if length == 0:
        return 1.0
    correlation = rows.T @ dual
    steepest = max(1.0, float(np.abs(correlation).max()))
    slack = float((np.abs(weights) - correlation * weights / steepest).sum())
    return max(0.0, slack) / length + float(np.linalg.norm(rows @ weights - target)) / scale


def checked_problem(design: ArrayLike, labels: ArrayLike) -> tuple[Array, Array]:
    """Return X and y as float arrays of matching shapes, or raise `DomainError`."""
    matrix = finite_matrix("design", design)
    return matrix, finite_labels(labels, matrix.shape[0])


def _assemble(matrix: Array, target: Array, weights: Array, penalty: float, gap: float) -> Minimiser:
    square = float(np.sum((target - matrix @ weights) ** 2))
    objective = 0.5 * square + penalty * float(np.abs(weights).sum())
    return Minimiser(weights, penalty, objective, gap, square / target.size)


def _penalised(matrix: Array, target: Array, penalty: float) -> tuple[Array, float, int]:
    """Minimiser, relative gap and number of active-set steps at Λ > 0."""
    largest = float(np.abs(matrix.T @ target).max())
    if penalty >= largest:
        zero = np.zeros(matrix.shape[1])
        return zero, duality_gap(matrix, target, zero, penalty), 0
    start = _coordinate_descent(matrix, target, max(penalty, COARSE * largest))
    weights, steps = _active_set(matrix, target, start, penalty)
    after = _certificate(matrix, target, weights, penalty)
    if after <= SHARP:
        return weights, after, steps
    before = _certificate(matrix, target, start, penalty)
    return (weights, after, steps) if after <= before else (start, before, steps)


def _coordinate_descent(matrix: Array, target: Array, penalty: float) -> Array:
    from sklearn.linear_model import Lasso  # 0.8 s to import: only when it is needed

    # scikit-learn divides the square loss by n, hence the penalty too.
    model = Lasso(alpha=penalty / target.size, fit_intercept=False, tol=DESCENT_TOLERANCE, max_iter=100_000)
    return np.asarray(model.fit(matrix, target).coef_, dtype=float).reshape(-1)


def _certificate(matrix: Array, target: Array, weights: Array, penalty: float) -> float:
    """The smaller gap of two dual points: the residual, and the residual with its part on the support made exact."""
    gap = duality_gap(matrix, target, weights, penalty)
    dual = _exact_dual(matrix, target - matrix @ weights, weights, penalty)
    return gap if dual is None else min(gap, duality_gap(matrix, target, weights, penalty, dual=dual))


def _exact_dual(matrix: Array, residual: Array, weights: Array, penalty: float) -> Array | None:
    """(1 - P) r + Λ X_S (X_Sᵀ X_S)⁻¹ s, with P the projection on the support S: the residual without cancellation.

    At the minimum it equals r = y - Xθ, but its rounding error is relative to r, not to y: at tiny penalties r is a
    difference of large numbers. None where the columns on S are dependent.
    """
    support = np.flatnonzero(weights)
    if not 0 < support.size <= matrix.shape[0]:
        return None
    basis, triangle = qr(matrix[:, support], mode="economic")  # not the Gram matrix: it squares the condition
    pivots = np.abs(np.diag(triangle))
    if float(pivots.min()) <= EPS * matrix.shape[0] * float(pivots.max()):
        return None
    outside = residual - basis @ (basis.T @ residual)
    outside -= basis @ (basis.T @ outside)
    return np.asarray(outside + penalty * basis @ solve_triangular(triangle, np.sign(weights[support]), trans="T"))


def _active_set(matrix: Array, target: Array, start: Array, penalty: float) -> tuple[Array, int]:
    """Primal active-set method: every step lowers the objective, and the last one solves the conditions exactly."""
    weights, signs = start.copy(), np.sign(start)
    limit = 10 * sum(matrix.shape) + 100  # a guard against rounding: the certificate judges what comes out
    for step in range(limit):
        complete = _step_on_support(matrix, target, weights, signs, penalty)
        if not complete:
            continue
        correlation = np.where(signs == 0, matrix.T @ _residual(matrix, target, weights, penalty), 0.0)
        worst = int(np.argmax(np.abs(correlation)))
        if abs(correlation[worst]) <= penalty * (1 + 1e-12):
            return weights, step
        signs[worst] = np.sign(correlation[worst])
    return weights, limit


def _residual(matrix: Array, target: Array, weights: Array, penalty: float) -> Array:
    """y - Xθ, cleaned by `_exact_dual` where the penalty is near its rounding error."""
    residual = target - matrix @ weights
    if penalty < CANCELLING * float(np.abs(matrix.T @ target).max()):
        dual = _exact_dual(matrix, residual, weights, penalty)
        return residual if dual is None else dual
    return residual


def _step_on_support(matrix: Array, target: Array, weights: Array, signs: Array, penalty: float) -> bool:
    """Move (in place) towards the minimum at fixed signs, up to the first weight that reaches zero; True if arrived."""
    active = np.flatnonzero(signs)
    if active.size == 0:
        return True
    columns = matrix[:, active]
    direction, bounded = _direction(columns, target - matrix @ weights, signs[active], penalty)
    crossing = direction * signs[active] < 0
    ratios = np.full(active.size, np.inf)
    ratios[crossing] = -weights[active][crossing] / direction[crossing]
    nearest = int(np.argmin(ratios))
    length = min(1.0, float(ratios[nearest])) if bounded else float(ratios[nearest])
    if not math.isfinite(length):
        return True
    weights[active] += length * direction
    if bounded and ratios[nearest] > 1.0:
        _refine(columns, target, weights, active, signs, penalty)
        return True
    weights[active[nearest]] = signs[active[nearest]] = 0.0
    return False


def _direction(columns: Array, residual: Array, signs: Array, penalty: float) -> tuple[Array, bool]:
    """Newton direction on the support; where its columns are dependent, a direction of unbounded descent instead."""
    slope = columns.T @ residual - penalty * signs
    factor = _cholesky(columns)
    if factor is not None:
        return np.asarray(cho_solve(factor, slope)), True
    _, values, rows = svd(columns)
    rank = int(np.sum(values > values[0] * math.sqrt(PIVOT))) if values[0] > 0 else 0
    null = rows[rank:]
    if null.size == 0:
        return np.asarray(lstsq(columns.T @ columns, slope)[0]), True
    descent = null.T @ (null @ slope)
    if float(np.linalg.norm(descent)) > 1e-9 * penalty:
        return descent, False
    flat = null[0]
    return (-flat if float(signs @ flat) > 0 or not (flat * signs < 0).any() else flat), False


def _refine(
    columns: Array, target: Array, weights: Array, active: NDArray[np.intp], signs: Array, penalty: float
) -> None:
    """One more Newton step from the recomputed residual (iterative refinement), kept only if no sign changes."""
    direction, bounded = _direction(columns, target - columns @ weights[active], signs[active], penalty)
    refined = weights[active] + direction
    if bounded and bool((np.sign(refined) == signs[active]).all()):
        weights[active] = refined


def _cholesky(columns: Array) -> tuple[Array, bool] | None:
    """Cholesky factor of the Gram matrix, or None where the columns are dependent within rounding."""
    if columns.shape[1] > columns.shape[0]:
        return None
    gram = columns.T @ columns
    try:
        factor: tuple[Array, bool] = cho_factor(gram)
    except LinAlgError:
        return None
    pivots = np.diag(factor[0]) ** 2
    return factor if float(pivots.min()) > PIVOT * float(np.diag(gram).max()) else None


def _limit(matrix: Array, target: Array) -> tuple[Array, float, int, str]:
    """Λ → 0+: the ℓ1-shortest least-squares solution, which for a design of full column rank is the only one."""
    left, values, rows = svd(matrix, full_matrices=False)
    rank = int(np.sum(values > values[0] * max(matrix.shape) * EPS))
    coordinates = left[:, :rank].T @ target / values[:rank]
    if rank == matrix.shape[1]:
        weights = rows.T @ coordinates
        weights += lstsq(matrix, target - matrix @ weights)[0]
        slope = float(np.linalg.norm(matrix.T @ (target - matrix @ weights)))
        scale = float(values[0] * np.linalg.norm(target))
        return weights, slope / scale if scale > 0 else 0.0, 1, "least squares: the limit of zero weight decay"
    weights, gap, steps = _basis_pursuit(rows[:rank], coordinates)
    return weights, gap, steps, "basis pursuit (HiGHS): the limit of zero weight decay"


def _basis_pursuit(rows: Array, target: Array) -> tuple[Array, float, int]:
    """Minimise ‖θ‖₁ subject to Aθ = b for A with orthonormal rows, as a linear program, then exactly on its support."""
    from scipy.optimize import linprog  # 0.3 s to import

    dim, scale = rows.shape[1], float(np.abs(target).max(initial=0.0))
    if scale == 0:
        return np.zeros(dim), 0.0, 0
    doubled = np.hstack([rows, -rows])
    program = linprog(np.ones(2 * dim), A_eq=doubled, b_eq=target / scale, bounds=(0, None), method="highs")
    if program.x is None:
        raise NotConverged(f"basis pursuit (HiGHS): {program.message}")
    weights = scale * (program.x[:dim] - program.x[dim:])
    dual = np.asarray(program.eqlin.marginals, dtype=float)
    candidates = [(weights, dual), _on_support(rows, target, weights, dual)]
    gaps = [basis_pursuit_gap(rows, target, *candidate) for candidate in candidates]
    best = int(np.argmin(gaps))
    return candidates[best][0], gaps[best], int(program.nit)


def _on_support(rows: Array, target: Array, weights: Array, dual: Array) -> tuple[Array, Array]:
    """Solve Aθ = b and Aᵀν = sign θ exactly on the support that the linear program found."""
    support = np.flatnonzero(np.abs(weights) > 1e-9 * np.abs(weights).max())
    exact = np.zeros_like(weights)
    exact[support] = lstsq(rows[:, support], target)[0]
    # Move the program's dual point as little as possible: where the support is short, ν is not determined by it.
    defect = np.sign(exact[support]) - rows[:, support].T @ dual
    return exact, dual + lstsq(rows[:, support].T, defect)[0]
