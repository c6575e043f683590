"""Where the poles of a Mellin transform meet: the window of a power sum at s = -1/γ, and an end power p with γp = 1.

Two simple poles that meet leave a logarithm and a finite part in their place.
"""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp

from ..nonzero import vanishes
from .mellin import MellinUnknown, Monomial, Transform, mellin_transform, mellin_variable
from .special import HalfMoment, evaluate

_MORE_TERMS = 8
"""Terms that are added to those asked for before two poles that meet are given up."""
_STEP = sp.Symbol("step")
"""Distance from a pole."""


def with_poles_apart(function: sp.Expr, variable: sp.Symbol, decay: sp.Expr, terms: int) -> Transform:
    """The transform with as many terms as asked, or more: the window's pole may meet one that is kept, but none beyond.

    Raises
    ------
    MellinUnknown
        If it meets one that no number of terms reaches.

    Examples
    --------
    >>> u = sp.Symbol("u", positive=True)
    >>> len(with_poles_apart(sp.exp(-u), u, sp.Rational(1, 4), 3).small)
    5
    """
    for more in range(_MORE_TERMS):
        transform = mellin_transform(function, variable, terms + more)
        kept = any(vanishes(decay * m.power - 1) for m in (*transform.small, *transform.large))
        if kept or not is_singular(transform.at(-1 / decay)) or not has_residue(transform, -1 / decay):
            return transform
    raise MellinUnknown(f"two poles meet beyond the terms kept: {function} at decay {decay}")


def is_singular(value: sp.Expr) -> bool:
    """Whether a value is none: at a pole, or where poles of its parts cancel."""
    return bool(value.has(sp.zoo, sp.oo, sp.nan))


def has_residue(transform: Transform, point: sp.Expr) -> bool:
    """Whether F* has a pole; false where those of its parts cancel, and where it has none.

    Examples
    --------
    >>> u = sp.Symbol("u", positive=True)
    >>> [has_residue(mellin_transform((1 - sp.exp(-u)) ** 2, u), sp.Integer(-p)) for p in (1, 2)]
    [False, True]
    """
    if transform.formula.has(HalfMoment):
        return is_singular(transform.at(point))
    series = sp.expand(_series(transform, point))
    return any(term.as_coeff_exponent(_STEP)[1] < 0 for term in sp.Add.make_args(series))


def _series(transform: Transform, point: sp.Expr) -> sp.Expr:
    """The Laurent series up to the constant."""
    local = transform.formula.subs(mellin_variable, point + _STEP).replace(sp.gamma, _moved_to_one)
    return sp.Add(*(_series_of(term) for term in sp.Add.make_args(local)))


def _series_of(term: sp.Expr) -> sp.Expr:
    """Of one product: where its poles are powers of the step, by derivatives of the rest, which SymPy's series would expand."""
    order, rest = 0, sp.S.One
    for factor in sp.Mul.make_args(term):
        base, power = factor.as_base_exp()
        slope = base.coeff(_STEP)
        if power.is_Integer and base == slope * _STEP and slope != 0:
            order, rest = order + int(power), rest * slope**power
        else:
            rest *= factor
    if is_singular(rest.subs(_STEP, 0)):
        return sp.series(term, _STEP, 0, 1).removeO()
    return sp.Add(*(_taylor(rest, place) * _STEP ** (order + place) for place in range(1 - order)))


def _taylor(function: sp.Expr, order: int) -> sp.Expr:
    return sp.diff(function, _STEP, order).subs(_STEP, 0) / sp.factorial(order)


def _moved_to_one(argument: sp.Expr) -> sp.Expr:
    """Γ at a pole by Γ(1 + step) and the factors between: SymPy's series takes minutes at -30, and a moment at 1.

    Examples
    --------
    >>> _moved_to_one(_STEP - 2) == sp.gamma(_STEP + 1) / (_STEP * (_STEP - 1) * (_STEP - 2))
    True
    """
    place = argument.subs(_STEP, 0)
    if not (place.is_Integer and place <= 0):
        return sp.gamma(argument)
    return sp.gamma(argument + 1 - place) / sp.Mul(*(argument + j for j in range(1 - int(place))))


def coefficient_of(monomials: Iterable[Monomial], power: sp.Expr) -> sp.Expr:
    """The coefficient of one power at one end."""
    return sp.Add(*(m.coefficient for m in monomials if vanishes(m.power - power)))


def finite_part(transform: Transform, point: sp.Expr) -> sp.Expr:
    """The constant in the Laurent expansion of F* at a simple pole.

    Raises
    ------
    MellinUnknown
        If SymPy's series does not agree with the mean of F* on both sides of the pole, or for half moments.

    Examples
    --------
    >>> u = sp.Symbol("u", positive=True)
    >>> finite_part(mellin_transform(sp.exp(-u), u), sp.Integer(0))
    -EulerGamma
    """
    if transform.formula.has(HalfMoment):
        raise MellinUnknown(f"no rule for the finite part of a half moment at s={point}, where two poles meet")
    local = transform.formula.subs(mellin_variable, point + _STEP)
    finite = sp.expand(_series(transform, point)).coeff(_STEP, 0)
    values = {symbol: sp.Rational(7, 5) for symbol in finite.free_symbols | transform.formula.free_symbols}
    values.pop(mellin_variable, None)
    near = sp.Rational(1, 1000)
    mean = sum(evaluate(local.subs(values).subs(_STEP, side)) for side in (near, -near)) / 2
    expected = evaluate(finite.subs(values))
    if abs(mean - expected) > 1e-4 * (1 + abs(expected)):
        raise MellinUnknown(f"finite part of {transform.formula} at s={point}: series {expected}, numbers {mean}")
    return finite
