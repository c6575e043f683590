"""What lies beyond the end of a sum: Σ_k F - Σ_{k ≤ m} F = Σ_{k > m} F, the tail of a spectrum from m on (A1).

Both sums have the same first terms, ζ(γp) and the window, which cancel exactly: what is left of their expansions is that of the
tail. Each was compared with its sum down to the orders that it leaves out, and those are smaller than what is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import sympy as sp

from .chambers import ParameterDomain
from .power_sums import Expansion, Position, Term, expand, merged
from .scaled_sums import Sum
from .written_out import Posed


def with_tails(equation: sp.Eq, index: sp.Symbol, domain: ParameterDomain) -> sp.Eq:
    """An equation with the tails of sums, as sums from an end on, in the place of differences.

    Examples
    --------
    >>> k, x, m, a = sp.symbols("k x m a", positive=True)
    >>> domain = ParameterDomain.of((a,), (a > 1,))
    >>> told = with_tails(sp.Eq(x, Sum(k**-a) - Sum(k**-a, m), evaluate=False), k, domain)
    >>> told.rhs.args
    (k**(-a), oo, m)
    >>> with_tails(sp.Eq(x, sp.zeta(a) - Sum(k**-a, m), evaluate=False), k, domain) == told
    True
    """
    written = difference = (equation.lhs - equation.rhs).replace(Sum, lambda *args: _bare(args, index))
    for finite in sorted((s for s in difference.atoms(Sum) if len(s.args) == 2), key=sp.default_sort_key):
        found = (_beyond(difference, finite, whole) for whole in _wholes(finite.args[0], index, domain))
        difference = next((shorter for shorter in found if shorter is not None), difference)
    return equation if difference == written else _sided(equation, difference)


def _bare(args: Sequence[sp.Expr], index: sp.Symbol) -> sp.Expr:
    """A sum with what does not depend on its index in front of it."""
    coefficient, rest = args[0].as_independent(index, as_Add=False)
    return coefficient * Sum(rest, *args[1:])


def _sided(equation: sp.Eq, difference: sp.Expr) -> sp.Eq:
    """left - right as an equation again: by the name on its left, if there is one."""
    if equation.lhs.is_Symbol and not (difference - equation.lhs).has(equation.lhs):
        return sp.Eq(equation.lhs, equation.lhs - difference, evaluate=False)
    return sp.Eq(difference, 0, evaluate=False)


def _wholes(summand: sp.Expr, index: sp.Symbol, domain: ParameterDomain) -> Iterator[sp.Expr]:
    """The sum without an end, as it may be written: for a power of k that falls also a zeta function."""
    yield Sum(summand)
    coefficient, power = summand.as_independent(index, as_Add=False)
    base, exponent = power.as_base_exp()
    if base == index and domain.sign(-exponent - 1) == 1:
        yield coefficient * sp.zeta(-exponent)


def _beyond(difference: sp.Expr, finite: Sum, whole: sp.Expr) -> sp.Expr | None:
    """The difference with a finite sum as the whole one less its tail, if terms cancel then; else None."""
    parts = {item: sp.Dummy(positive=True) for item in difference.atoms(Sum) | whole.atoms(Sum)}
    tail = sp.Dummy(positive=True)
    before = difference.xreplace(parts)
    after = sp.expand(before.subs(parts[finite], whole.xreplace(parts) - tail))
    back = {symbol: item for item, symbol in parts.items()} | {tail: Sum(finite.args[0], sp.oo, finite.args[1])}
    return after.xreplace(back) if sums_in(after) < sums_in(sp.expand(before)) else None


def sums_in(expression: sp.Expr) -> int:
    """Of all sums in an expression, those inside of powers too: how many terms they have beyond the first.

    Examples
    --------
    >>> x, y = sp.symbols("x y")
    >>> sums_in(x + y + sp.sqrt(x + 1))
    3
    """
    return sum(len(part.args) - 1 for part in sp.preorder_traversal(expression) if part.is_Add)


def expanded(posed: Posed, position: Position, terms: int, sample: Mapping[sp.Symbol, sp.Expr]) -> Expansion:
    """A sum of a user's equations, or its tail, by the power-sum lemma, the user's parameters in its coefficients."""
    found = expand(posed.problem, position, terms, sample)
    if posed.beyond:
        whole = replace(posed.problem, count=sp.oo)
        found = tail_of(expand(whole, place_of_whole(position), terms, sample), found)
    kept, left = (
        tuple(replace(term, coefficient=posed.found.restored(term.coefficient)) for term in several)
        for several in (found.terms, found.omitted)
    )
    return replace(found, terms=kept, omitted=left)


def tail_of(whole: Expansion, finite: Expansion) -> Expansion:
    """What the expansion of an infinite sum holds beyond that of the sum up to an end."""
    kept = merged([*whole.terms, *(replace(term, coefficient=-term.coefficient) for term in finite.terms)])
    return replace(finite, terms=tuple(map(_settled, kept)), omitted=(*whole.omitted, *finite.omitted))


def _settled(term: Term) -> Term:
    return replace(term, coefficient=sp.factor_terms(term.coefficient))


def place_of_whole(position: Position) -> Position:
    """Where a scale stands among the atoms of the infinite sum: below those up to the end it is among the others."""
    return Position.ABOVE if position is Position.ABOVE else Position.INSIDE
