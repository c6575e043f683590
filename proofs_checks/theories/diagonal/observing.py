"""How claims of the diagonal network look at state evolution: controls along a path, observables with their errors."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from scalecheck.numerics.networks.diagonal.state_equations import StateEvolution
from scalecheck.numerics.solution import Solution

from ...formulas import Measured
from ...laws import Path
from ...network_claims import NAMES, on_path, point, with_parts
from .points import solve_at

DECOMPOSITION_ERROR = 1e-9
"""Relative error allowed for the parts of the risk: they follow from τ and t, known to 1e-11 where the risk is to 1e-12,
and an exponentially small part magnifies that by α², at most a hundred on the ledger's paths."""


def controls(along: Path, scale: float) -> dict[str, float]:
    """The point of a path at dim = scale: samples = dim**a, weight_decay = dim**b."""
    return on_path(along, scale)


@lru_cache(maxsize=4096)  # a claim and its twins look at the same points
def _solved(*values: float) -> Solution[StateEvolution]:
    return solve_at(point(*values))


def observe(place: Mapping[str, float]) -> dict[str, Measured]:
    """Risk and its parts at a point, each with its absolute error."""
    return with_parts(_solved(*(place[name] for name in NAMES)), DECOMPOSITION_ERROR)
