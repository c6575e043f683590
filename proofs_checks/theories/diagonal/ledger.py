"""The ledger of the diagonal network: every claim, in the order of theory.md."""

from __future__ import annotations

from ...claims import Claim
from ...making import made
from .beyond import beyond_claims
from .boundaries import boundary_claims
from .certified import certified_claims
from .crossing import crossing_claims
from .errors import error_claims
from .experiments import experiment_claims
from .formulas import formula_claims
from .laws import law_claims
from .lines import line_claims
from .optimum import optimum_claims
from .overfitting import overfitting_claims
from .peak_width import peak_width_claims
from .phase_plane import phase_plane_claims
from .reduction import reduction_claims
from .weights import weight_claims


def claims() -> tuple[Claim, ...]:
    """All claims of the diagonal network."""
    return made(
        "diagonal",
        reduction_claims,
        formula_claims,
        phase_plane_claims,
        boundary_claims,
        peak_width_claims,
        optimum_claims,
        law_claims,
        overfitting_claims,
        line_claims,
        crossing_claims,
        weight_claims,
        error_claims,
        experiment_claims,
        beyond_claims,
        certified_claims,
    )
