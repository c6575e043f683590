"""Power sums with a second scale inside: Σ F(k^{-γ}/τ; α) with α → 0 or α → ∞ together with τ (theory.md A1).

α → 0: F is a Taylor series in α whose coefficients are functions of u, each summed by the lemma.
α → ∞: the coefficients of the lemma are expanded in 1/α; Gaussian tails e^{-α²/2} are set apart, since they are
below every power of a large α and yet decide when α grows like the root of a logarithm. The position then refers
to the threshold t = ατ, at which such functions have their step, and no longer to τ.
"""

from __future__ import annotations

import enum
import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import sympy as sp

from ..nonzero import vanishes
from .confirm import confirm_ends, sample_values, total, tried, unpowered
from .direct_sums import finite_sum
from .mellin import Break, MellinUnknown, Monomial, Transform, mellin_transform
from .power_sums import Expansion, Position, PowerSum, Term, break_terms, expand, merged, unconfirmed
from .special import HalfMoment
from .taylor import taylor_coefficient


class Corner(enum.Enum):
    """What the second scale α does."""

    SMALL = "the ratio tends to zero"
    LARGE = "the ratio grows as a power"


@dataclass(frozen=True)
class RatioExpansion:
    """Terms scale^x count^y ratio^z of a power sum with a second scale, and the comparison that it passed.

    Parameters
    ----------
    problem, ratio, corner, position
        What was expanded, in which corner; for `Corner.LARGE` the position is that of ratio·scale.
    terms, omitted : tuple[Term, ...]
        Kept and first omitted, as in `Expansion`.
    gaussian : tuple[Term, ...]
        Factors of e^{-ratio²/2} in the leading tail, kept for the logarithmic corner; not part of `expression`.
    confirmed : Mapping[str, object]
        Rows of the comparison.
    """

    problem: PowerSum
    ratio: sp.Symbol
    corner: Corner
    position: Position
    terms: tuple[Term, ...]
    omitted: tuple[Term, ...]
    gaussian: tuple[Term, ...] = ()
    confirmed: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def __str__(self) -> str:
        return f"{self.problem.function} ({self.corner.value}, {self.position.value})"

    def expression(self) -> sp.Expr:
        """The sum of the kept terms."""
        problem = self.problem
        return sp.Add(*(term.expression(problem.scale, problem.count, self.ratio) for term in self.terms))


@cache
def expand_ratio(
    problem: PowerSum, ratio: sp.Symbol, corner: Corner, position: Position, orders: int = 2, terms: int = 4
) -> RatioExpansion:
    """Expand a power sum with a second scale, `orders` powers of the ratio deep, and compare it with the sum (A1).

    When this is wrong: for `Corner.LARGE` the ratio must grow faster than the root of a logarithm; where it does
    not, add the terms in `gaussian`.

    Raises
    ------
    MellinUnknown, ExpansionMismatch
        As for `power_sums.expand`.

    Examples
    --------
    >>> u, x = sp.symbols("u x", positive=True)
    >>> found = expand_ratio(PowerSum(sp.erfc((x - u) / sp.sqrt(2)) / 2, u), x, Corner.LARGE, Position.INSIDE)
    >>> found.terms[1].coefficient, found.terms[1].scale_power
    (1, -1/decay)
    """
    build = _small if corner is Corner.SMALL else _large
    found = build(problem, ratio, position, orders, terms)
    return _confirmed(found)


def _small(problem: PowerSum, ratio: sp.Symbol, position: Position, orders: int, terms: int) -> RatioExpansion:
    """Taylor in the ratio, each coefficient by the lemma; the next order's terms are the omitted ones."""
    kept: list[Term] = []
    omitted: list[Term] = []
    for order, coefficient in _taylor(problem.function, ratio, orders):
        part = unconfirmed(replace(problem, function=coefficient), position, terms)
        scaled = [replace(term, ratio_power=sp.Integer(order)) for term in part.terms]
        (kept if order < orders else omitted).extend(scaled)
        if order < orders:
            omitted += [replace(term, ratio_power=sp.Integer(order)) for term in part.omitted]
    return RatioExpansion(problem, ratio, Corner.SMALL, position, tuple(merged(kept)), tuple(omitted))


