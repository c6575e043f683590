"""What the claims about all networks with a power-law teacher share: what is taken for granted, and paths in their plane."""

from __future__ import annotations

from typing import Any

import sympy as sp

from scalecheck.numerics.solution import Solution
from scalecheck.theory.symbols import decay, noise

from .formulas import Measured
from .hypotheses import Hypothesis
from .laws import Path

NAMES = ("dim", "samples", "weight_decay", "decay", "noise")
"""The controls of a network (the quadratic one at width = dim), in the order of theory.md."""
FINITE_POWER = Hypothesis(decay > sp.Rational(1, 2), "the teacher has finite power")
NOISY = Hypothesis(noise > 0, "without label noise there is another diagram")


def point(*values: float) -> dict[str, float]:
    """A point from its values in the order of `NAMES`."""
    return dict(zip(NAMES, values, strict=True))


def region(*relations: tuple[sp.Basic, str]) -> tuple[Hypothesis, ...]:
    """Hypotheses of a claim: a noisy problem with a teacher of finite power, and these relations with their reasons."""
    return (FINITE_POWER, NOISY, *(Hypothesis(relation, reason) for relation, reason in relations))


def domain() -> tuple[sp.Basic, ...]:
    """What every derivation for a network takes for granted of its parameters."""
    return (FINITE_POWER.relation, NOISY.relation)


def path(a_value: str, b_value: str, decay_value: str, noise_value: str = "1") -> Path:
    """A path effective samples = dim**a, weight_decay = dim**b at one decay and noise.

    Examples
    --------
    >>> path("1/2", "0", "1").place()["a"]
    1/2
    """
    exponents = {"a": sp.Rational(a_value), "b": sp.Rational(b_value)}
    return Path(exponents, {"decay": sp.Rational(decay_value), "noise": sp.Rational(noise_value)})


def on_path(along: Path, scale: float, ahead: int = 0) -> dict[str, float]:
    """The point of a path at dim = scale, where samples = dim**(a + ahead).

    Examples
    --------
    >>> on_path(path("1/2", "0", "1"), 1e4, ahead=1)["samples"]
    1000000.0
    """
    exponents = {name: float(value) for name, value in along.exponents.items()}
    parameters = {name: float(value) for name, value in along.parameters.items()}
    samples, weight_decay = scale ** (exponents["a"] + ahead), scale ** exponents["b"]
    return {"dim": scale, "samples": samples, "weight_decay": weight_decay, **parameters}


def with_parts(found: Solution[Any], parts_error: float) -> dict[str, Measured]:
    """Risk and its parts at a solved point, each with its absolute error; that of the parts is relative to them."""
    told = {"risk": (found.value.risk, found.error * found.value.risk)}
    return told | {name: (value, parts_error * abs(value)) for name, value in vars(found.value.decomposition).items()}
