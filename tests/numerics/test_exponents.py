"""Exponents from data: intervals that contain the truth, and are sharp; logarithms seen; nonsense refused."""

import math
from dataclasses import replace
from functools import cache, partial

import numpy as np
import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from scipy.special import erfcx, gammaln

from scalecheck.numerics.errors import DomainError, NotConverged
from scalecheck.numerics.exponents import Agreement, Convergence, Form, LogStatus, estimate_exponent
from scalecheck.numerics.networks.diagonal.state_equations import solve_grid
from scalecheck.numerics.networks.ridge.state_equations import isotropic
from scalecheck.numerics.scaling_fits import Curve
from scalecheck.numerics.scaling_tails import local_noise
from scalecheck.numerics.solution import ErrorKind, Status

estimated = partial(estimate_exponent, every_form=False)
"""Without the one reading on which nothing else depends, a third of the time (`test_readings_that_decide_nothing_may_be_left_out`)."""


def correction(generator, t):
    return generator.uniform(-0.45, 1.5) * t ** -generator.uniform(0.15, 2)


def series(generator, t):
    rate = generator.uniform(0.15, 1)
    amplitudes = generator.uniform([-0.6, -0.3, -0.05], [1.5, 1, 0.5])
    return sum(amplitude * t ** (-rate * (order + 1)) for order, amplitude in enumerate(amplitudes))


# name: what multiplies x^β, as a function of the generator, x, and t = x/x_first
KNOWN = {
    "pure": lambda generator, x, t: 1.0,
    "one correction": lambda generator, x, t: 1 + correction(generator, t),
    "two corrections": lambda generator, x, t: 1 + correction(generator, t) + correction(generator, t),
    "series": lambda generator, x, t: 1 + series(generator, t),
    "log": lambda generator, x, t: np.log(x) ** generator.uniform(-2, 2),
    "shifted log": lambda generator, x, t: (np.log(x) + generator.uniform(-0.8, 5)) ** generator.uniform(-2, 2),
    "log and correction": lambda generator, x, t: (
        np.log(x) ** generator.uniform(-2, 2) * (1 + correction(generator, t))
    ),
}
# curves that none of the models contains
BLIND = {
    "root": lambda generator, x, t: (1 + generator.uniform(0.3, 3) * t**-0.4) ** generator.uniform(-1.5, 1.5),
    "gamma": lambda generator, x, t: np.exp(gammaln(x + 0.4) - gammaln(x)) * x**-0.4,
    "erfc": lambda generator, x, t: erfcx(generator.uniform(0.2, 2) * t**-0.5),
    "power times log": lambda generator, x, t: 1 + 0.2 * t ** -generator.uniform(0.4, 1) * np.log(3 * t),
    "log log": lambda generator, x, t: np.log(x) + generator.uniform(-0.5, 1) * np.log(np.log(x) + 1),
}


def draw(family, seed, noise):
    """A random curve over 4 to 8 decades with 10 to 40 points: x, y and its true exponent."""
    generator = np.random.default_rng([seed, sorted({**KNOWN, **BLIND}).index(family)])
    points, first, decades = generator.integers(10, 41), 10 ** generator.uniform(0.5, 2), generator.uniform(4, 8)
    x = np.geomspace(first, first * 10**decades, points)
    exponent = generator.uniform(-2, 1)
    y = x**exponent * {**KNOWN, **BLIND}[family](generator, x, x / first)
    return x, y * np.exp(noise * generator.standard_normal(points)), exponent


def census(families, noise, given, count):
    """For each curve: is the truth inside, is it inside a tenth of the interval, is it inside the naive one."""
    rows = []
    for family in families:
        for seed in range(count):
            x, y, truth = draw(family, seed, noise)
            found = estimated(x, y, errors=noise if given else None).value
            low, high = found.interval
            shrunk = abs(truth - found.exponent) <= 0.1 * min(found.exponent - low, high - found.exponent)
            naive = abs(found.windows[0].slope - truth) <= 2 * found.windows[0].stderr
            rows.append((low <= truth <= high, shrunk, naive))
    return np.mean(rows, axis=0)


@pytest.mark.parametrize(("noise", "given"), [(1e-9, True), (1e-3, True), (1e-2, False), (5e-2, True)])
def test_interval_covers_the_truth_in_every_family(noise, given):
    honest, shrunk, naive = census(KNOWN, noise, given, 3)
    assert honest >= 0.95
    assert naive < 0.7  # control: two standard errors of a plain power miss in most families
    if noise > 1e-5:
        assert shrunk < 0.9  # control: the census would notice intervals ten times too narrow


def test_interval_covers_the_truth_of_curves_that_no_model_contains():
    assert census(BLIND, 1e-9, True, 2)[0] >= 0.95
    assert census(BLIND, 1e-2, True, 2)[0] >= 0.95


