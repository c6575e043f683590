"""Mellin transforms by rule, with the behaviour at both ends: what the power-sum lemma (theory.md A1) feeds on.

∫ F(u) u^{s-1} du is found for sums of powers times exponentials, Gaussians, erfc, binomials and piecewise powers.
Only the textbook transform of each building block is typed in; a function outside the rules is refused by name
(`MellinUnknown`), never guessed. The transform is meant as its analytic continuation, so that the transform of a
pure power is 0 and a function whose strip is empty still has one. `transform_check` integrates numerically.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import sympy as sp

from .special import HalfMoment
from .taylor import taylor_coefficient

mellin_variable = sp.Symbol("s")
"""The Mellin variable s."""


class MellinUnknown(NotImplementedError):
    """No rule gives the Mellin transform of this function; the message names the part that has none."""


class MellinMismatch(ArithmeticError):
    """A transform found by rule disagrees with a numeric integral: a bug in a rule, never to be caught."""


@dataclass(frozen=True)
class Monomial:
    """coefficient · u^power (log u)^log, one term of an expansion at an end."""

    power: sp.Expr
    coefficient: sp.Expr
    log: int = 0


@dataclass(frozen=True)
class Strip:
    """The fundamental strip lower < Re s < upper in which the Mellin integral converges; it may be empty."""

    lower: sp.Expr
    upper: sp.Expr

    @property
    def is_empty(self) -> bool | None:
        """Whether no s lies inside; None if that depends on parameters."""
        answer = sp.Ge(self.lower, self.upper)
        return bool(answer) if answer in (sp.true, sp.false) else None

    def contains(self, point: sp.Expr) -> sp.Basic:
        """The condition for `point` to lie inside.

        Examples
        --------
        >>> Strip(sp.Integer(-1), sp.Integer(0)).contains(-sp.Rational(1, 2))
        True
        """
        above = sp.true if self.lower == -sp.oo else sp.Lt(self.lower, point)
        return sp.And(above, sp.true if self.upper == sp.oo else sp.Lt(point, self.upper))


@dataclass(frozen=True)
class Break:
    """A point at which the function or a derivative jumps; `jumps[j]` is the jump of the j-th derivative."""

    location: sp.Expr
    jumps: tuple[sp.Expr, ...]


@dataclass(frozen=True)
class Transform:
    """A function with its Mellin transform and its expansions at both ends.

    Parameters
    ----------
    function, variable : sympy.Expr, sympy.Symbol
        F and u.
    formula : sympy.Expr
        F*(s), continued analytically.
    small, large : tuple[Monomial, ...]
        F as u → 0 and as u → ∞, up to `terms` powers a building block, the rest smaller.
    small_omitted, large_omitted : tuple[Monomial, ...]
        The first powers left out, one or none a building block (none: the rest is beyond all powers).
    breaks : tuple[Break, ...]
        Where F is not smooth.
    small_rest, large_rest : tuple[sympy.Expr, ...]
        The powers at which the expansions stop, also where the coefficients of several building blocks cancel there: the
        rest is of that order at most.
    """

    function: sp.Expr
    variable: sp.Symbol
    formula: sp.Expr
    small: tuple[Monomial, ...]
    large: tuple[Monomial, ...]
    small_omitted: tuple[Monomial, ...]
    large_omitted: tuple[Monomial, ...]
    breaks: tuple[Break, ...] = ()
    small_rest: tuple[sp.Expr, ...] = ()
    large_rest: tuple[sp.Expr, ...] = ()

    @property
    def strip(self) -> Strip:
        """The strip, read off the leading powers at both ends."""
        small = [m.power for m in (*self.small, *self.small_omitted)]
        large = [m.power for m in (*self.large, *self.large_omitted)]
        return Strip(-sp.Min(*small) if small else -sp.oo, -sp.Max(*large) if large else sp.oo)

    def at(self, point: sp.Expr) -> sp.Expr:
        """F*(point)."""
        return self.formula.subs(mellin_variable, point)


@dataclass(frozen=True)
class _Block:
    """Transform and end expansions of one building block; the last entry of an infinite expansion is omitted."""

    formula: sp.Expr
    small: tuple[Monomial, ...] = ()
    large: tuple[Monomial, ...] = ()
    small_infinite: bool = False
    large_infinite: bool = False
    breaks: tuple[Break, ...] = ()


@cache
def mellin_transform(function: sp.Expr, variable: sp.Symbol, terms: int = 3) -> Transform:
    """Mellin transform of `function` by rule, with `terms` powers at each end of every building block (A1).

    Raises
    ------
    MellinUnknown
        If a part of the function has no rule.

    Examples
    --------
    >>> u = sp.Symbol("u", positive=True)
    >>> found = mellin_transform(u / (1 + u), u)
    >>> found.strip, [(m.power, m.coefficient) for m in found.large[:2]]
    (Strip(lower=-1, upper=0), [(0, 1), (-1, -1)])
    """
    blocks = [_block(part, variable, terms) for part in parts(function, variable)]
    small_keep, small_omit = _merge([(b.small, b.small_infinite) for b in blocks])
    large_keep, large_omit = _merge([(b.large, b.large_infinite) for b in blocks])
    formula = sp.Add(*(b.formula for b in blocks))
    breaks = tuple(point for b in blocks for point in b.breaks)
    small_rest, large_rest = (
        tuple(dict.fromkeys(monomials[-1].power for monomials, infinite in ends if infinite))
        for ends in ([(b.small, b.small_infinite) for b in blocks], [(b.large, b.large_infinite) for b in blocks])
    )
    return Transform(
        function, variable, formula, small_keep, large_keep, small_omit, large_omit, breaks, small_rest, large_rest
    )


def _merge(ends: Iterable[tuple[tuple[Monomial, ...], bool]]) -> tuple[tuple[Monomial, ...], tuple[Monomial, ...]]:
    """Expansions of the blocks added power by power, split into what is kept and what is omitted."""
    kept: dict[tuple[sp.Expr, int], sp.Expr] = {}
    omitted: dict[tuple[sp.Expr, int], sp.Expr] = {}
    for monomials, infinite in ends:
        for place, monomial in enumerate(monomials):
            target = omitted if infinite and place == len(monomials) - 1 else kept
            key = (monomial.power, monomial.log)
            target[key] = target.get(key, sp.S.Zero) + monomial.coefficient
    for power in [p for p in kept if p in omitted]:  # incomplete, because another block stops there
        omitted[power] += kept.pop(power)
    return _listed(kept), _listed(omitted)


def _listed(found: Mapping[tuple[sp.Expr, int], sp.Expr]) -> tuple[Monomial, ...]:
    """Monomials with a coefficient that is not zero; erfc(-x) + erfc(x) = 2 is the one identity that needs help."""
    reflected = {power: _reflect(sp.expand(value)) for power, value in found.items()}
    return tuple(Monomial(power, value, log) for (power, log), value in reflected.items() if value != 0)


def _reflect(value: sp.Expr) -> sp.Expr:
    """erfc(-x) written as 2 - erfc(x), so that equal things cancel."""
    found = {
        call: 2 - sp.erfc(-call.args[0]) for call in value.atoms(sp.erfc) if call.args[0].could_extract_minus_sign()
    }
    return sp.expand(value.xreplace(found)) if found else value


def parts(function: sp.Expr, variable: sp.Symbol) -> list[sp.Expr]:
    """The summands, with minima, maxima and piecewise parts kept whole."""
    plain = function.rewrite(sp.erfc) if function.has(sp.erf) else function
    if plain.is_rational_function(variable):
        plain = sp.factor(plain)
    return _summands(plain)


def _summands(function: sp.Expr) -> list[sp.Expr]:
    """Products multiplied out from the top, denominators left as they are."""
    if not function.has(sp.Min, sp.Max, sp.Piecewise):
        function = sp.Mul(*(_opened(factor) for factor in sp.Mul.make_args(function)))
    parts = sp.Add.make_args(sp.expand_mul(function, deep=False))
    return [function] if len(parts) == 1 else [piece for part in parts for piece in _summands(part)]


def _opened(factor: sp.Expr) -> sp.Expr:
    """A positive power of a sum, multiplied out."""
    base, power = factor.as_base_exp()
    return sp.expand(factor) if base.is_Add and power.is_Integer and power > 1 else factor


def _block(part: sp.Expr, variable: sp.Symbol, terms: int) -> _Block:
    """One building block: a constant times a power times at most one special factor."""
    if part.has(sp.Min, sp.Max, sp.Piecewise):
        from .pieces import piecewise_block

        return _Block(*piecewise_block(part, variable))
    coefficient, power, exponent, special = taken_apart(part, variable)
    if exponent != 0 and not special:
        return _exponential(coefficient, power, exponent, variable, terms)
    if exponent != 0 or len(special) > 1:
        raise MellinUnknown(f"no rule for a product of special factors: part={part}")
    if not special:
        monomial = (Monomial(power, coefficient),)
        return _Block(sp.S.Zero, monomial, monomial)
    return _special(coefficient, power, special[0], variable, terms)


def taken_apart(part: sp.Expr, variable: sp.Symbol) -> tuple[sp.Expr, sp.Expr, sp.Expr, list[sp.Expr]]:
    """A product as constant, power of the variable, exponent of its exponentials, and the other factors.

    Examples
    --------
    >>> u = sp.Symbol("u", positive=True)
    >>> taken_apart(2 * u**3 * sp.exp(-u) / (1 + u), u)
    (2, 3, -u, [1/(u + 1)])
    """
    coefficient, dependent = part.as_independent(variable, as_Add=False)
    power, exponent, special = sp.S.Zero, sp.S.Zero, []
    for factor in sp.Mul.make_args(dependent):
        if factor == variable or (factor.is_Pow and factor.base == variable and not factor.exp.has(variable)):
            power += factor.as_base_exp()[1]
        elif isinstance(factor, sp.exp):
            exponent += factor.args[0]
        elif factor != 1:
            special.append(factor)
    return coefficient, power, sp.expand(exponent), special


def _special(coefficient: sp.Expr, power: sp.Expr, factor: sp.Expr, variable: sp.Symbol, terms: int) -> _Block:
    """Dispatch on the special factor."""
    if isinstance(factor, sp.erfc):
        return _error_function(coefficient, power, sp.expand(factor.args[0]), variable, terms)
    if isinstance(factor, sp.log):
        from .logarithms import logarithm_block

        return _Block(*logarithm_block(coefficient, power, sp.expand(factor.args[0]), variable, terms))
    base, exponent = factor.as_base_exp()
    if base.is_Add and not exponent.has(variable):
        return _binomial(coefficient, power, base, exponent, variable, terms)
    raise MellinUnknown(f"no rule for factor={factor}")


def _binomial(c: sp.Expr, power: sp.Expr, base: sp.Expr, exponent: sp.Expr, u: sp.Symbol, terms: int) -> _Block:
    """c u^p (A + B u^r)^{-m}: a beta integral."""
    constant, rest = base.as_independent(u, as_Add=True)
    slope, monomial = rest.as_independent(u, as_Add=False)
    root, rate = monomial.as_base_exp()
    if root == u and rate.is_negative:  # A + B/u^r = (B + A u^r)/u^r
        return _binomial(c, power + rate * exponent, slope + constant * u**-rate, exponent, u, terms)
    if root != u or rate.has(u) or not (constant.is_positive and slope.is_positive and rate.is_positive):
        raise MellinUnknown(f"expected A + B u^r with A, B, r > 0, got base={base}")
    m, shift = -exponent, (mellin_variable + power) / rate
    beta = sp.gamma(shift) * sp.gamma(m - shift) / sp.gamma(m)
    formula = c * constant ** (-m) * (constant / slope) ** shift * beta / rate
    small, large = [], []
    for j in range(terms + 1):
        weight = sp.ff(-m, j) / sp.factorial(j)
        small.append(Monomial(power + rate * j, c * weight * constant ** (-m) * (slope / constant) ** j))
        large.append(Monomial(power - rate * (m + j), c * weight * slope ** (-m) * (constant / slope) ** j))
    return _Block(formula, tuple(small), tuple(large), True, True)


def _exponential(c: sp.Expr, power: sp.Expr, exponent: sp.Expr, u: sp.Symbol, terms: int) -> _Block:
    """c u^p exp(-β u^r), a gamma integral, or a shifted Gaussian."""
    free, rest = exponent.as_independent(u, as_Add=True)
    slope, monomial = rest.as_independent(u, as_Add=False)
    root, rate = monomial.as_base_exp()
    if rest.is_Add:
        return _gaussian(c * sp.exp(free), power, rest, u, terms)
    if root != u or rate.has(u) or not (slope.is_negative and rate.is_real and rate.is_nonzero):
        raise MellinUnknown(f"expected exp(-β u^r) with β > 0, got exponent={exponent}")
    shift = (mellin_variable + power) / rate
    formula = c * sp.exp(free) * (-slope) ** (-shift) * sp.gamma(shift) / sp.Abs(rate)
    series = tuple(Monomial(power + rate * j, c * sp.exp(free) * slope**j / sp.factorial(j)) for j in range(terms + 1))
    if rate.is_positive:
        return _Block(formula, small=series, small_infinite=True)
    return _Block(formula, large=series, large_infinite=True)


def _gaussian(c: sp.Expr, power: sp.Expr, quadratic: sp.Expr, u: sp.Symbol, terms: int) -> _Block:
    """c u^p exp(-(βu + δ)² + δ²): a moment of a shifted half line."""
    polynomial = sp.Poly(quadratic, u) if quadratic.is_polynomial(u) else None
    if polynomial is None or polynomial.degree() != 2 or not polynomial.LC().is_negative:
        raise MellinUnknown(f"expected a Gaussian exponent, got exponent={quadratic}")
    beta = sp.sqrt(-polynomial.coeff_monomial(u**2))
    delta = -polynomial.coeff_monomial(u) / (2 * beta)
    order = mellin_variable + power - 1
    moment = _moment(order, -sp.sqrt(2) * delta) * sp.sqrt(sp.pi) / beta * (sp.sqrt(2) * beta) ** (-order)
    series = _taylor(c, sp.exp(quadratic), power, u, terms)
    return _Block(c * sp.exp(delta**2) * moment, small=series, small_infinite=True)


def _error_function(c: sp.Expr, power: sp.Expr, argument: sp.Expr, u: sp.Symbol, terms: int) -> _Block:
    """c u^p erfc(βu + δ); erfc(-x) = 2 - erfc(x) where β < 0."""
    delta, rest = argument.as_independent(u, as_Add=True)
    beta, monomial = rest.as_independent(u, as_Add=False)
    if monomial != u or beta.is_real is not True:
        raise MellinUnknown(f"expected erfc(βu + δ), got argument={argument}")
    if beta.is_negative:
        mirror = _error_function(-c, power, -argument, u, terms)
        constant = (Monomial(power, 2 * c),)
        return _Block(mirror.formula, constant + mirror.small, constant, True)
    if not beta.is_positive:
        raise MellinUnknown(f"the sign of the slope of erfc is not known: slope={beta}")
    order = mellin_variable + power
    formula = 2 * c * _moment(order, -sp.sqrt(2) * delta) / (order * (sp.sqrt(2) * beta) ** order)
    return _Block(formula, small=_taylor(c, sp.erfc(argument), power, u, terms), small_infinite=True)


def _moment(order: sp.Expr, point: sp.Expr) -> sp.Expr:
    """A half moment; about zero it is a gamma function."""
    return HalfMoment.at_zero(order) if point == 0 else HalfMoment(order, point)


def _taylor(c: sp.Expr, factor: sp.Expr, power: sp.Expr, u: sp.Symbol, terms: int) -> tuple[Monomial, ...]:
    """Taylor terms at u = 0 of an entire factor, times c u^power; the last one, the omitted, is the next that is not zero.

    Parity may kill orders: with a zero in that place the remainder would pass for one beyond all powers.
    """
    found: list[Monomial] = []
    for order in range(terms + _PARITY):
        coefficient = sp.expand_mul(c * taylor_coefficient(factor, u, order))
        found.append(Monomial(power + order, coefficient))
        if order >= terms and coefficient != 0:
            break
    return tuple(found)


_PARITY = 3
"""Orders beyond those asked for in which a Taylor coefficient that is not zero is sought; parity kills every other one."""
