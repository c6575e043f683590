"""Local exponents over (b, m): against the digits of the loss itself, the error kept, a wrong law seen; batches of paths."""

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scalecheck.numerics.errors import DomainError
from scalecheck.numerics.shells.characteristics import loss
from scalecheck.numerics.shells.exponent_map import STEP, exponent_map
from scalecheck.numerics.shells.flow import PowerLaw, forward
from scalecheck.numerics.shells.panels import integrate


def slope(law, time):
    one, two = (loss(**law, time=time * math.exp(step)).value.log_loss for step in (-STEP, STEP))
    return (two - one) / (2 * STEP)


@example(1.0, 0.5, -2.0, 1.0, "down", 1e4)  # a narrow layer above the edge of the modes that have arrived
@settings(max_examples=12)
@given(
    st.floats(0.4, 2.0), st.floats(-1.0, 3.5), st.floats(-2.5, 2.5), st.floats(0.2, 3.0),
    st.sampled_from(["down", "up"]), st.sampled_from([1e2, 1e4, 1e6]),
)  # fmt: skip
def test_the_map_is_the_slope_of_the_loss(source, power, time_power, rate, direction, time):
    law = {"source": source, "rate": rate, "direction": direction}
    found = exponent_map(**law, time=time, power=[power], time_power=[time_power]).value
    local, error = float(found.exponent[0, 0]), float(found.error[0, 0])
    true = slope({**law, "power": power, "time_power": time_power}, time)
    if math.isfinite(true) and abs(true) < 50:
        assert abs(local - true) < 10 * error + 5e-4 * (1 + abs(true))
    else:
        assert local < -40


def test_another_law_has_another_exponent():
    law = {"source": 1.0, "rate": 1.0, "time": 1e6, "power": [2.0], "time_power": [1.0]}
    down, up = (float(exponent_map(**law, direction=word).value.exponent[0, 0]) for word in ("down", "up"))
    assert down > -0.01
    assert up == pytest.approx(-2.0, abs=0.01)


@pytest.mark.parametrize(
    "wrong", [{"source": 0}, {"rate": -1}, {"time": 1.0}, {"power": [math.nan]}, {"direction": "left"}]
)
def test_domain(wrong):
    law = {"source": 1.0, "rate": 1.0, "direction": "down", "time": 100.0, "power": [2.0], "time_power": [0.0]}
    with pytest.raises(DomainError):
        exponent_map(**{**law, **wrong})


def test_paths_of_one_batch_end_where_they_end_alone():
    law = PowerLaw.checked(power=1.5, rate=0.7, time_power=0.2, direction="down")
    start, times = np.log([0.1, 1.0, 0.5]), np.array([3.0, 1e3, 0.2])
    together = forward(law, start, begin=0.0, time=times, tolerance=np.array([1e-12, 1e-11, 1e-12]))
    for k in range(3):
        alone = forward(law, start[k : k + 1], begin=0.0, time=float(times[k]))
        assert float(together.log_position[k]) == pytest.approx(float(alone.log_position[0]), abs=1e-9)
        assert float(together.decay[k]) == pytest.approx(float(alone.decay[0]), abs=1e-9)
    loose = forward(law, start, begin=0.0, time=times, tolerance=1e-3)
    assert np.abs(loose.decay - together.decay).max() > 1e-9  # the tolerance is a tolerance


def test_companions_are_integrated_at_the_nodes_of_the_first():
    found = integrate(lambda x: np.stack([np.sqrt(x), x, x**2]), np.array([0.0, 0.5, 1.0]), tolerance=1e-10)
    assert found.value == pytest.approx(2 / 3, rel=1e-10)
    np.testing.assert_allclose(found.companions, [1 / 2, 1 / 3], rtol=1e-13)
    assert integrate(np.sqrt, np.array([0.0, 1.0]), tolerance=1e-6).companions.size == 0


@settings(max_examples=15)
@given(st.floats(-3.0, 0.9), st.floats(0.1, 5.0), st.floats(-0.9, 3.0), st.floats(-3.0, 2.0), st.floats(-4000.0, -45.0))
def test_modes_lifted_off_zero_forget_where_they_began(power, rate, time_power, log_time, start):
    """λ^{1-b} = λ_0^{1-b} + (1-b) c t^{m+1}/(m+1): the closed path, which the integration never sees."""
    law = PowerLaw.checked(power=power, rate=rate, time_power=time_power, direction="up")
    time, gap = 10**log_time, 1 - power
    found = forward(law, np.array([start, -1.0]), begin=0.0, time=time, tolerance=1e-11)
    gained = math.log(gap * rate / (time_power + 1)) + (time_power + 1) * math.log(time)
    if np.isfinite(found.decay).all():
        for log_start, place in zip((start, -1.0), found.log_position):
            assert place == pytest.approx(np.logaddexp(gap * log_start, gained) / gap, abs=1e-7)
    assert found.steps < 2000


def test_a_law_that_once_took_too_many_steps():
    found = loss(source=0.01, power=-3, rate=0.1, time=2.0, time_power=0, direction="up")
    assert found.error < 1e-8
    assert found.value.loss == pytest.approx(0.0483279954, rel=1e-8)
