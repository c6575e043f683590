"""How large the numbers can get that equations of a given size can hide: exponents by their denominators, constants by their digits.

Agreement over a few decades tells a claim from its neighbours only where there are none in between. Which there can be is
read off the equations as they are written, every occurrence counted: y = x*x*x is a cube, sqrt(sqrt(x)) a fourth root, and
c**20 has twenty times the digits of c, also where c has a name.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sympy as sp

from .expressions import NoValueError, to_sympy
from .nodes import INDEX, PI, POWER_SUM, Node, Relation

LOGARITHM = "log"
"""Counts among the names whose powers are followed."""
SUMS = ("+", "-", "min", "max")


@dataclass(frozen=True)
class Powers:
    """The powers that the monomials of a formula can have: multiples of 1/`denominator`, each name's in an interval."""

    denominator: int
    ranges: Mapping[str, tuple[sp.Rational, sp.Rational]]

    def joined(self, other: Powers) -> Powers:
        """Of a sum: those of either."""
        zero = (sp.S.Zero, sp.S.Zero)
        pairs = {n: (self.ranges.get(n, zero), other.ranges.get(n, zero)) for n in {*self.ranges, *other.ranges}}
        hull = {name: (min(a[0], b[0]), max(a[1], b[1])) for name, (a, b) in pairs.items()}
        return Powers(math.lcm(self.denominator, other.denominator), hull)

    def times(self, other: Powers, way: int = 1) -> Powers:
        """Of a product, or of a quotient."""
        found = dict(self.ranges)
        for name, ends in other.ranges.items():
            low, high = sorted(way * end for end in ends)
            start, end = found.get(name, (sp.S.Zero, sp.S.Zero))
            found[name] = (start + low, end + high)
        return Powers(math.lcm(self.denominator, other.denominator), found)

    def to(self, power: sp.Rational) -> Powers:
        """Of a power."""
        ends = {name: sorted(power * end for end in ends) for name, ends in self.ranges.items()}
        return Powers(self.denominator * int(power.q), {name: (low, high) for name, (low, high) in ends.items()})

    def span(self, names: Iterable[str]) -> sp.Rational:
        """How far the powers of some names can differ between two monomials."""
        return sum((self.ranges[name][1] - self.ranges[name][0] for name in names if name in self.ranges), sp.S.Zero)


def powers_of(node: Node, fixed: Mapping[str, sp.Expr], sums: list[Powers]) -> Powers:
    """The powers of the monomials of a formula; what stands inside power sums is added to `sums`.

    Raises
    ------
    NoValueError
        If an exponent is no rational number.

    Examples
    --------
    >>> from .grammar import parse_formula
    >>> powers_of(parse_formula("x*x*sqrt(sqrt(x)) + 1"), {}, [])
    Powers(denominator=4, ranges={'x': (0, 9/4)})
    """
    if node.kind == "name" and node.value not in fixed:
        return Powers(1, {str(node.value): (sp.S.One, sp.S.One)})
    if not node.args:
        return Powers(1, {})
    if node.kind in ("**", "sqrt"):
        power = sp.Rational(1, 2) if node.kind == "sqrt" else _exponent(node.args[1], fixed)
        base = powers_of(node.args[0], fixed, sums)
        return base if power is None else base.to(power)
    parts = [powers_of(arg, fixed, sums) for arg in node.args]
    found = parts[0]
    for part in parts[1:]:
        found = (
            found.joined(part)
            if node.kind in SUMS or node.kind == POWER_SUM
            else found.times(part, -1 if node.kind == "/" else 1)
        )
    if node.kind == LOGARITHM:
        return found.joined(Powers(1, {LOGARITHM: (sp.S.One, sp.S.One)}))
    if node.kind == POWER_SUM:
        sums.append(found)
    return found if node.kind in ("*", "/", "neg", "abs") else found.joined(Powers(1, {}))


def _exponent(node: Node, fixed: Mapping[str, sp.Expr]) -> sp.Rational | None:
    """An exponent; None where it moves with the index of a sum or the scale, as in (1 - k**(-2))**t, which is no power."""
    if node.names() - set(fixed):
        if INDEX in node.names():
            return None
        raise NoValueError(f"the exponent of {node.text()} is no number")
    value = to_sympy(node, fixed)
    if not value.is_Rational:
        raise NoValueError(f"the exponent {value} is no rational number")
    return value


