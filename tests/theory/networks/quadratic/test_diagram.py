"""The engine's diagram from derived corners against the corner-by-corner solution; the tiling as a checked proof."""

import pytest
import sympy as sp

from scalecheck.theory.asymptotics.tiling import check_tiling, prove_tiling
from scalecheck.theory.networks.quadratic.diagram import (
    absent_phases,
    boundaries,
    phase_diagram,
    phase_diagram_at,
    restored,
)
from scalecheck.theory.networks.quadratic.phases import phases
from scalecheck.theory.symbols import a, b, decay, noise

LINE = sp.Eq(b, a / 2 - sp.Rational(1, 2), evaluate=False)


def test_the_diagram_tiles_the_plane():
    found = phase_diagram()
    assert found.tiles
    assert not found.undecided
    assert not found.domain.forms
    proof = prove_tiling(found.domain, [p.region for p in found.phases])
    assert check_tiling(proof)
    assert absent_phases() == {}


@pytest.mark.parametrize("name", ["Ia", "Ib", "II", "III", "IV", "V", "VIa", "VIb"])
def test_engine_and_corners_agree(name):
    (engine,) = [p for p in phase_diagram().phases if p.name == name]
    (corner,) = [p for p in phases() if p.name == name]
    assert sp.simplify(engine.exponent - corner.exponent) == 0
    assert engine.log == corner.log
    sample = {decay: sp.Rational(17, 11), noise: sp.Rational(3, 7)}
    assert float((restored(engine.constant) / corner.constant).subs(sample)) == pytest.approx(1, rel=1e-12)
    assert set(engine.region.inequalities) == set(corner.region)


@pytest.mark.parametrize("value", [sp.Rational(3, 5), sp.Integer(1)])
def test_at_a_number_it_is_the_same_diagram(value):
    special = phase_diagram_at(value)
    assert special.tiles
    for p in phase_diagram().phases:
        (q,) = [q for q in special.phases if q.name == p.name]
        assert sp.simplify(p.exponent.subs(decay, value) - q.exponent) == 0
        assert {r.subs(decay, value) for r in p.region.inequalities} == set(q.region.inequalities)
        ratio = restored(p.constant).subs(decay, value) / restored(q.constant).subs(decay, value)
        assert float(ratio.subs(noise, 2)) == pytest.approx(1, rel=1e-12)


def test_which_boundaries_jump():
    """Entering the bulk the risk jumps for d^{4γ/(14γ-5)} < u < d^{2γ}; everything else is continuous in its exponent."""
    jumps = {frozenset(found.between): found.equation for found in boundaries() if not found.continuous}
    assert jumps == {frozenset({"II", "V"}): LINE, frozenset({"II", "VIa"}): LINE}


def test_laws_on_the_boundaries_by_hand():
    laws = {frozenset(m.between): m for m in boundaries() if not m.equation.rhs.has(sp.log)}
    assert laws[frozenset({"V", "VIa"})].constant == noise / 3
    assert laws[frozenset({"II", "III"})].constant == sp.Rational(1, 8)
    assert laws[frozenset({"Ia", "IV"})].exponent == 0
    assert laws[frozenset({"VIa", "VIb"})].exponent == 1 - 2 * decay
    at_one = laws[frozenset({"Ib", "II"})].constant.subs(decay, 1)
    # t/√d = 1/4: four spikes lie at or above it.
    assert float(at_one) == pytest.approx(2 * (4 / 16 + sum(k**-2 for k in range(5, 10**6))), abs=1e-5)
    meeting = laws[frozenset({"IV", "V"})]
    parts = {p.name: restored(p.constant) for p in phase_diagram().phases}
    value = {decay: sp.Rational(5, 4), noise: 2}
    assert float((meeting.constant - parts["IV"] - parts["V"]).subs(value)) == pytest.approx(0, abs=1e-12)


def test_the_peak_is_listed_with_its_end():
    growth, cap = (found for found in boundaries() if found.equation.rhs.has(sp.log))
    assert growth.exponent == -2 * b / 3
    assert sp.simplify(growth.constant - (3 * sp.pi * noise**2 / 32) ** sp.Rational(2, 3)) == 0
    for value in (sp.Rational(3, 5), sp.Rational(7, 4)):
        wall = min(sp.Rational(1), 2 * value - 1) * sp.Rational(-3, 2)
        assert growth.exponent.subs(b, wall) == cap.exponent.subs(decay, value)


def test_the_law_between_ii_and_iv_has_a_value_where_its_two_pieces_meet():
    """At noise = 1/16 the threshold stands exactly at the edge of the bulk: both pieces agree there."""
    (row,) = [row for row in boundaries() if row.between == ("II", "IV")]
    at = {decay: sp.Rational(3, 2)}
    middle = float(row.constant.subs(at).subs(noise, sp.Rational(1, 16)))
    sides = [float(row.constant.subs(at).subs(noise, sp.Rational(1, 16) * (1 + h))) for h in (-1e-9, 1e-9)]
    assert middle == pytest.approx(sides[0], rel=1e-3)
    assert middle == pytest.approx(sides[1], rel=1e-6)
