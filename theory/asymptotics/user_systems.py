"""Equations as a user writes them, with sums over k = 1, 2, ..., made into a system of balances for the engine (A1, A2).

A sum Σ F(k^(-γ)/τ) with a scale τ inside is found by its first denominator or sum: k^(-γ) + τ. It is expanded by the
power-sum lemma with τ among the atoms and above them, every expansion compared with the sum itself before it is used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sympy as sp

from .mellin import MellinUnknown, mellin_transform
from .power_sums import DivergentSum, Position, PowerSum, Term, expand
from .systems import Corner, CornerFunction, System, much_less

Values = Mapping[sp.Symbol, sp.Expr]
inner_ratio = sp.Symbol("_ratio", positive=True)
"""Names of the machine begin with an underscore, which no name of a user's does: an unknown may be called u or sum1."""


class UnreadableSystem(ValueError):
    """The machine cannot read an equation; the reason says which part."""


class Sum(sp.Function):  # type: ignore[misc]  # SymPy's classes are untyped
    """A sum over k of its first argument, to infinity or to its second, as an opaque function."""

    nargs = (1, 2)


@dataclass(frozen=True)
class ScaledSum:
    """coefficient · scale^weight · Σ function(u = k^(-decay)/scale).

    Examples
    --------
    >>> k, x = sp.symbols("k x", positive=True)
    >>> found = scaled_sum(k**-2 * x / (k**-2 + x), k, (x,))
    >>> found.scale, found.decay, found.weight, found.function
    (x, 2, 1, _ratio/(_ratio + 1))
    """

    coefficient: sp.Expr
    scale: sp.Symbol
    weight: sp.Expr
    decay: sp.Expr
    function: sp.Expr


@dataclass(frozen=True)
class ReadSystem:
    """The system for the engine, what its positive symbols stand for: (value, when it is certainly positive), and when
    its sums converge: where they do not there are no equations."""

    system: System
    meaning: Mapping[sp.Symbol, tuple[sp.Expr, sp.Basic]]
    convergence: tuple[sp.Basic, ...] = ()

    def restored(self, expression: sp.Expr) -> sp.Expr:
        """An expression of the engine with the coefficients put back."""
        return expression.subs({symbol: value for symbol, (value, _) in self.meaning.items()})

    def conditions(self, expression: sp.Expr) -> tuple[sp.Basic, ...]:
        """Under which the coefficients in an expression are certainly positive."""
        found = [c for symbol, (_, c) in self.meaning.items() if symbol in expression.free_symbols]
        return tuple(part for c in found for part in (c.args if isinstance(c, sp.And) else (c,)) if part != sp.true)


