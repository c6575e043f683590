"""True reformulations of an expression: the same function in another form."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import sympy as sp

from .apart import Judge
from .expressions import Change


def _with_nothing(e: sp.Expr) -> sp.Expr:
    x = _some_symbol(e)
    return sp.Add(e, sp.Add(x, sp.Mul(-1, x, evaluate=False), evaluate=False), evaluate=False)


def _over_itself(e: sp.Expr) -> sp.Expr:
    x = _some_symbol(e)
    return sp.Mul(e, 1 + x**2, sp.Pow(1 + x**2, -1), evaluate=False)


def _two_halves(e: sp.Expr) -> sp.Expr:
    return sp.Add(e / 3, sp.Rational(2, 3) * e, evaluate=False)


def _some_symbol(e: sp.Expr) -> sp.Expr:
    return min(e.free_symbols, key=lambda symbol: str(symbol.name), default=sp.Integer(3))


def _as_exponential(e: sp.Expr) -> sp.Expr:
    return sp.exp(sp.log(e, evaluate=False), evaluate=False)


def _powers_as_exponentials(e: sp.Expr) -> sp.Expr:
    return e.replace(
        lambda x: isinstance(x, sp.Pow) and x.base.is_positive and not x.base.is_number,
        lambda x: sp.exp(sp.Mul(x.exp, sp.log(x.base)), evaluate=False),
    )


def _gammas(e: sp.Expr) -> sp.Expr:
    return e.replace(sp.gamma, lambda x: sp.gamma(sp.expand(x + 1)) / x)


def _error_functions(e: sp.Expr) -> sp.Expr:
    return e.replace(sp.erfc, lambda x: sp.Add(1, -sp.erf(x), evaluate=False))


def _zetas(e: sp.Expr) -> sp.Expr:
    """ζ(s) = η(s)/(1 - 2^{1-s}), written as a sum over alternating terms is known; here the other way round."""
    return e.replace(sp.zeta, lambda s: sp.zeta(s) * (1 - 2 ** (1 - s)) / sp.Add(1, -(2 ** (1 - s)), evaluate=False))


def _sines(e: sp.Expr) -> sp.Expr:
    return e.replace(sp.sin, lambda x: sp.cos(sp.Add(sp.pi / 2, -x, evaluate=False), evaluate=False))


def _square_root_twice(e: sp.Expr) -> sp.Expr:
    return sp.Pow(sp.Pow(e, sp.Rational(1, 2), evaluate=False), 2, evaluate=False)


def _renamed(e: sp.Expr) -> sp.Expr:
    """Every bound variable under another name."""
    other = sp.Symbol("bound", positive=True)
    return e.replace(
        lambda x: isinstance(x, sp.Integral),
        lambda x: sp.Integral(x.function.subs(x.limits[0][0], other), (other, *x.limits[0][1:])),
    )


REWRITINGS: tuple[tuple[str, Callable[[sp.Expr], sp.Expr]], ...] = (
    ("expand", sp.expand),
    ("factor", sp.factor),
    ("together", sp.together),
    ("apart", lambda e: sp.apart(e, _some_symbol(e)) if e.is_rational_function() and len(e.free_symbols) == 1 else e),
    ("collect", lambda e: sp.collect(sp.expand(e), _some_symbol(e))),
    ("powers joined", sp.powsimp),
    ("powers split", sp.expand_power_exp),
    ("exponential of the logarithm", _as_exponential),
    ("powers as exponentials", _powers_as_exponentials),
    ("gamma moved by one", _gammas),
    ("erfc by erf", _error_functions),
    ("zeta with a factor and its inverse", _zetas),
    ("sine as cosine", _sines),
    ("plus nothing", _with_nothing),
    ("over itself", _over_itself),
    ("a third and two thirds", _two_halves),
    ("square of the root", _square_root_twice),
    ("bound variable renamed", _renamed),
)
NEEDS_SIGN = ("exponential of the logarithm", "square of the root")


def reformulations(expression: sp.Expr, judge: Judge) -> Iterator[Change]:
    """The same expression in other forms; one that SymPy got wrong, or that changes nothing, is left out.

    Examples
    --------
    >>> from scalecheck.proofs_checks.mutation.apart import Exactly
    >>> x = sp.Symbol("x", positive=True)
    >>> [new for _, told, new in reformulations((1 + x)**2, Exactly()) if told == "expand"]
    [x**2 + 2*x + 1]
    """
    for told, rewrite in REWRITINGS:
        try:
            new = rewrite(expression)
        except (ValueError, TypeError, AttributeError, NotImplementedError, sp.PolynomialError):
            continue
        if told in NEEDS_SIGN and expression == 0:
            continue
        unchanged = sp.srepr(new) == sp.srepr(expression)
        renaming = told == "bound variable renamed"
        if not unchanged and (renaming or judge.same(expression, new)):
            yield "rewritten", told, new
