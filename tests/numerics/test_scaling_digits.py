"""Curves that were written down exactly: their form is read to the digits, and whatever is of another form is not."""

import math
from functools import cache, partial

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scalecheck.numerics import scaling_readings
from scalecheck.numerics.exponents import Agreement, Convergence, Form, compared, estimate_exponent
from scalecheck.numerics.scaling_digits import EXACT, best_sum, last_digit, met
from scalecheck.numerics.scaling_fits import Curve

DIGITS = (6, None)
estimated = partial(estimate_exponent, every_form=False)
"""With the form that is asked for, and without that of a correction if it is another (`test_exponents`: nothing depends on it)."""


def written(values, digits):
    """As a table prints them; None keeps double precision."""
    return values if digits is None else np.array([float(f"{value:.{digits}g}") for value in values])


def drawn(form, seed):
    """An exact curve of a form over two to five decades, and its exponent."""
    random = np.random.default_rng([seed, len(form)])
    points, first = int(random.choice([8, 10, 16, 40])), 10 ** random.uniform(0, 3)
    x = np.geomspace(first, first * 10 ** random.uniform(2, 5), points)
    t, exponent = x / x[0], -random.uniform(0.15, 1.2)
    if form == "plateau":
        shape = t**exponent + 10 ** random.uniform(-1, 1) * t[-1] ** exponent
    else:
        shape = t**exponent * (1 + random.uniform(-0.5, 1.5) * t ** -random.uniform(0.2, 1.2))
    return x, 10 ** random.uniform(-3, 3) * shape, exponent


@cache
def read(form, seed, digits):
    """What is found in such a curve, and its exponent: one estimate is compared with several."""
    x, y, exponent = drawn(form, seed)
    return estimated(x, written(y, digits), form=form).value, exponent


@pytest.mark.parametrize("digits", DIGITS)
@pytest.mark.parametrize("form", ["plateau", "correction"])
def test_an_exact_curve_of_the_stated_form_is_read(form, digits):
    """Rounding looked like errors that are alike between neighbours: of such curves a quarter to four fifths were undecided."""
    for seed in range(8):
        found, exponent = read(form, seed, digits)
        low, high = found.interval
        assert found.convergence is Convergence.GRANTED
        assert compared(found, exponent).agreement is Agreement.AGREES
        assert low <= exponent <= high
        assert high - low < (1e-3 if digits else 1e-8)


@pytest.mark.parametrize("digits", DIGITS)
@pytest.mark.parametrize("form", ["plateau", "correction"])
def test_a_neighbouring_exponent_of_an_exact_curve_is_refused(form, digits):
    for seed in range(4):
        found, exponent = read(form, seed, digits)
        assert compared(found, exponent + 0.003).agreement is Agreement.DISAGREES


# What is of no stated form; t = x/x_first runs over four decades.
OTHERS = {
    "oscillation": lambda t: t**-0.5 * (1 + 0.01 * np.sin(1.5 * np.log(t))),
    "small oscillation": lambda t: t**-0.5 * (1 + 1e-4 * np.sin(1.5 * np.log(t))),
    "logarithm": lambda t: t**-0.5 * np.log(20 * t),
    "two corrections": lambda t: t**-0.4 * (1 + t**-0.4 + t**-0.9),
    "two powers above a plateau": lambda t: t**-0.4 + t**-0.9 + 0.01,
    "bend": lambda t: t**-0.3 * (1 + (t / 40) ** 2) ** -0.2,
    "stretched exponential": lambda t: np.exp(-(np.log(1 + t) ** 0.7)) + 0.01,
}


@pytest.mark.parametrize(("points", "digits"), [(16, 6), (24, None)])
@pytest.mark.parametrize("form", ["plateau", "correction"])
@pytest.mark.parametrize("other", OTHERS)
def test_an_exact_curve_of_another_form_is_not_read(other, points, form, digits):
    t = np.geomspace(1, 1e4, points)
    found = estimated(7 * t, 3 * written(OTHERS[other](t), digits), form=form).value
    assert found.convergence is not Convergence.GRANTED


@pytest.mark.parametrize("form", ["power", "plateau", "correction"])
def test_errors_that_are_alike_are_not_taken_for_rounding(form):
    """Smooth errors far above the last digit stay what they were: of a size that the data cannot tell."""
    missed = read = 0
    for seed in range(12):
        x, y, exponent = drawn("plateau" if form == "plateau" else "correction", seed)
        y = x**exponent if form == "power" else y
        fresh = np.random.default_rng([seed, 3]).standard_normal(x.size)
        errors = [fresh[0]]
        for step in fresh[1:]:
            errors.append(0.9 * errors[-1] + math.sqrt(1 - 0.81) * step)
        found = estimated(x, written(y * np.exp(3e-5 * np.array(errors)), 6), form=form).value
        granted = found.convergence is Convergence.GRANTED
        read += granted
        missed += granted and not found.interval[0] <= exponent <= found.interval[1]
    assert read < 12
    assert missed <= 3  # 5% each: more has a chance of 1%


