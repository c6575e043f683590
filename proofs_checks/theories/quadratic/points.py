"""One point of the quadratic network as the court passes it around: controls by name, as plain numbers, p = d."""

from __future__ import annotations

from collections.abc import Mapping

from scalecheck.numerics.networks.quadratic.state_equations import StateEvolution, solve
from scalecheck.numerics.solution import Solution

NAMES = ("dim", "samples", "weight_decay", "decay", "noise")
"""The controls, in the order of theory.md."""


def point(*values: float) -> dict[str, float]:
    """A point from its values in the order of `NAMES`."""
    return dict(zip(NAMES, values, strict=True))


def solve_at(controls: Mapping[str, float]) -> Solution[StateEvolution]:
    """State evolution at a point, in the deterministic closure; entries that are no controls are left out."""
    return solve(
        dim=controls["dim"],
        samples=controls["samples"],
        weight_decay=controls["weight_decay"],
        decay=controls["decay"],
        noise=controls["noise"],
    )
