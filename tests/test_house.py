"""The rules of the house that a machine can hold: layers, names, packaging, docstrings."""

import ast
import re
import tomllib
from importlib.metadata import distributions

import pytest

import scalecheck

LAYERS = ("theory", "numerics", "proofs_checks", "scalecheck")


@pytest.fixture
def sources(root):
    """Every Python file of the four layers, by path relative to the root."""
    return {
        path.relative_to(root): path.read_text(encoding="utf-8")
        for layer in LAYERS
        for path in sorted((root / layer).rglob("*.py"))
        if not any(part.is_symlink() for part in path.parents if part != root and root in part.parents)
    }


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module or ""


def forbidden_imports(path, text):
    """Imports in `text` that the layer of `path` may not make."""
    layer = path.parts[0]
    banned = {
        "theory": ("scalecheck.numerics", "scalecheck.proofs_checks"),
        "numerics": ("scalecheck.theory", "scalecheck.proofs_checks"),
        "proofs_checks": (),
        "scalecheck": (),
    }[layer]
    door = ("api", "cli", "report", "ledger", "terminal", "verification", "drawing", "documents", "points")
    names = list(imported(ast.parse(text)))
    found = [name for name in names if name.split(".")[0] in ("theory", "numerics", "proofs_checks")]
    found += [name for name in names if name.startswith(banned)] if banned else []
    if layer != "scalecheck":
        found += [name for name in names if name.startswith(tuple(f"scalecheck.{module}" for module in door))]
    return found


def test_layers_keep_apart(sources):
    crossings = {str(path): forbidden_imports(path, text) for path, text in sources.items()}
    assert {path: names for path, names in crossings.items() if names} == {}


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("theory/x.py", "import scalecheck.numerics.solution"),
        ("numerics/x.py", "from scalecheck.theory import symbols"),
        ("proofs_checks/x.py", "from scalecheck.report import render"),
        ("theory/x.py", "from theory import symbols"),
    ],
)
def test_the_layer_check_can_fail(path, line):
    from pathlib import PurePath

    assert forbidden_imports(PurePath(path), line)


def test_networks_never_import_shells(sources):
    for path, text in sources.items():
        if "networks" in path.parts:
            assert not any("shells" in name for name in imported(ast.parse(text))), path


def test_import_contracts(root, monkeypatch):
    from importlinter.cli import lint_imports

    monkeypatch.chdir(root)
    assert lint_imports(config_filename="pyproject.toml", no_cache=True) == 0


def test_every_module_says_what_it_is_for(sources):
    silent = [str(path) for path, text in sources.items() if not ast.get_docstring(ast.parse(text))]
    assert silent == []


def test_no_evaluation_of_text(sources):
    pattern = re.compile(r"(?<![\w.])(eval|exec|sympify|parse_expr)\(")
    found = [f"{path}: {hit.group()}" for path, text in sources.items() for hit in pattern.finditer(text)]
    assert found == []


def test_packages_are_the_folders_of_the_tree(root, sources):
    config = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["setuptools"]
    folders = {".".join(path.parts[:-1]) for path in sources}
    expected = {name if name.startswith("scalecheck") else f"scalecheck.{name}": name for name in folders}
    assert set(config["packages"]) == set(expected)
    assert {package: folder.replace("/", ".") for package, folder in config["package-dir"].items()} == expected


def test_the_wheel_holds_the_tree(root, sources):
    found = [item for item in distributions(name="scalecheck") if item.read_text("RECORD")]  # not a build's egg-info
    if not found:
        pytest.skip("scalecheck is not installed")
    installed = found[0]
    names = {str(name) for name in installed.files or []}
    if '"editable": true' in (installed.read_text("direct_url.json") or ""):
        pytest.skip("an editable install holds links, not files")
    data = [p for p in (root / "scalecheck" / "templates").iterdir()] + [root / "proofs_checks" / "references.bib"]
    wanted = [*sources, *(path.relative_to(root) for path in data)]
    missing = [str(path) for path in wanted if _installed(path) not in names]
    assert missing == []


def _installed(path):
    return str(path) if path.parts[0] == "scalecheck" else f"scalecheck/{path}"


def test_versions_are_in_step(root):
    config = tomllib.loads((root / "pyproject.toml").read_text())
    assert config["project"]["version"] == scalecheck.__version__
    assert f"version: {scalecheck.__version__}" in (root / "CITATION.cff").read_text()
    assert f"## {scalecheck.__version__}" in (root / "CHANGELOG.md").read_text()


def test_exported_names_exist():
    assert all(getattr(scalecheck, name) is not None for name in scalecheck.__all__)


def test_importing_a_witness_loads_neither_court_nor_door():
    import subprocess
    import sys

    code = (
        "import sys, scalecheck.theory.derivation, scalecheck.numerics.solution;"
        "above = ('scalecheck.proofs_checks', 'scalecheck.api', 'scalecheck.cli');"
        "loaded = [m for m in sys.modules if m.startswith(above)];"
        "assert not loaded, loaded"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_help_loads_nothing_heavy():
    import subprocess
    import sys

    code = (
        "import sys\nfrom scalecheck.cli import main\nmain(['--help'])\n"
        "heavy = [m for m in ('numpy', 'scipy', 'sympy', 'sklearn', 'matplotlib', 'flint') if m in sys.modules]\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
