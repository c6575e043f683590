"""Equations that share unknowns: what is shown to have one solution has one from every start, and what has two is not shown."""

import math

import numpy as np
import pytest
import sympy as sp
from hypothesis import example, given
from hypothesis import strategies as st

from scalecheck.proofs_checks.conjectures import coupled, uniqueness
from scalecheck.proofs_checks.conjectures.elasticities import FLAT, Signs, Slopes, exactly
from scalecheck.proofs_checks.conjectures.uniqueness import not_shown, shown_unique

from .systems_of_users import about
from .test_uniqueness import system

DECADES = 30
"""Of each unknown, above one and below."""
STATES = {"parameters": {"a": "a > 1"}, "controls": {"ridge": "ridge > 0", "noise": "noise > 0", "p": "p > 0"}}
SHOWN = {
    "a product and a quotient": ("x*y = n", "x/y = 1"),
    "each feeds the other, and less than it gets": ("x = n + sqrt(y)", "y = 1 + sqrt(x)"),
    "by a difference": ("x + y = n", "x = y**2 + n*y"),
    "a difference alone on its side": ("y = n - x", "x = y**2"),
    "exponentials": ("x*exp(y) = n", "y = x**2*exp(-y)"),
    "of a difference": ("x = exp(y - x)", "x*y = n"),
    "a logarithm": ("x + log(x) + y = n", "y + sqrt(y) = x**2"),
    "of different powers": ("x + x**3*y = n", "y = n*x**2"),
    "three in a round": ("x = n/(1 + y)", "y = sqrt(1 + z)", "z = sqrt(1 + x)"),
    "random features": (
        "n*x = ridge + x*powersum(k**(-a)/(k**(-a) + y))",
        "p*y = p*x + y*powersum(k**(-a)/(k**(-a) + y))",
    ),
    "a noise level and a risk": ("n*x = noise + y", "y = powersum(min(k**(-2*a), x))"),
    "a threshold that fixes the share of what is learned": (
        "n*x = noise + y", "y = powersum(min(k**(-2*a), z**2))", "n*ridge = z*(n - powersum(k**(-a)/(z + k**(-a))))"),
}  # fmt: skip
SEVERAL = {
    "the two may change places": ("x + y = n", "x*y = 1"),
    "so may they where both are curved": ("x**2 + y**2 = n", "x*y = 1/4"),
    "each other's square, from below and from above": ("x = y**2 + 1/n", "y = x**2 + 1/n"),
    "the same equation twice": ("x*y = n", "x**2*y**2 = n**2"),
    "a steep feedback": ("x = n*exp(-y)", "y = n*exp(-x)"),
    "only what a control holds": ("x = noise*y", "y = x*(1 + noise - noise)"),
    "a power that is an unknown": ("x**y = n", "x = 1 + y"),
    "a circle of three": ("x = 1/n + y**2", "y = 1/n + z", "z = 1/n + x"),
}  # fmt: skip


def letters(equations):
    return "xyz"[: len(equations)]


@pytest.mark.parametrize("equations", SHOWN.values(), ids=SHOWN)
def test_shown(equations):
    assert shown_unique(system(*equations, unknowns=letters(equations), **STATES))


@pytest.mark.parametrize("equations", SEVERAL.values(), ids=SEVERAL)
def test_not_shown(equations):
    assert not_shown(system(*equations, unknowns=letters(equations), **STATES))


HIGH, LOW = (0.5, 1, 1.5, 3), (-2, -1, -0.5, 0, 0.5)


def monomials(first, second):
    """c x^a y^b as text and as a function of log x and log y, positive."""
    factor = st.sampled_from([0.05, 1, 3, 40])
    return st.tuples(factor, st.sampled_from(first), st.sampled_from(second)).map(
        lambda t: (f"({t[0]}*x**({t[1]})*y**({t[2]}))", lambda u, v: t[0] * np.exp(t[1] * u + t[2] * v))
    )


