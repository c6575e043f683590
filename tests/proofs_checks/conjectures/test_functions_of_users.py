"""Error functions and exponentials of what moves, in a user's own equations; and that numbers decide nothing alone.

The true laws are those of textbooks (Lambert's function, the quantile of a Gaussian, saturation); the false claims below were
found by attacks on the judge at a time when numbers alone could support what was not derived.
"""

import math

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalecheck.proofs_checks.conjectures.files import read_document
from scalecheck.proofs_checks.conjectures.grounds import ground_at

from .systems_of_users import about

TWO = {"positive": ["x", "y"]}
THREE = {"positive": ["x", "y", "z"]}
SEEN = {"controls": {"N": "N > 0", "R": "R > 0"}, "where": {"a": "0 < a < 2", "b": "-1 < b < 1"}}
ON = {"N": "n**a", "R": "n**b"}
REPEATED = ["x = N*(1 - exp(-R))"]
PRODUCT = {"parameters": {"s": "-2 < s < 2"}}

TRUE = {
    "small beside what grows": about(["x + erf(x) = n"], "1", constant="1"),
    "small beside what vanishes": about(["x + erf(x) = 1/n"], "-1", constant="1/(1 + 2/sqrt(pi))"),
    "a product with it": about(["x*erf(x) = 1/n"], "-1/2", constant="sqrt(sqrt(pi)/2)"),
    "its argument tends to a number": about(["x = n*erf(y)", "y = 9 + 1/n"], "1", constant="erf(9)", **TWO),
    "saturation": about(REPEATED, "a + min(b, 0)", path=ON, **SEEN),
    "saturation at a number": about(
        REPEATED, "a", constant="1 - exp(-3)", path={**ON, "R": "3"}, controls=SEEN["controls"],
        where={"a": "0 < a < 2"}),
    "with a parameter inside": about(
        ["x = N*(1 - exp(-R/r))"], "a + b", constant="1/r", parameters={"r": "r > 0"}, path=ON,
        controls=SEEN["controls"], where={"a": "0 < a < 2", "b": "-1 < b < 0"}),
    "an unknown inside, small and large": about(["x*(1 - exp(-x)) = n**s"], "max(s, s/2)", where={"s": "0 < s < 2"}, **PRODUCT),
    "the function of Lambert": about(["x*exp(x) = n"], "0", log_power="1", constant="1"),
    "its powers": about(["x**2*exp(3*x) = n**2"], "0", log_power="1", constant="2/3"),
    "a fixed point": about(["x = n*exp(-x**2)"], "0", log_power="1/2", constant="1"),
    "the quantile of a Gaussian": about(["erfc(x) = 1/n"], "0", log_power="1/2", constant="1"),
    "a threshold": about(["x = n*erfc(x)"], "0", log_power="1/2", constant="1"),
    "two functions": about(["x = n*exp(-x/y)", "y*erf(y) = n**(1/3)"], "1/3", log_power="1", constant="2/3", **TWO),
    "a logarithm inside": about(["x = n*erf(n**(-2)*log(n)**3)"], "-1", log_power="3", constant="2/sqrt(pi)"),
    "a power by a logarithm": about(["x = 1/n + exp(-log(n)/2 - 5)"], "-1/2", constant="exp(-5)"),
}  # fmt: skip