@cache
def diagonal(decay, weight_decay, first, last, points, dim=1e4):
    """Risk of the diagonal network along n at fixed dim, noise 1: bumps and peaks, then noise dim/n."""
    samples = np.geomspace(first, last, points)
    grid = solve_grid(dim=dim, decay=decay, noise=1.0, samples=samples, weight_decay=[weight_decay])
    return samples, np.asarray(grid.risk)[:, 0]


@cache
def ridge(decay, penalty, first, last, points, dim=1e3):
    """Risk of ridge regression on the same teacher, which has the same end."""
    samples = np.geomspace(first, last, points)
    risks = [isotropic(dim=dim, samples=n, ridge=penalty, decay=decay, noise=1.0).value.risk for n in samples]
    return samples, np.array(risks)


# State evolution along n, exponent -1 at the end. The first four were reported with intervals that excluded it.
CROSSOVERS = [
    (diagonal, (1.2, 1.0, 1e2, 1e8, 40)),
    (diagonal, (1.2, 0.3, 1e2, 1e8, 40)),
    (diagonal, (1.2, 1.0, 1e2, 1e9, 40)),
    (diagonal, (1.5, 2.0, 3e4, 1e8, 30)),
    (diagonal, (1.2, 0.01, 1e2, 1e8, 40)),
    (diagonal, (2.0, 3.0, 1e4, 1e9, 55)),
    (ridge, (1.2, 1e2, 1e1, 1e6, 33)),
    (ridge, (1.6, 1e1, 3e1, 3e7, 20)),
]
SCATTER = [(None, 0.0), (1e-9, 1e-9), (1e-3, 1e-3), (None, 1e-2)]


def crossover_rows(errors, noise):
    """Estimates over `CROSSOVERS`."""
    for number, (family, parameters) in enumerate(CROSSOVERS):
        x, y = family(*parameters)
        scatter = np.exp(noise * np.random.default_rng(number).standard_normal(x.size))
        yield estimated(x, y * scatter, errors=errors).value


def share_covered(rows, truth, shrink=1.0):
    """Share of intervals, shrunk about their middle, that contain the truth."""
    return np.mean([abs(truth - sum(row.interval) / 2) <= shrink * row.half_width for row in rows])


@pytest.mark.parametrize(("errors", "noise"), SCATTER)
def test_interval_covers_the_end_of_a_crossover(errors, noise):
    rows = list(crossover_rows(errors, noise))
    assert share_covered(rows, -1) >= 0.95
    assert share_covered(rows, -1, shrink=0.02) < 0.95  # control: the same test sees intervals that are too narrow


def test_a_tail_that_has_settled_is_measured_sharply_whatever_came_before():
    for parameters in [(1.2, 0.01, 1e2, 1e8, 40), (1.2, 0.01, 1e2, 1e8, 60)]:
        found = estimated(*diagonal(*parameters)).value
        assert found.half_width <= 0.002
        assert found.convergence is Convergence.SETTLED
    assert estimated(*ridge(1.2, 10.0, 10, 1e7, 40)).value.half_width <= 0.002


@pytest.mark.parametrize("last", [3e4, 1e5, 3e5, 1e6])
@pytest.mark.parametrize(("errors", "noise"), SCATTER)
def test_a_curve_that_ends_in_a_crossover_is_not_certified(last, errors, noise):
    x, y = diagonal(1.2, 1.0, 1e2, last, 30)
    scatter = np.exp(noise * np.random.default_rng(1).standard_normal(30))
    found = estimated(x, y * scatter, errors=errors).value
    assert found.convergence in (Convergence.DRIFTING, Convergence.CURVED) or found.half_width > 0.05


@pytest.mark.parametrize("points", [5, 6, 7])
@pytest.mark.parametrize("noise", [0.0, 1e-2])
def test_few_points_on_a_crossover_cover_the_truth_or_certify_nothing(points, noise):
    for parameters in [(1.2, 1.0, 1e2, 1e8), (1.2, 0.01, 1e4, 1e8), (1.5, 2.0, 3e4, 1e8), (1.2, 100.0, 1e2, 1e8)]:
        x, y = diagonal(*parameters, points)
        scatter = np.exp(noise * np.random.default_rng(points).standard_normal(points))
        solution = estimated(x, y * scatter)
        low, high = solution.value.interval
        assert low <= -1 <= high or solution.status is Status.STALLED or solution.value.half_width > 0.05


