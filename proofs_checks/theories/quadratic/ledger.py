"""The ledger of the quadratic network: every claim, in the order of theory.md."""

from __future__ import annotations

from ...claims import Claim
from ...making import made
from .boundaries import boundary_claims
from .certified import certified_claims
from .convolution import convolution_claims
from .experiments import experiment_claims
from .laws import law_claims
from .lines import line_claims
from .nothing import nothing_claims
from .optimum import optimum_claims
from .parts import parts_claims
from .peak import peak_claims
from .phase_plane import phase_plane_claims
from .reduction import reduction_claims
from .spectra import spectra_claims
from .stein import stein_claims


def claims() -> tuple[Claim, ...]:
    """All claims of the quadratic network."""
    return made(
        "quadratic",
        reduction_claims,
        stein_claims,
        convolution_claims,
        phase_plane_claims,
        boundary_claims,
        peak_claims,
        optimum_claims,
        law_claims,
        line_claims,
        spectra_claims,
        parts_claims,
        nothing_claims,
        experiment_claims,
        certified_claims,
    )
