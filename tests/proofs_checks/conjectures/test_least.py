"""Where an observable is least along a name that the path holds: frontiers and best regularisation, true beside false."""

import pytest

from scalecheck.proofs_checks.conjectures.faults import FileError

from .systems_of_users import about, kernel_ridge

FRONTIER = {
    "positive": ["x"],
    "parameters": {"a": "a > 0", "b": "b > 0"},
    "controls": {"N": "N > 0", "D": "D > 0"},
    "path": {"N": "n**s", "D": "n**(1-s)"},
    "where": {"s": "0 < s < 1", "a": "a > 0", "b": "b > 0"},
}
LOSS = ["x = N**(-a) + D**(-b)"]
FLOOR = ["x = N**(-1) + D**(-1) + n**(-1/4)"]
BEST = "b/(a+b)"
LEAST = "-a*b/(a+b)"
RIDGE = {
    "positive": ["kappa", "x"],
    "parameters": {"alpha": "alpha > 1", "beta": "0 < beta < 2*alpha"},
    "controls": {"ridge": "ridge > 0"},
    "path": {"ridge": "n**s"},
    "where": {"alpha": "alpha = 2", "beta": "1 < beta < 2", "s": "-1 < s < 1"},
}
REGRESSION = kernel_ridge(risk="x", noise="")


def frontier(at, exponent, equations=LOSS, unique=None, **more):
    minimum = {"over": "s", "at": at} | ({} if unique is None else {"unique": unique})
    return about(equations, exponent, **{**FRONTIER, "minimum": minimum, **more})


def half(at, exponent, equations=FLOOR, unique=None, **more):
    """Along one range of s, without parameters."""
    return frontier(at, exponent, equations, unique, **{"parameters": {}, "where": {"s": "0 < s < 1"}, **more})


def ridge(at, exponent):
    return about(REGRESSION, exponent, minimum={"over": "s", "at": at}, **RIDGE)


CLAIMS = {
    "the frontier, for all exponents": (frontier(BEST, LEAST, constant="2"), "proved"),
    "its constant, two percent": (frontier(BEST, LEAST, constant="51/25"), "refuted"),
    "its place, by shares turned round": (frontier("a/(a+b)", LEAST), "refuted"),
    "its place, alike for both": (frontier("1/2", LEAST), "refuted"),
    "its exponent, too good": (frontier(BEST, f"{LEAST} - 1/20"), "refuted"),
    "its exponent, too bad": (frontier(BEST, f"{LEAST} + 1/20"), "refuted"),
    "a place that is right for equal exponents only": (frontier("a/(2*b)", LEAST), "refuted"),
    "a range that ends before it": (
        frontier(BEST, LEAST, where={"s": "0 < s < 1/2", "a": "a > 0", "b": "b > 0"}), "refuted"),
    "a range that it always lies in": (
        frontier(BEST, LEAST, where={"s": "0 < s < 1/2", "a": "a > 0", "b": "0 < b < a"}), "proved"),
    "at the closed end": (frontier("1/3", "-a/3", where={"s": "0 < s <= 1/3", "a": "0 < a < b", "b": "b > 0"}), "proved"),
    "at the open end": (frontier("1/3", "-a/3", where={"s": "0 < s < 1/3", "a": "0 < a < b", "b": "b > 0"}), "refuted"),
    "a floor: one of many": (half("1/2", "-1/4", unique=False), "proved"),
    "a floor: the only one": (half("1/2", "-1/4"), "refuted"),
    "a floor: at its edge": (half("3/4", "-1/4", unique=False), "proved"),
    "a floor: beyond its edge": (half("4/5", "-1/4", unique=False), "refuted"),
    "a logarithm at the least": (
        half("1/2", "-1/2", ["x = N**(-1) + log(n)*D**(-1)"], log_power="1", constant="1"), "proved"),
    "a logarithm forgotten": (half("1/2", "-1/2", ["x = N**(-1) + log(n)*D**(-1)"]), "refuted"),
    "a maximum is none": (half("1/2", "1/2", ["x = min(N, D)"]), "refuted"),
    "the best ridge": (ridge("1 - 2/(1+beta)", "-beta/(1+beta)"), "proved"),
    "the best ridge, that of no noise": (ridge("0", "-beta/(1+beta)"), "refuted"),
    "the best ridge, a neighbour": (ridge("1 - 2/(1+beta) + 1/20", "-beta/(1+beta)"), "refuted"),
}  # fmt: skip


