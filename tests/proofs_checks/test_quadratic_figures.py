"""Figures of the quadratic network: the law that is drawn is the derived one, and it lies on the numbers; a neighbour would not."""

import math

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import quad

from scalecheck.proofs_checks.figures import Role
from scalecheck.proofs_checks.theories.quadratic import figures_common as common
from scalecheck.proofs_checks.theories.quadratic import figures_outliers as outliers
from scalecheck.proofs_checks.theories.quadratic import figures_peak as tops
from scalecheck.proofs_checks.theories.quadratic import figures_risk as risks
from scalecheck.proofs_checks.theories.quadratic import figures_spectra as spectra
from scalecheck.proofs_checks.theories.quadratic.figures import MAP_SIZE, figures
from scalecheck.proofs_checks.theories.quadratic.points import solve_at
from scalecheck.proofs_checks.theories.quadratic.spectrum import phase_of
from scalecheck.theory.networks.quadratic.learned_phases import tail_of
from scalecheck.theory.networks.quadratic.peak import peak
from scalecheck.theory.networks.quadratic.phases import phase


def split(data):
    """Series of one drawing by role."""
    return {role: [series for series in data.series if series.role is role] for role in Role}


def test_ids_are_unique_and_captions_whole_sentences():
    plans = figures()
    assert len({plan.id for plan in plans}) == len(plans)
    assert all(plan.caption.endswith(".") and plan.id.startswith("quadratic-") for plan in plans)
    assert any(abs(a - 1) < 1e-12 for a in np.linspace(-1, 4, MAP_SIZE))


def test_values_of_formulas():
    point = {"dim": 1e8, "samples": 1e12, "weight_decay": 1e-3, "decay": 1.25, "noise": 2.0}
    for name in ("II", "IV", "V", "VIb"):
        formula = phase(name).leading
        exact = formula.subs({s: sp.Float(point[s.name]) for s in formula.free_symbols})
        assert common.value(formula, point) == pytest.approx(float(exact), rel=1e-12)


def test_values_with_integrals():
    """A nested integral with a kink at one, against its closed form; the plain integrand without its kink is another number."""
    v, y, decay = sp.symbols("v y decay", positive=True)
    inner = sp.Integral(y * v, (y, 0, 2))
    outer = sp.Integral(sp.Piecewise((inner * sp.exp(-v), v > 1), (decay, True)), (v, 0, sp.oo))
    assert common.value(3 * outer, {"decay": 1.5}) == pytest.approx(3 * (1.5 + 4 / math.e), rel=1e-9)
    assert common.value(3 * outer, {"decay": 1.5}) != pytest.approx(
        3 * quad(lambda x: 2 * x * math.exp(-x), 0, np.inf)[0]
    )


POINTS = {
    "II": {"samples": 1e24, "weight_decay": 1e7},
    "III": {"samples": 1e40, "weight_decay": 1e12},
    "V": {"samples": 10**17.2, "weight_decay": 1e-6},
    "VIa": {"samples": 1e25, "weight_decay": 1e-2},
    "VIb": {"samples": 1e34, "weight_decay": 1e-2},
}


@pytest.mark.parametrize("name", POINTS)
def test_the_drawn_law_is_that_of_the_phase_and_lies_on_the_numbers(name):
    places = [{**risks.DEEP, **POINTS[name]}]
    places.append({**places[0], "samples": 1.5 * places[0]["samples"]})
    (line,) = common.law_lines(risks.leading, places, [0.0, 1.0], "derived law")
    assert line.role is Role.LAW
    for place, drawn in zip(places, line.y):
        assert drawn == pytest.approx(common.value(phase(name).leading, place), rel=1e-12)
        solved = solve_at(place).value.risk
        assert drawn / solved == pytest.approx(1, abs=common.DECENT)
        scale = place["dim"] ** 0.1  # the law of a neighbouring exponent
        assert drawn * scale / solved > 1 + 2 * common.DECENT
        others = [common.value(phase(other).leading, place) for other in POINTS if other != name]
        assert all(abs(other / solved - 1) > common.DECENT for other in others)


def test_no_law_is_drawn_on_a_boundary_or_where_it_is_not_settled():
    wall = {**risks.DEEP, "samples": 1e20, "weight_decay": 1e-6}  # u = d, between V and VIa
    assert common.law_lines(risks.leading, [wall, wall], [0.0, 1.0], "") == []
    small = {"dim": 30.0, "decay": 1.0, "noise": 0.5, "samples": 120.0, "weight_decay": 1e-3}
    assert phase_of(small) == "IV"
    assert not common.settled("IV", small)
    assert common.settled("V", {**risks.DEEP, **POINTS["V"]})


def test_parts_of_the_risk_follow_their_laws():
    points = [{**risks.LINE, "weight_decay": 1e-8, "samples": n} for n in (1e26, 3e26)]
    for part in ("overfitting", "underfitting"):
        (line,) = common.law_lines(lambda name, at, part=part: risks.settled_laws(part, name, at), points, [0, 1], "")
        solved = [getattr(solve_at(point).value.decomposition, part) for point in points]
        assert np.allclose(np.array(line.y) / solved, 1, atol=0.03)
    early = {**points[0], "samples": 2e12}
    assert phase_of(early) == "IV"
    assert risks.settled_laws("overfitting", "IV", early) == []  # there the bulk's sliver is the larger part of it
    assert risks.settled_laws("underfitting", "IV", early) != []


