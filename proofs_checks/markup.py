"""Tables for notebooks as HTML with MathML: no script, no font, no network; everything that is text is escaped."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import Any

MATHEMATICS = "<math"
"""Cells that start like this were made by `formula` or `cell` and stand as they are; every other cell is escaped."""


def formula(value: Any) -> str:
    """A SymPy object as MathML; None is a dash.

    Examples
    --------
    >>> import sympy as sp
    >>> formula(sp.Symbol("x"))[:5], formula(None)
    ('<math', '-')
    """
    import sympy as sp

    return "-" if value is None else mathml(sp.latex(value))


def mathml(latex: str) -> str:
    """LaTeX as MathML.

    Examples
    --------
    >>> "<mi>x</mi>" in mathml("x")
    True
    """
    from latex2mathml.converter import convert

    return str(convert(latex))


def table(head: Sequence[str], rows: Iterable[Sequence[str]], caption: str = "") -> str:
    """A table; cells made by `formula` stay, the rest is escaped.

    Examples
    --------
    >>> table(["name"], [["a < b"]])
    '<table><thead><tr><th>name</th></tr></thead><tbody><tr><td>a &lt; b</td></tr></tbody></table>'
    """
    title = f"<caption>{html.escape(caption)}</caption>" if caption else ""
    names = "".join(f"<th>{html.escape(name)}</th>" for name in head)
    body = "".join("<tr>" + "".join(f"<td>{_cell(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table>{title}<thead><tr>{names}</tr></thead><tbody>{body}</tbody></table>"


def _cell(text: str) -> str:
    return text if text.startswith(MATHEMATICS) else html.escape(text)


def conjunction(relations: Iterable[Any]) -> str:
    """Relations that hold together, as one formula; an empty conjunction is a dash.

    Examples
    --------
    >>> import sympy as sp
    >>> conjunction([sp.Symbol("x") > 0]).count("<math")
    1
    """
    import sympy as sp

    told = r",\ ".join(str(sp.latex(item)) for item in relations)
    return mathml(told) if told else "-"
