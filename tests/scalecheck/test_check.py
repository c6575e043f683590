"""`check` at the door: exit statuses, JSON, one line for every fault."""

import json

import pytest

import scalecheck
from scalecheck import terminal
from scalecheck.cli import main
from scalecheck.proofs_checks.errors import InputError

LAW = """
[[conjecture]]
id = "{id}"
theory = "diagonal"
observable = "risk"
path = {{ samples = "dim**(3/2)", weight_decay = "1/dim" }}
exponent = "{exponent}"
where = {{ decay = "{decay}" }}
"""
TRUE = LAW.format(id="true", exponent="-1/2", decay="1 < decay < 2")
FALSE = LAW.format(id="false", exponent="-2/5", decay="1 < decay < 2")
OUTSIDE = LAW.format(id="outside", exponent="-1/2", decay="0 < decay < 2")


def run(tmp_path, capsys, text, *options):
    path = tmp_path / "conjectures.toml"
    path.write_text(text)
    status = main(["check", str(path), *options])
    return status, *capsys.readouterr()


@pytest.mark.parametrize(
    ("text", "status"),
    [(TRUE, 0), (FALSE, 1), (OUTSIDE, 3), (TRUE + OUTSIDE, 3), (TRUE + FALSE + OUTSIDE, 1)],
)
def test_exit_status(tmp_path, capsys, text, status):
    assert run(tmp_path, capsys, text)[0] == status


def test_json_is_one_document_in_order(tmp_path, capsys):
    status, out, err = run(tmp_path, capsys, FALSE + TRUE, "--json")
    rows = json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))
    assert (status, err) == (1, "")
    assert [(row["id"], row["verdict"]) for row in rows] == [("false", "refuted"), ("true", "proved")]
    assert all(set(row) == {"id", "verdict", "evidence", "assumptions", "reason"} for row in rows)
    assert rows[0]["evidence"][0]["witness"] == "symbolic"
    assert rows[1]["assumptions"]


def test_the_table_for_people_names_verdict_and_reason(tmp_path, capsys):
    _, out, _ = run(tmp_path, capsys, TRUE)
    assert "true" in out
    assert "proved" in out
    assert "assuming:" in out


SLOW = """
[[system]]
id = "own"
large = "n"
positive = ["x"]
equations = ["x*log(x) = n"]
[[conjecture]]
id = "slow"
theory = "system:own"
observable = "x"
exponent = "1"
log_power = "-1"
constant = "1"
"""


def test_why_a_witness_decides_nothing_is_told_beside_a_verdict(tmp_path, capsys):
    status, out, _ = run(tmp_path, capsys, SLOW)
    assert status == 0
    assert "numeric undecided" in out
    assert "has not settled" in " ".join(out.split())


@pytest.mark.parametrize("text", ["", "x = 1", TRUE + TRUE, FALSE.replace("-2/5", "9**9**9"), "[[conjecture]]", "\x00"])
def test_unusable_files_are_one_line(tmp_path, capsys, text):
    status, out, err = run(tmp_path, capsys, text)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert "Traceback" not in err


def test_missing_files_and_directories(tmp_path, capsys):
    for path in (tmp_path / "no.toml", tmp_path):
        assert main(["check", str(path)]) == 2
    assert capsys.readouterr().err.count("\n") == 2


def test_the_python_function_is_the_command(tmp_path):
    path = tmp_path / "conjectures.toml"
    path.write_text(TRUE)
    found = scalecheck.check(path)
    assert found.exit_status == 0
    assert [row["verdict"] for row in found.to_json()] == ["proved"]
    assert repr(found).startswith("true: proved")
    assert "proved" in found._repr_latex_()


def test_interruption(tmp_path, capsys, monkeypatch):
    def stop(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("scalecheck.checking.hear", stop)
    assert run(tmp_path, capsys, TRUE)[0] == 130


def test_verdicts_of_a_long_run_are_told_as_they_fall(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(terminal, "LINE_EVERY", -1.0)
    _, out, err = run(tmp_path, capsys, TRUE + FALSE)
    lines = err.splitlines()
    assert [line.split(" (")[0] for line in lines] == ["1/2 true: proved", "2/2 false: refuted"]
    assert "1/2 true" not in out


def test_a_short_run_tells_nothing_before_its_table(tmp_path, capsys):
    assert run(tmp_path, capsys, TRUE + FALSE)[2] == ""


@pytest.mark.parametrize("thing", [1, [], b"x", 1.5])
def test_what_is_no_file_is_unusable_input(thing):
    with pytest.raises(InputError, match="file: got"):
        scalecheck.check(thing)
    with pytest.raises(InputError, match="certificate: got"):
        scalecheck.check(certificate=thing)
    with pytest.raises(InputError, match="file: got"):
        scalecheck.measure(thing)
