"""Systems that the machine cannot read as a whole, read where a conjecture speaks: logarithms of unknowns whose power is known
there, sums that lead in another way beyond a wall, and what nobody asked for left out."""

import pytest

import scalecheck

from .systems_of_users import about

RIDGE = [
    "n*x = ridge + x*powersum(k**(-a)/(k**(-a) + x))",
    "y = powersum(k**(-b)/(1 + k**(-a)/x)**2)",
]
KERNEL = {
    "positive": ["x", "y"], "parameters": {"a": "a > 1", "b": "1 < b < 6"}, "controls": {"ridge": "ridge > 0"},
    "path": {"ridge": "n**(-s)"}, "observable": "y",
}  # fmt: skip
RANGE = {"a": "1 < a < 2", "b": "1 < b < 6", "s": "0 < s < 3"}
WALL = {**RANGE, "b": "b = 2*a + 1"}
LATE, EARLY = {**WALL, "s": "1 < s < 3"}, {**WALL, "a": "3/2 < a < 2", "s": "0 < s < 1/2"}
KAPPA = {**KERNEL, "observable": "x"}
NUMBERS = [RIDGE[0].replace("(-a)", "(-3/2)"), "y = powersum(k**(-4)/(1 + k**(-3/2)/x)**2)"]
AT_NUMBERS = {key: value for key, value in KERNEL.items() if key != "parameters"}
FAST = {"where": {"s": "1/2 < s < 3"}}
ENDED = ["x = powersum(k**(-a)/(1 + n*k**(-b))**2, N)"]
SHORT = {
    "parameters": {"a": "a > 0", "b": "1/2 < b < 2"}, "controls": {"N": "N > 0"}, "path": {"N": "n**s"},
    "where": {"a": "1 < a < 2*b + 1", "b": "1 < b < 2", "s": "0 < s < 1/b"},
}  # fmt: skip
HALF = {"controls": {"p": "p > 0"}, "path": {"p": "n**(1/2)"}}
CASES = {
    "saturation has a logarithm": (about(RIDGE, "-2*a", log_power="1", where=LATE, **KERNEL), "proved"),
    "its constant": (
        about(RIDGE, "-2*a", log_power="1", constant="(pi/(a*sin(pi/a)))**(2*a)", where=LATE, **KERNEL), "proved"),
    "its constant without a half": (
        about(RIDGE, "-2*a", log_power="1", constant="(pi/(a*sin(pi/a)))**a", where=LATE, **KERNEL), "refuted"),
    "no logarithm": (about(RIDGE, "-2*a", where=LATE, **KERNEL), "refuted"),
    "two of them": (about(RIDGE, "-2*a", log_power="2", where=LATE, **KERNEL), "refuted"),
    "a large ridge": (about(RIDGE, "-2*s - 2", log_power="1", constant="(1 + s)/a", where=EARLY, **KERNEL), "proved"),
    "a large ridge, the power of another": (
        about(RIDGE, "-2*s - 2", log_power="1", constant="1 + s", where=EARLY, **KERNEL), "refuted"),
    "the whole range up to logarithms": (
        about(RIDGE, "-min(b - 1, 2*a)*min(1, (1 + s)/a)", log=True, where=RANGE, **KERNEL), "proved"),
    "the whole range, saturated a tenth too late": (
        about(RIDGE, "-min(b - 1, 2*a + 1/10)*min(1, (1 + s)/a)", log=True, where=RANGE, **KERNEL), "refuted"),
    "numbers with a range of paths": (about(NUMBERS, "-3", log_power="1", **FAST, **AT_NUMBERS), "proved"),
    "numbers, another path": (about(NUMBERS, "-2*s - 2", log_power="1", **FAST, **AT_NUMBERS), "refuted"),
    "what nobody asked for has no walls": (about(RIDGE, "-min(a, s + 1)", where=RANGE, **KAPPA), "proved"),
    "what nobody asked for, another law": (about(RIDGE, "-a", where=RANGE, **KAPPA), "refuted"),
    "the logarithm of a control": (
        about(["x = powersum(k**(-2)*log(1 + p*k))"], "0", log_power="1", constant="zeta(2)/2", **HALF), "proved"),
    "the logarithm of a control, its power forgotten": (
        about(["x = powersum(k**(-2)*log(1 + p*k))"], "0", log_power="1", constant="zeta(2)", **HALF), "refuted"),
    "the logarithm of a control, none": (about(["x = powersum(k**(-2)*log(1 + p*k))"], "0", **HALF), "refuted"),
    "beyond a wall other atoms lead": (about(ENDED, "(2*b - a + 1)*s - 2", **SHORT), "proved"),
    "beyond a wall, a constant": (about(ENDED, "(2*b - a + 1)*s - 2", constant="1/(2*b - a + 1)", **SHORT), "proved"),
    "beyond a wall, its law before": (about(ENDED, "(1 - a)*s", **SHORT), "refuted"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_read_where_the_conjecture_speaks(verdict, name):
    claim, expected = CASES[name]
    assert verdict(**claim) == expected


def test_what_is_left_out_must_have_a_value(verdict):
    """A loss that diverges, or that would be negative, leaves the rest without a solution: nothing is proved of it."""
    diverges = about(["x**2 = n", "y = x + powersum(k**(-b))"], "1/2", positive=["x", "y"], parameters={"b": "b > 1/2"})
    negative = about(["x**2 = n", "y = x - n"], "1/2", positive=["x", "y"])
    ended = about(
        ["x**2 = n", "y = powersum(k**(-2), N)"], "1/2", positive=["x", "y"], controls={"N": "N > 0"}, path={"N": "1/n"}
    )
    assert verdict(**diverges) != "proved"
    assert verdict(**{**diverges, "where": {"b": "b > 1"}}) == "proved"
    assert verdict(**negative) != "proved"
    assert verdict(**ended) != "proved"


def test_phases_of_what_is_read_in_places_are_not_known(verdict):
    line = about(NUMBERS, None, boundary={"between": ["one", "two"]}, **AT_NUMBERS, where={"s": "s = 1/2"})
    assert verdict(**line) == "undecided"


def test_a_boundary_between_names_that_no_phase_of_a_system_has_is_neither_true_nor_false(hearing):
    """Such names are given by the machine; of those that there are, and do not meet where it is claimed, it is false."""
    split = about(["x = n**2 + t"], None, controls={"t": "t > 0"}, path={"t": "n**s"}, where={"s": "1 < s < 3/2"})
    found = hearing(**split, boundary={"between": ["foo", "bar"]}).judgement
    assert found.verdict.value == "undecided"
    assert "no phase foo, bar (there are balance)" in found.reason
    names = ["balance", "balance"]
    assert hearing(**split, boundary={"between": names}).judgement.verdict.value == "refuted"
    met = {**split, "where": {"s": "s = 2"}}
    assert hearing(**met, boundary={"between": names}).judgement.verdict.value == "proved"


def test_a_boundary_of_a_theory_whose_phases_are_named_when_derived(hearing):
    """Ridge regression does not name its phases beforehand: a slip is found when the claim is heard."""
    claim = {"between": ["effective-noisy", "efective-noiseless"]}
    found = hearing(
        id="x", theory="ridge", observable="risk", path={"ridge": "samples**(-1)"}, exponent=None, boundary=claim,
        where={"source": "source = 1", "decay": "decay = 2", "noise": "noise = 1"},
    ).judgement  # fmt: skip
    assert found.verdict.value == "undecided"
    assert "no phase efective-noiseless (there are effective-noiseless, " in found.reason


def test_every_wall_of_kernel_ridge_has_a_law():
    system = {"id": "s", "large": "n", "equations": RIDGE}
    system |= {key: KERNEL[key] for key in ("positive", "parameters", "controls")}
    question = {"id": "all", "theory": "system:s", "observable": "y", "path": KERNEL["path"], "where": RANGE}
    (row,) = scalecheck.derive({"system": [system], "question": [question]}).to_json()
    assert row["complete"]
    assert sum(law["where"].count(" = ") for law in row["laws"]) == 6
