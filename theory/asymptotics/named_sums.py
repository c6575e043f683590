"""The sums of a user's equations by name: the corners in which each is expanded, and what its coefficients are (A1).

A sum Σ F(k^(-γ)/τ) is expanded by the power-sum lemma with τ among the atoms, above them and, where the sum ends, below
them. Coefficients stand as positive symbols in the balances; what they are is kept beside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import sympy as sp

from .chambers import ParameterDomain
from .edge_sums import compared, compared_beyond, end_ratio, end_share, rest_share
from .logarithms import with_most_logarithms
from .mellin import MellinUnknown
from .positivity import sign_of_number, surely_positive
from .power_sums import DivergentSum, Expansion, Position, Term, merged
from .scaled_sums import OpenLogarithm, UnreadableSystem, inner_ratio, scaled_sum
from .scales import order_one
from .signs import coefficient_positivity, sign_on, simplified_ratio
from .systems import Comparison, Corner, CornerFunction, much_less, same_scale
from .tails import expanded
from .term_order import beats_everywhere
from .written_out import Posed, WrittenOut


class NamedSums:
    """The sums that occur in equations, each by the symbol that stands for it, with their scales and coefficients.

    Parameters
    ----------
    index, large : Symbol
        Of the sums, and the large parameter.
    unknowns, controls : tuple of Symbol
        What moves with the large parameter.
    sample : mapping
        Values of the parameters at which expansions are compared with the sums.
    domain : ParameterDomain
        Of the parameters.
    """

    def __init__(
        self, index: sp.Symbol, large: sp.Symbol, unknowns: tuple[sp.Symbol, ...], controls: tuple[sp.Symbol, ...],
        sample: Mapping[sp.Symbol, sp.Expr], domain: ParameterDomain,
    ) -> None:  # fmt: skip
        self.index, self.large, self.unknowns, self.domain, self.sample = index, large, unknowns, domain, sample
        self.fixed = (large, *controls)
        self.moving = (large, *unknowns, *controls)
        self.names: dict[Posed, sp.Symbol] = {}
        self.signs: dict[Posed, int] = {}
        self.scale_names: dict[sp.Expr, sp.Symbol] = {}
        self.meaning: dict[sp.Symbol, tuple[sp.Expr, sp.Basic]] = {}
        self.stated: Mapping[sp.Symbol, sp.Expr] = {}
        self.powers: dict[sp.Symbol, sp.Expr] = {}
        self.open_ends: dict[str, None] = {}

    def named(self, summand: sp.Expr, count: sp.Expr = sp.oo, beyond: sp.Expr = sp.S.Zero) -> sp.Expr:
        """The symbol of a sum, times what does not depend on its index and scale."""
        found = scaled_sum(summand, self.index, self.moving, self.domain)
        count = beyond if beyond != 0 else count
        if count != sp.oo and not count.has(*self.moving):
            raise UnreadableSystem(f"a sum that ends at {count} for good has no limit to expand in")
        ends = sp.oo if count == sp.oo else self.scale_symbol(count)
        bare = replace(found, coefficient=sp.S.One)
        posed = Posed(bare, self.scale_symbol(found.scale), ends, beyond != 0)
        if posed not in self.names:
            self.names[posed] = sp.Symbol(f"_sum{len(self.names) + 1}", positive=True)
            self.signs[posed] = self._leading_sign(posed)
        return found.coefficient * self.signs[posed] * self.names[posed]

    def _leading_sign(self, posed: Posed) -> int:
        """-1 for a sum that is negative while its scale is small, so that its name stands for a positive number; else 1."""
        if surely_positive(posed.found.function) or posed.scale == 1:
            return 1
        try:
            terms, _ = self._leading(posed, Position.INSIDE)
            signs = {sign_on(term.coefficient, self.domain) for term in terms}
        except UnreadableSystem:
            return 1
        return -1 if signs == {-1} else 1

    def scale_symbol(self, scale: sp.Expr) -> sp.Expr:
        """An unknown or control itself; what is made of them gets a name, and an equation that says what it is."""
        if scale == 1 or scale in self.moving:
            return scale
        if scale not in self.scale_names:
            self.scale_names[scale] = sp.Symbol(f"_scale{len(self.scale_names) + 1}", positive=True)
        return self.scale_names[scale]

    def writer(self) -> WrittenOut:
        """Where leading terms cancel: what writes sums out to a further order."""
        names, written = self.scale_names, (self.names, self.signs)
        return WrittenOut(self.large, self.moving, self.domain, *written, names, self.meaning, self._expansion)

    def scale_equations(self) -> tuple[sp.Eq, ...]:
        """What the named scales are."""
        return tuple(sp.Eq(symbol, scale, evaluate=False) for scale, symbol in self.scale_names.items())

    def functions(self) -> tuple[CornerFunction, ...]:
        """One function a scale and upper end: its corners are where the scale stands among the atoms."""
        places: dict[tuple[object, ...], list[Posed]] = {}
        for posed in self.names:
            found = posed.found
            places.setdefault((posed.scale, posed.count, found.decay, found.step is None), []).append(posed)
        return tuple(CornerFunction(self._title(*key[:2]), self._corners(alike)) for key, alike in places.items())

    def _title(self, scale: sp.Expr, count: sp.Expr) -> str:
        """In the user's letters."""
        told = {symbol: made_of for made_of, symbol in self.scale_names.items()}
        over = [] if scale == 1 else [f"over {told.get(scale, scale)}"]
        return " ".join(["sums", *over, *([] if count == sp.oo else [f"up to {told.get(count, count)}"])])

    def convergence(self) -> tuple[sp.Basic, ...]:
        """Conditions on the parameters under which every sum without an end converges."""
        endless = (posed for posed in self.names if posed.count == sp.oo or posed.beyond)
        found = (condition for posed in endless for condition in posed.found.convergence())
        return tuple(dict.fromkeys(condition for condition in found if condition != sp.true))

    def _corners(self, alike: Sequence[Posed]) -> tuple[Corner, ...]:
        """The corners of sums over one scale, up to one end; of what is known for small scales only, those."""
        scale, count, decay = alike[0].scale, alike[0].count, alike[0].found.decay
        many = () if count == sp.oo else (much_less(1, count),)
        if scale == 1:
            return (self._corner("", many, alike, Position.ABOVE),)
        least = sp.S.Zero if count == sp.oo else count**-decay
        inside = (much_less(scale, 1), *([] if least == 0 else [much_less(least, scale)]))
        places = [(Position.INSIDE, inside), (Position.ABOVE, (much_less(1, scale), *many))]
        if least != 0:
            places.append((Position.BELOW, (*many, much_less(scale, least))))
        places = [pair for pair in places if self._possible(scale, pair[0])]
        known = [pair for pair in places if alike[0].found.step is None or pair[0] is not Position.ABOVE]
        corners = [self._corner(place.name, conditions, alike, place) for place, conditions in known]
        return (*corners, *([] if least == 0 else self._end_corner(alike, (same_scale(scale, least), *many))))

    def _end_corner(self, alike: Sequence[Posed], conditions: tuple[Comparison, ...]) -> list[Corner]:
        """The corner where the scale stands at the end of the sums; none, and the reason noted, where that is not known."""
        try:
            values = {self.names[posed]: self.signs[posed] * self._at_end(posed) for posed in alike}
        except (UnreadableSystem, MellinUnknown, ArithmeticError, ValueError, TypeError) as error:
            title = self._title(alike[0].scale, alike[0].count)
            self.open_ends[f"{title}: the scale at the end: {str(error) or repr(error)}"] = None
            return []
        return [Corner("END", conditions, values, frozenset(values))]

    def _at_end(self, posed: Posed) -> sp.Expr:
        """Leading order with the scale at the last atom: the first atoms where they lead, else an integral that ends there."""
        found, place = posed.found, posed.scale * posed.count**posed.found.decay
        told = {symbol: made_of for made_of, symbol in self.scale_names.items()}
        movers = place.xreplace(told).free_symbols & set(self.moving)
        if not movers <= self.stated.keys():
            names = sorted(str(symbol) for symbol in movers - self.stated.keys())
            raise UnreadableSystem(f"{', '.join(names)} is not known before the equations are solved")
        share = (rest_share if posed.beyond else end_share)(found.function, inner_ratio, found.decay)
        signs = {self.domain.sign(1 - growth) for growth in share.growth}
        if not signs <= {1, -1}:
            raise UnreadableSystem(
                "whether its first or its last atoms lead changes with the parameters, or a logarithm stands"
            )
        if -1 in signs:
            kept, _ = self._leading(posed, Position.INSIDE)
            if any(term.origin != "head" for term in kept):
                raise UnreadableSystem("which of its first and last atoms lead is not settled")
            self._require_one_sign(posed, kept)
            return sp.Add(*(self._symbol(term, posed) * posed.order(term, self.large) for term in kept))
        if not surely_positive(found.function):
            raise UnreadableSystem(f"the sign of {found.function} is not known")
        share = (compared_beyond if posed.beyond else compared)(
            share, found.function, inner_ratio, found.decay, posed.sample(self.sample)
        )
        ratio = place.xreplace({symbol: sp.S.One for symbol in self.fixed})
        whole = order_one(found.restored(share.value.xreplace({end_ratio: ratio})), place)
        return posed.scale**found.weight * posed.count * whole

    def _corner(
        self, name: str, conditions: tuple[Comparison, ...], mine: Sequence[Posed], position: Position
    ) -> Corner:
        read = {self.names[posed]: self._expanded(posed, position) for posed in mine}
        truncated = frozenset(symbol for symbol, (_, whole) in read.items() if not whole)
        return Corner(name, conditions, {symbol: value for symbol, (value, _) in read.items()}, truncated)

    def _expanded(self, posed: Posed, position: Position) -> tuple[sp.Expr, bool]:
        """The terms of a sum that can lead, by its name, and whether they are all down to beyond every power."""
        kept, whole = self._leading(posed, position)
        self._require_one_sign(posed, kept)
        value = sp.Add(*(self._symbol(term, posed) * posed.order(term, self.large) for term in kept))
        return self.signs[posed] * value, whole

    def _require_one_sign(self, posed: Posed, terms: Sequence[Term]) -> None:
        """A sum whose scale an unknown decides must keep its sign: a solution at which it has the other one would be missed."""
        if surely_positive(posed.found.function) or not posed.found.scale.has(*self.unknowns):
            return
        if {sign_on(term.coefficient, self.domain) for term in terms} - {self.signs[posed]}:
            raise UnreadableSystem(self._not_expanded(posed, "it changes its sign, and an unknown decides where it is"))

    def _leading(self, posed: Posed, position: Position) -> tuple[list[Term], bool]:
        """The terms of a sum that can lead, and whether they are all down to beyond every power."""
        weight = posed.found.weight
        expansion = self._expansion(posed, position, 2)
        listed = [
            replace(t, scale_power=sp.expand(weight + t.scale_power)) for t in expansion.terms if t.coefficient != 0
        ]
        beats = partial(beats_everywhere, position=position, decay=posed.found.decay, domain=self.domain)
        leading = [term for term in listed if not any(beats(other, term) for other in listed)]
        kept = with_most_logarithms(merged([self._logs_of_large(term, posed) for term in leading]))
        logs = any(term.count_log or term.scale_log for term in listed)  # beside one that of its factor is left out
        whole = posed.found.step is None and len(kept) == len(listed) and not (expansion.omitted or logs)
        return kept, whole

    def _expansion(self, posed: Posed, position: Position, terms: int) -> Expansion:
        try:
            return expanded(posed, position, terms, posed.sample(self.sample))
        except (MellinUnknown, DivergentSum, ArithmeticError, ValueError, TypeError) as error:
            foreseen = isinstance(error, MellinUnknown | DivergentSum) and str(error)
            reason = str(error) if foreseen else "nothing that the machine knows is its Mellin transform"
            raise UnreadableSystem(self._not_expanded(posed, reason)) from error

    def _not_expanded(self, posed: Posed, reason: str) -> str:
        told = {symbol: made_of for made_of, symbol in self.scale_names.items()}
        return posed.not_expanded(self.index, told.get(posed.scale, posed.scale), reason)

    def _logs_of_large(self, term: Term, posed: Posed) -> Term:
        """The term with its logarithms as `count_log` of the large parameter, where scale and end are powers of it."""
        factor, logs = sp.S.One, term.scale_log + term.count_log
        if term.scale_log and posed.scale != 1:
            power = self._power_of_large(posed.scale)
            if self.domain.sign(power) is None:
                raise UnreadableSystem(f"the sign of the logarithm of {self.large}**({power}) is not known")
            factor *= power**term.scale_log
        if term.count_log:
            factor *= self._power_of_large(posed.count) ** term.count_log
        return replace(term, coefficient=factor * term.coefficient, scale_log=0, count_log=logs)

    def _possible(self, scale: sp.Expr, position: Position) -> bool:
        """Whether a scale that is a power of the large parameter can stand there; elsewhere its logarithm has another sign."""
        try:
            sign = self.domain.sign(self._power_of_large(scale))
        except UnreadableSystem:
            return True
        return sign in (None, 1 if position is Position.ABOVE else -1)

    def _power_of_large(self, scale: sp.Expr) -> sp.Expr:
        made_of = next((of for of, symbol in self.scale_names.items() if symbol == scale), scale)
        known = dict(self.stated) | {name: self.large**power for name, power in self.powers.items()}
        power_of = sp.powsimp(made_of.xreplace(known)).as_independent(*self.moving, as_Add=False)[1]
        base, power = power_of.as_base_exp()
        if base != self.large or power.has(*self.moving):
            told = made_of if scale in self.scale_names.values() else scale
            raise OpenLogarithm(
                f"a sum carries a logarithm at these parameters: that of {told}, whose power is not fixed"
            )
        return power

    def _symbol(self, term: Term, posed: Posed) -> sp.Expr:
        """A positive symbol for a coefficient; those in a rational ratio share one, so that they can cancel."""
        if term.coefficient.is_Rational:
            return term.coefficient
        for symbol, (value, _) in self.meaning.items():
            ratio = simplified_ratio(term.coefficient, value)
            if ratio.is_rational_function(*self.domain.field.parameters):
                return symbol * sp.cancel(ratio)
        told = term.coefficient.free_symbols and surely_positive(posed.found.function)
        sign = 1 if told else sign_of_number(term.coefficient)  # what cannot lead may be negative in a positive sum
        symbol = sp.Symbol(f"_coefficient{len(self.meaning) + 1}", positive=True)
        self.meaning[symbol] = (sign * term.coefficient, coefficient_positivity(term, posed.problem, self.domain))
        return sign * symbol
