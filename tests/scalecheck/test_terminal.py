"""What a person reads in a terminal: long lines are folded there, and nowhere else."""

import io
import subprocess
import sys
import time
from types import SimpleNamespace

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


@pytest.mark.parametrize("person", [True, False])
def test_long_runs_in_a_pipe_say_now_and_then_how_far_they_are(monkeypatch, person):
    shown = io.StringIO()
    shown.isatty = lambda: person
    clock = iter(range(0, 1000, 4))
    monkeypatch.setattr("sys.stderr", shown)
    monkeypatch.setattr(terminal, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    lines = terminal._Lines()
    for done in range(9):
        lines.tell(f"{done}/9")
    told = shown.getvalue().splitlines()
    assert told == ([] if person else sorted(set(told)))
    assert person or 2 <= len(told) <= 4


def test_steps_and_hearings_are_told_in_a_pipe(monkeypatch):
    shown = io.StringIO()
    monkeypatch.setattr("sys.stderr", shown)
    monkeypatch.setattr(terminal, "LINE_EVERY", -1.0)
    with terminal.steps("measuring") as advance:
        advance("column", 3, 8)
    with terminal.progress() as (heard, drawn):
        heard(SimpleNamespace(claim=SimpleNamespace(id="N1.limit")), 2, 5)
        drawn("a figure", 1, 2)
    with terminal.steps("hearing", lines=False) as advance:
        advance("nothing", 1, 2)
    assert shown.getvalue().splitlines() == [
        "measuring 3/8 column",
        "2/5 claims heard, the last N1.limit",
        "1/2 figures drawn, the last a figure",
    ]


def test_what_has_no_steps_is_told_by_its_time_and_stops(monkeypatch):
    shown = io.StringIO()
    monkeypatch.setattr("sys.stderr", shown)
    monkeypatch.setattr(terminal, "LINE_EVERY", 0.01)
    with terminal.waiting("looking"):
        deadline = time.monotonic() + 30
        while not shown.getvalue() and time.monotonic() < deadline:
            time.sleep(0.01)
    told = shown.getvalue()
    assert told.startswith("looking: 0 s\n")
    time.sleep(0.05)
    assert shown.getvalue() == told
    monkeypatch.setattr(terminal, "LINE_EVERY", 10.0)
    with terminal.waiting("looking"):
        pass
    assert shown.getvalue() == told


@pytest.mark.parametrize("command", [["check", "{file}"], ["census", "--file", "{file}", "--jobs", "1"]])
def test_a_reader_of_the_progress_that_goes_away_ends_no_run(tmp_path, command):
    """`2>&1 | head`: what the run found is its exit status, not that of a line that nobody read."""
    place = tmp_path / "mine.toml"
    place.write_text(
        '[[system]]\nid = "s"\nlarge = "n"\npositive = ["x"]\nequations = ["x**3 + x = n"]\n'
        '[[conjecture]]\nid = "wrong"\ntheory = "system:s"\nobservable = "x"\nexponent = "1/2"\nnote = "proved"\n'
    )
    words = [word.format(file=place) for word in command]
    code = f"from scalecheck import terminal; terminal.LINE_EVERY = 0.0; from scalecheck.cli import main; exit(main({words!r}))"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        run.stderr.close()
        assert "wrong" in run.stdout.read()
    assert run.returncode == 1


OWN = (
    '[[system]]\nid = "s"\nlarge = "n"\npositive = ["x"]\nparameters = { p = "p > 0" }\nequations = ["x = n**p + n"]\n'
)
ASKED = '[[question]]\nid = "q"\ntheory = "system:s"\nobservable = "x"\n'
SPECTRUM = [
    "spectrum",
    "diagonal",
    "--dim",
    "1e5",
    "--samples",
    "1e4",
    "--weight-decay",
    "1",
    "--decay",
    "1",
    "--noise",
    "1",
]
DRAWN = {
    "phases of a theory": (["phases", "diagonal", "--decay", "1", "--dim", "1e3", "--jobs", "1"], "measuring "),
    "phases of a file": (["phases", "{file}"], "measuring "),
    "derive of a file": (["derive", "{file}"], "deriving "),
    "spectrum": (SPECTRUM, "diagonal: looking for what was learned: "),
}


COARSE = "from scalecheck.proofs_checks.theories.diagonal.diagram import phase_map; phase_map.__defaults__ = (32, None)"
"""Numbers at 32 places a side, two pieces of work to tell of, and not at 120."""


def run_drawing(tmp_path, name, listen):
    """The real command with --plot, in a pipe whose reader of standard error may have gone away."""
    place, picture = tmp_path / "mine.toml", tmp_path / "drawn.svg"
    place.write_text(OWN + ASKED)
    words = [word.format(file=place) for word in DRAWN[name][0]] + ["--plot", str(picture)]
    every = 0.01 if name == "spectrum" else 0.0  # which has no steps, and a thread that waits
    code = f"from scalecheck import terminal; terminal.LINE_EVERY = {every}; from scalecheck.cli import main; exit(main({words!r}))"
    if name == "phases of a theory":
        code = f"{COARSE}; {code}"
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", code], **pipes) as run:
        if not listen:
            run.stderr.close()
            told = ""
            shown = run.stdout.read()
        else:
            shown, told = run.communicate()
    assert picture.read_text().count("<svg") == 1
    return run.returncode, shown, told


@pytest.mark.parametrize("name", DRAWN)
def test_drawing_tells_how_far_it_is_in_a_pipe(tmp_path, name):
    status, shown, told = run_drawing(tmp_path, name, listen=True)
    lines = told.splitlines()
    assert status == 0
    assert lines
    assert all(line.startswith(DRAWN[name][1]) for line in lines)
    assert "\x1b" not in told
    assert DRAWN[name][1] not in shown


@pytest.mark.parametrize("name", ["phases of a file", "spectrum"])  # steps, and a thread that waits
def test_drawing_ends_whole_when_nobody_reads_how_far_it_is(tmp_path, name):
    status, shown, _ = run_drawing(tmp_path, name, listen=False)
    assert status == 0
    assert shown
