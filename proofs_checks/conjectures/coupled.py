"""That equations which share unknowns have one positive solution at most, shown by determinants of elasticities.

Let P and P' be two solutions and r_j = log(x'_j/x_j) for the unknowns x_j.

*Terms.* For each positive term T there is a vector e with log(T'/T) = e·r whose entry e_j lies among the elasticities of T in x_j.
By induction over the formula: powers, products and quotients add, scale and subtract such vectors. A sum S of positive terms T_i (infinite
ones too, where both S and S' are finite) has log(S'/S) = φ(1) - φ(0) with φ(h) = log sum_i T_i exp(h e_i·r), and φ'(h) is a mean of the e_i·r with
positive weights; so is what the least and the largest of several change by. Where exp(-u), log(1 + u), erf(u) and the like change
by F times what log u or u does, the multiple F is one number for all entries. No value between P and P' is asked for, so it does not matter
where else a sum converges.

*Rows.* Of an equation A = B between sums of positive terms, 0 = log(A'/A) - log(B'/B) = (sum_ab w_ab (e_a - e_b))·r with positive weights:
a mean of pairs of terms. Where the sign of a term is known nowhere (a logarithm), the equation over a monomial gives
0 = (sum_T c_T sign(T) e_T + sum_u c_u e_u)·r with positive c for what is left of the terms and of log(u).

*Determinants.* As many equations as unknowns give a matrix M with M r = 0. Its determinant is linear in each row, so it is a combination with
positive weights of those of the matrices that have one pair (or term) in each row. If all of these have one sign, and one of them is not
zero, det M is not zero, so r = 0: the two solutions are one. Nothing is asked of the minors: this reaches whatever the criterion of Gale and
Nikaido (P-matrices on rectangles) does when the entries are known by such intervals.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import permutations, product
from math import factorial, prod

import sympy as sp
from sympy.combinatorics import Permutation

from .elasticities import FLAT, MOST_TERMS, Reading, Signs, Slopes, Term, exactly, expanded, turned
from .nodes import Node, Relation
from .opened import opened

MOST_PRODUCTS = 12000
"""In the determinants of one system of equations, a second or two of them; beyond that nothing is shown."""
MOST_ENDS = 48
"""Of one interval of elasticities."""


@dataclass(frozen=True)
class Row:
    """One summand of a row of the matrix: elasticities in the unknowns, and whether it is there for sure (no control is 0 that it hangs on)."""

    entries: tuple[Slopes, ...]
    there: bool

    def less(self, other: Row) -> Row:
        """The difference of two."""
        entries = tuple(one + -two for one, two in zip(self.entries, other.entries, strict=True))
        return Row(entries, self.there and other.there)


def meet_once(links: Sequence[Relation], names: Sequence[str], given: Mapping[str, Node], signs: Signs) -> bool:
    """Whether equations leave one value at most for each of as many unknowns, once explicit ones have been put in.

    Examples
    --------
    >>> from .grammar import parse_relations
    >>> from .statements import UserSystem
    >>> links = tuple(link for text in ("x*y = n", "x = y**2 + y") for link in parse_relations(text, sums=True))
    >>> signs = Signs(UserSystem("s", "n", ("x", "y"), {}, {}, links))
    >>> meet_once(links, ("x", "y"), {}, signs)
    True
    """
    rows = [Rows(link, names, given, signs) for link in links]
    choices = [row.arrangements(all_pivots=len(links) == 1) for row in rows]
    return any(_regular(matrix, signs) for matrix in product(*choices))


class Rows:
    """What an equation says of two solutions."""

    def __init__(self, link: Relation, names: Sequence[str], given: Mapping[str, Node], signs: Signs) -> None:
        self.signs = signs
        self.readings = [Reading(signs, given, name) for name in names]
        terms = [*expanded(link.left, signs), *(turned(term) for term in expanded(link.right, signs))]
        self.written = terms if len(terms) <= MOST_TERMS else []
        self.terms: list[Term] = []
        self.vectors: list[Row | None] = []

    def arrangements(self, all_pivots: bool) -> list[list[Row]]:
        """The summands of the row, in each way of writing the equation that is tried."""
        ways = [self.written, opened(self.written, self.signs)]
        return [rows for terms in ways if terms for rows in self._arranged(terms, all_pivots)]

    def _arranged(self, terms: list[Term], all_pivots: bool) -> list[list[Row]]:
        self.terms, self.vectors = terms, [self._vector(term) for term in terms]
        signed = all(term.sign and vector for term, vector in zip(self.terms, self.vectors, strict=True))
        found = [self._pairs()] if self.terms and signed else []
        if all_pivots or not signed:
            found += [rows for pivot in self._pivots() if (rows := self._over(pivot)) is not None]
        return [rows for rows in found if rows]

    def _vector(self, term: Term) -> Row | None:
        entries = []
        for reading in self.readings:
            own = reading.of_term(term)
            if own is None:
                return None
            entries.append(replace(own, above=False, below=False) if reading.may_vanish(term) else own)
        return Row(tuple(entries), not self.readings[0].vanishes(term))

    def _pairs(self) -> list[Row]:
        """Differences between each term of one side and each of the other."""
        sides: dict[int, list[Row]] = {1: [], -1: []}
        for term, vector in zip(self.terms, self.vectors, strict=True):
            assert vector is not None
            assert term.sign is not None
            sides[term.sign].append(vector)
        return _distinct(one.less(two) for one in sides[1] for two in sides[-1])

    def _pivots(self) -> Iterator[Row]:
        """Monomials that the equation may be divided by: those that its terms are, or that stand before a logarithm."""
        flat = Row(tuple(FLAT for _ in self.readings), True)
        factors = (self._before_logarithm(term) for term in self.terms)
        told = [flat, *self.vectors, *(vector for _, vector in factors if vector is not None)]
        powers = [vector.entries for vector in told if vector is not None and all(x.power for x in vector.entries)]
        for entries in dict.fromkeys(powers):
            yield Row(entries, True)

    def _over(self, pivot: Row) -> list[Row] | None:
        """The terms over a monomial; None where it is not known which way one of them goes."""
        found = []
        for term, vector in zip(self.terms, self.vectors, strict=True):
            row = self._shift(term, vector, pivot)
            if row is None:
                return None
            found.append(row)
        return _distinct(found)

    def _shift(self, term: Term, vector: Row | None, pivot: Row) -> Row | None:
        """What a term over a monomial changes by, up to a positive factor."""
        if vector is not None and vector.entries == pivot.entries:
            return Row(tuple(FLAT for _ in vector.entries), False)
        if vector is not None and term.sign is not None:
            over = vector.less(pivot)
            return over if term.sign > 0 else Row(tuple(-x for x in over.entries), over.there)
        argument, before = self._before_logarithm(term)
        if argument is None or before is None or before.entries != pivot.entries:
            return None
        inner = self._vector(Term(1, 1, (argument,)))
        sign = self._sign_before(term)
        if inner is None or sign is None or self.signs.of(argument) != 1:
            return None
        return replace(
            inner, entries=tuple(x if sign > 0 else -x for x in inner.entries), there=inner.there and before.there
        )

    def _before_logarithm(self, term: Term) -> tuple[Node | None, Row | None]:
        """The argument of the logarithm that is a factor of a term, and the elasticities of all other factors."""
        factors = [part for node in term.above for part in _factors(node)]
        logs = [node for node in factors if node.kind == "log"]
        if len(logs) != 1:
            return None, None
        rest = tuple(node for node in factors if node is not logs[0])
        return logs[0].args[0], self._vector(Term(1, 1, rest, term.below))

    def _sign_before(self, term: Term) -> int | None:
        factors = [part for node in term.above for part in _factors(node) if part.kind != "log"]
        told = [self.signs.of(node) for node in (*factors, *term.below)]
        return None if None in told else term.written * prod(sign for sign in told if sign)


def _factors(node: Node) -> list[Node]:
    if node.kind == "*":
        return [part for arg in node.args for part in _factors(arg)]
    if node.kind == "neg":
        return [Node("number", (), Fraction(-1)), *_factors(node.args[0])]
    return [node]


def _distinct(rows: Iterable[Row]) -> list[Row]:
    """Each once; what is there by one of several terms is there."""
    found: dict[tuple[Slopes, ...], bool] = {}
    for row in rows:
        found[row.entries] = found.get(row.entries, False) or row.there
    return [Row(entries, there) for entries, there in found.items()]


def _regular(matrix: Sequence[Sequence[Row]], signs: Signs) -> bool:
    """Whether all determinants have one sign, and one that is there for sure is not zero."""
    if prod(len(rows) for rows in matrix) * factorial(len(matrix)) > MOST_PRODUCTS:
        return False
    for way in (1, -1):
        surely = False
        for rows in product(*matrix):
            found = determinant([row.entries for row in rows], signs)
            found = found if found is None or way > 0 else -found
            if found is None or not _nonnegative(found, signs):
                break
            surely = surely or (all(row.there for row in rows) and _positive(found, signs))
        else:
            if surely:
                return True
    return False


def determinant(matrix: Sequence[Sequence[Slopes]], signs: Signs) -> Slopes | None:
    """Between which numbers that of a matrix lies whose entries lie in intervals; None where the ends are too many.

    Examples
    --------
    >>> from .elasticities import exactly
    >>> from .statements import UserSystem
    >>> signs = Signs(UserSystem("s", "n", ("x", "y"), {}, {}, ()))
    >>> determinant([[exactly(1), exactly(2)], [exactly(3), exactly(1)]], signs) == exactly(-5)
    True
    """
    total = FLAT
    for order in permutations(range(len(matrix))):
        part = exactly(Permutation(list(order)).signature())
        for row, column in enumerate(order):
            part = times(part, matrix[row][column], signs)
            if len(part.lows) > MOST_ENDS or len(part.highs) > MOST_ENDS:
                return None
        total = _pruned(total + part)
        if len(total.lows) > MOST_ENDS or len(total.highs) > MOST_ENDS:
            return None
    return total


def times(one: Slopes, two: Slopes, signs: Signs) -> Slopes:
    """The interval of products."""
    if FLAT in (one, two):
        return FLAT
    for first, second in product((1, -1), repeat=2):
        a, b = one if first > 0 else -one, two if second > 0 else -two
        if _nonnegative(a, signs) and _nonnegative(b, signs):
            strict = _positive(a, signs) and _positive(b, signs)
            lows, highs = _corners(a.lows, b.lows), _corners(a.highs, b.highs)
            found = _pruned(Slopes(lows, highs, strict and (a.above or b.above), strict and (a.below or b.below)))
            return found if first == second else -found
    corners = _corners(one.lows | one.highs, two.lows | two.highs)
    return _pruned(Slopes(corners, corners))


def _corners(one: frozenset[sp.Expr], two: frozenset[sp.Expr]) -> frozenset[sp.Expr]:
    return frozenset(value for x in one for y in two for value in _corner(x, y))


def _corner(x: sp.Expr, y: sp.Expr) -> tuple[sp.Expr, ...]:
    """The product of two ends: nothing times what is not bounded is nothing; where a sign is not known it is both."""
    if x == 0 or y == 0:
        return (sp.S.Zero,)
    if not (x.is_infinite or y.is_infinite):
        return (sp.expand(x * y),)
    one, two = x.is_extended_positive, y.is_extended_positive
    if one is None or two is None:
        return (sp.oo, -sp.oo)
    return (sp.oo,) if one == two else (-sp.oo,)


def _pruned(found: Slopes) -> Slopes:
    """Of numbers among the ends only the outermost counts."""
    return replace(found, lows=_outermost(found.lows, 1), highs=_outermost(found.highs, -1))


def _outermost(ends: frozenset[sp.Expr], way: int) -> frozenset[sp.Expr]:
    numbers = [end for end in ends if end.is_number]
    if len(numbers) < 2:
        return ends
    return ends.difference(numbers) | {min(numbers, key=lambda end: way * end)}


def _nonnegative(found: Slopes, signs: Signs) -> bool:
    return all(signs.nonnegative(low) for low in found.lows)


def _positive(found: Slopes, signs: Signs) -> bool:
    return _nonnegative(found, signs) and (found.above or all(signs.positive(low) for low in found.lows))
