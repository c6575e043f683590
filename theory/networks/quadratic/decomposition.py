"""The exact error decomposition of the quadratic network, and what one spike and the bulk contribute (theory.md N9).

With K = {k: s_k > max(t, σ)}: overfitting (2/d) Σ_bulk η², underfitting (2/d) Σ_{k∉K} s_k², approximation the remainder. The
remainder is not defined as R minus the rest here: it is written out through overlaps, and the sum is compared with Stein's
estimate of R, in which no overlap occurs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import sympy as sp

from ...derivation import Derivation, Step
from ...identities import proved
from ...symbols import dim, threshold
from . import spectral_functions as stein
from .free_convolution import conditional_teacher, height, position
from .letters import spike, spread
from .outliers import BULK_OF_ZEROS, isolated
from .semicircle import hilbert_transform, power_above, ratio

bulk_square = sp.Symbol("bulk_square", nonnegative=True)
"""d ∫ η² dμ over the eigenvalues of Y that belong to no spike of K."""
outlier_square = sp.Symbol("outlier_square", nonnegative=True)
"""Σ_{k∈K} (y_k - t)²."""
learned_power = sp.Symbol("learned_power", nonnegative=True)
"""Σ_{k∈K} s_k²."""
hidden_power = sp.Symbol("hidden_power", nonnegative=True)
"""Σ_{k∉K} s_k²."""
overlap_power = sp.Symbol("overlap_power", real=True)
"""d ∫ η E[S* | x] dμ = E Tr η(Y)S*."""

_PAPERS = ("defilippis2025scaling", "stein1981estimation")


@dataclass(frozen=True)
class Parts:
    """The three parts of R in the symbols of this module."""

    overfitting: sp.Expr
    underfitting: sp.Expr
    approximation: sp.Expr

    def total(self) -> sp.Expr:
        """Their sum."""
        return self.overfitting + self.underfitting + self.approximation


def parts() -> Parts:
    """The definition N9, the remainder written out: learned features minus teacher, and all cross terms.

    Examples
    --------
    >>> parts().overfitting
    2*bulk_square/dim
    """
    rest = outlier_square + learned_power - 2 * overlap_power
    return Parts(2 * bulk_square / dim, 2 * hidden_power / dim, 2 * rest / dim)


@cache
def identity() -> Derivation:
    """overfitting + underfitting + approximation = R, where R is Stein's estimate in the deterministic closure (N9).

    When this is wrong: in the finite-d closure it holds up to `closures().values["finite_defect"]` times 2/d. K is defined
    by teacher eigenvalues: where several spikes share one bump, which eigenvalues belong to K is a convention.

    Raises
    ------
    DerivationError
        If the difference is not exactly zero.

    Examples
    --------
    >>> len(identity().steps) > 5
    True
    """
    x, hilbert = sp.symbols("x hilbert", real=True)
    seen = proved(
        "The cross term through the teacher's mean along an eigenvector.",
        conditional_teacher().result,
        x - 2 * spread**2 * hilbert,
        "free convolution",
    )
    closure = stein.deterministic()
    # d∫ηE[S*|x] = d∫ηx - 2σ²d∫ηH: the average of the step above against η.
    known = {
        stein.output_square: (bulk_square + outlier_square) / dim,
        stein.teacher_square: (learned_power + hidden_power) / dim,
        stein.cross: (overlap_power + 2 * closure.variance * dim * stein.hilbert_moment) / dim,
    }
    total = proved(
        "The parts add up to Stein's estimate, in which no overlap occurs.",
        parts().total(),
        sp.expand(2 / dim * closure.risk().subs(known)),
        "deterministic closure, difference exactly zero",
    )
    steps = (*stein.sure().steps, *conditional_teacher().steps, seen, total)
    values = {"overfitting": parts().overfitting, "underfitting": parts().underfitting}
    values["approximation"] = parts().approximation
    result = sp.sympify(total.formula)
    assumptions = conditional_teacher().assumptions
    return Derivation("Error decomposition of the quadratic network", steps, assumptions, result, values, _PAPERS)


@cache
def outlier_error() -> Derivation:
    """E(s) = (y - t)² - 2(y - t) s q + s² with q = 1 - σ²/s²: squared distance of a learned feature to its spike (N9).

    In closed form t² + 2σ² - 4tσ²/s + 3σ⁴/s². Far above the bulk t² + 2σ²: shrinkage, and noise τ² in each of d coordinates
    of the eigenvector. When this is wrong: for crowded spikes; for y(s) ≤ t, where nothing is learned, the error is s².

    Raises
    ------
    DerivationError
        If a step does not reduce to exact zero.

    Examples
    --------
    >>> outlier_error().values["error"]
    2*spread**2 + threshold**2 - 4*spread**2*threshold/spike + 3*spread**4/spike**2
    """
    known = isolated().values
    learned = known["location"] - threshold
    error = learned**2 - 2 * learned * known["teacher"] + spike**2
    closed = sp.expand(error)
    shrinkage = 2 * spread**2 / spike - threshold
    noise = spread**2 * (1 + known["overlap"])
    split = proved(
        "Bias of the size, and noise of the direction.",
        closed,
        shrinkage**2 + noise,
        "complete the square in the learned eigenvalue; the bias vanishes at a threshold of twice the variance over s",
    )
    at_edge = proved(
        "At the spread a spike is as good as not learned but for the size.",
        closed.subs(spike, spread),
        (2 * spread - threshold) ** 2 + spread**2,
        "the overlap vanishes there: power of the learned feature, power of the spike",
    )
    best = sp.solve(sp.diff(closed, threshold), threshold)[0]
    steps = (*isolated().steps, split, at_edge, Step("Best threshold for this spike alone.", best, "differentiate"))
    values = {"error": closed, "best_threshold": best, "noise": noise, "bias": shrinkage**2}
    return Derivation("Error of one learned feature", steps, (BULK_OF_ZEROS,), closed, values, _PAPERS)


@cache
def bulk() -> Derivation:
    """Second moment ∫ η² dμ of the cut semicircle, and that its eigenvectors see nothing of a teacher at zero (N9).

    Raises
    ------
    DerivationError
        If a step does not reduce to exact zero.

    Examples
    --------
    >>> bulk().values["second_moment"].subs(threshold, 0)
    spread**2/2
    """
    second = spread**2 * power_above().subs(ratio, threshold / spread)
    density = sp.sqrt(4 * spread**2 - threshold**2) / (2 * sp.pi * spread**2)
    third = sp.simplify(sp.diff(second, threshold, 3))
    moment = proved(
        "The third derivative of the second moment is minus twice the density at the threshold.",
        third,
        -2 * density,
        "differentiate; it vanishes at the edge together with its first two derivatives",
    )
    x = sp.Symbol("x", real=True)
    (unit,) = hilbert_transform().free_symbols
    blind = proved(
        "Eigenvectors of the bulk see nothing.",
        x - 2 * spread**2 * hilbert_transform().subs(unit, x / spread) / spread,
        sp.S.Zero,
        "Hilbert transform of the semicircle: half the position over the variance",
    )
    overfitting = 2 * second
    values = {"second_moment": second, "overfitting": overfitting}
    steps = (moment, blind)
    return Derivation("Overfitting of the bulk", steps, (BULK_OF_ZEROS,), overfitting, values, _PAPERS)


@cache
def bulk_view() -> Derivation:
    """How a spike's direction spreads over the bulk: density √(4σ²-x²)/(2π(σ²+s²-sx)), of mass min(1, σ²/s²) (N9).

    Its integral against -2s(x - t) over (t, 2σ) is the cross term of one spike with the learned bulk: what N9 counts as
    approximation beyond `outlier_error`. For t ≥ 2σ it is zero.

    Raises
    ------
    DerivationError
        If a step does not reduce to exact zero.

    Examples
    --------
    >>> bulk_view().values["mass_above"], bulk_view().values["mass_below"]
    (spread**2/spike**2, 1)
    """
    x, angle = sp.Symbol("x", real=True), sp.Symbol("phi", real=True)
    density = sp.sqrt(4 * spread**2 - x**2) / (2 * sp.pi * (spread**2 + spike**2 - spike * x))
    # On the curve of a teacher at zero: u = x/2, v² = σ² - u².
    view = height / sp.pi / ((position - spike) ** 2 + height**2)
    curve = {height: sp.sqrt(spread**2 - x**2 / 4), position: x / 2}
    seen = proved(
        "Density of a spike's direction over the bulk.",
        sp.radsimp(view.subs(curve) / sp.sqrt(4 * spread**2 - x**2)),
        density / sp.sqrt(4 * spread**2 - x**2),
        "minus the imaginary part of the resolvent along it, over pi, at the subordinate point",
    )
    share = sp.Symbol("r", positive=True)
    poisson = proved(
        "With x the spread times twice a cosine the denominator is a Poisson kernel.",
        sp.expand((spread**2 + spike**2 - spike * x).subs({x: 2 * spread * sp.cos(angle), spike: share * spread})),
        sp.expand(spread**2 * (1 - share * sp.exp(sp.I * angle)) * (1 - share * sp.exp(-sp.I * angle)).expand())
        .rewrite(sp.cos)
        .expand(),
        "for r = s/spread below one, and with 1/r in its place above",
    )
    below, above = _masses(share)
    total = proved(
        "Bulk and outlier together have all of a spike that shows.",
        above + isolated().values["overlap"],
        sp.S.One,
        "the mass over the bulk is what the overlap lacks",
    )
    values = {"density": density, "mass_above": above, "mass_below": below}
    result = -2 * spike * sp.Integral((x - threshold) * density, (x, threshold, 2 * spread))
    return Derivation("A spike in the bulk", (seen, poisson, total), (BULK_OF_ZEROS,), result, values, _PAPERS)


def _masses(share: sp.Symbol) -> tuple[sp.Expr, sp.Expr]:
    """∫ of the density, below and above σ, through the Fourier series of the Poisson kernel.

    1/(1 + r² - 2r cos φ) = (1 + 2 Σ rⁿ cos nφ)/(1 - r²) for r < 1, and sin² φ has the waves 0 and 2 alone.
    """
    angle = sp.Symbol("phi", real=True)
    series = (1 + sum(2 * share**n * sp.cos(n * angle) for n in (1, 2))) / (1 - share**2)
    # dx √(4σ²-x²)/(2πσ²) = (2/π) sin² φ dφ over (0, π).
    below = sp.simplify(sp.integrate(sp.expand(2 / sp.pi * sp.sin(angle) ** 2 * series), (angle, 0, sp.pi)))
    # For r > 1 the denominator is r² times that of 1/r.
    above = sp.simplify(below.subs(share, 1 / share) / share**2).subs(share, spike / spread)
    return below, sp.simplify(above)
