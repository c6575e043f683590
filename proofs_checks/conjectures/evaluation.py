"""Formulas in floating point: the tree is walked node by node; no text is ever turned into code."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy import special

from scalecheck.numerics.systems import Equation, summation_rule

from .nodes import INDEX, POWER_SUM, Node, Relation

Values = Mapping[str, Any]
"""Names to floats, the index of a power sum to an array."""

FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": np.divide,
    "**": np.power,
    "neg": lambda x: -x,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "erf": special.erf,
    "erfc": special.erfc,
    "gamma": special.gamma,
    "zeta": special.zeta,
    "beta": special.beta,
    "abs": np.abs,
    "min": lambda *values: np.minimum.reduce(np.broadcast_arrays(*values)),
    "max": lambda *values: np.maximum.reduce(np.broadcast_arrays(*values)),
}


def evaluate(node: Node, values: Values, ratio: float) -> Any:
    """A formula in numbers; NaN or infinity where it has no value. `ratio` is that of the panels of power sums.

    Examples
    --------
    >>> from scalecheck.proofs_checks.conjectures.grammar import parse_formula
    >>> round(float(evaluate(parse_formula("powersum(k**(-x))", sums=True), {"x": 2.0}, 4.0)), 9)
    1.644934067
    """
    if node.kind == "number":
        return np.float64(float(node.value))
    if node.kind == "name":
        return values[str(node.value)]
    if node.kind == POWER_SUM:
        count = float(evaluate(node.args[1], values, ratio)) if len(node.args) > 1 else math.inf
        if not count >= 1:
            return np.float64(math.nan)
        places, weights = summation_rule(count, ratio)
        terms = evaluate(node.args[0], {**values, INDEX: places}, ratio)
        return np.sum(terms * weights)
    return FUNCTIONS[node.kind](*(evaluate(arg, values, ratio) for arg in node.args))


def equation(link: Relation, unknowns: tuple[str, ...], large: str, given: Mapping[str, float]) -> Equation:
    """An equation of a user's system for the solver, controls and parameters put in."""
    known = {name: np.float64(value) for name, value in given.items()}

    def sides(values: Any, size: float, ratio: float) -> tuple[float, float]:
        here = {**known, large: np.float64(size), **dict(zip(unknowns, values, strict=True))}
        with np.errstate(all="ignore"):  # what is no number is told by the residual, which is then NaN
            return float(evaluate(link.left, here, ratio)), float(evaluate(link.right, here, ratio))

    names = link.names()
    return Equation(sides, frozenset(k for k, name in enumerate(unknowns) if name in names))
