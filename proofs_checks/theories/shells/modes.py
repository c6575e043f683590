"""S1 to S3: the error equation, Kato's equations for modes, and the energy that the turning of the basis leaves alone."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import sympy as sp

from scalecheck.numerics.shells.families import AvoidedCrossing
from scalecheck.numerics.shells.modes import direct
from scalecheck.numerics.shells.networks import KINDS
from scalecheck.numerics.shells.trajectory import drive
from scalecheck.theory.derivation import Derivation
from scalecheck.theory.shells import modes as derived
from scalecheck.theory.shells.modes import SIMPLE, SMOOTH, c_i, c_j, coupling, lam_i, lam_j, rate_i, turn

from ...claims import Claim, Source, Twin
from ...formulas import Formula, Measured, NumericPoint, from_derivation, from_numbers
from .assertions import Between, Coefficients, PairSum
from .residuals import ACCEPTED, Array, coefficients_from, in_interval, in_modes, of_terms, pairs_from
from .trajectories import differences, driven, eigenvalue_rates, mode_energy_rates, problem, total_energy_rates

PAPER = ("zhang2025shell", "kato1966perturbation")
INTERVAL = (
    f"the generic summand, exactly; and rates by fourth-order differences, residual below {ACCEPTED:g} of the largest"
)
gap, speed = sp.symbols("gap speed", positive=True)


def mode_claims() -> tuple[Claim, ...]:
    """S1, S2 and S3."""
    return (_error_equation(), _eigenvalues(), _amplitudes(), _antisymmetry(), _crossing(), _regular(), _energy())


def _error_equation() -> Claim:
    name, one = "de/dt", sp.S.One

    def stated(whole: sp.Expr, diagonal: sp.Expr = sp.S.Zero) -> Coefficients:
        return Coefficients(name, {"M e": whole, "diag(M) e": diagonal})

    return Claim(
        id="S1",
        title="error equation",
        statement=r"Gradient flow on $\frac12\|e\|^2$ gives $\dot e = -M e$ with $M = J J^T$, for any differentiable network.",
        source=Source(("zhang2025shell",), "S1"),
        assumptions=(SMOOTH,),
        assertion=stated(-one),
        comparison="coefficient of M e, exactly; and de/dt from differences of loss and outputs of four networks, residual"
        f" below {ACCEPTED:g}",
        symbolic=coefficients_from(_error_coefficients),
        numeric=of_terms(error_rates),
        twins=(
            Twin("two", r"$\dot e = -2Me$: the flow on $\|e\|^2$", stated(-2 * one)),
            Twin("sign", "growth", stated(one)),
            Twin("diagonal", "residuals decay one by one", stated(sp.S.Zero, -one)),
        ),
    )


def side(found: Derivation, step: int, which: str = "rhs") -> sp.Expr:
    """One side of the equation that a step of a derivation states."""
    return getattr(found.steps[step].formula, which)


def _error_coefficients() -> dict[str, sp.Expr]:
    """Of M_ij e_j, j ≠ i: all of de_i/dt is made of such summands, none belongs to the diagonal alone."""
    product = side(derived.error_equation(), 1, "lhs")
    whole = sp.simplify(product / (derived.slope_i * derived.slope_j * derived.error_j))
    return {"M e": whole, "diag(M) e": sp.S.Zero}


def error_rates(seed: int) -> list[tuple[str, Array, dict[str, Array]]]:
    """de/dt where the weights follow the gradient of ½‖e‖², both by differences: no Jacobian on this side."""
    return [_error_rate(kind, seed % 1000) for kind in KINDS]


def _error_rate(kind: str, seed: int) -> tuple[str, Array, dict[str, Array]]:
    net, labels = problem(kind, 6, 4, 1.0, seed)
    theta, step = net.initial(seed), 1e-3

    def error(weights: Array) -> Array:
        return net.outputs(weights) - labels

    def along(direction: Array) -> list[Array]:
        return [error(theta + k * step * direction) for k in (-2, -1, 1, 2)]

    axes = np.eye(theta.size)
    slope = np.array([float(differences([0.5 * e @ e for e in along(axis)], step)) for axis in axes])
    length = float(np.linalg.norm(slope))
    left = differences(along(-slope / length), step) * length
    jacobian = net.jacobian(theta)
    kernel = jacobian @ jacobian.T
    return kind, left, {"M e": kernel @ error(theta), "diag(M) e": np.diag(kernel) * error(theta)}


def _eigenvalues() -> Claim:
    name = "an eigenvalue"
    return Claim(
        id="S2.eigenvalues",
        title="eigenvalues move with the diagonal of M'",
        statement=r"$\dot\lambda_i = \langle\varphi_i, M'\varphi_i\rangle$ while the spectrum is simple.",
        source=Source(PAPER, "S2"),
        assumptions=(SMOOTH, SIMPLE),
        assertion=PairSum(name, rate_i),
        comparison=INTERVAL,
        symbolic=pairs_from(lambda: PairSum(name, derived.mode_equations().values["eigenvalue_rate"])),
        numeric=in_modes(eigenvalue_rates),
        twins=(
            Twin("two", "twice that", PairSum(name, 2 * rate_i)),
            Twin("second", "the second order of perturbation theory added", PairSum(name, rate_i, turn**2 / (lam_i - lam_j))),
        ),
    )  # fmt: skip


def kato() -> PairSum:
    """The derived rate of an amplitude, taken apart into its own decay and one summand of the couplings."""
    rate = derived.mode_equations().result.rhs
    own = rate.subs(turn, 0)
    return PairSum("an amplitude", own, sp.simplify(rate - own))


def _amplitudes() -> Claim:
    name, decay, gained = "an amplitude", -lam_i * c_i, coupling() * c_j
    return Claim(
        id="S2.amplitudes",
        title="amplitudes decay and are turned into each other",
        statement=r"$\dot c_i = -\lambda_i c_i + \sum_{j\ne i}\Omega_{ij}c_j$,"
        r" $\Omega_{ij} = \langle\varphi_j, M'\varphi_i\rangle/(\lambda_i-\lambda_j)$.",
        source=Source(PAPER, "S2"),
        assumptions=(SMOOTH, SIMPLE),
        assertion=PairSum(name, decay, gained),
        comparison=INTERVAL,
        rests_on=("S1",),
        symbolic=pairs_from(kato),
        numeric=in_modes(mode_energy_rates, "amplitude"),
        twins=(
            Twin("symmetric", "a symmetric coupling, |λ_i - λ_j| in the denominator", PairSum(name, decay, turn / sp.Abs(lam_i - lam_j) * c_j)),
            Twin("reversed", "the coupling with the other sign", PairSum(name, decay, -gained)),
            Twin("frozen", "no coupling: a frozen basis", PairSum(name, decay)),
            Twin("two", "decay at twice the rate", PairSum(name, 2 * decay, gained)),
        ),
    )  # fmt: skip


def _antisymmetry() -> Claim:
    name = "ratio of couplings"
    return Claim(
        id="S2.antisymmetry",
        title="the coupling is antisymmetric",
        statement=r"$\Omega_{ji} = -\Omega_{ij}$.",
        source=Source(PAPER, "S2"),
        assumptions=(SMOOTH, SIMPLE),
        assertion=Formula(name, -sp.S.One),
        comparison=r"$\Omega_{ji}/\Omega_{ij}$, exactly; and from the turning of eigenvectors, by differences, within $10^{-6}$",
        symbolic=from_derivation(lambda: sp.simplify(coupling(lam_j, lam_i) / coupling())),
        numeric=from_numbers(turning_ratio, [{"i": 0.0, "j": 2.0}, {"i": 1.0, "j": 4.0}, {"i": 3.0, "j": 5.0}], 1e-6),
        twins=(
            Twin("symmetric", "symmetric", Formula(name, sp.S.One)),
            Twin("gaps", "antisymmetric up to a per mille", Formula(name, -sp.Rational(1001, 1000))),
        ),
    )


@lru_cache(maxsize=1)
def _turning() -> Array:
    """<φ_j, φ_i'> of all pairs, from eigenvectors at neighbouring times turned to the same signs."""
    family, time, step = driven(20260101).family, 0.7, 1e-3
    basis = np.linalg.eigh(family.matrix(time))[1]
    near = []
    for k in (-2, -1, 1, 2):
        there = np.linalg.eigh(family.matrix(time + k * step))[1]
        near.append(there * np.sign(np.sum(there * basis, axis=0)))
    return np.asarray((basis.T @ differences(near, step)).T)


