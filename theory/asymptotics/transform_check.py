"""The second way for a Mellin transform: a transform found by rule against a numeric integral."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import mpmath
import sympy as sp

from .mellin import MellinMismatch, Monomial, Transform
from .special import evaluate, numeric

_CUT = 1e-3
"""Where numeric integration gives way to the end expansions, at u = _CUT and u = 1/_CUT. Empirical: the error of the
expansions there is far below the 1e-6 asked for, and the integrand loses at most some 6 of its 25 digits."""


def confirm_transform(transform: Transform, point: sp.Expr, sample: Mapping[sp.Symbol, Any]) -> float:
    """F*(point) by numeric integration between two cuts and the end expansions beyond; returns the relative difference.

    Works outside the strip as well: below the cut x, ∫_0^x b u^{q+s-1} du is b x^{q+s}/(q+s) by continuation.

    Raises
    ------
    MellinMismatch
        If the two values differ by more than 1e-6 relative plus what the omitted powers can explain.
    ValueError
        If too few powers are known for the integral to converge at this point.

    Examples
    --------
    >>> from .mellin import mellin_transform
    >>> u = sp.Symbol("u", positive=True)
    >>> confirm_transform(mellin_transform(u / (1 + u), u), -sp.Rational(3, 2), {}) < 1e-6
    True
    """
    s = evaluate(sp.sympify(point).subs(sample))
    function = numeric(transform.function.subs(sample), transform.variable)
    breaks = [float(evaluate(at.location.subs(sample))) for at in transform.breaks]
    with mpmath.workdps(25):
        cuts = sorted({_CUT, 0.03, 0.3, 1.0, 3.0, 10.0, 50.0, 1 / _CUT, *breaks})
        total = mpmath.quad(lambda u: function(u) * u ** (s - 1), cuts)
        lower, lower_error = _beyond(transform.small, transform.small_omitted, s, sample, _CUT)
        upper, upper_error = _beyond(transform.large, transform.large_omitted, s, sample, 1 / _CUT)
        total += lower - upper
    expected = evaluate(transform.at(point).subs(sample))
    difference = abs(total - expected)
    if not difference <= 1e-6 * abs(expected) + 3 * (lower_error + upper_error) + 1e-15:
        raise MellinMismatch(
            f"Mellin transform of {transform.function} at s={s}: rule gives {expected}, integration gives {total}"
        )
    return float(difference / max(abs(expected), 1e-30))


def _beyond(
    monomials: tuple[Monomial, ...],
    omitted: tuple[Monomial, ...],
    s: Any,
    sample: Mapping[sp.Symbol, Any],
    cut: float,
) -> tuple[Any, Any]:
    """The part of the integral beyond a cut, from the end expansion, and the size of what that leaves out."""

    def integrated(monomial: Monomial) -> Any:
        shift = s + evaluate(monomial.power.subs(sample))
        value = evaluate(monomial.coefficient.subs(sample)) * mpmath.mpf(cut) ** shift / shift
        return value * (mpmath.log(cut) - 1 / shift) if monomial.log else value

    for monomial in omitted:
        shift = s + evaluate(monomial.power.subs(sample))
        if (shift <= 0) if cut < 1 else (shift >= 0):
            raise ValueError(f"too few powers are known for s={s}: the next one is {monomial.power}")
    return sum(map(integrated, monomials), mpmath.mpf(0)), sum((abs(integrated(m)) for m in omitted), mpmath.mpf(0))
