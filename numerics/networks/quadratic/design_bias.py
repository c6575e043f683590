"""How far the risk on the real design is from that on a Gaussian design of the same covariance (theory.md N10).

State evolution (N4) is a statement about Gaussian measurements. The real ones, (x xᵀ - 1)/√d, have the same
covariance; whether they have the same risk is measured here, with a standard error.

Measured by `design_bias(dim=d, samples=n, weight_decay=0.5, decay=1.0, noise=0.25, runs=runs, seed=1)`:

====  =====  ====  ====  ==============
d     n      u     runs  R_real/R_gauss
====  =====  ====  ====  ==============
10    40     4     200   1.219 ± 0.028
20    80     4     120   1.168 ± 0.026
40    160    4     60    1.153 ± 0.024
80    320    4     16    1.214 ± 0.029
160   640    4     8     1.190 ± 0.028
10    100    10    200   1.195 ± 0.025
20    200    10    100   1.167 ± 0.021
40    400    10    80    1.096 ± 0.014
80    800    10    24    1.150 ± 0.018
10    200    20    100   1.187 ± 0.034
20    800    40    40    1.074 ± 0.025
30    1800   60    12    1.027 ± 0.027
====  =====  ====  ====  ==============

At fixed u = n/d the real risk stays 10 to 20% above the other, up to d = 160; along n = 2 d² (the last three) it falls
towards it. Both are statements about these points and this weight decay, no more.
"""

from __future__ import annotations

import math
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...errors import real
from ...solution import ErrorKind, Solution, Status
from ..inputs import integer
from ..runs import standard_error
from .experiment import Experiment, simulate

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DesignBias:
    """The two experiments and their ratio.

    Parameters
    ----------
    real, gaussian : Experiment
        Same parameters, different designs, independent random numbers.
    """

    real: Experiment
    gaussian: Experiment

    @property
    def ratio(self) -> float:
        """Mean risk on the real design over that on the Gaussian one."""
        return self.real.risk_mean / self.gaussian.risk_mean

    @property
    def ratio_stderr(self) -> float:
        """Standard error of `ratio`, to first order in those of the two means."""
        parts = []
        for experiment in (self.real, self.gaussian):
            spread = standard_error(experiment.risk)
            parts.append((math.inf if spread is None else spread) / experiment.risk_mean)
        return self.ratio * math.hypot(*parts)


def design_bias(
    *,
    dim: int,
    samples: int,
    weight_decay: float,
    decay: float,
    noise: float,
    runs: int,
    seed: int,
    width: int | None = None,
    executor: Executor | None = None,
) -> Solution[DesignBias]:
    """Measure R_real/R_gauss at one point (claim N10).

    Parameters
    ----------
    dim, samples, weight_decay, decay, noise, width, executor
        As for `simulate`.
    runs, seed : int
        Problems for each design (at least 2), and the seed from which the two experiments take theirs.

    Returns
    -------
    Solution of DesignBias
        `error` is the relative standard error of the ratio.

    Raises
    ------
    DomainError, NotConverged
        As for `simulate`.

    Examples
    --------
    >>> bias = design_bias(dim=5, samples=30, weight_decay=1.0, decay=1.0, noise=0.5, runs=4, seed=1).value
    >>> bias.real.runs, bias.ratio > 0
    (4, True)
    """
    integer("runs", runs, 2)
    real("weight_decay", weight_decay, at_least=0)
    seeds = np.random.SeedSequence(integer("seed", seed, 0)).generate_state(2)
    arguments = {"dim": dim, "samples": samples, "decay": decay, "noise": noise, "width": width}
    first, second = (
        simulate(
            **arguments,  # type: ignore[arg-type]
            weight_decay=weight_decay,
            runs=runs,
            seed=int(state),
            design=kind,
            executor=executor,
        ).value
        for kind, state in zip(("real", "gaussian"), seeds, strict=True)
    )
    value = DesignBias(first, second)
    line = f"{runs} problems with each of the two designs"
    return Solution(value, Status.CONVERGED, value.ratio_stderr / value.ratio, ErrorKind.ESTIMATE, line, {}, seed)
