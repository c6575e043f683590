"""Functions of a growing or vanishing quantity outside sums: erf(u), erfc(u), exp(-u), 1 - exp(-u), by their corners.

What may be typed in is textbook: how each behaves where u is small, of order one, and large. Which of these it is, the balances
of the equations say. A tail exp(-u) is a power of the large parameter where u grows like its logarithm, below every power
beyond, and nothing is known of it where u grows more slowly than that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sympy as sp

from .scaled_sums import UnreadableSystem
from .scales import order_one
from .systems import Corner, CornerFunction, Tail, much_less, same_scale

ERROR, REST, FALLING, RISING = "erf", "erfc", "exp", "1 - exp"


@dataclass(frozen=True)
class ScaleFunction:
    """One of the functions, at a positive quantity."""

    kind: str
    argument: sp.Expr

    @property
    def written(self) -> sp.Expr:
        """As a formula.

        Examples
        --------
        >>> ScaleFunction(RISING, sp.Symbol("u", positive=True)).written
        1 - exp(-u)
        """
        u = self.argument
        return {ERROR: sp.erf(u), REST: sp.erfc(u), FALLING: sp.exp(-u), RISING: 1 - sp.exp(-u)}[self.kind]


def named_functions(
    expression: sp.Expr, moving: Sequence[sp.Symbol], sign: Callable[[sp.Expr], int | None],
    name: Callable[[ScaleFunction], sp.Expr],
) -> sp.Expr:  # fmt: skip
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
    return isinstance(part, (sp.erf, sp.erfc, sp.exp)) and part.has(*moving)


def _gap_of(part: sp.Basic, moving: Sequence[sp.Symbol]) -> tuple[sp.Expr, sp.Expr] | None:
    """The two terms of a sum that are a coefficient and minus the same times an exponential; None where there are none."""
    if not isinstance(part, sp.Add):
        return None
    for term in part.args:
        factor, falling = term.as_independent(sp.exp, as_Add=False)
        if isinstance(falling, sp.exp) and falling.has(*moving) and -factor in part.args:
            return -factor, term
    return None


def _named_gap(
    part: sp.Add, moving: Sequence[sp.Symbol], sign: Callable[[sp.Expr], int | None], name: Callable[[ScaleFunction], sp.Expr],
) -> sp.Expr:  # fmt: skip
    pair = _gap_of(part, moving)
    assert pair is not None
    factor, term = pair
    inside = (-term / factor).args[0]
    if _one_sign(inside, moving, sign) != -1 or inside.as_independent(*moving, as_Add=True)[0] != 0:
        return part
    return part - factor - term + factor * name(ScaleFunction(RISING, sp.expand(-inside)))


def _named(
    part: sp.Expr, moving: Sequence[sp.Symbol], sign: Callable[[sp.Expr], int | None], name: Callable[[ScaleFunction], sp.Expr],
) -> sp.Expr:  # fmt: skip
    inside = sp.expand(part.args[0])
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


def _one_sign(inside: sp.Expr, moving: Sequence[sp.Symbol], sign: Callable[[sp.Expr], int | None]) -> int | None:
    """The sign that all terms of a sum have in common; None where there is none."""
    logs = {sp.log(symbol): sp.Dummy(positive=True) for symbol in moving[:1]}
    factors = [term.as_independent(*moving, as_Add=False) for term in sp.Add.make_args(sp.expand(inside))]
    if not all(rest.subs(logs).is_positive for _, rest in factors):
        return None
    found = {sign(factor) for factor, _ in factors}
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


def corner_function(
    function: ScaleFunction, symbol: sp.Symbol, scale: sp.Expr, large: sp.Symbol, fixed: Sequence[sp.Symbol] = ()
) -> CornerFunction:
    """A function whose value is called `symbol` by its corners, for the engine.

    `scale` is the name of what stands inside; of the symbols in `fixed` it is made without a constant of its own.

    When this is wrong: an exponential that falls more slowly than every power of the large parameter has no corner.
    """
    value = ScaleFunction(function.kind, scale.xreplace({name: sp.S.One for name in fixed})).written
    whole = order_one(value, scale, below=sp.S.One)
    between = Corner("ONE", (same_scale(scale, sp.S.One),), {symbol: whole}, frozenset({symbol}))
    if function.kind in (ERROR, RISING):
        small = scale if function.kind == RISING else 2 * scale / sp.sqrt(sp.pi)
        corners = _up_to_one(between, symbol, scale, small)
    else:
        tails = {REST: (sp.sqrt(2) * scale, sp.sqrt(sp.pi) * scale), FALLING: (sp.sqrt(2 * scale), sp.S.One)}
        corners = (*_down_from_one(between, symbol, scale), *_tail(symbol, large, *tails[function.kind]))
    return CornerFunction(f"{function.kind} of {scale}", corners)


def _up_to_one(between: Corner, symbol: sp.Symbol, scale: sp.Expr, small: sp.Expr) -> tuple[Corner, ...]:
    """From a multiple of what is small to 1."""
    return (
        Corner("SMALL", (much_less(scale, sp.S.One),), {symbol: small}, frozenset({symbol})),
        between,
        Corner("LARGE", (much_less(sp.S.One, scale),), {symbol: sp.S.One}, frozenset({symbol})),
    )


def _down_from_one(between: Corner, symbol: sp.Symbol, scale: sp.Expr) -> tuple[Corner, ...]:
    return (
        Corner("SMALL", (much_less(scale, sp.S.One),), {symbol: sp.S.One}, frozenset({symbol})),
        between,
    )


def _tail(symbol: sp.Symbol, large: sp.Symbol, ratio: sp.Expr, below: sp.Expr) -> tuple[Corner, ...]:
    """Where the function is exp(-ratio²/2)/below: a power of the large parameter, or below every power."""
    mass = sp.Symbol(f"{symbol.name}_mass", positive=True)
    logs = sp.sqrt(sp.log(large))
    return (
        Corner("TAIL", (Tail(ratio, mass),), {symbol: mass / below}, frozenset({symbol})),
        Corner("BELOW", (much_less(logs, ratio),), {symbol: sp.S.Zero}),
    )
