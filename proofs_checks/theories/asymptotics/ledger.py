"""The machine under the laws: power-law sums (A1) and dominant balance (A2), where common tools answer wrongly.

A theory without controls: nothing is solved at a point, but its claims stand in the ledger like any other. The twins are
the answers that computer algebra systems have been seen to give (noted in the tests of `theory/asymptotics`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...claims import Claim
from ...making import made
from . import balances, sums


def derivations() -> Sequence[Any]:
    """Derivations of the balances."""
    return [item.derivation for item in balances.everything()]


def claims() -> Sequence[Claim]:
    """The machine's own claims, A1 and A2."""
    return made("asymptotics", *sums.makers(), *balances.makers())
