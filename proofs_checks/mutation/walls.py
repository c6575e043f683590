"""Regions in other words, and regions that are too wide: relations and hypotheses of an assertion, changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import sympy as sp

from ..hypotheses import Hypothesis

Region = tuple[sp.Basic, ...]
STRICT = (sp.StrictGreaterThan, sp.StrictLessThan)
TENTH = sp.Rational(1, 10)


def relation_of(item: Hypothesis | sp.Basic) -> sp.Basic:
    """The relation of a hypothesis, or itself."""
    return item.relation if isinstance(item, Hypothesis) else item


def like(item: Hypothesis | sp.Basic, relation: sp.Basic) -> Hypothesis | sp.Basic:
    """`relation` in the form in which the region holds `item`."""
    return Hypothesis(relation, item.reason) if isinstance(item, Hypothesis) else relation


def same_region(region: Region) -> Iterator[tuple[str, Region]]:
    """The same set of points in other words.

    Examples
    --------
    >>> a = sp.Symbol("a", real=True)
    >>> [told for told, _ in same_region((a > 1,))]
    ['a > 1 repeated', '3*a > 3', '1 < a', 'a - 1 > 0']
    """
    if len(region) > 1:
        yield "in another order", region[::-1]
    for index, item in enumerate(region):
        relation = relation_of(item)
        if not isinstance(relation, (*STRICT, sp.Eq)):
            continue
        yield f"{relation} repeated", (*region, like(item, relation))
        for told in _reworded(relation):
            if isinstance(told, sp.core.relational.Relational) and told != relation:
                yield str(told), (*region[:index], like(item, told), *region[index + 1 :])


def _reworded(relation: sp.Basic) -> Iterator[sp.Basic]:
    kind, left, right = relation.func, relation.lhs, relation.rhs
    yield kind(3 * left, sp.expand(3 * right))
    yield relation.reversed
    yield kind(left - right, 0)


def narrower(region: Region, inside: Sequence[dict[str, sp.Expr]]) -> Iterator[tuple[str, Region]]:
    """A part of the region that still holds the given points: what is true of the whole is true of it."""
    for index, item in enumerate(region):
        relation = relation_of(item)
        if not isinstance(relation, STRICT):
            continue
        slack = [_slack(relation, point) for point in inside]
        if not slack or any(value is None or not value > 0 for value in slack):
            continue
        step = min(value for value in slack if value is not None) / 2
        wall = sp.Gt(relation.gts - relation.lts, step)
        yield f"{relation} by at least {step}", (*region[:index], like(item, wall), *region[index + 1 :])


def _slack(relation: sp.Basic, point: dict[str, sp.Expr]) -> sp.Expr | None:
    form = relation.gts - relation.lts
    if any(symbol.name not in point for symbol in form.free_symbols):
        return None
    return form.subs({symbol: point[symbol.name] for symbol in form.free_symbols})


def wider(region: Region, walls: Mapping[sp.Basic, bool]) -> Iterator[tuple[str, str, Region]]:
    """Regions too wide: a wall at which the law is known to end is dropped or moved outwards.

    Where `walls` says that the law is another on the whole of the other side, it is turned round as well.
    """
    for index, item in enumerate(region):
        relation = relation_of(item)
        if relation not in walls:
            continue
        before, after = region[:index], region[index + 1 :]
        yield "wall dropped", f"without {relation}", (*before, *after)
        if not isinstance(relation, STRICT):
            continue
        gap = relation.gts - relation.lts
        if walls[relation]:
            yield "wall turned", f"{relation} turned round", (*before, like(item, gap < 0), *after)
        for step in (TENTH, 1):
            yield "wall moved", f"{relation} by {step} further out", (*before, like(item, gap > -step), *after)


def empty(region: Region) -> Iterator[tuple[str, Region]]:
    """A region that contradicts itself: nothing may be accepted of it."""
    for item in region:
        relation = relation_of(item)
        if isinstance(relation, STRICT):
            yield f"{relation} and its contrary", (*region, like(item, relation.gts < relation.lts))


def proved_walls(region: Region, twins: Sequence[Region]) -> dict[sp.Basic, bool]:
    """Relations whose loss a false twin of the claim shows to be one: the law is another beyond them.

    A twin that differs in its region only, by one relation which it lacks or words more widely, shows that. True where it
    lacks it: then the law must be another beyond the wall, and not just on it.
    """
    mine = [relation_of(item) for item in region]
    found: dict[sp.Basic, bool] = {}
    for other in twins:
        theirs = [relation_of(item) for item in other]
        lost = [relation for relation in mine if relation not in theirs]
        new = [relation for relation in theirs if relation not in mine]
        if len(lost) == 1 and len(new) <= 1:
            found[lost[0]] = found.get(lost[0], False) or not new
    return found
