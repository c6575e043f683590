"""On the walls of a user's system its own law is derived: ties of terms, curves among them, in place of "undecided"."""

import pytest

from scalecheck.proofs_checks.conjectures import walls

from .systems_of_users import about, kernel_ridge

TWO = {"parameters": {"p": "p > 0", "q": "q > 0"}}
SUM = ["x**p + x**q = n"]
CURVE = ["x**p + x**(1/q) = n"]
CRITICAL = (kernel_ridge(noise="noise*"),)
KERNEL = {
    "positive": ["kappa", "risk"], "observable": "risk", "path": {"ridge": "n**(1 - alpha)"},
    "parameters": {"alpha": "alpha > 1", "beta": "0 < beta < 2*alpha"},
    "controls": {"ridge": "ridge > 0", "noise": "noise >= 0"}, "values": {"noise": "0"},
    "where": {"alpha": "3/2 < alpha < 2", "beta": "beta = 1"},
}  # fmt: skip
CASES = {
    "a tie of two powers": (about(SUM, "1/max(p, q)", **TWO), "proved"),
    "the other one of them": (about(SUM, "1/min(p, q)", **TWO), "refuted"),
    "the wall in the range": (about(SUM, "1/p", **TWO, where={"p": "p >= q"}), "proved"),
    "a constant that is another one on the wall": (about(SUM, "1/max(p, q)", constant="1", **TWO), "refuted"),
    "a wall that is a curve": (about(CURVE, "1/max(p, 1/q)", **TWO), "proved"),
    "the wrong side of a curve": (about(CURVE, "1/p", **TWO), "refuted"),
    "the end of a range where terms tie": (
        about(["x = n**p + 1"], "p", parameters={"p": "p > -1"}, where={"p": "p >= 0"}), "proved"),
    "its constant": (
        about(["x = n**p + 1"], "p", constant="1", parameters={"p": "p > -1"}, where={"p": "p >= 0"}), "refuted"),
    "leading terms that cancel on the wall": (
        about(["x + n = p*n + sqrt(n)"], "1", parameters={"p": "p >= 1"}), "refuted"),
    "factors on a wall": (
        about(["x = r + n**p"], "p", constant="3", parameters={"p": "p > 0"}, controls={"r": "r > 0"},
              path={"r": "2*n**c"}, where={"c": "c = p"}), "proved"),
    "a wall of the path and a parameter": (
        about(["x = r + n**p"], "max(c, p)", parameters={"p": "p > 0"}, controls={"r": "r > 0"}, path={"r": "n**c"},
              where={"c": "0 < c < 3"}), "proved"),
    "the critical ridge": (about(*CRITICAL, "-1", **KERNEL), "proved"),
    "the critical ridge, a range over alpha = beta, where a constant is 0/0": (
        about(*CRITICAL, "-beta", **{**KERNEL, "where": {"alpha": "alpha = 2", "beta": "3/2 < beta < 5/2"}}), "proved"),
    "the critical ridge, a tenth beside": (about(*CRITICAL, "-11/10", **KERNEL), "refuted"),
    "the critical ridge, noise": (about(*CRITICAL, "0", **{**KERNEL, "values": {"noise": "1"}}), "proved"),
    "the critical ridge, a constant that has no closed form": (
        about(*CRITICAL, "-1", constant="1", **KERNEL), "undecided"),
    "the critical ridge, what balances there": (
        about(*CRITICAL, "-alpha", **{**KERNEL, "observable": "kappa"}), "proved"),
}  # fmt: skip

