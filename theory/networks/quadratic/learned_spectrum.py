"""What the quadratic network has learned: zero mass, bulk, outliers, and the power tail of its spectrum (theory.md N8).

S is max(· - t, 0) of Y = S* + τG. The bulk of Y is the semicircle of edge 2σ, of which a threshold below 2σ leaves a piece;
spikes stand out at y(s) - t. Inverting y gives the number of outliers above x in closed form, and with it the tail and
where it begins.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from functools import cache

import sympy as sp

from ...derivation import Derivation, Step
from ...identities import DerivationError, proved
from ...symbols import decay, dim, threshold
from .letters import spike, spread
from .outliers import BULK_OF_ZEROS, isolated
from .semicircle import moment_above, ratio
from .state_equations import index, teacher_eigenvalue

size = sp.Symbol("size", positive=True)
"""x, a learned eigenvalue."""
threshold_exponent = sp.Symbol("x_threshold", real=True)
"""t = dim**x_threshold."""
spread_exponent = sp.Symbol("x_spread", real=True)
"""σ = dim**x_spread."""

_PAPERS = ("benaych2011eigenvalues", "biane1997free", "defilippis2025scaling")


class NothingLearned(ValueError):
    """No teacher eigenvalue lies above threshold and spread on power scales: there is no tail."""


class Regime(enum.Enum):
    """Where the threshold stands against the bulk, whose edge is 2σ."""

    ABOVE = "the threshold is far above the bulk: t >> spread"
    EDGE = "the threshold is at the edge of the bulk: t = 2 spread"
    BELOW = "the threshold is far inside the bulk: t << spread"


@dataclass(frozen=True)
class LearnedSpectrum:
    """The spectrum of S for a teacher of isolated spikes.

    Parameters
    ----------
    zero_mass : sympy.Expr
        Share of the d eigenvalues that are zero, for t ≤ 2σ; spikes are a vanishing share.
    bulk_density : sympy.Expr
        Density at `size`, 0 < x < 2σ - t, normalised to 1 - zero_mass; no bulk for t ≥ 2σ.
    outlier : sympy.Expr
        Learned eigenvalue of a spike.
    smallest_spike : sympy.Expr
        Spikes above it show in S.
    """

    zero_mass: sp.Expr
    bulk_density: sp.Expr
    outlier: sp.Expr
    smallest_spike: sp.Expr


@cache
def learned_spectrum() -> LearnedSpectrum:
    """Mass at zero, shifted cut semicircle, outliers at y(s) - t (N8).

    Examples
    --------
    >>> learned_spectrum().outlier
    spike - threshold + spread**2/spike
    >>> learned_spectrum().zero_mass.subs(threshold, 2 * spread)
    1
    """
    mass = 1 - moment_above(0).subs(ratio, threshold / spread)
    density = sp.sqrt(4 * spread**2 - (size + threshold) ** 2) / (2 * sp.pi * spread**2)
    above = (threshold + sp.sqrt(threshold**2 - 4 * spread**2)) / 2
    smallest = sp.Piecewise((above, threshold > 2 * spread), (spread, True))
    return LearnedSpectrum(mass, density, isolated().values["location"] - threshold, smallest)


@cache
def spectrum_derivation() -> Derivation:
    """That the pieces fit: mass, the smallest learned spike, and the number of outliers above x (N8).

    Raises
    ------
    DerivationError
        If a step does not reduce to exact zero.

    Examples
    --------
    >>> len(spectrum_derivation().steps) > 4
    True
    """
    found = learned_spectrum()
    mass = proved(
        "What leaves zero when the threshold falls is the density of the bulk there.",
        sp.diff(found.zero_mass, threshold),
        found.bulk_density.subs(size, 0),
        "differentiate the mass of the cut semicircle",
    )
    shown, product = _smallest_spike_steps()
    steps = (*isolated().steps, mass, shown, product, *_count_steps())
    values = {"count": count_above(), "density": tail_density(), "zero_mass": found.zero_mass}
    subject = "Learned spectrum of the quadratic network"
    result = sp.Tuple(*values.values())
    return Derivation(subject, steps, (BULK_OF_ZEROS,), result, values, _PAPERS)


def _smallest_spike_steps() -> tuple[Step, Step]:
    """y(s) = t has two roots whose product is σ²: one is above σ iff t > 2σ."""
    location = isolated().values["location"]
    above = learned_spectrum().smallest_spike.args[0][0]
    shown = proved(
        "For a threshold beyond the edge the smallest learned spike is where the outlier meets the threshold.",
        sp.radsimp(location.subs(spike, above)),
        threshold,
        "solve for the spike, the larger root",
    )
    mirrored = proved(
        "The other root is below the spread and shows nothing; within the bulk every spike above the spread is learned.",
        sp.expand(above * (threshold - above)),
        spread**2,
        "the two roots add to the threshold and multiply to the variance",
    )
    return shown, mirrored


def spike_of(learned: sp.Expr = size) -> sp.Expr:
    """The spike that is learned as x: s = (t + x + √((t+x)² - 4σ²))/2, for t + x ≥ 2σ.

    Examples
    --------
    >>> spike_of().subs({spread: 0, threshold: 1})
    size + 1
    """
    seen = threshold + learned
    return (seen + sp.sqrt(seen**2 - 4 * spread**2)) / 2


@cache
def count_above() -> sp.Expr:
    """Number of outliers above x, N(x) = (√d/s(x))^{1/γ}: up to rounding to an integer and the end of the teacher at d.

    Examples
    --------
    >>> count_above().subs({spread: 0, threshold: 0})
    (sqrt(dim)/size)**(1/decay)
    """
    shape = sp.solve(sp.log(teacher_eigenvalue()).expand(force=True) - sp.log(spike), sp.log(index))[0]
    law = sp.exp(sp.expand(shape))
    power = (sp.sqrt(dim) / spike) ** (1 / decay)
    if sp.expand(sp.expand_log(sp.log(law) - sp.log(power), force=True)) != 0:
        raise DerivationError(f"number of spikes above one: expected {power}, got {law}")
    return power.subs(spike, spike_of())


@cache
def tail_density() -> sp.Expr:
    """-dN/dx = N(x)/(γ √((t+x)² - 4σ²)): density of the outliers per unit of x (total, not divided by d).

    Examples
    --------
    >>> sp.powsimp(tail_density().subs({spread: 0, threshold: 0}))
    (sqrt(dim)/size)**(1/decay)/(decay*size)
    """
    return count_above() / (decay * sp.sqrt((threshold + size) ** 2 - 4 * spread**2))


def _count_steps() -> tuple[Step, Step]:
    """The spike of an eigenvalue, and the density from the number."""
    root = sp.sqrt((threshold + size) ** 2 - 4 * spread**2)
    back = proved(
        "The spike of a learned eigenvalue.",
        sp.radsimp(learned_spectrum().outlier.subs(spike, spike_of())),
        size,
        "insert it into the position of the outlier",
    )
    slope = proved(
        "Density of the outliers.",
        sp.radsimp(sp.diff(sp.log(spike_of()), size) * root),
        sp.S.One,
        "the logarithm of the spike has one over the root as its slope; the number falls as its power -1/decay",
    )
    return back, Step(slope.statement, tail_density(), slope.reason)


@dataclass(frozen=True)
class SpectrumTail:
    """Tail of the learned spectrum: density constant · x^exponent for lower ≪ x ≪ upper, carried by so many eigenvalues.

    Parameters
    ----------
    exponent, constant : sympy.Expr
        Of the density of eigenvalues per unit of x, not divided by d.
    lower, upper, carriers : sympy.Expr
        Window and number, for d^{1/2-γ} ≪ lower (else the window begins at d^{1/2-γ} and all d carry).
    start : sympy.Expr
        Smallest outlier in S.
    near : sympy.Expr
        Leading density of the outliers just above the smallest one, as a function of `size` = x - start.
    """

    exponent: sp.Expr
    constant: sp.Expr
    lower: sp.Expr
    upper: sp.Expr
    carriers: sp.Expr
    start: sp.Expr
    near: sp.Expr
    derivation: Derivation


_SETTING = {
    Regime.ABOVE: {spread: sp.S.Zero},
    Regime.EDGE: {threshold: 2 * spread},
    Regime.BELOW: {threshold: sp.S.Zero},
}
"""What a regime puts for the smaller of the two scales: its definition."""


@cache
def spectrum_tail(regime: Regime) -> SpectrumTail:
    """Tail, window and carriers with the threshold above, at, or far inside the bulk (N8).

    The tail x^{-1-1/γ} begins at the larger of t and σ. Below it the density is flat for t ≫ σ and an inverse square root,
    the trace of the spectral edge, for t of the order of σ and below.

    When this is wrong: where all teacher eigenvalues exceed t and σ the window begins at the smallest of them instead.
    Crowded spikes (`outliers.merging`) smear the outliers but leave the tail.

    Raises
    ------
    DerivationError
        If the leading terms are not as the limit of the exact density.

    Examples
    --------
    >>> [spectrum_tail(regime).lower for regime in Regime]
    [threshold, spread, spread]
    >>> [spectrum_tail(regime).exponent for regime in Regime]
    [-1 - 1/decay, -1 - 1/decay, -1 - 1/decay]
    """
    density = sp.powsimp(tail_density().subs(_SETTING[regime]))
    exponent, constant, agree = _far(density)
    scale = next(iter(density.free_symbols & {threshold, spread}))
    start, near = _near(density, scale, regime)
    carriers = ((sp.sqrt(dim) / spike) ** (1 / decay)).subs(spike, scale)
    steps = (
        *spectrum_derivation().steps,
        Step("Density in this regime.", density, "drop the smaller scale"),
        agree,
        Step("The only scale left, where the tail begins.", scale, "one scale remains in the density"),
        Step("Just above the smallest outlier.", near, "leading term there"),
        Step("Carriers.", carriers, "teacher eigenvalues above the beginning of the window"),
    )
    subject = f"Tail of the learned spectrum: {regime.value}"
    tail = constant * size**exponent
    derivation = Derivation(subject, steps, (BULK_OF_ZEROS,), tail, {}, _PAPERS)
    return SpectrumTail(exponent, constant, scale, sp.sqrt(dim), carriers, start, near, derivation)


def _far(density: sp.Expr) -> tuple[sp.Expr, sp.Expr, Step]:
    """Exponent and constant for x beyond all scales, and the proof that the ratio to the power tends to one."""
    bare = sp.powsimp(density.subs({threshold: 0, spread: 0}))
    exponent = sp.expand(sp.simplify(size * sp.diff(sp.expand_log(sp.log(bare), force=True), size)))
    constant = sp.simplify(bare.subs(size, 1))
    reciprocal = sp.Symbol("w", positive=True)
    log_ratio = sp.expand_log(sp.log(density), force=True) - sp.expand_log(
        sp.log(constant * size**exponent), force=True
    )
    # Every scale is one unit: the ratio depends on x over the scale alone.
    unit = {threshold: 1, spread: 1, size: 1 / reciprocal}
    at_end = sp.limit(sp.simplify(sp.logcombine(log_ratio.subs(unit).subs(decay, 1), force=True)), reciprocal, 0, "+")
    # γ enters the logarithm linearly through 1/γ: two values of it settle every γ.
    at_two = sp.limit(sp.simplify(sp.logcombine(log_ratio.subs(unit).subs(decay, 2), force=True)), reciprocal, 0, "+")
    step = proved(
        "Far above both scales the ratio to this power law tends to one.", at_end**2 + at_two**2, sp.S.Zero, "limit"
    )
    return exponent, constant, Step(step.statement, constant * size**exponent, step.reason)


def _near(density: sp.Expr, scale: sp.Symbol, regime: Regime) -> tuple[sp.Expr, sp.Expr]:
    """Smallest outlier, and the leading density at a small distance `size` above it."""
    start = {Regime.ABOVE: sp.S.Zero, Regime.EDGE: sp.S.Zero, Regime.BELOW: 2 * spread}[regime]
    moved = density.subs(size, start + size)
    # Powers of x are 0 or -1/2: found as the logarithmic slope at zero.
    slope = sp.limit(sp.simplify(size * sp.diff(sp.log(moved.subs({scale: 1, decay: 1, dim: 1})), size)), size, 0, "+")
    front = sp.limit(sp.powsimp(sp.expand_power_base(_factored(moved) / size**slope, force=True)), size, 0, "+")
    return start, sp.powsimp(front, force=True) * size**slope


def _factored(density: sp.Expr) -> sp.Expr:
    """`density` with the root's argument factored, so that its zero at the edge is a power of x."""
    roots = {e: sp.factor(e.base) ** e.exp for e in density.atoms(sp.Pow) if abs(e.exp) == sp.S.Half}
    return density.xreplace(roots)


