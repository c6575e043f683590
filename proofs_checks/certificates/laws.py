"""Certificates of constants and of laws at finite size: a derived formula's value, and how far a certified point is from it.

The formula is the symbolic witness's: the constant of a phase, or constant · large^exponent · (log large)^log with the
plane's exponents written in the controls. It goes into the document as a tree; its value is found here in digits, and shown
by the checker in balls.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import sympy as sp

from ..errors import InputError
from .balls import exact
from .checker import check_certificate

if TYPE_CHECKING:
    from ..diagrams import PhaseRow
    from ..theory_record import Scaling

DIGITS = 40
ROUNDING = Fraction(1, 10**15)
"""Relative half width of what is stated beyond what is known: ends are told in seventeen digits."""
CLASSES = ((sp.exp, "exp"), (sp.log, "log"), (sp.gamma, "gamma"), (sp.zeta, "zeta"), (sp.lowergamma, "lowergamma"))


def tree(expression: sp.Expr) -> Any:
    """A formula as nested lists of operations.

    Raises
    ------
    InputError
        For what the checker has no function for.

    Examples
    --------
    >>> x = sp.Symbol("decay")
    >>> tree(sp.gamma(x) * sp.pi**2)
    ['*', ['^', 'pi', '2'], ['gamma', 'decay']]
    """
    if isinstance(expression, sp.Symbol):
        return expression.name
    if expression is sp.pi or isinstance(expression, sp.Rational):
        return str(expression)
    if expression is sp.E:
        return ["exp", "1"]
    kinds = ((sp.Add, "+"), (sp.Mul, "*"), (sp.Pow, "^"), *CLASSES)
    word = next((word for kind, word in kinds if isinstance(expression, kind)), None)
    if word is None:
        raise InputError("law", str(expression)[:60], "a formula of sums, products, powers, exp, log, gamma, zeta")
    return [word, *(tree(part) for part in expression.args)]


def certify_constant(formula: sp.Expr, parameters: Mapping[str, object]) -> dict[str, Any]:
    """A certificate of the value of a formula.

    Parameters
    ----------
    formula : sympy.Expr
        With no other symbols than those of `parameters`.
    parameters : mapping
        Values as numbers or exact text.

    Returns
    -------
    dict
        The document; already verified.

    Examples
    --------
    >>> found = certify_constant(sp.zeta(2 * sp.Symbol("decay")), {"decay": 1})
    >>> check_certificate(found)
    'at decay = 1 the value of zeta(2*decay) lies in [1.64493406684822, 1.64493406684823]'
    """
    names = {name: exact(value) for name, value in parameters.items()}  # type: ignore[arg-type]
    document = {
        "kind": "constant",
        "formula": tree(formula),
        "parameters": {name: str(value) for name, value in names.items()},
        "value": _around(_value(formula, names)),
    }
    check_certificate(document)
    return document


def certify_law(formula: sp.Expr, point: Mapping[str, Any]) -> dict[str, Any]:
    """A certificate of the ratio of a certified point's risk (or loss) to a formula in its controls.

    Returns
    -------
    dict
        The document; already verified. What it states holds at that size; it says nothing about larger ones.
    """
    names = {name: Fraction(text) for name, text in point["controls"].items() if name != "direction"}
    value = _value(formula, names)
    ends = [Fraction(end) for end in (point["loss"] if "loss" in point else point["enclosures"]["risk"])]
    low, high = sorted(end / value for end in ends)
    document = {
        "kind": "law",
        "formula": tree(formula),
        "point": dict(point),
        "value": _around(value),
        "ratio": [_around(low)[0], _around(high)[1]],
    }
    check_certificate(document)
    return document


def law_in_controls(row: PhaseRow, scaling: Scaling) -> sp.Expr:
    """constant · large^exponent · (log large)^log with the plane's exponents replaced by controls: large^a = samples, say."""
    if row.constant is None or not row.exponent.is_finite:
        raise InputError("law", row.name, "a phase whose law is a power with a known constant")
    large = sp.Symbol(scaling.large, positive=True)
    exponent, constant, factor = row.exponent, row.constant, sp.Integer(1)
    for control, text in scaling.exponents.items():
        affine = sp.Poly(sp.parse_expr(text))
        symbol, (slope, shift) = str(affine.gen), (affine.coeff_monomial(affine.gen), affine.coeff_monomial(1))
        value = sp.Symbol(control, positive=True)
        for place in [item for item in row.exponent.free_symbols | row.constant.free_symbols if item.name == symbol]:
            share = sp.expand(exponent).coeff(place)
            exponent = sp.expand(exponent - share * place)
            factor *= value ** (share / slope) * large ** (-share * shift / slope)
            constant = constant.subs(place, (sp.log(value) / sp.log(large) - shift) / slope)
    return constant * large**exponent * factor * sp.log(large) ** row.log


def _value(formula: sp.Expr, names: Mapping[str, Fraction]) -> Fraction:
    """The value in many digits; that they are right is for the checker to show."""
    missing = sorted(symbol.name for symbol in formula.free_symbols if symbol.name not in names)
    if missing:
        raise InputError(missing[0], None, "a value: the constant depends on it")
    exactly = {symbol: sp.Rational(str(names[symbol.name])) for symbol in formula.free_symbols}
    return Fraction(str(sp.N(formula.subs(exactly), DIGITS)))


def _around(value: Fraction) -> list[str]:
    half = abs(value) * ROUNDING
    return [f"{float(value - half):.16e}", f"{float(value + half):.16e}"]
