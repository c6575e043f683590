"""Strata against points: what the exact division says of a range holds at every point of a grid."""

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from scalecheck.proofs_checks.conjectures import strata as module
from scalecheck.proofs_checks.conjectures.glances import differ, signs
from scalecheck.proofs_checks.conjectures.strata import Stratum, UnresolvedError, restricted, sign_of, smooth, split

x, y = sp.symbols("x y", real=True)
p = sp.Symbol("p", positive=True)
numbers = st.integers(-3, 3)
forms = st.tuples(numbers, numbers, numbers).map(lambda t: t[0] * x + t[1] * y + t[2])
GRID = [sp.Rational(k, 2) for k in range(-4, 5)]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(forms, st.sampled_from([">", ">=", "="])), min_size=1, max_size=3))
def test_strata_hold_the_points_of_the_range_and_no_others(relations):
    strata = [Stratum((x, y))]
    for form, kind in relations:
        strata = restricted(strata, form, kind)
    for a in GRID[::2]:
        for b in GRID[::2]:
            place = {x: a, y: b}
            values = [(form.subs(place) if isinstance(form, sp.Basic) else form, kind) for form, kind in relations]
            inside = all({">": v > 0, ">=": v >= 0, "=": v == 0}[kind] for v, kind in values)
            assert any(contains(s, place) for s in strata) == inside


def contains(stratum, place):
    equations = all(place[s] == v.subs(place) for s, v in stratum.values.items())
    return equations and all(form.subs(place) > 0 for form in stratum.positive)


@pytest.mark.parametrize("form", [x * y - 1, p * x - 1, (x - 1) ** 2 * (x + 1), x**2 - 2, x / (1 + p)])
def test_splitting_leaves_nothing_out(form):
    parts = list(split(Stratum((x, y, p), (x + 3, 3 - x)), form))
    for part, sign in parts:
        point = part.point()
        assert sign_of(sp.simplify(form.subs({s: point[s.name] for s in form.free_symbols}))) == sign
    assert {sign for _, sign in parts} == {1, -1, 0}


def test_kinks_are_split_at_the_kink():
    parts = list(smooth(Stratum((x,), (x + 1, 1 - x)), sp.Min(x, 0) + sp.Abs(x)))
    assert sorted(str(value) for _, value in parts) == ["0", "0", "x"] or len(parts) == 3


def test_positive_symbols_are_positive():
    assert Stratum((p,), (-p,)).point() is None
    assert Stratum((x, p), (x * p - 1, 1 - x)).point()["p"] > 1


def test_what_cannot_be_decided_says_so():
    with pytest.raises(UnresolvedError):
        list(Stratum((x, y)).zeros(x**3 + y**3 + x * y - 1 + x**2 * y**2))
    with pytest.raises(UnresolvedError):
        Stratum((x,), (sp.sin(x),)).point()


@pytest.mark.parametrize(
    ("wave", "positive", "zeros"),
    [
        (sp.sin(sp.pi * x), (x - 1, 5 - x), [2, 3, 4]),
        (sp.cos(sp.pi * x), (x - 1, 5 - x), ["3/2", "5/2", "7/2", "9/2"]),
        (sp.tan(sp.pi * x / 2), (x + 3, 3 - x), [-2, 0, 2]),
        (sp.sin(sp.pi / p), (p - 1,), []),
        (sp.sin(sp.pi / p), (3 * p - 1,), ["1/2", 1]),
        (sp.cos(sp.pi / p), (p - 1,), [2]),
        (sp.cos(sp.pi / p), (p - 2,), []),
        (sp.tan(sp.pi / (2 * p)), (p - 1,), []),
        (sp.sin(sp.pi * (p + sp.Rational(1, 3))), (1 - p,), ["2/3"]),
    ],
)
def test_zeros_of_a_wave_are_those_in_the_range(wave, positive, zeros):
    (symbol,) = wave.free_symbols
    parts = list(Stratum((symbol,), positive).zeros(wave))
    assert sorted(part.values[symbol] for part in parts) == [sp.Rational(z) for z in zeros]


def test_a_wave_of_two_symbols_vanishes_on_lines():
    parts = list(Stratum((x, y), (x, 1 - x, y, 1 - y)).zeros(sp.sin(sp.pi * (x + y))))
    assert [sp.simplify(part.at(x + y)) for part in parts] == [1]


@pytest.mark.parametrize("wave", [sp.sin(sp.pi * x), sp.cos(sp.pi / p), sp.sin(x), sp.sin(sp.pi * x) ** 2 + x])
def test_waves_that_vanish_without_end_or_at_no_rational_place_are_not_decided(wave):
    symbols = tuple(wave.free_symbols)
    with pytest.raises(UnresolvedError):
        list(Stratum(symbols, (symbols[0],)).zeros(wave))


products = st.lists(st.one_of(forms, st.just(1 + p**2), st.just(p)), min_size=1, max_size=3).map(lambda f: sp.Mul(*f))


@given(products, products, st.sampled_from([-2, -1, sp.Rational(1, 3), 5]))
def test_a_glance_says_nothing_that_algebra_denies(one, other, number):
    assert not any(signs(sp.expand(one) - one))
    assert not differ(one, abs(number) * sp.expand(one))
    if one.free_symbols == other.free_symbols and 0 not in (one, other):
        for form in (other, number * one):
            module._is_positive_multiple.cache_clear()
            assert module._is_positive_multiple(one, form) == bool(one == form or sp.cancel(one / form).is_positive)


def test_a_glance_sees_most_of_what_differs():
    """Control: it is worth the look; where a symbol may be no positive number it sees nothing."""
    lines = [number + way * form for number in (-2, 0, 1) for way in (1, -1) for form in (x, y, x - y, 2 * x + y)]
    pairs = [(one, other) for one in lines for other in lines if one.free_symbols == other.free_symbols]
    apart = [pair for pair in pairs if not sp.cancel(pair[0] / pair[1]).is_positive]
    assert sum(differ(*pair) for pair in apart) > 0.7 * len(apart)
    assert not any(signs(sp.Symbol("n", negative=True) + 1))
