"""Equations as a user writes them, with sums over k = 1, 2, ..., made into a system of balances for the engine (A2).

Sums, and functions outside of them, are given names, of which `named_sums` and `scale_functions` know the corners; what is
left are products of powers, positive ones on one side and negative ones on the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import sympy as sp

from .chambers import ParameterDomain
from .differences import Difference
from .explicit_unknowns import stated_powers, without_unasked
from .function_calls import named_functions, without_negative_powers
from .mellin import MellinUnknown, mellin_transform
from .named_sums import NamedSums
from .positivity import surely_positive
from .read_system import ReadSystem
from .scale_functions import ScaleFunction, corner_function
from .scaled_sums import ScaledSum, Sum, UnreadableSystem, inner_ratio, scaled_sum
from .signs import is_rational, sign_on, simplified_ratio
from .systems import CornerFunction, System
from .tails import with_tails

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
    domain = ParameterDomain.of(tuple(parameters), [r for several in parameters.values() for r in several])
    sums = NamedSums(index, large, tuple(unknowns), tuple(exponents), sample, domain)
    sums.stated = stated_powers(equations, unknowns, sums.moving)
    sums.powers = dict(powers)
    builder = _Builder(sums)
    equations = [with_tails(item, index, domain) for item in equations]
    equations, unknowns = without_unasked(equations, unknowns, observable, builder.always_there)
    equations, unknowns = builder.without_names_of_small_sums(list(equations), list(unknowns), observable)
    terms = [builder.terms(item) for item in equations]
    functions = (*sums.functions(), *builder.functions())
    writer = sums.writer()
    terms = [writer.terms(parts) for parts in terms] if written_out else terms
    written = tuple(builder.equation(item, parts) for item, parts in zip(equations, terms, strict=True))
    controls = {control: large**exponent for control, exponent in exponents.items()}
    places = tuple(exponents.values())
    equations_ = (*written, *sums.scale_equations())
    known = (*functions, *writer.functions())
    system = System(large, (*unknowns, *builder.named()), controls, places, equations_, (), dict(parameters), known)
    return ReadSystem(system, sums.meaning, builder.convergence(), tuple(sums.open_ends))


class _Builder:
    """Gives names to what is no product of powers: sums, functions of what moves, sizes of differences."""

    def __init__(self, sums: NamedSums) -> None:
        self.sums, self.domain, self.moving = sums, sums.domain, sums.moving
        self.scale_functions: dict[ScaleFunction, sp.Symbol] = {}
        self.sizes: dict[Difference, sp.Symbol] = {}
        self.left_out: list[sp.Basic] = []

    def named(self) -> tuple[sp.Symbol, ...]:
        """All names that were given."""
        sums = (*self.sums.names.values(), *self.sums.scale_names.values())
        return (*sums, *self.scale_functions.values(), *self.sizes.values())

    def terms(self, item: sp.Eq) -> tuple[sp.Expr, ...]:
        """left - right multiplied out, sums named."""
        without_sums = (item.lhs - item.rhs).replace(Sum, self.sums.named)
        without_sums = without_sums.replace(sp.Abs, self._size)
        bare = named_functions(without_sums, self._moving_now(), self._sign_beside_logs, self._function_symbol)
        self._require_plain_arguments(bare)
        whole = without_negative_powers(sp.expand(bare), tuple(self.scale_functions.values()))
        return tuple(sp.Add.make_args(whole))

    def _require_plain_arguments(self, bare: sp.Expr) -> None:
        """A function of a function that no rule has made one of is not read, and is told in the user's letters."""
        names = {name: function.told for function, name in self.scale_functions.items()}
        for part in bare.atoms(sp.exp, sp.log, sp.erf, sp.erfc):
            if part.has(*names):
                raise UnreadableSystem(f"{part.xreplace(names)} is a function of a function, which is not read")

    def _moving_now(self) -> tuple[sp.Symbol, ...]:
        """What moves, the sums by their names among it."""
        return (*self.moving, *self.sums.names.values())

    def _sign_beside_logs(self, coefficient: sp.Expr) -> int | None:
        """The sign of a coefficient; the logarithm of the large parameter is positive."""
        log = sp.log(self.sums.large)
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

    def functions(self) -> tuple[CornerFunction, ...]:
        """Functions outside sums, by their corners."""
        known = {**self.sums.stated, **{symbol: symbol for symbol in self.sums.fixed}}
        sizes = (found.corners(name, known, self.domain.sign) for found, name in self.sizes.items())
        return *sizes, *(
            corner_function(function, name, self.sums.scale_symbol(function.argument), self.sums.large, self.sums.fixed)
            for function, name in self.scale_functions.items()
        )

    def convergence(self) -> tuple[sp.Basic, ...]:
        """Conditions on the parameters under which every sum without an end converges, those left out among them."""
        return tuple(dict.fromkeys(item for item in (*self.sums.convergence(), *self.left_out) if item != sp.true))

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
        coefficient, rest = term.as_independent(*self.moving, *self.named(), as_Add=False)
        if is_rational(coefficient, self.domain):
            return term
        for symbol, (value, _) in self.sums.meaning.items():
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
        if any(len(part.args) > 1 and part.args[1] != self.sums.large for part in sums):  # it may end before it begins
            return False
        try:
            found = [self._scaled(part.args[0]) for part in sums if len(part.args) == 1]
            positive = self._surely_positive(value)
        except UnreadableSystem:
            return False
        self.left_out += [c for item in found for c in item.convergence() if positive]
        return positive

    def _surely_positive(self, value: sp.Expr) -> bool:
        """Whether a sum of products is positive by the signs of what it is made of."""
        for part in value.atoms(Sum):
            if not surely_positive(self._scaled(part.args[0]).function):
                return False
        return bool(value.replace(Sum, lambda *_: sp.Dummy(positive=True)).is_positive)

    def _may_vanish(self, summand: sp.Expr, count: sp.Expr = sp.oo, _beyond: sp.Expr = sp.S.Zero) -> bool:
        """Whether a sum is below every power when all its atoms are above the scale: exp(-t k^(-b)) up to k << t^(1/b)."""
        if count == sp.oo:
            return False
        try:
            return not mellin_transform(self._scaled(summand).function, inner_ratio, 2).large
        except (UnreadableSystem, MellinUnknown):
            return False

    def _scaled(self, summand: sp.Expr) -> ScaledSum:
        return scaled_sum(summand, self.sums.index, self.moving, self.domain)
