"""Free convolution with a semicircle in symbols: subordination, Biane's curve, solvable cases (theory.md N4).

μ = μ_0 ⊞ semicircle of variance σ² is the limit of the spectrum of Y = S* + τG. With the Cauchy transform G(z) = ∫μ(dx)/(z-x),
one function F(ω) = ω + σ² G_0(ω) carries everything: G(F(ω)) = G_0(ω) above the curve on which F is real.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import sympy as sp

from ...derivation import Derivation, Step
from ...identities import DerivationError, is_zero, proved
from .letters import spike, spread

z = sp.Symbol("z")
"""Spectral parameter."""
omega = sp.Symbol("omega")
"""ω = z - σ²G(z), the subordinate point."""
position = sp.Symbol("u", real=True)
"""u = Re ω on Biane's curve."""
height = sp.Symbol("v", positive=True)
"""v = Im ω on Biane's curve; π σ² times the density."""

_PAPER = ("biane1997free",)


def semicircle_transform(point: sp.Expr) -> sp.Expr:
    """G(z) = (z - √(z² - 4σ²))/(2σ²), the branch that vanishes at infinity (for z > 2σ).

    Examples
    --------
    >>> sp.limit(z * semicircle_transform(z), z, sp.oo)
    1
    """
    return (point - sp.sqrt(point**2 - 4 * spread**2)) / (2 * spread**2)


@cache
def subordination() -> Derivation:
    """G(z) = G_0(z - σ² G(z)), from the additivity of R(g) = G^{-1}(g) - 1/g; the semicircle has R(g) = σ² g (N4).

    Raises
    ------
    DerivationError
        If a step does not reduce to exact zero.

    Examples
    --------
    >>> subordination().values["argument"]
    -spread**2*value + z
    """
    value, free = sp.Symbol("value"), sp.Function("R_0")
    r = semicircle_transform(z)
    inverse = proved(
        "The semicircle has R-transform variance times argument.",
        z,
        spread**2 * r + 1 / r,
        "solve the quadratic equation of its Cauchy transform for z",
    )
    # z = R_0(g) + σ²g + 1/g at g = G(z).
    argument = z - spread**2 * value
    inserted = proved(
        "At the subordinate point the teacher's transform has the same value.",
        argument.subs(z, free(value) + spread**2 * value + 1 / value),
        free(value) + 1 / value,
        "R-transforms add; the right side is the inverse of the teacher's Cauchy transform at that value",
    )
    result = sp.Eq(value, sp.Function("G_0")(argument), evaluate=False)
    steps = (inverse, inserted, Step("Apply the teacher's transform.", result, "it inverts its inverse"))
    assumptions = ("S* and G are free in the limit of large dimension (G is rotation invariant)",)
    return Derivation("Subordination for a semicircle", steps, assumptions, result, {"argument": argument}, _PAPER)


@dataclass(frozen=True)
class CurvePoint:
    """Integrands of Biane's parametrisation, for one atom s of μ_0; every formula is an integral over μ_0 of these.

    Parameters
    ----------
    condition : sympy.Expr
        1/((u-s)² + v²), whose integral is 1/σ² (fixes v).
    shift : sympy.Expr
        (u-s)/((u-s)² + v²), whose integral is H = (x-u)/σ².
    stretch : sympy.Expr
        2v²/((u-s)² + v²)², whose integral is Re F'/σ².
    turn : sympy.Expr
        2(u-s)v/((u-s)² + v²)², whose integral is Im F'/σ²; dx/du = |F'|²/Re F'.
    """

    condition: sp.Expr
    shift: sp.Expr
    stretch: sp.Expr
    turn: sp.Expr


@cache
def curve_point() -> CurvePoint:
    """The four integrands.

    Examples
    --------
    >>> curve_point().condition
    1/(v**2 + (-spike + u)**2)
    """
    gap = position - spike
    square = gap**2 + height**2
    return CurvePoint(1 / square, gap / square, 2 * height**2 / square**2, 2 * gap * height / square**2)


