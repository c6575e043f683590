"""What the engine solves: equations between sums, minima, maxima, products, quotients and powers of scales, and corners.

A `System` is read once into constraints of three kinds: a signed sum of terms is zero; a symbol is the largest (smallest) of
some terms; a symbol is a special function, known by its leading behaviour in each corner of scale space. Powers and
quotients of sums are named by auxiliary unknowns (s = x - y, then s^p): a difference that is smaller than both its terms
then has a scale of its own, which is how an interpolation threshold (n - dof) enters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

import sympy as sp

from .chambers import ParameterDomain


class Order(Enum):
    """How two scales compare in the condition of a corner."""

    LESS = "much less, by a power of log L at least"
    LESS_BY_POWER = "less by a positive power of L"
    SAME = "same scale"


@dataclass(frozen=True)
class Comparison:
    """`left` ≪ `right` or `left` ≍ `right`: a condition of a corner on two monomials."""

    left: sp.Expr
    order: Order
    right: sp.Expr

    def subs(self, values: Mapping[sp.Symbol, sp.Expr]) -> Comparison:
        """The condition with parameters put in."""
        return Comparison(self.left.subs(values), self.order, self.right.subs(values))


def much_less(left: sp.Expr, right: sp.Expr) -> Comparison:
    """left ≪ right in the lexicographic order: their ratio tends to 0, were it like a power of log L."""
    return Comparison(sp.sympify(left), Order.LESS, sp.sympify(right))


def less_by_power(left: sp.Expr, right: sp.Expr) -> Comparison:
    """left ≪ right by a positive power of L: beyond it a Gaussian tail is below every power."""
    return Comparison(sp.sympify(left), Order.LESS_BY_POWER, sp.sympify(right))


def same_scale(left: sp.Expr, right: sp.Expr) -> Comparison:
    """left ≍ right: their ratio tends to a constant in (0, ∞)."""
    return Comparison(sp.sympify(left), Order.SAME, sp.sympify(right))


@dataclass(frozen=True)
class Tail:
    """ratio = √(2 log(1/mass)) with mass = L^{-κ}..., κ > 0: the corner of exponentially small Gaussian tails.

    `mass` = exp(-ratio²/2) is an unknown with a scale like any other, so tails can balance powers; `ratio` then has scale
    (log L)^{1/2} and the constant √(2κ), where κ is minus the exponent of the mass. E.g. 2Φ(-α) = √(2/π) mass/α (1 + ...).
    Read backwards it is a logarithm: of the mass 1/u the ratio is √(2 log u).
    """

    ratio: sp.Expr
    mass: sp.Expr

    def subs(self, values: Mapping[sp.Symbol, sp.Expr]) -> Tail:
        """The condition with parameters put in."""
        return Tail(self.ratio.subs(values), self.mass)


Condition: TypeAlias = Comparison | Tail


@dataclass(frozen=True)
class Corner:
    """One corner of a special function: where it is, and the leading terms of the function's values there.

    Parameters
    ----------
    name : str
        Shown in derivations and carried by the balances found there.
    conditions : tuple of Comparison or Tail
        All must hold.
    values : mapping from Symbol to Expr
        Each value as a sum of leading terms; terms smaller than a kept one by at least a power of log L may be dropped.
        Zero stands for a value below every power of L (an exponentially small one).
    truncated : frozenset of Symbol
        Values of which smaller terms were left out without being known to be harmless: where their leading terms cancel,
        nothing is known of the next order, and the balance is undecided.
    """

    name: str
    conditions: tuple[Condition, ...]
    values: Mapping[sp.Symbol, sp.Expr]
    truncated: frozenset[sp.Symbol] = frozenset()


@dataclass(frozen=True)
class CornerFunction:
    """A special function (or several with the same corners) by its corners, which should cover scale space.

    When this is wrong: a corner whose expansion drops a term that can lead there gives a wrong balance; a scale that no
    corner covers gives a gap, which the phase diagram reports.
    """

    name: str
    corners: tuple[Corner, ...]

    def subs(self, values: Mapping[sp.Symbol, sp.Expr]) -> CornerFunction:
        """The function with parameters put in."""
        corners = tuple(
            Corner(
                c.name,
                tuple(condition.subs(values) for condition in c.conditions),
                {s: sp.sympify(v).subs(values) for s, v in c.values.items()},
                c.truncated,
            )
            for c in self.corners
        )
        return CornerFunction(self.name, corners)

    @property
    def symbols(self) -> tuple[sp.Symbol, ...]:
        """The symbols that stand for the function's values."""
        return tuple(dict.fromkeys(s for corner in self.corners for s in corner.values))

    @property
    def in_tails(self) -> tuple[sp.Symbol, ...]:
        """Symbols of tail corners: a mass or a ratio may be an unknown of its own."""
        tails = [c for corner in self.corners for c in corner.conditions if isinstance(c, Tail)]
        found = (part for tail in tails for part in (tail.mass, tail.ratio))
        return tuple(dict.fromkeys(symbol for part in found for symbol in sorted(part.free_symbols, key=str)))


