"""Formulas in floating point: the tree becomes functions, node by node; no text is ever turned into code."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import special

from scalecheck.numerics.equations import Equation, summation_rule

from .nodes import INDEX, PI, POWER_SUM, Node, Relation, incomplete

Values = Mapping[str, Any]
"""Names to floats, the index of a power sum to an array."""

Step = Callable[[Values, float], Any]
"""Values and the ratio of the panels of power sums to a number, or to an array along the index."""

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
    "uppergamma": np.vectorize(lambda order, x: incomplete(order, x, math.inf), otypes=[float]),
    "lowergamma": np.vectorize(lambda order, x: incomplete(order, 0.0, x), otypes=[float]),
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


AT_ONCE = 16
"""Places of an unknown at which sides are worked out in one call: with the places of a sum what the processor holds near."""


@dataclass(frozen=True)
class Memo:
    """What need not be worked out again at one setting: arrays without unknowns, and sums at the unknowns they were at."""

    known: frozenset[str]
    found: dict[tuple[object, ...], Any] = field(default_factory=dict)

    def remembered(self, node: Node, step: Step) -> Step:
        """The same step, which looks first whether its value is known; as it is where that is not worth it."""
        names, text = node.names(), node.text()
        if node.kind == POWER_SUM:
            told = tuple(sorted(names))

            def at(values: Values, ratio: float) -> tuple[object, ...] | None:
                here = [values[name] for name in told]
                return None if any(map(np.ndim, here)) else (text, ratio, *map(float, here))

            return self._kept(step, at)
        if not (node.args and INDEX in names and names - {INDEX} <= self.known):
            return step

        def key(values: Values, ratio: float) -> tuple[object, ...] | None:
            places = values.get(
                INDEX
            )  # of sums that end at an unknown many have as many places, and none the same last one
            return None if places is None else (text, ratio, len(places), float(places[-1]))

        return self._kept(step, key)

    def _kept(self, step: Step, key: Callable[[Values, float], tuple[object, ...] | None]) -> Step:
        found = self.found

        def kept(values: Values, ratio: float) -> Any:
            told = key(values, ratio)
            if told is None:
                return step(values, ratio)
            if told not in found:
                found[told] = step(values, ratio)
            return found[told]

        return kept


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
    return prepared(node, memo)(values, ratio)


def prepared(node: Node, memo: Memo | None = None) -> Step:
    """A formula as a function of values and ratio, for many of them: what depends on the formula alone is settled once.

    Examples
    --------
    >>> from scalecheck.proofs_checks.conjectures.grammar import parse_formula
    >>> square = prepared(parse_formula("x**2"))
    >>> [float(square({"x": value}, 4.0)) for value in (2.0, 3.0)]
    [4.0, 9.0]
    """
    step = _step(node, memo)
    return step if memo is None else memo.remembered(node, step)


def _step(node: Node, memo: Memo | None) -> Step:
    if node.kind == "name":
        name = str(node.value)
        return lambda values, ratio: values[name]
    if node.kind in ("number", PI):
        value = np.float64(np.pi if node.kind == PI else float(node.value))
        return lambda values, ratio: value
    if node.kind == POWER_SUM:
        return _sum_step(*(prepared(arg, memo) for arg in node.args))
    if node.kind == "**" and node.args[0].kind == "-" and INDEX in node.names() and _is_one(node.args[0].args[0]):
        return _applied(_steps, (prepared(node.args[0].args[1], memo), prepared(node.args[1], memo)))
    tail = _with_tail(node)
    if tail is not None:
        whole, (term, end), rest = tail
        beyond = _remembered(memo, whole, _tail_step(prepared(term, memo), prepared(end, memo)))
        return beyond if rest is None else _applied(FUNCTIONS["+"], (beyond, prepared(rest, memo)))
    beside = _beside_one(node)
    if beside is not None:
        near = np.log1p if node.kind == "log" else lambda x: -np.expm1(x)
        return _applied(near, (prepared(beside, memo),))
    return _applied(FUNCTIONS[node.kind], tuple(prepared(arg, memo) for arg in node.args))


def _remembered(memo: Memo | None, node: Node, step: Step) -> Step:
    """A step that looks first whether its value is known, where values are kept."""
    return step if memo is None else memo.remembered(node, step)


def _with_tail(node: Node) -> tuple[Node, tuple[Node, Node], Node | None] | None:
    """A sum of terms as a power sum less the same one up to an end, its summand and end, and the other terms; None for others.

    The two have equal digits, and what lies beyond the end may be below the last of them.
    """
    if node.kind not in ("+", "-"):
        return None
    terms = list(_terms(node, 1))
    for place, (sign, ended) in enumerate(terms):
        if sign > 0 or ended.kind != POWER_SUM or len(ended.args) < 2:
            continue
        other = next((k for k, (way, whole) in enumerate(terms) if way > 0 and _is_whole(whole, ended.args[0])), None)
        if other is not None:
            rest = [
                part if way > 0 else Node("neg", (part,))
                for k, (way, part) in enumerate(terms)
                if k not in (place, other)
            ]
            return Node("-", (terms[other][1], ended)), (ended.args[0], ended.args[1]), _added(rest)
    return None


def _terms(node: Node, sign: int) -> Iterator[tuple[int, Node]]:
    if node.kind in ("+", "-"):
        yield from _terms(node.args[0], sign)
        yield from _terms(node.args[1], sign if node.kind == "+" else -sign)
    else:
        yield sign, node


def _added(nodes: Sequence[Node]) -> Node | None:
    found: Node | None = None
    for node in nodes:
        found = node if found is None else Node("+", (found, node))
    return found


def _is_whole(node: Node, summand: Node) -> bool:
    """Whether a formula is the sum of a summand without an end: also zeta(p), of k**(-p)."""
    if node.kind == POWER_SUM:
        return len(node.args) == 1 and node.args[0].text() == summand.text()
    falls = summand.kind == "**" and summand.args[0].value == INDEX and summand.args[1].kind == "neg"
    return node.kind == "zeta" and falls and node.args[0].text() == summand.args[1].args[0].text()


def _applied(function: Callable[..., Any], args: tuple[Step, ...]) -> Step:
    """A function of what its arguments come to; those of one and two are the many."""
    if len(args) == 1:
        (only,) = args
        return lambda values, ratio: function(only(values, ratio))
    if len(args) == 2:
        one, two = args
        return lambda values, ratio: function(one(values, ratio), two(values, ratio))
    return lambda values, ratio: function(*(arg(values, ratio) for arg in args))


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


def _sum_step(term: Step, end: Step | None = None) -> Step:
    def summed(values: Values, ratio: float) -> Any:
        count = math.inf if end is None else float(end(values, ratio))
        if not count >= 1:
            return np.float64(math.nan)
        places, weights = summation_rule(count, ratio)
        terms = term({**values, INDEX: places}, ratio) * np.ones_like(places)
        return _total(terms, weights, places, SUMMED if math.isinf(count) else math.inf)

    return summed


def _total(terms: Any, weights: Any, places: Any, share: float) -> Any:
    """The sum of terms along the index, a column of sums for a column of unknowns; NaN where the last of them tells too much.

    That is more than this share of the whole, with all the places beyond it.
    """
    whole = np.sum(terms * weights, axis=-1)
    if share < math.inf:
        ends = np.abs(terms[..., -1]) * places[-1] <= share * np.sum(np.abs(terms) * weights, axis=-1)
        whole = whole if ends.all() else np.where(ends, whole, math.nan)
    return whole if terms.ndim == 1 else whole[:, None]


def _tail_step(term: Step, end: Step) -> Step:
    """The sum from the end on, over the places beyond it: smooth in their distance from the end."""

    def summed(values: Values, ratio: float) -> Any:
        count = float(end(values, ratio))
        if not 1 <= count < math.inf:
            return np.float64(math.nan)
        places, weights = summation_rule(math.inf, ratio)
        here = math.floor(count) + places
        terms = term({**values, INDEX: here}, ratio) * np.ones_like(here)
        return _total(terms, weights, here, SUMMED)

    return summed


def _ends(node: Node) -> frozenset[str]:
    """Names in the ends of power sums: at each of their values a sum has other places."""
    own = node.args[1].names() if node.kind == POWER_SUM and len(node.args) > 1 else frozenset[str]()
    return own.union(*map(_ends, node.args))


def equation(link: Relation, unknowns: tuple[str, ...], large: str, given: Mapping[str, float]) -> Equation:
    """An equation of a user's system for the solver, controls and parameters put in."""
    known = {name: np.float64(value) for name, value in given.items()}
    memo = Memo(frozenset(known))
    left, right = prepared(link.left, memo), prepared(link.right, memo)

    def both(values: Any, size: float, ratio: float) -> tuple[Any, Any]:
        here = {**known, large: np.float64(size), **dict(zip(unknowns, values, strict=True))}
        with np.errstate(all="ignore"):  # what is no number is told by the residual, which is then NaN
            return left(here, ratio), right(here, ratio)

    def sides(values: Any, size: float, ratio: float) -> tuple[float, float]:
        one, other = both(values, size, ratio)
        return float(one), float(other)

    def along(values: Any, unknown: int, places: Any, size: float, ratio: float) -> tuple[Any, Any]:
        told = np.empty((2, places.size, 1))
        for start in range(0, places.size, AT_ONCE):
            some = slice(start, start + AT_ONCE)
            told[0, some], told[1, some] = both(
                [*values[:unknown], places[some, None], *values[unknown + 1 :]], size, ratio
            )
        return told[0, :, 0], told[1, :, 0]

    names = link.names()
    named = link.left.value if link.left.kind == "name" and link.left.value not in link.right.names() else None
    return Equation(
        sides,
        frozenset(k for k, name in enumerate(unknowns) if name in names),
        next((k for k, name in enumerate(unknowns) if name == named), None),
        None if (_ends(link.left) | _ends(link.right)) & set(unknowns) else along,
    )
