"""Spectral functions of a noisy symmetric matrix: divergence, Stein's identity, and the two closures of theory.md N4.

Y = S* + τG with G of unit variance in orthonormal coordinates (E_ii = e_i e_iᵀ, E_ij = (e_i e_jᵀ + e_j e_iᵀ)/√2). The
exact identities are about finite matrices. A *closure* replaces spectra by one measure μ; which powers of d go with
which is derived here, and what goes wrong if they are mixed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import sympy as sp

from ...derivation import Derivation, Step
from ...identities import proved
from ...symbols import dim, noise_level

first, second = sp.symbols("lambda_1 lambda_2", real=True)
"""Two eigenvalues of Y."""
shrinkage = sp.Function("eta", real=True)
"""η, applied to eigenvalues."""
teacher_square = sp.Symbol("teacher_square", nonnegative=True)
"""∫ s² μ_0(ds) = ‖S*‖_F²/d."""
output_square = sp.Symbol("output_square", nonnegative=True)
"""∫ η² dμ."""
cross = sp.Symbol("output_cross", real=True)
"""∫ x η dμ."""
hilbert_moment = sp.Symbol("hilbert_moment", real=True)
"""∫ η H dμ, H the Hilbert transform PV ∫ μ(dy)/(x-y)."""
slope_mass = sp.Symbol("slope_mass", nonnegative=True)
"""∫ η' dμ; for η = max(· - t, 0) it is μ((t, ∞))."""

_PAPERS = ("stein1981estimation", "defilippis2025scaling")


def pair_slope() -> sp.Expr:
    """(η(λ_1) - η(λ_2))/(λ_1 - λ_2), the slope of η between two eigenvalues."""
    return (shrinkage(first) - shrinkage(second)) / (first - second)


@cache
def divergence() -> Derivation:
    """div η(Y) = Σ η'(λ_i) + Σ_{i<j} (η(λ_i) - η(λ_j))/(λ_i - λ_j) in orthonormal coordinates (N4).

    In the eigenbasis of Y a direction E_ii moves one eigenvalue and no eigenvector; E_ij mixes a single pair, and on the 2 by
    2 block of that pair η is the interpolating line, exactly. When this is wrong: where η is not differentiable at an
    eigenvalue (max(· - t, 0) at t), a set of probability zero; equal eigenvalues are the limit, η'.

    Raises
    ------
    DerivationError
        If a step does not reduce to exact zero.

    Examples
    --------
    >>> divergence().values["pair"]
    (eta(lambda_1) - eta(lambda_2))/(lambda_1 - lambda_2)
    """
    block, powers = _pair_steps(), tuple(_power_step(size, k) for size, k in ((2, 2), (2, 4), (3, 3)))
    alone = Step(
        "A change of one eigenvalue counts with the slope of the function there.",
        sp.Derivative(shrinkage(first), first),
        "the eigenvectors stay",
    )
    values = {"pair": pair_slope(), "diagonal": sp.Derivative(shrinkage(first), first)}
    result = sp.Tuple(*values.values())
    subject = "Divergence of a spectral function of a symmetric matrix"
    return Derivation(subject, (alone, *block, *powers), (), result, values, ("stein1981estimation",))


def _pair_steps() -> tuple[Step, Step]:
    """The block of a pair: interpolating line, and its derivative along E_ij."""
    top, bottom, mixing = sp.symbols("y_11 y_22 y_12", real=True)
    block = sp.Matrix([[top, mixing], [mixing, bottom]])
    line = pair_slope() * block + (shrinkage(first) - pair_slope() * first) * sp.eye(2)
    # Eigenvalues obey Cayley-Hamilton; the line takes the values η(λ_1), η(λ_2) at them.
    at_second = line.subs({top: first, bottom: second, mixing: 0})[1, 1]
    interpolates = proved(
        "On two eigenvalues a function is the line through its values, so it is that line of the block itself.",
        at_second,
        shrinkage(second),
        "the line takes the right value at the second eigenvalue; at the first by construction",
    )
    # Along ε E_ij the off-diagonal entry is ε/√2, and it counts √2 in the orthonormal coordinate.
    amount = sp.Symbol("epsilon", real=True)
    coordinate = sp.sqrt(2) * line[0, 1].subs(mixing, amount / sp.sqrt(2))
    derivative = proved(
        "A pair counts with the slope between its eigenvalues.",
        sp.diff(coordinate, amount),
        pair_slope(),
        "the eigenvalues of the block are even in the mixing, so they do not move to first order",
    )
    return interpolates, derivative


