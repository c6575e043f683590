"""Figures of the quadratic network: risk and its parts, learned spectra, free convolution, the peak, the phase diagram."""

from __future__ import annotations

from functools import partial

from ...figures import FigurePlan
from .diagram import phase_map
from .figures_outliers import matrices, overlaps
from .figures_peak import heights
from .figures_risk import deep_risk, error_parts, moderate_risk
from .figures_spectra import bulks, spectra, tails

MAP_DIMS = (8,)
"""Powers of ten of dim at which the numeric exponents are mapped."""
MAP_SIZE = 36
"""Points a side of those maps: every seventh of an exponent, so that a = 1 is one of them and every phase is named."""


def figures() -> tuple[FigurePlan, ...]:
    """Everything the report shows of the quadratic network."""
    return (*_of_risk(), *_of_spectra(), *_of_convolutions(), *(_map(power) for power in MAP_DIMS))


def _of_risk() -> tuple[FigurePlan, ...]:
    return (
        FigurePlan(
            "quadratic-risk",
            "Risk against samples: state evolution and minimised problems",
            "Quadratic network, $d = 30$, $\\gamma = 2$, $\\Delta = 1$. Lines are state evolution, points the mean over 5 minimised"
            " problems with one standard error, dashes the derived law of Ib and the derived place of the peak, $n = d^2/4$. Nothing is"
            " fitted. In (a), the setting that state evolution is about, points should lie on the lines; in (b) look for the bias"
            " of the real design at few samples, and for its end at many.",
            moderate_risk,
        ),
        FigurePlan(
            "quadratic-deep",
            "Risk against samples, deep in the phases",
            "Quadratic network, $d = 10^{10}$, $\\gamma = 1$, $\\Delta = 1$. Lines are state evolution, dashes the derived laws with their"
            " derived constants, each within its derived region and where its first corrections add up to less than a quarter. (a): nothing"
            " learned (Ia or Ib), decrease (IV, or II), harmful overfitting (V), the peak at $n = d^2/4$, VIa, VIb. (b): Ib, II; at"
            " $\\lambda = 10$ the threshold then enters the bulk and the risk jumps up into VIa; at $\\lambda = 10^{12}$ III follows, then VIb.",
            deep_risk,
        ),
        FigurePlan(
            "quadratic-parts",
            "What the risk is made of",
            "Quadratic network, $d = 10^{10}$, $\\gamma = 3/2$, $\\Delta = 1$. Lines are state evolution, dashes the derived law of each part."
            " (a) goes through Ia, IV, V, VIa and VIb: noise in the bulk overtakes the teacher's part, peaks and stays ahead until all"
            " of the teacher is learned. (b) goes through Ib, II, III and VIb, without overfitting. Where the approximation changes its"
            " sign its absolute value dips.",
            error_parts,
        ),
        FigurePlan(
            "quadratic-peak",
            "The interpolation peak",
            "State evolution with the derived laws as dashes. (a), $\\gamma = 3/4$: at $n = d^2/4$ the risk grows like $\\lambda^{-2/3}$ until"
            " the teacher's trace ends it at a level that rises with $d$. (b), $\\gamma = 2$, $d = 10^{12}$: peaks at two $\\lambda$ on their"
            " derived scales fall onto one derived curve; what is left at the larger $\\lambda$ is of order $\\lambda^{2/3}$.",
            heights,
        ),
    )


def _of_spectra() -> tuple[FigurePlan, ...]:
    return (
        FigurePlan(
            "quadratic-spectra",
            "Learned eigenvalues of minimised problems",
            "Numbers of learned eigenvalues above $x$ at $d = 60$, at points that lie by their exponents in four phases. Points are"
            " means over 5 minimised problems of the real design with one standard error, lines the free convolution of the"
            " teacher, shifted by the threshold, with the spread and threshold of state evolution; dashes the derived semicircle and"
            " outliers $y(s) - t$ as if the spikes were few. Steps are single outliers. Dashes leave the line where spikes"
            " are many, in (b) and in the bulk of (d).",
            spectra,
        ),
        FigurePlan(
            "quadratic-bulk",
            "The bulk that fits noise",
            "Density of learned eigenvalues at $d = 80$, $\\gamma = 2$, $\\Delta = 1$: 5 minimised problems with one standard error, free"
            " convolution, and as dashes the derived semicircle, shifted by the threshold and cut at zero. In V a sliver above the"
            " threshold is learned, in VIa one half; the bump beyond the edge is an outlier, its mark at $y(s) - t$.",
            bulks,
        ),
        FigurePlan(
            "quadratic-tails",
            "Tails of the learned spectrum",
            "Numbers of learned eigenvalues above $x$ at $d = 10^{10}$, $\\gamma = 1$, $\\Delta = 1$. Sloping dashes are the derived tail, density"
            " $x^{-1-1/\\gamma}$, from where it is derived to begin to the largest eigenvalue; level ones the derived number of learned"
            " eigenvalues in the bulk, up to their derived size. In II there is no bulk.",
            tails,
        ),
    )


def _of_convolutions() -> tuple[FigurePlan, ...]:
    return (
        FigurePlan(
            "quadratic-convolution",
            "Free convolution and a large random matrix",
            "Eigenvalues of one matrix of size 1000 in each of (a) and (b), (c), lines the free convolution. (a): atoms at $\\pm 1$,"
            " $\\sigma = 0.8$; dashes are the derived closed form. (b), (c): a power-law teacher, $\\gamma = 3/4$, $\\sigma = 5/2$; dashes"
            " are the derived positions of isolated outliers, $y(s) = s + \\sigma^2/s$, which fail towards the bulk where spikes crowd.",
            matrices,
        ),
        FigurePlan(
            "quadratic-overlaps",
            "How much of the teacher an outlier shows",
            "Squared overlap of the $k$-th eigenvector with the teacher's. (a): matrices with $\\gamma = 1$, $\\sigma = 0.3$; the simple formula"
            " $1 - \\sigma^2/s^2$ (upper dashes) goes on, but neighbours hide the spikes (lower dashes) and at $k_{merge}$ (vertical) there"
            " are no single outliers any more. (b): minimised problems with $\\gamma = 2$, where spikes end at $s = \\sigma$ before they crowd.",
            overlaps,
        ),
    )


def _map(power: int) -> FigurePlan:
    return FigurePlan(
        f"quadratic-phases-{power}",
        f"Phase diagram over numeric exponents, dim = 10^{power}",
        f"Local exponent of the risk in $d$ at fixed $a$ and $b$ by state evolution at $d = 10^{{{power}}}$, $\\gamma = 1$, $\\Delta = 1$;"
        " dashes are the derived boundaries and the peak at $n = d^2/4$. Within a phase the derived exponent is linear in $a$ and $b$: look"
        " for dashes wherever the colour turns or jumps.",
        partial(phase_map, 10.0**power, "1", MAP_SIZE),
    )