def dressed(inner):
    text, value = inner
    return st.sampled_from(
        [
            (text, value),
            (f"exp(-{text})", lambda u, v: np.exp(-value(u, v))),
            (f"log(1 + {text})", lambda u, v: np.log1p(value(u, v))),
            (f"(1 - exp(-{text}))", lambda u, v: -np.expm1(-value(u, v))),
            (f"(1/(1 + {text}))", lambda u, v: 1 / (1 + value(u, v))),
            (f"max({text}, 3*x)", lambda u, v: np.maximum(value(u, v), 3 * np.exp(u))),
            (f"min({text}, y)", lambda u, v: np.minimum(value(u, v), np.exp(v))),
            (
                f"powersum(k**(-2)/(k**(-2) + {text}), 3)",
                lambda u, v: sum(1 / (1 + k**2 * value(u, v)) for k in (1, 2, 3)),
            ),
            (f"(2*log(x) + {text})", lambda u, v: 2 * u + value(u, v)),
        ]
    )


def sides(first, second):
    plain = monomials(first, second)
    return st.lists(st.one_of(plain, plain.flatmap(dressed)), min_size=1, max_size=2)


def equations():
    """Often the first rises with x and the second with y, on the left more than on the right; then many have one solution."""
    mostly = [(HIGH, (0, 0.5)), (LOW, (0, -0.5)), ((0, 0.5), HIGH), ((0, -0.5), LOW)]
    ordered = st.tuples(*(sides(*powers) for powers in mostly))
    any_ = st.tuples(*[sides(LOW + HIGH, LOW + HIGH)] * 4)
    return st.one_of(ordered, ordered, any_).map(lambda found: (found[:2], found[2:]))


def text_of(side):
    return " + ".join(text for text, _ in side)


def gap(equation, u, v):
    """log of one side over the other; where a side is not positive, what is not a number."""
    left, right = (sum(value(u, v) for _, value in side) for side in equation)
    return np.log(left) - np.log(right)


@np.errstate(all="ignore")
def solutions(equations, side=13):
    """How many Newton's method finds in logarithms from a grid of starts over sixty decades of both unknowns."""
    ends = DECADES * math.log(10)
    u, v = (x.ravel() for x in np.meshgrid(*[np.linspace(-ends, ends, side) + 0.1] * 2))
    for _ in range(120):
        steps = _newton(equations, u, v)
        size = np.maximum(1, np.hypot(*steps) / 4)
        u, v = (np.where(np.isfinite(step), x - step / size, x) for x, step in zip((u, v), steps, strict=True))
    return _told_apart(equations, u, v)


def _newton(equations, u, v, h=1e-6):
    f, g = (gap(equation, u, v) for equation in equations)
    fu, gu = ((gap(e, u + h, v) - gap(e, u - h, v)) / (2 * h) for e in equations)
    fv, gv = ((gap(e, u, v + h) - gap(e, u, v - h)) / (2 * h) for e in equations)
    det = fu * gv - fv * gu
    return (f * gv - g * fv) / det, (g * fu - f * gu) / det


def _told_apart(equations, u, v):
    """Points with both gaps at zero, where the matrix is well away from singular: near that rounding makes solutions of its own."""
    small = np.all([np.abs(gap(e, u, v)) < 1e-9 for e in equations], axis=0)
    steps = np.hypot(*_newton(equations, u, v))
    found = []
    for point in zip(*(x[small & (steps < 1e-6)] for x in (u, v)), strict=True):
        if all(np.hypot(*np.subtract(point, other)) > 1e-3 for other in found):
            found.append(point)
    return len(found)


@given(equations())
def test_what_is_shown_has_one_solution_from_every_start(pair):
    told = [" = ".join(text_of(side) for side in equation) for equation in pair]
    if shown_unique(system(*told, unknowns="xy")):
        assert solutions(pair) <= 1, told


def of(left, right):
    """An equation between monomials as the grid takes it: each as (factor, power of x, power of y)."""
    made = [[("", lambda u, v, c=c, p=p, q=q: c * np.exp(p * u + q * v)) for c, p, q in side] for side in (left, right)]
    return tuple(made)


def test_the_grid_sees_two_solutions_and_one():
    swap = of([(1, 1, 0), (1, 0, 1)], [(7, 0, 0)]), of([(1, 1, 1)], [(1, 0, 0)])
    assert solutions(swap) == 2
    far = of([(1, 1, 0)], [(1, 0, 2), (1e-12, 0, 0)]), of([(1, 0, 1)], [(1, 2, 0), (1e-12, 0, 0)])
    assert solutions(far) == 2, "near one and near 1e-12"
    assert solutions((of([(1, 1, 1)], [(7, 0, 0)]), of([(1, 1, 0)], [(1, 0, 1)]))) == 1


