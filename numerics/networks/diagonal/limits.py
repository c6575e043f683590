"""Where the state equations of the diagonal network degenerate, and what their solution tends to (theory.md N3).

Weight decay 0 is the limit from above. Below n = d interpolation leaves dof = n and the equations stay regular;
everything else is in closed form here.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from ...power_sums import Array
from ...solution import Status
from ..teacher import Atoms, Teacher
from .soft_threshold import tails

# With alpha beyond this, Gaussian tails are zero in floating point and every weight of the student is zero.
HOPELESS = 1e100
# A penalty so small that alpha or t/|theta| is below this: no digit of the limit changes, or the risk underflows.
NEGLIGIBLE = 1e-200
FLOAT_MAX = float(np.finfo(np.float64).max)


class Limit(NamedTuple):
    """A state in closed form."""

    status: Status
    risk: float
    noise_level: float
    threshold: float
    degrees_of_freedom: float
    train_error: float
    method: str


def degenerate(teacher: Teacher, samples: ArrayLike, penalty: ArrayLike, noise: float) -> NDArray[np.bool_]:
    """Where `closed_form` may apply: everywhere else it returns None, and need not be called."""
    n, strength = np.asarray(samples, dtype=np.float64), np.asarray(penalty, dtype=np.float64)
    nothing = teacher.largest == 0.0 and noise == 0.0
    negligible = strength <= NEGLIGIBLE * (1.0 + n + noise)
    return np.asarray(_hopeless(teacher, n, strength, noise) | negligible | nothing, dtype=np.bool_)


def _hopeless(teacher: Teacher, samples: Array, penalty: Array, noise: float) -> NDArray[np.bool_]:
    """Where the threshold is out of reach of every weight."""
    scale = ((noise + teacher.rough_power) / samples) ** 0.5
    with np.errstate(over="ignore"):
        return np.asarray(penalty / samples > HOPELESS * (teacher.largest + scale), dtype=np.bool_)


def closed_form(teacher: Teacher, samples: float, penalty: float, noise: float) -> Limit | None:
    """Return the state where a closed form is needed, or None where the equations are regular."""
    zeros = teacher.zeros if isinstance(teacher, Atoms) else 0.0
    nonzero = teacher.size - zeros
    if nonzero == 0.0 and noise == 0.0:
        return Limit(Status.LIMIT, 0.0, 0.0, penalty / samples, 0.0, 0.0, "nothing to learn: zero teacher, no noise")
    if noise == 0.0 and penalty <= NEGLIGIBLE * samples:
        return _recovery(nonzero, zeros, samples)
    if noise > 0.0 and samples >= teacher.size and penalty <= NEGLIGIBLE * (noise * (samples - teacher.size)) ** 0.5:
        return _least_squares(teacher.size, samples, noise)
    return _all_zero(teacher, samples, penalty, noise)


def _least_squares(dim: float, samples: float, noise: float) -> Limit:
    """alpha = 0 and tau^2 = noise/(n - d), which diverges at n = d."""
    if samples == dim:
        inf = float("inf")
        return Limit(
            Status.DIVERGES, inf, inf, 0.0, dim, 0.0, "least squares at samples = dim, where the risk diverges"
        )
    level = noise / (samples - dim)
    if level < 1e-300:
        return Limit(Status.STALLED, dim * level, level**0.5, 0.0, dim, noise, "least squares: the risk underflows")
    return Limit(
        Status.LIMIT, dim * level, level**0.5, 0.0, dim, noise * ((samples - dim) / samples), "least squares, n > d"
    )


def _recovery(nonzero: float, zeros: float, samples: float) -> Limit | None:
    """Exact recovery from noiseless data: tau = t = 0 if the worst-case risk min F(alpha) does not exceed n.

    F(alpha) = k (1 + alpha^2) + N_0 rho(0, alpha) is convex. As the weight decay vanishes, alpha tends to the larger
    root of F = n, which fixes the degrees of freedom k + N_0 pi(0, alpha) (Donoho-Maleki-Montanari's phase boundary).
    """

    def worst_case(alpha: float) -> float:
        return nonzero * (1.0 + alpha * alpha) + 2.0 * zeros * float(tails(np.array([alpha])).second[0])

    def slope(alpha: float) -> float:
        return nonzero * alpha - 2.0 * zeros * float(tails(np.array([alpha])).first[0])

    lowest = float(brentq(slope, 0.0, 40.0 + zeros / nonzero, xtol=1e-15)) if zeros else 0.0
    if worst_case(lowest) > samples:
        return None
    alpha = float(brentq(lambda x: worst_case(x) - samples, lowest, 1.0 + 2.0 * (samples / nonzero) ** 0.5, xtol=1e-15))
    kept = nonzero + 2.0 * zeros * float(tails(np.array([alpha])).tail[0])
    return Limit(Status.LIMIT, 0.0, 0.0, 0.0, kept, 0.0, "exact recovery: no noise, enough samples")


def _all_zero(teacher: Teacher, samples: float, penalty: float, noise: float) -> Limit | None:
    """Such a large penalty that no weight survives: R = |theta|^2 to all digits."""
    if not _hopeless(teacher, np.array(samples), np.array(penalty), noise):
        return None
    nodes = teacher.nodes(np.array([[teacher.largest]]))
    risk = float(nodes.total(nodes.values**2)[0, 0])
    threshold = min(penalty / samples, FLOAT_MAX)
    level = ((noise + risk) / samples) ** 0.5
    return Limit(
        Status.CONVERGED, risk, level, threshold, 0.0, noise + risk, "all weights zero: threshold out of reach"
    )
