"""Claims that something falls faster than every power, their false neighbours, and what numbers say of them."""

import math

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from scalecheck.proofs_checks.conjectures.faults import FileError
from scalecheck.proofs_checks.conjectures.numeric import Curve, judge_below_powers
from scalecheck.proofs_checks.evidence import Outcome

from .systems_of_users import about

FLOW = {
    "equations": ["inside = powersum(k**(-a)*exp(-2*t*k**(-b)), N)", "loss = inside + N**(1 - a)/(a - 1)"],
    "positive": ["inside", "loss"],
    "parameters": {"a": "a > 1", "b": "b > 0"},
    "controls": {"t": "t > 0", "N": "N > 0"},
    "path": {"t": "n**s", "N": "n**c"},
}
SOURCE = {
    "theory": "shells", "controls": {"power": "1/2", "time_power": "0", "direction": "up"}, "path": None,
    "where": {"source": "0 < source < 3", "rate": "1 < rate < 2"}, "observable": "loss", "exponent": None,
}  # fmt: skip


def below(where, observable="inside", **more):
    ranges = {"a": "a > 1", "b": "b > 0", "c": "c > 0", "s": where}
    claim = {"exponent": None, "below_powers": True, **FLOW, **more}
    return about(observable=observable, where=ranges, **claim)


def one(equation, **more):
    return about([equation], None, below_powers=True, **more)


CLAIMS = {
    "every mode is learned": (below("s > b*c"), "proved"),
    "a prefactor may grow": (one("x = n**9*powersum(exp(-n**2/k), n)"), "proved"),
    "a Gaussian": (one("x = powersum(k**3*exp(-n*k**2))"), "proved"),
    "two sums": (one("x = powersum(exp(-n**2/k), n) + n*powersum(k**(-2)*exp(-n**3*k**(-2)), n)"), "proved"),
    "two sums, one of them a power": (one("x = powersum(exp(-n**2/k), n) + n*powersum(k**(-2)*exp(-n*k**(-2)), n)"), "refuted"),
    "a law of the house that is no power": (SOURCE | {"below_powers": True}, "proved"),
    "on the wall it is a power": (below("s >= b*c"), "refuted"),
    "not where modes are left": (below("s > b*c/2"), "refuted"),
    "not the loss": (below("s > b*c", "loss"), "refuted"),
    "a power": (one("x = 1/n**9"), "refuted"),
    "what it is not, a power": (below("s > b*c", exponent="-100", below_powers=None), "refuted"),
    "nor its logarithm": (below("s > b*c", exponent="-1", log=True, below_powers=None), "refuted"),
    "an unknown before it that grows faster": (
        about(["y = powersum(exp(-n**2/k), n)/x", "x = y*n"], None, positive=["x", "y"], observable="y", below_powers=True),
        "undecided"),
    "a resolvent": (one("x = powersum(k**(-2)/(k**(-2) + n**9), n)"), "refuted"),
    "an exponential that is not read": (one("x = exp(-n**(1/4))"), "undecided"),
    "no end, the scale above all atoms": (one("x = powersum(k**(-2)*exp(-n*k))"), "proved"),
    "the same for every power": (one("x = n**9*powersum(exp(-n*k**b))", parameters={"b": "b > 0"}), "proved"),
    "the same among the atoms": (one("x = powersum(k**(-2)*exp(-n/k))"), "refuted"),
    "the same where the scale shrinks": (one("x = powersum(k**(-2)*exp(-k/n))"), "refuted"),
    "the same beside a power": (one("x = powersum(k**(-2)*exp(-n*k)) + 1/n"), "refuted"),
    "a resolvent without an end": (one("x = powersum(k**(-2)/(1 + n*k))"), "refuted"),
    "no positive solution": (one("x = powersum(exp(-2*n*k)) - powersum(exp(-n*k))"), "undecided"),
    "no positive solution up to an end": (one("x = powersum(exp(-2*n**2/k), n) - powersum(exp(-n**2/k), n)"), "undecided"),
    "a power behind an exponential": (one("x = exp(-n**(1/4)) + 1/n**9"), "refuted"),
}  # fmt: skip


@pytest.mark.parametrize("name", CLAIMS)
def test_claims(hearing, name):
    changes, expected = CLAIMS[name]
    found = hearing(**changes)
    assert found.judgement.verdict.value == expected, found.judgement.reason
    assert not found.judgement.conflict


@pytest.mark.parametrize("value", [False, "true", 1])
def test_it_is_claimed_or_left_out(hearing, value):
    with pytest.raises(FileError, match="below_powers"):
        hearing(**below("s > b*c", below_powers=value))


def test_it_stands_in_place_of_a_law(hearing):
    with pytest.raises(FileError, match="claim"):
        hearing(**below("s > b*c", exponent="-1"))


def curve(value, low, high):
    scales = tuple(10 ** (low + (high - low) * k / 9) for k in range(10))
    return Curve({"b": sp.S.One}, scales, tuple(map(value, scales)), (1e-12,) * 10, False)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.2, 1), st.floats(-2, 2), st.floats(0, 3))
def test_numbers_tell_exponentials_from_powers(stretch, factor, power):
    """exp(-n^stretch) times a power holds where n^stretch is 40; a power with a logarithm and a correction never does."""
    found, _ = judge_below_powers(curve(lambda n: n**factor * math.exp(-(n**stretch)), 0.4 / stretch, 1.6 / stretch))
    assert found is Outcome.HOLDS
    assert judge_below_powers(curve(lambda n: n**-power * (1 + n**-0.5) / math.log(n), 2, 12))[0] is not Outcome.HOLDS