@pytest.mark.parametrize("broken", ["_nonnegative", "_regular"])
def test_a_determinant_of_no_sign_is_caught(monkeypatch, broken):
    """The check can fail: where every determinant passes, x + y = 7 and x y = 1 pass for one solution, and the grid sees two."""
    monkeypatch.setattr(coupled, broken, lambda *_: True)
    monkeypatch.setattr(coupled, "_positive", lambda *_: True)
    uniqueness._not_shown.cache_clear()
    assert shown_unique(system("x + y = 7", "x*y = 1", unknowns="xy"))
    uniqueness._not_shown.cache_clear()


FINITE = [-3, -1, 0, 1, 2]
ENDS = st.tuples(st.sampled_from([*FINITE, -sp.oo]), st.sampled_from([*FINITE, sp.oo])).map(sorted)


SHARES = st.integers(0, 64).map(lambda part: part / 64)  # 1e-309 of an interval overflows in the elimination


@given(st.lists(ENDS, min_size=9, max_size=9), st.lists(SHARES, min_size=9, max_size=9), st.sampled_from([2, 3]))
def test_determinants_lie_in_their_interval(ends, shares, size):
    signs = Signs(system("x = n"))
    entries = [Slopes(exactly(sp.sympify(low)).lows, exactly(sp.sympify(high)).highs) for low, high in ends]
    matrix = [entries[size * row : size * (row + 1)] for row in range(size)]
    found = coupled.determinant(matrix, signs)
    within = [(max(low, -50), min(high, 50)) for low, high in ends]
    inside = [low + (high - low) * share for (low, high), share in zip(within, shares, strict=True)]
    value = np.linalg.det(np.reshape(inside[: size**2], (size, size)))
    assert min(found.lows) - 1e-6 <= value <= max(found.highs) + 1e-6


CANDIDATES = st.frozensets(st.sampled_from([-sp.oo, *map(sp.Integer, FINITE), sp.oo]), min_size=1, max_size=3)


@example(*map(frozenset, ([sp.oo], [sp.oo], [-sp.oo], [-sp.oo])))
@given(*[CANDIDATES] * 4)
def test_a_sum_of_intervals_is_as_wide_as_its_ends_allow(a, b, c, d):
    """Several ends of which the outermost counts; infinite ones that oppose each other leave no end."""
    one, two = Slopes(a, b), Slopes(c, d)
    found = one + two
    assert not found.lows & {sp.nan}
    assert min(found.lows) == (-sp.oo if -sp.oo in a | c else min(a) + min(c))
    assert max(found.highs) == (sp.oo if sp.oo in b | d else max(b) + max(d))


def test_elasticities_without_ends_that_oppose_each_other_show_nothing(hearing):
    equations = ["exp(-x) = y*x**q", "x**q*exp(-x*y) = n*y"]
    told = hearing(**about(equations, "1", positive=["x", "y"], parameters={"q": "0 < q < 1"})).judgement
    assert told.verdict.value == "undecided"
    assert "no other positive value for x, y is not shown" in told.reason


def test_intervals_without_an_end_and_ends_that_are_not_reached():
    signs = Signs(system("x = n", parameters={"p": "p > 0"}))
    p = signs.symbols["p"]
    rises = Slopes(exactly(0).lows, exactly(sp.oo).highs, True, True)
    told = coupled.determinant([[rises, exactly(-1)], [exactly(p), rises]], signs)
    assert coupled._positive(told, signs), "0 times anything is 0, and p is above it"
    flat = coupled.determinant([[rises, rises], [rises, rises]], signs)
    assert not coupled._nonnegative(flat, signs)
    assert coupled.times(FLAT, rises, signs) == FLAT
    assert not coupled._nonnegative(coupled.times(exactly(p - 1), rises, signs), signs), "of the sign of p - 1"


def test_the_judge_accepts_a_law_of_coupled_unknowns_and_refutes_its_neighbour(hearing):
    equations = ["x = n + sqrt(y)", "y = 1 + sqrt(x)*y**(1/4)"]
    for claim, verdict in (("1", "proved"), ("11/10", "refuted")):
        assert hearing(**about(equations, claim, positive=["x", "y"])).judgement.verdict.value == verdict


def test_one_of_two_solutions_is_accepted_by_nobody(hearing):
    found = hearing(**about(["x + y = n", "x*y = 1"], "1", positive=["x", "y"]))
    assert found.judgement.verdict.value == "undecided"
