"""Certificates of state evolution: in a stated box the equations of N3 have one solution and only one, with enclosures.

Krawczyk's operator in (log τ, log t): if K(X) = m - Y G(m) + (1 - Y G'(X))(X - m) lies inside X, there is exactly one zero
in X, and it lies in K(X). The widest box tried in which that holds is stated, and a narrow one that gives the enclosures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb

from scalecheck.numerics.errors import NotConverged
from scalecheck.numerics.networks.diagonal.state_equations import solve

from ..errors import InputError
from .balls import ball, between, ends, exact, working
from .power_law_sums import ORDER, Panel, enclosed, partition

BITS = 192
"""Precision: sums of 1e15 terms, and in phase V the difference n - dof, a 1e-20 of either, leave more than 60 bits."""
WIDTHS = (1e-2, 1e-3, 1e-4, 1e-6, 1e-8, 1e-10, 1e-12)
"""Half widths of the boxes tried for uniqueness, widest first."""
NARROW = 1e-18
"""Half width of the box that gives the enclosures, in the logarithms of τ and t."""
MARGIN = 8
"""How much wider the box is from which enclosures are stated; the checker's grouping of terms cost at most a factor 3."""
ACCURACY = 1e-22
"""Of the sums, relative: well below the narrow box."""

Box = tuple[arb, arb]


@dataclass(frozen=True)
class Problem:
    """The controls of the diagonal network as exact numbers, Λ = λ√d."""

    dim: int
    samples: Fraction
    weight_decay: Fraction
    decay: Fraction
    noise: Fraction

    @property
    def penalty(self) -> arb:
        """Λ at the working precision."""
        return ball(self.weight_decay) * arb(self.dim).sqrt()


@dataclass(frozen=True)
class Equations:
    """G = ((Δ + R)/(n τ²) - 1, t (n - dof)/Λ - 1) over a box of (log τ, log t), with its Jacobian and the two sums."""

    values: tuple[arb, arb]
    jacobian: tuple[tuple[arb, arb], tuple[arb, arb]]
    risk: arb
    degrees_of_freedom: arb


def certify(*, dim: Any, samples: Any, weight_decay: Any, decay: Any, noise: Any) -> dict[str, Any]:
    """A certificate that the state equations have a solution in a stated box, with enclosures of what follows from it.

    Parameters
    ----------
    dim, samples, weight_decay, decay, noise : number or decimal text
        Controls of the diagonal network (theory.md N1); a float stands for its shortest decimal text, exactly.

    Returns
    -------
    dict
        The document: controls, boxes, panels, enclosures of risk, noise level, threshold, degrees of freedom and
        training error as pairs of decimals. `check_certificate` verifies it with code of its own.

    Raises
    ------
    InputError
        For λ = 0 (a limit, no solution of these equations) or a dim that is no integer.
    NotConverged
        If no box could be certified.

    Notes
    -----
    When this is wrong: never about the equations N3; whether they describe the network is another matter (N11).
    """
    problem = _problem(dim, samples, weight_decay, decay, noise)
    start = solve(
        dim=float(problem.dim),
        samples=float(problem.samples),
        weight_decay=float(problem.weight_decay),
        decay=float(problem.decay),
        noise=float(problem.noise),
    ).value
    with working(BITS, ORDER + 1):
        middle = (arb(start.noise_level).log(), arb(start.threshold).log())
        panels = _panels(problem, middle)
        middle = _newton(problem, panels, middle)
        here = equations(problem, panels, (middle[0].mid(), middle[1].mid()))
        unique = _unique_box(problem, panels, middle, here)
        if _contracted(problem, panels, _box(middle, NARROW), here) is None:
            raise NotConverged("certificate: the narrow box does not contract; the Newton steps did not converge")
        return _document(problem, panels, unique, middle)


