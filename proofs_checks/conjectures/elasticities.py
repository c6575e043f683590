"""Elasticities: between which exponents d log T/d log x of a positive term T(x) lies, whatever the values of all names.

A power has one, a product their sum, a sum of positive terms a weighted mean of theirs; of exp(-u), log(c + u), erf(u) and the
like it lies between known multiples of that of u.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import sympy as sp

from .domains import shown_together
from .expressions import to_sympy
from .nodes import INDEX, POWER_SUM, Node, Relation
from .shapes import negated, saturating
from .statements import UserSystem

MOST_TERMS = 60
"""Of a product multiplied out; beyond that it stays one."""

REST = "exp(u) - 1 - u"
"""A kind of node that no grammar makes."""


@dataclass(frozen=True)
class Slopes:
    """An interval of elasticities: at least the least of `lows`, at most the largest of `highs`; which ends are not reached."""

    lows: frozenset[sp.Expr]
    highs: frozenset[sp.Expr]
    above: bool = False
    below: bool = False

    def __add__(self, other: Slopes) -> Slopes:
        lows, highs = _sums(self.lows, other.lows, -sp.oo), _sums(self.highs, other.highs, sp.oo)
        return Slopes(lows, highs, self.above or other.above, self.below or other.below)

    def __neg__(self) -> Slopes:
        highs, lows = frozenset(-x for x in self.lows), frozenset(-x for x in self.highs)
        return Slopes(lows, highs, self.below, self.above)

    def hull(self, other: Slopes) -> Slopes:
        """The least interval that holds both."""
        return Slopes(
            self.lows | other.lows, self.highs | other.highs, self.above and other.above, self.below and other.below
        )

    def mixed(self, other: Slopes) -> Slopes:
        """Of a sum of positive terms: a weighted mean, which reaches neither of two exponents that differ."""
        apart = len(self.lows | other.lows) == 2 and self.power and other.power
        return replace(self.hull(other), above=True, below=True) if apart and _differ(self, other) else self.hull(other)

    @property
    def power(self) -> bool:
        """Whether it is that of a power."""
        return self.lows == self.highs and len(self.lows) == 1


def _differ(one: Slopes, two: Slopes) -> bool:
    (a,), (b,) = one.lows, two.lows
    return bool((a - b).is_nonzero)


def _sums(one: frozenset[sp.Expr], two: frozenset[sp.Expr], widest: sp.Expr) -> frozenset[sp.Expr]:
    """Ends of a sum; of infinite ones that oppose each other nothing is known, so the interval is the widest."""
    return frozenset(widest if total is sp.nan else total for total in (x + y for x in one for y in two))


def exactly(value: sp.Expr | int) -> Slopes:
    """The elasticity of a power."""
    return Slopes(frozenset({sp.sympify(value)}), frozenset({sp.sympify(value)}))


FLAT = exactly(0)


@dataclass(frozen=True)
class Term:
    """A product of factors, each above or below the line: the sign in front of it, and that of the product if it is known."""

    written: int
    own: int | None
    above: tuple[Node, ...]
    below: tuple[Node, ...] = ()

    @property
    def sign(self) -> int | None:
        """The sign of the whole; None where it is not known."""
        return None if self.own is None else self.written * self.own


def turned(term: Term) -> Term:
    """The term on the other side of the equation."""
    return replace(term, written=-term.written)


class Signs:
    """What the domains say of the signs of names and of formulas in parameters."""

    def __init__(self, system: UserSystem) -> None:
        self.symbols = {
            name: sp.Symbol(name, positive=True) for name in (system.large, *system.positive, *system.controls)
        }
        self.shifted: dict[sp.Symbol, sp.Expr] = {}
        self.bounds = system.parameters
        self._told: dict[sp.Expr, tuple[bool, bool]] = {}
        self.maybe_zero = {
            name for name, links in system.controls.items() if not any(_above_zero(name, x) for x in links)
        }
        """Controls whose domain does not keep them above zero: what holds them may vanish, and is strict in nothing."""
        self.at_least_one = {
            name for name, links in system.controls.items() if any(_lowest(name, x) >= 1 for x in links)
        }
        for name, links in system.parameters.items():
            self.symbols[name] = symbol = sp.Symbol(name, real=True)
            bounds = [bound for link in links if (bound := _lower_bound(name, link)) is not None]
            if bounds:
                low, strict = max(bounds)
                above = sp.Dummy(name, positive=True) if strict else sp.Dummy(name, nonnegative=True)
                self.shifted[symbol] = low + above
        self.symbols[INDEX] = sp.Symbol(INDEX, positive=True)
        self.large = system.large

    def _shown(self, value: sp.Expr) -> sp.Expr:
        return sp.expand(value.subs(self.shifted)) if value.free_symbols & set(self.shifted) else value

    def nonnegative(self, value: sp.Expr) -> bool:
        """Whether the domains show it."""
        return self._known(value)[0]

    def positive(self, value: sp.Expr) -> bool:
        """Whether the domains show it."""
        return self._known(value)[1]

    def _known(self, value: sp.Expr) -> tuple[bool, bool]:
        """Whether a value is nonnegative, and positive; asked of each once."""
        if value not in self._told:
            shown = self._shown(value)
            plain = bool(shown.is_nonnegative), bool(shown.is_positive)
            self._told[value] = plain if any(plain) else shown_together(value, self.symbols, self.bounds)
        return self._told[value]

    def of(self, node: Node) -> int | None:
        """The sign of a formula: 1, -1, or None where it is not shown."""
        if node.kind == "neg":
            inner = self.of(node.args[0])
            return None if inner is None else -inner
        if node.kind in ("number", "name", "pi"):
            return self._of_value(node)
        if node.kind in ("+", "-") and node.names() <= self.bounds.keys() and (told := self._of_value(node)):
            return told
        if node.kind in ("exp", "erfc", REST):
            return 1
        parts = [
            self.of(arg) for arg in (node.args[:1] if node.kind in (POWER_SUM, "**", "sqrt", "erf") else node.args)
        ]
        if node.kind in ("+", POWER_SUM, "min", "max", "gamma", "sqrt", "erf", "beta"):
            return 1 if all(part == 1 for part in parts) else None
        if node.kind in ("*", "/"):
            return parts[0] * parts[1] if parts[0] and parts[1] else None
        if node.kind == "**":
            return 1 if parts[0] == 1 else None
        return 1 if saturating(node) is not None and self.of(saturating(node)) == 1 else None  # type: ignore[arg-type]

    def may_vanish(self, node: Node) -> bool:
        """Whether a part of a positive formula may be zero: by a control that is, or as a sum that ends before its first term."""
        if node.kind == POWER_SUM and len(node.args) > 1 and not self._beyond_one(node.args[1]):
            return True
        return (node.kind == "name" and node.value in self.maybe_zero) or any(self.may_vanish(arg) for arg in node.args)

    def vanishes(self, node: Node) -> bool:
        """Whether a positive formula may be zero as a whole; a sum or the largest of several is not unless all of them are."""
        if node.kind in ("+", "max"):
            return all(self.vanishes(arg) for arg in node.args)
        return node.kind not in ("exp", "erfc") and self.may_vanish(node)

    def _beyond_one(self, end: Node) -> bool:
        if end.kind == "name":
            return end.value == self.large or end.value in self.at_least_one
        return end.kind == "number" and end.value >= 1  # type: ignore[operator]

    def _of_value(self, node: Node) -> int | None:
        value = to_sympy(node, self.symbols)
        return 1 if self.positive(value) else -1 if self.positive(-value) else None


def _lower_bound(name: str, link: Relation) -> tuple[sp.Rational, bool] | None:
    """The number below which a relation does not let a name fall, and whether it keeps it above that."""
    low, high = (link.left, link.right) if link.sign in ("<", "<=") else (link.right, link.left)
    if link.sign == "=" or high.kind != "name" or high.value != name or low.names():
        return None
    value = to_sympy(low, {})
    return (value, link.sign in ("<", ">")) if value.is_Rational else None


def _lowest(name: str, link: Relation) -> sp.Expr:
    bound = _lower_bound(name, link)
    return -sp.oo if bound is None else bound[0]


def _above_zero(name: str, link: Relation) -> bool:
    bound = _lower_bound(name, link)
    return bound is not None and (bound[0] > 0 or (bound[0] == 0 and bound[1]))


def expanded(node: Node, signs: Signs) -> list[Term]:
    """A formula as a sum of terms: products are multiplied out over sums whose terms differ in sign."""
    if node.kind in ("+", "-"):
        right = expanded(node.args[1], signs)
        return [*expanded(node.args[0], signs), *(right if node.kind == "+" else map(turned, right))]
    if node.kind == "neg":
        return [turned(term) for term in expanded(node.args[0], signs)]
    if node.kind == "*" and signs.of(node) is None:
        one, two = (expanded(arg, signs) for arg in node.args)
        if len(one) * len(two) <= MOST_TERMS:
            return [_times(a, b) for a in one for b in two]
    if node.kind == "/" and signs.of(node) is None:
        under = Term(1, signs.of(node.args[1]), (), (node.args[1],))
        return [_times(term, under) for term in expanded(node.args[0], signs)]
    return [Term(1, signs.of(node), (node,))]


def _times(one: Term, two: Term) -> Term:
    own = None if one.own is None or two.own is None else one.own * two.own
    return Term(one.written * two.written, own, one.above + two.above, one.below + two.below)


class Reading:
    """Elasticities in one unknown; other unknowns are settled, or explicit and put in."""

    def __init__(self, signs: Signs, given: Mapping[str, Node], name: str) -> None:
        self.signs, self.given, self.name = signs, given, name

    def vanishes(self, term: Term) -> bool:
        """Whether a term may be zero as a whole; unknowns are not."""
        return any(self.signs.vanishes(node) for node in (*term.above, *term.below))

    def may_vanish(self, term: Term) -> bool:
        """Whether a part of a term may be zero, also in an explicit unknown in it."""
        nodes = (*term.above, *term.below)
        names = frozenset[str]().union(*(node.names() for node in nodes)) & frozenset(self.given)
        inside = any(self.may_vanish(Term(1, None, (self.given[name],))) for name in names)
        return inside or any(self.signs.may_vanish(node) for node in nodes)

    def moves(self, term: Term) -> bool:
        """Whether the unknown occurs in a term."""
        return any(self._holds(node) for node in (*term.above, *term.below))

    def _holds(self, node: Node) -> bool:
        return any(self._depends(name) for name in node.names())

    def _depends(self, name: str) -> bool:
        return name == self.name or (name in self.given and self._holds(self.given[name]))

    def of_term(self, term: Term) -> Slopes | None:
        """The elasticity of a term; None where no bounds are known."""
        found = FLAT
        for nodes, way in ((term.above, 1), (term.below, -1)):
            for node in nodes:
                own = self.of(node)
                if own is None:
                    return None
                found = found + (own if way > 0 else -own)
        return found

    def of(self, node: Node) -> Slopes | None:
        """The elasticity of the size of a formula; None where its sign is not known, or no bounds are."""
        if not self._holds(node):
            return FLAT
        if node.kind == "name":
            return exactly(1) if node.value == self.name else self.of(self.given[str(node.value)])
        if node.kind in ("exp", "erfc"):
            return self._of_exponential(node)
        if node.kind == REST:
            return self._of_rest(node.args[0])
        inner = saturating(node)
        if inner is not None:
            return self._shrunk(inner)
        sign = self.signs.of(node)
        if sign != 1:
            size = negated(node) if sign else None
            return None if size is None else self.of(size)
        if node.kind == "erf":
            return self._shrunk(node.args[0])
        if node.kind in ("**", "sqrt"):
            return self._of_power(node)
        if node.kind == POWER_SUM:
            ends = any(self._holds(arg) for arg in node.args[1:])
            return None if ends else self.of(node.args[0])
        return self._joined(node)

    def _joined(self, node: Node) -> Slopes | None:
        parts = [self.of(arg) for arg in node.args]
        if any(part is None for part in parts) or node.kind not in ("+", "*", "/", "min", "max"):
            return None
        found = parts[0]
        for part in parts[1:]:
            assert found is not None
            assert part is not None
            found = _combined(node.kind, found, part)
        return found

    def _of_power(self, node: Node) -> Slopes | None:
        base = self.of(node.args[0])
        if base is None or any(self._holds(arg) for arg in node.args[1:]):
            return None
        power = sp.Rational(1, 2) if node.kind == "sqrt" else to_sympy(node.args[1], self.signs.symbols)
        if power.has(self.signs.symbols[INDEX]):  # another exponent in each term of a sum
            return None
        size = power if self.signs.nonnegative(power) else -power
        if not self.signs.nonnegative(size):
            return None
        strict = self.signs.positive(size)
        lows, highs = (frozenset(size * x for x in ends) for ends in (base.lows, base.highs))
        scaled = Slopes(lows, highs, base.above and strict, base.below and strict)
        return scaled if size == power else -scaled

    def _shrunk(self, inner: Node) -> Slopes | None:
        """Of what rises like u and then more slowly: between 0 and that of u."""
        own = self.of(inner)
        if own is None or self.signs.of(inner) != 1:
            return None
        strictly = [all(self.signs.positive(x) for x in ends) for ends in (own.lows, (-own).lows)]
        return replace(FLAT.hull(own), above=any(strictly), below=any(strictly))

    def _of_exponential(self, node: Node) -> Slopes | None:
        """Of exp(u) and erfc(u): as log exp(u) = u rises and log erfc(u) falls with u, a sum of what the terms of u do, in some multiples."""
        found = FLAT
        for term in expanded(node.args[0], self.signs):
            if self.moves(term):
                own = self._some_multiple(term)
                if own is None:
                    return None
                found = found + own
        return found if node.kind == "exp" else -found

    def _of_rest(self, inner: Node) -> Slopes | None:
        """Of u**2/2 + u**3/6 + ..., u > 0: more than twice that of u where u rises."""
        own = self.of(inner)
        if own is None or not all(self.signs.nonnegative(low) for low in own.lows):
            return None
        strict = all(self.signs.positive(low) for low in own.lows)
        return Slopes(frozenset(2 * low for low in own.lows), frozenset({sp.oo}), strict, True)

    def _some_multiple(self, term: Term) -> Slopes | None:
        """Of exp(T), T of one sign: T times that of T, and the size of T may be anything."""
        own = self.of_term(term)
        if own is None or term.sign is None:
            return None
        for rising, ends in ((True, own.lows), (False, (-own).lows)):
            if all(self.signs.nonnegative(end) for end in ends):
                strict = all(self.signs.positive(end) for end in ends)
                upwards = Slopes(frozenset({sp.S.Zero}), frozenset({sp.oo}), strict, True)
                return upwards if rising == (term.sign == 1) else -upwards
        return None


def _combined(kind: str, one: Slopes, two: Slopes) -> Slopes:
    """Elasticities of a product, quotient, sum, least or largest of positive formulas."""
    if kind in ("*", "/"):
        return one + (two if kind == "*" else -two)
    return one.mixed(two) if kind == "+" else one.hull(two)
