"""Numbers alone: what they may support of a system that the machine cannot read, and how near a false claim they can come."""

import pytest
import sympy as sp

from scalecheck.proofs_checks.conjectures.alone import RESOLVED, lattice_of, told_apart
from scalecheck.proofs_checks.conjectures.expressions import NoValueError
from scalecheck.proofs_checks.conjectures.grammar import parse_relations
from scalecheck.proofs_checks.conjectures.statements import UserSystem

from .systems_of_users import about

LEFT = "x + erf(x) = "


def lattice(text):
    """Of the equations of a text, in x and y and the large parameter n."""
    links = tuple(parse_relations(text))
    return lattice_of(UserSystem("s", "n", ("x", "y")[: len(links)], {}, {}, links), {}, {}, ())


def alone(right, exponent="1", **more):
    return about([LEFT + right], exponent, **more)


def nested(text, roots):
    """The square root of the square root of ..."""
    return "sqrt(" * roots + text + ")" * roots


def pair(right, relation):
    return about(
        [LEFT + "n", "y + erf(y) = " + right], None, positive=["x", "y"], relation=relation, than={"observable": "y"}
    )


SUPPORTED = {
    "a law": alone("n"),
    "its constant": alone("2*n", constant="2"),
    "a root": alone("sqrt(n)", "1/2"),
    "a logarithm": alone("n*log(n)", log_power="1"),
    "the same": pair("2*n", "same"),
    "equations that only hold together": about(["x*y + erf(x) = n", "x**2 + x = y + y**2"], "1/2", positive=["x", "y"]),
}
NEVER = {  # all false, or beyond what numbers can tell: none may be accepted
    "an exponent a little off": alone("n**(1 + 1/20000)"),
    "claimed a little off": alone("n", "1 + 1/100000"),
    "a tiny power of the logarithm": alone("n*log(n)**(1/1000)"),
    "a logarithm of a logarithm by its name": about(
        ["x**4 = n**4*z", "y = log(n)", "z = log(y)"], "1", log_power="1/13", positive=["x", "y", "z"]),
    "a logarithm of a logarithm and a fraction": about(
        ["x**(52/69)*y**(4/69) = n**(52/69)*z**(13/69)", "y = log(n)", "z = log(y)"], "1", positive=["x", "y", "z"]),
    "a fraction in a power of an unknown": about(
        [LEFT + "n*z**(1/4)/y**(1/13)", "y = log(n)", "z = log(y)"], "1", positive=["x", "y", "z"]),
    "a logarithm of a logarithm": alone("n*log(log(n + 20))**(1/1000)"),
    "a power that catches up slowly": alone("n + n**(1001/1000)/900"),
    "an exponential that is still small": alone("n + exp(n**(1/20))"),
    "a coefficient of 10^-30": alone("n + n**2*(zeta(99) - 1)"),
    "a coefficient by way of an unknown": about(
        [LEFT + "n*(1 + erf(n*y**9))", "y*100 = 1 + erf(1/n)"], "1", positive=["x", "y"]),
    "a switch far out": about([LEFT + "n*erf(n*y**9)", "y*100 = 1 + erf(1/n)"], "2", positive=["x", "y"]),
    "a maximum that changes sides": alone("n*max(log(n), 33)"),
    "a constant a thousandth off": alone("n", constant="1.001"),
    "a constant with more digits than the numbers": alone("n", constant="1.0000000000001"),
    "a constant in the equations with as many": alone("1.0000000000001*n", constant="1"),
    "a power of the logarithm a little off": alone("n*log(n)", log_power="0.999"),
    "only the exponent, and coarsely": alone("n**(1003/1000)", log=True),
    "the same but for a small power": pair("n**(1 + 1/10000)", "same"),
    "the same but for a root of the logarithm": pair("n*log(n)**(1/20)", "same"),
    "equal up to a ten-thousandth": pair("1.0001*n", "equal"),
    "another solution far out": about(["x**2 + n**7 + erf(x) = x*(n + n**6) + 1"], "1"),
    "equations that hold together, twice": about(
        ["x*y + erf(x) = n", "x + y = n"], "1", positive=["x", "y"]),
    "smaller, by a logarithm that loses": pair("n**(19/20)*log(n)**10", "less"),
    "digits made of names": about(
        [LEFT + "n*(1 + 1/v**16)", "u = n/n", f"v = {' + '.join('u' * 16)}"], "1", constant="1", positive=["x", "u", "v"]),
    "a function of a name": alone("n*erf(c)", constant="1", parameters={"c": "c > 0"}, where={"c": "c = 6"}),
    "a sum that ends at a number": about(
        ["x = powersum(k**(-1/2)*exp(-k/n), c**20)"], "1/2", parameters={"c": "c > 0"}, where={"c": "c = 9"}),
    "the end of a sum passes its window": alone("powersum(exp(-k/n), 50*n**(49/50))"),
    "an end that is 1 at every scale": about(["x = n*powersum(k**0, n**(1/50))"], "1"),
    "two windows that cross slowly": about(["x = powersum(exp(-k/n)*exp(-k/n**(49/50)/900))"], "1"),
    "a logarithm that a constant holds still": alone(
        "n*log(n**(1/99)*exp(c*c*c))", parameters={"c": "c > 0"}, where={"c": "c = 8"}),
    "roots of roots": alone(f"n*{nested('n', 14)}"),
    "roots of roots of a logarithm": alone(f"n*{nested('log(n)', 12)}"),
    "roots of roots of a sum": alone(f"n*{nested('powersum(1/k, n)', 14)}"),
    "products in place of powers": about(
        [LEFT + "n*y", *(f"{'*'.join([a] * 25)} = {b}" for a, b in ("yz", "zw", "wn"))], "1", positive=list("xyzw")),
    "a power of a name": alone("n*(1 + c**20)", constant="1", parameters={"c": "c > 0"}, where={"c": "c = 1/9"}),
    "a power of an unknown": about([LEFT + "n*(1 + y**20)", "9*y = 1"], "1", constant="1", positive=["x", "y"]),
    "a root of an unknown": about([LEFT + "n*(1 + y)", "9*y**(1/20) = 1"], "1", constant="1", positive=["x", "y"]),
    "a power of a control": alone("n*(1 + c**20)", constant="1", controls={"c": "c > 0"}, path={"c": "1/9"}),
    "a power of what tends to a number": alone("n*(1 + (1/9 + 1/n)**20)", constant="1"),
    "a function of what tends to a number": about(
        [LEFT + "n*erf(y)", "y = 9 + 1/n"], "1", constant="1", positive=["x", "y"]),
}  # fmt: skip


