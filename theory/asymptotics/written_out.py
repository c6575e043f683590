"""Sums of a user's equations that are functions of the large parameter alone, written out and added up (A1).

For equations whose leading terms cancel: `explicit` says what is kept of such terms, this module finds them in equations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace

import sympy as sp

from .chambers import ParameterDomain
from .coefficients import NAME
from .explicit import TERMS, Power, leading, orders_of_rest, place_of
from .power_sums import Expansion, Position, PowerSum, Term
from .scaled_sums import ScaledSum, UnreadableSystem, inner_ratio
from .signs import is_rational, sign_on
from .systems import Corner, CornerFunction


@dataclass(frozen=True)
class Posed:
    """A sum with symbols for its scale and its upper end, 1 and ∞ where there are none; or what lies `beyond` that end."""

    found: ScaledSum
    scale: sp.Expr
    count: sp.Expr
    beyond: bool = False

    @property
    def problem(self) -> PowerSum:
        """The sum for the power-sum lemma."""
        return PowerSum(self.found.function, inner_ratio, self.found.decay, self.scale, self.count)

    def sample(self, values: Mapping[sp.Symbol, sp.Expr]) -> Mapping[sp.Symbol, sp.Expr]:
        """Values of the parameters, and of what stands for sums of them in the function."""
        return {**values, **{symbol: value.subs(values) for symbol, value in self.found.told}}

    def order(self, term: Term, large: sp.Symbol) -> sp.Expr:
        """The order of a term, its logarithms those of the large parameter."""
        logs = sp.log(large) ** term.count_log if term.count_log else 1
        return self.scale**term.scale_power * (self.count**term.count_power if term.count_power != 0 else 1) * logs

    def not_expanded(self, index: sp.Symbol, scale: sp.Expr, reason: str) -> str:
        """Why there is no expansion, in the user's letters: the ratio inside as u."""
        inside = f"{index}**({-self.found.decay})/({scale})"
        text = f"the sum of {self.found.restored(self.found.function)} over u = {inside} is not expanded: {reason}"
        return text.replace(inner_ratio.name, "u").replace(NAME, "")