def orthonormal_basis(size: int) -> tuple[sp.Matrix, ...]:
    """E_ii and (e_i e_jᵀ + e_j e_iᵀ)/√2: a basis of the symmetric matrices, orthonormal under the trace.

    Examples
    --------
    >>> [(m * n).trace() for m in orthonormal_basis(2) for n in orthonormal_basis(2)]
    [1, 0, 0, 0, 1, 0, 0, 0, 1]
    """
    found = []
    for i in range(size):
        for j in range(i, size):
            matrix = sp.zeros(size, size)
            matrix[i, j] = matrix[j, i] = sp.S.One if i == j else 1 / sp.sqrt(2)
            found.append(matrix)
    return tuple(found)


def divergence_of_power(power_sums: Sequence[sp.Expr], order: int) -> sp.Expr:
    """div Y^k = ½ Σ_m p_m p_{k-1-m} + (k/2) p_{k-1} with p_m = Tr Y^m and p_0 = d: the formula above for η = x^k.

    Parameters
    ----------
    power_sums : sequence of sympy.Expr
        p_0, ..., p_{k-1}.
    order : int
        k ≥ 1.

    Examples
    --------
    >>> divergence_of_power((dim,), 1)
    dim**2/2 + dim/2
    """
    pairs = sum(power_sums[m] * power_sums[order - 1 - m] for m in range(order))
    return sp.expand(pairs / 2 + sp.Integer(order) * power_sums[order - 1] / 2)


def _power_step(size: int, order: int) -> Step:
    """The divergence of Y^k, differentiated coordinate by coordinate, against the formula."""
    basis = orthonormal_basis(size)
    coordinates = sp.symbols(f"y_0:{len(basis)}", real=True)
    matrix = sum((y * e for y, e in zip(coordinates, basis)), sp.zeros(size, size))
    power = matrix**order
    total = sum(sp.diff((e * power).trace(), y) for y, e in zip(coordinates, basis))
    sums = tuple((matrix**m).trace() for m in range(order))
    return proved(
        f"The power {order} of a symmetric {size} by {size} matrix, coordinate by coordinate.",
        sp.expand(total),
        sp.expand(divergence_of_power(sums, order)),
        "the two sides as polynomials in the coordinates",
    )


@cache
def sure() -> Derivation:
    """E‖η(Y) - S*‖² = E‖η(Y) - Y‖² - τ² D + 2 τ² dof, dof = E div η(Y), D the dimension (N4).

    Raises
    ------
    DerivationError
        If a step does not reduce to exact zero.

    Examples
    --------
    >>> sure().values["risk"]
    -coordinates*noise_level**2 + 2*degrees_of_freedom*noise_level**2 + distance
    """
    z, g = sp.Symbol("z", real=True), sp.Function("g", real=True)
    weight = sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi)
    stein = proved(
        "Noise times a function is the derivative of the function, on average, coordinate by coordinate.",
        sp.diff(weight * g(z), z),
        weight * (sp.diff(g(z), z) - z * g(z)),
        "the integral of the left side vanishes for g of moderate growth",
    )
    output, seen, truth = sp.symbols("output seen truth", real=True)
    square = proved(
        "Expand around what is seen.",
        (output - truth) ** 2,
        (output - seen) ** 2 + 2 * output * (seen - truth) - 2 * seen * (seen - truth) + (seen - truth) ** 2,
        "algebra, coordinate by coordinate",
    )
    count, dof, apart = sp.symbols("coordinates degrees_of_freedom distance", nonnegative=True)
    risk = apart - noise_level**2 * count + 2 * noise_level**2 * dof
    means = proved(
        "The three averages: noise with output, noise with what is seen, noise squared.",
        apart + 2 * (noise_level**2 * dof) - 2 * (noise_level**2 * count) + noise_level**2 * count,
        risk,
        "Stein's identity for the function, for the identity map, and the variance",
    )
    values = {"risk": risk}
    return Derivation("Stein's unbiased risk estimate", (square, stein, means), (), risk, values, _PAPERS)


