"""Outliers of Y = S* + τG: where a teacher eigenvalue shows, how much of its eigenvector, and when spikes crowd (N8).

Each of the d teacher eigenvalues is an atom of weight 1/d. If the others are neither near nor many, one formula holds for
each (`isolated`); the first correction is a sum over the others (`crowded`); and where the bumps of neighbours overlap
there are no single outliers any more (`merging`).
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from ...derivation import Derivation, Step
from ...identities import DerivationError, proved
from ...symbols import decay, dim
from .free_convolution import omega, semicircle_transform, z
from .letters import spike, spread
from .state_equations import index, teacher_eigenvalue

other = sp.Symbol("other_spike", positive=True)
"""s_j, another teacher eigenvalue."""
near_sum = sp.Symbol("near_sum", real=True)
"""(1/d) Σ_{j≠k} 1/(s_k - s_j)."""
near_square_sum = sp.Symbol("near_square_sum", nonnegative=True)
"""(1/d) Σ_{j≠k} 1/(s_k - s_j)²."""
spacing = sp.Symbol("spacing", positive=True)
"""δ, the distance between neighbouring spikes."""
spread_exponent = sp.Symbol("x_spread", real=True)
"""σ = dim**x_spread."""

_PAPERS = ("benaych2011eigenvalues", "biane1997free")
BULK_OF_ZEROS = "all but a vanishing share of the teacher's eigenvalues are far below this one, and none is close to it"
MOST_BELOW = "all but a vanishing share of the teacher's eigenvalues are far below this one"


def subordination_map(point: sp.Expr) -> sp.Expr:
    """F(ω) = ω + σ² G_0(ω) for a teacher whose mass is at zero.

    Examples
    --------
    >>> subordination_map(spike)
    spike + spread**2/spike
    """
    return point + spread**2 / point


@cache
def isolated() -> Derivation:
    """A spike s > σ shows at y(s) = s + σ²/s with squared overlap 1 - σ²/s²; a spike s ≤ σ does not show (N8).

    When this is wrong: for crowded spikes, see `crowded` and `merging`; within a distance d^{-1/3} of s = σ at finite d.

    Raises
    ------
    DerivationError
        If a step does not reduce to exact zero.

    Examples
    --------
    >>> isolated().values["location"], isolated().values["overlap"]
    (spike + spread**2/spike, 1 - spread**2/spike**2)
    """
    location = subordination_map(spike)
    overlap = sp.diff(subordination_map(omega), omega).subs(omega, spike)
    values = {"location": location, "overlap": overlap, "teacher": sp.expand(spike * overlap)}
    steps = (*_pole_steps(location), _residue_step(location, overlap), _teacher_step(location, overlap))
    subject = "Outlier of an isolated spike"
    return Derivation(subject, steps, (BULK_OF_ZEROS,), sp.Tuple(location, overlap), values, _PAPERS)


def _pole_steps(location: sp.Expr) -> tuple[Step, Step, Step]:
    """Where ω(z) passes through the spike: only above σ."""
    point = z - spread**2 * semicircle_transform(z)
    resolvent = Step(
        "Along the spike's eigenvector the resolvent is that of the teacher at the subordinate point.",
        1 / (omega - spike),
        "subordination holds for the resolvent itself, not only for its trace",
    )
    # s = σ + e above, s = σ/(1 + e) below: with these SymPy knows the sign under the root.
    excess = sp.Symbol("excess", positive=True)
    above = {spike: spread + excess}
    passed = proved(
        "For a spike above the spread of the semicircle, the subordinate point of y(s) is s: the resolvent has a pole.",
        _rooted(point.subs(z, location.subs(above))),
        spike.subs(above),
        "insert the semicircle's transform; the root is of a perfect square",
    )
    below = {spike: spread / (1 + excess)}
    missed = proved(
        "For a smaller spike the subordinate point is the mirror image, above the spread: there is no pole.",
        _rooted(point.subs(z, location.subs(below))),
        (spread**2 / spike).subs(below),
        "the same root has the other sign",
    )
    return resolvent, passed, missed


def _rooted(expression: sp.Expr) -> sp.Expr:
    """`expression` with the roots of perfect squares taken; all symbols positive."""
    roots = {e: sp.sqrt(sp.factor(e.base)) ** (2 * e.exp) for e in expression.atoms(sp.Pow) if abs(e.exp) == sp.S.Half}
    return sp.simplify(expression.xreplace(roots))


def _residue_step(location: sp.Expr, overlap: sp.Expr) -> Step:
    """The residue 1/ω'(y) is F'(s)."""
    excess = sp.Symbol("excess", positive=True)
    slope = sp.diff(z - spread**2 * semicircle_transform(z), z)
    above = {spike: spread + excess}
    return proved(
        "The squared overlap is the residue, one over the slope of the subordinate point.",
        sp.simplify(1 / _rooted(slope.subs(z, location.subs(above)))),
        overlap.subs(above),
        "inverse function; it vanishes at the spread and tends to one far above it",
    )


def _teacher_step(location: sp.Expr, overlap: sp.Expr) -> Step:
    """Spike times overlap is y - 2σ²H(y), the conditional mean of the teacher of `free_convolution`, with H(y) = 1/s."""
    return proved(
        "What the outlier's eigenvector sees of the teacher agrees with the mean under the free convolution.",
        spike * overlap,
        location - 2 * spread**2 * (1 / spike),
        "the transform at the outlier is that of a mass at zero, at the subordinate point",
    )


@cache
def crowded() -> Derivation:
    """First correction by the other spikes: y = s + σ² Σ_{j≠k} 1/(s - s_j)/d, overlap 1 - σ² Σ_{j≠k} 1/(s - s_j)²/d (N8).

    Each bump is a semicircle of mass 1/d and half width 2σ√(overlap/d). Second-order perturbation theory in τ gives the same
    formulas for the mean at finite d. When this is wrong: once bumps overlap, `merging`.

    Raises
    ------
    DerivationError
        If a step does not reduce to exact zero.

    Examples
    --------
    >>> crowded().values["overlap"], crowded().values["half_width"]
    (-near_square_sum*spread**2 + 1, 2*spread*sqrt(-near_square_sum*spread**2 + 1)/sqrt(dim))
    """
    location = spike + spread**2 * near_sum
    overlap = 1 - spread**2 * near_square_sum
    term = 1 / (omega - other)
    derivative = proved(
        "The overlap is the slope of the map that the other spikes make, at the spike.",
        1 + spread**2 * sp.diff(term, omega).subs(omega, spike),
        1 - spread**2 / (spike - other) ** 2,
        "one other spike; sums carry it over",
    )
    moved = proved(
        "What one other spike moves, over a spike at zero.",
        1 / (spike - other) - 1 / spike,
        other / (spike * (spike - other)),
        "larger spikes push down, smaller ones up",
    )
    hidden = proved(
        "What one other spike hides, over a spike at zero.",
        1 / (spike - other) ** 2 - 1 / spike**2,
        other * (2 * spike - other) / (spike**2 * (spike - other) ** 2),
        "it grows with the inverse square of the distance",
    )
    width, bump = _bump_steps(overlap)
    steps = (derivative, moved, hidden, *bump)
    values = {"location": location, "overlap": overlap, "half_width": width}
    assumption = "the bump of this spike does not meet the bumps of its neighbours"
    result = sp.Tuple(location, overlap)
    return Derivation("Outliers of several spikes", steps, (assumption,), result, values, _PAPERS)


def _bump_steps(overlap: sp.Expr) -> tuple[sp.Expr, tuple[Step, Step]]:
    """Local map x - y = q ζ + (σ²/d)/ζ near the spike: ends and mass of its bump."""
    away, share = sp.Symbol("zeta"), sp.Symbol("overlap", positive=True)
    local = share * away + spread**2 / (dim * away)
    corner = sp.sqrt(spread**2 / (dim * share))
    width = 2 * spread * sp.sqrt(share / dim)
    turning = proved(
        "The map turns at this distance from the spike.",
        sp.diff(local, away).subs(away, corner),
        sp.S.Zero,
        "the spike's own pole has weight one over d",
    )
    half = proved("Half width of the bump.", local.subs(away, corner), width, "insert the turning point")
    # G = (x - ω)/σ² has the root of the semicircle law of variance q σ²/d, times its mass.
    x = sp.Symbol("x")
    root = sp.solve(sp.expand((local - x) * away), away)
    jump = sp.simplify((root[1] - root[0]) ** 2 / spread**4)
    mass = sp.Symbol("mass", positive=True)
    semicircle = mass**2 * (x**2 - width**2) / (width**2 / 4) ** 2
    found = [value for value in sp.solve(sp.expand((jump - semicircle) / (x**2 - width**2)), mass)]
    if len(found) != 1:
        raise DerivationError(f"mass of a bump: expected one positive solution, got {found}")
    counted = proved("Mass of the bump.", found[0], 1 / dim, "one eigenvalue out of d")
    return width.subs(share, overlap), (Step(turning.statement, half.formula, half.reason), counted)


@cache
def merging() -> Derivation:
    """Bumps of neighbours touch at a spacing δ = πσ/√d: for s_k = √d k^{-γ} at k_merge = (γd/(πσ))^{1/(1+γ)} (N8).

    With the far spikes the gap next to s_k closes where σ²/s_k² + (k/k_merge)^{2+2γ} = 1. Before that neighbours already hide
    (1/3)(k/k_merge)^{2+2γ} of an outlier's eigenvector: the overlap is 1 - σ²/s_k² - that, and the simple formula needs
    k ≪ k_merge, which follows from k ≪ d only if σ is as small as d^{-γ}. Spikes are still there up to k_out = (√d/σ)^{1/γ}; they crowd first,
    k_merge ≪ k_out, iff σ ≪ d^{(1-γ)/2}. Beyond k_merge the density is a continuum; `continuum` says what it looks like.

    When this is wrong: the neighbourhood is taken as a lattice, which needs k ≫ 1; at k of order one the sums of
    `crowded` have few terms and must be taken one by one.

    Raises
    ------
    DerivationError
        If a step does not reduce to exact zero.

    Examples
    --------
    >>> merging().values["merging_index"]
    (decay*dim/(pi*spread))**(1/(decay + 1))
    >>> merging().values["crowding_spread_exponent"]
    1/2 - decay/2
    """
    middle, neighbours = _lattice_sums()
    touching = sp.solve(spread**2 / dim * middle / spacing**2 - 1, spacing)[0]
    distance = -sp.diff(teacher_eigenvalue().subs(index, _rank), _rank)
    index_at_merging = (sp.powsimp(distance * _rank ** (decay + 1)) / touching) ** (1 / (decay + 1))
    hidden = spread**2 / dim * neighbours / distance**2
    local = proved(
        "Share of an outlier hidden by its neighbours.",
        sp.powsimp(sp.expand_power_base(hidden, force=True), force=True),
        sp.powsimp(sp.expand_power_base((_rank / index_at_merging) ** (2 + 2 * decay), force=True) / 3, force=True),
        "neighbours at equal distances on both sides",
    )
    far = spread**2 / teacher_eigenvalue().subs(index, _rank) ** 2
    exponents = _exponents(index_at_merging)
    steps = (
        Step(
            "Bumps touch where the middle between two spikes joins the support.",
            middle / spacing**2,
            "sum of a lattice",
        ),
        Step("Spacing at which they touch.", touching, "the sum over d is one over the variance"),
        Step("Spacing of the teacher.", distance, "differentiate the power law"),
        Step("They meet here.", index_at_merging, "solve for the index"),
        local,
        Step("Share hidden by the far spikes.", far, "as for an isolated spike"),
        Step("As a power of d.", exponents["merging_exponent"], "spread a power of d"),
        Step("Number of spikes that show, as a power of d.", exponents["outlier_exponent"], "those above the spread"),
        Step(
            "They crowd before they end below this spread.", exponents["crowding_spread_exponent"], "compare exponents"
        ),
    )
    # The middle of a gap gets three times what a spike gets from its neighbours.
    shares = {"closing": far + middle / neighbours * hidden, "overlap": 1 - far - hidden, "hidden": hidden}
    values = {"merging_index": index_at_merging, "merging_spacing": touching, **shares, **exponents}
    assumptions = ("near one spike the others are a lattice: k large", "the spikes decrease as a power law")
    return Derivation("Where outliers merge", steps, assumptions, index_at_merging, values, _PAPERS)


def _lattice_sums() -> tuple[sp.Expr, sp.Expr]:
    """Σ over a lattice of spacing 1 of the inverse squared distance, from the middle of a gap and from a point to the others."""
    n = sp.Symbol("n", integer=True, nonnegative=True)
    middle = 2 * sp.summation(1 / (n + sp.S.Half) ** 2, (n, 0, sp.oo))
    return sp.gammasimp(sp.expand_func(middle)), 2 * sp.summation(1 / (n + 1) ** 2, (n, 0, sp.oo))


_rank = sp.Symbol("k", positive=True)
"""The index of a spike as a continuous variable."""


def _exponents(merged: sp.Expr) -> dict[str, sp.Expr]:
    """Exponents of d in k_merge and k_out for σ = d^x, and the x at which they agree."""
    at = {spread: dim**spread_exponent}
    merging_exponent = _exponent(merged.subs(at))
    rank_of_spread = sp.solve(
        sp.log(teacher_eigenvalue().subs(index, _rank)).expand(force=True) - sp.log(spread), sp.log(_rank)
    )
    outlier = _exponent(sp.exp(rank_of_spread[0]).subs(at))
    crossing = sp.solve(merging_exponent - outlier, spread_exponent)
    if len(crossing) != 1:
        raise DerivationError(f"merging and end of the outliers: expected one crossing, got {crossing}")
    names = ("merging_exponent", "outlier_exponent", "crowding_spread_exponent")
    return dict(zip(names, (merging_exponent, outlier, sp.expand(crossing[0]))))


def _exponent(law: sp.Expr) -> sp.Expr:
    """The power of d in a monomial."""
    return sp.simplify(dim * sp.diff(sp.expand_log(sp.log(law), force=True), dim))


@cache
def shift_correction() -> Derivation:
    """Relative correction of the shift σ²/s_k by the whole power law: -(π/γ) cot(π/γ) k/d + (k/d)^γ/(1-γ) (N8).

    So positions, unlike overlaps, need only k ≪ d. Terms of relative order (k/d)^{2γ} and 1/d are left out. When this is
    wrong: at γ = 1, where the two terms become a logarithm.

    Raises
    ------
    DerivationError
        If a step does not reduce to exact zero.

    Examples
    --------
    >>> shift_correction().result.subs(decay, 2)
    -k**2/dim**2
    """
    power, x = sp.Symbol("a", positive=True), sp.Symbol("x", positive=True)
    mirrored = proved(
        "Inversion carries the part above one onto the part below.",
        (x ** (power - 1) / (1 - x)).subs(x, 1 / x) / x**2,
        -(x ** (-power)) / (1 - x),
        "substitute the inverse",
    )
    reflected = sp.polygamma(0, 1 - power) - sp.polygamma(0, power)
    ratio = sp.Symbol("xi", positive=True)
    summand = proved(
        "Each other spike moves the shift by this much, in units of the shift.",
        (other / (spike - other)).subs({spike: _rank**-decay, other: (ratio * _rank) ** -decay}),
        1 / (ratio**decay - 1),
        "a power law has one shape around every index",
    )
    # ξ = x^{1/γ}: PV ∫ dξ/(ξ^γ - 1) = -(1/γ) PV ∫ x^{1/γ-1}/(1-x) dx, the latter ψ(1-a) - ψ(a) = π cot(πa) at a = 1/γ.
    whole = -sp.pi * sp.cot(sp.pi / decay) / decay
    cut = ((dim / _rank) ** (1 - decay)) / (1 - decay)
    tail = proved(
        "The end of the spectrum.",
        sp.diff(cut, dim) * _rank,
        (dim / _rank) ** -decay,
        "a primitive of the leading power",
    )
    result = whole * _rank / dim + (_rank / dim) ** decay / (1 - decay)
    steps = (
        summand,
        mirrored,
        Step(
            "The principal value over all indices.", reflected, "expand the geometric series: a difference of digamma"
        ),
        Step("Reflection formula of the digamma function.", whole, "textbook"),
        tail,
    )
    assumptions = ("sums over the other spikes are principal-value integrals: 1 << k << d",)
    return Derivation("Shift of an outlier in a power law", steps, assumptions, result, {"correction": result}, _PAPERS)


@cache
def continuum() -> Derivation:
    """Merged spikes keep their number: density ρ_0(s)/(1 - σ²/s²) at x = s + σ²/s, that is ρ_0 ds = ρ dx (N8).

    Around s the teacher is locally dense, v = πσ²ρ_0/(1 - σ²/s²). So the counting law and the power tail of the spectrum
    survive where single outliers do not; the overlap of an eigenvector spreads over the teacher's eigenvalues within v.
    Holds where v ≪ s: on a power law, k ≪ d s²/σ², which all spikes well above σ obey.

    Raises
    ------
    DerivationError
        If a step does not reduce to exact zero.

    Examples
    --------
    >>> continuum().values["density"]
    spike**2*teacher_density/((spike - spread)*(spike + spread))
    """
    level, away = sp.Symbol("teacher_density", positive=True), sp.Symbol("gap", real=True)
    tall = sp.Symbol("v", positive=True)
    near = sp.integrate(level / (away**2 + tall**2), (away, -sp.oo, sp.oo))
    solved = sp.solve(near + 1 / spike**2 - 1 / spread**2, tall)[0]
    density = sp.factor(solved / (sp.pi * spread**2))
    kept = proved(
        "As many eigenvalues as the teacher has, moved as single spikes are.",
        density * sp.diff(isolated().values["location"], spike),
        level,
        "the slope of the position of an outlier is its overlap",
    )
    # ρ_0(s) = k/(γ d s) on a power law; far above σ.
    teacher = teacher_eigenvalue().subs(index, _rank)
    flat = -1 / (dim * sp.diff(teacher, _rank))
    bare = sp.limit(solved, spike, sp.oo)
    relative = sp.powsimp(sp.simplify(bare.subs(level, flat) / teacher))
    narrow = Step("Height over position on a power law: small wherever this is.", relative, "insert the density")
    steps = (Step("Height.", solved, "solve the condition for near and far spikes"), kept, narrow)
    assumptions = ("the teacher's density varies little over the height v: v << s", MOST_BELOW)
    values = {"density": density, "height": solved, "relative_height": relative}
    return Derivation("Merged spikes", steps, assumptions, density, values, ("biane1997free",))
