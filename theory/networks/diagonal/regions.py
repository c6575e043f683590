"""Regions of the exponent plane for every γ > 1/2 at once: a thin layer over the exact polyhedra.

The engine decides signs on chambers of γ. Here a question has to have one answer on all of γ > 1/2; if the answer changed
with γ, the question would be refused rather than answered at a sample.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import sympy as sp

from ...asymptotics.chambers import Arena, ParameterDomain, explore
from ...asymptotics.exact import Field, Form, fraction
from ...asymptotics.polyhedra import Polyhedron
from ...symbols import decay

T = TypeVar("T")


class DependsOnDecay(ArithmeticError):
    """The answer is not the same for all γ > 1/2; the message lists the chambers."""


def on_chambers(question: Callable[[Arena], T]) -> tuple[tuple[tuple[tuple[sp.Expr, sp.Expr], ...], T], ...]:
    """The answers with the intervals of γ on which each is proved.

    Examples
    --------
    >>> on_chambers(lambda arena: arena.sign(arena.field(decay - 1)))
    ((((1, oo),), 1), (((1/2, 1),), -1))
    """
    return tuple((chamber.intervals, chamber.outcome) for chamber in explore(_every_decay(), question))


def _answers(question: Callable[[Arena], T]) -> list[T]:
    """The answers alone, one a chamber."""
    return [chamber.outcome for chamber in explore(_every_decay(), question, located=False)]


@cache
def _every_decay() -> ParameterDomain:
    return ParameterDomain.of((decay,), (decay > sp.Rational(1, 2),))


def for_all_decays(question: Callable[[Arena], T]) -> T:
    """The common answer on every chamber of γ > 1/2.

    Raises
    ------
    DependsOnDecay
        If two chambers disagree.
    """
    first, *others = _answers(question)
    if any(answer != first for answer in others):
        raise DependsOnDecay(f"the answer changes with {decay}: {on_chambers(question)}")
    return first


@dataclass(frozen=True)
class Region:
    """An open polyhedron given by strict inequalities, for every γ > 1/2."""

    inequalities: tuple[sp.Rel, ...]
    variables: tuple[sp.Symbol, ...]

    def implies(self, form: sp.Expr) -> bool:
        """Whether the affine `form` is positive on the whole region, for every γ > 1/2.

        Examples
        --------
        >>> x, y = sp.symbols("x y", real=True)
        >>> region_of((sp.Gt(x, decay), sp.Gt(y, x)), (x, y)).implies(y - sp.Rational(1, 2))
        True
        """
        return self.implied((form,))[0]

    def implied(self, forms: Sequence[sp.Expr]) -> tuple[bool, ...]:
        """`implies` for many forms in one pass over the chambers.

        Examples
        --------
        >>> x = sp.Symbol("x", real=True)
        >>> region_of((sp.Gt(x, decay),), (x,)).implied((x, x - 1))
        (True, False)
        """

        def question(arena: Arena) -> tuple[bool, ...]:
            polyhedron = Polyhedron.of(arena, self.variables, self.inequalities)
            return tuple(polyhedron.implies(Form.of(arena.field, form, self.variables)) for form in forms)

        return tuple(all(column) for column in zip(*_answers(question)))

    def dominated(self, forms: Sequence[sp.Expr]) -> tuple[bool, ...]:
        """For each form, whether on the whole region some other one is larger; for every γ > 1/2, if not always the same.

        Examples
        --------
        >>> x = sp.Symbol("x", real=True)
        >>> region_of((sp.Gt(x, decay),), (x,)).dominated((x, 2 * x, x - decay))
        (True, False, True)
        """

        def question(arena: Arena) -> tuple[bool, ...]:
            polyhedron = Polyhedron.of(arena, self.variables, self.inequalities)
            exact = [Form.of(arena.field, form, self.variables) for form in forms]
            return tuple(any(polyhedron.implies(two - one) for two in exact if two != one) for one in exact)

        return tuple(all(column) for column in zip(*_answers(question)))

    def point(self, gamma: sp.Expr) -> dict[sp.Symbol, sp.Expr]:
        """A point inside at one γ: good for guessing what is then proved, for nothing else."""
        field = Field((decay,))
        arena = Arena(field, (fraction(gamma),))
        found = Polyhedron.of(arena, self.variables, self.inequalities).interior_point()
        return {variable: value.to_sympy().subs(decay, gamma) for variable, value in found.items()}

    def irredundant(self) -> Region:
        """The same set without inequalities that the others imply."""
        kept = for_all_decays(
            lambda arena: Polyhedron.of(arena, self.variables, self.inequalities).irredundant().inequalities
        )
        return Region(kept, self.variables)


def region_of(conditions: Sequence[sp.Basic], variables: tuple[sp.Symbol, ...]) -> Region:
    """A region from conditions, those that hold for every γ > 1/2 dropped.

    Raises
    ------
    ValueError
        If a condition fails outright.
    """
    kept = [c for c in conditions if c.free_symbols & set(variables)]
    plain = [c for c in conditions if c not in kept]
    for condition in plain:
        if condition != sp.true and not _holds(condition):
            raise ValueError(f"the condition {condition} fails")
    return Region(tuple(kept), variables)


def _holds(condition: sp.Basic) -> bool:
    """A condition on γ alone."""
    if condition in (sp.true, sp.false):
        return bool(condition)
    difference = condition.gts - condition.lts
    return for_all_decays(lambda arena: arena.sign(arena.field(difference)) > 0)


def empty_reason(conditions: Sequence[sp.Basic], variables: tuple[sp.Symbol, ...]) -> tuple[sp.Basic, ...] | None:
    """The conditions themselves if nothing satisfies them for any γ > 1/2, else None.

    Examples
    --------
    >>> x = sp.Symbol("x", real=True)
    >>> empty_reason((sp.Gt(x, 0), sp.Lt(x, 0)), (x,))
    (x > 0, x < 0)
    """
    if any(condition == sp.false for condition in conditions):
        return tuple(conditions)
    kept = tuple(c for c in conditions if c.free_symbols & set(variables))
    if not all(_holds(c) for c in conditions if c not in kept):
        return tuple(conditions)
    empty = for_all_decays(lambda arena: Polyhedron.of(arena, variables, kept).emptiness() is not None)
    return tuple(conditions) if empty else None
