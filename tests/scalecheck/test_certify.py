"""`certify` and `check --certificate`: written, verified again, refused when tampered with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scalecheck.api import certify, check
from scalecheck.cli import main
from scalecheck.proofs_checks.errors import InputError

POINT = ["--dim", "200", "--samples", "100", "--weight-decay", "0.1", "--decay", "1", "--noise", "1"]


def test_a_certificate_is_written_and_checked_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "point.json"
    assert main(["certify", "diagonal", *POINT, "--out", str(file)]) == 0
    told = capsys.readouterr().out
    assert "exactly one solution" in told
    assert f"certificate: {file}" in told
    assert max(map(len, told.splitlines())) < 150
    assert main(["check", "--certificate", str(file)]) == 0
    assert capsys.readouterr().out.startswith("checked again, certified: ")
    assert main(["check", "--certificate", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["verdict"] == "certified"
    document = json.loads(file.read_text())
    document["controls"]["noise"] = "2"
    file.write_text(json.dumps(document))
    assert main(["check", "--certificate", str(file)]) == 1
    assert "NOT certified" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (["check"], "file"),
        (["check", "--certificate", "none.json"], "certificate"),
        (["check", "a.toml", "--certificate", "none.json"], "file"),
        (["certify", "ridge", *POINT], "theory"),
        (["certify", "diagonal", *POINT[:-1], "-1"], "noise"),
        (["certify", "diagonal", *POINT, "--weight-decay", "0"], "weight_decay"),
        (["certify", "diagonal", *POINT, "--out", "nowhere/at/all.json"], "out"),
        (["certify", "diagonal", *POINT, "--samples", "1e100"], "samples: got '1e100'"),
    ],
)
def test_unusable_input_is_one_line(words: list[str], field: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert field in told


def test_losses_of_transport_are_certified_too() -> None:
    found = certify("shells", source=1, power=2, rate=1, time=100)
    assert "the loss lies between" in found.statement
    with pytest.raises(InputError, match="power"):
        certify("shells", source=1, power=0.5, rate=1, time=100)
    with pytest.raises(InputError, match="file"):
        check()
