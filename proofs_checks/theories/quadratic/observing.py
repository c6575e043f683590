"""How claims of the quadratic network look at state evolution: controls along a path, observables with their errors."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from scalecheck.numerics.networks.quadratic.state_equations import StateEvolution
from scalecheck.numerics.solution import Solution
from scalecheck.theory.networks.quadratic.state_equations import DETERMINISTIC, GAUSSIAN_DESIGN, PROPORTIONAL_LIMIT

from ...formulas import Measured
from ...laws import Path
from ...network_claims import NAMES, on_path, point, with_parts
from .points import solve_at

ASSUMED = (PROPORTIONAL_LIMIT, GAUSSIAN_DESIGN, DETERMINISTIC)
"""What every law of this network rests on."""
PAPERS = ("defilippis2025scaling", "erba2025nuclear")

PARTS_ERROR = 1e-9
"""Relative error allowed for the parts of the risk: integrals over the learned spectrum at a σ and t known to 1e-11."""
LARGE_SCALES = (1e9, 1e11, 1e13, 1e15)
"""Values of dim for laws whose corrections die like dim^(-1/7): the largest integers that floats hold are a factor 9 above."""


def controls(along: Path, scale: float) -> dict[str, float]:
    """The point of a path at dim = scale: samples = dim**(a + 1), weight_decay = dim**b."""
    return on_path(along, scale, ahead=1)


@lru_cache(maxsize=8192)  # a claim and its twins look at the same points
def solved(*values: float) -> Solution[StateEvolution]:
    """State evolution at the values of `NAMES`."""
    return solve_at(point(*values))


def observe(place: Mapping[str, float]) -> dict[str, Measured]:
    """Risk and its parts at a point, each with its absolute error."""
    return with_parts(solved(*(place[name] for name in NAMES)), PARTS_ERROR)
