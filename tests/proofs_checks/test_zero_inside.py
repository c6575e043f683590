"""A difference is looked at inside the stated region only: outside it, what was expanded for positive bases is another."""

import sympy as sp

from scalecheck.proofs_checks.evidence import Outcome
from scalecheck.proofs_checks.formulas import decide_zero

s = sp.Symbol("s", positive=True)
FLAT = sp.sqrt((s - 2) ** 2) - (s - 2)
"""Zero for s >= 2, not below."""


def test_zero_inside_is_not_disproved_outside():
    assert decide_zero(FLAT) is Outcome.FAILS
    assert decide_zero(FLAT, [s > 2]) is not Outcome.FAILS


def test_what_is_not_zero_inside_is_disproved_there():
    assert decide_zero(FLAT + 1, [s > 2]) is Outcome.FAILS
    assert decide_zero(FLAT, [s < 2]) is Outcome.FAILS


def test_relations_in_other_letters_do_not_hinder():
    assert decide_zero(s - 1, [sp.Symbol("t", positive=True) > 3]) is Outcome.FAILS
