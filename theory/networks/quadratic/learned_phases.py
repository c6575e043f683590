"""The learned spectrum phase by phase: what of it is bulk, what is teacher, and where single outliers end (theory.md N8).

The formulas are those of `learned_spectrum` and `outliers`; the scales t, σ and the distance ε to the edge of the bulk are
the leading solutions of the state equations in `phases`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import sympy as sp

from ...asymptotics.power_sums import Position
from ...derivation import Derivation, Step
from ...symbols import dim, noise, threshold
from . import outliers
from .corners import Place
from .learned_spectrum import NothingLearned, Regime, SpectrumTail, spectrum_tail
from .letters import spread
from .phases import ASSUMPTIONS, CORNERS, REFERENCES, NoSuchPhase, Solved, on_path, solve_corner, to_controls
from .semicircle import edge_distance, moment_above, ratio
from .state_equations import index, teacher_eigenvalue

REGIMES = {Place.OUTSIDE: Regime.ABOVE, Place.EDGE: Regime.EDGE, Place.CENTRE: Regime.BELOW}
"""Two names for one thing: where the threshold stands against the bulk."""


@dataclass(frozen=True)
class PhaseSpectrum:
    """The learned spectrum in one phase, as laws in dim, samples, weight_decay, noise.

    Parameters
    ----------
    name : str
        Label of N5.
    bulk_count, bulk_edge : sympy.Expr
        How many learned eigenvalues come from noise, and their largest size; both 0 where none do.
    tail : PhaseTail or None
        Power tail of the teacher's eigenvalues; none where no teacher eigenvalue is learned (Ia, Ib).
    """

    name: str
    bulk_count: sp.Expr
    bulk_edge: sp.Expr
    tail: PhaseTail | None
    derivation: Derivation


@dataclass(frozen=True)
class PhaseTail:
    """density = constant · x^exponent for lower ≪ x ≪ upper, in number of eigenvalues per unit of x.

    Parameters
    ----------
    exponent, constant, lower, upper, carriers : sympy.Expr
        The law, its window, and how many eigenvalues it holds.
    crowding : sympy.Expr
        Exponent of d in carriers over the index at which neighbouring outliers merge: where it is positive, formulas for
        single outliers (overlap above all) end inside the tail, which itself goes on.
    """

    exponent: sp.Expr
    constant: sp.Expr
    lower: sp.Expr
    upper: sp.Expr
    carriers: sp.Expr
    crowding: sp.Expr


@cache
def phase_spectrum(name: str) -> PhaseSpectrum:
    """Bulk and tail of the learned spectrum in one phase (N8).

    When this is wrong: it inherits N11; constants are leading order, and in Ia, where R is of order one, σ contains R.

    Raises
    ------
    NoSuchPhase
        If the name is no phase.

    Examples
    --------
    >>> phase_spectrum("II").tail.lower, phase_spectrum("II").bulk_count
    (dim**2*weight_decay/(4*samples), 0)
    >>> phase_spectrum("VIa").bulk_count
    dim/2
    >>> phase_spectrum("Ia").tail is None
    True
    """
    solved = solve_corner(name)
    count, edge = _bulk(solved)
    tail = _tail(solved)
    steps = [
        Step("Learned eigenvalues that come from noise.", count, "mass of the semicircle above the threshold, times d"),
        Step("The largest of them.", edge, "edge of the semicircle minus the threshold"),
    ]
    if tail is not None:
        law = tail.constant * _size**tail.exponent
        steps += [
            *spectrum_tail(REGIMES[solved.sums.place]).derivation.steps,
            Step("Tail.", law, "density of the outliers far above threshold and spread"),
            Step(
                "It begins here.", tail.lower, "the larger of threshold and spread, or the smallest teacher eigenvalue"
            ),
            Step("Carriers.", tail.carriers, "teacher eigenvalues above that"),
            Step("Crowding.", tail.crowding, "exponent of the carriers minus that of the merging index"),
        ]
    result = sp.Tuple(count, edge)
    derivation = Derivation(f"Learned spectrum in phase {name}", tuple(steps), ASSUMPTIONS, result, {}, REFERENCES)
    return PhaseSpectrum(name, count, edge, tail, derivation)


_size = sp.Symbol("size", positive=True)


def _bulk(solved: Solved) -> tuple[sp.Expr, sp.Expr]:
    """Number and largest size of the learned eigenvalues of the bulk; none outside it, or where the teacher lifts all."""
    place, position = solved.sums.place, solved.sums.position
    if place is Place.OUTSIDE or position is Position.BELOW:
        return sp.S.Zero, sp.S.Zero
    level = solved.values[spread]
    if place is Place.CENTRE:
        return dim * moment_above(0).subs(ratio, 0), to_controls(2 * level)
    coefficient, power = edge_mass()
    distance = solved.values[edge_distance]
    return to_controls(dim * coefficient * distance**power), to_controls(2 * level * distance)


@cache
def edge_mass() -> tuple[sp.Expr, sp.Expr]:
    """Mass of the semicircle above t = 2σ(1 - ε): coefficient and power of the leading ε.

    Examples
    --------
    >>> edge_mass()
    (4*sqrt(2)/(3*pi), 3/2)
    """
    slope = sp.diff(moment_above(0).subs(ratio, 2 * (1 - edge_distance)), edge_distance)
    # The mass vanishes at ε = 0: its leading term is that of its slope, integrated.
    power = sp.limit(sp.simplify(edge_distance * sp.diff(sp.log(slope), edge_distance)), edge_distance, 0, "+") + 1
    front = sp.limit(sp.simplify(slope / sp.sqrt(edge_distance)), edge_distance, 0, "+")
    if power != sp.Rational(3, 2):
        raise NoSuchPhase(f"the semicircle's edge is no square root: the mass has power={power}")
    return sp.simplify(front / power), power


def _tail(solved: Solved) -> PhaseTail | None:
    """The tail with its window in the controls."""
    place, position = solved.sums.place, solved.sums.position
    if position is Position.ABOVE:
        return None
    found = spectrum_tail(REGIMES[place])
    lower, carriers = _window(solved, found, position)
    merging = outliers.merging().values["merging_index"].subs(spread, solved.values[spread])
    crowding = _exponent(carriers) - _exponent(to_controls(merging))
    return PhaseTail(found.exponent, found.constant, lower, found.upper, carriers, sp.factor(crowding))


def _window(solved: Solved, found: SpectrumTail, position: Position) -> tuple[sp.Expr, sp.Expr]:
    """Beginning of the window and number of carriers."""
    if position is Position.BELOW:
        return teacher_eigenvalue().subs(index, dim), dim
    known = {threshold: solved.values[threshold], spread: solved.values[spread]}
    return to_controls(found.lower.subs(known)), to_controls(found.carriers.subs(known))


def _exponent(law: sp.Expr) -> sp.Expr:
    """Exponent of d on the path n = dim**(a + 1), λ = dim**b, constants left out."""
    plain = on_path(law.subs(noise, 1))
    return sp.expand(sp.simplify(dim * sp.diff(sp.expand_log(sp.log(plain), force=True), dim)))


def tail_of(name: str) -> PhaseTail:
    """The tail of a phase that has one.

    Raises
    ------
    NothingLearned
        In Ia and Ib, where no teacher eigenvalue is learned.

    Examples
    --------
    >>> tail_of("V").crowding
    (a - decay)/(2*decay*(decay + 1))
    """
    tail = phase_spectrum(name).tail
    if tail is None:
        learned = [other for other, corner in CORNERS.items() if corner[1] is not Position.ABOVE]
        raise NothingLearned(f"expected name in {learned}, got name={name!r}: no teacher eigenvalue is learned there")
    return tail


def rank(name: str) -> sp.Expr:
    """Number of nonzero eigenvalues of S to leading order on each side: bulk plus teacher, as a sum.

    Examples
    --------
    >>> rank("II")
    (4*samples/(dim**(3/2)*weight_decay))**(1/decay)
    """
    spectrum = phase_spectrum(name)
    carriers = sp.S.Zero if spectrum.tail is None else spectrum.tail.carriers
    return spectrum.bulk_count + carriers
