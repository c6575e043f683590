"""Functions outside sums found in a formula of scales, each called by a name: what the corners of `scale_functions` speak of."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sympy as sp

from .scale_functions import DECLINE, ERROR, FALLING, GROWTH, REST, RISING, SHIFTED, ScaleFunction
from .scaled_sums import UnreadableSystem

Sign = Callable[[sp.Expr], int | None]
Name = Callable[[ScaleFunction], sp.Expr]


def named_functions(expression: sp.Expr, moving: Sequence[sp.Symbol], sign: Sign, name: Name) -> sp.Expr:
    """An expression with its functions of what moves by the names that they are given.

    Parameters
    ----------
    expression : Expr
        Sums have names already.
    moving : sequence of Symbol
        Positive symbols that grow or vanish; the large parameter, whose logarithm is positive, is the first.
    sign : callable
        Of a coefficient.
    name : callable
        Of a function at a positive quantity.

    Raises
    ------
    UnreadableSystem
        If the sign of what stands inside is not known.

    Examples
    --------
    >>> x, n = sp.symbols("x n", positive=True)
    >>> f = sp.Function("f")
    >>> named_functions(n * (1 - sp.exp(-x)) + sp.erf(2 * x), [x, n], lambda c: 1 if c > 0 else -1, lambda found: f(found.argument))
    n*f(x) + f(2*x)
    """
    found = expression.replace(
        lambda part: _gap_of(part, moving) is not None, lambda part: _named_gap(part, moving, sign, name)
    )
    return found.replace(lambda part: _is_function(part, moving), lambda part: _named(part, moving, sign, name))


def _is_function(part: sp.Basic, moving: Sequence[sp.Symbol]) -> bool:
    return isinstance(part, (sp.erf, sp.erfc, sp.exp, sp.log)) and part.has(*moving) and part != sp.log(moving[0])


def _gap_of(part: sp.Basic, moving: Sequence[sp.Symbol]) -> tuple[sp.Expr, sp.Expr] | None:
    """The two terms of a sum that are a coefficient and minus the same times an exponential; None where there are none."""
    if not isinstance(part, sp.Add):
        return None
    for term in part.args:
        factor, falling = term.as_independent(sp.exp, as_Add=False)
        if isinstance(falling, sp.exp) and falling.has(*moving) and -factor in part.args:
            return -factor, term
    return None


def _named_gap(part: sp.Add, moving: Sequence[sp.Symbol], sign: Sign, name: Name) -> sp.Expr:
    pair = _gap_of(part, moving)
    assert pair is not None
    factor, term = pair
    inside = (-term / factor).args[0]
    if _one_sign(inside, moving, sign) != -1 or inside.as_independent(*moving, as_Add=True)[0] != 0:
        return part
    return part - factor - term + factor * name(ScaleFunction(RISING, sp.expand(-inside)))


def _named(part: sp.Expr, moving: Sequence[sp.Symbol], sign: Sign, name: Name) -> sp.Expr:
    inside = sp.expand(part.args[0])
    if isinstance(part, sp.log):
        return _named_logarithm(inside, moving, sign, name)
    still, inside = inside.as_independent(*moving, as_Add=True) if isinstance(part, sp.exp) else (sp.S.Zero, inside)
    side = _one_sign(inside, moving, sign)
    if side is None:
        raise UnreadableSystem(f"the sign of {inside}, of which {part.func.__name__} is taken, is not known")
    argument = sp.expand(side * inside)
    if isinstance(part, sp.erf):
        return side * name(ScaleFunction(ERROR, argument))
    if isinstance(part, sp.exp):
        falling = name(ScaleFunction(FALLING, argument))
        return sp.exp(still) * (falling if side < 0 else 1 / falling)
    rest = name(ScaleFunction(REST, argument))
    return rest if side > 0 else 2 - rest


def _named_logarithm(inside: sp.Expr, moving: Sequence[sp.Symbol], sign: Sign, name: Name) -> sp.Expr:
    """log(c + u) = log c + log(1 + u/c); without such a c it is the difference of its two parts, of a power of L known as it is."""
    still, moved = inside.as_independent(*moving, as_Add=True)
    if _one_sign(moved, moving, sign) != 1 or (still != 0 and sign(still) != 1):
        raise UnreadableSystem(f"whether {inside}, of which log is taken, is positive is not known")
    if still != 0:
        return sp.log(still) + name(ScaleFunction(SHIFTED, sp.expand(moved / still)))
    factor, monomial = moved.as_independent(*moving, as_Add=False)
    base, power = monomial.as_base_exp()
    if base == moving[0]:
        return sp.log(factor) + power * sp.log(base)
    return name(ScaleFunction(GROWTH, moved)) - name(ScaleFunction(DECLINE, moved))


def _one_sign(inside: sp.Expr, moving: Sequence[sp.Symbol], sign: Sign) -> int | None:
    """The sign that all terms of a sum have in common; None where there is none."""
    logs = {sp.log(symbol): sp.Dummy(positive=True) for symbol in moving[:1]}
    factors: dict[sp.Expr, sp.Expr] = {}
    for term in sp.Add.make_args(sp.expand(inside)):
        factor, rest = term.as_independent(*moving, as_Add=False)
        factors[rest] = factors.get(rest, sp.S.Zero) + factor  # of (p - q) t it is the sign of p - q that counts
    if not all(rest.subs(logs).is_positive for rest in factors):
        return None
    found = set(map(sign, factors.values()))
    return found.pop() if len(found) == 1 and found <= {1, -1} else None


def without_negative_powers(expression: sp.Expr, names: Sequence[sp.Symbol]) -> sp.Expr:
    """A sum that vanishes, multiplied by powers of positive names so that none divides: in a corner they may be below every power.

    Examples
    --------
    >>> x, n, f = sp.symbols("x n f", positive=True)
    >>> without_negative_powers(x / f - n, [f])
    -f*n + x
    """
    terms = sp.Add.make_args(expression)
    for name in names:
        least = sp.Min(*(term.as_powers_dict().get(name, 0) for term in terms))
        if least.is_Rational and least < 0:  # of a parameter's power nothing is known; the reader says so
            terms = tuple(term * name**-least for term in terms)
    return sp.Add(*terms)
