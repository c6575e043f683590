"""The ledger of spectral shells: S1 to S13, subject by subject."""

from __future__ import annotations

from ...claims import Claim
from ...making import made
from .balance import balance_claims
from .descent import descent_claims
from .exponents import exponent_claims
from .frontier import frontier_claims
from .limits import limit_claims
from .modes import mode_claims
from .rigidity import rigidity_claims
from .trained import trained_claims
from .transport import transport_claims


def claims() -> tuple[Claim, ...]:
    """All claims of spectral shells."""
    return made(
        "shells",
        mode_claims,
        balance_claims,
        rigidity_claims,
        transport_claims,
        frontier_claims,
        exponent_claims,
        limit_claims,
        descent_claims,
        trained_claims,
    )
