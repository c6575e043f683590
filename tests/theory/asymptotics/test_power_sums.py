"""The power-sum lemma A1: a table of problems with exact values, sums done one by one, and a confirmer that must say no.

A problem is a row: function, decay, count, position. Some rows have an exact value from elsewhere (provenance in the row);
every row is expanded, which compares it with its sum at two scales; the test compares it again at a third.
"""

from dataclasses import dataclass, replace

import mpmath
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from scalecheck.theory.asymptotics.confirm import ExpansionMismatch, check_rows, confirm
from scalecheck.theory.asymptotics.direct_sums import finite_sum, infinite_sum
from scalecheck.theory.asymptotics.mellin import MellinUnknown
from scalecheck.theory.asymptotics.power_sums import (
    DivergentSum,
    NoSuchPosition,
    Position,
    PowerSum,
    Term,
    expand,
    unconfirmed,
    uniform_tail,
)
from scalecheck.theory.symbols import decay, dim, noise_level

u = sp.Symbol("u", positive=True)
beta = sp.Symbol("beta", positive=True)
R = sp.Rational
ABOVE, INSIDE, BELOW = Position


@dataclass(frozen=True)
class Problem:
    name: str
    function: sp.Expr
    decay: sp.Expr
    count: sp.Expr
    position: Position
    size: int = 3000


PROBLEMS = [
    Problem("ridge, symbolic decay", u / (1 + u), decay, sp.oo, INSIDE),
    Problem("ridge, finite", u / (1 + u), decay, dim, INSIDE),
    Problem("ridge, variance", u**2 / (1 + u) ** 2, decay, dim, INSIDE),
    Problem("ridge, bias with its own source", u ** (1 + beta) / (1 + u) ** 2, decay, sp.oo, INSIDE),
    Problem("ridge, all above", u / (1 + u), decay, dim, BELOW),
    Problem("ridge, all below", u / (1 + u), decay, dim, ABOVE),
    Problem("ridge, double pole", u / (1 + u), sp.Integer(1), dim, INSIDE),
    Problem("ridge, decay 1/2: double pole further down", u / (1 + u), R(1, 2), dim, INSIDE),
    Problem("clipped square", sp.Min(u, 1) ** 2, decay, dim, INSIDE),
    Problem("clipped square, heavy", sp.Min(u, 1) ** 2, R(1, 3), dim, INSIDE),
    Problem("head dominated", sp.Max(u**3, 1), decay, dim, INSIDE),
    Problem("step", sp.Piecewise((0, u < 1), (1, True)), decay, dim, INSIDE),
    Problem("two powers meet", sp.Min(u, u**2), sp.Integer(1), dim, INSIDE),
    Problem("exponential", u * sp.exp(-u), decay, dim, INSIDE),
    Problem("essential singularity at zero", sp.exp(-1 / u), decay, dim, INSIDE),
    # e^{-u} at u = size^{3γ/7} is beyond all powers only for a large size.
    Problem("exponential, double pole", u**2 * sp.exp(-u), R(1, 2), dim, INSIDE, 10**6),
    Problem("Gaussian", sp.exp(-(u**2) / 2), decay, dim, INSIDE),
    Problem("shifted Gaussian", sp.exp(-((u - 1) ** 2) / 2), decay, dim, INSIDE),
    Problem("error function", sp.erf(u), decay, dim, INSIDE),
    Problem("complementary, shifted", sp.erfc(1 - u), decay, dim, INSIDE),
    Problem("root", sp.sqrt(1 + u) - 1, sp.Integer(3), dim, INSIDE),
    Problem("pure power", u**2, decay, dim, INSIDE),
]


@pytest.mark.parametrize("row", PROBLEMS, ids=[p.name for p in PROBLEMS])
def test_expansion_agrees_at_a_third_scale(row):
    found = expand(PowerSum(row.function, u, row.decay, count=row.count), row.position, 4)
    values, size = found.confirmed["sample"], row.size
    exponent = {ABOVE: R(1, 4), INSIDE: -R(3, 7), BELOW: -R(5, 4)}[row.position]
    gamma = row.decay.subs(values)
    scale = sp.Float(size) ** (gamma * exponent)
    total = infinite_sum if row.count == sp.oo else finite_sum
    exact = total(row.function.subs(values), u, gamma, scale, size)
    approximate = float(sum(t.expression(scale, sp.Integer(size)).subs(values) for t in found.terms))
    omitted = float(sum(abs(t.expression(scale, sp.Integer(size)).subs(values)) for t in found.omitted))
    assert abs(exact - approximate) <= 3 * omitted + 1e-7 * abs(exact)