@dataclass(frozen=True)
class ClosureFormulas:
    """How finite sums become integrals: σ², the number of coordinates D, and dof as formulas in d, τ and integrals of μ.

    Parameters
    ----------
    name : str
        ``deterministic`` (leading order throughout) or ``finite dimension``.
    variance, coordinates, dof : sympy.Expr
        σ²; D; dof in `hilbert_moment` and `slope_mass`.
    """

    name: str
    variance: sp.Expr
    coordinates: sp.Expr
    dof: sp.Expr

    def risk(self) -> sp.Expr:
        """E‖η(Y) - S*‖² by Stein's estimate, all integrals over μ = μ_0 ⊞ semicircle of variance σ².

        Examples
        --------
        >>> finite_dimension().risk().subs({output_square: 0, cross: 0, hilbert_moment: 0, slope_mass: 0}).expand()
        dim*teacher_square
        """
        apart = dim * (output_square - 2 * cross + teacher_square + self.variance)
        formula = sure().values["risk"]
        named = {symbol.name: symbol for symbol in formula.free_symbols}
        parts = {"distance": apart, "coordinates": self.coordinates, "degrees_of_freedom": self.dof}
        return sp.expand(formula.subs({named[name]: value for name, value in parts.items()}))

    def risk_by_overlap(self) -> sp.Expr:
        """The same from E[S* | x] = x - 2σ²H, the overlap of an eigenvector of Y with the teacher (`free_convolution`)."""
        return sp.expand(dim * (output_square - 2 * (cross - 2 * self.variance * hilbert_moment) + teacher_square))


@cache
def finite_dimension() -> ClosureFormulas:
    """The closure that keeps every explicit d: σ² = τ²(d+1)/2, D = d(d+1)/2, dof = d² ∫ηH dμ + (d/2) ∫η' dμ (N4).

    Examples
    --------
    >>> finite_dimension().coordinates
    dim*(dim + 1)/2
    """
    i = sp.Symbol("i", integer=True, positive=True)
    count = sp.factor(sp.summation(dim - i + 1, (i, 1, dim)))
    # d diagonal entries of variance τ², d(d-1) others of variance τ²/2, divided by d: the mean square eigenvalue.
    variance = sp.factor(noise_level**2 * (dim + dim * (dim - 1) / 2) / dim)
    # Σ_{i<j} is half of all pairs without the diagonal, on which the slope between eigenvalues is η'.
    every_pair, diagonal = 2 * dim**2 * hilbert_moment, dim * slope_mass
    return ClosureFormulas("finite dimension", variance, count, sp.expand((every_pair - diagonal) / 2 + diagonal))


@cache
def deterministic() -> ClosureFormulas:
    """The leading order in d of the other closure, throughout: σ² = τ²d/2, D = d²/2, dof = d² ∫ηH dμ (N4).

    Examples
    --------
    >>> deterministic().dof
    dim**2*hilbert_moment
    """
    exact = finite_dimension()
    parts = (exact.variance, exact.coordinates, exact.dof)
    return ClosureFormulas("deterministic", *(sp.LT(sp.expand(part), dim) for part in parts))


