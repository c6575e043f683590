"""False neighbours of true conjectures are refuted, true reformulations proved; what touches the unknown is never accepted."""

import pytest

from scalecheck.proofs_checks.conjectures.faults import FileError
from scalecheck.theory.networks.diagonal.state_equations import PROPORTIONAL_LIMIT

V = {"samples": "sqrt(dim)", "weight_decay": "1/dim"}
PEAK = {"samples": "dim", "weight_decay": "1/dim"}
SECOND = {"samples": "dim**(3/2)", "weight_decay": "dim**(3/5)"}

TRUE = [
    {},
    {"exponent": "-0.5"},
    {"exponent": "1/2 - 1 + 0*decay"},
    {"exponent": "min(-1/2, decay - 3/2)", "where": {"decay": "1 < decay < 2"}},
    {"constant": "noise"},
    {"constant": "sqrt(noise**2)"},
    {"path": {"samples": "dim*sqrt(dim)", "weight_decay": "samples/dim**3"}},
    {"path": {"samples": "2*dim**(3/2)", "weight_decay": "1/dim"}, "constant": "noise/2"},
    {"path": {"samples": "dim**(3/2)", "weight_decay": "0"}},
    {"where": {"decay": "decay = 3/4"}},
    {"where": {"decay": "1/2 < decay < 2"}},  # across the wall at decay = 3/4, where a law of its own is known
    {"where": {"decay": "1 <= decay <= 2", "noise": "1 <= noise <= 3"}},
    {"path": V, "exponent": "0", "log": True},
    {"path": V, "exponent": "0", "log_power": "-1"},
    {"path": SECOND, "exponent": "(2 - 1/decay)*(3/5 + 1/2 - 3/2)", "where": {"decay": "1 < decay < 3"}},
    {"path": SECOND, "exponent": "-2/5*(2 - 1/decay)", "constant": "2*decay/(2*decay - 1)"},
    {"path": PEAK, "exponent": "2/3"},
]

FALSE = [
    {"exponent": "-1/2 + 1/10"},
    {"exponent": "-1/2 - 1/10"},
    {"exponent": "-1/2 + 1/1000000"},
    {"exponent": "1/2"},
    {"exponent": "-decay/3"},  # right at decay = 3/2 alone
    {"exponent": "max(-1/2, decay - 2)"},
    {"exponent": "-1/2", "log_power": "1"},
    {"constant": "1.02*noise"},
    {"constant": "0.98*noise"},
    {"constant": "noise**2"},
    {"constant": "1"},
    {"constant": "-noise"},
    {"observable": "risk", "path": V, "exponent": "0"},
    {"path": V, "exponent": "-1/10", "log": True},
    {"path": V, "exponent": "0", "log_power": "-2"},
    {"path": V, "exponent": "0", "log_power": "-1", "constant": "noise"},
    {"path": PEAK},
    {"path": {"samples": "dim**(3/2)", "weight_decay": "dim**(3/10)"}, "where": {"decay": "1 < decay < 2"}},
    {"path": {"samples": "dim**a", "weight_decay": "1/dim"}, "exponent": "1 - a", "where": {"a": "1/2 < a < 2"}},
    {"path": {"samples": "dim**a", "weight_decay": "1/dim"}, "exponent": "1 - a", "where": {"a": "1 <= a < 2"}},
    {"path": {"samples": "dim**(3/2)", "weight_decay": "dim**b"}, "where": {"b": "b < 1/4 + 1/20"}},
    {"path": {"samples": "dim", "weight_decay": "0"}},
]

UNKNOWN = {
    "the edge of the domain": ("undecided", {"where": {"noise": "noise >= 0"}}),
    "a law that was not derived": ("undecided", {"observable": "noise_level", "exponent": "-3/4"}),
    "a factor on a boundary": ("undecided", {"path": {"samples": "2*dim", "weight_decay": "1/dim"}, "exponent": "2/3"}),
    "a pole in the range": ("refuted", {"exponent": "-1/2 + 0*noise/(decay - 3/2) + 1/(decay - 3/2)"}),
    "outside the domain": ("not-applicable", {"where": {"decay": "0 < decay < 2"}}),
    "touching the open end": ("not-applicable", {"where": {"decay": "1/2 <= decay < 2"}}),
    "outside the plane": ("not-applicable", {"path": {"samples": "1/dim", "weight_decay": "1/dim**3"}}),
    "an empty range": ("not-applicable", {"where": {"decay": "2 < decay < 1"}}),
    "contradicting equations": ("not-applicable", {"where": {"noise": "noise = 1, noise = 2"}}),
    "a negative factor": ("not-applicable", {"path": {"samples": "(noise - 1)*dim**2", "weight_decay": "1/dim"}}),
}


