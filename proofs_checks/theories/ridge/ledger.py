"""The ledger of ridge regression: the crossover and its lines (R), the isotropic case and the comparison with the diagonal network (X)."""

from __future__ import annotations

from ...claims import Claim
from ...making import made
from .comparison import comparison_claims
from .crossover import crossover_claims
from .experiments import experiment_claims
from .isotropic import isotropic_claims
from .lines import line_claims
from .optimum import optimum_claims


def claims() -> tuple[Claim, ...]:
    """All claims of ridge regression."""
    return made(
        "ridge",
        crossover_claims,
        line_claims,
        optimum_claims,
        experiment_claims,
        isotropic_claims,
        comparison_claims,
    )
