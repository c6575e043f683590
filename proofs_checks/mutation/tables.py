"""Conjectures as the tables of a file, and formulas as users write them: what the mutants of conjectures are made of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from .charts import Box, Chart

Conjectured = Mapping[str, Any]
WRITTEN = (sp.exp, sp.log, sp.gamma, sp.zeta, sp.erf, sp.erfc, sp.Min, sp.Max, sp.Abs)
"""Functions of the diagrams that the grammar of formulas has as well."""
LONGEST = 1500


@dataclass(frozen=True)
class Stated:
    """A conjecture of which it is known, without asking the judge, whether it is true.

    Parameters
    ----------
    base : str
        The true conjecture that it was made from: theory and phase, or file and id.
    operator, told : str
        Kind of the change, and the change in a line.
    true : bool
        Whether it is true.
    table : Mapping
        As under ``[[conjecture]]``.
    why : str
        What makes it certainly true or false.
    """

    base: str
    operator: str
    true: bool
    table: Conjectured
    told: str
    why: str


def as_toml(table: Conjectured, kind: str = "conjecture") -> str:
    """A table as the text of a file: the reader is part of what is tested.

    Examples
    --------
    >>> print(as_toml({"id": "x", "path": {"samples": "dim**2"}, "log": True}))
    [[conjecture]]
    "id" = "x"
    "path" = { "samples" = "dim**2" }
    "log" = true
    """
    return "\n".join([f"[[{kind}]]", *(f"{_value(key)} = {_value(value)}" for key, value in table.items())])


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_value(key)} = {_value(item)}" for key, item in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)  # TOML knows no pairs of surrogates


def written(form: sp.Expr | None) -> str | None:
    """A formula in the grammar of conjecture files; None where it has no words for it.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> written(sp.Max(x, 1)), written(sp.sin(sp.pi/x)), written(sp.harmonic(x))
    ('max(1, x)', 'pi/(gamma(1/x)*gamma(1 - 1/x))', None)
    """
    if form is None or form.has(sp.oo, -sp.oo, sp.zoo, sp.nan, sp.E, sp.EulerGamma, sp.I):
        return None
    plain = form.replace(sp.sin, lambda x: sp.pi / (sp.gamma(x / sp.pi) * sp.gamma(1 - x / sp.pi)))
    if plain.has(sp.zoo, sp.nan) or not all(isinstance(part, WRITTEN) for part in plain.atoms(sp.Function)):
        return None
    if plain.atoms(sp.Integral, sp.Piecewise):
        return None
    text = str(plain)
    for ours, theirs in (("Min(", "min("), ("Max(", "max("), ("Abs(", "abs(")):
        text = text.replace(ours, theirs)
    return text if len(text) < LONGEST else None


def placed(form: sp.Expr | None, box: Box) -> sp.Expr | None:
    """A formula with the numbers that a box fixes put in; None where it has no value there."""
    if form is None:
        return None
    fixed = {s: box.low[s.name] for s in form.free_symbols if s.name in box.low and s.name not in box.wide}
    found = form.subs(fixed)
    return None if found.has(sp.zoo, sp.nan) else found


def place_of(chart: Chart, box: Box, closed: bool = False) -> dict[str, Any]:
    """Theory, observable, path, controls and range of a conjecture that is about a box."""
    large = chart.record.scaling.large
    path = {}
    for control, (form, symbol) in chart.moving.items():
        exponent = form if symbol in box.wide else form.subs(sp.Symbol(symbol), box.low[symbol])
        path[control] = f"{large}**({exponent})"
    controls = {
        name: next(word for word, number in chart.record.scaling.words[name].items() if number == box.low[name])
        for name in chart.words
    }
    below = "<=" if closed else "<"
    where = {name: f"{box.low[name]} {below} {name} {below} {box.high[name]}" for name in box.wide}
    where |= {name: f"{name} = {box.low[name]}" for name in chart.parameters if name not in box.wide}
    table = {"theory": chart.record.name, "observable": chart.diagram.observable, "where": where}
    return {**table, **({"path": path} if path else {}), **({"controls": controls} if controls else {})}
