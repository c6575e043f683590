"""The ledger of spectral shells: S1 to S13, subject by subject."""

from __future__ import annotations

from ...claims import Claim


def claims() -> tuple[Claim, ...]:
    """All claims of spectral shells."""
    return ()
