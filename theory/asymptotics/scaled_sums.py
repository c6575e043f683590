"""The scale inside a sum over k as a user writes it: Σ F(k^(-γ)/τ), with τ found and the sum made into that form (A1).

Somewhere in the summand a power of k meets something that moves: in a denominator or sum k^(-γ) + τ, in a minimum, or as
the argument of an exponential exp(-t k^(-γ)), whose scale is 1/t. What it meets there is the scale, whatever it is made of.
Steps of gradient descent, (1 - c k^(-γ))^t with 0 < c <= 1, are an exponential to leading order as t grows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import sympy as sp

from .chambers import ParameterDomain
from .coefficients import restored, with_signs_told
from .mellin import MellinUnknown, mellin_transform
from .scales import in_lowest_terms

inner_ratio = sp.Symbol("_ratio", positive=True)
"""Names of the machine begin with an underscore, which no name of a user's does: an unknown may be called u or sum1."""
_scale = sp.Symbol("_scale", positive=True)
_MEETING = (sp.Add, sp.Min, sp.Max, sp.exp, sp.erf, sp.erfc)


class UnreadableSystem(ValueError):
    """The machine cannot read an equation; the reason says which part."""


class OpenLogarithm(UnreadableSystem):
    """A logarithm stands of something whose power of the large parameter is not known."""


class Sum(sp.Function):  # type: ignore[misc]  # SymPy's classes are untyped
    """A sum over k of its first argument, to infinity or to its second, beyond its third, as an opaque function."""

    nargs = (1, 2, 3)

    def _sympystr(self, printer: sp.printing.str.StrPrinter) -> str:
        """As the user writes it; SymPy would take it for its own Sum by the name."""
        if len(self.args) == 3:
            return f"({printer.doprint(Sum(self.args[0]))} - {printer.doprint(Sum(self.args[0], self.args[2]))})"
        return f"powersum({', '.join(printer.doprint(arg) for arg in self.args)})"


@dataclass(frozen=True)
class ScaledSum:
    """coefficient · scale^weight · Σ function(u = k^(-decay)/scale); with a `step`, to leading order as scale → 0.

    Sums over different steps have one leading order and are not equal: the step keeps them apart.

    Examples
    --------
    >>> k, x, t = sp.symbols("k x t", positive=True)
    >>> found = scaled_sum(k**-2 * x / (k**-2 + x), k, (x,))
    >>> found.scale, found.decay, found.weight, found.function
    (x, 2, 1, _ratio/(_ratio + 1))
    >>> found = scaled_sum(k**-3 * sp.exp(-2 * t * k**-2), k, (t,))
    >>> found.scale, found.decay, found.weight, found.function
    (1/(2*t), 2, 3/2, _ratio**(3/2)*exp(-_ratio))
    """

    coefficient: sp.Expr
    scale: sp.Expr
    weight: sp.Expr
    decay: sp.Expr
    function: sp.Expr
    step: sp.Expr | None = None
    told: tuple[tuple[sp.Symbol, sp.Expr], ...] = ()

    def restored(self, expression: sp.Expr) -> sp.Expr:
        """An expression of the function with the sums of parameters put back for which it has positive symbols."""
        return restored(expression, dict(self.told))

    def convergence(self) -> tuple[sp.Basic, ...]:
        """Conditions on the parameters under which the sum to infinity converges: all its powers at large k beat 1/k."""
        try:
            transform = mellin_transform(self.function, inner_ratio, 2)
        except MellinUnknown as error:
            raise UnreadableSystem(f"no Mellin transform of {self.function}: {error}") from error
        powers = [monomial.power for monomial in (*transform.small, *transform.small_omitted)]
        return tuple(sp.Gt(self.decay * power, 1) for power in powers)


