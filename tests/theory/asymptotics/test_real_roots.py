"""Roots are isolated: every one, each in an interval of its own."""

from __future__ import annotations

import itertools

import flint
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from scalecheck.theory.asymptotics.real_roots import isolating_intervals

x = sp.Symbol("x")
polynomials = st.lists(st.lists(st.integers(-4, 4), min_size=1, max_size=4), min_size=1, max_size=3)

CLOSE = [[-(10**k), 10**k * 10**9 + 1] for k in (9, 12)]


@given(polynomials)
@pytest.mark.parametrize("more", [[], CLOSE, [[1, 0, 1]], [[-(10**40), 10**12], [-2, 0, 1], [4, 0, -4, 0, 1]]])
def test_every_interval_holds_one_real_root_and_none_is_left_out(more: list[list[int]], rows: list[list[int]]) -> None:
    """Held against Sturm's sequences, with roots that nearly meet, that are huge, repeated, common, or not real."""
    every = [*rows, *more]
    found = isolating_intervals([flint.fmpq_poly(row) for row in every])
    assert all(left < right for (_, left), (right, _) in itertools.pairwise(found))
    proper = [sp.Poly(row[::-1], x, domain="QQ") for row in every if any(row[1:])]
    product = sp.prod(proper, start=sp.Poly(1, x, domain="QQ")).sqf_part()
    ends = [[sp.Rational(int(end.p), int(end.q)) for end in pair] for pair in found]
    assert [product.count_roots(*pair) for pair in ends] == [1] * len(ends)
    assert product.count_roots() == len(ends)