@pytest.mark.parametrize("name", CLAIMS)
def test_minima(hearing, name):
    claim, verdict = CLAIMS[name]
    found = hearing(**claim)
    assert found.judgement.verdict.value == verdict, found.judgement.reason
    assert not found.judgement.conflict


def test_both_witnesses_speak_of_the_frontier(hearing):
    found = hearing(**frontier(BEST, LEAST, constant="2"))
    assert [(item.witness, item.outcome.value) for item in found.evidence] == [
        ("symbolic", "holds"),
        ("numeric", "holds"),
    ]
    rows = [row["at"] for row in found.evidence[1].table.records()]
    assert len(rows) >= 4  # at the minimum, and on both sides


def test_a_place_outside_of_the_range_is_told_with_a_point(hearing):
    found = hearing(**frontier(BEST, LEAST, where={"s": "0 < s < 1/2", "a": "a > 0", "b": "b > 0"}))
    assert "is outside of the range" in found.judgement.reason
    assert " at a = " in found.judgement.reason


@pytest.mark.parametrize("exponent", ["-1/2", "-9/10"])
def test_numbers_alone_never_speak_for_a_minimum_nor_against_it(hearing, exponent):
    claim = half("1/2", exponent, ["x = N**(-1) + D**(-1)*(1 + log(1 + log(1 + x)))/2"])
    assert hearing(**claim).judgement.verdict.value == "undecided"


def test_a_name_that_is_tied_to_another_is_not_moved_alone(hearing):
    claim = half("1/2", "-1/2", path={"N": "n**s", "D": "n**q"}, where={"s": "0 < s < 1", "q": "q = 1 - s"})
    found = hearing(**claim)
    assert found.judgement.verdict.value == "undecided"
    assert "ties s" in found.judgement.reason


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"minimum": {"over": "q", "at": "1/2"}}, "minimum.over"),
        ({"minimum": {"over": "N", "at": "1/2"}}, "minimum.over"),
        ({"minimum": {"over": "s", "at": "s"}}, "minimum.at"),
        ({"minimum": {"over": "s"}}, "minimum.at"),
        ({"minimum": {"over": "s", "at": "1/2", "unique": "yes"}}, "minimum.unique"),
        ({"minimum": {"over": "s", "at": "1/2", "most": True}}, "most"),
        ({"minimum": "1/2"}, "minimum"),
        ({"exponent": "-s"}, "exponent"),
        ({"exponent": None}, "exponent"),
        ({"monotone": {"parameter": "a", "direction": "increasing"}}, "claim"),
    ],
)
def test_a_minimum_that_cannot_be_read_names_the_field(hearing, change, field):
    with pytest.raises(FileError, match=field.replace(".", r"\.")):
        hearing(**{**frontier(BEST, LEAST), **change})


def test_a_wrong_minimum_is_told_where_the_least_is(hearing):
    """A budget that is shared half and half, where a/(a + b) of it is right: the reason says so before all else."""
    system = {"id": "s", "large": "C", "positive": ["loss"], "parameters": {"a": "a > 0", "b": "b > 0"},
              "controls": {"N": "N > 0", "D": "D > 0"}, "equations": ["loss = N**(-a) + D**(-b)"]}  # fmt: skip
    claim = {"theory": "system:s", "observable": "loss", "path": {"N": "C**s", "D": "C**(1 - s)"}, "exponent": "-a/2",
             "where": {"s": "0 < s < 1"}, "minimum": {"over": "s", "at": "1/2"}}  # fmt: skip
    found = hearing([system], **claim).judgement
    assert found.verdict.value == "refuted"
    assert found.reason.startswith("symbolic: the least is at s = b/(a + b), where the exponent is -a*b/(a + b); fails")
