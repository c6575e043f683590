"""Equations as a user writes them, with sums over k = 1, 2, ..., made into a system of balances for the engine (A1, A2).

A sum Σ F(k^(-γ)/τ) with a scale τ inside is found by `scaled_sums`. It is expanded by the power-sum lemma with τ among the
atoms, above them and, where the sum ends, below them, every expansion compared with the sum itself before it is used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType

import sympy as sp

from .chambers import ParameterDomain
from .differences import Difference
from .edge_sums import compared, compared_beyond, end_ratio, end_share, rest_share
from .explicit_unknowns import stated_powers, without_unasked
from .function_calls import named_functions, without_negative_powers
from .logarithms import with_most_logarithms
from .mellin import MellinUnknown, mellin_transform
from .positivity import sign_of_number, surely_positive
from .power_sums import DivergentSum, Expansion, Position, Term, merged
from .read_system import ReadSystem
from .scale_functions import ScaleFunction, corner_function
from .scaled_sums import OpenLogarithm, Sum, UnreadableSystem, inner_ratio, scaled_sum
from .scales import order_one
from .signs import coefficient_positivity, is_rational, sign_on, simplified_ratio
from .systems import Comparison, Corner, CornerFunction, System, much_less, same_scale
from .tails import expanded, with_tails
from .term_order import beats_everywhere
from .written_out import Posed, WrittenOut

Values = Mapping[sp.Symbol, sp.Expr]


def read_equations(
    equations: Sequence[sp.Eq], large: sp.Symbol, unknowns: Sequence[sp.Symbol], exponents: Values,
    parameters: Mapping[sp.Symbol, Sequence[sp.Rel]], index: sp.Symbol, sample: Values,
    observable: sp.Symbol | None = None, written_out: bool = False, powers: Values = MappingProxyType({}),
) -> ReadSystem:  # fmt: skip
    """Make equations with sums into a system of balances (A2).

    Parameters
    ----------
    equations : sequence of sympy.Eq
        In the unknowns, with `Sum`.
    large : Symbol
        The large parameter.
    unknowns : sequence of Symbol
        Positive.
    exponents : mapping
        Of every control, the symbol of its exponent: control = large**exponent.
    parameters : mapping
        With strict inequalities.
    index : Symbol
        Of the sums.
    sample : mapping
        Values of the parameters at which expansions are compared with the sums.
    observable : Symbol, optional
        The unknown that is asked for. Another one that only names a sum which may be exponentially small is put in where it
        occurs: it has no scale of its own there; one that only names a positive formula of the others is left out.
    written_out : bool
        Whether sums that are functions of the large parameter alone are written out to a further order and added up: where
        leading terms cancel.
    powers : mapping, optional
        Of unknowns whose power of the large parameter is known to be this one, not 0: what their logarithm is.

    Raises
    ------
    UnreadableSystem
        With the part that cannot be read.

    Notes
    -----
    When this is wrong: a sum whose scale is of order one, between the two corners, has no expansion here.
    """
    builder = _Builder(index, large, tuple(unknowns), tuple(exponents), dict(sample), parameters)
    builder.stated = stated_powers(equations, unknowns, builder.moving)
    builder.powers = dict(powers)
    equations = [with_tails(item, index, builder.domain) for item in equations]
    equations, unknowns = without_unasked(equations, unknowns, observable, builder.always_there)
    equations, unknowns = builder.without_names_of_small_sums(list(equations), list(unknowns), observable)
    terms = [builder.terms(item) for item in equations]
    functions = builder.functions()
    writer = builder.writer()
    terms = [writer.terms(parts) for parts in terms] if written_out else terms
    written = tuple(builder.equation(item, parts) for item, parts in zip(equations, terms, strict=True))
    named = (
        *builder.names.values(),
        *builder.scale_names.values(),
        *builder.scale_functions.values(),
        *builder.sizes.values(),
    )
    controls = {control: large**exponent for control, exponent in exponents.items()}
    places = tuple(exponents.values())
    equations_ = (*written, *builder.scale_equations())
    known = (*functions, *writer.functions())
    system = System(large, (*unknowns, *named), controls, places, equations_, (), dict(parameters), known)
    return ReadSystem(system, builder.meaning, builder.convergence(), tuple(builder.open_ends))


class _Builder:
    def __init__(
        self, index: sp.Symbol, large: sp.Symbol, unknowns: tuple[sp.Symbol, ...], controls: tuple[sp.Symbol, ...],
        sample: dict[sp.Symbol, sp.Expr], parameters: Mapping[sp.Symbol, Sequence[sp.Rel]],
    ) -> None:  # fmt: skip
        self.index, self.large, self.unknowns, self.sample = index, large, unknowns, sample
        self.fixed = (large, *controls)
        self.moving = (large, *unknowns, *controls)
        self.domain = ParameterDomain.of(tuple(parameters), [r for several in parameters.values() for r in several])
        self.names: dict[Posed, sp.Symbol] = {}
        self.signs: dict[Posed, int] = {}
        self.scale_names: dict[sp.Expr, sp.Symbol] = {}
        self.scale_functions: dict[ScaleFunction, sp.Symbol] = {}
        self.sizes: dict[Difference, sp.Symbol] = {}
        self.meaning: dict[sp.Symbol, tuple[sp.Expr, sp.Basic]] = {}
        self.stated: Mapping[sp.Symbol, sp.Expr] = {}
        self.powers: dict[sp.Symbol, sp.Expr] = {}
        self.open_ends: dict[str, None] = {}
        self.left_out: list[sp.Basic] = []

    def terms(self, item: sp.Eq) -> tuple[sp.Expr, ...]:
        """left - right multiplied out, sums named."""
        without_sums = (item.lhs - item.rhs).replace(Sum, self.named)
        without_sums = without_sums.replace(sp.Abs, self._size)
        bare = named_functions(without_sums, self._moving_now(), self._sign_beside_logs, self._function_symbol)
        whole = without_negative_powers(sp.expand(bare), tuple(self.scale_functions.values()))
        return tuple(sp.Add.make_args(whole))

    def _moving_now(self) -> tuple[sp.Symbol, ...]:
        """What moves, the sums by their names among it."""
        return (*self.moving, *self.names.values())

    def _sign_beside_logs(self, coefficient: sp.Expr) -> int | None:
        """The sign of a coefficient; the logarithm of the large parameter is positive."""
        log = sp.log(self.large)
        return sign_on(coefficient.as_independent(log, as_Add=False)[0], self.domain)

    def _function_symbol(self, function: ScaleFunction) -> sp.Symbol:
        """The value of a function outside sums, by a name."""
        if function not in self.scale_functions:
            self.scale_functions[function] = sp.Symbol(f"_function{len(self.scale_functions) + 1}", positive=True)
        return self.scale_functions[function]

    def _size(self, inside: sp.Expr) -> sp.Expr:
        """The absolute value of a difference of two powers, by a name."""
        found = Difference.of(inside, self._moving_now(), self._sign_beside_logs) if inside.has(*self.moving) else None
        if found is None:
            return sp.Abs(inside)
        return self.sizes.setdefault(found, sp.Symbol(f"_size{len(self.sizes) + 1}", positive=True))

    def _corner_functions(self) -> tuple[CornerFunction, ...]:
        """Functions outside sums, by their corners."""
        fixed = {symbol: symbol for symbol in self.fixed}
        sizes = (found.corners(name, {**self.stated, **fixed}, self.domain.sign) for found, name in self.sizes.items())
        return *sizes, *(
            corner_function(function, symbol, self._scale_symbol(function.argument), self.large, self.fixed)
            for function, symbol in self.scale_functions.items()
        )

    def equation(self, item: sp.Eq, terms: Sequence[sp.Expr]) -> sp.Eq:
        """The negative terms on the other side; what sums have for coefficients by the symbols of those."""
        parts = sp.Add.make_args(sp.Add(*map(self._shared, terms)))
        negative = [part for part in parts if part.as_coeff_Mul()[0] < 0]
        positive = [part for part in parts if part not in negative]
        if not negative or not positive:
            raise UnreadableSystem(f"no positive solution: all terms of {item.lhs} = {item.rhs} have one sign")
        return sp.Eq(sp.Add(*positive), -sp.Add(*negative), evaluate=False)

    def _shared(self, term: sp.Expr) -> sp.Expr:
        """A term of an equation with its coefficient by the symbol of a sum's, where their ratio is rational: they may cancel."""
        moving = (*self._moving_now(), *self.scale_names.values(), *self.scale_functions.values(), *self.sizes.values())
        coefficient, rest = term.as_independent(*moving, as_Add=False)
        if is_rational(coefficient, self.domain):
            return term
        for symbol, (value, _) in self.meaning.items():
            ratio = simplified_ratio(coefficient, value)
            if is_rational(ratio, self.domain):
                return symbol * sp.cancel(ratio) * rest
        return term

    def without_names_of_small_sums(
        self, equations: list[sp.Eq], unknowns: list[sp.Symbol], observable: sp.Symbol | None
    ) -> tuple[list[sp.Eq], list[sp.Symbol]]:
        """Equations `name = ...` of sums that may vanish, put into the others; their names are unknowns no more."""
        for item in list(equations):
            name, value = (item.lhs, item.rhs) if item.lhs in unknowns else (item.rhs, item.lhs)
            wanted = observable is None or name == observable or name not in unknowns or value.has(name)
            if wanted or not any(self._may_vanish(*part.args) for part in value.atoms(Sum)):
                continue
            if not self._surely_positive(value):
                raise UnreadableSystem(f"{name} may be exponentially small, and of either sign")
            equations.remove(item)
            unknowns.remove(name)
            put = {name: value}
            equations = [sp.Eq(e.lhs.subs(put), e.rhs.subs(put), evaluate=False) for e in equations]
        return equations, unknowns

    def always_there(self, value: sp.Expr) -> bool:
        """Whether a formula is positive wherever its sums converge; where they do is kept."""
        sums = value.atoms(Sum)
        if any(len(part.args) > 1 and part.args[1] != self.large for part in sums):  # it may end before it begins
            return False
        try:
            found = [
                scaled_sum(part.args[0], self.index, self.moving, self.domain) for part in sums if len(part.args) == 1
            ]
            positive = self._surely_positive(value)
        except UnreadableSystem:
            return False
        self.left_out += [c for item in found for c in item.convergence() if positive]
        return positive

    def _surely_positive(self, value: sp.Expr) -> bool:
        """Whether a sum of products is positive by the signs of what it is made of."""
        for part in value.atoms(Sum):
            if not surely_positive(scaled_sum(part.args[0], self.index, self.moving, self.domain).function):
                return False
        return bool(value.replace(Sum, lambda *_: sp.Dummy(positive=True)).is_positive)

    def _may_vanish(self, summand: sp.Expr, count: sp.Expr = sp.oo, _beyond: sp.Expr = sp.S.Zero) -> bool:
        """Whether a sum is below every power when all its atoms are above the scale: exp(-t k^(-b)) up to k << t^(1/b)."""
        if count == sp.oo:
            return False
        try:
            return not mellin_transform(
                scaled_sum(summand, self.index, self.moving, self.domain).function, inner_ratio, 2
            ).large
        except (UnreadableSystem, MellinUnknown):
            return False

    def named(self, summand: sp.Expr, count: sp.Expr = sp.oo, beyond: sp.Expr = sp.S.Zero) -> sp.Expr:
        """The symbol of a sum, times what does not depend on its index and scale."""
        found = scaled_sum(summand, self.index, self.moving, self.domain)
        count = beyond if beyond != 0 else count
        if count != sp.oo and not count.has(*self.moving):
            raise UnreadableSystem(f"a sum that ends at {count} for good has no limit to expand in")
        ends = sp.oo if count == sp.oo else self._scale_symbol(count)
        bare = replace(found, coefficient=sp.S.One)
        posed = Posed(bare, self._scale_symbol(found.scale), ends, beyond != 0)
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

    def _scale_symbol(self, scale: sp.Expr) -> sp.Expr:
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
        of_sums = tuple(CornerFunction(self._title(*key[:2]), self._corners(alike)) for key, alike in places.items())
        return (*of_sums, *self._corner_functions())

    def _title(self, scale: sp.Expr, count: sp.Expr) -> str:
        """In the user's letters."""
        told = {symbol: made_of for made_of, symbol in self.scale_names.items()}
        over = [] if scale == 1 else [f"over {told.get(scale, scale)}"]
        return " ".join(["sums", *over, *([] if count == sp.oo else [f"up to {told.get(count, count)}"])])

    def convergence(self) -> tuple[sp.Basic, ...]:
        """Conditions on the parameters under which every sum without an end converges."""
        found = [
            c for posed in self.names if posed.count == sp.oo or posed.beyond for c in posed.found.convergence()
        ] + self.left_out
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
