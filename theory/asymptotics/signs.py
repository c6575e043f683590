"""Signs of sums and of their coefficients: what is certainly positive, by what it is made of or by its value."""

from __future__ import annotations

import math
from functools import lru_cache

import sympy as sp

from .chambers import ParameterDomain
from .mellin import mellin_transform
from .positivity import sign_of_number
from .power_sums import PowerSum, Term
from .special import ZetaSlope


def is_rational(coefficient: sp.Expr, domain: ParameterDomain) -> bool:
    """Whether a coefficient is a quotient of polynomials in the parameters, of rational coefficients.

    Examples
    --------
    >>> is_rational(sp.Rational(1, 2), ParameterDomain.of((), ())), is_rational(sp.pi, ParameterDomain.of((), ()))
    (True, False)
    """
    try:
        domain.field(coefficient)
    except TypeError:
        return False
    return True


def sign_on(coefficient: sp.Expr, domain: ParameterDomain) -> int | None:
    """The sign of a coefficient for all parameters; None where a rational factor of it has none.

    Raises
    ------
    UnreadableSystem
        If the sign of a factor that is neither rational nor a power of what is rational and positive is not known.

    Examples
    --------
    >>> c = sp.Symbol("c", real=True)
    >>> sign_on(-c * sp.sqrt(c), ParameterDomain.of((c,), (c > 0,)))
    -1
    """
    if is_rational(coefficient, domain):
        return domain.sign(coefficient)
    signs = [_sign_of_factor(factor, domain) for factor in sp.Mul.make_args(coefficient)]
    return None if None in signs else math.prod(sign for sign in signs if sign is not None)


def _sign_of_factor(factor: sp.Expr, domain: ParameterDomain) -> int | None:
    """A real power of what is positive is positive."""
    if is_rational(factor, domain):
        return domain.sign(factor)
    base, power = factor.as_base_exp()
    if factor.is_Pow and power.is_real and is_rational(base, domain) and domain.sign(base) == 1:
        return 1
    return sign_of_number(factor)


def coefficient_positivity(term: Term, problem: PowerSum, domain: ParameterDomain) -> sp.Basic:
    """When a coefficient is certainly positive: an integral inside its strip, a zeta function beyond 1, a tail that diverges.

    That of a logarithm is no integral: it is what the two ends of the function differ by, where the window meets one of them.
    """
    if not term.coefficient.free_symbols:
        return sp.true
    if term.origin == "window" and not (term.scale_log or term.count_log):
        return mellin_transform(problem.function, problem.variable, 2).strip.contains(-1 / problem.decay)
    if term.coefficient.is_rational_function(*domain.field.parameters):
        return sp.Gt(term.coefficient, 0)
    return sp.And(*(sp.Gt(z.args[0], 1) for z in term.coefficient.atoms(sp.zeta, ZetaSlope)))


@lru_cache(maxsize=4096)
def simplified_ratio(one: sp.Expr, other: sp.Expr) -> sp.Expr:
    """one/other simplified; once, since a system is read again on each wall of a range, with the same coefficients on many."""
    return sp.simplify(one / other)