def tail_exponents(
    threshold_power: sp.Expr = threshold_exponent, spread_power: sp.Expr = spread_exponent
) -> tuple[sp.Expr, sp.Expr]:
    """Exponents of d of the beginning of the window and of the number of carriers, for t = d^x_t, σ = d^x_σ (N8).

    Raises
    ------
    NothingLearned
        If both exponents are numbers and none of the teacher's eigenvalues exceeds both scales by a power.

    Examples
    --------
    >>> tail_exponents(sp.S.Zero, -sp.Rational(1, 8))[0].subs(decay, 1)
    0
    """
    largest = _power(teacher_eigenvalue().subs(index, 1))
    smallest = _power(teacher_eigenvalue().subs(index, dim))
    noise_floor = sp.Max(threshold_power, spread_power)
    if noise_floor.is_number and noise_floor >= largest:
        raise NothingLearned(
            f"threshold_power={threshold_power} and spread_power={spread_power}: allowed below {largest}"
        )
    lower = sp.Max(noise_floor, smallest)
    rank = sp.Symbol("rank")
    slope = sp.diff(_power(teacher_eigenvalue().subs(index, dim**rank)), rank)
    return lower, sp.expand((lower - largest) / slope)


def _power(law: sp.Expr) -> sp.Expr:
    """The power of d in a monomial."""
    return sp.simplify(dim * sp.diff(sp.expand_log(sp.log(law), force=True), dim))
