"""One point of the quadratic network as the court passes it around: controls by name, as plain numbers, p = d."""

from __future__ import annotations

from collections.abc import Mapping

from scalecheck.numerics.networks.quadratic.state_equations import StateEvolution, solve
from scalecheck.numerics.solution import Solution

from ...network_claims import NAMES


def solve_at(controls: Mapping[str, float]) -> Solution[StateEvolution]:
    """State evolution at a point, in the deterministic closure; entries that are no controls are left out."""
    dim, samples, weight_decay, decay, noise = (controls[name] for name in NAMES)
    return solve(dim=dim, samples=samples, weight_decay=weight_decay, decay=decay, noise=noise)