@pytest.mark.parametrize("name", SUPPORTED)
def test_what_numbers_resolve_is_supported(hearing, name):
    found = hearing(**SUPPORTED[name])
    assert found.judgement.verdict.value == "supported", found.judgement.reason
    assert "cannot tell from exponents within" in found.judgement.reason


@pytest.mark.parametrize("name", NEVER)
def test_what_they_do_not_resolve_is_not(hearing, name):
    assert hearing(**NEVER[name]).judgement.verdict.value in ("undecided", "refuted")


def test_the_resolution_is_told(hearing):
    reason = hearing(**NEVER["an exponent a little off"]).judgement.reason
    assert "cannot tell exponents within 7e-05 of 1" in reason


@pytest.mark.parametrize(
    ("text", "denominator"),
    [
        ("x = n", 1),
        ("x**3 + x = n", 3),
        ("x**3 + x = n**(1/2)", 6),
        ("x*y = n**(1/3), x = y**5", 36),
        ("x = sqrt(n)", 2),
        ("x = sqrt(sqrt(sqrt(n)))", 8),
        ("x*x*x + x = n", 3),
        ("x = n*y**(1/2), y = n", 3),
    ],
)
def test_the_lattice_holds_every_balance(text, denominator):
    assert lattice(text).denominator == denominator


def test_an_exponent_that_is_no_fraction_has_no_lattice():
    with pytest.raises(NoValueError):
        lattice("x = n**sqrt(2)")


def test_neighbours_must_lie_farther_apart_than_the_numbers_resolve():
    fine, coarse = (lattice(f"x = n**(1 + 1/{q})") for q in (100, 100000))
    assert told_apart(fine, sp.S.One, sp.S.Zero) == []
    assert told_apart(coarse, sp.S.One, sp.S.Zero)
    assert told_apart(fine, sp.S.One, sp.S.Zero, resolution=1 / 100)
    assert RESOLVED < 1e-4


def test_numbers_alone_do_not_speak_for_monotony(hearing):
    """They hold at the points they see; this once ended the whole run."""
    claim = about(["x**p + erf(x) = n"], None, parameters={"p": "p > 1"}, where={"p": "1 < p < 3"})
    found = hearing(**{**claim, "monotone": {"parameter": "p", "direction": "decreasing"}})
    assert found.judgement.verdict.value == "undecided"
    assert "do not speak for a whole range" in found.evidence[-1].reason


NO_CONSTANT = ["1+1e-12", "1+10**(-12)", "1+2**(-40)", "1+9**(-12)", "1+7**(-80)", "1+exp(-30)", "1+exp(-99)",
               "1/(1+exp(-50))", "1+erfc(6)", "erf(9)", "zeta(40)", "log(396**4-104)/sqrt(58)/pi", "(1+2**(-60))**(1/2)"]  # fmt: skip


@pytest.mark.parametrize("constant", NO_CONSTANT)
def test_a_constant_beside_the_truth_is_not_supported_however_short_it_is_written(verdict, constant):
    """Exponents and zeros of decimals were no digits, and a function of a number counted as that number."""
    found = about(["x + erf(x) = n"], "1", constant=constant)
    assert verdict(**found) == "undecided"


@pytest.mark.parametrize("factor", ["zeta(50)", "erf(9)", "(1+exp(-40))", "(1+2**(-50))"])
def test_nor_beside_such_a_number_in_the_equations(verdict, factor):
    assert verdict(**about([f"x + erf(x) = n*{factor}"], "1", constant="1")) == "undecided"


def test_nor_beside_a_parameter_that_is_fixed_there(verdict):
    parameters = {"parameters": {"c": "c > 0"}, "where": {"c": "c = 1 + 1/10**12"}}
    assert verdict(**about(["x + erf(x) = n"], "1", constant="c", **parameters)) == "undecided"


@pytest.mark.parametrize(
    "right", ["n*(1 + log(n)**(-1/30))", "n*(1 + log(n)**(-1/100))", "n + n**(99999/100000)"]
)  # fmt: skip
def test_what_may_still_get_to_its_constant_is_not_refuted(verdict, right):
    assert verdict(**about([f"x + erf(x) = {right}"], "1", constant="1")) == "undecided"


def test_a_constant_clearly_elsewhere_is_refuted(verdict):
    assert verdict(**about(["x + erf(x) = 2*n"], "1", constant="1")) == "refuted"
