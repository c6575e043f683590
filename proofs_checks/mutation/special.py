"""Mutants of assertions that no reading of fields can find: sets, names, intervals, rules, agreements."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from itertools import product
from typing import Any

import sympy as sp

from ..agreement import Agreement
from ..boundaries import BoundaryLaw
from ..claims import Claim
from ..enclosed import Enclosed
from ..tilings import Tiling
from .mutants import Mutant
from .slots import flags


def special(claim: Claim) -> Iterator[Mutant]:
    """Mutants by the type of the assertion, and by what its fields look like."""
    assertion: Any = claim.assertion
    if isinstance(assertion, Tiling):
        yield from _tilings(assertion)
    elif isinstance(assertion, BoundaryLaw):
        yield from _boundaries(assertion)
    elif isinstance(assertion, Agreement):
        yield from _agreements(claim, assertion)
    elif isinstance(assertion, Enclosed):
        yield from _enclosures(assertion)
    elif {"low", "high"} <= {field.name for field in fields(assertion)}:
        yield from _intervals(assertion)
    for name in getattr(assertion, "ALL_OF", ()):
        yield from _statements(claim, name)
    for field in fields(assertion):
        value = getattr(assertion, field.name)
        if isinstance(value, frozenset):
            yield from _sets(assertion, field.name, value)
        elif not isinstance(value, sp.Eq) and isinstance(
            value, sp.core.relational.Relational | sp.And | sp.Or | sp.Not
        ):
            yield from _rules(assertion, field.name, value)


def _tilings(stated: Tiling) -> Iterator[Mutant]:
    """A phase lost, doubled, renamed; two names or two regions exchanged."""
    phases = stated.phases
    for index, phase in enumerate(phases):
        others = (*phases[:index], *phases[index + 1 :])
        yield Mutant("phase", False, "the regions leave a gap", replace(stated, phases=others), f"without {phase.name}")
        renamed = (*others, replace(phase, name=f"{phase.name}'"))
        yield Mutant("name", False, "no phase has that name", replace(stated, phases=renamed), f"{phase.name} renamed")
        doubled = (*phases, replace(phase, name=f"{phase.name}'"))
        yield Mutant("phase", False, "two regions overlap", replace(stated, phases=doubled), f"{phase.name} twice")
        other = phases[index - 1]
        rest = [item for item in phases if item not in (phase, other)]
        swapped = (*rest, replace(phase, region=other.region), replace(other, region=phase.region))
        told = f"{phase.name} and {other.name} exchange regions"
        yield Mutant("phase", False, "the regions of two phases differ", replace(stated, phases=swapped), told)
    turned = replace(stated, phases=phases[::-1])
    yield Mutant("order", True, "a tiling has no order", turned, "phases in another order")


def _boundaries(stated: BoundaryLaw) -> Iterator[Mutant]:
    """Another neighbour, and the line tilted about the stated one."""
    for index in (0, 1):
        one, two = stated.between
        between = ("elsewhere", two) if index == 0 else (one, "elsewhere")
        told = f"{stated.between[index]} is not there"
        yield Mutant("neighbour", False, "no phase has that name", replace(stated, between=between), told, False)
    doubled = (stated.between[0], stated.between[0])
    yield Mutant(
        "neighbour", False, "a phase does not meet itself", replace(stated, between=doubled), "one phase", False
    )
    letter = {"a": "b", "b": "a"}.get(stated.line.lhs.name)
    for slope in (sp.Rational(1, 10), sp.Rational(-1, 50)):
        tilted = stated.line.rhs + slope * sp.Symbol(str(letter), real=True)
        if letter is not None and tilted != stated.line.rhs:
            line = sp.Eq(stated.line.lhs, tilted, evaluate=False)
            why = "two lines of different slope are different"
            yield Mutant("tilted", False, why, replace(stated, line=line), f"tilted by {slope}")


def _agreements(claim: Claim, stated: Agreement) -> Iterator[Mutant]:
    """Controls that a twin changes, changed farther the same way; and changes that are none.

    The other way nothing is known: near its minimum a risk hardly depends on the penalty, and an agreement is only stated
    up to a deviation.
    """
    why = "a twin shows that the prediction leaves the experiment this way, and this goes farther"
    found = _twin_factors(claim)
    for name, factor in found:
        farther = (factor**2, factor * (2 if factor > 1 else sp.Rational(1, 2)))
        for operator, powers in (("control", farther), ("control far off", (factor**3, factor**4))):
            for times in powers:
                yield Mutant(operator, False, why, _times(stated, name, times), f"{name} times {times}")
        for power in (sp.Rational(5, 4), sp.Rational(3, 2)):
            told = f"{name} times {factor}**({power})"
            yield Mutant("control farther", False, why, _times(stated, name, factor**power), told)
        same = {**stated.changes, name: stated.changes.get(name, sp.S.One)}
        yield Mutant("control", True, "a factor of one", replace(stated, changes=same), f"{name} times 1")
    if found:
        whole = {name: stated.changes.get(name, sp.S.One) for name, _ in found} | dict(stated.changes)
        told = f"{', '.join(name for name, _ in found)} times 1"
        yield Mutant("controls", True, "factors of one", replace(stated, changes=whole), told)


def _times(stated: Agreement, name: str, factor: sp.Expr) -> Agreement:
    return replace(stated, changes={**stated.changes, name: stated.changes.get(name, sp.S.One) * factor})


def _twin_factors(claim: Claim) -> list[tuple[str, sp.Expr]]:
    """Numbers by which twins of an agreement multiply one control."""
    changes = [getattr(twin.assertion, "changes", {}) for twin in claim.twins]
    single = [item for mapping in changes if len(mapping) == 1 for item in mapping.items()]
    return [(name, factor) for name, factor in single if factor.is_number and factor != 1]


def _enclosures(stated: Enclosed) -> Iterator[Mutant]:
    """The formula off by more than twice the allowed deviation, everywhere or at one point; more allowed; the points
    in another order, and some of them.
    """
    why = "the enclosed value lies within the allowed deviation of the stated formula, this one farther off"
    for times in (3, -3, 10):
        factor = 1 + times * stated.allowed
        moved = tuple((controls, factor * formula) for controls, formula in stated.values)
        yield Mutant("constant", False, why, replace(stated, values=moved), f"times {factor}")
        for index in range(0, len(stated.values), 2):  # a quick hearing looks at these
            one = (*stated.values[:index], moved[index], *stated.values[index + 1 :])
            yield Mutant("one point", False, why, replace(stated, values=one), f"times {factor} at point {index}")
    negative = tuple((controls, -formula) for controls, formula in stated.values)
    yield Mutant("sign", False, why, replace(stated, values=negative), "the other sign")
    for index in range(len(stated.values) if len(stated.values) > 1 else 0):
        rest = (*stated.values[:index], *stated.values[index + 1 :])
        told = f"without point {index}"
        yield Mutant("part", True, "what is true of all is true of some", replace(stated, values=rest), told)
    wide = replace(stated, allowed=2 * stated.allowed)
    yield Mutant("wider", True, "a wider interval holds the narrower", wide, "twice the deviation allowed")
    turned = replace(stated, values=stated.values[::-1])
    yield Mutant("order", True, "points have no order", turned, "points in another order")


def _intervals(stated: Any) -> Iterator[Mutant]:
    """Intervals that lie beside the stated one."""
    low, high = sp.sympify(stated.low), sp.sympify(stated.high)
    width = high - low
    number = float if isinstance(stated.low, float) else sp.expand
    for operator, told, (left, right) in (
        ("interval", "above", (high + width / 10, high + 2 * width)),
        ("interval", "far above", (high + 5 * width, high + 6 * width)),
        ("interval", "below", (low - 2 * width, low - width / 10)),
        ("interval far off", "far below", (low - 6 * width, low - 5 * width)),
        ("interval far off", "twenty widths above", (high + 20 * width, high + 21 * width)),
        ("interval far off", "twenty widths below", (low - 21 * width, low - 20 * width)),
    ):
        if not (left.is_number and not left.is_finite) and not (right.is_number and not right.is_finite):
            moved = replace(stated, low=number(left), high=number(right))
            yield Mutant(operator, False, "the two intervals have no point in common", moved, f"the interval {told}")
    if not isinstance(stated.low, float):
        return  # bounds in closed form are claimed to be the derived ones; only a measured number may lie in a wider interval
    share = width / 1000 if width.is_finite else sp.Rational(1, 1000)
    for told, wide in {
        "a little lower": {"low": number(low - share)} if low.is_finite else {},
        "a little higher": {"high": number(high + share)} if high.is_finite else {},
    }.items():
        if wide:
            why = "a wider interval holds the narrower"
            yield Mutant("wider", True, why, replace(stated, **wide), f"an end {told}")


def _with(assertion: Any, name: str, value: Any) -> Any:
    return replace(assertion, **{name: value})


def _statements(claim: Claim, name: str) -> Iterator[Mutant]:
    """A field whose elements are all stated: in another order, some of them, and one among them that a twin shows to be false."""
    assertion: Any = claim.assertion
    stated = getattr(assertion, name)
    yield Mutant("order", True, "a list has no order", replace(assertion, **{name: stated[::-1]}), "in another order")
    for index, item in enumerate(stated if len(stated) > 1 else ()):
        rest = (*stated[:index], *stated[index + 1 :])
        why = "what is true of all is true of some"
        yield Mutant("part", True, why, replace(assertion, **{name: rest}), f"without {item}")
        yield Mutant("one", True, why, replace(assertion, **{name: (item,)}), f"{item} alone")
        twice = replace(assertion, **{name: (*stated, item)})
        yield Mutant("again", True, "what is said twice is no more than said", twice, f"{item} twice")
    yield from _contraries(assertion, name)
    new = [
        item
        for twin in claim.twins
        if _with(twin.assertion, name, stated) == assertion  # nothing else of it is false
        for item in getattr(twin.assertion, name)
        if item not in stated
    ]
    for item in [item for index, item in enumerate(new) if item not in new[:index]]:
        for told, others in {
            "alone": (item,),
            "first": (item, *stated),
            "in place of the first": (item, *stated[1:]),
            "in place of the last": (*stated[:-1], item),
        }.items():
            why = "a twin shows that this is not so"
            yield Mutant("part", False, why, replace(assertion, **{name: others}), f"{item} {told}")
        for index, true in enumerate(stated):
            beside = replace(assertion, **{name: (true, item) if index % 2 else (item, true)})
            yield Mutant("beside one", False, "a twin shows that this is not so", beside, f"{item} beside {true}")


def _contraries(assertion: Any, name: str) -> Iterator[Mutant]:
    """Of one element alone the contrary of what is true of all."""
    for slot in flags(assertion):
        for item in getattr(assertion, name):
            contrary = replace(assertion, **{name: (item,), slot.name: not slot.value})
            why = "it is true of this element, and the contrary is not"
            yield Mutant("contrary of one", False, why, contrary, f"{item} alone, {slot.name}: {not slot.value}")


def _sets(stated: Any, name: str, value: frozenset[Any]) -> Iterator[Mutant]:
    """A set with one element less, or one more; whole numbers moved by one or two."""
    why = "the claim's set is the set of all that is possible"
    for item in sorted(value, key=str):
        yield Mutant("set", False, why, replace(stated, **{name: value - {item}}), f"{name} without {item}")
    if value and all(isinstance(item, int) for item in value):
        for item in range(max(value) + 3):
            if item not in value:
                yield Mutant("set", False, why, replace(stated, **{name: value | {item}}), f"{name} with {item}")
        for step in (1, 2):
            moved = replace(stated, **{name: frozenset(item + step for item in value)})
            yield Mutant("set moved", False, why, moved, f"{name}, each and {step}")


def _rules(stated: Any, name: str, rule: sp.Basic) -> Iterator[Mutant]:
    """A relation in a rule made strict or not, or turned round, where that admits other integers."""
    for relation in sorted(rule.atoms(sp.core.relational.Relational), key=str):
        for told, other in _near(relation):
            new = rule.subs(relation, other)
            if _admits(new) != _admits(rule):
                why = "it admits other integers"
                yield Mutant("rule", False, why, replace(stated, **{name: new}), f"{relation}: {told}")
    for told, new in _joined_otherwise(rule):
        if _admits(new) != _admits(rule):
            yield Mutant("joined", False, "it admits other integers", replace(stated, **{name: new}), told)
        else:
            yield Mutant("joined", True, "it admits the same integers", replace(stated, **{name: new}), told)
    same = rule.replace(lambda item: isinstance(item, sp.core.relational.Relational), lambda item: item.reversed)
    if same != rule:
        yield Mutant("rule", True, "the same relations read backwards", replace(stated, **{name: same}), "reversed")


def _joined_otherwise(rule: sp.Basic) -> Iterator[tuple[str, sp.Basic]]:
    """Of a conjunction each part alone, the disjunction, neither, and with a part that says less beside the others."""
    if not isinstance(rule, sp.And):
        return
    parts = sorted(rule.args, key=str)
    for part in parts:
        yield f"{part} alone", part
    yield "or for and", sp.Or(*parts)
    yield "neither", sp.And(*(sp.Not(part) for part in parts))
    weaker = [part.func(part.lhs + 1, part.rhs) for part in parts if isinstance(part, sp.Ge)]
    for part in weaker:
        yield f"and {part}", sp.And(*parts, part, evaluate=False)


def _near(relation: sp.Basic) -> Iterator[tuple[str, sp.Basic]]:
    left, right = relation.lhs, relation.rhs
    yield "one more", relation.func(left + 1, right)
    yield "one less", relation.func(left - 1, right)
    yield "turned round", relation.func(right, left)
    yield "its contrary", sp.Not(relation)


def _admits(rule: sp.Basic) -> list[bool]:
    """Truth over a box of integers."""
    symbols = sorted(rule.free_symbols, key=str)
    return [bool(rule.subs(dict(zip(symbols, values)))) for values in product(range(-3, 4), repeat=len(symbols))]
