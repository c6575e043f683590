"""Points of ranges satisfy all that was asked of them, by plain fractions; where there is none, a grid has none either."""

from fractions import Fraction
from itertools import product

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from scalecheck.proofs_checks import regions
from scalecheck.proofs_checks.regions import common_point

a, b, t = sp.symbols("a b t", positive=True)
s = sp.Symbol("s", real=True)
NAMES = ("a", "b", "s", "t")
# Affine in s and t, with coefficients in a and b.
MONOMIALS = (lambda a, b, s, t: 1, lambda a, b, s, t: a, lambda a, b, s, t: a * b, lambda a, b, s, t: s,
             lambda a, b, s, t: t, lambda a, b, s, t: a * s, lambda a, b, s, t: b * t)  # fmt: skip
OF_PARAMETERS, EVERY = 3, len(MONOMIALS)
GRID = [Fraction(text) for text in ("1/3", "1", "7/5", "3")]
SIGNED = [Fraction(text) for text in ("-2", "-1/2", "0", "1/2", "2")]


def value(form, *point):
    return sum(weight * monomial(*point) for weight, monomial in zip(form, MONOMIALS))


def forms(count):
    weights = st.lists(st.integers(-2, 2), min_size=count, max_size=count)
    return st.lists(weights.map(lambda found: found + [0] * (EVERY - count)), max_size=3)


def stated(listed):
    """The forms as relations, less those that SymPy decides."""
    made = [sp.StrictGreaterThan(value(form, a, b, s, t), 0) for form in listed]
    return None if sp.false in made else [item for item in made if item != sp.true]


@settings(max_examples=12, deadline=None)
@given(forms(OF_PARAMETERS), forms(EVERY))
def test_a_point_satisfies_everything_and_no_point_means_none(of_parameters, of_plane):
    relations = stated([*of_parameters, *of_plane])
    if relations is None:
        return
    found = common_point(relations, ["s", "t"])
    everything = [*of_parameters, *of_plane]
    if found is not None:
        point = [Fraction(str(found.get(name, 1 if name != "s" else 0))) for name in NAMES]
        assert all(value(form, *point) > 0 for form in everything if any(form))
        assert all(point[NAMES.index(name)] > 0 for name in "abt")
    else:
        for point in product(GRID, GRID, SIGNED, GRID):
            assert not all(value(form, *point) > 0 for form in everything)


@pytest.mark.parametrize(("wall", "place"), [(a > 5 * b, {"a", "b"}), (a * b < sp.Rational(1, 5), {"a", "b"})])
def test_plain_numbers_outside_the_parameters_own_range_are_passed_over(wall, place):
    found = common_point([wall, s > a, s * b > 1], ["s"])
    assert set(found) == place | {"s"}
    assert wall.subs({a: found["a"], b: found["b"]}) == sp.true


def test_at_a_pole_nothing_is_said():
    """1/(a - 1) has no value at a = 1, the first number that is tried."""
    found = common_point([s > 1 / (a - 1) ** 2, b * s < 9], ["s"])
    assert found["a"] != 1


def test_what_is_no_rational_function_is_read_at_numbers():
    assert regions._at_plain_numbers([], [s > 2**a, s * b > 1], [a, b], [s])["s"] > 2


def test_what_the_signs_do_not_say_is_asked():
    """t > 1 is not implied by t > 0, and t + 1 > 0 is."""
    found = common_point([a * b > s, s > 1, t > 1, t + 1 > 0], ["s", "t"])
    assert found["t"] > 1


@settings(max_examples=40, deadline=None)
@given(forms(EVERY), forms(EVERY), st.tuples(*[st.sampled_from(row) for row in (GRID, GRID, SIGNED, GRID)]))
def test_what_holds_at_a_point_is_never_shown_to_be_empty(some, others, point):
    held = [[weight * (1 if value(form, *point) > 0 else -1) for weight in form] for form in [*some, *others]]
    relations = stated([form for form in held if value(form, *point) > 0])
    assert not regions._empty_by_products(relations, [a, b, s, t])