@dataclass
class WrittenOut:
    """Equations of a user with explicit terms under one name each.

    Parameters
    ----------
    large, moving, domain
        The large parameter, everything that moves, and the domain of what does not.
    names, signs : Mapping[Posed, Symbol], Mapping[Posed, int]
        The sums of the equations: each is its sign times its name.
    scale_names : Mapping[Expr, Symbol]
        Of scales and ends that are made of several symbols.
    meaning : MutableMapping
        What symbols of coefficients stand for, and when that is certainly positive.
    expansion : callable
        Of a sum at a position, with as many terms.
    """

    large: sp.Symbol
    moving: tuple[sp.Symbol, ...]
    domain: ParameterDomain
    names: Mapping[Posed, sp.Symbol]
    signs: Mapping[Posed, int]
    scale_names: Mapping[sp.Expr, sp.Symbol]
    meaning: MutableMapping[sp.Symbol, tuple[sp.Expr, sp.Basic]]
    expansion: Callable[[Posed, Position, int], Expansion]
    explicit: dict[sp.Symbol, sp.Expr] = field(default_factory=dict)

    def terms(self, terms: Sequence[sp.Expr]) -> tuple[sp.Expr, ...]:
        """The terms of an equation, those that are functions of the large parameter added up under one name."""
        found = {term: self._explicit(term) for term in terms}
        known = [parts for parts in found.values() if parts is not None]
        if not any(parts is not None and term.free_symbols & set(self.names.values()) for term, parts in found.items()):
            return tuple(terms)
        kept = leading([p for parts, _ in known for p in parts], [r for _, rest in known for r in rest], self.domain)
        signs = {self._sign_of(power.coefficient) for power in kept}
        if len(signs) > 1:
            raise UnreadableSystem("leading terms cancel, and those that are left have both signs")
        (sign,) = signs
        name = sp.Symbol(f"_explicit{len(self.explicit) + 1}", positive=True)
        self.explicit[name] = sp.Add(
            *(self._positive(sign * power.coefficient) * power.scale(self.large) for power in kept)
        )
        return (*(term for term, parts in found.items() if parts is None), sign * name)

    def _explicit(self, term: sp.Expr) -> tuple[list[Power], list[Power]] | None:
        """A term as explicit powers of the large parameter and remainders; None if it holds anything else that moves."""
        sums = [posed for posed, symbol in self.names.items() if term.has(symbol)]
        bare = term.subs({self.names[posed]: 1 for posed in sums})
        others = {*self.moving, *self.scale_names.values()} - {self.large}
        factor = Power.of(bare, self.large)
        if factor is None or bare.has(*others) or len(sums) > 1:
            return None
        if not sums:
            return [factor], []
        (posed,) = sums
        return self._expanded_powers(posed, bare) if sp.diff(term, self.names[posed]) == bare else None

    def _expanded_powers(self, posed: Posed, factor: sp.Expr) -> tuple[list[Power], list[Power]] | None:
        """A factor times a sum, where its scale and end are powers of the large parameter."""
        scale, count = (self._made_of(part) for part in (posed.scale, posed.count))
        place = place_of(scale, count, posed.found.decay, self.large, self.domain)
        decided_by_others = (scale.free_symbols | count.free_symbols) & set(self.moving) - {self.large}
        if place is None or decided_by_others or posed.found.step is not None or posed.beyond:
            return None
        expansion = self.expansion(posed, place, TERMS)
        outside = factor * self.signs[posed] * scale**posed.found.weight
        kept, omitted = (
            [power for term in several for power in self._powers(term, outside, scale, count)]
            for several in (expansion.terms, expansion.omitted)
        )
        rest = [Power.of(outside * order, self.large) for order in orders_of_rest(posed.problem, place, scale, count)]
        if None in (*kept, *omitted, *rest):
            return None
        return [power for power in kept if power], [power for power in (*omitted, *rest) if power]

    def _powers(self, term: Term, outside: sp.Expr, scale: sp.Expr, count: sp.Expr) -> list[Power | None]:
        """A term of an expansion, with its logarithms taken apart: that of 4/n is that of 4 less that of n."""
        order = outside * replace(term, coefficient=sp.S.One).expression(scale, count)
        if term.scale_log or term.count_log:
            order = sp.expand(sp.expand_log(order))
        found = [Power.of(part, self.large) for part in sp.Add.make_args(order)]
        return [p and replace(p, coefficient=p.coefficient * term.coefficient) for p in found]

    def _made_of(self, scale: sp.Expr) -> sp.Expr:
        return next((of for of, symbol in self.scale_names.items() if symbol == scale), scale)

    def _sign_of(self, coefficient: sp.Expr) -> int:
        """The sign of a coefficient for all parameters."""
        sign = sign_on(coefficient, self.domain)
        if not sign:
            raise UnreadableSystem(f"leading terms cancel, and the sign of {coefficient}, which is left, is not known")
        return sign

    def _positive(self, coefficient: sp.Expr) -> sp.Expr:
        """A coefficient that is positive, as the engine takes it: itself, or a symbol that stands for it."""
        if is_rational(coefficient, self.domain):
            return coefficient
        symbol = sp.Symbol(f"_coefficient{len(self.meaning) + 1}", positive=True)
        self.meaning[symbol] = (coefficient, sp.true)
        return symbol

    def functions(self) -> tuple[CornerFunction, ...]:
        """What was written out and added up, as functions with a single corner; smaller terms are left out."""
        corners = {
            symbol: Corner("", (), {symbol: value}, frozenset({symbol})) for symbol, value in self.explicit.items()
        }
        return tuple(CornerFunction("explicit terms", (corner,)) for corner in corners.values())