def read_equations(
    equations: Sequence[sp.Eq], large: sp.Symbol, unknowns: Sequence[sp.Symbol], exponents: Values,
    parameters: Mapping[sp.Symbol, Sequence[sp.Rel]], index: sp.Symbol, sample: Values,
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

    Raises
    ------
    UnreadableSystem
        With the part that cannot be read.

    Notes
    -----
    When this is wrong: a sum whose scale is of order one, between the two corners, has no expansion here.
    """
    builder = _Builder(index, tuple(unknowns), tuple(exponents), dict(sample), tuple(parameters))
    written = tuple(builder.equation(item) for item in equations)
    controls = {control: large**exponent for control, exponent in exponents.items()}
    places = tuple(exponents.values())
    system = System(
        large, (*unknowns, *builder.names.values()), controls, places, written, (), dict(parameters), builder.functions()
    )  # fmt: skip
    return ReadSystem(system, builder.meaning, builder.convergence())


class _Builder:
    def __init__(
        self, index: sp.Symbol, unknowns: tuple[sp.Symbol, ...], controls: tuple[sp.Symbol, ...],
        sample: dict[sp.Symbol, sp.Expr], parameters: tuple[sp.Symbol, ...],
    ) -> None:  # fmt: skip
        self.index, self.scales, self.sample, self.parameters = index, (*unknowns, *controls), sample, parameters
        self.names: dict[sp.Expr, sp.Symbol] = {}
        self.read: dict[sp.Expr, ScaledSum] = {}
        self.meaning: dict[sp.Symbol, tuple[sp.Expr, sp.Basic]] = {}

    def equation(self, item: sp.Eq) -> sp.Eq:
        """left - right multiplied out, the negative terms on the other side."""
        parts = sp.Add.make_args(sp.expand((item.lhs - item.rhs).replace(Sum, self.named)))
        negative = [part for part in parts if part.as_coeff_Mul()[0] < 0]
        positive = [part for part in parts if part not in negative]
        if not negative or not positive:
            raise UnreadableSystem(f"no positive solution: all terms of {item.lhs} = {item.rhs} have one sign")
        return sp.Eq(sp.Add(*positive), -sp.Add(*negative), evaluate=False)

    def named(self, *args: sp.Expr) -> sp.Expr:
        """The symbol of a sum, times what does not depend on its index and scale."""
        if len(args) > 1:
            raise UnreadableSystem("sums with an upper end are not expanded for systems; numbers alone can speak")
        found = scaled_sum(args[0], self.index, self.scales)
        bare = PowerSum(found.function, inner_ratio, found.decay, found.scale, sp.oo)
        key = (bare, found.weight)
        if key not in self.names:
            self.names[key] = sp.Symbol(f"_sum{len(self.names) + 1}", positive=True)
            self.read[key] = found
        return found.coefficient * self.names[key]

    def functions(self) -> tuple[CornerFunction, ...]:
        """One function a scale: its corners are where the scale stands among the atoms."""
        scales = dict.fromkeys(found.scale for found in self.read.values())
        return tuple(CornerFunction(f"sums over {scale}", self._corners(scale)) for scale in scales)

    def convergence(self) -> tuple[sp.Basic, ...]:
        """Conditions on the parameters under which every sum converges: all powers of its terms at large k beat 1/k."""
        found: list[sp.Basic] = []
        for sum_ in self.read.values():
            transform = mellin_transform(sum_.function, inner_ratio, 2)
            powers = [monomial.power for monomial in (*transform.small, *transform.small_omitted)]
            found += [sp.Gt(sum_.decay * power, 1) for power in powers]
        return tuple(dict.fromkeys(condition for condition in found if condition != sp.true))

    def _corners(self, scale: sp.Symbol) -> tuple[Corner, ...]:
        small, large = much_less(scale, 1), much_less(1, scale)
        return tuple(
            Corner(position.name, (condition,), self._values(scale, position))
            for position, condition in ((Position.INSIDE, small), (Position.ABOVE, large))
        )

    def _values(self, scale: sp.Symbol, position: Position) -> dict[sp.Symbol, sp.Expr]:
        mine = {key: found for key, found in self.read.items() if found.scale == scale}
        return {self.names[key]: self._expanded(key[0], found, position) for key, found in mine.items()}

    def _expanded(self, posed: PowerSum, found: ScaledSum, position: Position) -> sp.Expr:
        try:
            terms = expand(posed, position, 2, self.sample).terms
        except (MellinUnknown, DivergentSum, ArithmeticError, ValueError, TypeError) as error:
            raise UnreadableSystem(f"the sum of {posed.function} is not expanded: {error}") from error
        if any(term.scale_log for term in terms):
            raise UnreadableSystem("a sum carries a logarithm at these parameters")
        listed = [(term, sp.expand(found.weight + term.scale_power)) for term in terms if term.coefficient != 0]
        kept = [(t, p) for t, p in listed if not any(_beats(q, p, position) for _, q in listed)]
        return sp.Add(*(self._symbol(term, posed) * found.scale**power for term, power in kept))

    def _symbol(self, term: Term, posed: PowerSum) -> sp.Expr:
        """A positive symbol for a coefficient; those in a rational ratio share one, so that they can cancel."""
        if term.coefficient.is_Rational and term.coefficient > 0:
            return term.coefficient
        for symbol, (value, _) in self.meaning.items():
            ratio = sp.simplify(term.coefficient / value)
            if ratio.is_rational_function(*self.parameters):
                return symbol * sp.cancel(ratio)
        symbol = sp.Symbol(f"_coefficient{len(self.meaning) + 1}", positive=True)
        self.meaning[symbol] = (term.coefficient, _positivity(term, posed))
        return symbol


def scaled_sum(summand: sp.Expr, index: sp.Symbol, scales: Sequence[sp.Symbol]) -> ScaledSum:
    """Find the scale inside a sum.

    Raises
    ------
    UnreadableSystem
        If there is none, or more than one.
    """
    sums = [a for a in summand.atoms(sp.Add) if a.has(index) and a.has(*scales)] if scales else []
    if not sums:
        raise UnreadableSystem(f"no scale inside the sum of {summand}: neither k^(-γ) + x nor the like")
    scale, decay = _scale_of(sums[0], index, scales)
    coefficient, rest = summand.as_independent(index, scale, as_Add=False)
    if rest.has(*(s for s in scales if s != scale)):
        raise UnreadableSystem(f"more than one scale inside the sum of {summand}")
    inside = sp.powsimp(rest.subs(index, (inner_ratio * scale) ** (-1 / decay)))
    weight = sp.simplify(scale * sp.diff(sp.log(inside), scale))
    if weight.has(scale, inner_ratio):
        raise UnreadableSystem(f"the sum of {summand} is no function of k^(-γ)/{scale}")
    function = sp.powsimp(inside.subs(scale, 1))
    return ScaledSum(coefficient, scale, sp.expand(weight), decay, function)


def _scale_of(denominator: sp.Add, index: sp.Symbol, scales: Sequence[sp.Symbol]) -> tuple[sp.Symbol, sp.Expr]:
    """τ and γ from k^(-γ) + τ, up to order."""
    parts = list(denominator.args)
    moving = [part for part in parts if part.has(index)]
    still = [part for part in parts if not part.has(index)]
    if len(moving) != 1 or len(still) != 1 or still[0] not in scales:
        raise UnreadableSystem(f"{denominator} is not k^(-γ) + x with a single unknown or control x")
    base, exponent = moving[0].as_base_exp()
    if base != index or not (-exponent).is_positive:
        raise UnreadableSystem(f"{moving[0]} is no falling power of {index}")
    return still[0], -exponent


def _beats(first: sp.Expr, second: sp.Expr, position: Position) -> bool:
    """Whether scale^first is larger by a power than scale^second for all parameters, as far as their signs tell."""
    gap = sp.expand(second - first)
    return bool(gap.is_positive if position is Position.INSIDE else gap.is_negative)


def _positivity(term: Term, posed: PowerSum) -> sp.Basic:
    """When a coefficient is certainly positive: an integral inside its strip, a zeta function beyond 1."""
    if term.origin == "window":
        return mellin_transform(posed.function, posed.variable, 2).strip.contains(-1 / posed.decay)
    return sp.And(*(sp.Gt(z.args[0], 1) for z in term.coefficient.atoms(sp.zeta)))
