"""Functions of a growing or vanishing quantity outside sums: erf(u), erfc(u), exp(-u), 1 - exp(-u), log(u), log(1 + u), by their corners.

What may be typed in is textbook: how each behaves where u is small, of order one, and large. Which of these it is, the balances
of the equations say. A tail exp(-u) is a power of the large parameter where u grows like its logarithm, below every power
beyond, and nothing is known of it where u grows more slowly than that. A logarithm is the same read backwards: of what goes
like a power κ it is κ log L.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp

from .scales import order_one
from .systems import Corner, CornerFunction, Tail, much_less, same_scale

ERROR, REST, FALLING, RISING = "erf", "erfc", "exp", "1 - exp"
GROWTH, DECLINE, SHIFTED = "growth of log", "decline of log", "log of 1 +"
"""A logarithm as the difference of two that are not negative, one of which is 0: max(log u, 0) and max(-log u, 0); and log(1 + u)."""


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
        return {
            ERROR: sp.erf(u), REST: sp.erfc(u), FALLING: sp.exp(-u), RISING: 1 - sp.exp(-u),
            GROWTH: sp.Max(sp.log(u), 0), DECLINE: sp.Max(-sp.log(u), 0), SHIFTED: sp.log(1 + u),
        }[self.kind]  # fmt: skip

    @property
    def told(self) -> sp.Expr:
        """As a user wrote it: of the two parts of a logarithm the first stands for the whole."""
        return {GROWTH: sp.log(self.argument), DECLINE: sp.S.Zero}.get(self.kind, self.written)


def corner_function(
    function: ScaleFunction, symbol: sp.Symbol, scale: sp.Expr, large: sp.Symbol, fixed: Sequence[sp.Symbol] = ()
) -> CornerFunction:
    """A function whose value is called `symbol` by its corners, for the engine.

    `scale` is the name of what stands inside; of the symbols in `fixed` it is made without a constant of its own.

    When this is wrong: an exponential that falls more slowly than every power of the large parameter has no corner, nor has
    the logarithm of what grows or vanishes more slowly, or of what is of order one.
    """
    title = f"{function.kind} of {scale}"
    if function.kind in (GROWTH, DECLINE):
        return CornerFunction(title, _one_sided(symbol, scale, function.kind))
    value = ScaleFunction(function.kind, scale.xreplace({name: sp.S.One for name in fixed})).written
    whole = order_one(value, scale, below=sp.oo if function.kind == SHIFTED else sp.S.One)
    between = Corner("ONE", (same_scale(scale, sp.S.One),), {symbol: whole}, frozenset({symbol}))
    corners: tuple[Corner, ...]
    if function.kind == SHIFTED:
        corners = (_small(symbol, scale, scale), between, _growing(symbol, scale))
    elif function.kind in (ERROR, RISING):
        small = scale if function.kind == RISING else 2 * scale / sp.sqrt(sp.pi)
        corners = _up_to_one(between, symbol, scale, small)
    else:
        tails = {REST: (sp.sqrt(2) * scale, sp.sqrt(sp.pi) * scale), FALLING: (sp.sqrt(2 * scale), sp.S.One)}
        corners = (*_down_from_one(between, symbol, scale), *_tail(symbol, large, *tails[function.kind]))
    return CornerFunction(title, corners)


def _small(symbol: sp.Symbol, scale: sp.Expr, value: sp.Expr) -> Corner:
    return Corner("SMALL", (much_less(scale, sp.S.One),), {symbol: value}, frozenset({symbol}))


def _growing(symbol: sp.Symbol, scale: sp.Expr, name: str = "LARGE") -> Corner:
    """Where log(scale) = κ log L: exp(-log(scale)) is a tail, whose mass is 1/scale."""
    value = sp.Symbol(f"{symbol.name}_log", positive=True)
    return Corner(name, (Tail(sp.sqrt(2 * value), 1 / scale),), {symbol: value}, frozenset({symbol}))


def _one_sided(symbol: sp.Symbol, scale: sp.Expr, kind: str) -> tuple[Corner, ...]:
    """One of the two parts of a logarithm: the other one where that is 0."""
    outside = (much_less(scale, sp.S.One), much_less(sp.S.One, scale))
    if kind == DECLINE:
        return _growing(symbol, 1 / scale, "SMALL"), Corner("LARGE", outside[1:], {symbol: sp.S.Zero})
    return _growing(symbol, scale), Corner("SMALL", outside[:1], {symbol: sp.S.Zero})


def _up_to_one(between: Corner, symbol: sp.Symbol, scale: sp.Expr, small: sp.Expr) -> tuple[Corner, ...]:
    """From a multiple of what is small to 1."""
    return (
        _small(symbol, scale, small),
        between,
        Corner("LARGE", (much_less(sp.S.One, scale),), {symbol: sp.S.One}, frozenset({symbol})),
    )


def _down_from_one(between: Corner, symbol: sp.Symbol, scale: sp.Expr) -> tuple[Corner, ...]:
    return _small(symbol, scale, sp.S.One), between


def _tail(symbol: sp.Symbol, large: sp.Symbol, ratio: sp.Expr, below: sp.Expr) -> tuple[Corner, ...]:
    """Where the function is exp(-ratio²/2)/below: a power of the large parameter, or below every power."""
    mass = sp.Symbol(f"{symbol.name}_mass", positive=True)
    logs = sp.sqrt(sp.log(large))
    return (
        Corner("TAIL", (Tail(ratio, mass),), {symbol: mass / below}, frozenset({symbol})),
        Corner("BELOW", (much_less(logs, ratio),), {symbol: sp.S.Zero}),
    )