FALSE = {
    "beside what vanishes": about(["x + erf(x) = 1/n"], "-1", constant="1"),
    "a millionth off": about(["x + erf(x) = n"], "1", constant="1.000001"),
    "an exponent a little off": about(["x + erf(x) = n**(1 + 1/20000)"], "1"),
    "a product with it": about(["x*erf(x) = 1/n"], "-1/3"),
    "no saturation": about(REPEATED, "a + b", path=ON, **SEEN),
    "saturation everywhere": about(REPEATED, "a", path=ON, **SEEN),
    "saturation at another number": about(
        REPEATED, "a", constant="1 - exp(-1)", path={**ON, "R": "3"}, controls=SEEN["controls"],
        where={"a": "0 < a < 2"}),
    "an unknown inside": about(["x*(1 - exp(-x)) = n**s"], "s/2", where={"s": "-2 < s < 1"}, **PRODUCT),
    "Lambert without a logarithm": about(["x*exp(x) = n"], "0"),
    "Lambert's constant": about(["x**2*exp(3*x) = n**2"], "0", log_power="1", constant="1"),
    "the quantile, twice": about(["erfc(x) = 1/n"], "0", log_power="1/2", constant="sqrt(2)"),
    "held down by logarithms": about(["x + erf(x) = n + n**(11/10)/log(n)**6"], "1"),
    "held down by logarithms, its constant": about(["x + erf(x) = n + n**(6/5)/log(n)**9"], "1", constant="1"),
    "lifted by logarithms": about(["x + erf(x) = n + n**(9/10)*log(n)**6"], "9/10", log_power="6"),
    "a logarithm inside": about(["x = n*erf(n**(-1/10)*log(n)**9)"], "1"),
    "a logarithm inside, rising": about(["x = n*erf(n**(1/10)/log(n)**9)"], "11/10", log_power="-9"),
    "terms of two equations": about(
        ["x + z = y", "y + erf(y) = n + n**(1/2)", "z + n**(3/5)/log(n)**6 = n"], "1/2", **THREE),
    "a power of a number by name": about(
        ["x + z = y", "y + erf(y) = n + n**(1/2)", "z + n**(3/5)*w**30 = n", "w*2 = 1"], "1/2", positive=list("xyzw")),
    "an unknown in no leading term": about(
        ["(1 + x)*z = y", "y + erf(y) = n + n**(1/2)", "z + n**(3/5)*w**30 = n", "w*2 = 1"], "-1/2", positive=list("xyzw")),
    "a factor that still settles": about(
        ["x + erf(x) = n + n**(41/40)*y*y*y*y*y/(n*n*n*n*n)/870", "y + erf(y) = n*(1 + n**(9/10)/n)"], "1", **TWO),
    "digits of a power of erf": about(
        ["x + n = n + n**(2/5)*(n*erf(1/n))**(769/134)"], "2/5", constant="2"),
    "a logarithm of a logarithm by its name": about(
        ["x**4 = n**4*z", "y = log(n)", "z = log(y)"], "1", log_power="1/13", **THREE),
    "an exponential that is still small": about(["x + erf(x) = n + exp(n**(1/20))"], "1"),
    "an end that is 1 at every scale": about(["x = n*powersum(k**0, n**(1/50))"], "1"),
    "a maximum that changes sides": about(["x + erf(x) = n*max(log(n), 33)"], "1"),
    "no solution, vouched for": about(["x*exp(-x) = 1"], "0", one_solution=True),
}  # fmt: skip

UNREAD = "x + log(1 + log(1 + x)) = n"


@pytest.mark.parametrize("name", TRUE)
def test_true_laws_are_proved(hearing, name):
    found = hearing(**TRUE[name])
    assert found.judgement.verdict.value in ("proved", "undecided"), found.judgement.reason
    assert found.evidence[0].outcome.value == "holds", found.judgement.reason  # numbers may be far from the limit
    assert (
        found.judgement.verdict.value == "proved"
        or found.judgement.conflict
        or "one_solution" in found.judgement.reason
    )


@pytest.mark.parametrize("name", FALSE)
def test_false_ones_are_never_accepted(hearing, name):
    assert hearing(**FALSE[name]).judgement.verdict.value in ("refuted", "undecided")


@pytest.mark.parametrize("exponent", ["1", "9/10"])
def test_numbers_alone_decide_nothing_and_are_shown(hearing, exponent):
    found = hearing(**about([UNREAD], exponent))
    assert found.judgement.verdict.value == "undecided"
    assert ("does not agree" if exponent == "9/10" else "agrees with the claim") in found.judgement.reason
    numbers = found.evidence[1]
    assert (numbers.witness, numbers.outcome.value) == ("numeric", "undecided")
    assert list(numbers.table.records())


def test_a_logarithm_that_falls_too_slowly_has_no_law(hearing):
    """exp(-sqrt(log n)) is larger than every negative power, and smaller than every power of the logarithm."""
    found = hearing(**about(["x = 1/n + exp(-log(n)**(1/2))"], "-1"))
    assert [item.outcome.value for item in found.evidence] == ["undecided", "undecided"]


@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 3))
def test_lambert_functions_against_numbers(power, rate, right):
    """x^p exp(r x) = n^q: x ~ (q/r) log n, against the solution at n = 10^(10^8) in logarithms."""
    claim = about([f"x**{power}*exp({rate}*x) = n**{right}"], "0", id="x")
    statements = read_document({"system": claim.pop("systems"), "conjecture": [{k: v for k, v in claim.items() if v}]})
    (conjecture,) = statements.conjectures
    law = ground_at(conjecture.place, conjecture.where, statements.systems)[0].pieces[0].law
    logs = 1e8 * math.log(10)
    with mpmath.workdps(30):
        true = mpmath.findroot(lambda x: power * mpmath.log(x) + rate * x - right * logs, right * logs / rate)
    assert (law.exponent, law.log) == (0, 1)
    assert abs(float(law.constant) * logs / float(true) - 1) < 1e-6