def test_the_peak_grows_by_its_law_and_stops_where_the_law_says():
    fixed = {"dim": 1e14, "decay": tops.DECAY, "noise": tops.NOISE, "samples": risks.threshold_samples(1e14)}
    decays = np.array([1e-17, 1e-16, 1e-6, 1e-5])
    growth, level = tops.law_series(fixed, decays, "")
    assert len(growth.x) == len(level.x) == 2
    for line, slope in ((growth, -2 / 3), (level, 0.0)):
        solved = [solve_at({**fixed, "weight_decay": float(x)}).value.risk for x in line.x]
        assert np.allclose(np.array(line.y) / solved, 1, atol=0.15)
        measured = np.diff(np.log(solved)) / np.diff(np.log(line.x))
        assert measured == pytest.approx(slope, abs=0.05)
    assert common.value(peak().height, {**fixed, "weight_decay": 1e-5}) == pytest.approx(growth.y[-1])


def test_the_shape_of_the_peak():
    (line,) = tops.curve()
    point = {"dim": tops.SHAPE_DIM, "decay": tops.SHAPE_DECAY, "noise": 1.0, "weight_decay": 1e-4}
    height, width = (common.value(item, point) for item in (peak().height, peak().width))
    for place in (-4.0, -1.0, 0.0, 2.0):
        n = risks.threshold_samples(tops.SHAPE_DIM) * (1 + width * place)
        solved = solve_at({**point, "samples": n}).value.risk / height
        assert np.interp(place, line.x, line.y) == pytest.approx(solved, rel=0.02)
        assert abs(np.interp(place + 1, line.x, line.y) / solved - 1) > 0.1


@pytest.mark.parametrize("points", ["SHOWN", "DEEP", "BULKS"])
def test_points_lie_in_the_phase_they_are_shown_for(points):
    dims = {"SHOWN": spectra.DIM, "DEEP": spectra.DEEP_DIM, "BULKS": spectra.BULK_DIM}
    for name, point in getattr(spectra, points).items():
        assert phase_of({"dim": float(dims[points]), **point}) == name


def test_tails_have_the_derived_slope_and_no_other():
    name = "VIa"
    point = {"dim": spectra.DEEP_DIM, **spectra.DEEP[name]}
    tail, bulk = spectra.tail_lines(name, point, 1e-3)
    slope = np.diff(np.log(tail.y)) / np.diff(np.log(tail.x))
    assert np.allclose(slope, common.value(tail_of(name).exponent, point) + 1)
    law = spectra.learned_spectrum(**point).value
    sizes = np.geomspace(1.0, 1e3, 5)
    counted = law.tail_count(sizes)
    drawn = np.exp(np.interp(np.log(sizes), np.log(tail.x), np.log(tail.y)))
    assert np.allclose(drawn / counted, 1, atol=0.02)
    assert np.ptp(drawn * sizes**0.1 / counted) > 0.5
    assert float(law.learned_count) == pytest.approx(bulk.y[0], rel=0.01)


def test_the_semicircle_is_the_bulk_and_its_count_is_its_integral():
    point = {"samples": 300.0, "weight_decay": 0.3, "decay": 2.0, "noise": 1.0}
    law, runs = spectra.solved(point, 40)
    edge = 2 * law.sigma - law.threshold
    sizes = edge * np.linspace(0.05, 0.8, 4)
    drawn = spectra.semicircle(law, edge)[0]
    density = np.interp(sizes, drawn.x, drawn.y)
    assert np.allclose(density / (law.dim * law.density(sizes)), 1, atol=0.1)
    unshifted = np.sqrt(4 * law.sigma**2 - sizes**2) / (2 * math.pi * law.sigma**2) * law.dim
    assert np.abs(unshifted / density - 1).max() > 0.2
    points = spectra.counted(runs.spectra, np.array([0.2 * edge]))
    assert points.y[0] == pytest.approx(float(law.tail_count(0.2 * edge)), rel=0.15)


def test_the_matrix_follows_the_closed_form_and_not_the_unmerged_one():
    panels = dict(outliers.matrices().panels)
    found = split(panels["two atoms"])
    (curve,), (points,), (law,) = found[Role.SOLUTION], found[Role.SIMULATION], found[Role.LAW]
    kept = np.isfinite(law.x)
    assert np.allclose(
        np.interp(curve.x[20:60], np.array(law.x)[kept], np.array(law.y)[kept]), curve.y[20:60], atol=5e-3
    )
    inside = [(x, y) for x, y in zip(points.x, points.y) if 0.4 < abs(x) < 1.8]
    gaps = [y - np.interp(x, curve.x, curve.y) for x, y in inside]
    assert abs(np.mean(gaps)) < 0.01
    bare = [math.sqrt(max(4 * 0.64 - x * x, 0)) / (2 * math.pi * 0.64) for x, _ in inside]
    assert np.abs(np.array(bare) - [y for _, y in inside]).max() > 0.05
    ranks = split(panels["power-law teacher: by rank"])
    first = [ranks[role][0].y[0] for role in (Role.LAW, Role.SIMULATION, Role.SOLUTION)]
    assert np.allclose(first, first[0], rtol=0.02)


def test_overlaps_follow_the_simple_formula_until_spikes_crowd():
    data = dict(outliers.overlaps().panels)["random matrices: spikes crowd"]
    found = split(data)
    simple, whole, end = found[Role.LAW]
    (points,) = found[Role.SIMULATION]
    measured = dict(zip(points.x, points.y))
    assert measured[3] == pytest.approx(simple.y[2], abs=0.01)
    k = int(end.x[0])
    assert np.interp(k - 5, whole.x, whole.y) == pytest.approx(measured[k - 5], abs=0.1)
    late = np.mean([measured[j] for j in range(k + 5, k + 15)])
    assert late < simple.y[k + 9] - 0.3  # beyond the merging the simple formula is far off