@pytest.mark.parametrize("noise", [1e-4, 1e-2])
def test_noise_is_seen_between_neighbours_without_a_model(noise):
    """Through a break and on uneven points; several curves, since one has few degrees of freedom."""
    generator = np.random.default_rng(0)
    found = []
    for _ in range(40):
        u = np.sort(generator.uniform(0, 10, 60))
        v = np.where(u < 5, -0.2 * u, -1.0 - 1.3 * (u - 5)) + noise * generator.standard_normal(60)
        found.append(local_noise(Curve(u, v, np.ones(60))))
    assert 0.8 < np.sqrt(np.median(found)) / noise < 1.25
    assert local_noise(Curve(u[:11], v[:11], np.ones(11))) is None


@settings(max_examples=12, deadline=None)
@given(st.floats(-2, 1), st.floats(0.2, 1.5), st.floats(-0.5, 2), st.integers(12, 40))
def test_clean_curves_over_four_decades_are_sharp(exponent, rate, amplitude, points):
    x = np.geomspace(1e2, 1e6, points)
    y = 3 * x**exponent * (1 + amplitude * (x / 100) ** -rate)
    found = estimated(x, y, errors=1e-9).value
    assert found.interval[0] <= exponent <= found.interval[1]
    assert found.half_width <= 0.01
    assert found.log_status is not LogStatus.PRESENT


@pytest.mark.parametrize("power", [-2.0, -1.0, -0.5, 0.5, 1.0, 2.0])
def test_logarithm_is_recognised_and_a_plain_power_is_not_believed(power):
    x = np.geomspace(20, 1e7, 24)
    y = x**-0.5 * np.log(x) ** power
    found = estimated(x, y, errors=1e-9, expect=-0.5).value
    assert found.log_status is LogStatus.PRESENT
    assert found.log_exponent == pytest.approx(power, abs=0.01)
    assert found.log_interval[0] <= power <= found.log_interval[1]
    assert found.agreement is Agreement.AGREES
    assert found.half_width <= 0.01
    naive = found.windows[0]
    assert abs(naive.slope + 0.5) > 4 * naive.stderr
    assert not found.interval[0] <= naive.slope <= found.interval[1]
    assert estimated(x, y, errors=1e-9, expect=naive.slope).value.agreement is Agreement.DISAGREES


def test_a_logarithm_of_power_zero_is_none():
    """A computed curve of kernel ridge regression: the series with a logarithm fits best, its power is 1e-14."""
    x = np.array([1983744.0, 8558670.0, 36925547.0, 159311662.0, 687334597.0, 2965437938.0, 12794092145.0,
                  55198860084.0, 238150086777.0, 1027475272955.0])  # fmt: skip
    y = np.array([6.300346230174942e-08, 1.0900835890312923e-08, 1.8860580430793146e-09, 3.26324969495233e-10,
                  5.646060723122759e-11, 9.768790222120558e-12, 1.6901919221846427e-12, 2.924362861743246e-13,
                  5.059720162261615e-14, 8.754306264513354e-15])  # fmt: skip
    found = estimated(x, y, errors=1e-12).value
    assert found.log_status is LogStatus.ABSENT
    assert found.interval[0] <= -1.2 <= found.interval[1]


def test_a_logarithm_of_a_power_of_a_trillionth_is_none():
    """2/(n + 1): the one series with a logarithm reached the size of rounding, with the power -3e-11 and an error of 2e-11."""
    x = np.array([4e4, 309705, 2397937, 18566355, 143752547, 1113023761, 8617738760, 6.6724e10, 5.1662e11, 4e12])
    found = estimated(x, 2 / (x + 1), errors=1e-12).value
    assert found.log_status is LogStatus.ABSENT
    assert found.interval[0] <= -1 <= found.interval[1]


@pytest.mark.parametrize("power", [-0.02, 0.01, 0.1])
def test_a_small_power_of_a_logarithm_is_not_called_absent(power):
    x = np.geomspace(20, 1e7, 24)
    assert estimated(x, np.log(x) ** power / x, errors=1e-12).value.log_status is not LogStatus.ABSENT


@pytest.mark.parametrize(("exponent", "lead"), [(-0.3231050646827318, 0.0), (-0.4, 1.5), (-0.7, 3.0), (-0.9, 0.5)])
def test_an_exact_curve_with_a_logarithm_is_taken_whole(exponent, lead):
    """What the search left of such curves was smooth, at the size of rounding, and passed for systematic: tails missed."""
    x = np.geomspace(741.5, 2.728e5, 40)
    found = estimated(x, x**exponent * (np.log(x) + lead) ** 0.5).value
    assert found.x_min == pytest.approx(741.5)
    assert found.interval[0] <= exponent <= found.interval[1]
    assert found.log_status is LogStatus.PRESENT
    assert found.half_width < 0.01