@cache
def biane() -> Derivation:
    """Density v/(πσ²), Hilbert transform (x-u)/σ² at x(u) = u + σ²∫(u-s)/((u-s)²+v²), where ∫1/((u-s)²+v²) = 1/σ² (N4).

    For an arbitrary teacher: everything is linear in μ_0, so the identities are those of one atom. The support is the image
    of {u: ∫ μ_0(ds)/(u-s)² > 1/σ²}; x(u) increases.

    When this is wrong: at an atom u = s the integral is infinite and v > 0 there, however small the atom.

    Raises
    ------
    DerivationError
        If a step does not reduce to exact zero.

    Examples
    --------
    >>> [str(name) for name in biane().values]
    ['density', 'hilbert', 'position', 'jacobian']
    """
    point = curve_point()
    transform = 1 / (position + sp.I * height - spike)
    real = proved("Real part, for one atom.", sp.re(transform), point.shift, "the Cauchy transform at u + iv")
    imaginary = proved(
        "Imaginary part, for one atom.", sp.im(transform), -height * point.condition, "the Cauchy transform at u + iv"
    )
    # Averages over μ_0 of the integrands, and x real: ω = x - σ²G.
    x, mean_condition, mean_shift = sp.symbols("x mean_condition mean_shift", real=True)
    both = x - spread**2 * (mean_shift - sp.I * height * mean_condition) - (position + sp.I * height)
    solved = sp.solve([sp.re(both), sp.im(both)], [x, mean_condition], dict=True)[0]
    height_step = proved(
        "The imaginary part of the subordination equation fixes the height.",
        solved[mean_condition],
        1 / spread**2,
        "divide by v, which is positive inside the support",
    )
    density = height / (sp.pi * spread**2)
    density_step = proved(
        "Density.",
        sp.im((position + sp.I * height - x) / spread**2) / sp.pi,
        density,
        "minus the imaginary part of the transform over pi, with the transform equal to (x - omega)/variance",
    )
    hilbert = (x - position) / spread**2
    hilbert_step = proved(
        "Hilbert transform.", hilbert.subs(x, solved[x]), mean_shift, "the real part of the transform on the axis"
    )
    steps = (real, imaginary, height_step, density_step, hilbert_step, *_monotone_steps(), _support_step())
    jacobian = sp.Symbol("F_real") + sp.Symbol("F_imaginary") ** 2 / sp.Symbol("F_real")
    values = {"density": density, "hilbert": hilbert, "position": solved[x], "jacobian": jacobian}
    subject = "Parametrisation of the free convolution with a semicircle"
    return Derivation(subject, (*subordination().steps, *steps), subordination().assumptions, density, values, _PAPER)


def _monotone_steps() -> tuple[Step, Step]:
    """dx/du = |F'|²/Re F' with Re F' > 0: x increases along the curve."""
    point = curve_point()
    derivative = -1 / (position + sp.I * height - spike) ** 2
    stretch = proved(
        "The real part of F' is positive: the average of this over the teacher, times the variance.",
        point.condition + sp.re(derivative),
        point.stretch,
        "the slope of F is one plus the variance times that of the transform; the one is replaced by the condition on the height",
    )
    real, imaginary, rise = sp.symbols("F_real F_imaginary rise", real=True)
    # x'(u) = F'(ω)(1 + i v'(u)) is real: v' from the imaginary part.
    slope = sp.expand((real + sp.I * imaginary) * (1 + sp.I * rise))
    solved = slope.subs(rise, sp.solve(sp.im(slope), rise)[0])
    increase = proved(
        "Along the curve x increases.",
        sp.expand(solved),
        real + imaginary**2 / real,
        "F is real on the curve, which fixes the slope of the height",
    )
    return stretch, increase


def _support_step() -> Step:
    """∫ 1/((u-s)²+v²) decreases in v, so a height exists iff its value at v = 0 exceeds 1/σ²."""
    point = curve_point()
    return proved(
        "The integral that fixes the height decreases with it, from its value at zero to nothing: the support is where "
        "the integral of the squared inverse distance exceeds one over the variance.",
        sp.diff(point.condition, height) * (height / -1),
        point.stretch,
        "differentiate; the right side is positive",
    )


