"""Figures of shells: the law that is drawn is the law of the table, and it lies on the numbers; another law would not."""

import itertools

import numpy as np
import pytest
import sympy as sp

from scalecheck.proofs_checks.figures import PanelData, Role
from scalecheck.proofs_checks.theories.shells import figures_laws as laws
from scalecheck.proofs_checks.theories.shells.figures import figures
from scalecheck.proofs_checks.theories.shells.figures_descent import parts
from scalecheck.proofs_checks.theories.shells.figures_network import energy_budget
from scalecheck.proofs_checks.theories.shells.figures_transport import walls
from scalecheck.theory.shells.exponents import phase_of, regimes, value_at
from scalecheck.theory.shells.letters import CONTROLS, Direction

SETS = (
    laws._lazy, laws._marginal, laws._off_line, laws._clocks, laws._arriving, laws._proportional, laws._fast_clocks,
    laws._escape, laws._runaway, laws._lifted,
)  # fmt: skip
CURVES = [curve for curves in SETS for curve in curves()]


def test_ids_are_unique_and_captions_whole_sentences():
    plans = figures()
    assert len({plan.id for plan in plans}) == len(plans)
    assert all(plan.caption.endswith(".") for plan in plans)


@pytest.mark.parametrize("curve", CURVES[::4], ids=lambda curve: f"{curve.direction.name}-{curve.label}")
def test_the_drawn_law_is_that_of_the_table(curve):
    phase, law, point = phase_of(*curve.exact, curve.direction), laws.law_at(curve), dict(zip(CONTROLS, curve.exact))
    assert phase.name == law.name
    for one, two in ((phase.exponent, law.exponent), (phase.log, law.log), (phase.constant, law.constant)):
        assert value_at(one, point) == pytest.approx(value_at(two, point), rel=1e-9)


def powers():
    """Curves whose law is a power or a plateau; which ones, the derivation tells, and so not before a test asks."""
    derived = [(curve, laws.law_at(curve)) for curve in CURVES]
    return [curve for curve, law in derived if law.kind in ("power", "plateau") and law.log == 0]


def test_late_numbers_lie_on_the_law_and_not_on_its_neighbour():
    times = np.array([1e8, 1e9])
    for curve in powers()[::3]:
        early, late = np.array(laws.measured(curve, times)) / laws.predicted(curve, times)
        assert abs(late - 1) < max(0.7 * abs(early - 1), 1e-6), curve  # it approaches the law, or is there
        steeper = late * times[1] ** 0.05 - 1
        assert abs(steeper) > 10 * abs(late - 1) or abs(late - 1) > 0.02, curve


@pytest.mark.parametrize("direction", [Direction.DOWN, Direction.UP])
def test_every_open_regime_is_named_and_every_wall_stands_between_two(direction):
    b, m = np.linspace(-1.6, 3.2, 14), np.linspace(-3.6, 2.6, 14)
    lines, labels = walls(direction, b, m)
    open_names = [leaf.outcome.name for leaf in regimes(direction) if all(fact.sign for fact in leaf.case.facts)]
    told = [" ".join(text.split("\n")[:-1]) for _, _, text in labels]
    assert sorted(told) == sorted(open_names)
    for x, y, text in labels:
        point = dict(zip(CONTROLS, (sp.S.One, sp.Rational(x), sp.Rational(y), sp.S.One)))
        (home,) = (leaf for leaf in regimes(direction) if all(fact.holds(point) for fact in leaf.case.facts))
        assert " ".join(text.split("\n")[:-1]) == home.outcome.name
    for xs, ys in lines:
        middle = len(xs) // 2
        sides = [_name(direction, xs[middle] + dx, ys[middle] - dx) for dx in (-0.02, 0.02)]
        assert sides[0] != sides[1]


def _name(direction, x, y):
    point = dict(zip(CONTROLS, (sp.S.One, sp.Rational(x), sp.Rational(y), sp.S.One)))
    return next(leaf.outcome.name for leaf in regimes(direction) if all(fact.holds(point) for fact in leaf.case.facts))


def test_the_budget_that_is_drawn_closes_and_would_not_without_fluxes():
    data = energy_budget()
    assert isinstance(data, PanelData)
    for _, panel in data.panels[:-1]:
        found = {series.role: series for series in panel.series}
        change, both = np.array(found[Role.SIMULATION].y), np.array(found[Role.LAW].y)
        decay = np.array(next(series.y for series in panel.series if series.label.startswith("decayed")))
        np.testing.assert_allclose(change, both, atol=1e-6)
        assert np.abs(change - decay).max() > 1e-2


def test_extrema_stand_within_the_derived_bounds():
    for _, panel in parts().panels:
        marks = next(series for series in panel.series if series.role is Role.SIMULATION)
        levels = [series.y[0] for series in panel.series if series.role is Role.LAW]
        gaps = [abs(level - risk) for level, risk in itertools.islice(zip(levels, marks.y), 2)]
        assert len(marks.y) == 2
        assert max(gaps) < 0.05
        assert abs(levels[0] - marks.y[1]) > 0.2
