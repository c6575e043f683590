"""Closed losses in doubles: against the integrated ones, through the confluent points, wrong controls seen, integrals refused."""

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from scalecheck.numerics.shells.characteristics import loss
from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.theories.shells.closed_loss import closed_loss
from scalecheck.theory.shells.letters import Direction

DRIFTS = [
    (Direction.DOWN, "2", "0"), (Direction.DOWN, "1", "-1"), (Direction.DOWN, "0", "0"), (Direction.DOWN, "1", "0"),
    (Direction.UP, "2", "0"), (Direction.UP, "1", "-1"), (Direction.UP, "0", "0"), (Direction.NONE, "2", "0"),
]  # fmt: skip


@settings(max_examples=25)
@given(st.sampled_from(DRIFTS), st.floats(0.2, 4.0), st.floats(0.2, 4.0), st.floats(0.01, 8.0))
def test_closed_and_integrated_losses_agree(drift, source, rate, log_time):
    direction, power, time_power = drift
    time = 10**log_time
    found = loss(
        source=source,
        power=float(power),
        rate=rate,
        time=time,
        time_power=float(time_power),
        direction=direction.name.lower(),
    )
    if found.value.loss > 1e-200 and not (drift == (Direction.DOWN, "1", "-1") and abs(rate - 1) < 1e-3):
        told = float(closed_loss(direction, sp.Rational(power), sp.Rational(time_power))(source, rate, time))
        assert abs(told / found.value.loss - 1) <= found.error + 1e-9
        wrong = float(closed_loss(direction, sp.Rational(power), sp.Rational(time_power))(source * 1.01, rate, time))
        assert abs(wrong / found.value.loss - 1) > 1e-6


@given(st.floats(0.2, 4.0), st.sampled_from([0.0, 1e-9, 1e-5, 1e-3, 5e-3, 0.3]), st.integers(-2, 3), st.floats(-2, 12))
def test_confluent_points_keep_their_digits(source, nudge, whole, log_size):
    first = source + whole + nudge
    if first < 0.1:
        return
    rate = 2 / first
    time = 10**log_size / rate
    evaluate = closed_loss(Direction.DOWN, sp.Integer(2), sp.Integer(0))
    true = float(mpmath.hyp2f1(2 / mpmath.mpf(rate), source, source + 1, -rate * mpmath.mpf(time)))
    assert evaluate(source, rate, time) == pytest.approx(true, rel=1e-9)
    assert evaluate(source, rate, np.array([time, time]))[1] == pytest.approx(true, rel=1e-9)


def test_an_integral_is_refused():
    with pytest.raises(InputError, match="integral"):
        closed_loss(Direction.DOWN, sp.Integer(3), sp.Integer(1))
