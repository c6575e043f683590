"""Textbook special functions that SymPy lacks, and safe numeric evaluation of formulas that contain them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import sympy as sp
from flint import arb, arb_series


class HalfMoment(sp.Function):  # type: ignore[misc]
    """W(ν, x) = E max(z + x, 0)^ν for a standard normal z, continued analytically in ν (a parabolic cylinder function).

    Examples
    --------
    The first moment of the positive part of z is 1/√(2π).

    >>> HalfMoment.at_zero(sp.Integer(1))
    sqrt(2)/(2*sqrt(pi))
    """

    nargs = 2

    @staticmethod
    def at_zero(order: sp.Expr) -> sp.Expr:
        """W(ν, 0) = 2^{ν/2-1} Γ((ν+1)/2)/√π."""
        return 2 ** (order / 2 - 1) * sp.gamma((order + 1) / 2) / sp.sqrt(sp.pi)

    @staticmethod
    def large_coefficient(order: sp.Expr, j: int) -> sp.Expr:
        """Coefficient of x^{ν-2j} as x → +∞: the Gaussian moment C(ν, 2j) (2j-1)!! of the binomial series."""
        return sp.ff(order, 2 * j) / sp.factorial(2 * j) * sp.factorial2(2 * j - 1)

    def fdiff(self, argindex: int = 2) -> sp.Expr:
        """dW/dx = ν W(ν-1, x)."""
        if argindex != 2:
            raise sp.function.ArgumentIndexError(self, argindex)
        order, point = self.args
        return order * HalfMoment(order - 1, point)

    def _eval_rewrite_as_hyper(self, order: sp.Expr, point: sp.Expr, **_: object) -> sp.Expr:
        even = sp.gamma((order + 1) / 2) * sp.hyper([-order / 2], [sp.Rational(1, 2)], -(point**2) / 2)
        odd = sp.gamma(1 + order / 2) * sp.hyper([(1 - order) / 2], [sp.Rational(3, 2)], -(point**2) / 2)
        return 2 ** (order / 2 - 1) / sp.sqrt(sp.pi) * (even + sp.sqrt(2) * point * odd)

    def _eval_evalf(self, prec: int) -> sp.Expr:
        order, point = (argument._to_mpmath(prec) for argument in self.args)
        with mpmath.workprec(prec):
            return sp.Expr._from_mpmath(half_moment(order, point), prec)

    @staticmethod
    def enclosed(order: arb, point: arb) -> arb:
        """W(ν, x) as a ball, by the two confluent series in x² of its even and odd part."""
        square, half = -(point**2) / 2, arb("0.5")
        even = ((order + 1) / 2).gamma() * square.hypgeom_1f1(-order / 2, half)
        odd = (1 + order / 2).gamma() * square.hypgeom_1f1((1 - order) / 2, 3 * half)
        return ((order / 2 - 1) * arb.const_log2()).exp() / arb.pi().sqrt() * (even + arb(2).sqrt() * point * odd)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        order, point = (printer._print(argument) for argument in self.args)
        return rf"W_{{{order}}}\left({point}\right)" + (f"^{{{exp}}}" if exp else "")


def half_moment(order: Any, point: Any) -> Any:
    """W(ν, x) in mpmath: Γ(ν+1)/√(2π) e^{-x²/4} D_{-ν-1}(-x), an entire function of x.

    Examples
    --------
    >>> abs(half_moment(2, 0) - 0.5) < 1e-12
    True
    """
    if abs(order - mpmath.nint(order)) < 1e-12 and order > -1:
        order = mpmath.nint(order)
    return (
        mpmath.gamma(order + 1)
        / mpmath.sqrt(2 * mpmath.pi)
        * mpmath.exp(-(point**2) / 4)
        * mpmath.pcfd(-order - 1, -point)
    )


class ZetaSlope(sp.Function):  # type: ignore[misc]
    """ζ'(s), minus the sum of k^{-s} log k where that converges; negative there.

    Examples
    --------
    >>> ZetaSlope(sp.Integer(2)).evalf(6), ZetaSlope(sp.Symbol("s", positive=True) + 1).is_negative
    (-0.937548, True)
    """

    nargs = 1

    def _eval_is_negative(self) -> bool | None:
        return True if (self.args[0] - 1).is_positive else None

    def _eval_evalf(self, prec: int) -> sp.Expr:
        with mpmath.workprec(prec):
            return sp.Expr._from_mpmath(zeta_slope(self.args[0]._to_mpmath(prec)), prec)

    @staticmethod
    def enclosed(order: arb) -> arb:
        """The slope as a ball, from the series of ζ at s."""
        return arb_series([order, 1], prec=2).zeta()[1]

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        return rf"\zeta'\left({printer._print(self.args[0])}\right)" + (f"^{{{exp}}}" if exp else "")


def zeta_slope(order: Any) -> Any:
    """ζ'(s) in mpmath.

    Examples
    --------
    >>> abs(zeta_slope(0) + mpmath.log(2 * mpmath.pi) / 2) < 1e-12
    True
    """
    return mpmath.zeta(order, 1, 1)


_MODULES: list[Any] = [{"HalfMoment": half_moment, "ZetaSlope": zeta_slope}, "mpmath"]


def numeric(expression: sp.Expr, *variables: sp.Symbol) -> Callable[..., Any]:
    """`expression` as an mpmath function of `variables`.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> float(numeric(sp.zeta(x), x)(2)) > 1.64
    True
    """
    unknown = expression.free_symbols - set(variables)
    if unknown:
        raise ValueError(f"expected values for all parameters, but {sorted(map(str, unknown))} have none")
    function: Callable[..., Any] = sp.lambdify(variables, expression, modules=_MODULES)
    return function


def without_cancelling(expression: sp.Expr) -> sp.Expr:
    """1 - exp(-u) as -expm1(-u) and log(1 + u) as log1p(u), which keep their digits at small u; for numbers only.

    Examples
    --------
    >>> u = sp.Symbol("u", positive=True)
    >>> float(numeric(without_cancelling(1 - sp.exp(-u)), u)(1e-30))
    1e-30
    """
    if expression.has(sp.log):
        from sympy.codegen.cfunctions import log1p  # slow to load, and few functions need it

        expression = expression.replace(
            lambda e: isinstance(e, sp.log) and 1 in e.args[0].args, lambda e: log1p(e.args[0] - 1)
        )
    if not expression.has(sp.exp) or (expression.has(sp.erfc) and not _stands_beside_a_number(expression)):
        return expression
    from sympy.codegen.rewriting import expm1_opt, optimize

    return optimize(expression, (expm1_opt,))


def _stands_beside_a_number(expression: sp.Expr) -> bool:
    """Whether an exponential and a number are added somewhere. Beside an error function factoring brings no such sum about."""

    def has_number_alone(total: sp.Expr) -> bool:
        return any(part.is_number for part in total.args)

    def has_plain_exponential(total: sp.Expr) -> bool:
        pairs = (part.as_independent(sp.exp, as_Add=False) for part in total.args)
        return any(factor.is_number and isinstance(call, sp.exp) for factor, call in pairs)

    return any(has_number_alone(total) and has_plain_exponential(total) for total in expression.atoms(sp.Add))


def evaluate(expression: sp.Expr) -> Any:
    """A number out of an expression without free symbols, at 25 digits."""
    with mpmath.workdps(25):
        return mpmath.mpf(numeric(sp.sympify(expression))())


def incomplete_beta(a: sp.Expr, b: sp.Expr, odds: sp.Expr) -> sp.Expr:
    """∫_0^x w^{a-1} (1-w)^{b-1} dw with x = odds/(1 + odds) and a > 0; elementary where a and b are integers or halves.

    Two recurrences (integration by parts) lead to the cases that are elementary at sight.

    Examples
    --------
    >>> z = sp.Symbol("z", positive=True)
    >>> half = sp.Rational(1, 2)
    >>> incomplete_beta(sp.S.One, sp.S.Zero, z), incomplete_beta(half, half, z), incomplete_beta(half, 2 * half, sp.S.One)
    (log(z + 1), 2*atan(sqrt(z)), sqrt(2))
    >>> incomplete_beta(half, sp.Rational(1, 3), z)
    betainc(1/2, 1/3, 0, z/(z + 1))
    """
    place, rest = odds / (1 + odds), 1 / (1 + odds)
    known = [(a + b, odds**a / a), (b - 1, place**a / a)]  # each of the second where the first is zero
    known += [] if a != 1 else [(b, sp.log(1 + odds)), (sp.S.Zero, (1 - rest**b) / b if b != 0 else sp.S.Zero)]
    known += [] if a != b else [(a - sp.Rational(1, 2), 2 * sp.atan(sp.sqrt(odds)))]
    found = next((value for gap, value in known if gap == 0), None)
    if found is not None:
        return found
    if not ((2 * a).is_Integer and (2 * b).is_Integer):
        return sp.betainc(a, b, 0, place)
    if a > 1 and a - 1 + b != 0:
        return ((a - 1) * incomplete_beta(a - 1, b, odds) - place ** (a - 1) * rest**b) / (a - 1 + b)
    if b > 1:
        return ((b - 1) * incomplete_beta(a, b - 1, odds) + place**a * rest ** (b - 1)) / (a + b - 1)
    if b < 0:
        return ((a + b) * incomplete_beta(a, b + 1, odds) - place**a * rest**b) / b
    return sp.betainc(a, b, 0, place)