@cache
def closures() -> Derivation:
    """Where the 1/d terms of N4 come from, and that each closure is consistent with itself (N4).

    The deterministic one satisfies two independent formulas of the risk identically. The finite one does so up to
    τ²d ∫(η' - 2ηH) dμ, relative order 1/d: zero for linear η, not in general; there Stein's formula is the definition.

    Raises
    ------
    DerivationError
        If a step does not reduce to exact zero.

    Examples
    --------
    >>> sp.factor(closures().values["finite_defect"])
    -dim*noise_level**2*(2*hilbert_moment - slope_mass)
    """
    leading, finite = deterministic(), finite_dimension()
    x, y = sp.symbols("x y", real=True)
    symmetric = proved(
        "Half the slope between two eigenvalues is the function against the Hilbert transform, after symmetrising.",
        shrinkage(x) / (x - y) + shrinkage(y) / (y - x),
        (shrinkage(x) - shrinkage(y)) / (x - y),
        "exchange the two integration variables",
    )
    agree = proved(
        "To leading order Stein's estimate is the risk computed from overlaps, whatever the function and the teacher.",
        leading.risk(),
        leading.risk_by_overlap(),
        "the variance of the semicircle is what cancels both the number of coordinates and the cross term",
    )
    defect = noise_level**2 * dim * (slope_mass - 2 * hilbert_moment)
    kept = proved(
        "At finite dimension the two differ by one order less in d.",
        finite.risk() - finite.risk_by_overlap(),
        defect,
        "the divergence knows of the diagonal, the free convolution does not",
    )
    named = (
        Step("Variance of the semicircle.", finite.variance, "mean square of the entries, row by row"),
        Step("Coordinates.", finite.coordinates, "dimension of the symmetric matrices"),
        Step("Degrees of freedom.", finite.dof, "half of all pairs, and half of the diagonal once more"),
    )
    steps = (symmetric, *named, agree, kept, *_linear_steps())
    values = {
        "variance": leading.variance,
        "coordinates": leading.coordinates,
        "dof": leading.dof,
        "finite_defect": defect,
    }
    result = sp.Tuple(leading.variance, leading.coordinates, leading.dof)
    return Derivation("The two closures of the quadratic state equations", steps, (), result, values, _PAPERS)


def at_linear(expression: sp.Expr, closure: ClosureFormulas, slope: sp.Expr) -> sp.Expr:
    """`expression` for η(x) = slope · x, for which every integral is known: ∫ x H dμ = ½ for every μ.

    Examples
    --------
    >>> sp.expand(at_linear(deterministic().dof, deterministic(), sp.S.One))
    dim**2/2
    """
    whole = teacher_square + closure.variance
    half = sp.Rational(1, 2)
    known = {output_square: slope**2 * whole, cross: slope * whole, hilbert_moment: slope * half, slope_mass: slope}
    return sp.expand(expression.subs(known))


def _linear_steps() -> tuple[Step, Step]:
    """For η = c·x both closures give bias squared plus variance, exactly."""
    slope = sp.Symbol("slope", real=True)
    steps = []
    for closure in (deterministic(), finite_dimension()):
        exact = dim * (1 - slope) ** 2 * teacher_square + slope**2 * noise_level**2 * closure.coordinates
        steps.append(
            proved(
                f"A linear function has bias squared plus variance: {closure.name}.",
                at_linear(closure.risk(), closure, slope),
                exact,
                "each coordinate is shrunk by the same factor",
            )
        )
    return steps[0], steps[1]


def mixing_defect(
    variance: ClosureFormulas, coordinates: ClosureFormulas, dof: ClosureFormulas, slope: sp.Expr
) -> sp.Expr:
    """What Stein's estimate is off by for η = slope·x if σ², D and dof come from different closures; 0 if from one (N4).

    The truth it is compared with is that of the D used.

    Examples
    --------
    A network that has learned nothing from a teacher that is nothing gets a negative risk:

    >>> sp.factor(mixing_defect(deterministic(), finite_dimension(), deterministic(), sp.S.Zero))
    -dim*noise_level**2/2
    """
    mixed = ClosureFormulas("mixed", variance.variance, coordinates.coordinates, dof.dof)
    exact = dim * (1 - slope) ** 2 * teacher_square + slope**2 * noise_level**2 * mixed.coordinates
    return sp.expand(at_linear(mixed.risk(), mixed, slope) - exact)
