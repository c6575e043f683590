"""The tree of a formula, and the bounds on everything in it that could explode, checked as the tree grows."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import mpmath

MAX_NODES = 400
MAX_DEPTH = 40
MAX_DIGITS = 30
"""Of one number, fractional digits and exponent counted in."""
MAX_BITS = 256
"""Of a power of two numbers, worked out before it is taken."""
MAX_POWER = 100
"""A number as exponent of anything that is no number."""
MAX_TERMS = 4000
"""Terms that multiplying a formula out would leave; an identity is tried by multiplying out."""
MAX_ARGUMENT = 100.0
"""Size of a number handed to a function: gamma(10**9) would be a number of eight billion digits."""
MAX_TOWER = 1
"""Exponentials of names inside exponentials of names: exp(decay) is one, exp(exp(decay)) two and refused."""

ARITY = {
    "exp": (1, 1),
    "log": (1, 1),
    "sqrt": (1, 1),
    "erf": (1, 1),
    "erfc": (1, 1),
    "gamma": (1, 1),
    "zeta": (1, 1),
    "sin": (1, 1),
    "cos": (1, 1),
    "tan": (1, 1),
    "abs": (1, 1),
    "beta": (2, 2),
    "uppergamma": (2, 2),
    "lowergamma": (2, 2),
    "min": (2, 20),
    "max": (2, 20),
}
FUNCTIONS = tuple(ARITY)
PERIODIC = ("sin", "cos", "tan")
"""In exponents and constants only: numbers at a few scales say nothing of an equation that oscillates between them."""
INCOMPLETE = ("uppergamma", "lowergamma")
"""The incomplete gamma functions, of constants where a sum meets its end; in exponents and constants only."""
POWER_SUM = "powersum"
PI = "pi"
"""The one constant with a name; nothing else may bear it."""
INDEX = "k"
"""The index of a power sum; it means nothing outside one."""


@dataclass(frozen=True)
class Size:
    """What could explode: depth, nodes, terms when multiplied out, exponentials within exponentials, and the value of a constant.

    `held` says of a name that it never gets an exact value, so that its powers do not explode: a large parameter, an index.
    """

    depth: int = 1
    nodes: int = 1
    terms: int = 1
    tower: int = 0
    value: float | None = None
    held: bool = False


@dataclass(frozen=True)
class Node:
    """One node of a formula: `kind` is number, pi, name, neg, +, -, *, /, ** or the name of a function."""

    kind: str
    args: tuple[Node, ...] = ()
    value: Fraction | str = ""
    place: tuple[int, int] = field(default=(1, 1), compare=False)
    size: Size = field(default_factory=Size, compare=False, repr=False)

    def names(self) -> frozenset[str]:
        """Names that occur, in power sums without the index."""
        if self.kind == "name":
            return frozenset({str(self.value)})
        found = frozenset[str]().union(*(arg.names() for arg in self.args))
        return found - {INDEX} if self.kind == POWER_SUM else found

    def text(self) -> str:
        """The formula again, fully bracketed.

        Examples
        --------
        >>> from scalecheck.proofs_checks.conjectures.grammar import parse_formula
        >>> parse_formula("-1/4 + 1/(8*decay)").text()
        '(((-1)/4) + (1/(8*decay)))'
        """
        if self.kind in ("number", "name", PI):
            return str(self.value)
        told = [arg.text() for arg in self.args]
        if self.kind in OPERATORS:  # 0.28 is 7/25, and 7/25/3 would be read as another number
            fractions = [arg.kind == "number" and "/" in text for arg, text in zip(self.args, told, strict=True)]
            told = [f"({text})" if fraction else text for text, fraction in zip(told, fractions, strict=True)]
        if self.kind == "neg":
            return f"(-{told[0]})"
        if self.kind in OPERATORS:
            sign = f" {self.kind} " if self.kind in "+-" else self.kind
            return f"({told[0]}{sign}{told[1]})"
        return f"{self.kind}({', '.join(told)})"


@dataclass(frozen=True)
class Relation:
    """left `sign` right, one link of a chain such as 1 < decay < 3; `sign` is <, <=, >, >= or =.

    `about` is the name under which it stands in a range: `a = "b < a < 2"` bounds a, and says nothing of b.
    """

    left: Node
    sign: str
    right: Node
    about: str = field(default="", compare=False)

    def names(self) -> frozenset[str]:
        """Names on both sides."""
        return self.left.names() | self.right.names()

    def text(self) -> str:
        """The relation again."""
        return f"{self.left.text()} {self.sign} {self.right.text()}"


class Fault(Exception):
    """A fault at a place, before the field is known."""

    def __init__(self, place: tuple[int, int], text: str) -> None:
        super().__init__(text)
        self.place, self.text = place, text


OPERATORS = ("+", "-", "*", "/", "**")


def add_sizes(args: Sequence[Node], **changed: Any) -> dict[str, Any]:
    """Sizes of a node from those of its arguments."""
    told: dict[str, Any] = {
        "depth": 1 + max(arg.size.depth for arg in args),
        "nodes": 1 + sum(arg.size.nodes for arg in args),
        "terms": max(arg.size.terms for arg in args),
        "tower": max(arg.size.tower for arg in args),
    }
    return {**told, **changed}


def made(kind: str, args: tuple[Node, ...], place: tuple[int, int]) -> Node:
    """A node with its sizes, or a fault at its place."""
    sizes = add_sizes(args)
    if kind == "**":
        sizes |= _power_sizes(args[0], args[1], place)
    elif kind in ("+", "-"):
        sizes["terms"] = args[0].size.terms + args[1].size.terms
    elif kind in ("*", "/"):
        sizes["terms"] = args[0].size.terms * args[1].size.terms
    elif kind in ("exp", "gamma", "zeta", "beta", "erf", "erfc", *PERIODIC, *INCOMPLETE):
        sizes |= {"terms": 1, "tower": sizes["tower"] + any(arg.size.value is None for arg in args)}
    elif kind in ARITY:
        sizes["terms"] = 1
    values = [arg.size.value for arg in args]
    if all(value is not None for value in values):
        sizes["value"] = _value(kind, [float(value) for value in values if value is not None], place)
    elif kind == "/" and values[1] == 0:
        raise Fault(place, "division by zero")
    bounded(sizes, place)
    return Node(kind, args, place=place, size=Size(**sizes))


def bounded(sizes: dict[str, Any], place: tuple[int, int]) -> None:
    """A fault where a size is too large."""
    limits = {"depth": MAX_DEPTH, "nodes": MAX_NODES, "terms": MAX_TERMS, "tower": MAX_TOWER}
    told = {
        "depth": "nested too deeply",
        "nodes": "too long",
        "terms": "too many terms when multiplied out",
        "tower": "exponentials inside exponentials",
    }
    for name, limit in limits.items():
        if sizes[name] > limit:
            raise Fault(place, f"{told[name]} (at most {limit})")


def _power_sizes(base: Node, exponent: Node, place: tuple[int, int]) -> dict[str, Any]:
    """Terms and tower of a power, refused before it is taken where it would be too large."""
    number = exponent.size.value
    if number is None:
        raised = exponent.size.tower + (0 if base.size.held and not exponent.names() & base.names() else 1)
        return {"terms": 1, "tower": max(base.size.tower, raised)}
    if base.size.value is not None:
        bits = abs(number) * max(1.0, abs(math.log2(abs(base.size.value)))) if base.size.value else 0.0
        if bits > MAX_BITS:
            raise Fault(place, f"the power is too large (at most {MAX_BITS} bits)")
        if base.size.value == 0 and number <= 0:
            raise Fault(place, "zero to a power that is not positive")
    elif abs(number) > MAX_POWER:
        raise Fault(place, f"the exponent is too large (at most {MAX_POWER})")
    whole = number == int(number) and base.size.terms > 1
    terms = math.comb(base.size.terms + int(abs(number)) - 1, int(abs(number))) if whole else 1
    return {"terms": terms}


def incomplete(order: float, low: float, high: float) -> float:
    """The integral of t^(order - 1) exp(-t) between two ends; ValueError where it is not real."""
    value = complex(mpmath.gammainc(order, low, high))
    if value.imag != 0:
        raise ValueError(f"no real value at {order}, {low}, {high}")
    return value.real


NUMERIC: dict[str, Callable[..., float]] = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / y,
    "**": lambda x, y: x**y,
    "neg": lambda x: -x,
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "erf": math.erf,
    "erfc": math.erfc,
    "gamma": math.gamma,
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "abs": abs,
    "beta": lambda x, y: math.gamma(x) * math.gamma(y) / math.gamma(x + y),
    "uppergamma": lambda order, x: incomplete(order, x, math.inf),
    "lowergamma": lambda order, x: incomplete(order, 0.0, x),
    "min": min,
    "max": max,
}


def _value(kind: str, values: list[float], place: tuple[int, int]) -> float | None:
    """The value of a constant in floating point, to bound it; None for a zeta, which stays as it is."""
    tame = (*OPERATORS, "neg", "min", "max", "abs", "sqrt", "log")
    if kind not in tame and any(abs(value) > MAX_ARGUMENT for value in values):
        raise Fault(place, f"the argument of {kind} is too large (at most {MAX_ARGUMENT:g})")
    if kind == "zeta":
        if values[0] == 1:
            raise Fault(place, "zeta has a pole at 1")
        return 1.0  # of its size, which is all that is asked: |zeta| <= 100 on the range allowed save near the pole
    try:
        value = NUMERIC[kind](*values)
    except (ValueError, ZeroDivisionError, OverflowError):
        raise Fault(place, f"{kind} has no finite real value here") from None
    if isinstance(value, complex) or not math.isfinite(value) or abs(value) > 1e100:
        raise Fault(place, f"{kind} has no finite real value here (or one above 1e100)")
    return value


def number_of(text: str, place: tuple[int, int]) -> Node:
    """A number, exact, with a bounded number of digits."""
    mantissa, _, exponent = text.lower().partition("e")
    digits = len(mantissa.replace(".", ""))
    if digits > MAX_DIGITS or len(exponent) > 4 or digits + abs(int(exponent or 0)) > MAX_DIGITS:
        raise Fault(place, f"a number of more than {MAX_DIGITS} digits")
    value = Fraction(text if not mantissa.startswith(".") else "0" + text)
    return Node("number", (), value, place, Size(value=float(value)))


def walk(node: Node) -> list[Node]:
    """A node and everything below it."""
    found, pending = [], [node]
    while pending:
        current = pending.pop()
        found.append(current)
        pending += current.args
    return found
