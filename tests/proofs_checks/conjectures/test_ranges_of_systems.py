"""What a theorist expects to be decided of a user's system on a range, its false neighbours, and reasons where nothing is."""

import pytest

from .systems_of_users import about, kernel_ridge

KERNEL = {
    "equations": kernel_ridge(),
    "positive": ["kappa", "risk"],
    "parameters": {"alpha": "alpha > 1", "beta": "0 < beta < 2*alpha"},
    "controls": {"ridge": "ridge > 0"},
    "observable": "risk",
    "path": {"ridge": "n**(1-alpha)"},
}
"""Kernel ridge regression at the critical ridge."""


def kernel(exponent, alpha, **more):
    return about(exponent=exponent, where={"alpha": f"alpha = {alpha}", "beta": "0 < beta < 1"}, **KERNEL, **more)


def resolvent(exponent, constant, where="0 < c < 1"):
    equations = ["x = powersum(k**(-2)/(k**(-2) + c/n))"]
    return about(equations, exponent, constant=constant, parameters={"c": "-1 < c < 1"}, where={"c": where})


def errors(exponent, constant):
    equations = ["x = powersum(k**(-b)*erfc(n*k**(-2)))"]
    return about(equations, exponent, constant=constant, parameters={"b": "b > 1"})


def negative(exponent, constant):
    return about(["x = powersum(k**(-2)*(k**(-2) - 1/n)/(k**(-2) + 1/n)**2) + 1"], exponent, constant=constant)


def fixed(exponent, constant):
    return about(
        ["x = t**2 + 1"], exponent, constant=constant, parameters={"b": "b > 1"}, controls={"t": "t > 0"},
        path={"t": "3*n**(b/2)"}, where={"b": "b = 2"},
    )  # fmt: skip


def excluded(second, observable, exponent, constant=None):
    """The first equation has two positive solutions, x = n and x = n**2."""
    equations = ["x**2 + n**3 = x*(n + n**2)", second]
    return about(equations, exponent, constant=constant, positive=["x", "y"], observable=observable, one_solution=True)


def quintic(exponent):
    return about(
        ["x**5 + 3*n**5 = 5*x*n**4", "y + n = x"], exponent, positive=["x", "y"], observable="y",
        one_solution=True,
    )  # fmt: skip


TRUE = {
    "one of two roots by another equation": quintic("1"),
    "the larger by another equation": excluded("y + n*sqrt(n) = x", "x", "2", "1"),
    "the smaller by another equation": excluded("y + x = n*sqrt(n)", "x", "1", "1"),
    "what that equation leaves": excluded("y + x = n*sqrt(n)", "y", "3/2", "1"),
    "where two sums are alike": kernel("-beta", "beta + 1"),
    "on a curve where two sums are alike": kernel("-beta", "(beta + 1)/beta"),
    "a resolvent, positive on the range alone": resolvent("1/2", "pi/(2*sqrt(c))"),
    "the same with an end": resolvent("1/2", "pi/(2*sqrt(c))", "1/3 <= c < 1"),
    "error functions": errors("(1 - b)/2", "gamma((1 + b)/4)/((b - 1)*sqrt(pi))"),
    "a sum that is negative": negative("0", "1/2"),
    "a path by a parameter that is fixed": fixed("2", "9"),
}
FALSE = {
    "one of two roots, an exponent beside": quintic("1 + 1/20"),
    "the root that is excluded": excluded("y + n*sqrt(n) = x", "x", "1", "1"),
    "the other root that is excluded": excluded("y + x = n*sqrt(n)", "x", "2", "1"),
    "the root that is left, two per cent": excluded("y + n*sqrt(n) = x", "x", "2", "1.02"),
    "what is left, of the root that is excluded": excluded("y + n*sqrt(n) = x", "y", "3/2", "1"),
    "where two sums are alike, an exponent beside": kernel("-beta + 1/20", "beta + 1"),
    "where two sums are alike, a logarithm": kernel("-beta", "beta + 1", log_power="1"),
    "on a curve where two sums are alike, an exponent beside": kernel("-beta - 1/20", "(beta + 1)/beta"),
    "a resolvent, two per cent": resolvent("1/2", "1.02*pi/(2*sqrt(c))"),
    "a resolvent, an exponent beside": resolvent("1/2 + 1/20", "pi/(2*sqrt(c))"),
    "error functions, two per cent": errors("(1 - b)/2", "0.98*gamma((1 + b)/4)/((b - 1)*sqrt(pi))"),
    "error functions, an exponent beside": errors("(1 - b)/2 + 1/20", "gamma((1 + b)/4)/((b - 1)*sqrt(pi))"),
    "a sum that is negative, two per cent": negative("0", "0.51"),
    "a sum that is negative, an exponent beside": negative("1/20", "1/2"),
    "a path by a parameter that is fixed, two per cent": fixed("2", "9.18"),
    "a path by a parameter that is fixed, an exponent beside": fixed("2 + 1/20", "9"),
}


@pytest.mark.parametrize("name", TRUE)
def test_true(hearing, name):
    found = hearing(**TRUE[name]).judgement
    assert found.verdict.value == "proved", found.reason


