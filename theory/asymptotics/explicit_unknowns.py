"""Unknowns of a user's system that an equation gives at once: those whose power it states, and those that nobody asked for.

What only names a positive formula of the others is left out: the law of kappa in kernel ridge regression needs no exponent of
the target, and no walls of the loss.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import sympy as sp


def without_unasked(
    equations: Sequence[sp.Eq], unknowns: Sequence[sp.Symbol], observable: sp.Symbol | None,
    droppable: Callable[[sp.Expr], bool],
) -> tuple[list[sp.Eq], list[sp.Symbol]]:  # fmt: skip
    """Equations and unknowns without those that are not asked for and decide nothing.

    An equation ``name = value`` goes where `name` is in no other one and `droppable` says that the value is positive
    whenever the rest has a solution: then it always has one as well.

    Examples
    --------
    >>> x, y, n = sp.symbols("x y n", positive=True)
    >>> written = [sp.Eq(x**2, n + x, evaluate=False), sp.Eq(y, x + 1, evaluate=False)]
    >>> without_unasked(written, [x, y], x, lambda value: bool(value.is_positive))
    ([Eq(x**2, n + x)], [x])
    """
    left, names = list(equations), list(unknowns)
    found = True
    while found and observable is not None:
        found = False
        for item in left:
            for name, value in ((item.lhs, item.rhs), (item.rhs, item.lhs)):
                others = set().union(*(other.free_symbols for other in left if other is not item))
                free = name in names and name != observable and name not in others and not value.has(name)
                if free and droppable(value):
                    left.remove(item)
                    names.remove(name)
                    found = True
                    break
            if found:
                break
    return left, names


def stated_powers(
    equations: Sequence[sp.Eq], unknowns: Sequence[sp.Symbol], moving: Sequence[sp.Symbol]
) -> Mapping[sp.Symbol, sp.Expr]:
    """What has its scale before anything is solved, in the large parameter and controls: these, and unknowns that equal powers.

    Examples
    --------
    >>> x, y, n = sp.symbols("x y n", positive=True)
    >>> written = [sp.Eq(x, 2 * n**3, evaluate=False), sp.Eq(y, 1 + n, evaluate=False)]
    >>> stated_powers(written, [x, y], [n, x, y])
    {n: n, x: 2*n**3}
    """
    known: dict[sp.Symbol, sp.Expr] = {symbol: symbol for symbol in moving if symbol not in unknowns}
    for item in [*equations, *equations]:
        value = sp.powsimp(item.rhs)
        power = value.as_independent(*moving, as_Add=False)[1]
        factors = [factor.as_base_exp() for factor in sp.Mul.make_args(power) if factor != 1]
        if item.lhs in unknowns and all(base in known and not exponent.has(*moving) for base, exponent in factors):
            known[item.lhs] = value.xreplace(known)
    return known
