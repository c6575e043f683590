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
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from ..errors import InputError
from . import hints
from .nodes import (
    ARITY,
    FUNCTIONS,
    INCOMPLETE,
    INDEX,
    PERIODIC,
    PI,
    POWER_SUM,
    Fault,
    Node,
    Relation,
    Size,
    add_sizes,
    bounded,
    made,
    number_of,
    walk,
)

MAX_LENGTH = 2000
"""Characters of one formula: the longest equation of the gallery has 150."""

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


class _Builder:
    """Turns what the parser reduces into nodes, bottom up, without recursion."""

    def __init__(self, sums: bool, held: frozenset[str]) -> None:
        self.sums, self.held = sums, held

    def number(self, token: Any) -> Node:
        return number_of(str(token), _place(token))

    def name(self, token: Any) -> Node:
        if len(token) > 40:
            raise Fault(_place(token), "a name of more than 40 characters")
        if token == PI:
            return Node(PI, (), PI, _place(token), Size(value=math.pi))
        return Node("name", (), str(token), _place(token), Size(held=str(token) in (INDEX, *self.held)))

    def negative(self, sign: Any, of: Node) -> Node:
        return made("neg", (of,), _place(sign))

    def positive(self, sign: Any, of: Node) -> Node:
        return of

    def binary(self, left: Node, sign: Any, right: Node) -> Node:
        return made(str(sign), (left, right), _place(sign))

    def call(self, token: Any, *args: Node) -> Node:
        name, place = str(token), _place(token)
        if name == POWER_SUM:
            if not self.sums:
                raise Fault(place, "powersum belongs into the equations of a system")
            least, most = 1, 2
        elif name in (*PERIODIC, *INCOMPLETE) and self.sums:
            raise Fault(place, f"{name} belongs into exponents and constants of conjectures, not into equations")
        elif name in ARITY:
            least, most = ARITY[name]
        else:
            known = ", ".join((*FUNCTIONS, POWER_SUM) if self.sums else FUNCTIONS)
            raise Fault(place, f"no function {name[:40]!r} (there are {known}){hints.nearest(name, known.split(', '))}")
        if not least <= len(args) <= most:
            wanted = str(least) if least == most else f"{least} to {most}"
            raise Fault(place, f"{name} takes {wanted} arguments, not {len(args)}")
        if name == POWER_SUM:
            return Node(name, args, place=place, size=Size(**_sum_sizes(args, place)))
        return made(name, args, place)

    def chain(self, *parts: Any) -> tuple[Relation, ...]:
        return tuple(Relation(parts[i], str(parts[i + 1]), parts[i + 2]) for i in range(0, len(parts) - 2, 2))

    def relations(self, *chains: tuple[Relation, ...]) -> tuple[Relation, ...]:
        return tuple(link for chain in chains for link in chain)

    def formula(self, of: Node) -> Node:
        return of


def _sum_sizes(args: tuple[Node, ...], place: tuple[int, int]) -> dict[str, Any]:
    if any(node.kind == POWER_SUM for arg in args for node in walk(arg)):
        raise Fault(place, "a powersum inside a powersum")
    if len(args) > 1 and INDEX in args[1].names():
        raise Fault(place, f"the upper end of a powersum cannot hold its index {INDEX}")
    sizes = add_sizes(args, terms=1)
    bounded(sizes, place)
    return sizes


def _place(token: Any) -> tuple[int, int]:
    return int(token.line), int(token.column)


@lru_cache(maxsize=64)
def _parser(start: str, sums: bool, held: frozenset[str]) -> Any:
    import lark

    class Inline(lark.Transformer):  # type: ignore[misc]  # lark's classes are untyped
        """Hands every rule to the builder of that name, its parts as arguments."""

        def __getattr__(self, name: str) -> Any:
            method = getattr(_Builder(sums, held), name)  # AttributeError for what is no rule, as lark expects
            return lambda children: method(*children)

    return lark.Lark(GRAMMAR, start=start, parser="lalr", transformer=Inline(), maybe_placeholders=False)


def _parse(start: str, text: object, where: str, sums: bool, held: frozenset[str] = frozenset()) -> Any:
    if not isinstance(text, str):
        told = ', a range as a relation: name = "1 < name < 3"' if start != "formula" else ""
        raise InputError(where, text, f"a formula in quotes{told}")
    if len(text) > MAX_LENGTH:
        raise InputError(where, text[:50], f"a formula of at most {MAX_LENGTH} characters, not {len(text)}")
    strange = re.search(r"[^\x20-\x7e\t\r\n]", text)
    if strange is not None:
        line = text.count("\n", 0, strange.start()) + 1
        column = strange.start() - text.rfind("\n", 0, strange.start())
        raise FormulaError(where, text, (line, column), hints.of_character(strange.group()))
    import lark

    try:
        return _parser(start, sums, held).parse(text)
    except lark.exceptions.VisitError as error:
        fault = error.orig_exc
        if isinstance(fault, Fault):
            raise FormulaError(where, text, fault.place, fault.text) from None
        raise
    except Fault as fault:
        raise FormulaError(where, text, fault.place, fault.text) from None
    except lark.exceptions.UnexpectedInput as error:
        wanted = _expected(error, text)
        if start != "formula" and not re.search("[<>=]", text):
            wanted = "a relation is wanted, such as name = 3/2 or 1 < name < 2"
        raise FormulaError(where, text, _where_unexpected(error, text), wanted) from None


def _where_unexpected(error: Any, text: str) -> tuple[int, int]:
    """The place; lark knows none for the end of the text."""
    if getattr(getattr(error, "token", None), "type", "") == "$END" or error.line is None or error.line < 1:
        lines = text.split("\n")
        return len(lines), len(lines[-1]) + 1
    return int(error.line), int(error.column)


def _expected(error: Any, text: str) -> str:
    import lark

    if isinstance(error, lark.exceptions.UnexpectedCharacters):
        if error.char in "<>=":
            return "a relation, where a formula is wanted"
        return hints.of_character(error.char)
    token = error.token
    if token.type == "$END":
        return "the formula ends too early"
    return hints.of_token(str(token), text[: token.start_pos])


def parse_formula(text: object, where: str = "formula", names: Sequence[str] | None = None, sums: bool = False) -> Node:
    """Read one formula.

    Parameters
    ----------
    text : str
        Numbers (exact, decimals too), pi, + - * / **, names, and the functions of `FUNCTIONS`.
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
    text: object,
    where: str = "where",
    names: Sequence[str] | None = None,
    sums: bool = False,
    held: frozenset[str] = frozenset(),
) -> tuple[Relation, ...]:
    """Read relations: chains such as ``1 < decay < 3``, several with commas between them.

    `held` are names that never get an exact value, so that exp(-k/n**c) is no exponential inside an exponential.

    Examples
    --------
    >>> [link.text() for link in parse_relations("1 < decay <= 3, noise = 1")]
    ['1 < decay', 'decay <= 3', 'noise = 1']
    """
    found: tuple[Relation, ...] = _parse("relations", text, where, sums, held)
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
    told = ", ".join(sorted(set(names))) or "none"
    near = "; the index of a powersum is k" if summed and len(name) == 1 else hints.nearest(name, names)
    return f"no name {name!r} here (there are {told}){near}"
