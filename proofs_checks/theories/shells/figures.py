"""Figures of spectral shells: transport with its frontier and regimes, loss curves, trained networks, double descent."""

from __future__ import annotations

from ...figures import FigurePlan
from .figures_descent import parts
from .figures_laws import downward, upward
from .figures_network import closure_residuals, energy_budget
from .figures_transport import down_map, energy_maps, up_map

MAP = (
    "Local exponent of the loss in $t$ at $t = 10^6$, $a = c = 1$, by integrated characteristics; dashes are the derived walls,"
    " names and exponents those of the derived regimes between them. "
)


def figures() -> tuple[FigurePlan, ...]:
    """Energy in shells, laws of the loss, maps of regimes, budget and closure of trained networks, double descent."""
    return (*_of_laws(), *_of_regimes(), *_of_networks())


def _of_laws() -> tuple[FigurePlan, ...]:
    """Energy that moves, and the losses that follow from it."""
    return (
        FigurePlan(
            "shells-frontier",
            "Energy in shells and the moving frontier",
            "Downward transport with $b = 2$, $m = 0$, $a = 1$ by the conservative scheme: energy a unit of $\\log\\lambda$, white where"
            " there is none. Dashes are the derived frontier $\\lambda^* = x^*/t$. Left, where $a > 2x^*$, energy is swept to the frontier"
            " before it dissipates; right it dissipates first.",
            energy_maps,
        ),
        FigurePlan(
            "shells-laws-down",
            "Loss without drift and with downward drift",
            "Points are the loss by characteristics and quadrature, dashes the derived laws with their derived constants. In (c)"
            " $a = 1$. Nothing is fitted; early points are off the laws, as laws are about large times.",
            downward,
        ),
        FigurePlan(
            "shells-laws-up",
            "Loss with upward drift",
            "Points are the loss by characteristics and quadrature, dashes the derived laws, $a = 1$: faster clocks, energy that"
            " escapes to $\\lambda = \\infty$, stretched exponentials. In (d) with $m = -1$ the law is approached like a power of"
            " $1/\\log t$.",
            upward,
        ),
    )


def _of_regimes() -> tuple[FigurePlan, ...]:
    """Which law holds where."""
    return (
        FigurePlan(
            "shells-phases-down",
            "Phase diagram of downward transport",
            MAP + "On $b = 1$ and $m = b - 2$ the degenerate regimes hold: clocks, and the self-similar frontier.",
            down_map,
        ),
        FigurePlan(
            "shells-phases-up",
            "Phase diagram of upward transport",
            MAP + "Stretched exponentials fall faster than every power: there the colour is at its end.",
            up_map,
        ),
    )


def _of_networks() -> tuple[FigurePlan, ...]:
    """What trained networks obey, and double descent in its parts."""
    return (
        FigurePlan(
            "shells-budget",
            "Energy budget of a trained network",
            "A tanh network of 8 hidden units, 20 residuals, output scale 0.3, trained by gradient flow; $\\lambda_{max}$ is the largest"
            " eigenvalue at the start. (a) to (c): change of the energy of each shell in a window of time against decay and fluxes,"
            " integrated separately; their sum, the dashes, is the derived balance. (d): the largest residual of the balance over"
            " all shells beside the largest flux.",
            energy_budget,
        ),
        FigurePlan(
            "shells-closure",
            "The renormalised closure on trained networks",
            "Four networks on one task with 20 residuals, from feature learning (small output scale) to lazy. (a): energy exchanged"
            " between shells over energy that decays. (b): share of the flux that the closure leaves unexplained, points with the"
            " fitted power law, lines with the best smooth velocity; 1 explains nothing. Runs with too few shells to tell are not drawn."
            " A run obeys the closure where its point lies below the dashes.",
            closure_residuals,
        ),
        FigurePlan(
            "shells-descent",
            "Epoch-wise double descent in its parts",
            "Easy signal, label noise and hard signal on shells at $\\lambda = 10^3, 1, 10^{-3}$: the risk is the sum of the signal not"
            " learned yet and the noise fitted. Squares are extrema found numerically, dashes the derived values $s_3$, $s_3 + \\eta$, $\\eta$"
            " of the separated limit. The first minimum is lower than the end exactly on the left.",
            parts,
        ),
    )