@cache  # the same in every position of the scale
def _taylor(function: sp.Expr, ratio: sp.Symbol, orders: int) -> tuple[tuple[int, sp.Expr], ...]:
    """Orders and coefficients that do not vanish, up to the first one at or beyond `orders`.

    An odd or even function skips orders: the omitted one is the next that does not vanish, and with none in three more
    orders the rest is taken for nothing, which the comparison with the sum then tests.
    """
    parts = [part.as_independent(sp.erfc, sp.exp, as_Add=False) for part in sp.Add.make_args(sp.expand(function))]
    found = []
    for order in range(orders + 3):
        coefficient = sp.Add(*(_coefficient(plain, special, ratio, order) for plain, special in parts))
        if coefficient != 0:
            found.append((order, _compact(coefficient)))
            if order >= orders:
                break
    return tuple(found)


def _coefficient(plain: sp.Expr, special: sp.Expr, ratio: sp.Symbol, order: int) -> sp.Expr:
    """One Taylor coefficient of a product: the special factor is shared by many, and its own are found once."""
    weights = [taylor_coefficient(plain, ratio, j) for j in range(order + 1)]
    parts = (w * taylor_coefficient(special, ratio, order - j) for j, w in enumerate(weights) if w != 0)
    return sp.expand_mul(sp.Add(*parts))


def _compact(expression: sp.Expr) -> sp.Expr:
    """Reflected error functions and products of exponentials brought together, so that like terms cancel."""
    return sp.expand(sp.powsimp(expression, combine="exp")) if expression.has(sp.exp) else expression


def _large(problem: PowerSum, ratio: sp.Symbol, position: Position, orders: int, terms: int) -> RatioExpansion:
    """The lemma at fixed ratio, its coefficients expanded in 1/ratio."""
    transform = mellin_transform(problem.function, problem.variable, terms)
    fixed = unconfirmed(problem, position, terms)
    kept, omitted = [], []
    for term in fixed.terms:
        deep, shallow = _in_powers(term, ratio, orders)
        kept += deep
        omitted += shallow
    for term in fixed.omitted:
        omitted += _in_powers(term, ratio, 1)[0]
    small, large = (_limits(end, ratio) for end in (transform.small, transform.large))
    step = sp.Add(*(m.coefficient * ratio**m.power for m in large), *(-m.coefficient * ratio**m.power for m in small))
    slopes = [m.power * m.coefficient * ratio ** (m.power - 1) for m in large]
    slopes += [-m.power * m.coefficient * ratio ** (m.power - 1) for m in small]
    if position is Position.INSIDE:
        kinks = Break(ratio, (sp.expand(step), sp.expand(sp.Add(*slopes))))
        omitted += [part for term in break_terms(kinks, problem.decay) for part in _in_powers(term, ratio, 2)[0]]
    gaussian = _gaussian_tail(problem, transform.small, ratio) if position is not Position.BELOW else ()
    return RatioExpansion(problem, ratio, Corner.LARGE, position, tuple(merged(kept)), tuple(omitted), gaussian)


def _limits(monomials: tuple[Monomial, ...], ratio: sp.Symbol) -> list[Monomial]:
    """End expansions with everything dropped that a large ratio makes exponentially small."""
    return [Monomial(m.power, beyond_dropped(m.coefficient, ratio)) for m in monomials]


def beyond_dropped(expression: sp.Expr, ratio: sp.Symbol) -> sp.Expr:
    """`expression` for a large ratio without what is below all its powers: erfc(cα), e^{-cα²}, W(ν, -α).

    Examples
    --------
    >>> x = sp.Symbol("x", positive=True)
    >>> beyond_dropped(1 - sp.erfc(x) + x * sp.exp(-x**2), x)
    1
    """

    def dead(call: sp.Expr) -> bool:
        if isinstance(call, sp.erfc):
            return bool(call.args[0].has(ratio)) and _rises(call.args[0], ratio)
        if isinstance(call, HalfMoment):
            return bool(call.args[1].has(ratio)) and _rises(-call.args[1], ratio)
        return isinstance(call, sp.exp) and _rises(-call.args[0], ratio)

    mirrored = {call: 2 - sp.erfc(-call.args[0]) for call in expression.atoms(sp.erfc) if _rises(-call.args[0], ratio)}
    reflected = expression.xreplace(mirrored)
    return sp.expand_mul(_without(reflected, dead))


