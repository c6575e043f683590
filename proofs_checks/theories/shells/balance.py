"""S4 and S5: couplings inside a shell cancel; what a shell gains is what its neighbours lose, less what dissipates."""

from __future__ import annotations

import itertools
from itertools import combinations

import numpy as np
import sympy as sp

from scalecheck.numerics.shells.budget import exchange, positions, transfers
from scalecheck.theory.shells import coarse_graining as derived
from scalecheck.theory.shells.modes import SIMPLE, SMOOTH, c_i, c_j, coupling, lam_i

from ...claims import Claim, Effort, Source, Twin
from ...evidence import Evidence, Firmness, Outcome
from ...formulas import Formula, Measured, NumericPoint, from_derivation, from_numbers
from ...tables import Cell, Table
from .assertions import Coefficients, FluxRule, PairSum
from .modes import side
from .residuals import ACCEPTED, coefficients_from, in_modes, numeric, of_terms, pairs_from, verdict
from .trajectories import MOMENTS, driven, family_terms, shell_energy_rates

low, high = sp.symbols("low high", integer=True)
"""Positions of the shells γ < β, counted from the one below the edge."""
KERNELS = (0, 2)
"""Dimensions of the kernel of M with which fluxes are counted: its modes exchange energy with every shell."""
LEVELS = (0.05, 0.2, 0.6, 1.5)
PAPER = ("zhang2025shell",)


def balance_claims() -> tuple[Claim, ...]:
    """S4 and S5."""
    return (_inside(), _balance(), _antisymmetry(), _fluxes())


def _inside() -> Claim:
    name = "a shell's energy"
    single, pair = -2 * lam_i * c_i**2, 2 * coupling() * c_i * c_j

    def found() -> PairSum:
        balance = derived.shell_balance()
        cancelled = side(balance, 0)
        return PairSum(name, -balance.values["dissipation"], balance.values["transfer"], cancelled)

    return Claim(
        id="S4",
        title="couplings inside a shell cancel",
        statement=r"$\dot E_\alpha = -2\sum_{i\in\alpha}\lambda_i c_i^2 + \sum_{i\in\alpha, j\notin\alpha} 2\Omega_{ij}c_ic_j$:"
        " pairs with both modes in the shell add nothing.",
        source=Source(PAPER, "S4"),
        assumptions=(SMOOTH, SIMPLE),
        assertion=PairSum(name, single, pair),
        comparison="the summand of one generic pair, exactly; and rates of two shells of three modes, residual below"
        f" {ACCEPTED:g} of the largest",
        rests_on=("S2.amplitudes", "S2.antisymmetry"),
        symbolic=pairs_from(found),
        numeric=in_modes(shell_energy_rates),
        twins=(
            Twin("inside", "pairs inside work as if the coupling were symmetric", PairSum(name, single, pair, sp.Abs(pair))),
            Twin("closed", "no exchange with other shells", PairSum(name, single)),
            Twin("half", "half of the exchange", PairSum(name, single, pair / 2)),
            Twin("dissipation", "the dissipation's 2 forgotten", PairSum(name, single / 2, pair)),
        ),
    )  # fmt: skip


def _balance() -> Claim:
    name = "gain of a shell in a window"

    def stated(dissipation: int | sp.Expr, coupling_: int, crossings: int) -> Coefficients:
        values = (dissipation, coupling_, crossings)
        return Coefficients(
            name, dict(zip(("dissipation", "coupling", "crossings"), map(sp.sympify, values), strict=True))
        )

    return Claim(
        id="S5.balance",
        title="the budget of a shell closes",
        statement=r"$\Delta E_\alpha = -\int D_\alpha + \int (F_{\alpha-1/2} - F_{\alpha+1/2}) +$ energy of the modes that cross an edge.",
        source=Source(PAPER, "S5"),
        assumptions=(SMOOTH, SIMPLE),
        assertion=stated(-1, 1, 1),
        comparison=f"the three coefficients, exactly; and both sides integrated over eight windows, residual below {ACCEPTED:g}",
        rests_on=("S4",),
        symbolic=coefficients_from(balance_coefficients),
        numeric=of_terms(family_terms),
        twins=(
            Twin("half", "mass balance without the dissipation's 2", stated(-sp.Rational(1, 2), 1, 1)),
            Twin("uncoupled", "no flux by coupling", stated(-1, 0, 1)),
            Twin("crossings", "modes that cross an edge forgotten", stated(-1, 1, 0)),
            Twin("reversed", "fluxes with the other sign", stated(-1, -1, 1)),
        ),
    )


def balance_coefficients() -> dict[str, sp.Expr]:
    """Of D, of T and of the energy c² that a mode takes along: what its indicator changes by on entry."""
    values = derived.shell_balance().values
    member = sp.Symbol("member")
    entered = (member * c_i**2).subs(member, 1) - (member * c_i**2).subs(member, 0)
    return {
        "dissipation": -sp.simplify(values["dissipation"] / (2 * lam_i * c_i**2)),
        "coupling": sp.simplify(values["transfer"] / (2 * coupling() * c_i * c_j)),
        "crossings": sp.simplify(entered / c_i**2),
    }


