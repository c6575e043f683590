"""The state equations of the quadratic network (theory.md N4) in their two closures, which are never mixed.

η = max(· - t, 0) acts on eigenvalues of Y = S* + τG, whose law μ is (atoms at s_k) ⊞ (semicircle of variance σ²); H is
μ's Hilbert transform. A closure fixes σ², the number of coordinates D and the degrees of freedom together.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from functools import cache

import sympy as sp

from ...derivation import Derivation, Step
from ...identities import DerivationError, proved
from ...linear import linear_solution
from ...symbols import decay, dim, noise, noise_level, penalty, samples, threshold, threshold_ratio, weight_decay, width
from .letters import eigenvalue, spread

index = sp.Symbol("k", integer=True, positive=True)
"""Index of a teacher eigenvalue."""
excess_risk = sp.Symbol("excess_risk", positive=True)
"""R, the excess risk."""
degrees_of_freedom = sp.Symbol("degrees_of_freedom", nonnegative=True)
"""dof, the expected divergence of η."""
residual_power = sp.Symbol("residual_power", nonnegative=True)
"""E‖η(Y) - Y‖² = d ∫ min(y, t)² μ(dy)."""
law = sp.Function("mu", nonnegative=True)
"""Density of the eigenvalues of Y."""
hilbert = sp.Function("H", real=True)
"""Its Hilbert transform PV ∫ μ(dz)/(y - z)."""

PROPORTIONAL_LIMIT = "N11: the state equations are proved for samples/dim**2 fixed as dim grows; using them across scales is a conjecture"
GAUSSIAN_DESIGN = "the design (x x^T - 1)/sqrt(dim) is replaced by a Gaussian one of the same covariance (N10)"
DETERMINISTIC = "deterministic closure: leading order in the dimension throughout (N4)"
REFERENCES = ("defilippis2025scaling", "erba2025nuclear", "stein1981estimation", "biane1997free")


class Closure(enum.Enum):
    """Which consistent set of σ², D and dof is used; a mixture gives negative risks."""

    DETERMINISTIC = "deterministic"
    FINITE_DIM = "finite-d"


@dataclass(frozen=True)
class StateEquations:
    """N4 in one closure.

    Parameters
    ----------
    closure : Closure
    variance : sympy.Eq
        σ² in τ² and d.
    coordinates : sympy.Expr
        D, the number of coordinates of a symmetric matrix as the closure counts them.
    dof : sympy.Expr
        Degrees of freedom as integrals over μ.
    noise_balance, risk_definition, penalty_balance : sympy.Eq
        2 n τ² = d (Δ + R); R by Stein's estimate; Λ = 4 (n/d) t (1 - dof/n).
    """

    closure: Closure
    variance: sp.Eq
    coordinates: sp.Expr
    dof: sp.Expr
    noise_balance: sp.Eq
    risk_definition: sp.Eq
    penalty_balance: sp.Eq


@cache
def state_equations(closure: Closure = Closure.DETERMINISTIC) -> StateEquations:
    """N4 as SymPy equations.

    When this is wrong: with real Z the bias at fixed n/d need not vanish (N10); across scales it is N11's conjecture.

    Examples
    --------
    >>> state_equations().variance, state_equations(Closure.FINITE_DIM).variance
    (Eq(spread**2, dim*noise_level**2/2), Eq(spread**2, noise_level**2*(dim + 1)/2))
    >>> state_equations().noise_balance
    Eq(2*noise_level**2*samples, dim*(excess_risk + noise))
    """
    finite = closure is Closure.FINITE_DIM
    effective = dim + 1 if finite else dim
    coordinates = dim * effective / 2
    learned = sp.Integral(law(eigenvalue), (eigenvalue, threshold, sp.oo))
    pairs = sp.Integral(
        (eigenvalue - threshold) * hilbert(eigenvalue) * law(eigenvalue), (eigenvalue, threshold, sp.oo)
    )
    dof = dim**2 * pairs + (dim / 2 * learned if finite else 0)
    stein = residual_power - noise_level**2 * coordinates + 2 * noise_level**2 * degrees_of_freedom
    return StateEquations(
        closure,
        sp.Eq(spread**2, noise_level**2 * effective / 2),
        coordinates,
        dof,
        sp.Eq(2 * samples * noise_level**2, dim * (noise + excess_risk)),
        sp.Eq(excess_risk, 2 / dim * stein),
        sp.Eq(penalty, 4 * samples / dim * threshold * (1 - degrees_of_freedom / samples)),
    )


def teacher_eigenvalue() -> sp.Expr:
    """s_k = √d k^{-γ}.

    Examples
    --------
    >>> teacher_eigenvalue()
    sqrt(dim)/k**decay
    """
    return sp.sqrt(dim) * index ** (-decay)


def penalty_of(full_width: bool = True) -> sp.Expr:
    """Λ = λ√(pd); λd at p = d, which is the width that all phases are stated for (N5).

    Examples
    --------
    >>> penalty_of(), penalty_of(full_width=False)
    (dim*weight_decay, sqrt(dim)*weight_decay*sqrt(width))
    """
    value = weight_decay * sp.sqrt(width * dim)
    return value.subs(width, dim) if full_width else value


@cache
def balances() -> Derivation:
    """The two balances of the deterministic closure with τ eliminated: 4 n σ² = d² (Δ + R), 4 n t = Λ d + 4 t dof.

    Raises
    ------
    DerivationError
        If a step does not reduce to exact zero.

    Examples
    --------
    >>> balances().values["noise"]
    Eq(4*samples*spread**2, dim**2*(excess_risk + noise))
    """
    exact = state_equations()
    level = sp.solve(exact.variance, noise_level**2)[0]
    left = exact.noise_balance.lhs.subs(noise_level**2, level)
    noise_side = sp.Eq(4 * samples * spread**2, dim**2 * (noise + excess_risk))
    penalty_side = sp.Eq(4 * threshold * samples, penalty * dim + 4 * threshold * degrees_of_freedom)
    steps = (
        Step("Noise balance.", exact.noise_balance, "state equation N4"),
        Step("Penalty balance.", exact.penalty_balance, "state equation N4"),
        proved("In the spread.", left * dim, noise_side.lhs, "insert the variance, multiply by the dimension"),
        proved(
            "Without a difference.",
            exact.penalty_balance.rhs * dim,
            penalty_side.lhs - 4 * threshold * degrees_of_freedom,
            "multiply by the dimension",
        ),
    )
    values = {"noise": noise_side, "penalty": penalty_side}
    result = sp.Tuple(noise_side, penalty_side)
    return Derivation("State equations in spread and threshold", steps, (DETERMINISTIC,), result, values, REFERENCES)


@cache
def training_error() -> Derivation:
    """Training error (Δ + R)(1 - dof/n)² = Λ² d/(8 α² n), α = t/τ, from the state equations and the Onsager relation (N4).

    Raises
    ------
    DerivationError
        If a step does not reduce to exact zero.

    Examples
    --------
    >>> training_error().values["by_penalty"]
    dim*penalty**2/(8*samples*threshold_ratio**2)
    """
    exact = state_equations()
    by_dof = (noise + excess_risk) * (1 - degrees_of_freedom / samples) ** 2
    by_penalty = penalty**2 * dim / (8 * threshold_ratio**2 * samples)
    both = [equation.lhs - equation.rhs for equation in (exact.noise_balance, exact.penalty_balance)]
    solved = linear_solution(both, [excess_risk, degrees_of_freedom])
    if solved is None:
        raise DerivationError("the state equations do not determine risk and degrees of freedom")
    step = proved(
        "Risk and degrees of freedom drop out.",
        by_dof.subs(solved).subs(threshold, threshold_ratio * noise_level),
        by_penalty,
        "insert both state equations",
    )
    relation = "Onsager relation: the training residual is (1 - dof/samples) times one of variance noise + risk"
    steps = (Step("The training error is a share of the test error.", by_dof, "Onsager relation"), step)
    return Derivation(
        "Training error of the quadratic network",
        steps,
        (relation, PROPORTIONAL_LIMIT, GAUSSIAN_DESIGN),
        sp.Eq(by_dof, by_penalty, evaluate=False),
        {"by_dof": by_dof, "by_penalty": by_penalty},
        REFERENCES,
    )
