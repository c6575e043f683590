"""A derivation that breaks down while claims are made stops nothing: the rest is heard, and the exit status is 3."""

import importlib
import json
from dataclasses import replace

import pytest

import scalecheck
from scalecheck import ledger
from scalecheck.cli import main
from scalecheck.proofs_checks.claims import Effort
from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.registry import theories
from scalecheck.proofs_checks.verdicts import Verdict
from scalecheck.theory.asymptotics.confirm import ExpansionMismatch
from scalecheck.theory.asymptotics.mellin import MellinUnknown
from scalecheck.theory.asymptotics.tiling import NoTilingError
from scalecheck.theory.identities import DerivationError

LOST = {"asymptotics": "_mellin", "diagonal": "law_claims", "quadratic": "law_claims", "ridge": "line_claims", "shells": "mode_claims"}  # fmt: skip
"""A maker of every theory of the house."""


def refuse():
    raise ExpansionMismatch("two expansions differ")


@pytest.fixture(autouse=True)
def _nothing_remembered():
    ledger.claims_of.cache_clear()
    yield
    ledger.claims_of.cache_clear()


def lose(monkeypatch, name):
    """One maker of a theory refuses; all others of the networks make nothing, which is faster than what they make."""
    place = "sums" if name == "asymptotics" else "ledger"
    module = importlib.import_module(f"scalecheck.proofs_checks.theories.{name}.{place}")
    if name != "asymptotics":
        for other in [key for key in vars(module) if key.endswith("_claims")]:
            monkeypatch.setattr(module, other, tuple)
    refuse.__name__ = LOST[name]
    monkeypatch.setattr(module, LOST[name], refuse)


@pytest.fixture
def _one_lost(monkeypatch):
    lose(monkeypatch, "asymptotics")


@pytest.mark.usefixtures("_one_lost")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_rest_is_heard_and_the_run_ends_undecided(jobs, tmp_path, capsys):
    out = tmp_path / "report"
    assert main(["verify", "--only", "A1", "--out", str(out), "--jobs", jobs]) == 3
    document = json.loads((out / "verdicts.json").read_text())
    claims = {claim["id"]: claim for claim in document["claims"]}
    lost = claims.pop("asymptotics.mellin")
    assert lost["verdict"] == "undecided"
    assert "ExpansionMismatch: two expansions differ" in lost["reason"]
    assert set(claims) == {"A1.partial-sum", "A1.double-pole"}
    assert all(claim["as_expected"] for claim in claims.values())
    assert document["exit_status"] == 3
    assert "asymptotics.mellin" in (out / "index.html").read_text()
    assert "undecided" in capsys.readouterr().out


@pytest.mark.usefixtures("_one_lost")
@pytest.mark.parametrize("only", ["A1.partial-sum", "A1.window", "A", "asymptotics", "asymptotics.mellin"])
def test_what_is_missing_is_heard_with_all_that_it_may_be_a_part_of(only):
    assert "asymptotics.mellin" in [entry.claim.id for entry in ledger.select([only])]


@pytest.mark.usefixtures("_one_lost")
def test_nothing_is_missing_of_other_theories(toy):
    assert [entry.claim.id for entry in ledger.select(["toy.decay"])] == ["toy.decay"]


def test_with_nothing_broken_its_id_is_unknown():
    with pytest.raises(InputError, match="only"):
        ledger.select(["asymptotics.mellin"])


@pytest.mark.parametrize("name", LOST)
def test_every_theory_of_the_house_goes_on_without_one_maker(name, monkeypatch):
    lose(monkeypatch, name)
    missing = [claim.id for claim in ledger.claims_of(name, theories()[name].claims) if claim.unmade]
    assert missing == [f"{name}.{LOST[name].strip('_')}"]


def test_a_theory_from_outside_may_break_down_as_a_whole(toy, monkeypatch, tmp_path):
    def claims():
        raise DerivationError("step fails")

    monkeypatch.setitem(theories(), "toy", replace(toy, claims=claims))
    assert main(["verify", "--only", "toy", "--jobs", "1", "--out", str(tmp_path / "report")]) == 3


