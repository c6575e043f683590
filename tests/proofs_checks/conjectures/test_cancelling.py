"""Equations whose leading terms cancel: what is left is taken from a further order of the sums, and never from beyond it."""

import pytest

from .systems_of_users import about

RESOLVENT = "powersum(k**(-2)/(k**(-2) + 1/n))"
"""pi/2 sqrt(n) - 1/2, up to what is exponentially small."""
TWICE = [f"x = {RESOLVENT} - 2*powersum(k**(-2)/(k**(-2) + 4/n))"]
WRITTEN = [f"x = {RESOLVENT} - pi*sqrt(n)/2 + 1"]
SQUARED = [f"x**2 + x = {RESOLVENT} - pi*sqrt(n)/2 + n**(1/4)"]
TAIL = ["x = zeta(a) - powersum(k**(-a), n)"]
SECOND = ["x = n**(1 - a)/(a - 1) - zeta(a) + powersum(k**(-a), n)"]
END = [f"x + powersum(k**(-2)/(k**(-2) + 1/n), n**2) = {RESOLVENT} + n**(-3)"]
HARMONIC = ["x = powersum(1/k, n) - log(n)"]
ABOVE_ONE = {"parameters": {"a": "a > 1"}}

TRUE = {
    "two sums": about(TWICE, "0", constant="1/2"),
    "a sum and what is written": about(WRITTEN, "0", constant="1/2"),
    "in an equation with two powers": about(SQUARED, "1/8", constant="1"),
    "the tail of a zeta function": about(TAIL, "1 - a", constant="1/(a - 1)", **ABOVE_ONE),
    "a sum and the same with an end": about(END, "-1", constant="1"),
    "Euler's constant": about(HARMONIC, "0"),
}
FALSE = {
    "two sums, two per cent": about(TWICE, "0", constant="0.51"),
    "two sums, an exponent beside": about(TWICE, "1/20", constant="1/2"),
    "two sums, a logarithm": about(TWICE, "0", log_power="1"),
    "two sums, the order that cancels": about(TWICE, "1/2"),
    "a sum and what is written, two per cent": about(WRITTEN, "0", constant="0.49"),
    "in an equation with two powers, of the other": about(SQUARED, "1/4"),
    "the tail of a zeta function, two per cent": about(TAIL, "1 - a", constant="1.02/(a - 1)", **ABOVE_ONE),
    "the tail of a zeta function, an exponent beside": about(TAIL, "1 - a + 1/20", **ABOVE_ONE),
    "the tail of a zeta function, a logarithm": about(TAIL, "1 - a", log_power="1", **ABOVE_ONE),
    "a sum and the same with an end, a wrong end": about(END, "-3"),
    "the logarithm that cancels": about(HARMONIC, "0", log_power="1"),
}
GEOMETRIC = "powersum(exp(-k/n))"
"""n - 1/2 + 1/(12 n) - 1/(720 n^3) + 1/(30240 n^5): the coefficients of even powers vanish, so a rest of order n^-4 is n^-5."""
FOURTH = "n - 1/2 + 1/(12*n) - n**(-3)/720"
BEYOND = {
    "a term beyond what was expanded": about([f"x + {FOURTH} = {GEOMETRIC} + 2*n**(-9)"], "-9"),
    "on the other side": about([f"x + {GEOMETRIC} = {FOURTH} + 2*n**(-9)"], "-9"),
    "a negative rest": about([f"x + {GEOMETRIC} = n - 1/2 + 2*n**(-3)"], "-3"),
    "coefficients of two functions that cancel where the expansion ends": about(
        ["x + 31*n/2 - 15/2 + 7/(6*n) - n**(-3)/90 = powersum(16*exp(-k/n) - exp(-2*k/n)) + n**(-9)"], "-9"),
    "half of the last term of a sum, which between whole numbers stands still": about(
        SECOND, "-a", constant="1/2", **ABOVE_ONE),
}  # fmt: skip


@pytest.mark.parametrize("name", TRUE)
def test_true(hearing, name):
    found = hearing(**TRUE[name]).judgement
    assert found.verdict.value == "proved", found.reason


@pytest.mark.parametrize("name", FALSE)
def test_false_neighbours(verdict, name):
    assert verdict(**FALSE[name]) == "refuted"


@pytest.mark.parametrize("name", BEYOND)
def test_nothing_is_taken_from_beyond_the_rest(hearing, name):
    found = hearing(**BEYOND[name]).judgement
    assert found.verdict.value in ("undecided", "refuted"), found.reason
    if name != "a negative rest":
        assert "leading terms cancel" in found.reason
        return
    assert "no positive solution" in found.reason
