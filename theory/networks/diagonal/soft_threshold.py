"""Gaussian integrals of the soft threshold in closed form (theory.md N3), each one derived and proved.

Everything starts from the tail moments of a normal variable, which follow from integration by parts, and from
the definition of the soft threshold as a piecewise linear function. Nothing is looked up.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from ...derivation import Derivation, Step
from ...identities import DerivationError, is_zero, proved
from ...symbols import noise_level, threshold, threshold_ratio

atom = sp.Symbol("atom", real=True)
"""One teacher weight θ*."""
signal_ratio = sp.Symbol("signal_ratio", positive=True)
"""μ = θ*/τ, an atom in units of the effective noise."""
normal = sp.Symbol("z", real=True)
"""A standard normal variable."""

observation = atom + noise_level * normal
"""y = θ* + τ z, what the estimator sees."""


def density(point: sp.Expr) -> sp.Expr:
    """The normal density φ(x) = exp(-x²/2)/√(2π).

    Examples
    --------
    >>> density(sp.Integer(0))
    sqrt(2)/(2*sqrt(pi))
    """
    return sp.exp(-(point**2) / 2) / sp.sqrt(2 * sp.pi)


def upper_tail(point: sp.Expr) -> sp.Expr:
    """The normal tail Φ(-x) = P(z > x) = erfc(x/√2)/2.

    Examples
    --------
    >>> upper_tail(sp.Integer(0))
    1/2
    """
    return sp.erfc(point / sp.sqrt(2)) / 2


def tail_moment(order: int, point: sp.Expr) -> sp.Expr:
    """∫_x^∞ z^k φ(z) dz by integration by parts, I_k = x^{k-1} φ(x) + (k-1) I_{k-2}.

    Raises
    ------
    DerivationError
        If differentiating the closed form does not give the integrand back.

    Examples
    --------
    >>> x = sp.Symbol("x", real=True)
    >>> tail_moment(2, x) - x * density(x) - upper_tail(x)
    0
    """
    return _verified_tail_moment(order).xreplace({normal: point})


@cache
def _verified_tail_moment(order: int) -> sp.Expr:
    """The moment as a function of its lower end `normal`, checked against its own derivative."""
    if order == 0:
        moment = upper_tail(normal)
    elif order == 1:
        moment = density(normal)
    else:
        moment = normal ** (order - 1) * density(normal) + (order - 1) * _verified_tail_moment(order - 2)
    if not is_zero(sp.diff(moment, normal) + normal**order * density(normal)):
        raise DerivationError(f"the Gaussian tail moment of order={order} does not differentiate back to its integrand")
    return moment


def expectation(above: sp.Expr, below: sp.Expr, between: sp.Expr = sp.S.Zero) -> sp.Expr:
    """E of a function of z that is the polynomial `above` where y > t, `below` where y < -t, `between` otherwise.

    Parameters
    ----------
    above, below, between : sympy.Expr
        Polynomials in `normal`.

    Examples
    --------
    >>> expectation(sp.S.One, sp.S.One, sp.S.One)
    1
    """
    upper = (threshold - atom) / noise_level
    lower = (threshold + atom) / noise_level
    total = sp.S.Zero
    for (order,), coefficient in sp.Poly(above - between, normal).terms():
        total += coefficient * tail_moment(order, upper)
    for (order,), coefficient in sp.Poly(below - between, normal).terms():
        # z < -x is -z > x, and an odd power changes sign.
        total += coefficient * (-1) ** order * tail_moment(order, lower)
    for (order,), coefficient in sp.Poly(between, normal).terms():
        total += coefficient * (0 if order % 2 else sp.factorial2(order - 1))
    return total


# The definition of the soft threshold on its two live branches; it is zero in between.
_ABOVE = observation - threshold
_BELOW = observation + threshold


@cache
def exceedance() -> sp.Expr:
    """P(|θ* + τ z| > t), the chance that a weight is learned; its sum is the degrees of freedom (N3)."""
    return expectation(sp.S.One, sp.S.One)


@cache
def first_moment() -> sp.Expr:
    """E soft(θ* + τ z; t), the mean of a learned weight (N8)."""
    return expectation(_ABOVE, _BELOW)


@cache
def second_moment() -> sp.Expr:
    """E soft(θ* + τ z; t)², the power of a learned weight (N8, N9)."""
    return expectation(sp.expand(_ABOVE**2), sp.expand(_BELOW**2))


@cache
def noise_covariance() -> sp.Expr:
    """E[z soft(θ* + τ z; t)], the left side of Stein's identity."""
    return expectation(sp.expand(normal * _ABOVE), sp.expand(normal * _BELOW))


