"""S10: the table is complete, each law agrees with the loss at large times, and wrong laws are refused."""

from dataclasses import replace

import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scalecheck.theory.shells.cases import Case
from scalecheck.theory.shells.confirm import Drift, LawMismatch
from scalecheck.theory.shells.exponents import NotReal, confirm_law, phase_of, transport_phases, value_at
from scalecheck.theory.shells.laws import finite_part
from scalecheck.theory.shells.letters import Direction, power, rate, source, time_power

R = sp.Rational
D, N, U = Direction.DOWN, Direction.NONE, Direction.UP

# a, b, m, c, σ → signed exponent, power of log. Provenance: theory.md S10 unless marked.
TABLE = [
    (R(3, 4), 2, 0, 1, N, -R(3, 4), 0),
    (R(3, 4), 2, 0, R(1, 2), D, -R(3, 4), 0),  # a < 2x* = 4
    (6, 2, 0, R(1, 2), D, -4, 0),
    (4, 2, 0, R(1, 2), D, -4, 1),
    (R(1, 2), 3, 0, 1, D, -R(1, 2), 0),  # m < b - 2
    (R(1, 2), 3, 2, 1, D, 0, 0),
    (1, 1, -1, R(1, 3), D, -R(2, 3), 0),
    (2, 1, -1, 1, D, 0, -2),
    (2, 1, -1, 3, D, 0, 0),
    (1, 1, -1, R(1, 3), U, -R(4, 3), 0),
    (1, 3, 0, 1, U, -1, 0),
    (1, 2, 1, 1, U, -2, 0),  # by hand: everything above t^{-(m+1)/(b-1)} has left
    (1, 1, -2, 1, U, -1, 0),  # by hand: the drift stops
    (1, 0, 0, 1, D, 0, 0),
]


@pytest.mark.parametrize(("a", "b", "m", "c", "sigma", "exponent", "log"), TABLE)
def test_table(a, b, m, c, sigma, exponent, log):
    values = tuple(map(sp.sympify, (a, b, m, c)))
    phase = phase_of(*values, sigma)
    point = dict(zip((source, power, time_power, rate), values))
    assert sp.simplify(phase.exponent.subs(point) - exponent) == 0
    assert phase.log.subs(point) == log


def test_exact_losses_fix_constants():
    # Provenance: B(a, 2/c - a), the Euler integral of (1 + cy)^{-2/c}, against the hypergeometric constant at b = 2.
    phase = phase_of(R(3, 4), sp.Integer(2), sp.Integer(0), R(1, 2), D)
    point = {source: R(3, 4), power: 2, time_power: 0, rate: R(1, 2)}
    closed = phase.derivation.values["constant_at_power_2"]
    assert value_at(phase.constant, point) == pytest.approx(value_at(closed, point), rel=1e-8)


@pytest.mark.parametrize(("a", "c"), [(R(1, 2), R(1)), (R(3, 2), R(1, 2)), (R(1), R(2))])
def test_the_cubic_constant_is_the_integral(a, c):
    phase = phase_of(a, sp.Integer(3), sp.Integer(1), c, D)
    point = {source: a, power: 3, time_power: 1, rate: c}
    closed, integral = phase.derivation.values["constant_at_power_3"], value_at(phase.constant, point)
    assert value_at(closed, point) == pytest.approx(integral, rel=1e-8)
    assert value_at(closed, {**point, rate: c * R(101, 100)}) != pytest.approx(integral, rel=1e-4)


def test_a_constant_without_a_closed_form_says_so(phases):
    for phase in phases:
        told = any("stays an integral" in step.statement for step in phase.derivation.steps)
        assert told == phase.constant.has(sp.Integral)


@pytest.fixture(scope="module")
def phases():
    return transport_phases()


def test_table_is_complete_and_named(phases):
    assert {p.kind for p in phases} == {"power", "log", "plateau", "stretched"}
    assert len({(p.direction, p.name, p.conditions) for p in phases}) == len(phases)
    for phase in phases:
        assert abs(phase.confirmed[1][1] - 1) < 2e-3
        for condition in phase.conditions:
            assert isinstance(condition, (sp.StrictGreaterThan, sp.StrictLessThan, sp.Equality))


exact = st.fractions(-4, 4, max_denominator=6).map(lambda f: R(f.numerator, f.denominator))
positive = st.fractions(R(1, 5), 5, max_denominator=6).map(lambda f: R(f.numerator, f.denominator))


@given(positive, exact, exact, positive, st.sampled_from(list(Direction)))
def test_cases_tile_the_controls(phases, a, b, m, c, sigma):
    point = {source: a, power: b, time_power: m, rate: c}
    assert sum(p.holds(point) for p in phases if p.direction is sigma) == 1


small = st.fractions(R(1, 3), 2, max_denominator=4).map(lambda f: R(f.numerator, f.denominator))
powers = st.sampled_from([R(-1, 2), R(0), R(1, 2), R(1), R(3, 2), R(2), R(5, 2), R(3)])
times = st.sampled_from([R(-5, 2), R(-3, 2), R(-1), R(-1, 2), R(0), R(1, 2), R(1), R(2)])


