"""The ledger of spectral shells: S1 to S13, subject by subject."""

from __future__ import annotations

from ...claims import Claim
from .exponents import exponent_claims


def claims() -> tuple[Claim, ...]:
    """All claims of spectral shells."""
    return exponent_claims()