@pytest.mark.parametrize("seed", range(4))
def test_the_interval_is_about_the_best_fit(seed):
    """The profile of the third had settled beside it: 1e-5 about -1.0964, where the truth, and the best fit, are at -1.0978."""
    x, y, exponent = drawn("correction", seed)
    unit = 10.0 ** (np.floor(np.log10(y)) - 5)
    found = estimated(x, written(y + 0.4 * np.sign(np.cos(np.log(x))) * unit, 6), form="correction").value
    assert found.convergence is Convergence.GRANTED
    assert found.interval[0] <= exponent <= found.interval[1]
    assert found.interval[1] - found.interval[0] < 1e-3


def test_errors_within_the_last_digit_are_inside_the_interval_however_alike():
    """The interval holds every exponent that rounding allows: errors all of one sign, half a unit each, are no more than that."""
    x = np.geomspace(10, 1e5, 30)
    exact = x**-0.5 * (1 + 2 * x**-0.4)
    unit = 10.0 ** (np.floor(np.log10(exact)) - 5)
    for wave in (np.ones(30), np.sign(np.cos(np.log(x))), np.sign(np.arange(30) - 15)):
        found = estimated(x, written(exact + 0.4 * wave * unit, 6), form="correction").value
        assert found.interval[0] <= -0.5 <= found.interval[1]


OTHER_FORMS = {
    "a slow factor on a plateau": ("plateau", lambda x: 1 + x**-0.5 * (1 + 1e-5 * np.log(x)), -0.5),
    "a second decay above a plateau": ("plateau", lambda x: 1 + x**-0.5 + 1e-7 * x**-0.4, -0.4),
    "a slow factor on a corrected power": ("correction", lambda x: (x**-0.3 + x**-0.5) * (1 + 1e-5 * np.log(x)), -0.3),
    "a leading term that has not come up yet": ("correction", lambda x: 1e-12 * x**-0.3 + x**-0.5, -0.3),
}


@pytest.mark.parametrize("name", OTHER_FORMS)
def test_a_form_that_leaves_a_thousand_roundings_is_not_granted(name):
    """Errors of 1e-12 were taken for rounding: forms that the curve denies by 1e-11 were granted, with intervals off by 1e-5."""
    form, law, truth = OTHER_FORMS[name]
    x = np.geomspace(10, 1e6, 40)
    found = estimated(x, law(x), form=form).value
    holds = found.interval[0] is not None and found.interval[0] <= truth <= found.interval[1]
    assert found.convergence is not Convergence.GRANTED or holds


def test_few_points_beyond_the_parameters_say_nothing():
    left = np.full(6, 1e-14)
    assert met(left, np.full(6, EXACT), 3)
    assert not met(left, np.full(6, EXACT), 4)
    assert not met(left * np.array([1, 1, 1, 1, 1, 1e3]), np.full(6, EXACT), 3)


def test_stated_errors_are_not_replaced_by_rounding():
    x = np.geomspace(10, 1e5, 24)
    y = x**-0.5 + 0.01
    wide, narrow = (estimated(x, y, errors=size, form="plateau").value for size in (1e-3, 1e-9))
    assert wide.half_width > 1e4 * narrow.half_width > 1e-12
    assert all(found.convergence is Convergence.GRANTED for found in (wide, narrow))


@settings(max_examples=25, deadline=None)
@given(st.floats(-1.5, -0.2), st.floats(0.15, 1.5), st.floats(-0.6, 3))
@example(-0.7, 0.15, -0.5)
def test_the_best_sum_is_met_to_rounding(exponent, rate, amplitude):
    u = np.linspace(0, 9, 24)
    curve = Curve(u, exponent * u + np.log1p(amplitude * np.exp(-rate * u)), np.ones(24))
    fit = best_sum(curve, exponent + 1e-3, rate * 1.01, (1.0, amplitude), plateau=False)
    assert np.all(np.abs(fit.left) < EXACT * np.maximum(1.0, np.abs(curve.v)) / 3)


def test_the_last_digit():
    x = np.geomspace(10, 1e3, 9)
    curve = Curve(np.log(x), np.log(written(x**-0.5, 4)), np.ones(9))
    assert last_digit(curve) == pytest.approx(10.0 ** (np.floor(np.log10(x**-0.5)) - 3) / x**-0.5, rel=1e-3)
    assert last_digit(Curve(np.log(x), -0.5 * np.log(x), np.ones(9))) is None


@pytest.mark.parametrize(("level", "share"), [(0.01, 0.4), (0.02, 0.3), (0.02, 0.4)])
def test_without_the_rule_errors_within_the_last_digit_are_alike(monkeypatch, level, share):
    """Control: these tests see whether the rule is there. Of six digits: the rounding of doubles is another on every processor."""
    x = np.geomspace(10, 1e5, 64)
    exact = x**-0.5 + level
    unit = 10.0 ** (np.floor(np.log10(exact)) - 5)
    y = written(exact + share * np.sign(np.cos(np.log(x))) * unit, 6)
    assert estimated(x, y, form="plateau").value.convergence is Convergence.GRANTED
    monkeypatch.setattr(scaling_readings, "met", lambda *_: False)
    found = estimated(x, y, form="plateau").value
    assert found.convergence is Convergence.ALIKE
    assert found.form is Form.PLATEAU
