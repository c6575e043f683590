"""Signs of sums and of their coefficients: what is certainly positive, by what it is made of or by its value."""

from __future__ import annotations

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
    """The sign of a coefficient for all parameters; None where a rational one has none.

    Raises
    ------
    UnreadableSystem
        If the sign of one that is not rational is not known.
    """
    return domain.sign(coefficient) if is_rational(coefficient, domain) else sign_of_number(coefficient)


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