def turning_ratio(point: NumericPoint) -> Measured:
    """Ω_ji/Ω_ij of one pair of modes."""
    turned, i, j = _turning(), int(point["i"]), int(point["j"])
    return float(turned[j, i] / turned[i, j]), 1e-10 / abs(float(turned[i, j]))


def _crossing() -> Claim:
    name = "coupling at the closest approach"
    points = [{"gap": g, "speed": s} for g, s in ((0.3, 1.0), (1e-2, 0.5), (1e-4, 2.0), (1e-6, 1.0))]
    return Claim(
        id="S2.crossing",
        title="the coordinates are singular at a crossing",
        statement=r"Where two levels approach to $g$ at relative speed $s$, the largest coupling is $s/(2g)$: it has no bound as $g \to 0$.",
        source=Source(PAPER, "S2", "derived"),
        assertion=Formula(name, speed / (2 * gap)),
        comparison=r"the two-level matrix, exactly; and its eigenvectors from LAPACK, within $10^{-8}$",
        rests_on=("S2.amplitudes",),
        symbolic=from_derivation(_two_levels),
        numeric=from_numbers(closest_coupling, points),
        twins=(
            Twin("bounded", "bounded", Formula(name, speed / 2)),
            Twin("square", r"$s/(2g^2)$", Formula(name, speed / (2 * gap**2))),
            Twin("factor", r"$s/g$", Formula(name, speed / gap)),
        ),
    )


