"""Formulas as users write them: an allow-list grammar over a proper parser, with bounds on everything that could explode.

The grammar below *is* the allow-list: what it does not derive (attributes, strings, lambdas, brackets, any Unicode) is
refused with its line and column. It is read by lark's LALR parser, which keeps its stack on the heap, so nesting cannot
exhaust Python's; Python's own `ast` was not taken because its language is Python's, with `=` no relation in it and normal
forms of Unicode names, and because every new kind of node there would have to be refused one by one. Nothing is evaluated
here but sizes, in floating point.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import Any

from ..errors import InputError

MAX_LENGTH = 2000
"""Characters of one formula: the longest equation of the gallery has 150."""
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
    "abs": (1, 1),
    "beta": (2, 2),
    "min": (2, 20),
    "max": (2, 20),
}
FUNCTIONS = tuple(ARITY)
POWER_SUM = "powersum"
INDEX = "k"
"""The index of a power sum; it means nothing outside one."""

GRAMMAR = r"""
formula: sum
relations: chain ("," chain)*
chain: sum (COMPARE sum)+
?sum: product | sum PLUS product -> binary | sum MINUS product -> binary
?product: unary | product TIMES unary -> binary | product OVER unary -> binary
?unary: power | MINUS unary -> negative | PLUS unary -> positive
?power: atom | atom POWER unary -> binary
?atom: NUMBER -> number | NAME -> name | NAME "(" sum ("," sum)* ")" -> call | "(" sum ")"
COMPARE: "<=" | ">=" | "<" | ">" | "="
PLUS: "+"
MINUS: "-"
POWER: "**"
TIMES: "*"
OVER: "/"
NUMBER: /([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?/
NAME: /[A-Za-z][A-Za-z0-9_]*/
%ignore /[ \t\r\n]+/
"""


class FormulaError(InputError):
    """A formula that cannot be read: the field of the file, the place in the formula, and what is wrong there.

    `line` and `column` count from 1; `caret` shows the line with a caret below the place.
    """

    def __init__(self, field: str, text: str, place: tuple[int, int], fault: str) -> None:
        self.line, self.column = place
        lines = text.split("\n") or [""]
        shown = lines[min(self.line, len(lines)) - 1]
        start = max(0, self.column - 30)
        excerpt = shown[start : self.column + 29]
        self.caret = f"{excerpt}\n{' ' * (self.column - 1 - start)}^"
        before, after = excerpt[: self.column - 1 - start], excerpt[self.column - 1 - start :]
        marked = f"{before} >>> {after}" if after else f"{before} >>> (end)"
        where = f"at line {self.line}, column {self.column}"
        super().__init__(field, text, f"a formula; {where}, {fault}: {marked.strip()}")


@dataclass(frozen=True)
class Size:
    """What could explode: depth, nodes, terms when multiplied out, exponentials within exponentials, and the value of a constant."""

    depth: int = 1
    nodes: int = 1
    terms: int = 1
    tower: int = 0
    value: float | None = None


@dataclass(frozen=True)
class Node:
    """One node of a formula: `kind` is number, name, neg, +, -, *, /, ** or the name of a function."""

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
        >>> parse_formula("-1/4 + 1/(8*decay)").text()
        '((-(1/4)) + (1/(8*decay)))'
        """
        if self.kind in ("number", "name"):
            return str(self.value)
        told = [arg.text() for arg in self.args]
        if self.kind == "neg":
            return f"(-{told[0]})"
        if self.kind in OPERATORS:
            sign = f" {self.kind} " if self.kind in "+-" else self.kind
            return f"({told[0]}{sign}{told[1]})"
        return f"{self.kind}({', '.join(told)})"


@dataclass(frozen=True)
class Relation:
    """left `sign` right, one link of a chain such as 1 < decay < 3; `sign` is <, <=, >, >= or =."""

    left: Node
    sign: str
    right: Node

    def names(self) -> frozenset[str]:
        """Names on both sides."""
        return self.left.names() | self.right.names()

    def text(self) -> str:
        """The relation again."""
        return f"{self.left.text()} {self.sign} {self.right.text()}"


class _Fault(Exception):
    """A fault at a place, before the field is known."""

    def __init__(self, place: tuple[int, int], text: str) -> None:
        super().__init__(text)
        self.place, self.text = place, text


OPERATORS = ("+", "-", "*", "/", "**")


def _add_sizes(args: Sequence[Node], **changed: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "depth": 1 + max(arg.size.depth for arg in args),
        "nodes": 1 + sum(arg.size.nodes for arg in args),
        "terms": max(arg.size.terms for arg in args),
        "tower": max(arg.size.tower for arg in args),
    }
    return {**told, **changed}


def _made(kind: str, args: tuple[Node, ...], place: tuple[int, int]) -> Node:
    """A node with its sizes, or a fault at its place."""
    sizes = _add_sizes(args)
    if kind == "**":
        sizes |= _power_sizes(*args, place)
    elif kind in ("+", "-"):
        sizes["terms"] = args[0].size.terms + args[1].size.terms
    elif kind in ("*", "/"):
        sizes["terms"] = args[0].size.terms * args[1].size.terms
    elif kind in ("exp", "gamma", "zeta", "beta", "erf", "erfc"):
        sizes |= {"terms": 1, "tower": sizes["tower"] + any(arg.size.value is None for arg in args)}
    elif kind in ARITY:
        sizes["terms"] = 1
    values = [arg.size.value for arg in args]
    if all(value is not None for value in values):
        sizes["value"] = _value(kind, [float(value) for value in values if value is not None], place)
    elif kind == "/" and values[1] == 0:
        raise _Fault(place, "division by zero")
    _bounded(sizes, place)
    return Node(kind, args, place=place, size=Size(**sizes))


def _bounded(sizes: dict[str, Any], place: tuple[int, int]) -> None:
    limits = {"depth": MAX_DEPTH, "nodes": MAX_NODES, "terms": MAX_TERMS, "tower": MAX_TOWER}
    told = {
        "depth": "nested too deeply",
        "nodes": "too long",
        "terms": "too many terms when multiplied out",
        "tower": "exponentials inside exponentials",
    }
    for name, limit in limits.items():
        if sizes[name] > limit:
            raise _Fault(place, f"{told[name]} (at most {limit})")


def _power_sizes(base: Node, exponent: Node, place: tuple[int, int]) -> dict[str, Any]:
    """Terms and tower of a power, refused before it is taken where it would be too large."""
    number = exponent.size.value
    if number is None:
        return {"terms": 1, "tower": max(base.size.tower, exponent.size.tower + 1)}
    if base.size.value is not None:
        bits = abs(number) * max(1.0, abs(math.log2(abs(base.size.value)))) if base.size.value else 0.0
        if bits > MAX_BITS:
            raise _Fault(place, f"the power is too large (at most {MAX_BITS} bits)")
        if base.size.value == 0 and number <= 0:
            raise _Fault(place, "zero to a power that is not positive")
    elif abs(number) > MAX_POWER:
        raise _Fault(place, f"the exponent is too large (at most {MAX_POWER})")
    whole = number == int(number) and base.size.terms > 1
    terms = math.comb(base.size.terms + int(abs(number)) - 1, int(abs(number))) if whole else 1
    return {"terms": terms}


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
    "abs": abs,
    "beta": lambda x, y: math.gamma(x) * math.gamma(y) / math.gamma(x + y),
    "min": min,
    "max": max,
}


def _value(kind: str, values: list[float], place: tuple[int, int]) -> float | None:
    """The value of a constant in floating point, to bound it; None for a zeta, which stays as it is."""
    if kind not in OPERATORS and kind != "neg" and any(abs(value) > MAX_ARGUMENT for value in values):
        if kind not in ("min", "max", "abs", "sqrt", "log"):
            raise _Fault(place, f"the argument of {kind} is too large (at most {MAX_ARGUMENT:g})")
    if kind == "zeta":
        if values[0] == 1:
            raise _Fault(place, "zeta has a pole at 1")
        return 1.0  # of its size, which is all that is asked: |zeta| <= 100 on the range allowed save near the pole
    try:
        value = NUMERIC[kind](*values)
    except (ValueError, ZeroDivisionError, OverflowError):
        raise _Fault(place, f"{kind} has no finite real value here") from None
    if isinstance(value, complex) or not math.isfinite(value) or abs(value) > 1e100:
        raise _Fault(place, f"{kind} has no finite real value here (or one above 1e100)")
    return value


def _number(text: str, place: tuple[int, int]) -> Node:
    mantissa, _, exponent = text.lower().partition("e")
    digits = len(mantissa.replace(".", ""))
    if digits > MAX_DIGITS or len(exponent) > 4 or digits + abs(int(exponent or 0)) > MAX_DIGITS:
        raise _Fault(place, f"a number of more than {MAX_DIGITS} digits")
    value = Fraction(text if not mantissa.startswith(".") else "0" + text)
    return Node("number", (), value, place, Size(value=float(value)))


class _Builder:
    """Turns what the parser reduces into nodes, bottom up, without recursion."""

    def __init__(self, sums: bool) -> None:
        self.sums = sums

    def number(self, token: Any) -> Node:
        return _number(str(token), _place(token))

    def name(self, token: Any) -> Node:
        if len(token) > 40:
            raise _Fault(_place(token), "a name of more than 40 characters")
        return Node("name", (), str(token), _place(token))

    def negative(self, sign: Any, of: Node) -> Node:
        return _made("neg", (of,), _place(sign))

    def positive(self, sign: Any, of: Node) -> Node:
        return of

    def binary(self, left: Node, sign: Any, right: Node) -> Node:
        return _made(str(sign), (left, right), _place(sign))

    def call(self, token: Any, *args: Node) -> Node:
        name, place = str(token), _place(token)
        if name == POWER_SUM:
            if not self.sums:
                raise _Fault(place, "powersum belongs into the equations of a system")
            least, most = 1, 2
        elif name in ARITY:
            least, most = ARITY[name]
        else:
            known = ", ".join((*FUNCTIONS, POWER_SUM) if self.sums else FUNCTIONS)
            raise _Fault(place, f"no function {name[:40]!r} (there are {known})")
        if not least <= len(args) <= most:
            wanted = str(least) if least == most else f"{least} to {most}"
            raise _Fault(place, f"{name} takes {wanted} arguments, not {len(args)}")
        if name == POWER_SUM:
            return Node(name, args, place=place, size=Size(**_sum_sizes(args, place)))
        return _made(name, args, place)

    def chain(self, *parts: Any) -> tuple[Relation, ...]:
        return tuple(Relation(parts[i], str(parts[i + 1]), parts[i + 2]) for i in range(0, len(parts) - 2, 2))

    def relations(self, *chains: tuple[Relation, ...]) -> tuple[Relation, ...]:
        return tuple(link for chain in chains for link in chain)

    def formula(self, of: Node) -> Node:
        return of


def _sum_sizes(args: tuple[Node, ...], place: tuple[int, int]) -> dict[str, Any]:
    if any(node.kind == POWER_SUM for arg in args for node in walk(arg)):
        raise _Fault(place, "a powersum inside a powersum")
    if len(args) > 1 and INDEX in args[1].names():
        raise _Fault(place, f"the upper end of a powersum cannot hold its index {INDEX}")
    sizes = _add_sizes(args, terms=1)
    _bounded(sizes, place)
    return sizes


def walk(node: Node) -> list[Node]:
    """A node and everything below it."""
    found, pending = [], [node]
    while pending:
        current = pending.pop()
        found.append(current)
        pending += current.args
    return found


def _place(token: Any) -> tuple[int, int]:
    return int(token.line), int(token.column)


@cache
def _parser(start: str, sums: bool) -> Any:
    import lark

    class Inline(lark.Transformer):  # type: ignore[misc]  # lark's classes are untyped
        """Hands every rule to the builder of that name, its parts as arguments."""

        def __getattr__(self, name: str) -> Any:
            method = getattr(_Builder(sums), name)  # AttributeError for what is no rule, as lark expects
            return lambda children: method(*children)

    return lark.Lark(GRAMMAR, start=start, parser="lalr", transformer=Inline(), maybe_placeholders=False)


def _parse(start: str, text: object, where: str, sums: bool) -> Any:
    if not isinstance(text, str):
        raise InputError(where, text, "a formula in quotes")
    if len(text) > MAX_LENGTH:
        raise InputError(where, text[:50], f"a formula of at most {MAX_LENGTH} characters, not {len(text)}")
    strange = re.search(r"[^\x20-\x7e\t\r\n]", text)
    if strange is not None:
        line = text.count("\n", 0, strange.start()) + 1
        column = strange.start() - text.rfind("\n", 0, strange.start())
        raise FormulaError(where, text, (line, column), "no plain (ASCII) character")
    import lark

    try:
        return _parser(start, sums).parse(text)
    except lark.exceptions.VisitError as error:
        fault = error.orig_exc
        if isinstance(fault, _Fault):
            raise FormulaError(where, text, fault.place, fault.text) from None
        raise
    except _Fault as fault:
        raise FormulaError(where, text, fault.place, fault.text) from None
    except lark.exceptions.UnexpectedInput as error:
        raise FormulaError(where, text, _where_unexpected(error, text), _expected(error)) from None


def _where_unexpected(error: Any, text: str) -> tuple[int, int]:
    """The place; lark knows none for the end of the text."""
    if getattr(getattr(error, "token", None), "type", "") == "$END" or error.line is None or error.line < 1:
        lines = text.split("\n")
        return len(lines), len(lines[-1]) + 1
    return int(error.line), int(error.column)


def _expected(error: Any) -> str:
    import lark

    if isinstance(error, lark.exceptions.UnexpectedCharacters):
        if error.char in "<>=":
            return "a relation, where a formula is wanted"
        return "a character that formulas do not have (powers are written **)"
    token = error.token
    return "the formula ends too early" if token.type == "$END" else f"{str(token)[:20]!r} is not expected here"


def parse_formula(text: object, where: str = "formula", names: Sequence[str] | None = None, sums: bool = False) -> Node:
    """Read one formula.

    Parameters
    ----------
    text : str
        Numbers (exact, decimals too), + - * / **, names, and the functions of `FUNCTIONS`.
    where : str
        The field of the file, for messages.
    names : sequence of str, optional
        Names that mean something; any name if left out.
    sums : bool
        Whether `powersum` may occur, with its index ``k``.

    Raises
    ------
    FormulaError
        With line, column and caret.

    Notes
    -----
    When this is wrong: the bounds refuse some sensible formulas, such as powers above 100; they accept no dangerous one
    that is known.

    Examples
    --------
    >>> parse_formula("0.25").value
    Fraction(1, 4)
    >>> parse_formula("9**9**9", "exponent")
    Traceback (most recent call last):
        ...
    scalecheck.proofs_checks.conjectures.grammar.FormulaError: exponent: got '9**9**9', allowed is a formula; at line 1, \
column 2, the power is too large (at most 256 bits): 9 >>> **9**9
    """
    node: Node = _parse("formula", text, where, sums)
    _require_names(node, names, str(text), where)
    return node


def parse_relations(
    text: object, where: str = "where", names: Sequence[str] | None = None, sums: bool = False
) -> tuple[Relation, ...]:
    """Read relations: chains such as ``1 < decay < 3``, several with commas between them.

    Examples
    --------
    >>> [link.text() for link in parse_relations("1 < decay <= 3, noise = 1")]
    ['1 < decay', 'decay <= 3', 'noise = 1']
    """
    found: tuple[Relation, ...] = _parse("relations", text, where, sums)
    for link in found:
        _require_names(link.left, names, str(text), where)
        _require_names(link.right, names, str(text), where)
    return found


def _require_names(node: Node, names: Sequence[str] | None, text: str, where: str) -> None:
    """Every name must mean something; the index only inside a power sum."""
    pending: list[tuple[Node, bool]] = [(node, False)]
    while pending:
        current, summed = pending.pop()
        if current.kind == "name":
            fault = _name_fault(str(current.value), names, summed)
            if fault is not None:
                raise FormulaError(where, text, current.place, fault)
        pending += [(arg, summed or current.kind == POWER_SUM) for arg in current.args]


def _name_fault(name: str, names: Sequence[str] | None, summed: bool) -> str | None:
    if summed and name == INDEX:
        return None
    if names is None or name in names:
        return None
    return f"no name {name!r} here (there are {', '.join(sorted(names)) or 'none'})"