def _problem(dim: Any, samples: Any, weight_decay: Any, decay: Any, noise: Any) -> Problem:
    numbers = {
        "dim": exact(dim),
        "samples": exact(samples),
        "weight_decay": exact(weight_decay),
        "decay": exact(decay),
        "noise": exact(noise),
    }
    if numbers["dim"].denominator != 1 or numbers["dim"] < 1:
        raise InputError("dim", dim, "an integer >= 1")
    if numbers["weight_decay"] <= 0:
        raise InputError("weight_decay", weight_decay, "a number > 0 (at 0 the equations have a limit, no solution)")
    return Problem(int(numbers["dim"]), *(numbers[name] for name in ("samples", "weight_decay", "decay", "noise")))


class SoftThreshold:
    """Risk and exceedance of the soft threshold at given (τ, t), with their derivatives, for balls or series of θ.

    In units of τ√2, at y = θ and c = t: everything is made of exp(-(c - y)²), exp(-(c + y)²) and the integral of their
    difference, in few products of series, which is where the time of a certificate goes.
    """

    def __init__(self, noise_level: arb, threshold: arb) -> None:
        self.noise_level, self.threshold = noise_level, threshold
        self.unit = 1 / (noise_level * arb(2).sqrt())
        self.density, self.per_root_pi = 1 / (2 * arb.pi()).sqrt(), 1 / arb.pi().sqrt()

    def __call__(self, weight: Any) -> list[Any]:
        """Shares of R and dof, then of ∂R/∂τ, ∂R/∂t, ∂dof/∂τ, ∂dof/∂t."""
        tau, t, k = self.noise_level, self.threshold, self.density
        scaled, level = self.unit * weight, self.unit * t
        above, below = level - scaled, level + scaled
        first, second = (-(above * above)).exp(), (-(below * below)).exp()
        tails = self._tails(above, below, first, second, scaled)
        both, skew = first + second, weight * (first - second)
        return [
            weight * weight * (1 - tails) + (tau * tau + t * t) * tails - (tau * k) * (t * both + skew),
            tails,
            (2 * tau) * tails - (2 * k) * skew,
            (2 * t) * tails - (2 * tau * k) * both,
            (k / (tau * tau)) * (t * both - skew),
            (-k / tau) * both,
        ]

    def _tails(self, above: Any, below: Any, first: Any, second: Any, scaled: Any) -> Any:
        """Half the sum of both erfc; of a series from its constant term on, by integration of what it has already."""
        if isinstance(scaled, arb):
            return (above.erfc() + below.erfc()) / 2
        rise = (scaled.derivative() * (first - second)).integral()
        return (above[0].erfc() + below[0].erfc()) / 2 + self.per_root_pi * rise


def equations(problem: Problem, panels: Sequence[Panel], box: Box) -> Equations:
    """G and its Jacobian over a box, in balls."""
    tau, t = box[0].exp(), box[1].exp()
    n, penalty = ball(problem.samples), problem.penalty
    risk, dof, risk_tau, risk_t, dof_tau, dof_t = enclosed(SoftThreshold(tau, t), problem.decay, panels)
    balance, share = (ball(problem.noise) + risk) / (n * tau * tau), t * (n - dof) / penalty
    jacobian = (
        (risk_tau / (n * tau) - 2 * balance, t * risk_t / (n * tau * tau)),
        (-t * tau * dof_tau / penalty, share - t * t * dof_t / penalty),
    )
    return Equations((balance - 1, share - 1), jacobian, risk, dof)


def _panels(problem: Problem, middle: Box) -> list[Panel]:
    tau, t = (part.mid().exp() for part in middle)
    # n - dof is what the penalty balances; where it is a small part of n the sums must be that much sharper.
    left = float(problem.penalty / (t * ball(problem.samples)))
    return partition(SoftThreshold(tau, t), problem.decay, problem.dim, ACCURACY * min(1.0, left))