@dataclass
class _Summand:
    """A summand with sums that move named, so that what meets a power of k is a product of powers."""

    expression: sp.Expr
    index: sp.Symbol
    moving: tuple[sp.Symbol, ...]
    domain: ParameterDomain
    named: dict[sp.Symbol, sp.Expr] = field(default_factory=dict)
    step: sp.Expr | None = None
    told: dict[sp.Symbol, sp.Expr] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._without_steps()
        self.expression, self.told = with_signs_told(self.expression, self.domain)
        for part in self.expression.atoms(sp.Add):
            still = sp.Add(*(term for term in part.args if not term.has(self.index)))
            if part.has(self.index) and still.is_Add and still.has(*self.moving):
                name = next((n for n, of in self.named.items() if of == still), None)
                name = name or sp.Symbol(f"_part{len(self.named) + 1}", positive=True)
                self.named[name] = still
                self.expression = self.expression.xreplace({part: part - still + name})
        self.moving = (*self.moving, *self.named)

    def _without_steps(self) -> None:
        """(1 - c k^(-γ))^t as exp(-c t k^(-γ)). A single base and no exponential beside it: their difference is no zero."""
        steps = [p for p in self.expression.atoms(sp.Pow) if p.exp.has(*self.moving) and p.base.has(self.index)]
        if not steps:
            return
        bases = {step.base for step in steps}
        rate = 1 - steps[0].base
        size, power = rate.as_independent(self.index, as_Add=False)
        falling = power.as_base_exp()[0] == self.index and _sign(power.as_base_exp()[1], self.domain) < 0
        contracts = self.domain.sign(size) == 1 and self.domain.sign(1 - size) in (0, 1)
        if len(bases) > 1 or self.expression.has(sp.exp) or not (falling and contracts):
            raise UnreadableSystem(f"{steps[0]} is no step (1 - c k^(-γ)) with 0 < c <= 1, or does not stand alone")
        self.step = steps[0].base
        self.expression = self.expression.xreplace({step: sp.exp(-step.exp * rate) for step in steps})

    def ratios(self) -> Iterator[sp.Expr]:
        """What a power of k is compared with something that moves by, wherever the two meet."""
        parts = sorted(self.expression.atoms(*_MEETING), key=sp.default_sort_key)
        for part in parts:
            if not (part.has(self.index) and part.has(*self.moving)):
                continue
            with_index = [term for term in part.args if term.has(self.index)]
            without = [term for term in part.args if not term.has(self.index)]
            if not isinstance(part, sp.Add | sp.Min | sp.Max):
                yield part.args[0]
            elif len(with_index) == len(without) == 1:
                yield with_index[0] / without[0]
            elif len(with_index) == 2 and not without:
                yield with_index[0] / with_index[1]

    def scale_of(self, ratio: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
        """(τ, γ) with ratio = constant · (k^(-γ)/τ)^(±1); None for what is no such product."""
        apart = sp.powsimp(sp.expand_power_base(ratio), combine="exp")  # (k/n)**c has both in one base
        constant, power = apart.as_independent(self.index, as_Add=False)
        base, exponent = power.as_base_exp()
        falling = 0 if exponent.has(*self.moving) else _sign(exponent, self.domain)
        if base != self.index or not falling:
            return None
        rate, mover = constant.as_independent(*self.moving, as_Add=False)
        if mover == 1 or any(not _is_power(factor, self.moving) for factor in sp.Mul.make_args(mover)):
            return None
        if rate.is_Rational and rate < 0:
            mover = -rate * mover  # of an exponential: exp(-u) is compared with its sum more easily than exp(-u/9)
        return (mover, exponent) if falling > 0 else (1 / mover, -exponent)


def _sign(exponent: sp.Expr, domain: ParameterDomain) -> int:
    """1 or -1 by the assumptions of symbols or on the whole domain of the parameters; else 0."""
    plain = int(bool(exponent.is_positive)) - int(bool(exponent.is_negative))
    return plain or (domain.sign(exponent) or 0)


def _is_power(factor: sp.Expr, moving: Sequence[sp.Symbol]) -> bool:
    base, exponent = factor.as_base_exp()
    return base in moving and not exponent.has(*moving)


def scaled_sum(
    summand: sp.Expr, index: sp.Symbol, moving: Sequence[sp.Symbol], domain: ParameterDomain | None = None
) -> ScaledSum:
    """Find the scale inside a sum.

    Parameters
    ----------
    summand : Expr
        In `index` and in positive symbols.
    index : Symbol
        k = 1, 2, ...
    moving : sequence of Symbol
        The large parameter, unknowns and controls: what scales can be made of.
    domain : ParameterDomain, optional
        Of the other symbols.

    Raises
    ------
    UnreadableSystem
        If there is none, or more than one.
    """
    read = _Summand(sp.powsimp(summand), index, tuple(moving), domain or ParameterDomain.of((), ()))
    if not read.expression.has(*read.moving) or _is_pure(read):
        return _without_scale(read)
    ratios = list(read.ratios())
    places = dict.fromkeys(place for place in map(read.scale_of, ratios) if place is not None)
    if not places:
        raise UnreadableSystem(f"no scale inside the sum of {summand}: neither k^(-γ) + x nor the like")
    for scale, decay in places:
        found = _in_scale(read, scale, decay)
        if found is not None:
            return found
    told = "more than one scale inside" if len(places) > 1 else "no function of a power of k over its scale:"
    raise UnreadableSystem(f"{told} the sum of {summand}")


def _is_pure(read: _Summand) -> bool:
    """Whether what moves stands outside of everything that k is in."""
    return not read.expression.as_independent(read.index, as_Add=False)[1].has(*read.moving)


def _without_scale(read: _Summand) -> ScaledSum:
    """c k^(-γ): a zeta function; what does not fall for sure is a power of 1/k."""
    coefficient, rest = read.expression.as_independent(read.index, as_Add=False)
    base, exponent = (read.index, sp.S.Zero) if rest == 1 else rest.as_base_exp()
    if base != read.index or exponent.has(*read.moving):
        raise UnreadableSystem(f"no scale inside the sum of {read.expression}: neither k^(-γ) + x nor the like")
    falls = _sign(exponent, read.domain) < 0
    decay, function = (-exponent, inner_ratio) if falls else (sp.S.One, inner_ratio**-exponent)
    return ScaledSum(_outside(coefficient, read), sp.S.One, sp.S.Zero, decay, function)


def _in_scale(read: _Summand, scale: sp.Expr, decay: sp.Expr) -> ScaledSum | None:
    """The sum in u = k^(-γ)/τ; None if it is no function of that alone."""
    symbol, rewritten = _solved_for(read, scale)
    coefficient, rest = rewritten.as_independent(read.index, symbol, as_Add=False)
    if rest.has(*(mover for mover in read.moving if mover != symbol)):
        return None
    inside = _simple(rest.subs(read.index, inner_ratio ** (-1 / decay) * symbol ** (-1 / decay)))
    inside = inside.replace(lambda part: isinstance(part, sp.Min | sp.Max), lambda part: _drawn_out(part, symbol))
    weight = _log_slope(inside, symbol)
    if weight.has(symbol, inner_ratio):
        return None
    function = _simple(inside.subs(symbol, 1))
    held = tuple((name, value) for name, value in read.told.items() if function.has(name))
    before, place = (_outside(part, read) for part in (coefficient, scale))
    return ScaledSum(before, place, sp.expand(weight), decay, function, read.step, held)


def _log_slope(expression: sp.Expr, symbol: sp.Symbol) -> sp.Expr:
    """The power of the symbol that an expression grows by; a common fraction is mostly enough to see that it is one."""
    slope = symbol * sp.diff(sp.log(expression), symbol)
    quotient = sp.cancel(sp.powsimp(sp.expand_power_exp(sp.together(slope))))
    return sp.simplify(slope) if quotient.has(symbol, inner_ratio) else quotient


def _outside(part: sp.Expr, read: _Summand) -> sp.Expr:
    """What stands outside of a sum, as the user wrote it."""
    return restored(part.subs(read.named), read.told)


def _solved_for(read: _Summand, scale: sp.Expr) -> tuple[sp.Symbol, sp.Expr]:
    """The summand with the scale as a symbol, in place of one of the symbols that it is made of."""
    if scale.is_Symbol:
        return scale, read.expression
    gone = sorted(scale.free_symbols & set(read.moving), key=lambda s: s.name)[0]
    power = scale.as_powers_dict()[gone]
    value = sp.powdenest((_scale * gone**power / scale) ** (1 / power))
    return _scale, _simple(read.expression.subs(gone, value))


def _simple(expression: sp.Expr) -> sp.Expr:
    """Powers of products taken apart and powers of one base put together, in exponentials as well; exponents in lowest terms."""
    return in_lowest_terms(sp.powsimp(sp.expand_power_base(expression.replace(_is_stacked, _unstacked)), deep=True))


def _is_stacked(part: sp.Basic) -> bool:
    """A power of a power of what is positive: SymPy does not know that u**(1/(m - 1)) is, where m might be 1."""
    return bool(part.is_Pow and part.base.is_Pow and part.base.base.is_positive)


def _unstacked(power: sp.Pow) -> sp.Expr:
    return power.base.base ** (power.base.exp * power.exp)


def _drawn_out(extremum: sp.Expr, symbol: sp.Symbol) -> sp.Expr:
    """A minimum or maximum with the power of the scale that all its arguments share in front."""
    powers = {sp.simplify(symbol * sp.diff(sp.log(part), symbol)) for part in extremum.args}
    if len(powers) != 1:
        return extremum
    (power,) = powers
    return symbol**power * extremum.func(*(sp.powsimp(part / symbol**power) for part in extremum.args))
