"""What a person reads in a terminal: long lines are folded there, and nowhere else."""

import io

import pytest

from scalecheck import terminal
from scalecheck.terminal import NARROWEST, folded

TEXT = (
    "a: risk\n  II | VIa    b = a/2 - 1/2 (a < 3,  a > 1): jumps; on it exponent 1 - a, constant "
    + "x*(y + z) - " * 20
    + "1\n\nshort"
)


@pytest.mark.parametrize("columns", [NARROWEST, 80, 100])
def test_folding_loses_no_character_and_no_line_is_too_long(columns):
    lines = folded(TEXT, columns).split("\n")
    assert max(map(len, lines)) <= columns
    assert "".join("".join(lines).split()) == "".join(TEXT.split())
    assert [lines[0], *lines[-2:]] == ["a: risk", "", "short"]
    assert all(line.startswith(" " * 10) for line in lines[2:-2])


def test_what_fits_or_has_no_place_to_break_stays_as_it_is():
    assert folded(TEXT, 10_000) == TEXT
    assert folded("x" * 200, 80) == "x" * 200
    assert folded(TEXT, NARROWEST - 1) == TEXT


@pytest.mark.parametrize("person", [True, False])
def test_only_a_terminal_gets_folded_lines(monkeypatch, person):
    shown = io.StringIO()
    shown.isatty = lambda: person
    monkeypatch.setattr("sys.stdout", shown)
    monkeypatch.setenv("COLUMNS", "80")
    terminal.show(TEXT)
    assert (shown.getvalue() == TEXT + "\n") is not person
