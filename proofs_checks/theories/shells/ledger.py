"""The ledger of spectral shells: S1 to S13, subject by subject."""

from __future__ import annotations

from ...claims import Claim
from .balance import balance_claims
from .exponents import exponent_claims
from .modes import mode_claims


def claims() -> tuple[Claim, ...]:
    """All claims of spectral shells."""
    return (*mode_claims(), *balance_claims(), *exponent_claims())