def _antisymmetry() -> Claim:
    name = "ratio of transfers"
    points = [
        {"first": first, "second": second, "kernel": kernel}
        for first, second, kernel in ((0.0, 1.0, 0.0), (1.0, 3.0, 0.0), (0.0, 3.0, 2.0), (3.0, 4.0, 0.0))
    ]
    return Claim(
        id="S5.transfer",
        title="what one shell gains another loses",
        statement=r"$T_{\beta\alpha} = -T_{\alpha\beta}$.",
        source=Source(PAPER, "S5"),
        assumptions=(SMOOTH, SIMPLE),
        assertion=Formula(name, -sp.S.One),
        comparison=r"summand by summand, exactly; and sums over the pairs of two shells, within $10^{-8}$",
        rests_on=("S2.antisymmetry",),
        symbolic=from_derivation(lambda: sp.simplify(derived.back() / derived.transferred())),
        numeric=from_numbers(transfer_ratio, points),
        twins=(
            Twin("symmetric", "symmetric", Formula(name, sp.S.One)),
            Twin("leaking", "a per mille is lost on the way", Formula(name, -sp.Rational(1001, 1000))),
        ),
    )


def transfer_ratio(point: NumericPoint) -> Measured:
    """T_βα/T_αβ of two shells."""
    table = transfers(driven(20260101, int(point["kernel"])).at(MOMENTS[1]), np.array(LEVELS))
    first, second = int(point["first"]), int(point["second"])
    if table[first, second] == 0:
        return float("nan"), float("nan")
    return float(table[second, first] / table[first, second]), 1e-12


def _fluxes() -> Claim:
    return Claim(
        id="S5.flux",
        title="one flux a boundary",
        statement=r"$\sum_\beta T_{\alpha\beta} = F_{\alpha-1/2} - F_{\alpha+1/2}$ with"
        r" $F_{\alpha+1/2} = \sum_{\gamma\le\alpha<\beta} T_{\beta\gamma}$.",
        source=Source(PAPER, "S5"),
        assumptions=(SMOOTH, SIMPLE),
        assertion=FluxRule(sp.And(low <= 0, high >= 1)),
        comparison=f"every position of two shells, exactly; and fluxes of modes against sums of transfers, residual below {ACCEPTED:g}",
        rests_on=("S5.transfer",),
        symbolic=every_position,
        numeric=counted_fluxes,
        twins=(
            Twin("neighbours", "only neighbouring shells exchange", FluxRule(sp.And(sp.Eq(low, 0), sp.Eq(high, 1)))),
            Twin("skipped", "the shell itself left out", FluxRule(sp.And(low <= -1, high >= 1))),
        ),
    )  # fmt: skip


def _admits(assertion: FluxRule, gamma: int, beta: int) -> int:
    return int(bool(assertion.rule.subs({low: gamma, high: beta}) == sp.true))


def every_position(assertion: FluxRule, effort: Effort) -> Evidence:
    """The coefficient of T_βγ in F below minus F above must be that in Σ_β T_αβ, for every position of γ < β.

    Only the order of γ and β relative to the shell and its two edges enters, so offsets from -3 to 3 are every case.
    """
    if len(derived.flux_form().steps) < 2:  # the derivation itself raises where a position does not fit
        return Evidence("symbolic", Outcome.UNDECIDED, Firmness.EXACT, "nothing was derived", Table((), ()))
    rows: list[dict[str, Cell]] = []
    for gamma, beta in combinations(range(-3, 4), 2):
        net = _admits(assertion, gamma + 1, beta + 1) - _admits(assertion, gamma, beta)
        gained = int(beta == 0) - int(gamma == 0)
        rows.append({"low": gamma, "high": beta, "fluxes": net, "transfers": gained, "same": net == gained})
    outcome = Outcome.HOLDS if all(row["same"] for row in rows) else Outcome.FAILS
    return Evidence("symbolic", outcome, Firmness.EXACT, f"{len(rows)} positions of two shells", Table.of(rows))


def counted_fluxes(assertion: FluxRule, effort: Effort) -> Evidence:
    """Fluxes through every edge from the modes above and below it, against the transfers that the rule admits."""
    rows: list[dict[str, Cell]] = []
    edges = np.array(LEVELS)
    for time, kernel in itertools.product(MOMENTS, KERNELS):
        shot = driven(effort.seed, kernel).at(time)
        told, table = exchange(shot, positions(shot, edges))[2], transfers(shot, edges)
        scale = float(np.abs(table).max())
        for edge in range(edges.size):
            pairs = combinations(range(edges.size + 1), 2)
            summed = sum(_admits(assertion, g - edge, b - edge) * float(table[b, g]) for g, b in pairs)
            residual = abs(summed - float(told[edge])) / scale
            rows.append({"time": time, "kernel": kernel, "edge": edge, "flux": float(told[edge]), "summed": summed,
                         "outcome": verdict(residual).value})  # fmt: skip
    return numeric(
        rows,
        f"fluxes through {edges.size} edges at two times, without and with a kernel, accepted below {ACCEPTED:g} of the largest transfer",
    )
