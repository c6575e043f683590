"""Bad input is answered before anything is derived, with the nearest name; and what is refused there is refused rightly."""

import subprocess
import sys

import pytest

from scalecheck import ledger
from scalecheck.api import derive
from scalecheck.beforehand import check_place, check_subject, numbered
from scalecheck.cli import main
from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.registry import theories


@pytest.fixture
def nothing_derived(monkeypatch):
    """Any attempt to derive, or to make the claims of a theory, fails the test."""

    def refuse(*_, **__):
        raise AssertionError("derived before the input was looked at")

    for record in theories().values():
        changed = {field: refuse for field in ("derive", "phases", "claims") if getattr(record, field) is not None}
        for field, function in changed.items():
            monkeypatch.setitem(record.__dict__, field, function)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("phases diagonal --at a=1", "b: got nothing"),
        ("phases quadratic --at a=1,b=1", "decay: got nothing"),
        ("phases quadratic --decay 1 --at a=1,nosie=2", "did you mean 'noise'?"),
        ("phases diagonal --decay 1 --at a=1,b=x", "b: got 'x'"),
        ("phases shells --at source=1", "power: got nothing"),
        ("phases ridge --at a=1", "a: got '1'"),
        ("phases diagonal --deca 1", "did you mean 'decay'?"),
        ("derive diagonal --only UNKNOWN", "only: got 'UNKNOWN'"),
        ("derive shells --only arested", "did you mean 'arrested'?"),
        ("derive diagnal", "did you mean 'diagonal'?"),
        ("solve diagnal", "did you mean 'diagonal'?"),
        ("cite UNKNOWN", "id: got 'UNKNOWN'"),
        ("cite diagnal", "did you mean 'diagonal'?"),
        ("certify quadratic --law IX --noise 1", "law: got 'IX'"),
        ("certify quadratic --law V --noise -1", "noise: got '-1'"),
        ("certify diagonal --law II --decay 1 --out /no/such/folder/file", "out: got"),
        ("verify --only N77", "only: got 'N77'"),
        ("verify --against /no/such/file.json", "against: got"),
        ("verify --only N7 --out /no/such/folder", "out: got"),
        ("verify --only N7 --out /proc/x", "out: got '/proc/x'"),
        ("certify diagonal --law II --decay 1 --out /proc/x", "out: got '/proc/x'"),
        ("census --only N77", "only: got 'N77'"),
        ("solvee", "did you mean 'solve'?"),
        ("phases shells --at c=1", "did you mean 'rate'?"),
        ("phases diagonal --at γ=1", "did you mean 'decay'?"),
        (
            "phases shells --at source=1,power=2,rate=1,time_power=0",
            "direction: got nothing, allowed is a number, -1 for down",
        ),
        ("derive diagonal --only UNKNOWN", "such as the phases II, III"),
        ("derive diagonal --only N7.diagonal.II", "did you mean 'II'?"),
    ],
)
def test_bad_input_is_answered_before_anything_is_derived(words, told, nothing_derived, capsys):
    assert main(words.split()) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1


def test_a_wrong_id_makes_the_claims_of_its_theory_alone(capsys):
    assert main(["cite", "N1.diagonal.penalti"]) == 2
    assert "did you mean 'N1.diagonal.penalty'?" in capsys.readouterr().err


@pytest.mark.parametrize("wanted", ["N5.quadratic.boundary.IV", "N5.quadratic.IV", "IV"])
def test_an_id_that_many_begin_or_end_with_names_them(wanted):
    with pytest.raises(InputError) as told:
        ledger.select([wanted])
    named = str(told.value).partition("did you mean one of ")[2].rstrip("?").split(", ")
    assert len(named) > 1
    assert all(ledger.select([name]) for name in named)
    assert all("quadratic" in name and "IV" in name for name in named)


def test_a_word_of_a_control_stands_for_its_number():
    record = theories()["shells"]
    assert [numbered(record, {"direction": word})["direction"] for word in ("down", "none", "up", "1")] == [
        "-1",
        "0",
        "1",
        "1",
    ]


def test_every_claim_is_of_a_family_of_its_theory_and_no_family_is_empty():
    for name, record in theories().items():
        ids = [claim.id for claim in ledger.claims_of(name, record.claims)]
        for identifier in ids:
            assert name in ledger.holders(identifier)
        for family in record.families:
            assert any(identifier == family or identifier.startswith(family + ".") for identifier in ids)


@pytest.mark.parametrize("only", ["S", "N7", "N7.quadratic", "N1.diagonal.penalty", "R.ridge", "A1"])
def test_selecting_claims_is_the_same_as_making_all_and_looking(only):
    wanted = ledger.scope([only])
    assert [e.claim.id for e in ledger.select([only])] == [e.claim.id for e in ledger.entries() if wanted(e.claim.id)]


@pytest.mark.parametrize("name", ["asymptotics", "diagonal", "quadratic", "ridge", "shells"])
def test_no_subject_of_a_derivation_is_refused(name):
    for subject in {item.subject for item in derive(name).derivations}:
        check_subject(theories()[name], subject)
    with pytest.raises(InputError):
        check_subject(theories()[name], "Phsae")


@pytest.mark.parametrize("name", ["diagonal", "ridge", "shells"])
def test_what_locates_a_point_is_what_the_regions_depend_on(name):
    record = theories()[name]
    diagram = record.phases()
    needed = {symbol.name for row in diagram.phases for item in row.region for symbol in item.free_symbols}
    assert needed == set(record.located_by)
    check_place(record, (), dict.fromkeys(record.located_by, "1"))


@pytest.mark.parametrize("name", ["diagonal"])
def test_labels_of_phases_are_those_of_the_diagram(name):
    record = theories()[name]
    assert {row.name for row in record.phases().phases} <= set(record.phase_names())


def test_help_tells_the_domain_of_every_theory(capsys):
    assert main(["solve", "--help"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    for record in theories().values():
        if record.command == "solve" and record.solve is not None:
            assert all(control.domain.describe() in told for control in record.controls)


STOPPED = """
import os, signal, sys, threading, time
from scalecheck.streams import prepare_streams
prepare_streams()
try:
    os.kill(os.getpid(), signal.SIGTERM); time.sleep(5)
except KeyboardInterrupt:
    os.kill(os.getpid(), signal.SIGTERM); time.sleep(0.1); print("ended in order")
"""


def test_being_asked_to_stop_twice_ends_in_order():
    run = subprocess.run([sys.executable, "-c", STOPPED], capture_output=True, text=True, check=False)
    assert run.stdout == "ended in order\n"
    assert run.stderr == ""