@pytest.mark.parametrize("changes", TRUE, ids=str)
def test_true_conjectures_are_proved(verdict, changes):
    assert verdict(**changes) == "proved"


@pytest.mark.parametrize("changes", FALSE, ids=str)
def test_false_neighbours_are_refuted(verdict, changes):
    assert verdict(**changes) == "refuted"


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_is_not_known_is_never_accepted(verdict, name):
    expected, changes = UNKNOWN[name]
    assert verdict(**changes) == expected


def test_a_refutation_names_counterexample_and_largest_part(hearing):
    path = {"samples": "dim**a", "weight_decay": "1/dim"}
    found = hearing(path=path, exponent="1 - a", where={"a": "1/2 < a < 2", "decay": "decay = 1", "noise": "noise = 1"})
    reason = found.judgement.reason
    assert "fails where a > 1/2, a < 1" in reason
    assert "at a = 3/4" in reason
    assert "holds where a < 2, a > 1" in reason


def test_assumptions_and_what_was_understood_travel(hearing):
    told = hearing().assumptions
    assert PROPORTIONAL_LIMIT in told
    assert any(text.startswith("noise not mentioned") for text in told)


ORDERINGS = {
    ("greater", "dim**(1/2)"): "proved",
    ("less", "dim**(1/2)"): "refuted",
    ("same", "dim**(1/2)"): "refuted",
    ("equal", "1/dim**2"): "proved",
    ("same", "1/dim**2"): "proved",
    ("less", "1/dim**2"): "refuted",
}


@pytest.mark.parametrize("case", ORDERINGS)
def test_orderings(verdict, case):
    relation, penalty = case
    than = {"path": {"samples": "dim**(3/2)", "weight_decay": penalty}}
    assert verdict(exponent=None, than=than, relation=relation) == ORDERINGS[case]


@pytest.mark.parametrize(
    ("direction", "expected"), [("decreasing", "proved"), ("increasing", "refuted"), ("constant", "refuted")]
)
def test_monotony(verdict, direction, expected):
    path = {"samples": "dim**a", "weight_decay": "1/dim"}
    claim = {"parameter": "a", "direction": direction}
    assert verdict(exponent=None, path=path, monotone=claim, where={"a": "1 < a < 3"}) == expected


@pytest.mark.parametrize(
    ("between", "shift", "jumps", "expected"),
    [
        (["II", "VIa"], "0", True, "proved"),
        (["VIa", "II"], "0", None, "proved"),
        (["II", "VIa"], "0", False, "refuted"),
        (["II", "VIa"], "1/10", True, "refuted"),
        (["II", "III"], "0", None, "refuted"),
    ],
)
def test_boundaries(verdict, between, shift, jumps, expected):
    path = {"samples": "dim**a", "weight_decay": f"dim**((a - 1)/2 + {shift})"}
    claim = {"between": between} if jumps is None else {"between": between, "jumps": jumps}
    assert verdict(exponent=None, path=path, boundary=claim, where={"a": "1 < a < 2", "decay": "decay > 1"}) == expected


STRANGE = [
    {"where": {"decay": "exp(decay) < 3"}},
    {"where": {"decay": "decay**decay < 5"}},
    {"exponent": "log(-decay)"},
    {"exponent": "sqrt(1 - decay)"},
    {"exponent": "1/(decay - decay)"},
    {"exponent": "exp(100*decay**50)"},
    {"exponent": "zeta(-100*decay)"},
    {"path": {"samples": "dim**sqrt(2)", "weight_decay": "1/dim"}, "exponent": "-1/2 - 1/10"},
    {"observable": "decomposition"},
]


@pytest.mark.parametrize("changes", STRANGE, ids=str)
def test_strange_formulas_are_never_accepted_and_never_crash(verdict, changes):
    assert verdict(**changes) in ("undecided", "refuted")


def test_a_boundary_with_an_unknown_phase_is_unusable(verdict):
    """It was refuted, after seconds: a slip of the pen is no finding."""
    path = {"samples": "dim**a", "weight_decay": "dim**((a - 1)/2)"}
    with pytest.raises(FileError, match=r"boundary.between: got 'VIc', allowed is one of II, III, Ib, V, VIa, VIb"):
        verdict(exponent=None, path=path, boundary={"between": ["II", "VIc"]}, where={"a": "1 < a < 2"})
