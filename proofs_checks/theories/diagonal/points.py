"""One point of the diagonal network as the court passes it around: controls by name, as plain numbers."""

from __future__ import annotations

from collections.abc import Mapping

from scalecheck.numerics.networks.diagonal.state_equations import StateEvolution, solve
from scalecheck.numerics.solution import Solution

from ...network_claims import NAMES


def solve_at(controls: Mapping[str, float]) -> Solution[StateEvolution]:
    """State evolution at a point; entries that are no controls are left out."""
    dim, samples, weight_decay, decay, noise = (controls[name] for name in NAMES)
    return solve(dim=dim, samples=samples, weight_decay=weight_decay, decay=decay, noise=noise)