@pytest.mark.parametrize(
    ("exponent", "constant", "power", "ends", "points", "errors"),
    [(-0.5, 200, 1, (1e2, 1e7), 26, 1e-9), (-0.334, 54.3, 1.5, (1e1, 1e3), 20, 1e-9), (-0.968, 9.9, 1.5, (1e3, 1e5), 7, None),
     (-0.488, 36.1, 1.5, (1e2, 1e4), 8, 1e-6)],
)  # fmt: skip
def test_a_logarithm_far_before_the_data_is_inside_the_interval(exponent, constant, power, ends, points, errors):
    """The models looked for one no farther before the data than they are long; its reading went farther, and was allowed."""
    x = np.geomspace(*ends, points)
    found = estimate_exponent(x, x**exponent * (np.log(x) + constant) ** power, errors=errors).value
    reading = next(item for item in found.readings if item.form is Form.LOGARITHM)
    assert reading.allowed
    assert found.interval[0] <= min(exponent, reading.interval[0])
    assert max(exponent, reading.interval[1]) <= found.interval[1]
    assert found.log_status is not LogStatus.ABSENT
    assert reading.log_interval[0] <= power <= reading.log_interval[1]
    if found.log_status is LogStatus.PRESENT:
        assert found.log_interval[0] <= power <= found.log_interval[1]
    part = estimate_exponent(x, x**exponent * (np.log(x) + constant) ** power, errors=errors, every_form=False).value
    assert part.interval == found.interval


@pytest.mark.parametrize(
    ("ratio", "difference", "ends", "points", "errors"),
    [(3.0, 0.05, (1e2, 1e7), 26, 1e-9), (0.1, 0.05, (1e2, 1e7), 26, 1e-9), (0.0236, 0.109, (1e3, 1e5), 10, 1e-6)],
)
def test_two_close_powers_are_no_logarithm(ratio, difference, ends, points, errors):
    x = np.geomspace(*ends, points)
    found = estimated(x, x**-0.5 + ratio * x ** (difference - 0.5), errors=errors).value
    assert found.log_status is not LogStatus.PRESENT
    assert found.interval[0] <= difference - 0.5 <= found.interval[1]


def test_a_falling_curve_is_not_said_to_grow():
    x = np.geomspace(10, 1e4, 10)
    found = estimated(x, 0.257 + 1 / np.log(x)).value
    assert found.interval[0] <= 0 <= found.interval[1]
    assert found.convergence is Convergence.DRIFTING
    upward = estimated(x, 1 / (0.257 + 1 / np.log(x))).value
    assert upward.interval[0] <= 0 <= upward.interval[1]


def test_scales_over_all_sizes_of_numbers_are_measured():
    """What would be said of a range too short is no number for one of a thousand and more in log x."""
    x = np.geomspace(1e-300, 1e300, 8)
    found = estimated(x, x**-0.5).value
    assert found.interval[0] <= -0.5 <= found.interval[1]


def test_noise_that_hides_the_logarithm_leaves_it_undecided():
    x = np.geomspace(20, 1e5, 16)
    noise = np.exp(0.01 * np.random.default_rng(0).standard_normal(16))
    found = estimated(x, x**-0.5 * np.log(x) * noise, errors=0.01).value
    assert found.log_status is LogStatus.UNDECIDED
    assert found.log_exponent is None
    slope_of_last_decade = -0.5 + 1 / math.log(1e5)
    assert found.interval[0] <= -0.5 < slope_of_last_decade <= found.interval[1]


@pytest.mark.parametrize("noise", [1e-9, 1e-4])
def test_absence_of_a_logarithm_is_recognised(noise):
    x = np.geomspace(10, 1e6, 30)
    y = x**-0.7 * np.exp(noise * np.random.default_rng(4).standard_normal(30))
    found = estimated(x, y, errors=noise).value
    assert found.log_status is LogStatus.ABSENT
    assert found.convergence is Convergence.SETTLED


def test_correction_is_extrapolated_and_said_so():
    x = np.geomspace(10, 1e5, 20)
    found = estimated(x, x**-1.0 * (1 + 3 * x**-0.3), errors=1e-9).value
    assert found.convergence is Convergence.EXTRAPOLATED
    assert found.exponent == pytest.approx(-1, abs=1e-4)
    assert abs(found.slopes[-1].slope + 1) > 10 * found.half_width


@pytest.mark.parametrize(
    "curve",
    [
        lambda x: np.exp(-x / 1e4),
        lambda x: np.exp(-0.1 * np.log(x) ** 2),
        lambda x: x**-0.5 * (1 + 0.3 * np.sin(2 * np.log(x))),
        lambda x: np.exp(-(x**0.2)),
    ],
    ids=["cut-off", "log-normal", "log-periodic", "stretched exponential"],
)
@pytest.mark.parametrize("noise", [1e-9, 1e-2])
def test_what_is_no_power_law_is_not_certified(curve, noise):
    x = np.geomspace(10, 1e5, 30)
    y = curve(x) * np.exp(noise * np.random.default_rng(2).standard_normal(30))
    solution = estimated(x, y, errors=noise, expect=-0.5)
    unsettled = solution.value.convergence in (Convergence.CURVED, Convergence.DRIFTING)
    assert unsettled or solution.value.half_width > 0.05
    assert solution.value.agreement is not Agreement.AGREES
    if unsettled:
        assert solution.status is Status.STALLED
        with pytest.raises(NotConverged):
            solution.checked()