@pytest.mark.parametrize("name", FALSE)
def test_false_neighbours(verdict, name):
    assert verdict(**FALSE[name]) == "refuted"


SIZE = {
    "equations": ["inside = powersum(k**(-a)*exp(-2*t*k**(-b)), n)", "loss = inside + n**(1 - a)/(a - 1)"],
    "positive": ["inside", "loss"],
    "parameters": {"a": "a > 1", "b": "b > 0"},
    "controls": {"t": "t > 0"},
    "observable": "loss",
}
OPEN = {
    "two roots that no equation excludes": (excluded("y + n = x + 2*n", "x", "2"), "there are several positive solutions"),
    "a resolvent across its pole": (resolvent("1/2", None, "-1/2 < c < 1"), "is not expanded: expected A + B u^r"),
    "an equation with several roots, of which another may leave one": (
        about(["x**2 + n**3 = x*(n + n**2)", "y + n = x"], "2", positive=["x", "y"]),
        "whether those of others leave one is not clear"),
    "a pole of the claim": (
        about(["x**p = n"], "1/p", parameters={"p": "-1 < p < 1"}), "where p may be 0"),
    "a sum that diverges": (
        about(["x = n*powersum(k**(-a))"], "1", parameters={"a": "a > 0"}, where={"a": "1/2 < a < 1"}), "needs a > 1"),
    "no balance": (
        about(["y = powersum(k**(-2)*exp(-2*n**2*k**(-1)), n)", "x*y = 2*y + y/n"], "0", positive=["y", "x"]),
        "no balance of the equations is consistent"),
    "a sum of either sign at an unknown": (
        about(["y + 1/x = powersum(k**(-2)*(k**(-2) - x)/(k**(-2) + x)**2) + n", "y = 2*x + erf(x)"], "1",
              positive=["x", "y"]), ""),
}  # fmt: skip
INTERNAL = ("Error", "_ratio", "_control_", "HalfMoment", "nan", "broke down", "the plane", "no parameters")


@pytest.mark.parametrize("name", OPEN)
def test_what_is_open_is_told_in_words_of_the_user(hearing, name):
    claim, phrase = OPEN[name]
    found = hearing(**claim)
    told = " ".join([found.judgement.reason, *(item.reason for item in found.evidence)])
    assert found.judgement.verdict.value == "undecided", told
    assert phrase in told
    assert not [word for word in INTERNAL if word in told], told


def test_three_ranges_over_a_sum_that_ends(hearing):
    """Whether the scale is inside the sum, below it or at its end depends on the third: two laws, and one between them."""
    where = {"a": "a > 1", "b": "b > 0", "s": "s > 0"}
    law = "max(-s*(a - 1)/b, 1 - a)"
    found = hearing(**about(exponent=law, **SIZE, path={"t": "n**s"}, where=where)).judgement
    assert found.verdict.value == "proved", found.reason
    false = about(exponent="-s*(a - 1)/b", **SIZE, path={"t": "n**s"}, where=where)
    assert hearing(**false).judgement.verdict.value == "refuted"


BETWEEN = {
    "parameters": {"a": "0 < a < 2", "b": "0 < b < 2"}, "controls": {"c": "c > 0"}, "path": {"c": "1"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"a": "b < a < 2", "b": "1 < b < 2"}, "proved"),
        ({"a": "1 < a < 2", "b": "1 < b < a"}, "proved"),
        ({"a": "s < a < 2", "s": "1 < s < 2", "b": "1 < b < s"}, "proved"),
        ({"a": "b < a < 2", "b": "0 < b < 2"}, "refuted"),
        ({"a": "b < a < 2", "b": "-1 < b < 2"}, "not-applicable"),
        ({"a": "b < a < 3", "b": "1 < b < 2"}, "not-applicable"),
        ({"b": "1 < b < a"}, "not-applicable"),
    ],
)
def test_a_name_is_bounded_by_what_stands_under_it(verdict, where, expected):
    """`a = "b < a < 2"` bounds a by what b may be; it was read as a range of b, and left a without a lower end."""
    claim = about(["x = n**(a**2 - b**2)*c + n**(2*(a - b))"], "a**2 - b**2", where=where, **BETWEEN)
    assert verdict(**claim) == expected


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"s": "s > b - 1", "a": "a = s"}, "not-applicable"),
        ({"a": "a = b - 1", "b": "b >= c"}, "not-applicable"),
        ({"s": "s > -1", "a": "a = s"}, "not-applicable"),
        ({"s": "s > 1", "a": "a = s"}, "proved"),
        ({"a": "a >= b"}, "proved"),
    ],
)
def test_what_an_equation_ties_to_a_name_is_asked_for_all_that_bounds_it(verdict, where, expected):
    """s may be -1/2 where s > b - 1, b > 0, and a = s with it: that b has no range hid it."""
    claim = about(["x = n**a + 1"], "a", parameters={name: f"{name} > 0" for name in "abc"}, where=where)
    assert verdict(**claim) == expected
