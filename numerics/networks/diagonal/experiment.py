"""Experiments on the diagonal network: problems drawn at random, really minimised or trained, and their risk (N10).

Run i sees the same random numbers whatever the number of runs and of workers, and the minimiser and the network see
the same problems, so the two can be compared run by run.
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
from .minimiser import minimise
from .training import train

Array = NDArray[np.float64]

METHODS = ("minimiser", "network")
# Entries of the design, samples x dim: 1e8 doubles are 0.8 GB, what a laptop can hold twice.
LARGEST_DESIGN = 10**8


@dataclass(frozen=True)
class Problem:
    """One drawn problem: design X, labels y and the teacher θ*.

    Parameters
    ----------
    design : array of shape (samples, dim)
        Independent standard normal entries.
    labels : array of shape (samples,)
        y = X θ* + √noise ξ.
    teacher : array of shape (dim,)
        θ*_k = k^-decay.
    """

    design: Array
    labels: Array
    teacher: Array


@final
@dataclass(frozen=True, eq=False)
class Experiment(Measurements):
    """What the runs measured, one entry (or row) a run.

    Parameters
    ----------
    risk : array of shape (runs,)
        Excess risk R = ‖θ - θ*‖².
    train_error : array of shape (runs,)
        Mean square residual ‖y - Xθ‖²/n.
    support_size : integer array of shape (runs,)
        Number of weights that are not zero, the empirical degrees of freedom.
    weights : array of shape (runs, dim)
        The learned θ.
    gap : array of shape (runs,)
        Relative duality gap of each run.
    """

    support_size: NDArray[np.int64]
    weights: Array
    gap: Array


def draw(*, dim: int, samples: int, decay: float, noise: float, seed: int | np.random.SeedSequence) -> Problem:
    """Draw x ~ N(0, 1_dim), y = θ*·x + √noise ξ with θ*_k = k^-decay (setting of theory.md Part II).

    Raises
    ------
    DomainError
        dim or samples not a positive integer, decay outside (1/2, 10], noise negative.

    Examples
    --------
    >>> problem = draw(dim=3, samples=2, decay=1.0, noise=0.0, seed=1)
    >>> problem.design.shape, bool((problem.labels == problem.design @ problem.teacher).all())
    ((2, 3), True)
    """
    size, count = integer("dim", dim, 1), integer("samples", samples, 1)
    require(size * count <= LARGEST_DESIGN, "samples", samples, f"samples x dim <= {LARGEST_DESIGN} in a simulation")
    teacher = PowerLaw(size, decay).weights()
    deviation = math.sqrt(real("noise", noise, at_least=0))
    generator = np.random.default_rng(seed)
    design = generator.standard_normal((count, size))
    return Problem(design, design @ teacher + deviation * generator.standard_normal(count), teacher)


def simulate(
    *,
    dim: int,
    samples: int,
    weight_decay: float,
    decay: float,
    noise: float,
    runs: int,
    seed: int,
    method: str = "minimiser",
    executor: Executor | None = None,
) -> Solution[Experiment]:
    """Draw problems, learn each, and measure the risk (claim N10).

    Parameters
    ----------
    dim, samples : int
        d and n; here an integer.
    weight_decay : float
        λ ≥ 0 (> 0 for the network); Λ = λ √dim in the convex problem.
    decay, noise : float
        γ of the teacher θ*_k = k^-γ, variance Δ of the label noise.
    runs, seed : int
        Number of problems, and the seed from which run i takes the i-th spawned stream.
    method : {"minimiser", "network"}
        The LASSO, or the network trained over (a, w).
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

    Examples
    --------
    >>> solution = simulate(dim=20, samples=40, weight_decay=2.0, decay=1.0, noise=0.5, runs=3, seed=7)
    >>> solution.seed, solution.value.runs, solution.value.weights.shape
    (7, 3, (3, 20))
    >>> longer = simulate(dim=20, samples=40, weight_decay=2.0, decay=1.0, noise=0.5, runs=5, seed=7)
    >>> bool((longer.value.risk[:3] == solution.value.risk).all())
    True
    """
    require(method in METHODS, "method", method, " or ".join(map(repr, METHODS)))
    count, root = integer("runs", runs, 1), integer("seed", seed, 0)
    penalty = real("weight_decay", weight_decay, at_least=0)
    require(penalty > 0 or method == "minimiser", "weight_decay", weight_decay, "> 0 for the network")
    work = partial(_run, dim=dim, samples=samples, weight_decay=penalty, decay=decay, noise=noise, method=method)
    value = _collect(repeated(work, runs=count, seed=root, executor=executor))
    line = f"{count} random problems, {'LASSO' if method == 'minimiser' else 'networks'} to a certified minimum"
    return averaged(value, seed=root, method=line, gap=value.gap)


@dataclass(frozen=True)
class _Run:
    risk: float
    train_error: float
    support_size: int
    weights: Array
    gap: float


def _run(
    stream: Stream,
    *,
    dim: int,
    samples: int,
    weight_decay: float,
    decay: float,
    noise: float,
    method: str,
) -> _Run:
    data, start = problem_and_start(stream)
    problem = draw(dim=dim, samples=samples, decay=decay, noise=noise, seed=data)
    if method == "minimiser":
        learned = minimise(problem.design, problem.labels, weight_decay=weight_decay).value
        weights, error, size, gap = learned.weights, learned.train_error, learned.support.size, learned.gap
    else:
        trained = train(problem.design, problem.labels, weight_decay=weight_decay, seed=start).value
        weights, error, size, gap = trained.weights, trained.train_error, trained.support.size, trained.gap
    return _Run(float(np.sum((weights - problem.teacher) ** 2)), error, int(size), weights, gap)


def _collect(rows: list[_Run]) -> Experiment:
    return Experiment(
        risk=np.array([row.risk for row in rows]),
        train_error=np.array([row.train_error for row in rows]),
        support_size=np.array([row.support_size for row in rows], dtype=np.int64),
        weights=np.array([row.weights for row in rows]),
        gap=np.array([row.gap for row in rows]),
    )