def test_a_break_is_seen_and_the_tail_is_what_counts():
    x = np.geomspace(10, 1e7, 36)
    y = np.where(x < 1e3, (x / 1e3) ** -0.2, (x / 1e3) ** -1.0)
    found = estimated(x, y, errors=1e-6).value
    assert found.interval[0] <= -1 <= found.interval[1]
    starts = [row for row in found.windows if row.x_max == pytest.approx(1e7)]
    assert abs(starts[0].slope + 1) > 10 * starts[0].stderr / 3  # the naive fit of everything is visibly off
    assert starts[-1].slope == pytest.approx(-1, abs=1e-9)


def test_verdicts_against_an_expected_exponent():
    x = np.geomspace(10, 1e6, 20)
    clean = x**-0.5
    assert estimated(x, clean, errors=1e-6, expect=-0.5).value.agreement is Agreement.AGREES
    assert estimated(x, clean, errors=1e-6, expect=-0.51).value.agreement is Agreement.DISAGREES
    noisy = clean * np.exp(0.2 * np.random.default_rng(3).standard_normal(20))
    wide = estimated(x, noisy, errors=0.2, expect=-0.5)
    assert wide.value.half_width > 0.05
    assert wide.value.agreement is Agreement.UNDECIDED
    assert estimated(x, clean, errors=1e-6).value.agreement is None
    assert wide.error_kind is ErrorKind.ESTIMATE
    assert wide.error == wide.value.half_width


@settings(max_examples=5, deadline=None)
@given(st.floats(0.1, 10), st.floats(1e-6, 1e6), st.floats(-2, 2), st.integers(0, 10**6))
def test_units_and_order_do_not_matter(scale_x, scale_y, extra, seed):
    generator = np.random.default_rng(seed)
    x = np.geomspace(30, 3e5, 12)
    y = x**-0.6 * (1 + x**-0.4) * np.exp(0.01 * generator.standard_normal(12))
    one = estimated(x, y, errors=0.01).value
    order = generator.permutation(12)
    two = estimated(scale_x * x[order], scale_y * (y * x**extra)[order], errors=0.01).value
    assert two.log_status is one.log_status
    if 0.0 not in (*one.interval, *two.interval):  # where a plateau may begin, which another power of x does not move
        np.testing.assert_allclose(np.array(two.interval) - extra, one.interval, atol=2e-3)


def test_tables():
    x = np.geomspace(10, 1e4, 13)
    found = estimate_exponent(x, 2 * x**-0.5, errors=0.01).value
    assert [round(row.slope, 9) for row in found.slopes] == [-0.5] * 12
    assert found.slopes[0].x == pytest.approx(math.sqrt(x[0] * x[1]))
    assert found.slopes[0].stderr == pytest.approx(0.01 * math.sqrt(2) / math.log(x[1] / x[0]))
    assert found.windows[0].points == 13
    assert {row.x_min for row in found.windows} > {row.x_min for row in found.windows[-1:]}
    assert all(row.slope == pytest.approx(-0.5) for row in found.windows)
    assert estimate_exponent(x, 2 * x**-0.5).value.slopes[0].stderr is None


def test_level_widens_the_interval():
    x, y, _ = draw("one correction", 3, 0.01)
    widths = [estimated(x, y, errors=0.01, level=level).value.half_width for level in (0.68, 0.95, 0.99)]
    assert widths[0] < widths[1] < widths[2]


def test_five_points_suffice_and_say_little():
    x = np.geomspace(10, 1e3, 5)
    y = x**-0.5 * np.exp(0.02 * np.random.default_rng(1).standard_normal(5))
    found = estimated(x, y, expect=-0.5).value
    assert found.interval[0] <= -0.5 <= found.interval[1]
    assert found.agreement is Agreement.UNDECIDED


GOOD = np.geomspace(1, 100, 6)


