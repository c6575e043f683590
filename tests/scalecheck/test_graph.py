"""The graph of claims: layers, no circles, no edge that a longer way already shows."""

import re
from dataclasses import replace

import pytest

from scalecheck.graph import claim_graph, direct, layers, legend
from scalecheck.proofs_checks.claims import Claim, Source, Twin
from scalecheck.proofs_checks.court import Hearing, TwinHearing
from scalecheck.proofs_checks.verdicts import Judgement, Verdict
from scalecheck.standing import standings


def hearing(name, *rests_on, verdict=Verdict.PROVED):
    twin = Twin("t", "false", None)
    claim = Claim(name, name, "$x$", Source(("k",), "N1"), None, "exact", (twin,), numeric=print, rests_on=rests_on)
    return Hearing(claim, Judgement(verdict, "because"), (), ())


def test_layers():
    assert layers([hearing("a"), hearing("b", "a"), hearing("c", "a", "b"), hearing("d", "elsewhere")]) == {
        "a": 0,
        "b": 1,
        "c": 2,
        "d": 0,
    }


def test_a_circle_is_an_error():
    with pytest.raises(ValueError, match="circle"):
        layers([hearing("a", "b"), hearing("b", "a")])


def test_edges_are_direct():
    assert direct({"a": (), "b": ("a",), "c": ("b", "a"), "d": ("c", "a")})["d"] == ("c",)


def test_drawing():
    drawn = claim_graph([hearing("a"), hearing("b", "a"), hearing("c", "a", "b")])
    assert drawn.count("<rect") == 3
    assert drawn.count('class="edge"') == 2
    assert 'href="#b"' in drawn


def test_groups_stand_apart_and_edges_between_them_are_drawn():
    drawn = claim_graph([hearing("a"), hearing("b", "a")], {"a": "first", "b": "second"})
    assert drawn.count('class="group"') == 2
    assert drawn.count('class="edge across"') == 1


def test_boxes_do_not_overlap():
    many = [hearing(f"claim{k}", *([f"claim{k // 7}"] if k % 3 else [])) for k in range(160)]
    drawn = claim_graph(many[1:], {f"claim{k}": "one" if k < 90 else "two" for k in range(160)})
    corners = re.findall(r'class="face" x="(\d+)" y="(\d+)"', drawn)
    assert len(corners) == len(set(corners)) == 160  # claim0 was not heard


def test_standing_is_computed_from_everything_below():
    below = hearing("a")
    known = standings([below, hearing("b", "a"), hearing("c", "b")])
    assert known["c"].whole
    assert known["c"].evidence == "exact"
    weak = standings([hearing("a", verdict=Verdict.SUPPORTED), hearing("b", "a"), hearing("c", "b")])
    assert not weak["c"].whole
    assert weak["c"].tainted_by == ()
    assert standings([hearing("b", "a")])["b"].whole is False  # what it rests on was not heard


@pytest.mark.parametrize("verdict", [Verdict.REFUTED, Verdict.UNDECIDED, Verdict.NOT_APPLICABLE])
def test_what_is_not_accepted_taints_what_rests_on_it(verdict):
    hearings = [hearing("a", verdict=verdict), hearing("b", "a"), hearing("c", "b"), hearing("d")]
    known = standings(hearings)
    assert known["a"].evidence == verdict.value
    assert known["b"].tainted_by == known["c"].tainted_by == ("a",)
    assert known["d"].tainted_by == ()
    drawn = claim_graph(hearings)
    assert drawn.count('class="taint"') == 2
    assert f"by-{verdict.value}" in drawn


def test_a_toothless_check_taints_as_well():
    """A claim whose false twin passed is accepted, but nothing may be built on it."""
    twin = Twin("t", "false", None)
    passed = TwinHearing(twin, Judgement(Verdict.PROVED, "because"), ())
    known = standings([replace(hearing("a"), twins=(passed,)), hearing("b", "a")])
    assert known["b"].tainted_by == ("a",)


def test_the_legend_shows_every_kind():
    told = legend()
    assert all(word in told for word in ("literature", "derived", "conjectured", "numerical", "certified", "exact"))
    assert all(word in told for word in ("refuted", "undecided", "taint"))


def test_what_was_not_heard_is_drawn_without_a_link():
    drawn = claim_graph([hearing("b", "a"), hearing("c", "a", "b")], {"a": "first", "b": "second", "c": "second"})
    assert 'href="#a"' not in drawn
    assert drawn.count("box outside") == 1
    assert drawn.count('class="edge across"') == 1  # the one from a to c is shown by the way over b
    assert "not in this run" in drawn


def test_a_whole_ledger_has_nothing_outside():
    assert "box outside" not in claim_graph([hearing("a"), hearing("b", "a")])
