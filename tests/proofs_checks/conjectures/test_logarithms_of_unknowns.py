"""Logarithms of unknowns and controls outside sums, as in n = x log x: true claims beside false neighbours."""

from fractions import Fraction

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from .systems_of_users import about

OWN = {"equations": ["x*log(x) = n"]}
ROOT = {"equations": ["x**p*log(x)**2 = n**q"], "parameters": {"p": "p > 0", "q": "q > 0"}, "one_solution": True}
SHIFTED = {"equations": ["x**2*log(1 + x) = n"]}
LOW = {"equations": ["x**2*log(1 + x) = 1/n"]}
SOME = {"equations": ["x*log(2 + x) = 1/n"]}
TWO = {"equations": ["x*log(y) = n", "y = n*x"], "positive": ["x", "y"]}
UNDER = {"equations": ["x*log(1 + 1/x) = 1/n"]}
CONTROL = {
    "equations": ["x = n*log(1 + t)"], "controls": {"t": "t > 0"}, "path": {"t": "n**s"}, "where": {"s": "-2 < s < 2"},
}  # fmt: skip
GROWN, SHRUNK, LINE = ({**CONTROL, "where": {"s": text}} for text in ("0 < s < 2", "-2 < s < 0", "s = 0"))
BOTH = {**CONTROL, "equations": ["x = n + log(t)"]}
LESS = {"equations": ["x = n - log(y)", "y = n**2"], "positive": ["x", "y"]}

ITSELF = {"equations": ["x = 2*n*log(1 + 2*x/n)"]}

CLAIMS = [
    (OWN, "1", "-1", "1", "proved"),
    (OWN, "1", "-1", "1/2", "refuted"),
    (OWN, "1", "1", "1", "refuted"),
    (OWN, "1", "0", None, "refuted"),
    (ROOT, "q/p", "-2/p", "(p/q)**(2/p)", "proved"),
    (ROOT, "q/p", "-2/p", "(q/p)**(2/p)", "refuted"),
    (ROOT, "q/p", "-1/p", None, "refuted"),
    (SHIFTED, "1/2", "-1/2", "sqrt(2)", "proved"),
    (SHIFTED, "1/2", "-1/2", "1", "refuted"),
    (LOW, "-1/3", "0", "1", "proved"),
    (LOW, "-1/2", "-1/2", None, "refuted"),
    (SOME, "-1", "0", "1/log(2)", "proved"),
    (SOME, "-1", "0", "1", "refuted"),
    (TWO, "1", "-1", "1/2", "proved"),
    (TWO, "1", "-1", "1", "refuted"),
    (UNDER, "-1", "-1", "1", "proved"),
    (UNDER, "-1", "0", None, "refuted"),
    (GROWN, "1", "1", "s", "proved"),
    (GROWN, "1", "1", "2*s", "refuted"),
    (GROWN, "1", "0", None, "refuted"),
    (SHRUNK, "1 + s", "0", "1", "proved"),
    (SHRUNK, "1 + s", "1", None, "refuted"),
    (LINE, "1", "0", "log(2)", "proved"),
    (LINE, "1", "0", "1", "refuted"),
    ({**BOTH, "where": {"s": "0 < s < 2"}}, "1", "0", "1", "proved"),
    ({**BOTH, "where": {"s": "-2 < s < 0"}}, "1", "0", "1", "proved"),
    (LESS, "1", "0", "1", "proved"),
    (ITSELF, "1", "0", None, "proved"),
    (ITSELF, "1", "0", "1", "undecided"),
    (ITSELF, "1", "1", None, "refuted"),
]


def judged(hearing, system, exponent, log_power, constant):
    more = {} if constant is None else {"constant": constant}
    return hearing(**about(exponent=exponent, log_power=log_power, **system, **more)).judgement


@pytest.mark.parametrize(("system", "exponent", "log_power", "constant", "verdict"), CLAIMS)
def test_claims(hearing, system, exponent, log_power, constant, verdict):
    found = judged(hearing, system, exponent, log_power, constant)
    assert found.verdict.value == verdict, found.reason


OPEN = {
    "two solutions": ({"equations": ["x = n*log(x)"]}, "1", "1"),
    "a second solution below every power": ({"equations": ["x = n + log(x)"]}, "1", "0"),
    "a logarithm of what is of order one": ({"equations": ["x*log(x/n) = n"]}, "1", "0"),
    "an unknown beyond every power": ({"equations": ["log(x) = n"]}, "1", "0"),
    "logarithms that cancel": (
        {"equations": ["x = log(y) - log(z)", "y = 2*n", "z = n + sqrt(n)"], "positive": ["x", "y", "z"]}, "0", "1"),
    "logarithms that cancel up to a constant": (
        {"equations": ["x = log(2*y/n)", "y = n + sqrt(n)"], "positive": ["x", "y"]}, "0", "1"),
    "a logarithm of a logarithm": (
        {"equations": ["x = log(y)", "exp(y) = n"], "positive": ["x", "y"]}, "0", "1"),
    "what may be negative": ({"equations": ["x = log(n - x)"]}, "0", "1"),
}  # fmt: skip


@pytest.mark.parametrize("name", OPEN)
def test_what_is_not_known_is_not_accepted(hearing, name):
    assert judged(hearing, *OPEN[name], None).verdict.value == "undecided"


@given(st.fractions(1, 4, max_denominator=6), st.integers(1, 3), st.fractions(1, 3, max_denominator=4))
def test_the_law_is_where_the_equation_is_solved(hearing, p, m, q):
    """x^p (log x)^m = n^q, solved where log n = 10^60, in logarithms of x: p X + m log X = q log n."""
    system = {"equations": [f"x**({p})*log(x)**{m} = n**({q})"], "one_solution": True}
    with mpmath.workdps(100):
        degree, right, large = (mpmath.mpf(v.numerator) / v.denominator for v in (p, q, 10 * Fraction(10) ** 59))
        first = solved = right / degree * large
        for _ in range(3):  # each step has 60 digits more
            solved = first - m / degree * mpmath.log(solved)
        rest = solved - first + m / degree * mpmath.log(large)
        assert abs(rest - m / degree * mpmath.log(degree / right)) < 1e-40
    assert judged(hearing, system, str(q / p), str(-m / p), f"({p / q})**({m / p})").verdict.value == "proved"
    assert judged(hearing, system, str(q / p), str(-m / p), f"({p / q})**({m / p})*51/50").verdict.value == "refuted"
    assert judged(hearing, system, str(q / p), str(-m / p - 1), None).verdict.value == "refuted"