@pytest.mark.parametrize(
    ("x", "y", "options", "field"),
    [
        (GOOD[:4], GOOD[:4], {}, "x"),
        (GOOD, GOOD[:5], {}, "y"),
        (GOOD, [1, 2, 3, 4, 5, 0], {}, "y"),
        (GOOD, [1, 2, 3, 4, 5, math.nan], {}, "y"),
        ([-1, 2, 3, 4, 5, 6], GOOD, {}, "x"),
        ([1, 2, 2, 3, 4, 5], GOOD, {}, "x"),
        ([1, 2, 3, 4, 5, math.inf], GOOD, {}, "x"),
        ([1, 2, 3, 4, 5, "six"], GOOD, {}, "x"),
        (GOOD, GOOD.reshape(2, 3), {}, "y"),
        (GOOD, GOOD, {"errors": -1}, "errors"),
        (GOOD, GOOD, {"errors": 0}, "errors"),
        (GOOD, GOOD, {"errors": [1, 2]}, "errors"),
        (1 + 1e-13 * np.arange(6), GOOD, {}, "x"),
        (GOOD, GOOD, {"errors": 1e-320}, "errors"),
        (GOOD, GOOD, {"errors": [1e300, 1, 1, 1, 1, 1]}, "errors"),
        (GOOD, GOOD, {"level": 1}, "level"),
        (GOOD, GOOD, {"expect": math.nan}, "expect"),
        (GOOD, GOOD, {"resolution": 0}, "resolution"),
        (GOOD, GOOD, {"form": "straight"}, "form"),
        ([], [], {}, "x"),
    ],
)
def test_domain(x, y, options, field):
    with pytest.raises(DomainError) as failure:
        estimate_exponent(x, y, **options)
    assert failure.value.field == field
    assert "\n" not in str(failure.value)


def noisy(form, seed, noise=1e-2, points=40):
    """A curve of one form over three decades, as a user would measure it, and its exponent."""
    generator = np.random.default_rng([seed, len(form)])
    exponent = -generator.uniform(0.2, 0.9)
    x = np.geomspace(1e3, 1e6, points)
    t = x / x[0]
    shapes = {
        "power": t**exponent,
        "plateau": t**exponent + generator.uniform(0.3, 1) * t[-1] ** (0.5 * exponent),
        "correction": t**exponent * (1 + generator.uniform(0.3, 1.5) * t ** -generator.uniform(0.5, 1.5)),
        "logarithm": t**exponent * np.log(x),
    }
    return x, shapes[form] * np.exp(noise * generator.standard_normal(points)), exponent


@pytest.mark.parametrize("form", ["power", "plateau", "correction", "logarithm"])
def test_a_reading_contains_the_truth_of_its_form_and_a_plain_power_does_not(form):
    covered, shrunk, naive = [], [], []
    for seed in range(14):
        x, y, truth = noisy(form, seed)
        found = estimated(x, y, errors=1e-2 if seed % 2 else None, form=form).value
        assert found.form is Form(form)
        assert found.convergence is not Convergence.SETTLED
        low, high = found.interval
        covered.append(low <= truth <= high)
        shrunk.append(abs(truth - found.exponent) <= 0.1 * found.half_width)
        naive.append(abs(found.windows[0].slope - truth) <= 2.1 * found.windows[0].stderr)
    assert sum(covered) >= 12  # 95% each: fewer has a chance of 3%
    assert sum(shrunk) <= 7  # control: intervals ten times too narrow would be seen
    assert form == "power" or sum(naive) <= 3


def test_a_pure_power_with_noise_is_measured_usefully_and_honestly():
    rows = [(estimated(*noisy("power", seed)[:2]).value, noisy("power", seed)[2]) for seed in range(8)]
    assert all(found.interval[0] <= truth <= found.interval[1] for found, truth in rows)
    assert np.median([found.half_width for found, _ in rows]) < 0.1  # 0.5 before models were averaged


@pytest.mark.parametrize(("noise", "form"), [(1e-3, "power"), (1e-2, "plateau"), (5e-2, "power"), (5e-2, "logarithm")])
def test_settled_is_never_said_of_a_wide_interval(noise, form):
    for seed in range(3):
        found = estimated(*noisy(form, seed, noise)[:2]).value
        narrow = found.half_width <= 0.05
        assert narrow or found.convergence not in (Convergence.SETTLED, Convergence.EXTRAPOLATED)


def test_errors_that_are_alike_between_neighbours_are_told_and_widen():
    generator = np.random.default_rng(5)
    x, seen = np.geomspace(1e2, 1e5, 60), []
    for _ in range(6):
        steps = generator.standard_normal(60)
        chain = [steps[0]]
        for step in steps[1:]:
            chain.append(0.8 * chain[-1] + 0.6 * step)
        found = estimated(x, x**-0.5 * np.exp(1e-2 * np.array(chain)), errors=1e-2).value
        seen.append(found.correlation is not None)
    assert sum(seen) >= 4
    plain = estimated(x, x**-0.5 * np.exp(1e-2 * generator.standard_normal(60)), errors=1e-2).value
    assert plain.correlation is None