@cache
def conditional_teacher() -> Derivation:
    """E[S* | x] = x - 2σ²H(x): what the teacher looks like along an eigenvector of Y with eigenvalue x (N4, N8).

    The mean of ⟨φ, S*φ⟩; it makes the cross term Tr η(Y)S* computable without Stein's identity.

    Raises
    ------
    DerivationError
        If a step does not reduce to exact zero.

    Examples
    --------
    >>> conditional_teacher().result
    -2*hilbert*spread**2 + x
    """
    x, hilbert, density = sp.symbols("x hilbert density", real=True)
    transform = hilbert - sp.I * sp.pi * density
    subordinate = x - spread**2 * transform
    result = x - 2 * spread**2 * hilbert
    pole = proved(
        "The resolvent weighted with the teacher, for one atom.",
        spike / (omega - spike),
        omega / (omega - spike) - 1,
        "partial fractions: its average is omega times the transform, minus one",
    )
    ratio = proved(
        "Imaginary parts on the axis: the teacher seen by an eigenvector.",
        sp.im(sp.expand(subordinate * transform)),
        -sp.pi * density * result,
        "minus pi times density times the conditional mean",
    )
    subject = "Teacher along an eigenvector"
    return Derivation(subject, (pole, ratio), subordination().assumptions, result, {}, _PAPER)


@dataclass(frozen=True)
class Solvable:
    """A teacher whose free convolution is known in closed form.

    Parameters
    ----------
    height : sympy.Expr
        v(u) inside the support.
    location : sympy.Expr
        x(u).
    equation : sympy.Expr
        Polynomial in `value` = G and z that vanishes.
    """

    height: sp.Expr
    location: sp.Expr
    equation: sp.Expr


value = sp.Symbol("value")
"""G(z), the value of a Cauchy transform."""


@cache
def no_teacher() -> Solvable:
    """An atom at zero: v² = σ² - u², x = 2u, the semicircle of edge 2σ.

    Raises
    ------
    DerivationError
        If substituting does not give the semicircle back.

    Examples
    --------
    >>> no_teacher().location
    2*u
    """
    root = sp.sqrt(spread**2 - position**2)
    return _confirmed(root, (sp.S.Zero,), spread**2 * value**2 - z * value + 1)


@cache
def two_atoms() -> Solvable:
    """Atoms at ±s, one half each: a cubic equation; the support splits in two at s = σ, where v(0)² = σ² - s² vanishes.

    Raises
    ------
    DerivationError
        If height and location do not solve the cubic.

    Examples
    --------
    >>> sp.simplify(two_atoms().height.subs(position, 0) ** 2)
    -spike**2 + spread**2
    """
    # q = u² + s² + v² solves q² - σ² q - 4u²s² = 0.
    q = (spread**2 + sp.sqrt(spread**4 + 16 * position**2 * spike**2)) / 2
    root = sp.sqrt(q - position**2 - spike**2)
    argument = z - spread**2 * value
    return _confirmed(root, (spike, -spike), sp.expand(value * (argument**2 - spike**2) - argument))


def _confirmed(root: sp.Expr, atoms: tuple[sp.Expr, ...], equation: sp.Expr) -> Solvable:
    """The case after substitution into Biane's condition and into the polynomial."""
    square = sp.Symbol("square", positive=True)  # v² as one letter, so that no root of a root appears
    conditions = [1 / ((position - s) ** 2 + square) for s in atoms]
    if not is_zero(sp.radsimp(sp.together(sum(conditions).subs(square, root**2) / len(atoms) - 1 / spread**2))):
        raise DerivationError(f"height={root} does not satisfy the condition of Biane's curve for atoms={atoms}")
    shift = sum((position - s) / ((position - s) ** 2 + square) for s in atoms) / len(atoms)
    location = sp.simplify(position + spread**2 * shift.subs(square, root**2))
    transform = (location - position - sp.I * height) / spread**2
    polynomial = sp.Poly(sp.expand(equation.subs({z: location, value: transform})), height)
    for parity in (0, 1):
        terms = (c * root ** (k - parity) for (k,), c in polynomial.terms() if k % 2 == parity)
        if not is_zero(sp.radsimp(sp.together(sp.expand(sum(terms))))):
            raise DerivationError(f"the curve does not solve equation={equation} for atoms={atoms}")
    return Solvable(root, location, equation)
