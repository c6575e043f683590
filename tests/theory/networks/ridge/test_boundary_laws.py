"""Laws on the boundaries of the ridge diagram: which lines have one, and that the two laws beside a line add on it."""

import pytest
import sympy as sp

from scalecheck.theory.networks.ridge import crossover
from scalecheck.theory.networks.ridge.boundary_laws import affine_in_noise, why_implicit, with_law
from scalecheck.theory.networks.ridge.letters import capacity, source


def rows(side):
    regimes = tuple(p for p in crossover.phases() if side.relation in p.region)
    return [with_law(line, regimes) for line in side.diagram.boundaries]


def test_lines_between_noiseless_and_noisy_have_a_law_and_no_others():
    for side in crossover.sides():
        for row in rows(side):
            sort = {name.rsplit("-", 1)[0] for name in row.between}
            assert (row.constant is not None) == (len(sort) == 1), (side.relation, row.between)


def test_constants_at_numbers():
    """α = 2, r = 1/3: on c = 4/3, κ = (π/(2 n))²; bias 2 κ^{2/3} π (1 - 2r)/(2 sin 2πr) and variance 1 a noise."""
    side = crossover.sides()[0]
    (row,) = [row for row in rows(side) if row.between == ("effective-noiseless", "effective-noisy")]
    at = {capacity: 2, source: sp.Rational(1, 3)}
    missed = sp.pi / 6 / sp.sin(2 * sp.pi / 3)
    expected = 2 * (sp.pi / 2) ** sp.Rational(4, 3) * missed + 1
    assert sp.N(row.constant.subs(at)) == pytest.approx(float(expected), rel=1e-12)
    assert sp.N(row.constant.subs(at)) != pytest.approx(float(expected) * 1.02, rel=1e-3)


def test_on_the_wall_the_logarithm_leads():
    found = [with_law(line, crossover.saturation_line()) for line in crossover.wall_diagram().boundaries]
    told = {row.between: row for row in found if row.constant is not None}
    noiseless = {p.name: p for p in crossover.saturation_line()}
    row = told["effective-noiseless", "effective-noisy"]
    assert (row.log, row.constant) == (1, noiseless["effective-noiseless"].constant)


def test_the_reason_is_proved_or_told():
    assert affine_in_noise().formula is not None
    assert all("no closed law" in text for text in why_implicit())
