"""The report: one self-contained page, LaTeX, BibTeX and JSON, written as one folder, whole or not at all."""

from __future__ import annotations

import html
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.registry import theories

from .against import MARKER
from .citations import citations
from .documents import check_writable, dumps
from .graph import claim_graph, legend
from .ledger import Drawn, entries, holders

if TYPE_CHECKING:
    from jinja2 import Environment

    from .verification import Verification

FILES = frozenset({"index.html", "claims.tex", "references.bib", MARKER, "conjectures.toml"})
"""A folder that holds these, the marker among them, is a report and may be replaced; anything else is somebody's work."""


def check_target(out: Path) -> None:
    """Refuse, before any work is done, a target that is not a report, cannot be made, or is not ours to replace."""
    if str(out) in ("", ".") or Path.cwd().is_relative_to(out.absolute()):
        raise InputError("out", str(out), "a folder that is not the current one and does not hold it")
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise InputError("out", str(out), "a folder (not a file, not a link)")
    if out.exists() and not _is_report(out):
        raise InputError("out", str(out), "a new folder, an empty one, or an earlier report (it holds other things)")
    parent = out.absolute().parent
    if not parent.is_dir():
        raise InputError("out", str(out), f"a folder whose parent exists ({parent} does not)")
    if not os.access(parent, os.W_OK):
        raise InputError("out", str(out), f"a folder that can be written ({parent} cannot)")
    check_writable("out", out)


def _is_report(folder: Path) -> bool:
    """Whether a folder is empty, or holds the files of a report and nothing else."""
    names = {path.name for path in folder.iterdir()}
    if not names:
        return True
    if not names <= FILES or MARKER not in names:
        return False
    from .against import SCHEMA

    try:
        return SCHEMA in (folder / MARKER).read_text(encoding="utf-8", errors="replace")[:200]
    except OSError:
        return False


def write_report(result: Verification, out: Path, figures: Sequence[Drawn] = ()) -> None:
    """Render everything, then write it as one folder."""
    write_folder(render(result, figures), out)


def write_folder(files: Mapping[str, str], out: Path) -> None:
    """Write files into a neighbouring folder, then swap it in; an earlier report stays until that moment."""
    target = out.absolute()
    staging = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    try:
        for name, text in files.items():
            (staging / name).write_text(text, encoding="utf-8")
        staging.chmod(0o755)
        _swap(staging, target)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise


