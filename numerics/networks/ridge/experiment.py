"""Ridge regression really solved on random Gaussian features, for comparison with the state equations.

The infinite spectrum is cut at `modes`; what lies beyond is put in by what it does: its kernel is close to its trace times the
identity, a ridge of its own, and its part of the target is noise that cannot be learned. The linear system is solved in the
space of samples. Run i sees the same random numbers whatever the number of runs.
"""

from __future__ import annotations

import math
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import final

import numpy as np
from scipy.linalg import cho_factor, cho_solve, lstsq

from ...errors import real, require
from ...solution import Solution
from ..inputs import integer
from ..runs import Measurements, Stream, averaged, repeated
from ..teacher import PowerLaw
from .spectra import Array, PowerSpectrum

# Modes a sample: the kernel of the modes beyond fluctuates by about MODES^(1/2 - alpha) of the effective ridge, and only its
# square moves the mean risk: below 1e-3 at alpha = 1.5.
MODES = 16
# Entries of a design: 4e7 doubles are 0.3 GB.
LARGEST_DESIGN = 4 * 10**7
LARGEST_SAMPLES = 20_000


@final
@dataclass(frozen=True, eq=False)
class RidgeExperiment(Measurements):
    """What the runs measured, one entry a run: excess risk and mean square on the training set."""


@dataclass(frozen=True)
class DrawnModel:
    """A spectrum cut for drawing: eigenvalues, roots of the target energies, and the rest beyond as two numbers."""

    eigenvalues: Array
    target: Array
    rest_trace: float
    rest_energy: float


def cut_spectrum(spectrum: PowerSpectrum, modes: int) -> DrawnModel:
    """Return the first `modes` modes one by one, the others as their trace and their energy.

    Examples
    --------
    >>> model = cut_spectrum(PowerSpectrum(2.0, 0.5), 10)
    >>> round(model.rest_trace, 6)  # zeta(2) less its first ten terms
    0.095166
    """
    k = np.arange(1.0, modes + 1.0)
    eigenvalues = k**-spectrum.capacity
    energies = k ** (-1.0 - spectrum.smoothness)
    rest = spectrum.trace - math.fsum(eigenvalues), math.exp(spectrum.log_power) - math.fsum(energies)
    return DrawnModel(eigenvalues, np.sqrt(energies), max(rest[0], 0.0), max(rest[1], 0.0))


def simulate(
    *,
    samples: int,
    ridge: float,
    noise: float,
    capacity: float,
    source: float,
    runs: int,
    seed: int,
    modes: int = 0,
    executor: Executor | None = None,
) -> Solution[RidgeExperiment]:
    """Draw features x with covariance eigenvalues k^-capacity, solve ridge regression, measure the excess risk.

    Parameters
    ----------
    samples : int
        n, at most 20,000.
    ridge, noise, capacity, source : float
        As in `state_equations.solve`.
    runs, seed : int
        Number of problems, and the seed from which run i takes the i-th spawned stream.
    modes : int
        Modes drawn one by one; 16 n (and at least 256) by default.
    executor : concurrent.futures.Executor, optional
        Where the runs go; without one, one after the other here. It does not change the problems drawn.

    Returns
    -------
    Solution[RidgeExperiment]
        `error` is the relative standard error of the mean risk; with one run none is known.

    Raises
    ------
    DomainError
        A parameter outside its domain, or a design too large to draw.

    Examples
    --------
    >>> found = simulate(samples=40, ridge=0.01, noise=0.1, capacity=2.0, source=0.5, runs=3, seed=7)
    >>> found.value.runs, found.seed
    (3, 7)
    """
    spectrum = PowerSpectrum(capacity, source)
    count, times, root = integer("samples", samples, 1), integer("runs", runs, 1), integer("seed", seed, 0)
    drawn = integer("modes", modes, 0) or max(256, MODES * count)
    require(count <= LARGEST_SAMPLES, "samples", samples, f"an integer <= {LARGEST_SAMPLES} in a simulation")
    require(count * drawn <= LARGEST_DESIGN, "modes", drawn, f"samples x modes <= {LARGEST_DESIGN} in a simulation")
    penalty, variance = real("ridge", ridge, at_least=0), real("noise", noise, at_least=0)
    model = cut_spectrum(spectrum, drawn)
    work = partial(_run, model, count, penalty, variance)
    return _averaged(repeated(work, runs=times, seed=root, executor=executor), root)


def _run(model: DrawnModel, count: int, ridge: float, noise: float, stream: Stream) -> tuple[float, float]:
    """Risk and training error of one problem."""
    generator = np.random.default_rng(stream)
    features = generator.standard_normal((count, model.eigenvalues.size))
    unlearnable = generator.standard_normal(count) * math.sqrt(noise + model.rest_energy)
    labels = features @ model.target + unlearnable
    kernel = (features * model.eigenvalues) @ features.T
    kernel[np.diag_indices(count)] += ridge + model.rest_trace
    dual = cho_solve(cho_factor(kernel, overwrite_a=True, check_finite=False), labels)
    learned = model.eigenvalues * (features.T @ dual)
    risk = float(np.sum((learned - model.target) ** 2)) + model.rest_energy
    return risk, float(np.mean((ridge * dual) ** 2))


def simulate_isotropic(
    *, dim: int, samples: int, ridge: float, decay: float, noise: float, runs: int, seed: int
) -> Solution[RidgeExperiment]:
    """The same for x ~ N(0, I_d) and the teacher θ*_k = k^-decay, nothing cut; ridge = 0 is least squares of least norm.

    Raises
    ------
    DomainError
        A parameter outside its domain, or a design too large to draw.

    Examples
    --------
    >>> simulate_isotropic(dim=20, samples=40, ridge=1.0, decay=1.0, noise=0.1, runs=2, seed=7).value.runs
    2
    """
    size, count = integer("dim", dim, 1), integer("samples", samples, 1)
    times, root = integer("runs", runs, 1), integer("seed", seed, 0)
    require(count * size <= LARGEST_DESIGN, "samples", samples, f"samples x dim <= {LARGEST_DESIGN} in a simulation")
    penalty, variance = real("ridge", ridge, at_least=0), real("noise", noise, at_least=0)
    work = partial(_isotropic_run, PowerLaw(size, decay).weights(), count, penalty, variance)
    return _averaged(repeated(work, runs=times, seed=root), root)


def _isotropic_run(teacher: Array, count: int, ridge: float, noise: float, stream: Stream) -> tuple[float, float]:
    generator = np.random.default_rng(stream)
    design = generator.standard_normal((count, teacher.size))
    labels = design @ teacher + math.sqrt(noise) * generator.standard_normal(count)
    if ridge == 0:
        weights = lstsq(design, labels, check_finite=False)[0]
    else:
        gram = design.T @ design
        gram[np.diag_indices(teacher.size)] += ridge
        weights = cho_solve(cho_factor(gram, overwrite_a=True, check_finite=False), design.T @ labels)
    return float(np.sum((weights - teacher) ** 2)), float(np.mean((labels - design @ weights) ** 2))


def _averaged(rows: list[tuple[float, float]], seed: int) -> Solution[RidgeExperiment]:
    risk, train_error = np.array(rows).T
    line = f"{len(rows)} random problems, each solved as a linear system"
    return averaged(RidgeExperiment(risk, train_error), seed=seed, method=line)