EXACT = [
    # name, problem, value at scale τ (as a function), provenance
    (
        "Σ 1/(1 + k²/x²), all k",
        PowerSum(u / (1 + u), u, sp.Integer(2), count=sp.oo),
        lambda tau: mpmath.pi / (2 * mpmath.sqrt(tau)) * mpmath.coth(mpmath.pi / mpmath.sqrt(tau)) - R(1, 2),
        "Mittag-Leffler expansion of coth",
    ),
    (
        "Σ exp(-k²τ), all k",
        PowerSum(sp.exp(-1 / u), u, sp.Integer(2)),
        lambda tau: (mpmath.jtheta(3, 0, mpmath.exp(-tau)) - 1) / 2,
        "Jacobi theta function",
    ),
    (
        "Σ exp(-kτ), all k",
        PowerSum(sp.exp(-1 / u), u, sp.Integer(1)),
        lambda tau: 1 / (mpmath.exp(tau) - 1),
        "geometric series",
    ),
]


@pytest.mark.parametrize(("name", "problem", "value", "provenance"), EXACT, ids=[row[0] for row in EXACT])
def test_exact_values(name, problem, value, provenance):
    found = expand(problem, INSIDE, 6)
    tau = R(1, 50)
    approximate = sum(t.expression(tau, sp.Integer(10**6)) for t in found.terms)
    assert float(approximate) == pytest.approx(float(value(mpmath.mpf(1) / 50)), rel=1e-9), provenance


def test_window_constant_of_the_ridge_for_symbolic_decay():
    found = expand(PowerSum(u / (1 + u), u, count=sp.oo), INSIDE)
    window = next(t for t in found.terms if t.origin == "window")
    assert sp.simplify(window.coefficient - sp.pi / decay / sp.sin(sp.pi / decay)) == 0
    assert window.scale_power == -1 / decay
    assert window.condition.subs(decay, 1) == sp.false


class TestWhatSymPyGetsWrong:
    """Limits with known wrong answers elsewhere (peers.md), right here."""

    def test_harmonic_sum_of_order_one_half(self):
        """Σ_{k≤x} k^{-1/2}/√x → 2; SymPy's limit says 0."""
        found = expand(PowerSum(u, u, R(1, 2)), ABOVE)
        leading = max(found.terms, key=lambda t: t.count_power)
        assert (leading.coefficient, leading.count_power) == (2, R(1, 2))

    def test_larger_of_two_symbolic_powers(self):
        """Two terms with symbolic exponents: each leads under its own condition, neither is dropped."""
        x = sp.Symbol("x", positive=True)
        found = expand(PowerSum(sp.Min(u, 1) ** 2, u), INSIDE)
        conditions = {t.origin: c for t, c in found.leading_conditions(-x) if t.scale_power == -1 / decay}
        inside = {x: decay / 2}
        assert conditions["window"].subs(inside).subs(decay, 2) == sp.true
        assert conditions["window"].subs({x: 5, decay: 2}) == sp.false

    def test_logarithm_at_a_double_pole_is_not_a_power(self):
        found = expand(PowerSum(u / (1 + u), u, sp.Integer(1)), INSIDE)
        assert {(t.scale_log, t.count_log) for t in found.terms} >= {(1, 0), (0, 1)}
        total = sp.expand(sum(t.coefficient for t in found.terms if t.scale_power == -1 and t.scale_log))
        assert total == 1


class TestTheConfirmerSaysNo:
    """Negative controls: each of these expansions is wrong, and each must be refused."""

    def expansion(self):
        return unconfirmed(PowerSum(u / (1 + u), u), INSIDE, 3)

    @pytest.mark.parametrize("place", [0, 1, 3, 4])
    @pytest.mark.parametrize("factor", [R(51, 50), R(49, 50), -1])
    def test_wrong_constant(self, place, factor):
        right = self.expansion()
        wrong = replace(right.terms[place], coefficient=right.terms[place].coefficient * factor)
        terms = (*right.terms[:place], wrong, *right.terms[place + 1 :])
        with pytest.raises(ExpansionMismatch, match="exceeds"):
            confirm(replace(right, terms=terms), {})

    @pytest.mark.parametrize("shift", [R(1, 20), -R(1, 20)])
    def test_wrong_exponent(self, shift):
        right = self.expansion()
        terms = [replace(t, scale_power=t.scale_power + shift) if t.origin == "window" else t for t in right.terms]
        with pytest.raises(ExpansionMismatch):
            confirm(replace(right, terms=tuple(terms)), {})

    def test_missing_term(self):
        right = self.expansion()
        with pytest.raises(ExpansionMismatch):
            confirm(replace(right, terms=right.terms[1:]), {})

    def test_a_term_that_is_wrong_by_less_than_the_omitted_ones_is_not_blamed(self):
        right = self.expansion()
        ghost = Term("window", sp.Float(1e-9), sp.S.Zero)
        assert confirm(replace(right, terms=(*right.terms, ghost)), {}).confirmed["rows"]

    def test_rows_need_both_scales(self):
        good = {"count": 512, "exact": 1.0, "approximate": 1.0, "omitted": 0.0}
        with pytest.raises(ExpansionMismatch, match="count=8192"):
            check_rows([good, {**good, "count": 8192, "approximate": 1.02}], "x")


