"""State evolution of the diagonal network: risk, noise level, threshold at one point or on a grid (theory.md N3, N8, N9).

Any dimension from 1 to 2^53 costs the same: sums over the teacher are discrete Gauss sums on panels that follow the
unknowns (`power_sums`, `residuals`), and the two equations are solved in logarithms (`root_finding`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...errors import real, require
from ...power_sums import Array
from ...solution import ErrorKind, Solution
from ..inputs import finite_vector
from ..teacher import LARGEST, Teacher, named_teacher
from .decomposition import Decomposition, decompose
from .grid import LIMIT_ERROR, GridEvolution, evolve_grid, graded, train_error
from .limits import Limit, closed_form
from .residuals import Points
from .root_finding import Roots, find_roots

__all__ = ["DiagonalProblem", "GridEvolution", "StateEvolution", "solve", "solve_grid"]

METHOD = "Newton in (log tau, log alpha) on discrete Gauss sums"


@dataclass(frozen=True)
class DiagonalProblem:
    """A diagonal network and its data, in the normalisation of theory.md N1.

    f = a.(w*x)/sqrt(d), labels y = theta*.x + sqrt(noise) xi, loss sum (y - f)^2 + weight_decay (|w|^2 + |a|^2), which
    is the LASSO with penalty Lambda = weight_decay sqrt(d).

    Parameters
    ----------
    teacher : Teacher
        Target weights: `PowerLaw(dim, decay)`, or `Atoms(values, multiplicities)`.
    samples : float
        Number of samples n > 0, not necessarily an integer (1e-100 to 1e100: what floats can hold the squares of).
    weight_decay : float
        lambda >= 0; 0 is the limit from above.
    noise : float
        Variance of the label noise, 0 to 1e100.

    Raises
    ------
    DomainError
        Outside these ranges.
    """

    teacher: Teacher
    samples: float
    weight_decay: float
    noise: float

    def __post_init__(self) -> None:
        require(isinstance(self.teacher, Teacher), "teacher", self.teacher, "a PowerLaw or Atoms")
        object.__setattr__(self, "samples", real("samples", self.samples, at_least=1 / LARGEST, at_most=LARGEST))
        object.__setattr__(self, "weight_decay", real("weight_decay", self.weight_decay, at_least=0))
        object.__setattr__(self, "noise", real("noise", self.noise, at_least=0, at_most=LARGEST))

    @property
    def dim(self) -> float:
        """Number of weights d."""
        return self.teacher.size

    @property
    def penalty(self) -> float:
        """Lambda = weight_decay sqrt(d) of the LASSO (theory.md N1)."""
        return float(min(self.weight_decay * self.dim**0.5, np.finfo(np.float64).max))


@dataclass(frozen=True)
class StateEvolution:
    """The solution of the state equations (theory.md N3), with what follows from it.

    Parameters
    ----------
    risk : float
        R = |theta - theta*|^2, the excess risk; the noise is not in it.
    noise_level : float
        tau, with n tau^2 = noise + R.
    threshold : float
        t = alpha tau.
    degrees_of_freedom : float
        sum_k P(|theta*_k + tau z| > t): the expected number of non-zero weights.
    train_error : float
        Mean square on the training set, (noise + R)(1 - dof/n)^2 = Lambda^2/(alpha^2 n).
    decomposition : Decomposition
        The risk as overfitting + underfitting + approximation (theory.md N9).
    """

    risk: float
    noise_level: float
    threshold: float
    degrees_of_freedom: float
    train_error: float
    decomposition: Decomposition


def solve(
    *,
    samples: float,
    weight_decay: float,
    noise: float,
    dim: float | None = None,
    decay: float | None = None,
    teacher: Teacher | None = None,
    checked: bool = True,
) -> Solution[StateEvolution]:
    """Solve the state equations of the diagonal network at one point (theory.md N3).

    Formula: n tau^2 = noise + R, R = sum_k E(soft(theta*_k + tau z; t) - theta*_k)^2,
    weight_decay sqrt(d) = t (n - sum_k P(|theta*_k + tau z| > t)).

    Parameters
    ----------
    samples, weight_decay, noise : float
        n > 0, lambda >= 0 (0 is the limit from above), noise variance >= 0.
    dim, decay : float, optional
        The teacher theta*_k = k^-decay, k = 1 ... dim (1 to 2^53, decay in (1/2, 10]).
    teacher : Teacher, optional
        Any other teacher, instead of these two.
    checked : bool
        Whether to raise where the solution did not converge or does not exist (the default).

    Returns
    -------
    Solution[StateEvolution]
        `error` is the relative error of the risk: the last correction on a refined quadrature plus propagated rounding.

    Raises
    ------
    DomainError
        A parameter outside its range.
    NotConverged
        `Status.DIVERGES`: weight_decay = 0, noise > 0 and n = d exactly. `Status.STALLED`: an error above 1e-9, where
        the equations themselves are singular (hardly any noise, within a relative 1e-6 of the edge of exact recovery).

    Notes
    -----
    Uniqueness: for noise > 0 the solution is unique (`bayati2012lasso`, whose prior is here the empirical distribution
    of the teacher; for alpha fixed tau is unique, and alpha is a function of the penalty because the LASSO risk is).
    A solution always exists (`root_finding`). Without noise, or in the limit weight_decay = 0, uniqueness is not
    proved; tests start from many points and find one solution.

    *When this is wrong*: the equations are proved for n, d to infinity at a fixed ratio. At other scales, or at small
    n and d, they are the paper's conjecture (theory.md N11).

    Examples
    --------
    >>> solution = solve(dim=1e12, samples=1e6, weight_decay=1e-3, decay=1.0, noise=1.0)
    >>> round(solution.value.risk, 9), solution.error < 1e-12
    (0.069525645, True)
    """
    chosen = named_teacher("teacher", teacher, dim, decay)
    solution = evolve(DiagonalProblem(chosen, samples, weight_decay, noise))
    return solution.checked() if checked else solution


def evolve(problem: DiagonalProblem) -> Solution[StateEvolution]:
    """Solve one `DiagonalProblem`; the result may be unconverged, see its status.

    Examples
    --------
    >>> from scalecheck.numerics.networks.teacher import PowerLaw
    >>> evolve(DiagonalProblem(PowerLaw(100, 1.0), samples=200, weight_decay=0, noise=1)).value.risk
    1.0
    """
    # Trial points may leave the range of floats; what comes of that is an infinite error, never a number.
    with np.errstate(all="ignore"):
        limit = closed_form(problem.teacher, problem.samples, problem.penalty, problem.noise)
        if limit is not None:
            return _from_limit(problem.teacher, limit)
        controls = (np.array([value]) for value in (problem.samples, problem.penalty, problem.noise))
        points = Points(problem.teacher, *controls)
        return _from_roots(points, find_roots(points))


def _from_limit(teacher: Teacher, limit: Limit) -> Solution[StateEvolution]:
    finite = np.isfinite(limit.noise_level)
    parts = Decomposition(limit.risk, float("nan"), float("nan"))
    if finite:
        parts = decompose(teacher=teacher, noise_level=limit.noise_level, threshold=limit.threshold)
    value = StateEvolution(
        limit.risk, limit.noise_level, limit.threshold, limit.degrees_of_freedom, limit.train_error, parts
    )
    error, kind = (LIMIT_ERROR, ErrorKind.ESTIMATE) if finite else (float("inf"), ErrorKind.NONE)
    return Solution(value, limit.status, error, kind, method=limit.method)


def _from_roots(points: Points, roots: Roots) -> Solution[StateEvolution]:
    log_tau, log_alpha = roots.unknowns[0]
    noise_level, threshold = float(np.exp(log_tau)), float(np.exp(log_tau + log_alpha))
    error = float(roots.error[0])
    value = StateEvolution(
        risk=float(roots.risk[0]),
        noise_level=noise_level,
        threshold=threshold,
        degrees_of_freedom=float(roots.kept[0]),
        train_error=float(train_error(points, roots)[0]),
        decomposition=decompose(teacher=points.teacher, noise_level=noise_level, threshold=threshold),
    )
    status = graded(value.risk, error)
    statistics = {"iterations": float(roots.iterations[0]), "residual": float(roots.residual[0])}
    return Solution(value, status, error, ErrorKind.ESTIMATE, METHOD, statistics)


def solve_grid(
    *,
    samples: Sequence[float] | Array,
    weight_decay: Sequence[float] | Array,
    noise: float,
    dim: float | None = None,
    decay: float | None = None,
    teacher: Teacher | None = None,
    checked: bool = True,
) -> GridEvolution:
    """Solve the state equations on the product of `samples` and `weight_decay`, all points together (theory.md N3).

    Parameters and meaning are those of `solve`; the arrays of the result have shape (samples, weight_decay). A coarse
    sub-grid is solved from scratch and interpolated to start the rest.

    Raises
    ------
    DomainError
        As `solve`; also for empty arrays.
    NotConverged
        If any point did not converge or diverges, unless `checked` is False.

    Examples
    --------
    >>> grid = solve_grid(dim=1e4, decay=1.0, noise=1.0, samples=[1e2, 1e3], weight_decay=[0.0, 0.1, 1.0])
    >>> grid.risk.shape, bool(grid.error.max() < 1e-12)
    ((2, 3), True)
    """
    chosen = named_teacher("teacher", teacher, dim, decay)
    rows = finite_vector("samples", samples)
    columns = finite_vector("weight_decay", weight_decay)
    problems = [DiagonalProblem(chosen, float(rows[0]), value, noise) for value in columns]
    for value in rows:
        real("samples", value, at_least=1 / LARGEST, at_most=LARGEST)
    grid = evolve_grid(chosen, rows, columns, np.array([problem.penalty for problem in problems]), problems[0].noise)
    return grid.checked() if checked else grid
