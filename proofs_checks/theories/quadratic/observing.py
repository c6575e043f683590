"""How claims of the quadratic network look at state evolution: controls along a path, observables with their errors."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import sympy as sp

from scalecheck.numerics.networks.quadratic.state_equations import StateEvolution
from scalecheck.numerics.solution import Solution
from scalecheck.theory.networks.quadratic.state_equations import DETERMINISTIC, GAUSSIAN_DESIGN, PROPORTIONAL_LIMIT
from scalecheck.theory.symbols import decay, noise

from ...formulas import Measured
from ...hypotheses import Hypothesis
from ...laws import Path
from .points import NAMES, point, solve_at

FINITE_POWER = Hypothesis(decay > sp.Rational(1, 2), "the teacher has finite power")
NOISY = Hypothesis(noise > 0, "without label noise there is another diagram")
ASSUMED = (PROPORTIONAL_LIMIT, GAUSSIAN_DESIGN, DETERMINISTIC)
"""What every law of this network rests on."""
PAPERS = ("defilippis2025scaling", "erba2025nuclear")

PARTS_ERROR = 1e-9
"""Relative error allowed for the parts of the risk: integrals over the learned spectrum at a σ and t known to 1e-11."""
LARGE_SCALES = (1e9, 1e11, 1e13, 1e15)
"""Values of dim for laws whose corrections die like dim^(-1/7): the largest integers that floats hold are a factor 9 above."""


def region(*relations: tuple[sp.Basic, str]) -> tuple[Hypothesis, ...]:
    """Hypotheses of a claim: a noisy problem with a teacher of finite power, and these relations with their reasons."""
    return (FINITE_POWER, NOISY, *(Hypothesis(relation, reason) for relation, reason in relations))


def domain() -> tuple[sp.Basic, ...]:
    """What every derivation of the quadratic network takes for granted of its parameters."""
    return (FINITE_POWER.relation, NOISY.relation)


def path(a_value: str, b_value: str, decay_value: str, noise_value: str = "1") -> Path:
    """A path samples = dim**(a + 1), weight_decay = dim**b at one decay and noise."""
    exponents = {"a": sp.Rational(a_value), "b": sp.Rational(b_value)}
    return Path(exponents, {"decay": sp.Rational(decay_value), "noise": sp.Rational(noise_value)})


def controls(along: Path, scale: float) -> dict[str, float]:
    """The point of a path at dim = scale."""
    exponents = {name: float(value) for name, value in along.exponents.items()}
    parameters = {name: float(value) for name, value in along.parameters.items()}
    return {
        "dim": scale,
        "samples": scale ** (exponents["a"] + 1),
        "weight_decay": scale ** exponents["b"],
        **parameters,
    }


@lru_cache(maxsize=8192)  # a claim and its twins look at the same points
def solved(*values: float) -> Solution[StateEvolution]:
    """State evolution at the values of `NAMES`."""
    return solve_at(point(*values))


def observe(place: Mapping[str, float]) -> dict[str, Measured]:
    """Risk and its parts at a point, each with its absolute error."""
    found = solved(*(place[name] for name in NAMES))
    told = {"risk": (found.value.risk, found.error * found.value.risk)}
    parts = vars(found.value.decomposition)
    return told | {name: (value, PARTS_ERROR * abs(value)) for name, value in parts.items()}
