"""Where the factors 2 and 4 of N4 come from: the equations of N3, rescaled to features of variance 2/d and a loss without ½.

State evolution for a Gaussian design knows the penalty through its denoiser alone. What is special to the quadratic network
is the variance of a feature, the factor of the loss, and the denoiser of the trace over S ⪰ 0; all three are derived here.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from ...derivation import Derivation, Step
from ...identities import proved
from ...symbols import dim, noise, noise_level, penalty, samples, threshold
from ..diagonal import state_equations as lasso
from .reduction import risk
from .state_equations import GAUSSIAN_DESIGN, degrees_of_freedom, excess_risk, state_equations

feature_variance = sp.Symbol("feature_variance", positive=True)
"""v, variance of one feature in orthonormal coordinates."""
loss_factor = sp.Symbol("loss_factor", positive=True)
"""c in c Σ (y - θ·z)² + Λ P(θ)."""

STATE_EVOLUTION = (
    "state evolution holds for a Gaussian design and a convex penalty with its own denoiser and divergence, as it does "
    "for the LASSO"
)


@cache
def denoiser() -> Derivation:
    """argmin over S ⪰ 0 of ½‖S - Y‖² + t Tr S is max(λ - t, 0) on the eigenvalues λ of Y (N4).

    Raises
    ------
    DerivationError
        If an optimality condition does not hold.

    Examples
    --------
    >>> denoiser().result
    Max(0, eigenvalue - threshold)
    """
    seen, excess = sp.Symbol("eigenvalue", real=True), sp.Symbol("excess", nonnegative=True)
    output = sp.Max(0, seen - threshold)
    gradient = output - seen + threshold
    above, below = {seen: threshold + excess}, {seen: threshold - excess}
    steps = (
        proved(
            "Above the threshold the gradient vanishes.", gradient.subs(above), sp.S.Zero, "the eigenvalue is positive"
        ),
        proved("Below it the gradient is not negative.", gradient.subs(below), excess, "the eigenvalue is zero"),
        Step(
            "The gradient has the eigenvectors of Y, is positive semidefinite, and its product with S is zero.",
            output,
            "conditions of a convex problem over a cone, sufficient",
        ),
    )
    return Derivation("Denoiser of the trace", steps, (), output, {}, ("erba2025nuclear",))


@cache
def rescaled() -> Derivation:
    """n v τ² = Δ + R and Λ = 2 c v t (n - dof) for features of variance v and a loss with factor c, from N3 by θ → √v θ.

    Raises
    ------
    DerivationError
        If N3 does not turn into these equations.

    Examples
    --------
    >>> rescaled().values["penalty"]
    2*feature_variance*loss_factor*threshold*(-degrees_of_freedom + samples)
    """
    exact, root = lasso.state_equations(), sp.sqrt(feature_variance)
    label, product, size = sp.symbols("y product size", real=True)
    # θ·z = θ'·g with θ' = √v θ; P is homogeneous of degree one: P(θ) = P(θ')/√v.
    scaled = proved(
        "The loss over twice its factor is that of unit features, with another penalty.",
        (loss_factor * (label - product) ** 2 + penalty * size / root) / (2 * loss_factor),
        (label - product) ** 2 / 2 + penalty / (2 * loss_factor * root) * size,
        "product and size are those of the rescaled weights",
    )
    unit = {noise_level: root * noise_level, threshold: root * threshold, penalty: penalty / (2 * loss_factor * root)}
    balance = exact.noise_balance.subs(unit, simultaneous=True)
    noise_side = proved(
        "Noise balance.",
        balance.lhs,
        samples * feature_variance * noise_level**2,
        "the noise level scales as the weights",
    )
    relation = exact.penalty_balance.subs(unit, simultaneous=True)
    cost = 2 * loss_factor * feature_variance * threshold * (samples - lasso.degrees_of_freedom)
    penalty_side = proved(
        "Penalty balance.", sp.solve(relation, penalty)[0], cost, "the threshold scales as the weights"
    )
    values = {"noise": balance.lhs, "penalty": cost}
    result = sp.Tuple(sp.Eq(balance.lhs, balance.rhs), sp.Eq(penalty, cost))
    steps = (scaled, noise_side, penalty_side)
    return Derivation("State equations in other units", steps, (STATE_EVOLUTION,), result, values, ("bayati2012lasso",))


@cache
def normalisation() -> Derivation:
    """2nτ² = d(Δ + R) and Λ = 4(n/d)t(1 - dof/n): N3 at v = 2/d and c = 1, equal to N4 as `state_equations` has it.

    When this is wrong: the design is not Gaussian (N10), and outside the proportional limit (N11).

    Raises
    ------
    DerivationError
        If N4 is not what the rescaling gives.

    Examples
    --------
    >>> normalisation().values["penalty"]
    4*threshold*(-degrees_of_freedom + samples)/dim
    """
    stated, general = state_equations(), rescaled().values
    network = {feature_variance: risk().values["feature_variance"], loss_factor: sp.S.One}
    dof = {lasso.degrees_of_freedom: degrees_of_freedom}
    balance = general["noise"].subs(network)
    noise_side = proved(
        "Noise balance of the quadratic network.",
        dim * (balance - noise - excess_risk),
        stated.noise_balance.lhs - stated.noise_balance.rhs,
        "each feature has variance two over d",
    )
    cost = general["penalty"].subs(network).subs(dof)
    penalty_side = proved(
        "Penalty balance of the quadratic network.", cost, stated.penalty_balance.rhs, "the loss has no factor one half"
    )
    steps = (*denoiser().steps, *risk().steps, *rescaled().steps, noise_side, penalty_side)
    values = {"noise": balance, "penalty": cost, "feature_variance": network[feature_variance]}
    result = sp.Tuple(stated.noise_balance, stated.penalty_balance)
    assumptions = (*rescaled().assumptions, GAUSSIAN_DESIGN)
    references = ("bayati2012lasso", "erba2025nuclear", "defilippis2025scaling")
    return Derivation("Factors of the quadratic state equations", steps, assumptions, result, values, references)