def largest_denominator(equations: Sequence[Relation], unknowns: Sequence[str], fixed: Mapping[str, sp.Expr]) -> int:
    """Of the exponents that balances of equations can have.

    A balance is a linear system, one row an equation: the differences of the powers of two monomials, whole numbers over a
    common denominator. Its determinant is at most the product of the rows' sums (as in x**p = n**q, with the solution q/p); a
    power sum adds the row of its index, which runs up to where two of its own monomials are alike.

    Examples
    --------
    >>> from .grammar import parse_relations
    >>> largest_denominator(parse_relations("x**3 + x = n**(1/2)"), ["x"], {})
    6
    >>> largest_denominator(parse_relations("x + 1 = n*sqrt(sqrt(sqrt(n)))"), ["x"], {})
    8
    """
    found = sp.S.One
    for link in equations:
        sums: list[Powers] = []
        both = powers_of(link.left, fixed, sums).joined(powers_of(link.right, fixed, sums))
        for row in [both, *sums]:
            names = unknowns if row is both else [*unknowns, INDEX]
            found *= max(sp.S.One, row.denominator * (row.span(names) + int(row is not both)))
    return int(sp.ceiling(found))


@dataclass(frozen=True)
class Digits:
    """Digits of the constants of a formula: its own, and how many times those of each name that stands for a constant."""

    own: float
    times: Mapping[str, float]

    def plus(self, other: Digits) -> Digits:
        """Of a sum or product."""
        names = {*self.times, *other.times}
        return Digits(self.own + other.own, {n: self.times.get(n, 0) + other.times.get(n, 0) for n in names})

    def scaled(self, factor: float) -> Digits:
        """Of a power."""
        return Digits(self.own * factor, {name: factor * count for name, count in self.times.items()})


INFINITE = Digits(math.inf, {})
PLAIN = ("+", "-", "*", "/", "neg", "min", "max", "abs")
"""What makes no number of its own out of those that are written; a sum does, powersum(k**(-40)) is zeta(40)."""


def digits_of(node: Node, fixed: Mapping[str, sp.Expr]) -> Digits:
    """Digits of a formula's constants; infinite for sums and functions of numbers.

    With exp, zeta or erf of a number any other number is met as closely as one likes: 1 + exp(-99), erf(9).

    Examples
    --------
    >>> from .grammar import parse_formula
    >>> told = lambda text: digits_of(parse_formula(text), {"c": sp.Rational(1, 9)})
    >>> [told(text).own for text in ("3/2", "1 + 1/10**12", "2**(-40)", "pi/2", "zeta(99)", "sqrt(2)", "c**20")]
    [2, 25, 40, 2, inf, 3, 20]
    >>> told("2*x**3 + x")
    Digits(own=2, times={'x': 4})
    """
    if node.kind == "number":
        numerator, denominator = node.value.as_integer_ratio()  # type: ignore[union-attr]
        return Digits(_of_number(sp.Rational(numerator, denominator)), {})
    if node.kind == "name":
        name = str(node.value)
        return Digits(_of_number(fixed[name]), {}) if name in fixed else Digits(0, {name: 1})
    if not node.args:
        return Digits(1 if node.kind == PI else 0, {})
    if node.kind in ("**", "sqrt"):
        return _of_power(node, fixed)
    parts = [digits_of(arg, fixed) for arg in node.args]
    found = Digits(1 if node.kind in ("+", "-") else 0, {})  # x + x is 2x
    for part in parts:
        found = found.plus(part)
    makes_numbers = node.kind not in PLAIN and (node.kind == POWER_SUM or not found.times)
    return INFINITE if makes_numbers else found


def _of_power(node: Node, fixed: Mapping[str, sp.Expr]) -> Digits:
    """Of a power: those of the base as often as the exponent says, counted by its numerator or its denominator."""
    base = digits_of(node.args[0], fixed)
    power = sp.Rational(1, 2) if node.kind == "sqrt" else _exponent(node.args[1], fixed)
    if power is None:
        return INFINITE
    whole = base.scaled(max(1, abs(int(power.p)), int(power.q)))
    root = power.q != 1 and not base.times
    return whole.plus(Digits(_of_number(power), {})) if root else whole


def _of_number(value: sp.Expr) -> float:
    if not value.is_Rational:
        return math.inf
    return sum(len(str(part)) for part in (abs(value.p), value.q) if part not in (0, 1))


def written_digits(
    equations: Sequence[Relation], paths: Mapping[str, Node], unknowns: Sequence[str], fixed: Mapping[str, sp.Expr]
) -> float:
    """Digits that the constant of an unknown can have, each equation taking up those of the others as often as it names them.

    Examples
    --------
    >>> from .grammar import parse_relations
    >>> written_digits(parse_relations("x = n*(1 + q**20), q = 1/9"), {}, ["x", "q"], {})
    42.0
    """
    names = [*unknowns, *paths]
    sides = [digits_of(link.left, fixed).plus(digits_of(link.right, fixed)) for link in equations]
    sides += [digits_of(formula, fixed) for formula in paths.values()]
    growth = math.prod(max(1.0, sum(side.times.get(name, 0) for name in names)) for side in sides)
    return sum(side.own for side in sides) * growth
