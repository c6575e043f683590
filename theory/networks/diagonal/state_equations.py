"""The state equations of the diagonal network (theory.md N3) and the training error that follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import sympy as sp

from ...derivation import Derivation, Step
from ...identities import DerivationError, proved
from ...linear import linear_solution
from ...symbols import decay, dim, noise, noise_level, penalty, samples, threshold, threshold_ratio
from .soft_threshold import atom, exceedance, risk

index = sp.Symbol("k", integer=True, positive=True)
"""Index of a teacher weight."""
excess_risk = sp.Symbol("excess_risk", positive=True)
"""R, the excess risk."""
degrees_of_freedom = sp.Symbol("degrees_of_freedom", nonnegative=True)
"""dof, the expected number of learned weights."""

PROPORTIONAL_LIMIT = (
    "N11: the state equations are proved for samples/dim fixed as dim grows; using them across scales is a conjecture"
)
ONSAGER = (
    "Onsager relation at the fixed point of approximate message passing: "
    "the training residual is (1 - dof/samples) times an effective residual of variance noise + risk"
)


@dataclass(frozen=True)
class StateEquations:
    """The three equations of N3 and the two sums in them, for the power-law teacher θ*_k = k^{-γ}.

    Parameters
    ----------
    risk, dof : sympy.Expr
        R and dof as sums over the teacher.
    noise_balance, risk_definition, penalty_balance : sympy.Eq
        n τ² = Δ + R; R = Σ r(θ*_k, τ, t); Λ = t (n - dof).
    """

    risk: sp.Expr
    dof: sp.Expr
    noise_balance: sp.Eq
    risk_definition: sp.Eq
    penalty_balance: sp.Eq


@cache
def state_equations() -> StateEquations:
    """N3 as SymPy equations with symbolic sums.

    Examples
    --------
    >>> state_equations().noise_balance
    Eq(noise_level**2*samples, excess_risk + noise)
    """
    teacher = index ** (-decay)
    total_risk = sp.Sum(risk().xreplace({atom: teacher}), (index, 1, dim))
    total_dof = sp.Sum(exceedance().xreplace({atom: teacher}), (index, 1, dim))
    return StateEquations(
        total_risk,
        total_dof,
        sp.Eq(samples * noise_level**2, noise + excess_risk, evaluate=False),
        sp.Eq(excess_risk, total_risk, evaluate=False),
        sp.Eq(penalty, threshold * (samples - degrees_of_freedom), evaluate=False),
    )


@cache
def training_error() -> Derivation:
    """Training error (Δ + R)(1 - dof/n)² = Λ²/(α² n), from the state equations and the Onsager relation (N3).

    Mean square over the training set, label noise included. When this is wrong: outside the proportional limit
    it inherits N11; the Onsager relation itself is exact only at the minimiser.

    Raises
    ------
    DerivationError
        If a step does not reduce to exact zero.

    Examples
    --------
    >>> training_error().values["by_penalty"]
    penalty**2/(samples*threshold_ratio**2)
    """
    equations = state_equations()
    share = 1 - degrees_of_freedom / samples
    by_dof = (noise + excess_risk) * share**2
    by_penalty = penalty**2 / (threshold_ratio**2 * samples)
    both = [equation.lhs - equation.rhs for equation in (equations.noise_balance, equations.penalty_balance)]
    balanced = linear_solution(both, [excess_risk, degrees_of_freedom])
    if balanced is None:
        raise DerivationError("the state equations do not determine risk and degrees of freedom")
    solved = {**balanced, threshold: threshold_ratio * noise_level}
    steps = (
        Step("Noise balance.", equations.noise_balance, "state equation"),
        Step("Penalty balance.", equations.penalty_balance, "state equation"),
        Step("The training error is a share of the test error.", by_dof, "Onsager relation"),
        proved(
            "Risk and degrees of freedom drop out.",
            by_dof.subs(solved).subs(threshold, threshold_ratio * noise_level),
            by_penalty,
            "insert both state equations",
        ),
    )
    return Derivation(
        "Training error",
        steps,
        (ONSAGER, PROPORTIONAL_LIMIT),
        sp.Eq(by_dof, by_penalty, evaluate=False),
        {"by_dof": by_dof, "by_penalty": by_penalty},
        ("bayati2012lasso", "donoho2009message"),
    )