def _without(expression: sp.Expr, dead: Callable[[sp.Expr], bool]) -> sp.Expr:
    """Zero put in for calls. A product with one is dropped whole: SymPy would ask whether every other factor is finite."""
    if dead(expression) or (expression.is_Mul and any(map(dead, expression.args))):
        return sp.S.Zero
    if not (expression.is_Add or expression.is_Mul or expression.is_Pow):
        return expression
    parts = [_without(part, dead) for part in expression.args]
    return expression.func(*parts) if any(new is not old for new, old in zip(parts, expression.args)) else expression


@cache
def _rises(argument: sp.Expr, ratio: sp.Symbol) -> bool:
    """Whether a polynomial without constant part tends to +∞ with the ratio."""
    if not argument.is_polynomial(ratio):
        return False
    polynomial = sp.Poly(argument, ratio)
    return bool(polynomial.degree() > 0 and polynomial.LC().is_positive)


def _in_powers(term: Term, ratio: sp.Symbol, orders: int) -> tuple[list[Term], list[Term]]:
    """A term at fixed ratio as `orders` terms in powers of a large ratio, and the next one."""
    found: dict[sp.Expr, sp.Expr] = {}
    for part in sp.Add.make_args(_open_absolute(beyond_dropped(term.coefficient, ratio), ratio)):
        for power, coefficient in _powers_of(part, ratio, orders + 2):
            found[power] = found.get(power, sp.S.Zero) + coefficient
    falling = sorted(found, key=_rank, reverse=True)
    alive = ((power, value) for power, value in ((p, sp.factor(found[p])) for p in falling) if value != 0)
    every = [replace(term, coefficient=v, ratio_power=p) for p, v in itertools.islice(alive, orders + 1)]
    return every[:orders], every[orders:]


def _powers_of(part: sp.Expr, ratio: sp.Symbol, depth: int) -> list[tuple[sp.Expr, sp.Expr]]:
    """One product of powers of the ratio and at most one half moment, as pairs (power, coefficient).

    Taken factor by factor: `expand` would multiply a power of the ratio into a denominator and hide it there.
    """
    if part == 0:
        return []
    coefficient, dependent = part.as_independent(ratio, as_Add=False)
    power, series = sp.S.Zero, [(sp.S.Zero, sp.S.One)]
    for factor in sp.Mul.make_args(dependent):
        if isinstance(factor, HalfMoment):
            order, point = factor.args
            scale = sp.cancel(point / ratio)
            weights = ((order - 2 * j, HalfMoment.large_coefficient(order, j)) for j in range(depth))
            series = [(shift, weight * scale**shift) for shift, weight in weights]
        elif factor != 1:
            base, exponent = factor.as_base_exp()
            if base != ratio or exponent.has(ratio):
                raise MellinUnknown(f"expected powers of {ratio} and half moments, got factor={factor}")
            power += exponent
    return [(sp.expand(power + shift), coefficient * weight) for shift, weight in series]


def _open_absolute(expression: sp.Expr, ratio: sp.Symbol) -> sp.Expr:
    """|x| of a sum of powers bounded by the sum of |x|: only sizes matter where it occurs."""
    return expression.replace(
        lambda e: isinstance(e, sp.Abs) and e.has(ratio),
        lambda e: sp.Add(*(sp.Abs(part) for part in sp.Add.make_args(e.args[0]))),
    )


def _rank(power: sp.Expr) -> sp.Expr:
    """Exponents of one term differ by integers; what is symbolic in them is common, and drops out of the order."""
    return sp.sympify(power).as_coeff_Add()[0]


def _gaussian_tail(problem: PowerSum, small: tuple[Monomial, ...], ratio: sp.Symbol) -> tuple[Term, ...]:
    """count · F(0; α) for a large α: the pure-noise atoms, as (leading factor) e^{-α²/2}."""
    value = sp.Add(*(m.coefficient for m in small if m.power == 0))
    bare = value - beyond_dropped(value, ratio)
    if bare == 0:
        return ()
    leading = gaussian_leading(bare, ratio)
    coefficient, dependent = leading.as_independent(ratio, as_Add=False)
    return (Term("tail", coefficient, sp.S.Zero, sp.S.One, dependent.as_base_exp()[1]),)