def _newton(problem: Problem, panels: Sequence[Panel], middle: Box) -> Box:
    """Two Newton steps from the numeric solution, at full precision; nothing rests on them but the width of the box."""
    for _ in range(2):
        found = equations(problem, panels, middle)
        step = _solve(found.jacobian, found.values)
        middle = ((middle[0] - step[0]).mid(), (middle[1] - step[1]).mid())
    return middle


def _solve(matrix: tuple[tuple[arb, arb], tuple[arb, arb]], right: Sequence[arb]) -> Box:
    (p, q), (r, s) = matrix
    determinant = p * s - q * r
    return (s * right[0] - q * right[1]) / determinant, (p * right[1] - r * right[0]) / determinant


def _box(middle: Box, width: float) -> Box:
    return (middle[0].mid() + arb(0, width), middle[1].mid() + arb(0, width))


def _unique_box(problem: Problem, panels: Sequence[Panel], middle: Box, here: Equations) -> Box:
    for width in WIDTHS:
        box = _box(middle, width)
        if _contracted(problem, panels, box, here) is not None:
            return box
    raise NotConverged(f"certificate: no box of half width {WIDTHS[0]:g} to {WIDTHS[-1]:g} contracts")


def _contracted(problem: Problem, panels: Sequence[Panel], box: Box, at_middle: Equations) -> Box | None:
    """Krawczyk's image of a box if it lies inside the box, else None; `at_middle` are the equations at its middle."""
    middle = (box[0].mid(), box[1].mid())
    over_box = equations(problem, panels, box)
    steps = _solve(_middles(at_middle.jacobian), at_middle.values)
    columns = list(zip(*over_box.jacobian, strict=True))
    defect = [_solve(_middles(at_middle.jacobian), column) for column in columns]
    image = []
    for i in range(2):
        spread = sum((int(i == j) - defect[j][i]) * (box[j] - middle[j]) for j in range(2))
        image.append(middle[i] - steps[i] + spread)
    inside = all(part.is_finite() and whole.contains_interior(part) for whole, part in zip(box, image, strict=True))
    return (image[0], image[1]) if inside else None


def _middles(matrix: tuple[tuple[arb, arb], tuple[arb, arb]]) -> tuple[tuple[arb, arb], tuple[arb, arb]]:
    (p, q), (r, s) = matrix
    return (p.mid(), q.mid()), (r.mid(), s.mid())


def _document(problem: Problem, panels: Sequence[Panel], unique: Box, middle: Box) -> dict[str, Any]:
    inside = _box(middle, NARROW)
    # Stated from a wider box, so that the same sums in another order, whose balls are a little wider, still land inside.
    wider = _box(middle, MARGIN * NARROW)
    (tau, t), found = (part.exp() for part in wider), equations(problem, panels, wider)
    n, dof = ball(problem.samples), found.degrees_of_freedom
    enclosures = {
        # From the sum, not from n τ² - Δ, which cancels where the risk is far below the noise.
        "risk": found.risk,
        "noise_level": tau,
        "threshold": t,
        "degrees_of_freedom": dof,
        "train_error": (problem.penalty / t) ** 2 * tau * tau / n,
    }
    return {
        "kind": "state-evolution",
        "theory": "diagonal",
        "controls": {
            "dim": str(problem.dim),
            "samples": str(problem.samples),
            "weight_decay": str(problem.weight_decay),
            "decay": str(problem.decay),
            "noise": str(problem.noise),
        },
        "bits": BITS,
        "order": ORDER,
        "panels": [list(panel) for panel in panels],
        "unique": [list(ends(part)) for part in unique],
        "inside": [list(ends(part)) for part in inside],
        "enclosures": {name: list(ends(value)) for name, value in enclosures.items()},
    }


def enclosure(document: dict[str, Any], name: str) -> arb:
    """One enclosure of a document as a ball at the working precision."""
    low, high = document["enclosures"][name]
    return between(Fraction(low), Fraction(high))
