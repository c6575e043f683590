"""Weight decay turns the quadratic network into nuclear-norm regression over S ⪰ 0 (theory.md N2), proved step by step.

Identities between matrices are polynomial in the entries and homogeneous in the sizes, so they are stated for every size
and expanded entry by entry in small ones; the Gaussian moments are checked for every pattern of equal indices, which is
all that they depend on in any dimension.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import sympy as sp

from ...derivation import Derivation, Step
from ...identities import DerivationError, proved
from ...symbols import dim, penalty, weight_decay, width

label = sp.Symbol("y", real=True)
"""One label."""
excess_risk = sp.Symbol("excess_risk", positive=True)
"""R, the excess risk."""
distance = sp.Symbol("squared_distance", nonnegative=True)
"""‖S - S*‖_F²."""
trace = sp.Symbol("trace", nonnegative=True)
"""Tr S."""

SCALE = sp.sqrt(width * dim)
"""√(pd): S = WᵀW/√(pd)."""
_PAPER = ("defilippis2025scaling", "erba2025nuclear")
_SIZES = ((2, 2), (3, 2), (4, 3))


def weights(rows: int, columns: int) -> sp.Matrix:
    """W with entries of their own, rows hidden units.

    Examples
    --------
    >>> weights(3, 2).shape
    (3, 2)
    """
    return sp.Matrix(rows, columns, lambda i, j: sp.Symbol(f"W_{i}{j}", real=True))


def symmetric(size: int, name: str = "A") -> sp.Matrix:
    """A symmetric matrix with entries of their own.

    Examples
    --------
    >>> symmetric(2).is_symmetric()
    True
    """
    return sp.Matrix(size, size, lambda i, j: sp.Symbol(f"{name}_{min(i, j)}{max(i, j)}", real=True))


def effective_matrix(matrix: sp.Matrix) -> sp.Matrix:
    """S = WᵀW/√(pd), p and d being the sizes of W."""
    return matrix.T * matrix / sp.sqrt(matrix.rows * matrix.cols)


@cache
def objective() -> Derivation:
    """Σ (y - f)² + λ‖W‖_F² = Σ (y - Tr SZ)² + Λ Tr S with Λ = λ√(pd), Z = (xxᵀ - I)/√d, for every W (N2).

    Raises
    ------
    DerivationError
        If a step does not reduce to exact zero.

    Examples
    --------
    >>> objective().values["penalty"]
    sqrt(dim)*weight_decay*sqrt(width)
    """
    frobenius = SCALE * trace
    steps = tuple(_decay_cost_step(*sizes) for sizes in _SIZES)
    weighed = proved(
        "Weight decay is a penalty on the trace of S.",
        weight_decay * frobenius,
        (penalty * trace).subs(penalty, weight_decay * SCALE),
        "the squared Frobenius norm of W is the trace of the transpose of W times W, which is S times the root of pd",
    )
    outputs = tuple(_output_step(*sizes) for sizes in _SIZES)
    values = {"penalty": weight_decay * SCALE, "scale": SCALE}
    result = sp.Eq(penalty, weight_decay * SCALE)
    subject = "The loss of the quadratic network as a function of S"
    return Derivation(subject, (*steps, weighed, *outputs), (), result, values, _PAPER)


def _decay_cost_step(rows: int, columns: int) -> Step:
    """‖W‖_F² = √(pd) Tr S, entry by entry."""
    matrix = weights(rows, columns)
    return proved(
        f"The decay cost of W is a multiple of the trace of S; expanded for p = {rows}, d = {columns}.",
        sum(entry**2 for entry in matrix),
        sp.sqrt(rows * columns) * effective_matrix(matrix).trace(),
        "each diagonal entry of S sums the squares of one column of W",
    )


def _output_step(rows: int, columns: int) -> Step:
    """The network Σ_a ((w_a·x)² - ‖w_a‖²)/(d√p) is Tr SZ: the data enter through S alone."""
    matrix = weights(rows, columns)
    x = sp.Matrix(columns, 1, lambda i, _: sp.Symbol(f"x_{i}", real=True))
    features = (x * x.T - sp.eye(columns)) / sp.sqrt(columns)
    hidden = matrix * x
    network = sum(hidden[a] ** 2 - (matrix[a, :] * matrix[a, :].T)[0] for a in range(rows))
    return proved(
        f"The output of the hidden units is linear in S; expanded for p = {rows}, d = {columns}.",
        network / (columns * sp.sqrt(rows)),
        (effective_matrix(matrix) * features).trace(),
        "squares of the hidden units, centred, with Z the centred outer product of the input over the root of d",
    )


@cache
def every_matrix_is_reached() -> Derivation:
    """For p ≥ d every S ⪰ 0 is WᵀW/√(pd): W = (pd)^{1/4} S^{1/2}, rows of zeros below (N2).

    Hence the minimum over W is the minimum over S ⪰ 0. Nothing else is reached: WᵀW has no negative direction.

    Raises
    ------
    DerivationError
        If a step does not reduce to exact zero.

    Examples
    --------
    >>> len(every_matrix_is_reached().steps)
    3
    """
    root = symmetric(3, "B")
    padded = (SCALE ** sp.Rational(1, 2) * root).col_join(sp.zeros(2, 3))
    reached = padded.T * padded / SCALE
    squares = sum(entry**2 for entry in reached - root * root)
    built = proved(
        "With B the root of S and rows of zeros below it, W gives back the square of B.",
        squares,
        sp.S.Zero,
        "the rows of zeros add nothing; a positive semidefinite S has a symmetric root by the spectral theorem",
    )
    matrix, direction = weights(3, 2), sp.Matrix(sp.symbols("v_0 v_1", real=True))
    positive = proved(
        "No direction is negative.",
        (direction.T * effective_matrix(matrix) * direction)[0] * sp.sqrt(6),
        sum(entry**2 for entry in matrix * direction),
        "the quadratic form of S is a sum of squares",
    )
    conclusion = Step(
        "Both problems have the same minimum.",
        sp.Ge(width, dim),
        "W reaches every positive semidefinite S, and no other",
    )
    return Derivation("Range of S", (built, positive, conclusion), (), conclusion.formula, {}, _PAPER)


@cache
def narrow_network() -> Derivation:
    """What differs for p < d: rank S ≤ p, so the convex minimum is a lower bound, reached iff a minimiser has rank ≤ p (N2).

    The example shows that the bound can be missed: S* = s·I in two dimensions with one hidden unit and no penalty.

    Raises
    ------
    DerivationError
        If a step does not reduce to exact zero.

    Examples
    --------
    >>> narrow_network().values["missed"]
    spike**2
    """
    from .letters import spike

    row = weights(1, 2)
    gram = row.T * row
    rank = proved("One hidden unit makes a matrix of rank one.", gram.det(), sp.S.Zero, "proportional rows")
    # ‖q v vᵀ - s I‖² with q = ‖w‖²: (q - s)² + s², whose minimum over q is s².
    size = sp.Symbol("q", nonnegative=True)
    squared = sum(entry**2 for entry in sp.diag(size, 0) - spike * sp.eye(2))
    gap = proved(
        "In two dimensions one hidden unit misses a multiple of the identity by at least one of its eigenvalues.",
        squared,
        (size - spike) ** 2 + spike**2,
        "rotate the direction of the unit onto the first axis, which leaves the identity alone",
    )
    steps = (
        rank,
        Step("The rank of S is at most p.", sp.Lt(width, dim), "rank of a product"),
        Step("The convex minimum is a lower bound.", None, "a minimum over fewer matrices is not smaller"),
        Step("The two agree where a convex minimiser has rank at most p.", None, "it is then reached by some W"),
        gap,
    )
    missed = squared.subs(size, spike)
    subject = "The quadratic network with fewer hidden units than inputs"
    return Derivation(subject, steps, (), gap.formula, {"missed": missed}, _PAPER)


@cache
def local_minima() -> Derivation:
    """For p ≥ d every local minimum over W is global; for p < d every one that leaves a combination of units silent (N2).

    With Γ the gradient of the convex objective in S: stationarity is WΓ = 0. If e is a unit direction with eᵀW = 0, moving
    W by ε e vᵀ moves S by exactly ε² vvᵀ/√(pd), so a local minimum has vᵀΓv ≥ 0 for every v: Γ ⪰ 0 and SΓ = 0, the
    conditions of the convex problem. If there is no such e and p ≥ d, then p = d, W is invertible and Γ = 0.

    Raises
    ------
    DerivationError
        If a step does not reduce to exact zero.

    Examples
    --------
    >>> local_minima().assumptions
    ()
    """
    silent = weights(2, 2).col_join(sp.zeros(1, 2))
    small, v = sp.Symbol("epsilon", real=True), sp.Matrix(sp.symbols("v_0 v_1", real=True))
    moved = silent + small * sp.Matrix([0, 0, 1]) * v.T
    change = effective_matrix(moved) - effective_matrix(silent) - small**2 * v * v.T / sp.sqrt(6)
    second = proved(
        "Moving a silent unit moves S to second order, along an arbitrary direction, and by nothing else.",
        sum(entry**2 for entry in change),
        sp.S.Zero,
        "rotate the hidden units so that the silent combination is the last one",
    )
    gradient = _chain_rule_step()
    steps = (
        gradient,
        second,
        Step("So the gradient in S is positive semidefinite and S times it is zero.", None, "second-order conditions"),
        Step(
            "These are the conditions of the convex problem.",
            None,
            "first-order conditions of a convex problem suffice",
        ),
        Step("If no combination of p = d units is silent, W is invertible.", None, "then the gradient in S vanishes"),
    )
    return Derivation("Local minima of the quadratic network", steps, (), gradient.formula, {}, _PAPER)


def _chain_rule_step() -> Step:
    """∂/∂W of a function with gradient Γ in S: 2 W Γ/√(pd), for Γ the gradient of a linear function."""
    matrix, slope = weights(3, 2), symmetric(2, "Gamma")
    cost = (slope * effective_matrix(matrix)).trace()
    by_entries = sp.Matrix(3, 2, lambda i, j: sp.diff(cost, matrix[i, j]))
    return proved(
        "The gradient in W is twice W times the gradient in S, over the root of pd.",
        sum(entry**2 for entry in by_entries - 2 * matrix * slope / sp.sqrt(6)),
        sp.S.Zero,
        "chain rule; only the linear part of the objective matters for a gradient",
    )


def patterns(size: int) -> Iterator[tuple[int, ...]]:
    """All patterns of equality of `size` indices, as restricted growth strings.

    Examples
    --------
    >>> list(patterns(2)), len(list(patterns(4)))
    ([(0, 0), (0, 1)], 15)
    """
    if size == 0:
        yield ()
        return
    for head in patterns(size - 1):
        for new in range(max(head, default=-1) + 2):
            yield (*head, new)


def gaussian_moment(indices: tuple[int, ...]) -> sp.Integer:
    """E Π x_i for independent standard normal x, by one-dimensional moments (k-1)!!.

    Examples
    --------
    >>> gaussian_moment((0, 0, 1, 1)), gaussian_moment((0, 0, 0, 0))
    (1, 3)
    """
    product = sp.S.One
    for index in set(indices):
        power = indices.count(index)
        product *= 0 if power % 2 else sp.factorial2(power - 1)
    return product


@cache
def risk() -> Derivation:
    """R = E (f - f*)² = (2/d) ‖S - S*‖_F², from the fourth moments of a Gaussian (N2).

    The covariance of two features depends only on which of the four indices are equal: fifteen cases, in any dimension.

    Raises
    ------
    DerivationError
        If a case does not hold.

    Examples
    --------
    >>> risk().result
    Eq(excess_risk, 2*squared_distance/dim)
    """
    covariance = _covariance_step()
    matrix = symmetric(3)
    twice = _contracted(matrix)
    contraction = proved(
        "Contracted with a symmetric matrix the covariance is twice the square of its norm; expanded for d = 3.",
        twice,
        2 * sum(entry**2 for entry in matrix),
        "the two pairings give the same sum, for each pair of indices",
    )
    result = sp.Eq(excess_risk, 2 * distance / dim)
    last = Step("Divide by d.", result, "each feature carries one over the root of d")
    values = {"risk": 2 * distance / dim, "feature_variance": 2 / dim}
    assumptions = ("inputs are Gaussian with identity covariance",)
    return Derivation("Excess risk", (covariance, contraction, last), assumptions, result, values, _PAPER)


def _covariance_step() -> Step:
    """E (x_i x_j - δ_ij)(x_k x_l - δ_kl) = δ_ik δ_jl + δ_il δ_jk in all fifteen cases."""
    delta = sp.KroneckerDelta
    for i, j, k, m in patterns(4):
        exact = gaussian_moment((i, j, k, m)) - delta(i, j) * gaussian_moment((k, m))
        exact += delta(k, m) * (delta(i, j) - gaussian_moment((i, j)))
        if exact != delta(i, k) * delta(j, m) + delta(i, m) * delta(j, k):
            raise DerivationError(f"covariance of features at indices={(i, j, k, m)}: {exact}")
    i, j, k, m = sp.symbols("i j k l", integer=True, positive=True)
    formula = delta(i, k) * delta(j, m) + delta(i, m) * delta(j, k)
    return Step("Covariance of two centred products of inputs.", formula, "all fifteen patterns of equal indices")


def _contracted(matrix: sp.Matrix) -> sp.Expr:
    """Σ A_ij A_kl Cov(x_i x_j, x_k x_l) with the covariance from Gaussian moments."""
    size = range(matrix.rows)
    total = sp.S.Zero
    for i in size:
        for j in size:
            for k in size:
                for m in size:
                    cov = gaussian_moment((i, j, k, m)) - gaussian_moment((i, j)) * gaussian_moment((k, m))
                    total += matrix[i, j] * matrix[k, m] * cov
    return total


def network_reduction() -> Derivation:
    """The whole of N2 in one chain: objective, range of S, absence of bad local minima, excess risk.

    When this is wrong: for p < d the convex problem is a lower bound only (`narrow_network`).

    Raises
    ------
    DerivationError
        If a step does not hold.

    Examples
    --------
    >>> network_reduction().result
    Eq(penalty, sqrt(dim)*weight_decay*sqrt(width))
    """
    parts = (objective(), every_matrix_is_reached(), local_minima(), risk())
    steps = tuple(step for part in parts for step in part.steps)
    values = {**parts[0].values, **parts[-1].values}
    subject = "The quadratic network is trace-penalised regression over positive semidefinite matrices"
    return Derivation(subject, steps, parts[-1].assumptions, parts[0].result, values, _PAPER)