def test_refusals_are_named():
    with pytest.raises(DivergentSum, match="decay\\*power > 1"):
        expand(PowerSum(u / (1 + u), u, R(1, 2), count=sp.oo), INSIDE)
    with pytest.raises(MellinUnknown, match="no rule"):
        expand(PowerSum(sp.sin(u), u), INSIDE)


@pytest.mark.parametrize("ratio", [R(1, 10), 1, 10])
def test_uniform_tail_at_the_upper_edge(ratio):
    """Head and window of the infinite sum plus the exact edge hold for d^{-γ}/τ small, one and large."""
    gamma, size = sp.Integer(2), 2000
    scale = sp.Float(size) ** -2 / ratio
    function = u / (1 + u)
    infinite = expand(PowerSum(function, u, gamma, count=sp.oo), INSIDE)
    edge, rest = uniform_tail(PowerSum(function, u, gamma))
    found = float(sum(t.expression(scale, dim) for t in infinite.terms))
    edge_value = edge.subs({dim: size, noise_level: scale}).replace(sp.Integral, _numeric_integral)
    exact = finite_sum(function, u, gamma, scale, size)
    allowed = float(rest.subs({dim: size, noise_level: scale}))
    assert abs(found + float(edge_value) - exact) <= 3 * allowed + 1e-9 * exact


def _numeric_integral(integrand, limits):
    variable, low, high = limits
    # u = v²: the integrand u^{-1/2}/(1 + u) is smooth in v.
    call = sp.lambdify(variable, integrand, modules=["mpmath"])
    root = mpmath.sqrt(float(high))
    return sp.Float(float(mpmath.quad(lambda v: call(v**2) * 2 * v if v else mpmath.mpf(2), [float(low), root])))


def test_positions_that_make_no_sense_are_refused():
    with pytest.raises(NoSuchPosition, match="no smallest atom"):
        expand(PowerSum(u / (1 + u), u, count=sp.oo), BELOW)
    with pytest.raises(DivergentSum, match="power"):
        expand(PowerSum(sp.sqrt(u) / (1 + u), u, R(3, 2), count=sp.oo), INSIDE)
    with pytest.raises(MellinUnknown, match="finite part of a half moment"):
        expand(PowerSum(sp.erfc(2 - u), u, R(1, 2)), INSIDE)


def test_symbolic_decay_is_tried_where_the_sum_converges():
    found = expand(PowerSum(sp.sqrt(u) / (1 + u), u, count=sp.oo), INSIDE)
    assert found.confirmed["sample"][decay] == R(13, 5)


COEFFICIENT = st.fractions(R(1, 3), 6, max_denominator=3).map(lambda q: R(q.numerator, q.denominator))
POWER = st.integers(0, 4).map(lambda p: R(p, 2))


@st.composite
def functions(draw):
    """Members of every family that has a rule, and sums of two smooth ones."""
    c, p, m = draw(COEFFICIENT), draw(POWER), draw(st.sampled_from([1, 2, R(1, 2)]))
    smooth = [
        u**p / (1 + c * u) ** m,
        u**p * sp.exp(-c * u),
        u**p * sp.erfc(c * u),
        sp.exp(-c / u) / u**p,
        sp.exp(-((u - c) ** 2) / 2),
    ]
    kinked = [sp.Min(u ** (1 + p), c), u**2 / sp.Max(u, c), sp.Piecewise((u**2, u < c), (c / u, True))]
    first = draw(st.sampled_from(smooth + kinked))
    return first + draw(st.sampled_from(smooth)) if first in smooth and draw(st.booleans()) else first


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    function=functions(),
    gamma=st.sampled_from([decay, R(2, 3), sp.S.One, R(7, 4), sp.Integer(3)]),
    position=st.sampled_from(list(Position)),
)
def test_every_member_of_a_family_is_confirmed_or_refused_by_name(function, gamma, position):
    try:
        found = expand(PowerSum(function, u, gamma), position, 4)
    except MellinUnknown:
        return
    assert len(found.confirmed["rows"]) == 2
