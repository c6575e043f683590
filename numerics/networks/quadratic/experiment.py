"""Experiments on the quadratic network: problems drawn at random, really minimised or trained, and their risk (N10).

Run i sees the same random numbers whatever the number of runs and of workers, and the minimiser and the network see
the same problems. The design is the real one, or the Gaussian control of the same covariance about which state
evolution (N4) is a statement.
"""

from __future__ import annotations

import math
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import final

import numpy as np
from numpy.typing import NDArray

from ...errors import real, require
from ...solution import Solution
from ..inputs import integer
from ..runs import Measurements, Stream, averaged, problem_and_start, repeated
from ..teacher import PowerLaw
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


@final
@dataclass(frozen=True, eq=False)
class Experiment(Measurements):
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

    rank: NDArray[np.int64]
    spectra: Array
    overlaps: Array
    gap: Array

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
    power_law = PowerLaw(size, decay).weights()
    deviation = math.sqrt(real("noise", noise, at_least=0))
    generator = np.random.default_rng(seed)
    measurements = draw_design(design, dim=size, samples=count, generator=generator)
    teacher = np.diag(math.sqrt(size) * power_law)
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
    value = _collect(repeated(work, runs=count, seed=root, executor=executor))
    problems = "convex problems" if method == "minimiser" else "networks trained"
    line = f"{count} random {problems} to a certified minimum, {design} design"
    return averaged(value, seed=root, method=line, gap=value.gap)


@dataclass(frozen=True, eq=False)
class _Run:
    risk: float
    train_error: float
    rank: int
    spectrum: Array
    overlaps: Array
    gap: float


def _run(stream: Stream, *, arguments: dict[str, object], weight_decay: float, width: int, method: str) -> _Run:
    data, start = problem_and_start(stream)
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


def _collect(rows: list[_Run]) -> Experiment:
    return Experiment(
        risk=np.array([row.risk for row in rows]),
        train_error=np.array([row.train_error for row in rows]),
        rank=np.array([row.rank for row in rows], dtype=np.int64),
        spectra=np.array([row.spectrum for row in rows]),
        overlaps=np.array([row.overlaps for row in rows]),
        gap=np.array([row.gap for row in rows]),
    )
