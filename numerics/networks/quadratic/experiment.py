"""Experiments on the quadratic network: problems drawn at random, really minimised or trained, and their risk (N10).

Run i sees the same random numbers whatever the number of runs and of workers, and the minimiser and the network see
the same problems. The design is the real one, or the Gaussian control of the same covariance about which state
evolution (N4) is a statement.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ...errors import DomainError, real, require
from ...solution import ErrorKind, Solution, Status
from .designs import KINDS, Design, draw_design
from .minimiser import minimise
from .reduction import checked_width, risk_of
from .training import train

Array = NDArray[np.float64]

METHODS = ("minimiser", "network")
# Entries of a design as it is stored, samples x dim or samples x dim (dim + 1)/2: 1e8 doubles are 0.8 GB.
LARGEST_DESIGN = 10**8


@dataclass(frozen=True, eq=False)
class Problem:
    """One drawn problem.

    Parameters
    ----------
    design : Design
        The measurements S -> Tr[S Z_i].
    labels : array of shape (samples,)
        y = Tr[S* Z] + √noise ξ.
    teacher : array of shape (dim, dim)
        S* = diag(√dim k^-decay); diagonal without loss of generality, both designs being invariant under rotations.
    """

    design: Design
    labels: Array
    teacher: Array


@dataclass(frozen=True, eq=False)
class Experiment:
    """What the runs measured, one entry (or row) a run.

    Parameters
    ----------
    risk : array of shape (runs,)
        Excess risk R = (2/dim) ‖S - S*‖_F².
    train_error : array of shape (runs,)
        Mean square residual ‖y - A(S)‖²/n.
    rank : integer array of shape (runs,)
        Number of positive eigenvalues of S.
    spectra : array of shape (runs, dim)
        Eigenvalues of S, descending.
    overlaps : array of shape (runs, dim)
        Squared overlap of the k-th eigenvector of S with the k-th of S* (meaningless beyond the rank).
    gap : array of shape (runs,)
        Relative duality gap of each run.
    """

    risk: Array
    train_error: Array
    rank: NDArray[np.int64]
    spectra: Array
    overlaps: Array
    gap: Array

    json_fields: ClassVar[tuple[str, ...]] = ("risk_mean", "risk_stderr", "runs")
    """What a JSON document shows of an experiment."""

    @property
    def runs(self) -> int:
        """Number of runs."""
        return int(self.risk.size)

    @property
    def risk_mean(self) -> float:
        """Mean risk."""
        return float(self.risk.mean())

    @property
    def risk_stderr(self) -> float | None:
        """Standard error of the mean risk; None for a single run."""
        return standard_error(self.risk)

    @property
    def train_error_mean(self) -> float:
        """Mean training error."""
        return float(self.train_error.mean())

    @property
    def train_error_stderr(self) -> float | None:
        """Standard error of the mean training error; None for a single run."""
        return standard_error(self.train_error)

    @property
    def spectrum_mean(self) -> Array:
        """Mean of the k-th largest eigenvalue, shape (dim,)."""
        return np.asarray(self.spectra.mean(axis=0))

    @property
    def spectrum_stderr(self) -> Array | None:
        """Standard error of `spectrum_mean`; None for a single run."""
        if self.runs == 1:
            return None
        return np.asarray(self.spectra.std(axis=0, ddof=1) / math.sqrt(self.runs))

    @property
    def zero_mass_mean(self) -> float:
        """Mean fraction of eigenvalues that are zero."""
        return float(1.0 - self.rank.mean() / self.spectra.shape[1])


def standard_error(values: Array) -> float | None:
    """Return the standard error of the mean, or None where one value leaves it undefined.

    Examples
    --------
    >>> standard_error(np.array([1.0, 3.0])), standard_error(np.array([1.0]))
    (1.0, None)
    """
    if values.size < 2:
        return None
    return float(values.std(ddof=1) / math.sqrt(values.size))


def draw(
    *, dim: int, samples: int, decay: float, noise: float, seed: int | np.random.SeedSequence, design: str = "real"
) -> Problem:
    """Draw a design and labels y = Tr[S* Z] + √noise ξ with S* = diag(√dim k^-decay) (setting of theory.md Part II).

    Raises
    ------
    DomainError
        dim or samples not a positive integer or too large to store, decay outside (1/2, 10], noise negative, a design
        other than "real" or "gaussian".

    Examples
    --------
    >>> problem = draw(dim=3, samples=2, decay=1.0, noise=0.0, seed=1)
    >>> bool(np.allclose(problem.labels, problem.design.measure(problem.teacher)))
    True
    """
    size, count = integer("dim", dim, 1), integer("samples", samples, 1)
    require(design in KINDS, "design", design, " or ".join(map(repr, KINDS)))
    columns = size if design == "real" else size * (size + 1) // 2
    require(
        count * columns <= LARGEST_DESIGN, "samples", samples, f"at most {LARGEST_DESIGN // columns} in a simulation"
    )
    exponent = real("decay", decay, above=0.5, at_most=10)
    deviation = math.sqrt(real("noise", noise, at_least=0))
    generator = np.random.default_rng(seed)
    measurements = draw_design(design, dim=size, samples=count, generator=generator)
    teacher = np.diag(math.sqrt(size) * np.arange(1, size + 1, dtype=float) ** -exponent)
    labels = measurements.measure(teacher) + deviation * generator.standard_normal(count)
    return Problem(measurements, labels, teacher)


def simulate(
    *,
    dim: int,
    samples: int,
    weight_decay: float,
    decay: float,
    noise: float,
    runs: int,
    seed: int,
    width: int | None = None,
    design: str = "real",
    method: str = "minimiser",
    executor: Executor | None = None,
) -> Solution[Experiment]:
    """Draw problems, learn each, and measure the risk (claim N10).

    Parameters
    ----------
    dim, samples : int
        d and n; here an integer.
    weight_decay : float
        λ ≥ 0 (> 0 for the network); Λ = λ √(width·dim) in the convex problem.
    decay, noise : float
        γ of the teacher's eigenvalues √dim k^-γ, variance Δ of the label noise.
    runs, seed : int
        Number of problems, and the seed from which run i takes the i-th spawned stream.
    width : int, optional
        p ≥ dim, by default dim.
    design : {"real", "gaussian"}
        Z = (x xᵀ - 1)/√dim, or symmetric Gaussian Z of the same covariance.
    method : {"minimiser", "network"}
        The convex problem, or the network trained over W.
    executor : concurrent.futures.Executor, optional
        Where the runs go; without one, one after the other here. It does not change the problems drawn.

    Returns
    -------
    Solution of Experiment
        `error` is the relative standard error of the mean risk, an estimate; with one run, or a risk of exactly zero,
        none is known (kind NONE, infinite).

    Raises
    ------
    DomainError
        A parameter outside its domain.
    NotConverged
        A run that could not be certified: runs are never dropped, for the mean of the rest would be biased.

    Notes
    -----
    When this is wrong: the standard error says nothing about the difference between a real and a Gaussian design,
    which is a bias (`design_bias`), nor about a handful of runs with a heavy-tailed risk at the interpolation peak.

    Examples
    --------
    >>> solution = simulate(dim=6, samples=40, weight_decay=1.0, decay=1.0, noise=0.5, runs=3, seed=7)
    >>> solution.seed, solution.value.runs, solution.value.spectra.shape
    (7, 3, (3, 6))
    >>> longer = simulate(dim=6, samples=40, weight_decay=1.0, decay=1.0, noise=0.5, runs=5, seed=7)
    >>> bool((longer.value.risk[:3] == solution.value.risk).all())
    True
    """
    require(method in METHODS, "method", method, " or ".join(map(repr, METHODS)))
    count, root = integer("runs", runs, 1), integer("seed", seed, 0)
    penalty = real("weight_decay", weight_decay, at_least=0)
    require(penalty > 0 or method == "minimiser", "weight_decay", weight_decay, "> 0 for the network")
    neurons = checked_width(width, integer("dim", dim, 1))
    arguments = {"dim": dim, "samples": samples, "decay": decay, "noise": noise, "design": design}
    work = partial(_run, arguments=arguments, weight_decay=penalty, width=neurons, method=method)
    streams = np.random.SeedSequence(root).spawn(count)
    value = _collect(executor.map(work, streams) if executor is not None else map(work, streams))
    line = "convex problems" if method == "minimiser" else "networks trained"
    return _solution(value, root, f"{count} random {line} to a certified minimum, {design} design")


@dataclass(frozen=True, eq=False)
class _Run:
    risk: float
    train_error: float
    rank: int
    spectrum: Array
    overlaps: Array
    gap: float


def _run(
    stream: np.random.SeedSequence, *, arguments: dict[str, object], weight_decay: float, width: int, method: str
) -> _Run:
    # The sequence is rebuilt from its key: spawning from the one handed in would count up inside it, so that a second
    # use of the same object would see other numbers.
    fresh = np.random.SeedSequence(stream.entropy, spawn_key=stream.spawn_key)
    data, start = fresh.spawn(2)
    problem = draw(**arguments, seed=data)  # type: ignore[arg-type]
    if method == "minimiser":
        convex = minimise(problem.design, problem.labels, weight_decay=weight_decay, width=width).value
        matrix, spectrum, rank = convex.matrix, convex.spectrum, convex.rank
        error, gap = convex.train_error, convex.gap
    else:
        network = train(problem.design, problem.labels, weight_decay=weight_decay, width=width, seed=start).value
        matrix, spectrum, rank = network.matrix, network.spectrum, network.rank
        error, gap = network.train_error, network.gap
    basis = np.linalg.eigh(matrix)[1][:, ::-1]
    return _Run(risk_of(matrix, problem.teacher), error, rank, spectrum, np.diag(basis) ** 2, gap)


def _collect(runs: Iterable[_Run]) -> Experiment:
    rows = list(runs)
    return Experiment(
        risk=np.array([row.risk for row in rows]),
        train_error=np.array([row.train_error for row in rows]),
        rank=np.array([row.rank for row in rows], dtype=np.int64),
        spectra=np.array([row.spectrum for row in rows]),
        overlaps=np.array([row.overlaps for row in rows]),
        gap=np.array([row.gap for row in rows]),
    )


def _solution(value: Experiment, seed: int, method: str) -> Solution[Experiment]:
    stderr, mean = value.risk_stderr, value.risk_mean
    known = stderr is not None and mean > 0
    error = stderr / mean if stderr is not None and mean > 0 else math.inf
    kind = ErrorKind.ESTIMATE if known else ErrorKind.NONE
    statistics = {"runs": float(value.runs), "largest_gap": float(value.gap.max())}
    return Solution(value, Status.CONVERGED, error, kind, method, statistics, seed)


def integer(name: str, value: int, least: int) -> int:
    """Return a Python or NumPy integer that is at least `least`; 3.0 and True are refused, they hide a unit mistake."""
    try:
        number = operator.index(value)
    except TypeError:
        raise DomainError(name, value, f"an integer >= {least}") from None
    require(number >= least and not isinstance(value, bool), name, value, f"an integer >= {least}")
    return number
