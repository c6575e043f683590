"""Absolute values of a difference of two powers, as |n - N| of an interpolation threshold: the larger one, by its corners.

Where both are of one order the difference is known only if their ratio is before anything is solved, and is not 1: at the
threshold itself nothing is said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import sympy as sp

from .systems import Corner, CornerFunction, much_less, same_scale


@dataclass(frozen=True)
class Difference:
    """|one - two| of two products of powers with positive coefficients."""

    one: sp.Expr
    two: sp.Expr

    @classmethod
    def of(
        cls, inside: sp.Expr, moving: Sequence[sp.Symbol], sign: Callable[[sp.Expr], int | None]
    ) -> Difference | None:
        """What stands inside an absolute value, read as such a difference; None if it is none.

        Examples
        --------
        >>> n, m = sp.symbols("n m", positive=True)
        >>> Difference.of(2 * n - m, [n, m], lambda c: int(sp.sign(c)))
        Difference(one=2*n, two=m)
        """
        terms = sp.Add.make_args(sp.expand(inside))
        if len(terms) != 2 or not all(_is_power(term, moving) for term in terms):
            return None
        signs = [sign(term.as_independent(*moving, as_Add=False)[0]) for term in terms]
        if sorted(str(s) for s in signs) != ["-1", "1"]:
            return None
        rising, falling = (terms[signs.index(way)] for way in (1, -1))
        return cls(rising, -falling)

    def corners(
        self, symbol: sp.Symbol, stated: Mapping[sp.Symbol, sp.Expr], sign: Callable[[sp.Expr], int | None]
    ) -> CornerFunction:
        """The value, called `symbol`, for the engine; `stated` are powers that are known before anything is solved."""
        larger = [(self.one, self.two), (self.two, self.one)]
        corners = [Corner("", (much_less(low, high),), {symbol: high}, frozenset({symbol})) for high, low in larger]
        names = ("ABOVE", "BELOW")
        placed = [Corner(name, c.conditions, c.values, c.truncated) for name, c in zip(names, corners, strict=True)]
        share = sp.powsimp(sp.expand_power_base(self.one.xreplace(dict(stated)) / self.two.xreplace(dict(stated))))
        side = None if share.free_symbols & set(stated) else sign(share - 1)
        if side:
            value = side * (share - 1) * self.two
            placed.append(Corner("BESIDE", (same_scale(self.one, self.two),), {symbol: value}, frozenset({symbol})))
        return CornerFunction(f"|{self.one} - {self.two}|", tuple(placed))


def _is_power(term: sp.Expr, moving: Sequence[sp.Symbol]) -> bool:
    mover = term.as_independent(*moving, as_Add=False)[1]
    factors = [factor.as_base_exp() for factor in sp.Mul.make_args(mover) if factor != 1]
    return all(base in moving and not power.has(*moving) for base, power in factors)
