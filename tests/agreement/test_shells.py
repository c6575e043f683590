"""Part I, witness against witness: closed losses and laws against integrated paths, and the symmetries both must have."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from scalecheck.numerics.shells.characteristics import characteristic, loss
from scalecheck.numerics.shells.transport import transport
from scalecheck.proofs_checks.theories.shells.diagram import diagram
from scalecheck.proofs_checks.theories.shells.late_times import log_loss_at
from scalecheck.proofs_checks.theories.shells.points import controls_at, exact
from scalecheck.theory.shells.confirm import Drift
from scalecheck.theory.shells.exponents import phase_of, value_at
from scalecheck.theory.shells.letters import CONTROLS, Direction, power, rate, source, time, time_power
from scalecheck.theory.shells.losses import loss_formula

R = sp.Rational
sources = st.fractions(R(1, 3), 3, max_denominator=4).map(lambda f: R(f.numerator, f.denominator))
rates = st.fractions(R(1, 4), 4, max_denominator=4).map(lambda f: R(f.numerator, f.denominator))
ways = st.sampled_from([Direction.DOWN, Direction.UP])
CLOSED = [
    (Direction.NONE, 2, 0),
    (Direction.DOWN, 2, 0),
    (Direction.UP, 2, 0),
    (Direction.DOWN, 1, -1),
    (Direction.UP, 1, -1),
    (Direction.UP, 0, 0),
]


def _valued(expression, place):
    """The value; where the formula is 0/0, as at c = 1 on the clock m = -1, the mean of its values on both sides."""
    value = sp.N(expression.subs(place), 25)
    if value is not sp.nan:
        return value
    step = R(1, 10**8)
    return sum(sp.N(expression.subs({**place, rate: place[rate] + side}), 25) for side in (step, -step)) / 2


@settings(max_examples=10)
@example((Direction.DOWN, 1, -1), R(1, 3), R(1), 2.0)
@given(st.sampled_from(CLOSED), sources, rates, st.floats(1.5, 60.0))
def test_closed_losses_are_those_of_integrated_paths(case, a, c, moment):
    sigma, b, m = case
    found = loss_formula(sigma, sp.Integer(b), sp.Integer(m))
    place = {source: a, rate: c, power: b, time_power: m, time: sp.Float(moment, 25)}
    expression = found.expression if found.valid.subs(place) == sp.true else found.before
    number = loss(source=a, power=b, rate=c, time_power=m, time=moment, direction=sigma.name.lower())
    assume(math.isfinite(number.value.log_loss))  # below e^-2900 nothing is followed
    told = sp.re(_valued(expression, place))
    gap = number.value.log_loss - float(sp.log(told))
    assert abs(gap) < 10 * number.error + 1e-8 < 1e-4  # a loss wrong by a per mille would be seen


@settings(max_examples=12)
@given(
    sources,
    st.sampled_from([R(-1, 2), R(1, 2), R(1), R(3, 2), R(2), R(5, 2)]),
    st.sampled_from([R(-3, 2), R(-1), R(-1, 4), R(0), R(1)]),
    rates,
    ways,
    st.floats(2.0, 50.0),
)
def test_two_quadratures_of_one_loss(a, b, m, c, sigma, moment):
    """The symbolic witness's own quadrature knows no integrator, the numeric one no formula of a path.

    The former is made for late times: where an arrival edge has just passed it is good to 5e-5 (mpmath sides with the other).
    """
    assume(sigma is Direction.DOWN or b >= 1)  # upwards below b = 1 it leaves out the action of the bottom
    drift = Drift(float(a), float(b), float(m), float(c), int(sigma))
    try:
        told = drift.loss(moment)
    except (OverflowError, FloatingPointError, ValueError, ZeroDivisionError):
        assume(False)
    assume(told > 1e-250)
    log_loss, _ = log_loss_at(float(a), float(b), float(m), float(c), int(sigma), math.log(moment))
    assert math.exp(log_loss - math.log(told)) == pytest.approx(1.0, rel=2e-4)


@settings(max_examples=10)
@given(sources, rates, st.sampled_from([R(3, 2), R(2), R(3)]), st.sampled_from([R(-1, 2), R(0), R(1)]), ways)
def test_local_exponents_are_the_derived_ones(a, c, b, shift, sigma):
    """Along log t = 40 to 60, away from walls, the slope of the loss is the exponent of the phase."""
    m = b - 2 + shift
    assume(m > -1 and abs(a - 2 * c ** (-1 / (b - 1))) > R(1, 3))
    phase = phase_of(a, b, m, c, sigma)
    told = value_at(phase.exponent, dict(zip(CONTROLS, (a, b, m, c))))
    early, late = (log_loss_at(float(a), float(b), float(m), float(c), int(sigma), x)[0] for x in (40.0, 60.0))
    assert (late - early) / 20.0 == pytest.approx(told, abs=0.02)


@settings(max_examples=15)
@given(
    st.sampled_from([0.5, 1.0, 1.5, 2.0, 3.0]),
    st.floats(0.3, 3.0),
    st.floats(0.05, 2.0),
    st.floats(0.2, 5.0),
    st.sampled_from(["down", "up"]),
)
def test_covariance_of_paths(b, scale, c, start, direction):
    """λ → sλ, t → t/s carries paths into paths exactly where m = b - 2, and not where m is off by 0.1."""

    def moved(by, shift):
        found = characteristic(
            start=start * by,
            power=b,
            rate=c,
            time=2.0 / by,
            time_power=b - 2 + shift,
            begin=1.0 / by,
            direction=direction,
        )
        return found.value.log_position

    assume(abs(scale - 1) > 0.2 and all(math.isfinite(moved(1.0, shift)) for shift in (0.0, 0.1)))
    assert moved(scale, 0.0) - moved(1.0, 0.0) == pytest.approx(math.log(scale), abs=1e-8)
    gap = moved(scale, 0.1) - moved(1.0, 0.1) - math.log(scale)
    travelled = abs(moved(1.0, 0.1) - math.log(start))
    assert abs(gap) > 1e-3 * min(1.0, travelled)


@settings(max_examples=6)
@given(
    st.floats(0.4, 2.0),
    st.sampled_from([0.5, 1.0, 1.5, 2.0]),
    st.floats(0.2, 2.0),
    st.sampled_from(["down", "up", "none"]),
)
def test_the_grid_is_positive_and_loses_nothing(a, b, c, direction):
    found = transport(
        source=a, power=b, rate=c, time_power=0.0, times=[0.5, 2.0], direction=direction, shells=200
    ).value
    assert found.imbalance < 1e-12
    assert (found.mass >= 0).all()
    assert (np.diff(found.loss) <= 1e-12).all()
    assert float(found.loss[0]) == pytest.approx(1.0, abs=1e-12)


@settings(max_examples=8)
@given(sources, st.sampled_from([0.5, 1.0, 2.0, 3.0]), st.floats(0.2, 3.0), st.floats(1.0, 100.0), ways)
def test_losses_fall_from_one(a, b, c, moment, sigma):
    early, late = (log_loss_at(float(a), b, 0.0, c, int(sigma), math.log(x))[0] for x in (moment, 2 * moment))
    assert late <= early + 1e-9 <= 2e-9


def test_every_point_is_in_one_region_of_the_public_diagram():
    """The regions as printed, read back: one open row away from walls, for each direction."""
    found = diagram()
    rng = np.random.default_rng(7)
    for sigma in (-1, 0, 1):
        for _ in range(12):
            a, c = (R(int(x), 7) for x in rng.integers(1, 30, 2))
            b, m = (R(int(x), 7) for x in rng.integers(-25, 25, 2))
            place = {"source": a, "rate": c, "power": b, "time_power": m, "direction": sigma}
            rows = [
                row
                for row in found.phases
                if all(
                    sp.sympify(str(q)).subs({sp.Symbol(k): v for k, v in place.items()}) == sp.true for q in row.region
                )
            ]
            walls = (b - 1, m + 1, m - b + 2, b * m + 1, c * (1 - b) + m + 1)
            assert len(rows) == 1 or 0 in walls


def test_the_diagram_has_all_rows_and_what_lies_between():
    found = diagram()
    assert (len(found.phases), len(found.boundaries)) == (11, 16)
    marginal = next(row for row in found.boundaries if row.name == "frontier with logarithm")
    assert marginal.between == ("self-similar", "frontier")
    assert marginal.log == 1
    assert marginal.continuous
    assert not next(row for row in found.boundaries if row.name == "displaced").continuous
    stretched = next(row for row in found.phases if row.name == "lifted")
    assert stretched.exponent == -sp.oo
    assert "exp" in str(stretched.law)


def test_decimals_are_taken_as_typed():
    assert exact(0.1) == R(1, 10)
    # The float of a short fraction stands for the fraction, so that the walls are met.
    for text, value in (("1.1", R(11, 10)), ("2.3", R(23, 10)), ("1.3333333333333333", R(4, 3)), ("0.7", R(7, 10))):
        b = float(text)
        assert controls_at(source=1.0, power=b, rate=0.5, time_power=b - 2)[2] == value - 2
    assert controls_at(source=1.0, power=2.0, rate=0.5, time_power=1e-9)[2] == R(1, 10**9)
