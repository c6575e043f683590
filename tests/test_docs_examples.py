"""Every example of the documentation and the README runs: Python with its output, commands with their exit status."""

import doctest
import json
import re
import shlex
import sys

import pytest

PAGES = ("start", "systems", "sharp_edges", "cite")
FENCE = re.compile(r"^```(python|sh)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
UNFIT = (
    "verify",
    "--plot",
    "--simulate",
    "eval",
    "python3",
    "pip",
    "sweep",
    "measure",
    "census",
    "explore",
    "check examples",
    "check my-report",
    "derive examples",
    "phases examples",
)
"""Not run here: the main job (its own test), pictures, simulations and reports (tests of theirs), the shell's own commands,
and the explorer, which serves until Ctrl-C (tests of its own)."""


def blocks(path, kind):
    return [body for found, body in FENCE.findall(path.read_text(encoding="utf-8")) if found == kind]


@pytest.mark.parametrize("name", PAGES)
def test_python_of_the_pages(root, name):
    text = "\n".join(blocks(root / "docs" / f"{name}.md", "python"))
    example = doctest.DocTestParser().get_doctest(text, {}, name, f"docs/{name}.md", 0)
    assert example.examples
    failed, _ = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(example)
    assert failed == 0


def test_python_of_the_readme(root):
    [body] = blocks(root / "README.md", "python")
    found = {}
    exec(compile(body, "README.md", "exec"), found)
    assert found["point"].risk > 0


def commands(path):
    lines = [line.partition("  #")[0].strip() for body in blocks(path, "sh") for line in body.splitlines()]
    return [line for line in lines if line.startswith("scalecheck ")]


def fit(lines):
    return [line for line in lines if not any(word in line for word in UNFIT)]


@pytest.mark.parametrize("name", ["README.md", "docs/start.md", "docs/cite.md"])
def test_commands(root, name, tmp_path, monkeypatch, capsys):
    from scalecheck.cli import main

    monkeypatch.chdir(tmp_path)
    lines = fit(commands(root / name))
    assert lines
    for line in lines:
        assert main(shlex.split(line)[1:]) == 0, line
        assert capsys.readouterr().out


@pytest.mark.parametrize("name", ["README.md", "docs/start.md", "docs/sweeps.md", "docs/cite.md"])
def test_commands_exist_with_these_options(root, name, capsys):
    """Also for those that are too long to be run: the options stand in the help."""
    from scalecheck.cli import main

    for line in commands(root / name):
        words = shlex.split(line)[1:]
        assert main([words[0], "--help"]) == 0, line
        told = capsys.readouterr().out
        if words[0] not in ("phases", "sweep"):  # whose further options depend on the theory
            assert all(word in told for word in words if word.startswith("--")), line


def test_a_wrong_example_would_fail():
    example = doctest.DocTestParser().get_doctest(">>> 1 + 1\n3\n", {}, "wrong", None, 0)
    assert doctest.DocTestRunner(verbose=False).run(example, out=lambda _: None).failed == 1


@pytest.fixture
def generated(root, monkeypatch):
    monkeypatch.syspath_prepend(str(root / "docs"))
    import generated

    yield generated
    sys.modules.pop("generated", None)


def test_computed_pages_follow_the_records(toy, generated, tmp_path):
    generated.write(tmp_path)
    pages = {path.stem: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    assert set(pages) == set(generated.PAGES)
    assert "| toy | 1 | 1 | 0 | 0 |" in pages["operations"]
    assert "## toy: quadratic decay" in pages["notation"]


TUTORIALS = ("diagonal", "quadratic", "ridge", "shells", "own_system")


@pytest.mark.parametrize("name", TUTORIALS)
def test_tutorials(root, name):
    """Cells run in order in one namespace; the build of the documentation runs them in a kernel."""
    path = root / "docs" / "tutorials" / f"{name}.ipynb"
    cells = [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    found = {}
    for number, cell in enumerate(cells):
        assert cell["outputs"] == [], "tutorials are stored without outputs"
        exec(compile("".join(cell["source"]), f"{name}[{number}]", "exec"), found)


def test_every_tutorial_is_run(root):
    assert {path.stem for path in (root / "docs" / "tutorials").glob("*.ipynb")} == set(TUTORIALS)