def _swap(staging: Path, target: Path) -> None:
    """Put `staging` in the place of `target`, and the old report back if that fails."""
    if not target.exists():
        staging.rename(target)
        return
    old = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.old."))
    os.replace(target, old)
    try:
        staging.rename(target)
    except BaseException:
        os.replace(old, target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def render(result: Verification, figures: Sequence[Drawn] = ()) -> dict[str, str]:
    """All files of the report by name."""
    document: dict[str, Any] = result.to_json()
    context = {
        "run": document,
        "linked": True,
        "heard": {hearing.claim.id for hearing in result.hearings},
        "figures": [_figure(item) for item in figures],
        "graph": claim_graph(result.hearings, _theories_of(result)),
        "legend": legend(),
    }
    return {
        **page_and_tex(context, list(theories())),
        "references.bib": citations([hearing.claim.id for hearing in result.hearings]) + "\n",
        MARKER: dumps(document) + "\n",
    }


def page_and_tex(context: Mapping[str, object], names: Sequence[str]) -> dict[str, str]:
    """The page and the LaTeX of a run, with the conventions of the theories named."""
    context = {**context, "conventions": _conventions(names)}
    return {
        "index.html": _environment("html").get_template("index.html.j2").render(context),
        "claims.tex": _environment("tex").get_template("claims.tex.j2").render(context),
    }


def _theories_of(result: Verification) -> dict[str, str]:
    """The theory of every claim that was heard, or that one of these rests on."""
    names = {name for hearing in result.hearings for name in (hearing.claim.id, *hearing.claim.rests_on)}
    return {name: holders(name)[0] if len(holders(name)) == 1 else _searched(name) for name in names}


def _searched(name: str) -> str:
    """Where theories from outside do not name their families, or two share one; nowhere if it could not be made."""
    return next((entry.theory for entry in entries() if entry.claim.id == name), "")


def _conventions(names: Sequence[str]) -> dict[str, object]:
    """Normalisations of theories."""
    return {f"{name}: {record.title}": record.conventions for name, record in theories().items() if name in names}


def verdict_table(result: Verification) -> str:
    """The table of verdicts as HTML, for notebooks, where no section of a claim can be linked to."""
    return _environment("html").get_template("table.html.j2").render(run=result.to_json(), linked=False)


def _figure(item: Drawn) -> dict[str, str]:
    told = {"id": item.plan.id, "title": item.plan.title, "caption": item.plan.caption}
    return {**told, "svg": item.svg, "missing": item.missing}


@cache
def _environment(kind: str) -> Environment:
    """Templates of one kind; LaTeX has signs of its own for the template language, since braces are taken there."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    signs = {"tex": ("<<", ">>", "<%", "%>", "<#", "#>"), "html": ("{{", "}}", "{%", "%}", "{#", "#}")}[kind]
    names = ("variable_start", "variable_end", "block_start", "block_end", "comment_start", "comment_end")
    environment = Environment(
        loader=PackageLoader("scalecheck"),
        autoescape=kind == "html",
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        **dict(zip((f"{name}_string" for name in names), signs, strict=True)),  # type: ignore[arg-type]
    )
    environment.filters |= {"mathml": mathml, "texprose": tex_prose, "texword": tex_word, "cell": _cell}
    return environment


MATHEMATICS = re.compile(r"(\$\$[^$]+\$\$|\$[^$]+\$)")
"""In a line, or between two signs on each side as a display of its own."""


def mathml(text: str) -> Any:
    """Prose with $LaTeX$ in it, as HTML with MathML: no script, no font, no network.

    Examples
    --------
    >>> str(mathml("a < b and $x$"))[:9]
    'a &lt; b '
    """
    from latex2mathml.converter import convert
    from markupsafe import Markup

    def shown(part: str) -> str:
        if not MATHEMATICS.fullmatch(part):
            return html.escape(part)
        return convert(part.strip("$"), display="block" if part.startswith("$$") else "inline")

    words = [shown(part) for part in MATHEMATICS.split(text)]
    return Markup("".join(words))  # the prose is escaped above, the mathematics is made by the converter


TEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
TEX |= {sign: "\\" + sign for sign in "&%#_{}"}
TEX |= {sign: f"${sign}$" for sign in "<>|"}
UNICODE = {
    "λ": r"\lambda",
    "γ": r"\gamma",
    "Δ": r"\Delta",
    "Λ": r"\Lambda",
    "τ": r"\tau",
    "α": r"\alpha",
    "θ": r"\theta",
}
UNICODE |= {"√": r"\surd", "≥": r"\geq", "≤": r"\leq", "≪": r"\ll", "≫": r"\gg", "→": r"\to", "∞": r"\infty"}
UNICODE |= {
    "×": r"\times",
    "·": r"\cdot",
    "−": "-",
    "Σ": r"\sum",
    "½": r"\tfrac12",
    "±": r"\pm",
    "²": "^2",
    "≍": r"\asymp",
    "≃": r"\simeq",
    "≠": r"\neq",
    "σ": r"\sigma",
    "β": r"\beta",
    "ε": r"\varepsilon",
    "κ": r"\kappa",
    "π": r"\pi",
    "φ": r"\varphi",
    "ω": r"\omega",
    "Ω": r"\Omega",
    "η": r"\eta",
    "∂": r"\partial",
    "∫": r"\int",
    "∈": r"\in",
    "‖": r"\Vert",
    "⪰": r"\succeq",
    "⊙": r"\odot",
    "⊞": r"\boxplus",
    "ℓ": r"\ell",
    "³": "^3",
    "₁": "_1",
    "₀": "_0",
}


def tex_word(text: str) -> str:
    """Plain text for LaTeX: every special character escaped, Greek letters as mathematics.

    Examples
    --------
    >>> tex_word("5% of λ_k")
    '5\\\\% of $\\\\lambda$\\\\_k'
    """
    mapped = "".join(TEX.get(sign, sign) for sign in text.replace("$", ""))
    for sign, command in UNICODE.items():
        mapped = mapped.replace(sign, f"${command}$")
    return mapped.encode("ascii", "replace").decode()


def tex_prose(text: str) -> str:
    """Prose with $LaTeX$ in it: the mathematics stays, the rest is escaped."""

    def shown(part: str) -> str:
        if not MATHEMATICS.fullmatch(part):
            return tex_word(part)
        return _display(part.strip("$")) if part.startswith("$$") else part

    return "".join(shown(part) for part in MATHEMATICS.split(text))


WIDE = 150
"""Signs of LaTeX from which on an equation takes two lines: kernel ridge regression has 230, and is a third too wide."""


def _display(equation: str) -> str:
    left, equals, right = equation.partition(" = ")
    if len(equation) < WIDE or not equals:
        return rf"\[{equation}\]"
    return rf"\[\begin{{aligned}} & {left} \\ & \qquad = {right} \end{{aligned}}\]"


def _cell(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "-"}[value]
    return f"{value:.6g}" if isinstance(value, float) else str(value)
