"""What the claims about modes and shells measure: rates along trajectories by differences, and budgets over windows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from scalecheck.numerics.shells.budget import Budget, budget
from scalecheck.numerics.shells.families import RandomSmooth
from scalecheck.numerics.shells.networks import KINDS, Network, network
from scalecheck.numerics.shells.training import Run, train
from scalecheck.numerics.shells.trajectory import Driven, Snapshot, Trajectory, drive

from .residuals import Array, Measured

STEP = 1e-3
"""Step of fourth-order differences in units of the fastest rate: truncation 1e-12, rounding 1e-16/1e-3, and what the
integrator's interpolant adds: 1e-9 or less is measured."""
SIZE = 6
MOMENTS = (0.4, 1.1)
EDGES = (0.03, 0.3, 1.0)


def differences(values: Sequence[Array], step: float) -> Array:
    """Fourth-order derivative from the values at -2, -1, 1, 2 steps.

    Examples
    --------
    >>> float(differences([np.array((1 + k) ** 3.0) for k in (-2, -1, 1, 2)], 1.0))
    3.0
    """
    return np.asarray((values[0] - 8.0 * values[1] + 8.0 * values[2] - values[3]) / (12.0 * step))


@lru_cache(maxsize=8)
def driven(seed: int, kernel: int = 0) -> Driven:
    """e(t) under a random smooth M(t) of full rank, or with a kernel of so many dimensions."""
    start = np.random.default_rng(seed).standard_normal(SIZE)
    return drive(RandomSmooth(SIZE, SIZE - kernel, seed % 1000), start, begin=0.0, end=2.0)


@lru_cache(maxsize=16)
def trained(kind: str, scale: float, seed: int, samples: int = 6, width: int = 4) -> Run:
    """A small network, really trained over thirty times of its fastest mode."""
    net, labels = problem(kind, samples, width, scale, seed)
    fastest = float(np.linalg.norm(net.jacobian(net.initial(seed)), 2)) ** 2
    return train(net, labels, time=30.0 / fastest, seed=seed, tolerance=1e-12).value


def problem(kind: str, samples: int, width: int, scale: float, seed: int) -> tuple[Network, Array]:
    """Inputs and labels of random problems; four inputs a sample."""
    rng = np.random.default_rng(np.random.SeedSequence([seed, 13]))
    inputs = rng.standard_normal((samples, 4))
    return network(kind, inputs, width=width, scale=scale), rng.standard_normal(samples)


def _around(path: Trajectory, time: float) -> tuple[Snapshot, list[Snapshot], float]:
    """The snapshot at a time and its neighbours at -2, -1, 1, 2 steps."""
    here = path.at(time)
    step = STEP / float(here.eigenvalues[-1])
    return here, [path.at(time + k * step) for k in (-2, -1, 1, 2)], step


def _each(size: int) -> NDArray[np.bool_]:
    return np.eye(size, dtype=bool)


def eigenvalue_rates(seed: int) -> list[Measured]:
    """dλ_i/dt."""
    found: list[Measured] = []
    for time in MOMENTS:
        here, near, step = _around(driven(seed), time)
        left = differences([shot.eigenvalues for shot in near], step)
        found.append((f"t = {time:g}", left, here.amplitudes, here.eigenvalues, here.drift, _each(left.size)))
    return found


def mode_energy_rates(seed: int) -> list[Measured]:
    """d(c_i²)/dt: the amplitude's rate times 2 c_i."""
    return [_energies(driven(seed), time, f"t = {time:g}") for time in MOMENTS]


def _energies(path: Trajectory, time: float, where: str) -> Measured:
    here, near, step = _around(path, time)
    left = differences([shot.amplitudes**2 for shot in near], step)
    return where, left, here.amplitudes, here.eigenvalues, here.drift, _each(left.size)


def total_energy_rates(seed: int) -> list[Measured]:
    """d/dt Σ c_i²."""
    return [_summed(driven(seed), time, np.ones((1, SIZE), dtype=bool)) for time in MOMENTS]


def shell_energy_rates(seed: int) -> list[Measured]:
    """dE/dt of two shells of three modes each."""
    lower = np.arange(SIZE) < SIZE // 2
    return [_summed(driven(seed), time, np.stack([lower, ~lower])) for time in MOMENTS]


def _summed(path: Trajectory, time: float, sets: NDArray[np.bool_]) -> Measured:
    here, near, step = _around(path, time)
    left = differences([sets @ shot.amplitudes**2 for shot in near], step)
    return f"t = {time:g}", left, here.amplitudes, here.eigenvalues, here.drift, sets


def network_energy_rates(seed: int) -> Iterator[Measured]:
    """d(c_i²)/dt along trained networks of every kind that have no kernel: lazy and feature-learning."""
    for kind in KINDS:
        for scale in (0.5, 20.0):
            run = trained(kind, scale, seed % 1000, samples=4)
            yield _energies(run, 0.2 * run.end, f"{kind}, scale {scale:g}")


@lru_cache(maxsize=4)
def family_budget(seed: int) -> Budget:
    """Budget of a random smooth family; modes cross its edges."""
    start = np.random.default_rng(seed).standard_normal(SIZE)
    path = drive(RandomSmooth(SIZE, SIZE, seed % 1000, frequency=3.0, drift=0.5), start, begin=0.0, end=2.0)
    return budget(path, edges=EDGES, times=np.linspace(0.0, 2.0, 9)).value


def network_budgets(seed: int) -> Iterator[tuple[str, Budget]]:
    """Budgets of trained networks, kernel included."""
    for kind in KINDS:
        for scale in (0.5, 20.0):
            run = trained(kind, scale, seed % 1000, samples=12)
            top = float(run.at(0.0).eigenvalues[-1])
            edges, times = top * np.array([1e-3, 1e-2, 0.1, 0.5]), np.linspace(0.0, run.end, 7)
            yield f"{kind}, scale {scale:g}", budget(run, edges=edges, times=times, tolerance=1e-7).value


def terms(found: Budget) -> tuple[Array, dict[str, Array]]:
    """ΔE of every shell and window, and the three terms of its balance."""

    def net(upward: Array) -> Array:
        closed = np.zeros((upward.shape[0], 1))
        return np.asarray(-np.diff(np.hstack([closed, upward, closed]), axis=1))

    parts = {"dissipation": found.decayed, "coupling": net(found.exchanged), "crossings": net(found.crossed)}
    return np.diff(found.energy, axis=0), parts


def family_terms(seed: int) -> list[tuple[str, Array, dict[str, Array]]]:
    """Of the random family."""
    return [("random smooth family", *terms(family_budget(seed)))]


def network_terms(seed: int) -> Iterator[tuple[str, Array, dict[str, Array]]]:
    """Of the trained networks."""
    return ((where, *terms(found)) for where, found in network_budgets(seed))