@dataclass(frozen=True)
class System:
    """Equations in unknown scales, given scales and parameters (claim A2).

    Parameters
    ----------
    large : sympy.Symbol
        The large parameter L.
    unknowns : tuple of Symbol
        Positive unknowns, to be found as C L^x (log L)^y.
    controls : mapping from Symbol to Expr
        Given scales, as expressions in L, e.g. {samples: dim**a, penalty: dim**(b + 1/2)}.
    exponents : tuple of Symbol
        Control exponents (a, b): the coordinates of the phase diagram.
    equations : tuple of sympy.Eq
        Sums of terms with known sign; Max, Min, powers and quotients of sums are allowed.
    domain : tuple of relations
        Strict affine inequalities on control exponents, e.g. (a > 0,).
    parameters : mapping from Symbol to tuple of relations
        Parameters with strict inequalities on them, e.g. {decay: (decay > 1/2,)}.
    functions : tuple of CornerFunction
        Special functions that occur in the equations as symbols.
    assume : tuple of Comparison
        Conditions known to hold (e.g. that an unknown vanishes); balances that break them are not sought.

    Examples
    --------
    >>> L, x = sp.symbols("L x", positive=True)
    >>> a, b = sp.symbols("a b", real=True)
    >>> System(L, (x,), {}, (a, b), (sp.Eq(x, L**a + L**b),)).unknowns
    (x,)
    """

    large: sp.Symbol
    unknowns: tuple[sp.Symbol, ...]
    controls: Mapping[sp.Symbol, sp.Expr]
    exponents: tuple[sp.Symbol, ...]
    equations: tuple[sp.Eq, ...]
    domain: tuple[sp.Rel, ...] = ()
    parameters: Mapping[sp.Symbol, Sequence[sp.Rel]] = field(default_factory=dict)
    functions: tuple[CornerFunction, ...] = ()
    assume: tuple[Comparison, ...] = ()

    def __post_init__(self) -> None:
        for equation in self.equations:
            if not isinstance(equation, sp.Eq):
                raise ValueError(f"equations: expected an equation between scales, got {equation!r}")
        relations = [r for r in self.domain if r != sp.true]  # what SymPy makes of `a > 0` for a positive symbol
        relations += [sp.StrictGreaterThan(e, 0, evaluate=False) for e in self.exponents if e.is_positive]
        for relation in relations:
            if not isinstance(relation, (sp.StrictGreaterThan, sp.StrictLessThan)):
                raise ValueError(f"domain: expected a strict inequality in {self.exponents}, got {relation!r}")
        object.__setattr__(self, "domain", tuple(dict.fromkeys(relations)))

    @property
    def parameter_domain(self) -> ParameterDomain:
        """The open set of parameters, as polynomial inequalities."""
        relations = [relation for several in self.parameters.values() for relation in several]
        return ParameterDomain.of(tuple(self.parameters), relations)

    def at(self, values: Mapping[sp.Symbol, sp.Expr]) -> System:
        """The system with parameters set to exact numbers."""
        equations = tuple(sp.Eq(e.lhs.subs(values), e.rhs.subs(values), evaluate=False) for e in self.equations)
        return System(
            self.large,
            self.unknowns,
            {c: sp.sympify(e).subs(values) for c, e in self.controls.items()},
            self.exponents,
            equations,
            tuple(r.subs(values) for r in self.domain),
            {p: [r.subs(values) for r in several] for p, several in self.parameters.items() if p not in values},
            tuple(f.subs(values) for f in self.functions),
            tuple(c.subs(values) for c in self.assume),
        )

    def restricted(self, values: Mapping[sp.Symbol, sp.Expr], domain: Sequence[sp.Rel] | None = None) -> System:
        """The system on a linear subspace of control exponents, such as the line a = 1 of an interpolation peak.

        There n = d exactly, constants included, so leading terms may cancel that do not cancel beside the line.
        """
        controls = {c: e.subs(values) for c, e in self.controls.items()}
        equations = tuple(sp.Eq(e.lhs.subs(values), e.rhs.subs(values), evaluate=False) for e in self.equations)
        inherited = [relation.subs(values) for relation in self.domain] if domain is None else domain
        domain = tuple(r for r in inherited if r != sp.true)
        left = tuple(e for e in self.exponents if e not in values)
        return System(
            self.large, self.unknowns, controls, left, equations, domain, self.parameters, self.functions, self.assume
        )
