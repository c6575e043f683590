"""Where noiseless data determine the teacher: exact recovery as the weight decay vanishes (theory.md N4)."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar

from ..teacher import Atoms, Teacher


def recovery(teacher: Teacher, ratio: float, *, finite: bool) -> float | None:
    """Return dof/dim where a noiseless teacher is recovered exactly from u = samples/dim, None where it is not.

    As the noise level sigma tends to 0 at fixed alpha = t/sigma, all non-zero eigenvalues are far above it: r of them cost
    sigma^2 (2r - r^2/d + r alpha^2), the others form a semicircle of d - r eigenvalues and variance sigma^2 (1 - r/d). The
    teacher is recovered if the least of this, twice, is at most 4 u sigma^2 (finite closure: times d/(d + 1)).
    """
    dim = teacher.size
    zeros = 0.0
    if isinstance(teacher, Atoms):
        zeros = float(np.asarray(teacher.multiplicities)[np.asarray(teacher.values) == 0.0].sum())
    rank = dim - zeros
    if rank == 0.0:
        return 0.0
    own = 2.0 * rank - rank**2 / dim
    allowed = 4.0 * ratio * (dim / (dim + 1.0) if finite else 1.0)
    if zeros == 0.0:
        return 0.5 * dim if 2.0 * own <= allowed else None
    return _partial(rank, zeros, dim, allowed, own)


def _partial(rank: float, zeros: float, dim: float, allowed: float, own: float) -> float | None:
    width = (zeros / dim) ** 0.5
    angle = (np.arange(4000) + 0.5) * np.pi / 4000
    x, mass = 2.0 * width * np.cos(angle), np.sin(angle) ** 2 / 2000

    def cost(alpha: float) -> float:
        return 2.0 * (own + rank * alpha**2 + zeros * float(mass @ np.maximum(x - alpha, 0.0) ** 2))

    best = float(minimize_scalar(cost, bounds=(0.0, 2.0), method="bounded", options={"xatol": 1e-12}).x)
    if cost(best) > allowed:
        return None
    low, high = best, 2.0 + float((allowed / rank) ** 0.5)
    for _ in range(100):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if cost(middle) <= allowed else (low, middle)
    excess = np.maximum(x - low, 0.0)
    return float(rank - 0.5 * rank**2 / dim + 0.5 * zeros * (mass @ (excess * x)))