def rounded_curve(form, seed):
    """An exact curve of one form written with 4 to 8 digits, as a table prints it, and its exponent."""
    generator = np.random.default_rng([seed, len(form)])
    digits, points, exponent = generator.integers(4, 9), generator.integers(12, 41), -generator.uniform(0.2, 0.9)
    first = 10 ** generator.uniform(1, 3)
    x = np.geomspace(first, first * 10 ** generator.uniform(2.5, 4.5), points)
    t = x / x[0]
    shapes = {
        "power": t**exponent,
        "plateau": t**exponent + generator.uniform(0.3, 1) * t[-1] ** (0.5 * exponent),
        "correction": t**exponent * (1 + generator.uniform(0.3, 1.5) * t ** -generator.uniform(0.5, 1.5)),
        "logarithm": t**exponent * np.log(x),
    }
    x, y = (np.array([float(f"{value:.{digits}g}") for value in column]) for column in (x, 3 * shapes[form]))
    return x, y, exponent


@pytest.mark.parametrize("form", ["power", "plateau", "correction", "logarithm"])
def test_rounded_curves_are_allowed_their_form_and_every_reading_contains_the_truth(form):
    """A plain power is of every form, a plateau a correction to x^0; 95% each: a miss in sixteen, and that by little."""
    truths = {"power": dict.fromkeys(Form), "plateau": {Form.PLATEAU: None, Form.CORRECTION: 0.0}}
    covered, allowed = [], []
    for seed in range(8):
        x, y, exponent = rounded_curve(form, seed)
        for reading in estimate_exponent(x, y).value.readings:
            if reading.form not in truths.get(form, {Form(form): None}):
                continue
            truth = truths.get(form, {Form(form): None})[reading.form]
            truth = exponent if truth is None else truth
            low, high = reading.interval
            allowed.append(reading.allowed)
            covered.append(low <= truth <= high)
            assert 1.5 * low - 0.5 * high <= truth <= 1.5 * high - 0.5 * low or not reading.identified
    assert np.mean(allowed) >= 0.9
    assert np.mean(covered) >= 0.85


@settings(max_examples=5, deadline=None, phases=[Phase.explicit, Phase.generate])  # shrinking takes minutes
@given(st.floats(-2, 1), st.integers(4, 8), st.integers(10, 30))
@example(0.5, 4, 10)
@example(-0.9163361378612107, 4, 10)  # rounding errors that a rich model met by luck
@example(-0.16505421905200324, 6, 25)
@example(-0.1428571428571428, 6, 22)  # errors ten times as large where y is just above 1
def test_the_leading_term_of_a_pure_power_is_the_power(exponent, digits, points):
    """The correction's own amplitude once took over the whole curve, and the exponent went to the end of the search."""
    x = np.geomspace(1e2, 1e6, points)
    y = np.array([float(f"{value:.{digits}g}") for value in 3 * x**exponent])
    rows = {reading.form: reading for reading in estimate_exponent(x, y).value.readings}
    assert rows[Form.CORRECTION].allowed
    assert rows[Form.CORRECTION].exponent == pytest.approx(exponent, abs=0.02)
    assert rows[Form.PLATEAU].allowed or exponent >= 0
    assert rows[Form.LOGARITHM].allowed


@pytest.mark.parametrize("law", [lambda x: x**-0.5 * np.log(x), lambda x: x**-0.5 + 0.01, lambda x: x**-0.5 + x**-1.0])
def test_rounding_does_not_make_another_law_a_power(law):
    x = np.geomspace(1e2, 1e6, 20)
    y = np.array([float(f"{value:.4g}") for value in law(x)])
    rows = {reading.form: reading for reading in estimated(x, y).value.readings}
    assert not rows[Form.POWER].allowed


@pytest.mark.parametrize("seed", range(3))
def test_a_noisy_falling_power_has_no_growing_leading_term(seed):
    x = np.geomspace(1e2, 1e5, 20)
    y = 3 * x**-0.5 * np.exp(0.05 * np.random.default_rng(seed).standard_normal(20))
    low, high = estimate_exponent(x, y, errors=0.05, form="correction").value.interval
    assert low <= -0.5 <= high < 0


def test_a_leading_term_that_never_leads_is_not_identified():
    """x^2 arrives at the very end of a curve that is x^-0.5 before: nothing tells that 2 from a power nearby."""
    x = np.geomspace(1e2, 1e5, 24)
    y = x**-0.5 + 0.2 * x[-1] ** -0.5 * (x / x[-1]) ** 2
    y *= np.exp(3e-3 * np.random.default_rng(1).standard_normal(24))
    found = estimate_exponent(x, y, errors=3e-3, form="correction", expect=-0.5)
    reading = next(item for item in found.value.readings if item.form is Form.CORRECTION)
    assert not reading.identified
    assert reading.interval == (-math.inf, math.inf)
    assert found.value.agreement is not Agreement.AGREES


