"""Absolute values of differences of powers, as |n - N| of double descent: away from the threshold, beside it, and nothing at it."""

import mpmath
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from scalecheck.proofs_checks.conjectures.files import read_document
from scalecheck.proofs_checks.conjectures.grounds import ground_at

from .systems_of_users import about

BOTH = {"equations": ["x = D/abs(N - D)"], "controls": {"N": "N > 0", "D": "D > 0"}, "path": {"N": "n**s", "D": "n**r"}}
FEW = {**BOTH, "where": {"s": "0 < s < r", "r": "r > 0"}}
MANY = {**BOTH, "where": {"s": "s > r", "r": "r > 0"}}
ALL = {**BOTH, "where": {"s": "s > 0", "r": "r > 0"}}
ONE = {"equations": ["x = n/abs(n - N)"], "controls": {"N": "N > 0"}}
TWICE, HALF, HERE = ({**ONE, "path": {"N": text}} for text in ("2*n", "n/2", "n"))
ACROSS = {**ONE, "path": {"N": "2*n**s"}, "where": {"s": "0 < s < 2"}}
SHARE = {**ONE, "path": {"N": "c*n"}, "parameters": {"c": "c > 0"}}
ABOVE, BELOW = ({**SHARE, "where": {"c": text}} for text in ("c > 1", "0 < c < 1"))
SUM = {**ONE, "equations": ["x = n/abs(n + N)"], "path": {"N": "n"}}

CLAIMS = [
    (FEW, "0", "1", "proved"),
    (FEW, "r - s", None, "refuted"),
    (FEW, "0", "2", "refuted"),
    (MANY, "r - s", "1", "proved"),
    (MANY, "0", None, "refuted"),
    (MANY, "s - r", None, "refuted"),
    (ALL, "r - max(r, s)", None, "undecided"),
    (TWICE, "0", "1", "proved"),
    (TWICE, "0", "1/2", "refuted"),
    (HALF, "0", "2", "proved"),
    (HALF, "0", "1", "refuted"),
    (HERE, "0", None, "undecided"),
    (ACROSS, "1 - max(s, 1)", None, "proved"),
    (ACROSS, "1 - s", None, "refuted"),
    (ACROSS, "0", None, "refuted"),
    (ABOVE, "0", "1/(c - 1)", "proved"),
    (ABOVE, "0", "1/(1 + c)", "refuted"),
    (BELOW, "0", "1/(1 - c)", "proved"),
    (BELOW, "0", "1/c", "refuted"),
    (SUM, "0", "1/2", "proved"),
    (SUM, "0", "1", "refuted"),
]


@pytest.mark.parametrize(("claim", "exponent", "constant", "verdict"), CLAIMS)
def test_claims(hearing, claim, exponent, constant, verdict):
    more = {} if constant is None else {"constant": constant}
    found = hearing(**about(exponent=exponent, **claim, **more)).judgement
    assert found.verdict.value == verdict, found.reason


@given(st.integers(-3, 4), st.integers(1, 5), st.integers(1, 5), st.fractions("1/3", 3, max_denominator=3))
def test_laws_are_those_of_numbers_at_a_large_scale(power, own, other, share):
    """x = n^p |2 n^q - c n^r| at n = 10^400."""
    claim = about([f"x = n**({power})*abs(2*n**{own} - ({share})*n**{other})"], "0", id="x")
    statements = read_document({"system": claim.pop("systems"), "conjecture": [{k: v for k, v in claim.items() if v}]})
    (conjecture,) = statements.conjectures
    law = ground_at(conjecture.place, conjecture.where, statements.systems)[0].pieces[0].law
    with mpmath.workdps(30):
        size = mpmath.mpf(10) ** 400
        exact = size**power * abs(2 * size**own - mpmath.mpf(share.numerator) / share.denominator * size**other)
        if exact == 0:
            assert law is None
            return
        told = mpmath.mpf(sp.N(law.constant, 30)) * size ** mpmath.mpf(sp.N(law.exponent, 30))
        assert abs(told / exact - 1) < 1e-20