@cache
def risk() -> sp.Expr:
    """r(θ*, τ, t) = E (soft(θ* + τ z; t) - θ*)² (N3), in erfc and exp.

    Examples
    --------
    With the threshold at zero the estimate is y itself, and its risk is the variance.

    >>> sp.simplify(risk().subs(threshold, 0)).rewrite(sp.erf).simplify()
    noise_level**2
    """
    return expectation(sp.expand((_ABOVE - atom) ** 2), sp.expand((_BELOW - atom) ** 2), atom**2)


@cache
def distance_to_observation() -> sp.Expr:
    """E (soft(y; t) - y)², the observable part of Stein's unbiased risk estimate."""
    return expectation(threshold**2, threshold**2, sp.expand(observation**2))


@cache
def scaled(formula: sp.Expr, power: int = 0) -> sp.Expr:
    """`formula` in units of the noise: divided by τ^power, written in μ = θ*/τ and α = t/τ.

    Raises
    ------
    DerivationError
        If τ does not drop out, that is, if `formula` is not homogeneous of degree `power`.

    Examples
    --------
    >>> sorted(map(str, scaled(risk(), 2).free_symbols))
    ['signal_ratio', 'threshold_ratio']
    """
    replaced = formula.xreplace({atom: signal_ratio * noise_level, threshold: threshold_ratio * noise_level})
    result = sp.expand(_cancel_arguments(replaced) / noise_level**power)
    if noise_level in result.free_symbols:
        raise DerivationError(f"expected homogeneity of degree power={power}, but noise_level stays in {result}")
    return result


def _cancel_arguments(expression: sp.Expr) -> sp.Expr:
    """`expression` with the arguments of erfc and exp brought to lowest terms, where τ cancels."""
    pairs = {call: call.func(sp.expand(sp.cancel(call.args[0]))) for call in expression.atoms(sp.erfc, sp.exp)}
    return expression.xreplace(pairs)


@cache
def stein() -> Derivation:
    """Stein's identity for the soft threshold: E[z soft(θ* + τ z)] = τ P(|θ* + τ z| > t) (N3).

    Raises
    ------
    DerivationError
        If the two closed forms do not agree symbolically.

    Examples
    --------
    >>> stein().result.rhs == noise_level * exceedance()
    True
    """
    step = proved(
        "Integration by parts moves the noise onto the derivative of the estimator.",
        noise_covariance(),
        noise_level * exceedance(),
        "both sides in closed form from the tail moments; the difference is exactly zero",
    )
    steps = (*_moment_steps(), step)
    return Derivation("Stein's identity for the soft threshold", steps, (), step.formula, {}, ("stein1981estimation",))


@cache
def sure() -> Derivation:
    """Stein's unbiased risk estimate, r = E (soft(y) - y)² - τ² + 2 τ² P(|y| > t), and the derivatives of r (N3).

    Raises
    ------
    DerivationError
        If an identity does not reduce to exact zero.

    Examples
    --------
    >>> [str(name) for name in sure().values]
    ['risk', 'exceedance', 'risk_by_atom', 'risk_by_threshold']
    """
    square = noise_level**2
    unbiased = distance_to_observation() - square + 2 * square * exceedance()
    identity = proved("The risk can be estimated without the teacher.", risk(), unbiased, "difference exactly zero")
    by_atom, by_threshold = _derivative_steps()
    steps = (*stein().steps, identity, by_atom, by_threshold)
    values = {
        "risk": risk(),
        "exceedance": exceedance(),
        "risk_by_atom": 2 * atom * (1 - exceedance()),
        "risk_by_threshold": sp.diff(risk(), threshold),
    }
    references = ("stein1981estimation", "donoho2009message")
    return Derivation("Risk of the soft threshold", steps, (), identity.formula, values, references)


def _moment_steps() -> tuple[Step, ...]:
    """The moment recursion, verified for the orders that the soft threshold needs."""
    reason = "integration by parts; the closed form differentiates back to the integrand and vanishes at infinity"
    moments = (sp.Eq(sp.Integral(normal**k * density(normal), normal), -tail_moment(k, normal)) for k in range(3))
    return tuple(Step(f"A primitive of order {k} of the normal law.", eq, reason) for k, eq in enumerate(moments))


def _derivative_steps() -> tuple[Step, Step]:
    """Derivatives of the risk in the atom and in the threshold: a weight that is not learned is felt linearly."""
    hidden = 1 - exceedance()
    by_atom = proved(
        "The risk grows with the teacher only through the chance of staying below the threshold.",
        sp.diff(risk(), atom),
        2 * atom * hidden,
        "differentiate the closed form",
    )
    upper, lower = (threshold - atom) / noise_level, (threshold + atom) / noise_level
    by_threshold = proved(
        "Raising the threshold trades bias for variance.",
        sp.diff(risk(), threshold),
        2 * threshold * exceedance() - 2 * noise_level * (density(upper) + density(lower)),
        "differentiate the closed form",
    )
    return by_atom, by_threshold
