"""The machine under the laws, as a theory without controls: nothing is solved at a point, but its claims stand trial."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...claims import Claim
from ...theory_record import Convention, Theory


def _derive() -> Sequence[Any]:
    from .ledger import derivations

    return derivations()


def _claims() -> Sequence[Claim]:
    from .ledger import claims

    return claims()


THEORY = Theory(
    name="asymptotics",
    title="power-law sums and dominant balance: the machine behind the laws",
    kind="machine",
    controls=(),
    observables={},
    conventions=(
        Convention("L", "large", "the one large parameter; scales are L^x (log L)^y"),
        Convention("τ", "noise_level", "the scale of a power sum Σ F(k^(-γ)/τ)"),
    ),
    derive=_derive,
    claims=_claims,
    references=("maclagan2015tropical",),
    families=("A1", "A2"),
)