def _two_levels() -> sp.Expr:
    """Ω of M = level + (speed t σ_z + gap σ_x)/2 at t = 0."""
    level, moment = sp.symbols("level t", positive=True)
    matrix = level * sp.eye(2) + sp.Matrix([[speed * moment, gap], [gap, -speed * moment]]) / 2
    at_rest = matrix.subs(moment, 0)
    (low, _, (first,)), (high, _, (second,)) = sorted(
        at_rest.eigenvects(), key=lambda item: sp.default_sort_key(-item[0])
    )
    if sp.simplify(high - low).is_negative:
        (low, first), (high, second) = (high, second), (low, first)
    element = (first.normalized().T * matrix.diff(moment) * second.normalized())[0]
    return sp.Abs(sp.simplify(coupling(high, low, element)))


def closest_coupling(point: NumericPoint) -> Measured:
    """|Ω| at the closest approach, from the family's own eigenvectors."""
    path = drive(AvoidedCrossing(point["gap"], point["speed"]), [1.0, 0.5], begin=-1e-3, end=1e-3)
    shot = path.at(0.0)
    between = float(shot.eigenvalues[1] - shot.eigenvalues[0])
    value = abs(float(shot.drift[0, 1])) / between
    return value, value * 1e-15 * 4.0 / between


def _regular() -> Claim:
    name = "change of ‖e‖ after an avoided crossing as its gap closes from 1e-4 to 1e-8"
    return Claim(
        id="S2.regular",
        title="the error passes a crossing undisturbed",
        statement=r"At a crossing $e(t)$ is regular although the modes are not: $\|e\|$ after it changes by less than $10^{-3}$ as the gap closes.",
        source=Source(("zhang2025shell",), "S2", "derived"),
        assertion=Between(name, 0.0, 1e-3),
        comparison=r"direct integration at two gaps, relative change within $[0, 10^{-3}]$",
        numeric=in_interval(lambda _: [("speed 1", _passage())]),
        twins=(Twin("singular", "it changes by more than a tenth", Between(name, 0.1, 10.0)),),
    )  # fmt: skip


def _passage() -> float:
    times = np.array([-1.0, 1.0])
    ends = [float(np.linalg.norm(direct(AvoidedCrossing(g), [1.0, 0.5], times)[-1])) for g in (1e-4, 1e-8)]
    return abs(ends[0] / ends[1] - 1.0)


def _energy() -> Claim:
    name = "the energy"
    single, pair = -2 * lam_i * c_i**2, 2 * coupling() * c_i * c_j

    def found() -> PairSum:
        balance = derived.energy_balance()
        return PairSum(name, balance.result.rhs, inside=side(balance, 0))

    return Claim(
        id="S3",
        title="the drift of the basis does no work",
        statement=r"$\frac{d}{dt}\sum c_i^2 = -2\sum\lambda_i c_i^2$.",
        source=Source(("zhang2025shell",), "S3"),
        assumptions=(SMOOTH, SIMPLE),
        assertion=PairSum(name, single),
        comparison=INTERVAL,
        rests_on=("S2.amplitudes", "S2.antisymmetry"),
        symbolic=pairs_from(found),
        numeric=in_modes(total_energy_rates),
        twins=(
            Twin("half", r"$-\sum\lambda_i c_i^2$: the dissipation's 2 forgotten", PairSum(name, single / 2)),
            Twin("work", "a symmetric coupling works", PairSum(name, single, inside=sp.Abs(pair))),
        ),
    )
