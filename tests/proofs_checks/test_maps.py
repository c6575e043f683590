"""Lines and labels of a drawn map: each name stands inside its region, each line where its boundary is."""

import numpy as np
import pytest
import sympy as sp

from scalecheck.proofs_checks.maps import overlay
from scalecheck.proofs_checks.theories.diagonal.diagram import diagram

X, Y = np.linspace(0.05, 5, 40), np.linspace(-2, 4, 40)


@pytest.fixture(scope="module")
def found():
    return diagram(sp.Rational(3, 2))


def holds(relations, found, x, y):
    """Whether the relations hold at a point, by substitution."""
    place = dict(zip(found.plane, (sp.Float(x), sp.Float(y)), strict=True))
    return all(item.subs({symbol: place[symbol.name] for symbol in item.free_symbols}) == sp.true for item in relations)


def test_each_name_stands_inside_its_own_region_and_no_other(found):
    _, labels = overlay(found, X, Y)
    assert {name for _, _, name in labels} == {row.name for row in found.phases}
    for x, y, name in labels:
        assert [row.name for row in found.phases if holds(row.region, found, x, y)] == [name]


def test_lines_are_where_the_boundaries_are(found):
    lines, _ = overlay(found, X, Y)
    assert len(lines) >= len(found.phases)
    for xs, ys in lines:
        middle = len(xs) // 2
        near = [
            row.between
            for row in found.boundaries
            if abs(gap(row, found, xs[middle], ys[middle])) < 1e-9 and holds(row.along, found, xs[middle], ys[middle])
        ]
        assert len(near) == 1


def gap(row, found, x, y):
    place = dict(zip(found.plane, (x, y), strict=True))
    sides = (row.equation.lhs, row.equation.rhs)
    left, right = (float(side.subs({symbol: place[symbol.name] for symbol in side.free_symbols})) for side in sides)
    return left - right