def test_claims_that_rest_on_missing_ones_are_no_fault_of_the_ledger(toy, monkeypatch):
    resting = replace(toy.claims()[0], rests_on=("toy.lost",))
    records = {"toy": replace(toy, claims=lambda: (resting,))}
    monkeypatch.setattr(ledger, "theories", lambda: records)
    monkeypatch.setattr(ledger, "theory", records.get)
    with pytest.raises(InputError, match="rests on"):
        ledger.entries()

    def claims():
        raise DerivationError("step fails")

    records["other"] = replace(toy, name="other", claims=claims)
    assert [entry.claim.id for entry in ledger.entries()] == ["toy.decay", "other.claims"]


def test_a_worker_that_cannot_make_a_claim_decides_nothing(toy, monkeypatch):
    claim = toy.claims()[0]

    def claims():
        raise DerivationError("step fails")

    monkeypatch.setitem(theories(), "toy", replace(toy, claims=claims))
    (hearing,), _ = ledger.run([ledger.Entry("toy", claim)], Effort())
    assert hearing.judgement.verdict is Verdict.UNDECIDED
    assert "step fails" in hearing.judgement.reason
    assert ledger.exit_status([hearing]) == 3


def test_a_figure_that_cannot_be_computed_costs_the_rest_nothing(toy, monkeypatch, tmp_path, capsys):
    (plan,) = toy.figures()

    def compute():
        raise ExpansionMismatch("two expansions differ")

    monkeypatch.setitem(theories(), "toy", replace(toy, figures=lambda: (replace(plan, compute=compute),)))
    out = tmp_path / "report"
    assert main(["verify", "--only", "toy", "--jobs", "1", "--out", str(out)]) == 3
    document = json.loads((out / "verdicts.json").read_text())
    assert [claim["as_expected"] for claim in document["claims"]] == [True]
    (told,) = document["undrawn"]
    assert told.startswith(plan.title)
    assert "two expansions differ" in told
    assert "Not drawn: broke down: ExpansionMismatch" in (out / "index.html").read_text()
    assert "a figure was not drawn" in capsys.readouterr().out


def test_a_census_tells_what_has_no_mutants(toy, monkeypatch):
    def claims():
        raise DerivationError("step fails")

    monkeypatch.setitem(theories(), "toy", replace(toy, claims=claims))
    found = scalecheck.census(only=["toy"], jobs=1)
    assert found.unmade == ("toy.claims",)
    assert found.exit_status == 3
    assert "toy.claims" in found.summary()


@pytest.mark.parametrize("failure", [ExpansionMismatch("two expansions\ndiffer"), NoTilingError("a gap"), MellinUnknown("no transform")], ids=repr)  # fmt: skip
@pytest.mark.parametrize("command", [["derive", "toy"], ["derive", "toy", "--json"]])
def test_a_derivation_that_breaks_down_ends_a_command_in_one_line(failure, command, toy, monkeypatch, capsys):
    def derive():
        raise failure

    monkeypatch.setitem(theories(), "toy", replace(toy, derive=derive))
    assert main(command) == 3
    told = capsys.readouterr()
    assert told.err == f"scalecheck: {' '.join(str(failure).split())}\n"
    assert told.out == ""


def test_a_defect_is_raised(toy, monkeypatch):
    def derive():
        raise ZeroDivisionError

    monkeypatch.setitem(theories(), "toy", replace(toy, derive=derive))
    with pytest.raises(ZeroDivisionError):
        main(["derive", "toy"])


def test_a_theory_names_all_of_its_claims():
    assert [entry.claim.id for entry in ledger.select(["asymptotics"])] == [e.claim.id for e in ledger.select(["A"])]
    assert ledger.scope(["asymptotics"])("A1.gone")
    assert not ledger.scope(["asymptotics"])("N1.gone")
