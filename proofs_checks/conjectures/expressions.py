"""From the tree of a formula to SymPy, node by node; paths as constant · large^exponent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import sympy as sp

from scalecheck.theory.asymptotics.scaled_sums import Sum

from ..errors import InputError
from .nodes import INDEX, PI, POWER_SUM, Node, Relation

Symbols = Mapping[str, sp.Symbol]


class NoValueError(ArithmeticError):
    """A formula that has no finite value, such as 1/(x - x)."""


FUNCTIONS: Mapping[str, Callable[..., sp.Expr]] = {
    "exp": sp.exp,
    "log": sp.log,
    "sqrt": sp.sqrt,
    "erf": sp.erf,
    "erfc": sp.erfc,
    "gamma": sp.gamma,
    "zeta": sp.zeta,
    "sin": sp.sin,
    "cos": sp.cos,
    "tan": sp.tan,
    "abs": sp.Abs,
    "beta": lambda x, y: sp.gamma(x) * sp.gamma(y) / sp.gamma(x + y),
    "uppergamma": sp.uppergamma,
    "lowergamma": sp.lowergamma,
    "min": sp.Min,
    "max": sp.Max,
    "neg": lambda x: -x,
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / y,
    "**": lambda x, y: x**y,
    POWER_SUM: Sum,
}
index = sp.Symbol(INDEX, positive=True)
"""The index of a power sum; on the integers, but SymPy simplifies reals better."""


def to_sympy(node: Node, symbols: Symbols) -> sp.Expr:
    """The formula as a SymPy expression; sizes were bounded when it was read.

    Raises
    ------
    NoValueError
        Where SymPy finds a division by zero or an infinity.

    Examples
    --------
    >>> from scalecheck.proofs_checks.conjectures.grammar import parse_formula
    >>> decay = sp.Symbol("decay", positive=True)
    >>> to_sympy(parse_formula("-1/4 + 1/(8*decay)"), {"decay": decay})
    -1/4 + 1/(8*decay)
    """
    value = _built(node, symbols)
    if value.has(sp.zoo, sp.nan, sp.oo, -sp.oo):
        raise NoValueError(f"{node.text()} has no finite value")
    return value


def _built(node: Node, symbols: Symbols) -> sp.Expr:
    if node.kind == "number":
        return sp.Rational(*node.value.as_integer_ratio())  # type: ignore[union-attr]
    if node.kind == PI:
        return sp.pi
    if node.kind == "name":
        return index if node.value == INDEX and INDEX not in symbols else symbols[str(node.value)]
    return FUNCTIONS[node.kind](*(_built(arg, symbols) for arg in node.args))


def positive_form(link: Relation, symbols: Symbols) -> tuple[sp.Expr, str]:
    """A relation as (form, kind): the form is > 0, >= 0 or = 0."""
    left, right = to_sympy(link.left, symbols), to_sympy(link.right, symbols)
    if link.sign in ("<", "<="):
        return right - left, ">" + link.sign[1:]
    return left - right, link.sign


@dataclass(frozen=True)
class Monomial:
    """factor · large^exponent; a factor of zero stands for the limit from above."""

    factor: sp.Expr
    exponent: sp.Expr

    @property
    def vanishes(self) -> bool:
        """Whether it is the limit from above."""
        return bool(self.factor == 0)


def resolve_path(path: Mapping[str, Node], large: str, symbols: Symbols) -> dict[str, Monomial]:
    """Every control of a path as a monomial in the large parameter; controls may refer to each other.

    Raises
    ------
    InputError
        For a path that is no power of the large parameter up to a constant, or that goes round in a circle.

    Examples
    --------
    >>> from scalecheck.proofs_checks.conjectures.grammar import parse_formula
    >>> path = {"n": parse_formula("2*d**3"), "w": parse_formula("sqrt(n/d)")}
    >>> resolve_path(path, "d", {})["w"]
    Monomial(factor=sqrt(2), exponent=1)
    """
    found: dict[str, Monomial] = {large: Monomial(sp.S.One, sp.S.One)}
    open_: list[str] = []

    def control(name: str) -> Monomial:
        if name not in found:
            if name in open_:
                raise InputError(f"path.{name}", path[name].text(), "a path that does not refer to itself")
            open_.append(name)
            found[name] = _sound(monomial(path[name], name), name, path[name])
        return found[name]

    def monomial(node: Node, name: str) -> Monomial:
        if not node.names() & {large, *path}:
            return Monomial(to_sympy(node, symbols), sp.S.Zero)
        if node.kind == "name":
            return control(str(node.value))
        if node.kind in ("*", "/"):
            one, two = (monomial(arg, name) for arg in node.args)
            sign = 1 if node.kind == "*" else -1
            return Monomial(one.factor * two.factor**sign, one.exponent + sign * two.exponent)
        if node.kind in ("**", "sqrt") and not (len(node.args) > 1 and node.args[1].names() & {large, *path}):
            power = sp.Rational(1, 2) if node.kind == "sqrt" else to_sympy(node.args[1], symbols)
            one = monomial(node.args[0], name)
            return Monomial(one.factor**power, one.exponent * power)
        raise InputError(f"path.{name}", path[name].text(), f"a constant times a power of {large}")

    return {name: control(name) for name in path}


def _sound(value: Monomial, name: str, node: Node) -> Monomial:
    if any(part.has(sp.zoo, sp.nan, sp.oo, -sp.oo) for part in (value.factor, value.exponent)):
        raise NoValueError(f"{node.text()} has no finite value")
    if value.factor.is_negative or value.factor.is_real is False or (value.vanishes and value.exponent != 0):
        raise InputError(f"path.{name}", node.text(), "a positive constant times a power of the large parameter, or 0")
    return value


def without_kinks(expression: sp.Expr) -> sp.Expr | None:
    """The difference whose sign decides the first minimum, maximum or absolute value; None if there is none.

    Examples
    --------
    >>> x, y = sp.symbols("x y", positive=True)
    >>> without_kinks(-sp.Min(x, 2 / y))
    -x + 2/y
    """
    for kind in (sp.Min, sp.Max, sp.Abs):
        inner = [e for e in expression.atoms(kind) if not any(e is not o and o.has(kind) for o in e.args)]
        for found in sorted(inner, key=str):
            if kind is sp.Abs:
                return found.args[0]
            first, second = sorted(found.args, key=str)[:2]
            return first - second
    return None


def kink_resolved(expression: sp.Expr, difference: sp.Expr, sign: int) -> sp.Expr:
    """The expression where `difference`, found by `without_kinks`, has the sign given (0: both sides are the same)."""

    def choose(found: sp.Expr) -> sp.Expr:
        if isinstance(found, sp.Abs):
            return found.args[0] * (sign or 1) if found.args[0] == difference else found
        args = sorted(found.args, key=str)
        if len(args) < 2 or args[0] - args[1] != difference:
            return found
        keep_first = (sign > 0) == isinstance(found, sp.Max)
        kept = args[0] if keep_first else args[1]
        return found.func(kept, *args[2:]) if len(args) > 2 else kept

    return expression.replace(lambda e: isinstance(e, sp.Min | sp.Max | sp.Abs), choose)
