"""Formulas in floating point: the tree is walked node by node; no text is ever turned into code."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy import special

from scalecheck.numerics.systems import Equation, summation_rule

from .nodes import INDEX, PI, POWER_SUM, Node, Relation

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
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "abs": np.abs,
    "min": lambda *values: np.minimum.reduce(np.broadcast_arrays(*values)),
    "max": lambda *values: np.maximum.reduce(np.broadcast_arrays(*values)),
}


SUMMED = 1e-10
"""Of an infinite sum: what its last term times its place may be of the whole. Sums of k^-p leave that over (p - 1) out,
and a sum that diverges, like that of 1/k, would otherwise have a value: that up to the last of the places."""


class Memo:
    """What need not be worked out again at one setting: arrays without unknowns, and sums at the unknowns they were at."""

    def __init__(self, known: frozenset[str]) -> None:
        self.known = known
        self.keys: dict[int, tuple[Node, str, tuple[str, ...], bool]] = {}
        self.found: dict[tuple[object, ...], Any] = {}

    def key(self, node: Node, values: Values, ratio: float) -> tuple[object, ...] | None:
        """Under which a node is remembered; None where it is not worth it."""
        if not node.args:
            return None
        told = self.keys.get(id(node))
        if told is None:
            names = node.names()
            fixed = INDEX in names and names - {INDEX} <= self.known
            told = (node, node.text(), tuple(sorted(names - {INDEX})), fixed)
            self.keys[id(node)] = told
        _, text, names_, fixed = told
        if node.kind == POWER_SUM:
            return (text, ratio, *(float(values[name]) for name in names_))
        if not fixed or INDEX not in values:
            return None
        places = values[INDEX]  # of sums that end at an unknown many have as many places, and none the same last one
        return (text, ratio, len(places), float(places[-1]))


def evaluate(node: Node, values: Values, ratio: float, memo: Memo | None = None) -> Any:
    """A formula in numbers; NaN or infinity where it has no value. `ratio` is that of the panels of power sums.

    Examples
    --------
    >>> from scalecheck.proofs_checks.conjectures.grammar import parse_formula
    >>> round(float(evaluate(parse_formula("powersum(k**(-x))", sums=True), {"x": 2.0}, 4.0)), 9)
    1.644934067
    >>> float(evaluate(parse_formula("powersum(1/k)", sums=True), {}, 4.0))
    nan
    """
    key = None if memo is None else memo.key(node, values, ratio)
    if key is None or memo is None:
        return _evaluated(node, values, ratio, memo)
    if key not in memo.found:
        memo.found[key] = _evaluated(node, values, ratio, memo)
    return memo.found[key]


def _evaluated(node: Node, values: Values, ratio: float, memo: Memo | None) -> Any:
    if node.kind == "number":
        return np.float64(float(node.value))
    if node.kind == PI:
        return np.float64(np.pi)
    if node.kind == "name":
        return values[str(node.value)]
    if node.kind == POWER_SUM:
        return _summed(node, values, ratio, memo)
    if node.kind == "**" and node.args[0].kind == "-" and INDEX in node.names() and _is_one(node.args[0].args[0]):
        lost, power = (evaluate(arg, values, ratio, memo) for arg in (node.args[0].args[1], node.args[1]))
        return _steps(lost, power)
    beside = _beside_one(node)
    if beside is not None:
        near = np.log1p if node.kind == "log" else lambda x: -np.expm1(x)
        return near(evaluate(beside, values, ratio, memo))
    return FUNCTIONS[node.kind](*(evaluate(arg, values, ratio, memo) for arg in node.args))


def _beside_one(node: Node) -> Node | None:
    """What stands beside 1 in log(1 + x) and 1 - exp(x): for a small x rounding 1 + x or exp(x) would spoil them."""
    if node.kind == "log" and node.args[0].kind == "+":
        ones = [_is_one(part) for part in node.args[0].args]
        return node.args[0].args[0 if ones[1] else 1] if any(ones) else None
    if node.kind == "-" and _is_one(node.args[0]) and node.args[1].kind == "exp":
        return node.args[1].args[0]
    return None


def _is_one(node: Node) -> bool:
    return node.kind == "number" and node.value == 1


def _steps(lost: Any, power: Any) -> Any:
    """(1 - lost)^power: many small steps, which rounding 1 - lost would spoil."""
    small = np.abs(lost) < 0.5
    return np.where(small, np.exp(power * np.log1p(-np.where(small, lost, 0.0))), np.power(1.0 - lost, power))


def _summed(node: Node, values: Values, ratio: float, memo: Memo | None) -> Any:
    count = float(evaluate(node.args[1], values, ratio, memo)) if len(node.args) > 1 else math.inf
    if not count >= 1:
        return np.float64(math.nan)
    places, weights = summation_rule(count, ratio)
    terms = evaluate(node.args[0], {**values, INDEX: places}, ratio, memo) * np.ones_like(places)
    whole = np.sum(terms * weights)
    if math.isinf(count) and not abs(terms[-1]) * places[-1] <= SUMMED * np.sum(np.abs(terms) * weights):
        return np.float64(math.nan)
    return whole


def equation(link: Relation, unknowns: tuple[str, ...], large: str, given: Mapping[str, float]) -> Equation:
    """An equation of a user's system for the solver, controls and parameters put in."""
    known = {name: np.float64(value) for name, value in given.items()}
    memo = Memo(frozenset(known))

    def sides(values: Any, size: float, ratio: float) -> tuple[float, float]:
        here = {**known, large: np.float64(size), **dict(zip(unknowns, values, strict=True))}
        with np.errstate(all="ignore"):  # what is no number is told by the residual, which is then NaN
            return float(evaluate(link.left, here, ratio, memo)), float(evaluate(link.right, here, ratio, memo))

    names = link.names()
    named = link.left.value if link.left.kind == "name" and link.left.value not in link.right.names() else None
    return Equation(
        sides,
        frozenset(k for k, name in enumerate(unknowns) if name in names),
        next((k for k, name in enumerate(unknowns) if name == named), None),
    )
