"""State evolution of the quadratic network: risk, noise level, threshold, degrees of freedom (theory.md N4, N8, N9).

Any dimension from 1 to 2^53 costs about the same: the spectrum is summed on panels (`power_law_spectrum`), risk and degrees
of freedom are contour integrals without cancellation (`spectral_integrals`), and the two equations are solved in
logarithms (`root_finding`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...errors import real, require
from ...solution import ErrorKind, Solution, Status
from ..teacher import LARGEST, Atoms, Teacher, named_teacher
from .decomposition import Decomposition, decompose
from .limits import recovery
from .root_finding import LARGEST_LOG, LOWEST_LOG, Equations, Root, find_root
from .starting_points import Controls

__all__ = ["QuadraticProblem", "StateEvolution", "evolve", "solve"]

CLOSURES = ("deterministic", "finite")
METHOD = "Newton in (log sigma, asinh u/sigma) on contour integrals of the free convolution"
# Claimed errors above this do not pass for a number.
TOLERANCE = 1e-6
LIMIT_ERROR = 1e-14
# Largest noise, and inverse of the fewest samples: powers of their product stay floats.
MODERATE = 1e50


@dataclass(frozen=True)
class QuadraticProblem:
    """A quadratic network and its data, in the normalisation of theory.md N2.

    f = Tr[S (x x^T - I)]/sqrt(d), S = W^T W/sqrt(p d), loss sum (y - f)^2 + weight_decay |W|^2: min over S >= 0 of
    sum (y - Tr[S Z])^2 + Lambda Tr S, Lambda = weight_decay sqrt(p d).

    Parameters
    ----------
    teacher : Teacher
        Eigenvalues of the target divided by sqrt(dim): `PowerLaw(dim, decay)`, or `Atoms(values, multiplicities)`.
    samples : float
        Number of samples n > 0, not necessarily an integer.
    weight_decay : float
        lambda >= 0; 0 is the limit from above.
    noise : float
        Variance of the label noise.
    width : float
        Number p >= dim of hidden units.
    closure : str
        "deterministic" or "finite" (theory.md N4).

    Raises
    ------
    DomainError
        Outside these ranges; a width below dim is outside the theory.
    """

    teacher: Teacher
    samples: float
    weight_decay: float
    noise: float
    width: float
    closure: str = "deterministic"

    def __post_init__(self) -> None:
        require(isinstance(self.teacher, Teacher), "spectrum", self.teacher, "a PowerLaw or Atoms")
        if isinstance(self.teacher, Atoms):
            require(float(self.teacher.size) >= 1.0, "spectrum", self.teacher, "at least one eigenvalue")
        object.__setattr__(self, "samples", real("samples", self.samples, at_least=1 / MODERATE, at_most=LARGEST))
        object.__setattr__(self, "weight_decay", real("weight_decay", self.weight_decay, at_least=0, at_most=LARGEST))
        object.__setattr__(self, "noise", real("noise", self.noise, at_least=0, at_most=MODERATE))
        width = real("width", self.width, above=0, at_most=LARGEST)
        allowed = (
            f"at least dim = {self.dim:g}: for fewer hidden units the problem is not convex and no theory covers it"
        )
        require(width >= self.dim, "width", self.width, allowed)
        object.__setattr__(self, "width", width)
        require(self.closure in CLOSURES, "closure", self.closure, " or ".join(CLOSURES))

    @property
    def dim(self) -> float:
        """Dimension d of the inputs."""
        return self.teacher.size

    @property
    def penalty(self) -> float:
        """Lambda = weight_decay sqrt(p d) (theory.md N2)."""
        return float(self.weight_decay * (self.width * self.dim) ** 0.5)

    @property
    def equations(self) -> Equations:
        """The state equations, in units of sqrt(dim)."""
        controls = Controls(self.samples / self.dim, self.noise, self.weight_decay * self.width**0.5)
        return Equations(self.teacher, controls, finite=self.closure == "finite")


@dataclass(frozen=True)
class StateEvolution:
    """The solution of the state equations (theory.md N4), with what follows from it.

    Parameters
    ----------
    risk : float
        R = (2/d) |S - S*|_F^2, the excess risk; the noise is not in it.
    noise_level : float
        tau, with 2 n tau^2 = d (noise + R).
    threshold : float
        t, on the scale of the eigenvalues of S* (s_k = sqrt(d) k^-decay).
    degrees_of_freedom : float
        Expected divergence of eta(Y): at most n, and at most d^2/2 (finite closure: d (d + 1)/2).
    train_error : float
        Mean square on the training set, (noise + R)(1 - dof/n)^2.
    decomposition : Decomposition
        The risk as overfitting + underfitting + approximation (theory.md N9).
    width : float
        p.
    closure : str
        Which of the two sets of equations was solved.
    """

    risk: float
    noise_level: float
    threshold: float
    degrees_of_freedom: float
    train_error: float
    decomposition: Decomposition
    width: float
    closure: str


def solve(
    *,
    samples: float,
    weight_decay: float,
    noise: float,
    dim: float | None = None,
    decay: float | None = None,
    width: float | None = None,
    closure: str = "deterministic",
    spectrum: Teacher | None = None,
    checked: bool = True,
) -> Solution[StateEvolution]:
    """Solve the state equations of the quadratic network at one point (theory.md N4).

    Formula, with sigma^2 = tau^2 d/2 and mu the teacher's spectrum freely convolved with a semicircle of variance sigma^2:
    2 n tau^2 = d (noise + R), R = (2/d) E|eta(Y) - S*|^2, weight_decay sqrt(p d) = 4 (n/d) t (1 - dof/n),
    dof = d^2 integral of eta H dmu, eta(x) = max(x - t, 0).

    Parameters
    ----------
    samples, weight_decay, noise : float
        n > 0, lambda >= 0 (0 is the limit from above), noise variance >= 0.
    dim, decay : float, optional
        The teacher s_k = sqrt(d) k^-decay, k = 1 ... dim (1 to 2^53, decay in (1/2, 10]).
    width : float, optional
        p >= dim, by default dim.
    closure : str
        "deterministic": leading order in d throughout. "finite": sigma^2 = tau^2 (d + 1)/2, and
        dof = d^2 integral of eta H dmu + (d/2) mu((t, oo)); a finite-size set of equations, never mixed with the other.
    spectrum : Teacher, optional
        Any other teacher: `Atoms` of the eigenvalues divided by sqrt(dim). Then every eigenvalue is summed on its own: for
        k^-decay this is the reference that the panels are tested against.
    checked : bool
        Whether to raise where the solution did not converge or does not exist (the default).

    Returns
    -------
    Solution[StateEvolution]
        `error` is the relative error of the risk: last correction, distance of two quadrature rules, rounding.

    Raises
    ------
    DomainError
        A parameter outside its range.
    NotConverged
        `Status.DIVERGES` where no finite solution exists; `Status.STALLED` where the error exceeds 1e-6.

    Notes
    -----
    *When this is wrong*: the equations are proved for n, d^2 to infinity at a fixed ratio. At other scales, or at small
    n and d, they are the paper's conjecture (theory.md N11).

    Examples
    --------
    >>> solution = solve(dim=1e12, samples=1e18, weight_decay=1e-3, decay=1.0, noise=1.0)
    >>> round(solution.value.risk, 6), solution.error < 1e-6
    (0.006045, True)
    """
    teacher = named_teacher("spectrum", spectrum, dim, decay)
    whole = teacher.size if width is None else width
    solution = evolve(QuadraticProblem(teacher, samples, weight_decay, noise, whole, closure))
    return solution.checked() if checked else solution


def evolve(problem: QuadraticProblem, start: tuple[float, float] | None = None) -> Solution[StateEvolution]:
    """Solve one `QuadraticProblem`, from a given (log sigma, y) if any; the result may be unconverged, see its status."""
    if problem.noise == 0.0 and (problem.weight_decay == 0.0 or problem.teacher.largest == 0.0):
        limit = recovery(problem.teacher, problem.samples / problem.dim, finite=problem.closure == "finite")
        if limit is not None:
            return _recovered(problem, limit)
    equations = problem.equations
    root = find_root(equations, None if start is None else np.array(start))
    return _from_root(problem, equations, root)


def _recovered(problem: QuadraticProblem, freedom: float) -> Solution[StateEvolution]:
    """Noiseless data and enough samples, or nothing to learn: tau = R = 0, and t in proportion to the weight decay."""
    threshold = problem.penalty * problem.dim / (4.0 * problem.samples)
    value = StateEvolution(
        risk=0.0,
        noise_level=0.0,
        threshold=threshold,
        degrees_of_freedom=freedom * problem.dim,
        train_error=0.0,
        decomposition=Decomposition(0.0, 0.0, 0.0),
        width=problem.width,
        closure=problem.closure,
    )
    method = "exact recovery: no noise, enough samples"
    return Solution(value, Status.LIMIT, LIMIT_ERROR, ErrorKind.ESTIMATE, method)


def _from_root(problem: QuadraticProblem, equations: Equations, root: Root) -> Solution[StateEvolution]:
    state, sigma, dim = root.state, float(np.exp(root.point[0])), problem.dim
    threshold, train_error = _balance(problem, root)
    parts = decompose(teacher=problem.teacher, variance=sigma**2, start=state.start, risk=state.risk)
    value = StateEvolution(
        risk=state.risk,
        noise_level=(0.5 * (problem.noise + state.risk) * (dim / problem.samples)) ** 0.5,
        threshold=threshold * dim**0.5,
        degrees_of_freedom=dim * state.freedom,
        train_error=train_error,
        decomposition=parts,
        width=problem.width,
        closure=problem.closure,
    )
    statistics = {"evaluations": float(equations.evaluations[0]), "residual": root.residual}
    statistics |= {"log_sigma": float(root.point[0]), "y": float(root.point[1])}
    if not LOWEST_LOG + 1.0 < root.point[0] < LARGEST_LOG - 1.0:
        return Solution(value, Status.DIVERGES, np.inf, ErrorKind.NONE, METHOD, statistics)
    status = Status.CONVERGED if root.error <= TOLERANCE else Status.STALLED
    return Solution(value, status, root.error, ErrorKind.ESTIMATE, METHOD, statistics)


def _balance(problem: QuadraticProblem, root: Root) -> tuple[float, float]:
    """Threshold (units of sqrt(dim)) and training error, each from the form of the second equation that keeps its digits."""
    state, penalty = root.state, problem.weight_decay * problem.width**0.5
    total, ratio = problem.noise + state.risk, problem.samples / problem.dim
    # Both 1 - dof/n and t/sigma have the same absolute rounding: the larger one is known better.
    if state.slack * float(np.exp(root.point[0])) > state.start.threshold:
        return penalty / (4.0 * ratio * state.slack), total * state.slack**2
    threshold = state.start.threshold
    return threshold, total * (penalty / (4.0 * ratio * threshold)) ** 2
