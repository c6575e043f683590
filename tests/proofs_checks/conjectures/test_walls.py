"""On the walls of a user's system its own law is derived: ties of terms, curves among them, in place of "undecided"."""

import pytest

from scalecheck.proofs_checks.conjectures import walls

from .systems_of_users import about

TWO = {"parameters": {"p": "p > 0", "q": "q > 0"}}
SUM = ["x**p + x**q = n"]
CURVE = ["x**p + x**(1/q) = n"]
CRITICAL = (
    [
        "n*kappa = ridge + kappa*powersum(k**(-alpha)/(k**(-alpha) + kappa))",
        "risk*(1 - powersum(k**(-2*alpha)/(k**(-alpha) + kappa)**2)/n)"
        " = powersum(k**(-1-beta)*kappa**2/(k**(-alpha) + kappa)**2)"
        " + noise*powersum(k**(-2*alpha)/(k**(-alpha) + kappa)**2)/n",
    ],
)
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
        about(*CRITICAL, "-1", constant="1", **KERNEL), "refuted"),
    "the critical ridge, what balances there": (
        about(*CRITICAL, "-alpha", **{**KERNEL, "observable": "kappa"}), "proved"),
}  # fmt: skip


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


def test_without_the_second_derivation_the_wall_is_open(hearing, monkeypatch):
    def refuse(*_):
        raise walls.UnresolvedError("broken on purpose")

    monkeypatch.setattr(walls, "_derived", refuse)
    found = hearing(**about(SUM, "1/max(p, q)", **TWO))
    assert found.judgement.verdict.value == "undecided"
    assert "broken on purpose" in found.judgement.reason
