"""The ledger of the quadratic network: every claim, in the order of theory.md."""

from __future__ import annotations

from ...claims import Claim
from .laws import law_claims


def claims() -> tuple[Claim, ...]:
    """All claims of the quadratic network."""
    return law_claims()