FLOW = {
    "positive": ["x"], "parameters": {"a": "0 < a < 3/4"}, "controls": {"t": "t > 0"}, "path": {"t": "n"},
}  # fmt: skip
FLOWS = ["x = powersum(k**(-a)*exp(-2*t/k), n)"]
AT_HALF = {**FLOW, "where": {"a": "a = 1/2"}}
SHARE = "sqrt(2)*(sqrt(2)*exp(-2) - 2*sqrt(pi)*erfc(sqrt(2)))"
DEGREES = ["x = powersum(k**(-a)/(k**(-a) + r), n)"]
FINITE = {"parameters": {"a": "1/2 < a < 3"}, "controls": {"r": "r > 0"}, "path": {"r": "n**(-a)"}}
AT_TWO = {**FINITE, "where": {"a": "a = 2"}, "path": {"r": "3/n**2"}}
HEADS = {"controls": {"r": "r > 0"}, "path": {"r": "2/n**(3/2)"}}
ENDS = {
    "gradient flow that reaches the last mode": (about(FLOWS, "1 - a", **FLOW), "proved"),
    "its constant": (about(FLOWS, "1/2", constant=SHARE, **AT_HALF), "proved"),
    "its constant, two percent off": (about(FLOWS, "1/2", constant=f"1.02*{SHARE}", **AT_HALF), "refuted"),
    "its exponent, a twentieth off": (about(FLOWS, "19/20 - a", **FLOW), "refuted"),
    "the law inside taken to the end": (about(FLOWS, "1/2", constant="sqrt(2*pi)", **AT_HALF), "refuted"),
    "the law below taken to the end": (about(FLOWS, "1/2", constant="2", **AT_HALF), "refuted"),
    "another time": (about(FLOWS, "1/2", constant=SHARE, **{**AT_HALF, "path": {"t": "21/20*n"}}), "refuted"),
    "degrees of freedom, every spectrum": (about(DEGREES, "1", **FINITE), "proved"),
    "of a spectrum k^-2": (about(DEGREES, "1", constant="pi/3/sqrt(3)", **AT_TWO), "proved"),
    "of a spectrum k^-2, two percent off": (about(DEGREES, "1", constant="1.02*pi/3/sqrt(3)", **AT_TWO), "refuted"),
    "the scale forgotten": (about(DEGREES, "1/a", **FINITE), "refuted"),
    "a geometric series that always ends at its scale": (
        about(["x = powersum(exp(-k/n), n)"], "1", constant="1 - exp(-1)"), "proved"),
    "its end forgotten": (about(["x = powersum(exp(-k/n), n)"], "1", constant="1"), "refuted"),
    "first atoms that lead": (
        about(["x = powersum(k**(-5)/(k**(-3/2) + r), n)"], "0", constant="zeta(7/2)", **HEADS), "proved"),
    "first atoms that lead, three percent off": (
        about(["x = powersum(k**(-5)/(k**(-3/2) + r), n)"], "0", constant="1.03*zeta(7/2)", **HEADS), "refuted"),
}  # fmt: skip
"""Sums up to n whose scale stands at their end."""
CASES |= ENDS


@pytest.mark.parametrize("name", ENDS)
def test_at_the_end_of_a_sum_both_witnesses_agree(hearing, name):
    changes, expected = ENDS[name]
    told = {item.witness: item.outcome.value for item in hearing(**changes).evidence}
    wanted = "holds" if expected == "proved" else "fails"
    assert told == {"symbolic": wanted, "numeric": wanted}


def test_a_wall_at_the_end_without_a_law_says_why(hearing):
    equations = ["r = powersum(k**(-2)/(k**(-2) + x), n)"]
    found = hearing(**about(equations, "-2", controls={"r": "r > 0"}, path={"r": "n/2"}))
    assert found.judgement.verdict.value == "undecided"
    assert "x is not known before the equations are solved" in found.judgement.reason


@pytest.mark.parametrize("name", CASES)
def test_walls_have_laws_of_their_own(hearing, name):
    changes, expected = CASES[name]
    found = hearing(**changes)
    assert found.judgement.verdict.value == expected, found.judgement.reason
    assert not found.judgement.conflict


def test_the_counter_region_is_the_wall(hearing):
    reason = hearing(**about(SUM, "1/max(p, q)", constant="1", **TWO)).judgement.reason
    assert "fails where p = q: the constant is 2**(-1/q), not 1" in reason
    assert "holds where p > q or p < q" in reason


@pytest.mark.usefixtures("nothing_remembered")
def test_without_the_second_derivation_the_wall_is_open(hearing, monkeypatch):
    def refuse(*_):
        raise walls.UnresolvedError("broken on purpose")

    monkeypatch.setattr(walls, "_derived", refuse)
    found = hearing(**about(SUM, "1/max(p, q)", **TWO))
    assert found.judgement.verdict.value == "undecided"
    assert "broken on purpose" in found.judgement.reason
