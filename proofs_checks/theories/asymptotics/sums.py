"""Claims about power-law sums (A1): partial sums, windows and poles, beside answers that computer algebra systems give."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING

from ...claims import Claim, Source, Twin
from ...formulas import Formula, Measured, NumericPoint, from_derivation, from_numbers

if TYPE_CHECKING:  # a record is light: SymPy is loaded when a claim is built
    import sympy as sp


TERMS_SUMMED = 10**6
"""Terms of an infinite sum added one by one; the rest by Euler and Maclaurin, to a relative 1e-15 where the step of the
summand is far below."""


def _partial_sum() -> Claim:
    import sympy as sp

    from scalecheck.theory.symbols import decay

    def measure(point: NumericPoint) -> Measured:
        """S(x) = Σ_{k≤x} k^{-s} x^{s-1} has corrections x^{s-1} and 1/x: two Richardson steps on x, 4x, 16x."""
        import numpy as np

        s, sizes = point["decay"], (10**5, 4 * 10**5, 16 * 10**5)
        powers = np.arange(1, sizes[-1] + 1, dtype=float) ** -s
        values = [float(powers[:x].sum()) * x ** (s - 1) for x in sizes]
        for ratio in (4 ** (s - 1), 0.25):
            values = [(after - ratio * before) / (1 - ratio) for before, after in pairwise(values)]
        return values[0], 1e-9

    quantity, formula = "limit", 1 / (1 - decay)
    return Claim(
        id="A1.partial-sum",
        title="partial sums of a slowly decaying power",
        statement=r"For $0 < \gamma < 1$: $\sum_{k \le x} k^{-\gamma} / x^{1-\gamma} \to 1/(1-\gamma)$; for $\gamma = 1/2$ the limit is 2.",
        source=Source((), "A1", "derived"),
        assertion=Formula(quantity, formula),
        comparison=r"coefficient of the leading term, exactly; and sums of $1.6\cdot 10^6$ terms, extrapolated, within $10^{-8}$ relative",
        symbolic=from_derivation(_leading_of_partial_sum),
        numeric=from_numbers(measure, [{"decay": 0.5}, {"decay": 0.25}, {"decay": 0.75}]),
        twins=(
            Twin("zero", "0 (what SymPy's limit says at $\\gamma = 1/2$)", Formula(quantity, sp.S.Zero)),
            Twin("one", "1", Formula(quantity, sp.S.One)),
            Twin("inverse", r"$1/\gamma$, the same at $\gamma = 1/2$ only", Formula(quantity, 1 / decay)),
            Twin("zeta", r"$\zeta(\gamma)$ added: the constant taken for the leading term", Formula(quantity, formula + sp.zeta(decay))),
        ),
    )  # fmt: skip


def _leading_of_partial_sum() -> sp.Expr:
    """Coefficient of count^{1-γ} in Σ k^{-γ}; it leads for γ < 1."""
    import sympy as sp

    from scalecheck.theory.asymptotics.power_sums import Position, PowerSum, expand
    from scalecheck.theory.symbols import decay

    u = sp.Symbol("u", positive=True)
    found = expand(PowerSum(u, u), Position.ABOVE)
    return next(term.coefficient for term in found.terms if sp.expand(term.count_power - 1 + decay) == 0)


def _mellin() -> Claim:
    import sympy as sp

    from scalecheck.theory.symbols import decay, noise_level

    window = sp.pi / (decay * sp.sin(sp.pi / decay)) * noise_level ** (-1 / decay)
    quantity, half = "sum", sp.Rational(1, 2)
    points = [{"decay": gamma, "noise_level": tau} for gamma, tau in ((2.0, 1e-8), (3.0, 1e-10), (2.5, 1e-8))]
    return Claim(
        id="A1.window",
        title="a power sum by its Mellin transform: window and head",
        statement=r"For $\gamma > 1$, $\tau \to 0$: $\sum_{k \ge 1} \frac{k^{-\gamma}}{k^{-\gamma} + \tau} = \frac{\pi}{\gamma\sin(\pi/\gamma)}"
        r" \tau^{-1/\gamma} - \frac12 + O(\tau)$.",
        source=Source((), "A1", "derived"),
        assertion=Formula(quantity, window - half),
        comparison=r"the two leading terms, exactly; and the sum itself at $\tau \le 10^{-8}$, within $10^{-8}$ relative",
        symbolic=from_derivation(_window_and_head),
        numeric=from_numbers(_ridge_sum, points),
        twins=(
            Twin("head", "the head forgotten", Formula(quantity, window)),
            Twin("sign", "the head with the other sign", Formula(quantity, window + half)),
            Twin("count", r"$\tau^{-1/\gamma}$: the sum taken for a count", Formula(quantity, noise_level ** (-1 / decay) - half)),
        ),
    )  # fmt: skip


def _window_and_head() -> sp.Expr:
    """Terms of order τ^{-1/γ} and 1."""
    import sympy as sp

    from scalecheck.theory.asymptotics.power_sums import Position, PowerSum, expand
    from scalecheck.theory.symbols import decay, dim, noise_level

    u = sp.Symbol("u", positive=True)
    found = expand(PowerSum(u / (1 + u), u, count=sp.oo), Position.INSIDE)
    kept = [term for term in found.terms if sp.expand(term.scale_power) in (0, -1 / decay)]
    return sp.Add(*(term.expression(noise_level, dim) for term in kept))


def _ridge_sum(point: NumericPoint) -> Measured:
    """Σ k^{-γ}/(k^{-γ} + τ), terms one by one and the rest by Euler and Maclaurin."""
    import numpy as np
    from scipy.integrate import quad

    gamma, tau, last = point["decay"], point["noise_level"], float(TERMS_SUMMED)
    k = np.arange(TERMS_SUMMED, 0, -1, dtype=float)
    head = float(np.sum(1 / (1 + tau * k**gamma)))
    # In v = 1/k the integral from `last` on is over a bounded interval.
    integral, error = quad(lambda v: v ** (gamma - 2) / (v**gamma + tau), 0, 1 / last, epsabs=0, epsrel=1e-12)
    edge = 1 / (1 + tau * last**gamma)
    slope = -gamma * tau * last ** (gamma - 1) * edge**2
    return head + integral - edge / 2 - slope / 12, float(error) + 1e-12 * head


def _double_pole() -> Claim:
    import sympy as sp

    from scalecheck.theory.symbols import dim, noise_level

    quantity, half, area = "sum", sp.Rational(1, 2), noise_level**-2
    window = (sp.log(dim * noise_level**2) + 1 - sp.EulerGamma) * area
    points = [{"dim": d, "noise_level": tau} for d, tau in ((1e22, 1e-3), (1e25, 2e-3), (1e24, 5e-4))]
    return Claim(
        id="A1.double-pole",
        title="a power sum where two poles meet: a logarithm",
        statement=r"For $1/d \ll \tau^2 \ll 1$: $\sum_{k \le d} (1 - e^{-1/(k\tau^2)}) ="
        r" \frac{\log(d\tau^2) + 1 - \gamma_E}{\tau^2} - \frac12$ up to terms beyond all powers of $\tau$ and of order $1/(d\tau^4)$:"
        r" the power sum of $1 - e^{-u^2}$ with $\gamma = \frac12$.",
        source=Source((), "A1", "derived"),
        assertion=Formula(quantity, window - half),
        comparison=r"the leading terms, exactly; and the sum itself by Euler and Maclaurin, within $10^{-8}$ relative",
        symbolic=from_derivation(_window_at_a_pole),
        numeric=from_numbers(_sum_at_a_pole, points),
        twins=(
            Twin("count", "the logarithm dropped, as if the poles stood apart", Formula(quantity, area - half)),
            Twin("sign", r"$\log\tau$ with the other sign", Formula(quantity, window - 4 * sp.log(noise_level) * area - half)),
            Twin("factor", r"$\log\tau$ once instead of twice", Formula(quantity, window - sp.log(noise_level) * area - half)),
            Twin("finite", "the finite part of the transform forgotten", Formula(quantity, sp.log(dim * noise_level**2) * area - half)),
            Twin("euler", "Euler's constant forgotten", Formula(quantity, window + sp.EulerGamma * area - half)),
            Twin("head", "the head forgotten", Formula(quantity, window)),
        ),
    )  # fmt: skip


def _window_at_a_pole() -> sp.Expr:
    """Terms of orders log/τ², 1/τ² and 1, without those that fall with d."""
    import sympy as sp

    from scalecheck.theory.asymptotics.power_sums import Position, PowerSum, expand
    from scalecheck.theory.symbols import dim, noise_level

    u = sp.Symbol("u", positive=True)
    found = expand(PowerSum(1 - sp.exp(-(u**2)), u, sp.Rational(1, 2)), Position.INSIDE)
    kept = [term for term in found.terms if term.count_power == 0 and term.scale_power in (0, -2)]
    return sp.expand_log(sp.Add(*(term.expression(noise_level, dim) for term in kept)), force=True)


def _sum_at_a_pole(point: NumericPoint) -> Measured:
    """Σ_{k≤d} (1 - e^{-N/k}), N = 1/τ²: the antiderivative k (1 - e^{-N/k}) + N E_1(N/k), and half of both ends.

    All derivatives at k = 1 are of order e^{-N}, and the slope at d is N/d².
    """
    import mpmath

    with mpmath.workdps(40):
        count, width = mpmath.mpf(point["dim"]), 1 / mpmath.mpf(point["noise_level"]) ** 2
        ends = [(k, 1 - mpmath.exp(-width / k), width * mpmath.e1(width / k)) for k in (mpmath.mpf(1), count)]
        first, last = (k * value + rest for k, value, rest in ends)
        found = last - first + (ends[0][1] + ends[1][1]) / 2
        # What the formula leaves out, N²/d, is below 1e-9 everywhere here.
        return float(found), float(found) * 1e-15 + float(width**2 / count)


def makers() -> tuple[Callable[[], Claim], ...]:
    """What makes the claims, in their order."""
    return (_partial_sum, _mellin, _double_pole)
