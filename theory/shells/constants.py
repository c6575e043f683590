"""Constants of laws that need more than Watson's lemma: one in closed form, and why others stay integrals (theory.md S10)."""

from __future__ import annotations

from functools import cache

import sympy as sp

from ..derivation import Step
from ..identities import proved
from .letters import rate, source
from .transport import euler_beta

y = sp.Symbol("y", positive=True)
"""λ_0 t, the initial eigenvalue on the lazy scale."""

OPEN_INTEGRAL = Step(
    "Elsewhere the constant stays an integral.",
    None,
    "its integrand is the exponential of a hypergeometric or incomplete gamma function of λ_0, and no closed form is known",
)
"""Why some constants are none; the integral is one quadrature, to any digits."""


@cache
def cubic_constant() -> tuple[sp.Expr, tuple[Step, ...]]:
    """∫ a y^{a-1} e^{-2G(y)} dy at b = 3, σ = -1, where the action G is arsinh(√c y)/√c: Euler's beta function again (S10).

    With k = 2/√c = 2x* it is k c^{-a/2} 2^{-a-1} B((k-a)/2, a+1), for a < k.

    Raises
    ------
    DerivationError
        If a step does not reduce to exact zero.

    Examples
    --------
    >>> closed, steps = cubic_constant()
    >>> round(float(closed.subs({source: 1, rate: 1})), 12), len(steps)   # k = 2: 2/4 B(1/2, 2) = 2/3
    (0.666666666667, 3)
    """
    angle, u = sp.symbols("theta u", positive=True)
    k = 2 / sp.sqrt(rate)
    action = sp.asinh(sp.sqrt(rate) * y) / sp.sqrt(rate)
    sine = (1 - u) / (2 * sp.sqrt(u))  # of θ, u = e^{-2θ}
    proved("It is the hyperbolic sine.", sp.sinh(-sp.log(u) / 2).rewrite(sp.exp), sine, "definition")
    part = sp.sinh(angle) ** source * sp.exp(-k * angle)
    left = source * sp.sinh(angle) ** (source - 1) * sp.cosh(angle) * sp.exp(-k * angle)
    steps = (
        proved(
            "At b = 3 the action is an inverse hyperbolic sine.",
            sp.diff(action, y),
            (1 + rate * y**2) ** sp.Rational(-1, 2),
            "the Euler operator gives the hypergeometric function this derivative, and both vanish at 0",
        ),
        proved(
            "With y = sinh(θ)/√c, by parts.",
            sp.powsimp(sp.expand(left - sp.diff(part, angle))),
            k * part,
            "the boundary terms vanish for a < k",
        ),
        proved(
            "With u = e^{-2θ} it is Euler's integral.",
            sp.powsimp(sp.expand_power_base(sine**source * u ** (k / 2) / (2 * u), force=True)),
            sp.powsimp(2 ** (-source - 1) * (1 - u) ** source * u ** ((k - source) / 2 - 1)),
            "substitute",
        ),
    )
    return k * rate ** (-source / 2) * 2 ** (-source - 1) * euler_beta((k - source) / 2, source + 1), steps