@pytest.mark.parametrize("exponent", [0.4, -0.001])
def test_an_end_of_the_search_is_no_plateau(exponent):
    x = np.geomspace(1e2, 1e5, 20)
    rows = estimated(x, x**exponent * np.log(x) ** 0.2, errors=1e-3).value.readings
    reading = next(item for item in rows if item.form is Form.PLATEAU)
    assert not reading.identified or reading.allowed


def along_a_run(seed, points=16, alike=0.8):
    """Errors of one per cent that are alike between neighbours."""
    fresh = np.random.default_rng([seed, points]).standard_normal(points)
    errors = [fresh[0]]
    for step in fresh[1:]:
        errors.append(alike * errors[-1] + math.sqrt(1 - alike**2) * step)
    return np.exp(1e-2 * np.array(errors))


def test_a_stated_form_is_not_believed_where_errors_of_unknown_size_are_alike():
    """Before, 9 intervals of 30 such curves were taken for granted and missed, and no curve of 16 points was noticed."""
    x, missed, noticed = np.geomspace(1e3, 1e6, 16), 0, 0
    for seed in range(24):
        found = estimated(x, x**-0.5 * along_a_run(seed), form="power", expect=-0.5).value
        low, high = found.interval
        missed += found.convergence is Convergence.GRANTED and not low <= -0.5 <= high
        if found.convergence is Convergence.ALIKE:
            noticed += 1
            assert found.agreement is Agreement.UNDECIDED
            assert next(item for item in found.readings if item.form is Form.POWER).alike > 0
    assert missed <= 3
    assert noticed >= 5


def test_independent_errors_are_seldom_taken_for_alike():
    x = np.geomspace(1e3, 1e6, 24)
    noise = [np.exp(1e-2 * np.random.default_rng(seed).standard_normal(24)) for seed in range(24)]
    found = [estimated(x, x**-0.5 * errors, form="power").value.convergence for errors in noise]
    assert sum(item is Convergence.ALIKE for item in found) <= 4  # one in twenty is expected


def test_a_plateau_that_the_data_demand_is_not_extrapolated_away():
    """Read as powers with corrections these curves gave exponents far from 0, and were called extrapolated."""
    for share in (0.3, 1.0, 3.0):
        x = np.geomspace(1e2, 1e5, 16)
        y = (x**-0.4 + share * x[-1] ** -0.4) * np.exp(1e-3 * np.random.default_rng(3).standard_normal(16))
        found = estimated(x, y, errors=1e-3).value
        assert found.interval[1] >= 0
        assert found.convergence not in (Convergence.SETTLED, Convergence.EXTRAPOLATED) or found.interval[0] > -0.05


@pytest.mark.parametrize("law", [lambda x: x**-0.5, lambda x: 0.3 + x**-0.5, lambda x: x**-0.5 * np.log(x), lambda x: x**-0.5 * (1 + 3 * x**-0.2), lambda x: x**0.3 * (1 + 1e-3 * np.sin(5 * x))])  # fmt: skip
@pytest.mark.parametrize("errors", [1e-9, 1e-3, None])
def test_readings_that_decide_nothing_may_be_left_out(law, errors):
    x = np.geomspace(1e2, 1e7, 12)
    whole, part = (
        estimate_exponent(x, law(x), errors=errors, expect=-0.5, every_form=every).value for every in (True, False)
    )
    assert part.readings == tuple(r for r in whole.readings if r.form is not Form.CORRECTION)
    assert replace(part, readings=()) == replace(whole, readings=())


@pytest.mark.parametrize(
    ("family", "noise"), [("series", 1e-9), ("shifted log", 1e-2), ("gamma", 1e-3), ("log log", 1e-9)]
)
def test_nor_do_they_on_a_curve_of_a_census(family, noise):
    x, y, truth = draw(family, 7, noise)
    whole, part = (estimate(x, y, errors=noise, expect=truth).value for estimate in (estimate_exponent, estimated))
    assert len(part.readings) < len(whole.readings)
    assert replace(part, readings=()) == replace(whole, readings=())


def test_a_form_that_is_asked_for_is_read():
    x = np.geomspace(1e2, 1e6, 12)
    for form, others in (("logarithm", {Form.CORRECTION}), ("correction", set())):
        found = estimated(x, x**-0.5 * np.log(x), errors=1e-6, form=form).value
        assert {reading.form for reading in found.readings} == set(Form) - others
        whole = estimate_exponent(x, x**-0.5 * np.log(x), errors=1e-6, form=form).value
        assert replace(found, readings=()) == replace(whole, readings=())