def gaussian_leading(expression: sp.Expr, ratio: sp.Symbol, depth: int = 4) -> sp.Expr:
    """Leading factor of e^{-α²/2} in combinations of erfc(α/√2) and e^{-α²/2}, from the textbook series of erfc.

    erfc(x) = e^{-x²}/(x√π) (1 - 1/(2x²) + 3/(4x⁴) - ...). Leading terms that cancel are resolved at the next order.

    Raises
    ------
    ArithmeticError
        If everything cancels to the depth of the series.

    Examples
    --------
    >>> x = sp.Symbol("x", positive=True)
    >>> gaussian_leading(sp.erfc(x / sp.sqrt(2)), x)
    sqrt(2)/(sqrt(pi)*x)
    """
    series = sum((-1) ** j * sp.factorial2(2 * j - 1) / ratio ** (2 * j) for j in range(depth))
    mills = sp.sqrt(2 / sp.pi) / ratio * series
    bare = expression.subs({sp.erfc(ratio / sp.sqrt(2)): mills, sp.exp(-(ratio**2) / 2): 1})
    parts = sp.collect(sp.expand(bare), ratio, evaluate=False)

    alive = {key: value for key, value in parts.items() if not vanishes(value)}
    if not alive:
        raise ArithmeticError(f"the Gaussian tail of {expression} cancels to depth={depth}")
    lead = max(alive, key=lambda key: key.as_base_exp()[1] if key.has(ratio) else sp.S.Zero)
    return sp.factor(alive[lead]) * lead


_RATIO_EXPONENT = {Corner.SMALL: -sp.Rational(1, 3), Corner.LARGE: sp.Rational(1, 3)}
"""α = d^x at the two sizes: 8 and 20 when large, where d e^{-α²/2} is 6e-12 and less; 1/8 and 1/20 when small."""

_LARGER_COUNTS = (2**12, 2**15)
"""Sizes for a second attempt: α is 16 and 32, and e^{αu} stays within the range of doubles; at 64 it would not."""

_EDGE_EXPONENT = {
    Position.ABOVE: sp.Rational(2, 5),
    Position.INSIDE: -sp.Rational(1, 2),
    Position.BELOW: -sp.Rational(7, 5),
}
"""The step (τ when α is small, t = ατ when it is large) at d^{γ x}."""


def _confirmed(found: RatioExpansion) -> RatioExpansion:
    """Compare with the sum at two sizes."""
    problem = found.problem
    symbols = (problem.function.free_symbols | problem.decay.free_symbols) - {found.ratio}
    values = sample_values(symbols, problem.variable, {})
    rows = tried(lambda count: _row(found, values, count), found, _LARGER_COUNTS)
    return replace(found, confirmed={"sample": values, "rows": rows})


def _row(found: RatioExpansion, values: Mapping[sp.Symbol, Any], count: int) -> dict[str, float]:
    """One comparison."""
    problem = found.problem
    gamma = problem.decay.subs(values)
    ratio = sp.Float(count, 25) ** _RATIO_EXPONENT[found.corner]
    scale = sp.Float(count, 25) ** (gamma * _EDGE_EXPONENT[found.position])
    scale = scale / ratio if found.corner is Corner.LARGE else scale
    numbers = {symbol: value for symbol, value in values.items() if problem.function.has(symbol)} | {found.ratio: ratio}
    omitted = total(found.omitted, values, scale, count, ratio, absolute=True)
    if found.corner is Corner.LARGE:
        # Above all weights the largest one, at u = 1/τ, lies nearest to the step and has the heaviest tail.
        nearest = 1 / float(scale) if found.position is Position.ABOVE else 0.0
        tails = total(found.gaussian, values, scale, count, ratio, absolute=True)
        omitted += tails * math.exp(-((float(ratio) - nearest) ** 2) / 2)
    else:
        fixed = _with_checked_ends(problem.function, problem.variable, tuple({**values, **numbers}.items()))
        omitted += unpowered(fixed, found.position, gamma, scale, count, {**values, **numbers})
    return {
        "count": count,
        "size": max(1.0, float(ratio) ** 2),
        "exact": finite_sum(problem.function, problem.variable, gamma, scale, count, numbers),
        "approximate": total(found.terms, values, scale, count, ratio),
        "omitted": omitted,
    }


@cache  # the same in every position of the scale
def _with_checked_ends(function: sp.Expr, variable: sp.Symbol, sample: tuple[tuple[sp.Symbol, Any], ...]) -> Transform:
    """The transform at fixed ratio, its end expansions checked far out with numbers for all parameters."""
    transform = mellin_transform(function, variable, 4)
    confirm_ends(transform, dict(sample))
    return transform


def at_fixed_ratio(problem: PowerSum, position: Position, terms: int = 4) -> Expansion:
    """The lemma at fixed α, coefficients exact functions of α: for points between the corners."""
    return expand(problem, position, terms)
