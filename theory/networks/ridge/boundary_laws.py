"""Laws on the boundaries of the ridge diagram, as far as they are closed forms.

Between a noiseless regime and its noisy neighbour κ is the same on both sides, and the risk at given κ is affine in the noise:
on their line the two laws add. Every other boundary lies where κ itself crosses over: there n κ = λ + κ df1 keeps all its
terms, κ solves a trinomial of degree 1 - 1/α (at λ ≍ n^{1-α}) or an equation with the whole sum df1 (at λ ≍ n), and no
closed form exists for general α.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import sympy as sp

from ...asymptotics.phase_diagram import Boundary
from ...derivation import Step
from ...identities import proved
from .crossover import Phase, UnexpectedDiagram
from .letters import amplitude, effective_ridge
from .state_equations import df1, df2, risk_formula, unlearned

IMPLICIT = {
    ("effective", "regularised"): (
        "at ridge = samples**(1 - capacity) all three terms of samples*kappa = ridge + kappa*df1 are of one order, and kappa solves"
        " a trinomial of degree 1 - 1/capacity"
    ),
    ("over-regularised", "regularised"): (
        "at ridge = samples kappa is of the order of the largest eigenvalue and the whole sums enter, one mode at a time"
    ),
}
"""Why the boundaries between two sorts of κ carry no closed law."""


@dataclass(frozen=True)
class SharedRidge:
    """Two regimes whose effective ridge is one and the same, and the step that lets their laws add."""

    noiseless: Phase
    noisy: Phase
    step: Step


def affine_in_noise() -> Step:
    """At given κ the risk is a bias plus noise times a variance.

    Examples
    --------
    >>> affine_in_noise().statement
    'At a given effective ridge the risk is affine in the noise.'
    """
    whole = risk_formula().result
    given = (amplitude, df1, df2, unlearned, effective_ridge)
    if not {amplitude, unlearned} <= whole.free_symbols & set(given):
        raise UnexpectedDiagram(f"the risk should hold noise and bias: {whole}")
    parts = whole.subs(amplitude, 0) + amplitude * whole.subs(unlearned, 0).subs(amplitude, 1)
    return proved(
        "At a given effective ridge the risk is affine in the noise.", whole, parts, "difference exactly zero"
    )


def with_law(line: Boundary, phases: tuple[Phase, ...]) -> Boundary:
    """The boundary with its law, where the two regimes share their effective ridge; else as it is.

    Parameters
    ----------
    line : Boundary
        Of one side of saturation, or of the wall.
    phases : tuple[Phase, ...]
        The regimes of the same diagram.

    Raises
    ------
    UnexpectedDiagram
        If the exponents of two laws that are to be added differ on the line.

    Examples
    --------
    >>> from .crossover import saturation_line, wall_diagram
    >>> found = [with_law(line, saturation_line()) for line in wall_diagram().boundaries]
    >>> sorted({row.log for row in found if row.exponent is not None})
    [0, 1]
    """
    pair = _shared(line, phases)
    if pair is None:
        return replace(line, exponent=None, log=None, constant=None)
    on_line = [sp.expand(p.exponent.subs(line.equation.lhs, line.equation.rhs)) for p in (pair.noiseless, pair.noisy)]
    if sp.simplify(on_line[0] - on_line[1]) != 0:
        raise UnexpectedDiagram(f"the exponents {on_line} differ on {line.equation}")
    highest = max(pair.noiseless.log, pair.noisy.log)
    leading = [p.constant for p in (pair.noiseless, pair.noisy) if p.log == highest]
    constant = sp.Add(*leading).subs(line.equation.lhs, line.equation.rhs)
    return replace(line, exponent=on_line[0], log=highest, constant=constant)


def _shared(line: Boundary, phases: tuple[Phase, ...]) -> SharedRidge | None:
    """The two regimes beside a line if they have the same κ."""
    noiseless, noisy = (_named(phases, line, kind) for kind in ("noiseless", "noisy"))
    if noiseless is None or noisy is None:
        return None
    if sp.simplify(noiseless.effective_ridge / noisy.effective_ridge) != 1:
        return None
    return SharedRidge(noiseless, noisy, affine_in_noise())


def _named(phases: tuple[Phase, ...], line: Boundary, kind: str) -> Phase | None:
    found = [p for p in phases if p.name in line.between and p.name.endswith(f"-{kind}")]
    return found[0] if len(found) == 1 else None


def why_implicit() -> tuple[str, ...]:
    """In words, for each sort of boundary without a law, why it has none.

    Examples
    --------
    >>> len(why_implicit())
    2
    """
    return tuple(f"no closed law between {first} and {second}: {why}" for (first, second), why in IMPLICIT.items())