@settings(max_examples=20)
@given(small, powers, times, small, st.sampled_from([D, U]))
def test_law_against_the_loss_at_large_times(a, b, m, c, sigma):
    point = {source: a, power: b, time_power: m, rate: c}
    (phase,) = [p for p in transport_phases() if p.direction is sigma and p.holds(point)]
    assume(far_from_walls(phase.law, point))
    assume(not nearly_all_arrive(point, phase.law))
    confirm_law(phase.law, sigma, point)


def far_from_walls(law, point):
    """Corrections t^{-gap} must have died at log t = 70 for the tolerance to mean anything."""
    a, b, m, c = (float(point[s]) for s in (source, power, time_power, rate))
    gaps = [abs(m - b + 2), abs(m + 1), abs(b - 1), abs(1 + b * m)]
    if b == 1:
        gaps.append(abs(1 - c))
    elif b > 1 and m == b - 2:
        gaps.append(abs(a - 2 * c ** (-1 / (b - 1))))
    return all(g == 0 or g > 0.2 for g in gaps)


def nearly_all_arrive(point, law):
    return (
        law.name == "arrested in finite clock"
        and float(point[rate]) * (1 - float(point[power])) + float(point[time_power]) + 1 < 0.2
    )


@pytest.mark.parametrize("direction", list(Direction))
def test_wrong_laws_are_refused(phases, direction):
    for phase in phases:
        if phase.direction is not direction:
            continue
        point = next(phase.case.points())
        for wrong in (
            replace(phase.law, constant=phase.constant * R(102, 100)),
            replace(phase.law, exponent=phase.exponent + R(1, 20)),
            replace(phase.law, log=phase.log + 1),
        ):
            if phase.log != 0 and wrong.constant != phase.constant:
                wrong = replace(phase.law, constant=phase.constant * R(11, 10))
            with pytest.raises(LawMismatch):
                confirm_law(wrong, direction, point)


def test_the_lazy_law_is_refused_where_transport_rules(phases):
    (lazy,) = [p for p in phases if p.direction is N]
    for name in ("frontier", "frozen", "slow clock"):
        phase = next(p for p in phases if p.name == name)
        with pytest.raises(LawMismatch):
            confirm_law(lazy.law, D, next(phase.case.points()))


@pytest.mark.parametrize("p", [R(1, 3), R(1), R(5, 2)])
def test_finite_part(p):
    import mpmath

    with mpmath.workdps(20):
        q = mpmath.mpf(p.p) / p.q
        cut = mpmath.mpf(10) ** 8
        direct = cut**q / q * mpmath.hyp2f1(q, q, 1 + q, -cut) - mpmath.log(cut)
    assert value_at(finite_part(p), {}) == pytest.approx(float(direct), abs=1e-6)


def test_arrival_at_zero_is_final():
    drift = Drift(0.75, 0.0, 0.0, 0.5, -1)
    assert drift.loss(2.5) == pytest.approx(drift.loss(1e6), rel=1e-7)


@pytest.mark.parametrize(
    ("values", "message"), [((0, 2, 0, 1), "source"), ((1, 2, 0, -1), "rate"), ((1.5, 2, 0, 1), "exact")]
)
def test_bad_controls_are_named(values, message):
    with pytest.raises(ValueError, match=message):
        phase_of(*map(sp.sympify, values), D)


def test_a_case_knows_what_follows(phases):
    fact = next(phase for phase in phases if phase.direction is D).case.facts[0]
    case = Case().plus(next(iter(Case((fact,)).facts)))
    assert case.conditions()


@pytest.mark.parametrize("a", [1, 5, 20, 30, 60, 100])
def test_constants_survive_cancellation(a):
    """γ(a, z) of an integer is a sum of size (a-1)! that cancels to z^a/a: at 20 digits the plateau of a = 30 was 1e11."""
    import mpmath

    phase = phase_of(R(a), R(1), R(-1), R(3), D)
    told = value_at(phase.constant, {source: R(a), power: R(1), time_power: R(-1), rate: R(3)})
    with mpmath.workdps(30):
        true = a * mpmath.quad(lambda x: x ** (a - 1) * mpmath.exp(-x), [0, 0.5, 0.9, 1])
    assert told == pytest.approx(float(true), rel=1e-12)


def test_what_never_settles_is_refused(monkeypatch):
    from scalecheck.theory.shells import exponents

    enclosed = value_at(sp.lowergamma(100, R(1, 2)), {})
    monkeypatch.setattr(exponents, "settled", lambda *arguments: None)  # what no ball encloses is settled by precision
    assert value_at(sp.lowergamma(100, R(1, 2)), {}) == pytest.approx(enclosed, rel=1e-14)
    monkeypatch.setattr(exponents, "DIGITS", (20, 40))
    with pytest.raises(exponents.NotSettled):
        value_at(sp.lowergamma(100, R(1, 2)), {})


def test_a_value_that_is_not_real_is_none():
    """Its real part was taken: a false constant (-1)^(1/4) passed for the positive number 0.7."""
    x = sp.Symbol("x")
    with pytest.raises(NotReal, match="real value"):
        value_at(x ** sp.Rational(1, 4), {x: sp.Integer(-1)})
    assert value_at(x ** sp.Rational(1, 3), {x: sp.Integer(8)}) == pytest.approx(2)
